//! SQL text as tokens. PostgreSQL's scan.l, as far as statements about the schema need it.

/// A piece of SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// A word that is not quoted, in lower case.
    Word(String),
    /// `"Quoted"`: never a keyword.
    Quoted(String),
    /// A string constant, also `$$ … $$`.
    Text(String),
    /// A number.
    Number(String),
    /// Anything else, one character; `::` is one token.
    Sign(&'static str),
    /// A character that has no meaning here.
    Other(char),
}

impl Token {
    /// Whether it is this keyword.
    pub(crate) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word == keyword)
    }

    /// Whether it is this sign.
    pub(crate) fn is_sign(&self, sign: &str) -> bool {
        matches!(self, Self::Sign(found) if *found == sign)
    }
}

const SIGNS: &[&str] = &[
    "::", "<>", "!=", "<=", ">=", "(", ")", "[", "]", ",", ".", ";", "=", "<", ">", "+", "-", "*",
    "/", "%", ":",
];

/// A token and where its text stands.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    /// The token.
    pub(crate) token: Token,
    /// Its first byte.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
}

/// The tokens of a text; `None` where a quote or comment is never closed.
pub(crate) fn tokens(sql: &str) -> Option<Vec<Placed>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = sql[at..].chars().next() {
        let rest = &sql[at..];
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        if rest.starts_with("--") {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        if rest.starts_with("/*") {
            at += comment(rest)?;
            continue;
        }
        let (token, length) = one(rest, first)?;
        found.push(Placed {
            token,
            start: at,
            end: at + length,
        });
        at += length;
    }
    Some(found)
}

/// The length of a comment; comments nest.
fn comment(rest: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    None
}

fn one(rest: &str, first: char) -> Option<(Token, usize)> {
    if first == '\'' {
        let (text, length) = quoted(rest, '\'', false)?;
        return Some((Token::Text(text), length));
    }
    if matches!(first, 'e' | 'E') && rest[1..].starts_with('\'') {
        let (text, length) = quoted(&rest[1..], '\'', true)?;
        return Some((Token::Text(text), length + 1));
    }
    if first == '"' {
        let (text, length) = quoted(rest, '"', false)?;
        return Some((Token::Quoted(text), length));
    }
    if first == '$'
        && let Some((text, length)) = dollar_quoted(rest)
    {
        return Some((Token::Text(text), length));
    }
    if first.is_alphabetic() || first == '_' {
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
            .unwrap_or(rest.len());
        return Some((Token::Word(rest[..length].to_lowercase()), length));
    }
    if first.is_ascii_digit() {
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_'))
            .unwrap_or(rest.len());
        return Some((Token::Number(rest[..length].to_owned()), length));
    }
    for sign in SIGNS {
        if rest.starts_with(sign) {
            return Some((Token::Sign(sign), sign.len()));
        }
    }
    Some((Token::Other(first), first.len_utf8()))
}

/// What stands in quotes, and how long it is with them.
fn quoted(rest: &str, quote: char, escapes: bool) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if escapes && character == '\\' {
            let (_, next) = characters.next()?;
            text.push(match next {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            });
        } else if character == quote {
            if characters.peek().is_some_and(|(_, next)| *next == quote) {
                characters.next();
                text.push(quote);
            } else {
                return Some((text, at + 1));
            }
        } else {
            text.push(character);
        }
    }
    None
}

/// `$tag$ … $tag$`.
fn dollar_quoted(rest: &str) -> Option<(String, usize)> {
    let tag_end = rest[1..].find('$')? + 2;
    let tag = &rest[..tag_end];
    if !tag[1..tag_end - 1]
        .chars()
        .all(|c| c.is_alphanumeric() || c == '_')
    {
        return None;
    }
    let inner_end = rest[tag_end..].find(tag)?;
    Some((
        rest[tag_end..tag_end + inner_end].to_owned(),
        tag_end + inner_end + tag_end,
    ))
}

/// The tokens of each statement of a text; a `;` at the outermost level ends one.
pub(crate) fn statements(sql: &str) -> Option<Vec<Vec<Placed>>> {
    let mut found = vec![Vec::new()];
    for placed in tokens(sql)? {
        if placed.token.is_sign(";") {
            found.push(Vec::new());
        } else if let Some(last) = found.last_mut() {
            last.push(placed);
        }
    }
    found.retain(|statement| !statement.is_empty());
    Some(found)
}

/// The words of a text that may be names: identifiers, and those inside of string constants.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sql: &str) -> Vec<Token> {
        tokens(sql)
            .unwrap_or_default()
            .into_iter()
            .map(|placed| placed.token)
            .collect()
    }

    #[test]
    fn words_fold_to_lower_case_and_quoted_names_do_not() {
        assert_eq!(
            shown("Users \"Users\""),
            vec![
                Token::Word("users".to_owned()),
                Token::Quoted("Users".to_owned())
            ]
        );
    }

    #[test]
    fn quotes_are_doubled_or_dollars() {
        assert_eq!(
            shown("'it''s' $a$it's$a$ E'\\'' -- rest\n/* a /* b */ c */"),
            vec![
                Token::Text("it's".to_owned()),
                Token::Text("it's".to_owned()),
                Token::Text("'".to_owned())
            ]
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_is_no_text() {
        assert!(tokens("SELECT 'a").is_none());
    }

    #[test]
    fn statements_end_at_semicolons_outside_of_quotes() {
        assert_eq!(
            statements("SELECT ';'; DO $$ a; b $$;").map(|found| found.len()),
            Some(2)
        );
    }
}
