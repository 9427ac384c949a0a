//! Attributes: reading, setting, deleting; binding of what is found in classes.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::class::Instance;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::eval::dispatch::native_of;
use crate::py::exceptions;
use crate::py::value::Method;
use crate::py::value::Namespace;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;

impl Vm {
    /// `getattr(value, name)`.
    pub fn get_attr(&self, value: &Value, name: &str) -> PyResult<Value> {
        match self.read_attr(value, name)? {
            Some(found) => Ok(found),
            None => Err(self.attribute_error(value, name)),
        }
    }

    /// `getattr(value, name, None)`: `None` when the attribute is missing.
    pub fn find_attr(&self, value: &Value, name: &str) -> PyResult<Option<Value>> {
        match self.read_attr(value, name) {
            Err(error) if error.matches(&exceptions::ATTRIBUTE_ERROR) => Ok(None),
            other => other,
        }
    }

    fn attribute_error(&self, value: &Value, name: &str) -> PyError {
        let message = match value {
            Value::Class(class) => {
                format!("type object '{}' has no attribute '{name}'", class.name)
            }
            Value::Module(module) => format!("module '{}' has no attribute '{name}'", module.name),
            _ => {
                let class = self.class_of(value);
                if let Some(native) = native_of(value).and_then(|object| object.class().native)
                    && !self.is_python_module(native.module)
                {
                    match self.lacks_attribute(native.module, native.name, name) {
                        Some(message) => message,
                        None => {
                            return PyError::unsupported(format!(
                                "`{}.{name}` is not supported",
                                native.name
                            ));
                        }
                    }
                } else {
                    format!("'{}' object has no attribute '{name}'", class.name)
                }
            }
        };
        let error = PyError::attribute_error(message);
        if let Some(Value::Instance(made)) = error.exception() {
            made.set("name", Value::str(name));
            made.set("obj", value.clone());
        }
        error
    }

    fn read_attr(&self, value: &Value, name: &str) -> PyResult<Option<Value>> {
        if let Value::Unresolved(unresolved) = value {
            return Ok(Some(self.derived(unresolved, &format!(".{name}"))));
        }
        match value {
            Value::Instance(instance) => self.instance_attr(value, instance, name),
            Value::Class(class) => self.class_attr(value, class, name),
            Value::Module(module) => self.module_attr(module, name),
            Value::Native(object) => {
                if let Some(found) = object.clone().get_attr(self, name)? {
                    return Ok(Some(found));
                }
                let class = object.class();
                match name {
                    "__class__" => Ok(Some(Value::Class(class))),
                    _ => self.through_class(value, &class, name),
                }
            }
            Value::Function(function) => {
                match crate::py::eval::call::function_attr(self, function, name)? {
                    Some(found) => Ok(Some(found)),
                    None => self.through_class(value, &self.class_of(value), name),
                }
            }
            Value::Builtin(builtin) => Ok(match name {
                "__name__" | "__qualname__" => Some(Value::Str(builtin.name.clone())),
                "__module__" => Some(Value::str("builtins")),
                "__doc__" => Some(Value::None),
                "__dict__" => Some(Value::dict(crate::py::dict::Dict::new())),
                _ => self.through_class(value, &self.class_of(value), name)?,
            }),
            Value::Method(method) => match name {
                "__func__" => Ok(Some(method.function.clone())),
                "__self__" => Ok(Some(method.receiver.clone())),
                "__class__" => Ok(Some(Value::Class(self.class_of(value)))),
                _ => self.read_attr(&method.function, name),
            },
            _ => self.through_class(value, &self.class_of(value), name),
        }
    }

    /// What the class of a value says.
    fn through_class(
        &self,
        value: &Value,
        class: &Rc<Class>,
        name: &str,
    ) -> PyResult<Option<Value>> {
        if name == "__class__" {
            return Ok(Some(Value::Class(class.clone())));
        }
        if let Some(found) = class.lookup_with(self, name) {
            return self.bind_attribute(found, Some(value), class).map(Some);
        }
        Ok(match name {
            "__doc__" => Some(Value::None),
            "__module__" => Some(Value::Str(class.module.clone())),
            _ => None,
        })
    }

