//! alembic.ini and pyproject.toml, resolved into one view: alembic/config.py `Config`. The ini file wins option by option.

pub mod error;
mod flask_migrate;
pub mod hooks;
pub mod ini;
mod interpolation;
pub mod lock;
pub mod logging;
pub mod package;
mod record;
pub mod toml;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::rc::Rc;

use indexmap::IndexMap;

pub use crate::config::error::Error;
use crate::config::error::repr;
use crate::config::ini::Ini;
use crate::config::toml::OptionValue;
use crate::config::toml::Toml;

/// Where the configuration is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The ini file; it need not exist.
    pub ini: PathBuf,
    /// The pyproject.toml; it need not exist.
    pub toml: PathBuf,
}

/// The resolved configuration. env.py may change options of the run.
#[derive(Debug, Clone)]
pub struct Config {
    files: Files,
    section: String,
    ini: Ini,
    toml: Toml,
}

impl Files {
    /// `CommandLine._inis_from_config`: from the `-c` options and `ALEMBIC_CONFIG`.
    pub fn choose(names: &[String], environment: Option<&str>) -> Result<Self, Error> {
        let mut files = Self {
            ini: "alembic.ini".into(),
            toml: "pyproject.toml".into(),
        };
        if let Some(name) = environment.filter(|name| !name.is_empty()) {
            *files.slot(name) = name.into();
        }
        let (mut ini_given, mut toml_given) = (false, false);
        for name in names {
            let is_toml = is_pyproject(name);
            let given = if is_toml {
                &mut toml_given
            } else {
                &mut ini_given
            };
            if std::mem::replace(given, true) {
                let message = if is_toml {
                    "pyproject.toml indicated more than once"
                } else {
                    "only one ini file may be indicated"
                };
                return Err(Error::python("alembic.util.exc.CommandError", message));
            }
            if !name.is_empty() {
                *files.slot(name) = name.into();
            }
        }
        Ok(files)
    }

    fn slot(&mut self, name: &str) -> &mut PathBuf {
        if is_pyproject(name) {
            &mut self.toml
        } else {
            &mut self.ini
        }
    }
}

fn is_pyproject(name: &str) -> bool {
    name.rsplit('/').next() == Some("pyproject.toml")
}

