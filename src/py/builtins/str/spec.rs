//! The format-spec mini language: `format(value, spec)`.

use num_bigint::BigInt;
use num_bigint::Sign;
use num_traits::ToPrimitive;

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::super::numbers::Number;
use super::super::receiver::core;
use super::super::repr::float_repr;

/// A parsed format spec.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spec {
    /// The fill character.
    pub fill: Option<char>,
    /// `<`, `>`, `^` or `=`.
    pub align: Option<char>,
    /// `+`, `-` or a space.
    pub sign: Option<char>,
    /// `#`.
    pub alternate: bool,
    /// `,` or `_`.
    pub grouping: Option<char>,
    /// The minimum width.
    pub width: usize,
    /// The precision.
    pub precision: Option<usize>,
    /// The presentation type.
    pub kind: Option<char>,
}

impl Spec {
    /// Parses a format spec.
    pub fn parse(text: &str, class: &str) -> PyResult<Self> {
        let mut spec = Self::default();
        let mut rest: Vec<char> = text.chars().collect();
        rest.reverse();
        let is_align = |character: char| matches!(character, '<' | '>' | '^' | '=');
        match (
            rest.last().copied(),
            rest.len()
                .checked_sub(2)
                .and_then(|at| rest.get(at).copied()),
        ) {
            (Some(fill), Some(align)) if is_align(align) => {
                spec.fill = Some(fill);
                spec.align = Some(align);
                rest.truncate(rest.len() - 2);
            }
            (Some(align), _) if is_align(align) => {
                spec.align = Some(align);
                rest.pop();
            }
            _ => {}
        }
        spec.sign = rest.pop_if(|character| matches!(character, '+' | '-' | ' '));
        rest.pop_if(|character| *character == 'z');
        spec.alternate = rest.pop_if(|character| *character == '#').is_some();
        if rest.pop_if(|character| *character == '0').is_some() {
            spec.fill = spec.fill.or(Some('0'));
            spec.align = spec.align.or(Some('='));
        }
        spec.width = digits(&mut rest)?.unwrap_or(0);
        spec.grouping = rest.pop_if(|character| matches!(character, ',' | '_'));
        if rest.pop_if(|character| *character == '.').is_some() {
            spec.precision = digits(&mut rest)?;
            if spec.precision.is_none() {
                return Err(PyError::value_error("Format specifier missing precision"));
            }
        }
        crate::py::builtins::errors::check_size(spec.width.checked_mul(4))?;
        crate::py::builtins::errors::check_size(spec.precision.or(Some(0)))?;
        spec.kind = rest.pop();
        if !rest.is_empty() {
            return Err(PyError::value_error(format!(
                "Invalid format specifier '{text}' for object of type '{class}'"
            )));
        }
        Ok(spec)
    }

    /// Pads a text; `default` is the alignment when the spec has none.
    fn pad(&self, text: &str, default: char) -> String {
        let missing = self.width.saturating_sub(text.chars().count());
        let fill = self.fill.unwrap_or(' ');
        let left = match self.align.unwrap_or(default) {
            '<' => 0,
            '^' => missing / 2,
            _ => missing,
        };
        let mut result = String::new();
        result.extend(std::iter::repeat_n(fill, left));
        result.push_str(text);
        result.extend(std::iter::repeat_n(fill, missing - left));
        result
    }

    /// Joins sign, prefix and digits, with grouping and `=` padding.
    fn number(&self, negative: bool, prefix: &str, digits: &str, rest: &str) -> String {
        let sign = match (negative, self.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            _ => "",
        };
        let size = if matches!(self.kind, Some('b' | 'o' | 'x' | 'X')) {
            4
        } else {
            3
        };
        let mut digits = digits.to_owned();
        let taken = sign.len() + prefix.len() + rest.chars().count();
        let inner = self.align == Some('=') || (self.align.is_none() && self.fill == Some('0'));
        if inner && self.fill == Some('0') && self.grouping.is_some() {
            while group(&digits, self.grouping, size).len() + taken < self.width {
                digits.insert(0, '0');
            }
        }
        let digits = group(&digits, self.grouping, size);
        if inner {
            let missing = self.width.saturating_sub(taken + digits.len());
            let fill: String = std::iter::repeat_n(self.fill.unwrap_or(' '), missing).collect();
            return format!("{sign}{prefix}{fill}{digits}{rest}");
        }
        self.pad(&format!("{sign}{prefix}{digits}{rest}"), '>')
    }
}

/// Takes a decimal number off the end of the reversed characters.
fn digits(rest: &mut Vec<char>) -> PyResult<Option<usize>> {
    let mut number: Option<usize> = None;
    while let Some(digit) = rest.pop_if(|character| character.is_ascii_digit()) {
        let next = number
            .unwrap_or(0)
            .checked_mul(10)
            .and_then(|number| number.checked_add(digit.to_digit(10)? as usize));
        number = match next {
            Some(next) if next < 1 << 24 => Some(next),
            _ => {
                return Err(PyError::value_error(
                    "Too many decimal digits in format string",
                ));
            }
        };
    }
    Ok(number)
}

