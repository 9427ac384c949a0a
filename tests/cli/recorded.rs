//! Every recorded command: standard output and exit status must be the same.
//!
//! Two liberties. Labels and children come from Python sets in Alembic, so such lists are compared sorted. And where Alembic dies of a traceback (status 1), aludel may say
//! `FAILED: …` with status 255 instead (docs/compatibility.md).

use std::collections::BTreeSet;

use crate::support::projects;
use crate::support::run;

fn sort_lists(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let sorted = |items: &str| {
            items
                .split(", ")
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
                .join(", ")
        };
        let line = match line.split_once(": ") {
            Some((name @ ("Branch names" | "Branches into"), items)) => {
                format!("{name}: {}", sorted(items))
            }
            _ => match (line.find('('), line.find(')')) {
                (Some(open), Some(close)) if open < close => format!(
                    "{}{}{}",
                    &line[..=open],
                    sorted(&line[open + 1..close]),
                    &line[close..]
                ),
                _ => line.to_owned(),
            },
        };
        lines.push(line);
    }
    // Children of a branch point are listed in the order of a set.
    let is_child = |line: &str| line.starts_with(' ') && line.contains(" -> ");
    let mut start = 0;
    while start < lines.len() {
        let end = lines[start..]
            .iter()
            .position(|line| !is_child(line))
            .map_or(lines.len(), |length| start + length);
        lines[start..end].sort();
        start = end + 1;
    }
    lines.join("\n")
}

#[test]
fn prints_what_alembic_prints() {
    let mut wrong = Vec::new();
    let (mut count, mut reported) = (0, 0);
    let mut folders: Vec<_> = std::fs::read_dir(projects())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    for project in folders {
        let name = project.file_name().unwrap().to_str().unwrap();
        let mut files: Vec<_> = std::fs::read_dir(project.join("expected"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let (first, rest) = text.split_once('\n').unwrap();
            let (status, stdout) = rest.split_once('\n').unwrap();
            let command = first.strip_prefix("$ ").unwrap_or_default();
            let status: i32 = status.strip_prefix("status ").unwrap().parse().unwrap();
            let args: Vec<&str> = command.split_whitespace().collect();
            let output = run(&project, &args);
            count += 1;
            let printed = output
                .stdout
                .replace(project.to_str().unwrap(), "<project>");
            if status == 1 && output.status == 255 {
                let quiet = command.contains("-q");
                let said = printed.strip_prefix(stdout).unwrap_or_default();
                assert!(quiet || said.starts_with("FAILED: "), "{name}: {command}");
                reported += 1;
                continue;
            }
            if sort_lists(&printed) != sort_lists(stdout) || output.status != status {
                wrong.push(format!("{name}: {command}\n--- Alembic, status {status}\n{stdout}--- aludel, status {}\n{printed}--- stderr\n{}", output.status, output.stderr));
            }
        }
    }
    assert!(count > 300, "only {count} recordings");
    assert!(reported < 40, "{reported} tracebacks are reported");
    assert!(
        wrong.is_empty(),
        "{} of {count} differ:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}
