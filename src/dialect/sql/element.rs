//! Column expressions.

use crate::dialect::CompileError;
use crate::dialect::sql::Compiler;
use crate::dialect::sql::Context;
use crate::dialect::sql::MAX_DEPTH;
use crate::dialect::sql::compile_error;
use crate::schema::expr::Case;
use crate::schema::expr::ColumnRef;
use crate::schema::expr::Expr;
use crate::schema::expr::Label;
use crate::schema::expr::Over;
use crate::schema::expr::from::From;
use crate::schema::expr::operator::Operator;
use crate::schema::sequence::Sequence;

impl Compiler<'_> {
    /// Writes an expression.
    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    pub(super) fn process(
        &mut self,
        expr: &Expr,
        context: Context,
    ) -> Result<String, CompileError> {
        if context.depth > MAX_DEPTH {
            return Err(compile_error("the expression is nested too deeply"));
        }
        let deeper = context.deeper();
        match expr {
            Expr::Text(text) => self.visit_text(text, context),
            Expr::Column(column) => self.visit_column(column, context),
            Expr::LiteralColumn(text, _) => Ok(self.post_process_text(text)),
            Expr::Star(None) => Ok("*".to_owned()),
            Expr::Star(Some(from)) => Ok(format!("{}.*", self.from_name(from, context)?)),
            Expr::Bind(bind) => self.visit_bind(bind, context),
            Expr::Null => Ok("NULL".to_owned()),
            Expr::True => Ok(self.boolean_word(true).to_owned()),
            Expr::False => Ok(self.boolean_word(false).to_owned()),
            Expr::Function(function) => self.visit_function(function, context.inner()),
            Expr::Binary(binary) => self.visit_binary(binary, context.inner()),
            Expr::Unary(unary) => self.visit_unary(unary, deeper),
            Expr::List(list) => {
                let separator = list.operator.text().to_owned();
                let separator = if separator == " % " {
                    self.percent(&separator)
                } else {
                    separator
                };
                let inner = if list.operator == Operator::Comma {
                    context.inner()
                } else {
                    Context {
                        in_operator: true,
                        ..context.inner()
                    }
                };
                if matches!(list.operator, Operator::And | Operator::Or) {
                    let parts: Result<Vec<String>, CompileError> = list
                        .clauses
                        .iter()
                        .map(|clause| self.as_boolean(clause, inner))
                        .collect();
                    return Ok(parts?.join(&separator));
                }
                self.join(&list.clauses, &separator, inner)
            }
            Expr::Tuple(items, _) => Ok(format!("({})", self.join(items, ", ", context.inner())?)),
            Expr::Grouping(inner) => Ok(format!(
                "({})",
                self.process(
                    inner,
                    Context {
                        asfrom: false,
                        ..context.inner()
                    }
                )?
            )),
            Expr::Label(label) => self.visit_label(label, deeper),
            Expr::Cast(inner, sql_type) => {
                let type_sql = self.dialect.type_sql(sql_type)?;
                let text = self.process(inner, context.inner())?;
                Ok(cast(&text, &type_sql))
            }
            Expr::TypeCoerce(inner, sql_type) => match &**inner {
                Expr::Bind(bind) => {
                    let mut bind = bind.clone();
                    bind.sql_type = (**sql_type).clone();
                    self.visit_bind(&bind, context)
                }
                other => self.process(other, context.inner()),
            },
            Expr::Extract(field, inner) => {
                let text = self.process(inner, context.inner())?;
                if self.is_sqlite() {
                    return self.sqlite_extract(field, &text);
                }
                Ok(format!("EXTRACT({field} FROM {text})"))
            }
            Expr::Case(case) => self.visit_case(case, context.inner()),
            Expr::Over(over) => self.visit_over(over, context.inner()),
            Expr::Filter(element, condition) => {
                let element = self.process(element, context.inner())?;
                let condition = self.process(condition, context.inner())?;
                Ok(format!("{element} FILTER (WHERE {condition})"))
            }
            Expr::WithinGroup(element, order_by) => {
                let element = self.process(element, context.inner())?;
                let order_by = self.join(order_by, ", ", context.inner())?;
                Ok(format!("{element} WITHIN GROUP (ORDER BY {order_by})"))
            }
            Expr::Collation(name) => Ok(self.dialect.quote(name)),
            Expr::Array(_, _) if self.is_sqlite() => {
                Err(self.cannot_render("<class 'sqlalchemy.dialects.postgresql.array.array'>"))
            }
            Expr::Array(items, sql_type) => {
                if items.is_empty() && !is_null_array(sql_type) {
                    return Ok(format!("ARRAY[]::{}", self.dialect.type_sql(sql_type)?));
                }
                Ok(format!(
                    "ARRAY[{}]",
                    self.join(items, ", ", context.inner())?
                ))
            }
            Expr::AggregateOrderBy(_, _) if self.is_sqlite() => Err(self
                .cannot_render("<class 'sqlalchemy.dialects.postgresql.ext.aggregate_order_by'>")),
            Expr::AggregateOrderBy(target, order_by) => {
                let target = self.process(target, context.inner())?;
                let order_by = self.join(order_by, ", ", context.inner())?;
                Ok(format!("{target} ORDER BY {order_by}"))
            }
            Expr::LabelReference(name) => self.visit_label_reference(name, context),
            Expr::Slice(start, stop) => {
                let mut part = |part: &Option<Box<Expr>>| match part {
                    Some(expr) => self.process(expr, context.inner()),
                    None => Ok(String::new()),
                };
                let start = part(start)?;
                let stop = part(stop)?;
                Ok(format!("{start}:{stop}"))
            }
            Expr::NextValue(sequence) => self.visit_next_value(sequence),
            Expr::From(from) => self.from_name(from, context),
            Expr::Query(query) => self.visit_query(
                query,
                Context {
                    asfrom: false,
                    ..context.inner()
                },
            ),
            Expr::ScalarSubquery(query) => {
                let text = self.visit_query(
                    query,
                    Context {
                        asfrom: false,
                        unlabelled: true,
                        ..context.inner()
                    },
                )?;
                Ok(format!("({text})"))
            }
            Expr::Insert(insert) => self.visit_insert(insert, context),
            Expr::Update(update) => self.visit_update(update, context),
            Expr::Delete(delete) => self.visit_delete(delete, context),
            Expr::Values(values) => self.visit_values(values, context),
        }
    }

    fn visit_column(
        &mut self,
        column: &ColumnRef,
        context: Context,
    ) -> Result<String, CompileError> {
        let name = self.name_text(&column.label_name())?;
        let Some(table) = column.table.as_ref().filter(|_| context.include_table) else {
            return Ok(name);
        };
        match table {
            From::Text(_) | From::Function(_) => Ok(name),
            From::Table(_) | From::Alias(_) | From::Cte(_) | From::Join(_) | From::Values(_) => {
                Ok(format!("{}.{name}", self.from_name(table, context)?))
            }
        }
    }

    /// `visit_label`: `x AS name` among columns, the name in ORDER BY, the expression elsewhere.
    pub(super) fn visit_label(
        &mut self,
        label: &Label,
        context: Context,
    ) -> Result<String, CompileError> {
        if context.labels_by_name && self.is_selected_label(label.id) {
            return self.name_text(&label.label_name());
        }
        if !context.within_columns {
            return self.process(&label.element, context);
        }
        let name = self.name_text(&label.label_name())?;
        let text = self.process(&label.element, context.inner())?;
        Ok(format!("{text} AS {name}"))
    }

    fn is_selected_label(&self, id: u64) -> bool {
        self.frames.last().is_some_and(|frame| {
            frame
                .columns
                .iter()
                .any(|column| matches!(column, Expr::Label(label) if label.id == id))
        })
    }

    fn visit_label_reference(
        &mut self,
        name: &str,
        context: Context,
    ) -> Result<String, CompileError> {
        let frame = self.frames.last().cloned().unwrap_or_default();
        // SelectState._label_resolve_dict: labels, `table_column`, then the columns of FROM (the last one of a name).
        for column in &frame.columns {
            match column {
                Expr::Label(label)
                    if label.name.as_ref().is_some_and(|known| known.text == name) =>
                {
                    return Ok(self.dialect.quote_text(name));
                }
                Expr::Column(reference) if is_called(reference, name) => {
                    return self.process(column, context);
                }
                _ => {}
            }
        }
        let in_froms = frame.asfrom.iter().flat_map(From::columns);
        if let Some(found) = in_froms.filter(|column| column.key == name).last() {
            return self.process(&Expr::Column(Box::new(found)), context);
        }
        if self.frames.is_empty() {
            // compiler.py visit_textual_label_reference: outside of a SELECT the text itself.
            return Ok(name.to_owned());
        }
        Err(compile_error(format!(
            "Can't resolve label reference for ORDER BY / GROUP BY / DISTINCT etc. Textual SQL expression {} should be explicitly declared as text({})",
            crate::dialect::ident::python_repr(name),
            crate::dialect::ident::python_repr(name)
        )))
    }

    fn visit_case(&mut self, case: &Case, context: Context) -> Result<String, CompileError> {
        let mut text = "CASE ".to_owned();
        if let Some(value) = &case.value {
            text.push_str(&self.process(value, context)?);
            text.push(' ');
        }
        for (when, then) in &case.whens {
            let when = self.process(when, context)?;
            let then = self.process(then, context)?;
            text.push_str(&format!("WHEN {when} THEN {then} "));
        }
        if let Some(otherwise) = &case.else_ {
            text.push_str(&format!("ELSE {} ", self.process(otherwise, context)?));
        }
        text.push_str("END");
        Ok(text)
    }

    fn visit_over(&mut self, over: &Over, context: Context) -> Result<String, CompileError> {
        let element = self.process(&over.element, context)?;
        // its binds are numbered first
        let mut ends = Vec::new();
        for (value, word) in over.frame.iter().flat_map(|frame| &frame.ends) {
            ends.push(match value {
                Some(value) => format!("{} {word}", self.process(value, context)?),
                None => (*word).to_owned(),
            });
        }
        let mut parts = Vec::new();
        if !over.partition_by.is_empty() {
            parts.push(format!(
                "PARTITION BY {}",
                self.join(&over.partition_by, ", ", context)?
            ));
        }
        if !over.order_by.is_empty() {
            parts.push(format!(
                "ORDER BY {}",
                self.join(&over.order_by, ", ", context)?
            ));
        }
        if let Some(frame) = &over.frame {
            parts.push(format!("{} BETWEEN {}", frame.unit, ends.join(" AND ")));
        }
        Ok(format!("{element} OVER ({})", parts.join(" ")))
    }

    fn visit_next_value(&mut self, sequence: &Sequence) -> Result<String, CompileError> {
        if self.is_sqlite() {
            return Err(CompileError::Upstream {
                class: "NotImplementedError",
                message: "Dialect 'sqlite' does not support sequence increments.".to_owned(),
            });
        }
        let name = self
            .dialect
            .format_qualified(sequence.schema.as_ref(), &sequence.name);
        Ok(format!("nextval('{}')", name.replace('\'', "''")))
    }
}

/// `visit_cast` (compiler.py): a collation is no part of the type.
fn cast(text: &str, type_sql: &str) -> String {
    let at = type_sql.rfind(" COLLATE ").unwrap_or(type_sql.len());
    let (bare, collation) = type_sql.split_at(at);
    format!("CAST({text} AS {bare}){collation}")
}

fn is_null_array(sql_type: &crate::schema::types::SqlType) -> bool {
    match sql_type {
        crate::schema::types::SqlType::Array(array) => {
            array.item == crate::schema::types::SqlType::Null
        }
        _ => false,
    }
}

/// `_tq_label`, or the key of a column of no table.
fn is_called(column: &ColumnRef, name: &str) -> bool {
    match column.table.as_ref() {
        Some(From::Table(table)) => {
            let place = match &table.name.schema {
                Some(schema) => format!("{}_{}", schema.text, table.name.name.text),
                None => table.name.name.text.clone(),
            };
            name == format!("{place}_{}", column.name.text)
        }
        Some(_) => false,
        None => column.name.text == name || column.key == name,
    }
}
