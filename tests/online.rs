//! Upgrades of a real database: what is there afterwards, and what is not there after a failure.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use support::cluster::Cluster;
use support::cluster::SUPERUSER;
use support::cluster::cluster;
use support::engine::ENGINES;
use support::engine::Engine;
use support::project::CommandOutput;
use support::project::TestProject;

/// A database and a generic project that is configured for it.
struct Site {
    database: String,
    project: TestProject,
}

impl Site {
    /// `options`: for the online `context.configure`.
    fn new(options: &str) -> Self {
        let database = cluster().database();
        let project = TestProject::generic(&cluster().url(&database), options);
        Self { database, project }
    }

    /// A chain of revisions `r1`, `r2`, … with these upgrade bodies.
    fn chain(self, upgrades: &[&str]) -> Self {
        for (index, upgrade) in upgrades.iter().enumerate() {
            let down = match index {
                0 => "None".to_owned(),
                _ => format!("'r{index}'"),
            };
            self.project
                .revision(&format!("r{}", index + 1), &down, upgrade, "");
        }
        self
    }

    fn upgrade(&self) -> CommandOutput {
        self.project.run(&["upgrade", "head"])
    }

    /// The tables, indexes and sequences of all schemas but the system's, sorted.
    fn relations(&self) -> String {
        cluster().value(
            &self.database,
            "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relkind IN ('r', 'i', 'S') AND relnamespace::regnamespace::text NOT LIKE ALL (ARRAY['pg_%', 'information_schema'])",
        )
    }

    fn value(&self, sql: &str) -> String {
        cluster().value(&self.database, sql)
    }

    /// The version table's rows.
    fn version(&self) -> String {
        self.value("SELECT string_agg(version_num, ' ' ORDER BY version_num) FROM alembic_version")
    }
}

/// Feeds a script to psql.
fn psql(cluster: &Cluster, database: &str, script: &str) {
    let mut command = Command::new("psql");
    command.args([
        "-XqAt",
        "-v",
        "ON_ERROR_STOP=1",
        "-U",
        SUPERUSER,
        "-d",
        database,
    ]);
    command.arg("-h").arg(cluster.socket_directory());
    command.args(["-p", &cluster.port().to_string()]);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().expect("psql is needed");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(script.as_bytes()).expect("write to psql");
    drop(input);
    assert!(child.wait().expect("psql").success(), "{script}");
}

#[test]
fn an_upgrade_leaves_what_the_script_of_alembic_leaves() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects/shop");
    let recorded = |name: &str| fs::read_to_string(folder.join("expected").join(name)).expect(name);
    let (ours, theirs) = (cluster().database(), cluster().database());
    let mut project = TestProject::copy_of(&folder);
    project.env("DATABASE_URL", &cluster().url(&ours));

    let output = project.run(&["upgrade", "head"]).success();
    assert!(
        output
            .stderr
            .contains("Running upgrade  -> 0a1b2c3d4e5f, customers and products"),
        "{output}"
    );
    psql(cluster(), &theirs, &recorded("upgrade_head.sql"));
    assert_eq!(cluster().dump(&ours), cluster().dump(&theirs));
    assert_eq!(
        cluster().value(&ours, "SELECT version_num FROM alembic_version"),
        "718293041526"
    );

    let _ = project.run(&["upgrade", "head"]).success();
    assert_eq!(
        cluster().dump(&ours),
        cluster().dump(&theirs),
        "a second upgrade changes nothing"
    );

    let _ = project.run(&["downgrade", "base"]).success();
    psql(
        cluster(),
        &theirs,
        &recorded("downgrade_base.sql").replace("DROP TABLE alembic_version;", ""),
    );
    assert_eq!(cluster().dump(&ours), cluster().dump(&theirs));
}

const CREATE_ONE: &str = "op.create_table('one', sa.Column('id', sa.Integer(), primary_key=True))";
const FAIL: &str = "op.execute('ALTER TABLE missing ADD COLUMN c INTEGER')";

#[test]
fn a_failure_rolls_back_every_step_of_the_run() {
    let site = Site::new("").chain(&[CREATE_ONE, "op.execute('CREATE TABLE two ()')", FAIL]);
    let output = site.upgrade().failure(1);
    assert!(
        output
            .stderr
            .contains("relation \"missing\" does not exist"),
        "{output}"
    );
    assert!(
        output
            .stderr
            .contains("ALTER TABLE missing ADD COLUMN c INTEGER"),
        "{output}"
    );
    assert_eq!(
        site.relations(),
        "",
        "nothing may be left, not even the version table"
    );
}

