//! The functions of the `sqlalchemy` module that make expressions. sqlalchemy/sql/_elements_constructors.py.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::expr::bridge;
use crate::sa::expr::coerce;
use crate::sa::expr::compile_text;
use crate::sa::expr::literal::literal_of;
use crate::sa::expr::operators;
use crate::sa::expr::receiver;
use crate::sa::expr::wrap;
use crate::schema::expr::Bind;
use crate::schema::expr::Case;
use crate::schema::expr::Expr;
use crate::schema::expr::from::new_id;
use crate::schema::expr::infer::boolean;
use crate::schema::expr::infer::type_of_value;
use crate::schema::expr::operator::Operator;
use crate::schema::name::Name;
use crate::schema::types::SqlType;

/// A name given in Python.
pub fn name(value: &Value) -> Option<Name> {
    value.as_str().map(|text| {
        let mut name = Name::new(text.to_string());
        if let Value::Instance(instance) = value
            && let Some(Value::Bool(quote)) = instance.get("quote")
        {
            name.quote = Some(quote);
        }
        name
    })
}

/// A method that returns its object.
pub fn itself(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(this.clone())
}

/// `element.self_group()`.
pub fn self_group(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(wrap(receiver(this)?.self_group(None)))
}

/// `statement.params(x=1)`.
pub fn params(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let mut expr = receiver(this)?;
    let mut given: Vec<(Rc<str>, Value)> = args.keywords.clone();
    if let Some(first) = args.positional.first()
        && let Some(items) = vm.mapping_items(first)?
    {
        given.extend(
            items
                .into_iter()
                .filter_map(|(key, value)| key.as_str().map(|key| (key, value))),
        );
    }
    for (key, value) in given {
        crate::sa::execute::set_bind(vm, &mut expr, &key, &value)?;
    }
    Ok(wrap(expr))
}

/// What `compile()` returns: its `str()` is the text.
#[derive(Debug)]
struct Compiled {
    text: String,
    params: Value,
}

static COMPILED: crate::py::object::NativeClass =
    crate::py::object::NativeClass::plain("sqlalchemy.sql.compiler", "SQLCompiler", &[]);

impl crate::py::object::Object for Compiled {
    fn class(&self) -> Rc<Class> {
        Class::of(&COMPILED)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "string" => Some(Value::str(&self.text)),
            "params" => Some(self.params.clone()),
            _ => None,
        })
    }

    fn str(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(self.text.clone()))
    }
}

/// `statement.compile(bind, dialect=, compile_kwargs=)`.
pub fn compile(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("compile", "(bind=None, dialect=None, **kw)")?;
    let mut literal = false;
    for (name, value) in &bound.keywords {
        if &**name == "compile_kwargs" && !value.is_none() {
            literal = vm.truth(&vm.call_method(
                value,
                "get",
                Args::of(vec![Value::str("literal_binds"), Value::Bool(false)]),
            )?)?;
        }
    }
    let given = bound.get("dialect");
    let dialect = match given.native::<crate::sa::dialect_face::PyDialect>() {
        Some(face) => Some(face.dialect.clone()),
        None if !bound.get("bind").is_none() => {
            Some(crate::sa::connection::executor_of(vm, &bound.get("bind"))?.dialect())
        }
        None => None,
    };
    let text = compile_text(vm, &receiver(this)?, dialect, literal)?;
    Ok(Value::object(Compiled {
        text,
        params: Value::dict(crate::py::dict::Dict::new()),
    }))
}

/// `column(name, type_)`.
pub fn new_column(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "column",
        "(text, type_=None, is_literal=False, _selectable=None)",
    )?;
    let Some(name) = name(&bound.get("text")) else {
        return Err(PyError::unsupported("a column name that is not text"));
    };
    let sql_type = bridge::sql_type(vm, &bound.get("type_"))?;
    if bound.bool("is_literal")? {
        return Ok(wrap(Expr::LiteralColumn(name.text, Box::new(sql_type))));
    }
    Ok(wrap(Expr::column(name, sql_type)))
}

/// `literal_column(text, type_)`.
pub fn literal_column(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("literal_column", "(text, type_=None)")?;
    let sql_type = bridge::sql_type(vm, &bound.get("type_"))?;
    Ok(wrap(Expr::LiteralColumn(
        bound.str("text")?.to_string(),
        Box::new(sql_type),
    )))
}

