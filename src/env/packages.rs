//! The other `alembic.*` modules that env.py and migrations import.

use std::rc::Rc;

use crate::env::CmdOpt;
use crate::env::Environment;
use crate::env::config;
use crate::env::migration;
use crate::env::module_of;
use crate::env::op;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::module::NativeModule;
use crate::py::object::NativeClass;
use crate::py::value::Namespace;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `alembic.operations.ops.MigrateOperation`: the base of operations that Python code defines.
pub static MIGRATE_OPERATION: NativeClass = NativeClass {
    new: Some(new_plain),
    ..NativeClass::plain("alembic.operations.ops", "MigrateOperation", &[])
};

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
        names: || vec!["MigrateOperation"],
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
        name: "alembic.script",
        member: unresolved_members,
        names: Vec::new,
    },
    NativeModule {
        name: "alembic.script.base",
        member: unresolved_members,
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
        member: unresolved_members,
        names: Vec::new,
    },
    NativeModule {
        name: "alembic.autogenerate.api",
        member: unresolved_members,
        names: Vec::new,
    },
    NativeModule {
        name: "alembic.autogenerate.rewriter",
        member: unresolved_members,
        names: Vec::new,
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

fn operations_ops(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    match name {
        "MigrateOperation" => class(&MIGRATE_OPERATION),
        _ => unresolved(name),
    }
}

fn ddl(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    match name {
        "PostgresqlImpl" | "DefaultImpl" | "SQLiteImpl" | "MySQLImpl" => class(&POSTGRESQL_IMPL),
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

/// Adds the modules that belong to one environment: `alembic.operations`.
pub fn install(vm: &Vm, environment: &Rc<Environment>) -> PyResult<()> {
    for name in ["alembic.operations", "alembic.operations.base"] {
        let mut members: Namespace = Namespace::default();
        members.insert("Operations".into(), op::operations_class(environment));
        members.insert("BatchOperations".into(), op::batch_operations_class());
        members.insert(
            "MigrateOperation".into(),
            Value::Class(Class::of(&MIGRATE_OPERATION)),
        );
        vm.add_module(module_of(name, members));
    }
    Ok(())
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
