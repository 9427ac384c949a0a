//! `alembic.context`: what env.py calls. alembic/runtime/environment.py EnvironmentContext.

use std::rc::Rc;

use crate::env::Environment;
use crate::env::migration;
use crate::env::migration::Configured;
use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::class::Class;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::module::Module;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Namespace;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::runtime::context::Scope;
use crate::runtime::context::command;

/// The parameters of `context.configure`, as upstream names them.
pub const CONFIGURE: &str = "(connection=None, url=None, dialect_name=None, dialect_opts=None, transactional_ddl=None, transaction_per_migration=False, \
    output_buffer=None, starting_rev=None, tag=None, template_args=None, render_as_batch=False, target_metadata=None, include_name=None, include_object=None, \
    include_schemas=False, process_revision_directives=None, compare_type=True, compare_server_default=False, render_item=None, literal_binds=False, \
    upgrade_token='upgrades', downgrade_token='downgrades', alembic_module_prefix='op.', sqlalchemy_module_prefix='sa.', user_module_prefix=None, \
    on_version_apply=None, autogenerate_plugins=None, **kw)";

/// A function of the module: the environment and the call.
type Body = fn(&Rc<Environment>, &Vm, Args) -> PyResult<Value>;

const FUNCTIONS: &[(&str, Body)] = &[
    ("configure", configure),
    ("is_offline_mode", is_offline_mode),
    ("is_transactional_ddl", is_transactional_ddl),
    ("begin_transaction", begin_transaction),
    ("run_migrations", run_migrations),
    ("execute", execute),
    ("static_output", static_output),
    ("get_context", get_context),
    ("get_bind", get_bind),
    ("get_impl", get_impl),
    ("get_x_argument", get_x_argument),
    ("get_tag_argument", get_tag_argument),
    ("get_revision_argument", get_revision_argument),
    (
        "get_starting_revision_argument",
        get_starting_revision_argument,
    ),
    ("requires_connection", requires_connection),
    ("get_head_revision", get_head_revision),
    ("get_head_revisions", get_head_revisions),
];

/// Makes the module `alembic.context` for an environment.
pub fn module(environment: &Rc<Environment>) -> Rc<Module> {
    let mut dict: Namespace = Namespace::default();
    for (name, body) in FUNCTIONS {
        let environment = environment.clone();
        dict.insert(
            Rc::from(*name),
            Value::builtin(name, move |vm, args| body(&environment, vm, args)),
        );
    }
    dict.insert("config".into(), environment.config_face.clone());
    dict.insert("script".into(), environment.script_face());
    Rc::new(Module {
        name: "alembic.context".into(),
        dict: dict.into(),
        native: None,
        file: None,
    })
}

fn configure(environment: &Rc<Environment>, vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = with_lasting(environment, args)?;
    if let Value::Dict(given) = bound.get("template_args") {
        let mut all = environment.request.template_args.borrow_mut();
        for (name, value) in given.borrow().iter() {
            all.extend(name.as_str().map(|name| (name.to_string(), value.clone())));
        }
    }
    if let Some(tag) = bound.get("tag").as_str().filter(|tag| !tag.is_empty()) {
        *environment.tag.borrow_mut() = Some(tag.to_string());
    }
    let named = !bound.get("url").is_none() || !bound.get("dialect_name").is_none();
    if !environment.request.as_sql && named && bound.get("connection").is_none() {
        migration::refuse_literal_binds(environment, &bound)?;
        // Upstream makes a context without a connection and fails at the first read; nothing can run on it.
        environment.detach();
        return Ok(Value::None);
    }
    let configured = migration::configure(environment, vm, &bound)?;
    environment.set_configured(configured);
    Ok(Value::None)
}

/// Binds the arguments, and adds what earlier calls gave and this one does not.
fn with_lasting(environment: &Environment, mut args: Args) -> PyResult<Bound> {
    let bind = |args: &Args| args.clone().bind("EnvironmentContext.configure", CONFIGURE);
    let first = bind(&args)?;
    let named = |name: &str| first.keywords.iter().any(|(key, _)| &**key == name);
    let mut lasting = environment.lasting.borrow_mut();
    for (name, value) in lasting.iter() {
        if first.get(name).is_none() && !named(name) {
            args.take(name);
            args = args.with(name, value.clone());
        }
    }
    let bound = bind(&args)?;
    for name in migration::lasting() {
        let value = bound.get(name);
        if !value.is_none() {
            lasting.insert(name.into(), value);
        }
    }
    lasting.extend(bound.keywords.iter().cloned());
    Ok(bound)
}

fn configured(environment: &Environment) -> PyResult<Rc<Configured>> {
    environment.configured().ok_or_else(|| {
        if environment.is_detached() {
            return PyError::unsupported(
                "`context.configure(url=…)` without a connection outside of `--sql`",
            );
        }
        PyError::new(
            &crate::py::exceptions::EXCEPTION,
            "No context has been configured yet.",
        )
    })
}

fn requires_connection(environment: &Rc<Environment>, _vm: &Vm, _args: Args) -> PyResult<Value> {
    Ok(Value::Bool(!environment.request.as_sql))
}

fn is_offline_mode(environment: &Rc<Environment>, _vm: &Vm, _args: Args) -> PyResult<Value> {
    Ok(Value::Bool(environment.request.as_sql))
}

fn is_transactional_ddl(environment: &Rc<Environment>, _vm: &Vm, _args: Args) -> PyResult<Value> {
    Ok(Value::Bool(
        configured(environment)?.context.options.transactional_ddl,
    ))
}

fn begin_transaction(environment: &Rc<Environment>, _vm: &Vm, _args: Args) -> PyResult<Value> {
    Ok(Value::object(Transaction {
        configured: configured(environment)?,
        scope: std::cell::Cell::new(None),
    }))
}

