//! A case of fixtures/transcripts: the project it starts with, and its commands. record.py there says what the lines mean.

use std::fmt::Write as _;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use regex::Captures;
use regex::Regex;

use super::folder;
use crate::server::cluster;

/// The two files that stand for the databases of a case on SQLite.
pub(super) const FILES: [&str; 2] = ["one.db", "two.db"];

static URL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"postgresql(\+\w+)?://<server>/<database(2?)>").unwrap());

/// A line of a case, with files in the place of the server's databases.
fn on_sqlite(line: &str) -> String {
    let url = |found: &Captures| {
        let is_async = found
            .get(1)
            .is_some_and(|driver| driver.as_str() == "+asyncpg");
        let driver = if is_async {
            "sqlite+aiosqlite"
        } else {
            "sqlite"
        };
        format!("{driver}:///{}", FILES[found[2].len()])
    };
    URL.replace_all(line, url).into_owned()
}

/// A line between the preparations and the end.
pub(super) enum Step {
    /// A command, as it is written.
    Command(String),
    /// A statement for the first database.
    Sql(String),
    /// A variable of the environment, with its value if it has one.
    Variable(String, String),
}

/// What a case has beside its folder.
#[derive(Default)]
pub(super) struct Case {
    pub(super) steps: Vec<Step>,
    pub(super) databases: Vec<String>,
    /// Whether those are files.
    pub(super) is_sqlite: bool,
}

/// Whether a case runs on SQLite as well.
pub(super) fn has_files(path: &Path) -> bool {
    std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .any(|line| line == "database")
}

const REVISION: &str = r#""""{id}, made

Revision ID: {id}
Revises: {shown}
Create Date: 2024-01-02 03:04:05.678901

"""
from alembic import op
import sqlalchemy as sa

revision = {own}
down_revision = {down}
branch_labels = {labels}
depends_on = {depends}


def upgrade{arguments}:
    op.create_table("t_{id}", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.String(40), server_default="x"))


def downgrade{arguments}:
    op.drop_table("t_{id}")
"#;

fn copy(source: &Path, target: &Path) {
    std::fs::create_dir_all(target).unwrap();
    for entry in std::fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_dir() {
            if name != "expected" && name != "__pycache__" {
                copy(&path, &target.join(name));
            }
        } else {
            std::fs::copy(&path, target.join(name)).unwrap();
        }
    }
}

/// `repr` of None, a string or a tuple.
fn names(text: &str) -> String {
    match text {
        "-" => "None".to_owned(),
        _ if text.contains(',') => format!("('{}')", text.replace(',', "', '")),
        _ => format!("'{text}'"),
    }
}

fn lines_of(case: &Path, is_sqlite: bool) -> String {
    let mut lines = String::new();
    for line in std::fs::read_to_string(case).unwrap().lines() {
        match line.strip_prefix("commands ") {
            Some(name) => {
                let list = folder().join("lists").join(format!("{name}.txt"));
                lines.push_str(&std::fs::read_to_string(list).unwrap());
            }
            None => writeln!(lines, "{line}").unwrap(),
        }
    }
    match is_sqlite {
        true => on_sqlite(&lines),
        false => lines,
    }
}

impl Case {
    /// The text with the database's address in place of what stands for it.
    pub(super) fn filled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (token, name) in ["<database>", "<database2>"].iter().zip(&self.databases) {
            text = text.replace(token, name);
        }
        match text.contains("<server>") {
            true => text.replace(
                "<server>",
                &format!("postgres:secret@127.0.0.1:{}", cluster().port()),
            ),
            false => text,
        }
    }

    /// Does the lines before the first command.
    pub(super) fn prepare(root: &Path, path: &Path, is_sqlite: bool) -> Self {
        let mut case = Self {
            is_sqlite,
            ..Self::default()
        };
        let mut target: Option<PathBuf> = None;
        let lines = lines_of(path, is_sqlite);
        for line in lines.lines() {
            let filled = case.filled(line);
            let (word, rest) = filled.split_once(' ').unwrap_or((&filled, ""));
            if let (Some(content), Some(path)) = (filled.strip_prefix("    "), &target) {
                let mut old: String = std::fs::read_to_string(path).unwrap();
                writeln!(old, "{content}").unwrap();
                std::fs::write(path, old).unwrap();
                continue;
            }
            match word {
                "project" if rest != "none" => {
                    copy(
                        &folder().parent().unwrap().join("commands").join(rest),
                        root,
                    );
                }
                "database" if is_sqlite => {
                    let paths = FILES.map(|name| root.join(name).display().to_string());
                    case.databases = paths.to_vec();
                }
                "database" => case.databases = vec![cluster().database(), cluster().database()],
                "variable" => {
                    let (name, value) = rest.split_once(' ').unwrap_or((rest, ""));
                    let value = value.replace("<project>", root.to_str().unwrap());
                    case.steps.push(Step::Variable(name.to_owned(), value));
                }
                "init" => init(root, rest),
                "env" => {
                    let source = folder().join("env").join(format!("{rest}.py"));
                    std::fs::copy(source, root.join("alembic/env.py")).unwrap();
                }
                "ini" => edit(
                    &root.join("alembic.ini"),
                    "[alembic]\n",
                    &format!("[alembic]\n{rest}\n"),
                ),
                "replace" => {
                    let parts: Vec<&str> = rest.split('|').collect();
                    edit(&root.join(parts[0]), parts[1], parts[2]);
                }
                "revision" => revision(root, rest),
                "write" => target = Some(empty_file(&root.join(rest))),
                "program" => {
                    let path = empty_file(&root.join(rest));
                    std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
                    target = Some(path);
                }
                "$" => case.steps.push(Step::Command(line[2..].to_owned())),
                "sql" => case.steps.push(Step::Sql(line[4..].to_owned())),
                _ => {}
            }
        }
        case
    }
}

fn empty_file(path: &Path) -> PathBuf {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "").unwrap();
    path.to_owned()
}

fn edit(path: &Path, old: &str, new: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(old), "{old:?} is not in {}", path.display());
    std::fs::write(path, text.replacen(old, new, 1)).unwrap();
}

fn init(root: &Path, template: &str) {
    let done = Command::new(env!("CARGO_BIN_EXE_aludel"))
        .args(["-q", "init", "-t", template, "alembic"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
}

fn revision(root: &Path, rest: &str) {
    let words: Vec<&str> = rest.split(' ').collect();
    let [id, down, labels, depends, path] = words[..] else {
        panic!("{rest}");
    };
    let env = std::fs::read_to_string(root.join("alembic/env.py")).unwrap();
    let arguments = match env.contains("engine_name") {
        true => "(engine_name)",
        false => "()",
    };
    let text = REVISION
        .replace("{id}", id)
        .replace("{own}", &names(id))
        .replace("{shown}", &down.replace(',', ", ").replace('-', ""))
        .replace("{down}", &names(down))
        .replace("{labels}", &names(labels))
        .replace("{depends}", &names(depends))
        .replace("{arguments}", arguments);
    std::fs::write(empty_file(&root.join(path)), text).unwrap();
}
