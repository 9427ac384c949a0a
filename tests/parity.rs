//! `op.*` in `--sql` conditions prints what the real Alembic and SQLAlchemy print: fixtures/ops, recorded by
//! fixtures/ops/record.py. `PARITY_GROUP=name` takes the groups of that name only, `PARITY_REPORT=path` writes what
//! differs to `path-<folder>`, `PARITY_EXPECTED=folder` takes other recordings, such as those of fixtures/ops/fuzz.py.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use aludel::config::Config;
use aludel::config::Files;
use aludel::dialect::SqlAlchemy;
use aludel::env;
use aludel::env::logging::Logger;
use aludel::py::args::Args;
use aludel::py::error::PyErrorKind;
use aludel::py::vm::Vm;
use aludel::sa::engine::EngineSettings;
use aludel::sa::fallback_url::FallbackUrl;
use aludel::script::directory::ScriptDirectory;
use aludel::script::map::RevisionMap;
use serde_json::Value as Json;

/// What a case printed, and the error it ended with.
#[derive(Debug, PartialEq)]
struct Outcome {
    output: String,
    error: Option<String>,
}

/// An evaluator with everything a migration can import.
fn evaluator(sqlalchemy: SqlAlchemy) -> Vm {
    let vm = Vm::new();
    let logger = Rc::new(Logger::new(Rc::new(|_| {}), Rc::new(|_| {})));
    let nowhere = Files {
        ini: "/nonexistent/alembic.ini".into(),
        toml: "/nonexistent/pyproject.toml".into(),
    };
    let setup = env::Setup {
        config: Rc::new(RefCell::new(
            Config::load(nowhere, "alembic").expect("an empty configuration"),
        )),
        script: Rc::new(ScriptDirectory::of_map(
            RevisionMap::build(Vec::new()).expect("an empty map"),
        )),
        request: env::Request {
            plan: Box::new(|_, _, _| Ok(Vec::new())),
            as_sql: true,
            starting_rev: None,
            template_args: env::TemplateArgs::default(),
            destination: Vec::new(),
            tag: None,
            x: Vec::new(),
            purge: false,
            dont_mutate: false,
            ensure_version: false,
            cmd_opts: Vec::new(),
            fallback: None,
        },
        engines: Rc::new(EngineSettings {
            sqlalchemy,
            url: None,
            fallback: FallbackUrl::new(|| None, |_| {}),
            notice: Rc::new(|_, _| {}),
            recording: RefCell::default(),
        }),
        outputs: env::Outputs {
            stdout: Rc::new(|_| {}),
            stderr: Rc::new(|_| {}),
            progress: Rc::new(|_, _, _| {}),
        },
    };
    env::prepare(setup, &vm, &logger).expect("an environment");
    vm
}

/// What record.py does before each case, and the names it binds.
const PRELUDE: &str = "import datetime, decimal, enum, io, uuid; import sqlalchemy as sa; from sqlalchemy.dialects import postgresql as pg; from alembic import context, op; buffer = io.StringIO(); context.configure(dialect_name='DIALECT', dialect_opts={'paramstyle': 'named'}, literal_binds=True, output_buffer=buffer, **OPTIONS); ctx = context.get_context()";

/// Evaluates a case.
fn run(vm: &Vm, dialect: &str, code: &str) -> Outcome {
    let options = code
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# context.configure: "));
    let prelude = PRELUDE
        .replace("DIALECT", dialect)
        .replace("OPTIONS", &format!("({})", options.unwrap_or("{}")));
    let module = vm
        .run_source(&prelude, "prelude.py", "prelude")
        .expect("the prelude runs");
    let buffer = module.dict.borrow().get("buffer").cloned();
    vm.set_effects_matter(true);
    let result = vm.run_source(
        &format!("from prelude import *\n{code}\n"),
        "case.py",
        "case",
    );
    vm.set_effects_matter(false);
    let error = result.err().map(|error| match error.kind() {
        PyErrorKind::Exception(exception) => {
            let class = vm.class_of(exception);
            let message = vm.str(exception).unwrap_or_default();
            let message = message
                .strip_suffix(" (unknown location)")
                .unwrap_or(&message);
            let message = without_addresses(message);
            format!("{}.{}: {message}", class.module, class.name)
        }
        PyErrorKind::Unsupported { what, .. } => format!("UNSUPPORTED {what}"),
        PyErrorKind::Foreign(error) => format!("FOREIGN {error}"),
    });
    let output = vm
        .call_method(&buffer.expect("bound"), "getvalue", Args::none())
        .and_then(|text| vm.str(&text))
        .expect("text");
    Outcome {
        output: output.to_string(),
        error,
    }
}

