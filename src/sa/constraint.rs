//! Constraints as Python sees them. sqlalchemy/sql/schema.py, sqlalchemy/dialects/postgresql/ext.py.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::sa::clause;
use crate::sa::clause::argument_error;
use crate::sa::collection::Collection;
use crate::sa::column::PyColumn;
use crate::sa::expr::PyExpr;
use crate::sa::name;
use crate::sa::options;
use crate::sa::table::PyTable;
use crate::schema::constraint::ConstraintBase;
use crate::schema::expr::Expr;
use crate::schema::expr::from::From;
use crate::schema::name::Name;
use crate::schema::table::TableName;

const SCHEMA: &str = "sqlalchemy.sql.schema";

/// `Constraint`.
pub static CONSTRAINT: NativeClass = NativeClass {
    new: Some(new_plain),
    ..NativeClass::plain(SCHEMA, "Constraint", &[])
};
/// `CheckConstraint`.
pub static CHECK: NativeClass = NativeClass {
    new: Some(new_check),
    ..NativeClass::plain(SCHEMA, "CheckConstraint", &[&CONSTRAINT])
};
/// `UniqueConstraint`.
pub static UNIQUE: NativeClass = NativeClass {
    new: Some(new_unique),
    ..NativeClass::plain(SCHEMA, "UniqueConstraint", &[&CONSTRAINT])
};
/// `PrimaryKeyConstraint`.
pub static PRIMARY_KEY: NativeClass = NativeClass {
    new: Some(new_primary_key),
    ..NativeClass::plain(SCHEMA, "PrimaryKeyConstraint", &[&CONSTRAINT])
};
/// `ForeignKeyConstraint`.
pub static FOREIGN_KEY_CONSTRAINT: NativeClass = NativeClass {
    new: Some(new_foreign_key_constraint),
    ..NativeClass::plain(SCHEMA, "ForeignKeyConstraint", &[&CONSTRAINT])
};
/// `ForeignKey`.
pub static FOREIGN_KEY: NativeClass = NativeClass {
    new: Some(new_foreign_key),
    ..NativeClass::plain(SCHEMA, "ForeignKey", &[])
};
/// PostgreSQL's `ExcludeConstraint`.
pub static EXCLUDE: NativeClass = NativeClass {
    new: Some(new_exclude),
    ..NativeClass::plain(
        "sqlalchemy.dialects.postgresql.ext",
        "ExcludeConstraint",
        &[&CONSTRAINT],
    )
};

/// A constraint.
#[derive(Debug)]
pub struct PyConstraint {
    class: &'static NativeClass,
    /// `_creation_order`.
    pub order: u64,
    /// Name, deferrability and options.
    pub base: RefCell<ConstraintBase>,
    /// Which kind.
    pub kind: PyConstraintKind,
    /// The table it was attached to.
    pub table: RefCell<Option<Rc<PyTable>>>,
    /// `info`.
    info: RefCell<Value>,
}

/// A column of a constraint: by key, or the column itself.
#[derive(Debug, Clone)]
pub enum ColumnSpec {
    /// By key.
    Key(Name),
    /// A `Column`.
    Column(Rc<PyColumn>),
}

/// The kinds of constraints.
#[derive(Debug)]
pub enum PyConstraintKind {
    /// `Constraint`.
    Plain,
    /// `CheckConstraint`.
    Check(Expr),
    /// `UniqueConstraint`.
    Unique(Vec<ColumnSpec>),
    /// `PrimaryKeyConstraint`.
    PrimaryKey(Vec<ColumnSpec>),
    /// `ForeignKeyConstraint`.
    ForeignKey(Vec<ColumnSpec>, Vec<Target>, References),
    /// `ExcludeConstraint`.
    Exclude(PyExclude),
}

/// What a foreign key refers to.
#[derive(Debug, Clone)]
pub enum Target {
    /// `"table.column"`, `"schema.table.column"`.
    Spec(String),
    /// The names one by one, which may have dots: `ForeignKeyTarget`.
    Tokens(TableName, String),
    /// A `Column`.
    Column(Rc<PyColumn>),
}

impl Target {
    /// The table and the column of a target that is said by names: `target_tokens`.
    pub fn tokens(&self) -> Option<(TableName, Option<String>)> {
        match self {
            Self::Spec(spec) => Some(split_target(spec)),
            Self::Tokens(table, column) => Some((table.clone(), Some(column.clone()))),
            Self::Column(_) => None,
        }
    }

    /// `target_fullname` of one that is said by names.
    pub fn spec(&self) -> Option<String> {
        match self {
            Self::Spec(spec) => Some(spec.clone()),
            Self::Tokens(table, column) => Some(format!("{}.{column}", full_name(table))),
            Self::Column(_) => None,
        }
    }
}

