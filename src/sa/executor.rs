//! What a bind can do: implemented by `runtime`, used wherever Python code executes a construct.

use std::rc::Rc;

use crate::db::Rows;
use crate::ddl::Statement;
use crate::dialect::Dialect;
use crate::py::error::PyResult;
use crate::py::vm::Vm;

/// The executing side of a connection (live or `--sql`).
pub trait Executor: std::fmt::Debug {
    /// The dialect with this run's settings.
    fn dialect(&self) -> Rc<dyn Dialect>;
    /// Whether statements are printed instead of sent (`as_sql`).
    fn is_offline(&self) -> bool;
    /// Whether statements are only compiled (the preflight): reading rows then stops the step.
    fn is_recording(&self) -> bool {
        false
    }
    /// Executes a statement whose rows nobody reads; it may be queued.
    fn run(&self, vm: &Vm, statement: &Statement) -> PyResult<()>;
    /// Executes a statement and returns its rows. Offline this is an error that says the database is needed.
    fn query(&self, vm: &Vm, statement: &Statement) -> PyResult<Rows>;
}
