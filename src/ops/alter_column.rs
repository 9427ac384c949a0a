//! `op.alter_column`: alembic/operations/ops.py AlterColumnOp, toimpl.py alter_column, alembic/ddl/postgresql.py alter_column.

use crate::ddl::ColumnChange;
use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::ops::error::command_error;
use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::unresolved_error;
use crate::sa::assemble;
use crate::sa::column::PyColumn;
use crate::sa::default;
use crate::sa::name;
use crate::sa::types::convert::to_instance;
use crate::schema::constraint::Constraint;
use crate::schema::default::Identity;
use crate::schema::default::ServerDefault;
use crate::schema::name::Name;
use crate::schema::table::TableName;

/// Changes a column: each change is a statement of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterColumn {
    /// The table.
    pub table: TableName,
    /// The column.
    pub column: Name,
    /// The CHECK of the old type, which goes first.
    pub old_check: Option<Constraint>,
    /// The changes in the order they are said.
    pub changes: Vec<ColumnChange>,
    /// The CHECK of the new type, which comes last.
    pub new_check: Option<Constraint>,
}

impl Op for AlterColumn {
    const NAME: &'static str = "alter_column";
    const SIGNATURE: &'static str = "(self, table_name, column_name, *, nullable=None, comment=False, server_default=False, new_column_name=None, type_=None, existing_type=None, existing_server_default=False, existing_nullable=None, existing_comment=None, schema=None, **kw)";
    const BATCH_SIGNATURE: Option<&'static str> = Some(
        "(self, column_name, *, nullable=None, comment=False, server_default=False, new_column_name=None, type_=None, existing_type=None, existing_server_default=False, existing_nullable=None, existing_comment=None, insert_before=None, insert_after=None, **kw)",
    );

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        let is_postgresql = scope.env.executor.dialect().name() == "postgresql";
        check_keywords(bound, is_postgresql)?;
        let table = scope.table(bound)?;
        let column_name = bound.get("column_name");
        // Upstream looks at the name only when there is something to change.
        let is_column = column_name.native::<PyColumn>().is_some();
        let column = if is_column {
            Name::default()
        } else {
            name::from_value(&column_name, "as a column name")?
        };
        let mut operation = Self {
            table,
            column,
            old_check: None,
            changes: Vec::new(),
            new_check: None,
        };
        operation.type_change(scope, bound)?;
        match bound.get("nullable") {
            Value::None => {}
            _ => operation
                .changes
                .push(ColumnChange::Nullable(scope.flag(bound, "nullable")?)),
        }
        operation.changes.extend(default_change(scope, bound)?);
        match bound.get("comment") {
            Value::Bool(false) => {}
            _ => operation
                .changes
                .push(ColumnChange::Comment(scope.text(bound, "comment")?)),
        }
        if let Some(new) = name::optional(&bound.get("new_column_name"), "as a column name")? {
            operation.changes.push(ColumnChange::Rename(new));
        }
        if is_column && !operation.changes.is_empty() {
            return Err(PyError::type_error(
                "Boolean value of this clause is not defined",
            ));
        }
        Ok(operation)
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
        let mut statements = Vec::new();
        let counted = |check: &Option<Constraint>| {
            check
                .clone()
                .filter(|check| !lowering.leaves_out(check))
        };
        if let Some(check) = counted(&self.old_check) {
            statements.push(Statement::DropConstraint {
                table: self.table.clone(),
                constraint: Box::new(check),
                if_exists: false,
                cascade: false,
            });
        }
        let change = |change: &ColumnChange| Statement::AlterColumn {
            table: self.table.clone(),
            column: self.column.clone(),
            change: change.clone(),
        };
        let mut changes: Vec<&ColumnChange> = self.changes.iter().collect();
        if lowering.dialect.name() != "postgresql" {
            changes.sort_by_key(|change| generic_place(change));
        }
        statements.extend(changes.into_iter().map(change));
        if let Some(check) = counted(&self.new_check) {
            statements.push(Statement::AddConstraint {
                table: self.table.clone(),
                constraint: Box::new(check),
            });
        }
        Ok(statements)
    }
}

/// The order in which alembic/ddl/impl.py `alter_column` says the changes; PostgreSQL's own begins with the type.
fn generic_place(change: &ColumnChange) -> u8 {
    match change {
        ColumnChange::Nullable(_) => 0,
        ColumnChange::Default(_) | ColumnChange::Computed | ColumnChange::Identity { .. } => 1,
        ColumnChange::Type { .. } => 2,
        ColumnChange::Comment(_) => 3,
        ColumnChange::Rename(_) => 4,
    }
}

