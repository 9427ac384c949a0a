//! Signatures written in Python syntax, parsed once and bound with CPython's error texts. Functions written in Python are bound by the same code.

use std::cell::RefCell;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use rustc_hash::FxHashMap;

/// How a parameter may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// Before `/`.
    PositionalOnly,
    /// By position or by name.
    Positional,
    /// After `*`.
    KeywordOnly,
}

/// A named parameter.
#[derive(Debug)]
pub struct SignatureParameter {
    /// Its name.
    pub name: Rc<str>,
    /// How it may be given.
    pub kind: ParameterKind,
    /// Its default. For a function written in Python the defaults live in the function: see [`Signature::bind_with`].
    pub default: Option<Value>,
}

/// A parsed signature.
#[derive(Debug, Default)]
pub struct Signature {
    /// Positional-only, then ordinary, then keyword-only parameters.
    pub parameters: Vec<SignatureParameter>,
    /// The name of `*args`.
    pub rest: Option<Rc<str>>,
    /// The name of `**kw`.
    pub keywords: Option<Rc<str>>,
}

/// What binding gives, before it is given to natives as [`Bound`] or put into slots.
pub struct BoundValues {
    /// One per parameter.
    pub values: Vec<Value>,
    /// Which were given.
    pub given: Vec<bool>,
    /// What `*args` took.
    pub rest: Vec<Value>,
    /// What `**kw` took.
    pub keywords: Vec<(Rc<str>, Value)>,
}

thread_local! {
    /// By place and length: a static text is always the same.
    static PARSED: RefCell<FxHashMap<(usize, usize), Rc<Signature>>> = RefCell::default();
}

/// What the parameters have while they are being bound.
struct Slots {
    /// One each: what was given, or the default.
    values: Vec<Value>,
    /// Whether it was given.
    given: Vec<bool>,
}

impl Signature {
    /// Parses (once per text) something like `"(a, b=None, *args, c, **kw)"`.
    pub fn parse(text: &'static str) -> PyResult<Rc<Self>> {
        let place = (text.as_ptr().addr(), text.len());
        if let Some(found) = PARSED.with(|parsed| parsed.borrow().get(&place).cloned()) {
            return Ok(found);
        }
        let signature = crate::py::parse::signature(text).map_err(|error| {
            PyError::unsupported(format!(
                "malformed native signature `{text}`: {}",
                error.message
            ))
        })?;
        let signature = Rc::new(signature);
        PARSED.with(|parsed| parsed.borrow_mut().insert(place, signature.clone()));
        Ok(signature)
    }

