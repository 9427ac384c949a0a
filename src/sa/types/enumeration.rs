//! `Enum` and `ENUM`: labels from text or from Python enum classes, `create` and `drop`. sqlalchemy/sql/sqltypes.py,
//! sqlalchemy/dialects/postgresql/named_types.py.

use std::rc::Rc;

use crate::ddl::Statement;
use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::sa::clause;
use crate::sa::executor::Executor;
use crate::sa::name;
use crate::sa::question::Question;
use crate::sa::types::PyType;
use crate::sa::types::sql_type;
use crate::schema::name::Name;
use crate::schema::types::EnumType;
use crate::schema::types::SqlType;
use crate::schema::types::postgresql::PostgresqlType;

/// The keywords of `Enum`.
const KEYWORDS: &str = "(*labels, name=None, schema=None, metadata=None, native_enum=True, create_constraint=False, inherit_schema=False, length=None, values_callable=None, validate_strings=False, create_type=None, quote=None, omit_aliases=True, sort_key_function=None, enum_class=None, enums=None, _create_events=True, _disable_warnings=False, _adapted_from=None, _enums=None, checkfirst=None, **kw)";

/// `Enum(...)`, `ENUM(...)`.
pub fn new_enum(
    vm: &Vm,
    native: &'static NativeClass,
    face: &Rc<Class>,
    args: Args,
) -> PyResult<Value> {
    let bound = args.bind("Enum.__init__", KEYWORDS)?;
    let upper = native.module.starts_with("sqlalchemy.dialects.postgresql");
    let labels = labels(vm, &bound)?;
    let name = match bound.get("name") {
        Value::None => labels.class_name.clone().map(Name::new),
        other => Some(quoted(name::from_value(&other, "as a type name")?, &bound)?),
    };
    let enumeration = EnumType {
        enums: labels.labels,
        members: labels.members,
        name,
        schema: name::optional(&bound.get("schema"), "as a schema")?,
        native_enum: bound.bool("native_enum")? || upper,
        create_constraint: bound.bool("create_constraint")?,
        inherit_schema: bound.bool("inherit_schema")?,
        length: bound.optional_int("length")?,
        create_type: bound.optional_bool("create_type")?,
        upper,
        has_metadata: !bound.get("metadata").is_none(),
    };
    let longest = enumeration
        .enums
        .iter()
        .map(|label| label.chars().count() as i64)
        .max()
        .unwrap_or(0);
    if let Some(length) = enumeration
        .length
        .filter(|length| *length < longest && !enumeration.native_enum)
    {
        return Err(PyError::value_error(format!(
            "When provided, length must be larger or equal than the length of the longest enum value. {length} < {longest}"
        )));
    }
    let made =
        PyType::new(face, SqlType::Enum(Box::new(enumeration))).with("enum_class", labels.class);
    if let Value::None = bound.get("metadata") {
        return Ok(Value::object(made));
    }
    let metadata = bound.get("metadata");
    let made = Value::object(made.with("metadata", metadata.clone()));
    crate::sa::metadata::add_type(&metadata, &made);
    Ok(made)
}

/// `quote=` on a name.
fn quoted(mut name: Name, bound: &Bound) -> PyResult<Name> {
    if let Some(quote) = bound.optional_bool("quote")? {
        name.quote = Some(quote);
    }
    Ok(name)
}

/// What the positional arguments gave.
struct Labels {
    labels: Vec<String>,
    members: Option<Vec<String>>,
    class_name: Option<String>,
    class: Value,
}

fn labels(vm: &Vm, bound: &Bound) -> PyResult<Labels> {
    let mut given = bound.rest.clone();
    for keyword in ["enums", "_enums"] {
        if given.is_empty() && !bound.get(keyword).is_none() {
            given = vm.collect(&bound.get(keyword))?;
        }
    }
    // Enum.__init__: one argument that has `__members__` is an enumeration class.
    if let [only] = given.as_slice() {
        match only {
            Value::Unresolved(unresolved) => {
                return Err(unresolved_error(unresolved, "as the labels of an enum"));
            }
            Value::Class(class) => return from_class(vm, only, class, bound),
            _ => {}
        }
    }
    let mut labels = Vec::with_capacity(given.len());
    for value in &given {
        match value {
            Value::Unresolved(unresolved) => {
                return Err(unresolved_error(unresolved, "as a label of an enum"));
            }
            other => match other.as_str() {
                Some(text) => labels.push(text.to_string()),
                None => {
                    return Err(PyError::unsupported(format!(
                        "`{}` as a label of an enum",
                        vm.repr(other)?
                    )));
                }
            },
        }
    }
    Ok(Labels {
        labels,
        members: None,
        class_name: None,
        class: Value::None,
    })
}

