//! A `Table` as the FROM element of a query.

use std::rc::Rc;

use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::sa::clause;
use crate::sa::column::PyColumn;
use crate::sa::constraint::Target;
use crate::sa::table::PyTable;
use crate::schema::expr::from::ColumnDefault;
use crate::schema::expr::from::From;
use crate::schema::expr::from::TableColumn;
use crate::schema::expr::from::TableRef;
use crate::schema::expr::from::new_id;

/// The FROM element.
pub fn table_ref(vm: &Vm, table: &Rc<PyTable>) -> PyResult<From> {
    let mut columns = Vec::new();
    for column in table.column_list() {
        columns.push(table_column(vm, table, &column)?);
    }
    Ok(From::Table(Rc::new(TableRef {
        id: new_id(),
        name: table.name.clone(),
        columns,
        is_table: true,
        entity: None,
    })))
}

/// A column as queries need it.
fn table_column(vm: &Vm, table: &Rc<PyTable>, column: &Rc<PyColumn>) -> PyResult<TableColumn> {
    let data = column.data.borrow().clone();
    let mut made = TableColumn::new(data.name.clone().unwrap_or_default(), column.sql_type(vm)?);
    made.key = column.key();
    made.primary_key = crate::sa::assemble::primary_key_columns(table)
        .iter()
        .any(|key| Rc::ptr_eq(key, column));
    made.default = client_side(vm, &data.default_value)?;
    made.onupdate = client_side(vm, &data.onupdate)?;
    made.has_server_default = data.server_default.is_some();
    for key in &data.foreign_keys {
        if let Target::Spec(spec) = &key.target {
            let mut parts: Vec<&str> = spec.split('.').collect();
            let column = parts.pop().unwrap_or_default().to_owned();
            let referred = parts.pop().unwrap_or_default().to_owned();
            let schema = (!parts.is_empty()).then(|| parts.join("."));
            made.references.push((schema, referred, column));
        }
    }
    Ok(made)
}

/// `default=`, `onupdate=`.
fn client_side(vm: &Vm, value: &crate::py::value::Value) -> PyResult<Option<ColumnDefault>> {
    use crate::py::value::Value;
    let argument = match value.native::<crate::sa::default::PyColumnDefault>() {
        Some(wrapped) => wrapped.argument.clone(),
        None => value.clone(),
    };
    Ok(match &argument {
        Value::None => None,
        Value::Function(function) => Some(ColumnDefault::Callable(function.name().to_owned())),
        Value::Builtin(_) | Value::Method(_) | Value::Class(_) => {
            Some(ColumnDefault::Callable(vm.repr(&argument)?.to_string()))
        }
        Value::Unresolved(unresolved) => Some(ColumnDefault::Callable(unresolved.name.clone())),
        other => match clause::expr(vm, other) {
            Ok(expr) => Some(ColumnDefault::Expr(expr)),
            Err(_) => Some(ColumnDefault::Expr(crate::sa::expr::coerce::element(
                vm, other,
            )?)),
        },
    })
}
