//! `show`: alembic/command.py show.

use clap::Args;

use crate::command::error::CommandError;
use crate::command::json;
use crate::command::output::Output;
use crate::command::run_env::EnvRequest;
use crate::command::run_env::run_env;
use crate::command::session::Session;
use crate::command::session::explain_rows;
use crate::script::directory::ScriptDirectory;
use crate::script::identifier::Identifier;
use crate::script::resolve::Place;

/// Show the revision(s) denoted by the given symbol.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// revision identifier
    #[arg(allow_negative_numbers = true)]
    pub rev: String,
}

/// Runs it.
pub fn run(session: &Session, args: &ShowArgs) -> Result<(), CommandError> {
    let config = session.config()?;
    let script = session.script(&config)?;
    let as_json = session.globals.json;
    if args.rev != "current" {
        return print(
            as_json,
            &session.output,
            &script,
            &Identifier::from(args.rev.as_str()),
            &[],
        );
    }
    let seen = script.clone();
    run_env(
        session,
        &config,
        &script,
        EnvRequest::looking(move |output, rows| {
            print(as_json, output, &seen, &Identifier::many(rows), rows)
        }),
    )
}

fn print(
    as_json: bool,
    output: &Output,
    script: &ScriptDirectory,
    wanted: &Identifier,
    rows: &[String],
) -> Result<(), CommandError> {
    let places = script
        .get_revisions(wanted)
        .map_err(explain_rows(script, rows))?;
    if as_json {
        let nodes: Vec<_> = places.into_iter().filter_map(Place::node).collect();
        let found = json::revisions(script.map()?, &nodes);
        json::print(output, "show", &[("revisions", found)]);
        return Ok(());
    }
    for place in places {
        match place {
            Place::At(node) => output.print(&script.map()?.log_entry(node, false)),
            Place::Nothing | Place::Base => {
                return Err(CommandError::command(
                    "The walk down ends at base, which is no revision to show",
                ));
            }
        }
    }
    Ok(())
}
