//! `op.*` in `--sql` conditions prints what the real Alembic and SQLAlchemy print: fixtures/ops, recorded by
//! fixtures/ops/record.py. Cases that are known to differ are listed by number in fixtures/ops/known-differences*.txt;
//! a case there that no longer differs fails the test too, so the lists only shrink.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::rc::Rc;

use aludel::dialect;
use aludel::dialect::Settings;
use aludel::dialect::SqlAlchemy;
use aludel::ops;
use aludel::ops::OpEnv;
use aludel::py::args::Args;
use aludel::py::error::PyErrorKind;
use aludel::py::value::Value;
use aludel::py::vm::Vm;
use aludel::runtime::offline::Offline;
use aludel::sa;
use aludel::sa::mock::MockConnection;
use serde_json::Value as Json;

/// What a case printed, and the error it ended with.
#[derive(Debug, PartialEq)]
struct Outcome {
    output: String,
    error: Option<String>,
}

/// Evaluates a case.
fn run(code: &str, sqlalchemy: SqlAlchemy) -> Outcome {
    let settings = Settings {
        sqlalchemy,
        ..Settings::default()
    };
    let dialect = dialect::by_name("postgresql", settings).expect("postgresql is a dialect");
    sa::clause::set_default_dialect(dialect.clone());
    let buffer = Rc::new(RefCell::new(String::new()));
    let sink = buffer.clone();
    let offline = Rc::new(Offline::new(
        dialect,
        Rc::new(move |_: &Vm, text: &str| {
            sink.borrow_mut().push_str(text);
            Ok(())
        }),
    ));
    let vm = Vm::new();
    vm.register(sa::MODULES);
    vm.register(sa::engine_modules::MODULES);
    let result = evaluate(&vm, code, &offline);
    let error = result.err().map(|error| match error.kind() {
        PyErrorKind::Exception(exception) => {
            let class = vm.class_of(exception);
            format!(
                "{}.{}: {}",
                class.module,
                class.name,
                vm.str(exception).unwrap_or_default()
            )
        }
        PyErrorKind::Unsupported { what, .. } => format!("UNSUPPORTED {what}"),
        PyErrorKind::Foreign(error) => format!("FOREIGN {error}"),
    });
    Outcome {
        output: buffer.borrow().clone(),
        error,
    }
}

/// Binds the names that record.py binds, and runs the code.
fn evaluate(vm: &Vm, code: &str, offline: &Rc<Offline>) -> aludel::py::error::PyResult<()> {
    let bind = Value::object(MockConnection {
        executor: offline.clone(),
    });
    let options = code
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# context.configure: "));
    let target_metadata = match options {
        Some(options) => {
            let source =
                format!("import sqlalchemy as sa\nmade = ({options}).get('target_metadata')\n");
            let module = vm.run_source(&source, "options.py", "options")?;
            let made = module.dict.borrow().get("made").cloned();
            made.unwrap_or(Value::None)
        }
        None => Value::None,
    };
    let env = Rc::new(OpEnv::new(offline.clone(), bind.clone(), &target_metadata)?);
    vm.run_source("", "case_op.py", "case_op")?;
    let names: Vec<&'static str> = ops::names().chain(["get_bind"]).collect();
    for name in names {
        let env = env.clone();
        let bind = bind.clone();
        let member = Value::builtin(name, move |vm, args: Args| match name {
            "get_bind" => Ok(bind.clone()),
            _ => ops::call(vm, &env, name, args),
        });
        vm.set_module_member("case_op", name, member)?;
    }
    let prelude = "import datetime, decimal, enum, uuid; import sqlalchemy as sa; from sqlalchemy.dialects import postgresql as pg; import case_op as op\n";
    vm.run_source(&format!("{prelude}{code}\n"), "case.py", "case")
        .map(|_| ())
}

/// Statements in runs whose order upstream leaves to chance are put in order.
fn normal(output: &str) -> Vec<String> {
    let mut statements: Vec<String> = output.split("\n\n").map(str::to_owned).collect();
    let is_loose = |text: &str| {
        text.starts_with("CREATE INDEX")
            || text.starts_with("CREATE UNIQUE INDEX")
            || (text.starts_with("ALTER TABLE")
                && text.contains(" ADD ")
                && !text.contains(" ADD COLUMN "))
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
    sqlalchemy: SqlAlchemy,
    report: &mut String,
) -> BTreeMap<String, Vec<usize>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/ops")
        .join(folder);
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
        for (at, case) in cases.iter().enumerate() {
            let code = case["code"].as_str().expect("code");
            let expected = Outcome {
                output: case["output"].as_str().expect("output").to_owned(),
                error: case["error"].as_str().map(str::to_owned),
            };
            let found = run(code, sqlalchemy);
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

/// The recorded list of differences.
fn known(file: &str) -> BTreeMap<String, Vec<usize>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/ops")
        .join(file);
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut known: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
    {
        let mut words = line.split_whitespace();
        let group = words.next().expect("a group").to_owned();
        let number = words
            .next()
            .and_then(|word| word.parse().ok())
            .expect("a number");
        known.entry(group).or_default().push(number);
    }
    known
}

fn compare(folder: &str, list: &str, sqlalchemy: SqlAlchemy) {
    let mut report = String::new();
    let found = differences(folder, sqlalchemy, &mut report);
    let count: usize = found.values().map(Vec::len).sum();
    if std::env::var("PARITY_REPORT").is_ok() {
        std::fs::write(std::env::var("PARITY_REPORT").expect("set"), &report).expect("writable");
    }
    if std::env::var("PARITY_GROUP").is_ok() {
        assert!(found.is_empty(), "{count} cases differ\n{report}");
        return;
    }
    assert_eq!(
        found,
        known(list),
        "{count} cases differ; PARITY_REPORT=file writes them all"
    );
}

#[test]
fn operations_print_what_alembic_prints_with_sqlalchemy_2_1() {
    compare("expected", "known-differences.txt", SqlAlchemy::V2_1);
}

#[test]
fn operations_print_what_alembic_prints_with_sqlalchemy_2_0() {
    compare(
        "expected-2.0",
        "known-differences-2.0.txt",
        SqlAlchemy::V2_0,
    );
}
