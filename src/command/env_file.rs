//! `--env-file`: variables from a file, read as python-dotenv reads them. Not in Alembic.

use std::path::Path;
use std::path::PathBuf;

use crate::command::error::CommandError;
use crate::config::Config;
use crate::config::Files;
use crate::env;
use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;

/// The variables of a file that the environment does not have yet.
///
/// # Errors
/// The file cannot be read, or not understood.
pub fn read(file: &str) -> Result<Vec<(String, String)>, CommandError> {
    if let Err(error) = std::fs::metadata(file) {
        return Err(CommandError::unsupported(format!(
            "the file given with --env-file cannot be read: {file}: {error}"
        )));
    }
    let mut found = values(file).map_err(|_| {
        CommandError::unsupported(format!("the file given with --env-file is no text: {file}"))
    })?;
    found.retain(|(name, _)| std::env::var_os(name).is_none());
    Ok(found)
}

/// The variables that may hold the URL, the first one first.
const URLS: [&str; 2] = ["ALUDEL_URL", "DATABASE_URL"];

/// The `.env` beside the configuration.
pub(crate) fn beside(config: &Config) -> PathBuf {
    let file = config.config_file_name().or(config.toml_file_name());
    let folder = file.and_then(Path::parent).unwrap_or(Path::new(""));
    folder.join(".env")
}

/// A URL for where env.py has none that can be evaluated, and what it is: a variable of the environment, else of the `.env` beside the configuration.
/// Alembic does not read that file, so nothing else is taken from it.
pub(crate) fn fallback_url(beside: &Path) -> Option<(String, String)> {
    let set = |name: &&str| std::env::var(name).ok().filter(|url| !url.is_empty());
    if let Some((name, url)) = URLS.iter().find_map(|name| Some((name, set(name)?))) {
        return Some((url, name.to_string()));
    }
    let values = beside.is_file().then(|| values(beside.to_str()?).ok())??;
    let said = |name: &&str| {
        let found = values
            .iter()
            .find(|(key, url)| key == name && !url.is_empty());
        found.map(|(_, url)| url.clone())
    };
    let (name, url) = URLS.iter().find_map(|name| Some((name, said(name)?)))?;
    Some((url, format!("{name} of {}", beside.display())))
}

fn values(file: &str) -> PyResult<Vec<(String, String)>> {
    let nowhere = Files {
        ini: PathBuf::new(),
        toml: PathBuf::new(),
    };
    let config = Config::load(nowhere, "alembic")
        .map_err(|error| PyError::value_error(error.to_string()))?;
    let vm = env::header_vm(&config, Path::new("."));
    let read = vm.get_attr(&vm.import("dotenv")?, "dotenv_values")?;
    let found = vm.call(&read, Args::of(vec![Value::str(file)]))?;
    let mut made = Vec::new();
    for pair in vm.collect(&vm.call_method(&found, "items", Args::none())?)? {
        if let [name, value] = vm.collect(&pair)?.as_slice()
            && let (Some(name), Some(value)) = (name.as_str(), value.as_str())
        {
            made.push((name.to_string(), value.to_string()));
        }
    }
    Ok(made)
}
