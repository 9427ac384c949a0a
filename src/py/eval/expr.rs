//! Expressions.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::ast::CompareOperator;
use crate::py::ast::Constant;
use crate::py::ast::Expr;
use crate::py::ast::ExprKind;
use crate::py::ast::Keyword;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::eval::stack;
use crate::py::object::BinaryOperator;
use crate::py::value::Value;

impl Eval<'_> {
    /// Evaluates an expression.
    pub(crate) fn eval(&self, expression: &Expr) -> PyResult<Value> {
        match &expression.kind {
            ExprKind::Constant(constant) => self.constant(constant),
            ExprKind::Name(name) => self
                .load_name(name)
                .inspect_err(|_| self.at(expression.span)),
            _ => stack::grow(|| self.eval_inner(expression)),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn eval_inner(&self, expression: &Expr) -> PyResult<Value> {
        let span = expression.span;
        match &expression.kind {
            ExprKind::Constant(constant) => self.constant(constant),
            ExprKind::Name(name) => self.load_name(name),
            ExprKind::BoolOp { is_and, values } => self.bool_op(*is_and, values),
            ExprKind::Named(pair) => {
                let (target, value) = &**pair;
                let value = self.eval(value)?;
                self.assign(target, value.clone())?;
                Ok(value)
            }
            ExprKind::Binary { first, rest } => {
                let mut left = self.eval(first)?;
                for (operator, operand) in rest {
                    let right = self.eval(operand)?;
                    self.at(span);
                    left = self.vm.binary(*operator, &left, &right)?;
                }
                Ok(left)
            }
            ExprKind::Unary(operator, operand) => {
                let value = self.eval(operand)?;
                self.at(span);
                self.vm.unary(*operator, &value)
            }
            ExprKind::Not(operand) => {
                let value = self.eval(operand)?;
                self.at(span);
                Ok(Value::Bool(!self.vm.truth(&value)?))
            }
            ExprKind::Lambda(def) => self.make_function(def),
            ExprKind::IfElse {
                test,
                body,
                otherwise,
            } => {
                let value = self.eval(test)?;
                self.at(test.span);
                self.eval(if self.vm.truth(&value)? {
                    body
                } else {
                    otherwise
                })
            }
            ExprKind::Dict(items) => self.dict(items),
            ExprKind::Set(items) => {
                let items = self.items(items)?;
                self.at(span);
                self.vm.make_set(items, false)
            }
            ExprKind::List(items) => self.items(items).map(Value::list),
            ExprKind::Tuple(items) => self.items(items).map(Value::tuple),
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExprKind::Await(operand) => {
                let value = self.eval(operand)?;
                self.at(span);
                self.vm.await_value(&value)
            }
            ExprKind::Yield(operand) => {
                let value = operand
                    .as_ref()
                    .map_or(Ok(Value::None), |operand| self.eval(operand))?;
                self.at(span);
                self.suspend(value)
            }
            ExprKind::YieldFrom(operand) => {
                let value = self.eval(operand)?;
                self.at(span);
                self.yield_from(&value)
            }
            ExprKind::Compare { first, rest } => self.compare(expression, first, rest),
            ExprKind::Call(call) => {
                let callee = self.eval(&call.callee)?;
                let args = self.arguments(&call.positional, &call.keywords, &callee)?;
                self.at(span);
                self.vm.call(&callee, args)
            }
            ExprKind::FString(parts) => self.f_string(parts, span),
            ExprKind::Attribute { value, name } => {
                let value = self.eval(value)?;
                self.at(span);
                self.vm.get_attr(&value, name)
            }
            ExprKind::Subscript { value, key } => {
                let value = self.eval(value)?;
                let key = self.eval(key)?;
                self.at(span);
                self.vm.get_item(&value, &key)
            }
            ExprKind::Starred(_) => Err(PyError::type_error("can't use starred expression here")),
            ExprKind::Slice(parts) => {
                let [start, stop, step] = &**parts;
                let part = |part: &Option<Expr>| {
                    part.as_ref()
                        .map_or(Ok(Value::None), |part| self.eval(part))
                };
                Ok(self.vm.make_slice(part(start)?, part(stop)?, part(step)?))
            }
        }
    }

    fn constant(&self, constant: &Constant) -> PyResult<Value> {
        match constant {
            Constant::Unsupported(reason) => Err(PyError::unsupported(*reason)),
            other => Ok(crate::py::parse::constant_value(other).unwrap_or(Value::None)),
        }
    }

    fn bool_op(&self, is_and: bool, values: &[Expr]) -> PyResult<Value> {
        let mut result = Value::None;
        for (at, value) in values.iter().enumerate() {
            result = self.eval(value)?;
            if at + 1 < values.len() {
                self.at(value.span);
                if self.vm.truth(&result)? != is_and {
                    break;
                }
            }
        }
        Ok(result)
    }

    fn compare(
        &self,
        expression: &Expr,
        first: &Expr,
        rest: &[(CompareOperator, Expr)],
    ) -> PyResult<Value> {
        let mut left = self.eval(first)?;
        let mut result = Value::Bool(true);
        for (at, (operator, operand)) in rest.iter().enumerate() {
            let right = self.eval(operand)?;
            self.at(expression.span);
            result = self.compare_one(*operator, &left, &right)?;
            if at + 1 < rest.len() && !self.vm.truth(&result)? {
                break;
            }
            left = right;
        }
        Ok(result)
    }

    fn compare_one(
        &self,
        operator: CompareOperator,
        left: &Value,
        right: &Value,
    ) -> PyResult<Value> {
        Ok(match operator {
            CompareOperator::Binary(operator) => return self.vm.binary(operator, left, right),
            CompareOperator::Is => Value::Bool(self.vm.is_same(left, right)?),
            CompareOperator::IsNot => Value::Bool(!self.vm.is_same(left, right)?),
            CompareOperator::In => Value::Bool(self.vm.contains(right, left)?),
            CompareOperator::NotIn => Value::Bool(!self.vm.contains(right, left)?),
        })
    }

    /// Evaluates items, unpacking starred ones.
    pub(crate) fn items(&self, items: &[Expr]) -> PyResult<Vec<Value>> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match &item.kind {
                ExprKind::Starred(inner) => {
                    let value = self.eval(inner)?;
                    self.at(item.span);
                    values.extend(self.vm.collect(&value)?);
                }
                _ => values.push(self.eval(item)?),
            }
        }
        Ok(values)
    }

    fn dict(&self, items: &[(Option<Expr>, Expr)]) -> PyResult<Value> {
        let mut dict = Dict::new();
        for (key, value) in items {
            match key {
                Some(key_expression) => {
                    let key = self.eval(key_expression)?;
                    let value = self.eval(value)?;
                    self.at(key_expression.span);
                    dict.insert(key, value)?;
                }
                None => {
                    let mapping = self.eval(value)?;
                    self.at(value.span);
                    let entries = self.vm.mapping_items(&mapping)?.ok_or_else(|| {
                        PyError::type_error(format!(
                            "'{}' object is not a mapping",
                            self.vm.class_of(&mapping).name
                        ))
                    })?;
                    for (key, value) in entries {
                        dict.insert(key, value)?;
                    }
                }
            }
        }
        Ok(Value::dict(dict))
    }

    /// Evaluates the arguments of a call.
    pub(crate) fn arguments(
        &self,
        positional: &[Expr],
        keywords: &[Keyword],
        callee: &Value,
    ) -> PyResult<Args> {
        let mut args = Args {
            // a receiver may come before them
            positional: Vec::with_capacity(positional.len() + 1),
            keywords: Vec::with_capacity(keywords.len()),
        };
        for item in positional {
            match &item.kind {
                ExprKind::Starred(inner) => {
                    let value = self.eval(inner)?;
                    self.at(item.span);
                    let items = self
                        .vm
                        .collect(&value)
                        .map_err(|error| self.not_iterable_star(error, callee, &value))?;
                    args.positional.extend(items);
                }
                _ => args.positional.push(self.eval(item)?),
            }
        }
        for keyword in keywords {
            let value = self.eval(&keyword.value)?;
            match &keyword.name {
                Some(name) => args.keywords.push((name.clone(), value)),
                None => {
                    self.at(keyword.span);
                    self.spread_keywords(&mut args, &value, callee)?;
                }
            }
        }
        Ok(args)
    }

    fn not_iterable_star(&self, error: PyError, callee: &Value, value: &Value) -> PyError {
        if error.matches(&crate::py::exceptions::TYPE_ERROR) && error.frames().is_empty() {
            let name = self.vm.callable_name(callee);
            return PyError::type_error(format!(
                "{name} argument after * must be an iterable, not {}",
                self.vm.class_of(value).name
            ));
        }
        error
    }

    /// `**value` in a call.
    fn spread_keywords(&self, args: &mut Args, value: &Value, callee: &Value) -> PyResult<()> {
        let name = || self.vm.callable_name(callee);
        let Some(entries) = self.vm.mapping_items(value)? else {
            return Err(PyError::type_error(format!(
                "{} argument after ** must be a mapping, not {}",
                name(),
                self.vm.class_of(value).name
            )));
        };
        for (key, value) in entries {
            let Some(key) = key.as_str() else {
                return Err(PyError::type_error("keywords must be strings"));
            };
            if args.keywords.iter().any(|(known, _)| *known == key) {
                return Err(PyError::type_error(format!(
                    "{} got multiple values for keyword argument '{key}'",
                    name()
                )));
            }
            args.keywords.push((key, value));
        }
        Ok(())
    }

    /// `target op= value`.
    pub(crate) fn augment(
        &self,
        operator: BinaryOperator,
        left: &Value,
        right: &Value,
    ) -> PyResult<Value> {
        self.vm.in_place(operator, left, right)
    }
}

/// The tuple of a vector, shared.
pub(crate) fn shared(items: Vec<Value>) -> Rc<[Value]> {
    Rc::from(items)
}
