//! `datetime` and `zoneinfo`: dates, times, durations and time zones. Lib/datetime.py is the reference.

pub mod date;
pub mod delta;
pub mod format;
pub mod moment;
pub mod parse;
pub mod time;
pub mod zone;

use crate::py::builtins::receiver;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

pub use date::Date;
pub use delta::Delta;
pub use moment::Moment;
pub use time::Time;
pub use zone::Timezone;
pub use zone::ZoneInfo;

module! {
    MODULE = "datetime",
    functions: &[],
    classes: &[&date::CLASS, &moment::CLASS, &time::CLASS, &delta::CLASS, &zone::TZINFO, &zone::TIMEZONE],
    values: &[
        ("UTC", |_| Ok(zone::utc())),
        ("MINYEAR", |_| Ok(Value::Int(1))),
        ("MAXYEAR", |_| Ok(Value::Int(9999))),
    ],
}

module! {
    ZONEINFO = "zoneinfo",
    functions: &[("available_timezones", |_, _| zone::available())],
    classes: &[&zone::ZONE_INFO, &zone::ZONE_INFO_NOT_FOUND],
    values: &[],
}

/// A field that must lie between two bounds.
fn field(vm: &Vm, value: &Value, name: &str, low: i64, high: i64) -> PyResult<u32> {
    let number = receiver::index(vm, value)?;
    if !(low..=high).contains(&number) {
        return Err(PyError::value_error(match name {
            "year" => format!("year {number} is out of range"),
            "day" => "day is out of range for month".to_owned(),
            _ => format!("{name} must be in {low}..{high}"),
        }));
    }
    Ok(u32::try_from(number).unwrap_or(0))
}

/// A date from checked fields.
fn make_date(year: u32, month: u32, day: u32) -> PyResult<chrono::NaiveDate> {
    let year = i32::try_from(year).unwrap_or(0);
    chrono::NaiveDate::from_ymd_opt(year, month, day)
        .ok_or_else(|| PyError::value_error("day is out of range for month"))
}

/// A time of day from checked fields.
fn make_time(hour: u32, minute: u32, second: u32, micro: u32) -> chrono::NaiveTime {
    chrono::NaiveTime::from_hms_micro_opt(hour, minute, second, micro).unwrap_or_default()
}

/// A `tzinfo` argument.
fn tzinfo(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    match value {
        Value::None => Ok(None),
        zone if vm.is_instance(&zone, &zone::TZINFO) => Ok(Some(zone)),
        other => {
            let class = vm.class_of(&other);
            Err(PyError::type_error(format!(
                "tzinfo argument must be None or of a tzinfo subclass, not type '{}'",
                class.name
            )))
        }
    }
}
