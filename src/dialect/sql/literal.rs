//! Values inside the text as SQLAlchemy's literal processors write them. sqlalchemy/sql/sqltypes.py `literal_processor`.

use num_bigint::BigInt;

use crate::dialect::CompileError;
use crate::dialect::sql::Compiler;
use crate::dialect::sql::compile_error;
use crate::schema::literal::Literal;
use crate::schema::types::EnumType;
use crate::schema::types::SqlType;
use crate::schema::types::postgresql::PlainType;
use crate::schema::types::postgresql::PostgresqlType;

/// Why a value has no text.
enum Failure {
    /// The type has no literal processor.
    NoRenderer,
    /// The literal processor raised.
    Raised,
}

impl Compiler<'_> {
    /// `render_literal_value`.
    pub(super) fn render_literal(
        &self,
        value: &Literal,
        sql_type: &SqlType,
    ) -> Result<String, CompileError> {
        let is_json = matches!(sql_type.for_dialect(self.dialect.name()), SqlType::Json(_));
        if *value == Literal::Null && !is_json {
            return Ok("NULL".to_owned());
        }
        if let Literal::Rendered(text) = value {
            return Ok(text.clone());
        }
        match self.literal(value, sql_type) {
            Ok(text) => Ok(text),
            Err(Failure::NoRenderer) => Err(compile_error(format!(
                "No literal value renderer is available for literal value \"{}\" with datatype {}",
                python_repr(value),
                self.type_name(sql_type)
            ))),
            Err(Failure::Raised) => Err(compile_error(format!(
                "Could not render literal value \"{}\" with datatype {}; see parent stack trace for more detail.",
                python_repr(value),
                self.type_name(sql_type)
            ))),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn literal(&self, value: &Literal, sql_type: &SqlType) -> Result<String, Failure> {
        let sql_type = sql_type.for_dialect(self.dialect.name());
        if self.is_sqlite()
            && let Some(text) = sqlite_literal(value, sql_type)
        {
            return text;
        }
        match sql_type {
            SqlType::Integer(_) => integer(value),
            SqlType::Numeric(_) => numeric(value),
            SqlType::String(_) | SqlType::Postgresql(PostgresqlType::Plain(PlainType::Citext)) => {
                match value {
                    Literal::Str(text) => Ok(self.render_string(text)),
                    _ => Err(Failure::Raised),
                }
            }
            SqlType::Enum(enumeration) => self.enumeration(value, enumeration),
            SqlType::Boolean(_) => boolean(value)
                .map(|flag| self.boolean_word(flag).to_owned())
                .ok_or(Failure::Raised),
            SqlType::Date => match value {
                Literal::Date(text) => Ok(format!("'{text}'")),
                Literal::DateTime(text) => {
                    Ok(format!("'{}'", text.split(' ').next().unwrap_or_default()))
                }
                _ => Err(Failure::Raised),
            },
            SqlType::DateTime(_) => match value {
                Literal::Date(text) | Literal::DateTime(text) | Literal::Time(text) => {
                    Ok(format!("'{text}'"))
                }
                _ => Err(Failure::Raised),
            },
            SqlType::Time(_) => match value {
                Literal::Time(text) => Ok(format!("'{text}'")),
                Literal::DateTime(text) => Ok(format!(
                    "'{}'",
                    text.split(' ').next_back().unwrap_or_default()
                )),
                _ => Err(Failure::Raised),
            },
            SqlType::Interval(_) | SqlType::Postgresql(PostgresqlType::Interval { .. }) => {
                match value {
                    Literal::Interval(microseconds) => Ok(format!(
                        "make_interval(secs=>{})",
                        float_repr(*microseconds as f64 / 1e6)
                    )),
                    _ => Err(Failure::Raised),
                }
            }
            SqlType::Binary(_) => match value {
                Literal::Bytes(bytes) => match std::str::from_utf8(bytes) {
                    Ok(text) => Ok(self.backslashes(&format!("'{}'", text.replace('\'', "''")))),
                    Err(_) => Err(Failure::Raised),
                },
                _ => Err(Failure::Raised),
            },
            SqlType::Uuid(uuid) => match value {
                Literal::Uuid(text) if uuid.as_uuid => Ok(format!("'{text}'")),
                Literal::Str(text) if uuid.as_uuid => Ok(format!("'{}'", text.replace('\'', "''"))),
                Literal::Str(text) => {
                    Ok(format!("'{}'", text.replace('-', "").replace('\'', "''")))
                }
                _ => Err(Failure::Raised),
            },
            SqlType::Array(array) => self.array(value, &array.item, array.dimensions),
            SqlType::Null
            | SqlType::Json(_)
            | SqlType::Variant(_)
            | SqlType::Decorated(_)
            | SqlType::UserDefined(_)
            | SqlType::Postgresql(_)
            | SqlType::Foreign(_) => Err(Failure::NoRenderer),
        }
    }

    fn array(
        &self,
        value: &Literal,
        item: &SqlType,
        _dimensions: Option<i64>,
    ) -> Result<String, Failure> {
        let Literal::Array(items) = value else {
            return Err(Failure::Raised);
        };
        let mut parts = Vec::new();
        for element in items {
            parts.push(match element {
                Literal::Array(_) => {
                    let inner = self.array(element, item, None)?;
                    inner.strip_prefix("ARRAY").unwrap_or(&inner).to_owned()
                }
                Literal::Null => return Err(Failure::Raised),
                other => self.literal(other, item)?,
            });
        }
        Ok(format!("ARRAY[{}]", parts.join(", ")))
    }

    fn enumeration(&self, value: &Literal, _enumeration: &EnumType) -> Result<String, Failure> {
        match value {
            Literal::Str(text) => Ok(self.render_string(text)),
            _ => Err(Failure::Raised),
        }
    }

    /// `visit_true`, `visit_false`.
    pub(super) fn boolean_word(&self, flag: bool) -> &'static str {
        match (self.dialect.supports_native_boolean(), flag) {
            (true, true) => "true",
            (true, false) => "false",
            (false, true) => "1",
            (false, false) => "0",
        }
    }

    /// A string constant as `String().literal_processor` writes it.
    pub(super) fn render_string(&self, text: &str) -> String {
        self.dialect.render_string(text)
    }

    /// SQLAlchemy 2.0 doubles backslashes on PostgreSQL.
    fn backslashes(&self, text: &str) -> String {
        if self.dialect.is_2_0() && self.is_postgresql() {
            text.replace('\\', "\\\\")
        } else {
            text.to_owned()
        }
    }

    /// `str(type)`: the generic name.
    fn type_name(&self, sql_type: &SqlType) -> String {
        match sql_type {
            SqlType::Null => "NULL".to_owned(),
            SqlType::DateTime(datetime)
                if datetime.kind == crate::schema::types::DateTimeKind::Timestamp =>
            {
                "TIMESTAMP".to_owned()
            }
            SqlType::DateTime(_) => "DATETIME".to_owned(),
            SqlType::Time(_) => "TIME".to_owned(),
            SqlType::Decorated(decorated) => self.type_name(&decorated.implementation),
            SqlType::Enum(enumeration) => enumeration.effective_length().map_or_else(
                || "VARCHAR".to_owned(),
                |length| format!("VARCHAR({length})"),
            ),
            other => self
                .dialect
                .type_sql(other)
                .unwrap_or_else(|_| "NULL".to_owned()),
        }
    }
}

