//! A catalogue in memory: the SQL of earlier revisions is followed into tables, columns, constraints, indexes and types, and answers what a
//! migration asks of the database when there is none (`--sql`).
//!
//! What is not followed makes the names it mentions uncertain, and a question about them is refused. No counterpart upstream.

mod alter;
mod answer;
mod block;
mod create;
mod cursor;
pub mod executor;
mod follow;
mod generated;
mod model;
mod relations;
mod select;
mod sqlite;
mod token;
mod type_name;

pub use crate::shadow::model::Catalogue;
