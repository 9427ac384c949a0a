//! What a run leaves in an SQLite file, and what migrations see of it: fixtures/sqlite, recorded by fixtures/sqlite/record.py.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value as Json;
use serde_json::json;
use support::engine::dump;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sqlite")
}

/// The project that record.py makes of a case.
fn project(home: &Path, case: &str) {
    std::fs::create_dir_all(home.join("m/versions")).unwrap();
    let setting = |name: &str| {
        let prefix = format!("# {name}: ");
        case.lines().find_map(|line| line.strip_prefix(&prefix))
    };
    let url = setting("url").unwrap_or("sqlite:///x.db");
    let ini = format!("[alembic]\nscript_location = m\nsqlalchemy.url = {url}\n");
    std::fs::write(home.join("alembic.ini"), ini).unwrap();
    let env = match setting("env") {
        Some(name) => fixtures().join(format!("environments/{name}.py")),
        None => fixtures().join("env.py"),
    };
    std::fs::copy(env, home.join("m/env.py")).unwrap();
    let mut before = "None".to_owned();
    for (number, body) in case.split("# ---\n").enumerate() {
        let indented: String = body
            .split_inclusive('\n')
            .map(|line| {
                if line.trim().is_empty() {
                    line.to_owned()
                } else {
                    format!("    {line}")
                }
            })
            .collect();
        let text = format!(
            "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'r{number}'\ndown_revision = {before}\n\n\ndef upgrade():\n{indented}"
        );
        std::fs::write(home.join(format!("m/versions/r{number}.py")), text).unwrap();
        before = format!("'r{number}'");
    }
}

#[test]
fn a_file_holds_what_alembic_leaves_in_it() {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(fixtures().join("cases"))
        .expect("cases")
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let mut wrong = Vec::new();
    for path in &paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let recorded = fixtures().join(format!("expected/{name}.json"));
        let expected: Json =
            serde_json::from_str(&std::fs::read_to_string(recorded).unwrap()).unwrap();
        let home = tempfile::tempdir().unwrap();
        project(home.path(), &std::fs::read_to_string(path).unwrap());
        let output = Command::new(env!("CARGO_BIN_EXE_aludel"))
            .args(["upgrade", "head"])
            .current_dir(home.path())
            .env_remove("DATABASE_URL")
            .env_remove("ALUDEL_URL")
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let warnings: Vec<&str> = stderr
            .lines()
            .filter(|line| line.starts_with("SAWarning: ") || line.starts_with("UserWarning: "))
            .collect();
        let file = home.path().join("x.db");
        let mut found = json!({
            "ok": output.status.success(),
            "stdout": String::from_utf8_lossy(&output.stdout),
            "found": if file.exists() { dump(&file) } else { json!([]) },
            "warnings": warnings,
        });
        if let Some(error) = expected["error"].as_str() {
            // builtin exceptions have no module in a traceback
            let line = stderr
                .lines()
                .find(|line| error.ends_with(line.trim()) && !line.is_empty());
            found["error"] = json!(line.unwrap_or(&stderr));
        }
        if found != expected {
            let (want, have) = (format!("{expected:#}"), format!("{found:#}"));
            let diff = similar::TextDiff::from_lines(&want, &have);
            wrong.push(format!("=== {name}\n{}{stderr}", diff.unified_diff()));
        }
    }
    assert!(paths.len() >= 9, "cases are missing");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Upgrades with the body of one revision: whether it went well, what was said, what is left.
fn upgraded(body: &str) -> (bool, String, String) {
    let home = tempfile::tempdir().unwrap();
    project(home.path(), body);
    let output = Command::new(env!("CARGO_BIN_EXE_aludel"))
        .args(["upgrade", "head"])
        .current_dir(home.path())
        .env_remove("DATABASE_URL")
        .env_remove("ALUDEL_URL")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let left = dump(&home.path().join("x.db")).to_string();
    (output.status.success(), said, left)
}

/// Statements, then a batch that copies the table `t`.
fn copied(statements: &[&str], batch: &str) -> (bool, String, String) {
    let mut body = String::new();
    for statement in statements {
        body.push_str(&format!("op.execute({statement:?})\n"));
    }
    upgraded(&format!("{body}# ---\n{batch}"))
}

