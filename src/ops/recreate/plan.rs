//! The copy and the statements that replace a table by it: alembic/operations/batch.py `_transfer_elements_to_new_table`,
//! `_create`, alembic/ddl/postgresql.py `prep_table_for_batch`.

use std::rc::Rc;

use indexmap::IndexSet;

use crate::ddl::Statement;
use crate::dialect::sql;
use crate::ops::OpEnv;
use crate::ops::create_table;
use crate::ops::recreate::ApplyBatch;
use crate::ops::recreate::element_keys;
use crate::ops::recreate::is_type_bound;
use crate::ops::recreate::keys::finish_autoincrement;
use crate::ops::recreate::keys::finish_key;
use crate::ops::recreate::keys::key_warnings;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::assemble;
use crate::sa::column::PyColumn;
use crate::sa::column::to_expr;
use crate::sa::constraint::PyConstraint;
use crate::sa::constraint::PyConstraintKind;
use crate::sa::create;
use crate::sa::exc;
use crate::sa::metadata::PyMetaData;
use crate::sa::name;
use crate::sa::table::PyTable;
use crate::sa::table::TABLE;
use crate::schema::column::Column;
use crate::schema::constraint::Constraint;
use crate::schema::constraint::ConstraintBase;
use crate::schema::constraint::ConstraintKind;
use crate::schema::expr::Expr;
use crate::schema::expr::from::From;
use crate::schema::expr::query::Insert;
use crate::schema::expr::query::InsertRows;
use crate::schema::expr::query::Query;
use crate::schema::expr::query::Select;
use crate::schema::index::Index;
use crate::schema::index::IndexElement;
use crate::schema::name::Name;
use crate::schema::table::Table;
use crate::schema::table::TableName;
use crate::schema::types::SqlType;

/// `_calc_temp_name`.
fn temporary_name(table: &str) -> String {
    format!("_alembic_tmp_{table}").chars().take(50).collect()
}

impl ApplyBatch {
    /// `_create`.
    pub(crate) fn create(
        mut self,
        vm: &Vm,
        env: &OpEnv,
        table_args: &[Value],
        table_kwargs: Vec<(Rc<str>, Value)>,
    ) -> PyResult<()> {
        self.sort_columns()?;
        let shell = self.shell(vm, table_args, table_kwargs)?;
        let made = self.new_table(vm, &shell)?;
        for warning in key_warnings(self.columns.values(), &made) {
            env.executor.warn(vm, "SAWarning", &warning);
        }
        self.touched.checks = table_args.iter().any(|given| {
            let constraint = given.native::<PyConstraint>();
            constraint.is_some_and(|known| matches!(known.kind, PyConstraintKind::Check(_)))
        });
        self.refuse_losses(vm, env, &made)?;
        let run = |statement: &Statement| env.executor.run(vm, statement);
        // alembic/ddl/postgresql.py `prep_table_for_batch`: names of constraints are the schema's there
        let prepares = env.executor.dialect().name() == "postgresql";
        let existing = self.table.primary_key.iter().chain(&self.table.constraints);
        for constraint in existing {
            if prepares
                && constraint
                    .base
                    .name
                    .as_ref()
                    .is_some_and(|name| self.named.contains_key(&name.text))
            {
                run(&Statement::DropConstraint {
                    table: self.table.name.clone(),
                    constraint: Box::new(constraint.clone()),
                    if_exists: false,
                    cascade: false,
                })?;
            }
        }
        self.check_references(&made)?;
        let dialect = env.executor.dialect();
        let lowering = crate::ops::Lowering {
            dialect: &*dialect,
            created_types: env.created_types(),
        };
        for statement in create_table::create_types(&self.types(), &lowering) {
            run(&statement)?;
        }
        // Upstream's CREATE TABLE is committed on its own with SQLite's driver: what fails, or is killed, leaves its copy behind.
        let held = env.executor.hold()?;
        let done = self.replace(vm, env, &shell, &made, held.is_some());
        match held {
            None => done,
            Some(held) => {
                let ended = env.executor.let_go(held, done.is_err());
                done.and(ended)
            }
        }
    }

