//! `op.add_column`: alembic/operations/ops.py AddColumnOp, toimpl.py add_column.

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::py::args::Bound;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::unresolved_error;
use crate::sa::assemble;
use crate::sa::column::PyColumn;
use crate::schema::column::Column;
use crate::schema::constraint::Constraint;
use crate::schema::constraint::ConstraintKind;
use crate::schema::index::Index;
use crate::schema::table::TableName;

/// Adds a column, then its constraints and indexes, then its comment. Types are never created here.
#[derive(Debug, Clone, PartialEq)]
pub struct AddColumn {
    /// The table.
    pub table: TableName,
    /// The column.
    pub column: Column,
    /// UNIQUE, the foreign keys, the CHECK of the type.
    pub constraints: Vec<Constraint>,
    /// `index=True`.
    pub indexes: Vec<Index>,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// REFERENCES is written with the column.
    pub inline_references: bool,
    /// PRIMARY KEY is written with the column.
    pub inline_primary_key: bool,
}

impl Op for AddColumn {
    const NAME: &'static str = "add_column";
    const SIGNATURE: &'static str = "(self, table_name, column, *, schema=None, if_not_exists=None, inline_references=None, inline_primary_key=None)";
    const BATCH_SIGNATURE: Option<&'static str> = Some(
        "(self, column, *, insert_before=None, insert_after=None, if_not_exists=None, inline_references=None, inline_primary_key=None)",
    );

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        let column = column_of(scope, &bound.get("column"))?;
        let table = scope.ad_hoc(scope.table(bound)?)?;
        table.add_column(&column)?;
        let assembled = assemble::table(scope.vm, &table)?.table;
        let Some(column) = assembled.columns.into_iter().next() else {
            return Err(PyError::unsupported(
                "adding a column that its table does not have",
            ));
        };
        Ok(Self {
            table: assembled.name,
            column,
            constraints: assembled.constraints,
            indexes: assembled.indexes,
            if_not_exists: scope.flag(bound, "if_not_exists")?,
            inline_references: scope.flag(bound, "inline_references")?,
            inline_primary_key: scope.flag(bound, "inline_primary_key")?,
        })
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
        let inline = self.inline_reference();
        let mut statements = vec![Statement::AddColumn {
            table: self.table.clone(),
            column: Box::new(self.column.clone()),
            if_not_exists: self.if_not_exists,
            inline_primary_key: self.inline_primary_key,
            inline_references: inline.cloned().map(Box::new),
        }];
        for constraint in &self.constraints {
            if inline.is_some_and(|inline| std::ptr::eq(inline, constraint))
                || lowering.leaves_out(constraint)
            {
                continue;
            }
            statements.push(Statement::AddConstraint {
                table: self.table.clone(),
                constraint: Box::new(constraint.clone()),
            });
        }
        let index = |index: &Index| Statement::CreateIndex {
            index: Box::new(index.clone()),
            if_not_exists: false,
        };
        statements.extend(self.indexes.iter().map(index));
        if lowering.dialect.has_comment_statements()
            && let Some(comment) = &self.column.comment
        {
            statements.push(Statement::ColumnComment {
                table: self.table.clone(),
                column: self.column.name.clone(),
                comment: Some(comment.clone()),
            });
        }
        Ok(statements)
    }
}

impl AddColumn {
    /// The foreign key written with the column: only if there is exactly one.
    fn inline_reference(&self) -> Option<&Constraint> {
        let mut keys = self
            .constraints
            .iter()
            .filter(|constraint| matches!(constraint.kind, ConstraintKind::ForeignKey(_)));
        let first = keys.next().filter(|_| self.inline_references);
        first.filter(|_| keys.next().is_none())
    }
}

/// The column; one that belongs to a table is copied.
fn column_of(scope: &Scope<'_>, value: &Value) -> PyResult<std::rc::Rc<PyColumn>> {
    if let Value::Unresolved(unresolved) = value {
        return Err(unresolved_error(unresolved, "as a column"));
    }
    let Some(column) = value.native::<PyColumn>() else {
        let class = scope.vm.class_of(value).name.clone();
        return Err(PyError::attribute_error(format!(
            "'{class}' object has no attribute 'table'"
        )));
    };
    Ok(if column.table().is_some() {
        column.copy()
    } else {
        column
    })
}
