//! A live database connection as SQLAlchemy's `Connection` sees it: autobegin, isolation level, savepoints, and statements queued while nobody reads their rows.
//! sqlalchemy/engine/base.py Connection.

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::db;
use crate::db::Bound;
use crate::db::Rows;
use crate::ddl::Statement;
use crate::dialect::Dialect;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::vm::Location;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::executor::Executor;
use crate::sa::executor::Held;
use crate::sa::question::Question;
use crate::schema::literal::Literal;

/// A statement that must touch exactly one row touched another number of them: the sentence to show. Upstream's `CommandError`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RowCountError(pub String);

/// What is known of a queued statement.
#[derive(Debug, Clone, Default)]
struct Source {
    /// The Python line that sent it.
    location: Option<Location>,
    /// For a statement that must touch one row: the sentence otherwise, `{found}` standing for the count.
    unless_one_row: Option<String>,
}

/// The savepoint of [`Executor::hold`].
const HELD: &str = "aludel_held";

/// Severity of the notice that statements were lost.
pub const LOST: &str = "warning";

/// Where Python code ended a transaction.
struct Ended {
    transaction: u64,
    /// "committed …" or "rolled back …".
    how: &'static str,
    location: Location,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.tell_lost();
    }
}

/// One database connection, shared by every Python object that executes on it.
pub struct Live {
    connection: RefCell<Option<Box<dyn db::Connection>>>,
    dialect: Rc<dyn Dialect>,
    /// SQLAlchemy's view: `begin()` or autobegin happened, neither commit nor rollback since.
    begun: Cell<bool>,
    /// How many transactions began so far: tells them apart.
    serial: Cell<u64>,
    /// The transaction that is a context manager now: nothing may be sent between its end and the end of its `with`.
    managed: Cell<Option<u64>>,
    /// See [`Live::note_end`].
    ended: RefCell<Option<Ended>>,
    /// See [`Live::nobody_commits`].
    lost: RefCell<Option<String>>,
    /// `BEGIN` has reached (or is queued for) the server.
    open: Cell<bool>,
    /// `isolation_level="AUTOCOMMIT"`.
    autocommit: Cell<bool>,
    savepoints: Cell<usize>,
    /// What is known of each queued statement, by tag.
    sources: RefCell<Vec<Source>>,
    /// Called when a transaction of SQLAlchemy's begins on a driver that begins them by itself.
    on_begin: RefCell<Option<Box<dyn Fn() -> PyResult<()>>>>,
    /// What was warned of, with the place.
    warned: RefCell<BTreeSet<String>>,
    /// Called with severity and message of each server notice, and with category and message of each warning.
    notice: Box<dyn Fn(&str, &str)>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Live(begun: {}, open: {})",
            self.begun.get(),
            self.open.get()
        )
    }
}

impl Live {
    /// Wraps an open connection; `notice` receives the server's notices.
    pub fn new(
        connection: Box<dyn db::Connection>,
        dialect: Rc<dyn Dialect>,
        notice: Box<dyn Fn(&str, &str)>,
    ) -> Self {
        Self {
            connection: RefCell::new(Some(connection)),
            dialect,
            begun: Cell::new(false),
            serial: Cell::new(0),
            managed: Cell::new(None),
            ended: RefCell::default(),
            lost: RefCell::default(),
            open: Cell::new(false),
            autocommit: Cell::new(false),
            savepoints: Cell::new(0),
            sources: RefCell::default(),
            on_begin: RefCell::default(),
            warned: RefCell::default(),
            notice,
        }
    }

    /// `Connection.in_transaction()`.
    pub fn in_transaction(&self) -> bool {
        self.begun.get()
    }

    /// Whether the connection is closed.
    pub fn is_closed(&self) -> bool {
        self.connection.borrow().is_none()
    }

    /// Whether statements run outside any transaction.
    pub fn is_autocommit(&self) -> bool {
        self.autocommit.get()
    }

    /// `execution_options(isolation_level=…)`: switches autocommit on or off. Nothing may be open.
    pub fn set_autocommit(&self, on: bool) -> PyResult<()> {
        if on == self.autocommit.get() {
            return Ok(());
        }
        if self.open.get() {
            return Err(exc::upstream(
                "InvalidRequestError",
                "This connection has already initialized a SQLAlchemy Transaction() object via begin() or autobegin; isolation_level may not be altered unless rollback() or commit() is called first.",
            ));
        }
        self.autocommit.set(on);
        if self.begins_by_itself() {
            self.set_begin((!on).then(|| "BEGIN".to_owned()))?;
        }
        Ok(())
    }

