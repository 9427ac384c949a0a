//! What is asked of the database's catalogue: by an inspector, by `checkfirst`, by reflection. A live connection answers the text of
//! [`Question::sql`]; the catalogue in memory of a `--sql` run answers the question itself.

use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::schema::literal::Literal;

/// A question. Its answer is rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question<'a> {
    /// The schema of names without one.
    CurrentSchema,
    /// The names of all relations of these kinds (`'r', 'p'`).
    Relations {
        /// `relkind`s.
        kinds: &'a str,
        /// The schema; what is visible otherwise.
        schema: Option<&'a str>,
    },
    /// Whether there is such a relation: one row or none.
    HasRelation {
        /// `relkind`s.
        kinds: &'a str,
        /// The schema; what is visible otherwise.
        schema: Option<&'a str>,
        /// The name.
        name: &'a str,
    },
    /// Whether there is such a type: one row or none.
    HasType {
        /// The schema; what is visible otherwise.
        schema: Option<&'a str>,
        /// The name.
        name: &'a str,
    },
    /// The names of the schemas.
    Schemas,
    /// Whether there is such a schema: one row or none.
    HasSchema(&'a str),
    /// The object id of a table: one row or none. The other questions about it take the id.
    Table {
        /// The schema; what is visible otherwise.
        schema: Option<&'a str>,
        /// The name.
        name: &'a str,
    },
    /// Name, format, not null, default, comment, identity, generated, kind of type, its name, labels, schema, visibility.
    Columns(&'a str),
    /// Name, columns, definition, comment of the constraints of a kind.
    Constraints {
        /// The table's id.
        table: &'a str,
        /// `contype`.
        kind: &'a str,
    },
    /// Name, columns, schema, table and columns referred to, actions on update and delete, deferrable, deferred, visible, valid.
    ForeignKeys(&'a str),
    /// Name, unique, columns, included columns, constraint, element texts, predicate, method.
    Indexes(&'a str),
    /// The comment of a table.
    Comment(&'a str),
    /// Name, visibility, schema, labels. `*` is every schema.
    Enums(Option<&'a str>),
    /// The text of a view.
    ViewDefinition {
        /// The schema; what is visible otherwise.
        schema: Option<&'a str>,
        /// The name.
        name: &'a str,
    },
}

/// An expression of which only the text is known that made it, not the one that PostgreSQL shows for it: reading it is refused.
pub fn written(expression: &str) -> Literal {
    Literal::Opaque {
        repr: expression.to_owned(),
        class: WRITTEN.to_owned(),
    }
}

/// The text that made an expression, if that is all that is known.
pub fn as_written(cell: &Literal) -> Option<&str> {
    match cell {
        Literal::Opaque { repr, class } if class == WRITTEN => Some(repr),
        _ => None,
    }
}

const WRITTEN: &str = "an expression as it was written";

impl Question<'_> {
    /// The question as PostgreSQL is asked.
    #[expect(clippy::too_many_lines, reason = "one statement after the other")]
    pub fn sql(&self) -> String {
        match *self {
            Self::CurrentSchema => "SELECT current_schema()".to_owned(),
            Self::Relations { kinds, schema } => format!(
                "SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = ANY (ARRAY[{kinds}]) AND c.relpersistence != 't' AND {}",
                place(schema)
            ),
            Self::HasRelation {
                kinds,
                schema,
                name,
            } => format!(
                "SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = {} AND c.relkind = ANY (ARRAY[{kinds}]) AND {}",
                quoted(name),
                place(schema)
            ),
            Self::HasType { schema, name } => format!(
                "SELECT t.typname::text FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = {} AND {}",
                quoted(name),
                match schema {
                    Some(schema) => format!("n.nspname = {}", quoted(schema)),
                    None => "pg_catalog.pg_type_is_visible(t.oid) AND n.nspname != 'pg_catalog'".to_owned(),
                }
            ),
            Self::Schemas => "SELECT nspname::text FROM pg_catalog.pg_namespace WHERE nspname NOT LIKE 'pg\\_%' ORDER BY nspname".to_owned(),
            Self::HasSchema(name) => format!(
                "SELECT nspname::text FROM pg_catalog.pg_namespace WHERE nspname = {}",
                quoted(name)
            ),
            Self::Table { schema, name } => format!(
                "SELECT c.oid::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = {} AND c.relkind = ANY (ARRAY['r', 'p', 'f', 'v', 'm']) AND {}",
                quoted(name),
                place(schema)
            ),
            Self::Columns(oid) => format!(
                "SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_catalog.pg_get_expr(d.adbin, d.adrelid), pg_catalog.col_description(a.attrelid, a.attnum), a.attidentity::text, a.attgenerated::text, t.typtype::text, t.typname::text, (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid), tn.nspname::text, pg_catalog.pg_type_is_visible(t.oid) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = {oid} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
            ),
            Self::Constraints { table: oid, kind } => format!(
                "SELECT k.conname::text, (SELECT array_agg(a.attname::text ORDER BY u.position) FROM unnest(k.conkey) WITH ORDINALITY AS u(number, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number), pg_catalog.pg_get_constraintdef(k.oid, true), pg_catalog.obj_description(k.oid, 'pg_constraint'), {} FROM pg_catalog.pg_constraint k WHERE k.conrelid = {oid} AND k.contype = '{kind}' ORDER BY k.conname",
                match kind {
                    "p" | "u" => "(SELECT array_agg(a.attname::text ORDER BY u.position) FROM pg_catalog.pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS u(number, position) JOIN pg_catalog.pg_attribute a ON a.attnum = u.number WHERE i.indexrelid = k.conindid AND a.attrelid = k.conrelid AND u.position > i.indnkeyatts)",
                    _ => "NULL",
                }
            ),
            Self::ForeignKeys(oid) => format!(
                "SELECT k.conname::text, (SELECT array_agg(a.attname::text ORDER BY u.position) FROM unnest(k.conkey) WITH ORDINALITY AS u(number, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number), n.nspname::text, c.relname::text, (SELECT array_agg(a.attname::text ORDER BY u.position) FROM unnest(k.confkey) WITH ORDINALITY AS u(number, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number), k.confupdtype::text, k.confdeltype::text, k.condeferrable, k.condeferred, pg_catalog.pg_table_is_visible(c.oid), k.convalidated FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.confrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE k.conrelid = {oid} AND k.contype = 'f' ORDER BY k.conname"
            ),
            Self::Indexes(oid) => format!(
                "SELECT c.relname::text, i.indisunique, (SELECT array_agg(CASE WHEN u.number = 0 THEN NULL ELSE a.attname::text END ORDER BY u.position) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS u(number, position) LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number WHERE u.position <= i.indnkeyatts), (SELECT array_agg(a.attname::text ORDER BY u.position) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS u(number, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number WHERE u.position > i.indnkeyatts), (SELECT k.conname::text FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('u', 'x') LIMIT 1), (SELECT array_agg(CASE WHEN u.number = 0 THEN pg_catalog.pg_get_indexdef(i.indexrelid, u.position::int, true) ELSE a.attname::text END ORDER BY u.position) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS u(number, position) LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number WHERE u.position <= i.indnkeyatts), pg_catalog.pg_get_expr(i.indpred, i.indrelid), m.amname::text, (SELECT array_agg(o.flags::int8 ORDER BY o.position) FROM unnest(i.indoption::int2[]) WITH ORDINALITY AS o(flags, position)), (SELECT array_agg(CASE WHEN p.opcdefault THEN NULL ELSE p.opcname::text END ORDER BY o.position) FROM unnest(i.indclass::oid[]) WITH ORDINALITY AS o(class, position) JOIN pg_catalog.pg_opclass p ON p.oid = o.class), c.reloptions, coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false), i.indisvalid FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = c.relam WHERE i.indrelid = {oid} AND NOT i.indisprimary ORDER BY c.relname"
            ),
            Self::Comment(oid) => format!("SELECT pg_catalog.obj_description({oid}, 'pg_class')"),
            Self::Enums(schema) => {
                let place = match schema {
                    Some("*") => "true".to_owned(),
                    Some(schema) => format!("n.nspname = {}", quoted(schema)),
                    None => "pg_catalog.pg_type_is_visible(t.oid)".to_owned(),
                };
                format!(
                    "SELECT t.typname::text, pg_catalog.pg_type_is_visible(t.oid), n.nspname::text, (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND {place} ORDER BY n.nspname, t.typname"
                )
            }
            Self::ViewDefinition { schema, name } => format!(
                "SELECT pg_catalog.pg_get_viewdef(c.oid) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = {} AND c.relkind = ANY (ARRAY['v', 'm']) AND {}",
                quoted(name),
                place(schema)
            ),
        }
    }
}

impl Question<'_> {
    /// The question as SQLite is asked by `checkfirst`; what an inspector asks of SQLite is in `sa::inspect_sqlite`.
    pub fn sqlite(&self) -> PyResult<String> {
        match *self {
            Self::HasRelation { kinds, .. } if !kinds.contains("'r'") => {
                Ok("SELECT 1 WHERE 0".to_owned())
            }
            Self::HasRelation { schema, name, .. } => Ok(has_table_sqlite(schema, name)),
            _ => Err(PyError::unsupported(format!(
                "asking an SQLite database for {self:?}"
            ))),
        }
    }
}

/// sqlite/base.py `has_table`: names are compared without case, and a schema that is not attached has no tables.
pub fn has_table_sqlite(schema: Option<&str>, name: &str) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let name = quoted(name);
    let place = |schema: &str| {
        format!(
            "SELECT name FROM \"{schema}\".sqlite_master WHERE type IN ('table', 'view') AND name = {name} COLLATE NOCASE"
        )
    };
    match schema {
        Some(schema) => format!(
            "SELECT t.name FROM pragma_database_list AS d, pragma_table_info({name}, d.name) AS t WHERE d.name = {} AND d.name <> 'temp'",
            quoted(schema)
        ),
        None => format!("{} UNION ALL {}", place("main"), place("temp")),
    }
}

/// A string constant.
fn quoted(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}

/// The condition on `pg_namespace n` and `pg_class c` for a schema, or for what is visible.
fn place(schema: Option<&str>) -> String {
    match schema {
        Some(schema) => format!("n.nspname = {}", quoted(schema)),
        None => "pg_catalog.pg_table_is_visible(c.oid) AND n.nspname != 'pg_catalog'".to_owned(),
    }
}
