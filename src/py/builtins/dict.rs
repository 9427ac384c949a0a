//! `dict` and its views.

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
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::arguments;
use super::errors::runtime_error;
use super::iter::DICT_KEY_ITERATOR;
use super::iter::Iter;
use super::receiver;
use super::receiver::core;

/// `dict`.
pub static CLASS: NativeClass = NativeClass {
    module: "builtins",
    name: "dict",
    bases: &[],
    new: Some(new),
    methods: METHODS,
    class_methods: &[("fromkeys", fromkeys)],
    attributes: &[("__hash__", |_| Value::None)],
};

const METHODS: &[(&str, Method)] = &[
    ("clear", clear),
    ("copy", copy),
    ("get", get),
    ("items", items),
    ("keys", keys),
    ("pop", pop),
    ("popitem", popitem),
    ("setdefault", setdefault),
    ("update", update),
    ("values", values),
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

/// `dict(mapping_or_pairs=(), **kwargs)`. A subclass starts empty and is filled by `__init__`.
fn new(vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let dict = Rc::new(RefCell::new(Dict::new()));
    if class.native.is_some() {
        fill(vm, "dict", &dict, args)?;
    }
    Ok(Value::Dict(dict))
}

/// `dict.__init__`.
fn init(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    fill(vm, "dict", &receiver::dict(vm, receiver)?, args)?;
    Ok(Value::None)
}

/// `dict.update([mapping_or_pairs], **kwargs)`.
fn update(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    fill(vm, "update", &receiver::dict(vm, receiver)?, args)?;
    Ok(Value::None)
}

/// Sets entries from a mapping or pairs, then from keywords.
fn fill(vm: &Vm, function: &str, dict: &Rc<RefCell<Dict>>, args: Args) -> PyResult<()> {
    if args.positional.len() > 1 {
        return Err(PyError::type_error(format!(
            "{function} expected at most 1 argument, got {}",
            args.positional.len()
        )));
    }
    if let Some(source) = args.positional.first() {
        merge(vm, dict, source)?;
    }
    for (name, value) in args.keywords {
        dict.borrow_mut().insert(Value::Str(name), value)?;
    }
    Ok(())
}

/// Sets entries from a mapping or an iterable of pairs.
pub fn merge(vm: &Vm, dict: &RefCell<Dict>, source: &Value) -> PyResult<()> {
    if let Value::Dict(other) = core(source) {
        let other = other.borrow().clone();
        return dict.borrow_mut().update(&other);
    }
    if let Value::Unresolved(unresolved) = source {
        return Err(crate::py::vm::unresolved_error(
            unresolved,
            "to fill a dictionary",
        ));
    }
    if matches!(source, Value::Native(_) | Value::Instance(_))
        && vm.find_attr(source, "keys")?.is_some()
    {
        let keys = vm.call_method(source, "keys", Args::none())?;
        for key in vm.collect(&keys)? {
            let value = vm.get_item(source, &key)?;
            dict.borrow_mut().insert(key, value)?;
        }
        return Ok(());
    }
    for (at, pair) in vm.collect(source)?.into_iter().enumerate() {
        let items = vm.collect(&pair).map_err(|_| {
            PyError::type_error(format!(
                "cannot convert dictionary update sequence element #{at} to a sequence"
            ))
        })?;
        match <[Value; 2]>::try_from(items) {
            Ok([key, value]) => {
                dict.borrow_mut().insert(key, value)?;
            }
            Err(items) => {
                return Err(PyError::value_error(format!(
                    "dictionary update sequence element #{at} has length {}; 2 is required",
                    items.len()
                )));
            }
        }
    }
    Ok(())
}

/// `dict.fromkeys(iterable, value=None)`.
fn fromkeys(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::between("fromkeys", args, 1, 2)?;
    let value = given.get(1).cloned().unwrap_or(Value::None);
    let mut dict = Dict::new();
    for key in vm.collect(given.first().unwrap_or(&Value::None))? {
        dict.insert(key, value.clone())?;
    }
    Ok(Value::dict(dict))
}

/// `dict.get(key, default=None)`.
fn get(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let mut given = arguments::between("get", args, 1, 2)?.into_iter();
    let key = given.next().unwrap_or(Value::None);
    if let Value::Unresolved(unresolved) = &key {
        return Err(crate::py::vm::unresolved_error(unresolved, "as a key"));
    }
    let found = receiver::dict(vm, receiver)?.borrow().get(&key)?;
    Ok(found.or_else(|| given.next()).unwrap_or(Value::None))
}

/// `dict.setdefault(key, default=None)`.
fn setdefault(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let mut given = arguments::between("setdefault", args, 1, 2)?.into_iter();
    let key = given.next().unwrap_or(Value::None);
    let dict = receiver::dict(vm, receiver)?;
    let found = dict.borrow().get(&key)?;
    match found {
        Some(found) => Ok(found),
        None => {
            let value = given.next().unwrap_or(Value::None);
            dict.borrow_mut().insert(key, value.clone())?;
            Ok(value)
        }
    }
}

/// `dict.pop(key[, default])`.
fn pop(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let mut given = arguments::between("pop", args, 1, 2)?.into_iter();
    let key = given.next().unwrap_or(Value::None);
    let removed = receiver::dict(vm, receiver)?.borrow_mut().remove(&key)?;
    removed
        .or_else(|| given.next())
        .ok_or_else(|| PyError::key_error(key))
}

/// `dict.popitem()`.
fn popitem(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("dict.popitem", &args)?;
    let dict = receiver::dict(vm, receiver)?;
    let last = dict.borrow().len().checked_sub(1);
    match last.and_then(|last| dict.borrow_mut().remove_at(last)) {
        Some((key, value)) => Ok(Value::tuple(vec![key, value])),
        None => Err(PyError::key_error(Value::str(
            "popitem(): dictionary is empty",
        ))),
    }
}

/// `dict.clear()`.
fn clear(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("dict.clear", &args)?;
    receiver::dict(vm, receiver)?.borrow_mut().clear();
    Ok(Value::None)
}

/// `dict.copy()`.
fn copy(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("dict.copy", &args)?;
    let dict = receiver::dict(vm, receiver)?.borrow().clone();
    Ok(Value::dict(dict))
}

fn len(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::int(receiver::dict(vm, receiver)?.borrow().len()))
}

