//! `--sql` of revisions that inspect the database: answered from what the earlier revisions leave.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::path::Path;

use support::cluster::cluster;
use support::engine::dump;
use support::project::TestProject;

fn fixture(name: &str) -> TestProject {
    TestProject::copy_of(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/shadow")
            .join(name),
    )
}

fn generic() -> TestProject {
    TestProject::generic("postgresql://localhost/shadow", "")
}

/// The text of `--sql` with nothing but the comments and statements of the last revision.
fn last_step(project: &TestProject, range: &str) -> String {
    let output = project.run(&["upgrade", range, "--sql"]).success();
    let (_, after) = output
        .stdout
        .rsplit_once("-- Running upgrade ")
        .expect("a step");
    let (_, after) = after.split_once('\n').expect("a line");
    let (step, _) = after.split_once("UPDATE alembic_version").expect("an end");
    step.trim().to_owned()
}

#[test]
fn the_sql_of_a_chain_that_inspects_leaves_what_the_live_run_leaves() {
    let mut project = fixture("chain");
    let (live, offline) = (cluster().database(), cluster().database());
    let script = project.run(&["upgrade", "head", "--sql"]).success().stdout;
    let output = cluster().connect(&offline).query(&script).map(|_| ());
    output.unwrap_or_else(|error| panic!("{error:?}\n{script}"));
    project.env("SHADOW_URL", &cluster().url(&live));
    let _ = project.run(&["upgrade", "head"]).success();
    assert_eq!(cluster().dump(&offline), cluster().dump(&live));
}

#[test]
fn the_catalogue_in_memory_answers_as_postgresql_does() {
    let mut project = fixture("answers");
    let lines = |text: &str| -> Vec<String> {
        let answers = text.lines().filter(|line| line.starts_with("ANSWER "));
        answers.map(str::to_owned).collect()
    };
    let offline = project.run(&["upgrade", "head", "--sql"]).success().stdout;
    let database = cluster().database();
    project.env("SHADOW_URL", &cluster().url(&database));
    let live = project.run(&["upgrade", "head"]).success().stdout;
    assert!(lines(&live).len() > 100, "{live}");
    assert_eq!(lines(&offline).join("\n"), lines(&live).join("\n"));
}

#[test]
fn an_earlier_revision_that_reads_rows_is_followed_around_them() {
    let project = generic();
    project.revision(
        "r1",
        "None",
        "bind = op.get_bind()\nop.create_table('kept', sa.Column('id', sa.Integer))\nseen = []\nfor row in bind.execute(sa.text('SELECT id FROM kept')).fetchall():\n    seen.append(row)\n    op.execute('UPDATE kept SET id = 1')\nif seen:\n    op.drop_table('unsure')\nop.create_table('after', sa.Column('id', sa.Integer))",
        "",
    );
    let ask = |name: &str, down: &str, table: &str| {
        project.revision(
            name,
            down,
            &format!("sa.inspect(op.get_bind()).has_table({table:?})"),
            "",
        );
    };
    ask("r2", "'r1'", "kept");
    ask("r3", "'r2'", "after");
    ask("r4", "'r3'", "unsure");
    assert_eq!(
        last_step(&project, "r1:r2"),
        "-- assumed: there is a table \"kept\""
    );
    assert_eq!(
        last_step(&project, "r2:r3"),
        "-- assumed: there is a table \"after\""
    );
    let refused = project.run(&["upgrade", "r3:r4", "--sql"]).failure(1);
    assert!(
        refused.stderr.contains("the earlier revision r1"),
        "{refused}"
    );
}

#[test]
fn every_assumption_is_a_comment_where_it_was_asked() {
    assert_eq!(
        last_step(&fixture("chain"), "a1:a2"),
        r#"-- assumed: there is a table "account"
-- assumed: columns of table "account": id, email, state, score, made, active, tags

CREATE INDEX ix_account_email ON account (email);

ALTER TABLE account ADD COLUMN phone VARCHAR(20);

-- assumed: columns of table "account": id, email, state, score, made, active, tags, phone

ALTER TABLE account ALTER COLUMN phone SET NOT NULL;

-- assumed: tables in schema "public": Audit Log, account, alembic_version, post

CREATE TABLE comment (
    id SERIAL NOT NULL, 
    post_id BIGINT, 
    PRIMARY KEY (id), 
    FOREIGN KEY(post_id) REFERENCES post (id)
);

-- assumed: there is a table "post"
-- assumed: indexes of table "post": ix_post_lower, ix_post_title"#
    );
}

#[test]
fn a_range_says_for_its_steps_what_the_whole_chain_says() {
    let project = fixture("chain");
    let whole = project.run(&["upgrade", "head", "--sql"]).success().stdout;
    for range in ["a1:a2", "a2:a3", "a3:a4", "a4:a5"] {
        let part = project.run(&["upgrade", range, "--sql"]).success().stdout;
        let step = part.trim_start_matches("BEGIN;\n\n");
        let step = step.trim_end_matches("COMMIT;\n\n");
        assert!(whole.contains(step), "{range}: {step}\n--- in\n{whole}");
    }
}

