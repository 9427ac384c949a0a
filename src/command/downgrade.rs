//! `downgrade`: alembic/command.py downgrade.

use clap::Args;

use crate::command::error::CommandError;
use crate::command::fallback;
use crate::command::run_env::EnvRequest;
use crate::command::run_env::run_env;
use crate::command::session::Session;
use crate::command::session::explain_rows;
use crate::command::upgrade::split_range;

/// Revert to a previous version.
#[derive(Debug, Args)]
pub struct DowngradeArgs {
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
pub fn run(session: &Session, args: &DowngradeArgs) -> Result<(), CommandError> {
    let config = session.config()?;
    let script = session.script(&config)?;
    let (starting_rev, destination) = split_range(&args.revision, args.sql)?;
    if args.sql && starting_rev.is_none() {
        return Err(CommandError::command(
            "downgrade with --sql requires <fromrev>:<torev>",
        ));
    }
    let (seen, target) = (script.clone(), destination.clone());
    let sql = args.sql;
    let mut request = EnvRequest::planning(move |rows| {
        seen.downgrade_revs(target.as_str(), rows)
            .map_err(explain_rows(&seen, if sql { &[] } else { rows }))
    });
    request.as_sql = args.sql;
    request.starting_rev = starting_rev;
    request.destination = vec![destination];
    request.tag.clone_from(&args.tag);
    request.fallback = fallback::of_option(args.fallback.is_some(), &session.globals)?;
    run_env(session, &config, &script, request)
}
