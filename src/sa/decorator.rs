//! `TypeDecorator`'s hooks on values: `process_bind_param`, `process_literal_param`, `process_result_value`. sqlalchemy/sql/type_api.py.
//!
//! A `SqlType` holds no Python: instances are remembered by the name of their class.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// What is known under a name.
enum Known {
    /// One class.
    One(Rc<Class>, Value),
    /// Several classes of that name: nobody can tell which is meant. Whether one of them has a processor.
    Several(bool),
}

thread_local! {
    static KNOWN: RefCell<HashMap<String, Known>> = RefCell::default();
}

/// Remembers an instance of a decorator.
pub fn remember(class: &Rc<Class>, instance: &Value) {
    KNOWN.with(|known| {
        let mut known = known.borrow_mut();
        let name = class.name.to_string();
        let next = match known.get(&name) {
            None => Known::One(class.clone(), instance.clone()),
            Some(Known::One(first, _)) if Rc::ptr_eq(first, class) => {
                Known::One(class.clone(), instance.clone())
            }
            Some(Known::One(first, _)) => {
                Known::Several(has_processor(first) || has_processor(class))
            }
            Some(Known::Several(some)) => Known::Several(*some || has_processor(class)),
        };
        known.insert(name, next);
    });
}

/// Whether a class makes values its own way.
fn has_processor(class: &Rc<Class>) -> bool {
    ["literal_processor", "bind_processor"]
        .iter()
        .any(|name| matches!(class.lookup(name), Some(Value::Function(_))))
}

/// The error for a name that several classes have.
fn ambiguous(class_name: &str) -> PyError {
    PyError::unsupported(format!(
        "values of the type `{class_name}`: which class is meant is not clear"
    ))
}

/// Passes a value through the first of these hooks that the class defines in Python; `None` when it defines none.
fn hook(vm: &Vm, class_name: &str, names: &[&str], value: &Value) -> PyResult<Option<Value>> {
    let found = KNOWN.with(|known| match known.borrow().get(class_name) {
        Some(Known::One(class, instance)) => Some((class.clone(), instance.clone())),
        Some(Known::Several(_)) | None => None,
    });
    let Some((class, instance)) = found else {
        return Err(ambiguous(class_name));
    };
    for name in names {
        if matches!(class.lookup(name), Some(Value::Function(_))) {
            let dialect = crate::sa::clause::dialect_face(vm)?;
            return vm
                .call_method(&instance, name, Args::of(vec![value.clone(), dialect]))
                .map(Some);
        }
    }
    Ok(None)
}

/// What `literal_processor(dialect)` (or, for sent values, `bind_processor(dialect)`) of a user-defined type makes of a value;
/// `None` when the class does not define it in Python.
pub fn processed(vm: &Vm, class_name: &str, value: &Value) -> PyResult<Option<Value>> {
    let name = match crate::sa::clause::default_dialect().settings().binds {
        crate::dialect::Binds::Literal => "literal_processor",
        crate::dialect::Binds::Placeholder | crate::dialect::Binds::Driver => "bind_processor",
    };
    let found = KNOWN.with(|known| match known.borrow().get(class_name) {
        Some(Known::One(class, instance)) => Ok(Some((class.clone(), instance.clone()))),
        Some(Known::Several(true)) => Err(ambiguous(class_name)),
        Some(Known::Several(false)) | None => Ok(None),
    })?;
    let Some((class, instance)) = found else {
        return Ok(None);
    };
    if !matches!(class.lookup(name), Some(Value::Function(_))) {
        return Ok(None);
    }
    let dialect = crate::sa::clause::dialect_face(vm)?;
    let processor = vm.call_method(&instance, name, Args::of(vec![dialect]))?;
    match processor {
        Value::None => Ok(None),
        processor => vm.call(&processor, Args::of(vec![value.clone()])).map(Some),
    }
}

/// The value that is sent for a value of a decorated type.
pub fn to_database(vm: &Vm, class: &str, value: &Value) -> PyResult<Value> {
    let names: &[&str] = match crate::sa::clause::default_dialect().settings().binds {
        crate::dialect::Binds::Literal => &["process_literal_param", "process_bind_param"],
        crate::dialect::Binds::Placeholder | crate::dialect::Binds::Driver => {
            &["process_bind_param"]
        }
    };
    Ok(hook(vm, class, names, value)?.unwrap_or_else(|| value.clone()))
}

/// The value that Python sees for a value read.
pub fn from_database(vm: &Vm, class: &str, value: Value) -> PyResult<Value> {
    Ok(hook(vm, class, &["process_result_value"], &value)?.unwrap_or(value))
}
