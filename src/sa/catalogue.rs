//! What `checkfirst` asks the database. sqlalchemy/dialects/postgresql/base.py `has_table`, `has_sequence`.

use std::rc::Rc;

use crate::ddl::Statement;
use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::sa::executor::Executor;

/// Whether `pg_class` has the relation, of one of these kinds. Offline nothing is known to exist.
pub fn has_relation(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    schema: Option<&str>,
    name: &str,
    kinds: &str,
) -> PyResult<bool> {
    if executor.is_offline() {
        return Ok(false);
    }
    let text = |text: &str| text.replace('\'', "''");
    let place = match schema {
        Some(schema) => format!("pg_catalog.pg_namespace.nspname = '{}'", text(schema)),
        None => "pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != 'pg_catalog'".to_owned(),
    };
    let sql = format!(
        "SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relname = '{}' AND pg_catalog.pg_class.relkind = ANY (ARRAY[{kinds}]) AND {place}",
        text(name)
    );
    Ok(!executor.query(vm, &Statement::Raw(sql))?.rows.is_empty())
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
