//! What a statement does to the catalogue. A statement that is not followed makes the names it mentions uncertain.

use crate::shadow::alter;
use crate::shadow::create;
use crate::shadow::cursor::Cursor;
use crate::shadow::cursor::Named;
use crate::shadow::model::Catalogue;
use crate::shadow::model::Key;
use crate::shadow::model::Kind;
use crate::shadow::model::Relation;
use crate::shadow::model::Type;
use crate::shadow::token;
use crate::shadow::token::Placed;
use crate::shadow::token::Token;

/// Statements that change rows, rights or code, and no table.
const CHANGES_NOTHING: &[&str] = &[
    "truncate",
    "copy",
    "analyze",
    "vacuum",
    "reindex",
    "refresh",
    "lock",
    "grant",
    "revoke",
    "begin",
    "commit",
    "start",
    "end",
    "savepoint",
    "release",
    "rollback",
    "show",
    "explain",
    "cluster",
    "notify",
    "listen",
    "checkpoint",
    "reset",
    "discard",
    "security",
    "values",
    "table",
];

/// Functions whose call in a SELECT changes no table.
const HARMLESS: &[&str] = &[
    "setval",
    "nextval",
    "currval",
    "set_config",
    "pg_advisory_lock",
    "pg_advisory_unlock",
    "pg_advisory_xact_lock",
    "pg_get_serial_sequence",
    "coalesce",
    "max",
    "min",
    "count",
    "greatest",
    "now",
    "version",
    "current_schema",
    "current_setting",
    "pg_sleep",
    "exists",
    "to_regclass",
    "cast",
    "sum",
    "lower",
    "upper",
];

impl Catalogue {
    /// Follows a text of one or more statements.
    pub fn follow(&mut self, sql: &str) {
        if self.is_sqlite() {
            self.follow_sqlite(sql);
            return;
        }
        let Some(statements) = token::statements(sql) else {
            self.doubt(token::words(sql), &not_followed(sql));
            return;
        };
        for statement in &statements {
            let mut cursor = Cursor::new(sql, statement);
            if self.statement(&mut cursor, statement).is_none() {
                let (first, last) = (statement.first(), statement.last());
                let text = match (first, last) {
                    (Some(first), Some(last)) => &sql[first.start..last.end],
                    _ => sql,
                };
                self.doubt(token::words(text), &not_followed(text));
            }
        }
    }

    fn statement(&mut self, cursor: &mut Cursor, tokens: &[Placed]) -> Option<()> {
        let Token::Word(first) = cursor.next()? else {
            return None;
        };
        match first.as_str() {
            "create" => self.create(cursor),
            "drop" => self.drop(cursor),
            "alter" => self.alter(cursor),
            "comment" => self.comment(cursor),
            "insert" => {
                cursor.take("into").then_some(())?;
                self.exists(&cursor.named()?)
            }
            "update" => {
                cursor.take("only");
                self.exists(&cursor.named()?)
            }
            "delete" => {
                cursor.take("from").then_some(())?;
                cursor.take("only");
                self.exists(&cursor.named()?)
            }
            "select" | "with" => harmless_query(tokens),
            "set" => self.set(cursor),
            "do" => self.block(cursor),
            word => CHANGES_NOTHING.contains(&word).then_some(()),
        }
    }

    /// A table whose rows are changed exists, whoever made it.
    fn exists(&mut self, named: &Named) -> Option<()> {
        let key = Self::key(named);
        if key.0 != "pg_catalog" && key.0 != "information_schema" && !key.1.starts_with("pg_") {
            self.altered(&key);
        }
        Some(())
    }

    /// `SET search_path` moves every name that is written without a schema.
    fn set(&mut self, cursor: &mut Cursor) -> Option<()> {
        cursor.take("local");
        cursor.take("session");
        if cursor.take("search_path") {
            let mut path = cursor.clone();
            path.take("to");
            path.sign("=");
            let first = path.name().or_else(|| path.text());
            if first.as_deref() != Some(crate::shadow::model::DEFAULT_SCHEMA) {
                self.doubt_everything("`SET search_path` moved the names without a schema");
            }
        }
        Some(())
    }

