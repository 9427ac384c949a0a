//! The graph as SVG: a row a revision, heads on top, a lane of its own for every line that is open. Not in Alembic.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A revision to draw.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) parents: Vec<String>,
    pub(crate) dependencies: Vec<String>,
    /// What stands beside it.
    pub(crate) text: String,
    /// What is shown when it is pointed at.
    pub(crate) title: String,
}

const ROW: usize = 28;
const LANE: usize = 22;
const MARGIN: usize = 20;

/// Where each row's node is, and the lane each edge comes down in: (row, lane, row of the parent).
struct Layout {
    lanes: Vec<usize>,
    edges: Vec<(usize, usize, usize)>,
    width: usize,
}

/// A lane is kept for a parent from its first child down to itself, so that no line runs through another node.
fn layout(nodes: &[Node], rows: &BTreeMap<&str, usize>) -> Layout {
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut made = Layout {
        lanes: Vec::new(),
        edges: Vec::new(),
        width: 1,
    };
    let free = |open: &mut Vec<Option<usize>>| match open.iter().position(Option::is_none) {
        Some(lane) => lane,
        None => {
            open.push(None);
            open.len() - 1
        }
    };
    for (row, node) in nodes.iter().enumerate() {
        let kept = open.iter().position(|kept| *kept == Some(row));
        let lane = kept.unwrap_or_else(|| free(&mut open));
        open[lane] = None;
        made.lanes.push(lane);
        for parent in &node.parents {
            let Some(below) = rows.get(parent.as_str()).copied() else {
                continue;
            };
            let lane = match open.iter().position(|kept| *kept == Some(below)) {
                Some(lane) => lane,
                None => match open[lane] {
                    None => lane,
                    Some(_) => free(&mut open),
                },
            };
            open[lane] = Some(below);
            made.edges.push((row, lane, below));
        }
        made.width = made.width.max(open.len());
    }
    made
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Draws nodes that come children first.
pub(crate) fn svg(nodes: &[Node]) -> String {
    let rows: BTreeMap<&str, usize> = nodes
        .iter()
        .enumerate()
        .map(|(row, node)| (node.id.as_str(), row))
        .collect();
    let layout = layout(nodes, &rows);
    let (x, y) = (
        |lane: usize| MARGIN + lane * LANE,
        |row: usize| MARGIN + row * ROW,
    );
    let left = x(layout.width);
    let longest = nodes.iter().map(|node| node.text.chars().count()).max();
    let width = left + longest.unwrap_or(0) * 8 + MARGIN;
    let height = 2 * MARGIN + nodes.len().saturating_sub(1) * ROW;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"monospace\" font-size=\"13\">\n\
<g fill=\"none\" stroke=\"#777\" stroke-width=\"2\">\n"
    );
    for (row, lane, below) in &layout.edges {
        let (from, to) = (x(layout.lanes[*row]), x(*lane));
        let (top, next, end) = (y(*row), y(row + 1), y(*below));
        let middle = top + ROW / 2;
        let _infallible = writeln!(
            text,
            "<path d=\"M{from} {top}C{from} {middle} {to} {middle} {to} {next}V{end}\"/>"
        );
    }
    text.push_str("</g>\n<g fill=\"none\" stroke=\"#b60\" stroke-dasharray=\"3 4\">\n");
    for (row, node) in nodes.iter().enumerate() {
        for below in node
            .dependencies
            .iter()
            .filter_map(|id| rows.get(id.as_str()))
        {
            let (from, top) = (x(layout.lanes[row]), y(row));
            let (to, end) = (x(layout.lanes[*below]), y(*below));
            let _infallible = writeln!(
                text,
                "<path d=\"M{from} {top}C{left} {top} {left} {end} {to} {end}\"/>"
            );
        }
    }
    text.push_str("</g>\n");
    for (row, node) in nodes.iter().enumerate() {
        let _infallible = writeln!(
            text,
            "<g><title>{}</title><circle cx=\"{}\" cy=\"{}\" r=\"5\" fill=\"#258\"/><text x=\"{left}\" y=\"{}\">{}</text></g>",
            escaped(&node.title),
            x(layout.lanes[row]),
            y(row),
            y(row) + 4,
            escaped(&node.text)
        );
    }
    text.push_str("</svg>\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, parents: &[&str]) -> Node {
        Node {
            id: id.to_owned(),
            parents: parents.iter().map(|parent| (*parent).to_owned()).collect(),
            dependencies: Vec::new(),
            text: format!("<{id}>"),
            title: String::new(),
        }
    }

    #[test]
    fn no_line_runs_through_another_node() {
        let nodes = [
            node("m", &["a", "b"]),
            node("x", &["y"]),
            node("a", &["base"]),
            node("b", &["base"]),
            node("y", &["base"]),
            node("base", &[]),
        ];
        let rows = nodes
            .iter()
            .enumerate()
            .map(|(row, node)| (node.id.as_str(), row))
            .collect();
        let made = layout(&nodes, &rows);
        for (row, lane, below) in &made.edges {
            for between in row + 1..*below {
                assert_ne!(made.lanes[between], *lane, "{row} to {below} at {between}");
            }
            assert_eq!(made.lanes[*below], *lane, "{row} ends at {below}");
        }
        assert_eq!(made.edges.len(), 6);
        assert!(svg(&nodes).contains("&lt;base&gt;"));
    }
}
