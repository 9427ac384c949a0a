//! Quoting on PostgreSQL: sqlalchemy/dialects/postgresql/base.py `PGIdentifierPreparer`.

use crate::dialect::ident::IdentifierPreparer;
use crate::dialect::postgresql::Postgresql;

/// base.py `RESERVED_WORDS`, sorted.
static RESERVED_WORDS: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "column",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "new",
    "not",
    "notnull",
    "null",
    "of",
    "off",
    "offset",
    "old",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "over",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "table",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];

/// The names in base.py `ischema_names`, sorted: a type of one's own cannot be called so without a schema.
pub(super) static BUILT_IN_TYPES: &[&str] = &[
    "\"char\"",
    "_array",
    "bigint",
    "bit",
    "bit varying",
    "boolean",
    "bytea",
    "character",
    "character varying",
    "cidr",
    "citext",
    "date",
    "datemultirange",
    "daterange",
    "double precision",
    "float",
    "hstore",
    "inet",
    "int4multirange",
    "int4range",
    "int8multirange",
    "int8range",
    "integer",
    "interval",
    "json",
    "jsonb",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "numeric",
    "nummultirange",
    "numrange",
    "oid",
    "real",
    "regclass",
    "regconfig",
    "smallint",
    "text",
    "time",
    "time with time zone",
    "time without time zone",
    "timestamp",
    "timestamp with time zone",
    "timestamp without time zone",
    "tsmultirange",
    "tsquery",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "tsvector",
    "uuid",
];

impl IdentifierPreparer for Postgresql {
    fn reserved_words(&self) -> &'static [&'static str] {
        RESERVED_WORDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Settings;

    #[test]
    fn quotes_reserved_mixed_case_and_odd_names_only() {
        let dialect = Postgresql::new(Settings::default());
        let quoted = |text: &str| dialect.quote_text(text);
        assert_eq!(quoted("users"), "users");
        assert_eq!(quoted("user"), "\"user\"");
        assert_eq!(quoted("Order"), "\"Order\"");
        assert_eq!(quoted("1a"), "\"1a\"");
        assert_eq!(quoted("x$y"), "x$y");
        assert_eq!(quoted("$y"), "\"$y\"");
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
        assert_eq!(quoted("na\u{ef}ve"), "\"na\u{ef}ve\"");
    }

    #[test]
    fn tables_are_sorted_for_binary_search() {
        assert!(RESERVED_WORDS.is_sorted());
        assert!(BUILT_IN_TYPES.is_sorted());
    }
}
