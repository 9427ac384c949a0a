//! Recordings of cases in JSON files, compared all at once.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value as Json;

/// Every case of every file of a folder that the variable `only` names a part of (all, if it is not set): fails with all differences together.
pub(crate) fn compare(folder: &Path, only: &str, difference: impl Fn(&Json) -> Option<String>) {
    let only = std::env::var(only).unwrap_or_default();
    let mut report = String::new();
    let mut count = 0;
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("recordings")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        let name = path.file_stem().expect("a name").to_string_lossy();
        if !name.contains(&only) {
            continue;
        }
        let text = fs::read_to_string(&path).expect("readable");
        let cases: Vec<Json> = serde_json::from_str(&text).expect("JSON");
        for (at, case) in cases.iter().enumerate() {
            count += 1;
            if let Some(difference) = difference(case) {
                report.push_str(&format!("=== {name} {at}\n{difference}"));
            }
        }
    }
    assert!(count > 0, "no case was found");
    assert!(report.is_empty(), "{report}");
}
