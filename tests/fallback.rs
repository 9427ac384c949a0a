//! `--fallback alembic`. In the place of the real program stands one that gives what the real one printed (fixtures/fallback/record.py),
//! or, live, sends that to the database.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;

use aludel::db;
use aludel::db::options::ConnectOptions;
use aludel::db::url::Url;
use support::cluster::SUPERUSER;
use support::cluster::cluster;
use support::engine::Database;
use support::engine::ENGINES;
use support::engine::Engine;
use support::project::CommandOutput;
use support::project::TestProject;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fallback")
}

fn recorded(engine: Engine, name: &str) -> String {
    std::fs::read_to_string(fixtures().join(engine.name()).join(name)).expect("recorded")
}

/// Runs with the stand-in at hand; of SQLite the URL is not that of the project.
fn run(project: &TestProject, url: &str, command: &[&str]) -> CommandOutput {
    let url = format!("url={url}");
    let given: &[&str] = if url == "url=" { &[] } else { &["-x", &url] };
    project.run(&[given, command, &["--fallback", "alembic"]].concat())
}

/// The URL of a run that connects to nothing.
fn offline_url(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite:///x.db",
        Engine::Postgresql | Engine::Psycopg => "",
    }
}

/// The project, with an `alembic` in its virtualenv that is this shell script.
fn project(script: &str) -> TestProject {
    let project = TestProject::copy_of(fixtures().join("project"));
    let program = project.write(".venv/bin/alembic", &format!("#!/bin/sh\n{script}"));
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).expect("executable");
    project
}

/// Prints what the real Alembic printed.
fn printing(engine: Engine) -> TestProject {
    let folder = fixtures().join(engine.name()).display().to_string();
    let given = match offline_url(engine) {
        "" => "-n alembic".to_owned(),
        url => format!("-n alembic -x url={url}"),
    };
    project(&format!(
        "printf '%s\n' \"$*\" >>called\ncase \"$*\" in\n\
         '{given} upgrade a1:a2 --sql') cat '{folder}/upgrade_a1_a2.sql';;\n\
         '{given} downgrade a2:a1 --sql') cat '{folder}/downgrade_a2_a1.sql';;\n\
         *) echo \"unexpected: $*\" >&2; exit 9;;\nesac\n"
    ))
}

#[test]
fn without_it_the_revision_is_refused() {
    let project = printing(Engine::Postgresql);
    let output = project.run(&["upgrade", "head", "--sql"]).failure(1);
    assert!(
        output.all().contains("versions/a2_.py\", line 11"),
        "{output}"
    );
    assert_eq!(output.stdout, "");
}

#[test]
fn offline_the_text_is_what_alembic_alone_would_print() {
    for engine in ENGINES {
        let project = printing(engine);
        let url = offline_url(engine);
        let output = run(&project, url, &["upgrade", "head", "--sql"]).success();
        assert_eq!(output.stdout, recorded(engine, "upgrade_head.sql"));
        let output = run(&project, url, &["downgrade", "a3:base", "--sql"]).success();
        assert_eq!(output.stdout, recorded(engine, "downgrade_a3_base.sql"));
        let called = std::fs::read_to_string(project.path().join("called")).expect("called");
        assert_eq!(
            called.lines().count(),
            2,
            "only what is needed is handed over: {called}"
        );
    }
}

#[test]
fn what_the_other_program_complains_of_is_shown_and_nothing_is_printed() {
    let output = project("echo 'no such module: magic' >&2; exit 3\n")
        .run(&["upgrade", "head", "--sql", "--fallback", "alembic"])
        .failure(255);
    assert!(output.all().contains("no such module: magic"), "{output}");
    assert!(!output.stdout.contains("CREATE TABLE pots"), "{output}");
}

#[test]
fn aludel_under_the_name_alembic_is_not_taken_for_the_real_one() {
    let project = project("exit 9\n");
    let program = project.path().join(".venv/bin/alembic");
    std::fs::remove_file(&program).expect("removed");
    std::fs::copy(env!("CARGO_BIN_EXE_aludel"), &program).expect("copied");
    let output = project
        .run(&["upgrade", "head", "--sql", "--fallback", "alembic"])
        .failure(255);
    assert!(!output.stdout.contains("CREATE TABLE pots"), "{output}");
}

/// A stand-in that does what the step does: it sends the recorded statements, or gives the file that has got them.
fn doing(engine: Engine, database: &Database) -> String {
    let statements = recorded(engine, "upgrade_a1_a2.sql");
    match engine {
        Engine::Sqlite => {
            let done = database.file().with_file_name("done.db");
            let url = format!("sqlite:///{}", done.display());
            let _ = run(&project("exit 9\n"), &url, &["upgrade", "a1"]).success();
            let url = Url::parse(&url).expect("a URL");
            let mut file = db::connect(&url, &ConnectOptions::default()).expect("connect");
            file.run_script(&statements).expect("run the statements");
            format!("cp '{}' '{}'\n", done.display(), database.file().display())
        }
        Engine::Postgresql | Engine::Psycopg => format!(
            "psql -X -q -v ON_ERROR_STOP=1 -h '{}' -p {} -U {SUPERUSER} -d {} <<'END'\n{statements}\nEND\n",
            cluster().socket_directory().display(),
            cluster().port(),
            database.file().display(),
        ),
    }
}

#[test]
fn live_the_steps_before_are_committed_and_the_run_goes_on_after_it() {
    for engine in ENGINES {
        let database = engine.database();
        let project = project(&doing(engine, &database));
        let _ = run(&project, &database.url(), &["upgrade", "head"]).success();
        let version = database.value("SELECT version_num FROM alembic_version");
        assert_eq!(version, "a3", "{engine:?}");
        assert_eq!(
            database.rows("SELECT name, size FROM pots"),
            [["aludel", "3"]]
        );
        assert_eq!(database.indexes(), ["ix_pots_size"]);
    }
}

#[test]
fn live_a_program_that_did_nothing_is_found_out() {
    for engine in ENGINES {
        let database = engine.database();
        let project = project("exit 0\n");
        let output = run(&project, &database.url(), &["upgrade", "head"]).failure(255);
        assert!(
            output.all().contains("the version table holds a1"),
            "{output}"
        );
        let version = database.value("SELECT version_num FROM alembic_version");
        assert_eq!(version, "a1", "{engine:?}");
    }
}
