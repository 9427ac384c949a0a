//! Lowering of statements, functions and classes.

use std::rc::Rc;

use rustpython_parser::ast as raw;
use rustpython_parser::ast::Ranged;
use rustpython_parser::text_size::TextRange;

use crate::py::ast::ClassDef;
use crate::py::ast::Expr;
use crate::py::ast::FromAlias;
use crate::py::ast::FunctionDef;
use crate::py::ast::Handler;
use crate::py::ast::ImportAlias;
use crate::py::ast::MatchCase;
use crate::py::ast::Parameter;
use crate::py::ast::Parameters;
use crate::py::ast::Span;
use crate::py::ast::Stmt;
use crate::py::ast::StmtKind;
use crate::py::ast::Try;
use crate::py::parse::SyntaxError;
use crate::py::parse::collect::Names;
use crate::py::parse::expression::binary_operator;
use crate::py::parse::scope::Lowering;
use crate::py::signature::ParameterKind;
use crate::py::signature::Signature;
use crate::py::signature::SignatureParameter;

type Lowered<T> = Result<T, SyntaxError>;

/// What `def` and `async def` share.
struct Definition<'a> {
    range: TextRange,
    name: &'a str,
    parameters: &'a raw::Arguments,
    body: &'a [raw::Stmt],
    decorators: &'a [raw::Expr],
    returns: Option<&'a raw::Expr>,
    is_async: bool,
}

impl Lowering {
    /// Lowers a block.
    pub(super) fn block(&mut self, body: &[raw::Stmt]) -> Lowered<Vec<Stmt>> {
        body.iter()
            .map(|statement| self.statement(statement))
            .collect()
    }

    fn statement(&mut self, statement: &raw::Stmt) -> Lowered<Stmt> {
        self.enter(statement.range())?;
        let span = self.span(statement.range());
        let kind = self.statement_kind(statement, span);
        self.leave();
        Ok(Stmt { span, kind: kind? })
    }

    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn statement_kind(&mut self, statement: &raw::Stmt, span: Span) -> Lowered<StmtKind> {
        Ok(match statement {
            raw::Stmt::FunctionDef(def) => self.function(&Definition {
                range: def.range(),
                name: &def.name,
                parameters: &def.args,
                body: &def.body,
                decorators: &def.decorator_list,
                returns: def.returns.as_deref(),
                is_async: false,
            })?,
            raw::Stmt::AsyncFunctionDef(def) => self.function(&Definition {
                range: def.range(),
                name: &def.name,
                parameters: &def.args,
                body: &def.body,
                decorators: &def.decorator_list,
                returns: def.returns.as_deref(),
                is_async: true,
            })?,
            raw::Stmt::ClassDef(def) => self.class(def, span)?,
            raw::Stmt::Return(part) => {
                if !self.in_function() {
                    return Err(self.error(span, "'return' outside function"));
                }
                StmtKind::Return(self.optional(part.value.as_deref())?)
            }
            raw::Stmt::Delete(part) => StmtKind::Delete(self.expressions(&part.targets)?),
            raw::Stmt::Assign(part) => StmtKind::Assign {
                targets: self.targets(&part.targets)?,
                value: self.expression(&part.value)?,
            },
            raw::Stmt::TypeAlias(part) => match &*part.name {
                raw::Expr::Name(name) => StmtKind::TypeAlias {
                    name: self.name(&name.id),
                },
                _ => return Err(self.error(span, "invalid syntax")),
            },
            raw::Stmt::AugAssign(part) => StmtKind::AugAssign {
                target: self.target(&part.target)?,
                operator: binary_operator(part.op),
                value: self.expression(&part.value)?,
            },
            raw::Stmt::AnnAssign(part) => StmtKind::AnnAssign {
                target: self.target(&part.target)?,
                annotation: self.expression(&part.annotation)?,
                value: self.optional(part.value.as_deref())?,
            },
            raw::Stmt::For(part) => {
                self.for_loop(&part.target, &part.iter, &part.body, &part.orelse, false)?
            }
            raw::Stmt::AsyncFor(part) => {
                self.for_loop(&part.target, &part.iter, &part.body, &part.orelse, true)?
            }
            raw::Stmt::While(part) => StmtKind::While {
                test: self.expression(&part.test)?,
                body: self.block(&part.body)?,
                otherwise: self.block(&part.orelse)?,
            },
            raw::Stmt::If(part) => self.branches(part)?,
            raw::Stmt::With(part) => self.with(&part.items, &part.body, false)?,
            raw::Stmt::AsyncWith(part) => self.with(&part.items, &part.body, true)?,
            raw::Stmt::Match(part) => self.match_statement(part)?,
            raw::Stmt::Raise(part) => StmtKind::Raise {
                exception: self.optional(part.exc.as_deref())?,
                cause: self.optional(part.cause.as_deref())?,
            },
            raw::Stmt::Try(part) => self.attempt(
                &part.body,
                &part.handlers,
                &part.orelse,
                &part.finalbody,
                false,
            )?,
            raw::Stmt::TryStar(part) => self.attempt(
                &part.body,
                &part.handlers,
                &part.orelse,
                &part.finalbody,
                true,
            )?,
            raw::Stmt::Assert(part) => StmtKind::Assert {
                test: self.expression(&part.test)?,
                message: self.optional(part.msg.as_deref())?,
            },
            raw::Stmt::Import(part) => self.import(part),
            raw::Stmt::ImportFrom(part) => self.import_from(part, span)?,
            raw::Stmt::Expr(part) => StmtKind::Expr(self.expression(&part.value)?),
            raw::Stmt::Global(_) | raw::Stmt::Nonlocal(_) | raw::Stmt::Pass(_) => StmtKind::Pass,
            raw::Stmt::Break(_) => StmtKind::Break,
            raw::Stmt::Continue(_) => StmtKind::Continue,
        })
    }