    /// The position of a named parameter among [`Bound`]'s values.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.parameters
            .iter()
            .position(|parameter| &*parameter.name == name)
    }

    /// Binds arguments; `function` names it in errors.
    pub fn bind(self: &Rc<Self>, function: &str, args: Args) -> PyResult<Bound> {
        let bound = self.bind_with(function, args, |at| {
            self.parameters
                .get(at)
                .and_then(|parameter| parameter.default.clone())
        })?;
        Ok(Bound {
            signature: self.clone(),
            values: bound.values,
            given: bound.given,
            rest: bound.rest,
            keywords: bound.keywords,
        })
    }

    /// Binds arguments; `default` gives the default of a parameter by its position.
    pub fn bind_with(
        &self,
        function: &str,
        args: Args,
        default: impl Fn(usize) -> Option<Value>,
    ) -> PyResult<BoundValues> {
        let count = self.parameters.len();
        let positional_count = self
            .parameters
            .iter()
            .filter(|parameter| parameter.kind != ParameterKind::KeywordOnly)
            .count();
        let given_positional = args.positional.len();
        let mut positional = args.positional.into_iter();
        let mut slots = Slots {
            values: Vec::with_capacity(count),
            given: Vec::with_capacity(count),
        };
        slots
            .values
            .extend(positional.by_ref().take(positional_count));
        slots.given.resize(slots.values.len(), true);
        let mut required = Vec::new();
        for at in slots.values.len()..count {
            let value = default(at).unwrap_or_else(|| {
                required.push(at);
                Value::None
            });
            slots.values.push(value);
        }
        slots.given.resize(count, false);
        let rest: Vec<Value> = positional.collect();
        let keywords = self.bind_keywords(function, &mut slots, args.keywords)?;
        let Slots { values, given } = slots;
        if self.rest.is_none() && !rest.is_empty() {
            return Err(self.too_many(
                function,
                given_positional,
                positional_count,
                &given,
                &default,
            ));
        }
        let is_given = |at: &usize| given.get(*at).copied().unwrap_or(false);
        if !required.iter().all(is_given) {
            return Err(self.missing(function, &given, &default));
        }
        Ok(BoundValues {
            values,
            given,
            rest,
            keywords,
        })
    }

    /// Puts keywords into slots; returns those for `**kw`.
    fn bind_keywords(
        &self,
        function: &str,
        slots: &mut Slots,
        keywords: Vec<(Rc<str>, Value)>,
    ) -> PyResult<Vec<(Rc<str>, Value)>> {
        let mut others = Vec::new();
        let mut misused = Vec::new();
        for (name, value) in keywords {
            let found = self.parameters.iter().position(|parameter| {
                Rc::ptr_eq(&parameter.name, &name) || *parameter.name == *name
            });
            let named = found.filter(|at| {
                self.parameters
                    .get(*at)
                    .is_some_and(|parameter| parameter.kind != ParameterKind::PositionalOnly)
            });
            match named {
                Some(at) => match (slots.values.get_mut(at), slots.given.get_mut(at)) {
                    (Some(slot), Some(given @ false)) => {
                        *slot = value;
                        *given = true;
                    }
                    _ => {
                        return Err(PyError::type_error(format!(
                            "{function}() got multiple values for argument '{name}'"
                        )));
                    }
                },
                None if self.keywords.is_some() => others.push((name, value)),
                None if found.is_some() => misused.push(name),
                None => {
                    return Err(PyError::type_error(format!(
                        "{function}() got an unexpected keyword argument '{name}'"
                    )));
                }
            }
        }
        if !misused.is_empty() {
            let names: Vec<&str> = misused.iter().map(|name| &**name).collect();
            return Err(PyError::type_error(format!(
                "{function}() got some positional-only arguments passed as keyword arguments: '{}'",
                names.join(", ")
            )));
        }
        Ok(others)
    }

    /// `f() takes 2 positional arguments but 3 were given`.
    fn too_many(
        &self,
        function: &str,
        given: usize,
        allowed: usize,
        bound: &[bool],
        default: &impl Fn(usize) -> Option<Value>,
    ) -> PyError {
        let defaults = (0..allowed).filter(|at| default(*at).is_some()).count();
        let takes = if defaults > 0 {
            format!("from {} to {allowed}", allowed - defaults)
        } else {
            allowed.to_string()
        };
        let is_plural = if defaults > 0 { true } else { allowed != 1 };
        let keyword_only = bound.iter().skip(allowed).filter(|given| **given).count();
        let extra = if keyword_only > 0 {
            format!(
                " positional argument{} (and {keyword_only} keyword-only argument{})",
                if given == 1 { "" } else { "s" },
                if keyword_only == 1 { "" } else { "s" }
            )
        } else {
            String::new()
        };
        let were = if given == 1 && keyword_only == 0 {
            "was"
        } else {
            "were"
        };
        PyError::type_error(format!(
            "{function}() takes {takes} positional argument{} but {given}{extra} {were} given",
            if is_plural { "s" } else { "" }
        ))
    }

    /// `f() missing 1 required positional argument: 'x'`.
    fn missing(
        &self,
        function: &str,
        given: &[bool],
        default: &impl Fn(usize) -> Option<Value>,
    ) -> PyError {
        let absent = |keyword_only: bool| -> Vec<String> {
            let parameters = self.parameters.iter().enumerate();
            parameters
                .filter(|(at, parameter)| {
                    (parameter.kind == ParameterKind::KeywordOnly) == keyword_only
                        && !given.get(*at).copied().unwrap_or(false)
                        && default(*at).is_none()
                })
                .map(|(_, parameter)| format!("'{}'", parameter.name))
                .collect()
        };
        let positional = absent(false);
        let (kind, names) = if positional.is_empty() {
            ("keyword-only", absent(true))
        } else {
            ("positional", positional)
        };
        let listed = match names.as_slice() {
            [] => String::new(),
            [one] => one.clone(),
            [one, two] => format!("{one} and {two}"),
            [first @ .., last] => format!("{}, and {last}", first.join(", ")),
        };
        let plural = if names.len() == 1 { "" } else { "s" };
        PyError::type_error(format!(
            "{function}() missing {} required {kind} argument{plural}: {listed}",
            names.len()
        ))
    }
}
