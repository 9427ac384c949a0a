//! `op.create_check_constraint`: alembic/operations/ops.py CreateCheckConstraintOp, schemaobj.py check_constraint.

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::ops::table_constraint;
use crate::py::args::Bound;
use crate::py::error::PyResult;
use crate::sa::constraint::CHECK;
use crate::schema::constraint::Constraint;
use crate::schema::name::Name;
use crate::schema::table::TableName;

/// Adds a CHECK constraint.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateCheckConstraint {
    /// The table.
    pub table: TableName,
    /// The constraint.
    pub constraint: Constraint,
}

impl Op for CreateCheckConstraint {
    const NAME: &'static str = "create_check_constraint";
    const SIGNATURE: &'static str =
        "(self, constraint_name, table_name, condition, *, schema=None, **kw)";
    const BATCH_SIGNATURE: Option<&'static str> = Some("(self, constraint_name, condition, **kw)");

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        let table = table_constraint::on(scope, bound)?;
        table_constraint::add_columns(&table, &[Name::new("x")])?;
        let args = table_constraint::args(
            bound,
            vec![bound.get("condition")],
            table_constraint::keywords(&bound.keywords),
        );
        let constraint = table_constraint::made(scope, &table, &CHECK, args)?;
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
