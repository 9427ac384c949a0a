//! `Table` as Python sees it. sqlalchemy/sql/schema.py.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::rc::Weak;

use indexmap::IndexMap;

use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::class::Class;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyErrorKind;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::sa::assemble;
use crate::sa::clause;
use crate::sa::clause::argument_error;
use crate::sa::collection::Collection;
use crate::sa::column::PyColumn;
use crate::sa::constraint;
use crate::sa::constraint::ColumnSpec;
use crate::sa::constraint::PyConstraint;
use crate::sa::constraint::PyConstraintKind;
use crate::sa::create;
use crate::sa::event;
use crate::sa::exc;
use crate::sa::index::PyIndex;
use crate::sa::metadata::PyMetaData;
use crate::sa::name;
use crate::sa::options;
use crate::sa::reflect;
use crate::sa::reflect::Reflection;
use crate::schema::constraint::ConstraintBase;
use crate::schema::expr::from::From;
use crate::schema::expr::from::new_id;
use crate::schema::name::Name;
use crate::schema::options::OptionValue;
use crate::schema::table::TableName;

/// `Table`.
pub static TABLE: NativeClass = NativeClass {
    new: Some(new_table),
    methods: &[
        ("create", create_method),
        ("drop", drop_method),
        ("append_column", append_column),
        ("append_constraint", append_constraint),
        ("to_metadata", to_metadata),
        ("tometadata", to_metadata),
    ],
    ..NativeClass::plain("sqlalchemy.sql.schema", "Table", &[])
};

