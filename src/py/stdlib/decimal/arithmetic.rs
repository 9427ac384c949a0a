//! The operators of `Decimal`.

use num_bigint::BigInt;
use num_traits::Signed;
use num_traits::ToPrimitive;
use num_traits::Zero;

use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;

use super::DIVISION_BY_ZERO;
use super::invalid;
use super::number::Decimal;
use super::number::PRECISION;

/// `left op right`; `None` when the operator does not apply.
pub fn binary(
    operator: BinaryOperator,
    left: &Decimal,
    right: &Decimal,
) -> PyResult<Option<Decimal>> {
    let (Decimal::Finite { .. }, Decimal::Finite { .. }) = (left, right) else {
        return Err(PyError::unsupported(
            "arithmetic with an infinite `Decimal` or NaN",
        ));
    };
    let result = match operator {
        BinaryOperator::Add => sum(left, right, false)?,
        BinaryOperator::Sub => sum(left, right, true)?,
        BinaryOperator::Mul => product(left, right),
        BinaryOperator::Div => quotient(left, right)?,
        BinaryOperator::FloorDiv => whole(left, right)?.0,
        BinaryOperator::Mod => whole(left, right)?.1,
        BinaryOperator::Pow => power(left, right)?,
        _ => return Ok(None),
    };
    let (_, _, exponent) = parts(&result);
    if exponent.unsigned_abs() > LARGEST_EXPONENT {
        return Err(PyError::unsupported(
            "a `Decimal` with an exponent above 999999",
        ));
    }
    Ok(Some(result))
}

/// `Emax` of the default context.
const LARGEST_EXPONENT: u64 = 999_999;

/// Sign, coefficient and exponent.
fn parts(number: &Decimal) -> (bool, BigInt, i64) {
    match number {
        Decimal::Finite {
            negative,
            digits,
            exponent,
        } => (*negative, digits.clone(), *exponent),
        _ => (false, BigInt::zero(), 0),
    }
}

/// A number from a signed coefficient, rounded.
fn signed(digits: BigInt, exponent: i64, zero_negative: bool) -> Decimal {
    let negative = digits.is_negative() || (digits.is_zero() && zero_negative);
    Decimal::Finite {
        negative,
        digits: digits.abs(),
        exponent,
    }
    .rounded()
}

/// `+` and `-`.
fn sum(left: &Decimal, right: &Decimal, minus: bool) -> PyResult<Decimal> {
    let right = if minus {
        right.with_sign(!right.is_negative())
    } else {
        right.clone()
    };
    let exponent = parts(left).2.min(parts(&right).2);
    let aligned = |number: &Decimal| -> PyResult<BigInt> {
        let (negative, digits, _) = parts(&number.rescaled(exponent, "ROUND_DOWN")?);
        Ok(if negative { -digits } else { digits })
    };
    let both_negative = left.is_negative() && right.is_negative();
    Ok(signed(
        aligned(left)? + aligned(&right)?,
        exponent,
        both_negative,
    ))
}

/// `*`.
fn product(left: &Decimal, right: &Decimal) -> Decimal {
    let ((one, left, first), (two, right, second)) = (parts(left), parts(right));
    Decimal::Finite {
        negative: one != two,
        digits: left * right,
        exponent: first + second,
    }
    .rounded()
}

/// `/`: exact results keep the ideal exponent.
fn quotient(left: &Decimal, right: &Decimal) -> PyResult<Decimal> {
    let ((one, numerator, first), (two, denominator, second)) = (parts(left), parts(right));
    if denominator.is_zero() {
        return Err(if numerator.is_zero() {
            invalid("DivisionUndefined")
        } else {
            PyError::new(&DIVISION_BY_ZERO, "[<class 'decimal.DivisionByZero'>]")
        });
    }
    let negative = one != two;
    let ideal = first - second;
    if numerator.is_zero() {
        return Ok(Decimal::Finite {
            negative,
            digits: numerator,
            exponent: ideal,
        });
    }
    let size = |number: &BigInt| i64::try_from(number.to_string().len()).unwrap_or(0);
    let shift = size(&denominator) - size(&numerator) + i64::try_from(PRECISION).unwrap_or(28) + 1;
    let ten = |power: i64| BigInt::from(10).pow(u32::try_from(power).unwrap_or(0));
    let mut exponent = ideal - shift;
    let (mut digits, remainder) = if shift >= 0 {
        let scaled = numerator * ten(shift);
        (&scaled / &denominator, scaled % &denominator)
    } else {
        let scaled = denominator * ten(-shift);
        (&numerator / &scaled, numerator % scaled)
    };
    if remainder.is_zero() {
        while exponent < ideal && (&digits % 10_i32).is_zero() {
            digits /= 10;
            exponent += 1;
        }
    } else if (&digits % 5_i32).is_zero() {
        // A sticky digit so that rounding half to even sees that something follows.
        digits += 1;
    }
    Ok(Decimal::Finite {
        negative,
        digits,
        exponent,
    }
    .rounded())
}

/// `//` and `%`: the quotient towards zero and what remains.
fn whole(left: &Decimal, right: &Decimal) -> PyResult<(Decimal, Decimal)> {
    if right.is_zero() {
        return Err(if left.is_zero() {
            invalid("DivisionUndefined")
        } else {
            PyError::new(&DIVISION_BY_ZERO, "[<class 'decimal.DivisionByZero'>]")
        });
    }
    let exponent = parts(left).2.min(parts(right).2);
    let (one, numerator, _) = parts(&left.rescaled(exponent, "ROUND_DOWN")?);
    let (two, denominator, _) = parts(&right.rescaled(exponent, "ROUND_DOWN")?);
    let quotient = Decimal::Finite {
        negative: one != two,
        digits: &numerator / &denominator,
        exponent: 0,
    };
    if quotient.precision() > PRECISION {
        return Err(invalid("DivisionImpossible"));
    }
    let remainder = Decimal::Finite {
        negative: one,
        digits: numerator % denominator,
        exponent,
    };
    Ok((quotient, remainder.rounded()))
}

/// `**` with a whole exponent that is not negative.
fn power(left: &Decimal, right: &Decimal) -> PyResult<Decimal> {
    let (negative, digits, exponent) = parts(&right.normalize());
    let count = if negative || exponent < 0 {
        None
    } else {
        digits.to_u32().filter(|_| exponent < 4)
    };
    let Some(count) = count
        .and_then(|count| count.checked_mul(10_u32.pow(u32::try_from(exponent).unwrap_or(0))))
        .filter(|count| *count <= 1000)
    else {
        return Err(PyError::unsupported(
            "a power of a `Decimal` that is not a small whole number",
        ));
    };
    let (minus, base, scale) = parts(left);
    Ok(Decimal::Finite {
        negative: minus && count % 2 == 1,
        digits: base.pow(count),
        exponent: scale.saturating_mul(i64::from(count)),
    }
    .rounded())
}
