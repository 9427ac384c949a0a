//! `json`.

pub mod decode;
pub mod encode;

use crate::py::args::Args;
use crate::py::builtins::receiver::core;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

module! {
    MODULE = "json",
    functions: &[("dumps", dumps), ("dump", dump), ("loads", loads), ("load", load)],
    classes: &[&encode::ENCODER, &JSON_DECODE_ERROR],
    values: &[("decoder", |vm| vm.import("json.decoder"))],
}

module! {
    DECODER = "json.decoder",
    functions: &[],
    classes: &[&JSON_DECODE_ERROR],
    values: &[],
}

/// `json.JSONDecodeError`.
pub static JSON_DECODE_ERROR: NativeClass = NativeClass::plain(
    "json.decoder",
    "JSONDecodeError",
    &[&crate::py::exceptions::VALUE_ERROR],
);

/// `json.dumps(obj, …)`.
fn dumps(vm: &Vm, args: Args) -> PyResult<Value> {
    let (object, keywords) = split(args, "dumps")?;
    encode::encode(vm, &object, keywords).map(Value::from)
}

/// `json.dump(obj, fp, …)`.
fn dump(vm: &Vm, mut args: Args) -> PyResult<Value> {
    let file = if args.positional.len() > 1 {
        Some(args.positional.remove(1))
    } else {
        args.take("fp")
    };
    let Some(file) = file else {
        return Err(PyError::type_error(
            "dump() missing 1 required positional argument: 'fp'",
        ));
    };
    let (object, keywords) = split(args, "dump")?;
    let text = encode::encode(vm, &object, keywords)?;
    vm.call_method(&file, "write", Args::of(vec![Value::from(text)]))
}

/// The object and the keyword options.
fn split(mut args: Args, function: &str) -> PyResult<(Value, Args)> {
    let object = if args.positional.is_empty() {
        args.take("obj")
    } else {
        Some(args.positional.remove(0))
    };
    match object {
        Some(object) if args.positional.is_empty() => Ok((object, args)),
        Some(_) => {
            let given = args.positional.len() + 1;
            Err(PyError::type_error(format!(
                "{function}() takes 1 positional argument but {given} were given"
            )))
        }
        None => Err(PyError::type_error(format!(
            "{function}() missing 1 required positional argument: 'obj'"
        ))),
    }
}

/// `json.loads(s, …)`.
fn loads(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "loads",
        "(s, *, cls=None, object_hook=None, parse_float=None, parse_int=None, parse_constant=None, object_pairs_hook=None)",
    )?;
    let source = bound.get("s");
    let text = match core(&source) {
        Value::Str(text) => text.to_string(),
        Value::Bytes(bytes) => {
            crate::py::builtins::bytes::codec::decode(&bytes, "utf-8", "strict")?
        }
        Value::Unresolved(unresolved) => {
            return Err(crate::py::vm::unresolved_error(&unresolved, "as JSON text"));
        }
        _ => {
            let class = vm.class_of(&source);
            return Err(PyError::type_error(format!(
                "the JSON object must be str, bytes or bytearray, not {}",
                class.name
            )));
        }
    };
    if !bound.get("cls").is_none() {
        return Err(PyError::unsupported("`json.loads` with `cls`"));
    }
    if text.starts_with('\u{feff}') {
        return Err(decode::failure(
            "Unexpected UTF-8 BOM (decode using utf-8-sig)",
            &text,
            0,
        ));
    }
    let hook = |name: &str| Some(bound.get(name)).filter(|hook| !hook.is_none());
    decode::decode(
        vm,
        &text,
        decode::Hooks {
            object: hook("object_hook"),
            pairs: hook("object_pairs_hook"),
            float: hook("parse_float"),
            int: hook("parse_int"),
            constant: hook("parse_constant"),
        },
    )
}

/// `json.load(fp, …)`.
fn load(vm: &Vm, mut args: Args) -> PyResult<Value> {
    let file = if args.positional.is_empty() {
        args.take("fp")
    } else {
        Some(args.positional.remove(0))
    };
    let Some(file) = file else {
        return Err(PyError::type_error(
            "load() missing 1 required positional argument: 'fp'",
        ));
    };
    let text = vm.call_method(&file, "read", Args::none())?;
    args.positional.insert(0, text);
    loads(vm, args)
}
