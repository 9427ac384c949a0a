//! The exceptions for errors of the database. sqlalchemy/exc.py `StatementError`, `DBAPIError`.

use crate::db;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyErrorKind;
use crate::py::error::PyResult;
use crate::py::exceptions;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Location;
use crate::py::vm::Vm;
use crate::sa::dbapi;
use crate::sa::exc;

/// The class of each SQLSTATE in psycopg2 and psycopg, a line each.
const CLASSES: &str = include_str!("sqlstates.txt");

/// What a failed statement raises: the class that the driver chooses, the text that SQLAlchemy composes, and as a note the
/// Python line that sent it.
pub fn from_db_error(error: &db::Error, sent_by: Option<&Location>) -> PyError {
    let class = dbapi_class(error);
    let said = said(error);
    let start = format!("({}) {said}", original_class(error, class));
    let exception = exceptions::instance(&Class::of(class), vec![Value::str(start)]);
    if let Value::Instance(made) = &exception {
        let text = |value: &Option<String>| value.as_ref().map_or(Value::None, Value::str);
        made.set("statement", text(&error.statement));
        made.set("code", Value::str(background(class)));
        made.set("connection_invalidated", Value::Bool(false));
        made.set("hide_parameters", Value::Bool(false));
        made.set("detail", Value::list(Vec::new()));
        made.set("orig", original(error, class, &said));
        if let Some(Location { file, line }) = sent_by {
            let note = format!("[sent by: File \"{file}\", line {line}]");
            made.set("__notes__", Value::list(vec![Value::str(note)]));
        }
    }
    PyError::from_kind(PyErrorKind::Exception(exception))
}

/// The driver's own exception.
fn original(error: &db::Error, class: &'static NativeClass, said: &str) -> Value {
    let original = match error.class.and_then(dbapi::exception) {
        Some(own) => own,
        None => class,
    };
    let made = exceptions::instance(&Class::of(original), vec![Value::str(said)]);
    if let (Value::Instance(made), None) = (&made, error.class) {
        let text = |value: &Option<String>| value.as_ref().map_or(Value::None, Value::str);
        made.set("pgcode", text(&error.sqlstate));
        made.set("sqlstate", text(&error.sqlstate));
        let severity = error.severity.as_deref().unwrap_or("ERROR");
        let full = error
            .sqlstate
            .as_ref()
            .map(|_| format!("{severity}:  {said}"));
        made.set("pgerror", text(&full));
    }
    made
}

/// `str(error)`: `StatementError._sql_message`.
pub(super) fn statement_error_str(vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    let Value::Instance(made) = receiver else {
        return Err(PyError::type_error(
            "descriptor requires a 'StatementError' object",
        ));
    };
    let arguments = match made.get("args") {
        Some(arguments) => vm.collect(&arguments)?,
        None => Vec::new(),
    };
    let mut text = match arguments.as_slice() {
        [] => String::new(),
        [single] => vm.str(single)?,
        [..] => vm.str(&Value::tuple(arguments))?,
    };
    if let Some(Value::Str(statement)) = made.get("statement") {
        text.push_str(&format!("\n[SQL: {statement}]"));
    }
    if let Some(Value::Str(code)) = made.get("code") {
        let version = match crate::sa::clause::default_dialect().is_2_0() {
            true => "20",
            false => "21",
        };
        text.push_str(&format!(
            "\n(Background on this error at: https://sqlalche.me/e/{version}/{code})"
        ));
    }
    Ok(Value::str(text))
}

