//! Commands one after the other in a project of their own: what is printed and written must be what Alembic printed and wrote.
//!
//! Liberties: where Alembic dies of a traceback, only the status is compared to be a failure (docs/compatibility.md lists the cases); usage errors (status 2) are worded by
//! clap; lists that come from sets or folders are compared sorted; the text of Python's own exceptions inside `FAILED` lines is not compared.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::sync::LazyLock;

use regex::Regex;

static DATE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?").unwrap());
static YEAR: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b20\d\d\b").unwrap());

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/transcripts")
}

fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut todo) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(path) = todo.pop() {
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let name = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn copy(source: &Path, target: &Path) {
    std::fs::create_dir_all(target).unwrap();
    for entry in std::fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_dir() {
            if name != "expected" && name != "__pycache__" {
                copy(&path, &target.join(name));
            }
        } else {
            std::fs::copy(&path, target.join(name)).unwrap();
        }
    }
}

/// Does the lines before the first command; gives the commands.
fn prepare(root: &Path, text: &str) -> Vec<String> {
    let (mut commands, mut target) = (Vec::new(), None);
    for line in text.lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if let (Some(content), Some(path)) = (line.strip_prefix("    "), &target) {
            let mut old: String = std::fs::read_to_string(path).unwrap();
            writeln!(old, "{content}").unwrap();
            std::fs::write(path, old).unwrap();
        } else if word == "project" && rest != "none" {
            copy(
                &folder().parent().unwrap().join("commands").join(rest),
                root,
            );
        } else if word == "ini" {
            let path = root.join("alembic.ini");
            let old = std::fs::read_to_string(&path).unwrap();
            let new = old.replacen("[alembic]\n", &format!("[alembic]\n{rest}\n"), 1);
            std::fs::write(path, new).unwrap();
        } else if word == "write" {
            let path = root.join(rest);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            target = Some(path);
        } else if word == "$" {
            commands.push(rest.to_owned());
        }
    }
    commands
}

/// `shlex.split` for what the cases need.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' => word.get_or_insert_default().extend(characters.next()),
            ' ' if !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

/// A step of a transcript: its parts by name.
type Step = BTreeMap<String, String>;

fn normal(text: &str, root: &Path) -> String {
    let text = text.replace(root.to_str().unwrap(), "<project>");
    let text = DATE.replace_all(&text, "<date>");
    YEAR.replace_all(&text, "<year>").into_owned()
}

fn replay(case: &Path) -> Vec<(String, i32, Step)> {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let commands = prepare(&root, &std::fs::read_to_string(case).unwrap());
    let (mut before, mut steps) = (files(&root), Vec::new());
    for command in commands {
        let done = Command::new(env!("CARGO_BIN_EXE_aludel"))
            .args(words(&command))
            .current_dir(&root)
            .env_clear()
            .envs([("EDITOR", "/bin/true"), ("PATH", "/usr/bin:/bin")])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let after = files(&root);
        let mut step = Step::new();
        for (name, text) in [("stdout", &done.stdout), ("stderr", &done.stderr)] {
            step.insert(
                name.to_owned(),
                normal(&String::from_utf8_lossy(text), &root),
            );
        }
        for (name, text) in &after {
            if before.get(name) != Some(text) {
                let text = normal(&String::from_utf8_lossy(text), &root);
                step.insert(normal(&format!("file {name}"), &root), text);
            }
        }
        before = after;
        steps.push((command, done.status.code().unwrap(), step));
    }
    steps
}

fn recorded(text: &str) -> Vec<(String, i32, Step)> {
    let mut steps: Vec<(String, i32, Step)> = Vec::new();
    let mut part = String::new();
    for line in text.split_inclusive('\n') {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push((command.trim_end().to_owned(), 0, Step::new()));
            part.clear();
            continue;
        }
        let Some((_, status, step)) = steps.last_mut() else {
            continue;
        };
        if let (Some(number), true) = (line.strip_prefix("status "), part.is_empty()) {
            *status = number.trim().parse().unwrap();
        } else if line == "--- no line break\n" {
            let text = step.get_mut(&part).unwrap();
            text.pop();
        } else if let Some(name) = line.strip_prefix("--- ") {
            part = name.trim_end().to_owned();
            step.insert(part.clone(), String::new());
        } else {
            step.entry(part.clone()).or_default().push_str(line);
        }
    }
    steps
}

fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| {
            let mut words: Vec<&str> = line.split([' ', ',', '(', ')']).collect();
            words.sort_unstable();
            words.join(" ")
        })
        .collect();
    lines.sort();
    lines
}

/// What a step prints on standard output, without what is worded differently on purpose.
fn stdout_of(step: &Step) -> Vec<String> {
    let text = step.get("stdout").map_or("", String::as_str);
    let kept: Vec<&str> = text
        .lines()
        .map(|line| {
            [
                "FAILED: Template rendering failed",
                "FAILED: No such template",
                "FAILED: Error executing editor",
            ]
            .into_iter()
            .find(|start| line.starts_with(start))
            .unwrap_or(line)
        })
        .collect();
    sorted(&kept.join("\n"))
}

fn differences(
    name: &str,
    expected: &[(String, i32, Step)],
    actual: &[(String, i32, Step)],
) -> Vec<String> {
    let mut wrong = Vec::new();
    for ((command, status, wanted), (_, got_status, got)) in expected.iter().zip(actual) {
        let traceback = wanted
            .get("stderr")
            .is_some_and(|text| text.starts_with("traceback: "));
        let mut problems = Vec::new();
        if traceback {
            if *got_status == 0 || got["stderr"].is_empty() && !got["stdout"].contains("FAILED") {
                problems.push("no failure".to_owned());
            }
        } else if status != got_status {
            problems.push(format!("status {got_status}, not {status}"));
        }
        if *status != 2 && !traceback && stdout_of(wanted) != stdout_of(got) {
            problems.push(format!(
                "stdout:\n{}--- not:\n{}",
                got["stdout"],
                wanted.get("stdout").map_or("", String::as_str)
            ));
        }
        let warned = |step: &Step| {
            let text = step.get("stderr").map_or("", String::as_str);
            text.lines()
                .filter(|line| line.starts_with("UserWarning"))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        if !traceback && warned(wanted) != warned(got) {
            problems.push(format!(
                "warnings {:?}, not {:?}",
                warned(got),
                warned(wanted)
            ));
        }
        let written = |step: &Step| {
            step.iter()
                .filter(|(name, _)| name.starts_with("file "))
                .map(|(name, text)| (name.clone(), text.clone()))
                .collect::<Vec<_>>()
        };
        if written(wanted) != written(got) {
            problems.push(format!(
                "files:\n{:#?}\n--- not:\n{:#?}",
                written(got),
                written(wanted)
            ));
        }
        if !problems.is_empty() {
            wrong.push(format!(
                "{name}: $ {command}\n{}\n--- stderr\n{}",
                problems.join("\n"),
                got["stderr"]
            ));
        }
    }
    wrong
}

#[test]
fn prints_and_writes_what_alembic_does() {
    let (mut wrong, mut count, mut misuses) = (Vec::new(), 0, 0);
    let mut cases: Vec<_> = std::fs::read_dir(folder().join("cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    for case in cases {
        let name = case.file_stem().unwrap().to_str().unwrap();
        let expected = folder().join("expected").join(case.file_name().unwrap());
        let expected = recorded(&std::fs::read_to_string(expected).unwrap());
        let actual = replay(&case);
        assert_eq!(expected.len(), actual.len(), "{name}: record again");
        count += expected.len();
        misuses += expected
            .iter()
            .filter(|(_, status, _)| *status != 0)
            .count();
        wrong.extend(differences(name, &expected, &actual));
    }
    assert!(
        count > 250 && misuses > 60,
        "only {count} commands, {misuses} misuses"
    );
    assert!(
        wrong.is_empty(),
        "{} of {count} differ:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}
