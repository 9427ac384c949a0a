//! What the result of an INSERT without RETURNING knows of its row. sqlalchemy/engine/cursor.py `inserted_primary_key`,
//! default.py `_setup_ins_pk_from_implicit_returning`.

use crate::db::Rows;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::expr::literal::to_value;
use crate::sa::result::cell_value;
use crate::sa::stored;
use crate::schema::expr::Expr;
use crate::schema::expr::query::Insert;
use crate::schema::expr::query::InsertRows;
use crate::schema::types::SqlType;

/// The key of the inserted row.
#[derive(Debug, Default)]
pub(super) enum Inserted {
    /// The statement is no INSERT.
    #[default]
    Nothing,
    /// It has a RETURNING of its own.
    Returning,
    /// It was executed with several sets of parameters.
    Many,
    /// What is known of each column: its name and its value.
    Key(Vec<(String, Option<Value>)>),
}

/// A column of the key of a table that gets a row.
#[derive(Debug)]
struct Part {
    column: String,
    key: String,
    sql_type: SqlType,
    /// The value that the statement gives.
    given: Option<Value>,
}

/// What to look for when an INSERT without RETURNING has been executed.
#[derive(Debug)]
pub struct Expected {
    parts: Vec<Part>,
}

impl Expected {
    /// `None` for any other statement.
    pub fn of(vm: &Vm, expr: &Expr) -> PyResult<Option<Self>> {
        match expr {
            Expr::Insert(insert) if insert.returning.is_empty() => {
                Self::of_insert(vm, insert).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn of_insert(vm: &Vm, insert: &Insert) -> PyResult<Self> {
        let row = match &insert.rows {
            InsertRows::Values(rows) if rows.len() == 1 => rows.first(),
            InsertRows::Values(_) | InsertRows::Unset | InsertRows::Select(_, _, _) => None,
        };
        let mut parts = Vec::new();
        for column in insert
            .table
            .columns
            .iter()
            .filter(|known| known.primary_key)
        {
            let given = row.and_then(|row| row.iter().find(|(key, _)| *key == column.key));
            let given = match given.map(|(_, value)| value) {
                Some(Expr::Bind(bind)) => match &bind.value {
                    Some(literal) => Some(to_value(vm, literal)?),
                    None => None,
                },
                _ => None,
            };
            parts.push(Part {
                column: column.name.text.clone(),
                key: column.key.clone(),
                sql_type: column.sql_type.clone(),
                given,
            });
        }
        Ok(Self { parts })
    }

    /// What came back.
    pub(super) fn found(self, vm: &Vm, dialect: &str, rows: Rows) -> PyResult<Inserted> {
        let types: Vec<SqlType> = rows
            .columns
            .iter()
            .map(|name| {
                let part = self.parts.iter().find(|part| part.column == *name);
                part.map_or(SqlType::Null, |part| part.sql_type.clone())
            })
            .collect();
        let rows = stored::read(dialect, rows, &types)?;
        let mut key = Vec::new();
        for part in self.parts {
            let at = rows.columns.iter().position(|name| *name == part.column);
            let cell = at.and_then(|at| rows.rows.first()?.get(at));
            let value = match cell {
                Some(cell) => Some(cell_value(vm, cell, Some(&part.sql_type))?),
                None => part.given,
            };
            key.push((part.key, value));
        }
        Ok(Inserted::Key(key))
    }
}

impl Inserted {
    /// `inserted_primary_key`: names and values.
    pub(super) fn key(&self) -> PyResult<(Vec<String>, Vec<Value>)> {
        let key = match self {
            Self::Nothing => {
                return Err(refused(
                    "Statement is not an insert() expression construct.",
                ));
            }
            Self::Returning => {
                return Err(refused(
                    "Can't call inserted_primary_key when returning() is used.",
                ));
            }
            Self::Many => {
                return Err(refused(
                    "This statement was an executemany call; if primary key returning is supported, please use .inserted_primary_key_rows.",
                ));
            }
            Self::Key(key) => key,
        };
        let mut columns = Vec::new();
        let mut values = Vec::new();
        for (name, value) in key {
            let Some(value) = value else {
                return Err(PyError::unsupported(format!(
                    "`inserted_primary_key`: the statement does not say what `{name}` is"
                )));
            };
            columns.push(name.clone());
            values.push(value.clone());
        }
        Ok((columns, values))
    }

    /// `lastrowid` on SQLite.
    pub(super) fn row_id(&self) -> Option<Value> {
        match self {
            Self::Key(key) => match key.as_slice() {
                [(_, Some(id @ Value::Int(_)))] => Some(id.clone()),
                _ => None,
            },
            Self::Nothing | Self::Returning | Self::Many => None,
        }
    }
}

fn refused(message: &str) -> PyError {
    exc::upstream("InvalidRequestError", message)
}
