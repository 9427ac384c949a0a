//! `sqlalchemy.engine.Connection` and its transactions as Python sees them. sqlalchemy/engine/base.py.

use std::cell::Cell;
use std::cell::RefCell;
use std::rc::Rc;

use crate::db::Rows;
use crate::dialect::Dialect;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::driver_sql;
use crate::sa::engine::EngineExecutor;
use crate::sa::engine::PyEngine;
use crate::sa::exc;
use crate::sa::execute;
use crate::sa::executor::Executor;
use crate::sa::live::Live;

/// `sqlalchemy.engine.base.Connection`.
pub static CONNECTION: NativeClass = NativeClass {
    methods: &[
        ("execute", execute_),
        ("scalar", scalar),
        ("scalars", scalars),
        ("exec_driver_sql", exec_driver_sql),
        ("begin", begin),
        ("begin_nested", begin_nested),
        ("begin_twophase", begin),
        ("get_transaction", get_transaction),
        ("in_transaction", in_transaction),
        ("in_nested_transaction", in_nested_transaction),
        ("commit", commit),
        ("rollback", rollback),
        ("close", close),
        ("aclose", close),
        ("invalidate", close),
        ("execution_options", execution_options),
        ("get_execution_options", get_execution_options),
        ("get_isolation_level", get_isolation_level),
        ("run_sync", run_sync),
    ],
    ..NativeClass::plain("sqlalchemy.engine.base", "Connection", &[])
};

/// `sqlalchemy.engine.base.Transaction`.
pub static TRANSACTION: NativeClass = NativeClass {
    methods: &[
        ("commit", transaction_commit),
        ("rollback", transaction_rollback),
        ("close", transaction_rollback),
        ("prepare", transaction_prepare),
    ],
    ..NativeClass::plain("sqlalchemy.engine.base", "Transaction", &[])
};

/// A connection: live, or the recording stand-in of the preflight (then `live` is `None`).
#[derive(Debug)]
pub struct PyConnection {
    /// What executes.
    pub executor: Rc<dyn Executor>,
    /// The live connection behind it.
    pub live: Option<Rc<Live>>,
    /// The engine it came from.
    pub engine: Option<Rc<PyEngine>>,
    info: RefCell<Option<Value>>,
    /// What env.py assigned (`connection.dialect.default_schema_name = …` goes to the dialect object).
    dialect_face: RefCell<Option<Value>>,
}

impl PyConnection {
    /// A connection over a live one.
    pub fn live(live: Rc<Live>, engine: Option<Rc<PyEngine>>) -> Self {
        Self {
            executor: live.clone(),
            live: Some(live),
            engine,
            info: RefCell::default(),
            dialect_face: RefCell::default(),
        }
    }

    /// A connection that only records.
    pub fn recording(executor: Rc<dyn Executor>, engine: Option<Rc<PyEngine>>) -> Self {
        Self {
            executor,
            live: None,
            engine,
            info: RefCell::default(),
            dialect_face: RefCell::default(),
        }
    }

    /// The dialect with its settings.
    pub fn dialect(&self) -> Rc<dyn Dialect> {
        self.executor.dialect()
    }

    /// A session rolls back the transaction that this connection was in before it: what began it finds it gone.
    pub fn abandon(&self, vm: &Vm) -> PyResult<()> {
        match &self.live {
            Some(live) => {
                live.note_end(vm, ROLLED_BACK);
                live.rollback()
            }
            None if self.executor.is_offline() => Err(printed_already()),
            None => Ok(()),
        }
    }

    fn finish(&self, vm: &Vm, failed: bool) -> PyResult<()> {
        let Some(live) = &self.live else {
            return Ok(());
        };
        if failed {
            live.note_end(vm, ROLLED_BACK);
            live.rollback()
        } else {
            live.note_end(vm, COMMITTED);
            live.commit()
        }
    }
}

/// How a migration ended the transaction it runs in.
const COMMITTED: &str = "committed the transaction that Alembic began";
const ROLLED_BACK: &str = "rolled back the transaction that Alembic began";

