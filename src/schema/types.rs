//! SQL types as SQLAlchemy distinguishes them: sqlalchemy/sql/sqltypes.py. Text is made by `dialect::types`.

pub mod postgresql;

use std::rc::Rc;

use crate::schema::expr::Expr;
use crate::schema::name::Name;
use crate::schema::types::postgresql::PostgresqlType;

/// A column type.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlType {
    /// `NullType`: no type given.
    Null,
    /// `Integer`, `SmallInteger`, `BigInteger` and their upper-case forms.
    Integer(IntegerSize),
    /// `Numeric`, `Float`, `Double` and their upper-case forms.
    Numeric(NumericType),
    /// `String`, `Text`, `Unicode`, `UnicodeText` and their upper-case forms.
    String(StringType),
    /// `Boolean`.
    Boolean(BooleanType),
    /// `Date`.
    Date,
    /// `DateTime`, `DATETIME`, `TIMESTAMP`.
    DateTime(DateTimeType),
    /// `Time`.
    Time(TimeType),
    /// The generic `Interval`.
    Interval(IntervalType),
    /// `LargeBinary`, `PickleType` and the binary upper-case types.
    Binary(BinaryType),
    /// `JSON` and PostgreSQL's `JSONB`.
    Json(JsonType),
    /// `Uuid` and `UUID`.
    Uuid(UuidType),
    /// `Enum` and PostgreSQL's `ENUM`.
    Enum(Box<EnumType>),
    /// `ARRAY`.
    Array(Box<ArrayType>),
    /// `Type().with_variant(...)`.
    Variant(Box<VariantType>),
    /// A `TypeDecorator` subclass.
    Decorated(Box<DecoratedType>),
    /// A `UserDefinedType` subclass.
    UserDefined(UserDefinedType),
    /// A type only PostgreSQL has.
    Postgresql(PostgresqlType),
    /// A type only another dialect has (`mysql.LONGTEXT`): it cannot be rendered elsewhere.
    Foreign(ForeignType),
}

/// The three sizes of integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntegerSize {
    /// `SmallInteger`.
    Small,
    /// `Integer`.
    Normal,
    /// `BigInteger`.
    Big,
}

/// Which numeric type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumericKind {
    /// `Numeric`, `NUMERIC`.
    Numeric,
    /// `DECIMAL`.
    Decimal,
    /// `Float`, `FLOAT`.
    Float,
    /// The generic `Double`.
    Double,
    /// `DOUBLE`.
    UpperDouble,
    /// `DOUBLE_PRECISION`.
    DoublePrecision,
    /// `REAL`.
    Real,
}

/// A numeric type.
#[derive(Debug, Clone, PartialEq)]
pub struct NumericType {
    /// Which.
    pub kind: NumericKind,
    /// Digits in all (or the precision of a float).
    pub precision: Option<i64>,
    /// Digits after the point.
    pub scale: Option<i64>,
    /// Whether Python reads `Decimal`.
    pub asdecimal: bool,
}

/// Which text type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StringKind {
    /// `String`.
    String,
    /// `Text`.
    Text,
    /// `Unicode`.
    Unicode,
    /// `UnicodeText`.
    UnicodeText,
    /// `VARCHAR`.
    Varchar,
    /// `CHAR`.
    Char,
    /// `NCHAR`.
    Nchar,
    /// `NVARCHAR`.
    Nvarchar,
    /// `TEXT`.
    UpperText,
    /// `CLOB`.
    Clob,
}

/// A text type.
#[derive(Debug, Clone, PartialEq)]
pub struct StringType {
    /// Which.
    pub kind: StringKind,
    /// The length.
    pub length: Option<i64>,
    /// The collation.
    pub collation: Option<String>,
}

/// `Boolean`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BooleanType {
    /// Whether databases without booleans get a CHECK.
    pub create_constraint: bool,
    /// The name of that CHECK.
    pub name: Option<Name>,
}

/// Which date-and-time type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateTimeKind {
    /// The generic `DateTime`.
    Generic,
    /// `DATETIME`.
    Datetime,
    /// `TIMESTAMP`.
    Timestamp,
}

/// A date-and-time type.
#[derive(Debug, Clone, PartialEq)]
pub struct DateTimeType {
    /// Which.
    pub kind: DateTimeKind,
    /// WITH TIME ZONE.
    pub timezone: bool,
    /// PostgreSQL's `TIMESTAMP(precision=…)`.
    pub precision: Option<i64>,
}

/// A time-of-day type.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TimeType {
    /// WITH TIME ZONE.
    pub timezone: bool,
    /// PostgreSQL's `TIME(precision=…)`.
    pub precision: Option<i64>,
}

/// The generic `Interval`.
#[derive(Debug, Clone, PartialEq)]
pub struct IntervalType {
    /// Whether a native type is used where there is one.
    pub native: bool,
    /// Fractional digits of seconds.
    pub second_precision: Option<i64>,
    /// Digits of days.
    pub day_precision: Option<i64>,
}

/// Which binary type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryKind {
    /// `LargeBinary`.
    Large,
    /// `PickleType`.
    Pickle,
    /// `BLOB`.
    Blob,
    /// `BINARY`.
    Binary,
    /// `VARBINARY`.
    Varbinary,
    /// PostgreSQL's `BYTEA`.
    Bytea,
}

/// A binary type.
#[derive(Debug, Clone, PartialEq)]
pub struct BinaryType {
    /// Which.
    pub kind: BinaryKind,
    /// The length.
    pub length: Option<i64>,
}

/// A JSON type.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JsonType {
    /// Whether this is PostgreSQL's `JSONB`.
    pub binary: bool,
    /// Whether Python's `None` is SQL NULL rather than JSON `null`.
    pub none_as_null: bool,
}

