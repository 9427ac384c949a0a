//! Parsing of files that will be needed soon, on other threads: the tree that is made there is still the parser's own, which may move between threads.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::TryLockError;
use std::time::Duration;

use rustc_hash::FxBuildHasher;

use crate::py::cpu;
use crate::py::eval::stack;
use crate::py::parse;
use crate::py::parse::Suite;
use crate::py::parse::SyntaxError;

/// Trees that may wait at a time: few, so that they are still in the cache when they are asked for.
const WAITING: usize = 32;
/// How long a thread sleeps before it looks again whether there is room.
const NAP: Duration = Duration::from_micros(300);
/// How often to look whether a tree is done before going to sleep: parsing a file takes less time than falling asleep and waking up,
/// and who wakes up may find himself on the core of the one that woke him.
const LOOKS: usize = 100;
/// How many spins lie between two looks.
const PAUSE: usize = 100;
/// Threads beside the one that evaluates.
const THREADS: usize = 3;

/// A file's text and what the parser made of it.
pub(crate) struct Parsed {
    /// The decoded text.
    pub(crate) text: String,
    /// Its statements.
    pub(crate) suite: Result<Suite, SyntaxError>,
}

/// A file to be parsed, with its decoded text where that was read already.
pub(crate) struct Source {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its text.
    pub(crate) text: Option<String>,
    /// A function of it that will hardly be called.
    pub(crate) late: Option<&'static str>,
}

/// What there is of a file when it is asked for.
pub(crate) enum Taken {
    /// It is parsed.
    Parsed(Parsed),
    /// Nobody has begun with it, but its text is there.
    Text(String),
}

/// Files being parsed, in the order in which they will be asked for.
pub(crate) struct Ahead(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Source>,
    begun: HashMap<OsString, Progress, FxBuildHasher>,
    /// Trees that nobody needs any more; the threads that made them drop them.
    dead: Vec<Suite>,
    /// Threads that wait for a change: waking none costs as much as waking one.
    waiting: usize,
    stopped: bool,
}

enum Progress {
    /// A thread is at it.
    Running,
    /// `None`: the file could not be read.
    Done(Option<Box<Parsed>>),
}

impl Shared {
    /// The state. It is held for a moment only: who wants it tries for a while before going to sleep, see [`Shared::nap`].
    fn lock(&self) -> MutexGuard<'_, State> {
        for _ in 0..LOOKS * PAUSE {
            match self.state.try_lock() {
                Ok(state) => return state,
                Err(TryLockError::Poisoned(state)) => return state.into_inner(),
                Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
            }
        }
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        state.waiting += 1;
        let mut state = self
            .changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state
    }

    /// Lets the one that evaluates take half of the trees. Nobody wakes the sleeper: a thread that is woken tends to be put on the core of the
    /// one that wakes it, and the two would share it from then on.
    fn nap<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        while state.begun.len() > WAITING / 2 && !state.stopped {
            drop(state);
            std::thread::sleep(NAP);
            state = self.lock();
        }
        state
    }

    fn wake(&self, state: &State) {
        if state.waiting > 0 {
            self.changed.notify_all();
        }
    }

    /// Parses one file after the other until none is left.
    fn work(&self) {
        let mut state = self.lock();
        loop {
            if state.stopped || state.queue.is_empty() {
                return;
            }
            if state.begun.len() >= WAITING {
                state = self.nap(state);
                continue;
            }
            let Some(source) = state.queue.pop_front() else {
                return;
            };
            let key = source.path.as_os_str().to_owned();
            state.begun.insert(key.clone(), Progress::Running);
            let dead = std::mem::take(&mut state.dead);
            drop(state);
            drop(dead);
            let parsed = parsed(source);
            state = self.lock();
            let done = Progress::Done(parsed.map(Box::new));
            state.begun.insert(key, done);
            self.wake(&state);
        }
    }
}

