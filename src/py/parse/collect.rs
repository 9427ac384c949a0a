//! Which names a body binds: the first pass over a function or class body, before its names can be resolved.

use rustpython_parser::ast as raw;

/// The names a body binds and declares, in order of appearance.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Bound here.
    pub(super) bound: Vec<String>,
    /// Declared `global`.
    pub(super) global: Vec<String>,
    /// Declared `nonlocal`.
    pub(super) nonlocal: Vec<String>,
    /// Whether `:=` occurs in the text, so that expressions must be searched.
    pub(super) has_walrus: bool,
}

impl Names {
    fn bind(&mut self, name: &str) {
        if !self.bound.iter().any(|known| known == name) {
            self.bound.push(name.to_owned());
        }
    }

    /// Visits a body.
    pub(super) fn block(&mut self, body: &[raw::Stmt]) {
        for statement in body {
            self.statement(statement);
        }
    }

    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn statement(&mut self, statement: &raw::Stmt) {
        match statement {
            raw::Stmt::FunctionDef(def) => {
                self.bind(&def.name);
                self.expressions(&def.decorator_list);
            }
            raw::Stmt::AsyncFunctionDef(def) => {
                self.bind(&def.name);
                self.expressions(&def.decorator_list);
            }
            raw::Stmt::ClassDef(def) => {
                self.bind(&def.name);
                self.expressions(&def.decorator_list);
                self.expressions(&def.bases);
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
            raw::Stmt::AsyncFor(part) => {
                self.for_loop(&part.target, &part.iter, &part.body, &part.orelse)
            }
            raw::Stmt::While(part) => {
                self.expression(&part.test);
                self.block(&part.body);
                self.block(&part.orelse);
            }
            raw::Stmt::If(part) => self.branches(part),
            raw::Stmt::With(part) => self.with(&part.items, &part.body),
            raw::Stmt::AsyncWith(part) => self.with(&part.items, &part.body),
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
            raw::Stmt::TryStar(part) => {
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
            raw::Stmt::Global(part) => self
                .global
                .extend(part.names.iter().map(ToString::to_string)),
            raw::Stmt::Nonlocal(part) => self
                .nonlocal
                .extend(part.names.iter().map(ToString::to_string)),
            raw::Stmt::Expr(part) => self.expression(&part.value),
            raw::Stmt::Pass(_) | raw::Stmt::Break(_) | raw::Stmt::Continue(_) => {}
        }
    }

    fn for_loop(
        &mut self,
        target: &raw::Expr,
        iterable: &raw::Expr,
        body: &[raw::Stmt],
        otherwise: &[raw::Stmt],
    ) {
        self.expression(iterable);
        self.target(target);
        self.block(body);
        self.block(otherwise);
    }

    /// An `if` with its `elif`s, without recursion along the chain.
    fn branches(&mut self, first: &raw::StmtIf) {
        let mut part = first;
        loop {
            self.expression(&part.test);
            self.block(&part.body);
            match part.orelse.as_slice() {
                [raw::Stmt::If(next)] => part = next,
                other => return self.block(other),
            }
        }
    }

    fn with(&mut self, items: &[raw::WithItem], body: &[raw::Stmt]) {
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
        body: &[raw::Stmt],
        handlers: &[raw::ExceptHandler],
        otherwise: &[raw::Stmt],
        last: &[raw::Stmt],
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
    pub(super) fn target(&mut self, target: &raw::Expr) {
        match target {
            raw::Expr::Name(name) => self.bind(&name.id),
            raw::Expr::Tuple(part) => part.elts.iter().for_each(|item| self.target(item)),
            raw::Expr::List(part) => part.elts.iter().for_each(|item| self.target(item)),
            raw::Expr::Starred(part) => self.target(&part.value),
            other => self.expression(other),
        }
    }

    fn pattern(&mut self, pattern: &raw::Pattern) {
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
                part.patterns
                    .iter()
                    .chain(&part.kwd_patterns)
                    .for_each(|item| self.pattern(item));
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

    fn optional(&mut self, expression: Option<&raw::Expr>) {
        if let Some(expression) = expression {
            self.expression(expression);
        }
    }

    fn expressions(&mut self, expressions: &[raw::Expr]) {
        expressions
            .iter()
            .for_each(|expression| self.expression(expression));
    }

    /// Searches an expression for `:=`, whose target belongs to the function even from inside a comprehension.
    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    pub(super) fn expression(&mut self, expression: &raw::Expr) {
        if !self.has_walrus {
            return;
        }
        match expression {
            raw::Expr::NamedExpr(part) => {
                self.target(&part.target);
                self.expression(&part.value);
            }
            raw::Expr::BoolOp(part) => self.expressions(&part.values),
            raw::Expr::BinOp(part) => {
                self.expression(&part.left);
                self.expression(&part.right);
            }
            raw::Expr::UnaryOp(part) => self.expression(&part.operand),
            raw::Expr::IfExp(part) => {
                self.expression(&part.test);
                self.expression(&part.body);
                self.expression(&part.orelse);
            }
            raw::Expr::Dict(part) => {
                part.keys
                    .iter()
                    .flatten()
                    .for_each(|key| self.expression(key));
                self.expressions(&part.values);
            }
            raw::Expr::Set(part) => self.expressions(&part.elts),
            raw::Expr::List(part) => self.expressions(&part.elts),
            raw::Expr::Tuple(part) => self.expressions(&part.elts),
            raw::Expr::ListComp(part) => self.comprehension(&[&part.elt], &part.generators),
            raw::Expr::SetComp(part) => self.comprehension(&[&part.elt], &part.generators),
            raw::Expr::GeneratorExp(part) => self.comprehension(&[&part.elt], &part.generators),
            raw::Expr::DictComp(part) => {
                self.comprehension(&[&part.key, &part.value], &part.generators)
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
                self.expressions(&part.args);
                part.keywords
                    .iter()
                    .for_each(|keyword| self.expression(&keyword.value));
            }
            raw::Expr::FormattedValue(part) => {
                self.expression(&part.value);
                self.optional(part.format_spec.as_deref());
            }
            raw::Expr::JoinedStr(part) => self.expressions(&part.values),
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
            raw::Expr::Lambda(_) | raw::Expr::Constant(_) | raw::Expr::Name(_) => {}
        }
    }

    fn comprehension(&mut self, results: &[&raw::Expr], generators: &[raw::Comprehension]) {
        results.iter().for_each(|result| self.expression(result));
        for generator in generators {
            self.expression(&generator.iter);
            self.expressions(&generator.ifs);
        }
    }
}
