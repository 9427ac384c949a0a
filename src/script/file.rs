//! One revision file: its header read from the syntax tree, without evaluating anything. alembic/script/base.py `Script._from_path`.

use std::path::Path;
use std::path::PathBuf;

use indexmap::IndexMap;

use crate::py::ast::Constant;
use crate::py::ast::Expr;
use crate::py::ast::ExprKind;
use crate::py::ast::FStringPart;
use crate::py::ast::Module;
use crate::py::ast::Span;
use crate::py::ast::Stmt;
use crate::py::ast::StmtKind;
use crate::py::object::BinaryOperator;
use crate::py::parse;
use crate::py::parse::SyntaxError;
use crate::script::header;

/// A header value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it is written.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// 1-based line.
    pub line: u32,
}

/// What a header variable holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderValue {
    /// `None`.
    None,
    /// A text.
    Text(String),
    /// A tuple, list or set of texts.
    Texts(Vec<String>),
    /// Something else that is written down: its place is all that is known.
    Other,
    /// It takes evaluation to know.
    Computed,
}

/// The facts of one file. Reading them never fails on what the header says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RevisionFile {
    /// The file, links resolved.
    pub path: PathBuf,
    /// `revision`, `down_revision`, `branch_labels`, `depends_on` as far as they are there.
    pub header: IndexMap<String, Spanned<HeaderValue>>,
    /// The docstring as written.
    pub doc: Option<String>,
    /// `__doc__` is assigned something that takes evaluation.
    pub is_doc_computed: bool,
    /// What keeps the file from being read.
    pub problem: Option<Problem>,
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It is not Python.
    Syntax {
        /// What is wrong.
        error: SyntaxError,
        /// The line it is about.
        text: Option<String>,
    },
    /// The file system does not give it.
    Io(String),
}

/// The variables of a header.
pub const HEADER: [&str; 4] = ["revision", "down_revision", "branch_labels", "depends_on"];

/// Reads a file's header; the text as well, where it could be decoded.
pub fn read(path: &Path) -> (RevisionFile, Option<String>) {
    let blank = RevisionFile {
        path: path.to_owned(),
        ..RevisionFile::default()
    };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let problem = Some(Problem::Io(error.to_string()));
            return (RevisionFile { problem, ..blank }, None);
        }
    };
    let name = path.to_string_lossy();
    match parse::decode(&bytes, &name) {
        Ok(text) => {
            let file = RevisionFile {
                path: path.to_owned(),
                ..header::plain(&text).unwrap_or_else(|| parse_header(&text, &name))
            };
            (file, Some(text))
        }
        Err(error) => {
            let problem = Some(Problem::Syntax { error, text: None });
            (RevisionFile { problem, ..blank }, None)
        }
    }
}

/// Reads the header of a text. Only what stands before the first definition is parsed, unless a header variable may be set later.
pub fn parse_header(text: &str, name: &str) -> RevisionFile {
    let cut = head_length(text);
    let (head, tail) = text.split_at(cut);
    if !mentions_header(tail)
        && !text.contains('\0')
        && let Ok(module) = parse::module(head, name)
    {
        return facts(&module);
    }
    match parse::module(text, name) {
        Ok(module) => facts(&module),
        Err(error) => RevisionFile {
            problem: Some(misspelt(error, text)),
            ..RevisionFile::default()
        },
    }
}

fn misspelt(error: SyntaxError, text: &str) -> Problem {
    let line = text
        .lines()
        .nth((error.line as usize).saturating_sub(1))
        .filter(|_| error.line > 0)
        .map(str::to_owned);
    Problem::Syntax { error, text: line }
}

/// [`read`], and what is wrong with the rest of the file.
pub fn read_whole(path: &Path) -> RevisionFile {
    let (mut file, text) = read(path);
    if let (None, Some(text)) = (&file.problem, text)
        && let Err(error) = parse::module(&text, &path.to_string_lossy())
    {
        file.problem = Some(misspelt(error, &text));
    }
    file
}

