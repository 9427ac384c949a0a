//! A decimal number: its text, rounding and order.

use std::cmp::Ordering;
use std::fmt;

use num_bigint::BigInt;
use num_traits::Zero;

use crate::py::error::PyError;
use crate::py::error::PyResult;

/// The digits of the default context.
pub const PRECISION: usize = 28;

/// Exponents stay below this: CPython's `MAX_EMAX`, which leaves room for sums of two.
const LARGEST_EXPONENT: u64 = 999_999_999_999_999_999;

/// A decimal number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decimal {
    /// `digits * 10 ** exponent`.
    Finite {
        /// Whether it is below zero (zero has a sign too).
        negative: bool,
        /// The coefficient, never negative.
        digits: BigInt,
        /// The power of ten.
        exponent: i64,
    },
    /// `Infinity`.
    Infinity {
        /// Whether it is below zero.
        negative: bool,
    },
    /// `NaN`.
    Nan,
}

impl Decimal {
    /// An integer.
    pub fn integer(number: BigInt) -> Self {
        let negative = number.sign() == num_bigint::Sign::Minus;
        Self::Finite {
            negative,
            digits: BigInt::from(number.magnitude().clone()),
            exponent: 0,
        }
    }

    /// Reads the forms that Python takes.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().replace('_', "");
        let negative = text.starts_with('-');
        let body = text
            .strip_prefix(['+', '-'])
            .unwrap_or(&text)
            .to_ascii_lowercase();
        match body.as_str() {
            "inf" | "infinity" => return Some(Self::Infinity { negative }),
            "nan" => return Some(Self::Nan),
            _ => {}
        }
        let (mantissa, exponent) = match body.split_once('e') {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (body.as_str(), 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !all.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        // CPython refuses what lies beyond `MIN_ETINY` and `MAX_EMAX`
        if exponent.unsigned_abs() > LARGEST_EXPONENT {
            return None;
        }
        Some(Self::Finite {
            negative,
            digits: all.parse().ok()?,
            exponent,
        })
    }

    /// Whether it is a zero.
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Finite { digits, .. } if digits.is_zero())
    }

    /// Whether it has a minus sign.
    pub fn is_negative(&self) -> bool {
        matches!(
            self,
            Self::Finite { negative: true, .. } | Self::Infinity { negative: true }
        )
    }

    /// The same with another sign.
    pub fn with_sign(&self, negative: bool) -> Self {
        match self {
            Self::Finite {
                digits, exponent, ..
            } => Self::Finite {
                negative,
                digits: digits.clone(),
                exponent: *exponent,
            },
            Self::Infinity { .. } => Self::Infinity { negative },
            Self::Nan => Self::Nan,
        }
    }

    /// How many digits the coefficient has.
    pub fn precision(&self) -> usize {
        match self {
            Self::Finite { digits, .. } => digits.to_string().len(),
            _ => 0,
        }
    }

    /// Rounded to the precision of the context.
    pub fn rounded(&self) -> Self {
        let size = self.precision();
        match self {
            Self::Finite { exponent, .. } if size > PRECISION => {
                let excess = i64::try_from(size - PRECISION).unwrap_or(0);
                let rounded = self
                    .rescaled(exponent + excess, "ROUND_HALF_EVEN")
                    .unwrap_or(Self::Nan);
                // Rounding up 99…9 gives one digit more.
                if rounded.precision() > PRECISION {
                    rounded.rounded()
                } else {
                    rounded
                }
            }
            _ => self.clone(),
        }
    }

    /// With another exponent, rounded.
    pub fn rescaled(&self, wanted: i64, rounding: &str) -> PyResult<Self> {
        let Self::Finite {
            negative,
            digits,
            exponent,
        } = self
        else {
            return Ok(self.clone());
        };
        let shift = exponent.saturating_sub(wanted);
        if shift.unsigned_abs() > 100_000 {
            return Err(PyError::unsupported(
                "a `Decimal` with an exponent above 100000",
            ));
        }
        let power = BigInt::from(10).pow(u32::try_from(shift.unsigned_abs()).unwrap_or(0));
        let digits = if shift >= 0 {
            digits * power
        } else {
            divide(digits, &power, *negative, rounding)?
        };
        Ok(Self::Finite {
            negative: *negative,
            digits,
            exponent: wanted,
        })
    }

    /// Without trailing zeros.
    pub fn normalize(&self) -> Self {
        let Self::Finite {
            negative,
            digits,
            exponent,
        } = self.rounded()
        else {
            return self.clone();
        };
        if digits.is_zero() {
            return Self::Finite {
                negative,
                digits,
                exponent: 0,
            };
        }
        let text = digits.to_string();
        let kept = text.trim_end_matches('0');
        let zeros = i64::try_from(text.len() - kept.len()).unwrap_or(0);
        Self::Finite {
            negative,
            digits: kept.parse().unwrap_or_default(),
            exponent: exponent + zeros,
        }
    }

    /// The order; `None` with NaN.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Nan, _) | (_, Self::Nan) => None,
            (Self::Infinity { negative: one }, Self::Infinity { negative: two }) => {
                Some(two.cmp(one))
            }
            (Self::Infinity { negative }, _) => Some(if *negative {
                Ordering::Less
            } else {
                Ordering::Greater
            }),
            (_, Self::Infinity { negative }) => Some(if *negative {
                Ordering::Greater
            } else {
                Ordering::Less
            }),
            (Self::Finite { exponent: one, .. }, Self::Finite { exponent: two, .. }) => {
                let least = *one.min(two);
                let signed = |number: &Self| match number.rescaled(least, "ROUND_DOWN") {
                    Ok(Self::Finite {
                        negative, digits, ..
                    }) => Some(if negative { -digits } else { digits }),
                    _ => None,
                };
                Some(signed(self)?.cmp(&signed(other)?))
            }
        }
    }

    /// Without exponent notation.
    pub fn plain(&self) -> String {
        let Self::Finite {
            negative,
            digits,
            exponent,
        } = self
        else {
            return self.to_string();
        };
        let sign = if *negative { "-" } else { "" };
        let text = digits.to_string();
        if exponent.unsigned_abs() > 1 << 28 {
            return self.to_string();
        }
        match usize::try_from(-exponent) {
            Ok(places) if places > 0 => {
                let missing = (places + 1).saturating_sub(text.len());
                let padded = format!("{}{text}", "0".repeat(missing));
                let (whole, fraction) = padded.split_at(padded.len() - places);
                format!("{sign}{whole}.{fraction}")
            }
            _ => format!(
                "{sign}{text}{}",
                "0".repeat(usize::try_from(*exponent).unwrap_or(0))
            ),
        }
    }
}

