//! `op.drop_column`: alembic/operations/ops.py DropColumnOp.

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::py::args::Bound;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::sa::name;
use crate::schema::name::Name;
use crate::schema::table::TableName;

/// Drops a column.
#[derive(Debug, Clone, PartialEq)]
pub struct DropColumn {
    /// The table.
    pub table: TableName,
    /// The column.
    pub column: Name,
    /// IF EXISTS.
    pub if_exists: bool,
}

impl Op for DropColumn {
    const NAME: &'static str = "drop_column";
    const SIGNATURE: &'static str = "(self, table_name, column_name, *, schema=None, **kw)";
    const BATCH_SIGNATURE: Option<&'static str> = Some("(self, column_name, **kw)");

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        let if_exists = bound
            .keywords
            .iter()
            .find(|(key, _)| &**key == "if_exists")
            .map_or(Value::None, |(_, value)| value.clone());
        Ok(Self {
            table: scope.table(bound)?,
            column: name::from_value(&bound.get("column_name"), "as a column name")?,
            if_exists: scope.vm.truth(&if_exists)?,
        })
    }

    fn lower(&self, _: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
        Ok(vec![Statement::DropColumn {
            table: self.table.clone(),
            column: self.column.clone(),
            if_exists: self.if_exists,
        }])
    }
}
