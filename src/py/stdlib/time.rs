//! `time`.

use std::rc::Rc;
use std::sync::OnceLock;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::builtins::receiver;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::datetime::format::expand;

module! {
    MODULE = "time",
    functions: &[
        ("time", |_, _| Ok(Value::Float(now().as_secs_f64()))),
        ("time_ns", |_, _| Ok(Value::int(now().as_nanos()))),
        ("monotonic", |_, _| Ok(Value::Float(running().as_secs_f64()))),
        ("monotonic_ns", |_, _| Ok(Value::int(running().as_nanos()))),
        ("perf_counter", |_, _| Ok(Value::Float(running().as_secs_f64()))),
        ("perf_counter_ns", |_, _| Ok(Value::int(running().as_nanos()))),
        ("process_time", |_, _| Ok(Value::Float(running().as_secs_f64()))),
        ("sleep", sleep),
        ("gmtime", |vm, args| broken_down(vm, args, false)),
        ("localtime", |vm, args| broken_down(vm, args, true)),
        ("strftime", strftime),
        ("mktime", mktime),
    ],
    classes: &[&STRUCT_TIME],
    values: &[("timezone", |_| Ok(Value::Int(-i64::from(local_offset())))), ("tzname", |_| Err(PyError::unsupported("`time.tzname`")))],
}

/// `time.struct_time`.
pub static STRUCT_TIME: NativeClass = NativeClass::plain("time", "struct_time", &[]);

const FIELDS: [&str; 9] = [
    "tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst",
];

/// A broken-down time.
#[derive(Debug)]
pub struct StructTime([i64; 9]);

impl StructTime {
    /// The nine numbers.
    fn fields(&self) -> Vec<Value> {
        self.0.iter().map(|field| Value::Int(*field)).collect()
    }
}

/// Makes a `struct_time`.
pub fn make_struct(fields: [i64; 9]) -> Value {
    Value::object(StructTime(fields))
}

impl Object for StructTime {
    fn class(&self) -> Rc<Class> {
        Class::of(&STRUCT_TIME)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(FIELDS
            .iter()
            .position(|field| *field == name)
            .and_then(|at| self.0.get(at))
            .map(|field| Value::Int(*field)))
    }

    fn get_item(self: Rc<Self>, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        crate::py::builtins::items::get_item(vm, &Value::tuple(self.fields()), key)
    }

    fn iterate(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Vec<Value>>> {
        Ok(Some(self.fields()))
    }

    fn len(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<usize>> {
        Ok(Some(9))
    }

    fn repr(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        let fields: Vec<String> = FIELDS
            .iter()
            .zip(self.0)
            .map(|(name, field)| format!("{name}={field}"))
            .collect();
        Ok(Some(format!("time.struct_time({})", fields.join(", "))))
    }
}

/// Since 1970.
fn now() -> Duration {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

/// Since the first question.
fn running() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// East of Greenwich, in seconds.
fn local_offset() -> i32 {
    chrono::Local::now().offset().local_minus_utc()
}

/// `time.sleep(seconds)`.
fn sleep(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::one("sleep", args)?;
    let Some(seconds) = receiver::float(&given) else {
        return Err(PyError::type_error(format!(
            "'{}' object cannot be interpreted as an integer",
            vm.class_of(&given).name
        )));
    };
    if seconds < 0.0 {
        return Err(PyError::value_error("sleep length must be non-negative"));
    }
    // an application module that is only evaluated for its names need not wait for anything
    if !vm.is_budgeted() {
        std::thread::sleep(Duration::try_from_secs_f64(seconds).unwrap_or_default());
    }
    Ok(Value::None)
}

/// `gmtime` and `localtime`.
fn broken_down(vm: &Vm, args: Args, local: bool) -> PyResult<Value> {
    let given = arguments::between("gmtime", args, 0, 1)?;
    let utc = match given.first() {
        None | Some(Value::None) => chrono::Utc::now().naive_utc(),
        Some(seconds) => super::datetime::moment::from_seconds(vm, seconds)?,
    };
    let time = if local {
        super::datetime::moment::to_local(utc)
    } else {
        utc
    };
    let made = super::datetime::format::struct_time(vm, &super::datetime::moment::naive(time))?;
    if let Some(made) = made.native::<StructTime>() {
        let mut fields = made.0;
        fields[8] = 0;
        return Ok(make_struct(fields));
    }
    Ok(made)
}

/// The clock of a `struct_time` or a tuple.
fn clock(vm: &Vm, value: &Value) -> PyResult<chrono::NaiveDateTime> {
    let mut fields = Vec::new();
    for field in vm.collect(value)? {
        fields.push(u32::try_from(receiver::index(vm, &field)?).unwrap_or(0));
    }
    let at = |place: usize| fields.get(place).copied().unwrap_or(0);
    chrono::NaiveDate::from_ymd_opt(i32::try_from(at(0)).unwrap_or(0), at(1), at(2))
        .and_then(|date| date.and_hms_opt(at(3), at(4), at(5)))
        .ok_or_else(|| PyError::value_error("time tuple out of range"))
}

/// `time.strftime(format[, t])`.
fn strftime(vm: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::between("strftime", args, 1, 2)?;
    let format = given
        .first()
        .map_or(Ok("".into()), |format| receiver::text(vm, format))?;
    let time = match given.get(1) {
        None => chrono::Local::now().naive_local(),
        Some(value) => clock(vm, value)?,
    };
    expand(&time, None, None, &format).map(Value::from)
}

/// `time.mktime(t)`.
fn mktime(vm: &Vm, args: Args) -> PyResult<Value> {
    use chrono::TimeZone;
    let time = clock(vm, &arguments::one("mktime", args)?)?;
    let utc = chrono::Local
        .from_local_datetime(&time)
        .earliest()
        .map_or(time, |local| local.naive_utc());
    Ok(Value::Float(utc.and_utc().timestamp() as f64))
}
