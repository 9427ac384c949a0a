//! From nodes to Python source: mako/codegen.py. The body is a module; what is written goes through `__M_write` in order.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;

use crate::mako::Error;
use crate::mako::GIVEN;
use crate::mako::lexer::Node;
use crate::mako::lexer::Part;

static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b[A-Za-z_]\w*\b").ok());

/// The names in a piece of Python.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let found = NAME.as_ref().map(|pattern| pattern.find_iter(text));
    found.into_iter().flatten().map(|name| name.as_str())
}

/// A name that a template does not get is false, and writing it is an error; `context` is the mapping of what it gets.
const PRELUDE: &str = r#"
class __M_Undefined:
    def __init__(self, name):
        self.name = name
    def __str__(self):
        raise NameError("'%s' is not defined" % self.name)
    def __bool__(self):
        return False

class __M_Context:
    def __init__(self, data):
        self._data = data
    def get(self, key, default=None):
        return self._data.get(key, default)
    def __getitem__(self, key):
        return self._data[key]
    def __contains__(self, key):
        return key in self._data
    def keys(self):
        return list(self._data.keys())
    def write(self, text):
        __M_write(text)

def __M_html(text):
    return text.replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;").replace("'", "&#39;").replace('"', "&#34;")

def __M_url(text):
    from urllib.parse import quote_plus
    return quote_plus(text)

def __M_trim(text):
    return text.strip()

"#;

/// Words that are no variables.
const WORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// The keywords that open a block, and those that go on with one.
const PRIMARY: &[&str] = &["for", "if", "while", "try", "with"];
const TERNARY: &[(&str, &[&str])] = &[
    ("if", &["else", "elif"]),
    ("try", &["except", "finally", "else"]),
    ("for", &["else"]),
    ("while", &["else"]),
];

struct Compiler {
    source: String,
    /// The open control lines of each function, and whether their block has anything yet.
    depth: usize,
}

/// Makes Python source of a template; `given` are the names it gets.
pub(crate) fn compile(nodes: &[Node], given: &[&str]) -> Result<String, Error> {
    let mut made = Compiler {
        source: format!("from {GIVEN} import write as __M_write, at as __M_at\n"),
        depth: 0,
    };
    made.source.push_str(PRELUDE);
    for name in given {
        made.line(&format!("from {GIVEN} import {name}"));
    }
    let entries: Vec<String> = given
        .iter()
        .map(|name| format!("'{name}': {name}"))
        .collect();
    made.line(&format!(
        "context = __M_Context({{{}}})",
        entries.join(", ")
    ));
    for name in names(nodes) {
        made.line(&format!(
            "try:\n    {name}\nexcept NameError:\n    {name} = __M_Undefined('{name}')"
        ));
    }
    made.blocks(nodes)?;
    made.definitions(nodes)?;
    made.body(nodes)?;
    Ok(made.source)
}

impl Compiler {
    fn line(&mut self, text: &str) {
        for line in text.split('\n') {
            let _fits = writeln!(self.source, "{}{line}", "    ".repeat(self.depth));
        }
    }

    /// `<%! %>` comes before everything.
    fn blocks(&mut self, nodes: &[Node]) -> Result<(), Error> {
        for node in nodes {
            match &node.part {
                Part::Code {
                    code,
                    is_module: true,
                } => self.code(node.line, code)?,
                Part::Def { body, .. } => self.blocks(body)?,
                Part::Code { .. }
                | Part::Text(_)
                | Part::Expression { .. }
                | Part::Control { .. } => {}
            }
        }
        Ok(())
    }

    /// Functions come before the body, which may call them further up.
    fn definitions(&mut self, nodes: &[Node]) -> Result<(), Error> {
        for node in nodes {
            let Part::Def { signature, body } = &node.part else {
                continue;
            };
            let head = if signature.contains('(') {
                signature.clone()
            } else {
                return Err(Error::failed(
                    node.line,
                    format!("Missing parenthesis in %def: {signature}"),
                ));
            };
            self.line(&format!("def {head}:"));
            self.depth += 1;
            self.definitions(body)?;
            self.body(body)?;
            self.line("return ''");
            self.depth -= 1;
        }
        Ok(())
    }

    fn body(&mut self, nodes: &[Node]) -> Result<(), Error> {
        let mut open: Vec<(&str, usize)> = Vec::new();
        for node in nodes {
            match &node.part {
                Part::Text(text) => self.line(&format!("__M_write({})", literal(text))),
                Part::Expression { code, filters } => {
                    let value = filtered(node.line, code, filters)?;
                    self.line(&format!("__M_at({})", node.line));
                    self.raw(&format!("__M_write({value})"));
                }
                Part::Control {
                    keyword,
                    is_end,
                    text,
                } => {
                    self.control(node.line, keyword, *is_end, text, &mut open)?;
                }
                Part::Code {
                    code,
                    is_module: false,
                } => self.code(node.line, code)?,
                Part::Code {
                    is_module: true, ..
                }
                | Part::Def { .. } => {}
            }
        }
        match open.pop() {
            None => Ok(()),
            Some((keyword, line)) => Err(Error::failed(
                line,
                format!("Unterminated control keyword: '{keyword}'"),
            )),
        }
    }

