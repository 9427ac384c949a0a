//! `sa.func`. sqlalchemy/sql/functions.py.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::expr::bridge;
use crate::sa::expr::coerce;
use crate::sa::expr::from::PyFrom;
use crate::sa::expr::receiver;
use crate::sa::expr::wrap;
use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::expr::Frame;
use crate::schema::expr::Function;
use crate::schema::expr::Over;
use crate::schema::expr::from::Alias;
use crate::schema::expr::from::AliasElement;
use crate::schema::expr::from::From;
use crate::schema::expr::from::new_id;
use crate::schema::expr::infer::datetime;
use crate::schema::expr::infer::integer;
use crate::schema::expr::operator::Operator;
use crate::schema::literal::Literal;
use crate::schema::name::Name;
use crate::schema::types::ArrayType;
use crate::schema::types::SqlType;

static GENERATOR: NativeClass =
    NativeClass::plain("sqlalchemy.sql.functions", "_FunctionGenerator", &[]);

/// `func`, `func.pkg.name`.
#[derive(Debug)]
pub struct Generator {
    /// The names so far.
    pub names: Vec<String>,
}

thread_local! {
    /// Functions with a class in Python, by their names in lower case.
    static REGISTERED: RefCell<BTreeMap<String, Value>> = const { RefCell::new(BTreeMap::new()) };
}

/// Sets what is called for `func.name(…)`.
pub fn register(name: &str, function: Value) {
    REGISTERED.with_borrow_mut(|known| known.insert(name.to_lowercase(), function));
}

fn registered(name: &str) -> Option<Value> {
    REGISTERED.with_borrow(|known| {
        (!known.is_empty())
            .then(|| known.get(&name.to_lowercase()).cloned())
            .flatten()
    })
}

/// `func`.
pub fn func() -> Value {
    Value::object(Generator { names: Vec::new() })
}

impl Object for Generator {
    fn class(&self) -> Rc<Class> {
        Class::of(&GENERATOR)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        if name.starts_with("__") {
            return Ok(None);
        }
        let name = name.strip_suffix('_').unwrap_or(name);
        let mut names = self.names.clone();
        names.push(name.to_owned());
        Ok(Some(Value::object(Self { names })))
    }

    fn call(self: Rc<Self>, vm: &Vm, mut args: Args) -> PyResult<Option<Value>> {
        let Some((name, packages)) = self.names.split_last() else {
            return Err(PyError::type_error(
                "'_FunctionGenerator' object is not callable",
            ));
        };
        if packages.is_empty()
            && let Some(registered) = registered(name)
        {
            return vm.call(&registered, args).map(Some);
        }
        let type_ = args.take("type_");
        function(vm, packages, name, &args.positional, type_.as_ref()).map(|expr| Some(wrap(expr)))
    }
}

/// A function call with its type.
pub fn function(
    vm: &Vm,
    packages: &[String],
    name: &str,
    arguments: &[Value],
    type_: Option<&Value>,
) -> PyResult<Expr> {
    let lower = name.to_lowercase();
    if packages.is_empty() {
        match (lower.as_str(), arguments) {
            ("cast", [element, type_]) => {
                let element = coerce::element(vm, element)?;
                return Ok(Expr::Cast(
                    Box::new(element),
                    Box::new(bridge::sql_type(vm, type_)?),
                ));
            }
            ("extract", [field, element]) => {
                let Some(field) = field.as_str() else {
                    return Err(PyError::type_error("the field of extract() must be text"));
                };
                let element = coerce::element(vm, element)?;
                return Ok(Expr::Extract(field.to_string(), Box::new(element)));
            }
            ("next_value", [sequence]) => return from_method(vm, sequence),
            _ => {}
        }
    }
    let given = match type_ {
        Some(value) if !value.is_none() => Some(bridge::sql_type(vm, value)?),
        _ => None,
    };
    let label = if is_registered(&lower) {
        lower.clone()
    } else {
        name.to_owned()
    };
    let arguments: PyResult<Vec<Expr>> = arguments
        .iter()
        .map(|argument| coerce::named_element(vm, argument, &label, None))
        .collect();
    let arguments: Vec<Expr> = arguments?
        .into_iter()
        .map(|argument| argument.self_group(Some(&Operator::Comma)))
        .collect();
    let sql_type = match given {
        Some(given) => given,
        None if packages.is_empty() => known_type(&lower, &arguments),
        None => SqlType::Null,
    };
    Ok(Expr::Function(Box::new(Function {
        id: new_id(),
        packages: packages
            .iter()
            .map(|package| Name::new(package.clone()))
            .collect(),
        name: Name::new(label),
        arguments,
        sql_type,
    })))
}

