//! `FetchedValue`, `DefaultClause`, `Computed`, `Identity`, `ColumnDefault`. sqlalchemy/sql/schema.py.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::sa::clause;
use crate::schema::default::Computed;
use crate::schema::default::DefaultValue;
use crate::schema::default::Identity;
use crate::schema::default::ServerDefault;
use crate::schema::sequence::SequenceOptions;

/// `FetchedValue`.
pub static FETCHED_VALUE: NativeClass = NativeClass {
    new: Some(new_fetched),
    ..NativeClass::plain("sqlalchemy.sql.schema", "FetchedValue", &[])
};
/// `DefaultClause`.
pub static DEFAULT_CLAUSE: NativeClass = NativeClass {
    new: Some(new_clause),
    ..NativeClass::plain("sqlalchemy.sql.schema", "DefaultClause", &[&FETCHED_VALUE])
};
/// `Computed`.
pub static COMPUTED: NativeClass = NativeClass {
    new: Some(new_computed),
    ..NativeClass::plain("sqlalchemy.sql.schema", "Computed", &[&FETCHED_VALUE])
};
/// `Identity`.
pub static IDENTITY: NativeClass = NativeClass {
    new: Some(new_identity),
    ..NativeClass::plain("sqlalchemy.sql.schema", "Identity", &[&FETCHED_VALUE])
};
/// `ColumnDefault`.
pub static COLUMN_DEFAULT: NativeClass = NativeClass {
    new: Some(new_default),
    ..NativeClass::plain("sqlalchemy.sql.schema", "ColumnDefault", &[])
};

/// What the server does to a column.
#[derive(Debug)]
pub struct PyServerDefault {
    class: &'static NativeClass,
    /// What it is.
    pub data: ServerDefault,
    /// The argument, for `.arg` and `.sqltext`.
    pub argument: Value,
}

impl Object for PyServerDefault {
    fn class(&self) -> Rc<Class> {
        Class::of(self.class)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match (name, &self.data) {
            ("arg" | "sqltext", ServerDefault::Value(_) | ServerDefault::Computed(_)) => {
                Some(self.argument.clone())
            }
            ("persisted", ServerDefault::Computed(computed)) => Some(computed.persisted.into()),
            ("always", ServerDefault::Identity(identity)) => Some(identity.always.into()),
            ("start", ServerDefault::Identity(identity)) => Some(identity.options.start.into()),
            ("increment", ServerDefault::Identity(identity)) => {
                Some(identity.options.increment.into())
            }
            _ => None,
        })
    }
}

/// `ColumnDefault(arg)`: client side, without effect on DDL but for SERIAL.
#[derive(Debug)]
pub struct PyColumnDefault {
    /// The argument.
    pub argument: Value,
}

impl Object for PyColumnDefault {
    fn class(&self) -> Rc<Class> {
        Class::of(&COLUMN_DEFAULT)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok((name == "arg").then(|| self.argument.clone()))
    }
}

fn new_default(_vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("ColumnDefault", "(arg, for_update=False)")?;
    Ok(Value::object(PyColumnDefault {
        argument: bound.get("arg"),
    }))
}

fn new_fetched(_vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    args.bind("FetchedValue.__init__", "(for_update=False)")?;
    Ok(Value::object(PyServerDefault {
        class: &FETCHED_VALUE,
        data: ServerDefault::Fetched,
        argument: Value::None,
    }))
}

fn new_clause(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "DefaultClause.__init__",
        "(arg, for_update=False, _reflected=False)",
    )?;
    let argument = bound.get("arg");
    let data = ServerDefault::Value(default_value(vm, &argument)?);
    Ok(Value::object(PyServerDefault {
        class: &DEFAULT_CLAUSE,
        data,
        argument,
    }))
}

/// The value of a `server_default` that is no `FetchedValue`.
pub fn default_value(vm: &Vm, argument: &Value) -> PyResult<DefaultValue> {
    if let Some(text) = argument.as_str() {
        return Ok(DefaultValue::Text(text.to_string()));
    }
    match argument {
        Value::Unresolved(unresolved) => Err(unresolved_error(unresolved, "as a server default")),
        Value::Native(_) | Value::Instance(_) => {
            Ok(DefaultValue::Expr(clause::expr(vm, argument)?))
        }
        other => Err(clause::argument_error(format!(
            "Argument 'arg' is expected to be one of type '<class 'str'>' or '<class 'sqlalchemy.sql.elements.ClauseElement'>' or '<class 'sqlalchemy.sql.elements.TextClause'>', got '{}'",
            vm.repr(&Value::Class(vm.class_of(other)))?
        ))),
    }
}

/// A `server_default=` argument.
pub fn server_default(vm: &Vm, argument: &Value) -> PyResult<Option<ServerDefault>> {
    if argument.is_none() {
        return Ok(None);
    }
    if let Some(made) = argument.native::<PyServerDefault>() {
        return Ok(Some(made.data.clone()));
    }
    if argument
        .native::<crate::sa::sequence::PySequence>()
        .is_some()
    {
        return Err(clause::argument_error(
            "a Sequence cannot be a server default: use `sequence.next_value()`",
        ));
    }
    Ok(Some(ServerDefault::Value(default_value(vm, argument)?)))
}

fn new_computed(vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("Computed.__init__", "(sqltext, persisted=None)")?;
    let argument = bound.get("sqltext");
    let computed = Computed {
        sqltext: clause::text_or_expr(vm, &argument)?,
        persisted: bound.optional_bool("persisted")?,
    };
    Ok(Value::object(PyServerDefault {
        class: &COMPUTED,
        data: ServerDefault::Computed(computed),
        argument,
    }))
}

fn new_identity(_vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "Identity.__init__",
        "(always=False, on_null=None, start=None, increment=None, minvalue=None, maxvalue=None, nominvalue=None, nomaxvalue=None, cycle=None, cache=None, order=None, **dialect_kw)",
    )?;
    let identity = Identity {
        always: bound.bool("always")?,
        on_null: bound.optional_bool("on_null")?,
        options: sequence_options(&bound)?,
    };
    Ok(Value::object(PyServerDefault {
        class: &IDENTITY,
        data: ServerDefault::Identity(identity),
        argument: Value::None,
    }))
}

/// The options that `Identity` and `Sequence` share.
pub fn sequence_options(bound: &Bound) -> PyResult<SequenceOptions> {
    Ok(SequenceOptions {
        start: bound.optional_int("start")?,
        increment: bound.optional_int("increment")?,
        minvalue: bound.optional_int("minvalue")?,
        maxvalue: bound.optional_int("maxvalue")?,
        nominvalue: bound.optional_bool("nominvalue")?,
        nomaxvalue: bound.optional_bool("nomaxvalue")?,
        cycle: bound.optional_bool("cycle")?,
        cache: bound.optional_int("cache")?,
    })
}
