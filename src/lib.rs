//! aludel: Alembic migrations without Python.

pub mod db;
pub mod ddl;
pub mod dialect;
pub mod py;
pub mod sa;
pub mod schema;