/// `"schema.table.column"` taken apart: ForeignKey._column_tokens.
pub fn split_target(spec: &str) -> (TableName, Option<String>) {
    let mut parts: Vec<&str> = spec.split('.').collect();
    if parts.len() == 1 {
        return (TableName::new(spec), None);
    }
    let column = parts.pop().map(str::to_owned);
    let name = parts.pop().unwrap_or_default();
    let schema = (!parts.is_empty()).then(|| Name::new(parts.join(".")));
    (
        TableName {
            schema,
            name: Name::new(name),
        },
        column,
    )
}

/// `schema.table`.
pub fn full_name(table: &TableName) -> String {
    let schema = table.schema.iter().map(|schema| &*schema.text);
    let path: Vec<&str> = schema.chain([&*table.name.text]).collect();
    path.join(".")
}

/// The phrases of a foreign key.
#[derive(Debug, Clone, Default)]
pub struct References {
    /// ON UPDATE.
    pub onupdate: Option<String>,
    /// ON DELETE.
    pub ondelete: Option<String>,
    /// MATCH.
    pub match_: Option<String>,
    /// `use_alter`.
    pub use_alter: bool,
}

/// The parts of an EXCLUDE constraint.
#[derive(Debug, Clone)]
pub struct PyExclude {
    /// Element, its column name (for naming and `ops`), operator.
    pub elements: Vec<(ExcludeElement, Option<String>, String)>,
    /// `using`.
    pub using: String,
    /// `where`.
    pub where_: Option<Expr>,
    /// `ops`.
    pub ops: IndexMap<String, String>,
}

/// An element of an EXCLUDE constraint.
#[derive(Debug, Clone)]
pub enum ExcludeElement {
    /// A column by key.
    Key(Name),
    /// An expression.
    Expr(Expr),
}

/// A `ForeignKey` of a column.
#[derive(Debug)]
pub struct PyForeignKey {
    /// What it refers to.
    pub target: Target,
    /// Name, deferrability and options of its constraint.
    pub base: ConstraintBase,
    /// The phrases.
    pub references: References,
}

impl Object for PyForeignKey {
    fn class(&self) -> Rc<Class> {
        Class::of(&FOREIGN_KEY)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, attribute: &str) -> PyResult<Option<Value>> {
        let text = |text: &Option<String>| text.as_ref().map_or(Value::None, Value::str);
        Ok(match attribute {
            "name" => Some(self.base.name.as_ref().map_or(Value::None, name::to_value)),
            "ondelete" => Some(text(&self.references.ondelete)),
            "onupdate" => Some(text(&self.references.onupdate)),
            "target_fullname" => self.target.spec().map(Value::str),
            "column" => match &self.target {
                Target::Column(column) => Some(Value::Native(column.clone())),
                Target::Spec(_) | Target::Tokens(..) => None,
            },
            _ => None,
        })
    }
}

impl Object for PyConstraint {
    fn class(&self) -> Rc<Class> {
        Class::of(self.class)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, attribute: &str) -> PyResult<Option<Value>> {
        Ok(match attribute {
            "name" => Some(
                self.base
                    .borrow()
                    .name
                    .as_ref()
                    .map_or(Value::None, name::to_value),
            ),
            "table" => Some(
                self.table
                    .borrow()
                    .clone()
                    .map_or(Value::None, |table| Value::Native(table)),
            ),
            "deferrable" => Some(
                self.base
                    .borrow()
                    .deferrable
                    .map_or(Value::None, Value::Bool),
            ),
            "info" => {
                let mut info = self.info.borrow_mut();
                if info.is_none() {
                    *info = Value::dict(crate::py::dict::Dict::new());
                }
                Some(info.clone())
            }
            "columns" | "c" => self
                .columns()
                .map(|columns| Value::object(Collection::of(columns))),
            _ => None,
        })
    }

    fn set_attr(self: Rc<Self>, _vm: &Vm, attribute: &str, value: Value) -> PyResult<bool> {
        if attribute == "name" {
            self.base.borrow_mut().name = name::optional(&value, "as a constraint name")?;
            return Ok(true);
        }
        Ok(false)
    }

