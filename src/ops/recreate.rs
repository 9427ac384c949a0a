//! A table copied under another name, changed on the way, and renamed back: alembic/operations/batch.py `ApplyBatchImpl`.

mod comparison;
mod enforced;
mod keys;
mod losses;
mod ordering;
mod plan;
mod sequence;

use std::rc::Rc;

use indexmap::IndexMap;
use indexmap::IndexSet;

use crate::ddl::ColumnChange;
use crate::ops::Operation;
use crate::ops::add_column::AddColumn;
use crate::ops::alter_column::AlterColumn;
use crate::ops::recreate::losses::Touched;
use crate::ops::recreate::losses::restates;
use crate::ops::recreate::ordering::Ordering;
use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::assemble;
use crate::sa::clause;
use crate::sa::column::PyColumn;
use crate::sa::constraint::PyConstraintKind;
use crate::sa::table::PyTable;
use crate::schema::column::Autoincrement;
use crate::schema::column::Column;
use crate::schema::constraint::Constraint;
use crate::schema::constraint::ConstraintKind;
use crate::schema::default::DefaultValue;
use crate::schema::default::ServerDefault;
use crate::schema::index::Index;
use crate::schema::index::IndexElement;
use crate::schema::table::Table;
use crate::schema::types::SqlType;

/// A directive in a batch that copies its table, with the arguments that only copying looks at.
#[derive(Debug)]
pub(crate) struct Queued {
    operation: Operation,
    insert_before: Option<String>,
    insert_after: Option<String>,
    /// The name of `existing_type`, which may be that of a CHECK.
    existing_type: Option<String>,
    /// `autoincrement=` of `alter_column`.
    autoincrement: Option<bool>,
    /// The column of `add_column`: an INSERT looks at its default.
    column: Option<Rc<PyColumn>>,
}

impl Queued {
    /// From the arguments of the call.
    pub(crate) fn new(vm: &Vm, operation: Operation, args: &Args) -> PyResult<Self> {
        let given = |name: &str| args.keyword(name).filter(|value| !value.is_none());
        let text = |name: &str| {
            given(name)
                .and_then(Value::as_str)
                .map(|text| text.to_string())
        };
        let existing_type = match given("existing_type") {
            Some(type_) => vm
                .find_attr(type_, "name")?
                .and_then(|name| name.as_str())
                .map(|name| name.to_string()),
            None => None,
        };
        let autoincrement = match given("autoincrement") {
            Some(value) => Some(vm.truth(value)?),
            None => None,
        };
        let column = args.positional.first().or_else(|| args.keyword("column"));
        Ok(Self {
            operation,
            insert_before: text("insert_before"),
            insert_after: text("insert_after"),
            existing_type,
            autoincrement,
            column: column.and_then(Value::native::<PyColumn>),
        })
    }
}

impl Queued {
    /// The operation.
    pub(crate) fn operation(&self) -> &Operation {
        &self.operation
    }
}

impl Operation {
    /// Whether SQLite needs a copy of the table for it: alembic/ddl/sqlite.py `requires_recreate_in_batch`.
    pub(crate) fn needs_copy(&self) -> bool {
        match self {
            Self::AddColumn(added) => {
                let needs_rows = match &added.column.server_default {
                    Some(ServerDefault::Value(DefaultValue::Expr(_))) => true,
                    Some(ServerDefault::Computed(computed)) => computed.persisted == Some(true),
                    Some(
                        ServerDefault::Value(DefaultValue::Text(_))
                        | ServerDefault::Fetched
                        | ServerDefault::Identity(_),
                    )
                    | None => false,
                };
                needs_rows || !added.constraints.is_empty()
            }
            Self::CreateIndex(_) | Self::DropIndex(_) => false,
            Self::AlterColumn(_)
            | Self::BulkInsert(_)
            | Self::CreateCheckConstraint(_)
            | Self::CreateExcludeConstraint(_)
            | Self::CreateForeignKey(_)
            | Self::CreatePrimaryKey(_)
            | Self::CreateTable(_)
            | Self::CreateTableComment(_)
            | Self::CreateUniqueConstraint(_)
            | Self::DropColumn(_)
            | Self::DropConstraint(_)
            | Self::DropTable(_)
            | Self::DropTableComment(_)
            | Self::RenameTable(_) => true,
        }
    }
}

