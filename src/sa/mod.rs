//! The `sqlalchemy` package as Python sees it: thin wrappers between Python values and `schema` data.

pub mod exc;
pub mod executor;
pub mod live;
