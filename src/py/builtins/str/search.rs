//! `str`: finding and replacing.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::super::arguments;
use super::super::receiver;

/// The part of a text between two character positions, and where it starts in bytes.
fn window<'t>(vm: &Vm, text: &'t str, bounds: &[Value]) -> PyResult<Option<(usize, &'t str)>> {
    if bounds.iter().all(Value::is_none) {
        return Ok(Some((0, text)));
    }
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let place = |value: Option<&Value>, default: i64| -> PyResult<i64> {
        match value {
            None | Some(Value::None) => Ok(default),
            Some(value) => {
                let at = receiver::index(vm, value)?;
                Ok(if at < 0 { (at + length).max(0) } else { at })
            }
        }
    };
    let start = place(bounds.first(), 0)?;
    let stop = place(bounds.get(1), length)?.min(length);
    if start > stop {
        return Ok(None);
    }
    let byte = |at: i64| {
        text.char_indices()
            .nth(usize::try_from(at).unwrap_or(0))
            .map_or(text.len(), |(byte, _)| byte)
    };
    let (start, stop) = (byte(start), byte(stop));
    Ok(Some((start, &text[start..stop])))
}

/// The character position of a byte position.
fn position(text: &str, byte: usize) -> Value {
    Value::int(text[..byte].chars().count())
}

/// A `str` argument; the error names the kind that was given.
fn wanted(vm: &Vm, value: Option<&Value>) -> PyResult<Rc<str>> {
    let value = value.cloned().unwrap_or(Value::None);
    match &value {
        Value::Unresolved(unresolved) => {
            Err(crate::py::vm::unresolved_error(unresolved, "as text"))
        }
        _ => value.as_str().ok_or_else(|| {
            PyError::type_error(format!("must be str, not {}", vm.class_of(&value).name))
        }),
    }
}

/// `find` and its kin: the byte position, if any.
fn locate(
    vm: &Vm,
    name: &str,
    receiver: &Value,
    args: Args,
    last: bool,
) -> PyResult<(Rc<str>, Option<usize>)> {
    let text = receiver::text(vm, receiver)?;
    let given = arguments::between(name, args, 1, 3)?;
    let part = wanted(vm, given.first())?;
    let found = window(vm, &text, &given[1..])?.and_then(|(start, window)| {
        let found = if last {
            window.rfind(&*part)
        } else {
            window.find(&*part)
        };
        found.map(|at| start + at)
    });
    Ok((text, found))
}

/// `str.find(sub[, start[, end]])`.
pub fn find(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let (text, found) = locate(vm, "find", receiver, args, false)?;
    Ok(found.map_or(Value::Int(-1), |at| position(&text, at)))
}

/// `str.rfind(sub[, start[, end]])`.
pub fn rfind(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let (text, found) = locate(vm, "rfind", receiver, args, true)?;
    Ok(found.map_or(Value::Int(-1), |at| position(&text, at)))
}

/// `str.index(sub[, start[, end]])`.
pub fn index(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let (text, found) = locate(vm, "index", receiver, args, false)?;
    found.map_or_else(
        || Err(PyError::value_error("substring not found")),
        |at| Ok(position(&text, at)),
    )
}

/// `str.rindex(sub[, start[, end]])`.
pub fn rindex(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let (text, found) = locate(vm, "rindex", receiver, args, true)?;
    found.map_or_else(
        || Err(PyError::value_error("substring not found")),
        |at| Ok(position(&text, at)),
    )
}

/// `str.count(sub[, start[, end]])`.
pub fn count(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let given = arguments::between("count", args, 1, 3)?;
    let part = wanted(vm, given.first())?;
    let found =
        window(vm, &text, &given[1..])?.map_or(0, |(_, window)| window.matches(&*part).count());
    Ok(Value::int(found))
}

