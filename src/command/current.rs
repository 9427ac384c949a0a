//! `current`: alembic/command.py current.

use std::collections::BTreeSet;

use clap::Args;

use crate::command::error::CommandError;
use crate::command::run_env::EnvRequest;
use crate::command::run_env::run_env;
use crate::command::session::Session;
use crate::command::session::explain;
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
    let request = EnvRequest::looking(move |output, rows| {
        if check_heads {
            let heads: BTreeSet<String> = seen
                .get_heads(false)
                .map_err(explain(&seen))?
                .into_iter()
                .collect();
            if heads != rows.iter().cloned().collect() {
                return Err(CommandError::command(
                    "Database is not on all head revisions",
                ));
            }
        }
        for node in seen.get_all_current(rows).map_err(explain(&seen))? {
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
            announce_url: verbose,
            ..request
        },
    )
}
