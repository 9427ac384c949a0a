//! Finds the source of modules that aludel does not model: `sys.path` (which starts with prepend_sys_path), PYTHONPATH, the script folder, the active virtualenv,
//! and at last the folders whose packages an editable installation or `python -m alembic` would make importable.

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
    after: RefCell<Vec<PathBuf>>,
    /// Searched when nothing else has a module.
    project: Vec<PathBuf>,
    found: RefCell<BTreeMap<(PathBuf, String), Option<ModuleSource>>>,
}

impl SourceImporter {
    /// Searches `sys.path` as it is at the time, then the folders `after`, then (see `adopt`) those of the `project`.
    pub fn new(after: Vec<PathBuf>, project: Vec<PathBuf>) -> Self {
        Self {
            after: RefCell::new(after),
            project,
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

    /// Where a project keeps its packages: the working directory, the configuration's folder, the folder of its pyproject.toml or setup.py, and
    /// `src` in each.
    pub fn project_folders(config_file: &Path) -> Vec<PathBuf> {
        let folder = config_file.parent().unwrap_or(Path::new(""));
        let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let is_root = |folder: &&Path| {
            ["pyproject.toml", "setup.py", "setup.cfg"]
                .iter()
                .any(|name| folder.join(name).is_file())
        };
        let root = whole.ancestors().find(is_root).map(Path::to_owned);
        let mut folders = Vec::new();
        for place in [Some(PathBuf::from(".")), Some(whole.clone()), root]
            .into_iter()
            .flatten()
        {
            for folder in [place.clone(), place.join("src")] {
                if folder.is_dir() && !folders.contains(&folder) {
                    folders.push(folder);
                }
            }
        }
        folders
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
        for folder in sys_path(vm).iter().chain(self.after.borrow().iter()) {
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

    fn adopt(&self, dotted: &str) -> bool {
        let top = dotted.split('.').next().unwrap_or(dotted);
        let has_it = |folder: &&PathBuf| match self.in_folder(folder, top) {
            Some(ModuleSource::File { .. }) => true,
            // a folder of the same name that holds no Python is no package
            Some(ModuleSource::Namespace(path)) => {
                let inner = self.in_folder(folder, dotted);
                matches!(inner, Some(ModuleSource::File { .. })) || holds_python(&path)
            }
            None => false,
        };
        let found = self.project.iter().find(has_it).cloned();
        let is_new = found
            .as_ref()
            .is_some_and(|folder| !self.after.borrow().contains(folder));
        if is_new {
            self.after.borrow_mut().extend(found);
        }
        is_new
    }
}

fn holds_python(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.path().extension().is_some_and(|end| end == "py"))
    })
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
