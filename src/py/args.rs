//! Call arguments, and binding them to a signature written in Python syntax.

use std::rc::Rc;

use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::signature::Signature;
use crate::py::value::Value;

/// The arguments of a call, as evaluated: positional ones in order, then keywords in order.
#[derive(Debug, Clone, Default)]
pub struct Args {
    /// Positional arguments.
    pub positional: Vec<Value>,
    /// Keyword arguments in the order written.
    pub keywords: Vec<(Rc<str>, Value)>,
}

impl Args {
    /// No arguments.
    pub fn none() -> Self {
        Self::default()
    }

    /// Only positional arguments.
    pub fn of(positional: Vec<Value>) -> Self {
        Self {
            positional,
            keywords: Vec::new(),
        }
    }

    /// Adds a keyword.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.keywords.push((Rc::from(name), value.into()));
        self
    }

    /// The keyword `name`, if given.
    pub fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords
            .iter()
            .find(|(key, _)| &**key == name)
            .map(|(_, value)| value)
    }

    /// Removes and returns the keyword `name`.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.keywords.iter().position(|(key, _)| &**key == name)?;
        Some(self.keywords.remove(at).1)
    }

    /// Binds to a signature in Python syntax, for instance `"(table_name, column, *, schema=None, **kw)"`. Defaults must be literals.
    /// `function` is the name CPython would show. Errors are CPython's `TypeError`s.
    pub fn bind(self, function: &str, signature: &'static str) -> PyResult<Bound> {
        Signature::parse(signature)?.bind(function, self)
    }
}

/// Arguments bound to parameters: every parameter has a value (its default where none was given).
#[derive(Debug, Clone)]
pub struct Bound {
    pub(crate) signature: Rc<Signature>,
    /// One per parameter; `None` where neither given nor defaulted cannot occur.
    pub(crate) values: Vec<Value>,
    /// Which parameters were given by the caller.
    pub(crate) given: Vec<bool>,
    /// What `*args` took.
    pub rest: Vec<Value>,
    /// What `**kw` took, in order.
    pub keywords: Vec<(Rc<str>, Value)>,
}

impl Bound {
    /// The value of a parameter. A name that is not in the signature gives `None` (the tests of each signature keep this from happening).
    pub fn get(&self, name: &str) -> Value {
        self.signature
            .position(name)
            .and_then(|at| self.values.get(at).cloned())
            .unwrap_or(Value::None)
    }

    /// The named parameters that the caller gave, with their values.
    pub fn named(&self) -> impl Iterator<Item = (Rc<str>, Value)> {
        let parameters = self
            .signature
            .parameters
            .iter()
            .map(|parameter| parameter.name.clone());
        parameters
            .zip(self.values.iter().cloned())
            .zip(&self.given)
            .filter(|(_, given)| **given)
            .map(|(pair, _)| pair)
    }

    /// Whether the caller gave this parameter.
    pub fn is_given(&self, name: &str) -> bool {
        self.signature
            .position(name)
            .is_some_and(|at| self.given.get(at).copied().unwrap_or(false))
    }

    /// The value of a parameter that must be a `str`.
    pub fn str(&self, name: &str) -> PyResult<Rc<str>> {
        self.get(name)
            .as_str()
            .ok_or_else(|| self.wrong(name, "str"))
    }

    /// The value of a parameter that must be a `str` or `None`.
    pub fn optional_str(&self, name: &str) -> PyResult<Option<Rc<str>>> {
        match self.get(name) {
            Value::None => Ok(None),
            other => other
                .as_str()
                .map(Some)
                .ok_or_else(|| self.wrong(name, "str")),
        }
    }

    /// The value of a parameter read as `bool` when it is a `bool` or `None` (`None` is `None`).
    pub fn optional_bool(&self, name: &str) -> PyResult<Option<bool>> {
        match self.get(name) {
            Value::None => Ok(None),
            Value::Bool(flag) => Ok(Some(flag)),
            Value::Int(number) => Ok(Some(number != 0)),
            Value::Str(text) => Ok(Some(!text.is_empty())),
            _ => Err(self.wrong(name, "bool")),
        }
    }

    /// Like [`Bound::optional_bool`]; `None` is `false`.
    pub fn bool(&self, name: &str) -> PyResult<bool> {
        Ok(self.optional_bool(name)?.unwrap_or(false))
    }

    /// The value of a parameter that must be an `int` of 64 bits or `None`.
    pub fn optional_int(&self, name: &str) -> PyResult<Option<i64>> {
        match self.get(name) {
            Value::None => Ok(None),
            Value::Int(number) => Ok(Some(number)),
            Value::Bool(flag) => Ok(Some(i64::from(flag))),
            _ => Err(self.wrong(name, "int")),
        }
    }

    /// The error for a parameter of the wrong kind: an unresolved value says where it is from.
    fn wrong(&self, name: &str, wanted: &str) -> PyError {
        match self.get(name) {
            Value::Unresolved(unresolved) => {
                crate::py::vm::unresolved_error(&unresolved, &format!("as the argument `{name}`"))
            }
            _ => PyError::type_error(format!("argument '{name}' must be {wanted}")),
        }
    }
}
