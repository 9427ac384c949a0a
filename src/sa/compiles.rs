//! `sqlalchemy.ext.compiler.compiles`: rendering written in Python, for types.

use std::cell::RefCell;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

thread_local! {
    /// The class, the dialects (none: all), and the function.
    static REGISTERED: RefCell<Vec<(Rc<Class>, Vec<String>, Value)>> = const { RefCell::new(Vec::new()) };
}

/// `compiles(cls, *dialects)`.
pub fn compiles(_vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("compiles", "(class_, *specs)")?;
    let class = bound.get("class_");
    let dialects: Vec<String> = bound
        .rest
        .iter()
        .filter_map(Value::as_str)
        .map(|text| text.to_string())
        .collect();
    Ok(Value::builtin("decorate", move |_vm, args| {
        let function = args.positional.into_iter().next().unwrap_or(Value::None);
        if let Value::Class(class) = &class {
            REGISTERED.with(|all| {
                all.borrow_mut()
                    .push((class.clone(), dialects.clone(), function.clone()))
            });
        }
        Ok(function)
    }))
}

/// The function registered for a class (or a class it inherits from) and the dialect of the run.
pub fn registered(class: &Rc<Class>) -> Option<Value> {
    let dialect = crate::sa::clause::default_dialect();
    let order: Vec<Rc<Class>> = std::iter::once(class.clone())
        .chain(class.mro.iter().cloned())
        .collect();
    REGISTERED.with(|all| {
        let all = all.borrow();
        order.iter().find_map(|wanted| {
            let fits = |(known, dialects, _): &&(Rc<Class>, Vec<String>, Value)| {
                Rc::ptr_eq(known, wanted)
                    && (dialects.is_empty() || dialects.iter().any(|name| name == dialect.name()))
            };
            let specific = all
                .iter()
                .rev()
                .find(|entry| fits(entry) && !entry.1.is_empty());
            specific
                .or_else(|| all.iter().rev().find(fits))
                .map(|(_, _, function)| function.clone())
        })
    })
}

/// What a registered function makes of an element; `None` when there is none.
pub fn compile(vm: &Vm, class: &Rc<Class>, element: &Value) -> PyResult<Option<String>> {
    let Some(function) = registered(class) else {
        return Ok(None);
    };
    let compiler = Value::Unresolved(Rc::new(crate::py::value::Unresolved {
        name: "compiler".to_owned(),
        reason: "aludel does not model the compiler object of `@compiles` functions".to_owned(),
        place: None,
    }));
    let made = vm.call(&function, Args::of(vec![element.clone(), compiler]))?;
    match made.as_str() {
        Some(text) => Ok(Some(text.to_string())),
        None => Err(PyError::unsupported(format!(
            "the `@compiles` function of `{}`, which did not give plain text",
            class.name
        ))),
    }
}
