//! What a project outside its revision files decides: modules that headers import, the SQLAlchemy it is locked to.

use crate::support::TestProject;

const ENV: &[u8] =
    b"from alembic import context\n\ncontext.configure(url='postgresql://', literal_binds=True)\n\
with context.begin_transaction():\n    context.run_migrations()\n";

#[test]
fn a_header_may_use_a_module_of_the_application() {
    let project = TestProject::new();
    project.write(
        "alembic.ini",
        b"[alembic]\nscript_location = %(here)s/alembic\nprepend_sys_path = %(here)s\n",
    );
    project.write("app/__init__.py", b"import not_installed\n");
    project.write(
        "app/labels.py",
        b"from not_installed import thing\n\nEXPAND = 'exp' + 'and'\nOTHER = thing.NAME\n",
    );
    let file = |label: &str| {
        format!(
            "from app import labels\n\nrevision = 'a1'\ndown_revision = None\nbranch_labels = ({label},)\n"
        )
    };
    project.write("alembic/versions/a1.py", file("labels.EXPAND").as_bytes());
    let output = project.run(&["heads"]);
    assert_eq!(
        (output.status, output.stdout.as_str()),
        (0, "a1 (expand) (head)\n")
    );

    project.write("alembic/versions/a1.py", file("labels.OTHER").as_bytes());
    let output = project.run(&["heads"]);
    assert_ne!(output.status, 0);
    assert!(
        output.stderr.contains("not resolved") || output.stdout.contains("not resolved"),
        "{output:?}"
    );
}

#[test]
fn the_projects_own_packages_are_found_where_sys_path_does_not_lead() {
    let project = TestProject::new();
    project.write(
        "backend/alembic.ini",
        b"[alembic]\nscript_location = %(here)s/alembic\n",
    );
    project.write(
        "backend/alembic/env.py",
        b"from alembic import context\ntry:\n    import guarded\nexcept ImportError:\n    guarded = None\nfrom app.config import URL\nfrom library import OPTIONS\n\n\
assert guarded is None\ncontext.configure(url=URL, **OPTIONS)\nwith context.begin_transaction():\n    context.run_migrations()\n",
    );
    project.write(
        "backend/alembic/versions/a1.py",
        b"revision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    pass\n",
    );
    project.write("backend/app/config.py", b"URL = 'postgresql://'\n");
    project.write("backend/guarded.py", b"");
    project.write("backend/pyproject.toml", b"");
    project.write(
        "backend/src/library/__init__.py",
        b"from .options import OPTIONS\n",
    );
    project.write(
        "backend/src/library/options.py",
        b"OPTIONS = {'version_table': 'of_ours'}\n",
    );
    let output = project.run(&["-c", "backend/alembic.ini", "upgrade", "head", "--sql"]);
    assert_eq!(output.status, 0, "{output:?}");
    assert!(output.stdout.contains("CREATE TABLE of_ours"), "{output:?}");

    // a folder of that name without Python in it is no package
    std::fs::remove_dir_all(project.path().join("backend/src")).unwrap();
    project.write("backend/src/library/notes.txt", b"");
    let output = project.run(&["-c", "backend/alembic.ini", "upgrade", "head", "--sql"]);
    assert_eq!(output.status, 1, "{output:?}");
    assert!(
        output
            .stderr
            .contains("no module named `library` was found"),
        "{output:?}"
    );
}

#[test]
fn the_locked_sqlalchemy_decides_whose_text_is_written() {
    let project = TestProject::new();
    project.write("alembic/env.py", ENV);
    project.write(
        "alembic/versions/a1.py",
        b"from alembic import op\nimport sqlalchemy as sa\n\nrevision = 'a1'\ndown_revision = None\n\n\n\
def upgrade():\n    op.create_table('t', sa.Column('c', sa.Integer()), postgresql_inherits='p')\n",
    );
    let text = |args: &[&str]| {
        let output = project.run(&[&["upgrade", "head", "--sql"], args].concat());
        assert_eq!(output.status, 0, "{output:?}");
        output.stdout
    };
    let (newer, older) = (text(&[]), text(&["--sqlalchemy", "2.0"]));
    assert_ne!(newer, older, "the case shows no difference");
    project.write("requirements.txt", b"sqlalchemy==2.0.58\n");
    assert_eq!(text(&[]), older);
    assert_eq!(text(&["--sqlalchemy", "2.1"]), newer);
    project.write("pyproject.toml", b"[tool.aludel]\nsqlalchemy = \"2.1\"\n");
    assert_eq!(text(&[]), newer);
}

