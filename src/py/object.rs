//! The open door of [`Value`]: an object written in Rust, and the static tables that describe native classes.

use std::any::Any;
use std::fmt::Debug;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// The body of a native method: receives the instance (or, for class methods, the class) and the arguments.
pub type Method = fn(&Vm, &Value, Args) -> PyResult<Value>;

/// The constructor of a native class: receives the class that was called (it may be a Python subclass) and the arguments;
/// returns the base value (usually `Value::Native`). The evaluator wraps it in an `Instance` when the class is a Python subclass.
pub type New = fn(&Vm, &Rc<Class>, Args) -> PyResult<Value>;

/// The description of a class written in Rust. Always a `static`; [`Class::of`] gives its Python face.
pub struct NativeClass {
    /// The module the class says it is from, for instance `sqlalchemy.sql.schema`.
    pub module: &'static str,
    /// The bare name, for instance `Column`.
    pub name: &'static str,
    /// Base classes, for `isinstance` and method lookup.
    pub bases: &'static [&'static Self],
    /// The constructor; `None` uses the first base's (a class without any cannot be instantiated).
    pub new: Option<New>,
    /// Instance methods by name.
    pub methods: &'static [(&'static str, Method)],
    /// Class methods by name: the receiver is the class.
    pub class_methods: &'static [(&'static str, Method)],
    /// Class-level attributes made on first use.
    pub attributes: &'static [(&'static str, fn(&Vm) -> Value)],
}

impl NativeClass {
    /// A class with no constructor and no methods: a base for `static` struct-update syntax.
    pub const fn plain(
        module: &'static str,
        name: &'static str,
        bases: &'static [&'static Self],
    ) -> Self {
        Self {
            module,
            name,
            bases,
            new: None,
            methods: &[],
            class_methods: &[],
            attributes: &[],
        }
    }
}

impl Debug for NativeClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<class '{}.{}'>", self.module, self.name)
    }
}

/// Binary operators, comparisons included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `//`
    FloorDiv,
    /// `%`
    Mod,
    /// `**`
    Pow,
    /// `@`
    MatMul,
    /// `&`
    And,
    /// `|`
    Or,
    /// `^`
    Xor,
    /// `<<`
    LeftShift,
    /// `>>`
    RightShift,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// Unary operators other than `not` (which is [`Object::truth`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-x`
    Neg,
    /// `+x`
    Pos,
    /// `~x`
    Invert,
}

