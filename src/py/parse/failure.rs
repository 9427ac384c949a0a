//! The parser's errors in CPython's words (Grammar/python.gram, Parser/pegen_errors.c), as far as they are simple.

use ruff_python_ast as raw;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::InterpolatedStringErrorType;
use ruff_python_parser::LexicalErrorType;
use ruff_python_parser::ParseError;
use ruff_python_parser::ParseErrorType;
use ruff_python_parser::UnsupportedSyntaxErrorKind;
use ruff_text_size::TextRange;

use crate::py::ast::SourceText;
use crate::py::parse::SyntaxError;
use crate::py::parse::scan;

/// What CPython says when it has nothing better.
const GENERIC: &str = "invalid syntax";

/// An error found without the parser.
pub(super) fn of_scan(
    source: &SourceText,
    (byte, class, message): (usize, &'static str, &'static str),
) -> SyntaxError {
    let byte = u32::try_from(byte).unwrap_or(u32::MAX);
    SyntaxError {
        class,
        ..SyntaxError::at(source, byte, message)
    }
}

/// The error of a text that is not Python.
pub(super) fn of_parser(source: &SourceText, error: &ParseError) -> SyntaxError {
    let byte = u32::from(error.location.start());
    let is_indent = matches!(
        error.error,
        ParseErrorType::Lexical(LexicalErrorType::IndentationError)
            | ParseErrorType::UnexpectedIndentation
    );
    if is_indent && let Some(place) = scan::wrong_indent(&source.text) {
        return of_scan(source, place);
    }
    let (class, message) = match &error.error {
        ParseErrorType::Lexical(LexicalErrorType::IndentationError) => (
            "IndentationError",
            "unindent does not match any outer indentation level".into(),
        ),
        ParseErrorType::UnexpectedIndentation => ("IndentationError", "unexpected indent".into()),
        ParseErrorType::OtherError(text)
            if text.starts_with("Expected an indented block after") =>
        {
            ("IndentationError", indented_block(source, byte, text))
        }
        other => {
            let message = parser_message(source, error.location, other);
            let is_general = message == GENERIC || message.starts_with("unexpected EOF");
            if is_general
                && let Some(unbalanced) = scan::unbalanced(source)
                && !(unbalanced.line == source.line_of(byte) && is_plain(source, byte))
            {
                return unbalanced;
            }
            ("SyntaxError", message)
        }
    };
    SyntaxError {
        class,
        ..SyntaxError::at(source, byte, message)
    }
}

/// Whether the place is a colon, or in the header of a `def` or `class`: there CPython says what it finds first.
fn is_plain(source: &SourceText, byte: u32) -> bool {
    let rest = source.text.get(byte as usize..).unwrap_or("");
    let line = source.line(source.line_of(byte)).unwrap_or("").trim_start();
    rest.starts_with(':')
        || ["def ", "class ", "async def "]
            .iter()
            .any(|word| line.starts_with(word))
}

/// The error of syntax that CPython 3.14 does not have.
pub(super) fn of_version(
    source: &SourceText,
    kind: UnsupportedSyntaxErrorKind,
    range: TextRange,
) -> SyntaxError {
    let message = match kind {
        UnsupportedSyntaxErrorKind::ParenthesizedKeywordArgumentName => {
            "expression cannot contain assignment, perhaps you meant \"==\"?"
        }
        UnsupportedSyntaxErrorKind::UnpackingInComprehension(_) => {
            "iterable unpacking cannot be used in comprehension"
        }
        _ => GENERIC,
    };
    SyntaxError::at(source, range.start().into(), message)
}