/// `bindparam(key, value, type_)`.
pub fn new_bindparam(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "bindparam",
        "(key, value=None, type_=None, unique=False, required=None, quote=None, callable_=None, expanding=False, isoutparam=False, literal_execute=False)",
    )?;
    let has_type = !bound.get("type_").is_none();
    let mut sql_type = if has_type {
        bridge::sql_type(vm, &bound.get("type_"))?
    } else {
        SqlType::Null
    };
    let mut given = bound.get("value");
    let mut is_given = bound.is_given("value");
    if !bound.get("callable_").is_none() {
        given = vm.call(&bound.get("callable_"), Args::none())?;
        is_given = true;
    }
    let expanding = bound.bool("expanding")?;
    let value = if is_given {
        Some(literal_of(vm, &given, &sql_type)?)
    } else {
        None
    };
    if !has_type && let Some(value) = &value {
        sql_type = match value {
            crate::schema::literal::Literal::Array(items) if expanding => {
                items.first().map_or(SqlType::Null, type_of_value)
            }
            other => type_of_value(other),
        };
    }
    let anonymous = bound.get("key").is_none() || bound.bool("unique")?;
    let key = bound
        .optional_str("key")?
        .map_or_else(|| "param".to_owned(), |text| text.to_string());
    let inline = bound.bool("literal_execute")?;
    Ok(wrap(Expr::Bind(Box::new(Bind {
        key,
        unique: anonymous.then(new_id),
        value,
        sql_type,
        expanding,
        inline,
    }))))
}

/// `literal(value, type_)`.
pub fn literal(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("literal", "(value, type_=None, literal_execute=False)")?;
    let type_ = bound.get("type_");
    let sql_type = if type_.is_none() {
        None
    } else {
        Some(bridge::sql_type(vm, &type_)?)
    };
    let value = bound.get("value");
    if value.is_none() {
        let null = crate::schema::literal::Literal::Null;
        return Ok(wrap(Expr::literal(null, sql_type.unwrap_or(SqlType::Null))));
    }
    coerce::named_element(vm, &value, "param", sql_type.as_ref()).map(wrap)
}

/// `cast(expression, type_)`.
pub fn new_cast(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("cast", "(expression, type_)")?;
    let sql_type = bridge::sql_type(vm, &bound.get("type_"))?;
    let expression = bound.get("expression");
    let inner = if expression.is_none() {
        Expr::Null
    } else {
        coerce::named_element(vm, &expression, "param", Some(&sql_type))?
    };
    Ok(wrap(Expr::Cast(Box::new(inner), Box::new(sql_type))))
}

/// `type_coerce(expression, type_)`.
pub fn type_coerce(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("type_coerce", "(expression, type_)")?;
    let sql_type = bridge::sql_type(vm, &bound.get("type_"))?;
    let inner = coerce::named_element(vm, &bound.get("expression"), "param", Some(&sql_type))?;
    Ok(wrap(Expr::TypeCoerce(Box::new(inner), Box::new(sql_type))))
}

/// `extract(field, expr)`.
pub fn extract(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("extract", "(field, expr)")?;
    let inner = coerce::element(vm, &bound.get("expr"))?;
    Ok(wrap(Expr::Extract(
        bound.str("field")?.to_string(),
        Box::new(inner),
    )))
}

/// `case(*whens, value=, else_=)`.
pub fn new_case(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("case", "(*whens, value=None, else_=None)")?;
    let value = match bound.get("value") {
        Value::None => None,
        given => Some(coerce::element(vm, &given)?),
    };
    let mut pairs: Vec<(Value, Value)> = Vec::new();
    for when in &bound.rest {
        match when {
            Value::List(_) => {
                return Err(exc::upstream(
                    "ArgumentError",
                    "The \"whens\" argument to case(), when referring to a sequence of items, is now passed as a series of positional elements, rather than as a list. ",
                ));
            }
            Value::Dict(_) => pairs.extend(vm.mapping_items(when)?.unwrap_or_default()),
            other => {
                let parts = vm.collect(other)?;
                let [condition, result] = parts.as_slice() else {
                    return Err(PyError::value_error(format!(
                        "not enough values to unpack (expected 2, got {})",
                        parts.len()
                    )));
                };
                pairs.push((condition.clone(), result.clone()));
            }
        }
    }
    let mut whens = Vec::new();
    for (condition, result) in pairs {
        let condition = match &value {
            Some(_) => coerce::element(vm, &condition)?,
            None => coerce::condition(vm, &condition)?,
        };
        whens.push((condition.self_group(None), coerce::element(vm, &result)?));
    }
    let else_ = match bound.get("else_") {
        Value::None => None,
        given => Some(coerce::element(vm, &given)?),
    };
    let results = whens.iter().map(|(_, result)| result).chain(&else_);
    let sql_type = results
        .map(Expr::sql_type)
        .rfind(|found| *found != SqlType::Null)
        .unwrap_or(SqlType::Null);
    Ok(wrap(Expr::Case(Box::new(Case {
        value,
        whens,
        else_,
        sql_type,
    }))))
}

