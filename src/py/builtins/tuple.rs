//! `tuple`.

use crate::py::object::NativeClass;

/// `tuple`.
pub static CLASS: NativeClass = NativeClass::plain("builtins", "tuple", &[]);
