//! Lowering of expressions.

use std::rc::Rc;

use num_bigint::BigInt;
use rustpython_parser::ast as raw;
use rustpython_parser::ast::Ranged;

use crate::py::ast::Call;
use crate::py::ast::CompareOperator;
use crate::py::ast::Comprehension;
use crate::py::ast::ComprehensionClause;
use crate::py::ast::ComprehensionKind;
use crate::py::ast::Constant;
use crate::py::ast::Expr;
use crate::py::ast::ExprKind;
use crate::py::ast::FStringPart;
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

    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn expression_inner(&mut self, expression: &raw::Expr) -> Lowered<Expr> {
        let mut span = self.span(expression.range());
        let kind = match expression {
            raw::Expr::BoolOp(part) => ExprKind::BoolOp {
                is_and: part.op == raw::BoolOp::And,
                values: self.expressions(&part.values)?,
            },
            raw::Expr::NamedExpr(part) => ExprKind::Named(Box::new((
                self.expression(&part.target)?,
                self.expression(&part.value)?,
            ))),
            raw::Expr::BinOp(part) => self.binary(part)?,
            raw::Expr::UnaryOp(part) => self.unary(part)?,
            raw::Expr::Lambda(part) => ExprKind::Lambda(self.lambda(part, span)?),
            raw::Expr::IfExp(part) => ExprKind::IfElse {
                test: self.boxed(&part.test)?,
                body: self.boxed(&part.body)?,
                otherwise: self.boxed(&part.orelse)?,
            },
            raw::Expr::Dict(part) => self.dict(part)?,
            raw::Expr::Set(part) => ExprKind::Set(self.expressions(&part.elts)?),
            raw::Expr::List(part) => ExprKind::List(self.expressions(&part.elts)?),
            raw::Expr::Tuple(part) => ExprKind::Tuple(self.expressions(&part.elts)?),
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
            raw::Expr::GeneratorExp(part) => {
                self.comprehension(span, "<genexpr>", &part.generators, |this| {
                    Ok(ComprehensionKind::Generator(this.expression(&part.elt)?))
                })?
            }
            raw::Expr::DictComp(part) => {
                self.comprehension(span, "<dictcomp>", &part.generators, |this| {
                    Ok(ComprehensionKind::Dict(
                        this.expression(&part.key)?,
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
                    positional: self.expressions(&part.args)?,
                    keywords: self.keywords(&part.keywords)?,
                }))
            }
            raw::Expr::JoinedStr(part) => ExprKind::FString(self.f_string(&part.values)?),
            raw::Expr::FormattedValue(_) => {
                ExprKind::FString(self.f_string(std::slice::from_ref(expression))?)
            }
            raw::Expr::Constant(part) => ExprKind::Constant(self.constant(&part.value)),
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
                key: self.boxed(&part.slice)?,
            },
            raw::Expr::Starred(part) => ExprKind::Starred(self.boxed(&part.value)?),
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
        let mut items = Vec::with_capacity(part.values.len());
        for (key, value) in part.keys.iter().zip(&part.values) {
            items.push((self.optional(key.as_ref())?, self.expression(value)?));
        }
        Ok(ExprKind::Dict(items))
    }

    /// Lowers keywords of a call or class.
    pub(super) fn keywords(&mut self, keywords: &[raw::Keyword]) -> Lowered<Vec<Keyword>> {
        let mut lowered = Vec::with_capacity(keywords.len());
        for keyword in keywords {
            let span = self.span(keyword.range());
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
            let target = self.expression(&generator.target)?;
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

    fn f_string(&mut self, values: &[raw::Expr]) -> Lowered<Vec<FStringPart>> {
        let mut parts = Vec::with_capacity(values.len());
        for value in values {
            match value {
                raw::Expr::Constant(raw::ExprConstant {
                    value: raw::Constant::Str(text),
                    ..
                }) => parts.push(FStringPart::Text(Rc::from(text.as_str()))),
                raw::Expr::FormattedValue(part) => {
                    let format = match part.format_spec.as_deref() {
                        Some(raw::Expr::JoinedStr(inner)) => Some(self.f_string(&inner.values)?),
                        Some(other) => Some(self.f_string(std::slice::from_ref(other))?),
                        None => None,
                    };
                    let conversion = match part.conversion {
                        raw::ConversionFlag::None => None,
                        raw::ConversionFlag::Str => Some('s'),
                        raw::ConversionFlag::Ascii => Some('a'),
                        raw::ConversionFlag::Repr => Some('r'),
                    };
                    parts.push(FStringPart::Value {
                        value: self.boxed(&part.value)?,
                        conversion,
                        format,
                    });
                }
                raw::Expr::JoinedStr(part) => parts.extend(self.f_string(&part.values)?),
                other => parts.push(FStringPart::Value {
                    value: self.boxed(other)?,
                    conversion: None,
                    format: None,
                }),
            }
        }
        Ok(parts)
    }

    /// Lowers a literal.
    pub(super) fn constant(&mut self, constant: &raw::Constant) -> Constant {
        match constant {
            raw::Constant::None => Constant::None,
            raw::Constant::Bool(flag) => Constant::Bool(*flag),
            raw::Constant::Str(text) => Constant::Str(if text.len() < 40 {
                self.intern(text)
            } else {
                Rc::from(text.as_str())
            }),
            raw::Constant::Bytes(bytes) => Constant::Bytes(Rc::from(bytes.as_slice())),
            raw::Constant::Int(number) => integer(&number.to_string()),
            raw::Constant::Float(number) => Constant::Float(*number),
            raw::Constant::Ellipsis => Constant::Ellipsis,
            raw::Constant::Complex { .. } | raw::Constant::Tuple(_) => Constant::Complex,
        }
    }
}

/// An integer literal from its decimal digits.
fn integer(digits: &str) -> Constant {
    match digits.parse::<i64>() {
        Ok(number) => Constant::Int(number),
        Err(_) => digits
            .parse::<BigInt>()
            .map_or(Constant::Int(0), |number| Constant::BigInt(Rc::new(number))),
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
