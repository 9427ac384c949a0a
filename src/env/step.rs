//! `MigrationInfo`: what `on_version_apply` callbacks get as `step`. alembic/runtime/migration.py MigrationInfo.

use std::rc::Rc;

use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::script::plan::Step;

static MIGRATION_INFO: NativeClass =
    NativeClass::plain("alembic.runtime.migration", "MigrationInfo", &[]);

/// A step that has run.
#[derive(Debug)]
struct PyStep {
    up: Vec<String>,
    down: Vec<String>,
    is_upgrade: bool,
    is_stamp: bool,
}

/// The Python face of a step.
pub fn face(step: &Step) -> Value {
    let (from, to) = (step.from_revisions(), step.to_revisions());
    let (down, up) = if step.is_upgrade() {
        (from, to)
    } else {
        (to, from)
    };
    Value::object(PyStep {
        up,
        down,
        is_upgrade: step.is_upgrade(),
        is_stamp: step.migration().is_none(),
    })
}

fn tuple(items: &[String]) -> Value {
    Value::tuple(items.iter().map(Value::str).collect())
}

impl Object for PyStep {
    fn class(&self) -> Rc<Class> {
        Class::of(&MIGRATION_INFO)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(Some(match name {
            "is_upgrade" => Value::Bool(self.is_upgrade),
            "is_stamp" => Value::Bool(self.is_stamp),
            "is_migration" => Value::Bool(!self.is_stamp),
            "up_revision_id" => Value::from(self.up.first().cloned()),
            "up_revision_ids" => tuple(&self.up),
            "down_revision_ids" => tuple(&self.down),
            "source_revision_ids" => tuple(if self.is_upgrade {
                &self.down
            } else {
                &self.up
            }),
            "destination_revision_ids" => tuple(if self.is_upgrade {
                &self.up
            } else {
                &self.down
            }),
            _ => return Ok(None),
        }))
    }
}
