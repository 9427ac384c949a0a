//! From Python values to constants and back.

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::schema::literal::Literal;
use crate::schema::types::EnumType;
use crate::schema::types::SqlType;
use num_bigint::BigInt;

/// How deep lists and dictionaries may nest.
const MAX_DEPTH: usize = 200;

/// The constant that a Python value is, for a type.
pub fn literal_of(vm: &Vm, value: &Value, sql_type: &SqlType) -> PyResult<Literal> {
    if let SqlType::Decorated(decorated) = sql_type {
        if value.is_none() && is_literal() {
            // `render_literal_value` asks no processor about None, not even JSON's.
            let is_json = matches!(sql_type.for_dialect("postgresql"), SqlType::Json(_));
            return Ok(if is_json {
                Literal::Rendered("NULL".to_owned())
            } else {
                Literal::Null
            });
        }
        return match crate::sa::decorator::to_database(vm, decorated, value) {
            Ok(sent) => literal_of(vm, &sent, &decorated.implementation),
            // Upstream words what a hook raised by the value and the type.
            Err(error) if error.exception().is_some() && is_literal() => opaque(vm, value),
            Err(error) => Err(error),
        };
    }
    if let SqlType::UserDefined(user) = sql_type
        && !value.is_none()
        && let Some(processed) = crate::sa::decorator::processed(vm, user, value)?
    {
        return match processed.as_str() {
            Some(text) if is_literal() => Ok(Literal::Rendered(text.to_string())),
            _ => plain(vm, &processed, 0),
        };
    }
    if let SqlType::UserDefined(user) = sql_type
        && !value.is_none()
        && is_literal()
        && crate::sa::decorator::is_known(user)
    {
        // There is no `literal_processor`.
        return opaque(vm, value);
    }
    let target = sql_type.for_dialect("postgresql");
    if matches!(target, SqlType::Json(_)) && !value.is_none() {
        return match json(vm, value, 0)? {
            Some(serde_json::Value::String(text)) => Ok(Literal::Str(text)),
            Some(serde_json::Value::Bool(flag)) => Ok(Literal::Bool(flag)),
            Some(other) => Ok(Literal::Json(other)),
            None => plain(vm, value, 0),
        };
    }
    if let SqlType::Enum(enumeration) = target
        && let Some(label) = enum_label(vm, value, enumeration)?
    {
        return Ok(Literal::Str(label));
    }
    if let SqlType::Array(array) = target
        && let Value::List(_) | Value::Tuple(_) = value
    {
        let items: PyResult<Vec<Literal>> = vm
            .collect(value)?
            .iter()
            .map(|item| literal_of(vm, item, item_type(&array.item, item, sql_type)))
            .collect();
        return Ok(Literal::Array(items?));
    }
    plain(vm, value, 0)
}

/// Whether values are written into the text.
fn is_literal() -> bool {
    crate::sa::clause::default_dialect().settings().binds == crate::dialect::Binds::Literal
}

/// Nested lists keep the array type, others take the type of an item.
fn item_type<'t>(item_type: &'t SqlType, item: &Value, array: &'t SqlType) -> &'t SqlType {
    if matches!(item, Value::List(_) | Value::Tuple(_)) {
        array
    } else {
        item_type
    }
}

/// The label of an enum member: by name where the type was made from a Python enum class.
fn enum_label(vm: &Vm, value: &Value, enumeration: &EnumType) -> PyResult<Option<String>> {
    let Some(members) = &enumeration.members else {
        return Ok(None);
    };
    let is_member = vm
        .class_of(value)
        .mro
        .iter()
        .any(|class| &*class.name == "Enum");
    if !is_member {
        return Ok(None);
    }
    let name = vm.get_attr(value, "name")?;
    let Some(name) = name.as_str() else {
        return Ok(None);
    };
    let at = members.iter().position(|member| **member == *name);
    Ok(at.and_then(|at| enumeration.enums.get(at).cloned()))
}

