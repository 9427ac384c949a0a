//! Starts children, tells them the files, and notes what brings one down.

use std::collections::VecDeque;
use std::fmt;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::channel;
use std::time::Duration;

/// How long one step (evaluating a file, one call) may take.
const TIME: Duration = Duration::from_secs(60);
/// Kibibytes of address space a child may have: its stack, pieces of stack, and what a program may need.
const MEMORY: usize = (512 << 10) + (5 << 20);
/// Files that one child evaluates before a fresh one takes over.
const FILES: usize = 40;
/// Falls in one file before the rest of it is left.
const FALLS: usize = 20;
/// Children at a time.
const CHILDREN: usize = 2;

/// What brought a child down.
pub(crate) struct Fall {
    file: PathBuf,
    step: String,
    how: String,
}

impl fmt::Display for Fall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.file.display(), self.step, self.how)
    }
}

/// What came of a run.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) falls: Vec<Fall>,
    pub(crate) calls: usize,
}

/// The `.py` files below some folders, each with the folder its imports start at.
pub(crate) fn python_files(trees: &[PathBuf]) -> Vec<(PathBuf, PathBuf)> {
    let mut found = Vec::new();
    let mut pending: Vec<PathBuf> = trees
        .iter()
        .map(|tree| tree.canonicalize().unwrap())
        .collect();
    while let Some(path) = pending.pop() {
        if path.is_dir() && !path.is_symlink() {
            let entries = std::fs::read_dir(&path).unwrap().flatten();
            pending.extend(entries.map(|entry| entry.path()));
        } else if path.extension().is_some_and(|extension| extension == "py") && path.is_file() {
            found.push((root(&path), path));
        }
    }
    found.sort();
    found
}

/// The folder above the topmost package a file is in.
fn root(file: &Path) -> PathBuf {
    let mut folder = file.parent().unwrap();
    while folder.join("__init__.py").is_file()
        && let Some(above) = folder.parent()
    {
        folder = above;
    }
    folder.to_owned()
}

/// Evaluates files, several at a time, and calls what is in them where `calls` says so.
pub(crate) fn evaluate(files: &[(PathBuf, PathBuf)], calls: bool) -> Report {
    let first = if calls { 0 } else { crate::NO_CALLS };
    let pending: Mutex<VecDeque<_>> = Mutex::new(files.chunks(FILES).collect());
    let report = Mutex::new(Report::default());
    std::thread::scope(|scope| {
        for _ in 0..CHILDREN {
            scope.spawn(|| {
                loop {
                    let chunk = pending.lock().unwrap().pop_front();
                    let Some(chunk) = chunk else { break };
                    evaluate_chunk(chunk, first, &report);
                }
            });
        }
    });
    let mut report = report.into_inner().unwrap();
    report.falls.sort_by(|a, b| a.file.cmp(&b.file));
    report
}

fn evaluate_chunk(files: &[(PathBuf, PathBuf)], first: usize, report: &Mutex<Report>) {
    let mut running: Option<Running> = None;
    for (root, file) in files {
        let mut first = first;
        for _ in 0..FALLS {
            let mut child = running.take().unwrap_or_else(Running::start);
            let outcome = child.evaluate(root, file, first);
            report.lock().unwrap().calls += child.calls;
            child.calls = 0;
            let Err((step, how)) = outcome else {
                running = Some(child);
                break;
            };
            let number = step.split(' ').next().unwrap().parse::<usize>();
            let fall = Fall {
                file: file.clone(),
                step,
                how,
            };
            eprintln!("{fall}");
            report.lock().unwrap().falls.push(fall);
            let Ok(number) = number else { break };
            first = number + 1;
        }
    }
}

/// A child and what it says.
struct Running {
    child: Child,
    lines: Receiver<String>,
    folder: tempfile::TempDir,
    calls: usize,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Running {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let limited = format!("ulimit -c 0; ulimit -v {MEMORY}; exec \"$0\" \"$@\"");
        let mut child = Command::new("sh")
            .args(["-c", &limited])
            .arg(std::env::current_exe().unwrap())
            .arg(crate::CHILD)
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.path().join("stderr")).unwrap())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            lines,
            folder,
            calls: 0,
        }
    }

    /// Has a file evaluated and its functions called from one on; the step at which the child fell, and how.
    fn evaluate(&mut self, root: &Path, file: &Path, first: usize) -> Result<(), (String, String)> {
        let told = self.child.stdin.as_mut().unwrap();
        writeln!(told, "{}\t{}\t{first}", root.display(), file.display()).unwrap();
        let mut step = "start".to_owned();
        loop {
            match self.lines.recv_timeout(TIME) {
                Ok(line) if line == "done" => return Ok(()),
                Ok(line) => {
                    self.calls +=
                        usize::from(line.starts_with(|digit: char| digit.is_ascii_digit()));
                    step = line;
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Err((step, format!("not done after {} seconds", TIME.as_secs())));
                }
                Err(RecvTimeoutError::Disconnected) => return Err((step, self.last_words())),
            }
        }
    }

    fn last_words(&mut self) -> String {
        let status = self.child.wait().unwrap();
        let mut text = String::new();
        let _read = std::fs::File::open(self.folder.path().join("stderr"))
            .and_then(|mut file| file.read_to_string(&mut text));
        let shown: Vec<&str> = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with("note: "))
            .take(3)
            .collect();
        format!("{status}: {}", shown.join(" / "))
    }
}
