//! The values a Python program handles: a closed core of built-in kinds and one open door, `Native`.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use num_bigint::BigInt;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::class::Instance;
use crate::py::dict::Dict;
use crate::py::error::PyResult;
use crate::py::function::Function;
use crate::py::module::Module;
use crate::py::object::Object;
use crate::py::vm::Vm;

/// Names and their values, in the order of definition.
pub type Namespace = indexmap::IndexMap<Rc<str>, Value, rustc_hash::FxBuildHasher>;

/// A Python value. Cloning is cheap: everything large is behind an `Rc`.
#[derive(Clone)]
pub enum Value {
    /// `None`.
    None,
    /// `NotImplemented`, as binary dunder methods return it.
    NotImplemented,
    /// `...`.
    Ellipsis,
    /// `True` and `False`.
    Bool(bool),
    /// An `int` that fits 64 bits.
    Int(i64),
    /// An `int` that does not fit 64 bits (always normalised: see [`Value::int`]).
    BigInt(Rc<BigInt>),
    /// A `float`.
    Float(f64),
    /// A `str`.
    Str(Rc<str>),
    /// A `bytes`.
    Bytes(Rc<[u8]>),
    /// A `tuple`.
    Tuple(Rc<[Self]>),
    /// A `list`.
    List(Rc<RefCell<Vec<Self>>>),
    /// A `dict`.
    Dict(Rc<RefCell<Dict>>),
    /// A `set` or a `frozenset`.
    Set(Rc<SetValue>),
    /// A function written in Python.
    Function(Rc<Function>),
    /// A function written in Rust.
    Builtin(Rc<Builtin>),
    /// A function (either kind) bound to its first argument.
    Method(Rc<Method>),
    /// A class: built in, native or written in Python.
    Class(Rc<Class>),
    /// An instance of a class written in Python (it may wrap a built-in or native base value), or of an exception class.
    Instance(Rc<Instance>),
    /// A module.
    Module(Rc<Module>),
    /// An object written in Rust.
    Native(Rc<dyn Object>),
    /// A name that could not be evaluated: it may be passed on, never used (see [`Unresolved`]).
    Unresolved(Rc<Unresolved>),
}

/// A `set` (`frozen: false`) or `frozenset`; members are the keys.
pub struct SetValue {
    /// Whether this is a `frozenset`.
    pub frozen: bool,
    /// The members, in insertion order; the values are `None`.
    pub items: RefCell<Dict>,
}

/// A function written in Rust.
pub struct Builtin {
    /// The name shown in error messages and `repr`.
    pub name: Rc<str>,
    /// The body.
    pub body: Box<dyn Fn(&Vm, Args) -> PyResult<Value>>,
}

/// A bound method.
pub struct Method {
    /// The function: `Function`, `Builtin` or any callable.
    pub function: Value,
    /// What is passed as its first argument.
    pub receiver: Value,
}

/// Stands for a value that aludel could not evaluate (an import it does not model, an application's own code).
/// Reading an attribute, calling or subscripting gives another one; using it for SQL, a branch or an output is an error that shows all of this.
#[derive(Debug, Clone)]
pub struct Unresolved {
    /// The dotted name, for instance `app.models.User`.
    pub name: String,
    /// Why it could not be evaluated.
    pub reason: String,
    /// Where it came into being: file and line.
    pub place: Option<(Rc<str>, u32)>,
}

impl Value {
    /// Makes a `str`.
    pub fn str(text: impl AsRef<str>) -> Self {
        Self::Str(Rc::from(text.as_ref()))
    }

    /// Makes an `int`, small if it fits.
    pub fn int(number: impl Into<BigInt>) -> Self {
        let number = number.into();
        i64::try_from(&number).map_or_else(|_| Self::BigInt(Rc::new(number)), Self::Int)
    }

    /// Makes a `list`.
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(RefCell::new(items)))
    }

    /// Makes a `tuple`.
    pub fn tuple(items: Vec<Self>) -> Self {
        Self::Tuple(Rc::from(items))
    }

    /// Makes a `dict`.
    pub fn dict(items: Dict) -> Self {
        Self::Dict(Rc::new(RefCell::new(items)))
    }

    /// Makes a native function.
    pub fn builtin(name: &str, body: impl Fn(&Vm, Args) -> PyResult<Self> + 'static) -> Self {
        Self::Builtin(Rc::new(Builtin {
            name: Rc::from(name),
            body: Box::new(body),
        }))
    }

    /// Wraps a native object.
    pub fn object<T: Object>(object: T) -> Self {
        Self::Native(Rc::new(object))
    }

    /// The native object of type `T` that this value is, or (for an instance of a Python class that inherits from a native one) wraps.
    pub fn native<T: Object>(&self) -> Option<Rc<T>> {
        match self {
            Self::Native(object) => {
                let any: Rc<dyn std::any::Any> = object.clone();
                any.downcast::<T>().ok()
            }
            Self::Instance(instance) => instance.base_value().and_then(|base| base.native::<T>()),
            _ => None,
        }
    }

    /// The text of a `str` (or of an instance of a `str` subclass).
    pub fn as_str(&self) -> Option<Rc<str>> {
        match self {
            Self::Str(text) => Some(text.clone()),
            Self::Instance(instance) => instance.base_value().and_then(|base| base.as_str()),
            _ => None,
        }
    }

    /// Whether this is `None`.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::str(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::str(text)
    }
}

impl From<Rc<str>> for Value {
    fn from(text: Rc<str>) -> Self {
        Self::Str(text)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::NotImplemented => f.write_str("NotImplemented"),
            Self::Ellipsis => f.write_str("Ellipsis"),
            Self::Bool(flag) => f.write_str(if *flag { "True" } else { "False" }),
            Self::Int(number) => write!(f, "{number}"),
            Self::BigInt(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::Str(text) => write!(f, "{text:?}"),
            Self::Bytes(bytes) => write!(f, "b{bytes:?}"),
            Self::Tuple(items) => write!(f, "Tuple{items:?}"),
            Self::List(_) => f.write_str("List"),
            Self::Dict(_) => f.write_str("Dict"),
            Self::Set(_) => f.write_str("Set"),
            Self::Function(function) => write!(f, "Function({})", function.name()),
            Self::Builtin(builtin) => write!(f, "Builtin({})", builtin.name),
            Self::Method(_) => f.write_str("Method"),
            Self::Class(class) => write!(f, "Class({})", class.name),
            Self::Instance(instance) => write!(f, "Instance({})", instance.class().name),
            Self::Module(module) => write!(f, "Module({})", module.name),
            Self::Native(object) => write!(f, "{object:?}"),
            Self::Unresolved(unresolved) => write!(f, "Unresolved({})", unresolved.name),
        }
    }
}
