//! `print` and `open`.

use crate::py::args::Args;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `print(*values, sep=' ', end='\n', file=None, flush=False)`.
pub fn print(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "print",
        "(*args, sep=' ', end='\\n', file=None, flush=False)",
    )?;
    let separator = bound.optional_str("sep")?.unwrap_or_else(|| " ".into());
    let end = bound.optional_str("end")?.unwrap_or_else(|| "\n".into());
    let mut texts = Vec::with_capacity(bound.rest.len());
    for value in &bound.rest {
        texts.push(vm.str(value)?);
    }
    let text = format!("{}{end}", texts.join(&separator));
    let file = match bound.get("file") {
        Value::None => {
            let sys = vm.import("sys")?;
            vm.get_attr(&sys, "stdout")?
        }
        file => file,
    };
    vm.call_method(&file, "write", Args::of(vec![Value::from(text)]))?;
    Ok(Value::None)
}

/// `open(file, mode='r', …)`.
pub fn open(vm: &Vm, args: Args) -> PyResult<Value> {
    crate::py::stdlib::io::file::open(vm, args)
}
