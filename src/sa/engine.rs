//! `create_engine`, `engine_from_config` and their async twins. sqlalchemy/engine/create.py, sqlalchemy/ext/asyncio/engine.py.

use std::cell::RefCell;
use std::rc::Rc;

use crate::db;
use crate::db::Rows;
use crate::db::options::ConnectOptions;
use crate::db::shared::Shared;
use crate::db::url::Url;
use crate::ddl::Statement;
use crate::dialect;
use crate::dialect::Binds;
use crate::dialect::Dialect;
use crate::dialect::Settings;
use crate::dialect::SqlAlchemy;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyErrorKind;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::connection::PyConnection;
use crate::sa::connection::PyTransaction;
use crate::sa::dbapi;
use crate::sa::dialect_face;
use crate::sa::engine_modules::NULL_POOL;
use crate::sa::engine_modules::SINGLETON_POOL;
use crate::sa::engine_modules::STATIC_POOL;
use crate::sa::event;
use crate::sa::exc;
use crate::sa::executor::Executor;
use crate::sa::fallback_url::FallbackUrl;
use crate::sa::live::Live;
use crate::sa::question::Question;
use crate::sa::url::PyUrl;
use crate::schema::literal::Literal;

/// `sqlalchemy.engine.base.Engine`.
pub static ENGINE: NativeClass = NativeClass {
    methods: &[
        ("connect", connect),
        ("begin", begin),
        ("dispose", dispose),
        ("execution_options", execution_options),
        ("raw_connection", raw_connection),
    ],
    ..NativeClass::plain("sqlalchemy.engine.base", "Engine", &[])
};

/// `sqlalchemy.ext.asyncio.engine.AsyncEngine`.
pub static ASYNC_ENGINE: NativeClass =
    NativeClass::plain("sqlalchemy.ext.asyncio.engine", "AsyncEngine", &[&ENGINE]);

/// What the command line adds to every engine.
pub struct EngineSettings {
    /// Which SQLAlchemy's text is reproduced.
    pub sqlalchemy: SqlAlchemy,
    /// `--url`: replaces whatever env.py says.
    pub url: Option<String>,
    /// Used where env.py's own cannot be evaluated or is missing.
    pub fallback: FallbackUrl,
    /// Receives server notices: severity and message.
    pub notice: Rc<dyn Fn(&str, &str)>,
    /// While the preflight runs: what stands in for every connection, so that nothing is opened.
    pub recording: RefCell<Option<Rc<dyn Executor>>>,
}

/// Where an engine's URL comes from.
#[derive(Debug, Clone)]
pub enum UrlSource {
    /// It is known.
    Known(Rc<Url>),
    /// It comes from something that could not be evaluated.
    Unresolved(Rc<Unresolved>),
    /// It is the placeholder of the shipped alembic.ini (`driver://user:pass@localhost/dbname`), or missing.
    Placeholder,
}

/// An engine: it opens a connection each time it is asked.
pub struct PyEngine {
    source: UrlSource,
    /// `connect_args` as text.
    connect_args: Vec<(String, String)>,
    settings: Rc<EngineSettings>,
    is_async: bool,
    pool: Pool,
    /// The connection to a database in memory.
    memory: RefCell<Option<Shared>>,
}

/// What a pool means for a database in memory: pysqlite.py `get_pool_class`. Other databases do not see the difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pool {
    /// The same connection for everyone: what a database in memory has by default.
    One,
    /// A new one for everyone.
    None,
    /// Those that were given back.
    Queue,
}

impl std::fmt::Debug for PyEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine(***)")
    }
}

impl EngineSettings {
    /// The URL that decides: `--url`, then env.py's own, then the fallback; an error that says where env.py took it from otherwise.
    pub fn resolve(&self, source: &UrlSource) -> PyResult<Rc<Url>> {
        if let Some(url) = &self.url {
            return parse(url);
        }
        let why = match source {
            UrlSource::Known(url) => return Ok(url.clone()),
            UrlSource::Unresolved(unresolved) => {
                let place = unresolved.place.as_ref().map(|(file, line)| format!(" ({file}, line {line})")).unwrap_or_default();
                format!("The database URL comes from `{}`, which could not be evaluated{place}: {}", unresolved.name, unresolved.reason)
            }
            UrlSource::Placeholder => "No database URL is configured (`sqlalchemy.url` is missing or still the placeholder)".to_owned(),
        };
        match self.fallback.take() {
            Some(url) => parse(url),
            None => Err(PyError::from_kind(PyErrorKind::Unsupported {
                what: why,
                hint: Some("pass --url URL, or set ALUDEL_URL or DATABASE_URL (also in .env beside alembic.ini, or with --env-file FILE)".to_owned()),
                is_final: false,
            })),
        }
    }

