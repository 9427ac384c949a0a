//! Identifiers to revisions: "head", "ae10", "branch@head", "-2" and the rest. alembic/script/revision.py, the lookup half of `RevisionMap`.

use std::collections::BTreeSet;

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use crate::script::error::RevisionError;
use crate::script::identifier::Identifier;
use crate::script::identifier::negative_integer;
use crate::script::map::Follow;
use crate::script::map::RevisionMap;

/// What a lookup gives: upstream's `Revision | "base" | None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// `None`: below everything.
    Nothing,
    /// The text `base`: what a walk down ends at.
    Base,
    /// A revision.
    At(NodeIndex),
}

impl Place {
    /// The revision, if it is one.
    pub fn node(self) -> Option<NodeIndex> {
        match self {
            Self::At(node) => Some(node),
            Self::Nothing | Self::Base => None,
        }
    }
}

/// `is_revision` over many: upstream asserts it.
pub(crate) fn nodes(places: &[Place]) -> Result<Vec<NodeIndex>, RevisionError> {
    places.iter().map(|place| node(*place)).collect()
}

/// `is_revision`.
pub(crate) fn node(place: Place) -> Result<NodeIndex, RevisionError> {
    place.node().ok_or_else(|| {
        RevisionError::assertion("the walk ends at base, where a revision is needed")
    })
}

type Found<T> = Result<T, RevisionError>;

impl RevisionMap {
    /// `get_current_head`.
    pub fn get_current_head(&self, branch_label: Option<&str>) -> Found<Option<NodeIndex>> {
        let mut heads = self.heads().to_vec();
        if let Some(label) = branch_label.filter(|label| !label.is_empty()) {
            heads = self.filter_for_lineage(&heads, &Identifier::from(label), false)?;
        }
        if heads.len() > 1 {
            let argument = branch_label
                .filter(|label| !label.is_empty())
                .map_or_else(|| "head".to_owned(), |label| format!("{label}@head"));
            return Err(RevisionError::MultipleHeads {
                heads: self.ids(&heads),
                argument: argument.into(),
            });
        }
        Ok(heads.first().copied())
    }

    /// `get_revisions`.
    pub fn get_revisions(&self, id: &Identifier) -> Found<Vec<Place>> {
        if let Identifier::Many(items) = id {
            let mut found = Vec::new();
            for item in items {
                found.extend(self.get_revisions(&Identifier::from(item.as_str()))?);
            }
            return Ok(found);
        }
        let (resolved, branch_label) = self.resolve_revision_number(id)?;
        if let [only] = resolved.as_slice()
            && let Some(steps) = negative_integer(only)
        {
            let mut heads = self.real_heads().to_vec();
            if let Some(label) = &branch_label {
                heads.retain(|head| self.revision(*head).branch_labels.contains(label));
            }
            return heads
                .into_iter()
                .map(|head| self.walk(Place::At(head), steps, None, true))
                .collect();
        }
        resolved
            .iter()
            .map(|id| {
                Ok(self
                    .revision_for_ident(Some(id), branch_label.as_deref())?
                    .map_or(Place::Nothing, Place::At))
            })
            .collect()
    }

    /// `get_revision`: one revision; `None` is "base".
    pub fn get_revision(&self, id: &Identifier) -> Found<Option<NodeIndex>> {
        let (resolved, branch_label) = self.resolve_revision_number(id)?;
        if resolved.len() > 1 {
            return Err(RevisionError::MultipleHeads {
                heads: resolved,
                argument: id.clone(),
            });
        }
        self.revision_for_ident(
            resolved.first().map(String::as_str),
            branch_label.as_deref(),
        )
    }

