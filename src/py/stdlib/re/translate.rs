//! From Python's regular-expression syntax to that of `fancy_regex`.

use std::iter::Peekable;
use std::str::CharIndices;

/// `re.IGNORECASE`.
pub const IGNORECASE: i64 = 2;
/// `re.MULTILINE`.
pub const MULTILINE: i64 = 8;
/// `re.DOTALL`.
pub const DOTALL: i64 = 16;
/// `re.UNICODE`.
pub const UNICODE: i64 = 32;
/// `re.VERBOSE`.
pub const VERBOSE: i64 = 64;
/// `re.ASCII`.
pub const ASCII: i64 = 256;

/// What is wrong with a pattern, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// The message.
    pub message: String,
    /// The byte position.
    pub at: usize,
}

/// Translates a pattern; gives also the flags, with those written inside the pattern.
pub fn translate(pattern: &str, flags: i64) -> Result<(String, i64), Fault> {
    let mut translator = Translator {
        rest: pattern.char_indices().peekable(),
        pattern,
        flags,
        result: String::new(),
        nested: Vec::new(),
    };
    translator.global_flags()?;
    translator.run()?;
    let mut head = String::from("(?");
    for (flag, letter) in [(IGNORECASE, 'i'), (DOTALL, 's')] {
        if translator.flags & flag != 0 {
            head.push(letter);
        }
    }
    let text = if head.len() > 2 {
        format!("{head}){}", translator.result)
    } else {
        translator.result
    };
    Ok((text, translator.flags))
}

/// The state of translating.
struct Translator<'p> {
    rest: Peekable<CharIndices<'p>>,
    pattern: &'p str,
    flags: i64,
    result: String,
    /// The flags outside each open group.
    nested: Vec<i64>,
}

