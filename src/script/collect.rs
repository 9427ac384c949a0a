//! Which revisions lie between two identifiers. alembic/script/revision.py: `_parse_upgrade_target`, `_parse_downgrade_target`, `_collect_*_revisions`.

use indexmap::IndexSet;
use petgraph::Direction;
use petgraph::graph::NodeIndex;

use crate::script::error::RevisionError;
use crate::script::identifier::Identifier;
use crate::script::identifier::Relative;
use crate::script::identifier::relative;
use crate::script::map::Follow;
use crate::script::map::RevisionMap;
use crate::script::resolve::Place;
use crate::script::resolve::nodes;

type Found<T> = Result<T, RevisionError>;
/// Revisions of a range, and the heads a topological sort starts from.
type Collected = (IndexSet<NodeIndex>, Vec<NodeIndex>);

/// The keyword arguments of `iterate_revisions`.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// Base counts as below everything: dependencies on other branches are included.
    pub implicit_base: bool,
    /// The lower end is included.
    pub inclusive: bool,
    /// A relative identifier must not reach past an end.
    pub assert_relative_length: bool,
    /// Collects what a downgrade drops.
    pub select_for_downgrade: bool,
}

impl Default for Range {
    fn default() -> Self {
        Self {
            implicit_base: false,
            inclusive: false,
            assert_relative_length: true,
            select_for_downgrade: false,
        }
    }
}

impl RevisionMap {
    /// `iterate_revisions`: from the upper end down to the lower, children first.
    pub fn iterate_revisions(
        &self,
        upper: &Identifier,
        lower: &Identifier,
        range: Range,
    ) -> Found<Vec<NodeIndex>> {
        let (revisions, heads) = if range.select_for_downgrade {
            self.collect_downgrade(upper, lower, range)?
        } else {
            self.collect_upgrade(upper, lower, range)?
        };
        Ok(self.topological_sort(&revisions, &heads))
    }

    /// `_iterate_related_revisions(check=True)` upwards or downwards: refuses targets of which one is above another.
    pub fn related_checked(
        &self,
        targets: &[NodeIndex],
        direction: Direction,
        follow: Follow,
    ) -> Found<Vec<NodeIndex>> {
        let found = self.related(targets, direction, follow);
        if targets.len() < 2 {
            return Ok(found);
        }
        for target in targets {
            let reached = self.related(&[*target], direction, follow);
            let overlaps: Vec<NodeIndex> = targets
                .iter()
                .copied()
                .filter(|other| other != target && reached.contains(other))
                .collect();
            if !overlaps.is_empty() {
                return Err(RevisionError::plain(format!(
                    "Requested revision {} overlaps with other requested revisions {}",
                    self.revision(*target).revision,
                    self.ids(&overlaps).join(", ")
                )));
            }
        }
        Ok(found)
    }

    /// `_parse_downgrade_target`: the branch named in the target, and what to go down to.
    pub(crate) fn parse_downgrade_target(
        &self,
        current: &Identifier,
        target: &Identifier,
        assert_length: bool,
    ) -> Found<(Option<String>, Place)> {
        let text = match target {
            Identifier::None => return Ok((None, Place::Nothing)),
            Identifier::One(text) => text,
            Identifier::Many(_) | Identifier::NotText(_) => {
                return Err(RevisionError::assertion(
                    "Expected downgrade target in string form",
                ));
            }
        };
        match relative(text) {
            Some(relative) => self.parse_relative_downgrade(current, relative, assert_length),
            None => {
                let (branch, symbol) = match text.rsplit_once('@') {
                    Some((branch, symbol)) => {
                        (Some(branch).filter(|branch| !branch.is_empty()), symbol)
                    }
                    None => (None, text.as_str()),
                };
                let found = self.get_revision(&Identifier::from(symbol))?;
                Ok((
                    branch.map(str::to_owned),
                    found.map_or(Place::Nothing, Place::At),
                ))
            }
        }
    }

