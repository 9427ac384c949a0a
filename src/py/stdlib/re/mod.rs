//! `re`: patterns, on `fancy_regex`.

pub mod matching;
pub mod template;
pub mod translate;

use std::cell::OnceCell;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use fancy_regex::Regex;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::builtins::iter::Iter;
use crate::py::builtins::receiver;
use crate::py::builtins::receiver::core;
use crate::py::class::Class;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

use matching::Match;

module! {
    MODULE = "re",
    functions: &[
        ("compile", compile_function),
        ("escape", escape),
        ("findall", |vm, args| module_function(vm, args, "findall", "(pattern, string, flags=0)")),
        ("finditer", |vm, args| module_function(vm, args, "finditer", "(pattern, string, flags=0)")),
        ("fullmatch", |vm, args| module_function(vm, args, "fullmatch", "(pattern, string, flags=0)")),
        ("match", |vm, args| module_function(vm, args, "match", "(pattern, string, flags=0)")),
        ("purge", |_, _| Ok(Value::None)),
        ("search", |vm, args| module_function(vm, args, "search", "(pattern, string, flags=0)")),
        ("split", |vm, args| module_function(vm, args, "split", "(pattern, string, maxsplit=0, flags=0)")),
        ("sub", |vm, args| module_function(vm, args, "sub", "(pattern, repl, string, count=0, flags=0)")),
        ("subn", |vm, args| module_function(vm, args, "subn", "(pattern, repl, string, count=0, flags=0)")),
    ],
    classes: &[&PATTERN, &matching::MATCH],
    values: &[
        ("A", |_| Ok(Value::Int(translate::ASCII))),
        ("ASCII", |_| Ok(Value::Int(translate::ASCII))),
        ("I", |_| Ok(Value::Int(translate::IGNORECASE))),
        ("IGNORECASE", |_| Ok(Value::Int(translate::IGNORECASE))),
        ("M", |_| Ok(Value::Int(translate::MULTILINE))),
        ("MULTILINE", |_| Ok(Value::Int(translate::MULTILINE))),
        ("S", |_| Ok(Value::Int(translate::DOTALL))),
        ("DOTALL", |_| Ok(Value::Int(translate::DOTALL))),
        ("U", |_| Ok(Value::Int(translate::UNICODE))),
        ("UNICODE", |_| Ok(Value::Int(translate::UNICODE))),
        ("X", |_| Ok(Value::Int(translate::VERBOSE))),
        ("VERBOSE", |_| Ok(Value::Int(translate::VERBOSE))),
        ("NOFLAG", |_| Ok(Value::Int(0))),
        ("error", |_| Ok(Value::Class(Class::of(&ERROR)))),
        ("RegexFlag", |_| Ok(Value::Class(Class::of(&crate::py::builtins::int::CLASS)))),
    ],
}

/// `re.error`.
pub static ERROR: NativeClass =
    NativeClass::plain("re", "error", &[&crate::py::exceptions::EXCEPTION]);

const METHODS: &[(&str, Method)] = &[
    ("findall", matching::findall),
    ("finditer", finditer),
    ("fullmatch", |vm, receiver, args| {
        method(vm, receiver, args, Anchor::Full)
    }),
    ("match", |vm, receiver, args| {
        method(vm, receiver, args, Anchor::Start)
    }),
    ("search", |vm, receiver, args| {
        method(vm, receiver, args, Anchor::None)
    }),
    ("split", matching::split),
    ("sub", |vm, receiver, args| {
        matching::substitute(vm, receiver, args).map(|(text, _)| text)
    }),
    ("subn", |vm, receiver, args| {
        matching::substitute(vm, receiver, args)
            .map(|(text, count)| Value::tuple(vec![text, Value::int(count)]))
    }),
];

/// `re.Pattern`.
pub static PATTERN: NativeClass = NativeClass {
    module: "re",
    name: "Pattern",
    bases: &[],
    new: None,
    methods: METHODS,
    class_methods: &[],
    attributes: &[],
};

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    /// As written.
    pub source: Rc<str>,
    /// With those written inside.
    pub flags: i64,
    translated: String,
    regex: Regex,
    full: OnceCell<Regex>,
}

/// How much of the text a match must cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// `search`.
    None,
    /// `match`.
    Start,
    /// `fullmatch`.
    Full,
}

