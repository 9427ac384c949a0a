//! `_asyncio`: what `asyncio` asks of the evaluator, which runs every coroutine to its end at once.

use crate::py::builtins::arguments;
use crate::py::value::Value;

module! {
    MODULE = "_asyncio",
    functions: &[
        ("wait", |vm, args| vm.await_value(&arguments::one("wait", args)?)),
        ("is_coroutine_function", |_, args| {
            let function = match arguments::one("is_coroutine_function", args)? {
                Value::Method(method) => method.function.clone(),
                other => other,
            };
            Ok(Value::Bool(matches!(&function, Value::Function(function) if function.def.is_async)))
        }),
    ],
    classes: &[],
    values: &[],
}
