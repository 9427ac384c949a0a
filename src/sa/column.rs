//! `Column` as Python sees it. sqlalchemy/sql/schema.py.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::object::UnaryOperator;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::sa::clause;
use crate::sa::clause::argument_error;
use crate::sa::constraint::ColumnSpec;
use crate::sa::constraint::PyConstraint;
use crate::sa::constraint::PyConstraintKind;
use crate::sa::constraint::PyForeignKey;
use crate::sa::constraint::Target;
use crate::sa::constraint::full_name;
use crate::sa::default;
use crate::sa::default::PyColumnDefault;
use crate::sa::default::PyServerDefault;
use crate::sa::name;
use crate::sa::sequence::PySequence;
use crate::sa::table::PyTable;
use crate::sa::types::convert::is_stand_in;
use crate::sa::types::convert::is_type;
use crate::sa::types::convert::to_instance;
use crate::sa::types::sql_type;
use crate::schema::column::Autoincrement;
use crate::schema::default::ClientDefault;
use crate::schema::default::ServerDefault;
use crate::schema::expr::Expr;
use crate::schema::name::Name;
use crate::schema::options::OptionValue;
use crate::schema::types::SqlType;

/// `Column`.
pub static COLUMN: NativeClass = NativeClass {
    new: Some(new_column),
    methods: &[("copy", copy_method), ("_copy", copy_method)],
    ..NativeClass::plain(
        "sqlalchemy.sql.schema",
        "Column",
        &[&crate::sa::expr::classes::COLUMN_CLAUSE],
    )
};

/// A column.
#[derive(Debug)]
pub struct PyColumn {
    /// Tells columns apart.
    pub id: u64,
    /// What it is.
    pub data: RefCell<ColumnData>,
    /// The table it was attached to.
    table: RefCell<Option<Rc<PyTable>>>,
}

/// What a column is.
#[derive(Debug, Clone)]
pub struct ColumnData {
    /// The name.
    pub name: Option<Name>,
    /// The key, when given.
    pub key: Option<String>,
    /// The type: an instance, or `None`.
    pub type_: Value,
    /// `nullable=`, when given.
    pub nullable: Option<bool>,
    /// `primary_key=`.
    pub primary_key: bool,
    /// `autoincrement=`.
    pub autoincrement: Autoincrement,
    /// `default=`, as far as DDL depends on it.
    pub default: ClientDefault,
    /// `default=` itself.
    pub default_value: Value,
    /// `onupdate=`.
    pub onupdate: Value,
    /// The server's default.
    pub server_default: Option<ServerDefault>,
    /// `server_default` as Python reads it.
    pub server_default_value: Value,
    /// `unique=`.
    pub unique: Option<bool>,
    /// `index=`.
    pub index: Option<bool>,
    /// `comment=`.
    pub comment: Option<String>,
    /// `system=`.
    pub system: bool,
    /// Foreign keys.
    pub foreign_keys: Vec<Rc<PyForeignKey>>,
    /// Constraints written with the column.
    pub constraints: Vec<Rc<PyConstraint>>,
    /// `info=`.
    pub info: Value,
    /// `doc=`.
    pub doc: Value,
    /// Dialect options, by full name.
    pub options: IndexMap<String, OptionValue>,
}

const SIGNATURE: &str = "(*args, name=None, type_=None, autoincrement='auto', default=None, insert_default=None, doc=None, key=None, index=None, unique=None, info=None, nullable=None, onupdate=None, primary_key=False, server_default=None, server_onupdate=None, quote=None, system=False, comment=None, insert_sentinel=False, _omit_from_statements=False, _proxies=None, **dialect_kwargs)";

impl PyColumn {
    /// A column around its data.
    pub fn new(data: ColumnData) -> Rc<Self> {
        Rc::new(Self {
            id: clause::next_order(),
            data: RefCell::new(data),
            table: RefCell::default(),
        })
    }

