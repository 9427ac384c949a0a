//! What `context.configure` makes, and its Python face `op.get_context()`. alembic/runtime/migration.py MigrationContext.

use std::cell::Cell;
use std::rc::Rc;

use crate::dialect::Binds;
use crate::dialect::Settings;
use crate::dialect::SqlAlchemy;
use crate::env::Environment;
use crate::ops::OpEnv;
use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::class::Class;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::runtime::context::MigrationContext;
use crate::runtime::context::Options;
use crate::runtime::context::Target;
use crate::runtime::context::command;
use crate::runtime::offline::Offline;
use crate::runtime::offline::Write;
use crate::runtime::version_table::VersionTable;
use crate::sa::connection::PyConnection;
use crate::sa::dialect_face;
use crate::sa::engine;
use crate::sa::engine::PyEngine;
use crate::sa::execute;
use crate::sa::mock::MockConnection;
use crate::script::error::Error as ScriptError;
use crate::script::identifier::Identifier;

/// One `context.configure` call.
#[derive(Debug)]
pub struct Configured {
    /// The runtime half.
    pub context: Rc<MigrationContext>,
    /// `context.opts`.
    pub opts: Value,
    /// What `op.*` calls go through.
    pub op_env: Rc<OpEnv>,
    /// `op.get_bind()`.
    pub bind: Value,
    /// `on_version_apply`, as a list.
    pub on_version_apply: Vec<Value>,
    /// Whether env.py gave an `output_buffer`.
    pub writes_elsewhere: bool,
}

/// `MigrationContext.configure`.
#[expect(
    clippy::too_many_lines,
    reason = "the steps share their state and are read in order"
)]
pub fn configure(
    environment: &Rc<Environment>,
    vm: &Vm,
    bound: &Bound,
) -> PyResult<Rc<Configured>> {
    let target = if environment.request.as_sql {
        offline_target(environment, vm, bound)?
    } else {
        online_target(vm, bound)?
    };
    refuse_literal_binds(environment, bound)?;
    let starting_name = starting_name(environment, vm, bound)?;
    let options = Options {
        version_table: version_table(vm, bound)?,
        transactional_ddl: bound
            .optional_bool("transactional_ddl")?
            .unwrap_or_else(|| target.dialect().transactional_ddl()),
        transaction_per_migration: vm.truth(&bound.get("transaction_per_migration"))?,
        starting_rev: starting_rev(environment, &starting_name),
        starting_name,
    };
    let transactional = options.transactional_ddl;
    let bind = match &target {
        Target::Offline(offline) => Value::object(MockConnection {
            executor: offline.clone(),
            asked: Cell::default(),
        }),
        Target::Online(_) => bound.get("connection"),
    };
    let context = Rc::new(MigrationContext::new(target, options));
    let op_env = Rc::new(OpEnv::new(
        context.executor(),
        bind.clone(),
        &bound.get("target_metadata"),
    )?);
    let on_version_apply = match bound.get("on_version_apply") {
        Value::None => Vec::new(),
        many @ (Value::List(_) | Value::Tuple(_)) => vm.collect(&many)?,
        one => vec![one],
    };
    environment.log(
        "alembic.runtime.migration",
        "INFO",
        &format!("Context impl {}.", impl_name(context.dialect().name())),
    );
    if environment.request.as_sql {
        environment.log("alembic.runtime.migration", "INFO", "Generating static SQL");
    }
    environment.log(
        "alembic.runtime.migration",
        "INFO",
        &format!(
            "Will assume {} DDL.",
            if transactional {
                "transactional"
            } else {
                "non-transactional"
            }
        ),
    );
    Ok(Rc::new(Configured {
        context,
        opts: opts(environment, bound)?,
        op_env,
        bind,
        on_version_apply,
        writes_elsewhere: !matches!(bound.get("output_buffer"), Value::None),
    }))
}

/// The class name in "Context impl …".
fn impl_name(dialect: &str) -> &'static str {
    match dialect {
        "sqlite" => "SQLiteImpl",
        "mysql" => "MySQLImpl",
        "mariadb" => "MariaDBImpl",
        _ => "PostgresqlImpl",
    }
}

/// Values are written into statements in a script only.
pub(super) fn refuse_literal_binds(environment: &Environment, bound: &Bound) -> PyResult<()> {
    if bound.bool("literal_binds")? && !environment.request.as_sql {
        return Err(command(
            "Can't use literal_binds setting without as_sql mode",
        ));
    }
    Ok(())
}