impl Translator<'_> {
    /// Where we are.
    fn at(&mut self) -> usize {
        self.rest.peek().map_or(self.pattern.len(), |(at, _)| *at)
    }

    /// Takes a character if it is the one.
    fn take(&mut self, wanted: char) -> bool {
        self.rest
            .next_if(|(_, character)| *character == wanted)
            .is_some()
    }

    /// Takes a text if it is next.
    fn take_text(&mut self, wanted: &str) -> bool {
        let at = self.at();
        let found = self.pattern[at..].starts_with(wanted);
        if found {
            for _ in wanted.chars() {
                self.rest.next();
            }
        }
        found
    }

    /// `(?ix)` at the start.
    fn global_flags(&mut self) -> Result<(), Fault> {
        while let Some(body) = self.pattern[self.at()..].strip_prefix("(?") {
            let letters: String = body.chars().take_while(char::is_ascii_alphabetic).collect();
            if letters.is_empty()
                || !body[letters.len()..].starts_with(')')
                || !letters.chars().all(|letter| "aiLmsux".contains(letter))
            {
                return Ok(());
            }
            self.flags |= flags_of(&letters, self.at())?;
            self.take_text(&format!("(?{letters})"));
        }
        Ok(())
    }

    /// Translates the rest.
    fn run(&mut self) -> Result<(), Fault> {
        while let Some((at, character)) = self.rest.next() {
            match character {
                '\\' => self.escape(at, false)?,
                '[' => self.class(at)?,
                '(' => self.group(at)?,
                ')' => {
                    match self.nested.pop() {
                        Some(flags) => self.flags = flags,
                        None => {
                            return Err(Fault {
                                message: "unbalanced parenthesis".into(),
                                at,
                            });
                        }
                    }
                    self.result.push(')');
                }
                '$' if self.flags & MULTILINE != 0 => self.result.push_str("(?m:$)"),
                '$' => self.result.push_str(r"(?=\n?\z)"),
                '^' if self.flags & MULTILINE != 0 => self.result.push_str("(?m:^)"),
                '^' => self.result.push_str(r"\A"),
                '{' => self.brace(at),
                '}' => self.result.push_str(r"\}"),
                ']' => self.result.push_str(r"\]"),
                '#' if self.flags & VERBOSE != 0 => {
                    while self.rest.next_if(|(_, next)| *next != '\n').is_some() {}
                }
                _ if self.flags & VERBOSE != 0 && character.is_whitespace() => {}
                '.' | '*' | '+' | '?' | '|' => self.result.push(character),
                _ => push_literal(&mut self.result, character),
            }
        }
        match self.nested.is_empty() {
            true => Ok(()),
            false => Err(Fault {
                message: "missing ), unterminated subpattern".into(),
                at: 0,
            }),
        }
    }

    /// `{2,3}` is a quantifier, every other brace a literal.
    fn brace(&mut self, at: usize) {
        let body = &self.pattern[at + 1..];
        let quantifier = body.split_once('}').map(|(body, _)| body).filter(|body| {
            let (low, high) = body.split_once(',').unwrap_or((body, "0"));
            !body.is_empty()
                && *body != ","
                && low.bytes().all(|digit| digit.is_ascii_digit())
                && high.bytes().all(|digit| digit.is_ascii_digit())
        });
        match quantifier {
            None => self.result.push_str(r"\{"),
            Some(body) => {
                self.take_text(body);
                self.take('}');
                let body = if body.starts_with(',') {
                    format!("0{body}")
                } else {
                    body.to_owned()
                };
                self.result.push_str(&format!("{{{body}}}"));
            }
        }
    }

    /// A group, after its parenthesis.
    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn group(&mut self, at: usize) -> Result<(), Fault> {
        if !self.take('?') {
            self.nested.push(self.flags);
            self.result.push('(');
            return Ok(());
        }
        if self.take('#') {
            for (_, character) in self.rest.by_ref() {
                if character == ')' {
                    return Ok(());
                }
            }
            return Err(Fault {
                message: "missing ), unterminated comment".into(),
                at,
            });
        }
        if self.take_text("P=") {
            let name: String = std::iter::from_fn(|| self.rest.next_if(|(_, next)| *next != ')'))
                .map(|(_, next)| next)
                .collect();
            self.take(')');
            self.result.push_str(&format!("(?P={name})"));
            return Ok(());
        }
        self.nested.push(self.flags);
        if self.take_text("P<") {
            let name: String = std::iter::from_fn(|| self.rest.next_if(|(_, next)| *next != '>'))
                .map(|(_, next)| next)
                .collect();
            self.take('>');
            self.result.push_str(&format!("(?P<{name}>"));
            return Ok(());
        }
        for start in [":", "=", "!", "<=", "<!", ">"] {
            if self.take_text(start) {
                self.result.push_str(&format!("(?{start}"));
                return Ok(());
            }
        }
        if self.take('(') {
            let name: String = std::iter::from_fn(|| self.rest.next_if(|(_, next)| *next != ')'))
                .map(|(_, next)| next)
                .collect();
            self.take(')');
            let name = if name.bytes().all(|digit| digit.is_ascii_digit()) {
                name
            } else {
                format!("<{name}>")
            };
            self.result.push_str(&format!("(?({name})"));
            return Ok(());
        }
        let letters: String = std::iter::from_fn(|| {
            self.rest
                .next_if(|(_, next)| next.is_ascii_alphabetic() || *next == '-')
        })
        .map(|(_, next)| next)
        .collect();
        if !self.take(':') {
            let message = if letters.is_empty() {
                format!(
                    "unknown extension ?{}",
                    self.rest.peek().map_or(' ', |(_, next)| *next)
                )
            } else {
                "global flags not at the start of the expression".to_owned()
            };
            return Err(Fault {
                message,
                at: at + 1,
            });
        }
        let (on, off) = letters.split_once('-').unwrap_or((&letters, ""));
        let (on, off) = (flags_of(on, at)?, flags_of(off, at)?);
        let before = self.flags;
        self.flags = (self.flags | on) & !off;
        let mut set = String::new();
        let mut unset = String::new();
        for (flag, letter) in [(IGNORECASE, 'i'), (DOTALL, 's')] {
            match (before & flag != 0, self.flags & flag != 0) {
                (false, true) => set.push(letter),
                (true, false) => unset.push(letter),
                _ => {}
            }
        }
        let unset = if unset.is_empty() {
            unset
        } else {
            format!("-{unset}")
        };
        self.result.push_str(&format!("(?{set}{unset}:"));
        Ok(())
    }

    /// A character class, after its bracket.
    fn class(&mut self, at: usize) -> Result<(), Fault> {
        self.result.push('[');
        if self.take('^') {
            self.result.push('^');
        }
        let mut first = true;
        loop {
            let Some((place, character)) = self.rest.next() else {
                return Err(Fault {
                    message: "unterminated character set".into(),
                    at,
                });
            };
            match character {
                ']' if !first => break,
                '\\' => self.escape(place, true)?,
                '-' => {
                    // A hyphen at either end is a literal; elsewhere it makes a range.
                    let last = self.rest.peek().is_some_and(|(_, next)| *next == ']');
                    self.result
                        .push_str(if first || last { r"\-" } else { "-" });
                }
                '[' | ']' | '&' | '~' | '^' => {
                    self.result.push('\\');
                    self.result.push(character);
                }
                ' ' | '#' => push_literal(&mut self.result, character),
                _ => self.result.push(character),
            }
            first = false;
        }
        self.result.push(']');
        Ok(())
    }

    /// An escape, after its backslash.
    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn escape(&mut self, at: usize, inside: bool) -> Result<(), Fault> {
        let Some((_, character)) = self.rest.next() else {
            return Err(Fault {
                message: "bad escape (end of pattern)".into(),
                at,
            });
        };
        let ascii = self.flags & ASCII != 0;
        match character {
            'd' if ascii => self.result.push_str(if inside { "0-9" } else { "[0-9]" }),
            'w' if ascii => {
                self.result
                    .push_str(if inside { "a-zA-Z0-9_" } else { "[a-zA-Z0-9_]" })
            }
            's' if ascii => self.result.push_str(if inside {
                r" \t\n\r\x0b\x0c"
            } else {
                r"[ \t\n\r\x0b\x0c]"
            }),
            'D' if ascii => self.result.push_str("[^0-9]"),
            'W' if ascii => self.result.push_str("[^a-zA-Z0-9_]"),
            'S' if ascii => self.result.push_str(r"[^ \t\n\r\x0b\x0c]"),
            's' => self.result.push_str(if inside {
                r"\s\x1c-\x1f"
            } else {
                r"[\s\x1c-\x1f]"
            }),
            'S' if !inside => self.result.push_str(r"[^\s\x1c-\x1f]"),
            'd' | 'D' | 'w' | 'W' | 'S' => {
                self.result.push('\\');
                self.result.push(character);
            }
            'b' if inside => self.result.push_str(r"\x08"),
            'b' | 'B' | 'A' if !inside => {
                self.result.push('\\');
                self.result.push(character);
            }
            'Z' if !inside => self.result.push_str(r"\z"),
            'n' | 'r' | 't' | 'f' | 'v' | 'a' => {
                self.result.push('\\');
                self.result.push(character);
            }
            'x' => self.hexadecimal(2, at)?,
            'u' => self.hexadecimal(4, at)?,
            'U' => self.hexadecimal(8, at)?,
            '0' => {
                let mut code = 0;
                for _ in 0..2 {
                    if let Some((_, digit)) =
                        self.rest.next_if(|(_, digit)| ('0'..='7').contains(digit))
                    {
                        code = code * 8 + digit.to_digit(8).unwrap_or(0);
                    }
                }
                self.result.push_str(&format!(r"\x{{{code:x}}}"));
            }
            '1'..='9' if !inside => {
                let mut number = character.to_string();
                if let Some((_, digit)) = self.rest.next_if(|(_, digit)| digit.is_ascii_digit()) {
                    number.push(digit);
                }
                self.result.push_str(&format!(r"(?:\{number})"));
            }
            _ if character.is_ascii_alphanumeric() => {
                return Err(Fault {
                    message: format!("bad escape \\{character}"),
                    at,
                });
            }
            _ => push_literal(&mut self.result, character),
        }
        Ok(())
    }

    /// `\x41`, `\u0041`.
    fn hexadecimal(&mut self, size: usize, at: usize) -> Result<(), Fault> {
        let digits: String =
            std::iter::from_fn(|| self.rest.next_if(|(_, digit)| digit.is_ascii_hexdigit()))
                .map(|(_, digit)| digit)
                .take(size)
                .collect();
        if digits.len() != size {
            return Err(Fault {
                message: format!("incomplete escape {}", &self.pattern[at..self.at()]),
                at,
            });
        }
        self.result.push_str(&format!(r"\x{{{digits}}}"));
        Ok(())
    }
}

