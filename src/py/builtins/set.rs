//! `set` and `frozenset`.

use std::cell::RefCell;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::value::SetValue;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::arguments;
use super::receiver;
use super::receiver::core;

/// `set`.
pub static SET: NativeClass = NativeClass {
    module: "builtins",
    name: "set",
    bases: &[],
    new: Some(new_set),
    methods: SET_METHODS,
    class_methods: &[],
    attributes: &[("__hash__", |_| Value::None)],
};

/// `frozenset`.
pub static FROZEN_SET: NativeClass = NativeClass {
    module: "builtins",
    name: "frozenset",
    bases: &[],
    new: Some(new_frozen),
    methods: FROZEN_METHODS,
    class_methods: &[],
    attributes: &[],
};

const FROZEN_METHODS: &[(&str, Method)] = &[
    ("copy", copy),
    ("difference", difference),
    ("intersection", intersection),
    ("isdisjoint", isdisjoint),
    ("issubset", issubset),
    ("issuperset", issuperset),
    ("symmetric_difference", symmetric_difference),
    ("union", union),
    ("__len__", len),
    ("__iter__", iter),
    ("__contains__", contains),
    ("__repr__", repr),
    ("__hash__", super::functions::hash_method),
];

const SET_METHODS: &[(&str, Method)] = &[
    ("add", add),
    ("clear", clear),
    ("copy", copy),
    ("difference", difference),
    ("difference_update", difference_update),
    ("discard", discard),
    ("intersection", intersection),
    ("intersection_update", intersection_update),
    ("isdisjoint", isdisjoint),
    ("issubset", issubset),
    ("issuperset", issuperset),
    ("pop", pop),
    ("remove", remove),
    ("symmetric_difference", symmetric_difference),
    ("symmetric_difference_update", symmetric_difference_update),
    ("union", union),
    ("update", update),
    ("__init__", init),
    ("__len__", len),
    ("__iter__", iter),
    ("__contains__", contains),
    ("__repr__", repr),
];

/// Makes a set.
pub fn make(items: Dict, frozen: bool) -> Value {
    Value::Set(Rc::new(SetValue {
        frozen,
        items: RefCell::new(items),
    }))
}

/// A dictionary of keys without values.
pub fn keys(items: impl IntoIterator<Item = Value>) -> PyResult<Dict> {
    let mut keys = Dict::new();
    for item in items {
        if !keys.contains(&item)? {
            keys.insert(item, Value::None)?;
        }
    }
    Ok(keys)
}

/// `left op right`: the kind of the left side.
pub fn algebra(operator: BinaryOperator, left: &SetValue, right: &SetValue) -> PyResult<Value> {
    let result = combine(operator, &left.items.borrow(), &right.items.borrow())?;
    Ok(make(result, left.frozen))
}

/// `&`, `|`, `^` and `-` of keys.
pub fn combine(operator: BinaryOperator, left: &Dict, right: &Dict) -> PyResult<Dict> {
    let mut result = Dict::new();
    for key in left.keys() {
        let keep = match operator {
            BinaryOperator::And => right.contains(key)?,
            BinaryOperator::Or => true,
            _ => !right.contains(key)?,
        };
        if keep {
            result.insert(key.clone(), Value::None)?;
        }
    }
    if matches!(operator, BinaryOperator::Or | BinaryOperator::Xor) {
        for key in right.keys() {
            if !left.contains(key)? {
                result.insert(key.clone(), Value::None)?;
            }
        }
    }
    Ok(result)
}

/// `set(iterable=())`. A subclass starts empty and is filled by `__init__`.
fn new_set(vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    if class.native.is_none() {
        return Ok(make(Dict::new(), false));
    }
    let given = arguments::between("set", args, 0, 1)?;
    let items = given
        .first()
        .map_or_else(|| Ok(Vec::new()), |value| vm.collect(value))?;
    keys(items).map(|items| make(items, false))
}

/// `set.__init__(iterable=())`.
fn init(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::between("set", args, 0, 1)?;
    let items = given
        .first()
        .map_or_else(|| Ok(Vec::new()), |value| vm.collect(value))?;
    *receiver::set(vm, receiver)?.items.borrow_mut() = keys(items)?;
    Ok(Value::None)
}

/// `frozenset(iterable=())`.
fn new_frozen(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let given = arguments::between("frozenset", args, 0, 1)?;
    match given.first() {
        Some(same @ Value::Set(set)) if set.frozen => Ok(same.clone()),
        Some(value) => keys(vm.collect(value)?).map(|items| make(items, true)),
        None => Ok(make(Dict::new(), true)),
    }
}

