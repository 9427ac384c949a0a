//! The command line against what Alembic printed for the projects in fixtures/commands (see record.py there).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod bad_input;
mod completions;
mod database;
mod database_url;
mod for_people;
mod project;
mod recorded;
mod server;
mod support;
mod transcripts;
