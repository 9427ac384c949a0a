//! SQLite: sqlalchemy/dialects/sqlite/base.py and alembic/ddl/sqlite.py.

mod ddl;
mod expr;
mod ident;
pub mod parse;
mod types;

use crate::dialect::Base;
use crate::dialect::Dialect;
use crate::dialect::Settings;

/// The SQLite dialect.
#[derive(Debug)]
pub struct Sqlite {
    settings: Settings,
}

impl Sqlite {
    /// The dialect with a run's settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Base for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn max_identifier_length(&self) -> usize {
        9999
    }

    fn supports_alter(&self) -> bool {
        false
    }
}

impl Dialect for Sqlite {}
