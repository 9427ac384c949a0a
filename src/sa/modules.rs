//! Which member of which `sqlalchemy` module is what: one registry. Names that exist upstream (names.txt, written by
//! fixtures/ops/names.py) and that aludel does not model are unresolved values; other names do not exist.

use std::rc::Rc;

use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::module::NativeModule;
use crate::py::object::NativeClass;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::clause;
use crate::sa::column;
use crate::sa::compiles;
use crate::sa::constraint;
use crate::sa::ddl_elements;
use crate::sa::default;
use crate::sa::dialect_face;
use crate::sa::event;
use crate::sa::exc;
use crate::sa::index;
use crate::sa::metadata;
use crate::sa::name;
use crate::sa::sequence;
use crate::sa::table;
use crate::sa::types::classes;
use crate::sa::upstream;

macro_rules! modules {
    ($($module:literal)*) => {
        /// The modules of the package.
        pub static MODULES: &[NativeModule] = &[
            $(NativeModule {
                name: $module,
                member: |vm, name| member($module, vm, name),
                names: || names($module),
            },)*
        ];
    };
}

modules! {
    "sqlalchemy"
    "sqlalchemy.types"
    "sqlalchemy.schema"
    "sqlalchemy.sql"
    "sqlalchemy.sql.schema"
    "sqlalchemy.sql.sqltypes"
    "sqlalchemy.sql.type_api"
    "sqlalchemy.sql.expression"
    "sqlalchemy.sql.elements"
    "sqlalchemy.sql.functions"
    "sqlalchemy.sql.operators"
    "sqlalchemy.sql.selectable"
    "sqlalchemy.sql.dml"
    "sqlalchemy.sql.ddl"
    "sqlalchemy.sql.naming"
    "sqlalchemy.sql.base"
    "sqlalchemy.sql.compiler"
    "sqlalchemy.sql.visitors"
    "sqlalchemy.sql.roles"
    "sqlalchemy.sql.coercions"
    "sqlalchemy.sql.util"
    "sqlalchemy.dialects"
    "sqlalchemy.dialects.postgresql"
    "sqlalchemy.dialects.postgresql.base"
    "sqlalchemy.dialects.postgresql.json"
    "sqlalchemy.dialects.postgresql.array"
    "sqlalchemy.dialects.postgresql.ranges"
    "sqlalchemy.dialects.postgresql.types"
    "sqlalchemy.dialects.postgresql.named_types"
    "sqlalchemy.dialects.postgresql.hstore"
    "sqlalchemy.dialects.postgresql.ext"
    "sqlalchemy.dialects.postgresql.dml"
    "sqlalchemy.dialects.postgresql.psycopg2"
    "sqlalchemy.dialects.postgresql.psycopg"
    "sqlalchemy.dialects.postgresql.asyncpg"
    "sqlalchemy.dialects.mysql"
    "sqlalchemy.dialects.mysql.base"
    "sqlalchemy.dialects.mysql.types"
    "sqlalchemy.dialects.mysql.enumerated"
    "sqlalchemy.dialects.mysql.json"
    "sqlalchemy.dialects.sqlite"
    "sqlalchemy.dialects.sqlite.base"
    "sqlalchemy.dialects.sqlite.json"
    "sqlalchemy.dialects.mssql"
    "sqlalchemy.dialects.mssql.base"
    "sqlalchemy.dialects.oracle"
    "sqlalchemy.dialects.oracle.base"
    "sqlalchemy.exc"
    "sqlalchemy.ext"
    "sqlalchemy.ext.compiler"
    "sqlalchemy.ext.declarative"
    "sqlalchemy.ext.hybrid"
    "sqlalchemy.ext.mutable"
    "sqlalchemy.ext.associationproxy"
    "sqlalchemy.ext.automap"
    "sqlalchemy.ext.orderinglist"
    "sqlalchemy.util"
    "sqlalchemy.util.langhelpers"
    "sqlalchemy.event"
    "sqlalchemy.inspection"
    "sqlalchemy.orm"
    "sqlalchemy.orm.session"
    "sqlalchemy.orm.attributes"
    "sqlalchemy.orm.decl_api"
    "sqlalchemy.orm.exc"
    "sqlalchemy.orm.relationships"
    "sqlalchemy.orm.mapper"
    "sqlalchemy.orm.query"
    "sqlalchemy.future"
}

/// Classes of schema items, wherever they are imported from.
static SCHEMA: &[&NativeClass] = &[
    &column::COLUMN,
    &table::TABLE,
    &metadata::METADATA,
    &constraint::CONSTRAINT,
    &constraint::CHECK,
    &constraint::UNIQUE,
    &constraint::PRIMARY_KEY,
    &constraint::FOREIGN_KEY_CONSTRAINT,
    &constraint::FOREIGN_KEY,
    &index::INDEX,
    &sequence::SEQUENCE,
    &default::FETCHED_VALUE,
    &default::DEFAULT_CLAUSE,
    &default::COMPUTED,
    &default::IDENTITY,
    &default::COLUMN_DEFAULT,
    &name::QUOTED_NAME,
    &name::CONV,
];

