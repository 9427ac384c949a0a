//! From a declared type's text to a type, by name and else by SQLite's affinity rules. sqlalchemy/dialects/sqlite/base.py
//! `_resolve_type_affinity`.

use crate::schema::types::BinaryKind;
use crate::schema::types::BinaryType;
use crate::schema::types::BooleanType;
use crate::schema::types::DateTimeKind;
use crate::schema::types::DateTimeType;
use crate::schema::types::IntegerSize;
use crate::schema::types::JsonType;
use crate::schema::types::NumericKind;
use crate::schema::types::NumericType;
use crate::schema::types::SqlType;
use crate::schema::types::StringKind;
use crate::schema::types::StringType;
use crate::schema::types::TimeType;

/// The type of a column; the text is in capitals. With it: what is warned of.
pub fn resolve(declared: &str) -> (SqlType, Option<String>) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ' ';
    let end = declared
        .find(|c: char| !is_word(c))
        .unwrap_or(declared.len());
    let (name, rest) = declared.split_at(end);
    let digits: Vec<&str> = match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((inside, _)) => inside
            .split(|c: char| !c.is_ascii_digit())
            .filter(|digits| !digits.is_empty())
            .collect(),
        None => Vec::new(),
    };
    let arguments: Vec<i64> = digits
        .iter()
        .filter_map(|digits| digits.parse().ok())
        .collect();
    let of =
        |arguments: &[i64]| named(name, arguments).unwrap_or_else(|| by_affinity(name, arguments));
    let resolved = of(&arguments);
    if digits.len() <= taken(&resolved) {
        return (resolved, None);
    }
    let class = crate::sa::types::reflected_class(&resolved, "sqlite");
    let listed: Vec<String> = digits.iter().map(|digits| format!("'{digits}'")).collect();
    let warning = format!(
        "Could not instantiate type <class '{class}'> with reflected arguments [{}]; using no arguments.",
        listed.join(", ")
    );
    (of(&[]), Some(warning))
}

/// How many arguments the class of a type takes: sqlalchemy/sql/sqltypes.py.
fn taken(sql_type: &SqlType) -> usize {
    match sql_type {
        SqlType::String(_) => 2,
        SqlType::Numeric(numeric) => match numeric.kind {
            NumericKind::Numeric | NumericKind::Decimal => 4,
            NumericKind::Float
            | NumericKind::Double
            | NumericKind::UpperDouble
            | NumericKind::DoublePrecision
            | NumericKind::Real => 3,
        },
        SqlType::Binary(_) | SqlType::DateTime(_) | SqlType::Time(_) | SqlType::Json(_) => 1,
        SqlType::Boolean(_) => 4,
        _ => 0,
    }
}

fn string(kind: StringKind, arguments: &[i64]) -> SqlType {
    SqlType::String(StringType {
        kind,
        length: arguments.first().copied(),
        collation: None,
    })
}

fn number(kind: NumericKind, arguments: &[i64]) -> SqlType {
    let asdecimal = matches!(kind, NumericKind::Numeric | NumericKind::Decimal);
    SqlType::Numeric(NumericType {
        kind,
        precision: arguments.first().copied(),
        scale: arguments.get(1).copied().filter(|_| asdecimal),
        asdecimal,
    })
}

fn datetime(kind: DateTimeKind) -> SqlType {
    SqlType::DateTime(DateTimeType {
        kind,
        timezone: false,
        precision: None,
    })
}

/// base.py `ischema_names`. Arguments that a type does not take are dropped, as upstream does with a warning.
fn named(name: &str, arguments: &[i64]) -> Option<SqlType> {
    Some(match name {
        "BIGINT" => SqlType::Integer(IntegerSize::Big),
        "BLOB" => SqlType::Binary(BinaryType {
            kind: BinaryKind::Blob,
            length: arguments.first().copied(),
        }),
        "BOOL" | "BOOLEAN" => SqlType::Boolean(BooleanType::default()),
        "CHAR" => string(StringKind::Char, arguments),
        "DATE" | "DATE_CHAR" => SqlType::Date,
        "DATETIME" | "DATETIME_CHAR" => datetime(DateTimeKind::Datetime),
        "DOUBLE" => number(NumericKind::UpperDouble, arguments),
        "DECIMAL" => number(NumericKind::Decimal, arguments),
        "FLOAT" => number(NumericKind::Float, arguments),
        "INT" | "INTEGER" => SqlType::Integer(IntegerSize::Normal),
        "JSON" => SqlType::Json(JsonType::default()),
        "JSONB" => SqlType::Json(JsonType {
            binary: true,
            none_as_null: false,
        }),
        "NUMERIC" => number(NumericKind::Numeric, arguments),
        "REAL" => number(NumericKind::Real, arguments),
        "SMALLINT" => SqlType::Integer(IntegerSize::Small),
        "TEXT" => string(StringKind::UpperText, arguments),
        "TIME" | "TIME_CHAR" => SqlType::Time(TimeType {
            timezone: false,
            precision: None,
        }),
        "TIMESTAMP" => datetime(DateTimeKind::Timestamp),
        "VARCHAR" => string(StringKind::Varchar, arguments),
        "NVARCHAR" => string(StringKind::Nvarchar, arguments),
        "NCHAR" => string(StringKind::Nchar, arguments),
        _ => return None,
    })
}

fn by_affinity(name: &str, arguments: &[i64]) -> SqlType {
    let has = |word: &str| name.contains(word);
    if has("INT") {
        SqlType::Integer(IntegerSize::Normal)
    } else if has("CHAR") || has("CLOB") || has("TEXT") {
        string(StringKind::UpperText, arguments)
    } else if has("BLOB") || name.is_empty() {
        SqlType::Null
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        number(NumericKind::Real, arguments)
    } else {
        number(NumericKind::Numeric, arguments)
    }
}