/// What `context.opts` always has, and what it has when it is given. alembic/runtime/environment.py `configure`.
const OPTS: &[(&str, bool)] = &[
    ("transactional_ddl", false),
    ("output_buffer", false),
    ("starting_rev", false),
    ("tag", false),
    ("transaction_per_migration", true),
    ("target_metadata", true),
    ("include_name", true),
    ("include_object", true),
    ("include_schemas", true),
    ("render_as_batch", true),
    ("upgrade_token", true),
    ("downgrade_token", true),
    ("sqlalchemy_module_prefix", true),
    ("alembic_module_prefix", true),
    ("user_module_prefix", true),
    ("literal_binds", true),
    ("process_revision_directives", true),
    ("on_version_apply", true),
    ("autogenerate_plugins", false),
    ("render_item", false),
    ("compare_type", true),
    ("compare_server_default", false),
];

/// The options of `context.configure` that hold for later calls, too, as `**kw` does: upstream has one dictionary for all calls.
pub(super) fn lasting() -> impl Iterator<Item = &'static str> {
    OPTS.iter()
        .filter(|(_, always)| !always)
        .map(|(name, _)| *name)
}

/// `context.opts`.
fn opts(environment: &Rc<Environment>, bound: &Bound) -> PyResult<Value> {
    let mut dict = Dict::new();
    dict.insert_str("as_sql", Value::Bool(environment.request.as_sql));
    for (name, always) in OPTS {
        let value = bound.get(name);
        if *always || !value.is_none() {
            dict.insert_str(name, value);
        }
    }
    dict.insert_str("script", environment.script_face());
    for (name, value) in &bound.keywords {
        dict.insert_str(name, value.clone());
    }
    Ok(Value::dict(dict))
}

/// `version_table`, `version_table_schema` and `version_table_pk` come as keywords.
fn version_table(vm: &Vm, bound: &Bound) -> PyResult<VersionTable> {
    let text = |name: &str| match bound.keywords.iter().find(|(key, _)| &**key == name) {
        None | Some((_, Value::None)) => Ok(None),
        Some((_, Value::Unresolved(unresolved))) => Err(crate::py::vm::unresolved_error(
            unresolved,
            &format!("as `{name}`"),
        )),
        Some((_, value)) => vm.str(value).map(Some),
    };
    let primary_key = match bound
        .keywords
        .iter()
        .find(|(key, _)| &**key == "version_table_pk")
    {
        Some((_, value)) => vm.truth(value)?,
        None => true,
    };
    Ok(VersionTable {
        name: text("version_table")?.unwrap_or_else(|| "alembic_version".to_owned()),
        schema: text("version_table_schema")?,
        primary_key,
    })
}

/// The starting revisions: `start:end` of the command line, or `starting_rev` of env.py. What they name is looked up as
/// `get_current_heads` does; `base` means none.
fn starting_rev(environment: &Environment, given: &[String]) -> Result<Vec<String>, ScriptError> {
    if !environment.request.as_sql {
        return Ok(given.to_vec());
    }
    let look_up = |symbol: &String| {
        let script = &environment.script;
        match script.get_revision(&Identifier::from(symbol.as_str()))? {
            Some(node) => Ok(script.revision(node)?.revision.clone()),
            None => Err(ScriptError::command(format!(
                "There is no revision '{symbol}' to start from"
            ))),
        }
    };
    let named = given.iter().filter(|symbol| *symbol != "base");
    named.map(look_up).collect()
}

/// `start:end` of the command line, or `starting_rev` of env.py.
fn starting_name(environment: &Environment, vm: &Vm, bound: &Bound) -> PyResult<Vec<String>> {
    match bound.get("starting_rev") {
        Value::None => Ok(environment.request.starting_rev.iter().cloned().collect()),
        many @ (Value::List(_) | Value::Tuple(_)) => {
            let many = vm.collect(&many)?;
            many.iter().map(|one| vm.str(one)).collect()
        }
        one => Ok(vec![vm.str(&one)?]),
    }
}

fn online_target(vm: &Vm, bound: &Bound) -> PyResult<Target> {
    let connection = bound.get("connection");
    if connection.native::<PyEngine>().is_some() {
        return Err(command(&format!(
            "'connection' argument to configure() is expected to be a sqlalchemy.engine.Connection instance, got {}",
            vm.repr(&connection)?
        )));
    }
    match connection.native::<PyConnection>() {
        Some(connection) => match &connection.live {
            Some(live) => Ok(Target::Online(live.clone())),
            None => Err(PyError::unsupported(
                "`context.configure` inside a migration",
            )),
        },
        None => match &connection {
            Value::Unresolved(unresolved) => Err(crate::py::vm::unresolved_error(
                unresolved,
                "as the connection of `context.configure`",
            )),
            Value::None => Err(PyError::new(
                &crate::py::exceptions::EXCEPTION,
                "Connection, url, or dialect_name is required.",
            )),
            other => Err(PyError::type_error(format!(
                "'connection' must be a Connection, not {}",
                vm.class_of(other).name
            ))),
        },
    }
}

