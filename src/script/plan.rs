//! Steps: what a command runs, in order, and how each edits the version table. alembic/runtime/migration.py `RevisionStep`, `StampStep`, `HeadMaintainer.update_to_step`.

use std::path::Path;
use std::rc::Rc;

use indexmap::IndexSet;
use petgraph::graph::NodeIndex;

use crate::script::error::RevisionError;
use crate::script::identifier::Identifier;
use crate::script::map::Follow;
use crate::script::map::RevisionMap;

/// A change to the rows of the version table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionChange {
    /// A new row.
    Insert(String),
    /// A row goes.
    Delete(String),
    /// A row changes from one id to another.
    Update(String, String),
}

/// One step of a plan.
#[derive(Debug, Clone)]
pub struct Step {
    map: Rc<RevisionMap>,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Upgrade(NodeIndex),
    Downgrade(NodeIndex),
    Stamp(Stamp),
}

/// `StampStep`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
    pub(crate) is_upgrade: bool,
    pub(crate) branch_move: bool,
}

impl Step {
    /// `MigrationStep.upgrade_from_script`.
    pub(crate) fn upgrade(map: &Rc<RevisionMap>, node: NodeIndex) -> Self {
        Self {
            map: map.clone(),
            kind: Kind::Upgrade(node),
        }
    }

    /// `MigrationStep.downgrade_from_script`.
    pub(crate) fn downgrade(map: &Rc<RevisionMap>, node: NodeIndex) -> Self {
        Self {
            map: map.clone(),
            kind: Kind::Downgrade(node),
        }
    }

    pub(crate) fn stamp(map: &Rc<RevisionMap>, stamp: Stamp) -> Self {
        Self {
            map: map.clone(),
            kind: Kind::Stamp(stamp),
        }
    }

    /// The file to evaluate and the function to call; `None` when the step only stamps.
    pub fn migration(&self) -> Option<(&Path, &'static str)> {
        match &self.kind {
            Kind::Upgrade(node) => Some((&self.map.revision(*node).path, "upgrade")),
            Kind::Downgrade(node) => Some((&self.map.revision(*node).path, "downgrade")),
            Kind::Stamp(_) => None,
        }
    }

    /// The revision that runs; `None` when the step only stamps.
    pub fn revision(&self) -> Option<&crate::script::revision::Revision> {
        self.node().map(|node| self.map.revision(node))
    }

    fn node(&self) -> Option<NodeIndex> {
        match self.kind {
            Kind::Upgrade(node) | Kind::Downgrade(node) => Some(node),
            Kind::Stamp(_) => None,
        }
    }

    /// Whether it goes up.
    pub fn is_upgrade(&self) -> bool {
        match &self.kind {
            Kind::Upgrade(_) => true,
            Kind::Downgrade(_) => false,
            Kind::Stamp(stamp) => stamp.is_upgrade,
        }
    }

