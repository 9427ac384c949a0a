//! A step of a `--sql` run that inspects the database: where Alembic fails, the step is evaluated once more with a catalogue in memory in the
//! database's place. The catalogue is what the earlier revisions leave: they are evaluated first, silently.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use crate::env::Environment;
use crate::env::migration::Configured;
use crate::env::run::Keywords;
use crate::env::run::migrate;
use crate::py::error::PyError;
use crate::py::error::PyErrorKind;
use crate::py::error::PyResult;
use crate::py::eval::skip::Skipped;
use crate::py::eval::skip::Skipping;
use crate::py::vm::Vm;
use crate::runtime::context::Target;
use crate::runtime::offline::Offline;
use crate::sa::executor::Executor;
use crate::sa::mock::MockConnection;
use crate::script::identifier::Identifier;
use crate::script::plan::Step;
use crate::shadow::Catalogue;
use crate::shadow::executor::Shadow;

/// What a step of a `--sql` run is evaluated with.
struct Run<'a> {
    environment: &'a Rc<Environment>,
    configured: &'a Rc<Configured>,
    vm: &'a Vm,
    keywords: &'a Keywords,
    offline: &'a Rc<Offline>,
    mock: Rc<MockConnection>,
}

/// Evaluates a step; one of a `--sql` run that fails because it asks the database, once more with the catalogue in memory.
pub(super) fn migrate_step(
    environment: &Rc<Environment>,
    configured: &Rc<Configured>,
    vm: &Vm,
    step: &Step,
    keywords: &Keywords,
) -> PyResult<()> {
    let mock = configured.bind.native::<MockConnection>();
    match (&configured.context.target, mock) {
        // text that went into a buffer of env.py cannot be taken back
        (Target::Offline(offline), Some(mock)) if !configured.writes_elsewhere => {
            let run = Run {
                environment,
                configured,
                vm,
                keywords,
                offline,
                mock,
            };
            run.step(step)
        }
        _ => migrate(environment, vm, step, keywords),
    }
}

