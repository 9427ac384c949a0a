//! The catalogue of a `--sql` run on SQLite: a database in memory in which the schema statements of earlier revisions are run, and which
//! is asked what a migration asks. Rows are not put into it. No counterpart upstream.

use std::cell::RefCell;
use std::rc::Rc;

use crate::db;
use crate::db::Connection;
use crate::db::Rows;
use crate::db::options::ConnectOptions;
use crate::db::url::Url;
use crate::sa::question::Question;
use crate::sa::question::has_table_sqlite;
use crate::schema::literal::Literal;
use crate::shadow::answer::Answer;
use crate::shadow::answer::Answered;
use crate::shadow::answer::quoted;
use crate::shadow::model::Catalogue;
use crate::shadow::select::Selected;
use crate::shadow::token;

/// The database, made when it is first needed.
#[derive(Default)]
pub(crate) struct Memory {
    /// What was run in it, in order.
    journal: Vec<Rc<str>>,
    connection: RefCell<Option<Box<dyn Connection>>>,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Memory({} statements)", self.journal.len())
    }
}

impl Clone for Memory {
    fn clone(&self) -> Self {
        Self {
            journal: self.journal.clone(),
            connection: RefCell::default(),
        }
    }
}

impl PartialEq for Memory {
    fn eq(&self, other: &Self) -> bool {
        self.journal == other.journal
    }
}

impl Eq for Memory {}

/// What a statement is to the catalogue.
enum Effect {
    /// It changes the schema, or how it is changed.
    Schema,
    /// It does not.
    None,
    /// Who knows.
    Unknown,
}

fn effect(statement: &str) -> Effect {
    let mut words = token::words(statement).into_iter();
    let mut next = || words.next().unwrap_or_default().to_ascii_uppercase();
    match next().as_str() {
        "CREATE" | "ALTER" | "DROP" => Effect::Schema,
        "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "SELECT" | "WITH" | "VALUES" | "ANALYZE"
        | "REINDEX" | "VACUUM" | "EXPLAIN" | "BEGIN" | "COMMIT" | "END" | "SAVEPOINT"
        | "RELEASE" | "" => Effect::None,
        "PRAGMA" => match next().as_str() {
            "LEGACY_ALTER_TABLE" => Effect::Schema,
            "WRITABLE_SCHEMA" => Effect::Unknown,
            _ => Effect::None,
        },
        _ => Effect::Unknown,
    }
}

fn is_drop(statement: &str) -> bool {
    token::words(statement)
        .first()
        .is_some_and(|word| word.eq_ignore_ascii_case("drop"))
}

/// The statements of a text; one with a trigger is not cut.
fn statements(sql: &str) -> Vec<&str> {
    let sql = without_comments_before(sql);
    let is_trigger = token::words(sql).windows(2).any(|pair| {
        pair[1].eq_ignore_ascii_case("trigger") && !pair[0].eq_ignore_ascii_case("drop")
    });
    let found = if is_trigger {
        None
    } else {
        token::statements(sql)
    };
    let Some(found) = found else {
        return vec![sql];
    };
    found
        .iter()
        .filter_map(|statement| {
            let (first, last) = (statement.first()?, statement.last()?);
            sql.get(first.start..last.end)
        })
        .collect()
}

fn without_comments_before(sql: &str) -> &str {
    let mut rest = sql.trim_start();
    loop {
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
        } else {
            return rest;
        }
        rest = rest.trim_start();
    }
}

impl Memory {
    fn with<T>(&self, act: impl FnOnce(&mut dyn Connection) -> T) -> Result<T, String> {
        let mut place = self.connection.borrow_mut();
        if place.is_none() {
            let said = |error: db::Error| error.message;
            let url = Url::parse("sqlite://").map_err(|error| error.to_string())?;
            let mut made = db::connect(&url, &ConnectOptions::default()).map_err(said)?;
            for statement in &self.journal {
                made.run_script(statement).map_err(said)?;
            }
            *place = Some(made);
        }
        match place.as_mut() {
            Some(connection) => Ok(act(connection.as_mut())),
            None => Err("there is no database in memory".to_owned()),
        }
    }

