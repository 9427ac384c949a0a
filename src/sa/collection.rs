//! `table.c`: columns by key, position and attribute. sqlalchemy/sql/base.py `ReadOnlyColumnCollection`.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::column::PyColumn;
use crate::sa::table::PyTable;

/// `ReadOnlyColumnCollection`.
pub static COLLECTION: NativeClass = NativeClass {
    methods: &[
        ("keys", keys),
        ("values", values),
        ("items", items),
        ("get", get),
        ("contains_column", contains_column),
    ],
    ..NativeClass::plain("sqlalchemy.sql.base", "ReadOnlyColumnCollection", &[])
};

/// Columns by key.
#[derive(Debug)]
pub struct Collection {
    columns: Vec<(String, Rc<PyColumn>)>,
}

impl Collection {
    /// The columns of a table.
    pub fn columns(table: &PyTable) -> Self {
        Self {
            columns: table
                .columns
                .borrow()
                .iter()
                .map(|(key, column)| (key.clone(), column.clone()))
                .collect(),
        }
    }

    /// Some columns.
    pub fn of(columns: Vec<Rc<PyColumn>>) -> Self {
        Self {
            columns: columns
                .into_iter()
                .map(|column| (column.key(), column))
                .collect(),
        }
    }

    fn find(&self, key: &str) -> Option<Value> {
        self.columns
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, column)| Value::Native(column.clone()))
    }
}

impl Object for Collection {
    fn class(&self) -> Rc<Class> {
        Class::of(&COLLECTION)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        if COLLECTION.methods.iter().any(|(method, _)| *method == name) && self.find(name).is_none()
        {
            return Ok(None);
        }
        match self.find(name) {
            Some(column) => Ok(Some(column)),
            None if name == "columns" => Ok(Some(Value::list(
                self.columns
                    .iter()
                    .map(|(_, column)| Value::Native(column.clone()))
                    .collect(),
            ))),
            None if name.starts_with("__") => Ok(None),
            None => Err(PyError::attribute_error(name)),
        }
    }

    fn get_item(self: Rc<Self>, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        if let Value::Int(index) = key {
            let at = if *index < 0 {
                self.columns.len() as i64 + index
            } else {
                *index
            };
            let found = usize::try_from(at).ok().and_then(|at| self.columns.get(at));
            return match found {
                Some((_, column)) => Ok(Some(Value::Native(column.clone()))),
                None => Err(PyError::new(
                    &crate::py::exceptions::INDEX_ERROR,
                    vm.repr(key)?,
                )),
            };
        }
        match key.as_str().and_then(|key| self.find(&key)) {
            Some(column) => Ok(Some(column)),
            None => Err(PyError::key_error(key.clone())),
        }
    }

    fn contains(self: Rc<Self>, _vm: &Vm, item: &Value) -> PyResult<Option<bool>> {
        match item.as_str() {
            Some(key) => Ok(Some(self.find(&key).is_some())),
            None => Err(crate::sa::clause::argument_error(
                "__contains__ requires a string argument",
            )),
        }
    }

    fn iterate(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Vec<Value>>> {
        Ok(Some(
            self.columns
                .iter()
                .map(|(_, column)| Value::Native(column.clone()))
                .collect(),
        ))
    }

    fn len(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<usize>> {
        Ok(Some(self.columns.len()))
    }
}

fn receiver(this: &Value) -> PyResult<Rc<Collection>> {
    this.native::<Collection>()
        .ok_or_else(|| PyError::type_error("descriptor requires a column collection"))
}

fn keys(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::list(
        receiver(this)?
            .columns
            .iter()
            .map(|(key, _)| Value::str(key))
            .collect(),
    ))
}

fn values(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::list(
        receiver(this)?
            .columns
            .iter()
            .map(|(_, column)| Value::Native(column.clone()))
            .collect(),
    ))
}

fn items(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let pair = |(key, column): &(String, Rc<PyColumn>)| {
        Value::tuple(vec![Value::str(key), Value::Native(column.clone())])
    };
    Ok(Value::list(
        receiver(this)?.columns.iter().map(pair).collect(),
    ))
}

fn get(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("get", "(key, default=None)")?;
    let found = bound
        .get("key")
        .as_str()
        .and_then(|key| receiver(this).ok()?.find(&key));
    Ok(found.unwrap_or_else(|| bound.get("default")))
}

fn contains_column(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("contains_column", "(col)")?;
    let collection = receiver(this)?;
    let wanted = bound.get("col").native::<PyColumn>();
    Ok(Value::Bool(wanted.is_some_and(|wanted| {
        collection
            .columns
            .iter()
            .any(|(_, column)| Rc::ptr_eq(column, &wanted))
    })))
}
