//! Alembic as Python sees it: env.py is evaluated with these modules, and runs the plan by calling back. alembic/runtime/environment.py.

pub mod config;
pub mod context;
mod facts;
pub mod fallback;
pub mod importer;
pub mod logging;
pub mod migration;
pub mod op;
pub mod packages;
mod plugins;
pub mod run;
mod script;
mod shadow;
pub mod step;

use std::cell::Cell;
use std::cell::OnceCell;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::config::lock;
use crate::env::importer::SourceImporter;
use crate::env::migration::Configured;
use crate::py::error::PyError;
use crate::py::error::PyErrorKind;
use crate::py::error::PyResult;
use crate::py::module::Module;
use crate::py::value::Namespace;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::runtime::context::Target;
use crate::runtime::recording::Recording;
use crate::sa::connection::PyConnection;
use crate::sa::engine;
use crate::sa::engine::EngineSettings;
use crate::sa::executor::Executor;
use crate::script::directory::ScriptDirectory;
use crate::script::plan::Step;

/// Makes the steps of a command once the database's heads are known. Commands that only look return none.
pub type Plan = Box<dyn Fn(&Rc<Environment>, &Vm, &[String]) -> PyResult<Vec<Step>>>;

/// `template_args` of every `context.configure`, in order: what `script.py.mako` may use.
pub type TemplateArgs = Rc<RefCell<Vec<(String, Value)>>>;

/// What a command asks of env.py.
pub struct Request {
    /// The steps.
    pub plan: Plan,
    /// `--sql`.
    pub as_sql: bool,
    /// The `start` of `start:end`.
    pub starting_rev: Option<String>,
    /// What `context.configure(template_args=…)` gave, in all.
    pub template_args: TemplateArgs,
    /// The targets as given: `context.get_revision_argument()`.
    pub destination: Vec<String>,
    /// `--tag`.
    pub tag: Option<String>,
    /// `-x` values.
    pub x: Vec<String>,
    /// `stamp --purge`.
    pub purge: bool,
    /// The version table is not created (`current`).
    pub dont_mutate: bool,
    /// The version table is created, rows or not (`ensure_version`).
    pub ensure_version: bool,
    /// `config.cmd_opts`: option names and values.
    pub cmd_opts: Vec<(String, CmdOpt)>,
    /// Who runs what aludel cannot evaluate.
    pub fallback: Option<fallback::Fallback>,
}

/// A command-line option as env.py sees it.
#[derive(Debug, Clone)]
pub enum CmdOpt {
    /// A flag.
    Flag(bool),
    /// A value, or none.
    Text(Option<String>),
    /// A repeatable option.
    List(Vec<String>),
}

/// Where what the run prints goes.
pub struct Outputs {
    /// Standard output: results and `--sql` text.
    pub stdout: Rc<dyn Fn(&str)>,
    /// Standard error.
    pub stderr: Rc<dyn Fn(&str)>,
    /// Told before each step of a live run: how many are done, how many there are, what comes.
    pub progress: Rc<dyn Fn(usize, usize, &str)>,
}

/// One evaluation of env.py.
pub struct Environment {
    /// What is asked.
    pub request: Request,
    /// The revision files.
    pub script: Rc<ScriptDirectory>,
    /// `context.config`.
    pub config_face: Value,
    /// How engines are made.
    pub engines: Rc<EngineSettings>,
    /// The logging configuration and where records go.
    pub logger: Rc<logging::Logger>,
    outputs: Outputs,
    /// Text of `--sql` that is not out yet (see [`Environment::write`]).
    pending: RefCell<String>,
    discard: Cell<bool>,
    /// Whether the file of the step could not be loaded: then the run leaves nothing behind.
    cannot_load: Cell<bool>,
    /// Whether nothing is printed or logged: earlier revisions are being followed.
    quiet: Cell<bool>,
    /// The catalogue in memory, once a step of a `--sql` run asked for it.
    shadow: RefCell<Option<Rc<RefCell<crate::shadow::Catalogue>>>>,
    configured: RefCell<Option<Rc<Configured>>>,
    /// What earlier calls of `context.configure` gave and later ones take over.
    lasting: RefCell<Namespace>,
    /// `--tag`, or `tag` of `context.configure`.
    tag: RefCell<Option<String>>,
    /// Whether `context.configure` named a dialect and no connection, online.
    detached: Cell<bool>,
    preflight: RefCell<Option<Preflight>>,
    modules: RefCell<FxHashMap<OsString, Value>>,
    plugins: RefCell<op::Plugins>,
    /// Whether the revision files were searched for plugins.
    plugins_searched: Cell<bool>,
    /// The modules that the revision files import, once they are asked for.
    imports: OnceCell<BTreeSet<String>>,
}

