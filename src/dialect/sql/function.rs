//! Function calls.

use crate::dialect::CompileError;
use crate::dialect::sql::Compiler;
use crate::dialect::sql::Context;
use crate::dialect::sql::compile_error;
use crate::schema::expr::Expr;
use crate::schema::expr::Function;
use crate::schema::name::Name;

/// Functions that SQLAlchemy knows by class and writes without parentheses when there are no arguments: compiler.py `FUNCTIONS`.
const KEYWORDS: &[(&str, &str)] = &[
    ("current_date", "CURRENT_DATE"),
    ("current_time", "CURRENT_TIME"),
    ("current_timestamp", "CURRENT_TIMESTAMP"),
    ("current_user", "CURRENT_USER"),
    ("localtime", "LOCALTIME"),
    ("localtimestamp", "LOCALTIMESTAMP"),
    ("sysdate", "sysdate"),
    ("session_user", "SESSION_USER"),
    ("user", "USER"),
];

/// The other functions that SQLAlchemy knows by class: their names are written in lower case.
const KNOWN: &[&str] = &[
    "coalesce",
    "max",
    "min",
    "sum",
    "now",
    "concat",
    "char_length",
    "random",
    "count",
    "array_agg",
    "mode",
    "percentile_cont",
    "percentile_disc",
    "rank",
    "dense_rank",
    "percent_rank",
    "cume_dist",
    "cube",
    "rollup",
    "grouping_sets",
    "aggregate_strings",
    "pow",
    "to_tsvector",
    "to_tsquery",
    "plainto_tsquery",
    "phraseto_tsquery",
    "websearch_to_tsquery",
    "ts_headline",
];

impl Compiler<'_> {
    pub(super) fn visit_function(
        &mut self,
        function: &Function,
        context: Context,
    ) -> Result<String, CompileError> {
        let lower = function.name.text.to_lowercase();
        let is_plain = function.packages.is_empty();
        if is_plain && self.is_sqlite() {
            match lower.as_str() {
                "now" => return Ok("CURRENT_TIMESTAMP".to_owned()),
                "localtimestamp" => {
                    return Ok("DATETIME(CURRENT_TIMESTAMP, 'localtime')".to_owned());
                }
                _ => {}
            }
        }
        if is_plain && let Some((_, keyword)) = KEYWORDS.iter().find(|(name, _)| *name == lower) {
            if function.arguments.is_empty() {
                return Ok((*keyword).to_owned());
            }
            return Ok(format!(
                "{keyword}({})",
                self.join(&function.arguments, ", ", context)?
            ));
        }
        // PGCompiler.visit_pow_func does not pass its keywords on: values stay binds
        let context = if is_plain && lower == "pow" && self.is_postgresql() {
            Context {
                placeholder: true,
                ..context
            }
        } else {
            context
        };
        if is_plain && lower == "substring" && self.is_postgresql() {
            return self.visit_substring(&function.arguments, context);
        }
        let mut name = if is_plain && KNOWN.contains(&lower.as_str()) {
            match lower.as_str() {
                "pow" if self.is_postgresql() => "power".to_owned(),
                "aggregate_strings" if self.is_sqlite() => "group_concat".to_owned(),
                "aggregate_strings" => "string_agg".to_owned(),
                "char_length" if self.is_sqlite() => "length".to_owned(),
                "cube" => "CUBE".to_owned(),
                "rollup" => "ROLLUP".to_owned(),
                "grouping_sets" => "GROUPING SETS".to_owned(),
                _ => lower,
            }
        } else {
            self.function_name(&function.name)
        };
        for package in function.packages.iter().rev() {
            name = format!("{}.{name}", self.function_name(package));
        }
        if function.arguments.is_empty()
            && is_plain
            && function.name.text.eq_ignore_ascii_case("count")
        {
            return Ok("count(*)".to_owned());
        }
        Ok(format!(
            "{name}({})",
            self.join(&function.arguments, ", ", context)?
        ))
    }

    /// Only illegal characters are quoted in the names of functions.
    fn function_name(&self, name: &Name) -> String {
        let is_legal = name
            .text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
            && name
                .text
                .chars()
                .next()
                .is_some_and(|c| !c.is_ascii_digit() && c != '$');
        if is_legal && name.quote != Some(true) {
            name.text.clone()
        } else {
            self.dialect.quote_identifier(&name.text)
        }
    }

    fn visit_substring(
        &mut self,
        arguments: &[Expr],
        context: Context,
    ) -> Result<String, CompileError> {
        let parts: Result<Vec<String>, CompileError> = arguments
            .iter()
            .map(|argument| self.process(argument, context))
            .collect();
        match parts?.as_slice() {
            [text, start] => Ok(format!("SUBSTRING({text} FROM {start})")),
            [text, start, length, ..] => Ok(format!("SUBSTRING({text} FROM {start} FOR {length})")),
            _ => Err(compile_error("tuple index out of range")),
        }
    }
}
