//! Migrations that use SQLAlchemy's ORM print and leave what they do upstream: `fixtures/orm/cases/*.py` against `*.out`, recorded by `fixtures/orm/record.py`.

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

use support::engine::Engine;
use support::project::TestProject;

/// As in `record.py`.
const ENV_PY: &str = r#"from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"#;

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/orm/cases")
}

/// The last line of a traceback, without addresses.
fn last_error(stderr: &str) -> String {
    let line = stderr
        .lines()
        .rfind(|line| {
            let class = line.split(':').next().unwrap_or_default();
            !line.starts_with(' ')
                && ["Error", "Exception", "Found"]
                    .iter()
                    .any(|end| class.ends_with(end))
        })
        .or_else(|| stderr.trim().lines().last())
        .unwrap_or_default();
    let mut shown = String::new();
    for (at, word) in line.split(' ').enumerate() {
        if at > 0 {
            shown.push(' ');
        }
        match word.find("0x") {
            Some(start) => {
                let rest = word[start + 2..].trim_start_matches(|c: char| c.is_ascii_hexdigit());
                shown.push_str(&format!("{}0x{rest}", &word[..start]));
            }
            None => shown.push_str(word),
        }
    }
    shown
}

/// Runs a case as the recorder does; what it recorded of upstream.
fn outcome(name: &str, engine: Engine) -> String {
    let database = engine.database();
    let project = TestProject::generic(&database.url(), "");
    project.write("migrations/env.py", ENV_PY);
    project.revision("first", "None", "pass", "");
    let _ = project.run(&["upgrade", "first"]).success();
    let text = fs::read_to_string(cases().join(format!("{name}.py"))).unwrap();
    project.write("migrations/versions/case.py", &text);
    let run = project.run(&["upgrade", "head"]);
    let mut found = run.stdout.clone();
    if run.code != Some(0) {
        found.push_str(&format!("failed: {}\n", last_error(&run.stderr)));
    }
    for table in database.tables() {
        let line = match engine {
            Engine::Sqlite => database
                .columns(&table)
                .iter()
                .map(|column| format!("quote(\"{column}\")"))
                .collect::<Vec<_>>()
                .join(" || ', ' || "),
            Engine::Postgresql | Engine::Psycopg => "to_json(t)::text".to_owned(),
        };
        let mut rows = database.column(&format!("select {line} from \"{table}\" t"));
        rows.sort();
        found.push_str(&format!("-- {table}\n"));
        for row in rows {
            found.push_str(&row);
            found.push('\n');
        }
    }
    found
}

#[test]
fn cases_do_what_upstream_did() {
    let mut names: Vec<String> = fs::read_dir(cases())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "out"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let on_sqlite = names.iter().filter(|name| name.ends_with(".sqlite"));
    assert!(on_sqlite.count() > 7, "{names:?}");
    let mut wrong = Vec::new();
    for recorded in names {
        let expected = fs::read_to_string(cases().join(format!("{recorded}.out"))).unwrap();
        let found = match recorded.strip_suffix(".sqlite") {
            Some(name) => outcome(name, Engine::Sqlite),
            None => outcome(&recorded, Engine::Postgresql),
        };
        if found != expected {
            wrong.push(format!("{recorded}: expected\n{expected}\nfound\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