    /// `name`: what the log calls it.
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::Upgrade(_) => "upgrade",
            Kind::Downgrade(_) => "downgrade",
            Kind::Stamp(_) => "stamp_revision",
        }
    }

    /// The revisions it starts from, dependencies included.
    pub fn from_revisions(&self) -> Vec<String> {
        match &self.kind {
            Kind::Upgrade(node) => self.map.normalized_down_revisions(*node),
            Kind::Downgrade(node) => self.map.ids(&[*node]),
            Kind::Stamp(stamp) => stamp.from.clone(),
        }
    }

    /// The revisions it ends at, dependencies included.
    pub fn to_revisions(&self) -> Vec<String> {
        match &self.kind {
            Kind::Upgrade(node) => self.map.ids(&[*node]),
            Kind::Downgrade(node) => self.map.normalized_down_revisions(*node),
            Kind::Stamp(stamp) => stamp.to.clone(),
        }
    }

    /// `upgrade a -> b`: without dependencies, without the docstring.
    pub fn short_log(&self) -> String {
        let own = |node| std::slice::from_ref(&self.map.revision(node).revision);
        let (from, to): (&[String], &[String]) = match &self.kind {
            Kind::Upgrade(node) => (&self.map.revision(*node).down_revision, own(*node)),
            Kind::Downgrade(node) => (own(*node), &self.map.revision(*node).down_revision),
            Kind::Stamp(stamp) => (&stamp.from, &stamp.to),
        };
        let mut log = String::with_capacity(48);
        log.push_str(self.name());
        log.push(' ');
        push_joined(&mut log, from);
        log.push_str(" -> ");
        push_joined(&mut log, to);
        log
    }

    /// `upgrade a -> b, docstring`.
    pub fn log_line(&self) -> String {
        match self
            .revision()
            .map(crate::script::revision::Revision::doc)
            .filter(|doc| !doc.is_empty())
        {
            Some(doc) => format!("{}, {doc}", self.short_log()),
            None => self.short_log(),
        }
    }

    /// `HeadMaintainer.update_to_step`: edits the set of heads and tells how.
    ///
    /// # Errors
    /// A row that is not there would be changed, or one that is there inserted: upstream's `KeyError` and `AssertionError`.
    pub fn update_heads(
        &self,
        heads: &mut IndexSet<String>,
    ) -> Result<Vec<VersionChange>, RevisionError> {
        let changes = match &self.kind {
            Kind::Upgrade(node) => self.upgrade_changes(*node, heads),
            Kind::Downgrade(node) => self.downgrade_changes(*node, heads),
            Kind::Stamp(stamp) => stamp.changes(heads),
        };
        for change in &changes {
            let (removed, added) = match change {
                VersionChange::Insert(version) => (None, Some(version)),
                VersionChange::Delete(version) => (Some(version), None),
                VersionChange::Update(from, to) => (Some(from), Some(to)),
            };
            if let Some(version) = added.filter(|version| heads.contains(*version)) {
                return Err(self.impossible(version, "is a row of the version table already"));
            }
            if let Some(version) = removed
                && !heads.shift_remove(version)
            {
                return Err(self.impossible(version, "is no row of the version table"));
            }
            heads.extend(added.cloned());
        }
        Ok(changes)
    }

    fn impossible(&self, version: &str, why: &str) -> RevisionError {
        RevisionError::plain(format!(
            "Can't keep the version table for {}: '{version}' {why}",
            self.short_log()
        ))
    }

    fn upgrade_changes(&self, node: NodeIndex, heads: &IndexSet<String>) -> Vec<VersionChange> {
        let own = self.map.revision(node).revision.clone();
        let down = self.map.normalized_down_revisions(node);
        let present: Vec<&String> = down.iter().filter(|id| heads.contains(*id)).collect();
        match present.as_slice() {
            [] => vec![VersionChange::Insert(own)],
            [only] => vec![VersionChange::Update((*only).clone(), own)],
            _ => {
                // merge_branch_idents
                let others: Vec<&String> =
                    heads.iter().filter(|head| !down.contains(head)).collect();
                merge(self.without_ancestors_of(down.clone(), &others), own)
            }
        }
    }

    fn downgrade_changes(&self, node: NodeIndex, heads: &IndexSet<String>) -> Vec<VersionChange> {
        let own = self.map.revision(node).revision.clone();
        let down = self.map.normalized_down_revisions(node);
        if !heads.contains(&own) {
            // Upstream goes on to change a row that is not there; the caller refuses that.
            let to = down.into_iter().next().unwrap_or_default();
            return vec![VersionChange::Update(own, to)];
        }
        let others: Vec<&String> = heads.iter().filter(|head| **head != own).collect();
        // _unmerge_to_revisions
        let mut left = if others.is_empty() {
            self.without_each_other(down)
        } else {
            self.without_ancestors_of(down, &others)
        };
        let Some(last) = left.pop() else {
            return vec![VersionChange::Delete(own)];
        };
        let mut changes: Vec<VersionChange> = left.into_iter().map(VersionChange::Insert).collect();
        changes.push(VersionChange::Update(own, last));
        changes
    }

    /// Those that are no ancestor of the other heads.
    fn without_ancestors_of(&self, ids: Vec<String>, others: &[&String]) -> Vec<String> {
        let above: Vec<NodeIndex> = others.iter().filter_map(|id| self.lookup(id)).collect();
        if above.is_empty() {
            return ids;
        }
        ids.into_iter()
            .filter(|id| {
                self.map
                    .by_key(id)
                    .is_none_or(|node| !self.map.is_ancestor(node, &above))
            })
            .collect()
    }

    /// Those that are no ancestor of one another.
    fn without_each_other(&self, ids: Vec<String>) -> Vec<String> {
        if ids.len() < 2 {
            return ids;
        }
        let nodes: Vec<NodeIndex> = ids.iter().filter_map(|id| self.map.by_key(id)).collect();
        let is_covered = |node: NodeIndex| {
            nodes
                .iter()
                .any(|other| *other != node && self.map.is_ancestor(node, &[*other]))
        };
        ids.into_iter()
            .filter(|id| self.map.by_key(id).is_none_or(|node| !is_covered(node)))
            .collect()
    }

    fn lookup(&self, id: &str) -> Option<NodeIndex> {
        self.map
            .by_key(id)
            .or_else(|| self.map.get_revision(&Identifier::from(id)).ok().flatten())
    }

    /// `repr(step)`.
    pub fn repr(&self) -> String {
        match &self.kind {
            Kind::Upgrade(node) => format!(
                "RevisionStep('{}', is_upgrade=True)",
                self.map.revision(*node).revision
            ),
            Kind::Downgrade(node) => format!(
                "RevisionStep('{}', is_upgrade=False)",
                self.map.revision(*node).revision
            ),
            Kind::Stamp(stamp) => format!("StampStep({:?} -> {:?})", stamp.from, stamp.to),
        }
    }

    /// Whether any edge leads down from the step's revision.
    pub fn is_base(&self) -> bool {
        self.node()
            .is_some_and(|node| self.map.down(node, Follow::Versioned).is_empty())
    }
}

fn push_joined(text: &mut String, ids: &[String]) {
    for (place, id) in ids.iter().enumerate() {
        text.push_str(if place == 0 { "" } else { ", " });
        text.push_str(id);
    }
}

/// Deletes all rows but the last, and turns that into the new one.
fn merge(mut from: Vec<String>, to: String) -> Vec<VersionChange> {
    let Some(last) = from.pop() else {
        return vec![VersionChange::Insert(to)];
    };
    let mut changes: Vec<VersionChange> = from.into_iter().map(VersionChange::Delete).collect();
    changes.push(VersionChange::Update(last, to));
    changes
}

impl Stamp {
    fn changes(&self, heads: &IndexSet<String>) -> Vec<VersionChange> {
        let first_to = self.to.first().cloned().unwrap_or_default();
        if !self.is_upgrade && self.branch_move {
            return self
                .from
                .iter()
                .cloned()
                .map(VersionChange::Delete)
                .collect();
        }
        let starts_elsewhere = self.branch_move || self.from.iter().any(|id| !heads.contains(id));
        if self.is_upgrade && starts_elsewhere && self.to.iter().any(|id| !heads.contains(id)) {
            return vec![VersionChange::Insert(first_to)];
        }
        merge(self.from.clone(), first_to)
    }
}
