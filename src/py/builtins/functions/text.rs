//! `repr`, `ascii`, `format`, `chr`, `ord`, `bin`, `hex`, `oct`.

use num_bigint::BigInt;
use num_bigint::Sign;

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::super::arguments;
use super::super::receiver;
use super::super::receiver::core;

/// `repr(object)`.
pub fn repr(vm: &Vm, args: Args) -> PyResult<Value> {
    vm.repr(&arguments::one("repr", args)?).map(Value::from)
}

/// `ascii(object)`.
pub fn ascii(vm: &Vm, args: Args) -> PyResult<Value> {
    let repr = vm.repr(&arguments::one("ascii", args)?)?;
    Ok(Value::from(super::super::repr::ascii(&repr)))
}

/// `format(value, format_spec='')`.
pub fn format(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::between("format", args, 1, 2)?;
    let spec = given
        .get(1)
        .map_or_else(|| Ok("".into()), |spec| receiver::text(vm, spec))?;
    super::super::str::spec::format_value(vm, given.first().unwrap_or(&Value::None), &spec)
        .map(Value::from)
}

/// `chr(i)`.
pub fn chr(vm: &Vm, args: Args) -> PyResult<Value> {
    let code = receiver::index(vm, &arguments::one("chr", args)?)?;
    match u32::try_from(code) {
        Ok(code) if code <= 0x10_ffff => match char::from_u32(code) {
            Some(character) => Ok(Value::from(character.to_string())),
            None => Err(PyError::unsupported("a lone surrogate in a string")),
        },
        _ => Err(PyError::value_error("chr() arg not in range(0x110000)")),
    }
}

/// `ord(c)`.
pub fn ord(vm: &Vm, args: Args) -> PyResult<Value> {
    let value = arguments::one("ord", args)?;
    let length = match core(&value) {
        Value::Str(text) => {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(character), None) => return Ok(Value::int(u32::from(character))),
                _ => text.chars().count(),
            }
        }
        Value::Bytes(bytes) => match &*bytes {
            [byte] => return Ok(Value::int(*byte)),
            bytes => bytes.len(),
        },
        _ => {
            let class = vm.class_of(&value);
            return Err(PyError::type_error(format!(
                "ord() expected string of length 1, but {} found",
                class.name
            )));
        }
    };
    Err(PyError::type_error(format!(
        "ord() expected a character, but string of length {length} found"
    )))
}

/// An integer in a base, with its prefix.
fn in_base(vm: &Vm, name: &str, args: Args, radix: u32, prefix: &str) -> PyResult<Value> {
    let value = arguments::one(name, args)?;
    let number = match receiver::integer(&value) {
        Some(number) => number,
        None => BigInt::from(receiver::index(vm, &value)?),
    };
    let sign = if number.sign() == Sign::Minus {
        "-"
    } else {
        ""
    };
    Ok(Value::from(format!(
        "{sign}{prefix}{}",
        number.magnitude().to_str_radix(radix)
    )))
}

/// `bin(x)`.
pub fn bin(vm: &Vm, args: Args) -> PyResult<Value> {
    in_base(vm, "bin", args, 2, "0b")
}

/// `oct(x)`.
pub fn oct(vm: &Vm, args: Args) -> PyResult<Value> {
    in_base(vm, "oct", args, 8, "0o")
}

/// `hex(x)`.
pub fn hex(vm: &Vm, args: Args) -> PyResult<Value> {
    in_base(vm, "hex", args, 16, "0x")
}
