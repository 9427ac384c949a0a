//! Arithmetic and comparison of `bool`, `int` and `float`.

use std::cmp::Ordering;
use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::FromPrimitive;
use num_traits::Signed;
use num_traits::ToPrimitive;
use num_traits::Zero;

use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::value::Value;

use super::errors::overflow;
use super::errors::zero_division;

/// A number.
#[derive(Debug, Clone)]
pub enum Number {
    /// An `int` (or `bool`) of 64 bits.
    Small(i64),
    /// A larger `int`.
    Big(Rc<BigInt>),
    /// A `float`.
    Float(f64),
}

impl Number {
    /// The number that a value is.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(Self::Small(i64::from(*flag))),
            Value::Int(number) => Some(Self::Small(*number)),
            Value::BigInt(number) => Some(Self::Big(number.clone())),
            Value::Float(number) => Some(Self::Float(*number)),
            Value::Instance(instance) => instance.base_value().and_then(|base| Self::of(&base)),
            _ => None,
        }
    }

    /// As an integer of any size; `None` for a float.
    fn big(&self) -> Option<BigInt> {
        match self {
            Self::Small(number) => Some(BigInt::from(*number)),
            Self::Big(number) => Some((**number).clone()),
            Self::Float(_) => None,
        }
    }

    /// As a float.
    fn float(&self) -> PyResult<f64> {
        match self {
            Self::Small(number) => Ok(*number as f64),
            Self::Big(number) => match number.to_f64() {
                Some(float) if float.is_finite() => Ok(float),
                _ => Err(overflow("int too large to convert to float")),
            },
            Self::Float(number) => Ok(*number),
        }
    }
}

/// Compares two numbers; `None` when one is NaN.
pub fn order(left: &Number, right: &Number) -> Option<Ordering> {
    match (left, right) {
        (Number::Small(left), Number::Small(right)) => Some(left.cmp(right)),
        (Number::Float(left), Number::Float(right)) => left.partial_cmp(right),
        (Number::Float(float), integer) => order_float(*float, integer),
        (integer, Number::Float(float)) => order_float(*float, integer).map(Ordering::reverse),
        _ => left.big()?.partial_cmp(&right.big()?),
    }
}

/// Compares a float with an integer exactly.
fn order_float(float: f64, integer: &Number) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float.is_infinite() {
        return Some(if float > 0.0 {
            Ordering::Greater
        } else {
            Ordering::Less
        });
    }
    let whole = BigInt::from_f64(float.trunc())?;
    Some(
        whole
            .cmp(&integer.big()?)
            .then_with(|| float.fract().partial_cmp(&0.0).unwrap_or(Ordering::Equal)),
    )
}

/// Whether a comparison operator holds for an order.
pub fn holds(operator: BinaryOperator, order: Option<Ordering>) -> Option<bool> {
    Some(match operator {
        BinaryOperator::Eq => order == Some(Ordering::Equal),
        BinaryOperator::Ne => order != Some(Ordering::Equal),
        BinaryOperator::Lt => order == Some(Ordering::Less),
        BinaryOperator::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        BinaryOperator::Gt => order == Some(Ordering::Greater),
        BinaryOperator::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        _ => return None,
    })
}

/// `left op right` of two numbers; `None` when the operator does not apply.
pub fn binary(operator: BinaryOperator, left: &Number, right: &Number) -> PyResult<Option<Value>> {
    if let Some(result) = holds(operator, order(left, right)) {
        return Ok(Some(Value::Bool(result)));
    }
    if let (Number::Small(left), Number::Small(right)) = (left, right)
        && let Some(result) = small(operator, *left, *right)
    {
        return Ok(Some(result));
    }
    match (left.big(), right.big()) {
        (Some(left), Some(right)) => integers(operator, &left, &right),
        _ => floats(operator, left.float()?, right.float()?),
    }
}

/// The quick path: 64-bit integers without overflow.
fn small(operator: BinaryOperator, left: i64, right: i64) -> Option<Value> {
    Some(Value::Int(match operator {
        BinaryOperator::Add => left.checked_add(right)?,
        BinaryOperator::Sub => left.checked_sub(right)?,
        BinaryOperator::Mul => left.checked_mul(right)?,
        BinaryOperator::FloorDiv if right > 0 => left.div_euclid(right),
        BinaryOperator::Mod if right > 0 => left.rem_euclid(right),
        BinaryOperator::And => left & right,
        BinaryOperator::Or => left | right,
        BinaryOperator::Xor => left ^ right,
        _ => return None,
    }))
}