impl AlterColumn {
    /// `type_`, `existing_type`, `postgresql_using`.
    fn type_change(&mut self, scope: &Scope<'_>, bound: &Bound) -> PyResult<()> {
        let is_postgresql = scope.env.executor.dialect().name() == "postgresql";
        let new = bound.get("type_");
        let existing = bound.get("existing_type");
        let using = bound
            .keywords
            .iter()
            .find(|(key, _)| is_postgresql && &**key == "postgresql_using")
            .map(|(_, value)| value.clone());
        let using = using.filter(|using| !using.is_none());
        if new.is_none() {
            return match using {
                Some(_) => Err(command_error(
                    "postgresql_using must be used with the type_ parameter",
                )),
                None => Ok(()),
            };
        }
        if !existing.is_none() {
            self.old_check = self.check_of(scope, &existing)?;
        }
        let using = match using {
            Some(Value::Unresolved(unresolved)) => {
                return Err(unresolved_error(&unresolved, "as `postgresql_using`"));
            }
            Some(Value::Native(_)) => {
                return Err(PyError::type_error(
                    "Boolean value of this clause is not defined",
                ));
            }
            Some(using) => Some(match using.as_str() {
                Some(text) => text.to_string(),
                None => scope.vm.str(&using)?,
            }),
            None => None,
        };
        let column = self.column_of(scope, &new)?;
        self.changes.push(ColumnChange::Type {
            sql_type: column.sql_type(scope.vm)?,
            using,
        });
        self.new_check = self.check_of(scope, &new)?;
        Ok(())
    }

    fn column_of(&self, scope: &Scope<'_>, type_: &Value) -> PyResult<std::rc::Rc<PyColumn>> {
        let column = PyColumn::bare(self.column.clone());
        let type_ = match type_ {
            Value::Unresolved(unresolved) => {
                return Err(unresolved_error(unresolved, "as a column type"));
            }
            other => to_instance(scope.vm, other, Args::none())?,
        };
        column.data.borrow_mut().type_ = type_;
        Ok(column)
    }

    /// The CHECK that a type brings.
    fn check_of(&self, scope: &Scope<'_>, type_: &Value) -> PyResult<Option<Constraint>> {
        let table = scope.ad_hoc(self.table.clone())?;
        let column = self.column_of(scope, type_)?;
        table.add_column(&column)?;
        assemble::type_check(scope.vm, &table, &column, &scope.convention()?)
    }
}

/// Keywords that collide with upstream's internal ones; all other unknown ones are swallowed.
fn check_keywords(bound: &Bound, is_postgresql: bool) -> PyResult<()> {
    for (key, _) in &bound.keywords {
        match &**key {
            "modify_type"
            | "modify_nullable"
            | "modify_comment"
            | "modify_server_default"
            | "modify_name" => {
                return Err(PyError::type_error(format!(
                    "alembic.operations.ops.AlterColumnOp() got multiple values for keyword argument '{key}'"
                )));
            }
            "name" => {
                let class = if is_postgresql {
                    "postgresql.PostgresqlImpl"
                } else {
                    "impl.DefaultImpl"
                };
                return Err(PyError::type_error(format!(
                    "alembic.ddl.{class}.alter_column() got multiple values for keyword argument 'name'"
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

/// `server_default`, seen together with `existing_server_default`.
fn default_change(scope: &Scope<'_>, bound: &Bound) -> PyResult<Option<ColumnChange>> {
    let new = match bound.get("server_default") {
        Value::Bool(false) => return Ok(None),
        other => default::server_default(scope.vm, &other)?,
    };
    let existing = match bound.get("existing_server_default") {
        Value::Bool(false) | Value::Unresolved(_) => None,
        other => default::server_default(scope.vm, &other).unwrap_or(None),
    };
    let identity = |default: &Option<ServerDefault>| -> Option<Identity> {
        match default {
            Some(ServerDefault::Identity(identity)) => Some(identity.clone()),
            _ => None,
        }
    };
    let is_computed =
        |default: &Option<ServerDefault>| matches!(default, Some(ServerDefault::Computed(_)));
    if is_computed(&new) || is_computed(&existing) {
        return Ok(Some(ColumnChange::Computed));
    }
    let (new_identity, old_identity) = (identity(&new), identity(&existing));
    if new_identity.is_some() || old_identity.is_some() {
        if new.is_some() && new_identity.is_none() {
            return Err(PyError::unsupported(
                "replacing an identity by a plain default",
            ));
        }
        return Ok(Some(ColumnChange::Identity {
            new: new_identity,
            existing: old_identity,
        }));
    }
    match new {
        None => Ok(Some(ColumnChange::Default(None))),
        Some(ServerDefault::Value(value)) => Ok(Some(ColumnChange::Default(Some(value)))),
        Some(ServerDefault::Fetched | ServerDefault::Computed(_) | ServerDefault::Identity(_)) => {
            Err(PyError::new(&crate::py::exceptions::ASSERTION_ERROR, ""))
        }
    }
}
