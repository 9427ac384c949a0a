//! The `sqlalchemy` package as Python sees it: thin wrappers between Python values and `schema` data.

pub mod connection;
pub mod dialect_face;
pub mod engine;
pub mod engine_modules;
pub mod exc;
pub mod execute;
pub mod executor;
pub mod expr;
pub mod live;
pub mod mock;
pub mod url;
pub static MODULES: &[crate::py::module::NativeModule] = &[];