/// The byte of the first `def`, `class`, `async` or `@` at the start of a line and outside strings.
fn head_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut line_start = true;
    while let Some(byte) = bytes.get(at).copied() {
        if line_start
            && ["def ", "class ", "async ", "@"]
                .iter()
                .any(|word| bytes[at..].starts_with(word.as_bytes()))
        {
            return at;
        }
        line_start = byte == b'\n' || byte == b'\r';
        match byte {
            b'#' => {
                while bytes
                    .get(at)
                    .is_some_and(|byte| *byte != b'\n' && *byte != b'\r')
                {
                    at += 1;
                }
            }
            b'\\' => at += 2,
            b'"' | b'\'' => at = string_end(bytes, at),
            _ => at += 1,
        }
    }
    text.len()
}

/// One past the end of the string literal whose quote is at `at`.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mark = bytes[at];
    let triple = [mark; 3];
    let is_triple = bytes[at..].starts_with(&triple);
    let mut at = at + if is_triple { 3 } else { 1 };
    while let Some(byte) = bytes.get(at).copied() {
        if byte == b'\\' {
            at += 2;
        } else if is_triple && bytes[at..].starts_with(&triple) {
            return at + 3;
        } else if !is_triple && (byte == mark || byte == b'\n') {
            return at + 1;
        } else {
            at += 1;
        }
    }
    bytes.len()
}

/// Whether a header variable may be set in what follows the head: at the start of a line, or after a semicolon.
pub(crate) fn mentions_header(tail: &str) -> bool {
    let bytes = tail.as_bytes();
    let starts = memchr::memchr3_iter(b'\n', b'\r', b';', bytes).map(|end| end + 1);
    std::iter::once(0).chain(starts).any(|start| {
        // most lines are indented
        let Some(line @ [b'r' | b'd' | b'b' | b'_' | b'g', ..]) = bytes.get(start..) else {
            return false;
        };
        HEADER
            .iter()
            .chain(&["__doc__", "globals()"])
            .any(|name| line.starts_with(name.as_bytes()))
    })
}

fn facts(module: &Module) -> RevisionFile {
    let mut reader = Reader {
        names: IndexMap::new(),
        header: IndexMap::new(),
        doc: module
            .doc
            .as_ref()
            .map(|doc| HeaderValue::Text(doc.to_string())),
    };
    for statement in &module.body {
        reader.statement(statement);
    }
    let mut file = RevisionFile {
        header: reader.header,
        ..RevisionFile::default()
    };
    match reader.doc {
        Some(HeaderValue::Text(text)) => file.doc = Some(text),
        None | Some(HeaderValue::None) => {}
        Some(HeaderValue::Texts(_) | HeaderValue::Other | HeaderValue::Computed) => {
            file.is_doc_computed = true
        }
    }
    file
}

/// Follows the statements of a module as far as they set names to something written down.
struct Reader {
    names: IndexMap<String, HeaderValue>,
    header: IndexMap<String, Spanned<HeaderValue>>,
    doc: Option<HeaderValue>,
}

impl Reader {
    fn set(&mut self, name: &str, value: HeaderValue, span: Span) {
        if HEADER.contains(&name) {
            self.header.insert(
                name.to_owned(),
                Spanned {
                    value: value.clone(),
                    start: span.start,
                    end: span.end,
                    line: span.line,
                },
            );
        } else if name == "__doc__" {
            self.doc = Some(value.clone());
        }
        self.names.insert(name.to_owned(), value);
    }

    fn statement(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Assign { targets, value } => {
                for target in targets {
                    self.assign(target, value);
                }
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => self.assign(target, value),
            _ => self.compound(statement),
        }
    }

