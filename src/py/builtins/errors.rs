//! Shorthands for raising the built-in exceptions that [`PyError`] has no constructor for.

use crate::py::error::PyError;
use crate::py::exceptions;

/// Raises `IndexError`.
pub fn index_error(message: impl AsRef<str>) -> PyError {
    PyError::new(&exceptions::INDEX_ERROR, message)
}

/// Raises `ZeroDivisionError`.
pub fn zero_division(message: impl AsRef<str>) -> PyError {
    PyError::new(&exceptions::ZERO_DIVISION_ERROR, message)
}

/// Raises `OverflowError`.
pub fn overflow(message: impl AsRef<str>) -> PyError {
    PyError::new(&exceptions::OVERFLOW_ERROR, message)
}

/// Raises `RuntimeError`.
pub fn runtime_error(message: impl AsRef<str>) -> PyError {
    PyError::new(&exceptions::RUNTIME_ERROR, message)
}

/// Raises `StopIteration`.
pub fn stop_iteration() -> PyError {
    PyError::with_args(
        &crate::py::class::Class::of(&exceptions::STOP_ITERATION),
        Vec::new(),
    )
}

/// `'x' object has no attribute 'y'`.
pub fn no_attribute(class: &str, name: &str) -> PyError {
    PyError::attribute_error(format!("'{class}' object has no attribute '{name}'"))
}
