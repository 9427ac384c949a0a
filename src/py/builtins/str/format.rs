//! `str.format`: replacement fields.

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::super::arguments;
use super::super::errors::index_error;
use super::super::receiver;
use super::spec::format_value;

/// Where fields get their values.
struct Fields<'a> {
    positional: &'a [Value],
    named: &'a dyn Fn(&str) -> PyResult<Value>,
    /// The next automatic number; `None` once a field was numbered by hand.
    automatic: Option<usize>,
    manual: bool,
}

/// `str.format(*args, **kwargs)`.
pub fn format(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let named = |name: &str| {
        args.keyword(name)
            .cloned()
            .ok_or_else(|| PyError::key_error(Value::str(name)))
    };
    let mut fields = Fields {
        positional: &args.positional,
        named: &named,
        automatic: Some(0),
        manual: false,
    };
    expand(vm, &text, &mut fields, 2).map(Value::from)
}

/// `str.format_map(mapping)`.
pub fn format_map(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, receiver)?;
    let mapping = arguments::one("str.format_map", args)?;
    let named = |name: &str| vm.get_item(&mapping, &Value::str(name));
    let mut fields = Fields {
        positional: &[],
        named: &named,
        automatic: Some(0),
        manual: false,
    };
    expand(vm, &text, &mut fields, 2).map(Value::from)
}

/// Replaces the fields of a text; a format spec may have fields of its own, once.
fn expand(vm: &Vm, text: &str, fields: &mut Fields<'_>, depth: u8) -> PyResult<String> {
    if depth == 0 {
        return Err(PyError::value_error("Max string recursion exceeded"));
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        result.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if rest.starts_with(brace) {
            result.push_str(brace);
            rest = &rest[1..];
            continue;
        }
        if brace == "}" {
            return Err(PyError::value_error(
                "Single '}' encountered in format string",
            ));
        }
        if rest.is_empty() {
            return Err(PyError::value_error(
                "Single '{' encountered in format string",
            ));
        }
        let end = field_end(rest)?;
        result.push_str(&field(vm, &rest[..end], fields, depth)?);
        crate::py::builtins::errors::check_size(Some(result.len()))?;
        rest = &rest[end + 1..];
    }
    result.push_str(rest);
    Ok(result)
}

/// Where the field that starts here ends.
fn field_end(text: &str) -> PyResult<usize> {
    let mut level = 1_usize;
    let mut bracket = false;
    for (at, character) in text.char_indices() {
        match character {
            '[' => bracket = true,
            ']' => bracket = false,
            '{' if !bracket => level += 1,
            '}' if !bracket => {
                level -= 1;
                if level == 0 {
                    return Ok(at);
                }
            }
            _ => {}
        }
    }
    Err(PyError::value_error("expected '}' before end of string"))
}

/// One field: `name!conversion:spec`.
fn field(vm: &Vm, text: &str, fields: &mut Fields<'_>, depth: u8) -> PyResult<String> {
    let mut bracket = false;
    let split = text.char_indices().find(|(_, character)| {
        match character {
            '[' => bracket = true,
            ']' => bracket = false,
            _ => {}
        }
        !bracket && matches!(character, '!' | ':')
    });
    let (name, conversion, spec) = match split {
        None => (text, None, ""),
        Some((at, ':')) => (&text[..at], None, &text[at + 1..]),
        Some((at, _)) => {
            let rest = &text[at + 1..];
            let Some(conversion) = rest.chars().next() else {
                return Err(PyError::value_error("unmatched '{' in format spec"));
            };
            let rest = &rest[conversion.len_utf8()..];
            match rest.strip_prefix(':') {
                Some(spec) => (&text[..at], Some(conversion), spec),
                None if rest.is_empty() => (&text[..at], Some(conversion), ""),
                None => {
                    return Err(PyError::value_error(
                        "expected ':' after conversion specifier",
                    ));
                }
            }
        }
    };
    let value = lookup(vm, name, fields)?;
    let value = match conversion {
        None => value,
        Some('r') => Value::from(vm.repr(&value)?),
        Some('s') => Value::from(vm.str(&value)?),
        Some('a') => Value::from(super::super::repr::ascii(&vm.repr(&value)?)),
        Some(other) => {
            return Err(PyError::value_error(format!(
                "Unknown conversion specifier {other}"
            )));
        }
    };
    let spec = if spec.contains(['{', '}']) {
        expand(vm, spec, fields, depth - 1)?
    } else {
        spec.to_owned()
    };
    format_value(vm, &value, &spec)
}

/// The value of a field name: `0.name[key]`.
fn lookup(vm: &Vm, name: &str, fields: &mut Fields<'_>) -> PyResult<Value> {
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut rest) = name.split_at(end);
    let mut value = if first.is_empty() {
        if fields.manual {
            return Err(PyError::value_error(
                "cannot switch from manual field specification to automatic field numbering",
            ));
        }
        let at = fields.automatic.unwrap_or(0);
        fields.automatic = Some(at + 1);
        positional(fields, at)?
    } else if let Ok(at) = first.parse::<usize>() {
        if fields.automatic.is_some_and(|at| at > 0) {
            return Err(PyError::value_error(
                "cannot switch from automatic field numbering to manual field specification",
            ));
        }
        fields.manual = true;
        positional(fields, at)?
    } else {
        (fields.named)(first)?
    };
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            if end == 0 {
                return Err(PyError::value_error("Empty attribute in format string"));
            }
            value = vm.get_attr(&value, &after[..end])?;
            rest = &after[end..];
        } else if let Some(after) = rest.strip_prefix('[') {
            let Some(end) = after.find(']') else {
                return Err(PyError::value_error("Missing ']' in format string"));
            };
            let key = &after[..end];
            let key = key
                .parse::<i64>()
                .map_or_else(|_| Value::str(key), Value::Int);
            value = vm.get_item(&value, &key)?;
            rest = &after[end + 1..];
        } else {
            return Err(PyError::value_error(
                "Only '.' or '[' may follow ']' in format field specifier",
            ));
        }
    }
    Ok(value)
}

/// A positional argument.
fn positional(fields: &Fields<'_>, at: usize) -> PyResult<Value> {
    fields.positional.get(at).cloned().ok_or_else(|| {
        index_error(format!(
            "Replacement index {at} out of range for positional args tuple"
        ))
    })
}
