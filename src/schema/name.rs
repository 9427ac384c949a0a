//! Identifiers: plain `str`, `quoted_name` and `conv` (`op.f`).

/// Which Python class the identifier came as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NameKind {
    /// `str`.
    #[default]
    Plain,
    /// `sqlalchemy.sql.elements.quoted_name`.
    Quoted,
    /// `sqlalchemy.sql.elements.conv`, `op.f(...)`, or made by a naming convention: final, and shortened when too long.
    Convention,
    /// `_truncated_label`: made by SQLAlchemy, shortened when too long.
    Truncated,
}

/// An identifier.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Name {
    /// The text, unquoted.
    pub text: String,
    /// `quote=True/False`; `None` decides by the text.
    pub quote: Option<bool>,
    /// Where it is from.
    pub kind: NameKind,
}

impl Name {
    /// A plain name.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            quote: None,
            kind: NameKind::Plain,
        }
    }

    /// A name made by a naming convention or `op.f`.
    pub fn convention(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            quote: None,
            kind: NameKind::Convention,
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}
