//! The methods that columns and expressions have for operators. sqlalchemy/sql/operators.py ColumnOperators.

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::Method;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::expr::bridge;
use crate::sa::expr::coerce;
use crate::sa::expr::operators::binary;
use crate::sa::expr::operators::compare;
use crate::sa::expr::receiver;
use crate::sa::expr::wrap;
use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::expr::Label;
use crate::schema::expr::from::new_id;
use crate::schema::expr::infer::Affinity;
use crate::schema::expr::infer::boolean;
use crate::schema::expr::infer::integer;
use crate::schema::expr::operator::Affix;
use crate::schema::expr::operator::CustomOperator;
use crate::schema::expr::operator::Operator;
use crate::schema::literal::Literal;
use crate::schema::name::Name;
use crate::schema::types::NumericKind;
use crate::schema::types::NumericType;
use crate::schema::types::SqlType;

/// Methods of columns.
pub const METHODS: &[(&str, Method)] = &[
    ("__eq__", |vm, this, args| {
        forward(vm, this, args, BinaryOperator::Eq)
    }),
    ("__ne__", |vm, this, args| {
        forward(vm, this, args, BinaryOperator::Ne)
    }),
    ("in_", |vm, this, args| in_(vm, this, args, Operator::In)),
    ("not_in", |vm, this, args| {
        in_(vm, this, args, Operator::NotIn)
    }),
    ("notin_", |vm, this, args| {
        in_(vm, this, args, Operator::NotIn)
    }),
    ("is_", |vm, this, args| {
        comparison(vm, this, args, Operator::Is)
    }),
    ("is_not", |vm, this, args| {
        comparison(vm, this, args, Operator::IsNot)
    }),
    ("isnot", |vm, this, args| {
        comparison(vm, this, args, Operator::IsNot)
    }),
    ("is_distinct_from", |vm, this, args| {
        comparison(vm, this, args, Operator::IsDistinctFrom)
    }),
    ("is_not_distinct_from", |vm, this, args| {
        comparison(vm, this, args, Operator::IsNotDistinctFrom)
    }),
    ("like", |vm, this, args| {
        like(vm, this, args, Operator::Like)
    }),
    ("not_like", |vm, this, args| {
        like(vm, this, args, Operator::NotLike)
    }),
    ("notlike", |vm, this, args| {
        like(vm, this, args, Operator::NotLike)
    }),
    ("ilike", |vm, this, args| {
        like(vm, this, args, Operator::Ilike)
    }),
    ("not_ilike", |vm, this, args| {
        like(vm, this, args, Operator::NotIlike)
    }),
    ("notilike", |vm, this, args| {
        like(vm, this, args, Operator::NotIlike)
    }),
    ("startswith", |vm, this, args| {
        affix(vm, this, args, (false, true), false)
    }),
    ("endswith", |vm, this, args| {
        affix(vm, this, args, (true, false), false)
    }),
    ("istartswith", |vm, this, args| {
        affix(vm, this, args, (false, true), true)
    }),
    ("iendswith", |vm, this, args| {
        affix(vm, this, args, (true, false), true)
    }),
    ("icontains", |vm, this, args| {
        affix(vm, this, args, (true, true), true)
    }),
    ("contains", contains),
    ("between", between),
    ("op", op),
    ("bool_op", bool_op),
    ("concat", concat),
    ("match", match_),
    ("regexp_match", regexp_match),
    ("regexp_replace", regexp_replace),
    ("collate", collate),
    ("desc", |vm, this, args| {
        order(vm, this, args, Operator::Desc)
    }),
    ("asc", |vm, this, args| order(vm, this, args, Operator::Asc)),
    ("nulls_first", |vm, this, args| {
        order(vm, this, args, Operator::NullsFirst)
    }),
    ("nulls_last", |vm, this, args| {
        order(vm, this, args, Operator::NullsLast)
    }),
    ("nullsfirst", |vm, this, args| {
        order(vm, this, args, Operator::NullsFirst)
    }),
    ("nullslast", |vm, this, args| {
        order(vm, this, args, Operator::NullsLast)
    }),
    ("distinct", distinct),
    ("label", label),
    ("cast", cast),
    ("any_", |_vm, this, _args| collection(this, Operator::Any)),
    ("all_", |_vm, this, _args| collection(this, Operator::All)),
    ("bitwise_and", |vm, this, args| {
        arithmetic(vm, this, args, Operator::BitwiseAnd)
    }),
    ("bitwise_or", |vm, this, args| {
        arithmetic(vm, this, args, Operator::BitwiseOr)
    }),
    ("bitwise_xor", |vm, this, args| {
        arithmetic(vm, this, args, Operator::BitwiseXor)
    }),
    ("bitwise_lshift", |vm, this, args| {
        arithmetic(vm, this, args, Operator::LeftShift)
    }),
    ("bitwise_rshift", |vm, this, args| {
        arithmetic(vm, this, args, Operator::RightShift)
    }),
    ("has_key", |vm, this, args| {
        postgresql(vm, this, args, "?", true)
    }),
    ("has_any", |vm, this, args| {
        postgresql(vm, this, args, "?|", true)
    }),
    ("has_all", |vm, this, args| {
        postgresql(vm, this, args, "?&", true)
    }),
    ("contained_by", |vm, this, args| {
        postgresql(vm, this, args, "<@", true)
    }),
    ("overlap", |vm, this, args| {
        postgresql(vm, this, args, "&&", true)
    }),
    ("overlaps", |vm, this, args| {
        postgresql(vm, this, args, "&&", true)
    }),
    ("delete_path", |vm, this, args| {
        postgresql(vm, this, args, "#-", false)
    }),
    ("path_exists", |vm, this, args| {
        postgresql(vm, this, args, "@?", true)
    }),
    ("path_match", |vm, this, args| {
        postgresql(vm, this, args, "@@", true)
    }),
    ("as_string", |_vm, this, _args| {
        json_as(this, SqlType::string())
    }),
    ("as_integer", |_vm, this, _args| json_as(this, integer())),
    ("as_boolean", |_vm, this, _args| json_as(this, boolean())),
    ("as_float", |_vm, this, _args| {
        json_as(this, crate::schema::expr::infer::float())
    }),
    ("as_numeric", as_numeric),
    ("as_json", |_vm, this, _args| Ok(this.clone())),
];

