//! Connection options by name: libpq's, those of other drivers, and where their values come from.
//!
//! Not here: what the values mean (`params.rs`).

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use indexmap::IndexMap;

use crate::db::Error;
use crate::db::url::QueryValue;
use crate::db::url::Url;

/// What the caller may set besides the URL.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// `connect_args`, and anything else that goes before the URL's query.
    pub parameters: IndexMap<String, String>,
    /// The environment to read `PG*`, `HOME` and `APPDATA` from (a migration may have changed its own).
    pub environment: BTreeMap<String, String>,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        let environment = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self {
            parameters: IndexMap::new(),
            environment,
        }
    }
}

/// libpq's connection options (fe-connect.c PQconninfoOptions) and their environment variables.
const OPTIONS: &[(&str, &str)] = &[
    ("service", "PGSERVICE"),
    ("servicefile", "PGSERVICEFILE"),
    ("user", "PGUSER"),
    ("password", "PGPASSWORD"),
    ("passfile", "PGPASSFILE"),
    ("channel_binding", "PGCHANNELBINDING"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("dbname", "PGDATABASE"),
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("client_encoding", "PGCLIENTENCODING"),
    ("options", "PGOPTIONS"),
    ("application_name", "PGAPPNAME"),
    ("fallback_application_name", ""),
    ("keepalives", ""),
    ("keepalives_idle", ""),
    ("keepalives_interval", ""),
    ("keepalives_count", ""),
    ("tcp_user_timeout", ""),
    ("sslmode", "PGSSLMODE"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("sslcompression", "PGSSLCOMPRESSION"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslcertmode", "PGSSLCERTMODE"),
    ("sslpassword", ""),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcrl", "PGSSLCRL"),
    ("sslcrldir", "PGSSLCRLDIR"),
    ("sslsni", "PGSSLSNI"),
    ("requirepeer", "PGREQUIREPEER"),
    ("require_auth", "PGREQUIREAUTH"),
    ("min_protocol_version", "PGMINPROTOCOLVERSION"),
    ("max_protocol_version", "PGMAXPROTOCOLVERSION"),
    ("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    ("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"),
    ("gssencmode", "PGGSSENCMODE"),
    ("krbsrvname", "PGKRBSRVNAME"),
    ("gsslib", "PGGSSLIB"),
    ("gssdelegation", "PGGSSDELEGATION"),
    ("replication", ""),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
    ("load_balance_hosts", "PGLOADBALANCEHOSTS"),
    ("direct_tls", ""),
];

/// Options of drivers other than libpq, or of SQLAlchemy's dialects, that change nothing about what aludel sends.
const WITHOUT_EFFECT: &[&str] = &[
    "prepared_statement_cache_size",
    "prepared_statement_name_func",
    "statement_cache_size",
    "max_cached_statement_lifetime",
    "max_cacheable_statement_size",
    "command_timeout",
    "async_fallback",
    "prepare_threshold",
    "tcp_keepalive",
    "sslcompression",
    "fallback_application_name",
    "krbsrvname",
    "gsslib",
    "gssdelegation",
    "min_protocol_version",
    "max_protocol_version",
    "tcp_user_timeout",
];

/// Options that promise something aludel cannot keep; refused unless their value asks for nothing.
const REFUSED: &[(&str, &[&str])] = &[
    ("replication", &["", "false", "off", "no", "0"]),
    ("direct_tls", &["", "False", "false"]),
    ("requirepeer", &[""]),
    ("require_auth", &[""]),
    ("sslcrldir", &[""]),
    ("sslnegotiation", &["", "postgres"]),
    ("sslcertmode", &["", "allow"]),
    ("gssencmode", &["", "disable", "prefer"]),
    ("load_balance_hosts", &["", "disable"]),
];

/// Values for one connection: given ones first, then the service file, then the environment.
pub(super) struct Given<'a> {
    values: IndexMap<String, String>,
    environment: &'a BTreeMap<String, String>,
}

impl<'a> Given<'a> {
    /// Gathers the values; an option that nobody knows, or that asks for what is not supported, is an error.
    pub(super) fn gather(url: &Url, options: &'a ConnectOptions) -> Result<Self, Error> {
        let mut values = given_values(url, options)?;
        super::service::apply(&mut values, &options.environment)?;
        let given = Self {
            values,
            environment: &options.environment,
        };
        check_refused(&given)?;
        Ok(given)
    }

    /// The value of an option; empty counts as not given, as in libpq.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let variable = OPTIONS.iter().find(|(option, _)| *option == name);
        self.values
            .get(name)
            .map(String::as_str)
            .or_else(|| self.variable(variable.map_or("", |(_, variable)| variable)))
            .filter(|value| !value.is_empty())
    }

    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str)
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// A whole number; a fraction (asyncpg's `timeout` is a float) is rounded up.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Error> {
        let parse = |text: &str| -> Result<i64, Error> {
            let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
            let is_number = fraction.bytes().all(|byte| byte.is_ascii_digit());
            let number = whole.parse::<i64>().ok().filter(|_| is_number);
            let number = number.ok_or_else(|| {
                problem(format!(
                    "invalid integer value \"{text}\" for connection option \"{name}\""
                ))
            })?;
            Ok(number + i64::from(fraction.bytes().any(|byte| byte != b'0')))
        };
        self.get(name).map(parse).transpose()
    }

    pub(super) fn home(&self) -> Option<PathBuf> {
        self.variable("HOME").map(PathBuf::from)
    }

    /// `~/.postgresql`, `%APPDATA%\postgresql` on Windows.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        match self.variable("APPDATA") {
            Some(folder) if cfg!(windows) => Some(Path::new(folder).join("postgresql")),
            _ => self.home().map(|home| home.join(".postgresql")),
        }
    }
}

