//! What ends a command: the kinds decide stream and exit status, the hints are for people.

use crate::command::hints::hints;
use crate::config;
use crate::script::directory::ScriptDirectory;
use crate::script::error::Error as ScriptError;
use crate::script::error::RevisionError;

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

    /// Adds what the revisions at hand suggest; `rows` are those of the version table, where it was read.
    #[must_use]
    pub fn with_map(
        mut self,
        error: &ScriptError,
        script: &ScriptDirectory,
        rows: &[String],
    ) -> Self {
        if let (Some(error), Ok(map)) = (error.revision_error(), script.map()) {
            self.hints.extend(hints(error, script, map, rows));
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
            } => Self::command(format!(
                "Revision {missing}, on which {referenced_from} stands, is not present"
            ))
            .hint(format!(
                "revision {referenced_from} is in {}; no file declares {missing}",
                path.display()
            )),
            // Upstream's map dies of these; a message and its own status are better.
            ScriptError::Python {
                class: "AssertionError" | "AttributeError" | "KeyError",
                message,
                ..
            } => Self::command(capital(message)),
            ScriptError::Python { .. } | ScriptError::Syntax { .. } => {
                Self::python(error.to_string())
            }
        }
    }
}

/// A sentence begins with a capital letter.
fn capital(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
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
