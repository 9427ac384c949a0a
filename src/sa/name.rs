//! `quoted_name` and `conv` (`op.f`): `str` subclasses that carry how to write themselves. sqlalchemy/sql/elements.py.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::builtins::str::CLASS as STR;
use crate::py::class::Class;
use crate::py::class::Instance;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::schema::name::Name;
use crate::schema::name::NameKind;

/// `quoted_name`.
pub static QUOTED_NAME: NativeClass = NativeClass {
    new: Some(new_quoted_name),
    ..NativeClass::plain("sqlalchemy.sql.elements", "quoted_name", &[&STR])
};

/// `conv`.
pub static CONV: NativeClass = NativeClass {
    new: Some(new_conv),
    ..NativeClass::plain("sqlalchemy.sql.elements", "conv", &[&QUOTED_NAME])
};

fn new_quoted_name(_vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("quoted_name", "(value, quote)")?;
    let instance = Instance::new(class.clone());
    instance.set_base_value(Value::Str(bound.str("value")?));
    instance.set("quote", bound.get("quote"));
    Ok(Value::Instance(Rc::new(instance)))
}

fn new_conv(_vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("conv", "(value, quote=None)")?;
    if bound.get("value").is_none() {
        return Ok(Value::None);
    }
    let instance = Instance::new(class.clone());
    instance.set_base_value(Value::Str(bound.str("value")?));
    instance.set("quote", bound.get("quote"));
    Ok(Value::Instance(Rc::new(instance)))
}

/// `op.f(name)`.
pub fn conv(name: &str) -> Value {
    let instance = Instance::new(Class::of(&CONV));
    instance.set_base_value(Value::str(name));
    instance.set("quote", Value::None);
    Value::Instance(Rc::new(instance))
}

/// A name as Python sees it.
pub fn to_value(name: &Name) -> Value {
    let class = match name.kind {
        NameKind::Plain if name.quote.is_none() => return Value::str(&name.text),
        NameKind::Plain | NameKind::Quoted => &QUOTED_NAME,
        NameKind::Convention | NameKind::Truncated => &CONV,
    };
    let instance = Instance::new(Class::of(class));
    instance.set_base_value(Value::str(&name.text));
    instance.set("quote", name.quote.map_or(Value::None, Value::Bool));
    Value::Instance(Rc::new(instance))
}

/// The name that a value is; `role` says what for in errors.
pub fn from_value(value: &Value, role: &str) -> PyResult<Name> {
    if let Value::Unresolved(unresolved) = value {
        return Err(unresolved_error(unresolved, role));
    }
    let Some(text) = value.as_str() else {
        return Err(PyError::unsupported(format!(
            "a value that is not text {role}"
        )));
    };
    let mut name = Name::new(&*text);
    if let Value::Instance(instance) = value {
        let class = instance.class();
        if class.inherits(&QUOTED_NAME) {
            name.kind = if class.inherits(&CONV) {
                NameKind::Convention
            } else {
                NameKind::Quoted
            };
            name.quote = match instance.get("quote") {
                Some(Value::Bool(flag)) => Some(flag),
                _ => None,
            };
        }
    }
    Ok(name)
}

/// Like [`from_value`]; `None` stays `None`.
pub fn optional(value: &Value, role: &str) -> PyResult<Option<Name>> {
    if value.is_none() {
        Ok(None)
    } else {
        from_value(value, role).map(Some)
    }
}
