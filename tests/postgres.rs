//! What only a PostgreSQL server has: its types, COPY, notices, timeouts, settings. What every connection does is in tests/connection.rs.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use aludel::db::Connection;
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
fn what_cannot_run_in_a_transaction_runs_outside_of_one() {
    let mut connection = connection();
    for (tag, sql) in [
        "CREATE TABLE t (i int)",
        "CREATE INDEX CONCURRENTLY ix ON t (i)",
        "VACUUM t",
    ]
    .into_iter()
    .enumerate()
    {
        connection.queue(sql.into(), tag, None).expect(sql);
    }
    connection.query("BEGIN").expect("BEGIN");
    let error = connection
        .queue("VACUUM t".into(), 3, None)
        .and_then(|()| connection.flush())
        .expect_err("in a transaction");
    assert_eq!(error.sqlstate.as_deref(), Some("25001"));
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