/// A message without the ` at 0x…` of objects.
fn without_addresses(message: &str) -> String {
    let mut parts = message.split(" at 0x");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.trim_start_matches(|character: char| character.is_ascii_hexdigit()));
    }
    kept
}

/// Statements in runs whose order upstream leaves to chance are put in order.
fn normal(output: &str) -> Vec<String> {
    let mut statements: Vec<String> = output.split("\n\n").map(str::to_owned).collect();
    let is_loose = |text: &str| {
        text.starts_with("CREATE INDEX")
            || text.starts_with("CREATE UNIQUE INDEX")
            || (text.starts_with("ALTER TABLE")
                && (text.contains(" DROP CONSTRAINT ")
                    || text.contains(" ADD ") && !text.contains(" ADD COLUMN ")))
    };
    let mut start = 0;
    while start < statements.len() {
        let mut end = start;
        while end < statements.len() && is_loose(&statements[end]) {
            end += 1;
        }
        statements[start..end].sort();
        start = end.max(start) + 1;
    }
    statements
}

/// The cases that differ, by group and number.
fn differences(
    folder: &str,
    dialect: &str,
    sqlalchemy: SqlAlchemy,
    report: &mut String,
) -> BTreeMap<String, Vec<usize>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/ops")
        .join(folder);
    let root = std::env::var("PARITY_EXPECTED").map_or(root, PathBuf::from);
    let only = std::env::var("PARITY_GROUP").ok();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&root)
        .expect("recorded cases")
        .map(|entry| entry.expect("entry").path())
        .collect();
    paths.sort();
    let mut differing = BTreeMap::new();
    for path in paths {
        let group = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if only
            .as_ref()
            .is_some_and(|only| !group.contains(only.as_str()))
        {
            continue;
        }
        let cases: Vec<Json> =
            serde_json::from_str(&std::fs::read_to_string(&path).expect("readable")).expect("JSON");
        let vm = evaluator(sqlalchemy);
        for (at, case) in cases.iter().enumerate() {
            let code = case["code"].as_str().expect("code");
            let expected = Outcome {
                output: case["output"].as_str().expect("output").to_owned(),
                error: case["error"].as_str().map(str::to_owned),
            };
            let found = run(&vm, dialect, code);
            if normal(&found.output) != normal(&expected.output) || found.error != expected.error {
                differing
                    .entry(group.clone())
                    .or_insert_with(Vec::new)
                    .push(at);
                report.push_str(&format!(
                    "=== {group} {at}\n{code}\n--- expected\n{}{:?}\n--- found\n{}{:?}\n",
                    expected.output, expected.error, found.output, found.error
                ));
            }
        }
    }
    differing
}

fn compare(folder: &str, dialect: &str, sqlalchemy: SqlAlchemy) {
    let mut report = String::new();
    let found = differences(folder, dialect, sqlalchemy, &mut report);
    let count: usize = found.values().map(Vec::len).sum();
    if let Ok(path) = std::env::var("PARITY_REPORT") {
        std::fs::write(format!("{path}-{folder}"), &report).expect("writable");
    }
    assert!(count == 0, "{count} cases differ: {found:?}\n{report}");
}

#[test]
fn operations_print_what_alembic_prints_with_sqlalchemy_2_1() {
    compare("expected", "postgresql", SqlAlchemy::V2_1);
}

#[test]
fn operations_print_what_alembic_prints_with_sqlalchemy_2_0() {
    compare("expected-2.0", "postgresql", SqlAlchemy::V2_0);
}

#[test]
fn operations_print_what_alembic_prints_for_sqlite() {
    compare("expected-sqlite", "sqlite", SqlAlchemy::V2_1);
}
