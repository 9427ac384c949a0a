//! `bytes`. (`bytearray` and `memoryview` are not supported.)

pub mod codec;

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
use super::receiver::core;

/// `bytes`.
pub static CLASS: NativeClass = NativeClass {
    module: "builtins",
    name: "bytes",
    bases: &[],
    new: Some(new),
    methods: METHODS,
    class_methods: &[("fromhex", fromhex)],
    attributes: &[],
};

const METHODS: &[(&str, Method)] = &[
    ("count", count),
    ("decode", decode),
    ("endswith", endswith),
    ("find", find),
    ("hex", hex),
    ("index", index),
    ("join", join),
    ("lower", lower),
    ("lstrip", lstrip),
    ("replace", replace),
    ("rstrip", rstrip),
    ("split", split),
    ("startswith", startswith),
    ("strip", strip),
    ("upper", upper),
    ("__len__", len),
    ("__iter__", iter),
    ("__getitem__", get_item),
    ("__repr__", repr),
    ("__str__", repr),
    ("__hash__", super::functions::hash_method),
];

/// A `bytes` value.
pub fn make(bytes: impl Into<Vec<u8>>) -> Value {
    Value::Bytes(Rc::from(bytes.into()))
}

/// `bytes(source=b'', encoding, errors)`.
fn new(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("bytes", "(source=b'', encoding=None, errors=None)")?;
    if !bound.is_given("source") {
        return Ok(make(Vec::new()));
    }
    let source = bound.get("source");
    Ok(match core(&source) {
        Value::Str(text) => match bound.optional_str("encoding")? {
            Some(encoding) => {
                let errors = bound
                    .optional_str("errors")?
                    .unwrap_or_else(|| "strict".into());
                make(codec::encode(&text, &encoding, &errors)?)
            }
            None => return Err(PyError::type_error("string argument without an encoding")),
        },
        bytes @ Value::Bytes(_) => bytes,
        Value::Int(count) => match usize::try_from(count) {
            Ok(count) => {
                super::errors::check_size(Some(count))?;
                make(vec![0; count])
            }
            Err(_) => return Err(PyError::value_error("negative count")),
        },
        _ => {
            if vm.find_attr(&source, "__bytes__")?.is_some() {
                return vm.call_method(&source, "__bytes__", Args::none());
            }
            let mut bytes = Vec::new();
            for item in vm.collect(&source)? {
                let byte = receiver::index(vm, &item)?;
                bytes.push(
                    u8::try_from(byte)
                        .map_err(|_| PyError::value_error("bytes must be in range(0, 256)"))?,
                );
            }
            make(bytes)
        }
    })
}

/// `bytes.fromhex(text)`.
fn fromhex(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, &arguments::one("bytes.fromhex", args)?)?;
    let mut bytes = Vec::new();
    let mut high = None;
    for (at, character) in text.chars().enumerate() {
        if character.is_ascii_whitespace() && high.is_none() {
            continue;
        }
        let Some(digit) = character.to_digit(16) else {
            return Err(PyError::value_error(format!(
                "non-hexadecimal number found in fromhex() arg at position {at}"
            )));
        };
        match high.take() {
            None => high = Some(digit),
            Some(high) => bytes.push(u8::try_from(high * 16 + digit).unwrap_or(0)),
        }
    }
    if high.is_some() {
        let at = text.chars().count();
        return Err(PyError::value_error(format!(
            "non-hexadecimal number found in fromhex() arg at position {at}"
        )));
    }
    Ok(make(bytes))
}

/// `bytes.decode(encoding='utf-8', errors='strict')`.
fn decode(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let bytes = receiver::bytes(vm, receiver)?;
    let bound = args.bind("decode", "(encoding='utf-8', errors='strict')")?;
    codec::decode(&bytes, &bound.str("encoding")?, &bound.str("errors")?).map(Value::from)
}

/// Bytes as lower-case hexadecimal digits.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `bytes.hex([sep])`.
fn hex(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let bytes = receiver::bytes(vm, receiver)?;
    let given = arguments::between("hex", args, 0, 1)?;
    Ok(Value::from(match given.first() {
        None => to_hex(&bytes),
        Some(separator) => {
            let separator = receiver::text(vm, separator)?;
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<Vec<_>>()
                .join(&separator)
        }
    }))
}

/// The place of a part.
fn position(bytes: &[u8], part: &[u8], start: usize) -> Option<usize> {
    if part.is_empty() {
        return Some(start);
    }
    bytes
        .get(start..)?
        .windows(part.len())
        .position(|window| window == part)
        .map(|at| start + at)
}

/// An argument that is a part: bytes or one byte.
fn part(vm: &Vm, value: Option<&Value>) -> PyResult<Rc<[u8]>> {
    match value.map(core) {
        Some(Value::Int(byte)) => u8::try_from(byte)
            .map(|byte| Rc::from(vec![byte]))
            .map_err(|_| PyError::value_error("byte must be in range(0, 256)")),
        Some(Value::Bytes(bytes)) => Ok(bytes),
        other => {
            let class = vm.class_of(&other.unwrap_or(Value::None));
            Err(PyError::type_error(format!(
                "a bytes-like object is required, not '{}'",
                class.name
            )))
        }
    }
}

fn find(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let bytes = receiver::bytes(vm, receiver)?;
    let given = arguments::between("find", args, 1, 1)?;
    Ok(position(&bytes, &part(vm, given.first())?, 0).map_or(Value::Int(-1), Value::int))
}

