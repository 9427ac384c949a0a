//! References to instances that do not keep them alive: what the identity map holds. sqlalchemy/orm/identity.py WeakInstanceDict.

use std::rc::Rc;
use std::rc::Weak;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::class::Instance;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

static WEAK: NativeClass = NativeClass::plain("weakref", "ReferenceType", &[]);

/// A weak reference; called, it gives the instance or `None`.
#[derive(Debug)]
pub struct WeakInstance {
    target: Weak<Instance>,
}

impl WeakInstance {
    /// A reference to this instance.
    pub fn of(instance: &Rc<Instance>) -> Self {
        Self {
            target: Rc::downgrade(instance),
        }
    }
}

impl Object for WeakInstance {
    fn class(&self) -> Rc<Class> {
        Class::of(&WEAK)
    }

    fn call(self: Rc<Self>, _vm: &Vm, _args: Args) -> PyResult<Option<Value>> {
        Ok(Some(
            self.target.upgrade().map_or(Value::None, Value::Instance),
        ))
    }
}