    fn assign(&mut self, target: &Expr, value: &Expr) {
        match (&target.kind, &value.kind) {
            (ExprKind::Name(name), _) => {
                let known = self.value(value);
                self.set(&name.id, known, value.span);
            }
            (
                ExprKind::Tuple(targets) | ExprKind::List(targets),
                ExprKind::Tuple(values) | ExprKind::List(values),
            ) if targets.len() == values.len() => {
                let known: Vec<HeaderValue> =
                    values.iter().map(|value| self.value(value)).collect();
                for ((target, value), known) in targets.iter().zip(values).zip(known) {
                    match target.as_name() {
                        Some(name) => self.set(name, known, value.span),
                        None => self.bind(target),
                    }
                }
            }
            _ => self.bind(target),
        }
    }

    /// A target that gets something we do not follow.
    fn bind(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => self.set(&name.id, HeaderValue::Computed, target.span),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.bind(item))
            }
            ExprKind::Starred(inner) => self.bind(inner),
            _ => {}
        }
    }

    fn block(&mut self, body: &[Stmt]) {
        for statement in body {
            match &statement.kind {
                StmtKind::Assign { targets, .. } => {
                    targets.iter().for_each(|target| self.bind(target))
                }
                StmtKind::AnnAssign {
                    target,
                    value: Some(_),
                    ..
                } => self.bind(target),
                _ => self.compound(statement),
            }
        }
    }

    /// A statement that is no plain assignment: what it binds is computed.
    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn compound(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::AugAssign { target, .. } => self.bind(target),
            StmtKind::Delete(targets) => {
                for name in targets.iter().filter_map(Expr::as_name) {
                    self.names.shift_remove(&**name);
                    self.header.shift_remove(&**name);
                }
            }
            StmtKind::Function { name, .. }
            | StmtKind::Class { name, .. }
            | StmtKind::TypeAlias { name, .. } => {
                self.set(&name.id, HeaderValue::Computed, statement.span);
            }
            StmtKind::Import(names) => names
                .iter()
                .for_each(|alias| self.set(&alias.name.id, HeaderValue::Computed, statement.span)),
            StmtKind::ImportFrom { names, .. } => names
                .iter()
                .for_each(|alias| self.set(&alias.name.id, HeaderValue::Computed, statement.span)),
            StmtKind::For {
                target,
                body,
                otherwise,
                ..
            } => {
                self.bind(target);
                self.block(body);
                self.block(otherwise);
            }
            StmtKind::While {
                body, otherwise, ..
            } => {
                self.block(body);
                self.block(otherwise);
            }
            StmtKind::If {
                branches,
                otherwise,
            } => {
                branches.iter().for_each(|(_, body)| self.block(body));
                self.block(otherwise);
            }
            StmtKind::With { items, body, .. } => {
                items
                    .iter()
                    .filter_map(|(_, target)| target.as_ref())
                    .for_each(|target| self.bind(target));
                self.block(body);
            }
            StmtKind::Match { cases, .. } => cases.iter().for_each(|case| self.block(&case.body)),
            StmtKind::Try(attempt) => {
                self.block(&attempt.body);
                attempt
                    .handlers
                    .iter()
                    .for_each(|handler| self.block(&handler.body));
                self.block(&attempt.otherwise);
                self.block(&attempt.finally);
            }
            _ => {}
        }
    }

    /// The value of an expression that is written down.
    fn value(&self, expression: &Expr) -> HeaderValue {
        match &expression.kind {
            ExprKind::Constant(Constant::None) => HeaderValue::None,
            ExprKind::Constant(Constant::Str(text)) => HeaderValue::Text(text.to_string()),
            ExprKind::Constant(_) | ExprKind::Dict(_) => HeaderValue::Other,
            ExprKind::Name(name) => self
                .names
                .get(&*name.id)
                .cloned()
                .unwrap_or(HeaderValue::Computed),
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
                self.texts(items)
            }
            ExprKind::Binary { first, rest } => rest.iter().fold(
                self.value(first),
                |left, (operator, right)| match operator {
                    BinaryOperator::Add => added(left, self.value(right)),
                    _ => HeaderValue::Computed,
                },
            ),
            ExprKind::FString(parts) => parts
                .iter()
                .map(|part| match part {
                    FStringPart::Text(text) => Some(text.to_string()),
                    FStringPart::Value { .. } => None,
                })
                .collect::<Option<String>>()
                .map_or(HeaderValue::Computed, HeaderValue::Text),
            _ => HeaderValue::Computed,
        }
    }

    fn texts(&self, items: &[Expr]) -> HeaderValue {
        let mut texts = Vec::new();
        for item in items {
            match self.value(item) {
                HeaderValue::Text(text) => texts.push(text),
                HeaderValue::Computed => return HeaderValue::Computed,
                HeaderValue::None | HeaderValue::Texts(_) | HeaderValue::Other => {
                    return HeaderValue::Other;
                }
            }
        }
        HeaderValue::Texts(texts)
    }
}