fn offline_target(environment: &Rc<Environment>, vm: &Vm, bound: &Bound) -> PyResult<Target> {
    let named = match bound.get("dialect_opts") {
        Value::Dict(options) => options.borrow().get_str("paramstyle"),
        _ => None,
    };
    let connection = bound.get("connection").native::<PyConnection>();
    let url = bound.get("url");
    let (backend, driver) = match (&connection, &url, bound.get("dialect_name").as_str()) {
        (Some(connection), _, _) => (
            connection.dialect().name().to_owned(),
            connection.dialect().settings().driver.clone(),
        ),
        (None, Value::None, Some(name)) => (
            name.to_string(),
            default_driver(&name, environment.engines.sqlalchemy).to_owned(),
        ),
        (None, Value::None, None)
            if environment.engines.url.is_none() && !environment.engines.fallback.exists() =>
        {
            return Err(PyError::new(
                &crate::py::exceptions::EXCEPTION,
                "Connection, url, or dialect_name is required.",
            ));
        }
        (None, url, _) => {
            let resolved = environment
                .engines
                .resolve(&environment.engines.source(vm, url)?)?;
            (
                resolved.backend_name().to_owned(),
                resolved
                    .driver_name_in(environment.engines.sqlalchemy)
                    .to_owned(),
            )
        }
    };
    let settings = Settings {
        sqlalchemy: environment.engines.sqlalchemy,
        binds: if bound.bool("literal_binds")? {
            Binds::Literal
        } else {
            Binds::Placeholder
        },
        double_percent: is_format_style(&driver) && named.is_none(),
        driver,
        server_version: None,
    };
    let dialect = engine::make_dialect(&backend, settings)?;
    Ok(Target::Offline(Rc::new(Offline::new(
        dialect,
        writer(environment, bound.get("output_buffer")),
    ))))
}

/// Whether a driver's parameters are `%s`: then `%` is doubled in text.
fn is_format_style(driver: &str) -> bool {
    matches!(
        driver,
        "psycopg2"
            | "psycopg"
            | "psycopg2cffi"
            | "psycopg_async"
            | "pymysql"
            | "mysqldb"
            | "mysqlconnector"
    )
}

/// The driver a bare dialect name stands for.
fn default_driver(name: &str, sqlalchemy: SqlAlchemy) -> &'static str {
    match name {
        "postgresql" if sqlalchemy == SqlAlchemy::V2_0 => "psycopg2",
        "postgresql" => "psycopg",
        "mysql" | "mariadb" => "mysqldb",
        _ => "pysqlite",
    }
}

/// Where `--sql` text goes: the buffer env.py gave, or standard output.
fn writer(environment: &Rc<Environment>, buffer: Value) -> Write {
    let environment = environment.clone();
    match buffer {
        Value::None => Rc::new(move |_vm, text| {
            environment.write(text);
            Ok(())
        }),
        buffer => Rc::new(move |vm, text| {
            vm.call_method(&buffer, "write", Args::of(vec![Value::str(text)]))
                .map(|_| ())
        }),
    }
}

/// `context.execute(sql)`: a text or a construct.
pub fn execute(configured: &Configured, vm: &Vm, sql: &Value) -> PyResult<()> {
    execute::run(vm, &configured.context.executor(), sql)
}

/// `alembic.runtime.migration.MigrationContext`.
pub static MIGRATION_CONTEXT: NativeClass = NativeClass {
    methods: &[
        ("autocommit_block", autocommit_block),
        ("begin_transaction", begin_transaction),
        ("execute", execute_),
        ("get_current_heads", get_current_heads),
        ("get_current_revision", get_current_revision),
    ],
    ..NativeClass::plain("alembic.runtime.migration", "MigrationContext", &[])
};

/// `op.get_context()`.
#[derive(Debug)]
pub struct PyMigrationContext {
    environment: Rc<Environment>,
    configured: Rc<Configured>,
}

/// The Python face of a context.
pub fn face(environment: &Rc<Environment>, configured: &Rc<Configured>) -> Value {
    Value::object(PyMigrationContext {
        environment: environment.clone(),
        configured: configured.clone(),
    })
}

impl Object for PyMigrationContext {
    fn class(&self) -> Rc<Class> {
        Class::of(&MIGRATION_CONTEXT)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(Some(match name {
            "bind" | "connection" => self.environment.bind_of(&self.configured),
            "dialect" => dialect_face::face(vm, &self.configured.context.dialect())?,
            "as_sql" => Value::Bool(self.environment.request.as_sql),
            "opts" => self.configured.opts.clone(),
            "config" => self.environment.config_face.clone(),
            "script" => self.environment.script_face(),
            "impl" => impl_face(&self.environment, &self.configured),
            "version_table" => Value::str(&self.configured.context.options.version_table.name),
            "version_table_schema" => {
                Value::from(self.configured.context.options.version_table.schema.clone())
            }
            "environment_context" => Value::Module(crate::env::context::module(&self.environment)),
            _ => return Ok(None),
        }))
    }
}