    fn instance_attr(
        &self,
        value: &Value,
        instance: &Rc<Instance>,
        name: &str,
    ) -> PyResult<Option<Value>> {
        let class = instance.class();
        if let Some(hook @ Value::Function(_)) = class.special("__getattribute__") {
            match self.call_special(&hook, value, Args::of(vec![Value::str(name)])) {
                Err(error) if error.matches(&exceptions::ATTRIBUTE_ERROR) => {
                    return self.get_attr_hook(value, &class, name, Some(error));
                }
                other => return other.map(Some),
            }
        }
        match self.plain_instance_attr(value, instance, &class, name) {
            Ok(Some(found)) => Ok(Some(found)),
            Ok(None) => self.get_attr_hook(value, &class, name, None),
            Err(error) if error.matches(&exceptions::ATTRIBUTE_ERROR) => {
                self.get_attr_hook(value, &class, name, Some(error))
            }
            Err(error) => Err(error),
        }
    }

    /// `__getattr__`, then what an unresolved base may have.
    fn get_attr_hook(
        &self,
        value: &Value,
        class: &Rc<Class>,
        name: &str,
        error: Option<PyError>,
    ) -> PyResult<Option<Value>> {
        if let Some(hook) = class.special("__getattr__") {
            return self
                .call_special(&hook, value, Args::of(vec![Value::str(name)]))
                .map(Some);
        }
        if let Some(error) = error {
            return Err(error);
        }
        Ok(match &class.unresolved {
            Some(unresolved) if !is_special(name) => {
                Some(self.derived(unresolved, &format!("().{name}")))
            }
            _ => None,
        })
    }

    /// `object.__getattribute__`.
    pub(crate) fn plain_instance_attr(
        &self,
        value: &Value,
        instance: &Rc<Instance>,
        class: &Rc<Class>,
        name: &str,
    ) -> PyResult<Option<Value>> {
        match name {
            "__class__" if class.lookup(name).is_none() => {
                return Ok(Some(Value::Class(class.clone())));
            }
            "__dict__" => {
                return Ok(Some(Value::dict(Dict::of_namespace(instance.clone()))));
            }
            _ => {}
        }
        let (owner, found) = match self.lookup_owner(class, name) {
            Some((owner, found)) => (Some(owner), Some(found)),
            None => (None, None),
        };
        if let Some(found) = &found
            && self.is_data_descriptor(found)
        {
            return self
                .bind_attribute(found.clone(), Some(value), class)
                .map(Some);
        }
        if let Some(own) = instance.get(name) {
            return Ok(Some(own));
        }
        if let Some(own) = native_of(value).and_then(|object| object.own_attr(name)) {
            return Ok(Some(own));
        }
        let is_python = owner.as_ref().is_some_and(|owner| owner.native.is_none());
        if !is_python
            && let Some(object) = native_of(value)
            && let Some(found) = object.get_attr(self, name)?
        {
            return Ok(Some(found));
        }
        if let Some(found) = found {
            return self.bind_attribute(found, Some(value), class).map(Some);
        }
        Ok(match name {
            "__doc__" => Some(class.lookup("__doc__").unwrap_or(Value::None)),
            "__module__" => Some(Value::Str(class.module.clone())),
            "__traceback__" | "__cause__" | "__context__"
                if class.inherits(&exceptions::BASE_EXCEPTION) =>
            {
                Some(Value::None)
            }
            "__suppress_context__" if class.inherits(&exceptions::BASE_EXCEPTION) => {
                Some(Value::Bool(false))
            }
            _ => None,
        })
    }