fn from_method(vm: &Vm, sequence: &Value) -> PyResult<Expr> {
    let value = vm.call_method(sequence, "next_value", Args::none())?;
    coerce::from_value(vm, &value)
}

/// Functions that SQLAlchemy has classes for: their names are in lower case.
pub fn is_registered(lower: &str) -> bool {
    matches!(
        lower,
        "coalesce"
            | "max"
            | "min"
            | "sum"
            | "now"
            | "concat"
            | "char_length"
            | "random"
            | "count"
            | "current_date"
            | "current_time"
            | "current_timestamp"
            | "current_user"
            | "localtime"
            | "localtimestamp"
            | "session_user"
            | "sysdate"
            | "user"
            | "array_agg"
            | "mode"
            | "percentile_cont"
            | "percentile_disc"
            | "rank"
            | "dense_rank"
            | "percent_rank"
            | "cume_dist"
            | "cube"
            | "rollup"
            | "grouping_sets"
            | "aggregate_strings"
            | "pow"
    )
}

fn known_type(lower: &str, arguments: &[Expr]) -> SqlType {
    let first = || {
        arguments
            .iter()
            .map(Expr::sql_type)
            .find(|found| *found != SqlType::Null)
            .unwrap_or(SqlType::Null)
    };
    match lower {
        "coalesce" | "max" | "min" | "sum" | "mode" => first(),
        "count" | "char_length" | "rank" | "dense_rank" => integer(),
        "now" | "current_timestamp" | "localtimestamp" | "sysdate" => datetime(false),
        "current_date" => SqlType::Date,
        "concat" | "current_user" | "session_user" | "user" | "aggregate_strings" => {
            SqlType::string()
        }
        "percent_rank" | "cume_dist" => crate::schema::expr::infer::numeric(),
        "array_agg" => SqlType::Array(Box::new(ArrayType {
            item: first(),
            dimensions: None,
        })),
        _ => SqlType::Null,
    }
}

fn list(vm: &Vm, value: &Value) -> PyResult<Vec<Expr>> {
    match value {
        Value::None => Ok(Vec::new()),
        Value::List(_) | Value::Tuple(_) => vm
            .collect(value)?
            .iter()
            .map(|item| coerce::by(vm, item))
            .collect(),
        single => Ok(vec![coerce::by(vm, single)?]),
    }
}

/// `function.over(...)`.
pub fn over(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let element = receiver(this)?;
    over_element(vm, element, args)
}

/// `over(function, ...)`.
pub fn over_element(vm: &Vm, element: Expr, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "over",
        "(*, partition_by=None, order_by=None, range_=None, rows=None, groups=None, exclude=None)",
    )?;
    let mut frame = None;
    for (name, keyword) in [("range_", "RANGE"), ("rows", "ROWS"), ("groups", "GROUPS")] {
        let value = bound.get(name);
        if let Value::Tuple(ends) = &value
            && let [start, end] = &**ends
        {
            let start = frame_end(start, "UNBOUNDED PRECEDING")?;
            let end = frame_end(end, "UNBOUNDED FOLLOWING")?;
            frame = Some(Frame {
                unit: keyword,
                ends: [start, end],
            });
        }
    }
    Ok(wrap(Expr::Over(Box::new(Over {
        element,
        partition_by: list(vm, &bound.get("partition_by"))?,
        order_by: list(vm, &bound.get("order_by"))?,
        frame,
    }))))
}

