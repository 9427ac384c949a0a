//! Where expressions meet types, columns and tables.

use std::rc::Rc;

use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::column::PyColumn;
use crate::sa::table::PyTable;
use crate::schema::expr::Expr;
use crate::schema::expr::from::From;
use crate::schema::expr::from::TableRef;
use crate::schema::types::SqlType;

/// The type that a value is.
pub fn sql_type(vm: &Vm, value: &Value) -> PyResult<SqlType> {
    crate::sa::types::sql_type(vm, value)
}

/// The expression that a `Column` is.
pub fn column(vm: &Vm, value: &Value) -> PyResult<Option<Expr>> {
    match value.native::<PyColumn>() {
        Some(column) => crate::sa::column::to_expr(vm, &column).map(Some),
        None => Ok(None),
    }
}

/// The table that a `Table` is.
pub fn table(vm: &Vm, value: &Value) -> PyResult<Option<Rc<TableRef>>> {
    let Some(table) = value.native::<PyTable>() else {
        return Ok(None);
    };
    match table.from_clause(vm)? {
        From::Table(found) => Ok(Some(found)),
        From::Alias(_)
        | From::Cte(_)
        | From::Join(_)
        | From::Text(_)
        | From::Function(_)
        | From::Values(_) => Ok(None),
    }
}

/// A type as Python sees it.
pub fn type_face(_vm: &Vm, sql_type: &SqlType) -> PyResult<Value> {
    let number = match sql_type {
        SqlType::UserDefined(user) => Some(user.instance),
        SqlType::Decorated(decorated) => Some(decorated.instance),
        _ => None,
    };
    let known = number.and_then(crate::sa::decorator::instance);
    Ok(known.unwrap_or_else(|| crate::sa::types::to_value(sql_type.clone())))
}
