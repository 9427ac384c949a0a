//! `try`, `raise`, and what exceptions remember of each other.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::ast::Expr;
use crate::py::ast::Handler;
use crate::py::ast::Stmt;
use crate::py::ast::Try;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyErrorKind;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::eval::Flow;
use crate::py::eval::Frame;
use crate::py::eval::traceback;
use crate::py::exceptions;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;

impl Eval<'_> {
    /// A `try` statement.
    pub(crate) fn attempt(&self, attempt: &Try) -> PyResult<Flow> {
        let frame = self.frame;
        let has_finally = !attempt.finally.is_empty();
        frame.tries.set(frame.tries.get() + 1);
        frame
            .cleanups
            .set(frame.cleanups.get() + u32::from(has_finally));
        let mut result = self.block(&attempt.body);
        if !has_finally {
            frame.tries.set(frame.tries.get() - 1);
        }
        result = match result {
            Err(error) if !attempt.handlers.is_empty() => self.handle(error, attempt),
            Ok(Flow::Next) => self.block(&attempt.otherwise),
            other => other,
        };
        if has_finally {
            frame.tries.set(frame.tries.get() - 1);
            frame.cleanups.set(frame.cleanups.get() - 1);
            result = self.finish(result, &attempt.finally);
        }
        result
    }

    /// Runs a `finally` block, whatever happened before.
    fn finish(&self, result: PyResult<Flow>, body: &[Stmt]) -> PyResult<Flow> {
        let result = result.map_err(|mut error| {
            error.add_frame(self.frame);
            error
        });
        let handled = result
            .as_ref()
            .err()
            .and_then(|error| error.exception().cloned());
        if let Some(exception) = &handled {
            self.frame.handling.borrow_mut().push(exception.clone());
        }
        let flow = self.block(body);
        if handled.is_some() {
            let popped = self.frame.handling.borrow_mut().pop();
            drop(popped);
        }
        match flow {
            Ok(Flow::Next) => result,
            Ok(other) => match result {
                // User code may drop exceptions this way, not what it must not catch.
                Err(error) if error.exception().is_none() => Err(error),
                _ => Ok(other),
            },
            Err(error) => {
                if let Some(exception) = handled {
                    set_context(&error, &exception);
                }
                match result {
                    Err(first) if first.exception().is_none() => Err(first),
                    _ => Err(error),
                }
            }
        }
    }

    /// Finds the handler of an error and runs it.
    fn handle(&self, mut error: PyError, attempt: &Try) -> PyResult<Flow> {
        if error.exception().is_none() {
            return Err(error);
        }
        error.add_frame(self.frame);
        let Some(exception) = error.exception().cloned() else {
            return Err(error);
        };
        traceback::remember(&error, &exception);
        if attempt.is_star {
            return self.handle_star(error, &exception, attempt);
        }
        for handler in &attempt.handlers {
            let is_match = match &handler.class {
                None => true,
                Some(class) => {
                    self.frame.handling.borrow_mut().push(exception.clone());
                    let class_value = self.eval(class);
                    let matched = class_value.and_then(|class_value| {
                        self.at(class.span);
                        self.catches(&exception, &class_value)
                    });
                    let popped = self.frame.handling.borrow_mut().pop();
                    drop(popped);
                    matched.inspect_err(|new| set_context(new, &exception))?
                }
            };
            if is_match {
                return self.run_handler(handler, exception);
            }
        }
        Err(error)
    }

    /// Runs the body of a handler.
    fn run_handler(&self, handler: &Handler, exception: Value) -> PyResult<Flow> {
        if let Some(name) = &handler.name {
            self.store_name(name, exception.clone());
        }
        self.frame.handling.borrow_mut().push(exception.clone());
        let result = self.block(&handler.body);
        let popped = self.frame.handling.borrow_mut().pop();
        drop(popped);
        if let Some(name) = &handler.name
            && self.peek_name(name).is_some()
        {
            self.delete_name(name)?;
        }
        result.inspect_err(|error| set_context(error, &exception))
    }

    /// `except class:`.
    fn catches(&self, exception: &Value, class: &Value) -> PyResult<bool> {
        match class {
            Value::Class(class)
                if class.inherits(&exceptions::BASE_EXCEPTION) || class.unresolved.is_some() =>
            {
                let own = self.vm.class_of(exception);
                if own.is_subclass(class) {
                    return Ok(true);
                }
                // Exceptions of the language itself never inherit from a class of an application.
                match &own.unresolved {
                    Some(unresolved) if class.native.is_none() => {
                        Err(unresolved_error(unresolved, "to catch it"))
                    }
                    _ => Ok(false),
                }
            }
            Value::Tuple(classes) => {
                for class in classes.iter() {
                    if self.catches(exception, class)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Value::Unresolved(unresolved) => Err(unresolved_error(
                unresolved,
                &format!(
                    "to decide whether it catches `{}`",
                    exceptions::summary(self.vm, exception)
                ),
            )),
            _ => Err(PyError::type_error(
                "catching classes that do not inherit from BaseException is not allowed",
            )),
        }
    }

    /// `except*`: each handler takes its part of the group.
    #[expect(
        clippy::too_many_lines,
        reason = "the steps share their state and are read in order"
    )]
    fn handle_star(&self, error: PyError, exception: &Value, attempt: &Try) -> PyResult<Flow> {
        let group = self
            .vm
            .class_of(exception)
            .inherits(&exceptions::BASE_EXCEPTION_GROUP);
        let mut left = if group {
            self.vm
                .collect(&self.vm.get_attr(exception, "exceptions")?)?
        } else {
            vec![exception.clone()]
        };
        let message = if group {
            self.vm.get_attr(exception, "message")?
        } else {
            Value::str("")
        };
        let make = |members: Vec<Value>| {
            exceptions::instance(
                &Class::of(&exceptions::EXCEPTION_GROUP),
                vec![message.clone(), Value::list(members)],
            )
        };
        let mut raised = Vec::new();
        for handler in &attempt.handlers {
            let Some(class) = &handler.class else {
                continue;
            };
            let class_value = self.eval(class)?;
            let mut taken = Vec::new();
            let mut others = Vec::new();
            for member in left {
                let is_taken = self.catches(&member, &class_value)?;
                if is_taken { &mut taken } else { &mut others }.push(member);
            }
            left = others;
            if !taken.is_empty() {
                match self.run_handler(handler, make(taken)) {
                    Ok(Flow::Next) => {}
                    Ok(other) => return Ok(other),
                    Err(new) => match new.exception() {
                        Some(value) => raised.push(value.clone()),
                        None => return Err(new),
                    },
                }
            }
        }
        if raised.is_empty() {
            if left.is_empty() {
                return Ok(Flow::Next);
            }
            return Err(if group {
                PyError::from_kind(PyErrorKind::Exception(make(left)))
            } else {
                error
            });
        }
        if let [one] = raised.as_slice()
            && left.is_empty()
        {
            return Err(PyError::from_kind(PyErrorKind::Exception(one.clone())));
        }
        raised.extend(left);
        Err(PyError::from_kind(PyErrorKind::Exception(make(raised))))
    }

    /// `raise`.
    pub(crate) fn raise(
        &self,
        exception: Option<&Expr>,
        cause: Option<&Expr>,
        statement: &Stmt,
    ) -> PyError {
        match self.raise_inner(exception, cause, statement) {
            Ok(error) | Err(error) => error,
        }
    }

    fn raise_inner(
        &self,
        exception: Option<&Expr>,
        cause: Option<&Expr>,
        statement: &Stmt,
    ) -> PyResult<PyError> {
        let Some(exception) = exception else {
            let Some((value, frame)) = self.vm.handled() else {
                return Ok(PyError::new(
                    &exceptions::RUNTIME_ERROR,
                    "No active exception to reraise",
                ));
            };
            let mut error = PyError::from_kind(PyErrorKind::Exception(value.clone()));
            traceback::recall(
                &mut error,
                &value,
                Rc::ptr_eq(&frame, self.frame).then_some(self.frame),
            );
            return Ok(error);
        };
        let value = self.eval(exception)?;
        let cause = cause.map(|cause| self.eval(cause)).transpose()?;
        self.at(statement.span);
        let mut error = self.vm.raise_value(&value)?;
        let Some(value) = error.exception().cloned() else {
            return Ok(error);
        };
        traceback::recall(&mut error, &value, None);
        if let (Some(cause), Value::Instance(made)) = (cause, &value) {
            let cause = match cause {
                Value::Class(_) => self.vm.call(&cause, Args::none())?,
                other => other,
            };
            made.set("__cause__", cause);
            made.set("__suppress_context__", Value::Bool(true));
        }
        Ok(error)
    }
}

