//! Bound values: literal, as placeholders, or as a driver sends them.

use num_bigint::BigInt;

use crate::dialect::Binds;
use crate::dialect::CompileError;
use crate::dialect::sql::Compiler;
use crate::dialect::sql::Context;
use crate::dialect::sql::json::dumps;
use crate::dialect::sql::literal;
use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::expr::names::Identity;
use crate::schema::literal::Literal;
use crate::schema::types::SqlType;

impl Compiler<'_> {
    /// `visit_bindparam`.
    pub(super) fn visit_bind(
        &mut self,
        bind: &Bind,
        context: Context,
    ) -> Result<String, CompileError> {
        if let Some(around) = bind.sql_type.bind_hook()
            && !self.within_bind_expression
            && !bind.inline
        {
            if bind.expanding {
                return Err(CompileError::Unsupported {
                    what: "IN with values of a type with a `bind_expression`".to_owned(),
                    dialect: self.dialect.name(),
                });
            }
            self.within_bind_expression = true;
            let text = self.put(around, &Expr::Bind(Box::new(bind.clone())), context);
            self.within_bind_expression = false;
            return text;
        }
        if bind.expanding {
            return self.visit_expanding(bind, context, None);
        }
        if bind.inline {
            let value = bind.value.clone().unwrap_or(Literal::Null);
            return self.render_literal(&value, &bind.sql_type);
        }
        match self.binds {
            Binds::Literal if !context.placeholder => match &bind.value {
                Some(value) => self.render_literal(value, &bind.sql_type),
                None => Ok("NULL".to_owned()),
            },
            Binds::Literal | Binds::Placeholder => {
                let name = self.bind_name(bind);
                Ok(self.placeholder(&name, Some(&bind.sql_type)))
            }
            Binds::Driver => match &bind.value {
                Some(value) => self.driver_value(value, &bind.sql_type),
                None => Err(CompileError::Upstream {
                    class: "StatementError",
                    message: format!(
                        "(sqlalchemy.exc.InvalidRequestError) A value is required for bind parameter '{}'",
                        bind.key
                    ),
                }),
            },
        }
    }

    fn bind_name(&mut self, bind: &Bind) -> String {
        match bind.unique {
            Some(id) => self.anonymous_name(&bind.key, Identity::Element(id)),
            None => bind.key.clone(),
        }
    }

    /// An IN list: `(1, 2)`; an empty one is never true.
    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    pub(super) fn visit_expanding(
        &mut self,
        bind: &Bind,
        context: Context,
        negated: Option<bool>,
    ) -> Result<String, CompileError> {
        if self.binds == Binds::Placeholder || context.placeholder {
            let name = self.bind_name(bind);
            return Ok(format!("(__[POSTCOMPILE_{name}])"));
        }
        let Some(value) = &bind.value else {
            return match self.binds {
                Binds::Literal => Ok("(NULL)".to_owned()),
                Binds::Placeholder | Binds::Driver => Err(CompileError::Upstream {
                    class: "StatementError",
                    message: format!(
                        "(sqlalchemy.exc.InvalidRequestError) A value is required for bind parameter '{}'",
                        bind.key
                    ),
                }),
            };
        };
        let Literal::Array(items) = value else {
            return Err(CompileError::Upstream {
                class: "StatementError",
                message: format!(
                    "(builtins.TypeError) '{}' object is not iterable",
                    literal::python_repr(value)
                ),
            });
        };
        if items.is_empty() && self.is_sqlite() {
            return Ok(format!("({})", Self::sqlite_empty_set(1)));
        }
        if items.is_empty() {
            return Ok(match negated {
                Some(true) => "(NULL) OR (1 = 1)".to_owned(),
                Some(false) => "(NULL) AND (1 != 1)".to_owned(),
                None => {
                    let target = if bind.sql_type == SqlType::Null {
                        crate::schema::expr::infer::integer()
                    } else {
                        bind.sql_type.clone()
                    };
                    format!(
                        "(SELECT CAST(NULL AS {}) WHERE 1!=1)",
                        self.dialect.type_sql(&target)?
                    )
                }
            });
        }
        let mut parts = Vec::new();
        for item in items {
            parts.push(match item {
                Literal::Array(members) => {
                    let inner: Result<Vec<String>, CompileError> = members
                        .iter()
                        .map(|member| self.item(member, &SqlType::Null))
                        .collect();
                    format!("({})", inner?.join(", "))
                }
                // the type of a list that was given later is not that of what is in it
                other if self.binds == Binds::Literal => {
                    self.render_literal(other, &bind.sql_type)?
                }
                other => self.item(other, &bind.sql_type)?,
            });
        }
        // `tuple_in_values` of SQLite's dialect
        let is_rows = self.is_sqlite() && matches!(items.first(), Some(Literal::Array(_)));
        let values = if is_rows { "VALUES " } else { "" };
        Ok(format!("({values}{})", parts.join(", ")))
    }

    fn item(&self, value: &Literal, sql_type: &SqlType) -> Result<String, CompileError> {
        let inferred = crate::schema::expr::infer::type_of_value(value);
        let sql_type = if *sql_type == SqlType::Null {
            &inferred
        } else {
            sql_type
        };
        match self.binds {
            Binds::Driver => self.driver_value(value, sql_type),
            Binds::Literal | Binds::Placeholder => self.render_literal(value, sql_type),
        }
    }

    /// `bindparam_string`.
    pub(super) fn placeholder(&mut self, name: &str, sql_type: Option<&SqlType>) -> String {
        let driver = self.dialect.settings().driver.clone();
        let at = match self.positions.iter().position(|known| known == name) {
            Some(at) => at + 1,
            None => {
                self.positions.push(name.to_owned());
                self.positions.len()
            }
        };
        let text = if self.dialect.settings().double_percent {
            format!("%({name})s")
        } else if driver == "asyncpg" {
            format!("${at}")
        } else {
            format!(":{name}")
        };
        let casts = matches!(driver.as_str(), "psycopg" | "psycopg_async" | "asyncpg")
            || (driver.is_empty() && !self.dialect.is_2_0() && self.is_postgresql());
        let always = |sql_type: &SqlType| {
            driver == "psycopg2"
                && matches!(
                    sql_type.for_dialect("postgresql"),
                    SqlType::Uuid(_) | SqlType::Json(_) | SqlType::Array(_)
                )
        };
        match sql_type
            .filter(|sql_type| casts || always(sql_type))
            .and_then(|sql_type| self.cast_type(sql_type))
        {
            Some(cast) => format!("{text}::{cast}"),
            None => text,
        }
    }

    /// `render_bind_cast`: strings are cast without their length.
    fn cast_type(&self, sql_type: &SqlType) -> Option<String> {
        match sql_type.for_dialect(self.dialect.name()) {
            SqlType::Null | SqlType::Enum(_) | SqlType::Binary(_) => None,
            SqlType::String(_) => Some("VARCHAR".to_owned()),
            other => self.dialect.type_sql(other).ok(),
        }
    }

    /// A value as psycopg2 writes it into the text.
    fn driver_value(&self, value: &Literal, sql_type: &SqlType) -> Result<String, CompileError> {
        if self.is_sqlite() {
            return self.sqlite_value(value, sql_type);
        }
        let sql_type = sql_type.for_dialect(self.dialect.name());
        if let SqlType::Json(json) = sql_type {
            return Ok(match value {
                Literal::Null if json.none_as_null => "NULL".to_owned(),
                other => quoted(&dumps(&to_json(other)?)),
            });
        }
        if matches!(sql_type, SqlType::Boolean(_)) && *value != Literal::Null {
            return match literal::boolean(value) {
                Some(flag) => Ok(self.boolean_word(flag).to_owned()),
                None => Err(CompileError::Upstream {
                    class: "StatementError",
                    message: format!(
                        "(builtins.TypeError) Not a boolean value: {}",
                        literal::python_repr(value)
                    ),
                }),
            };
        }
        let array_item = match sql_type {
            SqlType::Array(array) => Some(&array.item),
            _ => None,
        };
        let text = driver_scalar(value, array_item, self)?;
        match (value, sql_type) {
            // an ARRAY of a typed column says its type: an empty one could not be understood otherwise
            (Literal::Array(_), SqlType::Array(_)) => {
                Ok(format!("{text}::{}", self.dialect.type_sql(sql_type)?))
            }
            _ => Ok(text),
        }
    }
}

