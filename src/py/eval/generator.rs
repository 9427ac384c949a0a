//! Generators (bodies that run on stacks of their own) and coroutines (which run to their end when awaited).

// dropping a coroutine that has not ended unwinds its stack
#[cfg(panic = "abort")]
compile_error!("generators need `panic = \"unwind\"`");

use std::cell::Cell;
use std::cell::RefCell;
use std::rc::Rc;

use corosensei::Coroutine;
use corosensei::CoroutineResult;
use corosensei::Yielder;
use corosensei::stack::DefaultStack;

use crate::py::args::Args;
use crate::py::ast::Comprehension;
use crate::py::ast::ComprehensionKind;
use crate::py::builtins::iter::Iter;
use crate::py::class::Class;
use crate::py::class::Instance;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::eval::Flow;
use crate::py::eval::Frame;
use crate::py::eval::stack;
use crate::py::exceptions;
use crate::py::function::Function;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// The way out of a generator body.
pub(crate) type Yield = Yielder<Resume, Value>;

/// The machine stack of a generator (pages are only taken when touched; deep recursion inside goes on elsewhere).
const STACK: usize = 1 << 20;
/// How many stacks of finished generators are kept.
const POOL: usize = 16;

thread_local! {
    static STACKS: RefCell<Vec<DefaultStack>> = const { RefCell::new(Vec::new()) };
}

/// `generator`.
pub static GENERATOR: NativeClass = NativeClass {
    methods: &[
        ("__iter__", itself),
        ("__next__", next),
        ("send", send),
        ("throw", throw),
        ("close", close),
    ],
    ..NativeClass::plain("builtins", "generator", &[])
};
/// `async_generator`.
pub static ASYNC_GENERATOR: NativeClass = NativeClass {
    methods: &[
        ("__aiter__", itself),
        ("__anext__", next),
        ("asend", send),
        ("athrow", throw),
        ("aclose", close),
    ],
    ..NativeClass::plain("builtins", "async_generator", &[])
};
/// `coroutine`.
pub static COROUTINE: NativeClass = NativeClass {
    methods: &[("send", coroutine_send), ("close", coroutine_close)],
    ..NativeClass::plain("builtins", "coroutine", &[])
};

/// What a generator is resumed with.
#[derive(Debug)]
pub enum Resume {
    /// The value of the `yield` it stands at.
    Send(Value),
    /// An error raised at the `yield` it stands at.
    Throw(PyError),
}

/// What resuming gives.
#[derive(Debug)]
pub enum Step {
    /// It yielded.
    Yield(Value),
    /// It ended.
    Return(Value),
}

type Body = Coroutine<Resume, Value, PyResult<Value>>;

/// Where a generator stands.
enum State {
    Ready(Body),
    Running,
    Done,
}

/// A generator, asynchronous or not.
pub struct Generator {
    name: Rc<str>,
    is_async: bool,
    vm: Vm,
    frame: Rc<Frame>,
    state: RefCell<State>,
    limit: Cell<usize>,
    started: Cell<bool>,
}

impl std::fmt::Debug for Generator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<generator {}>", self.name)
    }
}

/// Makes the generator of a call. The body has not started.
pub(crate) fn make(vm: &Vm, function: &Rc<Function>, frame: Rc<Frame>) -> Value {
    let def = function.def.clone();
    let (name, is_async) = (def.qualname.clone(), def.is_async);
    build(vm, name, is_async, frame, move |eval| {
        match eval.block(&def.body)? {
            Flow::Return(value) => Ok(value),
            Flow::Next | Flow::Break | Flow::Continue => Ok(Value::None),
        }
    })
}

/// Makes the generator of a generator expression.
pub(crate) fn make_expression(
    vm: &Vm,
    comprehension: &Rc<Comprehension>,
    frame: Rc<Frame>,
    first: AnyIter,
) -> Value {
    let comprehension = comprehension.clone();
    build(vm, Rc::from("<genexpr>"), false, frame, move |eval| {
        eval.clauses(
            &comprehension.clauses,
            Some(first),
            &mut |inner| match &comprehension.kind {
                ComprehensionKind::Generator(element) => {
                    let value = inner.eval(element)?;
                    inner.suspend(value).map(drop)
                }
                _ => Ok(()),
            },
        )?;
        Ok(Value::None)
    })
}

