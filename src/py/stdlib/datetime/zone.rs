//! `datetime.tzinfo`, `datetime.timezone`, `zoneinfo.ZoneInfo`.

use std::rc::Rc;

use chrono::NaiveDateTime;
use chrono::Offset;
use chrono::TimeZone;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::builtins::receiver;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::Delta;
use super::Moment;

/// `datetime.tzinfo`.
pub static TZINFO: NativeClass = NativeClass {
    module: "datetime",
    name: "tzinfo",
    bases: &[],
    new: Some(|_, _, _| Ok(Value::object(Abstract))),
    methods: &[("fromutc", fromutc)],
    class_methods: &[],
    attributes: &[],
};

const METHODS: &[(&str, Method)] = &[("utcoffset", utcoffset), ("tzname", tzname), ("dst", dst)];

/// `datetime.timezone`.
pub static TIMEZONE: NativeClass = NativeClass {
    module: "datetime",
    name: "timezone",
    bases: &[&TZINFO],
    new: Some(new),
    methods: METHODS,
    class_methods: &[],
    attributes: &[("utc", |_| utc())],
};

/// `zoneinfo.ZoneInfo`.
pub static ZONE_INFO: NativeClass = NativeClass {
    module: "zoneinfo",
    name: "ZoneInfo",
    bases: &[&TZINFO],
    new: Some(new_zone),
    methods: METHODS,
    class_methods: &[],
    attributes: &[],
};

/// `zoneinfo.ZoneInfoNotFoundError`.
pub static ZONE_INFO_NOT_FOUND: NativeClass = NativeClass::plain(
    "zoneinfo._common",
    "ZoneInfoNotFoundError",
    &[&crate::py::exceptions::KEY_ERROR],
);

/// The base value of a subclass of `tzinfo` written in Python.
#[derive(Debug)]
struct Abstract;

impl Object for Abstract {
    fn class(&self) -> Rc<Class> {
        Class::of(&TZINFO)
    }
}

/// A fixed offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timezone {
    /// East of Greenwich.
    pub offset: Delta,
    /// The name, when one was given.
    pub name: Option<Rc<str>>,
}

/// A zone of the IANA database.
#[derive(Debug, Clone, Copy)]
pub struct ZoneInfo(pub chrono_tz::Tz);

thread_local! {
    static UTC: Rc<Timezone> = Rc::new(Timezone { offset: Delta(0), name: None });
}

/// `timezone.utc`.
pub fn utc() -> Value {
    UTC.with(|utc| Value::Native(utc.clone()))
}

/// `timezone(offset, name=None)`.
fn new(_: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("timezone", "(offset, name=None)")?;
    let Some(offset) = bound.get("offset").native::<Delta>() else {
        return Err(PyError::type_error(
            "timezone() argument 1 must be datetime.timedelta",
        ));
    };
    if offset.0.abs() >= 86_400_000_000 {
        return Err(PyError::value_error(format!(
            "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not {offset}."
        )));
    }
    let name = bound.optional_str("name")?;
    if offset.0 == 0 && name.is_none() {
        return Ok(utc());
    }
    Ok(Value::object(Timezone {
        offset: *offset,
        name,
    }))
}

/// `ZoneInfo(key)`.
fn new_zone(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let name = receiver::text(vm, &args.bind("ZoneInfo", "(key)")?.get("key"))?;
    match name.parse::<chrono_tz::Tz>() {
        Ok(zone) => Ok(Value::object(ZoneInfo(zone))),
        Err(_) => Err(PyError::new(
            &ZONE_INFO_NOT_FOUND,
            format!("No time zone found with key {name}"),
        )),
    }
}

/// `zoneinfo.available_timezones()`.
pub fn available() -> PyResult<Value> {
    let keys = crate::py::builtins::set::keys(
        chrono_tz::TZ_VARIANTS
            .iter()
            .map(|zone| Value::str(zone.name())),
    )?;
    Ok(crate::py::builtins::set::make(keys, false))
}

