//! Sub-commands that are understood but not built yet: they say so and fail.

use clap::Args;

use crate::command::error::CommandError;

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {}

/// Arguments of `edit`.
#[derive(Debug, Args)]
pub struct EditArgs {
    /// revision identifier
    #[arg(allow_negative_numbers = true)]
    pub rev: String,
}

/// Arguments of `merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// Message string to use with 'revision'
    #[arg(short, long)]
    pub message: Option<String>,
    /// Specify a branch label to apply to the new revision
    #[arg(long)]
    pub branch_label: Option<String>,
    /// Specify a hardcoded revision id instead of generating one
    #[arg(long)]
    pub rev_id: Option<String>,
    /// Allow a non-head revision as the 'head' to splice onto
    #[arg(long)]
    pub splice: bool,
    /// one or more revisions, or 'heads' for all heads
    #[arg(required = true, allow_negative_numbers = true)]
    pub revisions: Vec<String>,
}

/// Arguments of `revision`.
#[derive(Debug, Args)]
pub struct RevisionArgs {
    /// Message string to use with 'revision'
    #[arg(short, long)]
    pub message: Option<String>,
    /// Populate revision script with candidate migration operations, based on comparison of database to model
    #[arg(long)]
    pub autogenerate: bool,
    /// Don't emit SQL to database - dump to standard output/file instead. See docs on offline mode
    #[arg(long)]
    pub sql: bool,
    /// Specify head revision or <branchname>@head to base new revision on
    #[arg(long, allow_negative_numbers = true)]
    pub head: Option<String>,
    /// Allow a non-head revision as the 'head' to splice onto
    #[arg(long)]
    pub splice: bool,
    /// Specify a branch label to apply to the new revision
    #[arg(long)]
    pub branch_label: Option<String>,
    /// Specify specific path from config for version file
    #[arg(long)]
    pub version_path: Option<String>,
    /// Specify a hardcoded revision id instead of generating one
    #[arg(long)]
    pub rev_id: Option<String>,
    /// Specify one or more revision identifiers which this revision should depend on
    #[arg(long)]
    pub depends_on: Vec<String>,
}

/// The answer of a sub-command that is not built yet.
pub(crate) fn not_yet(name: &str) -> CommandError {
    CommandError::unsupported(format!(
        "`{name}` is not yet part of aludel; run Alembic itself for it"
    ))
}