    fn run(&mut self, statement: &str) -> Result<(), String> {
        self.with(|connection| connection.run_script(statement))?
            .map_err(|error| error.message)?;
        self.journal.push(statement.into());
        Ok(())
    }

    fn query(&self, sql: &str) -> Result<Rows, String> {
        self.with(|connection| connection.query(sql))?
            .map_err(|error| error.message)
    }

    /// Whether a query reads the schema, and no table.
    fn reads_schema_only(&self, sql: &str) -> bool {
        let Ok(program) = self.query(&format!("EXPLAIN {sql}")) else {
            return false;
        };
        let mut reads = false;
        for row in &program.rows {
            let (Some(Literal::Str(operation)), root) = (row.get(1), row.get(3)) else {
                continue;
            };
            match operation.as_str() {
                // the schema's own table begins on the first page
                "OpenRead" | "ReopenIdx" if root == Some(&Literal::Int(1.into())) => reads = true,
                "VOpen" if sql.to_ascii_lowercase().contains("pragma_") => reads = true,
                "OpenRead" | "ReopenIdx" | "OpenWrite" | "VOpen" | "VUpdate" => return false,
                _ => {}
            }
        }
        reads
    }
}

/// A PRAGMA: its name in lower case, and its argument.
fn pragma(sql: &str) -> Option<(String, Option<String>)> {
    let text = sql.trim().trim_end_matches(';').trim_end();
    let keyword = text.get(..6)?;
    if !keyword.eq_ignore_ascii_case("pragma") {
        return None;
    }
    let text = text.get(6..)?.trim();
    let (name, argument) = match text.split_once('(') {
        Some((name, rest)) => (name, Some(rest.trim().strip_suffix(')')?)),
        None => (text, None),
    };
    let name = name.rsplit('.').next().unwrap_or(name).trim();
    if name.contains('=') {
        return None;
    }
    Some((name.to_ascii_lowercase(), argument.map(unquoted)))
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    for (open, close) in [('"', '"'), ('\'', '\''), ('`', '`'), ('[', ']')] {
        if let Some(inside) = text
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
        {
            let doubled = format!("{close}{close}");
            return inside.replace(&doubled, &close.to_string());
        }
    }
    text.to_owned()
}

/// The string constants of a query.
fn constants(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some((_, after)) = rest.split_once('\'') {
        let mut constant = String::new();
        let mut inside = after;
        loop {
            let Some((part, after)) = inside.split_once('\'') else {
                return found;
            };
            constant.push_str(part);
            match after.strip_prefix('\'') {
                Some(after) => {
                    constant.push('\'');
                    inside = after;
                }
                None => {
                    rest = after;
                    break;
                }
            }
        }
        found.push(constant);
    }
    found
}

/// Constants that are no names of anything.
const NO_NAMES: &[&str] = &[
    "table",
    "index",
    "view",
    "trigger",
    "sqlite_%",
    "sqlite~_%",
    "~",
    "\\",
];

