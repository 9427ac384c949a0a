//! `merge`: alembic/command.py merge.

use clap::Args;

use crate::command::error::CommandError;
use crate::command::generate::NewRevision;
use crate::command::generate::generate;
use crate::command::generate::rev_id;
use crate::command::run_env::EnvRequest;
use crate::command::run_env::run_env;
use crate::command::session::Session;
use crate::env::CmdOpt;
use crate::script::identifier::Identifier;
use crate::script::produce::Wanted;

/// Merge two revisions together. Creates a new migration file.
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

/// Runs it.
pub fn run(session: &Session, args: &MergeArgs) -> Result<(), CommandError> {
    let config = session.config()?;
    let script = session.script_to_extend(&config)?;
    let text = |value: &Option<String>| CmdOpt::Text(value.clone());
    let cmd_opts: Vec<(String, CmdOpt)> = [
        ("message", text(&args.message)),
        ("branch_label", text(&args.branch_label)),
        ("rev_id", text(&args.rev_id)),
        ("splice", CmdOpt::Flag(args.splice)),
        ("revisions", CmdOpt::List(args.revisions.clone())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let mut template_args = Vec::new();
    if config.borrow().revision_environment()? {
        let mut request = EnvRequest::visiting(|_| Ok(()));
        request.cmd_opts = cmd_opts.clone();
        let given = request.template_args.clone();
        run_env(session, &config, &script, request)?;
        template_args = given.take();
    }
    let new = NewRevision {
        wanted: Wanted {
            rev_id: args
                .rev_id
                .clone()
                .filter(|id| !id.is_empty())
                .unwrap_or_else(rev_id),
            head: Identifier::many(&args.revisions),
            splice: args.splice,
            version_path: None,
            depends_on: Vec::new(),
        },
        message: args.message.clone(),
        branch_labels: args.branch_label.iter().cloned().collect(),
        template_args,
        cmd_opts,
    };
    generate(session, &config, &script, &new)
}
