//! `context.run_migrations()`: the plan, the preflight, the steps. alembic/runtime/migration.py run_migrations.

use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

use crate::env::Environment;
use crate::env::fallback::hand_over;
use crate::env::migration::Configured;
use crate::py::args::Args;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyErrorKind;
use crate::py::error::PyResult;
use crate::py::parse::ahead::Source;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::runtime::context::Target;
use crate::runtime::context::command;
use crate::runtime::recording::NeedsDatabase;
use crate::script::plan::Step;

/// Keyword arguments of `context.run_migrations(**kw)`: passed on to every `upgrade`/`downgrade`.
pub(super) type Keywords = [(Rc<str>, Value)];

/// Several constructs that aludel does not support, found before anything was sent.
#[derive(Debug, thiserror::Error)]
#[error("{} construct(s) of the plan are not supported; the database is untouched", reports.len())]
pub struct PreflightError {
    /// One formatted report each.
    pub reports: Vec<String>,
}

/// Runs the request's plan.
pub fn run_migrations(
    environment: &Rc<Environment>,
    configured: &Rc<Configured>,
    vm: &Vm,
    keywords: &Keywords,
) -> PyResult<()> {
    let context = &configured.context;
    let request = &environment.request;
    let online = matches!(context.target, Target::Online(_));
    if request.purge && !online {
        return Err(command("Can't use --purge with --sql mode"));
    }
    let heads = if request.purge {
        Vec::new()
    } else {
        context.current_heads(vm)?
    };
    let needs_table = online && (request.purge || (heads.is_empty() && !request.dont_mutate));
    let steps = match environment.plan(vm, &heads) {
        Ok(steps) => steps,
        Err(error) => {
            // upstream prepares the table first: where DDL is not transactional that stays
            if needs_table {
                context.ensure_version_table(vm, request.purge)?;
            }
            return Err(error);
        }
    };
    let handed_over = look_ahead(environment, configured, vm, &steps, keywords)?;
    if needs_table {
        context.ensure_version_table(vm, request.purge)?;
    }
    if request.ensure_version && (!online || !heads.is_empty()) {
        context.ensure_version_table(vm, false)?;
    }
    context.start(&heads);
    let mut unsupported = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        if online {
            (environment.outputs.progress)(place, steps.len(), &step.short_log());
        }
        let scope = context.begin(vm, true)?;
        let handed = handed_over.contains(&place);
        let done = run_or_hand_over(environment, configured, vm, step, keywords, handed);
        match done {
            // Offline, what follows is still looked at, so that everything unsupported is reported together; none of it is printed.
            Err(error) if !online && matches!(error.kind(), PyErrorKind::Unsupported { .. }) => {
                environment.discard_output();
                unsupported.push(error);
            }
            // Errors of later steps may follow from those that did not run.
            Err(_) if !unsupported.is_empty() => break,
            done => {
                let ended = context.end(vm, scope, done.is_err());
                done?;
                ended?;
            }
        }
    }
    report(vm, unsupported)
}

/// Parses the plan's files, and live goes through the plan before anything is sent. Gives the places of the steps to hand over.
fn look_ahead(
    environment: &Rc<Environment>,
    configured: &Rc<Configured>,
    vm: &Vm,
    steps: &[Step],
    keywords: &Keywords,
) -> PyResult<BTreeSet<usize>> {
    let mut texts = environment.script.take_texts();
    let mut sources = || {
        let files = steps.iter().filter_map(|step| step.migration());
        let source = |(path, function): (&Path, &str)| Source {
            path: path.to_owned(),
            text: texts.remove(path.as_os_str()),
            late: Some(if function == "upgrade" {
                "downgrade"
            } else {
                "upgrade"
            }),
        };
        files.map(source).collect()
    };
    vm.parse_ahead(sources());
    if !matches!(configured.context.target, Target::Online(_)) {
        return Ok(BTreeSet::new());
    }
    vm.keep_parsed(true);
    let found = preflight(environment, configured, vm, steps, keywords);
    vm.keep_parsed(false);
    let found = found?;
    vm.parse_ahead(sources());
    if environment.request.fallback.is_some() {
        return Ok(found.into_iter().map(|(place, _)| place).collect());
    }
    report(vm, found.into_iter().map(|(_, error)| error).collect())?;
    Ok(BTreeSet::new())
}

