//! Operations on any value: built-in kinds first, then native objects, then special methods written in Python.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::builtins;
use crate::py::builtins::items;
use crate::py::builtins::iter::Iter;
use crate::py::builtins::operators;
use crate::py::class::Instance;
use crate::py::dict::Dict;
use crate::py::dict::identical;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::Object;
use crate::py::object::UnaryOperator;
use crate::py::value::SetValue;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;

impl Vm {
    /// `left op right`, with reflection.
    pub fn binary(&self, operator: BinaryOperator, left: &Value, right: &Value) -> PyResult<Value> {
        for side in [left, right] {
            if let Value::Unresolved(unresolved) = side {
                return Err(unresolved_error(
                    unresolved,
                    &format!("as an operand of `{}`", operators::symbol(operator)),
                ));
            }
        }
        let left_special = is_open(left);
        let right_special = is_open(right);
        if !left_special && !right_special {
            return match operators::binary(self, operator, left, right)? {
                Some(value) => Ok(value),
                None => self.binary_fallback(operator, left, right),
            };
        }
        let right_first = right_special && overrides(self, left, right);
        if right_first && let Some(value) = self.binary_side(operator, right, left, true)? {
            return Ok(value);
        }
        if let Some(value) = self.binary_side(operator, left, right, false)? {
            return Ok(value);
        }
        if !right_first && let Some(value) = self.binary_side(operator, right, left, true)? {
            return Ok(value);
        }
        if let (BinaryOperator::Mod, Value::Str(text)) = (operator, builtins::receiver::core(left))
        {
            return builtins::str::percent::format(self, &text, right);
        }
        if let Some(value) = operators::binary(self, operator, left, right)? {
            return Ok(value);
        }
        self.binary_fallback(operator, left, right)
    }

    /// What one side says: the native object, or its special method.
    fn binary_side(
        &self,
        operator: BinaryOperator,
        own: &Value,
        other: &Value,
        reflected: bool,
    ) -> PyResult<Option<Value>> {
        match own {
            Value::Native(object) => {
                let shown = if reflected {
                    mirrored(operator)
                } else {
                    operator
                };
                let answer = if is_comparison(operator) {
                    object.clone().binary(self, shown, other, false)?
                } else {
                    object.clone().binary(self, operator, other, reflected)?
                };
                if answer.is_some() {
                    return Ok(answer.filter(|value| !matches!(value, Value::NotImplemented)));
                }
                self.special_binary(operator, own, other, reflected)
            }
            Value::Instance(instance) => {
                if let Some(answer) = self.special_binary(operator, own, other, reflected)? {
                    return Ok(Some(answer));
                }
                match instance.base_value() {
                    Some(base @ Value::Native(_)) => {
                        self.binary_side(operator, &base, other, reflected)
                    }
                    _ => Ok(None),
                }
            }
            Value::Class(class) if class.metaclass.is_some() => {
                self.special_binary(operator, own, other, reflected)
            }
            _ => Ok(None),
        }
    }

    /// A special method in the class of `own`.
    fn special_binary(
        &self,
        operator: BinaryOperator,
        own: &Value,
        other: &Value,
        reflected: bool,
    ) -> PyResult<Option<Value>> {
        let class = self.class_of(own);
        let name = if reflected {
            reflected_name(operator)
        } else {
            special_name(operator)
        };
        let found = match class.special(name) {
            // Built-in classes answer through `operators::binary`.
            Some(Value::Builtin(_))
                if class
                    .native_base()
                    .is_some_and(|native| native.module == "builtins")
                    && class.native.is_none() =>
            {
                None
            }
            other => other,
        };
        if let Some(method) = found.filter(|method| !method.is_none()) {
            let answer = self.call_special(&method, own, Args::of(vec![other.clone()]))?;
            return Ok(Some(answer).filter(|value| !matches!(value, Value::NotImplemented)));
        }
        if operator == BinaryOperator::Ne
            && let Some(method @ Value::Function(_)) = class.special("__eq__")
        {
            let answer = self.call_special(&method, own, Args::of(vec![other.clone()]))?;
            if !matches!(answer, Value::NotImplemented) {
                return Ok(Some(Value::Bool(!self.truth(&answer)?)));
            }
        }
        Ok(None)
    }

