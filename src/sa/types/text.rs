//! `str(type)`: what the compiler for no database in particular writes. sqlalchemy/sql/compiler.py `StrSQLTypeCompiler`.

use crate::schema::types::BinaryKind;
use crate::schema::types::DateTimeKind;
use crate::schema::types::IntegerSize;
use crate::schema::types::NumericKind;
use crate::schema::types::SqlType;
use crate::schema::types::StringKind;
use crate::schema::types::postgresql::PostgresqlType;

/// The text; `None` where the type itself says it, or what it is.
pub(super) fn of(data: &SqlType) -> Option<String> {
    Some(match data {
        SqlType::Null => "NULL".to_owned(),
        SqlType::Integer(IntegerSize::Small) => "SMALLINT".to_owned(),
        SqlType::Integer(IntegerSize::Normal) => "INTEGER".to_owned(),
        SqlType::Integer(IntegerSize::Big) => "BIGINT".to_owned(),
        SqlType::Numeric(numeric) => match (numeric.kind, numeric.precision, numeric.scale) {
            (NumericKind::Numeric, precision, scale) => numbers("NUMERIC", precision, scale),
            (NumericKind::Decimal, precision, scale) => numbers("DECIMAL", precision, scale),
            (NumericKind::Float, _, _) => "FLOAT".to_owned(),
            (NumericKind::Double | NumericKind::UpperDouble, _, _) => "DOUBLE".to_owned(),
            (NumericKind::DoublePrecision, _, _) => "DOUBLE PRECISION".to_owned(),
            (NumericKind::Real, _, _) => "REAL".to_owned(),
        },
        SqlType::String(string) => {
            let name = match string.kind {
                StringKind::String | StringKind::Unicode | StringKind::Varchar => "VARCHAR",
                StringKind::Text | StringKind::UnicodeText | StringKind::UpperText => "TEXT",
                StringKind::Char => "CHAR",
                StringKind::Nchar => "NCHAR",
                StringKind::Nvarchar => "NVARCHAR",
                StringKind::Clob => "CLOB",
            };
            let text = numbers(name, string.length, None);
            match &string.collation {
                Some(collation) => {
                    let dialect = crate::sa::clause::default_dialect();
                    format!("{text} COLLATE {}", dialect.quote_text(collation))
                }
                None => text,
            }
        }
        SqlType::Boolean(_) => "BOOLEAN".to_owned(),
        SqlType::Date => "DATE".to_owned(),
        SqlType::DateTime(datetime) => match datetime.kind {
            DateTimeKind::Generic | DateTimeKind::Datetime => "DATETIME".to_owned(),
            DateTimeKind::Timestamp => "TIMESTAMP".to_owned(),
        },
        SqlType::Time(_) => "TIME".to_owned(),
        SqlType::Interval(_) => "DATETIME".to_owned(),
        SqlType::Binary(binary) => match binary.kind {
            BinaryKind::Large | BinaryKind::Pickle | BinaryKind::Blob => "BLOB".to_owned(),
            BinaryKind::Binary => numbers("BINARY", binary.length, None),
            BinaryKind::Varbinary => numbers("VARBINARY", binary.length, None),
            BinaryKind::Bytea => "BYTEA".to_owned(),
        },
        SqlType::Json(json) => if json.binary { "JSONB" } else { "JSON" }.to_owned(),
        SqlType::Uuid(uuid) => if uuid.upper { "UUID" } else { "CHAR(32)" }.to_owned(),
        SqlType::Enum(enumeration) => numbers("VARCHAR", enumeration.effective_length(), None),
        SqlType::Array(_) => "ARRAY".to_owned(),
        SqlType::Variant(variant) => return of(&variant.default),
        SqlType::Decorated(decorated) => return of(&decorated.implementation),
        SqlType::Postgresql(PostgresqlType::Plain(plain)) => plain.name().to_owned(),
        SqlType::Postgresql(PostgresqlType::Bit { .. }) => "BIT".to_owned(),
        SqlType::Postgresql(PostgresqlType::Interval { .. }) => "INTERVAL".to_owned(),
        SqlType::Postgresql(PostgresqlType::Domain(_)) => "DOMAIN".to_owned(),
        SqlType::UserDefined(_) | SqlType::Foreign(_) => return None,
    })
}

/// `NUMERIC(10, 2)`.
fn numbers(name: &str, first: Option<i64>, second: Option<i64>) -> String {
    match (first, second) {
        (None, _) => name.to_owned(),
        (Some(first), None) => format!("{name}({first})"),
        (Some(first), Some(second)) => format!("{name}({first}, {second})"),
    }
}
