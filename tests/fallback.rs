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

use support::cluster::SUPERUSER;
use support::cluster::cluster;
use support::project::TestProject;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fallback")
}

fn recorded(name: &str) -> String {
    std::fs::read_to_string(fixtures().join(name)).expect("recorded")
}

/// The project, with an `alembic` in its virtualenv that is this shell script.
fn project(script: &str) -> TestProject {
    let project = TestProject::copy_of(fixtures().join("project"));
    let program = project.write(".venv/bin/alembic", &format!("#!/bin/sh\n{script}"));
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).expect("executable");
    project
}

/// Prints what the real Alembic printed.
fn printing() -> TestProject {
    let folder = fixtures().display().to_string();
    project(&format!(
        "printf '%s\n' \"$*\" >>called\ncase \"$*\" in\n\
         '-n alembic upgrade a1:a2 --sql') cat '{folder}/upgrade_a1_a2.sql';;\n\
         '-n alembic downgrade a2:a1 --sql') cat '{folder}/downgrade_a2_a1.sql';;\n\
         *) echo \"unexpected: $*\" >&2; exit 9;;\nesac\n"
    ))
}

#[test]
fn without_it_the_revision_is_refused() {
    let output = printing().run(&["upgrade", "head", "--sql"]).failure(1);
    assert!(
        output.all().contains("versions/a2_.py\", line 11"),
        "{output}"
    );
    assert_eq!(output.stdout, "");
}

#[test]
fn offline_the_text_is_what_alembic_alone_would_print() {
    let project = printing();
    let output = project
        .run(&["upgrade", "head", "--sql", "--fallback", "alembic"])
        .success();
    assert_eq!(output.stdout, recorded("upgrade_head.sql"));
    let output = project
        .run(&["downgrade", "a3:base", "--sql", "--fallback", "alembic"])
        .success();
    assert_eq!(output.stdout, recorded("downgrade_a3_base.sql"));
    let called = std::fs::read_to_string(project.path().join("called")).expect("called");
    assert_eq!(
        called.lines().count(),
        2,
        "only what is needed is handed over: {called}"
    );
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

#[test]
fn live_the_steps_before_are_committed_and_the_run_goes_on_after_it() {
    let database = cluster().database();
    let url = cluster().url(&database);
    let statements = recorded("upgrade_a1_a2.sql");
    let psql = format!(
        "psql -X -q -v ON_ERROR_STOP=1 -h '{}' -p {} -U {SUPERUSER} -d {database} <<'END'\n{statements}\nEND\n",
        cluster().socket_directory().display(),
        cluster().port(),
    );
    let project = project(&psql);
    let _ = project
        .run(&[
            "-x",
            &format!("url={url}"),
            "upgrade",
            "head",
            "--fallback",
            "alembic",
        ])
        .success();
    let value = |sql: &str| cluster().value(&database, sql);
    assert_eq!(value("SELECT version_num FROM alembic_version"), "a3");
    assert_eq!(value("SELECT name || size FROM pots"), "aludel3");
    assert_eq!(
        value("SELECT count(*)::text FROM pg_indexes WHERE indexname = 'ix_pots_size'"),
        "1"
    );
}

#[test]
fn live_a_program_that_did_nothing_is_found_out() {
    let database = cluster().database();
    let url = cluster().url(&database);
    let output = project("exit 0\n")
        .run(&[
            "-x",
            &format!("url={url}"),
            "upgrade",
            "head",
            "--fallback",
            "alembic",
        ])
        .failure(255);
    assert!(
        output.all().contains("the version table holds a1"),
        "{output}"
    );
    assert_eq!(
        cluster().value(&database, "SELECT version_num FROM alembic_version"),
        "a1"
    );
}
