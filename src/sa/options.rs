//! Dialect keyword arguments: `postgresql_where=…`. sqlalchemy/sql/base.py `DialectKWArgs`.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::sa::clause;
use crate::schema::options::OptionValue;

/// What PostgreSQL takes, by class: base.py `PGDialect.construct_arguments`.
const POSTGRESQL: &[(&str, &[&str])] = &[
    (
        "Index",
        &[
            "using",
            "include",
            "where",
            "ops",
            "concurrently",
            "with",
            "tablespace",
            "nulls_not_distinct",
        ],
    ),
    (
        "Table",
        &[
            "ignore_search_path",
            "tablespace",
            "partition_by",
            "with_oids",
            "with",
            "on_commit",
            "inherits",
            "using",
        ],
    ),
    ("CheckConstraint", &["not_valid"]),
    ("ForeignKeyConstraint", &["not_valid"]),
    ("ForeignKey", &["not_valid"]),
    ("PrimaryKeyConstraint", &["include"]),
    ("UniqueConstraint", &["include", "nulls_not_distinct"]),
];

/// What SQLite takes, by class: sqlite/base.py `SQLiteDialect.construct_arguments`.
const SQLITE: &[(&str, &[&str])] = &[
    ("Table", &["autoincrement", "with_rowid", "strict"]),
    ("Index", &["where"]),
    (
        "Column",
        &[
            "on_conflict_primary_key",
            "on_conflict_not_null",
            "on_conflict_unique",
        ],
    ),
    ("CheckConstraint", &["on_conflict"]),
    ("ForeignKeyConstraint", &["on_conflict"]),
    ("PrimaryKeyConstraint", &["on_conflict"]),
    ("UniqueConstraint", &["on_conflict"]),
    ("ExcludeConstraint", &["on_conflict"]),
];

/// The dialect options among keyword arguments of a schema item.
pub fn from_keywords(
    vm: &Vm,
    keywords: &[(Rc<str>, Value)],
    class: &str,
) -> PyResult<IndexMap<String, OptionValue>> {
    let mut options = IndexMap::new();
    for (key, value) in keywords {
        let Some((dialect, argument)) = key.split_once('_') else {
            return Err(PyError::type_error(format!(
                "Additional arguments should be named <dialectname>_<argument>, got '{key}'"
            )));
        };
        let accepted = match dialect {
            "postgresql" => POSTGRESQL,
            "sqlite" => SQLITE,
            // Upstream warns "Can't validate argument" for dialects it cannot find, and goes on. Kept for who writes the item as Python again.
            _ => {
                if let Ok(value) = value_of(vm, argument, value) {
                    options.insert(key.to_string(), value);
                }
                continue;
            }
        };
        let known = accepted
            .iter()
            .find(|(name, _)| *name == class)
            .map(|(_, names)| *names)
            .unwrap_or_default();
        let too_new = class == "Table"
            && dialect == "postgresql"
            && argument == "with"
            && clause::default_dialect().is_2_0();
        if !known.contains(&argument) || too_new {
            return Err(clause::argument_error(format!(
                "Argument '{key}' is not accepted by dialect '{dialect}' on behalf of <class '{}.{class}'>",
                if class == "ExcludeConstraint" {
                    "sqlalchemy.dialects.postgresql.ext"
                } else {
                    "sqlalchemy.sql.schema"
                }
            )));
        }
        options.insert(key.to_string(), value_of(vm, argument, value)?);
    }
    Ok(options)
}

/// The pairs of a dictionary with text keys.
pub fn pairs(vm: &Vm, value: &Value) -> PyResult<Vec<(String, Value)>> {
    let keys = vm.collect(value)?;
    let mut pairs = Vec::with_capacity(keys.len());
    for key in keys {
        let text = vm.str(&key)?.to_string();
        pairs.push((text, vm.get_item(value, &key)?));
    }
    Ok(pairs)
}

/// The value of an option.
fn value_of(vm: &Vm, argument: &str, value: &Value) -> PyResult<OptionValue> {
    Ok(match value {
        Value::Unresolved(unresolved) => {
            return Err(unresolved_error(
                unresolved,
                &format!("as the option `{argument}`"),
            ));
        }
        Value::None => OptionValue::None,
        Value::Bool(flag) => OptionValue::Bool(*flag),
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => {
            OptionValue::Number(vm.str(value)?.to_string())
        }
        Value::Dict(_) => {
            let mut items = Vec::new();
            for (key, item) in pairs(vm, value)? {
                items.push((key, value_of(vm, argument, &item)?));
            }
            OptionValue::Map(items)
        }
        Value::List(_) | Value::Tuple(_) | Value::Set(_) => {
            let mut items = Vec::new();
            for item in vm.collect(value)? {
                items.push(item_of(vm, argument, &item)?);
            }
            OptionValue::List(items)
        }
        other => match other.as_str() {
            Some(text) if argument == "where" => {
                OptionValue::Expr(crate::schema::expr::Expr::text(&*text))
            }
            Some(text) => OptionValue::Str(text.to_string()),
            None => OptionValue::Expr(clause::expr(vm, other)?),
        },
    })
}

/// An item of a list option: a column counts by its name.
fn item_of(vm: &Vm, argument: &str, item: &Value) -> PyResult<OptionValue> {
    match item.native::<crate::sa::column::PyColumn>() {
        Some(column) => Ok(OptionValue::Str(column.name_text())),
        None => value_of(vm, argument, item),
    }
}
