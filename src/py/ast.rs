//! The syntax tree of the evaluator: names resolved to slots, every node with its place. `parse` makes it; nothing here knows the parser behind it.

use std::rc::Rc;

use num_bigint::BigInt;

use crate::py::object::BinaryOperator;
use crate::py::object::UnaryOperator;

/// Where a node stands: byte range in the text that was parsed, and the 1-based line CPython would name in a traceback.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// 1-based line.
    pub line: u32,
}

/// A text that was parsed, shared by everything made from it.
#[derive(Debug)]
pub struct SourceText {
    /// The file as it is shown.
    pub file: Rc<str>,
    /// The text (without a byte order mark).
    pub text: Rc<str>,
    /// The byte at which each line starts.
    pub lines: Vec<u32>,
}

/// A parsed module.
#[derive(Debug)]
pub struct Module {
    /// The text it was parsed from.
    pub source: Rc<SourceText>,
    /// Its statements.
    pub body: Vec<Stmt>,
    /// Its docstring.
    pub doc: Option<Rc<str>>,
}

/// An expression.
#[derive(Debug)]
pub struct Expr {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// A literal.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// `None`.
    None,
    /// `True` and `False`.
    Bool(bool),
    /// A small integer.
    Int(i64),
    /// A large integer.
    BigInt(Rc<BigInt>),
    /// A float.
    Float(f64),
    /// What we cannot represent, refused with these words when evaluated: an imaginary number, a surrogate.
    Unsupported(&'static str),
    /// A text.
    Str(Rc<str>),
    /// Bytes.
    Bytes(Rc<[u8]>),
    /// `...`.
    Ellipsis,
}

/// Where a name lives, decided when parsing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// In this function's (or comprehension's) slot.
    Local(u32),
    /// In the slot of a function further out; `up` counts function scopes.
    Outer {
        /// How many function scopes further out; at least 1.
        up: u32,
        /// The slot there.
        slot: u32,
    },
    /// In the module, then in the built-ins.
    Global,
    /// In the class body being evaluated; read further out when missing there.
    Class {
        /// The slot of an enclosing function (`up` counts from the class body, so 0 is the function around it), if it has one.
        outer: Option<(u32, u32)>,
    },
    /// `__class__` inside a method.
    ClassCell,
    /// `T` in `class A[T](B[T])` and `def f[T](a: T)`.
    TypeParameter,
}

/// A name and where it lives.
#[derive(Debug, Clone)]
pub struct Name {
    /// The identifier.
    pub id: Rc<str>,
    /// Where it lives.
    pub binding: Binding,
}

/// The kinds of expressions.
#[derive(Debug)]
pub enum ExprKind {
    /// A literal.
    Constant(Constant),
    /// A name.
    Name(Name),
    /// `a and b and c`, `a or b`.
    BoolOp {
        /// `and` (else `or`).
        is_and: bool,
        /// Two or more.
        values: Vec<Expr>,
    },
    /// `name := value`.
    Named(Box<(Expr, Expr)>),
    /// `first op second op third …` of one left-associative spine.
    Binary {
        /// The leftmost operand.
        first: Box<Expr>,
        /// Operators with their right operands.
        rest: Vec<(BinaryOperator, Expr)>,
    },
    /// `-x`, `+x`, `~x`.
    Unary(UnaryOperator, Box<Expr>),
    /// `not x`.
    Not(Box<Expr>),
    /// `lambda …: …`.
    Lambda(Rc<FunctionDef>),
    /// `body if test else otherwise`.
    IfElse {
        /// The condition.
        test: Box<Expr>,
        /// The value when true.
        body: Box<Expr>,
        /// The value when false.
        otherwise: Box<Expr>,
    },
    /// `{key: value, **other}` (no key: unpacking).
    Dict(Vec<(Option<Expr>, Expr)>),
    /// `{a, b}`.
    Set(Vec<Expr>),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `(a, b)`.
    Tuple(Vec<Expr>),
    /// Any comprehension or generator expression.
    Comprehension(Rc<Comprehension>),
    /// `await x`.
    Await(Box<Expr>),
    /// `yield x`.
    Yield(Option<Box<Expr>>),
    /// `yield from x`.
    YieldFrom(Box<Expr>),
    /// `a < b <= c`.
    Compare {
        /// The leftmost operand.
        first: Box<Expr>,
        /// Operators with their right operands.
        rest: Vec<(CompareOperator, Expr)>,
    },
    /// `callee(arguments)`.
    Call(Box<Call>),
    /// An f-string.
    FString(Vec<FStringPart>),
    /// `value.name`.
    Attribute {
        /// The object.
        value: Box<Expr>,
        /// The attribute.
        name: Rc<str>,
    },
    /// `value[key]`.
    Subscript {
        /// The object.
        value: Box<Expr>,
        /// The key.
        key: Box<Expr>,
    },
    /// `*value`.
    Starred(Box<Expr>),
    /// `a:b:c` inside a subscript.
    Slice(Box<[Option<Expr>; 3]>),
}