thread_local! {
    /// The tables by identity.
    static BY_ID: RefCell<BTreeMap<u64, Weak<PyTable>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Columns by key, in order.
pub type Columns = IndexMap<String, Rc<PyColumn>, rustc_hash::FxBuildHasher>;

/// A table.
#[derive(Debug)]
pub struct PyTable {
    /// Tells FROM elements apart.
    pub id: u64,
    /// Name and schema.
    pub name: TableName,
    /// The columns by key.
    pub columns: RefCell<Columns>,
    /// The constraints given.
    pub constraints: RefCell<Vec<Rc<PyConstraint>>>,
    /// The indexes given.
    pub indexes: RefCell<Vec<Rc<PyIndex>>>,
    /// Everything else.
    pub extra: RefCell<TableExtra>,
    /// The metadata.
    pub metadata: Rc<PyMetaData>,
    from: RefCell<Option<From>>,
}

/// Comment, prefixes, options.
#[derive(Debug, Clone, Default)]
pub struct TableExtra {
    /// `comment=`.
    pub comment: Option<String>,
    /// `prefixes=`.
    pub prefixes: Vec<String>,
    /// `postgresql_…` options.
    pub options: IndexMap<String, OptionValue>,
    /// Whether tables it refers to are made up when missing (the tables of `op.*`).
    pub is_ad_hoc: bool,
    /// `info=`.
    pub info: Option<Value>,
}

impl Drop for PyTable {
    fn drop(&mut self) {
        // The map is gone already when a thread ends.
        let _gone = BY_ID.try_with(|known| known.borrow_mut().remove(&self.id));
    }
}

impl PyTable {
    /// An empty table.
    pub fn new(name: TableName, metadata: Rc<PyMetaData>) -> Rc<Self> {
        let table = Rc::new(Self {
            id: new_id(),
            name,
            columns: RefCell::default(),
            constraints: RefCell::default(),
            indexes: RefCell::default(),
            extra: RefCell::default(),
            metadata,
            from: RefCell::default(),
        });
        BY_ID.with_borrow_mut(|known| known.insert(table.id, Rc::downgrade(&table)));
        table
    }

    /// The table that a FROM element of this identity stands for.
    pub fn by_id(id: u64) -> Option<Rc<Self>> {
        BY_ID.with_borrow(|known| known.get(&id).and_then(Weak::upgrade))
    }

    /// `schema.name`.
    pub fn description(&self) -> String {
        match &self.name.schema {
            Some(schema) => format!("{}.{}", schema.text, self.name.name.text),
            None => self.name.name.text.clone(),
        }
    }

    /// A column by key.
    pub fn column(&self, key: &str) -> Option<Rc<PyColumn>> {
        self.columns.borrow().get(key).cloned()
    }

    /// All columns in order.
    pub fn column_list(&self) -> Vec<Rc<PyColumn>> {
        self.columns.borrow().values().cloned().collect()
    }

    /// Adds a column; another of that name is an error, as in `Table(…)`.
    pub fn add_column(self: &Rc<Self>, column: &Rc<PyColumn>) -> PyResult<()> {
        if column.data.borrow().name.is_none() {
            return Err(argument_error(
                "Column must be constructed with a non-blank name or assign a non-blank .name before adding to a Table.",
            ));
        }
        let key = column.key();
        if self.columns.borrow().contains_key(&key) {
            return Err(exc::upstream(
                "DuplicateColumnError",
                &format!(
                    "A column with name '{}' is already present in table '{}'.",
                    column.name_text(),
                    self.name.name.text
                ),
            ));
        }
        event::column_attached("before_parent_attach", column, self)?;
        column.set_table(self);
        self.columns.borrow_mut().insert(key, column.clone());
        *self.from.borrow_mut() = None;
        event::column_attached("after_parent_attach", column, self)
    }

    /// Adds a column; one with its key gives up its place to it.
    pub fn replace_column(self: &Rc<Self>, column: &Rc<PyColumn>) -> PyResult<()> {
        let (key, name) = (column.key(), column.name_text());
        let place = {
            let columns = self.columns.borrow();
            let is_plain = |known: &Rc<PyColumn>| known.key() == known.name_text();
            columns.get_index_of(&key).or_else(|| {
                columns
                    .get_index_of(&name)
                    .filter(|at| is_plain(&columns[*at]))
            })
        };
        let Some(place) = place else {
            return self.add_column(column);
        };
        event::column_attached("before_parent_attach", column, self)?;
        self.give_up(place, column)?;
        column.set_table(self);
        let kept = std::mem::take(&mut *self.columns.borrow_mut()).into_iter();
        let replaced = kept.enumerate().map(|(at, kept)| {
            if at == place {
                (key.clone(), column.clone())
            } else {
                kept
            }
        });
        let replaced: Columns = replaced.collect();
        *self.columns.borrow_mut() = replaced;
        *self.from.borrow_mut() = None;
        event::column_attached("after_parent_attach", column, self)
    }

    /// Column `_set_parent`: the foreign keys of a column go with it; a key's column stays one.
    fn give_up(self: &Rc<Self>, place: usize, by: &Rc<PyColumn>) -> PyResult<()> {
        let Some(known) = self
            .columns
            .borrow()
            .get_index(place)
            .map(|(_, known)| known.clone())
        else {
            return Ok(());
        };
        let is_it = |spec: &ColumnSpec| match spec {
            ColumnSpec::Key(name) => name.text == known.key(),
            ColumnSpec::Column(column) => Rc::ptr_eq(column, &known),
        };
        self.constraints.borrow_mut().retain(|constraint| {
            !matches!(&constraint.kind, PyConstraintKind::ForeignKey(columns, ..) if columns.iter().any(is_it))
        });
        if known.data.borrow().primary_key && !by.data.borrow().primary_key {
            return Err(argument_error(format!(
                "Trying to redefine primary-key column '{}' as a non-primary-key column on table '{}'",
                by.key(),
                self.description()
            )));
        }
        Ok(())
    }

    /// `table.primary_key`: the constraint given, or one made from the columns' flags.
    pub fn primary_key(self: &Rc<Self>) -> Rc<PyConstraint> {
        let given = self
            .constraints
            .borrow()
            .iter()
            .rev()
            .find(|known| matches!(known.kind, PyConstraintKind::PrimaryKey(_)))
            .cloned();
        given.unwrap_or_else(|| {
            let columns = assemble::primary_key_columns(self)
                .into_iter()
                .map(ColumnSpec::Column)
                .collect();
            let made = constraint::make(
                &constraint::PRIMARY_KEY,
                ConstraintBase::default(),
                PyConstraintKind::PrimaryKey(columns),
            );
            *made.table.borrow_mut() = Some(self.clone());
            made
        })
    }

    /// Attaches a constraint.
    pub fn attach_constraint(self: &Rc<Self>, constraint: &Rc<PyConstraint>) {
        let is_there = self
            .constraints
            .borrow()
            .iter()
            .any(|known| Rc::ptr_eq(known, constraint));
        *constraint.table.borrow_mut() = Some(self.clone());
        *self.from.borrow_mut() = None;
        if !is_there {
            self.constraints.borrow_mut().push(constraint.clone());
        }
    }

    /// Attaches an index.
    pub fn attach_index(self: &Rc<Self>, index: &Rc<PyIndex>) {
        let is_there = self
            .indexes
            .borrow()
            .iter()
            .any(|known| Rc::ptr_eq(known, index));
        *index.table.borrow_mut() = Some(self.clone());
        if !is_there {
            self.indexes.borrow_mut().push(index.clone());
        }
    }

    /// Adds whatever schema item a value is.
    pub fn add_item(self: &Rc<Self>, vm: &Vm, item: &Value) -> PyResult<()> {
        if let Value::Unresolved(unresolved) = item {
            return Err(unresolved_error(unresolved, "as a part of a table"));
        }
        if item.is_none() {
            return Ok(());
        }
        if let Some(column) = item.native::<PyColumn>() {
            let column = if column.table().is_some() {
                column.copy()
            } else {
                column
            };
            return self.add_column(&column);
        }
        if let Some(constraint) = item.native::<PyConstraint>() {
            self.attach_constraint(&constraint);
            return Ok(());
        }
        if let Some(index) = item.native::<PyIndex>() {
            self.attach_index(&index);
            return Ok(());
        }
        Err(argument_error(format!(
            "'SchemaItem' object, such as a 'Column' or a 'Constraint' expected, got {}",
            vm.repr(item)?
        )))
    }

    /// The table in a query.
    pub fn from_clause(self: &Rc<Self>, vm: &Vm) -> PyResult<From> {
        if let Some(from) = &*self.from.borrow() {
            return Ok(from.clone());
        }
        let made = crate::sa::table_ref::table_ref(vm, self)?;
        *self.from.borrow_mut() = Some(made.clone());
        Ok(made)
    }
}

impl Object for PyTable {
    fn class(&self) -> Rc<Class> {
        Class::of(&TABLE)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, attribute: &str) -> PyResult<Option<Value>> {
        Ok(match attribute {
            "c" | "columns" => Some(Value::object(Collection::columns(&self))),
            "name" | "description" => Some(name::to_value(&self.name.name)),
            "schema" => Some(
                self.name
                    .schema
                    .as_ref()
                    .map_or(Value::None, name::to_value),
            ),
            "fullname" | "key" => Some(Value::str(self.description())),
            "metadata" => Some(Value::Native(self.metadata.clone())),
            "comment" => Some(
                self.extra
                    .borrow()
                    .comment
                    .as_ref()
                    .map_or(Value::None, Value::str),
            ),
            "info" => {
                let mut extra = self.extra.borrow_mut();
                let info = extra.info.get_or_insert_with(|| Value::dict(Dict::new()));
                Some(info.clone())
            }
            "indexes" => Some(Value::list(
                assemble::all_indexes(&self)
                    .into_iter()
                    .map(|index| Value::Native(index))
                    .collect(),
            )),
            "constraints" => {
                let primary_key = self.primary_key();
                let mut constraints = self.constraints.borrow().clone();
                if !constraints
                    .iter()
                    .any(|known| Rc::ptr_eq(known, &primary_key))
                {
                    constraints.insert(0, primary_key);
                }
                let constraints = constraints.into_iter();
                Some(Value::list(
                    constraints
                        .map(|constraint| Value::Native(constraint))
                        .collect(),
                ))
            }
            "primary_key" => Some(Value::Native(self.primary_key())),
            "foreign_keys" => {
                let keys = self
                    .column_list()
                    .into_iter()
                    .flat_map(|column| column.foreign_keys());
                Some(Value::list(keys.map(|key| Value::Native(key)).collect()))
            }
            "create" | "drop" | "append_column" | "append_constraint" | "to_metadata"
            | "tometadata" => None,
            _ => return crate::sa::clause::table_method(vm, &Value::Native(self), attribute),
        })
    }

    fn hash_key(&self) -> Option<String> {
        None
    }

    fn str(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(self.description()))
    }

    fn repr(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        let mut parts = vec![
            crate::dialect::ident::python_repr(&self.name.name.text),
            "MetaData()".to_owned(),
        ];
        for column in self.column_list() {
            parts.push(vm.repr(&Value::Native(column))?.to_string());
        }
        let schema = self.name.schema.as_ref().map_or_else(
            || "None".to_owned(),
            |schema| crate::dialect::ident::python_repr(&schema.text),
        );
        parts.push(format!("schema={schema}"));
        Ok(Some(format!("Table({})", parts.join(", "))))
    }
}

