//! SQLAlchemy database URLs as plain data: sqlalchemy/engine/url.py `URL` and `make_url`.
//!
//! Not here: what the query options mean to a driver (`params.rs`).

use std::fmt;
use std::sync::LazyLock;

use indexmap::IndexMap;
use percent_encoding::AsciiSet;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::percent_decode_str;
use percent_encoding::utf8_percent_encode;
use regex::Captures;
use regex::Regex;

use crate::dialect::SqlAlchemy;

/// What `urllib.parse.quote` never escapes.
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~');
/// `quote(…, safe=" +")`.
const USERINFO: AsciiSet = UNRESERVED.remove(b' ').remove(b'+');
/// `quote(…, safe=" +/")`.
const DATABASE: AsciiSet = USERINFO.remove(b'/');
/// `quote_plus(…)` before spaces become `+`.
const QUERY: AsciiSet = UNRESERVED.remove(b' ');

// sqlalchemy/engine/url.py _parse_url: anchored at the start only, as `re.match` is.
static PATTERN: LazyLock<Result<Regex, regex::Error>> = LazyLock::new(|| {
    Regex::new(
        r"\A(?P<name>(?-u:[\w\+])+)://(?:(?P<username>[^:/]*)(?::(?P<password>[^@]*))?@)?(?:(?:\[(?P<ipv6host>[^/\?]+)\]|(?P<ipv4host>[^/:\?]+))?(?::(?P<port>[^/\?]*))?)?(?:/(?P<database>[^\?]*))?(?:\?(?P<query>.*))?",
    )
});

/// Why a text is not a URL. No message ever quotes a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// `sqlalchemy.exc.ArgumentError`.
    #[error("Could not parse SQLAlchemy URL from given URL string")]
    Unparsable,
    /// `ValueError` of `int(port)`; upstream quotes the text, which may be a piece of a password that was not escaped.
    #[error("the port of the SQLAlchemy URL is not a number")]
    Port,
}

/// One value of [`Url::query`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryValue {
    /// Given once: `str` in Python.
    One(String),
    /// Given several times: `tuple[str, ...]` in Python.
    Many(Vec<String>),
}

impl QueryValue {
    /// All values, as `URL.normalized_query` gives them.
    pub fn values(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    fn push(&mut self, value: String) {
        match self {
            Self::One(first) => *self = Self::Many(vec![std::mem::take(first), value]),
            Self::Many(values) => values.push(value),
        }
    }
}

/// The parts of a URL: `sqlalchemy.engine.URL`. Its `Debug` and `Display` hide the password.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Url {
    /// `postgresql+psycopg2`.
    pub drivername: String,
    /// The user, unescaped.
    pub username: Option<String>,
    /// The password, unescaped.
    pub password: Option<String>,
    /// The host, without the brackets of an IPv6 address.
    pub host: Option<String>,
    /// The port.
    pub port: Option<i64>,
    /// The database, unescaped.
    pub database: Option<String>,
    /// The query options in the order given.
    pub query: IndexMap<String, QueryValue>,
}

