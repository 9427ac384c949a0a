//! DDL on PostgreSQL: sqlalchemy/dialects/postgresql/base.py `PGDDLCompiler`, alembic/ddl/postgresql.py.

use std::sync::LazyLock;

use fancy_regex::Regex;
use indexmap::IndexMap;

use crate::dialect::Base;
use crate::dialect::CompileError;
use crate::dialect::compile_error;
use crate::dialect::ddl::DdlCompiler;
use crate::dialect::ddl::Part;
use crate::dialect::ddl::has_identity;
use crate::dialect::expr::SqlCompiler;
use crate::dialect::ident::IdentifierPreparer;
use crate::dialect::ident::validate_phrase;
use crate::dialect::postgresql::Postgresql;
use crate::dialect::types::TypeCompiler;
use crate::schema::column::Column;
use crate::schema::constraint::ConstraintBase;
use crate::schema::constraint::Exclude;
use crate::schema::default::ClientDefault;
use crate::schema::default::Computed;
use crate::schema::default::Identity;
use crate::schema::index::Index;
use crate::schema::index::IndexElement;
use crate::schema::name::Name;
use crate::schema::options::OptionValue;
use crate::schema::sequence::Sequence;
use crate::schema::sequence::SequenceOptions;
use crate::schema::table::Table;
use crate::schema::table::TableName;
use crate::schema::types::EnumType;
use crate::schema::types::IntegerSize;
use crate::schema::types::SqlType;
use crate::schema::types::postgresql::DomainType;

/// base.py `_fk_ondelete_pattern`.
static ON_DELETE: &str = concat!(
    r"^\w+(?:\s+\w+)*",
    r#"(?:\s*\(\s*(?:[\w$]+|"(?:[^"]|"")+")(?:\s*,\s*(?:[\w$]+|"(?:[^"]|"")+"))*\s*\))?$"#
);
/// base.py `IDX_USING`.
static IDX_USING: &str = r"^(?:btree|hash|gist|gin|[\w_]+)$";

static ON_DELETE_PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(ON_DELETE).ok());
static USING_PATTERN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^(?:btree|hash|gist|gin|[\w_]+)$").ok());

/// The option `name`, when it is there and not `None`.
fn option<'a>(options: &'a IndexMap<String, OptionValue>, name: &str) -> Option<&'a OptionValue> {
    options
        .get(name)
        .filter(|value| !matches!(value, OptionValue::None))
}

impl Postgresql {
    /// `_define_include`.
    fn define_include(&self, options: &IndexMap<String, OptionValue>) -> String {
        match option(options, "postgresql_include") {
            Some(OptionValue::List(items)) if !items.is_empty() => {
                let names: Vec<String> = items
                    .iter()
                    .map(|item| self.quote_text(&item.text()))
                    .collect();
                format!(" INCLUDE ({})", names.join(", "))
            }
            Some(OptionValue::Str(text)) if !text.is_empty() => {
                // A bare string is iterated by Python, letter by letter.
                let names: Vec<String> = text
                    .chars()
                    .map(|c| self.quote_text(&c.to_string()))
                    .collect();
                format!(" INCLUDE ({})", names.join(", "))
            }
            _ => String::new(),
        }
    }