/// `+05:30` as `isoformat` writes it.
pub fn offset_text(offset: Delta) -> String {
    let sign = if offset.0 < 0 { '-' } else { '+' };
    let micros = offset.0.unsigned_abs();
    let seconds = micros / 1_000_000;
    let mut text = format!("{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
    if !seconds.is_multiple_of(60) || !micros.is_multiple_of(1_000_000) {
        text.push_str(&format!(":{:02}", seconds % 60));
    }
    if !micros.is_multiple_of(1_000_000) {
        text.push_str(&format!(".{:06}", micros % 1_000_000));
    }
    text
}

impl Timezone {
    /// `UTC`, `UTC+05:30`, or the name given.
    pub fn shown(&self) -> String {
        match &self.name {
            Some(name) => name.to_string(),
            None if self.offset.0 == 0 => "UTC".to_owned(),
            None => format!("UTC{}", offset_text(self.offset)),
        }
    }
}

impl ZoneInfo {
    /// The offset that holds at a local time, and its name. `fold` chooses the later of two.
    fn at(self, local: &NaiveDateTime, fold: bool) -> (Delta, String) {
        let found = self.0.offset_from_local_datetime(local);
        let offset = match found {
            chrono::MappedLocalTime::Single(offset) => offset,
            chrono::MappedLocalTime::Ambiguous(first, second) => {
                if fold {
                    second
                } else {
                    first
                }
            }
            chrono::MappedLocalTime::None => {
                // In a gap: the offset before it (after it when `fold`).
                let shift = chrono::TimeDelta::hours(if fold { 3 } else { -3 });
                let near = local.checked_add_signed(shift).unwrap_or(*local);
                self.0
                    .offset_from_local_datetime(&near)
                    .earliest()
                    .unwrap_or_else(|| self.0.offset_from_utc_datetime(local))
            }
        };
        (
            Delta(i128::from(offset.fix().local_minus_utc()) * 1_000_000),
            offset.to_string(),
        )
    }
}

/// The offset of a zone at a local time; `None` when the zone does not know.
pub fn offset_at(
    vm: &Vm,
    zone: &Value,
    moment: &Value,
    local: Option<(&NaiveDateTime, bool)>,
) -> PyResult<Option<Delta>> {
    if let Some(zone) = zone.native::<Timezone>() {
        return Ok(Some(zone.offset));
    }
    if let Some(zone) = zone.native::<ZoneInfo>() {
        return Ok(local.map(|(local, fold)| zone.at(local, fold).0));
    }
    let offset = vm.call_method(zone, "utcoffset", Args::of(vec![moment.clone()]))?;
    match offset.native::<Delta>() {
        Some(offset) => Ok(Some(*offset)),
        None if offset.is_none() => Ok(None),
        None => {
            let class = vm.class_of(&offset);
            Err(PyError::type_error(format!(
                "tzinfo.utcoffset() must return None or a timedelta, not '{}'",
                class.name
            )))
        }
    }
}

/// The local time in a zone of a time in UTC; the flag is `fold`.
pub fn from_utc(vm: &Vm, zone: &Value, utc: &NaiveDateTime) -> PyResult<(NaiveDateTime, bool)> {
    let shifted = |offset: Delta| -> PyResult<NaiveDateTime> {
        utc.checked_add_signed(offset.duration()?)
            .ok_or_else(|| crate::py::builtins::errors::overflow("date value out of range"))
    };
    if let Some(zone) = zone.native::<Timezone>() {
        return Ok((shifted(zone.offset)?, false));
    }
    if let Some(info) = zone.native::<ZoneInfo>() {
        let offset = info.0.offset_from_utc_datetime(utc).fix().local_minus_utc();
        let local = shifted(Delta(i128::from(offset) * 1_000_000))?;
        let fold = matches!(info.0.offset_from_local_datetime(&local),
            chrono::MappedLocalTime::Ambiguous(_, second) if second.fix().local_minus_utc() == offset);
        return Ok((local, fold));
    }
    let naive = Value::object(Moment {
        naive: *utc,
        zone: Some(zone.clone()),
        fold: false,
    });
    let result = vm.call_method(zone, "fromutc", Args::of(vec![naive]))?;
    match result.native::<Moment>() {
        Some(moment) => Ok((moment.naive, moment.fold)),
        None => Err(PyError::type_error("fromutc() must return a datetime")),
    }
}

/// `tzinfo.fromutc(dt)`: `Modules/_datetimemodule.c` `tzinfo_fromutc`.
fn fromutc(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::one("fromutc", args)?;
    let Some(moment) = given.native::<Moment>() else {
        return Err(PyError::type_error(
            "fromutc: argument must be a datetime instance",
        ));
    };
    let is_own = moment
        .zone
        .as_ref()
        .is_some_and(|zone| crate::py::dict::identical(zone, receiver));
    if !is_own {
        return Err(PyError::value_error("fromutc: dt.tzinfo is not self"));
    }
    if receiver.native::<Timezone>().is_some() || receiver.native::<ZoneInfo>().is_some() {
        let (naive, fold) = from_utc(vm, receiver, &moment.naive)?;
        return Ok(Value::object(Moment {
            naive,
            zone: Some(receiver.clone()),
            fold,
        }));
    }
    let ask = |name: &str, moment: &Moment, missing: &str| -> PyResult<Delta> {
        let answer = vm.call_method(
            receiver,
            name,
            Args::of(vec![Value::object(moment.clone())]),
        )?;
        answer
            .native::<Delta>()
            .map(|delta| *delta)
            .ok_or_else(|| PyError::value_error(missing))
    };
    let offset = ask(
        "utcoffset",
        &moment,
        "fromutc: non-None utcoffset() result required",
    )?;
    let summer = ask("dst", &moment, "fromutc: non-None dst() result required")?;
    let standard = moment.moved(Delta(offset.0 - summer.0))?;
    let summer = ask(
        "dst",
        &standard,
        "fromutc: tz.dst() gave inconsistent results; cannot convert",
    )?;
    Ok(Value::object(standard.moved(summer)?))
}

/// The name of a zone at a local time.
pub fn name_at(
    vm: &Vm,
    zone: &Value,
    moment: &Value,
    local: Option<(&NaiveDateTime, bool)>,
) -> PyResult<Option<String>> {
    if let Some(zone) = zone.native::<Timezone>() {
        return Ok(Some(zone.shown()));
    }
    if let Some(zone) = zone.native::<ZoneInfo>() {
        return Ok(local.map(|(local, fold)| zone.at(local, fold).1));
    }
    let name = vm.call_method(zone, "tzname", Args::of(vec![moment.clone()]))?;
    Ok(name.as_str().map(|name| name.to_string()))
}

/// The local time of a `datetime` argument.
fn local_of(value: &Value) -> Option<(NaiveDateTime, bool)> {
    value
        .native::<Moment>()
        .map(|moment| (moment.naive, moment.fold))
}

fn utcoffset(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let moment = arguments::one("utcoffset", args)?;
    let local = local_of(&moment);
    let offset = offset_at(
        vm,
        receiver,
        &moment,
        local.as_ref().map(|(local, fold)| (local, *fold)),
    )?;
    Ok(offset.map_or(Value::None, Value::object))
}

fn tzname(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let moment = arguments::one("tzname", args)?;
    let local = local_of(&moment);
    Ok(Value::from(name_at(
        vm,
        receiver,
        &moment,
        local.as_ref().map(|(local, fold)| (local, *fold)),
    )?))
}

fn dst(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    match receiver.native::<ZoneInfo>() {
        Some(_) => Err(PyError::unsupported("`ZoneInfo.dst`")),
        None => Ok(Value::None),
    }
}

impl Object for Timezone {
    fn class(&self) -> Rc<Class> {
        Class::of(&TIMEZONE)
    }

    fn binary(
        self: Rc<Self>,
        _vm: &Vm,
        operator: BinaryOperator,
        other: &Value,
        _: bool,
    ) -> PyResult<Option<Value>> {
        let Some(other) = other.native::<Self>() else {
            return Ok(None);
        };
        Ok(match operator {
            BinaryOperator::Eq => Some(Value::Bool(self.offset == other.offset)),
            BinaryOperator::Ne => Some(Value::Bool(self.offset != other.offset)),
            _ => None,
        })
    }

    fn repr(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        if self.offset.0 == 0 && self.name.is_none() {
            return Ok(Some("datetime.timezone.utc".to_owned()));
        }
        let offset = vm.repr(&Value::object(self.offset))?;
        Ok(Some(match &self.name {
            Some(name) => format!(
                "datetime.timezone({offset}, {})",
                vm.repr(&Value::Str(name.clone()))?
            ),
            None => format!("datetime.timezone({offset})"),
        }))
    }

    fn str(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(self.shown()))
    }

    fn hash_key(&self) -> Option<String> {
        Some(format!("timezone {}", self.offset.0))
    }
}

impl Object for ZoneInfo {
    fn class(&self) -> Rc<Class> {
        Class::of(&ZONE_INFO)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok((name == "key").then(|| Value::str(self.0.name())))
    }

    fn repr(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(format!("zoneinfo.ZoneInfo(key='{}')", self.0.name())))
    }

    fn str(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(self.0.name().to_owned()))
    }

    fn hash_key(&self) -> Option<String> {
        Some(format!("zone {}", self.0.name()))
    }

    fn binary(
        self: Rc<Self>,
        _vm: &Vm,
        operator: BinaryOperator,
        other: &Value,
        _: bool,
    ) -> PyResult<Option<Value>> {
        let Some(other) = other.native::<Self>() else {
            return Ok(None);
        };
        Ok(match operator {
            BinaryOperator::Eq => Some(Value::Bool(self.0 == other.0)),
            BinaryOperator::Ne => Some(Value::Bool(self.0 != other.0)),
            _ => None,
        })
    }
}