/// `startswith` and `endswith`.
fn affix(
    vm: &Vm,
    name: &str,
    receiver: &Value,
    args: Args,
    test: fn(&str, &str) -> bool,
) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let given = arguments::between(name, args, 1, 3)?;
    let candidates = match given.first().map(receiver::core) {
        Some(Value::Tuple(items)) => items.to_vec(),
        Some(other) => vec![other],
        None => Vec::new(),
    };
    let window = window(vm, &text, &given[1..])?;
    for candidate in &candidates {
        let Some(part) = candidate.as_str() else {
            let class = vm.class_of(candidate);
            if let Value::Unresolved(unresolved) = candidate {
                return Err(crate::py::vm::unresolved_error(unresolved, "as text"));
            }
            return Err(PyError::type_error(format!(
                "{name} first arg must be str or a tuple of str, not {}",
                class.name
            )));
        };
        if window.is_some_and(|(_, window)| test(window, &part)) {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

/// `str.startswith(prefix[, start[, end]])`.
pub fn startswith(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    affix(vm, "startswith", receiver, args, |text, part| {
        text.starts_with(part)
    })
}

/// `str.endswith(suffix[, start[, end]])`.
pub fn endswith(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    affix(vm, "endswith", receiver, args, |text, part| {
        text.ends_with(part)
    })
}

/// `str.replace(old, new, count=-1)`.
pub fn replace(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let given = arguments::between("replace", args, 2, 3)?;
    let argument = |at: usize| -> PyResult<Rc<str>> {
        let value = given.get(at).cloned().unwrap_or(Value::None);
        if let Value::Unresolved(unresolved) = &value {
            return Err(crate::py::vm::unresolved_error(unresolved, "as text"));
        }
        value.as_str().ok_or_else(|| {
            PyError::type_error(format!(
                "replace() argument {} must be str, not {}",
                at + 1,
                vm.class_of(&value).name
            ))
        })
    };
    let (old, new) = (argument(0)?, argument(1)?);
    let count = given
        .get(2)
        .map_or(Ok(-1), |count| receiver::index(vm, count))?;
    if new.len() > old.len() {
        let added = text.matches(&*old).count().checked_mul(new.len());
        crate::py::builtins::errors::check_size(
            added.and_then(|added| added.checked_add(text.len())),
        )?;
    }
    Ok(Value::from(match usize::try_from(count) {
        Ok(count) => text.replacen(&*old, &new, count),
        Err(_) => text.replace(&*old, &new),
    }))
}

/// `str.translate(table)`.
pub fn translate(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let table = arguments::one("str.translate", args)?;
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        let replacement = match vm.get_item(&table, &Value::Int(i64::from(u32::from(character)))) {
            Ok(value) => value,
            Err(error) if error.matches(&crate::py::exceptions::LOOKUP_ERROR) => {
                result.push(character);
                continue;
            }
            Err(error) => return Err(error),
        };
        match receiver::core(&replacement) {
            Value::None => {}
            Value::Str(text) => result.push_str(&text),
            Value::Int(code) => result.extend(u32::try_from(code).ok().and_then(char::from_u32)),
            _ => {
                return Err(PyError::type_error(
                    "character mapping must return integer, None or str",
                ));
            }
        }
    }
    Ok(Value::from(result))
}

/// `str.maketrans(x[, y[, z]])`.
pub fn maketrans(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::between("maketrans", args, 1, 3)?;
    let mut table = Dict::new();
    let code = |character: char| Value::Int(i64::from(u32::from(character)));
    match given.as_slice() {
        [mapping] => {
            let entries: Vec<_> = receiver::dict(vm, mapping)?
                .borrow()
                .iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            for (key, value) in entries {
                let key = key
                    .as_str()
                    .and_then(|text| text.chars().next())
                    .map_or(key.clone(), code);
                table.insert(key, value)?;
            }
        }
        [from, to, rest @ ..] => {
            let (from, to) = (receiver::text(vm, from)?, receiver::text(vm, to)?);
            if from.chars().count() != to.chars().count() {
                return Err(PyError::value_error(
                    "the first two maketrans arguments must have equal length",
                ));
            }
            for (from, to) in from.chars().zip(to.chars()) {
                table.insert(code(from), code(to))?;
            }
            for removed in rest {
                for character in receiver::text(vm, removed)?.chars() {
                    table.insert(code(character), Value::None)?;
                }
            }
        }
        [] => {}
    }
    Ok(Value::dict(table))
}
