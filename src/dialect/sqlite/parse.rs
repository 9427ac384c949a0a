//! CREATE TABLE and CREATE INDEX read back, as far as a copy of a table can lose something of them: sqlite.org/lang_createtable.html.
//! Two texts are compared by what they say, not by how: names without quotes, expressions as lists of words.

/// A word, a name or a symbol of SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    text: String,
    /// In double quotes, brackets or backticks: never a keyword.
    is_quoted: bool,
}

impl Token {
    fn is(&self, word: &str) -> bool {
        !self.is_quoted && self.text.eq_ignore_ascii_case(word)
    }
}

/// What a constraint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// PRIMARY KEY.
    PrimaryKey,
    /// UNIQUE.
    Unique,
    /// CHECK.
    Check,
    /// FOREIGN KEY or REFERENCES.
    ForeignKey,
}

/// A constraint of the table, or of one column.
#[derive(Debug, Clone)]
pub struct Constraint {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: Option<String>,
    /// Its columns; none for a CHECK.
    pub columns: Vec<String>,
    /// COLLATE and DESC of the columns, by column.
    pub modifiers: Vec<String>,
    /// A CHECK's expression.
    pub expression: String,
    /// ON CONFLICT.
    pub conflict: Option<String>,
    /// AUTOINCREMENT.
    pub is_autoincrement: bool,
    /// Where a foreign key leads.
    pub referred: String,
    /// To which columns; none: to the key.
    pub referred_columns: Vec<String>,
    /// `ON DELETE CASCADE`, `DEFERRABLE INITIALLY DEFERRED`: what is not the default.
    pub actions: Vec<String>,
}

/// A column.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its declared type.
    pub type_: String,
    /// COLLATE, but for BINARY.
    pub collation: Option<String>,
    /// The expression, and STORED or VIRTUAL.
    pub generated: Option<String>,
    /// NOT NULL.
    pub not_null: bool,
    /// ON CONFLICT of NOT NULL.
    pub conflict: Option<String>,
    /// DEFAULT.
    pub default: Option<String>,
}

/// A table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// In order.
    pub columns: Vec<Column>,
    /// Those of columns come with the others.
    pub constraints: Vec<Constraint>,
    /// WITHOUT ROWID, STRICT.
    pub options: Vec<String>,
    /// The module of a virtual table.
    pub is_virtual: bool,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// UNIQUE.
    pub unique: bool,
    /// What is indexed, with COLLATE and DESC.
    pub elements: Vec<String>,
    /// WHERE.
    pub condition: String,
}

/// The words of a statement; comments are none.
fn tokens(sql: &str) -> Vec<Token> {
    let letters: Vec<char> = sql.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let next = letters.get(at + 1).copied();
        let start = at;
        match letter {
            _ if letter.is_whitespace() => at += 1,
            '-' if next == Some('-') => at = until(&letters, at, '\n'),
            '/' if next == Some('*') => {
                at += 2;
                while at < letters.len() && letters.get(at..at + 2) != Some(&['*', '/']) {
                    at += 1;
                }
                at += 2;
            }
            '"' | '`' | '[' | '\'' => {
                let close = if letter == '[' { ']' } else { letter };
                at += 1;
                let mut text = String::new();
                while let Some(&inner) = letters.get(at) {
                    let is_double = close != ']' && letters.get(at + 1) == Some(&close);
                    if inner == close && !is_double {
                        break;
                    }
                    at += if inner == close { 2 } else { 1 };
                    text.push(inner);
                }
                at += 1;
                let is_quoted = letter != '\'';
                let text = if is_quoted { text } else { format!("'{text}'") };
                found.push(Token { text, is_quoted });
            }
            _ if is_letter(letter) => {
                while letters.get(at).is_some_and(|letter| is_letter(*letter))
                    || is_exponent(letters.get(start..at + 1).unwrap_or_default())
                {
                    at += 1;
                }
                push(&mut found, letters.get(start..at));
            }
            _ => {
                at += 1;
                push(&mut found, letters.get(start..at));
            }
        }
    }
    found
}