/// Floor division and modulo of integers.
pub fn div_mod(left: &BigInt, right: &BigInt) -> (BigInt, BigInt) {
    let mut quotient = left / right;
    let mut remainder = left % right;
    if !remainder.is_zero() && (remainder.is_negative() != right.is_negative()) {
        quotient -= 1;
        remainder += right;
    }
    (quotient, remainder)
}

/// The operators of `int`.
fn integers(operator: BinaryOperator, left: &BigInt, right: &BigInt) -> PyResult<Option<Value>> {
    Ok(Some(Value::int(match operator {
        BinaryOperator::Add => left + right,
        BinaryOperator::Sub => left - right,
        BinaryOperator::Mul => {
            check_bits(left.bits().saturating_add(right.bits()))?;
            left * right
        }
        BinaryOperator::Div => {
            return true_division(left, right).map(|quotient| Some(Value::Float(quotient)));
        }
        BinaryOperator::FloorDiv if right.is_zero() => {
            return Err(zero_division("integer division or modulo by zero"));
        }
        BinaryOperator::FloorDiv => div_mod(left, right).0,
        BinaryOperator::Mod if right.is_zero() => {
            return Err(zero_division("integer modulo by zero"));
        }
        BinaryOperator::Mod => div_mod(left, right).1,
        BinaryOperator::Pow => return power(left, right).map(Some),
        BinaryOperator::And => left & right,
        BinaryOperator::Or => left | right,
        BinaryOperator::Xor => left ^ right,
        BinaryOperator::LeftShift => left << shift(right, true)?,
        BinaryOperator::RightShift => left >> shift(right, false)?,
        _ => return Ok(None),
    })))
}

/// A shift count.
fn shift(count: &BigInt, left: bool) -> PyResult<usize> {
    if count.is_negative() {
        return Err(PyError::value_error("negative shift count"));
    }
    match count.to_usize() {
        Some(count) if !left || count < 1 << 24 => Ok(count),
        _ if left => Err(overflow("too many digits in integer")),
        _ => Ok(usize::MAX >> 8),
    }
}

/// `left / right` of integers, correctly rounded when both fit 53 bits.
fn true_division(left: &BigInt, right: &BigInt) -> PyResult<f64> {
    if right.is_zero() {
        return Err(zero_division("division by zero"));
    }
    let limit = BigInt::from(1_i64 << 53);
    if left.abs() <= limit && right.abs() <= limit {
        return Ok(left.to_f64().unwrap_or(0.0) / right.to_f64().unwrap_or(1.0));
    }
    // Scale so that the quotient has at least 64 significant bits and a sticky bit, then round once.
    let wanted =
        66 - (i64::try_from(left.bits()).unwrap_or(0) - i64::try_from(right.bits()).unwrap_or(0));
    let (numerator, denominator) = if wanted > 0 {
        (left.abs() << wanted as usize, right.abs())
    } else {
        (left.abs(), right.abs() << (-wanted) as usize)
    };
    let mut quotient = &numerator / &denominator;
    if !(&numerator % &denominator).is_zero() {
        quotient |= BigInt::from(1);
    }
    let magnitude =
        quotient.to_f64().unwrap_or(f64::INFINITY) * 2f64.powi(i32::try_from(-wanted).unwrap_or(0));
    if magnitude.is_infinite() {
        return Err(overflow("integer division result too large for a float"));
    }
    Ok(if left.is_negative() == right.is_negative() {
        magnitude
    } else {
        -magnitude
    })
}

/// `left ** right` of integers.
fn power(left: &BigInt, right: &BigInt) -> PyResult<Value> {
    if right.is_negative() {
        if left.is_zero() {
            return Err(zero_division("0.0 cannot be raised to a negative power"));
        }
        return Ok(Value::Float(
            left.to_f64()
                .unwrap_or(f64::INFINITY)
                .powf(right.to_f64().unwrap_or(f64::NEG_INFINITY)),
        ));
    }
    match right.to_u32() {
        Some(exponent) => {
            if left.bits() > 1 {
                check_bits(u64::from(exponent).saturating_mul(left.bits()))?;
            }
            Ok(Value::int(left.pow(exponent)))
        }
        None if left.bits() > 1 => check_bits(u64::MAX).map(|()| Value::None),
        None if left.is_negative() && !right.bit(0) => Ok(Value::int(-left)),
        None => Ok(Value::int(left.clone())),
    }
}

