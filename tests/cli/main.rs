//! The command line against what Alembic printed for the projects in fixtures/commands (see record.py there).

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
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
