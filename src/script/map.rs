//! `RevisionMap`: every revision and how they hang together. alembic/script/revision.py `RevisionMap._revision_map`. Where upstream's order comes from a Python set,
//! ours is the order of declaration: parents, then dependencies as written; children, labels and heads in load order.

use std::cell::RefCell;

use indexmap::IndexMap;
use indexmap::IndexSet;
use petgraph::Direction;
use petgraph::graph::DiGraph;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use rustc_hash::FxBuildHasher;

use crate::script::error::RevisionError;
use crate::script::revision::Revision;

/// An edge from a revision to one below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Link {
    /// Named in `down_revision`.
    versioned: bool,
    /// Not already a dependency of an ancestor (`_normalized_down_revisions`).
    normalized: bool,
}

/// Which edges a walk follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// `down_revision` only.
    Versioned,
    /// `down_revision` and normalized dependencies (downwards); all dependencies (upwards).
    Dependencies,
    /// `down_revision` and every dependency.
    Everything,
}

/// Every revision, by id and by label.
#[derive(Debug)]
pub struct RevisionMap {
    graph: DiGraph<Revision, Link>,
    /// Ids in load order, then labels.
    keys: IndexMap<String, NodeIndex, FxBuildHasher>,
    /// No child by `down_revision`.
    heads: Vec<NodeIndex>,
    /// No child at all.
    real_heads: Vec<NodeIndex>,
    bases: Vec<NodeIndex>,
    duplicates: Vec<String>,
    /// The longest way down to a base: an ancestor always has a smaller one.
    generation: Vec<u32>,
    warnings: RefCell<Vec<String>>,
}

impl RevisionMap {
    /// Builds the map. Warnings are kept for [`RevisionMap::take_warnings`].
    pub fn build(revisions: impl IntoIterator<Item = Revision>) -> Result<Self, RevisionError> {
        let mut map = Self {
            graph: DiGraph::new(),
            keys: IndexMap::default(),
            heads: Vec::new(),
            real_heads: Vec::new(),
            bases: Vec::new(),
            duplicates: Vec::new(),
            generation: Vec::new(),
            warnings: RefCell::default(),
        };
        for revision in revisions {
            map.add_node(revision);
        }
        map.map_branch_labels()?;
        map.connect()?;
        map.normalize_depends_on();
        map.find_ends();
        map.detect_cycles()?;
        map.number_generations()?;
        map.add_branches();
        Ok(map)
    }

    fn add_node(&mut self, revision: Revision) {
        let id = revision.revision.clone();
        let is_base = revision.is_base();
        let node = self.graph.add_node(revision);
        if self.keys.insert(id.clone(), node).is_some() {
            self.warn(format!("Revision {id} is present more than once"));
            self.duplicates.push(id);
        }
        if is_base {
            self.bases.push(node);
        }
    }

    /// `_map_branch_labels`.
    fn map_branch_labels(&mut self) -> Result<(), RevisionError> {
        for node in self.graph.node_indices() {
            let revision = &self.graph[node];
            for label in &revision.own_labels {
                if let Some(other) = self.keys.get(label) {
                    return Err(RevisionError::plain(format!(
                        "Branch name '{label}' in revision {} already used by revision {}",
                        revision.revision, self.graph[*other].revision
                    )));
                }
                self.keys.insert(label.clone(), node);
            }
        }
        Ok(())
    }

    /// `_add_depends_on`, then the edges: parents first, then dependencies.
    fn connect(&mut self) -> Result<(), RevisionError> {
        for node in self.graph.node_indices() {
            for dependency in &self.graph[node].dependencies {
                if !dependency.is_empty() && !self.keys.contains_key(dependency) {
                    return Err(self.missing(node, dependency));
                }
            }
        }
        for node in self.mapped_nodes() {
            let mut targets: IndexMap<NodeIndex, Link, FxBuildHasher> = IndexMap::default();
            for id in &self.graph[node].down_revision {
                let Some(target) = self.keys.get(id).copied() else {
                    let revision = &self.graph[node];
                    self.warn(format!(
                        "Revision {id} referenced from {} is not present",
                        self.describe(revision)
                    ));
                    return Err(self.missing(node, id));
                };
                if self.graph[target].revision != *id {
                    return Err(RevisionError::plain(
                        "Dependency resolution failed; broken map",
                    ));
                }
                targets.insert(
                    target,
                    Link {
                        versioned: true,
                        normalized: true,
                    },
                );
            }
            for id in &self.graph[node].dependencies {
                if let Some(target) = self.keys.get(id) {
                    if *target == node {
                        // Through a label: upstream does not notice.
                        return Err(RevisionError::Cycle {
                            kind: "Dependency self-loop",
                            revisions: self.ids(&[node]),
                        });
                    }
                    targets.entry(*target).or_insert(Link {
                        versioned: false,
                        normalized: true,
                    });
                }
            }
            for (target, link) in targets {
                self.graph.add_edge(node, target, link);
            }
        }
        Ok(())
    }

