//! Log records: nothing is shown until env.py calls `logging.config.fileConfig`, as with Alembic.

use std::cell::RefCell;
use std::rc::Rc;

use crate::config::logging::LogConfig;
use crate::config::logging::Stream;
use crate::env::Environment;
use crate::env::module_of;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Namespace;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// Where records go.
pub struct Logger {
    config: RefCell<Option<LogConfig>>,
    stderr: Rc<dyn Fn(&str)>,
    stdout: Rc<dyn Fn(&str)>,
}

impl Logger {
    /// A logger that shows nothing yet.
    pub fn new(stderr: Rc<dyn Fn(&str)>, stdout: Rc<dyn Fn(&str)>) -> Self {
        Self {
            config: RefCell::default(),
            stderr,
            stdout,
        }
    }

    /// Installs what `fileConfig` read.
    pub fn configure(&self, config: LogConfig) {
        *self.config.borrow_mut() = Some(config);
    }

    /// Whether anybody hears of this level.
    pub fn is_heard(&self, level: &str) -> bool {
        self.config.borrow().is_some() || matches!(level, "WARNING" | "ERROR" | "CRITICAL")
    }

    /// Shows a record where the configuration wants it. Without one, warnings and errors go to standard error bare, as Python's handler of last resort does.
    pub fn log(&self, logger: &str, level: &str, message: &str) {
        let config = self.config.borrow();
        let Some(config) = &*config else {
            if matches!(level, "WARNING" | "ERROR" | "CRITICAL")
                && logger != "alembic.util.messaging"
            {
                (self.stderr)(&format!("{message}\n"));
            }
            return;
        };
        for line in config.format(logger, level, message) {
            match line.stream {
                Stream::Stdout => (self.stdout)(&line.text),
                Stream::Stderr => (self.stderr)(&line.text),
                Stream::File(path) => append(&path, &line.text),
            }
        }
    }
}

/// Appends to a log file; a file that cannot be written loses the line, as Python's handler only complains about it.
fn append(path: &std::path::Path, text: &str) {
    use std::io::Write as _;
    if let Ok(mut file) = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
    {
        let _lost = file.write_all(text.as_bytes());
    }
}

/// Adds `logging.config` and sends the records of Python code here.
pub fn install(vm: &Vm, environment: &Rc<Environment>) -> PyResult<()> {
    let mut members: Namespace = Namespace::default();
    let logger = environment.logger.clone();
    members.insert(
        "fileConfig".into(),
        Value::builtin("fileConfig", move |vm, args| {
            let bound = args.bind(
                "fileConfig",
                "(fname, defaults=None, disable_existing_loggers=True, encoding=None)",
            )?;
            let path = vm.str(&bound.get("fname"))?;
            let config = LogConfig::from_file(std::path::Path::new(&path))
                .map_err(|error| PyError::value_error(error.to_string()))?;
            logger.configure(config);
            Ok(Value::None)
        }),
    );
    members.insert(
        "dictConfig".into(),
        Value::builtin("dictConfig", |_vm, _args| Ok(Value::None)),
    );
    vm.add_module(module_of("logging.config", members));
    let environment = environment.clone();
    vm.set_log_sink(Rc::new(move |logger, level, message| {
        environment.log(logger, level, message)
    }));
    Ok(())
}
