//! Finds the source of modules that aludel does not model: `sys.path` (which starts with prepend_sys_path), PYTHONPATH, the script folder, the active virtualenv.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use crate::py::module::Importer;
use crate::py::module::ModuleSource;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// Looks modules up in folders.
#[derive(Debug)]
pub struct SourceImporter {
    /// Searched after `sys.path`.
    after: Vec<PathBuf>,
    found: RefCell<BTreeMap<(PathBuf, String), Option<ModuleSource>>>,
}

impl SourceImporter {
    /// Searches `sys.path` as it is at the time, then these folders.
    pub fn new(after: Vec<PathBuf>) -> Self {
        Self {
            after,
            found: RefCell::default(),
        }
    }

    /// The folders of packages installed in the active virtualenv, if one is active.
    pub fn virtualenv_folders() -> Vec<PathBuf> {
        ["VIRTUAL_ENV", "CONDA_PREFIX"]
            .iter()
            .filter_map(std::env::var_os)
            .flat_map(|home| site_packages(Path::new(&home)))
            .collect()
    }

    fn in_folder(&self, folder: &Path, dotted: &str) -> Option<ModuleSource> {
        let key = (folder.to_owned(), dotted.to_owned());
        if let Some(known) = self.found.borrow().get(&key) {
            return known.clone();
        }
        let found = locate(folder, dotted);
        self.found.borrow_mut().insert(key, found.clone());
        found
    }
}

/// `lib/python3.x/site-packages` of a virtualenv (`Lib/site-packages` on Windows).
fn site_packages(home: &Path) -> Vec<PathBuf> {
    let mut folders = vec![home.join("Lib").join("site-packages")];
    if let Ok(entries) = std::fs::read_dir(home.join("lib")) {
        let mut versions: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path().join("site-packages"))
            .collect();
        versions.sort();
        folders.extend(versions);
    }
    folders.retain(|folder| folder.is_dir());
    folders
}

/// The file or package of a dotted name below one folder.
fn locate(folder: &Path, dotted: &str) -> Option<ModuleSource> {
    let relative: PathBuf = dotted.split('.').collect();
    let base = folder.join(relative);
    let package = base.join("__init__.py");
    if package.is_file() {
        return Some(ModuleSource::File {
            path: package,
            is_package: true,
        });
    }
    let module = base.with_file_name(format!("{}.py", base.file_name()?.to_str()?));
    if module.is_file() {
        return Some(ModuleSource::File {
            path: module,
            is_package: false,
        });
    }
    base.is_dir().then_some(ModuleSource::Namespace(base))
}

impl Importer for SourceImporter {
    fn find(&self, vm: &Vm, dotted: &str) -> Option<ModuleSource> {
        let mut namespace = None;
        for folder in sys_path(vm).iter().chain(&self.after) {
            match self.in_folder(folder, dotted) {
                Some(ModuleSource::Namespace(path)) => {
                    namespace = namespace.or(Some(ModuleSource::Namespace(path)))
                }
                Some(found) => return Some(found),
                None => {}
            }
        }
        namespace
    }
}

/// The folders of `sys.path`; an empty entry is the working directory.
fn sys_path(vm: &Vm) -> Vec<PathBuf> {
    let Ok(Value::List(entries)) = vm.import("sys").and_then(|sys| vm.get_attr(&sys, "path"))
    else {
        return Vec::new();
    };
    let entries = entries.borrow();
    entries
        .iter()
        .filter_map(Value::as_str)
        .map(|entry| {
            if entry.is_empty() {
                PathBuf::from(".")
            } else {
                PathBuf::from(&*entry)
            }
        })
        .collect()
}
