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
fn a_transaction_for_each_migration_keeps_the_steps_before_the_failure() {
    let site = Site::new("transaction_per_migration=True").chain(&[
        CREATE_ONE,
        "op.execute('CREATE TABLE two ()')\n",
        FAIL,
    ]);
    let _ = site.upgrade().failure(1);
    assert_eq!(site.version(), "r2");
    assert_eq!(
        site.relations(),
        "alembic_version alembic_version_pkc one one_id_seq one_pkey two"
    );
}

#[test]
fn a_step_that_fails_half_way_leaves_nothing_of_itself() {
    let site = Site::new("transaction_per_migration=True").chain(&[
        CREATE_ONE,
        &format!("op.execute('CREATE TABLE two ()')\n{FAIL}"),
    ]);
    let _ = site.upgrade().failure(1);
    assert_eq!(
        (
            site.version().as_str(),
            site.value("SELECT to_regclass('two')").as_str()
        ),
        ("r1", "")
    );
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
fn a_version_row_that_changed_under_us_undoes_the_step() {
    let site = Site::new("").chain(&[CREATE_ONE]);
    let _ = site.upgrade().success();
    site.project.revision(
        "r2",
        "'r1'",
        "op.execute('CREATE TABLE two ()')\nop.execute('DELETE FROM alembic_version')",
        "",
    );
    let output = site.upgrade().failure(255);
    let sentence = "Online migration expected to match one row when updating 'r1' to 'r2' in 'alembic_version'; 0 found";
    assert!(output.stdout.contains(sentence), "{output}");
    assert_eq!(
        (
            site.version().as_str(),
            site.value("SELECT to_regclass('two')").as_str()
        ),
        ("r1", "")
    );
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
fn rows_may_be_read_and_decide() {
    let read = "connection = op.get_bind()
rows = connection.execute(sa.text('SELECT id, name FROM one WHERE id > :low ORDER BY id'), {'low': 1}).fetchall()
for row in rows:
    op.execute(sa.text('UPDATE one SET name = :name WHERE id = :id').bindparams(name=row.name.upper(), id=row[0]))
if connection.execute(sa.text('SELECT count(*) FROM one')).scalar() == 3:
    op.execute('CREATE TABLE three ()')
else:
    op.execute('CREATE TABLE other ()')";
    let fill = "op.execute('CREATE TABLE one (id integer, name text)')
op.execute(\"INSERT INTO one VALUES (1, 'a'), (2, 'b'), (3, 'it''s')\")";
    let site = Site::new("").chain(&[fill, read]);
    let _ = site.upgrade().success();
    assert_eq!(
        site.value("SELECT string_agg(name, ' ' ORDER BY id) FROM one"),
        "a B IT'S"
    );
    assert_eq!(site.value("SELECT to_regclass('three')"), "three");
}

#[test]
fn a_caught_error_is_seen_where_it_is_caught() {
    let body = "try:
    with op.get_bind().begin_nested():
        op.execute('SELECT 1/0')
except sa.exc.DataError:
    op.execute('CREATE TABLE rescued ()')";
    let site = Site::new("").chain(&[body]);
    let _ = site.upgrade().success();
    assert_eq!(
        site.relations(),
        "alembic_version alembic_version_pkc rescued"
    );
}

#[test]
fn several_statements_in_one_execute_run_together() {
    let site = Site::new("").chain(&["op.execute('CREATE TABLE a (); CREATE TABLE b (); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$')"]);
    let _ = site.upgrade().success();
    assert_eq!(site.relations(), "a alembic_version alembic_version_pkc b");
    assert_eq!(site.value("SELECT f()"), "1");
}

#[test]
fn percent_signs_and_colons_reach_the_server_as_written() {
    let body = r#"op.execute("CREATE TABLE t (v text DEFAULT '100%')")
op.execute(r"INSERT INTO t VALUES ('50%%'), ('a\:b'), ('x::text')")
op.bulk_insert(sa.table('t', sa.column('v', sa.Text())), [{'v': "%(x)s 'quoted' \\ back"}])"#;
    let site = Site::new("").chain(&[body]);
    let _ = site.upgrade().success();
    assert_eq!(
        site.value("SELECT string_agg(v, '|') FROM t"),
        r"50%%|a:b|x::text|%(x)s 'quoted' \ back"
    );
    assert_eq!(
        site.value("SELECT column_default FROM information_schema.columns WHERE table_name = 't'"),
        "'100%'::text"
    );
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
fn stamping_and_current_touch_only_the_version_table() {
    let site = Site::new("").chain(&[CREATE_ONE, "op.execute('CREATE TABLE two ()')"]);
    let _ = site.project.run(&["stamp", "r1"]).success();
    assert_eq!(site.relations(), "alembic_version alembic_version_pkc");
    assert_eq!(site.project.run(&["current"]).success().stdout, "r1\n");
    let _ = site.upgrade().success();
    assert_eq!(site.relations(), "alembic_version alembic_version_pkc two");
    let _ = site.project.run(&["stamp", "base"]).success();
    assert_eq!(site.version(), "");
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
    let (cases, expected) = (read("cases.json"), read("expected.json"));
    let mut wrong = Vec::new();
    for (name, body) in cases["revisions"].as_object().unwrap() {
        for place in [2, 3] {
            let key = format!("{env}/{name}/{place}");
            let site = Site::new("");
            site.project
                .write("migrations/env.py", cases["env"][env].as_str().unwrap());
            let bodies = [1, 2, 3].map(|number| match number == place {
                true => format!(
                    "from sqlalchemy.orm import Session\n{}",
                    body.as_str().unwrap()
                ),
                false => format!("op.execute('CREATE TABLE t{number} ()')"),
            });
            let site = site.chain(&bodies.each_ref().map(String::as_str));
            let output = site.upgrade();
            let version = match site.value("SELECT to_regclass('alembic_version')").as_str() {
                "" => serde_json::Value::Null,
                _ => site.version().into(),
            };
            let tables = site.value("SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_class WHERE relkind = 'r' AND relname ~ '^t'");
            let want = &expected[&key];
            let error = want["error"].as_str().unwrap();
            let said = !error.starts_with("sqlalchemy.exc.InvalidRequestError")
                || output.stderr.contains(error);
            let fails = want["status"] != 0;
            let is_lost = !fails && want["version"] != "r3" && !env.starts_with("no ");
            let tells = output
                .stderr
                .contains("nobody commits what runs after that");
            if fails != (output.code != Some(0))
                || want["tables"] != tables
                || want["version"] != version
                || !said
                || !fails && is_lost != tells
            {
                wrong.push(format!(
                    "{key}: {:?} {tables} {version}, expected {want}\n{}",
                    output.code, output.stderr
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
