//! Making instances: `Class(...)`, `__new__`, `__init__`, native constructors.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::class::Instance;
use crate::py::class::TYPE;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::exceptions;
use crate::py::object::NativeClass;
use crate::py::object::New;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// Built-in classes whose value is fixed when the instance is made.
const IMMUTABLE: &[&str] = &[
    "str",
    "int",
    "float",
    "bool",
    "bytes",
    "tuple",
    "frozenset",
    "complex",
];

impl Vm {
    /// `class(*args)`.
    pub(crate) fn instantiate(&self, class: &Rc<Class>, args: Args) -> PyResult<Value> {
        if let Some(metaclass) = &class.metaclass
            && let Some(hook @ Value::Function(_)) = metaclass.special("__call__")
        {
            return self.call_special(&hook, &Value::Class(class.clone()), args);
        }
        self.instantiate_plain(class, args)
    }

    /// `type.__call__`.
    pub(crate) fn instantiate_plain(&self, class: &Rc<Class>, args: Args) -> PyResult<Value> {
        if class.is_made_natively() {
            return self.allocate(class, args);
        }
        if let Some(hook) = class.lookup("__class_call__") {
            let bound = self.bind_attribute(hook, None, class)?;
            return self.call(&bound, args);
        }
        let made = match class.special("__new__") {
            Some(constructor) => {
                let constructor = match constructor {
                    Value::Function(_) | Value::Builtin(_) => constructor,
                    other => self.bind_attribute(other, None, class)?,
                };
                let mut all = args.clone();
                all.positional.insert(0, Value::Class(class.clone()));
                self.call(&constructor, all)?
            }
            None if class.special("__init__").is_none() => {
                refuse_arguments(class, &args)?;
                return self.allocate(class, args);
            }
            None => self.allocate(class, args.clone())?,
        };
        let is_own = match &made {
            Value::Instance(instance) => instance.class().is_subclass(class),
            Value::Class(_) => class.native.is_none() && class.inherits(&TYPE),
            _ => false,
        };
        if is_own {
            self.initialize(class, &made, args)?;
        }
        Ok(made)
    }

    /// Runs `__init__`.
    fn initialize(&self, class: &Rc<Class>, made: &Value, args: Args) -> PyResult<()> {
        let Some(init) = class.special("__init__") else {
            return Ok(());
        };
        let result = self.call_special(&init, made, args)?;
        if let Value::Instance(instance) = made {
            self.complete(class, instance)?;
        }
        match result {
            Value::None | Value::Unresolved(_) => Ok(()),
            other => Err(PyError::type_error(format!(
                "__init__() should return None, not '{}'",
                self.class_of(&other).name
            ))),
        }
    }

    /// An `__init__` that never called its native base's: the base value is made without arguments where that is possible.
    fn complete(&self, class: &Rc<Class>, instance: &Rc<Instance>) -> PyResult<()> {
        if instance.base_value().is_some() || class.inherits(&exceptions::BASE_EXCEPTION) {
            return Ok(());
        }
        let Some((_, new)) = native_new(class) else {
            return Ok(());
        };
        match new(self, class, Args::none()) {
            Ok(base) => instance.set_base_value(base),
            Err(error) if error.exception().is_some() => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// `object.__new__(class, ...)`, or the native constructor's part of it.
    pub(crate) fn allocate(&self, class: &Rc<Class>, args: Args) -> PyResult<Value> {
        let Some((native, new)) = native_new(class) else {
            if let Some(native) = class.native.filter(|native| native.new.is_none()) {
                return Err(PyError::type_error(format!(
                    "cannot create '{}' instances",
                    native.name
                )));
            }
            return Ok(Value::Instance(Rc::new(Instance::new(class.clone()))));
        };
        if class.native.is_some() || class.inherits(&TYPE) {
            return new(self, class, args);
        }
        let fixed = native.module == "builtins" && IMMUTABLE.contains(&native.name);
        let early = fixed || class.inherits(&exceptions::BASE_EXCEPTION);
        let has_init = matches!(class.special("__init__"), Some(Value::Function(_)));
        if has_init && !early && native.module != "builtins" {
            // `super().__init__(...)` will make the base value.
            return Ok(Value::Instance(Rc::new(Instance::new(class.clone()))));
        }
        let base = if has_init && !early {
            new(self, class, Args::none())?
        } else {
            new(self, class, args)?
        };
        if let Value::Instance(made) = &base
            && Rc::ptr_eq(&made.class(), class)
        {
            return Ok(base);
        }
        let instance = Instance::new(class.clone());
        instance.set_base_value(base);
        Ok(Value::Instance(Rc::new(instance)))
    }

    /// `NativeClass.__init__(instance, ...)`: makes, or fills, the base value.
    pub(crate) fn native_init(&self, receiver: &Value, args: Args) -> PyResult<Value> {
        let Value::Instance(instance) = receiver else {
            return Ok(Value::None);
        };
        let class = instance.class();
        let Some((native, new)) = native_new(&class) else {
            return Ok(Value::None);
        };
        if native.module == "builtins" && IMMUTABLE.contains(&native.name) {
            return Ok(Value::None);
        }
        let base = new(self, &class, args)?;
        match (instance.base_value(), &base) {
            (Some(Value::List(old)), Value::List(new)) => {
                let items = new.borrow().clone();
                *old.borrow_mut() = items;
            }
            (Some(Value::Dict(old)), Value::Dict(new)) => {
                let items = new.borrow().clone();
                *old.borrow_mut() = items;
            }
            (Some(Value::Set(old)), Value::Set(new)) => {
                let items = new.items.borrow().clone();
                *old.items.borrow_mut() = items;
            }
            _ => instance.set_base_value(base),
        }
        Ok(Value::None)
    }
}

/// A class with neither `__new__` nor `__init__` takes no arguments, unless what it is made of does.
fn refuse_arguments(class: &Rc<Class>, args: &Args) -> PyResult<()> {
    let takes_none = class.native_base().is_none() && class.unresolved.is_none();
    if takes_none && !(args.positional.is_empty() && args.keywords.is_empty()) {
        return Err(PyError::type_error(format!(
            "{}() takes no arguments",
            class.name
        )));
    }
    Ok(())
}

/// The native class in the resolution order that has a constructor, with it.
pub(crate) fn native_new(class: &Rc<Class>) -> Option<(&'static NativeClass, New)> {
    let order = std::iter::once(class).chain(&class.mro);
    let mut own_only = None;
    for candidate in order {
        if candidate.is_object() {
            continue;
        }
        if let Some(native) = candidate.native {
            own_only = own_only.or(Some(native));
            if let Some(new) = native.new {
                return Some((native, new));
            }
        }
    }
    // `object()` itself.
    match (class.is_object(), class.native) {
        (true, Some(native)) => native.new.map(|new| (native, new)),
        _ => None,
    }
}