/// The keywords of `Table`.
const SIGNATURE: &str = "(name, metadata, /, *args, schema=None, quote=None, quote_schema=None, autoload_with=None, autoload_replace=True, keep_existing=False, extend_existing=False, resolve_fks=True, include_columns=None, implicit_returning=True, comment=None, info=None, listeners=None, prefixes=None, must_exist=False, autoload=None, _creator_ddl=None, _extend_on=None, _no_init=True, **kw)";

fn new_table(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let (name, metadata) = (
        args.positional.first().and_then(Value::as_str),
        args.positional.get(1).cloned(),
    );
    make_table(vm, args).inspect_err(|error| {
        let metadata = metadata.and_then(|metadata| metadata.native::<PyMetaData>());
        if let (PyErrorKind::Unsupported { .. }, Some(metadata), Some(name)) =
            (error.kind(), metadata, name)
        {
            metadata.lose(&name, &error.summary(vm));
        }
    })
}

fn make_table(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("Table.__new__", SIGNATURE)?;
    let metadata = bound.get("metadata");
    let Some(metadata) = metadata.native::<PyMetaData>() else {
        return match &metadata {
            Value::Unresolved(unresolved) => {
                Err(unresolved_error(unresolved, "as the metadata of a table"))
            }
            // schema.py Table._new reads `metadata.schema` first.
            other => Err(PyError::attribute_error(format!(
                "'{}' object has no attribute 'schema'",
                vm.class_of(other).name
            ))),
        };
    };
    let mut table_name = name::from_value(&bound.get("name"), "as a table name")?;
    if let Some(quote) = bound.optional_bool("quote")? {
        table_name.quote = Some(quote);
    }
    let schema = match bound.get("schema") {
        Value::None if !bound.is_given("schema") => metadata.schema(),
        given => name::optional(&given, "as a schema")?,
    };
    let full = TableName {
        schema,
        name: table_name,
    };
    if let Some(known) = metadata.table(&full) {
        return existing_table(vm, &known, &bound);
    }
    let table = match reflection(vm, &bound, Vec::new())? {
        Some(reflection) => reflected(vm, &metadata, full.name, full.schema, &reflection)?,
        None => PyTable::new(full, metadata.clone()),
    };
    let mut prefixes = Vec::new();
    if !bound.get("prefixes").is_none() {
        for prefix in vm.collect(&bound.get("prefixes"))? {
            prefixes.push(vm.str(&prefix)?.to_string());
        }
    }
    let comment = bound.optional_str("comment")?.map(|text| text.to_string());
    let reflected_comment = table.extra.borrow().comment.clone();
    let mut all_options = table.extra.borrow().options.clone();
    all_options.extend(options::from_keywords(vm, &bound.keywords, "Table")?);
    *table.extra.borrow_mut() = TableExtra {
        comment: comment.or(reflected_comment),
        prefixes,
        options: all_options,
        is_ad_hoc: false,
        info: Some(bound.get("info")).filter(|info| !info.is_none()),
    };
    let is_reflected = !bound.get("autoload_with").is_none();
    for item in &bound.rest {
        match item.native::<PyColumn>() {
            // A column given beside `autoload_with` replaces the reflected one.
            Some(column) if is_reflected => table.replace_column(&free(&column))?,
            _ => table.add_item(vm, item)?,
        }
    }
    metadata.add_table(&table);
    Ok(Value::Native(table))
}