/// One step, here or by the fallback. Offline it turns out while it runs that a step has to be handed over.
fn run_or_hand_over(
    environment: &Rc<Environment>,
    configured: &Rc<Configured>,
    vm: &Vm,
    step: &Step,
    keywords: &Keywords,
    handed: bool,
) -> PyResult<()> {
    let Some(fallback) = &environment.request.fallback else {
        return run_step(environment, configured, vm, step, keywords);
    };
    if handed {
        return hand_over(environment, configured, vm, step, fallback);
    }
    let mark = environment.held_back();
    match run_step(environment, configured, vm, step, keywords) {
        Err(error)
            if environment.request.as_sql
                && matches!(error.kind(), PyErrorKind::Unsupported { .. }) =>
        {
            environment.cut_back(mark);
            hand_over(environment, configured, vm, step, fallback)
                .inspect_err(|_| environment.discard_output())
        }
        done => done,
    }
}

/// What is not supported, as one error.
fn report(vm: &Vm, mut unsupported: Vec<PyError>) -> PyResult<()> {
    match unsupported.len() {
        0 => Ok(()),
        1 => unsupported.pop().map_or(Ok(()), Err),
        _ => Err(PyError::foreign(PreflightError {
            reports: unsupported
                .iter()
                .map(|error| vm.format_error(error))
                .collect(),
        })),
    }
}

/// One step: the migration's function, then the version table, then the callbacks.
fn run_step(
    environment: &Rc<Environment>,
    configured: &Rc<Configured>,
    vm: &Vm,
    step: &Step,
    keywords: &Keywords,
) -> PyResult<()> {
    let context = &configured.context;
    if environment.is_heard("INFO") {
        environment.log(
            "alembic.runtime.migration",
            "INFO",
            &format!("Running {}", step.log_line()),
        );
    }
    context.before_step(vm, step)?;
    environment.cannot_load.set(false);
    crate::env::shadow::migrate_step(environment, configured, vm, step, keywords).inspect_err(
        |_| {
            if environment.cannot_load.get() {
                environment.discard_output();
            }
        },
    )?;
    context.after_step(vm, step)?;
    for callback in &configured.on_version_apply {
        let mut run_args = Dict::new();
        for (name, value) in keywords {
            run_args.insert_str(name, value.clone());
        }
        let heads = context.heads().into_iter().map(Value::from).collect();
        let args = Args::none()
            .with("ctx", crate::env::migration::face(environment, configured))
            .with("step", crate::env::step::face(step))
            .with(
                "heads",
                vm.call(
                    &vm.builtin_value("set")?,
                    Args::of(vec![Value::list(heads)]),
                )?,
            )
            .with("run_args", Value::dict(run_args));
        vm.call(callback, args)?;
    }
    Ok(())
}

/// Evaluates the file and calls its `upgrade` or `downgrade`.
pub(super) fn migrate(
    environment: &Rc<Environment>,
    vm: &Vm,
    step: &Step,
    keywords: &Keywords,
) -> PyResult<()> {
    let Some((path, function)) = step.migration() else {
        return Ok(());
    };
    // Alembic loads every file before it begins: one that cannot be loaded leaves nothing behind.
    let module = environment
        .revision_module(vm, path)
        .inspect_err(|_| environment.cannot_load.set(true))?;
    let function = vm.get_attr(&module, function)?;
    let before = vm.set_effects_matter(true);
    let result = vm.call(
        &function,
        Args {
            positional: Vec::new(),
            keywords: keywords.to_vec(),
        },
    );
    vm.set_effects_matter(before);
    drop((function, module));
    environment.release_revision(vm, path);
    result.map(|_| ())
}

/// Evaluates the whole plan without sending anything: gives what is not supported, by step. A step that reads the database is looked at up to that point.
fn preflight(
    environment: &Rc<Environment>,
    configured: &Rc<Configured>,
    vm: &Vm,
    steps: &[Step],
    keywords: &Keywords,
) -> PyResult<Vec<(usize, PyError)>> {
    let restore = environment.enter_preflight(vm, configured)?;
    let mut unsupported = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        let loaded = step
            .migration()
            .map(|(path, _)| environment.revision_module(vm, path));
        match loaded {
            // Alembic loads every file before it begins.
            Some(Err(error)) if matches!(error.kind(), PyErrorKind::Exception(_)) => {
                environment.leave_preflight(vm, restore)?;
                return Err(error);
            }
            _ => {}
        }
        match migrate(environment, vm, step, keywords) {
            Err(error) if matches!(error.kind(), PyErrorKind::Unsupported { .. }) => {
                unsupported.push((place, error));
            }
            Err(error) if is_end_of_sight(&error) => {}
            // A Python exception is the migration's own; it is raised at its place in the real run.
            Err(_) | Ok(()) => {}
        }
    }
    environment.leave_preflight(vm, restore)?;
    Ok(unsupported)
}

/// Whether the step ended because it reads the database.
fn is_end_of_sight(error: &PyError) -> bool {
    match error.kind() {
        PyErrorKind::Foreign(inner) => inner.is::<NeedsDatabase>(),
        PyErrorKind::Exception(_) | PyErrorKind::Unsupported { .. } => false,
    }
}
