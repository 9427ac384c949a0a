//! `repr(type)`: the class with the arguments that differ from their defaults. sqlalchemy/util/langhelpers.py `GenericRepr`.

use std::rc::Rc;

use crate::dialect::ident::python_repr;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::function::Function;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::types::PyType;
use crate::sa::types::attribute;
use crate::sa::types::classes;
use crate::sa::types::to_value;
use crate::schema::types::EnumType;
use crate::schema::types::SqlType;
use crate::schema::types::StringKind;
use crate::schema::types::StringType;

/// A default that is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Usual {
    /// No default: the value alone is shown.
    Positional,
    /// `None`.
    Nothing,
    /// `False`.
    False,
    /// `True`.
    True,
}

impl Usual {
    fn is(self, value: &Value) -> bool {
        match self {
            Self::Positional => false,
            Self::Nothing => value.is_none(),
            Self::False => matches!(value, Value::Bool(false) | Value::Int(0)),
            Self::True => matches!(value, Value::Bool(true) | Value::Int(1)),
        }
    }
}

/// The parameters of a class's constructor that `repr` may show.
fn parameters(class: &NativeClass) -> &'static [(&'static str, Usual)] {
    use Usual::False;
    use Usual::Nothing;
    use Usual::Positional;
    use Usual::True;
    let is_postgresql = class.module.starts_with("sqlalchemy.dialects.postgresql");
    match class.name {
        "String" | "Text" | "Unicode" | "UnicodeText" | "VARCHAR" | "CHAR" | "NCHAR"
        | "NVARCHAR" | "TEXT" | "CLOB" | "CITEXT" => &[
            ("length", Nothing),
            ("collation", Nothing),
            ("collation_schema", Nothing),
        ],
        "Numeric" | "NUMERIC" | "DECIMAL" => &[
            ("precision", Nothing),
            ("scale", Nothing),
            ("decimal_return_scale", Nothing),
            ("asdecimal", True),
        ],
        "Float" | "FLOAT" | "REAL" | "Double" | "DOUBLE" | "DOUBLE_PRECISION" => &[
            ("precision", Nothing),
            ("asdecimal", False),
            ("decimal_return_scale", Nothing),
        ],
        "DateTime" | "DATETIME" | "TIMESTAMP" | "Time" | "TIME" => {
            &[("timezone", False), ("precision", Nothing)]
        }
        "LargeBinary" | "BLOB" | "BINARY" | "VARBINARY" | "BYTEA" => &[("length", Nothing)],
        "Boolean" | "BOOLEAN" => &[("create_constraint", False), ("name", Nothing)],
        "JSON" if !is_postgresql => &[("none_as_null", False)],
        "JSON" | "JSONB" => &[("none_as_null", False), ("astext_type", Nothing)],
        "HSTORE" => &[("text_type", Nothing)],
        "ARRAY" => &[
            ("item_type", Positional),
            ("as_tuple", False),
            ("dimensions", Nothing),
            ("zero_indexes", False),
        ],
        "Uuid" => &[("as_uuid", True), ("native_uuid", True)],
        "UUID" => &[("as_uuid", True)],
        "BIT" => &[("length", Nothing), ("varying", False)],
        "INTERVAL" if is_postgresql => &[("precision", Nothing), ("fields", Nothing)],
        "DOMAIN" => &[("name", Positional), ("data_type", Positional)],
        _ => &[],
    }
}

/// Keeps the constructor's arguments that the data does not hold, to be read as attributes.
pub(super) fn remember(made: &PyType, class: &NativeClass, args: &Args) {
    let known = parameters(class);
    let positional = known.iter().map(|(name, _)| *name).zip(&args.positional);
    let keywords = args.keywords.iter().filter_map(|(given, value)| {
        let (name, _) = known.iter().find(|(name, _)| **name == **given)?;
        Some((*name, value))
    });
    let mut attributes = made.attributes.borrow_mut();
    for (name, value) in positional.chain(keywords) {
        let held = attribute(&made.data.borrow(), name).is_some();
        // What is no type has its meaning in the class.
        let says_nothing = held || value.is_none() && name.ends_with("_type");
        if !says_nothing {
            attributes
                .entry(name.to_owned())
                .or_insert_with(|| value.clone());
        }
    }
}

/// Attributes that every instance of a class has.
pub(super) fn class_attribute(class: &Class, name: &str) -> Option<Value> {
    let native = class.native?;
    match name {
        "astext_type" | "text_type"
            if parameters(native).iter().any(|(known, _)| *known == name) =>
        {
            let text = StringType {
                kind: StringKind::Text,
                length: None,
                collation: None,
            };
            Some(to_value(SqlType::String(text)))
        }
        _ => None,
    }
}