    /// `_define_constraint_validity`.
    fn define_constraint_validity(&self, base: &ConstraintBase) -> &'static str {
        let is_not_valid =
            option(&base.options, "postgresql_not_valid").is_some_and(OptionValue::is_truthy);
        if is_not_valid { " NOT VALID" } else { "" }
    }

    /// `_prepare_withclause_opts`; 2.0 prints Python's values.
    fn with_clause(&self, value: &OptionValue) -> String {
        let OptionValue::Map(items) = value else {
            return String::new();
        };
        let parts: Vec<String> = items
            .iter()
            .map(|(name, value)| match value {
                OptionValue::None if !self.is_2_0() => name.clone(),
                OptionValue::Bool(flag) if !self.is_2_0() => format!("{name} = {flag}"),
                other => format!("{name} = {}", other.text()),
            })
            .collect();
        parts.join(", ")
    }

    /// `validate_sql_phrase(using, IDX_USING).lower()`.
    fn using(&self, using: &str) -> Result<String, CompileError> {
        Ok(validate_phrase(using, USING_PATTERN.as_ref(), IDX_USING)?.to_lowercase())
    }

    /// Whether the server, or any server of the future, has virtual generated columns.
    fn supports_virtual_generated_columns(&self) -> bool {
        !self.is_2_0()
            && self
                .settings()
                .server_version
                .is_none_or(|(major, _)| major >= 18)
    }

    /// The operator class of an element.
    fn operator_class(ops: Option<&OptionValue>, key: Option<&str>) -> String {
        let (Some(OptionValue::Map(items)), Some(key)) = (ops, key) else {
            return String::new();
        };
        let found = items.iter().find(|(name, _)| name == key);
        found
            .map(|(_, class)| format!(" {}", class.text()))
            .unwrap_or_default()
    }

    /// `SERIAL` and its sizes, when the column is the table's autoincrement column.
    fn serial(&self, column: &Column) -> Option<&'static str> {
        let is_serial = column.primary_key
            && column.is_autoincrement
            && !has_identity(column)
            && matches!(
                column.default,
                ClientDefault::None | ClientDefault::OptionalSequence
            );
        if !is_serial {
            return None;
        }
        Some(match column.sql_type.for_dialect("postgresql") {
            SqlType::Integer(IntegerSize::Big) => " BIGSERIAL",
            SqlType::Integer(IntegerSize::Small) => " SMALLSERIAL",
            _ => " SERIAL",
        })
    }
}

impl DdlCompiler for Postgresql {
    fn get_column_specification(&self, column: &Column) -> Result<String, CompileError> {
        let mut text = String::with_capacity(64);
        text.push_str(&self.quote(&column.name));
        if let Some(serial) = self.serial(column) {
            text.push_str(serial);
        } else {
            text.push(' ');
            text.push_str(&self.type_sql(&column.sql_type)?);
            if let Some(default) = self.get_column_default_string(column)? {
                text.push_str(" DEFAULT ");
                text.push_str(&default);
            }
        }
        text.push_str(&self.generated(column)?);
        match (column.nullable, has_identity(column)) {
            (false, false) => text.push_str(" NOT NULL"),
            (true, true) => text.push_str(" NULL"),
            (true, false) | (false, true) => {}
        }
        Ok(text)
    }

    fn define_constraint_end(&self, part: Part, base: &ConstraintBase) -> String {
        match part {
            Part::Key => String::new(),
            Part::Check | Part::ForeignKey => self.define_constraint_validity(base).to_owned(),
        }
    }

    fn visit_primary_key_constraint(
        &self,
        base: &ConstraintBase,
        columns: &[Name],
    ) -> Result<String, CompileError> {
        Ok(format!(
            "{}PRIMARY KEY ({}){}{}",
            self.define_constraint_preamble(base)?,
            self.quote_names(columns),
            self.define_include(&base.options),
            self.define_constraint_deferrability(base)?
        ))
    }

    fn visit_unique_constraint(
        &self,
        base: &ConstraintBase,
        columns: &[Name],
    ) -> Result<String, CompileError> {
        if columns.is_empty() {
            return Ok(String::new());
        }
        let distinct = match option(&base.options, "postgresql_nulls_not_distinct") {
            Some(OptionValue::Bool(true)) => "NULLS NOT DISTINCT ",
            Some(OptionValue::Bool(false)) => "NULLS DISTINCT ",
            _ => "",
        };
        Ok(format!(
            "{}UNIQUE {distinct}({}){}{}",
            self.define_constraint_preamble(base)?,
            self.quote_names(columns),
            self.define_include(&base.options),
            self.define_constraint_deferrability(base)?
        ))
    }

    fn validate_ondelete(&self, phrase: &str) -> Result<String, CompileError> {
        validate_phrase(phrase, ON_DELETE_PATTERN.as_ref(), ON_DELETE)
    }

