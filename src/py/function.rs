//! Functions written in Python, and the scopes they close over.

use std::cell::RefCell;
use std::rc::Rc;

use crate::py::ast::Comprehension;
use crate::py::ast::FunctionDef;
use crate::py::ast::SourceText;
use crate::py::class::Class;
use crate::py::dict::HasNamespace;
use crate::py::module::Module;
use crate::py::value::Namespace;
use crate::py::value::Value;

/// The variables of one call of a function (or of one comprehension).
#[derive(Debug)]
pub struct Scope {
    /// One per slot; `None` while unbound.
    pub slots: RefCell<Vec<Option<Value>>>,
    /// The names of the slots.
    pub names: Names,
    /// The scope around it.
    pub parent: Option<Rc<Self>>,
}

/// Where the names of a scope's slots are written.
#[derive(Debug)]
pub enum Names {
    /// A function.
    Function(Rc<FunctionDef>),
    /// A comprehension.
    Comprehension(Rc<Comprehension>),
}

impl Scope {
    /// A scope with these slots.
    pub fn new(slots: Vec<Option<Value>>, names: Names, parent: Option<Rc<Self>>) -> Rc<Self> {
        Rc::new(Self {
            slots: RefCell::new(slots),
            names,
            parent,
        })
    }

    /// The names that are bound, with their values.
    pub fn named(&self) -> Vec<(Rc<str>, Value)> {
        let names = match &self.names {
            Names::Function(def) => &def.locals,
            Names::Comprehension(comprehension) => &comprehension.locals,
        };
        let slots = self.slots.borrow();
        names
            .iter()
            .zip(slots.iter())
            .filter_map(|(name, value)| value.clone().map(|value| (name.clone(), value)))
            .collect()
    }

    /// Binds the name of a slot anew.
    pub fn rebind(&self, name: &str, value: Value) {
        let names = match &self.names {
            Names::Function(def) => &def.locals,
            Names::Comprehension(comprehension) => &comprehension.locals,
        };
        if let Some(slot) = names.iter().position(|known| &**known == name) {
            drop(self.set(u32::try_from(slot).unwrap_or(u32::MAX), Some(value)));
        }
    }

    /// A slot.
    pub fn get(&self, slot: u32) -> Option<Value> {
        self.slots.borrow().get(slot as usize).cloned().flatten()
    }

    /// Binds or unbinds a slot; gives what was there.
    pub fn set(&self, slot: u32, value: Option<Value>) -> Option<Value> {
        self.slots
            .borrow_mut()
            .get_mut(slot as usize)
            .and_then(|place| std::mem::replace(place, value))
    }

    /// The scope `up` levels further out.
    pub fn ancestor(self: &Rc<Self>, up: u32) -> Option<Rc<Self>> {
        let mut scope = self.clone();
        for _ in 0..up {
            scope = scope.parent.clone()?;
        }
        Some(scope)
    }
}

/// The class that a class statement is making: filled when it is done, read by `__class__` and `super()` in its methods.
pub type ClassCell = Rc<RefCell<Option<Rc<Class>>>>;

/// A function or lambda, with its closure.
#[derive(Debug)]
pub struct Function {
    /// What was written.
    pub def: Rc<FunctionDef>,
    /// The module it was written in.
    pub globals: Rc<Module>,
    /// The text it was written in.
    pub source: Rc<SourceText>,
    /// The scope around it.
    pub scope: Option<Rc<Scope>>,
    /// The class around it.
    pub class_cell: Option<ClassCell>,
    /// Defaults, one per parameter.
    pub defaults: Vec<Option<Value>>,
    /// Attributes set on it.
    pub dict: RefCell<Namespace>,
}

impl HasNamespace for Function {
    fn namespace(&self) -> Option<&RefCell<Namespace>> {
        Some(&self.dict)
    }
}

impl Function {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.def.name
    }
}