impl Config {
    /// Reads the files that are there.
    pub fn load(files: Files, section: &str) -> Result<Self, Error> {
        let mut ini = Ini::with_here(&here(&files.ini));
        match std::fs::read(&files.ini) {
            Ok(bytes) => ini.read(&decode(&bytes, &files.ini)?, &files.ini)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Error::command(format!(
                    "Can't read {}: {error}",
                    files.ini.display()
                )));
            }
        }
        let toml = Toml::load(&files.toml, &here(&files.toml))?;
        if ini.has_section(section)
            && ini.get(section, "script_location")?.is_none()
            && toml.get("script_location")?.is_none()
            && let Some(folder) = flask_migrate::script_folder(&files.ini)
        {
            ini.set(section, "script_location", &folder.to_string_lossy())?;
        }
        Ok(Self {
            files,
            section: section.to_owned(),
            ini,
            toml,
        })
    }

    /// The name of the main section (`-n`).
    pub fn section_name(&self) -> &str {
        &self.section
    }

    /// The ini file in use, whether or not it exists.
    pub fn config_file_name(&self) -> Option<&Path> {
        Some(&self.files.ini)
    }

    /// The pyproject.toml in use, whether or not it exists.
    pub fn toml_file_name(&self) -> Option<&Path> {
        Some(&self.files.toml)
    }

    /// `get_section`: every option of a section, those of `DEFAULT` included; options in `raw` are left out (the caller has them).
    pub fn get_section(
        &self,
        section: &str,
        raw: &[&str],
    ) -> Result<Option<IndexMap<String, String>>, Error> {
        if !self.ini.has_section(section) {
            return Ok(None);
        }
        let mut found = IndexMap::new();
        for name in self.ini.options(section) {
            if !raw.contains(&name.as_str())
                && let Some(value) = self.ini.get(section, &name)?
            {
                found.insert(name, value);
            }
        }
        Ok(Some(found))
    }

    /// `get_section_option`.
    pub fn get_section_option(&self, section: &str, name: &str) -> Result<Option<String>, Error> {
        if !self.ini.has_section(section) {
            return Err(Error::command(format!(
                "No config file {} found, or file has no '[{section}]' section",
                repr(&self.files.ini.to_string_lossy())
            )));
        }
        self.ini.get(section, name)
    }

    /// `get_main_option`.
    pub fn get_main_option(&self, name: &str) -> Result<Option<String>, Error> {
        self.get_section_option(&self.section, name)
    }

    /// The options in whose URL a `%` was taken literally, as they are met.
    pub fn literal(&self) -> Rc<RefCell<BTreeSet<String>>> {
        self.ini.literal()
    }

    /// `set_section_option`: for this run only.
    pub fn set_section_option(
        &mut self,
        section: &str,
        name: &str,
        value: &str,
    ) -> Result<(), Error> {
        self.ini.set(section, name, value)
    }

    /// `set_main_option`: for this run only.
    pub fn set_main_option(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let section = self.section.clone();
        self.set_section_option(&section, name, value)
    }

    /// `remove_option`.
    pub fn remove_section_option(&mut self, section: &str, name: &str) {
        self.ini.remove(section, name);
    }

    /// `get_alembic_option`: the ini file, then pyproject.toml.
    pub fn get_alembic_option(&self, name: &str) -> Result<Option<OptionValue>, Error> {
        match self.ini.get(&self.section, name)? {
            Some(value) => Ok(Some(OptionValue::Text(value))),
            None => self.toml.get(name),
        }
    }

    /// `get_alembic_option` where only a text makes sense.
    pub fn get_alembic_text(&self, name: &str) -> Result<Option<String>, Error> {
        match self.get_alembic_option(name)? {
            None => Ok(None),
            Some(OptionValue::Text(text)) => Ok(Some(text)),
            Some(other) => Err(Error::command(format!(
                "`{name}` must be a string, not {}",
                other.kind()
            ))),
        }
    }

    /// `get_alembic_boolean_option`: exactly `true` in the ini file.
    pub fn get_alembic_boolean_option(&self, name: &str) -> Result<bool, Error> {
        match self.ini.get(&self.section, name)? {
            Some(value) => Ok(value == "true"),
            None => self.toml.get_bool(name),
        }
    }

    /// `util.asbool(config.get_alembic_option("revision_environment"))`.
    pub fn revision_environment(&self) -> Result<bool, Error> {
        match self.get_alembic_option("revision_environment")? {
            None => Ok(false),
            Some(OptionValue::Bool(flag)) => Ok(flag),
            Some(OptionValue::Integer(number)) => Ok(number != 0),
            Some(OptionValue::Texts(items)) => Ok(!items.is_empty()),
            Some(OptionValue::Table(table)) => Ok(!table.is_empty()),
            Some(OptionValue::Tables(tables)) => Ok(!tables.is_empty()),
            Some(OptionValue::Text(text)) => match text.trim().to_lowercase().as_str() {
                "true" | "yes" | "on" | "y" | "t" | "1" => Ok(true),
                "false" | "no" | "off" | "n" | "f" | "0" => Ok(false),
                other => Err(Error::python(
                    "ValueError",
                    format!("String is not true/false: {}", repr(other)),
                )),
            },
        }
    }

    /// `truncate_slug_length`: 40 when it is absent or zero.
    pub fn truncate_slug_length(&self) -> Result<i64, Error> {
        let number = match self.get_alembic_option("truncate_slug_length")? {
            None => 0,
            Some(OptionValue::Integer(number)) => number,
            Some(OptionValue::Bool(flag)) => i64::from(flag),
            Some(OptionValue::Text(text)) => python_int(&text).ok_or_else(|| {
                Error::python(
                    "ValueError",
                    format!("invalid literal for int() with base 10: {}", repr(&text)),
                )
            })?,
            Some(
                other @ (OptionValue::Texts(_) | OptionValue::Table(_) | OptionValue::Tables(_)),
            ) => {
                let class = match other {
                    OptionValue::Table(_) => "dict",
                    _ => "list",
                };
                return Err(Error::python(
                    "TypeError",
                    format!(
                        "int() argument must be a string, a bytes-like object or a real number, not '{class}'"
                    ),
                ));
            }
        };
        Ok(if number == 0 { 40 } else { number })
    }

    /// `get_version_locations_list`.
    pub fn version_locations(&self) -> Result<Option<Vec<String>>, Error> {
        match self
            .ini
            .get(&self.section, "version_locations")?
            .filter(|text| !text.is_empty())
        {
            Some(text) => match self.separator(&["path_separator", "version_path_separator"])? {
                None => Ok(Some(split_legacy(&text, false))),
                Some(separator) => Ok(Some(split(&text, separator))),
            },
            None => self.toml.get_texts("version_locations"),
        }
    }

    /// `get_prepend_sys_paths_list`.
    pub fn prepend_sys_paths(&self) -> Result<Option<Vec<String>>, Error> {
        match self
            .ini
            .get(&self.section, "prepend_sys_path")?
            .filter(|text| !text.is_empty())
        {
            Some(text) => match self.separator(&["path_separator"])? {
                None => Ok(Some(split_legacy(&text, true))),
                Some(separator) => Ok(Some(split(&text, separator))),
            },
            None => self.toml.get_texts("prepend_sys_path"),
        }
    }

    /// [`Config::prepend_sys_paths`] as paths. What is wrong with it is reported where the script directory is opened.
    pub fn prepend_sys_path(&self) -> Vec<PathBuf> {
        self.prepend_sys_paths()
            .ok()
            .flatten()
            .unwrap_or_default()
            .into_iter()
            .map(PathBuf::from)
            .collect()
    }

    /// `_get_file_separator_char`.
    fn separator(&self, names: &[&str]) -> Result<Option<char>, Error> {
        for name in names {
            let Some(value) = self.ini.get(&self.section, name)? else {
                continue;
            };
            return match value.as_str() {
                "space" => Ok(Some(' ')),
                "newline" => Ok(Some('\n')),
                "os" => Ok(Some(if cfg!(windows) { ';' } else { ':' })),
                ":" => Ok(Some(':')),
                ";" => Ok(Some(';')),
                other => Err(Error::python(
                    "ValueError",
                    format!(
                        "'{other}' is not a valid value for {name}; expected 'space', 'newline', 'os', ':', ';'"
                    ),
                )),
            };
        }
        Ok(None)
    }

    /// `coerce_resource_to_filename`: `package:folder` is looked for in the packages that can be imported.
    pub fn coerce_resource(&self, name: &str) -> Result<PathBuf, Error> {
        if Path::new(name).is_absolute() || !name.contains(':') {
            return Ok(PathBuf::from(name));
        }
        let mut parts = name.split(':');
        let package = parts.next().unwrap_or_default();
        let folder = package::find(package, &self.prepend_sys_path())?;
        Ok(parts.fold(folder, |path, part| path.join(part)))
    }
}

