//! `op.drop_constraint`: alembic/operations/ops.py DropConstraintOp, schemaobj.py generic_constraint.

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::py::args::Bound;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::sa::name;
use crate::sa::naming::Subject;
use crate::schema::constraint::Constraint;
use crate::schema::constraint::ConstraintBase;
use crate::schema::constraint::ConstraintKind;
use crate::schema::constraint::ForeignKey;
use crate::schema::expr::Expr;
use crate::schema::table::TableName;

/// Drops a constraint by name.
#[derive(Debug, Clone, PartialEq)]
pub struct DropConstraint {
    /// The table.
    pub table: TableName,
    /// The constraint: its name, and its kind as far as it was given.
    pub constraint: Constraint,
    /// IF EXISTS.
    pub if_exists: bool,
}

impl Op for DropConstraint {
    const NAME: &'static str = "drop_constraint";
    const SIGNATURE: &'static str =
        "(self, constraint_name, table_name, type_=None, *, schema=None, if_exists=None)";
    const BATCH_SIGNATURE: Option<&'static str> = Some("(self, constraint_name, type_=None)");

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        let table = scope.table(bound)?;
        let type_ = bound.optional_str("type_")?;
        let empty = || ForeignKey {
            columns: Vec::new(),
            referred: TableName::default(),
            referred_columns: Vec::new(),
            onupdate: None,
            ondelete: None,
            match_: None,
            use_alter: false,
        };
        let (convention, kind) = match type_.as_deref() {
            Some("foreignkey") => (Some("fk"), ConstraintKind::ForeignKey(empty())),
            Some("primary") => (
                Some("pk"),
                ConstraintKind::PrimaryKey {
                    columns: Vec::new(),
                },
            ),
            Some("unique") => (
                Some("uq"),
                ConstraintKind::Unique {
                    columns: Vec::new(),
                },
            ),
            Some("check") => (
                Some("ck"),
                ConstraintKind::Check {
                    sqltext: Expr::text(""),
                    is_type_bound: false,
                },
            ),
            None => (None, ConstraintKind::Unknown),
            Some(_) => {
                return Err(PyError::type_error(
                    "'type' can be one of 'check', 'foreignkey', 'primary', 'unique', None",
                ));
            }
        };
        let mut constraint_name =
            name::optional(&bound.get("constraint_name"), "as a constraint name")?;
        if let Some(convention) = convention {
            let subject = Subject {
                table: table.clone(),
                ..Subject::default()
            };
            constraint_name =
                scope
                    .convention()?
                    .resolve(scope.vm, convention, constraint_name, &subject)?;
        }
        let base = ConstraintBase {
            name: constraint_name,
            ..ConstraintBase::default()
        };
        Ok(Self {
            table,
            constraint: Constraint { base, kind },
            if_exists: scope.flag(bound, "if_exists")?,
        })
    }

    fn lower(&self, _: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
        Ok(vec![Statement::DropConstraint {
            table: self.table.clone(),
            constraint: Box::new(self.constraint.clone()),
            if_exists: self.if_exists,
            cascade: false,
        }])
    }
}
