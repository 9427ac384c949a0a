//! Handing single revisions to the real Alembic: `--fallback alembic`. Who runs it is the command's business.

use std::rc::Rc;

use crate::env::Environment;
use crate::env::migration::Configured;
use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::runtime::context::Target;
use crate::runtime::context::command;
use crate::script::plan::Step;

/// What the real Alembic is asked to do: one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    /// `upgrade` or `downgrade`.
    pub command: &'static str,
    /// A revision, or `start:end` with `--sql`.
    pub target: String,
    /// `--sql`.
    pub as_sql: bool,
}

/// Runs an errand; gives its standard output, or what went wrong.
pub type Fallback = Rc<dyn Fn(&Errand) -> Result<String, String>>;

/// Hands a step over. Live, what came before is committed first, for the other program has a connection of its own.
pub fn hand_over(
    environment: &Rc<Environment>,
    configured: &Rc<Configured>,
    vm: &Vm,
    step: &Step,
    fallback: &Fallback,
) -> PyResult<()> {
    let context = &configured.context;
    let name = revision_of(step);
    environment.log(
        "alembic.runtime.migration",
        "INFO",
        &format!("Running {} (by the real Alembic)", step.log_line()),
    );
    if matches!(context.target, Target::Offline(_)) {
        if configured.writes_elsewhere {
            return Err(command(&format!(
                "{name} cannot be handed to Alembic: env.py gave an output_buffer of its own"
            )));
        }
        let errand = errand(step, &context.heads(), true)?;
        let text = fallback(&errand).map_err(|reason| command(&reason))?;
        let body = body(&text, step).ok_or_else(|| {
            command(&format!(
                "what the real Alembic printed for {name} is not laid out as expected: it cannot be put among the rest"
            ))
        })?;
        context.before_step(vm, step)?;
        environment.write(body);
        return context.after_step(vm, step);
    }
    let errand = errand(step, &context.heads(), false)?;
    let resume = context.enter_autocommit(vm)?;
    let done = fallback(&errand).map_err(|reason| command(&reason));
    let rows = done.and_then(|_| context.current_heads(vm));
    context.leave_autocommit(vm, resume)?;
    context.adopt_step(step, &rows?)
}

fn revision_of(step: &Step) -> String {
    step.revision()
        .map(|revision| revision.revision.clone())
        .unwrap_or_default()
}

/// The command line that does exactly this step.
fn errand(step: &Step, heads: &[String], as_sql: bool) -> PyResult<Errand> {
    let revision = revision_of(step);
    let refused = |why: &str| command(&format!("{revision} cannot be handed to Alembic: {why}"));
    let below = match step
        .revision()
        .map(|revision| revision.down_revision.as_slice())
    {
        Some([]) => None,
        Some([one]) => Some(one.clone()),
        _ => return Err(refused("it has several parents")),
    };
    let (command, target) = match (step.is_upgrade(), below, as_sql) {
        (true, None, true) if !heads.is_empty() => {
            return Err(refused(
                "it is a second base, and the SQL would make the version table again",
            ));
        }
        (true, below, true) => {
            let start = below.unwrap_or_else(|| "base".to_owned());
            ("upgrade", format!("{start}:{revision}"))
        }
        (true, _, false) => ("upgrade", revision),
        (false, Some(below), true) => ("downgrade", format!("{revision}:{below}")),
        (false, Some(below), false) => ("downgrade", below),
        (false, None, _) if heads.len() == 1 && !as_sql => ("downgrade", "base".to_owned()),
        (false, None, _) => return Err(refused("going below a base is not one step for it")),
    };
    Ok(Errand {
        command,
        target,
        as_sql,
    })
}

/// The statements of the migration itself: what stands between its comment and its edit of the version table.
fn body<'t>(text: &'t str, step: &Step) -> Option<&'t str> {
    let comment = format!("-- Running {}\n\n", step.short_log());
    let (_, rest) = text.split_once(&comment)?;
    let rest = rest.strip_suffix("COMMIT;\n\n").unwrap_or(rest);
    let before_last = rest.strip_suffix(";\n\n")?;
    let start = before_last.rfind(";\n\n").map_or(0, |place| place + 3);
    let last = before_last.get(start..)?;
    let edits_versions = ["INSERT INTO ", "UPDATE ", "DELETE FROM "]
        .iter()
        .any(|verb| last.starts_with(verb));
    edits_versions.then(|| rest.get(..start)).flatten()
}