fn build(
    vm: &Vm,
    name: Rc<str>,
    is_async: bool,
    frame: Rc<Frame>,
    body: impl FnOnce(&Eval<'_>) -> PyResult<Value> + 'static,
) -> Value {
    let pooled = STACKS.with(|stacks| stacks.borrow_mut().pop());
    let stack = pooled.map_or_else(|| DefaultStack::new(STACK), Ok);
    let limit = Cell::new(0);
    let state = match stack {
        Ok(stack) => {
            limit.set(stack::limit_of(&stack));
            let (vm, frame) = (vm.clone(), frame.clone());
            State::Ready(Coroutine::with_stack(
                stack,
                move |yielder: &Yield, first: Resume| {
                    if let Resume::Throw(mut error) = first {
                        error.add_frame(&frame);
                        return Err(error);
                    }
                    let eval = Eval {
                        vm: &vm,
                        frame: &frame,
                        yielder: Some(yielder),
                    };
                    body(&eval).map_err(|mut error| {
                        error.add_frame(&frame);
                        error
                    })
                },
            ))
        }
        Err(_) => State::Done,
    };
    Value::object(Generator {
        name,
        is_async,
        vm: vm.clone(),
        frame,
        state: RefCell::new(state),
        limit,
        started: Cell::new(false),
    })
}

impl Generator {
    /// Resumes the body until it yields or ends.
    pub fn resume(&self, resume: Resume) -> PyResult<Step> {
        let mut body = match self.state.replace(State::Running) {
            State::Ready(body) => body,
            State::Running => return Err(PyError::value_error("generator already executing")),
            State::Done => {
                self.state.replace(State::Done);
                return match resume {
                    Resume::Send(_) => Ok(Step::Return(Value::None)),
                    Resume::Throw(error) => Err(error),
                };
            }
        };
        if let (false, Resume::Send(value)) = (self.started.get(), &resume)
            && !value.is_none()
        {
            self.state.replace(State::Ready(body));
            return Err(PyError::type_error(
                "can't send non-None value to a just-started generator",
            ));
        }
        if self.vm.depth() >= super::MAX_FRAMES {
            self.state.replace(State::Ready(body));
            return Err(PyError::new(
                &exceptions::RECURSION_ERROR,
                "maximum recursion depth exceeded",
            ));
        }
        self.started.set(true);
        self.vm.push_frame(self.frame.clone());
        let before = stack::replace_limit(self.limit.get());
        let result = body.resume(resume);
        self.limit.set(stack::replace_limit(before));
        self.vm.pop_frame();
        match result {
            CoroutineResult::Yield(value) => {
                self.state.replace(State::Ready(body));
                Ok(Step::Yield(value))
            }
            CoroutineResult::Return(result) => {
                self.state.replace(State::Done);
                recycle(body);
                result
                    .map(Step::Return)
                    .map_err(|error| self.stopped(error))
            }
        }
    }

    /// PEP 479: `StopIteration` out of a body is a `RuntimeError`.
    fn stopped(&self, error: PyError) -> PyError {
        let stop = if self.is_async {
            &exceptions::STOP_ASYNC_ITERATION
        } else {
            &exceptions::STOP_ITERATION
        };
        if error.matches(&exceptions::STOP_ITERATION) || error.matches(stop) {
            let kind = if error.matches(&exceptions::STOP_ITERATION) {
                "StopIteration"
            } else {
                "StopAsyncIteration"
            };
            let prefix = if self.is_async {
                "async generator"
            } else {
                "generator"
            };
            let new = PyError::new(
                &exceptions::RUNTIME_ERROR,
                format!("{prefix} raised {kind}"),
            );
            if let (Some(Value::Instance(made)), Some(cause)) = (new.exception(), error.exception())
            {
                made.set("__cause__", cause.clone());
            }
            return new;
        }
        error
    }

    /// The exception that ends iteration.
    fn end(&self, value: Value) -> PyError {
        if self.is_async {
            return PyError::with_args(&Class::of(&exceptions::STOP_ASYNC_ITERATION), Vec::new());
        }
        let args = if value.is_none() {
            Vec::new()
        } else {
            vec![value]
        };
        PyError::with_args(&Class::of(&exceptions::STOP_ITERATION), args)
    }

    /// `close()`.
    pub fn close(&self) -> PyResult<()> {
        if !self.started.get() {
            drop(self.state.replace(State::Done));
            return Ok(());
        }
        let exit = PyError::with_args(&Class::of(&exceptions::GENERATOR_EXIT), Vec::new());
        match self.resume(Resume::Throw(exit)) {
            Ok(Step::Return(_)) => Ok(()),
            Ok(Step::Yield(_)) => Err(PyError::new(
                &exceptions::RUNTIME_ERROR,
                "generator ignored GeneratorExit",
            )),
            Err(error)
                if error.matches(&exceptions::GENERATOR_EXIT)
                    || error.matches(&exceptions::STOP_ITERATION) =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// One step as `next()` sees it.
    fn advance(&self, resume: Resume) -> PyResult<Value> {
        match self.resume(resume)? {
            Step::Yield(value) => Ok(value),
            Step::Return(value) => Err(self.end(value)),
        }
    }
}

/// Keeps the stack of a finished body.
fn recycle(body: Body) {
    if body.done() {
        let stack = body.into_stack();
        STACKS.with(|stacks| {
            let mut stacks = stacks.borrow_mut();
            if stacks.len() < POOL {
                stacks.push(stack);
            }
        });
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        // What stands in a `with` or a `try … finally` is finished, as CPython does when the last reference goes.
        if self.started.get()
            && self.frame.cleanups.get() > 0
            && matches!(&*self.state.borrow(), State::Ready(_))
        {
            let _ = self.close();
        }
    }
}

impl Object for Generator {
    fn class(&self) -> Rc<Class> {
        Class::of(if self.is_async {
            &ASYNC_GENERATOR
        } else {
            &GENERATOR
        })
    }

    fn is_iterator(&self) -> bool {
        !self.is_async
    }

    fn next(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Value>> {
        Ok(match self.resume(Resume::Send(Value::None))? {
            Step::Yield(value) => Some(value),
            Step::Return(_) => None,
        })
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "__name__" | "__qualname__" => Some(Value::Str(self.name.clone())),
            _ => None,
        })
    }

    fn repr(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        let kind = if self.is_async {
            "async_generator"
        } else {
            "generator"
        };
        Ok(Some(format!(
            "<{kind} object {} at {:#x}>",
            self.name,
            Rc::as_ptr(&self) as usize
        )))
    }
}

fn generator_of(receiver: &Value) -> PyResult<Rc<Generator>> {
    receiver
        .native::<Generator>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'generator' object"))
}

fn itself(_vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    Ok(receiver.clone())
}

fn next(_vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    generator_of(receiver)?.advance(Resume::Send(Value::None))
}

fn send(_vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let value = args.bind("generator.send", "(value, /)")?.get("value");
    generator_of(receiver)?.advance(Resume::Send(value))
}

fn throw(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("generator.throw", "(type, value=None, traceback=None, /)")?;
    let exception = match (bound.get("type"), bound.get("value")) {
        (_, value @ Value::Instance(_)) => value,
        (kind, Value::None) => kind,
        (kind, value) => vm.call(&kind, Args::of(vec![value]))?,
    };
    let error = vm.raise_value(&exception)?;
    generator_of(receiver)?.advance(Resume::Throw(error))
}

fn close(_vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    generator_of(receiver)?.close().map(|()| Value::None)
}

/// The coroutine of a call of an `async def` function.
pub struct AsyncCall {
    function: Rc<Function>,
    frame: RefCell<Option<Rc<Frame>>>,
}

impl std::fmt::Debug for AsyncCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<coroutine {}>", self.function.def.qualname)
    }
}

