//! What the renderer of new revisions asks about types, columns, constraints and expressions: `alembic._facts`, for env/python/render.py.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::dialect::sql;
use crate::py::args::Args;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::clause;
use crate::sa::column::PyColumn;
use crate::sa::constraint;
use crate::sa::constraint::ColumnSpec;
use crate::sa::constraint::ExcludeElement;
use crate::sa::constraint::PyConstraint;
use crate::sa::constraint::PyConstraintKind;
use crate::sa::constraint::PyForeignKey;
use crate::sa::constraint::Target;
use crate::sa::default::PyServerDefault;
use crate::sa::dialect_face::PyDialect;
use crate::sa::expr;
use crate::sa::expr::PyExpr;
use crate::sa::index::Element;
use crate::sa::index::PyIndex;
use crate::sa::name;
use crate::sa::table::PyTable;
use crate::sa::types;
use crate::sa::types::PyType;
use crate::schema::column::Autoincrement;
use crate::schema::constraint::ConstraintBase;
use crate::schema::default::DefaultValue;
use crate::schema::default::ServerDefault;
use crate::schema::expr::Expr;
use crate::schema::options::OptionValue;
use crate::schema::types::SqlType;
use crate::schema::types::postgresql::PostgresqlType;

/// A function of the module.
type Fact = fn(&Vm, &Value) -> PyResult<Value>;

const FACTS: &[(&str, Fact)] = &[
    ("type_repr", |vm, value| {
        types::repr::repr(vm, value).map(Value::str)
    }),
    ("variants", variants),
    ("domain", domain),
    ("column", column),
    ("constraint", constraint),
    ("constraints", constraints),
    ("identity", identity),
    ("index", index),
    ("table", table),
    ("is_expression", |_vm, value| {
        Ok(Value::Bool(value.native::<PyExpr>().is_some()))
    }),
    ("is_literal", |_vm, value| {
        let value = value.native::<PyExpr>();
        Ok(Value::Bool(value.is_some_and(|value| {
            matches!(value.expr, Expr::LiteralColumn(..))
        })))
    }),
    ("without_keys", without_keys),
    ("type_check", type_check),
];

/// A member of the module.
pub(super) fn member(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    if let "ddl_text" | "index_text" = name {
        let is_index = name == "index_text";
        return Ok(Some(Value::builtin("ddl_text", move |vm, args: Args| {
            let bound = args.bind("ddl_text", "(value, dialect)")?;
            ddl_text(vm, &bound.get("value"), &bound.get("dialect"), is_index)
        })));
    }
    let found = FACTS.iter().find(|(known, _)| *known == name);
    Ok(found.map(|(name, fact)| {
        Value::builtin(name, |vm, args: Args| {
            let bound = args.bind(name, "(value)")?;
            fact(vm, &bound.get("value"))
        })
    }))
}

/// A dictionary of facts.
fn dict<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let mut dict = Dict::new();
    for (name, value) in entries {
        dict.insert_str(name, value);
    }
    Value::dict(dict)
}

fn text(value: Option<&String>) -> Value {
    value.map_or(Value::None, Value::str)
}

fn strs<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    Value::list(texts.map(Value::str).collect())
}

/// An expression is the SQL it is in DDL.
fn ddl_text(vm: &Vm, value: &Value, dialect: &Value, is_index: bool) -> PyResult<Value> {
    let expr = clause::expr(vm, value)?;
    let is_column = matches!(expr, Expr::Column(_) | Expr::LiteralColumn(..));
    let dialect = match dialect.native::<PyDialect>() {
        Some(face) => face.dialect.clone(),
        None => clause::default_dialect(),
    };
    let self_group = is_index && !is_column && dialect.name() == "postgresql";
    sql::compile_ddl(&*dialect, &expr, self_group)
        .map(Value::str)
        .map_err(|error| crate::sa::exc::from_compile_error(&error))
}

/// The default and the types for other dialects, of a type that has them.
fn variants(_vm: &Vm, value: &Value) -> PyResult<Value> {
    let Some(made) = value.native::<PyType>() else {
        return Ok(Value::None);
    };
    let attributes = made.attributes.borrow();
    let found = attributes.get(types::VARIANT_BASE).cloned();
    let mapping = attributes.get(types::VARIANTS).cloned();
    Ok(match (found, mapping) {
        (Some(base), Some(mapping)) => Value::tuple(vec![base, mapping]),
        (None, _) | (_, None) => Value::None,
    })
}

