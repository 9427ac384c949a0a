//! The state of lowering: scopes, name resolution, spans, limits.

use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

use ruff_python_ast as raw;
use ruff_text_size::TextRange;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::py::ast::Binding;
use crate::py::ast::Name;
use crate::py::ast::SourceText;
use crate::py::ast::Span;
use crate::py::parse::SyntaxError;
use crate::py::parse::collect::Names;

/// How deep the tree may be: what the evaluator and the tree's destructor recurse over.
const MAX_DEPTH: u32 = 1500;

/// What kind of scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScopeKind {
    /// A function, lambda or comprehension: it has slots.
    Function,
    /// A class body: it has a namespace.
    Class,
}

/// Where a name of a function scope lives.
#[derive(Debug, Clone, Copy)]
enum Known {
    Slot(u32),
    Global,
    Nonlocal,
}

/// One scope being lowered.
#[derive(Debug)]
pub(super) struct Scope {
    kind: ScopeKind,
    known: FxHashMap<Rc<str>, Known>,
    /// The names of the slots.
    pub(super) locals: Vec<Rc<str>>,
    /// Whether a `yield` was seen.
    pub(super) is_generator: bool,
    /// The qualified name of the function or class.
    qualname: Rc<str>,
    /// The class whose private names are mangled.
    class: Option<Rc<str>>,
}

/// Identifiers that are kept from one module to the next: most are the same.
const KEPT: usize = 4096;

thread_local! {
    static INTERNED: Cell<FxHashSet<Rc<str>>> = Cell::default();
}

impl Drop for Lowering {
    fn drop(&mut self) {
        if self.interned.len() <= KEPT {
            INTERNED.set(std::mem::take(&mut self.interned));
        }
    }
}

/// The state of lowering one module.
pub(super) struct Lowering {
    pub(super) source: Rc<SourceText>,
    pub(super) scopes: Vec<Scope>,
    interned: FxHashSet<Rc<str>>,
    depth: u32,
    /// A function of the module that is lowered when it is called.
    pub(super) late: Option<&'static str>,
    pub(super) has_walrus: bool,
    /// Whether any literal may say something else than what is written.
    pub(super) has_escapes: bool,
    /// How many loops of this body the statement is in.
    pub(super) loops: u32,
    /// The type parameters of the definitions around, innermost last.
    type_parameters: Vec<Rc<str>>,
    /// The line of the last span, and the bytes it covers: the next is most often the same.
    line: (Range<u32>, u32),
}

impl Lowering {
    pub(super) fn new(source: Rc<SourceText>) -> Self {
        let has_walrus = memchr::memmem::find(source.text.as_bytes(), b":=").is_some();
        let has_escapes = memchr::memchr(b'\\', source.text.as_bytes()).is_some();
        Self {
            source,
            scopes: Vec::new(),
            interned: INTERNED.take(),
            has_escapes,
            depth: 0,
            late: None,
            has_walrus,
            loops: 0,
            type_parameters: Vec::new(),
            line: (0..0, 0),
        }
    }

    /// The span of a node; its line is where it starts.
    pub(super) fn span(&mut self, range: TextRange) -> Span {
        let start = u32::from(range.start());
        Span {
            start,
            end: u32::from(range.end()),
            line: self.line_of(start),
        }
    }

    /// The 1-based line of a byte.
    pub(super) fn line_of(&mut self, byte: u32) -> u32 {
        if !self.line.0.contains(&byte) {
            let number = self.source.line_of(byte);
            let lines = &self.source.lines;
            let start = lines.get(number as usize - 1).copied().unwrap_or(0);
            let end = lines.get(number as usize).copied().unwrap_or(u32::MAX);
            self.line = (start..end, number);
        }
        self.line.1
    }

    /// The error for a node.
    pub(super) fn error(&self, span: Span, message: &str) -> SyntaxError {
        SyntaxError::at(&self.source, span.start, message)
    }

    /// One text for each identifier.
    pub(super) fn intern(&mut self, name: &str) -> Rc<str> {
        if let Some(found) = self.interned.get(name) {
            return found.clone();
        }
        let text: Rc<str> = Rc::from(name);
        self.interned.insert(text.clone());
        text
    }

    /// An identifier as the program sees it: private names carry their class.
    pub(super) fn identifier(&mut self, name: &str) -> Rc<str> {
        if name.starts_with("__")
            && !name.ends_with("__")
            && !name.contains('.')
            && let Some(class) = self.scopes.last().and_then(|scope| scope.class.clone())
        {
            let stripped = class.trim_start_matches('_');
            if !stripped.is_empty() {
                return self.intern(&format!("_{stripped}{name}"));
            }
        }
        self.intern(name)
    }

