//! What ALTER COLUMN changes: the subclasses of alembic/ddl/base.py `AlterColumn`.

use crate::schema::default::DefaultValue;
use crate::schema::default::Identity;
use crate::schema::name::Name;
use crate::schema::types::SqlType;

/// One change of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnChange {
    /// `ColumnNullable`.
    Nullable(bool),
    /// `PostgresqlColumnType`.
    Type {
        /// The new type.
        sql_type: SqlType,
        /// USING.
        using: Option<String>,
    },
    /// `ColumnDefault`; `None` drops it. A `FetchedValue` cannot be said.
    Default(Option<DefaultValue>),
    /// `ComputedColumnDefault`: always refused.
    Computed,
    /// `IdentityColumnDefault`.
    Identity {
        /// The new identity; `None` drops it.
        new: Option<Identity>,
        /// The old one, if there was one.
        existing: Option<Identity>,
    },
    /// `ColumnComment`.
    Comment(Option<String>),
    /// `ColumnName`.
    Rename(Name),
}
