//! From what Python passes to `execute` to statements, and from rows to results.

use std::rc::Rc;

use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::executor::Executor;

/// To be filled.
pub fn run(_vm: &Vm, _executor: &Rc<dyn Executor>, _construct: &Value) -> PyResult<()> {
    Err(crate::py::error::PyError::unsupported(
        "executing constructs",
    ))
}
/// To be filled.
pub fn execute(
    _vm: &Vm,
    _executor: &Rc<dyn Executor>,
    _construct: &Value,
    _params: &Value,
) -> PyResult<Value> {
    Err(crate::py::error::PyError::unsupported(
        "executing constructs",
    ))
}
/// To be filled.
pub fn driver_sql(_vm: &Vm, _executor: &Rc<dyn Executor>, _sql: &str) -> PyResult<Value> {
    Err(crate::py::error::PyError::unsupported(
        "executing constructs",
    ))
}

/// Sets a named bind wherever it stands in a statement.
pub fn set_bind(
    _vm: &Vm,
    _expr: &mut crate::schema::expr::Expr,
    _key: &str,
    _value: &Value,
) -> PyResult<()> {
    Ok(())
}
