//! A database of its own on either engine, so that one test body runs on both.

use std::path::Path;
use std::path::PathBuf;

use aludel::db;
use aludel::db::Connection;
use aludel::db::options::ConnectOptions;
use aludel::db::url::Url;
use aludel::schema::literal::Literal;
use serde_json::Value as Json;
use serde_json::json;
use tempfile::TempDir;

use super::cluster::cluster;

/// What a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// PostgreSQL as psycopg2 speaks to it.
    Postgresql,
    /// PostgreSQL as psycopg speaks to it.
    Psycopg,
    /// SQLite.
    Sqlite,
}

impl Engine {
    /// Its name in `fixtures`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgresql => "postgresql",
            Self::Psycopg => "psycopg",
            Self::Sqlite => "sqlite",
        }
    }

    /// The folder of what was recorded on it.
    pub(crate) fn folder(self) -> String {
        match self {
            Self::Postgresql => "expected".to_owned(),
            Self::Psycopg | Self::Sqlite => format!("expected-{}", self.name()),
        }
    }

    /// An empty database.
    pub(crate) fn database(self) -> Database {
        let place = match self {
            Self::Postgresql | Self::Psycopg => Place::Server(cluster().database()),
            Self::Sqlite => Place::Folder(tempfile::tempdir().expect("make a directory")),
        };
        Database {
            engine: self,
            place,
        }
    }
}

/// The two engines.
pub(crate) const ENGINES: [Engine; 2] = [Engine::Postgresql, Engine::Sqlite];

enum Place {
    Server(String),
    Folder(TempDir),
}

/// A database; a file goes with it.
pub(crate) struct Database {
    engine: Engine,
    place: Place,
}

impl Database {
    /// Its URL, with the driver.
    pub(crate) fn url(&self) -> String {
        match &self.place {
            Place::Server(name) => {
                let url = cluster().url(name);
                match self.engine {
                    Engine::Psycopg => url.replacen("+psycopg2", "+psycopg", 1),
                    Engine::Postgresql | Engine::Sqlite => url,
                }
            }
            Place::Folder(_) => format!("sqlite:///{}", self.file().display()),
        }
    }

    /// The file of an SQLite database.
    pub(crate) fn file(&self) -> PathBuf {
        match &self.place {
            Place::Server(name) => PathBuf::from(name),
            Place::Folder(folder) => folder.path().join("x.db"),
        }
    }

    /// A connection.
    pub(crate) fn connect(&self) -> Box<dyn Connection> {
        match &self.place {
            Place::Server(name) => cluster().connect(name),
            Place::Folder(_) => {
                let url = Url::parse(&self.url()).expect("a URL");
                db::connect(&url, &ConnectOptions::default()).expect("connect")
            }
        }
    }

