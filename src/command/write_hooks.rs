//! Post-write hooks: alembic/script/write_hooks.py. `console_scripts` runs the program that the entry point is installed as.

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
            .status(&text, false, "\n", || invoke(kind, hook, path))?;
    }
    Ok(())
}

fn invoke(kind: &str, hook: &Hook, path: &Path) -> Result<(), CommandError> {
    let command = match kind {
        "console_scripts" => {
            let entrypoint = required(hook, "entrypoint")?;
            let program = find(entrypoint).ok_or_else(|| {
                CommandError::command(format!(
                    "Could not find entrypoint console_scripts.{entrypoint}"
                ))
            })?;
            vec![program.display().to_string()]
        }
        "exec" => vec![required(hook, "executable")?.to_owned()],
        "module" => {
            let module = required(hook, "module")?;
            let python = find("python").or_else(|| find("python3")).ok_or_else(|| {
                CommandError::command(format!(
                    "Could not find module {module}: there is no Python on the PATH, in the active virtualenv or in .venv"
                ))
            })?;
            let python = python.display().to_string();
            if !has_module(&python, module) {
                return Err(CommandError::command(format!(
                    "Could not find module {module}"
                )));
            }
            vec![python, "-m".to_owned(), module.to_owned()]
        }
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

fn has_module(python: &str, module: &str) -> bool {
    Command::new(python)
        .args([
            "-c",
            "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)",
            module,
        ])
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
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
