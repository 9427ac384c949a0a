//! `upgrade`: alembic/command.py upgrade.

use clap::Args;

use crate::command::error::CommandError;
use crate::command::fallback;
use crate::command::run_env::EnvRequest;
use crate::command::run_env::run_env;
use crate::command::session::Session;
use crate::command::session::explain_rows;

/// Upgrade to a later version.
#[derive(Debug, Args)]
pub struct UpgradeArgs {
    /// Don't emit SQL to database - dump to standard output/file instead. See docs on offline mode
    #[arg(long)]
    pub sql: bool,
    /// Arbitrary 'tag' name - can be used by custom env.py scripts
    #[arg(long)]
    pub tag: Option<String>,
    /// Let the real Alembic of the virtualenv run the revisions that aludel cannot evaluate
    #[arg(long, value_name = "PROGRAM", value_parser = ["alembic"])]
    pub fallback: Option<String>,
    /// revision identifier
    #[arg(allow_negative_numbers = true)]
    pub revision: String,
}

/// Runs it.
pub fn run(session: &Session, args: &UpgradeArgs) -> Result<(), CommandError> {
    let config = session.config()?;
    let script = session.script(&config)?;
    let (starting_rev, destination) = split_range(&args.revision, args.sql)?;
    let (seen, target) = (script.clone(), destination.clone());
    let sql = args.sql;
    let mut request = EnvRequest::planning(move |rows| {
        seen.upgrade_revs(target.as_str(), rows)
            .map_err(explain_rows(&seen, if sql { &[] } else { rows }))
    });
    request.as_sql = args.sql;
    request.starting_rev = starting_rev;
    request.destination = vec![destination];
    request.tag.clone_from(&args.tag);
    request.fallback = fallback::of_option(args.fallback.is_some(), &session.globals)?;
    run_env(session, &config, &script, request)
}

/// `start:end`, which only `--sql` may have.
pub(crate) fn split_range(
    revision: &str,
    sql: bool,
) -> Result<(Option<String>, String), CommandError> {
    if !revision.contains(':') {
        return Ok((None, revision.to_owned()));
    }
    if !sql {
        return Err(CommandError::command("Range revision not allowed"));
    }
    let parts: Vec<&str> = revision.splitn(3, ':').collect();
    match parts.as_slice() {
        [start, end] => Ok((Some((*start).to_owned()), (*end).to_owned())),
        _ => Err(CommandError::command(format!(
            "A range has two ends, start:end, and '{revision}' has more"
        ))),
    }
}
