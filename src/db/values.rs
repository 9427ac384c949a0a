//! From a cell's text to a value, by type, as psycopg2's typecasters give it to Python (psycopg/typecast_builtins.c).
//!
//! Types Python has no class for arrive as text. A value that its Python class cannot hold (`infinity`, years before
//! Christ) becomes opaque: whoever uses it gets an error, whoever does not is not bothered.

use num_bigint::BigInt;
use postgres::types::Kind;
use postgres::types::Type;

use crate::schema::literal::Literal;

/// Object ids below this are built in (access/transam.h FirstNormalObjectId).
pub(super) const FIRST_USER_OID: u32 = 16384;

/// The value of a cell; `name` is the type's name where it is not built in.
pub(super) fn decode(
    cell: Option<Vec<u8>>,
    oid: u32,
    name: Option<&str>,
) -> Result<Literal, String> {
    let Some(bytes) = cell else {
        return Ok(Literal::Null);
    };
    let text = String::from_utf8(bytes).map_err(|_| "the text is not valid UTF-8".to_owned())?;
    if name == Some("hstore") {
        return hstore(&text);
    }
    match Type::from_oid(oid) {
        None => Ok(Literal::Str(text)),
        Some(kind) => match kind.kind() {
            Kind::Array(member) if is_known_array(member) => array(&text, member),
            Kind::Range(_) | Kind::Multirange(_) => Ok(opaque(text, "Range")),
            _ => scalar(text, &kind),
        },
    }
}

/// Arrays of these become lists; psycopg2 leaves others as text.
fn is_known_array(member: &Type) -> bool {
    !matches!(
        *member,
        Type::POINT
            | Type::LSEG
            | Type::PATH
            | Type::BOX
            | Type::POLYGON
            | Type::LINE
            | Type::CIRCLE
            | Type::RECORD
    )
}

fn opaque(repr: String, class: &str) -> Literal {
    Literal::Opaque {
        repr,
        class: class.to_owned(),
    }
}

fn scalar(text: String, kind: &Type) -> Result<Literal, String> {
    Ok(match *kind {
        Type::BOOL => Literal::Bool(text == "t"),
        Type::INT2 | Type::INT4 | Type::INT8 | Type::OID => {
            let number: BigInt = text
                .parse()
                .map_err(|_| format!("`{text}` is not an integer"))?;
            Literal::Int(number)
        }
        Type::FLOAT4 | Type::FLOAT8 => Literal::Float(
            text.parse()
                .map_err(|_| format!("`{text}` is not a float"))?,
        ),
        Type::NUMERIC => Literal::Decimal(decimal(&text)),
        Type::DATE => date(&text).map_or_else(|| opaque(text.clone(), "date"), Literal::Date),
        Type::TIME | Type::TIMETZ => {
            time(&text).map_or_else(|| opaque(text.clone(), "time"), Literal::Time)
        }
        Type::TIMESTAMP | Type::TIMESTAMPTZ => {
            timestamp(&text).map_or_else(|| opaque(text.clone(), "datetime"), Literal::DateTime)
        }
        Type::INTERVAL => {
            interval(&text).map_or_else(|| opaque(text.clone(), "timedelta"), Literal::Interval)
        }
        Type::UUID => Literal::Uuid(text),
        Type::JSON | Type::JSONB => Literal::Json(
            serde_json::from_str(&text)
                .map_err(|error| format!("the JSON cannot be read: {error}"))?,
        ),
        Type::BYTEA => Literal::Bytes(bytea(&text).ok_or("the bytea cannot be read")?),
        _ => Literal::Str(text),
    })
}

/// PostgreSQL never writes an exponent; `str(Decimal)` does below 1e-6.
fn decimal(text: &str) -> String {
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or(("", text), |digits| ("-", digits));
    let Some(("0", fraction)) = digits.split_once('.') else {
        return text.to_owned();
    };
    let significant = fraction.trim_start_matches('0');
    let significant = if significant.is_empty() {
        "0"
    } else {
        significant
    };
    let adjusted = fraction.len() - significant.len() + 1;
    if adjusted <= 6 {
        return text.to_owned();
    }
    match significant.split_at(1) {
        (first, "") => format!("{sign}{first}E-{adjusted}"),
        (first, rest) => format!("{sign}{first}.{rest}E-{adjusted}"),
    }
}

/// `2020-01-02`, nothing Python cannot hold.
fn date(text: &str) -> Option<String> {
    let is_plain = text.len() == 10
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-');
    is_plain.then(|| text.to_owned())
}

/// `03:04:05.5+02` as `03:04:05.500000+02:00`.
fn time(text: &str) -> Option<String> {
    let sign = text.find(['+', '-']).unwrap_or(text.len());
    let (clock, offset) = text.split_at(sign);
    if clock.starts_with("24:") || !clock.starts_with(|character: char| character.is_ascii_digit())
    {
        return None;
    }
    let clock = match clock.split_once('.') {
        None => clock.to_owned(),
        Some((whole, fraction)) => format!("{whole}.{fraction:0<6}"),
    };
    let offset = match offset.len() {
        0 => String::new(),
        3 => format!("{offset}:00"),
        _ => offset.to_owned(),
    };
    Some(clock + &offset)
}

