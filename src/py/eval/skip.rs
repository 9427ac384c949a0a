//! Skipping: while earlier revisions are only followed, a statement of theirs that cannot be evaluated is left out. The host is told what it
//! mentions; what it would have bound or changed is unresolved from then on.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::py::ast::ExprKind;
use crate::py::ast::Stmt;
use crate::py::ast::StmtKind;
use crate::py::error::PyError;
use crate::py::error::PyErrorKind;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::eval::Flow;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// A statement that was left out.
#[derive(Debug)]
pub struct Skipped<'a> {
    /// Its text, and that of the file's functions that it calls.
    pub source: String,
    /// The strings among the values it mentions.
    pub values: Vec<String>,
    /// Why it cannot be evaluated.
    pub error: &'a PyError,
}

/// In which file statements may be left out, and who is told.
#[derive(Clone)]
pub struct Skipping {
    /// The file as frames show it.
    pub file: Rc<str>,
    /// Told of every statement.
    pub told: Rc<dyn Fn(&Vm, &Skipped)>,
}

impl std::fmt::Debug for Skipping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Skipping({})", self.file)
    }
}

/// How a statement may leave the block it stands in.
#[derive(Default)]
struct Exits {
    returns: bool,
    jumps: bool,
}

impl Eval<'_> {
    /// Leaves out a statement that failed, where that is allowed.
    pub(crate) fn skip(&self, statement: &Stmt, error: PyError) -> PyResult<Flow> {
        let Some(skipping) = self.vm.skipping() else {
            return Err(error);
        };
        let is_unsupported =
            matches!(error.kind(), PyErrorKind::Unsupported { .. }) && !error.is_final();
        if !is_unsupported || self.frame.source.file != skipping.file || self.frame.scope.is_none()
        {
            return Err(error);
        }
        let mut exits = Exits::default();
        find_exits(statement, false, &mut exits);
        let is_return = matches!(statement.kind, StmtKind::Return(_));
        // whether the rest of the block runs is not known
        if (exits.returns && !is_return) || exits.jumps {
            return Err(error);
        }
        if changes_nothing(statement) {
            return Ok(Flow::Next);
        }
        let mut source = self.text(statement.span.start, statement.span.end);
        let mut values = Vec::new();
        self.mentioned(&mut source, &mut values);
        (skipping.told)(
            self.vm,
            &Skipped {
                source: source.clone(),
                values,
                error: &error,
            },
        );
        let reason = self.vm.reason_of(&error);
        let unresolved = |name: &str| {
            Value::Unresolved(Rc::new(Unresolved {
                name: name.to_owned(),
                reason: reason.clone(),
                place: Some((self.frame.source.file.clone(), statement.span.line)),
            }))
        };
        for name in crate::py::eval::tolerant::names_bound_by(statement) {
            self.store_name(name, unresolved(&name.id));
        }
        self.poison(&words(&source), &unresolved);
        Ok(if is_return {
            Flow::Return(unresolved("a returned value"))
        } else {
            Flow::Next
        })
    }

    fn text(&self, start: u32, end: u32) -> String {
        self.frame
            .source
            .text
            .get(start as usize..end as usize)
            .unwrap_or_default()
            .to_owned()
    }

    /// Adds the text of the functions of this file that the source mentions, and the strings among the values it mentions.
    fn mentioned(&self, source: &mut String, values: &mut Vec<String>) {
        let mut seen = BTreeSet::new();
        let mut pending: Vec<String> = words(source).into_iter().collect();
        while let Some(word) = pending.pop() {
            if !seen.insert(word.clone()) {
                continue;
            }
            match self.variable(&word) {
                Some(Value::Function(function))
                    if function.source.file == self.frame.source.file =>
                {
                    let span = function.def.span;
                    let text = self.text(span.start, span.end);
                    pending.extend(words(&text));
                    source.push('\n');
                    source.push_str(&text);
                }
                Some(value) => strings(&value, 4, values),
                None => {}
            }
        }
    }

    /// A variable of this call or of the module.
    fn variable(&self, name: &str) -> Option<Value> {
        let mut scope = self.frame.scope.clone();
        while let Some(found) = scope {
            if let Some((_, value)) = found.named().into_iter().find(|(id, _)| &**id == name) {
                return Some(value);
            }
            scope = found.parent.clone();
        }
        self.frame.globals.dict.borrow().get(name).cloned()
    }

    /// What the statement may have changed in place is not known any more.
    fn poison(&self, words: &BTreeSet<String>, unresolved: &dyn Fn(&str) -> Value) {
        let is_mutable = |value: &Value| {
            matches!(
                value,
                Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Instance(_)
            )
        };
        let mut scope = self.frame.scope.clone();
        while let Some(found) = scope {
            let names = found.named();
            for (name, value) in names {
                if is_mutable(&value) && words.contains(&*name) {
                    found.rebind(&name, unresolved(&name));
                }
            }
            scope = found.parent.clone();
        }
    }
}

