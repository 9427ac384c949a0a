//! Reading tokens one after the other. What does not fit is `None`: the statement is then not followed.

use crate::shadow::token::Placed;
use crate::shadow::token::Token;

/// A relation, type or index: schema as written, and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    /// The schema, when one is written.
    pub(crate) schema: Option<String>,
    /// The name.
    pub(crate) name: String,
}

/// A place in the tokens of a statement.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    sql: &'a str,
    tokens: &'a [Placed],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(sql: &'a str, tokens: &'a [Placed]) -> Self {
        Self { sql, tokens, at: 0 }
    }

    pub(crate) fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at).map(|placed| &placed.token)
    }

    pub(crate) fn next(&mut self) -> Option<&'a Token> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    pub(crate) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Takes this keyword if it stands here.
    pub(crate) fn take(&mut self, keyword: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is(keyword));
        self.at += usize::from(found);
        found
    }

    /// Takes these keywords, all or none.
    pub(crate) fn take_all(&mut self, keywords: &[&str]) -> bool {
        let found = keywords.iter().enumerate().all(|(offset, keyword)| {
            self.tokens
                .get(self.at + offset)
                .is_some_and(|placed| placed.token.is(keyword))
        });
        if found {
            self.at += keywords.len();
        }
        found
    }

    /// Takes this sign if it stands here.
    pub(crate) fn sign(&mut self, sign: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is_sign(sign));
        self.at += usize::from(found);
        found
    }

    /// An identifier.
    pub(crate) fn name(&mut self) -> Option<String> {
        match self.next()? {
            Token::Word(name) | Token::Quoted(name) => Some(name.clone()),
            Token::Text(_) | Token::Number(_) | Token::Sign(_) | Token::Other(_) => None,
        }
    }

    /// `name` or `schema.name`.
    pub(crate) fn named(&mut self) -> Option<Named> {
        let first = self.name()?;
        if self.sign(".") {
            let name = self.name()?;
            return Some(Named {
                schema: Some(first),
                name,
            });
        }
        Some(Named {
            schema: None,
            name: first,
        })
    }

    /// A string constant.
    pub(crate) fn text(&mut self) -> Option<String> {
        match self.next()? {
            Token::Text(text) => Some(text.clone()),
            Token::Word(_)
            | Token::Quoted(_)
            | Token::Number(_)
            | Token::Sign(_)
            | Token::Other(_) => None,
        }
    }

    /// `( … )`: a cursor over what is inside.
    pub(crate) fn group(&mut self) -> Option<Self> {
        if !self.sign("(") {
            return None;
        }
        let start = self.at;
        let mut depth = 1_usize;
        while depth > 0 {
            let token = self.next()?;
            if token.is_sign("(") {
                depth += 1;
            } else if token.is_sign(")") {
                depth -= 1;
            }
        }
        Some(Self {
            sql: self.sql,
            tokens: &self.tokens[start..self.at - 1],
            at: 0,
        })
    }

    /// The rest, cut at commas outside of brackets.
    pub(crate) fn by_commas(&self) -> Vec<Self> {
        let mut found = Vec::new();
        let (mut start, mut depth) = (self.at, 0_usize);
        for (at, placed) in self.tokens.iter().enumerate().skip(self.at) {
            if placed.token.is_sign("(") || placed.token.is_sign("[") {
                depth += 1;
            } else if placed.token.is_sign(")") || placed.token.is_sign("]") {
                depth = depth.saturating_sub(1);
            } else if depth == 0 && placed.token.is_sign(",") {
                found.push(self.part(start, at));
                start = at + 1;
            }
        }
        found.push(self.part(start, self.tokens.len()));
        found
    }

    fn part(&self, start: usize, end: usize) -> Self {
        Self {
            sql: self.sql,
            tokens: &self.tokens[start..end],
            at: 0,
        }
    }

    /// `(a, b, c)`: names only.
    pub(crate) fn names(&mut self) -> Option<Vec<String>> {
        self.group()?
            .by_commas()
            .into_iter()
            .map(|mut part| {
                let name = part.name()?;
                part.is_done().then_some(name)
            })
            .collect()
    }

    /// Everything up to one of these keywords outside of brackets, as it is written.
    pub(crate) fn until(&mut self, keywords: &[&str]) -> String {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(token) = self.peek() {
            if token.is_sign("(") || token.is_sign("[") {
                depth += 1;
            } else if token.is_sign(")") || token.is_sign("]") {
                depth = depth.saturating_sub(1);
            } else if depth == 0 && self.at > start && keywords.iter().any(|word| token.is(word)) {
                break;
            }
            self.at += 1;
        }
        self.written(start, self.at)
    }

    /// The rest as it is written.
    pub(crate) fn rest(&mut self) -> String {
        let start = self.at;
        self.at = self.tokens.len();
        self.written(start, self.at)
    }

    fn written(&self, start: usize, end: usize) -> String {
        match (
            self.tokens.get(start),
            end.checked_sub(1).and_then(|end| self.tokens.get(end)),
        ) {
            (Some(first), Some(last)) if start < end => self.sql[first.start..last.end].to_owned(),
            _ => String::new(),
        }
    }

    /// Every token from here on.
    pub(crate) fn tail(&self) -> &'a [Placed] {
        self.tokens.get(self.at..).unwrap_or_default()
    }
}
