//! `heads`: alembic/command.py heads.

use clap::Args;

use crate::command::error::CommandError;
use crate::command::json;
use crate::command::session::Session;
use crate::command::session::explain;
use crate::script::format::Parts;
use crate::script::identifier::Identifier;
use crate::script::resolve::Place;

/// Show current available heads in the script directory.
#[derive(Debug, Args)]
pub struct HeadsArgs {
    /// Use more verbose output
    #[arg(short, long)]
    pub verbose: bool,
    /// Treat dependency versions as down revisions
    #[arg(long)]
    pub resolve_dependencies: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &HeadsArgs) -> Result<(), CommandError> {
    let config = session.config()?;
    let script = session.script(&config)?;
    let wanted = match args.resolve_dependencies {
        true => Identifier::from("heads"),
        false => Identifier::Many(script.get_heads(false).map_err(explain(&script))?),
    };
    let parts = Parts {
        branches: true,
        tree_indicators: false,
        ..Parts::default()
    };
    let places = script.get_revisions(&wanted).map_err(explain(&script))?;
    if session.globals.json {
        let nodes: Vec<_> = places.into_iter().filter_map(Place::node).collect();
        let found = json::revisions(script.map()?, &nodes);
        json::print(&session.output, "heads", &[("revisions", found)]);
        return Ok(());
    }
    for place in places {
        if let Some(node) = place.node() {
            session
                .output
                .print(&script.map()?.cmd_format(node, args.verbose, parts, false));
        }
    }
    Ok(())
}