#[test]
fn a_lost_log_message_is_told_and_any_other_lost_effect_is_refused() {
    let revision = |call: &str| {
        let project = TestProject::new();
        project.write(
            "alembic/env.py",
            b"from alembic import context\ncontext.configure(dialect_name='postgresql')\nwith context.begin_transaction():\n    context.run_migrations()\n",
        );
        let text = format!(
            "from alembic import op\nimport nowhere\nrevision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    {call}\n    op.drop_table('t')\n"
        );
        project.write("alembic/versions/a1.py", text.as_bytes());
        project.run(&["upgrade", "head", "--sql"])
    };
    let told = revision("nowhere.get_logger().info('dropping t')");
    assert_eq!(told.status, 0, "{}", told.stderr);
    assert!(told.stdout.contains("DROP TABLE t;"), "{}", told.stdout);
    assert!(
        told.stderr
            .contains("not logged: `nowhere.get_logger(…).info(…)`"),
        "{}",
        told.stderr
    );

    let refused = revision("nowhere.audit('dropping t')");
    assert_ne!(refused.status, 0);
    assert_eq!(refused.stdout, "", "nothing is printed");
    assert!(
        refused.stderr.contains("a1.py") && refused.stderr.contains("for its effect"),
        "{}",
        refused.stderr
    );
}

#[test]
fn env_py_catches_what_configparser_raises() {
    let project = TestProject::new();
    project.write(
        "alembic.ini",
        b"[alembic]\nscript_location = %(here)s/alembic\na = %(nosuch)s\nb = %(b)s\nc = 5%\n",
    );
    project.write(
        "alembic/env.py",
        b"import configparser
from alembic import context
from alembic.util import CommandError

for name, error in (
    ('a', configparser.InterpolationMissingOptionError),
    ('b', configparser.InterpolationDepthError),
    ('c', configparser.InterpolationSyntaxError),
):
    try:
        context.config.get_main_option(name)
    except error as raised:
        print(name, isinstance(raised, configparser.InterpolationError))
try:
    context.config.get_section_option('other', 'a')
except CommandError as raised:
    print(raised)
",
    );
    let output = project.run(&["upgrade", "head", "--sql"]);
    assert_eq!(
        output.stdout,
        "a True\nb True\nc True\nNo config file 'alembic.ini' found, or file has no '[other]' section\n",
        "{output:?}"
    );
}

#[test]
fn a_model_that_cannot_be_evaluated_is_not_left_out_of_create_all() {
    let models = |model: &str| {
        format!(
            "import nowhere\nimport sqlalchemy as sa\nfrom sqlalchemy.orm import declarative_base\n\nBase = declarative_base()\n\n\n\
class A(Base):\n    __tablename__ = 'a'\n    id = sa.Column(sa.Integer, primary_key=True)\n\n\n{model}\n"
        )
    };
    let project = TestProject::new();
    project.write(
        "alembic.ini",
        b"[alembic]\nscript_location = %(here)s/alembic\nprepend_sys_path = %(here)s\n",
    );
    project.write("alembic/env.py", ENV);
    let run = |model: &str, operation: &str| {
        project.write("models.py", models(model).as_bytes());
        let revision = format!(
            "from alembic import op\nfrom models import Base\n\nrevision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    {operation}\n"
        );
        project.write("alembic/versions/a1.py", revision.as_bytes());
        project.run(&["upgrade", "head", "--sql"])
    };
    let all = "Base.metadata.create_all(op.get_bind(), checkfirst=False)";
    let whole = run("", all);
    assert!(whole.stdout.contains("CREATE TABLE a ("), "{whole:?}");
    let body = "    __tablename__ = 'b'\n    id = sa.Column(sa.Integer, primary_key=True)";
    for model in [
        &format!("class B(Base, nowhere.Mixin):\n{body}"),
        &format!("class B(Base):\n    __table_args__ = nowhere.args()\n{body}"),
        "class B(Base):\n    __tablename__ = 'b'\n    id = sa.Column(sa.Integer, nowhere.part, primary_key=True)",
        "B = sa.Table('B', Base.metadata, nowhere.part)",
    ] {
        for operation in [
            all,
            "Base.metadata.drop_all(op.get_bind())",
            "[op.execute(table.name) for table in Base.metadata.sorted_tables]",
        ] {
            let output = run(model, operation);
            assert_eq!(
                (output.status, output.stdout.as_str()),
                (1, ""),
                "{model} {output:?}"
            );
            assert!(
                output
                    .stderr
                    .contains("where the table of `B` could not be evaluated"),
                "{model} {output:?}"
            );
        }
        let one = run(
            model,
            "Base.metadata.create_all(op.get_bind(), tables=[Base.metadata.tables['a']], checkfirst=False)",
        );
        assert!(one.stdout.contains("CREATE TABLE a ("), "{model} {one:?}");
    }
}