/// The literals that SQLite writes in its own way: dates and times as its storage has them, UUIDs as hexadecimal digits.
fn sqlite_literal(value: &Literal, sql_type: &SqlType) -> Option<Result<String, Failure>> {
    Some(match (sql_type, value) {
        (SqlType::DateTime(_), Literal::Date(text) | Literal::DateTime(text)) => {
            Ok(format!("'{}'", Compiler::sqlite_datetime(text)))
        }
        (SqlType::Time(_), Literal::Time(text)) => Ok(format!("'{}'", Compiler::sqlite_time(text))),
        (SqlType::DateTime(_) | SqlType::Time(_) | SqlType::Interval(_), _) => Err(Failure::Raised),
        (SqlType::Uuid(uuid), Literal::Uuid(text)) if uuid.as_uuid => {
            Ok(format!("'{}'", text.replace('-', "")))
        }
        (SqlType::Uuid(uuid), _) if uuid.as_uuid => Err(Failure::Raised),
        _ => return None,
    })
}

fn integer(value: &Literal) -> Result<String, Failure> {
    match value {
        Literal::Int(number) => Ok(number.to_string()),
        Literal::Bool(flag) => Ok(i32::from(*flag).to_string()),
        Literal::Float(float) if float.is_finite() => Ok(format!("{:.0}", float.trunc())),
        Literal::Str(text) => text
            .trim()
            .replace('_', "")
            .parse::<BigInt>()
            .map(|number| number.to_string())
            .map_err(|_| Failure::Raised),
        Literal::Decimal(text) => {
            let whole = text.split('.').next().unwrap_or_default();
            whole
                .parse::<BigInt>()
                .map(|number| number.to_string())
                .map_err(|_| Failure::Raised)
        }
        _ => Err(Failure::Raised),
    }
}

