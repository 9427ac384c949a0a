//! Source text to [`crate::py::ast`]. Only this module names the parser behind it.

pub(crate) mod ahead;
mod collect;
mod definition;
mod expression;
mod failure;
pub mod late;
mod literal;
mod pattern;
mod scan;
mod scope;
mod source;
mod statement;

use std::cell::Cell;
use std::rc::Rc;

use corosensei::stack::DefaultStack;

use ruff_python_ast::PythonVersion;
use ruff_python_parser::Mode;
use ruff_python_parser::ParseOptions;

use crate::py::ast;
use crate::py::ast::SourceText;
use crate::py::eval::stack;
use crate::py::parse::scope::Lowering;
use crate::py::signature::Signature;
use crate::py::value::Value;

pub use source::decode;

/// A text that is not Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// `SyntaxError`, `IndentationError` or `TabError`.
    pub class: &'static str,
    /// CPython's message where we know it.
    pub message: String,
    /// 1-based line; 0 when there is none.
    pub line: u32,
    /// 1-based column.
    pub column: u32,
}

impl SyntaxError {
    /// A `SyntaxError` at a byte.
    pub(crate) fn at(source: &SourceText, byte: u32, message: impl Into<String>) -> Self {
        let byte = byte.min(u32::try_from(source.text.len()).unwrap_or(u32::MAX));
        Self {
            class: "SyntaxError",
            message: message.into(),
            line: source.line_of(byte),
            column: source.column_of(byte),
        }
    }
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {} (line {}, column {})",
            self.class, self.message, self.line, self.column
        )
    }
}

impl std::error::Error for SyntaxError {}

/// The parser's tree of a file, which has still to be lowered.
pub(crate) struct Suite {
    /// A function of the module that is lowered when it is called.
    late: Option<&'static str>,
    /// The byte at which each line of the text starts.
    lines: Vec<u32>,
    body: ruff_python_ast::Suite,
}

impl Suite {
    /// Leaves a function for later that will hardly be called, if it can be left.
    pub(crate) fn leave(&mut self, name: &'static str) {
        self.late = late::can_wait(&self.body, name).then_some(name);
    }
}

impl Drop for Suite {
    fn drop(&mut self) {
        // The tree is dropped as deep as it is.
        let body = std::mem::take(&mut self.body);
        if !body.is_empty() {
            on_large_stack(move || drop(body));
        }
    }
}

/// The parser's tree of a text. `file` is the name shown in tracebacks.
pub(crate) fn suite(source: &str, file: &str) -> Result<Suite, SyntaxError> {
    on_large_stack(|| parse_suite(&source::normalized(source), file))
}

/// The same on a thread that was made with a large stack.
pub(crate) fn suite_here(source: &str, file: &str) -> Result<Suite, SyntaxError> {
    parse_suite(&source::normalized(source), file)
}

/// Parses a module. `file` is the name shown in tracebacks.
pub fn module(source: &str, file: &str) -> Result<ast::Module, SyntaxError> {
    lower(&mut suite(source, file)?, source, file)
}

/// A module from the parser's tree of the same text.
pub(crate) fn lower(
    suite: &mut Suite,
    source: &str,
    file: &str,
) -> Result<ast::Module, SyntaxError> {
    let source = Rc::new(SourceText {
        file: Rc::from(file),
        text: Rc::from(&*source::normalized(source)),
        lines: std::mem::take(&mut suite.lines),
    });
    on_large_stack(|| {
        let mut lowering = Lowering::new(source.clone());
        lowering.late = suite.late;
        let body = lowering.block(&suite.body)?;
        let doc = doc_of(&body);
        Ok(ast::Module { source, body, doc })
    })
}

/// Parses a native signature such as `"(a, b=None, *, c)"`.
pub fn signature(text: &str) -> Result<Signature, SyntaxError> {
    let module = module(&format!("def f{text}: pass\n"), "<signature>")?;
    let Some(ast::StmtKind::Function { def, .. }) =
        module.body.first().map(|statement| &statement.kind)
    else {
        return Err(SyntaxError::at(&module.source, 0, "not a signature"));
    };
    let shape = &def.signature;
    let written = &def.parameters;
    let mut parameters = Vec::new();
    let all = written
        .positional_only
        .iter()
        .chain(&written.positional)
        .chain(&written.keyword_only);
    for (parameter, known) in all.zip(&shape.parameters) {
        let default = match &parameter.default {
            Some(expression) => Some(literal(expression).ok_or_else(|| {
                SyntaxError::at(
                    &module.source,
                    expression.span.start,
                    "a default is not a literal",
                )
            })?),
            None => None,
        };
        parameters.push(crate::py::signature::SignatureParameter {
            name: known.name.clone(),
            kind: known.kind,
            default,
        });
    }
    Ok(Signature {
        parameters,
        rest: shape.rest.clone(),
        keywords: shape.keywords.clone(),
    })
}

