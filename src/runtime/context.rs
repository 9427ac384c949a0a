//! `MigrationContext`: what `context.configure` makes: where statements go, where versions are kept, when transactions begin. alembic/runtime/migration.py.

use std::cell::Cell;
use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexSet;

use crate::dialect::Dialect;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::runtime::offline::Offline;
use crate::runtime::transaction::Decision;
use crate::runtime::transaction::Situation;
use crate::runtime::transaction::decide;
use crate::runtime::version_table::VersionTable;
use crate::sa::executor::Executor;
use crate::sa::live::Live;
use crate::schema::literal::Literal;
use crate::script::error::Error as ScriptError;
use crate::script::plan::Step;
use crate::script::plan::VersionChange;

/// Where statements go.
#[derive(Debug, Clone)]
pub enum Target {
    /// `--sql`.
    Offline(Rc<Offline>),
    /// A connection.
    Online(Rc<Live>),
}

impl Target {
    /// What executes.
    pub fn executor(&self) -> Rc<dyn Executor> {
        match self {
            Self::Offline(offline) => offline.clone(),
            Self::Online(live) => live.clone(),
        }
    }

    /// The dialect with its settings.
    pub fn dialect(&self) -> Rc<dyn Dialect> {
        self.executor().dialect()
    }
}

/// What `context.configure` decided, apart from the target.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where versions are kept.
    pub version_table: VersionTable,
    /// `transactional_ddl`.
    pub transactional_ddl: bool,
    /// `transaction_per_migration`.
    pub transaction_per_migration: bool,
    /// `starting_rev`: offline only; what is wrong with it is said where it is first needed.
    pub starting_rev: Result<Vec<String>, ScriptError>,
    /// `starting_rev` as it was given.
    pub starting_name: Vec<String>,
}

/// An error of the run itself; the command layer prints it as `FAILED: …`.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RuntimeError {
    /// Upstream's `CommandError` with upstream's text.
    #[error("{0}")]
    Command(String),
}

/// The context of one `context.configure` call.
#[derive(Debug)]
pub struct MigrationContext {
    /// Where statements go.
    pub target: Target,
    /// What was configured.
    pub options: Options,
    in_external_transaction: bool,
    /// `_transaction`: which of the connection's transactions is this context's.
    transaction: Cell<Option<u64>>,
    heads: RefCell<IndexSet<String>>,
}

/// A transaction scope to be given back to [`MigrationContext::end`].
#[derive(Debug, Clone, Copy)]
pub struct Scope(Decision);

impl MigrationContext {
    /// A context; a live connection that is already in a transaction belongs to env.py.
    pub fn new(target: Target, options: Options) -> Self {
        let in_external_transaction = match &target {
            Target::Offline(_) => false,
            Target::Online(live) => live.in_transaction(),
        };
        Self {
            target,
            options,
            in_external_transaction,
            transaction: Cell::new(None),
            heads: RefCell::default(),
        }
    }

    /// What executes.
    pub fn executor(&self) -> Rc<dyn Executor> {
        self.target.executor()
    }

    /// The dialect with its settings.
    pub fn dialect(&self) -> Rc<dyn Dialect> {
        self.executor().dialect()
    }

    /// Whether env.py began the transaction before `context.configure`.
    pub fn is_in_external_transaction(&self) -> bool {
        self.in_external_transaction
    }

    /// `begin_transaction`: around the run (by env.py) or around one step.
    pub fn begin(&self, vm: &Vm, per_migration: bool) -> PyResult<Scope> {
        let decision = decide(Situation {
            as_sql: matches!(self.target, Target::Offline(_)),
            per_migration,
            transaction_per_migration: self.options.transaction_per_migration,
            transactional_ddl: self.options.transactional_ddl,
            in_external_transaction: self.in_external_transaction,
            in_transaction: self.transaction.get().is_some(),
        });
        match (decision, &self.target) {
            (Decision::Print, Target::Offline(offline)) => offline.static_output(vm, "BEGIN;")?,
            (Decision::Begin, Target::Online(live)) => {
                if !live.in_transaction() {
                    live.begin()?;
                }
                self.transaction.set(live.transaction());
            }
            (Decision::Nothing, _)
            | (Decision::Print, Target::Online(_))
            | (Decision::Begin, Target::Offline(_)) => {}
        }
        Ok(Scope(decision))
    }

