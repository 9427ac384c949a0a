//! From parameters to a session: choosing a server, TLS or not, authentication (libpq's fe-connect.c `PQconnectPoll`).

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::net::ToSocketAddrs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use bytes::BytesMut;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use rustls::ClientConnection;
use rustls::StreamOwned;

use crate::db::Error;
use crate::db::authentication::Authentication;
use crate::db::messages::Notices;
use crate::db::messages::server_error;
use crate::db::params::Host;
use crate::db::params::Params;
use crate::db::params::SslMode;
use crate::db::params::Target;
use crate::db::params::problem;
use crate::db::tls;
use crate::db::wire::Stream;
use crate::db::wire::Wire;

/// A connected, authenticated session that waits for its first statement.
pub(super) struct Session {
    pub(super) wire: Wire,
    /// What the server reports of itself: `server_version`, `TimeZone`, …
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) notices: Notices,
    pub(super) process_id: i32,
}

/// Why one attempt failed, and what may be tried next.
struct Failure {
    error: Error,
    stage: Stage,
}

/// How far an attempt came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No connection: another address may answer.
    Unreachable,
    /// The TLS handshake failed: plaintext may do.
    Handshake,
    /// The server refused: another way of encryption may do, another server is not asked.
    Refused,
    /// The server is starting up or shutting down: another server may do.
    NotNow,
}

/// One address of one target.
struct Address<'a> {
    target: &'a Target,
    socket: Option<SocketAddr>,
}

/// Connects to the first target that accepts us and that `suits`; otherwise says what went wrong with each.
pub(super) fn connect(
    params: &Params,
    mut suits: impl FnMut(&mut Session) -> Result<bool, Error>,
) -> Result<Session, Error> {
    let mut errors: Vec<Error> = Vec::new();
    'targets: for target in &params.targets {
        let addresses = match addresses(target) {
            Ok(addresses) => addresses,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        for address in addresses {
            match attempt(params, &address) {
                Ok(mut session) => {
                    if suits(&mut session)? {
                        return Ok(session);
                    }
                    errors.push(
                        address.failed(
                            "session is not of the kind that target_session_attrs asks for",
                        ),
                    );
                    continue 'targets;
                }
                Err(failures) => {
                    let last = failures
                        .last()
                        .map_or(Stage::Unreachable, |failure| failure.stage);
                    errors.extend(failures.into_iter().map(|failure| failure.error));
                    match last {
                        Stage::Refused => break 'targets,
                        Stage::NotNow => continue 'targets,
                        Stage::Unreachable | Stage::Handshake => {}
                    }
                }
            }
        }
    }
    Err(joined(errors))
}

/// One error of many: the first one's fields, every distinct message.
fn joined(mut errors: Vec<Error>) -> Error {
    errors.dedup_by(|a, b| a.message == b.message);
    let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    let message = messages.join("\n");
    let first = errors
        .first()
        .cloned()
        .unwrap_or_else(|| problem("no server to connect to"));
    Error { message, ..first }
}

fn addresses(target: &Target) -> Result<Vec<Address<'_>>, Error> {
    let name = match (&target.host, target.address) {
        (Host::Socket(_), _) => {
            return Ok(vec![Address {
                target,
                socket: None,
            }]);
        }
        (Host::Name(_), Some(address)) => {
            let socket = Some(SocketAddr::new(address, target.port));
            return Ok(vec![Address { target, socket }]);
        }
        (Host::Name(name), None) => name,
    };
    let untranslatable = |error: &dyn std::fmt::Display| {
        problem(format!(
            "could not translate host name \"{name}\" to address: {error}"
        ))
    };
    let found: Vec<_> = (name.as_str(), target.port)
        .to_socket_addrs()
        .map_err(|error| {
            let text = error.to_string();
            untranslatable(
                &text
                    .strip_prefix("failed to lookup address information: ")
                    .unwrap_or(&text),
            )
        })?
        .map(|socket| Address {
            target,
            socket: Some(socket),
        })
        .collect();
    if found.is_empty() {
        return Err(untranslatable(&"no address found"));
    }
    Ok(found)
}

