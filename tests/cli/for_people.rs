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
fn commands_that_look_at_the_files_need_neither_env_py_nor_a_database() {
    let project = TestProject::new();
    project.write("alembic/env.py", b"raise SystemExit(9)\n");
    project.write(
        "alembic/versions/a1.py",
        b"'made'\nrevision = 'a1'\ndown_revision = None\n",
    );
    for (args, printed) in [
        (&["heads"][..], "a1 (head)\n"),
        (&["history"], "<base> -> a1 (head), made\n"),
        (&["branches"], ""),
        (&["graph"], "flowchart TD\n    r_a1[\"a1<br/>made\"]\n"),
        (&["show", "head"], "Rev: a1 (head)\nParent: <base>\n"),
        (&["heads", "--verbose"], "Rev: a1 (head)\nParent: <base>\n"),
        (&["history", "--graph"], "* a1 (head), made\n"),
    ] {
        let output = project.run(args);
        assert_eq!(output.status, 0, "{args:?}: {output:?}");
        assert!(output.stdout.starts_with(printed), "{args:?}: {output:?}");
        assert_eq!(output.stderr, "", "{args:?}");
    }
    // those that ask the database do
    for command in ["current", "upgrade head"] {
        let args: Vec<&str> = command.split(' ').collect();
        assert_eq!(project.run(&args).status, 9, "{command}");
    }
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

/// A repository with a project of two heads, of which one file was deleted.
fn repository() -> TestProject {
    let project = TestProject::new();
    for (id, down) in [
        ("a1a1a1", "None"),
        ("b2b2b2", "'a1a1a1'"),
        ("c3c3c3", "'a1a1a1'"),
        ("d4d4d4", "'c3c3c3'"),
    ] {
        let text = format!("\"\"\"about {id}\"\"\"\nrevision = '{id}'\ndown_revision = {down}\n");
        project.write(&format!("alembic/versions/{id}.py"), text.as_bytes());
    }
    let git = |args: &[&str]| {
        let done = std::process::Command::new("git")
            .args(["-c", "user.name=Ann", "-c", "user.email=ann@example.org"])
            .args(args)
            .current_dir(project.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "all"]);
    git(&["rm", "-q", "alembic/versions/d4d4d4.py"]);
    git(&["commit", "-qm", "one is gone"]);
    project
}

#[test]
fn an_unknown_revision_is_looked_for_in_git() {
    let output = repository().run(&["show", "d4d4d4"]);
    assert_eq!(
        (output.status, output.stdout.as_str()),
        (
            255,
            "FAILED: Can't locate revision identified by 'd4d4d4'\n"
        )
    );
    for part in [
        "hint: 'd4d4d4' was given on the command line",
        "hint: git: Ann deleted alembic/versions/d4d4d4.py on ",
        "^ -- alembic/versions/d4d4d4.py` at the top of the repository brings it back",
    ] {
        assert!(output.stderr.contains(part), "{part}: {output:?}");
    }
}

#[test]
fn several_heads_are_named_with_their_files_authors_and_where_they_part() {
    let output = repository().run(&["show", "head"]);
    assert_eq!(output.status, 255);
    for part in [
        "hint: head b2b2b2 (about b2b2b2) in ",
        "alembic/versions/b2b2b2.py (Ann, 20",
        "hint: head c3c3c3 (about c3c3c3) in ",
        "hint: they part after a1a1a1 (about a1a1a1)",
        "hint: `merge heads -m MESSAGE` joins them",
    ] {
        assert!(output.stderr.contains(part), "{part}: {output:?}");
    }
}

#[test]
fn slips_are_answered_with_what_was_meant() {
    let project = projects().join("branched");
    for (args, part) in [
        (&["upgarde", "head"][..], "'upgrade'"),
        (&["heads", "--verbos2"], "'--verbose'"),
        (&["show", "shpo"], "hint: did you mean 'shop'"),
        (&["show", "e1e1e2"], "hint: did you mean 'e1e1e1'"),
    ] {
        let output = run(&project, args);
        assert_ne!(output.status, 0);
        assert!(output.stderr.contains(part), "{part}: {output:?}");
    }
    let output = run(&projects().join("linear"), &["show", "a1a1"]);
    assert_eq!(output.status, 255);
    assert!(
        output.stderr.contains("hint: 'a1a1' is the start of ")
            && output.stderr.contains("a1a1a1a1a1a1")
            && output.stderr.contains("a1a1ffff0000"),
        "{output:?}"
    );
}

#[test]
fn help_teaches_with_examples_that_are_understood() {
    let project = TestProject::new();
    let help = project.run(&["--help"]);
    assert!(
        help.stdout.contains("Examples:\n  aludel upgrade head "),
        "{help:?}"
    );
    let commands = help
        .stdout
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next());
    let mut count = 0;
    for command in commands {
        let help = project.run(&[command, "--help"]).stdout;
        let examples = help.split_once("Examples:\n").expect(command).1;
        for line in examples
            .lines()
            .filter(|line| line.starts_with("  aludel "))
        {
            let words = line.trim().split("   ").next().unwrap().replace('"', "'");
            let words: Vec<&str> = words.split('\'').collect();
            let mut args: Vec<&str> = words[0].split_whitespace().skip(1).collect();
            args.extend(words.get(1));
            args.extend(words.get(2).unwrap_or(&"").split_whitespace());
            args.push("--help");
            let output = project.run(&args);
            assert_eq!(output.status, 0, "{line}: {output:?}");
            assert_eq!(args[0], command);
            count += 1;
        }
    }
    assert!(count > 40, "{count}");
}