/// The stand-ins in force while the plan is looked at and nothing is sent.
#[derive(Clone)]
struct Preflight {
    executor: Rc<dyn Executor>,
    bind: Value,
    op_env: Rc<crate::ops::OpEnv>,
    /// How many event listeners there were.
    listeners: usize,
    /// How many mapped classes there were.
    mapped: Value,
    /// Whether the plan is only looked at; otherwise a catalogue stands in for the database.
    is_preflight: bool,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Environment")
    }
}

/// Everything an [`Environment`] is made from.
pub struct Setup {
    /// The resolved configuration.
    pub config: Rc<RefCell<crate::config::Config>>,
    /// The revision files.
    pub script: Rc<ScriptDirectory>,
    /// What is asked.
    pub request: Request,
    /// How engines are made.
    pub engines: Rc<EngineSettings>,
    /// Where output goes.
    pub outputs: Outputs,
}

/// A run whose evaluator is made; env.py is not evaluated yet.
pub struct Run {
    vm: Vm,
    logger: Rc<logging::Logger>,
    prepared: PyResult<(Rc<Environment>, PathBuf)>,
}

impl Run {
    /// Makes the evaluator's modules and finds env.py. What goes wrong is said by [`Run::evaluate`].
    pub fn prepare(setup: Setup) -> Self {
        let vm = Vm::new();
        let logger = Rc::new(logging::Logger::new(
            setup.outputs.stderr.clone(),
            setup.outputs.stdout.clone(),
        ));
        let prepared = prepare(setup, &vm, &logger);
        Self {
            vm,
            logger,
            prepared,
        }
    }

    /// Evaluates env.py, which runs the command's plan: `ScriptDirectory.run_env`. The text of a `--sql` run is on standard output afterwards, unless the
    /// run met something unsupported (then nothing of it is).
    ///
    /// # Errors
    /// Whatever stops env.py, with its traceback.
    pub fn evaluate(self) -> Result<(), Failure> {
        let Self {
            vm,
            logger,
            prepared,
        } = self;
        let result = prepared.and_then(|(environment, env_py)| {
            let done = vm.run_file(&env_py, "env_py", false).map(|_| ());
            match &done {
                Err(error) if matches!(error.kind(), PyErrorKind::Unsupported { .. }) => {}
                _ => environment.flush(),
            }
            done
        });
        result.map_err(|error| Failure { error, vm, logger })
    }
}

/// What stopped a run, and what is needed to tell of it.
pub struct Failure {
    /// The error.
    pub error: PyError,
    /// The evaluator it came from: it formats the error.
    pub vm: Vm,
    /// The logger as env.py configured it.
    pub logger: Rc<logging::Logger>,
}

