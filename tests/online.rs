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
use support::engine::Database;
use support::engine::ENGINES;
use support::engine::Engine;
use support::project::CommandOutput;
use support::project::TestProject;

/// A database and a generic project that is configured for it.
struct Site {
    database: Database,
    project: TestProject,
}

impl Site {
    /// `options`: for the online `context.configure`.
    fn new(engine: Engine, options: &str) -> Self {
        let database = engine.database();
        let project = TestProject::generic(&database.url(), options);
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

    /// The version table's rows.
    fn version(&self) -> String {
        self.database
            .column("SELECT version_num FROM alembic_version ORDER BY version_num")
            .join(" ")
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

/// Revisions that mean the same in a script and in a live run.
const WITHOUT_ROWS: &[&str] = &[
    "op.create_table('owner', sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.String(40), nullable=False, unique=True), sa.Column('born', sa.Date, server_default='2020-01-02'))
op.create_table('thing', sa.Column('id', sa.Integer, primary_key=True), sa.Column('owner_id', sa.Integer, sa.ForeignKey('owner.id', ondelete='CASCADE')), sa.Column('n', sa.Numeric(8, 2)), sa.CheckConstraint('n > 3', name='ck_n'))
op.create_index('ix_thing_n', 'thing', ['n', 'owner_id'], unique=True)",
    "import datetime, decimal
owner = sa.table('owner', sa.column('id', sa.Integer), sa.column('name', sa.String), sa.column('born', sa.Date))
op.bulk_insert(owner, [dict(id=1, name=\"it's 100% :x\", born=datetime.date(2021, 3, 4)), dict(id=2, name='', born=None)])
thing = sa.table('thing', sa.column('id', sa.Integer), sa.column('owner_id', sa.Integer), sa.column('n', sa.Numeric(8, 2)))
op.execute(thing.insert().values(id=1, owner_id=2, n=decimal.Decimal('4.50')))
op.execute(owner.update().where(owner.c.name == op.inline_literal('')).values(name='named'))
op.execute(\"INSERT INTO thing (id, owner_id, n) VALUES (2, NULL, 7)\")",
    "op.add_column('thing', sa.Column('note', sa.Text(), server_default='none', nullable=False))
op.rename_table('owner', 'keeper')
op.drop_index('ix_thing_n', 'thing')
op.create_table('late', sa.Column('flag', sa.Boolean(), server_default=sa.true()))",
];

#[test]
fn an_upgrade_leaves_what_its_script_leaves() {
    for engine in ENGINES {
        let site = Site::new(engine, "").chain(WITHOUT_ROWS);
        let script = site.project.run(&["upgrade", "head", "--sql"]).success();
        let by_hand = engine.database();
        by_hand.run_script(&script.stdout);
        let _ = site.upgrade().success();
        assert_eq!(by_hand.dump(), site.database.dump(), "{engine:?}");
        assert_eq!(site.version(), "r3");
        let kept = "SELECT name FROM keeper JOIN thing ON thing.owner_id = keeper.id";
        assert_eq!(site.database.value(kept), "named", "{engine:?}");
    }
}

#[test]
fn an_unsupported_construct_in_a_later_revision_stops_before_the_first_statement() {
    for engine in ENGINES {
        let site = Site::new(engine, "transaction_per_migration=True").chain(&[
            CREATE_ONE,
            "import ctypes\nctypes.CDLL(None).system(b'true')",
        ]);
        let output = site.upgrade();
        assert_ne!(output.code, Some(0), "{output}");
        assert!(output.stderr.contains("r2_.py\", line 1"), "{output}");
        assert_eq!(site.database.tables(), [""; 0], "{engine:?}");
    }
}

#[test]
fn a_database_that_cannot_be_reached_is_told_about_without_the_password() {
    let missing = tempfile::tempdir().expect("make a directory");
    let missing = missing.path().join("missing/x.db");
    let unnamed = cluster().url("missing");
    for (url, said) in [
        (
            "postgresql://u:s3cret@127.0.0.1:1/d".to_owned(),
            "connection to server at \"127.0.0.1\", port 1 failed: Connection refused",
        ),
        (
            unnamed.replace("postgres@", "postgres:s3cret@"),
            "database \"missing\" does not exist",
        ),
        (
            format!("sqlite:///{}", missing.display()),
            "(sqlite3.OperationalError) unable to open database file",
        ),
        (
            "sqlite://u:s3cret@host/x.db".to_owned(),
            "Invalid SQLite URL: sqlite://u:***@host/x.db",
        ),
    ] {
        let project = TestProject::generic(&url, "");
        project.revision("r1", "None", CREATE_ONE, "");
        let output = project.run(&["upgrade", "head"]).failure(1);
        assert!(output.stderr.contains(said), "{output}");
        assert!(!output.all().contains("s3cret"), "{output}");
    }
}

#[test]
fn a_thousand_small_revisions_are_applied_in_order() {
    for engine in ENGINES {
        let site = Site::new(engine, "");
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
        let mut indexes: Vec<String> = (1..=333).map(|n| format!("ix_{}", n * 3)).collect();
        indexes.sort();
        assert_eq!(site.database.indexes(), indexes, "{engine:?}");
    }
}

#[test]
fn an_autocommit_block_runs_what_postgresql_refuses_in_a_transaction() {
    let concurrently = "op.create_index('ix_one', 'one', ['id'], postgresql_concurrently=True)";
    let site = Site::new(Engine::Postgresql, "").chain(&[
        CREATE_ONE,
        &format!("with op.get_context().autocommit_block():\n    {concurrently}"),
        "op.execute('CREATE TABLE two ()')",
    ]);
    let _ = site.upgrade().success();
    assert_eq!(site.version(), "r3");
    assert_eq!(site.database.tables(), ["alembic_version", "one", "two"]);
    assert_eq!(site.database.indexes(), ["ix_one"]);
}

#[test]
fn the_version_table_may_be_in_a_schema_of_its_own() {
    let options = "version_table='versions', version_table_schema='meta', version_table_pk=False";
    let site = Site::new(Engine::Postgresql, options).chain(&[CREATE_ONE]);
    site.database.run_script("CREATE SCHEMA meta");
    let _ = site.upgrade().success();
    assert_eq!(
        site.database
            .column("SELECT version_num FROM meta.versions"),
        ["r1"]
    );
    assert_eq!(site.database.tables(), ["one"]);
    let output = site.project.run(&["current"]).success();
    assert_eq!(output.stdout, "r1 (head)\n");
}

#[test]
fn statements_with_a_body_are_not_taken_apart() {
    let site = Site::new(Engine::Postgresql, "").chain(&["op.execute('CREATE TABLE a (); CREATE TABLE b (); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$')"]);
    let _ = site.upgrade().success();
    assert_eq!(site.database.tables(), ["a", "alembic_version", "b"]);
    assert_eq!(site.database.value("SELECT f()"), "1");
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
