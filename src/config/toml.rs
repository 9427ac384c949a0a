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
}

impl OptionValue {
    /// What it is called in messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Texts(_) => "a list",
            Self::Integer(_) => "a number",
            Self::Bool(_) => "a boolean",
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
            Value::Array(items) => OptionValue::Texts(
                items
                    .iter()
                    .map(|item| self.text(name, item))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Float(_) | Value::Datetime(_) | Value::Table(_) => {
                return Err(unsupported(name));
            }
        };
        Ok(Some(found))
    }

    fn text(&self, name: &str, value: &Value) -> Result<String, Error> {
        match value {
            Value::String(text) => percent(text, &self.here),
            Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::Array(_)
            | Value::Table(_) => Err(unsupported(name)),
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
        let items = match self.table.get(key) {
            None => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(unsupported(key)),
        };
        items.iter().map(|item| self.hook(key, item)).collect()
    }

    fn hook(&self, key: &str, item: &Value) -> Result<Hook, Error> {
        let Value::Table(table) = item else {
            return Err(unsupported(key));
        };
        let mut hook = Hook {
            name: String::new(),
            options: IndexMap::new(),
        };
        for (name, value) in table {
            let text = self.text(key, value)?;
            if name == "name" {
                hook.name = text;
            } else {
                hook.options.insert(name.clone(), text);
            }
        }
        if hook.name.is_empty() {
            return Err(Error::python("KeyError", "'name'"));
        }
        Ok(hook)
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

fn unsupported(name: &str) -> Error {
    Error::command(format!(
        "unsupported TOML value type for key: {}",
        repr(name)
    ))
}