    /// Goes one level deeper.
    pub(super) fn enter(&mut self, range: TextRange) -> Result<(), SyntaxError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let span = self.span(range);
            return Err(self.error(span, "too many nested expressions"));
        }
        Ok(())
    }

    /// Comes back.
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// The qualified name of something defined here.
    pub(super) fn qualname(&self, name: &str) -> Rc<str> {
        match self.scopes.last() {
            None => Rc::from(name),
            Some(scope) => {
                let between = match scope.kind {
                    ScopeKind::Class => ".",
                    ScopeKind::Function => ".<locals>.",
                };
                Rc::from([&*scope.qualname, between, name].concat())
            }
        }
    }

    /// Opens a function scope: parameters first, then the names its body binds.
    pub(super) fn open_function(&mut self, name: &str, parameters: &[Rc<str>], names: &Names<'_>) {
        let qualname = self.qualname(name);
        let class = self.scopes.last().and_then(|scope| scope.class.clone());
        self.scopes.push(Scope {
            kind: ScopeKind::Function,
            known: FxHashMap::default(),
            locals: Vec::new(),
            is_generator: false,
            qualname,
            class,
        });
        for parameter in parameters {
            self.declare(parameter.clone());
        }
        self.declare_all(names, true);
    }

    /// Opens a class scope.
    pub(super) fn open_class(&mut self, name: &str, names: &Names<'_>) {
        let qualname = self.qualname(name);
        let class = Some(self.intern(name));
        self.scopes.push(Scope {
            kind: ScopeKind::Class,
            known: FxHashMap::default(),
            locals: Vec::new(),
            is_generator: false,
            qualname,
            class,
        });
        self.declare_all(names, false);
    }

    /// Closes the innermost scope.
    pub(super) fn close(&mut self) -> (Vec<Rc<str>>, bool) {
        self.scopes
            .pop()
            .map(|scope| (scope.locals, scope.is_generator))
            .unwrap_or_default()
    }

    /// Notes a `yield`.
    pub(super) fn mark_generator(&mut self) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.is_generator = true;
        }
    }

    /// Whether the innermost scope is a function.
    pub(super) fn in_function(&self) -> bool {
        self.scopes
            .last()
            .is_some_and(|scope| scope.kind == ScopeKind::Function)
    }

    /// Whether the innermost scope is a class.
    pub(super) fn in_class(&self) -> bool {
        let innermost = self.scopes.last();
        innermost.is_some_and(|scope| scope.kind == ScopeKind::Class)
    }

    fn declare_all(&mut self, names: &Names<'_>, with_slots: bool) {
        for name in &names.global {
            let name = self.identifier(name);
            if let Some(scope) = self.scopes.last_mut() {
                scope.known.insert(name, Known::Global);
            }
        }
        for name in &names.nonlocal {
            let name = self.identifier(name);
            if let Some(scope) = self.scopes.last_mut() {
                scope.known.insert(name, Known::Nonlocal);
            }
        }
        if with_slots {
            for name in &names.bound {
                let name = self.identifier(name);
                self.declare(name);
            }
        }
    }

    fn declare(&mut self, name: Rc<str>) {
        if let Some(scope) = self.scopes.last_mut()
            && !scope.known.contains_key(&name)
        {
            let slot = u32::try_from(scope.locals.len()).unwrap_or(u32::MAX);
            scope.known.insert(name.clone(), Known::Slot(slot));
            scope.locals.push(name);
        }
    }

    /// Resolves a name that is read, written or deleted.
    pub(super) fn name(&mut self, written: &str) -> Name {
        let id = self.identifier(written);
        let binding = match self.resolve(&id) {
            Binding::Global | Binding::Class { outer: None }
                if self.type_parameters.contains(&id) =>
            {
                Binding::TypeParameter
            }
            other => other,
        };
        Name { id, binding }
    }

    /// Lowers what the type parameters of a definition are known in.
    pub(super) fn with_type_parameters<T>(
        &mut self,
        parameters: Option<&raw::TypeParams>,
        lower: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.type_parameters.len();
        for parameter in parameters.into_iter().flat_map(|list| list.iter()) {
            let name = self.identifier(parameter.name());
            self.type_parameters.push(name);
        }
        let lowered = lower(self);
        self.type_parameters.truncate(before);
        lowered
    }

    fn resolve(&self, id: &Rc<str>) -> Binding {
        let Some(innermost) = self.scopes.last() else {
            return Binding::Global;
        };
        match innermost.known.get(id) {
            Some(Known::Slot(slot)) => return Binding::Local(*slot),
            Some(Known::Global) => return Binding::Global,
            Some(Known::Nonlocal) | None => {}
        }
        let outer = self.outer(id, innermost.kind == ScopeKind::Class);
        if innermost.kind == ScopeKind::Class && !innermost.known.contains_key(id) {
            return Binding::Class { outer };
        }
        match outer {
            Some((up, slot)) => Binding::Outer { up, slot },
            None if &**id == "__class__"
                && self
                    .scopes
                    .iter()
                    .any(|scope| scope.kind == ScopeKind::Class) =>
            {
                Binding::ClassCell
            }
            None => Binding::Global,
        }
    }

    /// The slot in an enclosing function. `up` is 0 for the frame's own scope, which a class body shares with the function around it.
    fn outer(&self, id: &Rc<str>, from_class: bool) -> Option<(u32, u32)> {
        let mut up = u32::from(!from_class);
        for scope in self.scopes.iter().rev().skip(1) {
            if scope.kind == ScopeKind::Class {
                if &**id == "__class__" {
                    return None;
                }
                continue;
            }
            match scope.known.get(id) {
                Some(Known::Slot(slot)) => return Some((up, *slot)),
                Some(Known::Global) => return None,
                Some(Known::Nonlocal) | None => {}
            }
            up += 1;
        }
        None
    }

    /// Collects the names that a body binds.
    pub(super) fn names_of<'a>(&self, body: &'a [raw::Stmt]) -> Names<'a> {
        let mut names = Names {
            has_walrus: self.has_walrus,
            ..Names::default()
        };
        names.block(body);
        names
    }
}