fn index(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let bytes = receiver::bytes(vm, receiver)?;
    let given = arguments::between("index", args, 1, 1)?;
    position(&bytes, &part(vm, given.first())?, 0)
        .map(Value::int)
        .ok_or_else(|| PyError::value_error("subsection not found"))
}

/// The pieces between a separator.
fn pieces(bytes: &[u8], separator: &[u8], limit: usize) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    while pieces.len() < limit
        && let Some(at) = position(bytes, separator, start)
    {
        pieces.push(bytes[start..at].to_vec());
        start = at + separator.len();
    }
    pieces.push(bytes[start..].to_vec());
    pieces
}

fn count(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let bytes = receiver::bytes(vm, receiver)?;
    let part = part(vm, Some(&arguments::one("bytes.count", args)?))?;
    Ok(Value::int(if part.is_empty() {
        bytes.len() + 1
    } else {
        pieces(&bytes, &part, usize::MAX).len() - 1
    }))
}

fn split(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let bytes = receiver::bytes(vm, receiver)?;
    let bound = args.bind("split", "(sep=None, maxsplit=-1)")?;
    let limit = usize::try_from(receiver::index(vm, &bound.get("maxsplit"))?).unwrap_or(usize::MAX);
    let found = match bound.get("sep") {
        Value::None => bytes
            .split(u8::is_ascii_whitespace)
            .filter(|piece| !piece.is_empty())
            .map(<[u8]>::to_vec)
            .collect(),
        separator => {
            let separator = part(vm, Some(&separator))?;
            if separator.is_empty() {
                return Err(PyError::value_error("empty separator"));
            }
            pieces(&bytes, &separator, limit)
        }
    };
    Ok(Value::list(found.into_iter().map(make).collect()))
}

fn replace(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let bytes = receiver::bytes(vm, receiver)?;
    let given = arguments::between("replace", args, 2, 3)?;
    let (old, new) = (part(vm, given.first())?, part(vm, given.get(1))?);
    if old.is_empty() {
        return Err(PyError::unsupported("`bytes.replace` of an empty part"));
    }
    let limit = given
        .get(2)
        .map_or(Ok(-1), |limit| receiver::index(vm, limit))?;
    Ok(make(
        pieces(&bytes, &old, usize::try_from(limit).unwrap_or(usize::MAX)).join(&*new),
    ))
}

fn join(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let separator = receiver::bytes(vm, receiver)?;
    let mut parts = Vec::new();
    for (at, item) in vm
        .collect(&arguments::one("bytes.join", args)?)?
        .iter()
        .enumerate()
    {
        match core(item) {
            Value::Bytes(bytes) => parts.push(bytes.to_vec()),
            _ => {
                let class = vm.class_of(item);
                return Err(PyError::type_error(format!(
                    "sequence item {at}: expected a bytes-like object, {} found",
                    class.name
                )));
            }
        }
    }
    Ok(make(parts.join(&*separator)))
}

fn lower(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(make(receiver::bytes(vm, receiver)?.to_ascii_lowercase()))
}

fn upper(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(make(receiver::bytes(vm, receiver)?.to_ascii_uppercase()))
}

/// The strip family.
fn strip_with(vm: &Vm, receiver: &Value, args: Args, left: bool, right: bool) -> PyResult<Value> {
    let bytes = receiver::bytes(vm, receiver)?;
    let given = arguments::between("strip", args, 0, 1)?;
    let set = match given.first() {
        None | Some(Value::None) => None,
        Some(value) => Some(receiver::bytes(vm, value)?),
    };
    let strips = |byte: &u8| {
        set.as_ref()
            .map_or_else(|| byte.is_ascii_whitespace(), |set| set.contains(byte))
    };
    let mut rest: &[u8] = &bytes;
    while left
        && let Some((first, tail)) = rest.split_first()
        && strips(first)
    {
        rest = tail;
    }
    while right
        && let Some((last, head)) = rest.split_last()
        && strips(last)
    {
        rest = head;
    }
    Ok(make(rest))
}

fn strip(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    strip_with(vm, receiver, args, true, true)
}

fn lstrip(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    strip_with(vm, receiver, args, true, false)
}

fn rstrip(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    strip_with(vm, receiver, args, false, true)
}

/// `startswith` and `endswith`.
fn affix(
    vm: &Vm,
    name: &str,
    receiver: &Value,
    args: Args,
    test: fn(&[u8], &[u8]) -> bool,
) -> PyResult<Value> {
    let bytes = receiver::bytes(vm, receiver)?;
    let candidates = match core(&arguments::one(name, args)?) {
        Value::Tuple(items) => items.to_vec(),
        other => vec![other],
    };
    for candidate in &candidates {
        if test(&bytes, &receiver::bytes(vm, candidate)?) {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn startswith(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    affix(vm, "bytes.startswith", receiver, args, <[u8]>::starts_with)
}

fn endswith(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    affix(vm, "bytes.endswith", receiver, args, <[u8]>::ends_with)
}

fn len(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::int(receiver::bytes(vm, receiver)?.len()))
}

fn iter(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    super::iter::iter_value(vm, &core(receiver))
}

fn get_item(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let key = arguments::one("bytes.__getitem__", args)?;
    Ok(super::items::get_item(vm, &core(receiver), &key)?.unwrap_or(Value::None))
}

fn repr(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::from(super::repr::bytes_repr(&receiver::bytes(
        vm, receiver,
    )?)))
}
