//! SQL expressions and queries as data: what `sa.text`, `sa.func`, `column == 5`, `sa.select` build.

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// `sa.text(...)`.
    Text(String),
}
