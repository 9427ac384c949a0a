//! SQL types as Python sees them: classes and instances. sqlalchemy/sql/sqltypes.py, type_api.py.

pub mod adapt;
pub mod classes;
pub mod convert;
pub mod enumeration;
pub mod hooks;
pub mod make;
pub mod repr;
mod text;

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::name;
use crate::schema::types::BinaryKind;
use crate::schema::types::DateTimeKind;
use crate::schema::types::NumericKind;
use crate::schema::types::SqlType;
use crate::schema::types::StringKind;
use crate::schema::types::VariantType;
use crate::schema::types::postgresql::PostgresqlType;

pub use crate::sa::types::convert::sql_type;

/// An instance of a type.
#[derive(Debug)]
pub struct PyType {
    /// Its class: the native one, even when a Python class inherits from it.
    pub class: Rc<Class>,
    /// What it is.
    pub data: RefCell<SqlType>,
    /// What was given or assigned, by attribute name (`impl`, `item_type`, `enum_class`, …).
    pub attributes: RefCell<IndexMap<String, Value>>,
}

impl PyType {
    /// An instance.
    pub fn new(class: &Rc<Class>, data: SqlType) -> Self {
        Self {
            class: class.clone(),
            data: RefCell::new(data),
            attributes: RefCell::default(),
        }
    }

    /// Keeps a value to be read as an attribute.
    pub fn with(self, name: &str, value: Value) -> Self {
        self.attributes.borrow_mut().insert(name.to_owned(), value);
        self
    }
}

impl Object for PyType {
    fn class(&self) -> Rc<Class> {
        self.class.clone()
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        // What a decorator with variants does not have itself is its implementation's.
        Ok(self.shown(name).or_else(|| {
            let implementation = self.attributes.borrow().get("impl").cloned();
            implementation?.native::<Self>()?.shown(name)
        }))
    }

    fn own_attr(&self, name: &str) -> Option<Value> {
        self.attributes.borrow().get(name).cloned()
    }

    fn set_attr(self: Rc<Self>, vm: &Vm, name: &str, value: Value) -> PyResult<bool> {
        let is_data = attribute(&self.data.borrow(), name).is_some();
        if is_data && !self.assign(vm, name, &value)? {
            return Err(PyError::unsupported(format!(
                "assigning `{name}` of a type"
            )));
        }
        self.attributes.borrow_mut().insert(name.to_owned(), value);
        Ok(true)
    }

    fn repr(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        repr::native_repr(vm, &self, &self.class.name).map(Some)
    }

    fn str(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        let data = self.data.borrow().clone();
        if let Some(text) = text::of(&data) {
            return Ok(Some(text));
        }
        match crate::sa::clause::default_dialect().type_sql(&data) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Object::repr(self, vm),
        }
    }

    fn hash_key(&self) -> Option<String> {
        None
    }
}

impl PyType {
    /// What was given, or follows from what the type is.
    fn shown(&self, name: &str) -> Option<Value> {
        let given = self.attributes.borrow().get(name).cloned();
        given
            .or_else(|| attribute(&self.data.borrow(), name))
            .or_else(|| repr::class_attribute(&self.class, name))
    }

