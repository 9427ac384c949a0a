//! The logging sections of an ini file: Python's `logging.config.fileConfig` as far as streams, levels and formats go. Handlers and formatters of other classes are taken
//! for a stream handler on standard error and the plain formatter: what they show may differ, what is done does not.

use std::path::Path;
use std::path::PathBuf;

use chrono::Local;
use indexmap::IndexMap;

use crate::config::error::Error;
use crate::config::error::repr;
use crate::config::ini::Ini;
use crate::config::record;
use crate::config::record::Record;

/// Where a line goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// A file, appended to.
    File(PathBuf),
}

/// A formatted record and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it goes.
    pub stream: Stream,
    /// The text with its line break.
    pub text: String,
}

#[derive(Debug, Clone)]
struct Handler {
    stream: Option<Stream>,
    level: u32,
    format: String,
    datefmt: Option<String>,
}

#[derive(Debug, Clone)]
struct Logger {
    level: u32,
    propagate: bool,
    handlers: Vec<String>,
}

/// Loggers, handlers and formatters.
#[derive(Debug, Clone)]
pub struct LogConfig {
    root: Logger,
    loggers: IndexMap<String, Logger>,
    handlers: IndexMap<String, Handler>,
    disable_existing: bool,
}

/// Loggers that exist before env.py configures any: `fileConfig` turns them off unless they, or one above them, are configured.
const EXISTING: [&str; 8] = [
    "alembic.autogenerate",
    "alembic.config",
    "alembic.ddl",
    "alembic.runtime",
    "alembic.script",
    "alembic.util",
    "sqlalchemy",
    "alembic.operations",
];

impl LogConfig {
    /// `fileConfig(path)`.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(|_| {
            Error::python(
                "FileNotFoundError",
                format!("{} doesn't exist", path.display()),
            )
        })?;
        if bytes.is_empty() {
            return Err(Error::python(
                "RuntimeError",
                format!("{} is an empty file", path.display()),
            ));
        }
        let mut ini = Ini::default();
        // `fileConfig` passes no defaults: `here` is not known in these sections.
        ini.read(&String::from_utf8_lossy(&bytes), path)?;
        let formatters = formatters(&ini)?;
        let handlers = handlers(&ini, &formatters)?;
        let (root, loggers) = loggers(&ini, &handlers)?;
        Ok(Self {
            root,
            loggers,
            handlers,
            disable_existing: true,
        })
    }

    /// `disable_existing_loggers=False`.
    pub fn keep_existing_loggers(&mut self) {
        self.disable_existing = false;
    }

    /// Whether a record of this level would be shown.
    pub fn enabled(&self, logger: &str, level: &str) -> bool {
        !self.is_disabled(logger)
            && level_number(level).unwrap_or(0) >= self.effective_level(logger)
    }

    /// The lines a record makes, one per handler that takes it.
    pub fn format(&self, logger: &str, level: &str, message: &str) -> Vec<Line> {
        if !self.enabled(logger, level) {
            return Vec::new();
        }
        let number = level_number(level).unwrap_or(0);
        let record = Record {
            logger,
            level,
            number,
            message,
            time: Local::now(),
        };
        let mut lines = Vec::new();
        for name in self.handlers_of(logger) {
            let Some(handler) = self.handlers.get(name) else {
                continue;
            };
            if let Some(stream) = handler.stream.clone().filter(|_| number >= handler.level) {
                lines.push(Line {
                    stream,
                    text: record::format(&handler.format, handler.datefmt.as_deref(), &record)
                        + "\n",
                });
            }
        }
        lines
    }

    fn is_disabled(&self, logger: &str) -> bool {
        let existed = EXISTING.iter().any(|name| is_within(logger, name));
        self.disable_existing && existed && !self.loggers.keys().any(|name| is_within(logger, name))
    }

    /// The configured loggers from the named one up to, not including, the root.
    fn chain<'a>(&'a self, logger: &'a str) -> impl Iterator<Item = &'a Logger> {
        std::iter::successors(Some(logger), |name| {
            name.rsplit_once('.').map(|(above, _)| above)
        })
        .filter_map(|name| self.loggers.get(name))
    }

    fn effective_level(&self, logger: &str) -> u32 {
        self.chain(logger)
            .map(|logger| logger.level)
            .find(|level| *level != 0)
            .unwrap_or(self.root.level)
    }

    fn handlers_of<'a>(&'a self, logger: &'a str) -> Vec<&'a String> {
        let mut found = Vec::new();
        for logger in self.chain(logger) {
            found.extend(&logger.handlers);
            if !logger.propagate {
                return found;
            }
        }
        found.extend(&self.root.handlers);
        found
    }
}