const BATCH: &str =
    "with op.batch_alter_table('t') as b:\n    b.alter_column('z', nullable=True)\n";

const P: &str = "CREATE TABLE p (id INTEGER PRIMARY KEY)";
const T: &str = "CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, z INTEGER, PRIMARY KEY (id))";

/// Statements that make a table, and what its copy would lose.
const LOSSES: &[(&[&str], &str)] = &[
    (
        &[
            T,
            "CREATE TRIGGER watch AFTER INSERT ON t BEGIN SELECT 1; END",
        ],
        "its trigger \"watch\"",
    ),
    (
        &[T, "CREATE INDEX twice ON t (a * 2)"],
        "its index over expressions \"twice\"",
    ),
    (
        &[T, "CREATE INDEX folded ON t (a COLLATE NOCASE DESC)"],
        "(a collate nocase desc) of its index \"folded\"",
    ),
    (
        &[T, "CREATE INDEX part ON t (a) WHERE a > 1\n AND z > 1"],
        "the condition of its partial index \"part\"",
    ),
    (
        &["CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE, z INTEGER)"],
        "COLLATE NOCASE of its column \"a\"",
    ),
    (
        &["CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, z INTEGER)"],
        "AUTOINCREMENT of its key",
    ),
    (
        &["CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(5) UNIQUE, z INTEGER)"],
        "its UNIQUE (a)",
    ),
    (
        &["CREATE TABLE t (id INTEGER PRIMARY KEY, a INT NOT NULL ON CONFLICT IGNORE, z INTEGER)"],
        "ON CONFLICT IGNORE of its column \"a\"",
    ),
    (
        &["CREATE TABLE t (id INTEGER, z INTEGER, CONSTRAINT u UNIQUE (z) ON CONFLICT REPLACE)"],
        "ON CONFLICT REPLACE of its UNIQUE \"u\"",
    ),
    (
        &[
            P,
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT REFERENCES p (id) ON DELETE CASCADE, z INTEGER)",
        ],
        "ON DELETE CASCADE of its foreign key (a) to \"p\"",
    ),
    (
        &[
            "CREATE TABLE t (id INT PRIMARY KEY, z INTEGER)",
            "INSERT INTO t VALUES (NULL, 1), (NULL, 2)",
        ],
        "the NULLs of its key \"id\"",
    ),
    (
        &["CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'at \\:noon', z INTEGER)"],
        "\":noon\" in the default of its column \"a\"",
    ),
    (
        &[
            T,
            "CREATE TABLE child (ref INTEGER REFERENCES t (id) ON DELETE CASCADE)",
            "INSERT INTO t VALUES (1, 1, 1)",
            "INSERT INTO child VALUES (1)",
        ],
        "rows or values of \"child\"",
    ),
];

#[test]
fn what_a_copy_would_lose_is_refused_by_name() {
    for (statements, reason) in LOSSES {
        let (ok, said, left) = copied(statements, BATCH);
        assert!(
            !ok && said.contains("which would lose "),
            "{statements:?}: {said}"
        );
        assert!(
            said.contains(reason) && said.contains("r1.py\", line 9"),
            "{statements:?}: {said}"
        );
        assert!(
            left.contains("CREATE TABLE t ") && !left.contains("_alembic_tmp"),
            "{left}"
        );
    }
}

#[test]
fn the_order_of_an_index_is_lost_as_with_alembic_and_told() {
    let (ok, said, left) = copied(&[T, "CREATE INDEX down ON t (a DESC, z)"], BATCH);
    assert!(ok, "{said}");
    let told = "the order (a desc, z) of the index \"down\" is not kept, as by Alembic";
    assert!(said.contains(told), "{said}");
    assert!(left.contains("CREATE INDEX down ON t (a, z)"), "{left}");
}

