//! The evaluator's state and the operations on values that natives and the evaluator share.
//! (Operations live with their concern: see `eval/dispatch.rs`, `eval/attr.rs`, `eval/call.rs`, `eval/import.rs`.)

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;
use std::rc::Rc;
use std::rc::Weak;

use rustc_hash::FxHashMap;

use crate::py::ast;
use crate::py::builtins;
use crate::py::class::Class;
use crate::py::class::TYPE;
use crate::py::dict::Dict;
use crate::py::dict::HasNamespace;
use crate::py::dict::identical;
use crate::py::error::PyError;
use crate::py::error::PyErrorKind;
use crate::py::error::PyResult;
use crate::py::eval::Frame;
use crate::py::eval::skip::Skipping;
use crate::py::module::Importer;
use crate::py::module::Module;
use crate::py::module::NativeModule;
use crate::py::module::Upstream;
use crate::py::parse::Suite;
use crate::py::parse::ahead::Ahead;
use crate::py::parse::ahead::Source;
use crate::py::parse::ahead::Taken;
use crate::py::stdlib;
use crate::py::value::Namespace;
use crate::py::value::Unresolved;
use crate::py::value::Value;

/// A handle on one evaluator. Cloning shares the state (interior mutability throughout: no `&mut` anywhere).
#[derive(Clone)]
pub struct Vm(Rc<State>);

/// Receives a log record: the logger's name, the level's name (`INFO`), the message.
pub type LogSink = Rc<dyn Fn(&str, &str, &str)>;

/// Says whether Python would have imported a dotted name by now.
pub type ImportedElsewhere = Rc<dyn Fn(&str) -> bool>;

/// Finds the text of a module that a host wrote in Python, by dotted name.
pub type FindSource = fn(&str) -> Option<&'static str>;

/// What a [`Vm`] holds.
struct State {
    builtins: Rc<Module>,
    /// `sys.modules`.
    modules: Rc<RefCell<Dict>>,
    natives: RefCell<HashMap<&'static str, &'static NativeModule>>,
    /// Finds the source of embedded third-party packages: see [`Vm::register_packages`].
    packages: Cell<Option<crate::py::embedded::Find>>,
    /// The real sources behind embedded modules, as far as they were asked for.
    beyond: RefCell<HashMap<Rc<str>, Option<Rc<Module>>>>,
    importer: RefCell<Option<Rc<dyn Importer>>>,
    imported_elsewhere: RefCell<Option<ImportedElsewhere>>,
    /// See [`Vm::add_sources`].
    sources: RefCell<Vec<FindSource>>,
    upstream: Cell<Option<&'static dyn Upstream>>,
    stdout: RefCell<Rc<dyn Fn(&str)>>,
    /// Receives log records: logger, level name, message.
    log_sink: RefCell<LogSink>,
    frames: RefCell<Vec<Rc<Frame>>>,
    /// Statements left; `u64::MAX` without a limit.
    budget: Cell<u64>,
    /// See [`Vm::set_effects_matter`].
    effects_matter: Cell<bool>,
    /// See [`Vm::set_skipping`].
    skipping: RefCell<Option<Skipping>>,
    /// See [`Vm::parse_ahead`].
    ahead: RefCell<Option<Ahead>>,
    /// See [`Vm::keep_parsed`].
    kept: RefCell<Kept>,
    subclasses: RefCell<Vec<(Weak<Class>, Weak<Class>)>>,
}

/// Fewer files than this are not worth a thread.
const MANY: usize = 8;
/// Bytes of source whose trees are kept.
const KEPT: usize = 4 << 20;

/// Parsed files that will be evaluated again.
#[derive(Default)]
struct Kept {
    keeping: bool,
    /// Bytes of source in all.
    size: usize,
    modules: FxHashMap<OsString, Rc<ast::Module>>,
}

/// Where the program stands: for `Located<Operation>` and messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file as shown.
    pub file: Rc<str>,
    /// 1-based line.
    pub line: u32,
}

