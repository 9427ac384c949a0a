//! Revision files and the graph they make: alembic/script. Reading a file's header evaluates nothing.

pub mod collect;
pub mod directory;
pub mod error;
pub mod evaluate;
pub mod file;
pub mod format;
mod header;
pub mod identifier;
pub mod load;
pub mod map;
pub mod plan;
pub mod produce;
pub mod resolve;
pub mod revision;
pub mod topological;
