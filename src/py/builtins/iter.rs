//! Iteration: what `for` walks over.

use std::cell::RefCell;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::exceptions;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::SetValue;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::errors::runtime_error;

/// An iterator over the items of any iterable value.
#[derive(Debug)]
pub struct Iter(Source);

/// What is being walked.
enum Source {
    Items(std::vec::IntoIter<Value>),
    List {
        items: Rc<RefCell<Vec<Value>>>,
        at: usize,
    },
    Tuple {
        items: Rc<[Value]>,
        at: usize,
    },
    Str {
        text: Rc<str>,
        at: usize,
    },
    Dict {
        dict: Rc<RefCell<Dict>>,
        at: usize,
        size: usize,
    },
    Set {
        set: Rc<SetValue>,
        at: usize,
        size: usize,
    },
    Object(Rc<dyn Object>),
    Instance(Value),
    Sequence {
        value: Value,
        at: i64,
    },
    Call {
        function: Value,
        sentinel: Value,
    },
    Range {
        next: i64,
        step: i64,
        left: u64,
    },
    Lazy(Box<dyn FnMut(&Vm) -> PyResult<Option<Value>>>),
    Done,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("iterator")
    }
}

impl Iter {
    /// `iter(value)`.
    pub fn of(vm: &Vm, value: &Value) -> PyResult<Self> {
        let source = match value {
            Value::List(items) => Source::List {
                items: items.clone(),
                at: 0,
            },
            Value::Tuple(items) => Source::Tuple {
                items: items.clone(),
                at: 0,
            },
            Value::Str(text) => Source::Str {
                text: text.clone(),
                at: 0,
            },
            Value::Bytes(bytes) => Source::Items(
                bytes
                    .iter()
                    .map(|byte| Value::Int(i64::from(*byte)))
                    .collect::<Vec<_>>()
                    .into_iter(),
            ),
            Value::Dict(dict) => Source::Dict {
                dict: dict.clone(),
                at: 0,
                size: dict.borrow().len(),
            },
            Value::Set(set) => Source::Set {
                set: set.clone(),
                at: 0,
                size: set.items.borrow().len(),
            },
            Value::Native(object) => return Self::of_object(vm, value, object),
            Value::Instance(instance) => {
                return Self::of_instance(vm, value, &instance.class(), instance.base_value());
            }
            Value::Class(class) => match super::class_items(vm, class)? {
                Some(items) => Source::Items(items.into_iter()),
                None => return Err(not_iterable(vm, value)),
            },
            Value::Unresolved(unresolved) => {
                return Err(crate::py::vm::unresolved_error(
                    unresolved,
                    "to iterate over",
                ));
            }
            Value::None
            | Value::NotImplemented
            | Value::Ellipsis
            | Value::Bool(_)
            | Value::Int(_)
            | Value::BigInt(_)
            | Value::Float(_)
            | Value::Function(_)
            | Value::Builtin(_)
            | Value::Method(_)
            | Value::Module(_) => return Err(not_iterable(vm, value)),
        };
        Ok(Self(source))
    }

    /// Walks over items that exist already.
    pub fn items(items: Vec<Value>) -> Self {
        Self(Source::Items(items.into_iter()))
    }

    /// Walks over what a function gives until it gives `None`.
    pub fn lazy(next: impl FnMut(&Vm) -> PyResult<Option<Value>> + 'static) -> Self {
        Self(Source::Lazy(Box::new(next)))
    }

    /// Counts.
    pub fn range(start: i64, step: i64, length: u64) -> Self {
        Self(Source::Range {
            next: start,
            step,
            left: length,
        })
    }

    /// `iter(function, sentinel)`.
    pub fn call_until(function: Value, sentinel: Value) -> Self {
        Self(Source::Call { function, sentinel })
    }

    /// The iterator as a Python value.
    pub fn into_value(self, class: &'static NativeClass) -> Value {
        Value::object(IteratorObject {
            class,
            iter: RefCell::new(self),
        })
    }

    /// Iterates over a native object.
    fn of_object(vm: &Vm, value: &Value, object: &Rc<dyn Object>) -> PyResult<Self> {
        if object.is_iterator() {
            return Ok(Self(Source::Object(object.clone())));
        }
        if let Some(items) = object.clone().iterate(vm)? {
            return Ok(Self::items(items));
        }
        let class = object.class();
        match class.lookup("__iter__") {
            Some(_) => Self::from_dunder(vm, value),
            None => Err(not_iterable(vm, value)),
        }
    }

