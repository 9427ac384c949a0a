//! Answers to [`Question`]s: the rows that PostgreSQL's catalogue would give.

use crate::sa::question::Question;
use crate::sa::question::written;
use crate::schema::literal::Literal;
use crate::shadow::model::Catalogue;
use crate::shadow::model::Column;
use crate::shadow::model::DEFAULT_SCHEMA;
use crate::shadow::model::Element;
use crate::shadow::model::Index;
use crate::shadow::model::Key;
use crate::shadow::model::Kind;
use crate::shadow::model::Reference;
use crate::shadow::model::Relation;
use crate::shadow::model::Table;
use crate::shadow::model::Type;
use crate::shadow::type_name::shown;

/// Rows, and what was assumed by them (for the comment in the SQL).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) rows: Vec<Vec<Literal>>,
    pub(crate) assumed: Option<String>,
}

/// Rows, or why the question cannot be answered.
pub(crate) type Answered = Result<Answer, String>;

fn text(text: impl Into<String>) -> Literal {
    Literal::Str(text.into())
}

fn optional(text: Option<&String>) -> Literal {
    text.map_or(Literal::Null, |text| Literal::Str(text.clone()))
}

fn texts(names: &[String]) -> Literal {
    Literal::Array(names.iter().map(text).collect())
}

fn key(schema: Option<&str>, name: &str) -> Key {
    (schema.unwrap_or(DEFAULT_SCHEMA).to_owned(), name.to_owned())
}

/// `'r', 'p'` says which kinds are asked for.
fn is_of_kind(relation: &Relation, kinds: &str) -> bool {
    let letter = match relation {
        Relation::Table(_) => "'r'",
        Relation::View {
            materialized: false,
        } => "'v'",
        Relation::View { materialized: true } => "'m'",
        Relation::Sequence { .. } => "'S'",
    };
    kinds.contains(letter)
}

fn constraints_of_kind(kind: &str) -> &'static str {
    match kind {
        "p" => "its primary key",
        "u" => "its unique constraints",
        "c" => "its check constraints",
        _ => "its constraints",
    }
}

fn what(kinds: &str) -> &'static str {
    if kinds.contains("'S'") {
        "sequence"
    } else if kinds.contains("'i'") {
        "index"
    } else if kinds.contains("'r'") {
        "table"
    } else {
        "view"
    }
}

impl Catalogue {
    /// Answers a question.
    pub(crate) fn answer(&self, question: Question) -> Answered {
        if self.is_sqlite() {
            return self.answer_sqlite(question);
        }
        match question {
            Question::CurrentSchema => Ok(plain(vec![vec![text(DEFAULT_SCHEMA)]])),
            Question::Relations { kinds, schema } => self.relations_of(kinds, schema),
            Question::HasRelation {
                kinds,
                schema,
                name,
            } => self.has_relation(kinds, &key(schema, name)),
            Question::HasType { schema, name } => self.has_type(&key(schema, name)),
            Question::Schemas => self.schema_names(),
            Question::HasSchema(name) => self.has_schema(name),
            Question::Table { schema, name } => self.find_table(&key(schema, name)),
            Question::Columns(id) => {
                self.of_table(id, "its columns", |key, table| self.column_rows(key, table))
            }
            Question::Constraints { table, kind } => {
                self.of_table(table, constraints_of_kind(kind), |_, table| {
                    Ok(constraint_rows(table, kind))
                })
            }
            Question::ForeignKeys(id) => self.of_table(id, "its foreign keys", |_, table| {
                Ok(foreign_key_rows(table))
            }),
            Question::Indexes(id) => {
                self.of_table(id, "its indexes", |_, table| Ok(index_rows(table)))
            }
            Question::Comment(id) => self.of_table(id, "its comment", |_, table| {
                Ok(vec![vec![optional(table.comment.as_ref())]])
            }),
            Question::Enums(schema) => self.enum_rows(schema),
            Question::ViewDefinition { name, .. } => {
                Err(format!("the text of the view `{name}` is not kept"))
            }
        }
    }

