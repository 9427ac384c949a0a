//! Functions over iterables: `enumerate`, `zip`, `map`, `filter`, `reversed`, `sorted`, `min`, `max`, `any`, `all`, `iter`, `next`.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::NativeClass;
use crate::py::object::New;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::super::arguments;
use super::super::errors::stop_iteration;
use super::super::iter::ITERATOR_METHODS;
use super::super::iter::Iter;
use super::super::iter::iter_value;
use super::super::iter::next_value;
use super::super::receiver;

/// A class whose instances are iterators.
const fn class(name: &'static str, new: New) -> NativeClass {
    NativeClass {
        module: "builtins",
        name,
        bases: &[],
        new: Some(new),
        methods: ITERATOR_METHODS,
        class_methods: &[],
        attributes: &[],
    }
}

/// `enumerate`.
pub static ENUMERATE: NativeClass = class("enumerate", enumerate);
/// `zip`.
pub static ZIP: NativeClass = class("zip", zip);
/// `map`.
pub static MAP: NativeClass = class("map", map);
/// `filter`.
pub static FILTER: NativeClass = class("filter", filter);
/// `reversed`.
pub static REVERSED: NativeClass = class("reversed", reversed);

/// `enumerate(iterable, start=0)`.
fn enumerate(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("enumerate", "(iterable, start=0)")?;
    let mut at = i128::from(receiver::index(vm, &bound.get("start"))?);
    let mut inner = Iter::of(vm, &bound.get("iterable"))?;
    Ok(Iter::lazy(move |vm| {
        let item = inner
            .next(vm)?
            .map(|item| Value::tuple(vec![Value::int(at), item]));
        at += 1;
        Ok(item)
    })
    .into_value(&ENUMERATE))
}

/// `zip(*iterables, strict=False)`.
fn zip(vm: &Vm, _: &Rc<Class>, mut args: Args) -> PyResult<Value> {
    let strict = args
        .take("strict")
        .map_or(Ok(false), |strict| vm.truth(&strict))?;
    let given = arguments::between("zip", args, 0, usize::MAX)?;
    let mut inner = Vec::new();
    for iterable in &given {
        inner.push(Iter::of(vm, iterable)?);
    }
    Ok(Iter::lazy(move |vm| {
        let mut items = Vec::with_capacity(inner.len());
        for at in 0..inner.len() {
            let item = inner.get_mut(at).map_or(Ok(None), |iter| iter.next(vm))?;
            match item {
                Some(item) => items.push(item),
                None if strict => return zip_ended(vm, &mut inner, at).map(|()| None),
                None => return Ok(None),
            }
        }
        Ok((!items.is_empty()).then(|| Value::tuple(items)))
    })
    .into_value(&ZIP))
}

/// The check of `zip(strict=True)` when the iterable at a place has ended.
fn zip_ended(vm: &Vm, inner: &mut [Iter], at: usize) -> PyResult<()> {
    let earlier = |at: usize| {
        if at == 1 {
            " 1".to_owned()
        } else {
            format!("s 1-{at}")
        }
    };
    if at > 0 {
        return Err(PyError::value_error(format!(
            "zip() argument {} is shorter than argument{}",
            at + 1,
            earlier(at)
        )));
    }
    for (at, iter) in inner.iter_mut().enumerate().skip(1) {
        if iter.next(vm)?.is_some() {
            return Err(PyError::value_error(format!(
                "zip() argument {} is longer than argument{}",
                at + 1,
                earlier(at)
            )));
        }
    }
    Ok(())
}

/// `map(function, *iterables)`.
fn map(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let mut given = arguments::between("map", args, 0, usize::MAX)?.into_iter();
    let Some(function) = given.next() else {
        return Err(PyError::type_error(
            "map() must have at least two arguments.",
        ));
    };
    let mut inner = Vec::new();
    for iterable in given {
        inner.push(Iter::of(vm, &iterable)?);
    }
    if inner.is_empty() {
        return Err(PyError::type_error(
            "map() must have at least two arguments.",
        ));
    }
    Ok(Iter::lazy(move |vm| {
        let mut items = Vec::with_capacity(inner.len());
        for iter in &mut inner {
            match iter.next(vm)? {
                Some(item) => items.push(item),
                None => return Ok(None),
            }
        }
        vm.call(&function, Args::of(items)).map(Some)
    })
    .into_value(&MAP))
}

/// `filter(function, iterable)`.
fn filter(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let given = arguments::between("filter", args, 2, 2)?;
    let function = given.first().cloned().unwrap_or(Value::None);
    let mut inner = Iter::of(vm, given.get(1).unwrap_or(&Value::None))?;
    Ok(Iter::lazy(move |vm| {
        while let Some(item) = inner.next(vm)? {
            let kept = if function.is_none() {
                vm.truth(&item)?
            } else {
                vm.truth(&vm.call(&function, Args::of(vec![item.clone()]))?)?
            };
            if kept {
                return Ok(Some(item));
            }
        }
        Ok(None)
    })
    .into_value(&FILTER))
}

