//! The built-in types and functions.

pub mod arguments;
pub mod bool;
pub mod bytes;
pub mod dict;
pub mod errors;
pub mod float;
pub mod functions;
pub mod generic;
pub mod int;
pub mod items;
pub mod iter;
pub mod list;
pub mod numbers;
pub mod operators;
pub mod range;
pub mod receiver;
pub mod repr;
pub mod set;
pub mod str;
pub mod tuple;

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::module::NativeModule;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `NoneType`.
pub static NONE_TYPE: NativeClass = NativeClass::plain("builtins", "NoneType", &[]);
/// `NotImplementedType`.
pub static NOT_IMPLEMENTED_TYPE: NativeClass =
    NativeClass::plain("builtins", "NotImplementedType", &[]);
/// `ellipsis`.
pub static ELLIPSIS_TYPE: NativeClass = NativeClass::plain("builtins", "ellipsis", &[]);
/// `function`.
pub static FUNCTION: NativeClass = NativeClass::plain("builtins", "function", &[]);
/// `builtin_function_or_method`.
pub static BUILTIN_FUNCTION: NativeClass =
    NativeClass::plain("builtins", "builtin_function_or_method", &[]);
/// `method`.
pub static METHOD: NativeClass = NativeClass::plain("builtins", "method", &[]);
/// `module`.
pub static MODULE_TYPE: NativeClass = NativeClass::plain("builtins", "module", &[]);
/// The class an unresolved value says it is of.
pub static UNRESOLVED: NativeClass = NativeClass::plain("builtins", "unresolved", &[]);

/// The module `builtins`.
pub static MODULE: NativeModule = NativeModule {
    name: "builtins",
    member: functions::member,
    names: functions::names,
};

/// `type(value)`.
pub fn class_for(value: &Value) -> Rc<Class> {
    Class::of(match value {
        Value::None => &NONE_TYPE,
        Value::NotImplemented => &NOT_IMPLEMENTED_TYPE,
        Value::Ellipsis => &ELLIPSIS_TYPE,
        Value::Bool(_) => &bool::CLASS,
        Value::Int(_) | Value::BigInt(_) => &int::CLASS,
        Value::Float(_) => &float::CLASS,
        Value::Str(_) => &str::CLASS,
        Value::Bytes(_) => &bytes::CLASS,
        Value::Tuple(_) => &tuple::CLASS,
        Value::List(_) => &list::CLASS,
        Value::Dict(_) => &dict::CLASS,
        Value::Set(set) if set.frozen => &set::FROZEN_SET,
        Value::Set(_) => &set::SET,
        Value::Function(_) => &FUNCTION,
        Value::Builtin(_) => &BUILTIN_FUNCTION,
        Value::Method(_) => &METHOD,
        Value::Class(_) => &crate::py::class::TYPE,
        Value::Module(_) => &MODULE_TYPE,
        Value::Unresolved(_) => &UNRESOLVED,
        Value::Instance(instance) => return instance.class(),
        Value::Native(object) => return object.class(),
    })
}

/// What iterating over a class gives when its metaclass says so (the members of an enumeration); `None` for other classes.
pub fn class_items(vm: &Vm, class: &Rc<Class>) -> PyResult<Option<Vec<Value>>> {
    match vm.ask(&Value::Class(class.clone()), "__iter__", Args::none())? {
        Some(items) => vm.collect(&items).map(Some),
        None => Ok(None),
    }
}

/// `class[key]`: `__class_getitem__`, or an inert type expression.
pub fn class_item(vm: &Vm, class: &Rc<Class>, key: &Value) -> PyResult<Option<Value>> {
    let own = Value::Class(class.clone());
    if let Some(function) = class.lookup("__class_lookup__") {
        return vm
            .call(&function, Args::of(vec![own, key.clone()]))
            .map(Some);
    }
    if class.lookup("__class_getitem__").is_some() {
        return vm
            .call_method(&own, "__class_getitem__", Args::of(vec![key.clone()]))
            .map(Some);
    }
    const SUBSCRIPTABLE: &[&str] = &["list", "tuple", "dict", "set", "frozenset", "type"];
    if &*class.module == "builtins" && !SUBSCRIPTABLE.contains(&&*class.name) {
        return Ok(None);
    }
    let generic = class
        .native_base()
        .is_some_and(|native| native.module == "builtins" && SUBSCRIPTABLE.contains(&native.name));
    Ok((generic || class.native.is_some()).then(|| generic::subscript(&own, key, None)))
}

/// `class | class`, `class | None`.
pub fn class_union(_vm: &Vm, left: &Value, right: &Value) -> PyResult<Option<Value>> {
    Ok((!(left.is_none() && right.is_none())).then(|| generic::union(left, right)))
}
