//! `decimal`: numbers with a decimal exponent, in the default context (28 digits, round half even). Lib/_pydecimal.py is the reference.

pub mod arithmetic;
pub mod number;

use std::cmp::Ordering;
use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::FromPrimitive;
use num_traits::ToPrimitive;
use num_traits::Zero;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::builtins::numbers;
use crate::py::builtins::receiver;
use crate::py::builtins::receiver::core;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::exceptions;
use crate::py::object::BinaryOperator;
use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::object::UnaryOperator;
use crate::py::value::Value;
use crate::py::vm::Vm;

pub use number::Decimal;

/// The rounding modes by name.
const ROUNDINGS: &[&str] = &[
    "ROUND_CEILING",
    "ROUND_DOWN",
    "ROUND_FLOOR",
    "ROUND_HALF_DOWN",
    "ROUND_HALF_EVEN",
    "ROUND_HALF_UP",
    "ROUND_UP",
    "ROUND_05UP",
];

module! {
    MODULE = "decimal",
    functions: &[],
    classes: &[&CLASS, &EXCEPTION, &INVALID_OPERATION, &DIVISION_BY_ZERO],
    values: &[
        ("ROUND_CEILING", |_| Ok(Value::str(ROUNDINGS[0]))),
        ("ROUND_DOWN", |_| Ok(Value::str(ROUNDINGS[1]))),
        ("ROUND_FLOOR", |_| Ok(Value::str(ROUNDINGS[2]))),
        ("ROUND_HALF_DOWN", |_| Ok(Value::str(ROUNDINGS[3]))),
        ("ROUND_HALF_EVEN", |_| Ok(Value::str(ROUNDINGS[4]))),
        ("ROUND_HALF_UP", |_| Ok(Value::str(ROUNDINGS[5]))),
        ("ROUND_UP", |_| Ok(Value::str(ROUNDINGS[6]))),
    ],
}

/// `decimal.DecimalException`.
pub static EXCEPTION: NativeClass = NativeClass::plain(
    "decimal",
    "DecimalException",
    &[&exceptions::ARITHMETIC_ERROR],
);
/// `decimal.InvalidOperation`.
pub static INVALID_OPERATION: NativeClass =
    NativeClass::plain("decimal", "InvalidOperation", &[&EXCEPTION]);
/// `decimal.DivisionByZero`.
pub static DIVISION_BY_ZERO: NativeClass = NativeClass::plain(
    "decimal",
    "DivisionByZero",
    &[&EXCEPTION, &exceptions::ZERO_DIVISION_ERROR],
);

const METHODS: &[(&str, Method)] = &[
    ("quantize", quantize),
    ("normalize", |_, receiver, _| {
        Ok(Value::object(own(receiver)?.normalize()))
    }),
    ("to_integral_value", to_integral),
    ("to_integral", to_integral),
    ("is_nan", |_, receiver, _| {
        Ok(Value::Bool(matches!(&*own(receiver)?, Decimal::Nan)))
    }),
    ("is_infinite", |_, receiver, _| {
        Ok(Value::Bool(matches!(
            &*own(receiver)?,
            Decimal::Infinity { .. }
        )))
    }),
    ("is_finite", |_, receiver, _| {
        Ok(Value::Bool(matches!(
            &*own(receiver)?,
            Decimal::Finite { .. }
        )))
    }),
    ("is_zero", |_, receiver, _| {
        Ok(Value::Bool(own(receiver)?.is_zero()))
    }),
    ("is_signed", |_, receiver, _| {
        Ok(Value::Bool(own(receiver)?.is_negative()))
    }),
    ("copy_abs", |_, receiver, _| {
        Ok(Value::object(own(receiver)?.with_sign(false)))
    }),
    ("as_tuple", as_tuple),
    ("__abs__", |_, receiver, _| {
        Ok(Value::object(own(receiver)?.with_sign(false).rounded()))
    }),
    ("__int__", |_, receiver, _| {
        own(receiver)?.truncated().map(Value::int)
    }),
    ("__trunc__", |_, receiver, _| {
        own(receiver)?.truncated().map(Value::int)
    }),
    ("__float__", |_, receiver, _| {
        Ok(Value::Float(
            own(receiver)?
                .to_string()
                .to_lowercase()
                .parse()
                .unwrap_or(f64::NAN),
        ))
    }),
    ("__floor__", |_, receiver, _| {
        whole(&*own(receiver)?, "ROUND_FLOOR")
    }),
    ("__ceil__", |_, receiver, _| {
        whole(&*own(receiver)?, "ROUND_CEILING")
    }),
    ("__round__", round),
    ("__format__", format),
];

