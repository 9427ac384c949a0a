//! `sqlalchemy.engine.mock.MockConnection`: the bind of `--sql` runs. It executes (prints) and returns nothing. sqlalchemy/engine/mock.py.

use std::cell::Cell;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::execute;
use crate::sa::executor::Executor;

/// `sqlalchemy.engine.mock.MockConnection`.
pub static MOCK_CONNECTION: NativeClass = NativeClass {
    methods: &[
        ("execute", execute_),
        ("connect", itself),
        ("execution_options", itself),
        ("schema_for_object", schema_for_object),
    ],
    ..NativeClass::plain("sqlalchemy.engine.mock", "MockConnection", &[])
};

/// The bind of a `--sql` run.
#[derive(Debug)]
pub struct MockConnection {
    /// What prints.
    pub executor: Rc<dyn Executor>,
    /// Whether something was asked that only a database can answer.
    pub asked: Cell<bool>,
}

impl Object for MockConnection {
    fn class(&self) -> Rc<Class> {
        Class::of(&MOCK_CONNECTION)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "dialect" => Some(crate::sa::dialect_face::face(vm, &self.executor.dialect())?),
            "engine" => Some(Value::Native(self)),
            "name" => Some(Value::str(self.executor.dialect().name())),
            _ => {
                let is_method = MOCK_CONNECTION
                    .methods
                    .iter()
                    .any(|(known, _)| *known == name);
                if !is_method {
                    self.asked.set(true);
                }
                None
            }
        })
    }
}

fn receiver(this: &Value) -> PyResult<Rc<MockConnection>> {
    this.native::<MockConnection>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'MockConnection' object"))
}

/// Prints the construct; parameters are ignored, as upstream does.
fn execute_(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let mock = receiver(this)?;
    let bound = args.bind(
        "MockConnection.execute",
        "(obj, parameters=None, execution_options=None)",
    )?;
    execute::run(vm, &mock.executor, &bound.get("obj"))?;
    mock.asked.set(true);
    Ok(Value::None)
}

fn itself(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    receiver(this)?;
    Ok(this.clone())
}

fn schema_for_object(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    receiver(this)?;
    match args.positional.first() {
        Some(object) => vm.get_attr(object, "schema"),
        None => Err(PyError::type_error(
            "schema_for_object() missing 1 required positional argument: 'obj'",
        )),
    }
}
