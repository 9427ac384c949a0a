//! Which names a body binds: the first pass over a function or class body, before its names can be resolved.

use std::ops::Deref;

use indexmap::IndexSet;
use ruff_python_ast as raw;
use rustc_hash::FxBuildHasher;

/// The names a body binds and declares, in order of appearance.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    /// Bound here.
    pub(super) bound: IndexSet<&'a str, FxBuildHasher>,
    /// Declared `global`.
    pub(super) global: Vec<&'a str>,
    /// Declared `nonlocal`.
    pub(super) nonlocal: Vec<&'a str>,
    /// Whether `:=` occurs in the text, so that expressions must be searched.
    pub(super) has_walrus: bool,
}

impl<'a> Names<'a> {
    fn bind(&mut self, name: &'a str) {
        self.bound.insert(name);
    }

    /// Visits a body.
    pub(super) fn block(&mut self, body: &'a [raw::Stmt]) {
        for statement in body {
            self.statement(statement);
        }
    }

    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn statement(&mut self, statement: &'a raw::Stmt) {
        match statement {
            raw::Stmt::FunctionDef(def) => {
                self.bind(&def.name);
                self.decorators(&def.decorator_list);
            }
            raw::Stmt::ClassDef(def) => {
                self.bind(&def.name);
                self.decorators(&def.decorator_list);
                self.expressions(def.bases());
            }
            raw::Stmt::Return(part) => self.optional(part.value.as_deref()),
            raw::Stmt::Delete(part) => part.targets.iter().for_each(|target| self.target(target)),
            raw::Stmt::Assign(part) => {
                self.expression(&part.value);
                part.targets.iter().for_each(|target| self.target(target));
            }
            raw::Stmt::TypeAlias(part) => self.target(&part.name),
            raw::Stmt::AugAssign(part) => {
                self.expression(&part.value);
                self.target(&part.target);
            }
            raw::Stmt::AnnAssign(part) => {
                self.optional(part.value.as_deref());
                self.target(&part.target);
            }
            raw::Stmt::For(part) => {
                self.for_loop(&part.target, &part.iter, &part.body, &part.orelse)
            }
            raw::Stmt::While(part) => {
                self.expression(&part.test);
                self.block(&part.body);
                self.block(&part.orelse);
            }
            raw::Stmt::If(part) => self.branches(part),
            raw::Stmt::With(part) => self.with(&part.items, &part.body),
            raw::Stmt::Match(part) => {
                self.expression(&part.subject);
                for case in &part.cases {
                    self.pattern(&case.pattern);
                    self.optional(case.guard.as_deref());
                    self.block(&case.body);
                }
            }
            raw::Stmt::Raise(part) => {
                self.optional(part.exc.as_deref());
                self.optional(part.cause.as_deref());
            }
            raw::Stmt::Try(part) => {
                self.attempt(&part.body, &part.handlers, &part.orelse, &part.finalbody)
            }
            raw::Stmt::Assert(part) => {
                self.expression(&part.test);
                self.optional(part.msg.as_deref());
            }
            raw::Stmt::Import(part) => {
                for alias in &part.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.bind(name.split('.').next().unwrap_or(name));
                }
            }
            raw::Stmt::ImportFrom(part) => {
                for alias in &part.names {
                    if alias.name.as_str() != "*" {
                        self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                    }
                }
            }
            raw::Stmt::Global(part) => self.global.extend(part.names.iter().map(Deref::deref)),
            raw::Stmt::Nonlocal(part) => {
                self.nonlocal.extend(part.names.iter().map(Deref::deref));
            }
            raw::Stmt::Expr(part) => self.expression(&part.value),
            raw::Stmt::Pass(_)
            | raw::Stmt::Break(_)
            | raw::Stmt::Continue(_)
            | raw::Stmt::IpyEscapeCommand(_) => {}
        }
    }

    fn for_loop(
        &mut self,
        target: &'a raw::Expr,
        iterable: &'a raw::Expr,
        body: &'a [raw::Stmt],
        otherwise: &'a [raw::Stmt],
    ) {
        self.expression(iterable);
        self.target(target);
        self.block(body);
        self.block(otherwise);
    }

    fn branches(&mut self, part: &'a raw::StmtIf) {
        self.expression(&part.test);
        self.block(&part.body);
        for clause in &part.elif_else_clauses {
            self.optional(clause.test.as_ref());
            self.block(&clause.body);
        }
    }

    fn decorators(&mut self, decorators: &'a [raw::Decorator]) {
        for decorator in decorators {
            self.expression(&decorator.expression);
        }
    }

    fn with(&mut self, items: &'a [raw::WithItem], body: &'a [raw::Stmt]) {
        for item in items {
            self.expression(&item.context_expr);
            if let Some(target) = &item.optional_vars {
                self.target(target);
            }
        }
        self.block(body);
    }

    fn attempt(
        &mut self,
        body: &'a [raw::Stmt],
        handlers: &'a [raw::ExceptHandler],
        otherwise: &'a [raw::Stmt],
        last: &'a [raw::Stmt],
    ) {
        self.block(body);
        for raw::ExceptHandler::ExceptHandler(handler) in handlers {
            self.optional(handler.type_.as_deref());
            if let Some(name) = &handler.name {
                self.bind(name);
            }
            self.block(&handler.body);
        }
        self.block(otherwise);
        self.block(last);
    }

    /// A target of an assignment.
    pub(super) fn target(&mut self, target: &'a raw::Expr) {
        match target {
            raw::Expr::Name(name) => self.bind(&name.id),
            raw::Expr::Tuple(part) => part.elts.iter().for_each(|item| self.target(item)),
            raw::Expr::List(part) => part.elts.iter().for_each(|item| self.target(item)),
            raw::Expr::Starred(part) => self.target(&part.value),
            other => self.expression(other),
        }
    }

    fn pattern(&mut self, pattern: &'a raw::Pattern) {
        match pattern {
            raw::Pattern::MatchValue(_) | raw::Pattern::MatchSingleton(_) => {}
            raw::Pattern::MatchSequence(part) => {
                part.patterns.iter().for_each(|item| self.pattern(item))
            }
            raw::Pattern::MatchMapping(part) => {
                part.patterns.iter().for_each(|item| self.pattern(item));
                if let Some(rest) = &part.rest {
                    self.bind(rest);
                }
            }
            raw::Pattern::MatchClass(part) => {
                for item in &part.arguments.patterns {
                    self.pattern(item);
                }
                for keyword in &part.arguments.keywords {
                    self.pattern(&keyword.pattern);
                }
            }
            raw::Pattern::MatchStar(part) => {
                if let Some(name) = &part.name {
                    self.bind(name);
                }
            }
            raw::Pattern::MatchAs(part) => {
                if let Some(inner) = &part.pattern {
                    self.pattern(inner);
                }
                if let Some(name) = &part.name {
                    self.bind(name);
                }
            }
            raw::Pattern::MatchOr(part) => part.patterns.iter().for_each(|item| self.pattern(item)),
        }
    }

    fn optional(&mut self, expression: Option<&'a raw::Expr>) {
        if let Some(expression) = expression {
            self.expression(expression);
        }
    }

    fn expressions(&mut self, expressions: &'a [raw::Expr]) {
        expressions
            .iter()
            .for_each(|expression| self.expression(expression));
    }

    /// Searches an expression for `:=`, whose target belongs to the function even from inside a comprehension.
    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    pub(super) fn expression(&mut self, expression: &'a raw::Expr) {
        if !self.has_walrus {
            return;
        }
        match expression {
            raw::Expr::Named(part) => {
                self.target(&part.target);
                self.expression(&part.value);
            }
            raw::Expr::BoolOp(part) => self.expressions(&part.values),
            raw::Expr::BinOp(part) => {
                self.expression(&part.left);
                self.expression(&part.right);
            }
            raw::Expr::UnaryOp(part) => self.expression(&part.operand),
            raw::Expr::If(part) => {
                self.expression(&part.test);
                self.expression(&part.body);
                self.expression(&part.orelse);
            }
            raw::Expr::Dict(part) => {
                for item in &part.items {
                    self.optional(item.key.as_ref());
                    self.expression(&item.value);
                }
            }
            raw::Expr::Set(part) => self.expressions(&part.elts),
            raw::Expr::List(part) => self.expressions(&part.elts),
            raw::Expr::Tuple(part) => self.expressions(&part.elts),
            raw::Expr::ListComp(part) => self.comprehension(&[&part.elt], &part.generators),
            raw::Expr::SetComp(part) => self.comprehension(&[&part.elt], &part.generators),
            raw::Expr::Generator(part) => self.comprehension(&[&part.elt], &part.generators),
            raw::Expr::DictComp(part) => {
                self.optional(part.key.as_deref());
                self.comprehension(&[&part.value], &part.generators);
            }
            raw::Expr::Await(part) => self.expression(&part.value),
            raw::Expr::Yield(part) => self.optional(part.value.as_deref()),
            raw::Expr::YieldFrom(part) => self.expression(&part.value),
            raw::Expr::Compare(part) => {
                self.expression(&part.left);
                self.expressions(&part.comparators);
            }
            raw::Expr::Call(part) => {
                self.expression(&part.func);
                self.expressions(&part.arguments.args);
                for keyword in &part.arguments.keywords {
                    self.expression(&keyword.value);
                }
            }
            raw::Expr::FString(part) => {
                for f_string in part.value.f_strings() {
                    self.f_string(&f_string.elements);
                }
            }
            raw::Expr::Attribute(part) => self.expression(&part.value),
            raw::Expr::Subscript(part) => {
                self.expression(&part.value);
                self.expression(&part.slice);
            }
            raw::Expr::Starred(part) => self.expression(&part.value),
            raw::Expr::Slice(part) => {
                self.optional(part.lower.as_deref());
                self.optional(part.upper.as_deref());
                self.optional(part.step.as_deref());
            }
            raw::Expr::Lambda(_)
            | raw::Expr::Name(_)
            | raw::Expr::TString(_)
            | raw::Expr::StringLiteral(_)
            | raw::Expr::BytesLiteral(_)
            | raw::Expr::NumberLiteral(_)
            | raw::Expr::BooleanLiteral(_)
            | raw::Expr::NoneLiteral(_)
            | raw::Expr::EllipsisLiteral(_)
            | raw::Expr::IpyEscapeCommand(_) => {}
        }
    }

    fn f_string(&mut self, elements: &'a raw::InterpolatedStringElements) {
        for element in elements.interpolations() {
            self.expression(&element.expression);
            if let Some(format) = &element.format_spec {
                self.f_string(&format.elements);
            }
        }
    }

    fn comprehension(&mut self, results: &[&'a raw::Expr], generators: &'a [raw::Comprehension]) {
        results.iter().for_each(|result| self.expression(result));
        for generator in generators {
            self.expression(&generator.iter);
            self.expressions(&generator.ifs);
        }
    }
}