/// The value of a literal expression, when it is one: constants, signed numbers, tuples, lists and dictionaries of them.
pub fn literal(expression: &ast::Expr) -> Option<Value> {
    use ast::ExprKind;
    Some(match &expression.kind {
        ExprKind::Constant(constant) => constant_value(constant)?,
        ExprKind::Unary(crate::py::object::UnaryOperator::Neg, inner) => match literal(inner)? {
            Value::Int(number) => Value::Int(number.checked_neg()?),
            Value::Float(number) => Value::Float(-number),
            _ => return None,
        },
        ExprKind::Tuple(items) => Value::tuple(items.iter().map(literal).collect::<Option<_>>()?),
        ExprKind::List(items) => Value::list(items.iter().map(literal).collect::<Option<_>>()?),
        ExprKind::Dict(items) => {
            let mut dict = crate::py::dict::Dict::new();
            for (key, value) in items {
                dict.insert(literal(key.as_ref()?)?, literal(value)?).ok()?;
            }
            Value::dict(dict)
        }
        _ => return None,
    })
}

/// The value of a constant; `None` for what we cannot represent.
pub fn constant_value(constant: &ast::Constant) -> Option<Value> {
    use ast::Constant;
    Some(match constant {
        Constant::None => Value::None,
        Constant::Bool(flag) => Value::Bool(*flag),
        Constant::Int(number) => Value::Int(*number),
        Constant::BigInt(number) => Value::BigInt(number.clone()),
        Constant::Float(number) => Value::Float(*number),
        Constant::Unsupported(_) => return None,
        Constant::Str(text) => Value::Str(text.clone()),
        Constant::Bytes(bytes) => Value::Bytes(bytes.clone()),
        Constant::Ellipsis => Value::Ellipsis,
    })
}

thread_local! {
    /// The stack of the last parse, for the next one.
    static SPARE: Cell<Option<DefaultStack>> = const { Cell::new(None) };
}

/// Runs on a large stack (pages are only taken when touched), which is kept for the next call.
fn on_large_stack<T>(body: impl FnOnce() -> T) -> T {
    if stack::is_large() {
        return body();
    }
    // while the thread ends, trees are dropped when the spare stack is gone already
    let spare = SPARE.try_with(Cell::take).ok().flatten();
    let spare = spare.map_or_else(|| DefaultStack::new(stack::LARGE), Ok);
    let Ok(mut stack) = spare else {
        return body();
    };
    let result = corosensei::on_stack(&mut stack, body);
    let _gone = SPARE.try_with(|slot| slot.set(Some(stack)));
    result
}

/// Parses statements.
fn parse_suite(text: &str, file: &str) -> Result<Suite, SyntaxError> {
    if memchr::memchr(b'\0', text.as_bytes()).is_some() {
        return Err(SyntaxError {
            class: "SyntaxError",
            message: "source code string cannot contain null bytes".to_owned(),
            line: 0,
            column: 0,
        });
    }
    if let Err(place) = scan::check_nesting(text) {
        return Err(failure::of_scan(&SourceText::new(file, text), place));
    }
    let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion::PY314);
    let parsed = ruff_python_parser::parse_unchecked(text, options);
    if let Some(error) = parsed.errors().first() {
        return Err(failure::of_parser(&SourceText::new(file, text), error));
    }
    if let Some(error) = parsed.unsupported_syntax_errors().first() {
        let source = SourceText::new(file, text);
        return Err(failure::of_version(&source, error.kind, error.range));
    }
    // The parser takes a tab for two columns.
    if memchr::memchr(b'\t', text.as_bytes()).is_some()
        && let Some(place) = scan::wrong_indent(text)
    {
        return Err(failure::of_scan(&SourceText::new(file, text), place));
    }
    match parsed.into_syntax() {
        ruff_python_ast::Mod::Module(module) => Ok(Suite {
            late: None,
            lines: ast::line_starts(text),
            body: module.body,
        }),
        ruff_python_ast::Mod::Expression(_) => Ok(Suite {
            late: None,
            lines: ast::line_starts(text),
            body: ruff_python_ast::Suite::new(),
        }),
    }
}

/// The docstring of a body.
fn doc_of(body: &[ast::Stmt]) -> Option<Rc<str>> {
    match &body.first()?.kind {
        ast::StmtKind::Expr(expression) => expression.as_str().cloned(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    thread_local! {
        static BEFORE: RefCell<Option<Suite>> = const { RefCell::new(None) };
        static AFTER: RefCell<Option<Suite>> = const { RefCell::new(None) };
    }

    #[test]
    fn trees_may_be_dropped_while_a_thread_ends() {
        let thread = std::thread::spawn(|| {
            BEFORE.with(|slot| assert!(slot.borrow().is_none()));
            let parse = || suite("x = 1\n", "x.py").expect("parses");
            BEFORE.with(|slot| *slot.borrow_mut() = Some(parse()));
            AFTER.with(|slot| *slot.borrow_mut() = Some(parse()));
        });
        assert!(thread.join().is_ok());
    }
}
