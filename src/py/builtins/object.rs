//! `object` and `type`: see [`crate::py::class`].

pub use crate::py::class::OBJECT;
pub use crate::py::class::TYPE;
