//! Projects of Flask-Migrate, run without a flag and without Flask: fixtures/flask, recorded by fixtures/flask/record.py from `flask db`.

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
use support::engine::dump;
use support::project::TestProject;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/flask")
}

/// A case with its migrations, and the words that say where they are.
fn project(case: &str) -> (TestProject, Vec<String>) {
    let source = fixtures().join("cases").join(case);
    let project = TestProject::copy_of(&source);
    let named = fs::read_to_string(source.join(".folder")).ok();
    let folder = named.as_deref().map_or("migrations", str::trim);
    for file in [
        "alembic.ini",
        "env.py",
        "versions/one.py",
        "versions/two.py",
    ] {
        let text = fs::read_to_string(fixtures().join("migrations").join(file)).unwrap();
        project.write(&format!("{folder}/{file}"), &text);
    }
    let words = match &named {
        Some(_) => vec!["-c".to_owned(), format!("{folder}/alembic.ini")],
        None => Vec::new(),
    };
    (project, words)
}

/// The SQLite files below a folder, as record.py's `databases`.
fn databases(home: &Path, folder: &Path, found: &mut serde_json::Map<String, Json>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            databases(home, &path, found);
        } else if path
            .extension()
            .is_some_and(|end| end == "db" || end == "sqlite3")
        {
            let name = path.strip_prefix(home).unwrap().display().to_string();
            found.insert(name, dump(&path));
        }
    }
}

#[test]
fn upgrades_do_what_flask_db_upgrade_does() {
    let text = fs::read_to_string(fixtures().join("expected.json")).unwrap();
    let expected: Json = serde_json::from_str(&text).unwrap();
    let cases = expected.as_object().unwrap();
    assert_eq!(
        fs::read_dir(fixtures().join("cases")).unwrap().count(),
        cases.len()
    );
    for (name, recorded) in cases {
        let (project, words) = project(name);
        let run = |command: &[&str]| {
            let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
            arguments.extend(command);
            project.run(&arguments)
        };
        let offline = run(&["upgrade", "head", "--sql"]);
        let first = run(&["upgrade", "0b0f"]);
        let second = run(&["upgrade", "head"]);
        let mut found = serde_json::Map::new();
        databases(project.path(), project.path(), &mut found);
        let ok = [&offline, &first, &second].map(|output| output.code == Some(0));
        let all = json!({"ok": ok, "sql": offline.stdout, "databases": found});
        assert_eq!(&all, recorded, "{name}: {offline}\n{first}\n{second}");
    }
}

#[test]
fn an_application_that_cannot_be_found_is_asked_for_by_name() {
    let (project, _) = project("nothing");
    let output = project.run(&["upgrade", "head"]).failure(1);
    assert!(output.stderr.contains("FLASK_APP=wsgi:NAME"), "{output}");
}

/// What a module of the application does to the database, and what is said of it.
#[test]
fn what_an_application_does_to_the_database_when_it_is_made_is_not_passed_over() {
    for (deed, said) in [
        ("db.session.add(1)", "`db.session.add`"),
        ("Account.query.first()", "`Account.query.first`"),
        ("upgrade()", "`flask_migrate.upgrade()`"),
    ] {
        let (project, _) = project("module");
        project.write(
            "wsgi.py",
            &format!("from flask_migrate import upgrade\nfrom app import app, db\n\n\nclass Account(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n\n\ndef seed():\n    {deed}\n\n\nwith app.app_context():\n    seed()\n"),
        );
        let output = project.run(&["upgrade", "head"]).failure(1);
        assert!(output.stderr.contains(said), "{output}");
        assert!(output.stderr.contains("wsgi.py\", line 10"), "{output}");
        assert!(!project.path().join("data.sqlite3").exists(), "{output}");
    }
}