/// Divides a coefficient, rounding by the named mode.
fn divide(digits: &BigInt, power: &BigInt, negative: bool, rounding: &str) -> PyResult<BigInt> {
    let (quotient, remainder) = (digits / power, digits % power);
    if remainder.is_zero() {
        return Ok(quotient);
    }
    let half: Ordering = (&remainder * 2_i32).cmp(power);
    let odd = (&quotient % 2_i32) != BigInt::zero();
    let up = match rounding {
        "ROUND_HALF_EVEN" => half == Ordering::Greater || (half == Ordering::Equal && odd),
        "ROUND_HALF_UP" => half != Ordering::Less,
        "ROUND_HALF_DOWN" => half == Ordering::Greater,
        "ROUND_DOWN" => false,
        "ROUND_UP" => true,
        "ROUND_FLOOR" => negative,
        "ROUND_CEILING" => !negative,
        _ => {
            return Err(PyError::unsupported(format!(
                "the rounding mode `{rounding}`"
            )));
        }
    };
    Ok(if up { quotient + 1 } else { quotient })
}

impl fmt::Display for Decimal {
    /// Lib/_pydecimal.py `__str__`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nan => f.write_str("NaN"),
            Self::Infinity { negative } => {
                f.write_str(if *negative { "-Infinity" } else { "Infinity" })
            }
            Self::Finite {
                negative,
                digits,
                exponent,
            } => {
                let text = digits.to_string();
                let left = exponent + i64::try_from(text.len()).unwrap_or(0);
                if *exponent <= 0 && left > -6 {
                    return f.write_str(&self.plain());
                }
                let sign = if *negative { "-" } else { "" };
                let (first, rest) = text.split_at(1);
                let point = if rest.is_empty() { "" } else { "." };
                write!(f, "{sign}{first}{point}{rest}E{:+}", left - 1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_python() {
        for (text, shown) in [
            ("1.50", "1.50"),
            ("1E+3", "1E+3"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1E-7"),
            ("-0", "-0"),
            (".5", "0.5"),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), shown);
        }
    }
}
