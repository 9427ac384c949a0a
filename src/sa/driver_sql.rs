//! `Connection.exec_driver_sql`: the driver's own placeholders. sqlalchemy/engine/base.py `exec_driver_sql`,
//! engine/_util_cy.py `_distill_raw_params`.
//!
//! SQLite binds the values; what psycopg2 and psycopg do with them is written into the text (`postgres.rs`).

mod postgres;

use crate::db::Bound;
use crate::db::Rows;
use crate::ddl::Statement;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::exceptions;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::connection::PyConnection;
use crate::sa::exc;
use crate::sa::expr::literal::literal_of;
use crate::sa::live::Live;
use crate::sa::result;
use crate::schema::literal::Literal;
use crate::schema::types::SqlType;

/// One set of parameters, in Python's values.
enum Set {
    /// A tuple.
    Positional(Vec<Value>),
    /// A mapping.
    Named(Vec<(String, Value)>),
}

/// `connection.exec_driver_sql(statement, parameters)`.
pub fn exec(vm: &Vm, connection: &PyConnection, sql: &str, parameters: &Value) -> PyResult<Value> {
    let sets = parameter_sets(vm, parameters)?;
    match &connection.live {
        Some(live) if live.begins_by_itself() => sqlite(vm, live, sql, &sets),
        _ => {
            let dialect = connection.executor.dialect();
            let texts = match (dialect.name(), dialect.settings().driver.as_str()) {
                (
                    "postgresql",
                    driver @ ("psycopg2" | "psycopg2cffi" | "psycopg" | "psycopg_async"),
                ) => postgres::texts(vm, sql, &sets, driver)?,
                // nothing is sent: the text says enough
                ("sqlite", _) => vec![sql.to_owned(); sets.len().max(1)],
                _ if sets.iter().all(Set::is_empty) => vec![sql.to_owned()],
                (_, driver) => {
                    return Err(PyError::unsupported(format!(
                        "`exec_driver_sql` with parameters on the driver {driver}: use `execute(sa.text(...), {{...}})`"
                    )));
                }
            };
            send(vm, connection, &texts)
        }
    }
}

/// Sends texts with everything written in; the rows are the last one's.
fn send(vm: &Vm, connection: &PyConnection, texts: &[String]) -> PyResult<Value> {
    let executor = &connection.executor;
    let mut rowcount = 0;
    for text in texts {
        let statement = Statement::Raw(text.clone());
        let is_only = texts.len() == 1;
        if is_only && let Some(rows) = executor.catalogue_rows(vm, &statement)? {
            return result::of(vm, rows, Vec::new());
        }
        if executor.is_recording() || executor.is_offline() {
            executor.run(vm, &statement)?;
            if is_only {
                return Ok(result::unread(executor.clone(), statement));
            }
            continue;
        }
        let rows = executor.query(vm, &statement)?;
        if is_only {
            return result::of(vm, rows, Vec::new());
        }
        rowcount += rows.rowcount.max(0);
    }
    Ok(result::affected(rowcount))
}

fn sqlite(vm: &Vm, live: &Live, sql: &str, sets: &[Set]) -> PyResult<Value> {
    let mut bound = Vec::new();
    for set in sets {
        bound.push(set.bound(vm)?);
    }
    match bound.as_slice() {
        [] => rows_of(
            vm,
            live.query_bound(vm, sql, &Bound::Positional(Vec::new()))?,
        ),
        [single] => rows_of(vm, live.query_bound(vm, sql, single)?),
        many => {
            if !crate::db::sqlite::is_dml(sql) {
                return Err(exc::from_db_error(
                    &crate::db::Error {
                        message: "executemany() can only execute DML statements.".to_owned(),
                        class: Some("ProgrammingError"),
                        statement: Some(sql.to_owned()),
                        ..crate::db::Error::default()
                    },
                    vm.location().as_ref(),
                ));
            }
            let mut rowcount = 0;
            for values in many {
                rowcount += live.query_bound(vm, sql, values)?.rowcount.max(0);
            }
            Ok(result::affected(rowcount))
        }
    }
}

fn rows_of(vm: &Vm, rows: Rows) -> PyResult<Value> {
    result::of(vm, rows, Vec::new())
}

impl Set {
    fn of(vm: &Vm, value: &Value, problem: &str) -> PyResult<Self> {
        if let Value::Tuple(_) = value {
            return Ok(Self::Positional(vm.collect(value)?));
        }
        match vm.mapping_items(value)? {
            Some(items) => {
                let items = items
                    .into_iter()
                    .map(|(key, value)| Ok((vm.str(&key)?, value)));
                items.collect::<PyResult<_>>().map(Self::Named)
            }
            None => Err(exc::upstream("ArgumentError", problem)),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Positional(values) => values.is_empty(),
            Self::Named(values) => values.is_empty(),
        }
    }

    fn bound(&self, vm: &Vm) -> PyResult<Bound> {
        Ok(match self {
            Self::Positional(values) => {
                let values = values.iter().map(|value| sqlite_literal(vm, value));
                Bound::Positional(values.collect::<PyResult<_>>()?)
            }
            // the empty one is what SQLAlchemy puts in the place of none
            Self::Named(values) if values.is_empty() => Bound::Positional(Vec::new()),
            Self::Named(values) => {
                let values = values
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), sqlite_literal(vm, value)?)));
                Bound::Named(values.collect::<PyResult<_>>()?)
            }
        })
    }
}

/// The parameters of `cursor.execute` of Python's `sqlite3`.
pub fn cursor_values(vm: &Vm, parameters: &Value) -> PyResult<Bound> {
    let values = |items: &[Value]| -> PyResult<Bound> {
        let items = items.iter().map(|value| sqlite_literal(vm, value));
        Ok(Bound::Positional(items.collect::<PyResult<_>>()?))
    };
    match parameters {
        Value::List(_) | Value::Tuple(_) => values(&vm.collect(parameters)?),
        other => match vm.mapping_items(other)? {
            Some(_) => Set::of(vm, other, "")?.bound(vm),
            None => Err(PyError::unsupported(
                "parameters of the driver's own cursor that are no list, tuple or dict",
            )),
        },
    }
}

fn parameter_sets(vm: &Vm, parameters: &Value) -> PyResult<Vec<Set>> {
    match parameters {
        Value::None => Ok(Vec::new()),
        Value::List(_) => {
            let items = vm.collect(parameters)?;
            let problem = "List argument must consist only of tuples or dictionaries";
            items
                .iter()
                .map(|item| Set::of(vm, item, problem))
                .collect()
        }
        single => {
            let problem = "mapping or sequence expected for parameters";
            Ok(vec![Set::of(vm, single, problem)?])
        }
    }
}

/// A Python value for Python's `sqlite3`, which has no larger integers than 64 bits.
pub fn sqlite_literal(vm: &Vm, value: &Value) -> PyResult<Literal> {
    let literal = literal_of(vm, value, &SqlType::Null)?;
    match &literal {
        Literal::Int(number) if i64::try_from(number).is_err() => Err(PyError::new(
            &exceptions::OVERFLOW_ERROR,
            "Python int too large to convert to SQLite INTEGER",
        )),
        Literal::Array(_) if matches!(value, Value::Tuple(_)) => Ok(Literal::Opaque {
            repr: vm.repr(value)?,
            class: "tuple".to_owned(),
        }),
        _ => Ok(literal),
    }
}
