//! Writes a new revision file: alembic/script/base.py `generate_revision`, after the graph is asked.

use std::cell::RefCell;
use std::path::Path;
use std::path::PathBuf;
use std::rc::Rc;

use crate::command::error::CommandError;
use crate::command::session::Session;
use crate::command::session::explain;
use crate::command::template;
use crate::command::write_hooks;
use crate::config::Config;
use crate::env;
use crate::env::CmdOpt;
use crate::mako;
use crate::py::dict::Dict;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::script::directory::ScriptDirectory;
use crate::script::produce::Wanted;
use crate::script::produce::slug;
use crate::script::revision::verify_rev_id;

/// What is to be written.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewRevision {
    /// Where it goes.
    pub(crate) wanted: Wanted,
    /// `-m`.
    pub(crate) message: Option<String>,
    /// `--branch-label`, or what a directive made of it.
    pub(crate) branch_labels: Vec<String>,
    /// What env.py's contexts add: `upgrades`, `downgrades`, `imports`.
    pub(crate) template_args: Vec<(String, Value)>,
    /// `config.cmd_opts`.
    pub(crate) cmd_opts: Vec<(String, CmdOpt)>,
}

/// A new id: `util.rev_id`.
pub(crate) fn rev_id() -> String {
    let id = uuid::Uuid::new_v4().simple().to_string();
    id.get(id.len() - 12..).unwrap_or(&id).to_owned()
}

/// The default of `file_template`.
const FILE_TEMPLATE: &str = "%(rev)s_%(slug)s";

/// Writes it, runs the hooks, reads it back.
pub(crate) fn generate(
    session: &Session,
    config: &Rc<RefCell<Config>>,
    script: &ScriptDirectory,
    new: &NewRevision,
) -> Result<(), CommandError> {
    verify_rev_id(&new.wanted.rev_id).map_err(|error| CommandError::command(error.to_string()))?;
    let position = script.position(&new.wanted).map_err(explain(script))?;
    let (vm, face) = env::template_vm(config, script.location(), &new.cmd_opts)
        .map_err(|error| CommandError::python(Vm::new().format_error(&error)))?;
    let date = create_date(&vm, &config.borrow())?;
    let name = file_name(&vm, &config.borrow(), new, &date)?;
    let quiet = session.globals.quiet;
    if config.borrow().version_locations()?.is_some() {
        ensure_directory(session, &position.folder, quiet)?;
    }
    let path = position.folder.join(name);
    ensure_directory(session, path.parent().unwrap_or(Path::new("/")), quiet)?;
    script
        .check_heads(&position, new.wanted.splice)
        .map_err(explain(script))?;
    let depends_on = script
        .dependencies_of_new(&new.wanted.depends_on)
        .map_err(explain(script))?;
    let mut given = vec![
        ("up_revision", Value::str(&new.wanted.rev_id)),
        (
            "down_revision",
            scalar(&position.down_revision, Value::tuple),
        ),
        ("branch_labels", labels(&new.branch_labels)),
        ("depends_on", scalar(&depends_on, Value::list)),
        ("create_date", date),
        ("comma", comma()),
        (
            "message",
            Value::str(new.message.as_deref().unwrap_or("empty message")),
        ),
        ("config", face),
    ];
    for (name, value) in &new.template_args {
        given.retain(|(known, _)| known != name);
        given.push((name, value.clone()));
    }
    let path = std::path::absolute(&path).unwrap_or(path);
    let template = script.location().join("script.py.mako");
    session
        .output
        .status(&format!("Generating {}", path.display()), quiet, "", || {
            let bytes = template::render(&vm, &template, &given, &config.borrow())?;
            std::fs::write(&path, bytes).map_err(|error| {
                CommandError::command(format!("Can't write {}: {error}", path.display()))
            })
        })?;
    write_hooks::run(session, &config.borrow().hooks()?, &path)?;
    read_back(script, new, &path)
}

/// `util.format_as_comma`.
fn comma() -> Value {
    Value::builtin("format_as_comma", |vm, args| {
        let value = args.bind("format_as_comma", "(value)")?.get("value");
        match value {
            Value::None => Ok(Value::str("")),
            Value::Str(_) => Ok(value),
            _ => {
                let items = vm.collect(&value)?;
                let texts = items
                    .iter()
                    .map(|item| vm.str(item))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(Value::str(texts.join(", ")))
            }
        }
    })
}

