//! From parameters to a session: choosing a server, TLS or not, authentication (libpq's fe-connect.c `PQconnectPoll`).

use std::collections::BTreeMap;
use std::io;
use std::time::Instant;

use bytes::BytesMut;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;

use crate::db::Error;
use crate::db::authentication::Authentication;
use crate::db::dial::Address;
use crate::db::dial::Failure;
use crate::db::dial::Stage;
use crate::db::dial::addresses;
use crate::db::dial::describe;
use crate::db::dial::dial;
use crate::db::dial::encrypt;
use crate::db::messages::Notices;
use crate::db::messages::server_error;
use crate::db::options::problem;
use crate::db::params::Host;
use crate::db::params::Params;
use crate::db::params::Session as Wanted;
use crate::db::params::SslMode;
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

/// Connects to the first server that accepts us and is of the wanted kind; otherwise says what went wrong with each.
pub(super) fn connect(params: &Params) -> Result<Session, Error> {
    match params.session {
        // a standby when there is one, anything otherwise
        Wanted::PreferStandby => {
            connect_to(params, Wanted::Standby).or_else(|_| connect_to(params, Wanted::Any))
        }
        wanted => connect_to(params, wanted),
    }
}

fn connect_to(params: &Params, wanted: Wanted) -> Result<Session, Error> {
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
                    if suits(wanted, &mut session)? {
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

/// Whether a session is of the kind that `target_session_attrs` asks for.
fn suits(wanted: Wanted, session: &mut Session) -> Result<bool, Error> {
    let expected = match wanted {
        Wanted::Any | Wanted::PreferStandby => return Ok(true),
        Wanted::ReadWrite => "SELECT NOT pg_catalog.current_setting('transaction_read_only')::bool",
        Wanted::ReadOnly => "SELECT pg_catalog.current_setting('transaction_read_only')::bool",
        Wanted::Primary => "SELECT NOT pg_catalog.pg_is_in_recovery()",
        Wanted::Standby => "SELECT pg_catalog.pg_is_in_recovery()",
    };
    let lost = |error: io::Error| problem(describe(&error));
    let mut request = BytesMut::new();
    frontend::query(expected, &mut request).map_err(lost)?;
    session.wire.write(&request).map_err(lost)?;
    let mut is_suitable = false;
    loop {
        match session.wire.read().map_err(lost)? {
            Message::ReadyForQuery(_) => return Ok(is_suitable),
            Message::DataRow(body) => is_suitable = body.buffer().ends_with(b"t"),
            Message::ErrorResponse(body) => return Err(server_error(body.fields())),
            _ => {}
        }
    }
}
