//! A PostgreSQL connection: statements go as text through the simple query protocol, several of them under way at once.
//!
//! Built on `postgres-protocol`, the wire half of the `postgres` crate, because that crate's own client keeps three
//! things to itself that migrations need: the types of columns that arrive as text, whether a transaction is open, and
//! a way out of `COPY … FROM STDIN`. Each statement is its own message, so the server's answers come one by one and an
//! error belongs to exactly one statement.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::io;

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;

use crate::db::Connection;
use crate::db::Error;
use crate::db::Rows;
use crate::db::messages::Notices;
use crate::db::messages::server_error;
use crate::db::params::ConnectOptions;
use crate::db::params::Params;
use crate::db::params::Session as Wanted;
use crate::db::params::problem;
use crate::db::startup;
use crate::db::startup::describe;
use crate::db::statement;
use crate::db::url::Url;
use crate::db::values;
use crate::db::wire::Wire;

/// How much may be under way: bytes of statements, and statements (each message costs a socket buffer about a kilobyte
/// besides its bytes). Everything under way then fits into the sockets' buffers, so that writing never waits for a
/// server that itself waits for us to read. A longer statement travels alone.
const WINDOW_BYTES: usize = 16 * 1024;
const WINDOW_STATEMENTS: usize = 32;

/// A statement that was sent and not yet answered.
struct Sent {
    sql: String,
    tag: Option<usize>,
    expect_rows: Option<i64>,
    bytes: usize,
}

/// A column of an answer.
struct Column {
    name: String,
    oid: u32,
}

/// What the server answered to one statement.
#[derive(Default)]
struct Answer {
    /// The last result that has columns, texts still undecoded.
    columns: Vec<Column>,
    rows: Vec<Vec<Option<Vec<u8>>>>,
    /// `INSERT 0 1`
    command: String,
    error: Option<Error>,
}

impl Answer {
    /// The row count of the command, -1 where the command has none, as Python drivers report it.
    fn rowcount(&self) -> i64 {
        let last = self.command.rsplit(' ').next().unwrap_or_default();
        last.parse().unwrap_or(-1)
    }
}

/// A live connection.
pub struct Postgres {
    wire: Wire,
    parameters: BTreeMap<String, String>,
    notices: Notices,
    version: (u32, u32),
    process_id: i32,
    /// The status of the last `ReadyForQuery`: `I` idle, `T` in a transaction, `E` in a failed one.
    status: u8,
    sent: VecDeque<Sent>,
    bytes_under_way: usize,
    /// Why the connection can no longer be used.
    broken: Option<Error>,
    /// The names of types that are not built in, by object id.
    type_names: BTreeMap<u32, String>,
    /// psycopg 3 shows the first result of several, other drivers the last one.
    shows_first_result: bool,
}

/// Connects; see [`crate::db::connect`].
pub fn connect(url: &Url, options: &ConnectOptions) -> Result<Postgres, Error> {
    let params = Params::resolve(url, options)?;
    let shows_first_result = matches!(url.driver_name(), "psycopg" | "psycopg_async");
    let mut found = None;
    let wanted = match params.session {
        // a standby when there is one, anything otherwise
        Wanted::PreferStandby => &[Wanted::Standby, Wanted::Any][..],
        ref other => std::slice::from_ref(other),
    };
    let mut failed = None;
    for kind in wanted {
        let session = startup::connect(&params, |session| suits(*kind, session));
        match session {
            Ok(session) => {
                found = Some(session);
                break;
            }
            Err(error) => failed = Some(error),
        }
    }
    let Some(session) = found else {
        return Err(failed.unwrap_or_else(|| problem("no server to connect to")));
    };
    let mut connection = Postgres {
        version: version(
            session
                .parameters
                .get("server_version")
                .map_or("", String::as_str),
        ),
        wire: session.wire,
        parameters: session.parameters,
        notices: session.notices,
        process_id: session.process_id,
        status: b'I',
        sent: VecDeque::new(),
        bytes_under_way: 0,
        broken: None,
        type_names: BTreeMap::new(),
        shows_first_result,
    };
    params
        .warnings
        .into_iter()
        .for_each(|warning| connection.notices.warn(warning));
    // psycopg/connection_int.c: dates must arrive in ISO style
    if !connection
        .parameter("DateStyle")
        .is_some_and(|style| style.starts_with("ISO"))
    {
        connection.query("SET datestyle TO 'ISO'")?;
    }
    Ok(connection)
}

/// Whether a session is of the kind that `target_session_attrs` asks for.
fn suits(wanted: Wanted, session: &mut startup::Session) -> Result<bool, Error> {
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

/// `15.18 (Debian …)` and `16beta1` as two numbers; before 10 the second one counts too: 9.6.24 is (9, 6).
fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.split(|character: char| !character.is_ascii_digit());
    let mut number = || {
        numbers
            .next()
            .and_then(|digits| digits.parse().ok())
            .unwrap_or(0)
    };
    let major = number();
    let has_minor = text
        .trim_start_matches(|character: char| character.is_ascii_digit())
        .starts_with('.');
    (major, if has_minor { number() } else { 0 })
}

