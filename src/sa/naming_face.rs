//! The constraint that a callable of a naming convention is given.

use std::rc::Rc;

use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::name;
use crate::sa::naming::Subject;
use crate::schema::name::Name;

static CONSTRAINT: NativeClass = NativeClass::plain("sqlalchemy.sql.schema", "Constraint", &[]);
static PART: NativeClass = NativeClass::plain("sqlalchemy.sql.schema", "SchemaItem", &[]);

/// A constraint, as far as its name depends on it.
#[derive(Debug)]
struct PySubject {
    subject: Subject,
    name: Option<Name>,
}

/// A named thing: a table, a column.
#[derive(Debug)]
struct PyPart {
    name: String,
    key: String,
    schema: Option<Name>,
}

/// The face of a constraint.
pub(crate) fn subject(subject: &Subject, name: Option<&Name>) -> Value {
    Value::object(PySubject {
        subject: subject.clone(),
        name: name.cloned(),
    })
}

impl Object for PySubject {
    fn class(&self) -> Rc<Class> {
        Class::of(&CONSTRAINT)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, attribute: &str) -> PyResult<Option<Value>> {
        let part = |name: &str, key: &str| {
            Value::object(PyPart {
                name: name.to_owned(),
                key: key.to_owned(),
                schema: self.subject.table.schema.clone(),
            })
        };
        Ok(match attribute {
            "name" => Some(self.name.as_ref().map_or(Value::None, name::to_value)),
            "table" => Some(part(
                &self.subject.table.name.text,
                &self.subject.table.name.text,
            )),
            "columns" => Some(Value::list(
                self.subject
                    .columns
                    .iter()
                    .map(|(name, key)| part(name, key))
                    .collect(),
            )),
            _ => None,
        })
    }
}

impl Object for PyPart {
    fn class(&self) -> Rc<Class> {
        Class::of(&PART)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, attribute: &str) -> PyResult<Option<Value>> {
        Ok(match attribute {
            "name" => Some(Value::str(&self.name)),
            "key" => Some(Value::str(&self.key)),
            "schema" => Some(self.schema.as_ref().map_or(Value::None, name::to_value)),
            _ => None,
        })
    }
}
