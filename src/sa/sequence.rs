//! `Sequence`. sqlalchemy/sql/schema.py.

use std::rc::Rc;

use crate::ddl::Statement;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::clause;
use crate::sa::default;
use crate::sa::executor::Executor;
use crate::sa::name;
use crate::sa::types::sql_type;
use crate::schema::sequence::Sequence;

/// `Sequence`.
pub static SEQUENCE: NativeClass = NativeClass {
    new: Some(new_sequence),
    methods: &[("create", create), ("drop", drop)],
    ..NativeClass::plain("sqlalchemy.sql.schema", "Sequence", &[])
};

/// A sequence.
#[derive(Debug)]
pub struct PySequence {
    /// What it is.
    pub data: Sequence,
}

impl Object for PySequence {
    fn class(&self) -> Rc<Class> {
        Class::of(&SEQUENCE)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, attribute: &str) -> PyResult<Option<Value>> {
        match attribute {
            "name" => Ok(Some(name::to_value(&self.data.name))),
            "schema" => Ok(Some(
                self.data
                    .schema
                    .as_ref()
                    .map_or(Value::None, name::to_value),
            )),
            "optional" => Ok(Some(Value::Bool(self.data.optional))),
            "next_value" => {
                let _ = vm;
                Ok(Some(crate::sa::clause::next_value_method(&self.data)))
            }
            _ => Ok(None),
        }
    }
}

fn new_sequence(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "Sequence.__init__",
        "(name, start=None, increment=None, minvalue=None, maxvalue=None, nominvalue=None, nomaxvalue=None, cycle=None, schema=None, cache=None, order=None, data_type=None, optional=False, quote=None, metadata=None, quote_schema=None, for_update=False, **dialect_kw)",
    )?;
    let mut sequence_name = name::from_value(&bound.get("name"), "as a sequence name")?;
    if let Some(quote) = bound.optional_bool("quote")? {
        sequence_name.quote = Some(quote);
    }
    let data_type = match bound.get("data_type") {
        Value::None => None,
        other => Some(sql_type(vm, &other)?),
    };
    let metadata = bound.get("metadata");
    let mut schema = name::optional(&bound.get("schema"), "as a schema")?;
    if schema.is_none() && !metadata.is_none() {
        schema = name::optional(&vm.get_attr(&metadata, "schema")?, "as a schema")?;
    }
    let data = Sequence {
        name: sequence_name,
        schema,
        data_type,
        options: default::sequence_options(&bound)?,
        optional: bound.bool("optional")?,
    };
    let made = Value::object(PySequence { data });
    crate::sa::metadata::add_sequence(&metadata, &made);
    Ok(made)
}

fn receiver(this: &Value) -> PyResult<Rc<PySequence>> {
    this.native::<PySequence>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'Sequence' object"))
}

fn create(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("create", "(bind, checkfirst=True)")?;
    let executor = clause::executor_of(vm, &bound.get("bind"))?;
    if !executor.dialect().supports_sequences() {
        return Ok(Value::None);
    }
    let sequence = receiver(this)?.data.clone();
    if clause::checkfirst(vm, &bound.get("checkfirst"))? && exists(vm, &executor, &sequence)? {
        return Ok(Value::None);
    }
    executor.run(
        vm,
        &Statement::CreateSequence {
            sequence: Box::new(sequence),
            if_not_exists: false,
        },
    )?;
    Ok(Value::None)
}

fn drop(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("drop", "(bind, checkfirst=True)")?;
    let executor = clause::executor_of(vm, &bound.get("bind"))?;
    if !executor.dialect().supports_sequences() {
        return Ok(Value::None);
    }
    let sequence = receiver(this)?.data.clone();
    let checkfirst = clause::checkfirst(vm, &bound.get("checkfirst"))?;
    if checkfirst && executor.has_catalogue() && !exists(vm, &executor, &sequence)? {
        return Ok(Value::None);
    }
    executor.run(
        vm,
        &Statement::DropSequence {
            sequence: Box::new(sequence),
            if_exists: false,
        },
    )?;
    Ok(Value::None)
}

/// PGDialect.has_sequence; offline nothing is known to exist.
fn exists(vm: &Vm, executor: &Rc<dyn Executor>, sequence: &Sequence) -> PyResult<bool> {
    let schema = sequence.schema.as_ref().map(|schema| schema.text.as_str());
    crate::sa::catalogue::has_relation(vm, executor, schema, &sequence.name.text, "'S'")
}
