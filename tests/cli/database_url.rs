//! Which URL is used: `--url`, env.py's own, then `ALUDEL_URL` and `DATABASE_URL`, of the environment or of the `.env` beside alembic.ini. Nothing listens at the ports
//! named here; which one was called stands in the error.

use std::process::Command;

use crate::support::TestProject;

/// An env.py whose URL is what a program says that is not there.
const ELSEWHERE: &[u8] = b"from alembic import context
from nowhere_at_all import settings
from sqlalchemy import create_engine

url = settings.database.url
if context.is_offline_mode():
    context.configure(url=url)
    context.run_migrations()
else:
    with create_engine(url).connect() as connection:
        context.configure(connection=connection)
        context.run_migrations()
";

/// One that reads alembic.ini.
const OF_THE_INI: &[u8] = b"from alembic import context
from sqlalchemy import engine_from_config

with engine_from_config(context.config.get_section('alembic'), prefix='sqlalchemy.').connect() as connection:
    context.configure(connection=connection)
    context.run_migrations()
";

/// The project, with the given env.py.
fn project(env: &[u8]) -> TestProject {
    let project = TestProject::new();
    project.write("alembic/env.py", env);
    project
}

/// What is written on standard error, with these variables set and no others.
fn stderr(project: &TestProject, args: &[&str], variables: &[(&str, &str)]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_aludel"))
        .args(args)
        .current_dir(project.path())
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    String::from_utf8(done.stderr).unwrap()
}

const ALUDEL: (&str, &str) = ("ALUDEL_URL", "postgresql://u:hush@127.0.0.1:2/d");
const DATABASE: (&str, &str) = ("DATABASE_URL", "postgresql://u:hush@127.0.0.1:3/d");

#[test]
fn what_the_command_line_says_comes_first_then_env_py_then_the_environment() {
    let both = [ALUDEL, DATABASE];
    let own = project(OF_THE_INI);
    own.write(
        "alembic.ini",
        b"[alembic]\nscript_location = alembic\nsqlalchemy.url = postgresql://u@127.0.0.1:4/d\n",
    );
    let given = ["--url", "postgresql://u@127.0.0.1:1/d", "upgrade", "head"];
    let upgrade = ["upgrade", "head"];
    assert!(stderr(&own, &given, &both).contains("port 1 failed"));
    let quiet = stderr(&own, &upgrade, &both);
    assert!(quiet.contains("port 4 failed"), "{quiet}");
    assert!(!quiet.contains("hint: the database URL is"), "{quiet}");
    let elsewhere = project(ELSEWHERE);
    assert!(stderr(&elsewhere, &given, &both).contains("port 1 failed"));
    let told = stderr(&elsewhere, &upgrade, &both);
    assert!(told.contains("port 2 failed"), "{told}");
    assert!(
        told.contains(
            "hint: the database URL is ALUDEL_URL: env.py has none that can be evaluated\n"
        ),
        "{told}"
    );
    assert!(!told.contains("hush"), "{told}");
    assert!(stderr(&elsewhere, &upgrade, &[DATABASE]).contains("port 3 failed"));
    let empty = [("ALUDEL_URL", ""), DATABASE];
    assert!(stderr(&elsewhere, &upgrade, &empty).contains("port 3 failed"));
}

#[test]
fn the_placeholder_of_the_template_is_no_url() {
    let project = project(OF_THE_INI);
    project.write(
        "alembic.ini",
        b"[alembic]\nscript_location = alembic\nsqlalchemy.url = driver://user:pass@localhost/dbname\n",
    );
    assert!(stderr(&project, &["current"], &[DATABASE]).contains("port 3 failed"));
    let asked = stderr(&project, &["current"], &[]);
    assert!(asked.contains("No database URL is configured"), "{asked}");
}

#[test]
fn the_file_beside_the_configuration_is_asked_last_and_only_for_the_url() {
    let project = project(ELSEWHERE);
    project.write(
        ".env",
        b"export DATABASE_URL=\"postgresql://u:hush@127.0.0.1:5/d\"\nPGPORT=9\n",
    );
    assert!(stderr(&project, &["current"], &[DATABASE]).contains("port 3 failed"));
    let told = stderr(&project, &["current"], &[]);
    assert!(told.contains("port 5 failed"), "{told}");
    let said = "hint: the database URL is DATABASE_URL of .env: ";
    assert!(told.contains(said), "{told}");
    assert!(!told.contains("hush"), "{told}");
    // Alembic does not read the file: env.py that can be evaluated does not see it.
    project.write(
        "alembic/env.py",
        b"import os\nprint(os.environ.get('DATABASE_URL', 'not set'))\n",
    );
    let seen = project.run(&["upgrade", "head"]);
    assert_eq!(seen.stdout, "not set\n", "{seen:?}");
    let given = project.run(&["--env-file", ".env", "upgrade", "head"]);
    assert_eq!(
        given.stdout, "postgresql://u:hush@127.0.0.1:5/d\n",
        "{given:?}"
    );
}

#[test]
fn who_is_asked_for_a_url_is_shown_where_env_py_takes_it_from() {
    let project = project(ELSEWHERE);
    let asked = stderr(&project, &["upgrade", "head"], &[]);
    let env = project.path().join("alembic/env.py");
    assert!(
        asked.contains(&format!(
            "The database URL comes from `nowhere_at_all.settings.database.url`, which could not be evaluated ({}, line 2)",
            env.display()
        )),
        "{asked}"
    );
    assert!(asked.contains("line 10, in <module>\n"), "{asked}");
    assert_eq!(asked.matches("pass --url URL").count(), 1, "{asked}");
    assert!(
        asked.contains("hint: pass --url URL, or set ALUDEL_URL or DATABASE_URL"),
        "{asked}"
    );
}
