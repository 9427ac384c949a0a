//! `math`.

use num_bigint::BigInt;
use num_traits::Signed;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::builtins::float::truncate;
use crate::py::builtins::receiver;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// Functions of one float.
macro_rules! unary {
    ($($name:literal => $body:expr),* $(,)?) => {
        module! {
            MODULE = "math",
            functions: &[
                $(($name, |vm, args| one(vm, $name, args, $body)),)*
                ("ceil", |vm, args| rounded(vm, "ceil", args, f64::ceil)),
                ("floor", |vm, args| rounded(vm, "floor", args, f64::floor)),
                ("trunc", |vm, args| rounded(vm, "trunc", args, f64::trunc)),
                ("isnan", |vm, args| test(vm, "isnan", args, f64::is_nan)),
                ("isinf", |vm, args| test(vm, "isinf", args, f64::is_infinite)),
                ("isfinite", |vm, args| test(vm, "isfinite", args, f64::is_finite)),
                ("atan2", |vm, args| two(vm, "atan2", args, f64::atan2)),
                ("copysign", |vm, args| two(vm, "copysign", args, f64::copysign)),
                ("fmod", |vm, args| two(vm, "fmod", args, |left, right| left % right)),
                ("pow", |vm, args| two(vm, "pow", args, f64::powf)),
                ("log", log),
                ("gcd", gcd),
                ("lcm", lcm),
                ("factorial", factorial),
                ("isqrt", isqrt),
                ("comb", comb),
                ("hypot", hypot),
                ("isclose", isclose),
                ("prod", prod),
                ("fsum", fsum),
                ("modf", modf),
            ],
            classes: &[],
            values: &[
                ("pi", |_| Ok(Value::Float(std::f64::consts::PI))),
                ("e", |_| Ok(Value::Float(std::f64::consts::E))),
                ("tau", |_| Ok(Value::Float(std::f64::consts::TAU))),
                ("inf", |_| Ok(Value::Float(f64::INFINITY))),
                ("nan", |_| Ok(Value::Float(f64::NAN))),
            ],
        }
    };
}

unary! {
    "sqrt" => f64::sqrt,
    "cbrt" => f64::cbrt,
    "exp" => f64::exp,
    "exp2" => f64::exp2,
    "expm1" => f64::exp_m1,
    "log10" => f64::log10,
    "log2" => f64::log2,
    "log1p" => f64::ln_1p,
    "sin" => f64::sin,
    "cos" => f64::cos,
    "tan" => f64::tan,
    "asin" => f64::asin,
    "acos" => f64::acos,
    "atan" => f64::atan,
    "sinh" => f64::sinh,
    "cosh" => f64::cosh,
    "tanh" => f64::tanh,
    "fabs" => f64::abs,
    "degrees" => f64::to_degrees,
    "radians" => f64::to_radians,
}

/// A float argument.
fn number(vm: &Vm, value: &Value) -> PyResult<f64> {
    if let Some(number) = receiver::float(value) {
        return Ok(number);
    }
    let converted = match vm.find_attr(value, "__float__")? {
        Some(method) => vm.call(&method, Args::none())?,
        None => value.clone(),
    };
    if let Value::Unresolved(unresolved) = &converted {
        return Err(crate::py::vm::unresolved_error(unresolved, "as a number"));
    }
    match receiver::float(&converted) {
        Some(number) => Ok(number),
        None => Err(PyError::type_error(format!(
            "must be real number, not {}",
            vm.class_of(value).name
        ))),
    }
}

/// Checks a result as CPython does: what comes out of a finite number must be one.
fn checked(result: f64, finite: bool) -> PyResult<Value> {
    if finite && (result.is_nan() || result == f64::NEG_INFINITY) {
        return Err(PyError::value_error("math domain error"));
    }
    if finite && result.is_infinite() {
        return Err(crate::py::builtins::errors::overflow("math range error"));
    }
    Ok(Value::Float(result))
}

fn one(vm: &Vm, name: &str, args: Args, body: fn(f64) -> f64) -> PyResult<Value> {
    let number = number(vm, &arguments::one(&format!("math.{name}"), args)?)?;
    checked(body(number), number.is_finite())
}

fn two(vm: &Vm, name: &str, args: Args, body: fn(f64, f64) -> f64) -> PyResult<Value> {
    let given = arguments::between(name, args, 2, 2)?;
    let at = |place: usize| given.get(place).map_or(Ok(0.0), |value| number(vm, value));
    let (left, right) = (at(0)?, at(1)?);
    checked(body(left, right), left.is_finite() && right.is_finite())
}

fn test(vm: &Vm, name: &str, args: Args, body: fn(f64) -> bool) -> PyResult<Value> {
    Ok(Value::Bool(body(number(
        vm,
        &arguments::one(&format!("math.{name}"), args)?,
    )?)))
}

fn rounded(vm: &Vm, name: &str, args: Args, body: fn(f64) -> f64) -> PyResult<Value> {
    let value = arguments::one(&format!("math.{name}"), args)?;
    if let Some(integer) = receiver::integer(&value) {
        return Ok(Value::int(integer));
    }
    let special = format!("__{name}__");
    if matches!(value, Value::Native(_) | Value::Instance(_))
        && vm.find_attr(&value, &special)?.is_some()
    {
        return vm.call_method(&value, &special, Args::none());
    }
    truncate(body(number(vm, &value)?))
}