/// Methods of functions.
pub const FUNCTION_METHODS: &[(&str, Method)] = &[
    ("over", crate::sa::expr::func::over),
    ("filter", crate::sa::expr::func::filter),
    ("within_group", crate::sa::expr::func::within_group),
    ("alias", crate::sa::expr::func::alias),
    ("table_valued", crate::sa::expr::func::table_valued),
    ("column_valued", crate::sa::expr::func::column_valued),
    ("scalar_table_valued", crate::sa::expr::func::column_valued),
    ("select", crate::sa::expr::func::select),
];

/// Whether columns have such a method or attribute of expressions.
pub fn has(name: &str) -> bool {
    name == "astext" || METHODS.iter().any(|(known, _)| *known == name)
}

/// Calls a column's method by name, for objects that are columns in other modules. `None`: there is no such method.
pub fn operator_method(vm: &Vm, expr: &Expr, name: &str) -> PyResult<Option<Value>> {
    if let Some(found) = coerce::attribute(vm, expr, name)? {
        return Ok(Some(found));
    }
    let Some((name, method)) = METHODS.iter().find(|(known, _)| *known == name) else {
        return Ok(None);
    };
    let receiver = wrap(expr.clone());
    let method = *method;
    Ok(Some(Value::builtin(name, move |vm, args| {
        method(vm, &receiver, args)
    })))
}

/// The only argument.
fn argument(name: &str, args: Args) -> PyResult<Value> {
    Ok(args.bind(name, "(other)")?.get("other"))
}

fn forward(vm: &Vm, this: &Value, args: Args, operator: BinaryOperator) -> PyResult<Value> {
    let left = receiver(this)?;
    Ok(
        binary(vm, &left, operator, &argument("__eq__", args)?, false)?
            .unwrap_or(Value::NotImplemented),
    )
}

fn comparison(vm: &Vm, this: &Value, args: Args, operator: Operator) -> PyResult<Value> {
    let left = receiver(this)?;
    let right = coerce::comparand(vm, &left, &argument("is_", args)?)?;
    compare(left, operator, right)
}

fn arithmetic(vm: &Vm, this: &Value, args: Args, operator: Operator) -> PyResult<Value> {
    let left = receiver(this)?;
    let right = coerce::operand(vm, &left, &argument("bitwise", args)?)?;
    Ok(wrap(Expr::operate(left, operator, right)))
}