fn ensure_directory(session: &Session, folder: &Path, quiet: bool) -> Result<(), CommandError> {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    if folder.exists() {
        return Ok(());
    }
    session.status(
        &format!("Creating directory {}", folder.display()),
        quiet,
        || std::fs::create_dir_all(&folder),
    )
}

/// `tuple_rev_as_scalar`.
fn scalar(items: &[String], several: fn(Vec<Value>) -> Value) -> Value {
    match items {
        [] => Value::None,
        [only] => Value::str(only),
        _ => several(items.iter().map(Value::str).collect()),
    }
}

fn labels(items: &[String]) -> Value {
    if items.is_empty() {
        Value::None
    } else {
        Value::tuple(items.iter().map(Value::str).collect())
    }
}

/// `_generate_create_date`.
fn create_date(vm: &Vm, config: &Config) -> Result<Value, CommandError> {
    let source = match config.get_alembic_text("timezone")? {
        None => "import datetime\ncreate_date = datetime.datetime.now()\n".to_owned(),
        Some(name) => {
            let zone = [name.clone(), name.to_uppercase()]
                .into_iter()
                .find(|name| name.parse::<chrono_tz::Tz>().is_ok())
                .ok_or_else(|| CommandError::command(format!("Can't locate timezone: {name}")))?;
            format!(
                "import datetime\nfrom zoneinfo import ZoneInfo\ncreate_date = datetime.datetime.now(tz=datetime.timezone.utc).astimezone(ZoneInfo('{zone}'))\n"
            )
        }
    };
    let module = vm
        .run_source(&source, "create_date", "create_date")
        .map_err(|error| CommandError::python(vm.format_error(&error)))?;
    let date = module.dict.borrow().get("create_date").cloned();
    Ok(date.unwrap_or(Value::None))
}

/// `_rev_path`: `file_template` filled in.
fn file_name(
    vm: &Vm,
    config: &Config,
    new: &NewRevision,
    date: &Value,
) -> Result<String, CommandError> {
    let template = config
        .get_alembic_text("file_template")?
        .unwrap_or_else(|| FILE_TEMPLATE.to_owned());
    if template.is_empty() {
        return Err(CommandError::command(
            "`file_template` is empty, which leaves new files without a name",
        ));
    }
    let mut values = Dict::new();
    let message = new.message.as_deref().unwrap_or_default();
    values.insert_str("rev", Value::str(&new.wanted.rev_id));
    values.insert_str(
        "slug",
        Value::str(slug(message, config.truncate_slug_length()?)),
    );
    let given = [
        ("template", Value::str(&template)),
        ("values", Value::dict(values)),
        ("date", date.clone()),
    ];
    let expression = "${template % {**values, 'epoch': int(date.timestamp()), 'year': date.year, 'month': date.month, 'day': date.day, \
                      'hour': date.hour, 'minute': date.minute, 'second': date.second}}.py";
    mako::render(vm, expression, &given).map_err(|error| match error {
        mako::Error::Failed { message, .. } => {
            CommandError::python(format!("file_template: {message}"))
        }
        mako::Error::Unsupported { what, .. } => {
            CommandError::unsupported(format!("file_template: {what}"))
        }
    })
}

/// The file is read as any other; what is wrong with it comes out now, and it stays.
fn read_back(
    script: &ScriptDirectory,
    new: &NewRevision,
    path: &PathBuf,
) -> Result<(), CommandError> {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
    let made = script.read_revision(&path).map_err(explain(script))?;
    if !new.branch_labels.is_empty() && made.own_labels.is_empty() {
        return Err(CommandError::command(format!(
            "Version {} specified branch_labels {}, however the migration file {} does not have them; have you upgraded your script.py.mako to include the \
             'branch_labels' section?",
            made.revision,
            new.branch_labels.join(", "),
            path.display()
        )));
    }
    let map = script.map()?;
    if map
        .by_key(&made.revision)
        .is_some_and(|node| map.revision(node).revision == made.revision)
    {
        script.warn(&format!(
            "Revision {} is present more than once",
            made.revision
        ));
    }
    for label in &made.own_labels {
        if let Some(node) = map.by_key(label) {
            return Err(CommandError::command(format!(
                "Branch name '{label}' in revision {} already used by revision {}",
                made.revision,
                map.revision(node).revision
            )));
        }
    }
    Ok(())
}
