//! Columns.

use indexmap::IndexMap;

use crate::schema::constraint::Constraint;
use crate::schema::default::ClientDefault;
use crate::schema::default::ServerDefault;
use crate::schema::name::Name;
use crate::schema::options::OptionValue;
use crate::schema::types::SqlType;

/// `autoincrement=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Autoincrement {
    /// `"auto"`, the default.
    #[default]
    Auto,
    /// `True`.
    Yes,
    /// `False`.
    No,
    /// `"ignore_fk"`.
    IgnoreFk,
}

/// `sqlalchemy.schema.Column`, as far as DDL depends on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The name.
    pub name: Name,
    /// The key in `table.c`, when it differs from the name.
    pub key: Option<String>,
    /// The type.
    pub sql_type: SqlType,
    /// Whether NULL is allowed.
    pub nullable: bool,
    /// Whether it is a part of the primary key.
    pub primary_key: bool,
    /// `autoincrement=`.
    pub autoincrement: Autoincrement,
    /// Whether this is its table's autoincrement column: set by `Table::autoincrement_column`.
    pub is_autoincrement: bool,
    /// The client-side default.
    pub default: ClientDefault,
    /// The server's default, computed expression or identity.
    pub server_default: Option<ServerDefault>,
    /// CHECKs written with the column.
    pub checks: Vec<Constraint>,
    /// The comment.
    pub comment: Option<String>,
    /// Whether the column exists anyway and is left out of CREATE TABLE.
    pub system: bool,
    /// Whether the column has foreign keys.
    pub has_foreign_keys: bool,
    /// Dialect options (`sqlite_on_conflict_unique`), by full name.
    pub options: IndexMap<String, OptionValue>,
}

impl Column {
    /// A column with a name and a type, nothing else.
    pub fn new(name: impl Into<Name>, sql_type: SqlType) -> Self {
        Self {
            name: name.into(),
            key: None,
            sql_type,
            nullable: true,
            primary_key: false,
            autoincrement: Autoincrement::Auto,
            is_autoincrement: false,
            default: ClientDefault::None,
            server_default: None,
            checks: Vec::new(),
            comment: None,
            system: false,
            has_foreign_keys: false,
            options: IndexMap::new(),
        }
    }

    /// The key in `table.c`.
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or(&self.name.text)
    }
}
