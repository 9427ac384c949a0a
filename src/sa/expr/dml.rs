//! `sa.insert`, `sa.update`, `sa.delete`. sqlalchemy/sql/dml.py.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::Method;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::expr::coerce;
use crate::sa::expr::from_of;
use crate::sa::expr::literal_of;
use crate::sa::expr::postgresql;
use crate::sa::expr::receiver;
use crate::sa::expr::select;
use crate::sa::expr::wrap;
use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::expr::from::From;
use crate::schema::expr::from::TableRef;
use crate::schema::expr::infer::type_of_value;
use crate::schema::expr::query::Delete;
use crate::schema::expr::query::Insert;
use crate::schema::expr::query::InsertRows;
use crate::schema::expr::query::SetKey;
use crate::schema::expr::query::Update;
use crate::schema::types::SqlType;

/// Methods of INSERT.
pub const INSERT_METHODS: &[(&str, Method)] = &[
    ("values", insert_values),
    ("from_select", from_select),
    ("returning", returning),
    ("inline", inline),
    ("prefix_with", prefix_with),
    ("add_cte", add_cte),
    ("cte", select::cte),
    ("on_conflict_do_nothing", postgresql::on_conflict_do_nothing),
    ("on_conflict_do_update", postgresql::on_conflict_do_update),
];
/// Methods of UPDATE.
pub const UPDATE_METHODS: &[(&str, Method)] = &[
    ("values", update_values),
    ("ordered_values", ordered_values),
    ("where", where_),
    ("filter", where_),
    ("filter_by", filter_by),
    ("returning", returning),
    ("inline", inline),
    ("prefix_with", prefix_with),
    ("add_cte", add_cte),
    ("cte", select::cte),
];
/// Methods of DELETE.
pub const DELETE_METHODS: &[(&str, Method)] = &[
    ("where", where_),
    ("filter", where_),
    ("filter_by", filter_by),
    ("returning", returning),
    ("prefix_with", prefix_with),
    ("add_cte", add_cte),
    ("cte", select::cte),
];

fn target(vm: &Vm, value: &Value) -> PyResult<From> {
    if let Value::Unresolved(unresolved) = value {
        return Err(crate::py::vm::unresolved_error(unresolved, "as a table"));
    }
    match from_of(vm, value)? {
        Some(from) => Ok(from),
        None => Err(exc::upstream(
            "ArgumentError",
            &format!(
                "subject table for an INSERT, UPDATE or DELETE expected, got {}.",
                vm.repr(value)?
            ),
        )),
    }
}

/// `insert(table)`.
pub fn new_insert(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("insert", "(table)")?;
    let From::Table(table) = target(vm, &bound.get("table"))? else {
        return Err(exc::upstream(
            "ArgumentError",
            "INSERT into something that is not a table",
        ));
    };
    Ok(wrap(Expr::Insert(Box::new(empty_insert(table)))))
}

/// An INSERT with nothing given.
pub fn empty_insert(table: Rc<TableRef>) -> Insert {
    Insert {
        table,
        rows: InsertRows::Unset,
        multiple: false,
        inline: false,
        returning: Vec::new(),
        on_conflict: None,
        prefixes: Vec::new(),
        ctes: Vec::new(),
    }
}

/// `update(table)`.
pub fn new_update(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("update", "(table)")?;
    Ok(wrap(Expr::Update(Box::new(Update {
        table: target(vm, &bound.get("table"))?,
        values: None,
        ordered: false,
        where_: Vec::new(),
        returning: Vec::new(),
        inline: false,
        prefixes: Vec::new(),
        ctes: Vec::new(),
    }))))
}

/// `delete(table)`.
pub fn new_delete(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("delete", "(table)")?;
    Ok(wrap(Expr::Delete(Box::new(Delete {
        table: target(vm, &bound.get("table"))?,
        where_: Vec::new(),
        returning: Vec::new(),
        prefixes: Vec::new(),
        ctes: Vec::new(),
    }))))
}

/// `table.insert()`.
pub fn insert_of(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    no_arguments(&args, "insert")?;
    new_insert(
        vm,
        &Class::of(&crate::sa::expr::classes::INSERT),
        Args::of(vec![this.clone()]),
    )
}

