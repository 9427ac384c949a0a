//! `'%s' % value`.

use std::iter::Peekable;
use std::str::Chars;

use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::super::numbers::Number;
use super::super::receiver;
use super::super::receiver::core;
use super::spec;

/// One conversion: `%(name)-08.3f`.
#[derive(Default)]
struct Conversion {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

/// What is formatted.
struct Operands<'a> {
    given: &'a Value,
    positional: Vec<Value>,
    next: usize,
    /// Whether something besides a tuple was given: all of it is one argument, or a mapping.
    single: bool,
    used_mapping: bool,
}

impl Operands<'_> {
    /// The next positional argument.
    fn take(&mut self) -> PyResult<Value> {
        let value = self.positional.get(self.next).cloned();
        self.next += 1;
        value.ok_or_else(|| PyError::type_error("not enough arguments for format string"))
    }
}

/// `text % arguments`.
pub fn format(vm: &Vm, text: &str, arguments: &Value) -> PyResult<Value> {
    let (positional, single) = match core(arguments) {
        Value::Tuple(items) => (items.to_vec(), false),
        _ => (vec![arguments.clone()], true),
    };
    let mut operands = Operands {
        given: arguments,
        positional,
        next: 0,
        single,
        used_mapping: false,
    };
    let mut result = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut position = 0_usize;
    while let Some(character) = characters.next() {
        position += 1;
        if character != '%' {
            result.push(character);
            continue;
        }
        let before = characters.clone().count();
        result.push_str(&one(vm, &mut characters, &mut operands, position)?);
        crate::py::builtins::errors::check_size(Some(result.len()))?;
        position += before - characters.clone().count();
    }
    let left_over = operands.next < operands.positional.len() && !operands.used_mapping;
    let mapping = operands.single
        && matches!(
            core(arguments),
            Value::Dict(_)
                | Value::List(_)
                | Value::Native(_)
                | Value::Instance(_)
                | Value::Bytes(_)
        );
    if left_over && !mapping {
        return Err(PyError::type_error(
            "not all arguments converted during string formatting",
        ));
    }
    Ok(Value::from(result))
}

/// One conversion, after its `%`.
fn one(
    vm: &Vm,
    characters: &mut Peekable<Chars<'_>>,
    operands: &mut Operands<'_>,
    start: usize,
) -> PyResult<String> {
    let mut position = start;
    let mut named = None;
    if characters.next_if_eq(&'(').is_some() {
        position += 1;
        let name = mapping_key(characters, &mut position)?;
        if !operands.single
            || matches!(
                core(operands.given),
                Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::None
            )
        {
            return Err(PyError::type_error("format requires a mapping"));
        }
        operands.used_mapping = true;
        named = Some(vm.get_item(operands.given, &Value::from(name))?);
    }
    let mut conversion = Conversion::default();
    while let Some(flag) = characters.next_if(|flag| matches!(flag, '-' | '+' | ' ' | '#' | '0')) {
        position += 1;
        match flag {
            '-' => conversion.left = true,
            '+' => conversion.plus = true,
            ' ' => conversion.space = true,
            '#' => conversion.alternate = true,
            _ => conversion.zero = true,
        }
    }
    if let Some(width) = number(vm, characters, operands, &mut position)? {
        conversion.left |= width < 0;
        conversion.width = usize::try_from(width.unsigned_abs()).unwrap_or(0);
    }
    if characters.next_if_eq(&'.').is_some() {
        position += 1;
        let precision = number(vm, characters, operands, &mut position)?.unwrap_or(0);
        conversion.precision = Some(usize::try_from(precision).unwrap_or(0));
    }
    while characters
        .next_if(|size| matches!(size, 'h' | 'l' | 'L'))
        .is_some()
    {
        position += 1;
    }
    let Some(kind) = characters.next() else {
        return Err(PyError::value_error("incomplete format"));
    };
    if kind == '%' {
        return Ok("%".to_owned());
    }
    if !"diouxXeEfFgGcrsa".contains(kind) {
        return Err(PyError::value_error(format!(
            "unsupported format character '{kind}' (0x{:x}) at index {position}",
            u32::from(kind)
        )));
    }
    let value = match named {
        Some(value) => value,
        None => operands.take()?,
    };
    convert(vm, &conversion, kind, &value)
}

/// The key between the parentheses, which may nest.
fn mapping_key(characters: &mut Peekable<Chars<'_>>, position: &mut usize) -> PyResult<String> {
    let mut name = String::new();
    let mut level = 1_usize;
    for character in characters.by_ref() {
        *position += 1;
        match character {
            '(' => level += 1,
            ')' => level -= 1,
            _ => {}
        }
        if level == 0 {
            return Ok(name);
        }
        name.push(character);
    }
    Err(PyError::value_error("incomplete format key"))
}

/// The largest width or precision.
const WIDEST: u64 = 1 << 24;

/// A width or precision: digits, or `*`.
fn number(
    vm: &Vm,
    characters: &mut Peekable<Chars<'_>>,
    operands: &mut Operands<'_>,
    position: &mut usize,
) -> PyResult<Option<i64>> {
    if characters.next_if_eq(&'*').is_some() {
        *position += 1;
        let value = operands.take()?;
        return match core(&value) {
            Value::Int(_) | Value::Bool(_) => {
                let number = receiver::index(vm, &value)?;
                if number.unsigned_abs() > WIDEST {
                    return Err(PyError::value_error("width too big"));
                }
                Ok(Some(number))
            }
            _ => Err(PyError::type_error("* wants int")),
        };
    }
    let mut number: Option<i64> = None;
    while let Some(digit) = characters.next_if(char::is_ascii_digit) {
        *position += 1;
        let next = number.unwrap_or(0) * 10 + i64::from(digit.to_digit(10).unwrap_or(0));
        if next.unsigned_abs() > WIDEST {
            return Err(PyError::value_error("width too big"));
        }
        number = Some(next);
    }
    Ok(number)
}

