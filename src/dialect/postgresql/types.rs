//! Types on PostgreSQL: sqlalchemy/dialects/postgresql/base.py `PGTypeCompiler`.

use crate::dialect::Base;
use crate::dialect::CompileError;
use crate::dialect::compile_error;
use crate::dialect::ident::IdentifierPreparer;
use crate::dialect::postgresql::Postgresql;
use crate::dialect::postgresql::ident::BUILT_IN_TYPES;
use crate::dialect::types::TypeCompiler;
use crate::schema::name::Name;
use crate::schema::types::ArrayType;
use crate::schema::types::BinaryKind;
use crate::schema::types::BinaryType;
use crate::schema::types::DateTimeKind;
use crate::schema::types::DateTimeType;
use crate::schema::types::EnumType;
use crate::schema::types::IntervalType;
use crate::schema::types::NumericType;
use crate::schema::types::TimeType;
use crate::schema::types::postgresql::DomainType;
use crate::schema::types::postgresql::PostgresqlType;

impl Postgresql {
    /// The name of an enum type.
    pub(super) fn format_enum(&self, enumeration: &EnumType) -> Result<String, CompileError> {
        self.format_type(
            "ENUM",
            enumeration.name.as_ref(),
            enumeration.schema.as_ref(),
            &|| enum_repr(enumeration),
        )
    }

    /// The name of a domain.
    pub(super) fn format_domain(&self, domain: &DomainType) -> Result<String, CompileError> {
        self.format_type(
            "DOMAIN",
            domain.name.as_ref(),
            domain.schema.as_ref(),
            &|| "DOMAIN()".to_owned(),
        )
    }
}

/// `repr` of the ENUM that PostgreSQL adapts an `Enum` to.
fn enum_repr(enumeration: &EnumType) -> String {
    use crate::dialect::ident::python_repr;
    let mut parts: Vec<String> = enumeration
        .enums
        .iter()
        .map(|label| python_repr(label))
        .collect();
    if let Some(name) = &enumeration.name {
        parts.push(format!("name={}", python_repr(&name.text)));
    }
    if !enumeration.upper {
        parts.push("_create_events=False".to_owned());
    }
    format!("ENUM({})", parts.join(", "))
}

/// ` (3)`, when given.
fn precision(value: Option<i64>) -> String {
    value.map(|value| format!("({value})")).unwrap_or_default()
}

/// `WITH TIME ZONE`.
fn zone(timezone: bool) -> &'static str {
    if timezone {
        "WITH TIME ZONE"
    } else {
        "WITHOUT TIME ZONE"
    }
}

impl TypeCompiler for Postgresql {
    fn type_compiler_repr(&self) -> String {
        "<sqlalchemy.dialects.postgresql.base.PGTypeCompiler object>".to_owned()
    }

    fn visit_float(&self, float: &NumericType) -> String {
        match float.precision.filter(|precision| *precision != 0) {
            Some(precision) => format!("FLOAT({precision})"),
            None => "FLOAT".to_owned(),
        }
    }

    fn visit_double(&self, _double: &NumericType) -> String {
        "DOUBLE PRECISION".to_owned()
    }

    fn visit_datetime(&self, datetime: &DateTimeType) -> String {
        match datetime.kind {
            DateTimeKind::Datetime => "DATETIME".to_owned(),
            DateTimeKind::Generic | DateTimeKind::Timestamp => {
                format!(
                    "TIMESTAMP{} {}",
                    precision(datetime.precision),
                    zone(datetime.timezone)
                )
            }
        }
    }

    fn visit_time(&self, time: &TimeType) -> String {
        format!("TIME{} {}", precision(time.precision), zone(time.timezone))
    }

    fn visit_interval(&self, interval: &IntervalType) -> Result<String, CompileError> {
        if !interval.native {
            return Ok(format!("TIMESTAMP {}", zone(false)));
        }
        Ok(match interval.second_precision {
            Some(precision) => format!("INTERVAL ({precision})"),
            None => "INTERVAL".to_owned(),
        })
    }

    fn visit_binary(&self, binary: &BinaryType) -> String {
        let sized = |name: &str| match binary.length.filter(|length| *length != 0) {
            Some(length) => format!("{name}({length})"),
            None => name.to_owned(),
        };
        match binary.kind {
            BinaryKind::Large | BinaryKind::Pickle | BinaryKind::Bytea => "BYTEA".to_owned(),
            BinaryKind::Blob => "BLOB".to_owned(),
            BinaryKind::Binary => sized("BINARY"),
            BinaryKind::Varbinary => sized("VARBINARY"),
        }
    }

    fn visit_enum(&self, enumeration: &EnumType) -> Result<String, CompileError> {
        if enumeration.native_enum {
            return self.format_enum(enumeration);
        }
        Ok(self.render_string_type("VARCHAR", enumeration.effective_length(), None))
    }

    fn visit_array(&self, array: &ArrayType, depth: usize) -> Result<String, CompileError> {
        let inner = self.type_sql_at(&array.item, depth + 1)?;
        let dimensions = usize::try_from(array.dimensions.unwrap_or(1)).unwrap_or(0);
        let brackets = "[]".repeat(dimensions);
        Ok(match inner.find(" COLLATE") {
            Some(at) => {
                let (name, collation) = inner.split_at(at);
                format!("{name}{brackets}{collation}")
            }
            None => format!("{inner}{brackets}"),
        })
    }

    fn visit_postgresql(&self, postgresql: &PostgresqlType) -> Result<String, CompileError> {
        Ok(match postgresql {
            PostgresqlType::Plain(plain) => plain.name().to_owned(),
            PostgresqlType::Bit {
                length,
                varying: true,
            } => format!("BIT VARYING{}", precision(*length)),
            PostgresqlType::Bit {
                length,
                varying: false,
            } => format!("BIT({})", length.unwrap_or(1)),
            PostgresqlType::Interval { fields, precision } => {
                let mut text = String::from("INTERVAL");
                if let Some(fields) = fields {
                    text.push(' ');
                    text.push_str(fields);
                }
                if let Some(precision) = precision {
                    text.push_str(&format!(" ({precision})"));
                }
                text
            }
            PostgresqlType::Domain(domain) => self.format_domain(domain)?,
        })
    }

    fn format_type(
        &self,
        class: &str,
        name: Option<&Name>,
        schema: Option<&Name>,
        repr: &dyn Fn() -> String,
    ) -> Result<String, CompileError> {
        let name = name
            .filter(|name| !name.text.is_empty())
            .ok_or_else(|| compile_error(format!("PostgreSQL {class} type requires a name.")))?;
        if schema.is_none()
            && !self.is_2_0()
            && BUILT_IN_TYPES.binary_search(&name.text.as_str()).is_ok()
        {
            return Err(compile_error(format!(
                "{} has name '{}' that matches an existing type, and requires an explicit schema name in order to be rendered in DDL.",
                repr(),
                name.text
            )));
        }
        Ok(match schema {
            Some(schema) => format!("{}.{}", self.quote_schema(schema), self.quote(name)),
            None => self.quote(name),
        })
    }
}