#[test]
fn what_a_module_would_write_into_a_database_is_not_passed_over() {
    let project = TestProject::new();
    project.write(
        "alembic.ini",
        b"[alembic]\nscript_location = %(here)s/alembic\nprepend_sys_path = %(here)s\n",
    );
    let env = [b"import app\n", ENV].concat();
    project.write("alembic/env.py", &env);
    project.write(
        "alembic/versions/a1.py",
        b"revision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    pass\n",
    );
    let run = |module: &str| {
        let text = format!(
            "import sqlalchemy as sa\nfrom nowhere import URL, start\n\nengine = sa.create_engine(URL)\nmetadata = sa.MetaData()\n{module}\n"
        );
        project.write("app.py", text.as_bytes());
        project.run(&["upgrade", "head", "--sql"])
    };
    let harmless = run(
        "start(engine)\nwith engine.connect() as connection:\n    count = connection.scalar(1)",
    );
    assert_eq!(harmless.status, 0, "{harmless:?}");
    for (module, method) in [
        ("metadata.create_all(engine)", "create_all"),
        (
            "with engine.begin() as connection:\n    connection.execute(sa.text('DELETE FROM t'))",
            "execute",
        ),
        (
            "if engine.has_table('t'):\n    pass\nelse:\n    metadata.drop_all(engine)",
            "drop_all",
        ),
        (
            "try:\n    session = engine.session()\n    session.add(1 + engine)\n    session.commit()\nexcept ValueError:\n    pass",
            "commit",
        ),
    ] {
        let output = run(module);
        assert_eq!(
            (output.status, output.stdout.as_str()),
            (1, ""),
            "{module} {output:?}"
        );
        let said = format!("`{method}()` in a module of the application");
        assert!(output.stderr.contains(&said), "{module} {output:?}");
    }
}

#[test]
fn a_project_that_wants_pydantic_1_is_not_evaluated_as_one_of_pydantic_2() {
    let project = TestProject::new();
    project.write(
        "alembic.ini",
        b"[alembic]\nscript_location = %(here)s/alembic\nprepend_sys_path = %(here)s\n",
    );
    project.write(
        "settings.py",
        b"try:\n    from pydantic_settings import BaseSettings\nexcept ImportError:\n    from pydantic import BaseSettings\nfrom pydantic import Field\n\n\n\
class Settings(BaseSettings):\n    table: str = Field('of_two', env='NAME_OF_ONE')\n",
    );
    project.write(
        "alembic/env.py",
        b"from alembic import context\nfrom settings import Settings\n\ncontext.configure(url='postgresql://', version_table=Settings().table)\n\
with context.begin_transaction():\n    context.run_migrations()\n",
    );
    project.write(
        "alembic/versions/a1.py",
        b"revision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    pass\n",
    );
    let run = || project.run(&["upgrade", "head", "--sql"]);
    let two = run();
    assert!(two.stdout.contains("CREATE TABLE of_two"), "{two:?}");
    project.write("requirements.txt", b"alembic\npydantic[dotenv]==1.10.2\n");
    let one = run();
    assert_eq!((one.status, one.stdout.as_str()), (1, ""), "{one:?}");
    assert!(
        one.stderr.contains("no module named `pydantic` was found"),
        "{one:?}"
    );
}
