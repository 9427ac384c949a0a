//! Statements that read and change rows. sqlalchemy/sql/selectable.py, sqlalchemy/sql/dml.py.

use crate::schema::expr::ColumnRef;
use crate::schema::expr::Expr;
use crate::schema::expr::from::Cte;
use crate::schema::expr::from::From;
use crate::schema::expr::from::TableRef;
use crate::schema::expr::from::new_id;
use crate::schema::expr::names::expand;
use crate::schema::expr::names::exported;
use crate::schema::name::Name;
use crate::schema::types::SqlType;
use std::rc::Rc;

/// SELECT, or SELECTs combined.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// SELECT.
    Select(Box<Select>),
    /// UNION and the like.
    Compound(Box<Compound>),
    /// `text().columns(...)`.
    Text {
        /// The text.
        text: Expr,
        /// Its columns.
        columns: Vec<(Name, SqlType)>,
    },
}

/// SELECT.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Select {
    /// Its identity.
    pub id: SelectId,
    /// The columns.
    pub columns: Vec<Expr>,
    /// `select_from` and joins.
    pub froms: Vec<From>,
    /// WHERE, joined by AND.
    pub where_: Vec<Expr>,
    /// GROUP BY.
    pub group_by: Vec<Expr>,
    /// HAVING, joined by AND.
    pub having: Vec<Expr>,
    /// ORDER BY.
    pub order_by: Vec<Expr>,
    /// LIMIT.
    pub limit: Option<Expr>,
    /// OFFSET.
    pub offset: Option<Expr>,
    /// DISTINCT.
    pub distinct: bool,
    /// DISTINCT ON.
    pub distinct_on: Vec<Expr>,
    /// FOR UPDATE.
    pub for_update: Option<ForUpdate>,
    /// `prefix_with`.
    pub prefixes: Vec<Expr>,
    /// `suffix_with`.
    pub suffixes: Vec<Expr>,
    /// `correlate(...)`: `None` is automatic.
    pub correlate: Option<Vec<From>>,
    /// `correlate_except(...)`.
    pub correlate_except: Option<Vec<From>>,
    /// `add_cte`.
    pub ctes: Vec<Rc<Cte>>,
    /// `options(...)`: the numbers of the ORM's loader options.
    pub options: Vec<i64>,
}

/// The identity of a SELECT with its columns; the default is a new one.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectId(pub u64);

impl Default for SelectId {
    fn default() -> Self {
        Self(new_id())
    }
}

/// FOR UPDATE.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ForUpdate {
    /// SHARE.
    pub read: bool,
    /// NOWAIT.
    pub nowait: bool,
    /// SKIP LOCKED.
    pub skip_locked: bool,
    /// KEY SHARE, NO KEY UPDATE.
    pub key_share: bool,
    /// OF.
    pub of: Vec<From>,
}

/// UNION and the like.
#[derive(Debug, Clone, PartialEq)]
pub struct Compound {
    /// `UNION`, `UNION ALL`, …
    pub keyword: &'static str,
    /// The queries.
    pub queries: Vec<Rc<Query>>,
    /// ORDER BY.
    pub order_by: Vec<Expr>,
    /// GROUP BY.
    pub group_by: Vec<Expr>,
    /// LIMIT.
    pub limit: Option<Expr>,
    /// OFFSET.
    pub offset: Option<Expr>,
}

/// The rows of an INSERT.
#[derive(Debug, Clone, PartialEq)]
pub enum InsertRows {
    /// Nothing was given: one bind per column.
    Unset,
    /// `values(...)` or `values([...])`: column keys and values.
    Values(Vec<Vec<(String, Expr)>>),
    /// `from_select(names, query)`; `true` includes defaults.
    Select(Vec<String>, Rc<Query>, bool),
}