    fn relations_of(&self, kinds: &str, schema: Option<&str>) -> Answered {
        if let Some(reason) = self.doubt_about_listing() {
            return Err(reason);
        }
        let schema = schema.unwrap_or(DEFAULT_SCHEMA);
        let mut names = Vec::new();
        for (key, relation) in &self.relations {
            if key.0 == schema && is_of_kind(relation, kinds) {
                names.push(key.1.clone());
            }
        }
        // a table may be one of the names that are uncertain
        names.sort();
        let kind = what(kinds);
        let listed = if names.len() > 8 {
            format!("{} and {} more", names[..8].join(", "), names.len() - 8)
        } else {
            names.join(", ")
        };
        Ok(Answer {
            assumed: Some(if names.is_empty() {
                format!("there is no {kind} in schema {}", quoted(schema))
            } else {
                format!("{kind}s in schema {}: {listed}", quoted(schema))
            }),
            rows: names.into_iter().map(|name| vec![text(name)]).collect(),
        })
    }

    fn has_relation(&self, kinds: &str, key: &Key) -> Answered {
        if let Some(reason) = self.doubt_about(&[&key.1]) {
            return Err(reason);
        }
        let kind = what(kinds);
        let is_there = self
            .relations
            .get(key)
            .is_some_and(|relation| is_of_kind(relation, kinds))
            || (kind == "index"
                && self.is_taken(&key.0, &key.1)
                && !self.relations.contains_key(key));
        Ok(existence(kind, key, is_there))
    }

    fn has_type(&self, key: &Key) -> Answered {
        if let Some(reason) = self.doubt_about(&[&key.1]) {
            return Err(reason);
        }
        // every table has a row type of its name
        let is_there = self.types.contains_key(key) || self.table(key).is_some();
        Ok(existence("type", key, is_there))
    }

    fn schema_names(&self) -> Answered {
        if let Some(reason) = self.doubt_about(&[]) {
            return Err(reason);
        }
        let mut names: Vec<String> = self.schemas.iter().cloned().collect();
        names.push(DEFAULT_SCHEMA.to_owned());
        names.push("information_schema".to_owned());
        names.sort();
        names.dedup();
        Ok(Answer {
            assumed: Some(format!("schemas: {}", names.join(", "))),
            rows: names.into_iter().map(|name| vec![text(name)]).collect(),
        })
    }

    fn has_schema(&self, name: &str) -> Answered {
        if let Some(reason) = self.doubt_about(&[name]) {
            return Err(reason);
        }
        let is_known = [DEFAULT_SCHEMA, "information_schema", "pg_catalog"].contains(&name);
        if is_known {
            return Ok(plain(vec![vec![text(name)]]));
        }
        let has_tables = self.relations.keys().any(|key| key.0 == name);
        let is_there = has_tables || self.schemas.contains(name);
        Ok(Answer {
            assumed: Some(if is_there {
                format!("there is a schema {}", quoted(name))
            } else {
                format!("there is no schema {}", quoted(name))
            }),
            rows: one_row(is_there, name),
        })
    }

    /// The id of a table is its schema and name.
    fn find_table(&self, key: &Key) -> Answered {
        if let Some(reason) = self.doubt_about(&[&key.1]) {
            return Err(reason);
        }
        Ok(match self.relations.get(key) {
            Some(Relation::Table(_)) => plain(vec![vec![text(format!("{}.{}", key.0, key.1))]]),
            Some(Relation::View { .. }) => {
                return Err(format!("`{}` is a view: its columns are not kept", key.1));
            }
            Some(Relation::Sequence { .. }) | None => existence("table", key, false),
        })
    }

    fn of_table(
        &self,
        id: &str,
        part: &str,
        rows: impl FnOnce(&Key, &Table) -> Result<Vec<Vec<Literal>>, String>,
    ) -> Answered {
        let found = id
            .split_once('.')
            .map(|(schema, name)| (schema.to_owned(), name.to_owned()))
            .and_then(|key| self.table(&key).map(|table| (key, table)));
        let Some((key, table)) = found else {
            return Err(format!("there is no table `{id}`"));
        };
        if let Some(reason) = &table.partly_known {
            return Err(format!(
                "{part} are not all known of table `{}`: {reason}",
                key.1
            ));
        }
        let rows = rows(&key, table)?;
        let shown: Vec<String> = rows
            .iter()
            .filter_map(|row| match row.first() {
                Some(Literal::Str(name)) => Some(name.clone()),
                _ => None,
            })
            .collect();
        let listed = if shown.is_empty() {
            "none".to_owned()
        } else {
            shown.join(", ")
        };
        let part = part.trim_start_matches("its ");
        Ok(Answer {
            assumed: Some(format!("{part} of table {}: {listed}", name_of(&key))),
            rows,
        })
    }

