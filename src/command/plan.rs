//! `plan`: what an upgrade would run. Not in Alembic.

use std::cell::Cell;
use std::rc::Rc;

use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::command::error::CommandError;
use crate::command::json;
use crate::command::output::Output;
use crate::command::run_env::EnvRequest;
use crate::command::run_env::run_env;
use crate::command::session::Session;
use crate::command::session::explain_rows;
use crate::script::directory::ScriptDirectory;
use crate::script::plan::Step;

/// The exit status when something is pending.
pub const PENDING: i32 = 3;

/// Show what an upgrade would run; exit with 3 when something is pending
#[derive(Debug, Args)]
#[command(
    before_long_help = "Exit status: 0 nothing is pending, 3 something is, anything else an error."
)]
pub struct PlanArgs {
    /// Revision to upgrade to
    #[arg(default_value = "heads", allow_negative_numbers = true)]
    pub revision: String,
}

/// Runs it. Nothing is written, not even the version table.
pub fn run(session: &Session, args: &PlanArgs) -> Result<(), CommandError> {
    let config = session.config()?;
    let script = session.script(&config)?;
    let (seen, target) = (script.clone(), args.revision.clone());
    let count = Rc::new(Cell::new(0));
    let (counted, as_json) = (count.clone(), session.globals.json);
    let request = EnvRequest::looking(move |output, rows| {
        let steps = seen
            .upgrade_revs(target.as_str(), rows)
            .map_err(explain_rows(&seen, rows))?;
        counted.set(counted.get() + steps.len());
        if as_json {
            return print_json(output, &seen, &target, rows, &steps);
        }
        print(output, rows, &steps);
        Ok(())
    });
    let request = EnvRequest {
        dont_mutate: true,
        destination: vec![args.revision.clone()],
        ..request
    };
    run_env(session, &config, &script, request)?;
    match count.get() {
        0 => Ok(()),
        _ => Err(CommandError::exit(PENDING, String::new())),
    }
}

fn print(output: &Output, rows: &[String], steps: &[Step]) {
    let at = match rows {
        [] => "has no revision yet".to_owned(),
        rows => format!("is at {}", rows.join(", ")),
    };
    output.print(&match steps.len() {
        0 => format!("Nothing is pending; the database {at}."),
        1 => format!("1 revision is pending; the database {at}."),
        count => format!("{count} revisions are pending; the database {at}."),
    });
    for step in steps {
        output.print(&format!("  {}", step.log_line()));
        if let Some((path, _)) = step.migration() {
            output.print(&format!("      {}", path.display()));
        }
    }
}

fn print_json(
    output: &Output,
    script: &ScriptDirectory,
    target: &str,
    rows: &[String],
    steps: &[Step],
) -> Result<(), CommandError> {
    let map = script.map()?;
    let pending: Value = steps
        .iter()
        .filter_map(|step| map.by_key(&step.revision()?.revision))
        .map(|node| json::revision(map, node))
        .collect();
    let items = [
        ("target", json!(target)),
        ("rows", json!(rows)),
        ("pending", pending),
    ];
    json::print(output, "plan", &items);
    Ok(())
}