    fn visit_exclude_constraint(
        &self,
        base: &ConstraintBase,
        exclude: &Exclude,
    ) -> Result<String, CompileError> {
        let mut elements = Vec::new();
        for (expr, key, operator) in &exclude.elements {
            let class = key
                .as_ref()
                .and_then(|key| exclude.ops.get(key))
                .map(|class| format!(" {class}"));
            elements.push(format!(
                "{}{} WITH {operator}",
                self.ddl_expr_sql(expr, false)?,
                class.unwrap_or_default()
            ));
        }
        let mut text = format!(
            "{}EXCLUDE USING {} ({})",
            self.define_constraint_preamble(base)?,
            self.using(&exclude.using)?,
            elements.join(", ")
        );
        if let Some(condition) = &exclude.where_ {
            text.push_str(&format!(
                " WHERE ({})",
                self.ddl_expr_sql(condition, false)?
            ));
        }
        text.push_str(&self.define_constraint_deferrability(base)?);
        Ok(text)
    }

    fn visit_create_index(
        &self,
        index: &Index,
        if_not_exists: bool,
    ) -> Result<String, CompileError> {
        let options = &index.options;
        let mut text = String::from(if index.unique {
            "CREATE UNIQUE INDEX "
        } else {
            "CREATE INDEX "
        });
        if option(options, "postgresql_concurrently").is_some_and(OptionValue::is_truthy) {
            text.push_str("CONCURRENTLY ");
        }
        if if_not_exists {
            text.push_str("IF NOT EXISTS ");
        }
        let name = self.prepared_index_name(
            index,
            false,
            "CREATE INDEX requires that the index have a name",
        )?;
        text.push_str(&name);
        text.push_str(" ON ");
        text.push_str(&self.format_table(&index.table));
        text.push(' ');
        if let Some(using) = option(options, "postgresql_using").filter(|using| using.is_truthy()) {
            text.push_str(&format!("USING {} ", self.using(&using.text())?));
        }
        let ops = option(options, "postgresql_ops");
        let mut elements = Vec::new();
        for element in &index.elements {
            let key = match element {
                IndexElement::Column(name) => Some(name.text.as_str()),
                IndexElement::Expr(_, key) => key.as_deref(),
            };
            let element = self.index_element(element, true)?;
            elements.push(element + &Self::operator_class(ops, key));
        }
        text.push('(');
        text.push_str(&elements.join(", "));
        text.push(')');
        text.push_str(&self.define_include(options));
        match option(options, "postgresql_nulls_not_distinct") {
            Some(OptionValue::Bool(true)) => text.push_str(" NULLS NOT DISTINCT"),
            Some(OptionValue::Bool(false)) => text.push_str(" NULLS DISTINCT"),
            _ => {}
        }
        if let Some(with) = option(options, "postgresql_with").filter(|with| with.is_truthy()) {
            text.push_str(&format!(" WITH ({})", self.with_clause(with)));
        }
        if let Some(tablespace) =
            option(options, "postgresql_tablespace").filter(|value| value.is_truthy())
        {
            text.push_str(&format!(
                " TABLESPACE {}",
                self.quote_text(&tablespace.text())
            ));
        }
        if let Some(OptionValue::Expr(condition)) = option(options, "postgresql_where") {
            text.push_str(&format!(" WHERE {}", self.ddl_expr_sql(condition, false)?));
        }
        Ok(text)
    }

    fn visit_drop_index(&self, index: &Index, if_exists: bool) -> Result<String, CompileError> {
        let is_concurrent =
            option(&index.options, "postgresql_concurrently").is_some_and(OptionValue::is_truthy);
        // base.py PGDDLCompiler.visit_drop_index does not check the name itself.
        Ok(format!(
            "\nDROP INDEX {}{}{}",
            if is_concurrent { "CONCURRENTLY " } else { "" },
            if if_exists { "IF EXISTS " } else { "" },
            self.prepared_index_name(
                index,
                true,
                "DROP INDEX requires that the index have a name"
            )?
        ))
    }

