//! A dialect as Python sees it: `bind.dialect`, `op.get_context().dialect`. sqlalchemy/engine/default.py DefaultDialect.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::dialect::Dialect;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::types::PyType;
use crate::schema::types::BinaryKind;
use crate::schema::types::DateTimeKind;
use crate::schema::types::NumericKind;
use crate::schema::types::SqlType;
use crate::schema::types::StringKind;

/// `sqlalchemy.engine.default.DefaultDialect`.
pub static DIALECT: NativeClass = NativeClass {
    methods: &[("type_descriptor", type_descriptor)],
    ..NativeClass::plain("sqlalchemy.engine.default", "DefaultDialect", &[])
};

/// `dialect.type_descriptor(type)`: `adapt_type` with the driver's `colspecs`, which turns some types into a plainer one.
fn type_descriptor(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let given = args.bind("type_descriptor", "(typeobj)")?.get("typeobj");
    let given = crate::sa::types::convert::to_instance(vm, &given, Args::none())?;
    let (Some(dialect), Some(native)) = (this.native::<PyDialect>(), given.native::<PyType>())
    else {
        return Ok(given);
    };
    if dialect.dialect.name() != "postgresql" {
        return Ok(given);
    }
    let data = native.data.borrow().clone();
    let adapted = adapt_type(&data, &dialect.dialect.settings().driver);
    Ok(match adapted == data {
        true => given,
        false => crate::sa::types::to_value(adapted),
    })
}

/// What a driver's `colspecs` make of a type: sqlalchemy/dialects/postgresql/{psycopg,psycopg2,asyncpg,pg8000}.py. Only what shows in the text.
fn adapt_type(data: &SqlType, driver: &str) -> SqlType {
    let mut adapted = data.clone();
    let is_psycopg2 = driver.starts_with("psycopg2");
    match &mut adapted {
        SqlType::Numeric(numeric) => {
            numeric.kind = match numeric.kind {
                NumericKind::Numeric | NumericKind::Decimal => NumericKind::Numeric,
                NumericKind::Float
                | NumericKind::Double
                | NumericKind::UpperDouble
                | NumericKind::DoublePrecision
                | NumericKind::Real => NumericKind::Float,
            };
        }
        SqlType::String(string) if !is_psycopg2 => {
            let is_kept = driver == "asyncpg" && string.kind == StringKind::Char;
            if !is_kept {
                string.kind = StringKind::String;
            }
        }
        SqlType::DateTime(datetime) if !is_psycopg2 => {
            datetime.kind = DateTimeKind::Generic;
            datetime.precision = None;
        }
        SqlType::Time(time) if !is_psycopg2 => time.precision = None,
        SqlType::Binary(binary) if driver == "asyncpg" => binary.kind = BinaryKind::Large,
        _ => {}
    }
    adapted
}

/// `sqlalchemy.sql.compiler.IdentifierPreparer`.
pub static PREPARER: NativeClass = NativeClass {
    methods: &[
        ("quote", quote),
        ("quote_identifier", quote_identifier),
        ("quote_schema", quote),
        ("format_table", format_table),
    ],
    ..NativeClass::plain("sqlalchemy.sql.compiler", "IdentifierPreparer", &[])
};

/// The dialect object.
#[derive(Debug)]
pub struct PyDialect {
    /// What it stands for.
    pub dialect: Rc<dyn Dialect>,
    /// What Python code assigned to it.
    assigned: RefCell<IndexMap<String, Value>>,
}

/// The face of a dialect.
pub fn face(_vm: &Vm, dialect: &Rc<dyn Dialect>) -> PyResult<Value> {
    Ok(Value::object(PyDialect {
        dialect: dialect.clone(),
        assigned: RefCell::default(),
    }))
}

impl Object for PyDialect {
    fn class(&self) -> Rc<Class> {
        Class::of(&DIALECT)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        if let Some(value) = self.assigned.borrow().get(name) {
            return Ok(Some(value.clone()));
        }
        let settings = self.dialect.settings();
        Ok(Some(match name {
            "name" => Value::str(self.dialect.name()),
            "driver" => Value::str(&settings.driver),
            "server_version_info" => match settings.server_version {
                Some((major, minor)) => Value::tuple(vec![
                    Value::Int(i64::from(major)),
                    Value::Int(i64::from(minor)),
                ]),
                None => Value::None,
            },
            "default_schema_name" => Value::str(if self.dialect.name() == "postgresql" {
                "public"
            } else {
                "main"
            }),
            "identifier_preparer" => Value::object(Preparer {
                dialect: self.dialect.clone(),
            }),
            "max_identifier_length" => Value::Int(63),
            "supports_native_boolean"
            | "supports_sane_rowcount"
            | "supports_comments"
            | "supports_sequences"
            | "supports_native_enum" => Value::Bool(true),
            "paramstyle" => Value::str("named"),
            _ => return Ok(None),
        }))
    }

    fn set_attr(self: Rc<Self>, _vm: &Vm, name: &str, value: Value) -> PyResult<bool> {
        self.assigned.borrow_mut().insert(name.to_owned(), value);
        Ok(true)
    }
}

/// `dialect.identifier_preparer`.
#[derive(Debug)]
struct Preparer {
    dialect: Rc<dyn Dialect>,
}

impl Object for Preparer {
    fn class(&self) -> Rc<Class> {
        Class::of(&PREPARER)
    }
}

fn preparer(this: &Value) -> PyResult<Rc<Preparer>> {
    this.native::<Preparer>()
        .ok_or_else(|| PyError::type_error("descriptor requires an 'IdentifierPreparer' object"))
}

fn quote(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let preparer = preparer(this)?;
    let bound = args.bind("IdentifierPreparer.quote", "(ident, force=None)")?;
    Ok(Value::str(
        preparer.dialect.quote_text(&bound.str("ident")?),
    ))
}

fn quote_identifier(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    preparer(this)?;
    let bound = args.bind("IdentifierPreparer.quote_identifier", "(value)")?;
    Ok(Value::str(format!(
        "\"{}\"",
        bound.str("value")?.replace('"', "\"\"")
    )))
}

fn format_table(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let preparer = preparer(this)?;
    let bound = args.bind(
        "IdentifierPreparer.format_table",
        "(table, use_schema=True, name=None)",
    )?;
    let table = bound.get("table");
    let name = vm.str(&vm.get_attr(&table, "name")?)?;
    let schema = vm.get_attr(&table, "schema")?;
    let quoted = preparer.dialect.quote_text(&name);
    Ok(Value::str(match schema.as_str() {
        Some(schema) if bound.bool("use_schema")? => {
            format!("{}.{quoted}", preparer.dialect.quote_text(&schema))
        }
        _ => quoted,
    }))
}
