//! The built-in exception classes.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::class::Instance;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `BaseException`. Instances are `Value::Instance` with `args` in their namespace.
pub static BASE_EXCEPTION: NativeClass = NativeClass {
    new: Some(new),
    methods: &[
        ("__init__", init),
        ("__str__", str_method),
        ("__repr__", repr_method),
        ("with_traceback", with_traceback),
        ("add_note", add_note),
    ],
    ..NativeClass::plain("builtins", "BaseException", &[])
};

macro_rules! exceptions {
    ($($name:ident $text:literal $base:ident),* $(,)?) => {
        $(
            #[doc = concat!("`", $text, "`.")]
            pub static $name: NativeClass = NativeClass::plain("builtins", $text, &[&$base]);
        )*
        /// All built-in exception classes.
        pub static ALL: &[&NativeClass] = &[&BASE_EXCEPTION, &KEY_ERROR, &OS_ERROR, &IMPORT_ERROR, &STOP_ITERATION, &UNICODE_DECODE_ERROR, &UNICODE_ENCODE_ERROR, &SYSTEM_EXIT, &BASE_EXCEPTION_GROUP, &EXCEPTION_GROUP, $(&$name),*];
    };
}

exceptions! {
    KEYBOARD_INTERRUPT "KeyboardInterrupt" BASE_EXCEPTION,
    GENERATOR_EXIT "GeneratorExit" BASE_EXCEPTION,
    EXCEPTION "Exception" BASE_EXCEPTION,
    STOP_ASYNC_ITERATION "StopAsyncIteration" EXCEPTION,
    ARITHMETIC_ERROR "ArithmeticError" EXCEPTION,
    FLOATING_POINT_ERROR "FloatingPointError" ARITHMETIC_ERROR,
    OVERFLOW_ERROR "OverflowError" ARITHMETIC_ERROR,
    ZERO_DIVISION_ERROR "ZeroDivisionError" ARITHMETIC_ERROR,
    ASSERTION_ERROR "AssertionError" EXCEPTION,
    ATTRIBUTE_ERROR "AttributeError" EXCEPTION,
    BUFFER_ERROR "BufferError" EXCEPTION,
    EOF_ERROR "EOFError" EXCEPTION,
    MODULE_NOT_FOUND_ERROR "ModuleNotFoundError" IMPORT_ERROR,
    LOOKUP_ERROR "LookupError" EXCEPTION,
    INDEX_ERROR "IndexError" LOOKUP_ERROR,
    MEMORY_ERROR "MemoryError" EXCEPTION,
    NAME_ERROR "NameError" EXCEPTION,
    UNBOUND_LOCAL_ERROR "UnboundLocalError" NAME_ERROR,
    BLOCKING_IO_ERROR "BlockingIOError" OS_ERROR,
    CHILD_PROCESS_ERROR "ChildProcessError" OS_ERROR,
    CONNECTION_ERROR "ConnectionError" OS_ERROR,
    BROKEN_PIPE_ERROR "BrokenPipeError" CONNECTION_ERROR,
    CONNECTION_ABORTED_ERROR "ConnectionAbortedError" CONNECTION_ERROR,
    CONNECTION_REFUSED_ERROR "ConnectionRefusedError" CONNECTION_ERROR,
    CONNECTION_RESET_ERROR "ConnectionResetError" CONNECTION_ERROR,
    FILE_EXISTS_ERROR "FileExistsError" OS_ERROR,
    FILE_NOT_FOUND_ERROR "FileNotFoundError" OS_ERROR,
    INTERRUPTED_ERROR "InterruptedError" OS_ERROR,
    IS_A_DIRECTORY_ERROR "IsADirectoryError" OS_ERROR,
    NOT_A_DIRECTORY_ERROR "NotADirectoryError" OS_ERROR,
    PERMISSION_ERROR "PermissionError" OS_ERROR,
    PROCESS_LOOKUP_ERROR "ProcessLookupError" OS_ERROR,
    TIMEOUT_ERROR "TimeoutError" OS_ERROR,
    REFERENCE_ERROR "ReferenceError" EXCEPTION,
    RUNTIME_ERROR "RuntimeError" EXCEPTION,
    NOT_IMPLEMENTED_ERROR "NotImplementedError" RUNTIME_ERROR,
    RECURSION_ERROR "RecursionError" RUNTIME_ERROR,
    SYNTAX_ERROR "SyntaxError" EXCEPTION,
    INDENTATION_ERROR "IndentationError" SYNTAX_ERROR,
    TAB_ERROR "TabError" INDENTATION_ERROR,
    SYSTEM_ERROR "SystemError" EXCEPTION,
    TYPE_ERROR "TypeError" EXCEPTION,
    VALUE_ERROR "ValueError" EXCEPTION,
    UNICODE_ERROR "UnicodeError" VALUE_ERROR,
    UNICODE_TRANSLATE_ERROR "UnicodeTranslateError" UNICODE_ERROR,
    WARNING "Warning" EXCEPTION,
    BYTES_WARNING "BytesWarning" WARNING,
    DEPRECATION_WARNING "DeprecationWarning" WARNING,
    ENCODING_WARNING "EncodingWarning" WARNING,
    FUTURE_WARNING "FutureWarning" WARNING,
    IMPORT_WARNING "ImportWarning" WARNING,
    PENDING_DEPRECATION_WARNING "PendingDeprecationWarning" WARNING,
    RESOURCE_WARNING "ResourceWarning" WARNING,
    RUNTIME_WARNING "RuntimeWarning" WARNING,
    SYNTAX_WARNING "SyntaxWarning" WARNING,
    UNICODE_WARNING "UnicodeWarning" WARNING,
    USER_WARNING "UserWarning" WARNING,
}

