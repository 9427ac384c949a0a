//! Indexes.

use indexmap::IndexMap;

use crate::schema::expr::Expr;
use crate::schema::name::Name;
use crate::schema::options::OptionValue;
use crate::schema::table::TableName;

/// One thing an index is on.
#[derive(Debug, Clone, PartialEq)]
pub enum IndexElement {
    /// A column by its name.
    Column(Name),
    /// An expression, and its key for `postgresql_ops`.
    Expr(Expr, Option<String>),
}

/// An index.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// The name.
    pub name: Option<Name>,
    /// The table.
    pub table: TableName,
    /// What it is on.
    pub elements: Vec<IndexElement>,
    /// UNIQUE.
    pub unique: bool,
    /// `postgresql_…` options, by full name.
    pub options: IndexMap<String, OptionValue>,
}
