//! Bytes of a source file to text, as CPython's tokenizer decodes them (Parser/tokenizer.c).

use std::borrow::Cow;

use crate::py::parse::SyntaxError;

/// Decodes a source file: UTF-8 with or without a mark, or what the coding comment of the first two lines says (Latin-1 and its names).
pub fn decode(bytes: &[u8], file: &str) -> Result<String, SyntaxError> {
    let error = |message: String| SyntaxError {
        class: "SyntaxError",
        message,
        line: 0,
        column: 0,
    };
    let (bytes, has_mark) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    let name = coding(bytes);
    match name.as_deref() {
        None | Some("utf-8" | "utf8" | "utf_8" | "u8" | "utf-8-sig" | "ascii" | "us-ascii") => {}
        Some(_) if has_mark => {
            return Err(error(format!(
                "encoding problem: {} with BOM",
                name.unwrap_or_default()
            )));
        }
        Some(
            "latin-1" | "latin1" | "latin_1" | "iso-8859-1" | "iso8859-1" | "iso_8859_1" | "l1",
        ) => {
            return Ok(bytes.iter().map(|byte| char::from(*byte)).collect());
        }
        Some("cp1252" | "windows-1252" | "iso-8859-15" | "latin-9") if bytes.is_ascii() => {}
        Some(other @ ("cp1252" | "windows-1252" | "iso-8859-15" | "latin-9")) => {
            return Err(error(format!(
                "aludel does not read {other}: save the file as UTF-8"
            )));
        }
        Some(other) => return Err(error(format!("unknown encoding: {other}"))),
    }
    String::from_utf8(bytes.to_vec()).map_err(|problem| {
        let at = problem.utf8_error().valid_up_to();
        let line = 1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count();
        let byte = bytes.get(at).copied().unwrap_or_default();
        SyntaxError {
            line: u32::try_from(line).unwrap_or(0),
            ..error(match name {
                Some(name) => format!("'{name}' codec can't decode byte 0x{byte:02x} in position {at}: invalid start byte"),
                None => format!(
                    "Non-UTF-8 code starting with '\\x{byte:02x}' in file {file} on line {line}, but no encoding declared; see https://peps.python.org/pep-0263/ for details"
                ),
            })
        }
    })
}

/// A text without a leading byte order mark, its lines ending as CPython's tokenizer sees them.
pub(super) fn normalized(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if memchr::memchr(b'\r', text.as_bytes()).is_some() {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The encoding named by a PEP 263 comment, lower case.
fn coding(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|byte| *byte == b'\n').take(2) {
        let line: String = line.iter().map(|byte| char::from(*byte)).collect();
        let line = line.trim_start_matches([' ', '\t', '\x0c']);
        if !line.starts_with('#') {
            if line.trim().is_empty() {
                continue;
            }
            return None;
        }
        if let Some((_, after)) = line.split_once("coding") {
            let Some(after) = after.strip_prefix([':', '=']) else {
                continue;
            };
            let name: String = after
                .trim_start_matches([' ', '\t'])
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
                .collect();
            if !name.is_empty() {
                return Some(name.to_lowercase());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_that_only_look_like_latin_1_are_not_taken_for_it() {
        let text = b"# coding: cp1252\nx = '\x80'\n";
        assert!(decode(text, "a.py").is_err_and(|error| error.message.contains("cp1252")));
        assert!(decode(b"# coding: cp1252\nx = 'e'\n", "a.py").is_ok());
    }

    #[test]
    fn latin_1_cookie_is_obeyed() {
        assert_eq!(
            decode(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "a.py").unwrap(),
            "# -*- coding: latin-1 -*-\nx = '\u{e9}'\n"
        );
    }

    #[test]
    fn undeclared_bytes_are_refused_in_cpythons_words() {
        let error = decode(b"x = 1\ny = '\xe9'\n", "a.py").unwrap_err();
        assert_eq!(
            error.message,
            "Non-UTF-8 code starting with '\\xe9' in file a.py on line 2, but no encoding declared; see https://peps.python.org/pep-0263/ for details"
        );
    }

    #[test]
    fn mark_is_dropped() {
        assert_eq!(decode(b"\xef\xbb\xbfx = 1", "a.py").unwrap(), "x = 1");
    }
}