/// The words and names of an expression, without quotes.
pub fn words(sql: &str) -> Vec<String> {
    tokens(sql).into_iter().map(|token| token.text).collect()
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$' | '.') || !letter.is_ascii()
}

/// Whether the last letter is the sign of an exponent: `1e-3`.
fn is_exponent(letters: &[char]) -> bool {
    matches!(letters, [first, .., 'e' | 'E', '+' | '-'] if first.is_ascii_digit())
}

fn until(letters: &[char], at: usize, end: char) -> usize {
    let rest = letters.get(at..).unwrap_or_default();
    let length = rest.iter().position(|letter| *letter == end);
    length.map_or(letters.len(), |length| at + length + 1)
}

fn push(found: &mut Vec<Token>, letters: Option<&[char]>) {
    found.push(Token {
        text: letters.unwrap_or_default().iter().collect(),
        is_quoted: false,
    });
}

/// An expression as one text: names and keywords in small letters, no parentheses around the whole.
fn normal(tokens: &[Token]) -> String {
    let mut inner = tokens;
    while let [open, middle @ .., close] = inner
        && open.is("(")
        && close.is(")")
        && closing(inner, 0) == Some(inner.len() - 1)
    {
        inner = middle;
    }
    let words: Vec<String> = inner
        .iter()
        .map(|token| match token.text.starts_with('\'') {
            true => token.text.clone(),
            false => token.text.to_lowercase(),
        })
        .collect();
    words.join(" ")
}

/// The place of the parenthesis that closes the one at `open`.
fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if token.is("(") {
            depth += 1;
        } else if token.is(")") {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// Split at the commas outside parentheses.
fn parts(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut depth, mut start, mut found) = (0_i64, 0, Vec::new());
    for (at, token) in tokens.iter().enumerate() {
        if token.is("(") {
            depth += 1;
        } else if token.is(")") {
            depth -= 1;
        } else if token.is(",") && depth == 0 {
            found.extend(tokens.get(start..at));
            start = at + 1;
        }
    }
    found.extend(tokens.get(start..));
    found
}

