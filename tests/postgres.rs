//! The database layer against a real server: values, errors, statements under way together, notices.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use aludel::db::Connection;
use aludel::db::Error;
use aludel::db::Rows;
use aludel::schema::literal::Literal;
use num_bigint::BigInt;
use support::cluster::cluster;

fn connection() -> Box<dyn Connection> {
    let cluster = cluster();
    cluster.connect(&cluster.database())
}

fn value(sql: &str) -> Literal {
    let rows = connection().query(&format!("SELECT {sql}")).expect(sql);
    assert_eq!((rows.rows.len(), rows.rows[0].len()), (1, 1), "{sql}");
    rows.rows[0][0].clone()
}

fn text(text: &str) -> Literal {
    Literal::Str(text.to_owned())
}

fn int(number: i64) -> Literal {
    Literal::Int(BigInt::from(number))
}

fn number(rows: &Rows) -> i64 {
    match rows.rows.first().and_then(|row| row.first()) {
        Some(Literal::Int(number)) => number.try_into().expect("small"),
        other => panic!("{other:?}"),
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one list of what is compared")]
fn values_arrive_as_python_sees_them() {
    let cases: Vec<(&str, Literal)> = vec![
        ("NULL", Literal::Null),
        ("true", Literal::Bool(true)),
        ("1::smallint", int(1)),
        ("9223372036854775807", int(i64::MAX)),
        ("42::oid", int(42)),
        ("1.5::float8", Literal::Float(1.5)),
        ("'-infinity'::float8", Literal::Float(f64::NEG_INFINITY)),
        ("12.50::numeric", Literal::Decimal("12.50".into())),
        ("0.0000001::numeric", Literal::Decimal("1E-7".into())),
        (
            "-0.00000123::numeric",
            Literal::Decimal("-0.00000123".into()),
        ),
        ("-0.000000123::numeric", Literal::Decimal("-1.23E-7".into())),
        ("'NaN'::numeric", Literal::Decimal("NaN".into())),
        ("'a''b'", text("a'b")),
        ("'x'::varchar(3)", text("x")),
        ("'n'::name", text("n")),
        ("'10.0.0.1'::inet", text("10.0.0.1")),
        ("'pg_class'::regclass", text("pg_class")),
        ("date '2020-01-02'", Literal::Date("2020-01-02".into())),
        ("time '03:04:05.5'", Literal::Time("03:04:05.500000".into())),
        ("time '03:04:05'", Literal::Time("03:04:05".into())),
        (
            "timestamp '2020-01-02 03:04:05.000006'",
            Literal::DateTime("2020-01-02 03:04:05.000006".into()),
        ),
        (
            "timestamptz '2020-01-02 03:04:05+00' AT TIME ZONE 'UTC'",
            Literal::DateTime("2020-01-02 03:04:05".into()),
        ),
        (
            "interval '1 year 2 mons 3 days -04:05:06.789'",
            Literal::Interval((365 + 60 + 3) * 86_400_000_000 - 14_706_789_000),
        ),
        ("interval '0'", Literal::Interval(0)),
        (
            "'a81bc81b-dead-4e5d-abff-90865d1e13b1'::uuid",
            Literal::Uuid("a81bc81b-dead-4e5d-abff-90865d1e13b1".into()),
        ),
        (
            "'{\"b\": [1, null], \"a\": 2}'::json",
            Literal::Json(serde_json::json!({"b": [1, null], "a": 2})),
        ),
        ("'[1]'::jsonb", Literal::Json(serde_json::json!([1]))),
        ("'\\x00ff'::bytea", Literal::Bytes(vec![0, 255])),
        (
            "ARRAY[1, NULL, 3]",
            Literal::Array(vec![int(1), Literal::Null, int(3)]),
        ),
        (
            "ARRAY['a\"b', 'NULL', '', 'c,d', 'e\\f']",
            Literal::Array(vec![
                text("a\"b"),
                text("NULL"),
                text(""),
                text("c,d"),
                text("e\\f"),
            ]),
        ),
        (
            "ARRAY[[1,2],[3,4]]",
            Literal::Array(vec![
                Literal::Array(vec![int(1), int(2)]),
                Literal::Array(vec![int(3), int(4)]),
            ]),
        ),
        ("'{}'::text[]", Literal::Array(vec![])),
        ("'[0:1]={1,2}'::int[]", Literal::Array(vec![int(1), int(2)])),
        (
            "ARRAY['{\"a\": 1}'::jsonb]",
            Literal::Array(vec![Literal::Json(serde_json::json!({"a": 1}))]),
        ),
        (
            "timestamp 'infinity'",
            Literal::Opaque {
                repr: "infinity".into(),
                class: "datetime".into(),
            },
        ),
        (
            "date '0044-03-15 BC'",
            Literal::Opaque {
                repr: "0044-03-15 BC".into(),
                class: "date".into(),
            },
        ),
        ("row(1, 'a')", text("(1,a)")),
    ];
    for (sql, expected) in cases {
        assert_eq!(value(sql), expected, "{sql}");
    }
}

#[test]
fn aware_timestamps_carry_the_offset_of_the_session() {
    let mut connection = connection();
    connection
        .query("SET timezone TO 'Asia/Kolkata'")
        .expect("SET");
    let rows = connection
        .query("SELECT timestamptz '2020-01-02 03:04:05+00', timetz '03:04:05+02'")
        .expect("SELECT");
    let expected = [
        Literal::DateTime("2020-01-02 08:34:05+05:30".into()),
        Literal::Time("03:04:05+02:00".into()),
    ];
    assert_eq!(rows.rows[0], expected);
}

#[test]
fn types_of_the_database_arrive_as_text() {
    let mut connection = connection();
    connection
        .query("CREATE TYPE mood AS ENUM ('sad', 'ok')")
        .expect("CREATE TYPE");
    connection
        .query("CREATE DOMAIN positive AS integer CHECK (value > 0)")
        .expect("CREATE DOMAIN");
    let rows = connection
        .query("SELECT 'ok'::mood AS m, ARRAY['sad'::mood], 5::positive")
        .expect("SELECT");
    assert_eq!(rows.columns, ["m", "array", "positive"]);
    assert_eq!(rows.rows[0], [text("ok"), text("{sad}"), int(5)]);
}

#[test]
fn hstore_becomes_a_dictionary() {
    let mut connection = connection();
    connection
        .query("CREATE EXTENSION hstore")
        .expect("the hstore extension of postgresql-contrib");
    let rows = connection
        .query(r#"SELECT 'a=>1, "b c"=>NULL, q=>"\"x\""'::hstore"#)
        .expect("SELECT");
    let expected = serde_json::json!({"a": "1", "q": "\"x\"", "b c": null});
    assert_eq!(rows.rows[0][0], Literal::Json(expected));
}

#[test]
fn row_counts_are_those_of_the_drivers() {
    let mut connection = connection();
    assert_eq!(
        connection
            .query("CREATE TABLE t (i int)")
            .expect("CREATE")
            .rowcount,
        -1
    );
    assert_eq!(
        connection
            .query("INSERT INTO t VALUES (1), (2)")
            .expect("INSERT")
            .rowcount,
        2
    );
    assert_eq!(
        connection
            .query("UPDATE t SET i = 3 WHERE i = 1")
            .expect("UPDATE")
            .rowcount,
        1
    );
    let rows = connection
        .query("SELECT i FROM t ORDER BY i")
        .expect("SELECT");
    assert_eq!(
        (rows.rowcount, rows.columns.as_slice()),
        (2, ["i".to_owned()].as_slice())
    );
    let rows = connection
        .query("DELETE FROM t RETURNING i")
        .expect("DELETE");
    assert_eq!((rows.rowcount, rows.rows.len()), (2, 2));
}

#[test]
fn several_statements_in_one_show_the_last_result() {
    let mut connection = connection();
    let rows = connection
        .query("SELECT 1; SELECT 2, 3")
        .expect("two SELECTs");
    assert_eq!(rows.rows, [[int(2), int(3)]]);
    let rows = connection
        .query("SELECT 1; CREATE TABLE t ()")
        .expect("SELECT and CREATE");
    assert!(rows.columns.is_empty() && rows.rows.is_empty(), "{rows:?}");
}

#[test]
fn errors_carry_everything_the_server_says() {
    let mut connection = connection();
    connection
        .query("CREATE TABLE t (i int UNIQUE)")
        .expect("CREATE");
    connection
        .query("INSERT INTO t VALUES (1)")
        .expect("INSERT");
    let error = connection
        .query("INSERT INTO t VALUES (1)")
        .expect_err("a duplicate");
    assert_eq!(error.sqlstate.as_deref(), Some("23505"));
    assert_eq!(error.severity.as_deref(), Some("ERROR"));
    assert_eq!(error.detail.as_deref(), Some("Key (i)=(1) already exists."));
    assert_eq!(error.statement.as_deref(), Some("INSERT INTO t VALUES (1)"));
    let error = connection
        .query("SELECT 'é', nonsense")
        .expect_err("no such column");
    assert_eq!(
        (error.sqlstate.as_deref(), error.position),
        (Some("42703"), Some(13))
    );
    let error = connection
        .query("SELECT upper(1, 2)")
        .expect_err("no such function");
    assert!(error.hint.is_some(), "{error:?}");
    assert_eq!(
        number(&connection.query("SELECT 7").expect("still usable")),
        7
    );
}

#[test]
fn a_nul_is_refused_before_it_is_sent() {
    let mut connection = connection();
    let error = connection.query("SELECT '\0'").expect_err("a NUL");
    assert!(error.message.contains("NUL"), "{error}");
    assert_eq!(
        number(&connection.query("SELECT 7").expect("still usable")),
        7
    );
}

fn begun() -> Box<dyn Connection> {
    let mut connection = connection();
    connection.query("BEGIN").expect("BEGIN");
    assert!(connection.in_transaction());
    connection
}

/// Queues statements until one fails, flushes, and returns the first error.
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

#[test]
fn an_error_belongs_to_its_own_statement() {
    for wrong in [0, 1, 57, 998, 999] {
        let mut connection = begun();
        let mut statements: Vec<String> = (0..1000)
            .map(|i| format!("CREATE TABLE t{i} (i int)"))
            .collect();
        statements[wrong] = "ALTER TABLE missing ADD COLUMN c int".to_owned();
        let error = first_error(connection.as_mut(), &statements);
        assert_eq!(error.tag, Some(wrong), "{error:?}");
        assert_eq!(
            error.statement.as_deref(),
            Some("ALTER TABLE missing ADD COLUMN c int")
        );
        assert_eq!(error.sqlstate.as_deref(), Some("42P01"));
        assert!(connection.in_transaction());
        connection.query("ROLLBACK").expect("ROLLBACK");
        assert!(!connection.in_transaction());
        let rows = connection
            .query("SELECT count(*) FROM pg_tables WHERE tablename LIKE 't%'")
            .expect("count");
        assert_eq!(number(&rows), 0);
    }
}

#[test]
fn a_query_waits_for_what_was_queued_and_tells_its_errors() {
    let mut connection = begun();
    connection
        .queue("CREATE TABLE t (i int)".into(), 1, None)
        .expect("queue");
    connection
        .queue("INSERT INTO t VALUES (5)".into(), 2, Some(1))
        .expect("queue");
    assert_eq!(
        number(&connection.query("SELECT i FROM t").expect("SELECT")),
        5
    );
    connection
        .queue("INSERT INTO missing VALUES (5)".into(), 3, None)
        .expect("queue");
    let error = connection
        .query("SELECT i FROM t")
        .expect_err("the queued statement failed");
    assert_eq!(error.tag, Some(3));
}

#[test]
fn a_wrong_row_count_is_an_error_with_its_tag() {
    let mut connection = connection();
    connection.query("CREATE TABLE t (i int)").expect("CREATE");
    connection.query("BEGIN").expect("BEGIN");
    connection
        .queue("INSERT INTO t VALUES (1)".into(), 10, Some(1))
        .expect("queue");
    connection
        .queue("UPDATE t SET i = 2 WHERE i = 9".into(), 11, Some(1))
        .expect("queue");
    connection
        .queue("INSERT INTO t VALUES (3)".into(), 12, Some(1))
        .expect("queue");
    let error = connection.flush().expect_err("no row was updated");
    assert_eq!(
        (error.message.as_str(), error.tag),
        ("row count 0", Some(11))
    );
    let error = connection
        .queue("DELETE FROM t".into(), 13, Some(1))
        .and_then(|()| connection.flush());
    assert_eq!(error.expect_err("two rows").message, "row count 2");
}

#[test]
fn outside_a_transaction_every_statement_goes_alone() {
    let mut connection = connection();
    connection
        .queue("CREATE TABLE t (i int)".into(), 0, None)
        .expect("CREATE");
    connection
        .queue("CREATE INDEX CONCURRENTLY ix ON t (i)".into(), 1, None)
        .expect("CONCURRENTLY");
    let error = connection
        .queue("CREATE INDEX ix ON t (i)".into(), 2, None)
        .expect_err("it exists");
    assert_eq!(
        (error.tag, error.sqlstate.as_deref()),
        (Some(2), Some("42P07"))
    );
    connection
        .queue("VACUUM t".into(), 3, None)
        .expect("VACUUM");
}

#[test]
fn nothing_queued_after_an_error_takes_effect_behind_its_back() {
    let mut connection = begun();
    connection
        .queue("CREATE TABLE kept (i int)".into(), 0, None)
        .expect("queue");
    connection
        .queue("nonsense".into(), 1, None)
        .expect_err("a syntax error, awaited at once");
    connection.query("ROLLBACK").expect("ROLLBACK");
    connection.query("BEGIN").expect("BEGIN");
    connection
        .queue("SELECT 1/0".into(), 2, None)
        .expect("queue");
    let error = connection
        .queue("COMMIT".into(), 3, None)
        .expect_err("the division comes first");
    assert_eq!(error.tag, Some(2));
    assert!(
        connection.in_transaction(),
        "the COMMIT must not have been sent"
    );
    let error = connection
        .queue("COMMIT".into(), 4, None)
        .expect_err("a commit that rolls back");
    assert!(error.message.contains("ROLLBACK"), "{error}");
    assert!(!connection.in_transaction());
}

#[test]
fn large_statements_and_large_answers_do_not_block_each_other() {
    let mut connection = begun();
    for tag in 0..20 {
        let rows = "SELECT repeat('x', 100000) FROM generate_series(1, 20)";
        connection.queue(rows.into(), tag, None).expect("queue");
        let long = format!("SELECT length('{}')", "y".repeat(1_000_000));
        connection.queue(long, tag, None).expect("queue");
    }
    connection.flush().expect("flush");
}

#[test]
fn copy_from_stdin_is_refused_and_the_connection_lives() {
    let mut connection = connection();
    connection.query("CREATE TABLE t (i int)").expect("CREATE");
    let error = connection
        .query("COPY t FROM STDIN")
        .expect_err("there is no data");
    assert!(error.message.contains("COPY … FROM STDIN"), "{error}");
    let error = connection
        .query("COPY t TO STDOUT")
        .expect_err("nobody reads it");
    assert!(error.message.contains("COPY … TO STDOUT"), "{error}");
    assert_eq!(
        number(&connection.query("SELECT 7").expect("still usable")),
        7
    );
}

#[test]
fn notices_are_kept_with_their_severity() {
    let mut connection = connection();
    connection
        .query("DROP TABLE IF EXISTS missing")
        .expect("DROP");
    connection
        .query("DO $$ BEGIN RAISE WARNING 'careful'; END $$")
        .expect("DO");
    let expected = [
        ("NOTICE", "table \"missing\" does not exist, skipping"),
        ("WARNING", "careful"),
    ];
    assert_eq!(
        connection.take_notices(),
        expected.map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    assert!(connection.take_notices().is_empty());
}

#[test]
fn a_terminated_backend_says_why() {
    let cluster = cluster();
    let database = cluster.database();
    let mut victim = cluster.connect(&database);
    let pid = number(&victim.query("SELECT pg_backend_pid()").expect("pid"));
    cluster
        .connect("postgres")
        .query(&format!("SELECT pg_terminate_backend({pid}, 5000)"))
        .expect("terminate");
    let error = victim.query("SELECT 1").expect_err("terminated");
    assert_eq!(error.sqlstate.as_deref(), Some("57P01"), "{error:?}");
    assert_eq!(error.statement.as_deref(), Some("SELECT 1"));
    victim.query("SELECT 1").expect_err("still terminated");
}

#[test]
fn timeouts_of_the_server_are_plain_errors() {
    let mut connection = connection();
    connection
        .query("SET statement_timeout = '50ms'")
        .expect("SET");
    let error = connection
        .query("SELECT pg_sleep(5)")
        .expect_err("a timeout");
    assert_eq!(error.sqlstate.as_deref(), Some("57014"));
}

#[test]
fn the_session_is_utf8_iso_and_named() {
    let mut connection = connection();
    for (setting, expected) in [("client_encoding", "UTF8"), ("application_name", "aludel")] {
        let rows = connection.query(&format!("SHOW {setting}")).expect("SHOW");
        assert_eq!(rows.rows[0][0], text(expected));
    }
    assert!(
        connection.server_version().0 >= 10,
        "{:?}",
        connection.server_version()
    );
    assert_eq!(value("'żółć €'"), text("żółć €"));
}

#[test]
fn a_database_with_another_date_style_is_read_correctly() {
    let cluster = cluster();
    let database = cluster.database();
    let alter = format!("ALTER DATABASE {database} SET datestyle TO 'German, DMY'");
    cluster
        .connect("postgres")
        .query(&alter)
        .expect("ALTER DATABASE");
    let rows = cluster
        .connect(&database)
        .query("SELECT date '2020-01-02'")
        .expect("SELECT");
    assert_eq!(rows.rows[0][0], Literal::Date("2020-01-02".into()));
}
