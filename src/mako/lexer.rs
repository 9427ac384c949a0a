//! From text to nodes: mako/lexer.py.

use std::sync::LazyLock;

use regex::Captures;
use regex::Regex;

use crate::mako::Error;

/// A part of a template, and the line it starts on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) line: usize,
    pub(crate) part: Part,
}

/// The kinds of parts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Text as it is.
    Text(String),
    /// `${code | filters}`.
    Expression { code: String, filters: String },
    /// `% keyword …`; `% endkeyword`.
    Control {
        keyword: String,
        is_end: bool,
        text: String,
    },
    /// `<% code %>`, `<%! code %>`.
    Code { code: String, is_module: bool },
    /// `<%def name="…">…</%def>`.
    Def { signature: String, body: Vec<Node> },
}

static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^<%([\w.:]+)((?:\s+\w+|\s*=\s*|"[^"]*?"|'[^']*?'|\s*,\s*)*)\s*(/)?>"#).ok()
});

static NAME_ATTRIBUTE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^\s*name\s*=\s*(?:'([^']*)'|"([^"]*)")\s*$"#).ok());

static KEYWORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(end)?(\w+)\s*(.*)").ok());

/// What a pattern finds in a text.
fn captures<'a>(pattern: &Option<Regex>, text: &'a str) -> Option<Captures<'a>> {
    pattern.as_ref()?.captures(text)
}

/// Parses a template.
pub(crate) fn parse(text: &str) -> Result<Vec<Node>, Error> {
    let mut lexer = Lexer {
        text,
        at: 0,
        frames: vec![Frame::default()],
    };
    while lexer.at < text.len() {
        lexer.step()?;
    }
    let line = lexer.line(text.len());
    match (lexer.frames.pop(), lexer.frames.is_empty()) {
        (Some(frame), true) => Ok(frame.nodes),
        _ => Err(Error::failed(line, "Unclosed tag: <%def>")),
    }
}

/// The nodes of the template, or of a `<%def>` that is open.
#[derive(Default)]
struct Frame {
    nodes: Vec<Node>,
    signature: String,
    line: usize,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    frames: Vec<Frame>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn line(&self, at: usize) -> usize {
        1 + self.text[..at].matches('\n').count()
    }

    fn push(&mut self, start: usize, part: Part) {
        let line = self.line(start);
        if let Some(frame) = self.frames.last_mut() {
            frame.nodes.push(Node { line, part });
        }
    }

    fn at_line_start(&self) -> bool {
        self.at == 0 || self.text[..self.at].ends_with('\n')
    }

    fn step(&mut self) -> Result<(), Error> {
        if self.rest().starts_with("${") {
            return self.expression();
        }
        if self.at_line_start() && self.control_line()? {
            return Ok(());
        }
        if let Some(rest) = self.rest().strip_prefix("<%doc>")
            && let Some(end) = rest.find("</%doc>")
        {
            self.at += "<%doc>".len() + end + "</%doc>".len();
            return Ok(());
        }
        if self.rest().starts_with("<%") {
            return if self.tag()? { Ok(()) } else { self.code() };
        }
        if self.rest().starts_with("</%") {
            return self.tag_end();
        }
        if self.at_line_start() && self.percent() {
            return Ok(());
        }
        self.plain();
        Ok(())
    }

    fn expression(&mut self) -> Result<(), Error> {
        let start = self.at;
        self.at += 2;
        let (code, end) = self.until(start, true, &["|", "}"])?;
        let filters = if end == "|" {
            self.until(start, true, &["}"])?.0
        } else {
            String::new()
        };
        self.push(
            start,
            Part::Expression {
                code: code.replace("\r\n", "\n"),
                filters: filters.trim().to_owned(),
            },
        );
        Ok(())
    }

    /// `% …` or `## …`; a backslash continues the line.
    fn control_line(&mut self) -> Result<bool, Error> {
        let start = self.at;
        let line = self.rest().trim_start_matches([' ', '\t']);
        let is_comment = line.starts_with("##");
        if !is_comment && (!line.starts_with('%') || line.starts_with("%%")) {
            return Ok(false);
        }
        let mut end = self.text.len() - line.len();
        loop {
            match self.text[end..].find('\n') {
                None => end = self.text.len(),
                Some(length) => {
                    let one = &self.text[end..end + length];
                    end += length + 1;
                    if one.trim_end_matches('\r').ends_with('\\') {
                        continue;
                    }
                }
            }
            break;
        }
        let whole = self.text[self.text.len() - line.len()..end].trim_end_matches(['\r', '\n']);
        self.at = end;
        if is_comment {
            return Ok(true);
        }
        let text = whole[1..].trim_start_matches([' ', '\t']).to_owned();
        let Some(found) = captures(&KEYWORD, &text) else {
            let line = self.line(start);
            return Err(Error::failed(
                line,
                format!("Invalid control line: '{text}'"),
            ));
        };
        let part = Part::Control {
            keyword: found[2].to_owned(),
            is_end: found.get(1).is_some(),
            text: text.clone(),
        };
        self.push(start, part);
        Ok(true)
    }

