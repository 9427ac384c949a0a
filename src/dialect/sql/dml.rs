//! INSERT, UPDATE, DELETE. sqlalchemy/sql/compiler.py, sqlalchemy/sql/crud.py.

use crate::dialect::CompileError;
use crate::dialect::sql::Compiler;
use crate::dialect::sql::Context;
use crate::dialect::sql::Frame;
use crate::dialect::sql::compile_error;
use crate::dialect::sql::from_objects;
use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::expr::from::ColumnDefault;
use crate::schema::expr::from::From;
use crate::schema::expr::from::TableColumn;
use crate::schema::expr::query::ConflictTarget;
use crate::schema::expr::query::Delete;
use crate::schema::expr::query::Insert;
use crate::schema::expr::query::InsertRows;
use crate::schema::expr::query::OnConflict;
use crate::schema::expr::query::SetKey;
use crate::schema::expr::query::Update;
use crate::schema::literal::Literal;
use crate::schema::types::SqlType;

impl Compiler<'_> {
    pub(super) fn visit_insert(
        &mut self,
        insert: &Insert,
        context: Context,
    ) -> Result<String, CompileError> {
        for cte in &insert.ctes {
            self.visit_cte(cte)?;
        }
        self.frames.push(Frame::default());
        let text = self.insert_body(insert, context);
        self.frames.pop();
        text
    }

    #[expect(
        clippy::too_many_lines,
        reason = "the steps share their state and are read in order"
    )]
    fn insert_body(&mut self, insert: &Insert, context: Context) -> Result<String, CompileError> {
        let context = Context {
            depth: context.depth + 1,
            ..Context::default()
        };
        let mut text = "INSERT ".to_owned();
        for prefix in &insert.prefixes {
            text.push_str(&self.process(prefix, context)?);
            text.push(' ');
        }
        text.push_str(&format!(
            "INTO {}",
            self.dialect.format_table(&insert.table.name)
        ));
        let mut implicit: Vec<Expr> = Vec::new();
        match &insert.rows {
            InsertRows::Select(names, query, include_defaults) => {
                let mut quoted = Vec::new();
                for name in names {
                    quoted.push(
                        match insert
                            .table
                            .columns
                            .iter()
                            .find(|column| column.key == *name || column.name.text == *name)
                        {
                            Some(column) => self.quote(&column.name),
                            None => self.dialect.quote_text(name),
                        },
                    );
                }
                let extra = if *include_defaults {
                    self.select_defaults(insert, names)?
                } else {
                    Vec::new()
                };
                let mut query = (**query).clone();
                for (name, value) in extra {
                    quoted.push(name);
                    if let crate::schema::expr::query::Query::Select(select) = &mut query {
                        select.columns.push(value);
                    }
                }
                text.push_str(&format!(" ({}) ", quoted.join(", ")));
                text.push_str(&self.visit_query(&query, context)?);
            }
            InsertRows::Unset => {
                let columns: Vec<&TableColumn> = insert.table.columns.iter().collect();
                let rows = self.unset_row(&columns)?;
                text.push_str(&insert_values(
                    &columns
                        .iter()
                        .map(|column| self.quote(&column.name))
                        .collect::<Vec<_>>(),
                    &[rows],
                ));
            }
            InsertRows::Values(rows) => {
                let (names, values, returned) = self.insert_rows(insert, rows, context)?;
                implicit = returned;
                text.push_str(&insert_values(&names, &values));
            }
        }
        if let Some(on_conflict) = &insert.on_conflict {
            text.push(' ');
            text.push_str(&self.on_conflict(insert, on_conflict, context)?);
        }
        let returning = if insert.returning.is_empty() {
            &implicit
        } else {
            &insert.returning
        };
        self.returning(&mut text, returning)?;
        Ok(text)
    }

    /// One placeholder per column: nothing was given.
    fn unset_row(&mut self, columns: &[&TableColumn]) -> Result<Vec<String>, CompileError> {
        let context = Context {
            placeholder: true,
            ..Context::default()
        };
        columns
            .iter()
            .map(|column| {
                let bind = Bind {
                    key: column.key.clone(),
                    unique: None,
                    value: None,
                    sql_type: column.sql_type.clone(),
                    expanding: false,
                    inline: false,
                };
                self.visit_bind(&bind, context)
            })
            .collect()
    }

    /// The columns, the rows, and what RETURNING asks for by itself.
    #[expect(
        clippy::too_many_lines,
        reason = "the steps share their state and are read in order"
    )]
    fn insert_rows(
        &mut self,
        insert: &Insert,
        rows: &[Vec<(String, Expr)>],
        context: Context,
    ) -> Result<(Vec<String>, Vec<Vec<String>>, Vec<Expr>), CompileError> {
        let table = &insert.table;
        let Some(first) = rows.first() else {
            return Ok((Vec::new(), vec![Vec::new()], Vec::new()));
        };
        let has_table_columns = !table.columns.is_empty() || first.is_empty();
        if has_table_columns {
            unconsumed(first.iter().map(|(key, _)| key.as_str()), &table.columns)?;
        }
        let needs_keys =
            table.is_table && !insert.inline && insert.returning.is_empty() && !insert.multiple;
        let mut names = Vec::new();
        let mut keys: Vec<(&TableColumn, bool)> = Vec::new();
        let mut implicit = Vec::new();
        for column in &table.columns {
            let given = first.iter().find(|(key, _)| *key == column.key);
            let wants_key = column.primary_key && needs_keys;
            // upstream asks SQLite's driver for the last row's id; a live run lets the row be returned instead
            let is_counted = column.is_autoincrement
                && self.is_sqlite()
                && self.binds != crate::dialect::Binds::Driver;
            match given {
                Some((_, value)) => {
                    if wants_key && !is_counted && !matches!(value, Expr::Bind(_)) {
                        implicit.push(column_expr(table, column));
                    }
                    keys.push((column, true));
                    names.push(self.quote(&column.name));
                }
                None if column.default.is_some() => {
                    if wants_key && !is_prefetched(&column.default) {
                        implicit.push(column_expr(table, column));
                    }
                    keys.push((column, false));
                    names.push(self.quote(&column.name));
                }
                None => {
                    if wants_key
                        && !is_counted
                        && (column.is_autoincrement || column.has_server_default)
                    {
                        implicit.push(column_expr(table, column));
                    }
                }
            }
        }
        let mut values = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let mut parts = Vec::new();
            for (column, is_given) in &keys {
                let value = match (row.iter().find(|(key, _)| *key == column.key), is_given) {
                    (Some((_, Expr::Bind(bind))), _)
                        if insert.multiple && bind.unique.is_none() =>
                    {
                        Expr::Bind(Box::new(Bind {
                            key: format!("{}_m{at}", bind.key),
                            ..(**bind).clone()
                        }))
                    }
                    (Some((_, value)), _) => value.clone(),
                    (None, true) => {
                        return Err(compile_error(format!(
                            "Can't mix single-values and multiple values formats in one statement: column {} is missing from a row",
                            column.key
                        )));
                    }
                    (None, false) => self.default_of(column, &column.default)?,
                };
                parts.push(self.set_value(&value, &column.sql_type, context)?);
            }
            values.push(parts);
        }
        Ok((names, values, implicit))
    }

    /// A client-side default. Offline upstream knows constants only when it executes: NULL stands for them.
    fn default_of(
        &self,
        column: &TableColumn,
        default: &Option<ColumnDefault>,
    ) -> Result<Expr, CompileError> {
        let is_offline = self.binds != crate::dialect::Binds::Driver;
        if let (Some(ColumnDefault::Callable(_)), true) = (default, is_offline) {
            return Ok(Expr::Bind(Box::new(Bind {
                key: column.key.clone(),
                unique: None,
                value: None,
                sql_type: column.sql_type.clone(),
                expanding: false,
                inline: false,
            })));
        }
        match default_value(default)? {
            Expr::Bind(bind) if is_offline => Ok(Expr::Bind(Box::new(Bind {
                key: column.key.clone(),
                unique: None,
                value: None,
                ..*bind
            }))),
            other => Ok(other),
        }
    }

    fn select_defaults(
        &self,
        insert: &Insert,
        names: &[String],
    ) -> Result<Vec<(String, Expr)>, CompileError> {
        let mut extra = Vec::new();
        for column in &insert.table.columns {
            if column.default.is_some() && !names.contains(&column.key) {
                extra.push((
                    self.quote(&column.name),
                    self.default_of(column, &column.default)?,
                ));
            }
        }
        Ok(extra)
    }

    /// A value on the right of SET or in VALUES: it takes the type of its column.
    fn set_value(
        &mut self,
        value: &Expr,
        sql_type: &SqlType,
        context: Context,
    ) -> Result<String, CompileError> {
        match value {
            Expr::Bind(bind) if bind.sql_type == SqlType::Null && *sql_type != SqlType::Null => {
                let mut bind = bind.clone();
                bind.sql_type = sql_type.clone();
                self.visit_bind(&bind, context)
            }
            other => self.process(&other.clone().self_group(None), context),
        }
    }

    fn returning(&mut self, text: &mut String, columns: &[Expr]) -> Result<(), CompileError> {
        if !columns.is_empty() {
            let parts = self.returning_columns(columns)?;
            text.push_str(&format!(" RETURNING {}", parts.join(", ")));
        }
        Ok(())
    }

    fn on_conflict(
        &mut self,
        insert: &Insert,
        on_conflict: &OnConflict,
        context: Context,
    ) -> Result<String, CompileError> {
        let plain = Context {
            include_table: false,
            use_schema: false,
            ..context
        };
        let target = match &on_conflict.target {
            ConflictTarget::None => String::new(),
            // `pg.insert()` on SQLite, which does not know it
            ConflictTarget::Constraint(_) if self.is_sqlite() => {
                if on_conflict.set.is_some() { " " } else { "" }.to_owned()
            }
            ConflictTarget::Constraint(name) => {
                format!("ON CONSTRAINT {} ", self.dialect.format_constraint(name)?)
            }
            ConflictTarget::Elements(elements, condition) => {
                let mut target = format!("({}) ", self.join(elements, ", ", plain)?);
                if let Some(condition) = condition {
                    target.push_str(&format!("WHERE {} ", self.process(condition, plain)?));
                }
                target
            }
        };
        let Some(set) = &on_conflict.set else {
            return Ok(format!("ON CONFLICT {target}DO NOTHING"));
        };
        let inner = context;
        let mut actions = Vec::new();
        let position = |name: &str| {
            insert
                .table
                .columns
                .iter()
                .position(|column| column.key == name)
        };
        let mut ordered: Vec<&(crate::schema::name::Name, Expr)> = set.iter().collect();
        ordered.sort_by_key(|(name, _)| position(&name.text).unwrap_or(usize::MAX));
        for (name, value) in ordered {
            let column = insert
                .table
                .columns
                .iter()
                .find(|column| column.key == name.text);
            let sql_type = column.map_or(SqlType::Null, |column| column.sql_type.clone());
            let value = self.set_value(value, &sql_type, inner)?;
            let quoted = column.map_or_else(|| self.quote(name), |column| self.quote(&column.name));
            actions.push(format!("{quoted} = {value}"));
        }
        let mut text = format!("ON CONFLICT {target}DO UPDATE SET {}", actions.join(", "));
        if let Some(condition) = &on_conflict.where_ {
            text.push_str(&format!(" WHERE {}", self.process(condition, inner)?));
        }
        Ok(text)
    }

    pub(super) fn visit_update(
        &mut self,
        update: &Update,
        context: Context,
    ) -> Result<String, CompileError> {
        for cte in &update.ctes {
            self.visit_cte(cte)?;
        }
        let values = update.values.as_deref().unwrap_or_default();
        let conditions: Vec<&Expr> = update
            .where_
            .iter()
            .chain(values.iter().map(|(_, value)| value))
            .collect();
        let extra = extra_froms(&update.table, &conditions);
        let mut known: Vec<From> = update.table.leaves().into_iter().cloned().collect();
        known.extend(extra.iter().cloned());
        self.frames.push(Frame {
            correlate: known.clone(),
            asfrom: known,
            columns: Vec::new(),
        });
        let text = self.update_body(
            update,
            &extra,
            Context {
                depth: context.depth + 1,
                ..Context::default()
            },
        );
        self.frames.pop();
        text
    }

    fn update_body(
        &mut self,
        update: &Update,
        extra: &[From],
        context: Context,
    ) -> Result<String, CompileError> {
        let mut text = "UPDATE ".to_owned();
        for prefix in &update.prefixes {
            text.push_str(&self.process(prefix, context)?);
            text.push(' ');
        }
        text.push_str(&self.from_clause(&update.table, context)?);
        text.push_str(" SET ");
        text.push_str(&self.assignments(update, context)?.join(", "));
        if !extra.is_empty() {
            let parts: Result<Vec<String>, CompileError> = extra
                .iter()
                .map(|from| self.from_clause(from, context))
                .collect();
            text.push_str(&format!(" FROM {}", parts?.join(", ")));
        }
        if let Some(condition) = self.criteria(&update.where_, context)? {
            text.push_str(&format!(" WHERE {condition}"));
        }
        self.returning(&mut text, &update.returning)?;
        Ok(text)
    }

    #[expect(
        clippy::too_many_lines,
        reason = "the steps share their state and are read in order"
    )]
    fn assignments(
        &mut self,
        update: &Update,
        context: Context,
    ) -> Result<Vec<String>, CompileError> {
        let table = match update.table.leaves().first().map(|from| from.base()) {
            Some(From::Table(table)) => table.columns.clone(),
            _ => Vec::new(),
        };
        let plain = Context {
            include_table: false,
            ..context
        };
        let mut parts = Vec::new();
        let Some(values) = &update.values else {
            let columns: Vec<&TableColumn> = table.iter().collect();
            let binds = self.unset_row(&columns)?;
            return Ok(columns
                .iter()
                .zip(binds)
                .map(|(column, bind)| format!("{}={bind}", self.quote(&column.name)))
                .collect());
        };
        let mut consumed: Vec<usize> = Vec::new();
        let mut by_column: Vec<(&TableColumn, Option<&Expr>)> = Vec::new();
        let find = |column: &TableColumn| {
            values.iter().position(|(key, _)| match key {
                SetKey::Name(name) => *name == column.key,
                SetKey::Expr(Expr::Column(reference)) => reference.key == column.key,
                SetKey::Expr(_) => false,
            })
        };
        for column in &table {
            let at = find(column);
            consumed.extend(at);
            by_column.push((
                column,
                at.and_then(|at| values.get(at)).map(|(_, value)| value),
            ));
        }
        if update.ordered {
            let order = |column: &TableColumn| find(column).unwrap_or(usize::MAX);
            by_column.sort_by_key(|(column, _)| order(column));
        }
        // expressions on the left come first: crud.py _get_stmt_parameter_tuples_params
        for (at, (key, value)) in values.iter().enumerate() {
            if consumed.contains(&at) {
                continue;
            }
            match key {
                SetKey::Name(name) => {
                    return Err(compile_error(format!("Unconsumed column names: {name}")));
                }
                SetKey::Expr(left) => {
                    let left = self.process(left, plain)?;
                    let value = self.set_value(value, &SqlType::Null, context)?;
                    parts.push(format!("{left}={value}"));
                }
            }
        }
        for (column, value) in by_column {
            let value = match (value, &column.onupdate) {
                (Some(value), _) => value.clone(),
                (None, Some(_)) => self.default_of(column, &column.onupdate)?,
                (None, None) => continue,
            };
            let value = self.set_value(&value, &column.sql_type, context)?;
            parts.push(format!("{}={value}", self.quote(&column.name)));
        }
        Ok(parts)
    }

    pub(super) fn visit_delete(
        &mut self,
        delete: &Delete,
        context: Context,
    ) -> Result<String, CompileError> {
        for cte in &delete.ctes {
            self.visit_cte(cte)?;
        }
        let conditions: Vec<&Expr> = delete.where_.iter().collect();
        let extra = extra_froms(&delete.table, &conditions);
        let mut known = vec![delete.table.clone()];
        known.extend(extra.iter().cloned());
        self.frames.push(Frame {
            correlate: known.clone(),
            asfrom: known,
            columns: Vec::new(),
        });
        let text = self.delete_body(
            delete,
            &extra,
            Context {
                depth: context.depth + 1,
                ..Context::default()
            },
        );
        self.frames.pop();
        text
    }

    fn delete_body(
        &mut self,
        delete: &Delete,
        extra: &[From],
        context: Context,
    ) -> Result<String, CompileError> {
        let mut text = "DELETE ".to_owned();
        for prefix in &delete.prefixes {
            text.push_str(&self.process(prefix, context)?);
            text.push(' ');
        }
        text.push_str(&format!(
            "FROM {}",
            self.from_clause(&delete.table, context)?
        ));
        if !extra.is_empty() && self.is_sqlite() {
            return Err(CompileError::Upstream {
                class: "NotImplementedError",
                message: "This backend does not support multiple-table criteria within DELETE"
                    .to_owned(),
            });
        }
        if !extra.is_empty() {
            let parts: Result<Vec<String>, CompileError> = extra
                .iter()
                .map(|from| self.from_clause(from, context))
                .collect();
            text.push_str(&format!(" USING {}", parts?.join(", ")));
        }
        if let Some(condition) = self.criteria(&delete.where_, context)? {
            text.push_str(&format!(" WHERE {condition}"));
        }
        self.returning(&mut text, &delete.returning)?;
        Ok(text)
    }
}

