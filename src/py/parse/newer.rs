//! Newer syntax written the older way, of the same length wherever it can be, so that places stay right:
//! f-strings that reuse their own quotes (PEP 701), `except A, B:` without parentheses (PEP 758).

use std::borrow::Cow;

/// What can follow inside a replacement field before it must end.
const MAX_DEPTH: usize = 20;

/// A text rewritten for the parser.
pub(super) struct Rewritten {
    /// The text.
    pub(super) text: String,
    /// Places where bytes were inserted: the place in the new text and how many bytes.
    pub(super) inserted: Vec<(u32, u32)>,
}

impl Rewritten {
    /// A place of the new text in the old one.
    pub(super) fn original(&self, byte: u32) -> u32 {
        let before: u32 = self
            .inserted
            .iter()
            .take_while(|(at, _)| *at < byte)
            .map(|(at, count)| (*count).min(byte - at))
            .sum();
        byte - before
    }
}

/// Rewrites what needs it; `None` when nothing does.
pub(super) fn rewrite(text: &str) -> Option<Rewritten> {
    let mut rewriter = Rewriter {
        bytes: text.as_bytes(),
        at: 0,
        out: Vec::with_capacity(text.len() + 16),
        inserted: Vec::new(),
        changed: false,
    };
    rewriter.module();
    if !rewriter.changed {
        return None;
    }
    let text = String::from_utf8(rewriter.out).ok()?;
    Some(Rewritten {
        text,
        inserted: rewriter.inserted,
    })
}

struct Rewriter<'a> {
    bytes: &'a [u8],
    at: usize,
    out: Vec<u8>,
    inserted: Vec<(u32, u32)>,
    changed: bool,
}

