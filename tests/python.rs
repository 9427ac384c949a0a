//! Python programs give what CPython gives: `fixtures/py/*.py` against `*.out`, recorded by `fixtures/py/record.py`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::path::Path;
use std::path::PathBuf;
use std::rc::Rc;

use aludel::py::vm::Vm;

/// Runs a program; what it prints, then its traceback's last line when it fails.
fn output(path: &Path) -> String {
    let vm = Vm::new();
    let text = Rc::new(RefCell::new(String::new()));
    let sink = text.clone();
    vm.set_stdout(Rc::new(move |piece| sink.borrow_mut().push_str(piece)));
    if let Err(error) = vm.run_file(path, "__main__", false) {
        text.borrow_mut()
            .push_str(&format!("{}\n", error.summary(&vm)));
    }

    text.borrow().clone()
}

/// Runs a program of the language; what it prints, then its whole traceback when it fails.
fn traced(path: &Path) -> String {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let vm = Vm::new();
    let text = Rc::new(RefCell::new(String::new()));
    let sink = text.clone();
    vm.set_stdout(Rc::new(move |piece| sink.borrow_mut().push_str(piece)));
    let source = std::fs::read_to_string(path).unwrap();
    if let Err(error) = vm.run_source(&source, &name, "__main__") {
        let trace = vm.format_error(&error);
        text.borrow_mut().push_str(&format!("{trace}\n"));
    }
    text.take()
}

/// The programs whose names begin with a prefix.
fn programs(prefix: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/py");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.retain(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with(prefix) && path.with_extension("out").exists() && name.ends_with(".py")
    });
    found.sort();
    found
}

/// Compares every program with its record; all differences are shown.
fn compare(prefix: &str, run: fn(&Path) -> String) {
    let programs = programs(prefix);
    assert!(!programs.is_empty(), "no programs {prefix}*");
    let mut failures = String::new();
    for path in programs {
        let expected = std::fs::read_to_string(path.with_extension("out")).unwrap();
        let actual = run(&path);
        if actual != expected {
            let difference = similar::TextDiff::from_lines(&expected, &actual);
            let header = path.file_name().unwrap().to_string_lossy().into_owned();
            failures.push_str(&format!(
                "{}\n",
                difference
                    .unified_diff()
                    .context_radius(2)
                    .header(&format!("{header} in CPython"), "here")
            ));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn builtins_behave_as_in_cpython() {
    compare("builtin_", output);
}

#[test]
fn standard_library_behaves_as_in_cpython() {
    compare("std_", output);
}

#[test]
fn language_behaves_as_in_cpython() {
    compare("lang_", traced);
}

#[test]
fn tracebacks_read_as_in_cpython() {
    compare("err_", traced);
}