fn iter(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    super::iter::iter_value(vm, &core(receiver))
}

fn reversed(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let keys: Vec<Value> = receiver::dict(vm, receiver)?
        .borrow()
        .keys()
        .rev()
        .cloned()
        .collect();
    Ok(Iter::items(keys).into_value(&DICT_KEY_ITERATOR))
}

fn get_item(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let key = arguments::one("dict.__getitem__", args)?;
    Ok(super::items::get_item(vm, receiver, &key)?.unwrap_or(Value::None))
}

fn set_item(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let mut given = arguments::between("__setitem__", args, 2, 2)?;
    let item = given.pop().unwrap_or(Value::None);
    let key = given.pop().unwrap_or(Value::None);
    receiver::dict(vm, receiver)?
        .borrow_mut()
        .insert(key, item)?;
    Ok(Value::None)
}

fn del_item(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    super::items::del_item(
        vm,
        &core(receiver),
        &arguments::one("dict.__delitem__", args)?,
    )?;
    Ok(Value::None)
}

fn contains(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let item = arguments::one("dict.__contains__", args)?;
    receiver::dict(vm, receiver)?
        .borrow()
        .contains(&item)
        .map(Value::Bool)
}

fn repr(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::from(
        super::repr::repr(vm, &core(receiver))?.unwrap_or_default(),
    ))
}

/// Which part of the entries a view shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Keys,
    Values,
    Items,
}

/// `dict_keys`, `dict_values`, `dict_items`.
#[derive(Debug)]
pub struct View {
    part: Part,
    dict: Rc<RefCell<Dict>>,
}

const VIEW_METHODS: &[(&str, Method)] = &[
    ("__iter__", view_iter),
    ("__reversed__", view_reversed),
    ("isdisjoint", view_isdisjoint),
];

/// A class of views.
const fn view_class(name: &'static str) -> NativeClass {
    NativeClass {
        module: "builtins",
        name,
        bases: &[],
        new: None,
        methods: VIEW_METHODS,
        class_methods: &[],
        attributes: &[],
    }
}

/// `dict_keys`.
pub static KEYS: NativeClass = view_class("dict_keys");
/// `dict_values`.
pub static VALUES: NativeClass = view_class("dict_values");
/// `dict_items`.
pub static ITEMS: NativeClass = view_class("dict_items");

