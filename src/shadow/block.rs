//! `DO $$ … $$`: blocks of PL/pgSQL as migrations write them, IF around plain statements, and handlers for what is there already.

use crate::schema::literal::Literal;
use crate::shadow::cursor::Cursor;
use crate::shadow::model::Catalogue;
use crate::shadow::token;
use crate::shadow::token::Placed;
use crate::shadow::token::Token;

/// How deep blocks may be nested.
const DEEPEST: usize = 20;

/// Statements in `EXECUTE format('…')` that concern rights and roles only.
const RIGHTS: &[&str] = &[
    "grant ",
    "revoke ",
    "create user ",
    "create role ",
    "drop user ",
    "drop role ",
    "alter user ",
    "alter role ",
    "drop owned ",
    "alter default privileges ",
    "set ",
];

/// A statement that fails: what the block did is undone, and its handler runs.
struct Fails;

/// What a part of a block comes to; `None` is what is not followed.
type Outcome = Option<Result<(), Fails>>;

impl Catalogue {
    /// `DO` was read.
    pub(crate) fn block(&mut self, cursor: &mut Cursor) -> Option<()> {
        let mut body = None;
        while let Some(token) = cursor.next() {
            match token {
                Token::Text(text) => body = Some(text),
                Token::Word(word) if word == "language" || word == "plpgsql" => {}
                _ => return None,
            }
        }
        let body = body?;
        let tokens = token::tokens(body)?;
        let mut followed = self.clone();
        let mut reader = Block {
            catalogue: &mut followed,
            body,
            tokens: &tokens,
            at: 0,
            depth: 0,
            may_return: false,
        };
        if reader.take("declare") {
            reader.until("begin");
        }
        reader.take("begin").then_some(())?;
        reader.body()?.ok()?;
        if reader.may_return && followed != *self {
            // how far it went is not certain
            return None;
        }
        *self = followed;
        Some(())
    }
}

struct Block<'a> {
    catalogue: &'a mut Catalogue,
    body: &'a str,
    tokens: &'a [Placed],
    at: usize,
    depth: usize,
    /// Whether it may end before its end.
    may_return: bool,
}

