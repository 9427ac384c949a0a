//! From `Expr` to text: sqlalchemy/sql/compiler.py `SQLCompiler`.

use crate::dialect::CompileError;
use crate::dialect::types::TypeCompiler;
use crate::schema::expr::Expr;

/// Compiles expressions and queries.
pub trait SqlCompiler: TypeCompiler {
    /// The text of an expression inside another statement, or of a whole query.
    fn expr_sql(&self, expr: &Expr) -> Result<String, CompileError>;
    /// The text of an expression in DDL: literal values, no table names before columns; in parentheses where
    /// `self_group()` gives them (indexes).
    fn ddl_expr_sql(&self, expr: &Expr, self_group: bool) -> Result<String, CompileError>;
    /// `render_literal_value(text, String())`.
    fn render_string(&self, text: &str) -> String {
        let text = text.replace('\'', "''");
        let text = if self.settings().double_percent {
            text.replace('%', "%%")
        } else {
            text
        };
        format!("'{text}'")
    }
}
