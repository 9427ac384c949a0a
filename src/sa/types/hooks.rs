//! `bind_expression` and `column_expression` of types written in Python. They are called once a type, with a stand-in; the compilers
//! put the value or the column in its place. sqlalchemy/sql/type_api.py.

use std::cell::RefCell;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::dict::address;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::expr::coerce;
use crate::sa::expr::wrap;
use crate::sa::types::sql_type;
use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::types::SqlType;
use crate::schema::types::TypeHooks;

thread_local! {
    /// The instances that are being asked: what they answer is made of their own type.
    static ASKED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// What an instance puts around values and columns, where its class says so in Python.
pub fn of(vm: &Vm, class: &Rc<Class>, instance: &Value) -> Option<Rc<TypeHooks>> {
    let is_own = |name: &str| matches!(class.lookup(name), Some(Value::Function(_)));
    let (binds, columns) = (is_own("bind_expression"), is_own("column_expression"));
    if !binds && !columns {
        return None;
    }
    let number = address(instance)?;
    if ASKED.with_borrow(|asked| asked.contains(&number)) {
        return None;
    }
    ASKED.with_borrow_mut(|asked| asked.push(number));
    let hooks = TypeHooks {
        bind: binds.then(|| answer(vm, instance, "bind_expression", place_of_value)),
        column: columns.then(|| answer(vm, instance, "column_expression", place_of_column)),
    };
    ASKED.with_borrow_mut(Vec::pop);
    Some(Rc::new(hooks))
}

fn place_of_value(sql_type: SqlType) -> Expr {
    Expr::Bind(Box::new(Bind {
        key: TypeHooks::PLACE.to_owned(),
        unique: None,
        value: None,
        sql_type,
        expanding: false,
        inline: false,
    }))
}

fn place_of_column(sql_type: SqlType) -> Expr {
    Expr::LiteralColumn(TypeHooks::PLACE.to_owned(), Box::new(sql_type))
}

/// What the method makes of the stand-in; why not, where it fails: that matters only where a value is used.
fn answer(
    vm: &Vm,
    instance: &Value,
    method: &str,
    place: fn(SqlType) -> Expr,
) -> Result<Expr, String> {
    let asked = || -> PyResult<Expr> {
        let place = wrap(place(sql_type(vm, instance)?));
        let made = vm.call_method(instance, method, Args::of(vec![place]))?;
        coerce::from_value(vm, &made)
    };
    asked().map_err(|error| format!("`{method}` of a type ({})", error.summary(vm)))
}
