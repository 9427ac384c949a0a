//! Usage errors in argparse's words: what a script looks for stands in the first line, what helps a person below.

use std::ffi::OsString;

use clap::Command;
use clap::error::ContextKind;
use clap::error::ContextValue;
use clap::error::ErrorKind;

use crate::cli::words;

/// What is printed for an error of the command line.
pub(super) fn report(
    program: &str,
    args: &[OsString],
    all: &Command,
    error: &clap::Error,
) -> String {
    let rendered = error.render().to_string();
    let Some(line) = line(program, args, all, error) else {
        return rendered;
    };
    // clap's own first paragraph says the same.
    match rendered.split_once("\n\n") {
        Some((_, rest)) => format!("{line}\n\n{rest}"),
        None => format!("{line}\n"),
    }
}

/// argparse's sentence.
fn line(program: &str, args: &[OsString], all: &Command, error: &clap::Error) -> Option<String> {
    let words: Vec<&str> = args.iter().skip(1).filter_map(|arg| arg.to_str()).collect();
    let command = words.iter().find_map(|word| all.find_subcommand(word));
    let below = command.map_or_else(
        || program.to_owned(),
        |command| format!("{program} {}", command.get_name()),
    );
    match error.kind() {
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Some(format!("{program}: error: too few arguments"))
        }
        ErrorKind::MissingRequiredArgument => Some(format!(
            "{below}: error: the following arguments are required: {}",
            texts(error, ContextKind::InvalidArg)
                .iter()
                .map(|name| plain(name))
                .collect::<Vec<_>>()
                .join(", ")
        )),
        ErrorKind::InvalidSubcommand => {
            let named = texts(error, ContextKind::InvalidSubcommand);
            let choices: Vec<&str> = all
                .get_subcommands()
                .map(Command::get_name)
                .filter(|name| !crate::command::OWN.contains(name))
                .collect();
            Some(format!(
                "{program}: error: argument {{{}}}: invalid choice: '{}' (choose from '{}')",
                choices.join(","),
                named.first()?,
                choices.join("', '")
            ))
        }
        ErrorKind::UnknownArgument => {
            let first = texts(error, ContextKind::InvalidArg).into_iter().next()?;
            // clap names the first letter of several that stand together.
            let at = words.iter().position(|word| word.starts_with(&first));
            let before = at.and_then(|at| words.get(at.checked_sub(1)?));
            if let Some(option) = before.and_then(|word| option_of(word, command, all)) {
                // What looks like an option is no value.
                return Some(format!(
                    "{below}: error: argument {option}: expected one argument"
                ));
            }
            Some(format!(
                "{program}: error: unrecognized arguments: {}",
                words::unrecognized(&words, all).join(" ")
            ))
        }
        ErrorKind::InvalidValue if texts(error, ContextKind::InvalidValue) == [""] => {
            let named = texts(error, ContextKind::InvalidArg).into_iter().next()?;
            let option = option_of(named.split([' ', '=']).next()?, command, all)?;
            Some(format!(
                "{below}: error: argument {option}: expected one argument"
            ))
        }
        _ => None,
    }
}

/// `-r/--rev-range`: the option that takes a value and is called so.
fn option_of(word: &str, command: Option<&Command>, all: &Command) -> Option<String> {
    let mut options = command
        .into_iter()
        .chain([all])
        .flat_map(Command::get_arguments);
    let found = options.find(|arg| {
        let is_long = word
            .strip_prefix("--")
            .is_some_and(|long| arg.get_long() == Some(long));
        let is_short = word
            .strip_prefix('-')
            .is_some_and(|short| arg.get_short().is_some_and(|own| short == own.to_string()));
        (is_long || is_short) && arg.get_action().takes_values()
    })?;
    Some(words::names(found))
}

/// `<REVISIONS>...` as argparse names it.
fn plain(name: &str) -> String {
    name.trim_end_matches('.')
        .trim_matches(['<', '>'])
        .to_lowercase()
}

fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(_) | None => Vec::new(),
    }
}
