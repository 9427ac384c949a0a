//! `range`.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::arguments;
use super::errors::index_error;
use super::items::Slice;
use super::iter::Iter;
use super::iter::RANGE_ITERATOR;
use super::receiver;

/// `range(start, stop, step)`.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// The first number.
    pub start: i64,
    /// Where it ends.
    pub stop: i64,
    /// The distance of numbers.
    pub step: i64,
}

const METHODS: &[(&str, Method)] = &[
    ("__iter__", iterate),
    ("__reversed__", reversed),
    ("index", index),
    ("count", count),
];

/// `range`.
pub static CLASS: NativeClass = NativeClass {
    module: "builtins",
    name: "range",
    bases: &[],
    new: Some(new),
    methods: METHODS,
    class_methods: &[],
    attributes: &[],
};

/// `range(stop)`, `range(start, stop[, step])`.
fn new(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let given = arguments::between("range", args, 1, 3)?;
    let mut numbers = Vec::new();
    for value in &given {
        numbers.push(receiver::index(vm, value)?);
    }
    let range = match *numbers.as_slice() {
        [start, stop, step] => Range { start, stop, step },
        [start, stop] => Range {
            start,
            stop,
            step: 1,
        },
        [stop] => Range {
            start: 0,
            stop,
            step: 1,
        },
        _ => Range {
            start: 0,
            stop: 0,
            step: 1,
        },
    };
    if range.step == 0 {
        return Err(PyError::value_error("range() arg 3 must not be zero"));
    }
    Ok(Value::object(range))
}

impl Range {
    /// How many numbers there are.
    pub fn length(&self) -> u64 {
        let (start, stop, step) = (
            i128::from(self.start),
            i128::from(self.stop),
            i128::from(self.step),
        );
        let distance = if step > 0 { stop - start } else { start - stop };
        if distance <= 0 {
            return 0;
        }
        let size = step.abs();
        u64::try_from((distance + size - 1) / size).unwrap_or(u64::MAX)
    }

    /// The number at a place.
    fn at(&self, place: u64) -> i64 {
        self.start
            .wrapping_add(self.step.wrapping_mul(place as i64))
    }

    /// The place of a number.
    fn place(&self, number: i64) -> Option<u64> {
        let distance = (i128::from(number) - i128::from(self.start)) / i128::from(self.step);
        let place = u64::try_from(distance).ok()?;
        (place < self.length() && self.at(place) == number).then_some(place)
    }

    /// Iterates.
    pub fn iter(&self) -> Iter {
        Iter::range(self.start, self.step, self.length())
    }
}

/// The range that a receiver is.
fn own(receiver: &Value) -> PyResult<Rc<Range>> {
    receiver
        .native::<Range>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'range' object"))
}

fn iterate(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    Ok(own(receiver)?.iter().into_value(&RANGE_ITERATOR))
}

fn reversed(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let range = own(receiver)?;
    let length = range.length();
    let last = if length == 0 {
        range.start
    } else {
        range.at(length - 1)
    };
    Ok(Iter::range(last, range.step.wrapping_neg(), length).into_value(&RANGE_ITERATOR))
}

fn index(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let wanted = arguments::one("range.index", args)?;
    let place = match receiver::core(&wanted) {
        Value::Int(number) => own(receiver)?.place(number),
        _ => None,
    };
    match place {
        Some(place) => Ok(Value::int(place)),
        None => Err(PyError::value_error(format!(
            "{} is not in range",
            vm.repr(&wanted)?
        ))),
    }
}

fn count(_: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let wanted = arguments::one("range.count", args)?;
    let found = matches!(receiver::core(&wanted), Value::Int(number) if own(receiver)?.place(number).is_some());
    Ok(Value::Int(i64::from(found)))
}

impl Object for Range {
    fn class(&self) -> Rc<Class> {
        Class::of(&CLASS)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "start" => Some(Value::Int(self.start)),
            "stop" => Some(Value::Int(self.stop)),
            "step" => Some(Value::Int(self.step)),
            _ => None,
        })
    }

    fn get_item(self: Rc<Self>, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        let length = self.length();
        if let Some(slice) = key.native::<Slice>() {
            let (start, stop, step) =
                slice.bounds(vm, usize::try_from(length).unwrap_or(usize::MAX))?;
            let at = |place: i64| self.start.wrapping_add(self.step.wrapping_mul(place));
            return Ok(Some(Value::object(Self {
                start: at(start),
                stop: at(stop),
                step: self.step.wrapping_mul(step),
            })));
        }
        let at = receiver::index(vm, key)?;
        let at = if at < 0 {
            at.saturating_add(i64::try_from(length).unwrap_or(i64::MAX))
        } else {
            at
        };
        match u64::try_from(at) {
            Ok(at) if at < length => Ok(Some(Value::Int(self.at(at)))),
            _ => Err(index_error("range object index out of range")),
        }
    }

    fn contains(self: Rc<Self>, _vm: &Vm, item: &Value) -> PyResult<Option<bool>> {
        Ok(Some(match receiver::core(item) {
            Value::Int(number) => self.place(number).is_some(),
            Value::Bool(flag) => self.place(i64::from(flag)).is_some(),
            Value::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                self.place(number as i64).is_some()
            }
            _ => false,
        }))
    }

    fn binary(
        self: Rc<Self>,
        _vm: &Vm,
        operator: BinaryOperator,
        other: &Value,
        _reflected: bool,
    ) -> PyResult<Option<Value>> {
        let (BinaryOperator::Eq | BinaryOperator::Ne, Some(other)) =
            (operator, other.native::<Self>())
        else {
            return Ok(None);
        };
        let length = self.length();
        let same = length == other.length()
            && (length == 0
                || (self.start == other.start && (length == 1 || self.step == other.step)));
        Ok(Some(Value::Bool(same == (operator == BinaryOperator::Eq))))
    }

    fn len(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<usize>> {
        Ok(Some(usize::try_from(self.length()).unwrap_or(usize::MAX)))
    }

    fn repr(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(match self.step {
            1 => format!("range({}, {})", self.start, self.stop),
            step => format!("range({}, {}, {step})", self.start, self.stop),
        }))
    }

    fn hash_key(&self) -> Option<String> {
        Some(format!("range {} {} {}", self.start, self.stop, self.step))
    }
}