/// The folder of a file, absolute, `.` and doubled separators removed.
fn here(file: &Path) -> String {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    absolute
        .parent()
        .map(|parent| parent.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn decode(bytes: &[u8], file: &Path) -> Result<String, Error> {
    String::from_utf8(bytes.to_vec()).map_err(|problem| {
        let at = problem.utf8_error().valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        Error::python(
            "UnicodeDecodeError",
            format!("'utf-8' codec can't decode byte 0x{byte:02x} in position {at}: invalid start byte (in {})", file.display()),
        )
    })
}

/// `[x.strip() for x in text.split(separator) if x]`.
fn split(text: &str, separator: char) -> Vec<String> {
    text.split(separator)
        .filter(|item| !item.is_empty())
        .map(|item| item.trim().to_owned())
        .collect()
}

/// Splits by `, *|(?: +)`, and by `:` as well for `prepend_sys_path`. Empty items stay.
fn split_legacy(text: &str, by_colon: bool) -> Vec<String> {
    let mut items = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == ',' || c == ' ' || (by_colon && c == ':')) {
        items.push(rest[..at].to_owned());
        let is_colon = rest[at..].starts_with(':');
        rest = &rest[at + 1..];
        if !is_colon {
            rest = rest.trim_start_matches(' ');
        }
    }
    items.push(rest.to_owned());
    items
}

/// `int(text)`: digits may be grouped by underscores.
fn python_int(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let grouped = digits
        .split('_')
        .all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    grouped.then(|| text.replace('_', "").parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legacy_splitting_keeps_empty_items() {
        assert_eq!(split_legacy("a, b  c", false), ["a", "b", "c"]);
        assert_eq!(split_legacy("a ,b", false), ["a", "", "b"]);
        assert_eq!(split_legacy(".:x y", true), [".", "x", "y"]);
    }

    #[test]
    fn two_ini_files_are_refused() {
        let names = ["a.ini".to_owned(), "b.ini".to_owned()];
        assert_eq!(
            Files::choose(&names, None).unwrap_err().to_string(),
            "only one ini file may be indicated"
        );
        let names = ["x/pyproject.toml".to_owned(), "b.ini".to_owned()];
        assert_eq!(
            Files::choose(&names, None).unwrap(),
            Files {
                ini: "b.ini".into(),
                toml: "x/pyproject.toml".into()
            }
        );
        assert_eq!(
            Files::choose(&[], Some("c/pyproject.toml")).unwrap(),
            Files {
                ini: "alembic.ini".into(),
                toml: "c/pyproject.toml".into()
            }
        );
    }
}
