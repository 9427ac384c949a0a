//! `str`: splitting, joining and stripping.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::super::arguments;
use super::super::errors::check_size;
use super::super::receiver;
use super::case::is_space;

/// `str.join(iterable)`.
pub fn join(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let separator = receiver::text(vm, receiver)?;
    let given = arguments::one("str.join", args)?;
    let items = vm.collect(&given).map_err(|error| {
        if error.matches(&crate::py::exceptions::TYPE_ERROR)
            && error.summary(vm).ends_with("object is not iterable")
        {
            PyError::type_error("can only join an iterable")
        } else {
            error
        }
    })?;
    let mut texts = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        if let Value::Unresolved(unresolved) = item {
            return Err(crate::py::vm::unresolved_error(unresolved, "as text"));
        }
        texts.push(item.as_str().ok_or_else(|| {
            PyError::type_error(format!(
                "sequence item {at}: expected str instance, {} found",
                vm.class_of(item).name
            ))
        })?);
    }
    let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
    let length = texts.iter().map(|text| text.len()).sum::<usize>();
    check_size(
        separator
            .len()
            .checked_mul(texts.len())
            .and_then(|all| all.checked_add(length)),
    )?;
    Ok(Value::from(texts.join(&separator)))
}

/// The separator and the limit of `split` and `rsplit`.
fn split_arguments(vm: &Vm, name: &'static str, args: Args) -> PyResult<(Option<Rc<str>>, usize)> {
    let bound = args.bind(name, "(sep=None, maxsplit=-1)")?;
    let separator = match bound.get("sep") {
        Value::None => None,
        other => Some(other.as_str().ok_or_else(|| {
            PyError::type_error(format!(
                "must be str or None, not {}",
                vm.class_of(&other).name
            ))
        })?),
    };
    if separator.as_deref() == Some("") {
        return Err(PyError::value_error("empty separator"));
    }
    let limit = receiver::index(vm, &bound.get("maxsplit"))?;
    Ok((separator, usize::try_from(limit).unwrap_or(usize::MAX)))
}

/// A list of texts.
fn texts<'t>(items: impl IntoIterator<Item = &'t str>) -> Value {
    Value::list(items.into_iter().map(Value::str).collect())
}

/// `str.split(sep=None, maxsplit=-1)`.
pub fn split(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let (separator, limit) = split_arguments(vm, "split", args)?;
    if let Some(separator) = separator {
        return Ok(texts(text.splitn(limit.saturating_add(1), &*separator)));
    }
    let mut parts = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        if parts.len() == limit {
            parts.push(rest);
            break;
        }
        let end = rest.find(is_space).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = rest[end..].trim_start_matches(is_space);
    }
    Ok(texts(parts))
}

/// `str.rsplit(sep=None, maxsplit=-1)`.
pub fn rsplit(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let (separator, limit) = split_arguments(vm, "rsplit", args)?;
    let mut parts: Vec<&str> = Vec::new();
    if let Some(separator) = separator {
        parts.extend(text.rsplitn(limit.saturating_add(1), &*separator));
        parts.reverse();
        return Ok(texts(parts));
    }
    let mut rest = text.trim_end_matches(is_space);
    while !rest.is_empty() {
        if parts.len() == limit {
            parts.push(rest);
            break;
        }
        let start = rest.rfind(is_space).map_or(0, |at| {
            at + rest[at..].chars().next().map_or(1, char::len_utf8)
        });
        parts.push(&rest[start..]);
        rest = rest[..start].trim_end_matches(is_space);
    }
    parts.reverse();
    Ok(texts(parts))
}

/// `str.splitlines(keepends=False)`.
pub fn splitlines(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let bound = args.bind("splitlines", "(keepends=False)")?;
    let keep = vm.truth(&bound.get("keepends"))?;
    Ok(texts(lines(&text, keep)))
}

/// The lines of a text, with or without their ends.
pub fn lines(text: &str, keep: bool) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if !matches!(
            character,
            '\n' | '\r'
                | '\u{b}'
                | '\u{c}'
                | '\u{1c}'
                | '\u{1d}'
                | '\u{1e}'
                | '\u{85}'
                | '\u{2028}'
                | '\u{2029}'
        ) {
            continue;
        }
        let mut end = at + character.len_utf8();
        if character == '\r' && characters.peek().is_some_and(|(_, next)| *next == '\n') {
            characters.next();
            end += 1;
        }
        lines.push(&text[start..if keep { end } else { at }]);
        start = end;
    }
    if start < text.len() {
        lines.push(&text[start..]);
    }
    lines
}

/// The strip family.
fn strip_with(
    vm: &Vm,
    name: &'static str,
    receiver: &Value,
    args: Args,
    left: bool,
    right: bool,
) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let given = arguments::between(name, args, 0, 1)?;
    let characters = match given.first() {
        None | Some(Value::None) => None,
        Some(value) => Some(
            value
                .as_str()
                .ok_or_else(|| PyError::type_error(format!("{name} arg must be None or str")))?,
        ),
    };
    let test = |character: char| {
        characters
            .as_ref()
            .map_or_else(|| is_space(character), |set| set.contains(character))
    };
    let mut rest: &str = &text;
    if left {
        rest = rest.trim_start_matches(test);
    }
    if right {
        rest = rest.trim_end_matches(test);
    }
    Ok(Value::str(rest))
}

/// `str.strip(chars=None)`.
pub fn strip(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    strip_with(vm, "strip", receiver, args, true, true)
}

/// `str.lstrip(chars=None)`.
pub fn lstrip(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    strip_with(vm, "lstrip", receiver, args, true, false)
}

/// `str.rstrip(chars=None)`.
pub fn rstrip(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    strip_with(vm, "rstrip", receiver, args, false, true)
}

/// The separator of `partition` and `rpartition`.
fn separator(vm: &Vm, name: &str, args: Args) -> PyResult<Rc<str>> {
    let separator = arguments::one(name, args)?;
    let Some(separator) = separator.as_str() else {
        return Err(PyError::type_error(format!(
            "must be str, not {}",
            vm.class_of(&separator).name
        )));
    };
    if separator.is_empty() {
        return Err(PyError::value_error("empty separator"));
    }
    Ok(separator)
}

/// `str.partition(sep)`.
pub fn partition(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let separator = separator(vm, "str.partition", args)?;
    let (before, middle, after) = text
        .split_once(&*separator)
        .map_or((&*text, "", ""), |(before, after)| {
            (before, &*separator, after)
        });
    Ok(Value::tuple(vec![
        Value::str(before),
        Value::str(middle),
        Value::str(after),
    ]))
}

/// `str.rpartition(sep)`.
pub fn rpartition(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let separator = separator(vm, "str.rpartition", args)?;
    let (before, middle, after) = text
        .rsplit_once(&*separator)
        .map_or(("", "", &*text), |(before, after)| {
            (before, &*separator, after)
        });
    Ok(Value::tuple(vec![
        Value::str(before),
        Value::str(middle),
        Value::str(after),
    ]))
}

/// `str.removeprefix(prefix)`.
pub fn removeprefix(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let part = receiver::text(vm, &arguments::one("str.removeprefix", args)?)?;
    Ok(Value::str(text.strip_prefix(&*part).unwrap_or(&text)))
}

/// `str.removesuffix(suffix)`.
pub fn removesuffix(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let part = receiver::text(vm, &arguments::one("str.removesuffix", args)?)?;
    Ok(Value::str(text.strip_suffix(&*part).unwrap_or(&text)))
}