    /// Lowers a target, refusing what cannot be one.
    fn target(&mut self, target: &raw::Expr) -> Lowered<Expr> {
        let message = match target {
            raw::Expr::Name(_) | raw::Expr::Attribute(_) | raw::Expr::Subscript(_) => None,
            raw::Expr::Starred(part) => {
                return self
                    .target(&part.value)
                    .and_then(|_| self.expression(target));
            }
            raw::Expr::Tuple(part) => {
                return self
                    .targets(&part.elts)
                    .and_then(|_| self.expression(target));
            }
            raw::Expr::List(part) => {
                return self
                    .targets(&part.elts)
                    .and_then(|_| self.expression(target));
            }
            raw::Expr::Call(_) => {
                Some("cannot assign to function call here. Maybe you meant '==' instead of '='?")
            }
            raw::Expr::Constant(_) => {
                Some("cannot assign to literal here. Maybe you meant '==' instead of '='?")
            }
            _ => Some("cannot assign to expression here. Maybe you meant '==' instead of '='?"),
        };
        match message {
            Some(message) => {
                let span = self.span(target.range());
                Err(self.error(span, message))
            }
            None => self.expression(target),
        }
    }

    fn targets(&mut self, targets: &[raw::Expr]) -> Lowered<Vec<Expr>> {
        targets.iter().map(|target| self.target(target)).collect()
    }

    fn for_loop(
        &mut self,
        target: &raw::Expr,
        iterable: &raw::Expr,
        body: &[raw::Stmt],
        otherwise: &[raw::Stmt],
        is_async: bool,
    ) -> Lowered<StmtKind> {
        Ok(StmtKind::For {
            target: self.target(target)?,
            iterable: self.expression(iterable)?,
            body: self.block(body)?,
            otherwise: self.block(otherwise)?,
            is_async,
        })
    }

