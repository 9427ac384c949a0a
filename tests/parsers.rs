//! A second opinion on the parser: rustpython-parser, which it replaced, reads every Python file among the fixtures too.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::path::PathBuf;

use rustpython_parser::Parse;
use rustpython_parser::ast::Suite;

/// Files in syntax that is newer than rustpython-parser.
const NEWER: [&str; 0] = [];

fn python_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("a folder");
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            python_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "py") {
            found.push(path);
        }
    }
}

fn accepts(text: &str) -> (bool, bool) {
    (
        aludel::py::parse::module(text, "a.py").is_ok(),
        Suite::parse(text, "a.py").is_ok(),
    )
}

#[test]
fn both_parsers_agree_on_every_python_file_of_the_fixtures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut files = Vec::new();
    python_files(&root, &mut files);
    assert!(files.len() > 50, "only {} files", files.len());
    let mut accepted = 0;
    for path in files {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        let shown = path.strip_prefix(&root).expect("below").to_string_lossy();
        let (ours, other) = accepts(&text);
        assert_eq!(ours, other || NEWER.contains(&&*shown), "{shown}");
        accepted += usize::from(ours);
    }
    assert!(accepted > 50, "only {accepted} accepted");
}

#[test]
fn what_is_not_python_is_refused() {
    for text in [
        "x = (1,\n",
        "x = 1)\n",
        "print 'x'\n",
        "raise E, 'x'\n",
        "exec 'x' in y\n",
        "x = 0777\n",
        "x = ur'a'\n",
        "x = `a`\n",
        "a <> b\n",
        "def f(a, (b, c)): pass\n",
        "def f(a, a): pass\n",
        "def f(a=1, b): pass\n",
        "f(a=1, 2)\n",
        "f(a=1, a=2)\n",
        "f(x for x in y, 1)\n",
        "f() = 1\n",
        "f() += 1\n",
        "None = 1\n",
        "x = *a\n",
        "return\n",
        "x = yield 1\n",
        "if x:\ny = 1\n",
        "x = 1\n  y = 2\n",
        "if x:\n    y\n  z\n",
        "if x:\n\ty\n        z\n",
        "x = 'a\n",
        "x = '''a\n",
        "x = b'\u{e9}'\n",
        "x = 'a' b'b'\n",
        "x = f'{a'\n",
        "x = f'}'\n",
        "x = f'{}'\n",
        "x = f'{a!x}'\n",
        "x = '\\N{no such name}'\n",
        "x = '\\x1'\n",
        "import a as b.c\n",
        "from a import b,\n",
        "try:\n    pass\n",
        "else:\n    pass\n",
        "del f()\n",
        "x = 1 2\n",
        "x = $\n",
    ] {
        let ours = aludel::py::parse::module(text, "a.py").is_ok();
        assert!(!ours, "{text:?}");
    }
}

#[test]
fn syntax_that_only_our_parser_knows() {
    for text in [
        "x = f'{a['b']}'\n",
        "x = f\"{', '.join(\"a\" for a in b)}\"\n",
        "x = f'{'\\n'.join(a)}'\n",
        "x = f'{\n    a  # why\n}'\n",
        "x = f'{f'{f'{a}'}'}'\n",
        "try:\n    pass\nexcept A, B:\n    pass\n",
        "class A[T = int]:\n    pass\n",
        "def f[T = int, *Ts = *tuple[int], **P = []](a: T): pass\n",
    ] {
        assert_eq!(accepts(text), (true, false), "{text:?}");
    }
}