fn timestamp(text: &str) -> Option<String> {
    let (day, clock) = text.split_once(' ')?;
    if clock.contains(' ') {
        return None;
    }
    Some(format!("{} {}", date(day)?, time(clock)?))
}

/// The `postgres` interval style in microseconds, a month as 30 days and a year as 365, as psycopg2 counts them.
fn interval(text: &str) -> Option<i128> {
    const DAY: i128 = 86_400_000_000;
    let mut total = 0;
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        if word.contains(':') {
            total += clock_microseconds(word)?;
            continue;
        }
        let count: i128 = word.trim_start_matches('+').parse().ok()?;
        let days = match words.next()? {
            "year" | "years" => 365,
            "mon" | "mons" => 30,
            "day" | "days" => 1,
            _ => return None,
        };
        total += count * days * DAY;
    }
    Some(total)
}

/// `-03:04:05.000006`
fn clock_microseconds(text: &str) -> Option<i128> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let mut parts = text.trim_start_matches(['+', '-']).split(':');
    let mut total: i128 = 0;
    for scale in [3_600_000_000, 60_000_000] {
        total += parts.next()?.parse::<i128>().ok()? * scale;
    }
    let seconds = parts.next()?;
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    total += whole.parse::<i128>().ok()? * 1_000_000;
    total += format!("{fraction:0<6}").parse::<i128>().ok()?;
    parts.next().is_none().then_some(sign * total)
}

/// Both output formats: `\x6162` and `ab\\000`.
fn bytea(text: &str) -> Option<Vec<u8>> {
    if let Some(digits) = text.strip_prefix("\\x") {
        let pairs = digits.as_bytes().chunks(2);
        return pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
    }
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        (rest, _) = match (first, after) {
            (b'\\', [b'\\', after @ ..]) => (after, bytes.push(b'\\')),
            (b'\\', [a, b, c, after @ ..]) => {
                let digits = [*a, *b, *c];
                let octal = std::str::from_utf8(&digits).ok()?;
                (after, bytes.push(u8::from_str_radix(octal, 8).ok()?))
            }
            (byte, after) => (after, bytes.push(*byte)),
        };
    }
    Some(bytes)
}

/// `{1,NULL,"a \"b\""}`, nested, with or without bounds in front.
fn array(text: &str, member: &Type) -> Result<Literal, String> {
    let body = text.find('{').map_or(text, |start| &text[start..]);
    let mut stack: Vec<Vec<Literal>> = Vec::new();
    let mut characters = body.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '{' => stack.push(Vec::new()),
            '}' => {
                let done = Literal::Array(stack.pop().ok_or("the array ends before it begins")?);
                match stack.last_mut() {
                    Some(outer) => outer.push(done),
                    None => return Ok(done),
                }
            }
            ',' => {}
            first => {
                let mut item = String::new();
                if first == '"' {
                    while let Some(character) =
                        characters.next().filter(|character| *character != '"')
                    {
                        item.extend(if character == '\\' {
                            characters.next()
                        } else {
                            Some(character)
                        });
                    }
                } else {
                    item.push(first);
                    while let Some(character) =
                        characters.next_if(|next| !matches!(next, ',' | '}'))
                    {
                        item.extend(if character == '\\' {
                            characters.next()
                        } else {
                            Some(character)
                        });
                    }
                }
                let value = match item.as_str() {
                    "NULL" if first != '"' => Literal::Null,
                    _ => scalar(item, member)?,
                };
                stack
                    .last_mut()
                    .ok_or("the array does not begin with a brace")?
                    .push(value);
            }
        }
    }
    Err("the array does not end".to_owned())
}

/// `"a"=>"1", "b"=>NULL` as a dictionary.
fn hstore(text: &str) -> Result<Literal, String> {
    let mut characters = text.chars().peekable();
    let mut quoted = || -> Option<Option<String>> {
        while characters
            .next_if(|next| matches!(next, ' ' | ',' | '=' | '>'))
            .is_some()
        {}
        match characters.next()? {
            '"' => {
                let mut item = String::new();
                while let Some(character) = characters.next().filter(|character| *character != '"')
                {
                    item.extend(if character == '\\' {
                        characters.next()
                    } else {
                        Some(character)
                    });
                }
                Some(Some(item))
            }
            // an unquoted NULL
            _ => {
                while characters
                    .next_if(|next| next.is_ascii_alphabetic())
                    .is_some()
                {}
                Some(None)
            }
        }
    };
    let mut pairs = serde_json::Map::new();
    while let Some(key) = quoted() {
        let (Some(key), Some(value)) = (key, quoted()) else {
            return Err("the hstore cannot be read".to_owned());
        };
        pairs.insert(
            key,
            value.map_or(serde_json::Value::Null, serde_json::Value::String),
        );
    }
    Ok(Literal::Json(serde_json::Value::Object(pairs)))
}
