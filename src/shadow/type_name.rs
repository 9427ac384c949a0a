//! A type as it is written, to a type as `format_type` shows it. backend/utils/adt/format_type.c.

use crate::shadow::cursor::Cursor;
use crate::shadow::token::Token;

/// A type: its canonical name, and whether it is one of the serial pseudo-types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeName {
    pub(crate) name: String,
    pub(crate) serial: bool,
}

/// Reads a type.
pub(crate) fn read(cursor: &mut Cursor) -> Option<TypeName> {
    let first = cursor.next()?;
    let (word, is_quoted) = match first {
        Token::Word(word) => (word.clone(), false),
        Token::Quoted(word) => (word.clone(), true),
        Token::Text(_) | Token::Number(_) | Token::Sign(_) | Token::Other(_) => return None,
    };
    let mut base = if is_quoted || cursor.peek().is_some_and(|token| token.is_sign(".")) {
        let mut parts = vec![shown(&word)];
        while cursor.sign(".") {
            parts.push(shown(&cursor.name()?));
        }
        // a type of the default schema is shown without it
        if parts.len() == 2 && parts[0] == crate::shadow::model::DEFAULT_SCHEMA {
            parts.remove(0);
        }
        let numbers = arguments(cursor)?;
        TypeName {
            name: format!("{}{numbers}", parts.join(".")),
            serial: false,
        }
    } else {
        plain(cursor, &word)?
    };
    let mut is_array = cursor.take("array");
    while cursor.sign("[") {
        if !cursor.sign("]") {
            cursor.next()?;
            if !cursor.sign("]") {
                return None;
            }
        }
        is_array = true;
    }
    if is_array {
        base.name.push_str("[]");
    }
    Some(base)
}

/// An identifier as `quote_identifier` writes it.
pub(crate) fn shown(name: &str) -> String {
    let is_plain = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// `(10,2)`, or nothing.
fn arguments(cursor: &mut Cursor) -> Option<String> {
    if !cursor.peek().is_some_and(|token| token.is_sign("(")) {
        return Some(String::new());
    }
    let mut inside = cursor.group()?;
    let mut text = String::new();
    while let Some(token) = inside.next() {
        match token {
            Token::Number(number) => text.push_str(number),
            Token::Sign(",") => text.push(','),
            Token::Word(word) => text.push_str(word),
            Token::Sign("-") => text.push('-'),
            Token::Quoted(_) | Token::Text(_) | Token::Sign(_) | Token::Other(_) => return None,
        }
    }
    Some(format!("({text})"))
}

fn with_arguments(cursor: &mut Cursor, base: &str) -> Option<TypeName> {
    Some(of(&format!("{base}{}", arguments(cursor)?)))
}

fn of(name: &str) -> TypeName {
    TypeName {
        name: name.to_owned(),
        serial: false,
    }
}

fn serial(name: &str) -> TypeName {
    TypeName {
        name: name.to_owned(),
        serial: true,
    }
}

#[expect(clippy::too_many_lines, reason = "one spelling after the other")]
fn plain(cursor: &mut Cursor, word: &str) -> Option<TypeName> {
    match word {
        "int" | "integer" | "int4" => Some(of("integer")),
        "bigint" | "int8" => Some(of("bigint")),
        "smallint" | "int2" => Some(of("smallint")),
        "serial" | "serial4" => Some(serial("integer")),
        "bigserial" | "serial8" => Some(serial("bigint")),
        "smallserial" | "serial2" => Some(serial("smallint")),
        "bool" => Some(of("boolean")),
        "real" | "float4" => Some(of("real")),
        "float8" => Some(of("double precision")),
        "double" => cursor.take("precision").then(|| of("double precision")),
        "float" => match arguments(cursor)?.trim_matches(['(', ')']).parse::<u32>() {
            Ok(digits) if digits <= 24 => Some(of("real")),
            Ok(_) | Err(_) => Some(of("double precision")),
        },
        "decimal" | "numeric" | "dec" => {
            let numbers = arguments(cursor)?;
            Some(of(&if numbers.is_empty() || numbers.contains(',') {
                format!("numeric{numbers}")
            } else {
                format!("numeric{},0)", numbers.trim_end_matches(')'))
            }))
        }
        "varchar" => with_arguments(cursor, "character varying"),
        "char" | "character" | "nchar" | "bpchar" => {
            if cursor.take("varying") {
                return with_arguments(cursor, "character varying");
            }
            let numbers = arguments(cursor)?;
            Some(of(&if numbers.is_empty() {
                "character(1)".to_owned()
            } else {
                format!("character{numbers}")
            }))
        }
        "bit" => {
            if cursor.take("varying") {
                return with_arguments(cursor, "bit varying");
            }
            let numbers = arguments(cursor)?;
            Some(of(&if numbers.is_empty() {
                "bit(1)".to_owned()
            } else {
                format!("bit{numbers}")
            }))
        }
        "timestamp" | "time" => {
            let numbers = arguments(cursor)?;
            let zone = if cursor.take_all(&["with", "time", "zone"]) {
                "with"
            } else {
                cursor.take_all(&["without", "time", "zone"]);
                "without"
            };
            Some(of(&format!("{word}{numbers} {zone} time zone")))
        }
        "timestamptz" | "timetz" => {
            let numbers = arguments(cursor)?;
            let base = word.trim_end_matches("tz");
            Some(of(&format!("{base}{numbers} with time zone")))
        }
        "interval" => {
            let fields = ["year", "month", "day", "hour", "minute", "second"];
            let mut name = "interval".to_owned();
            while let Some(field) = fields
                .iter()
                .chain(&["to"])
                .find(|field| cursor.peek().is_some_and(|token| token.is(field)))
            {
                cursor.next();
                name = format!("{name} {field}");
            }
            with_arguments(cursor, &name)
        }
        other => with_arguments(cursor, &shown(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shadow::token::tokens;

    fn canonical(sql: &str) -> Option<String> {
        let tokens = tokens(sql)?;
        let mut cursor = Cursor::new(sql, &tokens);
        read(&mut cursor).map(|found| found.name)
    }

    #[test]
    fn types_read_as_format_type_shows_them() {
        for (written, shown) in [
            ("VARCHAR(50)", "character varying(50)"),
            ("VARCHAR", "character varying"),
            ("TIMESTAMP WITHOUT TIME ZONE", "timestamp without time zone"),
            ("TIMESTAMP(3) WITH TIME ZONE", "timestamp(3) with time zone"),
            ("timestamptz", "timestamp with time zone"),
            ("NUMERIC(10, 2)", "numeric(10,2)"),
            ("NUMERIC(10)", "numeric(10,0)"),
            ("FLOAT", "double precision"),
            ("INTEGER[]", "integer[]"),
            ("public.status", "status"),
            ("\"Status\"", "\"Status\""),
            ("other.status", "other.status"),
            ("vector(3)", "vector(3)"),
        ] {
            assert_eq!(canonical(written).as_deref(), Some(shown), "{written}");
        }
    }
}
