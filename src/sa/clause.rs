//! Where the schema items meet the expression slice: one door for "this Python value as an expression", operators on
//! columns, binds, and the dialect of the run.

use std::cell::RefCell;
use std::rc::Rc;

use crate::dialect::Dialect;
use crate::dialect::Settings;
use crate::dialect::by_name;
use crate::dialect::postgresql::Postgresql;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::executor::Executor;
use crate::schema::expr::Expr;

thread_local! {
    /// The dialect that types and schema items are asked for when Python gives none: the one of the run.
    static DIALECT: RefCell<Option<Rc<dyn Dialect>>> = const { RefCell::new(None) };
}

/// Sets the dialect of the run.
pub fn set_default_dialect(dialect: Rc<dyn Dialect>) {
    DIALECT.with(|current| *current.borrow_mut() = Some(dialect));
}

/// The dialect of the run; PostgreSQL before one is known.
pub fn default_dialect() -> Rc<dyn Dialect> {
    DIALECT.with(|current| {
        current.borrow().clone().unwrap_or_else(|| {
            by_name("postgresql", Settings::default()).unwrap_or_else(|| Rc::new(Postgresql::new(Settings::default())))
        })
    })
}
