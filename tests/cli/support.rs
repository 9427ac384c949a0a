//! Runs the binary in a folder, with nothing of the surroundings.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

/// What a run printed.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CommandOutput {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs aludel in a folder.
pub(crate) fn run(folder: &Path, args: &[&str]) -> CommandOutput {
    let done = Command::new(env!("CARGO_BIN_EXE_aludel"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    CommandOutput {
        status: done.status.code().unwrap(),
        stdout: String::from_utf8(done.stdout).unwrap(),
        stderr: String::from_utf8(done.stderr).unwrap(),
    }
}

/// The recorded projects.
pub(crate) fn projects() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/commands")
}

/// A project in a temporary folder.
pub(crate) struct TestProject {
    folder: tempfile::TempDir,
}

impl TestProject {
    /// An alembic.ini, an empty env.py and an empty versions folder.
    pub(crate) fn new() -> Self {
        let made = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        made.write(
            "alembic.ini",
            b"[alembic]\nscript_location = %(here)s/alembic\n",
        );
        made.write("alembic/env.py", b"");
        std::fs::create_dir_all(made.folder.path().join("alembic/versions")).unwrap();
        made
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn run(&self, args: &[&str]) -> CommandOutput {
        run(self.folder.path(), args)
    }
}
