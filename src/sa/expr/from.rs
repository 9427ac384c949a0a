//! `table()`, aliases, joins, CTEs and their columns as Python sees them.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::expr::coerce;
use crate::sa::expr::construct;
use crate::sa::expr::dml;
use crate::sa::expr::from_of;
use crate::sa::expr::select;
use crate::sa::expr::wrap;
use crate::schema::expr::ColumnRef;
use crate::schema::expr::Expr;
use crate::schema::expr::from::Alias;
use crate::schema::expr::from::AliasElement;
use crate::schema::expr::from::Cte;
use crate::schema::expr::from::From;
use crate::schema::expr::from::Join;
use crate::schema::expr::from::Reference;
use crate::schema::expr::from::TableColumn;
use crate::schema::expr::from::TableRef;
use crate::schema::expr::from::new_id;
use crate::schema::expr::operator::Operator;
use crate::schema::name::Name;
use crate::schema::table::TableName;
use crate::schema::types::SqlType;

const SELECTABLE: &str = "sqlalchemy.sql.selectable";

/// `FromClause`.
pub static FROM_CLAUSE: NativeClass = NativeClass {
    methods: METHODS,
    ..NativeClass::plain(SELECTABLE, "FromClause", &[])
};
/// `TableClause`.
pub static TABLE_CLAUSE: NativeClass = NativeClass {
    new: Some(new_table),
    ..NativeClass::plain(SELECTABLE, "TableClause", &[&FROM_CLAUSE])
};
static ALIAS: NativeClass = NativeClass::plain(SELECTABLE, "Alias", &[&FROM_CLAUSE]);
static CTE: NativeClass = NativeClass {
    methods: CTE_METHODS,
    ..NativeClass::plain(SELECTABLE, "CTE", &[&FROM_CLAUSE])
};
static JOIN: NativeClass = NativeClass::plain(SELECTABLE, "Join", &[&FROM_CLAUSE]);
static COLUMNS: NativeClass = NativeClass {
    methods: COLUMN_METHODS,
    ..NativeClass::plain("sqlalchemy.sql.base", "ReadOnlyColumnCollection", &[])
};

/// Methods of everything that can stand after FROM; `Table` forwards here too.
pub const METHODS: &[(&str, Method)] = &[
    ("alias", alias),
    ("lateral", lateral),
    ("join", |vm, this, args| join_method(vm, this, args, false)),
    ("outerjoin", |vm, this, args| {
        join_method(vm, this, args, true)
    }),
    ("select", select_from),
    ("insert", dml::insert_of),
    ("update", dml::update_of),
    ("delete", dml::delete_of),
    ("corresponding_column", |_vm, _this, _args| {
        Err(PyError::unsupported("`corresponding_column()`"))
    }),
    ("render_derived", render_derived),
    ("__clause_element__", construct::itself),
];
const CTE_METHODS: &[(&str, Method)] = &[
    ("union", |vm, this, args| cte_union(vm, this, args, "UNION")),
    ("union_all", |vm, this, args| {
        cte_union(vm, this, args, "UNION ALL")
    }),
];
const COLUMN_METHODS: &[(&str, Method)] = &[
    ("keys", keys),
    ("values", values),
    ("items", items),
    ("get", get),
];

/// Something that can stand after FROM.
#[derive(Debug)]
pub struct PyFrom {
    /// What it is.
    pub from: From,
    /// Columns named by `table_valued`.
    pub columns: Option<Vec<(Name, SqlType)>>,
}

impl PyFrom {
    /// Wraps it.
    pub fn new(from: From) -> Self {
        Self {
            from,
            columns: None,
        }
    }

    fn all_columns(&self) -> Vec<ColumnRef> {
        match &self.columns {
            Some(columns) => columns
                .iter()
                .map(|(name, sql_type)| ColumnRef {
                    table: Some(self.from.clone()),
                    key: name.text.clone(),
                    name: name.clone(),
                    sql_type: sql_type.clone(),
                    primary_key: false,
                    of_table: false,
                    anonymous: None,
                    repeated: 0,
                })
                .collect(),
            None => self.from.columns(),
        }
    }
}