/// `math.log(x[, base])`.
fn log(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::between("log", args, 1, 2)?;
    let value = given.first().map_or(Ok(1.0), |value| number(vm, value))?;
    let natural = |number: f64| {
        if number > 0.0 {
            Ok(number.ln())
        } else {
            Err(PyError::value_error("math domain error"))
        }
    };
    match given.get(1) {
        None => natural(value).map(Value::Float),
        Some(base) => Ok(Value::Float(natural(value)? / natural(number(vm, base)?)?)),
    }
}

/// Integer arguments.
fn integers(vm: &Vm, values: &[Value]) -> PyResult<Vec<BigInt>> {
    let mut numbers = Vec::new();
    for value in values {
        let number = receiver::integer(value);
        numbers.push(number.ok_or_else(|| {
            PyError::type_error(format!(
                "'{}' object cannot be interpreted as an integer",
                vm.class_of(value).name
            ))
        })?);
    }
    Ok(numbers)
}

fn gcd_of(left: BigInt, right: BigInt) -> BigInt {
    let (mut left, mut right) = (left.abs(), right.abs());
    while right != BigInt::ZERO {
        (left, right) = (right.clone(), left % right);
    }
    left
}

fn gcd(vm: &Vm, args: Args) -> PyResult<Value> {
    Ok(Value::int(
        integers(vm, &args.positional)?
            .into_iter()
            .fold(BigInt::ZERO, gcd_of),
    ))
}

fn lcm(vm: &Vm, args: Args) -> PyResult<Value> {
    let numbers = integers(vm, &args.positional)?;
    Ok(Value::int(numbers.into_iter().fold(
        BigInt::from(1),
        |left, right| {
            let common = gcd_of(left.clone(), right.clone());
            if common == BigInt::ZERO {
                common
            } else {
                (left * right).abs() / common
            }
        },
    )))
}

fn factorial(vm: &Vm, args: Args) -> PyResult<Value> {
    let number = receiver::index(vm, &arguments::one("math.factorial", args)?)?;
    if number < 0 {
        return Err(PyError::value_error(
            "factorial() not defined for negative values",
        ));
    }
    if number > 10_000 {
        return Err(PyError::unsupported(
            "`math.factorial` of a number above 10000",
        ));
    }
    Ok(Value::int(
        (1..=number).fold(BigInt::from(1), |product, factor| product * factor),
    ))
}

fn isqrt(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::one("math.isqrt", args)?;
    let number = integers(vm, std::slice::from_ref(&given))?
        .pop()
        .unwrap_or_default();
    if number.is_negative() {
        return Err(PyError::value_error("isqrt() argument must be nonnegative"));
    }
    Ok(Value::int(number.sqrt()))
}

fn comb(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::between("comb", args, 2, 2)?;
    let at = |place: usize| {
        given
            .get(place)
            .map_or(Ok(0), |value| receiver::index(vm, value))
    };
    let (total, chosen) = (at(0)?, at(1)?);
    if total < 0 || chosen < 0 {
        return Err(PyError::value_error("n must be a non-negative integer"));
    }
    if chosen > total {
        return Ok(Value::Int(0));
    }
    let mut result = BigInt::from(1);
    for step in 0..chosen.min(total - chosen) {
        result = result * (total - step) / (step + 1);
    }
    Ok(Value::int(result))
}

fn hypot(vm: &Vm, args: Args) -> PyResult<Value> {
    let mut sum = 0.0_f64;
    for value in &args.positional {
        sum = sum.hypot(number(vm, value)?);
    }
    Ok(Value::Float(sum))
}

fn isclose(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("isclose", "(a, b, *, rel_tol=1e-09, abs_tol=0.0)")?;
    let at = |name: &str| number(vm, &bound.get(name));
    let (left, right, relative, absolute) = (at("a")?, at("b")?, at("rel_tol")?, at("abs_tol")?);
    let distance = (left - right).abs();
    Ok(Value::Bool(
        left == right
            || (distance.is_finite()
                && distance <= (relative * left.abs().max(right.abs())).max(absolute)),
    ))
}

fn prod(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("prod", "(iterable, /, *, start=1)")?;
    let mut product = bound.get("start");
    for item in vm.collect(&bound.get("iterable"))? {
        product = vm.binary(BinaryOperator::Mul, &product, &item)?;
    }
    Ok(product)
}

/// Shewchuk's exact summation.
fn fsum(vm: &Vm, args: Args) -> PyResult<Value> {
    let mut partials: Vec<f64> = Vec::new();
    for item in vm.collect(&arguments::one("math.fsum", args)?)? {
        let mut x = number(vm, &item)?;
        let mut kept = Vec::new();
        for mut y in partials {
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                kept.push(low);
            }
            x = high;
        }
        kept.push(x);
        partials = kept;
    }
    Ok(Value::Float(partials.iter().rev().sum()))
}

fn modf(vm: &Vm, args: Args) -> PyResult<Value> {
    let number = number(vm, &arguments::one("math.modf", args)?)?;
    let fraction = if number.is_infinite() {
        0.0_f64.copysign(number)
    } else {
        number.fract()
    };
    Ok(Value::tuple(vec![
        Value::Float(fraction),
        Value::Float(number.trunc()),
    ]))
}
