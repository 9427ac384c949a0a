//! FROM elements.

use std::rc::Rc;

use crate::dialect::CompileError;
use crate::dialect::sql::Compiler;
use crate::dialect::sql::Context;
use crate::dialect::sql::compile_error;
use crate::schema::expr::Expr;
use crate::schema::expr::from::Alias;
use crate::schema::expr::from::AliasElement;
use crate::schema::expr::from::Cte;
use crate::schema::expr::from::From;
use crate::schema::expr::from::Join;
use crate::schema::expr::names::Identity;
use crate::schema::expr::query::Values;
use crate::schema::name::Name;

impl Compiler<'_> {
    /// An element after FROM, with what it stands for.
    pub(super) fn from_clause(
        &mut self,
        from: &From,
        context: Context,
    ) -> Result<String, CompileError> {
        let context = context.deeper();
        match from {
            From::Table(table) => Ok(self.dialect.format_table(&table.name)),
            From::Alias(alias) => self.visit_alias(alias, context),
            From::Cte(cte) => self.visit_cte(cte),
            From::Join(join) => self.visit_join(join, context),
            From::Text(text) => Ok(self.post_process_text(text)),
            From::Function(function) => self.process(function, Context::default()),
            From::Values(values) => {
                let text = self.values_text(values, context)?;
                match &values.name {
                    Some(name) => {
                        let columns: Vec<String> = values
                            .columns
                            .iter()
                            .map(|(name, _)| self.dialect.quote(name))
                            .collect();
                        Ok(format!(
                            "({text}) AS {} ({})",
                            self.dialect.quote(name),
                            columns.join(", ")
                        ))
                    }
                    None => Ok(format!("({text})")),
                }
            }
        }
    }

    /// The name by which columns of an element are qualified.
    pub(super) fn from_name(
        &mut self,
        from: &From,
        context: Context,
    ) -> Result<String, CompileError> {
        Ok(match from {
            From::Table(table) if context.use_schema => self.dialect.format_table(&table.name),
            From::Table(table) => self.dialect.quote(&table.name.name),
            From::Alias(alias) => self.alias_name(alias),
            From::Cte(cte) => self.cte_alias_name(cte),
            From::Values(values) => values
                .name
                .as_ref()
                .map(|name| self.dialect.quote(name))
                .unwrap_or_default(),
            From::Join(_) | From::Text(_) | From::Function(_) => self.from_clause(from, context)?,
        })
    }

    fn alias_name(&mut self, alias: &Alias) -> String {
        match &alias.name {
            Some(name) => self.dialect.quote(name),
            None => {
                let base = match &alias.element {
                    _ if alias.base.is_some() => alias.base.clone().unwrap_or_default(),
                    AliasElement::From(From::Table(table)) => table.name.name.text.clone(),
                    AliasElement::From(_) | AliasElement::Query(_) => "anon".to_owned(),
                };
                let name = self.anonymous_name(&base, Identity::Element(alias.id));
                self.dialect.quote_text(&name)
            }
        }
    }

    fn visit_alias(&mut self, alias: &Rc<Alias>, context: Context) -> Result<String, CompileError> {
        let name = self.alias_name(alias);
        let inner = match &alias.element {
            AliasElement::From(from) => self.from_clause(from, context)?,
            AliasElement::Query(query) => {
                let inner = Context {
                    asfrom: true,
                    depth: context.depth + 1,
                    ..Context::default()
                };
                format!(
                    "({})",
                    self.visit_query_in_from(query, inner, alias.lateral)?
                )
            }
        };
        let lateral = if alias.lateral { "LATERAL " } else { "" };
        let ordinality = if alias.ordinality {
            " WITH ORDINALITY"
        } else {
            ""
        };
        let mut text = format!("{lateral}{inner}{ordinality} AS {name}");
        if let Some((columns, with_types)) = &alias.derived {
            let mut parts = Vec::new();
            for (column, sql_type) in columns {
                let quoted = self.dialect.quote(column);
                parts.push(if *with_types {
                    format!("{quoted} {}", self.dialect.type_sql(sql_type)?)
                } else {
                    quoted
                });
            }
            text.push_str(&format!("({})", parts.join(", ")));
        }
        Ok(text)
    }

    fn visit_join(&mut self, join: &Join, context: Context) -> Result<String, CompileError> {
        let keyword = match (join.full, join.is_outer) {
            (true, _) => " FULL OUTER JOIN ",
            (false, true) => " LEFT OUTER JOIN ",
            (false, false) => " JOIN ",
        };
        let left = self.from_clause(&join.left, context)?;
        let right = self.from_clause(&join.right, context)?;
        let right = if matches!(join.right, From::Join(_)) {
            format!("({right})")
        } else {
            right
        };
        let on = self.as_boolean(
            &join.onclause,
            Context {
                depth: context.depth + 1,
                ..Context::default()
            },
        )?;
        Ok(format!("{left}{keyword}{right} ON {on}"))
    }

    fn cte_name(&mut self, cte: &Cte) -> String {
        match &cte.name {
            Some(name) => self.dialect.quote(name),
            None => {
                let name = self.anonymous_name("anon", Identity::Element(cte.id));
                self.dialect.quote_text(&name)
            }
        }
    }

    fn cte_alias_name(&mut self, cte: &Cte) -> String {
        match &cte.alias {
            Some(alias) => self.dialect.quote(alias),
            None => self.cte_name(cte),
        }
    }

    /// A mention of a common table expression: its text goes to the front of the statement.
    pub(super) fn visit_cte(&mut self, cte: &Rc<Cte>) -> Result<String, CompileError> {
        let name = self.cte_name(cte);
        if !self.ctes.iter().any(|(id, _)| *id == cte.id) {
            if self.cte_names.contains(&name) {
                return Err(compile_error(format!(
                    "Multiple, unrelated CTEs found with the same name: '{}'",
                    cte.name.as_ref().map_or("", |name| &name.text)
                )));
            }
            self.cte_names.push(name.clone());
            self.recursive |= cte.recursive;
            // its place is kept before its inside is written: a recursive one mentions itself
            let place = self.ctes.len();
            self.ctes.push((cte.id, String::new()));
            let columns = if cte.recursive {
                let names: Vec<String> = From::Cte(cte.clone())
                    .columns()
                    .iter()
                    .map(|column| self.name_text(&column.label_name()))
                    .collect::<Result<_, _>>()?;
                format!("({})", names.join(", "))
            } else {
                String::new()
            };
            let frames = std::mem::take(&mut self.frames);
            let inner = match &cte.element {
                Expr::Query(query) => self.visit_query(
                    query,
                    Context {
                        asfrom: true,
                        ..Context::default()
                    },
                ),
                other => self.process(other, Context::default()),
            };
            self.frames = frames;
            let text = format!("{name}{columns} AS \n({})", inner?);
            // what the inside mentioned first stands before it
            let own = self.ctes.remove(place);
            self.ctes.push((own.0, text));
        }
        Ok(match &cte.alias {
            Some(alias) => format!("{name} AS {}", self.dialect.quote(alias)),
            None => name,
        })
    }

    pub(super) fn visit_values(
        &mut self,
        values: &Values,
        context: Context,
    ) -> Result<String, CompileError> {
        self.values_text(values, context)
    }

    fn values_text(&mut self, values: &Values, context: Context) -> Result<String, CompileError> {
        let mut rows = Vec::new();
        for row in &values.rows {
            rows.push(format!(
                "({})",
                self.join(
                    row,
                    ", ",
                    Context {
                        depth: context.depth + 1,
                        ..Context::default()
                    }
                )?
            ));
        }
        Ok(format!("VALUES {}", rows.join(", ")))
    }

    /// A name quoted where needed.
    pub(super) fn quote(&self, name: &Name) -> String {
        self.dialect.quote(name)
    }
}
