//! Third-party packages that the host models by Python source of its own. What such a module lacks is looked for in the package's real
//! source, where that is installed; else it is an unresolved value, never a missing name.

use std::path::Component;
use std::rc::Rc;

use crate::py::error::PyResult;
use crate::py::eval::import::new_module;
use crate::py::module::Module;
use crate::py::module::ModuleSource;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// The source of an embedded module by its dotted name, and whether it is a package.
pub type Find = fn(&str) -> Option<(&'static str, bool)>;

impl Vm {
    /// Sets where the source of modelled third-party packages is. It wins over an installed package, but not over a module of the project.
    pub fn register_packages(&self, find: Find) {
        self.packages().set(Some(find));
    }

    /// The source of an embedded module.
    pub(crate) fn package_source(&self, dotted: &str) -> Option<(&'static str, bool)> {
        self.packages().get().and_then(|find| find(dotted))
    }

    /// Whether a module belongs to an embedded package, whether or not the module itself is embedded.
    pub(crate) fn is_packaged(&self, dotted: &str) -> bool {
        let top = dotted.split('.').next().unwrap_or(dotted);
        self.package_source(top).is_some()
    }

    /// Whether a module is one of the packages that the host models.
    pub fn is_modelled_package(&self, dotted: &str) -> bool {
        self.package_source(dotted).is_some()
    }

    /// Where the source of a module of the project is.
    pub fn find_source(&self, dotted: &str) -> Option<ModuleSource> {
        self.importer()
            .and_then(|importer| importer.find(self, dotted))
    }

    /// Loads an embedded module, unless the project has a module of that name.
    pub(crate) fn load_package(&self, dotted: &str) -> PyResult<Option<Rc<Module>>> {
        let Some((text, is_package)) = self.package_source(dotted) else {
            return Ok(None);
        };
        if self.is_own_module(dotted) {
            return Ok(None);
        }
        let package = is_package.then(|| std::path::Path::new("<package>"));
        self.evaluate(text, &shown(dotted), dotted, package, false)
            .map(Some)
    }

    /// Whether the project itself has this module: not a folder, and not below the folder of an installation.
    fn is_own_module(&self, dotted: &str) -> bool {
        let found = self
            .importer()
            .and_then(|importer| importer.find(self, dotted));
        match found {
            Some(ModuleSource::File { path, .. }) => !path.components().any(|part| {
                matches!(part, Component::Normal(name) if name == "site-packages" || name == "dist-packages")
            }),
            Some(ModuleSource::Namespace(_)) | None => false,
        }
    }

    /// A name that an embedded module lacks: from the real source of the module, where it is installed. `None` for a module that is not embedded.
    pub(crate) fn beyond_package(&self, module: &Module, name: &str) -> PyResult<Option<Value>> {
        if module.file.as_deref() != Some(&shown(&module.name)) {
            return Ok(None);
        }
        let found = match self.real_module(&module.name)? {
            Some(real) => real.dict.borrow().get(name).cloned(),
            None => None,
        };
        Ok(Some(found.unwrap_or_else(|| {
            self.unmodelled(
                &format!("{}.{name}", module.name),
                format!(
                    "aludel does not model this part of `{}`, and no source of it was found",
                    module.name
                ),
            )
        })))
    }

    /// The module as its installed source defines it. It does not go into `sys.modules`.
    fn real_module(&self, dotted: &Rc<str>) -> PyResult<Option<Rc<Module>>> {
        if let Some(known) = self.beyond().borrow().get(dotted) {
            return Ok(known.clone());
        }
        let source = self
            .importer()
            .and_then(|importer| importer.find(self, dotted));
        let Some(ModuleSource::File { path, is_package }) = source else {
            self.beyond().borrow_mut().insert(dotted.clone(), None);
            return Ok(None);
        };
        let shown = path.display().to_string();
        let package = is_package.then(|| path.parent()).flatten();
        let module = new_module(dotted, Some(&shown), package);
        // Known before it is evaluated: its parts import each other.
        self.beyond()
            .borrow_mut()
            .insert(dotted.clone(), Some(module.clone()));
        self.run_real_module(&path, &module)?;
        Ok(Some(module))
    }
}

/// What an embedded module has as its file.
fn shown(dotted: &str) -> String {
    format!("<aludel {dotted}>")
}
