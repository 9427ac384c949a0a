//! `graph`: the revisions as a drawing for other programs. Not in Alembic.

use clap::Args;
use clap::ValueEnum;
use petgraph::graph::NodeIndex;

use crate::command::error::CommandError;
use crate::command::json;
use crate::command::session::Session;
use crate::command::session::explain;
use crate::command::svg;
use crate::script::identifier::Identifier;
use crate::script::map::RevisionMap;

/// Write the revision graph as SVG, Mermaid, DOT or JSON
#[derive(Debug, Args)]
pub struct GraphArgs {
    /// What to write
    #[arg(long = "as", value_enum, default_value_t = Form::Mermaid)]
    pub form: Form,
}

/// The forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// A Mermaid flow chart.
    Mermaid,
    /// Graphviz.
    Dot,
    /// A picture.
    Svg,
    /// One object; `schema` is its version.
    Json,
}

/// Runs it. Neither a database nor env.py is needed.
pub fn run(session: &Session, args: &GraphArgs) -> Result<(), CommandError> {
    let config = session.config()?;
    let script = session.script(&config)?;
    let mut nodes = script
        .walk_revisions(&Identifier::from("base"), &Identifier::from("heads"))
        .map_err(explain(&script))?;
    nodes.reverse();
    let map = script.map()?;
    if session.globals.json || args.form == Form::Json {
        let found = json::revisions(map, &nodes);
        json::print(&session.output, "graph", &[("revisions", found)]);
        return Ok(());
    }
    session.output.write(&match args.form {
        Form::Mermaid => mermaid(map, &nodes),
        Form::Dot => dot(map, &nodes),
        Form::Svg => picture(map, &nodes),
        Form::Json => String::new(),
    });
    Ok(())
}

fn label(map: &RevisionMap, node: NodeIndex) -> Vec<String> {
    let revision = map.revision(node);
    let mut lines = vec![revision.revision.clone()];
    lines.extend(revision.doc().lines().next().map(str::to_owned));
    if !revision.own_labels.is_empty() {
        lines.push(format!("({})", revision.own_labels.join(", ")));
    }
    lines
}

/// Parents by a line, dependencies by a dotted one: pairs of ids, in order.
fn edges(map: &RevisionMap, nodes: &[NodeIndex]) -> Vec<(String, String, bool)> {
    let mut found = Vec::new();
    for node in nodes {
        let revision = map.revision(*node);
        let named = |name: &String| {
            map.by_key(name)
                .map_or_else(|| name.clone(), |node| map.revision(node).revision.clone())
        };
        for name in &revision.down_revision {
            found.push((named(name), revision.revision.clone(), false));
        }
        for name in &revision.dependencies {
            found.push((named(name), revision.revision.clone(), true));
        }
    }
    found
}

fn mermaid(map: &RevisionMap, nodes: &[NodeIndex]) -> String {
    let escaped = |text: &String| {
        text.replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let mut text = String::from("flowchart TD\n");
    for node in nodes {
        let lines: Vec<String> = label(map, *node).iter().map(escaped).collect();
        let id = &map.revision(*node).revision;
        text.push_str(&format!(
            "    r_{}[\"{}\"]\n",
            name(id),
            lines.join("<br/>")
        ));
    }
    for (from, to, is_dependency) in edges(map, nodes) {
        let arrow = if is_dependency { "-.->" } else { "-->" };
        text.push_str(&format!("    r_{} {arrow} r_{}\n", name(&from), name(&to)));
    }
    text
}

/// An id as Mermaid takes it: what is not a letter or a digit is written by its number.
fn name(id: &str) -> String {
    id.chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character.to_string()
            } else {
                format!("_{:x}_", u32::from(character))
            }
        })
        .collect()
}

fn dot(map: &RevisionMap, nodes: &[NodeIndex]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut text = String::from("digraph revisions {\n    node [shape=box];\n");
    for node in nodes {
        let id = quoted(&map.revision(*node).revision);
        let lines = quoted(&label(map, *node).join("\n"));
        text.push_str(&format!(
            "    {id} [label={}];\n",
            lines.replace('\n', "\\n")
        ));
    }
    for (from, to, is_dependency) in edges(map, nodes) {
        let style = if is_dependency { " [style=dotted]" } else { "" };
        text.push_str(&format!(
            "    {} -> {}{style};\n",
            quoted(&from),
            quoted(&to)
        ));
    }
    text.push_str("}\n");
    text
}

fn picture(map: &RevisionMap, nodes: &[NodeIndex]) -> String {
    let id_of = |name: &String| {
        let node = map.by_key(name);
        node.map_or_else(|| name.clone(), |node| map.revision(node).revision.clone())
    };
    let drawn: Vec<svg::Node> = nodes
        .iter()
        .rev()
        .map(|node| {
            let revision = map.revision(*node);
            svg::Node {
                id: revision.revision.clone(),
                parents: revision.down_revision.iter().map(id_of).collect(),
                dependencies: revision.dependencies.iter().map(id_of).collect(),
                text: label(map, *node).join("  "),
                title: format!("{}\n{}", revision.path.display(), revision.longdoc),
            }
        })
        .collect();
    svg::svg(&drawn)
}
