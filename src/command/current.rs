//! `current`: alembic/command.py current.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use clap::Args;
use serde_json::json;

use crate::command::error::CommandError;
use crate::command::json;
use crate::command::run_env::EnvRequest;
use crate::command::run_env::run_env;
use crate::command::session::Session;
use crate::command::session::explain_rows;
use crate::script::directory::ScriptDirectory;
use crate::script::format::Parts;

/// Display the current revision for a database.
#[derive(Debug, Args)]
pub struct CurrentArgs {
    /// Check if all head revisions are applied to the database. Exit with an error code if this is not the case
    #[arg(short, long)]
    pub check_heads: bool,
    /// Use more verbose output
    #[arg(short, long)]
    pub verbose: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &CurrentArgs) -> Result<(), CommandError> {
    let config = session.config()?;
    let script = session.script(&config)?;
    let seen = script.clone();
    let (check_heads, verbose) = (args.check_heads, args.verbose);
    let as_json = session.globals.json;
    let url: Rc<RefCell<Option<String>>> = Rc::default();
    let shown = url.clone();
    let request = EnvRequest::looking(move |output, rows| {
        let is_at_heads = (check_heads || as_json) && is_at_heads(&seen, rows)?;
        if check_heads && !is_at_heads {
            return Err(CommandError::command(
                "Database is not on all head revisions",
            ));
        }
        if as_json {
            let nodes = seen
                .get_all_current(rows)
                .map_err(explain_rows(&seen, rows))?;
            let items = [
                ("url", json!(*shown.borrow())),
                ("rows", json!(rows)),
                ("is_at_heads", json!(is_at_heads)),
                ("revisions", json::revisions(seen.map()?, &nodes)),
            ];
            json::print(output, "current", &items);
            return Ok(());
        }
        for node in seen
            .get_all_current(rows)
            .map_err(explain_rows(&seen, rows))?
        {
            output.print(
                &seen
                    .map()?
                    .cmd_format(node, verbose, Parts::default(), false),
            );
        }
        Ok(())
    });
    run_env(
        session,
        &config,
        &script,
        EnvRequest {
            dont_mutate: true,
            announce_url: verbose && !as_json,
            visit: Some(Box::new(move |context| {
                if as_json {
                    *url.borrow_mut() = context.environment.shown_url().ok();
                }
                Ok(())
            })),
            ..request
        },
    )
}

/// Whether the rows are all heads.
fn is_at_heads(script: &ScriptDirectory, rows: &[String]) -> Result<bool, CommandError> {
    let heads = script
        .get_heads(false)
        .map_err(explain_rows(script, rows))?;
    let heads: BTreeSet<String> = heads.into_iter().collect();
    Ok(heads == rows.iter().cloned().collect())
}
