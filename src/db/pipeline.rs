//! Statements on their way to the server and the answers to them, in order. Knows no types and no values.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::io;

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::DataRowBody;
use postgres_protocol::message::backend::Field;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::backend::RowDescriptionBody;
use postgres_protocol::message::frontend;

use crate::db::EMPTY_QUERY;
use crate::db::Error;
use crate::db::messages::Notices;
use crate::db::messages::server_error;
use crate::db::options::problem;
use crate::db::startup::Session;
use crate::db::statement;
use crate::db::wire::Wire;

/// How much may be under way: bytes of statements, and statements (each message costs a socket buffer about a kilobyte
/// besides its bytes). Everything under way then fits into the sockets' buffers, so that writing never waits for a
/// server that itself waits for us to read. A longer statement travels alone.
const WINDOW_BYTES: usize = 16 * 1024;
const WINDOW_STATEMENTS: usize = 32;

const COPY_IN: &str = "COPY … FROM STDIN cannot run in a migration: there is no data to send";
const COPY_OUT: &str = "COPY … TO STDOUT cannot run in a migration: nobody reads its data";

/// A statement that was sent and not yet answered.
struct Sent {
    sql: String,
    tag: Option<usize>,
    expect_rows: Option<i64>,
    bytes: usize,
}

/// A column of an answer.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) oid: u32,
}

/// What the server answered to one statement.
#[derive(Default)]
pub(super) struct Answer {
    /// The last result that has columns, texts still undecoded.
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Option<Vec<u8>>>>,
    /// `INSERT 0 1`
    command: String,
    error: Option<Error>,
}

impl Answer {
    /// The row count of the command, -1 where the command has none, as Python drivers report it.
    pub(super) fn rowcount(&self) -> i64 {
        let last = self.command.rsplit(' ').next().unwrap_or_default();
        last.parse().unwrap_or(-1)
    }
}

/// The statements under way on one session.
pub(super) struct Pipeline {
    wire: Wire,
    /// What the server reports of itself: `server_version`, `TimeZone`, …
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) notices: Notices,
    /// The status of the last `ReadyForQuery`: `I` idle, `T` in a transaction, `E` in a failed one.
    pub(super) status: u8,
    sent: VecDeque<Sent>,
    bytes_under_way: usize,
    /// Why the connection can no longer be used.
    broken: Option<Error>,
    habits: Habits,
}

/// What drivers do differently.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habits {
    /// psycopg 3 shows the first result of several, other drivers the last one.
    pub(super) shows_first_result: bool,
    /// psycopg2 raises for a statement that is empty, others take it.
    pub(super) refuses_empty: bool,
}

/// Whether there is nothing but spaces, comments and semicolons in a statement.
fn is_empty_query(sql: &str) -> bool {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c', '\x0b', ';']);
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.find(['\n', '\r']).map_or("", |end| &comment[end..]);
        } else if rest.starts_with("/*") {
            let Some(behind) = behind_comment(rest) else {
                return false;
            };
            rest = behind;
        } else {
            return rest.is_empty();
        }
    }
}

/// What stands behind a `/* comment /* with another inside */ */`; `None` when it does not end.
fn behind_comment(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return text.get(at..);
            }
        } else {
            at += rest.chars().next()?.len_utf8();
        }
    }
    None
}

impl Pipeline {
    pub(super) fn new(session: Session, habits: Habits) -> Self {
        Self {
            wire: session.wire,
            parameters: session.parameters,
            notices: session.notices,
            status: b'I',
            sent: VecDeque::new(),
            bytes_under_way: 0,
            broken: None,
            habits,
        }
    }

    /// Sends a statement, after making room for it.
    pub(super) fn send(
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
        if self.habits.refuses_empty && is_empty_query(&sql) {
            self.drain()?;
            return Err(Error {
                statement: Some(sql),
                tag,
                ..problem(EMPTY_QUERY)
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
            let is_shown = !self.habits.shows_first_result || results == 0;
            match message {
                Message::ReadyForQuery(body) => {
                    self.status = body.status();
                    return Ok(answer);
                }
                Message::RowDescription(body) if is_shown => {
                    is_described = true;
                    answer.rows.clear();
                    answer.columns = columns(&body).map_err(|error| self.ended(&error, None))?;
                }
                Message::DataRow(body) if is_shown && keeps_rows => {
                    let row = cells(&body).map_err(|error| self.ended(&error, None))?;
                    answer.rows.push(row);
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
                    answer.error = Some(problem(COPY_IN));
                    self.refuse_copy()?;
                }
                Message::CopyOutResponse(_) => {
                    answer.error = Some(problem(COPY_OUT));
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

    /// Answers a server that wants data for a COPY.
    fn refuse_copy(&mut self) -> Result<(), Error> {
        let mut refusal = BytesMut::new();
        let encoded = frontend::copy_fail("aludel sends no data", &mut refusal);
        encoded
            .and_then(|()| self.wire.write(&refusal))
            .map_err(|error| self.lost(&error))
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
    pub(super) fn drain(&mut self) -> Result<(), Error> {
        while !self.sent.is_empty() {
            self.receive_oldest()?;
        }
        Ok(())
    }

    /// Sends one statement alone and awaits its answer.
    pub(super) fn run(
        &mut self,
        sql: String,
        tag: Option<usize>,
        expect_rows: Option<i64>,
    ) -> Result<Answer, Error> {
        self.drain()?;
        self.send(sql, tag, expect_rows)?;
        self.receive_oldest()
    }
}

fn columns(body: &RowDescriptionBody) -> io::Result<Vec<Column>> {
    let column = |field: Field<'_>| Column {
        name: field.name().to_owned(),
        oid: field.type_oid(),
    };
    body.fields().map(|field| Ok(column(field))).collect()
}

fn cells(body: &DataRowBody) -> io::Result<Vec<Option<Vec<u8>>>> {
    let buffer = body.buffer();
    let cell = |range: Option<std::ops::Range<usize>>| range.map(|range| buffer[range].to_vec());
    body.ranges().map(|range| Ok(cell(range))).collect()
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

impl Drop for Pipeline {
    fn drop(&mut self) {
        let mut goodbye = BytesMut::new();
        frontend::terminate(&mut goodbye);
        // nothing can be done about a failure here, and the server notices the closed socket anyway
        let _ = self.wire.write(&goodbye);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_of_comments_and_semicolons_is_empty() {
        for empty in ["", " ;\n", "-- a", "-- a\n;", "/* a /* b */ c */ -- d"] {
            assert!(is_empty_query(empty), "{empty}");
        }
        for full in ["-- a\nselect 1", "/* a */ select 1", "/* open", "$$", "'"] {
            assert!(!is_empty_query(full), "{full}");
        }
    }
}