fn in_(vm: &Vm, this: &Value, args: Args, operator: Operator) -> PyResult<Value> {
    let left = receiver(this)?;
    let other = argument("in_", args)?;
    let right = match coerce::find(vm, &other)? {
        Some(Expr::Query(query)) => Expr::ScalarSubquery(query),
        Some(Expr::From(from)) => {
            let columns = from
                .columns()
                .into_iter()
                .map(|column| Expr::Column(Box::new(column)))
                .collect();
            Expr::ScalarSubquery(std::rc::Rc::new(crate::schema::expr::query::Query::Select(
                Box::new(crate::schema::expr::query::Select {
                    columns,
                    ..Default::default()
                }),
            )))
        }
        Some(Expr::Bind(bind)) => {
            let sql_type = if bind.sql_type == SqlType::Null {
                left.sql_type()
            } else {
                bind.sql_type.clone()
            };
            Expr::Bind(Box::new(Bind {
                expanding: true,
                sql_type,
                ..*bind
            }))
        }
        Some(expr) => expr,
        None => list(vm, &left, &other)?,
    };
    compare(left, operator, right)
}

/// A Python list after IN: binds, unless some members are expressions.
fn list(vm: &Vm, left: &Expr, other: &Value) -> PyResult<Expr> {
    if other.as_str().is_some()
        || other.is_none()
        || matches!(other, Value::Int(_) | Value::Bool(_) | Value::Float(_))
    {
        return Err(exc::upstream(
            "ArgumentError",
            &format!(
                "IN expression list, SELECT construct, or bound parameter object expected, got {}.",
                vm.repr(other)?
            ),
        ));
    }
    let items = vm.collect(other)?;
    let mut expressions = false;
    let mut literals = Vec::new();
    let sql_type = left.sql_type();
    for item in &items {
        if coerce::find(vm, item)?.is_some() {
            expressions = true;
            break;
        }
        literals.push(crate::sa::expr::literal_of(vm, item, &sql_type)?);
    }
    if expressions {
        let parts: PyResult<Vec<Expr>> = items
            .iter()
            .map(|item| coerce::operand(vm, left, item))
            .collect();
        return Ok(Expr::Grouping(Box::new(Expr::comma_list(parts?))));
    }
    let item_type = literals.first().map_or_else(
        || sql_type.clone(),
        |first| sql_type.coerce_compared_value(first),
    );
    let mut bind = Bind::anonymous(left.bind_name(), Literal::Array(literals), item_type);
    bind.expanding = true;
    Ok(Expr::Bind(Box::new(bind)))
}

fn with_modifier(expr: Expr, name: &str, value: Option<String>) -> Expr {
    match (expr, value) {
        (Expr::Binary(mut binary), Some(value)) => {
            binary.modifiers.push((name.to_owned(), value));
            Expr::Binary(binary)
        }
        (expr, _) => expr,
    }
}

fn like(vm: &Vm, this: &Value, args: Args, operator: Operator) -> PyResult<Value> {
    let bound = args.bind("like", "(other, escape=None)")?;
    let left = receiver(this)?;
    let right = coerce::operand(vm, &left, &bound.get("other"))?;
    let escape = bound.optional_str("escape")?.map(|text| text.to_string());
    let expr = Expr::compare(left, operator, right)
        .map_err(|message| exc::upstream("ArgumentError", message))?;
    Ok(wrap(with_modifier(expr, "escape", escape)))
}

/// `contains` of text is LIKE; of arrays, JSONB and ranges it is `@>`.
fn contains(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let left = receiver(this)?;
    let sql_type = left.sql_type();
    let is_jsonb = matches!(sql_type.for_dialect("postgresql"), SqlType::Json(json) if json.binary);
    let is_container = is_jsonb
        || sql_type.affinity() == Affinity::Array
        || matches!(sql_type, SqlType::Postgresql(_));
    if is_container {
        return postgresql(vm, this, args, "@>", true);
    }
    affix(vm, this, args, (true, true), false)
}

/// `startswith`, `endswith`, `contains`: `LIKE '%' || x || '%'`.
fn affix(
    vm: &Vm,
    this: &Value,
    args: Args,
    (before, after): (bool, bool),
    insensitive: bool,
) -> PyResult<Value> {
    let bound = args.bind("startswith", "(other, escape=None, autoescape=False)")?;
    let left = receiver(this)?;
    let mut other = bound.get("other");
    let mut escape = bound.optional_str("escape")?.map(|text| text.to_string());
    if bound.bool("autoescape")? {
        let Some(text) = other.as_str() else {
            return Err(PyError::type_error(
                "String value expected when autoescape=True",
            ));
        };
        let mark = escape.clone().unwrap_or_else(|| "/".to_owned());
        let mut text = text.to_string();
        if mark != "%" && mark != "_" {
            text = text.replace(&mark, &format!("{mark}{mark}"));
        }
        other = Value::str(
            text.replace('%', &format!("{mark}%"))
                .replace('_', &format!("{mark}_")),
        );
        escape = Some(mark);
    }
    let right = coerce::operand(vm, &left, &other)?;
    let affix = Affix {
        before,
        after,
        insensitive,
        negated: false,
    };
    let operator = Operator::Affix(affix);
    let negated = Operator::Affix(Affix {
        negated: true,
        ..affix
    });
    let expr = Expr::raw_binary(left, operator, right, boolean(), Some(negated));
    Ok(wrap(with_modifier(expr, "escape", escape)))
}

