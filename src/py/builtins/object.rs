//! `object` and `type`.

use crate::py::object::NativeClass;

/// `object`.
pub static OBJECT: NativeClass = NativeClass::plain("builtins", "object", &[]);
/// `type`.
pub static TYPE: NativeClass = NativeClass::plain("builtins", "type", &[]);
