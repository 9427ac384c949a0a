//! What a foreign key refers to. sqlalchemy/sql/schema.py ForeignKey.

use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::sa::assemble::names_of;
use crate::sa::assemble::subject;
use crate::sa::clause::argument_error;
use crate::sa::column::PyColumn;
use crate::sa::constraint::References;
use crate::sa::constraint::Target;
use crate::sa::constraint::full_name;
use crate::sa::constraint::split_target;
use crate::sa::exc;
use crate::sa::naming::NamingConvention;
use crate::sa::table::PyTable;
use crate::schema::constraint::Constraint;
use crate::schema::constraint::ConstraintBase;
use crate::schema::constraint::ConstraintKind;
use crate::schema::constraint::ForeignKey;
use crate::schema::name::Name;
use crate::schema::table::TableName;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A foreign key's data: targets resolved.
pub(super) fn foreign_key(
    vm: &Vm,
    table: &Rc<PyTable>,
    columns: &[Rc<PyColumn>],
    targets: &[Target],
    references: &References,
    mut base: ConstraintBase,
    convention: &NamingConvention,
) -> PyResult<Constraint> {
    let mut referred = TableName::default();
    let mut referred_columns = Vec::new();
    let mut tables = BTreeSet::new();
    for (target, column) in targets.iter().zip(columns) {
        let (to, name) = resolve_target(table, column, target)?;
        tables.insert(full_name(&to));
        referred = to;
        referred_columns.push(name);
    }
    // `_validate_dest_table`
    let mut tables = tables.into_iter();
    if let (Some(first), Some(second)) = (tables.next(), tables.next()) {
        let keys: Vec<String> = columns.iter().map(|column| column.key()).collect();
        return Err(argument_error(format!(
            "ForeignKeyConstraint on {}({}) refers to multiple remote tables: {first} and {second}",
            table.description(),
            keys.join(", ")
        )));
    }
    let about = Some((
        referred.name.text.clone(),
        referred_columns
            .iter()
            .map(|name| name.text.clone())
            .collect(),
    ));
    base.name = convention.resolve(vm, "fk", base.name, &subject(table, columns, about))?;
    Ok(Constraint {
        base,
        kind: ConstraintKind::ForeignKey(ForeignKey {
            columns: names_of(columns),
            referred,
            referred_columns,
            onupdate: references.onupdate.clone(),
            ondelete: references.ondelete.clone(),
            match_: references.match_.clone(),
            use_alter: references.use_alter,
        }),
    })
}

/// The table and column that a target names.
fn resolve_target(
    table: &Rc<PyTable>,
    column: &Rc<PyColumn>,
    target: &Target,
) -> PyResult<(TableName, Name)> {
    let (mut to, name) = match target {
        Target::Column(referred) => {
            let other = referred.table().ok_or_else(|| {
                argument_error("a foreign key refers to a column that belongs to no table")
            })?;
            return Ok((
                other.name.clone(),
                referred.data.borrow().name.clone().unwrap_or_default(),
            ));
        }
        Target::Spec(spec) => split_target(spec),
        Target::Tokens(to, name) => (to.clone(), Some(name.clone())),
    };
    let spec = target.spec().unwrap_or_default();
    let is_ad_hoc = table.extra.borrow().is_ad_hoc;
    if to.schema.is_none() {
        to.schema = table.metadata.schema();
    }
    let wanted = name.clone().unwrap_or_else(|| column.key());
    let known = if to == table.name {
        Some(table.clone())
    } else {
        table.metadata.table(&to)
    };
    let missing_column = || {
        exc::upstream(
            "NoReferencedColumnError",
            &format!(
                "Could not initialize target column for ForeignKey '{spec}' on table '{}': table '{}' has no column named '{wanted}'",
                table.name.name.text, to.name.text
            ),
        )
    };
    match (known, name) {
        (Some(known), _) => match known.column(&wanted) {
            Some(found) => Ok((
                known.name.clone(),
                found.data.borrow().name.clone().unwrap_or_default(),
            )),
            None if is_ad_hoc => Ok((to, Name::new(wanted))),
            None => Err(missing_column()),
        },
        (None, Some(_)) if is_ad_hoc => Ok((to, Name::new(wanted))),
        (None, None) if is_ad_hoc => Err(missing_column()),
        (None, _) => Err(exc::upstream(
            "NoReferencedTableError",
            &format!(
                "Foreign key associated with column '{}.{}' could not find table '{}' with which to generate a foreign key to target column '{wanted}'",
                table.description(),
                column.name_text(),
                to.schema.as_ref().map_or_else(
                    || to.name.text.clone(),
                    |schema| format!("{}.{}", schema.text, to.name.text)
                )
            ),
        )),
    }
}
