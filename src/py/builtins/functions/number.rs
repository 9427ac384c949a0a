//! `abs`, `round`, `divmod`, `pow`, `sum`.

use num_bigint::BigInt;
use num_traits::Signed;
use num_traits::Zero;

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::super::arguments;
use super::super::iter::Iter;
use super::super::numbers;
use super::super::receiver;
use super::super::receiver::core;

/// `abs(x)`.
pub fn abs(vm: &Vm, args: Args) -> PyResult<Value> {
    let value = arguments::one("abs", args)?;
    match core(&value) {
        Value::Float(number) => Ok(Value::Float(number.abs())),
        inner => match receiver::integer(&inner) {
            Some(number) => Ok(Value::int(number.abs())),
            None if vm.find_attr(&value, "__abs__")?.is_some() => {
                vm.call_method(&value, "__abs__", Args::none())
            }
            None => Err(PyError::type_error(format!(
                "bad operand type for abs(): '{}'",
                vm.class_of(&value).name
            ))),
        },
    }
}

/// `round(number, ndigits=None)`: to even.
pub fn round(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("round", "(number, ndigits=None)")?;
    let (value, digits) = (bound.get("number"), bound.get("ndigits"));
    let places = if digits.is_none() {
        None
    } else {
        Some(receiver::index(vm, &digits)?)
    };
    match (core(&value), places) {
        (Value::Float(number), None) => super::super::float::truncate(number.round_ties_even()),
        (Value::Float(number), Some(places)) => Ok(Value::Float(round_float(number, places))),
        (inner, places) => match receiver::integer(&inner) {
            Some(number) => Ok(Value::int(round_integer(number, places.unwrap_or(0)))),
            None if vm.find_attr(&value, "__round__")?.is_some() => {
                let args = if digits.is_none() {
                    Args::none()
                } else {
                    Args::of(vec![digits])
                };
                vm.call_method(&value, "__round__", args)
            }
            None => Err(PyError::type_error(format!(
                "type {} doesn't define __round__ method",
                vm.class_of(&value).name
            ))),
        },
    }
}

/// Rounds a float to decimal places, from its exact value.
fn round_float(number: f64, places: i64) -> f64 {
    if !number.is_finite() || places > 323 {
        return number;
    }
    if places < -308 {
        return 0.0_f64.copysign(number);
    }
    if let Ok(places) = usize::try_from(places) {
        return format!("{number:.places$}").parse().unwrap_or(number);
    }
    let scale = 10_f64.powi(i32::try_from(-places).unwrap_or(308));
    (number / scale).round_ties_even() * scale
}

/// Rounds an integer to a negative number of places, ties to even.
fn round_integer(number: BigInt, places: i64) -> BigInt {
    let Ok(zeros) = u32::try_from(places.saturating_neg()) else {
        return number;
    };
    if zeros == 0 {
        return number;
    }
    if u64::from(zeros) > number.bits() {
        return BigInt::zero();
    }
    let unit = BigInt::from(10).pow(zeros);
    let (quotient, remainder) = numbers::div_mod(&number, &unit);
    let twice = &remainder * 2;
    let up = twice > unit || (twice == unit && (&quotient % 2_i32) != BigInt::zero());
    (quotient + i32::from(up)) * unit
}

/// `divmod(x, y)`.
pub fn divmod(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::between("divmod", args, 2, 2)?;
    let (left, right) = (
        given.first().cloned().unwrap_or(Value::None),
        given.get(1).cloned().unwrap_or(Value::None),
    );
    if vm.find_attr(&left, "__divmod__")?.is_some() {
        return vm.call_method(&left, "__divmod__", Args::of(vec![right]));
    }
    let quotient = vm.binary(BinaryOperator::FloorDiv, &left, &right)?;
    let remainder = vm.binary(BinaryOperator::Mod, &left, &right)?;
    Ok(Value::tuple(vec![quotient, remainder]))
}

/// `pow(base, exp, mod=None)`.
pub fn pow(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("pow", "(base, exp, mod=None)")?;
    let (base, exponent, modulus) = (bound.get("base"), bound.get("exp"), bound.get("mod"));
    if modulus.is_none() {
        return vm.binary(BinaryOperator::Pow, &base, &exponent);
    }
    match (
        receiver::integer(&base),
        receiver::integer(&exponent),
        receiver::integer(&modulus),
    ) {
        (Some(_), Some(_), Some(modulus)) if modulus.is_zero() => {
            Err(PyError::value_error("pow() 3rd argument cannot be 0"))
        }
        (Some(base), Some(exponent), Some(modulus)) if !exponent.is_negative() => {
            let magnitude = base.modpow(&exponent, &modulus.abs());
            Ok(Value::int(numbers::div_mod(&magnitude, &modulus).1))
        }
        (Some(_), Some(_), Some(_)) => Err(PyError::unsupported(
            "`pow` with a negative exponent and a modulus",
        )),
        _ => Err(PyError::type_error(
            "pow() 3rd argument not allowed unless all arguments are integers",
        )),
    }
}

/// `sum(iterable, /, start=0)`.
pub fn sum(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("sum", "(iterable, /, start=0)")?;
    let mut total = bound.get("start");
    if matches!(total, Value::Str(_)) {
        return Err(PyError::type_error(
            "sum() can't sum strings [use ''.join(seq) instead]",
        ));
    }
    let mut iter = Iter::of(vm, &bound.get("iterable"))?;
    while let Some(item) = iter.next(vm)? {
        total = vm.binary(BinaryOperator::Add, &total, &item)?;
    }
    Ok(total)
}
