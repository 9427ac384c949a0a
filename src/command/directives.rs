//! The new revisions that env.py makes of the one that is asked for: alembic/autogenerate/api.py `RevisionContext`, `process_revision_directives`.

use std::cell::RefCell;
use std::rc::Rc;

use crate::command::error::CommandError;
use crate::command::generate::NewRevision;
use crate::command::run_env::Context;
use crate::command::run_env::EnvRequest;
use crate::command::run_env::raised;
use crate::env::migration;
use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::exceptions;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::script::identifier::Identifier;
use crate::script::produce::Wanted;

/// The Python module that does it.
const MODULE: &str = "alembic.autogenerate._revision_context";

/// The revision context of a run, once a context of env.py has run.
#[derive(Clone, Default)]
pub(crate) struct Directives(Rc<RefCell<Option<(Vm, Value)>>>);

impl Directives {
    /// A request that lets every context of env.py take part.
    pub(crate) fn request(&self, new: &NewRevision, head: Option<&String>) -> EnvRequest {
        let (shared, asked, head) = (self.clone(), new.clone(), head.cloned());
        EnvRequest::visiting(move |context| {
            let args = given(&asked).with("head", Value::from(head.clone()));
            shared.visit(context, args)
        })
    }

    fn visit(&self, context: &Context<'_>, args: Args) -> PyResult<()> {
        let vm = context.vm;
        let known = self.0.borrow().clone();
        let directives = match known {
            Some((_, directives)) => directives,
            None => {
                let made = vm.call_method(&vm.import(MODULE)?, "RevisionContext", args)?;
                *self.0.borrow_mut() = Some((vm.clone(), made.clone()));
                made
            }
        };
        let configured = context.environment.configured();
        let Some(configured) = configured else {
            return Ok(());
        };
        let rows = Value::tuple(context.rows.iter().map(Value::str).collect());
        let face = migration::face(context.environment, &configured);
        let args = Args::of(vec![rows, face]);
        vm.call_method(&directives, "run_no_autogenerate", args)?;
        Ok(())
    }

    /// What is to be written, in order.
    ///
    /// # Errors
    /// A directive that is none, or that cannot be rendered.
    pub(crate) fn revisions(&self, asked: NewRevision) -> Result<Vec<NewRevision>, CommandError> {
        let Some((vm, directives)) = self.0.take() else {
            return Ok(vec![asked]);
        };
        let read = || {
            let scripts = vm.get_attr(&directives, "generated_revisions")?;
            let scripts = vm.collect(&scripts)?;
            let read = |script| revision(&vm, &directives, script, &asked);
            scripts.iter().map(read).collect::<PyResult<Vec<_>>>()
        };
        read().map_err(|error| raised(&error, &vm))
    }
}

/// The arguments of the first `MigrationScript`, besides `head`.
fn given(asked: &NewRevision) -> Args {
    let wanted = &asked.wanted;
    let list = |items: &[String]| match items {
        [] => Value::None,
        items => Value::list(items.iter().map(Value::str).collect()),
    };
    Args::none()
        .with("rev_id", Value::str(&wanted.rev_id))
        .with("message", Value::from(asked.message.clone()))
        .with("splice", Value::Bool(wanted.splice))
        .with(
            "branch_label",
            Value::from(asked.branch_labels.first().cloned()),
        )
        .with("version_path", Value::from(wanted.version_path.clone()))
        .with("depends_on", list(&wanted.depends_on))
}

/// What one directive asks for.
fn revision(
    vm: &Vm,
    directives: &Value,
    script: &Value,
    asked: &NewRevision,
) -> PyResult<NewRevision> {
    let attribute = |name: &str| vm.get_attr(script, name);
    let rendered = vm.call_method(directives, "template_args", Args::of(vec![script.clone()]))?;
    let mut template_args = asked.template_args.clone();
    if let Value::Dict(rendered) = rendered {
        for (name, value) in rendered.borrow().iter() {
            template_args.extend(name.as_str().map(|name| (name.to_string(), value.clone())));
        }
    }
    let rev_id = text(vm, "rev_id", &attribute("rev_id")?)?
        .ok_or_else(|| PyError::new(&exceptions::ASSERTION_ERROR, "rev_id is None"))?;
    let head = match attribute("head")? {
        Value::None => Identifier::from("head"),
        Value::Str(name) => Identifier::from(&*name.to_string()),
        several => Identifier::many(names(vm, "head", &several)?),
    };
    Ok(NewRevision {
        wanted: Wanted {
            rev_id,
            head,
            splice: vm.truth(&attribute("splice")?)?,
            version_path: match attribute("version_path")? {
                Value::None => None,
                path => Some(vm.str(&path)?),
            },
            depends_on: names(vm, "depends_on", &attribute("depends_on")?)?,
        },
        message: text(vm, "message", &attribute("message")?)?,
        branch_labels: names(vm, "branch_label", &attribute("branch_label")?)?,
        template_args,
        cmd_opts: asked.cmd_opts.clone(),
    })
}

/// A text, or nothing.
fn text(vm: &Vm, name: &str, value: &Value) -> PyResult<Option<String>> {
    match (value, value.as_str()) {
        (Value::None, _) => Ok(None),
        (_, Some(text)) => Ok(Some(text.to_string())),
        (Value::Unresolved(unresolved), None) => Err(crate::py::vm::unresolved_error(
            unresolved,
            &format!("as `{name}` of a new revision"),
        )),
        (_, None) => Err(PyError::type_error(format!(
            "`{name}` of a new revision must be a string, not {}",
            vm.class_of(value).name
        ))),
    }
}

/// One text or several.
fn names(vm: &Vm, name: &str, value: &Value) -> PyResult<Vec<String>> {
    match value {
        Value::None => Ok(Vec::new()),
        one if one.as_str().is_some() => Ok(text(vm, name, one)?.into_iter().collect()),
        Value::Unresolved(_) => text(vm, name, value).map(|_| Vec::new()),
        several => {
            let items = vm.collect(several)?;
            let items = items.iter().map(|item| text(vm, name, item));
            Ok(items
                .collect::<PyResult<Vec<_>>>()?
                .into_iter()
                .flatten()
                .collect())
        }
    }
}