    fn missing(&self, node: NodeIndex, id: &str) -> RevisionError {
        let revision = &self.graph[node];
        RevisionError::MissingRevision {
            missing: id.to_owned(),
            referenced_from: revision.revision.clone(),
            path: revision.path.clone(),
        }
    }

    /// `Script.__str__` as it reads while the map is being built.
    fn describe(&self, revision: &Revision) -> String {
        let merge = if revision.is_merge_point() {
            " (mergepoint)"
        } else {
            ""
        };
        let mut children = 0usize;
        for other in self.graph.node_weights() {
            children += usize::from(other.down_revision.contains(&revision.revision));
        }
        let head = if children == 0 { " (head)" } else { "" };
        let branch = if children > 1 { " (branchpoint)" } else { "" };
        format!(
            "{} -> {}{head}{branch}{merge}, {}",
            revision.format_down_revision(),
            revision.revision,
            revision.doc()
        )
    }

    /// `_normalize_depends_on`: a dependency that an ancestor (by `down_revision`) has already is not one of ours.
    fn normalize_depends_on(&mut self) {
        for node in self.graph.node_indices() {
            if self.graph[node].dependencies.is_empty() {
                continue;
            }
            let own: Vec<_> = self
                .graph
                .edges(node)
                .filter(|edge| !edge.weight().versioned)
                .map(|edge| (edge.id(), edge.target()))
                .collect();
            if own.is_empty() {
                continue;
            }
            let mut inherited: IndexSet<NodeIndex, FxBuildHasher> = IndexSet::default();
            for ancestor in self.related(&[node], Direction::Outgoing, Follow::Versioned) {
                if ancestor != node && !self.graph[ancestor].dependencies.is_empty() {
                    inherited.extend(self.resolved_dependencies(ancestor));
                }
            }
            for (edge, target) in own {
                if inherited.contains(&target)
                    && let Some(link) = self.graph.edge_weight_mut(edge)
                {
                    link.normalized = false;
                }
            }
        }
    }

    /// `_resolved_dependencies`.
    pub(crate) fn resolved_dependencies(&self, node: NodeIndex) -> Vec<NodeIndex> {
        self.graph[node]
            .dependencies
            .iter()
            .filter_map(|id| self.keys.get(id).copied())
            .collect()
    }

    fn find_ends(&mut self) {
        let children = |node, versioned_only: bool| {
            self.graph
                .edges_directed(node, Direction::Incoming)
                .any(|edge| edge.weight().versioned || !versioned_only)
        };
        self.heads = self
            .graph
            .node_indices()
            .filter(|node| !children(*node, true))
            .collect();
        self.real_heads = self
            .graph
            .node_indices()
            .filter(|node| !children(*node, false))
            .collect();
    }

    /// `_detect_cycles`: what cannot be reached from both ends is in a cycle.
    fn detect_cycles(&self) -> Result<(), RevisionError> {
        if self.graph.node_count() == 0 {
            return Ok(());
        }
        let real_bases: Vec<NodeIndex> = self
            .bases
            .iter()
            .copied()
            .filter(|node| self.graph[*node].is_real_base())
            .collect();
        self.reachable_from_both(&self.heads, &self.bases, Follow::Versioned, "Cycle")?;
        self.reachable_from_both(
            &self.real_heads,
            &real_bases,
            Follow::Everything,
            "Dependency cycle",
        )
    }