/// `KeyError`: its message is the `repr` of the key.
pub static KEY_ERROR: NativeClass = NativeClass {
    methods: &[("__str__", key_error_str)],
    ..NativeClass::plain("builtins", "KeyError", &[&LOOKUP_ERROR])
};
/// `OSError` (`IOError`, `EnvironmentError`).
pub static OS_ERROR: NativeClass = NativeClass {
    methods: &[("__init__", os_error_init), ("__str__", os_error_str)],
    ..NativeClass::plain("builtins", "OSError", &[&EXCEPTION])
};
/// `ImportError`, with `name` and `path`.
pub static IMPORT_ERROR: NativeClass = NativeClass {
    methods: &[("__init__", import_error_init)],
    ..NativeClass::plain("builtins", "ImportError", &[&EXCEPTION])
};
/// `StopIteration`, with `value`.
pub static STOP_ITERATION: NativeClass = NativeClass {
    methods: &[("__init__", stop_iteration_init)],
    ..NativeClass::plain("builtins", "StopIteration", &[&EXCEPTION])
};
/// `SystemExit`, with `code`.
pub static SYSTEM_EXIT: NativeClass = NativeClass {
    methods: &[("__init__", system_exit_init)],
    ..NativeClass::plain("builtins", "SystemExit", &[&BASE_EXCEPTION])
};
/// `BaseExceptionGroup`, with `message` and `exceptions`.
pub static BASE_EXCEPTION_GROUP: NativeClass = NativeClass {
    methods: &[("__init__", group_init), ("__str__", group_str)],
    ..NativeClass::plain("builtins", "BaseExceptionGroup", &[&BASE_EXCEPTION])
};
/// `ExceptionGroup`.
pub static EXCEPTION_GROUP: NativeClass = NativeClass::plain(
    "builtins",
    "ExceptionGroup",
    &[&BASE_EXCEPTION_GROUP, &EXCEPTION],
);

/// Makes an exception instance, without running an `__init__` written in Python.
pub fn instance(class: &Rc<Class>, args: Vec<Value>) -> Value {
    let made = Instance::new(class.clone());
    set_up(&made, args);
    Value::Instance(Rc::new(made))
}

/// Sets `args` and what the class derives from them.
fn set_up(made: &Instance, args: Vec<Value>) {
    let class = made.class();
    if class.inherits(&STOP_ITERATION) {
        made.set("value", args.first().cloned().unwrap_or(Value::None));
    } else if class.inherits(&SYSTEM_EXIT) {
        made.set("code", args.first().cloned().unwrap_or(Value::None));
    } else if class.inherits(&IMPORT_ERROR) {
        made.set("msg", args.first().cloned().unwrap_or(Value::None));
        for name in ["name", "path"] {
            if made.get(name).is_none() {
                made.set(name, Value::None);
            }
        }
    } else if class.inherits(&BASE_EXCEPTION_GROUP)
        && let [message, exceptions, ..] = args.as_slice()
    {
        made.set("message", message.clone());
        let members = match exceptions {
            Value::List(members) => Value::tuple(members.borrow().clone()),
            other => other.clone(),
        };
        made.set("exceptions", members);
    }
    made.set("args", Value::tuple(args));
}

