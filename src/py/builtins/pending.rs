//! Placeholder until the evaluator lands.
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
impl Vm {
    pub fn len(&self, _: &Value) -> PyResult<usize> { todo!() }
    pub fn contains(&self, _: &Value, _: &Value) -> PyResult<bool> { todo!() }
    pub fn set_item(&self, _: &Value, _: &Value, _: Value) -> PyResult<()> { todo!() }
    pub fn del_item(&self, _: &Value, _: &Value) -> PyResult<()> { todo!() }
    pub fn del_attr(&self, _: &Value, _: &str) -> PyResult<()> { todo!() }
}