    /// An `if` with its `elif`s, without recursion along the chain.
    fn branches(&mut self, first: &raw::StmtIf) -> Lowered<StmtKind> {
        let mut branches = Vec::new();
        let mut part = first;
        loop {
            branches.push((self.expression(&part.test)?, self.block(&part.body)?));
            match part.orelse.as_slice() {
                [raw::Stmt::If(next)] => part = next,
                other => {
                    return Ok(StmtKind::If {
                        branches,
                        otherwise: self.block(other)?,
                    });
                }
            }
        }
    }

    fn with(
        &mut self,
        items: &[raw::WithItem],
        body: &[raw::Stmt],
        is_async: bool,
    ) -> Lowered<StmtKind> {
        let mut lowered = Vec::with_capacity(items.len());
        for item in items {
            let manager = self.expression(&item.context_expr)?;
            let target = item
                .optional_vars
                .as_deref()
                .map(|target| self.target(target))
                .transpose()?;
            lowered.push((manager, target));
        }
        Ok(StmtKind::With {
            items: lowered,
            body: self.block(body)?,
            is_async,
        })
    }

    fn match_statement(&mut self, part: &raw::StmtMatch) -> Lowered<StmtKind> {
        let subject = self.expression(&part.subject)?;
        let mut cases = Vec::with_capacity(part.cases.len());
        for case in &part.cases {
            cases.push(MatchCase {
                pattern: self.pattern(&case.pattern)?,
                guard: self.optional(case.guard.as_deref())?,
                body: self.block(&case.body)?,
            });
        }
        Ok(StmtKind::Match { subject, cases })
    }

    fn attempt(
        &mut self,
        body: &[raw::Stmt],
        handlers: &[raw::ExceptHandler],
        otherwise: &[raw::Stmt],
        finally: &[raw::Stmt],
        is_star: bool,
    ) -> Lowered<StmtKind> {
        let body = self.block(body)?;
        let mut lowered = Vec::with_capacity(handlers.len());
        for raw::ExceptHandler::ExceptHandler(handler) in handlers {
            lowered.push(Handler {
                span: self.span(handler.range()),
                class: self.optional(handler.type_.as_deref())?,
                name: handler.name.as_ref().map(|name| self.name(name)),
                body: self.block(&handler.body)?,
            });
        }
        Ok(StmtKind::Try(Box::new(Try {
            body,
            handlers: lowered,
            otherwise: self.block(otherwise)?,
            finally: self.block(finally)?,
            is_star,
        })))
    }

    fn import(&mut self, part: &raw::StmtImport) -> StmtKind {
        let aliases = part.names.iter().map(|alias| {
            let module = self.intern(&alias.name);
            let bound = alias.asname.as_ref().map_or_else(
                || alias.name.split('.').next().unwrap_or(&alias.name),
                |name| name.as_str(),
            );
            ImportAlias {
                module,
                is_renamed: alias.asname.is_some(),
                name: self.name(bound),
            }
        });
        StmtKind::Import(aliases.collect())
    }

    fn import_from(&mut self, part: &raw::StmtImportFrom, span: Span) -> Lowered<StmtKind> {
        let is_star = part.names.iter().any(|alias| alias.name.as_str() == "*");
        if is_star && !self.scopes.is_empty() {
            return Err(self.error(span, "import * only allowed at module level"));
        }
        let mut names = Vec::new();
        for alias in part.names.iter().filter(|alias| alias.name.as_str() != "*") {
            let member = self.intern(&alias.name);
            names.push(FromAlias {
                member,
                name: self.name(alias.asname.as_ref().unwrap_or(&alias.name)),
            });
        }
        let module = part.module.as_ref().map(|module| self.intern(module));
        Ok(StmtKind::ImportFrom {
            module,
            names,
            level: part.level.as_ref().map_or(0, raw::Int::to_u32),
        })
    }

