//! SQL expressions and queries as data: what `sa.text`, `sa.func`, `column == 5`, `sa.select` build. sqlalchemy/sql/elements.py.
//!
//! `build` makes them as SQLAlchemy's operators do (grouping by precedence, types inferred); `dialect::sql` writes them.

pub mod build;
pub mod from;
pub mod infer;
pub mod names;
pub mod negate;
pub mod operator;
pub mod query;

use std::rc::Rc;

use crate::schema::expr::from::From;
use crate::schema::expr::names::LabelName;
use crate::schema::expr::operator::Operator;
use crate::schema::expr::query::Delete;
use crate::schema::expr::query::Insert;
use crate::schema::expr::query::Query;
use crate::schema::expr::query::Update;
use crate::schema::expr::query::Values;
use crate::schema::literal::Literal;
use crate::schema::name::Name;
use crate::schema::sequence::Sequence;
use crate::schema::types::SqlType;

/// An expression, or a whole statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// `sa.text(...)`.
    Text(TextClause),
    /// A column, with or without a table.
    Column(Box<ColumnRef>),
    /// `sa.literal_column(...)`.
    LiteralColumn(String, Box<SqlType>),
    /// `*`.
    Star(Option<Box<From>>),
    /// A bound value.
    Bind(Box<Bind>),
    /// `sa.null()`.
    Null,
    /// `sa.true()`.
    True,
    /// `sa.false()`.
    False,
    /// A function call.
    Function(Box<Function>),
    /// `left op right`.
    Binary(Box<Binary>),
    /// A prefix or postfix operator.
    Unary(Box<Unary>),
    /// Expressions joined by an operator: `and_`, `or_`, comma lists.
    List(Box<ClauseList>),
    /// `sa.tuple_(...)`.
    Tuple(Vec<Self>, Vec<SqlType>),
    /// Parentheses.
    Grouping(Box<Self>),
    /// `.label(...)`.
    Label(Box<Label>),
    /// `CAST(x AS type)`.
    Cast(Box<Self>, Box<SqlType>),
    /// `type_coerce(x, type)`.
    TypeCoerce(Box<Self>, Box<SqlType>),
    /// `EXTRACT(field FROM x)`.
    Extract(String, Box<Self>),
    /// `CASE`.
    Case(Box<Case>),
    /// `x OVER (...)`.
    Over(Box<Over>),
    /// `x FILTER (WHERE ...)`.
    Filter(Box<Self>, Box<Self>),
    /// `x WITHIN GROUP (ORDER BY ...)`.
    WithinGroup(Box<Self>, Vec<Self>),
    /// The right side of `COLLATE`.
    Collation(Name),
    /// PostgreSQL's `ARRAY[...]`.
    Array(Vec<Self>, Box<SqlType>),
    /// PostgreSQL's `aggregate_order_by`.
    AggregateOrderBy(Box<Self>, Vec<Self>),
    /// A string in ORDER BY, GROUP BY or DISTINCT ON: the name of a selected column or label.
    LabelReference(String),
    /// `a:b` of a subscript.
    Slice(Option<Box<Self>>, Option<Box<Self>>),
    /// `sequence.next_value()`.
    NextValue(Box<Sequence>),
    /// A FROM element by itself (`func.count(table)`, `excluded`).
    From(Box<From>),
    /// SELECT and combinations of SELECTs, as a statement.
    Query(Rc<Query>),
    /// A query as a value.
    ScalarSubquery(Rc<Query>),
    /// `INSERT`.
    Insert(Box<Insert>),
    /// `UPDATE`.
    Update(Box<Update>),
    /// `DELETE`.
    Delete(Box<Delete>),
    /// `VALUES (...)`.
    Values(Box<Values>),
}

/// `sa.text`: the text with its `:name`s, and the values given to them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TextClause {
    /// The text as written.
    pub text: String,
    /// Values by name, as `bindparams` set them.
    pub binds: Vec<Bind>,
}

/// A column in an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnRef {
    /// The table or alias it belongs to.
    pub table: Option<From>,
    /// The name.
    pub name: Name,
    /// The key in `.c`.
    pub key: String,
    /// The type.
    pub sql_type: SqlType,
    /// Whether the column is a part of the primary key.
    pub primary_key: bool,
    /// Whether it is a `Column`, be it through an alias or a subquery, not a `ColumnClause`.
    pub of_table: bool,
    /// The name where the compiler numbers it: `max_1`, of a column of a subquery.
    pub anonymous: Option<Box<LabelName>>,
    /// How many columns of the same name its subquery has before it.
    pub repeated: usize,
}

