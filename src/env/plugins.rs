//! What other revision files import. Upstream imports every revision file before the first step, so that a plugin or a submodule that
//! one of them imports is there for all; here they are looked through when something is missing. alembic/script/base.py.

use std::collections::BTreeSet;
use std::fs;
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
    for (path, text) in sources(environment) {
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

/// Whether a revision file imports a module, or one below it.
pub(super) fn is_imported(environment: &Environment, dotted: &str) -> bool {
    let all = environment.imported.get_or_init(|| {
        let sources = sources(environment);
        sources
            .iter()
            .flat_map(|(_, text)| imported(text).map(str::to_owned))
            .collect()
    });
    let below = format!("{dotted}.");
    let next = all.range(below.clone()..).next();
    all.contains(dotted) || next.is_some_and(|name| name.starts_with(&below))
}

/// The revision files with their texts, from the base on.
fn sources(environment: &Environment) -> Vec<(PathBuf, String)> {
    let script = &environment.script;
    let (base, heads) = (Identifier::from("base"), Identifier::from("heads"));
    let nodes = script.walk_revisions(&base, &heads).unwrap_or_default();
    nodes
        .into_iter()
        .rev()
        .filter_map(|node| {
            let path = script.revision(node).ok()?.path.clone();
            let text = fs::read_to_string(&path).ok()?;
            Some((path, text))
        })
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
