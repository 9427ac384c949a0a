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