/// Reads and parses a file. `None`: whoever asks for it finds out why, and says so.
fn parsed(source: Source) -> Option<Parsed> {
    let shown = source.path.display().to_string();
    let text = match source.text {
        Some(text) => text,
        None => parse::decode(&std::fs::read(&source.path).ok()?, &shown).ok()?,
    };
    let mut suite = parse::suite_here(&text, &shown);
    if let (Ok(suite), Some(name)) = (&mut suite, source.late) {
        suite.leave(name);
    }
    Some(Parsed { text, suite })
}

impl Ahead {
    /// Starts with these files. Without threads (the system gives none) every file is parsed when it is asked for.
    pub(crate) fn start(sources: impl IntoIterator<Item = Source>) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                queue: sources.into_iter().collect(),
                ..State::default()
            }),
            changed: Condvar::new(),
        });
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let here = cpu::current();
        for _ in 0..cores.saturating_sub(1).min(THREADS) {
            let shared = shared.clone();
            let worker = std::thread::Builder::new().stack_size(stack::LARGE);
            let work = move || {
                cpu::leave(here);
                shared.work();
            };
            if worker.spawn(work).is_err() {
                break;
            }
        }
        Self(shared)
    }

    /// What there is of a file. When nobody has begun with it, nobody will.
    pub(crate) fn take(&self, path: &Path) -> Option<Taken> {
        let mut state = self.0.lock();
        let mut patience = LOOKS;
        loop {
            match state.begun.get(path.as_os_str()) {
                Some(Progress::Done(_)) => {
                    return match state.begun.remove(path.as_os_str()) {
                        Some(Progress::Done(parsed)) => parsed.map(|parsed| Taken::Parsed(*parsed)),
                        Some(Progress::Running) | None => None,
                    };
                }
                Some(Progress::Running) if patience > 0 => {
                    patience -= 1;
                    drop(state);
                    (0..PAUSE).for_each(|_| std::hint::spin_loop());
                    state = self.0.lock();
                }
                Some(Progress::Running) => state = self.0.wait(state),
                None => {
                    let place = state.queue.iter().position(|next| next.path == path)?;
                    return state.queue.remove(place)?.text.map(Taken::Text);
                }
            }
        }
    }
}

impl Ahead {
    /// Takes a tree that is not needed any more.
    pub(crate) fn give_back(&self, tree: Suite) {
        let mut state = self.0.lock();
        if state.queue.is_empty() || state.dead.len() >= WAITING {
            // no thread comes by
            drop(state);
            drop(tree);
        } else {
            state.dead.push(tree);
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.0.lock().stopped = true;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_had_once_whatever_the_order() {
        let folder = std::env::temp_dir().join(format!("aludel-ahead-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let paths: Vec<PathBuf> = (0..200)
            .map(|number| folder.join(format!("f{number}.py")))
            .collect();
        for (number, path) in paths.iter().enumerate() {
            let text = if number == 7 { "def (" } else { "x = 1\n" };
            std::fs::write(path, text).expect("a file");
        }
        let missing = folder.join("missing.py");
        let sources = paths.iter().chain([&missing]).map(|path| Source {
            path: path.clone(),
            text: (path == &paths[150]).then(|| "x = 2\n".to_owned()),
            late: None,
        });
        let ahead = Ahead::start(sources);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let begun = std::time::Instant::now();
        while cores > 1 && ahead.0.lock().begun.is_empty() && begun.elapsed().as_secs() < 60 {
            std::thread::yield_now();
        }
        // asked for in order, with one asked for too early, one twice, and one that is not there
        let mut had = 0;
        for number in std::iter::once(150).chain((0..200).filter(|number| *number != 150)) {
            let path = &paths[number];
            match ahead.take(path) {
                Some(Taken::Parsed(parsed)) => {
                    had += 1;
                    assert_eq!(parsed.suite.is_err(), number == 7);
                }
                Some(Taken::Text(text)) => assert_eq!((number, &*text), (150, "x = 2\n")),
                None => assert_ne!(number, 150, "its text is known"),
            }
            assert!(ahead.take(path).is_none(), "a second time");
        }
        assert!(ahead.take(&missing).is_none());
        assert!(had > 0 || cores == 1, "no thread did anything");
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
