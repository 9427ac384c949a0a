//! Lowering of expressions.

use std::rc::Rc;

use ruff_python_ast as raw;
use ruff_text_size::Ranged;
use rustc_hash::FxHashSet;

use crate::py::ast::Call;
use crate::py::ast::CompareOperator;
use crate::py::ast::Comprehension;
use crate::py::ast::ComprehensionClause;
use crate::py::ast::ComprehensionKind;
use crate::py::ast::Constant;
use crate::py::ast::Expr;
use crate::py::ast::ExprKind;
use crate::py::ast::Keyword;
use crate::py::object::BinaryOperator;
use crate::py::object::UnaryOperator;
use crate::py::parse::SyntaxError;
use crate::py::parse::collect::Names;
use crate::py::parse::scope::Lowering;

type Lowered<T> = Result<T, SyntaxError>;

impl Lowering {
    /// Lowers one expression.
    pub(super) fn expression(&mut self, expression: &raw::Expr) -> Lowered<Expr> {
        self.enter(expression.range())?;
        let lowered = self.expression_inner(expression);
        self.leave();
        lowered
    }

    /// Lowers into a box.
    pub(super) fn boxed(&mut self, expression: &raw::Expr) -> Lowered<Box<Expr>> {
        self.expression(expression).map(Box::new)
    }

    /// Lowers a list.
    pub(super) fn expressions(&mut self, expressions: &[raw::Expr]) -> Lowered<Vec<Expr>> {
        expressions
            .iter()
            .map(|expression| self.expression(expression))
            .collect()
    }

    /// Lowers an optional expression.
    pub(super) fn optional(&mut self, expression: Option<&raw::Expr>) -> Lowered<Option<Expr>> {
        expression
            .map(|expression| self.expression(expression))
            .transpose()
    }

    /// Lowers what may be `*x`.
    pub(super) fn element(&mut self, expression: &raw::Expr) -> Lowered<Expr> {
        match expression {
            raw::Expr::Starred(part) => Ok(Expr {
                span: self.span(part.range),
                kind: ExprKind::Starred(self.boxed(&part.value)?),
            }),
            other => self.expression(other),
        }
    }

