//! Nothing that is evaluated brings the program down: every file of a tree is evaluated as an application module, and then each of its functions
//! and methods is called with values that could not be evaluated and with strings, in a process that may die.
//!
//! `cargo test --test robustness` goes through `fixtures/hostile`; `cargo test --test robustness -- FOLDER…` through other trees; with
//! `--modules` nothing is called. A panic, an overflow of the stack, a process that takes more memory or more time than is allowed is a failure; a Python error is not.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::exit,
    reason = "a test program"
)]

mod child;
mod parent;

use std::path::Path;
use std::path::PathBuf;

/// Files are evaluated, nothing in them is called.
const MODULES: &str = "--modules";
/// The number of the first call where nothing is called.
const NO_CALLS: usize = usize::MAX;
/// Says that a process is a child.
const CHILD: &str = "--evaluate-files-named-on-standard-input";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == CHILD) {
        return child::run();
    }
    if arguments.iter().any(|argument| argument == "--list") {
        return println!("hostile_files_end_in_an_error_or_in_nothing: test");
    }
    let mut trees: Vec<PathBuf> = arguments
        .iter()
        .map(PathBuf::from)
        .filter(|path| path.exists())
        .collect();
    if trees.is_empty() {
        trees.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hostile"));
    }
    let files = parent::python_files(&trees);
    assert!(!files.is_empty(), "no file was found");
    let calls = !arguments.iter().any(|argument| argument == MODULES);
    let report = parent::evaluate(&files, calls);
    for fall in &report.falls {
        println!("{fall}");
    }
    let falls = report.falls.len();
    println!(
        "{} files, {} functions and methods called; brought down: {falls}",
        files.len(),
        report.calls
    );
    let (word, passed, failed) = match falls {
        0 => ("ok", 1, 0),
        _ => ("FAILED", 0, 1),
    };
    println!(
        "test result: {word}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out"
    );
    std::process::exit(i32::from(falls > 0));
}
