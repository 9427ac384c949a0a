//! The directives of `op` and `batch_op`: one file each, holding what upstream splits over a class of alembic/operations/ops.py
//! and a function of toimpl.py. A call is bound to upstream's signature, becomes an [`Operation`] (plain data), is lowered to
//! statements, and each statement is executed.

pub mod batch;
pub mod error;
mod functions;
mod recreate;
mod scope;
mod table_constraint;

use std::rc::Rc;

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::dialect::Dialect;
pub use crate::ops::scope::Hook;
pub use crate::ops::scope::OpEnv;
pub use crate::ops::scope::Scope;
use crate::ops::scope::TypeMemo;
use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Location;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::schema::constraint::Constraint;
use crate::schema::table::TableName;

/// One operation of alembic/operations/ops.py.
pub trait Op: Sized {
    /// The name of the directive.
    const NAME: &'static str;
    /// `op.<name>`'s signature, as upstream's.
    const SIGNATURE: &'static str;
    /// `batch_op.<name>`'s signature, as upstream's; `None` where batches have no such directive.
    const BATCH_SIGNATURE: Option<&'static str> = None;
    /// From the arguments of the call.
    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self>;
    /// What the database is told: toimpl.py and alembic/ddl/impl.py.
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Vec<Statement>, CompileError>;
}

/// What lowering depends on besides the operation.
#[derive(Debug)]
pub struct Lowering<'a> {
    /// The dialect.
    pub dialect: &'a dyn Dialect,
    /// The types that `create_table` created in this run.
    pub created_types: &'a TypeMemo,
}

impl Lowering<'_> {
    /// Whether a constraint of an existing table is passed over: one that comes from a type, where tables cannot be altered.
    /// alembic/ddl/sqlite.py `add_constraint`, `drop_constraint`.
    pub(crate) fn leaves_out(&self, constraint: &Constraint) -> bool {
        !self.dialect.supports_alter() && constraint.is_type_bound()
    }
}

/// Something with the Python line it is from.
#[derive(Debug, Clone, PartialEq)]
pub struct Located<T> {
    /// The thing.
    pub value: T,
    /// The line.
    pub location: Option<Location>,
}

/// A directive: one row of the table.
pub struct Directive {
    /// The name.
    pub name: &'static str,
    /// The signature under `op`.
    pub signature: &'static str,
    /// The signature under `batch_op`.
    pub batch_signature: Option<&'static str>,
    build: fn(&Scope<'_>, &Bound) -> PyResult<Operation>,
}

macro_rules! operations {
    ($($module:ident :: $Type:ident),* $(,)?) => {
        $(pub mod $module;)*

        /// IR 1: what a migration asked for.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Operation {
            $(
                #[doc = concat!("[`", stringify!($module), "`].")]
                $Type($module::$Type),
            )*
        }

        /// All directives.
        pub static DIRECTIVES: &[Directive] = &[$(Directive {
            name: <$module::$Type as Op>::NAME,
            signature: <$module::$Type as Op>::SIGNATURE,
            batch_signature: <$module::$Type as Op>::BATCH_SIGNATURE,
            build: |scope, bound| <$module::$Type as Op>::from_args(scope, bound).map(Operation::$Type),
        }),*];

        impl Operation {
            /// The name of the directive.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$Type(_) => <$module::$Type as Op>::NAME),* }
            }

            /// What the database is told.
            pub fn lower(&self, lowering: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
                match self { $(Self::$Type(operation) => operation.lower(lowering)),* }
            }
        }
    };
}

operations! {
    add_column::AddColumn,
    alter_column::AlterColumn,
    bulk_insert::BulkInsert,
    create_check_constraint::CreateCheckConstraint,
    create_exclude_constraint::CreateExcludeConstraint,
    create_foreign_key::CreateForeignKey,
    create_index::CreateIndex,
    create_primary_key::CreatePrimaryKey,
    create_table::CreateTable,
    create_table_comment::CreateTableComment,
    create_unique_constraint::CreateUniqueConstraint,
    drop_column::DropColumn,
    drop_constraint::DropConstraint,
    drop_index::DropIndex,
    drop_table::DropTable,
    drop_table_comment::DropTableComment,
    rename_table::RenameTable,
}