/// Labels from a Python enum class: the names of its members, or what `values_callable` says.
fn from_class(vm: &Vm, value: &Value, class: &Rc<Class>, bound: &Bound) -> PyResult<Labels> {
    let members = vm.get_attr(value, "__members__")?;
    let all: Vec<(Value, Value)> = match &members {
        Value::Dict(dict) => dict
            .borrow()
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        other => {
            let mut pairs = Vec::new();
            for key in vm.collect(other)? {
                let value = vm.get_item(other, &key)?;
                pairs.push((key, value));
            }
            pairs
        }
    };
    // Aliases are left out: `omit_aliases=True`.
    let mut names = Vec::new();
    for (key, member) in &all {
        let own = vm.get_attr(member, "name")?.as_str();
        let key = key.as_str();
        if let (Some(own), Some(key)) = (own, key)
            && own == key
        {
            names.push(key.to_string());
        }
    }
    let labels = match bound.get("values_callable") {
        Value::None => names.clone(),
        callable => {
            let mut labels = Vec::new();
            for label in vm.collect(&vm.call(&callable, Args::of(vec![value.clone()]))?)? {
                match label.as_str() {
                    Some(text) => labels.push(text.to_string()),
                    None => {
                        return Err(PyError::unsupported(format!(
                            "`{}` as a label of an enum",
                            vm.repr(&label)?
                        )));
                    }
                }
            }
            labels
        }
    };
    Ok(Labels {
        labels,
        members: Some(names),
        class_name: Some(class.name.to_lowercase()),
        class: value.clone(),
    })
}

/// `enum.create(bind, checkfirst=True)`, and the same of a domain.
pub fn create(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("create", "(bind, checkfirst=True)")?;
    let executor = clause::executor_of(vm, &bound.get("bind"))?;
    let checkfirst = clause::checkfirst(vm, &bound.get("checkfirst"))?;
    let data = sql_type(vm, this)?;
    create_type(vm, &executor, &data, checkfirst)?;
    Ok(Value::None)
}

/// `enum.drop(bind, checkfirst=True)`, and the same of a domain.
pub fn drop(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("drop", "(bind, checkfirst=True)")?;
    let executor = clause::executor_of(vm, &bound.get("bind"))?;
    let checkfirst = clause::checkfirst(vm, &bound.get("checkfirst"))?;
    let data = sql_type(vm, this)?;
    drop_type(vm, &executor, &data, checkfirst)?;
    Ok(Value::None)
}

/// Emits CREATE TYPE or CREATE DOMAIN.
pub fn create_type(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    data: &SqlType,
    checkfirst: bool,
) -> PyResult<()> {
    let Some((statement, schema, type_name)) = statement(executor, data, true) else {
        return Ok(());
    };
    if checkfirst && exists(vm, executor, schema.as_ref(), type_name.as_ref())? {
        return Ok(());
    }
    executor.run(vm, &statement)
}

/// Emits DROP TYPE or DROP DOMAIN.
pub fn drop_type(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    data: &SqlType,
    checkfirst: bool,
) -> PyResult<()> {
    let Some((statement, schema, type_name)) = statement(executor, data, false) else {
        return Ok(());
    };
    if checkfirst
        && executor.has_catalogue()
        && !exists(vm, executor, schema.as_ref(), type_name.as_ref())?
    {
        return Ok(());
    }
    executor.run(vm, &statement)
}

/// The statement for a type, with schema and name.
fn statement(
    executor: &Rc<dyn Executor>,
    data: &SqlType,
    create: bool,
) -> Option<(Statement, Option<Name>, Option<Name>)> {
    let dialect = executor.dialect();
    match data.for_dialect(dialect.name()) {
        SqlType::Enum(enumeration) if enumeration.native_enum && dialect.supports_native_enum() => {
            let statement = if create {
                Statement::CreateEnum(enumeration.clone())
            } else {
                Statement::DropEnum(enumeration.clone())
            };
            Some((
                statement,
                enumeration.schema.clone(),
                enumeration.name.clone(),
            ))
        }
        SqlType::Postgresql(PostgresqlType::Domain(domain)) => {
            let statement = if create {
                Statement::CreateDomain(domain.clone())
            } else {
                Statement::DropDomain(domain.clone())
            };
            Some((statement, domain.schema.clone(), domain.name.clone()))
        }
        _ => None,
    }
}

/// Whether the catalogue has the type: PGDialect.has_type. Offline nothing is known to exist.
fn exists(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    schema: Option<&Name>,
    type_name: Option<&Name>,
) -> PyResult<bool> {
    let Some(type_name) = type_name.filter(|_| executor.has_catalogue()) else {
        return Ok(false);
    };
    let question = Question::HasType {
        schema: schema.map(|schema| schema.text.as_str()),
        name: &type_name.text,
    };
    Ok(!executor.ask(vm, question)?.is_empty())
}
