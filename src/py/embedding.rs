//! What a host does with an evaluator besides running code: modules of its own, the search path, log records.

use std::path::PathBuf;
use std::rc::Rc;

use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::module::Module;
use crate::py::value::Value;
use crate::py::vm::Vm;

impl Vm {
    /// Puts a ready module into `sys.modules`.
    pub fn add_module(&self, module: Rc<Module>) {
        let name = module.name.clone();
        self.set_module(&name, Value::Module(module));
    }

    /// Sets a member of a module, importing it first.
    pub fn set_module_member(&self, dotted: &str, name: &str, value: Value) -> PyResult<()> {
        match self.import(dotted)? {
            Value::Module(module) => {
                module.dict.borrow_mut().insert(Rc::from(name), value);
                Ok(())
            }
            _ => Err(PyError::type_error(format!("{dotted} is not a module"))),
        }
    }

    /// Puts folders in front of `sys.path`, in this order.
    pub fn prepend_sys_path(&self, folders: &[PathBuf]) -> PyResult<()> {
        let sys = self.import("sys")?;
        if let Value::List(path) = self.get_attr(&sys, "path")? {
            let entries = folders
                .iter()
                .map(|folder| Value::str(folder.to_string_lossy()));
            path.borrow_mut().splice(0..0, entries);
        }
        Ok(())
    }

    /// A built-in function or class by name.
    pub fn builtin_value(&self, name: &str) -> PyResult<Value> {
        self.get_attr(&Value::Module(self.builtins()), name)
    }

    /// How many modules are loaded: give it to [`Vm::forget_modules_after`].
    pub fn module_count(&self) -> usize {
        self.module_names().len()
    }

    /// Forgets the modules from files that were loaded since `count` was taken, so that importing them evaluates them afresh.
    pub fn forget_modules_after(&self, count: usize) {
        for name in self.module_names().iter().skip(count) {
            if matches!(self.loaded(name), Some(Value::Module(module)) if module.file.as_ref().is_some_and(|file| !file.starts_with("<frozen ")))
            {
                self.forget_module(name);
            }
        }
    }
}
