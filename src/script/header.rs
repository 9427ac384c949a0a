//! The usual header of a revision file, read without a parser: docstring, imports, and assignments of plain literals up to the first definition. Anything else is left to the
//! parser, so this changes how long reading takes and nothing else. A test compares the two.

use indexmap::IndexMap;

use crate::script::file::HEADER;
use crate::script::file::HeaderValue;
use crate::script::file::RevisionFile;
use crate::script::file::Spanned;
use crate::script::file::mentions_header;

/// Reads the header of a text that has the usual form; `None` when it has not.
pub(crate) fn plain(text: &str) -> Option<RevisionFile> {
    if memchr::memchr3(b'\r', b'\0', b'\x0c', text.as_bytes()).is_some()
        || text.starts_with('\u{feff}')
    {
        return None;
    }
    let mut scanner = Scanner { text, at: 0 };
    let mut file = RevisionFile::default();
    let mut header = IndexMap::new();
    let mut is_first = true;
    while scanner.skip_blank()? {
        let line = scanner.rest();
        if ["def ", "class ", "async ", "@"]
            .iter()
            .any(|word| line.starts_with(word))
        {
            break;
        }
        if line.starts_with("import ") || line.starts_with("from ") {
            scanner.import()?;
        } else if line.starts_with(['"', '\'']) {
            let doc = scanner.string()?;
            if !is_first {
                return None;
            }
            file.doc = Some(doc.to_owned());
        } else {
            let (name, value) = scanner.assignment()?;
            header.insert(name.to_owned(), value);
        }
        scanner.end_of_line()?;
        is_first = false;
    }
    if mentions_header(scanner.rest()) {
        return None;
    }
    file.header = header;
    Some(file)
}

