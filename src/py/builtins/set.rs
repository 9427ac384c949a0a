//! `set` and `frozenset`.

use std::cell::RefCell;
use std::rc::Rc;

use crate::py::dict::Dict;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::NativeClass;
use crate::py::value::SetValue;
use crate::py::value::Value;

/// `set`.
pub static SET: NativeClass = NativeClass::plain("builtins", "set", &[]);
/// `frozenset`.
pub static FROZEN_SET: NativeClass = NativeClass::plain("builtins", "frozenset", &[]);

/// Makes a set.
pub fn make(items: Dict, frozen: bool) -> Value {
    Value::Set(Rc::new(SetValue {
        frozen,
        items: RefCell::new(items),
    }))
}

/// A dictionary of keys without values.
pub fn keys(items: impl IntoIterator<Item = Value>) -> PyResult<Dict> {
    let mut keys = Dict::new();
    for item in items {
        if !keys.contains(&item)? {
            keys.insert(item, Value::None)?;
        }
    }
    Ok(keys)
}

/// `left op right`: the kind of the left side.
pub fn algebra(operator: BinaryOperator, left: &SetValue, right: &SetValue) -> PyResult<Value> {
    let result = combine(operator, &left.items.borrow(), &right.items.borrow())?;
    Ok(make(result, left.frozen))
}

/// `&`, `|`, `^` and `-` of keys.
pub fn combine(operator: BinaryOperator, left: &Dict, right: &Dict) -> PyResult<Dict> {
    let mut result = Dict::new();
    for key in left.keys() {
        let keep = match operator {
            BinaryOperator::And => right.contains(key)?,
            BinaryOperator::Or => true,
            _ => !right.contains(key)?,
        };
        if keep {
            result.insert(key.clone(), Value::None)?;
        }
    }
    if matches!(operator, BinaryOperator::Or | BinaryOperator::Xor) {
        for key in right.keys() {
            if !left.contains(key)? {
                result.insert(key.clone(), Value::None)?;
            }
        }
    }
    Ok(result)
}
