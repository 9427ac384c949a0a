//! The catalogue as the relations that queries read: `information_schema` and `pg_catalog`.

use num_bigint::BigInt;

use crate::schema::literal::Literal;
use crate::shadow::model::Catalogue;
use crate::shadow::model::Column;
use crate::shadow::model::Constraint;
use crate::shadow::model::Element;
use crate::shadow::model::Key;
use crate::shadow::model::Kind;
use crate::shadow::model::Relation;
use crate::shadow::model::Table;
use crate::shadow::model::Type;

/// What is known of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Known(Literal),
    /// It is not known, for this reason.
    Unknown(String),
    /// One of the names that are uncertain.
    Doubted,
}

/// A row; where it is uncertain whether there is such a row, why.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) cells: Vec<Cell>,
    pub(crate) doubt: Option<String>,
}

/// A relation with its rows.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    pub(crate) columns: &'static [&'static str],
    pub(crate) rows: Vec<Row>,
}

pub(crate) fn text(text: impl Into<String>) -> Cell {
    Cell::Known(Literal::Str(text.into()))
}

fn flag(flag: bool) -> Cell {
    Cell::Known(Literal::Bool(flag))
}

fn number(number: usize) -> Cell {
    Cell::Known(Literal::Int(BigInt::from(number)))
}

fn yes_no(flag: bool) -> Cell {
    text(if flag { "YES" } else { "NO" })
}

fn null() -> Cell {
    Cell::Known(Literal::Null)
}

/// What stands for an object id: comparable, not to be shown.
pub(crate) fn id(kind: &str, key: &Key) -> Cell {
    text(format!("{ID}{kind}:{}.{}", key.0, key.1))
}

/// How a stand-in for an object id begins.
pub(crate) const ID: &str = "\u{0}id:";

fn unknown() -> Cell {
    Cell::Unknown("only PostgreSQL knows it".to_owned())
}

impl Catalogue {
    /// A relation of the catalogue, by its schema (as written) and name.
    pub(crate) fn system_relation(&self, schema: Option<&str>, name: &str) -> Option<Rows> {
        match (schema, name) {
            (Some("information_schema"), name) => self.information_schema(name),
            (None | Some("pg_catalog"), name) if name.starts_with("pg_") => self.pg_catalog(name),
            _ => None,
        }
    }

