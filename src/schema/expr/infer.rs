//! Types and names of expressions. sqlalchemy/sql/sqltypes.py `_resolve_value_to_type`, `_adapt_expression`.

use std::cell::Cell;

use crate::schema::expr::Expr;
use crate::schema::expr::operator::Operator;
use crate::schema::literal::Literal;
use crate::schema::name::Name;
use crate::schema::types::BinaryKind;
use crate::schema::types::BinaryType;
use crate::schema::types::BooleanType;
use crate::schema::types::DateTimeKind;
use crate::schema::types::DateTimeType;
use crate::schema::types::IntegerSize;
use crate::schema::types::IntervalType;
use crate::schema::types::NumericKind;
use crate::schema::types::NumericType;
use crate::schema::types::SqlType;
use crate::schema::types::TimeType;
use crate::schema::types::UuidType;
use crate::schema::types::postgresql::PostgresqlType;

/// What kind of value a type holds: `_type_affinity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the affinity of its name")]
pub enum Affinity {
    Null,
    Integer,
    Numeric,
    String,
    Boolean,
    Date,
    DateTime,
    Time,
    Interval,
    Binary,
    Json,
    Uuid,
    Array,
    Other,
}

/// The plain `Integer()`.
pub fn integer() -> SqlType {
    SqlType::Integer(IntegerSize::Normal)
}

/// The plain `Boolean()`.
pub fn boolean() -> SqlType {
    SqlType::Boolean(BooleanType::default())
}

/// The plain `Numeric()`.
pub fn numeric() -> SqlType {
    SqlType::Numeric(NumericType {
        kind: NumericKind::Numeric,
        precision: None,
        scale: None,
        asdecimal: true,
    })
}

/// The plain `Float()`.
pub fn float() -> SqlType {
    SqlType::Numeric(NumericType {
        kind: NumericKind::Float,
        precision: None,
        scale: None,
        asdecimal: false,
    })
}

/// The plain `DateTime()`.
pub fn datetime(timezone: bool) -> SqlType {
    SqlType::DateTime(DateTimeType {
        kind: DateTimeKind::Generic,
        timezone,
        precision: None,
    })
}

/// The plain `Interval()`.
pub fn interval() -> SqlType {
    SqlType::Interval(IntervalType {
        native: true,
        second_precision: None,
        day_precision: None,
    })
}

impl SqlType {
    /// The affinity.
    pub fn affinity(&self) -> Affinity {
        match self.for_dialect("default") {
            Self::Null => Affinity::Null,
            Self::Integer(_) => Affinity::Integer,
            Self::Numeric(_) => Affinity::Numeric,
            Self::String(_) | Self::Enum(_) => Affinity::String,
            Self::Boolean(_) => Affinity::Boolean,
            Self::Date => Affinity::Date,
            Self::DateTime(_) => Affinity::DateTime,
            Self::Time(_) => Affinity::Time,
            Self::Interval(_) | Self::Postgresql(PostgresqlType::Interval { .. }) => {
                Affinity::Interval
            }
            Self::Binary(_) => Affinity::Binary,
            Self::Json(_) => Affinity::Json,
            Self::Uuid(_) => Affinity::Uuid,
            Self::Array(_) => Affinity::Array,
            _ => Affinity::Other,
        }
    }

    /// Whether both have the same `_type_affinity`.
    pub fn has_affinity_of(&self, other: &Self) -> bool {
        self.affinity() == other.affinity()
            && (!resolves_double() || is_float(self) == is_float(other))
    }

    /// `coerce_compared_value`: the type of a value that stands beside an expression of this type.
    pub fn coerce_compared_value(&self, value: &Literal) -> Self {
        let is_uuid_text = matches!((self, value), (Self::Uuid(_), Literal::Str(_)));
        if matches!(self, Self::Decorated(_)) || is_uuid_text {
            return self.clone();
        }
        let resolved = type_of_value(value);
        if resolved == Self::Null || resolved.has_affinity_of(self) {
            self.clone()
        } else {
            resolved
        }
    }
}

thread_local! {
    static RESOLVES_DOUBLE: Cell<bool> = const { Cell::new(true) };
}

