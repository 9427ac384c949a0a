//! Expressions on SQLite: sqlalchemy/dialects/sqlite/base.py `SQLiteCompiler`.

use crate::dialect::CompileError;
use crate::dialect::expr::SqlCompiler;
use crate::dialect::sqlite::Sqlite;
use crate::schema::expr::Expr;

impl SqlCompiler for Sqlite {
    fn expr_sql(&self, expr: &Expr) -> Result<String, CompileError> {
        crate::dialect::sql::compile(self, expr)
    }

    fn ddl_expr_sql(&self, expr: &Expr, self_group: bool) -> Result<String, CompileError> {
        crate::dialect::sql::compile_ddl(self, expr, self_group)
    }
}