/// `table.update()`.
pub fn update_of(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    no_arguments(&args, "update")?;
    new_update(
        vm,
        &Class::of(&crate::sa::expr::classes::UPDATE),
        Args::of(vec![this.clone()]),
    )
}

/// `table.delete()`.
pub fn delete_of(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    no_arguments(&args, "delete")?;
    new_delete(
        vm,
        &Class::of(&crate::sa::expr::classes::DELETE),
        Args::of(vec![this.clone()]),
    )
}

fn no_arguments(args: &Args, name: &str) -> PyResult<()> {
    if let Some((keyword, _)) = args.keywords.first() {
        return Err(PyError::type_error(format!(
            "TableClause.{name}() got an unexpected keyword argument '{keyword}'"
        )));
    }
    if args.positional.is_empty() {
        return Ok(());
    }
    Err(PyError::type_error(format!(
        "TableClause.{name}() takes 1 positional argument but {} were given",
        args.positional.len() + 1
    )))
}

/// The key of a column in `values({...})`.
fn key(vm: &Vm, value: &Value) -> PyResult<SetKey> {
    match value.as_str() {
        Some(text) => Ok(SetKey::Name(text.to_string())),
        None => Ok(SetKey::Expr(coerce::from_value(vm, value)?)),
    }
}

/// A value for a column: plain values take the column's type.
pub fn value_for(vm: &Vm, name: &str, sql_type: &SqlType, value: &Value) -> PyResult<Expr> {
    match coerce::find(vm, value)? {
        Some(Expr::Query(query)) => Ok(Expr::ScalarSubquery(query)),
        Some(expr) => Ok(expr),
        None => {
            let literal = literal_of(vm, value, sql_type)?;
            let sql_type = if *sql_type == SqlType::Null
                && matches!(literal, crate::schema::literal::Literal::Opaque { .. })
            {
                type_of_value(&literal)
            } else {
                sql_type.clone()
            };
            Ok(Expr::Bind(Box::new(Bind {
                key: name.to_owned(),
                unique: None,
                value: Some(literal),
                sql_type,
                expanding: false,
                inline: false,
            })))
        }
    }
}

/// Column keys and values from dictionaries, keywords, or a tuple in column order.
fn pairs(vm: &Vm, table: Option<&TableRef>, given: &Value) -> PyResult<Vec<(SetKey, Expr)>> {
    let items: Vec<(SetKey, Value)> = match vm.mapping_items(given)? {
        Some(items) => items
            .into_iter()
            .map(|(name, value)| Ok((key(vm, &name)?, value)))
            .collect::<PyResult<_>>()?,
        None => {
            let values = vm.collect(given)?;
            let columns = table.map(|table| table.columns.clone()).unwrap_or_default();
            columns
                .iter()
                .zip(values)
                .map(|(column, value)| (SetKey::Name(column.key.clone()), value))
                .collect()
        }
    };
    let mut pairs = Vec::new();
    for (name, value) in items {
        let (text, sql_type) = match &name {
            SetKey::Name(text) => {
                let found =
                    table.and_then(|table| table.columns.iter().find(|column| column.key == *text));
                (
                    text.clone(),
                    found.map_or(SqlType::Null, |column| column.sql_type.clone()),
                )
            }
            SetKey::Expr(expr) => (expr.bind_name(), expr.sql_type()),
        };
        pairs.push((name, value_for(vm, &text, &sql_type, &value)?));
    }
    Ok(pairs)
}

/// One row of an INSERT.
pub fn insert_row(vm: &Vm, table: &TableRef, given: &Value) -> PyResult<Vec<(String, Expr)>> {
    let pairs = pairs(vm, Some(table), given)?;
    pairs
        .into_iter()
        .map(|(key, value)| match key {
            SetKey::Name(name) => Ok((name, value)),
            SetKey::Expr(Expr::Column(column)) => Ok((column.key.clone(), value)),
            SetKey::Expr(_) => Err(PyError::unsupported(
                "a key in `insert().values()` that is not a column",
            )),
        })
        .collect()
}

