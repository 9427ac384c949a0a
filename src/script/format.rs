//! How a revision is printed: alembic/script/base.py `Script.cmd_format`, `log_entry`.

use petgraph::graph::NodeIndex;

use crate::script::map::Follow;
use crate::script::map::RevisionMap;

/// The parts of a short line (`cmd_format`'s keyword arguments).
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// Branch labels.
    pub branches: bool,
    /// The docstring.
    pub doc: bool,
    /// Parents and dependencies.
    pub parents: bool,
    /// `(branchpoint)`, `(mergepoint)`.
    pub tree_indicators: bool,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            branches: false,
            doc: false,
            parents: false,
            tree_indicators: true,
        }
    }
}

impl RevisionMap {
    /// `cmd_format`.
    pub fn cmd_format(
        &self,
        node: NodeIndex,
        verbose: bool,
        parts: Parts,
        is_current: bool,
    ) -> String {
        if verbose {
            self.log_entry(node, is_current)
        } else {
            self.head_only(node, parts, is_current)
        }
    }

    /// `log_entry`: the long form, with its final line break.
    pub fn log_entry(&self, node: NodeIndex, is_current: bool) -> String {
        let revision = self.revision(node);
        let flag = |on: bool, text: &'static str| if on { text } else { "" };
        let mut entry = format!(
            "Rev: {}{}{}{}{}\n",
            revision.revision,
            flag(self.is_head(node), " (head)"),
            flag(self.is_branch_point(node), " (branchpoint)"),
            flag(revision.is_merge_point(), " (mergepoint)"),
            flag(is_current, " (current)"),
        );
        let parents = if revision.is_merge_point() {
            "Merges"
        } else {
            "Parent"
        };
        entry.push_str(&format!("{parents}: {}\n", revision.format_down_revision()));
        if !revision.dependencies.is_empty() {
            entry.push_str(&format!(
                "Also depends on: {}\n",
                revision.dependencies.join(", ")
            ));
        }
        if self.is_branch_point(node) {
            entry.push_str(&format!(
                "Branches into: {}\n",
                self.ids(&self.next(node, Follow::Versioned)).join(", ")
            ));
        }
        if !revision.branch_labels.is_empty() {
            entry.push_str(&format!("Branch names: {}\n", self.labels(node)));
        }
        let doc: Vec<String> = split_lines(&revision.longdoc)
            .iter()
            .map(|line| format!("    {line}"))
            .collect();
        entry.push_str(&format!(
            "Path: {}\n\n{}\n",
            revision.path.display(),
            doc.join("\n")
        ));
        entry
    }

    /// `_head_only`: the short form.
    fn head_only(&self, node: NodeIndex, parts: Parts, is_current: bool) -> String {
        let revision = self.revision(node);
        let mut text = revision.revision.clone();
        if parts.parents {
            let down = revision.format_down_revision();
            text = match revision.dependencies.as_slice() {
                [] => format!("{down} -> {text}"),
                dependencies => format!("{down} ({}) -> {text}", dependencies.join(", ")),
            };
        }
        if parts.branches && !revision.branch_labels.is_empty() {
            text.push_str(&format!(" ({})", self.labels(node)));
        }
        let is_real_head = self.is_real_head(node);
        let mut flags = vec![
            (is_real_head, " (head)"),
            (!is_real_head && self.is_head(node), " (effective head)"),
            (is_current, " (current)"),
        ];
        if parts.tree_indicators {
            flags.extend([
                (self.is_branch_point(node), " (branchpoint)"),
                (revision.is_merge_point(), " (mergepoint)"),
            ]);
        }
        text.extend(
            flags
                .into_iter()
                .filter(|(on, _)| *on)
                .map(|(_, flag)| flag),
        );
        if parts.doc {
            text.push_str(&format!(", {}", revision.doc()));
        }
        text
    }

    fn labels(&self, node: NodeIndex) -> String {
        self.revision(node)
            .branch_labels
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Python's `str.splitlines`.
fn split_lines(text: &str) -> Vec<&str> {
    let is_end = |c: char| {
        matches!(
            c,
            '\n' | '\r'
                | '\x0b'
                | '\x0c'
                | '\x1c'
                | '\x1d'
                | '\x1e'
                | '\u{85}'
                | '\u{2028}'
                | '\u{2029}'
        )
    };
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(is_end) {
        lines.push(&rest[..at]);
        let tail = &rest[at..];
        let width = if tail.starts_with("\r\n") {
            2
        } else {
            tail.chars().next().map_or(1, char::len_utf8)
        };
        rest = &tail[width..];
    }
    if !rest.is_empty() {
        lines.push(rest);
    }
    lines
}
