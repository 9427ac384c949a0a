//! The completion scripts in the shells they are for. `ci/test.sh` installs zsh and fish; PowerShell is in no distribution, so its script is not run here.

use std::path::Path;
use std::process::Command;

use crate::support::TestProject;

/// Types into an interactive zsh: lines with two tabs, so that what fits is put in or listed; each is followed by what must appear, for which it waits.
const ZSH: &str = r#"
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1='> '; fpath=(. \$fpath); autoload -Uz compinit _aludel; compinit -u -D; compdef _aludel aludel; print REA''DY"
zpty -r -m shell out '*READY*'
while [[ $# -gt 0 ]] {
  zpty -n -w shell "$1"$'\t\t'
  zpty -r -m shell out "*$2*" || exit 1
  print -r -- "$2"
  zpty -n -w shell $'\C-u'
  shift 2
}
"#;

/// What a shell prints when it runs a script, with `aludel` on the PATH.
fn run(folder: &Path, shell: &str, arguments: &[&str]) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_aludel")).parent().unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display());
    let done = Command::new("timeout")
        .args(["30", shell])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs([
            ("PATH", path.as_str()),
            ("TERM", "xterm"),
            ("LC_ALL", "C.UTF-8"),
        ])
        .env("HOME", folder)
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{shell} (ci/test.sh installs it): {done:?}"
    );
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// A folder with the script of a shell.
fn with_script(shell: &str, file: &str) -> TestProject {
    let project = TestProject::new();
    let script = project.run(&["completions", shell]).stdout;
    std::fs::write(project.path().join(file), script).unwrap();
    project
}

#[test]
fn bash_completes_commands_options_and_values() {
    let project = with_script("bash", "aludel.bash");
    let asked = "source aludel.bash
        ask() { COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1)); _aludel aludel \"${@: -1}\" \"${@: -2:1}\"; echo \"${COMPREPLY[*]}\"; }
        ask aludel up; ask aludel upgrade --sq; ask aludel history --in; ask aludel completions b";
    let shown = run(project.path(), "bash", &["--norc", "-c", asked]);
    assert_eq!(
        shown.lines().collect::<Vec<_>>(),
        [
            "upgrade",
            "--sql --sqlalchemy",
            "--indicate-current",
            "bash"
        ]
    );
}

#[test]
fn zsh_completes_commands_and_options() {
    let project = with_script("zsh", "_aludel");
    std::fs::write(project.path().join("type.zsh"), ZSH).unwrap();
    let typed = [
        ("aludel ens", "aludel ensure_version"),
        ("aludel upgrade --s", "--sqlalchemy  -- Write SQL"),
        ("aludel history --in", "aludel history --indicate-current"),
    ];
    let mut arguments = vec!["-f", "type.zsh"];
    arguments.extend(typed.iter().flat_map(|(line, shown)| [line, shown]));
    let shown = run(project.path(), "zsh", &arguments);
    let wanted: Vec<&str> = typed.iter().map(|(_, shown)| *shown).collect();
    assert_eq!(shown.lines().collect::<Vec<_>>(), wanted);
}

#[test]
fn fish_completes_commands_and_options() {
    let project = with_script("fish", "aludel.fish");
    let asked = "source aludel.fish; complete -C 'aludel up'; complete -C 'aludel upgrade --sq'; complete -C 'aludel history --in'";
    let shown = run(project.path(), "fish", &["--no-config", "-c", asked]);
    let names: Vec<&str> = shown
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    assert_eq!(
        names,
        ["upgrade", "--sql", "--sqlalchemy", "--indicate-current"]
    );
}
