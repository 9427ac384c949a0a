//! What modelled packages ask about values that could not be evaluated, and about functions.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::error::PyResult;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `unresolved(name, reason)`: a value that may be passed on, and is refused where it is used.
pub(super) fn unresolved(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("unresolved", "(name, reason)")?;
    let place = vm.location();
    Ok(Value::Unresolved(Rc::new(Unresolved {
        name: bound.str("name")?.to_string(),
        reason: bound.str("reason")?.to_string(),
        place: place.map(|place| (place.file, place.line)),
    })))
}

/// `arity(function)`: the names of its positional parameters, those without a default first counted, and whether it takes `**keywords`: `None` for what is not
/// written in Python.
pub(super) fn arity(_vm: &Vm, args: Args) -> PyResult<Value> {
    let Some(Value::Function(function)) = args.positional.first() else {
        return Ok(Value::None);
    };
    let parameters = &function.def.parameters;
    let positional = parameters
        .positional_only
        .iter()
        .chain(&parameters.positional);
    let names: Vec<Value> = positional
        .map(|parameter| Value::str(&*parameter.name))
        .collect();
    let defaults = function.defaults.iter().flatten().count();
    Ok(Value::tuple(vec![
        Value::tuple(names),
        Value::int(defaults),
        Value::Bool(parameters.keywords.is_some()),
    ]))
}
