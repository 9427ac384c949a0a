//! The type classes, one table. sqlalchemy/sql/sqltypes.py, sqlalchemy/dialects/*/types.py.

use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::expr::comparator;
use crate::sa::types;
use crate::sa::types::convert;
use crate::sa::types::enumeration;
use crate::sa::types::make::new_type;

/// Methods of every type.
const METHODS: &[(&str, Method)] = &[
    ("with_variant", types::with_variant),
    ("compile", types::compile),
    ("dialect_impl", types::itself),
    ("adapt", types::itself),
    ("copy", types::itself),
    ("as_generic", types::itself),
];

/// What tells a type from other arguments, for a stand-in too that passes attributes on.
const ATTRIBUTES: &[(&str, fn(&Vm) -> Value)] = &[
    ("_sqla_type", |_vm| Value::Bool(true)),
    ("Comparator", comparator::base),
];

/// Methods of types that are created and dropped.
const NAMED: &[(&str, Method)] = &[("create", enumeration::create), ("drop", enumeration::drop)];

/// Methods of type decorators.
const DECORATOR: &[(&str, Method)] = &[
    ("load_dialect_impl", convert::load_dialect_impl),
    ("__getattr__", convert::through_impl),
];

macro_rules! type_classes {
    ($($id:ident $module:literal $name:literal [$($base:ident)?] $methods:ident;)*) => {
        $(
            #[doc = concat!("`", $module, ".", $name, "`.")]
            pub static $id: NativeClass = NativeClass {
                new: Some(new_type),
                methods: $methods,
                attributes: ATTRIBUTES,
                ..NativeClass::plain($module, $name, &[$(&$base)?])
            };
        )*

        /// All type classes.
        pub static ALL: &[&NativeClass] = &[$(&$id),*];
    };
}

const NONE: &[(&str, Method)] = &[];

