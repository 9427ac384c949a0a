//! `sa.select` and what can be done with queries. sqlalchemy/sql/selectable.py.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::Method;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::expr::coerce;
use crate::sa::expr::construct;
use crate::sa::expr::from;
use crate::sa::expr::from::PyFrom;
use crate::sa::expr::from_of;
use crate::sa::expr::operators;
use crate::sa::expr::receiver;
use crate::sa::expr::wrap;
use crate::schema::expr::Expr;
use crate::schema::expr::from::Alias;
use crate::schema::expr::from::AliasElement;
use crate::schema::expr::from::Cte;
use crate::schema::expr::from::From;
use crate::schema::expr::from::new_id;
use crate::schema::expr::infer::integer;
use crate::schema::expr::query::Compound;
use crate::schema::expr::query::ForUpdate;
use crate::schema::expr::query::Query;
use crate::schema::expr::query::Select;
use crate::schema::expr::query::SelectId;

/// Methods of queries.
pub const METHODS: &[(&str, Method)] = &[
    ("where", where_),
    ("filter", where_),
    ("filter_by", filter_by),
    ("having", having),
    ("select_from", select_from),
    ("join", |vm, this, args| join(vm, this, args, false)),
    ("outerjoin", |vm, this, args| join(vm, this, args, true)),
    ("join_from", |vm, this, args| {
        join_from(vm, this, args, false)
    }),
    ("outerjoin_from", |vm, this, args| {
        join_from(vm, this, args, true)
    }),
    ("group_by", group_by),
    ("order_by", order_by),
    ("limit", limit),
    ("offset", offset),
    ("distinct", distinct),
    ("with_for_update", with_for_update),
    ("correlate", correlate),
    ("correlate_except", correlate_except),
    ("with_only_columns", with_only_columns),
    ("add_columns", add_columns),
    ("column", add_columns),
    ("add_cte", add_cte),
    ("prefix_with", prefix_with),
    ("suffix_with", suffix_with),
    ("alias", subquery),
    ("subquery", subquery),
    ("lateral", lateral),
    ("cte", cte),
    ("scalar_subquery", scalar_subquery),
    ("as_scalar", scalar_subquery),
    ("label", label),
    ("exists", exists),
    ("options", options),
    ("union", |vm, this, args| combine(vm, this, args, "UNION")),
    ("union_all", |vm, this, args| {
        combine(vm, this, args, "UNION ALL")
    }),
    ("intersect", |vm, this, args| {
        combine(vm, this, args, "INTERSECT")
    }),
    ("intersect_all", |vm, this, args| {
        combine(vm, this, args, "INTERSECT ALL")
    }),
    ("except_", |vm, this, args| {
        combine(vm, this, args, "EXCEPT")
    }),
    ("except_all", |vm, this, args| {
        combine(vm, this, args, "EXCEPT ALL")
    }),
];

/// A SELECT of these columns.
pub fn of(columns: Vec<Expr>) -> Expr {
    Expr::Query(Rc::new(Query::Select(Box::new(Select {
        columns,
        ..Select::default()
    }))))
}

/// `select(*columns)`.
pub fn new_select(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    if let Some((name, _)) = args.keywords.first() {
        return Err(PyError::type_error(format!(
            "select() got an unexpected keyword argument '{name}'"
        )));
    }
    let columns: PyResult<Vec<Expr>> = args
        .positional
        .iter()
        .map(|value| column(vm, value))
        .collect();
    Ok(wrap(of(columns?)))
}

