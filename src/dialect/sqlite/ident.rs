//! Quoting on SQLite: sqlalchemy/dialects/sqlite/base.py `SQLiteIdentifierPreparer`.

use crate::dialect::ident::IdentifierPreparer;
use crate::dialect::sqlite::Sqlite;

/// base.py `SQLiteIdentifierPreparer.reserved_words`, sorted.
static RESERVED_WORDS: &[&str] = &[
    "add",
    "after",
    "all",
    "alter",
    "analyze",
    "and",
    "as",
    "asc",
    "attach",
    "autoincrement",
    "before",
    "begin",
    "between",
    "by",
    "cascade",
    "case",
    "cast",
    "check",
    "collate",
    "column",
    "commit",
    "conflict",
    "constraint",
    "create",
    "cross",
    "current_date",
    "current_time",
    "current_timestamp",
    "database",
    "default",
    "deferrable",
    "deferred",
    "delete",
    "desc",
    "detach",
    "distinct",
    "drop",
    "each",
    "else",
    "end",
    "escape",
    "except",
    "exclusive",
    "exists",
    "explain",
    "fail",
    "false",
    "for",
    "foreign",
    "from",
    "full",
    "glob",
    "group",
    "having",
    "if",
    "ignore",
    "immediate",
    "in",
    "index",
    "indexed",
    "initially",
    "inner",
    "insert",
    "instead",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "key",
    "left",
    "like",
    "limit",
    "match",
    "natural",
    "not",
    "notnull",
    "null",
    "of",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "plan",
    "pragma",
    "primary",
    "query",
    "raise",
    "references",
    "reindex",
    "rename",
    "replace",
    "restrict",
    "right",
    "rollback",
    "row",
    "select",
    "set",
    "table",
    "temp",
    "temporary",
    "then",
    "to",
    "transaction",
    "trigger",
    "true",
    "union",
    "unique",
    "update",
    "using",
    "vacuum",
    "values",
    "view",
    "virtual",
    "when",
    "where",
];

impl IdentifierPreparer for Sqlite {
    fn reserved_words(&self) -> &'static [&'static str] {
        RESERVED_WORDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Settings;

    #[test]
    fn quotes_the_words_of_sqlite_not_those_of_postgresql() {
        let dialect = Sqlite::new(Settings::default());
        let quoted = |text: &str| dialect.quote_text(text);
        assert_eq!(quoted("user"), "user");
        assert_eq!(quoted("key"), "\"key\"");
        assert_eq!(quoted("Order"), "\"Order\"");
    }

    #[test]
    fn the_table_is_sorted_for_binary_search() {
        assert!(RESERVED_WORDS.is_sorted());
    }
}