    fn rows(&self, columns: &'static [&'static str], found: Vec<(Key, Vec<Cell>)>) -> Option<Rows> {
        let mut rows: Vec<Row> = found
            .into_iter()
            .map(|(key, cells)| Row {
                doubt: self.doubt_about(&[&key.1]),
                cells,
            })
            .collect();
        if self.has_doubts() {
            rows.push(Row {
                cells: vec![Cell::Doubted; columns.len()],
                doubt: self.any_doubt(),
            });
        }
        Some(Rows { columns, rows })
    }

    /// One row for each table that is not wholly known: what else there may be of it.
    fn more_of(&self, cells: impl Fn(&Key, &str) -> Vec<Cell>) -> Vec<(Key, Vec<Cell>)> {
        self.tables()
            .filter_map(|(key, table)| {
                let reason = table.partly_known.as_ref()?;
                let reason = format!("table `{}` is not wholly known: {reason}", key.1);
                Some((key.clone(), cells(key, &reason)))
            })
            .collect()
    }

    fn information_schema(&self, name: &str) -> Option<Rows> {
        match name {
            "tables" => {
                let found = self.relations.iter().filter_map(|(key, relation)| {
                    let kind = match relation {
                        Relation::Table(_) => "BASE TABLE",
                        Relation::View {
                            materialized: false,
                        } => "VIEW",
                        Relation::View { materialized: true } | Relation::Sequence { .. } => {
                            return None;
                        }
                    };
                    Some((
                        key.clone(),
                        vec![unknown(), text(&key.0), text(&key.1), text(kind)],
                    ))
                });
                self.rows(
                    &["table_catalog", "table_schema", "table_name", "table_type"],
                    found.collect(),
                )
            }
            "columns" => self.columns(),
            "table_constraints" => self.table_constraints(),
            "key_column_usage" => self.key_column_usage(),
            "schemata" => {
                let mut names: Vec<String> = self.schemas.iter().cloned().collect();
                names.push("public".to_owned());
                let found = names
                    .into_iter()
                    .map(|name| ((name.clone(), name.clone()), vec![text(name)]));
                self.rows(&["schema_name"], found.collect())
            }
            "views" => {
                let found = self.relations.iter().filter(|(_, relation)| {
                    matches!(
                        relation,
                        Relation::View {
                            materialized: false
                        }
                    )
                });
                let found = found.map(|(key, _)| (key.clone(), vec![text(&key.0), text(&key.1)]));
                self.rows(&["table_schema", "table_name"], found.collect())
            }
            "sequences" => {
                let found = self
                    .relations
                    .iter()
                    .filter(|(_, relation)| matches!(relation, Relation::Sequence { .. }));
                let found = found.map(|(key, _)| (key.clone(), vec![text(&key.0), text(&key.1)]));
                self.rows(&["sequence_schema", "sequence_name"], found.collect())
            }
            _ => None,
        }
    }

    fn columns(&self) -> Option<Rows> {
        let mut found = Vec::new();
        for (key, table) in self.tables() {
            for (at, column) in table.columns.iter().enumerate() {
                let position = if table.partly_known.is_some() {
                    unknown()
                } else {
                    number(at + 1)
                };
                found.push((key.clone(), self.column(key, column, position)));
            }
        }
        found.extend(self.more_of(|key, reason| {
            let mut cells = vec![Cell::Unknown(reason.to_owned()); 12];
            cells[1] = text(&key.0);
            cells[2] = text(&key.1);
            cells
        }));
        self.rows(
            &[
                "table_catalog",
                "table_schema",
                "table_name",
                "column_name",
                "ordinal_position",
                "column_default",
                "is_nullable",
                "data_type",
                "udt_name",
                "character_maximum_length",
                "is_identity",
                "is_generated",
            ],
            found,
        )
    }

    fn column(&self, key: &Key, column: &Column, position: Cell) -> Vec<Cell> {
        let default = match &column.default {
            None => null(),
            Some(_) if column.generated.is_some() => null(),
            Some(written) => crate::shadow::generated::default_text(written, &column.type_name)
                .map_or_else(unknown, text),
        };
        let base = match column.type_name.split_once('(') {
            Some((base, rest)) => match rest.split_once(')') {
                Some((_, rest)) => format!("{base}{rest}"),
                None => base.to_owned(),
            },
            None => column.type_name.clone(),
        };
        let is_own = self
            .types
            .keys()
            .any(|key| key.1 == column.type_name.trim_matches('"'));
        let length = match column
            .type_name
            .strip_prefix("character varying(")
            .or_else(|| column.type_name.strip_prefix("character("))
        {
            Some(length) => length
                .trim_end_matches(')')
                .parse()
                .map_or_else(|_| unknown(), number),
            None => null(),
        };
        let data_type = if column.type_name.ends_with("[]") {
            text("ARRAY")
        } else if is_own || !STANDARD.contains(&base.as_str()) {
            text("USER-DEFINED")
        } else {
            text(&base)
        };
        vec![
            unknown(),
            text(&key.0),
            text(&key.1),
            text(&column.name),
            position,
            default,
            yes_no(!column.not_null),
            data_type,
            udt_name(&base, is_own),
            length,
            yes_no(column.identity.is_some()),
            text(if column.generated.is_some() {
                "ALWAYS"
            } else {
                "NEVER"
            }),
        ]
    }

    fn constraints(&self) -> impl Iterator<Item = (&Key, &Table, &Constraint)> {
        self.tables().flat_map(|(key, table)| {
            table
                .constraints
                .iter()
                .map(move |constraint| (key, table, constraint))
        })
    }

    fn table_constraints(&self) -> Option<Rows> {
        let mut found: Vec<(Key, Vec<Cell>)> = self
            .constraints()
            .filter(|(_, _, constraint)| constraint.kind != Kind::Exclude)
            .map(|(key, _, constraint)| {
                (
                    key.clone(),
                    vec![
                        text(&key.0),
                        text(&constraint.name),
                        text(&key.0),
                        text(&key.1),
                        text(match constraint.kind {
                            Kind::Primary => "PRIMARY KEY",
                            Kind::Unique => "UNIQUE",
                            Kind::Foreign(_) => "FOREIGN KEY",
                            Kind::Check(_) | Kind::Exclude => "CHECK",
                        }),
                    ],
                )
            })
            .collect();
        found.extend(self.more_of(|key, reason| {
            let other = Cell::Unknown(reason.to_owned());
            vec![
                text(&key.0),
                other.clone(),
                text(&key.0),
                text(&key.1),
                other,
            ]
        }));
        self.rows(
            &[
                "constraint_schema",
                "constraint_name",
                "table_schema",
                "table_name",
                "constraint_type",
            ],
            found,
        )
    }

    fn key_column_usage(&self) -> Option<Rows> {
        let mut found = Vec::new();
        for (key, _, constraint) in self.constraints() {
            if matches!(constraint.kind, Kind::Check(_) | Kind::Exclude) {
                continue;
            }
            for (at, column) in constraint.columns.iter().enumerate() {
                found.push((
                    key.clone(),
                    vec![
                        text(&key.0),
                        text(&constraint.name),
                        text(&key.0),
                        text(&key.1),
                        text(column),
                        number(at + 1),
                    ],
                ));
            }
        }
        found.extend(self.more_of(|key, reason| {
            let other = Cell::Unknown(reason.to_owned());
            vec![
                text(&key.0),
                other.clone(),
                text(&key.0),
                text(&key.1),
                other.clone(),
                other,
            ]
        }));
        self.rows(
            &[
                "constraint_schema",
                "constraint_name",
                "table_schema",
                "table_name",
                "column_name",
                "ordinal_position",
            ],
            found,
        )
    }

    fn pg_catalog(&self, name: &str) -> Option<Rows> {
        match name {
            "pg_namespace" => {
                let mut names: Vec<String> = self.schemas.iter().cloned().collect();
                names.extend(["public", "pg_catalog"].map(str::to_owned));
                let found = names.into_iter().map(|name| {
                    let key = (name.clone(), name.clone());
                    let cells = vec![id("schema", &key), text(name)];
                    (key, cells)
                });
                self.rows(&["oid", "nspname"], found.collect())
            }
            "pg_class" => self.pg_class(),
            "pg_tables" => {
                let found = self
                    .tables()
                    .map(|(key, _)| (key.clone(), vec![text(&key.0), text(&key.1)]));
                self.rows(&["schemaname", "tablename"], found.collect())
            }
            "pg_type" => self.pg_type(),
            "pg_enum" => self.pg_enum(),
            "pg_constraint" => self.pg_constraint(),
            "pg_index" | "pg_indexes" => self.pg_indexes(name),
            "pg_attribute" => self.pg_attribute(),
            "pg_extension" => {
                let mut names: Vec<String> = self.extensions.iter().cloned().collect();
                names.push("plpgsql".to_owned());
                let found = names
                    .into_iter()
                    .map(|name| ((name.clone(), name.clone()), vec![text(name)]));
                self.rows(&["extname"], found.collect())
            }
            _ => None,
        }
    }

    fn pg_class(&self) -> Option<Rows> {
        let mut found = Vec::new();
        for (key, relation) in &self.relations {
            let kind = match relation {
                Relation::Table(_) => "r",
                Relation::View {
                    materialized: false,
                } => "v",
                Relation::View { materialized: true } => "m",
                Relation::Sequence { .. } => "S",
            };
            found.push((key.clone(), class_row(key, kind)));
        }
        for (key, index, _) in self.all_indexes() {
            let own = (key.0.clone(), index.0);
            found.push((key.clone(), class_row(&own, "i")));
        }
        self.rows(&["oid", "relname", "relkind", "relnamespace"], found)
    }

    fn pg_type(&self) -> Option<Rows> {
        let found = self.types.iter().map(|(key, found)| {
            let kind = match found {
                Type::Enum(_) => "e",
                Type::Domain => "d",
                Type::Composite => "c",
            };
            let schema = (key.0.clone(), key.0.clone());
            (
                key.clone(),
                vec![
                    id("type", key),
                    text(&key.1),
                    text(kind),
                    id("schema", &schema),
                ],
            )
        });
        self.rows(
            &["oid", "typname", "typtype", "typnamespace"],
            found.collect(),
        )
    }

    fn pg_enum(&self) -> Option<Rows> {
        let mut found = Vec::new();
        for (key, kind) in &self.types {
            if let Type::Enum(labels) = kind {
                for (at, label) in labels.iter().enumerate() {
                    found.push((
                        key.clone(),
                        vec![id("type", key), text(label), number(at + 1)],
                    ));
                }
            }
        }
        self.rows(&["enumtypid", "enumlabel", "enumsortorder"], found)
    }

    fn pg_constraint(&self) -> Option<Rows> {
        let mut found: Vec<(Key, Vec<Cell>)> = self
            .constraints()
            .map(|(key, _, constraint)| {
                let (kind, other) = match &constraint.kind {
                    Kind::Primary => ("p", null()),
                    Kind::Unique => ("u", null()),
                    Kind::Foreign(reference) => ("f", id("relation", &reference.table)),
                    Kind::Check(_) => ("c", null()),
                    Kind::Exclude => ("x", null()),
                };
                let schema = (key.0.clone(), key.0.clone());
                let own = (key.1.clone(), constraint.name.clone());
                (
                    key.clone(),
                    vec![
                        id("constraint", &own),
                        text(&constraint.name),
                        text(kind),
                        id("relation", key),
                        other,
                        id("schema", &schema),
                        flag(true),
                    ],
                )
            })
            .collect();
        found.extend(self.more_of(|key, reason| {
            let mut cells = vec![Cell::Unknown(reason.to_owned()); 7];
            cells[3] = id("relation", key);
            cells
        }));
        self.rows(
            &[
                "oid",
                "conname",
                "contype",
                "conrelid",
                "confrelid",
                "connamespace",
                "convalidated",
            ],
            found,
        )
    }

    /// Table, name and (unique, primary) of every index, those of constraints too.
    fn all_indexes(&self) -> Vec<(Key, (String, bool, bool), Vec<String>)> {
        let mut found = Vec::new();
        for (key, table) in self.tables() {
            for constraint in &table.constraints {
                let is_primary = constraint.kind == Kind::Primary;
                if is_primary || constraint.kind == Kind::Unique {
                    found.push((
                        key.clone(),
                        (constraint.name.clone(), true, is_primary),
                        constraint.columns.clone(),
                    ));
                }
            }
            for index in &table.indexes {
                let columns = index
                    .elements
                    .iter()
                    .filter_map(|element| match element {
                        Element::Column(name) => Some(name.clone()),
                        Element::Expression(_) => None,
                    })
                    .collect();
                found.push((
                    key.clone(),
                    (index.name.clone(), index.unique, false),
                    columns,
                ));
            }
        }
        found
    }

    fn pg_indexes(&self, name: &str) -> Option<Rows> {
        let all = self.all_indexes();
        if name == "pg_indexes" {
            let mut found: Vec<(Key, Vec<Cell>)> = all
                .into_iter()
                .map(|(key, index, _)| {
                    let cells = vec![text(&key.0), text(&key.1), text(index.0), unknown()];
                    (key, cells)
                })
                .collect();
            found.extend(self.more_of(|key, reason| {
                let other = Cell::Unknown(reason.to_owned());
                vec![text(&key.0), text(&key.1), other.clone(), other]
            }));
            return self.rows(&["schemaname", "tablename", "indexname", "indexdef"], found);
        }
        let mut found: Vec<(Key, Vec<Cell>)> = all
            .into_iter()
            .map(|(key, (name, unique, primary), _)| {
                let own = (key.0.clone(), name);
                let cells = vec![
                    id("relation", &own),
                    id("relation", &key),
                    flag(unique),
                    flag(primary),
                    flag(true),
                    flag(true),
                ];
                (key, cells)
            })
            .collect();
        found.extend(self.more_of(|key, reason| {
            let mut cells = vec![Cell::Unknown(reason.to_owned()); 6];
            cells[1] = id("relation", key);
            cells
        }));
        self.rows(
            &[
                "indexrelid",
                "indrelid",
                "indisunique",
                "indisprimary",
                "indisvalid",
                "indisready",
            ],
            found,
        )
    }

    fn pg_attribute(&self) -> Option<Rows> {
        let mut found = Vec::new();
        for (key, table) in self.tables() {
            for column in &table.columns {
                found.push((
                    key.clone(),
                    vec![
                        id("relation", key),
                        text(&column.name),
                        unknown(),
                        flag(false),
                        flag(column.not_null),
                    ],
                ));
            }
        }
        found.extend(self.more_of(|key, reason| {
            let mut cells = vec![Cell::Unknown(reason.to_owned()); 5];
            cells[0] = id("relation", key);
            cells
        }));
        self.rows(
            &[
                "attrelid",
                "attname",
                "attnum",
                "attisdropped",
                "attnotnull",
            ],
            found,
        )
    }

    /// The relation, or index, that `'name'::regclass` stands for.
    pub(crate) fn regclass(&self, key: &Key) -> Option<Cell> {
        let is_there = self.relations.contains_key(key)
            || self
                .all_indexes()
                .iter()
                .any(|(table, index, _)| table.0 == key.0 && index.0 == key.1);
        is_there.then(|| id("relation", key))
    }
}

