//! `op.create_table_comment`: alembic/operations/ops.py CreateTableCommentOp.

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::py::args::Bound;
use crate::py::error::PyResult;
use crate::schema::table::TableName;

/// Sets the comment of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTableComment {
    /// The table.
    pub table: TableName,
    /// The comment.
    pub comment: Option<String>,
}

impl Op for CreateTableComment {
    const NAME: &'static str = "create_table_comment";
    const SIGNATURE: &'static str =
        "(self, table_name, comment, *, existing_comment=None, schema=None)";
    const BATCH_SIGNATURE: Option<&'static str> = Some("(self, comment, *, existing_comment=None)");

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        Ok(Self {
            table: scope.table(bound)?,
            comment: scope.text(bound, "comment")?,
        })
    }

    fn lower(&self, _: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
        Ok(vec![Statement::TableComment {
            table: self.table.clone(),
            comment: self.comment.clone(),
        }])
    }
}
