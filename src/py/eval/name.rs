//! Names: reading, binding, deleting.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::ast::Binding;
use crate::py::ast::Name;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::exceptions;
use crate::py::module::Module;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// Where a failed `from x import *` leaves its mark: names that are then missing may have come from there.
pub(crate) const STAR: &str = "__unresolved_star__";

impl Eval<'_> {
    /// Reads a name.
    pub(crate) fn load_name(&self, name: &Name) -> PyResult<Value> {
        match name.binding {
            Binding::Local(slot) => {
                let found = self.frame.scope.as_ref().and_then(|scope| scope.get(slot));
                found.ok_or_else(|| {
                    PyError::new(
                        &exceptions::UNBOUND_LOCAL_ERROR,
                        format!("cannot access local variable '{}' where it is not associated with a value", name.id),
                    )
                })
            }
            Binding::Outer { up, slot } => self.load_outer(&name.id, up, slot),
            Binding::Global => self.load_global(&name.id),
            Binding::Class { outer } => {
                let own = self
                    .frame
                    .namespace
                    .as_ref()
                    .and_then(|namespace| namespace.borrow().get(&name.id).cloned());
                match (own, outer) {
                    (Some(value), _) => Ok(value),
                    (None, Some((up, slot))) => self.load_outer(&name.id, up, slot),
                    (None, None) => self.load_global(&name.id),
                }
            }
            Binding::TypeParameter => {
                if let Some(own) = self.peek_name(name) {
                    return Ok(own);
                }
                let typing = self.vm.import("typing")?;
                let variable = self.vm.get_attr(&typing, "TypeVar")?;
                self.vm
                    .call(&variable, Args::of(vec![Value::Str(name.id.clone())]))
            }
            Binding::ClassCell => {
                let cell = self
                    .frame
                    .class_cell
                    .as_ref()
                    .and_then(|cell| cell.borrow().clone());
                cell.map(Value::Class).ok_or_else(|| PyError::new(&exceptions::NAME_ERROR, "cannot access free variable '__class__' where it is not associated with a value in enclosing scope"))
            }
        }
    }

    fn load_outer(&self, id: &Rc<str>, up: u32, slot: u32) -> PyResult<Value> {
        let scope = self
            .frame
            .scope
            .as_ref()
            .and_then(|scope| scope.ancestor(up));
        scope.and_then(|scope| scope.get(slot)).ok_or_else(|| {
            PyError::new(
                &exceptions::NAME_ERROR,
                format!("cannot access free variable '{id}' where it is not associated with a value in enclosing scope"),
            )
        })
    }

    fn load_global(&self, id: &Rc<str>) -> PyResult<Value> {
        let globals = &self.frame.globals;
        if let Some(value) = globals.dict.borrow().get(id) {
            return Ok(value.clone());
        }
        if let Some(value) = self.vm.builtin(id)? {
            return Ok(value);
        }
        if let Some(value) = from_star(globals, id) {
            return Ok(value);
        }
        Err(name_error(id))
    }

    /// Binds a name.
    pub(crate) fn store_name(&self, name: &Name, value: Value) {
        match name.binding {
            Binding::Local(slot) => {
                if let Some(scope) = &self.frame.scope {
                    drop(scope.set(slot, Some(value)));
                }
            }
            Binding::Outer { up, slot } => {
                if let Some(scope) = self
                    .frame
                    .scope
                    .as_ref()
                    .and_then(|scope| scope.ancestor(up))
                {
                    drop(scope.set(slot, Some(value)));
                }
            }
            Binding::Class { .. } | Binding::TypeParameter => match &self.frame.namespace {
                Some(namespace) => {
                    let old = namespace.borrow_mut().insert(name.id.clone(), value);
                    drop(old);
                }
                None => store_global(&self.frame.globals, &name.id, value),
            },
            Binding::Global | Binding::ClassCell => {
                store_global(&self.frame.globals, &name.id, value)
            }
        }
    }

    /// Unbinds a name.
    pub(crate) fn delete_name(&self, name: &Name) -> PyResult<()> {
        let removed = match name.binding {
            Binding::Local(slot) => self
                .frame
                .scope
                .as_ref()
                .and_then(|scope| scope.set(slot, None)),
            Binding::Outer { up, slot } => self
                .frame
                .scope
                .as_ref()
                .and_then(|scope| scope.ancestor(up))
                .and_then(|scope| scope.set(slot, None)),
            Binding::Class { .. } | Binding::TypeParameter => self
                .frame
                .namespace
                .as_ref()
                .and_then(|namespace| namespace.borrow_mut().shift_remove(&name.id)),
            Binding::Global | Binding::ClassCell => {
                self.frame.globals.dict.borrow_mut().shift_remove(&name.id)
            }
        };
        match (removed, name.binding) {
            (Some(_), _) => Ok(()),
            (None, Binding::Local(_)) => Err(PyError::new(
                &exceptions::UNBOUND_LOCAL_ERROR,
                format!(
                    "cannot access local variable '{}' where it is not associated with a value",
                    name.id
                ),
            )),
            (None, _) => Err(name_error(&name.id)),
        }
    }

    /// The value of a name if it is bound right now, without errors.
    pub(crate) fn peek_name(&self, name: &Name) -> Option<Value> {
        match name.binding {
            Binding::Local(slot) => self.frame.scope.as_ref()?.get(slot),
            Binding::Outer { up, slot } => self.frame.scope.as_ref()?.ancestor(up)?.get(slot),
            Binding::Class { .. } | Binding::TypeParameter => self
                .frame
                .namespace
                .as_ref()?
                .borrow()
                .get(&name.id)
                .cloned(),
            Binding::Global | Binding::ClassCell => {
                self.frame.globals.dict.borrow().get(&name.id).cloned()
            }
        }
    }
}

