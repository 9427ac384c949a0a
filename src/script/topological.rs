//! The order revisions are run in. alembic/script/revision.py `_topological_sort`, with its order kept and its repeated ancestor sets replaced by counting:
//! a revision whose children have all been given out cannot be an ancestor of what is left, so only the others are looked at.

use indexmap::IndexSet;
use petgraph::Direction;
use petgraph::graph::NodeIndex;

use crate::script::map::Follow;
use crate::script::map::RevisionMap;

/// The state of one sort.
struct Sort<'a> {
    map: &'a RevisionMap,
    todo: Vec<bool>,
    /// Children not given out yet, per node of the region below the heads.
    pending: Vec<usize>,
    is_current: Vec<bool>,
    current: Vec<NodeIndex>,
}

impl RevisionMap {
    /// Revisions with every one before what it stands on.
    pub(crate) fn topological_sort(
        &self,
        revisions: &IndexSet<NodeIndex>,
        heads: &[NodeIndex],
    ) -> Vec<NodeIndex> {
        let mut sort = Sort {
            map: self,
            todo: vec![false; self.len()],
            pending: vec![0; self.len()],
            is_current: vec![false; self.len()],
            current: Vec::new(),
        };
        for node in revisions {
            sort.todo[node.index()] = true;
        }
        for node in self.related(heads, Direction::Outgoing, Follow::Dependencies) {
            for below in self.down(node, Follow::Dependencies) {
                sort.pending[below.index()] += 1;
            }
        }
        let mut current: Vec<NodeIndex> = heads
            .iter()
            .copied()
            .filter(|node| revisions.contains(node))
            .collect();
        current.sort_by_key(|node| self.position(*node));
        current.dedup();
        for node in &current {
            sort.is_current[node.index()] = true;
        }
        sort.current = current;
        sort.run()
    }
}

impl Sort<'_> {
    fn run(mut self) -> Vec<NodeIndex> {
        let mut output = Vec::new();
        let mut at = 0usize;
        while let Some(candidate) = self.current.get(at).copied() {
            if let Some(other) = self.head_above(candidate, at) {
                at = other;
                continue;
            }
            if std::mem::replace(&mut self.todo[candidate.index()], false) {
                output.push(candidate);
            }
            at = self.descend(candidate, at);
        }
        output
    }

    /// The first other head that stands above the candidate.
    fn head_above(&self, candidate: NodeIndex, at: usize) -> Option<usize> {
        if self.pending[candidate.index()] == 0 {
            return None;
        }
        self.current
            .iter()
            .enumerate()
            .find(|(index, head)| *index != at && self.map.is_ancestor(candidate, &[**head]))
            .map(|(index, _)| index)
    }

    /// Replaces a head that was given out by what it stands on.
    fn descend(&mut self, candidate: NodeIndex, at: usize) -> usize {
        let below = self.map.down(candidate, Follow::Dependencies);
        for node in &below {
            self.pending[node.index()] = self.pending[node.index()].saturating_sub(1);
        }
        let added: Vec<NodeIndex> = below
            .into_iter()
            .filter(|node| self.todo[node.index()] && !self.is_current[node.index()])
            .collect();
        self.is_current[candidate.index()] = false;
        for node in &added {
            self.is_current[node.index()] = true;
        }
        match added.split_first() {
            None => {
                self.current.remove(at);
                at.saturating_sub(1)
            }
            Some((first, rest)) => {
                if let Some(slot) = self.current.get_mut(at) {
                    *slot = *first;
                }
                self.current.extend(rest);
                at
            }
        }
    }
}
