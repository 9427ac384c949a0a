//! Directives that are no schema operations: `execute`, `f`, `inline_literal`, `bulk_insert`.

use std::rc::Rc;

use crate::ops;
use crate::ops::OpEnv;
use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::execute;
use crate::sa::name;

/// Name, signature, whether batches have it.
const FUNCTIONS: &[(&str, &str, bool)] = &[
    (
        "bulk_insert",
        "(self, table, rows, *, multiinsert=True)",
        false,
    ),
    (
        "execute",
        "(self, sqltext, *, execution_options=None)",
        true,
    ),
    ("f", "(self, name)", true),
    ("inline_literal", "(self, value, type_=None)", true),
];

/// Their names.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, ..)| *name)
}

/// Their signatures under `op`.
pub(crate) fn signature(name: &str) -> Option<&'static str> {
    FUNCTIONS
        .iter()
        .find(|(known, ..)| *known == name)
        .map(|(_, signature, _)| *signature)
}

/// Their signatures under `batch_op`.
pub(crate) fn batch_signature(name: &str) -> Option<&'static str> {
    FUNCTIONS
        .iter()
        .find(|(known, _, in_batch)| *known == name && *in_batch)
        .map(|(_, signature, _)| *signature)
}

/// Calls one of them; `None` when it is none of them.
pub(crate) fn call(vm: &Vm, env: &Rc<OpEnv>, name: &str, args: Args) -> PyResult<Option<Value>> {
    let Some(signature) = signature(name) else {
        return Ok(None);
    };
    let bound = ops::with_self(args).bind(name, signature)?;
    match name {
        "execute" => {
            execute::run(vm, &env.executor, &bound.get("sqltext")).map(|()| Some(Value::None))
        }
        "f" => Ok(Some(match bound.get("name") {
            Value::None => Value::None,
            given => name::conv(&name::from_value(&given, "as a name")?.text),
        })),
        other => Err(PyError::unsupported(format!("`op.{other}`"))),
    }
}