fn class_row(key: &Key, kind: &str) -> Vec<Cell> {
    let schema = (key.0.clone(), key.0.clone());
    vec![
        id("relation", key),
        text(&key.1),
        text(kind),
        id("schema", &schema),
    ]
}

/// Types that `information_schema` shows by their own name.
const STANDARD: &[&str] = &[
    "integer",
    "bigint",
    "smallint",
    "boolean",
    "text",
    "character varying",
    "character",
    "numeric",
    "real",
    "double precision",
    "date",
    "timestamp without time zone",
    "timestamp with time zone",
    "time without time zone",
    "time with time zone",
    "interval",
    "json",
    "jsonb",
    "uuid",
    "bytea",
    "inet",
    "cidr",
    "macaddr",
    "money",
    "xml",
    "tsvector",
    "tsquery",
    "bit",
    "bit varying",
];

/// The internal name of a type.
fn udt_name(base: &str, is_own: bool) -> Cell {
    let name = match base {
        "integer" => "int4",
        "bigint" => "int8",
        "smallint" => "int2",
        "boolean" => "bool",
        "character varying" => "varchar",
        "character" => "bpchar",
        "real" => "float4",
        "double precision" => "float8",
        "timestamp without time zone" => "timestamp",
        "timestamp with time zone" => "timestamptz",
        "time without time zone" => "time",
        "time with time zone" => "timetz",
        "bit varying" => "varbit",
        other if is_own || STANDARD.contains(&other) => other.trim_matches('"'),
        other => {
            return match other.strip_suffix("[]") {
                Some(item) => match udt_name(item, is_own) {
                    Cell::Known(Literal::Str(item)) => text(format!("_{item}")),
                    other => other,
                },
                None => text(other.trim_matches('"')),
            };
        }
    };
    text(name)
}
