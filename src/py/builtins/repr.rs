//! `repr()` and `str()` of built-in values.

use std::cell::RefCell;

use crate::py::dict::address;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

thread_local! {
    /// The containers whose `repr` is being made: one that contains itself shows `[...]`.
    static ACTIVE: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// `repr(value)` of a built-in value; `None` for instances and native objects without a built-in base.
pub fn repr(vm: &Vm, value: &Value) -> PyResult<Option<String>> {
    Ok(Some(match value {
        Value::None => "None".to_owned(),
        Value::NotImplemented => "NotImplemented".to_owned(),
        Value::Ellipsis => "Ellipsis".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::BigInt(number) => number.to_string(),
        Value::Float(number) => float_repr(*number),
        Value::Str(text) => str_repr(text),
        Value::Bytes(bytes) => bytes_repr(bytes),
        Value::Tuple(_) | Value::List(_) | Value::Dict(_) | Value::Set(_) => {
            return container(vm, value).map(Some);
        }
        Value::Function(function) => format!(
            "<function {} at {:#x}>",
            function.name(),
            address(value).unwrap_or(0)
        ),
        Value::Builtin(builtin) => format!("<built-in function {}>", builtin.name),
        Value::Method(method) => {
            let name = vm.find_attr(&method.function, "__qualname__")?;
            let name = name
                .and_then(|name| name.as_str())
                .unwrap_or_else(|| "?".into());
            format!("<bound method {name} of {}>", vm.repr(&method.receiver)?)
        }
        Value::Class(class) => class_repr(class),
        Value::Module(module) => match &module.file {
            Some(file) => format!("<module '{}' from '{file}'>", module.name),
            None => format!("<module '{}' (built-in)>", module.name),
        },
        Value::Unresolved(unresolved) => {
            return Err(crate::py::vm::unresolved_error(unresolved, "as text"));
        }
        Value::Instance(instance) => match instance.base_value() {
            Some(base) => return repr(vm, &base),
            None => return Ok(None),
        },
        Value::Native(_) => return Ok(None),
    }))
}

/// `str(value)` of a built-in value; `None` where it is the same as `repr`.
pub fn str(_vm: &Vm, value: &Value) -> PyResult<Option<String>> {
    Ok(value.as_str().map(|text| text.to_string()))
}

/// `<class 'int'>`.
pub fn class_repr(class: &crate::py::class::Class) -> String {
    if &*class.module == "builtins" {
        return format!("<class '{}'>", class.name);
    }
    format!("<class '{}.{}'>", class.module, class.name)
}

/// `<module.Class object at 0x…>`.
pub fn default_repr(vm: &Vm, value: &Value) -> String {
    let class = vm.class_of(value);
    let place = address(value).unwrap_or(0);
    if &*class.module == "builtins" {
        return format!("<{} object at {place:#x}>", class.name);
    }
    format!("<{}.{} object at {place:#x}>", class.module, class.name)
}

/// Runs `body` unless the container is being shown already.
pub fn guarded(
    value: &Value,
    again: &str,
    body: impl FnOnce() -> PyResult<String>,
) -> PyResult<String> {
    let place = address(value).unwrap_or(0);
    let (entered, depth) = ACTIVE.with(|active| {
        let mut active = active.borrow_mut();
        if active.contains(&place) {
            return (false, active.len());
        }
        active.push(place);
        (true, active.len())
    });
    if !entered {
        return Ok(again.to_owned());
    }
    let result = if depth > 200 {
        Err(crate::py::error::PyError::new(
            &crate::py::exceptions::RECURSION_ERROR,
            "maximum recursion depth exceeded while getting the repr of an object",
        ))
    } else {
        body()
    };
    ACTIVE.with(|active| active.borrow_mut().pop());
    result
}

/// `repr` of each value, joined by commas.
pub fn joined(vm: &Vm, items: &[Value]) -> PyResult<String> {
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        texts.push(vm.repr(item)?);
    }
    Ok(texts.join(", "))
}

/// `{a: b, …}` without the braces.
pub fn pairs(vm: &Vm, entries: &[(Value, Value)]) -> PyResult<String> {
    let mut texts = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        texts.push(format!("{}: {}", vm.repr(key)?, vm.repr(value)?));
    }
    Ok(texts.join(", "))
}