    /// Assignments that change the type itself: `enum.name = …`, `enum.schema = …`, `string.length = …`.
    fn assign(&self, _vm: &Vm, attribute: &str, value: &Value) -> PyResult<bool> {
        let mut data = self.data.borrow_mut();
        match (&mut *data, attribute) {
            (SqlType::Enum(enumeration), "name") => {
                enumeration.name = name::optional(value, "as a type name")?
            }
            (SqlType::Enum(enumeration), "schema") => {
                enumeration.schema = name::optional(value, "as a schema")?
            }
            (SqlType::Enum(enumeration), "create_type") => {
                enumeration.create_type = Some(matches!(value, Value::Bool(true)))
            }
            (SqlType::Enum(enumeration), "create_constraint") => {
                enumeration.create_constraint = matches!(value, Value::Bool(true));
            }
            (SqlType::String(string), "length") => match value {
                Value::Int(length) => string.length = Some(*length),
                Value::None => string.length = None,
                _ => return Ok(false),
            },
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// `int` or `None`.
fn number(value: Option<i64>) -> Value {
    value.map_or(Value::None, Value::Int)
}

/// A name or `None`.
fn named(value: Option<&crate::schema::name::Name>) -> Value {
    value.map_or(Value::None, name::to_value)
}

/// What the arguments of a type read back as.
fn attribute(data: &SqlType, name: &str) -> Option<Value> {
    let text = |value: &Option<String>| value.as_ref().map_or(Value::None, Value::str);
    Some(match (data, name) {
        (SqlType::String(string), "length") => number(string.length),
        (SqlType::String(string), "collation") => text(&string.collation),
        (SqlType::Numeric(numeric), "precision") => number(numeric.precision),
        (SqlType::Numeric(numeric), "scale") => number(numeric.scale),
        (SqlType::Numeric(numeric), "asdecimal") => Value::Bool(numeric.asdecimal),
        (SqlType::DateTime(datetime), "timezone") => Value::Bool(datetime.timezone),
        (SqlType::Time(time), "timezone") => Value::Bool(time.timezone),
        (SqlType::Binary(binary), "length") => number(binary.length),
        (SqlType::Boolean(boolean), "name") => named(boolean.name.as_ref()),
        (SqlType::Uuid(uuid), "as_uuid") => Value::Bool(uuid.as_uuid),
        (SqlType::Enum(enumeration), "enums") => {
            Value::list(enumeration.enums.iter().map(Value::str).collect())
        }
        (SqlType::Enum(enumeration), "name") => named(enumeration.name.as_ref()),
        (SqlType::Enum(enumeration), "schema") => named(enumeration.schema.as_ref()),
        (SqlType::Enum(enumeration), "native_enum") => Value::Bool(enumeration.native_enum),
        (SqlType::Enum(enumeration), "create_constraint") => {
            Value::Bool(enumeration.create_constraint)
        }
        (SqlType::Enum(enumeration), "create_type") => {
            Value::Bool(enumeration.create_type.unwrap_or(true))
        }
        (SqlType::Enum(enumeration), "length") => number(enumeration.effective_length()),
        (SqlType::DateTime(datetime), "precision") if datetime.precision.is_some() => {
            number(datetime.precision)
        }
        (SqlType::Time(time), "precision") if time.precision.is_some() => number(time.precision),
        (SqlType::Boolean(boolean), "create_constraint") => Value::Bool(boolean.create_constraint),
        (SqlType::Json(json), "none_as_null") => Value::Bool(json.none_as_null),
        (SqlType::Uuid(uuid), "native_uuid") => Value::Bool(uuid.native_uuid),
        (SqlType::Postgresql(PostgresqlType::Bit { length, .. }), "length") => number(*length),
        (SqlType::Postgresql(PostgresqlType::Bit { varying, .. }), "varying") => {
            Value::Bool(*varying)
        }
        (SqlType::Postgresql(PostgresqlType::Interval { fields, .. }), "fields") => text(fields),
        (SqlType::Postgresql(PostgresqlType::Interval { precision, .. }), "precision") => {
            number(*precision)
        }
        (SqlType::Array(array), "dimensions") => number(array.dimensions),
        (SqlType::Postgresql(PostgresqlType::Domain(domain)), "name") => {
            named(domain.name.as_ref())
        }
        _ => return None,
    })
}

/// The usual class name of a type.
fn type_name(data: &SqlType) -> &'static str {
    use crate::schema::types::IntegerSize;
    match data {
        SqlType::Null => "NullType",
        SqlType::Integer(IntegerSize::Small) => "SmallInteger",
        SqlType::Integer(IntegerSize::Normal) => "Integer",
        SqlType::Integer(IntegerSize::Big) => "BigInteger",
        SqlType::Numeric(_) => "Numeric",
        SqlType::String(_) => "String",
        SqlType::Boolean(_) => "Boolean",
        SqlType::Date => "Date",
        SqlType::DateTime(_) => "DateTime",
        SqlType::Time(_) => "Time",
        SqlType::Interval(_) => "Interval",
        SqlType::Binary(_) => "LargeBinary",
        SqlType::Json(json) => {
            if json.binary {
                "JSONB"
            } else {
                "JSON"
            }
        }
        SqlType::Uuid(_) => "Uuid",
        SqlType::Enum(_) => "Enum",
        SqlType::Array(_) => "ARRAY",
        SqlType::Variant(variant) => type_name(&variant.default),
        SqlType::Decorated(decorated) => type_name(&decorated.implementation),
        SqlType::UserDefined(_) => "UserDefinedType",
        SqlType::Postgresql(PostgresqlType::Plain(plain)) => plain.name(),
        SqlType::Postgresql(PostgresqlType::Bit { .. }) => "BIT",
        SqlType::Postgresql(PostgresqlType::Interval { .. }) => "INTERVAL",
        SqlType::Postgresql(PostgresqlType::Domain(_)) => "DOMAIN",
        SqlType::Foreign(foreign) => foreign.name,
    }
}

/// The class of a text type.
fn string_class(kind: StringKind) -> &'static str {
    match kind {
        StringKind::String => "String",
        StringKind::Text => "Text",
        StringKind::Unicode => "Unicode",
        StringKind::UnicodeText => "UnicodeText",
        StringKind::Varchar => "VARCHAR",
        StringKind::Char => "CHAR",
        StringKind::Nchar => "NCHAR",
        StringKind::Nvarchar => "NVARCHAR",
        StringKind::UpperText => "TEXT",
        StringKind::Clob => "CLOB",
    }
}

/// The class of a numeric type.
fn numeric_class(kind: NumericKind) -> &'static str {
    match kind {
        NumericKind::Numeric => "Numeric",
        NumericKind::Decimal => "DECIMAL",
        NumericKind::Float => "Float",
        NumericKind::Double => "Double",
        NumericKind::UpperDouble => "DOUBLE",
        NumericKind::DoublePrecision => "DOUBLE_PRECISION",
        NumericKind::Real => "REAL",
    }
}