    /// A bare column, for tables made on the way.
    pub fn bare(name: Name) -> Rc<Self> {
        Self::new(ColumnData {
            name: Some(name),
            key: None,
            type_: Value::None,
            nullable: None,
            primary_key: false,
            autoincrement: Autoincrement::Auto,
            default: ClientDefault::None,
            default_value: Value::None,
            onupdate: Value::None,
            server_default: None,
            server_default_value: Value::None,
            unique: None,
            index: None,
            comment: None,
            system: false,
            foreign_keys: Vec::new(),
            constraints: Vec::new(),
            info: Value::None,
            doc: Value::None,
            options: IndexMap::new(),
        })
    }

    /// The table.
    pub fn table(&self) -> Option<Rc<PyTable>> {
        self.table.borrow().clone()
    }

    /// Sets the table.
    pub fn set_table(&self, table: &Rc<PyTable>) {
        *self.table.borrow_mut() = Some(table.clone());
    }

    /// The name as text.
    pub fn name_text(&self) -> String {
        self.data
            .borrow()
            .name
            .as_ref()
            .map(|name| name.text.clone())
            .unwrap_or_default()
    }

    /// The key in `table.c`.
    pub fn key(&self) -> String {
        let data = self.data.borrow();
        data.key
            .clone()
            .or_else(|| data.name.as_ref().map(|name| name.text.clone()))
            .unwrap_or_default()
    }

    /// The type; without one, that of the column that a foreign key refers to.
    pub fn sql_type(&self, vm: &Vm) -> PyResult<SqlType> {
        self.sql_type_within(vm, 16)
    }

    /// [`PyColumn::sql_type`], following at most so many foreign keys.
    fn sql_type_within(&self, vm: &Vm, steps: u32) -> PyResult<SqlType> {
        let type_ = self.data.borrow().type_.clone();
        if type_.is_none()
            && steps > 0
            && let Some(referred) = self.referred()
        {
            return referred.sql_type_within(vm, steps - 1);
        }
        sql_type(vm, &type_)
    }

    /// The column that the first foreign key refers to, when it is known by now.
    fn referred(&self) -> Option<Rc<Self>> {
        let key = self.foreign_keys().first().cloned()?;
        if let Target::Column(column) = &key.target {
            return Some(column.clone());
        }
        let (table, column) = key.target.tokens()?;
        let metadata = &self.table()?.metadata;
        metadata
            .table_by_key(&full_name(&table))?
            .column(column.as_deref()?)
    }

    /// Its own foreign keys, and those that constraints of its table make of it.
    pub fn foreign_keys(&self) -> Vec<Rc<PyForeignKey>> {
        let mut keys = self.data.borrow().foreign_keys.clone();
        let constraints = self
            .table()
            .map(|table| table.constraints.borrow().clone())
            .unwrap_or_default();
        for constraint in constraints {
            let PyConstraintKind::ForeignKey(columns, targets, references) = &constraint.kind
            else {
                continue;
            };
            for (spec, target) in columns.iter().zip(targets) {
                let is_this = match spec {
                    ColumnSpec::Key(key) => key.text == self.key(),
                    ColumnSpec::Column(column) => column.id == self.id,
                };
                if is_this {
                    keys.push(Rc::new(PyForeignKey {
                        target: target.clone(),
                        base: constraint.base.borrow().clone(),
                        references: references.clone(),
                    }));
                }
            }
        }
        keys
    }

    /// A copy that belongs to no table.
    pub fn copy(&self) -> Rc<Self> {
        Self::new(self.data.borrow().clone())
    }
}