/// The names of a module.
fn names(module: &str) -> Vec<&'static str> {
    upstream::names(module).unwrap_or_default()
}

/// A member of a module.
fn member(module: &'static str, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    if let Some(value) = modelled(module, vm, name)? {
        return Ok(Some(value));
    }
    let full = format!("{module}.{name}");
    if MODULES.iter().any(|known| known.name == full)
        || matches!(
            &*full,
            "sqlalchemy.engine" | "sqlalchemy.pool" | "sqlalchemy.ext.asyncio"
        )
    {
        return vm.import(&full).map(Some);
    }
    if !names(module).contains(&name) {
        return Ok(None);
    }
    Ok(Some(Value::Unresolved(Rc::new(Unresolved {
        name: full,
        reason: "aludel does not model it".to_owned(),
        place: None,
    }))))
}

fn class(native: &'static NativeClass) -> Option<Value> {
    Some(Value::Class(Class::of(native)))
}

/// An exception, or a name of the ORM.
fn of_the_orm(module: &str, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    if (module == "sqlalchemy.exc" || module == "sqlalchemy.orm.exc")
        && let Some(found) = exc::member(vm, name)
    {
        return Ok(Some(found));
    }
    let is_orm = ["sqlalchemy.orm", "sqlalchemy.ext"]
        .iter()
        .any(|package| module.starts_with(package));
    if is_orm && names(module).contains(&name) {
        return crate::sa::orm::member(vm, name);
    }
    Ok(None)
}

/// What registers functions of the project.
fn hook(module: &str, name: &str) -> Option<Value> {
    match (module, name) {
        ("sqlalchemy.ext.compiler", "compiles") => {
            Some(Value::builtin("compiles", compiles::compiles))
        }
        ("sqlalchemy.event" | "sqlalchemy.event.api", _) => event::member(name),
        _ => None,
    }
}

/// A name of a dialect's own.
fn of_dialect(module: &str, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    if module == "sqlalchemy.sql.compiler" && name == "IdentifierPreparer" {
        return Ok(class(&dialect_face::PREPARER));
    }
    let Some(dialect) = module.strip_prefix("sqlalchemy.dialects.") else {
        return Ok(None);
    };
    let dialect = dialect.split('.').next().unwrap_or(dialect);
    if let Some(found) = dialect_face::class_named(module, name)
        .or_else(|| classes::dialect_class(dialect, name))
        .or_else(|| (name == "ExcludeConstraint").then_some(&constraint::EXCLUDE))
    {
        return Ok(class(found));
    }
    clause::dialect_member(vm, dialect, name)
}

/// What this slice knows under a name.
fn modelled(module: &str, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    if let Some(found) = hook(module, name) {
        return Ok(Some(found));
    }
    if let Some(value) = of_the_orm(module, vm, name)? {
        return Ok(Some(value));
    }
    if module == "sqlalchemy" && name == "__version__" {
        return Ok(Some(Value::str(if clause::default_dialect().is_2_0() {
            "2.0.58"
        } else {
            "2.1.9"
        })));
    }
    if module == "sqlalchemy.sql.functions"
        && let Some(value) = crate::sa::expr::modules::functions_member(vm, name)?
    {
        return Ok(Some(value));
    }
    if !names(module).contains(&name) {
        return Ok(None);
    }
    if let Some(value) = of_dialect(module, vm, name)? {
        return Ok(Some(value));
    }
    let schema_items = SCHEMA.iter().chain(ddl_elements::ALL);
    if let Some(found) = schema_items.copied().find(|known| known.name == name) {
        return Ok(class(found));
    }
    match (module, name) {
        (_, "DDL") => return Ok(class(&ddl_elements::DDL)),
        (
            "sqlalchemy" | "sqlalchemy.schema" | "sqlalchemy.sql.ddl",
            "ExecutableDDLElement" | "DDLElement",
        ) => {
            return Ok(class(&ddl_elements::DDL_ELEMENT));
        }
        (_, "NULLTYPE") => {
            return Ok(Some(crate::sa::types::to_value(
                crate::schema::types::SqlType::Null,
            )));
        }
        _ => {}
    }
    // Functions first where a name is both (`sqlalchemy.case`, `sqlalchemy.text`): type names are capitalised.
    if let Some(found) = classes::generic(name) {
        return Ok(class(found));
    }
    clause::member(vm, name)
}