/// Something in the columns clause.
fn column(vm: &Vm, value: &Value) -> PyResult<Expr> {
    match value {
        Value::List(_) | Value::Tuple(_) => {
            return Err(exc::upstream(
                "ArgumentError",
                &format!(
                    "Column expression, FROM clause, or other columns clause element expected, got {}. Did you mean to say select({})?",
                    vm.repr(value)?,
                    inner_repr(vm, value)?
                ),
            ));
        }
        _ => {}
    }
    match coerce::find(vm, value)? {
        Some(Expr::Query(query)) => Ok(Expr::ScalarSubquery(query)),
        Some(expr) => Ok(expr),
        None => match value {
            Value::Int(_) | Value::Bool(_) | Value::Float(_) | Value::None => {
                let expr = coerce::element(vm, value)?;
                Ok(match expr {
                    Expr::Bind(bind) => Expr::LiteralColumn(
                        crate::dialect::sql::python_repr(
                            &bind
                                .value
                                .clone()
                                .unwrap_or(crate::schema::literal::Literal::Null),
                        ),
                        Box::new(bind.sql_type),
                    ),
                    other => other,
                })
            }
            other if other.as_str().is_some() => {
                let repr = vm.repr(other)?;
                Err(exc::upstream(
                    "ArgumentError",
                    &format!(
                        "Textual column expression {repr} should be explicitly declared with text({repr}), or use column({repr}) for more specificity"
                    ),
                ))
            }
            other => Err(exc::upstream(
                "ArgumentError",
                &format!(
                    "Column expression, FROM clause, or other columns clause element expected, got {}.",
                    vm.repr(other)?
                ),
            )),
        },
    }
}

fn inner_repr(vm: &Vm, value: &Value) -> PyResult<String> {
    let parts: PyResult<Vec<String>> = vm
        .collect(value)?
        .iter()
        .map(|item| vm.repr(item))
        .collect();
    Ok(parts?.join(", "))
}

/// The SELECT of a receiver, to be changed.
fn change(this: &Value, with: impl FnOnce(&mut Select) -> PyResult<()>) -> PyResult<Value> {
    let Expr::Query(query) = receiver(this)? else {
        return Err(PyError::type_error("descriptor requires a 'Select' object"));
    };
    let mut query = (*query).clone();
    match &mut query {
        Query::Select(select) => with(select)?,
        Query::Compound(_) | Query::Text { .. } => {
            return Err(PyError::attribute_error(
                "'CompoundSelect' object has no such method",
            ));
        }
    }
    Ok(wrap(Expr::Query(Rc::new(query))))
}

fn conditions(vm: &Vm, args: &Args) -> PyResult<Vec<Expr>> {
    args.positional
        .iter()
        .map(|value| coerce::condition(vm, value))
        .collect()
}

fn where_(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let clauses = conditions(vm, &args)?;
    change(this, |select| {
        select.where_.extend(clauses);
        Ok(())
    })
}

fn filter_by(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    change(this, |select| {
        let froms: Vec<From> = select
            .froms
            .iter()
            .cloned()
            .chain(
                select
                    .columns
                    .iter()
                    .flat_map(crate::dialect::sql::from_objects),
            )
            .collect();
        for (name, value) in &args.keywords {
            let found = froms
                .iter()
                .flat_map(From::columns)
                .find(|column| column.key == **name);
            let Some(found) = found else {
                return Err(exc::upstream(
                    "InvalidRequestError",
                    &format!("Entity namespace has no property \"{name}\""),
                ));
            };
            let left = Expr::Column(Box::new(found));
            let right = coerce::comparand(vm, &left, value)?;
            let expr = Expr::compare(left, crate::schema::expr::operator::Operator::Eq, right)
                .map_err(|message| exc::upstream("ArgumentError", message))?;
            select.where_.push(expr);
        }
        Ok(())
    })
}

fn having(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let clauses = conditions(vm, &args)?;
    change(this, |select| {
        select.having.extend(clauses);
        Ok(())
    })
}

/// A FROM element: tables, aliases, or `sa.text`.
fn from_value(vm: &Vm, value: &Value) -> PyResult<From> {
    if let Some(found) = from_of(vm, value)? {
        return Ok(found);
    }
    match coerce::find(vm, value)? {
        Some(Expr::Text(text)) => Ok(From::Text(text.text)),
        Some(Expr::From(from)) => Ok(*from),
        Some(function @ Expr::Function(_)) => Ok(From::Function(Rc::new(function))),
        Some(Expr::Query(query)) => Ok(anonymous(query)),
        _ => Err(exc::upstream(
            "ArgumentError",
            &format!(
                "FROM expression, such as a Table or alias() object expected, got {}.",
                vm.repr(value)?
            ),
        )),
    }
}

fn anonymous(query: Rc<Query>) -> From {
    From::Alias(Rc::new(Alias {
        id: new_id(),
        element: AliasElement::Query(query),
        name: None,
        lateral: false,
        derived: None,
        ordinality: false,
        base: None,
    }))
}

