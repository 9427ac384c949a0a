//! `history`: alembic/command.py history.

use clap::Args;

use crate::command::error::CommandError;
use crate::command::output::Output;
use crate::command::run_env::EnvRequest;
use crate::command::run_env::run_env;
use crate::command::session::Session;
use crate::command::session::explain;
use crate::script::directory::ScriptDirectory;
use crate::script::format::Parts;
use crate::script::identifier::Identifier;

/// List changeset scripts in chronological order.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// Specify a revision range; format is [start]:[end]
    #[arg(short, long, allow_negative_numbers = true)]
    pub rev_range: Option<String>,
    /// Use more verbose output
    #[arg(short, long)]
    pub verbose: bool,
    /// Indicate the current revision
    #[arg(short, long)]
    pub indicate_current: bool,
}

/// What is shown, and how.
#[derive(Clone)]
struct View {
    base: String,
    head: String,
    verbose: bool,
    indicate_current: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &HistoryArgs) -> Result<(), CommandError> {
    let config = session.config()?;
    let script = session.script(&config)?;
    let (base, head) = ends(args.rev_range.as_deref())?;
    let environment = config.borrow().revision_environment()? || args.indicate_current;
    let view = View {
        base,
        head,
        verbose: args.verbose,
        indicate_current: args.indicate_current,
    };
    if view.base != "current" && view.head != "current" && !environment {
        return view.print(
            &session.output,
            &script,
            &view.given(&view.base, "base"),
            &view.given(&view.head, "heads"),
            &[],
        );
    }
    let seen = script.clone();
    run_env(
        session,
        &config,
        &script,
        EnvRequest::looking(move |output, rows| {
            let (mut base, mut head) = (
                view.given(&view.base, "base"),
                view.given(&view.head, "heads"),
            );
            let current = if rows.is_empty() {
                None
            } else {
                Some(Identifier::many(rows))
            };
            if view.head == "current" {
                head = current.unwrap_or_else(|| Identifier::from("heads"));
            } else if view.base == "current" {
                base = current.unwrap_or_else(|| Identifier::from("base"));
            }
            view.print(output, &seen, &base, &head, rows)
        }),
    )
}

/// `start:end`; either may be empty.
fn ends(range: Option<&str>) -> Result<(String, String), CommandError> {
    let Some(range) = range else {
        return Ok((String::new(), String::new()));
    };
    if !range.contains(':') {
        return Err(CommandError::command(
            "History range requires [start]:[end], [start]:, or :[end]",
        ));
    }
    let parts: Vec<&str> = range.trim().split(':').collect();
    match parts.as_slice() {
        [base, head] => Ok(((*base).to_owned(), (*head).to_owned())),
        _ => Err(CommandError::python(
            "ValueError: too many values to unpack (expected 2)",
        )),
    }
}

impl View {
    fn given(&self, text: &str, otherwise: &str) -> Identifier {
        Identifier::from(if text.is_empty() { otherwise } else { text })
    }

    fn print(
        &self,
        output: &Output,
        script: &ScriptDirectory,
        base: &Identifier,
        head: &Identifier,
        rows: &[String],
    ) -> Result<(), CommandError> {
        let parts = Parts {
            branches: true,
            doc: true,
            parents: true,
            tree_indicators: true,
        };
        let nodes = script.walk_revisions(base, head).map_err(explain(script))?;
        let map = script.map()?;
        for node in nodes {
            let is_current = self.indicate_current && rows.contains(&map.revision(node).revision);
            output.print(&map.cmd_format(node, self.verbose, parts, is_current));
        }
        Ok(())
    }
}
