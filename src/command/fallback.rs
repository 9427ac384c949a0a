//! `--fallback alembic`: the real Alembic of the active virtualenv runs what aludel cannot evaluate, one revision at a time.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use crate::command::error::CommandError;
use crate::command::session::Globals;
use crate::env::fallback::Errand;
use crate::env::fallback::Fallback;

/// Set for the program that is started: it must not be aludel again.
const MARK: &str = "ALUDEL_FALLBACK";
/// Lines of the program's complaint that are shown.
const SHOWN: usize = 12;

/// The fallback that the options ask for.
///
/// # Errors
/// No `alembic` to be found; `--url`, which Alembic does not have.
pub fn of_option(asked: bool, globals: &Globals) -> Result<Option<Fallback>, CommandError> {
    if !asked {
        return Ok(None);
    }
    if std::env::var_os(MARK).is_some() {
        return Err(CommandError::command(
            "the `alembic` that --fallback found is aludel itself: activate the virtualenv that has the real one",
        ));
    }
    if globals.url.is_some() {
        return Err(CommandError::command(
            "--fallback alembic cannot be used with --url: the real Alembic takes the URL that env.py finds",
        ));
    }
    let Some(program) = find() else {
        return Err(CommandError::command(
            "--fallback alembic: no `alembic` program in the active virtualenv, in ./.venv, or on the PATH",
        ));
    };
    let globals = globals.clone();
    Ok(Some(std::rc::Rc::new(move |errand| {
        run(&program, &globals, errand)
    })))
}

/// `alembic` of the active virtualenv, of `.venv` or `venv` here, or on the PATH; never this program.
fn find() -> Option<PathBuf> {
    let own = std::env::current_exe().and_then(std::fs::canonicalize).ok();
    let active = ["VIRTUAL_ENV", "CONDA_PREFIX"]
        .iter()
        .filter_map(std::env::var_os)
        .map(PathBuf::from);
    let here = [".venv", "venv"].iter().map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    active
        .chain(here)
        .map(|home| home.join("bin"))
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join("alembic"))
        .filter_map(|program| std::path::absolute(program).ok())
        .find(|program| {
            let real = std::fs::canonicalize(program).ok();
            program.is_file() && real.is_some() && real != own
        })
}

/// Runs one errand. Offline, gives the SQL.
fn run(program: &Path, globals: &Globals, errand: &Errand) -> Result<String, String> {
    let mut command = Command::new(program);
    for file in &globals.config {
        command.args(["-c", file]);
    }
    command.args(["-n", &globals.name]);
    for argument in &globals.x {
        command.args(["-x", argument]);
    }
    command.args([errand.command, &errand.target]);
    if errand.as_sql {
        command.arg("--sql");
    }
    let done = command
        .env(MARK, "1")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
    let (stdout, stderr) = (
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr),
    );
    if done.status.success() {
        return Ok(stdout.into_owned());
    }
    let said: Vec<&str> = stderr.lines().chain(stdout.lines()).collect();
    let last = said.len().saturating_sub(SHOWN);
    Err(format!(
        "{} {} {} failed ({}):\n{}",
        program.display(),
        errand.command,
        errand.target,
        done.status,
        said.get(last..).unwrap_or_default().join("\n")
    ))
}