/// The parts of a DOMAIN.
fn domain(_vm: &Vm, value: &Value) -> PyResult<Value> {
    let made = value.native::<PyType>();
    let data = made.map(|made| made.data.borrow().clone());
    let Some(SqlType::Postgresql(PostgresqlType::Domain(domain))) = data else {
        return Err(PyError::unsupported("rendering this type as a DOMAIN"));
    };
    let named = |name: Option<&crate::schema::name::Name>| name.map_or(Value::None, name::to_value);
    Ok(dict([
        ("name", named(domain.name.as_ref())),
        ("schema", named(domain.schema.as_ref())),
        ("collation", text(domain.collation.as_ref())),
        (
            "default",
            match &domain.default {
                None => Value::None,
                Some(DefaultValue::Text(text)) => Value::str(text),
                Some(DefaultValue::Expr(expr)) => expr::wrap(expr.clone()),
            },
        ),
        ("constraint_name", named(domain.constraint_name.as_ref())),
        ("not_null", Value::Bool(domain.not_null)),
        (
            "check",
            domain
                .check
                .as_ref()
                .map_or(Value::None, |check| expr::wrap(check.clone())),
        ),
        ("create_type", Value::Bool(domain.create_type)),
    ]))
}

/// What was passed as dialect keywords.
fn options(options: &IndexMap<String, OptionValue>) -> PyResult<Value> {
    let mut dict = Dict::new();
    for (name, value) in options {
        dict.insert_str(name, option(value)?);
    }
    Ok(Value::dict(dict))
}

fn option(value: &OptionValue) -> PyResult<Value> {
    Ok(match value {
        OptionValue::None => Value::None,
        OptionValue::Bool(flag) => Value::Bool(*flag),
        OptionValue::Str(text) => Value::str(text),
        OptionValue::Number(text) => match text.parse() {
            Ok(number) => Value::Int(number),
            Err(_) => return Err(PyError::unsupported(format!("rendering the number {text}"))),
        },
        OptionValue::List(items) => Value::list(items.iter().map(option).collect::<PyResult<_>>()?),
        OptionValue::Map(items) => {
            let mut dict = Dict::new();
            for (name, value) in items {
                dict.insert_str(name, option(value)?);
            }
            Value::dict(dict)
        }
        OptionValue::Expr(expr) => expr::wrap(expr.clone()),
    })
}

/// The parts of a column.
fn column(vm: &Vm, value: &Value) -> PyResult<Value> {
    let Some(column) = value.native::<PyColumn>() else {
        return Err(PyError::unsupported(format!(
            "rendering a {} as a column",
            vm.class_of(value).name
        )));
    };
    let data = column.data.borrow().clone();
    let type_ = match data.type_ {
        Value::None => types::to_value(SqlType::Null),
        given => given,
    };
    let autoincrement = match data.autoincrement {
        Autoincrement::Auto => Value::str("auto"),
        Autoincrement::Yes => Value::Bool(true),
        Autoincrement::No => Value::Bool(false),
        Autoincrement::IgnoreFk => Value::str("ignore_fk"),
    };
    let is_identity = matches!(data.server_default, Some(ServerDefault::Identity(_)));
    // What a PrimaryKeyConstraint names is NOT NULL.
    let primary_key = column.table().map(|table| table.primary_key());
    let is_key = data.primary_key
        || primary_key.is_some_and(|key| match &key.kind {
            PyConstraintKind::PrimaryKey(specs) => specs.iter().any(|spec| match spec {
                ColumnSpec::Column(known) => Rc::ptr_eq(known, &column),
                ColumnSpec::Key(key) => key.text == column.key(),
            }),
            _ => false,
        });
    let nullable = data.nullable.unwrap_or(!is_key && !is_identity);
    Ok(dict([
        ("type", type_),
        ("server_default", data.server_default_value),
        ("autoincrement", autoincrement),
        ("nullable", Value::Bool(nullable)),
        ("system", Value::Bool(data.system)),
        ("comment", text(data.comment.as_ref())),
        ("kwargs", options(&data.options)?),
    ]))
}

