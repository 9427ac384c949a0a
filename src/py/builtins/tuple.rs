//! `tuple`.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::dict::identical;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::arguments;
use super::receiver;
use super::receiver::core;

/// `tuple`.
pub static CLASS: NativeClass = NativeClass {
    module: "builtins",
    name: "tuple",
    bases: &[],
    new: Some(new),
    methods: METHODS,
    class_methods: &[],
    attributes: &[],
};

const METHODS: &[(&str, Method)] = &[
    ("count", count),
    ("index", index),
    ("__len__", len),
    ("__iter__", iter),
    ("__getitem__", get_item),
    ("__contains__", contains),
    ("__repr__", repr),
    ("__hash__", super::functions::hash_method),
];

/// `tuple(iterable=())`.
fn new(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let given = arguments::between("tuple", args, 0, 1)?;
    match given.first() {
        None => Ok(Value::tuple(Vec::new())),
        Some(same @ Value::Tuple(_)) => Ok(same.clone()),
        Some(other) => vm.collect(other).map(Value::tuple),
    }
}

/// How many items equal the value.
pub fn count_of(vm: &Vm, items: &[Value], wanted: &Value) -> PyResult<Value> {
    let mut found = 0;
    for item in items {
        if identical(item, wanted) || vm.equal(item, wanted)? {
            found += 1;
        }
    }
    Ok(Value::Int(found))
}

/// The place of the first item that equals the value, between two bounds.
pub fn index_of(vm: &Vm, items: &[Value], given: &[Value], missing: &str) -> PyResult<Value> {
    let wanted = given.first().cloned().unwrap_or(Value::None);
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let bound = |value: Option<&Value>, default: i64| -> PyResult<usize> {
        let at = value.map_or(Ok(default), |value| receiver::index(vm, value))?;
        Ok(usize::try_from(if at < 0 { at + length } else { at }.clamp(0, length)).unwrap_or(0))
    };
    let (start, stop) = (bound(given.get(1), 0)?, bound(given.get(2), length)?);
    for (at, item) in items.iter().enumerate().take(stop).skip(start) {
        if identical(item, &wanted) || vm.equal(item, &wanted)? {
            return Ok(Value::int(at));
        }
    }
    Err(PyError::value_error(missing))
}

/// `tuple.count(value)`.
fn count(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    count_of(
        vm,
        &receiver::tuple(vm, receiver)?,
        &arguments::one("tuple.count", args)?,
    )
}

/// `tuple.index(value, start=0, stop=maxsize)`.
fn index(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::between("index", args, 1, 3)?;
    index_of(
        vm,
        &receiver::tuple(vm, receiver)?,
        &given,
        "tuple.index(x): x not in tuple",
    )
}

fn len(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::int(receiver::tuple(vm, receiver)?.len()))
}

fn iter(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    super::iter::iter_value(vm, &core(receiver))
}

fn get_item(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let key = arguments::one("tuple.__getitem__", args)?;
    Ok(super::items::get_item(vm, &core(receiver), &key)?.unwrap_or(Value::None))
}

fn contains(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let item = arguments::one("tuple.__contains__", args)?;
    super::operators::among(vm, &receiver::tuple(vm, receiver)?, &item).map(Value::Bool)
}

fn repr(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::from(
        super::repr::repr(vm, &core(receiver))?.unwrap_or_default(),
    ))
}
