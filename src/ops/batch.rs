//! `op.batch_alter_table`: alembic/operations/base.py batch_alter_table, batch.py BatchOperationsImpl.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::ops;
use crate::ops::OpEnv;
use crate::ops::error::command_error;
use crate::ops::functions;
use crate::ops::recreate::ApplyBatch;
use crate::ops::recreate::Queued;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::sa::column::PyColumn;
use crate::sa::mock::MockConnection;
use crate::sa::name;
use crate::sa::naming::NamingConvention;
use crate::sa::options;
use crate::sa::table::PyTable;
use crate::schema::default::DefaultValue;
use crate::schema::default::ServerDefault;
use crate::schema::expr::Expr;
use crate::schema::name::NameKind;
use crate::schema::table::TableName;

/// `op.batch_alter_table`'s signature (upstream's defaults for the two mappings are empty `immutabledict`s).
pub const SIGNATURE: &str = "(self, table_name, schema=None, recreate='auto', partial_reordering=None, copy_from=None, table_args=(), table_kwargs={}, reflect_args=(), reflect_kwargs={}, naming_convention=None)";

/// `alembic.operations.base.BatchOperations`.
pub static BATCH_OPERATIONS: NativeClass =
    NativeClass::plain("alembic.operations.base", "BatchOperations", &[]);
thread_local! {
    /// `@BatchOperations.register_operation(name, sourcename)`: the class and its method.
    static REGISTERED: RefCell<IndexMap<String, (Value, String)>> = RefCell::default();
}

/// Adds an operation of `batch_op` that Python code defines.
pub fn register(name: &str, class: Value, method: &str) {
    REGISTERED.with_borrow_mut(|registered| {
        registered.insert(name.to_owned(), (class, method.to_owned()));
    });
}

static CONTEXT_MANAGER: NativeClass =
    NativeClass::plain("contextlib", "_GeneratorContextManager", &[]);

/// The context manager: directives queue, and are executed in order when the block ends without an error.
#[derive(Debug)]
struct BatchContext {
    batch: Rc<Batch>,
}

/// The queue behind `batch_op`.
#[derive(Debug)]
struct Batch {
    env: Rc<OpEnv>,
    table: TableName,
    mode: Mode,
    recreate: Recreate,
    queue: RefCell<Vec<Queued>>,
}

/// `recreate=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Auto,
    Always,
    Never,
}

/// What copying a table takes.
#[derive(Debug)]
struct Recreate {
    copy_from: Value,
    table_args: Value,
    table_kwargs: Value,
    partial_reordering: Value,
    reflect_args: Value,
    reflect_kwargs: Value,
    naming_convention: Value,
}

/// `batch_op`.
#[derive(Debug)]
struct PyBatchOperations {
    batch: Rc<Batch>,
}

/// `op.batch_alter_table(...)`.
pub fn batch_alter_table(env: &Rc<OpEnv>, args: Args) -> PyResult<Value> {
    let bound = ops::with_self(args).bind("batch_alter_table", SIGNATURE)?;
    let recreate = Recreate {
        copy_from: bound.get("copy_from"),
        table_args: bound.get("table_args"),
        table_kwargs: bound.get("table_kwargs"),
        partial_reordering: bound.get("partial_reordering"),
        reflect_args: bound.get("reflect_args"),
        reflect_kwargs: bound.get("reflect_kwargs"),
        naming_convention: bound.get("naming_convention"),
    };
    let mode = match bound.get("recreate").as_str().as_deref() {
        Some("auto") => Mode::Auto,
        Some("never") => Mode::Never,
        Some("always") => Mode::Always,
        _ => {
            return Err(PyError::value_error(
                "recreate may be one of 'auto', 'always', or 'never'.",
            ));
        }
    };
    let table = TableName {
        schema: name::optional(&bound.get("schema"), "as a schema")?
            .filter(|schema| !schema.text.is_empty()),
        name: name::from_value(&bound.get("table_name"), "as a table name")?,
    };
    let batch = Batch {
        env: env.clone(),
        table,
        mode,
        recreate,
        queue: RefCell::default(),
    };
    Ok(Value::object(BatchContext {
        batch: Rc::new(batch),
    }))
}

impl Object for BatchContext {
    fn class(&self) -> Rc<Class> {
        Class::of(&CONTEXT_MANAGER)
    }

