//! What psycopg2 and psycopg make of `%s` and `%(name)s`: psycopg/cursor_type.c `_mogrify`, psycopg/_queries.py `_query2pg`.
//!
//! psycopg2 writes the values into the text; psycopg sends them beside it with the types it takes them for, which are casts here.

use num_traits::ToPrimitive;

use crate::db;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::expr::literal::literal_of;
use crate::schema::literal::Literal;
use crate::schema::types::SqlType;

use super::Set;

/// A piece of a statement.
#[derive(Debug, PartialEq)]
enum Piece<'t> {
    Text(&'t str),
    /// `%s`.
    Next,
    /// `%(name)s`.
    Name(&'t str),
}

/// The texts to send, one for each set of parameters.
pub(super) fn texts(vm: &Vm, sql: &str, sets: &[Set], driver: &str) -> PyResult<Vec<String>> {
    let is_client_side = driver.starts_with("psycopg2");
    let pieces = match pieces(sql) {
        Ok(pieces) => pieces,
        Err(found) => return Err(bad_placeholder(vm, sql, &found, sets, is_client_side)),
    };
    let none = [Set::Named(Vec::new())];
    let sets = if sets.is_empty() { &none } else { sets };
    let mut texts = Vec::new();
    for set in sets {
        texts.push(text(vm, sql, &pieces, set, is_client_side)?);
    }
    Ok(texts)
}

/// Cuts at placeholders; `%%` is a percent sign. The error: what follows a percent sign that is none of these.
fn pieces(sql: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = sql;
    while let Some(at) = rest.find('%') {
        let (before, after) = rest.split_at(at);
        pieces.push(Piece::Text(before));
        if let Some(after) = after.strip_prefix("%%") {
            pieces.push(Piece::Text("%"));
            rest = after;
        } else if let Some(after) = after.strip_prefix("%s") {
            pieces.push(Piece::Next);
            rest = after;
        } else if let Some((name, after)) = after
            .strip_prefix("%(")
            .and_then(|after| after.split_once(")s"))
            .filter(|(name, _)| !name.contains(')'))
        {
            pieces.push(Piece::Name(name));
            rest = after;
        } else {
            return Err(after.chars().skip(1).take(1).collect());
        }
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

fn text(
    vm: &Vm,
    sql: &str,
    pieces: &[Piece<'_>],
    set: &Set,
    is_client_side: bool,
) -> PyResult<String> {
    let count = pieces
        .iter()
        .filter(|piece| !matches!(piece, Piece::Text(_)))
        .count();
    if count > 0 && !is_client_side {
        refuse_utility(sql)?;
    }
    if let Set::Positional(values) = set
        && values.len() != count
    {
        return Err(wrong_count(vm, sql, count, values.len(), is_client_side));
    }
    let mut written = String::with_capacity(sql.len());
    let mut next = 0;
    for piece in pieces {
        let value = match (piece, set) {
            (Piece::Text(text), _) => {
                written.push_str(text);
                continue;
            }
            (Piece::Next, Set::Positional(values)) => {
                next += 1;
                values.get(next - 1)
            }
            (Piece::Name(name), Set::Named(values)) => {
                match values.iter().find(|(known, _)| known == name) {
                    Some((_, value)) => Some(value),
                    None if is_client_side => {
                        return Err(PyError::key_error(Value::str(*name)));
                    }
                    None => {
                        let message = format!("query parameter missing: {name}");
                        return Err(programming_error(vm, sql, message));
                    }
                }
            }
            (Piece::Next, Set::Named(_)) => {
                return Err(PyError::type_error(if is_client_side {
                    "dict is not a sequence"
                } else {
                    "positional placeholders (%s) require a sequence of parameters"
                }));
            }
            (Piece::Name(_), Set::Positional(_)) => {
                return Err(PyError::type_error(if is_client_side {
                    "tuple indices must be integers or slices, not str"
                } else {
                    "named placeholders (%(name)s) require a mapping of parameters"
                }));
            }
        };
        if let Some(value) = value {
            written.push_str(&rendered(vm, sql, value, is_client_side)?);
        }
    }
    Ok(written)
}

/// A server takes values beside the text in few statements only, and one statement at a time.
fn refuse_utility(sql: &str) -> PyResult<()> {
    let first: String = sql
        .trim_start()
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    let is_taken = matches!(
        first.to_ascii_uppercase().as_str(),
        "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "VALUES" | "WITH" | "TABLE"
    );
    if is_taken && !sql.trim_end().trim_end_matches(';').contains(';') {
        return Ok(());
    }
    Err(PyError::unsupported(
        "`exec_driver_sql` with parameters for anything but one SELECT, INSERT, UPDATE, DELETE, MERGE or VALUES: psycopg binds them on the server",
    ))
}

fn programming_error(vm: &Vm, sql: &str, message: String) -> PyError {
    let error = db::Error {
        message,
        class: Some("ProgrammingError"),
        statement: Some(sql.to_owned()),
        ..db::Error::default()
    };
    exc::from_db_error(&error, vm.location().as_ref())
}

fn wrong_count(vm: &Vm, sql: &str, count: usize, given: usize, is_client_side: bool) -> PyError {
    match (is_client_side, given < count) {
        (true, true) => PyError::new(
            &crate::py::exceptions::INDEX_ERROR,
            "tuple index out of range",
        ),
        (true, false) => {
            PyError::type_error("not all arguments converted during string formatting")
        }
        (false, _) => {
            let message =
                format!("the query has {count} placeholders but {given} parameters were passed");
            programming_error(vm, sql, message)
        }
    }
}

/// A percent sign that begins no placeholder.
fn bad_placeholder(vm: &Vm, sql: &str, found: &str, sets: &[Set], is_client_side: bool) -> PyError {
    match (is_client_side, found) {
        (true, _) if sets.is_empty() => PyError::type_error(
            "sqlalchemy.util._immutabledict_cy.immutabledict is not a sequence",
        ),
        (true, _) => PyError::unsupported(format!(
            "`%{found}` in the text of `exec_driver_sql` (write `%%` for a percent sign)"
        )),
        (false, "" | " ") => programming_error(
            vm,
            sql,
            "incomplete placeholder: '%'; if you want to use '%' as an operator you can double it up, i.e. use '%%'"
                .to_owned(),
        ),
        (false, "b" | "t" | "(") => PyError::unsupported(format!(
            "`%{found}` in the text of `exec_driver_sql`"
        )),
        (false, found) => programming_error(
            vm,
            sql,
            format!("only '%s', '%b', '%t' are allowed as placeholders, got '%{found}'"),
        ),
    }
}

fn rendered(vm: &Vm, sql: &str, value: &Value, is_client_side: bool) -> PyResult<String> {
    if let Value::Tuple(_) = value {
        if !is_client_side {
            return Err(PyError::unsupported(
                "a tuple as a parameter of `exec_driver_sql` with psycopg",
            ));
        }
        let items: PyResult<Vec<String>> = vm
            .collect(value)?
            .iter()
            .map(|item| rendered(vm, sql, item, is_client_side))
            .collect();
        return Ok(format!("({})", items?.join(", ")));
    }
    let literal = literal_of(vm, value, &SqlType::Null)?;
    let unknown = |class: &str| {
        let message = if is_client_side {
            format!("can't adapt type '{class}'")
        } else {
            format!("cannot adapt type '{class}' using placeholder '%s' (format: AUTO)")
        };
        programming_error(vm, sql, message)
    };
    match &literal {
        Literal::Json(_) => Err(unknown("dict")),
        Literal::Opaque { class, .. } => Err(unknown(class)),
        _ => literal_text(&literal, is_client_side)
            .ok_or_else(|| PyError::unsupported("such a list as a parameter of `exec_driver_sql`")),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn literal_text(literal: &Literal, is_client_side: bool) -> Option<String> {
    let with_sign = |text: String| {
        if text.starts_with('-') {
            format!(" {text}")
        } else {
            text
        }
    };
    Some(match literal {
        Literal::Null => "NULL".to_owned(),
        Literal::Bool(flag) => flag.to_string(),
        Literal::Int(number) if is_client_side => with_sign(number.to_string()),
        Literal::Int(number) => format!("'{number}'::{}", integer_type(literal)?),
        Literal::Float(number) if is_client_side && number.is_finite() => {
            with_sign(format!("{number:?}"))
        }
        Literal::Float(number) => format!("'{number:?}'::float8"),
        Literal::Decimal(text)
            if is_client_side && text.parse::<f64>().is_ok_and(f64::is_finite) =>
        {
            with_sign(text.clone())
        }
        Literal::Decimal(text) => format!("'{text}'::numeric"),
        Literal::Str(text) => quoted(text),
        Literal::Bytes(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("'\\x{digits}'::bytea")
        }
        Literal::Date(text) => format!("'{text}'::date"),
        Literal::Time(text) if has_zone(text) => format!("'{text}'::timetz"),
        Literal::Time(text) => format!("'{text}'::time"),
        Literal::DateTime(text) => {
            let time = text.split_once(' ').map_or("", |(_, time)| time);
            let zone = if has_zone(time) { "tz" } else { "" };
            format!("'{text}'::timestamp{zone}")
        }
        Literal::Interval(microseconds) => {
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
        Literal::Array(items) => return array(items, is_client_side),
        Literal::Json(_) | Literal::Opaque { .. } | Literal::Rendered(_) => return None,
    })
}

fn has_zone(time: &str) -> bool {
    time.contains(['+', '-'])
}

/// The type psycopg takes an integer for.
fn integer_type(literal: &Literal) -> Option<&'static str> {
    let Literal::Int(number) = literal else {
        return None;
    };
    Some(if number.to_i16().is_some() {
        "int2"
    } else if number.to_i32().is_some() {
        "int4"
    } else if number.to_i64().is_some() {
        "int8"
    } else {
        "numeric"
    })
}

/// psycopg2: `ARRAY[…]`, and `'{}'` without items. psycopg: integers by the largest of them, text without a type.
fn array(items: &[Literal], is_client_side: bool) -> Option<String> {
    if items.is_empty() {
        return Some("'{}'".to_owned());
    }
    if is_client_side {
        let items: Option<Vec<String>> = items
            .iter()
            .map(|item| literal_text(item, is_client_side))
            .collect();
        return Some(format!("ARRAY[{}]", items?.join(",")));
    }
    let numbers: Option<Vec<&'static str>> = items.iter().map(integer_type).collect();
    if let Some(types) = numbers {
        let order = ["int2", "int4", "int8", "numeric"];
        let largest = order.iter().rev().find(|name| types.contains(name))?;
        let items: Vec<String> = items
            .iter()
            .filter_map(|item| match item {
                Literal::Int(number) => Some(number.to_string()),
                _ => None,
            })
            .collect();
        return Some(format!("'{{{}}}'::{largest}[]", items.join(",")));
    }
    let texts: Option<Vec<String>> = items
        .iter()
        .map(|item| match item {
            Literal::Str(text) => Some(format!(
                "\"{}\"",
                text.replace('\\', "\\\\").replace('"', "\\\"")
            )),
            _ => None,
        })
        .collect();
    texts.map(|texts| quoted(&format!("{{{}}}", texts.join(","))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_placeholders() {
        let found = pieces("a %s b%% %(c d)s").unwrap();
        let named: Vec<&Piece<'_>> = found
            .iter()
            .filter(|piece| !matches!(piece, Piece::Text(_)))
            .collect();
        assert_eq!(named, [&Piece::Next, &Piece::Name("c d")]);
        assert_eq!(pieces("like 'a%'").unwrap_err(), "'");
    }
}
