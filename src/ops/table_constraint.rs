//! What the directives that add a constraint share: the table made for it, and the constraint made as `sqlalchemy.schema` makes it.

use std::rc::Rc;

use crate::ops::Scope;
use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::sa::assemble;
use crate::sa::column::PyColumn;
use crate::sa::constraint::PyConstraint;
use crate::sa::table::PyTable;
use crate::schema::constraint::Constraint;
use crate::schema::name::Name;

/// The table that `table_name` and `schema` name.
pub(crate) fn on(scope: &Scope<'_>, bound: &Bound) -> PyResult<Rc<PyTable>> {
    scope.ad_hoc(scope.table(bound)?)
}

/// Gives the table these columns, without types.
pub(crate) fn add_columns(table: &Rc<PyTable>, columns: &[Name]) -> PyResult<()> {
    columns
        .iter()
        .try_for_each(|column| table.add_column(&PyColumn::bare(column.clone())))
}

/// The keywords but `schema`.
pub(crate) fn keywords(given: &[(Rc<str>, Value)]) -> Vec<(Rc<str>, Value)> {
    given
        .iter()
        .filter(|(key, _)| &**key != "schema")
        .cloned()
        .collect()
}

/// Arguments for the constraint's class, with its name.
pub(crate) fn args(bound: &Bound, positional: Vec<Value>, keywords: Vec<(Rc<str>, Value)>) -> Args {
    let mut args = Args {
        positional,
        keywords,
    };
    args.keywords
        .push((Rc::from("name"), bound.get("constraint_name")));
    args
}

/// Makes the constraint and attaches it to the table.
pub(crate) fn made(
    scope: &Scope<'_>,
    table: &Rc<PyTable>,
    class: &'static NativeClass,
    args: Args,
) -> PyResult<Constraint> {
    let made = scope.vm.call(&Value::Class(Class::of(class)), args)?;
    let made = made
        .native::<PyConstraint>()
        .ok_or_else(|| PyError::unsupported("a constraint that is no `Constraint`"))?;
    table.attach_constraint(&made);
    assemble::constraint_of(scope.vm, table, &made, &scope.convention()?)
}
