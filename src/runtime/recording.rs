//! The sink of the preflight: statements are compiled, so that everything unsupported shows itself, and nothing is sent.
//! A read stops the step: from there on the preflight is blind.

use std::cell::Cell;
use std::rc::Rc;

use crate::db::Rows;
use crate::ddl::Statement;
use crate::dialect::Dialect;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::executor::Executor;

/// The outcome of a step that reads the database: not an error, but the end of what the preflight can see of it.
#[derive(Debug, thiserror::Error)]
#[error("the database is read here")]
pub struct NeedsDatabase;

/// Compiles and drops.
#[derive(Debug)]
pub struct Recording {
    dialect: Rc<dyn Dialect>,
    statements: Cell<usize>,
}

impl Recording {
    /// Compiles for this dialect.
    pub fn new(dialect: Rc<dyn Dialect>) -> Self {
        Self {
            dialect,
            statements: Cell::new(0),
        }
    }

    /// How many statements were recorded.
    pub fn count(&self) -> usize {
        self.statements.get()
    }
}

impl Executor for Recording {
    fn dialect(&self) -> Rc<dyn Dialect> {
        self.dialect.clone()
    }

    fn is_offline(&self) -> bool {
        false
    }

    fn is_recording(&self) -> bool {
        true
    }

    fn run(&self, _vm: &Vm, statement: &Statement) -> PyResult<()> {
        crate::sa::compiles::refuse_rendered(statement)?;
        self.dialect
            .compile(statement)
            .map_err(|error| exc::from_compile_error(&error))?;
        self.statements.set(self.statements.get() + 1);
        Ok(())
    }

    fn query(&self, vm: &Vm, statement: &Statement) -> PyResult<Rows> {
        crate::sa::compiles::refuse_rendered(statement)?;
        self.run(vm, statement)?;
        Err(PyError::foreign(NeedsDatabase))
    }
}
