//! `str`: padding.

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::super::arguments;
use super::super::errors::check_size;
use super::super::receiver;

/// Pads a text: how many fill characters go left and right is up to `share`.
fn pad(
    vm: &Vm,
    name: &str,
    receiver: &Value,
    args: Args,
    share: fn(usize, usize) -> usize,
) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let given = arguments::between(name, args, 1, 2)?;
    let width = given
        .first()
        .map_or(Ok(0), |width| receiver::index(vm, width))?;
    let fill = match given.get(1) {
        None => ' ',
        Some(fill) => {
            let fill = receiver::text(vm, fill)?;
            let mut characters = fill.chars();
            match (characters.next(), characters.next()) {
                (Some(fill), None) => fill,
                _ => {
                    return Err(PyError::type_error(
                        "The fill character must be exactly one character long",
                    ));
                }
            }
        }
    };
    let length = text.chars().count();
    let width = usize::try_from(width).unwrap_or(0);
    let missing = width.saturating_sub(length);
    check_size(missing.checked_mul(fill.len_utf8()))?;
    let left = share(missing, width);
    let mut result = String::new();
    result.extend(std::iter::repeat_n(fill, left));
    result.push_str(&text);
    result.extend(std::iter::repeat_n(fill, missing - left));
    Ok(Value::from(result))
}

/// `str.ljust(width, fillchar=' ')`.
pub fn ljust(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    pad(vm, "ljust", receiver, args, |_, _| 0)
}

/// `str.rjust(width, fillchar=' ')`.
pub fn rjust(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    pad(vm, "rjust", receiver, args, |missing, _| missing)
}

/// `str.center(width, fillchar=' ')`.
pub fn center(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    pad(vm, "center", receiver, args, |missing, width| {
        missing / 2 + (missing & width & 1)
    })
}

/// `str.zfill(width)`.
pub fn zfill(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let width =
        usize::try_from(receiver::index(vm, &arguments::one("str.zfill", args)?)?).unwrap_or(0);
    check_size(Some(width))?;
    let zeros = "0".repeat(width.saturating_sub(text.chars().count()));
    Ok(Value::from(match text.strip_prefix(['+', '-']) {
        Some(rest) => format!("{}{zeros}{rest}", &text[..1]),
        None => format!("{zeros}{text}"),
    }))
}

/// `str.expandtabs(tabsize=8)`.
pub fn expandtabs(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let bound = args.bind("expandtabs", "(tabsize=8)")?;
    let size = usize::try_from(receiver::index(vm, &bound.get("tabsize"))?).unwrap_or(0);
    let mut result = String::new();
    let mut column = 0;
    for character in text.chars() {
        match character {
            '\t' => {
                let spaces = if size == 0 { 0 } else { size - column % size };
                check_size(result.len().checked_add(spaces))?;
                result.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\n' | '\r' => {
                result.push(character);
                column = 0;
            }
            _ => {
                result.push(character);
                column += 1;
            }
        }
    }
    Ok(Value::from(result))
}
