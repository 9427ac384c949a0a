//! What cannot be evaluated may be passed on, never used: imports that are missing, application modules that fail half-way.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use aludel::py::module::Importer;
use aludel::py::module::ModuleSource;
use aludel::py::vm::Vm;

/// Finds modules in one folder.
struct Folder(PathBuf);

impl Importer for Folder {
    fn find(&self, _vm: &Vm, dotted: &str) -> Option<ModuleSource> {
        let base = self.0.join(dotted.replace('.', "/"));
        let package = base.join("__init__.py");
        if package.exists() {
            return Some(ModuleSource::File {
                path: package,
                is_package: true,
            });
        }
        let file = base.with_extension("py");
        file.exists().then_some(ModuleSource::File {
            path: file,
            is_package: false,
        })
    }
}

/// Evaluates `main` beside the given files; what it printed, then the error's last line.
fn run(files: &[(&str, &str)], main: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let vm = Vm::new();
    vm.set_importer(Rc::new(Folder(folder.path().to_owned())));
    let text = Rc::new(RefCell::new(String::new()));
    let sink = text.clone();
    vm.set_stdout(Rc::new(move |piece| sink.borrow_mut().push_str(piece)));
    if let Err(error) = vm.run_source(main, "main.py", "main") {
        let summary = error
            .summary(&vm)
            .replace(&folder.path().display().to_string(), "");
        text.borrow_mut().push_str(&summary);
    }
    text.take()
}

#[test]
fn application_modules_go_on_after_a_statement_that_fails() {
    let app = "import nowhere\nA = 1\nB = nowhere.thing(A) + 1\nclass C:\n    x = 2\n    y = nowhere.flag + 1\nif nowhere.debug:\n    D = 4\nE = 5\n";
    assert_eq!(
        run(
            &[("app.py", app)],
            "from app import A, E, C, B\nprint(A, E, C.x)\nkept = [B, C.y]\n"
        ),
        "1 5 2\n"
    );
    assert_eq!(
        run(&[("app.py", app)], "from app import B\nprint(B)\n"),
        "`app.B` is needed as text, but could not be evaluated (/app.py:3): `nowhere.thing(…)` is needed as an operand of `+`, but could not be evaluated (/app.py:1): no module named `nowhere` was found"
    );
    assert!(
        run(&[("app.py", app)], "import app\nif app.D: pass\n")
            .starts_with("`app.D` is needed as a condition")
    );
}

#[test]
fn missing_modules_raise_where_that_is_expected() {
    let main = "try:\n    import nowhere\nexcept ImportError as e:\n    print(type(e).__name__, e, e.name)\n";
    assert_eq!(
        run(&[], main),
        "ModuleNotFoundError No module named 'nowhere' nowhere\n"
    );
    let main =
        "try:\n    from app import missing\nexcept ImportError as e:\n    print('no', e.name)\n";
    assert_eq!(run(&[("app.py", "")], main), "no app\n");
    let main = "try:\n    import app.sub\nexcept ImportError as e:\n    print(e)\n";
    assert_eq!(
        run(&[("app.py", "")], main),
        "No module named 'app.sub'; 'app' is not a package\n"
    );
}

#[test]
fn user_code_cannot_catch_what_is_unsupported() {
    let main = "import nowhere\ntry:\n    if nowhere.x:\n        pass\nexcept BaseException:\n    print('caught')\nfinally:\n    print('finally')\n";
    assert!(run(&[], main).starts_with("finally\n`nowhere.x` is needed as a condition"));
    let main = "import nowhere\ndef f():\n    try:\n        return nowhere.x == 1\n    finally:\n        return 2\nprint(f())\n";
    assert!(run(&[], main).starts_with("`nowhere.x` is needed as an operand of `==`"));
}

#[test]
fn unresolved_decorators_and_bases_stay_unresolved() {
    let main = "from nowhere import deco, Base\n@deco(1)\ndef f():\n    return 1\nclass Model(Base):\n    __tablename__ = 't'\n    def own(self):\n        return 'own'\nprint(Model.__tablename__, Model().own())\nkept = (Model.metadata, Model().query, f)\nif f():\n    pass\n";
    let text = run(&[], main);
    assert!(
        text.starts_with("t own\n`nowhere.deco(…)(…)(…)` is needed as a condition"),
        "{text}"
    );
    let main = "from nowhere import Base\nclass Model(Base):\n    pass\nif Model.flag:\n    pass\n";
    assert!(run(&[], main).starts_with("`nowhere.Base.flag` is needed as a condition"));
    let main =
        "from nowhere import Error\ntry:\n    raise ValueError(1)\nexcept Error:\n    pass\n";
    assert!(
        run(&[], main)
            .starts_with("`nowhere.Error` is needed to decide whether it catches `ValueError: 1`")
    );
}

#[test]
fn packages_import_relatively_and_in_circles() {
    let files = [
        (
            "pkg/__init__.py",
            "from .a import A\nfrom . import b\n__all__ = ['A', 'b']\n",
        ),
        (
            "pkg/a.py",
            "from . import b\nA = 'a'\ndef late():\n    return b.B\n",
        ),
        (
            "pkg/b.py",
            "import pkg.a as other\nfrom .sub.deep import D\nfrom ..nothing import x\nB = 'b' + D\n",
        ),
        ("pkg/sub/__init__.py", ""),
        ("pkg/sub/deep.py", "from ..a import __name__ as n\nD = n\n"),
    ];
    let main = "import pkg, pkg.sub.deep\nfrom pkg import *\nprint(A, b.B, pkg.a.late(), pkg.sub.deep.D, pkg.__name__, b.__package__)\n";
    assert_eq!(run(&files, main), "a bpkg.a bpkg.a pkg.a pkg pkg\n");
}

#[test]
fn names_after_a_failed_star_import_are_unresolved() {
    let main = "from nowhere import *\nx = [thing]\nprint(len(x))\nthing + 1\n";
    assert!(run(&[], main).starts_with("1\n`thing` is needed as an operand of `+`"));
}

#[test]
fn application_modules_that_never_end_are_given_up() {
    let files = [("app.py", "x = 1\nwhile True:\n    x += 1\n")];
    assert_eq!(run(&files, "import app\nkept = app.x\nprint(1)\n"), "1\n");
    let text = run(&files, "import app\nif app.x:\n    pass\n");
    assert!(text.contains("it takes too long to evaluate"), "{text}");
}

#[test]
fn deep_recursion_and_long_chains_do_not_crash() {
    let text = run(
        &[],
        "def f(n):\n    return [f(n + 1) for _ in [1]]\ntry:\n    f(0)\nexcept RecursionError:\n    print('deep')\n",
    );
    assert_eq!(text, "deep\n");
    let chain = format!("print(1{})\n", " + 1".repeat(5000));
    assert_eq!(run(&[], &chain), "5001\n");
    let nested = format!("x = {}1{}\nprint('ok')\n", "[".repeat(190), "]".repeat(190));
    assert_eq!(run(&[], &nested), "ok\n");
    let generators = "def g(n):\n    if n:\n        yield from g(n - 1)\n    yield n\nprint(len(list(g(300))))\ndef h(n):\n    yield from h(n + 1)\ntry:\n    list(h(0))\nexcept RecursionError:\n    print('too deep')\n";
    assert_eq!(run(&[], generators), "301\ntoo deep\n");
}