    /// `==` and `!=` fall back to identity; everything else is a `TypeError`.
    fn binary_fallback(
        &self,
        operator: BinaryOperator,
        left: &Value,
        right: &Value,
    ) -> PyResult<Value> {
        match operator {
            BinaryOperator::Eq => Ok(Value::Bool(identical(left, right))),
            BinaryOperator::Ne => Ok(Value::Bool(!identical(left, right))),
            _ => Err(operators::binary_error(self, operator, left, right)),
        }
    }

    /// `left op= right`: changes lists, sets and dictionaries in place, asks `__iadd__` and its kin, else `left op right`.
    pub fn in_place(
        &self,
        operator: BinaryOperator,
        left: &Value,
        right: &Value,
    ) -> PyResult<Value> {
        if let Value::Unresolved(unresolved) = right {
            return Err(unresolved_error(
                unresolved,
                &format!("as an operand of `{}=`", operators::symbol(operator)),
            ));
        }
        match (operator, left) {
            (BinaryOperator::Add, Value::List(items)) => {
                let more = self.collect(right)?;
                crate::py::builtins::errors::check_items(
                    items.borrow().len().checked_add(more.len()),
                )?;
                items.borrow_mut().extend(more);
                return Ok(left.clone());
            }
            (BinaryOperator::Or, Value::Dict(dict)) => {
                if let Some(entries) = self.mapping_items(right)? {
                    let mut dict = dict.borrow_mut();
                    for (key, value) in entries {
                        dict.insert(key, value)?;
                    }
                    return Ok(left.clone());
                }
            }
            (
                BinaryOperator::Or
                | BinaryOperator::And
                | BinaryOperator::Sub
                | BinaryOperator::Xor,
                Value::Set(set),
            ) if !set.frozen => {
                if let Value::Set(result) = self.binary(operator, left, right)? {
                    let items = result.items.borrow().clone();
                    *set.items.borrow_mut() = items;
                    return Ok(left.clone());
                }
            }
            (_, Value::Instance(_) | Value::Native(_)) => {
                let name = special_name(operator).replacen("__", "__i", 1);
                if let Some(method) = self.class_of(left).special(&name) {
                    let answer = self.call_special(&method, left, Args::of(vec![right.clone()]))?;
                    if !matches!(answer, Value::NotImplemented) {
                        return Ok(answer);
                    }
                }
            }
            _ => {}
        }
        self.binary(operator, left, right)
    }

    /// `-x`, `+x`, `~x`.
    pub fn unary(&self, operator: UnaryOperator, value: &Value) -> PyResult<Value> {
        let name = match operator {
            UnaryOperator::Neg => "__neg__",
            UnaryOperator::Pos => "__pos__",
            UnaryOperator::Invert => "__invert__",
        };
        if let Value::Unresolved(unresolved) = value {
            return Err(unresolved_error(unresolved, "as an operand"));
        }
        if let Some(result) = self.ask(value, name, Args::none())? {
            return Ok(result);
        }
        if let Some(object) = native_of(value)
            && let Some(result) = object.unary(self, operator)?
        {
            return Ok(result);
        }
        if let Some(result) = operators::unary(self, operator, value)? {
            return Ok(result);
        }
        let symbol = match operator {
            UnaryOperator::Neg => "-",
            UnaryOperator::Pos => "+",
            UnaryOperator::Invert => "~",
        };
        Err(PyError::type_error(format!(
            "bad operand type for unary {symbol}: '{}'",
            self.class_of(value).name
        )))
    }

