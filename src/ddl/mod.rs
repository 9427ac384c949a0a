//! IR 2: what the database is told. One `Statement` is one SQL statement; the op that asked for it is IR 1 (`ops`).

mod alter;

pub use crate::ddl::alter::ColumnChange;
use crate::schema::column::Column;
use crate::schema::constraint::Constraint;
use crate::schema::constraint::ForeignKey;
use crate::schema::expr::Expr;
use crate::schema::index::Index;
use crate::schema::name::Name;
use crate::schema::sequence::Sequence;
use crate::schema::table::Table;
use crate::schema::table::TableName;
use crate::schema::types::EnumType;
use crate::schema::types::postgresql::DomainType;

/// One SQL statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// Text sent as it is.
    Raw(String),
    /// `sa.text`, `select`, `insert`, `update`, `delete`: anything that `Expr` can say as a whole statement.
    Query(Box<Expr>),
    /// `CreateTable`.
    CreateTable {
        /// The table.
        table: Box<Table>,
        /// IF NOT EXISTS.
        if_not_exists: bool,
    },
    /// `DropTable`.
    DropTable {
        /// The table.
        table: TableName,
        /// IF EXISTS.
        if_exists: bool,
    },
    /// alembic/ddl/base.py `RenameTable`.
    RenameTable {
        /// The table.
        table: TableName,
        /// Its new name.
        new_name: Name,
    },
    /// alembic/ddl/base.py `AddColumn`.
    AddColumn {
        /// The table.
        table: TableName,
        /// The column.
        column: Box<Column>,
        /// IF NOT EXISTS.
        if_not_exists: bool,
        /// PRIMARY KEY written with the column.
        inline_primary_key: bool,
        /// REFERENCES written with the column.
        inline_references: Option<Box<Constraint>>,
    },
    /// alembic/ddl/base.py `DropColumn`.
    DropColumn {
        /// The table.
        table: TableName,
        /// The column.
        column: Name,
        /// IF EXISTS.
        if_exists: bool,
    },
    /// The parts of alembic/ddl/base.py `AlterColumn`.
    AlterColumn {
        /// The table.
        table: TableName,
        /// The column.
        column: Name,
        /// What changes.
        change: ColumnChange,
    },
    /// `CreateIndex`.
    CreateIndex {
        /// The index.
        index: Box<Index>,
        /// IF NOT EXISTS.
        if_not_exists: bool,
    },
    /// `DropIndex`.
    DropIndex {
        /// The index, its name, table schema and options.
        index: Box<Index>,
        /// IF EXISTS.
        if_exists: bool,
    },
    /// `AddConstraint`.
    AddConstraint {
        /// The table.
        table: TableName,
        /// The constraint.
        constraint: Box<Constraint>,
    },
    /// `DropConstraint`.
    DropConstraint {
        /// The table.
        table: TableName,
        /// The constraint.
        constraint: Box<Constraint>,
        /// IF EXISTS.
        if_exists: bool,
        /// CASCADE.
        cascade: bool,
    },
    /// `SetTableComment`, `DropTableComment`.
    TableComment {
        /// The table.
        table: TableName,
        /// The comment; `None` removes it.
        comment: Option<String>,
    },
    /// `SetColumnComment`, `DropColumnComment`.
    ColumnComment {
        /// The table.
        table: TableName,
        /// The column.
        column: Name,
        /// The comment; `None` removes it.
        comment: Option<String>,
    },
    /// `CreateEnumType`.
    CreateEnum(Box<EnumType>),
    /// `DropEnumType`.
    DropEnum(Box<EnumType>),
    /// `CreateDomainType`.
    CreateDomain(Box<DomainType>),
    /// `DropDomainType`.
    DropDomain(Box<DomainType>),
    /// `CreateSequence`.
    CreateSequence {
        /// The sequence.
        sequence: Box<Sequence>,
        /// IF NOT EXISTS.
        if_not_exists: bool,
    },
    /// `DropSequence`.
    DropSequence {
        /// The sequence.
        sequence: Box<Sequence>,
        /// IF EXISTS.
        if_exists: bool,
    },
    /// `CreateSchema`.
    CreateSchema {
        /// The name.
        name: Name,
        /// IF NOT EXISTS.
        if_not_exists: bool,
    },
    /// `DropSchema`.
    DropSchema {
        /// The name.
        name: Name,
        /// IF EXISTS.
        if_exists: bool,
        /// CASCADE.
        cascade: bool,
    },
}

impl Statement {
    /// The table whose foreign key an inline REFERENCES shows, for those who judge statements.
    pub fn inline_foreign_key(&self) -> Option<&ForeignKey> {
        let Self::AddColumn {
            inline_references: Some(constraint),
            ..
        } = self
        else {
            return None;
        };
        match &constraint.kind {
            crate::schema::constraint::ConstraintKind::ForeignKey(key) => Some(key),
            _ => None,
        }
    }
}
