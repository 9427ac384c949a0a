//! `open`: real files, read whole and written when closed.

use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

use crate::py::args::Args;
use crate::py::builtins::receiver::core;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::exceptions;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::memory::METHODS;
use super::memory::Stream;

/// `io.TextIOWrapper`.
pub static TEXT: NativeClass = NativeClass {
    module: "_io",
    name: "TextIOWrapper",
    bases: &[],
    new: None,
    methods: METHODS,
    class_methods: &[],
    attributes: &[],
};
/// `io.BufferedReader`, which stands for the writer too.
pub static BYTES: NativeClass = NativeClass {
    module: "_io",
    name: "BufferedReader",
    bases: &[],
    new: None,
    methods: METHODS,
    class_methods: &[],
    attributes: &[],
};

/// An error of the system as the `OSError` that CPython raises.
pub fn failed(error: &std::io::Error, path: &Path) -> PyError {
    let class = match error.kind() {
        ErrorKind::NotFound => &exceptions::FILE_NOT_FOUND_ERROR,
        ErrorKind::PermissionDenied => &exceptions::PERMISSION_ERROR,
        ErrorKind::AlreadyExists => &exceptions::FILE_EXISTS_ERROR,
        ErrorKind::IsADirectory => &exceptions::IS_A_DIRECTORY_ERROR,
        ErrorKind::NotADirectory => &exceptions::NOT_A_DIRECTORY_ERROR,
        _ => &exceptions::OS_ERROR,
    };
    let number = i64::from(error.raw_os_error().unwrap_or(0));
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text).to_owned();
    let shown = path.display().to_string();
    let made = PyError::with_args(
        &Class::of(class),
        vec![Value::Int(number), Value::from(text.clone())],
    );
    if let Some(Value::Instance(instance)) = made.exception() {
        instance.set("errno", Value::Int(number));
        instance.set("strerror", Value::from(text));
        instance.set("filename", Value::from(shown));
    }
    made
}

/// A path argument: `str` or something with `__fspath__`.
pub fn path_of(vm: &Vm, value: &Value) -> PyResult<PathBuf> {
    match core(value) {
        Value::Str(text) => Ok(PathBuf::from(&*text)),
        Value::Unresolved(unresolved) => {
            Err(crate::py::vm::unresolved_error(&unresolved, "as a path"))
        }
        _ => match vm.find_attr(value, "__fspath__")? {
            Some(method) => Ok(PathBuf::from(vm.str(&vm.call(&method, Args::none())?)?)),
            None => Err(PyError::type_error(format!(
                "expected str, bytes or os.PathLike object, not {}",
                vm.class_of(value).name
            ))),
        },
    }
}

/// `open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)`.
pub fn open(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound =
        args.bind("open", "(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)")?;
    let mode = bound.str("mode")?;
    if !mode.chars().all(|flag| "rwxabt+".contains(flag))
        || mode.chars().filter(|flag| "rwxa".contains(*flag)).count() != 1
    {
        return Err(PyError::value_error(format!("invalid mode: '{mode}'")));
    }
    let name = bound.get("file");
    if matches!(name, Value::Int(_)) {
        return Err(PyError::unsupported("`open` of a file descriptor"));
    }
    let path = path_of(vm, &name)?;
    let text = !mode.contains('b');
    let content = if mode.contains('w') {
        std::fs::write(&path, b"").map(|()| Vec::new())
    } else if mode.contains('x') {
        std::fs::File::create_new(&path).map(|_| Vec::new())
    } else {
        match std::fs::read(&path) {
            Err(error) if mode.contains('a') && error.kind() == ErrorKind::NotFound => {
                Ok(Vec::new())
            }
            other => other,
        }
    };
    let mut content = content.map_err(|error| failed(&error, &path))?;
    if text {
        let encoding = bound
            .optional_str("encoding")?
            .unwrap_or_else(|| "utf-8".into());
        let errors = bound
            .optional_str("errors")?
            .unwrap_or_else(|| "strict".into());
        if mode.contains(['w', 'a', 'x', '+'])
            && !encoding
                .to_ascii_lowercase()
                .replace(['-', '_'], "")
                .starts_with("utf8")
        {
            return Err(PyError::unsupported(format!(
                "writing text in the encoding `{encoding}`"
            )));
        }
        let decoded = crate::py::builtins::bytes::codec::decode(&content, &encoding, &errors)?;
        let universal = bound.get("newline").is_none();
        content = if universal {
            decoded.replace("\r\n", "\n").replace('\r', "\n")
        } else {
            decoded
        }
        .into_bytes();
    }
    let class = if text { &TEXT } else { &BYTES };
    Ok(Value::object(
        Stream::new(class, text, content).of_file(path, name, &mode),
    ))
}
