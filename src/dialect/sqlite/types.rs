//! Types on SQLite: sqlalchemy/dialects/sqlite/base.py `SQLiteTypeCompiler`.

use crate::dialect::sqlite::Sqlite;
use crate::dialect::types::TypeCompiler;

impl TypeCompiler for Sqlite {
    fn type_compiler_repr(&self) -> String {
        "<sqlalchemy.dialects.sqlite.base.SQLiteTypeCompiler object>".to_owned()
    }
}
