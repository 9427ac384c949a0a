//! The version table: its definition and the statements that keep it. alembic/ddl/impl.py version_table_impl, runtime/migration.py HeadMaintainer.

use crate::dialect::Dialect;
use crate::sa::question::has_table_sqlite;

/// Where versions are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionTable {
    /// `version_table`, `alembic_version` by default.
    pub name: String,
    /// `version_table_schema`.
    pub schema: Option<String>,
    /// `version_table_pk`: whether it has a primary key.
    pub primary_key: bool,
}

impl Default for VersionTable {
    fn default() -> Self {
        Self {
            name: "alembic_version".to_owned(),
            schema: None,
            primary_key: true,
        }
    }
}

impl VersionTable {
    /// The quoted, schema-qualified name.
    pub fn qualified(&self, dialect: &dyn Dialect) -> String {
        let name = dialect.quote_text(&self.name);
        match &self.schema {
            None => name,
            Some(schema) => format!("{}.{name}", dialect.quote_text(schema)),
        }
    }

    /// `CREATE TABLE`.
    pub fn create(&self, dialect: &dyn Dialect) -> String {
        let key = if self.primary_key {
            format!(
                ", \n\tCONSTRAINT {} PRIMARY KEY (version_num)",
                dialect.quote_text(&format!("{}_pkc", self.name))
            )
        } else {
            String::new()
        };
        format!(
            "\nCREATE TABLE {} (\n\tversion_num VARCHAR(32) NOT NULL{key}\n)\n\n",
            self.qualified(dialect)
        )
    }

    /// `INSERT` of one row.
    pub fn insert(&self, dialect: &dyn Dialect, version: &str) -> String {
        let table = self.qualified(dialect);
        let returning = match dialect.name() {
            "postgresql" if self.primary_key => format!(" RETURNING {table}.version_num"),
            "sqlite" if self.primary_key => " RETURNING version_num".to_owned(),
            _ => String::new(),
        };
        format!("INSERT INTO {table} (version_num) VALUES ('{version}'){returning}")
    }

    /// `UPDATE` of one row.
    pub fn update(&self, dialect: &dyn Dialect, from: &str, to: &str) -> String {
        let table = self.qualified(dialect);
        [
            "UPDATE ",
            &table,
            " SET version_num='",
            to,
            "' WHERE ",
            &table,
            ".version_num = '",
            from,
            "'",
        ]
        .concat()
    }

    /// `DELETE` of one row.
    pub fn delete(&self, dialect: &dyn Dialect, version: &str) -> String {
        let table = self.qualified(dialect);
        format!("DELETE FROM {table} WHERE {table}.version_num = '{version}'")
    }

    /// `DELETE` of all rows (`stamp --purge`).
    pub fn purge(&self, dialect: &dyn Dialect) -> String {
        format!("DELETE FROM {}", self.qualified(dialect))
    }

    /// The query for the rows.
    pub fn select(&self, dialect: &dyn Dialect) -> String {
        let table = self.qualified(dialect);
        format!("SELECT {table}.version_num \nFROM {table}")
    }

    /// A query that returns a row when the table exists (PostgreSQL: visible on the search path, or in its schema).
    pub fn exists(&self, dialect: &dyn Dialect) -> String {
        if dialect.name() == "sqlite" {
            return has_table_sqlite(self.schema.as_deref(), &self.name);
        }
        let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let place = self.schema.as_ref().map_or_else(
            || "pg_catalog.pg_table_is_visible(c.oid) AND n.nspname != 'pg_catalog'".to_owned(),
            |schema| format!("n.nspname = {}", literal(schema)),
        );
        format!(
            "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relname = {} AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND {place}",
            literal(&self.name)
        )
    }
}
