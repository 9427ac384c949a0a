//! `getattr` and its kin, `dir`, `callable`, `__import__`.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::super::arguments;

/// An attribute name.
fn name(vm: &Vm, value: Option<&Value>) -> PyResult<Rc<str>> {
    let value = value.cloned().unwrap_or(Value::None);
    value.as_str().ok_or_else(|| {
        PyError::type_error(format!(
            "attribute name must be string, not '{}'",
            vm.class_of(&value).name
        ))
    })
}

/// `getattr(object, name[, default])`.
pub fn getattr(vm: &Vm, args: Args) -> PyResult<Value> {
    let mut given = arguments::between("getattr", args, 2, 3)?;
    let default = if given.len() == 3 { given.pop() } else { None };
    let name = name(vm, given.get(1))?;
    let object = given.first().unwrap_or(&Value::None);
    match default {
        Some(default) => Ok(vm.find_attr(object, &name)?.unwrap_or(default)),
        None => vm.get_attr(object, &name),
    }
}

/// `hasattr(object, name)`.
pub fn hasattr(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::between("hasattr", args, 2, 2)?;
    let object = given.first().unwrap_or(&Value::None);
    if let Value::Unresolved(unresolved) = object {
        return Err(crate::py::vm::unresolved_error(
            unresolved,
            "to ask for an attribute",
        ));
    }
    Ok(Value::Bool(
        vm.find_attr(object, &name(vm, given.get(1))?)?.is_some(),
    ))
}

/// `setattr(object, name, value)`.
pub fn setattr(vm: &Vm, args: Args) -> PyResult<Value> {
    let mut given = arguments::between("setattr", args, 3, 3)?;
    let value = given.pop().unwrap_or(Value::None);
    vm.set_attr(
        given.first().unwrap_or(&Value::None),
        &name(vm, given.get(1))?,
        value,
    )?;
    Ok(Value::None)
}

/// `delattr(object, name)`.
pub fn delattr(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::between("delattr", args, 2, 2)?;
    vm.del_attr(
        given.first().unwrap_or(&Value::None),
        &name(vm, given.get(1))?,
    )?;
    Ok(Value::None)
}

/// `callable(object)`.
pub fn callable(vm: &Vm, args: Args) -> PyResult<Value> {
    let value = arguments::one("callable", args)?;
    Ok(Value::Bool(match &value {
        Value::Function(_) | Value::Builtin(_) | Value::Method(_) | Value::Class(_) => true,
        Value::Instance(instance) => instance.class().lookup("__call__").is_some(),
        Value::Native(object) => {
            object.class().lookup("__call__").is_some()
                || vm.find_attr(&value, "__call__")?.is_some()
                || is_callable_class(&object.class())
        }
        Value::Unresolved(unresolved) => {
            return Err(crate::py::vm::unresolved_error(
                unresolved,
                "to ask whether it is callable",
            ));
        }
        _ => false,
    }))
}

/// Native objects that are called without a `__call__` in their table.
fn is_callable_class(class: &Class) -> bool {
    const CALLABLE: &[&str] = &[
        "partial",
        "staticmethod",
        "itemgetter",
        "attrgetter",
        "methodcaller",
        "GenericAlias",
    ];
    CALLABLE.contains(&&*class.name)
}

/// `dir(object)`: without the names of `object` that every value has.
pub fn dir(vm: &Vm, args: Args) -> PyResult<Value> {
    let value = arguments::one("dir", args)?;
    let mut names: BTreeSet<Rc<str>> = BTreeSet::new();
    let class_names = |names: &mut BTreeSet<Rc<str>>, class: &Rc<Class>| {
        for class in std::iter::once(class).chain(&class.mro) {
            names.extend(class.dict.borrow().keys().cloned());
            if let Some(native) = class.native {
                let methods = native
                    .methods
                    .iter()
                    .chain(native.class_methods)
                    .map(|(name, _)| *name);
                names.extend(
                    methods
                        .chain(native.attributes.iter().map(|(name, _)| *name))
                        .map(Rc::from),
                );
            }
        }
    };
    match &value {
        Value::Module(module) => {
            names.extend(module.dict.borrow().keys().cloned());
            if let Some(native) = module.native {
                names.extend((native.names)().into_iter().map(Rc::from));
            }
        }
        Value::Class(class) => class_names(&mut names, class),
        Value::Instance(instance) => {
            names.extend(instance.dict.borrow().keys().cloned());
            class_names(&mut names, &instance.class());
        }
        Value::Native(object) => {
            names.extend(object.dir().into_iter().map(Rc::from));
            class_names(&mut names, &object.class());
        }
        Value::Unresolved(unresolved) => {
            return Err(crate::py::vm::unresolved_error(
                unresolved,
                "to list its names",
            ));
        }
        other => class_names(&mut names, &vm.class_of(other)),
    }
    Ok(Value::list(names.into_iter().map(Value::Str).collect()))
}

/// `__import__(name)`: the top package, or the module itself when `fromlist` is given.
pub fn import(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "__import__",
        "(name, globals=None, locals=None, fromlist=(), level=0)",
    )?;
    let name = bound.str("name")?;
    let module = vm.import(&name)?;
    if vm.truth(&bound.get("fromlist"))? {
        return Ok(module);
    }
    match name.split_once('.') {
        Some((top, _)) => vm.import(top),
        None => Ok(module),
    }
}

/// `isinstance(object, class)`.
pub fn isinstance(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::between("isinstance", args, 2, 2)?;
    vm.is_instance_of(
        given.first().unwrap_or(&Value::None),
        given.get(1).unwrap_or(&Value::None),
    )
    .map(Value::Bool)
}

/// `issubclass(class, class)`.
pub fn issubclass(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::between("issubclass", args, 2, 2)?;
    vm.is_subclass_of(
        given.first().unwrap_or(&Value::None),
        given.get(1).unwrap_or(&Value::None),
    )
    .map(Value::Bool)
}

/// `globals()`.
pub fn globals(vm: &Vm) -> Value {
    Value::dict(
        vm.globals()
            .map_or_else(Dict::new, |module| Dict::of_namespace(module)),
    )
}

/// `locals()`: in a function a copy, else what the names are bound in.
pub fn locals(vm: &Vm) -> PyResult<Value> {
    if let Some(owner) = vm.own_namespace() {
        return Ok(Value::dict(Dict::of_namespace(owner)));
    }
    let mut dict = Dict::new();
    for (name, value) in vm.locals() {
        dict.insert(Value::Str(name), value)?;
    }
    Ok(Value::dict(dict))
}

/// `vars([object])`.
pub fn vars(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::between("vars", args, 0, 1)?;
    match given.first() {
        None => locals(vm),
        Some(object) => match vm.find_attr(object, "__dict__")? {
            Some(dict) => Ok(dict),
            None => Err(PyError::type_error(
                "vars() argument must have __dict__ attribute",
            )),
        },
    }
}
