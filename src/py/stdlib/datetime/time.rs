//! `datetime.time`.

use std::rc::Rc;

use chrono::NaiveTime;
use chrono::Timelike;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::builtins::numbers;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::Delta;
use super::field;
use super::format;
use super::make_time;
use super::parse;
use super::tzinfo;
use super::zone;

/// A time of day.
#[derive(Debug, Clone)]
pub struct Time {
    /// The clock.
    pub naive: NaiveTime,
    /// The zone.
    pub zone: Option<Value>,
}

/// `datetime.time`.
pub static CLASS: NativeClass = NativeClass {
    module: "datetime",
    name: "time",
    bases: &[],
    new: Some(new),
    methods: &[
        ("isoformat", isoformat),
        ("strftime", super::date::strftime),
        ("__format__", super::date::format_method),
        ("replace", replace),
        ("utcoffset", |vm, receiver, _| {
            Ok(offset(vm, &*own(receiver)?)?.map_or(Value::None, Value::object))
        }),
        ("tzname", tzname),
        ("dst", |_, _, _| Ok(Value::None)),
    ],
    class_methods: &[("fromisoformat", fromisoformat)],
    attributes: &[
        ("min", |_| {
            Value::object(Time {
                naive: NaiveTime::default(),
                zone: None,
            })
        }),
        ("max", |_| {
            Value::object(Time {
                naive: make_time(23, 59, 59, 999_999),
                zone: None,
            })
        }),
        ("resolution", |_| Value::object(Delta(1))),
    ],
};

/// The time that a receiver is.
fn own(receiver: &Value) -> PyResult<Rc<Time>> {
    receiver
        .native::<Time>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'datetime.time' object"))
}

/// `time(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)`.
fn new(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "time",
        "(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)",
    )?;
    let hour = field(vm, &bound.get("hour"), "hour", 0, 23)?;
    let minute = field(vm, &bound.get("minute"), "minute", 0, 59)?;
    let second = field(vm, &bound.get("second"), "second", 0, 59)?;
    let micro = field(vm, &bound.get("microsecond"), "microsecond", 0, 999_999)?;
    let zone = tzinfo(vm, bound.get("tzinfo"))?;
    Ok(Value::object(Time {
        naive: make_time(hour, minute, second, micro),
        zone,
    }))
}

/// The offset of a time with a fixed zone.
pub fn offset(vm: &Vm, time: &Time) -> PyResult<Option<Delta>> {
    match &time.zone {
        None => Ok(None),
        Some(zone) => zone::offset_at(vm, zone, &Value::None, None),
    }
}

fn tzname(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    match &own(receiver)?.zone {
        None => Ok(Value::None),
        Some(zone) => Ok(Value::from(zone::name_at(vm, zone, &Value::None, None)?)),
    }
}

/// `time.isoformat(timespec='auto')`.
fn isoformat(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let time = own(receiver)?;
    let spec = args
        .bind("isoformat", "(timespec='auto')")?
        .str("timespec")?;
    let mut text = format::clock(&time.naive, &spec)?;
    text.push_str(
        &offset(vm, &time)?
            .map(zone::offset_text)
            .unwrap_or_default(),
    );
    Ok(Value::from(text))
}

/// `time.replace(…)`.
fn replace(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let time = own(receiver)?;
    let bound = args.bind(
        "replace",
        "(hour=None, minute=None, second=None, microsecond=None, tzinfo=None, *, fold=0)",
    )?;
    let part = |name: &str, old: u32, high: i64| -> PyResult<u32> {
        if bound.is_given(name) {
            field(vm, &bound.get(name), name, 0, high)
        } else {
            Ok(old)
        }
    };
    let hour = part("hour", time.naive.hour(), 23)?;
    let minute = part("minute", time.naive.minute(), 59)?;
    let second = part("second", time.naive.second(), 59)?;
    let micro = part("microsecond", time.naive.nanosecond() / 1000, 999_999)?;
    let zone = if bound.is_given("tzinfo") {
        tzinfo(vm, bound.get("tzinfo"))?
    } else {
        time.zone.clone()
    };
    Ok(Value::object(Time {
        naive: make_time(hour, minute, second, micro),
        zone,
    }))
}

/// `time.fromisoformat(text)`.
fn fromisoformat(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::one("time.fromisoformat", args)?;
    let Some(text) = given.as_str() else {
        return Err(PyError::type_error("fromisoformat: argument must be str"));
    };
    match parse::iso_time(text.strip_prefix('T').unwrap_or(&text)) {
        Some((naive, zone)) => Ok(Value::object(Time { naive, zone })),
        None => Err(PyError::value_error(format!(
            "Invalid isoformat string: {}",
            vm.repr(&given)?
        ))),
    }
}

impl Object for Time {
    fn class(&self) -> Rc<Class> {
        Class::of(&CLASS)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "hour" => Some(Value::int(self.naive.hour())),
            "minute" => Some(Value::int(self.naive.minute())),
            "second" => Some(Value::int(self.naive.second())),
            "microsecond" => Some(Value::int(self.naive.nanosecond() / 1000)),
            "tzinfo" => Some(self.zone.clone().unwrap_or(Value::None)),
            "fold" => Some(Value::Int(0)),
            _ => None,
        })
    }

    fn binary(
        self: Rc<Self>,
        vm: &Vm,
        operator: BinaryOperator,
        other: &Value,
        _reflected: bool,
    ) -> PyResult<Option<Value>> {
        let Some(other) = other.native::<Self>() else {
            return Ok(None);
        };
        let micros = |time: &Self, offset: Delta| {
            i128::from(time.naive.num_seconds_from_midnight()) * 1_000_000
                + i128::from(time.naive.nanosecond() / 1000)
                - offset.0
        };
        let order = match (offset(vm, &self)?, offset(vm, &other)?) {
            (None, None) => self.naive.cmp(&other.naive),
            (Some(one), Some(two)) => micros(&self, one).cmp(&micros(&other, two)),
            _ if operator == BinaryOperator::Eq => return Ok(Some(Value::Bool(false))),
            _ if operator == BinaryOperator::Ne => return Ok(Some(Value::Bool(true))),
            _ => {
                return Err(PyError::type_error(
                    "can't compare offset-naive and offset-aware times",
                ));
            }
        };
        Ok(numbers::holds(operator, Some(order)).map(Value::Bool))
    }

    fn repr(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        let mut parts = vec![self.naive.hour(), self.naive.minute()];
        let micro = self.naive.nanosecond() / 1000;
        if self.naive.second() != 0 || micro != 0 {
            parts.push(self.naive.second());
        }
        if micro != 0 {
            parts.push(micro);
        }
        let mut parts: Vec<String> = parts.iter().map(u32::to_string).collect();
        if let Some(zone) = &self.zone {
            parts.push(format!("tzinfo={}", vm.repr(zone)?));
        }
        Ok(Some(format!("datetime.time({})", parts.join(", "))))
    }

    fn str(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        let mut text = format::clock(&self.naive, "auto")?;
        text.push_str(
            &offset(vm, &self)?
                .map(zone::offset_text)
                .unwrap_or_default(),
        );
        Ok(Some(text))
    }

    fn hash_key(&self) -> Option<String> {
        Some(format!("time {} {}", self.naive, self.zone.is_some()))
    }
}