impl Default for Vm {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Vm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vm")
    }
}

impl Vm {
    /// A new evaluator with built-ins and the standard library; nothing of SQLAlchemy or Alembic.
    pub fn new() -> Self {
        let builtins = Module {
            name: Rc::from("builtins"),
            dict: RefCell::default(),
            native: Some(&builtins::MODULE),
            file: None,
        };
        let state = State {
            builtins: Rc::new(builtins),
            modules: Rc::default(),
            natives: RefCell::default(),
            packages: Cell::default(),
            beyond: RefCell::default(),
            importer: RefCell::default(),
            imported_elsewhere: RefCell::default(),
            sources: RefCell::default(),
            upstream: Cell::new(None),
            stdout: RefCell::new(Rc::new(|_| {})),
            log_sink: RefCell::new(Rc::new(|_, _, _| {})),
            frames: RefCell::default(),
            budget: Cell::new(u64::MAX),
            effects_matter: Cell::new(false),
            skipping: RefCell::default(),
            ahead: RefCell::default(),
            kept: RefCell::default(),
            subclasses: RefCell::default(),
        };
        let vm = Self(Rc::new(state));
        vm.register(stdlib::MODULES);
        vm.set_module("builtins", Value::Module(vm.builtins()));
        crate::py::dict::set_evaluator(&vm);
        vm
    }

    /// Adds native modules (`sqlalchemy…`, `alembic…`). They win over source.
    pub fn register(&self, modules: &'static [NativeModule]) {
        let mut natives = self.0.natives.borrow_mut();
        for module in modules {
            natives.insert(module.name, module);
        }
    }

    /// Adds modules that a host wrote in Python.
    pub fn add_sources(&self, find: FindSource) {
        self.0.sources.borrow_mut().push(find);
    }

