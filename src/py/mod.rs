//! A Python evaluator. It knows nothing of Alembic, SQLAlchemy or SQL: those register native modules and classes.

pub mod args;
pub mod ast;
pub mod builtins;
pub mod class;
pub(crate) mod cpu;
pub mod descriptor;
pub mod dict;
pub mod embedded;
pub mod embedding;
pub mod error;
pub mod eval;
pub mod exceptions;
pub mod function;
pub mod module;
pub mod object;
pub mod parse;
pub mod signature;
pub mod stdlib;
pub mod value;
pub mod vm;