    fn post_create_table(&self, table: &Table) -> Result<String, CompileError> {
        let options = &table.options;
        let mut text = String::new();
        if let Some(inherits) = option(options, "postgresql_inherits") {
            let names: Vec<String> = match inherits {
                OptionValue::List(items) => items
                    .iter()
                    .map(|item| self.quote_text(&item.text()))
                    .collect(),
                other => vec![self.quote_text(&other.text())],
            };
            let space = if self.is_2_0() { " " } else { "" };
            text.push_str(&format!("\n INHERITS ({space}{}{space})", names.join(", ")));
        }
        let truthy = |name: &str| option(options, name).filter(|value| value.is_truthy());
        if let Some(partition) = truthy("postgresql_partition_by") {
            text.push_str(&format!("\n PARTITION BY {}", partition.text()));
        }
        if let Some(using) = truthy("postgresql_using") {
            text.push_str(&format!("\n USING {}", using.text()));
        }
        if let Some(with) = truthy("postgresql_with") {
            text.push_str(&format!("\n WITH ({})", self.with_clause(with)));
        }
        match option(options, "postgresql_with_oids") {
            Some(OptionValue::Bool(true)) => text.push_str("\n WITH OIDS"),
            Some(OptionValue::Bool(false)) => text.push_str("\n WITHOUT OIDS"),
            _ => {}
        }
        if let Some(on_commit) = truthy("postgresql_on_commit") {
            text.push_str(&format!(
                "\n ON COMMIT {}",
                on_commit.text().replace('_', " ").to_uppercase()
            ));
        }
        if let Some(tablespace) = truthy("postgresql_tablespace") {
            text.push_str(&format!(
                "\n TABLESPACE {}",
                self.quote_text(&tablespace.text())
            ));
        }
        Ok(text)
    }

    fn visit_rename_table(&self, table: &TableName, new_name: &Name) -> String {
        format!(
            "ALTER TABLE {} RENAME TO {}",
            self.format_table_name(table),
            self.quote(new_name)
        )
    }

    fn visit_column_type(
        &self,
        head: &str,
        sql_type: &SqlType,
        using: Option<&str>,
    ) -> Result<String, CompileError> {
        let using = using
            .filter(|using| !using.is_empty())
            .map(|using| format!("USING {using}"));
        Ok(format!(
            "{head}TYPE {} {}",
            self.type_sql(sql_type)?,
            using.unwrap_or_default()
        ))
    }

    fn visit_column_identity(
        &self,
        head: &str,
        new: Option<&Identity>,
        existing: Option<&Identity>,
    ) -> Result<String, CompileError> {
        let mut text = head.to_owned();
        match (new, existing) {
            (None, _) => text.push_str("DROP IDENTITY"),
            (Some(new), None) => {
                text.push_str("ADD ");
                text.push_str(&self.visit_identity_column(new));
            }
            (Some(new), Some(existing)) => {
                for change in identity_changes(new, existing) {
                    match change {
                        IdentityChange::Always => {
                            text.push_str(&format!(
                                "SET GENERATED {} ",
                                if new.always { "ALWAYS" } else { "BY DEFAULT" }
                            ));
                        }
                        IdentityChange::Option(options) => {
                            text.push_str(&format!("SET {} ", self.get_identity_options(&options)));
                        }
                    }
                }
            }
        }
        Ok(text)
    }

    fn visit_computed_column(&self, computed: &Computed) -> Result<String, CompileError> {
        let text = format!(
            "GENERATED ALWAYS AS ({})",
            self.ddl_expr_sql(&computed.sqltext, false)?
        );
        if self.supports_virtual_generated_columns() {
            return Ok(match computed.persisted {
                Some(true) => format!("{text} STORED"),
                Some(false) => format!("{text} VIRTUAL"),
                None => text,
            });
        }
        if computed.persisted == Some(false) {
            return Err(compile_error(
                "PostrgreSQL computed columns do not support 'virtual' persistence; set the 'persisted' flag to None or True for PostgreSQL support.",
            ));
        }
        Ok(format!("{text} STORED"))
    }