#[test]
fn what_the_migration_itself_takes_away_or_states_is_not_refused() {
    let index = "CREATE INDEX down ON t (a DESC)";
    let t =
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT COLLATE NOCASE, z INTEGER)";
    let stated = "reflect_args=[sa.Column('a', sa.Text(collation='NOCASE'))], table_kwargs={'sqlite_autoincrement': True}";
    let batch = format!(
        "with op.batch_alter_table('t', {stated}) as b:\n    b.drop_index('down')\n    b.alter_column('z', nullable=True)\n"
    );
    let rows = "INSERT INTO t (a, z) VALUES ('x', 1), ('y', 2), ('z', 3)";
    let (ok, said, left) = copied(&[t, index, rows, "DELETE FROM t WHERE id > 1"], &batch);
    assert!(ok && !said.contains("arning"), "{said}");
    assert!(
        left.contains("PRIMARY KEY AUTOINCREMENT") && left.contains("COLLATE"),
        "{left}"
    );
    // the highest key there was, not that of the rows there are
    assert!(left.contains("\"'t', 3\""), "{left}");
}

#[test]
fn names_and_checks_that_a_copy_leaves_out_are_told() {
    let t = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER CHECK (a > 1), z INTEGER CONSTRAINT only REFERENCES t (id))";
    let (ok, said, _) = copied(&[t], BATCH);
    assert!(ok, "{said}");
    assert!(
        said.contains("Unnamed CHECK constraint on reflected table 't'"),
        "{said}"
    );
    assert!(
        said.contains("warning:  CHECK (a > 1) without a name"),
        "{said}"
    );
    assert!(said.contains("the name \"only\" of a constraint"), "{said}");
    let t = "CREATE TABLE t (id INTEGER NOT NULL, z INTEGER, more TEXT, PRIMARY KEY (id), CONSTRAINT c CHECK (z > 1))";
    let index = "CREATE INDEX i ON t (z)";
    let copy = "copy_from=sa.Table('t', sa.MetaData(), sa.Column('id', sa.Integer, primary_key=True), sa.Column('z', sa.Integer))";
    let batch = format!(
        "with op.batch_alter_table('t', {copy}) as b:\n    b.alter_column('z', nullable=True)\n"
    );
    let (ok, said, left) = copied(&[t, index], &batch);
    assert!(ok && !left.contains("more"), "{said}");
    for what in [
        "its column \"more\" with all values",
        "its index \"i\"",
        "its CHECK \"c\"",
    ] {
        assert!(
            said.contains(&format!(
                "`copy_from` is without what the table \"t\" has: {what}"
            )),
            "{said}"
        );
    }
}

#[test]
fn the_commands_of_the_version_table_work_on_a_file() {
    let home = tempfile::tempdir().unwrap();
    project(home.path(), "pass\n# ---\npass\n");
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_aludel"))
            .args(args)
            .current_dir(home.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    run(&["ensure_version"]);
    assert_eq!(run(&["current"]), "");
    run(&["stamp", "r0"]);
    assert_eq!(run(&["current"]), "r0\n");
    run(&["upgrade", "head"]);
    assert_eq!(run(&["current", "--check-heads"]), "r1 (head)\n");
}

#[test]
fn the_first_command_of_the_readme_migrates_a_file() {
    let home = tempfile::tempdir().unwrap();
    let ini = fixtures().join("library/alembic.ini");
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_aludel"))
            .arg("-c")
            .arg(&ini)
            .args(args)
            .current_dir(home.path())
            .env_remove("DATABASE_URL")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    run(&["upgrade", "head"]);
    let found = dump(&home.path().join("library.db")).to_string();
    assert!(
        found.contains("uq_book_title UNIQUE (title, author_id)"),
        "{found}"
    );
    assert!(found.contains("1, 'Introductio', 1, 0, NULL"), "{found}");
    run(&["downgrade", "base"]);
    let found = dump(&home.path().join("library.db")).to_string();
    assert!(!found.contains("book"), "{found}");
}

#[test]
fn a_check_that_table_args_do_not_say_is_told() {
    let t = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, z INTEGER, CHECK (a > 1))";
    for (given, is_told) in [("1 = 1", true), ("a>1", false)] {
        let batch = format!(
            "with op.batch_alter_table('t', table_args=[sa.CheckConstraint('{given}', name='c')]) as b:\n    b.alter_column('z', nullable=True)\n"
        );
        let (ok, said, left) = copied(&[t], &batch);
        assert!(ok && left.contains(given), "{said}");
        let told = "CHECK (a > 1) without a name is left out of the copied table";
        assert_eq!(said.contains(told), is_told, "{said}");
    }
}

