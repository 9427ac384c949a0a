//! Runs env.py for a command.

use std::cell::RefCell;
use std::rc::Rc;

use crate::command::env_file;
use crate::command::error::CommandError;
use crate::command::error::Kind;
use crate::command::output::Output;
use crate::command::session::Globals;
use crate::command::session::Session;
use crate::config::Config;
use crate::config::lock;
use crate::dialect::SqlAlchemy;
use crate::env;
use crate::env::CmdOpt;
use crate::env::fallback::Fallback;
use crate::env::run::PreflightError;
use crate::ops::error::COMMAND_ERROR;
use crate::py::error::PyError;
use crate::py::error::PyErrorKind;
use crate::py::error::PyResult;
use crate::py::exceptions;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::engine::EngineSettings;
use crate::sa::fallback_url::FallbackUrl;
use crate::script::directory::ScriptDirectory;
use crate::script::error::Error as ScriptError;
use crate::script::plan::Step;

/// What a command does with the rows of the version table, when it runs steps.
type Plan = Box<dyn Fn(&[String]) -> Result<Vec<Step>, CommandError>>;
/// What a command does with the rows when it only looks.
type Look = Box<dyn Fn(&Output, &[String]) -> Result<(), CommandError>>;

/// What a command does with every context that env.py runs.
type Visit = Box<dyn Fn(&Context<'_>) -> PyResult<()>>;

/// A context that env.py runs.
pub struct Context<'a> {
    /// What it is of.
    pub environment: &'a Rc<env::Environment>,
    /// The evaluator.
    pub vm: &'a Vm,
    /// The rows of the version table.
    pub rows: &'a [String],
}

/// What a command asks of env.py.
pub struct EnvRequest {
    /// Makes the steps from the rows.
    pub plan: Option<Plan>,
    /// Looks at the rows.
    pub look: Option<Look>,
    /// Looks at the context.
    pub visit: Option<Visit>,
    /// Options of the command: `config.cmd_opts`.
    pub cmd_opts: Vec<(String, env::CmdOpt)>,
    /// `--sql`.
    pub as_sql: bool,
    /// The start of `start:end`.
    pub starting_rev: Option<String>,
    /// Takes up `template_args` of env.py.
    pub template_args: env::TemplateArgs,
    /// The targets.
    pub destination: Vec<String>,
    /// `--tag`.
    pub tag: Option<String>,
    /// `stamp --purge`.
    pub purge: bool,
    /// The version table is not created (`current`).
    pub dont_mutate: bool,
    /// The version table is created, rows or not (`ensure_version`).
    pub ensure_version: bool,
    /// `current -v`: the URL comes first.
    pub announce_url: bool,
    /// `--fallback`.
    pub fallback: Option<Fallback>,
}

impl EnvRequest {
    fn empty() -> Self {
        Self {
            plan: None,
            look: None,
            visit: None,
            cmd_opts: Vec::new(),
            as_sql: false,
            starting_rev: None,
            template_args: env::TemplateArgs::default(),
            destination: Vec::new(),
            tag: None,
            purge: false,
            dont_mutate: false,
            ensure_version: false,
            announce_url: false,
            fallback: None,
        }
    }

    /// A request that runs steps.
    pub fn planning(plan: impl Fn(&[String]) -> Result<Vec<Step>, CommandError> + 'static) -> Self {
        Self {
            plan: Some(Box::new(plan)),
            ..Self::empty()
        }
    }

