//! What is known of the database: relations, types, and what is uncertain about them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::shadow::cursor::Named;

/// The schema of names that are written without one.
pub(crate) const DEFAULT_SCHEMA: &str = "public";

/// Schema and name.
pub(crate) type Key = (String, String);

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// As `format_type` shows it.
    pub(crate) type_name: String,
    pub(crate) not_null: bool,
    /// The default as it was written, or the expression of a generated column.
    pub(crate) default: Option<String>,
    /// `a`lways or by `d`efault.
    pub(crate) identity: Option<char>,
    /// `s`tored or `v`irtual.
    pub(crate) generated: Option<char>,
    pub(crate) comment: Option<String>,
}

/// What a foreign key says beside its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) table: Key,
    pub(crate) columns: Vec<String>,
    /// `confupdtype`, `confdeltype`: `a`, `r`, `c`, `n`, `d`.
    pub(crate) on_update: char,
    pub(crate) on_delete: char,
    pub(crate) deferrable: bool,
    pub(crate) deferred: bool,
    pub(crate) valid: bool,
}

/// The kinds of constraints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Primary,
    Unique,
    Foreign(Reference),
    /// The condition as it was written.
    Check(String),
    Exclude,
}

/// A constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Constraint {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) columns: Vec<String>,
    pub(crate) comment: Option<String>,
}

/// One thing an index is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Element {
    Column(String),
    /// As it was written.
    Expression(String),
}

/// An index that is no constraint's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) name: String,
    pub(crate) unique: bool,
    pub(crate) elements: Vec<Element>,
    pub(crate) include: Vec<String>,
    pub(crate) predicate: Option<String>,
    pub(crate) method: String,
    /// The flags of each element's order, as in `pg_index.indoption`.
    pub(crate) order: Vec<u8>,
    /// Operator classes and collations, as written.
    pub(crate) classes: Option<String>,
    /// `WITH (…)`, as written.
    pub(crate) parameters: Option<String>,
    /// `NULLS NOT DISTINCT`.
    pub(crate) nulls_not_distinct: bool,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) indexes: Vec<Index>,
    pub(crate) comment: Option<String>,
    /// Why not everything about it is known, if so.
    pub(crate) partly_known: Option<String>,
}

impl Table {
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    pub(crate) fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.iter_mut().find(|column| column.name == name)
    }
}

/// What shares the name space of relations, apart from indexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Relation {
    Table(Table),
    View {
        materialized: bool,
    },
    /// With the table and column that own it.
    Sequence {
        owner: Option<(Key, String)>,
    },
}

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    Enum(Vec<String>),
    Domain,
    Composite,
}

/// The schema that a chain of revisions leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    pub(crate) relations: IndexMap<Key, Relation>,
    pub(crate) types: IndexMap<Key, Type>,
    pub(crate) schemas: BTreeSet<String>,
    pub(crate) extensions: BTreeSet<String>,
    /// The database in memory, where SQLite's is the catalogue.
    pub(crate) memory: Option<crate::shadow::sqlite::Memory>,
    /// Names that something not followed mentions, in lower case, and what that is.
    doubts: BTreeMap<String, String>,
    /// Why it is uncertain which tables there are, if so.
    listing: Option<String>,
    /// Why everything is uncertain, if so.
    everything: Option<String>,
}

/// Words after which a text that is not followed may change which tables there are.
const MAKES_TABLES: &[&str] = &[
    "table",
    "execute",
    "create_table",
    "drop_table",
    "rename_table",
    "create_all",
    "drop_all",
    "create",
    "drop",
];

/// Texts of a Python file that may change which tables there are.
const MAKES_TABLES_IN_PYTHON: &[&str] = &[
    "create_table",
    "drop_table",
    "rename_table",
    "create_all",
    "drop_all",
    "create table",
    "drop table",
    "rename to",
    ".create(",
    ".drop(",
];

/// Whether a text of several words holds none that a statement about the schema needs: then it is at most a name itself.
fn is_prose(text: &str) -> bool {
    text.trim().contains(char::is_whitespace)
        && !crate::shadow::token::words(text)
            .iter()
            .any(|word| OF_THE_SCHEMA.contains(&word.to_lowercase().as_str()))
}

/// Words of which a statement about the schema has at least one in each of its parts.
const OF_THE_SCHEMA: &[&str] = &[
    "create",
    "alter",
    "drop",
    "rename",
    "execute",
    "add",
    "column",
    "constraint",
    "index",
    "table",
    "view",
    "schema",
    "type",
    "sequence",
    "references",
    "cascade",
    "into",
    "set",
    "to",
    "as",
    "on",
    "comment",
    "domain",
    "do",
    "perform",
    "call",
    "restrict",
    "if",
    "exists",
    "only",
];

/// Whether a text is SQL that leaves the schema as it is.
fn changes_rows_only(text: &str) -> bool {
    let begins = text.trim_start().to_lowercase();
    let is_sql = ["select", "insert", "update", "delete", "with"]
        .iter()
        .any(|word| {
            begins.starts_with(word) && begins[word.len()..].starts_with(char::is_whitespace)
        });
    if !is_sql {
        return false;
    }
    let mut scratch = Catalogue::default();
    scratch.follow(text);
    !scratch.has_doubts()
}

