//! What can be wrong with a set of revisions or with a question about it: the exceptions of alembic/script/revision.py, and the sentences script/base.py makes of them.

use std::fmt;
use std::path::PathBuf;

use crate::script::identifier::Identifier;

/// A revision error as data. Its `Display` is the text of upstream's inner exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevisionError {
    /// `RangeNotAncestorError`.
    RangeNotAncestor {
        /// The lower end as it was given.
        lower: Identifier,
        /// The upper end as it was given.
        upper: Identifier,
    },
    /// `MultipleHeads`.
    MultipleHeads {
        /// The heads.
        heads: Vec<String>,
        /// What was asked for.
        argument: Identifier,
    },
    /// `ResolutionError`.
    Resolution {
        /// Upstream's sentence.
        message: String,
        /// The identifier that does not resolve.
        argument: String,
        /// Every key that starts with the identifier, when there are several.
        candidates: Vec<String>,
    },
    /// `CycleDetected` and its three relatives.
    Cycle {
        /// `Cycle`, `Self-loop`, `Dependency cycle`, `Dependency self-loop`.
        kind: &'static str,
        /// The revisions in it.
        revisions: Vec<String>,
    },
    /// A plain `RevisionError`.
    Plain(String),
    /// A revision names a parent or dependency that no file has. Upstream: a warning, then `KeyError`.
    MissingRevision {
        /// The id that is not there.
        missing: String,
        /// The revision that names it.
        referenced_from: String,
        /// The file that names it.
        path: PathBuf,
    },
    /// Upstream dies of an `AssertionError` here; the text says what is wrong.
    Assertion(String),
}

impl RevisionError {
    /// A plain error.
    pub(crate) fn plain(message: impl Into<String>) -> Self {
        Self::Plain(message.into())
    }

    /// What upstream asserts never to happen.
    pub(crate) fn assertion(message: impl Into<String>) -> Self {
        Self::Assertion(message.into())
    }

    /// `Relative revision %s didn't produce %d migrations`.
    pub(crate) fn relative(relative: &str, steps: i64) -> Self {
        Self::Plain(format!(
            "Relative revision {relative} didn't produce {} migrations",
            steps.abs()
        ))
    }
}

impl fmt::Display for RevisionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RangeNotAncestor { lower, upper } => {
                write!(
                    f,
                    "Revision {} is not an ancestor of revision {}",
                    lower.or_base(),
                    upper.or_base()
                )
            }
            Self::MultipleHeads { heads, argument } => {
                write!(
                    f,
                    "Multiple heads are present for given argument '{argument}'; {}",
                    heads.join(", ")
                )
            }
            Self::Resolution { message, .. } | Self::Plain(message) | Self::Assertion(message) => {
                f.write_str(message)
            }
            Self::Cycle { kind, revisions } => write!(
                f,
                "{kind} is detected in revisions ({})",
                revisions.join(", ")
            ),
            Self::MissingRevision { missing, .. } => write!(f, "'{missing}'"),
        }
    }
}

impl std::error::Error for RevisionError {}

/// An error of the script directory, with the sentence people see.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Upstream's `CommandError`: printed as `FAILED: …`, exit status 255.
    #[error("{message}")]
    Command {
        /// The sentence.
        message: String,
        /// What it was made of.
        source: Option<RevisionError>,
    },
    /// Upstream dies of a Python exception here (exit status 1): the name of its class and the text.
    #[error("{class}: {message}")]
    Python {
        /// The exception's class.
        class: &'static str,
        /// Its text.
        message: String,
        /// What it was made of.
        source: Option<RevisionError>,
    },
    /// A file is not Python.
    #[error("{}", syntax_report(.path, .error, .text.as_deref()))]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: crate::py::parse::SyntaxError,
        /// The line it is about.
        text: Option<String>,
    },
}

impl Error {
    /// A command error of upstream's or our own.
    pub fn command(message: impl Into<String>) -> Self {
        Self::Command {
            message: message.into(),
            source: None,
        }
    }

    /// A Python exception.
    pub(crate) fn python(class: &'static str, message: impl Into<String>) -> Self {
        Self::Python {
            class,
            message: message.into(),
            source: None,
        }
    }

    /// The revision error behind it.
    pub fn revision_error(&self) -> Option<&RevisionError> {
        match self {
            Self::Command { source, .. } | Self::Python { source, .. } => source.as_ref(),
            Self::Syntax { .. } => None,
        }
    }
}

/// A syntax error in the form CPython prints it.
fn syntax_report(
    path: &std::path::Path,
    error: &crate::py::parse::SyntaxError,
    text: Option<&str>,
) -> String {
    let mut report = String::new();
    if error.line > 0 {
        report.push_str(&format!(
            "  File \"{}\", line {}\n",
            path.display(),
            error.line
        ));
        if let Some(text) = text {
            let indent = text.len() - text.trim_start().len();
            report.push_str(&format!("    {}\n", text.trim()));
            let column = (error.column as usize)
                .saturating_sub(1)
                .saturating_sub(indent);
            report.push_str(&format!("    {}^\n", " ".repeat(column.min(text.len()))));
        }
    } else {
        report.push_str(&format!("  File \"{}\"\n", path.display()));
    }
    report.push_str(&format!("{}: {}", error.class, error.message));
    report
}

/// The wording `_catch_revision_errors` is called with (alembic/script/base.py).
#[derive(Debug, Clone, Default)]
pub(crate) struct Wording {
    /// Instead of the sentence on ranges; `%(start)s` and `%(end)s` are filled in.
    pub(crate) ancestor: Option<&'static str>,
    /// Instead of the sentence on several heads.
    pub(crate) multiple_heads: Option<&'static str>,
    /// The start that the user gave.
    pub(crate) start: Option<Identifier>,
    /// The end that the user gave.
    pub(crate) end: Option<Identifier>,
}

impl Wording {
    /// `_catch_revision_errors`.
    pub(crate) fn of(&self, error: RevisionError) -> Error {
        let message = match &error {
            RevisionError::RangeNotAncestor { lower, upper } => {
                let start = self.start.as_ref().unwrap_or(lower);
                let end = self.end.as_ref().unwrap_or(upper);
                self.ancestor
                    .unwrap_or("Requested range %(start)s:%(end)s does not refer to ancestor/descendant revisions along the same branch")
                    .replace("%(start)s", &start.to_string())
                    .replace("%(end)s", &end.to_string())
            }
            RevisionError::MultipleHeads { argument, .. } => {
                // alembic/script/base.py: `end or mh.argument`.
                let argument = self
                    .end
                    .as_ref()
                    .filter(|end| !end.is_empty())
                    .unwrap_or(argument);
                self.multiple_heads
                    .unwrap_or(
                        "Multiple head revisions are present for given argument '%(head_arg)s'; please specify a specific target revision, \
                         '<branchname>@%(head_arg)s' to narrow to a specific head, or 'heads' for all heads",
                    )
                    .replace("%(head_arg)s", &argument.to_string())
            }
            RevisionError::Resolution { argument, .. } => {
                format!("Can't locate revision identified by '{argument}'")
            }
            RevisionError::Cycle { .. } | RevisionError::Plain(_) => error.to_string(),
            RevisionError::MissingRevision { .. } => {
                return Error::Python {
                    class: "KeyError",
                    message: error.to_string(),
                    source: Some(error),
                };
            }
            RevisionError::Assertion(message) => {
                return Error::Python {
                    class: "AssertionError",
                    message: message.clone(),
                    source: Some(error),
                };
            }
        };
        Error::Command {
            message,
            source: Some(error),
        }
    }
}