    fn reachable_from_both(
        &self,
        heads: &[NodeIndex],
        bases: &[NodeIndex],
        follow: Follow,
        kind: &'static str,
    ) -> Result<(), RevisionError> {
        let ids = |nodes: &mut dyn Iterator<Item = NodeIndex>| {
            nodes
                .map(|node| self.graph[node].revision.clone())
                .collect::<Vec<_>>()
        };
        if heads.is_empty() || bases.is_empty() {
            return Err(RevisionError::Cycle {
                kind,
                revisions: ids(&mut self.mapped_nodes().into_iter()),
            });
        }
        let mut seen = vec![0u8; self.graph.node_count()];
        for node in self.related(heads, Direction::Outgoing, follow) {
            seen[node.index()] |= 1;
        }
        for node in self.related(bases, Direction::Incoming, follow) {
            seen[node.index()] |= 2;
        }
        let mut lost = ids(&mut self
            .mapped_nodes()
            .into_iter()
            .filter(|node| seen[node.index()] != 3));
        if lost.is_empty() {
            return Ok(());
        }
        lost.sort();
        Err(RevisionError::Cycle {
            kind,
            revisions: lost,
        })
    }

    /// Numbers every node by its longest way down. A cycle that heads and bases both reach, which upstream does not notice, is found here.
    fn number_generations(&mut self) -> Result<(), RevisionError> {
        self.generation = vec![0; self.graph.node_count()];
        let Ok(order) = petgraph::algo::toposort(&self.graph, None) else {
            let mut looped: Vec<String> = petgraph::algo::kosaraju_scc(&self.graph)
                .into_iter()
                .filter(|nodes| nodes.len() > 1)
                .flat_map(|nodes| self.ids(&nodes))
                .collect();
            looped.sort();
            return Err(RevisionError::Cycle {
                kind: "Cycle",
                revisions: looped,
            });
        };
        for node in order.into_iter().rev() {
            let below = self
                .graph
                .neighbors(node)
                .map(|down| self.generation[down.index()] + 1)
                .max();
            self.generation[node.index()] = below.unwrap_or(0);
        }
        Ok(())
    }

    /// `_add_branches`: labels go to all descendants, and down to the fork below.
    fn add_branches(&mut self) {
        let labelled: Vec<NodeIndex> = self
            .graph
            .node_indices()
            .filter(|node| !self.graph[*node].own_labels.is_empty())
            .collect();
        for node in labelled {
            let labels: Vec<String> = self.graph[node].branch_labels.iter().cloned().collect();
            let descendants = self.related(&[node], Direction::Incoming, Follow::Versioned);
            let mut parent = descendants.last().copied();
            for descendant in descendants {
                self.graph[descendant]
                    .branch_labels
                    .extend(labels.iter().cloned());
            }
            while let Some(node) = parent {
                let forks = self.graph.edges_directed(node, Direction::Incoming).count() > 1;
                if forks || self.graph[node].is_merge_point() {
                    break;
                }
                self.graph[node]
                    .branch_labels
                    .extend(labels.iter().cloned());
                parent = self.down(node, Follow::Versioned).first().copied();
            }
        }
    }

    /// `_iterate_related_revisions` without its checks: depth first, the last neighbour first.
    pub fn related(
        &self,
        targets: &[NodeIndex],
        direction: Direction,
        follow: Follow,
    ) -> Vec<NodeIndex> {
        let mut seen = vec![false; self.graph.node_count()];
        let mut found = Vec::new();
        let mut todo = Vec::new();
        for target in targets {
            todo.push(*target);
            while let Some(node) = todo.pop() {
                if std::mem::replace(&mut seen[node.index()], true) {
                    continue;
                }
                found.push(node);
                todo.extend(self.neighbours(node, direction, follow));
            }
        }
        found
    }

    fn neighbours(&self, node: NodeIndex, direction: Direction, follow: Follow) -> Vec<NodeIndex> {
        let mut found: Vec<NodeIndex> = self
            .graph
            .edges_directed(node, direction)
            .filter(|edge| match follow {
                Follow::Versioned => edge.weight().versioned,
                Follow::Dependencies => {
                    edge.weight().normalized || direction == Direction::Incoming
                }
                Follow::Everything => true,
            })
            .map(|edge| {
                if direction == Direction::Outgoing {
                    edge.target()
                } else {
                    edge.source()
                }
            })
            .collect();
        // petgraph gives the newest edge first.
        found.reverse();
        found
    }