impl Url {
    /// Reads a URL: `make_url(text)`.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        Self::parse_with(text, false)
    }

    /// Reads a URL: `make_url(text, keep_blank_values=…)`.
    pub fn parse_with(text: &str, keep_blank_values: bool) -> Result<Self, UrlError> {
        let pattern = PATTERN.as_ref().map_err(|_| UrlError::Unparsable)?;
        let parts = pattern.captures(text).ok_or(UrlError::Unparsable)?;
        let unquoted = |name: &str| part(&parts, name).map(unquote);
        let host = ["ipv4host", "ipv6host"]
            .iter()
            .find_map(|name| part(&parts, name))
            .map(str::to_owned);
        Ok(Self {
            drivername: part(&parts, "name").unwrap_or_default().to_owned(),
            username: unquoted("username"),
            password: unquoted("password"),
            host,
            port: part(&parts, "port").map(python_int).transpose()?,
            database: unquoted("database"),
            query: part(&parts, "query")
                .map(|text| parse_query(text, keep_blank_values))
                .unwrap_or_default(),
        })
    }

    /// `URL.render_as_string(hide_password=…)`.
    pub fn render_as_string(&self, hide_password: bool) -> String {
        let mut text = format!("{}://", self.drivername);
        if let Some(username) = &self.username {
            text.push_str(&quote(username, &USERINFO));
            match &self.password {
                Some(_) if hide_password => text.push_str(":***"),
                Some(password) => {
                    text.push(':');
                    text.push_str(&quote(password, &USERINFO));
                }
                None => {}
            }
            text.push('@');
        }
        match &self.host {
            Some(host) if host.contains(':') => text.push_str(&format!("[{host}]")),
            Some(host) => text.push_str(host),
            None => {}
        }
        if let Some(port) = self.port {
            text.push_str(&format!(":{port}"));
        }
        if let Some(database) = &self.database {
            text.push('/');
            text.push_str(&quote(database, &DATABASE));
        }
        if !self.query.is_empty() {
            text.push('?');
            text.push_str(&self.render_query());
        }
        text
    }

    fn render_query(&self) -> String {
        let mut keys: Vec<_> = self.query.iter().collect();
        keys.sort_by_key(|(key, _)| key.as_str());
        let pairs: Vec<String> = keys
            .into_iter()
            .flat_map(|(key, values)| {
                values
                    .values()
                    .iter()
                    .map(move |value| format!("{}={}", quote_plus(key), quote_plus(value)))
            })
            .collect();
        pairs.join("&")
    }

    /// `URL.get_backend_name()`: what stands left of the `+`.
    pub fn backend_name(&self) -> &str {
        self.drivername.split('+').next().unwrap_or_default()
    }

    /// The driver right of the `+`; `None` when the URL leaves it to the dialect.
    pub fn explicit_driver_name(&self) -> Option<&str> {
        self.drivername.split('+').nth(1)
    }

    /// `URL.get_driver_name()` for PostgreSQL under SQLAlchemy 2.1, whose default driver is psycopg 3.
    pub fn driver_name(&self) -> &str {
        self.explicit_driver_name().unwrap_or("psycopg")
    }

    /// `URL.get_driver_name()` under a version of SQLAlchemy: for PostgreSQL, 2.0's default driver is psycopg2.
    pub fn driver_name_in(&self, sqlalchemy: SqlAlchemy) -> &str {
        let usual = match (self.backend_name(), sqlalchemy) {
            ("sqlite", _) => "pysqlite",
            (_, SqlAlchemy::V2_0) => "psycopg2",
            (_, SqlAlchemy::V2_1) => "psycopg",
        };
        self.explicit_driver_name().unwrap_or(usual)
    }

    /// The values of a query option, empty when it is not given.
    pub fn query_values(&self, key: &str) -> &[String] {
        self.query.get(key).map_or(&[], QueryValue::values)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render_as_string(true))
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render_as_string(true))
    }
}

fn part<'t>(parts: &Captures<'t>, name: &str) -> Option<&'t str> {
    parts.name(name).map(|found| found.as_str())
}

/// `int(text)`: surrounding blanks and single underscores between digits are allowed.
fn python_int(text: &str) -> Result<i64, UrlError> {
    let text = text.trim();
    let lonely = |underscore: &str| text.contains(underscore);
    if text.starts_with('_') || text.ends_with('_') || lonely("__") || lonely("+_") || lonely("-_")
    {
        return Err(UrlError::Port);
    }
    text.replace('_', "").parse().map_err(|_| UrlError::Port)
}

/// `urllib.parse.unquote`.
fn unquote(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn quote(text: &str, escaped: &'static AsciiSet) -> String {
    utf8_percent_encode(text, escaped).to_string()
}

fn quote_plus(text: &str) -> String {
    quote(text, &QUERY).replace(' ', "+")
}

/// `urllib.parse.parse_qsl`, repeated keys gathered.
pub fn parse_query(text: &str, keep_blank_values: bool) -> IndexMap<String, QueryValue> {
    let mut query: IndexMap<String, QueryValue> = IndexMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = match pair.split_once('=') {
            Some(both) => both,
            None if keep_blank_values => (pair, ""),
            None => continue,
        };
        if value.is_empty() && !keep_blank_values {
            continue;
        }
        let (key, value) = (
            unquote(&key.replace('+', " ")),
            unquote(&value.replace('+', " ")),
        );
        match query.get_mut(&key) {
            Some(values) => values.push(value),
            None => {
                query.insert(key, QueryValue::One(value));
            }
        }
    }
    query
}

impl Url {
    /// Sets a query option, replacing what was there.
    pub fn set_query(&mut self, name: &str, value: &str) {
        self.query
            .insert(name.to_owned(), QueryValue::One(value.to_owned()));
    }
}