    /// `Connection.begin()`: `BEGIN` itself is sent with the first statement.
    pub fn begin(&self) -> PyResult<()> {
        if self.begun.get() {
            return Err(exc::upstream(
                "InvalidRequestError",
                "This connection has already initialized a SQLAlchemy Transaction() object via begin() or autobegin; can't call begin() here unless rollback() or commit() is called first.",
            ));
        }
        self.check_managed()?;
        self.autobegin();
        Ok(())
    }

    /// A transaction of SQLAlchemy's begins, unless one has.
    fn autobegin(&self) {
        if !self.begun.replace(true) {
            self.serial.set(self.serial.get() + 1);
        }
    }

    /// Which transaction of SQLAlchemy's there is now.
    pub fn transaction(&self) -> Option<u64> {
        self.begun.get().then(|| self.serial.get())
    }

    /// Makes a transaction the one that is a context manager; gives the one before.
    pub fn manage(&self, transaction: Option<u64>) -> Option<u64> {
        self.managed.replace(transaction)
    }

    /// A transaction is no context manager any longer: `TransactionalContext.__exit__`, called by Alembic's `_ProxyTransaction`.
    pub fn release(&self, transaction: u64) {
        if self.managed.get() == Some(transaction) {
            self.managed.set(None);
        }
    }

    /// `TransactionalContext._trans_ctx_check`.
    fn check_managed(&self) -> PyResult<()> {
        match self.managed.get() {
            Some(managed) if self.transaction() != Some(managed) => Err(exc::upstream(
                "InvalidRequestError",
                "Can't operate on closed transaction inside context manager.  Please complete the context manager before emitting further commands.",
            )),
            _ => Ok(()),
        }
    }

    /// Notes where Python code ended the transaction that there is now.
    pub fn note_end(&self, vm: &Vm, how: &'static str) {
        if let (Some(transaction), Some(location)) = (self.transaction(), vm.location()) {
            *self.ended.borrow_mut() = Some(Ended {
                transaction,
                how,
                location,
            });
        }
    }

    /// Where and how Python code ended a transaction, for people.
    pub fn end_of(&self, transaction: u64) -> Option<String> {
        let ended = self.ended.borrow();
        let ended = ended
            .as_ref()
            .filter(|ended| ended.transaction == transaction)?;
        let Location { file, line } = &ended.location;
        Some(format!("{file}, line {line}, {}", ended.how))
    }

    /// The transaction that there is now was begun by no one who would commit it: unless somebody does, this is said when it is rolled back.
    pub fn nobody_commits(&self, sentence: String) {
        *self.lost.borrow_mut() = Some(sentence);
    }

    /// Says what [`Live::nobody_commits`] was told.
    fn tell_lost(&self) {
        if let Some(sentence) = self.lost.take() {
            (self.notice)(LOST, &sentence);
        }
    }

    /// `Connection.commit()`: awaits everything queued, then commits what is open.
    pub fn commit(&self) -> PyResult<()> {
        self.flush()?;
        if self.open.replace(false) && self.has_begun()? {
            self.raw("COMMIT")?;
        }
        self.begun.set(false);
        self.lost.take();
        Ok(())
    }

    /// `Connection.rollback()`: gives up what is open; errors of statements that were still queued no longer matter.
    pub fn rollback(&self) -> PyResult<()> {
        self.begun.set(false);
        self.tell_lost();
        if self.open.replace(false) {
            // What was queued belongs to the transaction that is given up.
            let _given_up = self.flush();
            if self.has_begun()? {
                self.raw("ROLLBACK")?;
            }
        }
        Ok(())
    }

    /// Whether there is something to end: a driver that begins transactions by itself may not have.
    fn has_begun(&self) -> PyResult<bool> {
        self.with_connection(|connection| {
            !connection.begins_by_itself() || connection.in_transaction()
        })
    }

    /// Whether the driver begins transactions by itself.
    pub fn begins_by_itself(&self) -> bool {
        self.connection
            .borrow()
            .as_ref()
            .is_some_and(|connection| connection.begins_by_itself())
    }

    /// Sets who is told when a transaction begins.
    pub fn on_begin(&self, listeners: Box<dyn Fn() -> PyResult<()>>) {
        *self.on_begin.borrow_mut() = Some(listeners);
    }

    /// What the driver begins transactions with; `None`: it does not begin any.
    pub fn set_begin(&self, begin: Option<String>) -> PyResult<()> {
        self.with_connection(|connection| connection.set_begin(begin))?
            .map_err(|error| self.raise(&error, None))
    }

