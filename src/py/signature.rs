//! Signatures written in Python syntax, parsed once and bound with CPython's error texts.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::error::PyResult;

/// A parsed signature.
#[derive(Debug)]
pub struct Signature {}

impl Signature {
    /// Parses (once per text) something like `"(a, b=None, *args, c, **kw)"`.
    pub fn parse(_text: &'static str) -> PyResult<Rc<Self>> {
        todo!()
    }

    /// The position of a named parameter among [`Bound`]'s values.
    pub fn position(&self, _name: &str) -> Option<usize> {
        todo!()
    }

    /// Binds arguments; `function` names it in errors.
    pub fn bind(self: &Rc<Self>, _function: &str, _args: Args) -> PyResult<Bound> {
        todo!()
    }
}
