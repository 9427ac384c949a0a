//! Python functions as column defaults, called when a statement is executed. sqlalchemy/engine/default.py `_process_execute_defaults`.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::sa::expr::dml;
use crate::schema::expr::Expr;
use crate::schema::expr::from::Callable;
use crate::schema::expr::from::ColumnDefault;
use crate::schema::expr::from::From;
use crate::schema::expr::from::TableColumn;
use crate::schema::expr::from::TableRef;
use crate::schema::expr::query::Insert;
use crate::schema::expr::query::InsertRows;
use crate::schema::expr::query::SetKey;

/// Calls the functions for the columns that the statement gives no value.
pub fn fill(vm: &Vm, expr: &mut Expr) -> PyResult<()> {
    match expr {
        Expr::Insert(insert) => fill_insert(vm, insert),
        Expr::Update(update) => {
            let Some(From::Table(table)) = update.table.leaves().first().copied().cloned() else {
                return Ok(());
            };
            for (column, function) in functions(&table, |column| &column.onupdate) {
                let is_set = update.values.iter().flatten().any(|(key, _)| match key {
                    SetKey::Name(name) => *name == column.key,
                    SetKey::Expr(Expr::Column(set)) => set.key == column.key,
                    SetKey::Expr(_) => false,
                });
                if !is_set {
                    let value = call(vm, column, &function)?;
                    update
                        .values
                        .get_or_insert_default()
                        .push((SetKey::Name(column.key.clone()), value));
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The same for an INSERT. One that is executed without values has none: `column_keys` is empty, not absent.
pub fn fill_insert(vm: &Vm, insert: &mut Insert) -> PyResult<()> {
    let table: Rc<TableRef> = insert.table.clone();
    if matches!(insert.rows, InsertRows::Unset) {
        insert.rows = InsertRows::Values(vec![Vec::new()]);
    }
    for (column, function) in functions(&table, |column| &column.default) {
        if let InsertRows::Values(rows) = &mut insert.rows {
            for row in rows {
                if !row.iter().any(|(key, _)| *key == column.key) {
                    row.push((column.key.clone(), call(vm, column, &function)?));
                }
            }
        }
    }
    Ok(())
}

fn functions(
    table: &TableRef,
    choose: impl Fn(&TableColumn) -> &Option<ColumnDefault>,
) -> Vec<(&TableColumn, Callable)> {
    let columns = table.columns.iter();
    columns
        .filter_map(|column| match choose(column) {
            Some(ColumnDefault::Callable(function)) => Some((column, function.clone())),
            _ => None,
        })
        .collect()
}

/// `ColumnDefault._maybe_wrap_callable`: functions without parameters are called as they are.
fn call(vm: &Vm, column: &TableColumn, callable: &Callable) -> PyResult<Expr> {
    let Some(function) = callable.function.downcast_ref::<Value>() else {
        return Err(PyError::unsupported(format!(
            "`{}` as a column default",
            callable.name
        )));
    };
    if let Value::Unresolved(unresolved) = function {
        return Err(unresolved_error(unresolved, "as a column default"));
    }
    if let Value::Function(function) = function {
        let parameters = &function.def.parameters;
        let without_default = function
            .defaults
            .iter()
            .take(parameters.positional_only.len() + parameters.positional.len())
            .filter(|default| default.is_none());
        if without_default.count() > 0 {
            return Err(PyError::unsupported(format!(
                "the column default `{}`: it asks for the execution context",
                callable.name
            )));
        }
    }
    let value = vm.call(function, Args::none())?;
    dml::value_for(vm, &column.key, &column.sql_type, &value)
}
