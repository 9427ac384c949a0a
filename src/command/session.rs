//! What every command has: the global options, the configuration, the revision files, the output.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::command::error::CommandError;
use crate::command::output::Output;
use crate::config::Config;
use crate::config::Files;
use crate::env;
use crate::script::directory::ScriptDirectory;
use crate::script::error::Error as ScriptError;
use crate::script::evaluate::Evaluator;

/// The global options.
#[derive(Debug, Clone, Default)]
pub struct Globals {
    /// `-c`.
    pub config: Vec<String>,
    /// `-n`.
    pub name: String,
    /// `-x`.
    pub x: Vec<String>,
    /// `--raiseerr`.
    pub raiseerr: bool,
    /// `-q`.
    pub quiet: bool,
    /// `--sqlalchemy`: the version whose SQL is written.
    pub sqlalchemy: Option<String>,
    /// `--url`: instead of the URL that env.py finds.
    pub url: Option<String>,
    /// `-v` before the command: server notices are shown.
    pub verbose: bool,
    /// `--format json`.
    pub json: bool,
}

/// One run of a command.
#[derive(Debug)]
pub struct Session {
    /// The global options.
    pub globals: Globals,
    /// Where output goes.
    pub output: Rc<Output>,
    files: Files,
    /// What the configuration took literally.
    literal: RefCell<Rc<RefCell<BTreeSet<String>>>>,
}

impl Session {
    /// A session; the configuration is read when first asked for.
    pub fn new(globals: Globals, files: Files) -> Self {
        let output = Rc::new(Output::new(globals.quiet));
        Self {
            globals,
            output,
            files,
            literal: RefCell::default(),
        }
    }

    /// Where the configuration is looked for.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Does something to a file, announced on standard output.
    ///
    /// # Errors
    /// What the file system says.
    pub fn status(
        &self,
        text: &str,
        quiet: bool,
        action: impl FnOnce() -> std::io::Result<()>,
    ) -> Result<(), CommandError> {
        self.output
            .status(text, quiet, "", action)
            .map_err(|error| CommandError::command(format!("{text}: {error}")))
    }

    /// Reads the configuration.
    pub fn config(&self) -> Result<Rc<RefCell<Config>>, CommandError> {
        let config = Config::load(self.files.clone(), &self.globals.name)?;
        *self.literal.borrow_mut() = config.literal();
        Ok(Rc::new(RefCell::new(config)))
    }

    /// What was put up with in the configuration, for people.
    pub fn remarks(&self) -> Vec<String> {
        let noted = self.literal.borrow();
        let noted = noted.borrow();
        let remark = |option: &String| {
            format!("a % in {option} is taken literally; Alembic wants it doubled: %%")
        };
        noted.iter().map(remark).collect()
    }

    /// Opens the script directory.
    pub fn script(&self, config: &RefCell<Config>) -> Result<Rc<ScriptDirectory>, CommandError> {
        Ok(Rc::new(self.open(config)?))
    }

    /// Opens the script directory to add to it.
    ///
    /// # Errors
    /// As [`Session::script`].
    pub fn script_to_extend(
        &self,
        config: &RefCell<Config>,
    ) -> Result<Rc<ScriptDirectory>, CommandError> {
        Ok(Rc::new(self.open(config)?.making_folders()))
    }

    fn open(&self, config: &RefCell<Config>) -> Result<ScriptDirectory, CommandError> {
        let output = self.output.clone();
        let warn = Rc::new(move |text: &str| output.error(&format!("UserWarning: {text}\n")));
        let script = ScriptDirectory::from_config(&config.borrow(), warn)?;
        let (search, location) = (config.borrow().clone(), script.location().to_owned());
        let headers = Evaluator::new(move || env::header_vm(&search, &location));
        Ok(script.evaluating(Rc::new(move |path, names| headers.evaluate(path, names))))
    }
}

/// Words a script error, with hints from the revisions at hand.
pub(crate) fn explain(script: &ScriptDirectory) -> impl Fn(ScriptError) -> CommandError + '_ {
    explain_rows(script, &[])
}

/// The same, where the rows of the version table are known: an id may come from there.
pub(crate) fn explain_rows<'a>(
    script: &'a ScriptDirectory,
    rows: &'a [String],
) -> impl Fn(ScriptError) -> CommandError + 'a {
    move |error| CommandError::from(error.clone()).with_map(&error, script, rows)
}
