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
    /// Several classes of that name: nobody can tell which is meant.
    Several,
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
            Some(Known::One(_, _) | Known::Several) => Known::Several,
        };
        known.insert(name, next);
    });
}

/// Passes a value through the first of these hooks that the class defines in Python; `None` when it defines none.
fn hook(vm: &Vm, class_name: &str, names: &[&str], value: &Value) -> PyResult<Option<Value>> {
    let found = KNOWN.with(|known| match known.borrow().get(class_name) {
        Some(Known::One(class, instance)) => Some((class.clone(), instance.clone())),
        Some(Known::Several) | None => None,
    });
    let Some((class, instance)) = found else {
        return Err(PyError::unsupported(format!(
            "values of the type `{class_name}`: which class is meant is not clear"
        )));
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
