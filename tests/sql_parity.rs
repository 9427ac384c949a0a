//! Expressions and statements are written as the real SQLAlchemy writes them: fixtures/sql, recorded by
//! fixtures/sql/record.py. `SQL_PARITY_CASES=file` takes the cases of another recording, such as those of fixtures/sql/fuzz.py.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;

use aludel::dialect;
use aludel::dialect::Binds;
use aludel::dialect::Settings;
use aludel::dialect::SqlAlchemy;
use aludel::py::error::PyErrorKind;
use aludel::py::vm::Vm;
use aludel::sa;

fn settings(dialect: &str, binds: Binds) -> Settings {
    Settings {
        sqlalchemy: SqlAlchemy::V2_1,
        binds,
        driver: if dialect == "sqlite" { "" } else { "psycopg2" }.to_owned(),
        ..Settings::default()
    }
}

/// The text of a case with literal values.
fn run(dialect: &str, prelude: &str, code: &str, binds: Binds) -> String {
    let dialect = dialect::by_name(dialect, settings(dialect, binds)).expect("a dialect");
    sa::clause::set_default_dialect(dialect.clone());
    let vm = Vm::new();
    vm.register(sa::MODULES);
    vm.set_upstream(&sa::upstream::RECORDED);
    vm.register(sa::engine_modules::MODULES);
    let source = format!("{prelude}\ncase = {code}\n");
    let outcome = vm
        .run_source(&source, "case.py", "case")
        .and_then(|module| {
            let value = module.dict.borrow().get("case").cloned();
            let value = value.expect("the case is bound");
            let expr = sa::expr::coerce::find(&vm, &value)?
                .ok_or_else(|| aludel::py::error::PyError::unsupported("not an expression"))?;
            let expr = match expr {
                aludel::schema::expr::Expr::From(from) => {
                    return Err(aludel::py::error::PyError::unsupported(format!("{from:?}")));
                }
                other => other,
            };
            dialect::sql::compile(&*dialect, &expr)
                .map_err(|error| sa::exc::from_compile_error(&error))
        });
    match outcome {
        Ok(text) => text,
        Err(error) => match error.kind() {
            PyErrorKind::Exception(exception) => {
                let class = vm.class_of(exception);
                let text = format!(
                    "!! {}.{}: {}",
                    class.module,
                    class.name,
                    vm.str(exception).unwrap_or_default()
                );
                regex::Regex::new("0x[0-9a-f]+")
                    .expect("a pattern")
                    .replace_all(&text, "0x…")
                    .into_owned()
            }
            PyErrorKind::Unsupported { what, .. } => format!("UNSUPPORTED {what}"),
            PyErrorKind::Foreign(error) => format!("FOREIGN {error}"),
        },
    }
}

#[test]
fn expressions_are_written_as_sqlalchemy_writes_them_for_postgresql() {
    compare("postgresql", "expected.json");
}

#[test]
fn expressions_are_written_as_sqlalchemy_writes_them_for_sqlite() {
    compare("sqlite", "expected-sqlite.json");
}

fn compare(dialect: &str, expected: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sql");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect(name);
    let prelude = read("prelude.py");
    let expected = std::env::var("SQL_PARITY_CASES").unwrap_or_else(|_| expected.to_owned());
    let recorded: Vec<serde_json::Value> = serde_json::from_str(&read(&expected)).expect("json");
    let (mut wrong, mut right) = (Vec::new(), 0);
    for case in &recorded {
        let code = case["code"].as_str().expect("code");
        for (mode, binds) in [("literal", Binds::Literal), ("binds", Binds::Placeholder)] {
            let expected = case[mode].as_str().expect(mode);
            let found = run(dialect, &prelude, code, binds);
            if found == expected {
                right += 1;
            } else {
                wrong.push(format!(
                    "{mode} {code}\n  expected {expected:?}\n  found    {found:?}"
                ));
            }
        }
    }
    assert!(
        right > 0 && wrong.is_empty(),
        "{right} right, {} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