/// Makes the evaluator's modules and finds env.py.
///
/// # Errors
/// A configuration that cannot be used.
pub fn prepare(
    setup: Setup,
    vm: &Vm,
    logger: &Rc<logging::Logger>,
) -> PyResult<(Rc<Environment>, PathBuf)> {
    let Setup {
        config,
        script,
        request,
        engines,
        outputs,
    } = setup;
    let env_py = script.env_py_location();
    let cmd_opts = packages::namespace(vm, &request.cmd_opts)?;
    let search = search_path(&config.borrow(), script.location());
    let environment = Rc::new(Environment {
        tag: RefCell::new(request.tag.clone()),
        request,
        script,
        config_face: Value::object(config::PyConfig::new(config, cmd_opts)),
        engines,
        logger: logger.clone(),
        outputs,
        pending: RefCell::default(),
        discard: Cell::new(false),
        cannot_load: Cell::new(false),
        quiet: Cell::new(false),
        shadow: RefCell::default(),
        configured: RefCell::default(),
        lasting: RefCell::default(),
        detached: Cell::default(),
        preflight: RefCell::default(),
        modules: RefCell::default(),
        plugins: RefCell::default(),
        plugins_searched: Cell::default(),
        imports: OnceCell::default(),
    });
    find_modules(vm, search)?;
    let importing = environment.clone();
    vm.set_imported_elsewhere(Rc::new(move |dotted| plugins::imports(&importing, dotted)));
    engine::install(vm, &environment.engines)?;
    logging::install(vm, &environment)?;
    vm.add_module(context::module(&environment));
    vm.add_module(op::module(&environment, vm)?);
    packages::install(vm, &environment)?;
    let writer = environment.clone();
    vm.set_stdout(Rc::new(move |text| {
        if !writer.is_preflight() {
            writer.write(text);
        }
    }));
    Ok((environment, env_py))
}

/// Lets the evaluator find what files of the project import.
fn find_modules(vm: &Vm, search: SearchPath) -> PyResult<()> {
    vm.register(crate::sa::MODULES);
    vm.set_upstream(&crate::sa::upstream::RECORDED);
    vm.register(crate::sa::engine_modules::MODULES);
    vm.register(crate::sa::dbapi::MODULES);
    vm.register(crate::sa::orm::MODULES);
    vm.add_sources(crate::sa::orm::source);
    vm.add_sources(packages::source);
    vm.register(packages::MODULES);
    vm.register(crate::sa::packages::MODULES);
    vm.register_packages(match search.wants_pydantic_1 {
        true => crate::sa::packages::source,
        false => crate::sa::packages::source_with_pydantic,
    });
    vm.set_importer(Rc::new(SourceImporter::new(search.after, search.project)));
    vm.prepend_sys_path(&search.before)
}

/// An evaluator for revision headers that take evaluation: it finds what the project's files import, and knows no env.py.
pub fn header_vm(config: &crate::config::Config, location: &Path) -> Vm {
    let vm = Vm::new();
    // without its search path it finds less, and what needs it stays unresolved
    let _found_less = find_modules(&vm, search_path(config, location));
    vm
}

/// An evaluator for the template of revision files, and `config` as the template sees it.
///
/// # Errors
/// An option that cannot be made a Python value.
pub fn template_vm(
    config: &Rc<RefCell<crate::config::Config>>,
    location: &Path,
    cmd_opts: &[(String, CmdOpt)],
) -> PyResult<(Vm, Value)> {
    let vm = header_vm(&config.borrow(), location);
    let cmd_opts = packages::namespace(&vm, cmd_opts)?;
    let face = Value::object(config::PyConfig::new(config.clone(), cmd_opts));
    Ok((vm, face))
}

/// Where modules are looked for, before and after what `sys.path` otherwise holds.
struct SearchPath {
    before: Vec<PathBuf>,
    after: Vec<PathBuf>,
    /// Where the project's own packages are, should `sys.path` not say so.
    project: Vec<PathBuf>,
    /// Whether the project is written for pydantic 1.
    wants_pydantic_1: bool,
}

fn search_path(config: &crate::config::Config, location: &Path) -> SearchPath {
    let mut before = config.prepend_sys_path();
    if let Some(paths) = std::env::var_os("PYTHONPATH") {
        before.extend(std::env::split_paths(&paths).filter(|path| !path.as_os_str().is_empty()));
    }
    let mut after = vec![location.to_owned()];
    after.extend(SourceImporter::virtualenv_folders());
    let file = config.config_file_name().unwrap_or(Path::new(""));
    SearchPath {
        before,
        after,
        project: SourceImporter::project_folders(file),
        wants_pydantic_1: lock::wants_pydantic_1(file),
    }
}