impl Object for PyFrom {
    fn class(&self) -> Rc<Class> {
        Class::of(match &self.from {
            From::Table(_) => &TABLE_CLAUSE,
            From::Alias(_) => &ALIAS,
            From::Cte(_) => &CTE,
            From::Join(_) => &JOIN,
            From::Text(_) | From::Function(_) | From::Values(_) => &FROM_CLAUSE,
        })
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match (name, &self.from) {
            ("c" | "columns" | "exported_columns", _) => Some(Value::object(Columns {
                columns: self.all_columns(),
            })),
            ("name" | "fullname", From::Table(table)) => Some(Value::str(&table.name.name.text)),
            ("schema", From::Table(table)) => Some(
                table
                    .name
                    .schema
                    .as_ref()
                    .map_or(Value::None, |schema| Value::str(&schema.text)),
            ),
            ("name", From::Alias(alias)) => Some(
                alias
                    .name
                    .as_ref()
                    .map_or(Value::None, |name| Value::str(&name.text)),
            ),
            ("name", From::Cte(cte)) => Some(
                cte.name
                    .as_ref()
                    .map_or(Value::None, |name| Value::str(&name.text)),
            ),
            _ => None,
        })
    }

    fn str(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(match &self.from {
            From::Table(table) => Some(table.name.name.text.clone()),
            _ => None,
        })
    }
}

/// `.c`.
#[derive(Debug)]
pub struct Columns {
    /// The columns.
    pub columns: Vec<ColumnRef>,
}

impl Columns {
    fn find(&self, key: &str) -> Option<Value> {
        self.columns
            .iter()
            .find(|column| column.key == key)
            .map(|column| wrap(Expr::Column(Box::new(column.clone()))))
    }

    fn all(&self) -> Vec<Value> {
        self.columns
            .iter()
            .map(|column| wrap(Expr::Column(Box::new(column.clone()))))
            .collect()
    }
}

impl Object for Columns {
    fn class(&self) -> Rc<Class> {
        Class::of(&COLUMNS)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        if let Some(found) = self.find(name) {
            return Ok(Some(found));
        }
        let is_method =
            COLUMN_METHODS.iter().any(|(known, _)| *known == name) || name.starts_with("__");
        if is_method {
            Ok(None)
        } else {
            Err(PyError::attribute_error(name))
        }
    }

    fn get_item(self: Rc<Self>, _vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        if let Some(text) = key.as_str() {
            return self
                .find(&text)
                .map(Some)
                .ok_or_else(|| PyError::key_error(key.clone()));
        }
        match key {
            Value::Int(at) => {
                let all = self.all();
                let index = if *at < 0 {
                    all.len().checked_sub(at.unsigned_abs() as usize)
                } else {
                    usize::try_from(*at).ok()
                };
                index
                    .and_then(|index| all.get(index).cloned())
                    .map(Some)
                    .ok_or_else(|| {
                        PyError::new(
                            &crate::py::exceptions::INDEX_ERROR,
                            "list index out of range",
                        )
                    })
            }
            _ => Ok(None),
        }
    }

    fn iterate(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<Vec<Value>>> {
        Ok(Some(self.all()))
    }

    fn contains(self: Rc<Self>, _vm: &Vm, item: &Value) -> PyResult<Option<bool>> {
        Ok(Some(
            item.as_str().is_some_and(|text| self.find(&text).is_some()),
        ))
    }

    fn len(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<usize>> {
        Ok(Some(self.columns.len()))
    }
}

fn columns(this: &Value) -> PyResult<Rc<Columns>> {
    this.native::<Columns>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'ColumnCollection' object"))
}

fn keys(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::list(
        columns(this)?
            .columns
            .iter()
            .map(|column| Value::str(&column.key))
            .collect(),
    ))
}

fn values(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::list(columns(this)?.all()))
}

fn items(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let columns = columns(this)?;
    let pairs = columns
        .columns
        .iter()
        .zip(columns.all())
        .map(|(column, value)| Value::tuple(vec![Value::str(&column.key), value]));
    Ok(Value::list(pairs.collect()))
}

fn get(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("get", "(key, default=None)")?;
    Ok(columns(this)?
        .find(&bound.str("key")?)
        .unwrap_or_else(|| bound.get("default")))
}

/// `table(name, *columns, schema=)`.
pub fn new_table(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("table", "(name, *columns, schema=None)")?;
    let Some(name) = construct::name(&bound.get("name")) else {
        return Err(PyError::unsupported("a table name that is not text"));
    };
    let schema = construct::name(&bound.get("schema"));
    let mut columns = Vec::new();
    for value in &bound.rest {
        match coerce::from_value(vm, value)? {
            Expr::Column(column) => columns.push(TableColumn {
                key: column.key.clone(),
                primary_key: column.primary_key,
                ..TableColumn::new(column.name.clone(), column.sql_type.clone())
            }),
            _ => return Err(exc::upstream("ArgumentError", "column expected in table()")),
        }
    }
    Ok(Value::object(PyFrom::new(From::Table(Rc::new(TableRef {
        id: new_id(),
        name: TableName { schema, name },
        columns,
        is_table: false,
        entity: None,
    })))))
}

