//! `value[key]`, `value[key] = new` and `del value[key]` of built-in values, slices included.

use std::rc::Rc;

use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::arguments;
use super::errors::index_error;
use super::receiver;
use super::receiver::core;

/// A `slice`.
#[derive(Debug, Clone)]
pub struct Slice {
    /// The start, or `None`.
    pub start: Value,
    /// The stop, or `None`.
    pub stop: Value,
    /// The step, or `None`.
    pub step: Value,
}

/// `slice`.
pub static SLICE: NativeClass = NativeClass {
    module: "builtins",
    name: "slice",
    bases: &[],
    new: Some(new_slice),
    methods: &[("indices", indices)],
    class_methods: &[],
    attributes: &[],
};

/// `slice(stop)`, `slice(start, stop, step)`.
fn new_slice(_: &Vm, _: &Rc<Class>, args: crate::py::args::Args) -> PyResult<Value> {
    let mut given = arguments::between("slice", args, 1, 3)?.into_iter();
    let first = given.next().unwrap_or(Value::None);
    let slice = match given.next() {
        None => Slice {
            start: Value::None,
            stop: first,
            step: Value::None,
        },
        Some(stop) => Slice {
            start: first,
            stop,
            step: given.next().unwrap_or(Value::None),
        },
    };
    Ok(Value::object(slice))
}

/// `slice.indices(length)`.
fn indices(vm: &Vm, receiver: &Value, args: crate::py::args::Args) -> PyResult<Value> {
    let length = super::receiver::index(vm, &arguments::one("slice.indices", args)?)?;
    let Some(slice) = receiver.native::<Slice>() else {
        return Err(PyError::type_error(
            "descriptor 'indices' requires a 'slice' object",
        ));
    };
    let (start, stop, step) = slice.bounds(vm, usize::try_from(length).unwrap_or(0))?;
    Ok(Value::tuple(vec![
        Value::Int(start),
        Value::Int(stop),
        Value::Int(step),
    ]))
}

impl Object for Slice {
    fn class(&self) -> Rc<Class> {
        Class::of(&SLICE)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "start" => Some(self.start.clone()),
            "stop" => Some(self.stop.clone()),
            "step" => Some(self.step.clone()),
            _ => None,
        })
    }

    fn repr(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(format!(
            "slice({}, {}, {})",
            vm.repr(&self.start)?,
            vm.repr(&self.stop)?,
            vm.repr(&self.step)?
        )))
    }
}

impl Slice {
    /// Start, stop and step for a sequence of this length, as `slice.indices` gives them.
    pub fn bounds(&self, vm: &Vm, length: usize) -> PyResult<(i64, i64, i64)> {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let step = if self.step.is_none() {
            1
        } else {
            slice_index(vm, &self.step)?
        };
        if step == 0 {
            return Err(PyError::value_error("slice step cannot be zero"));
        }
        let (low, high) = if step > 0 {
            (0, length)
        } else {
            (-1, length - 1)
        };
        let place = |value: &Value, default: i64| -> PyResult<i64> {
            if value.is_none() {
                return Ok(default);
            }
            let at = slice_index(vm, value)?;
            Ok(if at < 0 {
                (at.saturating_add(length)).max(low)
            } else {
                at.min(high)
            })
        };
        let start = place(&self.start, if step > 0 { 0 } else { high })?;
        let stop = place(&self.stop, if step > 0 { length } else { -1 })?;
        Ok((start, stop, step))
    }

    /// The places this slice selects in a sequence of this length.
    pub fn places(&self, vm: &Vm, length: usize) -> PyResult<Vec<usize>> {
        let (start, stop, step) = self.bounds(vm, length)?;
        let mut places = Vec::new();
        let mut at = start;
        while (step > 0 && at < stop) || (step < 0 && at > stop) {
            if let Ok(at) = usize::try_from(at) {
                places.push(at);
            }
            at = at.saturating_add(step);
        }
        Ok(places)
    }
}

