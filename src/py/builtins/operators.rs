//! Operators on built-in values. Each function answers `None` where the built-in kinds have no say, so that the evaluator can go on to native objects and
//! special methods written in Python.

use std::cmp::Ordering;
use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::py::dict::Dict;
use crate::py::dict::identical;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::eval::stack::nested;
use crate::py::object::BinaryOperator;
use crate::py::object::UnaryOperator;
use crate::py::value::SetValue;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::errors::check_items;
use super::errors::check_size;

use super::numbers;
use super::numbers::Number;
use super::receiver::core;

/// The operator as written.
pub fn symbol(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Add => "+",
        BinaryOperator::Sub => "-",
        BinaryOperator::Mul => "*",
        BinaryOperator::Div => "/",
        BinaryOperator::FloorDiv => "//",
        BinaryOperator::Mod => "%",
        BinaryOperator::Pow => "**",
        BinaryOperator::MatMul => "@",
        BinaryOperator::And => "&",
        BinaryOperator::Or => "|",
        BinaryOperator::Xor => "^",
        BinaryOperator::LeftShift => "<<",
        BinaryOperator::RightShift => ">>",
        BinaryOperator::Eq => "==",
        BinaryOperator::Ne => "!=",
        BinaryOperator::Lt => "<",
        BinaryOperator::Le => "<=",
        BinaryOperator::Gt => ">",
        BinaryOperator::Ge => ">=",
    }
}

/// `left op right` of built-in values (and of instances of their subclasses, through their base values).
pub fn binary(
    vm: &Vm,
    operator: BinaryOperator,
    left: &Value,
    right: &Value,
) -> PyResult<Option<Value>> {
    let original = right;
    let (left, right) = (&core(left), &core(right));
    if let (Value::Bool(left), Value::Bool(right)) = (left, right)
        && let Some(result) = booleans(operator, *left, *right)
    {
        return Ok(Some(Value::Bool(result)));
    }
    if let (Some(left), Some(right)) = (Number::of(left), Number::of(right)) {
        return numbers::binary(operator, &left, &right);
    }
    match operator {
        BinaryOperator::Eq
        | BinaryOperator::Ne
        | BinaryOperator::Lt
        | BinaryOperator::Le
        | BinaryOperator::Gt
        | BinaryOperator::Ge => compare(vm, operator, left, right),
        BinaryOperator::Add => add(left, right),
        BinaryOperator::Mul => match (left, right) {
            (sequence, Value::Int(_) | Value::Bool(_) | Value::BigInt(_)) => {
                repeat(sequence, right)
            }
            (Value::Int(_) | Value::Bool(_) | Value::BigInt(_), sequence) => repeat(sequence, left),
            _ => Ok(None),
        },
        BinaryOperator::Mod => match left {
            Value::Str(text) => super::str::percent::format(vm, text, original).map(Some),
            _ => Ok(None),
        },
        BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Xor | BinaryOperator::Sub => {
            match (left, right) {
                (Value::Set(left), Value::Set(right)) => {
                    super::set::algebra(operator, left, right).map(Some)
                }
                (Value::Dict(left), Value::Dict(right)) if operator == BinaryOperator::Or => {
                    let mut merged = left.borrow().clone();
                    merged.update(&right.borrow())?;
                    Ok(Some(Value::dict(merged)))
                }
                (Value::Class(_) | Value::None, Value::Class(_) | Value::None)
                    if operator == BinaryOperator::Or =>
                {
                    super::class_union(vm, left, right)
                }
                _ => Ok(None),
            }
        }
        BinaryOperator::Div
        | BinaryOperator::FloorDiv
        | BinaryOperator::Pow
        | BinaryOperator::MatMul
        | BinaryOperator::LeftShift
        | BinaryOperator::RightShift => Ok(None),
    }
}

/// The operators that give a `bool` for two of them.
fn booleans(operator: BinaryOperator, left: bool, right: bool) -> Option<bool> {
    match operator {
        BinaryOperator::And => Some(left & right),
        BinaryOperator::Or => Some(left | right),
        BinaryOperator::Xor => Some(left ^ right),
        _ => None,
    }
}

