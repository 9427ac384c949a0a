//! Data migrations on a real database: values written, rows read, the catalogue inspected. What the real Alembic saw is in
//! fixtures/online.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use support::engine::Database;
use support::engine::ENGINES;
use support::engine::Engine;
use support::project::TestProject;

/// What a case says it runs on.
fn engines(body: &str) -> Vec<&str> {
    match body
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# engines:"))
    {
        Some(names) => names.split_whitespace().collect(),
        None => vec!["postgresql"],
    }
}

#[test]
fn migrations_see_and_do_what_they_do_under_alembic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/online");
    let read = |path: PathBuf| fs::read_to_string(&path).unwrap_or_else(|_| panic!("{path:?}"));
    let prelude = read(folder.join("prelude.py"));
    let mut names: Vec<String> = fs::read_dir(folder.join("cases"))
        .expect("the cases")
        .map(|entry| entry.expect("a case").file_name())
        .filter_map(|file| Some(file.to_str()?.strip_suffix(".py")?.to_owned()))
        .collect();
    names.sort();
    let mut differences = Vec::new();
    for engine in [Engine::Postgresql, Engine::Psycopg, Engine::Sqlite] {
        let mut count = 0;
        for name in &names {
            let body = read(folder.join(format!("cases/{name}.py")));
            if !engines(&body).contains(&engine.name()) {
                continue;
            }
            count += 1;
            let database = engine.database();
            let project = TestProject::generic(&database.url(), "");
            project.write("migrations/versions/r1.py", &format!("{prelude}{body}"));
            let output = project.run(&["upgrade", "head"]);
            if output.code != Some(0) {
                differences.push(format!("{name} on {engine:?}: {output}"));
                continue;
            }
            let seen: String = database
                .rows("SELECT line FROM seen ORDER BY id")
                .iter()
                .map(|row| format!("{}\n", row[0]))
                .collect();
            let expected = read(folder.join(engine.folder()).join(format!("{name}.txt")));
            if seen != expected {
                let text = similar::TextDiff::from_lines(&expected, &seen);
                differences.push(format!("{name} on {engine:?}:\n{}", text.unified_diff()));
            }
        }
        assert!(count > 0, "no cases for {engine:?}");
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// A project whose modules are imported from beside its alembic.ini.
fn project_with_modules(database: &Database) -> TestProject {
    let project = TestProject::generic(&database.url(), "");
    let ini = fs::read_to_string(project.path().join("alembic.ini")).expect("alembic.ini");
    project.write("alembic.ini", &format!("{ini}prepend_sys_path = .\n"));
    project
}

#[test]
fn an_operation_that_another_revision_imports_is_there_for_all() {
    for engine in ENGINES {
        let database = engine.database();
        let project = project_with_modules(&database);
        project.write(
            "table_ops.py",
            "from alembic.operations import MigrateOperation, Operations


@Operations.register_operation('create_bare')
class CreateBare(MigrateOperation):
    def __init__(self, name):
        self.name = name

    @classmethod
    def create_bare(cls, operations, name):
        return operations.invoke(cls(name))


@Operations.implementation_for(CreateBare)
def create_bare(operations, operation):
    operations.execute('CREATE TABLE %s (a INTEGER)' % operation.name)
",
        );
        project.revision("r1", "None", "op.create_bare('one')", "");
        project.write(
            "migrations/versions/r2_.py",
            "from alembic import op\nimport table_ops\nrevision = 'r2'\ndown_revision = 'r1'\n\n\ndef upgrade():\n    op.create_bare('two')\n",
        );
        let _ = project.run(&["upgrade", "head"]).success();
        assert_eq!(database.tables(), ["alembic_version", "one", "two"]);

        project.revision("r3", "'r2'", "op.create_nothing('three')", "");
        let output = project.run(&["upgrade", "head"]).failure(1);
        let said = "AttributeError: module 'alembic.op' has no attribute 'create_nothing'";
        assert!(output.stderr.contains(said), "{output}");
        assert_eq!(
            database.column("SELECT version_num FROM alembic_version"),
            ["r2"]
        );
    }
}

#[test]
fn a_module_that_another_revision_imports_is_an_attribute_of_its_package() {
    for engine in ENGINES {
        let database = engine.database();
        let project = project_with_modules(&database);
        project.write("shop/__init__.py", "");
        project.write("shop/parts/__init__.py", "");
        project.write("shop/parts/names.py", "TABLE = 'seen'\n");
        project.write("shop/other.py", "TABLE = 'unseen'\n");
        let revision = |name: &str, down: &str, import: &str, body: &str| {
            let text = format!(
                "from alembic import op\n{import}\nrevision = '{name}'\ndown_revision = {down}\n\n\ndef upgrade():\n    {body}\n"
            );
            project.write(&format!("migrations/versions/{name}_.py"), &text);
        };
        let create = "op.execute('CREATE TABLE %s (a INTEGER)' % shop.parts.names.TABLE)";
        revision("r1", "None", "import shop", create);
        revision("r2", "'r1'", "from shop.parts.names import TABLE", "pass");
        let _ = project.run(&["upgrade", "head"]).success();
        assert_eq!(database.tables(), ["alembic_version", "seen"]);

        revision("r3", "'r2'", "import shop", "print(shop.other.TABLE)");
        let output = project.run(&["upgrade", "head"]).failure(1);
        let said = "AttributeError: module 'shop' has no attribute 'other'";
        assert!(output.stderr.contains(said), "{output}");
    }
}