    fn sequence_type(&self, sequence: &Sequence) -> Result<String, CompileError> {
        match &sequence.data_type {
            Some(data_type) => Ok(format!(" AS {}", self.type_sql(data_type)?)),
            None => Ok(String::new()),
        }
    }

    fn visit_create_enum_type(&self, enumeration: &EnumType) -> Result<String, CompileError> {
        let labels: Vec<String> = enumeration
            .enums
            .iter()
            .map(|label| self.render_string(label))
            .collect();
        Ok(format!(
            "CREATE TYPE {} AS ENUM ({})",
            self.format_enum(enumeration)?,
            labels.join(", ")
        ))
    }

    fn visit_drop_enum_type(&self, enumeration: &EnumType) -> Result<String, CompileError> {
        Ok(format!("DROP TYPE {}", self.format_enum(enumeration)?))
    }

    fn visit_create_domain_type(&self, domain: &DomainType) -> Result<String, CompileError> {
        let mut options = Vec::new();
        if let Some(collation) = &domain.collation {
            options.push(format!("COLLATE {}", self.quote_text(collation)));
        }
        if let Some(default) = &domain.default {
            options.push(format!("DEFAULT {}", self.render_default_string(default)?));
        }
        if let Some(name) = &domain.constraint_name {
            options.push(format!("CONSTRAINT {}", self.format_constraint(name)?));
        }
        if domain.not_null {
            options.push("NOT NULL".to_owned());
        }
        if let Some(check) = &domain.check {
            options.push(format!("CHECK ({})", self.ddl_expr_sql(check, false)?));
        }
        Ok(format!(
            "CREATE DOMAIN {} AS {} {}",
            self.format_domain(domain)?,
            self.type_sql(&domain.data_type)?,
            options.join(" ")
        ))
    }

    fn visit_drop_domain_type(&self, domain: &DomainType) -> Result<String, CompileError> {
        Ok(format!("DROP DOMAIN {}", self.format_domain(domain)?))
    }
}

/// One difference between identities.
enum IdentityChange {
    /// ALWAYS or BY DEFAULT.
    Always,
    /// One option.
    Option(SequenceOptions),
}

/// alembic/ddl/impl.py `_compare_identity_default`: what differs, by attribute name; an option that one side leaves out
/// and the other sets to the default is no difference.
fn identity_changes(new: &Identity, existing: &Identity) -> Vec<IdentityChange> {
    let mut changes = Vec::new();
    if new.always != existing.always {
        changes.push(IdentityChange::Always);
    }
    let (a, b) = (&new.options, &existing.options);
    let none = SequenceOptions::default;
    if a.cache != b.cache {
        changes.push(IdentityChange::Option(SequenceOptions {
            cache: a.cache,
            ..none()
        }));
    }
    if a.cycle.unwrap_or(false) != b.cycle.unwrap_or(false) {
        changes.push(IdentityChange::Option(SequenceOptions {
            cycle: a.cycle,
            ..none()
        }));
    }
    if a.increment != b.increment {
        changes.push(IdentityChange::Option(SequenceOptions {
            increment: a.increment,
            ..none()
        }));
    }
    if a.maxvalue != b.maxvalue {
        changes.push(IdentityChange::Option(SequenceOptions {
            maxvalue: a.maxvalue,
            ..none()
        }));
    }
    if a.minvalue != b.minvalue {
        changes.push(IdentityChange::Option(SequenceOptions {
            minvalue: a.minvalue,
            ..none()
        }));
    }
    if a.nomaxvalue.unwrap_or(false) != b.nomaxvalue.unwrap_or(false) {
        changes.push(IdentityChange::Option(SequenceOptions {
            nomaxvalue: a.nomaxvalue,
            ..none()
        }));
    }
    if a.nominvalue.unwrap_or(false) != b.nominvalue.unwrap_or(false) {
        changes.push(IdentityChange::Option(SequenceOptions {
            nominvalue: a.nominvalue,
            ..none()
        }));
    }
    if a.start != b.start {
        changes.push(IdentityChange::Option(SequenceOptions {
            start: a.start,
            ..none()
        }));
    }
    changes
}