/// `left + right` of sequences.
fn add(left: &Value, right: &Value) -> PyResult<Option<Value>> {
    Ok(match (left, right) {
        (Value::Str(left), Value::Str(right)) => {
            check_size(left.len().checked_add(right.len()))?;
            let mut text = String::with_capacity(left.len() + right.len());
            text.push_str(left);
            text.push_str(right);
            Some(Value::Str(Rc::from(text)))
        }
        (Value::List(left), Value::List(right)) => {
            check_items(left.borrow().len().checked_add(right.borrow().len()))?;
            let mut items = left.borrow().clone();
            items.extend(right.borrow().iter().cloned());
            Some(Value::list(items))
        }
        (Value::Tuple(left), Value::Tuple(right)) => {
            check_items(left.len().checked_add(right.len()))?;
            Some(Value::tuple(
                left.iter().chain(right.iter()).cloned().collect(),
            ))
        }
        (Value::Bytes(left), Value::Bytes(right)) => {
            check_size(left.len().checked_add(right.len()))?;
            Some(Value::Bytes(Rc::from([&**left, &**right].concat())))
        }
        _ => None,
    })
}

/// `sequence * count`.
fn repeat(sequence: &Value, count: &Value) -> PyResult<Option<Value>> {
    let count = super::receiver::integer(count).unwrap_or_default();
    let count = if count.sign() == num_bigint::Sign::Minus {
        0
    } else {
        count.to_usize().unwrap_or(usize::MAX)
    };
    let size = match sequence {
        Value::Str(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(items) => items.borrow().len().saturating_mul(8),
        Value::Tuple(items) => items.len().saturating_mul(8),
        _ => return Ok(None),
    };
    check_size(size.checked_mul(count))?;
    Ok(match sequence {
        Value::Str(text) => Some(Value::str(text.repeat(count))),
        Value::Bytes(bytes) => Some(Value::Bytes(Rc::from(bytes.repeat(count)))),
        Value::List(items) => Some(Value::list(repeated(&items.borrow(), count))),
        Value::Tuple(items) => Some(Value::tuple(repeated(items, count))),
        _ => None,
    })
}

/// The items `count` times over.
fn repeated(items: &[Value], count: usize) -> Vec<Value> {
    let mut result = Vec::with_capacity(items.len() * count);
    for _ in 0..count {
        result.extend_from_slice(items);
    }
    result
}

/// Comparisons of everything but numbers.
fn compare(
    vm: &Vm,
    operator: BinaryOperator,
    left: &Value,
    right: &Value,
) -> PyResult<Option<Value>> {
    let equality = matches!(operator, BinaryOperator::Eq | BinaryOperator::Ne);
    let order = match (left, right) {
        (Value::Str(left), Value::Str(right)) => Some(left.cmp(right)),
        (Value::Bytes(left), Value::Bytes(right)) => Some(left.cmp(right)),
        (Value::Tuple(one), Value::Tuple(other)) => {
            return nested(|| sequences(vm, operator, one, other)).map(Some);
        }
        (Value::List(one), Value::List(other)) => {
            let (one, other) = (one.borrow().clone(), other.borrow().clone());
            return nested(|| sequences(vm, operator, &one, &other)).map(Some);
        }
        (Value::Set(left), Value::Set(right)) => {
            return Ok(Some(Value::Bool(sets(operator, left, right)?)));
        }
        (Value::Dict(one), Value::Dict(other)) if equality => {
            let same = Rc::ptr_eq(one, other)
                || nested(|| dicts_equal(vm, &one.borrow().clone(), &other.borrow().clone()))?;
            return Ok(Some(Value::Bool(same == (operator == BinaryOperator::Eq))));
        }
        (Value::Native(_) | Value::Instance(_) | Value::Unresolved(_), _)
        | (_, Value::Native(_) | Value::Instance(_) | Value::Unresolved(_)) => return Ok(None),
        _ if equality => Some(if identical(left, right) {
            Ordering::Equal
        } else {
            Ordering::Less
        }),
        _ => return Ok(None),
    };
    Ok(numbers::holds(operator, order).map(Value::Bool))
}

/// Compares sequences member by member.
fn sequences(
    vm: &Vm,
    operator: BinaryOperator,
    left: &[Value],
    right: &[Value],
) -> PyResult<Value> {
    if matches!(operator, BinaryOperator::Eq | BinaryOperator::Ne) && left.len() != right.len() {
        return Ok(Value::Bool(operator == BinaryOperator::Ne));
    }
    for (one, other) in left.iter().zip(right) {
        if identical(one, other) || vm.equal(one, other)? {
            continue;
        }
        return match operator {
            BinaryOperator::Eq => Ok(Value::Bool(false)),
            BinaryOperator::Ne => Ok(Value::Bool(true)),
            _ => vm.binary(operator, one, other),
        };
    }
    Ok(Value::Bool(
        numbers::holds(operator, Some(left.len().cmp(&right.len()))).unwrap_or(false),
    ))
}

/// Whether dictionaries have equal entries.
fn dicts_equal(vm: &Vm, left: &Dict, right: &Dict) -> PyResult<bool> {
    if left.len() != right.len() {
        return Ok(false);
    }
    for (key, value) in left.iter() {
        match right.get(key)? {
            Some(other) if identical(value, &other) || vm.equal(value, &other)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// Set comparisons: `<` is "proper subset".
fn sets(operator: BinaryOperator, left: &SetValue, right: &SetValue) -> PyResult<bool> {
    let (left, right) = (left.items.borrow(), right.items.borrow());
    let within = |small: &Dict, large: &Dict| -> PyResult<bool> {
        for key in small.keys() {
            if !large.contains(key)? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    Ok(match operator {
        BinaryOperator::Eq => left.same_keys(&right),
        BinaryOperator::Ne => !left.same_keys(&right),
        BinaryOperator::Le => within(&left, &right)?,
        BinaryOperator::Lt => left.len() < right.len() && within(&left, &right)?,
        BinaryOperator::Ge => within(&right, &left)?,
        _ => right.len() < left.len() && within(&right, &left)?,
    })
}

/// `-x`, `+x`, `~x` of built-in values.
pub fn unary(_vm: &Vm, operator: UnaryOperator, value: &Value) -> PyResult<Option<Value>> {
    Ok(match (operator, Number::of(value)) {
        (_, None) => None,
        (UnaryOperator::Neg, Some(Number::Small(number))) => {
            Some(Value::int(-BigInt::from(number)))
        }
        (UnaryOperator::Neg, Some(Number::Big(number))) => Some(Value::int(-(*number).clone())),
        (UnaryOperator::Neg, Some(Number::Float(number))) => Some(Value::Float(-number)),
        (UnaryOperator::Pos, Some(Number::Small(number))) => Some(Value::Int(number)),
        (UnaryOperator::Pos, Some(Number::Big(number))) => Some(Value::BigInt(number)),
        (UnaryOperator::Pos, Some(Number::Float(number))) => Some(Value::Float(number)),
        (UnaryOperator::Invert, Some(Number::Small(number))) => Some(Value::Int(!number)),
        (UnaryOperator::Invert, Some(Number::Big(number))) => Some(Value::int(!(*number).clone())),
        (UnaryOperator::Invert, Some(Number::Float(_))) => None,
    })
}

/// `bool(value)` of built-in values.
pub fn truth(_vm: &Vm, value: &Value) -> PyResult<Option<bool>> {
    Ok(Some(match value {
        Value::None => false,
        Value::Bool(flag) => *flag,
        Value::Int(number) => *number != 0,
        Value::BigInt(_) | Value::Ellipsis | Value::NotImplemented => true,
        Value::Float(number) => *number != 0.0,
        Value::Str(text) => !text.is_empty(),
        Value::Bytes(bytes) => !bytes.is_empty(),
        Value::Tuple(items) => !items.is_empty(),
        Value::List(items) => !items.borrow().is_empty(),
        Value::Dict(dict) => !dict.borrow().is_empty(),
        Value::Set(set) => !set.items.borrow().is_empty(),
        Value::Function(_)
        | Value::Builtin(_)
        | Value::Method(_)
        | Value::Class(_)
        | Value::Module(_) => true,
        Value::Instance(instance) => match instance.base_value() {
            Some(base) => return truth(_vm, &base),
            None => return Ok(None),
        },
        Value::Native(_) => return Ok(None),
        Value::Unresolved(unresolved) => {
            return Err(crate::py::vm::unresolved_error(
                unresolved,
                "as a condition",
            ));
        }
    }))
}

/// `len(value)` of built-in values.
pub fn len(vm: &Vm, value: &Value) -> PyResult<Option<usize>> {
    Ok(Some(match value {
        Value::Str(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Tuple(items) => items.len(),
        Value::List(items) => items.borrow().len(),
        Value::Dict(dict) => dict.borrow().len(),
        Value::Set(set) => set.items.borrow().len(),
        Value::Class(class) => return Ok(super::class_items(vm, class)?.map(|items| items.len())),
        Value::Instance(instance) => match instance.base_value() {
            Some(base) => return len(vm, &base),
            None => return Ok(None),
        },
        Value::Unresolved(unresolved) => {
            return Err(crate::py::vm::unresolved_error(
                unresolved,
                "for its length",
            ));
        }
        _ => return Ok(None),
    }))
}

/// `item in value` of built-in values.
pub fn contains(vm: &Vm, value: &Value, item: &Value) -> PyResult<Option<bool>> {
    if let Value::Unresolved(unresolved) = item {
        return Err(crate::py::vm::unresolved_error(unresolved, "to look it up"));
    }
    Ok(Some(match value {
        Value::Str(text) => match item.as_str() {
            Some(part) => text.contains(&*part),
            None => {
                let class = vm.class_of(item);
                return Err(PyError::type_error(format!(
                    "'in <string>' requires string as left operand, not {}",
                    class.name
                )));
            }
        },
        Value::Bytes(bytes) => match core(item) {
            Value::Bytes(part) => {
                part.is_empty() || bytes.windows(part.len()).any(|window| window == &*part)
            }
            Value::Int(byte) => u8::try_from(byte).is_ok_and(|byte| bytes.contains(&byte)),
            other => {
                return Err(PyError::type_error(format!(
                    "a bytes-like object is required, not '{}'",
                    vm.class_of(&other).name
                )));
            }
        },
        Value::Tuple(items) => among(vm, items, item)?,
        Value::List(items) => {
            let items = items.borrow().clone();
            among(vm, &items, item)?
        }
        Value::Dict(dict) => dict.borrow().contains(item)?,
        Value::Set(set) => set.items.borrow().contains(item)?,
        Value::Class(class) => match super::class_items(vm, class)? {
            Some(items) => among(vm, &items, item)?,
            None => return Ok(None),
        },
        Value::Instance(instance) => match instance.base_value() {
            Some(base) => return contains(vm, &base, item),
            None => return Ok(None),
        },
        Value::Unresolved(unresolved) => {
            return Err(crate::py::vm::unresolved_error(
                unresolved,
                "to search in it",
            ));
        }
        _ => return Ok(None),
    }))
}

/// Whether one of the items is, or equals, the item.
pub fn among(vm: &Vm, items: &[Value], item: &Value) -> PyResult<bool> {
    for candidate in items {
        if identical(candidate, item) || vm.equal(candidate, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The name of a value's class in error messages: types of CPython's C modules are shown with their module.
pub fn type_name(vm: &Vm, value: &Value) -> String {
    const MODULES: &[&str] = &["datetime", "decimal", "re"];
    let class = vm.class_of(value);
    if class.native.is_some() && MODULES.contains(&&*class.module) {
        return format!("{}.{}", class.module, class.name);
    }
    class.name.to_string()
}

/// The `TypeError` when nobody knows how to do `left op right`.
pub fn binary_error(vm: &Vm, operator: BinaryOperator, left: &Value, right: &Value) -> PyError {
    let (one, other) = (type_name(vm, left), type_name(vm, right));
    PyError::type_error(match (operator, core(left), core(right)) {
        (BinaryOperator::Lt | BinaryOperator::Le | BinaryOperator::Gt | BinaryOperator::Ge, ..) => {
            format!(
                "'{}' not supported between instances of '{one}' and '{other}'",
                symbol(operator)
            )
        }
        (BinaryOperator::Add, Value::Str(_), _) => {
            format!("can only concatenate str (not \"{other}\") to str")
        }
        (BinaryOperator::Add, Value::List(_), _) => {
            format!("can only concatenate list (not \"{other}\") to list")
        }
        (BinaryOperator::Add, Value::Tuple(_), _) => {
            format!("can only concatenate tuple (not \"{other}\") to tuple")
        }
        (BinaryOperator::Add, Value::Bytes(_), _) => format!("can't concat {other} to bytes"),
        (
            BinaryOperator::Mul,
            Value::Str(_) | Value::List(_) | Value::Tuple(_) | Value::Bytes(_),
            _,
        ) => {
            format!("can't multiply sequence by non-int of type '{other}'")
        }
        (
            BinaryOperator::Mul,
            _,
            Value::Str(_) | Value::List(_) | Value::Tuple(_) | Value::Bytes(_),
        ) => {
            format!("can't multiply sequence by non-int of type '{one}'")
        }
        (BinaryOperator::Pow, ..) => {
            format!("unsupported operand type(s) for ** or pow(): '{one}' and '{other}'")
        }
        _ => format!(
            "unsupported operand type(s) for {}: '{one}' and '{other}'",
            symbol(operator)
        ),
    })
}

/// The `TypeError` when nobody knows how to do `op value`.
pub fn unary_error(vm: &Vm, operator: UnaryOperator, value: &Value) -> PyError {
    let symbol = match operator {
        UnaryOperator::Neg => "-",
        UnaryOperator::Pos => "+",
        UnaryOperator::Invert => "~",
    };
    PyError::type_error(format!(
        "bad operand type for unary {symbol}: '{}'",
        type_name(vm, value)
    ))
}
