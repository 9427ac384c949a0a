//! `bool`.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::arguments;

/// `bool`.
pub static CLASS: NativeClass = NativeClass {
    module: "builtins",
    name: "bool",
    bases: &[&super::int::CLASS],
    new: Some(new),
    methods: &[],
    class_methods: &[],
    attributes: &[],
};

/// `bool(x=False)`.
fn new(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let given = arguments::between("bool", args, 0, 1)?;
    given
        .first()
        .map_or(Ok(false), |value| vm.truth(value))
        .map(Value::Bool)
}
