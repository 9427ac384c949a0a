//! Runs every `fixtures/py/*.py` and compares what it prints with what CPython printed (`*.out`, recorded by `fixtures/py/record.py`).
//! A case that ends with an uncaught exception prints its traceback at the end, with the file shown as `<case>`.

use std::cell::RefCell;
use std::path::Path;
use std::path::PathBuf;
use std::rc::Rc;

use aludel::py::vm::Vm;

/// Evaluates a case and gives what it printed.
fn run(path: &Path) -> String {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let source = std::fs::read(path).expect("the fixture is there");
    let printed = Rc::new(RefCell::new(String::new()));
    let vm = Vm::new();
    let sink = printed.clone();
    vm.set_stdout(Rc::new(move |text| sink.borrow_mut().push_str(text)));
    let result = match aludel::py::parse::decode(&source, &name) {
        Ok(text) => vm
            .run_source(&text, &name, "__main__")
            .map_err(|error| vm.format_error(&error)),
        Err(error) => Err(error.to_string()),
    };
    if let Err(text) = result {
        printed.borrow_mut().push_str(&text);
        printed.borrow_mut().push('\n');
    }
    printed.take()
}

#[test]
fn cases_print_what_cpython_prints() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/py");
    let only = std::env::var("CASE").ok();
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| {
            path.extension().is_some_and(|extension| extension == "py")
                && path.with_extension("out").exists()
        })
        .filter(|path| {
            only.as_ref()
                .is_none_or(|only| path.to_string_lossy().contains(only.as_str()))
        })
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    let mut failures = Vec::new();
    for case in cases {
        let expected =
            std::fs::read_to_string(case.with_extension("out")).expect("the recording is there");
        let actual = run(&case);
        if actual != expected {
            let difference: Vec<String> = similar::TextDiff::from_lines(&expected, &actual)
                .iter_all_changes()
                .filter(|change| change.tag() != similar::ChangeTag::Equal)
                .take(12)
                .map(|change| format!("{}{change}", change.tag()))
                .collect();
            failures.push(format!("{}\n{}", case.display(), difference.concat()));
        }
    }
    assert!(
        failures.is_empty(),
        "{} cases differ (- CPython, + aludel):\n{}",
        failures.len(),
        failures.join("\n")
    );
}