#[test]
fn a_failure_names_the_line_that_sent_the_statement() {
    let later: String = (0..50)
        .map(|i| format!("op.execute('CREATE TABLE t{i} ()')\n"))
        .collect();
    let site = Site::new("").chain(&[CREATE_ONE, &format!("pass\n{FAIL}\n{later}")]);
    let output = site.upgrade().failure(1);
    // the body begins on line 15
    let place = "migrations/versions/r2_.py, line 16]";
    let traced = "migrations/versions/r2_.py\", line 16";
    let is_named = output.stderr.contains(place) || output.stderr.contains(traced);
    assert!(is_named, "{output}");
    assert_eq!(site.relations(), "");
}

#[test]
fn an_autocommit_block_commits_what_came_before() {
    let concurrently = "op.create_index('ix_one', 'one', ['id'], postgresql_concurrently=True)";
    let site = Site::new("").chain(&[
        CREATE_ONE,
        &format!("with op.get_context().autocommit_block():\n    {concurrently}"),
        "op.execute('CREATE TABLE two ()')",
    ]);
    let _ = site.upgrade().success();
    assert_eq!(site.version(), "r3");
    assert_eq!(
        site.relations(),
        "alembic_version alembic_version_pkc ix_one one one_id_seq one_pkey two"
    );

    let block = "with op.get_context().autocommit_block():\n    op.execute('CREATE TABLE inside ()')\nop.execute('CREATE TABLE after ()')";
    let site = Site::new("").chain(&[CREATE_ONE, &format!("{block}\n{FAIL}")]);
    let _ = site.upgrade().failure(1);
    assert_eq!(
        site.version(),
        "r1",
        "the earlier step was committed by the block"
    );
    assert_eq!(site.value("SELECT to_regclass('inside')"), "inside");
    assert_eq!(site.value("SELECT to_regclass('after')"), "");
}

#[test]
fn the_version_table_may_have_another_name_and_schema() {
    let site =
        Site::new("version_table='versions', version_table_schema='meta', version_table_pk=False")
            .chain(&[CREATE_ONE]);
    cluster()
        .connect(&site.database)
        .query("CREATE SCHEMA meta")
        .expect("CREATE SCHEMA");
    let _ = site.upgrade().success();
    assert_eq!(site.value("SELECT version_num FROM meta.versions"), "r1");
    assert_eq!(site.relations(), "one one_id_seq one_pkey versions");
    let output = site.project.run(&["current"]).success();
    assert_eq!(output.stdout, "r1 (head)\n");
}

#[test]
fn an_unknown_revision_in_the_database_changes_nothing() {
    let site = Site::new("").chain(&[CREATE_ONE]);
    let script = "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('zzz');";
    psql(cluster(), &site.database, script);
    let before = cluster().dump(&site.database);
    let output = site.upgrade().failure(255);
    assert!(
        output
            .stdout
            .contains("Can't locate revision identified by 'zzz'"),
        "{output}"
    );
    assert_eq!(cluster().dump(&site.database), before);
}

#[test]
fn an_unsupported_construct_in_a_later_revision_stops_before_the_first_statement() {
    let site = Site::new("transaction_per_migration=True").chain(&[
        CREATE_ONE,
        "import ctypes\nctypes.CDLL(None).system(b'true')",
    ]);
    let output = site.upgrade();
    assert_ne!(output.code, Some(0), "{output}");
    assert_eq!(site.relations(), "");
}

#[test]
fn several_statements_in_one_execute_run_together() {
    let site = Site::new("").chain(&["op.execute('CREATE TABLE a (); CREATE TABLE b (); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$')"]);
    let _ = site.upgrade().success();
    assert_eq!(site.relations(), "a alembic_version alembic_version_pkc b");
    assert_eq!(site.value("SELECT f()"), "1");
}

#[test]
fn a_server_that_refuses_is_told_about_without_the_password() {
    let project = |url: &str| {
        let project = TestProject::generic(url, "");
        project.revision("r1", "None", CREATE_ONE, "");
        project
    };
    let output = project("postgresql://u:s3cret@127.0.0.1:1/d")
        .run(&["upgrade", "head"])
        .failure(1);
    assert!(
        output
            .stderr
            .contains("connection to server at \"127.0.0.1\", port 1 failed: Connection refused"),
        "{output}"
    );
    assert!(!output.all().contains("s3cret"), "{output}");
    let url = cluster()
        .url("missing")
        .replace("postgres@", "postgres:s3cret@");
    let output = project(&url).run(&["upgrade", "head"]).failure(1);
    assert!(
        output
            .stderr
            .contains("database \"missing\" does not exist"),
        "{output}"
    );
    assert!(!output.all().contains("s3cret"), "{output}");
}

