//! `property`, `classmethod`, `staticmethod`: values in a class that decide what reading them gives ([`crate::py::object::Object::bind`]).

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Method;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `classmethod`.
pub static CLASS_METHOD: NativeClass = NativeClass {
    new: Some(class_method_new),
    ..NativeClass::plain("builtins", "classmethod", &[])
};
/// `staticmethod`.
pub static STATIC_METHOD: NativeClass = NativeClass {
    new: Some(static_method_new),
    ..NativeClass::plain("builtins", "staticmethod", &[])
};
/// `property`.
pub static PROPERTY: NativeClass = NativeClass {
    new: Some(property_new),
    methods: &[
        ("getter", property_getter),
        ("setter", property_setter),
        ("deleter", property_deleter),
    ],
    ..NativeClass::plain("builtins", "property", &[])
};

/// A function that receives the class.
#[derive(Debug)]
pub struct ClassMethod {
    function: Value,
}

impl ClassMethod {
    /// Wraps a function.
    pub fn new(function: Value) -> Self {
        Self { function }
    }
}

/// A function that receives nothing.
#[derive(Debug)]
pub struct StaticMethod {
    function: Value,
}

/// A computed attribute.
#[derive(Debug, Default)]
pub struct Property {
    getter: Option<Value>,
    setter: Option<Value>,
    deleter: Option<Value>,
    doc: Option<Value>,
}

fn function_attribute(function: &Value, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    match name {
        "__func__" | "__wrapped__" => Ok(Some(function.clone())),
        "__isabstractmethod__" | "__name__" | "__qualname__" | "__doc__" | "__module__" => {
            vm.find_attr(function, name)
        }
        _ => Ok(None),
    }
}

impl Object for ClassMethod {
    fn class(&self) -> Rc<Class> {
        Class::of(&CLASS_METHOD)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        function_attribute(&self.function, vm, name)
    }

    fn bind(
        self: Rc<Self>,
        vm: &Vm,
        _instance: Option<&Value>,
        owner: &Rc<Class>,
    ) -> PyResult<Option<Value>> {
        let receiver = Value::Class(owner.clone());
        // A classmethod over a property or another descriptor binds that with the class as the instance.
        if let Value::Native(inner) = &self.function
            && let Some(bound) = inner.clone().bind(vm, Some(&receiver), owner)?
        {
            return Ok(Some(bound));
        }
        Ok(Some(Value::Method(Rc::new(Method {
            function: self.function.clone(),
            receiver,
        }))))
    }
}

impl Object for StaticMethod {
    fn class(&self) -> Rc<Class> {
        Class::of(&STATIC_METHOD)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        function_attribute(&self.function, vm, name)
    }

    fn call(self: Rc<Self>, vm: &Vm, args: Args) -> PyResult<Option<Value>> {
        vm.call(&self.function, args).map(Some)
    }

    fn bind(
        self: Rc<Self>,
        _vm: &Vm,
        _instance: Option<&Value>,
        _owner: &Rc<Class>,
    ) -> PyResult<Option<Value>> {
        Ok(Some(self.function.clone()))
    }
}

impl Object for Property {
    fn class(&self) -> Rc<Class> {
        Class::of(&PROPERTY)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "fget" => Some(Value::from(self.getter.clone())),
            "fset" => Some(Value::from(self.setter.clone())),
            "fdel" => Some(Value::from(self.deleter.clone())),
            "__doc__" => match (&self.doc, &self.getter) {
                (Some(doc), _) => Some(doc.clone()),
                (None, Some(getter)) => vm.find_attr(getter, "__doc__")?,
                (None, None) => Some(Value::None),
            },
            _ => None,
        })
    }

    fn bind(
        self: Rc<Self>,
        vm: &Vm,
        instance: Option<&Value>,
        _owner: &Rc<Class>,
    ) -> PyResult<Option<Value>> {
        match (instance, &self.getter) {
            (None, _) => Ok(Some(Value::Native(self))),
            (Some(instance), Some(getter)) => {
                vm.call(getter, Args::of(vec![instance.clone()])).map(Some)
            }
            (Some(_), None) => Err(PyError::attribute_error("unreadable attribute")),
        }
    }

    fn bind_set(
        self: Rc<Self>,
        vm: &Vm,
        name: &str,
        instance: &Value,
        value: Value,
    ) -> PyResult<bool> {
        match &self.setter {
            Some(setter) => vm
                .call(setter, Args::of(vec![instance.clone(), value]))
                .map(|_| true),
            None => Err(PyError::attribute_error(format!(
                "property '{name}' of '{}' object has no setter",
                vm.class_of(instance).qualname
            ))),
        }
    }

    fn bind_delete(self: Rc<Self>, vm: &Vm, name: &str, instance: &Value) -> PyResult<bool> {
        match &self.deleter {
            Some(deleter) => vm
                .call(deleter, Args::of(vec![instance.clone()]))
                .map(|_| true),
            None => Err(PyError::attribute_error(format!(
                "property '{name}' of '{}' object has no deleter",
                vm.class_of(instance).qualname
            ))),
        }
    }

    fn is_data_descriptor(&self) -> bool {
        true
    }
}

fn class_method_new(_vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("classmethod", "(function, /)")?;
    Ok(Value::object(ClassMethod {
        function: bound.get("function"),
    }))
}

fn static_method_new(_vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("staticmethod", "(function, /)")?;
    Ok(Value::object(StaticMethod {
        function: bound.get("function"),
    }))
}

fn property_new(_vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("property", "(fget=None, fset=None, fdel=None, doc=None)")?;
    let given = |name: &str| Some(bound.get(name)).filter(|value| !value.is_none());
    Ok(Value::object(Property {
        getter: given("fget"),
        setter: given("fset"),
        deleter: given("fdel"),
        doc: given("doc"),
    }))
}

/// A copy of a property with one function replaced.
fn property_with(
    receiver: &Value,
    args: Args,
    name: &str,
    put: impl FnOnce(&mut Property, Value),
) -> PyResult<Value> {
    let bound = args.bind(name, "(function, /)")?;
    let Some(old) = receiver.native::<Property>() else {
        return Err(PyError::type_error(format!(
            "descriptor '{name}' requires a 'property' object"
        )));
    };
    let mut new = Property {
        getter: old.getter.clone(),
        setter: old.setter.clone(),
        deleter: old.deleter.clone(),
        doc: old.doc.clone(),
    };
    put(&mut new, bound.get("function"));
    Ok(Value::object(new))
}

fn property_getter(_vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    property_with(receiver, args, "getter", |property, function| {
        property.getter = Some(function)
    })
}

fn property_setter(_vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    property_with(receiver, args, "setter", |property, function| {
        property.setter = Some(function)
    })
}

fn property_deleter(_vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    property_with(receiver, args, "deleter", |property, function| {
        property.deleter = Some(function)
    })
}
