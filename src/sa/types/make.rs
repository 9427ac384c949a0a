//! The constructor of every type class: the arguments upstream takes, and the `SqlType` they make.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::clause;
use crate::sa::name;
use crate::sa::types::PyType;
use crate::sa::types::classes;
use crate::sa::types::convert::to_instance;
use crate::sa::types::enumeration;
use crate::sa::types::repr;
use crate::sa::types::sql_type;
use crate::schema::default::DefaultValue;
use crate::schema::types::ArrayType;
use crate::schema::types::BinaryKind;
use crate::schema::types::BinaryType;
use crate::schema::types::BooleanType;
use crate::schema::types::DateTimeKind;
use crate::schema::types::DateTimeType;
use crate::schema::types::DecoratedType;
use crate::schema::types::ForeignType;
use crate::schema::types::IntegerSize;
use crate::schema::types::IntervalType;
use crate::schema::types::JsonType;
use crate::schema::types::NumericKind;
use crate::schema::types::NumericType;
use crate::schema::types::SqlType;
use crate::schema::types::StringKind;
use crate::schema::types::StringType;
use crate::schema::types::TimeType;
use crate::schema::types::TypeInstance;
use crate::schema::types::UserDefinedType;
use crate::schema::types::UuidType;
use crate::schema::types::postgresql::DomainType;
use crate::schema::types::postgresql::PlainType;
use crate::schema::types::postgresql::PostgresqlType;

/// `Type(...)`.
pub fn new_type(vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let Some(native) = class.native_base() else {
        return Err(PyError::type_error("not a type class"));
    };
    let face = if class.native.is_some() {
        class.clone()
    } else {
        Class::of(native)
    };
    match native.name {
        "TypeDecorator" => return new_decorator(vm, class, args),
        "UserDefinedType" | "TypeEngine" => {
            let spec = UserDefinedType {
                class: class.name.to_string(),
                instance: TypeInstance::default(),
                spec: String::new(),
                hooks: None,
            };
            return Ok(Value::object(PyType::new(
                &face,
                SqlType::UserDefined(spec),
            )));
        }
        "Enum" | "ENUM" => return enumeration::new_enum(vm, native, &face, args),
        "ARRAY" => {
            let given = args.clone();
            let made = new_array(vm, &face, args)?;
            if let Some(made) = made.native::<PyType>() {
                repr::remember(&made, native, &given);
            }
            return Ok(made);
        }
        "DOMAIN" => return new_domain(vm, &face, args),
        _ => {}
    }
    if native.module == "sqlalchemy.dialects.mysql" {
        return mysql(&face, native, args);
    }
    let given = args.clone();
    let made = PyType::new(&face, data(native, args)?);
    repr::remember(&made, native, &given);
    Ok(Value::object(made))
}