impl Block<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|placed| &placed.token)
    }

    fn is(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is(word))
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.is(word);
        self.at += usize::from(found);
        found
    }

    fn until(&mut self, word: &str) {
        while self.peek().is_some() && !self.is(word) {
            self.at += 1;
        }
    }

    /// `BEGIN` was read: statements, handlers, `END`.
    fn body(&mut self) -> Outcome {
        let before = self.catalogue.clone();
        let done = self.statements(true)?;
        if !self.take("exception") {
            self.end()?;
            return Some(done);
        }
        let failed = done.is_err();
        if failed {
            *self.catalogue = before;
        }
        while self.take("when") {
            self.until("then");
            self.take("then").then_some(())?;
            // which handler it is does not matter as long as they do nothing
            let handled = self.catalogue.clone();
            self.statements(failed)?.ok()?;
            if *self.catalogue != handled {
                return None;
            }
        }
        self.end()?;
        Some(Ok(()))
    }

    fn end(&mut self) -> Option<()> {
        self.take("end").then_some(())?;
        while self.peek().is_some_and(|token| token.is_sign(";")) {
            self.at += 1;
        }
        Some(())
    }

    /// Statements up to what ends a list of them. They are only read, not followed, where `runs` is false or after one that fails.
    fn statements(&mut self, runs: bool) -> Outcome {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut done = Ok(());
        while self.peek().is_some()
            && !["end", "exception", "when", "else", "elsif", "elseif"]
                .iter()
                .any(|word| self.is(word))
        {
            let outcome = self.statement(runs && done.is_ok())?;
            if done.is_ok() {
                done = outcome;
            }
        }
        self.depth -= 1;
        Some(done)
    }

    fn statement(&mut self, runs: bool) -> Outcome {
        if self.take("if") {
            return self.condition(runs);
        }
        if self.take("begin") {
            let before = (!runs).then(|| self.catalogue.clone());
            let done = self.body()?;
            if let Some(before) = before {
                *self.catalogue = before;
            }
            return Some(if runs { done } else { Ok(()) });
        }
        let start = self.at;
        while self.peek().is_some_and(|token| !token.is_sign(";")) {
            self.at += 1;
        }
        let tokens = &self.tokens[start..self.at];
        // the semicolon
        self.at += 1;
        let first = tokens.first()?;
        match &first.token {
            Token::Word(word) if word == "null" || word == "raise" || word == "perform" => {
                // an exception that is raised ends the migration, and a function may do anything
                let is_error = tokens.get(1).is_some_and(|second| {
                    second.token.is("exception") || matches!(second.token, Token::Text(_))
                });
                if word == "perform" || (word == "raise" && is_error && runs) {
                    return None;
                }
                Some(Ok(()))
            }
            Token::Word(word) if word == "return" => {
                self.may_return |= runs;
                Some(Ok(()))
            }
            Token::Word(word) if word == "execute" => self.execute(&tokens[1..], runs),
            _ if runs => self.sql(tokens),
            _ => Some(Ok(())),
        }
    }

    /// A plain statement.
    fn sql(&mut self, tokens: &[Placed]) -> Outcome {
        let (first, last) = (tokens.first()?, tokens.last()?);
        let text = &self.body[first.start..last.end];
        if self.catalogue.is_there_already(text)? {
            return Some(Err(Fails));
        }
        let before = self.catalogue.doubt_count();
        self.catalogue.follow(text);
        (self.catalogue.doubt_count() == before).then_some(Ok(()))
    }

    /// `EXECUTE 'text'`, `EXECUTE format('text', …)`.
    fn execute(&mut self, tokens: &[Placed], runs: bool) -> Outcome {
        let (text, is_whole) = match tokens {
            [only] => (&only.token, true),
            [format, open, text, ..] if format.token.is("format") && open.token.is_sign("(") => {
                (&text.token, false)
            }
            _ => return None,
        };
        let Token::Text(text) = text else {
            return None;
        };
        let begins = text.trim_start().to_lowercase();
        if RIGHTS.iter().any(|right| begins.starts_with(right)) && !begins.starts_with("set search")
        {
            return Some(Ok(()));
        }
        if !is_whole || !runs {
            return (!runs).then_some(Ok(()));
        }
        if self.catalogue.is_there_already(text)? {
            return Some(Err(Fails));
        }
        let before = self.catalogue.doubt_count();
        self.catalogue.follow(text);
        (self.catalogue.doubt_count() == before).then_some(Ok(()))
    }

    /// `IF` was read.
    fn condition(&mut self, runs: bool) -> Outcome {
        let mut undecided = runs;
        let mut done = Ok(());
        loop {
            let start = self.at;
            self.until("then");
            let tokens = &self.tokens[start..self.at];
            self.take("then").then_some(())?;
            let truth = if undecided {
                self.catalogue.holds(self.body, tokens)
            } else {
                Some(false)
            };
            match truth {
                Some(true) => {
                    undecided = false;
                    done = self.statements(true)?;
                }
                Some(false) => {
                    self.statements(false)?.ok()?;
                }
                None => {
                    // whether it runs does not matter where it changes nothing
                    let before = self.catalogue.clone();
                    self.statements(true)?.ok()?;
                    if *self.catalogue != before {
                        return None;
                    }
                }
            }
            if self.take("elsif") || self.take("elseif") {
                continue;
            }
            if self.take("else") {
                let otherwise = self.statements(undecided)?;
                if undecided {
                    done = otherwise;
                }
            }
            break;
        }
        (self.take("end") && self.take("if")).then_some(())?;
        if self.peek().is_some_and(|token| token.is_sign(";")) {
            self.at += 1;
        }
        Some(done)
    }
}

impl Catalogue {
    /// Whether a condition holds; `None` where that is not certain.
    fn holds(&self, body: &str, tokens: &[Placed]) -> Option<bool> {
        let (first, last) = (tokens.first()?, tokens.last()?);
        let condition = &body[first.start..last.end];
        let selected = self.select(&format!("SELECT {condition}"))?.ok()?;
        match selected.rows.first()?.first()? {
            Literal::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// Whether a statement makes what is there already, and so fails; `None` where that is not certain.
    fn is_there_already(&self, sql: &str) -> Option<bool> {
        let tokens = token::tokens(sql)?;
        let mut cursor = Cursor::new(sql, &tokens);
        if cursor.take("alter") && cursor.take("table") {
            cursor.take_all(&["if", "exists"]);
            cursor.take("only");
            let key = Self::key(&cursor.named()?);
            if !cursor.take("add") {
                return Some(false);
            }
            let table = self.table(&key)?;
            if cursor.take("constraint") {
                let name = cursor.name()?;
                return Some(table.constraints.iter().any(|found| found.name == name));
            }
            cursor.take("column");
            if cursor.take_all(&["if", "not", "exists"]) {
                return Some(false);
            }
            let name = cursor.name()?;
            return Some(table.column(&name).is_some());
        }
        let mut cursor = Cursor::new(sql, &tokens);
        if !cursor.take("create") {
            return Some(false);
        }
        cursor.take("unique");
        let kind = cursor.name()?;
        if cursor.take_all(&["if", "not", "exists"]) {
            return Some(false);
        }
        match kind.as_str() {
            "type" | "domain" => {
                let key = Self::key(&cursor.named()?);
                if self.doubt_about(&[&key.1]).is_some() {
                    return None;
                }
                Some(self.types.contains_key(&key))
            }
            "table" | "sequence" | "view" | "index" => {
                let key = Self::key(&cursor.named()?);
                if self.doubt_about(&[&key.1]).is_some() {
                    return None;
                }
                Some(self.is_taken(&key.0, &key.1))
            }
            _ => Some(false),
        }
    }
}
