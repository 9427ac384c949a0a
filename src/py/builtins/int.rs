//! `int`.

use std::rc::Rc;

use num_bigint::BigInt;
use num_bigint::Sign;
use num_traits::Num;
use num_traits::ToPrimitive;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::arguments;
use super::errors::overflow;
use super::receiver;
use super::receiver::core;

/// `int`.
pub static CLASS: NativeClass = NativeClass {
    module: "builtins",
    name: "int",
    bases: &[],
    new: Some(new),
    methods: METHODS,
    class_methods: &[("from_bytes", from_bytes)],
    attributes: &[
        ("real", |vm| {
            getter(vm, "real", |vm, args| {
                own(vm, &arguments::one("real", args)?).map(Value::int)
            })
        }),
        ("imag", |vm| getter(vm, "imag", |_, _| Ok(Value::Int(0)))),
        ("numerator", |vm| {
            getter(vm, "numerator", |vm, args| {
                own(vm, &arguments::one("numerator", args)?).map(Value::int)
            })
        }),
        ("denominator", |vm| {
            getter(vm, "denominator", |_, _| Ok(Value::Int(1)))
        }),
    ],
};

const METHODS: &[(&str, Method)] = &[
    ("bit_length", bit_length),
    ("bit_count", bit_count),
    ("conjugate", itself),
    ("to_bytes", to_bytes),
    ("as_integer_ratio", as_integer_ratio),
    ("__int__", itself),
    ("__index__", itself),
    ("__float__", to_float),
    ("__repr__", repr),
    ("__str__", repr),
    ("__format__", format),
    ("__hash__", super::functions::hash_method),
];

/// A computed attribute.
pub fn getter(vm: &Vm, name: &str, body: fn(&Vm, Args) -> PyResult<Value>) -> Value {
    let class = Value::Class(Class::of(&crate::py::descriptor::PROPERTY));
    vm.call(&class, Args::of(vec![Value::builtin(name, body)]))
        .unwrap_or(Value::None)
}

/// The number behind a receiver.
fn own(vm: &Vm, receiver: &Value) -> PyResult<BigInt> {
    receiver::integer(receiver).ok_or_else(|| {
        PyError::type_error(format!(
            "descriptor requires a 'int' object but received a '{}'",
            vm.class_of(receiver).name
        ))
    })
}

/// `int(x=0)`, `int(text, base=10)`.
fn new(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let base = args
        .keyword("base")
        .or_else(|| args.positional.get(1))
        .cloned();
    let given = args.positional.into_iter().next();
    let base = match base {
        None => None,
        Some(base) => Some(receiver::index(vm, &base)?),
    };
    match (given, base) {
        (None, None) => Ok(Value::Int(0)),
        (None, Some(_)) => Err(PyError::type_error("int() missing string argument")),
        (Some(value), base) => convert(vm, &value, base),
    }
}

/// The `int` a value converts to.
fn convert(vm: &Vm, value: &Value, base: Option<i64>) -> PyResult<Value> {
    let inner = core(value);
    match (&inner, base) {
        (Value::Str(text), base) => parse(vm, text, base.unwrap_or(10), &inner),
        (Value::Bytes(bytes), base) => parse(
            vm,
            &String::from_utf8_lossy(bytes),
            base.unwrap_or(10),
            &inner,
        ),
        (_, Some(_)) => Err(PyError::type_error(
            "int() can't convert non-string with explicit base",
        )),
        (Value::Bool(flag), None) => Ok(Value::Int(i64::from(*flag))),
        (Value::Int(_) | Value::BigInt(_), None) => Ok(inner),
        (Value::Float(number), None) => super::float::truncate(*number),
        (Value::Unresolved(unresolved), None) => {
            Err(crate::py::vm::unresolved_error(unresolved, "as a number"))
        }
        (Value::Native(_) | Value::Instance(_), None) => {
            for method in ["__int__", "__index__", "__trunc__"] {
                if vm.find_attr(value, method)?.is_some() {
                    return vm.call_method(value, method, Args::none());
                }
            }
            Err(refused(vm, value))
        }
        _ => Err(refused(vm, value)),
    }
}

/// The error for a value that is no number.
fn refused(vm: &Vm, value: &Value) -> PyError {
    let class = vm.class_of(value);
    PyError::type_error(format!(
        "int() argument must be a string, a bytes-like object or a real number, not '{}'",
        class.name
    ))
}

/// Reads an integer in a base.
fn parse(vm: &Vm, text: &str, base: i64, original: &Value) -> PyResult<Value> {
    if base != 0 && !(2..=36).contains(&base) {
        return Err(PyError::value_error(
            "int() base must be >= 2 and <= 36, or 0",
        ));
    }
    match read(text, base) {
        Some(number) => Ok(Value::int(number)),
        None => Err(PyError::value_error(format!(
            "invalid literal for int() with base {base}: {}",
            vm.repr(original)?
        ))),
    }
}

