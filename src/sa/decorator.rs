//! `TypeDecorator`'s hooks on values: `process_bind_param`, `process_literal_param`, `process_result_value`. sqlalchemy/sql/type_api.py.
//!
//! A `SqlType` holds no Python: it carries the number of its instance.

use std::cell::Cell;
use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::dict::address;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::schema::types::DecoratedType;
use crate::schema::types::TypeInstance;
use crate::schema::types::UserDefinedType;

thread_local! {
    /// The instances, by the number that their types carry. They stay, so that no address is used twice.
    static KNOWN: RefCell<IndexMap<usize, (Rc<Class>, Value)>> = RefCell::default();
    /// Whether a class of theirs has a `comparator_factory` written in Python.
    static COMPARED: Cell<bool> = const { Cell::new(false) };
}

/// Remembers an instance of a decorator: the number for its type.
pub fn remember(class: &Rc<Class>, instance: &Value) -> TypeInstance {
    let Some(address) = address(instance) else {
        return TypeInstance::default();
    };
    if matches!(class.lookup("comparator_factory"), Some(Value::Class(_))) {
        COMPARED.set(true);
    }
    KNOWN.with(|known| {
        known
            .borrow_mut()
            .entry(address)
            .or_insert_with(|| (class.clone(), instance.clone()));
    });
    TypeInstance(address)
}

/// The instance of a type.
fn instance_of(number: TypeInstance) -> Option<(Rc<Class>, Value)> {
    KNOWN.with(|known| known.borrow().get(&number.0).cloned())
}

/// Whether it is known which instance a type was made from.
pub fn is_known(user: &UserDefinedType) -> bool {
    instance_of(user.instance).is_some()
}

/// The instance that a type was made from.
pub fn instance(number: TypeInstance) -> Option<Value> {
    instance_of(number).map(|(_, instance)| instance)
}

/// Whether there may be a type with a `comparator_factory` of its own.
pub fn has_comparators() -> bool {
    COMPARED.get()
}

/// An attribute of the class of an instance.
pub fn class_attribute(number: TypeInstance, name: &str) -> Option<Value> {
    instance_of(number).and_then(|(class, _)| class.lookup(name))
}

/// The error for a type that was not made from an instance.
fn unknown(class_name: &str) -> PyError {
    PyError::unsupported(format!(
        "values of the type `{class_name}`: which instance is meant is not clear"
    ))
}

/// Passes a value through the first of these hooks that the class defines in Python; `None` when it defines none.
fn hook(
    vm: &Vm,
    decorated: &DecoratedType,
    names: &[&str],
    value: &Value,
) -> PyResult<Option<Value>> {
    let Some((class, instance)) = instance_of(decorated.instance) else {
        return Err(unknown(&decorated.class));
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
pub fn processed(vm: &Vm, user: &UserDefinedType, value: &Value) -> PyResult<Option<Value>> {
    let name = match crate::sa::clause::default_dialect().settings().binds {
        crate::dialect::Binds::Literal => "literal_processor",
        crate::dialect::Binds::Placeholder | crate::dialect::Binds::Driver => "bind_processor",
    };
    let Some((class, instance)) = instance_of(user.instance) else {
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

/// What `result_processor(dialect, coltype)` of a user-defined type makes of a value read; `None` when the class does not define it in
/// Python.
pub fn read(vm: &Vm, user: &UserDefinedType, value: &Value) -> PyResult<Option<Value>> {
    let Some((class, instance)) = instance_of(user.instance) else {
        return Ok(None);
    };
    if !matches!(class.lookup("result_processor"), Some(Value::Function(_))) {
        return Ok(None);
    }
    let dialect = crate::sa::clause::dialect_face(vm)?;
    let args = Args::of(vec![dialect, Value::None]);
    match vm.call_method(&instance, "result_processor", args)? {
        Value::None => Ok(None),
        processor => vm.call(&processor, Args::of(vec![value.clone()])).map(Some),
    }
}

/// The value that is sent for a value of a decorated type.
pub fn to_database(vm: &Vm, decorated: &DecoratedType, value: &Value) -> PyResult<Value> {
    let names: &[&str] = match crate::sa::clause::default_dialect().settings().binds {
        crate::dialect::Binds::Literal => &["process_literal_param", "process_bind_param"],
        crate::dialect::Binds::Placeholder | crate::dialect::Binds::Driver => {
            &["process_bind_param"]
        }
    };
    Ok(hook(vm, decorated, names, value)?.unwrap_or_else(|| value.clone()))
}

/// The value that Python sees for a value read.
pub fn from_database(vm: &Vm, decorated: &DecoratedType, value: Value) -> PyResult<Value> {
    Ok(hook(vm, decorated, &["process_result_value"], &value)?.unwrap_or(value))
}
