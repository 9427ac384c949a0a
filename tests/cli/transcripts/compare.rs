//! What is compared of two runs of a command, and how.

use super::Step;

/// Lists that come from Python sets, sorted: labels, branch names, what a revision branches into, the children of a branch point.
fn sort_lists(text: &str) -> String {
    let sorted = |items: &str| {
        let mut items: Vec<&str> = items.split(", ").collect();
        items.sort_unstable();
        items.join(", ")
    };
    let mut lines: Vec<String> = text
        .split_inclusive('\n')
        .map(|line| {
            let (line, end) = match line.strip_suffix('\n') {
                Some(line) => (line, "\n"),
                None => (line, ""),
            };
            let line = match line.split_once(": ") {
                Some((name @ ("Branch names" | "Branches into"), items)) => {
                    format!("{name}: {}", sorted(items))
                }
                _ => match (line.find(" ("), line.find(')')) {
                    (Some(open), Some(close)) if open < close => {
                        let (start, rest) = line.split_at(open + 2);
                        let (items, rest) = rest.split_at(close - open - 2);
                        format!("{start}{}{rest}", sorted(items))
                    }
                    _ => line.to_owned(),
                },
            };
            line + end
        })
        .collect();
    let is_child = |line: &String| line.starts_with(' ') && line.contains(" -> ");
    for children in lines.chunk_by_mut(|left, right| is_child(left) && is_child(right)) {
        children.sort();
    }
    lines.concat()
}

/// A text without the orders that vary with Alembic itself.
fn masked(command: &str, text: &str) -> String {
    let text = sort_lists(text);
    let has = |name: &str| command.split(' ').any(|word| word == name);
    // Rows of the version table, in the order of a set; files of a template, in the order of the folder.
    if has("current") || has("init") || has("list_templates") {
        let mut parts: Vec<&str> = match text.contains("Rev: ") {
            true => text.split("Rev: ").collect(),
            false => text.split_inclusive('\n').collect(),
        };
        parts.sort_unstable();
        return parts.join("|");
    }
    unmerged(&text)
}

/// Which parent keeps the row when a merge is undone is the order of a set.
fn unmerged(text: &str) -> String {
    let mut parents: Vec<String> = Vec::new();
    text.split_inclusive('\n')
        .map(|line| {
            if let Some((_, down)) = line
                .strip_prefix("-- Running downgrade ")
                .and_then(|step| step.trim_end().split_once(" -> "))
            {
                parents = match down.contains(", ") {
                    true => down.split(", ").map(|id| format!("'{id}'")).collect(),
                    false => Vec::new(),
                };
            }
            let versioned = line.contains("version_num") && !line.starts_with("DELETE");
            match versioned {
                true => parents
                    .iter()
                    .fold(line.to_owned(), |line, id| line.replace(id, "<a parent>")),
                false => line.to_owned(),
            }
        })
        .collect()
}

/// Messages that quote what Python or its libraries say: only their beginning is compared.
const QUOTING: &[&str] = &["FAILED: No such template"];

fn without_quotes(text: &str) -> String {
    text.split_inclusive('\n')
        .map(
            |line| match QUOTING.iter().find(|start| line.starts_with(**start)) {
                Some(start) => format!("{start}\n"),
                None => line.to_owned(),
            },
        )
        .collect()
}

fn part<'a>(step: &'a Step, name: &str) -> &'a str {
    step.get(name).map_or("", String::as_str)
}

/// What aludel adds on standard error is no part of the comparison.
fn without_hints(text: &str) -> String {
    text.split_inclusive('\n')
        .filter(|line| !line.starts_with("hint: "))
        .collect()
}

fn others(step: &Step) -> Vec<(&String, &String)> {
    step.iter()
        .filter(|(name, _)| *name != "stdout" && *name != "stderr")
        .collect()
}

/// The problems of one command.
fn problems(command: &str, wanted: &(String, i32, Step), got: &(String, i32, Step)) -> Vec<String> {
    let ((_, status, wanted), (_, got_status, got)) = (wanted, got);
    let mut problems = Vec::new();
    let (before, traceback) = match part(wanted, "stderr").split_once("traceback: ") {
        Some((before, _)) => (before, true),
        None => (part(wanted, "stderr"), false),
    };
    let usage = *status == 2;
    if usage {
        let sentence = |text: &str| {
            let line = text.lines().find(|line| line.contains("error: "));
            line.unwrap_or_default().replacen("aludel", "alembic", 1)
        };
        let (left, right) = (
            sentence(part(got, "stderr")),
            sentence(part(wanted, "stderr")),
        );
        if left != right {
            problems.push(format!("{left}\n--- not:\n{right}"));
        }
    }
    if traceback {
        if *got_status == 0
            || part(got, "stderr").is_empty() && !part(got, "stdout").contains("FAILED")
        {
            problems.push("no failure".to_owned());
        }
        if !part(got, "stderr").starts_with(before) {
            problems.push(format!("stderr does not start with\n{before}"));
        }
    } else if status != got_status {
        problems.push(format!("status {got_status}, not {status}"));
    }
    for name in ["stdout", "stderr"] {
        if traceback || usage && name == "stderr" {
            continue;
        }
        let [left, right] = [got, wanted].map(|step| {
            let text = without_hints(&without_quotes(part(step, name)));
            masked(command, &text)
        });
        if left != right {
            problems.push(format!(
                "{name}:\n{}--- not:\n{}",
                part(got, name),
                part(wanted, name)
            ));
        }
    }
    if others(wanted) != others(got) {
        problems.push(format!(
            "left:\n{:#?}\n--- not:\n{:#?}",
            others(got),
            others(wanted)
        ));
    }
    problems
}

/// What differs, in words.
pub(super) fn differences(
    name: &str,
    expected: &[(String, i32, Step)],
    actual: &[(String, i32, Step)],
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (wanted, got) in expected.iter().zip(actual) {
        let command = &wanted.0;
        let problems = problems(command, wanted, got);
        if !problems.is_empty() {
            wrong.push(format!(
                "{name}: $ {command}\n{}\n--- stderr\n{}",
                problems.join("\n"),
                part(&got.2, "stderr")
            ));
        }
    }
    wrong
}