/// The constant by the Python class alone.
fn plain(vm: &Vm, value: &Value, depth: usize) -> PyResult<Literal> {
    if depth > MAX_DEPTH {
        return Err(PyError::unsupported(
            "a bound value nested more than 200 deep",
        ));
    }
    Ok(match value {
        Value::None => Literal::Null,
        Value::Bool(flag) => Literal::Bool(*flag),
        Value::Int(number) => Literal::Int(BigInt::from(*number)),
        Value::BigInt(number) => Literal::Int((**number).clone()),
        Value::Float(float) => Literal::Float(*float),
        Value::Str(text) => Literal::Str(text.to_string()),
        Value::Bytes(bytes) => Literal::Bytes(bytes.to_vec()),
        Value::List(_) | Value::Tuple(_) => {
            let items: PyResult<Vec<Literal>> = vm
                .collect(value)?
                .iter()
                .map(|item| plain(vm, item, depth + 1))
                .collect();
            Literal::Array(items?)
        }
        Value::Dict(_) => match json(vm, value, depth)? {
            Some(json) => Literal::Json(json),
            None => opaque(vm, value)?,
        },
        Value::Unresolved(unresolved) => {
            return Err(unresolved_error(unresolved, "as a value in SQL"));
        }
        Value::Instance(instance) => {
            let is_enum = vm
                .class_of(value)
                .mro
                .iter()
                .any(|class| &*class.name == "Enum");
            match instance.base_value() {
                Some(base) if !is_enum || value.as_str().is_some() => plain(vm, &base, depth + 1)?,
                _ => by_class(vm, value)?,
            }
        }
        Value::Native(_) => by_class(vm, value)?,
        _ => opaque(vm, value)?,
    })
}

/// Dates, decimals and the like, told by the name of their class.
fn by_class(vm: &Vm, value: &Value) -> PyResult<Literal> {
    let class = vm.class_of(value);
    let names = std::iter::once(&class).chain(&class.mro);
    let known = names
        .map(|class| (class.module.to_string(), class.name.to_string()))
        .find(|(module, name)| {
            matches!(
                (module.as_str(), name.as_str()),
                ("datetime", "datetime" | "date" | "time" | "timedelta")
                    | ("decimal" | "_decimal", "Decimal")
                    | ("uuid", "UUID")
            )
        });
    let Some((_, name)) = known else {
        return opaque(vm, value);
    };
    let text = |vm: &Vm| vm.str(value);
    Ok(match name.as_str() {
        "datetime" => Literal::DateTime(text(vm)?),
        "date" => Literal::Date(text(vm)?),
        "time" => Literal::Time(text(vm)?),
        "Decimal" => Literal::Decimal(text(vm)?),
        "UUID" => Literal::Uuid(text(vm)?),
        _ => {
            let part = |name: &str| -> PyResult<i128> {
                match vm.get_attr(value, name)? {
                    Value::Int(number) => Ok(i128::from(number)),
                    _ => Err(PyError::type_error("a timedelta without parts")),
                }
            };
            Literal::Interval(
                (part("days")? * 86_400 + part("seconds")?) * 1_000_000 + part("microseconds")?,
            )
        }
    })
}

fn opaque(vm: &Vm, value: &Value) -> PyResult<Literal> {
    Ok(Literal::Opaque {
        repr: vm.repr(value)?,
        class: vm.class_of(value).name.to_string(),
    })
}