/// Reads one part word by word.
struct Cursor<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn sees(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is(word))
    }

    /// Takes the words when they come next.
    fn takes(&mut self, words: &[&str]) -> bool {
        let next = self.tokens.get(self.at..self.at + words.len());
        let found =
            next.is_some_and(|next| next.iter().zip(words).all(|(token, word)| token.is(word)));
        if found {
            self.at += words.len();
        }
        found
    }

    fn next(&mut self) -> Option<&'a Token> {
        let found = self.peek();
        self.at += 1;
        found
    }

    fn name(&mut self) -> String {
        self.next()
            .map(|token| token.text.clone())
            .unwrap_or_default()
    }

    /// What is in the parentheses that come next.
    fn enclosed(&mut self) -> Option<&'a [Token]> {
        if !self.sees("(") {
            return None;
        }
        let end = closing(self.tokens, self.at)?;
        let inner = self.tokens.get(self.at + 1..end);
        self.at = end + 1;
        inner
    }

    fn conflict(&mut self) -> Option<String> {
        self.takes(&["ON", "CONFLICT"])
            .then(|| self.name().to_uppercase())
    }

    /// Columns in parentheses: names, and what else is said of each.
    fn columns(&mut self) -> (Vec<String>, Vec<String>) {
        let (mut names, mut modifiers) = (Vec::new(), Vec::new());
        for part in parts(self.enclosed().unwrap_or_default()) {
            let Some((name, more)) = part.split_first() else {
                continue;
            };
            names.push(name.text.clone());
            let more = normal(more);
            let more = more.strip_suffix("asc").unwrap_or(&more).trim().to_owned();
            if !more.is_empty() {
                modifiers.push(format!("{} {more}", name.text));
            }
        }
        (names, modifiers)
    }

    /// What follows REFERENCES.
    fn reference(&mut self, constraint: &mut Constraint) {
        constraint.referred = self.name();
        constraint.referred_columns = self.columns().0;
        loop {
            if self.takes(&["MATCH"]) {
                self.at += 1;
            } else if self.sees("ON")
                && !self
                    .tokens
                    .get(self.at + 1)
                    .is_some_and(|next| next.is("CONFLICT"))
            {
                self.at += 1;
                let event = self.name().to_uppercase();
                let first = self.name().to_uppercase();
                let action = match first.as_str() {
                    "SET" | "NO" => format!("{first} {}", self.name().to_uppercase()),
                    _ => first,
                };
                if action != "NO ACTION" {
                    constraint.actions.push(format!("ON {event} {action}"));
                }
            } else if self.takes(&["NOT", "DEFERRABLE"]) {
                let _immediate = self.takes(&["INITIALLY", "DEFERRED"])
                    || self.takes(&["INITIALLY", "IMMEDIATE"]);
            } else if self.takes(&["DEFERRABLE"]) {
                if self.takes(&["INITIALLY", "DEFERRED"]) {
                    constraint
                        .actions
                        .push("DEFERRABLE INITIALLY DEFERRED".to_owned());
                }
                self.takes(&["INITIALLY", "IMMEDIATE"]);
            } else {
                break;
            }
        }
        constraint.actions.sort();
    }

    /// A constraint; `column`: the one it is written with. `None`: the word that comes next begins none.
    fn constraint(&mut self, name: Option<String>, column: Option<&str>) -> Option<Constraint> {
        let mut made = Constraint {
            kind: Kind::Check,
            name,
            columns: column.map(str::to_owned).into_iter().collect(),
            modifiers: Vec::new(),
            expression: String::new(),
            conflict: None,
            is_autoincrement: false,
            referred: String::new(),
            referred_columns: Vec::new(),
            actions: Vec::new(),
        };
        if self.takes(&["PRIMARY", "KEY"]) {
            made.kind = Kind::PrimaryKey;
            if column.is_none() {
                (made.columns, made.modifiers) = self.columns();
            } else if self.takes(&["DESC"]) {
                made.modifiers.push("desc".to_owned());
            }
            self.takes(&["ASC"]);
            made.conflict = self.conflict();
            made.is_autoincrement = self.takes(&["AUTOINCREMENT"]);
        } else if self.takes(&["UNIQUE"]) {
            made.kind = Kind::Unique;
            if column.is_none() {
                (made.columns, made.modifiers) = self.columns();
            }
            made.conflict = self.conflict();
        } else if self.takes(&["CHECK"]) {
            made.columns.clear();
            made.expression = normal(self.enclosed().unwrap_or_default());
            made.conflict = self.conflict();
        } else if column.is_none() && self.takes(&["FOREIGN", "KEY"]) {
            made.kind = Kind::ForeignKey;
            made.columns = self.columns().0;
            self.takes(&["REFERENCES"]);
            self.reference(&mut made);
        } else if column.is_some() && self.takes(&["REFERENCES"]) {
            made.kind = Kind::ForeignKey;
            self.reference(&mut made);
        } else {
            return None;
        }
        Some(made)
    }

    fn column(&mut self, constraints: &mut Vec<Constraint>) -> Column {
        let mut column = Column {
            name: self.name(),
            ..Column::default()
        };
        let begins = [
            "CONSTRAINT",
            "PRIMARY",
            "NOT",
            "NULL",
            "UNIQUE",
            "CHECK",
            "DEFAULT",
            "COLLATE",
            "REFERENCES",
            "GENERATED",
            "AS",
        ];
        let mut type_ = Vec::new();
        while let Some(token) = self.peek()
            && !begins.iter().any(|word| token.is(word))
        {
            type_.push(token.text.clone());
            self.at += 1;
        }
        column.type_ = type_.join(" ");
        let mut name = None;
        while self.peek().is_some() {
            if self.takes(&["CONSTRAINT"]) {
                name = Some(self.name());
                continue;
            }
            let given = name.take();
            if let Some(constraint) = self.constraint(given, Some(&column.name)) {
                constraints.push(constraint);
            } else if self.takes(&["NOT", "NULL"]) {
                column.not_null = true;
                column.conflict = self.conflict();
            } else if self.takes(&["NULL"]) {
                let _nothing = self.conflict();
            } else if self.takes(&["COLLATE"]) {
                column.collation = Some(self.name().to_uppercase()).filter(|name| name != "BINARY");
            } else if self.takes(&["DEFAULT"]) {
                column.default = Some(self.default());
            } else if self.takes(&["GENERATED", "ALWAYS", "AS"]) || self.takes(&["AS"]) {
                let text = normal(self.enclosed().unwrap_or_default());
                let kind = if self.takes(&["STORED"]) {
                    "STORED"
                } else {
                    "VIRTUAL"
                };
                self.takes(&["VIRTUAL"]);
                column.generated = Some(format!("{text} {kind}"));
            } else {
                self.at += 1;
            }
        }
        column
    }

    fn default(&mut self) -> String {
        if let Some(inner) = self.enclosed() {
            return normal(inner);
        }
        let start = self.at;
        let is_signed = self.sees("+") || self.sees("-");
        let is_blob = self.sees("x")
            && self
                .tokens
                .get(self.at + 1)
                .is_some_and(|next| next.text.starts_with('\''));
        self.at += if is_signed || is_blob { 2 } else { 1 };
        normal(self.tokens.get(start..self.at).unwrap_or_default())
    }
}

