//! One revision of the graph: alembic/script/revision.py `Revision`, with what `Script` adds.

use std::path::PathBuf;

use indexmap::IndexSet;

use crate::script::error::RevisionError;

/// Characters that an identifier cannot have, sorted: they are the grammar of targets.
const ILLEGAL_CHARACTERS: [char; 4] = ['+', '-', ':', '@'];

/// A revision as its file declares it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Revision {
    /// Its id.
    pub revision: String,
    /// Its parents in the order written.
    pub down_revision: Vec<String>,
    /// `depends_on` as written: ids or branch labels.
    pub dependencies: Vec<String>,
    /// `branch_labels` as written.
    pub own_labels: Vec<String>,
    /// Its labels and those it inherits; complete once it is in a map.
    pub branch_labels: IndexSet<String>,
    /// The file, absolute and with links resolved.
    pub path: PathBuf,
    /// The docstring, stripped.
    pub longdoc: String,
}

impl Revision {
    /// A revision without a file, checked as upstream's constructor does.
    pub fn new(
        revision: &str,
        down_revision: &[&str],
        dependencies: &[&str],
        labels: &[&str],
    ) -> Result<Self, RevisionError> {
        let texts = |items: &[&str]| {
            items
                .iter()
                .map(|item| (*item).to_owned())
                .collect::<Vec<_>>()
        };
        let made = Self {
            revision: revision.to_owned(),
            down_revision: texts(down_revision),
            dependencies: texts(dependencies),
            own_labels: texts(labels),
            ..Self::default()
        };
        made.check()
    }

    /// `Revision.__init__`: refuses loops onto itself and characters of the target grammar.
    pub(crate) fn check(mut self) -> Result<Self, RevisionError> {
        if self.down_revision.contains(&self.revision) {
            return Err(RevisionError::Cycle {
                kind: "Self-loop",
                revisions: vec![self.revision],
            });
        }
        if self.dependencies.contains(&self.revision) {
            return Err(RevisionError::Cycle {
                kind: "Dependency self-loop",
                revisions: vec![self.revision],
            });
        }
        verify_rev_id(&self.revision)?;
        self.branch_labels = self.own_labels.iter().cloned().collect();
        Ok(self)
    }

    /// The docstring up to the first blank line.
    pub fn doc(&self) -> &str {
        self.longdoc.split("\n\n").next().unwrap_or_default()
    }

    /// Whether it has no parent.
    pub fn is_base(&self) -> bool {
        self.down_revision.is_empty()
    }

    /// Whether it has neither parent nor dependency.
    pub(crate) fn is_real_base(&self) -> bool {
        self.down_revision.is_empty() && self.dependencies.is_empty()
    }

    /// Whether it has several parents.
    pub fn is_merge_point(&self) -> bool {
        self.down_revision.len() > 1
    }

    /// `_format_down_revision`.
    pub fn format_down_revision(&self) -> String {
        if self.down_revision.is_empty() {
            "<base>".to_owned()
        } else {
            self.down_revision.join(", ")
        }
    }
}

/// `Revision.verify_rev_id`.
pub fn verify_rev_id(revision: &str) -> Result<(), RevisionError> {
    let found: Vec<String> = ILLEGAL_CHARACTERS
        .iter()
        .filter(|character| revision.contains(**character))
        .map(ToString::to_string)
        .collect();
    if found.is_empty() {
        return Ok(());
    }
    Err(RevisionError::plain(format!(
        "Character(s) '{}' not allowed in revision identifier '{revision}'",
        found.join(", ")
    )))
}