impl Run<'_> {
    fn catalogue(&self) -> Option<Rc<RefCell<Catalogue>>> {
        self.environment.shadow.borrow().clone()
    }

    /// As Alembic does it, and if that fails because the database is asked, with the catalogue.
    fn step(&self, step: &Step) -> PyResult<()> {
        let mark = self.environment.held_back();
        let types = self.configured.op_env.remembered_types();
        self.mock.asked.set(false);
        let catalogue = self.catalogue();
        if catalogue.is_some() {
            self.offline.listen();
        }
        let first = migrate(self.environment, self.vm, step, self.keywords);
        let heard = self.offline.heard();
        let error = match first {
            Ok(()) => {
                if let Some(catalogue) = catalogue {
                    let mut catalogue = catalogue.borrow_mut();
                    heard.iter().for_each(|sql| catalogue.follow(sql));
                }
                return Ok(());
            }
            Err(error) if self.mock.asked.get() && !is_unsupported(&error) => error,
            Err(error) => return Err(error),
        };
        let printed = self.environment.take_back(mark);
        let could_not_load = self.environment.cannot_load.replace(false);
        self.configured.op_env.forget_types(types);
        let second = self.again(step);
        match second {
            Err(again) if !is_unsupported(&again) => {
                if self.told(&again) == self.told(&error) {
                    // not for want of a database: Alembic's text, and its error
                    self.environment.take_back(mark);
                    self.environment.write(&printed);
                    self.environment.cannot_load.set(could_not_load);
                    return Err(error);
                }
                self.environment.discard_output();
                Err(again)
            }
            done => done,
        }
    }

    /// What an error says, without its traceback.
    fn told(&self, error: &PyError) -> String {
        last_line(&self.vm.format_error(error))
    }

    /// Evaluates the step with the catalogue in the database's place.
    fn again(&self, step: &Step) -> PyResult<()> {
        let catalogue = match self.catalogue() {
            Some(catalogue) => catalogue,
            None => self.replay()?,
        };
        let offline = self.offline.clone();
        let shadow = Rc::new(Shadow::new(
            self.offline.clone(),
            Rc::new(move |vm, text| offline.static_output(vm, text)),
            catalogue,
        ));
        let executor: Rc<dyn Executor> = shadow.clone();
        self.environment.enter_shadow(self.configured, executor);
        let done = migrate(self.environment, self.vm, step, self.keywords);
        self.environment.leave_shadow();
        done?;
        shadow.tell(self.vm)
    }

    /// Follows the revisions that are applied before this run's next step.
    fn replay(&self) -> PyResult<Rc<RefCell<Catalogue>>> {
        let catalogue = Rc::new(RefCell::new(match self.offline.dialect().name() {
            "sqlite" => Catalogue::sqlite(),
            _ => Catalogue::default(),
        }));
        *self.environment.shadow.borrow_mut() = Some(catalogue.clone());
        let context = &self.configured.context;
        catalogue
            .borrow_mut()
            .follow(&context.options.version_table.create(&*context.dialect()));
        if self.offline.moved() {
            catalogue
                .borrow_mut()
                .doubt_everything("a statement before it named the `search_path`");
        }
        let heads = context.heads();
        if heads.is_empty() {
            return Ok(catalogue);
        }
        let steps = self
            .environment
            .script
            .upgrade_revs(Identifier::many(&heads), &[])
            .map_err(PyError::foreign)?;
        let types = self.configured.op_env.remembered_types();
        self.configured.op_env.forget_types(Vec::new());
        let was_quiet = self.environment.quiet(true);
        for step in &steps {
            self.replay_step(step, &catalogue);
        }
        self.environment.quiet(was_quiet);
        self.configured.op_env.forget_types(types);
        Ok(catalogue)
    }

    /// Follows one earlier revision; one that cannot be evaluated, around what stops it. What it mentions there is uncertain.
    fn replay_step(&self, step: &Step, catalogue: &Rc<RefCell<Catalogue>>) {
        let Some((path, _)) = step.migration() else {
            return;
        };
        let revision = step.to_revisions().join(", ");
        let before = catalogue.borrow().clone();
        let types = self.configured.op_env.remembered_types();
        if self.step(step).is_ok() {
            return;
        }
        *catalogue.borrow_mut() = before.clone();
        self.configured.op_env.forget_types(types);
        let told = {
            let (catalogue, revision) = (catalogue.clone(), revision.clone());
            move |vm: &Vm, skipped: &Skipped| {
                let said = last_line(&vm.format_error(skipped.error));
                catalogue.borrow_mut().doubt_python(
                    &skipped.source,
                    &skipped.values,
                    &format!("the earlier revision {revision}: {said}"),
                );
            }
        };
        let was = self.vm.set_skipping(Some(Skipping {
            file: Rc::from(path.to_string_lossy().as_ref()),
            told: Rc::new(told),
        }));
        let done = self.again(step);
        self.vm.set_skipping(was);
        if let Err(error) = done {
            *catalogue.borrow_mut() = before;
            let said = format!("the earlier revision {revision}: {}", self.told(&error));
            doubt_source(&mut catalogue.borrow_mut(), path, &said);
        }
    }
}

fn last_line(text: &str) -> String {
    text.trim().lines().last().unwrap_or_default().to_owned()
}

fn is_unsupported(error: &PyError) -> bool {
    matches!(error.kind(), PyErrorKind::Unsupported { .. })
}

/// Makes every name that stands in the strings of a revision file uncertain.
fn doubt_source(catalogue: &mut Catalogue, path: &Path, reason: &str) {
    match std::fs::read_to_string(path) {
        Ok(source) => catalogue.doubt_python(&source, &[], reason),
        Err(_) => catalogue.doubt_everything(reason),
    }
}
