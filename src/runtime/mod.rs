//! Transactions, the version table and the sinks of a run. Evaluates nothing: the caller passes what runs a step. alembic/runtime/migration.py.

pub mod context;
pub mod offline;
pub mod recording;
pub mod transaction;
pub mod version_table;
