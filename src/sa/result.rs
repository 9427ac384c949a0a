//! Results and rows as Python sees them. sqlalchemy/engine/result.py, cursor.py, row.py.

mod inserted;
mod row;

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::db::Rows;
use crate::ddl::Statement;
use crate::py::args::Args;
use crate::py::builtins::iter::iter_value;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::executor::Executor;
use crate::sa::expr::literal::to_value;
use crate::sa::result::inserted::Inserted;
use crate::sa::result::row::PyRowMapping;
use crate::sa::stored;
use crate::schema::expr::Expr;
use crate::schema::expr::query::Query;
use crate::schema::literal::Literal;
use crate::schema::types::SqlType;

pub use crate::sa::result::inserted::Expected;
pub use crate::sa::result::row::PyRow;
pub use crate::sa::result::row::ROW;

/// `CursorResult`.
pub static CURSOR_RESULT: NativeClass = NativeClass {
    methods: METHODS,
    ..NativeClass::plain("sqlalchemy.engine.cursor", "CursorResult", &[])
};
static SCALAR_RESULT: NativeClass = NativeClass {
    methods: METHODS,
    ..NativeClass::plain("sqlalchemy.engine.result", "ScalarResult", &[])
};
static MAPPING_RESULT: NativeClass = NativeClass {
    methods: METHODS,
    ..NativeClass::plain("sqlalchemy.engine.result", "MappingResult", &[])
};

const METHODS: &[(&str, Method)] = &[
    ("fetchall", all),
    ("all", all),
    ("fetchone", fetchone),
    ("fetchmany", fetchmany),
    ("first", first),
    ("one", one),
    ("one_or_none", one_or_none),
    ("scalar", scalar),
    ("scalar_one", scalar_one),
    ("scalar_one_or_none", scalar_one_or_none),
    ("scalars", scalars),
    ("mappings", mappings),
    ("unique", unique),
    ("keys", keys),
    ("partitions", partitions),
    ("tuples", itself),
    ("yield_per", itself),
    ("execution_options", itself),
    ("freeze", itself),
    ("close", close),
];

/// How rows are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Rows,
    Scalars(usize),
    Mappings,
}

/// What is behind a result.
#[derive(Debug, Default)]
struct Source {
    columns: Rc<Vec<String>>,
    rows: RefCell<VecDeque<Vec<Value>>>,
    rowcount: i64,
    /// Whether the statement returns rows at all.
    has_rows: bool,
    closed: Cell<bool>,
    /// What an INSERT made.
    inserted: Inserted,
    /// Whether the driver counts rows only when all are read: sqlite3 with a RETURNING.
    counts_late: bool,
    /// The preflight's: reading stops the step.
    unread: Option<(Rc<dyn Executor>, Statement)>,
}

/// A result.
#[derive(Debug)]
pub struct PyResultSet {
    source: Rc<Source>,
    shape: Shape,
    unique: bool,
}

/// What a statement that the database has executed is known by.
#[derive(Debug)]
pub struct Executed {
    dialect: &'static str,
    types: Vec<SqlType>,
    expected: Option<Expected>,
    is_insert: bool,
}

impl Executed {
    /// To be asked before the statement is executed.
    pub fn of(vm: &Vm, dialect: &'static str, expr: &Expr) -> PyResult<Self> {
        Ok(Self {
            dialect,
            types: types_of(expr),
            expected: Expected::of(vm, expr)?,
            is_insert: matches!(expr, Expr::Insert(_)),
        })
    }

    /// The result of rows that need no more than the types of their columns.
    pub fn rows(self, vm: &Vm, rows: Rows) -> PyResult<Value> {
        of(vm, rows, self.types)
    }

    /// The result of what the driver gave back.
    pub fn result(self, vm: &Vm, mut rows: Rows) -> PyResult<Value> {
        let is_sqlite = self.dialect == "sqlite";
        // of SQLite's driver upstream asks the last row's id; PostgreSQL's result says that it had rows, and has none
        let had_rows = !rows.columns.is_empty();
        let is_counted = rows.rowcount >= 0;
        let Some(expected) = self.expected else {
            rows = stored::read(self.dialect, rows, &self.types)?;
            return Ok(Source {
                inserted: match self.is_insert {
                    true => Inserted::Returning,
                    false => Inserted::Nothing,
                },
                counts_late: is_sqlite && is_counted,
                ..Source::of(vm, rows, &self.types)?
            }
            .result());
        };
        let rowcount = rows.rowcount;
        Ok(Source {
            inserted: expected.found(vm, self.dialect, rows)?,
            rowcount,
            has_rows: had_rows && !is_sqlite,
            ..Source::default()
        }
        .result())
    }