    fn lookup_owner(&self, class: &Rc<Class>, name: &str) -> Option<(Rc<Class>, Value)> {
        if let Some(found) = class.lookup_where(name) {
            return Some(found);
        }
        // An attribute that a native class makes on first use.
        let made = class.lookup_with(self, name)?;
        class.lookup_where(name).or(Some((class.clone(), made)))
    }

    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn class_attr(&self, value: &Value, class: &Rc<Class>, name: &str) -> PyResult<Option<Value>> {
        match name {
            "__name__" => return Ok(Some(Value::Str(class.name.clone()))),
            "__qualname__" => return Ok(Some(Value::Str(class.qualname.clone()))),
            "__class__" => return Ok(Some(Value::Class(self.class_of(value)))),
            "__bases__" => {
                return Ok(Some(Value::tuple(
                    class.bases.iter().cloned().map(Value::Class).collect(),
                )));
            }
            "__base__" => {
                return Ok(Some(
                    class
                        .bases
                        .first()
                        .cloned()
                        .map_or(Value::None, Value::Class),
                ));
            }
            "__mro__" => {
                return Ok(Some(Value::tuple(
                    std::iter::once(class)
                        .chain(&class.mro)
                        .cloned()
                        .map(Value::Class)
                        .collect(),
                )));
            }
            "__dict__" => return self.namespace_dict(&class.dict).map(Some),
            "__module__" if class.dict.borrow().get("__module__").is_none() => {
                return Ok(Some(Value::Str(class.module.clone())));
            }
            "__doc__" => {
                return Ok(Some(
                    class
                        .dict
                        .borrow()
                        .get("__doc__")
                        .cloned()
                        .unwrap_or(Value::None),
                ));
            }
            _ => {}
        }
        let metaclass = self.class_of(value);
        let above = if class.metaclass.is_some() {
            metaclass.lookup_with(self, name)
        } else {
            None
        };
        if let Some(found) = &above
            && self.is_data_descriptor(found)
        {
            return self
                .bind_attribute(found.clone(), Some(value), &metaclass)
                .map(Some);
        }
        if let Some(found) = class.lookup_with(self, name) {
            return self.bind_attribute(found, None, class).map(Some);
        }
        if let Some(found) = above.or_else(|| metaclass.lookup_with(self, name)) {
            return self
                .bind_attribute(found, Some(value), &metaclass)
                .map(Some);
        }
        if let Some(hook) = metaclass.special("__getattr__") {
            return self
                .call_special(&hook, value, Args::of(vec![Value::str(name)]))
                .map(Some);
        }
        if let Some(hook) = class.special("__class_getattr__") {
            let bound = self.bind_attribute(hook, None, class)?;
            return self
                .call(&bound, Args::of(vec![Value::str(name)]))
                .map(Some);
        }
        if name == "__new__" {
            return Ok(Some(crate::py::eval::super_::new_of()));
        }
        if name == "__annotations__" {
            return Ok(Some(Value::dict(crate::py::dict::Dict::new())));
        }
        Ok(class
            .unresolved
            .as_ref()
            .filter(|_| !is_special(name))
            .map(|unresolved| self.derived(unresolved, &format!(".{name}"))))
    }

    /// A namespace as a `dict` (a copy).
    fn namespace_dict(&self, namespace: &std::cell::RefCell<Namespace>) -> PyResult<Value> {
        let mut dict = crate::py::dict::Dict::new();
        for (name, value) in namespace.borrow().iter() {
            dict.insert_str(name, value.clone());
        }
        Ok(Value::dict(dict))
    }

    /// Gives what was found in a class its receiver.
    pub(crate) fn bind_attribute(
        &self,
        found: Value,
        instance: Option<&Value>,
        owner: &Rc<Class>,
    ) -> PyResult<Value> {
        match &found {
            Value::Function(_) | Value::Builtin(_) => Ok(match instance {
                Some(receiver) => Value::Method(Rc::new(Method {
                    function: found,
                    receiver: receiver.clone(),
                })),
                None => found,
            }),
            Value::Native(object) => {
                if let Some(bound) = object.clone().bind(self, instance, owner)? {
                    return Ok(bound);
                }
                match object.class().special("__get__") {
                    Some(getter) => self.call_getter(&getter, &found, instance, owner),
                    None => Ok(found),
                }
            }
            Value::Instance(descriptor) => match descriptor.class().special("__get__") {
                Some(getter) => self.call_getter(&getter, &found, instance, owner),
                None => Ok(found),
            },
            _ => Ok(found),
        }
    }

    fn call_getter(
        &self,
        getter: &Value,
        descriptor: &Value,
        instance: Option<&Value>,
        owner: &Rc<Class>,
    ) -> PyResult<Value> {
        let receiver = instance.cloned().unwrap_or(Value::None);
        self.call_special(
            getter,
            descriptor,
            Args::of(vec![receiver, Value::Class(owner.clone())]),
        )
    }

    fn is_data_descriptor(&self, found: &Value) -> bool {
        match found {
            Value::Native(object) => {
                object.is_data_descriptor() || object.class().special("__set__").is_some()
            }
            Value::Instance(instance) => instance.class().special("__set__").is_some(),
            _ => false,
        }
    }