/// The parts of an index that its attributes do not show.
fn index(vm: &Vm, value: &Value) -> PyResult<Value> {
    let Some(index) = value.native::<PyIndex>() else {
        return Err(PyError::unsupported(format!(
            "rendering a {} as an index",
            vm.class_of(value).name
        )));
    };
    let expressions = index.elements.iter().map(|element| match element {
        Element::Column(ColumnSpec::Column(column)) => Value::str(column.name_text()),
        Element::Column(ColumnSpec::Key(key)) => name::to_value(key),
        Element::Expr(expr, _) => expr::wrap(expr.clone()),
    });
    Ok(dict([
        ("expressions", Value::list(expressions.collect())),
        ("kwargs", options(&index.options)?),
    ]))
}

/// The parts of a table that its attributes do not show.
fn table(_vm: &Vm, value: &Value) -> PyResult<Value> {
    let extra = value.native::<PyTable>();
    let extra = extra.map(|table| table.extra.borrow().clone());
    let extra = extra.unwrap_or_default();
    Ok(dict([
        ("prefixes", strs(extra.prefixes.iter().map(String::as_str))),
        ("kwargs", options(&extra.options)?),
    ]))
}

/// The arguments of an `Identity`.
fn identity(_vm: &Vm, value: &Value) -> PyResult<Value> {
    let made = value.native::<PyServerDefault>();
    let Some(ServerDefault::Identity(identity)) = made.map(|made| made.data.clone()) else {
        return Err(PyError::unsupported("rendering this as an Identity"));
    };
    if identity.on_null.is_some() {
        return Err(PyError::unsupported("rendering `on_null` of an Identity"));
    }
    let options = identity.options;
    let mut found = Dict::new();
    found.insert_str("always", Value::Bool(identity.always));
    for (name, value) in [
        ("start", Value::from(options.start)),
        ("increment", options.increment.into()),
        ("minvalue", options.minvalue.into()),
        ("maxvalue", options.maxvalue.into()),
        ("nominvalue", options.nominvalue.into()),
        ("nomaxvalue", options.nomaxvalue.into()),
        ("cycle", options.cycle.into()),
        ("cache", options.cache.into()),
    ] {
        if !value.is_none() {
            found.insert_str(name, value);
        }
    }
    Ok(Value::dict(found))
}

/// The constraints of a table as `table.constraints` has them: the primary key first, then those of columns.
fn constraints(vm: &Vm, value: &Value) -> PyResult<Value> {
    let Some(table) = value.native::<PyTable>() else {
        return Err(PyError::unsupported(format!(
            "the constraints of a {}",
            vm.class_of(value).name
        )));
    };
    let mut found = vec![table.primary_key()];
    for column in table.column_list() {
        let data = column.data.borrow();
        found.extend(data.foreign_keys.iter().map(|key| of_column(&column, key)));
        if data.unique == Some(true) && data.index != Some(true) {
            let columns = vec![ColumnSpec::Column(column.clone())];
            found.push(constraint::make(
                &constraint::UNIQUE,
                ConstraintBase::default(),
                PyConstraintKind::Unique(columns),
            ));
        }
    }
    let given = table.constraints.borrow().clone();
    let others = given
        .into_iter()
        .filter(|known| !matches!(known.kind, PyConstraintKind::PrimaryKey(_)));
    found.extend(others);
    for known in &found {
        *known.table.borrow_mut() = Some(table.clone());
    }
    let values = found.into_iter().map(|known| Value::Native(known));
    Ok(Value::list(values.collect()))
}

/// A copy of a column that refers to nothing.
fn without_keys(_vm: &Vm, value: &Value) -> PyResult<Value> {
    let Some(column) = value.native::<PyColumn>() else {
        return Ok(value.clone());
    };
    let mut data = column.data.borrow().clone();
    data.foreign_keys.clear();
    Ok(Value::Native(PyColumn::new(data)))
}

/// The check that comes with a column's type, which is rendered with the type.
fn type_check(vm: &Vm, value: &Value) -> PyResult<Value> {
    let Some(column) = value.native::<PyColumn>() else {
        return Ok(Value::None);
    };
    let (name, sqltext) = match column.sql_type(vm)? {
        SqlType::Enum(known) if known.create_constraint => (known.name, Expr::text("")),
        SqlType::Boolean(known) if known.create_constraint => (known.name, Expr::text("")),
        _ => return Ok(Value::None),
    };
    let base = ConstraintBase {
        name,
        ..ConstraintBase::default()
    };
    let kind = PyConstraintKind::Check(sqltext);
    Ok(Value::Native(constraint::make(
        &constraint::CHECK,
        base,
        kind,
    )))
}

