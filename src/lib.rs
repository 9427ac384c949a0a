//! aludel: Alembic migrations without Python.
//!
//! One binary reads an Alembic project as it is (alembic.ini, env.py, versions/*.py), evaluates the Python itself, and runs the migrations or prints their SQL.
//!
//! # Layers
//!
//! A module uses only modules above it in this list; `tests/architecture.rs` checks it.
//!
//! | module | what it is |
//! |---|---|
//! | [`diag`] | what people are told |
//! | [`config`] | alembic.ini and pyproject.toml, resolved |
//! | [`schema`], [`ddl`] | tables and statements as data |
//! | [`dialect`] | statements as text |
//! | [`db`] | connections |
//! | [`py`] | a Python evaluator; it knows no SQL |
//! | [`sa`], [`ops`] | SQLAlchemy and `op.*` as Python sees them |
//! | [`script`] | revision files, their graph, the plan |
//! | [`shadow`] | the schema that earlier revisions leave, in memory |
//! | [`runtime`] | transactions and the version table |
//! | [`env`] | env.py and what it imports from Alembic |
//! | [`command`], [`cli`] | the sub-commands, the command line |
//!
//! # The walk of `aludel upgrade head`
//!
//! [`cli::run`] reads the arguments; [`command::upgrade::run`] opens the [`script::directory::ScriptDirectory`] named by [`config::Config`] and asks
//! [`command::run_env::run_env`] to evaluate env.py. Once env.py calls `context.run_migrations()`, the rows of the version table go into
//! [`script::directory::ScriptDirectory::upgrade_revs`], and each [`script::plan::Step`] that comes back is evaluated; every `op.*` call becomes statements, text, and
//! a round trip or a line of `--sql` at once. [`script::plan::Step::update_heads`] says how the version table changes.

pub mod cli;
pub mod command;
pub mod config;
pub mod db;
pub mod ddl;
pub mod diag;
pub mod dialect;
pub mod env;
pub mod mako;
pub mod ops;
pub mod py;
pub mod runtime;
pub mod sa;
pub mod schema;
pub mod script;
pub mod shadow;
