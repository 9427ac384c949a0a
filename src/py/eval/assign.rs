//! Assignment to targets of every form, and `del`.

use crate::py::ast::Expr;
use crate::py::ast::ExprKind;
use crate::py::builtins::iter::Iter;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::object::BinaryOperator;
use crate::py::value::Value;

impl Eval<'_> {
    /// Binds a value to a target.
    pub(crate) fn assign(&self, target: &Expr, value: Value) -> PyResult<()> {
        match &target.kind {
            ExprKind::Name(name) => {
                self.store_name(name, value);
                Ok(())
            }
            ExprKind::Attribute {
                value: object,
                name,
            } => {
                let object = self.eval(object)?;
                self.at(target.span);
                self.vm.set_attr(&object, name, value)
            }
            ExprKind::Subscript { value: object, key } => {
                let object = self.eval(object)?;
                let key = self.eval(key)?;
                self.at(target.span);
                self.vm.set_item(&object, &key, value)
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                self.unpack(target, targets, &value)
            }
            ExprKind::Starred(_) => Err(PyError::type_error(
                "starred assignment target must be in a list or tuple",
            )),
            _ => Err(PyError::type_error("cannot assign to expression")),
        }
    }

    /// `a, *b = value`.
    fn unpack(&self, target: &Expr, targets: &[Expr], value: &Value) -> PyResult<()> {
        if let Value::Unresolved(unresolved) = value {
            for (at, inner) in targets.iter().enumerate() {
                let inner = if let ExprKind::Starred(starred) = &inner.kind {
                    starred
                } else {
                    inner
                };
                self.assign(inner, self.vm.derived(unresolved, &format!("[{at}]")))?;
            }
            return Ok(());
        }
        self.at(target.span);
        let star = targets
            .iter()
            .position(|target| matches!(target.kind, ExprKind::Starred(_)));
        let items = self.unpacked(value, targets.len(), star.is_some())?;
        let Some(star) = star else {
            for (target, item) in targets.iter().zip(items) {
                self.assign(target, item)?;
            }
            return Ok(());
        };
        let after = targets.len() - star - 1;
        if items.len() < star + after {
            return Err(PyError::value_error(format!(
                "not enough values to unpack (expected at least {}, got {})",
                star + after,
                items.len()
            )));
        }
        let mut items = items.into_iter();
        let middle = items.len() - star - after;
        for target in targets {
            match &target.kind {
                ExprKind::Starred(inner) => {
                    let taken: Vec<Value> = items.by_ref().take(middle).collect();
                    self.assign(inner, Value::list(taken))?;
                }
                _ => self.assign(target, items.next().unwrap_or(Value::None))?,
            }
        }
        Ok(())
    }

    /// The items of a value to be unpacked into `count` targets.
    fn unpacked(&self, value: &Value, count: usize, starred: bool) -> PyResult<Vec<Value>> {
        let mut iter = Iter::of(self.vm, value).map_err(|error| {
            if error.matches(&crate::py::exceptions::TYPE_ERROR) && error.frames().is_empty() {
                PyError::type_error(format!(
                    "cannot unpack non-iterable {} object",
                    self.vm.class_of(value).name
                ))
            } else {
                error
            }
        })?;
        let mut items = Vec::new();
        while let Some(item) = iter.next(self.vm)? {
            items.push(item);
            if !starred && items.len() > count {
                return Err(PyError::value_error(format!(
                    "too many values to unpack (expected {count})"
                )));
            }
        }
        if !starred && items.len() < count {
            return Err(PyError::value_error(format!(
                "not enough values to unpack (expected {count}, got {})",
                items.len()
            )));
        }
        Ok(items)
    }

    /// `target op= value`: the object and key are evaluated once.
    pub(crate) fn aug_assign(
        &self,
        target: &Expr,
        operator: BinaryOperator,
        value: &Expr,
    ) -> PyResult<()> {
        match &target.kind {
            ExprKind::Attribute {
                value: object,
                name,
            } => {
                let object = self.eval(object)?;
                self.at(target.span);
                let old = self.vm.get_attr(&object, name)?;
                let right = self.eval(value)?;
                self.at(target.span);
                let new = self.augment(operator, &old, &right)?;
                self.vm.set_attr(&object, name, new)
            }
            ExprKind::Subscript { value: object, key } => {
                let object = self.eval(object)?;
                let key = self.eval(key)?;
                self.at(target.span);
                let old = self.vm.get_item(&object, &key)?;
                let right = self.eval(value)?;
                self.at(target.span);
                let new = self.augment(operator, &old, &right)?;
                self.vm.set_item(&object, &key, new)
            }
            _ => {
                let old = self.eval(target)?;
                let right = self.eval(value)?;
                self.at(target.span);
                let new = self.augment(operator, &old, &right)?;
                self.assign(target, new)
            }
        }
    }

    /// `del target`.
    pub(crate) fn delete(&self, target: &Expr) -> PyResult<()> {
        self.at(target.span);
        match &target.kind {
            ExprKind::Name(name) => self.delete_name(name),
            ExprKind::Attribute { value, name } => {
                let object = self.eval(value)?;
                self.at(target.span);
                self.vm.del_attr(&object, name)
            }
            ExprKind::Subscript { value, key } => {
                let object = self.eval(value)?;
                let key = self.eval(key)?;
                self.at(target.span);
                self.vm.del_item(&object, &key)
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                targets.iter().try_for_each(|target| self.delete(target))
            }
            _ => Err(PyError::type_error("cannot delete expression")),
        }
    }
}