    /// `_resolve_revision_number`: ids that are not looked up yet, and the branch before the `@`.
    pub(crate) fn resolve_revision_number(
        &self,
        id: &Identifier,
    ) -> Found<(Vec<String>, Option<String>)> {
        let text = match id {
            Identifier::None => return Ok((Vec::new(), None)),
            Identifier::Many(items) => return Ok((items.clone(), None)),
            Identifier::NotText(repr) => {
                return Err(RevisionError::plain(format!(
                    "revision identifier {repr} is not a string; ensure database driver settings are correct"
                )));
            }
            Identifier::One(text) => text,
        };
        let (branch_label, symbol) = match text.split_once('@') {
            Some((label, symbol)) => (Some(label), symbol),
            None => (None, text.as_str()),
        };
        let named = branch_label.filter(|label| !label.is_empty());
        let resolved = match symbol {
            "heads" => match named {
                Some(label) => self.ids(&self.filter_for_lineage(
                    self.heads(),
                    &Identifier::from(label),
                    false,
                )?),
                None => self.ids(self.real_heads()),
            },
            "head" => self
                .get_current_head(named)?
                .map(|head| self.ids(&[head]))
                .unwrap_or_default(),
            "base" => Vec::new(),
            symbol => vec![symbol.to_owned()],
        };
        Ok((resolved, branch_label.map(str::to_owned)))
    }

    /// `_resolve_branch`.
    pub(crate) fn resolve_branch(&self, label: &str) -> Found<Option<NodeIndex>> {
        if let Some(node) = self.by_key(label) {
            return Ok(Some(node));
        }
        self.revision_for_ident(Some(label), None)
            .map_err(|error| match error {
                RevisionError::Resolution { candidates, .. } => RevisionError::Resolution {
                    message: format!("No such branch: '{label}'"),
                    argument: label.to_owned(),
                    candidates,
                },
                other => other,
            })
    }

    /// `_revision_for_ident`.
    fn revision_for_ident(
        &self,
        id: Option<&str>,
        check_branch: Option<&str>,
    ) -> Found<Option<NodeIndex>> {
        let check_branch = check_branch.filter(|label| !label.is_empty());
        let branch = match check_branch {
            Some(label) => self.resolve_branch(label)?,
            None => None,
        };
        let Some(id) = id else { return Ok(None) };
        let found = match self.by_key(id) {
            Some(node) => node,
            None => self.partial(id, branch.and(check_branch))?,
        };
        if let (Some(label), Some(branch)) = (check_branch, branch)
            && !self.shares_lineage(found, &[branch], false)
        {
            return Err(RevisionError::Resolution {
                message: format!(
                    "Revision {} is not a member of branch '{label}'",
                    self.revision(found).revision
                ),
                argument: id.to_owned(),
                candidates: Vec::new(),
            });
        }
        Ok(Some(found))
    }

    /// The partial lookup of `_revision_for_ident`: the only key longer than three characters that starts so.
    fn partial(&self, id: &str, branch: Option<&str>) -> Found<NodeIndex> {
        if id.is_empty() {
            return Err(RevisionError::assertion("the revision is an empty text"));
        }
        let mut keys: Vec<(&str, NodeIndex)> = self
            .keys()
            .filter(|(key, _)| key.starts_with(id) && key.chars().count() > 3)
            .collect();
        if let Some(branch) = branch {
            let kept = self.filter_for_lineage(
                &keys.iter().map(|(_, node)| *node).collect::<Vec<_>>(),
                &Identifier::from(branch),
                false,
            )?;
            keys.retain(|(_, node)| kept.contains(node));
        }
        let resolution = |message: String| RevisionError::Resolution {
            message,
            argument: id.to_owned(),
            candidates: keys.iter().map(|(key, _)| (*key).to_owned()).collect(),
        };
        match keys.as_slice() {
            [] => {
                let advice = if id.chars().count() < 4 {
                    "; please ensure at least four characters are present for partial revision identifier matches"
                } else {
                    ""
                };
                Err(resolution(format!(
                    "No such revision or branch '{id}'{advice}"
                )))
            }
            [(_, node)] => Ok(*node),
            several => {
                let shown: Vec<String> = several
                    .iter()
                    .take(3)
                    .map(|(key, _)| format!("'{key}'"))
                    .collect();
                Err(resolution(format!(
                    "Multiple revisions start with '{id}': {}...",
                    shown.join(", ")
                )))
            }
        }
    }

    /// `filter_for_lineage`: those that are above, below or equal to what the identifier names.
    pub fn filter_for_lineage(
        &self,
        targets: &[NodeIndex],
        check_against: &Identifier,
        include_dependencies: bool,
    ) -> Found<Vec<NodeIndex>> {
        if targets.is_empty() {
            // Nothing is looked up then, so an unknown name is no error.
            return self
                .resolve_revision_number(check_against)
                .map(|_| Vec::new());
        }
        let Some(shares) = self.lineage(check_against)? else {
            return Ok(targets.to_vec());
        };
        Ok(targets
            .iter()
            .copied()
            .filter(|target| self.shares_lineage(*target, &shares, include_dependencies))
            .collect())
    }