fn between(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("between", "(cleft, cright, symmetric=False)")?;
    let left = receiver(this)?;
    let low = coerce::operand(vm, &left, &bound.get("cleft"))?;
    let high = coerce::operand(vm, &left, &bound.get("cright"))?;
    Ok(wrap(left.between(low, high, false)))
}

fn custom(args: Args, is_comparison: bool) -> PyResult<(CustomOperator, Value)> {
    let bound = args.bind("op", "(opstring, precedence=0, is_comparison=False, return_type=None, python_impl=None, operator_class=None)")?;
    let operator = CustomOperator {
        text: bound.str("opstring")?.to_string(),
        precedence: i32::try_from(bound.optional_int("precedence")?.unwrap_or(0)).unwrap_or(0),
        is_comparison: is_comparison || bound.bool("is_comparison")?,
        eager_grouping: false,
        natural_self_precedent: false,
    };
    Ok((operator, bound.get("return_type")))
}

fn op_with(vm: &Vm, this: &Value, args: Args, is_comparison: bool) -> PyResult<Value> {
    let (operator, result) = custom(args, is_comparison)?;
    let result = if result.is_none() {
        None
    } else {
        Some(bridge::sql_type(vm, &result)?)
    };
    let left = receiver(this)?;
    Ok(Value::builtin("operator", move |vm, args| {
        let right = coerce::operand(vm, &left, &argument("against", args)?)?;
        Ok(wrap(Expr::custom(
            left.clone(),
            Operator::Custom(operator.clone()),
            right,
            result.clone(),
        )))
    }))
}

fn op(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    op_with(vm, this, args, false)
}

fn bool_op(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    op_with(vm, this, args, true)
}

fn concat(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let left = receiver(this)?;
    let right = coerce::operand(vm, &left, &argument("concat", args)?)?;
    let sql_type = left.sql_type();
    Ok(wrap(Expr::construct(
        left,
        Operator::Concat,
        right,
        sql_type,
        None,
    )))
}

fn match_(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("match", "(other, **kw)")?;
    let left = receiver(this)?;
    let right = coerce::operand(vm, &left, &bound.get("other"))?;
    let mut expr = Expr::compare(left, Operator::Match, right)
        .map_err(|message| exc::upstream("ArgumentError", message))?;
    for (name, value) in &bound.keywords {
        expr = with_modifier(expr, name, Some(vm.str(value)?));
    }
    Ok(wrap(expr))
}

fn regexp_match(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("regexp_match", "(pattern, flags=None)")?;
    let left = receiver(this)?;
    let right = coerce::operand(vm, &left, &bound.get("pattern"))?;
    let expr = Expr::raw_binary(
        left,
        Operator::RegexpMatch,
        right,
        boolean(),
        Some(Operator::NotRegexpMatch),
    );
    Ok(wrap(with_modifier(
        expr,
        "flags",
        bound.optional_str("flags")?.map(|text| text.to_string()),
    )))
}

/// `JSON.Comparator.as_numeric`.
fn as_numeric(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("as_numeric", "(precision, scale, asdecimal=True)")?;
    json_as(
        this,
        SqlType::Numeric(NumericType {
            kind: NumericKind::Numeric,
            precision: bound.optional_int("precision")?,
            scale: bound.optional_int("scale")?,
            asdecimal: bound.bool("asdecimal")?,
        }),
    )
}

fn regexp_replace(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("regexp_replace", "(pattern, replacement, flags=None)")?;
    let left = receiver(this)?;
    let pattern = coerce::operand(vm, &left, &bound.get("pattern"))?;
    let replacement = coerce::operand(vm, &left, &bound.get("replacement"))?;
    let right = Expr::comma_list(vec![pattern, replacement]);
    // the comma between them is no operator
    let expr = Expr::Binary(Box::new(crate::schema::expr::Binary {
        left: left.self_group(Some(&Operator::RegexpReplace)),
        operator: Operator::RegexpReplace,
        right,
        sql_type: SqlType::Null,
        negate: None,
        modifiers: Vec::new(),
    }));
    Ok(wrap(with_modifier(
        expr,
        "flags",
        bound.optional_str("flags")?.map(|text| text.to_string()),
    )))
}

