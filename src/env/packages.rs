//! The other `alembic.*` modules that env.py and migrations import.

use std::rc::Rc;

use crate::env::CmdOpt;
use crate::env::Environment;
use crate::env::config;
use crate::env::migration;
use crate::env::module_of;
use crate::env::op;
use crate::env::script;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::module::NativeModule;
use crate::py::object::NativeClass;
use crate::py::value::Namespace;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// The modules written in Python: dotted name, text.
const SOURCES: &[(&str, &str)] = &[
    (
        "alembic.operations._directives",
        include_str!("python/directives.py"),
    ),
    (
        "alembic.operations._schema",
        include_str!("python/schema.py"),
    ),
    (
        "alembic.autogenerate._render",
        include_str!("python/render.py"),
    ),
    (
        "alembic.autogenerate._revision_context",
        include_str!("python/revision_context.py"),
    ),
];

/// The text of a module that is written in Python.
pub fn source(dotted: &str) -> Option<&'static str> {
    let found = SOURCES.iter().find(|(name, _)| *name == dotted);
    found.map(|(_, text)| *text)
}

/// The classes of `alembic.operations.ops`.
const OPERATIONS: &[&str] = &[
    "AddColumnOp",
    "AddConstraintOp",
    "AlterColumnOp",
    "AlterTableOp",
    "BulkInsertOp",
    "CreateCheckConstraintOp",
    "CreateForeignKeyOp",
    "CreateIndexOp",
    "CreatePrimaryKeyOp",
    "CreateTableCommentOp",
    "CreateTableOp",
    "CreateUniqueConstraintOp",
    "DowngradeOps",
    "DropColumnOp",
    "DropConstraintOp",
    "DropIndexOp",
    "DropTableCommentOp",
    "DropTableOp",
    "ExecuteSQLOp",
    "MigrateOperation",
    "MigrationScript",
    "ModifyTableOps",
    "OpContainer",
    "RenameTableOp",
    "UpgradeOps",
];

/// `alembic.ddl.postgresql.PostgresqlImpl`, subclassed by env.py files to choose a `__dialect__`.
pub static POSTGRESQL_IMPL: NativeClass = NativeClass {
    new: Some(new_plain),
    ..NativeClass::plain("alembic.ddl.postgresql", "PostgresqlImpl", &[])
};

fn new_plain(_vm: &Vm, _class: &Rc<Class>, _args: Args) -> PyResult<Value> {
    Ok(Value::None)
}

/// Modules whose members need no environment.
pub static MODULES: &[NativeModule] = &[
    NativeModule {
        name: "alembic",
        member: alembic,
        names: || vec!["__version__"],
    },
    NativeModule {
        name: "alembic.util",
        member: util,
        names: || vec!["CommandError"],
    },
    NativeModule {
        name: "alembic.util.exc",
        member: util,
        names: || vec!["CommandError"],
    },
    NativeModule {
        name: "alembic.util.messaging",
        member: util,
        names: Vec::new,
    },
    NativeModule {
        name: "alembic.operations.ops",
        member: operations_ops,
        names: || OPERATIONS.to_vec(),
    },
    NativeModule {
        name: "alembic.ddl",
        member: ddl,
        names: || vec!["PostgresqlImpl", "DefaultImpl"],
    },
    NativeModule {
        name: "alembic.ddl.impl",
        member: ddl,
        names: || vec!["DefaultImpl"],
    },
    NativeModule {
        name: "alembic.ddl.postgresql",
        member: ddl,
        names: || vec!["PostgresqlImpl"],
    },
    NativeModule {
        name: "alembic.runtime",
        member: nothing,
        names: Vec::new,
    },
    NativeModule {
        name: "alembic.runtime.migration",
        member: runtime_migration,
        names: || vec!["MigrationContext"],
    },
    NativeModule {
        name: "alembic.runtime.environment",
        member: unresolved_members,
        names: Vec::new,
    },
    NativeModule {
        name: "alembic._support",
        member: support,
        names: Vec::new,
    },
    NativeModule {
        name: "alembic._facts",
        member: crate::env::facts::member,
        names: Vec::new,
    },
    NativeModule {
        name: "alembic.command",
        member: unresolved_members,
        names: Vec::new,
    },
    NativeModule {
        name: "alembic.config",
        member: alembic_config,
        names: || vec!["Config"],
    },
    NativeModule {
        name: "alembic.autogenerate",
        member: autogenerate,
        names: || vec!["Rewriter"],
    },
    NativeModule {
        name: "alembic.autogenerate.api",
        member: autogenerate,
        names: Vec::new,
    },
    NativeModule {
        name: "alembic.autogenerate.render",
        member: autogenerate,
        names: || vec!["renderers"],
    },
    NativeModule {
        name: "alembic.autogenerate.rewriter",
        member: autogenerate,
        names: || vec!["Rewriter"],
    },
    NativeModule {
        name: "alembic.migration",
        member: runtime_migration,
        names: || vec!["MigrationContext"],
    },
];

