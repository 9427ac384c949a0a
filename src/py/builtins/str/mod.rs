//! `str`.

pub mod percent;

use crate::py::object::NativeClass;

/// `str`.
pub static CLASS: NativeClass = NativeClass::plain("builtins", "str", &[]);
