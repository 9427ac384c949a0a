//! A database of its own on either engine, so that one test body runs on both.

use std::path::PathBuf;

use aludel::db;
use aludel::db::Connection;
use aludel::db::options::ConnectOptions;
use aludel::db::url::Url;
use aludel::schema::literal::Literal;
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
