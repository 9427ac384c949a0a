//! `adapt_type`: a driver's dialect turns some types into a plainer one where Python code asks it to. sqlalchemy/sql/type_api.py.

use crate::dialect::Dialect;
use crate::py::args::Args;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::types::PyType;
use crate::sa::types::convert::to_instance;
use crate::schema::types::BinaryKind;
use crate::schema::types::DateTimeKind;
use crate::schema::types::NumericKind;
use crate::schema::types::SqlType;
use crate::schema::types::StringKind;

/// `dialect.type_descriptor(type)`.
pub fn descriptor(vm: &Vm, dialect: &dyn Dialect, given: &Value) -> PyResult<Value> {
    let given = to_instance(vm, given, Args::none())?;
    let Some(native) = given.native::<PyType>() else {
        return Ok(given);
    };
    if dialect.name() != "postgresql" {
        return Ok(given);
    }
    let data = native.data.borrow().clone();
    let adapted = adapt_type(&data, &dialect.settings().driver);
    Ok(match adapted == data {
        true => given,
        false => crate::sa::types::to_value(adapted),
    })
}

/// What a driver's `colspecs` make of a type: sqlalchemy/dialects/postgresql/{psycopg,psycopg2,asyncpg,pg8000}.py. Only what shows in the text.
fn adapt_type(data: &SqlType, driver: &str) -> SqlType {
    let mut adapted = data.clone();
    let is_psycopg2 = driver.starts_with("psycopg2");
    match &mut adapted {
        SqlType::Numeric(numeric) => {
            numeric.kind = match numeric.kind {
                NumericKind::Numeric | NumericKind::Decimal => NumericKind::Numeric,
                NumericKind::Float
                | NumericKind::Double
                | NumericKind::UpperDouble
                | NumericKind::DoublePrecision
                | NumericKind::Real => NumericKind::Float,
            };
        }
        SqlType::String(string) if !is_psycopg2 => {
            let is_kept = driver == "asyncpg" && string.kind == StringKind::Char;
            if !is_kept {
                string.kind = StringKind::String;
            }
        }
        SqlType::DateTime(datetime) if !is_psycopg2 => {
            datetime.kind = DateTimeKind::Generic;
            datetime.precision = None;
        }
        SqlType::Time(time) if !is_psycopg2 => time.precision = None,
        SqlType::Binary(binary) if driver == "asyncpg" => binary.kind = BinaryKind::Large,
        _ => {}
    }
    adapted
}