fn class(native: &'static NativeClass) -> PyResult<Option<Value>> {
    Ok(Some(Value::Class(Class::of(native))))
}

fn unresolved(name: &str) -> PyResult<Option<Value>> {
    Ok((!name.starts_with("__")).then(|| {
        Value::Unresolved(Rc::new(Unresolved {
            name: format!("alembic…{name}"),
            reason: "aludel does not model this part of Alembic's Python API".to_owned(),
            place: None,
        }))
    }))
}

fn nothing(_vm: &Vm, _name: &str) -> PyResult<Option<Value>> {
    Ok(None)
}

fn unresolved_members(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    unresolved(name)
}

fn alembic(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    Ok((name == "__version__").then(|| Value::str("1.20.1")))
}

fn util(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    match name {
        "CommandError" => class(&crate::ops::error::COMMAND_ERROR),
        "exc" | "messaging" => Ok(None),
        _ => unresolved(name),
    }
}

fn operations_ops(vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    if OPERATIONS.contains(&name) {
        for module in [
            "alembic.operations._directives",
            "alembic.operations._schema",
        ] {
            let found = vm.find_attr(&vm.import(module)?, name)?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    unresolved(name)
}

fn autogenerate(vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    match name {
        "Rewriter" | "RevisionContext" => {
            let module = vm.import("alembic.autogenerate._revision_context")?;
            vm.get_attr(&module, name).map(Some)
        }
        "renderers" | "default_renderers" | "AutogenContext" | "render_op" | "render_op_text" => {
            let module = vm.import("alembic.autogenerate._render")?;
            vm.get_attr(&module, name).map(Some)
        }
        "api" | "rewriter" | "render" | "_render" | "_revision_context" => Ok(None),
        _ => unresolved(name),
    }
}

/// What the modules written in Python need.
fn support(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    Ok((name == "refuse").then(|| {
        Value::builtin("refuse", |_vm, args| {
            Err(PyError::unsupported(
                &*args.bind("refuse", "(what)")?.str("what")?,
            ))
        })
    }))
}

fn ddl(vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    match name {
        "PostgresqlImpl" | "DefaultImpl" | "SQLiteImpl" | "MySQLImpl" => class(&POSTGRESQL_IMPL),
        "CreateExcludeConstraintOp" => {
            let module = vm.import("alembic.operations._schema")?;
            vm.get_attr(&module, name).map(Some)
        }
        "impl" | "postgresql" => Ok(None),
        _ => unresolved(name),
    }
}

fn runtime_migration(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    match name {
        "MigrationContext" => class(&migration::MIGRATION_CONTEXT),
        _ => unresolved(name),
    }
}

fn alembic_config(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    match name {
        "Config" => class(&config::CONFIG),
        _ => unresolved(name),
    }
}

/// Adds the modules that belong to one environment: `alembic.operations`, `alembic.script`.
pub fn install(vm: &Vm, environment: &Rc<Environment>) -> PyResult<()> {
    for name in ["alembic.operations", "alembic.operations.base"] {
        let mut members: Namespace = Namespace::default();
        members.insert("Operations".into(), op::operations_class(environment));
        members.insert("BatchOperations".into(), op::batch_operations_class());
        vm.add_module(module_of(
            name,
            with_rest(name, members, &["MigrateOperation"]),
        ));
    }
    for name in ["alembic.script", "alembic.script.base"] {
        let mut members: Namespace = Namespace::default();
        members.insert("ScriptDirectory".into(), script::class(environment));
        vm.add_module(module_of(name, with_rest(name, members, &[])));
    }
    Ok(())
}

/// The module's `__getattr__`: some names are of `alembic.operations.ops`, the others are not modelled.
fn with_rest(module: &'static str, mut members: Namespace, ops: &'static [&str]) -> Namespace {
    let missing = Value::builtin("__getattr__", move |vm, args| {
        let name = args.bind("__getattr__", "(name)")?.str("name")?;
        let found = if ops.contains(&&*name) {
            operations_ops(vm, &name)?
        } else if module.starts_with("alembic.script") {
            unresolved(&name)?
        } else {
            None
        };
        found.ok_or_else(|| {
            PyError::attribute_error(format!("module '{module}' has no attribute '{name}'"))
        })
    });
    members.insert("__getattr__".into(), missing);
    members
}

/// `config.cmd_opts`: an `argparse.Namespace`.
pub fn namespace(vm: &Vm, options: &[(String, CmdOpt)]) -> PyResult<Value> {
    let types = vm.import("types")?;
    let mut args = Args::none();
    for (name, value) in options {
        let value = match value {
            CmdOpt::Flag(flag) => Value::Bool(*flag),
            CmdOpt::Text(text) => Value::from(text.clone()),
            CmdOpt::List(items) if items.is_empty() => Value::None,
            CmdOpt::List(items) => Value::list(items.iter().map(Value::str).collect()),
        };
        args = args.with(name, value);
    }
    vm.call_method(&types, "SimpleNamespace", args)
}
