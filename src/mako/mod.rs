//! Mako templates, as far as `script.py.mako` files use them: expressions with filters, control lines, Python blocks, `<%def>`, `<%text>` and comments. As Mako does, a template
//! is made into Python, which the evaluator runs.

mod compile;
mod lexer;

use std::cell::Cell;
use std::cell::RefCell;
use std::rc::Rc;

use crate::py::error::PyErrorKind;
use crate::py::module::Module;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// The module that hands the arguments to a template.
const GIVEN: &str = "__mako_given__";

/// Why a template cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Mako refuses it too, or its Python code raised.
    #[error("line {line}: {message}")]
    Failed {
        /// The line of the template.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A part of Mako that is not supported here.
    #[error("line {line}: {what} (not supported)")]
    Unsupported {
        /// The line of the template.
        line: usize,
        /// What it is.
        what: String,
    },
}

impl Error {
    fn failed(line: usize, message: impl Into<String>) -> Self {
        Self::Failed {
            line,
            message: message.into(),
        }
    }

    fn unsupported(line: usize, what: impl Into<String>) -> Self {
        Self::Unsupported {
            line,
            what: what.into(),
        }
    }
}

/// Renders a template with these names.
///
/// # Errors
/// A template that is not well formed, uses what is not supported, or whose Python code raises.
pub fn render(vm: &Vm, text: &str, given: &[(&str, Value)]) -> Result<String, Error> {
    let nodes = lexer::parse(text)?;
    let names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    let source = compile::compile(&nodes, &names)?;
    let (written, line) = (Rc::new(RefCell::new(String::new())), Rc::new(Cell::new(0)));
    let module = Rc::new(Module {
        name: Rc::from(GIVEN),
        dict: RefCell::default(),
        native: None,
        file: None,
    });
    {
        let mut members = module.dict.borrow_mut();
        for (name, value) in given {
            members.insert(Rc::from(*name), value.clone());
        }
        members.insert(Rc::from("write"), writer(&written));
        members.insert(Rc::from("at"), marker(&line));
    }
    vm.add_module(module);
    match vm.run_source(&source, "script.py.mako", "__mako__") {
        Ok(_) => Ok(written.take()),
        Err(error) => Err(match error.kind() {
            PyErrorKind::Unsupported { what, .. } => Error::unsupported(line.get(), what.clone()),
            PyErrorKind::Exception(_) | PyErrorKind::Foreign(_) => {
                let shown = vm.format_error(&error);
                let last = shown.trim_end().lines().last().unwrap_or_default();
                Error::failed(line.get(), last)
            }
        }),
    }
}

/// What Python code writes with.
fn writer(written: &Rc<RefCell<String>>) -> Value {
    let written = written.clone();
    Value::builtin("write", move |vm, args| {
        let text = args.bind("write", "(text)")?.get("text");
        match text.as_str() {
            Some(text) => written.borrow_mut().push_str(&text),
            None => {
                let class = vm.class_of(&text);
                return Err(crate::py::error::PyError::type_error(format!(
                    "sequence item 0: expected str instance, {} found",
                    class.name
                )));
            }
        }
        Ok(Value::None)
    })
}

/// What Python code tells its line with.
fn marker(line: &Rc<Cell<usize>>) -> Value {
    let line = line.clone();
    Value::builtin("at", move |_vm, args| {
        let number = args.bind("at", "(line)")?.optional_int("line")?;
        line.set(
            number
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or_default(),
        );
        Ok(Value::None)
    })
}

#[cfg(test)]
mod tests;
