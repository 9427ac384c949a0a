//! What operations run in ([`OpEnv`]), and what one call of a directive can ask while it is built ([`Scope`]).

use std::cell::RefCell;
use std::rc::Rc;

use crate::ops::Operation;
use crate::py::args::Bound;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Location;
use crate::py::vm::Vm;
use crate::sa::clause;
use crate::sa::executor::Executor;
use crate::sa::metadata::PyMetaData;
use crate::sa::name;
use crate::sa::naming::NamingConvention;
use crate::sa::table::PyTable;
use crate::schema::name::Name;
use crate::schema::table::TableName;

/// Told about every operation before it is executed.
pub type Hook = Rc<dyn Fn(&Operation, Option<&Location>)>;

/// Types by schema and name.
pub(crate) type TypeMemo = RefCell<Vec<(Option<String>, String)>>;

/// What operations run in.
pub struct OpEnv {
    /// What executes.
    pub executor: Rc<dyn Executor>,
    /// `op.get_bind()`.
    pub bind: Value,
    target_metadata: Value,
    created_types: Rc<TypeMemo>,
    hook: Rc<RefCell<Option<Hook>>>,
}

impl std::fmt::Debug for OpEnv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpEnv")
            .field("executor", &self.executor)
            .finish_non_exhaustive()
    }
}

impl OpEnv {
    /// For an executor, the bind Python sees, and `target_metadata`.
    pub fn new(executor: Rc<dyn Executor>, bind: Value, target_metadata: &Value) -> PyResult<Self> {
        clause::set_default_dialect(executor.dialect());
        Ok(Self {
            executor,
            bind,
            target_metadata: target_metadata.clone(),
            created_types: Rc::default(),
            hook: Rc::default(),
        })
    }

    /// The same with another executor and bind (the preflight's): it remembers the types it created on its own.
    pub fn with_executor(&self, executor: Rc<dyn Executor>, bind: Value) -> Self {
        Self {
            executor,
            bind,
            target_metadata: self.target_metadata.clone(),
            created_types: Rc::default(),
            hook: self.hook.clone(),
        }
    }

    /// The same with another executor and bind, for the same run: it goes on with the types that were created.
    pub fn replaced(&self, executor: Rc<dyn Executor>, bind: Value) -> Self {
        Self {
            created_types: self.created_types.clone(),
            ..self.with_executor(executor, bind)
        }
    }

    /// The types created so far, to go back to with [`OpEnv::forget_types`].
    pub fn remembered_types(&self) -> Vec<(Option<String>, String)> {
        self.created_types.borrow().clone()
    }

    /// Goes back to the types that were known then.
    pub fn forget_types(&self, known: Vec<(Option<String>, String)>) {
        *self.created_types.borrow_mut() = known;
    }

    /// Sets who is told about operations, here and in copies.
    pub fn on_operation(&self, hook: Hook) {
        *self.hook.borrow_mut() = Some(hook);
    }

    /// The types that `create_table` created in this run: `impl.memo` of upstream.
    pub(crate) fn created_types(&self) -> &TypeMemo {
        &self.created_types
    }

    /// Tells the hook.
    pub(crate) fn announce(&self, vm: &Vm, operation: &Operation) {
        let hook = self.hook.borrow().clone();
        if let Some(hook) = hook {
            hook(operation, vm.location().as_ref());
        }
    }

    /// The naming convention of `target_metadata`, as far as it is known. schemaobj.py `SchemaObjects.metadata`.
    pub(crate) fn convention(&self, vm: &Vm) -> PyResult<NamingConvention> {
        match &self.target_metadata {
            Value::None => return Ok(NamingConvention::default()),
            Value::Unresolved(unresolved) => {
                return Ok(NamingConvention::unknown(unresolved.clone()));
            }
            _ => {}
        }
        if let Some(metadata) = self.target_metadata.native::<PyMetaData>() {
            return Ok(metadata.convention.borrow().clone());
        }
        match vm.find_attr(&self.target_metadata, "naming_convention")? {
            Some(Value::Unresolved(unresolved)) => Ok(NamingConvention::unknown(unresolved)),
            Some(convention) => NamingConvention::from_value(vm, &convention),
            None => Ok(NamingConvention::default()),
        }
    }
}

/// One call of a directive.
pub struct Scope<'a> {
    /// The evaluator.
    pub vm: &'a Vm,
    /// What it runs in.
    pub env: &'a OpEnv,
    /// The table of the `batch_alter_table` around it.
    pub batch: Option<&'a TableName>,
    result: RefCell<Value>,
}

impl<'a> Scope<'a> {
    /// A call.
    pub fn new(vm: &'a Vm, env: &'a OpEnv, batch: Option<&'a TableName>) -> Self {
        Self {
            vm,
            env,
            batch,
            result: RefCell::new(Value::None),
        }
    }

    /// Sets what the call returns.
    pub fn give(&self, value: Value) {
        *self.result.borrow_mut() = value;
    }

    /// What the call returns.
    pub fn result(self) -> Value {
        self.result.into_inner()
    }

    /// The table that two parameters name, or that of the batch.
    pub fn table_of(&self, bound: &Bound, table: &str, schema: &str) -> PyResult<TableName> {
        match self.batch {
            Some(table) => Ok(table.clone()),
            None => Ok(TableName {
                schema: self.schema(bound, schema)?,
                name: name::from_value(&bound.get(table), "as a table name")?,
            }),
        }
    }

    /// The table that `table_name` and `schema` name, or that of the batch.
    pub fn table(&self, bound: &Bound) -> PyResult<TableName> {
        self.table_of(bound, "table_name", "schema")
    }

    /// A schema; an empty one counts as none.
    pub fn schema(&self, bound: &Bound, parameter: &str) -> PyResult<Option<Name>> {
        let schema = name::optional(&bound.get(parameter), "as a schema")?;
        Ok(schema.filter(|schema| !schema.text.is_empty()))
    }

    /// A name of this run's naming convention.
    pub fn convention(&self) -> PyResult<NamingConvention> {
        self.env.convention(self.vm)
    }

    /// An empty table as schemaobj.py makes them, with fresh metadata.
    pub fn ad_hoc(&self, table: TableName) -> PyResult<Rc<PyTable>> {
        let made = PyTable::new(table, PyMetaData::with_convention(self.convention()?));
        made.extra.borrow_mut().is_ad_hoc = true;
        Ok(made)
    }

    /// The truth of a parameter; `None` is false.
    pub fn flag(&self, bound: &Bound, parameter: &str) -> PyResult<bool> {
        match bound.get(parameter) {
            Value::Unresolved(unresolved) => Err(crate::py::vm::unresolved_error(
                &unresolved,
                &format!("as `{parameter}`"),
            )),
            other => self.vm.truth(&other),
        }
    }

    /// Text or `None`.
    pub fn text(&self, bound: &Bound, parameter: &str) -> PyResult<Option<String>> {
        Ok(bound.optional_str(parameter)?.map(|text| text.to_string()))
    }

    /// The names in a list.
    pub fn names(&self, bound: &Bound, parameter: &str) -> PyResult<Vec<Name>> {
        let given = bound.get(parameter);
        if let Value::Unresolved(unresolved) = &given {
            return Err(crate::py::vm::unresolved_error(
                unresolved,
                &format!("as `{parameter}`"),
            ));
        }
        self.vm
            .collect(&given)?
            .iter()
            .map(|item| name::from_value(item, "as a column"))
            .collect()
    }
}
