//! Types only PostgreSQL has: sqlalchemy/dialects/postgresql/{types,named_types,ranges,hstore,json,bitstring}.py.

use crate::schema::default::DefaultValue;
use crate::schema::expr::Expr;
use crate::schema::name::Name;
use crate::schema::types::SqlType;

/// A type only PostgreSQL has.
#[derive(Debug, Clone, PartialEq)]
pub enum PostgresqlType {
    /// A type that is its upper-case name and nothing else.
    Plain(PlainType),
    /// `BIT`.
    Bit {
        /// The length.
        length: Option<i64>,
        /// `BIT VARYING`.
        varying: bool,
    },
    /// `INTERVAL`.
    Interval {
        /// `DAY TO SECOND` and the like.
        fields: Option<String>,
        /// Fractional digits of seconds.
        precision: Option<i64>,
    },
    /// `DOMAIN`.
    Domain(Box<DomainType>),
}

/// Types without arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the SQL type of its name")]
pub enum PlainType {
    Inet,
    Cidr,
    Macaddr,
    Macaddr8,
    Money,
    Oid,
    Regclass,
    Regconfig,
    Citext,
    Hstore,
    Tsvector,
    Tsquery,
    Jsonpath,
    Int4range,
    Int8range,
    Numrange,
    Daterange,
    Tsrange,
    Tstzrange,
    Int4multirange,
    Int8multirange,
    Nummultirange,
    Datemultirange,
    Tsmultirange,
    Tstzmultirange,
}

impl PlainType {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Inet,
        Self::Cidr,
        Self::Macaddr,
        Self::Macaddr8,
        Self::Money,
        Self::Oid,
        Self::Regclass,
        Self::Regconfig,
        Self::Citext,
        Self::Hstore,
        Self::Tsvector,
        Self::Tsquery,
        Self::Jsonpath,
        Self::Int4range,
        Self::Int8range,
        Self::Numrange,
        Self::Daterange,
        Self::Tsrange,
        Self::Tstzrange,
        Self::Int4multirange,
        Self::Int8multirange,
        Self::Nummultirange,
        Self::Datemultirange,
        Self::Tsmultirange,
        Self::Tstzmultirange,
    ];

    /// The SQL name, which is also the Python class name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inet => "INET",
            Self::Cidr => "CIDR",
            Self::Macaddr => "MACADDR",
            Self::Macaddr8 => "MACADDR8",
            Self::Money => "MONEY",
            Self::Oid => "OID",
            Self::Regclass => "REGCLASS",
            Self::Regconfig => "REGCONFIG",
            Self::Citext => "CITEXT",
            Self::Hstore => "HSTORE",
            Self::Tsvector => "TSVECTOR",
            Self::Tsquery => "TSQUERY",
            Self::Jsonpath => "JSONPATH",
            Self::Int4range => "INT4RANGE",
            Self::Int8range => "INT8RANGE",
            Self::Numrange => "NUMRANGE",
            Self::Daterange => "DATERANGE",
            Self::Tsrange => "TSRANGE",
            Self::Tstzrange => "TSTZRANGE",
            Self::Int4multirange => "INT4MULTIRANGE",
            Self::Int8multirange => "INT8MULTIRANGE",
            Self::Nummultirange => "NUMMULTIRANGE",
            Self::Datemultirange => "DATEMULTIRANGE",
            Self::Tsmultirange => "TSMULTIRANGE",
            Self::Tstzmultirange => "TSTZMULTIRANGE",
        }
    }
}

/// `DOMAIN`: sqlalchemy/dialects/postgresql/named_types.py.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainType {
    /// The name.
    pub name: Option<Name>,
    /// The schema.
    pub schema: Option<Name>,
    /// The type behind it.
    pub data_type: SqlType,
    /// The collation.
    pub collation: Option<String>,
    /// The default.
    pub default: Option<DefaultValue>,
    /// The name of its constraint.
    pub constraint_name: Option<Name>,
    /// NOT NULL.
    pub not_null: bool,
    /// CHECK.
    pub check: Option<Expr>,
    /// Whether `create_table` creates it.
    pub create_type: bool,
    /// Whether it belongs to a `MetaData`.
    pub has_metadata: bool,
}