    /// The rows of a query, as texts.
    pub(crate) fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let rows = self.connect().query(sql).expect(sql).rows;
        rows.iter()
            .map(|row| row.iter().map(cell).collect())
            .collect()
    }

    /// The first cells of a query's rows.
    pub(crate) fn column(&self, sql: &str) -> Vec<String> {
        let rows = self.rows(sql).into_iter();
        rows.filter_map(|row| row.into_iter().next()).collect()
    }

    /// The names of the tables, sorted.
    pub(crate) fn tables(&self) -> Vec<String> {
        self.column(match self.engine {
            Engine::Sqlite => "select name from sqlite_master where type = 'table' order by name",
            Engine::Postgresql | Engine::Psycopg => "select relname::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname collate \"C\"",
        })
    }

    /// The names of a table's columns, in order.
    pub(crate) fn columns(&self, table: &str) -> Vec<String> {
        self.column(&match self.engine {
            Engine::Sqlite => format!("select name from pragma_table_xinfo('{table}')"),
            Engine::Postgresql | Engine::Psycopg => format!("select attname::text from pg_attribute where attrelid = '\"{table}\"'::regclass and attnum > 0 and not attisdropped order by attnum"),
        })
    }

    /// The names of the indexes that belong to no constraint, sorted.
    pub(crate) fn indexes(&self) -> Vec<String> {
        self.column(match self.engine {
            Engine::Sqlite => "select name from sqlite_master where type = 'index' and sql is not null order by name",
            Engine::Postgresql | Engine::Psycopg => "select relname::text from pg_class c where relkind = 'i' and relnamespace = 'public'::regnamespace and not exists (select from pg_constraint where conindid = c.oid) order by relname collate \"C\"",
        })
    }

    /// Runs a text of several statements.
    pub(crate) fn run_script(&self, sql: &str) {
        let mut connection = self.connect();
        let done = match self.engine {
            Engine::Sqlite => connection.run_script(sql),
            Engine::Postgresql | Engine::Psycopg => connection.query(sql).map(drop),
        };
        done.unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
    }

    /// Everything that is in it, as a text to compare with that of another.
    pub(crate) fn dump(&self) -> String {
        match &self.place {
            Place::Server(name) => cluster().dump(name),
            // a script has four spaces where a live run sends a tab
            Place::Folder(_) => format!("{:#}", dump(&self.file())).replace("\\t", "    "),
        }
    }

    /// The first cell of a query's answer; nothing where there is none.
    pub(crate) fn value(&self, sql: &str) -> String {
        let rows = self.rows(sql);
        rows.into_iter()
            .next()
            .and_then(|row| row.into_iter().next())
            .unwrap_or_default()
    }
}

fn cell(value: &Literal) -> String {
    match value {
        Literal::Null => String::new(),
        Literal::Str(text) => text.clone(),
        Literal::Int(number) => number.to_string(),
        Literal::Bool(flag) => flag.to_string(),
        other => format!("{other:?}"),
    }
}

fn is_constraint(line: &str) -> bool {
    [
        "CONSTRAINT",
        "PRIMARY KEY",
        "FOREIGN KEY",
        "UNIQUE",
        "CHECK",
    ]
    .iter()
    .any(|word| line.trim_start().starts_with(word))
}

fn sorted_constraints(sql: &str) -> Vec<String> {
    let lines = sql
        .lines()
        .map(|line| line.trim_end_matches([',', ' ']).to_owned());
    let (mut constraints, mut others): (Vec<String>, Vec<String>) =
        lines.partition(|line| is_constraint(line));
    constraints.sort();
    others.extend(constraints);
    others
}

fn text(cell: &Literal) -> String {
    match cell {
        Literal::Str(text) => text.clone(),
        _ => String::new(),
    }
}

/// What an SQLite file holds, as `dump` of fixtures/sqlite/record.py.
pub(crate) fn dump(path: &Path) -> Json {
    let url = Url::parse(&format!("sqlite:///{}", path.display())).unwrap();
    let mut connection = db::connect(&url, &ConnectOptions::default()).unwrap();
    let objects = connection
        .query("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")
        .unwrap();
    let mut found = Vec::new();
    for row in objects.rows {
        let (kind, name) = (text(&row[0]), text(&row[1]));
        let mut rows = Vec::new();
        if kind == "table" {
            let info = connection
                .query(&format!("PRAGMA table_xinfo(\"{name}\")"))
                .unwrap();
            let quoted: Vec<String> = info
                .rows
                .iter()
                .map(|row| format!("quote(\"{}\")", text(&row[1])))
                .collect();
            let sql = format!("SELECT {} FROM \"{name}\"", quoted.join(" || ', ' || "));
            let lines = connection.query(&sql).unwrap().rows;
            rows = lines.iter().map(|row| text(&row[0])).collect();
            rows.sort();
        }
        found.push(json!({
            "type": kind,
            "name": name,
            "sql": sorted_constraints(&text(&row[2])),
            "rows": rows,
        }));
    }
    Json::Array(found)
}