impl Rewriter<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn copy(&mut self, count: usize) {
        let end = (self.at + count).min(self.bytes.len());
        self.out.extend_from_slice(&self.bytes[self.at..end]);
        self.at = end;
    }

    fn insert(&mut self, piece: &[u8]) {
        let at = u32::try_from(self.out.len()).unwrap_or(u32::MAX);
        self.out.extend_from_slice(piece);
        self.inserted
            .push((at, u32::try_from(piece.len()).unwrap_or(0)));
        self.changed = true;
    }

    fn module(&mut self) {
        let mut at_line_start = true;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\n' => {
                    self.copy(1);
                    at_line_start = true;
                }
                b' ' | b'\t' | b'\r' => self.copy(1),
                _ if at_line_start && self.word() == b"except" => {
                    at_line_start = false;
                    self.except();
                }
                _ => {
                    at_line_start = false;
                    self.token();
                }
            }
        }
    }

    /// The word that starts here.
    fn word(&self) -> &[u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest
            .iter()
            .take_while(|byte| **byte == b'_' || byte.is_ascii_alphanumeric() || **byte >= 0x80)
            .count();
        &rest[..length]
    }

    /// Copies one token outside f-strings: a comment, a string, a word, one byte.
    fn token(&mut self) {
        match self.peek(0) {
            Some(b'#') => {
                while self.peek(0).is_some_and(|byte| byte != b'\n') {
                    self.copy(1);
                }
            }
            Some(b'"' | b'\'') => self.string(false, false, 0),
            Some(_) => {
                let word = self.word();
                let length = word.len();
                let is_prefix =
                    (1..=2).contains(&length) && word.iter().all(|byte| b"rRbBuUfF".contains(byte));
                if is_prefix && matches!(self.peek(length), Some(b'"' | b'\'')) {
                    let is_f = word.iter().any(|byte| b"fF".contains(byte));
                    let is_raw = word.iter().any(|byte| b"rR".contains(byte));
                    self.copy(length);
                    self.string(is_f, is_raw, 0);
                } else {
                    self.copy(length.max(1));
                }
            }
            None => {}
        }
    }

    /// `except A, B:` gets its parentheses.
    fn except(&mut self) {
        self.copy(6);
        while matches!(self.peek(0), Some(b' ' | b'\t' | b'*')) {
            self.copy(1);
        }
        // Looks ahead for a comma outside brackets before the colon.
        let (mut ahead, mut depth, mut has_comma) = (0usize, 0usize, false);
        let end = loop {
            match self.peek(ahead) {
                None | Some(b'\n' | b'#' | b'"' | b'\'') => break None,
                Some(b'(' | b'[' | b'{') => depth += 1,
                Some(b')' | b']' | b'}') => depth = depth.saturating_sub(1),
                Some(b',') if depth == 0 => has_comma = true,
                Some(b':') if depth == 0 => break Some(ahead),
                Some(_) => {}
            }
            ahead += 1;
        };
        let Some(end) = end.filter(|_| has_comma) else {
            return;
        };
        let clause = self.bytes.get(self.at..self.at + end).unwrap_or_default();
        if clause.windows(4).any(|window| window == b" as ") {
            return;
        }
        self.insert(b"(");
        self.copy(end);
        self.insert(b")");
    }

    /// Copies a string literal, whose quote is here. Inner strings of an f-string that reuse its quotes, and backslashes in its fields, are rewritten.
    fn string(&mut self, is_f: bool, is_raw: bool, depth: usize) {
        let Some(quote) = self.peek(0) else { return };
        let is_triple = self.peek(1) == Some(quote) && self.peek(2) == Some(quote);
        let width = if is_triple { 3 } else { 1 };
        self.copy(width);
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' if !is_raw || self.peek(1) == Some(quote) || self.peek(1) == Some(b'\\') => {
                    if is_f && self.peek(1) == Some(b'N') && self.peek(2) == Some(b'{') {
                        while self.peek(0).is_some_and(|byte| byte != b'}') {
                            self.copy(1);
                        }
                    } else {
                        self.copy(2);
                    }
                }
                b'\n' if !is_triple => return,
                _ if byte == quote
                    && (!is_triple
                        || (self.peek(1) == Some(quote) && self.peek(2) == Some(quote))) =>
                {
                    self.copy(width);
                    return;
                }
                b'{' if is_f && self.peek(1) == Some(b'{') => self.copy(2),
                b'{' if is_f && depth < MAX_DEPTH => {
                    self.copy(1);
                    self.field(quote, is_triple, depth);
                }
                _ => self.copy(1),
            }
        }
    }

    /// Copies a replacement field up to its closing brace. The parser behind us wants inner strings without the outer quote and without backslashes.
    fn field(&mut self, quote: u8, is_triple: bool, depth: usize) {
        let mut brackets = 0usize;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'}' if brackets == 0 => {
                    self.copy(1);
                    return;
                }
                b'(' | b'[' | b'{' => {
                    brackets += 1;
                    self.copy(1);
                }
                b')' | b']' | b'}' => {
                    brackets = brackets.saturating_sub(1);
                    self.copy(1);
                }
                b'!' if brackets == 0 && self.peek(1) != Some(b'=') => self.copy(1),
                b':' if brackets == 0 => return self.format(quote, is_triple, depth),
                b'"' | b'\'' => self.inner_string(quote, is_triple, depth),
                b'\n' if !is_triple => {
                    // A field may span lines since 3.12; the parser wants one line.
                    self.at += 1;
                    self.out.push(b' ');
                    self.changed = true;
                }
                b'#' => {
                    while self.peek(0).is_some_and(|byte| byte != b'\n') {
                        self.at += 1;
                        self.out.push(b' ');
                        self.changed = true;
                    }
                }
                _ => self.copy(1),
            }
        }
    }

    /// Copies a format specification, fields inside it included.
    fn format(&mut self, quote: u8, is_triple: bool, depth: usize) {
        while let Some(byte) = self.peek(0) {
            match byte {
                b'}' => {
                    self.copy(1);
                    return;
                }
                b'{' if depth < MAX_DEPTH => {
                    self.copy(1);
                    self.field(quote, is_triple, depth + 1);
                }
                _ if byte == quote && !is_triple => return,
                _ => self.copy(1),
            }
        }
    }

    /// A string inside a field: kept when the parser can read it, else written with other quotes and with its backslash escapes resolved.
    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn inner_string(&mut self, outer: u8, outer_triple: bool, depth: usize) {
        let is_f = {
            let before = self
                .out
                .iter()
                .rev()
                .take_while(|byte| byte.is_ascii_alphabetic())
                .collect::<Vec<_>>();
            before.len() <= 2
                && before.iter().any(|byte| b"fF".contains(byte))
                && before.iter().all(|byte| b"rRfF".contains(byte))
        };
        let start = self.at;
        let out_start = self.out.len();
        let mut probe = Rewriter {
            bytes: self.bytes,
            at: start,
            out: Vec::new(),
            inserted: Vec::new(),
            changed: false,
        };
        probe.string(is_f, false, depth + 1);
        let end = probe.at;
        let written: Cow<'_, [u8]> = if probe.changed {
            Cow::Owned(probe.out)
        } else {
            Cow::Borrowed(self.bytes.get(start..end).unwrap_or_default())
        };
        let own = self.bytes.get(start).copied().unwrap_or(b'"');
        let is_fine = own != outer && !written.contains(&outer) && !written.contains(&b'\\');
        let is_fine = is_fine
            || (outer_triple
                && own == outer
                && !written.contains(&b'\\')
                && !written.windows(3).any(|window| window == [outer; 3]));
        if is_fine {
            self.changed |= probe.changed;
            self.out.extend_from_slice(&written);
            self.at = end;
            return;
        }
        let width =
            if written.len() >= 6 && written.get(1) == Some(&own) && written.get(2) == Some(&own) {
                3
            } else {
                1
            };
        let body = written
            .get(width..written.len().saturating_sub(width))
            .unwrap_or_default();
        let other = if outer == b'"' { b'\'' } else { b'"' };
        let new = match is_f {
            true => {
                let swapped: Vec<u8> = body
                    .iter()
                    .map(|byte| if *byte == outer { other } else { *byte })
                    .collect();
                let width = if swapped.contains(&other) { 3 } else { width };
                quoted(&swapped, other, width)
            }
            false => pieces(body, other),
        };
        let old = end - start;
        self.out.truncate(out_start);
        self.out.extend_from_slice(&new);
        if new.len() < old {
            self.out.extend(std::iter::repeat_n(b' ', old - new.len()));
        } else if new.len() > old {
            let extra = new.len() - old;
            self.inserted.push((
                u32::try_from(self.out.len() - extra).unwrap_or(u32::MAX),
                u32::try_from(extra).unwrap_or(0),
            ));
        }
        self.at = end;
        self.changed = true;
    }
}

