//! Comprehensions and generator expressions.

use std::rc::Rc;

use crate::py::ast::Comprehension;
use crate::py::ast::ComprehensionClause;
use crate::py::ast::ComprehensionKind;
use crate::py::dict::Dict;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::eval::Frame;
use crate::py::eval::generator;
use crate::py::function::Names;
use crate::py::function::Scope;
use crate::py::value::Value;

impl Eval<'_> {
    /// Evaluates a comprehension; a generator expression gives its generator.
    pub(crate) fn comprehension(&self, comprehension: &Rc<Comprehension>) -> PyResult<Value> {
        let Some(first) = comprehension.clauses.first() else {
            return Ok(Value::None);
        };
        let iterable = self.eval(&first.iterable)?;
        self.at(first.iterable.span);
        let name = match &comprehension.kind {
            ComprehensionKind::List(_) => "<listcomp>",
            ComprehensionKind::Set(_) => "<setcomp>",
            ComprehensionKind::Dict(_, _) => "<dictcomp>",
            ComprehensionKind::Generator(_) => "<genexpr>",
        };
        let scope = Scope::new(
            vec![None; comprehension.locals.len()],
            Names::Comprehension(comprehension.clone()),
            self.frame.scope.clone(),
        );
        let frame = self.frame.inner(
            Rc::from(name),
            Some(scope),
            false,
            self.frame.class_cell.clone(),
        );
        frame.tries.set(0);
        let frame: Rc<Frame> = Rc::new(frame);
        frame.line.set(comprehension.span.line);
        let first_iter = self.iterator(&iterable, first.is_async)?;
        if let ComprehensionKind::Generator(_) = comprehension.kind {
            return Ok(generator::make_expression(
                self.vm,
                comprehension,
                frame,
                first_iter,
            ));
        }
        let mut items = Vec::new();
        let mut dict = Dict::new();
        Eval::run(self.vm, &frame, |eval| {
            eval.clauses(&comprehension.clauses, Some(first_iter), &mut |inner| {
                match &comprehension.kind {
                    ComprehensionKind::List(element) | ComprehensionKind::Set(element) => {
                        items.push(inner.eval(element)?)
                    }
                    ComprehensionKind::Dict(key, value) => {
                        let key = inner.eval(key)?;
                        let value = inner.eval(value)?;
                        dict.insert(key, value)?;
                    }
                    ComprehensionKind::Generator(_) => {}
                }
                Ok(())
            })
        })?;
        match &comprehension.kind {
            ComprehensionKind::List(_) | ComprehensionKind::Generator(_) => Ok(Value::list(items)),
            ComprehensionKind::Set(_) => self.vm.make_set(items, false),
            ComprehensionKind::Dict(_, _) => Ok(Value::dict(dict)),
        }
    }

    /// Runs `body` for every combination that the clauses give.
    pub(crate) fn clauses(
        &self,
        clauses: &[ComprehensionClause],
        first: Option<generator::AnyIter>,
        body: &mut dyn FnMut(&Self) -> PyResult<()>,
    ) -> PyResult<()> {
        let Some((clause, rest)) = clauses.split_first() else {
            return body(self);
        };
        let mut iter = match first {
            Some(iter) => iter,
            None => {
                let iterable = self.eval(&clause.iterable)?;
                self.at(clause.iterable.span);
                self.iterator(&iterable, clause.is_async)?
            }
        };
        'items: while let Some(item) = iter.next(self.vm)? {
            self.vm.tick()?;
            self.assign(&clause.target, item)?;
            for condition in &clause.conditions {
                let value = self.eval(condition)?;
                self.at(condition.span);
                if !self.vm.truth(&value)? {
                    continue 'items;
                }
            }
            self.clauses(rest, None, body)?;
        }
        Ok(())
    }
}
