//! The `sqlalchemy` package as Python sees it: thin wrappers between Python values and `schema` data.
//!
//! Reading order: [`modules`] (which name is what), [`types`], [`column`], [`table`], [`assemble`] (from Python's objects
//! to `schema` data), [`clause`] (where expressions come in).

pub mod assemble;
pub mod catalogue;
pub mod clause;
pub mod client_defaults;
pub mod collection;
pub mod column;
pub mod compiles;
pub mod connection;
pub mod constraint;
pub mod create;
pub mod dbapi;
pub mod ddl_elements;
pub mod decorator;
pub mod default;
pub mod dialect_face;
pub mod driver_sql;
pub mod engine;
pub mod engine_modules;
pub mod event;
pub mod exc;
pub mod execute;
pub mod executor;
pub mod expr;
pub mod fallback_url;
pub mod index;
pub mod inspect;
pub mod inspect_sqlite;
pub mod live;
pub mod metadata;
pub mod mock;
pub mod modules;
pub mod name;
pub mod naming;
mod naming_face;
pub mod options;
pub mod orm;
pub mod packages;
pub mod question;
pub mod reflect;
pub mod reflect_type;
pub mod reflect_type_sqlite;
pub mod result;
pub mod sequence;
pub mod stored;
pub mod table;
pub mod table_ref;
pub mod types;
pub mod upstream;
pub mod url;

pub use crate::sa::modules::MODULES;