impl Pattern {
    /// The groups of the first match from a byte position: the span of each.
    pub fn find(
        &self,
        text: &str,
        from: usize,
        anchor: Anchor,
    ) -> PyResult<Option<Vec<Option<(usize, usize)>>>> {
        let regex = if anchor == Anchor::Full {
            match self.full.get() {
                Some(regex) => regex,
                None => {
                    let regex = Regex::new(&format!(r"(?:{})\z", self.translated))
                        .map_err(|error| refused(&self.source, &error))?;
                    self.full.get_or_init(|| regex)
                }
            }
        } else {
            &self.regex
        };
        let captures = regex
            .captures_from_pos(text, from)
            .map_err(|error| refused(&self.source, &error))?;
        let spans = captures.map(|captures| {
            captures
                .iter()
                .map(|group| group.map(|group| (group.start(), group.end())))
                .collect::<Vec<_>>()
        });
        let anchored = |spans: &Vec<Option<(usize, usize)>>| {
            spans
                .first()
                .copied()
                .flatten()
                .is_some_and(|(start, _)| start == from)
        };
        Ok(spans.filter(|spans| anchor == Anchor::None || anchored(spans)))
    }

    /// Names and numbers of groups, in order.
    pub fn names(&self) -> Vec<(String, usize)> {
        self.regex
            .capture_names()
            .enumerate()
            .filter_map(|(at, name)| name.map(|name| (name.to_owned(), at)))
            .collect()
    }

    /// The number of groups.
    pub fn groups(&self) -> usize {
        self.regex.captures_len().saturating_sub(1)
    }
}

/// The error for a pattern that the engine does not take.
fn refused(source: &str, error: &fancy_regex::Error) -> PyError {
    PyError::unsupported(format!("the regular expression `{source}`: {error}"))
}

thread_local! {
    static CACHE: RefCell<HashMap<(Rc<str>, i64), Rc<Pattern>>> = RefCell::default();
}

/// Compiles a pattern, once.
pub fn compile(vm: &Vm, pattern: &Value, flags: i64) -> PyResult<Rc<Pattern>> {
    if let Some(compiled) = pattern.native::<Pattern>() {
        if flags != 0 {
            return Err(PyError::value_error(
                "cannot process flags argument with a compiled pattern",
            ));
        }
        return Ok(compiled);
    }
    let source = match core(pattern) {
        Value::Str(source) => source,
        Value::Bytes(_) => return Err(PyError::unsupported("regular expressions over bytes")),
        Value::Unresolved(unresolved) => {
            return Err(crate::py::vm::unresolved_error(
                &unresolved,
                "as a regular expression",
            ));
        }
        _ => {
            let _ = vm;
            return Err(PyError::type_error(
                "first argument must be string or compiled pattern",
            ));
        }
    };
    let key = (source.clone(), flags);
    if let Some(found) = CACHE.with(|cache| cache.borrow().get(&key).cloned()) {
        return Ok(found);
    }
    let (translated, all_flags) = translate::translate(&source, flags).map_err(|fault| {
        let position = source[..fault.at.min(source.len())].chars().count();
        PyError::new(&ERROR, format!("{} at position {position}", fault.message))
    })?;
    let regex = Regex::new(&translated).map_err(|error| refused(&source, &error))?;
    let compiled = Rc::new(Pattern {
        source,
        flags: all_flags,
        translated,
        regex,
        full: OnceCell::new(),
    });
    CACHE.with(|cache| cache.borrow_mut().insert(key, compiled.clone()));
    Ok(compiled)
}

/// `re.compile(pattern, flags=0)`.
fn compile_function(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("compile", "(pattern, flags=0)")?;
    Ok(Value::Native(compile(
        vm,
        &bound.get("pattern"),
        receiver::index(vm, &bound.get("flags"))?,
    )?))
}

/// `re.name(pattern, …, flags=0)`: the method of the same name of the compiled pattern.
fn module_function(
    vm: &Vm,
    args: Args,
    name: &'static str,
    signature: &'static str,
) -> PyResult<Value> {
    let bound = args.bind(name, signature)?;
    let pattern = Value::Native(compile(
        vm,
        &bound.get("pattern"),
        receiver::index(vm, &bound.get("flags"))?,
    )?);
    let parameters = signature
        .trim_matches(['(', ')'])
        .split(", ")
        .map(|parameter| parameter.split('=').next().unwrap_or(parameter));
    let rest = parameters
        .filter(|parameter| !matches!(*parameter, "pattern" | "flags"))
        .map(|parameter| bound.get(parameter))
        .collect();
    vm.call_method(&pattern, name, Args::of(rest))
}