/// Types whose arguments are plain values.
#[expect(
    clippy::too_many_lines,
    reason = "the steps share their state and are read in order"
)]
fn data(native: &'static NativeClass, args: Args) -> PyResult<SqlType> {
    let no_arguments = |data: SqlType, args: Args| {
        if args.positional.is_empty() && args.keywords.is_empty() {
            Ok(data)
        } else {
            Err(PyError::type_error(format!(
                "{}() takes no arguments",
                native.name
            )))
        }
    };
    match (native.name, native.module) {
        ("NullType", _) => no_arguments(SqlType::Null, args),
        ("Integer" | "INTEGER", _) => no_arguments(SqlType::Integer(IntegerSize::Normal), args),
        ("SmallInteger" | "SMALLINT", _) => {
            no_arguments(SqlType::Integer(IntegerSize::Small), args)
        }
        ("BigInteger" | "BIGINT", _) => no_arguments(SqlType::Integer(IntegerSize::Big), args),
        ("Date" | "DATE", _) => no_arguments(SqlType::Date, args),
        ("Numeric" | "NUMERIC", _) => numeric(NumericKind::Numeric, args),
        ("DECIMAL", _) => numeric(NumericKind::Decimal, args),
        ("Float" | "FLOAT", _) => float(NumericKind::Float, args),
        ("REAL", _) => float(NumericKind::Real, args),
        ("Double", _) => float(NumericKind::Double, args),
        ("DOUBLE", _) => float(NumericKind::UpperDouble, args),
        ("DOUBLE_PRECISION", _) => float(NumericKind::DoublePrecision, args),
        ("String", _) => string(StringKind::String, args),
        ("Text", _) => string(StringKind::Text, args),
        ("Unicode", _) => string(StringKind::Unicode, args),
        ("UnicodeText", _) => string(StringKind::UnicodeText, args),
        ("VARCHAR", _) => string(StringKind::Varchar, args),
        ("CHAR", _) => string(StringKind::Char, args),
        ("NCHAR", _) => string(StringKind::Nchar, args),
        ("NVARCHAR", _) => string(StringKind::Nvarchar, args),
        ("TEXT", _) => string(StringKind::UpperText, args),
        ("CLOB", _) => string(StringKind::Clob, args),
        ("Boolean" | "BOOLEAN", _) => boolean(args),
        ("DateTime", _) => datetime(DateTimeKind::Generic, args),
        ("DATETIME", _) => datetime(DateTimeKind::Datetime, args),
        ("TIMESTAMP", _) => datetime(DateTimeKind::Timestamp, args),
        ("Time" | "TIME", _) => time(args),
        ("Interval", _) => interval(args),
        ("LargeBinary", _) => binary(BinaryKind::Large, args),
        ("BLOB", _) => binary(BinaryKind::Blob, args),
        ("BINARY", _) => binary(BinaryKind::Binary, args),
        ("VARBINARY", _) => binary(BinaryKind::Varbinary, args),
        ("BYTEA", _) => binary(BinaryKind::Bytea, args),
        ("PickleType", _) => {
            args.bind(
                "PickleType.__init__",
                "(protocol=5, pickler=None, comparator=None, impl=None)",
            )?;
            Ok(SqlType::Binary(BinaryType {
                kind: BinaryKind::Pickle,
                length: None,
            }))
        }
        ("JSON" | "JSONB", _) => json(native.name == "JSONB", args),
        ("Uuid", _) => uuid(false, args),
        ("UUID", _) => uuid(true, args),
        ("BIT", "sqlalchemy.dialects.postgresql.types") => bit(args),
        ("INTERVAL", "sqlalchemy.dialects.postgresql.types") => pg_interval(args),
        (name, module) if module.starts_with("sqlalchemy.dialects.postgresql") => {
            match PlainType::ALL.iter().find(|plain| plain.name() == name) {
                Some(plain) => Ok(SqlType::Postgresql(PostgresqlType::Plain(*plain))),
                None => Err(PyError::unsupported(format!("the type `{name}`"))),
            }
        }
        (name, module) => {
            let dialect = module
                .strip_prefix("sqlalchemy.dialects.")
                .unwrap_or("another");
            Ok(SqlType::Foreign(ForeignType { dialect, name }))
        }
    }
}

/// MySQL's types take any arguments; those that share a name with a generic type are rendered as it elsewhere.
#[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
fn mysql(face: &Rc<Class>, native: &'static NativeClass, args: Args) -> PyResult<Value> {
    let length = args
        .positional
        .first()
        .cloned()
        .or_else(|| args.keyword("length").cloned());
    let length = match length {
        Some(Value::Int(length)) => Some(length),
        _ => None,
    };
    let fsp = match args.keyword("fsp") {
        Some(Value::Int(_)) => None,
        _ => length,
    };
    let text = |kind| {
        SqlType::String(StringType {
            kind,
            length,
            collation: None,
        })
    };
    let numeric = |kind| {
        let scale = match args.positional.get(1).or_else(|| args.keyword("scale")) {
            Some(Value::Int(scale)) => Some(*scale),
            _ => None,
        };
        let precision = match args.keyword("precision") {
            Some(Value::Int(precision)) => Some(*precision),
            _ => length,
        };
        SqlType::Numeric(NumericType {
            kind,
            precision,
            scale,
            asdecimal: true,
        })
    };
    let data = match native.name {
        "INTEGER" => SqlType::Integer(IntegerSize::Normal),
        "BIGINT" => SqlType::Integer(IntegerSize::Big),
        "SMALLINT" => SqlType::Integer(IntegerSize::Small),
        "NUMERIC" => numeric(NumericKind::Numeric),
        "DECIMAL" => numeric(NumericKind::Decimal),
        "FLOAT" => numeric(NumericKind::Float),
        "REAL" => numeric(NumericKind::Real),
        "DOUBLE" => numeric(NumericKind::UpperDouble),
        "VARCHAR" => text(StringKind::Varchar),
        "CHAR" => text(StringKind::Char),
        "NVARCHAR" => text(StringKind::Nvarchar),
        "NCHAR" => text(StringKind::Nchar),
        "TEXT" => text(StringKind::UpperText),
        "DATETIME" => SqlType::DateTime(DateTimeType {
            kind: DateTimeKind::Datetime,
            timezone: false,
            precision: None,
        }),
        "TIMESTAMP" => SqlType::DateTime(DateTimeType {
            kind: DateTimeKind::Timestamp,
            timezone: false,
            precision: None,
        }),
        "TIME" => SqlType::Time(TimeType {
            timezone: false,
            precision: None,
        }),
        "BIT" => SqlType::Postgresql(PostgresqlType::Bit {
            length: fsp.or(Some(1)),
            varying: false,
        }),
        name => SqlType::Foreign(ForeignType {
            dialect: "mysql",
            name,
        }),
    };
    Ok(Value::object(PyType::new(face, data)))
}

