//! Tables.

use indexmap::IndexMap;

use crate::schema::column::Column;
use crate::schema::constraint::Constraint;
use crate::schema::index::Index;
use crate::schema::name::Name;
use crate::schema::options::OptionValue;

/// A table's name and schema.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct TableName {
    /// The schema.
    pub schema: Option<Name>,
    /// The name.
    pub name: Name,
}

impl TableName {
    /// A table without a schema.
    pub fn new(name: impl Into<Name>) -> Self {
        Self {
            schema: None,
            name: name.into(),
        }
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Name and schema.
    pub name: TableName,
    /// The columns in order.
    pub columns: Vec<Column>,
    /// The primary key, if it has columns.
    pub primary_key: Option<Constraint>,
    /// The other constraints, in the order they are written.
    pub constraints: Vec<Constraint>,
    /// The indexes.
    pub indexes: Vec<Index>,
    /// The comment.
    pub comment: Option<String>,
    /// `prefixes=["TEMPORARY"]`.
    pub prefixes: Vec<String>,
    /// `postgresql_…` options, by full name.
    pub options: IndexMap<String, OptionValue>,
}
