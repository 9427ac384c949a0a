//! Lowering of statements.

use ruff_python_ast as raw;
use ruff_text_size::Ranged;

use crate::py::ast::Expr;
use crate::py::ast::ExprKind;
use crate::py::ast::FromAlias;
use crate::py::ast::Handler;
use crate::py::ast::ImportAlias;
use crate::py::ast::MatchCase;
use crate::py::ast::Span;
use crate::py::ast::Stmt;
use crate::py::ast::StmtKind;
use crate::py::ast::Try;
use crate::py::parse::SyntaxError;
use crate::py::parse::expression::binary_operator;
use crate::py::parse::late;
use crate::py::parse::scope::Lowering;

type Lowered<T> = Result<T, SyntaxError>;

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
            raw::Stmt::FunctionDef(def) => self.function(def, span)?,
            raw::Stmt::ClassDef(def) => self.class(def, span)?,
            raw::Stmt::Return(part) => {
                if !self.in_function() {
                    return Err(self.error(span, "'return' outside function"));
                }
                StmtKind::Return(self.optional(part.value.as_deref())?)
            }
            raw::Stmt::Delete(part) => StmtKind::Delete(self.targets(&part.targets)?),
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
                annotation: if self.in_class() || !late::is_plain_expression(&part.annotation) {
                    Some(self.expression(&part.annotation)?)
                } else {
                    None
                },
                value: self.optional(part.value.as_deref())?,
            },
            raw::Stmt::For(part) => StmtKind::For {
                target: self.target(&part.target)?,
                iterable: self.expression(&part.iter)?,
                body: self.repeated(&part.body)?,
                otherwise: self.block(&part.orelse)?,
                is_async: part.is_async,
            },
            raw::Stmt::While(part) => StmtKind::While {
                test: self.expression(&part.test)?,
                body: self.repeated(&part.body)?,
                otherwise: self.block(&part.orelse)?,
            },
            raw::Stmt::If(part) => self.branches(part)?,
            raw::Stmt::With(part) => self.with(part)?,
            raw::Stmt::Match(part) => self.match_statement(part)?,
            raw::Stmt::Raise(part) => StmtKind::Raise {
                exception: self.optional(part.exc.as_deref())?,
                cause: self.optional(part.cause.as_deref())?,
            },
            raw::Stmt::Try(part) => self.attempt(part)?,
            raw::Stmt::Assert(part) => StmtKind::Assert {
                test: self.expression(&part.test)?,
                message: self.optional(part.msg.as_deref())?,
            },
            raw::Stmt::Import(part) => self.import(part),
            raw::Stmt::ImportFrom(part) => self.import_from(part, span)?,
            raw::Stmt::Expr(part) => StmtKind::Expr(self.expression(&part.value)?),
            raw::Stmt::Global(_) | raw::Stmt::Nonlocal(_) | raw::Stmt::Pass(_) => StmtKind::Pass,
            raw::Stmt::Break(_) if self.loops == 0 => {
                return Err(self.error(span, "'break' outside loop"));
            }
            raw::Stmt::Break(_) => StmtKind::Break,
            raw::Stmt::Continue(_) if self.loops == 0 => {
                return Err(self.error(span, "'continue' not properly in loop"));
            }
            raw::Stmt::Continue(_) => StmtKind::Continue,
            raw::Stmt::IpyEscapeCommand(_) => return Err(self.error(span, "invalid syntax")),
        })
    }

    /// Lowers a target, refusing what cannot be one.
    pub(super) fn target(&mut self, target: &raw::Expr) -> Lowered<Expr> {
        match target {
            raw::Expr::Name(_) | raw::Expr::Attribute(_) | raw::Expr::Subscript(_) => {
                self.expression(target)
            }
            raw::Expr::Starred(part) => {
                let span = self.span(part.range);
                let inner = Box::new(self.target(&part.value)?);
                Ok(Expr {
                    span,
                    kind: ExprKind::Starred(inner),
                })
            }
            raw::Expr::Tuple(part) => {
                let span = self.span(part.range);
                Ok(Expr {
                    span,
                    kind: ExprKind::Tuple(self.targets(&part.elts)?),
                })
            }
            raw::Expr::List(part) => {
                let span = self.span(part.range);
                Ok(Expr {
                    span,
                    kind: ExprKind::List(self.targets(&part.elts)?),
                })
            }
            other => {
                let span = self.span(other.range());
                Err(self.error(span, "invalid syntax"))
            }
        }
    }

    fn targets(&mut self, targets: &[raw::Expr]) -> Lowered<Vec<Expr>> {
        targets.iter().map(|target| self.target(target)).collect()
    }

    /// The body of a loop.
    fn repeated(&mut self, body: &[raw::Stmt]) -> Lowered<Vec<Stmt>> {
        self.loops += 1;
        let lowered = self.block(body);
        self.loops -= 1;
        lowered
    }

    /// An `if` with its `elif`s and its `else`.
    fn branches(&mut self, part: &raw::StmtIf) -> Lowered<StmtKind> {
        let mut branches = Vec::with_capacity(1 + part.elif_else_clauses.len());
        branches.push((self.expression(&part.test)?, self.block(&part.body)?));
        let mut otherwise = Vec::new();
        for clause in &part.elif_else_clauses {
            match &clause.test {
                Some(test) => branches.push((self.expression(test)?, self.block(&clause.body)?)),
                None => otherwise = self.block(&clause.body)?,
            }
        }
        Ok(StmtKind::If {
            branches,
            otherwise,
        })
    }

    fn with(&mut self, part: &raw::StmtWith) -> Lowered<StmtKind> {
        let mut items = Vec::with_capacity(part.items.len());
        for item in &part.items {
            let manager = self.expression(&item.context_expr)?;
            let target = item
                .optional_vars
                .as_deref()
                .map(|target| self.target(target))
                .transpose()?;
            items.push((manager, target));
        }
        Ok(StmtKind::With {
            items,
            body: self.block(&part.body)?,
            is_async: part.is_async,
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

    fn attempt(&mut self, part: &raw::StmtTry) -> Lowered<StmtKind> {
        let body = self.block(&part.body)?;
        let mut handlers = Vec::with_capacity(part.handlers.len());
        for raw::ExceptHandler::ExceptHandler(handler) in &part.handlers {
            handlers.push(Handler {
                span: self.span(handler.range),
                class: self.optional(handler.type_.as_deref())?,
                name: handler.name.as_ref().map(|name| self.name(name)),
                body: self.block(&handler.body)?,
            });
        }
        Ok(StmtKind::Try(Box::new(Try {
            body,
            handlers,
            otherwise: self.block(&part.orelse)?,
            finally: self.block(&part.finalbody)?,
            is_star: part.is_star,
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
        let mut names = Vec::with_capacity(part.names.len());
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
            level: part.level,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::py::ast::Binding;
    use crate::py::ast::Constant;
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
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn errors_are_in_cpythons_words() {
        // python3 -c "compile(text, 'a.py', 'exec')"
        for (text, class, message, line) in [
            ("x = (1,\ny = 2\n", "SyntaxError", "'(' was never closed", 1),
            (
                "f('a' 'b'\nfor x in y:\n    pass\n",
                "SyntaxError",
                "'(' was never closed",
                1,
            ),
            ("x = )\n", "SyntaxError", "unmatched ')'", 1),
            (
                "x = (1]\n",
                "SyntaxError",
                "closing parenthesis ']' does not match opening parenthesis '('",
                1,
            ),
            (
                "print 'x'\n",
                "SyntaxError",
                "Missing parentheses in call to 'print'. Did you mean print(...)?",
                1,
            ),
            ("raise E, 'x'\n", "SyntaxError", "invalid syntax", 1),
            ("if x\n  y\n", "SyntaxError", "expected ':'", 1),
            (
                "x = 'abc\n",
                "SyntaxError",
                "unterminated string literal (detected at line 1)",
                1,
            ),
            (
                "y\nx = \"\"\"abc\n",
                "SyntaxError",
                "unterminated triple-quoted string literal (detected at line 2)",
                2,
            ),
            (
                "if x:\ny=1\n",
                "IndentationError",
                "expected an indented block after 'if' statement on line 1",
                2,
            ),
            ("x=1\n  y=2\n", "IndentationError", "unexpected indent", 2),
            (
                "if x:\n\ty\n        z\n",
                "TabError",
                "inconsistent use of tabs and spaces in indentation",
                3,
            ),
            (
                "if x:\n    y\n  z\n",
                "IndentationError",
                "unindent does not match any outer indentation level",
                3,
            ),
            (
                "0777\n",
                "SyntaxError",
                "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
                1,
            ),
            (
                "f(a=1, 2)\n",
                "SyntaxError",
                "positional argument follows keyword argument",
                1,
            ),
            (
                "x = *a\n",
                "SyntaxError",
                "can't use starred expression here",
                1,
            ),
            (
                "f(a=1, a=2)\n",
                "SyntaxError",
                "keyword argument repeated: a",
                1,
            ),
            ("None = 1\n", "SyntaxError", "cannot assign to None", 1),
            (
                "f() = 1\n",
                "SyntaxError",
                "cannot assign to function call here. Maybe you meant '==' instead of '='?",
                1,
            ),
            (
                "f() += 1\n",
                "SyntaxError",
                "'function call' is an illegal expression for augmented assignment",
                1,
            ),
            ("del f()\n", "SyntaxError", "cannot delete function call", 1),
            (
                "for f() in x: pass\n",
                "SyntaxError",
                "cannot assign to function call",
                1,
            ),
            (
                "x = f'}'\n",
                "SyntaxError",
                "f-string: single '}' is not allowed",
                1,
            ),
            (
                "x = \u{201c}a\u{201d}\n",
                "SyntaxError",
                "invalid character '\u{201c}' (U+201C)",
                1,
            ),
            ("break\n", "SyntaxError", "'break' outside loop", 1),
            ("return\n", "SyntaxError", "'return' outside function", 1),
        ] {
            let error = module(text, "a.py").unwrap_err();
            assert_eq!(
                (error.class, error.message.as_str(), error.line),
                (class, message, line),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_we_cannot_represent_is_refused_when_it_is_evaluated() {
        let is_refused = |text: &str| {
            let parsed = module(text, "a.py").unwrap();
            let StmtKind::Expr(expression) = &parsed.body[0].kind else {
                panic!("not an expression")
            };
            matches!(
                expression.kind,
                ExprKind::Constant(Constant::Unsupported(_))
            )
        };
        for text in [
            "t'{a}'\n",
            "1j\n",
            "'\\ud800'\n",
            "f'\\udfff{a}'\n",
            "f'{a:\\udfff}'\n",
        ] {
            assert!(is_refused(text), "{text}");
        }
        for text in ["r'\\ud800'\n", "'\\\\ud800 \u{fffd}'\n", "'\\U0001f600'\n"] {
            assert!(!is_refused(text), "{text}");
        }
    }

    #[test]
    fn depth_of_every_kind_is_bounded() {
        for (piece, last) in [
            ("-", "1"),
            ("not ", "1"),
            ("lambda: ", "1"),
            ("a if b else ", "1"),
            ("2 ** ", "1"),
            ("f\"{", "1"),
            ("a.b.", "c"),
            ("a + ", "c"),
        ] {
            for count in [20_000, 300_000] {
                let text = format!("x = {}{last}\n", piece.repeat(count));
                let parsed = module(&text, "a.py");
                let is_chain = piece == "a + " && count == 20_000;
                assert_eq!(parsed.is_ok(), is_chain, "{piece:?} {count}");
            }
        }
    }
}