/// The column as an expression.
pub fn to_expr(vm: &Vm, column: &Rc<PyColumn>) -> PyResult<Expr> {
    let from = match column.table() {
        Some(table) => Some(table.from_clause(vm)?),
        None => None,
    };
    if column.data.borrow().name.is_none() {
        // Declarative names it after the attribute: known already where the class body uses it
        let name = vm.class_body_name(&Value::Native(column.clone()));
        let name = name.ok_or_else(|| {
            PyError::unsupported("an expression of a column that has no name yet")
        })?;
        column.data.borrow_mut().name = Some(Name::new(name.to_string()));
    }
    let name = column.data.borrow().name.clone().unwrap_or_default();
    let mut expr = Expr::table_column(from, name, column.sql_type(vm)?);
    if let Expr::Column(reference) = &mut expr {
        reference.key = column.key();
        reference.primary_key = column.data.borrow().primary_key;
    }
    Ok(expr)
}

impl Object for PyColumn {
    fn class(&self) -> Rc<Class> {
        Class::of(&COLUMN)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, attribute: &str) -> PyResult<Option<Value>> {
        let found = {
            let data = self.data.borrow();
            match attribute {
                "name" => Some(data.name.as_ref().map_or(Value::None, name::to_value)),
                "key" => None,
                "type" if data.type_.is_none() => None,
                "type" => Some(data.type_.clone()),
                "nullable" => Some(Value::Bool(data.nullable.unwrap_or(!data.primary_key))),
                "primary_key" => Some(Value::Bool(data.primary_key)),
                "unique" => Some(data.unique.map_or(Value::None, Value::Bool)),
                "index" => Some(data.index.map_or(Value::None, Value::Bool)),
                "comment" => Some(data.comment.as_ref().map_or(Value::None, Value::str)),
                "server_default" => Some(data.server_default_value.clone()),
                "identity" => Some(match &data.server_default {
                    Some(ServerDefault::Identity(_)) => data.server_default_value.clone(),
                    _ => Value::None,
                }),
                "computed" => Some(match &data.server_default {
                    Some(ServerDefault::Computed(_)) => data.server_default_value.clone(),
                    _ => Value::None,
                }),
                "default" => Some(data.default_value.clone()),
                "onupdate" => Some(data.onupdate.clone()),
                "info" => Some(data.info.clone()),
                "doc" => Some(data.doc.clone()),
                "autoincrement" => Some(match data.autoincrement {
                    Autoincrement::Auto => Value::str("auto"),
                    Autoincrement::Yes => Value::Bool(true),
                    Autoincrement::No => Value::Bool(false),
                    Autoincrement::IgnoreFk => Value::str("ignore_fk"),
                }),
                "foreign_keys" => {
                    let keys = self.foreign_keys().into_iter();
                    Some(Value::list(keys.map(|key| Value::Native(key)).collect()))
                }
                "constraints" => Some(Value::list(
                    data.constraints
                        .iter()
                        .map(|item| Value::Native(item.clone()))
                        .collect(),
                )),
                _ => None,
            }
        };
        if found.is_some() {
            return Ok(found);
        }
        match attribute {
            "type" => Ok(Some(crate::sa::types::to_value(self.sql_type(vm)?))),
            "key" => Ok(Some(Value::str(self.key()))),
            "table" => Ok(Some(
                self.table()
                    .map_or(Value::None, |table| Value::Native(table)),
            )),
            "copy" | "_copy" => Ok(None),
            _ => crate::sa::clause::operator_method(vm, &Value::Native(self), attribute),
        }
    }