#[test]
fn a_percent_sign_in_a_url_is_taken_literally() {
    let project = TestProject::new();
    project.write(
        "alembic.ini",
        b"[alembic]\nscript_location = %(here)s/alembic\nsqlalchemy.url = postgresql://u:p%40ss@h/d\n",
    );
    project.write(
        "alembic/env.py",
        b"from alembic import context\nconfig = context.config\nprint(config.get_main_option('sqlalchemy.url'))\n\
config.set_main_option('sqlalchemy.url', 'postgresql://u:a%2Fb@h/d')\nprint(config.get_section('alembic')['sqlalchemy.url'])\n\
try:\n    config.set_main_option('other', '5%')\nexcept ValueError:\n    print('refused')\n",
    );
    let output = project.run(&["upgrade", "head", "--sql"]);
    assert_eq!(
        (output.status, output.stdout.as_str()),
        (
            0,
            "postgresql://u:p%40ss@h/d\npostgresql://u:a%2Fb@h/d\nrefused\n"
        ),
        "{output:?}"
    );
    assert_eq!(
        output.stderr,
        "hint: a % in [alembic] sqlalchemy.url is taken literally; Alembic wants it doubled: %%\n"
    );
}

#[test]
fn variables_come_from_a_file_unless_they_are_set() {
    let project = TestProject::new();
    project.write(
        "alembic/env.py",
        b"import os\nprint(os.environ['DATABASE_URL'], os.environ['OTHER'], os.environ['PATH'])\n",
    );
    project.write(
        "some.env",
        b"# of the project\nexport DATABASE_URL='postgresql://h/d'\nOTHER=\"${DATABASE_URL}?x\" # and this\nPATH=nowhere\n",
    );
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_aludel"))
        .args(["--env-file", "some.env", "upgrade", "head", "--sql"])
        .current_dir(project.path())
        .env_clear()
        .env("PATH", "/usr/bin")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(done.stdout).unwrap(),
        "postgresql://h/d postgresql://h/d?x /usr/bin\n"
    );
    let missing = project.run(&["heads", "--env-file", "nosuch.env"]);
    assert_eq!(missing.status, 1);
    assert!(missing.stderr.contains("nosuch.env"), "{missing:?}");
}
