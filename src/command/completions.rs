//! `completions` and `man`: what shells and `man` read about this program. Not in Alembic.

use clap::Args;

use crate::command::error::CommandError;
use crate::command::session::Session;

/// Write a shell's completion script: bash, zsh, fish, powershell, elvish
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  aludel completions bash > ~/.local/share/bash-completion/completions/aludel\n  aludel completions zsh > ~/.zfunc/_aludel\n  aludel completions fish > ~/.config/fish/completions/aludel.fish"
)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// Write the manual pages into a folder
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  aludel man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// The folder; it is made when it does not exist
    pub directory: std::path::PathBuf,
}

/// Writes the completion script for the whole command line.
pub fn completions(
    session: &Session,
    args: &CompletionsArgs,
    mut all: clap::Command,
) -> Result<(), CommandError> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut all, "aludel", &mut text);
    session.output.write(&String::from_utf8_lossy(&text));
    Ok(())
}

/// Writes a page for the program and one for each of its commands.
pub fn man(args: &ManArgs, all: clap::Command) -> Result<(), CommandError> {
    std::fs::create_dir_all(&args.directory)
        .and_then(|()| clap_mangen::generate_to(all, &args.directory))
        .map_err(|error| {
            CommandError::command(format!("Can't write {}: {error}", args.directory.display()))
        })
}
