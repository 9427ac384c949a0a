//! `sqlalchemy.event`: listeners of columns and their types are called; those of a table's or a metadata's DDL, of reflection and of an
//! engine's connections are refused where they would have been called. sqlalchemy/event/api.py, sqlalchemy/sql/events.py.

use std::cell::RefCell;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::dict::address;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::column::PyColumn;
use crate::sa::table::PyTable;

/// One `listen()`.
#[derive(Clone)]
struct Listener {
    vm: Vm,
    target: Value,
    identifier: String,
    function: Value,
}

thread_local! {
    static LISTENERS: RefCell<Vec<Listener>> = const { RefCell::new(Vec::new()) };
}

/// Events of DDL.
const DDL: &[&str] = &["before_create", "after_create", "before_drop", "after_drop"];
/// Events of connections that would change what the connection does.
const CONNECTING: &[&str] = &[
    "connect",
    "first_connect",
    "do_connect",
    "engine_connect",
    "checkout",
    "begin",
];

/// A member of `sqlalchemy.event`.
pub fn member(name: &str) -> Option<Value> {
    Some(match name {
        "listen" => Value::builtin("listen", |vm, args| {
            let bound = args.bind("listen", "(target, identifier, fn, *args, **kw)")?;
            add(
                vm,
                bound.get("target"),
                &bound.str("identifier")?,
                bound.get("fn"),
            );
            Ok(Value::None)
        }),
        "listens_for" => Value::builtin("listens_for", |_vm, args| {
            let bound = args.bind("listens_for", "(target, identifier, *args, **kw)")?;
            let (target, identifier) = (bound.get("target"), bound.str("identifier")?);
            Ok(Value::builtin("decorate", move |vm, args| {
                let function = args.positional.into_iter().next().unwrap_or(Value::None);
                add(vm, target.clone(), &identifier, function.clone());
                Ok(function)
            }))
        }),
        "remove" => Value::builtin("remove", |_vm, args| {
            let bound = args.bind("remove", "(target, identifier, fn)")?;
            let (target, function) = (address(&bound.get("target")), address(&bound.get("fn")));
            let identifier = bound.str("identifier")?;
            LISTENERS.with_borrow_mut(|listeners| {
                listeners.retain(|known| {
                    *known.identifier != *identifier
                        || address(&known.target) != target
                        || address(&known.function) != function
                });
            });
            Ok(Value::None)
        }),
        _ => return None,
    })
}

fn add(vm: &Vm, target: Value, identifier: &str, function: Value) {
    if matches!(target, Value::Unresolved(_)) {
        return;
    }
    LISTENERS.with_borrow_mut(|listeners| {
        listeners.push(Listener {
            vm: vm.clone(),
            target,
            identifier: identifier.to_owned(),
            function,
        });
    });
}

/// How many listeners there are: give it to [`forget_after`].
pub fn count() -> usize {
    LISTENERS.with_borrow(Vec::len)
}

/// Forgets the listeners that were added since `count` was taken.
pub fn forget_after(count: usize) {
    LISTENERS.with_borrow_mut(|listeners| listeners.truncate(count));
}

/// The listeners of an object, by itself or through its class, in the order they were added.
fn of(subject: &Value, identifier: &str) -> Vec<Listener> {
    let found = |known: &Listener| {
        known.identifier == identifier
            && match &known.target {
                Value::Class(class) => known.vm.class_of(subject).is_subclass(class),
                other => address(other).is_some() && address(other) == address(subject),
            }
    };
    LISTENERS.with_borrow(|listeners| {
        let listeners = listeners.iter();
        listeners.filter(|known| found(known)).cloned().collect()
    })
}

fn fire(subject: &Value, identifier: &str, parent: &Value) -> PyResult<()> {
    for listener in of(subject, identifier) {
        let args = Args::of(vec![subject.clone(), parent.clone()]);
        listener.vm.call(&listener.function, args)?;
    }
    Ok(())
}