    /// Ends a scope: commits, or rolls back when `failed`.
    pub fn end(&self, vm: &Vm, scope: Scope, failed: bool) -> PyResult<()> {
        match (scope.0, &self.target) {
            (Decision::Print, Target::Offline(offline)) if !failed => {
                offline.static_output(vm, "COMMIT;")
            }
            (Decision::Begin, Target::Online(live)) => {
                // An autocommit block inside may have ended it.
                let Some(own) = self.transaction.take() else {
                    return Ok(());
                };
                // env.py may be inside of the same transaction as a context manager
                live.release(own);
                match live.transaction() {
                    Some(current) if current == own && failed => live.rollback(),
                    Some(current) if current == own => live.commit(),
                    Some(_) if !failed => {
                        self.tell_uncommitted(live, own);
                        Ok(())
                    }
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// A migration ended this context's transaction, and what ran afterwards is in one that this context does not commit, as upstream's
    /// `_ProxyTransaction.__exit__` does not.
    fn tell_uncommitted(&self, live: &Live, own: u64) {
        let where_ = live
            .end_of(own)
            .unwrap_or_else(|| "A migration ended the transaction that Alembic began".to_owned());
        let table = self.options.version_table.qualified(&*live.dialect());
        let at = self.heads().join(", ");
        live.nobody_commits(format!(
            "{where_}. With Alembic nobody commits what runs after that, and here it was rolled back as well: later statements and revisions up to {at}, and their rows in {table}. Look at what the database holds before you go on. In place of ending the transaction in a migration use `with op.get_context().autocommit_block():`"
        ));
    }

    /// Enters `autocommit_block`: what came before is committed. Returns whether a transaction must begin again afterwards.
    pub fn enter_autocommit(&self, vm: &Vm) -> PyResult<bool> {
        match &self.target {
            Target::Offline(offline) => {
                if self.options.transactional_ddl {
                    offline.static_output(vm, "COMMIT;")?;
                }
                Ok(false)
            }
            Target::Online(live) => {
                let resume = live.in_transaction();
                if resume {
                    let Some(own) = self.transaction.get() else {
                        return Err(PyError::foreign(RuntimeError::Command(
                            "autocommit_block() needs a transaction that Alembic began, but env.py began this one before context.configure()".to_owned(),
                        )));
                    };
                    if live.transaction() != Some(own) {
                        return Err(crate::sa::exc::upstream(
                            "InvalidRequestError",
                            "This transaction is inactive",
                        ));
                    }
                    live.commit()?;
                    self.transaction.set(None);
                }
                live.set_autocommit(true)?;
                Ok(resume)
            }
        }
    }

    /// Leaves `autocommit_block`.
    pub fn leave_autocommit(&self, vm: &Vm, resume: bool) -> PyResult<()> {
        match &self.target {
            Target::Offline(offline) if self.options.transactional_ddl => {
                offline.static_output(vm, "BEGIN;")
            }
            Target::Offline(_) => Ok(()),
            Target::Online(live) => {
                live.commit()?;
                live.set_autocommit(false)?;
                if resume {
                    live.begin()?;
                    self.transaction.set(live.transaction());
                }
                Ok(())
            }
        }
    }

    /// `get_current_heads`: the rows of the version table; offline, the starting revisions.
    pub fn current_heads(&self, vm: &Vm) -> PyResult<Vec<String>> {
        let live = match &self.target {
            Target::Offline(_) => {
                return self.options.starting_rev.clone().map_err(PyError::foreign);
            }
            Target::Online(live) => live,
        };
        if !matches!(&self.options.starting_rev, Ok(none) if none.is_empty()) {
            return Err(command(
                "Can't specify current_rev to context when using a database connection",
            ));
        }
        if !self.has_version_table(vm, live)? {
            return Ok(Vec::new());
        }
        let rows = live.query_text(vm, &self.options.version_table.select(&*live.dialect()))?;
        let table = self.options.version_table.qualified(&*live.dialect());
        rows.rows
            .into_iter()
            .map(|row| match row.into_iter().next() {
                Some(Literal::Str(version)) if !version.is_empty() => Ok(version),
                Some(Literal::Null | Literal::Str(_)) | None => Err(command(&format!(
                    "The version table {table} has a row without a revision (NULL or empty): the database's position is unknown. Remove that row, or stamp the database."
                ))),
                Some(other) => Err(command(&format!("revision identifier {other:?} is not a string; ensure database driver settings are correct"))),
            })
            .collect()
    }

    fn has_version_table(&self, vm: &Vm, live: &Live) -> PyResult<bool> {
        Ok(!live
            .query_text(vm, &self.options.version_table.exists(&*live.dialect()))?
            .rows
            .is_empty())
    }

    /// Creates the version table where it is missing; `purge` empties it. In a transaction of its own unless one is open.
    pub fn ensure_version_table(&self, vm: &Vm, purge: bool) -> PyResult<()> {
        match &self.target {
            Target::Offline(offline) => {
                offline.statement(vm, &self.options.version_table.create(&*offline.dialect()))
            }
            Target::Online(live) => {
                let own = !live.in_transaction();
                if !self.has_version_table(vm, live)? {
                    live.send(
                        vm,
                        self.options
                            .version_table
                            .create(&*live.dialect())
                            .trim()
                            .to_owned(),
                        None,
                    )?;
                }
                if purge {
                    live.send(vm, self.options.version_table.purge(&*live.dialect()), None)?;
                }
                if own { live.commit() } else { Ok(()) }
            }
        }
    }

    /// Starts the bookkeeping of a run at these heads.
    pub fn start(&self, heads: &[String]) {
        *self.heads.borrow_mut() = heads.iter().cloned().collect();
    }

    /// The heads as of the last step.
    pub fn heads(&self) -> Vec<String> {
        self.heads.borrow().iter().cloned().collect()
    }

    /// Offline, the version table is created with the first step that finds no heads.
    pub fn before_step(&self, vm: &Vm, step: &Step) -> PyResult<()> {
        if let Target::Offline(offline) = &self.target {
            if self.heads.borrow().is_empty() {
                self.ensure_version_table(vm, false)?;
            }
            offline.static_output(vm, &["-- Running ", &step.short_log()].concat())?;
        }
        Ok(())
    }

    /// `HeadMaintainer.update_to_step`: edits the version table for a step that has run.
    pub fn after_step(&self, vm: &Vm, step: &Step) -> PyResult<()> {
        let changes = {
            let mut heads = self.heads.borrow_mut();
            step.update_heads(&mut heads)
                .map_err(|error| command(&error.to_string()))?
        };
        changes.iter().try_for_each(|change| self.apply(vm, change))
    }

    /// Takes a step that another program has run and written down: the rows must be what the step leaves.
    pub fn adopt_step(&self, step: &Step, rows: &[String]) -> PyResult<()> {
        let mut heads = self.heads.borrow_mut();
        step.update_heads(&mut heads)
            .map_err(|error| command(&error.to_string()))?;
        if rows.len() == heads.len() && rows.iter().all(|row| heads.contains(row)) {
            return Ok(());
        }
        Err(command(&format!(
            "after {} the version table holds {}, not what this step leaves",
            step.short_log(),
            rows.join(", ")
        )))
    }

    fn apply(&self, vm: &Vm, change: &VersionChange) -> PyResult<()> {
        let dialect = self.dialect();
        let table = &self.options.version_table;
        let sql = match change {
            VersionChange::Insert(version) => table.insert(&*dialect, version),
            VersionChange::Delete(version) => table.delete(&*dialect, version),
            VersionChange::Update(from, to) => table.update(&*dialect, from, to),
        };
        match &self.target {
            Target::Offline(offline) => offline.statement(vm, &sql),
            Target::Online(live) => {
                let counted = match change {
                    VersionChange::Insert(_) => None,
                    VersionChange::Delete(version) => Some(format!("deleting '{version}'")),
                    VersionChange::Update(from, to) => Some(format!("updating '{from}' to '{to}'")),
                };
                let sentence = counted.map(|what| format!("Online migration expected to match one row when {what} in '{}'; {{found}} found", table.name));
                live.send(vm, sql, sentence)
            }
        }
    }
}

/// Upstream's `CommandError`.
pub fn command(message: &str) -> PyError {
    PyError::foreign(RuntimeError::Command(message.to_owned()))
}