/// `ModuleNotFoundError` with its `name`.
pub fn module_not_found(message: &str, module: &str) -> PyError {
    import_failure(&MODULE_NOT_FOUND_ERROR, message, module)
}

/// An import error with its `name`.
pub fn import_failure(class: &'static NativeClass, message: &str, module: &str) -> PyError {
    let value = instance(&Class::of(class), vec![Value::str(message)]);
    if let Value::Instance(made) = &value {
        made.set("name", Value::str(module));
    }
    PyError::from_kind(crate::py::error::PyErrorKind::Exception(value))
}

/// `Type: message` as the last line of a traceback.
pub fn summary(vm: &Vm, exception: &Value) -> String {
    let class = vm.class_of(exception);
    let name = match &*class.module {
        "builtins" | "__main__" => class.qualname.to_string(),
        module => format!("{module}.{}", class.qualname),
    };
    match vm.str(exception) {
        Ok(text) if text.is_empty() => name,
        Ok(text) => format!("{name}: {text}"),
        Err(_) => format!("{name}: <exception str() failed>"),
    }
}

fn new(_vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    Ok(instance(class, args.positional))
}

/// The receiver as an instance.
fn receiver_of(receiver: &Value) -> PyResult<&Rc<Instance>> {
    match receiver {
        Value::Instance(made) => Ok(made),
        _ => Err(PyError::type_error(
            "descriptor requires a 'BaseException' object",
        )),
    }
}

fn init(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let made = receiver_of(receiver)?;
    if !args.keywords.is_empty() {
        return Err(PyError::type_error(format!(
            "{}() takes no keyword arguments",
            vm.class_of(receiver).name
        )));
    }
    set_up(made, args.positional);
    Ok(Value::None)
}

fn stop_iteration_init(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    init(vm, receiver, args)
}

fn system_exit_init(_vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let made = receiver_of(receiver)?;
    let code = match args.positional.as_slice() {
        [] => Value::None,
        [code] => code.clone(),
        many => Value::tuple(many.to_vec()),
    };
    set_up(made, args.positional);
    made.set("code", code);
    Ok(Value::None)
}

fn import_error_init(_vm: &Vm, receiver: &Value, mut args: Args) -> PyResult<Value> {
    let made = receiver_of(receiver)?;
    for name in ["name", "path"] {
        made.set(name, args.take(name).unwrap_or(Value::None));
    }
    set_up(made, args.positional);
    Ok(Value::None)
}

fn group_init(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let made = receiver_of(receiver)?;
    let bound = args.bind("BaseExceptionGroup.__new__", "(message, exceptions, /)")?;
    let exceptions = Value::tuple(vm.collect(&bound.get("exceptions"))?);
    made.set("message", bound.get("message"));
    made.set(
        "args",
        Value::tuple(vec![bound.get("message"), bound.get("exceptions")]),
    );
    made.set("exceptions", exceptions);
    Ok(Value::None)
}

fn group_str(vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    let made = receiver_of(receiver)?;
    let message = vm.str(&made.get("message").unwrap_or(Value::None))?;
    let count = vm
        .collect(
            &made
                .get("exceptions")
                .unwrap_or_else(|| Value::tuple(Vec::new())),
        )?
        .len();
    let plural = if count == 1 { "" } else { "s" };
    Ok(Value::from(format!(
        "{message} ({count} sub-exception{plural})"
    )))
}

fn os_error_init(_vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let made = receiver_of(receiver)?;
    let positional = args.positional;
    for (name, at) in [("errno", 0), ("strerror", 1), ("filename", 2)] {
        let value = if positional.len() >= 2 {
            positional.get(at).cloned()
        } else {
            None
        };
        made.set(name, value.unwrap_or(Value::None));
    }
    let shown = if positional.len() > 2 {
        positional.iter().take(2).cloned().collect()
    } else {
        positional
    };
    made.set("args", Value::tuple(shown));
    Ok(Value::None)
}