fn numeric(value: &Literal) -> Result<String, Failure> {
    match value {
        Literal::Int(number) => Ok(number.to_string()),
        Literal::Bool(flag) => Ok(if *flag { "True" } else { "False" }.to_owned()),
        Literal::Float(float) => Ok(float_repr(*float)),
        Literal::Decimal(text) => Ok(text.clone()),
        Literal::Str(text) if text.trim().parse::<f64>().is_ok() => Ok(text.clone()),
        _ => Err(Failure::Raised),
    }
}

/// `Boolean._strict_as_bool`.
pub(super) fn boolean(value: &Literal) -> Option<bool> {
    match value {
        Literal::Bool(flag) => Some(*flag),
        Literal::Int(number) if *number == BigInt::from(1) => Some(true),
        Literal::Int(number) if *number == BigInt::from(0) => Some(false),
        _ => None,
    }
}

/// `repr(float)`.
pub(super) fn float_repr(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let magnitude = float.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let text = format!("{float:e}");
        let Some((digits, exponent)) = text.split_once('e') else {
            return text;
        };
        let (sign, exponent) = exponent
            .strip_prefix('-')
            .map_or(('+', exponent), |rest| ('-', rest));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    let text = format!("{float}");
    if text.contains('.') {
        text
    } else {
        format!("{text}.0")
    }
}

/// `repr(value)` of the Python value behind a literal.
pub fn python_repr(value: &Literal) -> String {
    match value {
        Literal::Null => "None".to_owned(),
        Literal::Bool(flag) => if *flag { "True" } else { "False" }.to_owned(),
        Literal::Int(number) => number.to_string(),
        Literal::Float(float) => float_repr(*float),
        Literal::Decimal(text) => format!("Decimal('{text}')"),
        Literal::Str(text) => crate::dialect::ident::python_repr(text),
        Literal::Bytes(bytes) => {
            let escaped: String = bytes
                .iter()
                .flat_map(|byte| std::ascii::escape_default(*byte))
                .map(char::from)
                .collect();
            format!("b'{escaped}'")
        }
        Literal::Date(text) => format!("datetime.date({})", numbers(text)),
        Literal::Time(text) => format!("datetime.time({})", numbers(text)),
        Literal::DateTime(text) => format!("datetime.datetime({})", datetime_numbers(text)),
        Literal::Interval(microseconds) => {
            format!("datetime.timedelta({})", timedelta_parts(*microseconds))
        }
        Literal::Uuid(text) => format!("UUID('{text}')"),
        Literal::Json(json) => json_repr(json),
        Literal::Array(items) => {
            let parts: Vec<String> = items.iter().map(python_repr).collect();
            format!("[{}]", parts.join(", "))
        }
        Literal::Rendered(text) => text.clone(),
        Literal::Opaque { repr, .. } => repr.clone(),
    }
}

/// `days=1, seconds=5`: the parts that are not zero.
fn timedelta_parts(microseconds: i128) -> String {
    const DAY: i128 = 86_400_000_000;
    let within = microseconds.rem_euclid(DAY);
    let parts = [
        ("days", microseconds.div_euclid(DAY)),
        ("seconds", within / 1_000_000),
        ("microseconds", within % 1_000_000),
    ];
    let shown: Vec<String> = parts
        .iter()
        .filter(|(_, number)| *number != 0)
        .map(|(name, number)| format!("{name}={number}"))
        .collect();
    if shown.is_empty() {
        return "0".to_owned();
    }
    shown.join(", ")
}

fn numbers(text: &str) -> String {
    let parts: Vec<String> = text
        .split(['-', ':', '.', ' '])
        .map(|part| part.trim_start_matches('0'))
        .map(|part| {
            if part.is_empty() {
                "0".to_owned()
            } else {
                part.to_owned()
            }
        })
        .collect();
    parts.join(", ")
}

/// `datetime` leaves zero seconds out of its `repr`.
fn datetime_numbers(text: &str) -> String {
    let joined = numbers(text);
    let count = joined.split(", ").count();
    match joined.strip_suffix(", 0") {
        Some(shorter) if count == 6 => shorter.to_owned(),
        _ => joined,
    }
}

fn json_repr(json: &serde_json::Value) -> String {
    match json {
        serde_json::Value::Null => "None".to_owned(),
        serde_json::Value::Bool(flag) => if *flag { "True" } else { "False" }.to_owned(),
        serde_json::Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => float_repr(float),
            _ => number.to_string(),
        },
        serde_json::Value::String(text) => crate::dialect::ident::python_repr(text),
        serde_json::Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(json_repr).collect();
            format!("[{}]", parts.join(", "))
        }
        serde_json::Value::Object(pairs) => {
            let parts: Vec<String> = pairs
                .iter()
                .map(|(key, item)| {
                    format!(
                        "{}: {}",
                        crate::dialect::ident::python_repr(key),
                        json_repr(item)
                    )
                })
                .collect();
            format!("{{{}}}", parts.join(", "))
        }
    }
}