    fn parse_relative_downgrade(
        &self,
        current: &Identifier,
        relative: Relative,
        assert_length: bool,
    ) -> Found<(Option<String>, Place)> {
        let Relative {
            mut branch,
            symbol,
            text,
            steps,
        } = relative;
        let is_relative_to_rows = symbol.is_none();
        let place = if steps >= 0 {
            let Some(symbol) = symbol else {
                return Err(RevisionError::relative(&text, steps));
            };
            let start = self
                .get_revision(&Identifier::from(symbol))?
                .map_or(Place::Nothing, Place::At);
            self.walk(start, steps, branch.as_deref(), assert_length)?
        } else {
            let symbol = match symbol {
                Some(symbol) => symbol,
                None => self.downgrade_start(current, &mut branch, &text, steps)?,
            };
            let start = match &branch {
                None => Identifier::from(symbol),
                Some(branch) => Identifier::from(format!("{branch}@{symbol}")),
            };
            let start = self.get_revision(&start)?.map_or(Place::Nothing, Place::At);
            self.walk(start, steps, None, assert_length)?
        };
        match place {
            Place::Nothing if steps < 0 && is_relative_to_rows => {
                Err(RevisionError::relative(&text, steps))
            }
            Place::Nothing => Err(RevisionError::plain("Walked too far")),
            place => Ok((branch, place)),
        }
    }

    /// The revision that `-N` counts from: the row of the named branch, or the first row.
    fn downgrade_start(
        &self,
        current: &Identifier,
        branch: &mut Option<String>,
        text: &str,
        steps: i64,
    ) -> Found<String> {
        let rows = current.to_tuple();
        if let Some(branch) = branch.as_ref().filter(|branch| !branch.is_empty()) {
            let label = Identifier::from(branch.as_str());
            let mut on_branch = Vec::new();
            for row in &rows {
                let Some(row_node) = self.get_revision(&Identifier::from(row.as_str()))? else {
                    continue;
                };
                if !self
                    .filter_for_lineage(&[row_node], &label, false)?
                    .is_empty()
                {
                    on_branch.push(row.clone());
                }
            }
            if on_branch.is_empty() {
                let implied = self.get_all_current(&Identifier::Many(rows))?;
                on_branch = self.ids(&self.filter_for_lineage(&implied, &label, false)?);
            }
            return match on_branch.as_slice() {
                [only] => Ok(only.clone()),
                _ => Err(RevisionError::assertion(format!(
                    "branch '{branch}' has {} current revisions; `{text}` needs exactly one",
                    on_branch.len()
                ))),
            };
        }
        let Some(first) = rows.first().cloned() else {
            return Err(RevisionError::relative(text, steps));
        };
        if rows.iter().any(|row| *row != first) {
            self.warn("downgrade -1 from multiple heads is ambiguous; this usage will be disallowed in a future release.");
        }
        *branch = Some(first.clone());
        Ok(first)
    }

    /// `_parse_upgrade_target`.
    pub(crate) fn parse_upgrade_target(
        &self,
        current: &Identifier,
        target: &Identifier,
        assert_length: bool,
    ) -> Found<Vec<Place>> {
        let parsed = match target {
            Identifier::One(text) => relative(text),
            Identifier::None | Identifier::Many(_) | Identifier::NotText(_) => None,
        };
        let Some(Relative {
            branch,
            symbol,
            text,
            steps,
        }) = parsed
        else {
            return self.get_revisions(target);
        };
        if steps > 0 {
            return match symbol {
                None => {
                    let start = self.upgrade_start(current, branch.as_deref())?;
                    match self.walk(start, steps, branch.as_deref(), assert_length)? {
                        Place::Nothing => Err(RevisionError::relative(&text, steps)),
                        place => Ok(vec![place]),
                    }
                }
                Some(symbol) => {
                    let start = self
                        .get_revision(&Identifier::from(symbol))?
                        .map_or(Place::Nothing, Place::At);
                    Ok(vec![self.walk(
                        start,
                        steps,
                        branch.as_deref(),
                        assert_length,
                    )?])
                }
            };
        }
        let Some(symbol) = symbol else {
            return Err(RevisionError::relative(&steps.to_string(), steps));
        };
        let start = match &branch {
            None => Identifier::from(symbol),
            Some(branch) => Identifier::from(format!("{branch}@{symbol}")),
        };
        let start = self.get_revision(&start)?.map_or(Place::Nothing, Place::At);
        Ok(vec![self.walk(start, steps, None, assert_length)?])
    }

