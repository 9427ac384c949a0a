//! `op.create_unique_constraint`: alembic/operations/ops.py CreateUniqueConstraintOp, schemaobj.py unique_constraint.

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::ops::table_constraint;
use crate::py::args::Bound;
use crate::py::error::PyResult;
use crate::sa::constraint::UNIQUE;
use crate::sa::name;
use crate::schema::constraint::Constraint;
use crate::schema::table::TableName;

/// Adds a UNIQUE constraint.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateUniqueConstraint {
    /// The table.
    pub table: TableName,
    /// The constraint.
    pub constraint: Constraint,
}

impl Op for CreateUniqueConstraint {
    const NAME: &'static str = "create_unique_constraint";
    const SIGNATURE: &'static str =
        "(self, constraint_name, table_name, columns, *, schema=None, **kw)";
    const BATCH_SIGNATURE: Option<&'static str> = Some("(self, constraint_name, columns, **kw)");

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        let table = table_constraint::on(scope, bound)?;
        let columns = scope.names(bound, "columns")?;
        table_constraint::add_columns(&table, &columns)?;
        let keywords = table_constraint::keywords(&bound.keywords);
        let args = table_constraint::args(
            bound,
            columns.iter().map(name::to_value).collect(),
            keywords,
        );
        let constraint = table_constraint::made(scope, &table, &UNIQUE, args)?;
        Ok(Self {
            table: table.name.clone(),
            constraint,
        })
    }

    fn lower(&self, _: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
        Ok(vec![Statement::AddConstraint {
            table: self.table.clone(),
            constraint: Box::new(self.constraint.clone()),
        }])
    }
}
