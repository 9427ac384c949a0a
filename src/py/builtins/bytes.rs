//! `bytes`.

use crate::py::object::NativeClass;

/// `bytes`.
pub static CLASS: NativeClass = NativeClass::plain("builtins", "bytes", &[]);