fn run_migrations(environment: &Rc<Environment>, vm: &Vm, args: Args) -> PyResult<Value> {
    let configured = configured(environment)?;
    crate::env::run::run_migrations(environment, &configured, vm, &args.keywords)?;
    Ok(Value::None)
}

fn execute(environment: &Rc<Environment>, vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "EnvironmentContext.execute",
        "(sql, execution_options=None)",
    )?;
    migration::execute(&*configured(environment)?, vm, &bound.get("sql"))?;
    Ok(Value::None)
}

fn static_output(environment: &Rc<Environment>, vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("EnvironmentContext.static_output", "(text)")?;
    match &configured(environment)?.context.target {
        crate::runtime::context::Target::Offline(offline) => {
            offline.static_output(vm, &bound.str("text")?)?
        }
        crate::runtime::context::Target::Online(_) => {
            return Err(PyError::type_error(
                "static_output() is only available in offline mode",
            ));
        }
    }
    Ok(Value::None)
}

fn get_context(environment: &Rc<Environment>, _vm: &Vm, _args: Args) -> PyResult<Value> {
    Ok(migration::face(environment, &configured(environment)?))
}

fn get_bind(environment: &Rc<Environment>, _vm: &Vm, _args: Args) -> PyResult<Value> {
    Ok(environment.bind_of(&*configured(environment)?))
}

fn get_impl(environment: &Rc<Environment>, _vm: &Vm, _args: Args) -> PyResult<Value> {
    Ok(migration::impl_face(environment, &configured(environment)?))
}

/// `get_x_argument(as_dictionary=False)`: the `-x` values.
fn get_x_argument(environment: &Rc<Environment>, _vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("EnvironmentContext.get_x_argument", "(as_dictionary=False)")?;
    let values = &environment.request.x;
    if !bound.bool("as_dictionary")? {
        return Ok(Value::list(values.iter().map(Value::str).collect()));
    }
    let mut dict = Dict::new();
    for value in values {
        let (name, value) = value.split_once('=').unwrap_or((value, ""));
        dict.insert_str(name, Value::str(value));
    }
    Ok(Value::dict(dict))
}

fn get_tag_argument(environment: &Rc<Environment>, _vm: &Vm, _args: Args) -> PyResult<Value> {
    Ok(Value::from(environment.tag.borrow().clone()))
}

fn get_revision_argument(environment: &Rc<Environment>, _vm: &Vm, _args: Args) -> PyResult<Value> {
    let mut found = Vec::new();
    for destination in &environment.request.destination {
        found.extend(
            environment
                .script
                .as_revision_number(destination)
                .map_err(PyError::foreign)?,
        );
    }
    Ok(revision_number(found))
}

/// One identifier as `str`, several as a tuple, none as `None`.
fn revision_number(found: Vec<String>) -> Value {
    match found.len() {
        0 => Value::None,
        1 => Value::from(found.into_iter().next()),
        _ => Value::tuple(found.into_iter().map(Value::from).collect()),
    }
}

fn get_starting_revision_argument(
    environment: &Rc<Environment>,
    _vm: &Vm,
    _args: Args,
) -> PyResult<Value> {
    let asked = |symbol: &str| match environment.script.as_revision_number(symbol) {
        Ok(found) => Ok(revision_number(found)),
        Err(error) => Err(PyError::foreign(error)),
    };
    match (environment.configured(), &environment.request.starting_rev) {
        (Some(configured), _) => match configured.context.options.starting_name.as_slice() {
            [] => Ok(Value::None),
            [only] => asked(only),
            several => Ok(revision_number(several.to_vec())),
        },
        (None, _) if environment.is_detached() => {
            let lasting = environment.lasting.borrow();
            let given = lasting.get("starting_rev").and_then(Value::as_str);
            let given = given.map(|name| name.to_string());
            match given.or_else(|| environment.request.starting_rev.clone()) {
                Some(name) => asked(&name),
                None => Ok(Value::None),
            }
        }
        (None, Some(starting)) => asked(starting),
        (None, None) => Err(command("No starting revision argument is available.")),
    }
}

fn get_head_revision(environment: &Rc<Environment>, _vm: &Vm, _args: Args) -> PyResult<Value> {
    environment
        .script
        .as_revision_number("head")
        .map(revision_number)
        .map_err(PyError::foreign)
}

fn get_head_revisions(environment: &Rc<Environment>, _vm: &Vm, _args: Args) -> PyResult<Value> {
    let heads = environment
        .script
        .as_revision_number("heads")
        .map_err(PyError::foreign)?;
    Ok(Value::tuple(heads.into_iter().map(Value::from).collect()))
}

/// `context.begin_transaction()` as a context manager.
#[derive(Debug)]
pub struct Transaction {
    /// What it belongs to.
    pub configured: Rc<Configured>,
    /// Set while entered.
    pub scope: std::cell::Cell<Option<Scope>>,
}

static TRANSACTION: NativeClass =
    NativeClass::plain("alembic.runtime.migration", "_ProxyTransaction", &[]);

impl Object for Transaction {
    fn class(&self) -> Rc<Class> {
        Class::of(&TRANSACTION)
    }

    fn enter(self: Rc<Self>, vm: &Vm) -> PyResult<Option<Value>> {
        self.scope
            .set(Some(self.configured.context.begin(vm, false)?));
        Ok(Some(Value::Native(self)))
    }

    fn exit(self: Rc<Self>, vm: &Vm, error: Option<&PyError>) -> PyResult<bool> {
        if let Some(scope) = self.scope.take() {
            self.configured.context.end(vm, scope, error.is_some())?;
        }
        Ok(false)
    }
}