    /// A statement of the driver itself: SQLAlchemy knows nothing of it, nor of its error.
    pub fn driver_query(&self, sql: &str, values: &Bound) -> PyResult<Result<Rows, db::Error>> {
        self.with_connection(|connection| connection.query_bound(sql, values))
    }

    /// Several statements of the driver itself.
    pub fn driver_script(&self, sql: &str) -> PyResult<Result<(), db::Error>> {
        self.with_connection(|connection| connection.run_script(sql))
    }

    /// Whether the driver is in a transaction.
    pub fn driver_in_transaction(&self) -> bool {
        self.connection
            .borrow()
            .as_ref()
            .is_some_and(|connection| connection.in_transaction())
    }

    /// `Connection.close()`: rolls back what is open and disconnects.
    pub fn close(&self) -> PyResult<()> {
        if self.is_closed() {
            return Ok(());
        }
        let done = if self.begun.get() || self.open.get() {
            self.rollback()
        } else {
            self.flush()
        };
        self.connection.borrow_mut().take();
        done
    }

    /// `SAVEPOINT`: returns its name.
    pub fn savepoint(&self) -> PyResult<String> {
        let number = self.savepoints.get() + 1;
        self.savepoints.set(number);
        let name = format!("sa_savepoint_{number}");
        self.ensure_open()?;
        self.flush()?;
        self.raw(&format!("SAVEPOINT {name}"))?;
        Ok(name)
    }

    /// Ends a savepoint: `RELEASE`, or `ROLLBACK TO` when `failed`.
    pub fn end_savepoint(&self, name: &str, failed: bool) -> PyResult<()> {
        if failed {
            let _given_up = self.flush();
            self.raw(&format!("ROLLBACK TO SAVEPOINT {name}"))
        } else {
            self.flush()?;
            self.raw(&format!("RELEASE SAVEPOINT {name}"))
        }
    }

    /// Sends a statement whose rows nobody reads: queued, unless Python code around it might catch its error.
    /// `unless_one_row`: the statement must touch one row; otherwise this sentence is the error (`{found}` stands for the count).
    pub fn send(&self, vm: &Vm, sql: String, unless_one_row: Option<String>) -> PyResult<()> {
        self.ensure_open()?;
        if self.autocommit.get() || vm.in_try() {
            let rows = self.query_text(vm, &sql)?;
            return match unless_one_row {
                Some(sentence) if rows.rowcount != 1 => {
                    Err(row_count_error(&sentence, &rows.rowcount.to_string()))
                }
                _ => Ok(()),
            };
        }
        let expect_rows = unless_one_row.as_ref().map(|_| 1);
        let tag = self.remember(Source {
            location: vm.location(),
            unless_one_row,
        });
        let result = self.with_connection(|connection| connection.queue(sql, tag, expect_rows))?;
        self.notices();
        result.map_err(|error| self.raise(&error, None))
    }

    /// Sends a text and returns its rows.
    pub fn query_text(&self, vm: &Vm, sql: &str) -> PyResult<Rows> {
        self.ensure_open()?;
        let result = self.with_connection(|connection| connection.query(sql))?;
        self.notices();
        match result {
            Ok(rows) => {
                self.sources.borrow_mut().clear();
                Ok(rows)
            }
            Err(error) => Err(self.raise(&error, vm.location())),
        }
    }

    /// Sends a text of the driver's own with values for its placeholders, and returns its rows.
    pub fn query_bound(&self, vm: &Vm, sql: &str, values: &Bound) -> PyResult<Rows> {
        self.ensure_open()?;
        self.with_connection(|connection| connection.query_bound(sql, values))?
            .map_err(|error| self.raise(&error, vm.location()))
    }

    /// Sends and awaits everything queued.
    pub fn flush(&self) -> PyResult<()> {
        if self.is_closed() {
            return Ok(());
        }
        let result = self.with_connection(|connection| connection.flush())?;
        self.notices();
        match result {
            Ok(()) => {
                self.sources.borrow_mut().clear();
                Ok(())
            }
            Err(error) => Err(self.raise(&error, None)),
        }
    }

    /// The server's version, (15, 18).
    pub fn server_version(&self) -> (u32, u32) {
        self.connection
            .borrow()
            .as_ref()
            .map_or((0, 0), |connection| connection.server_version())
    }

