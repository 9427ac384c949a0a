//! `dict`.

use crate::py::object::NativeClass;

/// `dict`.
pub static CLASS: NativeClass = NativeClass::plain("builtins", "dict", &[]);
