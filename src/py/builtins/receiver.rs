//! The built-in value behind a receiver: itself, or the base value of an instance of a subclass.

use std::cell::RefCell;
use std::rc::Rc;

use num_bigint::BigInt;

use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::SetValue;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// The core value: an instance of a subclass of a built-in class gives its base value, everything else itself.
pub fn core(value: &Value) -> Value {
    let mut value = value.clone();
    while let Value::Instance(instance) = &value {
        match instance.base_value() {
            Some(base) => value = base,
            None => break,
        }
    }
    value
}

/// The error when a method is called with a receiver of another kind.
fn wrong(vm: &Vm, wanted: &str, value: &Value) -> PyError {
    PyError::type_error(format!(
        "descriptor requires a '{wanted}' object but received a '{}'",
        vm.class_of(value).name
    ))
}

/// A receiver that is a `str`.
pub fn text(vm: &Vm, value: &Value) -> PyResult<Rc<str>> {
    value.as_str().ok_or_else(|| wrong(vm, "str", value))
}

/// A receiver that is a `list`.
pub fn list(vm: &Vm, value: &Value) -> PyResult<Rc<RefCell<Vec<Value>>>> {
    match core(value) {
        Value::List(items) => Ok(items),
        _ => Err(wrong(vm, "list", value)),
    }
}

/// A receiver that is a `tuple`.
pub fn tuple(vm: &Vm, value: &Value) -> PyResult<Rc<[Value]>> {
    match core(value) {
        Value::Tuple(items) => Ok(items),
        _ => Err(wrong(vm, "tuple", value)),
    }
}

/// A receiver that is a `dict`.
pub fn dict(vm: &Vm, value: &Value) -> PyResult<Rc<RefCell<Dict>>> {
    match core(value) {
        Value::Dict(items) => Ok(items),
        _ => Err(wrong(vm, "dict", value)),
    }
}

/// A receiver that is a `set` or a `frozenset`.
pub fn set(vm: &Vm, value: &Value) -> PyResult<Rc<SetValue>> {
    match core(value) {
        Value::Set(items) => Ok(items),
        _ => Err(wrong(vm, "set", value)),
    }
}

/// A receiver that is a `bytes`.
pub fn bytes(vm: &Vm, value: &Value) -> PyResult<Rc<[u8]>> {
    match core(value) {
        Value::Bytes(items) => Ok(items),
        _ => Err(wrong(vm, "bytes", value)),
    }
}

/// An `int` (or `bool`) of any size.
pub fn integer(value: &Value) -> Option<BigInt> {
    match core(value) {
        Value::Bool(flag) => Some(BigInt::from(u8::from(flag))),
        Value::Int(number) => Some(BigInt::from(number)),
        Value::BigInt(number) => Some((*number).clone()),
        _ => None,
    }
}

/// An index-like argument: an `int`, or an object with `__index__`.
pub fn index(vm: &Vm, value: &Value) -> PyResult<i64> {
    match core(value) {
        Value::Bool(flag) => Ok(i64::from(flag)),
        Value::Int(number) => Ok(number),
        Value::BigInt(_) => Err(super::errors::index_error(
            "cannot fit 'int' into an index-sized integer",
        )),
        Value::Unresolved(unresolved) => {
            Err(crate::py::vm::unresolved_error(&unresolved, "as a number"))
        }
        other => {
            if matches!(other, Value::Instance(_) | Value::Native(_))
                && vm.find_attr(&other, "__index__")?.is_some()
                && let Value::Int(number) =
                    vm.call_method(&other, "__index__", crate::py::args::Args::none())?
            {
                return Ok(number);
            }
            Err(PyError::type_error(format!(
                "'{}' object cannot be interpreted as an integer",
                vm.class_of(value).name
            )))
        }
    }
}

/// A number as a `float`; `None` when it is not an `int` or a `float`.
pub fn float(value: &Value) -> Option<f64> {
    use num_traits::ToPrimitive;
    match core(value) {
        Value::Bool(flag) => Some(f64::from(u8::from(flag))),
        Value::Int(number) => Some(number as f64),
        Value::BigInt(number) => number.to_f64(),
        Value::Float(number) => Some(number),
        _ => None,
    }
}
