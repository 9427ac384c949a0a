//! `json.dumps` and `json.JSONEncoder`: Lib/json/encoder.py.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::builtins::receiver::core;
use crate::py::builtins::repr::float_repr;
use crate::py::class::Class;
use crate::py::dict::address;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `json.JSONEncoder`.
pub static ENCODER: NativeClass = NativeClass {
    module: "json.encoder",
    name: "JSONEncoder",
    bases: &[],
    new: Some(new),
    methods: &[
        ("__init__", init),
        ("default", default),
        ("encode", encode_method),
    ],
    class_methods: &[],
    attributes: &[],
};

/// How to write.
#[derive(Debug, Clone)]
pub struct Encoder {
    skipkeys: bool,
    ensure_ascii: bool,
    allow_nan: bool,
    sort_keys: bool,
    indent: Option<String>,
    item_separator: String,
    key_separator: String,
    default: Option<Value>,
}

impl Object for Encoder {
    fn class(&self) -> Rc<Class> {
        Class::of(&ENCODER)
    }
}

const SIGNATURE: &str = "(*, skipkeys=False, ensure_ascii=True, check_circular=True, allow_nan=True, sort_keys=False, indent=None, separators=None, default=None)";

/// Reads the options.
fn options(vm: &Vm, args: Args) -> PyResult<Encoder> {
    let bound = args.bind("JSONEncoder.__init__", SIGNATURE)?;
    let indent = match core(&bound.get("indent")) {
        Value::None => None,
        Value::Str(text) => Some(text.to_string()),
        other => Some(" ".repeat(
            usize::try_from(crate::py::builtins::receiver::index(vm, &other)?).unwrap_or(0),
        )),
    };
    let (item, key) = match bound.get("separators") {
        Value::None => (
            if indent.is_some() { "," } else { ", " }.to_owned(),
            ": ".to_owned(),
        ),
        pair => match vm.collect(&pair)?.as_slice() {
            [item, key] => (vm.str(item)?, vm.str(key)?),
            _ => {
                return Err(PyError::value_error(
                    "not enough values to unpack (expected 2)",
                ));
            }
        },
    };
    Ok(Encoder {
        skipkeys: vm.truth(&bound.get("skipkeys"))?,
        ensure_ascii: vm.truth(&bound.get("ensure_ascii"))?,
        allow_nan: vm.truth(&bound.get("allow_nan"))?,
        sort_keys: vm.truth(&bound.get("sort_keys"))?,
        indent,
        item_separator: item,
        key_separator: key,
        default: Some(bound.get("default")).filter(|default| !default.is_none()),
    })
}

/// `JSONEncoder(…)`. A subclass may take arguments of its own, so options are read by `__init__` there.
fn new(vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let args = if class.native.is_some() {
        args
    } else {
        Args::none()
    };
    options(vm, args).map(Value::object)
}

/// `JSONEncoder.__init__(…)`: for subclasses.
fn init(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let encoder = options(vm, args)?;
    if let Value::Instance(instance) = receiver {
        instance.set_base_value(Value::object(encoder));
    }
    Ok(Value::None)
}

/// `JSONEncoder.default(o)`.
fn default(vm: &Vm, _: &Value, args: Args) -> PyResult<Value> {
    Err(refused(vm, &arguments::one("default", args)?))
}

/// The error for what JSON cannot say.
fn refused(vm: &Vm, value: &Value) -> PyError {
    PyError::type_error(format!(
        "Object of type {} is not JSON serializable",
        vm.class_of(value).name
    ))
}

/// `JSONEncoder.encode(o)`.
fn encode_method(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let object = arguments::one("encode", args)?;
    let Some(encoder) = receiver.native::<Encoder>() else {
        return Err(PyError::type_error(
            "descriptor 'encode' requires a 'JSONEncoder' object",
        ));
    };
    let mut encoder = (*encoder).clone();
    if encoder.default.is_none() && matches!(receiver, Value::Instance(_)) {
        encoder.default = vm.find_attr(receiver, "default")?;
    }
    encoder.text(vm, &object).map(Value::from)
}

/// `json.dumps(object, …)`.
pub fn encode(vm: &Vm, object: &Value, mut args: Args) -> PyResult<String> {
    match args.take("cls") {
        None | Some(Value::None) => options(vm, args)?.text(vm, object),
        Some(class) => {
            let encoder = vm.call(&class, args)?;
            let text = vm.call_method(&encoder, "encode", Args::of(vec![object.clone()]))?;
            vm.str(&text)
        }
    }
}

/// The deepest nesting before `RecursionError`.
const DEPTH: usize = 900;

impl Encoder {
    /// Writes a value.
    fn text(&self, vm: &Vm, value: &Value) -> PyResult<String> {
        let mut text = String::new();
        self.write(vm, value, &mut text, &mut Vec::new())?;
        Ok(text)
    }

    /// Writes a value; `open` are the containers around it.
    fn write(
        &self,
        vm: &Vm,
        value: &Value,
        text: &mut String,
        open: &mut Vec<usize>,
    ) -> PyResult<()> {
        match core(value) {
            Value::None => text.push_str("null"),
            Value::Bool(true) => text.push_str("true"),
            Value::Bool(false) => text.push_str("false"),
            Value::Int(number) => text.push_str(&number.to_string()),
            Value::BigInt(number) => text.push_str(&number.to_string()),
            Value::Float(number) => text.push_str(&self.float(number)?),
            Value::Str(string) => quote(text, &string, self.ensure_ascii),
            inner @ (Value::List(_) | Value::Tuple(_)) => {
                self.enter(&inner, open)?;
                let items = vm.collect(&inner)?;
                self.items(vm, &items, text, open)?;
                open.pop();
            }
            inner @ Value::Dict(_) => {
                self.enter(&inner, open)?;
                self.entries(vm, value, &inner, text, open)?;
                open.pop();
            }
            Value::Unresolved(unresolved) => {
                return Err(crate::py::vm::unresolved_error(&unresolved, "as JSON"));
            }
            _ => {
                let Some(default) = &self.default else {
                    return Err(refused(vm, value));
                };
                if let Some(place) = address(value) {
                    self.check(place, open)?;
                    open.push(place);
                }
                let replacement = vm.call(default, Args::of(vec![value.clone()]))?;
                self.write(vm, &replacement, text, open)?;
                if address(value).is_some() {
                    open.pop();
                }
            }
        }
        Ok(())
    }