/// The FROM element of a receiver.
fn own(vm: &Vm, this: &Value) -> PyResult<From> {
    from_of(vm, this)?
        .ok_or_else(|| PyError::type_error("descriptor requires a 'FromClause' object"))
}

/// `from.alias(name)`.
pub fn alias(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("alias", "(name=None, flat=False)")?;
    let from = own(vm, this)?;
    let name = construct::name(&bound.get("name"));
    if let From::Cte(cte) = &from {
        return Ok(Value::object(PyFrom::new(From::Cte(Rc::new(Cte {
            alias: name,
            ..(**cte).clone()
        })))));
    }
    Ok(Value::object(PyFrom::new(From::Alias(Rc::new(Alias {
        id: new_id(),
        element: AliasElement::From(from),
        name,
        lateral: false,
        derived: None,
        ordinality: false,
        base: None,
    })))))
}

fn lateral(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("lateral", "(name=None)")?;
    let name = construct::name(&bound.get("name"));
    let columns = this
        .native::<PyFrom>()
        .and_then(|object| object.columns.clone());
    let alias = match own(vm, this)? {
        // an alias of the alias: `t` becomes `t_1`
        From::Alias(alias) => Alias {
            id: new_id(),
            lateral: true,
            base: alias.name.as_ref().map(|name| name.text.clone()),
            name,
            ..(*alias).clone()
        },
        other => Alias {
            id: new_id(),
            element: AliasElement::From(other),
            name,
            lateral: true,
            derived: None,
            ordinality: false,
            base: None,
        },
    };
    Ok(Value::object(PyFrom {
        from: From::Alias(Rc::new(alias)),
        columns,
    }))
}

fn render_derived(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("render_derived", "(name=None, with_types=False)")?;
    let columns = match this.native::<PyFrom>() {
        Some(object) => object
            .all_columns()
            .into_iter()
            .map(|column| (column.name, column.sql_type))
            .collect(),
        None => Vec::new(),
    };
    let From::Alias(alias) = own(vm, this)? else {
        return Ok(this.clone());
    };
    let name = construct::name(&bound.get("name")).or_else(|| alias.name.clone());
    let derived = Some((columns, bound.bool("with_types")?));
    Ok(Value::object(PyFrom::new(From::Alias(Rc::new(Alias {
        name,
        derived,
        ..(*alias).clone()
    })))))
}

fn cte_union(vm: &Vm, this: &Value, args: Args, keyword: &'static str) -> PyResult<Value> {
    let From::Cte(cte) = own(vm, this)? else {
        return Err(PyError::type_error("union of something that is not a CTE"));
    };
    let Expr::Query(first) = &cte.element else {
        return Err(PyError::type_error(
            "union of something that is not a query",
        ));
    };
    let mut queries = vec![first.clone()];
    for value in &args.positional {
        queries.push(coerce::query_of(vm, value)?);
    }
    let element = Expr::Query(Rc::new(select::compound(keyword, queries)));
    Ok(Value::object(PyFrom::new(From::Cte(Rc::new(Cte {
        element,
        ..(*cte).clone()
    })))))
}

fn join_method(vm: &Vm, this: &Value, args: Args, is_outer: bool) -> PyResult<Value> {
    let bound = args.bind("join", "(right, onclause=None, isouter=False, full=False)")?;
    let left = own(vm, this)?;
    join(
        vm,
        left,
        &bound.get("right"),
        &bound.get("onclause"),
        is_outer || bound.bool("isouter")?,
        bound.bool("full")?,
    )
    .map(|from| Value::object(PyFrom::new(from)))
}

/// `join(left, right, onclause, isouter, full)`.
pub fn join_function(vm: &Vm, args: Args, is_outer: bool) -> PyResult<Value> {
    let bound = args.bind(
        "join",
        "(left, right, onclause=None, isouter=False, full=False)",
    )?;
    let left = own(vm, &bound.get("left"))?;
    join(
        vm,
        left,
        &bound.get("right"),
        &bound.get("onclause"),
        is_outer || bound.bool("isouter")?,
        bound.bool("full")?,
    )
    .map(|from| Value::object(PyFrom::new(from)))
}

