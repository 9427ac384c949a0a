//! Naming conventions: sqlalchemy/sql/naming.py.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::sa::exc;
use crate::schema::name::Name;
use crate::schema::name::NameKind;
use crate::schema::table::TableName;

/// Templates by kind (`ix`, `uq`, `ck`, `fk`, `pk`), and callables by token.
#[derive(Debug, Clone)]
pub struct NamingConvention {
    templates: Rc<IndexMap<String, String>>,
    callables: Rc<IndexMap<String, Value>>,
    /// Why the convention is not known: names that could depend on it are refused.
    unknown: Option<Rc<Unresolved>>,
}

impl Default for NamingConvention {
    /// schema.py `DEFAULT_NAMING_CONVENTION`.
    fn default() -> Self {
        DEFAULT.with(Self::clone)
    }
}

thread_local! {
    static DEFAULT: NamingConvention = NamingConvention {
        templates: Rc::new(IndexMap::from([(
            "ix".to_owned(),
            "ix_%(column_0_label)s".to_owned(),
        )])),
        callables: Rc::default(),
        unknown: None,
    };
}

/// What a constraint is, for its name.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// The table.
    pub table: TableName,
    /// Name and key of its columns.
    pub columns: Vec<(String, String)>,
    /// The table a foreign key refers to, and the columns.
    pub referred: Option<(String, Vec<String>)>,
}

impl NamingConvention {
    /// The convention of metadata that could not be evaluated.
    pub fn unknown(reason: Rc<Unresolved>) -> Self {
        Self {
            unknown: Some(reason),
            ..Self::default()
        }
    }

    /// From `MetaData(naming_convention=…)`.
    pub fn from_value(vm: &Vm, value: &Value) -> PyResult<Self> {
        let mut made = Self {
            templates: Rc::default(),
            callables: Rc::default(),
            unknown: None,
        };
        if value.is_none() {
            return Ok(Self::default());
        }
        let keys = vm.collect(value)?;
        for key in keys {
            let entry = vm.get_item(value, &key)?;
            let kind = match &key {
                Value::Class(class) => kind_of_class(class).map(str::to_owned),
                other => other.as_str().map(|text| text.to_string()),
            };
            let Some(kind) = kind else {
                return Err(PyError::unsupported(
                    "a naming convention key that is neither text nor a constraint class",
                ));
            };
            match entry.as_str() {
                Some(text) => {
                    Rc::make_mut(&mut made.templates).insert(kind, text.to_string());
                }
                None if entry.is_none() => {}
                None => {
                    Rc::make_mut(&mut made.callables).insert(kind, entry);
                }
            }
        }
        Ok(made)
    }

    /// `_constraint_name_for_table`: the name a constraint gets when attached.
    pub fn resolve(
        &self,
        vm: &Vm,
        kind: &str,
        name: Option<Name>,
        subject: &Subject,
    ) -> PyResult<Option<Name>> {
        if let Some(reason) = &self.unknown {
            return known_without(reason, kind, name);
        }
        let Some(template) = self.templates.get(kind) else {
            return Ok(name);
        };
        match &name {
            Some(given) if given.kind == NameKind::Convention => return Ok(name),
            Some(_) if !template.contains("constraint_name") => return Ok(name),
            Some(_) | None => {}
        }
        let text = format_template(template, |token| {
            self.token(vm, token, name.as_ref(), subject)
        })?;
        Ok(Some(Name::convention(text)))
    }

    /// `ConventionDict.__getitem__`.
    fn token(
        &self,
        vm: &Vm,
        token: &str,
        name: Option<&Name>,
        subject: &Subject,
    ) -> PyResult<String> {
        if let Some(callable) = self.callables.get(token) {
            let face = crate::sa::naming_face::subject(subject, name);
            let table = vm.get_attr(&face, "table")?;
            let made = vm.call(callable, Args::of(vec![face, table]))?;
            return Ok(vm.str(&made)?.to_string());
        }
        match token {
            "table_name" => Ok(subject.table.name.text.clone()),
            "constraint_name" => name.map(|name| name.text.clone()).ok_or_else(|| {
                exc::upstream(
                    "InvalidRequestError",
                    "Naming convention including %(constraint_name)s token requires that constraint is explicitly named.",
                )
            }),
            "referred_table_name" => match &subject.referred {
                Some((table, _)) => Ok(table.clone()),
                None => Err(PyError::key_error(Value::str(token))),
            },
            _ => column_token(token, subject).ok_or_else(|| PyError::key_error(Value::str(token))),
        }
    }
}

