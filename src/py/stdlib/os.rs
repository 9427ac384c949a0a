//! `_os`: what `os` and `os.path` ask of the system.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::io::file::failed;
use super::io::file::path_of;

module! {
    MODULE = "_os",
    functions: &[
        ("environ", |_, _| Ok(environ())),
        ("getcwd", |_, _| getcwd()),
        ("getpid", |_, _| Ok(Value::int(std::process::id()))),
        ("listdir", listdir),
        ("exists", |vm, args| asked(vm, args, |path| path.exists())),
        ("lexists", |vm, args| asked(vm, args, |path| path.symlink_metadata().is_ok())),
        ("isfile", |vm, args| asked(vm, args, Path::is_file)),
        ("isdir", |vm, args| asked(vm, args, Path::is_dir)),
        ("islink", |vm, args| asked(vm, args, Path::is_symlink)),
        ("access", |vm, args| asked(vm, args, Path::exists)),
        ("mkdir", |vm, args| changed(vm, args, |path| fs::create_dir(path))),
        ("makedirs", |vm, args| changed(vm, args, |path| fs::create_dir_all(path))),
        ("remove", |vm, args| changed(vm, args, |path| fs::remove_file(path))),
        ("rmdir", |vm, args| changed(vm, args, |path| fs::remove_dir(path))),
        ("rmtree", |vm, args| changed(vm, args, |path| fs::remove_dir_all(path))),
        ("rename", |vm, args| both(vm, args, |from, to| fs::rename(from, to))),
        ("copy", |vm, args| both(vm, args, |from, to| fs::copy(from, to).map(drop))),
        ("realpath", realpath),
        ("stat", stat),
    ],
    classes: &[],
    values: &[],
}

/// The environment, as it is now.
fn environ() -> Value {
    let mut dict = Dict::new();
    for (name, value) in std::env::vars_os() {
        dict.insert_str(&name.to_string_lossy(), Value::str(value.to_string_lossy()));
    }
    Value::dict(dict)
}

/// `os.getcwd()`.
fn getcwd() -> PyResult<Value> {
    std::env::current_dir()
        .map(|path| Value::from(path.display().to_string()))
        .map_err(|error| failed(&error, Path::new(".")))
}

/// The first argument as a path.
fn path(vm: &Vm, args: &Args) -> PyResult<PathBuf> {
    path_of(vm, args.positional.first().unwrap_or(&Value::None))
}

/// A question about a path.
fn asked(vm: &Vm, args: Args, question: fn(&Path) -> bool) -> PyResult<Value> {
    Ok(Value::Bool(question(&path(vm, &args)?)))
}

/// A change at a path.
fn changed(vm: &Vm, args: Args, change: fn(&Path) -> std::io::Result<()>) -> PyResult<Value> {
    let path = path(vm, &args)?;
    change(&path).map_err(|error| failed(&error, &path))?;
    Ok(Value::None)
}

/// A change from one path to another.
fn both(vm: &Vm, args: Args, change: fn(&Path, &Path) -> std::io::Result<()>) -> PyResult<Value> {
    let given = arguments::between("rename", args, 2, 2)?;
    let (from, to) = (
        path_of(vm, given.first().unwrap_or(&Value::None))?,
        path_of(vm, given.get(1).unwrap_or(&Value::None))?,
    );
    change(&from, &to).map_err(|error| failed(&error, &from))?;
    Ok(Value::None)
}

/// `os.listdir(path)`.
fn listdir(vm: &Vm, args: Args) -> PyResult<Value> {
    let path = path(vm, &args)?;
    let entries = fs::read_dir(&path).map_err(|error| failed(&error, &path))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| failed(&error, &path))?;
        names.push(Value::str(entry.file_name().to_string_lossy()));
    }
    Ok(Value::list(names))
}

/// `os.path.realpath(path)`: what does not exist stays as written.
fn realpath(vm: &Vm, args: Args) -> PyResult<Value> {
    let path = path(vm, &args)?;
    let mut rest = Vec::new();
    let mut head = path.as_path();
    loop {
        if let Ok(found) = head.canonicalize() {
            let whole = rest.iter().rev().fold(found, |path, part| path.join(part));
            return Ok(Value::from(whole.display().to_string()));
        }
        match (head.parent(), head.file_name()) {
            (Some(parent), Some(name)) => {
                rest.push(name.to_owned());
                head = if parent.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    parent
                };
            }
            _ => return Ok(Value::from(path.display().to_string())),
        }
    }
}

/// `os.stat(path)`: size and modification time.
fn stat(vm: &Vm, args: Args) -> PyResult<Value> {
    let path = path(vm, &args)?;
    let data = fs::metadata(&path).map_err(|error| failed(&error, &path))?;
    let modified = data
        .modified()
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .unwrap_or_default();
    if args.positional.len() > 1 {
        return Err(PyError::unsupported("`os.stat` with more than a path"));
    }
    Ok(Value::tuple(vec![
        Value::int(data.len()),
        Value::Float(modified.as_secs_f64()),
    ]))
}
