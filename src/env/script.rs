//! `ScriptDirectory` as env.py and its hooks see it: questions about the revisions. alembic/script/base.py.

use std::rc::Rc;

use petgraph::graph::NodeIndex;

use crate::env::Environment;
use crate::env::config;
use crate::ops::error::command_error;
use crate::py::args::Args;
use crate::py::builtins::iter::iter_value;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::script::error::Error;
use crate::script::identifier::Identifier;
use crate::script::map::Follow;

static SCRIPT_DIRECTORY: NativeClass = NativeClass {
    methods: &[
        ("as_revision_number", as_revision_number),
        ("get_base", get_base),
        ("get_bases", get_bases),
        ("get_current_head", get_current_head),
        ("get_heads", get_heads),
        ("get_revision", get_revision),
        ("walk_revisions", walk_revisions),
    ],
    ..NativeClass::plain("alembic.script.base", "ScriptDirectory", &[])
};

/// `context.script`.
#[derive(Debug)]
struct PyScriptDirectory {
    environment: Rc<Environment>,
}

/// The Python face of an environment's revisions.
pub(super) fn face(environment: &Rc<Environment>) -> Value {
    Value::object(PyScriptDirectory {
        environment: environment.clone(),
    })
}

impl Object for PyScriptDirectory {
    fn class(&self) -> Rc<Class> {
        Class::of(&SCRIPT_DIRECTORY)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        let script = &self.environment.script;
        let option = |name: &str, default: Value| {
            let asked = Args::of(vec![Value::str(name)]).with("default", default);
            vm.call_method(&self.environment.config_face, "get_alembic_option", asked)
                .map(Some)
        };
        Ok(match name {
            "file_template" => return option(name, Value::str("%(rev)s_%(slug)s")),
            "output_encoding" => return option(name, Value::str("utf-8")),
            "timezone" => return option(name, Value::None),
            "recursive_version_locations" | "sourceless" => {
                let asked = Args::of(vec![Value::str(name)]);
                let config = &self.environment.config_face;
                return vm
                    .call_method(config, "get_alembic_boolean_option", asked)
                    .map(Some);
            }
            "truncate_slug_length" => Some(config::truncate_slug_length(
                vm,
                &self.environment.config_face,
            )?),
            "version_locations" => {
                let config = &self.environment.config_face;
                return vm
                    .call_method(config, "get_version_locations_list", Args::none())
                    .map(Some);
            }
            "dir" => Some(Value::str(script.location().to_string_lossy())),
            "env_py_location" => Some(Value::str(script.env_py_location().to_string_lossy())),
            "versions" => match script.version_locations() {
                [only] => Some(Value::str(only.to_string_lossy())),
                _ => return Err(command_error("Multiple version_locations present")),
            },
            _ => None,
        })
    }
}

static SCRIPT_DIRECTORY_TYPE: NativeClass = NativeClass::plain("builtins", "type", &[]);

/// The class `ScriptDirectory`: there is one script directory, the run's.
#[derive(Debug)]
struct ScriptDirectoryClass {
    environment: Rc<Environment>,
}

/// `alembic.script.ScriptDirectory`.
pub(super) fn class(environment: &Rc<Environment>) -> Value {
    Value::object(ScriptDirectoryClass {
        environment: environment.clone(),
    })
}

impl Object for ScriptDirectoryClass {
    fn class(&self) -> Rc<Class> {
        Class::of(&SCRIPT_DIRECTORY_TYPE)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        let environment = self.environment.clone();
        Ok(match name {
            "from_config" => Some(Value::builtin(name, move |_vm, args| {
                let bound = args.bind("ScriptDirectory.from_config", "(config)")?;
                match (&bound.get("config"), &environment.config_face) {
                    (Value::Native(given), Value::Native(own))
                        if std::ptr::addr_eq(Rc::as_ptr(given), Rc::as_ptr(own)) =>
                    {
                        Ok(face(&environment))
                    }
                    _ => Err(PyError::unsupported(
                        "`ScriptDirectory.from_config` with another configuration than `context.config`",
                    )),
                }
            })),
            "__name__" => Some(Value::str("ScriptDirectory")),
            _ => None,
        })
    }

    fn call(self: Rc<Self>, _vm: &Vm, _args: Args) -> PyResult<Option<Value>> {
        Err(PyError::unsupported(
            "`ScriptDirectory(...)`: use `context.script` or `ScriptDirectory.from_config(context.config)`",
        ))
    }
}

fn receiver(this: &Value) -> PyResult<Rc<Environment>> {
    this.native::<PyScriptDirectory>()
        .map(|directory| directory.environment.clone())
        .ok_or_else(|| PyError::type_error("descriptor requires a 'ScriptDirectory' object"))
}

/// A `CommandError` that Python code can catch; what is no `CommandError` upstream ends the run.
fn raised(error: Error) -> PyError {
    match &error {
        Error::Command { message, .. } => command_error(message),
        Error::Python { .. } | Error::Syntax { .. } => PyError::foreign(error),
    }
}

