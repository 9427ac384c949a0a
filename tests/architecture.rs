//! The order of the layers, and that every file is part of the crate.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// A module uses only modules before it, and itself.
const LAYERS: &[&str] = &[
    "diag", "config", "schema", "ddl", "dialect", "db", "py", "mako", "sa", "ops", "script",
    "shadow", "runtime", "env", "doctor", "lint", "deploy", "command", "cli", "main",
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&source(), &mut found);
    found.sort();
    found
}

/// The first component of a file's path below src, without `.rs`.
fn layer(path: &Path) -> String {
    let relative = path.strip_prefix(source()).unwrap();
    relative
        .iter()
        .next()
        .unwrap()
        .to_str()
        .unwrap()
        .trim_end_matches(".rs")
        .to_owned()
}

fn rank(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|name| *name == layer)
}

/// The names after `crate::` on a line of code.
fn used(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("crate::").map(|(at, _)| {
        let rest = &line[at + "crate::".len()..];
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        &rest[..end]
    })
}

#[test]
fn modules_use_only_modules_before_them() {
    let mut wrong = Vec::new();
    for path in sources() {
        let own = layer(&path);
        if own == "lib" {
            continue;
        }
        let Some(own_rank) = rank(&own) else {
            wrong.push(format!("{}: `{own}` is in no layer", path.display()));
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let code = line.trim_start();
            if code.starts_with("//") {
                continue;
            }
            let place = format!(
                "{}:{}",
                path.strip_prefix(source()).unwrap().display(),
                number + 1
            );
            if code.starts_with("use crate::{") {
                wrong.push(format!("{place}: one `use` per line"));
            }
            for name in used(line) {
                match rank(name) {
                    Some(other) if other > own_rank => {
                        wrong.push(format!("{place}: `{own}` must not use `{name}`"))
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_is_declared_by_its_parent() {
    let mut forgotten = Vec::new();
    for path in sources() {
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let folder = path.parent().unwrap();
        let (name, owner_folder) = if stem == "mod" {
            (
                folder.file_name().unwrap().to_str().unwrap().to_owned(),
                folder.parent().unwrap(),
            )
        } else {
            (stem, folder)
        };
        if owner_folder == source() && matches!(name.as_str(), "lib" | "main") {
            continue;
        }
        let owners = if owner_folder == source() {
            vec![source().join("lib.rs")]
        } else {
            let as_file = owner_folder.with_extension("rs");
            vec![owner_folder.join("mod.rs"), as_file]
        };
        let name = name.trim_end_matches('_').to_owned();
        let declared = owners
            .iter()
            .filter_map(|owner| fs::read_to_string(owner).ok())
            .any(|text| {
                text.lines().any(|line| {
                    let line = line.trim();
                    let declared = line
                        .rsplit_once("mod ")
                        .map(|(_, rest)| rest.trim_end_matches(';').trim_end_matches('_'));
                    let by_mod = line.ends_with(';')
                        && declared.map(|found| found.trim_start_matches("r#")) == Some(&*name);
                    // `operations! { add_column::AddColumn, … }` declares modules too.
                    let by_list = line.ends_with(',')
                        && line.split_once("::").map(|(found, _)| found) == Some(&*name);
                    by_mod || by_list
                })
            });
        if !declared {
            forgotten.push(path.display().to_string());
        }
    }
    assert!(forgotten.is_empty(), "{}", forgotten.join("\n"));
}

#[test]
fn every_module_says_what_it_is() {
    let silent: BTreeSet<String> = sources()
        .into_iter()
        .filter(|path| {
            !fs::read_to_string(path)
                .unwrap()
                .trim_start()
                .starts_with("//!")
        })
        .map(|path| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}