    /// Where `+N` counts from.
    fn upgrade_start(&self, current: &Identifier, branch: Option<&str>) -> Found<Place> {
        let rows = current.to_tuple();
        if branch.is_none() && rows.len() > 1 {
            return Err(RevisionError::plain(
                "Ambiguous upgrade from multiple current revisions",
            ));
        }
        let mut starts: Vec<Place> = match rows.as_slice() {
            [] => vec![Place::Nothing],
            [only] if branch.is_none() => {
                let found = self.get_revision(&Identifier::from(only.as_str()))?;
                return Ok(found.map_or(Place::Nothing, Place::At));
            }
            _ => self.get_revisions(&Identifier::Many(rows))?,
        };
        if let Some(branch) = branch.filter(|branch| !branch.is_empty()) {
            let label = Identifier::from(branch);
            let current: Vec<NodeIndex> = starts.iter().filter_map(|place| place.node()).collect();
            starts = self
                .filter_for_lineage(&current, &label, false)?
                .into_iter()
                .map(Place::At)
                .collect();
            if starts.is_empty() {
                // The branch is not a row: go back to the tips of what is active on it.
                let active = self.filter_for_lineage(
                    &self.related(&current, Direction::Outgoing, Follow::Dependencies),
                    &label,
                    false,
                )?;
                let below: IndexSet<NodeIndex> = active
                    .iter()
                    .flat_map(|node| self.down(*node, Follow::Dependencies))
                    .collect();
                starts = active
                    .into_iter()
                    .filter(|node| !below.contains(node))
                    .map(Place::At)
                    .collect();
            }
            if starts.is_empty() {
                starts.push(Place::Nothing);
            }
        }
        match starts.as_slice() {
            [only] => Ok(*only),
            _ => Err(RevisionError::plain(
                "Ambiguous upgrade from multiple current revisions",
            )),
        }
    }

    /// `_collect_downgrade_revisions`.
    fn collect_downgrade(
        &self,
        upper: &Identifier,
        lower: &Identifier,
        range: Range,
    ) -> Found<Collected> {
        let (branch, target) =
            self.parse_downgrade_target(upper, lower, range.assert_relative_length)?;
        let mut roots = match target {
            Place::Nothing | Place::Base => self
                .mapped_nodes()
                .into_iter()
                .filter(|node| self.revision(*node).is_base())
                .collect(),
            Place::At(node) if range.inclusive => vec![node],
            Place::At(node) => self.next(node, Follow::Versioned),
        };
        if let Some(branch) = branch.filter(|_| roots.len() > 1) {
            let resolved: Vec<NodeIndex> = self.resolve_branch(&branch)?.into_iter().collect();
            let ancestors = self.related(&resolved, Direction::Outgoing, Follow::Versioned);
            roots.retain(|root| ancestors.contains(root));
            if roots.is_empty() {
                return Err(RevisionError::plain(
                    "Not a valid downgrade target from current heads",
                ));
            }
        }
        let heads = nodes(&self.get_revisions(upper)?)?;
        let active: IndexSet<NodeIndex> = self
            .related(&heads, Direction::Outgoing, Follow::Dependencies)
            .into_iter()
            .collect();
        let mut dropped: IndexSet<NodeIndex> = self
            .related(&roots, Direction::Incoming, Follow::Dependencies)
            .into_iter()
            .filter(|node| active.contains(node))
            .collect();
        if range.implicit_base {
            let below: IndexSet<NodeIndex> = self
                .related(&roots, Direction::Outgoing, Follow::Dependencies)
                .into_iter()
                .collect();
            dropped.extend(active.iter().filter(|node| !below.contains(*node)));
        }
        if let Place::At(target) = target
            && dropped.is_empty()
            && !heads.contains(&target)
        {
            return Err(RevisionError::RangeNotAncestor {
                lower: Identifier::from("Nothing to drop"),
                upper: upper.clone(),
            });
        }
        Ok((dropped, heads))
    }

