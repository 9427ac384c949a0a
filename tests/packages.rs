//! Third-party packages that migrations import: what is printed with aludel's models of them, against what the real Alembic
//! printed with the real packages. fixtures/packages, recorded by fixtures/packages/record.py.

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
use support::project::CommandOutput;
use support::project::TestProject;
use support::recordings;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/packages")
}

/// A project of one revision with this body of `upgrade()`.
fn project(code: &str) -> TestProject {
    let read = |name: &str| fs::read_to_string(folder().join("project").join(name)).expect(name);
    let project = TestProject::empty();
    project.write("alembic.ini", &read("alembic.ini"));
    project.write("migrations/env.py", &read("env.py"));
    let body: String = code.lines().map(|line| format!("    {line}\n")).collect();
    let text = format!("{}{body}", read("header.txt"));
    project.write("migrations/versions/a1_case.py", &text);
    project
}

fn run(code: &str) -> CommandOutput {
    project(code).run(&["upgrade", "head", "--sql"])
}

fn run_with(code: &str, sqlalchemy: &str) -> CommandOutput {
    project(code).run(&["--sqlalchemy", sqlalchemy, "upgrade", "head", "--sql"])
}

/// What differs between a run and its recording.
fn difference(case: &Json, sqlalchemy: &str) -> Option<String> {
    let code = case["code"].as_str().expect("code");
    let found = run_with(code, sqlalchemy);
    let same = match (case["output"].as_str(), case["error"].as_str()) {
        (Some(expected), _) => found.code == Some(0) && found.stdout == expected,
        (None, Some(error)) => {
            let last = found.stderr.trim_end().lines().last().unwrap_or_default();
            found.code != Some(0) && last == error
        }
        (None, None) => false,
    };
    (!same).then(|| {
        let expected = case["output"].as_str().or(case["error"].as_str());
        format!(
            "{code}\n--- expected\n{}\n--- found\n{found}\n",
            expected.unwrap_or_default()
        )
    })
}

#[test]
fn scripts_are_those_of_the_real_packages() {
    compare("expected", "2.1");
}

#[test]
fn scripts_are_those_of_the_packages_for_sqlalchemy_2_0() {
    compare("expected-2.0", "2.0");
}

/// Runs what one folder of recordings has.
fn compare(expected: &str, sqlalchemy: &str) {
    recordings::compare(&folder().join(expected), "PACKAGE", |case| {
        difference(case, sqlalchemy)
    });
}

#[test]
fn a_name_that_is_not_modelled_is_refused_with_its_place() {
    let output = run("import sqlmodel\nsqlmodel.Session(op.get_bind())").failure(1);
    assert!(output.stderr.contains("sqlmodel.Session"), "{output}");
    assert!(output.stderr.contains("a1_case.py\", line 12"), "{output}");
    assert_eq!(output.stdout, "");
}

#[test]
fn elements_that_the_project_renders_its_own_way_are_refused() {
    let code = r#"
from sqlalchemy.ext.compiler import compiles
@compiles(sa.schema.DropTable, "DIALECT")
def cascading(element, compiler, **keywords):
    return compiler.visit_drop_table(element) + " CASCADE"
op.drop_table("a")
"#;
    let other = run(code.trim().replace("DIALECT", "mysql").as_str()).success();
    assert!(other.stdout.contains("DROP TABLE a;"), "{other}");
    let own = run(code.trim().replace("DIALECT", "postgresql").as_str()).failure(1);
    let expected = "a statement with `DropTable`, for which the project has a `@compiles` function";
    assert!(own.stderr.contains(expected), "{own}");
}
