//! What is wrong with a configuration, in the words of Python's `configparser` and of alembic/config.py. Passwords of URLs are masked.

use std::path::Path;

/// A configuration error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Upstream's `CommandError`: printed as `FAILED: …`.
    #[error("{0}")]
    Command(String),
    /// Upstream dies of a Python exception: the name of its class and the text.
    #[error("{message}")]
    Python {
        /// The exception's class with its module.
        class: &'static str,
        /// Its text.
        message: String,
    },
}

impl Error {
    pub(crate) fn command(message: impl Into<String>) -> Self {
        Self::Command(message.into())
    }

    pub(crate) fn python(class: &'static str, message: impl Into<String>) -> Self {
        Self::Python {
            class,
            message: message.into(),
        }
    }

    /// `configparser.MissingSectionHeaderError`.
    pub(crate) fn missing_section_header(file: &Path, line: usize, text: &str) -> Self {
        Self::python(
            "configparser.MissingSectionHeaderError",
            format!(
                "File contains no section headers.\nfile: {}, line: {line}\n{}",
                repr(&file.to_string_lossy()),
                repr(&mask(text))
            ),
        )
    }

    /// `configparser.DuplicateSectionError`.
    pub(crate) fn duplicate_section(file: &Path, line: usize, section: &str) -> Self {
        Self::python(
            "configparser.DuplicateSectionError",
            format!(
                "While reading from {} [line {line:2}]: section {} already exists",
                repr(&file.to_string_lossy()),
                repr(section)
            ),
        )
    }

    /// `configparser.DuplicateOptionError`.
    pub(crate) fn duplicate_option(file: &Path, line: usize, section: &str, option: &str) -> Self {
        Self::python(
            "configparser.DuplicateOptionError",
            format!(
                "While reading from {} [line {line:2}]: option {} in section {} already exists",
                repr(&file.to_string_lossy()),
                repr(option),
                repr(section)
            ),
        )
    }

    /// `configparser.ParsingError`.
    pub(crate) fn parsing(file: &Path, lines: &[(usize, String)]) -> Self {
        let mut message = format!(
            "Source contains parsing errors: {}",
            repr(&file.to_string_lossy())
        );
        for (line, text) in lines {
            message.push_str(&format!("\n\t[line {line:2}]: {}", repr(&mask(text))));
        }
        Self::python("configparser.ParsingError", message)
    }
}

/// Python's `repr` of a text.
pub(crate) fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut shown = String::from(quote);
    for character in text.chars() {
        match character {
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            '\u{feff}' => shown.push_str("\\ufeff"),
            c if c == quote => {
                shown.push('\\');
                shown.push(c);
            }
            c if c.is_control() => shown.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown.push(quote);
    shown
}

/// Hides what stands between `://user:` and `@`; without an `@`, everything after the scheme's user.
pub(crate) fn mask(text: &str) -> String {
    let Some(scheme) = text.find("://") else {
        return text.to_owned();
    };
    let start = scheme + 3;
    let rest = &text[start..];
    let Some(colon) = rest.find(':') else {
        return text.to_owned();
    };
    match rest.rfind('@') {
        Some(at) if at > colon => format!("{}:***{}", &text[..start + colon], &rest[at..]),
        _ => format!("{}:***", &text[..start + colon]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_masked() {
        assert_eq!(
            mask("url = postgresql://me:p@ss@host/db"),
            "url = postgresql://me:***@host/db"
        );
        assert_eq!(mask("no url"), "no url");
    }
}
