//! Tolerant evaluation of application modules: a statement that fails binds its names to unresolved values, and evaluation goes on.

use std::rc::Rc;

use crate::py::ast::Expr;
use crate::py::ast::ExprKind;
use crate::py::ast::Name;
use crate::py::ast::Stmt;
use crate::py::ast::StmtKind;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::eval::Flow;
use crate::py::eval::Frame;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;

impl Eval<'_> {
    /// Runs a statement of a tolerant module.
    pub(crate) fn tolerant_statement(&self, statement: &Stmt) -> PyResult<Flow> {
        let error = match self.statement(statement) {
            Ok(flow) => return Ok(flow),
            Err(error) => error,
        };
        if error.is_final() || self.vm.is_exhausted() {
            return Err(error);
        }
        if let Some(method) = write_in(statement) {
            let reason = self.vm.reason_of(&error);
            return Err(PyError::lost_effect(format!(
                "`{method}()` in a module of the application, whose statement could not be evaluated: {reason}"
            )));
        }
        let mut names = Vec::new();
        bound_names(statement, &mut names);
        let line = innermost_line(&error, self.frame).unwrap_or(statement.span.line);
        for name in names {
            // What a block bound before it failed stays.
            let is_block = !matches!(
                statement.kind,
                StmtKind::Assign { .. }
                    | StmtKind::AnnAssign { .. }
                    | StmtKind::AugAssign { .. }
                    | StmtKind::Function { .. }
                    | StmtKind::Class { .. }
            );
            if is_block && self.peek_name(name).is_some() {
                continue;
            }
            let value = Unresolved {
                name: self.qualified(&name.id),
                reason: self.vm.reason_of(&error),
                place: Some((self.frame.source.file.clone(), line)),
            };
            self.store_name(name, Value::Unresolved(Rc::new(value)));
        }
        Ok(Flow::Next)
    }

    /// A name with its module, as messages show it.
    fn qualified(&self, id: &str) -> String {
        match &self.frame.namespace {
            Some(_) => format!("{}.{}.{id}", self.frame.globals.name, self.frame.function),
            None => format!("{}.{id}", self.frame.globals.name),
        }
    }
}

/// The line in this frame's file at which an error came up.
fn innermost_line(error: &PyError, frame: &Frame) -> Option<u32> {
    error
        .frames()
        .iter()
        .find(|level| level.file == frame.source.file)
        .map(|level| level.line)
}

impl Vm {
    /// Why something could not be evaluated, one sentence.
    pub(crate) fn reason_of(&self, error: &PyError) -> String {
        error.summary(self)
    }

    /// An unresolved value for something that failed.
    pub(crate) fn unresolved_of(&self, error: &PyError, what: &str, frame: &Frame) -> Value {
        self.unresolved(what, &self.reason_of(error), frame)
    }

    /// An unresolved value made here.
    pub(crate) fn unresolved(&self, name: &str, reason: &str, frame: &Frame) -> Value {
        Value::Unresolved(Rc::new(Unresolved {
            name: name.to_owned(),
            reason: reason.to_owned(),
            place: Some((frame.source.file.clone(), frame.line.get())),
        }))
    }
}

/// The names a statement binds, those inside blocks included.
pub(crate) fn names_bound_by(statement: &Stmt) -> Vec<&Name> {
    let mut names = Vec::new();
    bound_names(statement, &mut names);
    names
}

/// The same, added to others.
fn bound_names<'s>(statement: &'s Stmt, names: &mut Vec<&'s Name>) {
    match &statement.kind {
        StmtKind::Function { name, .. }
        | StmtKind::Class { name, .. }
        | StmtKind::TypeAlias { name } => names.push(name),
        StmtKind::Assign { targets, .. } => targets
            .iter()
            .for_each(|target| target_names(target, names)),
        StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
            target_names(target, names)
        }
        StmtKind::For {
            target,
            body,
            otherwise,
            ..
        } => {
            target_names(target, names);
            blocks(&[body, otherwise], names);
        }
        StmtKind::While {
            body, otherwise, ..
        } => blocks(&[body, otherwise], names),
        StmtKind::If {
            branches,
            otherwise,
        } => {
            branches.iter().for_each(|(_, body)| blocks(&[body], names));
            blocks(&[otherwise], names);
        }
        StmtKind::With { items, body, .. } => {
            items
                .iter()
                .filter_map(|(_, target)| target.as_ref())
                .for_each(|target| target_names(target, names));
            blocks(&[body], names);
        }
        StmtKind::Match { cases, .. } => cases.iter().for_each(|case| blocks(&[&case.body], names)),
        StmtKind::Try(attempt) => {
            blocks(
                &[&attempt.body, &attempt.otherwise, &attempt.finally],
                names,
            );
            attempt
                .handlers
                .iter()
                .for_each(|handler| blocks(&[&handler.body], names));
        }
        StmtKind::Import(aliases) => names.extend(aliases.iter().map(|alias| &alias.name)),
        StmtKind::ImportFrom { names: aliases, .. } => {
            names.extend(aliases.iter().map(|alias| &alias.name))
        }
        StmtKind::Return(_)
        | StmtKind::Delete(_)
        | StmtKind::Raise { .. }
        | StmtKind::Assert { .. }
        | StmtKind::Pass
        | StmtKind::Expr(_)
        | StmtKind::Break
        | StmtKind::Continue => {}
    }
}

/// Methods that write to a database, called for what they do.
const WRITES: [&str; 4] = ["commit", "create_all", "drop_all", "execute"];

/// The first of these that a statement of a module calls, in itself or in its blocks.
fn write_in(statement: &Stmt) -> Option<&'static str> {
    let any = |body: &[Stmt]| body.iter().find_map(write_in);
    match &statement.kind {
        StmtKind::Expr(expr) | StmtKind::Assign { value: expr, .. } => match &expr.kind {
            ExprKind::Call(call) => match &call.callee.kind {
                ExprKind::Attribute { name, .. } => {
                    WRITES.into_iter().find(|write| &**name == *write)
                }
                _ => None,
            },
            _ => None,
        },
        StmtKind::For {
            body, otherwise, ..
        }
        | StmtKind::While {
            body, otherwise, ..
        } => any(body).or_else(|| any(otherwise)),
        StmtKind::If {
            branches,
            otherwise,
        } => branches
            .iter()
            .find_map(|(_, body)| any(body))
            .or_else(|| any(otherwise)),
        StmtKind::With { body, .. } => any(body),
        StmtKind::Match { cases, .. } => cases.iter().find_map(|case| any(&case.body)),
        StmtKind::Try(attempt) => any(&attempt.body).or_else(|| any(&attempt.otherwise)),
        _ => None,
    }
}

fn blocks<'s>(bodies: &[&'s Vec<Stmt>], names: &mut Vec<&'s Name>) {
    for body in bodies {
        for statement in *body {
            bound_names(statement, names);
        }
    }
}

fn target_names<'s>(target: &'s Expr, names: &mut Vec<&'s Name>) {
    match &target.kind {
        ExprKind::Name(name) => names.push(name),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|item| target_names(item, names))
        }
        ExprKind::Starred(inner) => target_names(inner, names),
        _ => {}
    }
}
