//! `comparator_factory` of types written in Python: methods that expressions of such a type have. sqlalchemy/sql/elements.py
//! `ColumnElement.comparator`.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::clause;
use crate::sa::decorator;
use crate::sa::expr::operators;
use crate::sa::expr::wrap;
use crate::schema::expr::Expr;
use crate::schema::types::SqlType;

/// An attribute of an expression that the comparator of its type defines by name.
pub fn attribute(vm: &Vm, expr: &Expr, name: &str) -> PyResult<Option<Value>> {
    if !decorator::has_comparators() || name.starts_with('_') || OF_BASE.contains(&name) {
        return Ok(None);
    }
    of(vm, expr, name, |factory| is_function(factory, name))
}

/// The same by `__getattr__`, for names that no expression has.
pub fn missing(vm: &Vm, expr: &Expr, name: &str) -> PyResult<Option<Value>> {
    if !decorator::has_comparators() || name.starts_with('_') || operators::has(name) {
        return Ok(None);
    }
    of(vm, expr, name, |factory| {
        is_function(factory, "__getattr__")
    })
}

/// The same for a column, which may have no name yet.
pub fn of_column(vm: &Vm, column: &Value, name: &str) -> PyResult<Option<Value>> {
    if !decorator::has_comparators() || name.starts_with('_') {
        return Ok(None);
    }
    let Ok(expr) = clause::expr(vm, column) else {
        return Ok(None);
    };
    match attribute(vm, &expr, name)? {
        Some(found) => Ok(Some(found)),
        None => missing(vm, &expr, name),
    }
}

/// `TypeEngine.Comparator`, the base of comparators.
pub fn base(vm: &Vm) -> Value {
    let found = vm
        .import("sqlalchemy.orm._comparator")
        .and_then(|module| vm.get_attr(&module, "Comparator"));
    found.unwrap_or(Value::None)
}

/// What the base defines itself by way of the expression.
const OF_BASE: &[&str] = &["op", "bool_op", "operate", "type", "expr"];

fn is_function(factory: &Rc<Class>, name: &str) -> bool {
    matches!(factory.lookup(name), Some(Value::Function(_)))
}

fn of(
    vm: &Vm,
    expr: &Expr,
    name: &str,
    has_it: impl Fn(&Rc<Class>) -> bool,
) -> PyResult<Option<Value>> {
    let number = match expr.sql_type() {
        SqlType::UserDefined(user) => user.instance,
        SqlType::Decorated(decorated) => decorated.instance,
        _ => return Ok(None),
    };
    match decorator::class_attribute(number, "comparator_factory") {
        Some(Value::Class(factory)) if has_it(&factory) => {
            let args = Args::of(vec![wrap(expr.clone())]);
            let comparator = vm.call(&Value::Class(factory), args)?;
            vm.find_attr(&comparator, name)
        }
        _ => Ok(None),
    }
}