    /// The statements: a new table, its rows, its name. `is_held`: who calls takes them back when one fails.
    fn replace(
        &self,
        vm: &Vm,
        env: &OpEnv,
        shell: &Rc<PyTable>,
        made: &Table,
        is_held: bool,
    ) -> PyResult<()> {
        let run = |statement: &Statement| env.executor.run(vm, statement);
        let sequence = if is_held {
            self.sequence(vm, env, made)?
        } else {
            None
        };
        run(&Statement::CreateTable {
            table: Box::new(made.clone()),
            if_not_exists: false,
        })?;
        for index in &made.indexes {
            run(&create_index(index.clone()))?;
        }
        if env.executor.dialect().has_comment_statements() {
            create::comments(made).iter().try_for_each(run)?;
        }
        let copied = self
            .insert(vm, shell)
            .and_then(|statement| run(&statement))
            .and_then(|()| self.drop_table(vm, env, &self.table.name));
        if let Err(error) = copied {
            if is_held {
                return Err(error);
            }
            self.drop_table(vm, env, &made.name)?;
            return Err(error);
        }
        run(&Statement::RenameTable {
            table: made.name.clone(),
            new_name: self.table.name.name.clone(),
        })?;
        self.keep_sequence(vm, env, made, sequence)?;
        for index in self.final_indexes() {
            run(&create_index(index?))?;
        }
        Ok(())
    }

    /// `_adjust_self_columns_for_partial_reordering`.
    fn sort_columns(&mut self) -> PyResult<()> {
        let names: Vec<String> = self.columns.keys().cloned().collect();
        if let Some(order) = self.ordering.sorted(&names)? {
            let place = |name: &String| order.iter().position(|known| known == name);
            self.columns
                .sort_by(|left, _, right, _| place(left).cmp(&place(right)));
            self.transfers
                .sort_by(|left, right| place(left).cmp(&place(right)));
        }
        Ok(())
    }

    /// DROP TABLE; 2.0 drops the types of its columns with it, but for those that this run created.
    fn drop_table(&self, vm: &Vm, env: &OpEnv, table: &TableName) -> PyResult<()> {
        env.executor.run(
            vm,
            &Statement::DropTable {
                table: table.clone(),
                if_exists: false,
            },
        )?;
        if !env.executor.dialect().is_2_0() {
            return Ok(());
        }
        for data in assemble::named_types(vm, &self.source)? {
            let Some(identity) = create::type_identity(&data) else {
                continue;
            };
            let is_known = env.created_types().borrow().contains(&identity);
            if is_known || create::has_metadata(&data) || !create::wants_create(&data, true) {
                continue;
            }
            env.created_types().borrow_mut().push(identity);
            if let SqlType::Enum(enumeration) = data.for_dialect("postgresql") {
                env.executor
                    .run(vm, &Statement::DropEnum(enumeration.clone()))?;
            }
        }
        Ok(())
    }

    /// The new table as Python would have it: bare columns, `table_args` and `table_kwargs`.
    fn shell(
        &self,
        vm: &Vm,
        table_args: &[Value],
        table_kwargs: Vec<(Rc<str>, Value)>,
    ) -> PyResult<Rc<PyTable>> {
        let mut args = vec![
            Value::str(temporary_name(&self.table.name.name.text)),
            Value::object(PyMetaData::default()),
        ];
        for (key, column) in &self.columns {
            let bare = PyColumn::bare(column.name.clone());
            {
                let mut data = bare.data.borrow_mut();
                data.key = Some(column.key.clone().unwrap_or_else(|| key.clone()));
                data.type_ = crate::sa::types::to_value(column.sql_type.clone());
                if let Some((Some(given), _)) = self.added.get(key) {
                    let given = given.data.borrow();
                    data.default = given.default;
                    data.default_value = given.default_value.clone();
                }
            }
            args.push(Value::Native(bare));
        }
        args.extend(table_args.iter().cloned());
        let mut args = Args::of(args);
        args.keywords = table_kwargs;
        if let Some(schema) = &self.table.name.schema {
            args = args.with("schema", name::to_value(schema));
        }
        let made = vm.call(&Value::Class(Class::of(&TABLE)), args)?;
        let made = made
            .native::<PyTable>()
            .ok_or_else(|| PyError::unsupported("a table that is no `Table`"))?;
        made.extra.borrow_mut().is_ad_hoc = true;
        Ok(made)
    }

