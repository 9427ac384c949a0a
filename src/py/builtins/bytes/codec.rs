//! Text encodings: UTF-8, ASCII, Latin-1.

use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::exceptions;
use crate::py::value::Value;

use super::make;

/// The encodings that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf8Signed,
    Ascii,
    Latin1,
}

/// Finds an encoding by any of its names.
fn encoding(name: &str) -> PyResult<Encoding> {
    let plain = name.to_ascii_lowercase().replace(['_', ' '], "-");
    match plain.as_str() {
        "utf-8" | "utf8" | "u8" | "cp65001" => Ok(Encoding::Utf8),
        "utf-8-sig" => Ok(Encoding::Utf8Signed),
        "ascii" | "us-ascii" | "646" => Ok(Encoding::Ascii),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" => Ok(Encoding::Latin1),
        _ => Err(PyError::unsupported(format!("the text encoding `{name}`"))),
    }
}

/// The name of an encoding in error messages.
fn shown(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Signed => "utf-8",
        Encoding::Ascii => "ascii",
        Encoding::Latin1 => "latin-1",
    }
}

/// `text.encode(name, errors)`.
pub fn encode(text: &str, name: &str, errors: &str) -> PyResult<Vec<u8>> {
    let encoding = encoding(name)?;
    let limit = match encoding {
        Encoding::Utf8 => return Ok(text.as_bytes().to_vec()),
        Encoding::Utf8Signed => return Ok([b"\xef\xbb\xbf", text.as_bytes()].concat()),
        Encoding::Ascii => 0x80,
        Encoding::Latin1 => 0x100,
    };
    let mut bytes = Vec::with_capacity(text.len());
    for (at, character) in text.chars().enumerate() {
        let code = u32::from(character);
        match u8::try_from(code) {
            Ok(byte) if code < limit => bytes.push(byte),
            _ => match errors {
                "ignore" => {}
                "replace" => bytes.push(b'?'),
                "backslashreplace" => {
                    let mut escape = String::new();
                    super::super::repr::push_escape(&mut escape, character);
                    bytes.extend(escape.bytes());
                }
                "xmlcharrefreplace" => bytes.extend(format!("&#{code};").bytes()),
                "strict" => {
                    let reason = format!("ordinal not in range({limit})");
                    return Err(PyError::with_args(
                        &Class::of(&exceptions::UNICODE_ENCODE_ERROR),
                        failure(encoding, Value::str(text), at, at + 1, &reason),
                    ));
                }
                _ => {
                    return Err(PyError::unsupported(format!(
                        "the error handler `{errors}`"
                    )));
                }
            },
        }
    }
    Ok(bytes)
}

/// The arguments of a `UnicodeError`.
fn failure(
    encoding: Encoding,
    object: Value,
    start: usize,
    end: usize,
    reason: &str,
) -> Vec<Value> {
    vec![
        Value::str(shown(encoding)),
        object,
        Value::int(start),
        Value::int(end),
        Value::str(reason),
    ]
}

/// `bytes.decode(name, errors)`.
pub fn decode(bytes: &[u8], name: &str, errors: &str) -> PyResult<String> {
    let encoding = encoding(name)?;
    let bytes = if encoding == Encoding::Utf8Signed {
        bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
    } else {
        bytes
    };
    match encoding {
        Encoding::Latin1 => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
        Encoding::Ascii => match (bytes.iter().position(|byte| !byte.is_ascii()), errors) {
            (None, _) => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
            (Some(_), "ignore") => Ok(bytes
                .iter()
                .filter(|byte| byte.is_ascii())
                .map(|byte| char::from(*byte))
                .collect()),
            (Some(_), "replace") => Ok(bytes
                .iter()
                .map(|byte| {
                    if byte.is_ascii() {
                        char::from(*byte)
                    } else {
                        '\u{fffd}'
                    }
                })
                .collect()),
            (Some(at), "strict") => Err(PyError::with_args(
                &Class::of(&exceptions::UNICODE_DECODE_ERROR),
                failure(
                    encoding,
                    make(bytes),
                    at,
                    at + 1,
                    "ordinal not in range(128)",
                ),
            )),
            (Some(_), _) => Err(PyError::unsupported(format!(
                "the error handler `{errors}`"
            ))),
        },
        Encoding::Utf8 | Encoding::Utf8Signed => match (std::str::from_utf8(bytes), errors) {
            (Ok(text), _) => Ok(text.to_owned()),
            (Err(_), "replace") => Ok(String::from_utf8_lossy(bytes).into_owned()),
            (Err(_), "ignore") => Ok(bytes.utf8_chunks().map(|chunk| chunk.valid()).collect()),
            (Err(error), "strict") => {
                let at = error.valid_up_to();
                let (end, reason) = match (error.error_len(), bytes.get(at)) {
                    (None, _) => (bytes.len(), "unexpected end of data"),
                    (Some(_), Some(0x80..=0xc1 | 0xf5..=0xff)) => (at + 1, "invalid start byte"),
                    (Some(length), _) => (at + length, "invalid continuation byte"),
                };
                Err(PyError::with_args(
                    &Class::of(&exceptions::UNICODE_DECODE_ERROR),
                    failure(encoding, make(bytes), at, end, reason),
                ))
            }
            (Err(_), _) => Err(PyError::unsupported(format!(
                "the error handler `{errors}`"
            ))),
        },
    }
}
