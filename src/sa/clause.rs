//! Where the schema items meet the expression slice: one door for "this Python value as an expression", operators on
//! columns, binds, and the dialect of the run.

use std::cell::RefCell;
use std::rc::Rc;

use crate::dialect::Dialect;
use crate::dialect::Settings;
use crate::dialect::SqlAlchemy;
use crate::dialect::by_name;
use crate::dialect::postgresql::Postgresql;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::UnaryOperator;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::executor::Executor;
use crate::sa::expr::comparator;
use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::expr::infer::set_resolves_double;
use crate::schema::expr::operator::Operator;
use crate::schema::literal::Literal;
use crate::schema::name::Name;
use crate::schema::sequence::Sequence;
use crate::schema::types::BooleanType;
use crate::schema::types::SqlType;

thread_local! {
    /// The dialect that types and schema items are asked for when Python gives none: the one of the run.
    static DIALECT: RefCell<Option<Rc<dyn Dialect>>> = const { RefCell::new(None) };
}

/// Sets the dialect of the run.
pub fn set_default_dialect(dialect: Rc<dyn Dialect>) {
    set_resolves_double(dialect.settings().sqlalchemy != SqlAlchemy::V2_0);
    DIALECT.with(|current| *current.borrow_mut() = Some(dialect));
}

/// The dialect of the run; PostgreSQL before one is known.
pub fn default_dialect() -> Rc<dyn Dialect> {
    DIALECT.with(|current| {
        current.borrow().clone().unwrap_or_else(|| {
            by_name("postgresql", Settings::default())
                .unwrap_or_else(|| Rc::new(Postgresql::new(Settings::default())))
        })
    })
}

/// The dialect of the run as Python sees it.
pub fn dialect_face(vm: &Vm) -> PyResult<Value> {
    crate::sa::dialect_face::face(vm, &default_dialect())
}

/// What executes behind a bind.
pub fn executor_of(vm: &Vm, bind: &Value) -> PyResult<Rc<dyn Executor>> {
    crate::sa::connection::executor_of(vm, bind)
}

/// A value used as an expression in DDL.
pub fn expr(vm: &Vm, value: &Value) -> PyResult<Expr> {
    crate::sa::expr::from_value(vm, value)
}

/// `coercions.expect(roles.DDLExpressionRole, …)`: text is `sa.text`.
pub fn text_or_expr(vm: &Vm, value: &Value) -> PyResult<Expr> {
    match value.as_str() {
        Some(text) => Ok(Expr::text(&*text)),
        None => expr(vm, value),
    }
}

/// `checkfirst=`: a boolean, or 2.1's `CheckFirst` flags.
pub fn checkfirst(vm: &Vm, value: &Value) -> PyResult<bool> {
    vm.truth(value)
}

/// Raises `sqlalchemy.exc.ArgumentError`.
pub fn argument_error(message: impl AsRef<str>) -> PyError {
    PyError::new(&crate::sa::exc::ARGUMENT_ERROR, message)
}

thread_local! {
    static ORDER: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// `util.set_creation_order`.
pub fn next_order() -> u64 {
    ORDER.with(|order| {
        let next = order.get() + 1;
        order.set(next);
        next
    })
}

// What follows hands over to the expression slice (`sa::expr`).

/// An operator on a column.
pub fn binary(
    vm: &Vm,
    operator: BinaryOperator,
    left: &Value,
    other: &Value,
    reflected: bool,
) -> PyResult<Option<Value>> {
    crate::sa::expr::binary(vm, &expr(vm, left)?, operator, other, reflected)
}

/// A prefix operator on a column.
pub fn unary(vm: &Vm, operator: UnaryOperator, operand: &Value) -> PyResult<Option<Value>> {
    Ok(crate::sa::expr::operators::unary(
        &expr(vm, operand)?,
        operator,
    ))
}

/// `column[key]`.
pub fn subscript(vm: &Vm, operand: &Value, key: &Value) -> PyResult<Option<Value>> {
    crate::sa::expr::operators::get_item(vm, &expr(vm, operand)?, key)
        .map(|found| Some(crate::sa::expr::wrap(found)))
}

/// `column.in_`, `column.label`…
pub fn operator_method(vm: &Vm, operand: &Value, name: &str) -> PyResult<Option<Value>> {
    if !crate::sa::expr::operators::has(name) {
        return comparator::of_column(vm, operand, name);
    }
    crate::sa::expr::operator_method(vm, &expr(vm, operand)?, name)
}

/// `table.insert`, `table.alias`…
pub fn table_method(vm: &Vm, table: &Value, name: &str) -> PyResult<Option<Value>> {
    if !crate::sa::expr::from::has(name) {
        return Ok(None);
    }
    match crate::sa::expr::from_of(vm, table)? {
        Some(from) => Ok(crate::sa::expr::from::method(&from, name)),
        None => Ok(None),
    }
}

/// `sequence.next_value`.
pub fn next_value_method(sequence: &Sequence) -> Value {
    let sequence = sequence.clone();
    Value::builtin("next_value", move |_vm, _args| {
        Ok(crate::sa::expr::wrap(Expr::NextValue(Box::new(
            sequence.clone(),
        ))))
    })
}

/// `type_coerce(column, String()).in_(labels)`: the CHECK of an enum that is not native.
pub fn in_labels(column: Name, labels: &[String]) -> Expr {
    let element = Expr::TypeCoerce(
        Box::new(Expr::column(column, SqlType::string())),
        Box::new(SqlType::string()),
    );
    let items = labels
        .iter()
        .map(|label| Literal::Str(label.clone()))
        .collect();
    is_one_of(element, items, SqlType::string())
}

/// `column.in_([0, 1])`: the CHECK of a boolean where there are none. sqltypes.py `Boolean._set_table`.
pub fn in_zero_and_one(column: Name) -> Expr {
    let integer = crate::schema::expr::infer::integer();
    let element = Expr::column(column, integer.clone());
    let items = [0, 1].map(|number| Literal::Int(number.into())).into();
    is_one_of(element, items, integer)
}

fn is_one_of(element: Expr, items: Vec<Literal>, sql_type: SqlType) -> Expr {
    let mut bind = Bind::anonymous("param", Literal::Array(items), sql_type);
    bind.expanding = true;
    let boolean = SqlType::Boolean(BooleanType::default());
    Expr::raw_binary(
        element,
        Operator::In,
        Expr::Bind(Box::new(bind)),
        boolean,
        Some(Operator::NotIn),
    )
}

/// The keys of the columns that an expression names.
pub fn column_keys(expr: &Expr, keys: &mut Vec<String>) {
    for column in crate::dialect::sql::columns_of(expr) {
        if !keys.contains(&column.key) {
            keys.push(column.key.clone());
        }
    }
}

/// A member of `sqlalchemy` that is an expression or a query: `text`, `select`, `func`…
pub fn member(vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    crate::sa::expr::member(vm, name)
}

/// A member of a dialect's package that is an expression or a statement: `postgresql.insert`, `postgresql.array`…
pub fn dialect_member(vm: &Vm, dialect: &str, name: &str) -> PyResult<Option<Value>> {
    match dialect {
        "postgresql" => crate::sa::expr::modules::postgresql_member(vm, name),
        _ => Ok(None),
    }
}
