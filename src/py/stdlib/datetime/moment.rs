//! `datetime.datetime`.

use std::rc::Rc;

use chrono::Datelike;
use chrono::NaiveDateTime;
use chrono::TimeDelta;
use chrono::TimeZone;
use chrono::Timelike;

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

use super::Date;
use super::Delta;
use super::Time;
use super::Timezone;
use super::field;
use super::format;
use super::make_date;
use super::make_time;
use super::parse;
use super::tzinfo;
use super::zone;

/// A date with a time of day.
#[derive(Debug, Clone)]
pub struct Moment {
    /// The local calendar and clock.
    pub naive: NaiveDateTime,
    /// The zone.
    pub zone: Option<Value>,
    /// Whether this is the second of two equal clock readings.
    pub fold: bool,
}

/// `datetime.datetime`.
pub static CLASS: NativeClass = NativeClass {
    module: "datetime",
    name: "datetime",
    bases: &[&super::date::CLASS],
    new: Some(new),
    methods: &[
        ("astimezone", astimezone),
        ("date", |_, receiver, _| {
            Ok(Value::object(Date(own(receiver)?.naive.date())))
        }),
        ("time", |_, receiver, _| {
            Ok(Value::object(Time {
                naive: own(receiver)?.naive.time(),
                zone: None,
            }))
        }),
        ("timetz", |_, receiver, _| {
            own(receiver).map(|own| {
                Value::object(Time {
                    naive: own.naive.time(),
                    zone: own.zone.clone(),
                })
            })
        }),
        ("isoformat", isoformat),
        ("replace", replace),
        ("timestamp", timestamp),
        ("utcoffset", |vm, receiver, _| {
            Ok(own(receiver)?
                .offset(vm)?
                .map_or(Value::None, Value::object))
        }),
        ("tzname", tzname),
        ("dst", |_, _, _| Ok(Value::None)),
        ("utctimetuple", |vm, receiver, _| {
            format::struct_time(
                vm,
                &Value::object(Moment {
                    naive: own(receiver)?.utc(vm)?,
                    zone: None,
                    fold: false,
                }),
            )
        }),
    ],
    class_methods: &[
        ("now", now),
        ("utcnow", |_, _, _| {
            Ok(naive(micros_only(chrono::Utc::now().naive_utc())))
        }),
        ("today", |_, _, _| {
            Ok(naive(micros_only(chrono::Local::now().naive_local())))
        }),
        ("fromtimestamp", fromtimestamp),
        ("utcfromtimestamp", |vm, _, args| {
            Ok(naive(from_seconds(
                vm,
                &arguments::one("utcfromtimestamp", args)?,
            )?))
        }),
        ("fromisoformat", fromisoformat),
        ("fromordinal", fromordinal),
        ("combine", combine),
        ("strptime", strptime),
    ],
    attributes: &[
        ("min", |_| {
            naive(
                chrono::NaiveDate::from_ymd_opt(1, 1, 1)
                    .unwrap_or_default()
                    .and_time(make_time(0, 0, 0, 0)),
            )
        }),
        ("max", |_| {
            naive(
                chrono::NaiveDate::from_ymd_opt(9999, 12, 31)
                    .unwrap_or_default()
                    .and_time(make_time(23, 59, 59, 999_999)),
            )
        }),
        ("resolution", |_| Value::object(Delta(1))),
    ],
};

/// A datetime without a zone.
pub fn naive(naive: NaiveDateTime) -> Value {
    Value::object(Moment {
        naive,
        zone: None,
        fold: false,
    })
}

/// Drops what is finer than a microsecond.
fn micros_only(time: NaiveDateTime) -> NaiveDateTime {
    time.with_nanosecond(time.nanosecond() / 1000 * 1000)
        .unwrap_or(time)
}

/// The datetime that a receiver is.
pub fn own(receiver: &Value) -> PyResult<Rc<Moment>> {
    receiver
        .native::<Moment>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'datetime.datetime' object"))
}