/// A value as JSON; `None` where `json.dumps` would refuse it.
#[expect(
    clippy::too_many_lines,
    reason = "the steps share their state and are read in order"
)]
fn json(vm: &Vm, value: &Value, depth: usize) -> PyResult<Option<serde_json::Value>> {
    use serde_json::Value as Json;
    if depth > MAX_DEPTH {
        return Err(PyError::unsupported(
            "a JSON value nested more than 200 deep",
        ));
    }
    Ok(Some(match value {
        Value::None => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Int(number) => Json::from(*number),
        Value::BigInt(number) => match u64::try_from(&**number) {
            Ok(large) => Json::from(large),
            Err(_) => {
                return Err(PyError::unsupported(
                    "an integer of more than 64 bits in JSON",
                ));
            }
        },
        Value::Float(float) => match serde_json::Number::from_f64(*float) {
            Some(number) => Json::Number(number),
            None => return Ok(None),
        },
        Value::Str(text) => Json::String(text.to_string()),
        Value::List(_) | Value::Tuple(_) => {
            let mut items = Vec::new();
            for item in vm.collect(value)? {
                match json(vm, &item, depth + 1)? {
                    Some(item) => items.push(item),
                    None => return Ok(None),
                }
            }
            Json::Array(items)
        }
        Value::Dict(dict) => {
            let pairs: Vec<(Value, Value)> = dict
                .borrow()
                .iter()
                .map(|(key, item)| (key.clone(), item.clone()))
                .collect();
            let mut object = serde_json::Map::new();
            for (key, item) in pairs {
                let Some(item) = json(vm, &item, depth + 1)? else {
                    return Ok(None);
                };
                let key = match &key {
                    Value::None => "null".to_owned(),
                    Value::Bool(flag) => flag.to_string(),
                    other => vm.str(other)?,
                };
                object.insert(key, item);
            }
            Json::Object(object)
        }
        Value::Unresolved(unresolved) => {
            return Err(unresolved_error(unresolved, "as a value in SQL"));
        }
        Value::Instance(instance) => match instance.base_value() {
            Some(base) => return json(vm, &base, depth + 1),
            None => return Ok(None),
        },
        _ => return Ok(None),
    }))
}

/// A constant as Python sees it.
pub fn to_value(vm: &Vm, literal: &Literal) -> PyResult<Value> {
    Ok(match literal {
        Literal::Null => Value::None,
        Literal::Bool(flag) => Value::Bool(*flag),
        Literal::Int(number) => Value::int(number.clone()),
        Literal::Float(float) => Value::Float(*float),
        Literal::Decimal(text) => make(vm, "decimal", "Decimal", None, text)?,
        Literal::Str(text) => Value::str(text),
        Literal::Bytes(bytes) => Value::Bytes(bytes.as_slice().into()),
        Literal::Date(text) => make(vm, "datetime", "date", Some("fromisoformat"), text)?,
        Literal::Time(text) => make(vm, "datetime", "time", Some("fromisoformat"), text)?,
        Literal::DateTime(text) => make(vm, "datetime", "datetime", Some("fromisoformat"), text)?,
        Literal::Interval(microseconds) => {
            let class = vm.get_attr(&vm.import("datetime")?, "timedelta")?;
            vm.call(
                &class,
                Args::none().with("microseconds", Value::int(BigInt::from(*microseconds))),
            )?
        }
        Literal::Uuid(text) => make(vm, "uuid", "UUID", None, text)?,
        Literal::Json(json) => from_json(json),
        Literal::Array(items) => {
            let items: PyResult<Vec<Value>> = items.iter().map(|item| to_value(vm, item)).collect();
            Value::list(items?)
        }
        Literal::Rendered(text) => {
            return Err(PyError::unsupported(format!("the value behind {text}")));
        }
        Literal::Opaque { repr, class } => {
            return Err(PyError::unsupported(format!(
                "a value of the database's type for `{class}`: {repr}"
            )));
        }
    })
}

fn make(vm: &Vm, module: &str, class: &str, method: Option<&str>, text: &str) -> PyResult<Value> {
    let class = vm.get_attr(&vm.import(module)?, class)?;
    let args = Args::of(vec![Value::str(text)]);
    match method {
        Some(method) => vm.call_method(&class, method, args),
        None => vm.call(&class, args),
    }
}

/// `json.loads`.
pub fn from_json(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::None,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(small), _, _) => Value::Int(small),
            (None, Some(large), _) => Value::int(BigInt::from(large)),
            (None, None, float) => Value::Float(float.unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::str(text),
        Json::Array(items) => Value::list(items.iter().map(from_json).collect()),
        Json::Object(pairs) => {
            let mut dict = crate::py::dict::Dict::new();
            for (key, item) in pairs {
                dict.insert_str(key, from_json(item));
            }
            Value::dict(dict)
        }
    }
}