    /// A request that looks at the contexts.
    pub fn visiting(visit: impl Fn(&Context<'_>) -> PyResult<()> + 'static) -> Self {
        Self {
            visit: Some(Box::new(visit)),
            ..Self::empty()
        }
    }

    /// A request that only looks.
    pub fn looking(
        look: impl Fn(&Output, &[String]) -> Result<(), CommandError> + 'static,
    ) -> Self {
        Self {
            look: Some(Box::new(look)),
            ..Self::empty()
        }
    }
}

/// Evaluates env.py.
pub fn run_env(
    session: &Session,
    config: &Rc<RefCell<Config>>,
    script: &Rc<ScriptDirectory>,
    request: EnvRequest,
) -> Result<(), CommandError> {
    script.read_ahead();
    let as_sql = request.as_sql;
    let output = session.output.clone();
    let (stdout, stderr, shown) = (output.clone(), output.clone(), output.clone());
    let setup = env::Setup {
        config: config.clone(),
        script: script.clone(),
        request: to_request(session, request),
        engines: Rc::new(engine_settings(session, &config.borrow())),
        outputs: env::Outputs {
            stdout: Rc::new(move |text| stdout.write(text)),
            stderr: Rc::new(move |text| stderr.error(text)),
            progress: Rc::new(move |done, all, step| shown.progress(done, all, step)),
        },
    };
    let run = env::Run::prepare(setup);
    // Nothing connects for a chain that cannot be read; with `--sql` nothing connects, and env.py need not wait for the files.
    if !as_sql {
        script.map()?;
    }
    run.evaluate().map_err(|failure| {
        let error = raised(&failure.error, &failure.vm);
        if error.kind == Kind::Command {
            failure
                .logger
                .log("alembic.util.messaging", "ERROR", &error.message);
        }
        error
    })
}

fn to_request(session: &Session, request: EnvRequest) -> env::Request {
    let EnvRequest {
        plan,
        look,
        visit,
        cmd_opts: own_opts,
        as_sql,
        starting_rev,
        template_args,
        destination,
        tag,
        purge,
        dont_mutate,
        ensure_version,
        announce_url,
        fallback,
    } = request;
    let (globals, output) = (session.globals.clone(), session.output.clone());
    let cmd_opts = namespace(
        &globals,
        as_sql,
        tag.as_ref(),
        destination.first(),
        own_opts,
    );
    let made = move |environment: &Rc<env::Environment>, vm: &Vm, rows: &[String]| {
        if announce_url {
            output.print(&format!(
                "Current revision(s) for {}:",
                environment.shown_url()?
            ));
        }
        if let Some(visit) = &visit {
            visit(&Context {
                environment,
                vm,
                rows,
            })?;
        }
        if let Some(look) = &look {
            look(&output, rows).map_err(PyError::foreign)?;
        }
        plan.as_ref().map_or_else(
            || Ok(Vec::new()),
            |plan| plan(rows).map_err(PyError::foreign),
        )
    };
    env::Request {
        plan: Box::new(made),
        as_sql,
        starting_rev,
        template_args,
        destination,
        tag,
        x: globals.x,
        purge,
        dont_mutate,
        ensure_version,
        cmd_opts,
        fallback,
    }
}

/// `config.cmd_opts`: the global options and those of the command.
fn namespace(
    globals: &Globals,
    as_sql: bool,
    tag: Option<&String>,
    revision: Option<&String>,
    own: Vec<(String, env::CmdOpt)>,
) -> Vec<(String, env::CmdOpt)> {
    let mut made: Vec<(String, env::CmdOpt)> = [
        ("config", CmdOpt::List(globals.config.clone())),
        ("name", CmdOpt::Text(Some(globals.name.clone()))),
        ("x", CmdOpt::List(globals.x.clone())),
        ("raiseerr", CmdOpt::Flag(globals.raiseerr)),
        ("quiet", CmdOpt::Flag(globals.quiet)),
        ("sql", CmdOpt::Flag(as_sql)),
        ("tag", CmdOpt::Text(tag.cloned())),
        ("revision", CmdOpt::Text(revision.cloned())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    made.retain(|(name, _)| own.iter().all(|(other, _)| other != name));
    made.extend(own);
    made
}

/// `--url`, then what the environment offers where env.py's own URL cannot be evaluated.
fn engine_settings(session: &Session, config: &Config) -> EngineSettings {
    let (globals, output) = (&session.globals, session.output.clone());
    let verbose = globals.verbose;
    let (told, beside) = (output.clone(), env_file::beside(config));
    let announce = move |origin: &str| {
        told.error(&format!(
            "hint: the database URL is {origin}: env.py has none that can be evaluated\n"
        ));
    };
    EngineSettings {
        sqlalchemy: sqlalchemy(session, config),
        url: globals.url.clone(),
        fallback: FallbackUrl::new(move || env_file::fallback_url(&beside), announce),
        notice: Rc::new(move |severity, message| {
            if severity.ends_with("Warning") {
                output.error(&format!("{severity}: {message}\n"));
            } else if verbose || severity == crate::sa::live::LOST {
                output.error(&format!("{severity}:  {message}\n"));
            }
        }),
        recording: RefCell::default(),
    }
}

/// Whose SQL is written: `--sqlalchemy`, else what the project says or is locked to, else the newer. 1.4 writes nearly what 2.0 does.
fn sqlalchemy(session: &Session, config: &Config) -> SqlAlchemy {
    let version =
        session.globals.sqlalchemy.clone().or_else(|| {
            lock::sqlalchemy_version(config.config_file_name()?, config.toml_file_name()?)
        });
    match version {
        Some(version)
            if version == "2.0" || version.starts_with("2.0.") || version.starts_with("1.") =>
        {
            SqlAlchemy::V2_0
        }
        _ => SqlAlchemy::V2_1,
    }
}

/// What an error of Python code means for the command.
pub(crate) fn raised(error: &PyError, vm: &Vm) -> CommandError {
    match error.kind() {
        PyErrorKind::Unsupported { .. } => CommandError::unsupported(vm.format_error(error)),
        PyErrorKind::Foreign(inner) => {
            if let Some(known) = inner.downcast_ref::<CommandError>() {
                known.clone()
            } else if let Some(known) = inner.downcast_ref::<ScriptError>() {
                CommandError::from(known.clone())
            } else if let Some(PreflightError { reports }) = inner.downcast_ref::<PreflightError>()
            {
                CommandError::unsupported(format!("{inner}\n{}", reports.join("\n")))
            } else {
                CommandError::command(inner.to_string())
            }
        }
        PyErrorKind::Exception(exception) if error.matches(&COMMAND_ERROR) => {
            CommandError::command(vm.str(exception).unwrap_or_default())
        }
        PyErrorKind::Exception(exception) if error.matches(&exceptions::SYSTEM_EXIT) => {
            system_exit(vm, exception)
        }
        PyErrorKind::Exception(_) => CommandError::python(vm.format_error(error)),
    }
}

/// `sys.exit(code)`: a number is the status, nothing is success, a text goes to standard error with status 1.
fn system_exit(vm: &Vm, exception: &Value) -> CommandError {
    match vm.find_attr(exception, "code") {
        Ok(None | Some(Value::None)) => CommandError::exit(0, String::new()),
        Ok(Some(Value::Int(code))) => {
            CommandError::exit(i32::try_from(code & 0xff).unwrap_or(1), String::new())
        }
        Ok(Some(other)) => CommandError::exit(1, vm.str(&other).unwrap_or_default()),
        Err(_) => CommandError::exit(1, String::new()),
    }
}
