//! `int`.

use crate::py::object::NativeClass;

/// `int`.
pub static CLASS: NativeClass = NativeClass::plain("builtins", "int", &[]);
