//! `sa.inspect(bind)` on SQLite: PRAGMAs, and what only the text of CREATE TABLE says.
//! sqlalchemy/dialects/sqlite/base.py `SQLiteDialect`.

use std::rc::Rc;
use std::sync::LazyLock;

use fancy_regex::Captures;
use fancy_regex::Regex;
use num_traits::ToPrimitive;

use crate::ddl::Statement;
use crate::py::dict::Dict;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::executor::Executor;
use crate::sa::question::has_table_sqlite;
use crate::sa::reflect_type_sqlite;
use crate::schema::expr::Expr;
use crate::schema::literal::Literal;

/// base.py `FK_PATTERN`.
static FOREIGN_KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?i)(?:CONSTRAINT\s+(?:"(.+?)"|(\w+))\s+)?"#,
        r"FOREIGN\s+KEY\s*\(\s*(.+?)\s*\)\s+",
        r#"REFERENCES\s+(?:(?:"(.+?)")|([a-z0-9_]+))\s*\(\s*((?:"[^"]+"|[a-z0-9_]+)(?:(?:\s*,\s*|\s+)(?:"[^"]+"|[a-z0-9_]+))*\s*)\)\s*"#,
        r"((?:ON\s+(?:DELETE|UPDATE)\s+",
        r"(?:SET\s+NULL|SET\s+DEFAULT|CASCADE|RESTRICT|",
        r"NO\s+ACTION)\s*)*)",
        r"((?:NOT\s+)?DEFERRABLE)?",
        r"(?:\s+INITIALLY\s+(DEFERRED|IMMEDIATE))?",
    ))
    .ok()
});
static PRIMARY_KEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)CONSTRAINT\s+(?:"(.+?)"|(\w+))\s+PRIMARY\s+KEY"#).ok());
static UNIQUE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?:CONSTRAINT\s+(?:"(.+?)"|(\w+))\s+)?UNIQUE\s*\((.+?)\)"#).ok()
});
static INLINE_UNIQUE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?i)(?:(".+?")|(?:[\[`])?([a-z0-9_]+)(?:[\]`])?)[\t ]"#,
        r"+[a-z0-9_]+(?:[\t ]+[a-z0-9_]+)*?[\t ]+UNIQUE",
    ))
    .ok()
});
static CHECK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?<![A-Za-z0-9_])(?:CONSTRAINT\s+(",
        r#""(?:[^"]|"")+"|'(?:[^']|'')+'|\[(?:[^\]]|\]\])+\]|`(?:[^`]|``)+`|\S+"#,
        r")\s+)?CHECK\s*\(",
    ))
    .ok()
});
static COLUMNS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)(?:"(.+?)")|([a-z0-9_]+)"#).ok());
static PREDICATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\)\s+where\s+(.+)").ok());
static OPTIONS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\)(?:\s*,?\s*(?:(?P<rowid>WITHOUT\s+ROWID)|(?P<strict>STRICT)))*\s*$").ok()
});
static CREATE_BODY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?is)^create table .*?\((.*)\)(?:\s*,?\s*(?:WITHOUT\s+ROWID|STRICT))*$").ok()
});

/// Asks one database.
#[derive(Debug)]
pub struct Reader<'a> {
    /// The evaluator.
    pub vm: &'a Vm,
    /// What executes.
    pub executor: &'a Rc<dyn Executor>,
    /// The schema (an attached database).
    pub schema: Option<String>,
}

/// A column as PRAGMA table_xinfo has it.
struct Column {
    name: String,
    type_: String,
    nullable: bool,
    default: Option<String>,
    key: i64,
    hidden: i64,
}

/// An index as PRAGMA index_list has it; `columns` is `None` for one over expressions.
struct Index {
    name: String,
    unique: bool,
    columns: Option<Vec<String>>,
    predicate: Option<String>,
}

fn text(cell: Option<&Literal>) -> Option<String> {
    match cell {
        Some(Literal::Str(text)) => Some(text.clone()),
        _ => None,
    }
}

