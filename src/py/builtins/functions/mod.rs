//! The module `builtins`: its functions, classes and constants by name.

pub mod attributes;
pub mod iteration;
pub mod number;
pub mod output;
pub mod text;

use std::collections::hash_map::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::dict::Key;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::exceptions;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::arguments;

/// A built-in function.
type Body = fn(&Vm, Args) -> PyResult<Value>;

/// The functions.
const FUNCTIONS: &[(&str, Body)] = &[
    ("__import__", attributes::import),
    ("abs", number::abs),
    ("all", iteration::all),
    ("any", iteration::any),
    ("ascii", text::ascii),
    ("bin", text::bin),
    ("callable", attributes::callable),
    ("chr", text::chr),
    ("delattr", attributes::delattr),
    ("dir", attributes::dir),
    ("divmod", number::divmod),
    ("format", text::format),
    ("getattr", attributes::getattr),
    ("globals", |vm, _| Ok(attributes::globals(vm))),
    ("hasattr", attributes::hasattr),
    ("hash", hash),
    ("hex", text::hex),
    ("id", id),
    ("isinstance", attributes::isinstance),
    ("issubclass", attributes::issubclass),
    ("iter", iteration::iter),
    ("len", len),
    ("locals", |vm, _| attributes::locals(vm)),
    ("max", iteration::max),
    ("min", iteration::min),
    ("next", iteration::next),
    ("oct", text::oct),
    ("open", output::open),
    ("ord", text::ord),
    ("pow", number::pow),
    ("print", output::print),
    ("repr", text::repr),
    ("round", number::round),
    ("setattr", attributes::setattr),
    ("sorted", iteration::sorted),
    ("sum", number::sum),
    ("vars", attributes::vars),
];

/// The classes.
const CLASSES: &[&NativeClass] = &[
    &super::bool::CLASS,
    &super::bytes::CLASS,
    &super::dict::CLASS,
    &super::float::CLASS,
    &super::int::CLASS,
    &super::items::SLICE,
    &super::list::CLASS,
    &super::range::CLASS,
    &super::set::FROZEN_SET,
    &super::set::SET,
    &super::str::CLASS,
    &super::tuple::CLASS,
    &iteration::ENUMERATE,
    &iteration::FILTER,
    &iteration::MAP,
    &iteration::REVERSED,
    &iteration::ZIP,
    &crate::py::class::OBJECT,
    &crate::py::class::TYPE,
    &crate::py::descriptor::CLASS_METHOD,
    &crate::py::descriptor::PROPERTY,
    &crate::py::descriptor::STATIC_METHOD,
    &crate::py::eval::super_::SUPER,
];

/// What is refused by name.
const UNSUPPORTED: &[&str] = &[
    "aiter",
    "anext",
    "breakpoint",
    "bytearray",
    "compile",
    "complex",
    "eval",
    "exec",
    "help",
    "input",
    "memoryview",
];

/// Other names of exception classes.
const ALIASES: &[(&str, &str)] = &[("EnvironmentError", "OSError"), ("IOError", "OSError")];

/// A member of the module `builtins`.
pub fn member(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    if let Some((name, body)) = FUNCTIONS.iter().find(|(function, _)| *function == name) {
        let body = *body;
        return Ok(Some(Value::builtin(name, body)));
    }
    let wanted = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |(_, target)| *target);
    let class = CLASSES
        .iter()
        .chain(exceptions::ALL)
        .find(|class| class.name == wanted);
    if let Some(class) = class {
        return Ok(Some(Value::Class(Class::of(class))));
    }
    if let Some(name) = UNSUPPORTED.iter().find(|refused| **refused == name) {
        let name: &'static str = name;
        return Ok(Some(Value::builtin(name, move |_, _| {
            Err(PyError::unsupported(format!(
                "the built-in `{name}` is not supported"
            )))
        })));
    }
    Ok(match name {
        "NotImplemented" => Some(Value::NotImplemented),
        "Ellipsis" => Some(Value::Ellipsis),
        "__debug__" => Some(Value::Bool(true)),
        "__name__" => Some(Value::str("builtins")),
        _ => None,
    })
}

/// The names of the module `builtins`.
pub fn names() -> Vec<&'static str> {
    let classes = CLASSES
        .iter()
        .chain(exceptions::ALL)
        .map(|class| class.name);
    FUNCTIONS
        .iter()
        .map(|(name, _)| *name)
        .chain(classes)
        .chain(["NotImplemented", "Ellipsis"])
        .collect()
}

/// `len(object)`.
fn len(vm: &Vm, args: Args) -> PyResult<Value> {
    vm.len(&arguments::one("len", args)?).map(Value::int)
}

/// `hash(object)`: equal keys have equal hashes; the numbers are not CPython's.
fn hash(vm: &Vm, args: Args) -> PyResult<Value> {
    hash_of(vm, &arguments::one("hash", args)?)
}

/// The hash of a value.
pub fn hash_of(vm: &Vm, value: &Value) -> PyResult<Value> {
    if let Value::Instance(instance) = value
        && let Some(Value::Function(_)) = instance.class().lookup("__hash__")
    {
        return vm.call_method(value, "__hash__", Args::none());
    }
    if let Value::Int(number) = value
        && number.unsigned_abs() < (1 << 61) - 1
    {
        return Ok(Value::Int(if *number == -1 { -2 } else { *number }));
    }
    if let Value::Float(number) = value
        && number.fract() == 0.0
        && number.abs() < 9e15
    {
        return hash_of(vm, &Value::Int(*number as i64));
    }
    let mut hasher = DefaultHasher::new();
    Key::new(value.clone())?.hash(&mut hasher);
    Ok(Value::Int((hasher.finish() >> 3) as i64))
}

/// `object.__hash__` of a built-in class.
pub fn hash_method(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    hash_of(vm, &super::receiver::core(receiver))
}

/// `id(object)`.
fn id(_vm: &Vm, args: Args) -> PyResult<Value> {
    let value = arguments::one("id", args)?;
    if let Some(address) = crate::py::dict::address(&value) {
        return Ok(Value::int(address));
    }
    let mut hasher = DefaultHasher::new();
    Key::new(value)?.hash(&mut hasher);
    Ok(Value::Int((hasher.finish() >> 3) as i64))
}