impl Postgres {
    /// A parameter the server reports by itself, for instance `standard_conforming_strings`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// The process id the server announced at the start; behind a transaction pooler it is not that of the backend.
    pub fn process_id(&self) -> i32 {
        self.process_id
    }

    /// Sends a statement, after making room for it.
    fn send(
        &mut self,
        sql: String,
        tag: Option<usize>,
        expect_rows: Option<i64>,
    ) -> Result<(), Error> {
        if let Some(error) = &self.broken {
            return Err(Error {
                statement: Some(sql),
                tag,
                ..error.clone()
            });
        }
        let mut message = BytesMut::new();
        if frontend::query(&sql, &mut message).is_err() {
            // the only thing that cannot be encoded; the statement is not sent and nothing is lost
            let error =
                problem("the statement contains a NUL character, which PostgreSQL does not take");
            return Err(Error {
                statement: Some(sql),
                tag,
                ..error
            });
        }
        while !self.sent.is_empty()
            && (self.sent.len() >= WINDOW_STATEMENTS
                || self.bytes_under_way + message.len() > WINDOW_BYTES)
        {
            self.receive_oldest()?;
        }
        let bytes = message.len();
        self.sent.push_back(Sent {
            sql,
            tag,
            expect_rows,
            bytes,
        });
        self.bytes_under_way += bytes;
        match self.wire.write(&message) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.lost(&error)),
        }
    }

    /// Awaits the answer to the oldest statement. After an error it awaits the others too: inside a transaction the
    /// server refuses them all, so that the first error is the one that counts.
    fn receive_oldest(&mut self) -> Result<Answer, Error> {
        let Some(sent) = self.sent.front() else {
            return Ok(Answer::default());
        };
        let (bytes, keeps_rows) = (sent.bytes, sent.tag.is_none());
        let mut answer = self.receive(keeps_rows)?;
        self.bytes_under_way = self.bytes_under_way.saturating_sub(bytes);
        let Some(sent) = self.sent.pop_front() else {
            return Ok(answer);
        };
        let error = answer.error.take().or_else(|| complaint(&sent, &answer));
        let Some(error) = error else {
            return Ok(answer);
        };
        // if the connection ends meanwhile, the next statement will say so
        while !self.sent.is_empty() && self.receive(false).is_ok() {
            self.sent.pop_front();
        }
        self.bytes_under_way = 0;
        Err(Error {
            statement: Some(sent.sql),
            tag: sent.tag,
            ..error
        })
    }

    /// Reads one answer, up to `ReadyForQuery`.
    fn receive(&mut self, keeps_rows: bool) -> Result<Answer, Error> {
        let mut answer = Answer::default();
        let mut results = 0;
        let mut is_described = false;
        loop {
            let message = match self.wire.read() {
                Ok(message) => message,
                Err(error) => return Err(self.ended(&error, answer.error)),
            };
            let is_shown = !self.shows_first_result || results == 0;
            match message {
                Message::ReadyForQuery(body) => {
                    self.status = body.status();
                    return Ok(answer);
                }
                Message::RowDescription(body) if is_shown => {
                    answer.rows.clear();
                    is_described = true;
                    let columns = body.fields().map(|field| {
                        Ok(Column {
                            name: field.name().to_owned(),
                            oid: field.type_oid(),
                        })
                    });
                    answer.columns = columns
                        .collect()
                        .map_err(|error| self.ended(&error, None))?;
                }
                Message::DataRow(body) if is_shown && keeps_rows => {
                    let buffer = body.buffer();
                    let cells = body
                        .ranges()
                        .map(|range| Ok(range.map(|range| buffer[range].to_vec())));
                    answer
                        .rows
                        .push(cells.collect().map_err(|error| self.ended(&error, None))?);
                }
                Message::CommandComplete(body) => {
                    if is_shown {
                        answer.command = body.tag().unwrap_or_default().to_owned();
                        if !is_described {
                            answer.columns.clear();
                            answer.rows.clear();
                        }
                    }
                    is_described = false;
                    results += 1;
                }
                Message::ErrorResponse(body) => {
                    // a COPY that we refused is told in our words
                    let error = server_error(body.fields());
                    answer.error = answer.error.take().or(Some(error));
                }
                Message::CopyInResponse(_) => {
                    answer.error = Some(problem(
                        "COPY … FROM STDIN cannot run in a migration: there is no data to send",
                    ));
                    let mut refusal = BytesMut::new();
                    let refused = frontend::copy_fail("aludel sends no data", &mut refusal);
                    if let Err(error) = refused.and_then(|()| self.wire.write(&refusal)) {
                        return Err(self.lost(&error));
                    }
                }
                Message::CopyOutResponse(_) => {
                    answer.error = Some(problem(
                        "COPY … TO STDOUT cannot run in a migration: nobody reads its data",
                    ));
                }
                Message::NoticeResponse(body) => self.notices.push(body.fields()),
                Message::ParameterStatus(body) => {
                    if let (Ok(name), Ok(value)) = (body.name(), body.value()) {
                        self.parameters.insert(name.to_owned(), value.to_owned());
                    }
                }
                _ => {}
            }
        }
    }

    /// The connection failed while writing. The server may have said why before it hung up.
    fn lost(&mut self, error: &io::Error) -> Error {
        let mut said = None;
        while let (true, Ok(message)) = (said.is_none(), self.wire.read()) {
            if let Message::ErrorResponse(body) = message {
                said = Some(server_error(body.fields()));
            }
        }
        self.ended(error, said)
    }

    /// Marks the connection as ended; the oldest unanswered statement is the one to name.
    fn ended(&mut self, error: &io::Error, said: Option<Error>) -> Error {
        let why = said.unwrap_or_else(|| match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                problem(format!("the server's answer could not be read: {error}"))
            }
            _ => problem("server closed the connection unexpectedly"),
        });
        self.broken = Some(why.clone());
        self.status = b'I';
        self.bytes_under_way = 0;
        let oldest = self.sent.drain(..).next();
        let (statement, tag) = oldest.map_or((None, None), |sent| (Some(sent.sql), sent.tag));
        Error {
            statement,
            tag,
            ..why
        }
    }

    /// Awaits everything under way.
    fn drain(&mut self) -> Result<(), Error> {
        while !self.sent.is_empty() {
            self.receive_oldest()?;
        }
        Ok(())
    }

    /// Sends one statement alone and awaits its answer.
    fn run(
        &mut self,
        sql: String,
        tag: Option<usize>,
        expect_rows: Option<i64>,
    ) -> Result<Answer, Error> {
        self.drain()?;
        self.send(sql, tag, expect_rows)?;
        self.receive_oldest()
    }

    /// Texts to values; the types that are not built in are looked up by name once.
    fn decode(&mut self, answer: Answer) -> Result<Rows, Error> {
        for column in &answer.columns {
            self.learn(column.oid)?;
        }
        let rowcount = answer.rowcount();
        let mut rows = Vec::with_capacity(answer.rows.len());
        for row in answer.rows {
            let cells = row.into_iter().zip(&answer.columns);
            let row: Result<Vec<_>, Error> = cells
                .map(|(cell, column)| {
                    let name = self.type_names.get(&column.oid).map(String::as_str);
                    values::decode(cell, column.oid, name)
                        .map_err(|why| problem(format!("column `{}`: {why}", column.name)))
                })
                .collect();
            rows.push(row?);
        }
        let columns = answer
            .columns
            .into_iter()
            .map(|column| column.name)
            .collect();
        Ok(Rows {
            columns,
            rows,
            rowcount,
        })
    }

    fn learn(&mut self, oid: u32) -> Result<(), Error> {
        if oid < values::FIRST_USER_OID || self.type_names.contains_key(&oid) || self.status == b'E'
        {
            return Ok(());
        }
        let sql = format!("SELECT typname FROM pg_catalog.pg_type WHERE oid = {oid}");
        let answer = self.run(sql, None, None)?;
        let cell = answer.rows.into_iter().flatten().flatten().next();
        let name = String::from_utf8_lossy(&cell.unwrap_or_default()).into_owned();
        self.type_names.insert(oid, name);
        Ok(())
    }
}