fn select_from(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let froms: PyResult<Vec<From>> = args
        .positional
        .iter()
        .map(|value| from_value(vm, value))
        .collect();
    let froms = froms?;
    change(this, |select| {
        select.froms.extend(froms);
        Ok(())
    })
}

/// Whether a value is `Model.relationship`.
fn is_relationship(vm: &Vm, value: &Value) -> PyResult<bool> {
    Ok(matches!(value, Value::Instance(_))
        && matches!(
            vm.find_attr(value, "is_relationship")?,
            Some(Value::Bool(true))
        ))
}

fn join(vm: &Vm, this: &Value, args: Args, is_outer: bool) -> PyResult<Value> {
    let bound = args.bind(
        "join",
        "(target, onclause=None, *, isouter=False, full=False)",
    )?;
    let outer = is_outer || bound.bool("isouter")?;
    let full = bound.bool("full")?;
    if is_relationship(vm, &bound.get("target"))? || is_relationship(vm, &bound.get("onclause"))? {
        let steps = vm.get_attr(&vm.import("sqlalchemy.orm._query")?, "join_steps")?;
        return vm.call(
            &steps,
            Args::of(vec![
                this.clone(),
                bound.get("target"),
                bound.get("onclause"),
                Value::Bool(outer),
                Value::Bool(full),
            ]),
        );
    }
    change(this, |select| {
        let target = from_of(vm, &bound.get("target"))?;
        let left = match select.froms.pop() {
            Some(last) => last,
            None => {
                let mut found = select
                    .columns
                    .iter()
                    .flat_map(crate::dialect::sql::from_objects)
                    .filter(|from| target.as_ref() != Some(from));
                found.next().ok_or_else(|| exc::upstream("InvalidRequestError", "Can't determine which FROM clause to join from, there are multiple FROMS which can join to this entity."))?
            }
        };
        select.froms.push(from::join(
            vm,
            left,
            &bound.get("target"),
            &bound.get("onclause"),
            outer,
            full,
        )?);
        Ok(())
    })
}

fn join_from(vm: &Vm, this: &Value, args: Args, is_outer: bool) -> PyResult<Value> {
    let bound = args.bind(
        "join_from",
        "(from_, target, onclause=None, *, isouter=False, full=False)",
    )?;
    let left = from_value(vm, &bound.get("from_"))?;
    let joined = from::join(
        vm,
        left.clone(),
        &bound.get("target"),
        &bound.get("onclause"),
        is_outer || bound.bool("isouter")?,
        bound.bool("full")?,
    )?;
    change(this, |select| {
        select.froms.retain(|from| *from != left);
        select.froms.push(joined);
        Ok(())
    })
}

fn by(vm: &Vm, args: &Args) -> PyResult<Vec<Expr>> {
    args.positional
        .iter()
        .map(|value| coerce::by(vm, value))
        .collect()
}

fn group_by(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let items = by(vm, &args)?;
    extend_by(this, args.positional.first(), items, false)
}

fn order_by(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    if args.positional.first().is_some_and(Value::is_none) {
        return extend_by(this, args.positional.first(), Vec::new(), true);
    }
    let items = by(vm, &args)?;
    extend_by(this, args.positional.first(), items, true)
}

fn extend_by(
    this: &Value,
    first: Option<&Value>,
    items: Vec<Expr>,
    is_order: bool,
) -> PyResult<Value> {
    let Expr::Query(query) = receiver(this)? else {
        return Err(PyError::type_error("descriptor requires a 'Select' object"));
    };
    let mut query = (*query).clone();
    let list = match (&mut query, is_order) {
        (Query::Select(select), true) => &mut select.order_by,
        (Query::Select(select), false) => &mut select.group_by,
        (Query::Compound(compound), true) => &mut compound.order_by,
        (Query::Compound(compound), false) => &mut compound.group_by,
        (Query::Text { .. }, _) => {
            return Err(PyError::attribute_error(
                "'TextualSelect' object has no attribute 'order_by'",
            ));
        }
    };
    if first.is_some_and(Value::is_none) {
        list.clear();
    } else {
        list.extend(items);
    }
    Ok(wrap(Expr::Query(Rc::new(query))))
}

