//! What SQLite writes differently. sqlalchemy/dialects/sqlite/base.py `SQLiteCompiler`, and sql/compiler.py where PostgreSQL overrides.

use crate::dialect::CompileError;
use crate::dialect::sql::Compiler;
use crate::dialect::sql::Context;
use crate::dialect::sql::compile_error;
use crate::schema::expr::Binary;
use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::expr::SQLITE_PATH;
use crate::schema::expr::infer::Affinity;
use crate::schema::expr::operator::Operator;
use crate::schema::literal::Literal;
use crate::schema::types::SqlType;

/// base.py `extract_map`.
const EXTRACT: &[(&str, &str)] = &[
    ("month", "%m"),
    ("day", "%d"),
    ("year", "%Y"),
    ("second", "%S"),
    ("hour", "%H"),
    ("doy", "%j"),
    ("minute", "%M"),
    ("epoch", "%s"),
    ("dow", "%w"),
    ("week", "%W"),
];

/// The right side of a JSON operator: the path as SQLite's functions take it, where it is known.
fn json_path(binary: &Binary) -> Expr {
    match (
        &binary.right,
        super::operator::modifier(binary, SQLITE_PATH),
    ) {
        (Expr::Bind(bind), Some(path)) => Expr::Bind(Box::new(Bind {
            value: Some(Literal::Str(path.to_owned())),
            sql_type: SqlType::string(),
            ..(**bind).clone()
        })),
        (other, _) => other.clone(),
    }
}