/// `(a, b) VALUES (1, 2), (3, 4)`.
fn insert_values(names: &[String], rows: &[Vec<String>]) -> String {
    if names.is_empty() {
        return " DEFAULT VALUES".to_owned();
    }
    let rows: Vec<String> = rows
        .iter()
        .map(|row| format!("({})", row.join(", ")))
        .collect();
    format!(" ({}) VALUES {}", names.join(", "), rows.join(", "))
}

fn column_expr(
    table: &std::rc::Rc<crate::schema::expr::from::TableRef>,
    column: &TableColumn,
) -> Expr {
    Expr::table_column(
        Some(From::Table(table.clone())),
        column.name.clone(),
        column.sql_type.clone(),
    )
}

/// Whether upstream takes a default before the statement runs, so that nothing is returned for it. crud.py.
fn is_prefetched(default: &Option<ColumnDefault>) -> bool {
    match default {
        Some(ColumnDefault::Callable(_)) => true,
        Some(ColumnDefault::Expr(expr)) => matches!(expr, Expr::Bind(_)),
        None => false,
    }
}

/// The value of a client-side default.
fn default_value(default: &Option<ColumnDefault>) -> Result<Expr, CompileError> {
    match default {
        Some(ColumnDefault::Expr(expr)) => Ok(expr.clone()),
        Some(ColumnDefault::Callable(callable)) => Err(CompileError::Unsupported {
            what: format!(
                "the Python function `{}` as a column default in this INSERT or UPDATE",
                callable.name
            ),
            dialect: "postgresql",
        }),
        None => Ok(Expr::literal(Literal::Null, SqlType::Null)),
    }
}

/// Keys that no column has.
fn unconsumed<'k>(
    keys: impl Iterator<Item = &'k str>,
    columns: &[TableColumn],
) -> Result<(), CompileError> {
    let unknown: Vec<&str> = keys
        .filter(|key| !columns.iter().any(|column| column.key == *key))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(compile_error(format!(
        "Unconsumed column names: {}",
        unknown.join(", ")
    )))
}

/// The FROM elements of conditions besides the table itself.
fn extra_froms(table: &From, conditions: &[&Expr]) -> Vec<From> {
    let mut extra: Vec<From> = Vec::new();
    for condition in conditions {
        for from in from_objects(condition) {
            let is_own = from == *table || table.leaves().contains(&&from);
            if !is_own && !extra.contains(&from) {
                extra.push(from);
            }
        }
    }
    extra
}