/// The constraint that a `ForeignKey` of a column makes.
fn of_column(column: &Rc<PyColumn>, key: &PyForeignKey) -> Rc<PyConstraint> {
    constraint::make(
        &constraint::FOREIGN_KEY_CONSTRAINT,
        key.base.clone(),
        PyConstraintKind::ForeignKey(
            vec![ColumnSpec::Column(column.clone())],
            vec![key.target.clone()],
            key.references.clone(),
        ),
    )
}

/// The names of the columns that a constraint names.
fn columns(table: Option<&Rc<PyTable>>, specs: &[ColumnSpec]) -> Value {
    let names: Vec<String> = specs
        .iter()
        .map(|spec| match spec {
            ColumnSpec::Column(column) => column.name_text(),
            ColumnSpec::Key(key) => table
                .and_then(|table| table.column(&key.text))
                .map_or_else(|| key.text.clone(), |column| column.name_text()),
        })
        .collect();
    strs(names.iter().map(String::as_str))
}

/// `schema.table.column` of what a foreign key refers to.
fn target(target: &Target) -> Value {
    match target {
        Target::Spec(_) | Target::Tokens(..) => Value::str(target.spec().unwrap_or_default()),
        Target::Column(column) => {
            let table = column.table().map(|table| table.description());
            let path: Vec<String> = table.into_iter().chain([column.name_text()]).collect();
            Value::str(path.join("."))
        }
    }
}

/// The parts of a constraint.
fn constraint(vm: &Vm, value: &Value) -> PyResult<Value> {
    let Some(known) = value.native::<PyConstraint>() else {
        return Err(PyError::unsupported(format!(
            "rendering a {} as a constraint",
            vm.class_of(value).name
        )));
    };
    let base = known.base.borrow().clone();
    let table = known.table.borrow().clone();
    let nothing = || Value::list(Vec::new());
    let (kind, columns, details) = match &known.kind {
        PyConstraintKind::Plain => ("plain", nothing(), Value::None),
        PyConstraintKind::Check(sqltext) => ("check", nothing(), expr::wrap(sqltext.clone())),
        PyConstraintKind::Unique(specs) => ("unique", columns(table.as_ref(), specs), Value::None),
        PyConstraintKind::PrimaryKey(specs) => {
            ("primary_key", columns(table.as_ref(), specs), Value::None)
        }
        PyConstraintKind::ForeignKey(specs, targets, references) => (
            "foreign_key",
            columns(table.as_ref(), specs),
            dict([
                ("targets", Value::list(targets.iter().map(target).collect())),
                ("onupdate", text(references.onupdate.as_ref())),
                ("ondelete", text(references.ondelete.as_ref())),
                ("initially", text(base.initially.as_ref())),
                ("deferrable", base.deferrable.into()),
                ("use_alter", Value::Bool(references.use_alter)),
                ("match", text(references.match_.as_ref())),
            ]),
        ),
        PyConstraintKind::Exclude(exclude) => {
            let elements = exclude.elements.iter().map(|(element, _, operator)| {
                let element = match element {
                    ExcludeElement::Key(key) => name::to_value(key),
                    ExcludeElement::Expr(expr) => expr::wrap(expr.clone()),
                };
                Value::tuple(vec![element, Value::str(operator)])
            });
            let where_ = exclude.where_.clone().map_or(Value::None, expr::wrap);
            let details = dict([
                ("elements", Value::list(elements.collect())),
                ("using", Value::str(&exclude.using)),
                ("where", where_),
            ]);
            ("exclude", nothing(), details)
        }
    };
    Ok(dict([
        ("kind", Value::str(kind)),
        (
            "name",
            base.name.as_ref().map_or(Value::None, name::to_value),
        ),
        ("deferrable", base.deferrable.into()),
        ("initially", text(base.initially.as_ref())),
        ("kwargs", options(&base.options)?),
        ("columns", columns),
        ("details", details),
    ]))
}
