//! The evaluator's state and the operations on values that natives and the evaluator share.

use std::path::Path;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyErrorKind;
use crate::py::error::PyResult;
use crate::py::module::Importer;
use crate::py::module::Module;
use crate::py::module::NativeModule;
use crate::py::object::BinaryOperator;
use crate::py::object::NativeClass;
use crate::py::value::Unresolved;
use crate::py::value::Value;

/// A handle on one evaluator. Cloning shares the state (interior mutability throughout: no `&mut` anywhere).
#[derive(Clone)]
pub struct Vm(Rc<State>);

/// What a [`Vm`] holds.
struct State {}

/// Where the program stands: for `Located<Operation>` and messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file as shown.
    pub file: Rc<str>,
    /// 1-based line.
    pub line: u32,
}

impl Vm {
    /// A new evaluator with built-ins and the standard library; nothing of SQLAlchemy or Alembic.
    pub fn new() -> Self {
        todo!()
    }

    /// Adds native modules (`sqlalchemy…`, `alembic…`). They win over source.
    pub fn register(&self, _modules: &'static [NativeModule]) {
        todo!()
    }

    /// Sets who finds the source of other modules.
    pub fn set_importer(&self, _importer: Rc<dyn Importer>) {
        todo!()
    }

    /// Sets where `print` and `sys.stdout` go; the default drops everything.
    pub fn set_stdout(&self, _write: Rc<dyn Fn(&str)>) {
        todo!()
    }

    /// Imports a module as `import dotted` does and returns the module itself (not the top package).
    pub fn import(&self, _dotted: &str) -> PyResult<Value> {
        todo!()
    }

    /// Evaluates a file as a new module called `name`, put into `sys.modules` under that name. Strict: an error stops it.
    /// In `tolerant` mode statements that fail bind their targets to unresolved values and evaluation goes on.
    pub fn run_file(&self, _path: &Path, _name: &str, _tolerant: bool) -> PyResult<Rc<Module>> {
        todo!()
    }

    /// Evaluates a source text as a new module.
    pub fn run_source(&self, _source: &str, _file: &str, _name: &str) -> PyResult<Rc<Module>> {
        todo!()
    }

    /// The innermost Python frame: the line being evaluated.
    pub fn location(&self) -> Option<Location> {
        todo!()
    }

    /// Whether evaluation is inside a Python `try` (in the current call stack): statements must then not be deferred.
    pub fn in_try(&self) -> bool {
        todo!()
    }

    /// `callable(*args)`.
    pub fn call(&self, _callable: &Value, _args: Args) -> PyResult<Value> {
        todo!()
    }

    /// `receiver.name(*args)`.
    pub fn call_method(&self, _receiver: &Value, _name: &str, _args: Args) -> PyResult<Value> {
        todo!()
    }

    /// `getattr(value, name)`.
    pub fn get_attr(&self, _value: &Value, _name: &str) -> PyResult<Value> {
        todo!()
    }

    /// `getattr(value, name, None)`: `None` when the attribute is missing.
    pub fn find_attr(&self, _value: &Value, _name: &str) -> PyResult<Option<Value>> {
        todo!()
    }

    /// `setattr(value, name, new)`.
    pub fn set_attr(&self, _value: &Value, _name: &str, _new: Value) -> PyResult<()> {
        todo!()
    }

    /// `value[key]`.
    pub fn get_item(&self, _value: &Value, _key: &Value) -> PyResult<Value> {
        todo!()
    }

    /// `left op right`, with reflection.
    pub fn binary(
        &self,
        _operator: BinaryOperator,
        _left: &Value,
        _right: &Value,
    ) -> PyResult<Value> {
        todo!()
    }

    /// `bool(left == right)`.
    pub fn equal(&self, _left: &Value, _right: &Value) -> PyResult<bool> {
        todo!()
    }

    /// `bool(value)`; an unresolved value is an error.
    pub fn truth(&self, _value: &Value) -> PyResult<bool> {
        todo!()
    }

    /// `list(value)` as a Rust vector.
    pub fn collect(&self, _value: &Value) -> PyResult<Vec<Value>> {
        todo!()
    }

    /// `repr(value)`.
    pub fn repr(&self, _value: &Value) -> PyResult<String> {
        todo!()
    }

    /// `str(value)`.
    pub fn str(&self, _value: &Value) -> PyResult<String> {
        todo!()
    }

    /// `type(value)`.
    pub fn class_of(&self, _value: &Value) -> Rc<Class> {
        todo!()
    }

    /// `isinstance(value, class)` for a native class.
    pub fn is_instance(&self, _value: &Value, _class: &'static NativeClass) -> bool {
        todo!()
    }

    /// Runs a coroutine, an awaitable or a plain value to its result: `asyncio.run`, `await`.
    pub fn await_value(&self, _value: &Value) -> PyResult<Value> {
        todo!()
    }

    /// The traceback and message of an error in CPython's format, several lines, no trailing newline.
    pub fn format_error(&self, _error: &PyError) -> String {
        todo!()
    }
}

/// The error for an unresolved value that would shape `role` (for instance "as a table name").
pub fn unresolved_error(unresolved: &Unresolved, role: &str) -> PyError {
    let place = unresolved
        .place
        .as_ref()
        .map(|(file, line)| format!(" ({file}:{line})"))
        .unwrap_or_default();
    PyError::from_kind(PyErrorKind::Unsupported {
        what: format!(
            "`{}` is needed {role}, but could not be evaluated{place}: {}",
            unresolved.name, unresolved.reason
        ),
        hint: None,
    })
}