fn bounded(vm: &Vm, this: &Value, args: Args, is_limit: bool) -> PyResult<Value> {
    let bound = args.bind("limit", "(limit)")?;
    let given = bound.get("limit");
    let expr = if given.is_none() {
        None
    } else {
        Some(coerce::named_element(
            vm,
            &given,
            "param",
            Some(&integer()),
        )?)
    };
    let Expr::Query(query) = receiver(this)? else {
        return Err(PyError::type_error("descriptor requires a 'Select' object"));
    };
    let mut query = (*query).clone();
    match (&mut query, is_limit) {
        (Query::Select(select), true) => select.limit = expr,
        (Query::Select(select), false) => select.offset = expr,
        (Query::Compound(compound), true) => compound.limit = expr,
        (Query::Compound(compound), false) => compound.offset = expr,
        (Query::Text { .. }, _) => {
            return Err(PyError::attribute_error(
                "'TextualSelect' object has no attribute 'limit'",
            ));
        }
    }
    Ok(wrap(Expr::Query(Rc::new(query))))
}

fn limit(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    bounded(vm, this, args, true)
}

fn offset(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    bounded(vm, this, args, false)
}

fn distinct(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let on = by(vm, &args)?;
    change(this, |select| {
        select.distinct = true;
        select.distinct_on.extend(on);
        Ok(())
    })
}

fn with_for_update(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "with_for_update",
        "(*, nowait=False, read=False, of=None, skip_locked=False, key_share=False)",
    )?;
    let of = match bound.get("of") {
        Value::None => Vec::new(),
        list @ (Value::List(_) | Value::Tuple(_)) => vm
            .collect(&list)?
            .iter()
            .map(|value| from_value(vm, value))
            .collect::<PyResult<Vec<From>>>()?,
        single => vec![from_value(vm, &single)?],
    };
    let for_update = ForUpdate {
        read: bound.bool("read")?,
        nowait: bound.bool("nowait")?,
        skip_locked: bound.bool("skip_locked")?,
        key_share: bound.bool("key_share")?,
        of,
    };
    change(this, |select| {
        select.for_update = Some(for_update);
        Ok(())
    })
}

fn froms(vm: &Vm, args: &Args) -> PyResult<Vec<From>> {
    args.positional
        .iter()
        .filter(|value| !value.is_none())
        .map(|value| from_value(vm, value))
        .collect()
}

fn correlate(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let found = froms(vm, &args)?;
    change_query(this, |select| select.correlate = Some(found))
}

fn correlate_except(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let found = froms(vm, &args)?;
    change_query(this, |select| select.correlate_except = Some(found))
}

fn change_query(this: &Value, with: impl FnOnce(&mut Select)) -> PyResult<Value> {
    change(this, |select| {
        with(select);
        Ok(())
    })
}

fn with_only_columns(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let columns: PyResult<Vec<Expr>> = args
        .positional
        .iter()
        .map(|value| column(vm, value))
        .collect();
    let columns = columns?;
    change_query(this, |select| {
        select.id = SelectId::default();
        select.columns = columns;
    })
}

fn add_columns(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let columns: PyResult<Vec<Expr>> = args
        .positional
        .iter()
        .map(|value| column(vm, value))
        .collect();
    let columns = columns?;
    change_query(this, |select| {
        select.id = SelectId::default();
        select.columns.extend(columns);
    })
}

/// The CTEs among arguments.
pub fn ctes(vm: &Vm, args: &Args) -> PyResult<Vec<Rc<Cte>>> {
    let mut found = Vec::new();
    for value in &args.positional {
        if let Some(From::Cte(cte)) = from_of(vm, value)? {
            found.push(cte);
        }
    }
    Ok(found)
}

fn add_cte(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let found = ctes(vm, &args)?;
    change_query(this, |select| select.ctes.extend(found))
}

/// Text or expressions for `prefix_with`.
pub fn fixes(vm: &Vm, args: &Args) -> PyResult<Vec<Expr>> {
    let texts = args.positional.iter();
    texts
        .map(|value| match value.as_str() {
            Some(text) => Ok(Expr::text(&*text)),
            None => coerce::from_value(vm, value),
        })
        .collect()
}

fn prefix_with(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let found = fixes(vm, &args)?;
    change_query(this, |select| select.prefixes.extend(found))
}

fn suffix_with(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let found = fixes(vm, &args)?;
    change_query(this, |select| select.suffixes.extend(found))
}