/// `reversed(sequence)`.
fn reversed(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let value = arguments::one("reversed", args)?;
    if matches!(value, Value::Set(_)) {
        return Err(PyError::type_error("'set' object is not reversible"));
    }
    if matches!(
        value,
        Value::Instance(_) | Value::Native(_) | Value::Dict(_)
    ) && vm.find_attr(&value, "__reversed__")?.is_some()
    {
        return vm.call_method(&value, "__reversed__", Args::none());
    }
    let sequence = matches!(
        receiver::core(&value),
        Value::List(_) | Value::Tuple(_) | Value::Str(_) | Value::Bytes(_) | Value::Dict(_)
    );
    if !sequence
        && (vm.find_attr(&value, "__getitem__")?.is_none()
            || vm.find_attr(&value, "__len__")?.is_none())
    {
        let class = vm.class_of(&value);
        if let Some(items) = super::super::class_items(vm, &class)? {
            return Ok(Iter::items(items.into_iter().rev().collect()).into_value(&REVERSED));
        }
        return Err(PyError::type_error(format!(
            "'{}' object is not reversible",
            class.name
        )));
    }
    let mut items = vm.collect(&value)?;
    items.reverse();
    Ok(Iter::items(items).into_value(&REVERSED))
}

/// `sorted(iterable, /, *, key=None, reverse=False)`.
pub fn sorted(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("sorted", "(iterable, /, *, key=None, reverse=False)")?;
    let items = vm.collect(&bound.get("iterable"))?;
    let reverse = vm.truth(&bound.get("reverse"))?;
    super::super::list::sorted(vm, items, &bound.get("key"), reverse).map(Value::list)
}

/// `min` and `max`.
fn extreme(vm: &Vm, name: &str, mut args: Args, wanted: BinaryOperator) -> PyResult<Value> {
    let key = args.take("key").filter(|key| !key.is_none());
    let default = args.take("default");
    if let Some((keyword, _)) = args.keywords.first() {
        return Err(PyError::type_error(format!(
            "{name}() got an unexpected keyword argument '{keyword}'"
        )));
    }
    let items = match args.positional.as_slice() {
        [] => {
            return Err(PyError::type_error(format!(
                "{name} expected at least 1 argument, got 0"
            )));
        }
        [iterable] => vm.collect(iterable)?,
        several => {
            if default.is_some() {
                return Err(PyError::type_error(format!(
                    "Cannot specify a default for {name}() with multiple positional arguments"
                )));
            }
            several.to_vec()
        }
    };
    let mut best: Option<(Value, Value)> = None;
    for item in items {
        let rank = match &key {
            Some(key) => vm.call(key, Args::of(vec![item.clone()]))?,
            None => item.clone(),
        };
        let better = match &best {
            None => true,
            Some((held, _)) => vm.truth(&vm.binary(wanted, &rank, held)?)?,
        };
        if better {
            best = Some((rank, item));
        }
    }
    best.map(|(_, item)| item)
        .or(default)
        .ok_or_else(|| PyError::value_error(format!("{name}() arg is an empty sequence")))
}

/// `min(...)`.
pub fn min(vm: &Vm, args: Args) -> PyResult<Value> {
    extreme(vm, "min", args, BinaryOperator::Lt)
}

/// `max(...)`.
pub fn max(vm: &Vm, args: Args) -> PyResult<Value> {
    extreme(vm, "max", args, BinaryOperator::Gt)
}

/// `any(iterable)`.
pub fn any(vm: &Vm, args: Args) -> PyResult<Value> {
    let mut iter = Iter::of(vm, &arguments::one("any", args)?)?;
    while let Some(item) = iter.next(vm)? {
        if vm.truth(&item)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

/// `all(iterable)`.
pub fn all(vm: &Vm, args: Args) -> PyResult<Value> {
    let mut iter = Iter::of(vm, &arguments::one("all", args)?)?;
    while let Some(item) = iter.next(vm)? {
        if !vm.truth(&item)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

/// `iter(object[, sentinel])`.
pub fn iter(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::between("iter", args, 1, 2)?;
    let value = given.first().cloned().unwrap_or(Value::None);
    match given.get(1) {
        Some(sentinel) => {
            Ok(Iter::call_until(value, sentinel.clone()).into_value(&super::super::iter::ITERATOR))
        }
        None => iter_value(vm, &value),
    }
}

/// `next(iterator[, default])`.
pub fn next(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::between("next", args, 1, 2)?;
    let iterator = given.first().unwrap_or(&Value::None);
    if given.len() == 1
        && iterator
            .native::<crate::py::eval::generator::Generator>()
            .is_some()
    {
        // Its `StopIteration` carries what the generator returned.
        return vm.call_method(iterator, "__next__", Args::none());
    }
    let item = next_value(vm, iterator)?;
    item.or_else(|| given.get(1).cloned())
        .ok_or_else(stop_iteration)
}