fn collate(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("collate", "(collation, collation_schema=None)")?;
    collated(receiver(this)?, &bound.str("collation")?)
}

/// `x COLLATE name`.
pub fn collated(left: Expr, collation: &str) -> PyResult<Value> {
    let sql_type = left.sql_type();
    Ok(wrap(Expr::raw_binary(
        left,
        Operator::Collate,
        Expr::Collation(Name::new(collation)),
        sql_type,
        None,
    )))
}

fn order(_vm: &Vm, this: &Value, args: Args, operator: Operator) -> PyResult<Value> {
    args.bind("desc", "()")?;
    Ok(wrap(receiver(this)?.unary(operator, SqlType::Null)))
}

fn distinct(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    args.bind("distinct", "()")?;
    let expr = receiver(this)?;
    let sql_type = expr.sql_type();
    Ok(wrap(expr.unary(Operator::Distinct, sql_type)))
}

fn label(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("label", "(name)")?;
    let name = crate::sa::expr::construct::name(&bound.get("name"));
    Ok(wrap(labelled(receiver(this)?, name)))
}

/// `x AS name`.
pub fn labelled(element: Expr, name: Option<Name>) -> Expr {
    let element = match element {
        Expr::Query(query) => Expr::ScalarSubquery(query),
        Expr::Label(label) => label.element,
        Expr::Binary(binary) if matches!(binary.operator, Operator::Affix(_)) => {
            Expr::Grouping(Box::new(Expr::Binary(binary)))
        }
        other => other,
    };
    Expr::Label(Box::new(Label {
        name,
        id: new_id(),
        element,
    }))
}

fn cast(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("cast", "(type_)")?;
    let sql_type = bridge::sql_type(vm, &bound.get("type_"))?;
    Ok(wrap(Expr::Cast(
        Box::new(receiver(this)?),
        Box::new(sql_type),
    )))
}

fn collection(this: &Value, operator: Operator) -> PyResult<Value> {
    Ok(wrap(any_all(receiver(this)?, operator)))
}

/// `ANY (x)`, `ALL (x)`.
pub fn any_all(expr: Expr, operator: Operator) -> Expr {
    let sql_type = match expr.sql_type() {
        SqlType::Array(array) => array.item.clone(),
        other => other,
    };
    Expr::Unary(Box::new(crate::schema::expr::Unary {
        element: expr.self_group(Some(&operator)),
        operator,
        sql_type,
    }))
}

/// An operator of PostgreSQL's types.
fn postgresql(
    vm: &Vm,
    this: &Value,
    args: Args,
    text: &str,
    is_comparison: bool,
) -> PyResult<Value> {
    let bound = args.bind("contains", "(other, **kw)")?;
    let left = receiver(this)?;
    let sql_type = left.sql_type();
    let is_json = sql_type.affinity() == Affinity::Json;
    let other = bound.get("other");
    let is_list = matches!(other, Value::List(_) | Value::Tuple(_));
    let right = if is_json && matches!(text, "?" | "?|" | "?&" | "@?" | "@@" | "#-") {
        if is_list && text != "#-" {
            let items: PyResult<Vec<Expr>> = vm
                .collect(&other)?
                .iter()
                .map(|item| coerce::element(vm, item))
                .collect();
            let array = SqlType::Array(Box::new(crate::schema::types::ArrayType {
                item: SqlType::string(),
                dimensions: None,
            }));
            Expr::Array(items?, Box::new(array))
        } else {
            coerce::named_element(vm, &other, &left.bind_name(), Some(&SqlType::string()))?
        }
    } else {
        coerce::operand(vm, &left, &other)?
    };
    let precedence = if is_json { 15 } else { 5 };
    let result = if is_comparison { boolean() } else { sql_type };
    Ok(wrap(Expr::construct(
        left,
        Operator::postgresql(text, precedence, is_comparison),
        right,
        result,
        None,
    )))
}

/// `json_element.as_integer()`: the same element with another type.
fn json_as(this: &Value, sql_type: SqlType) -> PyResult<Value> {
    match receiver(this)? {
        Expr::Binary(mut binary)
            if matches!(
                binary.operator,
                Operator::JsonGetItem | Operator::JsonPathGetItem
            ) =>
        {
            binary.sql_type = sql_type;
            Ok(wrap(Expr::Binary(binary)))
        }
        _ => Err(exc::upstream(
            "InvalidRequestError",
            "The JSON cast operator JSON.as_string() only works with a JSON index expression e.g. col['q'].as_string()",
        )),
    }
}
