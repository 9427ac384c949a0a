//! Settings classes of applications: what `pydantic` and `pydantic_settings` make of the environment, against what the real ones made.
//! fixtures/settings, recorded by fixtures/settings/record.py.

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
use support::project::TestProject;
use support::recordings;

/// The folder is put in the path by the configuration; nothing else is needed of env.py.
const ENV: &str = "import config\nprint('END')\n";
const INI: &str = "[alembic]\nscript_location = migrations\nprepend_sys_path = .\n";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/settings")
}

/// A project with this module.
fn project(code: &str) -> TestProject {
    let project = TestProject::empty();
    project.write("alembic.ini", INI);
    project.write("migrations/env.py", ENV);
    project.write(
        "migrations/versions/a1_case.py",
        "revision = 'a1'\ndown_revision = None\ndef upgrade():\n    pass\n",
    );
    let show = fs::read_to_string(folder().join("show.py")).expect("show.py");
    project.write("show.py", &show);
    project.write("config.py", code);
    project
}

/// What differs between a run and its recording.
fn difference(case: &Json) -> Option<String> {
    let code = case["code"].as_str().expect("code");
    let mut project = project(code);
    let pairs = |key: &str| -> Vec<(String, String)> {
        let given = case[key].as_object().expect("an object");
        let text = |value: &Json| value.as_str().expect("a text").to_owned();
        given
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect()
    };
    for (name, text) in pairs("files") {
        project.write(&name, &text);
    }
    for (name, value) in pairs("env") {
        project.env(&name, &value);
    }
    let found = project.run(&["upgrade", "head", "--sql"]);
    let expected = format!("{}END\n", case["output"].as_str().expect("output"));
    (found.stdout != expected)
        .then(|| format!("{code}\n--- expected\n{expected}--- found\n{found}\n"))
}

#[test]
fn settings_are_what_the_real_packages_make_of_them() {
    recordings::compare(&folder().join("expected"), "SETTINGS", difference);
}

/// What a project prints whose module has this code, and whose env.py prints these values of it.
fn printed(code: &str, values: &[&str]) -> support::project::CommandOutput {
    let project = project(code);
    let lines: Vec<String> = values
        .iter()
        .map(|value| format!("print({value})\n"))
        .collect();
    let env = format!("from config import *\n{}", lines.concat());
    project.write("migrations/env.py", &env);
    project.run(&["upgrade", "head", "--sql"])
}

const UNKNOWN: &str = "
from pydantic import ByteSize
from pydantic_settings import BaseSettings
from nowhere import Kind, convert
class Settings(BaseSettings):
    URL: str = 'postgresql://h/d'
    SIZE: ByteSize = 1
    KIND: Kind = 'a'
    CHOICE: Kind | None = None
settings = Settings()
";

#[test]
fn a_setting_whose_type_is_not_modelled_is_refused_alone() {
    let known = printed(UNKNOWN, &["settings.URL"]).success();
    assert_eq!(known.stdout, "postgresql://h/d\n");
    for name in ["SIZE", "KIND", "CHOICE"] {
        let unknown = printed(UNKNOWN, &[&format!("settings.{name}")]).failure(1);
        let expected = format!("`Settings.{name}` is needed");
        assert!(unknown.stderr.contains(&expected), "{unknown}");
    }
}

#[test]
fn a_missing_setting_is_told_without_the_values_of_others() {
    let code = "
from pydantic_settings import BaseSettings
class Settings(BaseSettings):
    PASSWORD: str = 'a'
    URL: str
settings = Settings(PASSWORD='hidden')
";
    let output = printed(code, &["settings.URL"]).failure(1);
    let expected = "ValidationError: 1 validation error for Settings";
    assert!(output.stderr.contains(expected), "{output}");
    assert!(output.stderr.contains("Field required"), "{output}");
    assert!(!output.stderr.contains("hidden"), "{output}");
}