    fn function(&mut self, def: &Definition<'_>) -> Lowered<StmtKind> {
        let mut span = self.span(def.range);
        if let Some(last) = def.decorators.last() {
            // The range may begin at the first decorator; the line is that of `def`.
            let after = self.span(last.range()).end;
            if after > span.start {
                span.line = self.line_after(after);
            }
        }
        let decorators = self.expressions(def.decorators)?;
        let returns = self.optional(def.returns)?;
        let name = self.name(def.name);
        let parameters = self.parameters(def.parameters)?;
        let names = self.names_of(def.body);
        let lowered = self.function_def(span, def.name, parameters, &names, |this| {
            Ok((this.block(def.body)?, super::doc_of(def.body)))
        })?;
        Ok(StmtKind::Function {
            name,
            def: Rc::new(FunctionDef {
                decorators,
                returns,
                is_async: def.is_async,
                ..lowered
            }),
        })
    }

    /// The line of the first token after a byte.
    fn line_after(&self, byte: u32) -> u32 {
        let rest = self.source.text.get(byte as usize..).unwrap_or("");
        let mut at = byte;
        let mut in_comment = false;
        for character in rest.chars() {
            match character {
                '#' => in_comment = true,
                '\n' => in_comment = false,
                _ if in_comment || character.is_whitespace() || character == ')' => {}
                _ => break,
            }
            at += u32::try_from(character.len_utf8()).unwrap_or(1);
        }
        self.source.line_of(at)
    }

    /// Lowers a lambda.
    pub(super) fn lambda(
        &mut self,
        part: &raw::ExprLambda,
        span: Span,
    ) -> Lowered<Rc<FunctionDef>> {
        let parameters = self.parameters(&part.args)?;
        let names = Names {
            has_walrus: self.has_walrus,
            ..Names::default()
        };
        let mut names = names;
        names.expression(&part.body);
        let lowered = self.function_def(span, "<lambda>", parameters, &names, |this| {
            let value = this.expression(&part.body)?;
            Ok((
                vec![Stmt {
                    span: value.span,
                    kind: StmtKind::Return(Some(value)),
                }],
                None,
            ))
        })?;
        Ok(Rc::new(lowered))
    }

    fn function_def(
        &mut self,
        span: Span,
        name: &str,
        parameters: Parameters,
        names: &Names,
        body: impl FnOnce(&mut Self) -> Lowered<(Vec<Stmt>, Option<Rc<str>>)>,
    ) -> Lowered<FunctionDef> {
        let signature = Rc::new(signature_of(&parameters));
        let mut slots: Vec<Rc<str>> = signature
            .parameters
            .iter()
            .map(|parameter| parameter.name.clone())
            .collect();
        slots.extend(signature.rest.clone());
        slots.extend(signature.keywords.clone());
        let qualname = self.qualname(name);
        let interned = self.intern(name);
        self.open_function(name, &slots, names);
        let lowered = body(self);
        let (locals, is_generator) = self.close();
        let (body, doc) = lowered?;
        Ok(FunctionDef {
            span,
            name: interned,
            qualname,
            parameters,
            signature,
            body,
            decorators: Vec::new(),
            returns: None,
            is_async: false,
            is_generator,
            locals,
            doc,
        })
    }

    fn parameters(&mut self, written: &raw::Arguments) -> Lowered<Parameters> {
        Ok(Parameters {
            positional_only: self.parameter_list(&written.posonlyargs)?,
            positional: self.parameter_list(&written.args)?,
            keyword_only: self.parameter_list(&written.kwonlyargs)?,
            rest: written
                .vararg
                .as_deref()
                .map(|parameter| self.parameter(parameter, None))
                .transpose()?,
            keywords: written
                .kwarg
                .as_deref()
                .map(|parameter| self.parameter(parameter, None))
                .transpose()?,
        })
    }

    fn parameter_list(&mut self, written: &[raw::ArgWithDefault]) -> Lowered<Vec<Parameter>> {
        written
            .iter()
            .map(|parameter| self.parameter(&parameter.def, parameter.default.as_deref()))
            .collect()
    }

    fn parameter(&mut self, written: &raw::Arg, default: Option<&raw::Expr>) -> Lowered<Parameter> {
        Ok(Parameter {
            span: self.span(written.range()),
            name: self.identifier(&written.arg),
            default: self.optional(default)?,
            annotation: self.optional(written.annotation.as_deref())?,
        })
    }