impl Table {
    /// From the text that `sqlite_master` has.
    pub fn read(sql: &str) -> Self {
        let tokens = tokens(sql);
        let mut made = Self {
            is_virtual: tokens.get(1).is_some_and(|token| token.is("VIRTUAL")),
            ..Self::default()
        };
        let Some(open) = tokens.iter().position(|token| token.is("(")) else {
            return made;
        };
        let close = closing(&tokens, open).unwrap_or(tokens.len());
        let body = tokens.get(open + 1..close).unwrap_or_default();
        let words = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];
        for part in parts(body) {
            let mut cursor = Cursor {
                tokens: part,
                at: 0,
            };
            if !words.iter().any(|word| cursor.sees(word)) {
                let column = cursor.column(&mut made.constraints);
                made.columns.push(column);
                continue;
            }
            let mut name = None;
            while cursor.peek().is_some() {
                if cursor.takes(&["CONSTRAINT"]) {
                    name = Some(cursor.name());
                } else if let Some(constraint) = cursor.constraint(name.take(), None) {
                    made.constraints.push(constraint);
                } else {
                    cursor.at += 1;
                }
            }
        }
        let rest = tokens.get(close..).unwrap_or_default();
        if rest.iter().any(|token| token.is("ROWID")) {
            made.options.push("WITHOUT ROWID".to_owned());
        }
        if rest.iter().any(|token| token.is("STRICT")) {
            made.options.push("STRICT".to_owned());
        }
        made
    }

    /// The columns of the key.
    pub fn key(&self) -> &[String] {
        let key = self
            .constraints
            .iter()
            .find(|constraint| constraint.kind == Kind::PrimaryKey);
        key.map_or(&[], |key| &key.columns)
    }
}

