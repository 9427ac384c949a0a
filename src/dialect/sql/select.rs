//! SELECT and combinations.

use crate::dialect::CompileError;
use crate::dialect::sql::Compiler;
use crate::dialect::sql::Context;
use crate::dialect::sql::Frame;
use crate::dialect::sql::from_objects;
use crate::dialect::sql::visit_mut;
use crate::schema::expr::Expr;
use crate::schema::expr::from::From;
use crate::schema::expr::from::new_id;
use crate::schema::expr::names::ColumnPlusName;
use crate::schema::expr::names::LabelName;
use crate::schema::expr::names::LabelStyle;
use crate::schema::expr::names::columns_plus_names;
use crate::schema::expr::names::expand;
use crate::schema::expr::names::exported;
use crate::schema::expr::operator::Operator;
use crate::schema::expr::query::Compound;
use crate::schema::expr::query::ForUpdate;
use crate::schema::expr::query::Query;
use crate::schema::expr::query::Select;
use crate::schema::types::TypeHooks;

impl Compiler<'_> {
    pub(super) fn visit_query(
        &mut self,
        query: &Query,
        context: Context,
    ) -> Result<String, CompileError> {
        match query {
            Query::Select(select) => self.visit_select(select, context, false),
            Query::Compound(compound) => self.visit_compound(compound, context),
            Query::Text { text, .. } => self.process(text, context),
        }
    }

    /// A subquery after FROM: it sees its neighbours only when LATERAL.
    pub(super) fn visit_query_in_from(
        &mut self,
        query: &Query,
        context: Context,
        lateral: bool,
    ) -> Result<String, CompileError> {
        match query {
            Query::Select(select) => self.visit_select(select, context, lateral),
            Query::Compound(compound) => self.visit_compound(compound, context),
            Query::Text { text, .. } => self.process(text, context),
        }
    }

    fn visit_select(
        &mut self,
        select: &Select,
        context: Context,
        lateral: bool,
    ) -> Result<String, CompileError> {
        let context = Context {
            labels_by_name: false,
            within_columns: false,
            ..context
        };
        let results = std::mem::take(&mut self.result_columns);
        let froms = self.display_froms(select, context.asfrom, lateral)?;
        let outer = self.frames.last().cloned().unwrap_or_default();
        let mut correlate = outer.correlate.clone();
        for from in froms.iter().flat_map(From::leaves) {
            if !correlate.contains(from) {
                correlate.push(from.clone());
            }
        }
        let asfrom: Vec<From> = froms.iter().flat_map(From::leaves).cloned().collect();
        self.frames.push(Frame {
            correlate,
            asfrom,
            columns: select.columns.clone(),
        });
        let text = self.select_body(select, &froms, context, results);
        self.frames.pop();
        text
    }

    /// DISTINCT or DISTINCT ON, and a space.
    fn distinct(&mut self, select: &Select, context: Context) -> Result<String, CompileError> {
        if !select.distinct_on.is_empty() && !self.is_sqlite() {
            let columns = self.join(&select.distinct_on, ", ", context)?;
            return Ok(format!("DISTINCT ON ({columns}) "));
        }
        let is_distinct = select.distinct || !select.distinct_on.is_empty();
        Ok(if is_distinct { "DISTINCT " } else { "" }.to_owned())
    }

    fn select_body(
        &mut self,
        select: &Select,
        froms: &[From],
        context: Context,
        results: bool,
    ) -> Result<String, CompileError> {
        for cte in &select.ctes {
            self.visit_cte(cte)?;
        }
        let columns_context = Context {
            within_columns: true,
            include_table: true,
            use_schema: true,
            ..context
        };
        let context = Context {
            asfrom: false,
            unlabelled: false,
            ..context.inner()
        };
        let mut text = "SELECT ".to_owned();
        for prefix in &select.prefixes {
            text.push_str(&self.process(prefix, context)?);
            text.push(' ');
        }
        text.push_str(&self.distinct(select, context)?);
        let columns =
            self.columns_clause(select.id.0, &select.columns, results, columns_context)?;
        text.push_str(&columns.join(", "));
        if !froms.is_empty() {
            let mut parts = Vec::new();
            for from in froms {
                parts.push(self.from_clause(from, context)?);
            }
            text.push_str(&format!(" \nFROM {}", parts.join(", ")));
        }
        if let Some(condition) = self.criteria(&select.where_, context)? {
            text.push_str(&format!(" \nWHERE {condition}"));
        }
        if !select.group_by.is_empty() {
            text.push_str(&format!(
                " GROUP BY {}",
                self.join(&select.group_by, ", ", context)?
            ));
        }
        if let Some(condition) = self.criteria(&select.having, context)? {
            text.push_str(&format!(" \nHAVING {condition}"));
        }
        self.tail(
            &mut text,
            &select.order_by,
            select.limit.as_ref(),
            select.offset.as_ref(),
            context,
        )?;
        if let Some(for_update) = &select.for_update {
            text.push_str(&self.for_update(for_update, context)?);
        }
        for suffix in &select.suffixes {
            text.push(' ');
            text.push_str(&self.process(suffix, context)?);
        }
        Ok(text)
    }

    /// ORDER BY, LIMIT, OFFSET.
    fn tail(
        &mut self,
        text: &mut String,
        order_by: &[Expr],
        limit: Option<&Expr>,
        offset: Option<&Expr>,
        context: Context,
    ) -> Result<(), CompileError> {
        if !order_by.is_empty() {
            let by_name = Context {
                labels_by_name: true,
                ..context
            };
            text.push_str(&format!(
                " ORDER BY {}",
                self.join(order_by, ", ", by_name)?
            ));
        }
        if self.is_sqlite() {
            return self.sqlite_limit(text, limit, offset, context);
        }
        if let Some(limit) = limit {
            text.push_str(&format!(" \n LIMIT {}", self.process(limit, context)?));
        }
        if let Some(offset) = offset {
            if limit.is_none() {
                text.push_str("\n LIMIT ALL");
            }
            text.push_str(&format!(" OFFSET {}", self.process(offset, context)?));
        }
        Ok(())
    }

    fn for_update(
        &mut self,
        for_update: &ForUpdate,
        context: Context,
    ) -> Result<String, CompileError> {
        if self.is_sqlite() {
            return Ok(String::new());
        }
        let mut text = match (for_update.read, for_update.key_share) {
            (true, true) => " FOR KEY SHARE",
            (true, false) => " FOR SHARE",
            (false, true) => " FOR NO KEY UPDATE",
            (false, false) => " FOR UPDATE",
        }
        .to_owned();
        if !for_update.of.is_empty() {
            let context = Context {
                use_schema: false,
                ..context
            };
            let names: Result<Vec<String>, CompileError> = for_update
                .of
                .iter()
                .map(|from| self.from_name(from, context))
                .collect();
            text.push_str(&format!(" OF {}", names?.join(", ")));
        }
        if for_update.nowait {
            text.push_str(" NOWAIT");
        }
        if for_update.skip_locked {
            text.push_str(" SKIP LOCKED");
        }
        Ok(text)
    }

    /// Conditions joined by AND, grouped as `and_` groups them.
    pub(super) fn criteria(
        &mut self,
        clauses: &[Expr],
        context: Context,
    ) -> Result<Option<String>, CompileError> {
        if clauses.is_empty() {
            return Ok(None);
        }
        let joined = Expr::conjunction(&Operator::And, clauses.to_vec());
        let text = match &joined {
            // `_generate_delimited_and_list`: what is inside does not know of the AND
            Expr::List(list) if clauses.len() > 1 => {
                let parts = list.clauses.iter();
                let parts: Result<Vec<String>, CompileError> = parts
                    .map(|clause| self.as_boolean(clause, context.inner()))
                    .collect();
                parts?.join(list.operator.text())
            }
            joined => self.as_boolean(joined, context)?,
        };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// RETURNING: upstream does not pass `literal_binds` on, values stay binds.
    pub(super) fn returning_columns(
        &mut self,
        columns: &[Expr],
    ) -> Result<Vec<String>, CompileError> {
        let binds = self.binds;
        if binds == crate::dialect::Binds::Literal {
            self.binds = crate::dialect::Binds::Placeholder;
        }
        let context = Context {
            within_columns: true,
            include_table: !self.is_sqlite(),
            ..Context::default()
        };
        let parts = self.columns_clause(new_id(), columns, true, context);
        self.binds = binds;
        parts
    }

    /// The columns, labelled where SQLAlchemy labels them.
    pub(super) fn columns_clause(
        &mut self,
        select: u64,
        columns: &[Expr],
        results: bool,
        context: Context,
    ) -> Result<Vec<String>, CompileError> {
        let asfrom = context.asfrom;
        let style = match context.unlabelled {
            true => LabelStyle::None,
            false => LabelStyle::Deduplicated,
        };
        let context = Context {
            asfrom: false,
            unlabelled: false,
            ..context
        };
        let expanded = expand(columns);
        let mut parts = Vec::new();
        for named in columns_plus_names(Some(select), &expanded, style) {
            let sql_type = named.column.sql_type();
            parts.push(match sql_type.column_hook().filter(|_| results) {
                Some(read) => self.read_column(&named, read, context)?,
                None => self.selected(&named, asfrom, context)?,
            });
        }
        Ok(parts)
    }

    /// `_label_select_column` of a type with a `column_expression`: its expression, by the name that the column itself would have.
    fn read_column(
        &mut self,
        named: &ColumnPlusName<'_>,
        read: &Result<Expr, String>,
        context: Context,
    ) -> Result<String, CompileError> {
        let (element, label) = match named.column {
            Expr::Label(label) => (&label.element, label.label_name()),
            other => (other, named.fallback.clone()),
        };
        let label = self.name_text(&label)?;
        let text = self.put(read, element, context.inner())?;
        Ok(format!("{text} AS {label}"))
    }

    /// What a type puts around something, with that in its place.
    pub(super) fn put(
        &mut self,
        around: &Result<Expr, String>,
        element: &Expr,
        context: Context,
    ) -> Result<String, CompileError> {
        let mut expr = around.clone().map_err(|reason| CompileError::Unsupported {
            what: reason,
            dialect: self.dialect.name(),
        })?;
        let is_place = |part: &Expr| match part {
            Expr::Bind(bind) => bind.key == TypeHooks::PLACE,
            Expr::LiteralColumn(text, _) => text == TypeHooks::PLACE,
            _ => false,
        };
        let done: Result<(), std::convert::Infallible> = visit_mut(&mut expr, &mut |part| {
            if is_place(part) {
                *part = element.clone();
            }
            Ok(())
        });
        match done {
            Ok(()) => self.process(&expr, context),
            Err(never) => match never {},
        }
    }

    /// `_label_select_column`.
    fn selected(
        &mut self,
        named: &ColumnPlusName<'_>,
        asfrom: bool,
        context: Context,
    ) -> Result<String, CompileError> {
        let column = named.column;
        let is_labelled = match column {
            Expr::Label(_) | Expr::Text(_) | Expr::Star(_) | Expr::LiteralColumn(_, _) => {
                return self.process(column, context);
            }
            _ if named.required.is_some() => true,
            Expr::Column(reference) => {
                let is_literal = matches!(reference.label_name(), LabelName::Literal(_));
                asfrom && reference.table.is_some() && !is_literal
            }
            Expr::Unary(unary) => {
                let is_compared = unary.is_as_boolean() && !self.dialect.supports_native_boolean();
                is_compared || !wraps_named(&unary.element) || asfrom
            }
            _ => true,
        };
        if !is_labelled {
            return self.process(column, context.inner());
        }
        // the label is named before what is inside it
        let label = self.name_text(&named.fallback)?;
        let text = self.process(column, context.inner())?;
        Ok(format!("{text} AS {label}"))
    }

    fn visit_compound(
        &mut self,
        compound: &Compound,
        context: Context,
    ) -> Result<String, CompileError> {
        same_number_of_columns(compound)?;
        let mut parts = Vec::new();
        let results = std::mem::take(&mut self.result_columns);
        for query in &compound.queries {
            self.result_columns = results;
            let text = self.visit_query(query, context)?;
            parts.push(if needs_parentheses(query) {
                format!("({text})")
            } else {
                text
            });
        }
        let mut text = parts.join(&format!(" {} ", compound.keyword));
        let inner = Context {
            asfrom: false,
            ..context.inner()
        };
        if !compound.group_by.is_empty() {
            text.push_str(&format!(
                " GROUP BY {}",
                self.join(&compound.group_by, ", ", inner)?
            ));
        }
        let columns = match compound.queries.first().map(|query| &**query) {
            Some(Query::Select(select)) => {
                // outside, the columns are known by their names alone
                let named = exported(Some(select.id.0), &select.columns);
                named
                    .into_iter()
                    .map(|column| {
                        Expr::Column(Box::new(crate::schema::expr::ColumnRef {
                            table: None,
                            ..column
                        }))
                    })
                    .collect()
            }
            _ => Vec::new(),
        };
        self.frames.push(Frame {
            columns,
            ..self.frames.last().cloned().unwrap_or_default()
        });
        let done = self.tail(
            &mut text,
            &compound.order_by,
            compound.limit.as_ref(),
            compound.offset.as_ref(),
            inner,
        );
        self.frames.pop();
        done?;
        Ok(text)
    }

    /// `_get_display_froms`.
    fn display_froms(
        &self,
        select: &Select,
        asfrom: bool,
        lateral: bool,
    ) -> Result<Vec<From>, CompileError> {
        let mut froms: Vec<From> = Vec::new();
        let mut add = |from: &From| {
            if !froms.contains(from) {
                froms.push(from.clone());
            }
        };
        select.froms.iter().for_each(&mut add);
        for expr in select.columns.iter().chain(&select.where_) {
            from_objects(expr).iter().for_each(&mut add);
        }
        let hidden: Vec<From> = froms
            .iter()
            .filter(|from| matches!(from, From::Join(_)))
            .flat_map(From::leaves)
            .cloned()
            .collect();
        froms.retain(|from| !hidden.contains(from));
        let outer = self.frames.last().cloned().unwrap_or_default();
        let (explicit, implicit): (Vec<From>, Vec<From>) = if asfrom && !lateral {
            (
                outer
                    .correlate
                    .iter()
                    .filter(|from| !outer.asfrom.contains(from))
                    .cloned()
                    .collect(),
                Vec::new(),
            )
        } else {
            (outer.correlate, outer.asfrom)
        };
        let had = !froms.is_empty();
        if let Some(correlate) = &select.correlate {
            froms.retain(|from| !(explicit.contains(from) && correlate.contains(from)));
        } else if let Some(except) = &select.correlate_except {
            froms.retain(|from| !explicit.contains(from) || except.contains(from));
        } else if froms.len() > 1 && !implicit.is_empty() {
            froms.retain(|from| !implicit.contains(from));
            if froms.is_empty() && had {
                return Err(CompileError::Upstream {
                    class: "InvalidRequestError",
                    message: "Select statement returned no FROM clauses due to auto-correlation; specify correlate(<tables>) to control correlation manually.".to_owned(),
                });
            }
        }
        Ok(froms)
    }
}

/// The queries of a UNION have as many columns as the first.
fn same_number_of_columns(compound: &Compound) -> Result<(), CompileError> {
    let mut counts = compound.queries.iter().map(|query| query.column_count());
    let first = counts.next().unwrap_or_default();
    match counts.enumerate().find(|(_, count)| *count != first) {
        None => Ok(()),
        Some((place, count)) => Err(super::compile_error(format!(
            "All selectables passed to CompoundSelect must have identical numbers of columns; select #1 has {first} columns, select #{} has {count}",
            place + 2
        ))),
    }
}

fn wraps_named(element: &Expr) -> bool {
    matches!(
        element,
        Expr::Column(_) | Expr::Label(_) | Expr::LiteralColumn(_, _)
    )
}

/// Whether a query inside UNION is put in parentheses.
fn needs_parentheses(query: &Query) -> bool {
    match query {
        Query::Select(select) => {
            !select.order_by.is_empty() || select.limit.is_some() || select.offset.is_some()
        }
        Query::Compound(_) => true,
        Query::Text { .. } => false,
    }
}
