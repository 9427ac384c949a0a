//! What stands after FROM: tables, aliases, subqueries, joins. sqlalchemy/sql/selectable.py.

use std::cell::Cell;
use std::rc::Rc;

use crate::schema::expr::ColumnRef;
use crate::schema::expr::Expr;
use crate::schema::expr::names::exported;
use crate::schema::expr::query::Query;
use crate::schema::expr::query::Values;
use crate::schema::name::Name;
use crate::schema::table::TableName;
use crate::schema::types::SqlType;

thread_local! {
    static NEXT: Cell<u64> = const { Cell::new(1) };
}

/// A number nobody else has: Python's `id()`.
pub fn new_id() -> u64 {
    NEXT.with(|next| {
        let id = next.get();
        next.set(id + 1);
        id
    })
}

/// A FROM element.
#[derive(Debug, Clone)]
pub enum From {
    /// `Table`, `table()`.
    Table(Rc<TableRef>),
    /// An alias of any other.
    Alias(Rc<Alias>),
    /// A common table expression.
    Cte(Rc<Cte>),
    /// A JOIN.
    Join(Rc<Join>),
    /// `sa.text` in FROM.
    Text(String),
    /// A function in FROM.
    Function(Rc<Expr>),
    /// `VALUES` in FROM.
    Values(Rc<Values>),
}

/// `Table`, `table()`.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRef {
    /// Its identity.
    pub id: u64,
    /// Name and schema.
    pub name: TableName,
    /// Its columns.
    pub columns: Vec<TableColumn>,
    /// Whether this is a `Table` (with a primary key and defaults) rather than `table()`.
    pub is_table: bool,
    /// The mapped class through which it was named: its number. Upstream's "parententity" annotation.
    pub entity: Option<u64>,
}

/// A column of a table, as far as queries depend on it.
#[derive(Debug, Clone, PartialEq)]
pub struct TableColumn {
    /// The key in `.c`.
    pub key: String,
    /// The name.
    pub name: Name,
    /// The type.
    pub sql_type: SqlType,
    /// Whether it is a part of the primary key.
    pub primary_key: bool,
    /// `default=`.
    pub default: Option<ColumnDefault>,
    /// `onupdate=`.
    pub onupdate: Option<ColumnDefault>,
    /// Whether there is a `server_default`.
    pub has_server_default: bool,
    /// Whether it is its table's `_autoincrement_column`.
    pub is_autoincrement: bool,
    /// The columns it refers to.
    pub references: Vec<Reference>,
}

/// What a foreign key of a column says.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The schema of the table it refers to.
    pub schema: Option<String>,
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// References of one constraint have the same number.
    pub constraint: u64,
}

impl TableColumn {
    /// A column with nothing but a name and a type.
    pub fn new(name: impl Into<Name>, sql_type: SqlType) -> Self {
        let name = name.into();
        Self {
            key: name.text.clone(),
            name,
            sql_type,
            primary_key: false,
            default: None,
            onupdate: None,
            has_server_default: false,
            is_autoincrement: false,
            references: Vec::new(),
        }
    }
}

/// A client-side default.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnDefault {
    /// An expression or a constant.
    Expr(Expr),
    /// A Python function.
    Callable(Callable),
}

/// A Python function as the layers that know no Python carry it.
#[derive(Clone)]
pub struct Callable {
    /// Its name.
    pub name: String,
    /// The function, for those who know what it is.
    pub function: Rc<dyn std::any::Any>,
}

impl std::fmt::Debug for Callable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Callable({})", self.name)
    }
}

impl PartialEq for Callable {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.function, &other.function)
    }
}

/// An alias.
#[derive(Debug, Clone)]
pub struct Alias {
    /// Its identity.
    pub id: u64,
    /// What it names.
    pub element: AliasElement,
    /// The name; `None` is anonymous (`anon_1`, `t_1`).
    pub name: Option<Name>,
    /// LATERAL.
    pub lateral: bool,
    /// `AS t(a, b)`: the columns written with the alias, with types when `render_derived(with_types=True)`.
    pub derived: Option<(Vec<(Name, SqlType)>, bool)>,
    /// WITH ORDINALITY.
    pub ordinality: bool,
    /// What an anonymous name derives from, where it is not the element's own.
    pub base: Option<String>,
}

/// What an alias names.
#[derive(Debug, Clone)]
pub enum AliasElement {
    /// A table or the like.
    From(From),
    /// A query.
    Query(Rc<Query>),
}

/// A common table expression.
#[derive(Debug, Clone)]
pub struct Cte {
    /// Its identity.
    pub id: u64,
    /// The name; `None` is anonymous.
    pub name: Option<Name>,
    /// The statement: a query, or an INSERT, UPDATE or DELETE with RETURNING.
    pub element: Expr,
    /// RECURSIVE.
    pub recursive: bool,
    /// An alias of the expression: its name.
    pub alias: Option<Name>,
}

