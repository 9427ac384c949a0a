//! `op.create_foreign_key`: alembic/operations/ops.py CreateForeignKeyOp, schemaobj.py foreign_key_constraint.

use std::rc::Rc;

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::py::args::Bound;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::sa::clause::argument_error;
use crate::sa::name;
use crate::sa::naming::Subject;
use crate::sa::options;
use crate::schema::constraint::Constraint;
use crate::schema::constraint::ConstraintBase;
use crate::schema::constraint::ConstraintKind;
use crate::schema::constraint::ForeignKey;
use crate::schema::name::Name;
use crate::schema::table::TableName;

/// Adds a FOREIGN KEY constraint.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateForeignKey {
    /// The table.
    pub table: TableName,
    /// The constraint.
    pub constraint: Constraint,
}

/// Keywords of `ForeignKeyConstraint` that have no effect here.
const IGNORED: &[&str] = &["use_alter", "link_to_name", "info", "comment", "schema"];

impl Op for CreateForeignKey {
    const NAME: &'static str = "create_foreign_key";
    const SIGNATURE: &'static str = "(self, constraint_name, source_table, referent_table, local_cols, remote_cols, *, onupdate=None, ondelete=None, deferrable=None, initially=None, match=None, source_schema=None, referent_schema=None, **dialect_kw)";
    const BATCH_SIGNATURE: Option<&'static str> = Some(
        "(self, constraint_name, referent_table, local_cols, remote_cols, *, referent_schema=None, onupdate=None, ondelete=None, deferrable=None, initially=None, match=None, **dialect_kw)",
    );

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        let table = scope.table_of(bound, "source_table", "source_schema")?;
        let referred = TableName {
            schema: scope.schema(bound, "referent_schema")?,
            name: name::from_value(&bound.get("referent_table"), "as a table name")?,
        };
        let columns = scope.names(bound, "local_cols")?;
        let referred_columns = scope.names(bound, "remote_cols")?;
        check_count(&columns, &referred_columns)?;
        let keywords: Vec<(Rc<str>, Value)> = bound
            .keywords
            .iter()
            .filter(|(key, _)| !IGNORED.contains(&&**key))
            .cloned()
            .collect();
        let text = |names: &[Name]| {
            names
                .iter()
                .map(|name| name.text.clone())
                .collect::<Vec<String>>()
        };
        let subject = Subject {
            table: table.clone(),
            columns: columns
                .iter()
                .map(|name| (name.text.clone(), name.text.clone()))
                .collect(),
            referred: Some((referred.name.text.clone(), text(&referred_columns))),
        };
        let given = name::optional(&bound.get("constraint_name"), "as a constraint name")?;
        let base = ConstraintBase {
            name: scope
                .convention()?
                .resolve(scope.vm, "fk", given, &subject)?,
            deferrable: bound.optional_bool("deferrable")?,
            initially: scope.text(bound, "initially")?,
            options: options::from_keywords(scope.vm, &keywords, "ForeignKeyConstraint")?,
        };
        let kind = ConstraintKind::ForeignKey(ForeignKey {
            columns,
            referred,
            referred_columns,
            onupdate: scope.text(bound, "onupdate")?,
            ondelete: scope.text(bound, "ondelete")?,
            match_: scope.text(bound, "match")?,
            use_alter: false,
        });
        Ok(Self {
            table,
            constraint: Constraint { base, kind },
        })
    }

    fn lower(&self, _: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
        Ok(vec![Statement::AddConstraint {
            table: self.table.clone(),
            constraint: Box::new(self.constraint.clone()),
        }])
    }
}

/// sqlalchemy/sql/schema.py `ForeignKeyConstraint.__init__`.
fn check_count(columns: &[Name], referred: &[Name]) -> PyResult<()> {
    let distinct: std::collections::BTreeSet<&str> =
        columns.iter().map(|name| name.text.as_str()).collect();
    if distinct.len() == referred.len() {
        return Ok(());
    }
    Err(argument_error(if distinct.len() == columns.len() {
        "ForeignKeyConstraint number of constrained columns must match the number of referenced columns."
    } else {
        "ForeignKeyConstraint with duplicate source column references are not supported."
    }))
}