/// A text up to its first line break.
fn first_line(text: &str) -> &str {
    let end = memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes to the next line that has something on it; whether there is one. It must not be indented.
    fn skip_blank(&mut self) -> Option<bool> {
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return Some(false);
            }
            let line = first_line(rest);
            let shown = line.trim_start_matches([' ', '\t']);
            if shown.is_empty() || shown.starts_with('#') {
                self.at = (self.at + line.len() + 1).min(self.text.len());
                continue;
            }
            return (shown.len() == line.len()).then_some(true);
        }
    }

    fn spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    /// Spaces and line breaks: inside brackets.
    fn white(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\n']).len();
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// The end of a statement: a comment may follow.
    fn end_of_line(&mut self) -> Option<()> {
        self.spaces();
        let line = first_line(self.rest());
        if !line.is_empty() && !line.starts_with('#') {
            return None;
        }
        self.at = (self.at + line.len() + 1).min(self.text.len());
        Some(())
    }

    /// An import of names; it binds no header variable.
    fn import(&mut self) -> Option<()> {
        let start = self.at;
        let line = self.rest().split(['\n', '#']).next().unwrap_or_default();
        if line.contains(['\\', ';', '"', '\'']) {
            return None;
        }
        self.at += match line.find('(') {
            None => line.len(),
            Some(open) => {
                let inner = self.rest().get(open..)?;
                let close = inner.find(')')?;
                if inner[..close].contains(['#', '\\', ';', '"', '\'']) {
                    return None;
                }
                open + close + 1
            }
        };
        let words = self
            .text
            .get(start..self.at)?
            .split(|c: char| !(c.is_alphanumeric() || c == '_'));
        let is_plain = words.into_iter().all(|word| !HEADER.contains(&word));
        is_plain.then_some(())
    }

    /// `name = literal` or `name: annotation = literal` of a header variable.
    fn assignment(&mut self) -> Option<(&'a str, Spanned<HeaderValue>)> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
        let name = HEADER.iter().find(|name| **name == &rest[..end])?;
        self.at += end;
        self.spaces();
        if self.eat(":") {
            let annotation = self.rest().split('=').next().unwrap_or_default();
            if !annotation
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_.,| []".contains(c))
            {
                return None;
            }
            self.at += annotation.len();
        }
        if !self.eat("=") || self.rest().starts_with('=') {
            return None;
        }
        self.spaces();
        let start = self.at;
        let value = self.value()?;
        let before = self.text.as_bytes().get(..start)?;
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        let byte = |at: usize| u32::try_from(at).ok();
        Some((
            name,
            Spanned {
                value,
                start: byte(start)?,
                end: byte(self.at)?,
                line: byte(line)?,
            },
        ))
    }

    /// `None`, a text, or a tuple, list or set of texts.
    fn value(&mut self) -> Option<HeaderValue> {
        if self.eat("None") {
            return Some(HeaderValue::None);
        }
        let close = match self.rest().chars().next()? {
            '"' | '\'' => {
                let first = self.string()?.to_owned();
                let end = self.at;
                self.spaces();
                if !self.rest().starts_with(',') {
                    self.at = end;
                    return Some(HeaderValue::Text(first));
                }
                return self.bare_tuple(first);
            }
            '(' => ")",
            '[' => "]",
            '{' => "}",
            _ => return None,
        };
        self.at += 1;
        self.texts(close)
    }

    fn bare_tuple(&mut self, first: String) -> Option<HeaderValue> {
        let mut texts = vec![first];
        while self.eat(",") {
            self.spaces();
            if !self.rest().starts_with(['"', '\'']) {
                break;
            }
            texts.push(self.string()?.to_owned());
            self.spaces();
        }
        Some(HeaderValue::Texts(texts))
    }

    fn texts(&mut self, close: &str) -> Option<HeaderValue> {
        let mut texts = Vec::new();
        let mut has_comma = false;
        loop {
            self.white();
            if self.eat(close) {
                break;
            }
            if !texts.is_empty() && !has_comma {
                return None;
            }
            texts.push(self.string()?.to_owned());
            self.white();
            has_comma = self.eat(",");
        }
        if texts.is_empty() && close == "}" {
            // An empty dictionary.
            return None;
        }
        // `('a')` is a text whose place is inside the parentheses.
        (close != ")" || has_comma || texts.len() != 1).then_some(HeaderValue::Texts(texts))
    }

    /// A literal without prefix and escapes.
    fn string(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let quote = rest
            .get(..1)
            .filter(|quote| *quote == "\"" || *quote == "'")?;
        let triple = quote.repeat(3);
        let mark = if rest.starts_with(&triple) {
            triple.as_str()
        } else {
            quote
        };
        let inner = &rest[mark.len()..];
        let end = inner.find(mark)?;
        let value = &inner[..end];
        if value.contains('\\') || (mark.len() == 1 && value.contains('\n')) {
            return None;
        }
        self.at += 2 * mark.len() + end;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::file::parse_header;

    const USUAL: &str = "\"\"\"add a table\n\nRevision ID: a1\n\"\"\"\nfrom typing import Sequence, Union\n\nfrom alembic import op\nimport sqlalchemy as sa\n\n\n\
        # revision identifiers, used by Alembic.\nrevision: str = 'a1'  # id\ndown_revision: Union[str, None] = None\nbranch_labels: Union[str, Sequence[str], None] = ('x',)\n\
        depends_on = [\n    \"b1\",\n    'c1'\n]\n\n\ndef upgrade() -> None:\n    pass\n";

    #[test]
    fn the_usual_header_reads_as_the_parser_reads_it() {
        let found = plain(USUAL).unwrap();
        assert_eq!(found, parse_header(USUAL, "x.py"));
        assert_eq!(found.header.len(), 4);
    }

    #[test]
    fn literal_forms_read_as_the_parser_reads_them() {
        for value in [
            "'a', 'b'",
            "'a',",
            "('a',)",
            "()",
            "[]",
            "{'a'}",
            "('a', 'b',)",
            "'''a'''",
            "None",
            "\"a'b\"",
        ] {
            let text = format!("down_revision = {value}\n");
            assert_eq!(
                plain(&text).unwrap(),
                parse_header(&text, "x.py"),
                "{value}"
            );
        }
    }

    #[test]
    fn everything_else_is_left_to_the_parser() {
        for text in [
            "revision = 'a' 'b'\n",
            "revision = make()\n",
            "revision = '\\x41'\n",
            "revision = f'a'\n",
            "revision = r'a'\n",
            "revision = None if x else 'a'\n",
            "x = 1\n",
            "import a; revision = 'b'\n",
            "from x import revision\n",
            "revision = 'a'; down_revision = None\n",
            "if x:\n    revision = 'a'\n",
            "revision = 'a'\ndef f(): pass\nrevision = 'b'\n",
            "revision = 'a'\r\n",
            "depends_on = {}\n",
            "revision = ('a' 'b')\n",
            "revision = ('a')\n",
            "revision = 'a' + 'b'\n",
        ] {
            assert_eq!(plain(text), None, "{text}");
        }
    }
}
