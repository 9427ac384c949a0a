//! Plain data about databases: tables, columns, constraints, indexes, types, expressions. No Python, no SQL text.

pub mod column;
pub mod constraint;
pub mod default;
pub mod expr;
pub mod index;
pub mod literal;
pub mod name;
pub mod options;
pub mod sequence;
pub mod table;
pub mod types;
