//! A row, and its mapping. sqlalchemy/engine/row.py.

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::expr::PyExpr;
use std::rc::Rc;

/// `Row`.
pub static ROW: NativeClass = NativeClass {
    methods: &[
        ("_asdict", asdict),
        ("_tuple", tuple),
        ("tuple", tuple),
        ("count", count),
        ("index", index),
    ],
    ..NativeClass::plain("sqlalchemy.engine.row", "Row", &[])
};
static ROW_MAPPING: NativeClass = NativeClass {
    methods: &[
        ("keys", mapping_keys),
        ("values", mapping_values),
        ("items", mapping_items),
        ("get", mapping_get),
    ],
    ..NativeClass::plain("sqlalchemy.engine.row", "RowMapping", &[])
};

/// A row: a tuple with names.
#[derive(Debug)]
pub struct PyRow {
    pub(super) columns: Rc<Vec<String>>,
    pub(super) values: Vec<Value>,
}

impl PyRow {
    fn named(&self, name: &str) -> Option<Value> {
        let at = self.columns.iter().position(|column| column == name)?;
        self.values.get(at).cloned()
    }

    fn as_tuple(&self) -> Value {
        Value::tuple(self.values.clone())
    }
}

impl Object for PyRow {
    fn class(&self) -> Rc<Class> {
        Class::of(&ROW)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        if let Some(found) = self.named(name) {
            return Ok(Some(found));
        }
        match name {
            "_mapping" => Ok(Some(Value::object(PyRowMapping { row: self }))),
            "_fields" => Ok(Some(Value::tuple(
                self.columns.iter().map(Value::str).collect(),
            ))),
            "_asdict" | "_tuple" | "tuple" | "count" | "index" => Ok(None),
            _ if name.starts_with("__") => Ok(None),
            _ => Err(PyError::attribute_error(format!(
                "Could not locate column in row for column '{name}'"
            ))),
        }
    }

    fn get_item(self: Rc<Self>, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        vm.get_item(&self.as_tuple(), key).map(Some)
    }

    fn binary(
        self: Rc<Self>,
        vm: &Vm,
        operator: BinaryOperator,
        other: &Value,
        reflected: bool,
    ) -> PyResult<Option<Value>> {
        let own = self.as_tuple();
        let other = match other.native::<Self>() {
            Some(row) => row.as_tuple(),
            None => other.clone(),
        };
        let (left, right) = if reflected {
            (&other, &own)
        } else {
            (&own, &other)
        };
        vm.binary(operator, left, right).map(Some)
    }

    fn contains(self: Rc<Self>, vm: &Vm, item: &Value) -> PyResult<Option<bool>> {
        vm.contains(&self.as_tuple(), item).map(Some)
    }

    fn iterate(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Vec<Value>>> {
        Ok(Some(self.values.clone()))
    }

    fn len(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<usize>> {
        Ok(Some(self.values.len()))
    }

    fn repr(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        vm.repr(&self.as_tuple()).map(Some)
    }
}

fn row(this: &Value) -> PyResult<Rc<PyRow>> {
    this.native::<PyRow>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'Row' object"))
}

fn dict_of(row: &PyRow) -> Value {
    let mut dict = Dict::new();
    for (name, value) in row.columns.iter().zip(&row.values) {
        dict.insert_str(name, value.clone());
    }
    Value::dict(dict)
}

fn asdict(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(dict_of(&*row(this)?))
}

fn tuple(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(row(this)?.as_tuple())
}

fn count(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    vm.call_method(&row(this)?.as_tuple(), "count", args)
}

fn index(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    vm.call_method(&row(this)?.as_tuple(), "index", args)
}

/// `row._mapping`.
#[derive(Debug)]
pub(super) struct PyRowMapping {
    pub(super) row: Rc<PyRow>,
}

impl PyRowMapping {
    fn find(&self, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        let name = match key.as_str() {
            Some(text) => text.to_string(),
            None => match key.native::<PyExpr>().map(|object| object.expr.clone()) {
                Some(expr) => expr.column_name().map(|name| name.text).unwrap_or_default(),
                None => match crate::sa::expr::bridge::column(vm, key)? {
                    Some(expr) => expr.column_name().map(|name| name.text).unwrap_or_default(),
                    None => return Ok(None),
                },
            },
        };
        Ok(self.row.named(&name))
    }
}

impl Object for PyRowMapping {
    fn class(&self) -> Rc<Class> {
        Class::of(&ROW_MAPPING)
    }

    fn get_item(self: Rc<Self>, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        match self.find(vm, key)? {
            Some(found) => Ok(Some(found)),
            None => Err(exc::upstream(
                "NoSuchColumnError",
                &format!(
                    "Could not locate column in row for column '{}'",
                    vm.str(key)?
                ),
            )),
        }
    }

    fn contains(self: Rc<Self>, vm: &Vm, item: &Value) -> PyResult<Option<bool>> {
        Ok(Some(self.find(vm, item)?.is_some()))
    }

    fn iterate(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Vec<Value>>> {
        Ok(Some(self.row.columns.iter().map(Value::str).collect()))
    }

    fn len(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<usize>> {
        Ok(Some(self.row.values.len()))
    }

    fn repr(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        vm.repr(&dict_of(&self.row)).map(Some)
    }
}

fn mapping(this: &Value) -> PyResult<Rc<PyRowMapping>> {
    this.native::<PyRowMapping>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'RowMapping' object"))
}

fn mapping_keys(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    vm.call_method(&dict_of(&mapping(this)?.row), "keys", args)
}

fn mapping_values(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    vm.call_method(&dict_of(&mapping(this)?.row), "values", args)
}

fn mapping_items(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    vm.call_method(&dict_of(&mapping(this)?.row), "items", args)
}

fn mapping_get(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("get", "(key, default=None)")?;
    Ok(mapping(this)?
        .find(vm, &bound.get("key"))?
        .unwrap_or_else(|| bound.get("default")))
}
