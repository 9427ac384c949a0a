//! `sys.stdin`, `sys.stdout` and `sys.stderr`.

use std::io::Write;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::builtins::receiver;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// A standard stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Console {
    /// `sys.stdin`: reading is refused.
    Input,
    /// `sys.stdout`: where `print` writes.
    Output,
    /// `sys.stderr`.
    Error,
}

/// `io.TextIOWrapper` of a standard stream.
pub static CLASS: NativeClass = NativeClass {
    module: "_io",
    name: "TextIOWrapper",
    bases: &[],
    new: None,
    methods: &[
        ("write", write),
        ("writelines", writelines),
        ("flush", |_, _, _| Ok(Value::None)),
        ("isatty", |_, _, _| Ok(Value::Bool(false))),
        ("fileno", |_, receiver, _| {
            Ok(Value::Int(own(receiver)? as i64))
        }),
        ("readable", |_, receiver, _| {
            Ok(Value::Bool(own(receiver)? == Console::Input))
        }),
        ("writable", |_, receiver, _| {
            Ok(Value::Bool(own(receiver)? != Console::Input))
        }),
        ("read", |_, _, _| {
            Err(PyError::unsupported("reading `sys.stdin`"))
        }),
        ("readline", |_, _, _| {
            Err(PyError::unsupported("reading `sys.stdin`"))
        }),
    ],
    class_methods: &[],
    attributes: &[],
};

/// The stream that a receiver is.
fn own(receiver: &Value) -> PyResult<Console> {
    receiver
        .native::<Console>()
        .map(|console| *console)
        .ok_or_else(|| PyError::type_error("descriptor requires a stream"))
}

/// Writes to standard error.
pub fn write_error(text: &str) {
    let mut stream = std::io::stderr().lock();
    let written = stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.flush());
    // Nothing can be said about a standard error that does not take text.
    drop(written);
}

/// `write(text)`.
fn write(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::one("write", args)?;
    let Some(text) = given.as_str() else {
        return Err(PyError::type_error(format!(
            "write() argument must be str, not {}",
            vm.class_of(&given).name
        )));
    };
    match own(receiver)? {
        Console::Output => vm.write_stdout(&text),
        Console::Error => write_error(&text),
        Console::Input => {
            return Err(PyError::new(
                &crate::py::exceptions::OS_ERROR,
                "not writable",
            ));
        }
    }
    Ok(Value::int(text.chars().count()))
}

/// `writelines(lines)`.
fn writelines(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    for line in vm.collect(&arguments::one("writelines", args)?)? {
        receiver::text(vm, &line)?;
        write(vm, receiver, Args::of(vec![line]))?;
    }
    Ok(Value::None)
}

impl Object for Console {
    fn class(&self) -> Rc<Class> {
        Class::of(&CLASS)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "encoding" => Some(Value::str("utf-8")),
            "errors" => Some(Value::str("strict")),
            "closed" => Some(Value::Bool(false)),
            "name" => Some(Value::str(match *self {
                Self::Input => "<stdin>",
                Self::Output => "<stdout>",
                Self::Error => "<stderr>",
            })),
            "mode" => Some(Value::str(if *self == Self::Input { "r" } else { "w" })),
            _ => None,
        })
    }
}