/// Sets whether floats are `Double` and of another affinity than `Numeric`, as of SQLAlchemy 2.1.
pub fn set_resolves_double(is_so: bool) {
    RESOLVES_DOUBLE.set(is_so);
}

fn resolves_double() -> bool {
    RESOLVES_DOUBLE.get()
}

/// Whether this is `Float` or one of its subclasses.
fn is_float(sql_type: &SqlType) -> bool {
    match sql_type.for_dialect("default") {
        SqlType::Numeric(numeric) => {
            !matches!(numeric.kind, NumericKind::Numeric | NumericKind::Decimal)
        }
        _ => false,
    }
}

/// `_resolve_value_to_type`.
pub fn type_of_value(value: &Literal) -> SqlType {
    match value {
        Literal::Null
        | Literal::Json(_)
        | Literal::Array(_)
        | Literal::Rendered(_)
        | Literal::Opaque { .. } => SqlType::Null,
        Literal::Bool(_) => boolean(),
        Literal::Int(_) => integer(),
        Literal::Float(_) => SqlType::Numeric(NumericType {
            kind: match resolves_double() {
                true => NumericKind::Double,
                false => NumericKind::Float,
            },
            precision: None,
            scale: None,
            asdecimal: false,
        }),
        Literal::Decimal(_) => numeric(),
        Literal::Str(_) => SqlType::string(),
        Literal::Bytes(_) => SqlType::Binary(BinaryType {
            kind: BinaryKind::Large,
            length: None,
        }),
        Literal::Date(_) => SqlType::Date,
        Literal::Time(text) => SqlType::Time(TimeType {
            timezone: has_offset(text),
            precision: None,
        }),
        Literal::DateTime(text) => {
            datetime(text.split_once(' ').is_some_and(|(_, t)| has_offset(t)))
        }
        Literal::Interval(_) => interval(),
        Literal::Uuid(_) => SqlType::Uuid(UuidType {
            as_uuid: true,
            native_uuid: true,
            upper: false,
        }),
    }
}

fn has_offset(clock: &str) -> bool {
    clock.contains(['+', '-'])
}

/// `Numeric._expression_adaptations`: a class that is the other's affinity gives the other's type, one that is its own
/// affinity gives its own, any other a new one of its class.
fn adapt_numeric(left: &SqlType, right: &SqlType) -> SqlType {
    let SqlType::Numeric(own) = left else {
        return left.clone();
    };
    let affinity = |sql_type: &SqlType| match resolves_double() && is_float(sql_type) {
        true => NumericKind::Float,
        false => NumericKind::Numeric,
    };
    if right.affinity() == Affinity::Numeric && own.kind == affinity(right) {
        right.clone()
    } else if own.kind == affinity(left) {
        left.clone()
    } else {
        SqlType::Numeric(NumericType {
            precision: None,
            scale: None,
            ..own.clone()
        })
    }
}

/// `_adapt_expression`: the operator and the type of `left op right`.
pub fn adapt(left: &SqlType, operator: Operator, right: &SqlType) -> (Operator, SqlType) {
    use Affinity as A;
    let kind = left.affinity();
    let other = right.affinity();
    match kind {
        A::Null => {
            let commutative = matches!(
                operator,
                Operator::Eq | Operator::Ne | Operator::Add | Operator::Mul
            );
            if other == A::Null || !commutative {
                return (operator, left.clone());
            }
            return adapt(right, operator, left);
        }
        // `Concatenable`
        A::String | A::Array | A::Json
            if operator == Operator::Add
                && matches!(other, A::String | A::Array | A::Json | A::Null) =>
        {
            return (Operator::Concat, left.clone());
        }
        _ => {}
    }
    let adapted = match (kind, &operator, other) {
        (A::Integer, Operator::Add, A::Date) => Some(SqlType::Date),
        (A::Integer, Operator::Mul, A::Interval) => Some(interval()),
        (A::Integer, Operator::TrueDiv, A::Integer) => Some(numeric()),
        (
            A::Integer,
            Operator::Add | Operator::Mul | Operator::Sub | Operator::FloorDiv,
            A::Integer,
        ) => Some(right.clone()),
        (A::Integer, Operator::FloorDiv, A::Numeric) if !(resolves_double() && is_float(right)) => {
            Some(right.clone())
        }
        (A::Numeric, Operator::Mul, A::Interval) => Some(interval()),
        (
            A::Numeric,
            Operator::Add | Operator::Mul | Operator::Sub | Operator::TrueDiv,
            A::Numeric | A::Integer,
        ) => Some(adapt_numeric(left, right)),
        (
            A::Integer,
            Operator::Add | Operator::Mul | Operator::Sub | Operator::TrueDiv,
            A::Numeric,
        ) => Some(right.clone()),
        (A::Date, Operator::Add, A::Interval | A::Time) => Some(datetime(false)),
        (A::Date, Operator::Sub, A::Date) => Some(integer()),
        (A::Date, Operator::Sub, A::Interval) => Some(datetime(false)),
        (A::Date, Operator::Sub, A::DateTime)
        | (A::DateTime, Operator::Sub, A::DateTime)
        | (A::Time, Operator::Sub, A::Time) => Some(interval()),
        (A::Time, Operator::Add, A::Date) => Some(datetime(false)),
        (A::Interval, Operator::Add, A::Date | A::DateTime | A::Time) => Some(right.clone()),
        _ => None,
    };
    (operator, adapted.unwrap_or_else(|| left.clone()))
}

