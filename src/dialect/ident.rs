//! Quoting: sqlalchemy/sql/compiler.py `IdentifierPreparer`.

use std::sync::LazyLock;

use fancy_regex::Regex;
use md5::Digest;
use md5::Md5;

use crate::dialect::Base;
use crate::dialect::CompileError;
use crate::dialect::compile_error;
use crate::schema::name::Name;
use crate::schema::name::NameKind;
use crate::schema::table::TableName;

static SQL_KEYWORD_PHRASE: &str = r"^\w+(?:\s+\w+)*$";

/// compiler.py `RESERVED_WORDS`, sorted: those of a preparer that is of no database.
pub static RESERVED_WORDS: &[&str] = &[
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
    "current_date",
    "current_role",
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
    "off",
    "offset",
    "old",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "right",
    "select",
    "session_user",
    "set",
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
    "verbose",
    "when",
    "where",
];

/// Whether a sorted list has the word.
fn is_among(words: &[&str], word: &str) -> bool {
    // the first eight bytes tell nearly all words apart, and compare as one number
    let start = |word: &str| {
        let bytes = word.bytes().chain(std::iter::repeat(0));
        bytes
            .take(8)
            .fold(0_u64, |all, byte| all << 8 | u64::from(byte))
    };
    let wanted = start(word);
    let order = |known: &&str| start(known).cmp(&wanted).then_with(|| (*known).cmp(word));
    words.binary_search_by(order).is_ok()
}

/// Writes identifiers.
pub trait IdentifierPreparer: Base {
    /// Words that must be quoted, lower case, sorted.
    fn reserved_words(&self) -> &'static [&'static str];

    /// Doubles quotes, and percent signs where the driver formats.
    fn escape_identifier(&self, value: &str) -> String {
        let value = value.replace('"', "\"\"");
        if self.settings().double_percent {
            value.replace('%', "%%")
        } else {
            value
        }
    }

    /// Quotes in any case.
    fn quote_identifier(&self, value: &str) -> String {
        format!("\"{}\"", self.escape_identifier(value))
    }

    /// Whether a plain name must be quoted.
    fn requires_quotes(&self, value: &str) -> bool {
        let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'$');
        // anything in capitals differs from its lower case
        !value.bytes().all(is_plain)
            || matches!(value.as_bytes().first(), None | Some(b'0'..=b'9' | b'$'))
            || is_among(self.reserved_words(), value)
    }

    /// Quotes where needed, or as the name itself demands.
    fn quote(&self, name: &Name) -> String {
        match name.quote {
            Some(true) => self.quote_identifier(&name.text),
            Some(false) => name.text.clone(),
            None => self.quote_text(&name.text),
        }
    }

    /// Quotes plain text where needed.
    fn quote_text(&self, text: &str) -> String {
        if self.requires_quotes(text) {
            self.quote_identifier(text)
        } else {
            text.to_owned()
        }
    }

    /// `quote_schema`.
    fn quote_schema(&self, schema: &Name) -> String {
        self.quote(schema)
    }

    /// `format_table`.
    fn format_table(&self, table: &TableName) -> String {
        self.format_qualified(table.schema.as_ref(), &table.name)
    }

    /// A name with the schema before it, if any.
    fn format_qualified(&self, schema: Option<&Name>, name: &Name) -> String {
        let quoted = self.quote(name);
        match schema {
            Some(schema) if !schema.text.is_empty() => {
                format!("{}.{quoted}", self.quote_schema(schema))
            }
            _ => quoted,
        }
    }

    /// `format_constraint`: shortens names that SQLAlchemy or a convention made, refuses other long ones.
    fn format_constraint(&self, name: &Name) -> Result<String, CompileError> {
        let max = self.max_identifier_length();
        let length = name.text.chars().count();
        if length <= max {
            return Ok(self.quote(name));
        }
        match name.kind {
            NameKind::Convention | NameKind::Truncated => {
                let kept: String = name.text.chars().take(max - 8).collect();
                let digest = Md5::digest(name.text.as_bytes());
                let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                Ok(self.quote_text(&format!(
                    "{kept}_{}",
                    hex.get(hex.len() - 4..).unwrap_or_default()
                )))
            }
            NameKind::Plain | NameKind::Quoted => Err(CompileError::Upstream {
                class: "IdentifierError",
                message: format!(
                    "Identifier '{}' exceeds maximum length of {max} characters",
                    name.text
                ),
            }),
        }
    }

    /// `validate_sql_phrase` with the default pattern.
    fn validate_sql_phrase(&self, element: &str) -> Result<String, CompileError> {
        static PATTERN: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(SQL_KEYWORD_PHRASE).ok());
        validate_phrase(element, PATTERN.as_ref(), SQL_KEYWORD_PHRASE)
    }

    /// alembic/ddl/base.py `format_table_name`: a plain schema name is split at its dots.
    fn format_table_name(&self, table: &TableName) -> String {
        let name = self.quote(&table.name);
        match &table.schema {
            Some(schema) if !schema.text.is_empty() => {
                format!("{}.{name}", self.quote_dotted(schema))
            }
            _ => name,
        }
    }

    /// alembic/ddl/base.py `quote_dotted`.
    fn quote_dotted(&self, name: &Name) -> String {
        if name.kind != NameKind::Plain {
            return self.quote(name);
        }
        let parts: Vec<String> = name
            .text
            .split('.')
            .map(|part| self.quote_text(part))
            .collect();
        parts.join(".")
    }
}

/// Refuses a phrase that the pattern does not match.
pub(crate) fn validate_phrase(
    element: &str,
    pattern: Option<&Regex>,
    source: &str,
) -> Result<String, CompileError> {
    let matches = pattern.is_some_and(|pattern| pattern.is_match(element).unwrap_or(false));
    if matches {
        return Ok(element.to_owned());
    }
    Err(compile_error(format!(
        "Unexpected SQL phrase: {} (matching against {})",
        python_repr(element),
        python_repr(source)
    )))
}

/// `repr(str)`, for upstream's messages.
pub fn python_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}