type_classes! {
    TYPE_ENGINE "sqlalchemy.sql.type_api" "TypeEngine" [] METHODS;
    USER_DEFINED_TYPE "sqlalchemy.sql.type_api" "UserDefinedType" [TYPE_ENGINE] NONE;
    TYPE_DECORATOR "sqlalchemy.sql.type_api" "TypeDecorator" [TYPE_ENGINE] DECORATOR;
    SCHEMA_TYPE "sqlalchemy.sql.sqltypes" "SchemaType" [] NONE;
    NULL_TYPE "sqlalchemy.sql.sqltypes" "NullType" [TYPE_ENGINE] NONE;
    INTEGER_TYPE "sqlalchemy.sql.sqltypes" "Integer" [TYPE_ENGINE] NONE;
    SMALL_INTEGER "sqlalchemy.sql.sqltypes" "SmallInteger" [INTEGER_TYPE] NONE;
    BIG_INTEGER "sqlalchemy.sql.sqltypes" "BigInteger" [INTEGER_TYPE] NONE;
    INTEGER "sqlalchemy.sql.sqltypes" "INTEGER" [INTEGER_TYPE] NONE;
    SMALLINT "sqlalchemy.sql.sqltypes" "SMALLINT" [SMALL_INTEGER] NONE;
    BIGINT "sqlalchemy.sql.sqltypes" "BIGINT" [BIG_INTEGER] NONE;
    NUMERIC_TYPE "sqlalchemy.sql.sqltypes" "Numeric" [TYPE_ENGINE] NONE;
    NUMERIC "sqlalchemy.sql.sqltypes" "NUMERIC" [NUMERIC_TYPE] NONE;
    DECIMAL "sqlalchemy.sql.sqltypes" "DECIMAL" [NUMERIC_TYPE] NONE;
    FLOAT_TYPE "sqlalchemy.sql.sqltypes" "Float" [NUMERIC_TYPE] NONE;
    FLOAT "sqlalchemy.sql.sqltypes" "FLOAT" [FLOAT_TYPE] NONE;
    REAL "sqlalchemy.sql.sqltypes" "REAL" [FLOAT_TYPE] NONE;
    DOUBLE_TYPE "sqlalchemy.sql.sqltypes" "Double" [FLOAT_TYPE] NONE;
    DOUBLE "sqlalchemy.sql.sqltypes" "DOUBLE" [DOUBLE_TYPE] NONE;
    DOUBLE_PRECISION "sqlalchemy.sql.sqltypes" "DOUBLE_PRECISION" [DOUBLE_TYPE] NONE;
    STRING "sqlalchemy.sql.sqltypes" "String" [TYPE_ENGINE] NONE;
    TEXT_TYPE "sqlalchemy.sql.sqltypes" "Text" [STRING] NONE;
    UNICODE "sqlalchemy.sql.sqltypes" "Unicode" [STRING] NONE;
    UNICODE_TEXT "sqlalchemy.sql.sqltypes" "UnicodeText" [TEXT_TYPE] NONE;
    VARCHAR "sqlalchemy.sql.sqltypes" "VARCHAR" [STRING] NONE;
    CHAR "sqlalchemy.sql.sqltypes" "CHAR" [STRING] NONE;
    NCHAR "sqlalchemy.sql.sqltypes" "NCHAR" [UNICODE] NONE;
    NVARCHAR "sqlalchemy.sql.sqltypes" "NVARCHAR" [UNICODE] NONE;
    TEXT "sqlalchemy.sql.sqltypes" "TEXT" [TEXT_TYPE] NONE;
    CLOB "sqlalchemy.sql.sqltypes" "CLOB" [TEXT_TYPE] NONE;
    BOOLEAN_TYPE "sqlalchemy.sql.sqltypes" "Boolean" [TYPE_ENGINE] NONE;
    BOOLEAN "sqlalchemy.sql.sqltypes" "BOOLEAN" [BOOLEAN_TYPE] NONE;
    DATE_TYPE "sqlalchemy.sql.sqltypes" "Date" [TYPE_ENGINE] NONE;
    DATE "sqlalchemy.sql.sqltypes" "DATE" [DATE_TYPE] NONE;
    DATE_TIME "sqlalchemy.sql.sqltypes" "DateTime" [TYPE_ENGINE] NONE;
    DATETIME "sqlalchemy.sql.sqltypes" "DATETIME" [DATE_TIME] NONE;
    TIMESTAMP "sqlalchemy.sql.sqltypes" "TIMESTAMP" [DATE_TIME] NONE;
    PG_TIMESTAMP "sqlalchemy.dialects.postgresql.types" "TIMESTAMP" [TIMESTAMP] NONE;
    TIME_TYPE "sqlalchemy.sql.sqltypes" "Time" [TYPE_ENGINE] NONE;
    TIME "sqlalchemy.sql.sqltypes" "TIME" [TIME_TYPE] NONE;
    PG_TIME "sqlalchemy.dialects.postgresql.types" "TIME" [TIME] NONE;
    INTERVAL_TYPE "sqlalchemy.sql.sqltypes" "Interval" [TYPE_ENGINE] NONE;
    LARGE_BINARY "sqlalchemy.sql.sqltypes" "LargeBinary" [TYPE_ENGINE] NONE;
    PICKLE_TYPE "sqlalchemy.sql.sqltypes" "PickleType" [TYPE_ENGINE] NONE;
    BLOB "sqlalchemy.sql.sqltypes" "BLOB" [LARGE_BINARY] NONE;
    BINARY "sqlalchemy.sql.sqltypes" "BINARY" [LARGE_BINARY] NONE;
    VARBINARY "sqlalchemy.sql.sqltypes" "VARBINARY" [LARGE_BINARY] NONE;
    BYTEA "sqlalchemy.dialects.postgresql.types" "BYTEA" [LARGE_BINARY] NONE;
    JSON_TYPE "sqlalchemy.sql.sqltypes" "JSON" [TYPE_ENGINE] NONE;
    PG_JSON "sqlalchemy.dialects.postgresql.json" "JSON" [JSON_TYPE] NONE;
    JSONB "sqlalchemy.dialects.postgresql.json" "JSONB" [PG_JSON] NONE;
    UUID_TYPE "sqlalchemy.sql.sqltypes" "Uuid" [TYPE_ENGINE] NONE;
    UUID "sqlalchemy.sql.sqltypes" "UUID" [UUID_TYPE] NONE;
    ENUM_TYPE "sqlalchemy.sql.sqltypes" "Enum" [STRING] NAMED;
    PG_ENUM "sqlalchemy.dialects.postgresql.named_types" "ENUM" [ENUM_TYPE] NONE;
    ARRAY_TYPE "sqlalchemy.sql.sqltypes" "ARRAY" [TYPE_ENGINE] NONE;
    PG_ARRAY "sqlalchemy.dialects.postgresql.array" "ARRAY" [ARRAY_TYPE] NONE;
    BIT "sqlalchemy.dialects.postgresql.types" "BIT" [TYPE_ENGINE] NONE;
    PG_INTERVAL "sqlalchemy.dialects.postgresql.types" "INTERVAL" [TYPE_ENGINE] NONE;
    DOMAIN "sqlalchemy.dialects.postgresql.named_types" "DOMAIN" [TYPE_ENGINE] NAMED;
    ABSTRACT_RANGE "sqlalchemy.dialects.postgresql.ranges" "AbstractRange" [TYPE_ENGINE] NONE;
    INET "sqlalchemy.dialects.postgresql.types" "INET" [TYPE_ENGINE] NONE;
    CIDR "sqlalchemy.dialects.postgresql.types" "CIDR" [TYPE_ENGINE] NONE;
    MACADDR "sqlalchemy.dialects.postgresql.types" "MACADDR" [TYPE_ENGINE] NONE;
    MACADDR8 "sqlalchemy.dialects.postgresql.types" "MACADDR8" [TYPE_ENGINE] NONE;
    MONEY "sqlalchemy.dialects.postgresql.types" "MONEY" [TYPE_ENGINE] NONE;
    OID "sqlalchemy.dialects.postgresql.types" "OID" [TYPE_ENGINE] NONE;
    REGCLASS "sqlalchemy.dialects.postgresql.types" "REGCLASS" [TYPE_ENGINE] NONE;
    REGCONFIG "sqlalchemy.dialects.postgresql.types" "REGCONFIG" [TYPE_ENGINE] NONE;
    CITEXT "sqlalchemy.dialects.postgresql.types" "CITEXT" [TEXT] NONE;
    HSTORE "sqlalchemy.dialects.postgresql.types" "HSTORE" [TYPE_ENGINE] NONE;
    TSVECTOR "sqlalchemy.dialects.postgresql.types" "TSVECTOR" [TYPE_ENGINE] NONE;
    TSQUERY "sqlalchemy.dialects.postgresql.types" "TSQUERY" [TYPE_ENGINE] NONE;
    JSONPATH "sqlalchemy.dialects.postgresql.types" "JSONPATH" [TYPE_ENGINE] NONE;
    INT4RANGE "sqlalchemy.dialects.postgresql.ranges" "INT4RANGE" [ABSTRACT_RANGE] NONE;
    INT8RANGE "sqlalchemy.dialects.postgresql.ranges" "INT8RANGE" [ABSTRACT_RANGE] NONE;
    NUMRANGE "sqlalchemy.dialects.postgresql.ranges" "NUMRANGE" [ABSTRACT_RANGE] NONE;
    DATERANGE "sqlalchemy.dialects.postgresql.ranges" "DATERANGE" [ABSTRACT_RANGE] NONE;
    TSRANGE "sqlalchemy.dialects.postgresql.ranges" "TSRANGE" [ABSTRACT_RANGE] NONE;
    TSTZRANGE "sqlalchemy.dialects.postgresql.ranges" "TSTZRANGE" [ABSTRACT_RANGE] NONE;
    INT4MULTIRANGE "sqlalchemy.dialects.postgresql.ranges" "INT4MULTIRANGE" [ABSTRACT_RANGE] NONE;
    INT8MULTIRANGE "sqlalchemy.dialects.postgresql.ranges" "INT8MULTIRANGE" [ABSTRACT_RANGE] NONE;
    NUMMULTIRANGE "sqlalchemy.dialects.postgresql.ranges" "NUMMULTIRANGE" [ABSTRACT_RANGE] NONE;
    DATEMULTIRANGE "sqlalchemy.dialects.postgresql.ranges" "DATEMULTIRANGE" [ABSTRACT_RANGE] NONE;
    TSMULTIRANGE "sqlalchemy.dialects.postgresql.ranges" "TSMULTIRANGE" [ABSTRACT_RANGE] NONE;
    TSTZMULTIRANGE "sqlalchemy.dialects.postgresql.ranges" "TSTZMULTIRANGE" [ABSTRACT_RANGE] NONE;
    MYSQL_TINYINT "sqlalchemy.dialects.mysql" "TINYINT" [TYPE_ENGINE] NONE;
    MYSQL_MEDIUMINT "sqlalchemy.dialects.mysql" "MEDIUMINT" [TYPE_ENGINE] NONE;
    MYSQL_YEAR "sqlalchemy.dialects.mysql" "YEAR" [TYPE_ENGINE] NONE;
    MYSQL_SET "sqlalchemy.dialects.mysql" "SET" [TYPE_ENGINE] NONE;
    MYSQL_TINYTEXT "sqlalchemy.dialects.mysql" "TINYTEXT" [TYPE_ENGINE] NONE;
    MYSQL_MEDIUMTEXT "sqlalchemy.dialects.mysql" "MEDIUMTEXT" [TYPE_ENGINE] NONE;
    MYSQL_LONGTEXT "sqlalchemy.dialects.mysql" "LONGTEXT" [TYPE_ENGINE] NONE;
    MYSQL_TINYBLOB "sqlalchemy.dialects.mysql" "TINYBLOB" [TYPE_ENGINE] NONE;
    MYSQL_MEDIUMBLOB "sqlalchemy.dialects.mysql" "MEDIUMBLOB" [TYPE_ENGINE] NONE;
    MYSQL_LONGBLOB "sqlalchemy.dialects.mysql" "LONGBLOB" [TYPE_ENGINE] NONE;
    MSSQL_DATETIME2 "sqlalchemy.dialects.mssql" "DATETIME2" [TYPE_ENGINE] NONE;
    MSSQL_DATETIMEOFFSET "sqlalchemy.dialects.mssql" "DATETIMEOFFSET" [TYPE_ENGINE] NONE;
    MSSQL_SMALLDATETIME "sqlalchemy.dialects.mssql" "SMALLDATETIME" [TYPE_ENGINE] NONE;
    MSSQL_MONEY "sqlalchemy.dialects.mssql" "MONEY" [TYPE_ENGINE] NONE;
    MSSQL_SMALLMONEY "sqlalchemy.dialects.mssql" "SMALLMONEY" [TYPE_ENGINE] NONE;
    MSSQL_UNIQUEIDENTIFIER "sqlalchemy.dialects.mssql" "UNIQUEIDENTIFIER" [TYPE_ENGINE] NONE;
    MSSQL_NTEXT "sqlalchemy.dialects.mssql" "NTEXT" [TYPE_ENGINE] NONE;
    MSSQL_IMAGE "sqlalchemy.dialects.mssql" "IMAGE" [TYPE_ENGINE] NONE;
    MSSQL_SQL_VARIANT "sqlalchemy.dialects.mssql" "SQL_VARIANT" [TYPE_ENGINE] NONE;
    MSSQL_XML "sqlalchemy.dialects.mssql" "XML" [TYPE_ENGINE] NONE;
    MSSQL_ROWVERSION "sqlalchemy.dialects.mssql" "ROWVERSION" [TYPE_ENGINE] NONE;
    MSSQL_TINYINT "sqlalchemy.dialects.mssql" "TINYINT" [TYPE_ENGINE] NONE;
    MSSQL_BIT "sqlalchemy.dialects.mssql" "BIT" [TYPE_ENGINE] NONE;
    ORACLE_NUMBER "sqlalchemy.dialects.oracle" "NUMBER" [TYPE_ENGINE] NONE;
    ORACLE_VARCHAR2 "sqlalchemy.dialects.oracle" "VARCHAR2" [TYPE_ENGINE] NONE;
    ORACLE_NVARCHAR2 "sqlalchemy.dialects.oracle" "NVARCHAR2" [TYPE_ENGINE] NONE;
    ORACLE_RAW "sqlalchemy.dialects.oracle" "RAW" [TYPE_ENGINE] NONE;
    ORACLE_LONG "sqlalchemy.dialects.oracle" "LONG" [TYPE_ENGINE] NONE;
    ORACLE_NCLOB "sqlalchemy.dialects.oracle" "NCLOB" [TYPE_ENGINE] NONE;
    ORACLE_BFILE "sqlalchemy.dialects.oracle" "BFILE" [TYPE_ENGINE] NONE;
    ORACLE_BINARY_DOUBLE "sqlalchemy.dialects.oracle" "BINARY_DOUBLE" [TYPE_ENGINE] NONE;
    ORACLE_BINARY_FLOAT "sqlalchemy.dialects.oracle" "BINARY_FLOAT" [TYPE_ENGINE] NONE;
    ORACLE_ROWID "sqlalchemy.dialects.oracle" "ROWID" [TYPE_ENGINE] NONE;
    ORACLE_INTERVAL "sqlalchemy.dialects.oracle" "INTERVAL" [TYPE_ENGINE] NONE;
    MYSQL_INTEGER "sqlalchemy.dialects.mysql" "INTEGER" [INTEGER] NONE;
    MYSQL_BIGINT "sqlalchemy.dialects.mysql" "BIGINT" [BIGINT] NONE;
    MYSQL_SMALLINT "sqlalchemy.dialects.mysql" "SMALLINT" [SMALLINT] NONE;
    MYSQL_NUMERIC "sqlalchemy.dialects.mysql" "NUMERIC" [NUMERIC] NONE;
    MYSQL_DECIMAL "sqlalchemy.dialects.mysql" "DECIMAL" [DECIMAL] NONE;
    MYSQL_FLOAT "sqlalchemy.dialects.mysql" "FLOAT" [FLOAT] NONE;
    MYSQL_REAL "sqlalchemy.dialects.mysql" "REAL" [REAL] NONE;
    MYSQL_DOUBLE "sqlalchemy.dialects.mysql" "DOUBLE" [DOUBLE] NONE;
    MYSQL_VARCHAR "sqlalchemy.dialects.mysql" "VARCHAR" [VARCHAR] NONE;
    MYSQL_CHAR "sqlalchemy.dialects.mysql" "CHAR" [CHAR] NONE;
    MYSQL_NVARCHAR "sqlalchemy.dialects.mysql" "NVARCHAR" [NVARCHAR] NONE;
    MYSQL_NCHAR "sqlalchemy.dialects.mysql" "NCHAR" [NCHAR] NONE;
    MYSQL_TEXT "sqlalchemy.dialects.mysql" "TEXT" [TEXT] NONE;
    MYSQL_DATETIME "sqlalchemy.dialects.mysql" "DATETIME" [DATETIME] NONE;
    MYSQL_TIMESTAMP "sqlalchemy.dialects.mysql" "TIMESTAMP" [TIMESTAMP] NONE;
    MYSQL_TIME "sqlalchemy.dialects.mysql" "TIME" [TIME] NONE;
    MYSQL_BIT "sqlalchemy.dialects.mysql" "BIT" [TYPE_ENGINE] NONE;
    MYSQL_ENUM "sqlalchemy.dialects.mysql" "ENUM" [ENUM_TYPE] NONE;
}

/// The class that `sqlalchemy.types` has under a name (PostgreSQL's where only it has one).
pub fn by_name(name: &str) -> Option<&'static NativeClass> {
    let generic = ALL
        .iter()
        .find(|class| class.name == name && class.module.starts_with("sqlalchemy.sql."));
    generic
        .copied()
        .or_else(|| dialect_class("postgresql", name))
}

/// The generic class of a name: `sqlalchemy.types.<name>`.
pub fn generic(name: &str) -> Option<&'static NativeClass> {
    ALL.iter()
        .find(|class| class.name == name && class.module.starts_with("sqlalchemy.sql."))
        .copied()
}

/// The class a dialect's package has under a name: its own, else the generic one.
pub fn dialect_class(dialect: &str, name: &str) -> Option<&'static NativeClass> {
    let package = format!("sqlalchemy.dialects.{dialect}");
    let own = ALL.iter().find(|class| {
        class.name == name
            && (class.module == package || class.module.starts_with(&format!("{package}.")))
    });
    own.copied()
}