/// A bound of a slice; too large ones are clipped.
fn slice_index(vm: &Vm, value: &Value) -> PyResult<i64> {
    match core(value) {
        Value::BigInt(number) => Ok(if number.sign() == num_bigint::Sign::Minus {
            i64::MIN
        } else {
            i64::MAX
        }),
        Value::Unresolved(_)
        | Value::Int(_)
        | Value::Bool(_)
        | Value::Instance(_)
        | Value::Native(_) => receiver::index(vm, value),
        _ => Err(PyError::type_error(
            "slice indices must be integers or None or have an __index__ method",
        )),
    }
}

/// A place in a sequence of this length.
fn place(vm: &Vm, kind: &str, key: &Value, length: usize, message: &str) -> PyResult<usize> {
    let at = match core(key) {
        Value::Int(_)
        | Value::Bool(_)
        | Value::BigInt(_)
        | Value::Instance(_)
        | Value::Unresolved(_) => receiver::index(vm, key)?,
        _ => {
            let name = vm.class_of(key).name.clone();
            return Err(PyError::type_error(match kind {
                "str" => format!("string indices must be integers, not '{name}'"),
                "bytes" => format!("byte indices must be integers or slices, not {name}"),
                _ => format!("{kind} indices must be integers or slices, not {name}"),
            }));
        }
    };
    let length_signed = i64::try_from(length).unwrap_or(i64::MAX);
    let at = if at < 0 {
        at.saturating_add(length_signed)
    } else {
        at
    };
    match usize::try_from(at) {
        Ok(at) if at < length => Ok(at),
        _ => Err(index_error(message)),
    }
}

/// `value[key]` of built-in values; `None` where they have no say.
#[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
pub fn get_item(vm: &Vm, value: &Value, key: &Value) -> PyResult<Option<Value>> {
    let slice = key.native::<Slice>();
    Ok(Some(match value {
        Value::Str(text) => match slice {
            Some(slice) if slice.step.is_none() && text.is_ascii() => {
                let (start, stop, _) = slice.bounds(vm, text.len())?;
                let (start, stop) = (
                    usize::try_from(start).unwrap_or(0),
                    usize::try_from(stop).unwrap_or(0),
                );
                Value::str(text.get(start..stop.max(start)).unwrap_or(""))
            }
            Some(slice) => {
                let characters: Vec<char> = text.chars().collect();
                Value::from(
                    slice
                        .places(vm, characters.len())?
                        .into_iter()
                        .filter_map(|at| characters.get(at))
                        .collect::<String>(),
                )
            }
            None => {
                let at = place(
                    vm,
                    "str",
                    key,
                    text.chars().count(),
                    "string index out of range",
                )?;
                text.chars()
                    .nth(at)
                    .map_or(Value::None, |character| Value::from(character.to_string()))
            }
        },
        Value::Bytes(bytes) => match slice {
            Some(slice) => {
                let places = slice.places(vm, bytes.len())?;
                Value::Bytes(
                    places
                        .into_iter()
                        .filter_map(|at| bytes.get(at).copied())
                        .collect(),
                )
            }
            None => {
                let at = place(vm, "bytes", key, bytes.len(), "index out of range")?;
                Value::Int(bytes.get(at).copied().map_or(0, i64::from))
            }
        },
        Value::Tuple(items) => match slice {
            Some(slice) => Value::tuple(
                slice
                    .places(vm, items.len())?
                    .into_iter()
                    .filter_map(|at| items.get(at).cloned())
                    .collect(),
            ),
            None => {
                let at = place(vm, "tuple", key, items.len(), "tuple index out of range")?;
                items.get(at).cloned().unwrap_or(Value::None)
            }
        },
        Value::List(items) => {
            let length = items.borrow().len();
            match slice {
                Some(slice) => {
                    let places = slice.places(vm, length)?;
                    let items = items.borrow();
                    Value::list(
                        places
                            .into_iter()
                            .filter_map(|at| items.get(at).cloned())
                            .collect(),
                    )
                }
                None => {
                    let at = place(vm, "list", key, length, "list index out of range")?;
                    let item = items.borrow().get(at).cloned();
                    item.unwrap_or(Value::None)
                }
            }
        }
        Value::Dict(dict) => {
            let found = dict.borrow().get(key)?;
            match found {
                Some(found) => found,
                None => return Err(PyError::key_error(key.clone())),
            }
        }
        Value::Class(class) => return super::class_item(vm, class, key),
        Value::Instance(instance) => match instance.base_value() {
            Some(base @ Value::Dict(_)) => match get_item(vm, &base, key) {
                Err(error)
                    if error.matches(&crate::py::exceptions::KEY_ERROR)
                        && instance.class().lookup("__missing__").is_some() =>
                {
                    vm.call_method(
                        value,
                        "__missing__",
                        crate::py::args::Args::of(vec![key.clone()]),
                    )?
                }
                other => return other,
            },
            Some(base) => return get_item(vm, &base, key),
            None => return Ok(None),
        },
        _ => return Ok(None),
    }))
}

