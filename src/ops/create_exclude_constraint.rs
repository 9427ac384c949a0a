//! `op.create_exclude_constraint`: alembic/operations/ops.py CreateExcludeConstraintOp (alembic/ddl/postgresql.py), schemaobj.py table.

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::ops::table_constraint;
use crate::py::args::Bound;
use crate::py::error::PyResult;
use crate::sa::clause::argument_error;
use crate::sa::constraint::EXCLUDE;
use crate::sa::name;
use crate::schema::constraint::Constraint;
use crate::schema::constraint::ConstraintKind;
use crate::schema::table::TableName;

/// Adds an EXCLUDE constraint.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateExcludeConstraint {
    /// The table.
    pub table: TableName,
    /// The constraint.
    pub constraint: Constraint,
}

impl Op for CreateExcludeConstraint {
    const NAME: &'static str = "create_exclude_constraint";
    const SIGNATURE: &'static str = "(self, constraint_name, table_name, *elements, **kw)";
    const BATCH_SIGNATURE: Option<&'static str> = Some("(self, constraint_name, *elements, **kw)");

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        let schema = bound
            .keywords
            .iter()
            .find(|(key, _)| &**key == "schema")
            .map(|(_, value)| value.clone());
        let mut table_name = scope.table(bound)?;
        if let (None, Some(schema)) = (scope.batch, schema) {
            table_name.schema =
                name::optional(&schema, "as a schema")?.filter(|schema| !schema.text.is_empty());
        }
        let table = scope.ad_hoc(table_name)?;
        let args = table_constraint::args(
            bound,
            bound.rest.clone(),
            table_constraint::keywords(&bound.keywords),
        );
        let constraint = table_constraint::made(scope, &table, &EXCLUDE, args)?;
        if let ConstraintKind::Exclude(exclude) = &constraint.kind
            && exclude.elements.iter().any(|(_, name, _)| name.is_none())
        {
            // Upstream gives its table a column for every element.
            return Err(argument_error(
                "Column must be constructed with a non-blank name or assign a non-blank .name before adding to a Table.",
            ));
        }
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
