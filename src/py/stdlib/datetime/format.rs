//! `strftime` and the clock part of `isoformat`.

use chrono::Datelike;
use chrono::NaiveDate;
use chrono::NaiveDateTime;
use chrono::NaiveTime;
use chrono::Timelike;

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::Date;
use super::Delta;
use super::Moment;
use super::Time;

/// Names of weekdays, Monday first.
pub const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
/// Names of months.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The clock: `auto`, `hours`, `minutes`, `seconds`, `milliseconds`, `microseconds`.
pub fn clock(time: &NaiveTime, spec: &str) -> PyResult<String> {
    let (hour, minute, second, micro) = (
        time.hour(),
        time.minute(),
        time.second(),
        time.nanosecond() / 1000,
    );
    Ok(match spec {
        "hours" => format!("{hour:02}"),
        "minutes" => format!("{hour:02}:{minute:02}"),
        "seconds" => format!("{hour:02}:{minute:02}:{second:02}"),
        "auto" if micro == 0 => format!("{hour:02}:{minute:02}:{second:02}"),
        "milliseconds" => format!("{hour:02}:{minute:02}:{second:02}.{:03}", micro / 1000),
        "auto" | "microseconds" => format!("{hour:02}:{minute:02}:{second:02}.{micro:06}"),
        _ => return Err(PyError::value_error("Unknown timespec value")),
    })
}

/// The local clock, offset and zone name of a date, time or datetime.
fn parts(vm: &Vm, value: &Value) -> PyResult<(NaiveDateTime, Option<Delta>, Option<String>)> {
    if let Some(moment) = value.native::<Moment>() {
        let name = vm.call_method(value, "tzname", Args::none())?;
        return Ok((
            moment.naive,
            moment.offset(vm)?,
            name.as_str().map(|name| name.to_string()),
        ));
    }
    if let Some(date) = value.native::<Date>() {
        return Ok((date.0.and_time(NaiveTime::default()), None, None));
    }
    if let Some(time) = value.native::<Time>() {
        let name = vm.call_method(value, "tzname", Args::none())?;
        let day = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default();
        return Ok((
            day.and_time(time.naive),
            super::time::offset(vm, &time)?,
            name.as_str().map(|name| name.to_string()),
        ));
    }
    Err(PyError::type_error(
        "descriptor requires a 'datetime.date' object",
    ))
}

/// `value.strftime(format)`.
pub fn strftime(vm: &Vm, value: &Value, format: &str) -> PyResult<String> {
    let (time, offset, name) = parts(vm, value)?;
    expand(&time, offset, name.as_deref(), format)
}

/// Expands the directives of a format.
pub fn expand(
    time: &NaiveDateTime,
    offset: Option<Delta>,
    name: Option<&str>,
    format: &str,
) -> PyResult<String> {
    let mut result = String::new();
    let mut rest = format.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            result.push(character);
            continue;
        }
        let Some(mut directive) = rest.next() else {
            result.push('%');
            break;
        };
        let unpadded = directive == '-';
        if unpadded {
            directive = rest.next().unwrap_or('%');
        }
        let piece = one(time, offset, name, directive)?;
        if unpadded {
            let trimmed = piece.trim_start_matches(['0', ' ']);
            result.push_str(if trimmed.is_empty() { "0" } else { trimmed });
        } else {
            result.push_str(&piece);
        }
    }
    Ok(result)
}

/// One directive.
#[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
fn one(
    time: &NaiveDateTime,
    offset: Option<Delta>,
    name: Option<&str>,
    directive: char,
) -> PyResult<String> {
    let weekday = time.weekday().num_days_from_monday() as usize;
    let month = time.month0() as usize;
    let day_of_year = time.ordinal();
    let (_, hour12) = time.hour12();
    let nested = |format: &str| expand(time, offset, name, format);
    Ok(match directive {
        '%' => "%".to_owned(),
        'Y' => time.year().to_string(),
        'y' => format!("{:02}", time.year().rem_euclid(100)),
        'C' => format!("{:02}", time.year() / 100),
        'm' => format!("{:02}", time.month()),
        'd' => format!("{:02}", time.day()),
        'e' => format!("{:2}", time.day()),
        'H' => format!("{:02}", time.hour()),
        'I' => format!("{hour12:02}"),
        'k' => format!("{:2}", time.hour()),
        'l' => format!("{hour12:2}"),
        'M' => format!("{:02}", time.minute()),
        'S' => format!("{:02}", time.second()),
        'f' => format!("{:06}", time.nanosecond() / 1000),
        'p' => if time.hour() < 12 { "AM" } else { "PM" }.to_owned(),
        'P' => if time.hour() < 12 { "am" } else { "pm" }.to_owned(),
        'A' => WEEKDAYS.get(weekday).copied().unwrap_or("").to_owned(),
        'a' => WEEKDAYS
            .get(weekday)
            .map_or("", |name| &name[..3])
            .to_owned(),
        'B' => MONTHS.get(month).copied().unwrap_or("").to_owned(),
        'b' | 'h' => MONTHS.get(month).map_or("", |name| &name[..3]).to_owned(),
        'j' => format!("{day_of_year:03}"),
        'u' => time.weekday().number_from_monday().to_string(),
        'w' => time.weekday().num_days_from_sunday().to_string(),
        'U' => format!(
            "{:02}",
            (day_of_year + 6 - time.weekday().num_days_from_sunday()) / 7
        ),
        'W' => format!(
            "{:02}",
            (day_of_year + 6 - time.weekday().num_days_from_monday()) / 7
        ),
        'G' => time.iso_week().year().to_string(),
        'V' => format!("{:02}", time.iso_week().week()),
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        'D' | 'x' => nested("%m/%d/%y")?,
        'F' => nested("%Y-%m-%d")?,
        'T' | 'X' => nested("%H:%M:%S")?,
        'R' => nested("%H:%M")?,
        'r' => nested("%I:%M:%S %p")?,
        'c' => nested("%a %b %e %H:%M:%S %Y")?,
        'z' => offset
            .map(|offset| super::zone::offset_text(offset).replace(':', ""))
            .unwrap_or_default(),
        'Z' => name.unwrap_or("").to_owned(),
        's' => time.and_utc().timestamp().to_string(),
        _ => {
            return Err(PyError::unsupported(format!(
                "the directive `%{directive}` of `strftime`"
            )));
        }
    })
}

/// `timetuple()`: nine numbers.
pub fn struct_time(vm: &Vm, value: &Value) -> PyResult<Value> {
    let (time, ..) = parts(vm, value)?;
    let fields = [
        i64::from(time.year()),
        i64::from(time.month()),
        i64::from(time.day()),
        i64::from(time.hour()),
        i64::from(time.minute()),
        i64::from(time.second()),
        i64::from(time.weekday().num_days_from_monday()),
        i64::from(time.ordinal()),
        -1,
    ];
    Ok(crate::py::stdlib::time::make_struct(fields))
}