/// Binds a name of a module.
pub(crate) fn store_global(module: &Module, id: &Rc<str>, value: Value) {
    let old = module.dict.borrow_mut().insert(id.clone(), value);
    drop(old);
}

/// A name that a failed `import *` may have bound.
pub(crate) fn from_star(module: &Module, id: &str) -> Option<Value> {
    match module.dict.borrow().get(STAR) {
        Some(Value::Unresolved(star)) => Some(Value::Unresolved(Rc::new(Unresolved {
            name: id.to_owned(),
            reason: star.reason.clone(),
            place: star.place.clone(),
        }))),
        _ => None,
    }
}

fn name_error(id: &str) -> PyError {
    let error = PyError::new(
        &exceptions::NAME_ERROR,
        format!("name '{id}' is not defined"),
    );
    if let Some(Value::Instance(made)) = error.exception() {
        made.set("name", Value::str(id));
    }
    error
}

impl Vm {
    /// A name of the built-ins.
    pub(crate) fn builtin(&self, id: &Rc<str>) -> PyResult<Option<Value>> {
        let module = self.builtins();
        if let Some(value) = module.dict.borrow().get(id) {
            return Ok(Some(value.clone()));
        }
        let Some(native) = module.native else {
            return Ok(None);
        };
        let made = (native.member)(self, id)?.or_else(|| core_class(id));
        if let Some(value) = &made {
            store_global(&module, id, value.clone());
        }
        Ok(made)
    }
}

/// The classes of the language itself.
fn core_class(id: &str) -> Option<Value> {
    let own = [
        &crate::py::class::OBJECT,
        &crate::py::class::TYPE,
        &crate::py::eval::super_::SUPER,
        &crate::py::descriptor::PROPERTY,
        &crate::py::descriptor::CLASS_METHOD,
        &crate::py::descriptor::STATIC_METHOD,
    ];
    let id = match id {
        "IOError" | "EnvironmentError" => "OSError",
        other => other,
    };
    let mut all = own.into_iter().chain(exceptions::ALL.iter().copied());
    all.find(|native| native.name == id)
        .map(|native| Value::Class(crate::py::class::Class::of(native)))
}
