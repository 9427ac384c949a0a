//! `sqlalchemy.orm._support`: what the ORM's Python files ask of Rust.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::dialect::sql::columns_of;
use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyErrorKind;
use crate::py::error::PyResult;
use crate::py::function::Function as PyFunction;
use crate::py::module::NativeModule;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::sa::connection::PyConnection;
use crate::sa::expr::PyExpr;
use crate::sa::expr::from::PyFrom;
use crate::sa::expr::from_of;
use crate::sa::expr::wrap;
use crate::sa::metadata::PyMetaData;
use crate::sa::orm::weak::WeakInstance;
use crate::schema::expr::Expr;
use crate::schema::expr::from::AliasElement;
use crate::schema::expr::from::From;
use crate::schema::expr::from::TableRef;
use crate::schema::expr::query::Query;
use crate::schema::expr::query::Select;

/// A function of this module.
type Function = fn(&Vm, Args) -> PyResult<Value>;

const FUNCTIONS: &[(&str, Function)] = &[
    ("attempt", attempt),
    ("body_name", body_name),
    ("evaluate", evaluate),
    ("is_unresolved", is_unresolved),
    ("lose_table", lose_table),
    ("refuse", refuse),
    ("refuse_effect", refuse_effect),
    ("refuse_unresolved", refuse_unresolved),
    ("fetch", fetch),
    ("store", store),
    ("drop", drop_raw),
    ("weak", weak),
    ("marked", marked),
    ("describe", describe),
    ("expand", expand),
    ("matching", matching),
    ("result", result),
    ("row", row),
    ("required", required),
    ("unheard", unheard),
    ("listeners", listeners),
    ("abandon", abandon),
];

/// The module.
pub const MODULE: NativeModule = NativeModule {
    name: "sqlalchemy.orm._support",
    member: |_vm, name| {
        Ok(FUNCTIONS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(known, body)| {
                let body = *body;
                Value::builtin(known, body)
            }))
    },
    names: || FUNCTIONS.iter().map(|(name, _)| *name).collect(),
};

/// `attempt(name, function, *args)`: the function's value, or an unresolved value when it needs something that aludel does not do.
pub(crate) fn attempt(vm: &Vm, mut args: Args) -> PyResult<Value> {
    let name = text(&args, 0)?;
    args.positional.remove(0);
    let function = args.positional.remove(0);
    match vm.call(&function, args) {
        Err(error)
            if matches!(error.kind(), PyErrorKind::Unsupported { .. }) && !error.is_final() =>
        {
            let place = vm.location().map(|location| (location.file, location.line));
            Ok(Value::Unresolved(Rc::new(Unresolved {
                name,
                reason: error.summary(vm),
                place,
            })))
        }
        other => other,
    }
}

/// `body_name(value)`: the name that an object has in the body of the class being evaluated.
fn body_name(vm: &Vm, args: Args) -> PyResult<Value> {
    let value = args.positional.first().cloned().unwrap_or(Value::None);
    Ok(vm.class_body_name(&value).map_or(Value::None, Value::Str))
}

/// `evaluate(text, names)`: the value of a Python expression over these names: what `eval` gives.
pub(crate) fn evaluate(vm: &Vm, args: Args) -> PyResult<Value> {
    let text = text(&args, 0)?;
    let words: Vec<&str> = text
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .collect();
    let mut names = Vec::new();
    let mut values = Vec::new();
    let given = match args.positional.get(1) {
        Some(given) => vm.mapping_items(given)?.unwrap_or_default(),
        None => Vec::new(),
    };
    for (name, value) in given {
        if let Some(name) = name.as_str()
            && words.contains(&&*name)
        {
            names.push(name.to_string());
            values.push(value);
        }
    }
    let source = format!("def value({}):\n    return ({text})\n", names.join(", "));
    let module = vm.run_source(&source, "<frozen annotation>", "sqlalchemy.orm._annotation")?;
    let function = vm.get_attr(&Value::Module(module), "value")?;
    vm.call(&function, Args::of(values))
}

/// `is_unresolved(value)`: whether it, or a base of a class, could not be evaluated.
pub(crate) fn is_unresolved(_vm: &Vm, args: Args) -> PyResult<Value> {
    Ok(Value::Bool(match args.positional.first() {
        Some(Value::Unresolved(_)) => true,
        Some(Value::Class(class)) => class.unresolved.is_some(),
        _ => false,
    }))
}

/// `refuse(what)`: says that aludel does not do this.
fn refuse(_vm: &Vm, args: Args) -> PyResult<Value> {
    Err(PyError::unsupported(text(&args, 0)?))
}

