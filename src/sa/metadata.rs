//! `MetaData` as Python sees it. sqlalchemy/sql/schema.py.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::clause;
use crate::sa::create;
use crate::sa::name;
use crate::sa::naming::NamingConvention;
use crate::sa::table::PyTable;
use crate::schema::name::Name;
use crate::schema::table::TableName;

/// `MetaData`.
pub static METADATA: NativeClass = NativeClass {
    new: Some(new_metadata),
    methods: &[
        ("create_all", create_all),
        ("drop_all", drop_all),
        ("reflect", reflect),
        ("clear", clear),
        ("remove", remove),
    ],
    ..NativeClass::plain("sqlalchemy.sql.schema", "MetaData", &[])
};

/// A collection of tables.
#[derive(Debug, Default)]
pub struct PyMetaData {
    schema: RefCell<Option<Name>>,
    /// `naming_convention=` as given.
    pub convention_value: RefCell<Value2>,
    /// The convention.
    pub convention: RefCell<NamingConvention>,
    tables: RefCell<IndexMap<String, Rc<PyTable>>>,
    /// Types made with `metadata=`.
    pub types: RefCell<Vec<Value>>,
    /// Sequences made with `metadata=`.
    pub sequences: RefCell<Vec<Value>>,
    info: RefCell<Option<Value>>,
    /// What Python code assigned to `metadata.bind`.
    bind: RefCell<Option<Value>>,
    /// The first table that should be here and could not be evaluated, and why.
    lost: RefCell<Option<String>>,
}

/// A `Value` with a default: `None`.
#[derive(Debug, Clone)]
pub struct Value2(pub Value);

impl Default for Value2 {
    fn default() -> Self {
        Self(Value::None)
    }
}

impl PyMetaData {
    /// Metadata with a convention, for tables made on the way.
    pub fn with_convention(convention: NamingConvention) -> Rc<Self> {
        Rc::new(Self {
            convention: RefCell::new(convention),
            ..Self::default()
        })
    }

    /// Notes that a table of this metadata could not be evaluated: whatever is done to all tables is refused from now on.
    pub fn lose(&self, name: &str, reason: &str) {
        self.lost
            .borrow_mut()
            .get_or_insert_with(|| format!("`{name}` could not be evaluated: {reason}"));
    }

    /// Refuses what is meant for all tables where one is lost.
    fn all(&self, what: &str) -> PyResult<Vec<Rc<PyTable>>> {
        match &*self.lost.borrow() {
            Some(lost) => Err(PyError::lost_effect(format!(
                "`{what}` of all tables, where the table of {lost}"
            ))),
            None => Ok(self.tables()),
        }
    }

    /// `metadata.schema`.
    pub fn schema(&self) -> Option<Name> {
        self.schema.borrow().clone()
    }

    /// A table by name.
    pub fn table(&self, table: &TableName) -> Option<Rc<PyTable>> {
        self.tables.borrow().get(&key(table)).cloned()
    }

    /// A table by `schema.name`.
    pub fn table_by_key(&self, key: &str) -> Option<Rc<PyTable>> {
        self.tables.borrow().get(key).cloned()
    }

    /// Adds a table.
    pub fn add_table(&self, table: &Rc<PyTable>) {
        self.tables
            .borrow_mut()
            .insert(key(&table.name), table.clone());
    }

    /// Takes a table out.
    pub fn remove_table(&self, table: &PyTable) {
        self.tables.borrow_mut().shift_remove(&key(&table.name));
    }

    /// The tables in the order they were added.
    pub fn tables(&self) -> Vec<Rc<PyTable>> {
        self.tables.borrow().values().cloned().collect()
    }
}

fn key(table: &TableName) -> String {
    match &table.schema {
        Some(schema) => format!("{}.{}", schema.text, table.name.text),
        None => table.name.text.clone(),
    }
}

/// Notes a type made with `metadata=`.
pub fn add_type(metadata: &Value, made: &Value) {
    if let Some(metadata) = metadata.native::<PyMetaData>() {
        metadata.types.borrow_mut().push(made.clone());
    }
}

/// Notes a sequence made with `metadata=`.
pub fn add_sequence(metadata: &Value, made: &Value) {
    if let Some(metadata) = metadata.native::<PyMetaData>() {
        metadata.sequences.borrow_mut().push(made.clone());
    }
}

fn new_metadata(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "MetaData.__init__",
        "(schema=None, quote_schema=None, naming_convention=None, info=None, bind=None)",
    )?;
    let mut schema = name::optional(&bound.get("schema"), "as a schema")?;
    if let (Some(schema), Some(quote)) = (schema.as_mut(), bound.optional_bool("quote_schema")?) {
        schema.quote = Some(quote);
    }
    let given = bound.get("naming_convention");
    let convention = match &given {
        Value::Unresolved(unresolved) => {
            return Err(crate::py::vm::unresolved_error(
                unresolved,
                "as a naming convention",
            ));
        }
        other => NamingConvention::from_value(vm, other)?,
    };
    Ok(Value::object(PyMetaData {
        schema: RefCell::new(schema),
        convention_value: RefCell::new(Value2(given)),
        convention: RefCell::new(convention),
        info: RefCell::new(Some(bound.get("info"))),
        ..PyMetaData::default()
    }))
}

