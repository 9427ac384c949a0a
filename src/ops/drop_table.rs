//! `op.drop_table`: alembic/operations/ops.py DropTableOp.

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::ops::create_table;
use crate::py::args::Bound;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::sa::event;
use crate::schema::table::TableName;

/// Drops a table. Types of its columns stay.
#[derive(Debug, Clone, PartialEq)]
pub struct DropTable {
    /// The table.
    pub table: TableName,
    /// IF EXISTS.
    pub if_exists: bool,
}

impl Op for DropTable {
    const NAME: &'static str = "drop_table";
    const SIGNATURE: &'static str = "(self, table_name, *, schema=None, if_exists=None, **kw)";

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        // Upstream makes a `Table` with these keywords: it complains about unknown ones.
        let table = create_table::made(scope, scope.table(bound)?, &[], &bound.keywords)?;
        event::refuse_ddl(&Value::Native(table.clone()))?;
        Ok(Self {
            table: table.name.clone(),
            if_exists: scope.flag(bound, "if_exists")?,
        })
    }

    fn lower(&self, _: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
        Ok(vec![Statement::DropTable {
            table: self.table.clone(),
            if_exists: self.if_exists,
        }])
    }
}
