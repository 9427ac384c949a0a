//! Data migrations on a real database: values written, rows read, the catalogue inspected.

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

use support::cluster::cluster;
use support::engine::Engine;
use support::project::TestProject;

/// Upgrades a fresh database through one revision whose upgrade is this body; gives the database.
fn upgraded(body: &str) -> String {
    let database = cluster().database();
    let project = TestProject::generic(&cluster().url(&database), "");
    project.revision("r1", "None", body, "");
    let _ = project.run(&["upgrade", "head"]).success();
    database
}

const CREATE: &str = "import datetime, decimal, uuid
from sqlalchemy.dialects import postgresql as pg
t = op.create_table('t', sa.Column('id', sa.Integer, primary_key=True), sa.Column('s', sa.Text), sa.Column('b', sa.Boolean),
    sa.Column('n', sa.Numeric(10, 2)), sa.Column('at', sa.DateTime(timezone=True)), sa.Column('d', sa.Date), sa.Column('u', pg.UUID(as_uuid=True)),
    sa.Column('j', pg.JSONB), sa.Column('a', pg.ARRAY(sa.Text)), sa.Column('x', sa.LargeBinary), sa.Column('f', sa.Float))
";

#[test]
fn values_of_every_kind_come_back_as_they_went() {
    let body = format!(
        r#"{CREATE}
bind = op.get_bind()
row = dict(id=1, s="it's \\ 100% :x", b=True, n=decimal.Decimal('1.50'), at=datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
    d=datetime.date(2020, 1, 2), u=uuid.UUID(int=5), j={{'k': [1, None, "it's"]}}, a=['x', 'y"z'], x=b'\x00\xff', f=-1.5)
op.bulk_insert(t, [row])
found = bind.execute(sa.select(t)).mappings().one()
for key, value in row.items():
    assert found[key] == value, (key, found[key], value)
bind.execute(t.insert(), [dict(id=2, s='b', j=[]), dict(id=3, s='c', j='text')])
bind.execute(sa.insert(t).values(id=4, s=None, j={{}}))
bind.execute(t.update().where(t.c.id == sa.bindparam('which')).values(s=t.c.s + '!'), {{'which': 2}})
bind.execute(sa.text("UPDATE t SET j = jsonb_set(j, '{{z}}', to_jsonb(CAST(:v AS text))) WHERE id = :id"), {{'v': 'q', 'id': 4}})
bind.execute(sa.text('UPDATE t SET f = :f WHERE id IN :ids').bindparams(sa.bindparam('ids', expanding=True)), {{'f': -2, 'ids': [2, 3]}})
assert bind.execute(sa.text('DELETE FROM t WHERE id = 99')).rowcount == 0
assert bind.scalar(sa.select(sa.func.count()).select_from(t)) == 4
assert bind.execute(sa.select(t.c.id).where(t.c.s.in_(['b!', 'c'])).order_by(t.c.id)).scalars().all() == [2, 3]
assert bind.execute(sa.select(t.c.id).where(t.c.s.is_(None))).scalar_one() == 4
assert bind.execute(sa.select(t.c.id).where(t.c.id > 99)).first() is None
assert [tuple(r) for r in bind.execute(sa.select(t.c.id, t.c.j['z'].astext).where(t.c.id == 4))] == [(4, 'q')]
ident, text = bind.execute(sa.text('SELECT id, s FROM t WHERE id = 2')).fetchone()
assert (ident, text) == (2, 'b!')
"#
    );
    let database = upgraded(&body);
    let value = |sql: &str| cluster().value(&database, sql);
    assert_eq!(value("SELECT s FROM t WHERE id = 1"), "it's \\ 100% :x");
    assert_eq!(value("SELECT j->>'z' FROM t WHERE id = 4"), "q");
    assert_eq!(value("SELECT sum(f)::text FROM t"), "-5.5");
    assert_eq!(value("SELECT j::text FROM t WHERE id = 3"), "\"text\"");
}