/// INSERT.
#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    /// The table.
    pub table: Rc<TableRef>,
    /// The rows.
    pub rows: InsertRows,
    /// Whether `values` was a list, even of one.
    pub multiple: bool,
    /// `inline()`.
    pub inline: bool,
    /// RETURNING.
    pub returning: Vec<Expr>,
    /// ON CONFLICT.
    pub on_conflict: Option<OnConflict>,
    /// `prefix_with`.
    pub prefixes: Vec<Expr>,
    /// `add_cte`.
    pub ctes: Vec<Rc<Cte>>,
}

/// What ON CONFLICT looks at.
#[derive(Debug, Clone, PartialEq)]
pub enum ConflictTarget {
    /// Nothing.
    None,
    /// `constraint=`.
    Constraint(Name),
    /// `index_elements=`, `index_where=`.
    Elements(Vec<Expr>, Option<Expr>),
}

/// PostgreSQL's ON CONFLICT.
#[derive(Debug, Clone, PartialEq)]
pub struct OnConflict {
    /// What it looks at.
    pub target: ConflictTarget,
    /// DO UPDATE SET; `None` is DO NOTHING.
    pub set: Option<Vec<(Name, Expr)>>,
    /// WHERE of DO UPDATE.
    pub where_: Option<Expr>,
}

/// The left side of a SET.
#[derive(Debug, Clone, PartialEq)]
pub enum SetKey {
    /// A column by its key.
    Name(String),
    /// A column of some table, or another expression (`t.c.data["x"]`).
    Expr(Expr),
}

/// UPDATE.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// The table.
    pub table: From,
    /// `values(...)`; `None` when nothing was given.
    pub values: Option<Vec<(SetKey, Expr)>>,
    /// `ordered_values(...)`.
    pub ordered: bool,
    /// WHERE, joined by AND.
    pub where_: Vec<Expr>,
    /// RETURNING.
    pub returning: Vec<Expr>,
    /// `inline()`.
    pub inline: bool,
    /// `prefix_with`.
    pub prefixes: Vec<Expr>,
    /// `add_cte`.
    pub ctes: Vec<Rc<Cte>>,
}

/// DELETE.
#[derive(Debug, Clone, PartialEq)]
pub struct Delete {
    /// The table.
    pub table: From,
    /// WHERE, joined by AND.
    pub where_: Vec<Expr>,
    /// RETURNING.
    pub returning: Vec<Expr>,
    /// `prefix_with`.
    pub prefixes: Vec<Expr>,
    /// `add_cte`.
    pub ctes: Vec<Rc<Cte>>,
}

/// `VALUES`.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// Its identity.
    pub id: u64,
    /// The columns.
    pub columns: Vec<(Name, SqlType)>,
    /// The name.
    pub name: Option<Name>,
    /// The rows.
    pub rows: Vec<Vec<Expr>>,
}

impl Query {
    /// How many columns its rows have.
    pub fn column_count(&self) -> usize {
        match self {
            Self::Select(select) => expand(&select.columns).len(),
            Self::Compound(compound) => {
                let first = compound.queries.first();
                first.map_or(0, |first| first.column_count())
            }
            Self::Text { columns, .. } => columns.len(),
        }
    }

    /// The columns that a query offers outside.
    pub fn exported_columns(&self) -> Vec<ColumnRef> {
        match self {
            Self::Select(select) => exported(Some(select.id.0), &select.columns),
            Self::Compound(compound) => compound
                .queries
                .first()
                .map(|first| first.exported_columns())
                .unwrap_or_default(),
            Self::Text { columns, .. } => columns
                .iter()
                .map(|(name, sql_type)| ColumnRef {
                    table: None,
                    key: name.text.clone(),
                    name: name.clone(),
                    sql_type: sql_type.clone(),
                    primary_key: false,
                    of_table: false,
                    anonymous: None,
                    repeated: 0,
                })
                .collect(),
        }
    }

    /// The type of the first column.
    pub fn scalar_type(&self) -> SqlType {
        match self {
            Self::Select(select) => match select.columns.first() {
                Some(first) => first.sql_type(),
                None => SqlType::Null,
            },
            Self::Compound(_) | Self::Text { .. } => self
                .exported_columns()
                .first()
                .map_or(SqlType::Null, |column| column.sql_type.clone()),
        }
    }
}