impl Object for PyConnection {
    fn class(&self) -> Rc<Class> {
        Class::of(&CONNECTION)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(Some(match name {
            "dialect" => {
                let known = self.dialect_face.borrow().clone();
                match known {
                    Some(face) => face,
                    None => {
                        let face = crate::sa::dialect_face::face(vm, &self.executor.dialect())?;
                        *self.dialect_face.borrow_mut() = Some(face.clone());
                        face
                    }
                }
            }
            "engine" => match self.engine.clone() {
                Some(engine) => Value::Native(engine),
                // `MockConnection.engine` of upstream is itself
                None if self.executor.is_offline() => Value::Native(self),
                None => Value::None,
            },
            // as its engine, which it is
            "name" if self.executor.is_offline() => Value::str(self.executor.dialect().name()),
            // `MockConnection.connect` of upstream gives itself
            "connect" if self.executor.is_offline() => {
                let itself = Value::Native(self);
                Value::builtin("connect", move |_vm, _args| Ok(itself.clone()))
            }
            "sync_connection" => Value::Native(self.clone()),
            "closed" => Value::Bool(self.live.as_ref().is_some_and(|live| live.is_closed())),
            "info" => {
                let mut info = self.info.borrow_mut();
                info.get_or_insert_with(|| Value::dict(crate::py::dict::Dict::new()))
                    .clone()
            }
            "connection"
                if self
                    .live
                    .as_ref()
                    .is_some_and(|live| live.begins_by_itself()) =>
            {
                match &self.live {
                    Some(live) => crate::sa::dbapi::face(live),
                    None => Value::None,
                }
            }
            "connection" => {
                return Err(PyError::unsupported(
                    "the driver's own connection (`connection.connection`) does not exist in aludel: use SQLAlchemy's `connection.execute`",
                ));
            }
            _ => return Ok(None),
        }))
    }

    fn enter(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Value>> {
        Ok(Some(Value::Native(self)))
    }

    fn exit(self: Rc<Self>, _vm: &Vm, error: Option<&PyError>) -> PyResult<bool> {
        if let Some(live) = &self.live {
            // a statement that is still queued may fail, whether or not it would be rolled back
            let sent = if error.is_none() {
                live.flush()
            } else {
                Ok(())
            };
            live.close()?;
            sent?;
        }
        Ok(false)
    }

    fn await_value(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Value>> {
        Ok(Some(Value::Native(self)))
    }
}

/// A transaction (`connection.begin()`), a savepoint, or the autobegun one.
#[derive(Debug)]
pub struct PyTransaction {
    connection: Rc<PyConnection>,
    savepoint: Option<String>,
    /// Which of the connection's transactions it is.
    number: Option<u64>,
    /// What was the context manager before `with`.
    managed: Cell<Option<u64>>,
    active: Cell<bool>,
    /// `engine.begin()`: the connection is closed with it, and `as` gives the connection.
    owns_connection: bool,
}

impl PyTransaction {
    /// `engine.begin()`.
    pub fn owning(connection: Rc<PyConnection>) -> Self {
        Self {
            owns_connection: true,
            ..Self::of(connection)
        }
    }

    /// The transaction a connection is in.
    fn of(connection: Rc<PyConnection>) -> Self {
        let number = connection.live.as_ref().and_then(|live| live.transaction());
        Self {
            connection,
            savepoint: None,
            number,
            managed: Cell::default(),
            active: Cell::new(true),
            owns_connection: false,
        }
    }

    /// `is_active`: the connection may have ended it itself.
    fn is_active(&self) -> bool {
        let is_current = match &self.connection.live {
            Some(live) if self.savepoint.is_none() => live.transaction() == self.number,
            _ => true,
        };
        self.active.get() && is_current
    }

    fn end(&self, vm: &Vm, failed: bool) -> PyResult<()> {
        let is_active = self.is_active();
        self.active.set(false);
        if !is_active {
            return Ok(());
        }
        match (&self.savepoint, &self.connection.live) {
            (Some(name), Some(live)) => live.end_savepoint(name, failed),
            (Some(_), None) => Ok(()),
            (None, _) => self.connection.finish(vm, failed),
        }
    }
}

impl Object for PyTransaction {
    fn class(&self) -> Rc<Class> {
        Class::of(&TRANSACTION)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "is_active" | "is_valid" => Some(Value::Bool(self.is_active())),
            "connection" => Some(Value::Native(self.connection.clone())),
            _ => None,
        })
    }

