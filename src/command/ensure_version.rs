//! `ensure_version`: alembic/command.py ensure_version.

use clap::Args;

use crate::command::error::CommandError;
use crate::command::run_env::EnvRequest;
use crate::command::run_env::run_env;
use crate::command::session::Session;

/// Create the alembic version table if it doesn't exist already.
#[derive(Debug, Args)]
pub struct EnsureVersionArgs {
    /// Don't emit SQL to database - dump to standard output/file instead. See docs on offline mode
    #[arg(long)]
    pub sql: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &EnsureVersionArgs) -> Result<(), CommandError> {
    let config = session.config()?;
    let script = session.script(&config)?;
    let mut request = EnvRequest::planning(|_| Ok(Vec::new()));
    request.as_sql = args.sql;
    request.ensure_version = true;
    run_env(session, &config, &script, request)
}
