//! Expressions and statements as text. sqlalchemy/sql/compiler.py `SQLCompiler`, dialects/postgresql/base.py `PGCompiler`.

mod collect;
mod dml;
mod element;
mod from;
mod function;
mod json;
mod literal;
mod operator;
mod select;
mod sqlite;
mod sqlite_value;
mod text;
mod visit;
mod write;

use std::collections::HashMap;

pub use crate::dialect::sql::collect::columns_of;
pub use crate::dialect::sql::collect::from_objects;
pub use crate::dialect::sql::json::dumps;
pub use crate::dialect::sql::literal::python_repr;
pub use crate::dialect::sql::text::bind_names;
pub use crate::dialect::sql::visit::named_binds;
pub use crate::dialect::sql::visit::visit_binds;
pub use crate::dialect::sql::visit::visit_mut;

use crate::dialect::Binds;
use crate::dialect::CompileError;
use crate::dialect::Dialect;
use crate::schema::expr::Expr;
use crate::schema::expr::from::From;
use crate::schema::expr::names::Identity;
use crate::schema::expr::names::LabelName;

/// How deep expressions may nest.
const MAX_DEPTH: usize = 400;

/// The text of an expression or statement.
pub fn compile(dialect: &dyn Dialect, expr: &Expr) -> Result<String, CompileError> {
    Compiler::new(dialect, dialect.settings().binds).statement(expr)
}

/// The text of an expression or statement with values written another way.
pub fn compile_with(
    dialect: &dyn Dialect,
    expr: &Expr,
    binds: Binds,
) -> Result<String, CompileError> {
    Compiler::new(dialect, binds).statement(expr)
}

/// The text of an expression in DDL: literal values, no table names.
pub fn compile_ddl(
    dialect: &dyn Dialect,
    expr: &Expr,
    self_group: bool,
) -> Result<String, CompileError> {
    let mut compiler = Compiler::new(
        dialect,
        match dialect.settings().binds {
            Binds::Driver => Binds::Driver,
            Binds::Literal | Binds::Placeholder => Binds::Literal,
        },
    );
    let context = Context {
        include_table: false,
        ..Context::default()
    };
    if self_group {
        return compiler.process(&expr.clone().self_group(None), context);
    }
    compiler.process(expr, context)
}

/// What is passed down while compiling: upstream's `**kw`.
#[derive(Debug, Clone, Copy)]
struct Context {
    /// How deep this is.
    depth: usize,
    /// `eager_grouping`.
    eager: bool,
    /// `_in_operator_expression`.
    in_operator: bool,
    /// `include_table`.
    include_table: bool,
    /// `use_schema`.
    use_schema: bool,
    /// `within_columns_clause`.
    within_columns: bool,
    /// `asfrom`.
    asfrom: bool,
    /// Whether labels of the current SELECT are written by name (ORDER BY).
    labels_by_name: bool,
    /// Whether values are written as placeholders even with literal binds.
    placeholder: bool,
    /// `LABEL_STYLE_NONE`: columns of the same name are not told apart.
    unlabelled: bool,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            depth: 0,
            eager: false,
            in_operator: false,
            include_table: true,
            use_schema: true,
            within_columns: false,
            asfrom: false,
            labels_by_name: false,
            placeholder: false,
            unlabelled: false,
        }
    }
}

impl Context {
    /// One level down.
    fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }

    /// For what is not itself in the columns clause.
    fn inner(self) -> Self {
        Self {
            within_columns: false,
            depth: self.depth + 1,
            ..self
        }
    }
}

/// A statement being written.
#[derive(Debug, Clone, Default)]
struct Frame {
    /// FROM elements that inner queries may correlate to when told so.
    correlate: Vec<From>,
    /// FROM elements that inner queries correlate to by themselves.
    asfrom: Vec<From>,
    /// The labels and columns of the SELECT, for ORDER BY.
    columns: Vec<Expr>,
}

/// A compilation.
struct Compiler<'a> {
    dialect: &'a dyn Dialect,
    binds: Binds,
    /// `anon_map`: what anonymous names became.
    anonymous: HashMap<(String, Identity), String>,
    counters: HashMap<String, usize>,
    frames: Vec<Frame>,
    /// WITH: identity and text, in order.
    ctes: Vec<(u64, String)>,
    /// The names of the WITH elements.
    cte_names: Vec<String>,
    recursive: bool,
    /// Binds written as placeholders so far, for positional styles.
    positions: Vec<String>,
    /// Whether the columns of the next SELECT are those of the whole statement's rows.
    result_columns: bool,
    /// Whether binds stand in what their type's `bind_expression` made.
    within_bind_expression: bool,
}

