//! `datetime.date`.

use std::rc::Rc;

use chrono::Datelike;
use chrono::NaiveDate;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::builtins::errors::overflow;
use crate::py::builtins::numbers;
use crate::py::builtins::receiver;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::Delta;
use super::Moment;
use super::field;
use super::format;
use super::make_date;
use super::parse;

/// A date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// `datetime.date`.
pub static CLASS: NativeClass = NativeClass {
    module: "datetime",
    name: "date",
    bases: &[],
    new: Some(new),
    methods: &[
        ("isoweekday", |_, receiver, _| {
            Ok(Value::int(day(receiver)?.weekday().number_from_monday()))
        }),
        ("weekday", |_, receiver, _| {
            Ok(Value::int(day(receiver)?.weekday().num_days_from_monday()))
        }),
        ("toordinal", |_, receiver, _| {
            Ok(Value::int(day(receiver)?.num_days_from_ce()))
        }),
        ("isocalendar", isocalendar),
        ("isoformat", |_, receiver, _| {
            Ok(Value::from(day(receiver)?.format("%Y-%m-%d").to_string()))
        }),
        ("ctime", |vm, receiver, _| {
            format::strftime(vm, receiver, "%a %b %e %H:%M:%S %Y").map(Value::from)
        }),
        ("strftime", strftime),
        ("__format__", format_method),
        ("replace", replace),
        ("timetuple", |vm, receiver, _| {
            super::format::struct_time(vm, receiver)
        }),
    ],
    class_methods: &[
        ("today", |_, _, _| {
            Ok(Value::object(Date(chrono::Local::now().date_naive())))
        }),
        ("fromisoformat", fromisoformat),
        ("fromordinal", fromordinal),
        ("fromtimestamp", fromtimestamp),
    ],
    attributes: &[
        ("min", |_| {
            Value::object(Date(NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or_default()))
        }),
        ("max", |_| {
            Value::object(Date(
                NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or_default(),
            ))
        }),
        ("resolution", |_| Value::object(Delta(86_400_000_000))),
    ],
};

/// The day of a date or datetime.
pub fn day(receiver: &Value) -> PyResult<NaiveDate> {
    if let Some(date) = receiver.native::<Date>() {
        return Ok(date.0);
    }
    receiver
        .native::<Moment>()
        .map(|moment| moment.naive.date())
        .ok_or_else(|| PyError::type_error("descriptor requires a 'datetime.date' object"))
}

/// `date(year, month, day)`.
fn new(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("date", "(year, month, day)")?;
    let year = field(vm, &bound.get("year"), "year", 1, 9999)?;
    let month = field(vm, &bound.get("month"), "month", 1, 12)?;
    let day = field(vm, &bound.get("day"), "day", 1, 31)?;
    make_date(year, month, day).map(|date| Value::object(Date(date)))
}

/// `date.isocalendar()`.
pub fn isocalendar(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let day = day(receiver)?;
    let week = day.iso_week();
    let weekday = day.weekday().number_from_monday();
    Ok(Value::tuple(vec![
        Value::int(week.year()),
        Value::int(week.week()),
        Value::int(weekday),
    ]))
}

/// `strftime(format)` of dates, times and datetimes.
pub fn strftime(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, &args.bind("strftime", "(format)")?.get("format"))?;
    format::strftime(vm, receiver, &text).map(Value::from)
}

/// `__format__(spec)` of dates, times and datetimes.
pub fn format_method(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let text = receiver::text(vm, &arguments::one("__format__", args)?)?;
    if text.is_empty() {
        return vm.str(receiver).map(Value::from);
    }
    format::strftime(vm, receiver, &text).map(Value::from)
}

/// `date.replace(year=None, month=None, day=None)`.
fn replace(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let date = day(receiver)?;
    let bound = args.bind("replace", "(year=None, month=None, day=None)")?;
    let part = |name: &str, old: u32, low: i64, high: i64| -> PyResult<u32> {
        if bound.is_given(name) {
            field(vm, &bound.get(name), name, low, high)
        } else {
            Ok(old)
        }
    };
    let year = part("year", u32::try_from(date.year()).unwrap_or(1), 1, 9999)?;
    let month = part("month", date.month(), 1, 12)?;
    let day = part("day", date.day(), 1, 31)?;
    make_date(year, month, day).map(|date| Value::object(Date(date)))
}

/// `date.fromisoformat(text)`.
fn fromisoformat(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::one("date.fromisoformat", args)?;
    let Some(text) = given.as_str() else {
        return Err(PyError::type_error("fromisoformat: argument must be str"));
    };
    match parse::iso_date(&text) {
        Some((date, "")) => Ok(Value::object(Date(date))),
        _ => Err(PyError::value_error(format!(
            "Invalid isoformat string: {}",
            vm.repr(&given)?
        ))),
    }
}

/// `date.fromordinal(n)`.
fn fromordinal(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    let number = receiver::index(vm, &arguments::one("date.fromordinal", args)?)?;
    match i32::try_from(number)
        .ok()
        .filter(|number| *number >= 1)
        .and_then(NaiveDate::from_num_days_from_ce_opt)
    {
        Some(date) => Ok(Value::object(Date(date))),
        None => Err(PyError::value_error("ordinal must be >= 1")),
    }
}

/// `date.fromtimestamp(timestamp)`.
fn fromtimestamp(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    let seconds = arguments::one("date.fromtimestamp", args)?;
    let utc = super::moment::from_seconds(vm, &seconds)?;
    Ok(Value::object(Date(super::moment::to_local(utc).date())))
}

/// Adds a duration's whole days.
fn shifted(date: NaiveDate, days: i128) -> PyResult<Value> {
    let moved = i64::try_from(days)
        .ok()
        .and_then(chrono::TimeDelta::try_days)
        .and_then(|days| date.checked_add_signed(days));
    match moved.filter(|date| (1..=9999).contains(&date.year())) {
        Some(date) => Ok(Value::object(Date(date))),
        None => Err(overflow("date value out of range")),
    }
}

impl Object for Date {
    fn class(&self) -> Rc<Class> {
        Class::of(&CLASS)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "year" => Some(Value::int(self.0.year())),
            "month" => Some(Value::int(self.0.month())),
            "day" => Some(Value::int(self.0.day())),
            _ => None,
        })
    }

    fn binary(
        self: Rc<Self>,
        _vm: &Vm,
        operator: BinaryOperator,
        other: &Value,
        reflected: bool,
    ) -> PyResult<Option<Value>> {
        if let Some(other) = other.native::<Self>() {
            if operator == BinaryOperator::Sub {
                let (left, right) = if reflected {
                    (other.0, self.0)
                } else {
                    (self.0, other.0)
                };
                return Ok(Some(Value::object(Delta::from_duration(
                    left.signed_duration_since(right),
                ))));
            }
            return Ok(numbers::holds(operator, Some(self.0.cmp(&other.0))).map(Value::Bool));
        }
        let Some(delta) = other.native::<Delta>() else {
            return Ok(None);
        };
        match operator {
            BinaryOperator::Add => shifted(self.0, delta.parts().0).map(Some),
            BinaryOperator::Sub if !reflected => shifted(self.0, -delta.parts().0).map(Some),
            _ => Ok(None),
        }
    }

    fn repr(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(format!(
            "datetime.date({}, {}, {})",
            self.0.year(),
            self.0.month(),
            self.0.day()
        )))
    }

    fn str(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(self.0.format("%Y-%m-%d").to_string()))
    }

    fn hash_key(&self) -> Option<String> {
        Some(format!("date {}", self.0))
    }
}
