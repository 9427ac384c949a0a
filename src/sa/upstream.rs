//! What SQLAlchemy and Alembic really have: names of modules (names.txt, names-2.0.txt, written by fixtures/ops/names.py)
//! and attributes of classes (attributes.txt, written by fixtures/upstream/record_attributes.py). What aludel lacks and
//! they have is refused; what they lack too is the error that Python raises.

use crate::py::module::Upstream;
use crate::sa::clause;

/// Module name, then its names, one module a line; `module/` is followed by its submodules.
static NAMES: &str = include_str!("names.txt");
/// Where 2.0 differs: `+name`, `-name`.
static CHANGES: &str = include_str!("names-2.0.txt");
/// `module.Class|bases|attributes`.
static ATTRIBUTES: &str = include_str!("attributes.txt");

/// What is recorded.
#[derive(Debug)]
pub struct Recorded;

/// What is recorded.
pub static RECORDED: Recorded = Recorded;

/// The words after the one that a line starts with.
fn line(table: &'static str, first: &str) -> Option<Vec<&'static str>> {
    let mut rests = table.lines().filter_map(|line| line.strip_prefix(first));
    let rest = rests.find(|rest| rest.is_empty() || rest.starts_with(' '))?;
    Some(rest.split(' ').skip(1).collect())
}

/// The names of a module in the version of this run.
pub fn names(module: &str) -> Option<Vec<&'static str>> {
    let mut names = line(NAMES, module)?;
    if clause::default_dialect().is_2_0() {
        for change in line(CHANGES, module).unwrap_or_default() {
            match change.strip_prefix('+') {
                Some(added) => names.push(added),
                None => names.retain(|name| change.strip_prefix('-') != Some(name)),
            }
        }
    }
    Some(names)
}

/// The bases and attributes of a class.
fn class(full: &str) -> Option<(&'static str, &'static str)> {
    ATTRIBUTES.lines().find_map(|line| {
        let (bases, attributes) = line
            .strip_prefix(full)?
            .strip_prefix('|')?
            .split_once('|')?;
        Some((bases, attributes))
    })
}

/// Whether words hold a word.
fn has(words: &str, word: &str) -> bool {
    words.split(' ').any(|known| known == word)
}

impl Upstream for Recorded {
    fn has_member(&self, module: &str, name: &str) -> Option<bool> {
        if name.starts_with('_') {
            return None;
        }
        let is_submodule =
            || line(NAMES, &format!("{module}/")).is_some_and(|all| all.contains(&name));
        Some(names(module)?.contains(&name) || is_submodule())
    }

    fn missing_attribute(&self, module: &str, name: &str, attribute: &str) -> Option<String> {
        if attribute.starts_with("__") {
            return None;
        }
        let (bases, own) = class(&format!("{module}.{name}"))?;
        let mut is_column_element = false;
        for attributes in std::iter::once(Some(own)).chain(
            bases
                .split(' ')
                .filter(|base| !base.is_empty())
                .map(|base| class(base).map(|(_, attributes)| attributes)),
        ) {
            let attributes = attributes?;
            if has(attributes, attribute) {
                return None;
            }
            if has(attributes, "__getattr__") {
                is_column_element = has(bases, "sqlalchemy.sql.elements.ColumnElement");
                if !is_column_element {
                    return None;
                }
            }
        }
        if !is_column_element {
            return Some(format!("'{name}' object has no attribute '{attribute}'"));
        }
        // sqlalchemy/sql/elements.py ColumnElement.__getattr__
        let (_, comparators) = class("Comparator")?;
        (!has(comparators, attribute)).then(|| {
            format!(
                "Neither '{name}' object nor 'Comparator' object has an attribute '{attribute}'"
            )
        })
    }
}
