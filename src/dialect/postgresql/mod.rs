//! PostgreSQL: sqlalchemy/dialects/postgresql/base.py and alembic/ddl/postgresql.py.

mod ddl;
mod expr;
mod ident;
mod types;

use crate::dialect::Base;
use crate::dialect::Dialect;
use crate::dialect::Settings;

/// The PostgreSQL dialect.
#[derive(Debug)]
pub struct Postgresql {
    settings: Settings,
}

impl Postgresql {
    /// The dialect with a run's settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Base for Postgresql {
    fn name(&self) -> &'static str {
        "postgresql"
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn max_identifier_length(&self) -> usize {
        63
    }

    fn supports_native_enum(&self) -> bool {
        true
    }

    fn supports_native_boolean(&self) -> bool {
        true
    }

    fn supports_native_uuid(&self) -> bool {
        true
    }

    fn supports_identity_columns(&self) -> bool {
        true
    }

    fn supports_sequences(&self) -> bool {
        true
    }

    fn has_comment_statements(&self) -> bool {
        true
    }

    fn transactional_ddl(&self) -> bool {
        true
    }
}

impl Dialect for Postgresql {}
