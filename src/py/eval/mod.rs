//! The evaluator proper: walks the tree of [`crate::py::ast`]. One file per concern.

pub(crate) mod assign;
pub(crate) mod attr;
pub(crate) mod call;
pub(crate) mod class_;
pub(crate) mod comprehension;
pub(crate) mod construct;
pub(crate) mod dispatch;
pub(crate) mod expr;
pub(crate) mod fstring;
pub mod generator;
pub(crate) mod import;
pub(crate) mod instance_of;
pub(crate) mod name;
pub mod object;
pub(crate) mod pattern;
pub mod skip;
pub mod stack;
pub(crate) mod stmt;
pub(crate) mod super_;
pub(crate) mod tolerant;
pub mod traceback;
pub(crate) mod try_;
pub(crate) mod with_;

use std::cell::Cell;
use std::cell::RefCell;
use std::rc::Rc;

use crate::py::ast::SourceText;
use crate::py::ast::Span;
use crate::py::dict::HasNamespace;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::error::TracebackFrame;
use crate::py::function::ClassCell;
use crate::py::function::Scope;
use crate::py::module::Module;
use crate::py::value::Namespace;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// CPython's default recursion limit.
const MAX_FRAMES: usize = 1000;

/// One level of the Python call stack.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The text being evaluated.
    pub(crate) source: Rc<SourceText>,
    /// The name shown in tracebacks.
    pub(crate) function: Rc<str>,
    /// The line being evaluated.
    pub(crate) line: Cell<u32>,
    /// How many `try` statements (and `with` statements that may swallow errors) are open.
    pub(crate) tries: Cell<u32>,
    /// How many `with` and `try … finally` statements are open: what must be run when a generator is dropped.
    pub(crate) cleanups: Cell<u32>,
    /// Exceptions being handled, innermost last.
    pub(crate) handling: RefCell<Vec<Value>>,
    /// The module.
    pub(crate) globals: Rc<Module>,
    /// The slots.
    pub(crate) scope: Option<Rc<Scope>>,
    /// The namespace of a class body.
    pub(crate) namespace: Option<RefCell<Namespace>>,
    /// The class around this function.
    pub(crate) class_cell: Option<ClassCell>,
    /// Whether statements that fail bind their targets to unresolved values.
    pub(crate) tolerant: bool,
}

impl HasNamespace for Frame {
    fn namespace(&self) -> Option<&RefCell<Namespace>> {
        self.namespace.as_ref()
    }
}

impl Frame {
    /// A frame for a module body.
    pub(crate) fn module(source: Rc<SourceText>, globals: Rc<Module>, tolerant: bool) -> Self {
        Self {
            source,
            function: Rc::from("<module>"),
            line: Cell::new(1),
            tries: Cell::new(0),
            cleanups: Cell::new(0),
            handling: RefCell::default(),
            globals,
            scope: None,
            namespace: None,
            class_cell: None,
            tolerant,
        }
    }

    /// A frame inside this one's text: a class body, a comprehension.
    pub(crate) fn inner(
        &self,
        function: Rc<str>,
        scope: Option<Rc<Scope>>,
        namespace: bool,
        class_cell: Option<ClassCell>,
    ) -> Self {
        Self {
            source: self.source.clone(),
            function,
            line: Cell::new(self.line.get()),
            tries: Cell::new(0),
            cleanups: Cell::new(0),
            handling: RefCell::default(),
            globals: self.globals.clone(),
            scope,
            namespace: namespace.then(RefCell::default),
            class_cell,
            tolerant: self.tolerant && namespace,
        }
    }

    /// This frame as a level of a traceback.
    pub(crate) fn traceback(&self) -> TracebackFrame {
        let line = self.line.get();
        let source = self
            .source
            .line(line)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty());
        TracebackFrame {
            file: self.source.file.clone(),
            line,
            function: self.function.clone(),
            source,
        }
    }
}

/// What a statement does to the statements after it.
#[derive(Debug)]
pub(crate) enum Flow {
    /// Go on.
    Next,
    /// Leave the loop.
    Break,
    /// Next turn of the loop.
    Continue,
    /// Leave the function.
    Return(Value),
}

/// The evaluator at work in one frame.
#[derive(Clone, Copy)]
pub(crate) struct Eval<'a> {
    /// The state.
    pub(crate) vm: &'a Vm,
    /// The frame.
    pub(crate) frame: &'a Rc<Frame>,
    /// The way out of a generator body.
    pub(crate) yielder: Option<&'a generator::Yield>,
}

impl<'a> Eval<'a> {
    /// Notes where evaluation stands.
    pub(crate) fn at(&self, span: Span) {
        self.frame.line.set(span.line);
    }

    /// Runs `body` in a frame of its own: pushes it, pops it, and adds it to the traceback of an error.
    pub(crate) fn run<T>(
        vm: &Vm,
        frame: &Rc<Frame>,
        body: impl FnOnce(Eval<'_>) -> PyResult<T>,
    ) -> PyResult<T> {
        if vm.depth() >= MAX_FRAMES {
            return Err(PyError::new(
                &crate::py::exceptions::RECURSION_ERROR,
                "maximum recursion depth exceeded",
            ));
        }
        vm.push_frame(frame.clone());
        let result = stack::grow(|| {
            body(Eval {
                vm,
                frame,
                yielder: None,
            })
        });
        vm.pop_frame();
        result.map_err(|mut error| {
            error.add_frame(frame);
            error
        })
    }
}
