//! The command line: what Alembic's argparse accepts, and what happens with errors. alembic/config.py `CommandLine`.

mod usage;
mod words;

use std::ffi::OsString;

use clap::CommandFactory as _;
use clap::FromArgMatches as _;
use clap::Parser;

use crate::command;
use crate::command::Command;
use crate::command::error::CommandError;
use crate::command::error::Kind;
use crate::command::plan;
use crate::command::session::Globals;
use crate::command::session::Session;
use crate::config::Files;

/// The version of Alembic whose output is the measure.
pub const ALEMBIC_VERSION: &str = "1.20.1";

/// Set in the environment once the file of `--env-file` was read.
const ENV_FILE_READ: &str = "ALUDEL_ENV_FILE_READ";

/// Alembic migrations without Python
#[derive(Debug, Parser)]
#[command(
    disable_help_subcommand = true,
    args_override_self = true,
    subcommand_required = true,
    disable_version_flag = true
)]
struct Cli {
    /// Show program's version number and exit
    #[arg(long)]
    version: bool,
    /// Alternate config file; defaults to value of ALEMBIC_CONFIG environment variable, or "alembic.ini". May also refer to pyproject.toml file. May be specified twice to reference both files separately
    #[arg(short, long, action = clap::ArgAction::Append)]
    config: Vec<String>,
    /// Name of section in .ini file to use for Alembic config (only applies to configparser config, not toml)
    #[arg(short, long, default_value = "alembic")]
    name: String,
    /// Additional arguments consumed by custom env.py scripts, e.g. -x setting1=somesetting -x setting2=somesetting
    #[arg(short, action = clap::ArgAction::Append)]
    x: Vec<String>,
    /// Raise a full stack trace on error
    #[arg(long)]
    raiseerr: bool,
    /// Do not log to std output
    #[arg(short, long)]
    quiet: bool,
    /// Write SQL as this version of SQLAlchemy does
    #[arg(long, global = true, value_parser = ["2.0", "2.1"])]
    sqlalchemy: Option<String>,
    /// Take variables that are not set yet from this file (NAME=value lines, as python-dotenv reads them)
    #[arg(long, global = true, value_name = "FILE")]
    env_file: Option<String>,
    /// Connect to this URL instead of the one env.py finds
    #[arg(long, global = true)]
    url: Option<String>,
    /// Print what is reported as text or as JSON (docs/json.md)
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, hide_possible_values = false)]
    format: Format,
    /// Show the server's notices
    #[arg(short, long, global = true)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

/// The forms of what is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// As Alembic prints it.
    Text,
    /// One object; docs/json.md describes it.
    Json,
}

/// Runs the command line; gives the exit status.
pub fn run(args: &[OsString]) -> i32 {
    let program = program_name(args);
    let all = command_line(program).name(program).bin_name(program);
    let args = match words::written_out(program, args, &all) {
        Ok(args) => args,
        Err(sentence) => {
            let output = command::output::Output::new(false);
            output.error(&format!("{sentence}\n"));
            return 2;
        }
    };
    let args = args.as_slice();
    let matches = match all.try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => return usage(program, args, &error),
    };
    match Cli::from_arg_matches(&matches) {
        Ok(cli) if cli.version => print_version(program),
        Ok(Cli {
            env_file: Some(file),
            ..
        }) if std::env::var_os(ENV_FILE_READ).is_none() => with_env_file(&file, args),
        Ok(cli) => execute(cli),
        Err(error) => usage(program, args, &error),
    }
}

/// The command line; commands that Alembic does not have are not shown under its name.
fn command_line(program: &str) -> clap::Command {
    let mut all = Cli::command().after_help(format!(
        "Examples:\n  {program} upgrade head          run everything that is missing\n  {program} upgrade head --sql    print the SQL instead\n  {program} history               what there is\n  {program} COMMAND --help        more examples"
    ));
    let names: Vec<String> = all
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    for name in names {
        if let Some(section) = command::examples::section(program, &name) {
            all = all.mut_subcommand(name, |command| command.after_help(section));
        }
    }
    if program != "alembic" {
        return all;
    }
    command::OWN.iter().fold(all, |all, name| {
        all.mut_subcommand(name, |own| own.hide(true))
    })
}

/// `alembic` when called by that name.
fn program_name(args: &[OsString]) -> &'static str {
    let name = args
        .first()
        .map(std::path::Path::new)
        .and_then(std::path::Path::file_stem)
        .and_then(std::ffi::OsStr::to_str);
    if name == Some("alembic") {
        "alembic"
    } else {
        "aludel"
    }
}

fn version(program: &str) -> String {
    if program == "alembic" {
        format!("alembic {ALEMBIC_VERSION}\n")
    } else {
        format!(
            "aludel {} (writes what Alembic {ALEMBIC_VERSION} writes)\n",
            env!("CARGO_PKG_VERSION")
        )
    }
}

