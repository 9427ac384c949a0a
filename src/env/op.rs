//! `alembic.op` and the `Operations` class. alembic/op.py, alembic/operations/base.py.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::env::Environment;
use crate::env::plugins;
use crate::ops;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::module::Module;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Namespace;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::connection::PyConnection;

/// Operations that Python code registered: `@Operations.register_operation("name")` and `@Operations.implementation_for(cls)`.
#[derive(Debug, Default)]
pub struct Plugins {
    /// By operation name: the class, and the name of its class method.
    registered: IndexMap<String, (Value, String)>,
    /// The operation class and the function that implements it.
    implementations: Vec<(Value, Value)>,
}

/// `alembic.operations.base.Operations`, as an instance: `op` itself.
pub static OPERATIONS: NativeClass =
    NativeClass::plain("alembic.operations.base", "Operations", &[]);

/// The `operations` object given to registered operations; it answers every directive.
#[derive(Debug)]
struct PyOperations {
    environment: Rc<Environment>,
}

impl Object for PyOperations {
    fn class(&self) -> Rc<Class> {
        Class::of(&OPERATIONS)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        member(&self.environment, vm, name)
    }
}

/// Makes the module `alembic.op`.
pub fn module(environment: &Rc<Environment>, vm: &Vm) -> PyResult<Rc<Module>> {
    let mut dict: Namespace = Namespace::default();
    for name in ops::names().chain([
        "get_bind",
        "get_context",
        "f",
        "invoke",
        "run_async",
        "batch_alter_table",
        "inline_literal",
    ]) {
        if let Some(value) = member(environment, vm, name)? {
            dict.insert(Rc::from(name), value);
        }
    }
    let shared = environment.clone();
    let missing = Value::builtin("__getattr__", move |vm, args| {
        let name = args.bind("__getattr__", "(name)")?.str("name")?;
        plugins::load(&shared, vm)?;
        member(&shared, vm, &name)?.ok_or_else(|| {
            PyError::attribute_error(format!("module 'alembic.op' has no attribute '{name}'"))
        })
    });
    dict.insert(Rc::from("__getattr__"), missing);
    Ok(Rc::new(Module {
        name: "alembic.op".into(),
        dict: dict.into(),
        native: None,
        file: None,
    }))
}

/// A member of `op`: a directive, a registered operation, or one of the few functions that are neither.
fn member(environment: &Rc<Environment>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    let shared = environment.clone();
    Ok(Some(match name {
        "get_bind" => Value::builtin(name, move |_vm, _args| {
            Ok(shared.bind_of(&*established(&shared, "get_bind")?))
        }),
        "get_context" => Value::builtin(name, move |_vm, _args| {
            let configured = established(&shared, "get_context")?;
            Ok(crate::env::migration::face(&shared, &configured))
        }),
        "migration_context" => crate::env::migration::face(
            environment,
            &established(environment, "migration_context")?,
        ),
        "impl" => crate::env::migration::impl_face(environment, &established(environment, "impl")?),
        "invoke" => Value::builtin(name, move |vm, args| invoke(&shared, vm, args)),
        "run_async" => Value::builtin(name, move |vm, args| run_async(&shared, vm, args)),
        _ if environment.plugins.borrow().registered.contains_key(name) => {
            let (class, method) = environment.plugins.borrow().registered[name].clone();
            Value::builtin(name, move |vm, mut args| {
                args.positional.insert(
                    0,
                    Value::object(PyOperations {
                        environment: shared.clone(),
                    }),
                );
                vm.call_method(&class, &method, args)
            })
        }
        _ if ops::names().any(|known| known == name) => {
            let directive = name.to_owned();
            Value::builtin(name, move |vm, args| {
                ops::call(vm, &shared.op_env()?, &directive, args)
            })
        }
        _ => return Ok(None),
    }))
}

fn established(
    environment: &Environment,
    function: &str,
) -> PyResult<Rc<crate::env::migration::Configured>> {
    environment.configured().ok_or_else(|| {
        PyError::new(
            &crate::py::exceptions::NAME_ERROR,
            format!(
                "Can't invoke function '{function}', as the proxy object has not yet been established for the Alembic 'Operations' class.  \
                 Try placing this code inside a callable."
            ),
        )
    })
}

/// `operations.invoke(operation)`: a registered implementation, or one of our own operation objects.
fn invoke(environment: &Rc<Environment>, vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("Operations.invoke", "(operation)")?;
    let operation = bound.get("operation");
    let class = vm.class_of(&operation);
    let known = environment.plugins.borrow().implementations.clone();
    for (target, function) in known {
        if let Value::Class(target) = &target
            && class.is_subclass(target)
        {
            return vm.call(
                &function,
                Args::of(vec![
                    Value::object(PyOperations {
                        environment: environment.clone(),
                    }),
                    operation,
                ]),
            );
        }
    }
    ops::invoke(vm, &environment.op_env()?, &operation)
}