    /// A tag; `false` where it is a Python block.
    fn tag(&mut self) -> Result<bool, Error> {
        let start = self.at;
        let line = self.line(start);
        let Some(found) = captures(&TAG, self.rest()) else {
            return Ok(false);
        };
        let (keyword, attributes) = (found[1].to_owned(), found[2].to_owned());
        let (length, is_closed) = (found[0].len(), found.get(3).is_some());
        self.at += length;
        match keyword.as_str() {
            "text" if attributes.trim().is_empty() => {
                let Some(length) = self.rest().find("</%text>") else {
                    return Err(Error::failed(line, "Unclosed tag: <%text>"));
                };
                let inner = self.rest()[..length].to_owned();
                self.at += length + "</%text>".len();
                self.push(start, Part::Text(inner));
            }
            "def" => {
                let Some(name) = captures(&NAME_ATTRIBUTE, &attributes) else {
                    return Err(Error::unsupported(
                        line,
                        "a <%def> with attributes besides `name`",
                    ));
                };
                let signature = name.get(1).or_else(|| name.get(2));
                self.frames.push(Frame {
                    nodes: Vec::new(),
                    signature: signature.map_or("", |text| text.as_str()).to_owned(),
                    line,
                });
                if is_closed {
                    self.close_def();
                }
            }
            _ => {
                return Err(Error::unsupported(
                    line,
                    format!("the Mako tag <%{keyword}>"),
                ));
            }
        }
        Ok(true)
    }

    fn tag_end(&mut self) -> Result<(), Error> {
        let line = self.line(self.at);
        let Some(length) = self.rest().find('>') else {
            return Err(Error::failed(line, "`</%` begins no closing tag"));
        };
        let keyword = self.rest()["</%".len()..length].trim().to_owned();
        if keyword != "def" || self.frames.len() < 2 {
            return Err(Error::failed(
                line,
                format!("Closing tag without opening tag: </%{keyword}>"),
            ));
        }
        self.at += length + 1;
        self.close_def();
        Ok(())
    }

    fn close_def(&mut self) {
        if let Some(frame) = self.frames.pop()
            && let Some(outer) = self.frames.last_mut()
        {
            outer.nodes.push(Node {
                line: frame.line,
                part: Part::Def {
                    signature: frame.signature,
                    body: frame.nodes,
                },
            });
        }
    }

    fn code(&mut self) -> Result<(), Error> {
        let start = self.at;
        self.at += 2;
        let is_module = self.rest().starts_with('!');
        self.at += usize::from(is_module);
        let code = self.until(start, false, &["%>"])?.0;
        self.push(start, Part::Code { code, is_module });
        Ok(())
    }

    /// `%%` at the start of a line is one percent sign.
    fn percent(&mut self) -> bool {
        let trimmed = self.rest().trim_start();
        if !trimmed.starts_with("%%") {
            return false;
        }
        let (start, space) = (self.at, self.rest().len() - trimmed.len());
        let signs = trimmed.len() - trimmed.trim_start_matches('%').len();
        let text = format!("{}{}", &self.rest()[..space], &trimmed[1..signs]);
        self.at += space + signs;
        self.push(start, Part::Text(text));
        true
    }

    /// Text up to the next thing that is not.
    fn plain(&mut self) {
        let (start, bytes) = (self.at, self.text.as_bytes());
        let mut end = self.at;
        while end < bytes.len() {
            let rest = &self.text[end..];
            if end > start
                && (rest.starts_with("${") || rest.starts_with("<%") || rest.starts_with("</%"))
            {
                break;
            }
            if end > start && bytes[end - 1] == b'\n' {
                let line = rest.trim_start_matches([' ', '\t']);
                if line.starts_with('%') || line.starts_with("##") {
                    break;
                }
            }
            let escaped = ["\\\n", "\\\r\n"]
                .iter()
                .find(|escape| rest.starts_with(**escape));
            if let Some(escape) = escaped {
                let text = self.text[start..end].to_owned();
                self.push(start, Part::Text(text));
                self.at = end + escape.len();
                return;
            }
            end += rest.chars().next().map_or(1, char::len_utf8);
        }
        let text = self.text[start..end].to_owned();
        self.push(start, Part::Text(text));
        self.at = end;
    }

    /// `parse_until_text`: Python code up to one of these, which is consumed. Strings and comments are skipped; with `nesting`, so is what is in brackets.
    fn until(
        &mut self,
        start: usize,
        nesting: bool,
        ends: &[&'static str],
    ) -> Result<(String, &'static str), Error> {
        let (from, mut depth) = (self.at, 0_i64);
        while self.at < self.text.len() {
            if self.rest().starts_with('#')
                && let Some(length) = self.rest().find('\n')
            {
                self.at += length + 1;
                continue;
            }
            if let Some(length) = string_length(self.rest()) {
                self.at += length;
                continue;
            }
            let found = ends.iter().find(|end| self.rest().starts_with(**end));
            if let Some(end) = found
                && !(nesting && depth > 0)
            {
                let code = self.text[from..self.at].to_owned();
                self.at += end.len();
                return Ok((code, end));
            }
            let next = self.rest().chars().next().unwrap_or_default();
            match next {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
            self.at += next.len_utf8();
        }
        Err(Error::failed(
            self.line(start),
            format!(
                "Expected: {}; unterminated tag or expression beginning",
                ends.join(",")
            ),
        ))
    }
}

/// The length of the string literal at the start of a text.
fn string_length(text: &str) -> Option<usize> {
    let quote = ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|quote| text.starts_with(*quote))?;
    let mut at = quote.len();
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(quote) {
            return Some(at + quote.len());
        }
        let mut characters = rest.chars();
        let first = characters.next()?;
        at += first.len_utf8();
        if first == '\\' {
            at += characters.next()?.len_utf8();
        }
    }
    None
}
