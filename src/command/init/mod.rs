//! `init`: alembic/command.py init.

pub mod templates;

use std::fs;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;

use crate::command::error::CommandError;
use crate::command::init::templates::TEMPLATES;
use crate::command::init::templates::Template;
use crate::command::session::Session;
use crate::config::Files;

/// Initialize a new scripts directory.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Setup template for use with 'init'
    #[arg(short, long, default_value = "generic")]
    pub template: String,
    /// Write empty __init__.py files to the environment and version locations
    #[arg(long)]
    pub package: bool,
    /// location of scripts directory
    pub directory: String,
}

/// Runs it.
pub fn run(session: &Session, args: &InitArgs) -> Result<(), CommandError> {
    let directory: PathBuf = match args.directory.as_str() {
        "" => PathBuf::from("."),
        given => Path::new(given).components().collect(),
    };
    if is_used(&directory)? {
        return Err(CommandError::command(format!(
            "Directory {} already exists and is not empty",
            directory.display()
        )));
    }
    let Some(template) = TEMPLATES
        .iter()
        .find(|template| template.name == args.template)
    else {
        let names: Vec<&str> = TEMPLATES.iter().map(|template| template.name).collect();
        return Err(
            CommandError::command(format!("No such template {}", args.template))
                .hint(format!("there are {}", names.join(", "))),
        );
    };
    let quiet = session.globals.quiet;
    let folder = absolute(&directory);
    if !directory.exists() {
        session.status(&creating(&folder), quiet, || fs::create_dir_all(&folder))?;
    }
    let versions = folder.join("versions");
    session.status(&creating(&versions), quiet, || {
        fs::create_dir_all(&versions)
    })?;
    write_files(session, template, &directory)?;
    if args.package {
        for path in [folder.join("__init__.py"), versions.join("__init__.py")] {
            session.status(&format!("Adding {}", path.display()), quiet, || {
                fs::write(&path, "")
            })?;
        }
    }
    let Files { ini, toml } = session.files();
    let (ini, toml) = (absolute(ini), absolute(toml));
    let what = if template.toml("").is_some() {
        format!(
            "configuration settings in {} and configuration/connection/logging",
            toml.display()
        )
    } else {
        "configuration/connection/logging".to_owned()
    };
    session.output.message(&format!(
        "Please edit {what} settings in {} before proceeding.",
        ini.display()
    ));
    Ok(())
}

fn creating(folder: &Path) -> String {
    format!("Creating directory {}", folder.display())
}

/// Whether there is something in the folder.
fn is_used(directory: &Path) -> Result<bool, CommandError> {
    if !directory.exists() {
        return Ok(false);
    }
    let mut entries = fs::read_dir(directory).map_err(|error| {
        CommandError::python(format!(
            "NotADirectoryError: {}: {error}",
            directory.display()
        ))
    })?;
    Ok(entries.next().is_some())
}

fn write_files(
    session: &Session,
    template: &Template,
    directory: &Path,
) -> Result<(), CommandError> {
    let folder = absolute(directory);
    let files = [
        ("script.py.mako", template.script),
        ("README", template.readme),
        ("env.py", template.env),
    ];
    for (name, text) in files {
        generate(session, &folder.join(name), text)?;
    }
    let Files { ini, toml } = session.files();
    let path = absolute(ini);
    if path.exists() {
        session
            .output
            .message(&format!("File {} already exists, skipping", path.display()));
    } else {
        generate(session, &path, &template.ini(&location(directory, &path)))?;
    }
    let path = absolute(toml);
    match template.toml(&location(directory, &path)) {
        None => Ok(()),
        Some(text) => write_toml(session, &path, &text),
    }
}

fn write_toml(session: &Session, path: &Path, text: &str) -> Result<(), CommandError> {
    if !path.exists() {
        return generate(session, path, text);
    }
    let old = fs::read_to_string(path)
        .map_err(|error| CommandError::python(format!("OSError: {}: {error}", path.display())))?;
    let read: toml::Table = old.parse().map_err(|error| {
        CommandError::python(format!(
            "tomllib.TOMLDecodeError: {}: {error}",
            path.display()
        ))
    })?;
    let has_section = read
        .get("tool")
        .and_then(|tool| tool.get("alembic"))
        .is_some();
    if has_section {
        session.output.message_always(&format!(
            "File {} already exists and already has a [tool.alembic] section, skipping",
            path.display()
        ));
        return Ok(());
    }
    session.status(
        &format!("Appending to existing {}", path.display()),
        false,
        || fs::write(path, format!("{old}\n\n{text}")),
    )
}

fn generate(session: &Session, path: &Path, text: &str) -> Result<(), CommandError> {
    session.status(&format!("Generating {}", path.display()), false, || {
        fs::write(path, text)
    })
}

/// `script_location` as it is written: relative to the configuration file, unless the folder was given as an absolute path.
fn location(directory: &Path, file: &Path) -> String {
    if directory.is_absolute() {
        return directory.display().to_string();
    }
    let folder = absolute(directory);
    let here = file.parent().unwrap_or(Path::new("/"));
    let (folder, here): (Vec<Component>, Vec<Component>) =
        (folder.components().collect(), here.components().collect());
    let shared = folder
        .iter()
        .zip(&here)
        .take_while(|(left, right)| left == right)
        .count();
    let mut path = PathBuf::from("%(here)s");
    path.extend(here.iter().skip(shared).map(|_| ".."));
    path.extend(folder.iter().skip(shared));
    path.display().to_string()
}

/// `Path.absolute`: `..` stays.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_location_is_relative_to_the_configuration_file() {
        let here = absolute(Path::new("."));
        assert_eq!(
            location(Path::new("migrations"), &here.join("alembic.ini")),
            "%(here)s/migrations"
        );
        assert_eq!(
            location(Path::new("mig"), &here.join("conf/alembic.ini")),
            "%(here)s/../mig"
        );
        assert_eq!(
            location(Path::new("/srv/mig"), &here.join("alembic.ini")),
            "/srv/mig"
        );
    }
}
