//! Types: sqlalchemy/sql/compiler.py `GenericTypeCompiler`.

use crate::dialect::CompileError;
use crate::dialect::compile_error;
use crate::dialect::ident::IdentifierPreparer;
use crate::schema::name::Name;
use crate::schema::types::ArrayType;
use crate::schema::types::BinaryKind;
use crate::schema::types::BinaryType;
use crate::schema::types::BooleanType;
use crate::schema::types::DateTimeKind;
use crate::schema::types::DateTimeType;
use crate::schema::types::EnumType;
use crate::schema::types::IntegerSize;
use crate::schema::types::IntervalType;
use crate::schema::types::JsonType;
use crate::schema::types::NumericKind;
use crate::schema::types::NumericType;
use crate::schema::types::SqlType;
use crate::schema::types::StringKind;
use crate::schema::types::StringType;
use crate::schema::types::TimeType;
use crate::schema::types::UuidType;
use crate::schema::types::postgresql::PostgresqlType;

/// How deep types may nest (arrays of arrays, variants of variants).
const MAX_DEPTH: usize = 100;

/// Writes types.
pub trait TypeCompiler: IdentifierPreparer {
    /// The text of a type, for instance `VARCHAR(20)`.
    fn type_sql(&self, sql_type: &SqlType) -> Result<String, CompileError> {
        self.type_sql_at(sql_type, 0)
    }

    /// [`TypeCompiler::type_sql`] at a nesting depth.
    fn type_sql_at(&self, sql_type: &SqlType, depth: usize) -> Result<String, CompileError> {
        if depth > MAX_DEPTH {
            return Err(compile_error("type nested too deeply"));
        }
        match sql_type {
            SqlType::Null => Err(self.visit_null()),
            SqlType::Integer(size) => Ok(self.visit_integer(*size)),
            SqlType::Numeric(numeric) => Ok(self.visit_numeric(numeric)),
            SqlType::String(string) => Ok(self.visit_string(string)),
            SqlType::Boolean(boolean) => Ok(self.visit_boolean(boolean)),
            SqlType::Date => Ok("DATE".to_owned()),
            SqlType::DateTime(datetime) => Ok(self.visit_datetime(datetime)),
            SqlType::Time(time) => Ok(self.visit_time(time)),
            SqlType::Interval(interval) => self.visit_interval(interval),
            SqlType::Binary(binary)
                if binary.kind == BinaryKind::Bytea && self.name() != "postgresql" =>
            {
                Err(self.unsupported_type("BYTEA"))
            }
            SqlType::Binary(binary) => Ok(self.visit_binary(binary)),
            SqlType::Json(json) => Ok(self.visit_json(json)),
            SqlType::Uuid(uuid) => Ok(self.visit_uuid(uuid)),
            SqlType::Enum(enumeration) => self.visit_enum(enumeration),
            SqlType::Array(array) => self.visit_array(array, depth),
            SqlType::Variant(_) | SqlType::Decorated(_) => {
                self.type_sql_at(sql_type.for_dialect(self.name()), depth + 1)
            }
            SqlType::UserDefined(user) => Ok(user.spec.clone()),
            SqlType::Postgresql(postgresql) => self.visit_postgresql(postgresql),
            SqlType::Foreign(foreign) => Err(self.unsupported_type(foreign.name)),
        }
    }

    /// `UnsupportedCompilationError` for a type.
    fn unsupported_type(&self, name: &str) -> CompileError {
        CompileError::Upstream {
            class: "UnsupportedCompilationError",
            message: format!(
                "Compiler {} can't render element of type {name}",
                self.type_compiler_repr()
            ),
        }
    }

    /// `repr(type_compiler)` without its address.
    fn type_compiler_repr(&self) -> String {
        "<sqlalchemy.sql.compiler.GenericTypeCompiler object>".to_owned()
    }

    /// `visit_null`.
    fn visit_null(&self) -> CompileError {
        compile_error(
            "Can't generate DDL for NullType(); did you forget to specify a type on this Column?",
        )
    }

    /// `visit_INTEGER`, `visit_SMALLINT`, `visit_BIGINT`.
    fn visit_integer(&self, size: IntegerSize) -> String {
        match size {
            IntegerSize::Small => "SMALLINT",
            IntegerSize::Normal => "INTEGER",
            IntegerSize::Big => "BIGINT",
        }
        .to_owned()
    }

    /// `visit_NUMERIC`, `visit_FLOAT`, `visit_DOUBLE`…
    fn visit_numeric(&self, numeric: &NumericType) -> String {
        match numeric.kind {
            NumericKind::Numeric => render_numeric("NUMERIC", numeric),
            NumericKind::Decimal => render_numeric("DECIMAL", numeric),
            NumericKind::Float => self.visit_float(numeric),
            NumericKind::Double => self.visit_double(numeric),
            NumericKind::UpperDouble => "DOUBLE".to_owned(),
            NumericKind::DoublePrecision => "DOUBLE PRECISION".to_owned(),
            NumericKind::Real => "REAL".to_owned(),
        }
    }