    fn iterate(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Vec<Value>>> {
        Ok(self.columns().map(|columns| {
            let columns = columns.into_iter();
            columns.map(|column| Value::Native(column)).collect()
        }))
    }

    fn len(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<usize>> {
        Ok(self.columns().map(|columns| columns.len()))
    }

    fn contains(self: Rc<Self>, vm: &Vm, item: &Value) -> PyResult<Option<bool>> {
        match self.columns() {
            Some(columns) => Rc::new(Collection::of(columns)).contains(vm, item),
            None => Ok(None),
        }
    }
}

impl PyConstraint {
    /// The columns of a constraint over columns.
    fn columns(&self) -> Option<Vec<Rc<PyColumn>>> {
        match &self.kind {
            PyConstraintKind::Unique(columns)
            | PyConstraintKind::PrimaryKey(columns)
            | PyConstraintKind::ForeignKey(columns, ..) => {
                let table = self.table.borrow().clone();
                let found = columns.iter().filter_map(|spec| match spec {
                    ColumnSpec::Column(column) => Some(column.clone()),
                    ColumnSpec::Key(key) => table.as_ref()?.column(&key.text),
                });
                Some(found.collect())
            }
            PyConstraintKind::Plain | PyConstraintKind::Check(_) | PyConstraintKind::Exclude(_) => {
                None
            }
        }
    }
}

/// A constraint with the next creation order.
pub fn make(
    class: &'static NativeClass,
    base: ConstraintBase,
    kind: PyConstraintKind,
) -> Rc<PyConstraint> {
    Rc::new(PyConstraint {
        class,
        order: clause::next_order(),
        base: RefCell::new(base),
        kind,
        table: RefCell::default(),
        info: RefCell::new(Value::None),
    })
}

/// A phrase: text or `None`.
fn phrase(bound: &Bound, parameter: &str) -> PyResult<Option<String>> {
    Ok(bound.optional_str(parameter)?.map(|text| text.to_string()))
}

/// Name, deferrability and dialect options from bound arguments.
pub fn base(vm: &Vm, bound: &Bound, class: &str) -> PyResult<ConstraintBase> {
    Ok(ConstraintBase {
        name: name::optional(&bound.get("name"), "as a constraint name")?,
        deferrable: bound.optional_bool("deferrable")?,
        initially: phrase(bound, "initially")?,
        options: options::from_keywords(vm, &bound.keywords, class)?,
    })
}

/// A column argument of a constraint.
pub fn column_spec(vm: &Vm, value: &Value) -> PyResult<ColumnSpec> {
    if let Value::Unresolved(unresolved) = value {
        return Err(unresolved_error(unresolved, "as a column of a constraint"));
    }
    if let Some(column) = value.native::<PyColumn>() {
        return Ok(ColumnSpec::Column(column));
    }
    if value.as_str().is_some() {
        return Ok(ColumnSpec::Key(name::from_value(value, "as a column")?));
    }
    // `sa.column("a")`: only its key counts.
    match clause::expr(vm, value)? {
        Expr::Column(column) => Ok(ColumnSpec::Key(Name::new(column.key.clone()))),
        _ => Err(argument_error(
            "Column name or column expected in a constraint",
        )),
    }
}

/// The columns of a constraint.
pub fn column_specs(vm: &Vm, values: &[Value]) -> PyResult<Vec<ColumnSpec>> {
    values.iter().map(|value| column_spec(vm, value)).collect()
}

/// DedupeColumnCollection: a column that a key names twice stands in it once.
fn distinct_column_specs(vm: &Vm, values: &[Value]) -> PyResult<Vec<ColumnSpec>> {
    let mut distinct: Vec<ColumnSpec> = Vec::new();
    for spec in column_specs(vm, values)? {
        let is_known = distinct.iter().any(|known| match (known, &spec) {
            (ColumnSpec::Key(known), ColumnSpec::Key(key)) => known == key,
            (ColumnSpec::Column(known), ColumnSpec::Column(column)) => Rc::ptr_eq(known, column),
            (ColumnSpec::Key(_), ColumnSpec::Column(_))
            | (ColumnSpec::Column(_), ColumnSpec::Key(_)) => false,
        });
        if !is_known {
            distinct.push(spec);
        }
    }
    Ok(distinct)
}

fn new_plain(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "Constraint.__init__",
        "(name=None, deferrable=None, initially=None, info=None, comment=None, _create_rule=None, _type_bound=False, **dialect_kw)",
    )?;
    let base = base(vm, &bound, "Constraint")?;
    Ok(Value::Native(make(
        &CONSTRAINT,
        base,
        PyConstraintKind::Plain,
    )))
}

fn new_check(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "CheckConstraint.__init__",
        "(sqltext, name=None, deferrable=None, initially=None, table=None, info=None, _create_rule=None, _autoattach=True, _type_bound=False, comment=None, **dialect_kw)",
    )?;
    let sqltext = clause::text_or_expr(vm, &bound.get("sqltext"))?;
    let base = base(vm, &bound, "CheckConstraint")?;
    let named =
        table_of(&sqltext).filter(|_| !matches!(bound.get("_autoattach"), Value::Bool(false)));
    let made = make(&CHECK, base, PyConstraintKind::Check(sqltext));
    if let Some(table) = bound.get("table").native::<PyTable>().or(named) {
        table.attach_constraint(&made);
    }
    Ok(Value::Native(made))
}

