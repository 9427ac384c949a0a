//! `list`.

use std::cell::RefCell;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::dict::identical;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::arguments;
use super::errors::index_error;
use super::receiver;
use super::receiver::core;

/// `list`.
pub static CLASS: NativeClass = NativeClass {
    module: "builtins",
    name: "list",
    bases: &[],
    new: Some(new),
    methods: METHODS,
    class_methods: &[],
    attributes: &[("__hash__", |_| Value::None)],
};

const METHODS: &[(&str, Method)] = &[
    ("append", append),
    ("clear", clear),
    ("copy", copy),
    ("count", count),
    ("extend", extend),
    ("index", index),
    ("insert", insert),
    ("pop", pop),
    ("remove", remove),
    ("reverse", reverse),
    ("sort", sort),
    ("__init__", init),
    ("__len__", len),
    ("__iter__", iter),
    ("__reversed__", reversed),
    ("__getitem__", get_item),
    ("__setitem__", set_item),
    ("__delitem__", del_item),
    ("__contains__", contains),
    ("__repr__", repr),
];

/// `list(iterable=())`. A subclass starts empty and is filled by `__init__`.
fn new(vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    if class.native.is_none() {
        return Ok(Value::list(Vec::new()));
    }
    let given = arguments::between("list", args, 0, 1)?;
    given
        .first()
        .map_or_else(|| Ok(Vec::new()), |value| vm.collect(value))
        .map(Value::list)
}

/// `list.__init__(iterable=())`.
fn init(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::between("list", args, 0, 1)?;
    let items = given
        .first()
        .map_or_else(|| Ok(Vec::new()), |value| vm.collect(value))?;
    *receiver::list(vm, receiver)?.borrow_mut() = items;
    Ok(Value::None)
}

/// `list.append(object)`.
fn append(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let item = arguments::one("list.append", args)?;
    receiver::list(vm, receiver)?.borrow_mut().push(item);
    Ok(Value::None)
}

/// `list.extend(iterable)`.
fn extend(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let items = vm.collect(&arguments::one("list.extend", args)?)?;
    let list = receiver::list(vm, receiver)?;
    super::errors::check_items(list.borrow().len().checked_add(items.len()))?;
    list.borrow_mut().extend(items);
    Ok(Value::None)
}

/// `list.insert(index, object)`.
fn insert(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let mut given = arguments::between("insert", args, 2, 2)?;
    let item = given.pop().unwrap_or(Value::None);
    let at = given.first().map_or(Ok(0), |at| receiver::index(vm, at))?;
    let list = receiver::list(vm, receiver)?;
    let mut items = list.borrow_mut();
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let at = if at < 0 {
        at.saturating_add(length).max(0)
    } else {
        at.min(length)
    };
    items.insert(usize::try_from(at).unwrap_or(0), item);
    Ok(Value::None)
}

/// `list.pop(index=-1)`.
fn pop(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::between("pop", args, 0, 1)?;
    let at = given.first().map_or(Ok(-1), |at| receiver::index(vm, at))?;
    let list = receiver::list(vm, receiver)?;
    let mut items = list.borrow_mut();
    if items.is_empty() {
        return Err(index_error("pop from empty list"));
    }
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let at = if at < 0 {
        at.saturating_add(length)
    } else {
        at
    };
    match usize::try_from(at) {
        Ok(at) if at < items.len() => Ok(items.remove(at)),
        _ => Err(index_error("pop index out of range")),
    }
}

/// `list.remove(value)`.
fn remove(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let wanted = arguments::one("list.remove", args)?;
    let list = receiver::list(vm, receiver)?;
    let items = list.borrow().clone();
    for (at, item) in items.iter().enumerate() {
        if identical(item, &wanted) || vm.equal(item, &wanted)? {
            list.borrow_mut().remove(at);
            return Ok(Value::None);
        }
    }
    Err(PyError::value_error("list.remove(x): x not in list"))
}

/// `list.clear()`.
fn clear(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("list.clear", &args)?;
    receiver::list(vm, receiver)?.borrow_mut().clear();
    Ok(Value::None)
}

/// `list.copy()`.
fn copy(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("list.copy", &args)?;
    let items = receiver::list(vm, receiver)?.borrow().clone();
    Ok(Value::list(items))
}

/// `list.reverse()`.
fn reverse(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("list.reverse", &args)?;
    receiver::list(vm, receiver)?.borrow_mut().reverse();
    Ok(Value::None)
}

/// `list.count(value)`.
fn count(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let items = receiver::list(vm, receiver)?.borrow().clone();
    super::tuple::count_of(vm, &items, &arguments::one("list.count", args)?)
}

/// `list.index(value, start=0, stop=maxsize)`.
fn index(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::between("index", args, 1, 3)?;
    let items = receiver::list(vm, receiver)?.borrow().clone();
    let missing = format!(
        "{} is not in list",
        given
            .first()
            .map_or_else(|| Ok(String::new()), |value| vm.repr(value))?
    );
    super::tuple::index_of(vm, &items, &given, &missing)
}