/// The column itself, or a copy where it belongs to a table already.
fn free(column: &Rc<PyColumn>) -> Rc<PyColumn> {
    if column.table().is_some() {
        column.copy()
    } else {
        column.clone()
    }
}

/// What `Table(…, autoload_with=…)` asks to be read.
fn reflection(vm: &Vm, bound: &Bound, exclude: Vec<String>) -> PyResult<Option<Reflection>> {
    let bind = bound.get("autoload_with");
    if bind.is_none() {
        return Ok(None);
    }
    let include = match bound.get("include_columns") {
        Value::None => None,
        given => {
            let names: PyResult<Vec<String>> = vm
                .collect(&given)?
                .iter()
                .map(|name| vm.str(name))
                .collect();
            // An empty list includes everything, as upstream.
            Some(names?).filter(|names| !names.is_empty())
        }
    };
    Ok(Some(Reflection {
        bind,
        include,
        exclude,
        resolve_fks: bound.bool("resolve_fks")?,
    }))
}

/// The table of the metadata, read from the database if it is not there yet; after a failure it is not there.
pub fn reflected(
    vm: &Vm,
    metadata: &Rc<PyMetaData>,
    name: Name,
    schema: Option<Name>,
    reflection: &Reflection,
) -> PyResult<Rc<PyTable>> {
    let full = TableName { schema, name };
    if let Some(known) = metadata.table(&full) {
        return Ok(known);
    }
    let table = PyTable::new(full, metadata.clone());
    metadata.add_table(&table);
    match reflect::table(vm, &table, reflection) {
        Ok(()) => Ok(table),
        Err(error) => {
            metadata.remove_table(&table);
            Err(error)
        }
    }
}

