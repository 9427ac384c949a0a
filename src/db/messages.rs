//! What a server says besides rows: errors and notices.

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorFields;

use crate::db::Error;

/// Notices received and not yet taken: severity and message.
#[derive(Debug, Default)]
pub(super) struct Notices(Vec<(String, String)>);

impl Notices {
    /// Keeps a notice.
    pub(super) fn push(&mut self, fields: ErrorFields<'_>) {
        let notice = server_error(fields);
        self.0
            .push((notice.severity.unwrap_or_default(), notice.message));
    }

    /// Keeps a warning of our own.
    pub(super) fn warn(&mut self, message: String) {
        self.0.push(("WARNING".to_owned(), message));
    }

    pub(super) fn take(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.0)
    }
}

/// The fields of an error or a notice.
pub(super) fn server_error(mut fields: ErrorFields<'_>) -> Error {
    let mut error = Error::default();
    let mut localized = None;
    while let Ok(Some(field)) = fields.next() {
        let text = String::from_utf8_lossy(field.value_bytes()).into_owned();
        match field.type_() {
            b'S' => localized = Some(text),
            b'V' => error.severity = Some(text),
            b'C' => error.sqlstate = Some(text),
            b'M' => error.message = text,
            b'D' => error.detail = Some(text),
            b'H' => error.hint = Some(text),
            b'W' => error.context = Some(text),
            b'P' => error.position = text.parse().ok(),
            _ => {}
        }
    }
    error.severity = error.severity.or(localized);
    error
}
