//! `isinstance` and `issubclass`.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;

impl Vm {
    /// `isinstance(value, class)` for a native class.
    pub fn is_instance(&self, value: &Value, class: &'static NativeClass) -> bool {
        self.class_of(value).inherits(class)
    }

    /// `isinstance(value, class)`, where the class may be a tuple or a union of classes.
    pub fn is_instance_of(&self, value: &Value, class: &Value) -> PyResult<bool> {
        if let Value::Unresolved(unresolved) = value {
            return Err(unresolved_error(unresolved, "in `isinstance`"));
        }
        match class {
            Value::Class(class) => {
                let own = self.class_of(value);
                if own.is_subclass(class) {
                    return Ok(true);
                }
                if let Some(unresolved) = own.unresolved.as_ref().filter(|_| class.native.is_none())
                {
                    return Err(unresolved_error(unresolved, "in `isinstance`"));
                }
                match self.check_hook(class, "__instancecheck__")? {
                    Some(hook) => {
                        let answer = self.call(&hook, Args::of(vec![value.clone()]))?;
                        self.truth(&answer)
                    }
                    None => self.claims_class(value, &own, class),
                }
            }
            Value::Tuple(classes) => {
                for class in classes.iter() {
                    if self.is_instance_of(value, class)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Value::Unresolved(unresolved) => Err(unresolved_error(unresolved, "in `isinstance`")),
            other => match self.union_members(other)? {
                Some(members) => self.is_instance_of(value, &Value::tuple(members)),
                None => Err(PyError::type_error(
                    "isinstance() arg 2 must be a type, a tuple of types, or a union",
                )),
            },
        }
    }

    /// Whether an object says by a `__class__` of its own (a property) that it is of a class: proxies do.
    fn claims_class(&self, value: &Value, own: &Rc<Class>, class: &Rc<Class>) -> PyResult<bool> {
        if !matches!(value, Value::Instance(_)) || own.lookup("__class__").is_none() {
            return Ok(false);
        }
        match self.find_attr(value, "__class__")? {
            Some(Value::Class(claimed)) => Ok(claimed.is_subclass(class)),
            _ => Ok(false),
        }
    }

    /// `issubclass(subclass, class)`.
    pub fn is_subclass_of(&self, subclass: &Value, class: &Value) -> PyResult<bool> {
        let own = match subclass {
            Value::Class(own) => own,
            Value::Unresolved(unresolved) => {
                return Err(unresolved_error(unresolved, "in `issubclass`"));
            }
            _ => return Err(PyError::type_error("issubclass() arg 1 must be a class")),
        };
        match class {
            Value::Class(class) => {
                if own.is_subclass(class) {
                    return Ok(true);
                }
                match self.check_hook(class, "__subclasscheck__")? {
                    Some(hook) => {
                        let answer = self.call(&hook, Args::of(vec![subclass.clone()]))?;
                        self.truth(&answer)
                    }
                    None => Ok(false),
                }
            }
            Value::Tuple(classes) => {
                for class in classes.iter() {
                    if self.is_subclass_of(subclass, class)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Value::Unresolved(unresolved) => Err(unresolved_error(unresolved, "in `issubclass`")),
            other => match self.union_members(other)? {
                Some(members) => self.is_subclass_of(subclass, &Value::tuple(members)),
                None => Err(PyError::type_error(
                    "issubclass() arg 2 must be a class, a tuple of classes, or a union",
                )),
            },
        }
    }

    /// `__instancecheck__` of a metaclass, or a class method of that name in a native class (`collections.abc`).
    fn check_hook(&self, class: &Rc<Class>, name: &str) -> PyResult<Option<Value>> {
        if let Some(metaclass) = &class.metaclass
            && let Some(hook @ Value::Function(_)) = metaclass.special(name)
        {
            return self
                .bind_attribute(hook, Some(&Value::Class(class.clone())), metaclass)
                .map(Some);
        }
        let is_hooked = class.native.is_some_and(|native| {
            native
                .class_methods
                .iter()
                .any(|(method, _)| *method == name)
        });
        match class.lookup(name) {
            Some(hook) if is_hooked => self.bind_attribute(hook, None, class).map(Some),
            _ => Ok(None),
        }
    }

    /// The members of `int | str`, or the origin of `list[int]`.
    fn union_members(&self, value: &Value) -> PyResult<Option<Vec<Value>>> {
        let Value::Native(_) = value else {
            return Ok(None);
        };
        if self.find_attr(value, "__origin__")?.is_some() {
            return Ok(None);
        }
        match self.find_attr(value, "__args__")? {
            Some(Value::Tuple(members)) => {
                let none = Value::Class(self.class_of(&Value::None));
                Ok(Some(
                    members
                        .iter()
                        .map(|member| {
                            if member.is_none() {
                                none.clone()
                            } else {
                                member.clone()
                            }
                        })
                        .collect(),
                ))
            }
            _ => Ok(None),
        }
    }
}
