//! Whole projects below `fixtures/projects`: what is printed for them, against what the real Alembic printed.

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

use support::project::TestProject;

fn projects() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects");
    let entries = fs::read_dir(folder).expect("fixtures/projects").flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.join("alembic.ini").exists())
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no project was found");
    found
}

/// Runs a command in every project and compares its standard output with the recording.
fn compare(recording: &str, arguments: &[&str]) {
    for folder in projects() {
        let expected =
            fs::read_to_string(folder.join("expected").join(recording)).expect(recording);
        let output = TestProject::copy_of(&folder).run(arguments).success();
        similar_asserts(&output.stdout, &expected, &folder);
    }
}

/// Shows the first line that differs rather than two long texts.
fn similar_asserts(found: &str, expected: &str, folder: &Path) {
    let lines = found.lines().zip(expected.lines()).enumerate();
    for (number, (found, expected)) in lines {
        assert_eq!(found, expected, "{}, line {}", folder.display(), number + 1);
    }
    assert_eq!(found, expected, "{}", folder.display());
}

#[test]
fn heads_are_those_alembic_prints() {
    compare("heads.txt", &["heads"]);
}

#[test]
fn the_history_is_the_one_alembic_prints() {
    compare("history.txt", &["history"]);
}

#[test]
fn upgrade_scripts_are_those_alembic_prints() {
    compare("upgrade_head.sql", &["upgrade", "heads", "--sql"]);
}

#[test]
fn downgrade_scripts_are_those_alembic_prints() {
    for folder in projects() {
        let expected = folder.join("expected/downgrade_base.sql");
        let expected = fs::read_to_string(expected).expect("downgrade_base.sql");
        let project = TestProject::copy_of(&folder);
        let heads = project.run(&["heads"]).success().stdout;
        let range = format!("{}:base", heads.split(' ').next().expect("a head"));
        let output = project.run(&["downgrade", &range, "--sql"]).success();
        similar_asserts(&output.stdout, &expected, &folder);
    }
}