    /// Iterates over an instance of a Python class.
    fn of_instance(
        vm: &Vm,
        value: &Value,
        class: &Rc<Class>,
        base: Option<Value>,
    ) -> PyResult<Self> {
        match class.lookup("__iter__") {
            Some(Value::None) => Err(not_iterable(vm, value)),
            Some(Value::Builtin(_)) if base.is_some() => {
                base.map_or_else(|| Err(not_iterable(vm, value)), |base| Self::of(vm, &base))
            }
            Some(_) => Self::from_dunder(vm, value),
            None => match base {
                Some(base) => Self::of(vm, &base),
                None if class.lookup("__getitem__").is_some() => Ok(Self(Source::Sequence {
                    value: value.clone(),
                    at: 0,
                })),
                None => Err(not_iterable(vm, value)),
            },
        }
    }

    /// Iterates over what `__iter__` gives.
    fn from_dunder(vm: &Vm, value: &Value) -> PyResult<Self> {
        match vm.call_method(value, "__iter__", Args::none())? {
            Value::Native(object) if object.is_iterator() => Ok(Self(Source::Object(object))),
            instance @ Value::Instance(_) => Ok(Self(Source::Instance(instance))),
            Value::Unresolved(unresolved) => Err(crate::py::vm::unresolved_error(
                &unresolved,
                "to iterate over",
            )),
            other => Err(PyError::type_error(format!(
                "iter() returned non-iterator of type '{}'",
                vm.class_of(&other).name
            ))),
        }
    }

    /// The next item, `None` at the end.
    pub fn next(&mut self, vm: &Vm) -> PyResult<Option<Value>> {
        vm.tick()?;
        let item = self.step(vm)?;
        if item.is_none() {
            self.0 = Source::Done;
        }
        Ok(item)
    }

    /// One step.
    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn step(&mut self, vm: &Vm) -> PyResult<Option<Value>> {
        match &mut self.0 {
            Source::Done => Ok(None),
            Source::Items(items) => Ok(items.next()),
            Source::List { items, at } => {
                let item = items.borrow().get(*at).cloned();
                *at += 1;
                Ok(item)
            }
            Source::Tuple { items, at } => {
                let item = items.get(*at).cloned();
                *at += 1;
                Ok(item)
            }
            Source::Str { text, at } => {
                let Some(character) = text.get(*at..).and_then(|rest| rest.chars().next()) else {
                    return Ok(None);
                };
                *at += character.len_utf8();
                Ok(Some(Value::str(character.encode_utf8(&mut [0; 4]))))
            }
            Source::Dict { dict, at, size } => walk_keys(
                &dict.borrow(),
                at,
                *size,
                "dictionary changed size during iteration",
            ),
            Source::Set { set, at, size } => walk_keys(
                &set.items.borrow(),
                at,
                *size,
                "Set changed size during iteration",
            ),
            Source::Object(object) => object.clone().next(vm),
            Source::Instance(value) => caught_stop(vm.call_method(value, "__next__", Args::none())),
            Source::Sequence { value, at } => {
                let item = vm.get_item(value, &Value::Int(*at));
                *at += 1;
                match item {
                    Ok(item) => Ok(Some(item)),
                    Err(error)
                        if error.matches(&exceptions::INDEX_ERROR)
                            || error.matches(&exceptions::STOP_ITERATION) =>
                    {
                        Ok(None)
                    }
                    Err(error) => Err(error),
                }
            }
            Source::Call { function, sentinel } => {
                let (function, sentinel) = (function.clone(), sentinel.clone());
                let Some(item) = caught_stop(vm.call(&function, Args::none()))? else {
                    return Ok(None);
                };
                Ok(if vm.equal(&item, &sentinel)? {
                    None
                } else {
                    Some(item)
                })
            }
            Source::Range { next, step, left } => {
                if *left == 0 {
                    return Ok(None);
                }
                let item = *next;
                *left -= 1;
                *next = next.wrapping_add(*step);
                Ok(Some(Value::Int(item)))
            }
            Source::Lazy(next) => next(vm),
        }
    }
}

/// The key at a place of a dictionary that must keep its size.
fn walk_keys(dict: &Dict, at: &mut usize, size: usize, changed: &str) -> PyResult<Option<Value>> {
    if dict.len() != size {
        return Err(runtime_error(changed));
    }
    let item = dict.at(*at).map(|(key, _)| key.clone());
    *at += 1;
    Ok(item)
}