    /// The text of a module that a host wrote in Python.
    pub(crate) fn added_source(&self, dotted: &str) -> Option<&'static str> {
        self.0.sources.borrow().iter().find_map(|find| find(dotted))
    }

    /// Sets who finds the source of other modules.
    pub fn set_importer(&self, importer: Rc<dyn Importer>) {
        *self.0.importer.borrow_mut() = Some(importer);
    }

    /// Sets who knows what the packages behind native modules really have.
    pub fn set_upstream(&self, upstream: &'static dyn Upstream) {
        self.0.upstream.set(Some(upstream));
    }

    /// Whether the real module behind a native one certainly lacks a name.
    pub(crate) fn lacks_member(&self, module: &str, name: &str) -> bool {
        let upstream = self.0.upstream.get();
        upstream.and_then(|upstream| upstream.has_member(module, name)) == Some(false)
    }

    /// The message for an attribute that the real class behind a native one certainly lacks.
    pub(crate) fn lacks_attribute(&self, module: &str, class: &str, name: &str) -> Option<String> {
        let upstream = self.0.upstream.get()?;
        upstream.missing_attribute(module, class, name)
    }

    /// Sets where `print` and `sys.stdout` go; the default drops everything.
    pub fn set_stdout(&self, write: Rc<dyn Fn(&str)>) {
        *self.0.stdout.borrow_mut() = write;
    }

    /// Sets where the records of the `logging` module go; the default drops them.
    pub fn set_log_sink(&self, sink: LogSink) {
        *self.0.log_sink.borrow_mut() = sink;
    }

    /// Hands a record of the `logging` module to the host.
    pub fn log(&self, logger: &str, level: &str, message: &str) {
        let sink = self.0.log_sink.borrow().clone();
        sink(logger, level, message);
    }

    /// Says whether calling an unresolved value as a statement is an error: it is while a migration runs, where such a
    /// call is made for its effect. Returns what was set before.
    pub fn set_effects_matter(&self, matter: bool) -> bool {
        self.0.effects_matter.replace(matter)
    }

    /// Leaves out statements of a file that cannot be evaluated, or does not any more. Returns what was set before.
    pub fn set_skipping(&self, skipping: Option<Skipping>) -> Option<Skipping> {
        self.0.skipping.replace(skipping)
    }

    /// Whether statements of some file are left out.
    pub fn is_skipping(&self) -> bool {
        self.0.skipping.borrow().is_some()
    }

    /// See [`Vm::set_skipping`].
    pub(crate) fn skipping(&self) -> Option<Skipping> {
        self.0.skipping.borrow().clone()
    }

    /// See [`Vm::set_effects_matter`].
    pub(crate) fn effects_matter(&self) -> bool {
        self.0.effects_matter.get()
    }

    /// Writes where `print` writes.
    pub fn write_stdout(&self, text: &str) {
        let write = self.0.stdout.borrow().clone();
        write(text);
    }

    /// Evaluates a file as a new module called `name`, put into `sys.modules` under that name. Strict: an error stops it.
    /// In `tolerant` mode statements that fail bind their targets to unresolved values and evaluation goes on.
    pub fn run_file(&self, path: &Path, name: &str, tolerant: bool) -> PyResult<Rc<Module>> {
        let budgeted = tolerant && self.start_budget(crate::py::eval::import::BUDGET);
        let result = self.run_module(path, name, false, tolerant);
        if budgeted {
            self.end_budget();
        }
        result
    }

    /// Says which files will be evaluated next, and in which order: they are parsed meanwhile. The last call counts.
    pub(crate) fn parse_ahead(&self, mut sources: Vec<Source>) {
        sources.retain(|source| {
            !self
                .0
                .kept
                .borrow()
                .modules
                .contains_key(source.path.as_os_str())
        });
        *self.0.ahead.borrow_mut() = (sources.len() >= MANY).then(|| Ahead::start(sources));
    }

    /// What was parsed ahead of a file.
    pub(crate) fn parsed_ahead(&self, path: &Path) -> Option<Taken> {
        self.0.ahead.borrow().as_ref()?.take(path)
    }

    /// Leaves it to the threads that parse ahead to drop a tree.
    pub(crate) fn give_back(&self, tree: Suite) {
        if let Some(ahead) = &*self.0.ahead.borrow() {
            ahead.give_back(tree);
        }
    }

    /// Says whether parsed files are kept (up to a limit) for one more evaluation.
    pub fn keep_parsed(&self, keep: bool) {
        self.0.kept.borrow_mut().keeping = keep;
    }

    /// The module that was kept of a file, once.
    pub(crate) fn kept(&self, path: &Path) -> Option<Rc<ast::Module>> {
        let mut kept = self.0.kept.borrow_mut();
        (!kept.keeping)
            .then(|| kept.modules.remove(path.as_os_str()))
            .flatten()
    }

    /// Keeps a module, if they are kept and there is room.
    pub(crate) fn keep(&self, path: &Path, module: &Rc<ast::Module>) {
        let mut kept = self.0.kept.borrow_mut();
        let size = kept.size + module.source.text.len();
        if kept.keeping && size <= KEPT {
            kept.size = size;
            kept.modules
                .insert(path.as_os_str().to_owned(), module.clone());
        }
    }

    /// Evaluates a source text as a new module.
    pub fn run_source(&self, source: &str, file: &str, name: &str) -> PyResult<Rc<Module>> {
        self.evaluate(source, file, name, None, false)
    }

    /// The innermost Python frame: the line being evaluated.
    pub fn location(&self) -> Option<Location> {
        self.frame().map(|frame| Location {
            file: frame.source.file.clone(),
            line: frame.line.get(),
        })
    }

    /// Whether evaluation is inside a Python `try` (in the current call stack): statements must then not be deferred.
    pub fn in_try(&self) -> bool {
        self.0
            .frames
            .borrow()
            .iter()
            .any(|frame| frame.tries.get() > 0)
    }

    /// `type(value)`.
    pub fn class_of(&self, value: &Value) -> Rc<Class> {
        match value {
            Value::Class(class) => class.metaclass.clone().unwrap_or_else(|| Class::of(&TYPE)),
            other => builtins::class_for(other),
        }
    }

    /// `sys.modules` itself.
    pub fn modules(&self) -> Value {
        Value::Dict(self.0.modules.clone())
    }

    /// The `globals()` of the innermost frame.
    pub fn globals(&self) -> Option<Rc<Module>> {
        self.frame().map(|frame| frame.globals.clone())
    }

    /// What holds the names of the innermost frame, where that is no function: its class body or its module.
    pub fn own_namespace(&self) -> Option<Rc<dyn HasNamespace>> {
        let frame = self.frame()?;
        match (&frame.namespace, &frame.scope) {
            (Some(_), _) => Some(frame),
            (None, Some(_)) => None,
            (None, None) => Some(frame.globals.clone()),
        }
    }

    /// The `locals()` of the innermost frame: names and values.
    pub fn locals(&self) -> Vec<(Rc<str>, Value)> {
        let Some(frame) = self.frame() else {
            return Vec::new();
        };
        let entries = |dict: &RefCell<Namespace>| {
            dict.borrow()
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        };
        match (&frame.namespace, &frame.scope) {
            (Some(namespace), _) => entries(namespace),
            (None, Some(scope)) => scope.named(),
            (None, None) => entries(&frame.globals.dict),
        }
    }

    /// The name that an object has in the innermost class body that is being evaluated.
    pub fn class_body_name(&self, value: &Value) -> Option<Rc<str>> {
        let (name, _) = self.find_frame(|frame| {
            let namespace = frame.namespace.as_ref()?.borrow();
            let mut bound = namespace.iter();
            bound
                .find(|(_, known)| identical(known, value))
                .map(|(name, _)| name.clone())
        })?;
        Some(name)
    }

    /// The files, lines and functions of the call stack, outermost first.
    pub fn stack(&self) -> Vec<crate::py::error::TracebackFrame> {
        self.0
            .frames
            .borrow()
            .iter()
            .map(|frame| frame.traceback())
            .collect()
    }
}