impl Address<'_> {
    /// `connection to server at … failed: …`
    fn failed(&self, why: impl std::fmt::Display) -> Error {
        let port = self.target.port;
        let place = match (&self.target.host, self.socket) {
            (Host::Socket(folder), _) => format!("on socket \"{}\"", socket_file(folder, port)),
            (Host::Name(name), Some(socket)) if name.parse::<IpAddr>() != Ok(socket.ip()) => {
                format!("at \"{name}\" ({}), port {port}", socket.ip())
            }
            (Host::Name(name), _) => format!("at \"{name}\", port {port}"),
        };
        problem(format!("connection to server {place} failed: {why}"))
    }

    fn failure(&self, stage: Stage, why: impl std::fmt::Display) -> Failure {
        Failure {
            error: self.failed(why),
            stage,
        }
    }

    /// A failure of the socket, with libpq's advice.
    fn unreachable(&self, error: &io::Error) -> Failure {
        let mut failure = self.failure(Stage::Unreachable, describe(error));
        if matches!(
            error.kind(),
            io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound
        ) {
            let advice = match &self.target.host {
                Host::Socket(_) => {
                    "Is the server running locally and accepting connections on that socket?"
                }
                Host::Name(_) => {
                    "Is the server running on that host and accepting TCP/IP connections?"
                }
            };
            failure.error.hint = Some(advice.to_owned());
        }
        failure
    }
}

fn socket_file(folder: &Path, port: u16) -> String {
    format!("{}/.s.PGSQL.{port}", folder.display())
}

/// The text of an error of the socket without Rust's `(os error …)`.
pub(super) fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => "timeout expired".to_owned(),
        io::ErrorKind::UnexpectedEof => "server closed the connection unexpectedly".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error")
                .next()
                .unwrap_or_default()
                .to_owned()
        }
    }
}

/// Tries one address in every way that `sslmode` allows; the failures in order.
fn attempt(params: &Params, address: &Address<'_>) -> Result<Session, Vec<Failure>> {
    let ways: &[bool] = match (&address.target.host, params.ssl.mode) {
        (Host::Socket(_), _) | (Host::Name(_), SslMode::Disable) => &[false],
        (Host::Name(_), SslMode::Allow) => &[false, true],
        (Host::Name(_), SslMode::Prefer) => &[true, false],
        (Host::Name(_), SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull) => &[true],
    };
    let mut failures = Vec::new();
    for encrypted in ways {
        match open(params, address, *encrypted) {
            Ok(session) => return Ok(session),
            Err(failure) => {
                let stage = failure.stage;
                failures.push(failure);
                if stage == Stage::Unreachable || stage == Stage::NotNow {
                    break;
                }
            }
        }
    }
    Err(failures)
}

fn open(params: &Params, address: &Address<'_>, encrypted: bool) -> Result<Session, Failure> {
    let deadline = params.timeout.map(|timeout| Instant::now() + timeout);
    let stream = dial(params, address).map_err(|error| address.unreachable(&error))?;
    let mut wire = Wire::new(stream, deadline);
    if encrypted {
        wire = encrypt(params, address, wire, deadline)?;
    }
    authenticate(params, address, wire)
}

fn dial(params: &Params, address: &Address<'_>) -> io::Result<Stream> {
    let Some(socket) = address.socket else {
        return dial_socket(address);
    };
    let stream = match params.timeout {
        Some(timeout) => TcpStream::connect_timeout(&socket, timeout)?,
        None => TcpStream::connect(socket)?,
    };
    stream.set_nodelay(true)?;
    if let Some(keepalive) = params.keepalive {
        let mut settings = socket2::TcpKeepalive::new();
        settings = settings.with_time(keepalive.idle.unwrap_or(Duration::from_secs(7200)));
        if let Some(interval) = keepalive.interval {
            settings = settings.with_interval(interval);
        }
        if let Some(count) = keepalive.count {
            settings = settings.with_retries(count);
        }
        socket2::SockRef::from(&stream).set_tcp_keepalive(&settings)?;
    }
    Ok(Stream::Tcp(stream))
}

#[cfg(unix)]
fn dial_socket(address: &Address<'_>) -> io::Result<Stream> {
    let Host::Socket(folder) = &address.target.host else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let file = socket_file(folder, address.target.port);
    Ok(Stream::Unix(std::os::unix::net::UnixStream::connect(file)?))
}