    /// Reads what Python passes as a URL.
    pub fn source(&self, vm: &Vm, value: &Value) -> PyResult<UrlSource> {
        Ok(match value {
            Value::None => UrlSource::Placeholder,
            Value::Unresolved(unresolved) => UrlSource::Unresolved(unresolved.clone()),
            _ => match value.native::<PyUrl>() {
                Some(url) => UrlSource::Known(url.url()),
                None => {
                    let text = vm.str(value)?;
                    if text.starts_with("driver://") {
                        UrlSource::Placeholder
                    } else {
                        UrlSource::Known(parse(&text)?)
                    }
                }
            },
        })
    }

    /// The dialect for a URL, with the settings of a live connection.
    pub fn online_dialect(
        &self,
        url: &Url,
        server_version: Option<(u32, u32)>,
    ) -> PyResult<Rc<dyn Dialect>> {
        make_dialect(
            url.backend_name(),
            Settings {
                sqlalchemy: self.sqlalchemy,
                binds: Binds::Driver,
                double_percent: false,
                driver: url.driver_name_in(self.sqlalchemy).to_owned(),
                server_version,
            },
        )
    }
}

/// Parses a URL; the error never shows it.
fn parse(text: &str) -> PyResult<Rc<Url>> {
    Url::parse(text)
        .map(Rc::new)
        .map_err(|error| exc::upstream("ArgumentError", &error.to_string()))
}

/// A dialect by name, or upstream's `NoSuchModuleError`.
pub fn make_dialect(name: &str, settings: Settings) -> PyResult<Rc<dyn Dialect>> {
    match dialect::by_name(name, settings) {
        Some(dialect) => Ok(dialect),
        None if matches!(name, "mysql" | "mariadb" | "oracle" | "mssql") => {
            Err(PyError::unsupported(format!(
                "the database `{name}`: this build speaks PostgreSQL and SQLite"
            )))
        }
        None => Err(exc::upstream(
            "NoSuchModuleError",
            &format!("Can't load plugin: sqlalchemy.dialects:{name}"),
        )),
    }
}

impl PyEngine {
    /// Whether `create_async_engine` made it.
    pub fn is_async(&self) -> bool {
        self.is_async
    }

    /// The URL it connects to.
    pub fn url(&self) -> PyResult<Rc<Url>> {
        self.settings.resolve(&self.source)
    }

    /// A connection, and whether it is a new one.
    fn connection(
        &self,
        url: &Url,
        options: &ConnectOptions,
    ) -> PyResult<(Box<dyn db::Connection>, bool)> {
        let is_in_memory = url.backend_name() == "sqlite" && db::sqlite::is_in_memory(url);
        if let Some(shared) = self.memory.borrow().as_ref().filter(|_| is_in_memory) {
            return Ok((Box::new(shared.clone()), false));
        }
        let made = db::connect(url, options).map_err(|error| exc::from_db_error(&error, None))?;
        match self.pool {
            Pool::One if is_in_memory => {
                let shared = Shared::new(made);
                *self.memory.borrow_mut() = Some(shared.clone());
                Ok((Box::new(shared), true))
            }
            Pool::Queue if is_in_memory => Err(PyError::unsupported(
                "a `QueuePool` of connections to an SQLite database in memory",
            )),
            Pool::One | Pool::None | Pool::Queue => Ok((made, true)),
        }
    }

    /// Opens a connection.
    pub fn open(self: &Rc<Self>) -> PyResult<Rc<PyConnection>> {
        let recording = self.settings.recording.borrow().clone();
        if let Some(executor) = recording {
            return Ok(Rc::new(PyConnection::recording(
                executor,
                Some(self.clone()),
            )));
        }
        let url = self.url()?;
        let itself = Value::Native(self.clone());
        if url.backend_name() != "sqlite" {
            event::refuse_connecting(&itself)?;
        }
        let mut options = ConnectOptions::default();
        options.parameters.extend(self.connect_args.iter().cloned());
        // The dialect is looked up first: a database that is not supported is not called.
        self.settings.online_dialect(&url, None)?;
        let (connection, is_new) = self.connection(&url, &options)?;
        let dialect = self
            .settings
            .online_dialect(&url, Some(connection.server_version()))?;
        let notice = self.settings.notice.clone();
        let live = Live::new(
            connection,
            dialect,
            Box::new(move |severity, message| notice(severity, message)),
        );
        let live = Rc::new(live);
        let connection = Rc::new(PyConnection::live(live.clone(), Some(self.clone())));
        if live.begins_by_itself() {
            if is_new {
                event::connected(&itself, &dbapi::face(&live))?;
            }
            let listeners = event::begin_listeners(&itself);
            let weak = Rc::downgrade(&connection);
            live.on_begin(Box::new(move || {
                let Some(connection) = weak.upgrade() else {
                    return Ok(());
                };
                for (vm, function) in &listeners {
                    let args = Args::of(vec![Value::Native(connection.clone())]);
                    vm.call(function, args)?;
                }
                Ok(())
            }));
        }
        Ok(connection)
    }
}