/// A call.
#[derive(Debug)]
pub struct Call {
    /// What is called.
    pub callee: Expr,
    /// Positional arguments; `*x` as [`ExprKind::Starred`].
    pub positional: Vec<Expr>,
    /// Keyword arguments in order; no name: `**x`.
    pub keywords: Vec<Keyword>,
}

/// A keyword argument.
#[derive(Debug)]
pub struct Keyword {
    /// Where it stands.
    pub span: Span,
    /// Its name; `None` for `**value`.
    pub name: Option<Rc<str>>,
    /// Its value.
    pub value: Expr,
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareOperator {
    /// One that objects may define.
    Binary(BinaryOperator),
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `in`
    In,
    /// `not in`
    NotIn,
}

/// A piece of an f-string.
#[derive(Debug)]
pub enum FStringPart {
    /// Text.
    Text(Rc<str>),
    /// `{value!conversion:format}`.
    Value {
        /// The expression.
        value: Box<Expr>,
        /// `s`, `r` or `a`.
        conversion: Option<char>,
        /// The format, itself an f-string.
        format: Option<Vec<Self>>,
    },
}

/// What a comprehension makes.
#[derive(Debug)]
pub enum ComprehensionKind {
    /// `[x for …]`.
    List(Expr),
    /// `{x for …}`.
    Set(Expr),
    /// `{k: v for …}`.
    Dict(Expr, Expr),
    /// `(x for …)`.
    Generator(Expr),
}

/// A comprehension: its first iterable is evaluated outside, everything else in a scope of its own.
#[derive(Debug)]
pub struct Comprehension {
    /// Where it stands.
    pub span: Span,
    /// What it makes.
    pub kind: ComprehensionKind,
    /// Its `for` clauses.
    pub clauses: Vec<ComprehensionClause>,
    /// The names of its slots.
    pub locals: Vec<Rc<str>>,
}

/// `for target in iterable if condition …`.
#[derive(Debug)]
pub struct ComprehensionClause {
    /// The target.
    pub target: Expr,
    /// The iterable.
    pub iterable: Expr,
    /// The conditions.
    pub conditions: Vec<Expr>,
    /// `async for`.
    pub is_async: bool,
}

/// A parameter.
#[derive(Debug)]
pub struct Parameter {
    /// Where it stands.
    pub span: Span,
    /// Its name.
    pub name: Rc<str>,
    /// Its default.
    pub default: Option<Expr>,
    /// Its annotation (never evaluated unless asked for).
    pub annotation: Option<Expr>,
}

/// The parameters of a function. Slots follow the order of the fields here.
#[derive(Debug, Default)]
pub struct Parameters {
    /// Those before `/`.
    pub positional_only: Vec<Parameter>,
    /// Ordinary ones.
    pub positional: Vec<Parameter>,
    /// Those after `*`.
    pub keyword_only: Vec<Parameter>,
    /// `*args`.
    pub rest: Option<Parameter>,
    /// `**kwargs`.
    pub keywords: Option<Parameter>,
}

/// A function or lambda. Shared between the functions made from it.
#[derive(Debug)]
pub struct FunctionDef {
    /// Where it stands (the `def` line).
    pub span: Span,
    /// The name; `<lambda>` for a lambda.
    pub name: Rc<str>,
    /// The qualified name.
    pub qualname: Rc<str>,
    /// The parameters.
    pub parameters: Parameters,
    /// The signature without defaults, for binding calls.
    pub signature: Rc<crate::py::signature::Signature>,
    /// The body.
    pub body: Vec<Stmt>,
    /// The decorators, as written.
    pub decorators: Vec<Expr>,
    /// The return annotation.
    pub returns: Option<Expr>,
    /// `async def`.
    pub is_async: bool,
    /// Whether the body yields.
    pub is_generator: bool,
    /// The names of its slots, parameters first.
    pub locals: Vec<Rc<str>>,
    /// The docstring.
    pub doc: Option<Rc<str>>,
    /// Where the body is, when it has still to be lowered.
    pub late: Option<crate::py::parse::late::Late>,
}

/// A class statement.
#[derive(Debug)]
pub struct ClassDef {
    /// Where it stands.
    pub span: Span,
    /// The name.
    pub name: Rc<str>,
    /// The qualified name.
    pub qualname: Rc<str>,
    /// Bases; `*x` as [`ExprKind::Starred`].
    pub bases: Vec<Expr>,
    /// Keywords (`metaclass=` and those of `__init_subclass__`).
    pub keywords: Vec<Keyword>,
    /// The body.
    pub body: Vec<Stmt>,
    /// The decorators.
    pub decorators: Vec<Expr>,
    /// The docstring.
    pub doc: Option<Rc<str>>,
}

/// A statement.
#[derive(Debug)]
pub struct Stmt {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: StmtKind,
}

/// The kinds of statements.
#[derive(Debug)]
pub enum StmtKind {
    /// `def`, `async def`.
    Function {
        /// Where the function is bound.
        name: Name,
        /// The function.
        def: Rc<FunctionDef>,
    },
    /// `class`.
    Class {
        /// Where the class is bound.
        name: Name,
        /// The class.
        def: Rc<ClassDef>,
    },
    /// `return`.
    Return(Option<Expr>),
    /// `del`.
    Delete(Vec<Expr>),
    /// `a = b = value`.
    Assign {
        /// The targets in order.
        targets: Vec<Expr>,
        /// The value.
        value: Expr,
    },
    /// `target op= value`.
    AugAssign {
        /// The target.
        target: Expr,
        /// The operator.
        operator: BinaryOperator,
        /// The value.
        value: Expr,
    },
    /// `target: annotation = value`.
    AnnAssign {
        /// The target.
        target: Expr,
        /// The annotation; `None` outside a class, where nobody asks for it, if it says nothing out of the ordinary.
        annotation: Option<Expr>,
        /// The value.
        value: Option<Expr>,
    },
    /// `type Name = value` (3.12).
    TypeAlias {
        /// The name.
        name: Name,
    },
    /// `for`, `async for`.
    For {
        /// The target.
        target: Expr,
        /// The iterable.
        iterable: Expr,
        /// The body.
        body: Vec<Stmt>,
        /// The `else` branch.
        otherwise: Vec<Stmt>,
        /// `async for`.
        is_async: bool,
    },
    /// `while`.
    While {
        /// The condition.
        test: Expr,
        /// The body.
        body: Vec<Stmt>,
        /// The `else` branch.
        otherwise: Vec<Stmt>,
    },
    /// `if`, `elif`, `else`.
    If {
        /// Conditions with their bodies.
        branches: Vec<(Expr, Vec<Stmt>)>,
        /// The `else` branch.
        otherwise: Vec<Stmt>,
    },
    /// `with`, `async with`.
    With {
        /// The managers and their targets.
        items: Vec<(Expr, Option<Expr>)>,
        /// The body.
        body: Vec<Stmt>,
        /// `async with`.
        is_async: bool,
    },
    /// `match`.
    Match {
        /// The subject.
        subject: Expr,
        /// The cases.
        cases: Vec<MatchCase>,
    },
    /// `raise`.
    Raise {
        /// The exception.
        exception: Option<Expr>,
        /// `from` this.
        cause: Option<Expr>,
    },
    /// `try`.
    Try(Box<Try>),
    /// `assert`.
    Assert {
        /// The condition.
        test: Expr,
        /// The message.
        message: Option<Expr>,
    },
    /// `import a.b as c, d`.
    Import(Vec<ImportAlias>),
    /// `from module import names`.
    ImportFrom {
        /// The module; `None` for `from . import`.
        module: Option<Rc<str>>,
        /// The names; empty means `*`.
        names: Vec<FromAlias>,
        /// The number of leading dots.
        level: u32,
    },
    /// `global`, `nonlocal` and `pass`: nothing to do when evaluated.
    Pass,
    /// An expression for its effect.
    Expr(Expr),
    /// `break`.
    Break,
    /// `continue`.
    Continue,
}

/// A `try` statement.
#[derive(Debug)]
pub struct Try {
    /// The body.
    pub body: Vec<Stmt>,
    /// The handlers.
    pub handlers: Vec<Handler>,
    /// The `else` branch.
    pub otherwise: Vec<Stmt>,
    /// The `finally` branch.
    pub finally: Vec<Stmt>,
    /// `except*`.
    pub is_star: bool,
}

/// An `except` clause.
#[derive(Debug)]
pub struct Handler {
    /// Where it stands.
    pub span: Span,
    /// The classes caught; `None` catches all.
    pub class: Option<Expr>,
    /// The name bound.
    pub name: Option<Name>,
    /// The body.
    pub body: Vec<Stmt>,
}

/// One name of an `import` statement.
#[derive(Debug)]
pub struct ImportAlias {
    /// The dotted module.
    pub module: Rc<str>,
    /// Whether `as` was written: then the module itself is bound, else its top package.
    pub is_renamed: bool,
    /// Where it is bound.
    pub name: Name,
}

/// One name of a `from … import`.
#[derive(Debug)]
pub struct FromAlias {
    /// The name in the module.
    pub member: Rc<str>,
    /// Where it is bound.
    pub name: Name,
}

/// A `case`.
#[derive(Debug)]
pub struct MatchCase {
    /// The pattern.
    pub pattern: Pattern,
    /// The guard.
    pub guard: Option<Expr>,
    /// The body.
    pub body: Vec<Stmt>,
}

/// A pattern.
#[derive(Debug)]
pub enum Pattern {
    /// A value compared with `==`.
    Value(Expr),
    /// `None`, `True`, `False`: compared with `is`.
    Singleton(Constant),
    /// `[a, *b]`.
    Sequence(Vec<Self>),
    /// `{"k": p, **rest}`.
    Mapping {
        /// Keys with their patterns.
        items: Vec<(Expr, Self)>,
        /// `**rest`.
        rest: Option<Name>,
    },
    /// `Class(p, k=p)`.
    Class {
        /// The class.
        class: Expr,
        /// Positional patterns.
        positional: Vec<Self>,
        /// Keyword patterns.
        keywords: Vec<(Rc<str>, Self)>,
    },
    /// `*name` inside a sequence; `None` for `*_`.
    Star(Option<Name>),
    /// `pattern as name`, `name`, `_`.
    As {
        /// The inner pattern.
        pattern: Option<Box<Self>>,
        /// The name.
        name: Option<Name>,
    },
    /// `a | b`.
    Or(Vec<Self>),
}

/// The byte at which each line starts (`\n`, `\r\n` and `\r` end one).
pub(crate) fn line_starts(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut lines = Vec::with_capacity(1 + bytes.len() / 24);
    lines.push(0);
    for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        let is_first_half = bytes.get(at..at + 2) == Some(b"\r\n");
        if !is_first_half {
            lines.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
        }
    }
    lines
}