/// Notes that `error` came up while `handled` was being handled.
pub(crate) fn set_context(error: &PyError, handled: &Value) {
    let (Some(Value::Instance(made)), Value::Instance(old)) = (error.exception(), handled) else {
        return;
    };
    if Rc::ptr_eq(made, old)
        || made
            .get("__context__")
            .is_some_and(|context| !context.is_none())
    {
        return;
    }
    // A chain that leads back here must not become a ring.
    let mut next = old.get("__context__");
    while let Some(Value::Instance(inner)) = next {
        if Rc::ptr_eq(&inner, made) {
            return;
        }
        next = inner.get("__context__");
    }
    made.set("__context__", handled.clone());
}

impl Vm {
    /// The error of `raise value`.
    pub fn raise_value(&self, value: &Value) -> PyResult<PyError> {
        let made = match value {
            Value::Class(class) if class.inherits(&exceptions::BASE_EXCEPTION) => {
                self.call(value, Args::none())?
            }
            other => other.clone(),
        };
        match &made {
            Value::Instance(instance) if instance.class().inherits(&exceptions::BASE_EXCEPTION) => {
                Ok(PyError::from_kind(PyErrorKind::Exception(made)))
            }
            Value::Instance(instance) => match &instance.class().unresolved {
                Some(unresolved) => Err(unresolved_error(unresolved, "to raise it")),
                None => Err(PyError::type_error(
                    "exceptions must derive from BaseException",
                )),
            },
            Value::Unresolved(unresolved) => Err(unresolved_error(unresolved, "to raise it")),
            _ => Err(PyError::type_error(
                "exceptions must derive from BaseException",
            )),
        }
    }

    /// The exception being handled, with the frame that handles it: `sys.exc_info()`, bare `raise`.
    pub(crate) fn handled(&self) -> Option<(Value, Rc<Frame>)> {
        self.find_frame(|frame| frame.handling.borrow().last().cloned())
    }

    /// The exception being handled, for `sys.exc_info()`.
    pub fn current_exception(&self) -> Option<Value> {
        self.handled().map(|(value, _)| value)
    }
}