fn numeric(kind: NumericKind, args: Args) -> PyResult<SqlType> {
    let bound = args.bind(
        "Numeric.__init__",
        "(precision=None, scale=None, decimal_return_scale=None, asdecimal=True)",
    )?;
    Ok(SqlType::Numeric(NumericType {
        kind,
        precision: bound.optional_int("precision")?,
        scale: bound.optional_int("scale")?,
        asdecimal: bound.bool("asdecimal")?,
    }))
}

fn float(kind: NumericKind, args: Args) -> PyResult<SqlType> {
    let bound = args.bind(
        "Float.__init__",
        "(precision=None, asdecimal=False, decimal_return_scale=None)",
    )?;
    Ok(SqlType::Numeric(NumericType {
        kind,
        precision: bound.optional_int("precision")?,
        scale: None,
        asdecimal: bound.bool("asdecimal")?,
    }))
}

fn string(kind: StringKind, args: Args) -> PyResult<SqlType> {
    let bound = args.bind(
        "String.__init__",
        "(length=None, collation=None, collation_schema=None)",
    )?;
    if !bound.get("collation_schema").is_none() {
        return Err(PyError::unsupported("`collation_schema` of a string type"));
    }
    Ok(SqlType::String(StringType {
        kind,
        length: bound.optional_int("length")?,
        collation: bound
            .optional_str("collation")?
            .map(|text| text.to_string()),
    }))
}

fn boolean(args: Args) -> PyResult<SqlType> {
    let bound = args.bind(
        "Boolean.__init__",
        "(create_constraint=False, name=None, _create_events=True, _adapted_from=None)",
    )?;
    Ok(SqlType::Boolean(BooleanType {
        create_constraint: bound.bool("create_constraint")?,
        name: name::optional(&bound.get("name"), "as a constraint name")?,
    }))
}

fn datetime(kind: DateTimeKind, args: Args) -> PyResult<SqlType> {
    let bound = args.bind("DateTime.__init__", "(timezone=False, precision=None)")?;
    Ok(SqlType::DateTime(DateTimeType {
        kind,
        timezone: bound.bool("timezone")?,
        precision: bound.optional_int("precision")?,
    }))
}

fn time(args: Args) -> PyResult<SqlType> {
    let bound = args.bind("Time.__init__", "(timezone=False, precision=None)")?;
    Ok(SqlType::Time(TimeType {
        timezone: bound.bool("timezone")?,
        precision: bound.optional_int("precision")?,
    }))
}

fn interval(args: Args) -> PyResult<SqlType> {
    let bound = args.bind(
        "Interval.__init__",
        "(native=True, second_precision=None, day_precision=None)",
    )?;
    Ok(SqlType::Interval(IntervalType {
        native: bound.bool("native")?,
        second_precision: bound.optional_int("second_precision")?,
        day_precision: bound.optional_int("day_precision")?,
    }))
}

fn binary(kind: BinaryKind, args: Args) -> PyResult<SqlType> {
    let bound = args.bind("_Binary.__init__", "(length=None)")?;
    Ok(SqlType::Binary(BinaryType {
        kind,
        length: bound.optional_int("length")?,
    }))
}

fn json(binary: bool, args: Args) -> PyResult<SqlType> {
    let bound = args.bind("JSON.__init__", "(none_as_null=False, astext_type=None)")?;
    Ok(SqlType::Json(JsonType {
        binary,
        none_as_null: bound.bool("none_as_null")?,
    }))
}

fn uuid(upper: bool, args: Args) -> PyResult<SqlType> {
    let bound = args.bind("Uuid.__init__", "(as_uuid=True, native_uuid=True)")?;
    Ok(SqlType::Uuid(UuidType {
        as_uuid: bound.bool("as_uuid")?,
        native_uuid: bound.bool("native_uuid")?,
        upper,
    }))
}