/// `datetime(year, month, day, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)`.
fn new(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "datetime",
        "(year, month, day, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)",
    )?;
    let year = field(vm, &bound.get("year"), "year", 1, 9999)?;
    let month = field(vm, &bound.get("month"), "month", 1, 12)?;
    let day = field(vm, &bound.get("day"), "day", 1, 31)?;
    let date = make_date(year, month, day)?;
    let hour = field(vm, &bound.get("hour"), "hour", 0, 23)?;
    let minute = field(vm, &bound.get("minute"), "minute", 0, 59)?;
    let second = field(vm, &bound.get("second"), "second", 0, 59)?;
    let micro = field(vm, &bound.get("microsecond"), "microsecond", 0, 999_999)?;
    let zone = tzinfo(vm, bound.get("tzinfo"))?;
    Ok(Value::object(Moment {
        naive: date.and_time(make_time(hour, minute, second, micro)),
        zone,
        fold: vm.truth(&bound.get("fold"))?,
    }))
}

impl Moment {
    /// `utcoffset()`.
    pub fn offset(&self, vm: &Vm) -> PyResult<Option<Delta>> {
        match &self.zone {
            None => Ok(None),
            Some(zone) => zone::offset_at(
                vm,
                zone,
                &Value::object(self.clone()),
                Some((&self.naive, self.fold)),
            ),
        }
    }

    /// The same moment in UTC; a naive one is taken as UTC.
    pub fn utc(&self, vm: &Vm) -> PyResult<NaiveDateTime> {
        let offset = self.offset(vm)?.unwrap_or(Delta(0));
        self.naive
            .checked_sub_signed(offset.duration()?)
            .ok_or_else(|| overflow("date value out of range"))
    }

    /// `isoformat(sep, timespec)`.
    pub fn iso(&self, vm: &Vm, separator: &str, spec: &str) -> PyResult<String> {
        let offset = self.offset(vm)?.map(zone::offset_text).unwrap_or_default();
        Ok(format!(
            "{}{separator}{}{offset}",
            self.naive.format("%Y-%m-%d"),
            format::clock(&self.naive.time(), spec)?
        ))
    }

    /// Moved by a duration, as a value.
    fn shifted(&self, delta: Delta) -> PyResult<Value> {
        self.moved(delta).map(Value::object)
    }

    /// Moved by a duration.
    pub fn moved(&self, delta: Delta) -> PyResult<Self> {
        let moved = self
            .naive
            .checked_add_signed(delta.duration()?)
            .filter(|moved| (1..=9999).contains(&moved.year()));
        match moved {
            Some(naive) => Ok(Self {
                naive,
                zone: self.zone.clone(),
                fold: false,
            }),
            None => Err(overflow("date value out of range")),
        }
    }
}

/// Local clock time of a time in UTC.
pub fn to_local(utc: NaiveDateTime) -> NaiveDateTime {
    chrono::Local.from_utc_datetime(&utc).naive_local()
}

/// A Unix timestamp as a time in UTC, rounded to even microseconds.
pub fn from_seconds(vm: &Vm, value: &Value) -> PyResult<NaiveDateTime> {
    let micros = match receiver::core(value) {
        Value::Int(seconds) => i128::from(seconds) * 1_000_000,
        Value::Float(seconds) if seconds.is_finite() => {
            let whole = seconds.floor();
            (whole as i128)
                .saturating_mul(1_000_000)
                .saturating_add(((seconds - whole) * 1e6).round_ties_even() as i128)
        }
        Value::Float(seconds) if seconds.is_nan() => {
            return Err(PyError::value_error("cannot convert float NaN to integer"));
        }
        Value::Float(_) => {
            return Err(overflow("cannot convert float infinity to integer"));
        }
        Value::Unresolved(unresolved) => {
            return Err(crate::py::vm::unresolved_error(&unresolved, "as a number"));
        }
        _ => {
            if let Some(method) = vm.find_attr(value, "__float__")? {
                let number = vm.call(&method, Args::none())?;
                if matches!(
                    number,
                    Value::Int(_) | Value::Float(_) | Value::Unresolved(_)
                ) {
                    return from_seconds(vm, &number);
                }
            }
            return Err(PyError::type_error(format!(
                "'{}' object cannot be interpreted as an integer",
                vm.class_of(value).name
            )));
        }
    };
    i64::try_from(micros)
        .ok()
        .and_then(chrono::DateTime::from_timestamp_micros)
        .map(|moment| moment.naive_utc())
        .filter(|moment| (1..=9999).contains(&moment.year()))
        .ok_or_else(|| PyError::value_error("year is out of range"))
}

