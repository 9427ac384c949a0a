//! `op.rename_table`: alembic/operations/ops.py RenameTableOp.

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::py::args::Bound;
use crate::py::error::PyResult;
use crate::sa::name;
use crate::schema::name::Name;
use crate::schema::table::TableName;

/// Renames a table in place.
#[derive(Debug, Clone, PartialEq)]
pub struct RenameTable {
    /// The table.
    pub table: TableName,
    /// Its new name.
    pub new_name: Name,
}

impl Op for RenameTable {
    const NAME: &'static str = "rename_table";
    const SIGNATURE: &'static str = "(self, old_table_name, new_table_name, *, schema=None)";

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        let new_name = name::from_value(&bound.get("new_table_name"), "as a table name")?;
        Ok(Self {
            table: scope.table_of(bound, "old_table_name", "schema")?,
            new_name,
        })
    }

    fn lower(&self, _: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
        Ok(vec![Statement::RenameTable {
            table: self.table.clone(),
            new_name: self.new_name.clone(),
        }])
    }
}
