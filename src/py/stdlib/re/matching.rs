//! `re.Match`, and the functions that walk over all matches.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::builtins::errors::index_error;
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

use super::Anchor;
use super::Pattern;
use super::own;
use super::subject;
use super::template;

const METHODS: &[(&str, Method)] = &[
    ("end", end),
    ("expand", expand),
    ("group", group),
    ("groupdict", groupdict),
    ("groups", groups),
    ("span", span),
    ("start", start),
];

/// `re.Match`.
pub static MATCH: NativeClass = NativeClass {
    module: "re",
    name: "Match",
    bases: &[],
    new: None,
    methods: METHODS,
    class_methods: &[],
    attributes: &[],
};

/// The spans of the groups of one match, in bytes; the first is the whole match.
pub type Spans = Vec<Option<(usize, usize)>>;

/// One match.
#[derive(Debug)]
pub struct Match {
    /// The pattern.
    pub pattern: Rc<Pattern>,
    /// The text.
    pub text: Rc<str>,
    /// Where.
    pub spans: Spans,
}

/// Walks over all matches as CPython does: an empty match may follow a match, but not at the place of another empty one.
pub struct Walk {
    at: usize,
    empty_at: Option<usize>,
    done: bool,
}

impl Walk {
    /// Starts at a byte position.
    pub fn new(at: usize) -> Self {
        Self {
            at,
            empty_at: None,
            done: false,
        }
    }

    /// The next match.
    pub fn next(&mut self, pattern: &Pattern, text: &str) -> PyResult<Option<Spans>> {
        while !self.done && self.at <= text.len() {
            let Some(spans) = pattern.find(text, self.at, Anchor::None)? else {
                break;
            };
            let (start, end) = spans
                .first()
                .copied()
                .flatten()
                .unwrap_or((self.at, self.at));
            if start == end && self.empty_at == Some(start) {
                match text[start..].chars().next() {
                    Some(character) => self.at = start + character.len_utf8(),
                    None => self.done = true,
                }
                self.empty_at = None;
                continue;
            }
            self.at = end;
            self.empty_at = Some(end).filter(|_| start == end);
            return Ok(Some(spans));
        }
        self.done = true;
        Ok(None)
    }
}

impl Match {
    /// The text of a group.
    pub fn text_of(&self, at: usize) -> Option<&str> {
        self.spans
            .get(at)
            .copied()
            .flatten()
            .map(|(start, end)| &self.text[start..end])
    }

    /// The text of a group as a value.
    fn value_of(&self, at: usize, default: &Value) -> Value {
        self.text_of(at).map_or_else(|| default.clone(), Value::str)
    }

    /// The number of a group given by number or name.
    pub fn number(&self, vm: &Vm, key: &Value) -> PyResult<usize> {
        let found = match core(key) {
            Value::Str(name) => self
                .pattern
                .names()
                .into_iter()
                .find(|(known, _)| **known == *name)
                .map(|(_, at)| at),
            _ => usize::try_from(receiver::index(vm, key)?)
                .ok()
                .filter(|at| *at < self.spans.len()),
        };
        found.ok_or_else(|| index_error("no such group"))
    }

    /// Start and end of a group in characters.
    fn places(&self, at: usize) -> (Value, Value) {
        match self.spans.get(at).copied().flatten() {
            None => (Value::Int(-1), Value::Int(-1)),
            Some((start, end)) => {
                let first = self.text[..start].chars().count();
                (
                    Value::int(first),
                    Value::int(first + self.text[start..end].chars().count()),
                )
            }
        }
    }
}

/// The match that a receiver is.
fn this(receiver: &Value) -> PyResult<Rc<Match>> {
    receiver
        .native::<Match>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 're.Match' object"))
}

/// `Match.group([group1, …])`.
fn group(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let found = this(receiver)?;
    let mut texts = Vec::new();
    for key in &args.positional {
        texts.push(found.value_of(found.number(vm, key)?, &Value::None));
    }
    Ok(match texts.len() {
        0 => found.value_of(0, &Value::None),
        1 => texts.remove(0),
        _ => Value::tuple(texts),
    })
}

/// `Match.groups(default=None)`.
fn groups(_: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let found = this(receiver)?;
    let default = args.bind("groups", "(default=None)")?.get("default");
    Ok(Value::tuple(
        (1..found.spans.len())
            .map(|at| found.value_of(at, &default))
            .collect(),
    ))
}

/// `Match.groupdict(default=None)`.
fn groupdict(_: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let found = this(receiver)?;
    let default = args.bind("groupdict", "(default=None)")?.get("default");
    let mut dict = Dict::new();
    for (name, at) in found.pattern.names() {
        dict.insert_str(&name, found.value_of(at, &default));
    }
    Ok(Value::dict(dict))
}

/// The group argument of `start`, `end` and `span`.
fn which(vm: &Vm, receiver: &Value, args: Args) -> PyResult<(Value, Value)> {
    let found = this(receiver)?;
    let given = arguments::between("span", args, 0, 1)?;
    let at = given.first().map_or(Ok(0), |key| found.number(vm, key))?;
    Ok(found.places(at))
}

fn start(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    which(vm, receiver, args).map(|(start, _)| start)
}

fn end(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    which(vm, receiver, args).map(|(_, end)| end)
}