/// A join; ON comes from foreign keys when it is not given.
pub fn join(
    vm: &Vm,
    left: From,
    right: &Value,
    onclause: &Value,
    is_outer: bool,
    full: bool,
) -> PyResult<From> {
    let right = own(vm, right)?;
    let onclause = if onclause.is_none() {
        by_foreign_keys(&left, &right)?
    } else {
        coerce::condition(vm, onclause)?
    };
    Ok(From::Join(Rc::new(Join {
        left,
        right,
        onclause: onclause.self_group_as_boolean(),
        is_outer,
        full,
    })))
}

/// ON as foreign keys say: `Join._join_condition`.
fn by_foreign_keys(left: &From, right: &From) -> PyResult<Expr> {
    let mut constraints: IndexMap<u64, Vec<Expr>> = IndexMap::new();
    for (source, target) in [(right, left), (left, right)] {
        for source_leaf in source.leaves() {
            for target_leaf in target.leaves() {
                let (From::Table(source_table), From::Table(target_table)) =
                    (source_leaf, target_leaf)
                else {
                    continue;
                };
                for column in &source_table.columns {
                    for reference in &column.references {
                        if let Some(found) = referent(reference, target_table) {
                            constraints
                                .entry(reference.constraint)
                                .or_default()
                                .push(equal(target_leaf, found, source_leaf, column));
                        }
                    }
                }
            }
        }
    }
    let first = constraints
        .first()
        .map(|(_, conditions)| conditions.clone());
    let is_plain = |from: &From| {
        from.leaves()
            .iter()
            .all(|leaf| matches!(leaf, From::Table(_)))
    };
    match first {
        None if !is_plain(left) || !is_plain(right) => Err(PyError::unsupported(
            "a join of an alias or a subquery without `onclause`",
        )),
        None => Err(exc::upstream(
            "NoForeignKeysError",
            &format!(
                "Can't find any foreign key relationships between '{}' and '{}'.",
                described(left),
                described(right)
            ),
        )),
        Some(conditions) if constraints.values().all(|other| *other == conditions) => {
            Ok(Expr::conjunction(&Operator::And, conditions))
        }
        Some(_) => Err(exc::upstream(
            "AmbiguousForeignKeysError",
            &format!(
                "Can't determine join between '{}' and '{}'; tables have more than one foreign key constraint relationship between them. Please specify the 'onclause' of this join explicitly.",
                described(left),
                described(right)
            ),
        )),
    }
}

/// `ForeignKey.get_referent`.
fn referent<'a>(reference: &Reference, table: &'a TableRef) -> Option<&'a TableColumn> {
    let schema = table.name.schema.as_ref().map(|schema| &schema.text);
    let is_meant = reference.table == table.name.name.text
        && (reference.schema.is_none() || reference.schema.as_ref() == schema);
    let find = || {
        let mut columns = table.columns.iter();
        columns.find(|known| known.name.text == reference.column)
    };
    is_meant.then(find).flatten()
}

fn equal(left: &From, left_column: &TableColumn, right: &From, right_column: &TableColumn) -> Expr {
    let column = |from: &From, column: &TableColumn| {
        Expr::table_column(
            Some(from.clone()),
            column.name.clone(),
            column.sql_type.clone(),
        )
    };
    Expr::raw_binary(
        column(left, left_column),
        Operator::Eq,
        column(right, right_column),
        crate::schema::expr::infer::boolean(),
        Some(Operator::Ne),
    )
}

/// A side of a join in a message.
fn described(from: &From) -> String {
    match from {
        From::Table(table) => match &table.name.schema {
            Some(schema) => format!("{}.{}", schema.text, table.name.name.text),
            None => table.name.name.text.clone(),
        },
        From::Join(join) => format!(
            "Join object on {} and {}",
            described(&join.left),
            described(&join.right)
        ),
        _ => "subquery".to_owned(),
    }
}

fn select_from(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(wrap(select::of(vec![Expr::From(Box::new(own(vm, this)?))])))
}

/// Calls a method of FROM elements on another object that is one (`Table`).
pub fn method(from: &From, name: &str) -> Option<Value> {
    let (name, method) = METHODS.iter().find(|(known, _)| *known == name)?;
    let receiver = Value::object(PyFrom::new(from.clone()));
    let method = *method;
    Some(Value::builtin(name, move |vm, args| {
        method(vm, &receiver, args)
    }))
}

/// Whether FROM elements have such a method.
pub fn has(name: &str) -> bool {
    METHODS.iter().any(|(known, _)| *known == name)
}
