//! Imports: `sys.modules`, then native modules, then source.

use std::path::Path;
use std::rc::Rc;

use crate::py::ast;
use crate::py::ast::FromAlias;
use crate::py::ast::ImportAlias;
use crate::py::ast::Span;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::eval::Frame;
use crate::py::eval::name;
use crate::py::exceptions;
use crate::py::module::Module;
use crate::py::module::ModuleSource;
use crate::py::parse;
use crate::py::parse::ahead::Parsed;
use crate::py::parse::ahead::Taken;
use crate::py::value::Namespace;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// How many statements an application module may run while it is imported.
pub(crate) const BUDGET: u64 = 2_000_000;

impl Eval<'_> {
    /// `import a.b as c, d`.
    pub(crate) fn import(&self, aliases: &[ImportAlias], span: Span) -> PyResult<()> {
        for alias in aliases {
            self.at(span);
            let value = self.import_or_unresolved(&alias.module)?;
            let bound = if alias.is_renamed {
                value
            } else {
                let top = alias.module.split('.').next().unwrap_or(&alias.module);
                if self.vm.loaded(top).is_none() {
                    // the host may have put `a.b` in place, and `a` was not asked for yet
                    self.vm.import_known(top)?;
                }
                match (&value, self.vm.loaded(top)) {
                    (_, Some(top)) => top,
                    (Value::Unresolved(unresolved), None) => {
                        Value::Unresolved(Rc::new(Unresolved {
                            name: top.to_owned(),
                            reason: unresolved.reason.clone(),
                            place: unresolved.place.clone(),
                        }))
                    }
                    (_, None) => value,
                }
            };
            self.store_name(&alias.name, bound);
        }
        Ok(())
    }

    /// A module, or the unresolved value that stands for one that cannot be found. Inside `try` a missing module raises, as it may be expected to.
    fn import_or_unresolved(&self, dotted: &str) -> PyResult<Value> {
        match self.vm.import(dotted) {
            Ok(value) => Ok(value),
            Err(error) if self.frame.tries.get() > 0 => Err(error),
            Err(error) if self.is_adopted(dotted, &error) => self.import_or_unresolved(dotted),
            Err(error)
                if error.matches(&exceptions::IMPORT_ERROR)
                    || error.matches(&exceptions::SYNTAX_ERROR) =>
            {
                Ok(self
                    .vm
                    .unresolved(dotted, &self.missing_reason(&error), self.frame))
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the top of a module that is missing is one of the project's own packages, which is found from now on.
    fn is_adopted(&self, dotted: &str, error: &PyError) -> bool {
        let top = dotted.split('.').next();
        top.is_some()
            && self.missing_module(error).as_deref() == top
            && self
                .vm
                .importer()
                .is_some_and(|importer| importer.adopt(dotted))
    }

    /// The module that a `ModuleNotFoundError` names.
    fn missing_module(&self, error: &PyError) -> Option<Rc<str>> {
        if !error.matches(&exceptions::MODULE_NOT_FOUND_ERROR) {
            return None;
        }
        let name = self.vm.find_attr(error.exception()?, "name").ok()??;
        name.as_str().map(|name| Rc::from(&*name))
    }

    fn missing_reason(&self, error: &PyError) -> String {
        match self.missing_module(error) {
            Some(name) => format!("no module named `{name}` was found"),
            None => self.vm.reason_of(error),
        }
    }

    /// `from module import names`.
    pub(crate) fn import_from(
        &self,
        module: Option<&str>,
        names: &[FromAlias],
        level: u32,
        span: Span,
    ) -> PyResult<()> {
        if module == Some("__future__") && level == 0 {
            for alias in names {
                self.store_name(&alias.name, Value::Bool(true));
            }
            return Ok(());
        }
        let dotted = self.absolute(module, level)?;
        let source = self.import_or_unresolved(&dotted)?;
        if names.is_empty() {
            return self.import_star(&source);
        }
        for alias in names {
            self.at(span);
            let value = self.member(&source, &dotted, &alias.member)?;
            self.store_name(&alias.name, value);
        }
        Ok(())
    }

    /// One name of `from module import name`: an attribute, or a submodule.
    fn member(&self, source: &Value, dotted: &str, member: &str) -> PyResult<Value> {
        if let Value::Unresolved(_) = source {
            return self.vm.get_attr(source, member);
        }
        let found = self.vm.find_attr(source, member)?;
        let is_known = found
            .as_ref()
            .is_some_and(|value| !matches!(value, Value::Unresolved(_)));
        if let (true, Some(value)) = (is_known, &found) {
            return Ok(value.clone());
        }
        let submodule = format!("{dotted}.{member}");
        // loading the submodule bound the name to it: something else was bound to it since
        let is_rebound = found.is_some()
            && matches!(source, Value::Module(module) if module.native.is_none())
            && self.vm.loaded(&submodule).is_some();
        if let (true, Some(value)) = (is_rebound, &found) {
            return Ok(value.clone());
        }
        if let Some(value) = self.vm.import_known(&submodule)? {
            return Ok(value);
        }
        let is_native = matches!(source, Value::Module(module) if module.native.is_some());
        let is_absent = is_native && self.vm.lacks_member(dotted, member);
        let may_raise = is_absent
            || self.frame.tries.get() > 0 && (!is_native || self.vm.is_python_module(dotted));
        if let (Some(value), false) = (&found, may_raise && is_native) {
            return Ok(value.clone());
        }
        let file = match source {
            Value::Module(module) => module
                .file
                .as_deref()
                .map_or_else(|| "unknown location".to_owned(), str::to_owned),
            _ => "unknown location".to_owned(),
        };
        if may_raise {
            return Err(exceptions::import_failure(
                &exceptions::IMPORT_ERROR,
                &format!("cannot import name '{member}' from '{dotted}' ({file})"),
                dotted,
            ));
        }
        let reason = if is_native {
            format!("`{dotted}` has no `{member}` in aludel")
        } else {
            format!("cannot import name `{member}` from `{dotted}` ({file})")
        };
        Ok(self.vm.unresolved(&submodule, &reason, self.frame))
    }

    fn import_star(&self, source: &Value) -> PyResult<()> {
        let globals = &self.frame.globals;
        let module = match source {
            Value::Module(module) => module.clone(),
            Value::Unresolved(_) => {
                name::store_global(globals, &Rc::from(name::STAR), source.clone());
                return Ok(());
            }
            _ => return Ok(()),
        };
        let names: Vec<Rc<str>> = match self.vm.find_attr(source, "__all__")? {
            Some(Value::Unresolved(_)) | None => match module.native {
                Some(native) => (native.names)()
                    .into_iter()
                    .filter(|name| !name.starts_with('_'))
                    .map(Rc::from)
                    .collect(),
                None => module
                    .dict
                    .borrow()
                    .keys()
                    .filter(|name| !name.starts_with('_'))
                    .cloned()
                    .collect(),
            },
            Some(all) => self
                .vm
                .collect(&all)?
                .iter()
                .filter_map(Value::as_str)
                .collect(),
        };
        for id in names {
            let value = self.member(source, &module.name, &id)?;
            name::store_global(globals, &id, value);
        }
        let star = module.dict.borrow().get(name::STAR).cloned();
        if let Some(star) = star {
            name::store_global(globals, &Rc::from(name::STAR), star);
        }
        Ok(())
    }

    /// The absolute name of a relative import.
    fn absolute(&self, module: Option<&str>, level: u32) -> PyResult<String> {
        if level == 0 {
            return Ok(module.unwrap_or_default().to_owned());
        }
        let package = self
            .frame
            .globals
            .dict
            .borrow()
            .get("__package__")
            .and_then(Value::as_str)
            .unwrap_or_else(|| Rc::from(""));
        let failure = |text: &str| {
            exceptions::import_failure(&exceptions::IMPORT_ERROR, text, module.unwrap_or_default())
        };
        if package.is_empty() {
            return Err(failure(
                "attempted relative import with no known parent package",
            ));
        }
        let mut parts: Vec<&str> = package.split('.').collect();
        for _ in 1..level {
            parts.pop();
        }
        if parts.is_empty() {
            return Err(failure(
                "attempted relative import beyond top-level package",
            ));
        }
        parts.extend(module);
        Ok(parts.join("."))
    }
}

impl Vm {
    /// Imports a module as `import dotted` does and returns the module itself (not the top package).
    pub fn import(&self, dotted: &str) -> PyResult<Value> {
        match self.import_known(dotted)? {
            Some(value) => Ok(value),
            None => {
                let missing = self.first_missing(dotted);
                let suffix = match missing
                    .rsplit_once('.')
                    .and_then(|(parent, _)| self.loaded(parent))
                {
                    Some(Value::Module(parent))
                        if parent.native.is_none()
                            && parent.dict.borrow().get("__path__").is_none() =>
                    {
                        format!("; '{}' is not a package", parent.name)
                    }
                    _ => String::new(),
                };
                Err(exceptions::module_not_found(
                    &format!("No module named '{missing}'{suffix}"),
                    &missing,
                ))
            }
        }
    }

    /// The shortest prefix that cannot be imported.
    fn first_missing(&self, dotted: &str) -> String {
        let mut prefix = String::new();
        for part in dotted.split('.') {
            if !prefix.is_empty() {
                prefix.push('.');
            }
            prefix.push_str(part);
            if self.loaded(&prefix).is_none() {
                break;
            }
        }
        prefix
    }

    /// Imports a module if it exists; parents first.
    pub(crate) fn import_known(&self, dotted: &str) -> PyResult<Option<Value>> {
        if let Some(value) = self.loaded(dotted) {
            return Ok(Some(value));
        }
        let Some((parent_name, last)) = dotted.rsplit_once('.') else {
            return self.load(dotted);
        };
        let Some(parent) = self.import_known(parent_name)? else {
            return Ok(None);
        };
        if let Some(value) = self.loaded(dotted) {
            return Ok(Some(value));
        }
        if let Value::Unresolved(_) = parent {
            return self.get_attr(&parent, last).map(Some);
        }
        let loaded = match self.load(dotted)? {
            Some(value) => Some(value),
            // A native package may hand out its submodules as members.
            None => match &parent {
                Value::Module(module) => match module.native {
                    Some(native) => (native.member)(self, last)?
                        .filter(|value| matches!(value, Value::Module(_))),
                    None => module
                        .dict
                        .borrow()
                        .get(last)
                        .filter(|value| matches!(value, Value::Module(_)))
                        .cloned(),
                },
                _ => None,
            },
        };
        if let (Some(value), Value::Module(module)) = (&loaded, &parent) {
            let is_shadowed = module
                .dict
                .borrow()
                .get(last)
                .is_some_and(|known| !matches!(known, Value::Module(_) | Value::Unresolved(_)));
            if !is_shadowed {
                name::store_global(module, &Rc::from(last), value.clone());
            }
        }
        Ok(loaded)
    }

    /// Loads one module whose parents are loaded.
    fn load(&self, dotted: &str) -> PyResult<Option<Value>> {
        if let Some(native) = self.native_module(dotted) {
            let module = Rc::new(Module {
                name: Rc::from(dotted),
                dict: std::cell::RefCell::default(),
                native: Some(native),
                file: None,
            });
            let value = Value::Module(module);
            self.set_module(dotted, value.clone());
            return Ok(Some(value));
        }
        if let Some((text, is_package)) = self.frozen_source(dotted) {
            let package = is_package.then(|| Path::new("<frozen>"));
            let module =
                self.evaluate(text, &format!("<frozen {dotted}>"), dotted, package, false)?;
            return Ok(Some(self.loaded(dotted).unwrap_or(Value::Module(module))));
        }
        if let Some(module) = self.load_package(dotted)? {
            return Ok(Some(self.loaded(dotted).unwrap_or(Value::Module(module))));
        }
        if self.has_native_below(dotted) {
            let module = Rc::new(Module {
                name: Rc::from(dotted),
                dict: std::cell::RefCell::default(),
                native: None,
                file: None,
            });
            name::store_global(&module, &Rc::from("__path__"), Value::list(Vec::new()));
            let value = Value::Module(module);
            self.set_module(dotted, value.clone());
            return Ok(Some(value));
        }
        self.load_source(dotted)
    }

    /// Loads a module that is neither ours nor Python's.
    fn load_source(&self, dotted: &str) -> PyResult<Option<Value>> {
        let found = self
            .importer()
            .and_then(|importer| importer.find(self, dotted));
        let Some(source) = found else {
            if self.is_packaged(dotted) {
                let reason = format!(
                    "aludel does not model the module `{dotted}`, and no source of it was found"
                );
                return Ok(Some(self.unmodelled(dotted, reason)));
            }
            return Ok(crate::py::stdlib::sources::is_known_module(dotted).then(|| {
                self.unmodelled(dotted, format!("aludel does not have the module `{dotted}` of Python's standard library"))
            }));
        };
        let module = match source {
            ModuleSource::File { path, is_package } => {
                let budgeted = self.start_budget(BUDGET);
                let module = self.run_module(&path, dotted, is_package, true);
                let is_exhausted = self.is_exhausted();
                if budgeted {
                    self.end_budget();
                }
                match module {
                    Err(_) if budgeted && is_exhausted => {
                        let reason = "it takes too long to evaluate".to_owned();
                        return Ok(Some(self.unmodelled(dotted, reason)));
                    }
                    other => other?,
                }
            }
            ModuleSource::Namespace(path) => {
                let module = new_module(dotted, None, Some(&path));
                self.set_module(dotted, Value::Module(module.clone()));
                module
            }
        };
        // A module may have put something else into `sys.modules`.
        Ok(Some(self.loaded(dotted).unwrap_or(Value::Module(module))))
    }

    /// The text of a module of the standard library or of the host that is written in Python, and whether it is a package.
    fn frozen_source(&self, dotted: &str) -> Option<(&'static str, bool)> {
        crate::py::stdlib::source(dotted)
            .or_else(|| self.added_source(dotted).map(|text| (text, false)))
    }

    /// Evaluates a file as a module.
    pub(crate) fn run_module(
        &self,
        path: &Path,
        dotted: &str,
        is_package: bool,
        tolerant: bool,
    ) -> PyResult<Rc<Module>> {
        let shown = path.to_string_lossy();
        let parsed = self.parsed_file(path, &shown)?;
        let package = is_package.then(|| path.parent()).flatten();
        self.evaluate_parsed(&parsed, dotted, package, tolerant)
    }

    /// Evaluates an installed file into a module, tolerantly and within a budget; a failure leaves what was defined until then.
    pub(crate) fn run_real_module(&self, path: &Path, module: &Rc<Module>) -> PyResult<()> {
        let shown = path.to_string_lossy();
        let parsed = self.parsed_file(path, &shown)?;
        let frame = Rc::new(Frame::module(parsed.source.clone(), module.clone(), true));
        let budgeted = self.start_budget(BUDGET);
        let result = Eval::run(self, &frame, |eval| eval.block(&parsed.body).map(drop));
        if budgeted {
            self.end_budget();
        }
        result
    }

    /// A file's tree: kept, made ahead, or made now.
    fn parsed_file(&self, path: &Path, shown: &str) -> PyResult<Rc<ast::Module>> {
        if let Some(module) = self.kept(path) {
            return Ok(module);
        }
        let (text, suite) = match self.parsed_ahead(path) {
            Some(Taken::Parsed(Parsed { text, suite })) => (text, suite),
            Some(Taken::Text(text)) => {
                let suite = parse::suite(&text, shown);
                (text, suite)
            }
            None => {
                let bytes = std::fs::read(path).map_err(|error| os_error(&error, shown))?;
                let text = parse::decode(&bytes, shown)
                    .map_err(|error| self.syntax_error(&error, shown, None))?;
                let suite = parse::suite(&text, shown);
                (text, suite)
            }
        };
        let lowered = suite.and_then(|mut suite| {
            let lowered = parse::lower(&mut suite, &text, shown);
            self.give_back(suite);
            lowered
        });
        let module = lowered.map_err(|error| self.syntax_error(&error, shown, Some(&text)))?;
        let module = Rc::new(module);
        self.keep(path, &module);
        Ok(module)
    }

    /// Evaluates a text as a module and puts it into `sys.modules`; a failure takes it out again.
    pub(crate) fn evaluate(
        &self,
        text: &str,
        file: &str,
        dotted: &str,
        package: Option<&Path>,
        tolerant: bool,
    ) -> PyResult<Rc<Module>> {
        let parsed = parse::module(text, file)
            .map_err(|error| self.syntax_error(&error, file, Some(text)))?;
        self.evaluate_parsed(&parsed, dotted, package, tolerant)
    }

    /// Evaluates a parsed file as a module.
    fn evaluate_parsed(
        &self,
        parsed: &ast::Module,
        dotted: &str,
        package: Option<&Path>,
        tolerant: bool,
    ) -> PyResult<Rc<Module>> {
        let module = new_module(dotted, Some(&parsed.source.file), package);
        if let Some(doc) = &parsed.doc {
            name::store_global(&module, &Rc::from("__doc__"), Value::Str(doc.clone()));
        }
        let before = self.loaded(dotted);
        self.set_module(dotted, Value::Module(module.clone()));
        let frame = Rc::new(Frame::module(
            parsed.source.clone(),
            module.clone(),
            tolerant,
        ));
        let result = Eval::run(self, &frame, |eval| eval.block(&parsed.body).map(drop));
        match result {
            Ok(()) => Ok(module),
            Err(error) => {
                match before {
                    Some(before) => self.set_module(dotted, before),
                    None => self.forget_module(dotted),
                }
                Err(error)
            }
        }
    }

    /// A `SyntaxError` as a Python exception.
    pub(crate) fn syntax_error(
        &self,
        error: &crate::py::parse::SyntaxError,
        file: &str,
        text: Option<&str>,
    ) -> PyError {
        let class = match error.class {
            "IndentationError" => &exceptions::INDENTATION_ERROR,
            "TabError" => &exceptions::TAB_ERROR,
            _ => &exceptions::SYNTAX_ERROR,
        };
        let made = PyError::new(class, &error.message);
        if let (Some(Value::Instance(value)), true) = (made.exception(), error.line > 0) {
            value.set("msg", Value::str(&error.message));
            value.set("filename", Value::str(file));
            value.set("lineno", Value::Int(i64::from(error.line)));
            value.set("offset", Value::Int(i64::from(error.column)));
            let source = text.map(|text| crate::py::ast::SourceText::new(file, text));
            let line = source
                .as_ref()
                .and_then(|source| source.line(error.line))
                .map(|line| Value::from(format!("{line}\n")));
            value.set("text", line.unwrap_or(Value::None));
        }
        made
    }
}

/// The names that most revision files have, without growing.
const ROOM: usize = 14;

/// A module from source with the names every module has.
pub(crate) fn new_module(dotted: &str, file: Option<&str>, package: Option<&Path>) -> Rc<Module> {
    let name: Rc<str> = Rc::from(dotted);
    let file: Option<Rc<str>> = file.map(Rc::from);
    let mut dict = Namespace::with_capacity_and_hasher(ROOM, rustc_hash::FxBuildHasher);
    dict.insert(Rc::from("__name__"), Value::Str(name.clone()));
    dict.insert(Rc::from("__doc__"), Value::None);
    let parent = match dotted.rsplit_once('.') {
        _ if package.is_some() => Value::Str(name.clone()),
        Some((parent, _)) => Value::str(parent),
        None => Value::str(""),
    };
    dict.insert(Rc::from("__package__"), parent);
    if let Some(file) = &file {
        dict.insert(Rc::from("__file__"), Value::Str(file.clone()));
    }
    if let Some(package) = package {
        dict.insert(
            Rc::from("__path__"),
            Value::list(vec![Value::from(package.display().to_string())]),
        );
    }
    Rc::new(Module {
        name,
        dict: std::cell::RefCell::new(dict),
        native: None,
        file,
    })
}

impl Vm {
    /// An attribute of a module.
    pub(crate) fn module_attr(&self, module: &Rc<Module>, id: &str) -> PyResult<Option<Value>> {
        if let Some(value) = module.dict.borrow().get(id) {
            return Ok(Some(value.clone()));
        }
        if let Some(native) = module.native
            && let Some(value) = (native.member)(self, id)?
        {
            name::store_global(module, &Rc::from(id), value.clone());
            return Ok(Some(value));
        }
        if let Some(value) = self.special_module_attr(module, id) {
            return Ok(value);
        }
        if let Some(rest) = crate::py::stdlib::sources::rest_of(&module.name)
            && let Some(Value::Module(rest)) = self.import_known(rest)?
            && let Some(value) = rest.dict.borrow().get(id)
        {
            return Ok(Some(value.clone()));
        }
        let submodule = format!("{}.{id}", module.name);
        let is_near = self.loaded(&submodule).is_some()
            || self.native_module(&submodule).is_some()
            || self.package_source(&submodule).is_some()
            || self.has_native_below(&submodule);
        if is_near {
            let found = self.import_known(&submodule)?;
            if let (Some(value @ Value::Module(_)), true) = (&found, module.native.is_some()) {
                name::store_global(module, &Rc::from(id), value.clone());
            }
            return Ok(found);
        }
        let hook = module.dict.borrow().get("__getattr__").cloned();
        if let Some(hook @ (Value::Function(_) | Value::Builtin(_))) = hook {
            return self
                .call(&hook, crate::py::args::Args::of(vec![Value::str(id)]))
                .map(Some);
        }
        if let Some(value) = name::from_star(module, id) {
            return Ok(Some(value));
        }
        let is_special = id.starts_with("__") && id.ends_with("__");
        if !is_special {
            if let Some(value) = self.beyond_package(module, id)? {
                return Ok(Some(value));
            }
            if module.file.is_some() && self.is_imported_elsewhere(&submodule) {
                return self.import_known(&submodule);
            }
        }
        let is_missing = if self.is_python_module(&module.name) {
            crate::py::stdlib::sources::is_known(&module.name, id)
        } else {
            module.native.is_some() && !self.lacks_member(&module.name, id)
        };
        if is_missing && !is_special && &*module.name != "builtins" {
            let reason = format!("`{}` has no `{id}` in aludel", module.name);
            return Ok(Some(self.unmodelled(&submodule, reason)));
        }
        Ok(None)
    }

    /// What every module has.
    fn special_module_attr(&self, module: &Rc<Module>, id: &str) -> Option<Option<Value>> {
        Some(match id {
            "__name__" => Some(Value::Str(module.name.clone())),
            "__class__" => Some(Value::Class(self.class_of(&Value::Module(module.clone())))),
            "__file__" => module.file.clone().map(Value::Str),
            "__doc__" => Some(Value::None),
            "__dict__" => Some(Value::dict(crate::py::dict::Dict::of_namespace(
                module.clone(),
            ))),
            _ => return None,
        })
    }

    /// Stands for what the real Python has and aludel lacks.
    pub(crate) fn unmodelled(&self, name: &str, reason: String) -> Value {
        let place = self
            .location()
            .map(|location| (location.file, location.line));
        Value::Unresolved(Rc::new(Unresolved {
            name: name.to_owned(),
            reason,
            place,
        }))
    }
}

/// An error of the file system as Python raises it.
fn os_error(error: &std::io::Error, shown: &str) -> PyError {
    let number = i64::from(error.raw_os_error().unwrap_or(0));
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text).to_owned();
    let class = if error.kind() == std::io::ErrorKind::NotFound {
        &exceptions::FILE_NOT_FOUND_ERROR
    } else {
        &exceptions::OS_ERROR
    };
    let made = PyError::with_args(
        &crate::py::class::Class::of(class),
        vec![Value::Int(number), Value::from(text.clone())],
    );
    if let Some(Value::Instance(made)) = made.exception() {
        made.set("errno", Value::Int(number));
        made.set("strerror", Value::from(text));
        made.set("filename", Value::str(shown));
    }
    made
}
