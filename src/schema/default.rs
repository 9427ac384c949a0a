//! What the server puts into a column by itself: defaults, computed columns, identities.

use crate::schema::expr::Expr;
use crate::schema::sequence::SequenceOptions;

/// A `server_default` argument: text is a string constant, an expression is rendered.
#[derive(Debug, Clone, PartialEq)]
pub enum DefaultValue {
    /// `server_default="5"`: the constant `'5'`.
    Text(String),
    /// `server_default=sa.text("now()")` and other expressions.
    Expr(Expr),
}

/// `sqlalchemy.schema.Column.server_default`.
#[derive(Debug, Clone, PartialEq)]
pub enum ServerDefault {
    /// `DefaultClause`.
    Value(DefaultValue),
    /// `FetchedValue`: the server does it, nothing is said.
    Fetched,
    /// `Computed`.
    Computed(Computed),
    /// `Identity`.
    Identity(Identity),
}

/// `Computed`.
#[derive(Debug, Clone, PartialEq)]
pub struct Computed {
    /// The expression.
    pub sqltext: Expr,
    /// STORED (`true`), VIRTUAL (`false`) or unsaid.
    pub persisted: Option<bool>,
}

/// `Identity`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Identity {
    /// ALWAYS rather than BY DEFAULT.
    pub always: bool,
    /// `on_null` (Oracle).
    pub on_null: Option<bool>,
    /// The options.
    pub options: SequenceOptions,
}

/// A client-side `default`, as far as DDL depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientDefault {
    /// None.
    #[default]
    None,
    /// `Sequence(..., optional=True)`.
    OptionalSequence,
    /// A `Sequence`.
    Sequence,
    /// Any other.
    Other,
}
