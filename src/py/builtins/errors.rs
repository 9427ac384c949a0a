//! Shorthands for raising the built-in exceptions that [`PyError`] has no constructor for.

use crate::py::error::PyError;
use crate::py::error::PyResult;
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

/// The most items or bytes that one value may come to at once.
const LARGEST: usize = 1 << 28;

/// [`check_size`] for a list or tuple.
pub fn check_items(count: Option<usize>) -> PyResult<()> {
    check_size(count.and_then(|count| count.checked_mul(8)))
}

/// `MemoryError` for a value whose size the program chose and that would not fit.
pub fn check_size(size: Option<usize>) -> PyResult<()> {
    match size {
        Some(size) if size <= LARGEST => Ok(()),
        _ => Err(PyError::new(&crate::py::exceptions::MEMORY_ERROR, "")),
    }
}
