//! `with` and `async with`.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::ast::Expr;
use crate::py::ast::Stmt;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::eval::Flow;
use crate::py::eval::dispatch::native_of;
use crate::py::eval::traceback;
use crate::py::exceptions;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::unresolved_error;

/// How a manager is left.
enum Exit {
    /// A native one.
    Native(Rc<dyn Object>),
    /// Its `__exit__`, bound.
    Special(Value),
}

impl Eval<'_> {
    /// A `with` statement.
    pub(crate) fn with(
        &self,
        items: &[(Expr, Option<Expr>)],
        body: &[Stmt],
        is_async: bool,
    ) -> PyResult<Flow> {
        let Some(((manager_expression, target), rest)) = items.split_first() else {
            return self.block(body);
        };
        let manager = self.eval(manager_expression)?;
        self.at(manager_expression.span);
        let (entered, exit) = self.enter(&manager, is_async)?;
        let frame = self.frame;
        let may_swallow = may_swallow(&manager);
        frame.tries.set(frame.tries.get() + u32::from(may_swallow));
        frame.cleanups.set(frame.cleanups.get() + 1);
        let assigned = target
            .as_ref()
            .map_or(Ok(()), |target| self.assign(target, entered));
        let result = assigned.and_then(|()| self.with(rest, body, is_async));
        frame.tries.set(frame.tries.get() - u32::from(may_swallow));
        frame.cleanups.set(frame.cleanups.get() - 1);
        match result {
            Ok(flow) => {
                let line = frame.line.replace(manager_expression.span.line);
                self.exit(&exit, None, is_async)?;
                frame.line.set(line);
                Ok(flow)
            }
            Err(mut error) => {
                error.add_frame(frame);
                let exception = error.exception().cloned();
                if let Some(exception) = &exception {
                    traceback::remember(&error, exception);
                    frame.handling.borrow_mut().push(exception.clone());
                }
                self.at(manager_expression.span);
                let swallowed = self.exit(&exit, Some(&error), is_async);
                if let Some(exception) = &exception {
                    let popped = frame.handling.borrow_mut().pop();
                    drop(popped);
                    if let Err(new) = &swallowed {
                        crate::py::eval::try_::set_context(new, exception);
                    }
                }
                match swallowed {
                    Ok(true) if exception.is_some() => Ok(Flow::Next),
                    Ok(_) => Err(error),
                    Err(_) if exception.is_none() => Err(error),
                    Err(new) => Err(new),
                }
            }
        }
    }

    /// Enters a manager: what `as` binds, and the way out.
    fn enter(&self, manager: &Value, is_async: bool) -> PyResult<(Value, Exit)> {
        if let Value::Unresolved(unresolved) = manager {
            return Err(unresolved_error(unresolved, "as a context manager"));
        }
        let class = self.vm.class_of(manager);
        let pairs: &[(&str, &str)] = if is_async {
            &[("__aenter__", "__aexit__"), ("__enter__", "__exit__")]
        } else {
            &[("__enter__", "__exit__")]
        };
        for (enter, exit) in pairs {
            if let (Some(enter), Some(exit)) = (class.special(enter), class.special(exit)) {
                let exit = self.vm.bind_attribute(exit, Some(manager), &class)?;
                let mut entered = self.vm.call_special(&enter, manager, Args::none())?;
                if is_async {
                    entered = self.vm.await_value(&entered)?;
                }
                return Ok((entered, Exit::Special(exit)));
            }
        }
        if let Some(object) = native_of(manager)
            && let Some(entered) = object.clone().enter(self.vm)?
        {
            return Ok((entered, Exit::Native(object)));
        }
        if let Some(unresolved) = &class.unresolved {
            return Err(unresolved_error(unresolved, "as a context manager"));
        }
        let kind = if is_async {
            "asynchronous context manager"
        } else {
            "context manager"
        };
        Err(PyError::type_error(format!(
            "'{}' object does not support the {kind} protocol",
            class.name
        )))
    }

    /// Leaves a manager: whether it swallows the error.
    fn exit(&self, exit: &Exit, error: Option<&PyError>, is_async: bool) -> PyResult<bool> {
        match exit {
            Exit::Native(object) => object.clone().exit(self.vm, error),
            Exit::Special(method) => {
                let args = match error {
                    None => vec![Value::None, Value::None, Value::None],
                    Some(error) => {
                        // What user code must not catch is shown to it as a RuntimeError, so that it cleans up as after any failure.
                        let value = error.exception().cloned().unwrap_or_else(|| {
                            exceptions::instance(
                                &Class::of(&exceptions::RUNTIME_ERROR),
                                vec![Value::from(error.summary(self.vm))],
                            )
                        });
                        let traceback = self
                            .vm
                            .find_attr(&value, "__traceback__")?
                            .unwrap_or(Value::None);
                        vec![Value::Class(self.vm.class_of(&value)), value, traceback]
                    }
                };
                let mut answer = self.vm.call(method, Args::of(args))?;
                if is_async {
                    answer = self.vm.await_value(&answer)?;
                }
                if error.is_none() {
                    return Ok(false);
                }
                self.vm.truth(&answer)
            }
        }
    }
}

/// Whether a manager may swallow errors: statements inside must then not be deferred.
fn may_swallow(manager: &Value) -> bool {
    match manager {
        Value::Native(object) => &*object.class().module == "contextlib",
        _ => true,
    }
}