/// An object written in Rust. Every method but [`Object::class`] has a default that means "not supported"; `Ok(None)` lets the evaluator go on to the class's method
/// table and then raise Python's usual error. Methods in the class tables are found without the object's help.
///
/// Never hold a `RefCell` borrow across a call into the [`Vm`].
pub trait Object: Any + Debug {
    /// The class, for `type()`, `isinstance` and method lookup: usually `Class::of(&TABLE)`.
    fn class(&self) -> Rc<Class>;
    /// `self.name`, before the class is searched.
    fn get_attr(self: Rc<Self>, _vm: &Vm, _name: &str) -> PyResult<Option<Value>> {
        Ok(None)
    }
    /// What upstream keeps in the instance's own `__dict__`: it comes before what a Python subclass says.
    fn own_attr(&self, _name: &str) -> Option<Value> {
        None
    }
    /// `self.name = value`; `false` means the attribute cannot be set.
    fn set_attr(self: Rc<Self>, _vm: &Vm, _name: &str, _value: Value) -> PyResult<bool> {
        Ok(false)
    }
    /// `self[key]`.
    fn get_item(self: Rc<Self>, _vm: &Vm, _key: &Value) -> PyResult<Option<Value>> {
        Ok(None)
    }
    /// `self[key] = value`.
    fn set_item(self: Rc<Self>, _vm: &Vm, _key: &Value, _value: Value) -> PyResult<bool> {
        Ok(false)
    }
    /// `self op other`, or `other op self` when `reflected`. Comparisons are tried as `self op other` with the operator mirrored.
    fn binary(
        self: Rc<Self>,
        _vm: &Vm,
        _operator: BinaryOperator,
        _other: &Value,
        _reflected: bool,
    ) -> PyResult<Option<Value>> {
        Ok(None)
    }
    /// `-self`, `+self`, `~self`.
    fn unary(self: Rc<Self>, _vm: &Vm, _operator: UnaryOperator) -> PyResult<Option<Value>> {
        Ok(None)
    }
    /// `item in self`.
    fn contains(self: Rc<Self>, _vm: &Vm, _item: &Value) -> PyResult<Option<bool>> {
        Ok(None)
    }
    /// `iter(self)`: all items at once, or `None` when not iterable (see [`Object::next`] for iterators).
    fn iterate(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Vec<Value>>> {
        Ok(None)
    }
    /// Whether this object is its own iterator, stepped by [`Object::next`].
    fn is_iterator(&self) -> bool {
        false
    }
    /// `next(self)` of an iterator; `None` at the end.
    fn next(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Value>> {
        Ok(None)
    }
    /// `self(...)`; `None` when not callable.
    fn call(self: Rc<Self>, _vm: &Vm, _args: Args) -> PyResult<Option<Value>> {
        Ok(None)
    }
    /// `with self`: the value bound by `as`; `None` when not a context manager.
    fn enter(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Value>> {
        Ok(None)
    }
    /// The end of `with self`; `true` swallows the error.
    fn exit(self: Rc<Self>, _vm: &Vm, _error: Option<&PyError>) -> PyResult<bool> {
        Ok(false)
    }
    /// `await self`; `None` when not awaitable. (The evaluator runs coroutines to their end at once.)
    fn await_value(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Value>> {
        Ok(None)
    }
    /// `bool(self)`; `None` falls back to `len`, then to `True`.
    fn truth(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<bool>> {
        Ok(None)
    }
    /// `len(self)`.
    fn len(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<usize>> {
        Ok(None)
    }
    /// `repr(self)`.
    fn repr(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(None)
    }
    /// `str(self)`; `None` means the same as `repr`.
    fn str(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(None)
    }
    /// Equality and hash as a dictionary key: objects that answer the same text are the same key; `None` means identity.
    fn hash_key(&self) -> Option<String> {
        None
    }
    /// Descriptors: what reading this object out of a class gives, for an instance (or for the class itself: `None`). `Ok(None)`: it is no descriptor.
    fn bind(
        self: Rc<Self>,
        _vm: &Vm,
        _instance: Option<&Value>,
        _owner: &Rc<Class>,
    ) -> PyResult<Option<Value>> {
        Ok(None)
    }
    /// Descriptors: `instance.name = value` when this object is `name` in the class; `false`: no say.
    fn bind_set(
        self: Rc<Self>,
        _vm: &Vm,
        _name: &str,
        _instance: &Value,
        _value: Value,
    ) -> PyResult<bool> {
        Ok(false)
    }
    /// Descriptors: `del instance.name`; `false`: no say.
    fn bind_delete(self: Rc<Self>, _vm: &Vm, _name: &str, _instance: &Value) -> PyResult<bool> {
        Ok(false)
    }
    /// Whether [`Object::bind`] goes before the instance namespace.
    fn is_data_descriptor(&self) -> bool {
        false
    }
    /// `del self.name`; `false` means there is no such attribute.
    fn del_attr(self: Rc<Self>, _vm: &Vm, _name: &str) -> PyResult<bool> {
        Ok(false)
    }
    /// `del self[key]`; `false` means not supported.
    fn del_item(self: Rc<Self>, _vm: &Vm, _key: &Value) -> PyResult<bool> {
        Ok(false)
    }
    /// The names `dir()` lists.
    fn dir(&self) -> Vec<String> {
        Vec::new()
    }
}
