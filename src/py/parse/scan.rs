//! A light pass over the text before parsing: nesting limits; after a failure: what was never closed. It knows strings, comments and brackets, nothing else.

use crate::py::ast::SourceText;
use crate::py::parse::SyntaxError;

/// CPython's MAXLEVEL (Parser/tokenizer.c).
const MAX_BRACKETS: usize = 200;
/// CPython's MAXINDENT.
const MAX_INDENTS: usize = 100;
/// Operators that may follow each other without a comma: the parser may recurse over each. CPython gives up much earlier where it recurses (MAXSTACK).
const MAX_OPERATORS: usize = 100_000;

/// A lexical element that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// An opening bracket at this byte.
    Open(u8, usize),
    /// A closing bracket at this byte.
    Close(u8, usize),
    /// The end of a line outside strings; the byte where the next line starts.
    Line(usize),
    /// A comma.
    Comma,
    /// Something the parser may recurse over.
    Operator(usize),
}

/// Walks a text and gives the elements in order.
struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
        }
    }

    /// Skips a literal whose quote is here.
    fn string(&mut self) {
        let quote = self.at;
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
                        at += width;
                        break;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        self.at = at.min(self.bytes.len());
    }

    /// Skips a word and says whether the parser may recurse over it.
    fn word(&mut self) -> bool {
        let start = self.at;
        while self
            .bytes
            .get(self.at)
            .is_some_and(|byte| *byte == b'_' || byte.is_ascii_alphanumeric() || *byte >= 0x80)
        {
            self.at += 1;
        }
        match self.bytes.get(start..self.at).unwrap_or_default() {
            [b'f' | b'F' | b't' | b'T']
            | [_, b'f' | b'F' | b't' | b'T']
            | [b'f' | b'F' | b't' | b'T', _] => {
                matches!(self.bytes.get(self.at), Some(b'"' | b'\''))
            }
            word => matches!(word, b"not" | b"else" | b"await" | b"lambda" | b"yield"),
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        while let Some(byte) = self.bytes.get(self.at).copied() {
            let here = self.at;
            match byte {
                b' ' | b'\t' | b'\r' | b'\x0c' => self.at += 1,
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' | 0x80.. => {
                    if self.word() {
                        return Some(Token::Operator(here));
                    }
                }
                b'"' | b'\'' => self.string(),
                b',' => {
                    self.at += 1;
                    return Some(Token::Comma);
                }
                b'(' | b'[' | b'{' => {
                    self.at += 1;
                    return Some(Token::Open(byte, here));
                }
                b')' | b']' | b'}' => {
                    self.at += 1;
                    return Some(Token::Close(byte, here));
                }
                b'\n' => {
                    self.at += 1;
                    return Some(Token::Line(self.at));
                }
                b'#' => {
                    while self.bytes.get(self.at).is_some_and(|byte| *byte != b'\n') {
                        self.at += 1;
                    }
                }
                b'\\' => self.at += 2,
                _ => {
                    self.at += 1;
                    return Some(Token::Operator(here));
                }
            }
        }
        None
    }
}

/// Whether a text is too small to nest deeper than is allowed, whatever it says.
fn cannot_nest_deep(text: &str) -> bool {
    let bytes = text.as_bytes();
    let brackets = memchr::memchr3_iter(b'(', b'[', b'{', bytes).take(MAX_BRACKETS + 1);
    let is_indented = |start: usize| {
        let head = bytes.get(start..start + MAX_INDENTS).unwrap_or_default();
        !head.is_empty() && head.iter().all(|byte| matches!(byte, b' ' | b'\t'))
    };
    text.len() <= MAX_OPERATORS
        && brackets.count() <= MAX_BRACKETS
        && !memchr::memchr_iter(b'\n', bytes).any(|end| is_indented(end + 1))
}

/// Refuses what CPython's tokenizer refuses, so that nothing behind it can be made to recurse without end. The byte, the class and the message.
pub(super) fn check_nesting(text: &str) -> Result<(), (usize, &'static str, &'static str)> {
    if cannot_nest_deep(text) {
        return Ok(());
    }
    let mut open: Vec<usize> = Vec::new();
    let mut operators = 0usize;
    let mut indents: Vec<usize> = vec![0];
    for token in Tokens::new(text) {
        match token {
            Token::Open(_, at) => {
                open.push(operators);
                if open.len() > MAX_BRACKETS {
                    return Err((at, "SyntaxError", "too many nested parentheses"));
                }
            }
            Token::Close(_, _) => operators = open.pop().unwrap_or(operators) + 1,
            Token::Comma => operators = open.last().copied().unwrap_or(0),
            Token::Line(start) if open.is_empty() => {
                operators = 0;
                if !follow_indent(text, start, &mut indents) {
                    return Err((start, "IndentationError", "too many levels of indentation"));
                }
            }
            Token::Line(_) => {}
            Token::Operator(at) => {
                operators += 1;
                if operators > MAX_OPERATORS {
                    return Err((at, "SyntaxError", "too many nested expressions"));
                }
            }
        }
    }
    Ok(())
}

