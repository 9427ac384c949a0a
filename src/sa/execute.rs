//! From what Python passes to `execute` to statements, and from rows to results.

use std::rc::Rc;

use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::executor::Executor;

pub fn run(_vm: &Vm, _executor: &Rc<dyn Executor>, _construct: &Value) -> PyResult<()> { todo!() }
pub fn execute(_vm: &Vm, _executor: &Rc<dyn Executor>, _construct: &Value, _params: &Value) -> PyResult<Value> { todo!() }
pub fn driver_sql(_vm: &Vm, _executor: &Rc<dyn Executor>, _sql: &str) -> PyResult<Value> { todo!() }