    /// The revisions `filter_for_lineage` tests against; `None` lets everything pass.
    fn lineage(&self, check_against: &Identifier) -> Found<Option<Vec<NodeIndex>>> {
        let (mut ids, branch_label) = self.resolve_revision_number(check_against)?;
        if let Some(label) = branch_label.filter(|label| !label.is_empty()) {
            ids.insert(0, label);
        }
        if ids.is_empty() {
            return Ok(None);
        }
        let mut shares = Vec::new();
        for id in &ids {
            shares.extend(self.revision_for_ident(Some(id), None)?);
        }
        Ok(Some(shares))
    }

    /// `_shares_lineage`.
    fn shares_lineage(
        &self,
        target: NodeIndex,
        against: &[NodeIndex],
        include_dependencies: bool,
    ) -> bool {
        if against.contains(&target) {
            return true;
        }
        if !include_dependencies {
            return [Direction::Incoming, Direction::Outgoing]
                .into_iter()
                .any(|direction| {
                    self.related(&[target], direction, Follow::Versioned)
                        .iter()
                        .any(|node| against.contains(node))
                });
        }
        self.is_ancestor(target, against)
            || against
                .iter()
                .any(|other| self.is_ancestor(*other, &[target]))
    }

    /// `_filter_into_branch_heads`: those without a descendant (by `down_revision`) among the others.
    fn filter_into_branch_heads(&self, targets: BTreeSet<NodeIndex>) -> Vec<NodeIndex> {
        // The set holds every ancestor of its members, so parents are enough.
        let covered: BTreeSet<NodeIndex> = targets
            .iter()
            .flat_map(|node| self.down(*node, Follow::Versioned))
            .collect();
        targets
            .into_iter()
            .filter(|node| !covered.contains(node))
            .collect()
    }

    /// `_get_all_current`: the tips of everything the rows imply, in load order.
    pub fn get_all_current(&self, rows: &Identifier) -> Found<Vec<NodeIndex>> {
        let tops = nodes(&self.get_revisions(rows)?)?;
        let all: BTreeSet<NodeIndex> = self
            .related(&tops, Direction::Outgoing, Follow::Dependencies)
            .into_iter()
            .collect();
        Ok(self.filter_into_branch_heads(all))
    }

    /// `_walk`: so many steps up or down.
    pub(crate) fn walk(
        &self,
        start: Place,
        steps: i64,
        branch_label: Option<&str>,
        no_overwalk: bool,
    ) -> Found<Place> {
        let mut at = start;
        for _ in 0..steps.unsigned_abs() {
            let children = if steps > 0 {
                self.walk_up(at, branch_label)?
            } else {
                self.walk_down(at)
            };
            match children.as_slice() {
                [] => return Ok(if no_overwalk { Place::Nothing } else { at }),
                [only] => at = *only,
                _ => return Err(RevisionError::plain("Ambiguous walk")),
            }
        }
        Ok(at)
    }

    fn walk_up(&self, at: Place, branch_label: Option<&str>) -> Found<Vec<Place>> {
        let mut children = match at {
            Place::Nothing => self.bases().to_vec(),
            Place::At(node) => self.next(node, Follow::Versioned),
            Place::Base => {
                return Err(RevisionError::assertion(
                    "a walk up cannot start at base here",
                ));
            }
        };
        if let Some(label) = branch_label.filter(|label| !label.is_empty()) {
            children = self.filter_for_lineage(&children, &Identifier::from(label), false)?;
        }
        Ok(children.into_iter().map(Place::At).collect())
    }

    fn walk_down(&self, at: Place) -> Vec<Place> {
        let below = match at {
            Place::Base => return Vec::new(),
            Place::Nothing => self.heads().to_vec(),
            Place::At(node) => self.down(node, Follow::Versioned),
        };
        if below.is_empty() {
            vec![Place::Base]
        } else {
            below.into_iter().map(Place::At).collect()
        }
    }
}