/// The copy as far as it is known.
#[derive(Debug)]
pub(crate) struct ApplyBatch {
    /// The table given as `copy_from`.
    source: Rc<PyTable>,
    /// Its data.
    table: Table,
    /// The columns of the copy by their old names.
    columns: IndexMap<String, Column>,
    /// The old columns whose rows are copied.
    transfers: IndexSet<String>,
    /// CHECKs of types by column.
    type_checks: IndexMap<String, Constraint>,
    /// Columns whose types the copy does not create: their types were replaced.
    replaced_types: IndexSet<String>,
    /// What the rows of a column are cast to on their way.
    casts: IndexMap<String, Vec<SqlType>>,
    named: IndexMap<String, Constraint>,
    unnamed: Vec<Constraint>,
    indexes: IndexMap<String, Index>,
    new_indexes: IndexMap<String, Index>,
    /// Columns that `add_column` brought.
    added: IndexMap<String, (Option<Rc<PyColumn>>, AddColumn)>,
    ordering: Ordering,
    /// It was read from the database.
    is_reflected: bool,
    touched: Touched,
}

impl ApplyBatch {
    /// `_grab_table_elements`.
    pub(crate) fn new(
        vm: &Vm,
        source: &Rc<PyTable>,
        is_reflected: bool,
        partial_reordering: Vec<Vec<String>>,
    ) -> PyResult<Self> {
        let table = assembled(vm, source)?;
        let columns: IndexMap<String, Column> = table
            .columns
            .iter()
            .map(|column| (column.name.text.clone(), column.clone()))
            .collect();
        let mut made = Self {
            source: source.clone(),
            transfers: columns.keys().cloned().collect(),
            ordering: Ordering::new(columns.keys().cloned().collect(), partial_reordering),
            columns,
            table,
            type_checks: IndexMap::new(),
            replaced_types: IndexSet::new(),
            casts: IndexMap::new(),
            named: IndexMap::new(),
            unnamed: Vec::new(),
            indexes: IndexMap::new(),
            new_indexes: IndexMap::new(),
            added: IndexMap::new(),
            is_reflected,
            touched: Touched::default(),
        };
        made.grab_constraints(is_reflected);
        // An index of `index=True` is left behind: upstream skips those with `_column_flag`.
        for index in source.indexes.borrow().iter() {
            let index = assemble::index(vm, source, index)?;
            let name = index.name.as_ref().map(|name| name.text.clone());
            made.indexes.insert(name.unwrap_or_default(), index);
        }
        Ok(made)
    }

    /// Columns that `reflect_args` states.
    pub(crate) fn declare(&mut self, columns: Vec<String>) {
        self.touched.declared = columns;
    }

    fn grab_constraints(&mut self, is_reflected: bool) {
        let mut key = self.table.primary_key.clone();
        let constraints = self.source.constraints.borrow();
        let is_explicit = constraints
            .iter()
            .any(|known| matches!(known.kind, PyConstraintKind::PrimaryKey(_)));
        if let Some(Constraint {
            kind: ConstraintKind::PrimaryKey { columns },
            ..
        }) = &mut key
            && !is_explicit
        {
            // Only a key made from flags puts its autoincrement column first; a copy is not one.
            columns.sort_by_key(|name| self.columns.get_index_of(&name.text));
        }
        for constraint in key.into_iter().chain(self.table.constraints.clone()) {
            let name = constraint.base.name.as_ref().map(|name| name.text.clone());
            match (&constraint.kind, name) {
                (
                    ConstraintKind::Check {
                        sqltext,
                        is_type_bound: true,
                    },
                    _,
                ) => {
                    let mut keys = Vec::new();
                    clause::column_keys(sqltext, &mut keys);
                    if let Some(column) = keys.into_iter().next() {
                        self.type_checks.insert(column, constraint);
                    }
                }
                // one without a name cannot be told from one that a type brings: upstream leaves it out, with a warning
                (ConstraintKind::Check { .. }, None) if is_reflected => {}
                (_, Some(name)) => {
                    self.touched.read.insert(name.clone());
                    // as upstream, where a set decides which one is the last
                    if self.named.insert(name.clone(), constraint).is_some() {
                        self.touched.clashes.push(name);
                    }
                }
                (_, None) => self.unnamed.push(constraint),
            }
        }
    }