fn keywords(args: &Args) -> Value {
    let mut dict = crate::py::dict::Dict::new();
    for (name, value) in &args.keywords {
        dict.insert_str(name, value.clone());
    }
    Value::dict(dict)
}

fn insert_values(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let Expr::Insert(mut insert) = receiver(this)? else {
        return Err(PyError::type_error(
            "descriptor requires an 'Insert' object",
        ));
    };
    let mut rows: Vec<Vec<(String, Expr)>> = match &insert.rows {
        InsertRows::Values(rows) => rows.clone(),
        InsertRows::Unset | InsertRows::Select(_, _, _) => Vec::new(),
    };
    let mut multiple = insert.multiple;
    if let Some(first) = args.positional.first() {
        let is_rows = match first {
            Value::List(items) => items.borrow().first().is_some_and(|item| {
                matches!(item, Value::Dict(_) | Value::Tuple(_) | Value::List(_))
            }),
            Value::Tuple(items) => items
                .first()
                .is_some_and(|item| matches!(item, Value::Dict(_))),
            _ => false,
        };
        if is_rows {
            multiple = true;
            for row in vm.collect(first)? {
                rows.push(insert_row(vm, &insert.table, &row)?);
            }
        } else {
            // an empty list is an empty row, too: DEFAULT VALUES
            merge(&mut rows, insert_row(vm, &insert.table, first)?);
        }
    }
    if !args.keywords.is_empty() {
        merge(&mut rows, insert_row(vm, &insert.table, &keywords(&args))?);
    }
    if !rows.is_empty() {
        insert.rows = InsertRows::Values(rows);
    }
    insert.multiple = multiple;
    Ok(wrap(Expr::Insert(insert)))
}

/// Adds to the only row.
fn merge(rows: &mut Vec<Vec<(String, Expr)>>, row: Vec<(String, Expr)>) {
    match rows.first_mut() {
        None => rows.push(row),
        Some(known) => {
            for (name, value) in row {
                match known.iter_mut().find(|(key, _)| *key == name) {
                    Some(place) => place.1 = value,
                    None => known.push((name, value)),
                }
            }
        }
    }
}

fn from_select(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("from_select", "(names, select, include_defaults=True)")?;
    let Expr::Insert(mut insert) = receiver(this)? else {
        return Err(PyError::type_error(
            "descriptor requires an 'Insert' object",
        ));
    };
    let mut names = Vec::new();
    for value in vm.collect(&bound.get("names"))? {
        names.push(match key(vm, &value)? {
            SetKey::Name(name) => name,
            SetKey::Expr(Expr::Column(column)) => column.key.clone(),
            SetKey::Expr(_) => {
                return Err(PyError::unsupported(
                    "a name in `from_select()` that is not a column",
                ));
            }
        });
    }
    let query = coerce::query_of(vm, &bound.get("select"))?;
    insert.rows = InsertRows::Select(names, query, bound.bool("include_defaults")?);
    insert.inline = true;
    Ok(wrap(Expr::Insert(insert)))
}

fn returning(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let columns: PyResult<Vec<Expr>> = args
        .positional
        .iter()
        .map(|value| coerce::from_value(vm, value))
        .collect();
    let columns = columns?;
    Ok(wrap(match receiver(this)? {
        Expr::Insert(mut insert) => {
            insert.returning.extend(columns);
            Expr::Insert(insert)
        }
        Expr::Update(mut update) => {
            update.returning.extend(columns);
            Expr::Update(update)
        }
        Expr::Delete(mut delete) => {
            delete.returning.extend(columns);
            Expr::Delete(delete)
        }
        other => other,
    }))
}

fn inline(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(wrap(match receiver(this)? {
        Expr::Insert(mut insert) => {
            insert.inline = true;
            Expr::Insert(insert)
        }
        Expr::Update(mut update) => {
            update.inline = true;
            Expr::Update(update)
        }
        other => other,
    }))
}

