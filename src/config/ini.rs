//! alembic.ini as Python's `configparser.ConfigParser` reads it. The `configparser` crate keeps sections and options; reading lines, which it does differently in nine ways
//! (duplicates, lines without `=`, text before a section, byte order mark, `rem`, indented headers, spaces in headers, inline comments, `DEFAULT`), is done here.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

use configparser::ini::Ini as Store;
use indexmap::IndexMap;

use crate::config::error::Error;
use crate::config::interpolation;

/// The section whose options every other section has.
pub(crate) const DEFAULT: &str = "DEFAULT";

/// Sections with raw values.
#[derive(Debug, Clone)]
pub struct Ini {
    store: Store,
    /// The options, `section.option`, in whose URL a `%` was taken literally; shared by the copies.
    literal: Rc<RefCell<BTreeSet<String>>>,
}

/// Where the reader stands.
struct Reader<'a> {
    file: &'a Path,
    /// The current section, its options with their lines.
    section: Option<String>,
    option: Option<String>,
    indent: usize,
    sections: IndexMap<String, IndexMap<String, Vec<String>>>,
    options: BTreeSet<(String, String)>,
    problems: Vec<(usize, String)>,
}

impl Default for Ini {
    fn default() -> Self {
        let mut store = Store::new_cs();
        store.set_default_section(DEFAULT);
        Self {
            store,
            literal: Rc::default(),
        }
    }
}

impl Ini {
    /// An empty configuration with `here` among the defaults.
    pub fn with_here(here: &str) -> Self {
        let mut ini = Self::default();
        ini.put(DEFAULT, "here", here);
        ini
    }

    /// Reads a text over what is there: `ConfigParser._read`.
    pub fn read(&mut self, text: &str, file: &Path) -> Result<(), Error> {
        let mut reader = Reader {
            file,
            section: None,
            option: None,
            indent: 0,
            sections: IndexMap::new(),
            options: BTreeSet::new(),
            problems: Vec::new(),
        };
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        for (number, line) in text.split_inclusive('\n').enumerate() {
            reader.line(number + 1, line)?;
        }
        if !reader.problems.is_empty() {
            return Err(Error::parsing(file, &reader.problems));
        }
        for (section, options) in reader.sections {
            self.store.get_mut_map().entry(section.clone()).or_default();
            for (option, lines) in options {
                self.put(&section, &option, lines.join("\n").trim_end());
            }
        }
        Ok(())
    }

    fn put(&mut self, section: &str, option: &str, value: &str) {
        let options = self
            .store
            .get_mut_map()
            .entry(section.to_owned())
            .or_default();
        options.insert(option.to_owned(), Some(value.to_owned()));
    }

    fn raw_in(&self, section: &str, option: &str) -> Option<&str> {
        self.store
            .get_map_ref()
            .get(section)?
            .get(option)?
            .as_deref()
    }

    /// Whether there is such a section (`DEFAULT` is none).
    pub fn has_section(&self, section: &str) -> bool {
        section != DEFAULT && self.store.get_map_ref().contains_key(section)
    }

    /// Whether a section, or `DEFAULT`, has an option. A section that is not there has none.
    pub fn has_option(&self, section: &str, option: &str) -> bool {
        (section.is_empty() || section == DEFAULT || self.has_section(section))
            && self.raw(section, option).is_some()
    }

    /// The value as written.
    pub fn raw(&self, section: &str, option: &str) -> Option<&str> {
        let option = option.to_lowercase();
        self.raw_in(section, &option)
            .or_else(|| self.raw_in(DEFAULT, &option))
    }

    /// The interpolated value; `None` when there is no such section or option.
    pub fn get(&self, section: &str, option: &str) -> Result<Option<String>, Error> {
        if !self.has_option(section, option) {
            return Ok(None);
        }
        let Some(raw) = self.raw(section, option) else {
            return Ok(None);
        };
        let option = option.to_lowercase();
        let interpolated = |text: &str| {
            interpolation::interpolate(section, &option, text, &|name| self.raw(section, name))
        };
        match interpolated(raw) {
            Err(_) if raw.contains("://") && interpolation::doubled(raw) != raw => {
                self.note_literal(section, &option);
                interpolated(&interpolation::doubled(raw)).map(Some)
            }
            made => made.map(Some),
        }
    }

    fn note_literal(&self, section: &str, option: &str) {
        let mut noted = self.literal.borrow_mut();
        noted.insert(format!("[{section}] {option}"));
    }

    /// The options in whose URL a `%` was taken literally, though Python's parser takes none that is not doubled.
    pub fn literal(&self) -> Rc<RefCell<BTreeSet<String>>> {
        self.literal.clone()
    }

