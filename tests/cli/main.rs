//! The command line against what Alembic printed for the projects in fixtures/commands (see record.py there).

mod bad_input;
mod recorded;
mod support;
