//! `binascii`, on which `base64` is built.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::builtins::bytes::make;
use crate::py::builtins::bytes::to_hex;
use crate::py::builtins::receiver;
use crate::py::builtins::receiver::core;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

module! {
    MODULE = "binascii",
    functions: &[
        ("hexlify", hexlify),
        ("b2a_hex", hexlify),
        ("unhexlify", unhexlify),
        ("a2b_hex", unhexlify),
        ("b2a_base64", b2a_base64),
        ("a2b_base64", a2b_base64),
        ("crc32", crc32),
    ],
    classes: &[&ERROR],
    values: &[],
}

/// `binascii.Error`.
pub static ERROR: NativeClass =
    NativeClass::plain("binascii", "Error", &[&crate::py::exceptions::VALUE_ERROR]);

/// Bytes, or text in ASCII.
fn ascii(vm: &Vm, value: &Value) -> PyResult<Vec<u8>> {
    match core(value) {
        Value::Str(text) if text.is_ascii() => Ok(text.as_bytes().to_vec()),
        Value::Str(_) => Err(PyError::value_error(
            "string argument should contain only ASCII characters",
        )),
        _ => receiver::bytes(vm, value).map(|bytes| bytes.to_vec()),
    }
}

/// `binascii.hexlify(data)`.
fn hexlify(vm: &Vm, args: Args) -> PyResult<Value> {
    let bytes = receiver::bytes(vm, &arguments::one("hexlify", args)?)?;
    Ok(make(to_hex(&bytes).into_bytes()))
}

/// `binascii.unhexlify(hexstr)`.
fn unhexlify(vm: &Vm, args: Args) -> PyResult<Value> {
    let digits = ascii(vm, &arguments::one("unhexlify", args)?)?;
    if digits.len() % 2 != 0 {
        return Err(PyError::new(&ERROR, "Odd-length string"));
    }
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for pair in digits.chunks(2) {
        let text = String::from_utf8_lossy(pair);
        match u8::from_str_radix(&text, 16) {
            Ok(byte) if text.bytes().all(|digit| digit.is_ascii_hexdigit()) => bytes.push(byte),
            _ => return Err(PyError::new(&ERROR, "Non-hexadecimal digit found")),
        }
    }
    Ok(make(bytes))
}

/// `binascii.b2a_base64(data, *, newline=True)`.
fn b2a_base64(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("b2a_base64", "(data, *, newline=True)")?;
    let mut text =
        base64::engine::general_purpose::STANDARD.encode(receiver::bytes(vm, &bound.get("data"))?);
    if vm.truth(&bound.get("newline"))? {
        text.push('\n');
    }
    Ok(make(text.into_bytes()))
}

/// `binascii.a2b_base64(data)`: what is not of the alphabet is dropped.
fn a2b_base64(vm: &Vm, args: Args) -> PyResult<Value> {
    let data = ascii(
        vm,
        &args
            .bind("a2b_base64", "(data, *, strict_mode=False)")?
            .get("data"),
    )?;
    let digits: Vec<u8> = data
        .iter()
        .copied()
        .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        .collect();
    let padding = data.iter().filter(|byte| **byte == b'=').count();
    if digits.len() % 4 == 1 {
        return Err(PyError::new(
            &ERROR,
            format!(
                "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
                digits.len()
            ),
        ));
    }
    if !digits.len().is_multiple_of(4) && padding < 4 - digits.len() % 4 {
        return Err(PyError::new(&ERROR, "Incorrect padding"));
    }
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    match GeneralPurpose::new(&alphabet::STANDARD, config).decode(&digits) {
        Ok(bytes) => Ok(make(bytes)),
        Err(error) => Err(PyError::new(&ERROR, error.to_string())),
    }
}

/// `binascii.crc32(data, value=0)`.
fn crc32(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::between("crc32", args, 1, 2)?;
    let data = given.first().map_or_else(
        || Ok("".as_bytes().into()),
        |data| receiver::bytes(vm, data),
    )?;
    let start = given
        .get(1)
        .map_or(Ok(0), |value| receiver::index(vm, value))?;
    let mut crc = !u32::try_from(start & 0xffff_ffff).unwrap_or(0);
    for byte in data.iter() {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    Ok(Value::int(!crc))
}
