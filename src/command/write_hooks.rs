//! Post-write hooks: alembic/script/write_hooks.py. `console_scripts` and `module` ask the Python of the active virtualenv, which runs them.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::command::error::CommandError;
use crate::command::session::Session;
use crate::config::hooks::Hook;

/// Stands for the path of the file.
const TOKEN: &str = "REVISION_SCRIPT_FILENAME";

/// Runs the hooks on a new file.
pub(crate) fn run(session: &Session, hooks: &[Hook], path: &Path) -> Result<(), CommandError> {
    for hook in hooks {
        let Some(kind) = hook.options.get("type") else {
            return Err(CommandError::command(format!(
                "Key '{0}.type' (or 'type' in toml) is required for post write hook '{0}'",
                hook.name
            )));
        };
        let text = format!("Running post write hook '{}'", hook.name);
        session
            .output
            .status(&text, false, "\n", || invoke(session, kind, hook, path))?;
    }
    Ok(())
}

fn invoke(session: &Session, kind: &str, hook: &Hook, path: &Path) -> Result<(), CommandError> {
    let command = match kind {
        "console_scripts" => console_script(session, required(hook, "entrypoint")?)?,
        "exec" => vec![required(hook, "executable")?.to_owned()],
        "module" => module(session, required(hook, "module")?)?,
        other => {
            return Err(CommandError::command(format!(
                "No formatter with name '{other}' registered"
            ))
            .hint(
                "a hook that env.py registers is Python: make it a program and use `type = exec`",
            ));
        }
    };
    let arguments = arguments(hook.options.get("options").map_or("", String::as_str), path)?;
    let Some((program, rest)) = command.split_first() else {
        return Ok(());
    };
    let mut started = Command::new(program);
    started.args(rest).args(arguments);
    if let Some(folder) = hook.options.get("cwd") {
        started.current_dir(folder);
    }
    // The status of the program is not looked at, as upstream.
    started
        .status()
        .map(|_| ())
        .map_err(|error| CommandError::command(format!("Can't run {program}: {error}")))
}

/// The command of an entry point: Python knows it, else a program of that name is run that has no Python beside it.
fn console_script(session: &Session, entrypoint: &str) -> Result<Vec<String>, CommandError> {
    if let Some(python) = find_python() {
        let code = ask(session, &python, ENTRY_POINT, entrypoint)?;
        if !code.is_empty() {
            return Ok(vec![python, "-c".to_owned(), code]);
        }
    }
    let beside = |program: &Path| {
        let python = ["python", "python3"].map(|name| program.with_file_name(name));
        python.iter().any(|python| python.is_file())
    };
    find(entrypoint)
        .filter(|program| !entrypoint.contains('/') && !beside(program))
        .map(|program| vec![program.display().to_string()])
        .ok_or_else(|| {
            CommandError::command(format!(
                "Could not find entrypoint console_scripts.{entrypoint}"
            ))
        })
}

fn find_python() -> Option<String> {
    let python = find("python").or_else(|| find("python3"))?;
    Some(python.display().to_string())
}

/// The command of a module, which must be where an installed `alembic` finds it: what is in the current folder only is not.
fn module(session: &Session, module: &str) -> Result<Vec<String>, CommandError> {
    let python = find_python().ok_or_else(|| {
        CommandError::command(format!(
            "Could not find module {module}: there is no Python on the PATH, in the active virtualenv or in .venv"
        ))
    })?;
    match ask(session, &python, MODULE, module)?.as_str() {
        "" => Err(CommandError::command(format!(
            "Could not find module {module}"
        ))),
        _ => Ok(vec![python, "-m".to_owned(), module.to_owned()]),
    }
}

/// `sys.path` as it is in a program installed beside this Python, with `prepend_sys_path` before it.
const PATH: &str = "import os, sys
if not getattr(sys.flags, 'safe_path', False):
    sys.path[0] = os.path.dirname(sys.executable)
sys.path[:0] = sys.argv[2:]
";

/// Says where a module is, if anywhere.
const MODULE: &str = "import importlib.util
print(importlib.util.find_spec(sys.argv[1]) or '', end='')
";

/// Says what runs an entry point, if there is one.
const ENTRY_POINT: &str = "from importlib import metadata
try:
    known = metadata.entry_points(group='console_scripts')
except TypeError:
    known = metadata.entry_points().get('console_scripts', ())
for entry in known:
    if entry.name == sys.argv[1]:
        module, _, attr = entry.value.partition('[')[0].replace(' ', '').partition(':')
        print(f'import {module}; {module}.{attr}()', end='')
        break
";

/// What a Python answers; an exception is what Alembic would die of.
fn ask(
    session: &Session,
    python: &str,
    question: &str,
    name: &str,
) -> Result<String, CommandError> {
    let done = Command::new(python)
        .args(["-c", &format!("{PATH}{question}"), name])
        .args(session.config()?.borrow().prepend_sys_path())
        .output()
        .map_err(|error| CommandError::command(format!("Can't run {python}: {error}")))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let told = String::from_utf8_lossy(&done.stderr);
    Err(CommandError::python(
        told.trim_end().lines().last().map_or_else(
            || format!("{python} ended with {}", done.status),
            str::to_owned,
        ),
    ))
}

fn required<'a>(hook: &'a Hook, name: &str) -> Result<&'a str, CommandError> {
    hook.options.get(name).map(String::as_str).ok_or_else(|| {
        CommandError::command(format!(
            "Key {0}.{name} is required for post write hook '{0}'",
            hook.name
        ))
    })
}

/// A program of the active virtualenv, of `.venv` or `venv` here, or on the PATH.
fn find(name: &str) -> Option<PathBuf> {
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
        .map(|folder| folder.join(name))
        .filter_map(|program| std::path::absolute(program).ok())
        .find(|program| program.is_file())
}

/// `_parse_cmdline_options`.
fn arguments(options: &str, path: &Path) -> Result<Vec<String>, CommandError> {
    let options = if options.contains(TOKEN) {
        options.to_owned()
    } else {
        format!("{TOKEN} {options}")
    };
    let path = path.to_string_lossy();
    let words = split(&options)
        .map_err(|message| CommandError::python(format!("ValueError: {message}")))?;
    Ok(words
        .into_iter()
        .map(|word| word.replace(TOKEN, &path))
        .collect())
}

/// `shlex.split`.
fn split(text: &str) -> Result<Vec<String>, &'static str> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            space if space.is_ascii_whitespace() => words.extend(word.take()),
            '\\' => {
                let next = characters.next().ok_or("No escaped character")?;
                word.get_or_insert_default().push(next);
            }
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next().ok_or("No closing quotation")? {
                        '\'' => break,
                        other => word.push(other),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next().ok_or("No closing quotation")? {
                        '"' => break,
                        '\\' => match characters.next().ok_or("No closing quotation")? {
                            escaped @ ('"' | '\\') => word.push(escaped),
                            other => word.extend(['\\', other]),
                        },
                        other => word.push(other),
                    }
                }
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_split_as_a_shell_does() {
        assert_eq!(
            split(r#"-l 79 --x="a b" 'c\d' e\ f "" # g"#).unwrap(),
            ["-l", "79", "--x=a b", r"c\d", "e f", "", "#", "g"]
        );
        assert_eq!(split("'a"), Err("No closing quotation"));
        assert_eq!(
            arguments("-l 79", Path::new("/a b.py")).unwrap(),
            ["/a b.py", "-l", "79"]
        );
        assert_eq!(
            arguments("fix REVISION_SCRIPT_FILENAME", Path::new("/a b.py")).unwrap(),
            ["fix", "/a b.py"]
        );
    }
}