/// Refuses integers that take minutes to compute with.
fn check_bits(bits: u64) -> PyResult<()> {
    if bits < 1 << 24 {
        Ok(())
    } else {
        Err(PyError::unsupported(
            "an integer of more than sixteen million bits",
        ))
    }
}

/// Python's `%` of floats: the sign of the divisor.
pub fn float_mod(left: f64, right: f64) -> f64 {
    let remainder = left % right;
    if remainder == 0.0 {
        return 0.0_f64.copysign(right);
    }
    if (remainder < 0.0) == (right < 0.0) {
        remainder
    } else {
        remainder + right
    }
}

/// Python's `//` of floats.
pub fn float_floor_div(left: f64, right: f64) -> f64 {
    let remainder = left % right;
    let mut quotient = (left - remainder) / right;
    if remainder != 0.0 && (remainder < 0.0) != (right < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return 0.0_f64.copysign(left / right);
    }
    let floor = quotient.floor();
    if quotient - floor > 0.5 {
        floor + 1.0
    } else {
        floor
    }
}

/// The operators of `float`.
fn floats(operator: BinaryOperator, left: f64, right: f64) -> PyResult<Option<Value>> {
    Ok(Some(Value::Float(match operator {
        BinaryOperator::Add => left + right,
        BinaryOperator::Sub => left - right,
        BinaryOperator::Mul => left * right,
        BinaryOperator::Div if right == 0.0 => return Err(zero_division("float division by zero")),
        BinaryOperator::Div => left / right,
        BinaryOperator::FloorDiv if right == 0.0 => {
            return Err(zero_division("float floor division by zero"));
        }
        BinaryOperator::FloorDiv => float_floor_div(left, right),
        BinaryOperator::Mod if right == 0.0 => return Err(zero_division("float modulo")),
        BinaryOperator::Mod => float_mod(left, right),
        BinaryOperator::Pow => float_power(left, right)?,
        _ => return Ok(None),
    })))
}

/// `left ** right` of floats.
fn float_power(left: f64, right: f64) -> PyResult<f64> {
    if left == 0.0 && right < 0.0 {
        return Err(zero_division("0.0 cannot be raised to a negative power"));
    }
    if left < 0.0 && left.is_finite() && right.fract() != 0.0 {
        return Err(PyError::unsupported(
            "a complex number (a negative number raised to a fraction)",
        ));
    }
    let result = left.powf(right);
    if result.is_infinite() && left.is_finite() && right.is_finite() {
        return Err(PyError::with_args(
            &crate::py::class::Class::of(&crate::py::exceptions::OVERFLOW_ERROR),
            vec![Value::Int(34), Value::str("Numerical result out of range")],
        ));
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(operator: BinaryOperator, left: Value, right: Value) -> String {
        let (left, right) = (Number::of(&left).unwrap(), Number::of(&right).unwrap());
        format!("{:?}", binary(operator, &left, &right).unwrap().unwrap())
    }

    #[test]
    fn division_rounds_towards_minus_infinity() {
        assert_eq!(
            result(BinaryOperator::FloorDiv, Value::Int(-7), Value::Int(2)),
            "-4"
        );
        assert_eq!(
            result(BinaryOperator::Mod, Value::Int(-7), Value::Int(2)),
            "1"
        );
        assert_eq!(
            result(BinaryOperator::Mod, Value::Int(7), Value::Int(-2)),
            "-1"
        );
        assert_eq!(
            result(BinaryOperator::Mod, Value::Float(-7.5), Value::Int(2)),
            "0.5"
        );
    }

    #[test]
    fn integers_grow_without_limit() {
        assert_eq!(
            result(BinaryOperator::Mul, Value::Int(i64::MAX), Value::Int(4)),
            "36893488147419103228"
        );
        assert_eq!(
            result(BinaryOperator::Pow, Value::Int(2), Value::Int(64)),
            "18446744073709551616"
        );
    }

    #[test]
    fn large_integers_compare_exactly_with_floats() {
        assert_eq!(
            result(
                BinaryOperator::Eq,
                Value::Int((1 << 53) + 1),
                Value::Float(9007199254740992.0)
            ),
            "False"
        );
        assert_eq!(
            result(BinaryOperator::Lt, Value::Float(0.5), Value::Int(1)),
            "True"
        );
    }
}