/// Whether a statement, if it ran, would change nothing: it writes to a log, or it would have stopped the migration, which did not happen.
fn changes_nothing(statement: &Stmt) -> bool {
    match &statement.kind {
        StmtKind::Raise { .. } | StmtKind::Assert { .. } | StmtKind::Pass => true,
        StmtKind::If {
            branches,
            otherwise,
        } => {
            let bodies = branches.iter().map(|(_, body)| body);
            bodies
                .chain(std::iter::once(otherwise))
                .all(|body| body.iter().all(changes_nothing))
        }
        _ => is_logging(statement),
    }
}

/// Whether a statement only writes to a log: `logger.warning(…)`.
fn is_logging(statement: &Stmt) -> bool {
    const LEVELS: &[&str] = &[
        "debug",
        "info",
        "warn",
        "warning",
        "error",
        "exception",
        "critical",
    ];
    let StmtKind::Expr(expression) = &statement.kind else {
        return false;
    };
    let ExprKind::Call(call) = &expression.kind else {
        return false;
    };
    let ExprKind::Attribute {
        value: object,
        name: level,
    } = &call.callee.kind
    else {
        return false;
    };
    let is_logger = match &object.kind {
        ExprKind::Name(name) => name.id.to_lowercase().contains("log"),
        ExprKind::Attribute { name, .. } => name.to_lowercase().contains("log"),
        _ => false,
    };
    is_logger && LEVELS.contains(&&**level)
}

/// The words of a text.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The strings in a value, down to a depth.
fn strings(value: &Value, depth: usize, found: &mut Vec<String>) {
    if depth == 0 {
        return;
    }
    match value {
        Value::Str(text) => found.push(text.to_string()),
        Value::Tuple(items) => items
            .iter()
            .for_each(|item| strings(item, depth - 1, found)),
        Value::List(items) => items
            .borrow()
            .iter()
            .for_each(|item| strings(item, depth - 1, found)),
        Value::Dict(items) => {
            for (key, value) in items.borrow().iter() {
                strings(key, depth - 1, found);
                strings(value, depth - 1, found);
            }
        }
        _ => {}
    }
}

fn find_exits(statement: &Stmt, in_loop: bool, exits: &mut Exits) {
    let mut all = |bodies: &[&Vec<Stmt>], in_loop: bool| {
        for body in bodies {
            for statement in *body {
                find_exits(statement, in_loop, exits);
            }
        }
    };
    match &statement.kind {
        StmtKind::Return(_) => exits.returns = true,
        StmtKind::Break | StmtKind::Continue => exits.jumps |= !in_loop,
        StmtKind::For {
            body, otherwise, ..
        }
        | StmtKind::While {
            body, otherwise, ..
        } => {
            all(&[body], true);
            all(&[otherwise], in_loop);
        }
        StmtKind::If {
            branches,
            otherwise,
        } => {
            for (_, body) in branches {
                all(&[body], in_loop);
            }
            all(&[otherwise], in_loop);
        }
        StmtKind::With { body, .. } => all(&[body], in_loop),
        StmtKind::Match { cases, .. } => {
            for case in cases {
                all(&[&case.body], in_loop);
            }
        }
        StmtKind::Try(attempt) => {
            all(
                &[&attempt.body, &attempt.otherwise, &attempt.finally],
                in_loop,
            );
            for handler in &attempt.handlers {
                all(&[&handler.body], in_loop);
            }
        }
        _ => {}
    }
}
