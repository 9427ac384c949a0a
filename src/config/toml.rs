//! `[tool.alembic]` of pyproject.toml: alembic/config.py `_get_toml_config_value`.

use crate::config::hooks::Hook;
use indexmap::IndexMap;
use std::path::Path;

use toml::Table;
use toml::Value;

use crate::config::error::Error;
use crate::config::error::repr;
use crate::config::interpolation::percent;

/// The value of an option, wherever it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionValue {
    /// A text.
    Text(String),
    /// A list of texts (TOML only).
    Texts(Vec<String>),
    /// A number (TOML only).
    Integer(i64),
    /// A truth value (TOML only).
    Bool(bool),
    /// A table of texts (TOML only).
    Table(IndexMap<String, String>),
    /// A list of tables of texts (TOML only).
    Tables(Vec<IndexMap<String, String>>),
}

impl OptionValue {
    /// What it is called in messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Texts(_) => "a list",
            Self::Integer(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::Table(_) => "a table",
            Self::Tables(_) => "a list of tables",
        }
    }
}

/// The table `[tool.alembic]`, empty when there is none.
#[derive(Debug, Clone, Default)]
pub struct Toml {
    table: Table,
    here: String,
}

impl Toml {
    /// Reads the file if it exists.
    pub(crate) fn load(file: &Path, here: &str) -> Result<Self, Error> {
        let empty = Self {
            table: Table::new(),
            here: here.to_owned(),
        };
        let Ok(bytes) = std::fs::read(file) else {
            return Ok(empty);
        };
        let text = String::from_utf8(bytes).map_err(|_| {
            Error::python(
                "UnicodeDecodeError",
                format!("{} is not UTF-8", file.display()),
            )
        })?;
        let mut data: Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(0, |span| {
                1 + text
                    .get(..span.start)
                    .unwrap_or_default()
                    .matches('\n')
                    .count()
            });
            Error::python(
                "tomllib.TOMLDecodeError",
                format!("{} ({}, line {line})", error.message(), file.display()),
            )
        })?;
        match data.remove("tool") {
            None => Ok(empty),
            Some(Value::Table(mut tool)) => match tool.remove("alembic") {
                None => Ok(empty),
                Some(Value::Table(table)) => Ok(Self { table, ..empty }),
                Some(_) => Err(Error::command("Incorrect TOML format")),
            },
            Some(_) => Err(Error::command("Incorrect TOML format")),
        }
    }

    /// `_get_toml_config_value`.
    pub(crate) fn get(&self, name: &str) -> Result<Option<OptionValue>, Error> {
        let Some(value) = self.table.get(name) else {
            return Ok(None);
        };
        let found = match value {
            Value::String(text) => OptionValue::Text(percent(text, &self.here)?),
            Value::Integer(number) => OptionValue::Integer(*number),
            Value::Boolean(flag) => OptionValue::Bool(*flag),
            Value::Array(items) if matches!(items.first(), Some(Value::Table(_))) => {
                let tables = items.iter().map(|item| match item {
                    Value::Table(table) => self.texts(table),
                    other => Err(Error::python(
                        "AttributeError",
                        format!("'{}' object has no attribute 'items'", class(other)),
                    )),
                });
                OptionValue::Tables(tables.collect::<Result<_, _>>()?)
            }
            Value::Array(items) => {
                let texts = items.iter().map(|item| self.text(item));
                OptionValue::Texts(texts.collect::<Result<_, _>>()?)
            }
            Value::Table(table) => OptionValue::Table(self.texts(table)?),
            Value::Float(_) | Value::Datetime(_) => {
                return Err(unsupported(name));
            }
        };
        Ok(Some(found))
    }

    /// A table with its tokens filled in.
    fn texts(&self, table: &Table) -> Result<IndexMap<String, String>, Error> {
        let entries = table.iter();
        entries
            .map(|(key, value)| Ok((key.clone(), self.text(value)?)))
            .collect()
    }

    /// `value % toml_args`.
    fn text(&self, value: &Value) -> Result<String, Error> {
        match value {
            Value::String(text) => percent(text, &self.here),
            other => Err(Error::python(
                "TypeError",
                format!(
                    "unsupported operand type(s) for %: '{}' and 'dict'",
                    class(other)
                ),
            )),
        }
    }

    /// A list of texts; a lone text is refused (Alembic would take it letter by letter).
    pub(crate) fn get_texts(&self, name: &str) -> Result<Option<Vec<String>>, Error> {
        match self.get(name)? {
            None => Ok(None),
            Some(OptionValue::Texts(items)) => Ok(Some(items).filter(|items| !items.is_empty())),
            Some(other) => Err(Error::command(format!(
                "`{name}` must be a list of strings in pyproject.toml, not {}",
                other.kind()
            ))),
        }
    }

    /// `post_write_hooks`: a list of tables.
    pub(crate) fn hooks(&self) -> Result<Vec<Hook>, Error> {
        let key = "post_write_hooks";
        let tables = match self.get(key)? {
            None => return Ok(Vec::new()),
            Some(OptionValue::Tables(tables)) => tables,
            Some(OptionValue::Texts(items)) if items.is_empty() => return Ok(Vec::new()),
            Some(_) => return Err(unsupported(key)),
        };
        let hook = |mut options: IndexMap<String, String>| match options.shift_remove("name") {
            Some(name) => Ok(Hook { name, options }),
            None => Err(Error::python("KeyError", "'name'")),
        };
        tables.into_iter().map(hook).collect()
    }

    pub(crate) fn get_bool(&self, name: &str) -> Result<bool, Error> {
        match self.table.get(name) {
            None => Ok(false),
            Some(Value::Boolean(flag)) => Ok(*flag),
            Some(_) => Err(Error::command(format!(
                "boolean value expected for TOML parameter {}",
                repr(name)
            ))),
        }
    }
}

/// The Python class of a value.
fn class(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "str",
        Value::Integer(_) => "int",
        Value::Float(_) => "float",
        Value::Boolean(_) => "bool",
        Value::Datetime(datetime) => match (&datetime.date, &datetime.time) {
            (Some(_), Some(_)) => "datetime.datetime",
            (Some(_), None) => "datetime.date",
            (None, _) => "datetime.time",
        },
        Value::Array(_) => "list",
        Value::Table(_) => "dict",
    }
}

fn unsupported(name: &str) -> Error {
    Error::command(format!(
        "unsupported TOML value type for key: {}",
        repr(name)
    ))
}