/// A bound value.
#[derive(Debug, Clone, PartialEq)]
pub struct Bind {
    /// The name, or what an anonymous name derives from.
    pub key: String,
    /// Anonymous binds are numbered: `x_1`. The number tells them apart.
    pub unique: Option<u64>,
    /// The value; `None` when nothing was given.
    pub value: Option<Literal>,
    /// The type.
    pub sql_type: SqlType,
    /// `IN` lists.
    pub expanding: bool,
    /// `literal_execute=True`, or `op.inline_literal`.
    pub inline: bool,
}

/// A function call.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its identity.
    pub id: u64,
    /// `func.pkg.name` gives `["pkg"]`.
    pub packages: Vec<Name>,
    /// The name.
    pub name: Name,
    /// The arguments.
    pub arguments: Vec<Expr>,
    /// What it returns.
    pub sql_type: SqlType,
}

/// The modifier that holds a JSON element's path as SQLite takes it.
pub const SQLITE_PATH: &str = "sqlite_path";

/// `left op right`.
#[derive(Debug, Clone, PartialEq)]
pub struct Binary {
    /// The left side, grouped as precedence wants.
    pub left: Expr,
    /// The operator.
    pub operator: Operator,
    /// The right side, grouped as precedence wants.
    pub right: Expr,
    /// The type.
    pub sql_type: SqlType,
    /// What `~` makes of the operator.
    pub negate: Option<Operator>,
    /// `escape=`, `flags=`, `postgresql_regconfig=`.
    pub modifiers: Vec<(String, String)>,
}

/// An operator with one side.
#[derive(Debug, Clone, PartialEq)]
pub struct Unary {
    /// The operand, grouped as precedence wants.
    pub element: Expr,
    /// The operator.
    pub operator: Operator,
    /// The type.
    pub sql_type: SqlType,
}

/// Expressions joined by an operator.
#[derive(Debug, Clone, PartialEq)]
pub struct ClauseList {
    /// `AND`, `OR`, `,` or an arithmetic operator.
    pub operator: Operator,
    /// The expressions.
    pub clauses: Vec<Expr>,
    /// The type.
    pub sql_type: SqlType,
}

/// `.label(...)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// The name; `None` is anonymous.
    pub name: Option<Name>,
    /// Tells labels apart.
    pub id: u64,
    /// What is labelled.
    pub element: Expr,
}

/// `CASE`.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// `CASE value`.
    pub value: Option<Expr>,
    /// `WHEN … THEN …`.
    pub whens: Vec<(Expr, Expr)>,
    /// `ELSE`.
    pub else_: Option<Expr>,
    /// The type.
    pub sql_type: SqlType,
}

/// `x OVER (...)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Over {
    /// The function.
    pub element: Expr,
    /// PARTITION BY.
    pub partition_by: Vec<Expr>,
    /// ORDER BY.
    pub order_by: Vec<Expr>,
    /// `RANGE BETWEEN …`, `ROWS BETWEEN …`.
    pub frame: Option<Frame>,
}

/// The rows that a window function sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// `RANGE`, `ROWS`, `GROUPS`.
    pub unit: &'static str,
    /// Where it starts and ends: a number of rows or a distance, and what follows it; without one, all there is to say.
    pub ends: [(Option<Expr>, &'static str); 2],
}

impl Expr {
    /// `sa.text(text)`.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(TextClause {
            text: text.into(),
            binds: Vec::new(),
        })
    }

    /// `sa.column(name)`.
    pub fn column(name: impl Into<Name>, sql_type: SqlType) -> Self {
        Self::table_column(None, name, sql_type)
    }

    /// A column of a table.
    pub fn table_column(table: Option<From>, name: impl Into<Name>, sql_type: SqlType) -> Self {
        let name = name.into();
        let of_table = matches!(&table, Some(From::Table(table)) if table.is_table);
        Self::Column(Box::new(ColumnRef {
            table,
            key: name.text.clone(),
            name,
            sql_type,
            primary_key: false,
            of_table,
            anonymous: None,
            repeated: 0,
        }))
    }

    /// A value with a type, named like `param_1`.
    pub fn literal(value: Literal, sql_type: SqlType) -> Self {
        Self::Bind(Box::new(Bind::anonymous("param", value, sql_type)))
    }
}

impl Bind {
    /// An anonymous bind.
    pub fn anonymous(key: impl Into<String>, value: Literal, sql_type: SqlType) -> Self {
        Self {
            key: key.into(),
            unique: Some(crate::schema::expr::from::new_id()),
            value: Some(value),
            sql_type,
            expanding: false,
            inline: false,
        }
    }
}