fn number(cell: Option<&Literal>) -> i64 {
    match cell {
        Some(Literal::Int(number)) => number.to_i64().unwrap_or_default(),
        _ => 0,
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn constant(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn dict(pairs: Vec<(&str, Value)>) -> Value {
    let mut dict = Dict::new();
    for (name, value) in pairs {
        dict.insert_str(name, value);
    }
    Value::dict(dict)
}

fn optional(text: Option<String>) -> Value {
    text.map_or(Value::None, Value::str)
}

fn names(names: &[String]) -> Value {
    Value::list(names.iter().map(Value::str).collect())
}

/// All matches of a pattern.
fn matches<'t>(pattern: &LazyLock<Option<Regex>>, text: &'t str) -> Vec<Captures<'t>> {
    match &**pattern {
        Some(pattern) => pattern.captures_iter(text).flatten().collect(),
        None => Vec::new(),
    }
}

fn group(captures: &Captures<'_>, at: usize) -> Option<String> {
    captures
        .get(at)
        .map(|found| found.as_str().to_owned())
        .filter(|text| !text.is_empty())
}

/// `_find_cols_in_sig`.
fn columns_in(signature: &str) -> Vec<String> {
    matches(&COLUMNS, signature)
        .iter()
        .filter_map(|captures| group(captures, 1).or_else(|| group(captures, 2)))
        .collect()
}

impl Reader<'_> {
    fn rows(&self, sql: String) -> PyResult<Vec<Vec<Literal>>> {
        Ok(self.executor.query(self.vm, &Statement::Raw(sql))?.rows)
    }

    /// `_get_table_pragma`.
    fn pragma(&self, pragma: &str, name: &str) -> PyResult<Vec<Vec<Literal>>> {
        let places = match &self.schema {
            Some(schema) => vec![quoted(schema)],
            None => vec!["main".to_owned(), "temp".to_owned()],
        };
        for place in places {
            let found = self.rows(format!("PRAGMA {place}.{pragma}({})", quoted(name)))?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    fn warn(&self, message: &str) {
        self.executor.warn(self.vm, "SAWarning", message);
    }

    fn missing(&self, name: &str) -> crate::py::error::PyError {
        let full = match &self.schema {
            Some(schema) => format!("{schema}.{name}"),
            None => name.to_owned(),
        };
        exc::upstream("NoSuchTableError", &full)
    }

    /// `has_table`.
    pub fn has_table(&self, name: &str) -> PyResult<bool> {
        if let Some(schema) = &self.schema
            && !self.schema_names()?.contains(schema)
        {
            return Ok(false);
        }
        let found = self.rows(has_table_sqlite(self.schema.as_deref(), name))?;
        Ok(!found.is_empty() || !self.pragma("table_info", name)?.is_empty())
    }

    /// `get_schema_names`.
    pub fn schema_names(&self) -> PyResult<Vec<String>> {
        let rows = self.rows("PRAGMA database_list".to_owned())?;
        let found = rows.iter().filter_map(|row| text(row.get(1)));
        Ok(found.filter(|name| name != "temp").collect())
    }

    /// `get_table_names`, `get_view_names` and their temporary kin.
    pub fn relation_names(&self, kind: &str, master: &str) -> PyResult<Vec<String>> {
        let master = match &self.schema {
            Some(schema) => format!("{}.{master}", quoted(schema)),
            None => master.to_owned(),
        };
        let rows = self.rows(format!(
            "SELECT name FROM {master} WHERE type='{kind}' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name"
        ))?;
        Ok(rows.iter().filter_map(|row| text(row.first())).collect())
    }

    /// `_get_table_sql`.
    fn table_sql(&self, name: &str) -> PyResult<Option<String>> {
        let prefix = match &self.schema {
            Some(schema) => format!("{}.", quoted(schema)),
            None => String::new(),
        };
        let masters = match &self.schema {
            Some(_) => format!("{prefix}sqlite_master"),
            None => "(SELECT * FROM sqlite_master UNION ALL SELECT * FROM sqlite_temp_master)"
                .to_owned(),
        };
        let rows = self.rows(format!(
            "SELECT sql FROM {masters} WHERE name = {} AND type in ('table', 'view')",
            constant(name)
        ))?;
        let found = rows.first().and_then(|row| text(row.first()));
        let is_system = matches!(
            name,
            "sqlite_schema" | "sqlite_master" | "sqlite_temp_schema" | "sqlite_temp_master"
        );
        if found.is_none() && !is_system {
            return Err(exc::upstream(
                "NoSuchTableError",
                &format!("{prefix}{name}"),
            ));
        }
        Ok(found)
    }

    /// The text of a view, or of a table with its generated columns and options.
    pub fn view_definition(&self, name: &str) -> PyResult<Value> {
        let masters = match &self.schema {
            Some(schema) => format!("{}.sqlite_master", quoted(schema)),
            None => "(SELECT * FROM sqlite_master UNION ALL SELECT * FROM sqlite_temp_master)"
                .to_owned(),
        };
        let rows = self.rows(format!(
            "SELECT sql FROM {masters} WHERE name = {} AND type='view'",
            constant(name)
        ))?;
        match rows.first() {
            Some(row) => Ok(optional(text(row.first()))),
            None => Err(self.missing(name)),
        }
    }

    /// `get_table_options`.
    pub fn table_options(&self, name: &str) -> PyResult<Value> {
        let mut pairs = Vec::new();
        if let Some(sql) = self.table_sql(name)?
            && let Some(found) = matches(&OPTIONS, sql.trim()).first()
        {
            if found.name("rowid").is_some() {
                pairs.push(("sqlite_with_rowid", Value::Bool(false)));
            }
            if found.name("strict").is_some() {
                pairs.push(("sqlite_strict", Value::Bool(true)));
            }
        }
        Ok(dict(pairs))
    }

    fn columns(&self, name: &str) -> PyResult<Vec<Column>> {
        let rows = self.pragma("table_xinfo", name)?;
        let columns: Vec<Column> = rows
            .iter()
            .map(|row| Column {
                name: text(row.get(1)).unwrap_or_default(),
                type_: text(row.get(2)).unwrap_or_default().to_uppercase(),
                nullable: number(row.get(3)) == 0,
                default: text(row.get(4)),
                key: number(row.get(5)),
                hidden: number(row.get(6)),
            })
            .filter(|column| column.hidden != 1)
            .collect();
        if columns.is_empty() && !self.has_table(name)? {
            return Err(self.missing(name));
        }
        Ok(columns)
    }

    /// `get_columns`.
    pub fn column_descriptions(&self, name: &str) -> PyResult<Value> {
        let mut described = Vec::new();
        let mut body: Option<String> = None;
        for column in self.columns(name)? {
            let is_generated = column.hidden > 1;
            if is_generated && body.is_none() {
                let sql = self.table_sql(name)?.unwrap_or_default();
                let found = matches(&CREATE_BODY, sql.trim());
                body = found.first().and_then(|captures| group(captures, 1));
            }
            let type_name = if is_generated {
                column
                    .type_
                    .replace("GENERATED", "")
                    .replace("ALWAYS", "")
                    .trim()
                    .to_owned()
            } else {
                column.type_.clone()
            };
            let (sql_type, warning) = reflect_type_sqlite::resolve(&type_name);
            if let Some(warning) = warning {
                self.warn(&warning);
            }
            let mut pairs = vec![
                ("name", Value::str(&column.name)),
                ("type", crate::sa::types::reflected(sql_type, "sqlite")),
                ("nullable", Value::Bool(column.nullable)),
                ("default", optional(column.default.clone())),
                ("primary_key", Value::Int(column.key)),
            ];
            if is_generated {
                let sqltext = generated_text(&column.name, body.as_deref().unwrap_or_default());
                pairs.push((
                    "computed",
                    dict(vec![
                        ("sqltext", Value::str(sqltext)),
                        ("persisted", Value::Bool(column.hidden == 3)),
                    ]),
                ));
            }
            described.push(dict(pairs));
        }
        Ok(Value::list(described))
    }

    fn key_columns(&self, name: &str) -> PyResult<Vec<String>> {
        let mut columns = self.columns(name)?;
        columns.retain(|column| column.key > 0);
        columns.sort_by_key(|column| column.key);
        Ok(columns.into_iter().map(|column| column.name).collect())
    }

    /// `get_pk_constraint`.
    pub fn primary_key(&self, name: &str) -> PyResult<Value> {
        let sql = self.table_sql(name)?.unwrap_or_default();
        let found = matches(&PRIMARY_KEY, &sql);
        let constraint = found
            .first()
            .and_then(|captures| group(captures, 1).or_else(|| group(captures, 2)));
        let columns = self.key_columns(name)?;
        if columns.is_empty() {
            return Ok(dict(vec![
                ("name", Value::None),
                ("constrained_columns", names(&columns)),
            ]));
        }
        Ok(dict(vec![
            ("constrained_columns", names(&columns)),
            ("name", optional(constraint)),
        ]))
    }

    fn indexes(&self, name: &str, automatic: bool) -> PyResult<Vec<Index>> {
        let mut indexes = Vec::new();
        for row in self.pragma("index_list", name)? {
            let index = text(row.get(1)).unwrap_or_default();
            if !automatic && index.starts_with("sqlite_autoindex") {
                continue;
            }
            let predicate = if number(row.get(4)) == 0 {
                None
            } else {
                self.predicate(&index)?
            };
            let mut columns = Some(Vec::new());
            for part in self.pragma("index_info", &index)? {
                match (text(part.get(2)), &mut columns) {
                    (Some(column), Some(columns)) => columns.push(column),
                    (None, Some(_)) => {
                        self.warn(&format!(
                            "Skipped unsupported reflection of expression-based index {index}"
                        ));
                        columns = None;
                    }
                    (_, None) => {}
                }
            }
            indexes.push(Index {
                name: index,
                unique: number(row.get(2)) != 0,
                columns,
                predicate,
            });
        }
        indexes.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(indexes)
    }

    /// What follows WHERE in a partial index.
    fn predicate(&self, index: &str) -> PyResult<Option<String>> {
        let master = match &self.schema {
            Some(schema) => format!("{}.sqlite_master", quoted(schema)),
            None => "sqlite_master".to_owned(),
        };
        let rows = self.rows(format!(
            "SELECT sql FROM {master} WHERE name = {} AND type = 'index'",
            constant(index)
        ))?;
        let sql = rows.first().and_then(|row| text(row.first()));
        let sql = sql.unwrap_or_default();
        let found = matches(&PREDICATE, &sql);
        if found.is_empty() {
            self.warn(&format!(
                "Failed to look up filter predicate of partial index {index}"
            ));
        }
        Ok(found.first().and_then(|captures| group(captures, 1)))
    }

    /// The names of the indexes that cannot be described: those over expressions.
    pub fn skipped_indexes(&self, name: &str) -> PyResult<Vec<String>> {
        let indexes = self.indexes(name, false)?.into_iter();
        let skipped = indexes.filter(|index| index.columns.is_none());
        Ok(skipped.map(|index| index.name).collect())
    }

    /// `get_indexes`.
    pub fn index_descriptions(&self, name: &str) -> PyResult<Value> {
        let mut described = Vec::new();
        for index in self.indexes(name, false)? {
            let Some(columns) = &index.columns else {
                continue;
            };
            let options = match &index.predicate {
                Some(predicate) => {
                    vec![("sqlite_where", crate::sa::expr::wrap(Expr::text(predicate)))]
                }
                None => Vec::new(),
            };
            described.push(dict(vec![
                ("name", Value::str(&index.name)),
                ("column_names", names(columns)),
                ("unique", Value::Int(i64::from(index.unique))),
                ("dialect_options", dict(options)),
            ]));
        }
        if described.is_empty() && !self.has_table(name)? {
            return Err(self.missing(name));
        }
        Ok(Value::list(described))
    }

    /// `get_unique_constraints`.
    pub fn unique_constraints(&self, name: &str) -> PyResult<Value> {
        let mut automatic: Vec<Vec<String>> = self
            .indexes(name, true)?
            .into_iter()
            .filter(|index| index.name.starts_with("sqlite_autoindex"))
            .filter_map(|index| index.columns)
            .collect();
        let sql = self.table_sql(name)?.unwrap_or_default();
        let mut parsed: Vec<(Option<String>, Vec<String>)> = Vec::new();
        for captures in matches(&UNIQUE, &sql) {
            let constraint = group(&captures, 1).or_else(|| group(&captures, 2));
            let columns = columns_in(&group(&captures, 3).unwrap_or_default());
            parsed.push((constraint, columns));
        }
        for captures in matches(&INLINE_UNIQUE, &sql) {
            let column = group(&captures, 1).or_else(|| group(&captures, 2));
            parsed.push((None, columns_in(&column.unwrap_or_default())));
        }
        let mut described = Vec::new();
        for (constraint, columns) in parsed {
            if let Some(at) = automatic.iter().position(|known| *known == columns) {
                automatic.remove(at);
                described.push(dict(vec![
                    ("name", optional(constraint)),
                    ("column_names", names(&columns)),
                ]));
            }
        }
        Ok(Value::list(described))
    }

    /// `get_check_constraints`.
    pub fn check_constraints(&self, name: &str) -> PyResult<Value> {
        let sql = self.table_sql(name)?.unwrap_or_default();
        let mut found: Vec<(Option<String>, String)> = Vec::new();
        for captures in matches(&CHECK, &sql) {
            let Some(whole) = captures.get(0) else {
                continue;
            };
            if let Some(close) = matching_parenthesis(&sql, whole.end() - 1) {
                let body = sql.get(whole.end()..close).unwrap_or_default();
                let constraint = group(&captures, 1).map(|name| unquoted(&name));
                found.push((constraint, body.trim().to_owned()));
            }
        }
        found.sort_by_key(|(name, _)| name.clone().unwrap_or_else(|| "~".to_owned()));
        let described = found.into_iter().map(|(name, sqltext)| {
            dict(vec![
                ("sqltext", Value::str(sqltext)),
                ("name", optional(name)),
            ])
        });
        Ok(Value::list(described.collect()))
    }
}

/// A name without the quotes around it; doubled ones inside stay as upstream leaves them.
fn unquoted(name: &str) -> String {
    for (open, close) in [('"', '"'), ('\'', '\''), ('`', '`'), ('[', ']')] {
        if let Some(inner) = name
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
            && !inner.is_empty()
        {
            return inner.to_owned();
        }
    }
    name.to_owned()
}

/// `util.find_matching_paren`: the place of the `)` for the `(` at `start`; what is quoted does not count.
fn matching_parenthesis(text: &str, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote: Option<u8> = None;
    let bytes = text.as_bytes();
    let mut at = start;
    while at < bytes.len() {
        let byte = bytes[at];
        match quote {
            Some(open) if byte == open => {
                if bytes.get(at + 1) == Some(&open) {
                    at += 1;
                } else {
                    quote = None;
                }
            }
            Some(_) => {}
            None => match byte {
                b'\'' | b'"' => quote = Some(byte),
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            },
        }
        at += 1;
    }
    None
}

/// The expression of a generated column.
fn generated_text(name: &str, body: &str) -> String {
    let escaped: String = name
        .chars()
        .flat_map(|c| {
            let special = !c.is_alphanumeric() && c != '_';
            special.then_some('\\').into_iter().chain([c])
        })
        .collect();
    let pattern =
        format!(r"(?i){escaped}[^,]*\s+GENERATED\s+ALWAYS\s+AS\s+\((.*)\)\s*(?:virtual|stored)?");
    let found = Regex::new(&pattern)
        .ok()
        .and_then(|pattern| pattern.captures(body).ok().flatten());
    found
        .and_then(|captures| group(&captures, 1))
        .unwrap_or_default()
}

/// A foreign key: what the PRAGMA says, and what the text adds to it.
struct ForeignKey {
    columns: Vec<String>,
    table: String,
    referred: Vec<String>,
    name: Option<String>,
    options: Vec<(&'static str, Value)>,
}

impl Reader<'_> {
    /// PRAGMA foreign_key_list, in its order.
    fn pragma_keys(&self, name: &str) -> PyResult<Vec<ForeignKey>> {
        let mut keys: Vec<(i64, ForeignKey)> = Vec::new();
        for row in self.pragma("foreign_key_list", name)? {
            let id = number(row.first());
            let table = text(row.get(2)).unwrap_or_default();
            let referred = text(row.get(4));
            let at = match keys.iter().position(|(known, _)| *known == id) {
                Some(at) => at,
                None => {
                    // without columns it refers to the other table's primary key
                    let columns = match &referred {
                        Some(_) => Vec::new(),
                        None if self.has_table(&table)? => self.key_columns(&table)?,
                        None => Vec::new(),
                    };
                    keys.push((
                        id,
                        ForeignKey {
                            columns: Vec::new(),
                            table,
                            referred: columns,
                            name: None,
                            options: Vec::new(),
                        },
                    ));
                    keys.len() - 1
                }
            };
            if let Some((_, key)) = keys.get_mut(at) {
                key.columns.push(text(row.get(3)).unwrap_or_default());
                key.referred.extend(referred);
            }
        }
        Ok(keys.into_iter().map(|(_, key)| key).collect())
    }

    /// `get_foreign_keys`.
    pub fn foreign_keys(&self, name: &str) -> PyResult<Value> {
        // a dictionary by signature upstream: a later key of the same signature takes the place of an earlier one
        let mut pending: Vec<ForeignKey> = Vec::new();
        for key in self.pragma_keys(name)? {
            match pending.iter_mut().find(|known| known.is(&key)) {
                Some(known) => *known = key,
                None => pending.push(key),
            }
        }
        let sql = self.table_sql(name)?.unwrap_or_default();
        let mut found = Vec::new();
        for captures in matches(&FOREIGN_KEY, &sql) {
            let parsed = parsed_key(&captures);
            if let Some(at) = pending.iter().position(|known| known.is(&parsed)) {
                pending.remove(at);
                found.push(parsed);
            } else {
                let mut signature: Vec<Value> = parsed.columns.iter().map(Value::str).collect();
                signature.push(Value::str(&parsed.table));
                signature.extend(parsed.referred.iter().map(Value::str));
                let signature = self.vm.repr(&Value::tuple(signature))?;
                self.warn(&format!(
                    "WARNING: SQL-parsed foreign key constraint '{signature}' could not be located in PRAGMA foreign_keys for table {name}"
                ));
            }
        }
        found.extend(pending);
        let schema = self.schema.clone();
        let described = found.into_iter().map(|key| {
            dict(vec![
                ("name", optional(key.name)),
                ("constrained_columns", names(&key.columns)),
                ("referred_schema", optional(schema.clone())),
                ("referred_table", Value::str(&key.table)),
                ("referred_columns", names(&key.referred)),
                ("options", dict(key.options)),
            ])
        });
        Ok(Value::list(described.collect()))
    }
}

impl ForeignKey {
    /// `fk_sig`.
    fn is(&self, other: &Self) -> bool {
        self.columns == other.columns
            && self.table == other.table
            && self.referred == other.referred
    }
}

/// A foreign key as the text of CREATE TABLE has it.
fn parsed_key(captures: &Captures<'_>) -> ForeignKey {
    let columns = columns_in(&group(captures, 3).unwrap_or_default());
    let referred = group(captures, 6);
    let mut options = Vec::new();
    let actions = group(captures, 7).unwrap_or_default().to_uppercase();
    let words: Vec<&str> = actions.split_whitespace().collect();
    let mut ondelete = None;
    let mut onupdate = None;
    for part in words.split(|word| *word == "ON") {
        let action = part.get(1..).unwrap_or_default().join(" ");
        let action = Some(action).filter(|action| !action.is_empty() && action != "NO ACTION");
        match part.first() {
            Some(&"DELETE") if action.is_some() => ondelete = action,
            Some(&"UPDATE") if action.is_some() => onupdate = action,
            _ => {}
        }
    }
    if let Some(action) = ondelete {
        options.push(("ondelete", Value::str(action)));
    }
    if let Some(action) = onupdate {
        options.push(("onupdate", Value::str(action)));
    }
    if let Some(deferrable) = group(captures, 8) {
        let is_not = deferrable.to_uppercase().contains("NOT");
        options.push(("deferrable", Value::Bool(!is_not)));
    }
    if let Some(initially) = group(captures, 9) {
        options.push(("initially", Value::str(initially.to_uppercase())));
    }
    ForeignKey {
        referred: referred.map_or_else(|| columns.clone(), |referred| columns_in(&referred)),
        columns,
        table: group(captures, 4)
            .or_else(|| group(captures, 5))
            .unwrap_or_default(),
        name: group(captures, 1).or_else(|| group(captures, 2)),
        options,
    }
}
