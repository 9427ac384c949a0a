//! The process that may die: it reads `root<TAB>file<TAB>first call` lines, and says before each thing it does what that is.

use std::io::BufRead;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::rc::Rc;

use aludel::config::Config;
use aludel::config::Files;
use aludel::env::importer::SourceImporter;
use aludel::py::class::Class;
use aludel::py::function::Function;
use aludel::py::module::Importer;
use aludel::py::module::Module;
use aludel::py::module::ModuleSource;
use aludel::py::value::Value;
use aludel::py::vm::Vm;

/// As in `main.rs`.
const STACK: usize = 512 << 20;
/// The package that stands for the root, so that a file is found whatever it is called.
const PACKAGE: &str = "evaluated";
/// What functions are called with.
const GIVEN: [&str; 2] = ["nowhere", "'text'"];
/// Functions of one file that are called.
const CALLS: usize = 150;

pub(crate) fn run() {
    let worker = std::thread::Builder::new().stack_size(STACK).spawn(files);
    if worker.unwrap().join().is_err() {
        std::process::exit(101);
    }
}

fn files() {
    let mut used: Option<Evaluator> = None;
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let mut fields = line.split('\t');
        let mut field = || fields.next().unwrap();
        let (root, file, first): (_, _, usize) = (field(), field(), field().parse().unwrap());
        say("evaluate");
        // where nothing is called, modules that others imported before are not evaluated again
        let evaluator = used
            .take()
            .filter(|used| used.root == Path::new(root) && first == crate::NO_CALLS)
            .unwrap_or_else(|| Evaluator::new(Path::new(root)));
        evaluate(&evaluator, Path::new(file), first);
        used = Some(evaluator);
        say("done");
    }
}

/// Evaluates the files below one root.
struct Evaluator {
    vm: Vm,
    root: PathBuf,
    /// An empty folder, where the files are put that call something.
    empty: tempfile::TempDir,
}

impl Evaluator {
    fn new(root: &Path) -> Self {
        let empty = tempfile::tempdir().unwrap();
        let ini = empty.path().join("alembic.ini").display().to_string();
        let config = Config::load(Files::choose(&[ini], None).unwrap(), "alembic").unwrap();
        let vm = aludel::env::header_vm(&config, empty.path());
        vm.set_importer(Rc::new(Rooted {
            root: root.to_owned(),
            inside: SourceImporter::new(vec![root.to_owned()], Vec::new()),
            outside: SourceImporter::new(vec![root.to_owned()], Vec::new()),
        }));
        Self {
            vm,
            root: root.to_owned(),
            empty,
        }
    }
}

fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what}").unwrap();
    out.flush().unwrap();
}

/// Finds [`PACKAGE`] at the root, everything else as the program does.
struct Rooted {
    root: PathBuf,
    inside: SourceImporter,
    outside: SourceImporter,
}

impl Importer for Rooted {
    fn find(&self, vm: &Vm, dotted: &str) -> Option<ModuleSource> {
        match dotted.strip_prefix(PACKAGE) {
            Some("") => Some(ModuleSource::Namespace(self.root.clone())),
            Some(rest) if rest.starts_with('.') => self.inside.find(vm, &rest[1..]),
            _ => self.outside.find(vm, dotted),
        }
    }
}

fn evaluate(evaluator: &Evaluator, file: &Path, first: usize) {
    let (vm, empty) = (&evaluator.vm, &evaluator.empty);
    let Some(dotted) = dotted(&evaluator.root, file) else {
        return;
    };
    let module = match vm.import(&dotted) {
        Ok(Value::Module(module)) => module,
        Ok(_) => return,
        Err(error) => return drop(vm.format_error(&error)),
    };
    let calls = calls(&module);
    for (number, (callable, given)) in calls.into_iter().enumerate().skip(first) {
        say(&format!("{number} {callable}({given})"));
        let text = format!(
            "import nowhere, {dotted} as module\nresult = module.{callable}({given})\nresult = list(result)\n"
        );
        let driver = empty.path().join(format!("driver{number}.py"));
        std::fs::write(&driver, text).unwrap();
        if let Err(error) = vm.run_file(&driver, "driver", true) {
            drop(vm.format_error(&error));
        }
    }
}

/// The name under which a file is imported.
fn dotted(root: &Path, file: &Path) -> Option<String> {
    let relative = file.strip_prefix(root).ok()?.with_extension("");
    let mut parts = vec![PACKAGE.to_owned()];
    parts.extend(
        relative
            .iter()
            .map(|part| part.to_string_lossy().into_owned()),
    );
    if parts.last().is_some_and(|last| last == "__init__") {
        parts.pop();
    }
    // a folder or file whose name holds a dot cannot be imported
    parts
        .iter()
        .all(|part| !part.contains('.'))
        .then(|| parts.join("."))
}

/// Calls of the functions and methods a module defines: what is called, and with what.
fn calls(module: &Rc<Module>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let here = |function: &Function| Some(&function.source.file) == module.file.as_ref();
    for (name, value) in module.dict.borrow().iter() {
        match value {
            Value::Function(function) if here(function) => {
                found.push((name.to_string(), required(function)))
            }
            Value::Class(class) if class.module == module.name => methods(name, class, &mut found),
            _ => {}
        }
    }
    found.truncate(CALLS);
    let mut calls = Vec::new();
    for (callable, arguments) in found {
        let given: &[_] = if arguments == 0 { &GIVEN[..1] } else { &GIVEN };
        calls.extend(
            given
                .iter()
                .map(|given| (callable.clone(), vec![*given; arguments].join(", "))),
        );
    }
    calls
}

fn methods(name: &str, class: &Rc<Class>, found: &mut Vec<(String, usize)>) {
    found.push((name.to_owned(), 0));
    for (method, value) in class.dict.borrow().iter() {
        if let Value::Function(function) = value {
            found.push((format!("{name}.{method}"), required(function)));
        }
    }
}

fn required(function: &Function) -> usize {
    let parameters = &function.def.parameters;
    parameters
        .positional_only
        .iter()
        .chain(&parameters.positional)
        .filter(|parameter| parameter.default.is_none())
        .count()
}
