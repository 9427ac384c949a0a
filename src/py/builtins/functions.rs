//! The built-in functions.

use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// A member of the module `builtins`.
pub fn member(_vm: &Vm, _name: &str) -> PyResult<Option<Value>> {
    Ok(None)
}

/// The names of the module `builtins`.
pub fn names() -> Vec<&'static str> {
    Vec::new()
}
