//! Source text to [`crate::py::ast`]. Only this module names `rustpython_parser`.

pub(crate) mod ahead;
mod collect;
mod expression;
mod newer;
mod pattern;
mod scan;
mod scope;
mod source;
mod statement;

use std::cell::Cell;
use std::rc::Rc;

use corosensei::stack::DefaultStack;

use rustpython_parser::Parse;
use rustpython_parser::ast as raw;

use crate::py::ast;
use crate::py::ast::SourceText;
use crate::py::parse::newer::Rewritten;
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

/// The stack that parsing runs on: the tree of a long operator chain is as deep as the chain is long.
const STACK: usize = 512 << 20;

/// The parser's tree of a file, which has still to be lowered.
pub(crate) struct Suite {
    body: Vec<raw::Stmt>,
    rewritten: Option<Rewritten>,
}

/// The parser's tree of a text. `file` is the name shown in tracebacks.
pub(crate) fn suite(source: &str, file: &str) -> Result<Suite, SyntaxError> {
    on_large_stack(|| parse_suite(&SourceText::new(file, source::without_mark(source))))
}

/// Parses a module. `file` is the name shown in tracebacks.
pub fn module(source: &str, file: &str) -> Result<ast::Module, SyntaxError> {
    lower(suite(source, file)?, source, file)
}

/// A module from the parser's tree of the same text.
pub(crate) fn lower(suite: Suite, source: &str, file: &str) -> Result<ast::Module, SyntaxError> {
    let source = Rc::new(SourceText::new(file, source::without_mark(source)));
    on_large_stack(move || {
        let Suite { body, rewritten } = suite;
        let mut lowering = Lowering::new(source.clone(), rewritten);
        let statements = lowering.block(&body)?;
        Ok(ast::Module {
            source,
            body: statements,
            doc: doc_of(&body),
        })
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

/// The value of a constant; `None` for an imaginary number.
pub fn constant_value(constant: &ast::Constant) -> Option<Value> {
    use ast::Constant;
    Some(match constant {
        Constant::None => Value::None,
        Constant::Bool(flag) => Value::Bool(*flag),
        Constant::Int(number) => Value::Int(*number),
        Constant::BigInt(number) => Value::BigInt(number.clone()),
        Constant::Float(number) => Value::Float(*number),
        Constant::Complex => return None,
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
    let spare = SPARE.take().map_or_else(|| DefaultStack::new(STACK), Ok);
    let Ok(mut stack) = spare else {
        return body();
    };
    let result = corosensei::on_stack(&mut stack, body);
    SPARE.set(Some(stack));
    result
}

/// Parses statements, first as they stand, then with newer syntax written the older way.
fn parse_suite(source: &SourceText) -> Result<Suite, SyntaxError> {
    if let Some(byte) = source.text.find('\0') {
        let place = SyntaxError::at(
            source,
            u32::try_from(byte).unwrap_or(0),
            "source code string cannot contain null bytes",
        );
        return Err(SyntaxError {
            line: 0,
            column: 0,
            ..place
        });
    }
    let checked = scan::check_nesting(source);
    let first = match checked {
        Ok(()) => match raw::Suite::parse(&source.text, &source.file) {
            Ok(body) => {
                return Ok(Suite {
                    body,
                    rewritten: None,
                });
            }
            Err(error) => syntax_error(source, &error),
        },
        Err(error) if error.message.starts_with("too many") => return Err(error),
        Err(error) => error,
    };
    let Some(rewritten) = newer::rewrite(&source.text) else {
        return Err(first);
    };
    let again = SourceText::new(&source.file, &rewritten.text);
    if scan::check_nesting(&again).is_err() {
        return Err(first);
    }
    match raw::Suite::parse(&rewritten.text, &source.file) {
        Ok(body) => Ok(Suite {
            body,
            rewritten: Some(rewritten),
        }),
        Err(_) => Err(first),
    }
}

/// The message of a parse error in CPython's words where they are simple.
fn syntax_error(source: &SourceText, error: &rustpython_parser::ParseError) -> SyntaxError {
    use rustpython_parser::ParseErrorType;
    use rustpython_parser::lexer::LexicalErrorType;
    let byte = u32::from(error.offset);
    let (class, message) = match &error.error {
        kind if kind.is_tab_error() => (
            "TabError",
            "inconsistent use of tabs and spaces in indentation".to_owned(),
        ),
        ParseErrorType::Lexical(LexicalErrorType::IndentationError) => (
            "IndentationError",
            "unindent does not match any outer indentation level".to_owned(),
        ),
        kind if kind.is_indentation_error() => ("IndentationError", kind.to_string()),
        ParseErrorType::Eof | ParseErrorType::Lexical(LexicalErrorType::Eof) => {
            return scan::never_closed(source)
                .unwrap_or_else(|| SyntaxError::at(source, byte, "unexpected EOF while parsing"));
        }
        ParseErrorType::Lexical(other) => ("SyntaxError", lower_first(&other.to_string())),
        ParseErrorType::ExtraToken(_)
        | ParseErrorType::InvalidToken
        | ParseErrorType::UnrecognizedToken(_, _) => ("SyntaxError", "invalid syntax".to_owned()),
    };
    SyntaxError {
        class,
        ..SyntaxError::at(source, byte, message)
    }
}

/// The parser starts its messages with a capital; CPython does not.
fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_lowercase().chain(characters).collect())
        .unwrap_or_default()
}

/// The docstring of a body.
fn doc_of(body: &[raw::Stmt]) -> Option<Rc<str>> {
    match body.first()? {
        raw::Stmt::Expr(statement) => match &*statement.value {
            raw::Expr::Constant(raw::ExprConstant {
                value: raw::Constant::Str(text),
                ..
            }) => Some(Rc::from(text.as_str())),
            _ => None,
        },
        _ => None,
    }
}
