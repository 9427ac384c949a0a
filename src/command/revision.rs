//! `revision`: alembic/command.py revision.

use std::cell::RefCell;
use std::rc::Rc;

use clap::Args;

use crate::command::directives::Directives;
use crate::command::error::CommandError;
use crate::command::generate::NewRevision;
use crate::command::generate::generate;
use crate::command::generate::rev_id;
use crate::command::later;
use crate::command::run_env::run_env;
use crate::command::session::Session;
use crate::config::Config;
use crate::env::CmdOpt;
use crate::script::directory::ScriptDirectory;
use crate::script::identifier::Identifier;
use crate::script::produce::Wanted;

/// Create a new revision file.
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

/// Runs it.
pub fn run(session: &Session, args: &RevisionArgs) -> Result<(), CommandError> {
    let config = session.config()?;
    let script = session.script_to_extend(&config)?;
    let environment = config.borrow().revision_environment()?;
    if args.autogenerate {
        return Err(if args.sql {
            CommandError::command("Using --sql with --autogenerate does not make any sense")
        } else {
            later::needs_models("revision --autogenerate")
        });
    }
    if args.sql && !environment {
        return Err(CommandError::command(
            "Using --sql with the revision command when revision_environment is not configured does not make any sense",
        ));
    }
    let new = NewRevision {
        wanted: Wanted {
            rev_id: args
                .rev_id
                .clone()
                .filter(|id| !id.is_empty())
                .unwrap_or_else(rev_id),
            head: args
                .head
                .as_deref()
                .map_or_else(|| Identifier::from("head"), Identifier::from),
            splice: args.splice,
            version_path: args.version_path.clone(),
            depends_on: args.depends_on.clone(),
        },
        message: args.message.clone(),
        branch_labels: args.branch_label.iter().cloned().collect(),
        template_args: Vec::new(),
        cmd_opts: options(args),
    };
    if !environment {
        return generate(session, &config, &script, &new);
    }
    let made = from_environment(session, &config, &script, args, new)?;
    let mut script = script;
    for (place, new) in made.iter().enumerate() {
        if place > 0 {
            // what the last one added is there for this one
            script = Rc::new(script.read_again());
        }
        generate(session, &config, &script, new)?;
    }
    Ok(())
}

/// `config.cmd_opts`, besides the global options.
fn options(args: &RevisionArgs) -> Vec<(String, CmdOpt)> {
    let text = |value: &Option<String>| CmdOpt::Text(value.clone());
    [
        ("message", text(&args.message)),
        ("autogenerate", CmdOpt::Flag(args.autogenerate)),
        ("sql", CmdOpt::Flag(args.sql)),
        ("head", text(&args.head)),
        ("splice", CmdOpt::Flag(args.splice)),
        ("branch_label", text(&args.branch_label)),
        ("version_path", text(&args.version_path)),
        ("rev_id", text(&args.rev_id)),
        ("depends_on", CmdOpt::List(args.depends_on.clone())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// `revision_environment`: env.py runs, and its hook has a say in what is written.
fn from_environment(
    session: &Session,
    config: &Rc<RefCell<Config>>,
    script: &Rc<ScriptDirectory>,
    args: &RevisionArgs,
    mut new: NewRevision,
) -> Result<Vec<NewRevision>, CommandError> {
    let directives = Directives::default();
    let mut request = directives.request(&new, args.head.as_ref());
    request.as_sql = args.sql;
    request.cmd_opts = options(args);
    let given = request.template_args.clone();
    run_env(session, config, script, request)?;
    new.template_args = given.take();
    directives.revisions(new)
}