/// A JOIN.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// The left side.
    pub left: From,
    /// The right side.
    pub right: From,
    /// ON.
    pub onclause: Expr,
    /// LEFT OUTER.
    pub is_outer: bool,
    /// FULL OUTER.
    pub full: bool,
}

impl PartialEq for From {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Table(left), Self::Table(right)) => left.id == right.id,
            (Self::Alias(left), Self::Alias(right)) => left.id == right.id,
            (Self::Cte(left), Self::Cte(right)) => left.id == right.id,
            (Self::Join(left), Self::Join(right)) => Rc::ptr_eq(left, right) || left == right,
            (Self::Text(left), Self::Text(right)) => left == right,
            (Self::Function(left), Self::Function(right)) => Rc::ptr_eq(left, right),
            (Self::Values(left), Self::Values(right)) => left.id == right.id,
            (
                Self::Table(_)
                | Self::Alias(_)
                | Self::Cte(_)
                | Self::Join(_)
                | Self::Text(_)
                | Self::Function(_)
                | Self::Values(_),
                _,
            ) => false,
        }
    }
}

impl PartialEq for Cte {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl From {
    /// A `table()` without columns.
    pub fn table(name: TableName) -> Self {
        Self::Table(Rc::new(TableRef {
            id: new_id(),
            name,
            columns: Vec::new(),
            is_table: false,
            entity: None,
        }))
    }

    /// The columns, in order, as expressions.
    pub fn columns(&self) -> Vec<ColumnRef> {
        match self {
            Self::Table(table) => table
                .columns
                .iter()
                .map(|column| ColumnRef {
                    table: Some(self.clone()),
                    name: column.name.clone(),
                    key: column.key.clone(),
                    sql_type: column.sql_type.clone(),
                    primary_key: column.primary_key,
                    of_table: table.is_table,
                    anonymous: None,
                    repeated: 0,
                })
                .collect(),
            Self::Alias(alias) => {
                let inner = match (&alias.derived, &alias.element) {
                    (Some((columns, _)), _) => named_columns(columns),
                    (None, AliasElement::From(Self::Function(function))) => {
                        exported(None, &[(**function).clone()])
                    }
                    (None, AliasElement::From(from)) => from.columns(),
                    (None, AliasElement::Query(query)) => query.exported_columns(),
                };
                self.own(inner)
            }
            Self::Cte(cte) => self.own(match &cte.element {
                Expr::Query(query) => query.exported_columns(),
                Expr::Insert(insert) => exported(None, &insert.returning),
                Expr::Update(update) => exported(None, &update.returning),
                Expr::Delete(delete) => exported(None, &delete.returning),
                _ => Vec::new(),
            }),
            Self::Join(join) => {
                let mut columns = join.left.columns();
                columns.extend(join.right.columns());
                columns
            }
            Self::Values(values) => self.own(named_columns(&values.columns)),
            Self::Text(_) | Self::Function(_) => Vec::new(),
        }
    }

    /// These columns as this element's own.
    fn own(&self, columns: Vec<ColumnRef>) -> Vec<ColumnRef> {
        columns
            .into_iter()
            .map(|column| ColumnRef {
                table: Some(self.clone()),
                ..column
            })
            .collect()
    }

    /// What an alias of a table names.
    pub fn base(&self) -> &Self {
        match self {
            Self::Alias(alias) => match &alias.element {
                AliasElement::From(inner @ Self::Table(_)) => inner,
                AliasElement::From(_) | AliasElement::Query(_) => self,
            },
            Self::Table(_)
            | Self::Cte(_)
            | Self::Join(_)
            | Self::Text(_)
            | Self::Function(_)
            | Self::Values(_) => self,
        }
    }

    /// The elements of a join, or the element itself.
    pub fn leaves(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        let mut waiting = vec![self];
        while let Some(from) = waiting.pop() {
            match from {
                Self::Join(join) => {
                    waiting.push(&join.right);
                    waiting.push(&join.left);
                }
                Self::Table(_)
                | Self::Alias(_)
                | Self::Cte(_)
                | Self::Text(_)
                | Self::Function(_)
                | Self::Values(_) => found.push(from),
            }
        }
        found
    }
}

fn named_columns(columns: &[(Name, SqlType)]) -> Vec<ColumnRef> {
    columns
        .iter()
        .map(|(name, sql_type)| ColumnRef {
            table: None,
            name: name.clone(),
            key: name.text.clone(),
            sql_type: sql_type.clone(),
            primary_key: false,
            of_table: false,
            anonymous: None,
            repeated: 0,
        })
        .collect()
}
