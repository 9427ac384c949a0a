//! `op.drop_table_comment`: alembic/operations/ops.py DropTableCommentOp.

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::py::args::Bound;
use crate::py::error::PyResult;
use crate::schema::table::TableName;

/// Removes the comment of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct DropTableComment {
    /// The table.
    pub table: TableName,
}

impl Op for DropTableComment {
    const NAME: &'static str = "drop_table_comment";
    const SIGNATURE: &'static str = "(self, table_name, *, existing_comment=None, schema=None)";
    const BATCH_SIGNATURE: Option<&'static str> = Some("(self, *, existing_comment=None)");

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        Ok(Self {
            table: scope.table(bound)?,
        })
    }

    fn lower(&self, _: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
        Ok(vec![Statement::TableComment {
            table: self.table.clone(),
            comment: None,
        }])
    }
}
