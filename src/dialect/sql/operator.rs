//! Operators.

use crate::dialect::CompileError;
use crate::dialect::sql::Compiler;
use crate::dialect::sql::Context;
use crate::schema::expr::Binary;
use crate::schema::expr::Expr;
use crate::schema::expr::Unary;
use crate::schema::expr::infer::Affinity;
use crate::schema::expr::infer::numeric;
use crate::schema::expr::operator::Affix;
use crate::schema::expr::operator::Operator;
use crate::schema::types::SqlType;

impl Compiler<'_> {
    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    pub(super) fn visit_binary(
        &mut self,
        binary: &Binary,
        context: Context,
    ) -> Result<String, CompileError> {
        if self.is_sqlite()
            && let Some(text) = self.sqlite_binary(binary, context)?
        {
            return Ok(text);
        }
        match &binary.operator {
            Operator::NotIn => {
                let text = self.generic(binary, " NOT IN ", context)?;
                Ok(format!("({text})"))
            }
            Operator::TrueDiv => self.visit_truediv(binary, context),
            Operator::FloorDiv => {
                let left = self.process(&binary.left, context)?;
                let right = self.process(&binary.right, context)?;
                let text = format!("{left} / {right}");
                let is_integer = binary.left.sql_type().affinity() == Affinity::Integer
                    && binary.right.sql_type().affinity() == Affinity::Integer;
                Ok(if is_integer {
                    text
                } else {
                    format!("FLOOR({text})")
                })
            }
            Operator::Mod => {
                let operator = self.percent(" % ");
                self.generic(binary, &operator, context)
            }
            Operator::Between | Operator::NotBetween => {
                let operator = binary.operator.text().to_owned();
                self.generic(binary, &operator, context)
            }
            Operator::Like | Operator::NotLike | Operator::Ilike | Operator::NotIlike => {
                self.visit_like(binary, context)
            }
            Operator::Affix(affix) => self.visit_affix(binary, *affix, context),
            Operator::JsonGetItem | Operator::JsonPathGetItem | Operator::HstoreGetItem => {
                self.visit_json(binary, context, false)
            }
            Operator::GetItem => {
                let left = self.process(&binary.left, context)?;
                let right = self.process(&binary.right, context)?;
                Ok(format!("{left}[{right}]"))
            }
            Operator::Match | Operator::NotMatch => {
                let inner = Context {
                    in_operator: true,
                    ..context
                };
                let left = self.process(&binary.left, inner)?;
                let right = self.process(&binary.right, inner)?;
                let configuration = modifier(binary, "postgresql_regconfig")
                    .map(|text| format!("{}, ", self.render_string(text)));
                let text = format!(
                    "{left} @@ plainto_tsquery({}{right})",
                    configuration.unwrap_or_default()
                );
                Ok(if binary.operator == Operator::NotMatch {
                    format!("NOT {text}")
                } else {
                    text
                })
            }
            Operator::RegexpMatch | Operator::NotRegexpMatch => {
                self.visit_regexp_match(binary, context)
            }
            Operator::RegexpReplace => {
                let left = self.process(&binary.left, context)?;
                let right = self.process(&binary.right, context)?;
                let flags =
                    modifier(binary, "flags").map(|text| format!(", {}", self.render_string(text)));
                Ok(format!(
                    "REGEXP_REPLACE({left}, {right}{})",
                    flags.unwrap_or_default()
                ))
            }
            Operator::Custom(custom) => {
                let operator = self.percent(&format!(" {} ", custom.text));
                let context = Context {
                    eager: context.eager || custom.eager_grouping,
                    ..context
                };
                self.generic(binary, &operator, context)
            }
            other => {
                let operator = other.text().to_owned();
                self.generic(binary, &operator, context)
            }
        }
    }

    /// `_generate_generic_binary`.
    pub(super) fn generic(
        &mut self,
        binary: &Binary,
        operator: &str,
        context: Context,
    ) -> Result<String, CompileError> {
        let inner = Context {
            in_operator: true,
            eager: false,
            ..context
        };
        let left = self.process(&binary.left, inner)?;
        let right = match (&binary.right, &binary.operator) {
            (Expr::Bind(bind), Operator::In | Operator::NotIn) if bind.expanding => {
                self.visit_expanding(bind, inner, Some(binary.operator == Operator::NotIn))?
            }
            (right, _) => self.process(right, inner)?,
        };
        let text = format!("{left}{operator}{right}");
        Ok(if context.in_operator && context.eager {
            format!("({text})")
        } else {
            text
        })
    }

    fn visit_truediv(&mut self, binary: &Binary, context: Context) -> Result<String, CompileError> {
        let left = self.process(&binary.left, context)?;
        let right_type = binary.right.sql_type();
        let target = if right_type.affinity() == Affinity::Numeric {
            right_type
        } else {
            numeric()
        };
        let right = self.process(&binary.right, context)?;
        Ok(format!(
            "{left} / CAST({right} AS {})",
            self.dialect.type_sql(&target)?
        ))
    }

    /// `visit_startswith_op_binary` and its kin: `LIKE '%' || x || '%'`.
    fn visit_affix(
        &mut self,
        binary: &Binary,
        affix: Affix,
        context: Context,
    ) -> Result<String, CompileError> {
        let is_lowered = affix.insensitive && !self.is_postgresql();
        let operand = |text: String| match is_lowered {
            true => format!("lower({text})"),
            false => text,
        };
        let left = operand(self.process(&binary.left, context)?);
        let inner = Context {
            in_operator: true,
            ..context
        };
        // `||` joins one that is there
        let right = match &binary.right {
            Expr::Grouping(inner) if !affix.insensitive && is_concatenation(inner) => inner,
            right => right,
        };
        let mut right = operand(self.process(right, inner)?);
        if affix.before {
            right = format!("'%' || {right}");
        }
        if affix.after {
            right = format!("{right} || '%'");
        }
        let like = Affix {
            insensitive: affix.insensitive && !is_lowered,
            ..affix
        }
        .text();
        let escape =
            modifier(binary, "escape").map(|text| format!(" ESCAPE {}", self.render_string(text)));
        Ok(format!("{left}{like}{right}{}", escape.unwrap_or_default()))
    }

    fn visit_like(&mut self, binary: &Binary, context: Context) -> Result<String, CompileError> {
        let left = self.process(&binary.left, context)?;
        let right = self.process(&binary.right, context)?;
        let escape =
            modifier(binary, "escape").map(|text| format!(" ESCAPE {}", self.render_string(text)));
        let escape = escape.unwrap_or_default();
        Ok(format!("{left}{}{right}{escape}", binary.operator.text()))
    }

    fn visit_regexp_match(
        &mut self,
        binary: &Binary,
        context: Context,
    ) -> Result<String, CompileError> {
        let base = if binary.operator == Operator::RegexpMatch {
            "~"
        } else {
            "!~"
        };
        match modifier(binary, "flags") {
            None => self.generic(binary, &format!(" {base} "), context),
            Some("i") => self.generic(binary, &format!(" {base}* "), context),
            Some(flags) => {
                let flags = self.render_string(flags);
                let left = self.process(&binary.left, context)?;
                let right = self.process(&binary.right, context)?;
                Ok(format!("{left} {base} CONCAT('(?', {flags}, ')', {right})"))
            }
        }
    }

    /// `visit_json_getitem_op_binary` and its like.
    fn visit_json(
        &mut self,
        binary: &Binary,
        context: Context,
        cast_applied: bool,
    ) -> Result<String, CompileError> {
        let is_hstore = binary.operator == Operator::HstoreGetItem;
        let is_path = binary.operator == Operator::JsonPathGetItem;
        if !cast_applied && !is_hstore && binary.sql_type.affinity() != Affinity::Json {
            let text = self.visit_json(binary, context, true)?;
            return Ok(format!(
                "CAST({text} AS {})",
                self.dialect.type_sql(&binary.sql_type)?
            ));
        }
        let context = Context {
            eager: true,
            ..context
        };
        let is_jsonb = matches!(binary.left.sql_type().for_dialect("postgresql"), SqlType::Json(json) if json.binary);
        if !cast_applied
            && !is_path
            && (is_jsonb || is_hstore)
            && self.supports_jsonb_subscripting()
        {
            let left = self.process(&binary.left, context)?;
            let left = if matches!(binary.left, Expr::Function(_) | Expr::Cast(_, _)) {
                format!("({left})")
            } else {
                left
            };
            let right = self.process(&binary.right, context)?;
            return Ok(format!("{left}[{right}]"));
        }
        let operator = match (is_path, cast_applied) {
            (false, false) => " -> ",
            (false, true) => " ->> ",
            (true, false) => " #> ",
            (true, true) => " #>> ",
        };
        self.generic(binary, operator, context)
    }

    fn supports_jsonb_subscripting(&self) -> bool {
        self.dialect
            .settings()
            .server_version
            .is_none_or(|(major, _)| major >= 14)
    }

    pub(super) fn visit_unary(
        &mut self,
        unary: &Unary,
        context: Context,
    ) -> Result<String, CompileError> {
        let operator = unary.operator.text().to_owned();
        match &unary.operator {
            Operator::Desc | Operator::Asc | Operator::NullsFirst | Operator::NullsLast => {
                let element = self.process(&unary.element, context)?;
                Ok(format!("{element}{operator}"))
            }
            Operator::Exists => {
                let element = self.process(
                    &unary.element,
                    Context {
                        asfrom: false,
                        ..context.inner()
                    },
                )?;
                Ok(format!("EXISTS {element}"))
            }
            Operator::Any | Operator::All => {
                let element = self.process(&unary.element, context.inner())?;
                Ok(match &unary.element {
                    Expr::Grouping(_) | Expr::ScalarSubquery(_) => format!("{operator}{element}"),
                    _ => format!("{operator}({element})"),
                })
            }
            Operator::Custom(custom) => {
                let element = self.process(&unary.element, context.inner())?;
                Ok(format!("{} {element}", custom.text))
            }
            Operator::Not
                if !self.dialect.supports_native_boolean() && unary.element.is_plain_boolean() =>
            {
                let element = self.process(&unary.element, context.inner())?;
                Ok(self.compared(&unary.element, element, "0"))
            }
            Operator::IsTrue => self.as_boolean(&unary.element, context.inner()),
            _ => {
                let element = self.process(&unary.element, context.inner())?;
                Ok(format!("{operator}{element}"))
            }
        }
    }
}

fn is_concatenation(expr: &Expr) -> bool {
    match expr {
        Expr::Binary(binary) => binary.operator == Operator::Concat,
        Expr::List(list) => list.operator == Operator::Concat,
        _ => false,
    }
}

/// A modifier's text.
pub(super) fn modifier<'a>(binary: &'a Binary, name: &str) -> Option<&'a str> {
    binary
        .modifiers
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}