/// functions.py `OrderedSetAgg`: what these return is of the type that they are ordered by.
fn is_ordered_set(expr: &Expr) -> bool {
    match expr {
        Expr::Function(function) => matches!(
            function.name.text.as_str(),
            "percentile_cont" | "percentile_disc" | "mode"
        ),
        _ => false,
    }
}

impl Expr {
    /// The type.
    pub fn sql_type(&self) -> SqlType {
        match self {
            Self::Column(column) => column.sql_type.clone(),
            Self::LiteralColumn(_, sql_type)
            | Self::Cast(_, sql_type)
            | Self::TypeCoerce(_, sql_type)
            | Self::Array(_, sql_type) => (**sql_type).clone(),
            Self::Bind(bind) => bind.sql_type.clone(),
            Self::True | Self::False => boolean(),
            Self::Function(function) => function.sql_type.clone(),
            Self::Binary(binary) => binary.sql_type.clone(),
            Self::Unary(unary) => unary.sql_type.clone(),
            Self::List(list) => list.sql_type.clone(),
            Self::WithinGroup(inner, order) if is_ordered_set(inner) => {
                order.first().map_or(SqlType::Null, Self::sql_type)
            }
            Self::Grouping(inner)
            | Self::Filter(inner, _)
            | Self::WithinGroup(inner, _)
            | Self::AggregateOrderBy(inner, _) => inner.sql_type(),
            Self::Label(label) => label.element.sql_type(),
            Self::Extract(_, _) | Self::NextValue(_) => integer(),
            Self::Case(case) => case.sql_type.clone(),
            Self::Over(over) => over.element.sql_type(),
            Self::ScalarSubquery(query) => query.scalar_type(),
            Self::Text(_)
            | Self::Star(_)
            | Self::Null
            | Self::Tuple(_, _)
            | Self::Collation(_)
            | Self::Slice(_, _)
            | Self::LabelReference(_)
            | Self::From(_)
            | Self::Query(_)
            | Self::Insert(_)
            | Self::Update(_)
            | Self::Delete(_)
            | Self::Values(_) => SqlType::Null,
        }
    }

    /// The name under which a column of a SELECT is known outside, when it has one.
    pub fn column_name(&self) -> Option<Name> {
        match self {
            Self::Column(column) => Some(column.name.clone()),
            Self::LiteralColumn(text, _) => Some(Name::new(text.clone())),
            Self::Label(label) => label.name.clone(),
            Self::Function(function) => Some(function.name.clone()),
            Self::Cast(inner, _) | Self::TypeCoerce(inner, _) => match &**inner {
                Self::Column(_) | Self::Label(_) | Self::Cast(_, _) | Self::TypeCoerce(_, _) => {
                    inner.column_name()
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// What an anonymous bind beside this expression is called.
    pub fn bind_name(&self) -> String {
        match self {
            Self::Column(column) if column.anonymous.is_none() => column.key.clone(),
            Self::LiteralColumn(text, _) => text.clone(),
            Self::Function(function) => function.name.text.clone(),
            _ => "param".to_owned(),
        }
    }
}
