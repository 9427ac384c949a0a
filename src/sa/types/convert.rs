//! From a Python value to a `SqlType`: classes are instantiated, decorators opened, user-defined types asked.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::class::Instance;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::sa::types::PyType;
use crate::sa::types::classes;
use crate::sa::types::hooks;
use crate::schema::types::DecoratedType;
use crate::schema::types::SqlType;
use crate::schema::types::UserDefinedType;

/// How deep decorators may wrap decorators.
const MAX_DEPTH: usize = 50;

/// The type that a value is: an instance, or a class to be instantiated without arguments.
pub fn sql_type(vm: &Vm, value: &Value) -> PyResult<SqlType> {
    at_depth(vm, value, 0)
}

/// Whether a value is a type or a type class.
pub fn is_type(value: &Value) -> bool {
    match value {
        Value::Class(class) => class.inherits(&classes::TYPE_ENGINE),
        _ => {
            value.native::<PyType>().is_some()
                || matches!(value, Value::Instance(i) if i.class().inherits(&classes::TYPE_ENGINE))
        }
    }
}

/// `to_instance`: the instance that a type argument stands for.
pub fn to_instance(vm: &Vm, value: &Value, args: Args) -> PyResult<Value> {
    match value {
        Value::Class(_) => vm.call(value, args),
        Value::Instance(_) if is_stand_in(vm, value)? => vm.call(value, args),
        other => Ok(other.clone()),
    }
}

/// Whether an object is no type itself, but passes the attributes of a type class on: `_sqla_type`.
pub fn is_stand_in(vm: &Vm, value: &Value) -> PyResult<bool> {
    if !matches!(value, Value::Instance(_)) || is_type(value) {
        return Ok(false);
    }
    let mark = vm.find_attr(value, "_sqla_type")?;
    Ok(matches!(mark, Some(Value::Bool(true))))
}

fn at_depth(vm: &Vm, value: &Value, depth: usize) -> PyResult<SqlType> {
    if depth > MAX_DEPTH {
        return Err(PyError::unsupported("types nested more than 50 deep"));
    }
    match value {
        Value::None => Ok(SqlType::Null),
        Value::Unresolved(unresolved) => Err(unresolved_error(unresolved, "as a column type")),
        Value::Class(class) => {
            if let Some(unresolved) = &class.unresolved {
                return Err(unresolved_error(unresolved, "as the base of a column type"));
            }
            let made = vm.call(value, Args::none())?;
            if matches!(made, Value::Class(_)) {
                return Err(PyError::unsupported(format!(
                    "`{}` as a column type",
                    class.name
                )));
            }
            at_depth(vm, &made, depth + 1)
        }
        Value::Instance(instance) => of_instance(vm, value, instance, depth),
        other => match other.native::<PyType>() {
            Some(native) => {
                let class = vm.class_of(other);
                if crate::sa::compiles::registered(&class).is_some() {
                    return Err(PyError::unsupported(format!(
                        "the type `{}`, for which the project has a `@compiles` function",
                        class.name
                    )));
                }
                Ok(native.data.borrow().clone())
            }
            None => Err(PyError::unsupported(format!(
                "`{}` as a column type",
                vm.class_of(other).name
            ))),
        },
    }
}

/// An instance of a class written in Python.
fn of_instance(vm: &Vm, value: &Value, instance: &Rc<Instance>, depth: usize) -> PyResult<SqlType> {
    let class = instance.class();
    if let Some(unresolved) = &class.unresolved {
        return Err(unresolved_error(unresolved, "as the base of a column type"));
    }
    if let Some(compiled) = crate::sa::compiles::compile(vm, &class, value)? {
        return Ok(SqlType::UserDefined(UserDefinedType {
            class: class.name.to_string(),
            instance: crate::sa::decorator::remember(&class, value),
            spec: compiled,
            hooks: hooks::of(vm, &class, value),
        }));
    }
    if class.inherits(&classes::TYPE_DECORATOR) {
        return decorated(vm, value, &class, depth);
    }
    let number = crate::sa::decorator::remember(&class, value);
    let own_spec = matches!(class.lookup("get_col_spec"), Some(Value::Function(_)));
    if own_spec {
        let spec = vm.call_method(value, "get_col_spec", Args::none())?;
        let spec = spec
            .as_str()
            .ok_or_else(|| PyError::unsupported("`get_col_spec` that does not return text"))?;
        return Ok(SqlType::UserDefined(UserDefinedType {
            class: class.name.to_string(),
            instance: number,
            spec: spec.to_string(),
            hooks: hooks::of(vm, &class, value),
        }));
    }
    match instance.base_value() {
        Some(base) => at_depth(vm, &base, depth + 1),
        None => Err(PyError::unsupported(format!(
            "`{}` as a column type",
            class.name
        ))),
    }
}

/// `TypeDecorator.impl` of an instance.
fn implementation_of(vm: &Vm, value: &Value) -> PyResult<Value> {
    let assigned = match value {
        Value::Instance(instance) => instance.get("impl"),
        _ => None,
    };
    let made = || {
        value
            .native::<PyType>()
            .and_then(|native| native.attributes.borrow().get("impl").cloned())
    };
    match assigned.or_else(made) {
        Some(implementation) => Ok(implementation),
        None => vm.get_attr(value, "impl"),
    }
}

/// `TypeDecorator.load_dialect_impl(dialect)` where no subclass says otherwise.
pub fn load_dialect_impl(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    args.bind("load_dialect_impl", "(dialect)")?;
    implementation_of(vm, this)
}

/// `TypeDecorator.__getattr__`: what a decorator lacks is an attribute of its `impl`.
pub fn through_impl(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let name = args.bind("__getattr__", "(key)")?.str("key")?;
    if name.starts_with("__") || &*name == "impl" {
        let class = vm.class_of(this).name.clone();
        return Err(PyError::attribute_error(format!(
            "'{class}' object has no attribute '{name}'"
        )));
    }
    vm.get_attr(&implementation_of(vm, this)?, &name)
}

/// A `TypeDecorator`: `load_dialect_impl(dialect)` where it is written, else `impl`.
fn decorated(vm: &Vm, value: &Value, class: &Rc<Class>, depth: usize) -> PyResult<SqlType> {
    let instance = crate::sa::decorator::remember(class, value);
    let has_hook = matches!(class.lookup("load_dialect_impl"), Some(Value::Function(_)));
    let implementation = if has_hook {
        let dialect = crate::sa::clause::dialect_face(vm)?;
        let chosen = vm.call_method(value, "load_dialect_impl", Args::of(vec![dialect]))?;
        let mut found = at_depth(vm, &chosen, depth + 1)?;
        if let SqlType::Enum(enumeration) = &mut found
            && !declares_enum(vm, value, depth)
        {
            // The events that create a named type are those of `impl`.
            enumeration.create_type = Some(false);
            enumeration.upper = true;
        }
        found
    } else {
        let implementation = implementation_of(vm, value)?;
        at_depth(vm, &implementation, depth + 1)?
    };
    Ok(SqlType::Decorated(Box::new(DecoratedType {
        class: class.name.to_string(),
        instance,
        implementation,
        hooks: hooks::of(vm, class, value),
    })))
}

/// Whether the `impl` of a decorator is an enum.
fn declares_enum(vm: &Vm, value: &Value, depth: usize) -> bool {
    vm.get_attr(value, "impl")
        .and_then(|declared| at_depth(vm, &declared, depth + 1))
        .is_ok_and(|declared| matches!(declared, SqlType::Enum(_)))
}
