//! A project directory of its own, and the binary run in it with a clean environment.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// An Alembic project in a temporary directory.
pub(crate) struct TestProject {
    directory: TempDir,
    environment: Vec<(String, String)>,
}

/// What a run of the binary gave back.
#[must_use]
#[derive(Debug)]
pub(crate) struct CommandOutput {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
}

impl CommandOutput {
    /// Fails the test unless the run succeeded.
    #[track_caller]
    pub(crate) fn success(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    /// Fails the test unless the run ended with `code`.
    #[track_caller]
    pub(crate) fn failure(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Both streams.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

impl std::fmt::Display for CommandOutput {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "exit code {:?}\n--- stdout\n{}\n--- stderr\n{}",
            self.code, self.stdout, self.stderr
        )
    }
}

/// The env.py that `alembic init` writes, without logging: offline and online.
const ENV_PY: &str = include_str!("../../fixtures/engines/env.py");

impl TestProject {
    /// An empty directory.
    pub(crate) fn empty() -> Self {
        Self {
            directory: tempfile::tempdir().expect("make a directory"),
            environment: Vec::new(),
        }
    }

    /// A copy of a directory, for instance of one below `fixtures/projects`.
    pub(crate) fn copy_of(source: impl AsRef<Path>) -> Self {
        let project = Self::empty();
        copy(source.as_ref(), project.path());
        project
    }

    /// A generic project: alembic.ini with this URL, the template's env.py, no revisions. `options` goes into the
    /// online `context.configure`, for instance `transaction_per_migration=True`.
    pub(crate) fn generic(url: &str, options: &str) -> Self {
        let project = Self::empty();
        let url = url.replace('%', "%%");
        project.write(
            "alembic.ini",
            &format!("[alembic]\nscript_location = %(here)s/migrations\npath_separator = os\nsqlalchemy.url = {url}\n"),
        );
        let options = if options.is_empty() {
            String::new()
        } else {
            format!(", {options}")
        };
        project.write("migrations/env.py", &ENV_PY.replace("{options}", &options));
        project
    }

    /// Adds a revision; the bodies are indented here.
    pub(crate) fn revision(&self, revision: &str, down: &str, upgrade: &str, downgrade: &str) {
        let indented = |body: &str| -> String {
            let body = if body.trim().is_empty() { "pass" } else { body };
            body.lines().map(|line| format!("    {line}\n")).collect()
        };
        let text = format!(
            "\"\"\"{revision}\n\nRevision ID: {revision}\n\"\"\"\nfrom alembic import op\nimport sqlalchemy as sa\n\nrevision = {revision:?}\ndown_revision = {down}\nbranch_labels = None\ndepends_on = None\n\n\ndef upgrade() -> None:\n{}\n\ndef downgrade() -> None:\n{}",
            indented(upgrade),
            indented(downgrade)
        );
        self.write(&format!("migrations/versions/{revision}_.py"), &text);
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a file and the directories above it.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.path().join(name);
        fs::create_dir_all(file.parent().expect("a parent")).expect("make directories");
        fs::write(&file, text).expect("write a file");
        file
    }

    /// Sets a variable for later runs.
    pub(crate) fn env(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Runs the binary in the directory, with nothing of our environment but what [`TestProject::env`] set.
    pub(crate) fn run(&self, arguments: &[&str]) -> CommandOutput {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aludel"));
        command.args(arguments).current_dir(self.path()).env_clear();
        command
            .env("HOME", self.path())
            .env("PATH", "/usr/bin:/bin");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let output = command.output().expect("run the binary");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8 output");
        CommandOutput {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            code: output.status.code(),
        }
    }
}

fn copy(source: &Path, target: &Path) {
    fs::create_dir_all(target).expect("make a directory");
    for entry in
        fs::read_dir(source).unwrap_or_else(|error| panic!("{}: {error}", source.display()))
    {
        let entry = entry.expect("an entry");
        let to = target.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("copy a file");
        }
    }
}
