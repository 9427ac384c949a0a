//! A log record as text: the format strings of Python's `logging.Formatter` in `%` style.

use std::fmt::Write as _;

use chrono::DateTime;
use chrono::Local;

/// What a format string can name.
pub(crate) struct Record<'a> {
    pub(crate) logger: &'a str,
    pub(crate) level: &'a str,
    pub(crate) number: u32,
    pub(crate) message: &'a str,
    pub(crate) time: DateTime<Local>,
}

/// `logging.Formatter(format, datefmt).format(record)`.
pub(crate) fn format(pattern: &str, datefmt: Option<&str>, record: &Record<'_>) -> String {
    let mut done = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        done.push_str(&rest[..at]);
        rest = &rest[at..];
        match field(rest) {
            Some((name, flags, after)) => {
                done.push_str(&pad(&value(name, datefmt, record), flags));
                rest = after;
            }
            None => {
                let is_escape = rest.starts_with("%%");
                done.push('%');
                rest = &rest[if is_escape { 2 } else { 1 }..];
            }
        }
    }
    done.push_str(rest);
    done
}

/// `%(name)-5.5s`: name, flags, what follows.
fn field(text: &str) -> Option<(&str, &str, &str)> {
    let (name, after) = text.strip_prefix("%(")?.split_once(')')?;
    let end = after.find(|c: char| c.is_ascii_alphabetic())?;
    let is_flags = after[..end]
        .chars()
        .all(|c| c.is_ascii_digit() || "-+ #.".contains(c));
    is_flags.then(|| (name, &after[..end], &after[end + 1..]))
}

/// Width and precision as `printf` has them.
fn pad(text: &str, flags: &str) -> String {
    let is_left = flags.contains('-');
    let digits = flags.trim_start_matches(['-', '+', ' ', '#']);
    let is_zero = digits.starts_with('0') && !is_left;
    let (width, precision) = digits.split_once('.').unwrap_or((digits, ""));
    let width: usize = width.parse().unwrap_or(0);
    let shown: String = match precision.parse::<usize>() {
        Ok(limit) => text.chars().take(limit).collect(),
        Err(_) => text.to_owned(),
    };
    let fill = width.min(10_000).saturating_sub(shown.chars().count());
    match (is_left, is_zero) {
        (true, _) => format!("{shown}{}", " ".repeat(fill)),
        (false, true) => format!("{}{shown}", "0".repeat(fill)),
        (false, false) => format!("{}{shown}", " ".repeat(fill)),
    }
}

fn value(name: &str, datefmt: Option<&str>, record: &Record<'_>) -> String {
    match name {
        "message" => record.message.to_owned(),
        "levelname" => record.level.to_owned(),
        "levelno" => record.number.to_string(),
        "name" => record.logger.to_owned(),
        "asctime" => time(datefmt, record),
        "msecs" => record.time.timestamp_subsec_millis().to_string(),
        "created" => format!(
            "{}.{:06}",
            record.time.timestamp(),
            record.time.timestamp_subsec_micros()
        ),
        "process" => std::process::id().to_string(),
        "processName" => "MainProcess".to_owned(),
        "threadName" => "MainThread".to_owned(),
        "module" | "filename" | "pathname" | "funcName" => "aludel".to_owned(),
        "taskName" => "None".to_owned(),
        _ => "0".to_owned(),
    }
}

/// `Formatter.formatTime`.
fn time(datefmt: Option<&str>, record: &Record<'_>) -> String {
    let mut shown = String::new();
    let done = match datefmt {
        Some(datefmt) => write!(shown, "{}", record.time.format(datefmt)),
        None => write!(
            shown,
            "{},{:03}",
            record.time.format("%Y-%m-%d %H:%M:%S"),
            record.time.timestamp_subsec_millis()
        ),
    };
    match done {
        Ok(()) => shown,
        Err(_) => datefmt.unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    fn shown(pattern: &str, datefmt: Option<&str>) -> String {
        let time = Local.with_ymd_and_hms(2024, 1, 2, 3, 4, 5).unwrap();
        format(
            pattern,
            datefmt,
            &Record {
                logger: "alembic.x",
                level: "WARNING",
                number: 30,
                message: "hello",
                time,
            },
        )
    }

    #[test]
    fn alembic_s_own_format() {
        assert_eq!(
            shown("%(levelname)-5.5s [%(name)s] %(message)s", None),
            "WARNI [alembic.x] hello"
        );
    }

    #[test]
    fn times_follow_datefmt() {
        assert_eq!(shown("%(asctime)s", Some("%H:%M:%S")), "03:04:05");
        assert_eq!(shown("%(asctime)s", None), "2024-01-02 03:04:05,000");
        assert_eq!(
            shown("100%% %(levelno)04d|%(name)12s|", None),
            "100% 0030|   alembic.x|"
        );
    }
}
