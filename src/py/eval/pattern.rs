//! `match`.

use std::rc::Rc;

use crate::py::ast::Expr;
use crate::py::ast::MatchCase;
use crate::py::ast::Name;
use crate::py::ast::Pattern;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::eval::Flow;
use crate::py::value::Value;

/// Classes whose single positional pattern is the subject itself.
const SELF_MATCHING: &[&str] = &[
    "bool",
    "bytearray",
    "bytes",
    "dict",
    "float",
    "frozenset",
    "int",
    "list",
    "set",
    "str",
    "tuple",
];

impl Eval<'_> {
    /// Runs the first case that matches.
    pub(crate) fn match_statement(&self, subject: &Expr, cases: &[MatchCase]) -> PyResult<Flow> {
        let value = self.eval(subject)?;
        for case in cases {
            let mut bound = Vec::new();
            if !self.matches(&case.pattern, &value, &mut bound)? {
                continue;
            }
            for (name, value) in bound {
                self.store_name(name, value);
            }
            if let Some(guard) = &case.guard {
                let holds = self.eval(guard)?;
                self.at(guard.span);
                if !self.vm.truth(&holds)? {
                    continue;
                }
            }
            return self.block(&case.body);
        }
        Ok(Flow::Next)
    }

    fn matches<'p>(
        &self,
        pattern: &'p Pattern,
        value: &Value,
        bound: &mut Vec<(&'p Name, Value)>,
    ) -> PyResult<bool> {
        match pattern {
            Pattern::Value(expression) => {
                let wanted = self.eval(expression)?;
                self.at(expression.span);
                self.vm.equal(value, &wanted)
            }
            Pattern::Singleton(constant) => {
                let wanted = crate::py::parse::constant_value(constant).unwrap_or(Value::None);
                self.vm.is_same(value, &wanted)
            }
            Pattern::Sequence(patterns) => self.matches_sequence(patterns, value, bound),
            Pattern::Mapping { items, rest } => {
                self.matches_mapping(items, rest.as_ref(), value, bound)
            }
            Pattern::Class {
                class,
                positional,
                keywords,
            } => self.matches_class(class, positional, keywords, value, bound),
            Pattern::Star(name) => {
                if let Some(name) = name {
                    bound.push((name, value.clone()));
                }
                Ok(true)
            }
            Pattern::As { pattern, name } => {
                if let Some(inner) = pattern
                    && !self.matches(inner, value, bound)?
                {
                    return Ok(false);
                }
                if let Some(name) = name {
                    bound.push((name, value.clone()));
                }
                Ok(true)
            }
            Pattern::Or(patterns) => {
                for inner in patterns {
                    let before = bound.len();
                    if self.matches(inner, value, bound)? {
                        return Ok(true);
                    }
                    bound.truncate(before);
                }
                Ok(false)
            }
        }
    }

    fn matches_sequence<'p>(
        &self,
        patterns: &'p [Pattern],
        value: &Value,
        bound: &mut Vec<(&'p Name, Value)>,
    ) -> PyResult<bool> {
        let items = match crate::py::builtins::receiver::core(value) {
            Value::List(items) => items.borrow().clone(),
            Value::Tuple(items) => items.to_vec(),
            Value::Unresolved(unresolved) => {
                return Err(crate::py::vm::unresolved_error(&unresolved, "in a `match`"));
            }
            _ => return Ok(false),
        };
        let star = patterns
            .iter()
            .position(|pattern| matches!(pattern, Pattern::Star(_)));
        let Some(star) = star else {
            if items.len() != patterns.len() {
                return Ok(false);
            }
            for (pattern, item) in patterns.iter().zip(&items) {
                if !self.matches(pattern, item, bound)? {
                    return Ok(false);
                }
            }
            return Ok(true);
        };
        let after = patterns.len() - star - 1;
        if items.len() < star + after {
            return Ok(false);
        }
        for (at, pattern) in patterns.iter().enumerate() {
            let item = match at.cmp(&star) {
                std::cmp::Ordering::Less => items.get(at).cloned(),
                std::cmp::Ordering::Equal => items
                    .get(star..items.len() - after)
                    .map(|middle| Value::list(middle.to_vec())),
                std::cmp::Ordering::Greater => {
                    items.get(items.len() + at - patterns.len()).cloned()
                }
            };
            if !self.matches(pattern, &item.unwrap_or(Value::None), bound)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn matches_mapping<'p>(
        &self,
        items: &'p [(Expr, Pattern)],
        rest: Option<&'p Name>,
        value: &Value,
        bound: &mut Vec<(&'p Name, Value)>,
    ) -> PyResult<bool> {
        let dict: Rc<std::cell::RefCell<Dict>> = match crate::py::builtins::receiver::core(value) {
            Value::Dict(dict) => dict,
            _ => return Ok(false),
        };
        let mut left = dict.borrow().clone();
        for (key, pattern) in items {
            let key = self.eval(key)?;
            let Some(item) = left.get(&key)? else {
                return Ok(false);
            };
            if !self.matches(pattern, &item, bound)? {
                return Ok(false);
            }
            left.remove(&key)?;
        }
        if let Some(rest) = rest {
            bound.push((rest, Value::dict(left)));
        }
        Ok(true)
    }

    fn matches_class<'p>(
        &self,
        class: &'p Expr,
        positional: &'p [Pattern],
        keywords: &'p [(Rc<str>, Pattern)],
        value: &Value,
        bound: &mut Vec<(&'p Name, Value)>,
    ) -> PyResult<bool> {
        let class_value = self.eval(class)?;
        self.at(class.span);
        if !self.vm.is_instance_of(value, &class_value)? {
            return Ok(false);
        }
        let is_self_matching = match &class_value {
            Value::Class(class) => class.native.is_some_and(|native| {
                native.module == "builtins" && SELF_MATCHING.contains(&native.name)
            }),
            _ => false,
        };
        if is_self_matching && !positional.is_empty() {
            if let Some(pattern) = positional.first()
                && !self.matches(pattern, value, bound)?
            {
                return Ok(false);
            }
        } else if !positional.is_empty() {
            let names = match self.vm.find_attr(&class_value, "__match_args__")? {
                Some(names) => self.vm.collect(&names)?,
                None => Vec::new(),
            };
            if names.len() < positional.len() {
                let name = self.vm.callable_name(&class_value);
                return Err(PyError::type_error(format!(
                    "{name}() accepts {} positional sub-patterns ({} given)",
                    names.len(),
                    positional.len()
                )));
            }
            for (name, pattern) in names.iter().zip(positional) {
                let name = name.as_str().unwrap_or_else(|| Rc::from(""));
                if !self.matches_attribute(value, &name, pattern, bound)? {
                    return Ok(false);
                }
            }
        }
        for (name, pattern) in keywords {
            if !self.matches_attribute(value, name, pattern, bound)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn matches_attribute<'p>(
        &self,
        value: &Value,
        name: &str,
        pattern: &'p Pattern,
        bound: &mut Vec<(&'p Name, Value)>,
    ) -> PyResult<bool> {
        match self.vm.find_attr(value, name)? {
            Some(item) => self.matches(pattern, &item, bound),
            None => Ok(false),
        }
    }
}
