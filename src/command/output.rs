//! Standard output and standard error of a command. Nothing here panics when a pipe is closed.

use std::cell::Cell;
use std::cell::RefCell;
use std::io::BufWriter;
use std::io::IsTerminal as _;
use std::io::Write as _;
use std::io::stderr;
use std::io::stdin;
use std::io::stdout;
use std::time::Instant;

use crate::command::progress::Progress;
use crate::diag::wrap;

/// The two streams.
#[derive(Debug)]
pub struct Output {
    buffer: RefCell<BufWriter<std::io::Stdout>>,
    is_terminal: bool,
    /// The width of the terminal at standard input (sic), where there is one: messages are wrapped to it.
    width: Option<usize>,
    quiet: bool,
    failure: Cell<Option<std::io::ErrorKind>>,
    /// How far a run is, shown where standard error is a terminal.
    progress: RefCell<Option<Progress>>,
    /// Whether that line stands there now.
    is_progress_shown: Cell<bool>,
}

impl Output {
    /// The streams of the process; `quiet` is `-q`.
    pub fn new(quiet: bool) -> Self {
        let width = terminal_size::terminal_size_of(stdin())
            .map(|(width, _)| usize::from(width.0))
            .filter(|width| *width > 0);
        Self {
            buffer: RefCell::new(BufWriter::with_capacity(1 << 16, stdout())),
            is_terminal: stdout().is_terminal(),
            width,
            quiet,
            failure: Cell::new(None),
            progress: RefCell::new(
                stderr()
                    .is_terminal()
                    .then(|| Progress::new(Instant::now())),
            ),
            is_progress_shown: Cell::new(false),
        }
    }

    /// How far a run is: on a terminal, when it takes long, a line that is written over.
    pub fn progress(&self, done: usize, all: usize, step: &str) {
        if self.quiet {
            return;
        }
        let width = terminal_size::terminal_size_of(stderr())
            .map_or(80, |(width, _)| usize::from(width.0).max(20));
        let line = self
            .progress
            .borrow_mut()
            .as_mut()
            .and_then(|progress| progress.line(Instant::now(), done, all, step, width));
        if let Some(line) = line {
            self.flush();
            self.is_progress_shown.set(true);
            let mut stream = stderr().lock();
            let _lost = write!(stream, "\r\x1b[K{line}").and_then(|()| stream.flush());
        }
    }

    /// Takes the line away before anything else is printed.
    fn clear_progress(&self) {
        if self.is_progress_shown.replace(false) {
            let mut stream = stderr().lock();
            let _lost = write!(stream, "\r\x1b[K").and_then(|()| stream.flush());
        }
    }

    /// Text as it is, `-q` or not: what `--sql` prints.
    pub fn write(&self, text: &str) {
        if self.failure.get().is_some() {
            return;
        }
        self.clear_progress();
        let mut buffer = self.buffer.borrow_mut();
        let written = buffer.write_all(text.as_bytes());
        let written = if self.is_terminal {
            written.and_then(|()| buffer.flush())
        } else {
            written
        };
        if let Err(error) = written {
            self.failure.set(Some(error.kind()));
        }
    }

    /// `Config.print_stdout`: a result and a line break.
    pub fn print(&self, text: &str) {
        if !self.quiet {
            self.write(text);
            self.write("\n");
        }
    }

    /// `util.msg`: a message, wrapped on a terminal.
    pub fn message(&self, text: &str) {
        if !self.quiet {
            self.message_always(text);
        }
    }

    /// `util.msg` without the messaging options: `-q` or not.
    pub fn message_always(&self, text: &str) {
        self.message_part(text, "\n");
    }

    /// A message, and what follows its last line.
    fn message_part(&self, text: &str, end: &str) {
        let lines = match self.width {
            None => vec![text.to_owned()],
            Some(width) => wrap::message(text, width),
        };
        self.write(&format!("{}{end}", lines.join("\n")));
    }

    /// `util.status`: what is being done, and how it ended.
    pub fn status<E>(
        &self,
        text: &str,
        quiet: bool,
        end: &str,
        action: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        if quiet {
            return action();
        }
        self.message_part(&format!("{text} ..."), end);
        self.flush();
        let done = action();
        self.write(if done.is_ok() {
            "  done\n"
        } else {
            "  FAILED\n"
        });
        done
    }

    /// Text on standard error.
    pub fn error(&self, text: &str) {
        // What was printed so far comes first where both go to one place.
        self.flush();
        self.clear_progress();
        let mut stream = stderr().lock();
        let _lost = stream
            .write_all(text.as_bytes())
            .and_then(|()| stream.flush());
    }

    /// Writes out what is held.
    pub fn flush(&self) {
        if self.failure.get().is_none()
            && let Err(error) = self.buffer.borrow_mut().flush()
        {
            self.failure.set(Some(error.kind()));
        }
    }

    /// Flushes, and tells what went wrong with standard output.
    pub fn finish(&self) -> Option<std::io::ErrorKind> {
        self.flush();
        self.clear_progress();
        self.failure.get()
    }
}