fn parser_message(source: &SourceText, range: TextRange, error: &ParseErrorType) -> String {
    use ParseErrorType as Kind;
    let message = match error {
        Kind::Lexical(error) => return lexical_message(source, range, error),
        Kind::FStringError(kind) => return f_string_message(source, kind),
        Kind::InvalidAssignmentTarget
        | Kind::InvalidAugmentedAssignmentTarget
        | Kind::InvalidAnnotatedAssignmentTarget
        | Kind::InvalidNamedAssignmentTarget
        | Kind::InvalidDeleteTarget => return target_message(source, range, error),
        Kind::SimpleStatementsOnSameLine => return python_2(source, range),
        Kind::PositionalAfterKeywordArgument => "positional argument follows keyword argument",
        Kind::PositionalAfterKeywordUnpacking => {
            "positional argument follows keyword argument unpacking"
        }
        Kind::InvalidArgumentUnpackingOrder => {
            "iterable argument unpacking follows keyword argument unpacking"
        }
        Kind::NonDefaultParamAfterDefaultParam => {
            "parameter without a default follows parameter with a default"
        }
        Kind::UnparenthesizedGeneratorExpression => "Generator expression must be parenthesized",
        Kind::ExpectedKeywordParam => "named parameters must follow bare *",
        Kind::InvalidStarredExpressionUsage => "can't use starred expression here",
        Kind::IterableUnpackingInComprehension => {
            "iterable unpacking cannot be used in comprehension"
        }
        Kind::ParamAfterVarKeywordParam => "parameters cannot follow var-keyword parameter",
        Kind::ExpectedToken {
            expected: TokenKind::Colon,
            found: TokenKind::Newline,
        } => "expected ':'",
        Kind::OtherError(text) if text.starts_with("Trailing comma not allowed") => {
            "trailing comma not allowed without surrounding parentheses"
        }
        Kind::OtherError(text) if text.starts_with("Bytes literal cannot be mixed") => {
            "cannot mix bytes and nonbytes literals"
        }
        Kind::OtherError(text) if text.starts_with("Expected `except` or `finally`") => {
            "expected 'except' or 'finally' block"
        }
        Kind::OtherError(text) if text.starts_with("Multiple exception types") => {
            "multiple exception types must be parenthesized when using 'as'"
        }
        _ => GENERIC,
    };
    message.to_owned()
}

fn lexical_message(source: &SourceText, range: TextRange, error: &LexicalErrorType) -> String {
    match error {
        LexicalErrorType::FStringError(kind) => f_string_message(source, kind),
        LexicalErrorType::UnclosedStringError => {
            let start = usize::from(range.start());
            let rest = source.text.get(start..).unwrap_or("");
            let rest = rest.trim_start_matches(|prefix: char| prefix.is_ascii_alphabetic());
            let (kind, line) = if rest.starts_with("\"\"\"") || rest.starts_with("'''") {
                ("unterminated triple-quoted string literal", last_line(source))
            } else {
                ("unterminated string literal", source.line_of(range.start().into()))
            };
            format!("{kind} (detected at line {line})")
        }
        LexicalErrorType::UnicodeError
        | LexicalErrorType::MissingUnicodeLbrace
        | LexicalErrorType::MissingUnicodeRbrace => {
            "(unicode error) 'unicodeescape' codec can't decode bytes: malformed escape".to_owned()
        }
        LexicalErrorType::InvalidByteLiteral => {
            "bytes can only contain ASCII literal characters".to_owned()
        }
        LexicalErrorType::LineContinuationError => {
            "unexpected character after line continuation character".to_owned()
        }
        LexicalErrorType::Eof => "unexpected EOF while parsing".to_owned(),
        LexicalErrorType::UnrecognizedToken { tok } if !tok.is_ascii() => {
            let code = u32::from(*tok);
            if tok.is_control() || tok.is_whitespace() || ('\u{200b}'..='\u{200f}').contains(tok) {
                format!("invalid non-printable character U+{code:04X}")
            } else {
                format!("invalid character '{tok}' (U+{code:04X})")
            }
        }
        LexicalErrorType::OtherError(text) if text.starts_with("Invalid decimal integer") => {
            "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers".to_owned()
        }
        LexicalErrorType::OtherError(text) if !text.starts_with("Invalid Syntax") => {
            lower_first(text)
        }
        _ => GENERIC.to_owned(),
    }
}

fn f_string_message(source: &SourceText, kind: &InterpolatedStringErrorType) -> String {
    use InterpolatedStringErrorType as Kind;
    let message = match kind {
        Kind::UnclosedLbrace => "f-string: expecting '}'",
        Kind::InvalidConversionFlag => {
            "f-string: invalid conversion character: expected 's', 'r', or 'a'"
        }
        Kind::SingleRbrace => "f-string: single '}' is not allowed",
        Kind::UnterminatedString => "unterminated f-string literal",
        Kind::UnterminatedTripleQuotedString => {
            let line = last_line(source);
            return format!(
                "unterminated triple-quoted f-string literal (detected at line {line})"
            );
        }
        Kind::LambdaWithoutParentheses => {
            "f-string: lambda expressions are not allowed without parentheses"
        }
        Kind::ConversionFlagNotImmediatelyAfterExclamation => {
            "f-string: conversion type must come right after the exclamation mark"
        }
        Kind::NewlineInFormatSpec => {
            "f-string: newlines are not allowed in format specifiers for single quoted f-strings"
        }
    };
    message.to_owned()
}