/// `Table(name, metadata)` of a table that is there already.
fn existing_table(vm: &Vm, known: &Rc<PyTable>, bound: &Bound) -> PyResult<Value> {
    let extend = bound.bool("extend_existing")?;
    let keep = bound.bool("keep_existing")?;
    if keep || (bound.rest.is_empty() && !extend) {
        return Ok(Value::Native(known.clone()));
    }
    if !extend {
        return Err(exc::upstream(
            "InvalidRequestError",
            &format!(
                "Table '{}' is already defined for this MetaData instance.  Specify 'extend_existing=True' to redefine options and columns on an existing Table object.",
                known.description()
            ),
        ));
    }
    let exclude = if bound.bool("autoload_replace")? {
        Vec::new()
    } else {
        known.columns.borrow().keys().cloned().collect()
    };
    if let Some(reflection) = reflection(vm, bound, exclude)? {
        reflect::table(vm, known, &reflection)?;
    }
    for item in &bound.rest {
        match item.native::<PyColumn>() {
            Some(column) => known.replace_column(&free(&column))?,
            None => known.add_item(vm, item)?,
        }
    }
    Ok(Value::Native(known.clone()))
}

/// The table behind `this`.
pub fn receiver(this: &Value) -> PyResult<Rc<PyTable>> {
    this.native::<PyTable>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'Table' object"))
}

fn create_method(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("create", "(bind, checkfirst=False)")?;
    let executor = clause::executor_of(vm, &bound.get("bind"))?;
    let checkfirst = clause::checkfirst(vm, &bound.get("checkfirst"))?;
    create::create_table(vm, &executor, &receiver(this)?, checkfirst)?;
    Ok(Value::None)
}

fn drop_method(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("drop", "(bind, checkfirst=False)")?;
    let executor = clause::executor_of(vm, &bound.get("bind"))?;
    let checkfirst = clause::checkfirst(vm, &bound.get("checkfirst"))?;
    create::drop_table(vm, &executor, &receiver(this)?, checkfirst)?;
    Ok(Value::None)
}

fn append_column(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("append_column", "(column, *, replace_existing=False)")?;
    let table = receiver(this)?;
    if bound.bool("replace_existing")?
        && let Some(column) = bound.get("column").native::<PyColumn>()
    {
        table.columns.borrow_mut().shift_remove(&column.key());
    }
    table.add_item(vm, &bound.get("column"))?;
    Ok(Value::None)
}

fn append_constraint(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("append_constraint", "(constraint)")?;
    receiver(this)?.add_item(vm, &bound.get("constraint"))?;
    Ok(Value::None)
}

fn to_metadata(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "to_metadata",
        "(metadata, *, schema=None, referred_schema_fn=None, name=None)",
    )?;
    let table = receiver(this)?;
    let metadata = bound
        .get("metadata")
        .native::<PyMetaData>()
        .ok_or_else(|| argument_error("expected metadata object"))?;
    let schema = if bound.is_given("schema") {
        name::optional(&bound.get("schema"), "as a schema")?
    } else {
        table.name.schema.clone()
    };
    let new_name = name::optional(&bound.get("name"), "as a table name")?
        .unwrap_or_else(|| table.name.name.clone());
    let copy = PyTable::new(
        TableName {
            schema,
            name: new_name,
        },
        metadata.clone(),
    );
    *copy.extra.borrow_mut() = table.extra.borrow().clone();
    for column in table.column_list() {
        copy.add_column(&column.copy())?;
    }
    for constraint in table.constraints.borrow().iter() {
        copy.constraints.borrow_mut().push(constraint.clone());
    }
    let indexes = table.indexes.borrow();
    for index in indexes.iter().filter(|index| !index.column_flag) {
        copy.indexes.borrow_mut().push(index.clone());
    }
    metadata.add_table(&copy);
    Ok(Value::Native(copy))
}

/// A name's plain text as a key.
pub fn key_of(name: &Name) -> String {
    name.text.clone()
}
