//! What Alembic does not have.

use crate::support::TestProject;
use crate::support::projects;
use crate::support::run;

#[test]
fn graph_writes_every_revision_and_edge() {
    let project = projects().join("dependencies");
    let json = run(&project, &["graph", "--as", "json"]);
    assert_eq!(json.status, 0, "{}", json.stderr);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["schema"], 1);
    let revisions = json["revisions"].as_array().unwrap();
    let count = |key: &str| {
        revisions
            .iter()
            .map(|revision| revision[key].as_array().unwrap().len())
            .sum::<usize>()
    };
    let (parents, dependencies) = (count("down_revision"), count("depends_on"));
    assert!(revisions.len() > 2 && dependencies > 0);
    let mermaid = run(&project, &["graph"]).stdout;
    assert_eq!(mermaid.matches(" --> ").count(), parents);
    assert_eq!(mermaid.matches(" -.-> ").count(), dependencies);
    assert_eq!(mermaid.matches("[\"").count(), revisions.len());
    let dot = run(&project, &["graph", "--as", "dot"]).stdout;
    assert_eq!(dot.matches(" -> ").count(), parents + dependencies);
    assert_eq!(dot.matches("style=dotted").count(), dependencies);
}

#[test]
fn graph_does_not_evaluate_env_py() {
    let project = TestProject::new();
    project.write("alembic/env.py", b"raise SystemExit(9)\n");
    assert_eq!(project.run(&["graph"]).stdout, "flowchart TD\n");
}

#[test]
fn completions_and_manual_pages_name_the_commands() {
    let project = TestProject::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let output = project.run(&["completions", shell]);
        assert_eq!(output.status, 0);
        assert!(output.stdout.contains("ensure_version"), "{shell}");
    }
    assert_eq!(project.run(&["man", "pages"]).status, 0);
    let page = std::fs::read_to_string(project.path().join("pages/aludel-upgrade.1")).unwrap();
    assert!(page.contains("upgrade"), "{page}");
}

#[test]
fn they_are_not_offered_under_the_name_of_alembic() {
    let project = TestProject::new();
    let link = project.path().join("alembic-link");
    std::fs::create_dir(&link).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_aludel"), link.join("alembic")).unwrap();
    let done = std::process::Command::new(link.join("alembic"))
        .arg("--help")
        .output()
        .unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(
        text.contains("ensure_version") && !text.contains("completions"),
        "{text}"
    );
}
