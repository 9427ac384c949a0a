//! Streams over a buffer: `StringIO`, `BytesIO`, and the buffer of a file.

use std::cell::Cell;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::builtins::receiver;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// A stream: all of its content, a position, and (for a file) where it is written.
#[derive(Debug)]
pub struct Stream {
    class: &'static NativeClass,
    text: bool,
    content: RefCell<Vec<u8>>,
    position: Cell<usize>,
    closed: Cell<bool>,
    changed: Cell<bool>,
    readable: bool,
    writable: bool,
    append: bool,
    /// The file, and the name it was opened by.
    pub file: Option<(PathBuf, Value)>,
    mode: Rc<str>,
}

/// The methods of every stream.
pub const METHODS: &[(&str, Method)] = &[
    ("close", close),
    ("flush", flush),
    ("getvalue", getvalue),
    ("read", read),
    ("readline", readline),
    ("readlines", readlines),
    ("seek", seek),
    ("tell", |_, receiver, _| {
        Ok(Value::int(own(receiver)?.position.get()))
    }),
    ("truncate", truncate),
    ("write", write),
    ("writelines", writelines),
    ("readable", |_, receiver, _| {
        Ok(Value::Bool(own(receiver)?.readable))
    }),
    ("writable", |_, receiver, _| {
        Ok(Value::Bool(own(receiver)?.writable))
    }),
    ("seekable", |_, _, _| Ok(Value::Bool(true))),
    ("isatty", |_, _, _| Ok(Value::Bool(false))),
    ("__iter__", |_, receiver, _| Ok(receiver.clone())),
];

/// `io.StringIO`.
pub static STRING_IO: NativeClass = NativeClass {
    module: "_io",
    name: "StringIO",
    bases: &[],
    new: Some(new_string),
    methods: METHODS,
    class_methods: &[],
    attributes: &[],
};

/// `io.BytesIO`.
pub static BYTES_IO: NativeClass = NativeClass {
    module: "_io",
    name: "BytesIO",
    bases: &[],
    new: Some(new_bytes),
    methods: METHODS,
    class_methods: &[],
    attributes: &[],
};

impl Stream {
    /// A stream over a buffer.
    pub fn new(class: &'static NativeClass, text: bool, content: Vec<u8>) -> Self {
        Self {
            class,
            text,
            content: RefCell::new(content),
            position: Cell::new(0),
            closed: Cell::new(false),
            changed: Cell::new(false),
            readable: true,
            writable: true,
            append: false,
            file: None,
            mode: "".into(),
        }
    }

    /// A stream over a file that was read; it is written when closed.
    pub fn of_file(self, path: PathBuf, name: Value, mode: &str) -> Self {
        let readable = mode.contains(['r', '+']);
        let writable = mode.contains(['w', 'a', 'x', '+']);
        let changed = mode.contains(['w', 'x']);
        Self {
            readable,
            writable,
            append: mode.contains('a'),
            changed: Cell::new(changed),
            file: Some((path, name)),
            mode: mode.into(),
            ..self
        }
    }

    /// Takes bytes up to an end.
    fn take(&self, end: usize) -> PyResult<Value> {
        if self.closed.get() {
            return Err(PyError::value_error("I/O operation on closed file."));
        }
        if !self.readable {
            return Err(PyError::new(
                &crate::py::exceptions::OS_ERROR,
                "not readable",
            ));
        }
        let content = self.content.borrow();
        let start = self.position.get().min(content.len());
        let end = end.clamp(start, content.len());
        self.position.set(end);
        let bytes = &content[start..end];
        Ok(if self.text {
            Value::str(String::from_utf8_lossy(bytes))
        } else {
            crate::py::builtins::bytes::make(bytes)
        })
    }

    /// The end of a count of characters (or bytes) from here.
    fn end_of(&self, count: i64) -> usize {
        let content = self.content.borrow();
        let start = self.position.get().min(content.len());
        let Ok(count) = usize::try_from(count) else {
            return content.len();
        };
        if !self.text {
            return start.saturating_add(count);
        }
        let text = String::from_utf8_lossy(&content[start..]);
        text.char_indices()
            .nth(count)
            .map_or(content.len(), |(at, _)| start + at)
    }

    /// The next line with its end; `None` at the end.
    fn line(&self) -> PyResult<Option<Value>> {
        let end = {
            let content = self.content.borrow();
            let start = self.position.get().min(content.len());
            if start == content.len() {
                return self.take(start).map(|_| None);
            }
            content[start..]
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(content.len(), |at| start + at + 1)
        };
        self.take(end).map(Some)
    }

    /// Writes a changed file.
    fn save(&self) -> PyResult<()> {
        let Some((path, _)) = &self.file else {
            return Ok(());
        };
        if self.writable && self.changed.get() {
            std::fs::write(path, &*self.content.borrow())
                .map_err(|error| super::file::failed(&error, path))?;
            self.changed.set(false);
        }
        Ok(())
    }
}

/// The stream that a receiver is.
fn own(receiver: &Value) -> PyResult<Rc<Stream>> {
    receiver
        .native::<Stream>()
        .ok_or_else(|| PyError::type_error("descriptor requires a stream"))
}

