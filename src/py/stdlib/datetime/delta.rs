//! `datetime.timedelta`.

use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::py::args::Args;
use crate::py::builtins::errors::overflow;
use crate::py::builtins::errors::zero_division;
use crate::py::builtins::numbers;
use crate::py::builtins::receiver;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::object::UnaryOperator;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// A duration in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delta(pub i128);

/// `datetime.timedelta`.
pub static CLASS: NativeClass = NativeClass {
    module: "datetime",
    name: "timedelta",
    bases: &[],
    new: Some(new),
    methods: &[("total_seconds", total_seconds), ("__abs__", abs)],
    class_methods: &[],
    attributes: &[
        ("min", |_| Value::object(Delta(-999_999_999 * DAY))),
        ("max", |_| Value::object(Delta(1_000_000_000 * DAY - 1))),
        ("resolution", |_| Value::object(Delta(1))),
    ],
};

const SECOND: i128 = 1_000_000;
const DAY: i128 = 86_400 * SECOND;

impl Delta {
    /// Checks the range.
    pub fn checked(micros: i128) -> PyResult<Self> {
        let days = micros.div_euclid(DAY);
        if days.abs() > 999_999_999 {
            return Err(overflow(format!(
                "days={days}; must have magnitude <= 999999999"
            )));
        }
        Ok(Self(micros))
    }

    /// Days, seconds and microseconds, the latter two never negative.
    pub fn parts(self) -> (i128, i128, i128) {
        let rest = self.0.rem_euclid(DAY);
        (self.0.div_euclid(DAY), rest / SECOND, rest % SECOND)
    }

    /// As `chrono` has it.
    pub fn duration(self) -> PyResult<chrono::TimeDelta> {
        i64::try_from(self.0)
            .map(chrono::TimeDelta::microseconds)
            .map_err(|_| overflow("date value out of range"))
    }

    /// In seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// From `chrono`.
    pub fn from_duration(duration: chrono::TimeDelta) -> Self {
        Self(
            i128::from(duration.num_seconds()) * SECOND
                + i128::from(duration.subsec_nanos() / 1000),
        )
    }
}

/// A count of a unit, in microseconds, rounded to even.
fn amount(vm: &Vm, value: &Value, unit: i128) -> PyResult<i128> {
    match receiver::core(value) {
        Value::Float(number) => {
            if !number.is_finite() {
                return Err(PyError::value_error("cannot convert float NaN to integer"));
            }
            let whole = number.trunc();
            let fraction = ((number - whole) * unit as f64).round_ties_even();
            Ok((whole as i128)
                .saturating_mul(unit)
                .saturating_add(fraction as i128))
        }
        Value::Int(number) => Ok(i128::from(number) * unit),
        Value::Bool(flag) => Ok(i128::from(flag) * unit),
        Value::Unresolved(unresolved) => Err(crate::py::vm::unresolved_error(
            &unresolved,
            "as a duration",
        )),
        _ => Err(PyError::type_error(format!(
            "unsupported type for timedelta component: {}",
            vm.class_of(value).name
        ))),
    }
}

/// `timedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)`.
fn new(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "timedelta",
        "(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)",
    )?;
    let units = [
        ("days", DAY),
        ("seconds", SECOND),
        ("microseconds", 1),
        ("milliseconds", 1000),
        ("minutes", 60 * SECOND),
        ("hours", 3600 * SECOND),
        ("weeks", 7 * DAY),
    ];
    let mut micros = 0;
    for (name, unit) in units {
        micros += amount(vm, &bound.get(name), unit)?;
    }
    Delta::checked(micros).map(Value::object)
}

/// The duration that a receiver is.
fn own(receiver: &Value) -> PyResult<Rc<Delta>> {
    receiver
        .native::<Delta>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'datetime.timedelta' object"))
}

fn total_seconds(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::Float(own(receiver)?.seconds()))
}

fn abs(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(Value::object(Delta(own(receiver)?.0.abs())))
}

/// Division rounded to even.
fn divide_nearest(left: i128, right: i128) -> i128 {
    let (quotient, remainder) = (left.div_euclid(right), left.rem_euclid(right));
    let twice = remainder * 2;
    let size = right.abs();
    if twice > size || (twice == size && quotient % 2 != 0) {
        quotient + right.signum()
    } else {
        quotient
    }
}