/// `decimal.Decimal`.
pub static CLASS: NativeClass = NativeClass {
    module: "decimal",
    name: "Decimal",
    bases: &[],
    new: Some(new),
    methods: METHODS,
    class_methods: &[("from_float", |vm, _, args| {
        from_value(vm, &arguments::one("from_float", args)?).map(Value::object)
    })],
    attributes: &[],
};

/// The number that a receiver is.
fn own(receiver: &Value) -> PyResult<Rc<Decimal>> {
    receiver
        .native::<Decimal>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'decimal.Decimal' object"))
}

/// `InvalidOperation` as the C implementation raises it.
fn invalid(signal: &str) -> PyError {
    PyError::new(&INVALID_OPERATION, format!("[<class 'decimal.{signal}'>]"))
}

/// `Decimal(value='0')`.
fn new(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("Decimal", "(value='0', context=None)")?;
    from_value(vm, &bound.get("value")).map(Value::object)
}

/// The exact decimal of a value.
fn from_value(vm: &Vm, value: &Value) -> PyResult<Decimal> {
    if let Some(decimal) = value.native::<Decimal>() {
        return Ok((*decimal).clone());
    }
    match core(value) {
        Value::Str(text) => Decimal::parse(&text).ok_or_else(|| invalid("ConversionSyntax")),
        Value::Float(number) => Ok(from_float(number)),
        Value::Unresolved(unresolved) => {
            Err(crate::py::vm::unresolved_error(&unresolved, "as a number"))
        }
        Value::Tuple(_) | Value::List(_) => Err(PyError::unsupported("`Decimal` of a tuple")),
        inner => match receiver::integer(&inner) {
            Some(number) => Ok(Decimal::integer(number)),
            None => Err(PyError::type_error(format!(
                "conversion from {} to Decimal is not supported",
                vm.class_of(value).name
            ))),
        },
    }
}

/// The exact value of a float.
fn from_float(number: f64) -> Decimal {
    if number.is_nan() {
        return Decimal::Nan;
    }
    if number.is_infinite() {
        return Decimal::Infinity {
            negative: number < 0.0,
        };
    }
    let (mut scaled, mut places) = (number.abs(), 0_u32);
    while scaled.fract() != 0.0 {
        scaled *= 2.0;
        places += 1;
    }
    let digits = BigInt::from_f64(scaled).unwrap_or_default() * BigInt::from(5).pow(places);
    Decimal::Finite {
        negative: number.is_sign_negative(),
        digits,
        exponent: -i64::from(places),
    }
}

/// An operand: a decimal or an integer.
fn operand(value: &Value) -> Option<Decimal> {
    match value.native::<Decimal>() {
        Some(decimal) => Some((*decimal).clone()),
        None => receiver::integer(value).map(Decimal::integer),
    }
}

/// `Decimal.quantize(exp, rounding=None)`.
fn quantize(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("quantize", "(exp, rounding=None, context=None)")?;
    let rounding = bound
        .optional_str("rounding")?
        .unwrap_or_else(|| ROUNDINGS[4].into());
    let Decimal::Finite { exponent, .. } = from_value(vm, &bound.get("exp"))? else {
        return Err(invalid("InvalidOperation"));
    };
    let result = own(receiver)?.rescaled(exponent, &rounding)?;
    if result.precision() > number::PRECISION {
        return Err(invalid("InvalidOperation"));
    }
    Ok(Value::object(result))
}

/// `Decimal.to_integral_value(rounding=None)`.
fn to_integral(_: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let rounding = args
        .bind("to_integral_value", "(rounding=None, context=None)")?
        .optional_str("rounding")?;
    let own = own(receiver)?;
    match &*own {
        Decimal::Finite { exponent, .. } if *exponent < 0 => own
            .rescaled(0, &rounding.unwrap_or_else(|| ROUNDINGS[4].into()))
            .map(Value::object),
        _ => Ok(Value::object((*own).clone())),
    }
}

/// Rounded to an `int`.
fn whole(decimal: &Decimal, rounding: &str) -> PyResult<Value> {
    decimal.rescaled(0, rounding)?.truncated().map(Value::int)
}

/// `round(decimal[, ndigits])`.
fn round(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::between("__round__", args, 0, 1)?;
    match given.first() {
        None => whole(&*own(receiver)?, ROUNDINGS[4]),
        Some(places) => own(receiver)?
            .rescaled(-receiver::index(vm, places)?, ROUNDINGS[4])
            .map(Value::object),
    }
}

