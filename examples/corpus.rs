//! Evaluates every Python file below a folder, tolerantly, and says which did not parse and why statements failed: a check that nothing panics or hangs.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use aludel::py::value::Value;
use aludel::py::vm::Vm;

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "py") {
            files.push(path);
        }
    }
}

fn main() {
    let mut files = Vec::new();
    let parse_only = std::env::var("PARSE").is_ok();
    let strict = std::env::args().any(|argument| argument == "--strict");
    for argument in std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
    {
        let path = PathBuf::from(&argument);
        if path.is_dir() {
            walk(&path, &mut files)
        } else {
            files.push(path)
        }
    }
    files.sort();
    let mut reasons: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut slow = Vec::new();
    let started = Instant::now();
    for file in &files {
        let before = Instant::now();
        if std::env::var("TRACE").is_ok() {
            eprintln!("{}", file.display());
        }
        if parse_only {
            let bytes = std::fs::read(file).unwrap_or_default();
            let parsed = aludel::py::parse::decode(&bytes, "x")
                .and_then(|text| aludel::py::parse::module(&text, "x"));
            if let Err(error) = parsed {
                println!("{} {error}", file.display());
            }
            continue;
        }
        let vm = Vm::new();
        let mut note = |text: String| {
            let entry = reasons
                .entry(text.chars().take(160).collect())
                .or_insert((0, file.display().to_string()));
            entry.0 += 1;
        };
        match vm.run_file(file, "module", !strict) {
            Err(error) => {
                println!(
                    "FILE {} {}",
                    file.display(),
                    vm.format_error(&error).replace(char::from(10), " | ")
                );
                note(format!("FILE {}", error.summary(&vm)));
            }
            Ok(module) if strict => {
                for name in ["upgrade", "downgrade"] {
                    let function = module.dict.borrow().get(name).cloned();
                    if let Some(function) = function {
                        if let Err(error) = vm.call(&function, aludel::py::args::Args::none()) {
                            note(format!("{name} {}", error.summary(&vm)));
                        }
                    }
                }
            }
            Ok(module) => {
                for value in module.dict.borrow().values() {
                    if let Value::Unresolved(unresolved) = value {
                        if !unresolved.reason.starts_with("no module named") {
                            note(unresolved.reason.clone());
                        }
                    }
                }
            }
        }
        if before.elapsed() > Duration::from_millis(200) {
            slow.push((before.elapsed(), file.clone()));
        }
    }
    println!("{} files in {:?}", files.len(), started.elapsed());
    let mut sorted: Vec<_> = reasons.into_iter().collect();
    sorted.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (reason, (count, example)) in sorted.iter().take(2000) {
        println!("{count:6} {reason}   [{example}]");
    }
    for (time, file) in slow {
        println!("slow {time:?} {}", file.display());
    }
}
