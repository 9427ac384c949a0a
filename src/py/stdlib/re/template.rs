//! The replacement templates of `re.sub`.

use crate::py::error::PyError;
use crate::py::error::PyResult;

use super::ERROR;
use super::Pattern;
use super::matching::Match;

/// A piece of a template.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    /// As it is.
    Text(String),
    /// The text of a group.
    Group(usize),
}

/// Parses a template: `\1`, `\g<name>`, `\n`.
#[expect(
    clippy::too_many_lines,
    reason = "the steps share their state and are read in order"
)]
pub fn parse(template: &str, pattern: &Pattern) -> PyResult<Vec<Part>> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = template.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        let Some(kind) = rest.next() else {
            return Err(PyError::new(
                &ERROR,
                "bad escape (end of pattern) at position 0",
            ));
        };
        let group = match kind {
            'g' => {
                if rest.next_if_eq(&'<').is_none() {
                    return Err(PyError::new(&ERROR, "missing < at position 2"));
                }
                let name: String =
                    std::iter::from_fn(|| rest.next_if(|next| *next != '>')).collect();
                if rest.next().is_none() {
                    return Err(PyError::new(
                        &ERROR,
                        "missing >, unterminated name at position 3",
                    ));
                }
                match name.parse::<usize>() {
                    Ok(number) => number,
                    Err(_) => match pattern
                        .names()
                        .into_iter()
                        .find(|(known, _)| *known == name)
                    {
                        Some((_, number)) => number,
                        None => {
                            return Err(PyError::new(
                                &crate::py::exceptions::INDEX_ERROR,
                                format!("unknown group name '{name}'"),
                            ));
                        }
                    },
                }
            }
            '0' => {
                let mut code = 0;
                for _ in 0..2 {
                    if let Some(digit) = rest.next_if(|digit| ('0'..='7').contains(digit)) {
                        code = code * 8 + digit.to_digit(8).unwrap_or(0);
                    }
                }
                text.extend(char::from_u32(code));
                continue;
            }
            '1'..='9' => {
                let mut number = kind.to_digit(10).unwrap_or(0) as usize;
                if let Some(digit) = rest.next_if(char::is_ascii_digit) {
                    number = number * 10 + digit.to_digit(10).unwrap_or(0) as usize;
                }
                number
            }
            'n' | 'r' | 't' | 'a' | 'b' | 'f' | 'v' => {
                text.push(match kind {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'a' => '\u{7}',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    _ => '\u{b}',
                });
                continue;
            }
            _ if kind.is_ascii_alphabetic() => {
                return Err(PyError::new(
                    &ERROR,
                    format!("bad escape \\{kind} at position 0"),
                ));
            }
            _ => {
                text.push('\\');
                text.push(kind);
                if kind == '\\' {
                    text.pop();
                }
                continue;
            }
        };
        if group > pattern.groups() {
            return Err(PyError::new(
                &ERROR,
                format!("invalid group reference {group} at position 1"),
            ));
        }
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        parts.push(Part::Group(group));
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok(parts)
}

/// Fills a template from a match.
pub fn fill(parts: &[Part], found: &Match) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(piece) => text.push_str(piece),
            Part::Group(at) => text.push_str(found.text_of(*at).unwrap_or("")),
        }
    }
    text
}