/// `_autoattach`: the one table whose columns a condition names.
fn table_of(sqltext: &Expr) -> Option<Rc<PyTable>> {
    let mut found: Option<u64> = None;
    for column in crate::dialect::sql::columns_of(sqltext) {
        match (&column.table, found) {
            (Some(From::Table(table)), None) => found = Some(table.id),
            (Some(From::Table(table)), Some(known)) if table.id == known => {}
            _ => return None,
        }
    }
    PyTable::by_id(found?)
}

/// The parameters that constraints over columns share.
const COLUMNS: &str = "(*columns, name=None, deferrable=None, initially=None, info=None, comment=None, _autoattach=True, _column_flag=False, _gather_expressions=None, _implicit_generated=False, **dialect_kw)";

fn new_unique(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("UniqueConstraint.__init__", COLUMNS)?;
    let columns = distinct_column_specs(vm, &bound.rest)?;
    let made = make(
        &UNIQUE,
        base(vm, &bound, "UniqueConstraint")?,
        PyConstraintKind::Unique(columns.clone()),
    );
    auto_attach(&made, &columns);
    Ok(Value::Native(made))
}

fn new_primary_key(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("PrimaryKeyConstraint.__init__", COLUMNS)?;
    let columns = distinct_column_specs(vm, &bound.rest)?;
    let made = make(
        &PRIMARY_KEY,
        base(vm, &bound, "PrimaryKeyConstraint")?,
        PyConstraintKind::PrimaryKey(columns.clone()),
    );
    auto_attach(&made, &columns);
    Ok(Value::Native(made))
}

/// ColumnCollectionMixin `_autoattach`: columns that all belong to one table attach their constraint to it.
fn auto_attach(made: &Rc<PyConstraint>, columns: &[ColumnSpec]) {
    let mut found: Option<Rc<PyTable>> = None;
    for spec in columns {
        let ColumnSpec::Column(column) = spec else {
            return;
        };
        match (column.table(), &found) {
            (Some(table), None) => found = Some(table),
            (Some(table), Some(known)) if Rc::ptr_eq(&table, known) => {}
            _ => return,
        }
    }
    if let Some(table) = found {
        table.attach_constraint(made);
    }
}

fn target(vm: &Vm, value: &Value) -> PyResult<Target> {
    if let Value::Unresolved(unresolved) = value {
        return Err(unresolved_error(
            unresolved,
            "as the target of a foreign key",
        ));
    }
    if let Some(column) = value.native::<PyColumn>() {
        return Ok(Target::Column(column));
    }
    if let Some(text) = value.as_str() {
        return Ok(Target::Spec(text.to_string()));
    }
    if let Value::Tuple(items) = value {
        return tokens(vm, items);
    }
    if let Some(column) = value.native::<PyExpr>()
        && let Expr::Column(reference) = &column.expr
        && let Some(From::Table(table)) = &reference.table
    {
        let schema = table.name.schema.iter().map(|schema| &*schema.text);
        let path = [&*table.name.name.text, &*reference.name.text];
        return Ok(Target::Spec(
            schema.chain(path).collect::<Vec<_>>().join("."),
        ));
    }
    if matches!(value, Value::Instance(_)) {
        let inner = vm.find_attr(value, "__clause_element__")?;
        if let Some(inner) = inner {
            return target(vm, &vm.call(&inner, Args::none())?);
        }
    }
    Err(PyError::unsupported(format!(
        "`{}` as the target of a foreign key",
        vm.class_of(value).name
    )))
}

/// `ForeignKeyTarget._from_argument`.
fn tokens(vm: &Vm, items: &[Value]) -> PyResult<Target> {
    let (schema, table, column) = match items {
        [schema, table, column] if !schema.is_none() => (Some(schema), table, column),
        [_, table, column] | [table, column] => (None, table, column),
        _ => {
            return Err(argument_error(format!(
                "ForeignKey target given as a tuple must have two tokens (table_name, column_name) or three tokens (schema, table_name, column_name); got {}",
                items.len()
            )));
        }
    };
    let named = |value: &Value| name::from_value(value, "in the target of a foreign key");
    let table = TableName {
        schema: schema.map(named).transpose()?,
        name: named(table)?,
    };
    Ok(Target::Tokens(table, vm.str(column)?.to_string()))
}