    /// The result of several sets of parameters together.
    pub fn many(self, vm: &Vm, rows: Rows) -> PyResult<Value> {
        let rows = stored::read(self.dialect, rows, &self.types)?;
        Ok(Source {
            inserted: match (self.is_insert, self.expected) {
                (false, _) => Inserted::Nothing,
                (true, None) => Inserted::Returning,
                (true, Some(_)) => Inserted::Many,
            },
            ..Source::of(vm, rows, &self.types)?
        }
        .result())
    }
}

impl Source {
    fn of(vm: &Vm, rows: Rows, types: &[SqlType]) -> PyResult<Self> {
        let mut converted = VecDeque::with_capacity(rows.rows.len());
        for row in &rows.rows {
            let values: PyResult<Vec<Value>> = row
                .iter()
                .enumerate()
                .map(|(at, cell)| cell_value(vm, cell, types.get(at)))
                .collect();
            converted.push_back(values?);
        }
        Ok(Self {
            has_rows: !rows.columns.is_empty(),
            columns: Rc::new(rows.columns),
            rows: RefCell::new(converted),
            rowcount: rows.rowcount,
            ..Self::default()
        })
    }

    fn result(self) -> Value {
        Value::object(PyResultSet {
            source: Rc::new(self),
            shape: Shape::Rows,
            unique: false,
        })
    }
}

/// The result of rows, converted by the types of the columns.
pub fn of(vm: &Vm, rows: Rows, types: Vec<SqlType>) -> PyResult<Value> {
    Ok(Source::of(vm, rows, &types)?.result())
}

/// A result over rows made elsewhere: what a session gives.
pub fn made(columns: Vec<String>, rows: Vec<Vec<Value>>) -> Value {
    Source {
        has_rows: true,
        columns: Rc::new(columns),
        rowcount: -1,
        rows: RefCell::new(rows.into()),
        ..Source::default()
    }
    .result()
}

/// A row made elsewhere.
pub fn made_row(columns: Vec<String>, values: Vec<Value>) -> Value {
    Value::object(PyRow {
        columns: Rc::new(columns),
        values,
    })
}

fn cell_value(vm: &Vm, cell: &Literal, sql_type: Option<&SqlType>) -> PyResult<Value> {
    if let Some(SqlType::Decorated(decorated)) = sql_type {
        let read = cell_value(vm, cell, Some(&decorated.implementation))?;
        return crate::sa::decorator::from_database(vm, decorated, read);
    }
    if let Some(SqlType::UserDefined(user)) = sql_type
        && let Some(read) = crate::sa::decorator::read(vm, user, &to_value(vm, cell)?)?
    {
        return Ok(read);
    }
    if let (Literal::Str(label), Some(SqlType::Enum(enumeration))) = (cell, sql_type)
        && enumeration.members.is_some()
    {
        return Err(PyError::unsupported(format!(
            "reading `{label}` as a member of a Python enum: give the column the type `sa.String`"
        )));
    }
    match (
        cell,
        sql_type.map(|sql_type| sql_type.for_dialect("postgresql")),
    ) {
        (Literal::Uuid(text), Some(SqlType::Uuid(uuid))) if !uuid.as_uuid => Ok(Value::str(text)),
        (Literal::Decimal(text), Some(SqlType::Numeric(numeric))) if !numeric.asdecimal => {
            Ok(text.parse().map_or_else(|_| Value::str(text), Value::Float))
        }
        _ => to_value(vm, cell),
    }
}

/// A result without rows.
pub fn empty() -> Value {
    affected(-1)
}

/// A result without rows that says how many were affected.
pub fn affected(rowcount: i64) -> Value {
    Source {
        rowcount,
        ..Source::default()
    }
    .result()
}

/// The preflight's result: nothing was read; reading it asks the executor, which says that the database is needed.
pub fn unread(executor: Rc<dyn Executor>, statement: Statement) -> Value {
    Source {
        rowcount: -1,
        has_rows: true,
        unread: Some((executor, statement)),
        ..Source::default()
    }
    .result()
}

