//! What a connection is made with: a URL, `connect_args`, the environment and the service file, resolved as libpq does.
//!
//! Not here: talking to a server (`startup.rs`), the password file's format (`passfile.rs`).

use std::net::IpAddr;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use crate::db::Error;
use crate::db::options::ConnectOptions;
use crate::db::options::Given;
use crate::db::options::problem;
use crate::db::url::Url;

/// `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// `channel_binding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binding {
    Disable,
    Prefer,
    Require,
}

/// `target_session_attrs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Session {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    /// The folder of a Unix socket.
    Socket(PathBuf),
    /// A name or an address.
    Name(String),
}

/// One server of the list.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) host: Host,
    pub(super) address: Option<IpAddr>,
    pub(super) port: u16,
    pub(super) password: Option<String>,
}

/// The TLS options.
#[derive(Debug, Clone)]
pub(super) struct Ssl {
    pub(super) mode: SslMode,
    /// `None`: the default place, used when it exists.
    pub(super) root: Option<String>,
    pub(super) certificate: Option<String>,
    pub(super) key: Option<String>,
    pub(super) revoked: Option<String>,
    pub(super) has_password: bool,
    pub(super) send_name: bool,
    pub(super) minimum: Option<String>,
    pub(super) maximum: Option<String>,
    /// `~/.postgresql`.
    pub(super) folder: Option<PathBuf>,
}

/// `keepalives` and its companions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keepalive {
    pub(super) idle: Option<Duration>,
    pub(super) interval: Option<Duration>,
    pub(super) count: Option<u32>,
}

/// Everything a connection needs. Without `Debug`: it holds passwords.
pub(super) struct Params {
    pub(super) targets: Vec<Target>,
    pub(super) user: String,
    pub(super) database: String,
    /// Start-up parameters besides user and database.
    pub(super) settings: Vec<(String, String)>,
    pub(super) ssl: Ssl,
    pub(super) binding: Binding,
    pub(super) session: Session,
    pub(super) timeout: Option<Duration>,
    pub(super) keepalive: Option<Keepalive>,
    /// Things the user should know, such as a password file that is ignored.
    pub(super) warnings: Vec<String>,
}

impl Params {
    /// Resolves everything.
    pub(super) fn resolve(url: &Url, options: &ConnectOptions) -> Result<Self, Error> {
        let given = Given::gather(url, options)?;
        let user = match given.owned("user") {
            Some(user) => user,
            None => whoami::username()
                .map_err(|error| problem(format!("could not find out the user's name: {error}")))?,
        };
        let mut params = Self {
            targets: targets(&given)?,
            database: given.owned("dbname").unwrap_or_else(|| user.clone()),
            settings: settings(&given),
            ssl: ssl(&given)?,
            binding: binding(&given)?,
            session: session(&given)?,
            timeout: timeout(&given)?,
            keepalive: keepalive(&given)?,
            warnings: Vec::new(),
            user,
        };
        params.find_passwords(&given);
        Ok(params)
    }

    fn find_passwords(&mut self, given: &Given<'_>) {
        let password = given.owned("password");
        let file = match given.get("passfile") {
            Some(path) => Some(PathBuf::from(path)),
            None => given.home().map(|home| home.join(".pgpass")),
        };
        for target in &mut self.targets {
            target.password = password.clone().or_else(|| {
                let file = file.as_deref()?;
                let host = match &target.host {
                    Host::Socket(folder) if is_default_socket(folder) => "localhost".to_owned(),
                    Host::Socket(folder) => folder.display().to_string(),
                    Host::Name(name) => name.clone(),
                };
                let wanted = [&host, &target.port.to_string(), &self.database, &self.user];
                match super::passfile::find(file, wanted.map(String::as_str)) {
                    Ok(found) => found,
                    Err(warning) => {
                        self.warnings.push(warning);
                        None
                    }
                }
            });
        }
        self.warnings.dedup();
    }
}

/// The folders where a local server's socket is looked for when no host is given.
pub(super) const SOCKET_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

fn is_default_socket(folder: &Path) -> bool {
    SOCKET_FOLDERS
        .iter()
        .any(|known| Path::new(known) == folder)
}

fn targets(given: &Given<'_>) -> Result<Vec<Target>, Error> {
    let list = |name: &str| -> Vec<String> {
        let text = given.get(name).unwrap_or_default();
        text.split(',').map(|item| item.trim().to_owned()).collect()
    };
    let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
    let count = hosts.len().max(addresses.len());
    if addresses.len() > 1 && hosts.len() > 1 && addresses.len() != hosts.len() {
        return Err(problem(format!(
            "could not match {} host names to {} hostaddr values",
            hosts.len(),
            addresses.len()
        )));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(problem(format!(
            "could not match {} port numbers to {count} hosts",
            ports.len()
        )));
    }
    let at = |items: &[String], index: usize| -> String {
        let index = if items.len() == 1 { 0 } else { index };
        items.get(index).cloned().unwrap_or_default()
    };
    let mut targets = Vec::new();
    for index in 0..count {
        let address = parse_address(&at(&addresses, index))?;
        let port = parse_port(&at(&ports, index))?;
        let host = hosts.get(index).map_or("", String::as_str);
        for host in resolve_host(host, address) {
            targets.push(Target {
                host,
                address,
                port,
                password: None,
            });
        }
    }
    Ok(targets)
}