    fn create(&mut self, cursor: &mut Cursor) -> Option<()> {
        let replace = cursor.take_all(&["or", "replace"]);
        let temporary = cursor.take("temporary") || cursor.take("temp");
        cursor.take("unlogged");
        if cursor.take("table") {
            return create::table(self, cursor, temporary);
        }
        if cursor.take_all(&["unique", "index"]) {
            return create::index(self, cursor, true);
        }
        if cursor.take("index") {
            return create::index(self, cursor, false);
        }
        if cursor.take("type") {
            return self.create_type(cursor);
        }
        if cursor.take("domain") {
            let key = Self::key(&cursor.named()?);
            self.types.insert(key, Type::Domain);
            return Some(());
        }
        if cursor.take("sequence") {
            cursor.take_all(&["if", "not", "exists"]);
            let key = Self::key(&cursor.named()?);
            self.relations
                .entry(key)
                .or_insert(Relation::Sequence { owner: None });
            return Some(());
        }
        if cursor.take("schema") {
            cursor.take_all(&["if", "not", "exists"]);
            self.schemas.insert(cursor.name()?);
            return cursor.is_done().then_some(());
        }
        if cursor.take("extension") {
            cursor.take_all(&["if", "not", "exists"]);
            self.extensions.insert(cursor.name()?);
            return Some(());
        }
        cursor.take("recursive");
        let materialized = cursor.take("materialized");
        if cursor.take("view") {
            cursor.take_all(&["if", "not", "exists"]);
            let key = Self::key(&cursor.named()?);
            if temporary {
                return Some(());
            }
            if replace {
                self.relations.shift_remove(&key);
            }
            self.relations
                .entry(key)
                .or_insert(Relation::View { materialized });
            return Some(());
        }
        no_relation(cursor)
    }

    fn create_type(&mut self, cursor: &mut Cursor) -> Option<()> {
        let key = Self::key(&cursor.named()?);
        if cursor.take_all(&["as", "enum"]) {
            let labels = cursor
                .group()?
                .by_commas()
                .into_iter()
                .filter(|part| !part.is_done())
                .map(|mut part| part.text())
                .collect::<Option<Vec<String>>>()?;
            self.types.insert(key, Type::Enum(labels));
            return Some(());
        }
        self.types.insert(key, Type::Composite);
        Some(())
    }

    fn drop(&mut self, cursor: &mut Cursor) -> Option<()> {
        cursor.take("materialized");
        let kind = cursor.name()?;
        if ![
            "table",
            "view",
            "index",
            "sequence",
            "type",
            "domain",
            "schema",
            "extension",
        ]
        .contains(&kind.as_str())
        {
            let mut cursor = cursor.clone();
            return no_relation_kind(&kind, &mut cursor);
        }
        if kind == "index" {
            cursor.take("concurrently");
        }
        cursor.take_all(&["if", "exists"]);
        let cascade = cursor
            .tail()
            .last()
            .is_some_and(|placed| placed.token.is("cascade"));
        for mut part in cursor.by_commas() {
            let named = part.named()?;
            self.drop_one(&kind, &named, cascade)?;
        }
        Some(())
    }

    fn drop_one(&mut self, kind: &str, named: &Named, cascade: bool) -> Option<()> {
        let key = Self::key(named);
        match kind {
            "table" => {
                self.relations.shift_remove(&key);
                self.drop_sequences_of(&key, None);
                if cascade {
                    alter::drop_references(self, &key, None);
                    self.doubt_views("a table was dropped with CASCADE");
                }
            }
            "view" | "sequence" => {
                self.relations.shift_remove(&key);
                if cascade {
                    self.doubt_views("a view was dropped with CASCADE");
                }
            }
            "index" => {
                for (other, table) in self.tables_mut() {
                    if other.0 == key.0 {
                        table.indexes.retain(|index| index.name != key.1);
                    }
                }
            }
            "type" | "domain" => {
                self.types.shift_remove(&key);
                if cascade {
                    self.drop_columns_of_type(&key);
                }
            }
            "schema" => {
                self.schemas.remove(&named.name);
                if cascade {
                    self.relations.retain(|other, _| other.0 != named.name);
                    self.types.retain(|other, _| other.0 != named.name);
                }
            }
            _ => {
                self.extensions.remove(&named.name);
            }
        }
        Some(())
    }