    /// The names of a section's options, those of `DEFAULT` first.
    pub fn options(&self, section: &str) -> Vec<String> {
        let map = self.store.get_map_ref();
        let defaults = map
            .get(DEFAULT)
            .into_iter()
            .flat_map(|options| options.keys());
        let own = map
            .get(section)
            .into_iter()
            .flat_map(|options| options.keys());
        let mut names: Vec<String> = defaults.cloned().collect();
        for name in own {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// `set`: the value must be valid interpolation; the section is made when it is not there.
    pub fn set(&mut self, section: &str, option: &str, value: &str) -> Result<(), Error> {
        let option = option.to_lowercase();
        let checked = interpolation::check(value);
        if checked.is_err() && value.contains("://") {
            self.note_literal(section, &option);
            self.put(section, &option, &interpolation::doubled(value));
            return Ok(());
        }
        checked?;
        self.put(section, &option, value);
        Ok(())
    }

    /// `remove_option`.
    pub fn remove(&mut self, section: &str, option: &str) {
        self.store.remove_key(section, &option.to_lowercase());
    }
}

impl Reader<'_> {
    fn line(&mut self, number: usize, line: &str) -> Result<(), Error> {
        let stripped = line.trim();
        let is_comment = stripped.starts_with(['#', ';']);
        if stripped.is_empty() || is_comment {
            if !is_comment && let Some(lines) = self.current() {
                lines.push(String::new());
            }
            return Ok(());
        }
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        if indent > self.indent
            && let Some(lines) = self.current()
        {
            lines.push(stripped.to_owned());
            return Ok(());
        }
        self.indent = indent;
        if let Some(header) = stripped
            .strip_prefix('[')
            .and_then(|rest| rest.rfind(']').map(|end| &rest[..end]))
            .filter(|name| !name.is_empty())
        {
            return self.header(number, header);
        }
        let Some(section) = self.section.clone() else {
            return Err(Error::missing_section_header(self.file, number, line));
        };
        self.option_line(number, line, stripped, section)
    }

    /// The lines of the option that a continuation would belong to.
    fn current(&mut self) -> Option<&mut Vec<String>> {
        self.sections
            .get_mut(self.section.as_deref()?)?
            .get_mut(self.option.as_deref()?)
    }

    fn header(&mut self, number: usize, header: &str) -> Result<(), Error> {
        if self.sections.contains_key(header) && header != DEFAULT {
            return Err(Error::duplicate_section(self.file, number, header));
        }
        self.sections.entry(header.to_owned()).or_default();
        self.section = Some(header.to_owned());
        self.option = None;
        Ok(())
    }

    fn option_line(
        &mut self,
        number: usize,
        line: &str,
        stripped: &str,
        section: String,
    ) -> Result<(), Error> {
        let Some((name, value)) = stripped.split_once(['=', ':']) else {
            self.problems.push((number, line.to_owned()));
            return Ok(());
        };
        if name.is_empty() {
            self.problems.push((number, line.to_owned()));
        }
        let name = name.trim_end().to_lowercase();
        if !self.options.insert((section.clone(), name.clone())) {
            return Err(Error::duplicate_option(self.file, number, &section, &name));
        }
        if let Some(options) = self.sections.get_mut(&section) {
            options.insert(name.clone(), vec![value.trim().to_owned()]);
        }
        self.option = Some(name);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ini(text: &str) -> Ini {
        let mut ini = Ini::with_here("/project");
        ini.read(text, Path::new("alembic.ini")).unwrap();
        ini
    }

    fn message(text: &str) -> String {
        Ini::default()
            .read(text, Path::new("alembic.ini"))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn inline_comments_are_part_of_the_value() {
        assert_eq!(
            ini("[alembic]\nversion_path_separator = os  # Use os.pathsep\n")
                .get("alembic", "version_path_separator")
                .unwrap()
                .unwrap(),
            "os  # Use os.pathsep"
        );
    }

    #[test]
    fn values_go_on_over_indented_lines() {
        let ini = ini("[alembic]\nversion_locations = a\n  b\n\n  c\nx: 1\n");
        assert_eq!(
            ini.get("alembic", "version_locations").unwrap().unwrap(),
            "a\nb\n\nc"
        );
        assert_eq!(ini.get("alembic", "X").unwrap().unwrap(), "1");
    }

    #[test]
    fn an_indented_header_after_a_value_continues_it() {
        assert_eq!(
            ini("[a]\nk = 1\n  [b]\n").get("a", "k").unwrap().unwrap(),
            "1\n[b]"
        );
    }

    #[test]
    fn defaults_and_here_are_interpolated() {
        let ini = ini("[DEFAULT]\nname = mig\n[alembic]\nscript_location = %(here)s/%(name)s%%\n");
        assert_eq!(
            ini.get("alembic", "script_location").unwrap().unwrap(),
            "/project/mig%"
        );
        assert_eq!(ini.options("alembic"), ["here", "name", "script_location"]);
    }

    #[test]
    fn python_texts_of_errors() {
        assert_eq!(
            message("x = 1\n"),
            "File contains no section headers.\nfile: 'alembic.ini', line: 1\n'x = 1\\n'"
        );
        assert_eq!(
            message("\u{feff}[alembic]\n"),
            "File contains no section headers.\nfile: 'alembic.ini', line: 1\n'\\ufeff[alembic]\\n'"
        );
        assert_eq!(
            message("[a]\nx = 1\nX = 2\n"),
            "While reading from 'alembic.ini' [line  3]: option 'x' in section 'a' already exists"
        );
        assert_eq!(
            message("[a]\n[b]\n[a]\n"),
            "While reading from 'alembic.ini' [line  3]: section 'a' already exists"
        );
        assert_eq!(
            message("[a]\nnothing\n"),
            "Source contains parsing errors: 'alembic.ini'\n\t[line  2]: 'nothing\\n'"
        );
    }
}