/// What the evaluator's own files share.
impl Vm {
    pub(crate) fn builtins(&self) -> Rc<Module> {
        self.0.builtins.clone()
    }

    pub(crate) fn depth(&self) -> usize {
        self.0.frames.borrow().len()
    }

    pub(crate) fn push_frame(&self, frame: Rc<Frame>) {
        self.0.frames.borrow_mut().push(frame);
    }

    pub(crate) fn pop_frame(&self) {
        // Dropped after the borrow: a generator in its slots may run code.
        let popped = self.0.frames.borrow_mut().pop();
        drop(popped);
    }

    pub(crate) fn frame(&self) -> Option<Rc<Frame>> {
        self.0.frames.borrow().last().cloned()
    }

    /// The innermost frame for which `pick` gives something.
    pub(crate) fn find_frame<T>(
        &self,
        pick: impl Fn(&Rc<Frame>) -> Option<T>,
    ) -> Option<(T, Rc<Frame>)> {
        self.0
            .frames
            .borrow()
            .iter()
            .rev()
            .find_map(|frame| pick(frame).map(|found| (found, frame.clone())))
    }

    /// Says what Python would have imported by now, though nothing evaluated here did.
    pub fn set_imported_elsewhere(&self, is_imported: ImportedElsewhere) {
        *self.0.imported_elsewhere.borrow_mut() = Some(is_imported);
    }

    /// Whether Python would have imported a module by now.
    pub(crate) fn is_imported_elsewhere(&self, dotted: &str) -> bool {
        let found = self.0.imported_elsewhere.borrow().clone();
        found.is_some_and(|is_imported| is_imported(dotted))
    }

    pub(crate) fn importer(&self) -> Option<Rc<dyn Importer>> {
        self.0.importer.borrow().clone()
    }