    /// What a revision stands on, in declaration order.
    pub(crate) fn down(&self, node: NodeIndex, follow: Follow) -> Vec<NodeIndex> {
        self.neighbours(node, Direction::Outgoing, follow)
    }

    /// What stands on a revision, in load order: `nextrev` or `_all_nextrev`.
    pub fn next(&self, node: NodeIndex, follow: Follow) -> Vec<NodeIndex> {
        self.neighbours(node, Direction::Incoming, follow)
    }

    /// The ids of `_normalized_down_revisions`.
    pub fn normalized_down_revisions(&self, node: NodeIndex) -> Vec<String> {
        self.ids(&self.down(node, Follow::Dependencies))
    }

    /// Whether `below` is an ancestor of `above` (dependencies included) or the same.
    pub(crate) fn is_ancestor(&self, below: NodeIndex, above: &[NodeIndex]) -> bool {
        let floor = self.generation[below.index()];
        let mut seen: IndexSet<NodeIndex, FxBuildHasher> = IndexSet::default();
        let mut todo = above.to_vec();
        while let Some(node) = todo.pop() {
            if node == below {
                return true;
            }
            if self.generation[node.index()] > floor && seen.insert(node) {
                todo.extend(self.down(node, Follow::Dependencies));
            }
        }
        false
    }

    /// The revision of a node.
    pub fn revision(&self, node: NodeIndex) -> &Revision {
        &self.graph[node]
    }

    /// The ids of nodes.
    pub fn ids(&self, nodes: &[NodeIndex]) -> Vec<String> {
        nodes
            .iter()
            .map(|node| self.graph[*node].revision.clone())
            .collect()
    }

    /// The node of an exact id or label.
    pub fn by_key(&self, key: &str) -> Option<NodeIndex> {
        self.keys.get(key).copied()
    }

    /// Every id and label, in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&str, NodeIndex)> {
        self.keys.iter().map(|(key, node)| (key.as_str(), *node))
    }

    /// The position of a revision's id in the map.
    pub(crate) fn position(&self, node: NodeIndex) -> usize {
        self.keys
            .get_index_of(&self.graph[node].revision)
            .unwrap_or(usize::MAX)
    }

    /// The revisions that an id leads to, in load order.
    pub(crate) fn mapped_nodes(&self) -> Vec<NodeIndex> {
        self.keys
            .iter()
            .filter(|(key, node)| self.graph[**node].revision == **key)
            .map(|(_, node)| *node)
            .collect()
    }

    /// How many revisions there are, duplicates counted.
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.graph.node_count() == 0
    }

    /// Heads: no child by `down_revision`.
    pub fn heads(&self) -> &[NodeIndex] {
        &self.heads
    }

    /// Real heads: no child, and no revision depends on them.
    pub fn real_heads(&self) -> &[NodeIndex] {
        &self.real_heads
    }

    /// Bases: no parent.
    pub fn bases(&self) -> &[NodeIndex] {
        &self.bases
    }

    /// Ids that more than one file declares.
    pub fn duplicates(&self) -> &[String] {
        &self.duplicates
    }

    /// Whether nothing stands on a revision by `down_revision`.
    pub fn is_head(&self, node: NodeIndex) -> bool {
        self.next(node, Follow::Versioned).is_empty()
    }

    /// Whether nothing stands on a revision at all.
    pub fn is_real_head(&self, node: NodeIndex) -> bool {
        self.graph
            .edges_directed(node, Direction::Incoming)
            .next()
            .is_none()
    }

    /// Whether several revisions stand on it.
    pub fn is_branch_point(&self, node: NodeIndex) -> bool {
        self.next(node, Follow::Versioned).len() > 1
    }

    /// Keeps a warning.
    pub(crate) fn warn(&self, message: impl Into<String>) {
        self.warnings.borrow_mut().push(message.into());
    }

    /// The warnings since the last call.
    pub fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut *self.warnings.borrow_mut())
    }
}
