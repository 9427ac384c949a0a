//! Where expressions meet types, columns and tables.

use std::rc::Rc;

use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::schema::expr::Expr;
use crate::schema::expr::from::TableRef;
use crate::schema::types::SqlType;

/// The type that a value is.
pub fn sql_type(_vm: &Vm, _value: &Value) -> PyResult<SqlType> {
    Ok(SqlType::Null)
}

/// Whether a value is a type or a type class.
pub fn is_type(_value: &Value) -> bool {
    false
}

/// The expression that a `Column` is.
pub fn column(_vm: &Vm, _value: &Value) -> PyResult<Option<Expr>> {
    Ok(None)
}

/// The table that a `Table` is.
pub fn table(_vm: &Vm, _value: &Value) -> PyResult<Option<Rc<TableRef>>> {
    Ok(None)
}

/// A type as Python sees it.
pub fn type_face(_vm: &Vm, _sql_type: &SqlType) -> PyResult<Value> {
    Ok(Value::None)
}