/// Reads an integer; `None` when the text is none.
fn read(text: &str, base: i64) -> Option<BigInt> {
    let text = text.trim_matches(super::str::case::is_space);
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits, prefixed) = match (base, lower.get(..2)) {
        (0 | 16, Some("0x")) => (16, &lower[2..], true),
        (0 | 8, Some("0o")) => (8, &lower[2..], true),
        (0 | 2, Some("0b")) => (2, &lower[2..], true),
        (0, _)
            if lower.len() > 1
                && lower.starts_with('0')
                && lower.trim_matches(['0', '_']).is_empty() =>
        {
            (10, lower.as_str(), false)
        }
        (0, _) if lower.len() > 1 && lower.starts_with('0') => return None,
        (0, _) => (10, lower.as_str(), false),
        (base, _) => (base, lower.as_str(), false),
    };
    let digits = if prefixed {
        digits.strip_prefix('_').unwrap_or(digits)
    } else {
        digits
    };
    if digits.is_empty()
        || digits.starts_with('_')
        || digits.ends_with('_')
        || digits.contains("__")
        || digits.contains(['+', '-'])
    {
        return None;
    }
    let plain: String = digits
        .chars()
        .filter(|digit| *digit != '_')
        .map(ascii_digit)
        .collect();
    let number = BigInt::from_str_radix(&plain, u32::try_from(base).ok()?).ok()?;
    Some(if negative { -number } else { number })
}

/// A decimal digit of another script as its ASCII equal.
fn ascii_digit(digit: char) -> char {
    const ZEROS: &[u32] = &[0x660, 0x6f0, 0x966, 0xff10];
    let code = u32::from(digit);
    ZEROS
        .iter()
        .find(|zero| (**zero..**zero + 10).contains(&code))
        .and_then(|zero| char::from_digit(code - zero, 10))
        .unwrap_or(digit)
}

fn itself(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    own(vm, receiver).map(Value::int)
}

fn repr(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    match core(receiver) {
        Value::Bool(true) => Ok(Value::str("True")),
        Value::Bool(false) => Ok(Value::str("False")),
        _ => Ok(Value::from(own(vm, receiver)?.to_string())),
    }
}

fn format(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let spec = arguments::one("int.__format__", args)?;
    super::str::spec::format_value(vm, &core(receiver), &receiver::text(vm, &spec)?)
        .map(Value::from)
}

fn to_float(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    match own(vm, receiver)?.to_f64() {
        Some(number) if number.is_finite() => Ok(Value::Float(number)),
        _ => Err(overflow("int too large to convert to float")),
    }
}

/// `int.bit_length()`.
fn bit_length(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("int.bit_length", &args)?;
    Ok(Value::int(own(vm, receiver)?.bits()))
}

/// `int.bit_count()`.
fn bit_count(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("int.bit_count", &args)?;
    Ok(Value::int(own(vm, receiver)?.magnitude().count_ones()))
}

/// `int.as_integer_ratio()`.
fn as_integer_ratio(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::tuple(vec![
        Value::int(own(vm, receiver)?),
        Value::Int(1),
    ]))
}

/// `int.to_bytes(length=1, byteorder='big', *, signed=False)`.
fn to_bytes(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let number = own(vm, receiver)?;
    let bound = args.bind("to_bytes", "(length=1, byteorder='big', *, signed=False)")?;
    let length = receiver::index(vm, &bound.get("length"))?;
    let length = usize::try_from(length)
        .map_err(|_| PyError::value_error("length argument must be non-negative"))?;
    super::errors::check_size(Some(length))?;
    let little = little(&bound.str("byteorder")?)?;
    let signed = vm.truth(&bound.get("signed"))?;
    if number.sign() == Sign::Minus && !signed {
        return Err(overflow("can't convert negative int to unsigned"));
    }
    let mut bytes = if signed {
        number.to_signed_bytes_le()
    } else {
        number.magnitude().to_bytes_le()
    };
    if number.sign() == Sign::NoSign {
        bytes.clear();
    }
    if bytes.len() > length {
        return Err(overflow("int too big to convert"));
    }
    bytes.resize(
        length,
        if number.sign() == Sign::Minus {
            0xff
        } else {
            0
        },
    );
    if !little {
        bytes.reverse();
    }
    Ok(Value::Bytes(Rc::from(bytes)))
}

/// Whether a byte order is little endian.
fn little(order: &str) -> PyResult<bool> {
    match order {
        "little" => Ok(true),
        "big" => Ok(false),
        _ => Err(PyError::value_error(
            "byteorder must be either 'little' or 'big'",
        )),
    }
}

/// `int.from_bytes(bytes, byteorder='big', *, signed=False)`.
fn from_bytes(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("from_bytes", "(bytes, byteorder='big', *, signed=False)")?;
    let bytes = receiver::bytes(vm, &bound.get("bytes"))?;
    let little = little(&bound.str("byteorder")?)?;
    let signed = vm.truth(&bound.get("signed"))?;
    Ok(Value::int(match (little, signed) {
        (true, true) => BigInt::from_signed_bytes_le(&bytes),
        (true, false) => BigInt::from_bytes_le(Sign::Plus, &bytes),
        (false, true) => BigInt::from_signed_bytes_be(&bytes),
        (false, false) => BigInt::from_bytes_be(Sign::Plus, &bytes),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_bases_signs_and_underscores() {
        assert_eq!(read(" -0x1F ", 16), Some(BigInt::from(-31)));
        assert_eq!(read("1_000", 10), Some(BigInt::from(1000)));
        assert_eq!(read("0b101", 0), Some(BigInt::from(5)));
        assert_eq!(read("1__0", 10), None);
        assert_eq!(read("012", 0), None);
        assert_eq!(read("", 10), None);
    }
}
