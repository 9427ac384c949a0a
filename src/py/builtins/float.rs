//! `float`.

use crate::py::object::NativeClass;

/// `float`.
pub static CLASS: NativeClass = NativeClass::plain("builtins", "float", &[]);
