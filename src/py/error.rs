//! Errors while evaluating Python: an exception value, or one of the outcomes that user code must not catch; with the traceback gathered on the way up.

use std::rc::Rc;

use crate::py::class::Class;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// The result of evaluating something.
pub type PyResult<T> = Result<T, PyError>;

/// One level of a traceback, outermost first when printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracebackFrame {
    /// The file as it is shown.
    pub file: Rc<str>,
    /// 1-based line.
    pub line: u32,
    /// Function name, or `<module>`.
    pub function: Rc<str>,
    /// The source line, trimmed, when known.
    pub source: Option<String>,
}

/// What went wrong.
#[derive(Debug)]
pub enum PyErrorKind {
    /// A Python exception (an instance of a class below `BaseException`); user code may catch it.
    Exception(Value),
    /// Something aludel does not do, or an unresolved value used where it matters. User code never sees it.
    Unsupported {
        /// What is not supported, one sentence.
        what: String,
        /// What the user can do.
        hint: Option<String>,
        /// Whether it ends the run even where other failures only leave names unresolved: an effect that would be lost.
        is_final: bool,
    },
    /// `sys.exit(code)` reached the top as `SystemExit` does: see [`PyErrorKind::Exception`]; this variant carries an error of an outer layer through Python code
    /// unchanged (a database error, a command error). User code never sees it.
    Foreign(Box<dyn std::error::Error>),
}

/// An error with its traceback. One pointer wide.
#[derive(Debug)]
pub struct PyError(pub(crate) Box<Inner>);

/// The contents of a [`PyError`].
#[derive(Debug)]
pub struct Inner {
    pub(crate) kind: PyErrorKind,
    /// Innermost first: each level is pushed as the error climbs.
    pub(crate) frames: Vec<TracebackFrame>,
    /// The frame whose level was pushed last: it is not pushed twice.
    pub(crate) recorded: Option<usize>,
}

impl PyError {
    /// Wraps a kind, with no traceback yet.
    pub fn from_kind(kind: PyErrorKind) -> Self {
        Self(Box::new(Inner {
            kind,
            frames: Vec::new(),
            recorded: None,
        }))
    }

    /// Raises an instance of a native exception class with one message argument.
    pub fn new(class: &'static NativeClass, message: impl AsRef<str>) -> Self {
        Self::with_args(&Class::of(class), vec![Value::str(message)])
    }

    /// Raises an instance of an exception class with these arguments.
    pub fn with_args(class: &Rc<Class>, args: Vec<Value>) -> Self {
        Self::from_kind(PyErrorKind::Exception(crate::py::exceptions::instance(
            class, args,
        )))
    }

    /// Raises `TypeError`.
    pub fn type_error(message: impl AsRef<str>) -> Self {
        Self::new(&crate::py::exceptions::TYPE_ERROR, message)
    }

    /// Raises `ValueError`.
    pub fn value_error(message: impl AsRef<str>) -> Self {
        Self::new(&crate::py::exceptions::VALUE_ERROR, message)
    }

    /// Raises `AttributeError`.
    pub fn attribute_error(message: impl AsRef<str>) -> Self {
        Self::new(&crate::py::exceptions::ATTRIBUTE_ERROR, message)
    }

    /// Raises `KeyError`.
    pub fn key_error(key: Value) -> Self {
        Self::with_args(&Class::of(&crate::py::exceptions::KEY_ERROR), vec![key])
    }

    /// Raises `NotImplementedError`.
    pub fn not_implemented(message: impl AsRef<str>) -> Self {
        Self::new(&crate::py::exceptions::NOT_IMPLEMENTED_ERROR, message)
    }

    /// Says that aludel does not do this.
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self::from_kind(PyErrorKind::Unsupported {
            what: what.into(),
            hint: None,
            is_final: false,
        })
    }

    /// An effect that aludel does not have, and that nothing may pass over.
    pub fn lost_effect(what: impl Into<String>) -> Self {
        Self::from_kind(PyErrorKind::Unsupported {
            what: what.into(),
            hint: None,
            is_final: true,
        })
    }

    /// Whether it ends the run wherever it comes up.
    pub fn is_final(&self) -> bool {
        matches!(
            self.kind(),
            PyErrorKind::Foreign(_) | PyErrorKind::Unsupported { is_final: true, .. }
        )
    }

    /// Carries an error of an outer layer through Python code.
    pub fn foreign(error: impl std::error::Error + 'static) -> Self {
        Self::from_kind(PyErrorKind::Foreign(Box::new(error)))
    }

    /// The kind.
    pub fn kind(&self) -> &PyErrorKind {
        &self.0.kind
    }

    /// Takes the kind out, dropping the traceback.
    pub fn into_kind(self) -> PyErrorKind {
        self.0.kind
    }

    /// The levels of the traceback, innermost first.
    pub fn frames(&self) -> &[TracebackFrame] {
        &self.0.frames
    }

    /// The exception value, when this is a Python exception.
    pub fn exception(&self) -> Option<&Value> {
        match &self.0.kind {
            PyErrorKind::Exception(value) => Some(value),
            PyErrorKind::Unsupported { .. } | PyErrorKind::Foreign(_) => None,
        }
    }

    /// Whether this is a Python exception that is an instance of `class`.
    pub fn matches(&self, class: &'static NativeClass) -> bool {
        match &self.0.kind {
            PyErrorKind::Exception(Value::Instance(instance)) => {
                instance.class().is_subclass(&Class::of(class))
            }
            _ => false,
        }
    }

    /// One line: `ExceptionType: message`, or what is not supported.
    pub fn summary(&self, vm: &Vm) -> String {
        match &self.0.kind {
            PyErrorKind::Exception(value) => crate::py::exceptions::summary(vm, value),
            PyErrorKind::Unsupported { what, .. } => what.clone(),
            PyErrorKind::Foreign(error) => error.to_string(),
        }
    }
}
