//! Sequences.

use crate::schema::name::Name;
use crate::schema::types::SqlType;

/// `IdentityOptions`: sqlalchemy/sql/schema.py.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SequenceOptions {
    /// START WITH.
    pub start: Option<i64>,
    /// INCREMENT BY.
    pub increment: Option<i64>,
    /// MINVALUE.
    pub minvalue: Option<i64>,
    /// MAXVALUE.
    pub maxvalue: Option<i64>,
    /// NO MINVALUE, when not `None`.
    pub nominvalue: Option<bool>,
    /// NO MAXVALUE, when not `None`.
    pub nomaxvalue: Option<bool>,
    /// CYCLE or NO CYCLE.
    pub cycle: Option<bool>,
    /// CACHE.
    pub cache: Option<i64>,
}

/// `Sequence`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// The name.
    pub name: Name,
    /// The schema.
    pub schema: Option<Name>,
    /// AS type.
    pub data_type: Option<SqlType>,
    /// The options.
    pub options: SequenceOptions,
    /// `optional=True`.
    pub optional: bool,
}