    fn class(&mut self, def: &raw::StmtClassDef, mut span: Span) -> Lowered<StmtKind> {
        if let Some(last) = def.decorator_list.last() {
            let after = self.span(last.range()).end;
            if after > span.start {
                span.line = self.line_after(after);
            }
        }
        let decorators = self.expressions(&def.decorator_list)?;
        let bases = self.expressions(&def.bases)?;
        let keywords = self.keywords(&def.keywords)?;
        let name = self.name(&def.name);
        let qualname = self.qualname(&def.name);
        let interned = self.intern(&def.name);
        let names = self.names_of(&def.body);
        self.open_class(&def.name, &names);
        let body = self.block(&def.body);
        self.close();
        let lowered = ClassDef {
            span,
            name: interned,
            qualname,
            bases,
            keywords,
            body: body?,
            decorators,
            doc: super::doc_of(&def.body),
        };
        Ok(StmtKind::Class {
            name,
            def: Rc::new(lowered),
        })
    }
}

/// The shape of parameters, for binding.
fn signature_of(parameters: &Parameters) -> Signature {
    let with_kind = |list: &[Parameter], kind: ParameterKind| -> Vec<SignatureParameter> {
        list.iter()
            .map(|parameter| SignatureParameter {
                name: parameter.name.clone(),
                kind,
                default: None,
            })
            .collect()
    };
    let mut all = with_kind(&parameters.positional_only, ParameterKind::PositionalOnly);
    all.extend(with_kind(&parameters.positional, ParameterKind::Positional));
    all.extend(with_kind(
        &parameters.keyword_only,
        ParameterKind::KeywordOnly,
    ));
    Signature {
        parameters: all,
        rest: parameters
            .rest
            .as_ref()
            .map(|parameter| parameter.name.clone()),
        keywords: parameters
            .keywords
            .as_ref()
            .map(|parameter| parameter.name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use crate::py::ast::Binding;
    use crate::py::ast::ExprKind;
    use crate::py::ast::StmtKind;
    use crate::py::parse::module;

    #[test]
    fn names_assigned_later_are_local_from_the_start() {
        let parsed = module("def f():\n    a\n    a = 1\n", "a.py").unwrap();
        let StmtKind::Function { def, .. } = &parsed.body[0].kind else {
            panic!("not a function")
        };
        let StmtKind::Expr(expression) = &def.body[0].kind else {
            panic!("not an expression")
        };
        let ExprKind::Name(name) = &expression.kind else {
            panic!("not a name")
        };
        assert_eq!(name.binding, Binding::Local(0));
    }

    #[test]
    fn five_thousand_brackets_are_refused_not_crashed_on() {
        let text = format!("x = {}{}\n", "(".repeat(5000), ")".repeat(5000));
        assert_eq!(
            module(&text, "a.py").unwrap_err().message,
            "too many nested parentheses"
        );
    }

    #[test]
    fn five_thousand_additions_parse() {
        let text = format!("x = 1{}\n", " + 1".repeat(5000));
        assert!(module(&text, "a.py").is_ok());
    }

    #[test]
    fn five_thousand_calls_in_a_row_are_refused_not_crashed_on() {
        let text = format!("x = a{}\n", ".b()".repeat(5000));
        assert_eq!(
            module(&text, "a.py").unwrap_err().message,
            "too many nested expressions"
        );
    }

    #[test]
    fn null_bytes_are_refused_in_cpythons_words() {
        assert_eq!(
            module("x = 1\0\n", "a.py").unwrap_err().message,
            "source code string cannot contain null bytes"
        );
    }

    #[test]
    fn open_bracket_is_named() {
        let error = module("x = (1,\ny = 2\n", "a.py").unwrap_err();
        assert!(
            error.message == "'(' was never closed" || error.message == "invalid syntax",
            "{error}"
        );
    }
}
