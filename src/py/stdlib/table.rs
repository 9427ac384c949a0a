//! How a module of the standard library lists its members.

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// A function of a module.
pub(crate) type Function = fn(&Vm, Args) -> PyResult<Value>;
/// Makes a value of a module on first use.
pub(crate) type Make = fn(&Vm) -> PyResult<Value>;

/// Finds a member by name.
pub(crate) fn member(
    vm: &Vm,
    name: &str,
    functions: &'static [(&'static str, Function)],
    classes: &'static [&'static NativeClass],
    values: &'static [(&'static str, Make)],
) -> PyResult<Option<Value>> {
    if let Some((name, body)) = functions.iter().find(|(function, _)| *function == name) {
        return Ok(Some(Value::builtin(name, *body)));
    }
    if let Some(class) = classes.iter().find(|class| class.name == name) {
        return Ok(Some(Value::Class(Class::of(class))));
    }
    match values.iter().find(|(value, _)| *value == name) {
        Some((_, make)) => make(vm).map(Some),
        None => Ok(None),
    }
}

/// Defines `MODULE` from tables of functions, classes and values.
macro_rules! module {
    ($constant:ident = $name:literal, functions: $functions:expr, classes: $classes:expr, values: $values:expr $(,)?) => {
        #[doc = concat!("The module `", $name, "`.")]
        pub const $constant: $crate::py::module::NativeModule = {
            const FUNCTIONS: &[(&str, $crate::py::stdlib::table::Function)] = $functions;
            const CLASSES: &[&$crate::py::object::NativeClass] = $classes;
            const VALUES: &[(&str, $crate::py::stdlib::table::Make)] = $values;
            fn member(
                vm: &$crate::py::vm::Vm,
                name: &str,
            ) -> $crate::py::error::PyResult<Option<$crate::py::value::Value>> {
                $crate::py::stdlib::table::member(vm, name, FUNCTIONS, CLASSES, VALUES)
            }
            fn names() -> Vec<&'static str> {
                let functions = FUNCTIONS.iter().map(|(name, _)| *name);
                functions
                    .chain(CLASSES.iter().map(|class| class.name))
                    .chain(VALUES.iter().map(|(name, _)| *name))
                    .collect()
            }
            $crate::py::module::NativeModule {
                name: $name,
                member,
                names,
            }
        };
    };
}
