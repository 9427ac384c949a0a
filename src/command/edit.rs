//! `edit`: alembic/command.py edit, alembic/util/editor.py.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::command::error::CommandError;
use crate::command::run_env::EnvRequest;
use crate::command::run_env::run_env;
use crate::command::session::Session;
use crate::command::session::explain;
use crate::command::session::explain_rows;
use crate::py::builtins::repr::str_repr;
use crate::script::directory::ScriptDirectory;
use crate::script::identifier::Identifier;
use crate::script::resolve::Place;

/// Edit revision script(s) using $EDITOR.
#[derive(Debug, Args)]
pub struct EditArgs {
    /// revision identifier
    #[arg(allow_negative_numbers = true)]
    pub rev: String,
}

/// Runs it.
pub fn run(session: &Session, args: &EditArgs) -> Result<(), CommandError> {
    let config = session.config()?;
    let script = session.script(&config)?;
    if args.rev != "current" {
        let wanted = Identifier::from(args.rev.as_str());
        let places = script.get_revisions(&wanted).map_err(explain(&script))?;
        if places.is_empty() {
            return Err(CommandError::command(format!(
                "No revision files indicated by symbol '{}'",
                args.rev
            )));
        }
        return open_all(&script, &places);
    }
    let seen = script.clone();
    run_env(
        session,
        &config,
        &script,
        EnvRequest::looking(move |_, rows| {
            if rows.is_empty() {
                return Err(CommandError::command("No current revisions"));
            }
            let places = seen
                .get_revisions(&Identifier::many(rows))
                .map_err(explain_rows(&seen, rows))?;
            open_all(&seen, &places)
        }),
    )
}

fn open_all(script: &ScriptDirectory, places: &[Place]) -> Result<(), CommandError> {
    for place in places {
        match place {
            Place::At(node) => open(&script.revision(*node)?.path)?,
            Place::Nothing | Place::Base => {
                return Err(CommandError::command(
                    "The walk down ends at base, which is no file to edit",
                ));
            }
        }
    }
    Ok(())
}

/// `open_in_editor`.
fn open(file: &Path) -> Result<(), CommandError> {
    let failed =
        |reason: String| CommandError::command(format!("Error executing editor ({reason})"));
    let Some(editor) = find_editor() else {
        return Err(failed(
            "No suitable editor found. Please set the \"EDITOR\" or \"VISUAL\" environment variables"
                .to_owned(),
        ));
    };
    let status = Command::new(&editor).arg(file).status();
    let [program, argument] = [&editor, file].map(|path| str_repr(&path.to_string_lossy()));
    match status {
        // What CPython's subprocess module says.
        Err(error) => Err(failed(match error.raw_os_error() {
            Some(number) => {
                let text = error.to_string();
                let text = text.split(" (os error").next().unwrap_or_default();
                format!("[Errno {number}] {text}: {program}")
            }
            None => format!("{program}: {error}"),
        })),
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            let how = match (status.code(), status.signal()) {
                (Some(code), _) => format!("returned non-zero exit status {code}"),
                (None, Some(signal)) => match signal_name(signal) {
                    Some(name) => format!("died with <Signals.{name}: {signal}>"),
                    None => format!("died with unknown signal {signal}"),
                },
                (None, None) => format!("ended with {status}"),
            };
            Err(failed(format!("Command '[{program}, {argument}]' {how}.")))
        }
    }
}

/// The name in CPython's `signal.Signals`, on Linux.
fn signal_name(signal: i32) -> Option<&'static str> {
    const NAMES: [&str; 31] = [
        "SIGHUP",
        "SIGINT",
        "SIGQUIT",
        "SIGILL",
        "SIGTRAP",
        "SIGABRT",
        "SIGBUS",
        "SIGFPE",
        "SIGKILL",
        "SIGUSR1",
        "SIGSEGV",
        "SIGUSR2",
        "SIGPIPE",
        "SIGALRM",
        "SIGTERM",
        "SIGSTKFLT",
        "SIGCHLD",
        "SIGCONT",
        "SIGSTOP",
        "SIGTSTP",
        "SIGTTIN",
        "SIGTTOU",
        "SIGURG",
        "SIGXCPU",
        "SIGXFSZ",
        "SIGVTALRM",
        "SIGPROF",
        "SIGWINCH",
        "SIGIO",
        "SIGPWR",
        "SIGSYS",
    ];
    match signal {
        34 => Some("SIGRTMIN"),
        64 => Some("SIGRTMAX"),
        other => usize::try_from(other - 1)
            .ok()
            .and_then(|index| NAMES.get(index).copied()),
    }
}

/// `_find_editor`: a file that `EDITOR` or `VISUAL` names; else the first of theirs and the usual ones that is on the PATH.
fn find_editor() -> Option<PathBuf> {
    let mut candidates: Vec<String> = ["sensible-editor", "editor", "nano", "vim", "code"]
        .map(str::to_owned)
        .into();
    for (index, name) in ["EDITOR", "VISUAL"].into_iter().enumerate() {
        let Ok(choice) = std::env::var(name) else {
            continue;
        };
        if Path::new(&choice).exists() {
            return Some(choice.into());
        }
        if !choice.contains('/') {
            candidates.insert(index, choice);
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    candidates.iter().find_map(|candidate| {
        std::env::split_paths(&path)
            .map(|folder| folder.join(candidate))
            .find(|program| program.exists())
    })
}
