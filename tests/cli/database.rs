//! What Alembic does not have and what looks at a database.

use crate::server::cluster;
use crate::support::TestProject;

const ENV: &str = include_str!("../../fixtures/transcripts/env/generic.py");

/// What a database is kept by.
const ENGINES: [&str; 2] = ["postgresql", "sqlite"];

/// Three revisions in a row and an empty database.
fn project(engine: &str) -> TestProject {
    let project = TestProject::new();
    let url = match engine {
        "sqlite" => "sqlite:///x.db".to_owned(),
        _ => format!(
            "postgresql://postgres:secret@127.0.0.1:{}/{}",
            cluster().port(),
            cluster().database()
        ),
    };
    project.write(
        "alembic.ini",
        format!("[alembic]\nscript_location = %(here)s/alembic\nsqlalchemy.url = {url}\n")
            .as_bytes(),
    );
    let quiet = ENV.replace("fileConfig(config.config_file_name)", "pass");
    project.write("alembic/env.py", quiet.as_bytes());
    for (id, down) in [("a1", "None"), ("b2", "'a1'"), ("c3", "'b2'")] {
        let text = format!(
            "\"\"\"about {id}\"\"\"\nfrom alembic import op\nrevision = '{id}'\ndown_revision = {down}\n\n\ndef upgrade():\n    op.execute('CREATE TABLE t_{id} (i int)')\n"
        );
        project.write(&format!("alembic/versions/{id}.py"), text.as_bytes());
    }
    project
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_plan_names_what_is_pending_and_changes_nothing() {
    for engine in ENGINES {
        let project = project(engine);
        let plan = project.run(&["plan"]);
        assert_eq!(plan.status, 3, "{plan:?}");
        let lines: Vec<&str> = plan.stdout.lines().collect();
        assert_eq!(
            lines[0],
            "3 revisions are pending; the database has no revision yet."
        );
        assert_eq!(lines[1], "  upgrade  -> a1, about a1");
        assert!(lines[2].ends_with("alembic/versions/a1.py"), "{plan:?}");
        let current = project.run(&["current", "--format", "json"]);
        assert_eq!(json(&current.stdout)["rows"], serde_json::json!([]));

        assert_eq!(project.run(&["upgrade", "a1"]).status, 0);
        let some = project.run(&["plan", "+1", "--format", "json"]);
        assert_eq!(some.status, 3, "{some:?}");
        let some = json(&some.stdout);
        assert_eq!(
            (&some["schema"], &some["command"]),
            (&1.into(), &"plan".into())
        );
        assert_eq!(some["rows"], serde_json::json!(["a1"]));
        assert_eq!(some["pending"].as_array().unwrap().len(), 1);
        assert_eq!(some["pending"][0]["revision"], "b2");

        assert_eq!(project.run(&["upgrade", "head"]).status, 0);
        let none = project.run(&["plan"]);
        assert_eq!(
            (none.status, none.stdout.as_str()),
            (0, "Nothing is pending; the database is at c3.\n")
        );
        assert_eq!(project.run(&["plan", "nosuch"]).status, 255);
    }
}

#[test]
fn the_drawing_marks_where_the_database_is() {
    for engine in ENGINES {
        let project = project(engine);
        assert_eq!(project.run(&["upgrade", "b2"]).status, 0);
        let drawn = project.run(&["history", "--graph", "-i"]);
        assert_eq!(
            drawn.stdout,
            "* c3 (head), about c3\n* b2 (current), about b2\n* a1, about a1\n"
        );
        let history = json(&project.run(&["history", "-i", "--format", "json"]).stdout);
        let marks: Vec<bool> = history["revisions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|revision| revision["is_current"].as_bool().unwrap())
            .collect();
        assert_eq!(marks, [false, true, false]);

        let nowhere = match engine {
            "sqlite" => "sqlite:///no/folder/x.db",
            _ => "postgresql://127.0.0.1:1/nowhere",
        };
        let ini =
            format!("[alembic]\nscript_location = %(here)s/alembic\nsqlalchemy.url = {nowhere}\n");
        project.write("alembic.ini", ini.as_bytes());
        let unmarked = project.run(&["history", "--graph", "-i"]);
        assert_eq!(unmarked.status, 0);
        assert_eq!(
            unmarked.stdout,
            "* c3 (head), about c3\n* b2, about b2\n* a1, about a1\n"
        );
        assert!(
            unmarked.stderr.contains("position is not marked"),
            "{unmarked:?}"
        );
    }
}

#[test]
fn current_as_json_shows_no_password() {
    for engine in ENGINES {
        let project = project(engine);
        assert_eq!(project.run(&["upgrade", "b2"]).status, 0);
        let output = project.run(&["current", "--format", "json"]);
        assert!(!output.stdout.contains("secret"), "{output:?}");
        let current = json(&output.stdout);
        assert_eq!(current["is_at_heads"], false);
        assert_eq!(current["revisions"][0]["revision"], "b2");
        let shown = match engine {
            "sqlite" => "sqlite:///x.db",
            _ => ":***@",
        };
        assert!(
            current["url"].as_str().unwrap().contains(shown),
            "{current}"
        );
        let checked = project.run(&["current", "-c", "--format", "json"]);
        assert_eq!(checked.status, 255);
        assert_eq!(
            json(&checked.stdout)["error"]["message"],
            "Database is not on all head revisions"
        );
    }
}

#[test]
fn an_unknown_row_of_the_database_is_told_from_a_slip_on_the_command_line() {
    for engine in ENGINES {
        let project = project(engine);
        assert_eq!(project.run(&["upgrade", "head"]).status, 0);
        std::fs::remove_file(project.path().join("alembic/versions/c3.py")).unwrap();
        for command in ["upgrade", "downgrade", "stamp", "plan"] {
            let output = project.run(&[command, "b2"]);
            assert_eq!(output.status, 255, "{output:?}");
            assert_eq!(
                output.stdout,
                "FAILED: Can't locate revision identified by 'c3'\n"
            );
            assert!(
                output
                    .stderr
                    .contains("hint: 'c3' stands in the version table of the database")
                    && output.stderr.contains("`stamp --purge REVISION`"),
                "{output:?}"
            );
        }
        let slip = project.run(&["stamp", "--purge", "b3"]);
        assert!(
            slip.stderr.contains("'b3' was given on the command line"),
            "{slip:?}"
        );
    }
}