fn span(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    which(vm, receiver, args).map(|(start, end)| Value::tuple(vec![start, end]))
}

/// `Match.expand(template)`.
fn expand(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let found = this(receiver)?;
    let text = receiver::text(vm, &arguments::one("expand", args)?)?;
    let parts = template::parse(&text, &found.pattern)?;
    Ok(Value::from(template::fill(&parts, &found)))
}

impl Object for Match {
    fn class(&self) -> Rc<Class> {
        Class::of(&MATCH)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "string" => Some(Value::Str(self.text.clone())),
            "re" => Some(Value::Native(self.pattern.clone())),
            "pos" => Some(Value::Int(0)),
            "endpos" => Some(Value::int(self.text.chars().count())),
            "lastindex" => Some(
                (1..self.spans.len())
                    .rev()
                    .find(|at| self.text_of(*at).is_some())
                    .map_or(Value::None, Value::int),
            ),
            "lastgroup" => {
                let names = self.pattern.names().into_iter().rev();
                Some(
                    names
                        .into_iter()
                        .find(|(_, at)| self.text_of(*at).is_some())
                        .map_or(Value::None, |(name, _)| Value::from(name)),
                )
            }
            _ => None,
        })
    }

    fn get_item(self: Rc<Self>, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        let at = self.number(vm, key)?;
        Ok(Some(self.value_of(at, &Value::None)))
    }

    fn truth(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<bool>> {
        Ok(Some(true))
    }

    fn repr(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        let (start, end) = self.places(0);
        let text = vm.repr(&self.value_of(0, &Value::None))?;
        Ok(Some(format!(
            "<re.Match object; span=({}, {}), match={text}>",
            vm.str(&start)?,
            vm.str(&end)?
        )))
    }
}

/// `Pattern.findall(string[, pos[, endpos]])`.
pub fn findall(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let pattern = own(receiver)?;
    let (text, start) = super::arguments_of(vm, "findall", args)?;
    let mut walk = Walk::new(start);
    let mut items = Vec::new();
    while let Some(spans) = walk.next(&pattern, &text)? {
        let empty = Value::str("");
        let found = Match {
            pattern: pattern.clone(),
            text: text.clone(),
            spans,
        };
        items.push(match found.spans.len() {
            1 => found.value_of(0, &empty),
            2 => found.value_of(1, &empty),
            count => Value::tuple((1..count).map(|at| found.value_of(at, &empty)).collect()),
        });
    }
    Ok(Value::list(items))
}

/// `Pattern.split(string, maxsplit=0)`.
pub fn split(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let pattern = own(receiver)?;
    let bound = args.bind("split", "(string, maxsplit=0)")?;
    let text = subject(vm, &bound.get("string"))?;
    let limit = match receiver::index(vm, &bound.get("maxsplit"))? {
        0 => usize::MAX,
        limit => usize::try_from(limit).unwrap_or(0),
    };
    let mut walk = Walk::new(0);
    let mut items = Vec::new();
    let mut last = 0;
    let mut count = 0;
    while count < limit
        && let Some(spans) = walk.next(&pattern, &text)?
    {
        let (start, end) = spans.first().copied().flatten().unwrap_or((0, 0));
        items.push(Value::str(&text[last..start]));
        items.extend(
            spans
                .iter()
                .skip(1)
                .map(|span| span.map_or(Value::None, |(start, end)| Value::str(&text[start..end]))),
        );
        last = end;
        count += 1;
    }
    items.push(Value::str(&text[last..]));
    Ok(Value::list(items))
}

/// `Pattern.sub(repl, string, count=0)`: the text and how many were replaced.
pub fn substitute(vm: &Vm, receiver: &Value, args: Args) -> PyResult<(Value, usize)> {
    let pattern = own(receiver)?;
    let bound = args.bind("sub", "(repl, string, count=0)")?;
    let replacement = bound.get("repl");
    let text = subject(vm, &bound.get("string"))?;
    let limit = match receiver::index(vm, &bound.get("count"))? {
        0 => usize::MAX,
        limit => usize::try_from(limit).unwrap_or(0),
    };
    let parts = match replacement.as_str() {
        Some(template) => Some(template::parse(&template, &pattern)?),
        None => None,
    };
    let mut result = String::new();
    let mut walk = Walk::new(0);
    let mut last = 0;
    let mut count = 0;
    while count < limit
        && let Some(spans) = walk.next(&pattern, &text)?
    {
        let (start, end) = spans.first().copied().flatten().unwrap_or((0, 0));
        result.push_str(&text[last..start]);
        let found = Match {
            pattern: pattern.clone(),
            text: text.clone(),
            spans,
        };
        match &parts {
            Some(parts) => result.push_str(&template::fill(parts, &found)),
            None => {
                let made = vm.call(&replacement, Args::of(vec![Value::object(found)]))?;
                match core(&made) {
                    Value::Str(made) => result.push_str(&made),
                    Value::None => {}
                    _ => {
                        let class = vm.class_of(&made);
                        return Err(PyError::type_error(format!(
                            "expected str instance, {} found",
                            class.name
                        )));
                    }
                }
            }
        }
        last = end;
        count += 1;
    }
    result.push_str(&text[last..]);
    Ok((Value::from(result), count))
}
