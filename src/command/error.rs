//! What ends a command: the kinds decide stream and exit status, the hints are for people.

use crate::config;
use crate::script::directory::ScriptDirectory;
use crate::script::error::Error as ScriptError;
use crate::script::error::RevisionError;
use crate::script::map::RevisionMap;

/// The kinds of failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Alembic's `CommandError`: `FAILED: …` on standard output, exit status 255.
    Command,
    /// Alembic would die of a Python exception here: a report on standard error, exit status 1.
    Python,
    /// Something aludel does not do, or not yet: standard error, exit status 1.
    Unsupported,
    /// Python code called `sys.exit`: this status; the text, if any, goes to standard error.
    Exit(i32),
}

/// An error of a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CommandError {
    /// What kind.
    pub kind: Kind,
    /// The text.
    pub message: String,
    /// Lines for standard error that help.
    pub hints: Vec<String>,
}

impl CommandError {
    /// Alembic's `CommandError`.
    pub fn command(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Command,
            message: message.into(),
            hints: Vec::new(),
        }
    }

    /// What Alembic dies of.
    pub fn python(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Python,
            message: message.into(),
            hints: Vec::new(),
        }
    }

    /// What aludel does not do.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Unsupported,
            message: message.into(),
            hints: Vec::new(),
        }
    }

    /// What `sys.exit` asked for.
    pub fn exit(status: i32, message: String) -> Self {
        Self {
            kind: Kind::Exit(status),
            message,
            hints: Vec::new(),
        }
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds what the revisions at hand suggest.
    #[must_use]
    pub fn with_map(mut self, error: &ScriptError, script: &ScriptDirectory) -> Self {
        if let (Some(error), Ok(map)) = (error.revision_error(), script.map()) {
            self.hints.extend(hints(error, map));
        }
        self
    }
}

impl From<ScriptError> for CommandError {
    fn from(error: ScriptError) -> Self {
        match &error {
            ScriptError::Command { message, .. } => Self::command(message),
            ScriptError::Python {
                source:
                    Some(RevisionError::MissingRevision {
                        missing,
                        referenced_from,
                        path,
                    }),
                ..
            } => {
                let made = Self::python(error.to_string());
                made.hint(format!(
                    "revision {referenced_from} ({}) stands on {missing}, which no file declares",
                    path.display()
                ))
            }
            ScriptError::Python { .. } | ScriptError::Syntax { .. } => {
                Self::python(error.to_string())
            }
        }
    }
}

impl From<config::Error> for CommandError {
    fn from(error: config::Error) -> Self {
        match error {
            config::Error::Command(message) => Self::command(message),
            config::Error::Python { class, message } => Self::python(format!("{class}: {message}")),
        }
    }
}

/// What helps with a revision error.
fn hints(error: &RevisionError, map: &RevisionMap) -> Vec<String> {
    match error {
        RevisionError::Resolution {
            candidates,
            argument,
            ..
        } if candidates.len() > 1 => {
            vec![format!(
                "'{argument}' is the start of {}",
                candidates.join(", ")
            )]
        }
        RevisionError::Resolution {
            argument, message, ..
        } => {
            let close = close_to(argument, map);
            let mut lines = Vec::new();
            if message.contains("is not a member of branch")
                || message.starts_with("No such branch")
            {
                lines.push(message.clone());
            }
            if !close.is_empty() {
                lines.push(format!("did you mean {}?", close.join(" or ")));
            }
            lines
        }
        RevisionError::MultipleHeads { heads, .. } => heads
            .iter()
            .filter_map(|id| map.by_key(id))
            .map(|node| {
                format!(
                    "head {} in {}",
                    map.revision(node).revision,
                    map.revision(node).path.display()
                )
            })
            .collect(),
        RevisionError::RangeNotAncestor { .. }
        | RevisionError::Cycle { .. }
        | RevisionError::Plain(_)
        | RevisionError::MissingRevision { .. }
        | RevisionError::Assertion(_) => Vec::new(),
    }
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

/// Levenshtein distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, character) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, other) in right.iter().enumerate() {
            let change = diagonal + usize::from(character != *other);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
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
    }
}
