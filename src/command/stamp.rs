//! `stamp`: alembic/command.py stamp.

use clap::Args;

use crate::command::error::CommandError;
use crate::command::run_env::EnvRequest;
use crate::command::run_env::run_env;
use crate::command::session::Session;
use crate::command::session::explain_rows;
use crate::command::upgrade::split_range;

/// 'stamp' the revision table with the given revision; don't run any migrations.
#[derive(Debug, Args)]
pub struct StampArgs {
    /// Don't emit SQL to database - dump to standard output/file instead. See docs on offline mode
    #[arg(long)]
    pub sql: bool,
    /// Arbitrary 'tag' name - can be used by custom env.py scripts
    #[arg(long)]
    pub tag: Option<String>,
    /// Unconditionally erase the version table before stamping
    #[arg(long)]
    pub purge: bool,
    /// one or more revisions, or 'heads' for all heads
    #[arg(required = true, allow_negative_numbers = true)]
    pub revisions: Vec<String>,
}

/// Runs it.
pub fn run(session: &Session, args: &StampArgs) -> Result<(), CommandError> {
    let config = session.config()?;
    let script = session.script(&config)?;
    let (starting_rev, destinations) = if args.sql {
        starts(&args.revisions)?
    } else {
        (None, args.revisions.clone())
    };
    let (seen, targets) = (script.clone(), destinations.clone());
    let sql = args.sql;
    let mut request = EnvRequest::planning(move |rows| {
        seen.stamp_revs(&targets, rows)
            .map_err(explain_rows(&seen, if sql { &[] } else { rows }))
    });
    request.as_sql = args.sql;
    request.starting_rev = starting_rev;
    request.destination = destinations;
    request.tag.clone_from(&args.tag);
    request.purge = args.purge;
    run_env(session, &config, &script, request)
}

/// The common start of `start:end` targets, and their ends.
fn starts(revisions: &[String]) -> Result<(Option<String>, Vec<String>), CommandError> {
    let mut start = None;
    let mut ends = Vec::new();
    for revision in revisions {
        let (given, end) = split_range(revision, true)?;
        match (&start, given) {
            (None, given) => start = given,
            (Some(start), Some(given)) if *start != given => {
                return Err(CommandError::command(
                    "Stamp operation with --sql only supports a single starting revision at a time",
                ));
            }
            (Some(_), _) => {}
        }
        ends.push(end);
    }
    Ok((start, ends))
}