/// Digits in groups.
fn group(digits: &str, separator: Option<char>, size: usize) -> String {
    let Some(separator) = separator else {
        return digits.to_owned();
    };
    let mut result = String::new();
    let count = digits.len();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (count - at).is_multiple_of(size) {
            result.push(separator);
        }
        result.push(digit);
    }
    result
}

/// `format(value, spec)`.
pub fn format_value(vm: &Vm, value: &Value, spec: &str) -> PyResult<String> {
    if let Value::Unresolved(unresolved) = value {
        return Err(crate::py::vm::unresolved_error(unresolved, "as text"));
    }
    let own = match value {
        Value::Instance(instance) => match instance.class().lookup("__format__") {
            Some(Value::Builtin(_)) if instance.base_value().is_some() => None,
            other => other,
        },
        Value::Native(object) => object.class().lookup("__format__"),
        _ => None,
    };
    if own.is_some() {
        let result = vm.call_method(value, "__format__", Args::of(vec![Value::str(spec)]))?;
        return result.as_str().map(|text| text.to_string()).ok_or_else(|| {
            PyError::type_error(format!(
                "__format__ must return a str, not {}",
                vm.class_of(&result).name
            ))
        });
    }
    if spec.is_empty() {
        return vm.str(value);
    }
    let value = core(value);
    match (&value, Number::of(&value)) {
        (Value::Str(text), _) => text_with(&Spec::parse(spec, "str")?, text),
        (_, Some(Number::Float(number))) => {
            float_with(&Spec::parse(spec, "float")?, number, "float")
        }
        (Value::Bool(flag), _) if Spec::parse(spec, "bool")?.kind == Some('s') => {
            let _ = flag;
            Err(unknown_code('s', "bool"))
        }
        (_, Some(_)) => int_with(
            &Spec::parse(spec, "int")?,
            &super::super::receiver::integer(&value).unwrap_or_default(),
        ),
        _ => Err(PyError::type_error(format!(
            "unsupported format string passed to {}.__format__",
            vm.class_of(&value).name
        ))),
    }
}

/// `Unknown format code 'd' for object of type 'str'`.
fn unknown_code(kind: char, class: &str) -> PyError {
    PyError::value_error(format!(
        "Unknown format code '{kind}' for object of type '{class}'"
    ))
}

/// Formats a `str`.
fn text_with(spec: &Spec, text: &str) -> PyResult<String> {
    if let Some(kind) = spec.kind.filter(|kind| *kind != 's') {
        return Err(unknown_code(kind, "str"));
    }
    if spec.sign.is_some() {
        return Err(PyError::value_error(
            "Sign not allowed in string format specifier",
        ));
    }
    if spec.alternate {
        return Err(PyError::value_error(
            "Alternate form (#) not allowed in string format specifier",
        ));
    }
    if spec.align == Some('=') && spec.fill != Some('0') {
        return Err(PyError::value_error(
            "'=' alignment not allowed in string format specifier",
        ));
    }
    if let Some(grouping) = spec.grouping {
        return Err(PyError::value_error(format!(
            "Cannot specify '{grouping}' with 's'."
        )));
    }
    let text: String = match spec.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text.to_owned(),
    };
    let mut spec = spec.clone();
    if spec.align == Some('=') {
        spec.align = Some('<');
    }
    Ok(spec.pad(&text, '<'))
}

/// Formats an `int`.
pub fn int_with(spec: &Spec, number: &BigInt) -> PyResult<String> {
    let negative = number.sign() == Sign::Minus;
    let magnitude = number.magnitude();
    if matches!(spec.kind, Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%')) {
        return match number.to_f64() {
            Some(float) if float.is_finite() => float_with(spec, float, "int"),
            _ => Err(super::super::errors::overflow(
                "int too large to convert to float",
            )),
        };
    }
    if spec.precision.is_some() {
        return Err(PyError::value_error(
            "Precision not allowed in integer format specifier",
        ));
    }
    let (digits, prefix) = match spec.kind {
        None | Some('d' | 'n') => (magnitude.to_str_radix(10), ""),
        Some('b') => (magnitude.to_str_radix(2), "0b"),
        Some('o') => (magnitude.to_str_radix(8), "0o"),
        Some('x') => (magnitude.to_str_radix(16), "0x"),
        Some('X') => (magnitude.to_str_radix(16).to_uppercase(), "0X"),
        Some('c') => {
            let character = number.to_u32().and_then(char::from_u32);
            let character = character
                .ok_or_else(|| super::super::errors::overflow("%c arg not in range(0x110000)"))?;
            return Ok(spec.pad(&character.to_string(), '<'));
        }
        Some(kind) => return Err(unknown_code(kind, "int")),
    };
    if spec.grouping == Some(',') && matches!(spec.kind, Some('b' | 'o' | 'x' | 'X')) {
        return Err(PyError::value_error(format!(
            "Cannot specify ',' with '{}'.",
            spec.kind.unwrap_or('d')
        )));
    }
    Ok(spec.number(
        negative,
        if spec.alternate { prefix } else { "" },
        &digits,
        "",
    ))
}