    fn enter(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Value>> {
        Ok(Some(Value::object(PyBatchOperations {
            batch: self.batch.clone(),
        })))
    }

    fn exit(self: Rc<Self>, vm: &Vm, error: Option<&PyError>) -> PyResult<bool> {
        if error.is_some() {
            return Ok(false);
        }
        if self.batch.should_recreate() {
            self.batch.copy(vm)?;
        } else {
            self.batch.alter(vm)?;
        }
        Ok(false)
    }
}

impl Object for PyBatchOperations {
    fn class(&self) -> Rc<Class> {
        Class::of(&BATCH_OPERATIONS)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        let batch = self.batch.clone();
        let directive = name.to_owned();
        Ok(match name {
            "get_bind" => Some(Value::builtin(name, move |_vm, _args| {
                Ok(batch.env.bind.clone())
            })),
            _ if let Some(signature) = functions::batch_signature(name) => {
                Some(Value::builtin(name, move |vm, args| {
                    functions::call(vm, &batch.env, &directive, signature, args)
                }))
            }
            _ if ops::batch_signature(name).is_some() => {
                Some(Value::builtin(name, move |vm, args| {
                    batch.call(vm, &directive, args)
                }))
            }
            "create_table" | "drop_table" | "rename_table" | "bulk_insert" => {
                return Err(PyError::attribute_error(format!(
                    "'BatchOperations' object has no attribute '{name}'"
                )));
            }
            _ => REGISTERED
                .with_borrow(|registered| registered.get(name).cloned())
                .map(|(class, method)| {
                    Value::builtin(name, move |vm, mut args| {
                        let operations = Self {
                            batch: batch.clone(),
                        };
                        args.positional.insert(0, Value::object(operations));
                        vm.call_method(&class, &method, args)
                    })
                }),
        })
    }
}

impl Batch {
    /// `_should_recreate`.
    fn should_recreate(&self) -> bool {
        match self.mode {
            Mode::Always => true,
            Mode::Never => false,
            Mode::Auto => {
                let dialect = self.env.executor.dialect();
                let needs_copy = |queued: &Queued| queued.operation().needs_copy();
                !dialect.supports_alter() && self.queue.borrow().iter().any(needs_copy)
            }
        }
    }

    /// batch.py `flush`, where the table is altered in place.
    fn alter(&self, vm: &Vm) -> PyResult<()> {
        for queued in self.queue.take() {
            for statement in ops::lower(&self.env, queued.operation())? {
                self.env.executor.run(vm, &statement)?;
            }
        }
        Ok(())
    }

    /// batch.py `flush`, where the table is copied.
    fn copy(&self, vm: &Vm) -> PyResult<()> {
        let recreate = &self.recreate;
        let copy_from = match &recreate.copy_from {
            Value::None => &self.reflected(vm, recreate)?,
            given => given,
        };
        if let Value::Unresolved(unresolved) = copy_from {
            return Err(unresolved_error(unresolved, "as `copy_from`"));
        }
        let Some(source) = copy_from.native::<PyTable>() else {
            return Err(PyError::attribute_error(format!(
                "'{}' object has no attribute 'name'",
                vm.class_of(copy_from).name
            )));
        };
        let mut reordering = Vec::new();
        if vm.truth(&recreate.partial_reordering)? {
            for items in vm.collect(&recreate.partial_reordering)? {
                let names = vm.collect(&items)?;
                reordering.push(
                    names
                        .iter()
                        .map(|name| vm.str(name).map(|name| name.to_string()))
                        .collect::<PyResult<Vec<String>>>()?,
                );
            }
        }
        let is_reflected = recreate.copy_from.is_none();
        let mut made = ApplyBatch::new(vm, &source, is_reflected, reordering)?;
        made.declare(declared(vm, recreate)?);
        for queued in self.queue.take() {
            made.apply(queued)?;
        }
        let mut keywords = Vec::new();
        for (key, value) in options::pairs(vm, &recreate.table_kwargs)? {
            keywords.push((Rc::from(key), value));
        }
        made.create(vm, &self.env, &vm.collect(&recreate.table_args)?, keywords)
    }