fn references(bound: &Bound) -> PyResult<References> {
    Ok(References {
        onupdate: phrase(bound, "onupdate")?,
        ondelete: phrase(bound, "ondelete")?,
        match_: phrase(bound, "match")?,
        use_alter: bound.bool("use_alter")?,
    })
}

fn new_foreign_key(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "ForeignKey.__init__",
        "(column, _constraint=None, use_alter=False, name=None, onupdate=None, ondelete=None, deferrable=None, initially=None, link_to_name=False, match=None, info=None, comment=None, _unresolvable=False, **dialect_kw)",
    )?;
    Ok(Value::object(PyForeignKey {
        target: target(vm, &bound.get("column"))?,
        base: base(vm, &bound, "ForeignKey")?,
        references: references(&bound)?,
    }))
}

fn new_foreign_key_constraint(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "ForeignKeyConstraint.__init__",
        "(columns, refcolumns, name=None, onupdate=None, ondelete=None, deferrable=None, initially=None, use_alter=False, link_to_name=False, match=None, table=None, info=None, comment=None, **dialect_kw)",
    )?;
    let columns = column_specs(vm, &vm.collect(&bound.get("columns"))?)?;
    let referred = vm.collect(&bound.get("refcolumns"))?;
    let targets: PyResult<Vec<Target>> = referred.iter().map(|value| target(vm, value)).collect();
    let targets = targets?;
    if columns.len() != targets.len() {
        let is_repeated = columns.len() > targets.len();
        let _ = is_repeated;
        return Err(argument_error(
            "ForeignKeyConstraint number of constrained columns must match the number of referenced columns.",
        ));
    }
    let base = base(vm, &bound, "ForeignKeyConstraint")?;
    let kind = PyConstraintKind::ForeignKey(columns.clone(), targets, references(&bound)?);
    let made = make(&FOREIGN_KEY_CONSTRAINT, base, kind);
    match bound.get("table").native::<PyTable>() {
        Some(table) => table.attach_constraint(&made),
        None => auto_attach(&made, &columns),
    }
    Ok(Value::Native(made))
}

fn new_exclude(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let (base, exclude) = exclude(vm, args)?;
    Ok(Value::Native(make(
        &EXCLUDE,
        base,
        PyConstraintKind::Exclude(exclude),
    )))
}

/// The arguments of `ExcludeConstraint`.
pub fn exclude(vm: &Vm, args: Args) -> PyResult<(ConstraintBase, PyExclude)> {
    let bound = args.bind(
        "ExcludeConstraint.__init__",
        "(*elements, name=None, deferrable=None, initially=None, using='gist', where=None, ops=None, info=None, comment=None, **dialect_kw)",
    )?;
    let mut elements = Vec::new();
    for element in &bound.rest {
        let parts = vm.collect(element)?;
        let [subject, operator] = parts.as_slice() else {
            return Err(PyError::value_error(
                "each element of ExcludeConstraint must be (column, operator)",
            ));
        };
        let operator = operator
            .as_str()
            .ok_or_else(|| PyError::type_error("operator must be str"))?
            .to_string();
        let element = if subject.as_str().is_some() {
            let key = name::from_value(subject, "as a column")?;
            (ExcludeElement::Key(key.clone()), Some(key.text), operator)
        } else {
            let expr = clause::expr(vm, subject)?;
            let key = expr_key(&expr);
            (ExcludeElement::Expr(expr), key, operator)
        };
        elements.push(element);
    }
    let where_ = match bound.get("where") {
        Value::None => None,
        other => Some(clause::text_or_expr(vm, &other)?),
    };
    let mut ops = IndexMap::new();
    if !bound.get("ops").is_none() {
        for (key, value) in options::pairs(vm, &bound.get("ops"))? {
            ops.insert(key, vm.str(&value)?.to_string());
        }
    }
    let using = bound
        .optional_str("using")?
        .filter(|using| !using.is_empty());
    let using = using.map_or_else(|| "gist".to_owned(), |using| using.to_string());
    Ok((
        base(vm, &bound, "ExcludeConstraint")?,
        PyExclude {
            elements,
            using,
            where_,
            ops,
        },
    ))
}

/// `expr.key`, for expressions that have one.
pub fn expr_key(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Column(column) => Some(column.key.clone()),
        Expr::LiteralColumn(text, _) => Some(text.clone()),
        Expr::Label(label) => label.name.as_ref().map(|name| name.text.clone()),
        _ => None,
    }
}