/// `StopIteration` as the end.
fn caught_stop(result: PyResult<Value>) -> PyResult<Option<Value>> {
    match result {
        Ok(item) => Ok(Some(item)),
        Err(error) if error.matches(&exceptions::STOP_ITERATION) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `'int' object is not iterable`.
fn not_iterable(vm: &Vm, value: &Value) -> PyError {
    PyError::type_error(format!(
        "'{}' object is not iterable",
        super::operators::type_name(vm, value)
    ))
}

/// An iterator as Python sees it.
#[derive(Debug)]
pub struct IteratorObject {
    class: &'static NativeClass,
    iter: RefCell<Iter>,
}

impl Object for IteratorObject {
    fn class(&self) -> Rc<Class> {
        Class::of(self.class)
    }

    fn is_iterator(&self) -> bool {
        true
    }

    fn next(self: Rc<Self>, vm: &Vm) -> PyResult<Option<Value>> {
        match self.iter.try_borrow_mut() {
            Ok(mut iter) => crate::py::eval::stack::nested(|| iter.next(vm)),
            Err(_) => Err(PyError::value_error("iterator already executing")),
        }
    }
}

/// `iter(value)` as a Python value.
pub fn iter_value(vm: &Vm, value: &Value) -> PyResult<Value> {
    let class = match value {
        Value::List(_) => &LIST_ITERATOR,
        Value::Tuple(_) => &TUPLE_ITERATOR,
        Value::Str(_) => &STR_ITERATOR,
        Value::Dict(_) => &DICT_KEY_ITERATOR,
        Value::Set(_) => &SET_ITERATOR,
        Value::Native(object) if object.is_iterator() => return Ok(value.clone()),
        _ => &ITERATOR,
    };
    match Iter::of(vm, value)? {
        Iter(Source::Object(object)) => Ok(Value::Native(object)),
        Iter(Source::Instance(instance)) => Ok(instance),
        other => Ok(other.into_value(class)),
    }
}

/// `next(value)`: `None` at the end.
pub fn next_value(vm: &Vm, value: &Value) -> PyResult<Option<Value>> {
    match value {
        Value::Native(object) if object.is_iterator() => object.clone().next(vm),
        Value::Instance(instance) if instance.class().lookup("__next__").is_some() => {
            caught_stop(vm.call_method(value, "__next__", Args::none()))
        }
        Value::Unresolved(unresolved) => Err(crate::py::vm::unresolved_error(
            unresolved,
            "to iterate over",
        )),
        _ => Err(PyError::type_error(format!(
            "'{}' object is not an iterator",
            vm.class_of(value).name
        ))),
    }
}

/// `iterator.__iter__`.
fn itself(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(receiver.clone())
}

/// `iterator.__next__`.
fn step(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    next_value(vm, receiver)?.ok_or_else(super::errors::stop_iteration)
}

/// The methods of every iterator.
const METHODS: &[(&str, crate::py::object::Method)] = &[("__iter__", itself), ("__next__", step)];

/// A class of iterators.
const fn iterator_class(name: &'static str) -> NativeClass {
    NativeClass {
        module: "builtins",
        name,
        bases: &[],
        new: None,
        methods: METHODS,
        class_methods: &[],
        attributes: &[],
    }
}

/// Any other built-in iterator.
pub static ITERATOR: NativeClass = iterator_class("iterator");
/// `list_iterator`.
pub static LIST_ITERATOR: NativeClass = iterator_class("list_iterator");
/// `tuple_iterator`.
pub static TUPLE_ITERATOR: NativeClass = iterator_class("tuple_iterator");
/// `str_iterator`.
pub static STR_ITERATOR: NativeClass = iterator_class("str_iterator");
/// `dict_keyiterator`.
pub static DICT_KEY_ITERATOR: NativeClass = iterator_class("dict_keyiterator");
/// `set_iterator`.
pub static SET_ITERATOR: NativeClass = iterator_class("set_iterator");
/// `range_iterator`.
pub static RANGE_ITERATOR: NativeClass = iterator_class("range_iterator");
/// `enumerate`, `zip`, `map`, `filter`, `reversed`: classes whose instances are iterators have the same methods.
pub const ITERATOR_METHODS: &[(&str, crate::py::object::Method)] = METHODS;
