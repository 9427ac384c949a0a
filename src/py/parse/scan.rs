//! A light pass over the text before parsing: nesting limits, and what was never closed. It knows strings, comments and brackets, nothing else.

use crate::py::ast::SourceText;
use crate::py::parse::SyntaxError;

/// CPython's MAXLEVEL (Parser/tokenizer.c).
const MAX_BRACKETS: usize = 200;
/// CPython's MAXINDENT.
const MAX_INDENTS: usize = 100;

/// A lexical element that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// An opening bracket at this byte.
    Open(u8, usize),
    /// A closing bracket at this byte.
    Close(u8, usize),
    /// The end of a line outside strings; the byte where the next line starts.
    Line(usize),
    /// A string literal: where its prefix starts, where its quotes start, how many quotes (1 or 3), where it ends.
    Str {
        prefix: usize,
        quote: usize,
        width: usize,
        end: usize,
    },
    /// A string literal that does not end.
    Unterminated(usize, usize),
}

/// Walks a text and gives the elements in order.
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
        }
    }

    /// Reads a literal whose quote is at `quote`.
    fn string(&mut self, prefix: usize, quote: usize) -> Token {
        let mark = self.bytes.get(quote).copied().unwrap_or(b'"');
        let is_triple =
            self.bytes.get(quote + 1) == Some(&mark) && self.bytes.get(quote + 2) == Some(&mark);
        let width = if is_triple { 3 } else { 1 };
        let mut at = quote + width;
        while let Some(byte) = self.bytes.get(at) {
            match *byte {
                b'\\' => at += 1,
                b'\n' if !is_triple => break,
                found if found == mark => {
                    let closes = !is_triple
                        || (self.bytes.get(at + 1) == Some(&mark)
                            && self.bytes.get(at + 2) == Some(&mark));
                    if closes {
                        self.at = at + width;
                        return Token::Str {
                            prefix,
                            quote,
                            width,
                            end: at + width,
                        };
                    }
                }
                _ => {}
            }
            at += 1;
        }
        self.at = at.min(self.bytes.len());
        Token::Unterminated(quote, width)
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        while let Some(byte) = self.bytes.get(self.at).copied() {
            let here = self.at;
            match byte {
                b'(' | b'[' | b'{' => {
                    self.at += 1;
                    return Some(Token::Open(byte, here));
                }
                b')' | b']' | b'}' => {
                    self.at += 1;
                    return Some(Token::Close(byte, here));
                }
                b'#' => {
                    while self.bytes.get(self.at).is_some_and(|byte| *byte != b'\n') {
                        self.at += 1;
                    }
                }
                b'\n' => {
                    self.at += 1;
                    return Some(Token::Line(self.at));
                }
                b'\\' => {
                    self.at += if self.bytes.get(here + 1..here + 3) == Some(b"\r\n") {
                        3
                    } else {
                        2
                    };
                }
                b'"' | b'\'' => return Some(self.string(here, here)),
                _ if byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80 => {
                    while self.bytes.get(self.at).is_some_and(|byte| {
                        *byte == b'_' || byte.is_ascii_alphanumeric() || *byte >= 0x80
                    }) {
                        self.at += 1;
                    }
                    let is_prefix = self.at - here <= 2
                        && self.bytes[here..self.at]
                            .iter()
                            .all(|byte| b"rRbBuUfF".contains(byte));
                    if is_prefix && matches!(self.bytes.get(self.at), Some(b'"' | b'\'')) {
                        return Some(self.string(here, self.at));
                    }
                }
                _ => self.at += 1,
            }
        }
        None
    }
}

/// Refuses what CPython's tokenizer refuses, so that nothing behind it can be made to recurse without end.
pub(super) fn check_nesting(source: &SourceText) -> Result<(), SyntaxError> {
    let mut open = 0usize;
    let mut indents: Vec<usize> = vec![0];
    for token in Tokens::new(&source.text) {
        match token {
            Token::Open(_, at) => {
                open += 1;
                if open > MAX_BRACKETS {
                    return Err(SyntaxError::at(
                        source,
                        u32::try_from(at).unwrap_or(0),
                        "too many nested parentheses",
                    ));
                }
            }
            Token::Close(_, _) => open = open.saturating_sub(1),
            Token::Line(start) if open == 0 => check_indent(source, start, &mut indents)?,
            Token::Line(_) | Token::Str { .. } => {}
            Token::Unterminated(at, width) => {
                let byte = u32::try_from(at).unwrap_or(0);
                let kind = if width == 3 {
                    "unterminated triple-quoted string literal"
                } else {
                    "unterminated string literal"
                };
                let line = if width == 3 {
                    u32::try_from(source.text.lines().count()).unwrap_or(0)
                } else {
                    source.line_of(byte)
                };
                return Err(SyntaxError::at(
                    source,
                    byte,
                    format!("{kind} (detected at line {line})"),
                ));
            }
        }
    }
    Ok(())
}

/// Follows the indentation of the line that starts at a byte.
fn check_indent(
    source: &SourceText,
    start: usize,
    indents: &mut Vec<usize>,
) -> Result<(), SyntaxError> {
    let rest = source.text.as_bytes().get(start..).unwrap_or_default();
    let width = rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    if matches!(rest.get(width), None | Some(b'\n' | b'\r' | b'#')) {
        return Ok(());
    }
    while indents.last().is_some_and(|last| *last > width) {
        indents.pop();
    }
    if indents.last().is_none_or(|last| *last < width) {
        indents.push(width);
    }
    if indents.len() > MAX_INDENTS {
        return Err(SyntaxError {
            class: "IndentationError",
            ..SyntaxError::at(
                source,
                u32::try_from(start).unwrap_or(0),
                "too many levels of indentation",
            )
        });
    }
    Ok(())
}

/// CPython's `'(' was never closed`.
pub(super) fn never_closed(source: &SourceText) -> Option<SyntaxError> {
    let mut open = Vec::new();
    for token in Tokens::new(&source.text) {
        match token {
            Token::Open(byte, at) => open.push((byte, at)),
            Token::Close(_, _) => {
                open.pop();
            }
            Token::Line(_) | Token::Str { .. } | Token::Unterminated(_, _) => {}
        }
    }
    let (byte, at) = open.pop()?;
    Some(SyntaxError::at(
        source,
        u32::try_from(at).unwrap_or(0),
        format!("'{}' was never closed", char::from(byte)),
    ))
}