impl Compiler<'_> {
    /// A condition among others: a boolean by itself is compared where there are no booleans. elements.py `AsBoolean`.
    pub(super) fn as_boolean(
        &mut self,
        expr: &Expr,
        context: Context,
    ) -> Result<String, CompileError> {
        let text = self.process(expr, context)?;
        Ok(self.compared(expr, text, "1"))
    }

    /// `x = 1` for a plain boolean, where there are no booleans.
    pub(super) fn compared(&self, expr: &Expr, text: String, value: &str) -> String {
        if !self.dialect.supports_native_boolean() && expr.is_plain_boolean() {
            format!("{text} = {value}")
        } else {
            text
        }
    }

    /// `visit_extract`.
    pub(super) fn sqlite_extract(&self, field: &str, text: &str) -> Result<String, CompileError> {
        match EXTRACT.iter().find(|(name, _)| *name == field) {
            Some((_, format)) => Ok(format!("CAST(STRFTIME('{format}', {text}) AS INTEGER)")),
            None => Err(compile_error(format!(
                "{field} is not a valid extract argument."
            ))),
        }
    }

    /// The operators that SQLite writes in its own way; `None` for the others.
    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    pub(super) fn sqlite_binary(
        &mut self,
        binary: &Binary,
        context: Context,
    ) -> Result<Option<String>, CompileError> {
        let operand = Context {
            in_operator: true,
            ..context
        };
        Ok(Some(match &binary.operator {
            Operator::TrueDiv => {
                let left = self.process(&binary.left, operand)?;
                let right = self.process(&binary.right, operand)?;
                format!("{left} / ({right} + 0.0)")
            }
            Operator::Ilike | Operator::NotIlike => {
                let left = self.process(&binary.left, operand)?;
                let right = self.process(&binary.right, operand)?;
                let like = match binary.operator {
                    Operator::Ilike => "LIKE",
                    _ => "NOT LIKE",
                };
                let escape = super::operator::modifier(binary, "escape")
                    .map(|text| format!(" ESCAPE {}", self.render_string(text)));
                format!(
                    "lower({left}) {like} lower({right}){}",
                    escape.unwrap_or_default()
                )
            }
            Operator::IsDistinctFrom | Operator::IsNotDistinctFrom => {
                let plain = Context {
                    placeholder: true,
                    ..context
                };
                let left = self.process(&binary.left, plain)?;
                let right = self.process(&binary.right, plain)?;
                let word = match binary.operator {
                    Operator::IsDistinctFrom => "IS NOT",
                    _ => "IS",
                };
                format!("{left} {word} {right}")
            }
            Operator::JsonGetItem | Operator::JsonPathGetItem => {
                self.sqlite_json(binary, context, false)?
            }
            Operator::Match => self.generic(binary, " MATCH ", context)?,
            Operator::NotMatch => self.generic(binary, " NOT MATCH ", context)?,
            Operator::RegexpMatch => self.generic(binary, " REGEXP ", context)?,
            Operator::NotRegexpMatch => self.generic(binary, " NOT REGEXP ", context)?,
            Operator::RegexpReplace => {
                return Err(compile_error(
                    "sqlite dialect does not support regular expression replacements",
                ));
            }
            Operator::BitwiseXor => {
                let eager = Context {
                    eager: true,
                    ..context
                };
                let or = self.generic(binary, " | ", eager)?;
                let and = self.generic(binary, " & ", eager)?;
                format!("({or} - {and})")
            }
            Operator::GetItem => {
                return Err(self.cannot_render("<built-in function getitem>"));
            }
            Operator::HstoreGetItem => self.generic(binary, " -> ", context)?,
            Operator::Custom(_) if super::operator::modifier(binary, SQLITE_PATH).is_some() => {
                let mut plain = binary.clone();
                plain.right = json_path(binary);
                plain.modifiers.clear();
                return self.visit_binary(&plain, context).map(Some);
            }
            _ => return Ok(None),
        }))
    }

    /// `visit_json_getitem_op_binary`, `visit_json_path_getitem_op_binary`.
    fn sqlite_json(
        &mut self,
        binary: &Binary,
        context: Context,
        cast_applied: bool,
    ) -> Result<String, CompileError> {
        let is_json = binary.sql_type.affinity() == Affinity::Json;
        if !cast_applied && !is_json {
            let text = self.sqlite_json(binary, context, true)?;
            return Ok(format!(
                "CAST({text} AS {})",
                self.dialect.type_sql(&binary.sql_type)?
            ));
        }
        let left = self.process(&binary.left, context)?;
        let right = self.process(&json_path(binary), context)?;
        let extracted = format!("JSON_EXTRACT({left}, {right})");
        Ok(if is_json {
            format!("JSON_QUOTE({extracted})")
        } else {
            extracted
        })
    }

    /// `limit_clause`.
    pub(super) fn sqlite_limit(
        &mut self,
        text: &mut String,
        limit: Option<&Expr>,
        offset: Option<&Expr>,
        context: Context,
    ) -> Result<(), CompileError> {
        let integer = |number: i64| {
            Expr::literal(
                Literal::Int(number.into()),
                crate::schema::expr::infer::integer(),
            )
        };
        match (limit, offset) {
            (None, None) => return Ok(()),
            (Some(limit), _) => {
                text.push_str(&format!("\n LIMIT {}", self.process(limit, context)?));
            }
            (None, Some(_)) => {
                // upstream does not pass its keywords on: the value stays a bind
                let bare = Context {
                    placeholder: true,
                    ..context
                };
                text.push_str(&format!("\n LIMIT {}", self.process(&integer(-1), bare)?));
            }
        }
        let offset = match offset {
            Some(offset) => self.process(offset, context)?,
            None => self.process(&integer(0), context)?,
        };
        text.push_str(&format!(" OFFSET {offset}"));
        Ok(())
    }

    /// `UnsupportedCompilationError`.
    pub(super) fn cannot_render(&self, element: &str) -> CompileError {
        CompileError::Upstream {
            class: "UnsupportedCompilationError",
            message: format!(
                "Compiler <sqlalchemy.dialects.sqlite.base.SQLiteCompiler object> can't render element of type {element}"
            ),
        }
    }

    /// `visit_empty_set_expr`.
    pub(super) fn sqlite_empty_set(count: usize) -> String {
        let ones = vec!["1"; count.max(1)].join(", ");
        format!("SELECT {ones} FROM (SELECT {ones}) WHERE 1!=1")
    }

    /// Whether this is SQLite.
    pub(super) fn is_sqlite(&self) -> bool {
        self.dialect.name() == "sqlite"
    }

    /// Whether a type writes dates and times with microseconds: base.py `_DateTimeMixin`.
    pub(super) fn sqlite_datetime(text: &str) -> String {
        let (date, clock) = text.split_once(' ').unwrap_or((text, ""));
        format!("{date} {}", Self::sqlite_time(clock))
    }

    /// A time of day with microseconds and without a zone.
    pub(super) fn sqlite_time(clock: &str) -> String {
        let clock = clock.split(['+', '-']).next().unwrap_or_default();
        let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
        let whole = match whole.split(':').count() {
            1 if whole.is_empty() => "00:00:00".to_owned(),
            2 => format!("{whole}:00"),
            _ => whole.to_owned(),
        };
        format!("{whole}.{fraction:0<6}")
    }
}
