//! `--format json`: what is reported, as one object. docs/json.md describes it.

use petgraph::graph::NodeIndex;
use serde_json::Value;
use serde_json::json;

use crate::command::error::CommandError;
use crate::command::output::Output;
use crate::script::map::Follow;
use crate::script::map::RevisionMap;

/// The version of the form: it changes when a key goes or means something else, not when one is added.
pub(crate) const SCHEMA: u32 = 1;

/// A revision.
pub(crate) fn revision(map: &RevisionMap, node: NodeIndex) -> Value {
    let revision = map.revision(node);
    json!({
        "revision": revision.revision,
        "down_revision": revision.down_revision,
        "depends_on": revision.dependencies,
        "branch_labels": revision.own_labels,
        "branches": revision.branch_labels.iter().collect::<Vec<_>>(),
        "doc": revision.doc(),
        "path": revision.path.display().to_string(),
        "is_head": map.is_head(node),
        "is_base": revision.is_base(),
        "is_branch_point": map.is_branch_point(node),
        "is_merge_point": revision.is_merge_point(),
        "children": map.ids(&map.next(node, Follow::Versioned)),
    })
}

/// Several.
pub(crate) fn revisions(map: &RevisionMap, nodes: &[NodeIndex]) -> Value {
    nodes.iter().map(|node| revision(map, *node)).collect()
}

/// Prints an object with its schema and the command's name first.
pub(crate) fn print(output: &Output, command: &str, items: &[(&str, Value)]) {
    let mut object = serde_json::Map::new();
    object.insert("schema".to_owned(), json!(SCHEMA));
    object.insert("command".to_owned(), json!(command));
    for (name, value) in items {
        object.insert((*name).to_owned(), value.clone());
    }
    output.print(&format!("{:#}", Value::Object(object)));
}

/// What is printed in the place of `FAILED: …`.
pub(crate) fn failure(error: &CommandError) -> String {
    let object = json!({
        "schema": SCHEMA,
        "error": {"message": error.message, "hints": error.hints},
    });
    format!("{object:#}\n")
}
