//! `history`: alembic/command.py history.

use clap::Args;
use petgraph::graph::NodeIndex;

use crate::command::drawing;
use crate::command::error::CommandError;
use crate::command::error::Kind;
use crate::command::json;
use crate::command::output::Output;
use crate::command::run_env::EnvRequest;
use crate::command::run_env::run_env;
use crate::command::session::Session;
use crate::command::session::explain_rows;
use crate::script::directory::ScriptDirectory;
use crate::script::format::Parts;
use crate::script::identifier::Identifier;
use crate::script::map::RevisionMap;

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
    /// Draw the graph beside it; with -i the database's position is marked where the database can be reached
    #[arg(short, long)]
    pub graph: bool,
}

/// What is shown, and how.
#[derive(Clone)]
struct View {
    base: String,
    head: String,
    verbose: bool,
    indicate_current: bool,
    graph: bool,
    json: bool,
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
        graph: args.graph,
        json: session.globals.json,
    };
    if !view.from_current() && !environment {
        return view.print(
            &session.output,
            &script,
            &view.given(&view.base, "base"),
            &view.given(&view.head, "heads"),
            &[],
        );
    }
    let (seen, marked) = (script.clone(), view.clone());
    let done = run_env(
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
    );
    match done {
        // A drawing is worth having without the mark.
        Err(error) if marked.graph && error.kind != Kind::Command && !marked.from_current() => {
            session.output.error(&format!(
                "the database's position is not marked: {}\n",
                error.message.trim_end()
            ));
            let (base, head) = (
                marked.given(&marked.base, "base"),
                marked.given(&marked.head, "heads"),
            );
            marked.print(&session.output, &script, &base, &head, &[])
        }
        done => done,
    }
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
        _ => Err(CommandError::command(format!(
            "A range has two ends, start:end, and '{range}' has more"
        ))),
    }
}

impl View {
    fn from_current(&self) -> bool {
        self.base == "current" || self.head == "current"
    }

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
        let nodes = script
            .walk_revisions(base, head)
            .map_err(explain_rows(script, rows))?;
        let map = script.map()?;
        if self.json {
            return self.print_json(output, map, &nodes, rows);
        }
        if self.graph {
            output.print(self.drawn(map, &nodes, rows).trim_end());
            return Ok(());
        }
        for node in nodes {
            let is_current = self.indicate_current && rows.contains(&map.revision(node).revision);
            output.print(&map.cmd_format(node, self.verbose, parts, is_current));
        }
        Ok(())
    }

    fn print_json(
        &self,
        output: &Output,
        map: &RevisionMap,
        nodes: &[NodeIndex],
        rows: &[String],
    ) -> Result<(), CommandError> {
        let found: serde_json::Value = nodes
            .iter()
            .map(|node| {
                let mut made = json::revision(map, *node);
                if self.indicate_current {
                    let is_current = rows.contains(&map.revision(*node).revision);
                    made["is_current"] = serde_json::json!(is_current);
                }
                made
            })
            .collect();
        json::print(output, "history", &[("revisions", found)]);
        Ok(())
    }

    /// A line a revision beside the graph.
    fn drawn(&self, map: &RevisionMap, nodes: &[NodeIndex], rows: &[String]) -> String {
        let parts = Parts {
            branches: true,
            doc: false,
            parents: false,
            tree_indicators: false,
        };
        let id_of = |name: &String| {
            let node = map.by_key(name);
            node.map_or_else(|| name.clone(), |node| map.revision(node).revision.clone())
        };
        let (mut edges, mut texts) = (Vec::new(), Vec::new());
        for node in nodes {
            let revision = map.revision(*node);
            let is_current = self.indicate_current && rows.contains(&revision.revision);
            let mut text = map.cmd_format(*node, false, parts, is_current);
            if !revision.dependencies.is_empty() {
                text.push_str(&format!(" needs {}", revision.dependencies.join(", ")));
            }
            let doc = match self.verbose {
                true => revision.path.display().to_string(),
                false => revision.doc().lines().next().unwrap_or_default().to_owned(),
            };
            if !doc.is_empty() {
                text.push_str(&format!(", {doc}"));
            }
            texts.push(text);
            let parents = revision.down_revision.iter().map(id_of).collect();
            edges.push((revision.revision.clone(), parents));
        }
        drawing::draw(&edges, &texts)
    }
}