/// An engine as what executes: each statement has a connection and a transaction of its own.
#[derive(Debug)]
pub struct EngineExecutor {
    engine: Rc<PyEngine>,
    dialect: Rc<dyn Dialect>,
}

impl EngineExecutor {
    /// Executes on connections of this engine.
    pub fn new(engine: Rc<PyEngine>) -> PyResult<Self> {
        let dialect = engine.settings.online_dialect(&*engine.url()?, None)?;
        Ok(Self { engine, dialect })
    }

    fn with<T>(&self, act: impl FnOnce(&Rc<dyn Executor>) -> PyResult<T>) -> PyResult<T> {
        let connection = self.engine.open()?;
        let done = act(&connection.executor);
        let Some(live) = &connection.live else {
            return done;
        };
        let ended = match &done {
            Ok(_) => live.commit(),
            Err(_) => live.rollback(),
        };
        let closed = live.close();
        let done = done?;
        ended.and(closed).map(|()| done)
    }
}

impl Executor for EngineExecutor {
    fn dialect(&self) -> Rc<dyn Dialect> {
        self.dialect.clone()
    }

    fn is_offline(&self) -> bool {
        false
    }

    fn is_recording(&self) -> bool {
        self.engine.settings.recording.borrow().is_some()
    }

    fn run(&self, vm: &Vm, statement: &Statement) -> PyResult<()> {
        self.with(|executor| executor.run(vm, statement))
    }

    fn query(&self, vm: &Vm, statement: &Statement) -> PyResult<Rows> {
        self.with(|executor| executor.query(vm, statement))
    }

    fn ask(&self, vm: &Vm, question: Question<'_>) -> PyResult<Vec<Vec<Literal>>> {
        self.with(|executor| executor.ask(vm, question))
    }
}

impl Object for PyEngine {
    fn class(&self) -> Rc<Class> {
        Class::of(if self.is_async {
            &ASYNC_ENGINE
        } else {
            &ENGINE
        })
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(Some(match name {
            "url" => Value::object(PyUrl::new(self.url()?)),
            "name" => Value::str(self.url()?.backend_name()),
            "driver" => Value::str(self.url()?.driver_name_in(self.settings.sqlalchemy)),
            "dialect" => {
                dialect_face::face(vm, &self.settings.online_dialect(&*self.url()?, None)?)?
            }
            "sync_engine" | "engine" => Value::Native(self),
            "echo" => Value::Bool(false),
            _ => return Ok(None),
        }))
    }
}

fn receiver(this: &Value) -> PyResult<Rc<PyEngine>> {
    this.native::<PyEngine>()
        .ok_or_else(|| PyError::type_error("descriptor requires an 'Engine' object"))
}

fn connect(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::Native(receiver(this)?.open()?))
}

fn begin(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let connection = receiver(this)?.open()?;
    if let Some(live) = &connection.live {
        live.begin()?;
    }
    Ok(Value::object(PyTransaction::owning(connection)))
}

fn dispose(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    receiver(this)?.memory.take();
    Ok(Value::None)
}

fn execution_options(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    receiver(this)?;
    Ok(this.clone())
}

fn raw_connection(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    receiver(this)?;
    Err(PyError::unsupported(
        "`engine.raw_connection()`: aludel has no DBAPI connection",
    ))
}

