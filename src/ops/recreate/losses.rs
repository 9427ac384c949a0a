//! What copying a table on SQLite would lose without a word: refused by name before anything is done. Upstream reflects what SQLAlchemy
//! describes and drops the rest with the old table. The texts of both tables are compared, but for what the migration itself touches.

use indexmap::IndexMap;
use indexmap::IndexSet;

use crate::ddl::Statement;
use crate::dialect::sql::bind_names;
use crate::dialect::sqlite::parse;
use crate::dialect::sqlite::parse::Kind;
use crate::ops::OpEnv;
use crate::ops::recreate::ApplyBatch;
use crate::ops::recreate::comparison::Comparison;
use crate::ops::recreate::plan::create_index;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::sa::clause;
use crate::sa::live::LOST;
use crate::schema::constraint::Constraint;
use crate::schema::constraint::ConstraintKind;
use crate::schema::default::DefaultValue;
use crate::schema::default::ServerDefault;
use crate::schema::expr::Expr;
use crate::schema::literal::Literal;
use crate::schema::name::Name;
use crate::schema::options::OptionValue;
use crate::schema::table::Table;
use crate::schema::types::SqlType;

/// A constraint that a directive takes out.
#[derive(Debug)]
struct Dropped {
    name: Option<String>,
    kind: Kind,
    /// In small letters.
    columns: Vec<String>,
    referred: String,
}

/// What the directives change on purpose.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// Columns that `reflect_args` states, which are all that it says.
    pub(super) declared: Vec<String>,
    /// Columns by what was changed of them.
    pub(super) types: IndexSet<String>,
    pub(super) defaults: IndexSet<String>,
    pub(super) nullables: IndexSet<String>,
    /// Names of constraints and indexes.
    pub(super) names: IndexSet<String>,
    /// Constraints without a name in the database.
    dropped: Vec<Dropped>,
    /// Names that several constraints of the table have: only one of each is kept.
    pub(super) clashes: Vec<String>,
    /// Names of constraints as they were read.
    pub(super) read: IndexSet<String>,
    /// Names of constraints that a new one of the same name takes the place of; of those, the ones that are only said anew.
    pub(super) replaced: Vec<String>,
    pub(super) restated: Vec<String>,
    /// There is a new primary key.
    pub(super) key: bool,
    /// `table_args` has a CHECK: those without a name are told there.
    pub(super) checks: bool,
}

impl Touched {
    /// A constraint that is taken out.
    pub(super) fn constraint(&mut self, constraint: &Constraint) {
        if let Some(name) = &constraint.base.name {
            self.names.insert(name.text.clone());
        }
        let (kind, columns, referred) = match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } => (Kind::PrimaryKey, columns, ""),
            ConstraintKind::Unique { columns } => (Kind::Unique, columns, ""),
            ConstraintKind::ForeignKey(key) => (
                Kind::ForeignKey,
                &key.columns,
                key.referred.name.text.as_str(),
            ),
            ConstraintKind::Check { .. } | ConstraintKind::Exclude(_) | ConstraintKind::Unknown => {
                return;
            }
        };
        let columns = columns.iter().map(|column| column.text.to_lowercase());
        self.dropped.push(Dropped {
            name: constraint.base.name.as_ref().map(|name| name.text.clone()),
            kind,
            columns: columns.collect(),
            referred: referred.to_lowercase(),
        });
    }

    pub(super) fn has(&self, table: &parse::Table, constraint: &parse::Constraint) -> bool {
        match &constraint.name {
            _ if constraint.kind == Kind::PrimaryKey && self.key => true,
            Some(name) if self.names.contains(name) => {
                !self.replaced.contains(name) && !self.restated.contains(name)
            }
            Some(name) if self.read.contains(name) => false,
            // by the name that a convention gave it; a name within a column is not read
            Some(_) | None => self.dropped.iter().any(|dropped| {
                let is_other = table
                    .constraints
                    .iter()
                    .any(|known| known.name.is_some() && known.name == dropped.name);
                !is_other
                    && dropped.kind == constraint.kind
                    && dropped.columns == lowered(&constraint.columns)
                    && dropped.referred == constraint.referred.to_lowercase()
            }),
        }
    }
}

