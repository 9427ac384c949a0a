//! IR 2: what the database is told. One `Statement` is one SQL statement; the op that asked for it is IR 1 (`ops`).

use crate::schema::expr::Expr;

/// One SQL statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// Text sent as it is.
    Raw(String),
    /// `sa.text`, `select`, `insert`, `update`, `delete`: anything that `Expr` can say as a whole statement.
    Query(Box<Expr>),
}
