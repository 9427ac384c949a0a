//! SQLAlchemy's ORM. sqlalchemy/orm.
//!
//! Mapping, sessions and the unit of work are written in Python (`orm/python`) and evaluated by the evaluator as the application's own code is;
//! [`support`] gives them what Python cannot do: attributes behind descriptors, weak references, marks on statements, results.
//! What is not modelled stays an unresolved value of [`crate::sa::modules`] and is refused by name when it is used.

pub mod support;
pub mod weak;

use crate::py::args::Args;
use crate::py::error::PyResult;
use crate::py::module::NativeModule;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// The module written in Rust.
pub static MODULES: &[NativeModule] = &[support::MODULE];

/// The modules written in Python: dotted name, text.
const SOURCES: &[(&str, &str)] = &[
    ("sqlalchemy.orm._state", include_str!("orm/python/state.py")),
    (
        "sqlalchemy.orm._mapping",
        include_str!("orm/python/mapping.py"),
    ),
    (
        "sqlalchemy.orm._comparator",
        include_str!("orm/python/comparator.py"),
    ),
    (
        "sqlalchemy.orm._related",
        include_str!("orm/python/related.py"),
    ),
    (
        "sqlalchemy.orm._mutable",
        include_str!("orm/python/mutable.py"),
    ),
    ("sqlalchemy.orm._unit", include_str!("orm/python/unit.py")),
    ("sqlalchemy.orm._query", include_str!("orm/python/query.py")),
    (
        "sqlalchemy.orm._session",
        include_str!("orm/python/session.py"),
    ),
];

/// Where the names that people import are defined.
const MEMBERS: &[(&str, &[&str])] = &[
    (
        "sqlalchemy.orm._state",
        &[
            "ConcurrentModificationError",
            "DetachedInstanceError",
            "ObjectDeletedError",
            "StaleDataError",
            "UnmappedClassError",
            "UnmappedError",
            "UnmappedInstanceError",
        ],
    ),
    (
        "sqlalchemy.orm._mapping",
        &[
            "DeclarativeBase",
            "DeclarativeBaseNoMeta",
            "DeclarativeMeta",
            "InstrumentedAttribute",
            "Mapped",
            "Mapper",
            "QueryableAttribute",
            "as_declarative",
            "class_mapper",
            "configure_mappers",
            "declarative_base",
            "declarative_mixin",
            "declared_attr",
            "deferred",
            "has_inherited_table",
            "hybrid_method",
            "hybrid_property",
            "mapped_column",
            "object_mapper",
            "reconstructor",
            "registry",
            "validates",
        ],
    ),
    (
        "sqlalchemy.orm._related",
        &[
            "Relationship",
            "RelationshipProperty",
            "backref",
            "foreign",
            "relationship",
            "remote",
        ],
    ),
    (
        "sqlalchemy.orm._mutable",
        &[
            "Mutable",
            "MutableBase",
            "MutableDict",
            "MutableList",
            "MutableSet",
        ],
    ),
    (
        "sqlalchemy.orm._query",
        &[
            "Load",
            "Query",
            "aliased",
            "contains_eager",
            "defaultload",
            "defer",
            "immediateload",
            "joinedload",
            "lazyload",
            "load_only",
            "noload",
            "raiseload",
            "selectinload",
            "subqueryload",
            "undefer",
        ],
    ),
    (
        "sqlalchemy.orm._session",
        &[
            "Session",
            "flag_dirty",
            "flag_modified",
            "make_transient",
            "object_session",
            "scoped_session",
            "sessionmaker",
        ],
    ),
];

/// Calls a function of the module that maps classes, if it is loaded.
fn of_mapping(vm: &Vm, function: &str, args: Args) -> PyResult<Value> {
    match vm.loaded("sqlalchemy.orm._mapping") {
        Some(mapping) => vm.call(&vm.get_attr(&mapping, function)?, args),
        None => Ok(Value::Int(0)),
    }
}

/// How many classes are mapped: give it to [`forget_mapped_after`].
pub fn mapped_count(vm: &Vm) -> PyResult<Value> {
    of_mapping(vm, "mapped_count", Args::none())
}

/// Forgets the classes that were mapped since `count` was taken and still have to be configured.
pub fn forget_mapped_after(vm: &Vm, count: Value) -> PyResult<()> {
    of_mapping(vm, "forget_after", Args::of(vec![count])).map(drop)
}

/// The text of a module that is written in Python.
pub fn source(dotted: &str) -> Option<&'static str> {
    SOURCES
        .iter()
        .find(|(name, _)| *name == dotted)
        .map(|(_, text)| *text)
}

/// A name of the ORM, wherever it is imported from.
pub fn member(vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    let home = MEMBERS
        .iter()
        .find(|(_, names)| names.contains(&name))
        .map(|(home, _)| *home);
    match home {
        Some(home) => {
            let module = vm.import(home)?;
            vm.get_attr(&module, name).map(Some)
        }
        None => Ok(None),
    }
}

/// `inspect()` of a mapped class gives its mapper, of an instance its state.
pub fn inspected(vm: &Vm, subject: &Value) -> PyResult<Option<Value>> {
    let class = match subject {
        Value::Class(_) => subject.clone(),
        Value::Instance(instance) => Value::Class(instance.class()),
        _ => return Ok(None),
    };
    if vm.find_attr(&class, "__mapped_from__")?.is_none() {
        return Ok(None);
    }
    if matches!(subject, Value::Class(_)) {
        let mapper = vm.get_attr(subject, "__mapper__")?;
        return vm.call_method(&mapper, "check", Args::none()).map(Some);
    }
    let state_of = vm.get_attr(&vm.import("sqlalchemy.orm._state")?, "state_of")?;
    vm.call(&state_of, Args::of(vec![subject.clone()]))
        .map(Some)
}