/// `repr` of a container.
fn container(vm: &Vm, value: &Value) -> PyResult<String> {
    match value {
        Value::Tuple(items) => guarded(value, "(...)", || match &**items {
            [item] => Ok(format!("({},)", vm.repr(item)?)),
            items => Ok(format!("({})", joined(vm, items)?)),
        }),
        Value::List(items) => guarded(value, "[...]", || {
            let items = items.borrow().clone();
            Ok(format!("[{}]", joined(vm, &items)?))
        }),
        Value::Dict(dict) => guarded(value, "{...}", || {
            let entries: Vec<_> = dict
                .borrow()
                .iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            Ok(format!("{{{}}}", pairs(vm, &entries)?))
        }),
        Value::Set(set) => {
            let items: Vec<_> = set.items.borrow().keys().cloned().collect();
            let again = if set.frozen {
                "frozenset(...)"
            } else {
                "set(...)"
            };
            guarded(value, again, || {
                let inner = joined(vm, &items)?;
                Ok(match (set.frozen, items.is_empty()) {
                    (true, true) => "frozenset()".to_owned(),
                    (true, false) => format!("frozenset({{{inner}}})"),
                    (false, true) => "set()".to_owned(),
                    (false, false) => format!("{{{inner}}}"),
                })
            })
        }
        _ => Ok(String::new()),
    }
}

/// `repr` of a `float`: the shortest digits that read back the same.
pub fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 {
            "inf".to_owned()
        } else {
            "-inf".to_owned()
        };
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{number}");
        return if plain.contains('.') {
            plain
        } else {
            format!("{plain}.0")
        };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// Whether `repr` shows this character as it is.
pub fn is_printable(character: char) -> bool {
    match character {
        ' '..='~' => true,
        '\u{0}'..='\u{a0}' | '\u{ad}' => false,
        '\u{1680}'
        | '\u{2000}'..='\u{200f}'
        | '\u{2028}'..='\u{202f}'
        | '\u{205f}'..='\u{206f}'
        | '\u{3000}'
        | '\u{feff}' => false,
        '\u{e000}'..='\u{f8ff}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{fffe}'
        | '\u{ffff}'
        | '\u{f0000}'..='\u{10ffff}'
        | '\u{e0000}'..='\u{e00ff}' => false,
        _ => true,
    }
}

/// `repr` of a `str`.
pub fn str_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut result = String::with_capacity(text.len() + 2);
    result.push(quote);
    for character in text.chars() {
        match character {
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            _ if character == quote => {
                result.push('\\');
                result.push(quote);
            }
            _ if is_printable(character) => result.push(character),
            _ => push_escape(&mut result, character),
        }
    }
    result.push(quote);
    result
}

/// `\x07`, `\u2028`, `\U0001f600`.
pub fn push_escape(result: &mut String, character: char) {
    let code = character as u32;
    result.push_str(&match code {
        0..=0xff => format!("\\x{code:02x}"),
        0x100..=0xffff => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    });
}

/// `ascii(value)`: the `repr` with everything outside ASCII escaped.
pub fn ascii(repr: &str) -> String {
    let mut result = String::with_capacity(repr.len());
    for character in repr.chars() {
        if character.is_ascii() {
            result.push(character);
        } else {
            push_escape(&mut result, character);
        }
    }
    result
}

/// `repr` of a `bytes`.
pub fn bytes_repr(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    let mut result = format!("b{quote}");
    for byte in bytes {
        match byte {
            b'\\' => result.push_str("\\\\"),
            b'\n' => result.push_str("\\n"),
            b'\r' => result.push_str("\\r"),
            b'\t' => result.push_str("\\t"),
            _ if char::from(*byte) == quote => {
                result.push('\\');
                result.push(quote);
            }
            b' '..=b'~' => result.push(char::from(*byte)),
            _ => result.push_str(&format!("\\x{byte:02x}")),
        }
    }
    result.push(quote);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_show_the_shortest_digits() {
        for (number, text) in [
            (0.1, "0.1"),
            (1.0, "1.0"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (123456789012345680.0, "1.2345678901234568e+17"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (-0.0, "-0.0"),
            (1.5e300, "1.5e+300"),
        ] {
            assert_eq!(float_repr(number), text);
        }
    }

    #[test]
    fn text_prefers_single_quotes() {
        assert_eq!(str_repr("it's"), "\"it's\"");
        assert_eq!(str_repr("it's \"x\""), "'it\\'s \"x\"'");
        assert_eq!(str_repr("a\n\u{1b}é"), "'a\\n\\x1bé'");
    }
}