    /// Code whose further lines keep their own indentation.
    fn raw(&mut self, text: &str) {
        let _fits = writeln!(self.source, "{}{text}", "    ".repeat(self.depth));
    }

    fn control<'a>(
        &mut self,
        line: usize,
        keyword: &'a str,
        is_end: bool,
        text: &str,
        open: &mut Vec<(&'a str, usize)>,
    ) -> Result<(), Error> {
        let last = open.last().map(|(keyword, _)| *keyword);
        if is_end {
            if last != Some(keyword) {
                let message = last.map_or_else(
                    || format!("No starting keyword '{keyword}' for '{text}'"),
                    |last| format!("Keyword '{text}' doesn't match keyword '{last}'"),
                );
                return Err(Error::failed(line, message));
            }
            self.line("pass");
            self.depth -= 1;
            open.pop();
            return Ok(());
        }
        if words(text).any(|name| name == "loop") {
            return Err(Error::unsupported(line, "Mako's `loop` variable"));
        }
        if PRIMARY.contains(&keyword) {
            self.raw(&format!("__M_at({line})"));
            self.raw(text);
            self.depth += 1;
            open.push((keyword, line));
            return Ok(());
        }
        let goes_on = last.is_some_and(|last| {
            TERNARY
                .iter()
                .any(|(primary, others)| *primary == last && others.contains(&keyword))
        });
        if !goes_on {
            return Err(Error::failed(
                line,
                format!("Keyword '{keyword}' not a legal ternary or control keyword here"),
            ));
        }
        self.line("pass");
        self.depth -= 1;
        self.raw(text);
        self.depth += 1;
        Ok(())
    }

    /// A block of Python, moved to the indentation of its place.
    fn code(&mut self, line: usize, code: &str) -> Result<(), Error> {
        let lines: Vec<&str> = code.lines().collect();
        let width = |text: &str| text.len() - text.trim_start().len();
        let margin = lines
            .iter()
            .find(|text| !text.trim().is_empty() && !text.trim_start().starts_with('#'))
            .map_or(0, |text| width(text));
        if (self.depth > 0 || margin > 0) && (code.contains("\"\"\"") || code.contains("'''")) {
            return Err(Error::unsupported(
                line,
                "a string of several lines in an indented Python block",
            ));
        }
        self.line(&format!("__M_at({line})"));
        for text in lines {
            let cut = width(text).min(margin);
            self.line(text.get(cut..).unwrap_or_default().trim_end());
        }
        Ok(())
    }
}

/// `${…}` with its filters; the default one is `str`.
fn filtered(line: usize, code: &str, filters: &str) -> Result<String, Error> {
    let mut names: Vec<&str> = split(filters);
    if let Some(at) = names.iter().position(|name| *name == "n") {
        names.remove(at);
        names.retain(|name| *name != "n");
    } else {
        names.insert(0, "str");
    }
    let mut value = format!("({}\n)", code.trim());
    for name in names {
        let function = match name {
            "str" | "unicode" => "str",
            "h" | "x" => "__M_html",
            "u" => "__M_url",
            "trim" => "__M_trim",
            "entity" => return Err(Error::unsupported(line, "the filter `entity`")),
            _ if name.starts_with("decode") => {
                return Err(Error::unsupported(line, "the filter `decode`"));
            }
            other => other,
        };
        value = format!("{function}({value})");
    }
    Ok(value)
}

/// The items between commas outside brackets.
fn split(filters: &str) -> Vec<&str> {
    let (mut items, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, character) in filters.char_indices() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(filters[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(filters[start..].trim());
    items.retain(|item| !item.is_empty());
    items
}

/// Everything in the code that could be a variable.
fn names(nodes: &[Node]) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut add = |text| {
        for name in words(text) {
            if !WORDS.contains(&name) && !name.starts_with("__") {
                found.insert(name);
            }
        }
    };
    for node in nodes {
        match &node.part {
            Part::Text(_) => {}
            Part::Expression { code, filters } => {
                add(code);
                add(filters);
            }
            Part::Control { text, .. } => add(text),
            Part::Code { code, .. } => add(code),
            Part::Def { body, .. } => {
                for name in names(body) {
                    add(name);
                }
            }
        }
    }
    found
}

/// A Python string literal on one line.
fn literal(text: &str) -> String {
    let mut made = String::from("'");
    for character in text.chars() {
        match character {
            '\\' => made.push_str("\\\\"),
            '\'' => made.push_str("\\'"),
            '\n' => made.push_str("\\n"),
            '\r' => made.push_str("\\r"),
            '\0' => made.push_str("\\0"),
            other => made.push(other),
        }
    }
    made.push('\'');
    made
}
