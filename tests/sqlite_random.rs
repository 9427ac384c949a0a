//! Random tables through random batch migrations: fixtures/sqlite/random.jsonl, recorded from Alembic by
//! `conformance/batch_safety.py target/debug/aludel --tables 170 --seed 20 --record fixtures/sqlite/random.jsonl` (its first 100 lines).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use aludel::db;
use aludel::db::options::ConnectOptions;
use aludel::db::url::Url;
use aludel::schema::literal::Literal;
use serde_json::Value as Json;
use serde_json::json;

fn open(path: &Path) -> Box<dyn db::Connection> {
    let url = Url::parse(&format!("sqlite:///{}", path.display())).unwrap();
    db::connect(&url, &ConnectOptions::default()).unwrap()
}

fn text(cell: &Literal) -> String {
    match cell {
        Literal::Str(text) => text.clone(),
        _ => String::new(),
    }
}

/// CREATE TABLE with its constraints in alphabetical order: Alembic keeps them in a set.
fn sorted_constraints(sql: &str) -> String {
    let words = [
        "CONSTRAINT",
        "PRIMARY KEY",
        "FOREIGN KEY",
        "UNIQUE",
        "CHECK",
    ];
    let is_constraint = |line: &&str| words.iter().any(|word| line.trim_start().starts_with(word));
    let lines = sql.lines().map(|line| line.trim_end_matches([',', ' ']));
    let (mut constraints, mut others): (Vec<&str>, Vec<&str>) = lines.partition(is_constraint);
    constraints.sort_unstable();
    others.extend(constraints);
    others.join("\n")
}

/// What a file holds, as conformance/batch_safety.py's `plain`.
fn contents(path: &Path) -> Json {
    let mut connection = open(path);
    let objects = connection
        .query("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name NOT LIKE 'alembic~_version%' ESCAPE '~' ORDER BY type, name")
        .unwrap();
    let mut found = Vec::new();
    for row in objects.rows {
        let (kind, name, sql) = (text(&row[0]), text(&row[1]), text(&row[2]));
        let mut rows = Vec::new();
        if kind == "table" {
            let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
            let info = format!("PRAGMA table_xinfo({})", quoted(&name));
            let columns = connection.query(&info).unwrap().rows;
            let cells: Vec<String> = columns
                .iter()
                .map(|row| quoted(&text(&row[1])))
                .map(|column| {
                    format!("typeof({column}) || ' ' || CASE typeof({column}) WHEN 'real' THEN printf('%.13e', {column}) ELSE hex({column}) END")
                })
                .collect();
            let lines = format!(
                "SELECT {} FROM {}",
                cells.join(" || ', ' || "),
                quoted(&name)
            );
            let lines = connection.query(&lines).unwrap().rows;
            rows = lines.iter().map(|row| text(&row[0])).collect();
            rows.sort();
        }
        let sql = match kind.as_str() {
            "table" => sorted_constraints(&sql),
            _ => sql,
        };
        found.push(json!({"type": kind, "name": name, "sql": sql, "rows": rows}));
    }
    Json::Array(found)
}

/// The project of a case, and its file.
fn project(home: &Path, case: &Json) {
    std::fs::create_dir_all(home.join("m/versions")).unwrap();
    let ini = "[alembic]\nscript_location = m\nsqlalchemy.url = sqlite:///x.db\n";
    std::fs::write(home.join("alembic.ini"), ini).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sqlite");
    let mut env = std::fs::read_to_string(fixtures.join("env.py")).unwrap();
    if case["enforced"] == json!(false) {
        env = env.replace("foreign_keys=ON", "foreign_keys=OFF");
    }
    if case["legacy"] == json!(true) {
        let cursor = "cursor.execute(\"PRAGMA legacy_alter_table=ON\")\n    cursor.close()";
        env = env.replace("cursor.close()", cursor);
        assert!(env.contains(cursor), "{env}");
    }
    std::fs::write(home.join("m/env.py"), env).unwrap();
    for (number, body) in case["revisions"].as_array().unwrap().iter().enumerate() {
        let file = home.join(format!("m/versions/r{number}.py"));
        std::fs::write(file, body.as_str().unwrap()).unwrap();
    }
    let script = case["script"].as_str().unwrap();
    open(&home.join("x.db")).run_script(script).unwrap();
}

#[test]
fn random_tables_come_out_of_random_batches_as_alembic_leaves_them() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sqlite");
    let recorded = std::fs::read_to_string(fixtures.join("random.jsonl")).unwrap();
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for (number, line) in recorded.lines().enumerate() {
        let case: Json = serde_json::from_str(line).unwrap();
        let home = tempfile::tempdir().unwrap();
        project(home.path(), &case);
        let output = Command::new(env!("CARGO_BIN_EXE_aludel"))
            .args(["upgrade", "head"])
            .current_dir(home.path())
            .env_remove("DATABASE_URL")
            .env_remove("ALUDEL_URL")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let end = case["ends"].as_str().unwrap().to_owned();
        assert_eq!(
            output.status.success(),
            matches!(end.as_str(), "same" | "told"),
            "{number}: {said}"
        );
        // where Alembic fails, too, the reason may be another
        let is_refused = said.contains("which would lose");
        assert!(
            is_refused == (end == "refused") || end == "both fail",
            "{number}: {said}"
        );
        assert_eq!(
            contents(&home.path().join("x.db")),
            case["found"],
            "{number}: {}\n{said}",
            case["revisions"]
        );
        *ends.entry(end).or_insert(0) += 1;
    }
    assert!(ends["same"] >= 40 && ends["refused"] >= 5, "{ends:?}");
}