    /// Lowers a list of what may be `*x`.
    pub(super) fn elements(&mut self, expressions: &[raw::Expr]) -> Lowered<Vec<Expr>> {
        expressions
            .iter()
            .map(|expression| self.element(expression))
            .collect()
    }

    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn expression_inner(&mut self, expression: &raw::Expr) -> Lowered<Expr> {
        let mut span = self.span(expression.range());
        let kind = match expression {
            raw::Expr::BoolOp(part) => ExprKind::BoolOp {
                is_and: part.op == raw::BoolOp::And,
                values: self.expressions(&part.values)?,
            },
            raw::Expr::Named(part) => ExprKind::Named(Box::new((
                self.expression(&part.target)?,
                self.expression(&part.value)?,
            ))),
            raw::Expr::BinOp(part) => self.binary(part)?,
            raw::Expr::UnaryOp(part) => self.unary(part)?,
            raw::Expr::Lambda(part) => ExprKind::Lambda(self.lambda(part, span)?),
            raw::Expr::If(part) => ExprKind::IfElse {
                test: self.boxed(&part.test)?,
                body: self.boxed(&part.body)?,
                otherwise: self.boxed(&part.orelse)?,
            },
            raw::Expr::Dict(part) => self.dict(part)?,
            raw::Expr::Set(part) => ExprKind::Set(self.elements(&part.elts)?),
            raw::Expr::List(part) => ExprKind::List(self.elements(&part.elts)?),
            raw::Expr::Tuple(part) => ExprKind::Tuple(self.elements(&part.elts)?),
            raw::Expr::ListComp(part) => {
                self.comprehension(span, "<listcomp>", &part.generators, |this| {
                    Ok(ComprehensionKind::List(this.expression(&part.elt)?))
                })?
            }
            raw::Expr::SetComp(part) => {
                self.comprehension(span, "<setcomp>", &part.generators, |this| {
                    Ok(ComprehensionKind::Set(this.expression(&part.elt)?))
                })?
            }
            raw::Expr::Generator(part) => {
                self.comprehension(span, "<genexpr>", &part.generators, |this| {
                    Ok(ComprehensionKind::Generator(this.expression(&part.elt)?))
                })?
            }
            raw::Expr::DictComp(part) => {
                let Some(key) = part.key.as_deref() else {
                    return Err(
                        self.error(span, "dict unpacking cannot be used in dict comprehension")
                    );
                };
                self.comprehension(span, "<dictcomp>", &part.generators, |this| {
                    Ok(ComprehensionKind::Dict(
                        this.expression(key)?,
                        this.expression(&part.value)?,
                    ))
                })?
            }
            raw::Expr::Await(part) => ExprKind::Await(self.boxed(&part.value)?),
            raw::Expr::Yield(part) => {
                if !self.in_function() {
                    return Err(self.error(span, "'yield' outside function"));
                }
                self.mark_generator();
                ExprKind::Yield(self.optional(part.value.as_deref())?.map(Box::new))
            }
            raw::Expr::YieldFrom(part) => {
                if !self.in_function() {
                    return Err(self.error(span, "'yield' outside function"));
                }
                self.mark_generator();
                ExprKind::YieldFrom(self.boxed(&part.value)?)
            }
            raw::Expr::Compare(part) => {
                let first = self.boxed(&part.left)?;
                let mut rest = Vec::with_capacity(part.ops.len());
                for (operator, operand) in part.ops.iter().zip(&part.comparators) {
                    rest.push((compare_operator(*operator), self.expression(operand)?));
                }
                ExprKind::Compare { first, rest }
            }
            raw::Expr::Call(part) => {
                let callee = self.expression(&part.func)?;
                if matches!(callee.kind, ExprKind::Attribute { .. }) {
                    span.line = callee.span.line;
                }
                ExprKind::Call(Box::new(Call {
                    callee,
                    positional: self.elements(&part.arguments.args)?,
                    keywords: self.keywords(&part.arguments.keywords)?,
                }))
            }
            raw::Expr::FString(part) => self.f_string(&part.value)?,
            raw::Expr::TString(_) => {
                ExprKind::Constant(Constant::Unsupported("template strings are not supported"))
            }
            raw::Expr::StringLiteral(part) => ExprKind::Constant(self.string(&part.value)),
            raw::Expr::BytesLiteral(part) => {
                ExprKind::Constant(Constant::Bytes(part.value.bytes().collect()))
            }
            raw::Expr::NumberLiteral(part) => ExprKind::Constant(self.number(&part.value, span)?),
            raw::Expr::BooleanLiteral(part) => ExprKind::Constant(Constant::Bool(part.value)),
            raw::Expr::NoneLiteral(_) => ExprKind::Constant(Constant::None),
            raw::Expr::EllipsisLiteral(_) => ExprKind::Constant(Constant::Ellipsis),
            raw::Expr::IpyEscapeCommand(_) => return Err(self.error(span, "invalid syntax")),
            raw::Expr::Attribute(part) => {
                let value = self.boxed(&part.value)?;
                // CPython 3.11 compile.c update_start_location_to_match_attr
                span.line = self.source.line_of(span.end.saturating_sub(1));
                ExprKind::Attribute {
                    value,
                    name: self.identifier(&part.attr),
                }
            }
            raw::Expr::Subscript(part) => ExprKind::Subscript {
                value: self.boxed(&part.value)?,
                key: Box::new(self.element(&part.slice)?),
            },
            raw::Expr::Starred(_) => {
                return Err(self.error(span, "can't use starred expression here"));
            }
            raw::Expr::Name(part) => ExprKind::Name(self.name(&part.id)),
            raw::Expr::Slice(part) => ExprKind::Slice(Box::new([
                self.optional(part.lower.as_deref())?,
                self.optional(part.upper.as_deref())?,
                self.optional(part.step.as_deref())?,
            ])),
        };
        Ok(Expr { span, kind })
    }

    /// A left-associative chain, flattened so that its length costs no depth.
    fn binary(&mut self, part: &raw::ExprBinOp) -> Lowered<ExprKind> {
        let mut spine = vec![(part.op, &*part.right)];
        let mut left = &*part.left;
        while let raw::Expr::BinOp(inner) = left {
            spine.push((inner.op, &inner.right));
            left = &inner.left;
        }
        let first = self.boxed(left)?;
        let mut rest = Vec::with_capacity(spine.len());
        for (operator, operand) in spine.into_iter().rev() {
            rest.push((binary_operator(operator), self.expression(operand)?));
        }
        Ok(ExprKind::Binary { first, rest })
    }