/// An empty host means the address, or else the local sockets.
fn resolve_host(host: &str, address: Option<IpAddr>) -> Vec<Host> {
    match (host, address) {
        ("", Some(address)) => vec![Host::Name(address.to_string())],
        ("", None) if cfg!(unix) => SOCKET_FOLDERS
            .map(|folder| Host::Socket(folder.into()))
            .into(),
        ("", None) => vec![Host::Name("localhost".to_owned())],
        (path, _) if path.starts_with('/') => vec![Host::Socket(path.into())],
        (name, _) => vec![Host::Name(name.to_owned())],
    }
}

fn parse_address(text: &str) -> Result<Option<IpAddr>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let address = text.parse();
    address
        .map(Some)
        .map_err(|_| problem(format!("could not parse network address \"{text}\"")))
}

fn parse_port(text: &str) -> Result<u16, Error> {
    match text {
        "" => Ok(5432),
        text => match text.parse() {
            Ok(port) if port > 0 => Ok(port),
            _ => Err(problem(format!("invalid port number: \"{text}\""))),
        },
    }
}

/// Start-up parameters; the encoding is always UTF-8, whatever was asked, since that is what statements are written in.
fn settings(given: &Given<'_>) -> Vec<(String, String)> {
    let mut settings = vec![("client_encoding".to_owned(), "UTF8".to_owned())];
    let named = given
        .get("application_name")
        .or_else(|| given.get("fallback_application_name"));
    // the parameter would win over one in the options
    let is_in_options = given
        .get("options")
        .is_some_and(|options| options.contains("application_name"));
    if named.is_some() || !is_in_options {
        let name = named.unwrap_or("aludel").to_owned();
        settings.push(("application_name".to_owned(), name));
    }
    if let Some(options) = given.owned("options") {
        settings.push(("options".to_owned(), options));
    }
    // fe-connect.c EnvironmentOptions
    for (variable, name) in [
        ("PGDATESTYLE", "datestyle"),
        ("PGTZ", "timezone"),
        ("PGGEQO", "geqo"),
    ] {
        if let Some(value) = given.variable(variable) {
            settings.push((name.to_owned(), value.to_owned()));
        }
    }
    settings
}

fn choice<T: Copy>(
    given: &Given<'_>,
    name: &str,
    choices: &[(&str, T)],
    default: T,
) -> Result<T, Error> {
    let Some(text) = given.get(name) else {
        return Ok(default);
    };
    let found = choices.iter().find(|(word, _)| *word == text);
    found
        .map(|(_, value)| *value)
        .ok_or_else(|| problem(format!("invalid {name} value: \"{text}\"")))
}

fn ssl(given: &Given<'_>) -> Result<Ssl, Error> {
    let system = given.get("sslrootcert") == Some("system");
    let default = if system {
        SslMode::VerifyFull
    } else {
        SslMode::Prefer
    };
    let modes = [
        ("disable", SslMode::Disable),
        ("allow", SslMode::Allow),
        ("prefer", SslMode::Prefer),
        ("require", SslMode::Require),
        ("verify-ca", SslMode::VerifyCa),
        ("verify-full", SslMode::VerifyFull),
    ];
    let mode = choice(given, "sslmode", &modes, default)?;
    if system && mode != SslMode::VerifyFull {
        return Err(problem(format!(
            "weak sslmode \"{}\" may not be used with sslrootcert=system (use \"verify-full\")",
            given.get("sslmode").unwrap_or_default()
        )));
    }
    Ok(Ssl {
        mode,
        root: given.owned("sslrootcert"),
        certificate: given.owned("sslcert"),
        key: given.owned("sslkey"),
        revoked: given.owned("sslcrl"),
        has_password: given.get("sslpassword").is_some(),
        send_name: given.get("sslsni") != Some("0"),
        minimum: given.owned("ssl_min_protocol_version"),
        maximum: given.owned("ssl_max_protocol_version"),
        folder: given.folder(),
    })
}

fn binding(given: &Given<'_>) -> Result<Binding, Error> {
    let choices = [
        ("disable", Binding::Disable),
        ("prefer", Binding::Prefer),
        ("require", Binding::Require),
    ];
    choice(given, "channel_binding", &choices, Binding::Prefer)
}

fn session(given: &Given<'_>) -> Result<Session, Error> {
    let choices = [
        ("any", Session::Any),
        ("read-write", Session::ReadWrite),
        ("read-only", Session::ReadOnly),
        ("primary", Session::Primary),
        ("standby", Session::Standby),
        ("prefer-standby", Session::PreferStandby),
    ];
    choice(given, "target_session_attrs", &choices, Session::Any)
}

fn timeout(given: &Given<'_>) -> Result<Option<Duration>, Error> {
    let seconds = given.integer("connect_timeout")?.unwrap_or(0);
    // fe-connect.c: nothing below two seconds, for rounding
    let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
    Ok(seconds.map(|seconds| Duration::from_secs(seconds.max(2))))
}

fn keepalive(given: &Given<'_>) -> Result<Option<Keepalive>, Error> {
    if given.integer("keepalives")? == Some(0) {
        return Ok(None);
    }
    let positive = |name: &str| -> Result<Option<u64>, Error> {
        let value = given
            .integer(name)?
            .and_then(|value| u64::try_from(value).ok());
        Ok(value.filter(|value| *value > 0))
    };
    Ok(Some(Keepalive {
        idle: positive("keepalives_idle")?.map(Duration::from_secs),
        interval: positive("keepalives_interval")?.map(Duration::from_secs),
        count: positive("keepalives_count")?.and_then(|count| u32::try_from(count).ok()),
    }))
}