    /// See [`Vm::register_packages`].
    pub(crate) fn packages(&self) -> &Cell<Option<crate::py::embedded::Find>> {
        &self.0.packages
    }

    /// See `embedded.rs`.
    pub(crate) fn beyond(&self) -> &RefCell<HashMap<Rc<str>, Option<Rc<Module>>>> {
        &self.0.beyond
    }

    /// A module of `sys.modules`.
    pub(crate) fn loaded(&self, dotted: &str) -> Option<Value> {
        self.0.modules.borrow().get_str(dotted)
    }

    pub(crate) fn module_names(&self) -> Vec<Rc<str>> {
        self.0
            .modules
            .borrow()
            .iter()
            .filter_map(|(name, _)| name.as_str())
            .collect()
    }

    pub(crate) fn set_module(&self, dotted: &str, value: Value) {
        self.0.modules.borrow_mut().insert_str(dotted, value);
    }

    /// Lets go of a module that is not needed any more. Its functions refer to it and it to them: that circle is cut when
    /// nobody else has hold of either.
    pub fn release_module(&self, module: &Rc<Module>) {
        self.forget_module(&module.name);
        let mut functions = 0;
        let lone = module.dict.borrow().values().all(|value| match value {
            Value::Function(function) if Rc::ptr_eq(&function.globals, module) => {
                functions += 1;
                Rc::strong_count(function) == 1
            }
            _ => true,
        });
        if lone && Rc::strong_count(module) == functions + 1 {
            let names = std::mem::take(&mut *module.dict.borrow_mut());
            drop(names);
        }
    }

    pub(crate) fn forget_module(&self, dotted: &str) {
        let removed = self.0.modules.borrow_mut().remove(&Value::str(dotted));
        drop(removed);
    }

    pub(crate) fn native_module(&self, dotted: &str) -> Option<&'static NativeModule> {
        self.0.natives.borrow().get(dotted).copied()
    }

    /// Whether some native module is below this name, so that this one must be a package.
    pub(crate) fn has_native_below(&self, dotted: &str) -> bool {
        self.0.natives.borrow().keys().any(|name| {
            name.strip_prefix(dotted)
                .is_some_and(|rest| rest.starts_with('.'))
        })
    }

    /// Whether a module is Python's own (built in or standard library): then what it lacks is really missing.
    pub(crate) fn is_python_module(&self, dotted: &str) -> bool {
        let top = dotted.split('.').next().unwrap_or(dotted);
        top == "builtins"
            || stdlib::sources::is_known_module(top)
            || stdlib::MODULES
                .iter()
                .any(|module| module.name == dotted || module.name.split('.').next() == Some(top))
    }

    /// Counts a step against the budget.
    pub(crate) fn tick(&self) -> PyResult<()> {
        let left = self.0.budget.get();
        if left == u64::MAX {
            return Ok(());
        }
        if left == 0 {
            return Err(PyError::unsupported(
                "importing the application takes too long to evaluate",
            ));
        }
        self.0.budget.set(left - 1);
        Ok(())
    }

    /// Whether the budget is used up.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.0.budget.get() == 0
    }

    /// Whether a budget is running: an application module is being evaluated.
    pub(crate) fn is_budgeted(&self) -> bool {
        self.0.budget.get() != u64::MAX
    }

    /// Sets a budget unless one is running; whether it did.
    pub(crate) fn start_budget(&self, steps: u64) -> bool {
        let is_first = self.0.budget.get() == u64::MAX;
        if is_first {
            self.0.budget.set(steps);
        }
        is_first
    }

    pub(crate) fn end_budget(&self) {
        self.0.budget.set(u64::MAX);
    }

    /// Remembers a class for its bases' `__subclasses__()`.
    pub(crate) fn note_subclass(&self, class: &Rc<Class>) {
        let mut known = self.0.subclasses.borrow_mut();
        for base in &class.bases {
            known.push((Rc::downgrade(base), Rc::downgrade(class)));
        }
    }

    /// `class.__subclasses__()`.
    pub(crate) fn subclasses(&self, class: &Rc<Class>) -> Vec<Rc<Class>> {
        let known = self.0.subclasses.borrow();
        known
            .iter()
            .filter(|(base, _)| base.upgrade().is_some_and(|base| Rc::ptr_eq(&base, class)))
            .filter_map(|(_, class)| class.upgrade())
            .collect()
    }
}