    /// `_transfer_elements_to_new_table`.
    fn new_table(&self, vm: &Vm, shell: &Rc<PyTable>) -> PyResult<Table> {
        let given = assemble::table(vm, shell)?.table;
        if given.primary_key.is_some() {
            return Err(PyError::unsupported("a primary key among `table_args`"));
        }
        let mut columns: Vec<Column> = self.columns.values().cloned().collect();
        columns.extend(given.columns.iter().skip(columns.len()).cloned());
        let mut constraints = given.constraints;
        // Those of the types are told below, by the columns whose types bring them.
        constraints.retain(|constraint| !is_type_bound(constraint));
        constraints.extend(
            self.type_checks
                .values()
                .filter_map(|check| self.copied(check)),
        );
        constraints.extend(self.added_uniques());
        let mut key: Option<Constraint> = None;
        for constraint in self.named.values().chain(&self.unnamed) {
            match self.copied(constraint) {
                Some(copy) if matches!(copy.kind, ConstraintKind::PrimaryKey { .. }) => {
                    key = Some(copy);
                }
                Some(copy) => constraints.push(copy),
                None => {}
            }
        }
        let key = finish_key(&mut columns, key, &self.given_nullables());
        let mut indexes = given.indexes;
        for (key, (_, operation)) in &self.added {
            let name = &operation.column.name;
            let column = self.columns.get(key).map_or(name, |column| &column.name);
            indexes.extend(operation.indexes.iter().map(|index| Index {
                name: Some(Name::convention(format!(
                    "ix_{}_{}",
                    self.label(&given.name),
                    column.text
                ))),
                table: given.name.clone(),
                elements: vec![IndexElement::Column(column.clone())],
                ..index.clone()
            }));
        }
        let mut options = given.options;
        for (option, value) in &self.table.options {
            if !options.contains_key(option) {
                options.insert(option.clone(), value.clone());
            }
        }
        finish_autoincrement(&mut columns, key.as_ref(), &constraints);
        Ok(Table {
            name: given.name,
            columns,
            primary_key: key,
            constraints,
            indexes,
            comment: given.comment,
            prefixes: given.prefixes,
            options,
        })
    }

    /// The columns whose `nullable` was given, as it always is for one read from the database: a key leaves it alone.
    fn given_nullables(&self) -> Vec<Name> {
        let is_given = |key: &str| match self.added.get(key) {
            Some((Some(column), _)) => column.data.borrow().nullable.is_some(),
            Some((None, _)) => false,
            None => self
                .source
                .column(key)
                .is_some_and(|column| column.data.borrow().nullable.is_some()),
        };
        let given = self.columns.iter().filter(|(key, _)| is_given(key));
        given.map(|(_, column)| column.name.clone()).collect()
    }

    /// `schema_table`, as in the name of an index.
    fn label(&self, table: &TableName) -> String {
        match &table.schema {
            Some(schema) => format!("{}_{}", schema.text, table.name.text),
            None => table.name.text.clone(),
        }
    }

    /// `unique=True` of new columns: once more, without a name, for the copy has no naming convention.
    fn added_uniques(&self) -> impl Iterator<Item = Constraint> {
        let operations = self
            .added
            .values()
            .flat_map(|(_, operation)| &operation.constraints);
        operations
            .filter(|constraint| matches!(constraint.kind, ConstraintKind::Unique { .. }))
            .map(|constraint| Constraint {
                base: ConstraintBase::default(),
                kind: constraint.kind.clone(),
            })
    }

    /// A constraint with the new names of its columns; `None` when the copy lacks one of them.
    fn copied(&self, constraint: &Constraint) -> Option<Constraint> {
        let mut copy = constraint.clone();
        let has_all = match &mut copy.kind {
            ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => {
                self.rename(columns)
            }
            ConstraintKind::ForeignKey(key) => self.rename(&mut key.columns),
            ConstraintKind::Check { sqltext, .. } => self.rename_in(sqltext),
            ConstraintKind::Exclude(exclude) => exclude
                .elements
                .iter_mut()
                .all(|(element, _, _)| self.rename_in(element)),
            ConstraintKind::Unknown => true,
        };
        has_all.then_some(copy)
    }

    /// The column under an old name, unless its key is another.
    fn by_key(&self, name: &str) -> Option<&Column> {
        self.columns
            .get(name)
            .filter(|column| column.key.as_ref().is_none_or(|key| key == name))
    }