fn bit(args: Args) -> PyResult<SqlType> {
    let bound = args.bind("BIT.__init__", "(length=None, varying=False)")?;
    let varying = bound.bool("varying")?;
    let length = bound.optional_int("length")?;
    let length = if varying {
        length
    } else {
        length.filter(|length| *length != 0).or(Some(1))
    };
    Ok(SqlType::Postgresql(PostgresqlType::Bit { length, varying }))
}

fn pg_interval(args: Args) -> PyResult<SqlType> {
    let bound = args.bind("INTERVAL.__init__", "(precision=None, fields=None)")?;
    Ok(SqlType::Postgresql(PostgresqlType::Interval {
        precision: bound.optional_int("precision")?,
        fields: bound.optional_str("fields")?.map(|text| text.to_string()),
    }))
}

fn new_array(vm: &Vm, face: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "ARRAY.__init__",
        "(item_type, as_tuple=False, dimensions=None, zero_indexes=False)",
    )?;
    let item = to_instance(vm, &bound.get("item_type"), Args::none())?;
    if let Some(native) = item.native::<PyType>()
        && face
            .native
            .is_some_and(|outer| native.class.inherits(outer))
    {
        return Err(PyError::value_error(
            "Do not nest ARRAY types; ARRAY(basetype) handles multi-dimensional arrays of basetype",
        ));
    }
    let array = ArrayType {
        item: sql_type(vm, &item)?,
        dimensions: bound.optional_int("dimensions")?,
    };
    Ok(Value::object(
        PyType::new(face, SqlType::Array(Box::new(array))).with("item_type", item),
    ))
}

/// `TypeDecorator(*args)`: the arguments go to the class's `impl`.
fn new_decorator(vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let Some(implementation) = class.lookup("impl") else {
        return Err(PyError::attribute_error(
            "TypeDecorator implementations require a class-level variable 'impl' which refers to the class of type being decorated",
        ));
    };
    let implementation = to_instance(vm, &implementation, args)?;
    // A `load_dialect_impl` may replace what `impl` would be: that is asked when the type is used.
    let data = match sql_type(vm, &implementation) {
        Ok(found) => found,
        Err(error) if matches!(class.lookup("load_dialect_impl"), Some(Value::Function(_))) => {
            let _ = error;
            SqlType::Null
        }
        Err(error) => return Err(error),
    };
    let decorated = DecoratedType {
        class: class.name.to_string(),
        instance: TypeInstance::default(),
        implementation: data,
        hooks: None,
    };
    let made = PyType::new(
        &Class::of(&classes::TYPE_DECORATOR),
        SqlType::Decorated(Box::new(decorated)),
    );
    Ok(Value::object(made.with("impl", implementation)))
}

/// `DOMAIN(name, data_type, …)`: sqlalchemy/dialects/postgresql/named_types.py.
fn new_domain(vm: &Vm, face: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "DOMAIN.__init__",
        "(name, data_type, *, collation=None, collation_schema=None, default=None, constraint_name=None, not_null=None, check=None, create_type=True, schema=None, metadata=None, inherit_schema=False, quote=None)",
    )?;
    if !bound.get("collation_schema").is_none() {
        return Err(PyError::unsupported("`collation_schema` of a DOMAIN"));
    }
    let domain = domain(vm, &bound)?;
    let made = PyType::new(
        face,
        SqlType::Postgresql(PostgresqlType::Domain(Box::new(domain))),
    );
    let data_type = to_instance(vm, &bound.get("data_type"), Args::none())?;
    Ok(Value::object(made.with("data_type", data_type)))
}

fn domain(vm: &Vm, bound: &Bound) -> PyResult<DomainType> {
    let default = match bound.get("default") {
        Value::None => None,
        text @ Value::Str(_) => text
            .as_str()
            .map(|text| DefaultValue::Text(text.to_string())),
        other => Some(DefaultValue::Expr(clause::expr(vm, &other)?)),
    };
    let check = match bound.get("check") {
        Value::None => None,
        other => Some(clause::text_or_expr(vm, &other)?),
    };
    Ok(DomainType {
        name: name::optional(&bound.get("name"), "as a domain name")?,
        schema: name::optional(&bound.get("schema"), "as a schema")?,
        data_type: sql_type(vm, &bound.get("data_type"))?,
        collation: bound
            .optional_str("collation")?
            .map(|text| text.to_string()),
        default,
        constraint_name: name::optional(&bound.get("constraint_name"), "as a constraint name")?,
        not_null: bound.bool("not_null")?,
        check,
        create_type: bound.bool("create_type")?,
        has_metadata: !bound.get("metadata").is_none(),
    })
}