    /// `_collect_upgrade_revisions`.
    #[expect(
        clippy::too_many_lines,
        reason = "the steps share their state and are read in order"
    )]
    fn collect_upgrade(
        &self,
        upper: &Identifier,
        lower: &Identifier,
        range: Range,
    ) -> Found<Collected> {
        let mut targets =
            nodes(&self.parse_upgrade_target(lower, upper, range.assert_relative_length)?)?;
        if let Identifier::One(text) = lower
            && let Some((branch, _)) = text.split_once('@')
        {
            self.keep_branch(&mut targets, branch)?;
        }
        let mut required: IndexSet<NodeIndex> = self
            .related_checked(&targets, Direction::Outgoing, Follow::Dependencies)?
            .into_iter()
            .collect();
        required.extend(targets.iter());
        let mut current = self.get_revisions(lower)?;
        let is_ancestor = |place: &Place| place.node().is_none_or(|node| required.contains(&node));
        if !range.implicit_base
            && current
                .iter()
                .any(|place| !is_ancestor(place) || *place == Place::Base)
        {
            return Err(RevisionError::RangeNotAncestor {
                lower: lower.clone(),
                upper: upper.clone(),
            });
        }
        let mut lower = lower.clone();
        if current.first() == Some(&Place::Nothing) {
            // A relative lower end, which the lookup cannot find.
            match self
                .parse_downgrade_target(upper, &lower, range.assert_relative_length)?
                .1
            {
                Place::Nothing => {
                    return Err(RevisionError::assertion(
                        "the lower end of the range is not found",
                    ));
                }
                Place::Base => {
                    current = Vec::new();
                    lower = Identifier::None;
                }
                Place::At(node) => {
                    current = vec![Place::At(node)];
                    lower = Identifier::from(self.revision(node).revision.as_str());
                }
            }
        }
        let current = nodes(&current)?;
        let have: IndexSet<NodeIndex> = self
            .related_checked(&current, Direction::Outgoing, Follow::Dependencies)?
            .into_iter()
            .collect();
        let mut needs: IndexSet<NodeIndex> = required
            .into_iter()
            .filter(|node| !have.contains(node))
            .collect();
        if range.inclusive {
            needs.extend(nodes(&self.get_revisions(&lower)?)?);
        }
        if !current.is_empty() && !range.implicit_base {
            let above: IndexSet<NodeIndex> = self
                .related_checked(&current, Direction::Incoming, Follow::Versioned)?
                .into_iter()
                .collect();
            needs.retain(|node| above.contains(node));
        }
        Ok((needs, targets))
    }

    /// `branch@… : heads` keeps the targets of that branch.
    fn keep_branch(&self, targets: &mut Vec<NodeIndex>, branch: &str) -> Found<()> {
        let mut label = branch.to_owned();
        if let Some(node) = self.get_revision(&Identifier::from(branch))?
            && self.revision(node).revision == branch
        {
            let labels = &self.revision(node).branch_labels;
            match (labels.first(), labels.len()) {
                (Some(only), 1) => label = only.clone(),
                _ => {
                    return Err(RevisionError::assertion(format!(
                        "revision {branch} used as a branch has {} labels; it needs exactly one",
                        labels.len()
                    )));
                }
            }
        }
        targets.retain(|target| self.revision(*target).branch_labels.contains(&label));
        Ok(())
    }
}
