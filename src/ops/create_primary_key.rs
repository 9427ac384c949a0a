//! `op.create_primary_key`: alembic/operations/ops.py CreatePrimaryKeyOp, schemaobj.py primary_key_constraint.

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::ops::table_constraint;
use crate::py::args::Bound;
use crate::py::error::PyResult;
use crate::sa::constraint::PRIMARY_KEY;
use crate::sa::name;
use crate::schema::constraint::Constraint;
use crate::schema::table::TableName;

/// Adds a primary key.
#[derive(Debug, Clone, PartialEq)]
pub struct CreatePrimaryKey {
    /// The table.
    pub table: TableName,
    /// The constraint.
    pub constraint: Constraint,
}

impl Op for CreatePrimaryKey {
    const NAME: &'static str = "create_primary_key";
    const SIGNATURE: &'static str = "(self, constraint_name, table_name, columns, *, schema=None)";
    const BATCH_SIGNATURE: Option<&'static str> = Some("(self, constraint_name, columns)");

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        let table = table_constraint::on(scope, bound)?;
        let columns = scope.names(bound, "columns")?;
        table_constraint::add_columns(&table, &columns)?;
        let args = table_constraint::args(
            bound,
            columns.iter().map(name::to_value).collect(),
            Vec::new(),
        );
        let constraint = table_constraint::made(scope, &table, &PRIMARY_KEY, args)?;
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
