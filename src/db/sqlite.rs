//! An SQLite connection, with the habits of Python's `sqlite3` module: the driver opens a transaction by itself, and only
//! before INSERT, UPDATE, DELETE and REPLACE (Modules/_sqlite/cursor.c `_pysqlite_query_execute`).

mod bind;
mod text;

use std::path::Path;
use std::time::Duration;

use rusqlite::Batch;
use rusqlite::OpenFlags;
use rusqlite::Statement;
use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::ffi;
use rusqlite::types::ValueRef;

use crate::db::Bound;
use crate::db::Connection;
use crate::db::Error;
use crate::db::Rows;
use crate::db::options::ConnectOptions;
use crate::db::options::problem;
use crate::db::url::QueryValue;
use crate::db::url::Url;
use crate::schema::literal::Literal;

pub use text::is_dml;

/// The drivers of SQLAlchemy's SQLite dialect: sqlalchemy/dialects/sqlite/__init__.py.
pub const SQLITE_DRIVERS: &[&str] = &["pysqlite", "aiosqlite", "pysqlite_numeric"];

/// Whether a URL names a database in memory: pysqlite.py `_is_url_file_db`.
pub fn is_in_memory(url: &Url) -> bool {
    let is_named = url
        .database
        .as_ref()
        .is_some_and(|name| !name.is_empty() && name != ":memory:");
    !is_named || url.query_values("mode").iter().any(|mode| mode == "memory")
}

/// What `sqlite3.connect` waits for a lock by default.
const TIMEOUT: f64 = 5.0;

/// A live connection.
pub struct Sqlite {
    connection: rusqlite::Connection,
    /// What begins a transaction before DML: `BEGIN`, `BEGIN IMMEDIATE`…; `None` for `isolation_level=None`.
    begin: Option<String>,
    /// What is still to be said: category and message.
    warnings: Vec<(String, String)>,
}

/// `sqlite3.sqlite_version`.
pub fn library_version() -> &'static str {
    rusqlite::version()
}

/// What a URL and `connect_args` say.
#[derive(Debug, Default)]
struct Target {
    file: String,
    is_uri: bool,
    timeout: Option<f64>,
    begin: Option<Option<String>>,
    warnings: Vec<(String, String)>,
}

/// Opens the database file; see [`crate::db::connect`].
pub fn connect(url: &Url, options: &ConnectOptions) -> Result<Sqlite, Error> {
    let target = target(url, options)?;
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    if target.is_uri {
        flags |= OpenFlags::SQLITE_OPEN_URI;
    }
    // the library takes every name that begins so for a URI
    let is_like_uri = target.file.starts_with("file:") && !target.is_uri;
    let file = if is_like_uri {
        format!("./{}", target.file)
    } else {
        target.file
    };
    let opened = if file == ":memory:" {
        rusqlite::Connection::open_in_memory_with_flags(flags)
    } else {
        rusqlite::Connection::open_with_flags(Path::new(&file), flags)
    };
    let connection = opened.map_err(|error| opening(&error))?;
    // the library this is built with enforces foreign keys by default, SQLite itself does not
    let prepared = connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false)
        .and_then(|_| {
            let seconds = target.timeout.unwrap_or(TIMEOUT).max(0.0);
            connection.busy_timeout(Duration::try_from_secs_f64(seconds).unwrap_or_default())
        });
    prepared.map_err(|error| failure(&error, None))?;
    Ok(Sqlite {
        connection,
        begin: target.begin.unwrap_or_else(|| Some("BEGIN".to_owned())),
        warnings: target.warnings,
    })
}

/// pysqlite.py `create_connect_args`.
fn target(url: &Url, options: &ConnectOptions) -> Result<Target, Error> {
    let is_remote = url.username.is_some()
        || url.password.is_some()
        || url.host.as_ref().is_some_and(|host| !host.is_empty())
        || url.port.is_some();
    if is_remote {
        return Err(argument_error(format!(
            "Invalid SQLite URL: {}\nValid SQLite URL forms are sqlite:///:memory: or sqlite:////absolute/path/to/file.db",
            url.render_as_string(true)
        )));
    }
    let mut target = Target::default();
    let mut rest = Vec::new();
    for (name, value) in &url.query {
        let text = match value {
            QueryValue::One(text) => text.clone(),
            QueryValue::Many(texts) => texts.last().cloned().unwrap_or_default(),
        };
        if !target.take(name, &text)? {
            rest.push((name.clone(), text));
        }
    }
    for (name, value) in &options.parameters {
        if !target.take(name, value)? {
            return Err(problem(format!(
                "the connection argument `{name}` is not known to aludel for SQLite"
            )));
        }
    }
    rest.sort();
    let file = url.database.clone().unwrap_or_default();
    target.file = if file.is_empty() {
        ":memory:".to_owned()
    } else if target.is_uri && !rest.is_empty() {
        let parts: Vec<String> = rest
            .iter()
            .map(|(name, text)| format!("{name}={text}"))
            .collect();
        format!("{file}?{}", parts.join("&"))
    } else {
        target.warnings.extend(ignored(&rest));
        file
    };
    Ok(target)
}

