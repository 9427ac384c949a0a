//! `fromisoformat` and `strptime`.

use chrono::Datelike;
use chrono::NaiveDate;
use chrono::NaiveDateTime;
use chrono::NaiveTime;

use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::Delta;
use super::Timezone;
use super::format::MONTHS;
use super::format::WEEKDAYS;
use super::zone;

/// Exactly this many decimal digits at the start; the rest follows.
fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let head = text.get(..count)?;
    head.bytes()
        .all(|digit| digit.is_ascii_digit())
        .then(|| head.parse().ok())
        .flatten()
        .map(|number| (number, &text[count..]))
}

/// A date in ISO form at the start of a text; the rest follows.
pub fn iso_date(text: &str) -> Option<(NaiveDate, &str)> {
    let (year, rest) = digits(text, 4)?;
    let year = i32::try_from(year).ok().filter(|year| *year >= 1)?;
    let dashed = rest.starts_with('-');
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    if let Some(rest) = rest.strip_prefix('W') {
        let (week, rest) = digits(rest, 2)?;
        let (day, rest) = match (dashed, rest.strip_prefix('-')) {
            (true, Some(after)) => digits(after, 1)?,
            (false, None) if rest.starts_with(|first: char| first.is_ascii_digit()) => {
                digits(rest, 1)?
            }
            _ => (1, rest),
        };
        let weekday = chrono::Weekday::try_from(u8::try_from(day.checked_sub(1)?).ok()?).ok()?;
        return NaiveDate::from_isoywd_opt(year, week, weekday).map(|date| (date, rest));
    }
    let (month, rest) = digits(rest, 2)?;
    let rest = if dashed {
        rest.strip_prefix('-')?
    } else {
        rest
    };
    let (day, rest) = digits(rest, 2)?;
    NaiveDate::from_ymd_opt(year, month, day).map(|date| (date, rest))
}

/// `HH[:MM[:SS[.ffffff]]]`, with or without colons; the rest follows.
fn iso_clock(text: &str) -> Option<((u32, u32, u32, u32), &str)> {
    let (hour, mut rest) = digits(text, 2)?;
    let colons = rest.starts_with(':');
    let mut fields = [0_u32; 2];
    let mut count = 0;
    for field in &mut fields {
        let next = if colons {
            rest.strip_prefix(':')
        } else {
            Some(rest)
        };
        let Some((number, after)) = next.and_then(|next| digits(next, 2)) else {
            if next.is_some() && colons {
                return None;
            }
            break;
        };
        *field = number;
        rest = after;
        count += 1;
    }
    let mut micro = 0;
    if count == 2
        && let Some(fraction) = rest.strip_prefix(['.', ','])
    {
        let size = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if size == 0 {
            return None;
        }
        let shown: String = fraction[..size]
            .chars()
            .chain("000000".chars())
            .take(6)
            .collect();
        micro = shown.parse().ok()?;
        rest = &fraction[size..];
    }
    Some(((hour, fields[0], fields[1], micro), rest))
}

/// A time of day with an optional offset.
pub fn iso_time(text: &str) -> Option<(NaiveTime, Option<Value>)> {
    let ((hour, minute, second, micro), rest) = iso_clock(text)?;
    let time =
        NaiveTime::from_hms_micro_opt(hour, minute, second, micro).filter(|_| second < 60)?;
    if rest.is_empty() {
        return Some((time, None));
    }
    if rest == "Z" {
        return Some((time, Some(zone::utc())));
    }
    let sign = if rest.starts_with('-') { -1 } else { 1 };
    let ((hours, minutes, seconds, micros), rest) = iso_clock(rest.strip_prefix(['+', '-'])?)?;
    if !rest.is_empty() || hours >= 24 || minutes >= 60 || seconds >= 60 {
        return None;
    }
    let micros = (i128::from(hours) * 3600 + i128::from(minutes) * 60 + i128::from(seconds))
        * 1_000_000
        + i128::from(micros);
    let zone = if micros == 0 {
        zone::utc()
    } else {
        Value::object(Timezone {
            offset: Delta(sign * micros),
            name: None,
        })
    };
    Some((time, Some(zone)))
}

