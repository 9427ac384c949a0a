//! What git knows about revision files: who wrote them, and where one that is gone was. Not in Alembic.
//!
//! Everything here helps a person and decides nothing: where there is no git, or it takes too long, nothing is said.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// How long a question may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where git last saw a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The abbreviated commit.
    pub(crate) commit: String,
    /// Its day.
    pub(crate) day: String,
    /// Its author.
    pub(crate) author: String,
    /// The file, from the top of the repository.
    pub(crate) path: String,
    /// Whether the commit deleted it.
    pub(crate) is_deleted: bool,
}

/// The output of a git command run in a folder of a repository.
fn ask(folder: &Path, args: &[&str]) -> Option<String> {
    folder
        .ancestors()
        .find(|above| above.join(".git").exists())?;
    let mut child = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(args)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let end = Instant::now() + PATIENCE;
    // The answers are a few lines: they fit into the pipe.
    while child.try_wait().ok()?.is_none() {
        if Instant::now() > end {
            let _ended = child.kill();
            let _reaped = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Who brought a file, and when: `Ann, 2026-01-02`.
pub(crate) fn author(file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?;
    let args = [
        "log",
        "-1",
        "--diff-filter=A",
        "--date=short",
        "--format=%an, %ad",
        "--",
        name,
    ];
    let found = ask(file.parent()?, &args)?;
    found.lines().next().map(str::to_owned)
}

/// The last commit of any branch that touched the file of a revision: by the file's name, else by the line that declares it.
pub(crate) fn last_seen(folders: &[PathBuf], id: &str) -> Option<Seen> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if id.len() < 3 || !id.chars().all(is_plain) {
        return None;
    }
    let start = [
        "log",
        "--all",
        "-1",
        "--date=short",
        "--name-status",
        "--no-renames",
        "--format=%h%x09%ad%x09%an",
    ];
    let (named, declared) = (
        format!("*{id}*"),
        format!("-Grevision[^=]*=[[:space:]]*['\"]{id}['\"]"),
    );
    folders.iter().find_map(|folder| {
        let by_name = [&start[..], &["--", &named]].concat();
        let by_line = [&start[..], &[&declared, "--", "."]].concat();
        ask(folder, &by_name)
            .and_then(|text| seen(&text, |path| path.contains(id)))
            .or_else(|| ask(folder, &by_line).and_then(|text| seen(&text, |_| true)))
    })
}

/// Reads a commit and its files.
fn seen(text: &str, is_wanted: impl Fn(&str) -> bool) -> Option<Seen> {
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let mut commit = lines.next()?.splitn(3, '\t');
    let (commit, day, author) = (commit.next()?, commit.next()?, commit.next()?);
    let (status, path) = lines
        .filter_map(|line| line.split_once('\t'))
        .find(|(_, path)| path.ends_with(".py") && is_wanted(path))?;
    Some(Seen {
        commit: commit.to_owned(),
        day: day.to_owned(),
        author: author.to_owned(),
        path: path.to_owned(),
        is_deleted: status.starts_with('D'),
    })
}
