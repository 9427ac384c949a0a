//! `list`.

use crate::py::object::NativeClass;

/// `list`.
pub static CLASS: NativeClass = NativeClass::plain("builtins", "list", &[]);
