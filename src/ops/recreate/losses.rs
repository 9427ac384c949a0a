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
use crate::ops::recreate::plan::create_index;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::vm::Vm;
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

    fn has(&self, table: &parse::Table, constraint: &parse::Constraint) -> bool {
        match &constraint.name {
            _ if constraint.kind == Kind::PrimaryKey && self.key => true,
            Some(name) => self.names.contains(name),
            // by the name that a convention gave it
            None => self.dropped.iter().any(|dropped| {
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

fn lowered(names: &[String]) -> Vec<String> {
    names.iter().map(|name| name.to_lowercase()).collect()
}

fn constant(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The losses as sentences: `refused` stop the run, `told` are names and what has no name, as upstream tells it.
#[derive(Default)]
struct Losses {
    refused: Vec<String>,
    told: Vec<String>,
}

/// The old table beside the new one.
struct Comparison<'a> {
    touched: &'a Touched,
    old: parse::Table,
    new: parse::Table,
    /// New names by old ones, in small letters.
    names: IndexMap<String, String>,
    /// Old names of dropped columns, in small letters.
    dropped: Vec<String>,
    losses: Losses,
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
        }
        let found = self.compare(vm, env, made)?;
        if self.is_reflected {
            losses.refused.extend(found.refused);
            losses.told.extend(found.told);
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
        self.rows_of_others(vm, env, made, &mut losses)?;
        let name = &self.table.name.name.text;
        for told in losses.told {
            executor.tell("warning", &told);
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
            if column.sql_type == SqlType::Null && self.transfers.contains(name) {
                found.push(format!("that its column {} has no type", quoted(name)));
            }
        }
        found
    }

    fn prefix(&self) -> String {
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
            let Ok(index) = index else {
                return Ok(comparison.losses);
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

    fn new_names(&self) -> IndexMap<String, String> {
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

    /// DROP TABLE deletes the rows first where foreign keys are enforced: others that refer to them follow, and those of the copy do.
    fn rows_of_others(
        &self,
        vm: &Vm,
        env: &OpEnv,
        made: &Table,
        losses: &mut Losses,
    ) -> PyResult<()> {
        let query = |sql: String| {
            env.executor
                .query(vm, &Statement::Raw(sql))
                .map(|found| found.rows)
        };
        let enforced = query("PRAGMA foreign_keys".to_owned())?;
        if !matches!(enforced.first().and_then(|row| row.first()), Some(Literal::Int(on)) if *on == 1.into())
        {
            return Ok(());
        }
        let table = &self.table.name.name.text;
        let found = query(format!(
            "SELECT m.name, f.\"from\", coalesce(f.\"to\", (SELECT name FROM pragma_table_xinfo({0}) WHERE pk = 1), 'rowid'), f.on_delete FROM {1}sqlite_master AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' AND f.seq = 0 AND f.\"table\" = {0} COLLATE NOCASE AND m.name <> {0} COLLATE NOCASE",
            constant(table),
            self.prefix()
        ))?;
        let mut keys: Vec<[String; 4]> = Vec::new();
        for row in found {
            if let Ok(
                [
                    Literal::Str(name),
                    Literal::Str(column),
                    Literal::Str(to),
                    Literal::Str(action),
                ],
            ) = <[Literal; 4]>::try_from(row)
            {
                keys.push([name, column, to, action]);
            }
        }
        for constraint in &made.constraints {
            if let ConstraintKind::ForeignKey(key) = &constraint.kind
                && key.referred.name.text.eq_ignore_ascii_case(table)
                && let Some(action) = &key.ondelete
                && let Some(column) = key.columns.first().and_then(|name| self.old_name(name))
                && let Some(to) = key.referred_columns.first()
            {
                keys.push([
                    table.clone(),
                    column,
                    to.text.clone(),
                    action.to_uppercase(),
                ]);
            }
        }
        for [name, column, to, action] in keys {
            if !matches!(action.as_str(), "CASCADE" | "SET NULL" | "SET DEFAULT") {
                continue;
            }
            // a key to what is not unique is ignored by DROP TABLE
            let unique = format!(
                "EXISTS (SELECT 1 FROM pragma_table_xinfo({table}) WHERE name = {to} COLLATE NOCASE AND pk > 0) OR EXISTS (SELECT 1 FROM pragma_index_list({table}) AS l, pragma_index_info(l.name) AS i WHERE l.\"unique\" AND NOT l.partial AND i.seqno = 0 AND i.name = {to} COLLATE NOCASE)",
                table = constant(table),
                to = constant(&to),
            );
            let sql = format!(
                "SELECT 1 FROM {prefix}{child} AS c JOIN {prefix}{parent} AS p ON c.{column} = p.{to} WHERE {unique} LIMIT 1",
                prefix = self.prefix(),
                child = quoted(&name),
                parent = quoted(table),
                column = quoted(&column),
                to = quoted(&to),
            );
            if !query(sql)?.is_empty() {
                losses.refused.push(format!(
                    "rows or values of {} (its foreign key over {} is ON DELETE {action}, and PRAGMA foreign_keys is on: DROP TABLE deletes the rows it refers to)",
                    quoted(&name),
                    quoted(&column)
                ));
            }
        }
        Ok(())
    }

    /// The name that a column of the new table has in the old one.
    fn old_name(&self, name: &Name) -> Option<String> {
        let found = self.columns.iter().find(|(_, column)| column.name == *name);
        let (key, _) = found?;
        self.transfers.contains(key).then(|| key.clone())
    }
}

impl Comparison<'_> {
    fn refuse(&mut self, what: String) {
        self.losses.refused.push(what);
    }

    /// The new names of columns; `None` when one of them is dropped.
    fn renamed(&self, columns: &[String]) -> Option<Vec<String>> {
        let new = columns
            .iter()
            .map(|name| self.names.get(&name.to_lowercase()).cloned());
        new.collect()
    }

    fn options(&mut self) {
        if self.old.is_virtual {
            self.refuse("that it is a virtual table".to_owned());
        }
        for option in self.old.options.clone() {
            if !self.new.options.contains(&option) {
                self.refuse(option);
            }
        }
    }

    fn columns(&mut self) {
        for old in self.old.columns.clone() {
            let Some(name) = self.names.get(&old.name.to_lowercase()) else {
                continue;
            };
            let new = self
                .new
                .columns
                .iter()
                .find(|column| column.name.to_lowercase() == *name);
            if let Some(new) = new.cloned() {
                self.column(&old, &new);
            }
        }
    }

    fn column(&mut self, old: &parse::Column, new: &parse::Column) {
        let touched = self.touched;
        let is_declared = touched.declared.contains(&old.name);
        let is_free = |names: &IndexSet<String>| is_declared || names.contains(&old.name);
        let name = quoted(&old.name);
        if let Some(collation) = &old.collation
            && new.collation.is_none()
        {
            // another type is not to have it
            let is_moot =
                touched.types.contains(&old.name) && parse::affinity(&new.type_) != "TEXT";
            let losses = if is_moot {
                &mut self.losses.told
            } else {
                &mut self.losses.refused
            };
            losses.push(format!(
                "COLLATE {collation} of its column {name} (`reflect_args=[sa.Column(…, sa.String(collation={}))]` keeps it)",
                constant(collation)
            ));
        }
        if old.generated.is_some()
            && old.generated != new.generated
            && !touched.defaults.contains(&old.name)
        {
            self.refuse(format!("the expression of its generated column {name}"));
        }
        if let Some(conflict) = &old.conflict
            && new.not_null
            && new.conflict.is_none()
        {
            self.refuse(format!("ON CONFLICT {conflict} of its column {name}"));
        }
        let default = |column: &parse::Column| column.default.clone().filter(|text| text != "null");
        if default(old).is_some() && default(old) != default(new) && !is_free(&touched.defaults) {
            self.refuse(format!("the default of its column {name}"));
        }
        if old.not_null && !new.not_null && !is_free(&touched.nullables) {
            self.refuse(format!("NOT NULL of its column {name}"));
        }
        let affinities = (parse::affinity(&old.type_), parse::affinity(&new.type_));
        if affinities.0 != affinities.1 && !is_free(&touched.types) {
            self.refuse(format!(
                "the affinity {} of its column {name}, which would be {}",
                affinities.0, affinities.1
            ));
        }
    }

    /// The one column of a key that is the rowid in the new table and was not in the old one.
    fn numbered(&self) -> Option<String> {
        let is_rowid = |table: &parse::Table, column: &str| {
            let is_integer = |known: &&parse::Column| {
                known.name.eq_ignore_ascii_case(column)
                    && known.type_.eq_ignore_ascii_case("INTEGER")
            };
            let key = table
                .constraints
                .iter()
                .find(|constraint| constraint.kind == Kind::PrimaryKey);
            table.columns.iter().any(|known| is_integer(&known))
                && !table.options.iter().any(|option| option == "WITHOUT ROWID")
                && key.is_some_and(|key| !key.modifiers.iter().any(|more| more == "desc"))
        };
        let ([old], [new]) = (self.old.key(), self.new.key()) else {
            return None;
        };
        let is_same = self.names.get(&old.to_lowercase()) == Some(&new.to_lowercase());
        let is_free = self.touched.types.contains(old) || self.touched.declared.contains(old);
        let is_new = is_same && !is_free && is_rowid(&self.new, new) && !is_rowid(&self.old, old);
        is_new.then(|| old.clone())
    }

    fn constraints(&mut self, table: &str) {
        for old in self.old.constraints.clone() {
            if self.touched.has(&self.old, &old) {
                continue;
            }
            match old.kind {
                Kind::Check => self.check(table, &old),
                Kind::PrimaryKey | Kind::Unique | Kind::ForeignKey => {
                    if let Some(columns) = self.renamed(&old.columns) {
                        self.constraint(&old, &columns);
                    }
                }
            }
        }
    }

    fn check(&mut self, table: &str, old: &parse::Constraint) {
        let is_it =
            |new: &&parse::Constraint| new.kind == Kind::Check && new.expression == old.expression;
        let kept = self.new.constraints.iter().find(is_it).cloned();
        match (kept, &old.name) {
            (Some(new), _) => self.name(old, &new),
            (None, Some(name)) => self.refuse(format!("its CHECK {}", quoted(name))),
            (None, None) if self.touched.checks => {}
            (None, None) => self.losses.told.push(format!(
                "Unnamed CHECK constraint on reflected table '{table}' is being omitted from the table recreate; pass the constraint explicitly using batch_alter_table.table_args.  Naming CHECK constraints avoids this going forward.  It is: CHECK ({})",
                old.expression
            )),
        }
    }

    /// A constraint over columns.
    fn constraint(&mut self, old: &parse::Constraint, columns: &[String]) {
        let what = match (old.kind, &old.name) {
            (Kind::PrimaryKey, _) => "primary key".to_owned(),
            (Kind::Unique, None) => format!("UNIQUE ({})", old.columns.join(", ")),
            (Kind::ForeignKey, None) => format!(
                "foreign key ({}) to {}",
                old.columns.join(", "),
                quoted(&old.referred)
            ),
            (Kind::Unique, Some(name)) => format!("UNIQUE {}", quoted(name)),
            (_, Some(name)) => format!("foreign key {}", quoted(name)),
            (Kind::Check, None) => return,
        };
        let is_alike = |new: &&parse::Constraint| {
            let is_referred = old.referred_columns.is_empty()
                || lowered(&new.referred_columns) == lowered(&old.referred_columns)
                || self.renamed(&old.referred_columns) == Some(lowered(&new.referred_columns));
            new.kind == old.kind
                && lowered(&new.columns) == columns
                && new.referred.eq_ignore_ascii_case(&old.referred)
                && is_referred
        };
        let alike = || self.new.constraints.iter().filter(is_alike);
        let kept = alike().find(|new| new.name == old.name && new.actions == old.actions);
        let Some(new) = kept
            .or_else(|| alike().find(|new| new.actions == old.actions))
            .or_else(|| alike().next())
            .cloned()
        else {
            // a key says as much as UNIQUE over its columns
            let is_key = old.kind == Kind::Unique && lowered(self.new.key()) == columns;
            if !is_key || old.conflict.is_some() {
                self.refuse(format!("its {what}"));
            }
            return;
        };
        if !old.modifiers.is_empty() && new.modifiers.is_empty() {
            self.refuse(format!("{} in its {what}", old.modifiers.join(", ")));
        }
        if let Some(conflict) = &old.conflict
            && new.conflict.is_none()
        {
            self.refuse(format!("ON CONFLICT {conflict} of its {what}"));
        }
        if old.is_autoincrement && !new.is_autoincrement {
            self.refuse("AUTOINCREMENT of its key (`table_kwargs={\"sqlite_autoincrement\": True}` keeps it)".to_owned());
        }
        for action in old
            .actions
            .iter()
            .filter(|action| !new.actions.contains(action))
        {
            self.losses.refused.push(format!("{action} of its {what}"));
        }
        self.name(old, &new);
    }

    fn name(&mut self, old: &parse::Constraint, new: &parse::Constraint) {
        if let Some(name) = &old.name
            && new.name.as_ref() != Some(name)
        {
            self.losses.told.push(format!(
                "the name {} of a constraint is left out of the copied table",
                quoted(name)
            ));
        }
    }

    fn index(&mut self, name: &str, old: &parse::Index, new: Option<&parse::Index>) {
        if self.touched.names.contains(name) {
            return;
        }
        let Some(new) = new else {
            let is_plain = |element: &String| {
                let columns = &self.old.columns;
                columns
                    .iter()
                    .any(|column| column.name.to_lowercase() == *element)
            };
            let kind = if old.elements.iter().all(is_plain) {
                ""
            } else {
                " over expressions"
            };
            self.refuse(format!("its index{kind} {}", quoted(name)));
            return;
        };
        // a name in quotes that is no column is a text to SQLite
        let dropped = self
            .dropped
            .iter()
            .find(|name| old.elements.contains(name))
            .cloned();
        if let Some(column) = dropped {
            self.refuse(format!(
                "its index {} over the dropped column {}",
                quoted(name),
                quoted(&column)
            ));
            return;
        }
        let rename = |element: &String| {
            self.names
                .get(element)
                .cloned()
                .unwrap_or_else(|| element.clone())
        };
        let elements: Vec<String> = old.elements.iter().map(rename).collect();
        if elements != new.elements {
            self.refuse(format!(
                "the order, collation or expression ({}) of its index {}",
                old.elements.join(", "),
                quoted(name)
            ));
        }
        if old.condition != new.condition {
            self.refuse(format!(
                "the condition of its partial index {}",
                quoted(name)
            ));
        }
        if old.unique && !new.unique {
            self.refuse(format!("UNIQUE of its index {}", quoted(name)));
        }
    }
}
