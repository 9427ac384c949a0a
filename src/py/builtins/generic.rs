//! `list[int]`, `int | None`: inert type expressions.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `types.GenericAlias`: `list[int]`.
pub static GENERIC_ALIAS: NativeClass = NativeClass {
    new: Some(new),
    ..NativeClass::plain("types", "GenericAlias", &[])
};
/// `types.UnionType`: `int | None`.
pub static UNION: NativeClass = NativeClass::plain("types", "UnionType", &[]);

/// A subscripted class.
#[derive(Debug)]
pub struct GenericAlias {
    /// What was subscripted.
    pub origin: Value,
    /// The arguments.
    pub args: Vec<Value>,
    /// How `typing` writes the origin, for instance `typing.List`; `None` for a class subscripted directly.
    pub shown: Option<Rc<str>>,
}

/// A type expression joined by `|`.
#[derive(Debug)]
pub struct Union {
    /// The alternatives.
    pub args: Vec<Value>,
}

/// `GenericAlias(origin, args)`.
fn new(_: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("GenericAlias", "(origin, args, /)")?;
    Ok(subscript(&bound.get("origin"), &bound.get("args"), None))
}

/// `origin[key]`.
pub fn subscript(origin: &Value, key: &Value, shown: Option<Rc<str>>) -> Value {
    let args = match key {
        Value::Tuple(items) => items.to_vec(),
        other => vec![other.clone()],
    };
    Value::object(GenericAlias {
        origin: origin.clone(),
        args,
        shown,
    })
}

/// `left | right` of type expressions.
pub fn union(left: &Value, right: &Value) -> Value {
    let mut args: Vec<Value> = Vec::new();
    for side in [left, right] {
        match side.native::<Union>() {
            Some(union) => args.extend(union.args.iter().cloned()),
            None => args.push(side.clone()),
        }
    }
    Value::object(Union { args })
}

/// A type expression as `repr` shows it inside another.
pub fn type_repr(vm: &Vm, value: &Value) -> PyResult<String> {
    Ok(match value {
        Value::None => "None".to_owned(),
        Value::Ellipsis => "...".to_owned(),
        Value::Class(class) if &*class.module == "builtins" => class.name.to_string(),
        Value::Class(class) => format!("{}.{}", class.module, class.name),
        Value::List(items) => {
            let items = items.borrow().clone();
            format!("[{}]", type_reprs(vm, &items)?)
        }
        other => vm.repr(other)?,
    })
}

/// Type expressions joined by commas.
pub fn type_reprs(vm: &Vm, values: &[Value]) -> PyResult<String> {
    let mut texts = Vec::new();
    for value in values {
        texts.push(type_repr(vm, value)?);
    }
    Ok(texts.join(", "))
}

impl Object for GenericAlias {
    fn class(&self) -> Rc<Class> {
        Class::of(&GENERIC_ALIAS)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "__origin__" => Some(self.origin.clone()),
            "__args__" => Some(Value::tuple(self.args.clone())),
            "__parameters__" => Some(Value::tuple(Vec::new())),
            "__mro_entries__" | "__class__" => None,
            _ => vm.find_attr(&self.origin, name)?,
        })
    }

    fn get_item(self: Rc<Self>, _vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        Ok(Some(subscript(&self.origin, key, self.shown.clone())))
    }

    fn call(self: Rc<Self>, vm: &Vm, args: Args) -> PyResult<Option<Value>> {
        vm.call(&self.origin, args).map(Some)
    }

    fn binary(
        self: Rc<Self>,
        vm: &Vm,
        operator: BinaryOperator,
        other: &Value,
        reflected: bool,
    ) -> PyResult<Option<Value>> {
        let own = Value::Native(self.clone());
        match operator {
            BinaryOperator::Or if reflected => Ok(Some(union(other, &own))),
            BinaryOperator::Or => Ok(Some(union(&own, other))),
            BinaryOperator::Eq | BinaryOperator::Ne => {
                let Some(other) = other.native::<Self>() else {
                    return Ok(None);
                };
                let same = vm.equal(&self.origin, &other.origin)?
                    && vm.equal(
                        &Value::tuple(self.args.clone()),
                        &Value::tuple(other.args.clone()),
                    )?;
                Ok(Some(Value::Bool(same == (operator == BinaryOperator::Eq))))
            }
            _ => Ok(None),
        }
    }

    fn repr(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        let origin = match &self.shown {
            Some(shown) => shown.to_string(),
            None => type_repr(vm, &self.origin)?,
        };
        if &*origin == "typing.Optional" {
            return Ok(Some(format!(
                "typing.Optional[{}]",
                type_reprs(vm, &self.args)?
            )));
        }
        Ok(Some(format!("{origin}[{}]", type_reprs(vm, &self.args)?)))
    }
}

impl Object for Union {
    fn class(&self) -> Rc<Class> {
        Class::of(&UNION)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        if name != "__args__" {
            return Ok(None);
        }
        let as_type = |value: &Value| match value {
            Value::None => Value::Class(vm.class_of(value)),
            other => other.clone(),
        };
        Ok(Some(Value::tuple(
            self.args.iter().map(as_type).collect::<Vec<_>>(),
        )))
    }

    fn binary(
        self: Rc<Self>,
        _vm: &Vm,
        operator: BinaryOperator,
        other: &Value,
        reflected: bool,
    ) -> PyResult<Option<Value>> {
        let own = Value::Native(self);
        Ok(match operator {
            BinaryOperator::Or if reflected => Some(union(other, &own)),
            BinaryOperator::Or => Some(union(&own, other)),
            _ => None,
        })
    }

    fn repr(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        let mut texts = Vec::new();
        for arg in &self.args {
            texts.push(type_repr(vm, arg)?);
        }
        Ok(Some(texts.join(" | ")))
    }
}
