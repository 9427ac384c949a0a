//! `'%s' % value`.

use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `text % arguments`.
pub fn format(_vm: &Vm, _text: &str, _arguments: &Value) -> PyResult<Value> {
    Err(PyError::unsupported("`%` formatting"))
}
