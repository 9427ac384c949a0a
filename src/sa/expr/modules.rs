//! The names under which Python finds all this: `sqlalchemy`, `sqlalchemy.sql`, `sqlalchemy.sql.expression`, `sqlalchemy.dialects.postgresql`.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::expr::classes;
use crate::sa::expr::coerce;
use crate::sa::expr::construct;
use crate::sa::expr::from;
use crate::sa::expr::func;
use crate::sa::expr::operators;
use crate::sa::expr::postgresql;
use crate::sa::expr::select;
use crate::sa::expr::wrap;
use crate::schema::expr::Expr;
use crate::schema::expr::from::new_id;
use crate::schema::expr::operator::Operator;
use crate::schema::expr::query::Values;
use crate::schema::name::Name;

/// All names.
#[expect(clippy::too_many_lines, reason = "one list")]
pub fn names() -> Vec<&'static str> {
    vec![
        "all_",
        "and_",
        "any_",
        "asc",
        "between",
        "bindparam",
        "case",
        "cast",
        "collate",
        "column",
        "delete",
        "desc",
        "distinct",
        "except_",
        "except_all",
        "exists",
        "extract",
        "false",
        "func",
        "insert",
        "intersect",
        "intersect_all",
        "join",
        "label",
        "lateral",
        "literal",
        "literal_column",
        "not_",
        "null",
        "nulls_first",
        "nulls_last",
        "nullsfirst",
        "nullslast",
        "or_",
        "outerjoin",
        "over",
        "select",
        "subquery",
        "table",
        "text",
        "true",
        "tuple_",
        "type_coerce",
        "union",
        "union_all",
        "update",
        "values",
        "within_group",
        "ColumnElement",
        "ClauseElement",
        "TextClause",
        "BindParameter",
        "Select",
        "Insert",
        "Update",
        "Delete",
        "TableClause",
        "ColumnClause",
        "FromClause",
        "Executable",
        "Null",
        "True_",
        "False_",
        "Label",
        "Cast",
        "Case",
        "BinaryExpression",
        "UnaryExpression",
        "BooleanClauseList",
        "Function",
        "ScalarSelect",
        "alias",
    ]
}

fn class(native: &'static NativeClass) -> Option<Value> {
    Some(Value::Class(Class::of(native)))
}

fn function(name: &'static str, body: fn(&Vm, Args) -> PyResult<Value>) -> Option<Value> {
    Some(Value::builtin(name, body))
}

/// Calls a native class's constructor under the name of a function.
fn constructor(name: &'static str, native: &'static NativeClass) -> Option<Value> {
    Some(Value::builtin(name, move |vm, args| match native.new {
        Some(new) => new(vm, &Class::of(native), args),
        None => Ok(Value::None),
    }))
}

