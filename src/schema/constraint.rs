//! Constraints, with names already resolved by naming conventions.

use indexmap::IndexMap;

use crate::schema::expr::Expr;
use crate::schema::name::Name;
use crate::schema::options::OptionValue;
use crate::schema::table::TableName;

/// What all constraints share.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConstraintBase {
    /// The name.
    pub name: Option<Name>,
    /// DEFERRABLE or NOT DEFERRABLE.
    pub deferrable: Option<bool>,
    /// INITIALLY what.
    pub initially: Option<String>,
    /// `postgresql_…` options, by full name.
    pub options: IndexMap<String, OptionValue>,
}

/// A constraint.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// What all constraints share.
    pub base: ConstraintBase,
    /// Which kind.
    pub kind: ConstraintKind,
}

impl Constraint {
    /// Whether it comes from the type of a column.
    pub fn is_type_bound(&self) -> bool {
        matches!(
            self.kind,
            ConstraintKind::Check {
                is_type_bound: true,
                ..
            }
        )
    }
}

/// The kinds of constraints.
#[derive(Debug, Clone, PartialEq)]
pub enum ConstraintKind {
    /// `PrimaryKeyConstraint`.
    PrimaryKey {
        /// The columns.
        columns: Vec<Name>,
    },
    /// `UniqueConstraint`.
    Unique {
        /// The columns.
        columns: Vec<Name>,
    },
    /// `ForeignKeyConstraint`.
    ForeignKey(ForeignKey),
    /// `CheckConstraint`.
    Check {
        /// The condition.
        sqltext: Expr,
        /// Whether it comes from a type (`Enum`, `Boolean`).
        is_type_bound: bool,
    },
    /// PostgreSQL's `ExcludeConstraint`.
    Exclude(Exclude),
    /// `drop_constraint` without a type: a bare name.
    Unknown,
}

/// `ForeignKeyConstraint`.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignKey {
    /// Local columns.
    pub columns: Vec<Name>,
    /// The table referred to.
    pub referred: TableName,
    /// Its columns.
    pub referred_columns: Vec<Name>,
    /// ON UPDATE.
    pub onupdate: Option<String>,
    /// ON DELETE.
    pub ondelete: Option<String>,
    /// MATCH.
    pub match_: Option<String>,
    /// `use_alter`.
    pub use_alter: bool,
}

/// PostgreSQL's `ExcludeConstraint`.
#[derive(Debug, Clone, PartialEq)]
pub struct Exclude {
    /// Expression, its key for `ops`, and operator.
    pub elements: Vec<(Expr, Option<String>, String)>,
    /// `USING`.
    pub using: String,
    /// `WHERE`.
    pub where_: Option<Expr>,
    /// Operator classes by key.
    pub ops: IndexMap<String, String>,
}
