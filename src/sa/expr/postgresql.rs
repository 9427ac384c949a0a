//! PostgreSQL's own constructs: ON CONFLICT, `array`, `aggregate_order_by`. sqlalchemy/dialects/postgresql/dml.py, array.py, ext.py.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::expr::bridge;
use crate::sa::expr::coerce;
use crate::sa::expr::construct;
use crate::sa::expr::receiver;
use crate::sa::expr::wrap;
use crate::schema::expr::Expr;
use crate::schema::expr::from::Alias;
use crate::schema::expr::from::AliasElement;
use crate::schema::expr::from::From;
use crate::schema::expr::query::ConflictTarget;
use crate::schema::expr::query::Insert;
use crate::schema::expr::query::OnConflict;
use crate::schema::name::Name;
use crate::schema::types::ArrayType;
use crate::schema::types::SqlType;

/// `insert.excluded`.
pub fn excluded(insert: &Insert) -> From {
    From::Alias(Rc::new(Alias {
        id: 0,
        element: AliasElement::From(From::Table(insert.table.clone())),
        name: Some(Name::new("excluded")),
        lateral: false,
        derived: None,
        ordinality: false,
        base: None,
    }))
}

fn target(
    vm: &Vm,
    constraint: &Value,
    elements: &Value,
    condition: &Value,
) -> PyResult<ConflictTarget> {
    if !constraint.is_none() {
        if let Some(name) = construct::name(constraint) {
            return Ok(ConflictTarget::Constraint(name));
        }
        return match vm.find_attr(constraint, "name")? {
            Some(name) if name.as_str().is_some() => Ok(ConflictTarget::Constraint(
                construct::name(&name).unwrap_or_default(),
            )),
            _ => Err(PyError::unsupported(
                "`constraint=` of ON CONFLICT without a name",
            )),
        };
    }
    if elements.is_none() {
        return Ok(ConflictTarget::None);
    }
    let mut found = Vec::new();
    for element in vm.collect(elements)? {
        found.push(match element.as_str() {
            Some(text) => Expr::column(Name::new(text.to_string()), SqlType::Null),
            None => coerce::from_value(vm, &element)?,
        });
    }
    let condition = if condition.is_none() {
        None
    } else {
        Some(coerce::condition(vm, condition)?)
    };
    Ok(ConflictTarget::Elements(found, condition))
}

fn own(this: &Value) -> PyResult<Box<Insert>> {
    match receiver(this)? {
        Expr::Insert(insert) => Ok(insert),
        _ => Err(PyError::type_error(
            "descriptor requires an 'Insert' object",
        )),
    }
}

/// `insert.on_conflict_do_nothing(...)`.
pub fn on_conflict_do_nothing(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "on_conflict_do_nothing",
        "(constraint=None, index_elements=None, index_where=None)",
    )?;
    let mut insert = own(this)?;
    let target = target(
        vm,
        &bound.get("constraint"),
        &bound.get("index_elements"),
        &bound.get("index_where"),
    )?;
    insert.on_conflict = Some(OnConflict {
        target,
        set: None,
        where_: None,
    });
    Ok(wrap(Expr::Insert(insert)))
}

/// `insert.on_conflict_do_update(...)`.
#[expect(
    clippy::too_many_lines,
    reason = "the steps share their state and are read in order"
)]
pub fn on_conflict_do_update(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "on_conflict_do_update",
        "(constraint=None, index_elements=None, index_where=None, set_=None, where=None)",
    )?;
    let mut insert = own(this)?;
    let target = target(
        vm,
        &bound.get("constraint"),
        &bound.get("index_elements"),
        &bound.get("index_where"),
    )?;
    if target == ConflictTarget::None {
        return Err(PyError::value_error(
            "Either constraint or index_elements, but not both, must be specified unless DO NOTHING",
        ));
    }
    let given = bound.get("set_");
    let items = match vm.mapping_items(&given)? {
        Some(items) if !items.is_empty() => items,
        Some(_) => {
            return Err(PyError::value_error(
                "set parameter dictionary must not be empty",
            ));
        }
        None => match given.native::<crate::sa::expr::from::Columns>() {
            Some(columns) => columns
                .columns
                .iter()
                .map(|column| {
                    (
                        Value::str(&column.key),
                        wrap(Expr::Column(Box::new(column.clone()))),
                    )
                })
                .collect(),
            None => {
                return Err(PyError::value_error(
                    "set parameter must be a non-empty dictionary or a ColumnCollection such as the `.c.` collection of a Table object",
                ));
            }
        },
    };
    let mut set = Vec::new();
    for (key, value) in items {
        let name = match key.as_str() {
            Some(text) => Name::new(text.to_string()),
            None => match coerce::from_value(vm, &key)? {
                Expr::Column(column) => Name::new(column.key.clone()),
                _ => {
                    return Err(exc::upstream(
                        "ArgumentError",
                        "a key of set_ that is not a column",
                    ));
                }
            },
        };
        let column = insert
            .table
            .columns
            .iter()
            .find(|column| column.key == name.text);
        let sql_type = column.map_or(SqlType::Null, |column| column.sql_type.clone());
        let wanted = (sql_type != SqlType::Null).then_some(&sql_type);
        let value = coerce::named_element(vm, &value, "param", wanted)?;
        set.push((name, value));
    }
    let where_ = match bound.get("where") {
        Value::None => None,
        condition => Some(coerce::condition(vm, &condition)?),
    };
    insert.on_conflict = Some(OnConflict {
        target,
        set: Some(set),
        where_,
    });
    Ok(wrap(Expr::Insert(insert)))
}

/// `array([...])`.
pub fn array(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("array", "(clauses, *, type_=None)")?;
    let given = bound.get("type_");
    let wanted = if given.is_none() {
        None
    } else {
        Some(bridge::sql_type(vm, &given)?)
    };
    let mut items = Vec::new();
    for value in vm.collect(&bound.get("clauses"))? {
        items.push(coerce::named_element(vm, &value, "param", wanted.as_ref())?);
    }
    let item = wanted.unwrap_or_else(|| items.first().map_or(SqlType::Null, Expr::sql_type));
    Ok(wrap(Expr::Array(
        items,
        Box::new(SqlType::Array(Box::new(ArrayType {
            item,
            dimensions: None,
        }))),
    )))
}

/// `aggregate_order_by(target, *order_by)`.
pub fn aggregate_order_by(vm: &Vm, args: &Args) -> PyResult<Value> {
    let Some((first, rest)) = args.positional.split_first() else {
        return Err(PyError::type_error(
            "aggregate_order_by.__init__() missing 1 required positional argument: 'target'",
        ));
    };
    let order: PyResult<Vec<Expr>> = rest.iter().map(|value| coerce::by(vm, value)).collect();
    Ok(wrap(Expr::AggregateOrderBy(
        Box::new(coerce::from_value(vm, first)?),
        order?,
    )))
}