/// Follows the indentation of the line that starts at a byte; false when there are too many levels.
fn follow_indent(text: &str, start: usize, indents: &mut Vec<usize>) -> bool {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let width = rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    if matches!(rest.get(width), None | Some(b'\n' | b'\r' | b'#')) {
        return true;
    }
    while indents.last().is_some_and(|last| *last > width) {
        indents.pop();
    }
    if indents.last().is_none_or(|last| *last < width) {
        indents.push(width);
    }
    indents.len() <= MAX_INDENTS
}

/// Indentation that does not fit, the way CPython follows it, with tabs of eight columns and of one (Parser/lexer/lexer.c tok_get_normal_mode):
/// the byte, the class and the message.
pub(super) fn wrong_indent(text: &str) -> Option<(usize, &'static str, &'static str)> {
    const TABS: &str = "inconsistent use of tabs and spaces in indentation";
    const NO_LEVEL: &str = "unindent does not match any outer indentation level";
    let mut open = 0usize;
    let mut stack = vec![(0usize, 0usize)];
    let mut tokens = Tokens::new(text);
    let mut start = Some(0);
    loop {
        if let Some(at) = start.filter(|_| open == 0)
            && let Some((column, other)) = indent_of(text, at)
        {
            let (top, other_top) = stack.last().copied().unwrap_or_default();
            if column > top {
                if other <= other_top {
                    return Some((at, "TabError", TABS));
                }
                stack.push((column, other));
            } else {
                while stack.last().is_some_and(|(above, _)| *above > column) {
                    stack.pop();
                }
                match stack.last() {
                    Some((found, _)) if *found != column => {
                        return Some((at, "IndentationError", NO_LEVEL));
                    }
                    Some((_, found)) if *found != other => return Some((at, "TabError", TABS)),
                    _ => {}
                }
            }
        }
        start = None;
        match tokens.next()? {
            Token::Open(_, _) => open += 1,
            Token::Close(_, _) => open = open.saturating_sub(1),
            Token::Line(at) => start = Some(at),
            Token::Comma | Token::Operator(_) => {}
        }
    }
}

/// The columns at which the line that starts at a byte begins, with tabs of eight columns and of one; `None` for a blank line.
fn indent_of(text: &str, start: usize) -> Option<(usize, usize)> {
    const TAB: usize = 8;
    let (mut column, mut other) = (0, 0);
    for byte in text.as_bytes().get(start..)? {
        match byte {
            b' ' => (column, other) = (column + 1, other + 1),
            b'\t' => (column, other) = ((column / TAB + 1) * TAB, other + 1),
            b'\x0c' => (column, other) = (0, 0),
            b'\n' | b'\r' | b'#' => return None,
            _ => return Some((column, other)),
        }
    }
    None
}

/// CPython's `'(' was never closed`, `unmatched ')'` and `closing parenthesis ']' does not match opening parenthesis '('`.
pub(super) fn unbalanced(source: &SourceText) -> Option<SyntaxError> {
    let error = |at: usize, message: String| {
        SyntaxError::at(source, u32::try_from(at).unwrap_or(0), message)
    };
    let mut open: Vec<(u8, usize)> = Vec::new();
    for token in Tokens::new(&source.text) {
        match token {
            Token::Open(byte, at) => open.push((byte, at)),
            Token::Close(byte, at) => {
                let closing = char::from(byte);
                let Some((opened, opened_at)) = open.pop() else {
                    return Some(error(at, format!("unmatched '{closing}'")));
                };
                let opening = char::from(opened);
                if !matches!((opening, closing), ('(', ')') | ('[', ']') | ('{', '}')) {
                    let line = |at: usize| source.line_of(u32::try_from(at).unwrap_or(0));
                    let place = if line(opened_at) == line(at) {
                        String::new()
                    } else {
                        format!(" on line {}", line(opened_at))
                    };
                    return Some(error(
                        at,
                        format!(
                            "closing parenthesis '{closing}' does not match opening parenthesis '{opening}'{place}"
                        ),
                    ));
                }
            }
            Token::Line(_) | Token::Comma | Token::Operator(_) => {}
        }
    }
    let (byte, at) = open.pop()?;
    Some(error(
        at,
        format!("'{}' was never closed", char::from(byte)),
    ))
}