/// The string constants of a Python file, f-strings with what is inside of them.
fn python_strings(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['#', '\'', '"']) {
        rest = &rest[at..];
        if rest.starts_with('#') {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
            continue;
        }
        let quote = [r#"""""#, "'''", "\"", "'"]
            .into_iter()
            .find(|quote| rest.starts_with(quote))
            .unwrap_or("'");
        rest = &rest[quote.len()..];
        let (mut end, mut escaped) = (rest.len(), false);
        for (at, character) in rest.char_indices() {
            if escaped {
                escaped = false;
            } else if character == '\\' {
                escaped = true;
            } else if rest[at..].starts_with(quote) {
                end = at;
                break;
            }
        }
        found.push(&rest[..end]);
        rest = &rest[(end + quote.len()).min(rest.len())..];
    }
    found
}

impl Catalogue {
    /// The full key of a name.
    pub(crate) fn key(named: &Named) -> Key {
        (
            named
                .schema
                .clone()
                .unwrap_or_else(|| DEFAULT_SCHEMA.to_owned()),
            named.name.clone(),
        )
    }

    pub(crate) fn table(&self, key: &Key) -> Option<&Table> {
        match self.relations.get(key) {
            Some(Relation::Table(table)) => Some(table),
            Some(Relation::View { .. } | Relation::Sequence { .. }) | None => None,
        }
    }

    /// A table that is altered. One that no revision created exists by that: the rest of it is not known.
    pub(crate) fn altered(&mut self, key: &Key) -> Option<&mut Table> {
        let relation = self.relations.entry(key.clone()).or_insert_with(|| {
            Relation::Table(Table {
                partly_known: Some("no revision creates it".to_owned()),
                ..Table::default()
            })
        });
        match relation {
            Relation::Table(table) => Some(table),
            Relation::View { .. } | Relation::Sequence { .. } => None,
        }
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = (&Key, &Table)> {
        self.relations
            .iter()
            .filter_map(|(key, relation)| match relation {
                Relation::Table(table) => Some((key, table)),
                Relation::View { .. } | Relation::Sequence { .. } => None,
            })
    }

    pub(crate) fn tables_mut(&mut self) -> impl Iterator<Item = (&Key, &mut Table)> {
        self.relations
            .iter_mut()
            .filter_map(|(key, relation)| match relation {
                Relation::Table(table) => Some((key, table)),
                Relation::View { .. } | Relation::Sequence { .. } => None,
            })
    }

    /// The sequences that a table, or one of its columns, owns go with it.
    pub(crate) fn drop_sequences_of(&mut self, key: &Key, column: Option<&str>) {
        self.relations.retain(|_, relation| match relation {
            Relation::Sequence {
                owner: Some((table, owner)),
            } => table != key || column.is_some_and(|column| column != owner),
            Relation::Sequence { owner: None } | Relation::Table(_) | Relation::View { .. } => true,
        });
    }

    /// Makes every name in these words uncertain.
    pub fn doubt(&mut self, words: impl IntoIterator<Item = String>, reason: &str) {
        for word in words {
            let word = word.to_lowercase();
            if MAKES_TABLES.contains(&word.as_str()) && self.listing.is_none() {
                self.listing = Some(reason.to_owned());
            }
            self.doubts.entry(word).or_insert_with(|| reason.to_owned());
        }
    }

    /// Makes every name that stands in the strings of Python code, or in these values, uncertain. SQL that only changes rows mentions nothing.
    pub fn doubt_python(&mut self, source: &str, values: &[String], reason: &str) {
        let mut words = Vec::new();
        let written = python_strings(source);
        let values = values.iter().map(String::as_str);
        for text in written.into_iter().chain(values) {
            if changes_rows_only(text) {
                continue;
            }
            if is_prose(text) {
                words.push(text.trim().to_owned());
                continue;
            }
            words.extend(
                crate::shadow::token::words(text)
                    .into_iter()
                    .filter(|word| !MAKES_TABLES.contains(&word.to_lowercase().as_str())),
            );
        }
        self.doubt(words, reason);
        let lower = source.to_lowercase();
        if MAKES_TABLES_IN_PYTHON
            .iter()
            .any(|text| lower.contains(text))
        {
            self.listing.get_or_insert_with(|| reason.to_owned());
        }
    }

    /// Makes everything uncertain.
    pub fn doubt_everything(&mut self, reason: &str) {
        self.everything.get_or_insert_with(|| reason.to_owned());
    }

    /// Why a question about these names cannot be answered, if so.
    pub(crate) fn doubt_about(&self, names: &[&str]) -> Option<String> {
        if let Some(reason) = &self.everything {
            return Some(reason.clone());
        }
        names
            .iter()
            .find_map(|name| self.doubts.get(&name.to_lowercase()).cloned())
    }

    /// How many names are uncertain.
    pub(crate) fn doubt_count(&self) -> usize {
        self.doubts.len() + usize::from(self.everything.is_some())
    }

    /// Whether any name is uncertain.
    pub(crate) fn has_doubts(&self) -> bool {
        self.everything.is_some() || !self.doubts.is_empty()
    }

    /// Why some name is uncertain.
    pub(crate) fn any_doubt(&self) -> Option<String> {
        self.everything
            .clone()
            .or_else(|| self.doubts.values().next().cloned())
    }

    /// Why it is uncertain which tables there are, if so.
    pub(crate) fn doubt_about_listing(&self) -> Option<String> {
        self.everything.clone().or_else(|| self.listing.clone())
    }

    /// Whether a relation, or an index, of a schema has this name.
    pub(crate) fn is_taken(&self, schema: &str, name: &str) -> bool {
        self.relations
            .contains_key(&(schema.to_owned(), name.to_owned()))
            || self
                .tables()
                .filter(|(key, _)| key.0 == schema)
                .any(|(_, table)| {
                    table.indexes.iter().any(|index| index.name == name)
                        || table
                            .constraints
                            .iter()
                            .any(|constraint| constraint.name == name)
                })
    }
}