/// One end of a frame; `unbounded` is what `None` means. elements.py `_FrameIntRange`.
fn frame_end(end: &Value, unbounded: &'static str) -> PyResult<(Option<Expr>, &'static str)> {
    let Value::Int(number) = end else {
        return match end {
            Value::None => Ok((None, unbounded)),
            _ => Err(crate::sa::exc::upstream(
                "ArgumentError",
                "Integer or None expected for range value",
            )),
        };
    };
    let distance = || {
        let distance = Literal::Int(number.unsigned_abs().into());
        Some(Expr::Bind(Box::new(Bind::anonymous(
            "param",
            distance,
            integer(),
        ))))
    };
    Ok(match number {
        0 => (None, "CURRENT ROW"),
        ..0 => (distance(), "PRECEDING"),
        1.. => (distance(), "FOLLOWING"),
    })
}

/// `function.filter(...)`.
pub fn filter(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let element = receiver(this)?;
    let conditions: PyResult<Vec<Expr>> = args
        .positional
        .iter()
        .map(|value| coerce::condition(vm, value))
        .collect();
    let criterion = conditions?
        .into_iter()
        .reduce(|criterion, other| Expr::conjunction(&Operator::And, vec![criterion, other]));
    Ok(wrap(match criterion {
        Some(criterion) => Expr::Filter(Box::new(element), Box::new(criterion)),
        None => element,
    }))
}

/// `function.within_group(...)`.
pub fn within_group(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let element = receiver(this)?;
    let order: PyResult<Vec<Expr>> = args
        .positional
        .iter()
        .map(|value| coerce::by(vm, value))
        .collect();
    Ok(wrap(Expr::WithinGroup(Box::new(element), order?)))
}

/// `function.alias(name)`.
pub fn alias(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("alias", "(name=None, joins_implicitly=False)")?;
    let name = bound
        .optional_str("name")?
        .map(|text| Name::new(text.to_string()));
    Ok(Value::object(PyFrom::new(table_valued_alias(
        receiver(this)?,
        name,
        None,
    ))))
}

fn table_valued_alias(
    function: Expr,
    name: Option<Name>,
    derived: Option<(Vec<(Name, SqlType)>, bool)>,
) -> From {
    From::Alias(Rc::new(Alias {
        id: new_id(),
        element: AliasElement::From(From::Function(Rc::new(function))),
        name,
        lateral: false,
        derived,
        ordinality: false,
        base: None,
    }))
}

/// `function.table_valued(*columns)`.
pub fn table_valued(vm: &Vm, this: &Value, mut args: Args) -> PyResult<Value> {
    let name = args
        .take("name")
        .and_then(|value| value.as_str())
        .map(|text| Name::new(text.to_string()));
    let ordinality = args
        .take("with_ordinality")
        .and_then(|value| value.as_str());
    args.take("joins_implicitly");
    let mut columns = Vec::new();
    for value in &args.positional {
        match value.as_str() {
            Some(text) => columns.push((Name::new(text.to_string()), SqlType::Null)),
            None => {
                if let Expr::Column(column) = coerce::from_value(vm, value)? {
                    columns.push((column.name.clone(), column.sql_type.clone()));
                }
            }
        }
    }
    let mut alias = table_valued_alias(receiver(this)?, name, None);
    if let (Some(ordinality), From::Alias(inner)) = (ordinality, &mut alias) {
        columns.push((Name::new(ordinality.to_string()), integer()));
        Rc::make_mut(inner).ordinality = true;
    }
    Ok(Value::object(PyFrom {
        from: alias,
        columns: Some(columns),
    }))
}

/// `function.column_valued(name)`.
pub fn column_valued(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("column_valued", "(name=None, joins_implicitly=False)")?;
    let _ = receiver(this)?;
    let _ = bound.optional_str("name")?;
    Err(PyError::unsupported("`column_valued()`"))
}

/// `function.select()`.
pub fn select(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let columns = vec![receiver(this)?];
    Ok(wrap(crate::sa::expr::select::of(columns)))
}