fn os_error_str(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let made = receiver_of(receiver)?;
    let part = |name: &str| made.get(name).filter(|value| !value.is_none());
    match (part("errno"), part("strerror"), part("filename")) {
        (Some(number), Some(text), Some(file)) => Ok(Value::from(format!(
            "[Errno {}] {}: {}",
            vm.str(&number)?,
            vm.str(&text)?,
            vm.repr(&file)?
        ))),
        (Some(number), Some(text), None) => Ok(Value::from(format!(
            "[Errno {}] {}",
            vm.str(&number)?,
            vm.str(&text)?
        ))),
        _ => str_method(vm, receiver, args),
    }
}

/// The `args` of an exception.
pub fn args_of(vm: &Vm, exception: &Value) -> Vec<Value> {
    match exception {
        Value::Instance(made) => made
            .get("args")
            .and_then(|args| vm.collect(&args).ok())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn str_method(vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    let args = args_of(vm, receiver);
    match args.as_slice() {
        [] => Ok(Value::str("")),
        [one] => vm.str(one).map(Value::from),
        many => vm.repr(&Value::tuple(many.to_vec())).map(Value::from),
    }
}

fn key_error_str(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    match args_of(vm, receiver).as_slice() {
        [one] => vm.repr(one).map(Value::from),
        _ => str_method(vm, receiver, args),
    }
}

/// `UnicodeDecodeError`.
pub static UNICODE_DECODE_ERROR: NativeClass = NativeClass {
    methods: &[("__str__", unicode_error_str)],
    ..NativeClass::plain("builtins", "UnicodeDecodeError", &[&UNICODE_ERROR])
};
/// `UnicodeEncodeError`.
pub static UNICODE_ENCODE_ERROR: NativeClass = NativeClass {
    methods: &[("__str__", unicode_error_str)],
    ..NativeClass::plain("builtins", "UnicodeEncodeError", &[&UNICODE_ERROR])
};

fn unicode_error_str(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let given = args_of(vm, receiver);
    let [
        Value::Str(codec),
        object,
        Value::Int(start),
        Value::Int(end),
        Value::Str(reason),
    ] = given.as_slice()
    else {
        return str_method(vm, receiver, args);
    };
    let first = usize::try_from(*start).unwrap_or(0);
    let (verb, what) = match object {
        Value::Bytes(bytes) if end - start == 1 => (
            "decode",
            format!("byte {:#04x}", bytes.get(first).copied().unwrap_or(0)),
        ),
        Value::Bytes(_) => ("decode", "bytes".to_owned()),
        Value::Str(text) if end - start == 1 => {
            let mut escaped = String::new();
            crate::py::builtins::repr::push_escape(
                &mut escaped,
                text.chars().nth(first).unwrap_or(' '),
            );
            ("encode", format!("character '{escaped}'"))
        }
        _ => ("encode", "characters".to_owned()),
    };
    let place = if end - start == 1 {
        start.to_string()
    } else {
        format!("{start}-{}", end - 1)
    };
    Ok(Value::from(format!(
        "'{codec}' codec can't {verb} {what} in position {place}: {reason}"
    )))
}

fn repr_method(vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    let args = args_of(vm, receiver);
    let name = vm.class_of(receiver).name.clone();
    Ok(Value::from(match args.as_slice() {
        [one] => format!("{name}({})", vm.repr(one)?),
        many => format!("{name}{}", vm.repr(&Value::tuple(many.to_vec()))?),
    }))
}

fn with_traceback(_vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("BaseException.with_traceback", "(tb, /)")?;
    receiver_of(receiver)?.set("__traceback__", bound.get("tb"));
    Ok(receiver.clone())
}

fn add_note(_vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let note = args
        .bind("BaseException.add_note", "(note, /)")?
        .get("note");
    let made = receiver_of(receiver)?;
    match made.get("__notes__") {
        Some(Value::List(notes)) => notes.borrow_mut().push(note),
        _ => made.set("__notes__", Value::list(vec![note])),
    }
    Ok(Value::None)
}