/// A time in UTC as a datetime in a zone, or local without one.
fn in_zone(vm: &Vm, utc: NaiveDateTime, zone: Option<Value>) -> PyResult<Value> {
    match zone {
        None => Ok(naive(to_local(utc))),
        Some(zone) => {
            let (naive, fold) = zone::from_utc(vm, &zone, &utc)?;
            Ok(Value::object(Moment {
                naive,
                zone: Some(zone),
                fold,
            }))
        }
    }
}

/// `datetime.now(tz=None)`.
fn now(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    let zone = tzinfo(vm, args.bind("now", "(tz=None)")?.get("tz"))?;
    in_zone(vm, micros_only(chrono::Utc::now().naive_utc()), zone)
}

/// `datetime.fromtimestamp(timestamp, tz=None)`.
fn fromtimestamp(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("fromtimestamp", "(timestamp, tz=None)")?;
    let utc = from_seconds(vm, &bound.get("timestamp"))?;
    in_zone(vm, utc, tzinfo(vm, bound.get("tz"))?)
}

/// `datetime.fromisoformat(text)`.
fn fromisoformat(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::one("datetime.fromisoformat", args)?;
    let Some(text) = given.as_str() else {
        return Err(PyError::type_error("fromisoformat: argument must be str"));
    };
    match parse::iso_datetime(&text) {
        Some((naive, zone)) => Ok(Value::object(Moment {
            naive,
            zone,
            fold: false,
        })),
        None => Err(PyError::value_error(format!(
            "Invalid isoformat string: {}",
            vm.repr(&given)?
        ))),
    }
}

/// `datetime.fromordinal(n)`.
fn fromordinal(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    let number = receiver::index(vm, &arguments::one("datetime.fromordinal", args)?)?;
    match i32::try_from(number)
        .ok()
        .filter(|number| *number >= 1)
        .and_then(chrono::NaiveDate::from_num_days_from_ce_opt)
    {
        Some(date) => Ok(naive(date.and_time(make_time(0, 0, 0, 0)))),
        None => Err(PyError::value_error("ordinal must be >= 1")),
    }
}

/// `datetime.combine(date, time, tzinfo=time.tzinfo)`.
fn combine(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("combine", "(date, time, tzinfo=None)")?;
    let date = super::date::day(&bound.get("date"))
        .map_err(|_| PyError::type_error("combine() argument 1 must be datetime.date"))?;
    let Some(time) = bound.get("time").native::<Time>() else {
        return Err(PyError::type_error(format!(
            "combine() argument 2 must be datetime.time, not {}",
            vm.class_of(&bound.get("time")).name
        )));
    };
    let zone = if bound.is_given("tzinfo") {
        tzinfo(vm, bound.get("tzinfo"))?
    } else {
        time.zone.clone()
    };
    Ok(Value::object(Moment {
        naive: date.and_time(time.naive),
        zone,
        fold: false,
    }))
}

/// `datetime.strptime(text, format)`.
fn strptime(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::between("strptime", args, 2, 2)?;
    let text = |at: usize| {
        given
            .get(at)
            .map_or(Ok("".into()), |value| receiver::text(vm, value))
    };
    let (naive, offset) = parse::strptime(vm, &text(0)?, &text(1)?)?;
    let zone = offset.map(|offset| {
        if offset.0 == 0 {
            zone::utc()
        } else {
            Value::object(Timezone { offset, name: None })
        }
    });
    Ok(Value::object(Moment {
        naive,
        zone,
        fold: false,
    }))
}

