//! A run on SQLite that is killed in the middle of copying a table: no row is lost, and the next run goes on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Instant;

use aludel::db;
use aludel::db::options::ConnectOptions;
use aludel::db::url::Url;
use aludel::schema::literal::Literal;

const ROWS: usize = 12_000;
const REVISIONS: usize = 6;
const KILLS: u32 = 16;

const ENV: &str = "from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(context.config.get_main_option('sqlalchemy.url'), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
";

/// Every revision copies the table twice, and adds a column that tells which revision it was.
fn project(home: &Path) {
    std::fs::create_dir_all(home.join("m/versions")).unwrap();
    let ini = "[alembic]\nscript_location = m\nsqlalchemy.url = sqlite:///x.db\n";
    std::fs::write(home.join("alembic.ini"), ini).unwrap();
    std::fs::write(home.join("m/env.py"), ENV).unwrap();
    for number in 1..=REVISIONS {
        let before = match number {
            1 => "None".to_owned(),
            _ => format!("'{}'", number - 1),
        };
        let text = format!(
            "import sqlalchemy as sa
from alembic import op

revision = '{number}'
down_revision = {before}


def upgrade():
    with op.batch_alter_table('t', recreate='always') as batch_op:
        batch_op.add_column(sa.Column('c{number}', sa.Integer, server_default='{number}'))
    with op.batch_alter_table('t') as batch_op:
        batch_op.alter_column('a', type_=sa.String(20 + {number}))
"
        );
        std::fs::write(home.join(format!("m/versions/r{number}.py")), text).unwrap();
    }
    ask(
        home,
        "CREATE TABLE t (id INTEGER NOT NULL, a VARCHAR(20), b BLOB, PRIMARY KEY (id))",
    );
    ask(home, "CREATE INDEX ix_a ON t (a)");
    ask(
        home,
        &format!(
            "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) SELECT i, 'row ' || i, zeroblob(50) FROM n"
        ),
    );
}

/// The first cell of what a statement gives, as text; what it changed is committed.
fn ask(home: &Path, sql: &str) -> String {
    let url = Url::parse(&format!("sqlite:///{}", home.join("x.db").display())).unwrap();
    let mut connection = db::connect(&url, &ConnectOptions::default()).unwrap();
    let rows = connection.query(sql).unwrap().rows;
    if connection.in_transaction() {
        connection.query("COMMIT").unwrap();
    }
    match rows.first().and_then(|row| row.first()) {
        Some(Literal::Str(text)) => text.clone(),
        Some(Literal::Int(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn upgrade(home: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_aludel"))
        .args(["upgrade", "head"])
        .current_dir(home)
        .env_remove("DATABASE_URL")
        .env_remove("ALUDEL_URL")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// All rows are there, in one table, and the version is that of its columns.
fn version_of_whole_table(home: &Path) -> usize {
    assert_eq!(ask(home, "PRAGMA integrity_check"), "ok");
    let rows = "SELECT count(*) || ' ' || sum(id) || ' ' || sum(a = 'row ' || id) || ' ' || sum(length(b)) FROM t";
    let sum = ROWS * (ROWS + 1) / 2;
    assert_eq!(
        ask(home, rows),
        format!("{ROWS} {sum} {ROWS} {}", 50 * ROWS)
    );
    let others = "SELECT group_concat(name) FROM sqlite_master WHERE name NOT IN ('t', 'ix_a', 'alembic_version') AND name NOT LIKE 'sqlite%'";
    assert_eq!(ask(home, others), "");
    assert_eq!(
        ask(
            home,
            "SELECT count(*) FROM sqlite_master WHERE name IN ('t', 'ix_a')"
        ),
        "2"
    );
    let has_versions = ask(
        home,
        "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'",
    ) == "1";
    let version = match has_versions {
        true => ask(home, "SELECT version_num FROM alembic_version"),
        false => String::new(),
    };
    let columns: usize = ask(home, "SELECT count(*) - 3 FROM pragma_table_info('t')")
        .parse()
        .unwrap();
    assert_eq!(version.parse().unwrap_or(0), columns);
    columns
}

#[test]
fn a_run_that_is_killed_leaves_all_rows_and_the_next_run_goes_on() {
    let first = tempfile::tempdir().unwrap();
    project(first.path());
    let base = std::fs::read(first.path().join("x.db")).unwrap();
    let start = Instant::now();
    let output = upgrade(first.path()).wait_with_output().unwrap();
    let duration = start.elapsed();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(version_of_whole_table(first.path()), REVISIONS);
    let (mut killed, mut seen) = (0, Vec::new());
    for number in 0..KILLS {
        let database = first.path().join("x.db");
        std::fs::write(&database, &base).unwrap();
        let mut child = upgrade(first.path());
        std::thread::sleep(duration.mul_f64(f64::from(number) / f64::from(KILLS)));
        let is_running = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        killed += u32::from(is_running);
        seen.push(version_of_whole_table(first.path()));
        let output = upgrade(first.path()).wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(version_of_whole_table(first.path()), REVISIONS);
        let _no_journal = std::fs::remove_file(first.path().join("x.db-journal"));
    }
    assert!(killed > 0, "no run was killed: {duration:?}, {seen:?}");
}

#[test]
fn what_fails_in_the_middle_of_a_copy_is_taken_back() {
    let home = tempfile::tempdir().unwrap();
    project(home.path());
    // the new table is there and filled when SQLite finds that the view has lost its table
    ask(home.path(), "CREATE VIEW seen AS SELECT a FROM t");
    for _ in 0..2 {
        let output = upgrade(home.path()).wait_with_output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains("error in view seen"), "{error}");
        let left = "SELECT group_concat(name) FROM sqlite_master WHERE name LIKE '%alembic_tmp%'";
        assert_eq!(ask(home.path(), left), "");
        assert_eq!(ask(home.path(), "SELECT count(*) FROM t"), ROWS.to_string());
    }
    ask(home.path(), "DROP VIEW seen");
    let output = upgrade(home.path()).wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(version_of_whole_table(home.path()), REVISIONS);
}
