//! From `Statement`, `SqlType` and `Expr` to SQL text, per dialect. Knows no Python.

use crate::ddl::Statement;
use crate::schema::expr::Expr;
use crate::schema::types::SqlType;

/// Which SQLAlchemy's text is reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SqlAlchemy {
    /// 2.0.58.
    V2_0,
    /// 2.1.9.
    V2_1,
}

/// How bound values become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binds {
    /// Offline with `literal_binds`: as SQLAlchemy renders literals, errors where it has no renderer.
    Literal,
    /// Offline without `literal_binds`: the driver's placeholders.
    Placeholder,
    /// Online: every value is written into the text as the driver would send it (values of any type; nothing is refused that the driver takes).
    Driver,
}

/// Everything that decides the text besides the statement.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which SQLAlchemy.
    pub sqlalchemy: SqlAlchemy,
    /// How values are written.
    pub binds: Binds,
    /// Whether `%` is doubled in text, literals and identifiers (paramstyle `format` or `pyformat`, offline).
    pub double_percent: bool,
    /// The driver named in the URL (`psycopg2`, `psycopg`, `asyncpg`, …): decides placeholders.
    pub driver: String,
    /// The server's version, when connected: (15, 18).
    pub server_version: Option<(u32, u32)>,
}

/// Why text cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// SQLAlchemy raises this very error: class below `sqlalchemy.exc` (or a builtin name) and message.
    #[error("{message}")]
    Upstream {
        /// For instance `CompileError`.
        class: &'static str,
        /// The message.
        message: String,
    },
    /// aludel does not do this (yet).
    #[error("{what} is not supported for {dialect}")]
    Unsupported {
        /// What.
        what: String,
        /// For which dialect.
        dialect: &'static str,
    },
}

/// A dialect: SQLAlchemy's compilers under upstream's method names, default bodies generic, overridden per dialect.
pub trait Dialect: std::fmt::Debug {
    /// `postgresql`, `sqlite`, `mysql`.
    fn name(&self) -> &'static str;
    /// The settings of this run.
    fn settings(&self) -> &Settings;
    /// The text of a type, for instance `VARCHAR(20)`.
    fn type_sql(&self, sql_type: &SqlType) -> Result<String, CompileError>;
    /// The text of an expression inside another statement.
    fn expr_sql(&self, expr: &Expr) -> Result<String, CompileError>;
    /// The text of a whole statement, without a trailing semicolon.
    fn compile(&self, statement: &Statement) -> Result<String, CompileError>;
}