/// psycopg2's classification of SQLSTATEs (psycopg/pqpath.c exception_from_sqlstate).
fn dbapi_class(error: &db::Error) -> &'static NativeClass {
    if let Some(class) = error.class {
        return match class {
            "InterfaceError" => &exc::INTERFACE_ERROR,
            "InternalError" => &exc::INTERNAL_ERROR,
            "OperationalError" => &exc::OPERATIONAL_ERROR,
            "DataError" => &exc::DATA_ERROR,
            "IntegrityError" => &exc::INTEGRITY_ERROR,
            "ProgrammingError" => &exc::PROGRAMMING_ERROR,
            _ => &exc::DATABASE_ERROR,
        };
    }
    let Some(code) = error.sqlstate.as_deref() else {
        return if error.message == db::EMPTY_QUERY {
            &exc::PROGRAMMING_ERROR
        } else {
            &exc::OPERATIONAL_ERROR
        };
    };
    match code.get(..2).unwrap_or_default() {
        "0A" => &exc::NOT_SUPPORTED_ERROR,
        "20" | "21" | "3D" | "3F" | "42" => &exc::PROGRAMMING_ERROR,
        "22" => &exc::DATA_ERROR,
        "23" => &exc::INTEGRITY_ERROR,
        "24" | "25" | "0B" | "2B" | "2D" | "2F" | "34" | "38" | "39" | "3B" | "P0" | "XX" => {
            &exc::INTERNAL_ERROR
        }
        "08" | "40" | "53" | "54" | "55" | "57" | "58" | "HV" => &exc::OPERATIONAL_ERROR,
        _ => &exc::DATABASE_ERROR,
    }
}

/// The code in SQLAlchemy's "Background on this error" link.
fn background(class: &'static NativeClass) -> &'static str {
    match class.name {
        "DataError" => "9h9h",
        "OperationalError" => "e3q8",
        "IntegrityError" => "gkpj",
        "InterfaceError" => "rvf5",
        "InternalError" => "2j85",
        "ProgrammingError" => "f405",
        "NotSupportedError" => "tw8g",
        _ => "4xp6",
    }
}

/// The module of the driver's exceptions.
fn driver() -> Option<&'static str> {
    match crate::sa::clause::default_dialect()
        .settings()
        .driver
        .as_str()
    {
        "psycopg" | "psycopg_async" => Some("psycopg"),
        "" | "psycopg2" | "psycopg2cffi" => Some("psycopg2"),
        _ => None,
    }
}

/// The full name of the driver's class; of a driver whose exceptions are not modelled the SQLSTATE.
fn original_class(error: &db::Error, class: &'static NativeClass) -> String {
    if let Some(class) = error.class {
        return format!("sqlite3.{class}");
    }
    let Some(driver) = driver() else {
        let code = error.sqlstate.clone();
        return code.unwrap_or_else(|| class.name.to_owned());
    };
    let named = error.sqlstate.as_deref().and_then(|code| {
        let mut lines = CLASSES.lines();
        lines.find_map(|line| line.strip_prefix(code)?.strip_prefix(' '))
    });
    match named {
        Some(name) => format!("{driver}.errors.{name}"),
        None => format!("{driver}.{}", class.name),
    }
}

/// What the driver's exception says: everything the server said.
fn said(error: &db::Error) -> String {
    let mut text = error.message.clone();
    if error.sqlstate.is_none() {
        return text;
    }
    if let (Some(position), Some(statement)) = (error.position, &error.statement) {
        text.push_str(&excerpt(statement, position));
    }
    for (label, part) in [
        ("DETAIL", &error.detail),
        ("HINT", &error.hint),
        ("CONTEXT", &error.context),
    ] {
        if let Some(part) = part {
            text.push_str(&format!("\n{label}:  {part}"));
        }
    }
    // libpq's text ends so, and psycopg takes that away
    if driver() != Some("psycopg") {
        text.push('\n');
    }
    text
}

/// `LINE n: …` with a caret, as libpq shows it; `position` counts characters from 1.
fn excerpt(statement: &str, position: usize) -> String {
    let before: String = statement.chars().take(position.saturating_sub(1)).collect();
    let line = before.matches('\n').count();
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count();
    let source = statement.split('\n').nth(line).unwrap_or_default();
    let label = format!("LINE {}: ", line + 1);
    format!("\n{label}{source}\n{}^", " ".repeat(label.len() + column))
}
