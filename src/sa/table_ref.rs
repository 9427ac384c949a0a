//! A `Table` as the FROM element of a query.

use std::rc::Rc;

use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::sa::assemble;
use crate::sa::clause;
use crate::sa::column::PyColumn;
use crate::sa::constraint::ColumnSpec;
use crate::sa::constraint::PyConstraintKind;
use crate::sa::constraint::Target;
use crate::sa::sequence::PySequence;
use crate::sa::table::PyTable;
use crate::schema::expr::Expr;
use crate::schema::expr::from::Callable;
use crate::schema::expr::from::ColumnDefault;
use crate::schema::expr::from::From;
use crate::schema::expr::from::Reference;
use crate::schema::expr::from::TableColumn;
use crate::schema::expr::from::TableRef;

/// The FROM element.
pub fn table_ref(vm: &Vm, table: &Rc<PyTable>) -> PyResult<From> {
    let mut columns = Vec::new();
    for column in table.column_list() {
        columns.push(table_column(vm, table, &column)?);
    }
    let key_columns = assemble::primary_key_columns(table);
    if let Some(at) = assemble::autoincrement_column(vm, table, &key_columns)?
        && let Some(column) = columns.get_mut(at)
    {
        column.is_autoincrement = true;
    }
    Ok(From::Table(Rc::new(TableRef {
        id: table.id,
        name: table.name.clone(),
        columns,
        is_table: true,
        entity: None,
    })))
}

/// A column as queries need it.
fn table_column(vm: &Vm, table: &Rc<PyTable>, column: &Rc<PyColumn>) -> PyResult<TableColumn> {
    let data = column.data.borrow().clone();
    let mut made = TableColumn::new(data.name.clone().unwrap_or_default(), column.sql_type(vm)?);
    made.key = column.key();
    made.primary_key = assemble::primary_key_columns(table)
        .iter()
        .any(|key| Rc::ptr_eq(key, column));
    made.default = client_side(vm, &data.default_value)?;
    made.onupdate = client_side(vm, &data.onupdate)?;
    made.has_server_default = data.server_default.is_some();
    for key in &data.foreign_keys {
        made.references
            .extend(reference(&key.target, clause::next_order()));
    }
    for constraint in table.constraints.borrow().iter() {
        if let PyConstraintKind::ForeignKey(columns, targets, _) = &constraint.kind {
            let of_this = columns.iter().zip(targets).filter(|(spec, _)| match spec {
                ColumnSpec::Key(key) => key.text == made.key,
                ColumnSpec::Column(known) => Rc::ptr_eq(known, column),
            });
            made.references
                .extend(of_this.filter_map(|(_, target)| reference(target, constraint.order)));
        }
    }
    Ok(made)
}

/// What one target of a foreign key says.
fn reference(target: &Target, constraint: u64) -> Option<Reference> {
    Some(match target {
        Target::Spec(spec) => {
            let mut parts: Vec<&str> = spec.split('.').collect();
            let column = parts.pop().unwrap_or_default().to_owned();
            let table = parts.pop().unwrap_or_default().to_owned();
            Reference {
                schema: (!parts.is_empty()).then(|| parts.join(".")),
                table,
                column,
                constraint,
            }
        }
        Target::Tokens(table, column) => Reference {
            schema: table.schema.as_ref().map(|schema| schema.text.clone()),
            table: table.name.text.clone(),
            column: column.clone(),
            constraint,
        },
        Target::Column(column) => {
            let table = column.table()?;
            Reference {
                schema: table.name.schema.as_ref().map(|schema| schema.text.clone()),
                table: table.name.name.text.clone(),
                column: column.name_text(),
                constraint,
            }
        }
    })
}

fn callable(name: String, function: &crate::py::value::Value) -> ColumnDefault {
    ColumnDefault::Callable(Callable {
        name,
        function: Rc::new(function.clone()),
    })
}

/// `default=`, `onupdate=`.
fn client_side(vm: &Vm, value: &crate::py::value::Value) -> PyResult<Option<ColumnDefault>> {
    use crate::py::value::Value;
    let argument = match value.native::<crate::sa::default::PyColumnDefault>() {
        Some(wrapped) => wrapped.argument.clone(),
        None => value.clone(),
    };
    if let Some(sequence) = argument.native::<PySequence>() {
        let is_used = clause::default_dialect().name() == "postgresql" && !sequence.data.optional;
        let next = || ColumnDefault::Expr(Expr::NextValue(Box::new(sequence.data.clone())));
        return Ok(is_used.then(next));
    }
    Ok(match &argument {
        Value::None => None,
        Value::Function(function) => Some(callable(function.name().to_owned(), &argument)),
        Value::Builtin(_) | Value::Method(_) | Value::Class(_) => {
            Some(callable(vm.repr(&argument)?.to_string(), &argument))
        }
        Value::Unresolved(unresolved) => Some(callable(unresolved.name.clone(), &argument)),
        other => match clause::expr(vm, other) {
            Ok(expr) => Some(ColumnDefault::Expr(expr)),
            Err(_) => Some(ColumnDefault::Expr(crate::sa::expr::coerce::element(
                vm, other,
            )?)),
        },
    })
}