/// The types of the columns that a statement returns.
pub fn types_of(expr: &Expr) -> Vec<SqlType> {
    let of_columns = |columns: &[Expr]| -> Vec<SqlType> {
        let mut types = Vec::new();
        for column in columns {
            match column {
                Expr::From(from) => {
                    types.extend(from.columns().into_iter().map(|column| column.sql_type))
                }
                other => types.push(other.sql_type()),
            }
        }
        types
    };
    match expr {
        Expr::Query(query) => match &**query {
            Query::Select(select) => of_columns(&select.columns),
            Query::Compound(_) | Query::Text { .. } => query
                .exported_columns()
                .into_iter()
                .map(|column| column.sql_type)
                .collect(),
        },
        Expr::Insert(insert) => of_columns(&insert.returning),
        Expr::Update(update) => of_columns(&update.returning),
        Expr::Delete(delete) => of_columns(&delete.returning),
        _ => Vec::new(),
    }
}

impl PyResultSet {
    /// In the preflight this ends the step: the database is needed.
    fn ask_unread(&self, vm: &Vm) -> PyResult<()> {
        match &self.source.unread {
            Some((executor, statement)) => executor.query(vm, statement).map(drop),
            None => Ok(()),
        }
    }

    /// Refuses to read what is not there.
    fn check(&self, vm: &Vm) -> PyResult<()> {
        self.ask_unread(vm)?;
        if self.source.closed.get() {
            return Err(exc::upstream(
                "ResourceClosedError",
                "This result object is closed.",
            ));
        }
        if !self.source.has_rows {
            return Err(exc::upstream(
                "ResourceClosedError",
                "This result object does not return rows. It has been closed automatically.",
            ));
        }
        Ok(())
    }

    fn shaped(&self, values: Vec<Value>) -> Value {
        match self.shape {
            Shape::Rows => Value::object(PyRow {
                columns: self.source.columns.clone(),
                values,
            }),
            Shape::Scalars(at) => values.get(at).cloned().unwrap_or(Value::None),
            Shape::Mappings => Value::object(PyRowMapping {
                row: Rc::new(PyRow {
                    columns: self.source.columns.clone(),
                    values,
                }),
            }),
        }
    }

    fn next_row(&self) -> Option<Value> {
        self.source
            .rows
            .borrow_mut()
            .pop_front()
            .map(|values| self.shaped(values))
    }

    fn drain(&self, vm: &Vm) -> PyResult<Vec<Value>> {
        let rows: Vec<Vec<Value>> = self.source.rows.borrow_mut().drain(..).collect();
        let mut found: Vec<Value> = Vec::with_capacity(rows.len());
        for values in rows {
            let shaped = self.shaped(values);
            if self.unique {
                let mut known = false;
                for other in &found {
                    known = known || vm.equal(other, &shaped)?;
                }
                if known {
                    continue;
                }
            }
            found.push(shaped);
        }
        Ok(found)
    }
}

impl Object for PyResultSet {
    fn class(&self) -> Rc<Class> {
        Class::of(match self.shape {
            Shape::Rows => &CURSOR_RESULT,
            Shape::Scalars(_) => &SCALAR_RESULT,
            Shape::Mappings => &MAPPING_RESULT,
        })
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "rowcount" => {
                self.ask_unread(vm)?;
                let is_late = self.source.counts_late && !self.source.rows.borrow().is_empty();
                Some(Value::Int(if is_late { 0 } else { self.source.rowcount }))
            }
            "returns_rows" => Some(Value::Bool(self.source.has_rows)),
            "closed" => Some(Value::Bool(self.source.closed.get())),
            "inserted_primary_key" => {
                self.ask_unread(vm)?;
                let (columns, values) = self.source.inserted.key()?;
                Some(made_row(columns, values))
            }
            // the key that a live INSERT into SQLite returns is the row's id
            "lastrowid" if crate::sa::clause::default_dialect().name() == "sqlite" => {
                self.ask_unread(vm)?;
                let id = self.source.inserted.row_id();
                Some(id.ok_or_else(|| {
                    PyError::unsupported("`lastrowid` of a statement that returns no key")
                })?)
            }
            "lastrowid" => Some(Value::Int(0)),
            _ => None,
        })
    }

    fn iterate(self: Rc<Self>, vm: &Vm) -> PyResult<Option<Vec<Value>>> {
        self.check(vm)?;
        self.drain(vm).map(Some)
    }

    fn is_iterator(&self) -> bool {
        false
    }

    fn next(self: Rc<Self>, vm: &Vm) -> PyResult<Option<Value>> {
        self.check(vm)?;
        Ok(self.next_row())
    }

    fn enter(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Value>> {
        Ok(Some(Value::Native(self)))
    }

    fn await_value(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Value>> {
        Ok(Some(Value::Native(self)))
    }
}

fn receiver(vm: &Vm, this: &Value) -> PyResult<Rc<PyResultSet>> {
    let result = this
        .native::<PyResultSet>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'Result' object"))?;
    result.check(vm)?;
    Ok(result)
}

fn all(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::list(receiver(vm, this)?.drain(vm)?))
}