impl Index {
    /// From the text of CREATE INDEX.
    pub fn read(sql: &str) -> Self {
        let tokens = tokens(sql);
        let open = tokens
            .iter()
            .position(|token| token.is("("))
            .unwrap_or(tokens.len());
        let close = closing(&tokens, open).unwrap_or(tokens.len());
        let elements = parts(tokens.get(open + 1..close).unwrap_or_default());
        let text = |part: &&[Token]| {
            let text = normal(part);
            text.strip_suffix(" asc")
                .map_or(text.clone(), str::to_owned)
        };
        Self {
            unique: tokens.get(1).is_some_and(|token| token.is("UNIQUE")),
            elements: elements.iter().map(text).collect(),
            condition: normal(tokens.get(close + 2..).unwrap_or_default()),
        }
    }
}

/// The affinity of a declared type: sqlite.org/datatype3.html 3.1.
pub fn affinity(type_: &str) -> &'static str {
    let type_ = type_.to_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| type_.contains(word));
    if has(&["INT"]) {
        "INTEGER"
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        "TEXT"
    } else if type_.is_empty() || has(&["BLOB"]) {
        "BLOB"
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        "REAL"
    } else {
        "NUMERIC"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_whatever_way_it_is_written() {
        let read = Table::read(concat!(
            "CREATE TABLE \"a (b\" (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- the, key\n",
            "[x, y] VARCHAR(10) COLLATE nocase DEFAULT 'it''s (' CONSTRAINT u UNIQUE ON CONFLICT IGNORE,\n",
            "r INT REFERENCES p (id) ON DELETE SET NULL ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED NOT NULL,\n",
            "g TEXT GENERATED ALWAYS AS (lower(\"x, y\")) STORED, n NUMERIC(8, 2) DEFAULT -1e-3,\n",
            "CONSTRAINT \"c k\" CHECK (((id > 0))), FOREIGN KEY(r, n) REFERENCES q /* no columns */\n) WITHOUT ROWID, STRICT"
        ));
        let names: Vec<&str> = read
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(names, ["id", "x, y", "r", "g", "n"]);
        assert_eq!(read.columns[1].type_, "VARCHAR ( 10 )");
        assert_eq!(read.columns[1].collation.as_deref(), Some("NOCASE"));
        assert_eq!(read.columns[1].default.as_deref(), Some("'it's ('"));
        assert_eq!(
            read.columns[3].generated.as_deref(),
            Some("lower ( x, y ) STORED")
        );
        assert_eq!(read.columns[4].default.as_deref(), Some("- 1e-3"));
        assert!(read.columns[2].not_null && read.columns[2].conflict.is_none());
        let kinds: Vec<Kind> = read
            .constraints
            .iter()
            .map(|constraint| constraint.kind)
            .collect();
        assert_eq!(
            kinds,
            [
                Kind::PrimaryKey,
                Kind::Unique,
                Kind::ForeignKey,
                Kind::Check,
                Kind::ForeignKey
            ]
        );
        assert!(read.constraints[0].is_autoincrement);
        assert_eq!(read.constraints[1].name.as_deref(), Some("u"));
        assert_eq!(read.constraints[1].conflict.as_deref(), Some("IGNORE"));
        assert_eq!(
            read.constraints[2].actions,
            ["DEFERRABLE INITIALLY DEFERRED", "ON DELETE SET NULL"]
        );
        assert_eq!(read.constraints[3].expression, "id > 0");
        assert_eq!(
            (
                read.constraints[4].referred.as_str(),
                read.constraints[4].columns.len()
            ),
            ("q", 2)
        );
        assert_eq!(read.options, ["WITHOUT ROWID", "STRICT"]);
    }

    #[test]
    fn an_index_is_read_with_its_elements_and_condition() {
        let read = Index::read(
            "CREATE UNIQUE INDEX \"i(\" ON t (a ASC, lower(b), \"C\" COLLATE NOCASE DESC)\nWHERE a > 1\n AND b IS NULL",
        );
        assert!(read.unique);
        assert_eq!(read.elements, ["a", "lower ( b )", "c collate nocase desc"]);
        assert_eq!(read.condition, "a > 1 and b is null");
    }
}