fn own_query(this: &Value) -> PyResult<Rc<Query>> {
    match receiver(this)? {
        Expr::Query(query) | Expr::ScalarSubquery(query) => Ok(query),
        _ => Err(PyError::type_error("descriptor requires a 'Select' object")),
    }
}

fn aliased(this: &Value, args: Args, lateral: bool) -> PyResult<Value> {
    let bound = args.bind("subquery", "(name=None, flat=False)")?;
    let name = construct::name(&bound.get("name"));
    let element = AliasElement::Query(own_query(this)?);
    Ok(Value::object(PyFrom::new(From::Alias(Rc::new(Alias {
        id: new_id(),
        element,
        name,
        lateral,
        derived: None,
        ordinality: false,
        base: None,
    })))))
}

fn subquery(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    aliased(this, args, false)
}

fn lateral(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    aliased(this, args, true)
}

/// `statement.cte(name)`.
pub fn cte(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("cte", "(name=None, recursive=False, nesting=False)")?;
    let name = construct::name(&bound.get("name"));
    let cte = Cte {
        id: new_id(),
        name,
        element: receiver(this)?,
        recursive: bound.bool("recursive")?,
        alias: None,
    };
    Ok(Value::object(PyFrom::new(From::Cte(Rc::new(cte)))))
}

fn scalar_subquery(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(wrap(Expr::ScalarSubquery(own_query(this)?)))
}

fn label(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("label", "(name)")?;
    Ok(wrap(operators::labelled(
        Expr::ScalarSubquery(own_query(this)?),
        construct::name(&bound.get("name")),
    )))
}

/// `options(...)`: loader options, which the ORM numbers.
fn options(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let mut numbers = Vec::new();
    for option in &args.positional {
        match vm.find_attr(option, "number")? {
            Some(Value::Int(number)) => numbers.push(number),
            _ => {
                return Err(PyError::unsupported(format!(
                    "the statement option `{}`",
                    vm.repr(option)?
                )));
            }
        }
    }
    change_query(this, |select| select.options.extend(numbers))
}

fn exists(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(wrap(construct::exists_of(Expr::Query(own_query(this)?))))
}

/// A combination of queries.
pub fn compound(keyword: &'static str, queries: Vec<Rc<Query>>) -> Query {
    Query::Compound(Box::new(Compound {
        keyword,
        queries,
        order_by: Vec::new(),
        group_by: Vec::new(),
        limit: None,
        offset: None,
    }))
}

fn combine(vm: &Vm, this: &Value, args: Args, keyword: &'static str) -> PyResult<Value> {
    let mut queries = vec![own_query(this)?];
    for value in &args.positional {
        queries.push(coerce::query_of(vm, value)?);
    }
    Ok(wrap(Expr::Query(Rc::new(compound(keyword, queries)))))
}

/// `union(*queries)` and the like.
pub fn combine_function(vm: &Vm, args: &Args, keyword: &'static str) -> PyResult<Value> {
    let queries: PyResult<Vec<Rc<Query>>> = args
        .positional
        .iter()
        .map(|value| coerce::query_of(vm, value))
        .collect();
    Ok(wrap(Expr::Query(Rc::new(compound(keyword, queries?)))))
}

/// Methods of EXISTS: they change the query inside.
pub const EXISTS_METHODS: &[(&str, Method)] = &[
    ("where", |vm, this, args| inside(vm, this, args, where_)),
    ("filter", |vm, this, args| inside(vm, this, args, where_)),
    ("select_from", |vm, this, args| {
        inside(vm, this, args, select_from)
    }),
    ("correlate", |vm, this, args| {
        inside(vm, this, args, correlate)
    }),
    ("correlate_except", |vm, this, args| {
        inside(vm, this, args, correlate_except)
    }),
    ("select", exists_select),
];

fn inside(vm: &Vm, this: &Value, args: Args, method: Method) -> PyResult<Value> {
    let Expr::Unary(mut unary) = receiver(this)? else {
        return Err(PyError::type_error(
            "descriptor requires an 'Exists' object",
        ));
    };
    if let Expr::ScalarSubquery(query) = &unary.element {
        let changed = method(vm, &wrap(Expr::Query(query.clone())), args)?;
        unary.element = Expr::ScalarSubquery(own_query(&changed)?);
    }
    Ok(wrap(Expr::Unary(unary)))
}

fn exists_select(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(wrap(of(vec![receiver(this)?])))
}