fn added(left: HeaderValue, right: HeaderValue) -> HeaderValue {
    match (left, right) {
        (HeaderValue::Text(left), HeaderValue::Text(right)) => HeaderValue::Text(left + &right),
        (HeaderValue::Texts(mut left), HeaderValue::Texts(right)) => {
            left.extend(right);
            HeaderValue::Texts(left)
        }
        _ => HeaderValue::Computed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Vec<(String, HeaderValue)> {
        let file = parse_header(text, "x.py");
        assert_eq!(file.problem, None);
        file.header
            .into_iter()
            .map(|(name, value)| (name, value.value))
            .collect()
    }

    fn text(value: &str) -> HeaderValue {
        HeaderValue::Text(value.to_owned())
    }

    #[test]
    fn annotated_and_plain_assignments_are_read() {
        let found = header(
            "revision: str = 'a1'\ndown_revision: Union[str, None] = None\nbranch_labels = ('x', \"y\")\ndepends_on = ['b1']\n",
        );
        assert_eq!(
            found,
            [
                ("revision".to_owned(), text("a1")),
                ("down_revision".to_owned(), HeaderValue::None),
                (
                    "branch_labels".to_owned(),
                    HeaderValue::Texts(vec!["x".to_owned(), "y".to_owned()])
                ),
                (
                    "depends_on".to_owned(),
                    HeaderValue::Texts(vec!["b1".to_owned()])
                ),
            ]
        );
    }

    #[test]
    fn names_and_concatenation_are_followed() {
        assert_eq!(
            header("PART = 'b'\nrevision = 'a' + PART\n"),
            [("revision".to_owned(), text("ab"))]
        );
        assert_eq!(
            header("revision = ('a' 'b')\n"),
            [("revision".to_owned(), text("ab"))]
        );
        assert_eq!(
            header("revision, down_revision = 'a', None\n"),
            [
                ("revision".to_owned(), text("a")),
                ("down_revision".to_owned(), HeaderValue::None)
            ]
        );
    }

    #[test]
    fn calls_and_conditions_are_computed() {
        assert_eq!(
            header("revision = make()\n"),
            [("revision".to_owned(), HeaderValue::Computed)]
        );
        assert_eq!(
            header("if x:\n    revision = 'a'\n"),
            [("revision".to_owned(), HeaderValue::Computed)]
        );
    }

    #[test]
    fn a_later_assignment_is_seen() {
        assert_eq!(
            header("revision = 'a'\ndef upgrade():\n    pass\nrevision = 'b'\n"),
            [("revision".to_owned(), text("b"))]
        );
    }

    #[test]
    fn bodies_are_not_parsed() {
        assert_eq!(
            header("revision = 'a'\ndef upgrade():\n    ((((\n"),
            [("revision".to_owned(), text("a"))]
        );
    }

    #[test]
    fn a_definition_inside_the_docstring_is_text() {
        let file = parse_header(
            "\"\"\"doc\n\ndef x\n\"\"\"\nrevision = 'a'\ndef upgrade(): pass\n",
            "x.py",
        );
        assert_eq!(file.doc.as_deref(), Some("doc\n\ndef x\n"));
        assert!(file.header.contains_key("revision"));
    }
}
