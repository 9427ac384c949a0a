//! What every [`Connection`] does, whatever is behind it: each test runs on PostgreSQL and on SQLite from one body. What
//! single statements answer was recorded from the drivers that SQLAlchemy uses: fixtures/connection.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::fs;
use std::path::Path;

use aludel::db::Connection;
use aludel::db::Error;
use aludel::db::Rows;
use aludel::schema::literal::Literal;
use num_bigint::BigInt;
use serde_json::Value as Json;
use serde_json::json;
use support::engine::Database;
use support::engine::ENGINES;
use support::engine::Engine;

/// Runs a body on a connection to an empty database of every engine.
fn on_both(body: impl Fn(&mut dyn Connection, Engine)) {
    for engine in ENGINES {
        let database: Database = engine.database();
        body(database.connect().as_mut(), engine);
    }
}

fn text(text: &str) -> Literal {
    Literal::Str(text.to_owned())
}

fn int(number: i64) -> Literal {
    Literal::Int(BigInt::from(number))
}

#[track_caller]
fn query(connection: &mut dyn Connection, sql: &str) -> Rows {
    let found = connection.query(sql);
    found.unwrap_or_else(|error| panic!("{sql}: {error:?}"))
}

#[track_caller]
fn queue(connection: &mut dyn Connection, sql: &str, tag: usize) {
    let queued = connection.queue(sql.to_owned(), tag, None);
    queued.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

#[track_caller]
fn number(connection: &mut dyn Connection, sql: &str) -> i64 {
    match query(connection, sql).rows.first().map(Vec::as_slice) {
        Some([Literal::Int(number)]) => number.try_into().expect("small"),
        other => panic!("{sql}: {other:?}"),
    }
}

/// Queues statements until one fails, flushes, and returns the first error.
#[track_caller]
fn first_error(connection: &mut dyn Connection, statements: &[String]) -> Error {
    for (tag, sql) in statements.iter().enumerate() {
        if let Err(error) = connection.queue(sql.clone(), tag, None) {
            return error;
        }
    }
    connection
        .flush()
        .expect_err("one of the statements is wrong")
}

/// A value as record.py writes it.
fn cell(value: &Literal) -> Json {
    let (class, text) = match value {
        Literal::Null => ("NoneType", "None".to_owned()),
        Literal::Bool(true) => ("bool", "True".to_owned()),
        Literal::Bool(false) => ("bool", "False".to_owned()),
        Literal::Int(number) => ("int", number.to_string()),
        Literal::Float(number) => ("float", number.to_string()),
        Literal::Decimal(text) => ("Decimal", text.clone()),
        Literal::Str(text) => ("str", text.clone()),
        Literal::Bytes(bytes) => (
            "bytes",
            bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        ),
        other => panic!("{other:?}"),
    };
    json!([class, text])
}

/// Two recorded cells mean the same: floats by their value, the bytes of either driver.
fn is_same_cell(expected: &Json, found: &Json) -> bool {
    let parts = |cell: &Json| [0, 1].map(|at| cell[at].as_str().unwrap().to_owned());
    let ([kind, want], [class, have]) = (parts(expected), parts(found));
    match kind.as_str() {
        "float" => {
            let bits = |text: &str| text.parse::<f64>().unwrap().to_bits();
            class == kind && bits(&want) == bits(&have)
        }
        "memoryview" => class == "bytes" && want == have,
        _ => class == kind && want == have,
    }
}

/// What differs from a recorded answer.
fn difference(expected: &Json, answer: &Result<Rows, Error>) -> Option<String> {
    let is_same = match answer {
        Ok(found) => {
            let rows: Vec<Vec<Json>> = found
                .rows
                .iter()
                .map(|row| row.iter().map(cell).collect())
                .collect();
            let cells: Vec<&Json> = rows.iter().flatten().collect();
            let wanted: Vec<&Json> = expected["rows"]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(|row| row.as_array().unwrap())
                .collect();
            expected["columns"] == json!(found.columns)
                && expected["rowcount"] == json!(found.rowcount)
                && expected["rows"].as_array().unwrap().len() == rows.len()
                && wanted.len() == cells.len()
                && wanted
                    .iter()
                    .zip(cells)
                    .all(|(want, have)| is_same_cell(want, have))
        }
        Err(error) => {
            let is_named = match error.class {
                // of PostgreSQL the class is that of the code
                None => true,
                Some(class) => expected["class"] == class,
            };
            is_named
                && expected["message"] == json!(error.message)
                && expected["sqlstate"] == json!(error.sqlstate)
                && expected["severity"] == json!(error.severity)
                && expected["detail"] == json!(error.detail)
                && expected["hint"] == json!(error.hint)
                && expected["position"] == json!(error.position)
                && error.statement.as_deref() == expected["sql"].as_str()
        }
    };
    (!is_same).then(|| format!("{answer:?}\nexpected {expected}"))
}

#[test]
fn every_statement_answers_what_the_driver_of_python_answers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/connection");
    let mut wrong = Vec::new();
    for engine in ENGINES {
        let file = folder.join(format!("{}.json", engine.name()));
        let expected: Json = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        for (name, steps) in expected.as_object().unwrap() {
            let database = engine.database();
            let mut connection = database.connect();
            for step in steps.as_array().unwrap() {
                let answer = connection.query(step["sql"].as_str().unwrap());
                if let Some(difference) = difference(step, &answer) {
                    wrong.push(format!("{engine:?}, {name}: {difference}"));
                }
                if step["in_transaction"] != connection.in_transaction() {
                    wrong.push(format!("{engine:?}, {name}: after {step}: in_transaction"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn an_error_belongs_to_its_own_statement() {
    on_both(|connection, engine| {
        for wrong in [0, 1, 57, 998, 999] {
            query(connection, "BEGIN");
            assert!(connection.in_transaction());
            let mut statements: Vec<String> = (0..1000)
                .map(|i| format!("CREATE TABLE t{i} (i int)"))
                .collect();
            statements[wrong] = "ALTER TABLE missing ADD COLUMN c int".to_owned();
            let error = first_error(connection, &statements);
            assert_eq!(error.tag, Some(wrong), "{engine:?}: {error:?}");
            assert_eq!(
                error.statement.as_deref(),
                Some("ALTER TABLE missing ADD COLUMN c int")
            );
            let (said, sqlstate) = match engine {
                Engine::Sqlite => ("no such table: missing", None),
                Engine::Postgresql | Engine::Psycopg => {
                    ("relation \"missing\" does not exist", Some("42P01"))
                }
            };
            assert_eq!(
                (error.message.as_str(), error.sqlstate.as_deref()),
                (said, sqlstate)
            );
            assert!(connection.in_transaction());
            query(connection, "ROLLBACK");
            assert!(!connection.in_transaction());
            // the table before the wrong one is gone, and the one behind it never was
            for near in [wrong.saturating_sub(1), wrong + 1] {
                let sql = format!("SELECT i FROM t{near}");
                connection.query(&sql).expect_err("it does not exist");
            }
        }
    });
}

#[test]
fn a_query_waits_for_what_was_queued_and_tells_its_errors() {
    on_both(|connection, engine| {
        query(connection, "BEGIN");
        queue(connection, "CREATE TABLE t (i int)", 1);
        let queued = connection.queue("INSERT INTO t VALUES (5)".into(), 2, Some(1));
        queued.expect("a row");
        assert_eq!(number(connection, "SELECT i FROM t"), 5, "{engine:?}");
        // SQLite knows at once, PostgreSQL when it is asked
        let told = connection
            .queue("INSERT INTO missing VALUES (5)".into(), 3, None)
            .and_then(|()| connection.query("SELECT i FROM t").map(drop));
        assert_eq!(
            told.expect_err("the queued statement failed").tag,
            Some(3),
            "{engine:?}"
        );
    });
}

#[test]
fn a_wrong_row_count_is_an_error_with_its_tag() {
    on_both(|connection, engine| {
        query(connection, "CREATE TABLE t (i int)");
        query(connection, "BEGIN");
        let statements = [
            (10, "INSERT INTO t VALUES (1)"),
            (11, "UPDATE t SET i = 2 WHERE i = 9"),
            (12, "INSERT INTO t VALUES (3)"),
        ];
        let first = statements
            .into_iter()
            .find_map(|(tag, sql)| connection.queue(sql.into(), tag, Some(1)).err())
            .or_else(|| connection.flush().err());
        let error = first.expect("no row was updated");
        assert_eq!(
            (error.message.as_str(), error.tag),
            ("row count 0", Some(11)),
            "{engine:?}"
        );
        assert_eq!(
            error.statement.as_deref(),
            Some("UPDATE t SET i = 2 WHERE i = 9")
        );
        query(connection, "DELETE FROM t");
        query(connection, "INSERT INTO t VALUES (1), (2)");
        let error = connection
            .queue("DELETE FROM t".into(), 13, Some(1))
            .and_then(|()| connection.flush());
        assert_eq!(error.expect_err("two rows").message, "row count 2");
    });
}

#[test]
fn outside_a_transaction_every_statement_takes_effect_at_once() {
    for engine in ENGINES {
        let database = engine.database();
        let mut connection = database.connect();
        let seen_by_another = || query(database.connect().as_mut(), "SELECT i FROM t").rows;
        queue(connection.as_mut(), "CREATE TABLE t (i int)", 0);
        assert!(seen_by_another().is_empty(), "{engine:?}");
        queue(connection.as_mut(), "CREATE INDEX ix ON t (i)", 1);
        let error = connection
            .queue("CREATE INDEX ix ON t (i)".into(), 2, None)
            .expect_err("it exists");
        assert_eq!(error.tag, Some(2), "{engine:?}");
        queue(connection.as_mut(), "VACUUM", 3);
        assert!(!connection.in_transaction());
        // a row: PostgreSQL has it, the driver of SQLite has begun a transaction for it
        queue(connection.as_mut(), "INSERT INTO t VALUES (1)", 4);
        let seen = match engine {
            Engine::Sqlite => vec![],
            Engine::Postgresql | Engine::Psycopg => vec![vec![int(1)]],
        };
        assert_eq!(connection.in_transaction(), seen.is_empty());
        assert_eq!(connection.begins_by_itself(), seen.is_empty());
        assert_eq!(seen_by_another(), seen, "{engine:?}");
    }
}

#[test]
fn nothing_queued_after_an_error_takes_effect_behind_its_back() {
    on_both(|connection, engine| {
        query(connection, "BEGIN");
        queue(connection, "CREATE TABLE kept (i int)", 0);
        let wrong = connection.queue("nonsense".into(), 1, None);
        assert_eq!(wrong.expect_err("awaited at once").tag, Some(1));
        query(connection, "ROLLBACK");
        query(connection, "BEGIN");
        let error = first_error(
            connection,
            &["INSERT INTO missing VALUES (1)", "COMMIT"].map(str::to_owned),
        );
        assert_eq!(error.tag, Some(0), "{engine:?}");
        assert!(
            connection.in_transaction(),
            "the COMMIT must not have been sent"
        );
        let committed = connection.queue("COMMIT".into(), 4, None);
        match engine {
            // the transaction has only lost that one statement
            Engine::Sqlite => committed.expect("a commit"),
            Engine::Postgresql | Engine::Psycopg => {
                let error = committed.expect_err("a commit that rolls back");
                assert!(error.message.contains("ROLLBACK"), "{error}");
            }
        }
        assert!(!connection.in_transaction());
        connection
            .query("SELECT i FROM kept")
            .expect_err("it was rolled back");
    });
}

#[test]
fn large_statements_and_large_answers_do_not_block_each_other() {
    on_both(|connection, engine| {
        query(connection, "BEGIN");
        let many = format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20) SELECT i, '{}' FROM n",
            "x".repeat(100_000)
        );
        let long = format!("SELECT length('{}')", "y".repeat(1_000_000));
        for tag in 0..20 {
            queue(connection, &many, tag);
            queue(connection, &long, tag);
        }
        connection.flush().expect("flush");
        let rows = query(connection, &many).rows;
        assert_eq!(rows.len(), 20, "{engine:?}");
        assert_eq!(rows[19], [int(20), text(&"x".repeat(100_000))]);
        assert_eq!(number(connection, &long), 1_000_000);
    });
}

#[test]
fn a_nul_is_refused_before_it_is_sent() {
    on_both(|connection, engine| {
        let said = match engine {
            Engine::Sqlite => "the query contains a null character",
            Engine::Postgresql | Engine::Psycopg => {
                "the statement contains a NUL character, which PostgreSQL does not take"
            }
        };
        let error = connection.query("SELECT '\0'").expect_err("a NUL");
        assert_eq!(error.message, said);
        let error = connection.queue("SELECT '\0'".into(), 5, None);
        assert_eq!(error.expect_err("a NUL").tag, Some(5));
        assert_eq!(number(connection, "SELECT 7"), 7, "still usable");
    });
}

#[test]
fn whoever_answers_says_its_version_and_has_nothing_else_to_say() {
    on_both(|connection, engine| {
        let least = match engine {
            Engine::Sqlite => (3, 30),
            Engine::Postgresql | Engine::Psycopg => (10, 0),
        };
        let version = connection.server_version();
        assert!(version >= least, "{engine:?}: {version:?}");
        query(connection, "CREATE TABLE t (i int)");
        assert_eq!(connection.take_notices(), []);
    });
}