/// Whether a logger is the named one or below it.
fn is_within(logger: &str, name: &str) -> bool {
    logger
        .strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn level_number(name: &str) -> Option<u32> {
    Some(match name {
        "CRITICAL" | "FATAL" => 50,
        "ERROR" => 40,
        "WARNING" | "WARN" => 30,
        "INFO" => 20,
        "DEBUG" => 10,
        "NOTSET" => 0,
        _ => return None,
    })
}

fn level(ini: &Ini, section: &str) -> Result<Option<u32>, Error> {
    match ini.get(section, "level")? {
        None => Ok(None),
        Some(name) => level_number(&name)
            .map(Some)
            .ok_or_else(|| Error::python("ValueError", format!("Unknown level: {}", repr(&name)))),
    }
}

/// `section["key"]`: a `KeyError` when it is not there.
fn required(ini: &Ini, section: &str, key: &str) -> Result<String, Error> {
    if !ini.has_section(section) {
        return Err(Error::python("KeyError", repr(section)));
    }
    ini.get(section, key)?
        .ok_or_else(|| Error::python("KeyError", repr(key)))
}

fn names(text: &str) -> Vec<String> {
    if text.is_empty() {
        Vec::new()
    } else {
        text.split(',').map(|name| name.trim().to_owned()).collect()
    }
}

fn formatters(ini: &Ini) -> Result<IndexMap<String, (String, Option<String>)>, Error> {
    let mut found = IndexMap::new();
    for name in names(&required(ini, "formatters", "keys")?) {
        let section = format!("formatter_{name}");
        // Read raw: these are full of percent signs.
        let format = ini
            .raw(&section, "format")
            .filter(|_| ini.has_section(&section))
            .unwrap_or("%(message)s")
            .to_owned();
        if ini.raw(&section, "style").is_some_and(|style| style != "%") {
            return Err(Error::python(
                "ValueError",
                format!("[{section}] style: only % is supported"),
            ));
        }
        found.insert(
            name,
            (format, ini.raw(&section, "datefmt").map(str::to_owned)),
        );
    }
    Ok(found)
}

fn handlers(
    ini: &Ini,
    formatters: &IndexMap<String, (String, Option<String>)>,
) -> Result<IndexMap<String, Handler>, Error> {
    let mut found = IndexMap::new();
    for name in names(&required(ini, "handlers", "keys")?) {
        let section = format!("handler_{name}");
        let class = required(ini, &section, "class")?;
        let formatter = ini.get(&section, "formatter")?.unwrap_or_default();
        let (format, datefmt) = if formatter.is_empty() {
            ("%(message)s".to_owned(), None)
        } else {
            formatters
                .get(&formatter)
                .cloned()
                .ok_or_else(|| Error::python("KeyError", repr(&formatter)))?
        };
        let args = ini.get(&section, "args")?.unwrap_or_default();
        let handler = Handler {
            stream: stream(&class, &args),
            level: level(ini, &section)?.unwrap_or(0),
            format,
            datefmt,
        };
        found.insert(name, handler);
    }
    Ok(found)
}

/// Where a handler writes, from its class and its arguments.
fn stream(class: &str, args: &str) -> Option<Stream> {
    let class = class.rsplit('.').next().unwrap_or(class);
    if class == "NullHandler" {
        return None;
    }
    if class.ends_with("FileHandler") {
        let quote = args.find(['\'', '"']).map(|at| (at, &args[at..=at]));
        let path = quote.and_then(|(at, quote)| args[at + 1..].split(quote).next());
        return path.map(|path| Stream::File(PathBuf::from(path)));
    }
    Some(if args.contains("stdout") {
        Stream::Stdout
    } else {
        Stream::Stderr
    })
}

fn loggers(
    ini: &Ini,
    handlers: &IndexMap<String, Handler>,
) -> Result<(Logger, IndexMap<String, Logger>), Error> {
    let keys = names(&required(ini, "loggers", "keys")?);
    let read = |section: &str| -> Result<Logger, Error> {
        let named = names(&required(ini, section, "handlers")?);
        for name in &named {
            if !handlers.contains_key(name) {
                return Err(Error::python("KeyError", repr(name)));
            }
        }
        let propagate = ini
            .get(section, "propagate")?
            .unwrap_or_else(|| "1".to_owned());
        let propagate = propagate.trim().parse::<i64>().map_err(|_| {
            Error::python(
                "ValueError",
                format!(
                    "invalid literal for int() with base 10: {}",
                    repr(&propagate)
                ),
            )
        })?;
        Ok(Logger {
            level: level(ini, section)?.unwrap_or(0),
            propagate: propagate != 0,
            handlers: named,
        })
    };
    if !keys.iter().any(|key| key == "root") {
        return Err(Error::python("ValueError", "list.remove(x): x not in list"));
    }
    let mut root = read("logger_root")?;
    if !ini.has_option("logger_root", "level") {
        root.level = 30;
    }
    let mut found = IndexMap::new();
    for key in keys.iter().filter(|key| *key != "root") {
        let section = format!("logger_{key}");
        found.insert(required(ini, &section, "qualname")?, read(&section)?);
    }
    Ok((root, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = "[loggers]\nkeys = root,sqlalchemy,alembic\n[handlers]\nkeys = console\n[formatters]\nkeys = generic\n\
        [logger_root]\nlevel = WARNING\nhandlers = console\nqualname =\n[logger_sqlalchemy]\nlevel = WARNING\nhandlers =\nqualname = sqlalchemy.engine\n\
        [logger_alembic]\nlevel = INFO\nhandlers =\nqualname = alembic\n[handler_console]\nclass = StreamHandler\nargs = (sys.stderr,)\nlevel = NOTSET\nformatter = generic\n\
        [formatter_generic]\nformat = %(levelname)-5.5s [%(name)s] %(message)s\ndatefmt = %H:%M:%S\n";

    fn config(text: &str) -> Result<LogConfig, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alembic.ini");
        std::fs::write(&path, text).unwrap();
        LogConfig::from_file(&path)
    }

    #[test]
    fn the_shipped_sections_show_info_on_standard_error() {
        let config = config(SHIPPED).unwrap();
        let lines = config.format(
            "alembic.runtime.migration",
            "INFO",
            "Context impl PostgresqlImpl.",
        );
        assert_eq!(
            lines,
            [Line {
                stream: Stream::Stderr,
                text: "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.\n".to_owned()
            }]
        );
        assert!(!config.enabled("alembic.runtime.migration", "DEBUG"));
        assert!(!config.enabled("app", "INFO"));
        assert!(!config.enabled("sqlalchemy.engine.Engine", "INFO"));
    }

    #[test]
    fn standard_output_is_honoured() {
        let config = config(&SHIPPED.replace("sys.stderr", "sys.stdout")).unwrap();
        assert_eq!(
            config.format("alembic.util.messaging", "ERROR", "x")[0].stream,
            Stream::Stdout
        );
    }

    #[test]
    fn loggers_that_existed_and_are_not_configured_are_turned_off() {
        let text = SHIPPED.replace("root,sqlalchemy,alembic", "root").replace(
            "level = WARNING\nhandlers = console",
            "level = INFO\nhandlers = console",
        );
        let mut config = config(&text).unwrap();
        assert!(!config.enabled("alembic.runtime.migration", "INFO"));
        assert!(config.enabled("app", "INFO"));
        config.keep_existing_loggers();
        assert!(config.enabled("alembic.runtime.migration", "INFO"));
    }

    #[test]
    fn missing_sections_are_key_errors() {
        assert_eq!(
            config("[alembic]\n").unwrap_err(),
            Error::python("KeyError", "'formatters'")
        );
    }
}