/// `refuse_effect(what)`: ends the run, also from within an application's module, where another failure only leaves names unresolved.
fn refuse_effect(_vm: &Vm, args: Args) -> PyResult<Value> {
    Err(PyError::lost_effect(text(&args, 0)?))
}

/// `lose_table(metadata, name, value)`: the table of a class is missing from its metadata, for what `value` says.
fn lose_table(_vm: &Vm, args: Args) -> PyResult<Value> {
    let name = text(&args, 1)?;
    let reason = match args.positional.get(2) {
        Some(Value::Unresolved(unresolved)) => Some(unresolved),
        Some(Value::Class(class)) => class.unresolved.as_ref(),
        _ => None,
    };
    let metadata = args.positional.first();
    if let (Some(metadata), Some(unresolved)) = (
        metadata.and_then(|metadata| metadata.native::<PyMetaData>()),
        reason,
    ) {
        metadata.lose(&name, &unresolved.reason);
    }
    Ok(Value::None)
}

/// `refuse_unresolved(value, role)`: says that a value that could not be evaluated was used.
fn refuse_unresolved(_vm: &Vm, args: Args) -> PyResult<Value> {
    let role = text(&args, 1)?;
    Err(match args.positional.first() {
        Some(Value::Unresolved(unresolved)) => unresolved_error(unresolved, &role),
        Some(Value::Class(class)) => match &class.unresolved {
            Some(unresolved) => unresolved_error(unresolved, &role),
            None => PyError::unsupported(role),
        },
        _ => PyError::unsupported(role),
    })
}

fn text(args: &Args, at: usize) -> PyResult<String> {
    args.positional
        .get(at)
        .and_then(Value::as_str)
        .map(|text| text.to_string())
        .ok_or_else(|| PyError::type_error("a text is missing"))
}

/// `fetch(instance, name, default)`: the instance's own attribute, whatever its class says.
fn fetch(_vm: &Vm, args: Args) -> PyResult<Value> {
    match args.positional.as_slice() {
        [Value::Instance(instance), name, default] => {
            let name = name.as_str().unwrap_or_else(|| Rc::from(""));
            Ok(instance.get(&name).unwrap_or_else(|| default.clone()))
        }
        [_, _, default] => Ok(default.clone()),
        _ => Err(PyError::type_error(
            "fetch(instance, name, default) is called otherwise",
        )),
    }
}

/// `store(instance, name, value)`.
fn store(_vm: &Vm, args: Args) -> PyResult<Value> {
    if let [Value::Instance(instance), name, value] = args.positional.as_slice()
        && let Some(name) = name.as_str()
    {
        instance.set(&name, value.clone());
        return Ok(Value::None);
    }
    Err(PyError::type_error(
        "store(instance, name, value) is called otherwise",
    ))
}

/// `drop(instance, name)`.
fn drop_raw(_vm: &Vm, args: Args) -> PyResult<Value> {
    if let [Value::Instance(instance), name] = args.positional.as_slice()
        && let Some(name) = name.as_str()
    {
        let removed = instance.dict.borrow_mut().shift_remove(&*name);
        return Ok(Value::Bool(removed.is_some()));
    }
    Ok(Value::Bool(false))
}

/// `weak(instance)`.
fn weak(_vm: &Vm, args: Args) -> PyResult<Value> {
    match args.positional.first() {
        Some(Value::Instance(instance)) => Ok(Value::object(WeakInstance::of(instance))),
        _ => Err(PyError::type_error("an instance is expected")),
    }
}

thread_local! {
    /// The marked tables by entity.
    static MARKED: RefCell<HashMap<u64, Rc<TableRef>>> = RefCell::default();
}

fn number(args: &Args, at: usize) -> PyResult<u64> {
    match args.positional.get(at) {
        Some(Value::Int(number)) => {
            u64::try_from(*number).map_err(|_| PyError::value_error("negative number"))
        }
        _ => Err(PyError::type_error("a number is missing")),
    }
}

/// `marked(table, entity)`: the table in queries, saying that it was named through a mapped class.
fn marked(vm: &Vm, args: Args) -> PyResult<Value> {
    let entity = number(&args, 1)?;
    let value = args.positional.first().cloned().unwrap_or(Value::None);
    let Some(from) = from_of(vm, &value)? else {
        return Err(PyError::unsupported(
            "a class mapped to something that is not a table",
        ));
    };
    let From::Table(table) = from else {
        return Err(PyError::unsupported(
            "a class mapped to something that is not a table",
        ));
    };
    let known = MARKED.with(|marked| marked.borrow().get(&entity).cloned());
    let made = match known.filter(|known| known.id == table.id) {
        Some(known) => known,
        None => {
            let made = Rc::new(TableRef {
                entity: Some(entity),
                ..(*table).clone()
            });
            MARKED.with(|marked| marked.borrow_mut().insert(entity, made.clone()));
            made
        }
    };
    Ok(Value::object(PyFrom::new(From::Table(made))))
}