/// A column got its type.
pub fn type_attached(column: &Rc<PyColumn>) -> PyResult<()> {
    if count() == 0 {
        return Ok(());
    }
    let type_ = column.data.borrow().type_.clone();
    if matches!(type_, Value::None | Value::Unresolved(_)) {
        return Ok(());
    }
    let column = Value::Native(column.clone());
    fire(&type_, "before_parent_attach", &column)?;
    fire(&type_, "after_parent_attach", &column)
}

/// A column is about to belong to a table, or does.
pub fn column_attached(
    identifier: &str,
    column: &Rc<PyColumn>,
    table: &Rc<PyTable>,
) -> PyResult<()> {
    if count() == 0 {
        return Ok(());
    }
    fire(
        &Value::Native(column.clone()),
        identifier,
        &Value::Native(table.clone()),
    )
}

/// Events of a session's flush, and of a mapper: their listeners are called.
const CALLED: &[&str] = &[
    "before_flush",
    "after_flush",
    "after_flush_postexec",
    "mapper_configured",
];

/// The functions that listen to an event of a session's flush or of a mapper.
pub fn listeners(subject: &Value, identifier: &str) -> Vec<Value> {
    of(subject, identifier)
        .into_iter()
        .map(|listener| listener.function)
        .collect()
}

/// Refuses what listens to a mapped class, an attribute, or to another event of a session or a mapper than those that are called.
pub fn refuse_any(subject: &Value) -> PyResult<()> {
    let found = |known: &Listener| match (&known.target, subject) {
        (Value::Class(target), Value::Class(class)) => class.is_subclass(target),
        (Value::Class(target), other) => known.vm.class_of(other).is_subclass(target),
        (other, subject) => address(other).is_some() && address(other) == address(subject),
    };
    // listeners of a mapped class itself are not called
    let is_object = !matches!(subject, Value::Class(_));
    let identifier = LISTENERS.with_borrow(|listeners| {
        listeners
            .iter()
            .filter(|known| !(is_object && CALLED.contains(&known.identifier.as_str())))
            .find(|known| found(known))
            .map(|known| known.identifier.clone())
    });
    match identifier {
        Some(identifier) => Err(refused(&identifier)),
        None => Ok(()),
    }
}

/// Refuses what listens to the DDL of a table or of a metadata.
pub fn refuse_ddl(subject: &Value) -> PyResult<()> {
    refuse(subject, DDL)
}

/// A connection to SQLite was made: its listeners get the driver's connection, most often for a PRAGMA. The others are refused.
pub fn connected(engine: &Value, dbapi: &Value) -> PyResult<()> {
    for identifier in ["do_connect", "engine_connect", "checkout"] {
        if !of(engine, identifier).is_empty() {
            return Err(refused(identifier));
        }
    }
    for identifier in ["first_connect", "connect"] {
        for listener in of(engine, identifier) {
            let args = Args::of(vec![dbapi.clone(), Value::None]);
            listener.vm.call(&listener.function, args)?;
        }
    }
    Ok(())
}

/// What listens to the beginning of an engine's transactions.
pub fn begin_listeners(engine: &Value) -> Vec<(Vm, Value)> {
    let listeners = of(engine, "begin").into_iter();
    listeners
        .map(|listener| (listener.vm, listener.function))
        .collect()
}

/// Refuses what listens to the connections of one engine.
pub fn refuse_connecting(subject: &Value) -> PyResult<()> {
    let of_itself = |listener: &Listener| !matches!(listener.target, Value::Class(_));
    match CONNECTING
        .iter()
        .find(|identifier| of(subject, identifier).iter().any(of_itself))
    {
        Some(identifier) => Err(refused(identifier)),
        None => Ok(()),
    }
}

/// Refuses what listens to the columns that are read from the database.
pub fn refuse_reflection(subject: &Value) -> PyResult<()> {
    refuse(subject, &["column_reflect"])
}

fn refuse(subject: &Value, identifiers: &[&str]) -> PyResult<()> {
    match identifiers
        .iter()
        .find(|identifier| !of(subject, identifier).is_empty())
    {
        Some(identifier) => Err(refused(identifier)),
        None => Ok(()),
    }
}

fn refused(identifier: &str) -> PyError {
    PyError::unsupported(format!("a listener of the event `{identifier}`"))
}
