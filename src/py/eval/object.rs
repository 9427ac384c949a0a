//! The method tables of `object` and `type`.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::builtins;
use crate::py::class::Class;
use crate::py::class::Instance;
use crate::py::dict::identical;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::Method;
use crate::py::value::Namespace;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// Methods of `object`.
pub const METHODS: &[(&str, Method)] = &[
    ("__init__", init),
    ("__repr__", repr),
    ("__str__", str),
    ("__format__", format),
    ("__eq__", eq),
    ("__ne__", ne),
    ("__hash__", hash),
    ("__setattr__", set_attr),
    ("__getattribute__", get_attribute),
    ("__delattr__", del_attr),
    ("__dir__", dir),
];

/// Class methods of `object`.
pub const CLASS_METHODS: &[(&str, Method)] = &[
    ("__init_subclass__", init_subclass),
    ("__subclasshook__", subclass_hook),
];

/// Methods of `type`.
pub const TYPE_METHODS: &[(&str, Method)] = &[
    ("mro", mro),
    ("__call__", type_call),
    ("__instancecheck__", instance_check),
    ("__subclasscheck__", subclass_check),
    ("__subclasses__", subclasses),
    ("__init__", init),
];

/// Class methods of `type`.
pub const TYPE_CLASS_METHODS: &[(&str, Method)] = &[("__prepare__", prepare)];

/// `object()`.
pub fn new(_vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    if class.is_object() && !(args.positional.is_empty() && args.keywords.is_empty()) {
        return Err(PyError::type_error("object() takes no arguments"));
    }
    Ok(Value::Instance(Rc::new(Instance::new(class.clone()))))
}

/// `type(value)`, `type(name, bases, namespace)`.
pub fn type_new(vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let mut positional = args.positional.into_iter();
    match (positional.next(), positional.next(), positional.next()) {
        (Some(value), None, _) => Ok(Value::Class(vm.class_of(&value))),
        (Some(name), Some(bases), Some(namespace)) => {
            let name = name
                .as_str()
                .ok_or_else(|| PyError::type_error("type.__new__() argument 1 must be str"))?;
            let bases = vm.collect(&bases)?;
            let mut dict: Namespace = Namespace::default();
            let entries = vm
                .mapping_items(&namespace)?
                .ok_or_else(|| PyError::type_error("type.__new__() argument 3 must be dict"))?;
            for (key, value) in entries {
                if let Some(key) = key.as_str() {
                    dict.insert(key, value);
                }
            }
            vm.make_class(Some(class), &name, &bases, dict, args.keywords)
        }
        _ => Err(PyError::type_error("type() takes 1 or 3 arguments")),
    }
}

fn init(_vm: &Vm, _receiver: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::None)
}

fn repr(vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    match receiver {
        Value::Instance(_) | Value::Native(_) => {
            Ok(Value::from(builtins::repr::default_repr(vm, receiver)))
        }
        other => vm.repr(other).map(Value::from),
    }
}

fn str(vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    vm.repr(receiver).map(Value::from)
}

fn format(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let spec = args
        .bind("object.__format__", "(format_spec, /)")?
        .str("format_spec")?;
    if !spec.is_empty() {
        let name = &vm.class_of(receiver).name;
        return Err(PyError::type_error(format!(
            "unsupported format string passed to {name}.__format__"
        )));
    }
    vm.str(receiver).map(Value::from)
}

fn eq(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let other = args.bind("object.__eq__", "(value, /)")?.get("value");
    match receiver {
        Value::Instance(_) | Value::Native(_) => Ok(if identical(receiver, &other) {
            Value::Bool(true)
        } else {
            Value::NotImplemented
        }),
        _ => vm.binary(crate::py::object::BinaryOperator::Eq, receiver, &other),
    }
}

fn ne(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let other = args.bind("object.__ne__", "(value, /)")?.get("value");
    Ok(Value::Bool(!vm.equal(receiver, &other)?))
}

fn hash(_vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    let address = crate::py::dict::address(receiver).unwrap_or(0);
    Ok(Value::Int(i64::try_from(address >> 4).unwrap_or(0)))
}

fn set_attr(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("object.__setattr__", "(name, value, /)")?;
    let name = bound.str("name")?;
    match receiver {
        Value::Instance(instance) => {
            vm.plain_set_attr(receiver, instance, &name, bound.get("value"))?
        }
        Value::Class(class) => {
            let old = class.dict.borrow_mut().insert(name, bound.get("value"));
            drop(old);
        }
        other => vm.set_attr(other, &name, bound.get("value"))?,
    }
    Ok(Value::None)
}

fn get_attribute(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let name = args
        .bind("object.__getattribute__", "(name, /)")?
        .str("name")?;
    match receiver {
        Value::Instance(instance) => {
            let class = instance.class();
            vm.plain_instance_attr(receiver, instance, &class, &name)?
                .ok_or_else(|| {
                    PyError::attribute_error(format!(
                        "'{}' object has no attribute '{name}'",
                        class.name
                    ))
                })
        }
        other => vm.get_attr(other, &name),
    }
}

fn del_attr(_vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let name = args.bind("object.__delattr__", "(name, /)")?.str("name")?;
    let dict = match receiver {
        Value::Instance(instance) => Some(&instance.dict),
        Value::Class(class) => Some(&class.dict),
        _ => None,
    };
    if dict.is_some_and(|dict| dict.borrow_mut().shift_remove(&*name).is_some()) {
        return Ok(Value::None);
    }
    Err(PyError::attribute_error(name))
}

fn dir(vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::list(
        vm.dir(receiver).into_iter().map(Value::from).collect(),
    ))
}

fn init_subclass(_vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    match (receiver, args.keywords.is_empty()) {
        (_, true) => Ok(Value::None),
        (Value::Class(class), false) => Err(PyError::type_error(format!(
            "{}.__init_subclass__() takes no keyword arguments",
            class.name
        ))),
        (_, false) => Err(PyError::type_error(
            "__init_subclass__() takes no keyword arguments",
        )),
    }
}

fn subclass_hook(_vm: &Vm, _receiver: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::NotImplemented)
}

fn class_receiver(receiver: &Value) -> PyResult<&Rc<Class>> {
    match receiver {
        Value::Class(class) => Ok(class),
        _ => Err(PyError::type_error("descriptor requires a 'type' object")),
    }
}

fn mro(_vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    let class = class_receiver(receiver)?;
    Ok(Value::list(
        std::iter::once(class)
            .chain(&class.mro)
            .cloned()
            .map(Value::Class)
            .collect(),
    ))
}

fn type_call(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    vm.instantiate_plain(class_receiver(receiver)?, args)
}

fn instance_check(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let instance = args
        .bind("type.__instancecheck__", "(instance, /)")?
        .get("instance");
    Ok(Value::Bool(
        vm.class_of(&instance)
            .is_subclass(class_receiver(receiver)?),
    ))
}

fn subclass_check(_vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let subclass = args
        .bind("type.__subclasscheck__", "(subclass, /)")?
        .get("subclass");
    Ok(Value::Bool(
        class_receiver(&subclass)?.is_subclass(class_receiver(receiver)?),
    ))
}

fn subclasses(vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::list(
        vm.subclasses(class_receiver(receiver)?)
            .into_iter()
            .map(Value::Class)
            .collect(),
    ))
}

fn prepare(_vm: &Vm, _receiver: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::dict(crate::py::dict::Dict::new()))
}