#[test]
fn a_downgrade_starts_from_what_its_revision_leaves() {
    let output = fixture("chain").run(&["downgrade", "a2:a1", "--sql"]);
    let text = output.success().stdout;
    assert!(
        text.contains("-- assumed: there is a table \"comment\"\n\nDROP TABLE comment;"),
        "{text}"
    );
    assert!(
        text.contains("ALTER TABLE account DROP COLUMN phone;"),
        "{text}"
    );
}

#[test]
fn a_migration_that_expects_no_inspection_is_evaluated_as_alembic_does() {
    let project = generic();
    project.revision(
        "r1",
        "None",
        "try:\n    sa.inspect(op.get_bind())\nexcept sa.exc.NoInspectionAvailable:\n    op.execute('SELECT 1')",
        "",
    );
    let text = project.run(&["upgrade", "head", "--sql"]).success().stdout;
    assert!(text.contains("SELECT 1;"), "{text}");
    assert!(!text.contains("assumed"), "{text}");
}

#[test]
fn rows_of_data_are_refused_and_nothing_is_printed() {
    let project = generic();
    project.revision(
        "r1",
        "None",
        "op.create_table('t', sa.Column('id', sa.Integer))\nfor row in op.get_bind().execute(sa.text('SELECT id FROM t')).fetchall():\n    op.execute('SELECT 2')",
        "",
    );
    let output = project.run(&["upgrade", "head", "--sql"]);
    assert_eq!(output.stdout, "");
    assert!(
        output.stderr.contains("r1_.py\", line 16")
            && output
                .stderr
                .contains("reading rows of the database in a `--sql` run (`SELECT id FROM t`)"),
        "{output}"
    );
    let _ = output.failure(1);
}

#[test]
fn a_name_that_something_not_understood_mentions_is_refused() {
    let project = generic();
    project.revision(
        "r1",
        "None",
        "op.execute(\"DO $$ BEGIN EXECUTE 'ALTER TABLE odd ADD x int'; END $$\")\nop.create_table('even', sa.Column('id', sa.Integer))",
        "",
    );
    project.revision(
        "r2",
        "'r1'",
        "sa.inspect(op.get_bind()).has_table('even')",
        "",
    );
    project.revision(
        "r3",
        "'r2'",
        "sa.inspect(op.get_bind()).has_table('odd')",
        "",
    );
    assert_eq!(
        last_step(&project, "r1:r2"),
        "-- assumed: there is a table \"even\""
    );
    let refused = project.run(&["upgrade", "r2:r3", "--sql"]).failure(1);
    assert!(refused.stderr.contains("DO $$ BEGIN EXECUTE"), "{refused}");
}

#[test]
fn an_error_that_has_nothing_to_do_with_the_database_is_alembics() {
    let project = generic();
    project.revision(
        "r1",
        "None",
        "op.get_bind().execute(sa.text('SELECT 1'))\nraise ValueError('no')",
        "",
    );
    let output = project.run(&["upgrade", "head", "--sql"]);
    assert!(output.stdout.contains("SELECT 1;"), "{output}");
    assert!(output.stderr.contains("ValueError: no"), "{output}");
    let _ = output.failure(1);
}

#[test]
fn what_a_script_cannot_say_is_refused() {
    for (body, reason) in [
        (
            "bind = op.get_bind()\nsa.inspect(bind)\nbind.rollback()",
            "rolling back in a `--sql` run",
        ),
        (
            "bind = op.get_bind()\nsa.inspect(bind)\nbind.execution_options(isolation_level='AUTOCOMMIT')",
            "isolation level `AUTOCOMMIT`",
        ),
        (
            "op.execute('SET search_path TO elsewhere')\nsa.inspect(op.get_bind()).has_table('t')",
            "search_path",
        ),
        (
            "op.create_table('t', sa.Column('x', sa.Text, server_default=sa.text(\"lower('X')\")))\nif sa.inspect(op.get_bind()).get_columns('t')[0]['default'] == 'x':\n    op.drop_table('t')",
            "only PostgreSQL knows",
        ),
        (
            "op.execute('ALTER TABLE by_hand ADD COLUMN x integer')\nsa.inspect(op.get_bind()).get_columns('by_hand')",
            "not all known of table `by_hand`: no revision creates it",
        ),
    ] {
        let project = generic();
        project.revision("r1", "None", body, "");
        let output = project.run(&["upgrade", "head", "--sql"]);
        assert!(output.stderr.contains(reason), "{reason}: {output}");
        assert_eq!(output.stdout, "", "{reason}");
        let _ = output.failure(1);
    }
}