/// Formats a `float`.
pub fn float_with(spec: &Spec, number: f64, class: &str) -> PyResult<String> {
    let (number, percent) = if spec.kind == Some('%') {
        (number * 100.0, "%")
    } else {
        (number, "")
    };
    let negative = number.is_sign_negative() && !number.is_nan();
    let magnitude = number.abs();
    let body = match spec.kind {
        None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%') => {
            unsigned(spec.kind, magnitude, spec.precision, spec.alternate)
        }
        Some(kind) => return Err(unknown_code(kind, class)),
    };
    let end = body
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(body.len());
    let (digits, rest) = body.split_at(end);
    let rest = format!("{rest}{percent}");
    if digits.is_empty() {
        let mut plain = spec.clone();
        plain.grouping = None;
        return Ok(plain.number(negative, "", "", &rest));
    }
    Ok(spec.number(negative, "", digits, &rest))
}

/// The digits of a float that is not negative.
pub fn unsigned(
    kind: Option<char>,
    number: f64,
    precision: Option<usize>,
    alternate: bool,
) -> String {
    let upper = matches!(kind, Some('E' | 'F' | 'G'));
    let text = if number.is_nan() {
        "nan".to_owned()
    } else if number.is_infinite() {
        "inf".to_owned()
    } else {
        match kind.map(|kind| kind.to_ascii_lowercase()) {
            Some('e') => scientific(number, precision.unwrap_or(6), alternate),
            Some('f' | '%') => fixed(number, precision.unwrap_or(6), alternate),
            Some('g' | 'n') => general(number, precision.unwrap_or(6), alternate, false),
            _ => match precision {
                None => float_repr(number),
                Some(precision) => general(number, precision, alternate, true),
            },
        }
    };
    if upper { text.to_uppercase() } else { text }
}

/// No float has more digits that are not zero, before or after its point.
const MOST_DIGITS: usize = 1100;

/// A float with a number of decimal places. (Rust's own formatting refuses more than 65535.)
fn places(number: f64, places: usize) -> String {
    let kept = places.min(MOST_DIGITS);
    let zeros = "0".repeat(places - kept);
    format!("{number:.kept$}{zeros}")
}

/// `%f`.
fn fixed(number: f64, precision: usize, alternate: bool) -> String {
    let text = places(number, precision);
    if alternate && precision == 0 {
        format!("{text}.")
    } else {
        text
    }
}

/// `%e`: at least two digits of exponent.
fn scientific(number: f64, precision: usize, alternate: bool) -> String {
    let kept = precision.min(MOST_DIGITS);
    let text = format!("{number:.kept$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = format!("{mantissa}{}", "0".repeat(precision - kept));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let point = if alternate && precision == 0 { "." } else { "" };
    format!(
        "{mantissa}{point}e{}{:02}",
        if exponent < 0 { '-' } else { '+' },
        exponent.abs()
    )
}

/// `%g`; with `whole` a number without fraction keeps `.0`, as `str` of a float does.
fn general(number: f64, precision: usize, alternate: bool, whole: bool) -> String {
    let precision = precision.max(1);
    let rounded = format!("{number:.*e}", (precision - 1).min(MOST_DIGITS));
    let exponent: i32 = rounded
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    let limit = i32::try_from(precision).unwrap_or(i32::MAX) - i32::from(whole && precision > 0);
    if (-4..limit.max(if whole { 0 } else { limit })).contains(&exponent) {
        let decimals = usize::try_from(i32::try_from(precision).unwrap_or(i32::MAX) - 1 - exponent)
            .unwrap_or(0);
        let text = places(number, decimals);
        if alternate || !text.contains('.') {
            return if whole && !text.contains('.') {
                format!("{text}.0")
            } else {
                text
            };
        }
        let stripped = text.trim_end_matches('0').trim_end_matches('.');
        return if whole && !stripped.contains('.') {
            format!("{stripped}.0")
        } else {
            stripped.to_owned()
        };
    }
    let text = scientific(number, precision - 1, alternate);
    if alternate {
        return text;
    }
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
    let mantissa = if mantissa.contains('.') {
        mantissa.trim_end_matches('0').trim_end_matches('.')
    } else {
        mantissa
    };
    format!("{mantissa}e{exponent}")
}
