//! Errors that operations raise. alembic/util/exc.py.

use crate::py::error::PyError;
use crate::py::exceptions::EXCEPTION;
use crate::py::object::NativeClass;

/// `alembic.util.exc.CommandError`.
pub static COMMAND_ERROR: NativeClass =
    NativeClass::plain("alembic.util.exc", "CommandError", &[&EXCEPTION]);

/// Raises `CommandError`.
pub fn command_error(message: impl AsRef<str>) -> PyError {
    PyError::new(&COMMAND_ERROR, message)
}