fn print_version(program: &str) -> i32 {
    let output = command::output::Output::new(false);
    output.write(&version(program));
    i32::from(output.finish().is_some())
}

/// Help goes to standard output (0), usage errors to standard error (2). `--version` needs no sub-command.
fn usage(program: &str, args: &[OsString], error: &clap::Error) -> i32 {
    if error.kind() == clap::error::ErrorKind::MissingSubcommand && asks_for_version(args) {
        return print_version(program);
    }
    if error.use_stderr() {
        let output = command::output::Output::new(false);
        let all = command_line(program);
        output.error(&usage::report(program, args, &all, error));
    } else {
        let _lost = error.print();
    }
    error.exit_code()
}

/// Whether `--version` or an unambiguous start of it is among global options alone.
fn asks_for_version(args: &[OsString]) -> bool {
    args.iter()
        .skip(1)
        .filter_map(|arg| arg.to_str())
        .any(|arg| arg.len() > 2 && "--version".starts_with(arg))
}

/// Runs this program again with the variables of `--env-file`: hooks and `--fallback` see them too.
fn with_env_file(file: &str, args: &[OsString]) -> i32 {
    let refused = |message: String| {
        let output = command::output::Output::new(false);
        output.error(&format!("aludel: {message}\n"));
        1
    };
    let variables = match command::env_file::read(file) {
        Ok(variables) => variables,
        Err(error) => return refused(error.message),
    };
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return refused(format!("this program cannot be found again: {error}")),
    };
    let mut again = std::process::Command::new(program);
    again.args(args.iter().skip(1)).envs(variables);
    again.env(ENV_FILE_READ, "1");
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        again.arg0(args.first().map_or("aludel".as_ref(), OsString::as_os_str));
        refused(format!(
            "this program cannot be run again: {}",
            again.exec()
        ))
    }
    #[cfg(not(unix))]
    match again.status() {
        Ok(status) => status.code().unwrap_or(1),
        Err(error) => refused(format!("this program cannot be run again: {error}")),
    }
}

fn execute(cli: Cli) -> i32 {
    let globals = Globals {
        config: cli.config,
        name: cli.name,
        x: cli.x,
        raiseerr: cli.raiseerr,
        quiet: cli.quiet,
        sqlalchemy: cli.sqlalchemy,
        url: cli.url,
        verbose: cli.verbose,
        json: cli.format == Format::Json,
    };
    let environment = std::env::var("ALEMBIC_CONFIG").ok();
    let (files, problem) = match Files::choose(&globals.config, environment.as_deref()) {
        // `init` writes a configuration
        Ok(files) if matches!(cli.command, Command::Init(_)) => (files, None),
        Ok(files) => (
            files.or_of_flask_migrate(&globals.config, environment.as_deref()),
            None,
        ),
        Err(error) => (
            Files {
                ini: "alembic.ini".into(),
                toml: "pyproject.toml".into(),
            },
            Some(CommandError::from(error)),
        ),
    };
    let session = Session::new(globals, files);
    let done = match problem {
        Some(error) => Err(error),
        None if session.globals.json && !cli.command.reports() => Err(CommandError::exit(
            2,
            "error: this command reports nothing, so there is no --format json of it".to_owned(),
        )),
        None => command::run(&session, &cli.command, Cli::command().name("aludel")),
    };
    let status = done.map_or_else(|error| report(&session, &error), |()| 0);
    for remark in session.remarks() {
        session.output.error(&format!("hint: {remark}\n"));
    }
    match session.output.finish() {
        None => status,
        // As a shell reports a process that a closed pipe ended.
        Some(std::io::ErrorKind::BrokenPipe) => 141,
        Some(kind) => {
            session.output.error(&format!(
                "aludel: standard output cannot be written: {kind}\n"
            ));
            1
        }
    }
}

/// `util.err` and what Python does with an exception; the hints come after.
fn report(session: &Session, error: &CommandError) -> i32 {
    if session.globals.json && error.kind != Kind::Exit(plan::PENDING) {
        session
            .output
            .print(command::json::failure(error).trim_end());
    }
    let status = match error.kind {
        Kind::Command if session.globals.json => 255,
        Kind::Command if session.globals.raiseerr => {
            session.output.error(&format!(
                "alembic.util.exc.CommandError: {}\n",
                error.message
            ));
            1
        }
        Kind::Command => {
            session
                .output
                .message(&format!("FAILED: {}", error.message));
            255
        }
        Kind::Python => {
            session
                .output
                .error(&format!("{}\n", error.message.trim_end()));
            1
        }
        Kind::Exit(status) => {
            if !error.message.is_empty() {
                session.output.error(&format!("{}\n", error.message));
            }
            status
        }
        Kind::Unsupported => {
            session
                .output
                .error(&format!("aludel: {}\n", error.message));
            1
        }
    };
    for hint in &error.hints {
        session.output.error(&format!("hint: {hint}\n"));
    }
    status
}
