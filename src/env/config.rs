//! `context.config`: alembic's `Config` as env.py sees it. alembic/config.py Config.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::config::Config;
use crate::config::toml::OptionValue;
use crate::ops::error::command_error;
use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::class::Class;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyErrorKind;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `alembic.config.Config`.
pub static CONFIG: NativeClass = NativeClass {
    methods: &[
        ("get_main_option", get_main_option),
        ("set_main_option", set_main_option),
        ("remove_main_option", remove_main_option),
        ("get_section", get_section),
        ("get_section_option", get_section_option),
        ("set_section_option", set_section_option),
        ("get_alembic_option", get_alembic_option),
        ("get_alembic_boolean_option", get_alembic_boolean_option),
        ("get_hooks_list", get_hooks_list),
        ("get_prepend_sys_paths_list", get_prepend_sys_paths_list),
        ("get_version_locations_list", get_version_locations_list),
        ("print_stdout", print_stdout),
        ("get_template_directory", get_template_directory),
    ],
    ..NativeClass::plain("alembic.config", "Config", &[])
};

/// The configuration object.
#[derive(Debug)]
pub struct PyConfig {
    /// The resolved configuration; env.py may change options of this run.
    pub config: Rc<RefCell<Config>>,
    /// `config.attributes`.
    attributes: Value,
    /// `config.cmd_opts`.
    cmd_opts: Value,
    /// Options set to values that could not be evaluated, or that are no valid interpolation: kept as they are.
    raw: RefCell<IndexMap<(String, String), Value>>,
}

impl PyConfig {
    /// The face of a configuration; `cmd_opts` is the namespace of command-line options.
    pub fn new(config: Rc<RefCell<Config>>, cmd_opts: Value) -> Self {
        Self {
            config,
            attributes: Value::dict(Dict::new()),
            cmd_opts,
            raw: RefCell::default(),
        }
    }

    fn main_section(&self) -> String {
        self.config.borrow().section_name().to_owned()
    }

    /// What env.py set to this option, when it could not become text.
    fn raw_option(&self, section: &str, name: &str) -> Option<Value> {
        self.raw
            .borrow()
            .get(&(section.to_owned(), name.to_owned()))
            .cloned()
    }
}

impl Object for PyConfig {
    fn class(&self) -> Rc<Class> {
        Class::of(&CONFIG)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(Some(match name {
            "config_file_name" => self
                .config
                .borrow()
                .config_file_name()
                .map(|path| Value::str(path.to_string_lossy()))
                .into(),
            "toml_file_name" => self
                .config
                .borrow()
                .toml_file_name()
                .map(|path| Value::str(path.to_string_lossy()))
                .into(),
            "config_ini_section" => Value::str(self.main_section()),
            "attributes" => self.attributes.clone(),
            "cmd_opts" => self.cmd_opts.clone(),
            "config_args" => Value::dict(Dict::new()),
            "stdout" => vm.get_attr(&vm.import("sys")?, "stdout")?,
            "output_buffer" => Value::None,
            "file_config" => {
                return Err(PyError::unsupported(
                    "`config.file_config`: use `config.get_main_option` or `config.get_section`",
                ));
            }
            _ => return Ok(None),
        }))
    }
}

fn receiver(this: &Value) -> PyResult<Rc<PyConfig>> {
    this.native::<PyConfig>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'Config' object"))
}

/// A configuration error as Python raises it: `configparser`'s exceptions are ordinary ones.
fn config_error(vm: &Vm, error: &crate::config::Error) -> PyError {
    let raised = |class: &str| {
        let class = vm.get_attr(&vm.import("configparser")?, class)?;
        vm.call(&class, Args::of(vec![Value::str(error.to_string())]))
    };
    match error {
        crate::config::Error::Python { class, .. } => class
            .strip_prefix("configparser.")
            .and_then(|class| raised(class).ok())
            .filter(|made| matches!(made, Value::Instance(_)))
            .map(|made| PyError::from_kind(PyErrorKind::Exception(made))),
        crate::config::Error::Command(message) => Some(command_error(message)),
    }
    .unwrap_or_else(|| PyError::value_error(error.to_string()))
}

fn option(vm: &Vm, config: &PyConfig, section: &str, name: &str, bound: &Bound) -> PyResult<Value> {
    if let Some(raw) = config.raw_option(section, name) {
        return Ok(raw);
    }
    let found = config
        .config
        .borrow()
        .get_section_option(section, name)
        .map_err(|error| config_error(vm, &error))?;
    Ok(found.map_or_else(|| bound.get("default"), Value::from))
}

fn get_main_option(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let config = receiver(this)?;
    let bound = args.bind("Config.get_main_option", "(name, default=None)")?;
    let section = config.main_section();
    option(vm, &config, &section, &bound.str("name")?, &bound)
}

fn get_section_option(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let config = receiver(this)?;
    let bound = args.bind("Config.get_section_option", "(section, name, default=None)")?;
    option(
        vm,
        &config,
        &bound.str("section")?,
        &bound.str("name")?,
        &bound,
    )
}

/// `get_alembic_option(name, default=None)`: the ini file, then pyproject.toml.
fn get_alembic_option(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let config = receiver(this)?;
    let bound = args.bind("Config.get_alembic_option", "(name, default=None)")?;
    let name = bound.str("name")?;
    if let Some(raw) = config.raw_option(&config.main_section(), &name) {
        return Ok(raw);
    }
    let found = config.config.borrow().get_alembic_option(&name);
    Ok(match found.map_err(|error| config_error(vm, &error))? {
        None => bound.get("default"),
        Some(OptionValue::Text(text)) => Value::str(text),
        Some(OptionValue::Texts(items)) => texts(&items),
        Some(OptionValue::Integer(number)) => Value::int(number),
        Some(OptionValue::Bool(flag)) => Value::Bool(flag),
        Some(OptionValue::Table(table)) => dict(&table),
        Some(OptionValue::Tables(tables)) => Value::list(tables.iter().map(dict).collect()),
    })
}

