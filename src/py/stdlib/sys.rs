//! `sys`.

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::exceptions;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::io::console::Console;

module! {
    MODULE = "sys",
    functions: &[
        ("exit", exit),
        ("_format_exception", |vm, args| format_exception(vm, &arguments::one("_format_exception", args)?)),
        ("_log", |vm, args| log(vm, args)),
        ("_run_file", |vm, args| run_file(vm, args)),
        ("_stack", |vm, _| Ok(stack(vm))),
        ("exc_info", |vm, _| Ok(exc_info(vm))),
        ("getdefaultencoding", |_, _| Ok(Value::str("utf-8"))),
        ("getfilesystemencoding", |_, _| Ok(Value::str("utf-8"))),
        ("getrecursionlimit", |_, _| Ok(Value::Int(1000))),
        ("setrecursionlimit", |_, _| Ok(Value::None)),
        ("getsizeof", |_, _| Err(PyError::unsupported("`sys.getsizeof`"))),
        ("intern", |_, args| arguments::one("intern", args)),
    ],
    classes: &[],
    values: &[
        ("argv", |_| Ok(Value::list(vec![Value::str("alembic")]))),
        ("orig_argv", |_| Ok(Value::list(vec![Value::str("alembic")]))),
        ("path", |_| Ok(Value::list(Vec::new()))),
        ("modules", |vm| Ok(vm.modules())),
        ("version", |_| Ok(Value::str("3.11.0 (aludel)"))),
        ("version_info", |vm| version_info(vm)),
        ("hexversion", |_| Ok(Value::Int(0x030b_00f0))),
        ("implementation", |_| Err(PyError::unsupported("`sys.implementation`"))),
        ("platform", |_| Ok(Value::str(platform()))),
        ("byteorder", |_| Ok(Value::str(if cfg!(target_endian = "little") { "little" } else { "big" }))),
        ("maxsize", |_| Ok(Value::Int(i64::MAX))),
        ("maxunicode", |_| Ok(Value::Int(0x10_ffff))),
        ("executable", |_| Ok(Value::str(""))),
        ("prefix", |_| Ok(Value::str("/usr"))),
        ("exec_prefix", |_| Ok(Value::str("/usr"))),
        ("base_prefix", |_| Ok(Value::str("/usr"))),
        ("flags", |_| Err(PyError::unsupported("`sys.flags`"))),
        ("warnoptions", |_| Ok(Value::list(Vec::new()))),
        ("dont_write_bytecode", |_| Ok(Value::Bool(true))),
        ("stdin", |_| Ok(Value::object(Console::Input))),
        ("stdout", |_| Ok(Value::object(Console::Output))),
        ("stderr", |_| Ok(Value::object(Console::Error))),
        ("__stdout__", |_| Ok(Value::object(Console::Output))),
        ("__stderr__", |_| Ok(Value::object(Console::Error))),
    ],
}

/// The name of the platform as Python has it.
fn platform() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    }
}

/// `sys.version_info`: a named tuple.
fn version_info(vm: &Vm) -> PyResult<Value> {
    let fields = ["major", "minor", "micro", "releaselevel", "serial"]
        .map(Value::str)
        .to_vec();
    let values = vec![
        Value::Int(3),
        Value::Int(11),
        Value::Int(0),
        Value::str("final"),
        Value::Int(0),
    ];
    let collections = vm.import("collections")?;
    let class = vm.call_method(
        &collections,
        "namedtuple",
        Args::of(vec![Value::str("sys.version_info"), Value::list(fields)]),
    )?;
    vm.call(&class, Args::of(values))
}

/// `sys.exit(status=None)`.
fn exit(_: &Vm, args: Args) -> PyResult<Value> {
    let given = arguments::between("exit", args, 0, 1)?;
    Err(PyError::with_args(
        &Class::of(&exceptions::SYSTEM_EXIT),
        given,
    ))
}

/// `sys.exc_info()`.
fn exc_info(vm: &Vm) -> Value {
    let handled = vm
        .find_frame(|frame| frame.handling.borrow().last().cloned())
        .map(|(error, _)| error);
    match handled {
        Some(error) => {
            let class = Value::Class(vm.class_of(&error));
            let traceback = vm
                .find_attr(&error, "__traceback__")
                .ok()
                .flatten()
                .unwrap_or(Value::None);
            Value::tuple(vec![class, error, traceback])
        }
        None => Value::tuple(vec![Value::None, Value::None, Value::None]),
    }
}

/// The call stack for `logging`, `warnings` and `traceback`: file, line, function and source of each level, outermost first.
fn stack(vm: &Vm) -> Value {
    let levels = vm.stack().into_iter().map(|frame| {
        Value::tuple(vec![
            Value::Str(frame.file),
            Value::Int(i64::from(frame.line)),
            Value::Str(frame.function),
            Value::from(frame.source),
        ])
    });
    Value::list(levels.collect())
}

/// An exception with its traceback, as text.
fn format_exception(vm: &Vm, error: &Value) -> PyResult<Value> {
    let mut shown = PyError::from_kind(crate::py::error::PyErrorKind::Exception(error.clone()));
    crate::py::eval::traceback::recall(&mut shown, error, None);
    Ok(Value::from(vm.format_error(&shown)))
}

/// `_run_file(path, name)`: a new module, the file evaluated in it. It does not go into `sys.modules`.
fn run_file(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("_run_file", "(path, name)")?;
    let (path, name) = (bound.str("path")?, bound.str("name")?);
    let module = vm.run_module(std::path::Path::new(&*path), &name, false, true)?;
    Ok(Value::Module(module))
}

/// `_log(logger, level, message)`: gives a record to whoever shows them.
fn log(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("_log", "(logger, level, message)")?;
    vm.log(
        &bound.str("logger")?,
        &bound.str("level")?,
        &bound.str("message")?,
    );
    Ok(Value::None)
}