    /// `bool(left == right)`.
    pub fn equal(&self, left: &Value, right: &Value) -> PyResult<bool> {
        let answer = self.binary(BinaryOperator::Eq, left, right)?;
        self.truth(&answer)
    }

    /// `left is right`; an unresolved value is the same only as itself, compared with anything else it is an error.
    pub fn is_same(&self, left: &Value, right: &Value) -> PyResult<bool> {
        if identical(left, right) {
            return Ok(true);
        }
        for side in [left, right] {
            if let Value::Unresolved(unresolved) = side {
                return Err(unresolved_error(unresolved, "in a comparison with `is`"));
            }
        }
        Ok(false)
    }

    /// `bool(value)`; an unresolved value is an error.
    pub fn truth(&self, value: &Value) -> PyResult<bool> {
        match value {
            Value::Bool(flag) => return Ok(*flag),
            Value::None => return Ok(false),
            Value::Unresolved(unresolved) => {
                return Err(unresolved_error(unresolved, "as a condition"));
            }
            _ => {}
        }
        if let Some(answer) = self.ask(value, "__bool__", Args::none())? {
            return match answer {
                Value::Bool(flag) => Ok(flag),
                other => Err(PyError::type_error(format!(
                    "__bool__ should return bool, returned {}",
                    self.class_of(&other).name
                ))),
            };
        }
        if let Some(object) = native_of(value) {
            if let Some(flag) = object.clone().truth(self)? {
                return Ok(flag);
            }
            if let Some(length) = object.len(self)? {
                return Ok(length > 0);
            }
        }
        if let Some(answer) = self.ask(value, "__len__", Args::none())? {
            return self.truth(&answer);
        }
        Ok(operators::truth(self, value)?.unwrap_or(true))
    }

    /// `len(value)`.
    pub fn len(&self, value: &Value) -> PyResult<usize> {
        if let Some(answer) = self.ask(value, "__len__", Args::none())? {
            return match answer {
                Value::Int(number) => usize::try_from(number)
                    .map_err(|_| PyError::value_error("__len__() should return >= 0")),
                other => Err(PyError::type_error(format!(
                    "'{}' object cannot be interpreted as an integer",
                    self.class_of(&other).name
                ))),
            };
        }
        if let Some(object) = native_of(value)
            && let Some(length) = object.len(self)?
        {
            return Ok(length);
        }
        operators::len(self, value)?.ok_or_else(|| {
            PyError::type_error(format!(
                "object of type '{}' has no len()",
                self.class_of(value).name
            ))
        })
    }