/// `context.impl`: the same object serves; what migrations use of it is `_exec`, `execute`, `dialect`, `connection`, `transactional_ddl`.
pub fn impl_face(environment: &Rc<Environment>, configured: &Rc<Configured>) -> Value {
    Value::object(PyImpl {
        environment: environment.clone(),
        configured: configured.clone(),
    })
}

static IMPL: NativeClass = NativeClass {
    methods: &[
        ("execute", impl_execute),
        ("_exec", impl_execute),
        ("static_output", static_output),
    ],
    ..NativeClass::plain("alembic.ddl.impl", "DefaultImpl", &[])
};

/// `op.get_context().impl`.
#[derive(Debug)]
struct PyImpl {
    environment: Rc<Environment>,
    configured: Rc<Configured>,
}

impl Object for PyImpl {
    fn class(&self) -> Rc<Class> {
        Class::of(&IMPL)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(Some(match name {
            "bind" | "connection" => self.environment.bind_of(&self.configured),
            "dialect" => dialect_face::face(vm, &self.configured.context.dialect())?,
            "as_sql" => Value::Bool(self.environment.request.as_sql),
            "transactional_ddl" => Value::Bool(self.configured.context.options.transactional_ddl),
            _ => return Ok(None),
        }))
    }
}

fn impl_execute(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let receiver = this
        .native::<PyImpl>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'DefaultImpl' object"))?;
    let bound = args.bind("DefaultImpl.execute", "(sql, execution_options=None)")?;
    execute::run(
        vm,
        &receiver.environment.executor_of(&receiver.configured),
        &bound.get("sql"),
    )?;
    Ok(Value::None)
}

/// `impl.static_output(text)`: offline, the text as it is; upstream has nothing to write to online.
fn static_output(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let receiver = this
        .native::<PyImpl>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'DefaultImpl' object"))?;
    let bound = args.bind("DefaultImpl.static_output", "(text)")?;
    match &receiver.configured.context.target {
        Target::Offline(offline) => offline.static_output(vm, &vm.str(&bound.get("text"))?)?,
        Target::Online(_) => {
            return Err(PyError::unsupported("`static_output` on a live connection"));
        }
    }
    Ok(Value::None)
}

fn receiver(this: &Value) -> PyResult<Rc<PyMigrationContext>> {
    this.native::<PyMigrationContext>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'MigrationContext' object"))
}

fn autocommit_block(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let receiver = receiver(this)?;
    Ok(Value::object(AutocommitBlock {
        environment: receiver.environment.clone(),
        configured: receiver.configured.clone(),
        resume: Cell::new(false),
    }))
}

fn begin_transaction(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::object(crate::env::context::Transaction {
        configured: receiver(this)?.configured.clone(),
        scope: Cell::new(None),
    }))
}

fn execute_(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let receiver = receiver(this)?;
    let bound = args.bind("MigrationContext.execute", "(sql, execution_options=None)")?;
    execute::run(
        vm,
        &receiver.environment.executor_of(&receiver.configured),
        &bound.get("sql"),
    )?;
    Ok(Value::None)
}

fn get_current_heads(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let heads = receiver(this)?.configured.context.current_heads(vm)?;
    Ok(Value::tuple(heads.into_iter().map(Value::from).collect()))
}

fn get_current_revision(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let context = receiver(this)?.configured.context.clone();
    let heads = context.current_heads(vm)?;
    if heads.len() > 1 {
        return Err(command(&format!(
            "Version table '{}' has more than one head present; please use get_current_heads()",
            context.options.version_table.name
        )));
    }
    Ok(Value::from(heads.into_iter().next()))
}

static AUTOCOMMIT_BLOCK: NativeClass =
    NativeClass::plain("contextlib", "_GeneratorContextManager", &[]);

/// `with op.get_context().autocommit_block():`.
#[derive(Debug)]
struct AutocommitBlock {
    environment: Rc<Environment>,
    configured: Rc<Configured>,
    resume: Cell<bool>,
}

impl Object for AutocommitBlock {
    fn class(&self) -> Rc<Class> {
        Class::of(&AUTOCOMMIT_BLOCK)
    }

    fn enter(self: Rc<Self>, vm: &Vm) -> PyResult<Option<Value>> {
        if !self.environment.is_preflight() {
            self.resume
                .set(self.configured.context.enter_autocommit(vm)?);
        }
        Ok(Some(Value::None))
    }

    fn exit(self: Rc<Self>, vm: &Vm, _error: Option<&PyError>) -> PyResult<bool> {
        if !self.environment.is_preflight() {
            self.configured
                .context
                .leave_autocommit(vm, self.resume.get())?;
        }
        Ok(false)
    }
}