    /// Refuses a container inside itself.
    fn check(&self, place: usize, open: &[usize]) -> PyResult<()> {
        if open.contains(&place) {
            return Err(PyError::value_error("Circular reference detected"));
        }
        if open.len() > DEPTH {
            return Err(PyError::new(
                &crate::py::exceptions::RECURSION_ERROR,
                "maximum recursion depth exceeded while encoding a JSON object",
            ));
        }
        Ok(())
    }

    /// Opens a container.
    fn enter(&self, value: &Value, open: &mut Vec<usize>) -> PyResult<()> {
        let place = address(value).unwrap_or(0);
        self.check(place, open)?;
        open.push(place);
        Ok(())
    }

    /// A float.
    fn float(&self, number: f64) -> PyResult<String> {
        if number.is_finite() {
            return Ok(float_repr(number));
        }
        if !self.allow_nan {
            return Err(PyError::value_error(
                "Out of range float values are not JSON compliant",
            ));
        }
        Ok(if number.is_nan() {
            "NaN"
        } else if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned())
    }

    /// A line break and the indentation of the containers that are open, less `outer`.
    fn newline(&self, text: &mut String, level: usize) {
        if let Some(indent) = &self.indent {
            text.push('\n');
            text.push_str(&indent.repeat(level));
        }
    }

    /// The items of a list.
    fn items(
        &self,
        vm: &Vm,
        items: &[Value],
        text: &mut String,
        open: &mut Vec<usize>,
    ) -> PyResult<()> {
        if items.is_empty() {
            text.push_str("[]");
            return Ok(());
        }
        let level = open.len();
        text.push('[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                text.push_str(&self.item_separator);
            }
            self.newline(text, level);
            self.write(vm, item, text, open)?;
        }
        self.newline(text, level - 1);
        text.push(']');
        Ok(())
    }

    /// The entries of a dictionary.
    fn entries(
        &self,
        vm: &Vm,
        original: &Value,
        inner: &Value,
        text: &mut String,
        open: &mut Vec<usize>,
    ) -> PyResult<()> {
        let pairs = match inner {
            Value::Dict(dict) if !matches!(original, Value::Instance(_)) => dict
                .borrow()
                .iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            _ => vm.mapping_items(original)?.unwrap_or_default(),
        };
        if pairs.is_empty() {
            text.push_str("{}");
            return Ok(());
        }
        let pairs = if self.sort_keys {
            sorted(vm, pairs)?
        } else {
            pairs
        };
        let level = open.len();
        let mut first = true;
        text.push('{');
        for (key, value) in pairs {
            let Some(name) = self.key(vm, &key)? else {
                continue;
            };
            if !first {
                text.push_str(&self.item_separator);
            }
            first = false;
            self.newline(text, level);
            quote(text, &name, self.ensure_ascii);
            text.push_str(&self.key_separator);
            self.write(vm, &value, text, open)?;
        }
        self.newline(text, level - 1);
        text.push('}');
        Ok(())
    }

    /// A key as text; `None` when it is skipped.
    fn key(&self, vm: &Vm, key: &Value) -> PyResult<Option<String>> {
        Ok(Some(match core(key) {
            Value::Str(text) => text.to_string(),
            Value::None => "null".to_owned(),
            Value::Bool(true) => "true".to_owned(),
            Value::Bool(false) => "false".to_owned(),
            Value::Int(number) => number.to_string(),
            Value::BigInt(number) => number.to_string(),
            Value::Float(number) => self.float(number)?,
            _ if self.skipkeys => return Ok(None),
            _ => {
                let class = vm.class_of(key);
                return Err(PyError::type_error(format!(
                    "keys must be str, int, float, bool or None, not {}",
                    class.name
                )));
            }
        }))
    }
}

/// Pairs in the order of their keys.
fn sorted(vm: &Vm, pairs: Vec<(Value, Value)>) -> PyResult<Vec<(Value, Value)>> {
    let tuples = pairs
        .into_iter()
        .map(|(key, value)| Value::tuple(vec![key, value]))
        .collect();
    let first = Value::builtin("first", |_, args| match args.positional.first() {
        Some(Value::Tuple(items)) => Ok(items.first().cloned().unwrap_or(Value::None)),
        _ => Ok(Value::None),
    });
    let sorted = crate::py::builtins::list::sorted(vm, tuples, &first, false)?;
    Ok(sorted
        .into_iter()
        .filter_map(|pair| match pair {
            Value::Tuple(items) => Some((items.first()?.clone(), items.get(1)?.clone())),
            _ => None,
        })
        .collect())
}

/// A JSON string.
pub fn quote(text: &mut String, string: &str, ensure_ascii: bool) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\0'..='\u{1f}' => text.push_str(&format!("\\u{:04x}", u32::from(character))),
            '\u{7f}'.. if ensure_ascii && character != '\u{7f}' => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    text.push_str(&format!("\\u{unit:04x}"));
                }
            }
            _ => text.push(character),
        }
    }
    text.push('"');
}
