//! The modules around engines: `sqlalchemy.engine`, `sqlalchemy.pool`, `sqlalchemy.ext.asyncio`. `create_engine` and its kin are put in by [`crate::sa::engine::install`].

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::module::NativeModule;
use crate::py::object::NativeClass;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::connection::CONNECTION;
use crate::sa::connection::TRANSACTION;
use crate::sa::dialect_face::DIALECT;
use crate::sa::engine::ASYNC_ENGINE;
use crate::sa::engine::ENGINE;
use crate::sa::mock::MOCK_CONNECTION;
use crate::sa::url::URL;
use crate::sa::url::make_url;

/// A connection pool class: named by env.py files, without effect here.
static POOL: NativeClass = NativeClass {
    new: Some(new_pool),
    ..NativeClass::plain("sqlalchemy.pool", "Pool", &[])
};
/// `sqlalchemy.pool.NullPool`: every connection is a new one.
pub static NULL_POOL: NativeClass = NativeClass::plain("sqlalchemy.pool", "NullPool", &[&POOL]);
/// `sqlalchemy.pool.StaticPool`: everyone has the same connection.
pub static STATIC_POOL: NativeClass = NativeClass::plain("sqlalchemy.pool", "StaticPool", &[&POOL]);
/// `sqlalchemy.pool.SingletonThreadPool`: every thread has one connection.
pub static SINGLETON_POOL: NativeClass =
    NativeClass::plain("sqlalchemy.pool", "SingletonThreadPool", &[&POOL]);
static QUEUE_POOL: NativeClass = NativeClass::plain("sqlalchemy.pool", "QueuePool", &[&POOL]);
static ASYNC_CONNECTION: NativeClass = NativeClass::plain(
    "sqlalchemy.ext.asyncio.engine",
    "AsyncConnection",
    &[&CONNECTION],
);

fn new_pool(_vm: &Vm, _class: &Rc<Class>, _args: Args) -> PyResult<Value> {
    Ok(Value::None)
}

/// The modules.
pub static MODULES: &[NativeModule] = &[
    NativeModule {
        name: "sqlalchemy.engine",
        member: engine,
        names: engine_names,
    },
    NativeModule {
        name: "sqlalchemy.engine.base",
        member: engine,
        names: engine_names,
    },
    NativeModule {
        name: "sqlalchemy.engine.create",
        member: engine,
        names: engine_names,
    },
    NativeModule {
        name: "sqlalchemy.engine.url",
        member: engine,
        names: engine_names,
    },
    NativeModule {
        name: "sqlalchemy.engine.mock",
        member: engine,
        names: engine_names,
    },
    NativeModule {
        name: "sqlalchemy.engine.default",
        member: engine,
        names: engine_names,
    },
    NativeModule {
        name: "sqlalchemy.engine.interfaces",
        member: engine,
        names: engine_names,
    },
    NativeModule {
        name: "sqlalchemy.engine.reflection",
        member: engine,
        names: engine_names,
    },
    NativeModule {
        name: "sqlalchemy.pool",
        member: pool,
        names: || vec!["NullPool", "Pool", "QueuePool", "StaticPool"],
    },
    NativeModule {
        name: "sqlalchemy.ext.asyncio",
        member: asyncio,
        names: || vec!["AsyncConnection", "AsyncEngine"],
    },
    NativeModule {
        name: "sqlalchemy.ext.asyncio.engine",
        member: asyncio,
        names: || vec!["AsyncConnection", "AsyncEngine"],
    },
];

fn engine_names() -> Vec<&'static str> {
    vec!["Connection", "Engine", "URL", "make_url"]
}

fn class(native: &'static NativeClass) -> PyResult<Option<Value>> {
    Ok(Some(Value::Class(Class::of(native))))
}

/// A name that exists upstream and has no counterpart here.
fn unresolved(module: &str, name: &str) -> PyResult<Option<Value>> {
    Ok((!name.starts_with('_')).then(|| {
        Value::Unresolved(Rc::new(Unresolved {
            name: format!("{module}.{name}"),
            reason: "aludel does not model it".to_owned(),
            place: None,
        }))
    }))
}

fn engine(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    match name {
        "Connection" | "Connectable" => class(&CONNECTION),
        "Engine" => class(&ENGINE),
        "Transaction" | "RootTransaction" | "NestedTransaction" => class(&TRANSACTION),
        "MockConnection" => class(&MOCK_CONNECTION),
        "DefaultDialect" | "Dialect" => class(&DIALECT),
        "Inspector" => class(&crate::sa::inspect::INSPECTOR),
        "URL" => class(&URL),
        "make_url" => Ok(Some(Value::builtin("make_url", make_url))),
        "base" | "create" | "url" | "mock" | "default" | "interfaces" | "reflection" | "result"
        | "row" | "cursor" => Ok(None),
        _ => unresolved("sqlalchemy.engine", name),
    }
}

fn pool(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    match name {
        "NullPool" => class(&NULL_POOL),
        "StaticPool" => class(&STATIC_POOL),
        "SingletonThreadPool" => class(&SINGLETON_POOL),
        "QueuePool" | "AsyncAdaptedQueuePool" | "AssertionPool" => class(&QUEUE_POOL),
        "Pool" => class(&POOL),
        _ => unresolved("sqlalchemy.pool", name),
    }
}

fn asyncio(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    match name {
        "AsyncEngine" => class(&ASYNC_ENGINE),
        "AsyncConnection" => class(&ASYNC_CONNECTION),
        "engine" => Ok(None),
        _ => unresolved("sqlalchemy.ext.asyncio", name),
    }
}