#[test]
fn a_constraint_that_a_new_one_of_its_name_takes_the_place_of_is_not_lost_silently() {
    let t = "CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, z INTEGER, PRIMARY KEY (id), CONSTRAINT u UNIQUE (a), CONSTRAINT c CHECK (a IN (0, 1)))";
    let boolean = "sa.Boolean(create_constraint=True, name='c')";
    let add = format!("add_column(sa.Column('n', {boolean}))");
    let alter = format!("alter_column('a', type_={boolean})");
    let unique = "its UNIQUE \"u\"";
    for (line, is_refused, lost) in [
        ("create_unique_constraint('u', ['z'])", true, unique),
        ("create_unique_constraint('u', ['z', 'a'])", false, unique),
        ("create_unique_constraint('u', ['a'])", false, ""),
        ("create_check_constraint('u', 'z > 1')", true, unique),
        (&add, true, "its CHECK \"c\""),
        (&alter, false, ""),
    ] {
        let batch = format!("with op.batch_alter_table('t') as b:\n    b.{line}\n");
        let (ok, said, _) = copied(&[t], &batch);
        assert_eq!(ok, !is_refused, "{line}: {said}");
        assert!(said.contains(lost), "{line}: {said}");
        let told = "takes the place of that of its name";
        assert_eq!(
            said.contains(told),
            ok && !lost.is_empty(),
            "{line}: {said}"
        );
    }
}

#[test]
fn a_key_that_is_not_read_is_not_lost_to_a_new_constraint_of_its_name() {
    let t = "CREATE TABLE t (id INTEGER NOT NULL, z INTEGER, PRIMARY KEY (id), FOREIGN KEY(id) REFERENCES t (id) ON DELETE CASCADE, CONSTRAINT f FOREIGN KEY(id) REFERENCES t (id) ON DELETE SET NULL)";
    let batch =
        "with op.batch_alter_table('t') as b:\n    b.create_check_constraint('f', 'z > 1')\n";
    let (ok, said, _) = copied(&[t], batch);
    assert!(
        !ok && said.contains("ON DELETE SET NULL of its foreign key \"f\""),
        "{said}"
    );
}

#[test]
fn a_constraint_that_comes_and_goes_takes_no_other_with_it() {
    let t = "CREATE TABLE t (id INTEGER NOT NULL, a INTEGER UNIQUE ON CONFLICT IGNORE, PRIMARY KEY (id))";
    let batch = "with op.batch_alter_table('t') as b:\n    b.create_unique_constraint('n', ['a'])\n    b.drop_constraint('n', type_='unique')\n";
    let (ok, said, _) = copied(&[t], batch);
    assert!(
        !ok && said.contains("ON CONFLICT IGNORE of its UNIQUE (a)"),
        "{said}"
    );
}

#[test]
fn a_key_to_a_column_that_is_gone_does_not_stop_a_copy() {
    let t = "CREATE TABLE t (id INTEGER NOT NULL, z INTEGER, PRIMARY KEY (id))";
    let child = "CREATE TABLE child (ref INTEGER REFERENCES t (gone) ON DELETE CASCADE)";
    let (ok, said, left) = copied(&[t, child, "INSERT INTO t VALUES (1, 2)"], BATCH);
    assert!(ok && left.contains("1, 2"), "{said}");
}

#[test]
fn an_index_of_a_new_column_follows_its_new_name() {
    let t = "CREATE TABLE t (id INTEGER NOT NULL, PRIMARY KEY (id))";
    let batch = "with op.batch_alter_table('t', recreate='always') as b:\n    b.add_column(sa.Column('n', sa.Integer, index=True))\n    b.alter_column('n', new_column_name='m')\n";
    let (ok, said, left) = copied(&[t], batch);
    assert!(ok && left.contains("ON t (m)"), "{said}");
    assert!(
        left.contains("ix__alembic_tmp_t_m") && left.contains("ix_t_n"),
        "{left}"
    );
}
