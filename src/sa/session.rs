//! `sqlalchemy.orm.Session`: over the mock connection of a `--sql` run it fails as upstream's does as soon as it needs
//! a connection; over a database it is refused, for what it would do is not modelled. sqlalchemy/orm/session.py.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::clause::argument_error;
use crate::sa::mock::MockConnection;

/// `sqlalchemy.orm.session.Session`.
pub static SESSION: NativeClass = NativeClass {
    methods: &[
        ("execute", needs_connection),
        ("scalar", needs_connection),
        ("scalars", needs_connection),
        ("connection", needs_connection),
        ("commit", nothing),
        ("flush", nothing),
        ("rollback", nothing),
        ("close", nothing),
        ("expire_all", nothing),
        ("expunge_all", nothing),
        ("in_transaction", not_begun),
        ("get_bind", get_bind),
    ],
    ..NativeClass::plain("sqlalchemy.orm.session", "Session", &[])
};

/// A session over a mock connection: nothing was ever added to it.
#[derive(Debug)]
struct PySession {
    bind: Value,
}

impl Object for PySession {
    fn class(&self) -> Rc<Class> {
        Class::of(&SESSION)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok((name == "bind").then(|| self.bind.clone()))
    }

    fn enter(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Value>> {
        Ok(Some(Value::Native(self)))
    }

    fn exit(self: Rc<Self>, _vm: &Vm, _error: Option<&PyError>) -> PyResult<bool> {
        Ok(false)
    }
}

/// The class or function of this name that makes sessions.
pub fn maker(name: &'static str) -> Value {
    Value::builtin(name, move |_vm, args: Args| {
        let bind = args
            .positional
            .first()
            .or_else(|| args.keyword("bind"))
            .filter(|bind| bind.native::<MockConnection>().is_some());
        match bind {
            Some(bind) => Ok(Value::object(PySession { bind: bind.clone() })),
            None => Err(PyError::unsupported(format!(
                "an ORM session (`sqlalchemy.orm.{name}`)"
            ))),
        }
    })
}

/// What asks the bind for a connection: the mock has no `close`, and SessionTransaction asks for it.
fn needs_connection(vm: &Vm, _this: &Value, args: Args) -> PyResult<Value> {
    if let Some(text) = args
        .positional
        .first()
        .filter(|first| first.as_str().is_some())
    {
        return Err(argument_error(format!(
            "Textual SQL expression {0} should be explicitly declared as text({0})",
            vm.repr(text)?
        )));
    }
    Err(PyError::attribute_error(
        "'MockConnection' object has no attribute 'close'",
    ))
}

fn nothing(_vm: &Vm, _this: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::None)
}

fn not_begun(_vm: &Vm, _this: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::Bool(false))
}

fn get_bind(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    vm.get_attr(this, "bind")
}
