//! Operations registered by what other files import. Upstream imports every revision file before the first step, so that a plugin that
//! one of them imports serves all; here they are looked through when an operation is missing. alembic/script/base.py.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Bound;
use std::path::Path;
use std::path::PathBuf;

use crate::env::Environment;
use crate::py::error::PyResult;
use crate::py::module::ModuleSource;
use crate::py::vm::Vm;
use crate::script::identifier::Identifier;

/// What a source that registers operations contains.
const REGISTERING: &str = "register_operation";

/// Imports what the revision files import and what registers operations; once.
pub(super) fn load(environment: &Environment, vm: &Vm) -> PyResult<()> {
    if environment.plugins_searched.replace(true) {
        return Ok(());
    }
    let mut seen = BTreeSet::new();
    for path in revision_files(environment) {
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        if text.contains(REGISTERING) {
            environment.revision_module(vm, &path)?;
        }
        for dotted in imported(&text) {
            if seen.insert(dotted.to_owned()) && registers(vm, dotted) {
                vm.import(dotted)?;
            }
        }
    }
    Ok(())
}

/// Whether a revision file imports a module, or one below it: upstream it is there for all of them.
pub(super) fn imports(environment: &Environment, dotted: &str) -> bool {
    let known = environment.imports.get_or_init(|| {
        let mut found = BTreeSet::new();
        for path in revision_files(environment) {
            if let Ok(text) = fs::read_to_string(&path) {
                found.extend(imported(&text).map(str::to_owned));
            }
        }
        found
    });
    known
        .range::<str, _>((Bound::Included(dotted), Bound::Unbounded))
        .take_while(|name| name.starts_with(dotted))
        .any(|name| name.len() == dotted.len() || name[dotted.len()..].starts_with('.'))
}

/// The files of all revisions, in the order of history.
fn revision_files(environment: &Environment) -> Vec<PathBuf> {
    let script = &environment.script;
    let Ok(nodes) = script.walk_revisions(&Identifier::from("base"), &Identifier::from("heads"))
    else {
        return Vec::new();
    };
    nodes
        .into_iter()
        .rev()
        .filter_map(|node| script.revision(node).ok())
        .map(|revision| revision.path.clone())
        .collect()
}

/// The modules that a text imports at its top level.
fn imported(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| {
        let names = match (line.strip_prefix("from "), line.strip_prefix("import ")) {
            (Some(rest), _) => rest.split(" import").next().unwrap_or_default(),
            (None, Some(rest)) => rest,
            (None, None) => "",
        };
        names
            .split(',')
            .map(|name| name.split_whitespace().next().unwrap_or_default())
            .filter(|name| !name.is_empty() && !name.starts_with('.'))
    })
}

/// Whether a module is a package of ours, or one of the project's whose source registers operations.
fn registers(vm: &Vm, dotted: &str) -> bool {
    if vm.is_modelled_package(dotted) {
        return true;
    }
    match vm.find_source(dotted) {
        Some(ModuleSource::File { path, .. }) => contains_registration(&path),
        Some(ModuleSource::Namespace(_)) | None => false,
    }
}

fn contains_registration(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.contains(REGISTERING))
}