/// One value by its Python class.
#[expect(
    clippy::too_many_lines,
    reason = "the steps share their state and are read in order"
)]
fn driver_scalar(
    value: &Literal,
    item: Option<&SqlType>,
    compiler: &Compiler<'_>,
) -> Result<String, CompileError> {
    Ok(match value {
        Literal::Null => "NULL".to_owned(),
        Literal::Bool(flag) => if *flag { "true" } else { "false" }.to_owned(),
        Literal::Int(number) => signed(&number.to_string(), *number < BigInt::from(0)),
        Literal::Float(float) if float.is_nan() => "'NaN'::float".to_owned(),
        Literal::Float(float) if float.is_infinite() => if *float > 0.0 {
            "'Infinity'::float"
        } else {
            "'-Infinity'::float"
        }
        .to_owned(),
        Literal::Float(float) => signed(&literal::float_repr(*float), *float < 0.0),
        Literal::Decimal(text) => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => signed(text, text.starts_with('-')),
            _ => "'NaN'::numeric".to_owned(),
        },
        Literal::Str(text) if text.contains('\0') => {
            return Err(CompileError::Upstream {
                class: "ValueError",
                message: "A string literal cannot contain NUL (0x00) characters.".to_owned(),
            });
        }
        Literal::Str(text) => quoted(text),
        Literal::Bytes(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("'\\x{hex}'::bytea")
        }
        Literal::Date(text) => format!("'{text}'::date"),
        Literal::Time(text) => {
            let zone = text.contains(['+', '-']);
            format!("'{text}'::{}", if zone { "timetz" } else { "time" })
        }
        Literal::DateTime(text) => {
            let zone = text
                .split_once(' ')
                .is_some_and(|(_, clock)| clock.contains(['+', '-']));
            format!(
                "'{text}'::{}",
                if zone { "timestamptz" } else { "timestamp" }
            )
        }
        Literal::Interval(microseconds) => {
            // days stay days, as a timedelta has them
            let day = 86_400_000_000;
            let rest = microseconds.rem_euclid(day);
            format!(
                "'{} days {}.{:06} seconds'::interval",
                microseconds.div_euclid(day),
                rest / 1_000_000,
                rest % 1_000_000
            )
        }
        Literal::Uuid(text) => format!("'{text}'::uuid"),
        Literal::Json(_) => return Err(cannot_adapt("dict")),
        Literal::Array(items) if items.is_empty() => "'{}'".to_owned(),
        Literal::Array(items) => {
            let parts: Result<Vec<String>, CompileError> = items
                .iter()
                .map(|element| match item {
                    Some(item) if !matches!(element, Literal::Array(_)) => {
                        compiler.driver_value(element, item)
                    }
                    _ => driver_scalar(element, item, compiler),
                })
                .collect();
            format!("ARRAY[{}]", parts?.join(", "))
        }
        Literal::Rendered(text) => text.clone(),
        Literal::Opaque { class, .. } => return Err(cannot_adapt(class)),
    })
}