/// A `SqlType` as Python sees it: an instance of the class it usually has.
pub fn to_value(data: SqlType) -> Value {
    Value::object(PyType::new(&Class::of(usual_class(&data)), data))
}

fn usual_class(data: &SqlType) -> &'static NativeClass {
    let name = match data {
        SqlType::Enum(enumeration) if enumeration.upper => "ENUM",
        SqlType::String(string) => string_class(string.kind),
        SqlType::Numeric(numeric) => numeric_class(numeric.kind),
        SqlType::DateTime(datetime) => match datetime.kind {
            DateTimeKind::Generic => "DateTime",
            DateTimeKind::Datetime => "DATETIME",
            DateTimeKind::Timestamp => "TIMESTAMP",
        },
        SqlType::Uuid(uuid) if uuid.upper => "UUID",
        SqlType::Binary(binary) if binary.kind == BinaryKind::Bytea => "BYTEA",
        other => type_name(other),
    };
    classes::by_name(name).unwrap_or(&classes::TYPE_ENGINE)
}

/// A type that was read from a database: the class in capitals, where there is one.
pub fn reflected(data: SqlType, dialect: &str) -> Value {
    if let SqlType::Array(array) = &data {
        let item = reflected(array.item.clone(), dialect);
        let class = Class::of(usual_class(&data));
        return Value::object(PyType::new(&class, data).with("item_type", item));
    }
    match upper_class(&data, dialect) {
        Some(class) => Value::object(PyType::new(&Class::of(class), data)),
        None => to_value(data),
    }
}

