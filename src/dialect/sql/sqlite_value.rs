//! Bound values as SQLite gets them: what SQLAlchemy's bind processors make of a value, and Python's `sqlite3` stores.
//! sqlalchemy/dialects/sqlite/base.py, sql/sqltypes.py.

use num_bigint::BigInt;

use crate::dialect::CompileError;
use crate::dialect::sql::Compiler;
use crate::dialect::sql::json::dumps;
use crate::dialect::sql::literal;
use crate::dialect::sql::write::to_json;
use crate::schema::literal::Literal;
use crate::schema::types::BinaryKind;
use crate::schema::types::SqlType;

fn statement_error(class: &str, message: &str) -> CompileError {
    CompileError::Upstream {
        class: "StatementError",
        message: format!("({class}) {message}"),
    }
}

impl Compiler<'_> {
    /// A value of a type.
    pub(super) fn sqlite_value(
        &self,
        value: &Literal,
        sql_type: &SqlType,
    ) -> Result<String, CompileError> {
        let sql_type = sql_type.for_dialect("sqlite");
        if let SqlType::Json(json) = sql_type {
            return Ok(match value {
                Literal::Null if json.none_as_null => "NULL".to_owned(),
                other => text(&dumps(&to_json(other)?)),
            });
        }
        match (sql_type, value) {
            (_, Literal::Null) => Ok("NULL".to_owned()),
            (SqlType::Boolean(_), other) => match literal::boolean(other) {
                Some(flag) => Ok(i32::from(flag).to_string()),
                None => Err(statement_error(
                    "builtins.TypeError",
                    &format!("Not a boolean value: {}", literal::python_repr(other)),
                )),
            },
            (SqlType::DateTime(_), Literal::Date(given) | Literal::DateTime(given)) => {
                Ok(text(&Self::sqlite_datetime(given)))
            }
            (SqlType::DateTime(_), _) => Err(statement_error(
                "builtins.TypeError",
                "SQLite DateTime type only accepts Python datetime and date objects as input.",
            )),
            (SqlType::Date, Literal::Date(given) | Literal::DateTime(given)) => {
                Ok(text(given.split(' ').next().unwrap_or_default()))
            }
            (SqlType::Date, _) => Err(statement_error(
                "builtins.TypeError",
                "SQLite Date type only accepts Python date objects as input.",
            )),
            (SqlType::Time(_), Literal::Time(given)) => Ok(text(&Self::sqlite_time(given))),
            (SqlType::Time(_), _) => Err(statement_error(
                "builtins.TypeError",
                "SQLite Time type only accepts Python time objects as input.",
            )),
            (SqlType::Interval(_), Literal::Interval(microseconds)) => after_epoch(*microseconds),
            (SqlType::Uuid(_), Literal::Uuid(given)) => Ok(text(&given.replace('-', ""))),
            (SqlType::Uuid(uuid), Literal::Str(given)) if !uuid.as_uuid => {
                Ok(text(&given.replace('-', "")))
            }
            (SqlType::Uuid(uuid), _) if uuid.as_uuid => Err(statement_error(
                "builtins.AttributeError",
                &format!("'{}' object has no attribute 'hex'", class_of(value)),
            )),
            (SqlType::Numeric(_), Literal::Decimal(given)) => match given.parse::<f64>() {
                Ok(number) => float(number),
                Err(_) => Err(unsupported_value("Decimal")),
            },
            (SqlType::Binary(binary), _) if binary.kind == BinaryKind::Pickle => {
                Err(CompileError::Unsupported {
                    what: "storing a pickled value".to_owned(),
                    dialect: "sqlite",
                })
            }
            _ => plain(value),
        }
    }
}

/// A value by its Python class alone.
fn plain(value: &Literal) -> Result<String, CompileError> {
    Ok(match value {
        Literal::Null => "NULL".to_owned(),
        Literal::Bool(flag) => i32::from(*flag).to_string(),
        Literal::Int(number) => integer(number)?,
        Literal::Float(number) => float(*number)?,
        Literal::Str(given) => text(given),
        Literal::Bytes(bytes) => format!("x'{}'", hexadecimal(bytes)),
        // sqlite3's default adapters (Lib/sqlite3/dbapi2.py)
        Literal::Date(given) | Literal::DateTime(given) => text(given),
        Literal::Rendered(given) => given.clone(),
        Literal::Time(_)
        | Literal::Interval(_)
        | Literal::Uuid(_)
        | Literal::Json(_)
        | Literal::Array(_)
        | Literal::Decimal(_)
        | Literal::Opaque { .. } => return Err(unsupported_value(class_of(value))),
    })
}

fn class_of(value: &Literal) -> &str {
    match value {
        Literal::Null => "NoneType",
        Literal::Bool(_) => "bool",
        Literal::Int(_) => "int",
        Literal::Float(_) => "float",
        Literal::Decimal(_) => "Decimal",
        Literal::Str(_) | Literal::Rendered(_) => "str",
        Literal::Bytes(_) => "bytes",
        Literal::Date(_) => "date",
        Literal::Time(_) => "time",
        Literal::DateTime(_) => "datetime",
        Literal::Interval(_) => "timedelta",
        Literal::Uuid(_) => "UUID",
        Literal::Json(_) => "dict",
        Literal::Array(_) => "list",
        Literal::Opaque { class, .. } => class,
    }
}

fn unsupported_value(class: &str) -> CompileError {
    CompileError::Upstream {
        class: "ProgrammingError",
        message: format!(
            "(sqlite3.ProgrammingError) Error binding parameter: type '{class}' is not supported"
        ),
    }
}

/// An INTEGER has 64 bits; a longer number in the text would become a REAL.
fn integer(number: &BigInt) -> Result<String, CompileError> {
    match i64::try_from(number) {
        Ok(small) => Ok(small.to_string()),
        Err(_) => Err(CompileError::Upstream {
            class: "OverflowError",
            message: "Python int too large to convert to SQLite INTEGER".to_owned(),
        }),
    }
}

/// NaN is stored as NULL; infinity is what a number too large becomes.
fn float(number: f64) -> Result<String, CompileError> {
    Ok(if number.is_nan() {
        "NULL".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "9e999" } else { "-9e999" }.to_owned()
    } else {
        literal::float_repr(number)
    })
}

/// A string constant; one with a NUL in it can only be said as bytes.
fn text(given: &str) -> String {
    if given.contains('\0') {
        format!("CAST(x'{}' AS TEXT)", hexadecimal(given.as_bytes()))
    } else {
        format!("'{}'", given.replace('\'', "''"))
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `Interval` without a native type: a moment that long after 1970.
fn after_epoch(microseconds: i128) -> Result<String, CompileError> {
    let seconds = i64::try_from(microseconds.div_euclid(1_000_000)).ok();
    let rest = u32::try_from(microseconds.rem_euclid(1_000_000)).unwrap_or_default();
    let moment =
        seconds.and_then(|seconds| chrono::DateTime::from_timestamp(seconds, rest * 1_000));
    match moment {
        Some(moment) => Ok(text(&moment.format("%Y-%m-%d %H:%M:%S%.6f").to_string())),
        None => Err(statement_error(
            "builtins.OverflowError",
            "date value out of range",
        )),
    }
}