impl Object for Delta {
    fn class(&self) -> Rc<Class> {
        Class::of(&CLASS)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        let (days, seconds, micros) = self.parts();
        Ok(match name {
            "days" => Some(Value::int(days)),
            "seconds" => Some(Value::int(seconds)),
            "microseconds" => Some(Value::int(micros)),
            _ => None,
        })
    }

    fn binary(
        self: Rc<Self>,
        _vm: &Vm,
        operator: BinaryOperator,
        other: &Value,
        reflected: bool,
    ) -> PyResult<Option<Value>> {
        if let Some(other) = other.native::<Self>() {
            if let Some(result) = numbers::holds(operator, Some(self.0.cmp(&other.0))) {
                return Ok(Some(Value::Bool(result)));
            }
            let (left, right) = if reflected {
                (other.0, self.0)
            } else {
                (self.0, other.0)
            };
            return Ok(Some(match operator {
                BinaryOperator::Add => Value::object(Self::checked(left + right)?),
                BinaryOperator::Sub => Value::object(Self::checked(left - right)?),
                BinaryOperator::Div | BinaryOperator::FloorDiv | BinaryOperator::Mod
                    if right == 0 =>
                {
                    return Err(zero_division("integer division or modulo by zero"));
                }
                BinaryOperator::Div => Value::Float(left as f64 / right as f64),
                BinaryOperator::FloorDiv => {
                    Value::int(numbers::div_mod(&BigInt::from(left), &BigInt::from(right)).0)
                }
                BinaryOperator::Mod => {
                    let rest = numbers::div_mod(&BigInt::from(left), &BigInt::from(right)).1;
                    Value::object(Self(rest.to_i128().unwrap_or(0)))
                }
                _ => return Ok(None),
            }));
        }
        let (integer, float) = match receiver::core(other) {
            Value::Int(number) => (Some(i128::from(number)), number as f64),
            Value::Bool(flag) => (Some(i128::from(flag)), f64::from(u8::from(flag))),
            Value::Float(number) => (None, number),
            _ => return Ok(None),
        };
        Ok(Some(Value::object(match (operator, integer) {
            (BinaryOperator::Mul, Some(number)) => Self::checked(self.0.saturating_mul(number))?,
            (BinaryOperator::Mul, None) => {
                Self::checked((self.0 as f64 * float).round_ties_even() as i128)?
            }
            (BinaryOperator::Div | BinaryOperator::FloorDiv, _) if !reflected && float == 0.0 => {
                return Err(zero_division("integer division or modulo by zero"));
            }
            (BinaryOperator::Div, Some(number)) if !reflected => {
                Self(divide_nearest(self.0, number))
            }
            (BinaryOperator::Div, None) if !reflected => {
                Self::checked((self.0 as f64 / float).round_ties_even() as i128)?
            }
            (BinaryOperator::FloorDiv, Some(number)) if !reflected => Self(
                numbers::div_mod(&BigInt::from(self.0), &BigInt::from(number))
                    .0
                    .to_i128()
                    .unwrap_or(0),
            ),
            _ => return Ok(None),
        })))
    }

    fn unary(self: Rc<Self>, _vm: &Vm, operator: UnaryOperator) -> PyResult<Option<Value>> {
        Ok(match operator {
            UnaryOperator::Neg => Some(Value::object(Self(-self.0))),
            UnaryOperator::Pos => Some(Value::object(*self)),
            UnaryOperator::Invert => None,
        })
    }

    fn truth(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<bool>> {
        Ok(Some(self.0 != 0))
    }

    fn repr(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        let (days, seconds, micros) = self.parts();
        let mut parts = Vec::new();
        for (name, amount) in [
            ("days", days),
            ("seconds", seconds),
            ("microseconds", micros),
        ] {
            if amount != 0 {
                parts.push(format!("{name}={amount}"));
            }
        }
        Ok(Some(format!(
            "datetime.timedelta({})",
            if parts.is_empty() {
                "0".to_owned()
            } else {
                parts.join(", ")
            }
        )))
    }

    fn str(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(self.to_string()))
    }

    fn hash_key(&self) -> Option<String> {
        Some(format!("timedelta {}", self.0))
    }
}

impl std::fmt::Display for Delta {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (days, seconds, micros) = self.parts();
        if days != 0 {
            write!(f, "{days} day{}, ", if days.abs() == 1 { "" } else { "s" })?;
        }
        write!(
            f,
            "{}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )?;
        if micros != 0 {
            write!(f, ".{micros:06}")?;
        }
        Ok(())
    }
}