fn tzname(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let own = own(receiver)?;
    match &own.zone {
        None => Ok(Value::None),
        Some(zone) => Ok(Value::from(zone::name_at(
            vm,
            zone,
            receiver,
            Some((&own.naive, own.fold)),
        )?)),
    }
}

/// `datetime.isoformat(sep='T', timespec='auto')`.
fn isoformat(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("isoformat", "(sep='T', timespec='auto')")?;
    own(receiver)?
        .iso(vm, &bound.str("sep")?, &bound.str("timespec")?)
        .map(Value::from)
}

/// `datetime.replace(…)`.
fn replace(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let old = own(receiver)?;
    let bound = args.bind(
        "replace",
        "(year=None, month=None, day=None, hour=None, minute=None, second=None, microsecond=None, tzinfo=None, *, fold=None)",
    )?;
    let part = |name: &str, old: u32, low: i64, high: i64| -> PyResult<u32> {
        if bound.is_given(name) {
            field(vm, &bound.get(name), name, low, high)
        } else {
            Ok(old)
        }
    };
    let year = part(
        "year",
        u32::try_from(old.naive.year()).unwrap_or(1),
        1,
        9999,
    )?;
    let month = part("month", old.naive.month(), 1, 12)?;
    let day = part("day", old.naive.day(), 1, 31)?;
    let hour = part("hour", old.naive.hour(), 0, 23)?;
    let minute = part("minute", old.naive.minute(), 0, 59)?;
    let second = part("second", old.naive.second(), 0, 59)?;
    let micro = part("microsecond", old.naive.nanosecond() / 1000, 0, 999_999)?;
    let zone = if bound.is_given("tzinfo") {
        tzinfo(vm, bound.get("tzinfo"))?
    } else {
        old.zone.clone()
    };
    let fold = if bound.is_given("fold") {
        vm.truth(&bound.get("fold"))?
    } else {
        old.fold
    };
    Ok(Value::object(Moment {
        naive: make_date(year, month, day)?.and_time(make_time(hour, minute, second, micro)),
        zone,
        fold,
    }))
}

/// Seconds since 1970: a naive datetime is local time.
fn timestamp(vm: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let own = own(receiver)?;
    let utc = match own.offset(vm)? {
        Some(_) => own.utc(vm)?,
        None => chrono::Local
            .from_local_datetime(&own.naive)
            .earliest()
            .map_or(own.naive, |local| local.naive_utc()),
    };
    Ok(Value::Float(utc.and_utc().timestamp_micros() as f64 / 1e6))
}

/// `datetime.astimezone(tz=None)`.
fn astimezone(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let own = own(receiver)?;
    let zone = tzinfo(vm, args.bind("astimezone", "(tz=None)")?.get("tz"))?;
    let utc = match own.offset(vm)? {
        Some(_) => own.utc(vm)?,
        None => chrono::Local
            .from_local_datetime(&own.naive)
            .earliest()
            .map_or(own.naive, |local| local.naive_utc()),
    };
    match zone {
        Some(_) => in_zone(vm, utc, zone),
        None => {
            let local = chrono::Local.from_utc_datetime(&utc);
            let offset = Delta(i128::from(local.offset().local_minus_utc()) * 1_000_000);
            let zone = Value::object(Timezone {
                offset,
                name: Some(local.format("%Z").to_string().into()),
            });
            Ok(Value::object(Moment {
                naive: local.naive_local(),
                zone: Some(zone),
                fold: false,
            }))
        }
    }
}