pub(super) fn problem(message: impl Into<String>) -> Error {
    Error {
        message: message.into(),
        ..Error::default()
    }
}

/// The URL's parts under libpq's names, the query on top, `connect_args` above all.
fn given_values(url: &Url, options: &ConnectOptions) -> Result<IndexMap<String, String>, Error> {
    let mut values = IndexMap::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            values.insert(name.to_owned(), value);
        }
    };
    put("host", url.host.clone());
    put(
        "port",
        url.port
            .filter(|port| *port != 0)
            .map(|port| port.to_string()),
    );
    put("user", url.username.clone());
    put("password", url.password.clone());
    put("dbname", url.database.clone());
    let last = |value: &QueryValue| value.values().last().cloned().unwrap_or_default();
    let query = url
        .query
        .iter()
        .map(|(name, value)| (name.as_str(), last(value)));
    let arguments = options.parameters.iter();
    let arguments = arguments.map(|(name, value)| (name.as_str(), value.clone()));
    for (name, value) in query.chain(arguments) {
        put_option(&mut values, name, value)?;
    }
    if let Some((hosts, ports)) = super::hosts::split(url)? {
        values.insert("host".to_owned(), hosts);
        if !ports.is_empty() {
            values.insert("port".to_owned(), ports);
        }
    }
    Ok(values)
}

/// Puts an option under libpq's name for it: asyncpg and pg8000 have names and values of their own.
fn put_option(
    values: &mut IndexMap<String, String>,
    name: &str,
    value: String,
) -> Result<(), Error> {
    let mut put = |name: &str, value: &str| {
        values.insert(name.to_owned(), value.to_owned());
    };
    match (name, value.as_str()) {
        ("database", _) => put("dbname", &value),
        ("timeout", _) => put("connect_timeout", &value),
        // asyncpg: `ssl=True` is a default context of Python's ssl module, which verifies everything
        ("ssl", "True" | "true") => {
            put("sslmode", "verify-full");
            put("sslrootcert", "system");
        }
        ("ssl" | "ssl_context", "False" | "false") => put("sslmode", "disable"),
        ("ssl", mode) => put("sslmode", mode),
        // pg8000: `ssl_context=True` verifies nothing
        ("ssl_context", "True" | "true") => put("sslmode", "require"),
        // asyncpg: given here as `-c name=value …`
        ("server_settings", settings) => {
            let before = values.entry("options".to_owned()).or_default();
            let both = format!("{before} {settings}");
            *before = both.trim().to_owned();
        }
        _ if OPTIONS.iter().any(|(option, _)| *option == name) => put(name, &value),
        _ if WITHOUT_EFFECT.contains(&name) => {}
        _ => {
            return Err(problem(format!("invalid connection option \"{name}\"")));
        }
    }
    Ok(())
}

fn check_refused(given: &Given<'_>) -> Result<(), Error> {
    for (name, harmless) in REFUSED {
        if let Some(value) = given.get(name)
            && !harmless.contains(&value)
        {
            return Err(problem(format!(
                "the connection option {name}={value} is not supported by aludel"
            )));
        }
    }
    Ok(())
}