impl Environment {
    /// The context of the last `context.configure`.
    pub fn configured(&self) -> Option<Rc<Configured>> {
        self.configured.borrow().clone()
    }

    fn is_detached(&self) -> bool {
        self.detached.get()
    }

    fn detach(&self) {
        self.detached.set(true);
        *self.configured.borrow_mut() = None;
    }

    fn set_configured(&self, configured: Rc<Configured>) {
        self.detached.set(false);
        *self.configured.borrow_mut() = Some(configured);
    }

    /// The command's steps from these heads.
    pub fn plan(self: &Rc<Self>, vm: &Vm, heads: &[String]) -> PyResult<Vec<Step>> {
        (self.request.plan)(self, vm, heads)
    }

    /// The URL of the configured connection, its password masked: what `current -v` shows.
    pub fn shown_url(&self) -> PyResult<String> {
        let connection = self
            .configured()
            .and_then(|configured| configured.bind.native::<PyConnection>());
        match connection.and_then(|connection| connection.engine.clone()) {
            Some(engine) => Ok(engine.url()?.render_as_string(true)),
            None => Ok(String::new()),
        }
    }

    /// Writes to standard output. In a `--sql` run the text is held back until the run ends, so that a run that meets something unsupported prints nothing.
    pub fn write(&self, text: &str) {
        if self.discard.get() || self.quiet.get() {
            return;
        }
        if self.request.as_sql {
            self.pending.borrow_mut().push_str(text);
        } else {
            (self.outputs.stdout)(text);
        }
    }

    /// Lets go of what was held back, and of everything that follows.
    pub fn discard_output(&self) {
        if self.quiet.get() {
            return;
        }
        self.discard.set(true);
        self.pending.borrow_mut().clear();
    }

    /// How much is held back.
    pub fn held_back(&self) -> usize {
        self.pending.borrow().len()
    }

    /// Lets go of what was held back beyond a place.
    pub fn cut_back(&self, place: usize) {
        self.pending.borrow_mut().truncate(place);
    }

    /// The same, giving what it was.
    fn take_back(&self, place: usize) -> String {
        let mut pending = self.pending.borrow_mut();
        if place >= pending.len() {
            return String::new();
        }
        pending.split_off(place)
    }

    fn flush(&self) {
        let text = std::mem::take(&mut *self.pending.borrow_mut());
        if !text.is_empty() {
            (self.outputs.stdout)(&text);
        }
    }

    /// Logs a record, formatted as alembic.ini says once env.py has called `fileConfig`.
    pub fn log(&self, logger: &str, level: &str, message: &str) {
        if !self.is_preflight() && !self.quiet.get() {
            self.logger.log(logger, level, message);
        }
    }

    /// Whether a message of this level would be said anywhere.
    pub fn is_heard(&self, level: &str) -> bool {
        !self.is_preflight() && !self.quiet.get() && self.logger.is_heard(level)
    }

    /// Whether the plan is only being looked at.
    pub fn is_preflight(&self) -> bool {
        self.preflight
            .borrow()
            .as_ref()
            .is_some_and(|stand_in| stand_in.is_preflight)
    }

    /// `op.get_bind()`.
    pub fn bind_of(&self, configured: &Configured) -> Value {
        self.preflight.borrow().as_ref().map_or_else(
            || configured.bind.clone(),
            |preflight| preflight.bind.clone(),
        )
    }

    /// What executes now.
    pub fn executor_of(&self, configured: &Configured) -> Rc<dyn Executor> {
        self.preflight.borrow().as_ref().map_or_else(
            || configured.context.executor(),
            |preflight| preflight.executor.clone(),
        )
    }

    /// What `op.*` goes through now.
    pub fn op_env(&self) -> PyResult<Rc<crate::ops::OpEnv>> {
        if let Some(preflight) = &*self.preflight.borrow() {
            return Ok(preflight.op_env.clone());
        }
        self.configured().map(|configured| configured.op_env.clone()).ok_or_else(|| {
            PyError::new(
                &crate::py::exceptions::NAME_ERROR,
                "Can't invoke function 'execute', as the proxy object has not yet been established for the Alembic 'Operations' class.  Try placing this code inside a callable.",
            )
        })
    }

