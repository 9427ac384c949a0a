//! Plain data about databases: tables, columns, constraints, indexes, types, expressions. No Python, no SQL text.

pub mod expr;
pub mod literal;
pub mod types;
