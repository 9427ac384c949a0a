//! `super()`.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::eval::construct::native_new;
use crate::py::eval::dispatch::native_of;
use crate::py::exceptions;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `super`.
pub(crate) static SUPER: NativeClass = NativeClass {
    new: Some(new),
    ..NativeClass::plain("builtins", "super", &[])
};

/// What `super()` gives: the attributes of the classes after `after`, bound to the receiver.
#[derive(Debug)]
struct Super {
    after: Rc<Class>,
    receiver: Value,
}

fn new(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let mut positional = args.positional.into_iter();
    let (after, receiver) = match (positional.next(), positional.next()) {
        (Some(Value::Class(after)), Some(receiver)) => (after, receiver),
        (None, None) => vm.implicit_super()?,
        (Some(Value::Unresolved(unresolved)), _) => return Ok(vm.derived(&unresolved, ".super()")),
        _ => return Err(PyError::type_error("super() argument 1 must be a type")),
    };
    Ok(Value::object(Super { after, receiver }))
}

impl Vm {
    /// The class and the first argument of the method being run.
    fn implicit_super(&self) -> PyResult<(Rc<Class>, Value)> {
        let error =
            |text: &str| PyError::new(&exceptions::RUNTIME_ERROR, format!("super(): {text}"));
        let frame = self.frame().ok_or_else(|| error("no current frame"))?;
        let class = frame
            .class_cell
            .as_ref()
            .and_then(|cell| cell.borrow().clone())
            .ok_or_else(|| error("__class__ cell not found"))?;
        let mut scope = frame.scope.clone();
        if frame.function.starts_with('<') {
            scope = scope.and_then(|scope| scope.parent.clone());
        }
        let receiver = scope
            .and_then(|scope| scope.get(0))
            .ok_or_else(|| error("no arguments"))?;
        Ok((class, receiver))
    }
}

impl Super {
    /// The class whose order is walked.
    fn start(&self, vm: &Vm) -> Rc<Class> {
        match &self.receiver {
            Value::Class(class) if class.is_subclass(&self.after) => class.clone(),
            other => vm.class_of(other),
        }
    }
}

impl Object for Super {
    fn class(&self) -> Rc<Class> {
        Class::of(&SUPER)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        let start = self.start(vm);
        let found = start.lookup_after(vm, &self.after, name);
        match name {
            "__new__" => {
                if let Some(function @ Value::Function(_)) = found {
                    return Ok(Some(function));
                }
                return Ok(Some(new_of()));
            }
            "__init__" => {
                let is_written = matches!(&found, Some(Value::Function(_)))
                    || native_init_in(&start, &self.after);
                if !is_written
                    && native_new(&start).is_some()
                    && !start.inherits(&crate::py::class::TYPE)
                {
                    let receiver = self.receiver.clone();
                    return Ok(Some(Value::builtin("__init__", move |vm, args| {
                        vm.native_init(&receiver, args)
                    })));
                }
            }
            _ => {}
        }
        if let Some(found) = found {
            let receiver = &self.receiver;
            return match receiver {
                // In a class method the receiver is the class itself.
                Value::Class(class) if class.is_subclass(&self.after) => match found {
                    Value::Function(_) | Value::Builtin(_)
                        if !matches!(name, "__init_subclass__" | "__class_getitem__") =>
                    {
                        Ok(Some(found))
                    }
                    Value::Function(_) => {
                        vm.bind_attribute(found, Some(receiver), &start).map(Some)
                    }
                    _ => vm.bind_attribute(found, None, class).map(Some),
                },
                _ => vm.bind_attribute(found, Some(receiver), &start).map(Some),
            };
        }
        if let Some(object) = native_of(&self.receiver)
            && let Some(found) = object.get_attr(vm, name)?
        {
            return Ok(Some(found));
        }
        if let Some(unresolved) = &start.unresolved {
            return Ok(Some(vm.derived(unresolved, &format!("().{name}"))));
        }
        Err(PyError::attribute_error(format!(
            "'super' object has no attribute '{name}'"
        )))
    }

    fn get_item(self: Rc<Self>, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        match &self.receiver {
            Value::Instance(instance) => instance
                .base_value()
                .map(|base| vm.get_item(&base, key))
                .transpose(),
            _ => Ok(None),
        }
    }
}

/// Whether a native table after `after`, other than `object`'s, has an `__init__` of its own.
fn native_init_in(start: &Rc<Class>, after: &Rc<Class>) -> bool {
    let mut order = std::iter::once(start).chain(&start.mro);
    order.by_ref().find(|class| Rc::ptr_eq(class, after));
    order
        .filter(|class| !class.is_object())
        .filter_map(|class| class.native)
        .any(|native| native.methods.iter().any(|(name, _)| *name == "__init__"))
}

/// `object.__new__` and its kin: the class is the first argument.
pub(crate) fn new_of() -> Value {
    Value::builtin("__new__", |vm, mut args| {
        if args.positional.is_empty() {
            return Err(PyError::type_error(
                "object.__new__(): not enough arguments",
            ));
        }
        match args.positional.remove(0) {
            Value::Class(class) => vm.allocate(&class, args),
            Value::Unresolved(unresolved) => Ok(vm.derived(&unresolved, "()")),
            other => Err(PyError::type_error(format!(
                "object.__new__(X): X is not a type object ({})",
                vm.class_of(&other).name
            ))),
        }
    })
}
