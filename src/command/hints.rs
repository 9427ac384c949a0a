//! What helps with an error about revisions: lines for standard error, after Alembic's own words. Not in Alembic.

use std::collections::BTreeSet;

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use crate::command::git;
use crate::script::directory::ScriptDirectory;
use crate::script::error::RevisionError;
use crate::script::map::Follow;
use crate::script::map::RevisionMap;

/// The lines; `rows` are those of the version table, where it was read.
pub(crate) fn hints(
    error: &RevisionError,
    script: &ScriptDirectory,
    map: &RevisionMap,
    rows: &[String],
) -> Vec<String> {
    match error {
        RevisionError::Resolution {
            candidates,
            argument,
            ..
        } if candidates.len() > 1 => ambiguous(argument, candidates, map),
        RevisionError::Resolution {
            argument, message, ..
        } => unknown(argument, message, script, map, rows),
        RevisionError::MultipleHeads { heads, .. } => several_heads(heads, map),
        RevisionError::RangeNotAncestor { .. }
        | RevisionError::Cycle { .. }
        | RevisionError::Plain(_)
        | RevisionError::MissingRevision { .. }
        | RevisionError::Assertion(_) => Vec::new(),
    }
}

/// A key and what it stands for.
fn described(key: &str, map: &RevisionMap) -> String {
    let Some(node) = map.by_key(key) else {
        return key.to_owned();
    };
    let revision = map.revision(node);
    let doc = revision.doc().lines().next().unwrap_or_default();
    match (revision.revision == key, doc.is_empty()) {
        (true, true) => key.to_owned(),
        (true, false) => format!("{key} ({doc})"),
        (false, _) => format!("{key} (label of {})", revision.revision),
    }
}

fn ambiguous(argument: &str, candidates: &[String], map: &RevisionMap) -> Vec<String> {
    let shown: Vec<String> = candidates
        .iter()
        .take(8)
        .map(|key| described(key, map))
        .collect();
    let more = match candidates.len().saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    vec![format!(
        "'{argument}' is the start of {}{more}",
        shown.join(", ")
    )]
}

fn unknown(
    argument: &str,
    message: &str,
    script: &ScriptDirectory,
    map: &RevisionMap,
    rows: &[String],
) -> Vec<String> {
    if message.contains("is not a member of branch") {
        return vec![message.to_owned()];
    }
    let is_row = rows.iter().any(|row| row == argument);
    let mut lines = vec![match is_row {
        true => format!(
            "'{argument}' stands in the version table of the database, and no revision file here declares it"
        ),
        false => format!("'{argument}' was given on the command line or by env.py"),
    }];
    if message.starts_with("No such branch") {
        lines.push(message.to_owned());
    }
    let close = if is_row {
        Vec::new()
    } else {
        close_to(argument, map)
    };
    if !close.is_empty() {
        lines.push(format!("did you mean {}?", close.join(" or ")));
    }
    match git::last_seen(script.version_locations(), argument) {
        Some(seen) if seen.is_deleted => lines.push(format!(
            "git: {} deleted {} on {}; `git checkout {}^ -- {}` at the top of the repository brings it back",
            seen.author, seen.path, seen.day, seen.commit, seen.path
        )),
        Some(seen) => lines.push(format!(
            "git: it is in {} since {} of {}, {}; `git branch -a --contains {}` names the branches that have it",
            seen.path, seen.commit, seen.author, seen.day, seen.commit
        )),
        None => {}
    }
    match (is_row, close.is_empty()) {
        (true, _) => lines.push("get the files the database was migrated with; if they are gone for good and you know which revision its schema is at, \
                 `stamp --purge REVISION` writes that instead"
            .to_owned()),
        (false, true) => lines.push("`history` lists what there is".to_owned()),
        (false, false) => {}
    }
    lines
}

fn several_heads(heads: &[String], map: &RevisionMap) -> Vec<String> {
    let nodes: Vec<NodeIndex> = heads.iter().filter_map(|id| map.by_key(id)).collect();
    let mut lines: Vec<String> = nodes
        .iter()
        .map(|node| {
            let revision = map.revision(*node);
            let author = git::author(&revision.path)
                .map(|author| format!(" ({author})"))
                .unwrap_or_default();
            format!(
                "head {} in {}{author}",
                described(&revision.revision, map),
                revision.path.display()
            )
        })
        .collect();
    lines.push(match common_ancestor(&nodes, map) {
        Some(node) => format!(
            "they part after {}",
            described(&map.revision(node).revision, map)
        ),
        None => "they have no revision in common".to_owned(),
    });
    lines.push(
        "`merge heads -m MESSAGE` joins them; `heads` as the target takes them all".to_owned(),
    );
    lines
}

/// The last revision, in load order where there are several, that all stand on and that no other such one stands on.
fn common_ancestor(nodes: &[NodeIndex], map: &RevisionMap) -> Option<NodeIndex> {
    let below = |node: &NodeIndex| -> BTreeSet<NodeIndex> {
        let found = map.related(&[*node], Direction::Outgoing, Follow::Versioned);
        found.into_iter().collect()
    };
    let mut all = nodes.iter().map(below);
    let first = all.next()?;
    let common = all.fold(first, |common, next| &common & &next);
    let covered: BTreeSet<NodeIndex> = common
        .iter()
        .flat_map(|node| map.down(*node, Follow::Versioned))
        .collect();
    common.into_iter().find(|node| !covered.contains(node))
}

/// The ids and labels that differ least from a text, at most three.
fn close_to(text: &str, map: &RevisionMap) -> Vec<String> {
    let wanted = text.to_lowercase();
    let mut scored: Vec<(usize, &str)> = map
        .keys()
        .map(|(key, _)| {
            let start: String = key.chars().take(wanted.chars().count().max(4)).collect();
            (
                distance(&wanted, &key.to_lowercase())
                    .min(distance(&wanted, &start.to_lowercase()) + 1),
                key,
            )
        })
        .filter(|(score, _)| *score <= 1 + wanted.chars().count() / 5)
        .collect();
    scored.sort();
    scored
        .into_iter()
        .take(3)
        .map(|(_, key)| format!("'{key}'"))
        .collect()
}

/// How many letters are changed, added, left out, or exchanged with the next.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, character) in left.iter().enumerate() {
        let mut next = vec![index + 1];
        for (column, other) in right.iter().enumerate() {
            let changed = row[column] + usize::from(character != other);
            let mut least = changed.min(row[column + 1] + 1).min(next[column] + 1);
            let is_exchanged = index > 0
                && column > 0
                && left[index - 1] == *other
                && right[column - 1] == *character;
            if is_exchanged {
                least = least.min(before[column - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::revision::Revision;

    #[test]
    fn a_slip_of_the_finger_is_found() {
        let map = RevisionMap::build(
            ["ae1027a6acf", "b2c3d4e5f6a7"].map(|id| Revision::new(id, &[], &[], &[]).unwrap()),
        )
        .unwrap();
        assert_eq!(close_to("ae1027a6afc", &map), ["'ae1027a6acf'"]);
        assert_eq!(close_to("ae72", &map), Vec::<String>::new());
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("shpo", "shop"), 1);
    }
}