    fn set_attr(self: Rc<Self>, vm: &Vm, attribute: &str, value: Value) -> PyResult<bool> {
        let server_default = if attribute == "server_default" {
            default::server_default(vm, &value)?
        } else {
            None
        };
        let value = match (attribute, &value) {
            ("type", Value::Class(_)) => to_instance(vm, &value, Args::none())?,
            _ => value,
        };
        let mut data = self.data.borrow_mut();
        match attribute {
            "name" => data.name = name::optional(&value, "as a column name")?,
            "key" => data.key = value.as_str().map(|text| text.to_string()),
            "type" => data.type_ = value,
            "nullable" => data.nullable = Some(matches!(value, Value::Bool(true))),
            "primary_key" => data.primary_key = matches!(value, Value::Bool(true)),
            "unique" => data.unique = Some(matches!(value, Value::Bool(true))),
            "index" => data.index = Some(matches!(value, Value::Bool(true))),
            "comment" => data.comment = value.as_str().map(|text| text.to_string()),
            "info" => data.info = value,
            "doc" => data.doc = value,
            "server_default" => {
                data.server_default = server_default;
                data.server_default_value = value;
            }
            "default" => {
                data.default = client_default(&value);
                data.default_value = value;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn binary(
        self: Rc<Self>,
        vm: &Vm,
        operator: BinaryOperator,
        other: &Value,
        reflected: bool,
    ) -> PyResult<Option<Value>> {
        crate::sa::clause::binary(vm, operator, &Value::Native(self), other, reflected)
    }

    fn unary(self: Rc<Self>, vm: &Vm, operator: UnaryOperator) -> PyResult<Option<Value>> {
        crate::sa::clause::unary(vm, operator, &Value::Native(self))
    }

    fn get_item(self: Rc<Self>, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        crate::sa::clause::subscript(vm, &Value::Native(self), key)
    }

    fn hash_key(&self) -> Option<String> {
        Some(format!("sqlalchemy column {}", self.id))
    }

    fn str(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        let name = self.name_text();
        Ok(Some(match self.table() {
            Some(table) => format!("{}.{name}", table.description()),
            None => name,
        }))
    }

    fn repr(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        let type_ = self.data.borrow().type_.clone();
        let type_ = if type_.is_none() {
            "NullType()".to_owned()
        } else {
            vm.repr(&type_)?.to_string()
        };
        let table = self.table().map_or_else(
            || "table=None".to_owned(),
            |table| format!("table=<{}>", table.description()),
        );
        Ok(Some(format!(
            "Column({}, {type_}, {table})",
            crate::dialect::ident::python_repr(&self.name_text())
        )))
    }
}

/// What `default=` means for DDL.
fn client_default(value: &Value) -> ClientDefault {
    if value.is_none() {
        return ClientDefault::None;
    }
    match value.native::<PySequence>() {
        Some(sequence) if sequence.data.optional => ClientDefault::OptionalSequence,
        Some(_) => ClientDefault::Sequence,
        None => ClientDefault::Other,
    }
}

/// `autoincrement=`.
fn autoincrement(value: &Value) -> PyResult<Autoincrement> {
    Ok(match value {
        Value::Bool(true) => Autoincrement::Yes,
        Value::Bool(false) | Value::None => Autoincrement::No,
        Value::Unresolved(unresolved) => {
            return Err(unresolved_error(unresolved, "as `autoincrement`"));
        }
        other => match other.as_str().as_deref() {
            Some("auto") => Autoincrement::Auto,
            Some("ignore_fk") => Autoincrement::IgnoreFk,
            _ => Autoincrement::No,
        },
    })
}

fn new_column(vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    if !args.keywords.is_empty() && args.keyword("_proxies").is_some() {
        return Err(PyError::unsupported(format!(
            "`{}` with `_proxies`",
            class.name
        )));
    }
    let bound = args.bind("Column.__init__", SIGNATURE)?;
    let mut items = bound.rest.clone();
    let mut column_name = bound.get("name");
    let mut type_ = bound.get("type_");
    if items.first().is_some_and(|first| first.as_str().is_some()) {
        if !column_name.is_none() {
            return Err(argument_error(
                "May not pass name positionally and as a keyword.",
            ));
        }
        column_name = items.remove(0);
    } else if items.first().is_some_and(Value::is_none) {
        items.remove(0);
    }
    let is_unresolved_type = |value: &Value| {
        matches!(value, Value::Unresolved(_))
            || matches!(value, Value::Class(class) if class.unresolved.is_some())
    };
    let is_stand_in = match items.first() {
        Some(first) => is_stand_in(vm, first)?,
        None => false,
    };
    let is_given = |first: &Value| is_type(first) || is_unresolved_type(first) || first.is_none();
    if is_stand_in || items.first().is_some_and(is_given) {
        let given = items.remove(0);
        if !given.is_none() {
            if !type_.is_none() {
                return Err(argument_error(
                    "May not pass type_ positionally and as a keyword.",
                ));
            }
            type_ = given;
        }
    }
    let type_ = if is_unresolved_type(&type_) {
        type_
    } else {
        to_instance(vm, &type_, Args::none())?
    };
    let mut data = column_data(vm, &bound, &column_name, type_)?;
    for item in &items {
        init_item(vm, &mut data, item)?;
    }
    let made = PyColumn::new(data);
    crate::sa::event::type_attached(&made)?;
    Ok(Value::Native(made))
}

/// Everything but the items.
fn column_data(vm: &Vm, bound: &Bound, column_name: &Value, type_: Value) -> PyResult<ColumnData> {
    let mut column_name = name::optional(column_name, "as a column name")?;
    if let (Some(name), Some(quote)) = (column_name.as_mut(), bound.optional_bool("quote")?) {
        name.quote = Some(quote);
    }
    let default_value = if bound.is_given("insert_default") {
        bound.get("insert_default")
    } else {
        bound.get("default")
    };
    let server_default_value = bound.get("server_default");
    let nullable = match bound.get("nullable") {
        Value::Unresolved(unresolved) => {
            return Err(unresolved_error(&unresolved, "as `nullable`"));
        }
        _ if !bound.is_given("nullable") => None,
        other => Some(vm.truth(&other)?),
    };
    let flag = |parameter: &str| -> PyResult<Option<bool>> {
        match bound.get(parameter) {
            Value::None => Ok(None),
            other => vm.truth(&other).map(Some),
        }
    };
    Ok(ColumnData {
        name: column_name,
        key: bound.optional_str("key")?.map(|text| text.to_string()),
        type_,
        nullable,
        primary_key: flag("primary_key")?.unwrap_or(false),
        autoincrement: autoincrement(&bound.get("autoincrement"))?,
        default: client_default(&default_value),
        default_value,
        onupdate: bound.get("onupdate"),
        server_default: default::server_default(vm, &server_default_value)?,
        server_default_value,
        unique: flag("unique")?,
        index: flag("index")?,
        comment: bound.optional_str("comment")?.map(|text| text.to_string()),
        system: bound.bool("system")?,
        foreign_keys: Vec::new(),
        constraints: Vec::new(),
        info: bound.get("info"),
        doc: bound.get("doc"),
        options: crate::sa::options::from_keywords(vm, &bound.keywords, "Column")?,
    })
}

/// `_init_items`: foreign keys, constraints, sequences, defaults.
fn init_item(vm: &Vm, data: &mut ColumnData, item: &Value) -> PyResult<()> {
    if let Value::Unresolved(unresolved) = item {
        return Err(unresolved_error(unresolved, "as a part of a column"));
    }
    if item.is_none() {
        return Ok(());
    }
    if let Some(key) = item.native::<PyForeignKey>() {
        data.foreign_keys.push(key);
    } else if let Some(constraint) = item.native::<PyConstraint>() {
        data.constraints.push(constraint);
    } else if item.native::<PySequence>().is_some() || item.native::<PyColumnDefault>().is_some() {
        data.default = client_default(item);
        data.default_value = item.clone();
    } else if let Some(server_default) = item.native::<PyServerDefault>() {
        data.server_default = Some(server_default.data.clone());
        data.server_default_value = item.clone();
    } else {
        return Err(argument_error(format!(
            "'SchemaItem' object, such as a 'Column' or a 'Constraint' expected, got {}",
            vm.repr(item)?
        )));
    }
    Ok(())
}

fn copy_method(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let column = this
        .native::<PyColumn>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'Column' object"))?;
    Ok(Value::Native(column.copy()))
}
