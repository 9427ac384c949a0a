//! SQL types as SQLAlchemy distinguishes them.

/// A column type.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlType {
    /// `NullType`: no type given.
    Null,
    /// `Integer`.
    Integer,
}
