//! From Python values to expressions. sqlalchemy/sql/coercions.py.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::sa::exc;
use crate::sa::expr::PyExpr;
use crate::sa::expr::bridge;
use crate::sa::expr::comparator;
use crate::sa::expr::from::PyFrom;
use crate::sa::expr::from_of;
use crate::sa::expr::literal::literal_of;
use crate::sa::expr::literal::to_value;
use crate::sa::expr::wrap;
use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::expr::infer::type_of_value;
use crate::schema::types::SqlType;

/// The expression that a value is; `None` for plain Python values.
pub fn find(vm: &Vm, value: &Value) -> PyResult<Option<Expr>> {
    if let Some(object) = value.native::<PyExpr>() {
        return Ok(Some(object.expr.clone()));
    }
    if let Some(object) = value.native::<PyFrom>() {
        return Ok(Some(Expr::From(Box::new(object.from.clone()))));
    }
    if let Value::Unresolved(unresolved) = value {
        return Err(unresolved_error(unresolved, "in an SQL expression"));
    }
    if let Some(column) = bridge::column(vm, value)? {
        return Ok(Some(column));
    }
    if !matches!(
        value,
        Value::Native(_) | Value::Instance(_) | Value::Class(_)
    ) {
        return Ok(None);
    }
    if let Some(from) = from_of(vm, value)? {
        return Ok(Some(Expr::From(Box::new(from))));
    }
    if matches!(value, Value::Class(_)) {
        return Ok(None);
    }
    match vm.find_attr(value, "__clause_element__")? {
        Some(method) if !matches!(method, Value::Unresolved(_)) => {
            let inner = vm.call(&method, Args::none())?;
            match inner.native::<PyExpr>() {
                Some(object) => Ok(Some(object.expr.clone())),
                None => bridge::column(vm, &inner),
            }
        }
        _ => Ok(None),
    }
}

/// A value that must be an expression (SELECTs become scalar subqueries).
pub fn from_value(vm: &Vm, value: &Value) -> PyResult<Expr> {
    match find(vm, value)? {
        Some(Expr::Query(query)) => Ok(Expr::ScalarSubquery(query)),
        Some(expr) => Ok(expr),
        None => Err(exc::upstream(
            "ArgumentError",
            &format!(
                "SQL expression element or literal value expected, got {}.",
                vm.repr(value)?
            ),
        )),
    }
}

/// Any value as an expression: plain Python values become binds named `param_1`.
pub fn element(vm: &Vm, value: &Value) -> PyResult<Expr> {
    named_element(vm, value, "param", None)
}

/// Any value as an expression: plain Python values become binds of this name.
pub fn named_element(
    vm: &Vm,
    value: &Value,
    name: &str,
    sql_type: Option<&SqlType>,
) -> PyResult<Expr> {
    match find(vm, value)? {
        Some(Expr::Query(query)) => Ok(Expr::ScalarSubquery(query)),
        Some(expr) => Ok(expr),
        None if value.is_none() && sql_type.is_none() => Ok(Expr::Null),
        None => {
            let wanted = sql_type.cloned().unwrap_or(SqlType::Null);
            let literal = literal_of(vm, value, &wanted)?;
            let sql_type = if wanted == SqlType::Null {
                type_of_value(&literal)
            } else {
                wanted
            };
            Ok(Expr::Bind(Box::new(Bind::anonymous(
                name, literal, sql_type,
            ))))
        }
    }
}

/// The other side of an operator: plain values take the type of this side.
pub fn operand(vm: &Vm, beside: &Expr, value: &Value) -> PyResult<Expr> {
    match find(vm, value)? {
        Some(Expr::Query(query)) => Ok(Expr::ScalarSubquery(query)),
        Some(Expr::Bind(bind))
            if bind.sql_type == SqlType::Null
                && bind
                    .value
                    .as_ref()
                    .is_none_or(|value| type_of_value(value) == SqlType::Null) =>
        {
            let sql_type = beside.sql_type();
            Ok(Expr::Bind(Box::new(Bind { sql_type, ..*bind })))
        }
        Some(expr) => Ok(expr),
        None if value.is_none() => Ok(Expr::Null),
        None => {
            let literal = literal_of(vm, value, &beside.sql_type())?;
            Ok(beside.bind_beside(literal))
        }
    }
}

/// The same for comparisons, where `True` and `False` are SQL constants.
pub fn comparand(vm: &Vm, beside: &Expr, value: &Value) -> PyResult<Expr> {
    match value {
        Value::Bool(true) => Ok(Expr::True),
        Value::Bool(false) => Ok(Expr::False),
        other => operand(vm, beside, other),
    }
}

