//! What `checkfirst` asks the database. sqlalchemy/dialects/postgresql/base.py `has_table`, `has_sequence`.

use std::rc::Rc;

use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::sa::executor::Executor;
use crate::sa::question::Question;

/// Whether `pg_class` has the relation, of one of these kinds. Offline nothing is known to exist.
pub fn has_relation(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    schema: Option<&str>,
    name: &str,
    kinds: &str,
) -> PyResult<bool> {
    if !executor.has_catalogue() {
        return Ok(false);
    }
    let question = Question::HasRelation {
        kinds,
        schema,
        name,
    };
    Ok(!executor.ask(vm, question)?.is_empty())
}

/// Whether there is such a table or view.
pub fn has_table(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    schema: Option<&str>,
    name: &str,
) -> PyResult<bool> {
    has_relation(vm, executor, schema, name, "'r', 'p', 'f', 'v', 'm'")
}
