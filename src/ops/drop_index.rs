//! `op.drop_index`: alembic/operations/ops.py DropIndexOp.

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::ops::create_index;
use crate::py::args::Bound;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::schema::index::Index;
use crate::schema::name::Name;
use crate::schema::table::TableName;

/// Drops an index.
#[derive(Debug, Clone, PartialEq)]
pub struct DropIndex {
    /// The index: its name, schema and options.
    pub index: Index,
    /// IF EXISTS.
    pub if_exists: bool,
}

impl Op for DropIndex {
    const NAME: &'static str = "drop_index";
    const SIGNATURE: &'static str =
        "(self, index_name, table_name=None, *, schema=None, if_exists=None, **kw)";
    const BATCH_SIGNATURE: Option<&'static str> = Some("(self, index_name, **kw)");

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        let table = match (scope.batch, bound.get("table_name")) {
            (None, Value::None) => TableName {
                schema: scope.schema(bound, "schema")?,
                name: Name::new("no_table"),
            },
            _ => scope.table(bound)?,
        };
        // Upstream makes an index on a column "x".
        let (index, if_exists) =
            create_index::made(scope, bound, table, &[Value::str("x")], "if_exists")?;
        Ok(Self {
            index,
            if_exists: if_exists || scope.flag(bound, "if_exists")?,
        })
    }

    fn lower(&self, _: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
        Ok(vec![Statement::DropIndex {
            index: Box::new(self.index.clone()),
            if_exists: self.if_exists,
        }])
    }
}
