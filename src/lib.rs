//! aludel: Alembic migrations without Python.

pub mod cli;
pub mod command;
pub mod config;
pub mod db;
pub mod ddl;
pub mod diag;
pub mod dialect;
pub mod env;
pub mod ops;
pub mod py;
pub mod runtime;
pub mod sa;
pub mod schema;
pub mod script;