#[test]
fn a_thousand_small_revisions_are_applied_in_order() {
    let site = Site::new("");
    for number in 1..=1000 {
        let down = if number == 1 {
            "None".to_owned()
        } else {
            format!("'r{}'", number - 1)
        };
        let body = match number % 3 {
            1 => format!("op.execute('CREATE TABLE t{number} (i integer)')"),
            2 => format!(
                "op.add_column('t{}', sa.Column('note', sa.String(20)))",
                number - 1
            ),
            _ => format!(
                "op.create_index('ix_{number}', 't{}', ['note'])",
                number - 2
            ),
        };
        site.project
            .revision(&format!("r{number}"), &down, &body, "");
    }
    let _ = site.upgrade().success();
    assert_eq!(site.version(), "r1000");
    assert_eq!(
        site.value("SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'ix_%'"),
        "333"
    );
}

/// Every revision of `fixtures/transactions` that ends the transaction it runs in, under one env.py, against what the real Alembic left.
fn ended_transactions(env: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/transactions");
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    let cases = read("cases.json");
    let mut wrong = Vec::new();
    for engine in ENGINES {
        let expected = read(&format!("{}.json", engine.folder()));
        for (name, body) in cases["revisions"].as_object().unwrap() {
            for place in [2, 3] {
                let key = format!("{env}/{name}/{place}");
                let bodies = [1, 2, 3].map(|number| match number == place {
                    true => format!(
                        "from sqlalchemy.orm import Session\n{}",
                        body.as_str().unwrap()
                    ),
                    false => format!(
                        "op.execute('CREATE TABLE t{number} (a INTEGER)')\nop.execute('INSERT INTO t{number} VALUES (1)')"
                    ),
                });
                let env_py = cases["env"][env].as_str().unwrap();
                if let Some(problem) = ended_transaction(engine, env_py, &bodies, &expected[&key]) {
                    wrong.push(format!("{key} on {engine:?}: {problem}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is not as recorded.
fn ended_transaction(
    engine: Engine,
    env: &str,
    bodies: &[String; 3],
    want: &serde_json::Value,
) -> Option<String> {
    let database = engine.database();
    let project = TestProject::generic(&database.url(), "");
    project.write("migrations/env.py", env);
    for (index, body) in bodies.iter().enumerate() {
        let down = match index {
            0 => "None".to_owned(),
            _ => format!("'r{index}'"),
        };
        project.revision(&format!("r{}", index + 1), &down, body, "");
    }
    let output = project.run(&["upgrade", "head"]);
    let tables = database.tables();
    let version = match tables.iter().any(|table| table == "alembic_version") {
        false => serde_json::Value::Null,
        true => database
            .column("select version_num from alembic_version")
            .join(" ")
            .into(),
    };
    let counts: Vec<String> = tables
        .iter()
        .filter(|table| table.starts_with('t'))
        .map(|table| {
            let count = database.value(&format!("select count(*) from {table}"));
            format!("{table}={count}")
        })
        .collect();
    let tables = counts.join(" ");
    let error = want["error"].as_str().unwrap();
    let said =
        !error.starts_with("sqlalchemy.exc.InvalidRequestError") || output.stderr.contains(error);
    let fails = want["status"] != 0;
    // on SQLite every step begins a transaction of its own
    let has_begun = env.contains("begin_transaction") || engine == Engine::Sqlite;
    let is_lost = !fails && want["version"] != "r3" && has_begun;
    let tells = output
        .stderr
        .contains("nobody commits what runs after that");
    let is_wrong = fails != (output.code != Some(0))
        || want["tables"] != tables
        || want["version"] != version
        || !said
        || !fails && is_lost != tells;
    is_wrong.then(|| {
        format!(
            "{:?} {tables} {version}, expected {want}\n{}",
            output.code, output.stderr
        )
    })
}

#[test]
fn a_transaction_that_a_migration_ended_ends_as_with_alembic() {
    ended_transactions("connect");
}

#[test]
fn a_transaction_per_migration_that_a_migration_ended_ends_as_with_alembic() {
    ended_transactions("per migration");
}

#[test]
fn env_py_may_commit_what_follows_an_ended_transaction() {
    ended_transactions("commits afterwards");
}

#[test]
fn nothing_runs_in_a_managed_transaction_that_has_ended() {
    ended_transactions("engine.begin");
    ended_transactions("connection.begin");
}

#[test]
fn without_begin_transaction_a_commit_is_a_commit() {
    ended_transactions("no begin_transaction");
}