/// A member of the `sqlalchemy` module.
#[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
pub fn member(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    Ok(match name {
        "text" => constructor("text", &classes::TEXT_CLAUSE),
        "column" => constructor("column", &classes::COLUMN_CLAUSE),
        "table" => constructor("table", &from::TABLE_CLAUSE),
        "select" => constructor("select", &classes::SELECT),
        "insert" => constructor("insert", &classes::INSERT),
        "update" => constructor("update", &classes::UPDATE),
        "delete" => constructor("delete", &classes::DELETE),
        "bindparam" => constructor("bindparam", &classes::BIND_PARAMETER),
        "cast" | "try_cast" => constructor("cast", &classes::CAST),
        "case" => constructor("case", &classes::CASE),
        "func" => Some(func::func()),
        "null" => function("null", |_, _| Ok(wrap(Expr::Null))),
        "true" => function("true", |_, _| Ok(wrap(Expr::True))),
        "false" => function("false", |_, _| Ok(wrap(Expr::False))),
        "literal" => function("literal", construct::literal),
        "literal_column" => function("literal_column", construct::literal_column),
        "type_coerce" => function("type_coerce", construct::type_coerce),
        "extract" => function("extract", construct::extract),
        "and_" => function("and_", |vm, args| {
            construct::conjunction(vm, &args, &Operator::And)
        }),
        "or_" => function("or_", |vm, args| {
            construct::conjunction(vm, &args, &Operator::Or)
        }),
        "not_" => function("not_", construct::not_),
        "exists" => function("exists", construct::exists),
        "distinct" => function("distinct", |vm, args| {
            construct::modifier(vm, args, Operator::Distinct)
        }),
        "asc" => function("asc", |vm, args| {
            construct::modifier(vm, args, Operator::Asc)
        }),
        "desc" => function("desc", |vm, args| {
            construct::modifier(vm, args, Operator::Desc)
        }),
        "nulls_first" | "nullsfirst" => function("nulls_first", |vm, args| {
            construct::modifier(vm, args, Operator::NullsFirst)
        }),
        "nulls_last" | "nullslast" => function("nulls_last", |vm, args| {
            construct::modifier(vm, args, Operator::NullsLast)
        }),
        "any_" => function("any_", |vm, args| {
            construct::collection(vm, args, Operator::Any)
        }),
        "all_" => function("all_", |vm, args| {
            construct::collection(vm, args, Operator::All)
        }),
        "tuple_" => function("tuple_", construct::tuple),
        "between" => function("between", construct::between),
        "collate" => function("collate", construct::collate),
        "label" => function("label", label),
        "over" => function("over", over),
        "within_group" => function("within_group", within_group),
        "union" => function("union", |vm, args| {
            select::combine_function(vm, &args, "UNION")
        }),
        "union_all" => function("union_all", |vm, args| {
            select::combine_function(vm, &args, "UNION ALL")
        }),
        "intersect" => function("intersect", |vm, args| {
            select::combine_function(vm, &args, "INTERSECT")
        }),
        "intersect_all" => function("intersect_all", |vm, args| {
            select::combine_function(vm, &args, "INTERSECT ALL")
        }),
        "except_" => function("except_", |vm, args| {
            select::combine_function(vm, &args, "EXCEPT")
        }),
        "except_all" => function("except_all", |vm, args| {
            select::combine_function(vm, &args, "EXCEPT ALL")
        }),
        "join" => function("join", |vm, args| from::join_function(vm, args, false)),
        "outerjoin" => function("outerjoin", |vm, args| from::join_function(vm, args, true)),
        "alias" | "subquery" => function("alias", |vm, args| method_of(vm, args, "alias")),
        "lateral" => function("lateral", |vm, args| method_of(vm, args, "lateral")),
        "values" => function("values", values),
        "inspect" => function("inspect", crate::sa::inspect::inspect),
        "Inspector" => class(&crate::sa::inspect::INSPECTOR),
        _ => class_member(name),
    })
}

fn class_member(name: &str) -> Option<Value> {
    class(match name {
        "ClauseElement" => &classes::CLAUSE_ELEMENT,
        "Executable" => &classes::EXECUTABLE,
        "ColumnElement" | "ColumnOperators" | "Operators" | "SQLColumnExpression" => {
            &classes::COLUMN_ELEMENT
        }
        "TextClause" => &classes::TEXT_CLAUSE,
        "ColumnClause" => &classes::COLUMN_CLAUSE,
        "BindParameter" => &classes::BIND_PARAMETER,
        "Null" => &classes::NULL,
        "True_" => &classes::TRUE,
        "False_" => &classes::FALSE,
        "Function" | "FunctionElement" => &classes::FUNCTION,
        "BinaryExpression" => &classes::BINARY_EXPRESSION,
        "UnaryExpression" => &classes::UNARY_EXPRESSION,
        "BooleanClauseList" => &classes::BOOLEAN_CLAUSE_LIST,
        "Label" => &classes::LABEL,
        "Cast" => &classes::CAST,
        "Case" => &classes::CASE,
        "ScalarSelect" => &classes::SCALAR_SELECT,
        "Select" => &classes::SELECT,
        "CompoundSelect" => &classes::COMPOUND_SELECT,
        "TextualSelect" => &classes::TEXTUAL_SELECT,
        "Insert" => &classes::INSERT,
        "Update" => &classes::UPDATE,
        "Delete" => &classes::DELETE,
        "FromClause" | "Selectable" => &from::FROM_CLAUSE,
        "TableClause" => &from::TABLE_CLAUSE,
        _ => return None,
    })
}