/// A character that stands for itself.
fn push_literal(result: &mut String, character: char) {
    if character.is_ascii_punctuation()
        && !matches!(
            character,
            '_' | '<' | '>' | '"' | '\'' | '/' | '%' | '!' | ',' | ':' | ';' | '=' | '@' | '`'
        )
    {
        result.push('\\');
    }
    if matches!(character, ' ' | '\n' | '\t' | '\r') {
        result.push_str(&format!(r"\x{{{:x}}}", u32::from(character)));
    } else {
        result.push(character);
    }
}

/// The flags of letters.
fn flags_of(letters: &str, at: usize) -> Result<i64, Fault> {
    let mut flags = 0;
    for letter in letters.chars() {
        flags |= match letter {
            'i' => IGNORECASE,
            'm' => MULTILINE,
            's' => DOTALL,
            'x' => VERBOSE,
            'a' => ASCII,
            'u' => UNICODE,
            _ => {
                return Err(Fault {
                    message: "unknown flag".into(),
                    at,
                });
            }
        };
    }
    Ok(flags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollar_matches_before_a_last_newline() {
        assert_eq!(translate("a$", 0).unwrap().0, r"a(?=\n?\z)");
    }

    #[test]
    fn brackets_and_set_operators_are_literals_in_a_class() {
        assert_eq!(translate("[a[&&~]", 0).unwrap().0, r"[a\[\&\&\~]");
    }

    #[test]
    fn braces_are_literals_unless_they_count() {
        assert_eq!(translate("{a}b{2,}", 0).unwrap().0, r"\{a\}b{2,}");
    }

    #[test]
    fn verbose_patterns_lose_blanks_and_comments() {
        assert_eq!(translate("a b # c\n[ ]", VERBOSE).unwrap().0, r"ab[\x{20}]");
    }
}