/// The names of all directives.
pub fn names() -> impl Iterator<Item = &'static str> {
    DIRECTIVES
        .iter()
        .map(|directive| directive.name)
        .chain(functions::names())
        .chain(["batch_alter_table"])
}

/// The signature of a directive of `op`, as upstream's.
pub fn signature(name: &str) -> Option<&'static str> {
    let directive = DIRECTIVES.iter().find(|directive| directive.name == name);
    directive
        .map(|directive| directive.signature)
        .or_else(|| functions::signature(name))
        .or((name == "batch_alter_table").then_some(batch::SIGNATURE))
}

/// The signature of a directive of `batch_op`, as upstream's.
pub fn batch_signature(name: &str) -> Option<&'static str> {
    let directive = DIRECTIVES.iter().find(|directive| directive.name == name);
    directive
        .and_then(|directive| directive.batch_signature)
        .or_else(|| functions::batch_signature(name))
}

/// Calls a directive.
pub fn call(vm: &Vm, env: &Rc<OpEnv>, name: &str, args: Args) -> PyResult<Value> {
    if let Some(signature) = functions::signature(name) {
        return functions::call(vm, env, name, signature, args);
    }
    if name == "batch_alter_table" {
        return batch::batch_alter_table(env, args);
    }
    let Some(directive) = DIRECTIVES.iter().find(|directive| directive.name == name) else {
        return Err(PyError::attribute_error(format!(
            "module 'alembic.op' has no attribute '{name}'"
        )));
    };
    let bound = with_self(args).bind(name, directive.signature)?;
    let scope = Scope::new(vm, env, None);
    let operation = (directive.build)(&scope, &bound)?;
    execute(vm, env, &operation)?;
    Ok(scope.result())
}

/// Upstream's directives are methods: `self` counts in the errors of wrong calls.
pub(crate) fn with_self(mut args: Args) -> Args {
    args.positional.insert(0, Value::None);
    args
}

/// Builds an operation on the table of a batch.
pub(crate) fn build_in_batch(
    vm: &Vm,
    env: &OpEnv,
    table: &TableName,
    name: &str,
    args: Args,
) -> PyResult<Option<Operation>> {
    let Some(directive) = DIRECTIVES.iter().find(|directive| directive.name == name) else {
        return Ok(None);
    };
    let Some(signature) = directive.batch_signature else {
        return Ok(None);
    };
    let bound = with_self(args).bind(name, signature)?;
    (directive.build)(&Scope::new(vm, env, Some(table)), &bound).map(Some)
}

/// Lowers an operation and executes its statements.
pub(crate) fn execute(vm: &Vm, env: &OpEnv, operation: &Operation) -> PyResult<()> {
    env.announce(vm, operation);
    for statement in lower(env, operation)? {
        env.executor.run(vm, &statement)?;
    }
    Ok(())
}

/// Lowers an operation.
pub(crate) fn lower(env: &OpEnv, operation: &Operation) -> PyResult<Vec<Statement>> {
    let dialect = env.executor.dialect();
    let lowering = Lowering {
        dialect: &*dialect,
        created_types: env.created_types(),
    };
    operation
        .lower(&lowering)
        .map_err(|error| exc::from_compile_error(&error))
}

/// `operations.invoke(operation)`.
pub fn invoke(vm: &Vm, _env: &Rc<OpEnv>, operation: &Value) -> PyResult<Value> {
    Err(PyError::unsupported(format!(
        "`op.invoke` with a `{}`",
        vm.class_of(operation).name
    )))
}