/// `re.escape(pattern)`.
fn escape(vm: &Vm, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, &arguments::one("escape", args)?)?;
    let mut result = String::new();
    for character in text.chars() {
        if "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".contains(character) {
            result.push('\\');
        }
        result.push(character);
    }
    Ok(Value::from(result))
}

/// The pattern that a receiver is.
pub fn own(receiver: &Value) -> PyResult<Rc<Pattern>> {
    receiver
        .native::<Pattern>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 're.Pattern' object"))
}

/// The text to search in.
pub fn subject(vm: &Vm, value: &Value) -> PyResult<Rc<str>> {
    match core(value) {
        Value::Str(text) => Ok(text),
        Value::Bytes(_) => Err(PyError::type_error(
            "cannot use a string pattern on a bytes-like object",
        )),
        Value::Unresolved(unresolved) => {
            Err(crate::py::vm::unresolved_error(&unresolved, "as text"))
        }
        _ => Err(PyError::type_error(format!(
            "expected string or bytes-like object, got '{}'",
            vm.class_of(value).name
        ))),
    }
}

/// The text and the byte position to start from; `endpos` cuts the text.
fn arguments_of(vm: &Vm, name: &'static str, args: Args) -> PyResult<(Rc<str>, usize)> {
    let bound = args.bind(name, "(string, pos=0, endpos=9223372036854775807)")?;
    let text = subject(vm, &bound.get("string"))?;
    let place = |name: &str| -> PyResult<usize> {
        let at = usize::try_from(receiver::index(vm, &bound.get(name))?).unwrap_or(0);
        Ok(text
            .char_indices()
            .nth(at)
            .map_or(text.len(), |(byte, _)| byte))
    };
    let (start, stop) = (
        if bound.is_given("pos") {
            place("pos")?
        } else {
            0
        },
        place("endpos")?,
    );
    let text = if stop < text.len() {
        Rc::from(&text[..stop])
    } else {
        text
    };
    Ok((text, start))
}

/// `search`, `match` and `fullmatch`.
fn method(vm: &Vm, receiver: &Value, args: Args, anchor: Anchor) -> PyResult<Value> {
    let pattern = own(receiver)?;
    let (text, start) = arguments_of(vm, "search", args)?;
    if start > text.len() {
        return Ok(Value::None);
    }
    Ok(pattern
        .find(&text, start, anchor)?
        .map_or(Value::None, |spans| {
            Value::object(Match {
                pattern,
                text,
                spans,
            })
        }))
}

/// `Pattern.finditer(string[, pos[, endpos]])`.
fn finditer(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let pattern = own(receiver)?;
    let (text, start) = arguments_of(vm, "finditer", args)?;
    let mut walk = matching::Walk::new(start);
    Ok(Iter::lazy(move |_| {
        let spans = walk.next(&pattern, &text)?;
        Ok(spans.map(|spans| {
            Value::object(Match {
                pattern: pattern.clone(),
                text: text.clone(),
                spans,
            })
        }))
    })
    .into_value(&crate::py::builtins::iter::ITERATOR))
}

impl Object for Pattern {
    fn class(&self) -> Rc<Class> {
        Class::of(&PATTERN)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "pattern" => Some(Value::Str(self.source.clone())),
            "flags" => Some(Value::Int(
                self.flags
                    | if self.flags & translate::ASCII == 0 {
                        translate::UNICODE
                    } else {
                        0
                    },
            )),
            "groups" => Some(Value::int(self.groups())),
            "groupindex" => {
                let mut dict = Dict::new();
                for (name, at) in self.names() {
                    dict.insert_str(&name, Value::int(at));
                }
                Some(Value::dict(dict))
            }
            _ => None,
        })
    }

    fn repr(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        let names = [
            (translate::IGNORECASE, "re.IGNORECASE"),
            (translate::MULTILINE, "re.MULTILINE"),
            (translate::DOTALL, "re.DOTALL"),
            (translate::VERBOSE, "re.VERBOSE"),
            (translate::ASCII, "re.ASCII"),
        ];
        let flags: Vec<&str> = names
            .iter()
            .filter(|(flag, _)| self.flags & flag != 0)
            .map(|(_, name)| *name)
            .collect();
        let source = vm.repr(&Value::Str(self.source.clone()))?;
        Ok(Some(if flags.is_empty() {
            format!("re.compile({source})")
        } else {
            format!("re.compile({source}, {})", flags.join("|"))
        }))
    }

    fn hash_key(&self) -> Option<String> {
        Some(format!("re {} {}", self.flags, self.source))
    }
}