/// The mapped class that a FROM element was named through.
fn entity_of(from: &From) -> Option<u64> {
    match from {
        From::Table(table) => table.entity,
        From::Alias(alias) => match &alias.element {
            AliasElement::From(inner) => entity_of(inner),
            AliasElement::Query(_) => None,
        },
        From::Cte(_) | From::Join(_) | From::Text(_) | From::Function(_) | From::Values(_) => None,
    }
}

/// The mapped classes that an expression names.
fn entities_in(expr: &Expr) -> bool {
    columns_of(expr).iter().any(|column| {
        column
            .table
            .as_ref()
            .is_some_and(|table| entity_of(table).is_some())
    }) || crate::dialect::sql::from_objects(expr)
        .iter()
        .any(|from| entity_of(from).is_some())
}

fn entity_value(entity: Option<u64>) -> Value {
    entity
        .and_then(|entity| i64::try_from(entity).ok())
        .map_or(Value::None, Value::Int)
}

/// `describe(statement)`: its kind, whether it names mapped classes, for each thing in its columns clause the mapped class and the number of columns, and its loader options.
fn describe(_vm: &Vm, args: Args) -> PyResult<Value> {
    let Some(object) = args.positional.first().and_then(Value::native::<PyExpr>) else {
        return Ok(Value::tuple(vec![
            Value::str("other"),
            Value::Bool(false),
            Value::list(Vec::new()),
            Value::list(Vec::new()),
        ]));
    };
    let (kind, is_orm, items) = match &object.expr {
        Expr::Query(query) => match &**query {
            Query::Select(select) => (
                "select",
                select.columns.iter().any(entities_in)
                    || select
                        .froms
                        .iter()
                        .any(|from| from.leaves().iter().any(|leaf| entity_of(leaf).is_some())),
                items(&select.columns),
            ),
            Query::Compound(compound) => (
                "compound",
                compound.queries.iter().any(|query| match &**query {
                    Query::Select(select) => select.columns.iter().any(entities_in),
                    Query::Compound(_) | Query::Text { .. } => false,
                }),
                Vec::new(),
            ),
            Query::Text { .. } => ("text", false, Vec::new()),
        },
        Expr::Insert(insert) => (
            "insert",
            insert.table.entity.is_some(),
            entity_first(insert.table.entity, items(&insert.returning)),
        ),
        Expr::Update(update) => (
            "update",
            entity_of(&update.table).is_some(),
            entity_first(entity_of(&update.table), items(&update.returning)),
        ),
        Expr::Delete(delete) => (
            "delete",
            entity_of(&delete.table).is_some(),
            entity_first(entity_of(&delete.table), items(&delete.returning)),
        ),
        _ => ("other", false, Vec::new()),
    };
    let options = option_numbers(&object.expr);
    Ok(Value::tuple(vec![
        Value::str(kind),
        Value::Bool(is_orm),
        Value::list(items),
        Value::list(options),
    ]))
}

