//! Commands one after the other in a project of their own: what is printed and written, and what is in the database afterwards, must be what Alembic left.
//!
//! Standard output and standard error are compared line by line, in order. Liberties: where Alembic dies of a traceback, what aludel says instead is not compared, only that
//! it fails (docs/compatibility.md lists the cases); of usage errors (status 2) the sentence is compared, and not the usage around it; `hint:` lines are aludel's own; what Alembic makes from a Python set is
//! compared sorted (see [`compare::masked`]); a warning is shown without the place in Alembic's source.

mod case;
mod compare;

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::sync::LazyLock;
use std::sync::Mutex;

use regex::Regex;

use aludel::db::Connection;
use aludel::db::options::ConnectOptions;
use aludel::db::url::Url;
use aludel::schema::literal::Literal;

use crate::server::cluster;
use case::Case;

static DATE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?").unwrap());
static REPORT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"/\S*/tmp\w+\.txt").unwrap());
static PYTHON: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"/\S*/python[\d.]*:").unwrap());
static YEAR: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b20\d\d\b").unwrap());

/// The tables, and the rows of those that hold versions, a line each.
const STATE: &str = "SELECT concat_ws(chr(10), (SELECT concat('tables ', string_agg(table_schema || '.' || table_name, ' ' ORDER BY table_schema, table_name)) \
FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')), \
(SELECT string_agg(concat(table_schema, '.', table_name, ' ', (xpath('/row/v/text()', query_to_xml(format( \
'SELECT string_agg(coalesce(version_num, ''NULL''), '' '' ORDER BY version_num) AS v FROM %I.%I', table_schema, table_name), true, true, '')))[1]), \
chr(10) ORDER BY table_schema, table_name) FROM information_schema.columns WHERE column_name = 'version_num'))";

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/transcripts")
}

fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut todo) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(path) = todo.pop() {
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else if !case::FILES.iter().any(|name| path.ends_with(name)) {
                let name = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// What is in each database of a case.
struct Databases {
    connections: Vec<Box<dyn Connection>>,
    is_sqlite: bool,
}

impl Databases {
    fn of(case: &Case) -> Self {
        let connect = |name: &String| match case.is_sqlite {
            true => {
                let url = Url::parse(&format!("sqlite:///{name}")).unwrap();
                aludel::db::connect(&url, &ConnectOptions::default()).unwrap()
            }
            false => cluster().connect(name),
        };
        Self {
            connections: case.databases.iter().map(connect).collect(),
            is_sqlite: case.is_sqlite,
        }
    }

    fn state(&mut self) -> Vec<String> {
        let state = match self.is_sqlite {
            true => state_of_file,
            false => state_of_server,
        };
        let connections = self.connections.iter_mut();
        connections
            .map(|connection| state(connection.as_mut()))
            .collect()
    }

    fn execute(&mut self, sql: &str) {
        let first = self.connections[0].as_mut();
        first.query(sql).unwrap();
        if first.in_transaction() {
            first.query("COMMIT").unwrap();
        }
    }
}

fn state_of_server(connection: &mut dyn Connection) -> String {
    let text = column(connection, STATE).concat();
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

fn state_of_file(connection: &mut dyn Connection) -> String {
    let tables = column(
        connection,
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
    );
    let mut lines = vec![format!("tables {}", tables.join(" "))];
    for table in &tables {
        let names = column(
            connection,
            &format!("SELECT name FROM pragma_table_info('{table}')"),
        );
        if names.iter().any(|name| name == "version_num") {
            let sql = format!("SELECT coalesce(version_num, 'NULL') FROM \"{table}\" ORDER BY 1");
            lines.push(format!("{table} {}", column(connection, &sql).join(" ")));
        }
    }
    lines
        .iter()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

/// The texts of a column.
fn column(connection: &mut dyn Connection, sql: &str) -> Vec<String> {
    let cells = connection.query(sql).unwrap().rows.into_iter().flatten();
    cells
        .map(|cell| match cell {
            Literal::Str(text) => text,
            other => panic!("{other:?}"),
        })
        .collect()
}

/// `shlex.split` for what the cases need.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' => word.get_or_insert_default().extend(characters.next()),
            ' ' if !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

/// A step of a transcript: its parts by name.
type Step = BTreeMap<String, String>;

fn normal(text: &str, root: &Path, case: &Case) -> String {
    let mut text = text.replace(root.to_str().unwrap(), "<project>");
    if !case.databases.is_empty() && !case.is_sqlite {
        let server = format!("127.0.0.1:{}", cluster().port());
        text = text
            .replace(&format!("postgres:***@{server}"), "<server>")
            .replace(&server, "<server>");
        for (token, name) in ["<database>", "<database2>"].iter().zip(&case.databases) {
            text = text.replace(name, token);
        }
    }
    let text = REPORT.replace_all(&text, "<report>");
    let text = PYTHON.replace_all(&text, "<python>:");
    let text = DATE.replace_all(&text, "<date>");
    YEAR.replace_all(&text, "<year>").into_owned()
}

fn aludel(command: &str, root: &Path, environment: &BTreeMap<&str, &str>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_aludel"))
        .args(words(command))
        .current_dir(root)
        .env_clear()
        .envs(environment)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn replay(path: &Path, is_sqlite: bool) -> Vec<(String, i32, Step)> {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let case = Case::prepare(&root, path, is_sqlite);
    let (mut before, mut steps) = (files(&root), Vec::new());
    let mut databases = Databases::of(&case);
    let mut known = databases.state();
    let mut environment = BTreeMap::from([
        ("EDITOR", "/bin/true"),
        ("PATH", "/usr/bin:/bin"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
    ]);
    for step in &case.steps {
        let command = match step {
            case::Step::Variable(name, value) => {
                match value.as_str() {
                    "" => environment.remove(name.as_str()),
                    value => environment.insert(name, value),
                };
                continue;
            }
            case::Step::Command(command) => command,
            case::Step::Sql(sql) => {
                databases.execute(sql);
                known = databases.state();
                continue;
            }
        };
        let done = aludel(&case.filled(command), &root, &environment);
        let after = files(&root);
        let mut step = Step::new();
        for (name, text) in [("stdout", &done.stdout), ("stderr", &done.stderr)] {
            step.insert(
                name.to_owned(),
                normal(&String::from_utf8_lossy(text), &root, &case),
            );
        }
        for (name, text) in &after {
            if before.get(name) != Some(text) {
                let text = normal(&String::from_utf8_lossy(text), &root, &case);
                step.insert(normal(&format!("file {name}"), &root, &case), text);
            }
        }
        before = after;
        let now = databases.state();
        for (number, (now, before)) in now.iter().zip(&known).enumerate() {
            if now != before {
                step.insert(format!("database {}", number + 1), now.clone());
            }
        }
        known = now;
        steps.push((command.clone(), done.status.code().unwrap(), step));
    }
    steps
}

fn recorded(text: &str) -> Vec<(String, i32, Step)> {
    let mut steps: Vec<(String, i32, Step)> = Vec::new();
    let mut part = String::new();
    for line in text.split_inclusive('\n') {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push((command.trim_end().to_owned(), 0, Step::new()));
            part.clear();
            continue;
        }
        let Some((_, status, step)) = steps.last_mut() else {
            continue;
        };
        if let (Some(number), true) = (line.strip_prefix("status "), part.is_empty()) {
            *status = number.trim().parse().unwrap();
        } else if line == "--- no line break\n" {
            let text = step.get_mut(&part).unwrap();
            text.pop();
        } else if let Some(name) = line.strip_prefix("--- ") {
            part = name.trim_end().to_owned();
            step.insert(part.clone(), String::new());
        } else {
            step.entry(part.clone()).or_default().push_str(line);
        }
    }
    steps
}

#[test]
fn prints_and_writes_what_alembic_does() {
    let mut cases: Vec<_> = std::fs::read_dir(folder().join("cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    let on_files = cases.iter().filter(|path| case::has_files(path)).cloned();
    let on_files: Vec<(PathBuf, bool)> = on_files.map(|path| (path, true)).collect();
    assert!(on_files.len() > 10, "{on_files:?}");
    let on_the_server = cases.into_iter().map(|path| (path, false));
    let todo = Mutex::new(on_the_server.chain(on_files).collect::<Vec<_>>());
    let found = Mutex::new((BTreeMap::new(), 0, 0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((case, is_sqlite)) = { todo.lock().unwrap().pop() } {
                    let (place, engine) = match is_sqlite {
                        true => ("expected-sqlite", " on SQLite"),
                        false => ("expected", ""),
                    };
                    let name = case.file_stem().unwrap().to_str().unwrap();
                    let name = &format!("{name}{engine}");
                    let expected = folder().join(place).join(case.file_name().unwrap());
                    let expected = recorded(&std::fs::read_to_string(expected).unwrap());
                    let actual = replay(&case, is_sqlite);
                    assert_eq!(expected.len(), actual.len(), "{name}: record again");
                    let misuses = expected.iter().filter(|(_, status, _)| *status != 0);
                    let wrong = compare::differences(name, &expected, &actual);
                    let mut found = found.lock().unwrap();
                    found.1 += expected.len();
                    found.2 += misuses.count();
                    found.0.insert(name.to_owned(), wrong);
                }
            });
        }
    });
    let (wrong, count, misuses) = found.into_inner().unwrap();
    let wrong: Vec<String> = wrong.into_values().flatten().collect();
    assert!(
        count > 1350 && misuses > 60,
        "only {count} commands, {misuses} misuses"
    );
    assert!(
        wrong.is_empty(),
        "{} of {count} differ:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}
