//! Functions written in Python.

use std::rc::Rc;

/// A function or lambda, with its closure.
#[derive(Debug)]
pub struct Function {
    name: Rc<str>,
}

impl Function {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}