/// `dict.keys()`.
fn keys(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("dict.keys", &args)?;
    Ok(Value::object(View {
        part: Part::Keys,
        dict: receiver::dict(vm, receiver)?,
    }))
}

/// `dict.values()`.
fn values(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("dict.values", &args)?;
    Ok(Value::object(View {
        part: Part::Values,
        dict: receiver::dict(vm, receiver)?,
    }))
}

/// `dict.items()`.
fn items(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("dict.items", &args)?;
    Ok(Value::object(View {
        part: Part::Items,
        dict: receiver::dict(vm, receiver)?,
    }))
}

/// What a view shows of an entry.
fn shown(part: Part, (key, value): (&Value, &Value)) -> Value {
    match part {
        Part::Keys => key.clone(),
        Part::Values => value.clone(),
        Part::Items => Value::tuple(vec![key.clone(), value.clone()]),
    }
}

impl View {
    /// Everything the view shows.
    fn all(&self) -> Vec<Value> {
        self.dict
            .borrow()
            .iter()
            .map(|entry| shown(self.part, entry))
            .collect()
    }

    /// Iterates; the dictionary must keep its size.
    fn iter(&self) -> Iter {
        let (part, dict) = (self.part, self.dict.clone());
        let size = dict.borrow().len();
        let mut at = 0;
        Iter::lazy(move |_| {
            let dict = dict.borrow();
            if dict.len() != size {
                return Err(runtime_error("dictionary changed size during iteration"));
            }
            let item = dict.at(at).map(|entry| shown(part, entry));
            at += 1;
            Ok(item)
        })
    }
}

/// The view that a receiver is.
fn own(receiver: &Value) -> PyResult<Rc<View>> {
    receiver
        .native::<View>()
        .ok_or_else(|| PyError::type_error("descriptor requires a dictionary view"))
}

fn view_iter(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(own(receiver)?.iter().into_value(&DICT_KEY_ITERATOR))
}

fn view_reversed(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let mut items = own(receiver)?.all();
    items.reverse();
    Ok(Iter::items(items).into_value(&DICT_KEY_ITERATOR))
}

fn view_isdisjoint(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let other = vm.collect(&arguments::one("isdisjoint", args)?)?;
    let own = own(receiver)?.all();
    for item in &other {
        if super::operators::among(vm, &own, item)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

impl Object for View {
    fn class(&self) -> Rc<Class> {
        Class::of(match self.part {
            Part::Keys => &KEYS,
            Part::Values => &VALUES,
            Part::Items => &ITEMS,
        })
    }

    fn contains(self: Rc<Self>, vm: &Vm, item: &Value) -> PyResult<Option<bool>> {
        match self.part {
            Part::Keys => self.dict.borrow().contains(item).map(Some),
            Part::Values | Part::Items => super::operators::among(vm, &self.all(), item).map(Some),
        }
    }

    fn len(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<usize>> {
        Ok(Some(self.dict.borrow().len()))
    }

    fn binary(
        self: Rc<Self>,
        vm: &Vm,
        operator: BinaryOperator,
        other: &Value,
        reflected: bool,
    ) -> PyResult<Option<Value>> {
        if self.part == Part::Values {
            return Ok(None);
        }
        let set_like = other
            .native::<Self>()
            .is_some_and(|view| view.part != Part::Values)
            || matches!(core(other), Value::Set(_));
        let arithmetic = matches!(
            operator,
            BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Xor | BinaryOperator::Sub
        );
        if !set_like && !arithmetic {
            return Ok(None);
        }
        let mine = super::set::keys(self.all())?;
        let theirs = super::set::keys(vm.collect(other)?)?;
        let (left, right) = if reflected && arithmetic {
            (theirs, mine)
        } else {
            (mine, theirs)
        };
        let (left, right) = (
            super::set::make(left, false),
            super::set::make(right, false),
        );
        super::operators::binary(vm, operator, &left, &right)
    }

    fn repr(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        let name = match self.part {
            Part::Keys => "dict_keys",
            Part::Values => "dict_values",
            Part::Items => "dict_items",
        };
        Ok(Some(format!(
            "{name}([{}])",
            super::repr::joined(vm, &self.all())?
        )))
    }
}