/// Makes the coroutine of a call. The body has not started.
pub(crate) fn make_coroutine(function: &Rc<Function>, frame: Rc<Frame>) -> Value {
    Value::object(AsyncCall {
        function: function.clone(),
        frame: RefCell::new(Some(frame)),
    })
}

impl Object for AsyncCall {
    fn class(&self) -> Rc<Class> {
        Class::of(&COROUTINE)
    }

    fn await_value(self: Rc<Self>, vm: &Vm) -> PyResult<Option<Value>> {
        let frame = self.frame.borrow_mut().take();
        match frame {
            Some(frame) => vm.run_function(&self.function.def, &frame).map(Some),
            None => Err(PyError::new(
                &exceptions::RUNTIME_ERROR,
                "cannot reuse already awaited coroutine",
            )),
        }
    }
}

fn coroutine_send(vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    let result = vm.await_value(receiver)?;
    let args = if result.is_none() {
        Vec::new()
    } else {
        vec![result]
    };
    Err(PyError::with_args(
        &Class::of(&exceptions::STOP_ITERATION),
        args,
    ))
}

fn coroutine_close(_vm: &Vm, receiver: &Value, _args: Args) -> PyResult<Value> {
    if let Some(call) = receiver.native::<AsyncCall>() {
        call.frame.borrow_mut().take();
    }
    Ok(Value::None)
}

