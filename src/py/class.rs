//! Classes (of Python and of Rust, one kind) and instances.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::py::object::NativeClass;
use crate::py::value::Value;

/// A class. Native classes have `native`; classes written in Python may inherit from them.
#[derive(Debug)]
pub struct Class {
    /// The bare name.
    pub name: Rc<str>,
    /// The module it was defined in.
    pub module: Rc<str>,
    /// Direct bases.
    pub bases: Vec<Rc<Class>>,
    /// Method resolution order after the class itself.
    pub mro: Vec<Rc<Class>>,
    /// The class namespace, in definition order.
    pub dict: RefCell<IndexMap<Rc<str>, Value>>,
    /// The table, for a class written in Rust.
    pub native: Option<&'static NativeClass>,
}

impl Class {
    /// The Python face of a native class: the same `Rc` each time within a thread.
    pub fn of(_native: &'static NativeClass) -> Rc<Self> {
        todo!()
    }

    /// Whether this class is `other` or inherits from it.
    pub fn is_subclass(&self, _other: &Rc<Self>) -> bool {
        todo!()
    }

    /// Whether this class is, or inherits from, a native class.
    pub fn inherits(&self, _native: &'static NativeClass) -> bool {
        todo!()
    }

    /// The first native class in the resolution order, itself included.
    pub fn native_base(&self) -> Option<&'static NativeClass> {
        todo!()
    }

    /// Looks a name up along the resolution order, without binding it. Native method tables count.
    pub fn lookup(&self, _name: &str) -> Option<Value> {
        todo!()
    }
}

/// An instance of a class written in Python, or of an exception class.
#[derive(Debug)]
pub struct Instance {
    class: RefCell<Rc<Class>>,
    /// The instance namespace.
    pub dict: RefCell<IndexMap<Rc<str>, Value>>,
    /// The value behind an instance of a subclass of a built-in or native class (`class Color(str, Enum)`, `class MyType(TypeDecorator)`).
    base: RefCell<Option<Value>>,
}

impl Instance {
    /// A new instance with an empty namespace.
    pub fn new(class: Rc<Class>) -> Self {
        Self {
            class: RefCell::new(class),
            dict: RefCell::default(),
            base: RefCell::default(),
        }
    }

    /// Its class.
    pub fn class(&self) -> Rc<Class> {
        self.class.borrow().clone()
    }

    /// The value of the built-in or native base, if any.
    pub fn base_value(&self) -> Option<Value> {
        self.base.borrow().clone()
    }

    /// Sets the value of the built-in or native base.
    pub fn set_base_value(&self, value: Value) {
        *self.base.borrow_mut() = Some(value);
    }
}