/// `_PyPegen_get_expr_name` and the rules that use it (`invalid_assignment` and its kin).
fn target_message(source: &SourceText, range: TextRange, error: &ParseErrorType) -> String {
    let written = source.text.get(range.to_std_range()).unwrap_or("");
    let Ok(parsed) = ruff_python_parser::parse_expression(written) else {
        return GENERIC.to_owned();
    };
    let name = expression_name(&parsed.syntax().body);
    match error {
        ParseErrorType::InvalidAugmentedAssignmentTarget => {
            format!("'{name}' is an illegal expression for augmented assignment")
        }
        ParseErrorType::InvalidAnnotatedAssignmentTarget => match name {
            "tuple" | "list" => format!("only single target (not {name}) can be annotated"),
            _ => "illegal target for annotation".to_owned(),
        },
        ParseErrorType::InvalidNamedAssignmentTarget => {
            format!("cannot use assignment expressions with {name}")
        }
        ParseErrorType::InvalidDeleteTarget => format!("cannot delete {name}"),
        _ => {
            let after = source.text.get(usize::from(range.end())..).unwrap_or("");
            let is_assigned = after.trim_start().starts_with('=');
            match name {
                "True" | "False" | "None" | "ellipsis" | "generator expression" => {
                    format!("cannot assign to {name}")
                }
                _ if !is_assigned => format!("cannot assign to {name}"),
                _ => {
                    format!("cannot assign to {name} here. Maybe you meant '==' instead of '='?")
                }
            }
        }
    }
}

fn expression_name(expression: &raw::Expr) -> &'static str {
    match expression {
        raw::Expr::BoolOp(_) | raw::Expr::BinOp(_) | raw::Expr::UnaryOp(_) => "expression",
        raw::Expr::Named(_) => "named expression",
        raw::Expr::Lambda(_) => "lambda",
        raw::Expr::If(_) => "conditional expression",
        raw::Expr::Dict(_) => "dict literal",
        raw::Expr::Set(_) => "set display",
        raw::Expr::ListComp(_) => "list comprehension",
        raw::Expr::SetComp(_) => "set comprehension",
        raw::Expr::DictComp(_) => "dict comprehension",
        raw::Expr::Generator(_) => "generator expression",
        raw::Expr::Await(_) => "await expression",
        raw::Expr::Yield(_) | raw::Expr::YieldFrom(_) => "yield expression",
        raw::Expr::Compare(_) => "comparison",
        raw::Expr::Call(_) => "function call",
        raw::Expr::FString(_) => "f-string expression",
        raw::Expr::TString(_) => "t-string expression",
        raw::Expr::StringLiteral(_)
        | raw::Expr::BytesLiteral(_)
        | raw::Expr::NumberLiteral(_)
        | raw::Expr::IpyEscapeCommand(_) => "literal",
        raw::Expr::BooleanLiteral(part) if part.value => "True",
        raw::Expr::BooleanLiteral(_) => "False",
        raw::Expr::NoneLiteral(_) => "None",
        raw::Expr::EllipsisLiteral(_) => "ellipsis",
        raw::Expr::Attribute(_) => "attribute",
        raw::Expr::Subscript(_) => "subscript",
        raw::Expr::Starred(_) => "starred",
        raw::Expr::Name(_) => "name",
        raw::Expr::List(_) => "list",
        raw::Expr::Tuple(_) => "tuple",
        raw::Expr::Slice(_) => "slice",
    }
}

/// `print "x"` and `exec "x"` (`invalid_legacy_expression`); anything else is just invalid.
fn python_2(source: &SourceText, range: TextRange) -> String {
    let start = usize::from(range.start());
    let before = source.text.get(..start).unwrap_or("").trim_end();
    for name in ["print", "exec"] {
        if before
            .strip_suffix(name)
            .is_some_and(|rest| !rest.ends_with(|last: char| last.is_alphanumeric() || last == '_'))
        {
            return format!("Missing parentheses in call to '{name}'. Did you mean {name}(...)?");
        }
    }
    GENERIC.to_owned()
}

/// The parser's "Expected an indented block after `if` statement", with CPython's quotes and the line of the statement.
fn indented_block(source: &SourceText, byte: u32, text: &str) -> String {
    let text = lower_first(text).replace('`', "'");
    // The header is the last line before the place that is neither blank nor a comment.
    let mut line = source.line_of(byte);
    if source.column_of(byte) == 1 || source.line(line).is_some_and(|it| it.trim().is_empty()) {
        line = line.saturating_sub(1);
    }
    while line > 1
        && source.line(line).is_some_and(|it| {
            let it = it.trim();
            it.is_empty() || it.starts_with('#')
        })
    {
        line -= 1;
    }
    format!("{text} on line {line}")
}

fn last_line(source: &SourceText) -> u32 {
    u32::try_from(source.text.lines().count()).unwrap_or(u32::MAX)
}

/// The parser starts its messages with a capital; CPython does not.
fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_lowercase().chain(characters).collect())
        .unwrap_or_default()
}