/// `Function(name, *clauses)`: `sqlalchemy.sql.functions.Function`.
pub fn new_function(vm: &Vm, _class: &Rc<Class>, mut args: Args) -> PyResult<Value> {
    if args.positional.is_empty() {
        return Err(PyError::type_error(
            "Function.__init__() missing 1 required positional argument: 'name'",
        ));
    }
    let name = args.positional.remove(0);
    let type_ = args.take("type_");
    let Some(name) = name.as_str() else {
        return Err(PyError::type_error("a function's name must be text"));
    };
    crate::sa::expr::func::function(vm, &[], &name, &args.positional, type_.as_ref()).map(wrap)
}

/// `and_(...)`, `or_(...)`.
pub fn conjunction(vm: &Vm, args: &Args, operator: &Operator) -> PyResult<Value> {
    let clauses: PyResult<Vec<Expr>> = args
        .positional
        .iter()
        .map(|value| coerce::condition(vm, value))
        .collect();
    Ok(wrap(Expr::conjunction(operator, clauses?)))
}

/// `not_(x)`.
pub fn not_(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("not_", "(clause)")?;
    Ok(wrap(coerce::condition(vm, &bound.get("clause"))?.negate()))
}

/// `desc(x)`, `distinct(x)` and the like: text names a column.
pub fn modifier(vm: &Vm, args: Args, operator: Operator) -> PyResult<Value> {
    let bound = args.bind("desc", "(column)")?;
    let expr = coerce::by(vm, &bound.get("column"))?;
    Ok(wrap(expr.unary(operator, SqlType::Null)))
}

/// `tuple_(*clauses)`.
pub fn tuple(vm: &Vm, mut args: Args) -> PyResult<Value> {
    args.take("types");
    let clauses: PyResult<Vec<Expr>> = args
        .positional
        .iter()
        .map(|value| coerce::element(vm, value))
        .collect();
    let clauses = clauses?;
    let types = clauses.iter().map(Expr::sql_type).collect();
    Ok(wrap(Expr::Tuple(clauses, types)))
}

/// `between(expr, low, high)`.
pub fn between(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "between",
        "(expr, lower_bound, upper_bound, symmetric=False)",
    )?;
    let expr = coerce::element(vm, &bound.get("expr"))?;
    let low = coerce::operand(vm, &expr, &bound.get("lower_bound"))?;
    let high = coerce::operand(vm, &expr, &bound.get("upper_bound"))?;
    Ok(wrap(expr.between(low, high, false)))
}

/// `collate(expr, collation)`.
pub fn collate(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("collate", "(expression, collation)")?;
    operators::collated(
        coerce::element(vm, &bound.get("expression"))?,
        &bound.str("collation")?,
    )
}

/// `any_(x)`, `all_(x)`.
pub fn collection(vm: &Vm, args: Args, operator: Operator) -> PyResult<Value> {
    let bound = args.bind("any_", "(expr)")?;
    let expr = match coerce::find(vm, &bound.get("expr"))? {
        Some(Expr::Query(query)) => Expr::ScalarSubquery(query),
        Some(other) => other,
        None => coerce::element(vm, &bound.get("expr"))?,
    };
    Ok(wrap(operators::any_all(expr, operator)))
}

/// `exists(...)`: of a query, or of columns.
pub fn exists(vm: &Vm, args: Args) -> PyResult<Value> {
    let query = match args.positional.first() {
        None => crate::sa::expr::select::of(vec![Expr::LiteralColumn(
            "*".to_owned(),
            Box::new(SqlType::Null),
        )]),
        Some(first) => match coerce::find(vm, first)? {
            Some(found @ (Expr::Query(_) | Expr::ScalarSubquery(_))) => found,
            _ => {
                let columns: PyResult<Vec<Expr>> = args
                    .positional
                    .iter()
                    .map(|value| coerce::from_value(vm, value))
                    .collect();
                crate::sa::expr::select::of(columns?)
            }
        },
    };
    Ok(wrap(exists_of(query)))
}

/// EXISTS of a query.
pub fn exists_of(query: Expr) -> Expr {
    let element = match query {
        Expr::Query(query) => Expr::ScalarSubquery(query),
        other => other,
    };
    Expr::Unary(Box::new(crate::schema::expr::Unary {
        element,
        operator: Operator::Exists,
        sql_type: boolean(),
    }))
}