    /// The table as it is in the database: batch.py `flush`.
    fn reflected(&self, vm: &Vm, recreate: &Recreate) -> PyResult<Value> {
        if !self.env.executor.has_catalogue() {
            return Err(self.cannot_reflect());
        }
        let sqlalchemy = vm.import("sqlalchemy")?;
        let metadata = vm.call_method(&sqlalchemy, "MetaData", Args::none())?;
        let mut args = Args::of(vec![name::to_value(&self.table.name), metadata]);
        args.positional.extend(vm.collect(&recreate.reflect_args)?);
        let schema = self.table.schema.as_ref();
        args = args
            .with("schema", schema.map_or(Value::None, name::to_value))
            .with("autoload_with", self.env.bind.clone());
        for (key, value) in options::pairs(vm, &recreate.reflect_kwargs)? {
            args = args.with(&key, value);
        }
        let made = vm.call_method(&sqlalchemy, "Table", args)?;
        if let Some(table) = made.native::<PyTable>() {
            self.prepare(vm, recreate, &table)?;
            if vm.truth(&recreate.naming_convention)? {
                name_by(vm, &table, &recreate.naming_convention)?;
            }
        }
        Ok(made)
    }

    /// What a reflected table needs on SQLite: its default expressions in parentheses (alembic/ddl/sqlite.py
    /// `autogen_column_reflect`).
    fn prepare(&self, vm: &Vm, recreate: &Recreate, table: &Rc<PyTable>) -> PyResult<()> {
        if self.env.executor.dialect().name() != "sqlite" {
            return Ok(());
        }
        let given = declared(vm, recreate)?;
        for column in table.column_list() {
            if given.contains(&column.name_text()) {
                continue;
            }
            let mut data = column.data.borrow_mut();
            if let Some(ServerDefault::Value(DefaultValue::Expr(Expr::Text(clause)))) =
                &mut data.server_default
                && is_unparenthesized(&clause.text)
            {
                clause.text = format!("({})", clause.text);
            }
        }
        Ok(())
    }

    /// Why the table cannot be read from the database: batch.py `flush`.
    fn cannot_reflect(&self) -> PyError {
        if let Some(mock) = self.env.bind.native::<MockConnection>() {
            mock.asked.set(true);
        }
        let (dialect, table) = (self.env.executor.dialect(), &self.table.name.text);
        command_error(format!(
            "This operation cannot proceed in --sql mode; batch mode with dialect {} requires a live database connection with which to reflect the table \"{table}\". To generate a batch SQL migration script using table \"move and copy\", a complete Table object should be passed to the \"copy_from\" argument of the batch_alter_table() method so that table reflection can be skipped.",
            dialect.name()
        ))
    }

    /// A directive: its statements wait for the end of the block.
    fn call(&self, vm: &Vm, name: &str, args: Args) -> PyResult<Value> {
        let places = ["insert_before", "insert_after"];
        if name == "add_column"
            && !self.should_recreate()
            && places
                .iter()
                .any(|place| args.keyword(place).is_some_and(|value| !value.is_none()))
        {
            return Err(command_error(
                "Can't specify insert_before or insert_after when using ALTER; please specify recreate='always'",
            ));
        }
        let given = args.clone();
        if let Some(operation) = ops::build_in_batch(vm, &self.env, &self.table, name, args)? {
            self.env.announce(vm, &operation);
            let queued = Queued::new(vm, operation, &given)?;
            self.queue.borrow_mut().push(queued);
        }
        Ok(Value::None)
    }
}

/// The columns that `reflect_args` states.
fn declared(vm: &Vm, recreate: &Recreate) -> PyResult<Vec<String>> {
    let given = vm.collect(&recreate.reflect_args)?;
    let columns = given.iter().filter_map(Value::native::<PyColumn>);
    Ok(columns.map(|column| column.name_text()).collect())
}

/// Reflected constraints without a name get that of the convention; the names that the database has are final.
/// alembic/util/sqla_compat.py `_conv_constraint_names`.
fn name_by(vm: &Vm, table: &Rc<PyTable>, convention: &Value) -> PyResult<()> {
    for constraint in table.constraints.borrow().iter() {
        if let Some(name) = &mut constraint.base.borrow_mut().name {
            name.kind = NameKind::Convention;
        }
    }
    *table.metadata.convention.borrow_mut() = NamingConvention::from_value(vm, convention)?;
    Ok(())
}

/// `_guess_if_default_is_unparenthesized_sql_expr`.
fn is_unparenthesized(expression: &str) -> bool {
    let inner = |open: char, close: char| {
        let rest = expression.strip_suffix('\n').unwrap_or(expression);
        rest.strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
            .is_some_and(|inner| !inner.is_empty() && !inner.contains('\n'))
    };
    let mut letters = expression.chars();
    let is_digit = matches!(
        (letters.next(), letters.next()),
        (Some('0'..='9' | '.'), None)
    );
    !(expression.is_empty() || is_digit || inner('\'', '\'') || inner('(', ')'))
}