/// The numbers of the loader options of a SELECT.
fn option_numbers(expr: &Expr) -> Vec<Value> {
    match expr {
        Expr::Query(query) => match &**query {
            Query::Select(select) => select
                .options
                .iter()
                .map(|number| Value::Int(*number))
                .collect(),
            Query::Compound(_) | Query::Text { .. } => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn entity_first(entity: Option<u64>, mut items: Vec<Value>) -> Vec<Value> {
    items.insert(0, Value::tuple(vec![entity_value(entity), Value::Int(0)]));
    items
}

fn items(columns: &[Expr]) -> Vec<Value> {
    columns
        .iter()
        .map(|column| {
            let (entity, width) = match column {
                Expr::From(from) => (entity_of(from), from.columns().len()),
                _ => (None, 1),
            };
            Value::tuple(vec![
                entity_value(entity),
                Value::Int(i64::try_from(width).unwrap_or(1)),
            ])
        })
        .collect()
}

/// `expand(select, at, keys)`: puts these columns of the FROM element at a place of the columns clause in its stead.
fn expand(vm: &Vm, args: Args) -> PyResult<Value> {
    let at = usize::try_from(number(&args, 1)?).unwrap_or(0);
    let keys: Vec<String> = match args.positional.get(2) {
        Some(keys) => vm
            .collect(keys)?
            .iter()
            .filter_map(Value::as_str)
            .map(|key| key.to_string())
            .collect(),
        None => Vec::new(),
    };
    let mut select = select_of(args.positional.first())?;
    if let Some(Expr::From(from)) = select.columns.get(at).cloned() {
        let found = from
            .columns()
            .into_iter()
            .filter(|column| keys.contains(&column.key))
            .map(|column| Expr::Column(Box::new(column)));
        select.columns.splice(at..=at, found);
    }
    Ok(wrap(Expr::Query(Rc::new(Query::Select(Box::new(select))))))
}

fn select_of(value: Option<&Value>) -> PyResult<Select> {
    if let Some(object) = value.and_then(Value::native::<PyExpr>)
        && let Expr::Query(query) = &object.expr
        && let Query::Select(select) = &**query
    {
        return Ok((**select).clone());
    }
    Err(PyError::type_error("a SELECT is expected"))
}

/// `matching(update_or_delete, columns)`: a SELECT of these columns of the rows that the statement touches.
fn matching(vm: &Vm, args: Args) -> PyResult<Value> {
    let columns: Vec<Expr> = match args.positional.get(1) {
        Some(columns) => vm
            .collect(columns)?
            .iter()
            .map(|column| crate::sa::expr::from_value(vm, column))
            .collect::<PyResult<_>>()?,
        None => Vec::new(),
    };
    let Some(object) = args.positional.first().and_then(Value::native::<PyExpr>) else {
        return Err(PyError::type_error("an UPDATE or DELETE is expected"));
    };
    let (table, where_) = match &object.expr {
        Expr::Update(update) => (update.table.clone(), update.where_.clone()),
        Expr::Delete(delete) => (delete.table.clone(), delete.where_.clone()),
        _ => return Err(PyError::type_error("an UPDATE or DELETE is expected")),
    };
    let select = Select {
        columns,
        froms: vec![table],
        where_,
        ..Select::default()
    };
    Ok(wrap(Expr::Query(Rc::new(Query::Select(Box::new(select))))))
}

fn names(vm: &Vm, value: Option<&Value>) -> PyResult<Vec<String>> {
    match value {
        Some(value) => vm.collect(value)?.iter().map(|name| vm.str(name)).collect(),
        None => Ok(Vec::new()),
    }
}

/// `result(names, rows)`: a result over rows that were made in Python.
fn result(vm: &Vm, args: Args) -> PyResult<Value> {
    let names = names(vm, args.positional.first())?;
    let mut rows = Vec::new();
    if let Some(given) = args.positional.get(1) {
        for row in vm.collect(given)? {
            rows.push(vm.collect(&row)?);
        }
    }
    Ok(crate::sa::result::made(names, rows))
}

/// `row(names, values)`.
fn row(vm: &Vm, args: Args) -> PyResult<Value> {
    let names = names(vm, args.positional.first())?;
    let values = match args.positional.get(1) {
        Some(values) => vm.collect(values)?,
        None => Vec::new(),
    };
    Ok(crate::sa::result::made_row(names, values))
}

/// `abandon(connection)`: a session rolled back a transaction that somebody else began.
fn abandon(vm: &Vm, args: Args) -> PyResult<Value> {
    match args
        .positional
        .first()
        .and_then(Value::native::<PyConnection>)
    {
        Some(connection) => connection.abandon(vm).map(|()| Value::None),
        None => Err(PyError::type_error("a connection is expected")),
    }
}

/// `required(function)`: how many positional arguments a function written in Python must be given.
fn required(_vm: &Vm, args: Args) -> PyResult<Value> {
    let count = match args.positional.first() {
        Some(Value::Function(function)) => missing_defaults(function),
        Some(Value::Method(method)) => match &method.function {
            Value::Function(function) => missing_defaults(function).saturating_sub(1),
            _ => 0,
        },
        _ => 0,
    };
    Ok(Value::Int(i64::try_from(count).unwrap_or(0)))
}

fn missing_defaults(function: &PyFunction) -> usize {
    let parameters = &function.def.parameters;
    let count = parameters.positional_only.len() + parameters.positional.len();
    let given = function
        .defaults
        .iter()
        .take(count)
        .filter(|default| default.is_some())
        .count();
    count.saturating_sub(given)
}

/// `listeners(subject, event)`: the functions to call.
fn listeners(_vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("listeners", "(subject, identifier)")?;
    let identifier = bound.str("identifier")?;
    let found = crate::sa::event::listeners(&bound.get("subject"), &identifier);
    Ok(Value::list(found))
}

/// `unheard(*subjects)`: refuses listeners of any of these.
fn unheard(_vm: &Vm, args: Args) -> PyResult<Value> {
    if crate::sa::event::count() > 0 {
        for subject in &args.positional {
            crate::sa::event::refuse_any(subject)?;
        }
    }
    Ok(Value::None)
}
