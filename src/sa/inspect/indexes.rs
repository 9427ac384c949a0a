//! `Inspector.get_indexes`. sqlalchemy/dialects/postgresql/base.py `get_multi_indexes`.

use crate::py::args::Args;
use crate::py::dict::Dict;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::inspect::dict;
use crate::sa::inspect::flag;
use crate::sa::inspect::is_written;
use crate::sa::inspect::shown;
use crate::sa::inspect::table;
use crate::sa::inspect::text;
use crate::sa::inspect::texts;
use crate::sa::question::Question;
use crate::schema::literal::Literal;
use num_traits::ToPrimitive;

pub(super) fn get_indexes(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let (inspector, oid) = table(vm, this, args, "get_indexes")?;
    let rows = inspector.ask(vm, Question::Indexes(&oid))?;
    Ok(Value::list(
        rows.iter().map(|row| index_description(row)).collect(),
    ))
}

/// What `get_multi_indexes` says of one index.
fn index_description(row: &[Literal]) -> Value {
    let names = texts(row.get(2));
    let included = Value::list(texts(row.get(3)));
    let has_expressions = names.iter().any(Value::is_none);
    let elements = if has_expressions {
        texts(row.get(5))
    } else {
        names.clone()
    };
    let mut pairs = vec![
        ("name", text(row.first()).map_or(Value::None, Value::str)),
        ("unique", Value::Bool(flag(row.get(1)))),
        ("column_names", Value::list(names)),
    ];
    if has_expressions {
        pairs.push(("expressions", Value::list(elements.clone())));
    }
    let sorting = column_sorting(&elements, row.get(8));
    let unknown = sorting
        .iter()
        .find(|(element, _)| matches!(element, Value::Unresolved(_)));
    if let Some((element, _)) = unknown {
        pairs.push(("column_sorting", element.clone()));
    } else if !sorting.is_empty() {
        pairs.push(("column_sorting", of_names(sorting)));
    }
    if let Some(constraint) = text(row.get(4)) {
        pairs.push(("duplicates_constraint", Value::str(constraint)));
    }
    if crate::sa::clause::default_dialect().is_2_0() {
        pairs.push(("include_columns", included.clone()));
    }
    pairs.push((
        "dialect_options",
        dict(index_options(row, elements, included)),
    ));
    dict(pairs)
}

/// The `dialect_options` of an index.
fn index_options(
    row: &[Literal],
    elements: Vec<Value>,
    included: Value,
) -> Vec<(&'static str, Value)> {
    let mut options = Vec::new();
    let classes = elements.into_iter().zip(texts(row.get(9)));
    let classes: Vec<_> = classes.filter(|(_, class)| !class.is_none()).collect();
    if is_written(row.get(9)) {
        options.push(("postgresql_ops", shown(row.get(9))));
    } else if !classes.is_empty() {
        options.push(("postgresql_ops", of_names(classes)));
    }
    let parameters = texts(row.get(10)).into_iter().filter_map(|parameter| {
        let parameter = parameter.as_str()?;
        let (name, value) = parameter.split_once('=')?;
        Some((Value::str(name), Value::str(value)))
    });
    let parameters: Vec<_> = parameters.collect();
    if is_written(row.get(10)) {
        options.push(("postgresql_with", shown(row.get(10))));
    } else if !parameters.is_empty() {
        options.push(("postgresql_with", of_names(parameters)));
    }
    if let Some(method) = text(row.get(7)).filter(|method| method != "btree") {
        options.push(("postgresql_using", Value::str(method)));
    }
    let condition = shown(row.get(6));
    if !condition.is_none() {
        options.push(("postgresql_where", condition));
    }
    options.push(("postgresql_include", included));
    if flag(row.get(11)) {
        options.push(("postgresql_nulls_not_distinct", Value::Bool(true)));
    }
    if matches!(row.get(12), Some(Literal::Bool(false)))
        && !crate::sa::clause::default_dialect().is_2_0()
    {
        options.push(("postgresql_invalid", Value::Bool(true)));
    }
    options
}

/// What differs from the ascending order of each element.
fn column_sorting(elements: &[Value], flags: Option<&Literal>) -> Vec<(Value, Value)> {
    let Some(Literal::Array(flags)) = flags else {
        return Vec::new();
    };
    let mut sorting = Vec::new();
    for (element, flags) in elements.iter().zip(flags) {
        let Literal::Int(flags) = flags else {
            continue;
        };
        let words: &[&str] = match flags.to_u8() {
            Some(3) => &["desc"],
            Some(1) => &["desc", "nulls_last"],
            Some(2) => &["nulls_first"],
            _ => continue,
        };
        let words = words.iter().map(Value::str).collect::<Vec<_>>();
        sorting.push((element.clone(), Value::tuple(words)));
    }
    sorting
}

/// A dictionary whose keys are names.
fn of_names(pairs: Vec<(Value, Value)>) -> Value {
    let mut made = Dict::new();
    for (name, value) in pairs {
        if let Some(name) = name.as_str() {
            made.insert_str(&name, value);
        }
    }
    Value::dict(made)
}
