//! From `Statement`, `SqlType` and `Expr` to SQL text, per dialect. Knows no Python.

pub mod ddl;
pub mod expr;
pub mod ident;
pub mod postgresql;
pub mod sql;
pub mod sqlite;
pub mod types;

use std::rc::Rc;

use crate::dialect::ddl::DdlCompiler;

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

impl Default for Settings {
    fn default() -> Self {
        Self {
            sqlalchemy: SqlAlchemy::V2_1,
            binds: Binds::Literal,
            double_percent: false,
            driver: String::new(),
            server_version: None,
        }
    }
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

/// What every compiler of a dialect can ask.
pub trait Base: std::fmt::Debug {
    /// `postgresql`, `sqlite`, `mysql`.
    fn name(&self) -> &'static str;
    /// The settings of this run.
    fn settings(&self) -> &Settings;
    /// Whether SQLAlchemy 2.0's text is wanted.
    fn is_2_0(&self) -> bool {
        self.settings().sqlalchemy == SqlAlchemy::V2_0
    }
    /// `dialect.max_identifier_length`.
    fn max_identifier_length(&self) -> usize;
    /// `dialect.supports_native_enum`.
    fn supports_native_enum(&self) -> bool {
        false
    }
    /// `dialect.supports_native_boolean`.
    fn supports_native_boolean(&self) -> bool {
        false
    }
    /// `dialect.supports_native_uuid`.
    fn supports_native_uuid(&self) -> bool {
        false
    }
    /// `dialect.supports_identity_columns`.
    fn supports_identity_columns(&self) -> bool {
        false
    }
    /// `dialect.supports_alter`: whether constraints can be added to and dropped from a table that is there.
    fn supports_alter(&self) -> bool {
        true
    }
    /// `dialect.supports_sequences`.
    fn supports_sequences(&self) -> bool {
        false
    }
    /// Whether comments are statements of their own: `supports_comments and not inline_comments`.
    fn has_comment_statements(&self) -> bool {
        false
    }
    /// `impl.transactional_ddl` (alembic/ddl).
    fn transactional_ddl(&self) -> bool {
        false
    }
}

/// A dialect: SQLAlchemy's compilers under upstream's method names, default bodies generic, overridden per dialect.
/// The parts: [`Base`], [`ident::IdentifierPreparer`], [`types::TypeCompiler`], [`expr::SqlCompiler`], [`DdlCompiler`].
pub trait Dialect: DdlCompiler {}

/// The dialects by SQLAlchemy's names.
pub fn by_name(name: &str, settings: Settings) -> Option<Rc<dyn Dialect>> {
    match name {
        "postgresql" | "postgres" => Some(Rc::new(postgresql::Postgresql::new(settings))),
        "sqlite" => Some(Rc::new(sqlite::Sqlite::new(settings))),
        _ => None,
    }
}

/// SQLAlchemy's own `CompileError`.
pub fn compile_error(message: impl Into<String>) -> CompileError {
    CompileError::Upstream {
        class: "CompileError",
        message: message.into(),
    }
}