#[cfg(not(unix))]
fn dial_socket(_: &Address<'_>) -> io::Result<Stream> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Asks for TLS and shakes hands. With `prefer` a server that has none is spoken to in plaintext.
fn encrypt(
    params: &Params,
    address: &Address<'_>,
    mut wire: Wire,
    deadline: Option<Instant>,
) -> Result<Wire, Failure> {
    let mut request = BytesMut::new();
    frontend::ssl_request(&mut request);
    let answer = wire.write(&request).and_then(|()| wire.read_byte());
    match answer.map_err(|error| address.unreachable(&error))? {
        b'S' => {}
        b'N' if params.ssl.mode == SslMode::Prefer => return Ok(wire),
        b'N' => {
            return Err(address.failure(
                Stage::Refused,
                "server does not support SSL, but SSL was required",
            ));
        }
        // an ancient or overloaded server answers with an error message
        _ => {
            return Err(address.failure(
                Stage::Handshake,
                "received invalid response to SSL negotiation",
            ));
        }
    }
    let Stream::Tcp(stream) = wire.into_stream() else {
        return Err(address.failure(Stage::Handshake, "TLS over something that is not TCP"));
    };
    let host = match &address.target.host {
        Host::Name(name) => name.clone(),
        Host::Socket(folder) => folder.display().to_string(),
    };
    let connection = tls::client_config(&params.ssl, &host).and_then(|config| {
        ClientConnection::new(Arc::new(config), tls::server_name(&host)?)
            .map_err(|error| problem(format!("could not set up TLS: {error}")))
    });
    let connection = connection.map_err(|error| {
        let failed = address.failed(&error.message);
        Failure {
            error: Error {
                hint: error.hint,
                ..failed
            },
            stage: Stage::Handshake,
        }
    })?;
    let mut stream = StreamOwned::new(connection, stream);
    if let Some(deadline) = deadline {
        let left = deadline
            .saturating_duration_since(Instant::now())
            .max(Duration::from_millis(1));
        let armed = stream.sock.set_read_timeout(Some(left));
        armed.map_err(|error| address.unreachable(&error))?;
    }
    while stream.conn.is_handshaking() {
        stream
            .conn
            .complete_io(&mut stream.sock)
            .map_err(|error| address.failure(Stage::Handshake, tls::describe(&error, &host)))?;
    }
    Ok(Wire::new(Stream::Tls(Box::new(stream)), deadline))
}

/// Sends the start-up message and answers until the server is ready.
fn authenticate(
    params: &Params,
    address: &Address<'_>,
    mut wire: Wire,
) -> Result<Session, Failure> {
    let unreachable = |error: &io::Error| address.unreachable(error);
    let mut request = BytesMut::new();
    let given = params
        .settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let identity = [
        ("user", params.user.as_str()),
        ("database", params.database.as_str()),
    ];
    frontend::startup_message(identity.into_iter().chain(given), &mut request)
        .and_then(|()| wire.write(&request))
        .map_err(|error| unreachable(&error))?;
    let mut authentication = Authentication::new(
        &params.user,
        address.target.password.as_deref(),
        params.binding,
        certificate_hash(wire.stream()),
    );
    let mut session = Session {
        wire,
        parameters: BTreeMap::new(),
        notices: Notices::default(),
        process_id: 0,
    };
    loop {
        let message = session.wire.read().map_err(|error| unreachable(&error))?;
        match message {
            Message::ReadyForQuery(_) => break,
            Message::BackendKeyData(body) => session.process_id = body.process_id(),
            Message::ParameterStatus(body) => {
                if let (Ok(name), Ok(value)) = (body.name(), body.value()) {
                    session.parameters.insert(name.to_owned(), value.to_owned());
                }
            }
            Message::NoticeResponse(body) => session.notices.push(body.fields()),
            Message::ErrorResponse(body) => {
                return Err(refused(address, &server_error(body.fields())));
            }
            other => {
                let answer = authentication.answer(&other);
                let answer =
                    answer.map_err(|error| address.failure(Stage::Refused, error.message))?;
                if !answer.is_empty() {
                    session
                        .wire
                        .write(&answer)
                        .map_err(|error| unreachable(&error))?;
                }
            }
        }
    }
    let finished = authentication.finish();
    finished.map_err(|error| address.failure(Stage::Refused, error.message))?;
    session
        .wire
        .lift_deadline()
        .map_err(|error| unreachable(&error))?;
    Ok(session)
}

fn refused(address: &Address<'_>, error: &Error) -> Failure {
    let severity = error.severity.as_deref().unwrap_or("FATAL");
    let mut failed = address.failed(format!("{severity}:  {}", error.message));
    failed.detail.clone_from(&error.detail);
    failed.hint.clone_from(&error.hint);
    failed.severity.clone_from(&error.severity);
    let stage = match error.sqlstate.as_deref() {
        // cannot_connect_now
        Some("57P03") => Stage::NotNow,
        Some(_) | None => Stage::Refused,
    };
    Failure {
        error: failed,
        stage,
    }
}

fn certificate_hash(stream: &Stream) -> Option<Option<Vec<u8>>> {
    match stream {
        Stream::Tls(stream) => {
            let certificates = stream.conn.peer_certificates().unwrap_or_default();
            Some(certificates.first().and_then(tls::end_point_hash))
        }
        Stream::Tcp(_) => None,
        #[cfg(unix)]
        Stream::Unix(_) => None,
    }
}