/// Formats one value.
fn convert(vm: &Vm, conversion: &Conversion, kind: char, value: &Value) -> PyResult<String> {
    if let Value::Unresolved(unresolved) = value {
        return Err(crate::py::vm::unresolved_error(unresolved, "as text"));
    }
    let (sign, prefix, body, numeric) = match kind {
        's' | 'r' | 'a' => {
            let text = match kind {
                's' => vm.str(value)?,
                'r' => vm.repr(value)?,
                _ => super::super::repr::ascii(&vm.repr(value)?),
            };
            let text = conversion.precision.map_or_else(
                || text.clone(),
                |precision| text.chars().take(precision).collect(),
            );
            ("", "", text, false)
        }
        'c' => ("", "", character(value)?, false),
        'd' | 'i' | 'u' => integer(vm, conversion, kind, value, 10)?,
        'o' => integer(vm, conversion, kind, value, 8)?,
        'x' | 'X' => integer(vm, conversion, kind, value, 16)?,
        _ => {
            let number = match receiver::float(value) {
                Some(number) => number,
                None => decimal_float(vm, value)?,
            };
            let body = spec::unsigned(
                Some(kind),
                number.abs(),
                conversion.precision,
                conversion.alternate,
            );
            (
                sign(conversion, number.is_sign_negative() && !number.is_nan()),
                "",
                body,
                number.is_finite(),
            )
        }
    };
    let length = sign.len() + prefix.len() + body.chars().count();
    let missing = conversion.width.saturating_sub(length);
    Ok(if conversion.left {
        format!("{sign}{prefix}{body}{}", " ".repeat(missing))
    } else if conversion.zero && numeric {
        format!("{sign}{prefix}{}{body}", "0".repeat(missing))
    } else {
        format!("{}{sign}{prefix}{body}", " ".repeat(missing))
    })
}

/// The sign to show.
fn sign(conversion: &Conversion, negative: bool) -> &'static str {
    match (negative, conversion.plus, conversion.space) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        (false, false, false) => "",
    }
}

/// `%c`.
fn character(value: &Value) -> PyResult<String> {
    match core(value) {
        Value::Str(text) if text.chars().count() == 1 => Ok(text.to_string()),
        Value::Int(code) => match u32::try_from(code).ok().and_then(char::from_u32) {
            Some(character) => Ok(character.to_string()),
            None => Err(super::super::errors::overflow(
                "%c arg not in range(0x110000)",
            )),
        },
        _ => Err(PyError::type_error("%c requires int or char")),
    }
}

/// `%d`, `%o`, `%x`.
fn integer(
    vm: &Vm,
    conversion: &Conversion,
    kind: char,
    value: &Value,
    radix: u32,
) -> PyResult<(&'static str, &'static str, String, bool)> {
    let number = match (Number::of(value), kind) {
        (Some(Number::Float(number)), 'd' | 'i' | 'u') => {
            receiver::integer(&super::super::float::truncate(number)?)
        }
        (Some(Number::Float(_)) | None, _) if !matches!(value, Value::Native(_)) => None,
        _ => receiver::integer(value),
    };
    let number = match number {
        Some(number) => number,
        None => match vm.find_attr(value, if radix == 10 { "__int__" } else { "__index__" })? {
            Some(method) if matches!(value, Value::Native(_) | Value::Instance(_)) => {
                receiver::integer(&vm.call(&method, crate::py::args::Args::none())?)
                    .unwrap_or_default()
            }
            _ => {
                let class = vm.class_of(value);
                return Err(PyError::type_error(if radix == 10 {
                    format!(
                        "%{kind} format: a real number is required, not {}",
                        class.name
                    )
                } else {
                    format!("%{kind} format: an integer is required, not {}", class.name)
                }));
            }
        },
    };
    let mut digits = number.magnitude().to_str_radix(radix);
    if kind == 'X' {
        digits = digits.to_uppercase();
    }
    if let Some(precision) = conversion.precision {
        digits = format!(
            "{}{digits}",
            "0".repeat(precision.saturating_sub(digits.len()))
        );
    }
    let prefix = match (conversion.alternate, kind) {
        (true, 'o') => "0o",
        (true, 'x') => "0x",
        (true, 'X') => "0X",
        _ => "",
    };
    Ok((
        sign(conversion, number.sign() == num_bigint::Sign::Minus),
        prefix,
        digits,
        true,
    ))
}

/// A float from an object with `__float__` (a `Decimal`).
fn decimal_float(vm: &Vm, value: &Value) -> PyResult<f64> {
    if matches!(value, Value::Native(_) | Value::Instance(_))
        && let Some(method) = vm.find_attr(value, "__float__")?
        && let Some(number) = receiver::float(&vm.call(&method, crate::py::args::Args::none())?)
    {
        return Ok(number);
    }
    Err(PyError::type_error(format!(
        "must be real number, not {}",
        vm.class_of(value).name
    )))
}