/// `list.sort(*, key=None, reverse=False)`.
fn sort(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    if !args.positional.is_empty() {
        return Err(PyError::type_error("sort() takes no positional arguments"));
    }
    let bound = args.bind("sort", "(*, key=None, reverse=False)")?;
    let list: Rc<RefCell<Vec<Value>>> = receiver::list(vm, receiver)?;
    let items = list.borrow().clone();
    let sorted = sorted(
        vm,
        items,
        &bound.get("key"),
        vm.truth(&bound.get("reverse"))?,
    )?;
    *list.borrow_mut() = sorted;
    Ok(Value::None)
}

/// Sorts stably by `<`, as `sorted` does.
pub fn sorted(vm: &Vm, items: Vec<Value>, key: &Value, reverse: bool) -> PyResult<Vec<Value>> {
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        let key = if key.is_none() {
            item.clone()
        } else {
            vm.call(key, Args::of(vec![item.clone()]))?
        };
        keyed.push((key, item));
    }
    if reverse {
        keyed.reverse();
    }
    let mut keyed = merge_sorted(vm, keyed)?;
    if reverse {
        keyed.reverse();
    }
    Ok(keyed.into_iter().map(|(_, item)| item).collect())
}

/// A key and its item.
type Keyed = (Value, Value);

/// Stable sorting that asks only whether a later key is less than an earlier one: binary insertion for short runs, then merging.
fn merge_sorted(vm: &Vm, items: Vec<Keyed>) -> PyResult<Vec<Keyed>> {
    let mut runs: Vec<Vec<Keyed>> = Vec::new();
    let mut items = items.into_iter().peekable();
    while items.peek().is_some() {
        let mut run: Vec<Keyed> = Vec::new();
        for item in items.by_ref().take(32) {
            let (mut low, mut high) = (0, run.len());
            if let Some((last, _)) = run.last()
                && !less(vm, &item.0, last)?
            {
                low = high;
            }
            while low < high {
                let middle = (low + high) / 2;
                if run
                    .get(middle)
                    .map_or(Ok(false), |(key, _)| less(vm, &item.0, key))?
                {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            run.insert(low, item);
        }
        runs.push(run);
    }
    while runs.len() > 1 {
        let mut merged = Vec::new();
        let mut pairs = runs.into_iter();
        while let Some(left) = pairs.next() {
            merged.push(match pairs.next() {
                Some(right) => merge(vm, left, right)?,
                None => left,
            });
        }
        runs = merged;
    }
    Ok(runs.pop().unwrap_or_default())
}

/// Merges two sorted runs.
fn merge(vm: &Vm, left: Vec<Keyed>, right: Vec<Keyed>) -> PyResult<Vec<Keyed>> {
    let mut result = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some((one, _)), Some((other, _))) = (left.peek(), right.peek()) {
        let later_first = less(vm, other, one)?;
        result.extend(if later_first {
            right.next()
        } else {
            left.next()
        });
    }
    result.extend(left);
    result.extend(right);
    Ok(result)
}

/// `left < right`.
fn less(vm: &Vm, left: &Value, right: &Value) -> PyResult<bool> {
    match (left, right) {
        (Value::Str(left), Value::Str(right)) => Ok(left < right),
        (Value::Int(left), Value::Int(right)) => Ok(left < right),
        _ => vm.truth(&vm.binary(BinaryOperator::Lt, left, right)?),
    }
}

fn len(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::int(receiver::list(vm, receiver)?.borrow().len()))
}

fn iter(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    super::iter::iter_value(vm, &core(receiver))
}

fn reversed(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let mut items = receiver::list(vm, receiver)?.borrow().clone();
    items.reverse();
    Ok(super::iter::Iter::items(items).into_value(&super::iter::LIST_ITERATOR))
}

fn get_item(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let key = arguments::one("list.__getitem__", args)?;
    Ok(super::items::get_item(vm, &core(receiver), &key)?.unwrap_or(Value::None))
}

fn set_item(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let mut given = arguments::between("__setitem__", args, 2, 2)?;
    let item = given.pop().unwrap_or(Value::None);
    let key = given.pop().unwrap_or(Value::None);
    super::items::set_item(vm, &core(receiver), &key, item)?;
    Ok(Value::None)
}

fn del_item(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    super::items::del_item(
        vm,
        &core(receiver),
        &arguments::one("list.__delitem__", args)?,
    )?;
    Ok(Value::None)
}

fn contains(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let item = arguments::one("list.__contains__", args)?;
    let items = receiver::list(vm, receiver)?.borrow().clone();
    super::operators::among(vm, &items, &item).map(Value::Bool)
}

fn repr(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::from(
        super::repr::repr(vm, &core(receiver))?.unwrap_or_default(),
    ))
}