    fn column_rows(&self, _key: &Key, table: &Table) -> Result<Vec<Vec<Literal>>, String> {
        Ok(table
            .columns
            .iter()
            .map(|column| self.column_row(column))
            .collect())
    }

    fn column_row(&self, column: &Column) -> Vec<Literal> {
        let found = self
            .types
            .iter()
            .find(|(key, _)| column.type_name == type_shown(key));
        let (kind, type_name, labels, schema) = match found {
            Some((key, Type::Enum(labels))) => ("e", text(&key.1), texts(labels), text(&key.0)),
            Some((key, Type::Domain)) => ("d", text(&key.1), Literal::Null, text(&key.0)),
            Some((key, Type::Composite)) => ("c", text(&key.1), Literal::Null, text(&key.0)),
            None => (
                "b",
                text(&column.type_name),
                Literal::Null,
                text("pg_catalog"),
            ),
        };
        let is_visible = !matches!(&schema, Literal::Str(schema) if schema != DEFAULT_SCHEMA && schema != "pg_catalog");
        vec![
            text(&column.name),
            text(&column.type_name),
            Literal::Bool(column.not_null),
            default_shown(column),
            optional(column.comment.as_ref()),
            text(column.identity.map_or_else(String::new, String::from)),
            text(column.generated.map_or_else(String::new, String::from)),
            text(kind),
            type_name,
            labels,
            schema,
            Literal::Bool(is_visible),
        ]
    }

    fn enum_rows(&self, schema: Option<&str>) -> Answered {
        if let Some(reason) = self.doubt_about(&["type"]) {
            return Err(reason);
        }
        let mut rows = Vec::new();
        let mut found: Vec<(&Key, &Vec<String>)> = self
            .types
            .iter()
            .filter_map(|(key, found)| match found {
                Type::Enum(labels) => Some((key, labels)),
                Type::Domain | Type::Composite => None,
            })
            .filter(|(key, _)| schema == Some("*") || key.0 == schema.unwrap_or(DEFAULT_SCHEMA))
            .collect();
        found.sort();
        let mut names = Vec::new();
        for (key, labels) in found {
            names.push(key.1.clone());
            rows.push(vec![
                text(&key.1),
                Literal::Bool(key.0 == DEFAULT_SCHEMA),
                text(&key.0),
                texts(labels),
            ]);
        }
        Ok(Answer {
            assumed: Some(if names.is_empty() {
                "there is no enum type".to_owned()
            } else {
                format!("enum types: {}", names.join(", "))
            }),
            rows,
        })
    }
}

fn plain(rows: Vec<Vec<Literal>>) -> Answer {
    Answer {
        rows,
        assumed: None,
    }
}

fn one_row(is_there: bool, name: &str) -> Vec<Vec<Literal>> {
    if is_there {
        vec![vec![text(name)]]
    } else {
        Vec::new()
    }
}

fn existence(kind: &str, key: &Key, is_there: bool) -> Answer {
    let article = if kind.starts_with('i') { "an" } else { "a" };
    let article = if is_there { article } else { "no" };
    Answer {
        rows: one_row(is_there, &key.1),
        assumed: Some(format!("there is {article} {kind} {}", name_of(key))),
    }
}

pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A name as the comment shows it.
pub(crate) fn name_of(key: &Key) -> String {
    if key.0 == DEFAULT_SCHEMA {
        quoted(&key.1)
    } else {
        format!("{}.{}", quoted(&key.0), quoted(&key.1))
    }
}

fn type_shown(key: &Key) -> String {
    if key.0 == DEFAULT_SCHEMA {
        shown(&key.1)
    } else {
        format!("{}.{}", shown(&key.0), shown(&key.1))
    }
}

/// The default as PostgreSQL writes it back, where that is certain.
fn default_shown(column: &Column) -> Literal {
    let Some(text) = &column.default else {
        return Literal::Null;
    };
    match crate::shadow::generated::default_text(text, &column.type_name) {
        Some(shown) => Literal::Str(shown),
        None => written(text),
    }
}