    /// Which views there are is no longer known.
    fn doubt_views(&mut self, reason: &str) {
        let names: Vec<String> = self
            .relations
            .iter()
            .filter(|(_, relation)| matches!(relation, Relation::View { .. }))
            .map(|(key, _)| key.1.clone())
            .collect();
        self.doubt(names, reason);
    }

    fn drop_columns_of_type(&mut self, key: &Key) {
        let shown = crate::shadow::type_name::shown(&key.1);
        let mut statements = Vec::new();
        for (table, found) in self.tables() {
            for column in &found.columns {
                if column.type_name.trim_end_matches("[]") == shown {
                    statements.push((table.clone(), column.name.clone()));
                }
            }
        }
        for (table, column) in statements {
            let text = format!(
                "ALTER TABLE \"{}\".\"{}\" DROP COLUMN \"{column}\"",
                table.0, table.1
            );
            self.follow(&text);
        }
    }

    fn alter(&mut self, cursor: &mut Cursor) -> Option<()> {
        cursor.take("materialized");
        let kind = cursor.name()?;
        match kind.as_str() {
            "table" => alter::table(self, cursor),
            "index" => {
                cursor.take_all(&["if", "exists"]);
                let key = Self::key(&cursor.named()?);
                if cursor.take_all(&["rename", "to"]) {
                    let name = cursor.name()?;
                    self.rename_index(&key, &name);
                }
                Some(())
            }
            "view" | "sequence" => {
                cursor.take_all(&["if", "exists"]);
                let key = Self::key(&cursor.named()?);
                if cursor.take_all(&["owned", "by"]) {
                    return self.own(&key, cursor);
                }
                alter::renamed(self, &key, cursor)
            }
            "type" | "domain" => self.alter_type(cursor),
            "schema" => {
                let from = cursor.name()?;
                if cursor.take_all(&["rename", "to"]) {
                    self.doubt_everything(&format!("the schema `{from}` was renamed"));
                }
                Some(())
            }
            other => no_relation_kind(other, cursor),
        }
    }

    /// `ALTER SEQUENCE … OWNED BY table.column`.
    fn own(&mut self, key: &Key, cursor: &mut Cursor) -> Option<()> {
        let mut names = vec![cursor.name()?];
        while cursor.sign(".") {
            names.push(cursor.name()?);
        }
        let column = names.pop()?;
        let table = names.pop().map(|name| {
            Self::key(&Named {
                schema: names.pop(),
                name,
            })
        });
        if let Some(Relation::Sequence { owner }) = self.relations.get_mut(key) {
            *owner = table.map(|table| (table, column));
        }
        Some(())
    }

    fn rename_index(&mut self, key: &Key, name: &str) {
        for (other, table) in self.tables_mut() {
            if other.0 != key.0 {
                continue;
            }
            for index in &mut table.indexes {
                if index.name == key.1 {
                    name.clone_into(&mut index.name);
                }
            }
            for constraint in &mut table.constraints {
                let has_index = matches!(constraint.kind, Kind::Primary | Kind::Unique);
                if has_index && constraint.name == key.1 {
                    name.clone_into(&mut constraint.name);
                }
            }
        }
    }