impl<'a> Compiler<'a> {
    fn new(dialect: &'a dyn Dialect, binds: Binds) -> Self {
        Self {
            dialect,
            binds,
            anonymous: HashMap::new(),
            counters: HashMap::new(),
            frames: Vec::new(),
            ctes: Vec::new(),
            cte_names: Vec::new(),
            recursive: false,
            positions: Vec::new(),
            result_columns: false,
            within_bind_expression: false,
        }
    }

    /// A whole statement.
    fn statement(&mut self, expr: &Expr) -> Result<String, CompileError> {
        self.result_columns = matches!(expr, Expr::Query(_));
        let text = self.process(expr, Context::default())?;
        Ok(self.with_ctes(text))
    }

    /// `_render_cte_clause`.
    fn with_ctes(&self, text: String) -> String {
        if self.ctes.is_empty() {
            return text;
        }
        let recursive = if self.recursive { "RECURSIVE " } else { "" };
        let parts: Vec<&str> = self.ctes.iter().map(|(_, text)| text.as_str()).collect();
        format!("WITH {recursive}{}\n {text}", parts.join(", \n"))
    }

    /// An anonymous name: `max_1`.
    fn anonymous_name(&mut self, base: &str, identity: Identity) -> String {
        let key = (base.to_owned(), identity);
        if let Some(known) = self.anonymous.get(&key) {
            return known.clone();
        }
        let counter = self.counters.entry(base.to_owned()).or_insert(0);
        *counter += 1;
        let name = truncated(&format!("{base}_{counter}"), *counter);
        self.anonymous.insert(key, name.clone());
        name
    }

    /// A name of a column or label, quoted; numbered where it is anonymous.
    fn name_text(&mut self, name: &LabelName) -> Result<String, CompileError> {
        match name {
            LabelName::Known(name) => Ok(self.dialect.quote(name)),
            LabelName::Literal(text) => Ok(text.clone()),
            other => {
                let text = self.numbered(other)?;
                Ok(self.dialect.quote_text(&text))
            }
        }
    }

    fn numbered(&mut self, name: &LabelName) -> Result<String, CompileError> {
        let mut suffixes = Vec::new();
        let mut name = name;
        while let LabelName::Numbered(of, between, identity) = name {
            suffixes.push((between, identity));
            name = of;
        }
        let mut text = match name {
            LabelName::Anonymous(base, identity) => self.anonymous_name(base, identity.clone()),
            LabelName::Known(name) => name.text.clone(),
            LabelName::Literal(text) => text.clone(),
            LabelName::Numbered(_, _, _) | LabelName::Lost => {
                return Err(CompileError::Unsupported {
                    what: "a column that RETURNING gives no name".to_owned(),
                    dialect: self.dialect.name(),
                });
            }
        };
        for (between, identity) in suffixes.into_iter().rev() {
            let number = self.anonymous_name("", identity.clone());
            text.push_str(&format!("{between}{number}"));
        }
        Ok(text)
    }

    /// Several expressions, separated.
    fn join(
        &mut self,
        items: &[Expr],
        separator: &str,
        context: Context,
    ) -> Result<String, CompileError> {
        let parts: Result<Vec<String>, CompileError> = items
            .iter()
            .map(|item| self.process(item, context))
            .collect();
        Ok(parts?.join(separator))
    }

    /// Whether this is PostgreSQL.
    fn is_postgresql(&self) -> bool {
        self.dialect.name() == "postgresql"
    }
}

/// Names SQLAlchemy makes are cut at the server's limit.
fn truncated(name: &str, counter: usize) -> String {
    const LIMIT: usize = 63 - 6;
    if name.chars().count() <= LIMIT {
        return name.to_owned();
    }
    let kept: String = name.chars().take(LIMIT).collect();
    format!("{kept}_{counter:x}")
}

/// SQLAlchemy's `CompileError`.
fn compile_error(message: impl Into<String>) -> CompileError {
    CompileError::Upstream {
        class: "CompileError",
        message: message.into(),
    }
}
