//! What a run leaves in an SQLite file, and what migrations see of it: fixtures/sqlite, recorded by fixtures/sqlite/record.py.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
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

#[test]
fn what_a_copy_would_lose_is_refused_by_name() {
    let run = |body: &str| {
        let home = tempfile::tempdir().unwrap();
        project(home.path(), body);
        let output = Command::new(env!("CARGO_BIN_EXE_aludel"))
            .args(["upgrade", "head"])
            .current_dir(home.path())
            .output()
            .unwrap();
        assert!(!output.status.success());
        let tables = dump(&home.path().join("x.db")).to_string();
        assert!(tables.contains("CREATE TABLE t") && !tables.contains("_alembic_tmp"));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let table = "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True), sa.Column('a', sa.Integer))\n";
    let batch = "with op.batch_alter_table('t') as b:\n    b.alter_column('a', nullable=False)\n";
    let trigger = "op.execute('CREATE TRIGGER watch AFTER INSERT ON t BEGIN SELECT 1; END')\n";
    let error = run(&format!("{table}{trigger}{batch}"));
    assert!(
        error.contains("would lose its trigger \"watch\""),
        "{error}"
    );
    let index = "op.execute('CREATE INDEX twice ON t (a * 2)')\n";
    let error = run(&format!("{table}{index}{batch}"));
    assert!(
        error.contains("index over expressions \"twice\""),
        "{error}"
    );
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