/// The full name of the class of such a type.
pub fn reflected_class(data: &SqlType, dialect: &str) -> String {
    let class = upper_class(data, dialect).unwrap_or_else(|| usual_class(data));
    format!("{}.{}", class.module, class.name)
}

fn upper_class(data: &SqlType, dialect: &str) -> Option<&'static NativeClass> {
    use crate::schema::types::IntegerSize;
    let is_postgresql = dialect == "postgresql";
    Some(match data {
        SqlType::Integer(IntegerSize::Small) => &classes::SMALLINT,
        SqlType::Integer(IntegerSize::Normal) => &classes::INTEGER,
        SqlType::Integer(IntegerSize::Big) => &classes::BIGINT,
        SqlType::Numeric(numeric) if numeric.kind == NumericKind::Numeric => &classes::NUMERIC,
        SqlType::Numeric(numeric) if numeric.kind == NumericKind::Float => &classes::FLOAT,
        SqlType::Boolean(_) => &classes::BOOLEAN,
        SqlType::Date => &classes::DATE,
        SqlType::DateTime(datetime)
            if is_postgresql && datetime.kind == DateTimeKind::Timestamp =>
        {
            &classes::PG_TIMESTAMP
        }
        SqlType::Time(_) if is_postgresql => &classes::PG_TIME,
        SqlType::Time(_) => &classes::TIME,
        SqlType::Binary(binary) if binary.kind == BinaryKind::Blob => &classes::BLOB,
        SqlType::Json(json) if is_postgresql && !json.binary => &classes::PG_JSON,
        _ => return None,
    })
}

/// The types for other dialects, by dialect.
pub const VARIANTS: &str = "_variant_mapping";

/// The type without them.
pub const VARIANT_BASE: &str = "_variant_base";

/// `type.with_variant(type, *dialects)`.
pub fn with_variant(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("with_variant", "(type_, *dialect_names)")?;
    let other = sql_type(vm, &bound.get("type_"))?;
    let mut variant = match sql_type(vm, this)? {
        SqlType::Variant(variant) => *variant,
        default => VariantType {
            default,
            mapping: Vec::new(),
        },
    };
    for dialect in &bound.rest {
        let name = dialect
            .as_str()
            .ok_or_else(|| PyError::type_error("dialect names must be str"))?;
        variant.mapping.push((name.to_string(), other.clone()));
    }
    let class = vm.class_of(this);
    let mut mapping = match this
        .native::<PyType>()
        .and_then(|known| known.own_attr(VARIANTS))
    {
        Some(Value::Dict(known)) => known.borrow().clone(),
        _ => Dict::new(),
    };
    let base = this
        .native::<PyType>()
        .and_then(|known| known.own_attr(VARIANT_BASE));
    for dialect in &bound.rest {
        mapping.insert(
            dialect.clone(),
            convert::to_instance(vm, &bound.get("type_"), Args::none())?,
        )?;
    }
    let made = PyType::new(&class, SqlType::Variant(Box::new(variant)));
    if let Some(known) = this.native::<PyType>() {
        *made.attributes.borrow_mut() = known.attributes.borrow().clone();
    }
    Ok(Value::object(
        made.with(VARIANT_BASE, base.unwrap_or_else(|| this.clone()))
            .with(VARIANTS, Value::dict(mapping)),
    ))
}

/// `type.compile(dialect=None)`.
pub fn compile(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let data = sql_type(vm, this)?;
    let dialect = crate::sa::clause::default_dialect();
    dialect
        .type_sql(&data)
        .map(Value::str)
        .map_err(|error| crate::sa::exc::from_compile_error(&error))
}

/// `type.dialect_impl(dialect)`, `type.copy()`, `type.adapt(cls)`…: the type itself.
pub fn itself(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(this.clone())
}
