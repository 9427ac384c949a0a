//! The values of placeholders: Modules/_sqlite/cursor.c `bind_parameters`, Lib/sqlite3/dbapi2.py for the adapters of dates.

use num_traits::ToPrimitive;
use rusqlite::Statement;
use rusqlite::types::Value;

use crate::db::Bound;
use crate::db::Error;
use crate::schema::literal::Literal;

use super::driver_error;
use super::failure;

/// Binds every placeholder of a statement.
pub(super) fn all(statement: &mut Statement<'_>, values: &Bound, sql: &str) -> Result<(), Error> {
    let problem = |message: String| driver_error("ProgrammingError", message, Some(sql));
    let count = statement.parameter_count();
    match values {
        Bound::Positional(values) => {
            if values.len() != count {
                return Err(problem(format!(
                    "Incorrect number of bindings supplied. The current statement uses {count}, and there are {} supplied.",
                    values.len()
                )));
            }
            for (at, value) in values.iter().enumerate() {
                one(statement, at + 1, value, sql)?;
            }
        }
        Bound::Named(values) => {
            for at in 1..=count {
                let Some(name) = statement.parameter_name(at).and_then(|name| name.get(1..)) else {
                    return Err(problem(format!(
                        "Binding {at} has no name, but you supplied a dictionary (which has only names)."
                    )));
                };
                let name = name.to_owned();
                let Some((_, value)) = values.iter().find(|(known, _)| *known == name) else {
                    return Err(problem(format!(
                        "You did not supply a value for binding parameter :{name}."
                    )));
                };
                one(statement, at, value, sql)?;
            }
        }
    }
    Ok(())
}

fn one(statement: &mut Statement<'_>, at: usize, value: &Literal, sql: &str) -> Result<(), Error> {
    let unknown = |class: &str| {
        let message = format!("Error binding parameter {at}: type '{class}' is not supported");
        driver_error("ProgrammingError", message, Some(sql))
    };
    let value = match value {
        Literal::Null => Value::Null,
        Literal::Bool(flag) => Value::Integer((*flag).into()),
        Literal::Int(number) => match number.to_i64() {
            Some(number) => Value::Integer(number),
            None => {
                return Err(driver_error(
                    "DataError",
                    "Python int too large to convert to SQLite INTEGER".to_owned(),
                    Some(sql),
                ));
            }
        },
        Literal::Float(number) => Value::Real(*number),
        Literal::Str(text) | Literal::Date(text) | Literal::DateTime(text) => {
            Value::Text(text.clone())
        }
        Literal::Bytes(bytes) => Value::Blob(bytes.clone()),
        Literal::Decimal(_) => return Err(unknown("decimal.Decimal")),
        Literal::Time(_) => return Err(unknown("datetime.time")),
        Literal::Interval(_) => return Err(unknown("datetime.timedelta")),
        Literal::Uuid(_) => return Err(unknown("UUID")),
        Literal::Json(_) => return Err(unknown("dict")),
        Literal::Array(_) => return Err(unknown("list")),
        Literal::Rendered(_) => return Err(unknown("text")),
        Literal::Opaque { class, .. } => return Err(unknown(class)),
    };
    statement
        .raw_bind_parameter(at, value)
        .map_err(|error| failure(&error, Some(sql)))
}
