//! `branches`: alembic/command.py branches.

use clap::Args;

use crate::command::error::CommandError;
use crate::command::json;
use crate::command::session::Session;
use crate::command::session::explain;
use crate::script::format::Parts;
use crate::script::identifier::Identifier;
use crate::script::map::Follow;

/// Show current branch points.
#[derive(Debug, Args)]
pub struct BranchesArgs {
    /// Use more verbose output
    #[arg(short, long)]
    pub verbose: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &BranchesArgs) -> Result<(), CommandError> {
    let config = session.config()?;
    let script = session.script(&config)?;
    let nodes = script
        .walk_revisions(&Identifier::from("base"), &Identifier::from("heads"))
        .map_err(explain(&script))?;
    let map = script.map()?;
    let points: Vec<_> = nodes
        .into_iter()
        .filter(|node| map.is_branch_point(*node))
        .collect();
    if session.globals.json {
        let found = json::revisions(map, &points);
        json::print(&session.output, "branches", &[("revisions", found)]);
        return Ok(());
    }
    for node in points {
        let indent = " ".repeat(map.revision(node).revision.chars().count());
        let parts = Parts {
            branches: true,
            ..Parts::default()
        };
        let children: Vec<String> = map
            .next(node, Follow::Versioned)
            .into_iter()
            .map(|child| {
                format!(
                    "{indent} -> {}",
                    map.cmd_format(
                        child,
                        false,
                        Parts {
                            doc: args.verbose,
                            ..parts
                        },
                        false
                    )
                )
            })
            .collect();
        session.output.print(&format!(
            "{}\n{}\n",
            map.cmd_format(node, args.verbose, parts, false),
            children.join("\n")
        ));
    }
    Ok(())
}