/// The items of a receiver.
fn own(vm: &Vm, receiver: &Value) -> PyResult<(Dict, bool)> {
    let set = receiver::set(vm, receiver)?;
    let items = set.items.borrow().clone();
    Ok((items, set.frozen))
}

/// Combines the receiver with each argument in turn.
fn fold(vm: &Vm, receiver: &Value, args: Args, operator: BinaryOperator) -> PyResult<Dict> {
    let (mut items, _) = own(vm, receiver)?;
    for other in &args.positional {
        items = combine(operator, &items, &keys(vm.collect(other)?)?)?;
    }
    Ok(items)
}

/// Defines a method that gives a new set and one that changes the receiver.
macro_rules! algebra_methods {
    ($($name:ident, $update:ident, $operator:expr;)*) => {
        $(
            fn $name(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
                let frozen = receiver::set(vm, receiver)?.frozen;
                fold(vm, receiver, args, $operator).map(|items| make(items, frozen))
            }

            fn $update(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
                let items = fold(vm, receiver, args, $operator)?;
                *receiver::set(vm, receiver)?.items.borrow_mut() = items;
                Ok(Value::None)
            }
        )*
    };
}

algebra_methods! {
    union, update, BinaryOperator::Or;
    intersection, intersection_update, BinaryOperator::And;
    difference, difference_update, BinaryOperator::Sub;
    symmetric_difference, symmetric_difference_update, BinaryOperator::Xor;
}

fn copy(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("set.copy", &args)?;
    own(vm, receiver).map(|(items, frozen)| make(items, frozen))
}

/// The argument of a comparison method, as keys.
fn other(vm: &Vm, name: &str, args: Args) -> PyResult<Dict> {
    keys(vm.collect(&arguments::one(name, args)?)?)
}

/// Whether every key of one is a key of the other.
fn within(small: &Dict, large: &Dict) -> PyResult<bool> {
    for key in small.keys() {
        if !large.contains(key)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn issubset(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    within(&own(vm, receiver)?.0, &other(vm, "set.issubset", args)?).map(Value::Bool)
}

fn issuperset(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    within(&other(vm, "set.issuperset", args)?, &own(vm, receiver)?.0).map(Value::Bool)
}

fn isdisjoint(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let common = combine(
        BinaryOperator::And,
        &own(vm, receiver)?.0,
        &other(vm, "set.isdisjoint", args)?,
    )?;
    Ok(Value::Bool(common.is_empty()))
}

/// `set.add(item)`.
fn add(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let item = arguments::one("set.add", args)?;
    let set = receiver::set(vm, receiver)?;
    let mut items = set.items.borrow_mut();
    if !items.contains(&item)? {
        items.insert(item, Value::None)?;
    }
    Ok(Value::None)
}

/// `set.discard(item)`.
fn discard(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let item = arguments::one("set.discard", args)?;
    receiver::set(vm, receiver)?
        .items
        .borrow_mut()
        .remove(&item)?;
    Ok(Value::None)
}

/// `set.remove(item)`.
fn remove(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let item = arguments::one("set.remove", args)?;
    let removed = receiver::set(vm, receiver)?
        .items
        .borrow_mut()
        .remove(&item)?;
    removed
        .map(|_| Value::None)
        .ok_or_else(|| PyError::key_error(item))
}

/// `set.pop()`.
fn pop(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("set.pop", &args)?;
    let removed = receiver::set(vm, receiver)?.items.borrow_mut().remove_at(0);
    removed
        .map(|(item, _)| item)
        .ok_or_else(|| PyError::key_error(Value::str("pop from an empty set")))
}

/// `set.clear()`.
fn clear(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("set.clear", &args)?;
    receiver::set(vm, receiver)?.items.borrow_mut().clear();
    Ok(Value::None)
}

fn len(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::int(
        receiver::set(vm, receiver)?.items.borrow().len(),
    ))
}

fn iter(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    super::iter::iter_value(vm, &core(receiver))
}

fn contains(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let item = arguments::one("set.__contains__", args)?;
    receiver::set(vm, receiver)?
        .items
        .borrow()
        .contains(&item)
        .map(Value::Bool)
}

fn repr(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let text = super::repr::repr(vm, &core(receiver))?.unwrap_or_default();
    let class = vm.class_of(receiver);
    if class.native.is_some() {
        return Ok(Value::from(text));
    }
    let inner = text
        .strip_prefix("frozenset(")
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(&text);
    Ok(Value::from(if inner == "set()" {
        format!("{}()", class.name)
    } else {
        format!("{}({inner})", class.name)
    }))
}
