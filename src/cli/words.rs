//! The words of a command line before clap reads them: abbreviated options are written out as argparse understands them, what Alembic takes
//! coming before what is aludel's own. cpython/Lib/argparse.py `_parse_optional`, `_get_option_tuples`.

use std::ffi::OsString;

use clap::Arg;
use clap::Command;

/// The options that Alembic does not have.
const OWN: &[&str] = &["sqlalchemy", "env-file", "url", "format"];

/// An option that is aludel's own in this command.
fn is_own(option: &Arg, command: &Command) -> bool {
    let long = option.get_long().unwrap_or_default();
    // Some commands of Alembic have a `--verbose`; the global one is aludel's.
    OWN.contains(&long) || long == "verbose" && command.has_subcommands()
}

/// The words with every option written out.
///
/// # Errors
/// argparse's sentence about a word that may mean several options, or a flag with a value.
pub(super) fn written_out(
    program: &str,
    args: &[OsString],
    all: &Command,
) -> Result<Vec<OsString>, String> {
    let mut current: Option<&Command> = None;
    let mut made = Vec::with_capacity(args.len());
    let (mut is_value, mut is_over) = (true, false);
    for arg in args {
        let taken = std::mem::replace(&mut is_value, false);
        let Some(word) = arg.to_str().filter(|_| !taken && !is_over) else {
            made.push(arg.clone());
            continue;
        };
        is_over = word == "--";
        let Some(name) = word.strip_prefix("--").filter(|name| !name.is_empty()) else {
            is_value = takes_next(word, current, all);
            if current.is_none() && !word.starts_with('-') {
                current = all.find_subcommand(word);
            }
            made.push(arg.clone());
            continue;
        };
        let (name, value) = match name.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (name, None),
        };
        let Some(option) = option(program, word, name, current, all)? else {
            let is_help = value.is_none() && "help".starts_with(name);
            made.push(match is_help {
                true => "--help".into(),
                false => arg.clone(),
            });
            continue;
        };
        let takes_values = option.get_action().takes_values();
        if let (Some(value), false) = (value, takes_values) {
            return Err(format!(
                "{}: error: argument {}: ignored explicit argument {}",
                below(program, current),
                names(option),
                crate::py::builtins::repr::str_repr(value)
            ));
        }
        is_value = takes_values && value.is_none();
        let long = option.get_long().unwrap_or_default();
        made.push(match value {
            Some(value) => format!("--{long}={value}").into(),
            None => format!("--{long}").into(),
        });
    }
    Ok(made)
}

/// `prog` of the parser that reads.
pub(super) fn below(program: &str, command: Option<&Command>) -> String {
    command.map_or_else(
        || program.to_owned(),
        |command| format!("{program} {}", command.get_name()),
    )
}

/// `-r/--rev-range`.
pub(super) fn names(option: &Arg) -> String {
    let names = [
        option.get_short().map(|short| format!("-{short}")),
        option.get_long().map(|long| format!("--{long}")),
    ];
    names.into_iter().flatten().collect::<Vec<_>>().join("/")
}

/// The option that a name is, or is the start of.
fn option<'a>(
    program: &str,
    word: &str,
    name: &str,
    current: Option<&'a Command>,
    all: &'a Command,
) -> Result<Option<&'a Arg>, String> {
    let parser = current.unwrap_or(all);
    let known = |command: &'a Command| {
        command
            .get_arguments()
            .filter(|option| option.get_long().is_some())
    };
    let own = || known(all).filter(|option| is_own(option, all));
    let is = |option: &&Arg| option.get_long() == Some(name);
    if let Some(exact) = known(parser).find(is).or_else(|| own().find(is)) {
        return Ok(Some(exact));
    }
    let begins = |option: &&Arg| option.get_long().is_some_and(|long| long.starts_with(name));
    let upstream = |command: &'a Command| {
        known(command).filter(move |option| !is_own(option, command) && !option.is_global_set())
    };
    let found: Vec<&Arg> = upstream(parser).filter(begins).collect();
    match found.as_slice() {
        [only] => return Ok(Some(only)),
        [] => {}
        several => {
            let several: Vec<String> = several
                .iter()
                .filter_map(|option| Some(format!("--{}", option.get_long()?)))
                .collect();
            return Err(format!(
                "{}: error: ambiguous option: {word} could match {}",
                below(program, current),
                several.join(", ")
            ));
        }
    }
    // What some command of Alembic may mean by it is not taken for something else.
    let elsewhere = all
        .get_subcommands()
        .any(|command| upstream(command).any(|option| begins(&option)));
    let mut found = own().filter(begins);
    Ok(match (found.next(), found.next()) {
        (Some(only), None) if !elsewhere => Some(only),
        _ => None,
    })
}

/// Whether the next word is the value of this one.
fn takes_next(word: &str, current: Option<&Command>, all: &Command) -> bool {
    let Some(letters) = word.strip_prefix('-') else {
        return false;
    };
    let mut letters = letters.chars();
    let parser = current.unwrap_or(all);
    while let Some(letter) = letters.next() {
        let option = parser
            .get_arguments()
            .chain(all.get_arguments().filter(|option| option.is_global_set()))
            .find(|option| option.get_short() == Some(letter));
        match option {
            Some(option) if option.get_action().takes_values() => {
                return letters.as_str().is_empty();
            }
            Some(_) => {}
            None => return false,
        }
    }
    false
}

/// What argparse leaves over: options that the parser does not have, and words that are too many.
pub(super) fn unrecognized<'a>(words: &[&'a str], all: &Command) -> Vec<&'a str> {
    let mut left = Vec::new();
    let (mut current, mut is_value, mut places) = (None::<&Command>, false, 0);
    let mut is_over = false;
    for word in words {
        if std::mem::replace(&mut is_value, false) {
            continue;
        }
        if *word == "--" && !is_over {
            is_over = true;
            continue;
        }
        let parser = current.unwrap_or(all);
        let is_option = !is_over && word.starts_with('-');
        if let Some(long) = word.strip_prefix("--").filter(|_| is_option) {
            let name = long.split('=').next().unwrap_or(long);
            let mut options = parser
                .get_arguments()
                .chain(all.get_arguments().filter(|option| option.is_global_set()));
            match options.find(|option| option.get_long() == Some(name)) {
                Some(option) => {
                    is_value = option.get_action().takes_values() && !long.contains('=');
                }
                None if name == "help" => {}
                None => left.push(*word),
            }
        } else if is_option && word.len() > 1 && word.parse::<f64>().is_err() {
            let known = |letter: char| {
                let global = all.get_arguments().filter(|option| option.is_global_set());
                let mut options = parser.get_arguments().chain(global);
                options.any(|option| option.get_short() == Some(letter)) || letter == 'h'
            };
            match word.chars().nth(1).is_some_and(known) {
                true => is_value = takes_next(word, current, all),
                false => left.push(*word),
            }
        } else if current.is_none() {
            current = all.find_subcommand(word);
            places = current.map_or(0, |command| {
                let positionals = command.get_positionals();
                positionals
                    .map(|place| match place.get_action() {
                        clap::ArgAction::Append => usize::MAX / 8,
                        _ => 1,
                    })
                    .sum()
            });
        } else if places == 0 {
            left.push(*word);
        } else {
            places -= 1;
        }
    }
    left
}