fn first_texts(rows: &Rows, at: usize) -> String {
    let names: Vec<&str> = rows
        .rows
        .iter()
        .filter_map(|row| match row.get(at) {
            Some(Literal::Str(name)) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

impl Catalogue {
    /// The catalogue of an SQLite database.
    pub fn sqlite() -> Self {
        let mut catalogue = Self::default();
        catalogue.memory = Some(Memory::default());
        catalogue
    }

    /// Whether it is the catalogue of an SQLite database.
    pub(crate) fn is_sqlite(&self) -> bool {
        self.memory.is_some()
    }

    /// Runs what changes the schema; what fails makes the names in it uncertain.
    pub(crate) fn follow_sqlite(&mut self, sql: &str) {
        for statement in statements(sql) {
            let problem = match effect(statement) {
                Effect::None => continue,
                Effect::Unknown => "it is not understood".to_owned(),
                Effect::Schema => match self.memory.as_mut().map(|memory| memory.run(statement)) {
                    // what is not there is not there afterwards either
                    Some(Err(problem)) if problem.starts_with("no such") && is_drop(statement) => {
                        continue;
                    }
                    Some(Err(problem)) => problem,
                    Some(Ok(())) | None => continue,
                },
            };
            let shown = statement.split_whitespace().collect::<Vec<_>>().join(" ");
            let reason = format!("an earlier statement fails: `{shown}`: {problem}");
            let mut words = token::words(statement);
            let is = |words: &[String], at: usize, word: &str| {
                words
                    .get(at)
                    .is_some_and(|found| found.eq_ignore_ascii_case(word))
            };
            let keeps_tables = is(&words, 0, "alter")
                && !words.iter().any(|word| word.eq_ignore_ascii_case("rename"))
                || !words.iter().any(|word| word.eq_ignore_ascii_case("table"));
            if keeps_tables {
                words.retain(|word| !word.eq_ignore_ascii_case("table"));
            }
            self.doubt(words, &reason);
        }
    }

    fn doubt_about_words(&self, names: &[String]) -> Option<String> {
        let words: Vec<String> = names.iter().flat_map(|name| token::words(name)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.doubt_about(&words)
    }

    /// The rows of a query of the schema, and what is assumed by them; `None` when it reads something else.
    pub(crate) fn select_sqlite(
        &self,
        sql: &str,
    ) -> Option<Result<(Selected, Option<String>), String>> {
        let memory = self.memory.as_ref()?;
        let names = match pragma(sql) {
            Some((name, argument)) => match name.as_str() {
                "table_info" | "table_xinfo" | "index_list" | "index_info" | "index_xinfo"
                | "foreign_key_list" => argument.into_iter().collect(),
                "table_list" | "database_list" => Vec::new(),
                _ => return None,
            },
            None if memory.reads_schema_only(sql) => {
                let mut names = constants(sql);
                names.retain(|name| !NO_NAMES.contains(&name.to_ascii_lowercase().as_str()));
                if names.iter().any(|name| name.contains(['%', '*'])) {
                    names.clear();
                }
                names
            }
            None => return None,
        };
        let doubt = if names.is_empty() {
            self.doubt_about_listing()
        } else {
            self.doubt_about_words(&names)
        };
        if let Some(reason) = doubt {
            return Some(Err(reason));
        }
        Some(memory.query(sql).map(|rows| {
            let assumed = assumed(sql, &names, &rows);
            let selected = Selected {
                columns: rows.columns,
                rows: rows.rows,
            };
            (selected, assumed)
        }))
    }

    /// The answer to a question of `checkfirst`.
    pub(crate) fn answer_sqlite(&self, question: Question<'_>) -> Answered {
        let nothing = Answer {
            rows: Vec::new(),
            assumed: None,
        };
        let Question::HasRelation {
            kinds,
            schema,
            name,
        } = question
        else {
            return Err("SQLite has nothing of the kind".to_owned());
        };
        if !kinds.contains("'r'") {
            return Ok(nothing);
        }
        match self.select_sqlite(&has_table_sqlite(schema, name)) {
            Some(Ok((selected, assumed))) => Ok(Answer {
                rows: selected.rows,
                assumed,
            }),
            Some(Err(reason)) => Err(reason),
            None => Err(format!(
                "there is no schema {}",
                quoted(schema.unwrap_or("main"))
            )),
        }
    }
}

/// What a comment says of an answer.
fn assumed(sql: &str, names: &[String], rows: &Rows) -> Option<String> {
    let name = names.first();
    if let Some((pragma, _)) = pragma(sql) {
        let table = quoted(name?);
        return match pragma.as_str() {
            // whether there is a table was asked before
            "table_info" | "table_xinfo" if rows.rows.is_empty() => None,
            "table_info" | "table_xinfo" => Some(format!(
                "columns of table {table}: {}",
                first_texts(rows, 1)
            )),
            "index_list" => Some(format!(
                "indexes of table {table}: {}",
                first_texts(rows, 1)
            )),
            "foreign_key_list" => Some(format!(
                "columns of table {table} with foreign keys: {}",
                first_texts(rows, 3)
            )),
            _ => None,
        };
    }
    if let [name, ..] = names
        && sql == has_table_sqlite(None, name)
    {
        let article = if rows.rows.is_empty() { "no" } else { "a" };
        return Some(format!("there is {article} table {}", quoted(name)));
    }
    if sql.starts_with(TABLE_SQL) {
        // its columns are asked for beside it
        return None;
    }
    if sql.starts_with("SELECT name FROM sqlite_master WHERE type='table'") {
        return Some(format!("tables: {}", first_texts(rows, 0)));
    }
    let count = match rows.rows.len() {
        0 => "no row".to_owned(),
        1 => "1 row".to_owned(),
        count => format!("{count} rows"),
    };
    let shown = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(format!("{count}: {}", shown.trim_end_matches(';')))
}

/// How an inspector asks for the text of a table (`sa::inspect_sqlite`).
const TABLE_SQL: &str = "SELECT sql FROM (SELECT * FROM sqlite_master UNION ALL SELECT * FROM sqlite_temp_master) WHERE name = ";

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sql: &str) -> Catalogue {
        let mut catalogue = Catalogue::sqlite();
        catalogue.follow(sql);
        catalogue
    }

    fn rows(catalogue: &Catalogue, sql: &str) -> Option<Result<usize, String>> {
        let found = catalogue.select_sqlite(sql)?;
        Some(found.map(|(selected, _)| selected.rows.len()))
    }

    #[test]
    fn the_schema_is_read_and_rows_are_not() {
        let catalogue =
            of("-- two\nCREATE TABLE t (a); INSERT INTO t VALUES (1); CREATE INDEX i ON t (a)");
        assert_eq!(
            rows(&catalogue, "PRAGMA main.table_xinfo(\"t\")"),
            Some(Ok(1))
        );
        assert_eq!(rows(&catalogue, "PRAGMA index_list('t');"), Some(Ok(1)));
        assert_eq!(
            rows(&catalogue, "select count(*) from sqlite_master"),
            Some(Ok(1))
        );
        assert_eq!(
            rows(&catalogue, "select name from pragma_table_info('t')"),
            Some(Ok(1))
        );
        for reads_more in [
            "SELECT * FROM t",
            "SELECT 1 FROM sqlite_master, t",
            "SELECT 1",
            "PRAGMA foreign_keys",
            "PRAGMA user_version = 3",
            "SELECT * FROM by_hand",
        ] {
            assert_eq!(rows(&catalogue, reads_more), None, "{reads_more}");
        }
    }

    #[test]
    fn what_fails_makes_its_names_uncertain() {
        let catalogue = of("ALTER TABLE by_hand ADD COLUMN a; CREATE TABLE t (a)");
        assert!(matches!(
            rows(&catalogue, "PRAGMA table_info(by_hand)"),
            Some(Err(_))
        ));
        assert_eq!(rows(&catalogue, "PRAGMA table_info(t)"), Some(Ok(1)));
        assert_eq!(
            rows(&catalogue, "select name from sqlite_master"),
            Some(Ok(1))
        );
        let catalogue = of("DROP TABLE by_hand");
        assert_eq!(rows(&catalogue, "PRAGMA table_info(by_hand)"), Some(Ok(0)));
        let catalogue = of("CREATE TABLE t (a f(); ");
        assert!(matches!(
            rows(&catalogue, "select name from sqlite_master"),
            Some(Err(_))
        ));
    }

    #[test]
    fn a_trigger_is_one_statement() {
        let catalogue = of(
            "CREATE TABLE t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = 1; SELECT 1; END;",
        );
        assert_eq!(
            rows(
                &catalogue,
                "select 1 from sqlite_master where type = 'trigger'"
            ),
            Some(Ok(1))
        );
    }

    #[test]
    fn a_copy_is_its_own_database() {
        let mut catalogue = of("CREATE TABLE t (a)");
        let before = catalogue.clone();
        catalogue.follow("DROP TABLE t");
        assert_eq!(rows(&catalogue, "PRAGMA table_info(t)"), Some(Ok(0)));
        assert_eq!(rows(&before, "PRAGMA table_info(t)"), Some(Ok(1)));
    }
}