fn get_alembic_boolean_option(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let config = receiver(this)?;
    let bound = args.bind("Config.get_alembic_boolean_option", "(name)")?;
    let found = config
        .config
        .borrow()
        .get_alembic_boolean_option(&bound.str("name")?);
    found
        .map(Value::Bool)
        .map_err(|error| config_error(vm, &error))
}

/// `ScriptDirectory.truncate_slug_length`.
pub(super) fn truncate_slug_length(vm: &Vm, this: &Value) -> PyResult<Value> {
    let found = receiver(this)?.config.borrow().truncate_slug_length();
    found
        .map(Value::int)
        .map_err(|error| config_error(vm, &error))
}

fn dict(table: &IndexMap<String, String>) -> Value {
    let mut dict = Dict::default();
    for (key, value) in table {
        dict.insert_str(key, Value::str(value));
    }
    Value::dict(dict)
}

fn texts(items: &[String]) -> Value {
    Value::list(items.iter().map(Value::str).collect())
}

fn get_version_locations_list(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    args.bind("Config.get_version_locations_list", "()")?;
    let found = receiver(this)?.config.borrow().version_locations();
    let found = found.map_err(|error| config_error(vm, &error))?;
    Ok(found.map_or(Value::None, |items| texts(&items)))
}

fn get_prepend_sys_paths_list(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    args.bind("Config.get_prepend_sys_paths_list", "()")?;
    let found = receiver(this)?.config.borrow().prepend_sys_paths();
    let found = found.map_err(|error| config_error(vm, &error))?;
    Ok(found.map_or(Value::None, |items| texts(&items)))
}

/// `get_hooks_list()`: a dictionary for each post-write hook.
fn get_hooks_list(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    args.bind("Config.get_hooks_list", "()")?;
    let found = receiver(this)?.config.borrow().hooks();
    let hooks = found.map_err(|error| config_error(vm, &error))?;
    let made = hooks.into_iter().map(|hook| {
        let mut dict = Dict::new();
        for (name, value) in &hook.options {
            dict.insert_str(name, Value::str(value));
        }
        dict.insert_str("_hook_name", Value::str(&hook.name));
        Value::dict(dict)
    });
    Ok(Value::list(made.collect()))
}

fn set_main_option(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("Config.set_main_option", "(name, value)")?;
    let section = receiver(this)?.main_section();
    set(vm, this, &section, &bound)
}

fn set_section_option(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("Config.set_section_option", "(section, name, value)")?;
    let section = bound.str("section")?;
    set(vm, this, &section, &bound)
}

fn set(vm: &Vm, this: &Value, section: &str, bound: &Bound) -> PyResult<Value> {
    let config = receiver(this)?;
    let name = bound.str("name")?;
    let value = bound.get("value");
    let key = (section.to_owned(), name.to_lowercase());
    match value.as_str() {
        Some(text) => {
            config.raw.borrow_mut().shift_remove(&key);
            config
                .config
                .borrow_mut()
                .set_section_option(section, &name, &text)
                .map_err(|error| config_error(vm, &error))?;
        }
        None if matches!(value, Value::Unresolved(_)) => {
            config.raw.borrow_mut().insert(key, value);
        }
        None => {
            return Err(PyError::type_error(format!(
                "option values must be strings, not {}",
                vm.class_of(&value).name
            )));
        }
    }
    Ok(Value::None)
}

fn remove_main_option(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let config = receiver(this)?;
    let bound = args.bind("Config.remove_main_option", "(name)")?;
    let section = config.main_section();
    config
        .config
        .borrow_mut()
        .remove_section_option(&section, &bound.str("name")?);
    Ok(Value::None)
}

fn get_section(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let config = receiver(this)?;
    let bound = args.bind("Config.get_section", "(name, default=None)")?;
    let section = bound.str("name")?;
    let raw: Vec<(String, Value)> = config
        .raw
        .borrow()
        .iter()
        .filter(|((owner, _), _)| **owner == *section)
        .map(|((_, name), value)| (name.clone(), value.clone()))
        .collect();
    let overridden: Vec<&str> = raw.iter().map(|(name, _)| name.as_str()).collect();
    let found = config
        .config
        .borrow()
        .get_section(&section, &overridden)
        .map_err(|error| config_error(vm, &error))?;
    let Some(options) = found else {
        return Ok(bound.get("default"));
    };
    let mut dict = Dict::new();
    for (name, value) in options {
        dict.insert_str(&name, Value::str(value));
    }
    for (name, value) in raw {
        dict.insert_str(&name, value);
    }
    Ok(Value::dict(dict))
}

fn print_stdout(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    receiver(this)?;
    let mut items = args.positional.into_iter();
    let mut text = match items.next() {
        Some(first) => vm.str(&first)?,
        None => String::new(),
    };
    let rest: Vec<Value> = items.collect();
    if !rest.is_empty() {
        text = vm.str(&vm.binary(
            crate::py::object::BinaryOperator::Mod,
            &Value::str(text),
            &Value::tuple(rest),
        )?)?;
    }
    vm.write_stdout(&format!("{text}\n"));
    Ok(Value::None)
}

fn get_template_directory(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    receiver(this)?;
    Err(PyError::unsupported("`config.get_template_directory()`"))
}