    /// Gives columns their new names; whether all are there.
    fn rename(&self, columns: &mut [Name]) -> bool {
        columns
            .iter_mut()
            .all(|name| match self.by_key(&name.text) {
                Some(column) => {
                    *name = column.name.clone();
                    true
                }
                None => false,
            })
    }

    fn rename_in(&self, expr: &mut Expr) -> bool {
        sql::visit_mut(expr, &mut |part: &mut Expr| {
            if let Expr::Column(column) = part {
                let found = self.by_key(&column.key).ok_or(())?;
                column.name = found.name.clone();
                column.table = None;
            }
            Ok::<(), ()>(())
        })
        .is_ok()
    }

    /// Copies of foreign keys are read in the schema of the table, where only tables named with that schema are known.
    fn check_references(&self, made: &Table) -> PyResult<()> {
        let Some(schema) = &made.name.schema else {
            return Ok(());
        };
        for constraint in &made.constraints {
            if let ConstraintKind::ForeignKey(key) = &constraint.kind
                && key.referred.schema.as_ref().map(|given| &given.text) != Some(&schema.text)
            {
                let text = |names: &[Name]| {
                    names
                        .first()
                        .map(|name| name.text.clone())
                        .unwrap_or_default()
                };
                return Err(exc::upstream(
                    "NoReferencedTableError",
                    &format!(
                        "Foreign key associated with column '{}.{}' could not find table '{}.{}' with which to generate a foreign key to target column '{}'",
                        made.name.name.text,
                        text(&key.columns),
                        schema.text,
                        key.referred.name.text,
                        text(&key.referred_columns)
                    ),
                ));
            }
        }
        Ok(())
    }

    /// The types that CREATE TABLE creates first: those of the old columns that kept theirs.
    fn types(&self) -> Vec<SqlType> {
        let kept = self.columns.iter().filter(|(key, _)| {
            !self.added.contains_key(*key) && !self.replaced_types.contains(*key)
        });
        kept.filter_map(|(_, column)| assemble::named_type(&column.sql_type))
            .collect()
    }

    /// INSERT INTO the copy SELECT from the old table.
    fn insert(&self, vm: &Vm, shell: &Rc<PyTable>) -> PyResult<Statement> {
        let (From::Table(target), names) = (shell.from_clause(vm)?, self.transfers.clone()) else {
            return Err(PyError::unsupported(
                "an INSERT into something that is no table",
            ));
        };
        let mut select = Select::default();
        for name in &names {
            if self.by_key(name).is_none() {
                return Err(PyError::key_error(Value::str(name)));
            }
            if let Some(column) = self.source.column(name) {
                let mut value = to_expr(vm, &column)?;
                for sql_type in self.casts.get(name).into_iter().flatten() {
                    value = Expr::Cast(Box::new(value), Box::new(sql_type.clone()));
                }
                select.columns.push(value);
            }
        }
        let names: IndexSet<String> = names;
        let insert = Insert {
            rows: InsertRows::Select(
                names.into_iter().collect(),
                Rc::new(Query::Select(Box::new(select))),
                true,
            ),
            inline: true,
            ..crate::sa::expr::dml::empty_insert(target)
        };
        Ok(Statement::Query(Box::new(Expr::Insert(Box::new(insert)))))
    }

    /// `_gather_indexes_from_both_tables`.
    pub(super) fn final_indexes(&self) -> impl Iterator<Item = PyResult<Index>> {
        let old = self.indexes.values().map(|index| {
            let mut copy = index.clone();
            for element in &mut copy.elements {
                match element {
                    IndexElement::Column(name) => {
                        if let Some(column) = self.by_key(&name.text) {
                            *name = column.name.clone();
                        }
                    }
                    IndexElement::Expr(expr, _) => {
                        let _kept = self.rename_in(expr);
                    }
                }
            }
            Ok(copy)
        });
        let new = self.new_indexes.values().map(|index| {
            let mut elements = Vec::new();
            for key in index.elements.iter().flat_map(element_keys) {
                match self.by_key(&key) {
                    Some(column) => elements.push(IndexElement::Column(column.name.clone())),
                    None => return Err(PyError::key_error(Value::str(key))),
                }
            }
            Ok(Index {
                elements,
                table: self.table.name.clone(),
                ..index.clone()
            })
        });
        old.chain(new)
    }
}

pub(super) fn create_index(index: Index) -> Statement {
    Statement::CreateIndex {
        index: Box::new(index),
        if_not_exists: false,
    }
}