/// `StringIO(initial_value='', newline='\n')`.
fn new_string(_: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("StringIO", "(initial_value='', newline='\\n')")?;
    let text = bound
        .optional_str("initial_value")?
        .unwrap_or_else(|| "".into());
    Ok(Value::object(Stream::new(
        &STRING_IO,
        true,
        text.as_bytes().to_vec(),
    )))
}

/// `BytesIO(initial_bytes=b'')`.
fn new_bytes(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let given = arguments::between("BytesIO", args, 0, 1)?;
    let bytes = given.first().map_or_else(
        || Ok(Vec::new()),
        |value| receiver::bytes(vm, value).map(|bytes| bytes.to_vec()),
    )?;
    Ok(Value::object(Stream::new(&BYTES_IO, false, bytes)))
}

fn read(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::between("read", args, 0, 1)?;
    let count = match given.first() {
        None | Some(Value::None) => -1,
        Some(count) => receiver::index(vm, count)?,
    };
    let stream = own(receiver)?;
    stream.take(stream.end_of(count))
}

fn readline(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let stream = own(receiver)?;
    let empty = if stream.text {
        Value::str("")
    } else {
        crate::py::builtins::bytes::make(Vec::new())
    };
    Ok(stream.line()?.unwrap_or(empty))
}

fn readlines(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let stream = own(receiver)?;
    let mut lines = Vec::new();
    while let Some(line) = stream.line()? {
        lines.push(line);
    }
    Ok(Value::list(lines))
}

fn write(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::one("write", args)?;
    let stream = own(receiver)?;
    if stream.closed.get() {
        return Err(PyError::value_error("I/O operation on closed file."));
    }
    if !stream.writable {
        return Err(PyError::new(
            &crate::py::exceptions::OS_ERROR,
            "not writable",
        ));
    }
    let (bytes, length) = match receiver::core(&given) {
        Value::Str(text) if stream.text => (text.as_bytes().to_vec(), text.chars().count()),
        Value::Bytes(bytes) if !stream.text => (bytes.to_vec(), bytes.len()),
        Value::Unresolved(unresolved) => {
            return Err(crate::py::vm::unresolved_error(&unresolved, "to write it"));
        }
        _ => {
            let class = vm.class_of(&given);
            return Err(PyError::type_error(if stream.text {
                format!("write() argument must be str, not {}", class.name)
            } else {
                format!("a bytes-like object is required, not '{}'", class.name)
            }));
        }
    };
    let mut content = stream.content.borrow_mut();
    let start = if stream.append {
        content.len()
    } else {
        stream.position.get()
    };
    if content.len() < start + bytes.len() {
        content.resize(start + bytes.len(), 0);
    }
    content[start..start + bytes.len()].copy_from_slice(&bytes);
    stream.position.set(start + bytes.len());
    stream.changed.set(true);
    Ok(Value::int(length))
}

fn writelines(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    for line in vm.collect(&arguments::one("writelines", args)?)? {
        write(vm, receiver, Args::of(vec![line]))?;
    }
    Ok(Value::None)
}

fn seek(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::between("seek", args, 1, 2)?;
    let stream = own(receiver)?;
    let offset = given
        .first()
        .map_or(Ok(0), |offset| receiver::index(vm, offset))?;
    let base = match given
        .get(1)
        .map_or(Ok(0), |whence| receiver::index(vm, whence))?
    {
        0 => 0,
        1 => stream.position.get(),
        _ => stream.content.borrow().len(),
    };
    let place = i64::try_from(base).unwrap_or(0).saturating_add(offset);
    stream.position.set(usize::try_from(place).unwrap_or(0));
    Ok(Value::int(stream.position.get()))
}

fn truncate(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::between("truncate", args, 0, 1)?;
    let stream = own(receiver)?;
    let size = match given.first() {
        None | Some(Value::None) => stream.position.get(),
        Some(size) => usize::try_from(receiver::index(vm, size)?).unwrap_or(0),
    };
    stream.content.borrow_mut().truncate(size);
    stream.changed.set(true);
    Ok(Value::int(size))
}

fn getvalue(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let stream = own(receiver)?;
    if stream.file.is_some() {
        return Err(crate::py::builtins::errors::no_attribute(
            stream.class.name,
            "getvalue",
        ));
    }
    let content = stream.content.borrow();
    Ok(if stream.text {
        Value::str(String::from_utf8_lossy(&content))
    } else {
        crate::py::builtins::bytes::make(content.clone())
    })
}

fn flush(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    own(receiver)?.save()?;
    Ok(Value::None)
}

fn close(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let stream = own(receiver)?;
    stream.save()?;
    stream.closed.set(true);
    Ok(Value::None)
}

impl Object for Stream {
    fn class(&self) -> Rc<Class> {
        Class::of(self.class)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match (name, &self.file) {
            ("closed", _) => Some(Value::Bool(self.closed.get())),
            ("name", Some((_, name))) => Some(name.clone()),
            ("mode", Some(_)) => Some(Value::Str(self.mode.clone())),
            ("encoding", Some(_)) => Some(Value::str("utf-8")),
            _ => None,
        })
    }

    fn is_iterator(&self) -> bool {
        true
    }

    fn next(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Value>> {
        self.line()
    }

    fn enter(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Value>> {
        Ok(Some(Value::Native(self)))
    }

    fn exit(self: Rc<Self>, _vm: &Vm, _error: Option<&PyError>) -> PyResult<bool> {
        self.save()?;
        self.closed.set(true);
        Ok(false)
    }
}
