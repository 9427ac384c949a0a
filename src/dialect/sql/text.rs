//! `sa.text`: its `:name`s and escapes.

use std::sync::LazyLock;

use fancy_regex::Captures;
use fancy_regex::Regex;

use crate::dialect::CompileError;
use crate::dialect::sql::Compiler;
use crate::dialect::sql::Context;
use crate::schema::expr::Bind;
use crate::schema::expr::TextClause;

// sqlalchemy/sql/elements.py TextClause._bind_params_regex
static BIND_NAMES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?<![:\w\x5c]):(\w+)(?![:\w])").ok());
// sqlalchemy/sql/compiler.py BIND_PARAMS, BIND_PARAMS_ESC
static BIND_PARAMS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?<![:\w\x5c]):(\w+)(?![:\w])").ok());
static BIND_PARAMS_ESC: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\x5c(:\w*)(?![:\w])").ok());

/// The names that a text binds.
pub fn bind_names(text: &str) -> Vec<String> {
    let Some(pattern) = BIND_NAMES.as_ref() else {
        return Vec::new();
    };
    let mut names: Vec<String> = Vec::new();
    for captures in pattern.captures_iter(text).flatten() {
        if let Some(name) = captures.get(1).map(|group| group.as_str().to_owned())
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

impl Compiler<'_> {
    pub(super) fn visit_text(
        &mut self,
        clause: &TextClause,
        context: Context,
    ) -> Result<String, CompileError> {
        let text = self.post_process_text(&clause.text);
        if !text.contains(':') {
            return Ok(text);
        }
        let names = bind_names(&clause.text);
        let mut failure = None;
        let replaced = replace(BIND_PARAMS.as_ref(), &text, |captures| {
            let name = captures
                .get(1)
                .map(|group| group.as_str())
                .unwrap_or_default();
            let written = if names.iter().any(|known| known == name) {
                self.text_bind(clause, name, context)
            } else {
                Ok(self.placeholder(name, None))
            };
            written.unwrap_or_else(|error| {
                failure.get_or_insert(error);
                String::new()
            })
        });
        if let Some(error) = failure {
            return Err(error);
        }
        Ok(replace(BIND_PARAMS_ESC.as_ref(), &replaced, |captures| {
            captures
                .get(1)
                .map(|group| group.as_str().to_owned())
                .unwrap_or_default()
        }))
    }

    fn text_bind(
        &mut self,
        clause: &TextClause,
        name: &str,
        context: Context,
    ) -> Result<String, CompileError> {
        match clause.binds.iter().find(|bind| bind.key == name) {
            Some(bind) => self.visit_bind(bind, context),
            None => self.visit_bind(
                &Bind {
                    key: name.to_owned(),
                    unique: None,
                    value: None,
                    sql_type: crate::schema::types::SqlType::Null,
                    expanding: false,
                    inline: false,
                },
                context,
            ),
        }
    }

    /// `post_process_text`.
    pub(super) fn post_process_text(&self, text: &str) -> String {
        self.percent(text)
    }

    /// Doubles percent signs where the driver formats.
    pub(super) fn percent(&self, text: &str) -> String {
        if self.dialect.settings().double_percent {
            text.replace('%', "%%")
        } else {
            text.to_owned()
        }
    }
}

/// `re.sub` with a function.
fn replace(
    pattern: Option<&Regex>,
    text: &str,
    mut with: impl FnMut(&Captures<'_>) -> String,
) -> String {
    let Some(pattern) = pattern else {
        return text.to_owned();
    };
    let mut out = String::new();
    let mut end = 0;
    for captures in pattern.captures_iter(text).flatten() {
        let Some(whole) = captures.get(0) else {
            continue;
        };
        out.push_str(text.get(end..whole.start()).unwrap_or_default());
        out.push_str(&with(&captures));
        end = whole.end();
    }
    out.push_str(text.get(end..).unwrap_or_default());
    out
}