/// `Decimal.as_tuple()`: sign, digits and exponent.
fn as_tuple(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    match &*own(receiver)? {
        Decimal::Finite {
            negative,
            digits,
            exponent,
        } => {
            let digits = digits
                .to_string()
                .bytes()
                .map(|digit| Value::Int(i64::from(digit - b'0')))
                .collect();
            Ok(Value::tuple(vec![
                Value::Int(i64::from(*negative)),
                Value::tuple(digits),
                Value::Int(*exponent),
            ]))
        }
        _ => Err(PyError::unsupported(
            "`Decimal.as_tuple` of a number that is not finite",
        )),
    }
}

/// `format(decimal, spec)`: `f`, `%` and plain text.
fn format(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let spec = receiver::text(vm, &arguments::one("__format__", args)?)?;
    let own = own(receiver)?;
    if spec.is_empty() {
        return Ok(Value::from(own.to_string()));
    }
    let parsed = crate::py::builtins::str::spec::Spec::parse(&spec, "decimal.Decimal")?;
    if parsed.width > 0
        || parsed.grouping.is_some()
        || parsed.sign.is_some()
        || parsed.kind != Some('f')
    {
        return Err(PyError::unsupported(format!(
            "the format `{spec}` of a `Decimal`"
        )));
    }
    let shown = match (&*own, parsed.precision) {
        (Decimal::Finite { .. }, Some(places)) => {
            own.rescaled(-i64::try_from(places).unwrap_or(0), ROUNDINGS[4])?
        }
        (Decimal::Finite { exponent, .. }, None) if *exponent > 0 => {
            own.rescaled(0, ROUNDINGS[4])?
        }
        _ => (*own).clone(),
    };
    Ok(Value::from(shown.plain()))
}

impl Object for Decimal {
    fn class(&self) -> Rc<Class> {
        Class::of(&CLASS)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "real" => Some(Value::Native(self)),
            "imag" => Some(Value::object(Self::integer(BigInt::zero()))),
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
        let comparison = matches!(
            operator,
            BinaryOperator::Eq
                | BinaryOperator::Ne
                | BinaryOperator::Lt
                | BinaryOperator::Le
                | BinaryOperator::Gt
                | BinaryOperator::Ge
        );
        let other = match (operand(other), core(other)) {
            (Some(other), _) => other,
            (None, Value::Float(number)) if comparison => from_float(number),
            _ => return Ok(None),
        };
        if comparison {
            let order: Option<Ordering> = self.compare(&other);
            return Ok(numbers::holds(operator, order).map(Value::Bool));
        }
        let (left, right) = if reflected {
            (&other, &*self)
        } else {
            (&*self, &other)
        };
        Ok(arithmetic::binary(operator, left, right)?.map(Value::object))
    }

    fn unary(self: Rc<Self>, _vm: &Vm, operator: UnaryOperator) -> PyResult<Option<Value>> {
        Ok(match operator {
            UnaryOperator::Neg => Some(Value::object(
                self.with_sign(!self.is_negative() && !self.is_zero())
                    .rounded(),
            )),
            UnaryOperator::Pos => Some(Value::object(self.rounded())),
            UnaryOperator::Invert => None,
        })
    }

    fn truth(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<bool>> {
        Ok(Some(!self.is_zero()))
    }

    fn repr(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(format!("Decimal('{self}')")))
    }

    fn str(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(self.to_string()))
    }

    fn hash_key(&self) -> Option<String> {
        Some(format!("decimal {}", self.normalize()))
    }
}

impl Decimal {
    /// The integer part.
    fn truncated(&self) -> PyResult<BigInt> {
        match self {
            Self::Nan => Err(PyError::value_error("cannot convert NaN to integer")),
            Self::Infinity { .. } => Err(crate::py::builtins::errors::overflow(
                "cannot convert Infinity to integer",
            )),
            Self::Finite { exponent, .. }
                if exponent.to_u32().is_some_and(|exponent| exponent > 100_000) =>
            {
                Err(PyError::unsupported(
                    "an integer of more than 100000 digits",
                ))
            }
            Self::Finite { .. } => match self.rescaled(0, "ROUND_DOWN")? {
                Self::Finite {
                    negative, digits, ..
                } => Ok(if negative { -digits } else { digits }),
                _ => Ok(BigInt::zero()),
            },
        }
    }
}