#[test]
fn a_file_that_inspects_while_it_is_loaded_is_answered_too() {
    let project = generic();
    project.revision(
        "r1",
        "None",
        "op.create_table('t', sa.Column('id', sa.Integer))",
        "",
    );
    project.write(
        "migrations/versions/r2_.py",
        "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'r2'\ndown_revision = 'r1'\n\ntables = sa.inspect(op.get_bind()).get_table_names()\n\n\ndef upgrade():\n    if 't' in tables:\n        op.add_column('t', sa.Column('x', sa.Integer))\n",
    );
    let text = project.run(&["upgrade", "head", "--sql"]).success().stdout;
    assert!(text.contains("CREATE TABLE t ("), "{text}");
    assert!(
        text.contains("-- assumed: tables in schema \"public\": alembic_version, t\n\nALTER TABLE t ADD COLUMN x INTEGER;"),
        "{text}"
    );
}

/// What the real Alembic left of the chain in fixtures/shadow/sqlite, and what it was told.
fn recorded_on_sqlite() -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/shadow/sqlite/expected.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn answers(stderr: &str) -> serde_json::Value {
    let lines = stderr.lines().filter(|line| line.starts_with("ANSWER "));
    lines.collect()
}

#[test]
fn the_catalogue_in_memory_answers_as_sqlite_does() {
    let project = fixture("sqlite");
    let expected = recorded_on_sqlite();
    let offline = project.run(&["upgrade", "head", "--sql"]).success();
    assert_eq!(answers(&offline.stderr), expected["answers"], "{offline}");
    let live = project.run(&["upgrade", "head"]).success();
    assert_eq!(answers(&live.stderr), expected["answers"], "{live}");
}

#[test]
fn the_sql_of_a_chain_that_inspects_sqlite_leaves_what_alembic_leaves_live() {
    let project = fixture("sqlite");
    let expected = recorded_on_sqlite();
    let file = project.path().join("offline.db");
    let url = aludel::db::url::Url::parse(&format!("sqlite:///{}", file.display())).unwrap();
    let run = |arguments: &[&str]| {
        let script = project.run(arguments).success().stdout;
        let mut database = aludel::db::connect(&url, &Default::default()).unwrap();
        let done = database.run_script(&script);
        done.unwrap_or_else(|error| panic!("{error:?}\n{script}"));
    };
    // a script has four spaces where a live run sends a tab
    let with_spaces = |found: &serde_json::Value| found.to_string().replace("\\t", "    ");
    run(&["upgrade", "head", "--sql"]);
    assert_eq!(
        with_spaces(&dump(&file)),
        with_spaces(&expected["upgraded"])
    );
    run(&["downgrade", "s4:s1", "--sql"]);
    assert_eq!(
        with_spaces(&dump(&file)),
        with_spaces(&expected["downgraded"])
    );

    let _ = project.run(&["upgrade", "head"]).success();
    assert_eq!(
        dump(&project.path().join("shadow.db")),
        expected["upgraded"]
    );
}

#[test]
fn a_table_of_sqlite_that_is_copied_is_read_from_the_earlier_revisions() {
    let project = fixture("sqlite");
    let step = last_step(&project, "s2:s3");
    let assumed: Vec<&str> = step
        .lines()
        .filter(|line| line.starts_with("-- assumed: columns of"))
        .collect();
    assert_eq!(
        assumed,
        [
            "-- assumed: columns of table \"thing\": id, owner_id, n, price, at, note, data, raw, ok, ratio, state",
            "-- assumed: columns of table \"thing\" with foreign keys: owner_id",
            "-- assumed: columns of table \"owner\": id, name, born, twice, kept, phone",
            "-- assumed: columns of table \"owner\" with foreign keys: none",
            "-- assumed: columns of table \"comment\": id, thing_id",
            "-- assumed: columns of table \"comment\" with foreign keys: thing_id",
            "-- assumed: columns of table \"thing\": id, owner_id, n, price, at, note, data, raw, ok, ratio, state, size",
            "-- assumed: columns of table \"later\": id",
            "-- assumed: columns of table \"later\" with foreign keys: none",
        ]
    );
    assert!(step.contains("DROP TABLE thing;\n\nALTER TABLE _alembic_tmp_thing RENAME TO thing;"));
}

#[test]
fn rows_of_sqlite_and_what_no_revision_made_are_refused() {
    for (body, reason) in [
        (
            "op.create_table('t', sa.Column('id', sa.Integer))\nfor row in op.get_bind().execute(sa.text('SELECT id FROM t')):\n    pass",
            "reading rows of the database in a `--sql` run (`SELECT id FROM t`)",
        ),
        (
            "op.execute('ALTER TABLE by_hand ADD COLUMN x integer')\nsa.inspect(op.get_bind()).get_columns('by_hand')",
            "no such table: by_hand",
        ),
        (
            "op.execute('ATTACH DATABASE other AS o')\nsa.inspect(op.get_bind()).has_table('other')",
            "it is not understood",
        ),
    ] {
        let project = TestProject::generic("sqlite:///x.db", "");
        project.revision("r1", "None", body, "");
        let output = project.run(&["upgrade", "head", "--sql"]);
        assert!(output.stderr.contains(reason), "{reason}: {output}");
        assert_eq!(output.stdout, "", "{reason}");
        let _ = output.failure(1);
    }
}