    /// Autobegin: SQLAlchemy's transaction exists from the first statement on, and `BEGIN` goes ahead of it.
    fn ensure_open(&self) -> PyResult<()> {
        self.check_managed()?;
        self.autobegin();
        if self.open.get() || self.autocommit.get() {
            return Ok(());
        }
        self.open.set(true);
        if self.begins_by_itself() {
            return match &*self.on_begin.borrow() {
                Some(listeners) => listeners(),
                None => Ok(()),
            };
        }
        let tag = self.remember(Source::default());
        self.with_connection(|connection| connection.queue("BEGIN".to_owned(), tag, None))?
            .map_err(|error| self.raise(&error, None))
    }

    fn raw(&self, sql: &str) -> PyResult<()> {
        let result = self.with_connection(|connection| connection.query(sql))?;
        self.notices();
        result.map(|_| ()).map_err(|error| self.raise(&error, None))
    }

    fn with_connection<T>(&self, act: impl FnOnce(&mut dyn db::Connection) -> T) -> PyResult<T> {
        match self.connection.borrow_mut().as_mut() {
            Some(connection) => Ok(act(connection.as_mut())),
            None => Err(exc::upstream(
                "ResourceClosedError",
                "This Connection is closed",
            )),
        }
    }

    fn notices(&self) {
        let notices = self
            .connection
            .borrow_mut()
            .as_mut()
            .map(|connection| connection.take_notices())
            .unwrap_or_default();
        for (severity, message) in notices {
            (self.notice)(&severity, &message);
        }
    }

    /// The Python exception for a database error, saying which Python line sent the statement.
    fn raise(&self, error: &db::Error, here: Option<Location>) -> PyError {
        let source = error
            .tag
            .and_then(|tag| self.sources.borrow().get(tag).cloned())
            .unwrap_or_default();
        self.sources.borrow_mut().clear();
        if let (Some(sentence), Some(found)) = (
            &source.unless_one_row,
            error.message.strip_prefix("row count "),
        ) {
            return row_count_error(sentence, found);
        }
        exc::from_db_error(error, source.location.or(here).as_ref())
    }

    fn remember(&self, source: Source) -> usize {
        let mut sources = self.sources.borrow_mut();
        sources.push(source);
        sources.len() - 1
    }
}

fn row_count_error(sentence: &str, found: &str) -> PyError {
    PyError::foreign(RowCountError(sentence.replace("{found}", found)))
}

impl Executor for Live {
    fn dialect(&self) -> Rc<dyn Dialect> {
        self.dialect.clone()
    }

    fn is_offline(&self) -> bool {
        false
    }

    fn run(&self, vm: &Vm, statement: &Statement) -> PyResult<()> {
        crate::sa::compiles::refuse_rendered(statement)?;
        let sql = self
            .dialect
            .compile(statement)
            .map_err(|error| exc::from_compile_error(&error))?;
        self.send(vm, sql, None)
    }

    fn query(&self, vm: &Vm, statement: &Statement) -> PyResult<Rows> {
        crate::sa::compiles::refuse_rendered(statement)?;
        let sql = self
            .dialect
            .compile(statement)
            .map_err(|error| exc::from_compile_error(&error))?;
        self.query_text(vm, &sql)
    }

    fn warn(&self, vm: &Vm, category: &'static str, message: &str) {
        let place = vm.location().map(|place| (place.file, place.line));
        let place = format!("{place:?} {category} {message}");
        // Python's filter `default`
        if self.warned.borrow_mut().insert(place) {
            (self.notice)(category, message);
        }
    }

    fn hold(&self) -> PyResult<Option<Held>> {
        self.ensure_open()?;
        if !self.begins_by_itself() {
            return Ok(None);
        }
        let began = !self.driver_in_transaction();
        if began {
            self.raw("BEGIN")?;
        }
        self.raw(&format!("SAVEPOINT {HELD}"))?;
        Ok(Some(Held { began }))
    }

    fn let_go(&self, held: Held, failed: bool) -> PyResult<()> {
        // some errors end the transaction: a full disk, ON CONFLICT ROLLBACK
        if failed && !self.driver_in_transaction() {
            return Ok(());
        }
        if failed && held.began {
            return self.raw("ROLLBACK");
        }
        if failed {
            self.raw(&format!("ROLLBACK TO SAVEPOINT {HELD}"))?;
        }
        self.raw(&format!("RELEASE SAVEPOINT {HELD}"))?;
        let is_alone = held.began && !self.with_connection(|connection| connection.begins_dml())?;
        if is_alone {
            return self.raw("COMMIT");
        }
        Ok(())
    }

    fn ask(&self, vm: &Vm, question: Question<'_>) -> PyResult<Vec<Vec<Literal>>> {
        let sql = match self.dialect.name() {
            "sqlite" => question.sqlite()?,
            _ => question.sql(),
        };
        Ok(self.query_text(vm, &sql)?.rows)
    }
}
