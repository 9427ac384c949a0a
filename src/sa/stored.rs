//! From what SQLite stores to what Python sees: the result processors of the types of a statement's columns.
//! sqlalchemy/dialects/sqlite/base.py, sql/sqltypes.py, engine/_processors_cy.py.

use crate::db::Rows;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::schema::literal::Literal;
use crate::schema::types::SqlType;

/// The rows with the values of typed columns read as their types say. On databases that type their answers nothing changes.
pub fn read(dialect: &str, mut rows: Rows, types: &[SqlType]) -> PyResult<Rows> {
    if dialect != "sqlite" || types.is_empty() {
        return Ok(rows);
    }
    for row in &mut rows.rows {
        for (cell, sql_type) in row.iter_mut().zip(types) {
            if *cell != Literal::Null {
                *cell = value(std::mem::replace(cell, Literal::Null), sql_type)?;
            }
        }
    }
    Ok(rows)
}

fn value(cell: Literal, sql_type: &SqlType) -> PyResult<Literal> {
    if let SqlType::Decorated(decorated) = sql_type {
        return value(cell, &decorated.implementation);
    }
    Ok(match (sql_type.for_dialect("sqlite"), cell) {
        (SqlType::Boolean(_), Literal::Int(number)) => Literal::Bool(number != 0.into()),
        (SqlType::DateTime(_), Literal::Str(text)) => {
            moment(&text).ok_or_else(|| invalid(&text))?
        }
        (SqlType::Date, Literal::Str(text)) => match date(&text) {
            true => Literal::Date(text),
            false => return Err(invalid(&text)),
        },
        (SqlType::Time(_), Literal::Str(text)) => match clock(&text) {
            Some(text) => Literal::Time(text),
            None => return Err(invalid(&text)),
        },
        (SqlType::DateTime(_) | SqlType::Date | SqlType::Time(_), _) => {
            return Err(PyError::type_error("fromisoformat: argument must be str"));
        }
        (SqlType::Numeric(numeric), Literal::Int(number)) if numeric.asdecimal => {
            Literal::Decimal(scaled(&number.to_string(), numeric.scale))
        }
        (SqlType::Numeric(numeric), Literal::Float(number)) if numeric.asdecimal => {
            let places = usize::try_from(numeric.scale.unwrap_or(10)).unwrap_or(10);
            Literal::Decimal(format!("{number:.places$}"))
        }
        (SqlType::Uuid(uuid), Literal::Str(text)) => {
            let dashed = dashed(&text)
                .ok_or_else(|| PyError::value_error("badly formed hexadecimal UUID string"))?;
            if uuid.as_uuid {
                Literal::Uuid(dashed)
            } else {
                Literal::Str(dashed)
            }
        }
        (SqlType::Json(_), Literal::Str(text)) => {
            let json: serde_json::Value = serde_json::from_str(&text).map_err(|_| {
                PyError::value_error(format!("the JSON value `{text}` cannot be read"))
            })?;
            plain(json)
        }
        (SqlType::Json(_), number @ (Literal::Int(_) | Literal::Float(_))) => number,
        (SqlType::Interval(_), Literal::Str(text)) => {
            since_epoch(&text).ok_or_else(|| invalid(&text))?
        }
        (_, cell) => cell,
    })
}

fn invalid(text: &str) -> PyError {
    PyError::value_error(format!(
        "Invalid isoformat string: {}",
        crate::dialect::ident::python_repr(text)
    ))
}

/// `"%.10f" % number` of an integer.
fn scaled(number: &str, scale: Option<i64>) -> String {
    let places = usize::try_from(scale.unwrap_or(10)).unwrap_or(10);
    if places == 0 {
        number.to_owned()
    } else {
        format!("{number}.{}", "0".repeat(places))
    }
}

/// JSON that is no document is a plain value.
fn plain(json: serde_json::Value) -> Literal {
    match json {
        serde_json::Value::Null => Literal::Null,
        serde_json::Value::Bool(flag) => Literal::Bool(flag),
        serde_json::Value::String(text) => Literal::Str(text),
        other => Literal::Json(other),
    }
}

/// Whether the text is `2020-01-02`.
fn date(text: &str) -> bool {
    chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok() && text.len() == 10
}

/// A time of day as `str(time)` writes it: no fraction when it is zero.
fn clock(text: &str) -> Option<String> {
    let time = chrono::NaiveTime::parse_from_str(text, "%H:%M:%S%.f")
        .or_else(|_| chrono::NaiveTime::parse_from_str(text, "%H:%M"))
        .ok()?;
    let fraction = time.format("%.6f").to_string();
    let fraction = if fraction == ".000000" { "" } else { &fraction };
    Some(format!("{}{fraction}", time.format("%H:%M:%S")))
}

fn moment(text: &str) -> Option<Literal> {
    let (day, rest) = text.split_at_checked(10)?;
    if !date(day) {
        return None;
    }
    if rest.is_empty() {
        return Some(Literal::DateTime(format!("{day} 00:00:00")));
    }
    let rest = rest.get(1..)?;
    // a zone can only have been written by somebody else
    let zone = rest.find(['+', '-', 'Z']);
    let (time, zone) = rest.split_at(zone.unwrap_or(rest.len()));
    let zone = if zone == "Z" { "+00:00" } else { zone };
    Some(Literal::DateTime(format!("{day} {}{zone}", clock(time)?)))
}

fn dashed(text: &str) -> Option<String> {
    let digits = text.replace('-', "");
    uuid::Uuid::try_parse(&digits)
        .ok()
        .map(|uuid| uuid.hyphenated().to_string())
}

fn since_epoch(text: &str) -> Option<Literal> {
    let moment = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()?;
    Some(Literal::Interval(i128::from(
        moment.and_utc().timestamp_micros(),
    )))
}