fn fetchone(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(receiver(vm, this)?.next_row().unwrap_or(Value::None))
}

fn fetchmany(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let result = receiver(vm, this)?;
    let size = args
        .bind("fetchmany", "(size=None)")?
        .optional_int("size")?
        .unwrap_or(1);
    let mut rows = Vec::new();
    while (rows.len() as i64) < size {
        match result.next_row() {
            Some(row) => rows.push(row),
            None => break,
        }
    }
    Ok(Value::list(rows))
}

fn partitions(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let result = receiver(vm, this)?;
    let size = args
        .bind("partitions", "(size=None)")?
        .optional_int("size")?
        .unwrap_or(1)
        .max(1);
    let rows = result.drain(vm)?;
    let size = usize::try_from(size).unwrap_or(1);
    let chunks = rows.chunks(size).map(|chunk| Value::list(chunk.to_vec()));
    iter_value(vm, &Value::list(chunks.collect()))
}

fn first(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let result = receiver(vm, this)?;
    let row = result.next_row().unwrap_or(Value::None);
    result.source.closed.set(true);
    Ok(row)
}

/// The only row; `None` when there is none.
fn only(result: &PyResultSet, required: &str) -> PyResult<Option<Value>> {
    let row = result.next_row();
    if row.is_some() && result.next_row().is_some() {
        return Err(exc::upstream(
            "MultipleResultsFound",
            &format!("Multiple rows were found when {required} was required"),
        ));
    }
    result.source.closed.set(true);
    Ok(row)
}

fn none_found() -> PyError {
    exc::upstream("NoResultFound", "No row was found when one was required")
}

fn one(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    only(&*receiver(vm, this)?, "exactly one")?.ok_or_else(none_found)
}

fn one_or_none(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(only(&*receiver(vm, this)?, "one or none")?.unwrap_or(Value::None))
}

fn as_scalars(result: &PyResultSet, at: usize) -> PyResultSet {
    PyResultSet {
        source: result.source.clone(),
        shape: Shape::Scalars(at),
        unique: result.unique,
    }
}

fn scalar(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let result = receiver(vm, this)?;
    let value = as_scalars(&result, 0).next_row().unwrap_or(Value::None);
    result.source.closed.set(true);
    Ok(value)
}

fn scalar_one(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    only(&as_scalars(&*receiver(vm, this)?, 0), "exactly one")?.ok_or_else(none_found)
}

fn scalar_one_or_none(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(only(&as_scalars(&*receiver(vm, this)?, 0), "one or none")?.unwrap_or(Value::None))
}

fn scalars(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let result = this
        .native::<PyResultSet>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'Result' object"))?;
    let _ = vm;
    let at = match args.bind("scalars", "(index=0)")?.get("index") {
        Value::Int(at) => usize::try_from(at).unwrap_or(0),
        other => other
            .as_str()
            .and_then(|name| {
                result
                    .source
                    .columns
                    .iter()
                    .position(|column| **column == *name)
            })
            .unwrap_or(0),
    };
    Ok(Value::object(as_scalars(&result, at)))
}

fn mappings(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let result = this
        .native::<PyResultSet>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'Result' object"))?;
    Ok(Value::object(PyResultSet {
        source: result.source.clone(),
        shape: Shape::Mappings,
        unique: result.unique,
    }))
}

fn unique(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let result = this
        .native::<PyResultSet>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'Result' object"))?;
    Ok(Value::object(PyResultSet {
        source: result.source.clone(),
        shape: result.shape,
        unique: true,
    }))
}

fn keys(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let result = receiver(vm, this)?;
    Ok(Value::list(
        result.source.columns.iter().map(Value::str).collect(),
    ))
}

fn itself(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(this.clone())
}

fn close(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    if let Some(result) = this.native::<PyResultSet>() {
        result.source.closed.set(true);
    }
    Ok(Value::None)
}
