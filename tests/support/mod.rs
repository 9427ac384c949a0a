//! Shared by the integration tests: a private PostgreSQL server, and a project directory to run the binary in.
//!
//! One server per test binary, one database per test. Nothing is skipped: without PostgreSQL's programs a test fails.
#![allow(
    dead_code,
    reason = "every test binary uses another part of this module"
)]

pub(crate) mod cluster;
pub(crate) mod engine;
pub(crate) mod project;
pub(crate) mod recordings;
