//! A header that takes evaluation: `revision = PREFIX % "a"`, a value set under an `if`, a helper's result. The file alone is evaluated; what it imports and cannot be found
//! stays unresolved, and a header made of that is refused.

use std::path::Path;

use crate::py::error::PyErrorKind;
use crate::py::module::NativeModule;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::script::file::HeaderValue;

/// Evaluates a file and gives the named variables of it.
///
/// # Errors
/// The reason, one line.
pub fn evaluate(
    path: &Path,
    names: &[&str],
    modules: &'static [NativeModule],
) -> Result<Vec<(String, HeaderValue)>, String> {
    let vm = Vm::new();
    vm.register(modules);
    let module = vm
        .run_file(path, "revision", true)
        .map_err(|error| match error.kind() {
            PyErrorKind::Exception(value) => vm.repr(value).unwrap_or_default(),
            PyErrorKind::Unsupported { what, .. } => what.clone(),
            PyErrorKind::Foreign(inner) => inner.to_string(),
        })?;
    let members = module.dict.borrow();
    let mut found = Vec::new();
    for name in names {
        if let Some(value) = members.get(*name) {
            found.push(((*name).to_owned(), header_value(&vm, name, value)?));
        }
    }
    Ok(found)
}

fn header_value(vm: &Vm, name: &str, value: &Value) -> Result<HeaderValue, String> {
    match value {
        Value::None => Ok(HeaderValue::None),
        Value::Str(text) => Ok(HeaderValue::Text(text.to_string())),
        Value::Tuple(_) | Value::List(_) | Value::Set(_) => {
            let items = vm
                .collect(value)
                .map_err(|_| format!("`{name}` cannot be read"))?;
            let texts = items.iter().map(|item| match item {
                Value::Str(text) => Some(text.to_string()),
                _ => None,
            });
            Ok(texts
                .collect::<Option<Vec<String>>>()
                .map_or(HeaderValue::Other, HeaderValue::Texts))
        }
        Value::Unresolved(unresolved) => Err(format!(
            "`{name}` comes from {}, which is not resolved: {}",
            unresolved.name, unresolved.reason
        )),
        _ => Ok(HeaderValue::Other),
    }
}
