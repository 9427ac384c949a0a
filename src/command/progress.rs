//! The line that shows how far a long run is, on a terminal. Not in Alembic.

use std::time::Duration;
use std::time::Instant;

/// A run that is over sooner shows nothing.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How often the line changes.
const PAUSE: Duration = Duration::from_millis(100);

/// When the run began, and when the line was written last.
#[derive(Debug)]
pub(crate) struct Progress {
    begun: Instant,
    written: Option<Instant>,
}

impl Progress {
    /// Begins now.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            begun: now,
            written: None,
        }
    }

    /// The line for a step that begins, when it is time for one; no wider than the terminal.
    pub(crate) fn line(
        &mut self,
        now: Instant,
        done: usize,
        all: usize,
        step: &str,
        width: usize,
    ) -> Option<String> {
        let passed = now.duration_since(self.begun);
        let is_soon = self
            .written
            .is_some_and(|written| now.duration_since(written) < PAUSE);
        if passed < PATIENCE || is_soon || all < 2 {
            return None;
        }
        self.written = Some(now);
        let seconds = passed.as_secs();
        let step = step.lines().next().unwrap_or_default();
        let line = format!(
            "{} of {all}, {}:{:02}  {step}",
            done + 1,
            seconds / 60,
            seconds % 60
        );
        Some(line.chars().take(width.saturating_sub(1)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run_shows_nothing_and_a_long_one_a_line_now_and_then() {
        let begun = Instant::now();
        let after = |milliseconds| begun + Duration::from_millis(milliseconds);
        let mut progress = Progress::new(begun);
        assert_eq!(progress.line(after(900), 3, 90, "upgrade a -> b", 80), None);
        assert_eq!(
            progress.line(after(61_500), 3, 90, "upgrade a -> b, two\nlines", 80),
            Some("4 of 90, 1:01  upgrade a -> b, two".to_owned())
        );
        assert_eq!(progress.line(after(61_550), 4, 90, "b -> c", 80), None);
        assert_eq!(
            progress.line(after(61_700), 5, 90, "c -> d", 10),
            Some("6 of 90, ".to_owned())
        );
        assert_eq!(progress.line(after(99_000), 0, 1, "alone", 80), None);
    }
}
