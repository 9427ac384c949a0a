//! `Index` as Python sees it. sqlalchemy/sql/schema.py.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::ddl::Statement;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::sa::assemble;
use crate::sa::clause;
use crate::sa::collection::Collection;
use crate::sa::column::PyColumn;
use crate::sa::constraint::ColumnSpec;
use crate::sa::constraint::expr_key;
use crate::sa::name;
use crate::sa::options;
use crate::sa::table::PyTable;
use crate::schema::expr::Expr;
use crate::schema::name::Name;
use crate::schema::options::OptionValue;

/// `Index`.
pub static INDEX: NativeClass = NativeClass {
    new: Some(new_index),
    methods: &[("create", create), ("drop", drop)],
    ..NativeClass::plain("sqlalchemy.sql.schema", "Index", &[])
};

/// One thing an index is on.
#[derive(Debug, Clone)]
pub enum Element {
    /// A column.
    Column(ColumnSpec),
    /// An expression with its key.
    Expr(Expr, Option<String>),
}

/// An index.
#[derive(Debug)]
pub struct PyIndex {
    /// The name as given.
    pub name: RefCell<Option<Name>>,
    /// What it is on.
    pub elements: Vec<Element>,
    /// UNIQUE.
    pub unique: bool,
    /// `_column_flag=True`: made with its column, and not copied with the table.
    pub column_flag: bool,
    /// `postgresql_…` options.
    pub options: IndexMap<String, OptionValue>,
    /// The table it was attached to.
    pub table: RefCell<Option<Rc<PyTable>>>,
}

impl Object for PyIndex {
    fn class(&self) -> Rc<Class> {
        Class::of(&INDEX)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, attribute: &str) -> PyResult<Option<Value>> {
        let table = self.table.borrow().clone();
        Ok(match attribute {
            "name" => match table {
                Some(table) => assemble::index_name(vm, &table, &self)?
                    .map(|found| name::to_value(&found))
                    .or(Some(Value::None)),
                None => Some(
                    self.name
                        .borrow()
                        .as_ref()
                        .map_or(Value::None, name::to_value),
                ),
            },
            "unique" => Some(Value::Bool(self.unique)),
            "columns" => {
                let columns = self.elements.iter().filter_map(|element| match element {
                    Element::Column(ColumnSpec::Column(column)) => Some(column.clone()),
                    Element::Column(ColumnSpec::Key(key)) => table.as_ref()?.column(&key.text),
                    Element::Expr(_, key) => table.as_ref()?.column(key.as_ref()?),
                });
                Some(Value::object(Collection::of(columns.collect())))
            }
            "table" => Some(table.map_or(Value::None, |table| Value::Native(table))),
            _ => None,
        })
    }
}

/// An element from a Python value.
pub fn element(vm: &Vm, value: &Value) -> PyResult<Element> {
    if let Value::Unresolved(unresolved) = value {
        return Err(unresolved_error(unresolved, "as an index expression"));
    }
    if let Some(column) = value.native::<PyColumn>() {
        return Ok(Element::Column(ColumnSpec::Column(column)));
    }
    if value.as_str().is_some() {
        return Ok(Element::Column(ColumnSpec::Key(name::from_value(
            value,
            "as an index column",
        )?)));
    }
    let expr = clause::expr(vm, value)?;
    let key = expr_key(&expr);
    Ok(Element::Expr(expr, key))
}

fn new_index(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "Index.__init__",
        "(name, /, *expressions, unique=False, quote=None, info=None, _table=None, _column_flag=False, **dialect_kw)",
    )?;
    let mut index_name = name::optional(&bound.get("name"), "as an index name")?;
    if let (Some(name), Some(quote)) = (index_name.as_mut(), bound.optional_bool("quote")?) {
        name.quote = Some(quote);
    }
    let elements: PyResult<Vec<Element>> =
        bound.rest.iter().map(|value| element(vm, value)).collect();
    let index = Rc::new(PyIndex {
        name: RefCell::new(index_name),
        elements: elements?,
        unique: vm.truth(&bound.get("unique"))?,
        column_flag: vm.truth(&bound.get("_column_flag"))?,
        options: options::from_keywords(vm, &bound.keywords, "Index")?,
        table: RefCell::default(),
    });
    let own = index.elements.iter().find_map(|element| match element {
        Element::Column(ColumnSpec::Column(column)) => column.table(),
        Element::Column(ColumnSpec::Key(_)) | Element::Expr(..) => None,
    });
    if let Some(table) = bound.get("_table").native::<PyTable>().or(own) {
        table.attach_index(&index);
    }
    Ok(Value::Native(index))
}

fn receiver(this: &Value) -> PyResult<(Rc<PyIndex>, Rc<PyTable>)> {
    let index = this
        .native::<PyIndex>()
        .ok_or_else(|| PyError::type_error("descriptor requires an 'Index' object"))?;
    let table = index.table.borrow().clone();
    match table {
        Some(table) => Ok((index, table)),
        None => Err(crate::sa::exc::upstream(
            "CompileError",
            "Index is not associated with any table.",
        )),
    }
}

fn create(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("create", "(bind, checkfirst=False)")?;
    let (index, table) = receiver(this)?;
    let executor = clause::executor_of(vm, &bound.get("bind"))?;
    let data = assemble::index(vm, &table, &index)?;
    if clause::checkfirst(vm, &bound.get("checkfirst"))? && exists(vm, &executor, &data)? {
        return Ok(Value::None);
    }
    executor.run(
        vm,
        &Statement::CreateIndex {
            index: Box::new(data),
            if_not_exists: false,
        },
    )?;
    Ok(Value::None)
}

fn drop(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("drop", "(bind, checkfirst=False)")?;
    let (index, table) = receiver(this)?;
    let executor = clause::executor_of(vm, &bound.get("bind"))?;
    let data = assemble::index(vm, &table, &index)?;
    let checkfirst = clause::checkfirst(vm, &bound.get("checkfirst"))?;
    if checkfirst && executor.has_catalogue() && !exists(vm, &executor, &data)? {
        return Ok(Value::None);
    }
    executor.run(
        vm,
        &Statement::DropIndex {
            index: Box::new(data),
            if_exists: false,
        },
    )?;
    Ok(Value::None)
}

/// Whether the database has the index.
fn exists(
    vm: &Vm,
    executor: &Rc<dyn crate::sa::executor::Executor>,
    index: &crate::schema::index::Index,
) -> PyResult<bool> {
    let schema = index
        .table
        .schema
        .as_ref()
        .map(|schema| schema.text.as_str());
    let name = index
        .name
        .as_ref()
        .map(|name| name.text.as_str())
        .unwrap_or_default();
    crate::sa::catalogue::has_relation(vm, executor, schema, name, "'i', 'I'")
}
