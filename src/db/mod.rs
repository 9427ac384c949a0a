//! Talking to a database: URLs, connections, results. Knows nothing of migrations.

mod authentication;
mod certificate;
mod dial;
mod hosts;
mod messages;
pub mod options;
mod params;
mod passfile;
mod pipeline;
pub mod postgres;
mod service;
pub mod shared;
pub mod sqlite;
mod startup;
mod statement;
mod tls;
pub mod url;
mod values;
mod verifier;
mod wire;

use crate::db::options::ConnectOptions;
use crate::db::url::Url;
use crate::schema::literal::Literal;

/// The drivers of SQLAlchemy's PostgreSQL dialect: sqlalchemy/dialects/postgresql/__init__.py. All mean the same
/// connection here; they differ in paramstyle and in a few details of results.
pub const POSTGRESQL_DRIVERS: &[&str] = &[
    "psycopg",
    "psycopg_async",
    "psycopg2",
    "psycopg2cffi",
    "asyncpg",
    "pg8000",
];

/// Connects to the database that a URL names.
pub fn connect(url: &Url, options: &ConnectOptions) -> Result<Box<dyn Connection>, Error> {
    check_driver(url)?;
    if url.backend_name() == "sqlite" {
        return Ok(Box::new(sqlite::connect(url, options)?));
    }
    Ok(Box::new(postgres::connect(url, options)?))
}

/// Whether SQLAlchemy, and then aludel, knows the URL's dialect and driver.
pub fn check_driver(url: &Url) -> Result<(), Error> {
    let unknown = || {
        options::problem(format!(
            "Can't load plugin: sqlalchemy.dialects:{}",
            url.drivername.replace('+', ".")
        ))
    };
    match (url.backend_name(), url.explicit_driver_name()) {
        ("postgresql", None) => Ok(()),
        ("postgresql", Some(driver)) if POSTGRESQL_DRIVERS.contains(&driver) => Ok(()),
        ("sqlite", None) => Ok(()),
        ("sqlite", Some(driver)) if sqlite::SQLITE_DRIVERS.contains(&driver) => Ok(()),
        ("mysql" | "mariadb" | "oracle" | "mssql", _) => Err(options::problem(format!(
            "aludel cannot connect to {} databases yet, only to PostgreSQL and SQLite",
            url.backend_name()
        ))),
        _ => Err(unknown()),
    }
}

/// What a statement returned.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// Column names; empty when the statement returns no rows.
    pub columns: Vec<String>,
    /// The rows, as Python would see the values.
    pub rows: Vec<Vec<Literal>>,
    /// Rows affected or returned.
    pub rowcount: i64,
}

/// An error of the database or of the connection.
#[derive(Debug, thiserror::Error, Clone, Default)]
#[error("{message}")]
pub struct Error {
    /// The server's or the driver's message, one line.
    pub message: String,
    /// `23505` and the like; `None` for connection errors.
    pub sqlstate: Option<String>,
    /// `ERROR`, `FATAL`…
    pub severity: Option<String>,
    /// The class of the driver's exception, where the driver decides and no `sqlstate`: `IntegrityError`.
    pub class: Option<&'static str>,
    /// DETAIL.
    pub detail: Option<String>,
    /// HINT.
    pub hint: Option<String>,
    /// CONTEXT.
    pub context: Option<String>,
    /// 1-based position, in characters, within `statement`.
    pub position: Option<usize>,
    /// The statement that failed (with a pipelined batch: that one statement).
    pub statement: Option<String>,
    /// What the sender attached to that statement when queueing it (the index given to [`Connection::queue`]).
    pub tag: Option<usize>,
}

/// What psycopg2 says of a statement with nothing in it.
pub const EMPTY_QUERY: &str = "can't execute an empty query";

/// Values for the placeholders of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// A sequence.
    Positional(Vec<Literal>),
    /// Names and values.
    Named(Vec<(String, Literal)>),
}

/// A connection. Statements are text with all values written in. No method begins or ends a transaction by itself.
pub trait Connection {
    /// Runs one statement and returns its rows, typed. Anything queued is sent and awaited first.
    fn query(&mut self, sql: &str) -> Result<Rows, Error>;
    /// Runs one statement of a driver that binds values itself.
    fn query_bound(&mut self, _sql: &str, _values: &Bound) -> Result<Rows, Error> {
        Err(options::problem("this driver binds no values"))
    }
    /// Queues a statement whose rows nobody reads. It is sent at the latest by [`Connection::flush`]; `tag` comes back in an error.
    /// `expect_rows`: `Some(n)` makes any other row count an error whose message is `row count {found}` with `tag`.
    fn queue(&mut self, sql: String, tag: usize, expect_rows: Option<i64>) -> Result<(), Error>;
    /// Sends and awaits everything queued.
    fn flush(&mut self) -> Result<(), Error>;
    /// The server's version, (15, 18).
    fn server_version(&self) -> (u32, u32);
    /// Whether the connection is inside a transaction block, as far as it was begun through this trait's statements.
    fn in_transaction(&self) -> bool;
    /// Notices received since the last call: severity and message.
    fn take_notices(&mut self) -> Vec<(String, String)>;
    /// Whether the driver begins transactions by itself, as Python's `sqlite3` does.
    fn begins_by_itself(&self) -> bool {
        false
    }
    /// Whether such a driver begins one before INSERT, UPDATE, DELETE and REPLACE; otherwise it begins none.
    fn begins_dml(&self) -> bool {
        false
    }
    /// What such a driver begins them with; `None`: it does not begin any.
    fn set_begin(&mut self, _begin: Option<String>) -> Result<(), Error> {
        Ok(())
    }
    /// `cursor.executescript` of such a driver: several statements, after a COMMIT.
    fn run_script(&mut self, _sql: &str) -> Result<(), Error> {
        Err(options::problem("this driver runs no scripts"))
    }
}
