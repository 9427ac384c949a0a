//! Every env.py under fixtures/env, offline, against what the real Alembic printed (fixtures/env/record.py).

use std::path::Path;
use std::process::Command;

const COMMANDS: &[(&str, &[&str])] = &[
    ("upgrade", &["upgrade", "head", "--sql"]),
    (
        "upgrade_range",
        &[
            "-x",
            "tenant=t1",
            "upgrade",
            "aaaa00000002:heads",
            "--sql",
            "--tag",
            "v9",
        ],
    ),
    ("downgrade", &["downgrade", "head:base", "--sql"]),
    ("stamp", &["stamp", "aaaa00000003", "--sql"]),
    ("ensure_version", &["ensure_version", "--sql"]),
];

#[test]
#[expect(clippy::too_many_lines, reason = "one list of what is compared")]
fn every_environment_prints_what_alembic_prints() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/env");
    let ini = std::fs::read_to_string(fixtures.join("alembic.ini"))
        .unwrap()
        .replace("%(here)s", fixtures.to_str().unwrap());
    let mut differences = Vec::new();
    let mut compared = 0;
    let mut cases: Vec<_> = std::fs::read_dir(&fixtures)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("env.py").is_file())
        .collect();
    cases.sort();
    for case in cases {
        let name = case.file_name().unwrap().to_str().unwrap();
        let work = tempfile::tempdir().unwrap();
        std::fs::write(
            work.path().join("alembic.ini"),
            ini.replace("case = generic", &format!("case = {name}")),
        )
        .unwrap();
        for (command, arguments) in COMMANDS {
            let output = Command::new(env!("CARGO_BIN_EXE_aludel"))
                .args(*arguments)
                .current_dir(work.path())
                .env_clear()
                .output()
                .unwrap();
            let mut texts = vec![
                ("stdout".to_owned(), output.stdout),
                ("stderr".to_owned(), output.stderr),
            ];
            for written in ["east.sql", "west.sql"] {
                if let Ok(text) = std::fs::read(work.path().join(written)) {
                    std::fs::remove_file(work.path().join(written)).unwrap();
                    texts.push((written.to_owned(), text));
                }
            }
            for (stream, got) in texts {
                let got =
                    String::from_utf8_lossy(&got).replace(fixtures.to_str().unwrap(), "<fixtures>");
                let expected =
                    std::fs::read_to_string(case.join(format!("{command}.{stream}"))).unwrap();
                compared += 1;
                if got != expected {
                    let diff = similar::TextDiff::from_lines(&expected, &got)
                        .unified_diff()
                        .header("alembic", "aludel")
                        .to_string();
                    differences.push(format!(
                        "{name} {command} {stream} (exit {:?}):\n{diff}",
                        output.status.code()
                    ));
                }
            }
        }
    }
    assert!(
        compared >= 65,
        "the fixtures are gone: only {compared} files compared"
    );
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
