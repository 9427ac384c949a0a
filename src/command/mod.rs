//! One file per sub-command, named as in alembic/command.py.

pub mod branches;
pub mod completions;
pub mod current;
mod directives;
pub mod downgrade;
mod drawing;
pub mod edit;
pub mod ensure_version;
pub mod env_file;
pub mod error;
pub(crate) mod examples;
pub mod fallback;
mod generate;
mod git;
pub mod graph;
pub mod heads;
mod hints;
pub mod history;
pub mod init;
pub mod json;
pub mod later;
pub mod list_templates;
pub mod merge;
pub mod output;
pub mod plan;
mod progress;
pub mod revision;
pub mod run_env;
pub mod session;
pub mod show;
pub mod stamp;
mod svg;
mod template;
pub mod upgrade;
mod write_hooks;

use clap::Subcommand;

use crate::command::error::CommandError;
use crate::command::session::Session;

/// The sub-commands that Alembic does not have.
pub const OWN: &[&str] = &["completions", "graph", "man", "plan"];

/// The sub-commands.
#[derive(Debug, Subcommand)]
#[command(rename_all = "snake_case")]
pub enum Command {
    /// Show current branch points
    Branches(branches::BranchesArgs),
    /// Check if revision command with autogenerate has pending upgrade ops
    Check(later::CheckArgs),
    /// Write a shell's completion script
    Completions(completions::CompletionsArgs),
    /// Display the current revision for a database
    Current(current::CurrentArgs),
    /// Revert to a previous version
    Downgrade(downgrade::DowngradeArgs),
    /// Edit revision script(s) using $EDITOR
    Edit(edit::EditArgs),
    /// Create the alembic version table if it doesn't exist already
    EnsureVersion(ensure_version::EnsureVersionArgs),
    /// Write the revision graph as SVG, Mermaid, DOT or JSON
    Graph(graph::GraphArgs),
    /// Show current available heads in the script directory
    Heads(heads::HeadsArgs),
    /// List changeset scripts in chronological order
    History(history::HistoryArgs),
    /// Initialize a new scripts directory
    Init(init::InitArgs),
    /// List available templates
    ListTemplates(list_templates::ListTemplatesArgs),
    /// Write the manual pages into a folder
    Man(completions::ManArgs),
    /// Merge two revisions together. Creates a new migration file
    Merge(merge::MergeArgs),
    /// Show what an upgrade would run; exit with 3 when something is pending
    Plan(plan::PlanArgs),
    /// Create a new revision file
    Revision(revision::RevisionArgs),
    /// Show the revision(s) denoted by the given symbol
    Show(show::ShowArgs),
    /// 'stamp' the revision table with the given revision; don't run any migrations
    Stamp(stamp::StampArgs),
    /// Upgrade to a later version
    Upgrade(upgrade::UpgradeArgs),
}

impl Command {
    /// Whether it has a JSON form.
    pub fn reports(&self) -> bool {
        match self {
            Self::Branches(_)
            | Self::Current(_)
            | Self::Graph(_)
            | Self::Heads(_)
            | Self::History(_)
            | Self::ListTemplates(_)
            | Self::Plan(_)
            | Self::Show(_) => true,
            Self::Check(_)
            | Self::Completions(_)
            | Self::Downgrade(_)
            | Self::Edit(_)
            | Self::EnsureVersion(_)
            | Self::Init(_)
            | Self::Man(_)
            | Self::Merge(_)
            | Self::Revision(_)
            | Self::Stamp(_)
            | Self::Upgrade(_) => false,
        }
    }
}

/// Runs a sub-command; `all` describes the whole command line.
pub fn run(session: &Session, command: &Command, all: clap::Command) -> Result<(), CommandError> {
    match command {
        Command::Branches(args) => branches::run(session, args),
        Command::Check(_) => Err(later::needs_models("check")),
        Command::Completions(args) => completions::completions(session, args, all),
        Command::Current(args) => current::run(session, args),
        Command::Downgrade(args) => downgrade::run(session, args),
        Command::Edit(args) => edit::run(session, args),
        Command::EnsureVersion(args) => ensure_version::run(session, args),
        Command::Graph(args) => graph::run(session, args),
        Command::Heads(args) => heads::run(session, args),
        Command::History(args) => history::run(session, args),
        Command::Init(args) => init::run(session, args),
        Command::ListTemplates(args) => list_templates::run(session, args),
        Command::Man(args) => completions::man(args, all),
        Command::Merge(args) => merge::run(session, args),
        Command::Plan(args) => plan::run(session, args),
        Command::Revision(args) => revision::run(session, args),
        Command::Show(args) => show::run(session, args),
        Command::Stamp(args) => stamp::run(session, args),
        Command::Upgrade(args) => upgrade::run(session, args),
    }
}
