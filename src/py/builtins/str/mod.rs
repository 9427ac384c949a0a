//! `str`.

pub mod case;
pub mod format;
pub mod layout;
pub mod percent;
pub mod search;
pub mod spec;
pub mod split;

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::arguments;
use super::receiver;

/// `str`.
pub static CLASS: NativeClass = NativeClass {
    module: "builtins",
    name: "str",
    bases: &[],
    new: Some(new),
    methods: METHODS,
    class_methods: &[("maketrans", search::maketrans)],
    attributes: &[],
};

const METHODS: &[(&str, Method)] = &[
    ("capitalize", case::capitalize),
    ("casefold", case::casefold),
    ("center", layout::center),
    ("count", search::count),
    ("encode", encode),
    ("endswith", search::endswith),
    ("expandtabs", layout::expandtabs),
    ("find", search::find),
    ("format", format::format),
    ("format_map", format::format_map),
    ("index", search::index),
    ("isalnum", case::isalnum),
    ("isalpha", case::isalpha),
    ("isascii", case::isascii),
    ("isdecimal", case::isdecimal),
    ("isdigit", case::isdigit),
    ("isidentifier", case::isidentifier),
    ("islower", case::islower),
    ("isnumeric", case::isnumeric),
    ("isprintable", case::isprintable),
    ("isspace", case::isspace),
    ("istitle", case::istitle),
    ("isupper", case::isupper),
    ("join", split::join),
    ("ljust", layout::ljust),
    ("lower", case::lower),
    ("lstrip", split::lstrip),
    ("partition", split::partition),
    ("removeprefix", split::removeprefix),
    ("removesuffix", split::removesuffix),
    ("replace", search::replace),
    ("rfind", search::rfind),
    ("rindex", search::rindex),
    ("rjust", layout::rjust),
    ("rpartition", split::rpartition),
    ("rsplit", split::rsplit),
    ("rstrip", split::rstrip),
    ("split", split::split),
    ("splitlines", split::splitlines),
    ("startswith", search::startswith),
    ("strip", split::strip),
    ("swapcase", case::swapcase),
    ("title", case::title),
    ("translate", search::translate),
    ("upper", case::upper),
    ("zfill", layout::zfill),
    ("__str__", itself),
    ("__repr__", repr),
    ("__len__", len),
    ("__contains__", contains),
    ("__getitem__", get_item),
    ("__iter__", iter),
    ("__format__", format_method),
    ("__add__", add),
    ("__mod__", modulo),
    ("__hash__", super::functions::hash_method),
];

/// `str(object='')`, `str(bytes, encoding, errors)`.
fn new(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    if args.positional.len() == 1 && args.keywords.is_empty() {
        return args
            .positional
            .first()
            .map_or(Ok(Value::str("")), |value| vm.str(value).map(Value::from));
    }
    let bound = args.bind("str", "(object='', encoding=None, errors=None)")?;
    match receiver::core(&bound.get("object")) {
        Value::Bytes(bytes) if bound.is_given("encoding") || bound.is_given("errors") => {
            let encoding = bound
                .optional_str("encoding")?
                .unwrap_or_else(|| "utf-8".into());
            let errors = bound
                .optional_str("errors")?
                .unwrap_or_else(|| "strict".into());
            super::bytes::codec::decode(&bytes, &encoding, &errors).map(Value::from)
        }
        _ if bound.is_given("encoding") => {
            Err(PyError::type_error("decoding str is not supported"))
        }
        other => vm.str(&other).map(Value::from),
    }
}

fn itself(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    receiver::text(vm, receiver).map(Value::Str)
}

fn repr(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::from(super::repr::str_repr(&receiver::text(
        vm, receiver,
    )?)))
}

fn len(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::int(receiver::text(vm, receiver)?.chars().count()))
}

fn contains(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let item = arguments::one("str.__contains__", args)?;
    Ok(Value::Bool(
        super::operators::contains(vm, &receiver::core(receiver), &item)?.unwrap_or(false),
    ))
}

fn get_item(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let key = arguments::one("str.__getitem__", args)?;
    Ok(super::items::get_item(vm, &receiver::core(receiver), &key)?.unwrap_or(Value::None))
}

fn iter(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    super::iter::iter_value(vm, &receiver::core(receiver))
}

fn format_method(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let spec = arguments::one("str.__format__", args)?;
    let spec = receiver::text(vm, &spec)?;
    spec::format_value(vm, &Value::Str(receiver::text(vm, receiver)?), &spec).map(Value::from)
}

fn add(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let other = arguments::one("str.__add__", args)?;
    let own = receiver::core(receiver);
    super::operators::binary(vm, crate::py::object::BinaryOperator::Add, &own, &other)?.ok_or_else(
        || super::operators::binary_error(vm, crate::py::object::BinaryOperator::Add, &own, &other),
    )
}

fn modulo(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    percent::format(
        vm,
        &receiver::text(vm, receiver)?,
        &arguments::one("str.__mod__", args)?,
    )
}

/// `str.encode(encoding='utf-8', errors='strict')`.
fn encode(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let bound = args.bind("encode", "(encoding='utf-8', errors='strict')")?;
    super::bytes::codec::encode(&text, &bound.str("encoding")?, &bound.str("errors")?)
        .map(|bytes| Value::Bytes(Rc::from(bytes)))
}
