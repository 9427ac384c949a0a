//! Runs env.py for a command.

use std::cell::RefCell;
use std::rc::Rc;

use crate::command::error::CommandError;
use crate::command::session::Session;
use crate::config::Config;
use crate::script::directory::ScriptDirectory;
use crate::script::plan::Step;

/// What a command does with the rows of the version table, when it runs steps.
type Plan = Box<dyn Fn(&[String]) -> Result<Vec<Step>, CommandError>>;
/// What a command does with the rows when it only looks.
type Look = Box<dyn Fn(&Session, &[String]) -> Result<(), CommandError>>;

/// What a command asks of env.py.
pub struct EnvRequest {
    /// Makes the steps from the rows.
    pub plan: Option<Plan>,
    /// Looks at the rows.
    pub look: Option<Look>,
    /// `--sql`.
    pub as_sql: bool,
    /// The start of `start:end`.
    pub starting_rev: Option<String>,
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
}

impl EnvRequest {
    fn empty() -> Self {
        Self {
            plan: None,
            look: None,
            as_sql: false,
            starting_rev: None,
            destination: Vec::new(),
            tag: None,
            purge: false,
            dont_mutate: false,
            ensure_version: false,
            announce_url: false,
        }
    }

    /// A request that runs steps.
    pub fn planning(plan: impl Fn(&[String]) -> Result<Vec<Step>, CommandError> + 'static) -> Self {
        Self {
            plan: Some(Box::new(plan)),
            ..Self::empty()
        }
    }

    /// A request that only looks.
    pub fn looking(
        look: impl Fn(&Session, &[String]) -> Result<(), CommandError> + 'static,
    ) -> Self {
        Self {
            look: Some(Box::new(look)),
            ..Self::empty()
        }
    }
}

/// Evaluates env.py.
pub fn run_env(
    _session: &Session,
    _config: &Rc<RefCell<Config>>,
    _script: &Rc<ScriptDirectory>,
    _request: EnvRequest,
) -> Result<(), CommandError> {
    Err(CommandError::unsupported(
        "commands that run env.py are not wired yet",
    ))
}