impl Object for PyMetaData {
    fn class(&self) -> Rc<Class> {
        Class::of(&METADATA)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, attribute: &str) -> PyResult<Option<Value>> {
        Ok(match attribute {
            "schema" => Some(
                self.schema()
                    .map_or(Value::None, |schema| name::to_value(&schema)),
            ),
            "naming_convention" => {
                let given = self.convention_value.borrow().0.clone();
                if given.is_none() {
                    let mut dict = Dict::new();
                    dict.insert_str("ix", Value::str("ix_%(column_0_label)s"));
                    return Ok(Some(Value::dict(dict)));
                }
                Some(given)
            }
            "tables" => {
                let mut dict = Dict::new();
                for (key, table) in self.tables.borrow().iter() {
                    dict.insert_str(key, Value::Native(table.clone()));
                }
                Some(Value::dict(dict))
            }
            "sorted_tables" => {
                let mut tables = self.all("sorted_tables")?;
                tables.sort_by_key(|table| table.description());
                let sorted = create::sort_tables(vm, &tables)?;
                Some(Value::list(
                    sorted
                        .into_iter()
                        .map(|table| Value::Native(table))
                        .collect(),
                ))
            }
            "info" => {
                let info = self.info.borrow().clone().filter(|info| !info.is_none());
                let info = info.unwrap_or_else(|| Value::dict(Dict::new()));
                *self.info.borrow_mut() = Some(info.clone());
                Some(info)
            }
            // Not upstream's any more, but any attribute can be set.
            "bind" => self.bind.borrow().clone(),
            _ => None,
        })
    }

    fn set_attr(self: Rc<Self>, vm: &Vm, attribute: &str, value: Value) -> PyResult<bool> {
        match attribute {
            "schema" => *self.schema.borrow_mut() = name::optional(&value, "as a schema")?,
            "naming_convention" => {
                let convention = NamingConvention::from_value(vm, &value)?;
                *self.convention.borrow_mut() = convention;
                *self.convention_value.borrow_mut() = Value2(value);
            }
            "bind" => *self.bind.borrow_mut() = Some(value),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn contains(self: Rc<Self>, _vm: &Vm, item: &Value) -> PyResult<Option<bool>> {
        let key = match item.native::<PyTable>() {
            Some(table) => table.description(),
            None => item
                .as_str()
                .map(|text| text.to_string())
                .unwrap_or_default(),
        };
        Ok(Some(self.tables.borrow().contains_key(&key)))
    }

    fn repr(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some("MetaData()".to_owned()))
    }
}

/// The metadata behind `this`.
fn receiver(this: &Value) -> PyResult<Rc<PyMetaData>> {
    this.native::<PyMetaData>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'MetaData' object"))
}

/// The tables given as `tables=`, or all.
fn chosen(
    vm: &Vm,
    metadata: &PyMetaData,
    tables: &Value,
    what: &str,
) -> PyResult<Vec<Rc<PyTable>>> {
    if tables.is_none() {
        return metadata.all(what);
    }
    let mut chosen = Vec::new();
    for table in vm.collect(tables)? {
        chosen.push(crate::sa::table::receiver(&table)?);
    }
    Ok(chosen)
}

fn create_all(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("create_all", "(bind, tables=None, checkfirst=True)")?;
    let metadata = receiver(this)?;
    let executor = clause::executor_of(vm, &bound.get("bind"))?;
    let checkfirst = clause::checkfirst(vm, &bound.get("checkfirst"))?;
    let tables = chosen(vm, &metadata, &bound.get("tables"), "create_all")?;
    create::create_all(vm, &executor, &metadata, &tables, checkfirst)?;
    Ok(Value::None)
}

fn drop_all(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("drop_all", "(bind, tables=None, checkfirst=True)")?;
    let metadata = receiver(this)?;
    let executor = clause::executor_of(vm, &bound.get("bind"))?;
    let checkfirst = clause::checkfirst(vm, &bound.get("checkfirst"))?;
    let tables = chosen(vm, &metadata, &bound.get("tables"), "drop_all")?;
    create::drop_all(vm, &executor, &metadata, &tables, checkfirst)?;
    Ok(Value::None)
}

fn reflect(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    crate::sa::reflect::metadata(vm, &receiver(this)?, args)
}

fn clear(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    receiver(this)?.tables.borrow_mut().clear();
    Ok(Value::None)
}

fn remove(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("remove", "(table)")?;
    receiver(this)?.remove_table(&*crate::sa::table::receiver(&bound.get("table"))?);
    Ok(Value::None)
}