fn sorted(table: &Table, letter: &str) -> Vec<(String, Vec<String>, Option<String>, Literal)> {
    let mut found: Vec<_> = table
        .constraints
        .iter()
        .filter(|constraint| {
            letter
                == match constraint.kind {
                    Kind::Primary => "p",
                    Kind::Unique => "u",
                    Kind::Foreign(_) => "f",
                    Kind::Check(_) => "c",
                    Kind::Exclude => "x",
                }
        })
        .map(|constraint| {
            let definition = match &constraint.kind {
                Kind::Check(condition) => written(condition),
                Kind::Primary => text(format!("PRIMARY KEY ({})", constraint.columns.join(", "))),
                Kind::Unique => text(format!("UNIQUE ({})", constraint.columns.join(", "))),
                Kind::Foreign(_) | Kind::Exclude => Literal::Null,
            };
            (
                constraint.name.clone(),
                constraint.columns.clone(),
                constraint.comment.clone(),
                definition,
            )
        })
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

fn constraint_rows(table: &Table, kind: &str) -> Vec<Vec<Literal>> {
    sorted(table, kind)
        .into_iter()
        .map(|(name, columns, comment, definition)| {
            vec![
                text(name),
                texts(&columns),
                definition,
                optional(comment.as_ref()),
            ]
        })
        .collect()
}

fn foreign_key_rows(table: &Table) -> Vec<Vec<Literal>> {
    let mut found: Vec<(&str, &[String], &Reference)> = table
        .constraints
        .iter()
        .filter_map(|constraint| match &constraint.kind {
            Kind::Foreign(reference) => Some((
                constraint.name.as_str(),
                constraint.columns.as_slice(),
                reference,
            )),
            Kind::Primary | Kind::Unique | Kind::Check(_) | Kind::Exclude => None,
        })
        .collect();
    found.sort_by_key(|(name, _, _)| *name);
    found
        .into_iter()
        .map(|(name, columns, reference)| {
            vec![
                text(name),
                texts(columns),
                text(&reference.table.0),
                text(&reference.table.1),
                texts(&reference.columns),
                text(reference.on_update.to_string()),
                text(reference.on_delete.to_string()),
                Literal::Bool(reference.deferrable),
                Literal::Bool(reference.deferred),
                Literal::Bool(reference.table.0 == DEFAULT_SCHEMA),
                Literal::Bool(reference.valid),
            ]
        })
        .collect()
}

fn index_rows(table: &Table) -> Vec<Vec<Literal>> {
    let mut rows: Vec<(String, Vec<Literal>)> = Vec::new();
    for constraint in &table.constraints {
        if constraint.kind == Kind::Unique {
            let elements: Vec<Element> = constraint
                .columns
                .iter()
                .cloned()
                .map(Element::Column)
                .collect();
            let made = Index {
                name: constraint.name.clone(),
                unique: true,
                elements,
                include: Vec::new(),
                predicate: None,
                method: "btree".to_owned(),
                order: Vec::new(),
                classes: None,
                parameters: None,
                nulls_not_distinct: false,
            };
            rows.push((constraint.name.clone(), index_row(&made, true)));
        }
    }
    for index in &table.indexes {
        rows.push((index.name.clone(), index_row(index, false)));
    }
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    rows.into_iter().map(|(_, row)| row).collect()
}

fn index_row(index: &Index, is_constraint: bool) -> Vec<Literal> {
    let columns = index.elements.iter().map(|element| match element {
        Element::Column(name) => text(name),
        Element::Expression(_) => Literal::Null,
    });
    let shown = index.elements.iter().map(|element| match element {
        Element::Column(name) => text(name),
        Element::Expression(text) => written(text),
    });
    let order = index
        .order
        .iter()
        .map(|flags| Literal::Int((*flags).into()));
    let as_written = |clause: &Option<String>| match clause {
        Some(clause) => written(clause),
        None => Literal::Null,
    };
    vec![
        text(&index.name),
        Literal::Bool(index.unique),
        Literal::Array(columns.collect()),
        texts(&index.include),
        if is_constraint {
            text(&index.name)
        } else {
            Literal::Null
        },
        Literal::Array(shown.collect()),
        index
            .predicate
            .as_ref()
            .map_or(Literal::Null, |text| written(text)),
        text(&index.method),
        Literal::Array(order.collect()),
        as_written(&index.classes),
        as_written(&index.parameters),
        Literal::Bool(index.nulls_not_distinct),
        Literal::Bool(true),
    ]
}