/// Whether a new constraint says anew what the old one of its name says: of the same kind, over one of its columns.
pub(super) fn restates(old: &Constraint, new: &Constraint) -> bool {
    use ConstraintKind::Check;
    use ConstraintKind::ForeignKey;
    use ConstraintKind::PrimaryKey;
    use ConstraintKind::Unique;
    let are_near = |old: &[Name], new: &[Name]| old.iter().any(|name| new.contains(name));
    match (&old.kind, &new.kind) {
        (Unique { columns: old }, Unique { columns: new }) => are_near(old, new),
        (ForeignKey(old), ForeignKey(new)) => are_near(&old.columns, &new.columns),
        (PrimaryKey { .. }, PrimaryKey { .. }) => true,
        (Check { sqltext: old, .. }, Check { sqltext: new, .. }) => {
            let mut keys = Vec::new();
            clause::column_keys(new, &mut keys);
            match old {
                Expr::Text(old) if !keys.is_empty() => {
                    let words = parse::words(&old.text);
                    keys.iter().any(|key| words.contains(key))
                }
                _ => true,
            }
        }
        _ => false,
    }
}

pub(super) fn lowered(names: &[String]) -> Vec<String> {
    names.iter().map(|name| name.to_lowercase()).collect()
}

pub(super) fn constant(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The losses as sentences: `refused` stop the run, `told` are names and what has no name, as upstream tells it.
#[derive(Default)]
pub(super) struct Losses {
    pub(super) refused: Vec<String>,
    pub(super) told: Vec<String>,
    /// Upstream's own warnings.
    pub(super) warned: Vec<String>,
}

impl ApplyBatch {
    /// Refuses what upstream would lose. `made` is the new table.
    pub(super) fn refuse_losses(&self, vm: &Vm, env: &OpEnv, made: &Table) -> PyResult<()> {
        let executor = &env.executor;
        if executor.dialect().name() != "sqlite" || executor.is_offline() || executor.is_recording()
        {
            return Ok(());
        }
        let mut losses = Losses::default();
        for trigger in self.master(vm, env, "trigger")? {
            losses
                .refused
                .push(format!("its trigger {}", quoted(&trigger.0)));
        }
        if self.is_reflected {
            losses.refused.extend(self.misread());
            let clashes = self.touched.clashes.iter();
            losses.refused.extend(clashes.map(|name| {
                format!(
                    "one of the constraints that are named {} alike",
                    quoted(name)
                )
            }));
        }
        let found = self.compare(vm, env, made)?;
        if self.is_reflected {
            losses.refused.extend(found.refused);
            losses.told.extend(found.told);
            losses.warned.extend(found.warned);
        } else {
            // the table given is what the new one is to be: only told
            let table = quoted(&self.table.name.name.text);
            let all = found.refused.into_iter().chain(found.told);
            losses.told.extend(
                all.map(|what| {
                    format!("`copy_from` is without what the table {table} has: {what}")
                }),
            );
        }
        losses.refused.extend(self.rows_of_others(vm, env, made)?);
        losses.told.extend(self.renamed_targets(vm, env)?);
        let name = &self.table.name.name.text;
        for warned in losses.warned {
            executor.warn(vm, "UserWarning", &warned);
        }
        for told in losses.told {
            executor.warn(vm, LOST, &told);
        }
        if losses.refused.is_empty() {
            return Ok(());
        }
        Err(PyError::unsupported(format!(
            "copying the table {}, which would lose {}",
            quoted(name),
            losses.refused.join(", ")
        )))
    }

    /// Names and texts of what belongs to the table.
    fn master(&self, vm: &Vm, env: &OpEnv, kind: &str) -> PyResult<Vec<(String, String)>> {
        let sql = format!(
            "SELECT name, sql FROM {}sqlite_master WHERE type = '{kind}' AND tbl_name = {} COLLATE NOCASE AND sql IS NOT NULL ORDER BY name",
            self.prefix(),
            constant(&self.table.name.name.text)
        );
        let rows = env.executor.query(vm, &Statement::Raw(sql))?.rows;
        let pairs = rows
            .into_iter()
            .filter_map(|row| match <[Literal; 2]>::try_from(row) {
                Ok([Literal::Str(name), Literal::Str(sql)]) => Some((name, sql)),
                _ => None,
            });
        Ok(pairs.collect())
    }

    /// What SQLAlchemy reads as something else: colons in texts are parameters, a foreign key without a type has that of its target.
    fn misread(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut tell = |text: &Expr, what: String| {
            if let Expr::Text(clause) = text
                && let Some(name) = bind_names(&clause.text).first()
            {
                found.push(format!("\":{name}\" in {what}"));
            }
        };
        for (name, column) in &self.columns {
            if let Some(ServerDefault::Value(DefaultValue::Expr(text))) = &column.server_default
                && self.transfers.contains(name)
                && !self.touched.defaults.contains(name)
            {
                tell(text, format!("the default of its column {}", quoted(name)));
            }
        }
        for (name, constraint) in &self.named {
            if let ConstraintKind::Check { sqltext, .. } = &constraint.kind
                && !self.touched.names.contains(name)
            {
                tell(sqltext, format!("its CHECK {}", quoted(name)));
            }
        }
        for (name, index) in &self.indexes {
            if let Some(OptionValue::Expr(condition)) = index.options.get("sqlite_where") {
                tell(
                    condition,
                    format!("the condition of its partial index {}", quoted(name)),
                );
            }
        }
        for (name, column) in &self.columns {
            let mut constraints = self.named.values().chain(&self.unnamed);
            let refers = constraints.any(|constraint| {
                matches!(&constraint.kind, ConstraintKind::ForeignKey(key) if key.columns.iter().any(|known| known.text == *name))
            });
            if refers && column.sql_type == SqlType::Null && self.transfers.contains(name) {
                found.push(format!("that its column {} has no type", quoted(name)));
            }
        }
        found
    }

    pub(super) fn prefix(&self) -> String {
        match &self.table.name.schema {
            Some(schema) => format!("{}.", quoted(&schema.text)),
            None => String::new(),
        }
    }

    fn compare(&self, vm: &Vm, env: &OpEnv, made: &Table) -> PyResult<Losses> {
        let dialect = env.executor.dialect();
        let created = dialect.compile(&Statement::CreateTable {
            table: Box::new(made.clone()),
            if_not_exists: false,
        });
        // what cannot be written is an error of its own, as upstream's
        let (Some((_, before)), Ok(created)) =
            (self.master(vm, env, "table")?.into_iter().next(), created)
        else {
            return Ok(Losses::default());
        };
        let mut comparison = Comparison {
            touched: &self.touched,
            old: parse::Table::read(&before),
            new: parse::Table::read(&created),
            names: self.new_names(),
            dropped: self.dropped_names(),
            losses: Losses::default(),
        };
        comparison.options();
        if self.is_reflected {
            comparison.columns();
        } else {
            self.left_out(&mut comparison);
        }
        comparison.constraints(&self.table.name.name.text);
        let mut indexes = IndexMap::new();
        for index in self.final_indexes() {
            // one over a column that is gone is an error of its own
            let Ok(index) = index else {
                continue;
            };
            let name = index.name.as_ref().map(|name| name.text.clone());
            if let Ok(sql) = dialect.compile(&create_index(index)) {
                indexes.insert(name.unwrap_or_default(), parse::Index::read(&sql));
            }
        }
        for (name, sql) in self.master(vm, env, "index")? {
            comparison.index(&name, &parse::Index::read(&sql), indexes.get(&name));
        }
        if let Some(column) = comparison.numbered() {
            let sql = format!(
                "SELECT 1 FROM {}{} WHERE {} IS NULL LIMIT 1",
                self.prefix(),
                quoted(&self.table.name.name.text),
                quoted(&column)
            );
            let rows = env.executor.query(vm, &Statement::Raw(sql))?.rows;
            if !rows.is_empty() {
                comparison.refuse(format!(
                    "the NULLs of its key {}, which INTEGER PRIMARY KEY numbers",
                    quoted(&column)
                ));
            }
        }
        Ok(comparison.losses)
    }

    /// Columns that `copy_from` does not have.
    fn left_out(&self, comparison: &mut Comparison<'_>) {
        for old in comparison.old.columns.clone() {
            let columns = &self.table.columns;
            if !columns.iter().any(|known| known.name.text == old.name) {
                comparison.refuse(format!("its column {} with all values", quoted(&old.name)));
            }
        }
    }

    pub(super) fn new_names(&self) -> IndexMap<String, String> {
        let old = self.table.columns.iter().map(|column| &column.name.text);
        let pairs = old.filter_map(|name| {
            let column = self.columns.get(name)?;
            Some((name.to_lowercase(), column.name.text.to_lowercase()))
        });
        pairs.collect()
    }

    fn dropped_names(&self) -> Vec<String> {
        let old = self.table.columns.iter().map(|column| &column.name.text);
        let dropped = old.filter(|name| !self.columns.contains_key(*name));
        dropped.map(|name| name.to_lowercase()).collect()
    }
}