    fn enter(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Value>> {
        if let (Some(live), None) = (&self.connection.live, &self.savepoint) {
            self.managed.set(live.manage(self.number));
        }
        Ok(Some(if self.owns_connection {
            Value::Native(self.connection.clone())
        } else {
            Value::Native(self)
        }))
    }

    fn exit(self: Rc<Self>, vm: &Vm, error: Option<&PyError>) -> PyResult<bool> {
        if let (Some(live), None) = (&self.connection.live, &self.savepoint) {
            live.manage(self.managed.take());
        }
        let ended = self.end(vm, error.is_some());
        if self.owns_connection
            && let Some(live) = &self.connection.live
        {
            live.close()?;
        }
        ended.map(|()| false)
    }

    fn await_value(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Value>> {
        Ok(Some(Value::Native(self)))
    }
}

/// The receiver as a connection.
fn receiver(this: &Value) -> PyResult<Rc<PyConnection>> {
    this.native::<PyConnection>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'Connection' object"))
}

fn transaction(this: &Value) -> PyResult<Rc<PyTransaction>> {
    this.native::<PyTransaction>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'Transaction' object"))
}

fn execute_(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let connection = receiver(this)?;
    let bound = args.bind(
        "Connection.execute",
        "(statement, parameters=None, *, execution_options=None, bind_arguments=None)",
    )?;
    execute::execute(
        vm,
        &connection.executor,
        &bound.get("statement"),
        &bound.get("parameters"),
    )
}

fn scalar(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let result = execute_(vm, this, args)?;
    vm.call_method(&result, "scalar", Args::none())
}

fn scalars(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let result = execute_(vm, this, args)?;
    vm.call_method(&result, "scalars", Args::none())
}

fn exec_driver_sql(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let connection = receiver(this)?;
    let bound = args.bind(
        "Connection.exec_driver_sql",
        "(statement, parameters=None, execution_options=None)",
    )?;
    driver_sql::exec(
        vm,
        &connection,
        &bound.str("statement")?,
        &bound.get("parameters"),
    )
}

fn begin(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let connection = receiver(this)?;
    if let Some(live) = &connection.live {
        live.begin()?;
    }
    Ok(Value::object(PyTransaction::of(connection)))
}

fn begin_nested(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let connection = receiver(this)?;
    let savepoint = match &connection.live {
        Some(live) => live.savepoint()?,
        None => String::new(),
    };
    Ok(Value::object(PyTransaction {
        savepoint: Some(savepoint),
        ..PyTransaction::of(connection)
    }))
}

fn get_transaction(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let connection = receiver(this)?;
    let active = connection
        .live
        .as_ref()
        .is_some_and(|live| live.in_transaction());
    Ok(if active {
        Value::object(PyTransaction::of(connection))
    } else {
        Value::None
    })
}

fn in_transaction(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::Bool(
        receiver(this)?
            .live
            .as_ref()
            .is_none_or(|live| live.in_transaction()),
    ))
}

fn in_nested_transaction(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    receiver(this)?;
    Ok(Value::Bool(false))
}

fn commit(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    receiver(this)?.finish(vm, false)?;
    Ok(Value::None)
}

/// What a `--sql` run printed cannot be rolled back.
fn printed_already() -> PyError {
    PyError::unsupported("rolling back in a `--sql` run")
}

fn rollback(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let connection = receiver(this)?;
    if connection.live.is_none() && connection.executor.is_offline() {
        return Err(printed_already());
    }
    connection.finish(vm, true)?;
    Ok(Value::None)
}

fn close(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    if let Some(live) = &receiver(this)?.live {
        live.close()?;
    }
    Ok(Value::None)
}

fn execution_options(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let connection = receiver(this)?;
    for (name, value) in &args.keywords {
        match &**name {
            "isolation_level" => {
                let level = vm.str(value)?.to_uppercase().replace('_', " ");
                match (level.as_str(), &connection.live) {
                    // where a script's transaction would end and begin again is not known
                    ("AUTOCOMMIT", None) if connection.executor.is_offline() => {
                        return Err(PyError::unsupported(
                            "the isolation level `AUTOCOMMIT` in a `--sql` run that inspects the database",
                        ));
                    }
                    (_, None) => {}
                    ("AUTOCOMMIT", Some(live)) => live.set_autocommit(true)?,
                    ("SERIALIZABLE", Some(live)) if live.begins_by_itself() => {
                        live.set_autocommit(false)?;
                    }
                    ("READ COMMITTED", Some(live)) if !live.begins_by_itself() => {
                        live.set_autocommit(false)?;
                    }
                    (other, Some(_)) => {
                        return Err(PyError::unsupported(format!(
                            "the isolation level `{other}`"
                        )));
                    }
                }
            }
            "schema_translate_map" if !value.is_none() && vm.truth(value)? => {
                return Err(PyError::unsupported("`schema_translate_map`"));
            }
            _ => {}
        }
    }
    Ok(this.clone())
}

fn get_execution_options(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    receiver(this)?;
    Ok(Value::dict(crate::py::dict::Dict::new()))
}

fn get_isolation_level(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let connection = receiver(this)?;
    let live = connection.live.as_ref();
    Ok(Value::str(
        if live.is_some_and(|live| live.is_autocommit()) {
            "AUTOCOMMIT"
        } else if live.is_some_and(|live| live.begins_by_itself()) {
            "SERIALIZABLE"
        } else {
            "READ COMMITTED"
        },
    ))
}

/// `AsyncConnection.run_sync(fn, *args)`: calls `fn` with the synchronous face, which here is the same object.
fn run_sync(vm: &Vm, this: &Value, mut args: Args) -> PyResult<Value> {
    receiver(this)?;
    if args.positional.is_empty() {
        return Err(PyError::type_error(
            "AsyncConnection.run_sync() missing 1 required positional argument: 'fn'",
        ));
    }
    let function = std::mem::replace(&mut args.positional[0], this.clone());
    vm.call(&function, args)
}

fn transaction_commit(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    transaction(this)?.end(vm, false)?;
    Ok(Value::None)
}

fn transaction_rollback(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let transaction = transaction(this)?;
    let connection = &transaction.connection;
    if transaction.active.get() && connection.live.is_none() && connection.executor.is_offline() {
        return Err(printed_already());
    }
    transaction.end(vm, true)?;
    Ok(Value::None)
}

fn transaction_prepare(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    transaction(this)?;
    Err(PyError::unsupported("two-phase commit (`prepare`)"))
}

/// What executes behind a bind: a connection, a mock connection (`--sql`), an engine, or a session's connection.
pub fn executor_of(vm: &Vm, bind: &Value) -> PyResult<Rc<dyn Executor>> {
    if let Some(connection) = bind.native::<PyConnection>() {
        return Ok(connection.executor.clone());
    }
    if let Some(mock) = bind.native::<crate::sa::mock::MockConnection>() {
        return Ok(mock.executor.clone());
    }
    if let Value::Unresolved(unresolved) = bind {
        return Err(crate::py::vm::unresolved_error(
            unresolved,
            "as a database connection",
        ));
    }
    if let Some(engine) = bind.native::<PyEngine>() {
        return Ok(Rc::new(EngineExecutor::new(engine)?));
    }
    match vm.find_attr(bind, "bind")? {
        Some(inner) if !inner.is_none() => executor_of(vm, &inner),
        _ => Err(exc::upstream(
            "ArgumentError",
            "Expected a Connection or Engine",
        )),
    }
}

/// The rows of a query as the executor gives them.
pub fn query(vm: &Vm, bind: &Value, statement: &crate::ddl::Statement) -> PyResult<Rows> {
    executor_of(vm, bind)?.query(vm, statement)
}