/// A condition: text must be `sa.text`, Python booleans become constants.
pub fn condition(vm: &Vm, value: &Value) -> PyResult<Expr> {
    match value {
        Value::Bool(true) => return Ok(Expr::True),
        Value::Bool(false) => return Ok(Expr::False),
        Value::None => return Ok(Expr::Null),
        _ => {}
    }
    match find(vm, value)? {
        Some(Expr::Query(query)) => Ok(Expr::ScalarSubquery(query)),
        Some(expr) => Ok(expr),
        None => match value.as_str() {
            Some(text) => Err(exc::upstream(
                "ArgumentError",
                &format!(
                    "Textual SQL expression {} should be explicitly declared as text({})",
                    python(&text),
                    python(&text)
                ),
            )),
            None => Err(exc::upstream(
                "ArgumentError",
                &format!(
                    "SQL expression for WHERE/HAVING role expected, got {}.",
                    vm.repr(value)?
                ),
            )),
        },
    }
}

fn python(text: &str) -> String {
    crate::dialect::ident::python_repr(text)
}

/// Something in ORDER BY, GROUP BY: strings name selected columns or labels.
pub fn by(vm: &Vm, value: &Value) -> PyResult<Expr> {
    match value.as_str() {
        Some(text) => Ok(Expr::LabelReference(text.to_string())),
        None => from_value(vm, value),
    }
}

/// Values one by one or in one list.
pub fn flatten(vm: &Vm, values: &[Value]) -> PyResult<Vec<Value>> {
    match values {
        [single @ (Value::List(_) | Value::Tuple(_) | Value::Set(_))] => vm.collect(single),
        [single] if vm.class_of(single).name.as_ref() == "generator" => vm.collect(single),
        others => Ok(others.to_vec()),
    }
}

/// Attributes of expressions.
pub fn attribute(vm: &Vm, expr: &Expr, name: &str) -> PyResult<Option<Value>> {
    if let Some(found) = comparator::attribute(vm, expr, name)? {
        return Ok(Some(found));
    }
    Ok(match (name, expr) {
        ("type", _) => Some(bridge::type_face(vm, &expr.sql_type())?),
        ("name", Expr::Column(column)) => Some(Value::str(&column.name.text)),
        ("key", Expr::Column(column)) => Some(Value::str(&column.key)),
        ("table", Expr::Column(column)) => {
            Some(column.table.as_ref().map_or(Value::None, |table| {
                Value::object(PyFrom::new(table.clone()))
            }))
        }
        ("primary_key", Expr::Column(column)) => Some(Value::Bool(column.primary_key)),
        ("name" | "key", Expr::LiteralColumn(text, _)) => Some(Value::str(text)),
        ("name" | "key", Expr::Label(label)) => Some(
            label
                .name
                .as_ref()
                .map_or(Value::None, |name| Value::str(&name.text)),
        ),
        ("name", Expr::Function(function)) => Some(Value::str(&function.name.text)),
        ("text", Expr::Text(text)) => Some(Value::str(&text.text)),
        ("key", Expr::Bind(bind)) => Some(Value::str(&bind.key)),
        ("value", Expr::Bind(bind)) => Some(match &bind.value {
            Some(value) => to_value(vm, value)?,
            None => Value::None,
        }),
        ("element", Expr::Label(label)) => Some(wrap(label.element.clone())),
        ("left", Expr::Binary(binary)) => Some(wrap(binary.left.clone())),
        ("right", Expr::Binary(binary)) => Some(wrap(binary.right.clone())),
        ("astext", Expr::Binary(_)) => crate::sa::expr::operators::astext(expr).map(wrap),
        ("c" | "columns" | "selected_columns" | "exported_columns", Expr::Query(query)) => {
            Some(Value::object(crate::sa::expr::from::Columns {
                columns: query.exported_columns(),
            }))
        }
        ("table", Expr::Insert(insert)) => Some(Value::object(PyFrom::new(
            crate::schema::expr::from::From::Table(insert.table.clone()),
        ))),
        ("table", Expr::Update(update)) => Some(Value::object(PyFrom::new(update.table.clone()))),
        ("excluded", Expr::Insert(insert)) => Some(Value::object(crate::sa::expr::from::Columns {
            columns: crate::sa::expr::postgresql::excluded(insert).columns(),
        })),
        ("is_select", _) => Some(Value::Bool(matches!(expr, Expr::Query(_)))),
        ("bind", _) => Some(Value::None),
        _ => comparator::missing(vm, expr, name)?,
    })
}

/// The query a value is.
pub fn query_of(vm: &Vm, value: &Value) -> PyResult<Rc<crate::schema::expr::query::Query>> {
    match find(vm, value)? {
        Some(Expr::Query(query) | Expr::ScalarSubquery(query)) => Ok(query),
        _ => Err(PyError::type_error(format!(
            "SELECT construct expected, got {}",
            vm.repr(value)?
        ))),
    }
}
