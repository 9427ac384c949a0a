//! Directives that are no schema operations: `execute`, `f`, `inline_literal`.

use std::rc::Rc;

use crate::ops;
use crate::ops::OpEnv;
use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::execute;
use crate::sa::expr::literal::literal_of;
use crate::sa::expr::wrap;
use crate::sa::name;
use crate::sa::types::sql_type;
use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::expr::infer::type_of_value;
use crate::schema::types::SqlType;

/// Name, signature, whether batches have it.
const FUNCTIONS: &[(&str, &str, bool)] = &[
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

/// Calls one of them, with its signature.
pub(crate) fn call(
    vm: &Vm,
    env: &Rc<OpEnv>,
    name: &str,
    signature: &'static str,
    args: Args,
) -> PyResult<Value> {
    let bound = ops::with_self(args).bind(name, signature)?;
    match name {
        "execute" => execute::run(vm, &env.executor, &bound.get("sqltext")).map(|()| Value::None),
        "f" => Ok(match bound.get("name") {
            Value::None => Value::None,
            given => name::conv(&name::from_value(&given, "as a name")?.text),
        }),
        "inline_literal" => inline_literal(vm, &bound.get("value"), &bound.get("type_")),
        other => Err(PyError::unsupported(format!("`op.{other}`"))),
    }
}

/// `sqla_compat._literal_bindparam`: a value that is always written into the text.
fn inline_literal(vm: &Vm, value: &Value, type_: &Value) -> PyResult<Value> {
    let given = if type_.is_none() {
        None
    } else {
        Some(sql_type(vm, type_)?)
    };
    let literal = literal_of(vm, value, given.as_ref().unwrap_or(&SqlType::Null))?;
    let sql_type = given.unwrap_or_else(|| type_of_value(&literal));
    let mut bind = Bind::anonymous("param", literal, sql_type);
    bind.inline = true;
    Ok(wrap(Expr::Bind(Box::new(bind))))
}
