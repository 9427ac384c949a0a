//! `bool`.

use crate::py::object::NativeClass;

/// `bool`.
pub static CLASS: NativeClass = NativeClass::plain("builtins", "bool", &[&super::int::CLASS]);