    /// One directive.
    pub(crate) fn apply(&mut self, queued: Queued) -> PyResult<()> {
        match queued.operation.clone() {
            Operation::AddColumn(operation) => self.add_column(&queued, operation),
            Operation::AlterColumn(operation) => self.alter_column(&queued, &operation),
            Operation::DropColumn(operation) => self.drop_column(&queued, &operation.column.text),
            Operation::CreateCheckConstraint(operation) => {
                self.add_constraint(operation.constraint)
            }
            Operation::CreateExcludeConstraint(operation) => {
                self.add_constraint(operation.constraint)
            }
            Operation::CreateForeignKey(operation) => self.add_constraint(operation.constraint),
            Operation::CreatePrimaryKey(operation) => self.add_constraint(operation.constraint),
            Operation::CreateUniqueConstraint(operation) => {
                self.add_constraint(operation.constraint)
            }
            Operation::DropConstraint(operation) => self.drop_constraint(&operation.constraint),
            Operation::CreateIndex(operation) => {
                if operation.if_not_exists {
                    return Err(unexpected("create_index", "if_not_exists"));
                }
                self.create_index(operation.index);
                Ok(())
            }
            Operation::DropIndex(operation) => {
                if operation.if_exists {
                    return Err(unexpected("drop_index", "if_exists"));
                }
                let name = operation.index.name.unwrap_or_default().text;
                self.touched.names.insert(name.clone());
                match self.indexes.shift_remove(&name) {
                    Some(_) => Ok(()),
                    None => Err(PyError::value_error(format!("No such index: '{name}'"))),
                }
            }
            // The comments of the copy are those of its columns and of `table_kwargs`.
            Operation::CreateTableComment(_) | Operation::DropTableComment(_) => Ok(()),
            Operation::BulkInsert(_)
            | Operation::CreateTable(_)
            | Operation::DropTable(_)
            | Operation::RenameTable(_) => Err(PyError::unsupported(format!(
                "`{}` while a table is copied",
                queued.operation.name()
            ))),
        }
    }

    fn add_column(&mut self, queued: &Queued, operation: AddColumn) -> PyResult<()> {
        let name = operation.column.name.text.clone();
        self.ordering.add(
            &name,
            queued.insert_before.as_deref(),
            queued.insert_after.as_deref(),
        )?;
        self.columns.insert(name.clone(), operation.column.clone());
        self.transfers.shift_remove(&name);
        let (constraints, indexes) = (operation.constraints.clone(), operation.indexes.clone());
        self.added.insert(name, (queued.column.clone(), operation));
        for constraint in constraints {
            self.add_constraint(constraint)?;
        }
        indexes
            .into_iter()
            .for_each(|index| self.create_index(index));
        Ok(())
    }

    fn create_index(&mut self, index: Index) {
        let name = index.name.as_ref().map(|name| name.text.clone());
        self.new_indexes.insert(name.unwrap_or_default(), index);
    }

    fn alter_column(&mut self, queued: &Queued, operation: &AlterColumn) -> PyResult<()> {
        if let Some(check) = &operation.old_check {
            self.drop_constraint(check)?;
        }
        let key = operation.column.text.clone();
        let Some(column) = self.columns.get_mut(&key) else {
            return Err(PyError::key_error(Value::str(&key)));
        };
        for change in &operation.changes {
            match change {
                ColumnChange::Rename(name) => {
                    if name.text != key {
                        column.name = name.clone();
                        if let Some(name) = &queued.existing_type {
                            self.named.shift_remove(name);
                            self.touched.names.insert(name.clone());
                        }
                    }
                }
                ColumnChange::Type { sql_type, .. } => {
                    if casts_rows(&column.sql_type, sql_type) {
                        // upstream casts what it copies; a new column is not copied
                        if self.added.contains_key(&key) {
                            return Err(PyError::key_error(Value::str("expr")));
                        }
                        self.casts
                            .entry(key.clone())
                            .or_default()
                            .push(sql_type.clone());
                    }
                    column.sql_type = sql_type.clone();
                    self.type_checks.shift_remove(&key);
                    self.touched.types.insert(key.clone());
                    self.replaced_types.insert(key.clone());
                }
                ColumnChange::Nullable(nullable) => {
                    self.touched.nullables.insert(key.clone());
                    column.nullable = *nullable;
                }
                ColumnChange::Default(default) => {
                    self.touched.defaults.insert(key.clone());
                    column.server_default = default.clone().map(ServerDefault::Value);
                }
                ColumnChange::Comment(comment) => column.comment.clone_from(comment),
                ColumnChange::Computed | ColumnChange::Identity { .. } => {
                    return Err(PyError::unsupported(
                        "making a column computed or an identity while its table is copied",
                    ));
                }
            }
        }
        match queued.autoincrement {
            Some(true) => column.autoincrement = Autoincrement::Yes,
            Some(false) => column.autoincrement = Autoincrement::No,
            None => {}
        }
        match &operation.new_check {
            Some(check) => self.add_constraint(check.clone()),
            None => Ok(()),
        }
    }

