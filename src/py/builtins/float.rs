//! `float`.

use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::FromPrimitive;

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

/// `float`.
pub static CLASS: NativeClass = NativeClass {
    module: "builtins",
    name: "float",
    bases: &[],
    new: Some(new),
    methods: METHODS,
    class_methods: &[],
    attributes: &[
        ("real", |vm| {
            super::int::getter(vm, "real", |vm, args| {
                own(vm, &arguments::one("real", args)?).map(Value::Float)
            })
        }),
        ("imag", |vm| {
            super::int::getter(vm, "imag", |_, _| Ok(Value::Float(0.0)))
        }),
    ],
};

const METHODS: &[(&str, Method)] = &[
    ("is_integer", is_integer),
    ("as_integer_ratio", as_integer_ratio),
    ("conjugate", itself),
    ("hex", hex),
    ("__float__", itself),
    ("__int__", to_int),
    ("__repr__", repr),
    ("__str__", repr),
    ("__format__", format),
    ("__hash__", super::functions::hash_method),
];

/// `float(x=0)`.
fn new(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let given = arguments::between("float", args, 0, 1)?;
    let Some(value) = given.first() else {
        return Ok(Value::Float(0.0));
    };
    let inner = core(value);
    match &inner {
        Value::Str(text) => match parse(text) {
            Some(number) => Ok(Value::Float(number)),
            None => Err(PyError::value_error(format!(
                "could not convert string to float: {}",
                vm.repr(&inner)?
            ))),
        },
        Value::BigInt(_) => match receiver::float(&inner) {
            Some(number) if number.is_finite() => Ok(Value::Float(number)),
            _ => Err(overflow("int too large to convert to float")),
        },
        Value::Unresolved(unresolved) => {
            Err(crate::py::vm::unresolved_error(unresolved, "as a number"))
        }
        Value::Native(_) | Value::Instance(_) => {
            for method in ["__float__", "__index__"] {
                if vm.find_attr(value, method)?.is_some() {
                    let number = vm.call_method(value, method, Args::none())?;
                    return Ok(receiver::float(&number).map_or(number, Value::Float));
                }
            }
            Err(refused(vm, value))
        }
        _ => receiver::float(&inner)
            .map(Value::Float)
            .ok_or_else(|| refused(vm, value)),
    }
}

/// The error for a value that is no number.
fn refused(vm: &Vm, value: &Value) -> PyError {
    PyError::type_error(format!(
        "float() argument must be a string or a real number, not '{}'",
        vm.class_of(value).name
    ))
}

/// Reads a float as Python writes it.
pub fn parse(text: &str) -> Option<f64> {
    let text = text.trim_matches(super::str::case::is_space);
    let lower = text.to_ascii_lowercase();
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    match unsigned {
        "inf" | "infinity" => {
            return Some(if lower.starts_with('-') {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            });
        }
        "nan" => return Some(f64::NAN),
        _ => {}
    }
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        || unsigned.contains("__")
        || unsigned.ends_with('_')
    {
        return None;
    }
    lower.replace('_', "").parse().ok()
}

/// `int(number)`.
pub fn truncate(number: f64) -> PyResult<Value> {
    if number.is_nan() {
        return Err(PyError::value_error("cannot convert float NaN to integer"));
    }
    match BigInt::from_f64(number.trunc()) {
        Some(number) => Ok(Value::int(number)),
        None => Err(overflow("cannot convert float infinity to integer")),
    }
}

/// The number behind a receiver.
fn own(vm: &Vm, receiver: &Value) -> PyResult<f64> {
    receiver::float(receiver).ok_or_else(|| {
        PyError::type_error(format!(
            "descriptor requires a 'float' object but received a '{}'",
            vm.class_of(receiver).name
        ))
    })
}

fn itself(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    own(vm, receiver).map(Value::Float)
}

fn to_int(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    truncate(own(vm, receiver)?)
}

fn repr(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::from(super::repr::float_repr(own(vm, receiver)?)))
}

fn format(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let spec = arguments::one("float.__format__", args)?;
    super::str::spec::format_value(vm, &core(receiver), &receiver::text(vm, &spec)?)
        .map(Value::from)
}

/// `float.is_integer()`.
fn is_integer(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    arguments::none("float.is_integer", &args)?;
    let number = own(vm, receiver)?;
    Ok(Value::Bool(number.is_finite() && number.fract() == 0.0))
}

/// `float.as_integer_ratio()`.
fn as_integer_ratio(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let number = own(vm, receiver)?;
    if number.is_nan() {
        return Err(PyError::value_error("cannot convert NaN to integer ratio"));
    }
    let mut scaled = number;
    let mut shift = 0_usize;
    while scaled.is_finite() && scaled.fract() != 0.0 {
        scaled *= 2.0;
        shift += 1;
    }
    match BigInt::from_f64(scaled) {
        Some(numerator) => Ok(Value::tuple(vec![
            Value::int(numerator),
            Value::int(BigInt::from(1) << shift),
        ])),
        None => Err(overflow("cannot convert Infinity to integer ratio")),
    }
}

/// `float.hex()`.
fn hex(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let number = own(vm, receiver)?;
    if !number.is_finite() {
        return Ok(Value::from(super::repr::float_repr(number)));
    }
    let bits = number.to_bits();
    let sign = if number.is_sign_negative() { "-" } else { "" };
    let exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let fraction = bits & ((1 << 52) - 1);
    Ok(Value::from(match (exponent, fraction) {
        (0, 0) => format!("{sign}0x0.0p+0"),
        (0, _) => format!("{sign}0x0.{fraction:013x}p-1022"),
        _ => format!("{sign}0x1.{fraction:013x}p{:+}", exponent - 1023),
    }))
}