/// `repr` of an instance of a native class.
pub(super) fn native_repr(vm: &Vm, made: &PyType, shown_as: &str) -> PyResult<String> {
    let data = made.data.borrow().clone();
    match &data {
        SqlType::Enum(enumeration) => return Ok(enum_repr(shown_as, enumeration)),
        SqlType::Decorated(_) => {
            let inner = made.attributes.borrow().get("impl").cloned();
            return match inner.as_ref().and_then(Value::native::<PyType>) {
                Some(inner) => native_repr(vm, &inner, shown_as),
                None => Ok(format!("{shown_as}()")),
            };
        }
        SqlType::Interval(_) => return Ok(format!("{shown_as}()")),
        _ => {}
    }
    // Of a type with variants, only the default is shown.
    let data = match data {
        SqlType::Variant(variant) => variant.default,
        other => other,
    };
    let mut parts = Vec::new();
    for (name, default) in made.class.native.map_or(&[][..], parameters) {
        let given = made.attributes.borrow().get(*name).cloned();
        let value = given
            .or_else(|| attribute(&data, name))
            .or_else(|| class_attribute(&made.class, name))
            .or_else(|| item_type(&data).filter(|_| *name == "item_type"));
        match value {
            Some(value) if *default == Usual::Positional => parts.push(repr(vm, &value)?),
            Some(value) if !default.is(&value) => {
                parts.push(format!("{name}={}", repr(vm, &value)?));
            }
            Some(_) | None => {}
        }
    }
    Ok(format!("{shown_as}({})", parts.join(", ")))
}

fn item_type(data: &SqlType) -> Option<Value> {
    match data {
        SqlType::Array(array) => Some(to_value(array.item.clone())),
        _ => None,
    }
}

/// `Enum.repr_struct`.
fn enum_repr(shown_as: &str, enumeration: &EnumType) -> String {
    let mut parts: Vec<String> = enumeration
        .enums
        .iter()
        .map(|label| python_repr(label))
        .collect();
    if let Some(name) = &enumeration.name {
        parts.push(format!("name={}", python_repr(&name.text)));
    }
    if enumeration.create_type == Some(false) {
        parts.push("create_type=False".to_owned());
    }
    if !enumeration.native_enum {
        parts.push("native_enum=False".to_owned());
    }
    if enumeration.create_constraint {
        parts.push("create_constraint=True".to_owned());
    }
    let longest = enumeration.enums.iter().map(|label| label.chars().count());
    let longest = longest.max().unwrap_or(0) as i64;
    match enumeration.length {
        Some(length) if length != longest => parts.push(format!("length={length}")),
        Some(_) | None => {}
    }
    if let Some(schema) = &enumeration.schema {
        parts.push(format!("schema={}", python_repr(&schema.text)));
    }
    format!("{shown_as}({})", parts.join(", "))
}

/// `repr` of anything; of a type the class that the project wrote is shown, with the arguments of its own constructor.
///
/// # Errors
/// What a `__repr__` of the project's raises.
pub fn repr(vm: &Vm, value: &Value) -> PyResult<String> {
    let class = vm.class_of(value);
    if !class.inherits(&classes::TYPE_ENGINE) || class.native.is_some() {
        return vm.repr(value);
    }
    if matches!(class.lookup("__repr__"), Some(Value::Function(_))) {
        return vm.repr(value);
    }
    let decorates = class.inherits(&classes::TYPE_DECORATOR);
    match class.lookup("__init__") {
        Some(Value::Function(init)) if !decorates => own_repr(vm, value, &class, &init),
        _ => match value.native::<PyType>() {
            Some(made) => native_repr(vm, &made, &class.name),
            None => Ok(format!("{}()", class.name)),
        },
    }
}

/// By the constructor that the project wrote.
fn own_repr(vm: &Vm, value: &Value, class: &Rc<Class>, init: &Rc<Function>) -> PyResult<String> {
    let parameters = &init.def.parameters;
    // Those that only keywords give are not looked at.
    let ordinary = parameters
        .positional_only
        .iter()
        .chain(&parameters.positional);
    let mut parts = Vec::new();
    let mut keywords = Vec::new();
    for (place, parameter) in ordinary.enumerate().skip(1) {
        let found = vm.find_attr(value, &parameter.name)?;
        match init.defaults.get(place).cloned().flatten() {
            None => parts.push(repr(vm, &found.unwrap_or(Value::None))?),
            Some(default) => {
                if let Some(found) = found
                    && !vm.equal(&found, &default)?
                {
                    keywords.push(format!("{}={}", parameter.name, repr(vm, &found)?));
                }
            }
        }
    }
    if let Some(rest) = &parameters.rest
        && let Some(found) = vm.find_attr(value, &rest.name)?
    {
        for item in vm.collect(&found)? {
            parts.push(repr(vm, &item)?);
        }
    }
    parts.extend(keywords);
    Ok(format!("{}({})", class.name, parts.join(", ")))
}