/// What is wrong with an answer that is no error to the server.
fn complaint(sent: &Sent, answer: &Answer) -> Option<Error> {
    if answer.command == "ROLLBACK" && statement::commits(&sent.sql) {
        return Some(problem(
            "COMMIT was answered by ROLLBACK: a statement of this transaction had failed",
        ));
    }
    let found = answer.rowcount();
    sent.expect_rows
        .filter(|expected| *expected != found)
        .map(|_| problem(format!("row count {found}")))
}

impl Connection for Postgres {
    fn query(&mut self, sql: &str) -> Result<Rows, Error> {
        let answer = self.run(sql.to_owned(), None, None)?;
        self.decode(answer)
    }

    fn queue(&mut self, sql: String, tag: usize, expect_rows: Option<i64>) -> Result<(), Error> {
        if self.status == b'T' && statement::may_travel_with_others(&sql) {
            return self.send(sql, Some(tag), expect_rows);
        }
        self.run(sql, Some(tag), expect_rows).map(drop)
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.drain()
    }

    fn server_version(&self) -> (u32, u32) {
        self.version
    }

    fn in_transaction(&self) -> bool {
        self.status != b'I'
    }

    fn take_notices(&mut self) -> Vec<(String, String)> {
        self.notices.take()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut goodbye = BytesMut::new();
        frontend::terminate(&mut goodbye);
        // nothing can be done about a failure here, and the server notices the closed socket anyway
        let _ = self.wire.write(&goodbye);
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_read_from_every_spelling() {
        assert_eq!(version("15.18 (Debian 15.18-0+deb12u1)"), (15, 18));
        assert_eq!(version("9.6.24"), (9, 6));
        assert_eq!(version("18beta2"), (18, 0));
        assert_eq!(version("19devel"), (19, 0));
    }
}
