//! Expressions and statements as text. sqlalchemy/sql/compiler.py `SQLCompiler`.

use crate::dialect::CompileError;
use crate::dialect::Dialect;
use crate::schema::expr::Expr;

/// The text of an expression or statement.
pub fn compile(dialect: &dyn Dialect, expr: &Expr) -> Result<String, CompileError> {
    match expr {
        Expr::Text(text) => Ok(text.text.clone()),
        _ => Err(CompileError::Unsupported {
            what: "this expression".to_owned(),
            dialect: dialect.name(),
        }),
    }
}

/// The text of an expression in DDL: literal values, no table names.
pub fn compile_ddl(
    dialect: &dyn Dialect,
    expr: &Expr,
    _self_group: bool,
) -> Result<String, CompileError> {
    compile(dialect, expr)
}