/// `op.run_async(fn, *args)`: the coroutine function gets the connection; upstream refuses a synchronous engine.
fn run_async(environment: &Rc<Environment>, vm: &Vm, mut args: Args) -> PyResult<Value> {
    if args.positional.is_empty() {
        return Err(PyError::type_error(
            "run_async() missing 1 required positional argument: 'async_function'",
        ));
    }
    let configured = established(environment, "run_async")?;
    if !is_async(&configured) {
        return Err(PyError::value_error(
            "Cannot call run_async with a sync engine",
        ));
    }
    let bind = environment.bind_of(&configured);
    let function = std::mem::replace(&mut args.positional[0], bind);
    let coroutine = vm.call(&function, args)?;
    vm.await_value(&coroutine)
}

/// `dialect.is_async`.
fn is_async(configured: &crate::env::migration::Configured) -> bool {
    let connection = configured.bind.native::<PyConnection>();
    let is_async_engine = connection
        .and_then(|connection| connection.engine.clone())
        .is_some_and(|engine| engine.is_async());
    let driver = configured.context.dialect().settings().driver.clone();
    is_async_engine
        || matches!(
            driver.as_str(),
            "asyncpg" | "psycopg_async" | "aiosqlite" | "aiomysql" | "asyncmy"
        )
}

/// The `Operations` class: its two registering decorators.
pub fn operations_class(environment: &Rc<Environment>) -> Value {
    Value::object(OperationsClass {
        environment: environment.clone(),
    })
}

static OPERATIONS_TYPE: NativeClass = NativeClass::plain("builtins", "type", &[]);

/// `alembic.operations.Operations` as a class object.
#[derive(Debug)]
struct OperationsClass {
    environment: Rc<Environment>,
}

impl Object for OperationsClass {
    fn class(&self) -> Rc<Class> {
        Class::of(&OPERATIONS_TYPE)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        let environment = self.environment.clone();
        Ok(Some(match name {
            "register_operation" => registering(move |vm, name, class, method| {
                let mut plugins = environment.plugins.borrow_mut();
                plugins
                    .registered
                    .insert(name.to_owned(), (class, method.to_owned()));
                drop(plugins);
                if let Some(value) = member(&environment, vm, name)? {
                    vm.set_module_member("alembic.op", name, value)?;
                }
                Ok(())
            }),
            "implementation_for" => Value::builtin(name, move |_vm, args| {
                let bound = args.bind("implementation_for", "(op_cls, replace=False)")?;
                let class = bound.get("op_cls");
                let environment = environment.clone();
                Ok(Value::builtin("decorate", move |_vm, args| {
                    let function = args.positional.into_iter().next().unwrap_or(Value::None);
                    environment
                        .plugins
                        .borrow_mut()
                        .implementations
                        .insert(0, (class.clone(), function.clone()));
                    Ok(function)
                }))
            }),
            "__name__" => Value::str("Operations"),
            _ => return Ok(None),
        }))
    }

    /// `Operations(migration_context)`: the same directives.
    fn call(self: Rc<Self>, _vm: &Vm, _args: Args) -> PyResult<Option<Value>> {
        Ok(Some(Value::object(PyOperations {
            environment: self.environment.clone(),
        })))
    }
}

/// `register_operation(name, sourcename=None)`: a decorator of a class.
fn registering(add: impl Fn(&Vm, &str, Value, &str) -> PyResult<()> + 'static) -> Value {
    let add = Rc::new(add);
    Value::builtin("register_operation", move |_vm, args| {
        let bound = args.bind("register_operation", "(name, sourcename=None)")?;
        let name = bound.str("name")?.to_string();
        let source = bound
            .optional_str("sourcename")?
            .map_or_else(|| name.clone(), |source| source.to_string());
        let add = add.clone();
        Ok(Value::builtin("register", move |vm, args| {
            let class = args.positional.into_iter().next().unwrap_or(Value::None);
            add(vm, &name, class.clone(), &source)?;
            Ok(class)
        }))
    })
}

/// `BatchOperations` as a class object: what `batch_op` is an instance of, and its registering decorator.
#[derive(Debug)]
struct BatchOperationsClass;

impl Object for BatchOperationsClass {
    fn class(&self) -> Rc<Class> {
        Class::of(&OPERATIONS_TYPE)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "register_operation" => Some(registering(|_vm, name, class, method| {
                ops::batch::register(name, class, method);
                Ok(())
            })),
            "__name__" => Some(Value::str("BatchOperations")),
            _ => None,
        })
    }
}

/// The `BatchOperations` class.
pub fn batch_operations_class() -> Value {
    Value::object(BatchOperationsClass)
}