    /// `visit_FLOAT`.
    fn visit_float(&self, _float: &NumericType) -> String {
        "FLOAT".to_owned()
    }

    /// `visit_double`.
    fn visit_double(&self, _double: &NumericType) -> String {
        "DOUBLE".to_owned()
    }

    /// `visit_VARCHAR`, `visit_TEXT`…
    fn visit_string(&self, string: &StringType) -> String {
        let name = match string.kind {
            StringKind::String | StringKind::Unicode | StringKind::Varchar => "VARCHAR",
            StringKind::Text | StringKind::UnicodeText | StringKind::UpperText => "TEXT",
            StringKind::Char => "CHAR",
            StringKind::Nchar => "NCHAR",
            StringKind::Nvarchar => "NVARCHAR",
            StringKind::Clob => return "CLOB".to_owned(),
        };
        self.render_string_type(name, string.length, string.collation.as_deref())
    }

    /// `_render_string_type`.
    fn render_string_type(
        &self,
        name: &str,
        length: Option<i64>,
        collation: Option<&str>,
    ) -> String {
        let mut text = name.to_owned();
        if let Some(length) = length.filter(|length| *length != 0) {
            text.push('(');
            text.push_str(&length.to_string());
            text.push(')');
        }
        if let Some(collation) = collation.filter(|collation| !collation.is_empty()) {
            text.push_str(" COLLATE ");
            text.push_str(&self.quote_text(collation));
        }
        text
    }

    /// `visit_BOOLEAN`.
    fn visit_boolean(&self, _boolean: &BooleanType) -> String {
        "BOOLEAN".to_owned()
    }

    /// `visit_datetime`, `visit_TIMESTAMP`.
    fn visit_datetime(&self, datetime: &DateTimeType) -> String {
        match datetime.kind {
            DateTimeKind::Generic | DateTimeKind::Datetime => "DATETIME".to_owned(),
            DateTimeKind::Timestamp => "TIMESTAMP".to_owned(),
        }
    }

    /// `visit_TIME`.
    fn visit_time(&self, _time: &TimeType) -> String {
        "TIME".to_owned()
    }

    /// `Interval` where there is no native type: its `impl`, a DateTime.
    fn visit_interval(&self, _interval: &IntervalType) -> Result<String, CompileError> {
        Ok("DATETIME".to_owned())
    }

    /// `visit_large_binary`, `visit_BLOB`…
    fn visit_binary(&self, binary: &BinaryType) -> String {
        let sized = |name: &str| match binary.length.filter(|length| *length != 0) {
            Some(length) => format!("{name}({length})"),
            None => name.to_owned(),
        };
        match binary.kind {
            BinaryKind::Large | BinaryKind::Pickle | BinaryKind::Blob => "BLOB".to_owned(),
            BinaryKind::Binary => sized("BINARY"),
            BinaryKind::Varbinary => sized("VARBINARY"),
            BinaryKind::Bytea => "BYTEA".to_owned(),
        }
    }

    /// `visit_JSON`, `visit_JSONB`.
    fn visit_json(&self, json: &JsonType) -> String {
        if json.binary { "JSONB" } else { "JSON" }.to_owned()
    }

    /// `visit_uuid`, `visit_UUID`.
    fn visit_uuid(&self, uuid: &UuidType) -> String {
        if uuid.upper || (uuid.native_uuid && self.supports_native_uuid()) {
            return "UUID".to_owned();
        }
        self.render_string_type("CHAR", Some(32), None)
    }

    /// `visit_enum`.
    fn visit_enum(&self, enumeration: &EnumType) -> Result<String, CompileError> {
        Ok(self.render_string_type("VARCHAR", enumeration.effective_length(), None))
    }

    /// `visit_ARRAY`.
    fn visit_array(&self, _array: &ArrayType, _depth: usize) -> Result<String, CompileError> {
        Err(self.unsupported_type("ARRAY"))
    }

    /// A type only PostgreSQL has.
    fn visit_postgresql(&self, postgresql: &PostgresqlType) -> Result<String, CompileError> {
        Err(self.unsupported_type(match postgresql {
            PostgresqlType::Plain(plain) => plain.name(),
            PostgresqlType::Bit { .. } => "BIT",
            PostgresqlType::Interval { .. } => "INTERVAL",
            PostgresqlType::Domain(_) => "DOMAIN",
        }))
    }

    /// `format_type`: the name of an enum or a domain.
    fn format_type(
        &self,
        _class: &str,
        name: Option<&Name>,
        schema: Option<&Name>,
        _repr: &dyn Fn() -> String,
    ) -> Result<String, CompileError> {
        let name = name.ok_or_else(|| compile_error("type requires a name."))?;
        Ok(self.format_qualified(schema, name))
    }
}

/// `NUMERIC(10, 2)`.
fn render_numeric(name: &str, numeric: &NumericType) -> String {
    match (numeric.precision, numeric.scale) {
        (None, _) => name.to_owned(),
        (Some(precision), None) => format!("{name}({precision})"),
        (Some(precision), Some(scale)) => format!("{name}({precision}, {scale})"),
    }
}