#[test]
fn the_catalogue_can_be_inspected() {
    let body = format!(
        r#"{CREATE}
op.create_index('ix_t_s', 't', ['s'], unique=True)
op.create_unique_constraint('uq_t', 't', ['s', 'b'])
op.create_table('r', sa.Column('id', sa.Integer, primary_key=True), sa.Column('t_id', sa.Integer, sa.ForeignKey('t.id', name='fk_r_t', ondelete='CASCADE'), nullable=False))
op.create_check_constraint('ck_t', 't', 'id > 0')
op.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
inspector = sa.inspect(op.get_bind())
assert {{'t', 'r', 'alembic_version'}} <= set(inspector.get_table_names())
assert inspector.has_table('t') and not inspector.has_table('nope')
columns = {{c['name']: c for c in inspector.get_columns('t')}}
assert list(columns)[:3] == ['id', 's', 'b']
assert isinstance(columns['s']['type'], sa.Text), type(columns['s']['type'])
assert isinstance(columns['n']['type'], sa.Numeric), type(columns['n']['type'])
assert columns['id']['nullable'] is False and columns['s']['nullable'] is True
assert isinstance(columns['j']['type'], pg.JSONB) and str(columns['n']['type']) == 'NUMERIC(10, 2)'
assert [i['name'] for i in inspector.get_indexes('t')] == ['ix_t_s', 'uq_t']
assert inspector.get_unique_constraints('t')[0]['column_names'] == ['s', 'b']
assert inspector.get_pk_constraint('t') == {{'constrained_columns': ['id'], 'name': 't_pkey', 'comment': None}}
key = inspector.get_foreign_keys('r')[0]
assert (key['name'], key['constrained_columns'], key['referred_table'], key['referred_columns'], key['options']) == ('fk_r_t', ['t_id'], 't', ['id'], {{'ondelete': 'CASCADE'}})
assert inspector.get_check_constraints('t')[0]['sqltext'] == 'id > 0'
assert inspector.get_enums()[0]['labels'] == ['sad', 'ok']
assert inspector.default_schema_name == 'public'
try:
    inspector.get_columns('nope')
except sa.exc.NoSuchTableError:
    op.execute('CREATE TABLE done ()')
"#
    );
    let database = upgraded(&body);
    assert_eq!(
        cluster().value(&database, "SELECT to_regclass('done')"),
        "done"
    );
}

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

#[test]
fn an_operation_that_another_revision_imports_is_there_for_all() {
    let database = cluster().database();
    let project = TestProject::generic(&cluster().url(&database), "");
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
    operations.execute('CREATE TABLE %s ()' % operation.name)
",
    );
    let ini = fs::read_to_string(project.path().join("alembic.ini")).expect("alembic.ini");
    project.write("alembic.ini", &format!("{ini}prepend_sys_path = .\n"));
    project.revision("r1", "None", "op.create_bare('one')", "");
    project.write(
        "migrations/versions/r2_.py",
        "from alembic import op\nimport table_ops\nrevision = 'r2'\ndown_revision = 'r1'\n\n\ndef upgrade():\n    op.create_bare('two')\n",
    );
    let _ = project.run(&["upgrade", "head"]).success();
    let value = |sql: &str| cluster().value(&database, sql);
    assert_eq!(value("SELECT to_regclass('one')"), "one");
    assert_eq!(value("SELECT to_regclass('two')"), "two");

    project.revision("r3", "'r2'", "op.create_nothing('three')", "");
    let output = project.run(&["upgrade", "head"]).failure(1);
    let said = "AttributeError: module 'alembic.op' has no attribute 'create_nothing'";
    assert!(output.stderr.contains(said), "{output}");
}

#[test]
fn a_module_that_another_revision_imports_is_an_attribute_of_its_package() {
    let database = cluster().database();
    let project = TestProject::generic(&cluster().url(&database), "");
    project.write("shop/__init__.py", "");
    project.write("shop/parts/__init__.py", "");
    project.write("shop/parts/names.py", "TABLE = 'seen'\n");
    project.write("shop/other.py", "TABLE = 'unseen'\n");
    let ini = fs::read_to_string(project.path().join("alembic.ini")).expect("alembic.ini");
    project.write("alembic.ini", &format!("{ini}prepend_sys_path = .\n"));
    let revision = |name: &str, down: &str, import: &str, body: &str| {
        let text = format!(
            "from alembic import op\n{import}\nrevision = '{name}'\ndown_revision = {down}\n\n\ndef upgrade():\n    {body}\n"
        );
        project.write(&format!("migrations/versions/{name}_.py"), &text);
    };
    let create = "op.execute('CREATE TABLE %s ()' % shop.parts.names.TABLE)";
    revision("r1", "None", "import shop", create);
    revision("r2", "'r1'", "from shop.parts.names import TABLE", "pass");
    let _ = project.run(&["upgrade", "head"]).success();
    assert_eq!(
        cluster().value(&database, "SELECT to_regclass('seen')"),
        "seen"
    );

    revision("r3", "'r2'", "import shop", "print(shop.other.TABLE)");
    let output = project.run(&["upgrade", "head"]).failure(1);
    let said = "AttributeError: module 'shop' has no attribute 'other'";
    assert!(output.stderr.contains(said), "{output}");
}