/// The error for an unresolved value that would shape `role` (for instance "as a table name").
pub fn unresolved_error(unresolved: &Unresolved, role: &str) -> PyError {
    let place = unresolved
        .place
        .as_ref()
        .map(|(file, line)| format!(" ({file}:{line})"))
        .unwrap_or_default();
    PyError::from_kind(PyErrorKind::Unsupported {
        what: format!(
            "`{}` is needed {role}, but could not be evaluated{place}: {}",
            unresolved.name, unresolved.reason
        ),
        hint: None,
        is_final: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn global(source: &str, name: &str) -> String {
        let vm = Vm::new();
        match vm.run_source(source, "a.py", "a") {
            Ok(module) => {
                let value = module
                    .dict
                    .borrow()
                    .get(name)
                    .cloned()
                    .unwrap_or(Value::None);
                vm.repr(&value).unwrap()
            }
            Err(error) => vm.format_error(&error),
        }
    }

    #[test]
    fn functions_close_over_their_scopes() {
        let source = "def counter():\n    n = 0\n    def add(by=1):\n        nonlocal n\n        n += by\n        return n\n    return add\nc = counter()\nx = [c(), c(), c(by=5)]\n";
        assert_eq!(global(source, "x"), "[1, 2, 7]");
    }

    #[test]
    fn classes_inherit_and_call_up() {
        let source = "class A:\n    def __init__(self, v):\n        self.v = v\n    def get(self):\n        return self.v\nclass B(A):\n    def __init__(self):\n        super().__init__(3)\n    @property\n    def double(self):\n        return self.get() * 2\nx = B().double\n";
        assert_eq!(global(source, "x"), "6");
    }

    #[test]
    fn generators_yield_and_return() {
        let source = "def g():\n    got = yield 1\n    yield got\n    return 9\ndef h():\n    r = yield from g()\n    yield r\ni = h()\nx = [i.__next__(), i.send(5), i.__next__()]\ny = [a * 2 for a in (b + 1 for b in [1, 2, 3]) if a > 2]\nx = x + y\n";
        assert_eq!(global(source, "x"), "[1, 5, 9, 6, 8]");
    }

    #[test]
    fn tracebacks_name_every_level() {
        let source = "def f():\n    raise ValueError('no')\ntry:\n    f()\nexcept ValueError as e:\n    raise TypeError('yes') from e\n";
        assert_eq!(
            global(source, "x"),
            "Traceback (most recent call last):\n  File \"a.py\", line 4, in <module>\n    f()\n  File \"a.py\", line 2, in f\n    raise ValueError('no')\nValueError: no\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"a.py\", line 6, in <module>\n    raise TypeError('yes') from e\nTypeError: yes"
        );
    }

    #[test]
    fn recursion_without_end_is_an_exception() {
        let source = "def f(n):\n    return f(n + 1)\ntry:\n    f(0)\nexcept RecursionError as e:\n    x = e.args\n";
        assert_eq!(global(source, "x"), "('maximum recursion depth exceeded',)");
    }

    #[test]
    fn missing_imports_may_be_passed_on_but_not_used() {
        let source = "import nowhere.at.all as n\nfrom nowhere import x as y\nz = [n.a.b(y), y]\nif n.flag:\n    pass\n";
        let text = global(source, "x");
        assert!(text.ends_with("Unsupported: `nowhere.at.all.flag` is needed as a condition, but could not be evaluated (a.py:1): no module named `nowhere` was found"), "{text}");
    }
}