/// A member of `sqlalchemy.dialects.postgresql` that is not a type.
pub fn postgresql_member(_vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    Ok(match name {
        "insert" => constructor("insert", &classes::INSERT),
        "Insert" => class(&classes::INSERT),
        "array" => function("array", postgresql::array),
        "aggregate_order_by" => function("aggregate_order_by", |vm, args| {
            postgresql::aggregate_order_by(vm, &args)
        }),
        _ => None,
    })
}

/// A member of `sqlalchemy.sql.functions`.
pub fn functions_member(vm: &Vm, name: &str) -> PyResult<Option<Value>> {
    match name {
        "func" | "Function" | "FunctionElement" => member(vm, name),
        _ => vm.find_attr(&func::func(), name),
    }
}

fn label(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("label", "(name, element, type_=None)")?;
    let element = coerce::from_value(vm, &bound.get("element"))?;
    Ok(wrap(operators::labelled(
        element,
        construct::name(&bound.get("name")),
    )))
}

fn over(vm: &Vm, mut args: Args) -> PyResult<Value> {
    let Some(element) = args
        .take("element")
        .or_else(|| (!args.positional.is_empty()).then(|| args.positional.remove(0)))
    else {
        return Err(crate::py::error::PyError::type_error(
            "over() missing 1 required positional argument: 'element'",
        ));
    };
    func::over_element(vm, coerce::from_value(vm, &element)?, args)
}

fn within_group(vm: &Vm, mut args: Args) -> PyResult<Value> {
    if args.positional.is_empty() {
        return Err(crate::py::error::PyError::type_error(
            "within_group() missing 1 required positional argument: 'element'",
        ));
    }
    let element = args.positional.remove(0);
    vm.call_method(&element, "within_group", args)
}

fn method_of(vm: &Vm, mut args: Args, name: &str) -> PyResult<Value> {
    if args.positional.is_empty() {
        return Err(crate::py::error::PyError::type_error(
            "alias() missing 1 required positional argument: 'selectable'",
        ));
    }
    let receiver = args.positional.remove(0);
    vm.call_method(&receiver, name, args)
}

static VALUES: NativeClass = NativeClass {
    methods: &[("data", data), ("alias", values_alias)],
    ..NativeClass::plain("sqlalchemy.sql.selectable", "Values", &[&from::FROM_CLAUSE])
};

/// `values(...)`, before and after `.data(...)`.
#[derive(Debug)]
struct PyValues {
    values: Values,
}

impl crate::py::object::Object for PyValues {
    fn class(&self) -> Rc<Class> {
        Class::of(&VALUES)
    }
}

fn values(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("values", "(*columns, name=None, literal_binds=False)")?;
    let mut columns = Vec::new();
    for value in &bound.rest {
        if let Expr::Column(column) = coerce::from_value(vm, value)? {
            columns.push((column.name.clone(), column.sql_type.clone()));
        }
    }
    let name = bound
        .optional_str("name")?
        .map(|text| Name::new(text.to_string()));
    Ok(Value::object(PyValues {
        values: Values {
            id: new_id(),
            columns,
            name,
            rows: Vec::new(),
        },
    }))
}

fn data(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("data", "(values)")?;
    let Some(object) = this.native::<PyValues>() else {
        return Ok(this.clone());
    };
    let mut values = object.values.clone();
    for row in vm.collect(&bound.get("values"))? {
        let mut parts = Vec::new();
        for (value, (_, sql_type)) in vm.collect(&row)?.iter().zip(&values.columns) {
            parts.push(coerce::named_element(vm, value, "param", Some(sql_type))?);
        }
        values.rows.push(parts);
    }
    Ok(Value::object(from::PyFrom::new(
        crate::schema::expr::from::From::Values(Rc::new(values)),
    )))
}

fn values_alias(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("alias", "(name=None)")?;
    let Some(object) = this.native::<PyValues>() else {
        return Ok(this.clone());
    };
    let name = bound
        .optional_str("name")?
        .map(|text| Name::new(text.to_string()));
    Ok(Value::object(PyValues {
        values: Values {
            name,
            ..object.values.clone()
        },
    }))
}
