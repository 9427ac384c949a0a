//! Broken files and configurations: one clear message, the right exit status.

use crate::support::TestProject;

const GOOD: &[u8] = b"revision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    pass\n";

fn with_file(bytes: &[u8]) -> TestProject {
    let project = TestProject::new();
    project.write("alembic/versions/a1.py", bytes);
    project
}

#[test]
fn a_syntax_error_names_file_and_line() {
    let output = with_file(b"revision = 'a1'\ndown_revision = = None\n").run(&["heads"]);
    assert_eq!((output.status, output.stdout.as_str()), (1, ""));
    assert!(
        output
            .stderr
            .contains("versions/a1.py\", line 2\n    down_revision = = None\n"),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains("SyntaxError: invalid syntax\n"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_truncated_file_is_a_syntax_error() {
    let output = with_file(b"revision = 'a1'\ndown_revision = ('b1',\n").run(&["heads"]);
    assert_eq!(output.status, 1);
    assert!(
        output.stderr.contains("SyntaxError: '(' was never closed"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_function_that_is_never_called_is_looked_at_too() {
    let project = TestProject::new();
    project.write(
        "alembic/env.py",
        b"from alembic import context\ncontext.configure(dialect_name='postgresql')\nwith context.begin_transaction():\n    context.run_migrations()\n",
    );
    for number in 0..20 {
        let down = match number {
            0 => "None".to_owned(),
            _ => format!("'r{}'", number - 1),
        };
        let wrong = if number == 15 { "    break\n" } else { "" };
        project.write(
            &format!("alembic/versions/r{number}.py"),
            format!("revision = 'r{number}'\ndown_revision = {down}\n\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n{wrong}").as_bytes(),
        );
    }
    let output = project.run(&["upgrade", "head", "--sql"]);
    assert_eq!(output.status, 1, "{}", output.stderr);
    assert!(
        output.stderr.contains("SyntaxError: 'break' outside loop"),
        "{}",
        output.stderr
    );
}

#[test]
fn bytes_that_are_not_utf_8_are_refused() {
    let output = with_file(b"revision = 'a\xe9'\ndown_revision = None\n").run(&["heads"]);
    assert_eq!(output.status, 1);
    assert!(
        output
            .stderr
            .contains("Non-UTF-8 code starting with '\\xe9'"),
        "{}",
        output.stderr
    );
}

#[test]
fn nul_bytes_are_refused() {
    let output = with_file(b"revision = 'a1'\ndown_revision = None\nx = '\0'\n").run(&["heads"]);
    assert_eq!(output.status, 1);
    assert!(
        output
            .stderr
            .contains("source code string cannot contain null bytes"),
        "{}",
        output.stderr
    );
}

#[test]
fn deep_nesting_is_refused_and_does_not_crash() {
    let text = format!(
        "revision = 'a1'\ndown_revision = {}{}\n",
        "(".repeat(5000),
        ")".repeat(5000)
    );
    let output = with_file(text.as_bytes()).run(&["heads"]);
    assert_eq!(output.status, 1);
    assert!(
        output.stderr.contains("too many nested parentheses"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_computed_header_is_evaluated() {
    let output = with_file(b"PREFIX = '%s1'\nrevision = PREFIX % 'ab'\ndown_revision = None\n")
        .run(&["heads"]);
    assert_eq!(
        (output.status, output.stdout.as_str()),
        (0, "ab1 (head)\n"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_header_from_an_unknown_module_is_refused() {
    let output = with_file(b"import nosuch\nrevision = nosuch.make()\ndown_revision = None\n")
        .run(&["heads"]);
    assert_eq!(output.status, 255);
    assert!(
        output.stdout.contains("`revision` is computed") && output.stdout.contains("nosuch"),
        "{}",
        output.stdout
    );
}

#[test]
fn missing_configuration_says_so() {
    let project = TestProject::new();
    std::fs::remove_file(project.path().join("alembic.ini")).unwrap();
    let output = project.run(&["heads"]);
    assert_eq!(
        (output.status, output.stdout.as_str()),
        (
            255,
            "FAILED: No 'script_location' key found in configuration.\n"
        )
    );
}

#[test]
fn a_missing_versions_folder_is_no_success() {
    let project = TestProject::new();
    std::fs::remove_dir(project.path().join("alembic/versions")).unwrap();
    let output = project.run(&["heads"]);
    assert_eq!(output.status, 255);
    assert!(
        output
            .stdout
            .starts_with("FAILED: Version location doesn't exist: "),
        "{}",
        output.stdout
    );
}

#[test]
fn a_password_with_a_stray_percent_sign_is_not_shown() {
    let project = TestProject::new();
    project.write("alembic.ini", b"[alembic]\nscript_location = pw%40secret\n");
    let output = project.run(&["heads"]);
    assert_eq!(output.status, 1);
    assert!(
        output.stderr.contains("InterpolationSyntaxError") && !output.stderr.contains("secret"),
        "{}",
        output.stderr
    );
}

#[test]
fn an_unknown_revision_gets_a_suggestion() {
    let output = with_file(GOOD.to_vec().as_slice()).run(&["show", "a2"]);
    assert_eq!(
        (output.status, output.stdout.as_str()),
        (255, "FAILED: Can't locate revision identified by 'a2'\n")
    );
    assert_eq!(
        output.stderr,
        "hint: 'a2' was given on the command line or by env.py\nhint: did you mean 'a1'?\n"
    );
}

#[test]
fn a_missing_parent_names_both_revisions() {
    let output = with_file(b"revision = 'a1'\ndown_revision = 'zz'\n").run(&["history"]);
    assert_eq!(
        (output.status, output.stdout.as_str()),
        (
            255,
            "FAILED: Revision zz, on which a1 stands, is not present\n"
        )
    );
    assert!(
        output
            .stderr
            .contains("UserWarning: Revision zz referenced from a1")
            && output.stderr.contains("hint: revision a1 is in "),
        "{}",
        output.stderr
    );
}

#[test]
fn reserved_ids_are_refused() {
    let output = with_file(b"revision = 'head'\ndown_revision = None\n").run(&["heads"]);
    assert_eq!(output.status, 255);
    assert!(
        output.stdout.contains("'head'") && output.stdout.contains("reserved"),
        "{}",
        output.stdout
    );
}

#[test]
fn what_needs_the_models_says_so() {
    for args in [&["check"][..], &["revision", "--autogenerate"]] {
        let output = with_file(GOOD).run(args);
        assert_eq!(output.status, 1);
        assert!(
            output.stderr.contains("needs the models as Python objects")
                && output.stderr.contains("hint: "),
            "{}",
            output.stderr
        );
    }
}

#[test]
fn version_is_printed_under_both_names() {
    let project = TestProject::new();
    let output = project.run(&["--version"]);
    assert_eq!(output.status, 0);
    assert!(
        output.stdout.starts_with("aludel ") && output.stdout.contains("Alembic 1.20.1"),
        "{}",
        output.stdout
    );
    let link = project.path().join("alembic-link");
    std::fs::create_dir(&link).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_aludel"), link.join("alembic")).unwrap();
    let done = std::process::Command::new(link.join("alembic"))
        .arg("--version")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(done.stdout).unwrap(), "alembic 1.20.1\n");
}

#[test]
fn compiled_revisions_are_refused_by_name_and_sources_beside_them_are_read() {
    let project = TestProject::new();
    project.write(
        "alembic.ini",
        b"[alembic]\nscript_location = %(here)s/alembic\nsourceless = true\n",
    );
    let source = b"revision = 'a1'\ndown_revision = None\n";
    project.write("alembic/versions/a1.py", source);
    project.write("alembic/versions/a1.pyc", b"\x00");
    let output = project.run(&["heads"]);
    assert_eq!((output.status, output.stdout.as_str()), (0, "a1 (head)\n"));
    project.write("alembic/versions/b2.pyc", b"\x00");
    let output = project.run(&["heads"]);
    assert_eq!(output.status, 255);
    assert!(
        output.stdout.contains("b2.pyc is compiled Python"),
        "{output:?}"
    );
}

#[test]
fn a_cycle_is_said_before_anything_connects() {
    let project = TestProject::new();
    project.write(
        "alembic/env.py",
        b"import sqlalchemy as sa\nfrom alembic import context\nengine = sa.create_engine('postgresql://nobody@127.0.0.1:1/none')\n\
          with engine.connect() as connection:\n    context.configure(connection=connection)\n    with context.begin_transaction():\n        context.run_migrations()\n",
    );
    for (id, down) in [("a1", "b1"), ("b1", "a1"), ("c1", "b1")] {
        let text =
            format!("revision = '{id}'\ndown_revision = '{down}'\n\n\ndef upgrade():\n    pass\n");
        project.write(&format!("alembic/versions/{id}.py"), text.as_bytes());
    }
    for command in [
        "current",
        "current -v",
        "upgrade head",
        "downgrade base",
        "stamp head",
        "ensure_version",
        "history -i",
        "branches",
        "show head",
        "edit current",
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let output = project.run(&words);
        assert_ne!(output.status, 0, "{command}: {}", output.stderr);
        let message = "FAILED: Cycle is detected in revisions (";
        assert!(
            output.stdout.contains(message),
            "{command}: {}",
            output.stderr
        );
    }
}
