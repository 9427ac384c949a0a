//! The URL that is used where env.py's own cannot be evaluated.

use std::cell::Cell;
use std::cell::OnceCell;

/// A URL that stands in for one of env.py's: `ALUDEL_URL` or `DATABASE_URL`, of the environment or of a file.
pub struct FallbackUrl {
    /// Finds the URL, and says where it was found.
    find: Box<dyn Fn() -> Option<(String, String)>>,
    /// Told once that it is used, and where it comes from.
    announce: Box<dyn Fn(&str)>,
    found: OnceCell<Option<(String, String)>>,
    announced: Cell<bool>,
}

impl FallbackUrl {
    /// It is looked for when it is needed.
    pub fn new(
        find: impl Fn() -> Option<(String, String)> + 'static,
        announce: impl Fn(&str) + 'static,
    ) -> Self {
        Self {
            find: Box::new(find),
            announce: Box::new(announce),
            found: OnceCell::new(),
            announced: Cell::new(false),
        }
    }

    /// Whether there is one.
    pub fn exists(&self) -> bool {
        self.found.get_or_init(&self.find).is_some()
    }

    /// The URL, to be used.
    pub(crate) fn take(&self) -> Option<&str> {
        let (url, origin) = self.found.get_or_init(&self.find).as_ref()?;
        if !self.announced.replace(true) {
            (self.announce)(origin);
        }
        Some(url)
    }
}