/// pysqlite.py `create_connect_args`.
fn ignored(rest: &[(String, String)]) -> Option<(String, String)> {
    let names: Vec<String> = rest.iter().map(|(name, _)| format!("'{name}'")).collect();
    let message = format!(
        "Query string argument(s) {} are not accepted by the pysqlite driver and are being ignored; SQLite URI arguments require that 'uri=true' also be present in the URL. (Background on this warning at: https://sqlalche.me/e/21/squa)",
        names.join(", ")
    );
    (!rest.is_empty()).then(|| ("SAWarning".to_owned(), message))
}

impl Target {
    /// One option; whether it is the driver's.
    fn take(&mut self, name: &str, text: &str) -> Result<bool, Error> {
        match name {
            "uri" => self.is_uri = is_true(text),
            "timeout" => {
                let seconds = text.parse().map_err(|_| {
                    problem(format!(
                        "the connection argument `timeout` is no number: {text}"
                    ))
                })?;
                self.timeout = Some(seconds);
            }
            "isolation_level" => {
                self.begin = Some(match text.to_uppercase().as_str() {
                    "NONE" => None,
                    "" => Some("BEGIN".to_owned()),
                    level @ ("DEFERRED" | "IMMEDIATE" | "EXCLUSIVE") => {
                        Some(format!("BEGIN {level}"))
                    }
                    _ => {
                        return Err(problem(
                            "isolation_level string must be '', 'DEFERRED', 'IMMEDIATE', or 'EXCLUSIVE'",
                        ));
                    }
                });
            }
            "detect_types" if text == "0" => {}
            "check_same_thread" | "cached_statements" => {}
            "detect_types" | "factory" | "autocommit" => {
                return Err(problem(format!(
                    "the connection argument `{name}` is not supported for SQLite"
                )));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Python's `bool_arg` of a URL's text.
fn is_true(text: &str) -> bool {
    matches!(
        text.to_lowercase().as_str(),
        "true" | "yes" | "on" | "y" | "t" | "1"
    )
}

fn argument_error(message: String) -> Error {
    Error {
        message,
        ..Error::default()
    }
}

/// Modules/_sqlite/util.c `get_exception_class`.
fn class_of(code: i32) -> &'static str {
    match code & 0xff {
        ffi::SQLITE_INTERNAL | ffi::SQLITE_NOTFOUND => "InternalError",
        ffi::SQLITE_ERROR
        | ffi::SQLITE_PERM
        | ffi::SQLITE_ABORT
        | ffi::SQLITE_BUSY
        | ffi::SQLITE_LOCKED
        | ffi::SQLITE_READONLY
        | ffi::SQLITE_INTERRUPT
        | ffi::SQLITE_IOERR
        | ffi::SQLITE_FULL
        | ffi::SQLITE_CANTOPEN
        | ffi::SQLITE_PROTOCOL
        | ffi::SQLITE_EMPTY
        | ffi::SQLITE_SCHEMA => "OperationalError",
        ffi::SQLITE_TOOBIG => "DataError",
        ffi::SQLITE_CONSTRAINT | ffi::SQLITE_MISMATCH => "IntegrityError",
        ffi::SQLITE_MISUSE | ffi::SQLITE_RANGE => "InterfaceError",
        _ => "DatabaseError",
    }
}

/// What the library said, as Python's driver raises it.
fn failure(error: &rusqlite::Error, statement: Option<&str>) -> Error {
    let (class, message) = match error {
        rusqlite::Error::SqliteFailure(code, message) => (
            class_of(code.extended_code),
            message.clone().unwrap_or_else(|| code.to_string()),
        ),
        rusqlite::Error::SqlInputError { error, msg, .. } => {
            (class_of(error.extended_code), msg.clone())
        }
        other => ("DatabaseError", other.to_string()),
    };
    driver_error(class, message, statement)
}

fn driver_error(class: &'static str, message: String, statement: Option<&str>) -> Error {
    Error {
        message,
        class: Some(class),
        statement: statement.map(str::to_owned),
        ..Error::default()
    }
}

/// The library reads a text only up to its first NUL.
fn without_nul(sql: &str) -> Result<(), Error> {
    let message = "the query contains a null character".to_owned();
    match sql.contains('\0') {
        true => Err(driver_error("ProgrammingError", message, Some(sql))),
        false => Ok(()),
    }
}

/// A file that cannot be opened: the driver does not say which.
fn opening(error: &rusqlite::Error) -> Error {
    let mut error = failure(error, None);
    if error.message.starts_with("unable to open database file") {
        error.message = "unable to open database file".to_owned();
    }
    error
}

/// No values.
const NOTHING: Bound = Bound::Positional(Vec::new());
const ONE_STATEMENT: &str = "You can only execute one statement at a time.";

impl Sqlite {
    /// Executes one statement as `cursor.execute` does.
    fn execute(&self, sql: &str, values: &Bound) -> Result<Rows, Error> {
        let failed = |error: rusqlite::Error| failure(&error, Some(sql));
        without_nul(sql)?;
        let mut batch = Batch::new(&self.connection, sql);
        let Some(mut statement) = batch.next().map_err(failed)? else {
            return Ok(Rows {
                rowcount: -1,
                ..Rows::default()
            });
        };
        match batch.next() {
            Ok(None) if !text::has_tail(sql) => {}
            Ok(_) | Err(_) => {
                return Err(driver_error(
                    "ProgrammingError",
                    ONE_STATEMENT.to_owned(),
                    Some(sql),
                ));
            }
        }
        bind::all(&mut statement, values, sql)?;
        let is_dml = is_dml(sql);
        if let Some(begin) = self.begin.as_ref().filter(|_| is_dml)
            && self.connection.is_autocommit()
        {
            self.connection.execute_batch(begin).map_err(failed)?;
        }
        let mut found = self.fetch(&mut statement, sql)?;
        drop(statement);
        found.rowcount = if is_dml {
            i64::try_from(self.connection.changes()).unwrap_or(i64::MAX)
        } else {
            -1
        };
        Ok(found)
    }

    fn fetch(&self, statement: &mut Statement<'_>, sql: &str) -> Result<Rows, Error> {
        let failed = |error: rusqlite::Error| failure(&error, Some(sql));
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = Vec::new();
        let mut found = statement.raw_query();
        while let Some(row) = found.next().map_err(failed)? {
            let mut values = Vec::with_capacity(columns.len());
            for (at, column) in columns.iter().enumerate() {
                let value = row.get_ref(at).map_err(failed)?;
                values.push(literal(value, column, sql)?);
            }
            rows.push(values);
        }
        Ok(Rows {
            columns,
            rows,
            rowcount: -1,
        })
    }
}

/// A value by its storage class.
fn literal(value: ValueRef<'_>, column: &str, sql: &str) -> Result<Literal, Error> {
    Ok(match value {
        ValueRef::Null => Literal::Null,
        ValueRef::Integer(number) => Literal::Int(number.into()),
        ValueRef::Real(number) => Literal::Float(number),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Literal::Str(text.to_owned()),
            Err(_) => {
                return Err(driver_error(
                    "OperationalError",
                    format!(
                        "Could not decode to UTF-8 column '{column}' with text '{}'",
                        String::from_utf8_lossy(bytes)
                    ),
                    Some(sql),
                ));
            }
        },
        ValueRef::Blob(bytes) => Literal::Bytes(bytes.to_vec()),
    })
}

impl Connection for Sqlite {
    fn query(&mut self, sql: &str) -> Result<Rows, Error> {
        self.execute(sql, &NOTHING)
    }

    fn query_bound(&mut self, sql: &str, values: &Bound) -> Result<Rows, Error> {
        self.execute(sql, values)
    }

    fn queue(&mut self, sql: String, tag: usize, expect_rows: Option<i64>) -> Result<(), Error> {
        let tagged = |error: Error| Error {
            tag: Some(tag),
            ..error
        };
        let found = self.execute(&sql, &NOTHING).map_err(tagged)?;
        match expect_rows {
            Some(expected) if expected != found.rowcount => Err(Error {
                message: format!("row count {}", found.rowcount),
                statement: Some(sql),
                tag: Some(tag),
                ..Error::default()
            }),
            _ => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn server_version(&self) -> (u32, u32) {
        let number = u32::try_from(rusqlite::version_number()).unwrap_or_default();
        (number / 1_000_000, number / 1_000 % 1_000)
    }

    fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    fn take_notices(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.warnings)
    }

    fn begins_by_itself(&self) -> bool {
        true
    }

    fn begins_dml(&self) -> bool {
        self.begin.is_some()
    }

    fn set_begin(&mut self, begin: Option<String>) -> Result<(), Error> {
        if begin.is_none() && self.in_transaction() {
            self.execute("COMMIT", &NOTHING)?;
        }
        self.begin = begin;
        Ok(())
    }

    fn run_script(&mut self, sql: &str) -> Result<(), Error> {
        without_nul(sql)?;
        if self.in_transaction() {
            self.execute("COMMIT", &NOTHING)?;
        }
        self.connection
            .execute_batch(sql)
            .map_err(|error| failure(&error, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Sqlite {
        let url = Url::parse("sqlite://").unwrap();
        connect(&url, &ConnectOptions::default()).unwrap()
    }

    #[test]
    fn only_dml_begins_a_transaction() {
        let mut sqlite = memory();
        sqlite.query("CREATE TABLE t (a)").unwrap();
        assert!(!sqlite.in_transaction());
        sqlite
            .query("-- x\n /* y */ insert into t values (1)")
            .unwrap();
        assert!(sqlite.in_transaction());
        sqlite.query("ALTER TABLE t ADD COLUMN b").unwrap();
        sqlite.query("ROLLBACK").unwrap();
        assert_eq!(
            sqlite.query("SELECT * FROM t").unwrap(),
            Rows {
                columns: vec!["a".to_owned()],
                rows: Vec::new(),
                rowcount: -1,
            }
        );
    }

    #[test]
    fn one_statement_at_a_time() {
        let mut sqlite = memory();
        assert!(sqlite.query("SELECT 1; -- and no more\n").is_ok());
        assert!(sqlite.query("").is_ok());
        for more in ["SELECT 1; SELECT 2", "SELECT 1;;"] {
            let error = sqlite.query(more).unwrap_err();
            assert_eq!(error.class, Some("ProgrammingError"));
            assert_eq!(error.message, ONE_STATEMENT);
        }
    }

    #[test]
    fn placeholders_take_values_by_position_and_by_name() {
        let mut sqlite = memory();
        let one = Literal::Int(1.into());
        let positional = Bound::Positional(vec![one.clone()]);
        let named = Bound::Named(vec![("a".to_owned(), one.clone())]);
        let mut run = |sql: &str, values: &Bound| {
            sqlite
                .query_bound(sql, values)
                .map(|found| found.rows)
                .map_err(|error| error.message)
        };
        assert_eq!(run("SELECT ?1, ?1, '?'", &positional).unwrap()[0][1], one);
        assert_eq!(run("SELECT :a, $a", &named).unwrap()[0][1], one);
        assert_eq!(
            run("SELECT ?, ?", &positional).unwrap_err(),
            "Incorrect number of bindings supplied. The current statement uses 2, and there are 1 supplied."
        );
        assert_eq!(
            run("SELECT :b", &named).unwrap_err(),
            "You did not supply a value for binding parameter :b."
        );
        assert_eq!(
            run("SELECT ?", &NOTHING).unwrap_err(),
            "Incorrect number of bindings supplied. The current statement uses 1, and there are 0 supplied."
        );
    }

    #[test]
    fn foreign_keys_are_not_enforced_unless_asked() {
        let mut sqlite = memory();
        let rows = sqlite.query("PRAGMA foreign_keys").unwrap().rows;
        assert_eq!(rows, [[Literal::Int(0.into())]]);
    }

    #[test]
    fn errors_have_the_classes_of_pythons_driver() {
        let mut sqlite = memory();
        sqlite.query("CREATE TABLE t (a UNIQUE)").unwrap();
        sqlite.query("INSERT INTO t VALUES (1)").unwrap();
        let class = |sqlite: &mut Sqlite, sql: &str| sqlite.query(sql).unwrap_err().class;
        assert_eq!(
            class(&mut sqlite, "INSERT INTO t VALUES (1)"),
            Some("IntegrityError")
        );
        assert_eq!(
            class(&mut sqlite, "SELECT * FROM nothing"),
            Some("OperationalError")
        );
    }
}
