//! Reaching a server: its addresses, the socket, TLS. Nothing of PostgreSQL's protocol but the request for TLS.

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
use postgres_protocol::message::frontend;
use rustls::ClientConnection;
use rustls::StreamOwned;

use crate::db::Error;
use crate::db::options::problem;
use crate::db::params::Host;
use crate::db::params::Params;
use crate::db::params::SslMode;
use crate::db::params::Target;
use crate::db::tls;
use crate::db::wire::Stream;
use crate::db::wire::Wire;

/// Why one attempt failed, and what may be tried next.
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) stage: Stage,
}

/// How far an attempt came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
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
pub(super) struct Address<'a> {
    pub(super) target: &'a Target,
    socket: Option<SocketAddr>,
}

pub(super) fn addresses(target: &Target) -> Result<Vec<Address<'_>>, Error> {
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
    pub(super) fn failed(&self, why: impl std::fmt::Display) -> Error {
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

    pub(super) fn failure(&self, stage: Stage, why: impl std::fmt::Display) -> Failure {
        Failure {
            error: self.failed(why),
            stage,
        }
    }

    /// A failure of the socket, with libpq's advice.
    pub(super) fn unreachable(&self, error: &io::Error) -> Failure {
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

pub(super) fn dial(params: &Params, address: &Address<'_>) -> io::Result<Stream> {
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
pub(super) fn encrypt(
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