    /// `setattr(value, name, new)`.
    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    pub fn set_attr(&self, value: &Value, name: &str, new: Value) -> PyResult<()> {
        match value {
            Value::Instance(instance) => {
                if let Some(hook @ Value::Function(_)) = instance.class().special("__setattr__") {
                    return self
                        .call_special(&hook, value, Args::of(vec![Value::str(name), new]))
                        .map(drop);
                }
                self.plain_set_attr(value, instance, name, new)
            }
            Value::Class(class) => {
                if let Some(metaclass) = &class.metaclass
                    && let Some(hook @ Value::Function(_)) = metaclass.special("__setattr__")
                {
                    return self
                        .call_special(&hook, value, Args::of(vec![Value::str(name), new]))
                        .map(drop);
                }
                let old = class.dict.borrow_mut().insert(Rc::from(name), new);
                drop(old);
                Ok(())
            }
            Value::Module(module) => {
                let old = module.dict.borrow_mut().insert(Rc::from(name), new);
                drop(old);
                Ok(())
            }
            Value::Function(function) => {
                let old = function.dict.borrow_mut().insert(Rc::from(name), new);
                drop(old);
                Ok(())
            }
            Value::Native(object) => {
                if object.clone().set_attr(self, name, new.clone())? {
                    return Ok(());
                }
                let class = object.class();
                if let Some(found) = class.lookup_with(self, name)
                    && self.set_through(&found, name, value, new)?
                {
                    return Ok(());
                }
                if class
                    .native
                    .is_some_and(|native| !self.is_python_module(native.module))
                {
                    return Err(PyError::unsupported(format!(
                        "setting `{}.{name}` is not supported",
                        class.name
                    )));
                }
                Err(PyError::attribute_error(format!(
                    "'{}' object has no attribute '{name}'",
                    class.name
                )))
            }
            Value::Unresolved(_) => Ok(()),
            _ => Err(PyError::attribute_error(format!(
                "'{}' object has no attribute '{name}'",
                self.class_of(value).name
            ))),
        }
    }

    /// `object.__setattr__`.
    pub(crate) fn plain_set_attr(
        &self,
        value: &Value,
        instance: &Rc<Instance>,
        name: &str,
        new: Value,
    ) -> PyResult<()> {
        let class = instance.class();
        if name == "__class__" {
            if let Value::Class(new) = new {
                instance.set_class(new);
                return Ok(());
            }
            return Err(PyError::type_error("__class__ must be set to a class"));
        }
        if name == "__dict__" {
            return self.set_namespace(instance, &new);
        }
        let found = self.lookup_owner(&class, name);
        if let Some((_, found)) = &found
            && self.set_through(found, name, value, new.clone())?
        {
            return Ok(());
        }
        if found.is_none_or(|(owner, _)| owner.native.is_some())
            && let Some(object) = native_of(value)
            && object.set_attr(self, name, new.clone())?
        {
            // What was set before there was a native part would hide it.
            let old = instance.dict.borrow_mut().shift_remove(name);
            drop(old);
            return Ok(());
        }
        let old = instance.dict.borrow_mut().insert(Rc::from(name), new);
        drop(old);
        Ok(())
    }

    /// `object.__dict__ = dictionary`.
    fn set_namespace(&self, instance: &Rc<Instance>, new: &Value) -> PyResult<()> {
        let Value::Dict(dict) = new else {
            return Err(match new {
                Value::Instance(_) => {
                    PyError::unsupported("an instance that is its own `__dict__`")
                }
                other => PyError::type_error(format!(
                    "__dict__ must be set to a dictionary, not a '{}'",
                    self.class_of(other).name
                )),
            });
        };
        let mut namespace = Namespace::default();
        for (key, value) in dict.borrow().iter() {
            if let Value::Str(name) = key {
                namespace.insert(name.clone(), value.clone());
            }
        }
        let old = instance.dict.replace(namespace);
        drop(old);
        Ok(())
    }

    /// Lets a descriptor found in the class take the value.
    fn set_through(&self, found: &Value, name: &str, value: &Value, new: Value) -> PyResult<bool> {
        let class = match found {
            Value::Native(object) => {
                if object.clone().bind_set(self, name, value, new.clone())? {
                    return Ok(true);
                }
                object.class()
            }
            Value::Instance(descriptor) => descriptor.class(),
            _ => return Ok(false),
        };
        match class.special("__set__") {
            Some(setter) => self
                .call_special(&setter, found, Args::of(vec![value.clone(), new]))
                .map(|_| true),
            None => Ok(false),
        }
    }

