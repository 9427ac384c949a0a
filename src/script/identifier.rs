//! What commands call a revision by: upstream's `_RevisionIdentifierType`, and the grammar of relative identifiers.

use std::fmt;

/// A revision identifier as it is passed around: nothing, one text, or several.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Identifier {
    /// Python's `None`.
    #[default]
    None,
    /// One.
    One(String),
    /// A tuple of them: the rows of the version table, the arguments of `stamp`.
    Many(Vec<String>),
    /// Something that is not text, by its `repr`: upstream refuses it with a sentence of its own.
    NotText(String),
}

impl Identifier {
    /// Several revisions.
    pub fn many<I: IntoIterator<Item = T>, T: Into<String>>(items: I) -> Self {
        Self::Many(items.into_iter().map(Into::into).collect())
    }

    /// Whether Python finds it false.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::None => true,
            Self::One(text) => text.is_empty(),
            Self::Many(items) => items.is_empty(),
            Self::NotText(_) => false,
        }
    }

    /// `util.to_tuple`.
    pub(crate) fn to_tuple(&self) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::One(text) | Self::NotText(text) => vec![text.clone()],
            Self::Many(items) => items.clone(),
        }
    }

    /// `id or "base"`.
    pub(crate) fn or_base(&self) -> String {
        if self.is_empty() {
            "base".to_owned()
        } else {
            self.to_string()
        }
    }
}

impl From<&str> for Identifier {
    fn from(text: &str) -> Self {
        Self::One(text.to_owned())
    }
}

impl From<String> for Identifier {
    fn from(text: String) -> Self {
        Self::One(text)
    }
}

impl From<Option<&str>> for Identifier {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::None, Self::from)
    }
}

/// As `'%s' % id` in Python.
impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::One(text) | Self::NotText(text) => f.write_str(text),
            Self::Many(items) => {
                let comma = if items.len() == 1 { "," } else { "" };
                let items: Vec<String> = items.iter().map(|item| format!("'{item}'")).collect();
                write!(f, "({}{comma})", items.join(", "))
            }
        }
    }
}

/// A relative identifier: `(?:(.+?)@)?(\w+)?((?:\+|-)\d+)` matched at the start; what follows is ignored, as upstream does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Relative {
    /// Before the `@`.
    pub(crate) branch: Option<String>,
    /// The revision it counts from.
    pub(crate) symbol: Option<String>,
    /// The number as written, with its sign.
    pub(crate) text: String,
    /// The number.
    pub(crate) steps: i64,
}

/// `_relative_destination.match` of alembic/script/revision.py.
pub(crate) fn relative(text: &str) -> Option<Relative> {
    for (at, _) in text.match_indices('@') {
        // `.+?` needs a character and does not cross a line.
        if at == 0 || text[..at].contains('\n') {
            continue;
        }
        if let Some((symbol, number)) = symbol_and_number(&text[at + 1..]) {
            return made(Some(&text[..at]), symbol, number);
        }
    }
    let (symbol, number) = symbol_and_number(text)?;
    made(None, symbol, number)
}

fn made(branch: Option<&str>, symbol: Option<&str>, number: &str) -> Option<Relative> {
    let steps = number.parse::<i64>().unwrap_or(if number.starts_with('-') {
        i64::MIN + 1
    } else {
        i64::MAX
    });
    Some(Relative {
        branch: branch.map(str::to_owned),
        symbol: symbol.map(str::to_owned),
        text: number.to_owned(),
        steps,
    })
}

/// `(\w+)?((?:\+|-)\d+)`.
fn symbol_and_number(text: &str) -> Option<(Option<&str>, &str)> {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let rest = &text[end..];
    if !rest.starts_with(['+', '-']) {
        return None;
    }
    let digits = rest[1..]
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len() - 1);
    if digits == 0 {
        return None;
    }
    Some(((end > 0).then_some(&text[..end]), &rest[..=digits]))
}

/// Python's `int(text)`, when it is a number that is below zero.
pub(crate) fn negative_integer(text: &str) -> Option<i64> {
    let digits = text.trim().strip_prefix('-')?;
    let is_number = !digits.is_empty()
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_')
        && !digits.starts_with('_')
        && !digits.ends_with('_')
        && !digits.contains("__");
    if !is_number {
        return None;
    }
    let number = digits.replace('_', "").parse::<i64>().unwrap_or(i64::MAX);
    (number > 0).then_some(-number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_identifiers_match_a_prefix() {
        let found = relative("+1x").unwrap();
        assert_eq!((found.branch, found.symbol, found.steps), (None, None, 1));
        let found = relative("shop@+2").unwrap();
        assert_eq!(
            (found.branch.as_deref(), found.symbol, found.steps),
            (Some("shop"), None, 2)
        );
        let found = relative("shop@ab12-2").unwrap();
        assert_eq!(
            (
                found.branch.as_deref(),
                found.symbol.as_deref(),
                found.steps
            ),
            (Some("shop"), Some("ab12"), -2)
        );
        assert_eq!(relative("shop@head"), None);
        assert_eq!(relative("head"), None);
        assert_eq!(relative("+"), None);
    }

    #[test]
    fn tuples_print_as_python_prints_them() {
        assert_eq!(Identifier::many(["a"]).to_string(), "('a',)");
        assert_eq!(Identifier::many(["a", "b"]).to_string(), "('a', 'b')");
        assert_eq!(Identifier::many(Vec::<String>::new()).or_base(), "base");
    }
}
