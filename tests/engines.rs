//! Runs on PostgreSQL and on SQLite, from one body: fixtures/engines, recorded by fixtures/engines/record.py.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value as Json;
use serde_json::json;
use similar::TextDiff;
use support::engine::Database;
use support::engine::Engine;
use support::project::TestProject;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/engines")
}

/// A line `# NAME: …` of a case.
fn setting<'t>(case: &'t str, name: &str) -> Option<&'t str> {
    let prefix = format!("# {name}: ");
    case.lines().find_map(|line| line.strip_prefix(&prefix))
}

/// The project that record.py makes of a case.
fn project(case: &str, database: &Database) -> TestProject {
    let project = TestProject::generic(&database.url(), "");
    let options =
        setting(case, "options").map_or_else(String::new, |options| format!(", {options}"));
    let env = fs::read_to_string(fixtures().join("env.py")).unwrap();
    project.write("migrations/env.py", &env.replace("{options}", &options));
    for (index, part) in case.split("# ---\n").enumerate() {
        let before = match index {
            0 => "None".to_owned(),
            _ => format!("'r{index}'"),
        };
        let (upgrade, downgrade) = part.split_once("# downgrade\n").unwrap_or((part, ""));
        project.revision(
            &format!("r{}", index + 1),
            setting(part, "down").unwrap_or(&before),
            upgrade.trim(),
            downgrade.trim(),
        );
    }
    project
}

/// What is in a database, as record.py's `state`.
fn state(database: &Database, engine: Engine) -> Json {
    let is_sqlite = engine == Engine::Sqlite;
    let mut found = serde_json::Map::new();
    for table in database.tables() {
        let columns = database.columns(&table);
        let cells: Vec<String> = columns
            .iter()
            .map(|column| match is_sqlite {
                true => format!("quote(\"{column}\")"),
                false => format!("coalesce(\"{column}\"::text, 'NULL')"),
            })
            .collect();
        let mut lines = database.column(&format!(
            "select {} from \"{table}\"",
            cells.join(" || ', ' || ")
        ));
        lines.sort();
        lines.insert(0, columns.join(", "));
        found.insert(table, json!(lines));
    }
    found.insert("indexes".to_owned(), json!(database.indexes()));
    Json::Object(found)
}

/// Whether standard error says what Alembic's traceback said: the exception, the first line of its statement, or the line
/// of the revision.
fn is_told(name: &str, recorded: &Json, stderr: &str) -> bool {
    let part = |at: usize| recorded[at].as_str().unwrap();
    match (name, recorded) {
        (_, Json::Null) => true,
        // the sentence stands in the line of the exception, after what the driver is called
        ("error", _) => stderr
            .lines()
            .any(|line| line.contains(part(0)) && line.ends_with(part(1))),
        ("statement", statement) => {
            let start = format!("[SQL: {}", statement.as_str().unwrap());
            stderr.lines().any(|line| line.starts_with(&start))
        }
        _ => [", line ", "\", line "]
            .iter()
            .any(|between| stderr.contains(&format!("{}{between}{}", part(0), part(1)))),
    }
}

/// Runs a case: a line for everything that is not as recorded.
fn differences(name: &str, engine: Engine, expected: &Json) -> Vec<String> {
    let case = fs::read_to_string(fixtures().join(format!("cases/{name}.py"))).unwrap();
    let database = engine.database();
    let project = project(&case, &database);
    let mut wrong = Vec::new();
    let commands = setting(&case, "commands").unwrap_or("upgrade head");
    let steps = expected.as_array().unwrap();
    assert_eq!(commands.split("; ").count(), steps.len(), "{name}");
    for (command, step) in commands.split("; ").zip(steps) {
        let words: Vec<&str> = command.split_whitespace().collect();
        let output = project.run(&words);
        let mut found = json!({
            "command": command,
            "status": output.code,
            "stdout": output.stdout,
        });
        if let Some(error) = step.get("error") {
            for (name, recorded) in [
                ("error", error),
                ("statement", &step["statement"]),
                ("place", &step["place"]),
            ] {
                found[name] = match is_told(name, recorded, &output.stderr) {
                    true => recorded.clone(),
                    false => json!(output.stderr),
                };
            }
        }
        found["database"] = state(&database, engine);
        if found != *step {
            let (want, have) = (format!("{step:#}"), format!("{found:#}"));
            let diff = TextDiff::from_lines(&want, &have);
            wrong.push(format!(
                "=== {name} on {engine:?}: {command}\n{}{}",
                diff.unified_diff(),
                output.stderr
            ));
        }
    }
    wrong
}

/// All cases on one engine.
fn all_cases(engine: Engine) {
    let text = fs::read_to_string(fixtures().join("expected.json")).unwrap();
    let expected: Json = serde_json::from_str(&text).unwrap();
    let cases = expected.as_object().unwrap();
    assert_eq!(
        fs::read_dir(fixtures().join("cases")).unwrap().count(),
        cases.len()
    );
    let mut wrong = Vec::new();
    for (name, recorded) in cases {
        wrong.extend(differences(name, engine, &recorded[engine.name()]));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_run_does_on_postgresql_what_alembic_does_there() {
    all_cases(Engine::Postgresql);
}

#[test]
fn a_run_does_on_sqlite_what_alembic_does_there() {
    all_cases(Engine::Sqlite);
}
