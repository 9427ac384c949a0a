//! From what Python passes to `execute` to statements, and from rows to results. sqlalchemy/engine/base.py `Connection.execute`.

use std::rc::Rc;

use crate::db::Rows;
use crate::ddl::Statement;
use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::client_defaults;
use crate::sa::exc;
use crate::sa::executor::Executor;
use crate::sa::expr::PyExpr;
use crate::sa::expr::coerce;
use crate::sa::expr::dml;
use crate::sa::expr::literal::literal_of;
use crate::sa::result;
use crate::sa::result::Executed;
use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::expr::infer::type_of_value;
use crate::schema::expr::query::InsertRows;
use crate::schema::expr::query::SetKey;
use crate::schema::literal::Literal;
use crate::schema::types::SqlType;

/// Executes what `op.execute` takes: text is `sa.text`. Nobody reads rows.
pub fn run(vm: &Vm, executor: &Rc<dyn Executor>, construct: &Value) -> PyResult<()> {
    if let Some(text) = construct.as_str() {
        return executor.run(vm, &statement_of(Expr::text(&*text)));
    }
    match coerce::find(vm, construct)? {
        Some(mut expr) => {
            if !executor.is_offline() {
                client_defaults::fill(vm, &mut expr)?;
            }
            executor.run(vm, &statement_of(expr))
        }
        None if is_ddl(vm, construct)? => run_ddl(vm, executor, construct),
        None => Err(not_executable(vm, construct)?),
    }
}

fn statement_of(expr: Expr) -> Statement {
    Statement::Query(Box::new(expr))
}

fn not_executable(vm: &Vm, construct: &Value) -> PyResult<PyError> {
    if matches!(
        construct,
        Value::Int(_) | Value::Float(_) | Value::None | Value::Bool(_) | Value::List(_)
    ) {
        let name = vm.class_of(construct).name.clone();
        return Ok(PyError::attribute_error(format!(
            "'{name}' object has no attribute 'compile'"
        )));
    }
    Ok(exc::upstream(
        "ObjectNotExecutableError",
        &format!("Not an executable object: {}", vm.repr(construct)?),
    ))
}

/// Whether this is a DDL construct (`sa.DDL`, `CreateSequence`…).
fn is_ddl(vm: &Vm, construct: &Value) -> PyResult<bool> {
    Ok(vm.is_instance(construct, &crate::sa::ddl_elements::DDL_ELEMENT))
}

fn run_ddl(vm: &Vm, executor: &Rc<dyn Executor>, construct: &Value) -> PyResult<()> {
    match crate::sa::ddl_elements::statement_of(construct) {
        Some(statement) => executor.run(vm, &statement),
        None => Err(not_executable(vm, construct)?),
    }
}

/// `connection.execute(construct, params)`.
pub fn execute(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    construct: &Value,
    params: &Value,
) -> PyResult<Value> {
    if let Some(text) = construct.as_str() {
        let repr = vm.repr(&Value::str(&*text))?;
        return Err(exc::upstream(
            "ObjectNotExecutableError",
            &format!("Not an executable object: {repr}"),
        ));
    }
    let Some(expr) = coerce::find(vm, construct)? else {
        if is_ddl(vm, construct)? {
            run_ddl(vm, executor, construct)?;
            return Ok(result::empty());
        }
        return Err(not_executable(vm, construct)?);
    };
    let sets = parameter_sets(vm, params)?;
    match sets.as_slice() {
        [] => execute_expr(vm, executor, expr),
        [single] => {
            let mut expr = expr;
            apply(vm, &mut expr, single)?;
            execute_expr(vm, executor, expr)
        }
        many => execute_many(vm, executor, &expr, many),
    }
}

/// One set of parameters: names and values.
type Parameters = Vec<(String, Value)>;

/// The sets of parameters that `execute` was given.
fn parameter_sets(vm: &Vm, params: &Value) -> PyResult<Vec<Parameters>> {
    match params {
        Value::None => Ok(Vec::new()),
        Value::List(_) | Value::Tuple(_) => {
            let mut sets = Vec::new();
            for item in vm.collect(params)? {
                sets.push(parameters(vm, &item)?);
            }
            Ok(sets)
        }
        single => {
            let set = parameters(vm, single)?;
            Ok(if set.is_empty() {
                Vec::new()
            } else {
                vec![set]
            })
        }
    }
}

fn parameters(vm: &Vm, value: &Value) -> PyResult<Parameters> {
    let Some(items) = vm.mapping_items(value)? else {
        return Err(exc::upstream(
            "ArgumentError",
            "List argument must consist only of dictionaries",
        ));
    };
    items
        .into_iter()
        .map(|(key, value)| Ok((vm.str(&key)?, value)))
        .collect()
}

