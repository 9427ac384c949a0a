//! What a bind can do: implemented by `runtime`, used wherever Python code executes a construct.

use std::rc::Rc;

use crate::db::Rows;
use crate::ddl::Statement;
use crate::dialect::Dialect;
use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::sa::question::Question;
use crate::schema::literal::Literal;

/// What [`Executor::hold`] opened.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// A transaction, where there was none.
    pub began: bool,
}

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
    /// Whether the catalogue can be asked: not in a `--sql` run, unless a catalogue in memory stands in.
    fn has_catalogue(&self) -> bool {
        !self.is_offline()
    }
    /// Opens what [`Executor::let_go`] keeps or takes back as a whole; `None` where the dialect's own transactions do that.
    fn hold(&self) -> PyResult<Option<Held>> {
        Ok(None)
    }
    /// Ends what [`Executor::hold`] opened; `failed` takes all of it back.
    fn let_go(&self, _held: Held, _failed: bool) -> PyResult<()> {
        Ok(())
    }
    /// `warnings.warn`: the category and a sentence.
    fn warn(&self, _vm: &Vm, _category: &'static str, _message: &str) {}
    /// Asks the catalogue.
    fn ask(&self, vm: &Vm, question: Question) -> PyResult<Vec<Vec<Literal>>> {
        Ok(self.query(vm, &Statement::Raw(question.sql()))?.rows)
    }
    /// The rows of a statement that reads nothing but the catalogue in memory, where there is one.
    fn catalogue_rows(&self, _vm: &Vm, _statement: &Statement) -> PyResult<Option<Rows>> {
        Ok(None)
    }
}