    /// The module of a revision file, evaluated once (and once more after the preflight).
    pub fn revision_module(&self, vm: &Vm, path: &Path) -> PyResult<Value> {
        if let Some(module) = self.modules.borrow().get(path.as_os_str()) {
            return Ok(module.clone());
        }
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let is_plain = |character: char| character.is_alphanumeric() || character == '_';
        let name = file.replace(|character| !is_plain(character), "_");
        let module = Value::Module(vm.run_file(path, &name, false)?);
        self.modules
            .borrow_mut()
            .insert(path.as_os_str().to_owned(), module.clone());
        Ok(module)
    }

    /// Lets go of a revision's module after its step.
    pub fn release_revision(&self, vm: &Vm, path: &Path) {
        let module = self.modules.borrow_mut().remove(path.as_os_str());
        if let Some(Value::Module(module)) = module {
            vm.release_module(&module);
        }
    }

    /// Puts the recording stand-ins in place; the result goes to [`Environment::leave_preflight`].
    pub fn enter_preflight(&self, vm: &Vm, configured: &Configured) -> PyResult<usize> {
        let executor: Rc<dyn Executor> = Rc::new(Recording::new(configured.context.dialect()));
        let engine = configured
            .bind
            .native::<PyConnection>()
            .and_then(|connection| connection.engine.clone());
        let bind = Value::object(PyConnection::recording(executor.clone(), engine));
        let op_env = Rc::new(
            configured
                .op_env
                .with_executor(executor.clone(), bind.clone()),
        );
        *self.engines.recording.borrow_mut() = Some(executor.clone());
        *self.preflight.borrow_mut() = Some(Preflight {
            executor,
            bind,
            op_env,
            listeners: crate::sa::event::count(),
            mapped: crate::sa::orm::mapped_count(vm)?,
            is_preflight: true,
        });
        Ok(vm.module_count())
    }

    /// Puts a catalogue in memory in the database's place.
    fn enter_shadow(&self, configured: &Configured, executor: Rc<dyn Executor>) {
        let bind = Value::object(PyConnection::recording(executor.clone(), None));
        let op_env = Rc::new(configured.op_env.replaced(executor.clone(), bind.clone()));
        *self.preflight.borrow_mut() = Some(Preflight {
            executor,
            bind,
            op_env,
            listeners: crate::sa::event::count(),
            mapped: Value::None,
            is_preflight: false,
        });
    }

    /// Takes it away.
    fn leave_shadow(&self) {
        self.preflight.borrow_mut().take();
    }

    /// Prints and logs nothing from here on, or does again; gives what was before.
    fn quiet(&self, quiet: bool) -> bool {
        self.quiet.replace(quiet)
    }

    /// Takes the stand-ins away and forgets the modules that were evaluated meanwhile.
    pub fn leave_preflight(&self, vm: &Vm, modules_before: usize) -> PyResult<()> {
        let preflight = self.preflight.borrow_mut().take();
        if let Some(preflight) = preflight {
            crate::sa::event::forget_after(preflight.listeners);
            crate::sa::orm::forget_mapped_after(vm, preflight.mapped)?;
        }
        *self.engines.recording.borrow_mut() = None;
        self.modules.borrow_mut().clear();
        vm.forget_modules_after(modules_before);
        Ok(())
    }

    /// `context.script`.
    pub fn script_face(self: &Rc<Self>) -> Value {
        script::face(self)
    }
}

/// Whether a configured context is live: used where `--sql` and live differ for env.py itself.
pub fn is_online(configured: &Configured) -> bool {
    matches!(configured.context.target, Target::Online(_))
}

/// A module under a name, made of members.
fn module_of(name: &str, members: Namespace) -> Rc<Module> {
    Rc::new(Module {
        name: name.into(),
        dict: RefCell::new(members),
        native: None,
        file: None,
    })
}