    fn drop_column(&mut self, queued: &Queued, name: &str) -> PyResult<()> {
        let keys = self.named.values_mut().chain(&mut self.unnamed);
        for constraint in keys {
            if let ConstraintKind::PrimaryKey { columns } = &mut constraint.kind {
                columns.retain(|column| column.text != name);
            }
        }
        if self.columns.shift_remove(name).is_none() {
            return Err(PyError::key_error(Value::str(name)));
        }
        self.transfers.shift_remove(name);
        self.type_checks.shift_remove(name);
        self.added.shift_remove(name);
        self.ordering.drop(name)?;
        if let Some(name) = &queued.existing_type {
            self.named.shift_remove(name);
            self.touched.names.insert(name.clone());
        }
        Ok(())
    }

    fn add_constraint(&mut self, constraint: Constraint) -> PyResult<()> {
        let is_key = matches!(constraint.kind, ConstraintKind::PrimaryKey { .. });
        if constraint.base.name.is_none() && !is_type_bound(&constraint) {
            return Err(PyError::value_error("Constraint must have a name"));
        }
        if is_key {
            self.touched.key = true;
            self.unnamed
                .retain(|known| !matches!(known.kind, ConstraintKind::PrimaryKey { .. }));
        }
        match constraint.base.name.as_ref().map(|name| name.text.clone()) {
            Some(name) => match self.named.insert(name.clone(), constraint.clone()) {
                Some(old) if restates(&old, &constraint) => self.touched.restated.push(name),
                Some(_) => self.touched.replaced.push(name),
                None => {}
            },
            None => self.unnamed.push(constraint),
        }
        Ok(())
    }

    fn drop_constraint(&mut self, constraint: &Constraint) -> PyResult<()> {
        let Some(name) = constraint.base.name.as_ref().map(|name| name.text.clone()) else {
            return if is_type_bound(constraint) {
                Ok(())
            } else {
                Err(PyError::value_error("Constraint must have a name"))
            };
        };
        let is_it =
            |check: &Constraint| check.base.name.as_ref().map(|name| &name.text) == Some(&name);
        for column in self.columns.values_mut() {
            if column.checks.iter().any(is_it) {
                column.checks.retain(|check| !is_it(check));
                return Ok(());
            }
        }
        match self.named.shift_remove(&name) {
            Some(dropped) => {
                // one that this batch added says nothing of those there are
                if self.touched.read.contains(&name) {
                    self.touched.constraint(&dropped);
                }
                if let ConstraintKind::PrimaryKey { columns } = &dropped.kind {
                    for key in columns {
                        match self.columns.get_mut(&key.text) {
                            Some(column) => column.primary_key = false,
                            None => return Err(PyError::key_error(Value::str(&key.text))),
                        }
                    }
                }
                Ok(())
            }
            None if is_type_bound(constraint) => Ok(()),
            None => Err(PyError::value_error(format!(
                "No such constraint: '{name}'"
            ))),
        }
    }
}

/// alembic/ddl/sqlite.py `cast_for_batch_migrate`.
fn casts_rows(existing: &SqlType, new: &SqlType) -> bool {
    let dialect = clause::default_dialect();
    dialect.name() == "sqlite" && !existing.has_affinity_of(new) && !matches!(new, SqlType::Json(_))
}

/// The table's data; tables that its foreign keys name need not be known.
fn assembled(vm: &Vm, source: &Rc<PyTable>) -> PyResult<Table> {
    let was_ad_hoc = std::mem::replace(&mut source.extra.borrow_mut().is_ad_hoc, true);
    let made = assemble::table(vm, source);
    source.extra.borrow_mut().is_ad_hoc = was_ad_hoc;
    let mut table = made?.table;
    // the column that a key of the table's own names need not be there
    let known = source.columns.borrow();
    table
        .columns
        .retain(|column| known.contains_key(column.key()));
    drop(known);
    Ok(table)
}

fn is_type_bound(constraint: &Constraint) -> bool {
    matches!(
        constraint.kind,
        ConstraintKind::Check {
            is_type_bound: true,
            ..
        }
    )
}

fn unexpected(function: &str, keyword: &str) -> PyError {
    PyError::type_error(format!(
        "ApplyBatchImpl.{function}() got an unexpected keyword argument '{keyword}'"
    ))
}

/// The keys of the columns that an index element names.
fn element_keys(element: &IndexElement) -> Vec<String> {
    match element {
        IndexElement::Column(name) => vec![name.text.clone()],
        IndexElement::Expr(crate::schema::expr::Expr::Text(text), _) => vec![text.text.clone()],
        IndexElement::Expr(expr, _) => {
            let mut keys = Vec::new();
            clause::column_keys(expr, &mut keys);
            keys
        }
    }
}
