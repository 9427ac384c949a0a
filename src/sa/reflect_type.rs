//! From PostgreSQL's `format_type` text to a type. sqlalchemy/dialects/postgresql/base.py `_reflect_type`.

use crate::py::value::Value;
use crate::schema::name::Name;
use crate::schema::types::ArrayType;
use crate::schema::types::BinaryKind;
use crate::schema::types::BinaryType;
use crate::schema::types::BooleanType;
use crate::schema::types::DateTimeKind;
use crate::schema::types::DateTimeType;
use crate::schema::types::EnumType;
use crate::schema::types::IntegerSize;
use crate::schema::types::JsonType;
use crate::schema::types::NumericKind;
use crate::schema::types::NumericType;
use crate::schema::types::SqlType;
use crate::schema::types::StringKind;
use crate::schema::types::StringType;
use crate::schema::types::TimeType;
use crate::schema::types::UuidType;
use crate::schema::types::postgresql::PlainType;
use crate::schema::types::postgresql::PostgresqlType;

/// The type; one that is not known is `NullType`, as upstream.
#[expect(
    clippy::too_many_lines,
    reason = "the steps share their state and are read in order"
)]
pub fn of_format(
    format: &str,
    name: Option<&str>,
    labels: &[Value],
    schema: Option<&str>,
    visible: bool,
) -> SqlType {
    if let Some(item) = format.strip_suffix("[]") {
        let item = of_format(item, None, &[], None, true);
        return SqlType::Array(Box::new(ArrayType {
            item,
            dimensions: None,
        }));
    }
    if !labels.is_empty() {
        return SqlType::Enum(Box::new(EnumType {
            enums: labels
                .iter()
                .filter_map(Value::as_str)
                .map(|label| label.to_string())
                .collect(),
            name: name.map(Name::new),
            schema: if visible { None } else { schema.map(Name::new) },
            native_enum: true,
            upper: true,
            ..EnumType::default()
        }));
    }
    let (base, arguments, rest) = split(format);
    let first = arguments.first().copied();
    let second = arguments.get(1).copied();
    let timezone = rest.contains("with time zone");
    match base {
        "integer" => SqlType::Integer(IntegerSize::Normal),
        "bigint" => SqlType::Integer(IntegerSize::Big),
        "smallint" => SqlType::Integer(IntegerSize::Small),
        "numeric" => number(NumericKind::Numeric, first, second, true),
        "double precision" => number(NumericKind::DoublePrecision, Some(53), None, false),
        "real" => number(NumericKind::Real, None, None, false),
        "character varying" => string(StringKind::Varchar, first),
        "character" => string(StringKind::Char, first),
        "text" => string(StringKind::UpperText, None),
        "boolean" => SqlType::Boolean(BooleanType::default()),
        "date" => SqlType::Date,
        "timestamp" => SqlType::DateTime(DateTimeType {
            kind: DateTimeKind::Timestamp,
            timezone,
            precision: first,
        }),
        "time" => SqlType::Time(TimeType {
            timezone,
            precision: first,
        }),
        "bytea" => SqlType::Binary(BinaryType {
            kind: BinaryKind::Bytea,
            length: None,
        }),
        "json" => SqlType::Json(JsonType::default()),
        "jsonb" => SqlType::Json(JsonType {
            binary: true,
            none_as_null: false,
        }),
        "uuid" => SqlType::Uuid(UuidType {
            as_uuid: true,
            native_uuid: true,
            upper: true,
        }),
        "interval" => SqlType::Postgresql(PostgresqlType::Interval {
            fields: (!rest.is_empty()).then(|| rest.to_owned()),
            precision: first,
        }),
        "bit" => SqlType::Postgresql(PostgresqlType::Bit {
            length: first,
            varying: false,
        }),
        "bit varying" => SqlType::Postgresql(PostgresqlType::Bit {
            length: first,
            varying: true,
        }),
        other => PlainType::ALL
            .iter()
            .find(|plain| plain.name().eq_ignore_ascii_case(other))
            .map_or(SqlType::Null, |plain| {
                SqlType::Postgresql(PostgresqlType::Plain(*plain))
            }),
    }
}

/// `timestamp(3) with time zone`: the name, the numbers, the rest.
fn split(format: &str) -> (&str, Vec<i64>, &str) {
    if let Some((base, after)) = format.split_once('(')
        && let Some((numbers, rest)) = after.split_once(')')
    {
        let numbers = numbers
            .split(',')
            .filter_map(|number| number.trim().parse().ok())
            .collect();
        return (base.trim_end(), numbers, rest.trim());
    }
    for base in ["timestamp", "time", "interval"] {
        if let Some(rest) = format.strip_prefix(base)
            && (rest.is_empty() || rest.starts_with(' '))
        {
            return (base, Vec::new(), rest.trim());
        }
    }
    (format, Vec::new(), "")
}

fn number(
    kind: NumericKind,
    precision: Option<i64>,
    scale: Option<i64>,
    asdecimal: bool,
) -> SqlType {
    SqlType::Numeric(NumericType {
        kind,
        precision,
        scale,
        asdecimal,
    })
}

fn string(kind: StringKind, length: Option<i64>) -> SqlType {
    SqlType::String(StringType {
        kind,
        length,
        collation: None,
    })
}