/// `value[key] = new` of built-in values; `false` where they have no say.
pub fn set_item(vm: &Vm, value: &Value, key: &Value, new: Value) -> PyResult<bool> {
    match value {
        Value::List(items) => {
            let length = items.borrow().len();
            match key.native::<Slice>() {
                Some(slice) => set_slice(vm, items, &slice, &new)?,
                None => {
                    let at = place(
                        vm,
                        "list",
                        key,
                        length,
                        "list assignment index out of range",
                    )?;
                    if let Some(item) = items.borrow_mut().get_mut(at) {
                        *item = new;
                    }
                }
            }
            Ok(true)
        }
        Value::Dict(dict) => {
            dict.borrow_mut().insert(key.clone(), new)?;
            Ok(true)
        }
        Value::Instance(instance) => match instance.base_value() {
            Some(base) => set_item(vm, &base, key, new),
            None => Ok(false),
        },
        _ => Ok(false),
    }
}

/// `list[slice] = new`.
fn set_slice(
    vm: &Vm,
    items: &std::cell::RefCell<Vec<Value>>,
    slice: &Slice,
    new: &Value,
) -> PyResult<()> {
    let new = vm.collect(new).map_err(|error| {
        if error.matches(&crate::py::exceptions::TYPE_ERROR) {
            PyError::type_error("can only assign an iterable")
        } else {
            error
        }
    })?;
    let length = items.borrow().len();
    let (start, stop, step) = slice.bounds(vm, length)?;
    if step == 1 {
        let start = usize::try_from(start).unwrap_or(0);
        let stop = usize::try_from(stop).unwrap_or(0).max(start);
        items.borrow_mut().splice(start..stop, new);
        return Ok(());
    }
    let places = slice.places(vm, length)?;
    if places.len() != new.len() {
        return Err(PyError::value_error(format!(
            "attempt to assign sequence of size {} to extended slice of size {}",
            new.len(),
            places.len()
        )));
    }
    let mut items = items.borrow_mut();
    for (at, item) in places.into_iter().zip(new) {
        if let Some(place) = items.get_mut(at) {
            *place = item;
        }
    }
    Ok(())
}

/// `del value[key]` of built-in values; `false` where they have no say.
pub fn del_item(vm: &Vm, value: &Value, key: &Value) -> PyResult<bool> {
    match value {
        Value::List(items) => {
            let length = items.borrow().len();
            match key.native::<Slice>() {
                Some(slice) => {
                    let mut places = slice.places(vm, length)?;
                    places.sort_unstable();
                    let mut items = items.borrow_mut();
                    for at in places.into_iter().rev() {
                        items.remove(at);
                    }
                }
                None => {
                    let at = place(
                        vm,
                        "list",
                        key,
                        length,
                        "list assignment index out of range",
                    )?;
                    items.borrow_mut().remove(at);
                }
            }
            Ok(true)
        }
        Value::Dict(dict) => {
            let removed = dict.borrow_mut().remove(key)?;
            match removed {
                Some(_) => Ok(true),
                None => Err(PyError::key_error(key.clone())),
            }
        }
        Value::Instance(instance) => match instance.base_value() {
            Some(base) => del_item(vm, &base, key),
            None => Ok(false),
        },
        _ => Ok(false),
    }
}
