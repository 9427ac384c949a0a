//! The driver's own connection to SQLite, as listeners of `connect` and `connection.connection` see it: Python's module `sqlite3`.
//! Modules/_sqlite/connection.c, cursor.c.

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::db;
use crate::db::Bound;
use crate::db::Rows;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::exceptions;
use crate::py::module::NativeModule;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::driver_sql;
use crate::sa::expr::literal::to_value;
use crate::sa::live::Live;

/// `sqlite3.Connection`.
pub static CONNECTION: NativeClass = NativeClass {
    methods: &[
        ("cursor", cursor),
        ("execute", execute),
        ("executemany", execute_many),
        ("executescript", execute_script),
        ("commit", commit),
        ("rollback", rollback),
        ("close", nothing),
    ],
    ..NativeClass::plain("sqlite3", "Connection", &[])
};

/// `sqlite3.Cursor`.
pub static CURSOR: NativeClass = NativeClass {
    methods: &[
        ("execute", cursor_execute),
        ("executemany", cursor_execute_many),
        ("executescript", cursor_execute_script),
        ("fetchone", fetch_one),
        ("fetchall", fetch_all),
        ("close", nothing),
    ],
    ..NativeClass::plain("sqlite3", "Cursor", &[])
};

static ERROR: NativeClass = NativeClass::plain("sqlite3", "Error", &[&exceptions::EXCEPTION]);
static WARNING: NativeClass = NativeClass::plain("sqlite3", "Warning", &[&exceptions::EXCEPTION]);
static INTERFACE_ERROR: NativeClass = NativeClass::plain("sqlite3", "InterfaceError", &[&ERROR]);
static DATABASE_ERROR: NativeClass = NativeClass::plain("sqlite3", "DatabaseError", &[&ERROR]);
static DATA_ERROR: NativeClass = NativeClass::plain("sqlite3", "DataError", &[&DATABASE_ERROR]);
static OPERATIONAL_ERROR: NativeClass =
    NativeClass::plain("sqlite3", "OperationalError", &[&DATABASE_ERROR]);
static INTEGRITY_ERROR: NativeClass =
    NativeClass::plain("sqlite3", "IntegrityError", &[&DATABASE_ERROR]);
static INTERNAL_ERROR: NativeClass =
    NativeClass::plain("sqlite3", "InternalError", &[&DATABASE_ERROR]);
static PROGRAMMING_ERROR: NativeClass =
    NativeClass::plain("sqlite3", "ProgrammingError", &[&DATABASE_ERROR]);
static NOT_SUPPORTED_ERROR: NativeClass =
    NativeClass::plain("sqlite3", "NotSupportedError", &[&DATABASE_ERROR]);

static CLASSES: &[&NativeClass] = &[
    &CONNECTION,
    &CURSOR,
    &ERROR,
    &WARNING,
    &INTERFACE_ERROR,
    &DATABASE_ERROR,
    &DATA_ERROR,
    &OPERATIONAL_ERROR,
    &INTEGRITY_ERROR,
    &INTERNAL_ERROR,
    &PROGRAMMING_ERROR,
    &NOT_SUPPORTED_ERROR,
];

/// `sqlite3` and its second name.
pub static MODULES: &[NativeModule] = &[
    NativeModule {
        name: "sqlite3",
        member,
        names: || vec!["Connection", "Cursor"],
    },
    NativeModule {
        name: "sqlite3.dbapi2",
        member,
        names: || vec!["Connection", "Cursor"],
    },
];

/// The driver's exception of this name.
pub fn exception(name: &str) -> Option<&'static NativeClass> {
    let mut classes = CLASSES.iter().copied();
    classes.find(|class| class.name == name && class.name.ends_with("Error"))
}

fn member(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    let found = CLASSES.iter().find(|class| class.name == name);
    Ok(match (found, name) {
        (Some(class), _) => Some(Value::Class(Class::of(class))),
        (None, "connect") => Some(Value::builtin("connect", |_vm, _args| {
            Err(PyError::unsupported(
                "`sqlite3.connect`: a database that is not the run's",
            ))
        })),
        (None, "sqlite_version") => Some(Value::str(crate::db::sqlite::library_version())),
        (None, _) => None,
    })
}

/// The driver's connection.
#[derive(Debug)]
pub struct PyDbapi {
    live: Rc<Live>,
    isolation_level: RefCell<Value>,
}

#[derive(Debug)]
struct PyCursor {
    live: Rc<Live>,
    rows: RefCell<VecDeque<Value>>,
    columns: RefCell<Vec<String>>,
    rowcount: Cell<i64>,
}

/// The driver's connection behind a live one.
pub fn face(live: &Rc<Live>) -> Value {
    Value::object(PyDbapi {
        live: live.clone(),
        isolation_level: RefCell::new(Value::str("")),
    })
}

impl Object for PyDbapi {
    fn class(&self) -> Rc<Class> {
        Class::of(&CONNECTION)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "isolation_level" => Some(self.isolation_level.borrow().clone()),
            "in_transaction" => Some(Value::Bool(self.live.driver_in_transaction())),
            "dbapi_connection" | "driver_connection" | "connection" => Some(Value::Native(self)),
            "create_function"
            | "create_aggregate"
            | "create_collation"
            | "set_authorizer"
            | "set_trace_callback"
            | "enable_load_extension"
            | "load_extension"
            | "backup"
            | "row_factory"
            | "text_factory" => {
                return Err(PyError::unsupported(format!(
                    "`{name}` of the driver's own connection"
                )));
            }
            _ => None,
        })
    }

    fn set_attr(self: Rc<Self>, vm: &Vm, name: &str, value: Value) -> PyResult<bool> {
        if name != "isolation_level" {
            return Err(PyError::unsupported(format!(
                "setting `{name}` of the driver's own connection"
            )));
        }
        let begin = match &value {
            Value::None => None,
            level => {
                let level = vm.str(level)?.to_uppercase();
                match level.as_str() {
                    "" => Some("BEGIN".to_owned()),
                    "DEFERRED" | "IMMEDIATE" | "EXCLUSIVE" => Some(format!("BEGIN {level}")),
                    _ => {
                        return Err(PyError::value_error(
                            "isolation_level string must be '', 'DEFERRED', 'IMMEDIATE', or 'EXCLUSIVE'",
                        ));
                    }
                }
            }
        };
        self.live.set_begin(begin)?;
        *self.isolation_level.borrow_mut() = value;
        Ok(true)
    }
}