fn quoted(body: &[u8], quote: u8, width: usize) -> Vec<u8> {
    let mark = vec![quote; width];
    [&mark, body, &mark].concat()
}

/// A plain string without backslashes and without either quote inside: what cannot be written so becomes `chr(n)`.
fn pieces(body: &[u8], quote: u8) -> Vec<u8> {
    let text = String::from_utf8_lossy(body).into_owned();
    let mut parts: Vec<String> = Vec::new();
    let mut plain = String::new();
    let flush = |plain: &mut String, parts: &mut Vec<String>| {
        if !plain.is_empty() {
            let mark = char::from(quote);
            parts.push(format!("{mark}{plain}{mark}"));
            plain.clear();
        }
    };
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let code = match character {
            '\\' => match characters.next() {
                Some('n') => Some(10),
                Some('t') => Some(9),
                Some('r') => Some(13),
                Some('0') => Some(0),
                Some('\n') | None => None,
                Some(digits @ ('x' | 'u' | 'U')) => {
                    let count = match digits {
                        'x' => 2,
                        'u' => 4,
                        _ => 8,
                    };
                    let hex: String = characters.by_ref().take(count).collect();
                    u32::from_str_radix(&hex, 16).ok()
                }
                Some(escaped @ ('\\' | '\'' | '"')) => Some(u32::from(escaped)),
                Some(other) => {
                    flush(&mut plain, &mut parts);
                    parts.push("chr(92)".to_owned());
                    plain.push(other);
                    None
                }
            },
            '\'' | '"' | '\n' => Some(u32::from(character)),
            other => {
                plain.push(other);
                None
            }
        };
        if let Some(code) = code {
            flush(&mut plain, &mut parts);
            parts.push(format!("chr({code})"));
        }
    }
    flush(&mut plain, &mut parts);
    match parts.as_slice() {
        [] => quoted(b"", quote, 1),
        [one] => one.clone().into_bytes(),
        many => format!("({})", many.join("+")).into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::rewrite;

    fn rewritten(text: &str) -> String {
        rewrite(text).map_or_else(|| text.to_owned(), |new| new.text)
    }

    #[test]
    fn fields_may_reuse_the_quotes_of_their_string() {
        assert_eq!(rewritten("x = f'{a['b']}'\n"), "x = f'{a[\"b\"]}'\n");
        assert_eq!(
            rewritten("x = f\"{', '.join(\"a\" for a in b)}\"\n"),
            "x = f\"{', '.join('a' for a in b)}\"\n"
        );
        assert_eq!(rewritten("f'{'\\n'.join(a)}'"), "f'{chr(10).join(a)}'");
        assert_eq!(
            rewritten("x = f'{a!r:>{w}} {{b}}'\n"),
            "x = f'{a!r:>{w}} {{b}}'\n"
        );
    }

    #[test]
    fn fields_may_span_lines() {
        assert_eq!(rewritten("f\"{\n  a[\"k\"]\n}\"\n"), "f\"{   a['k'] }\"\n");
    }

    #[test]
    fn except_without_parentheses_gets_them() {
        assert_eq!(
            rewritten("try:\n    pass\nexcept A, B.c:\n    pass\n"),
            "try:\n    pass\nexcept (A, B.c):\n    pass\n"
        );
        assert_eq!(rewritten("except (A, B):\n"), "except (A, B):\n");
        assert_eq!(rewritten("except f(a, b):\n"), "except f(a, b):\n");
    }
}