/// `Uuid`, `UUID`.
#[derive(Debug, Clone, PartialEq)]
pub struct UuidType {
    /// Whether Python sees `uuid.UUID` (otherwise text).
    pub as_uuid: bool,
    /// Whether the native type is used where there is one.
    pub native_uuid: bool,
    /// Whether this is the upper-case `UUID`.
    pub upper: bool,
}

/// `Enum`, and PostgreSQL's `ENUM`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EnumType {
    /// The labels.
    pub enums: Vec<String>,
    /// The Python names of the members, in the order of the labels, when made from a Python enum class.
    pub members: Option<Vec<String>>,
    /// The name of the type (and of the CHECK, if any).
    pub name: Option<Name>,
    /// Its schema.
    pub schema: Option<Name>,
    /// `native_enum`.
    pub native_enum: bool,
    /// `create_constraint`.
    pub create_constraint: bool,
    /// `inherit_schema`.
    pub inherit_schema: bool,
    /// `length` of the VARCHAR where it is not native.
    pub length: Option<i64>,
    /// `create_type`, when given.
    pub create_type: Option<bool>,
    /// Whether this is PostgreSQL's upper-case `ENUM`.
    pub upper: bool,
    /// Whether the type belongs to a `MetaData`.
    pub has_metadata: bool,
}

impl EnumType {
    /// The length of the VARCHAR: the longest label unless given.
    pub fn effective_length(&self) -> Option<i64> {
        let longest = self
            .enums
            .iter()
            .map(|label| label.chars().count() as i64)
            .max()
            .unwrap_or(0);
        Some(self.length.map_or(longest, |length| length))
    }
}

/// `ARRAY`.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayType {
    /// The type of an item.
    pub item: SqlType,
    /// The number of dimensions, when given.
    pub dimensions: Option<i64>,
}

/// A type with other types for certain dialects.
#[derive(Debug, Clone, PartialEq)]
pub struct VariantType {
    /// What other dialects use.
    pub default: SqlType,
    /// Dialect name and type.
    pub mapping: Vec<(String, SqlType)>,
}

/// Which instance of a Python class a type was made from: who holds the instances gives the numbers. Which one it is makes no type differ.
#[derive(Debug, Clone, Copy, Default)]
pub struct TypeInstance(pub usize);

impl PartialEq for TypeInstance {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

/// A `TypeDecorator` subclass.
#[derive(Debug, Clone, PartialEq)]
pub struct DecoratedType {
    /// The name of the Python class.
    pub class: String,
    /// The instance.
    pub instance: TypeInstance,
    /// The type it wraps for the dialect of this run.
    pub implementation: SqlType,
    /// What it puts around values and columns.
    pub hooks: Option<Rc<TypeHooks>>,
}

/// What a type written in Python puts around the values and the columns of its own: `bind_expression`, `column_expression`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TypeHooks {
    /// Around a value that is sent: an expression with [`TypeHooks::PLACE`] in the place of the value; or why that is not known.
    pub bind: Option<Result<Expr, String>>,
    /// Around a column whose rows are read.
    pub column: Option<Result<Expr, String>>,
}

impl TypeHooks {
    /// The key of the bind, or the text of the column, that stands for the thing itself.
    pub const PLACE: &'static str = "\u{0}";
}

impl SqlType {
    /// What is put around a value of this type.
    pub fn bind_hook(&self) -> Option<&Result<Expr, String>> {
        self.hook(|hooks| hooks.bind.as_ref())
    }

    /// What is put around a column of this type in the rows that are read.
    pub fn column_hook(&self) -> Option<&Result<Expr, String>> {
        self.hook(|hooks| hooks.column.as_ref())
    }

    fn hook(
        &self,
        choose: fn(&TypeHooks) -> Option<&Result<Expr, String>>,
    ) -> Option<&Result<Expr, String>> {
        let mut current = self;
        loop {
            let (hooks, next) = match current {
                Self::Decorated(decorated) => (&decorated.hooks, Some(&decorated.implementation)),
                Self::UserDefined(user) => (&user.hooks, None),
                _ => return None,
            };
            if let Some(found) = hooks.as_deref().and_then(choose) {
                return Some(found);
            }
            current = next?;
        }
    }
}

/// A `UserDefinedType` subclass.
#[derive(Debug, Clone, PartialEq)]
pub struct UserDefinedType {
    /// The name of the Python class.
    pub class: String,
    /// The instance.
    pub instance: TypeInstance,
    /// What `get_col_spec()` returned.
    pub spec: String,
    /// What it puts around values and columns.
    pub hooks: Option<Rc<TypeHooks>>,
}

/// A type of another dialect.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignType {
    /// The dialect.
    pub dialect: &'static str,
    /// The class name, for instance `LONGTEXT`.
    pub name: &'static str,
}

impl SqlType {
    /// The type that a dialect uses: variants chosen, decorators opened.
    pub fn for_dialect(&self, dialect: &str) -> &Self {
        let mut current = self;
        loop {
            match current {
                Self::Variant(variant) => {
                    let found = variant.mapping.iter().find(|(name, _)| name == dialect);
                    current = found.map_or(&variant.default, |(_, chosen)| chosen);
                }
                Self::Decorated(decorated) => current = &decorated.implementation,
                _ => return current,
            }
        }
    }

    /// Whether `AUTOINCREMENT` makes sense: sqlalchemy/sql/schema.py `_validate_autoinc`. 2.0 also takes `Numeric`.
    pub fn is_integer(&self) -> bool {
        matches!(self, Self::Integer(_))
    }

    /// The plain `String()`.
    pub fn string() -> Self {
        Self::String(StringType {
            kind: StringKind::String,
            length: None,
            collation: None,
        })
    }
}