fn prefix_with(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let found = select::fixes(vm, &args)?;
    Ok(wrap(match receiver(this)? {
        Expr::Insert(mut insert) => {
            insert.prefixes.extend(found);
            Expr::Insert(insert)
        }
        Expr::Update(mut update) => {
            update.prefixes.extend(found);
            Expr::Update(update)
        }
        Expr::Delete(mut delete) => {
            delete.prefixes.extend(found);
            Expr::Delete(delete)
        }
        other => other,
    }))
}

fn add_cte(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let found = select::ctes(vm, &args)?;
    Ok(wrap(match receiver(this)? {
        Expr::Insert(mut insert) => {
            insert.ctes.extend(found);
            Expr::Insert(insert)
        }
        Expr::Update(mut update) => {
            update.ctes.extend(found);
            Expr::Update(update)
        }
        Expr::Delete(mut delete) => {
            delete.ctes.extend(found);
            Expr::Delete(delete)
        }
        other => other,
    }))
}

fn update_values(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let Expr::Update(mut update) = receiver(this)? else {
        return Err(PyError::type_error(
            "descriptor requires an 'Update' object",
        ));
    };
    let table = match update.table.leaves().first() {
        Some(From::Table(table)) => Some(table.clone()),
        _ => None,
    };
    let mut values = update.values.take().unwrap_or_default();
    for given in args.positional.first().into_iter().chain(
        (!args.keywords.is_empty())
            .then(|| keywords(&args))
            .as_ref(),
    ) {
        for (key, value) in pairs(vm, table.as_deref(), given)? {
            match values.iter_mut().find(|(known, _)| *known == key) {
                Some(place) => place.1 = value,
                None => values.push((key, value)),
            }
        }
    }
    update.values = if values.is_empty() && args.positional.is_empty() {
        None
    } else {
        Some(values)
    };
    Ok(wrap(Expr::Update(update)))
}

fn ordered_values(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let Expr::Update(mut update) = receiver(this)? else {
        return Err(PyError::type_error(
            "descriptor requires an 'Update' object",
        ));
    };
    let table = match update.table.leaves().first() {
        Some(From::Table(table)) => Some(table.clone()),
        _ => None,
    };
    let mut values = Vec::new();
    for pair in &args.positional {
        let parts = vm.collect(pair)?;
        if let [name, value] = parts.as_slice() {
            let mut dict = crate::py::dict::Dict::new();
            dict.insert(name.clone(), value.clone())?;
            values.extend(pairs(vm, table.as_deref(), &Value::dict(dict))?);
        }
    }
    update.values = Some(values);
    update.ordered = true;
    Ok(wrap(Expr::Update(update)))
}

fn add_conditions(this: &Value, clauses: Vec<Expr>) -> PyResult<Value> {
    Ok(wrap(match receiver(this)? {
        Expr::Update(mut update) => {
            update.where_.extend(clauses);
            Expr::Update(update)
        }
        Expr::Delete(mut delete) => {
            delete.where_.extend(clauses);
            Expr::Delete(delete)
        }
        other => other,
    }))
}

fn where_(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let clauses: PyResult<Vec<Expr>> = args
        .positional
        .iter()
        .map(|value| coerce::condition(vm, value))
        .collect();
    add_conditions(this, clauses?)
}

fn filter_by(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let table = match receiver(this)? {
        Expr::Update(update) => update.table,
        Expr::Delete(delete) => delete.table,
        _ => {
            return Err(PyError::type_error(
                "filter_by() of something that is not an UPDATE or DELETE",
            ));
        }
    };
    let mut clauses = Vec::new();
    for (name, value) in &args.keywords {
        let Some(found) = table
            .columns()
            .into_iter()
            .find(|column| column.key == **name)
        else {
            return Err(exc::upstream(
                "InvalidRequestError",
                &format!("Entity namespace has no property \"{name}\""),
            ));
        };
        let left = Expr::Column(Box::new(found));
        let right = coerce::comparand(vm, &left, value)?;
        let clause = Expr::compare(left, crate::schema::expr::operator::Operator::Eq, right)
            .map_err(|message| exc::upstream("ArgumentError", message))?;
        clauses.push(clause);
    }
    add_conditions(this, clauses)
}
