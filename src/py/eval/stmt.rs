//! Statements.

use std::rc::Rc;

use crate::py::ast::Binding;
use crate::py::ast::Expr;
use crate::py::ast::ExprKind;
use crate::py::ast::Stmt;
use crate::py::ast::StmtKind;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::eval::Flow;
use crate::py::eval::stack;
use crate::py::exceptions;
use crate::py::value::Unresolved;
use crate::py::value::Value;

/// The methods of a logger that write a message.
const LOG_METHODS: &[&str] = &[
    "critical(…)",
    "debug(…)",
    "error(…)",
    "exception(…)",
    "info(…)",
    "log(…)",
    "warn(…)",
    "warning(…)",
];

/// Whether a call that could not be made is a message to a logger of a missing module: `structlog.get_logger(…).info(…)`.
fn is_log_call(name: &str) -> bool {
    let mut parts = name.rsplit('.');
    let is_method = parts
        .next()
        .is_some_and(|method| LOG_METHODS.contains(&method));
    let is_logger = parts.next().is_some_and(|owner| {
        let owner = owner.trim_end_matches("(…)").to_ascii_lowercase();
        let owner = owner.trim_matches('_');
        owner == "log" || owner.ends_with("logger")
    });
    is_method && is_logger
}

impl Eval<'_> {
    /// Runs statements until one leaves the block.
    pub(crate) fn block(&self, body: &[Stmt]) -> PyResult<Flow> {
        let tolerant = self.frame.tolerant && self.frame.tries.get() == 0;
        for statement in body {
            self.vm.tick()?;
            let flow = if tolerant {
                self.tolerant_statement(statement)?
            } else {
                match self.statement(statement) {
                    Ok(flow) => flow,
                    Err(error) => self.skip(statement, error)?,
                }
            };
            match flow {
                Flow::Next => {}
                other => return Ok(other),
            }
        }
        Ok(Flow::Next)
    }

    /// A call that could not be made: an error, unless all that is lost is a message to a log.
    fn lost_effect(&self, unresolved: &Unresolved) -> PyResult<()> {
        if !is_log_call(&unresolved.name) {
            return Err(crate::py::vm::unresolved_error(
                unresolved,
                "for its effect",
            ));
        }
        let said = format!("not logged: `{}`: {}", unresolved.name, unresolved.reason);
        self.vm.log("aludel", "WARNING", &said);
        Ok(())
    }

    /// Runs one statement.
    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    pub(crate) fn statement(&self, statement: &Stmt) -> PyResult<Flow> {
        self.at(statement.span);
        match &statement.kind {
            StmtKind::Expr(expression) => {
                let value = self.eval(expression)?;
                // A call whose result nobody takes is made for its effect, which would be lost without a word.
                if let (Value::Unresolved(unresolved), ExprKind::Call { .. }) =
                    (&value, &expression.kind)
                    && self.vm.effects_matter()
                    && !self.frame.tolerant
                {
                    self.lost_effect(unresolved)?;
                }
            }
            StmtKind::Assign { targets, value } => {
                let value = self.eval(value)?;
                for target in targets {
                    self.assign(target, value.clone())?;
                }
            }
            StmtKind::AugAssign {
                target,
                operator,
                value,
            } => self.aug_assign(target, *operator, value)?,
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
            } => self.ann_assign(target, annotation.as_ref(), value.as_ref())?,
            StmtKind::Return(value) => {
                return Ok(Flow::Return(
                    value
                        .as_ref()
                        .map_or(Ok(Value::None), |value| self.eval(value))?,
                ));
            }
            StmtKind::Pass => {}
            StmtKind::Break => return Ok(Flow::Break),
            StmtKind::Continue => return Ok(Flow::Continue),
            StmtKind::Function { name, def } => {
                let made = self.decorate(&def.decorators, |eval| eval.make_function(def))?;
                self.store_name(name, made);
            }
            StmtKind::Class { name, def } => {
                let made = self.decorate(&def.decorators, |eval| eval.make_class(def))?;
                self.store_name(name, made);
            }
            StmtKind::Delete(targets) => {
                targets.iter().try_for_each(|target| self.delete(target))?
            }
            StmtKind::TypeAlias { name } => {
                let alias = self.vm.unresolved(&name.id, "a type alias", self.frame);
                self.store_name(name, alias);
            }
            StmtKind::Import(aliases) => self.import(aliases, statement.span)?,
            StmtKind::ImportFrom {
                module,
                names,
                level,
            } => self.import_from(module.as_deref(), names, *level, statement.span)?,
            StmtKind::Raise { exception, cause } => {
                return Err(self.raise(exception.as_ref(), cause.as_ref(), statement));
            }
            StmtKind::Assert { test, message } => self.assert(test, message.as_ref())?,
            StmtKind::For { .. }
            | StmtKind::While { .. }
            | StmtKind::If { .. }
            | StmtKind::With { .. }
            | StmtKind::Match { .. }
            | StmtKind::Try(_) => return stack::grow(|| self.compound(statement)),
        }
        Ok(Flow::Next)
    }

    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn compound(&self, statement: &Stmt) -> PyResult<Flow> {
        match &statement.kind {
            StmtKind::If {
                branches,
                otherwise,
            } => {
                for (test, body) in branches {
                    let value = self.eval(test)?;
                    self.at(test.span);
                    if self.vm.truth(&value)? {
                        return self.block(body);
                    }
                }
                self.block(otherwise)
            }
            StmtKind::For {
                target,
                iterable,
                body,
                otherwise,
                is_async,
            } => {
                let value = self.eval(iterable)?;
                self.at(iterable.span);
                let mut iter = self.iterator(&value, *is_async)?;
                loop {
                    self.at(iterable.span);
                    let Some(item) = iter.next(self.vm)? else {
                        break;
                    };
                    self.vm.tick()?;
                    self.assign(target, item)?;
                    match self.block(body)? {
                        Flow::Next | Flow::Continue => {}
                        Flow::Break => return Ok(Flow::Next),
                        Flow::Return(value) => return Ok(Flow::Return(value)),
                    }
                }
                self.block(otherwise)
            }
            StmtKind::While {
                test,
                body,
                otherwise,
            } => {
                loop {
                    self.vm.tick()?;
                    let value = self.eval(test)?;
                    self.at(test.span);
                    if !self.vm.truth(&value)? {
                        break;
                    }
                    match self.block(body)? {
                        Flow::Next | Flow::Continue => {}
                        Flow::Break => return Ok(Flow::Next),
                        Flow::Return(value) => return Ok(Flow::Return(value)),
                    }
                }
                self.block(otherwise)
            }
            StmtKind::With {
                items,
                body,
                is_async,
            } => self.with(items, body, *is_async),
            StmtKind::Match { subject, cases } => self.match_statement(subject, cases),
            StmtKind::Try(attempt) => self.attempt(attempt),
            _ => Ok(Flow::Next),
        }
    }

    /// Annotations are evaluated only in class bodies, and there tolerantly: dataclasses read them.
    fn ann_assign(
        &self,
        target: &Expr,
        annotation: Option<&Expr>,
        value: Option<&Expr>,
    ) -> PyResult<()> {
        if let Some(value) = value {
            let value = self.eval(value)?;
            self.assign(target, value)?;
        }
        let (ExprKind::Name(name), Some(annotation)) = (&target.kind, annotation) else {
            return Ok(());
        };
        let (Binding::Class { .. }, Some(namespace)) = (name.binding, &self.frame.namespace) else {
            return Ok(());
        };
        let line = self.frame.line.get();
        let evaluated = match self.eval(annotation) {
            Ok(value) => value,
            Err(error) if error.is_final() => return Err(error),
            Err(error) => match self.forward_reference(&error, annotation) {
                Some(text) => text,
                None => self.vm.unresolved_of(&error, "an annotation", self.frame),
            },
        };
        self.frame.line.set(line);
        let key: Rc<str> = Rc::from("__annotations__");
        let known = namespace.borrow().get(&key).cloned();
        let annotations = match known {
            Some(Value::Dict(annotations)) => annotations,
            _ => {
                let made = Rc::new(std::cell::RefCell::new(Dict::new()));
                namespace
                    .borrow_mut()
                    .insert(key, Value::Dict(made.clone()));
                made
            }
        };
        annotations.borrow_mut().insert_str(&name.id, evaluated);
        Ok(())
    }

    /// The text of an annotation with a name that is defined later, in a module whose annotations are texts.
    fn forward_reference(&self, error: &PyError, annotation: &Expr) -> Option<Value> {
        let source = &self.frame.source.text;
        let are_texts = error.matches(&exceptions::NAME_ERROR)
            && source.contains("from __future__ import annotations");
        let place = annotation.span.start as usize..annotation.span.end as usize;
        are_texts
            .then(|| source.get(place).map(Value::str))
            .flatten()
    }

    fn assert(&self, test: &Expr, message: Option<&Expr>) -> PyResult<()> {
        let value = self.eval(test)?;
        self.at(test.span);
        if self.vm.truth(&value)? {
            return Ok(());
        }
        let args = message.map(|message| self.eval(message)).transpose()?;
        self.at(test.span);
        Err(PyError::with_args(
            &crate::py::class::Class::of(&exceptions::ASSERTION_ERROR),
            args.into_iter().collect(),
        ))
    }
}
