//! Positional arguments of built-in functions, with the error texts of CPython's C calling conventions.

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;

/// Refuses keywords.
fn no_keywords(function: &str, args: &Args) -> PyResult<()> {
    if args.keywords.is_empty() {
        return Ok(());
    }
    Err(PyError::type_error(format!(
        "{function}() takes no keyword arguments"
    )))
}

/// A function without arguments. `function` is qualified (`str.upper`).
pub fn none(function: &str, args: &Args) -> PyResult<()> {
    no_keywords(function, args)?;
    match args.positional.len() {
        0 => Ok(()),
        given => Err(PyError::type_error(format!(
            "{function}() takes no arguments ({given} given)"
        ))),
    }
}

/// A function of exactly one argument. `function` is qualified (`list.append`).
pub fn one(function: &str, args: Args) -> PyResult<Value> {
    no_keywords(function, &args)?;
    let given = args.positional.len();
    let mut positional = args.positional.into_iter();
    match (positional.next(), given) {
        (Some(value), 1) => Ok(value),
        _ => Err(PyError::type_error(format!(
            "{function}() takes exactly one argument ({given} given)"
        ))),
    }
}

/// A function of `least` to `most` positional arguments. `function` is the bare name (`pop`).
pub fn between(function: &str, args: Args, least: usize, most: usize) -> PyResult<Vec<Value>> {
    no_keywords(function, &args)?;
    let given = args.positional.len();
    let plural = |count: usize| if count == 1 { "argument" } else { "arguments" };
    if least == most && given != least {
        return Err(PyError::type_error(format!(
            "{function} expected {least} {}, got {given}",
            plural(least)
        )));
    }
    if given < least {
        return Err(PyError::type_error(format!(
            "{function} expected at least {least} {}, got {given}",
            plural(least)
        )));
    }
    if given > most {
        return Err(PyError::type_error(format!(
            "{function} expected at most {most} {}, got {given}",
            plural(most)
        )));
    }
    Ok(args.positional)
}
