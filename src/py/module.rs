//! Modules, native and from source, and how natives register theirs.

use std::cell::RefCell;
use std::rc::Rc;

use crate::py::dict::HasNamespace;
use crate::py::error::PyResult;
use crate::py::value::Namespace;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// A module: names that were set, then (for a native one) its member table.
#[derive(Debug)]
pub struct Module {
    /// The dotted name.
    pub name: Rc<str>,
    /// The namespace.
    pub dict: RefCell<Namespace>,
    /// The table behind a native module.
    pub native: Option<&'static NativeModule>,
    /// The file, for a module from source.
    pub file: Option<Rc<str>>,
}

impl HasNamespace for Module {
    fn namespace(&self) -> Option<&RefCell<Namespace>> {
        Some(&self.dict)
    }
}

/// A module written in Rust: members are made on first use, then kept in the module's namespace.
pub struct NativeModule {
    /// The dotted name, for instance `sqlalchemy.dialects.postgresql`.
    pub name: &'static str,
    /// Makes a member; `None` when there is no such name.
    pub member: fn(&Vm, &str) -> PyResult<Option<Value>>,
    /// All member names, for `import *` and `dir()`.
    pub names: fn() -> Vec<&'static str>,
}

impl std::fmt::Debug for NativeModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<native module {}>", self.name)
    }
}

/// What the real packages behind native modules have, as far as it is recorded. Implemented by `sa`.
pub trait Upstream {
    /// Whether a module has a name; `None` where that is not recorded.
    fn has_member(&self, module: &str, name: &str) -> Option<bool>;
    /// The message of the `AttributeError` for an attribute that objects of a class certainly lack.
    fn missing_attribute(&self, module: &str, class: &str, name: &str) -> Option<String>;
}

/// Finds the source of modules that are not native. Implemented by `env`.
pub trait Importer {
    /// The file of a dotted module name (a package gives its `__init__.py`, or the folder itself for a namespace package), or `None`.
    fn find(&self, vm: &Vm, dotted: &str) -> Option<ModuleSource>;

    /// Looks for a module that `find` does not know where projects keep their own packages; the folder that has it is searched from then on.
    /// Whether there is one.
    fn adopt(&self, dotted: &str) -> bool {
        let _ = dotted;
        false
    }
}

/// Where a module's source is.
#[derive(Debug, Clone)]
pub enum ModuleSource {
    /// A file; `is_package` for `__init__.py`.
    File {
        /// The path.
        path: std::path::PathBuf,
        /// Whether it is a package's `__init__.py`.
        is_package: bool,
    },
    /// A folder without `__init__.py`.
    Namespace(std::path::PathBuf),
}
