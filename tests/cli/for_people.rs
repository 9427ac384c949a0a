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

#[test]
fn every_report_has_a_json_form() {
    let project = projects().join("branched");
    for (args, revisions) in [
        (&["heads"][..], 1),
        (&["history"], 7),
        (&["branches"], 1),
        (&["show", "m1"], 1),
        (&["graph"], 7),
    ] {
        let output = run(&project, &[args, &["--format", "json"]].concat());
        let made: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(made["schema"], 1);
        assert_eq!(made["command"], args[0]);
        assert_eq!(
            made["revisions"].as_array().unwrap().len(),
            revisions,
            "{args:?}"
        );
    }
    let templates = run(&project, &["--format", "json", "list_templates"]);
    let templates: serde_json::Value = serde_json::from_str(&templates.stdout).unwrap();
    assert!(templates["templates"].as_array().unwrap().len() > 3);
    let refused = run(&project, &["edit", "head", "--format", "json"]);
    assert_eq!(refused.status, 2);
    let failed = run(&project, &["show", "nosuch", "--format", "json"]);
    let made: serde_json::Value = serde_json::from_str(&failed.stdout).unwrap();
    assert_eq!(failed.status, 255);
    assert_eq!(
        made["error"]["message"],
        "Can't locate revision identified by 'nosuch'"
    );
}

#[test]
fn every_key_of_the_json_form_is_documented() {
    let text = std::fs::read_to_string("docs/json.md").unwrap();
    let output = run(&projects().join("linear"), &["heads", "--format", "json"]);
    let made: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let keys = made["revisions"][0].as_object().unwrap().keys();
    for key in keys.chain(made.as_object().unwrap().keys()) {
        assert!(text.contains(&format!("`{key}`")), "{key}");
    }
}

#[test]
fn history_draws_branches_and_merges() {
    let output = run(&projects().join("branched"), &["history", "--graph"]);
    assert_eq!(
        output
            .stdout
            .lines()
            .map(|line| line.split(',').next().unwrap().split(" (").next().unwrap())
            .collect::<Vec<_>>(),
        [
            "* e1e1e1",
            "* m1m1m1",
            "|\\",
            "* | d1d1d1",
            "* | c1c1c1",
            "| * c2c2c2",
            "|/",
            "* b1b1b1",
            "* a1a1a1"
        ]
    );
    assert_eq!(output.stderr, "", "env.py is not evaluated");
}

#[test]
fn the_picture_has_every_revision_and_edge() {
    let project = projects().join("dependencies");
    let output = run(&project, &["graph", "--as", "svg"]);
    assert!(output.stdout.starts_with("<svg xmlns=") && output.stdout.ends_with("</svg>\n"));
    let (lines, dependencies) = output.stdout.split_once("stroke-dasharray").unwrap();
    assert_eq!(output.stdout.matches("<circle").count(), 5);
    assert_eq!(lines.matches("<path").count(), 3);
    assert_eq!(dependencies.matches("<path").count(), 3);
}
