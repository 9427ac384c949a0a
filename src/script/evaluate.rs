//! A header that takes evaluation: `revision = PREFIX % "a"`, a value set under an `if`, a helper's result. What the file imports is evaluated on demand, without env.py; what cannot be found
//! stays unresolved, and a header made of that is refused.

use std::cell::OnceCell;
use std::path::Path;

use crate::py::error::PyErrorKind;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::script::file::HeaderValue;

/// Evaluates headers, all with one evaluator, which is made when the first file needs it.
pub struct Evaluator<F> {
    make: F,
    vm: OnceCell<Vm>,
}

impl<F: Fn() -> Vm> Evaluator<F> {
    /// `make` makes an evaluator that finds what revision files import.
    pub fn new(make: F) -> Self {
        Self {
            make,
            vm: OnceCell::new(),
        }
    }

    /// Evaluates a file and gives the named variables of it.
    ///
    /// # Errors
    /// The reason, one line.
    pub fn evaluate(
        &self,
        path: &Path,
        names: &[&str],
    ) -> Result<Vec<(String, HeaderValue)>, String> {
        let vm = self.vm.get_or_init(&self.make);
        let module = vm
            .run_file(path, "revision", true)
            .map_err(|error| match error.kind() {
                PyErrorKind::Exception(value) => vm.repr(value).unwrap_or_default(),
                PyErrorKind::Unsupported { what, .. } => what.clone(),
                PyErrorKind::Foreign(inner) => inner.to_string(),
            })?;
        let mut found = Vec::new();
        for name in names {
            if let Some(value) = module.dict.borrow().get(*name) {
                found.push(((*name).to_owned(), header_value(vm, name, value)?));
            }
        }
        vm.release_module(&module);
        Ok(found)
    }
}

fn header_value(vm: &Vm, name: &str, value: &Value) -> Result<HeaderValue, String> {
    match value {
        Value::None => Ok(HeaderValue::None),
        Value::Str(text) => Ok(HeaderValue::Text(text.to_string())),
        Value::Tuple(_) | Value::List(_) | Value::Set(_) => {
            let items = vm
                .collect(value)
                .map_err(|_| format!("`{name}` cannot be read"))?;
            let unresolved = items.iter().find_map(|item| match item {
                Value::Unresolved(unresolved) => Some(unresolved),
                _ => None,
            });
            if let Some(unresolved) = unresolved {
                return Err(not_resolved(name, unresolved));
            }
            let texts = items.iter().map(|item| match item {
                Value::Str(text) => Some(text.to_string()),
                _ => None,
            });
            Ok(texts
                .collect::<Option<Vec<String>>>()
                .map_or(HeaderValue::Other, HeaderValue::Texts))
        }
        Value::Unresolved(unresolved) => Err(not_resolved(name, unresolved)),
        _ => Ok(HeaderValue::Other),
    }
}

fn not_resolved(name: &str, unresolved: &Unresolved) -> String {
    format!(
        "`{name}` comes from {}, which is not resolved: {}",
        unresolved.name, unresolved.reason
    )
}