fn cannot_adapt(class: &str) -> CompileError {
    CompileError::Upstream {
        class: "ProgrammingError",
        message: format!("can't adapt type '{class}'"),
    }
}

/// A minus sign never meets another one.
fn signed(text: &str, is_negative: bool) -> String {
    if is_negative {
        format!(" {text}")
    } else {
        text.to_owned()
    }
}

/// A string constant that means the same whatever `standard_conforming_strings` says.
fn quoted(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}

/// A value as JSON.
pub(super) fn to_json(value: &Literal) -> Result<serde_json::Value, CompileError> {
    use serde_json::Value;
    Ok(match value {
        Literal::Null => Value::Null,
        Literal::Bool(flag) => Value::Bool(*flag),
        Literal::Int(number) => match (i64::try_from(number), u64::try_from(number)) {
            (Ok(small), _) => Value::from(small),
            (_, Ok(large)) => Value::from(large),
            _ => return Err(not_serializable("int")),
        },
        Literal::Float(float) => serde_json::Number::from_f64(*float)
            .map(Value::Number)
            .ok_or_else(|| not_serializable("float"))?,
        Literal::Str(text) => Value::String(text.clone()),
        Literal::Json(json) => json.clone(),
        Literal::Array(items) => {
            let parts: Result<Vec<Value>, CompileError> = items.iter().map(to_json).collect();
            Value::Array(parts?)
        }
        Literal::Decimal(_) => return Err(not_serializable("Decimal")),
        Literal::Bytes(_) => return Err(not_serializable("bytes")),
        Literal::Date(_) => return Err(not_serializable("date")),
        Literal::Time(_) => return Err(not_serializable("time")),
        Literal::DateTime(_) => return Err(not_serializable("datetime")),
        Literal::Interval(_) => return Err(not_serializable("timedelta")),
        Literal::Uuid(_) => return Err(not_serializable("UUID")),
        Literal::Rendered(_) => return Err(not_serializable("object")),
        Literal::Opaque { class, .. } => return Err(not_serializable(class)),
    })
}

fn not_serializable(class: &str) -> CompileError {
    CompileError::Upstream {
        class: "StatementError",
        message: format!("(builtins.TypeError) Object of type {class} is not JSON serializable"),
    }
}