/// A datetime in ISO form: any one character may separate the parts.
pub fn iso_datetime(text: &str) -> Option<(NaiveDateTime, Option<Value>)> {
    let (date, rest) = iso_date(text)?;
    if rest.is_empty() {
        return Some((date.and_time(NaiveTime::default()), None));
    }
    let separator = rest.chars().next()?;
    let (time, zone) = iso_time(&rest[separator.len_utf8()..])?;
    Some((date.and_time(time), zone))
}

/// What `strptime` has read so far.
struct Parsed {
    year: i32,
    month: u32,
    day: u32,
    hour: u32,
    hour12: Option<u32>,
    afternoon: Option<bool>,
    minute: u32,
    second: u32,
    micro: u32,
    ordinal: Option<u32>,
    offset: Option<Delta>,
}

/// `datetime.strptime(text, format)`.
#[expect(
    clippy::too_many_lines,
    reason = "the steps share their state and are read in order"
)]
pub fn strptime(vm: &Vm, text: &str, format: &str) -> PyResult<(NaiveDateTime, Option<Delta>)> {
    let mismatch = || -> PyResult<PyError> {
        let (text, format) = (vm.repr(&Value::str(text))?, vm.repr(&Value::str(format))?);
        Ok(PyError::value_error(format!(
            "time data {text} does not match format {format}"
        )))
    };
    let mut parsed = Parsed {
        year: 1900,
        month: 1,
        day: 1,
        hour: 0,
        hour12: None,
        afternoon: None,
        minute: 0,
        second: 0,
        micro: 0,
        ordinal: None,
        offset: None,
    };
    let format_all = format
        .replace("%F", "%Y-%m-%d")
        .replace("%T", "%H:%M:%S")
        .replace("%R", "%H:%M");
    let mut rest = text;
    let mut directives = format_all.chars().peekable();
    while let Some(character) = directives.next() {
        let next = if character == '%' {
            let directive = directives.next().unwrap_or('%');
            directive_value(&mut parsed, directive, rest)?
        } else if character.is_whitespace() {
            let trimmed = rest.trim_start();
            (trimmed.len() < rest.len()).then_some(trimmed)
        } else {
            rest.strip_prefix(character)
        };
        match next {
            Some(next) => rest = next,
            None => return Err(mismatch()?),
        }
    }
    if !rest.is_empty() {
        return Err(PyError::value_error(format!(
            "unconverted data remains: {rest}"
        )));
    }
    if let Some(hour) = parsed.hour12 {
        parsed.hour = hour % 12
            + if parsed.afternoon == Some(true) {
                12
            } else {
                0
            };
    }
    let date = match parsed.ordinal {
        Some(ordinal) => NaiveDate::from_yo_opt(parsed.year, ordinal),
        None => NaiveDate::from_ymd_opt(parsed.year, parsed.month, parsed.day),
    };
    let date = date
        .filter(|date| date.year() >= 1)
        .ok_or_else(|| PyError::value_error("day is out of range for month"))?;
    let time = NaiveTime::from_hms_micro_opt(
        parsed.hour,
        parsed.minute,
        parsed.second.min(59),
        parsed.micro,
    );
    Ok((date.and_time(time.unwrap_or_default()), parsed.offset))
}

/// Up to `most` digits that make a number between two bounds.
fn number(text: &str, most: usize, low: u32, high: u32) -> Option<(u32, &str)> {
    let size = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    (1..=size).rev().find_map(|size| {
        let number: u32 = text[..size].parse().ok()?;
        (low..=high)
            .contains(&number)
            .then_some((number, &text[size..]))
    })
}