impl SourceText {
    /// Wraps a text and finds its lines (`\n`, `\r\n` and `\r` end one).
    pub fn new(file: &str, text: &str) -> Self {
        Self {
            file: Rc::from(file),
            text: Rc::from(text),
            lines: line_starts(text),
        }
    }

    /// The 1-based line of a byte.
    pub fn line_of(&self, byte: u32) -> u32 {
        u32::try_from(self.lines.partition_point(|start| *start <= byte)).unwrap_or(u32::MAX)
    }

    /// The 1-based column (in characters) of a byte.
    pub fn column_of(&self, byte: u32) -> u32 {
        let start = self
            .lines
            .get(self.line_of(byte) as usize - 1)
            .copied()
            .unwrap_or(0) as usize;
        let text = self.text.get(start..byte as usize).unwrap_or("");
        u32::try_from(text.chars().count() + 1).unwrap_or(u32::MAX)
    }

    /// A line without its end, by its 1-based number.
    pub fn line(&self, number: u32) -> Option<&str> {
        let at = (number as usize).checked_sub(1)?;
        let start = *self.lines.get(at)? as usize;
        let end = self
            .lines
            .get(at + 1)
            .map_or(self.text.len(), |next| *next as usize);
        self.text
            .get(start..end)
            .map(|line| line.trim_end_matches(['\n', '\r']))
    }
}

impl Expr {
    /// The text, when this is a `str` literal.
    pub fn as_str(&self) -> Option<&Rc<str>> {
        match &self.kind {
            ExprKind::Constant(Constant::Str(text)) => Some(text),
            _ => None,
        }
    }

    /// The identifier, when this is a name.
    pub fn as_name(&self) -> Option<&Rc<str>> {
        match &self.kind {
            ExprKind::Name(name) => Some(&name.id),
            _ => None,
        }
    }
}