    fn alter_type(&mut self, cursor: &mut Cursor) -> Option<()> {
        let key = Self::key(&cursor.named()?);
        if cursor.take_all(&["rename", "to"]) {
            let name = cursor.name()?;
            if let Some(found) = self.types.shift_remove(&key) {
                self.types.insert((key.0.clone(), name.clone()), found);
            }
            let (from, to) = (
                crate::shadow::type_name::shown(&key.1),
                crate::shadow::type_name::shown(&name),
            );
            for (_, table) in self.tables_mut() {
                for column in &mut table.columns {
                    if column.type_name == from {
                        column.type_name.clone_from(&to);
                    } else if column.type_name == format!("{from}[]") {
                        column.type_name = format!("{to}[]");
                    }
                }
            }
            return Some(());
        }
        let Some(Type::Enum(labels)) = self.types.get_mut(&key) else {
            // a type that no revision made, or an attribute of one
            return None;
        };
        if cursor.take_all(&["rename", "value"]) {
            let from = cursor.text()?;
            let to = cursor.take("to").then(|| cursor.text())??;
            if let Some(label) = labels.iter_mut().find(|label| **label == from) {
                *label = to;
            }
            return Some(());
        }
        if cursor.take_all(&["add", "value"]) {
            cursor.take_all(&["if", "not", "exists"]);
            let label = cursor.text()?;
            if labels.contains(&label) {
                return Some(());
            }
            let is_before = cursor.take("before");
            let place = if is_before || cursor.take("after") {
                let other = cursor.text()?;
                let found = labels.iter().position(|label| *label == other)?;
                found + usize::from(!is_before)
            } else {
                labels.len()
            };
            labels.insert(place, label);
            return Some(());
        }
        cursor.take("owner").then_some(())
    }

    /// `COMMENT ON TABLE`, `COMMENT ON COLUMN`.
    fn comment(&mut self, cursor: &mut Cursor) -> Option<()> {
        cursor.take("on").then_some(())?;
        let is_column = cursor.take("column");
        if !is_column && !cursor.take("table") {
            return Some(());
        }
        let mut names = vec![cursor.name()?];
        while cursor.sign(".") {
            names.push(cursor.name()?);
        }
        let column = if is_column { names.pop() } else { None };
        let name = names.pop()?;
        let key = Self::key(&Named {
            schema: names.pop(),
            name,
        });
        cursor.take("is").then_some(())?;
        let text = if cursor.take("null") {
            None
        } else {
            Some(cursor.text()?)
        };
        if let Some(Relation::View { .. }) = self.relations.get(&key) {
            return Some(());
        }
        let table = self.altered(&key)?;
        match column {
            Some(column) => {
                if let Some(found) = table.column_mut(&column) {
                    found.comment = text;
                }
            }
            None => table.comment = text,
        }
        Some(())
    }
}

/// Code, rights and the like: whatever is created or dropped, it is no relation.
fn no_relation(cursor: &mut Cursor) -> Option<()> {
    let kind = cursor.name()?;
    no_relation_kind(&kind, cursor)
}

fn no_relation_kind(kind: &str, cursor: &mut Cursor) -> Option<()> {
    let kind = if kind == "constraint" || kind == "default" || kind == "event" {
        cursor.name()?
    } else {
        kind.to_owned()
    };
    [
        "function",
        "procedure",
        "trigger",
        "policy",
        "role",
        "user",
        "group",
        "aggregate",
        "rule",
        "publication",
        "subscription",
        "statistics",
        "cast",
        "collation",
        "operator",
        "language",
        "text",
        "default",
        "privileges",
        "database",
        "system",
        "routine",
    ]
    .contains(&kind.as_str())
    .then_some(())
}

/// Whether a query calls nothing that may change a table, and makes none.
fn harmless_query(tokens: &[Placed]) -> Option<()> {
    let has_from = tokens.iter().any(|placed| placed.token.is("from"));
    for pair in tokens.windows(2) {
        let Token::Word(word) = &pair[0].token else {
            continue;
        };
        if word == "into" && !tokens.iter().any(|placed| placed.token.is("insert")) {
            return None;
        }
        if !has_from && pair[1].token.is_sign("(") && !HARMLESS.contains(&word.as_str()) {
            return None;
        }
    }
    Some(())
}

/// The reason shown for a text that is not followed.
fn not_followed(sql: &str) -> String {
    let mut text: String = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > 60 {
        text = text.chars().take(57).collect::<String>() + "...";
    }
    format!("an earlier statement is not understood: `{text}`")
}