/// Puts `create_engine` and its kin, bound to these settings, into the `sqlalchemy` modules.
pub fn install(vm: &Vm, settings: &Rc<EngineSettings>) -> PyResult<()> {
    let create = |is_async: bool| {
        let settings = settings.clone();
        Value::builtin(
            if is_async {
                "create_async_engine"
            } else {
                "create_engine"
            },
            move |vm, args| create_engine(vm, &settings, args, is_async),
        )
    };
    let from_config = |is_async: bool| {
        let settings = settings.clone();
        Value::builtin(
            if is_async {
                "async_engine_from_config"
            } else {
                "engine_from_config"
            },
            move |vm, args| engine_from_config(vm, &settings, args, is_async),
        )
    };
    for module in [
        "sqlalchemy",
        "sqlalchemy.engine",
        "sqlalchemy.engine.create",
    ] {
        vm.set_module_member(module, "create_engine", create(false))?;
        vm.set_module_member(module, "engine_from_config", from_config(false))?;
    }
    for module in ["sqlalchemy.ext.asyncio", "sqlalchemy.ext.asyncio.engine"] {
        vm.set_module_member(module, "create_async_engine", create(true))?;
        vm.set_module_member(module, "async_engine_from_config", from_config(true))?;
    }
    Ok(())
}

/// `create_engine(url, **kw)`: of the options, `connect_args` and `isolation_level` matter here; pools do not.
fn create_engine(
    vm: &Vm,
    settings: &Rc<EngineSettings>,
    args: Args,
    is_async: bool,
) -> PyResult<Value> {
    let bound = args.bind("create_engine", "(url, **kwargs)")?;
    let source = settings.source(vm, &bound.get("url"))?;
    let mut connect_args = Vec::new();
    let mut pool = Pool::One;
    for (name, value) in &bound.keywords {
        match (&**name, value) {
            ("connect_args", Value::Dict(options)) => {
                let options: Vec<(Value, Value)> = options
                    .borrow()
                    .iter()
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect();
                for (key, value) in options {
                    if let Some(text) = connect_arg(vm, &value)? {
                        connect_args.push((vm.str(&key)?, text));
                    }
                }
            }
            ("connect_args", Value::Unresolved(unresolved)) => {
                return Err(crate::py::vm::unresolved_error(
                    unresolved,
                    "as `connect_args` of an engine",
                ));
            }
            ("poolclass", Value::Class(class)) => {
                pool = if class.inherits(&NULL_POOL) {
                    Pool::None
                } else if class.inherits(&STATIC_POOL) || class.inherits(&SINGLETON_POOL) {
                    Pool::One
                } else {
                    Pool::Queue
                };
            }
            ("isolation_level", level) if vm.str(level)?.eq_ignore_ascii_case("AUTOCOMMIT") => {
                return Err(PyError::unsupported(
                    "`create_engine(isolation_level=\"AUTOCOMMIT\")`",
                ));
            }
            _ => {}
        }
    }
    Ok(Value::object(PyEngine {
        source,
        connect_args,
        settings: settings.clone(),
        is_async,
        pool,
        memory: RefCell::default(),
    }))
}

/// A connection argument as text; objects (an `ssl.SSLContext`) are left out only when they are `None`.
fn connect_arg(vm: &Vm, value: &Value) -> PyResult<Option<String>> {
    match value {
        Value::None => Ok(None),
        Value::Dict(settings) => {
            // asyncpg's server_settings
            let pairs: Vec<(Value, Value)> = settings
                .borrow()
                .iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            let options: PyResult<Vec<String>> = pairs
                .iter()
                .map(|(key, value)| {
                    Ok(format!(
                        "-c {}={}",
                        vm.str(key)?,
                        vm.str(value)?.replace(' ', "\\ ")
                    ))
                })
                .collect();
            Ok(Some(options?.join(" ")))
        }
        Value::Unresolved(unresolved) => Err(crate::py::vm::unresolved_error(
            unresolved,
            "as a connection argument",
        )),
        _ => vm.str(value).map(Some),
    }
}

/// `engine_from_config(configuration, prefix="sqlalchemy.", **kw)`.
fn engine_from_config(
    vm: &Vm,
    settings: &Rc<EngineSettings>,
    args: Args,
    is_async: bool,
) -> PyResult<Value> {
    let bound = args.bind(
        "engine_from_config",
        "(configuration, prefix='sqlalchemy.', **kwargs)",
    )?;
    let configuration = bound.get("configuration");
    let prefix = bound.str("prefix")?;
    let url = match &configuration {
        Value::Dict(options) => {
            let found = options.borrow().get_str(&format!("{prefix}url"));
            match found {
                Some(url) => url,
                None if settings.url.is_some() || settings.fallback.exists() => Value::None,
                None => return Err(PyError::key_error(Value::str("url"))),
            }
        }
        Value::Unresolved(_) => configuration.clone(),
        _ => vm.get_item(&configuration, &Value::str(format!("{prefix}url")))?,
    };
    create_engine(
        vm,
        settings,
        Args {
            positional: vec![url],
            keywords: bound.keywords.clone(),
        },
        is_async,
    )
}
