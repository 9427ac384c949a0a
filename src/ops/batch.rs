//! `op.batch_alter_table`: alembic/operations/base.py batch_alter_table, batch.py BatchOperationsImpl.

use std::cell::RefCell;
use std::rc::Rc;

use crate::ddl::Statement;
use crate::ops;
use crate::ops::OpEnv;
use crate::ops::error::command_error;
use crate::ops::functions;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::name;
use crate::schema::table::TableName;

/// `op.batch_alter_table`'s signature (upstream's defaults for the two mappings are empty `immutabledict`s).
pub const SIGNATURE: &str = "(self, table_name, schema=None, recreate='auto', partial_reordering=None, copy_from=None, table_args=(), table_kwargs={}, reflect_args=(), reflect_kwargs={}, naming_convention=None)";

/// `alembic.operations.base.BatchOperations`.
pub static BATCH_OPERATIONS: NativeClass =
    NativeClass::plain("alembic.operations.base", "BatchOperations", &[]);
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
    queue: RefCell<Vec<Statement>>,
    /// `copy_from` of `recreate="always"`.
    recreate: Option<Value>,
}

/// `batch_op`.
#[derive(Debug)]
struct PyBatchOperations {
    batch: Rc<Batch>,
}

/// `op.batch_alter_table(...)`.
pub fn batch_alter_table(env: &Rc<OpEnv>, args: Args) -> PyResult<Value> {
    let bound = ops::with_self(args).bind("batch_alter_table", SIGNATURE)?;
    let recreate = match bound.get("recreate").as_str().as_deref() {
        Some("auto" | "never") => None,
        Some("always") => Some(bound.get("copy_from")),
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
        queue: RefCell::default(),
        recreate,
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
        if let Some(copy_from) = &self.batch.recreate {
            return Err(self.batch.cannot_recreate(copy_from));
        }
        for statement in self.batch.queue.take() {
            self.batch.env.executor.run(vm, &statement)?;
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
            _ if functions::batch_signature(name).is_some() => {
                Some(Value::builtin(name, move |vm, args| {
                    functions::call(vm, &batch.env, &directive, args)
                        .map(|done| done.unwrap_or(Value::None))
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
            _ => None,
        })
    }
}

impl Batch {
    /// Why the table is not copied: batch.py `flush`.
    fn cannot_recreate(&self, copy_from: &Value) -> PyError {
        if copy_from.is_none() && self.env.executor.is_offline() {
            let (dialect, table) = (self.env.executor.dialect(), &self.table.name.text);
            return command_error(format!(
                "This operation cannot proceed in --sql mode; batch mode with dialect {} requires a live database connection with which to reflect the table \"{table}\". To generate a batch SQL migration script using table \"move and copy\", a complete Table object should be passed to the \"copy_from\" argument of the batch_alter_table() method so that table reflection can be skipped.",
                dialect.name()
            ));
        }
        PyError::unsupported(format!(
            "copying the table `{}` (`batch_alter_table` with `recreate=\"always\"`)",
            self.table.name.text
        ))
    }

    /// A directive: its statements wait for the end of the block.
    fn call(&self, vm: &Vm, name: &str, args: Args) -> PyResult<Value> {
        let places = ["insert_before", "insert_after"];
        if name == "add_column"
            && self.recreate.is_none()
            && places
                .iter()
                .any(|place| args.keyword(place).is_some_and(|value| !value.is_none()))
        {
            return Err(command_error(
                "Can't specify insert_before or insert_after when using ALTER; please specify recreate='always'",
            ));
        }
        if let Some(operation) = ops::build_in_batch(vm, &self.env, &self.table, name, args)? {
            self.env.announce(vm, &operation);
            let statements = ops::lower(&self.env, &operation)?;
            self.queue.borrow_mut().extend(statements);
        }
        Ok(Value::None)
    }
}
