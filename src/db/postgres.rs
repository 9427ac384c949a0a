//! A PostgreSQL connection: statements go as text through the simple query protocol, several of them under way at once.
//!
//! Built on `postgres-protocol`, the wire half of the `postgres` crate, because that crate's own client keeps three
//! things to itself that migrations need: the types of columns that arrive as text, whether a transaction is open, and
//! a way out of `COPY … FROM STDIN`. Each statement is its own message, so the server's answers come one by one and an
//! error belongs to exactly one statement.

use std::collections::BTreeMap;

use crate::db::Connection;
use crate::db::Error;
use crate::db::Rows;
use crate::db::options::ConnectOptions;
use crate::db::options::problem;
use crate::db::params::Params;
use crate::db::pipeline::Answer;
use crate::db::pipeline::Habits;
use crate::db::pipeline::Pipeline;
use crate::db::startup;
use crate::db::statement;
use crate::db::url::Url;
use crate::db::values;

/// A live connection.
pub struct Postgres {
    pipeline: Pipeline,
    version: (u32, u32),
    process_id: i32,
    /// The names of types that are not built in, by object id.
    type_names: BTreeMap<u32, String>,
}

/// Connects; see [`crate::db::connect`].
pub fn connect(url: &Url, options: &ConnectOptions) -> Result<Postgres, Error> {
    let params = Params::resolve(url, options)?;
    let mut session = startup::connect(&params)?;
    params
        .warnings
        .into_iter()
        .for_each(|warning| session.notices.warn(warning));
    let habits = Habits {
        shows_first_result: matches!(url.driver_name(), "psycopg" | "psycopg_async"),
        refuses_empty: url.driver_name() == "psycopg2",
    };
    let parameter = |name: &str| session.parameters.get(name).map_or("", String::as_str);
    let is_iso = parameter("DateStyle").starts_with("ISO");
    let mut connection = Postgres {
        version: version(parameter("server_version")),
        process_id: session.process_id,
        type_names: BTreeMap::new(),
        pipeline: Pipeline::new(session, habits),
    };
    // psycopg/connection_int.c: dates must arrive in ISO style
    if !is_iso {
        connection.query("SET datestyle TO 'ISO'")?;
    }
    Ok(connection)
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
        self.pipeline.parameters.get(name).map(String::as_str)
    }

    /// The process id the server announced at the start; behind a transaction pooler it is not that of the backend.
    pub fn process_id(&self) -> i32 {
        self.process_id
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
        if oid < values::FIRST_USER_OID
            || self.type_names.contains_key(&oid)
            || self.pipeline.status == b'E'
        {
            return Ok(());
        }
        let sql = format!("SELECT typname FROM pg_catalog.pg_type WHERE oid = {oid}");
        let answer = self.pipeline.run(sql, None, None)?;
        let cell = answer.rows.into_iter().flatten().flatten().next();
        let name = String::from_utf8_lossy(&cell.unwrap_or_default()).into_owned();
        self.type_names.insert(oid, name);
        Ok(())
    }
}

impl Connection for Postgres {
    fn query(&mut self, sql: &str) -> Result<Rows, Error> {
        let answer = self.pipeline.run(sql.to_owned(), None, None)?;
        self.decode(answer)
    }

    fn queue(&mut self, sql: String, tag: usize, expect_rows: Option<i64>) -> Result<(), Error> {
        if self.pipeline.status == b'T' && statement::may_travel_with_others(&sql) {
            return self.pipeline.send(sql, Some(tag), expect_rows);
        }
        self.pipeline.run(sql, Some(tag), expect_rows).map(drop)
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.pipeline.drain()
    }

    fn server_version(&self) -> (u32, u32) {
        self.version
    }

    fn in_transaction(&self) -> bool {
        self.pipeline.status != b'I'
    }

    fn take_notices(&mut self) -> Vec<(String, String)> {
        self.pipeline.notices.take()
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