    /// `item in value`.
    pub fn contains(&self, value: &Value, item: &Value) -> PyResult<bool> {
        if let Some(answer) = self.ask(value, "__contains__", Args::of(vec![item.clone()]))? {
            return self.truth(&answer);
        }
        if let Some(object) = native_of(value)
            && let Some(flag) = object.contains(self, item)?
        {
            return Ok(flag);
        }
        if let Some(flag) = operators::contains(self, value, item)? {
            return Ok(flag);
        }
        let mut iter = Iter::of(self, value).map_err(|error| {
            if error.matches(&crate::py::exceptions::TYPE_ERROR) {
                PyError::type_error(format!(
                    "argument of type '{}' is not iterable",
                    self.class_of(value).name
                ))
            } else {
                error
            }
        })?;
        while let Some(candidate) = iter.next(self)? {
            if identical(&candidate, item) || self.equal(&candidate, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `list(value)` as a Rust vector.
    pub fn collect(&self, value: &Value) -> PyResult<Vec<Value>> {
        match value {
            Value::List(items) => return Ok(items.borrow().clone()),
            Value::Tuple(items) => return Ok(items.to_vec()),
            _ => {}
        }
        let mut iter = Iter::of(self, value)?;
        let mut items = Vec::new();
        while let Some(item) = iter.next(self)? {
            items.push(item);
        }
        Ok(items)
    }

    /// Keys and values of a mapping (`dict`, a subclass, or anything with `keys()` and `[]`); `None` when it is not one.
    pub fn mapping_items(&self, value: &Value) -> PyResult<Option<Vec<(Value, Value)>>> {
        let entries = |dict: &Dict| {
            dict.iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        };
        match value {
            Value::Dict(dict) => return Ok(Some(entries(&dict.borrow()))),
            Value::Unresolved(unresolved) => {
                return Err(unresolved_error(unresolved, "to unpack it"));
            }
            Value::Instance(instance) => {
                if let (Some(Value::Dict(dict)), None | Some(Value::Builtin(_))) =
                    (instance.base_value(), instance.class().special("keys"))
                {
                    return Ok(Some(entries(&dict.borrow())));
                }
            }
            Value::Native(_) => {}
            _ => return Ok(None),
        }
        let Some(keys) = self.find_attr(value, "keys")? else {
            return Ok(None);
        };
        let keys = self.call(&keys, Args::none())?;
        let mut items = Vec::new();
        for key in self.collect(&keys)? {
            let item = self.get_item(value, &key)?;
            items.push((key, item));
        }
        Ok(Some(items))
    }

    /// `value[key]`.
    pub fn get_item(&self, value: &Value, key: &Value) -> PyResult<Value> {
        if let Value::Unresolved(unresolved) = value {
            return Ok(self.derived(unresolved, "[…]"));
        }
        if let Some(answer) = self.ask(value, "__getitem__", Args::of(vec![key.clone()]))? {
            return Ok(answer);
        }
        if let Some(object) = native_of(value)
            && let Some(item) = object.get_item(self, key)?
        {
            return Ok(item);
        }
        if let Value::Class(class) = value
            && let Some(unresolved) = &class.unresolved
        {
            return Ok(self.derived(unresolved, "[…]"));
        }
        match items::get_item(self, value, key)? {
            Some(item) => Ok(item),
            None => {
                if let Value::Instance(instance) = value
                    && let Some(unresolved) = &instance.class().unresolved
                {
                    return Ok(self.derived(unresolved, "()[…]"));
                }
                let class = self.class_of(value);
                Err(PyError::type_error(match value {
                    Value::Class(class) => format!("type '{}' is not subscriptable", class.name),
                    _ => format!("'{}' object is not subscriptable", class.name),
                }))
            }
        }
    }

    /// `value[key] = new`.
    pub fn set_item(&self, value: &Value, key: &Value, new: Value) -> PyResult<()> {
        if let Value::Unresolved(_) = value {
            return Ok(());
        }
        if self
            .ask(
                value,
                "__setitem__",
                Args::of(vec![key.clone(), new.clone()]),
            )?
            .is_some()
        {
            return Ok(());
        }
        if let Some(object) = native_of(value)
            && object.set_item(self, key, new.clone())?
        {
            return Ok(());
        }
        if items::set_item(self, &crate::py::builtins::receiver::core(value), key, new)? {
            return Ok(());
        }
        Err(PyError::type_error(format!(
            "'{}' object does not support item assignment",
            self.class_of(value).name
        )))
    }

    /// `del value[key]`.
    pub fn del_item(&self, value: &Value, key: &Value) -> PyResult<()> {
        if let Value::Unresolved(_) = value {
            return Ok(());
        }
        if self
            .ask(value, "__delitem__", Args::of(vec![key.clone()]))?
            .is_some()
        {
            return Ok(());
        }
        if let Some(object) = native_of(value)
            && object.del_item(self, key)?
        {
            return Ok(());
        }
        if items::del_item(self, &crate::py::builtins::receiver::core(value), key)? {
            return Ok(());
        }
        Err(PyError::type_error(format!(
            "'{}' object does not support item deletion",
            self.class_of(value).name
        )))
    }

    /// `repr(value)`.
    pub fn repr(&self, value: &Value) -> PyResult<String> {
        if let Some(answer) = self.ask(value, "__repr__", Args::none())? {
            return self.expect_text(answer, "__repr__");
        }
        if let Value::Class(class) = value
            && let Some(method) = class
                .metaclass
                .as_ref()
                .and_then(|metaclass| metaclass.special("__repr__"))
        {
            let answer = self.call(&method, Args::of(vec![value.clone()]))?;
            return self.expect_text(answer, "__repr__");
        }
        if let Some(object) = native_of(value)
            && let Some(text) = object.repr(self)?
        {
            return Ok(text);
        }
        match builtins::repr::repr(self, value)? {
            Some(text) => Ok(text),
            None => Ok(builtins::repr::default_repr(self, value)),
        }
    }

    /// `str(value)`.
    pub fn str(&self, value: &Value) -> PyResult<String> {
        if let Value::Str(text) = value {
            return Ok(text.to_string());
        }
        if let Some(answer) = self.ask(value, "__str__", Args::none())? {
            return self.expect_text(answer, "__str__");
        }
        if let Some(object) = native_of(value)
            && let Some(text) = object.str(self)?
        {
            return Ok(text);
        }
        match builtins::repr::str(self, value)? {
            Some(text) => Ok(text),
            None => self.repr(value),
        }
    }

    fn expect_text(&self, answer: Value, method: &str) -> PyResult<String> {
        match &answer {
            Value::Unresolved(unresolved) => Err(unresolved_error(unresolved, "as text")),
            other => match other.as_str() {
                Some(text) => Ok(text.to_string()),
                None => Err(PyError::type_error(format!(
                    "{method} returned non-string (type {})",
                    self.class_of(other).name
                ))),
            },
        }
    }

    /// `ascii(value)`.
    pub fn ascii(&self, value: &Value) -> PyResult<String> {
        Ok(builtins::repr::ascii(&self.repr(value)?))
    }

    /// `format(value, spec)`.
    pub fn format(&self, value: &Value, spec: &str) -> PyResult<String> {
        match value {
            Value::Str(text) if spec.is_empty() => Ok(text.to_string()),
            Value::Unresolved(unresolved) => Err(unresolved_error(unresolved, "as text")),
            _ => builtins::str::spec::format_value(self, value, spec),
        }
    }

    /// `{a, b}`.
    pub(crate) fn make_set(&self, items: Vec<Value>, frozen: bool) -> PyResult<Value> {
        let mut dict = Dict::new();
        for item in items {
            if dict.get(&item)?.is_none() {
                dict.insert(item, Value::None)?;
            }
        }
        Ok(Value::Set(Rc::new(SetValue {
            frozen,
            items: std::cell::RefCell::new(dict),
        })))
    }

    /// `start:stop:step`.
    pub(crate) fn make_slice(&self, start: Value, stop: Value, step: Value) -> Value {
        Value::object(items::Slice { start, stop, step })
    }

    /// Calls a special method that the class of an instance defines in Python or in a native table; `None` when it defines none.
    /// Classes of built-in kinds are not asked: [`operators`] knows them.
    pub fn ask(&self, value: &Value, name: &str, args: Args) -> PyResult<Option<Value>> {
        let class = match value {
            Value::Instance(instance) => instance.class(),
            Value::Native(object) => object.class(),
            Value::Class(class) => match &class.metaclass {
                Some(metaclass) => metaclass.clone(),
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        match class.special(name) {
            None | Some(Value::None) => Ok(None),
            Some(Value::Builtin(_)) if has_builtin_base(value) => Ok(None),
            Some(method) => self.call_special(&method, value, args).map(Some),
        }
    }

    /// Calls what a class holds under a special name, bound to the value.
    pub(crate) fn call_special(
        &self,
        method: &Value,
        value: &Value,
        mut args: Args,
    ) -> PyResult<Value> {
        match method {
            Value::Function(_) | Value::Builtin(_) => {
                args.positional.insert(0, value.clone());
                self.call(method, args)
            }
            other => {
                let class = self.class_of(value);
                let bound = self.bind_attribute(other.clone(), Some(value), &class)?;
                self.call(&bound, args)
            }
        }
    }
}

/// Whether an instance stands for a built-in value: then built-in behaviour is found through that, not through method tables.
fn has_builtin_base(value: &Value) -> bool {
    match value {
        Value::Instance(instance) => instance
            .base_value()
            .is_some_and(|base| !matches!(base, Value::Native(_))),
        _ => false,
    }
}

/// The native object that a value is or wraps.
pub(crate) fn native_of(value: &Value) -> Option<Rc<dyn Object>> {
    match value {
        Value::Native(object) => Some(object.clone()),
        Value::Instance(instance) => base_object(instance),
        _ => None,
    }
}

fn base_object(instance: &Instance) -> Option<Rc<dyn Object>> {
    match instance.base_value() {
        Some(Value::Native(object)) => Some(object),
        Some(Value::Instance(inner)) => base_object(&inner),
        _ => None,
    }
}

/// Whether a value may have operators of its own.
fn is_open(value: &Value) -> bool {
    match value {
        Value::Instance(_) | Value::Native(_) => true,
        Value::Class(class) => class.metaclass.is_some(),
        _ => false,
    }
}

/// Whether the right side goes first: its class is a proper subclass of the left one's.
fn overrides(vm: &Vm, left: &Value, right: &Value) -> bool {
    let (one, other) = (vm.class_of(left), vm.class_of(right));
    !Rc::ptr_eq(&one, &other) && other.is_subclass(&one) && !one.is_object()
}

fn is_comparison(operator: BinaryOperator) -> bool {
    use BinaryOperator::*;
    matches!(operator, Eq | Ne | Lt | Le | Gt | Ge)
}

/// `a < b` seen from `b`.
fn mirrored(operator: BinaryOperator) -> BinaryOperator {
    match operator {
        BinaryOperator::Lt => BinaryOperator::Gt,
        BinaryOperator::Le => BinaryOperator::Ge,
        BinaryOperator::Gt => BinaryOperator::Lt,
        BinaryOperator::Ge => BinaryOperator::Le,
        other => other,
    }
}

/// The special method of an operator.
pub(crate) fn special_name(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Add => "__add__",
        BinaryOperator::Sub => "__sub__",
        BinaryOperator::Mul => "__mul__",
        BinaryOperator::Div => "__truediv__",
        BinaryOperator::FloorDiv => "__floordiv__",
        BinaryOperator::Mod => "__mod__",
        BinaryOperator::Pow => "__pow__",
        BinaryOperator::MatMul => "__matmul__",
        BinaryOperator::And => "__and__",
        BinaryOperator::Or => "__or__",
        BinaryOperator::Xor => "__xor__",
        BinaryOperator::LeftShift => "__lshift__",
        BinaryOperator::RightShift => "__rshift__",
        BinaryOperator::Eq => "__eq__",
        BinaryOperator::Ne => "__ne__",
        BinaryOperator::Lt => "__lt__",
        BinaryOperator::Le => "__le__",
        BinaryOperator::Gt => "__gt__",
        BinaryOperator::Ge => "__ge__",
    }
}

/// The special method of an operator on the right side.
fn reflected_name(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Add => "__radd__",
        BinaryOperator::Sub => "__rsub__",
        BinaryOperator::Mul => "__rmul__",
        BinaryOperator::Div => "__rtruediv__",
        BinaryOperator::FloorDiv => "__rfloordiv__",
        BinaryOperator::Mod => "__rmod__",
        BinaryOperator::Pow => "__rpow__",
        BinaryOperator::MatMul => "__rmatmul__",
        BinaryOperator::And => "__rand__",
        BinaryOperator::Or => "__ror__",
        BinaryOperator::Xor => "__rxor__",
        BinaryOperator::LeftShift => "__rlshift__",
        BinaryOperator::RightShift => "__rrshift__",
        comparison => special_name(mirrored(comparison)),
    }
}