fn texts(items: Vec<String>) -> Value {
    Value::list(items.into_iter().map(Value::from).collect())
}

fn get_current_head(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    args.bind("ScriptDirectory.get_current_head", "()")?;
    let heads = receiver(this)?.script.get_heads(false).map_err(raised)?;
    if heads.len() > 1 {
        return Err(command_error(
            "The script directory has multiple heads (due to branching).Please use get_heads(), or merge the branches using alembic merge.",
        ));
    }
    Ok(Value::from(heads.into_iter().next()))
}

fn get_heads(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("ScriptDirectory.get_heads", "(consider_depends_on=False)")?;
    let script = &receiver(this)?.script;
    script
        .get_heads(bound.bool("consider_depends_on")?)
        .map(texts)
        .map_err(raised)
}

fn bases(environment: &Environment) -> PyResult<Vec<String>> {
    let map = environment.script.map().map_err(raised)?;
    Ok(map.ids(map.bases()))
}

fn get_bases(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    args.bind("ScriptDirectory.get_bases", "()")?;
    bases(&*receiver(this)?).map(texts)
}

fn get_base(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    args.bind("ScriptDirectory.get_base", "()")?;
    let bases = bases(&*receiver(this)?)?;
    if bases.len() > 1 {
        return Err(command_error(
            "The script directory has multiple bases. Please use get_bases().",
        ));
    }
    Ok(Value::from(bases.into_iter().next()))
}

fn as_revision_number(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("ScriptDirectory.as_revision_number", "(id_)")?;
    let Some(id) = bound.optional_str("id_")? else {
        return Ok(Value::None);
    };
    let script = &receiver(this)?.script;
    let found = script.as_revision_number(&id).map_err(raised)?;
    Ok(match (found.is_empty(), &*id) {
        (true, _) => Value::None,
        (false, "heads") => Value::tuple(found.into_iter().map(Value::from).collect()),
        (false, _) => Value::from(found.into_iter().next()),
    })
}

fn get_revision(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("ScriptDirectory.get_revision", "(id_)")?;
    let environment = receiver(this)?;
    let id = bound
        .optional_str("id_")?
        .map_or(Identifier::None, |id| Identifier::from(&*id));
    let found = environment.script.get_revision(&id).map_err(raised)?;
    Ok(found.map_or(Value::None, |node| script_of(&environment, node)))
}

fn walk_revisions(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "ScriptDirectory.walk_revisions",
        "(base='base', head='heads')",
    )?;
    let environment = receiver(this)?;
    let (base, head) = (bound.str("base")?, bound.str("head")?);
    let nodes = environment
        .script
        .walk_revisions(&Identifier::from(&*base), &Identifier::from(&*head))
        .map_err(raised)?;
    let scripts = nodes.into_iter().map(|node| script_of(&environment, node));
    iter_value(vm, &Value::list(scripts.collect()))
}

static SCRIPT: NativeClass = NativeClass::plain("alembic.script.base", "Script", &[]);

/// One revision.
#[derive(Debug)]
struct PyScript {
    environment: Rc<Environment>,
    node: NodeIndex,
}

fn script_of(environment: &Rc<Environment>, node: NodeIndex) -> Value {
    Value::object(PyScript {
        environment: environment.clone(),
        node,
    })
}

/// `tuple_rev_as_scalar`.
fn scalar(items: &[String]) -> Value {
    match items {
        [] => Value::None,
        [only] => Value::str(only),
        several => Value::tuple(several.iter().map(Value::str).collect()),
    }
}

impl Object for PyScript {
    fn class(&self) -> Rc<Class> {
        Class::of(&SCRIPT)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        let map = self.environment.script.map().map_err(raised)?;
        let revision = map.revision(self.node);
        Ok(Some(match name {
            "revision" => Value::str(&revision.revision),
            "down_revision" => scalar(&revision.down_revision),
            "dependencies" => scalar(&revision.dependencies),
            "path" => Value::str(revision.path.to_string_lossy()),
            "doc" => Value::str(revision.doc()),
            "longdoc" => Value::str(&revision.longdoc),
            "log_entry" => Value::str(map.log_entry(self.node, false)),
            "is_head" => Value::Bool(map.is_head(self.node)),
            "is_base" => Value::Bool(revision.is_base()),
            "is_branch_point" => Value::Bool(map.is_branch_point(self.node)),
            "is_merge_point" => Value::Bool(revision.is_merge_point()),
            "nextrev" => {
                let next = map.ids(&map.next(self.node, Follow::Versioned));
                return set_of(vm, next).map(Some);
            }
            "branch_labels" => {
                return set_of(vm, revision.branch_labels.iter().cloned().collect()).map(Some);
            }
            _ => return Ok(None),
        }))
    }
}

/// A Python set of texts.
fn set_of(vm: &Vm, items: Vec<String>) -> PyResult<Value> {
    let set = vm.get_attr(&vm.import("builtins")?, "set")?;
    vm.call(&set, Args::of(vec![texts(items)]))
}