    /// `delattr(value, name)`.
    pub fn del_attr(&self, value: &Value, name: &str) -> PyResult<()> {
        let removed = match value {
            Value::Instance(instance) => {
                let class = instance.class();
                if let Some(hook @ Value::Function(_)) = class.special("__delattr__") {
                    return self
                        .call_special(&hook, value, Args::of(vec![Value::str(name)]))
                        .map(drop);
                }
                if let Some(Value::Native(object)) = class.lookup_with(self, name)
                    && object.bind_delete(self, name, value)?
                {
                    return Ok(());
                }
                instance.dict.borrow_mut().shift_remove(name)
            }
            Value::Class(class) => class.dict.borrow_mut().shift_remove(name),
            Value::Module(module) => module.dict.borrow_mut().shift_remove(name),
            Value::Function(function) => function.dict.borrow_mut().shift_remove(name),
            Value::Native(object) => {
                if object.clone().del_attr(self, name)? {
                    return Ok(());
                }
                None
            }
            Value::Unresolved(_) => return Ok(()),
            _ => None,
        };
        match removed {
            Some(_) => Ok(()),
            None => Err(match value {
                Value::Instance(_) => PyError::attribute_error(format!(
                    "'{}' object has no attribute '{name}'",
                    self.class_of(value).name
                )),
                _ => self.attribute_error(value, name),
            }),
        }
    }

    /// The names that `dir()` lists, sorted.
    pub fn dir(&self, value: &Value) -> Vec<String> {
        let mut names = std::collections::BTreeSet::new();
        let mut add_class = |class: &Rc<Class>| {
            for class in std::iter::once(class).chain(&class.mro) {
                names.extend(class.dict.borrow().keys().map(ToString::to_string));
                if let Some(native) = class.native {
                    let tables = native
                        .methods
                        .iter()
                        .chain(native.class_methods)
                        .map(|(name, _)| *name);
                    names.extend(
                        tables
                            .chain(native.attributes.iter().map(|(name, _)| *name))
                            .map(str::to_owned),
                    );
                }
            }
        };
        match value {
            Value::Class(class) => add_class(class),
            Value::Module(module) => {
                names.extend(module.dict.borrow().keys().map(ToString::to_string));
                names.extend(
                    module
                        .native
                        .map(|native| (native.names)())
                        .unwrap_or_default()
                        .into_iter()
                        .map(str::to_owned),
                );
            }
            other => {
                add_class(&self.class_of(other));
                if let Value::Instance(instance) = other {
                    names.extend(instance.dict.borrow().keys().map(ToString::to_string));
                }
                if let Some(object) = native_of(other) {
                    names.extend(object.dir());
                }
            }
        }
        names.into_iter().collect()
    }

    /// An unresolved value reached through another.
    pub(crate) fn derived(&self, unresolved: &Unresolved, suffix: &str) -> Value {
        let name = if unresolved.name.len() > 200 {
            unresolved.name.clone()
        } else {
            format!("{}{suffix}", unresolved.name)
        };
        Value::Unresolved(Rc::new(Unresolved {
            name,
            reason: unresolved.reason.clone(),
            place: unresolved.place.clone(),
        }))
    }
}

/// Names that Python itself asks for: a class with an unresolved base does not answer them for that base.
const PROTOCOL: &[&str] = &[
    "__aenter__",
    "__aexit__",
    "__aiter__",
    "__all__",
    "__anext__",
    "__args__",
    "__await__",
    "__bool__",
    "__call__",
    "__class_getitem__",
    "__clause_element__",
    "__contains__",
    "__copy__",
    "__dataclass_fields__",
    "__deepcopy__",
    "__delete__",
    "__enter__",
    "__eq__",
    "__exit__",
    "__file__",
    "__float__",
    "__format__",
    "__fspath__",
    "__get__",
    "__getitem__",
    "__hash__",
    "__html__",
    "__index__",
    "__int__",
    "__isabstractmethod__",
    "__iter__",
    "__len__",
    "__match_args__",
    "__members__",
    "__mro_entries__",
    "__next__",
    "__origin__",
    "__path__",
    "__reduce__",
    "__reduce_ex__",
    "__repr__",
    "__set__",
    "__set_name__",
    "__spec__",
    "__str__",
    "__wrapped__",
];

/// Whether a name is one that Python itself asks for.
fn is_special(name: &str) -> bool {
    PROTOCOL.binary_search(&name).is_ok()
}