    fn unary(&mut self, part: &raw::ExprUnaryOp) -> Lowered<ExprKind> {
        let operand = self.boxed(&part.operand)?;
        Ok(match part.op {
            raw::UnaryOp::Not => ExprKind::Not(operand),
            raw::UnaryOp::USub => ExprKind::Unary(UnaryOperator::Neg, operand),
            raw::UnaryOp::UAdd => ExprKind::Unary(UnaryOperator::Pos, operand),
            raw::UnaryOp::Invert => ExprKind::Unary(UnaryOperator::Invert, operand),
        })
    }

    fn dict(&mut self, part: &raw::ExprDict) -> Lowered<ExprKind> {
        let mut items = Vec::with_capacity(part.items.len());
        for item in &part.items {
            items.push((
                self.optional(item.key.as_ref())?,
                self.expression(&item.value)?,
            ));
        }
        Ok(ExprKind::Dict(items))
    }

    /// Lowers keywords of a call or class.
    pub(super) fn keywords(&mut self, keywords: &[raw::Keyword]) -> Lowered<Vec<Keyword>> {
        let mut lowered = Vec::with_capacity(keywords.len());
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        for keyword in keywords {
            let span = self.span(keyword.range());
            if let Some(name) = &keyword.arg
                && keywords.len() > 1
                && !seen.insert(name)
            {
                let message = format!("keyword argument repeated: {name}");
                return Err(self.error(span, &message));
            }
            let name = keyword.arg.as_ref().map(|name| self.identifier(name));
            lowered.push(Keyword {
                span,
                name,
                value: self.expression(&keyword.value)?,
            });
        }
        Ok(lowered)
    }

    fn comprehension(
        &mut self,
        span: crate::py::ast::Span,
        name: &str,
        generators: &[raw::Comprehension],
        result: impl FnOnce(&mut Self) -> Lowered<ComprehensionKind>,
    ) -> Lowered<ExprKind> {
        let mut names = Names::default();
        for generator in generators {
            names.target(&generator.target);
        }
        let mut clauses = Vec::with_capacity(generators.len());
        let mut opened = false;
        for generator in generators {
            let iterable = self.expression(&generator.iter)?;
            if !opened {
                self.open_function(name, &[], &names);
                opened = true;
            }
            let target = self.target(&generator.target)?;
            let conditions = self.expressions(&generator.ifs)?;
            clauses.push(ComprehensionClause {
                target,
                iterable,
                conditions,
                is_async: generator.is_async,
            });
        }
        let kind = result(self)?;
        let (locals, _) = self.close();
        Ok(ExprKind::Comprehension(Rc::new(Comprehension {
            span,
            kind,
            clauses,
            locals,
        })))
    }
}

/// The parser's operator as ours.
pub(super) fn binary_operator(operator: raw::Operator) -> BinaryOperator {
    match operator {
        raw::Operator::Add => BinaryOperator::Add,
        raw::Operator::Sub => BinaryOperator::Sub,
        raw::Operator::Mult => BinaryOperator::Mul,
        raw::Operator::MatMult => BinaryOperator::MatMul,
        raw::Operator::Div => BinaryOperator::Div,
        raw::Operator::Mod => BinaryOperator::Mod,
        raw::Operator::Pow => BinaryOperator::Pow,
        raw::Operator::LShift => BinaryOperator::LeftShift,
        raw::Operator::RShift => BinaryOperator::RightShift,
        raw::Operator::BitOr => BinaryOperator::Or,
        raw::Operator::BitXor => BinaryOperator::Xor,
        raw::Operator::BitAnd => BinaryOperator::And,
        raw::Operator::FloorDiv => BinaryOperator::FloorDiv,
    }
}

fn compare_operator(operator: raw::CmpOp) -> CompareOperator {
    match operator {
        raw::CmpOp::Eq => CompareOperator::Binary(BinaryOperator::Eq),
        raw::CmpOp::NotEq => CompareOperator::Binary(BinaryOperator::Ne),
        raw::CmpOp::Lt => CompareOperator::Binary(BinaryOperator::Lt),
        raw::CmpOp::LtE => CompareOperator::Binary(BinaryOperator::Le),
        raw::CmpOp::Gt => CompareOperator::Binary(BinaryOperator::Gt),
        raw::CmpOp::GtE => CompareOperator::Binary(BinaryOperator::Ge),
        raw::CmpOp::Is => CompareOperator::Is,
        raw::CmpOp::IsNot => CompareOperator::IsNot,
        raw::CmpOp::In => CompareOperator::In,
        raw::CmpOp::NotIn => CompareOperator::NotIn,
    }
}