/// Puts parameters into a statement: binds by name, values of INSERT and UPDATE by column key.
#[expect(
    clippy::too_many_lines,
    reason = "the steps share their state and are read in order"
)]
fn apply(vm: &Vm, expr: &mut Expr, set: &Parameters) -> PyResult<()> {
    match expr {
        Expr::Insert(insert) => {
            let mut row = match &insert.rows {
                InsertRows::Values(rows) => rows.first().cloned().unwrap_or_default(),
                InsertRows::Unset | InsertRows::Select(_, _, _) => Vec::new(),
            };
            let has_binds = matches!(insert.rows, InsertRows::Select(_, _, _));
            for (key, value) in set {
                let column = insert
                    .table
                    .columns
                    .iter()
                    .find(|column| column.key == *key);
                let Some(column) = column.filter(|_| !has_binds) else {
                    set_bind(vm, expr, key, value)?;
                    return apply_rest(vm, expr, set, key);
                };
                let value = dml::value_for(vm, key, &column.sql_type, value)?;
                match row.iter_mut().find(|(known, _)| known == key) {
                    Some(place) => place.1 = value,
                    None => row.push((key.clone(), value)),
                }
            }
            insert.rows = InsertRows::Values(vec![row]);
            Ok(())
        }
        Expr::Update(update) => {
            let table = match update.table.leaves().first() {
                Some(crate::schema::expr::from::From::Table(table)) => Some(table.clone()),
                _ => None,
            };
            let mut values = update.values.clone().unwrap_or_default();
            let mut binds = Vec::new();
            for (key, value) in set {
                let named = crate::dialect::sql::named_binds(&Expr::Update(update.clone()));
                let column = table
                    .as_ref()
                    .and_then(|table| table.columns.iter().find(|column| column.key == *key));
                match column {
                    Some(column) if !named.contains(key) => {
                        let value = dml::value_for(vm, key, &column.sql_type, value)?;
                        values.push((SetKey::Name(key.clone()), value));
                    }
                    _ => binds.push((key.clone(), value.clone())),
                }
            }
            if !values.is_empty() {
                update.values = Some(values);
            }
            for (key, value) in binds {
                set_bind(vm, expr, &key, &value)?;
            }
            Ok(())
        }
        other => {
            for (key, value) in set {
                set_bind(vm, other, key, value)?;
            }
            Ok(())
        }
    }
}

/// After a parameter of an INSERT turned out to be a bind: all of them are.
fn apply_rest(vm: &Vm, expr: &mut Expr, set: &Parameters, done: &str) -> PyResult<()> {
    for (key, value) in set {
        if key != done {
            set_bind(vm, expr, key, value)?;
        }
    }
    Ok(())
}

/// Several sets of parameters: one statement each.
fn execute_many(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    expr: &Expr,
    sets: &[Parameters],
) -> PyResult<Value> {
    let is_live = !executor.is_offline() && !executor.is_recording();
    let executed = Executed::of(vm, executor.dialect().name(), expr)?;
    let mut together = Rows::default();
    for set in sets {
        let mut one = expr.clone();
        if let Expr::Insert(insert) = &mut one {
            insert.inline = true;
        }
        apply(vm, &mut one, set)?;
        if !executor.is_offline() {
            client_defaults::fill(vm, &mut one)?;
        }
        let is_awaited = is_live && !inserts_one_row(&one);
        let statement = statement_of(one);
        if is_awaited {
            let rows = executor.query(vm, &statement)?;
            together.columns = rows.columns;
            together.rows.extend(rows.rows);
            together.rowcount += rows.rowcount;
        } else {
            executor.run(vm, &statement)?;
            together.rowcount += 1;
        }
    }
    executed.many(vm, together)
}

/// Whether it is known without asking the database how many rows a statement affects and that it returns none.
fn inserts_one_row(expr: &Expr) -> bool {
    match expr {
        Expr::Insert(insert) => {
            insert.returning.is_empty()
                && insert.on_conflict.is_none()
                && matches!(&insert.rows, InsertRows::Values(rows) if rows.len() == 1)
        }
        _ => false,
    }
}

/// Executes an expression with everything in it.
pub fn execute_expr(vm: &Vm, executor: &Rc<dyn Executor>, mut expr: Expr) -> PyResult<Value> {
    if !executor.is_offline() {
        client_defaults::fill(vm, &mut expr)?;
    }
    let executed = Executed::of(vm, executor.dialect().name(), &expr)?;
    let statement = statement_of(expr);
    if executor.is_offline() && !executor.has_catalogue() {
        executor.run(vm, &statement)?;
        return Ok(Value::None);
    }
    if let Some(rows) = executor.catalogue_rows(vm, &statement)? {
        return executed.rows(vm, rows);
    }
    if executor.is_recording() || executor.is_offline() {
        executor.run(vm, &statement)?;
        return Ok(result::unread(executor.clone(), statement));
    }
    let rows = executor.query(vm, &statement)?;
    executed.result(vm, rows)
}

/// Sets a named bind wherever it stands in a statement.
pub fn set_bind(vm: &Vm, expr: &mut Expr, key: &str, value: &Value) -> PyResult<()> {
    // a text knows its binds only by their names: make them first
    crate::dialect::sql::visit_mut(expr, &mut |part| {
        if let Expr::Text(clause) = part
            && crate::dialect::sql::bind_names(&clause.text)
                .iter()
                .any(|name| name == key)
            && !clause.binds.iter().any(|bind| bind.key == key)
        {
            clause.binds.push(Bind {
                key: key.to_owned(),
                unique: None,
                value: None,
                sql_type: SqlType::Null,
                expanding: false,
                inline: false,
            });
        }
        Ok(())
    })?;
    crate::dialect::sql::visit_binds(expr, &mut |bind| {
        if bind.unique.is_none() && bind.key == key {
            let literal = literal_of(vm, value, &bind.sql_type)?;
            if bind.sql_type == SqlType::Null {
                bind.sql_type = match (&literal, bind.expanding) {
                    (Literal::Array(items), true) => {
                        items.first().map_or(SqlType::Null, type_of_value)
                    }
                    (other, _) => type_of_value(other),
                };
            }
            bind.value = Some(literal);
        }
        Ok(())
    })
}

/// `engine.execute`-like call with keyword parameters.
pub fn execute_method(vm: &Vm, executor: &Rc<dyn Executor>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "execute",
        "(statement, parameters=None, *, execution_options=None, bind_arguments=None)",
    )?;
    execute(
        vm,
        executor,
        &bound.get("statement"),
        &bound.get("parameters"),
    )
}

/// The expression behind a value, if it is one.
pub fn expr_of(value: &Value) -> Option<Expr> {
    value.native::<PyExpr>().map(|object| object.expr.clone())
}