impl Object for PyCursor {
    fn class(&self) -> Rc<Class> {
        Class::of(&CURSOR)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "rowcount" => Some(Value::Int(self.rowcount.get())),
            "description" => Some(description(&self.columns.borrow())),
            _ => None,
        })
    }

    fn iterate(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Vec<Value>>> {
        Ok(Some(self.rows.borrow_mut().drain(..).collect()))
    }
}

/// `cursor.description`: names, and six times `None`.
fn description(columns: &[String]) -> Value {
    if columns.is_empty() {
        return Value::None;
    }
    let of = |name: &String| {
        let mut parts = vec![Value::str(name)];
        parts.extend((0..6).map(|_| Value::None));
        Value::tuple(parts)
    };
    Value::tuple(columns.iter().map(of).collect())
}

fn connection(this: &Value) -> PyResult<Rc<PyDbapi>> {
    this.native::<PyDbapi>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'sqlite3.Connection' object"))
}

fn own(this: &Value) -> PyResult<Rc<PyCursor>> {
    this.native::<PyCursor>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'sqlite3.Cursor' object"))
}

fn nothing(_vm: &Vm, _this: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::None)
}

fn new_cursor(live: &Rc<Live>) -> Value {
    Value::object(PyCursor {
        live: live.clone(),
        rows: RefCell::default(),
        columns: RefCell::default(),
        rowcount: Cell::new(-1),
    })
}

fn cursor(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(new_cursor(&connection(this)?.live))
}

fn execute(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let made = new_cursor(&connection(this)?.live);
    cursor_execute(vm, &made, args)
}

fn execute_many(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let made = new_cursor(&connection(this)?.live);
    cursor_execute_many(vm, &made, args)
}

fn execute_script(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let made = new_cursor(&connection(this)?.live);
    cursor_execute_script(vm, &made, args)
}

fn commit(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    end(this, "COMMIT")
}

fn rollback(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    end(this, "ROLLBACK")
}

fn end(this: &Value, sql: &str) -> PyResult<Value> {
    let live = connection(this)?.live.clone();
    if live.driver_in_transaction() {
        live.driver_query(sql, &Bound::Positional(Vec::new()))?
            .map_err(|error| raised(&error))?;
    }
    Ok(Value::None)
}

fn cursor_execute(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let cursor = own(this)?;
    let bound = args.bind("execute", "(sql, parameters=(), /)")?;
    let values = driver_sql::cursor_values(vm, &bound.get("parameters"))?;
    let found = cursor
        .live
        .driver_query(&bound.str("sql")?, &values)?
        .map_err(|error| raised(&error))?;
    cursor.take(vm, found)?;
    Ok(this.clone())
}

/// `cursor.executemany(sql, parameters)`.
fn cursor_execute_many(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let cursor = own(this)?;
    let bound = args.bind("executemany", "(sql, seq_of_parameters, /)")?;
    let sql = bound.str("sql")?;
    if !crate::db::sqlite::is_dml(&sql) {
        return Err(PyError::new(
            &PROGRAMMING_ERROR,
            "executemany() can only execute DML statements.",
        ));
    }
    let mut found = Rows::default();
    for parameters in vm.collect(&bound.get("seq_of_parameters"))? {
        let values = driver_sql::cursor_values(vm, &parameters)?;
        let rows = cursor
            .live
            .driver_query(&sql, &values)?
            .map_err(|error| raised(&error))?;
        found.rowcount += rows.rowcount;
    }
    cursor.take(vm, found)?;
    Ok(this.clone())
}

/// An error as the driver itself raises it.
fn raised(error: &db::Error) -> PyError {
    let class = CLASSES
        .iter()
        .find(|class| Some(class.name) == error.class)
        .copied();
    PyError::new(class.unwrap_or(&DATABASE_ERROR), &error.message)
}

impl PyCursor {
    /// Keeps what a statement gave.
    fn take(&self, vm: &Vm, found: Rows) -> PyResult<()> {
        let mut rows = VecDeque::new();
        for row in &found.rows {
            let values: PyResult<Vec<Value>> = row.iter().map(|cell| to_value(vm, cell)).collect();
            rows.push_back(Value::tuple(values?));
        }
        *self.rows.borrow_mut() = rows;
        *self.columns.borrow_mut() = found.columns;
        self.rowcount.set(found.rowcount);
        Ok(())
    }
}

fn cursor_execute_script(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("executescript", "(sql_script, /)")?;
    own(this)?
        .live
        .driver_script(&bound.str("sql_script")?)?
        .map_err(|error| raised(&error))?;
    Ok(this.clone())
}

fn fetch_one(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(own(this)?
        .rows
        .borrow_mut()
        .pop_front()
        .unwrap_or(Value::None))
}

fn fetch_all(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let cursor = own(this)?;
    let rows = cursor.rows.borrow_mut().drain(..).collect();
    Ok(Value::list(rows))
}