/// An iterator that may be asynchronous.
pub(crate) enum AnyIter {
    /// An ordinary one.
    Plain(Iter),
    /// Stepped by awaiting `__anext__()`.
    Async(Value),
    /// An asynchronous generator.
    Generator(Rc<Generator>),
}

impl AnyIter {
    /// The next item, `None` at the end.
    pub(crate) fn next(&mut self, vm: &Vm) -> PyResult<Option<Value>> {
        match self {
            Self::Plain(iter) => iter.next(vm),
            Self::Generator(generator) => {
                Ok(match generator.resume(Resume::Send(Value::None))? {
                    Step::Yield(value) => Some(value),
                    Step::Return(_) => None,
                })
            }
            Self::Async(value) => {
                let step = vm
                    .call_method(value, "__anext__", Args::none())
                    .and_then(|step| vm.await_value(&step));
                match step {
                    Ok(item) => Ok(Some(item)),
                    Err(error) if error.matches(&exceptions::STOP_ASYNC_ITERATION) => Ok(None),
                    Err(error) => Err(error),
                }
            }
        }
    }
}

impl Eval<'_> {
    /// `iter(value)` or `aiter(value)`.
    pub(crate) fn iterator(&self, value: &Value, is_async: bool) -> PyResult<AnyIter> {
        if is_async {
            if let Some(generator) = value.native::<Generator>() {
                return Ok(AnyIter::Generator(generator));
            }
            if let Some(iter) = self.vm.ask(value, "__aiter__", Args::none())? {
                if let Some(generator) = iter.native::<Generator>() {
                    return Ok(AnyIter::Generator(generator));
                }
                return Ok(AnyIter::Async(iter));
            }
        }
        Iter::of(self.vm, value).map(AnyIter::Plain)
    }

    /// `yield value`.
    pub(crate) fn suspend(&self, value: Value) -> PyResult<Value> {
        let Some(yielder) = self.yielder else {
            return Err(PyError::unsupported("`yield` outside a generator body"));
        };
        match yielder.suspend(value) {
            Resume::Send(value) => Ok(value),
            Resume::Throw(error) => Err(error),
        }
    }

    /// `yield from value`.
    pub(crate) fn yield_from(&self, value: &Value) -> PyResult<Value> {
        let Some(yielder) = self.yielder else {
            return Err(PyError::unsupported(
                "`yield from` outside a generator body",
            ));
        };
        if let Some(inner) = value.native::<Generator>() {
            let mut resume = Resume::Send(Value::None);
            loop {
                match inner.resume(resume)? {
                    Step::Yield(value) => resume = yielder.suspend(value),
                    Step::Return(value) => return Ok(value),
                }
            }
        }
        let mut iter = Iter::of(self.vm, value)?;
        while let Some(item) = iter.next(self.vm)? {
            if let Resume::Throw(error) = yielder.suspend(item) {
                return Err(error);
            }
        }
        Ok(Value::None)
    }
}

impl Vm {
    /// Runs a coroutine, an awaitable or a plain value to its result: `asyncio.run`, `await`.
    pub fn await_value(&self, value: &Value) -> PyResult<Value> {
        match value {
            Value::Native(object) => {
                if let Some(result) = object.clone().await_value(self)? {
                    return Ok(result);
                }
                self.await_special(value, None)
            }
            Value::Instance(instance) => self.await_special(value, Some(instance)),
            Value::Unresolved(unresolved) => Ok(self.derived(unresolved, " awaited")),
            other => Ok(other.clone()),
        }
    }

    /// `__await__()`, walked to its end.
    fn await_special(&self, value: &Value, instance: Option<&Rc<Instance>>) -> PyResult<Value> {
        match self.ask(value, "__await__", Args::none())? {
            Some(steps) => match steps.native::<Generator>() {
                Some(generator) => loop {
                    if let Step::Return(result) = generator.resume(Resume::Send(Value::None))? {
                        return Ok(result);
                    }
                },
                None => self.collect(&steps).map(|_| Value::None),
            },
            None => match instance.and_then(|instance| instance.base_value()) {
                Some(base) => self.await_value(&base),
                None => Ok(value.clone()),
            },
        }
    }
}