impl Object for Moment {
    fn class(&self) -> Rc<Class> {
        Class::of(&CLASS)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "year" => Some(Value::int(self.naive.year())),
            "month" => Some(Value::int(self.naive.month())),
            "day" => Some(Value::int(self.naive.day())),
            "hour" => Some(Value::int(self.naive.hour())),
            "minute" => Some(Value::int(self.naive.minute())),
            "second" => Some(Value::int(self.naive.second())),
            "microsecond" => Some(Value::int(self.naive.nanosecond() / 1000)),
            "tzinfo" => Some(self.zone.clone().unwrap_or(Value::None)),
            "fold" => Some(Value::Int(i64::from(self.fold))),
            _ => None,
        })
    }

    fn binary(
        self: Rc<Self>,
        vm: &Vm,
        operator: BinaryOperator,
        other: &Value,
        reflected: bool,
    ) -> PyResult<Option<Value>> {
        if let Some(other) = other.native::<Self>() {
            let aware = (self.offset(vm)?, other.offset(vm)?);
            let (one, two) = match aware {
                (None, None) => (self.naive, other.naive),
                (Some(_), Some(_)) => (self.utc(vm)?, other.utc(vm)?),
                _ => {
                    return match operator {
                        BinaryOperator::Eq => Ok(Some(Value::Bool(false))),
                        BinaryOperator::Ne => Ok(Some(Value::Bool(true))),
                        BinaryOperator::Sub => Err(PyError::type_error(
                            "can't subtract offset-naive and offset-aware datetimes",
                        )),
                        _ => Err(PyError::type_error(
                            "can't compare offset-naive and offset-aware datetimes",
                        )),
                    };
                }
            };
            if operator == BinaryOperator::Sub {
                let (left, right) = if reflected { (two, one) } else { (one, two) };
                let difference: TimeDelta = left.signed_duration_since(right);
                return Ok(Some(Value::object(Delta::from_duration(difference))));
            }
            return Ok(numbers::holds(operator, Some(one.cmp(&two))).map(Value::Bool));
        }
        if other.native::<Date>().is_some() {
            return match operator {
                BinaryOperator::Eq => Ok(Some(Value::Bool(false))),
                BinaryOperator::Ne => Ok(Some(Value::Bool(true))),
                BinaryOperator::Lt
                | BinaryOperator::Le
                | BinaryOperator::Gt
                | BinaryOperator::Ge => Err(PyError::type_error(
                    "can't compare datetime.datetime to datetime.date",
                )),
                _ => Ok(None),
            };
        }
        let Some(delta) = other.native::<Delta>() else {
            return Ok(None);
        };
        match operator {
            BinaryOperator::Add => self.shifted(*delta).map(Some),
            BinaryOperator::Sub if !reflected => self.shifted(Delta(-delta.0)).map(Some),
            _ => Ok(None),
        }
    }

    fn repr(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        let time = &self.naive;
        let micro = time.nanosecond() / 1000;
        let mut parts: Vec<String> = vec![time.year().to_string()];
        parts.extend(
            [time.month(), time.day(), time.hour(), time.minute()]
                .iter()
                .map(u32::to_string),
        );
        if time.second() != 0 || micro != 0 {
            parts.push(time.second().to_string());
        }
        if micro != 0 {
            parts.push(micro.to_string());
        }
        if self.fold {
            parts.push("fold=1".to_owned());
        }
        if let Some(zone) = &self.zone {
            parts.push(format!("tzinfo={}", vm.repr(zone)?));
        }
        Ok(Some(format!("datetime.datetime({})", parts.join(", "))))
    }

    fn str(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        self.iso(vm, " ", "auto").map(Some)
    }

    fn hash_key(&self) -> Option<String> {
        let offset = self
            .zone
            .as_ref()
            .and_then(|zone| zone.native::<Timezone>());
        Some(match offset {
            Some(zone) => format!(
                "datetime utc {}",
                self.naive - TimeDelta::microseconds(i64::try_from(zone.offset.0).unwrap_or(0))
            ),
            None => format!("datetime {} {}", self.naive, self.zone.is_some()),
        })
    }
}