/// One of some names, in any case: its place and the rest.
fn named<'t>(text: &'t str, names: &[&str], short: bool) -> Option<(u32, &'t str)> {
    names.iter().enumerate().find_map(|(at, name)| {
        let name = if short { &name[..3] } else { name };
        let head = text.get(..name.len())?;
        head.eq_ignore_ascii_case(name)
            .then(|| (u32::try_from(at).unwrap_or(0), &text[name.len()..]))
    })
}

/// Reads one directive; `None` when the text does not match.
#[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
fn directive_value<'t>(
    parsed: &mut Parsed,
    directive: char,
    text: &'t str,
) -> PyResult<Option<&'t str>> {
    let mut set = |found: Option<(u32, &'t str)>, put: fn(&mut Parsed, u32)| {
        found.map(|(number, rest)| {
            put(parsed, number);
            rest
        })
    };
    Ok(match directive {
        '%' => text.strip_prefix('%'),
        'Y' => set(digits(text, 4), |parsed, year| {
            parsed.year = i32::try_from(year).unwrap_or(0)
        }),
        'y' => set(digits(text, 2), |parsed, year| {
            parsed.year = i32::try_from(year).unwrap_or(0) + if year < 69 { 2000 } else { 1900 }
        }),
        'm' => set(number(text, 2, 1, 12), |parsed, month| parsed.month = month),
        'd' => set(number(text, 2, 1, 31), |parsed, day| parsed.day = day),
        'H' => set(number(text, 2, 0, 23), |parsed, hour| parsed.hour = hour),
        'I' => set(number(text, 2, 1, 12), |parsed, hour| {
            parsed.hour12 = Some(hour)
        }),
        'M' => set(number(text, 2, 0, 59), |parsed, minute| {
            parsed.minute = minute
        }),
        'S' => set(number(text, 2, 0, 61), |parsed, second| {
            parsed.second = second
        }),
        'j' => set(number(text, 3, 1, 366), |parsed, day| {
            parsed.ordinal = Some(day)
        }),
        'p' => set(
            named(text, &["AM ", "PM "].map(|name| &name[..2]), false),
            |parsed, at| parsed.afternoon = Some(at == 1),
        ),
        'B' => set(named(text, &MONTHS, false), |parsed, month| {
            parsed.month = month + 1
        }),
        'b' => set(named(text, &MONTHS, true), |parsed, month| {
            parsed.month = month + 1
        }),
        'A' => set(named(text, &WEEKDAYS, false), |_, _| {}),
        'a' => set(named(text, &WEEKDAYS, true), |_, _| {}),
        'f' => {
            let size = text.bytes().take(6).take_while(u8::is_ascii_digit).count();
            if size == 0 {
                return Ok(None);
            }
            let shown: String = text[..size]
                .chars()
                .chain("000000".chars())
                .take(6)
                .collect();
            parsed.micro = shown.parse().unwrap_or(0);
            Some(&text[size..])
        }
        'z' => {
            if let Some(rest) = text.strip_prefix('Z') {
                parsed.offset = Some(Delta(0));
                return Ok(Some(rest));
            }
            let Some(body) = text.strip_prefix(['+', '-']) else {
                return Ok(None);
            };
            let Some(((hours, minutes, seconds, micros), rest)) = iso_clock(body) else {
                return Ok(None);
            };
            let total = (i128::from(hours) * 3600 + i128::from(minutes) * 60 + i128::from(seconds))
                * 1_000_000
                + i128::from(micros);
            parsed.offset = Some(Delta(if text.starts_with('-') { -total } else { total }));
            Some(rest)
        }
        'Z' => {
            let found = ["UTC", "GMT"]
                .iter()
                .find_map(|name| text.strip_prefix(name));
            if found.is_none() {
                return Err(PyError::unsupported(
                    "the directive `%Z` of `strptime` with another zone than UTC",
                ));
            }
            found
        }
        _ => {
            return Err(PyError::value_error(format!(
                "'{directive}' is a bad directive in format"
            )));
        }
    })
}