/// A name when the convention is not known: only a final name, and the plain name of something that conventions do not
/// usually rewrite, can be said.
fn known_without(reason: &Unresolved, kind: &str, name: Option<Name>) -> PyResult<Option<Name>> {
    match &name {
        _ if kind == "ex" => Ok(name),
        Some(given) if given.kind == NameKind::Convention || kind != "ck" => Ok(name),
        _ => Err(unresolved_error(
            reason,
            "as `target_metadata`, whose naming convention decides the name of a constraint",
        )),
    }
}

/// The kind of a constraint class used as a key.
fn kind_of_class(class: &Class) -> Option<&'static str> {
    Some(match &*class.name {
        "Index" => "ix",
        "UniqueConstraint" => "uq",
        "CheckConstraint" => "ck",
        "ForeignKeyConstraint" => "fk",
        "PrimaryKeyConstraint" => "pk",
        _ => return None,
    })
}

/// `column_0_name`, `column_0N_name`, `column_0_N_key`, `referred_column_0_name`…
fn column_token(token: &str, subject: &Subject) -> Option<String> {
    let (is_referred, rest) = match token.strip_prefix("referred_") {
        Some(rest) => (true, rest),
        None => (false, token),
    };
    let rest = rest.strip_prefix("column_")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let index: usize = rest.get(..digits)?.parse().ok()?;
    let rest = rest.get(digits..)?;
    let (separator, attribute) = if let Some(attribute) = rest.strip_prefix("_N_") {
        (Some("_"), attribute)
    } else if let Some(attribute) = rest.strip_prefix("N_") {
        (Some(""), attribute)
    } else {
        (None, rest.strip_prefix('_')?)
    };
    let values: Vec<String> = if is_referred {
        if attribute != "name" {
            return None;
        }
        subject.referred.as_ref()?.1.clone()
    } else {
        let of = |(name, key): &(String, String)| match attribute {
            "name" => Some(name.clone()),
            "key" => Some(key.clone()),
            "label" => Some(label(&subject.table, name)),
            _ => None,
        };
        subject
            .columns
            .iter()
            .map(of)
            .collect::<Option<Vec<String>>>()?
    };
    if !is_referred && !matches!(attribute, "name" | "key" | "label") {
        return None;
    }
    Some(match separator {
        Some(separator) => values.join(separator),
        None => values.get(index).cloned().unwrap_or_default(),
    })
}

/// `column._ddl_label`.
fn label(table: &TableName, column: &str) -> String {
    match &table.schema {
        Some(schema) if !schema.text.is_empty() => format!(
            "{}_{}_{column}",
            schema.text.replace('.', "_"),
            table.name.text
        ),
        _ => format!("{}_{column}", table.name.text),
    }
}

/// Python's `template % mapping`, for `%(token)s` and `%%`.
fn format_template(
    template: &str,
    mut token: impl FnMut(&str) -> PyResult<String>,
) -> PyResult<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let after = after.get(1..).unwrap_or_default();
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let inner = after
            .strip_prefix('(')
            .and_then(|inner| inner.split_once(')'));
        let Some((name, tail)) = inner else {
            return Err(PyError::unsupported(format!(
                "the naming convention `{template}`"
            )));
        };
        let Some(tail) = tail.strip_prefix('s') else {
            return Err(PyError::unsupported(format!(
                "the naming convention `{template}`"
            )));
        };
        out.push_str(&token(name)?);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject {
        Subject {
            table: TableName {
                schema: Some(Name::new("a.b")),
                name: Name::new("t"),
            },
            columns: vec![
                ("x".to_owned(), "kx".to_owned()),
                ("y".to_owned(), "y".to_owned()),
            ],
            referred: Some(("o".to_owned(), vec!["id".to_owned(), "id2".to_owned()])),
        }
    }

    #[test]
    fn column_tokens_name_one_or_all_columns() {
        let token = |text: &str| column_token(text, &subject());
        assert_eq!(token("column_0_name").as_deref(), Some("x"));
        assert_eq!(token("column_0_key").as_deref(), Some("kx"));
        assert_eq!(token("column_0_label").as_deref(), Some("a_b_t_x"));
        assert_eq!(token("column_0_N_name").as_deref(), Some("x_y"));
        assert_eq!(token("column_0N_name").as_deref(), Some("xy"));
        assert_eq!(token("column_7_name").as_deref(), Some(""));
        assert_eq!(token("referred_column_0_name").as_deref(), Some("id"));
        assert_eq!(token("column_0_bogus"), None);
    }
}
