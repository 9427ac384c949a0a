//! DDL: sqlalchemy/sql/compiler.py `DDLCompiler`, and alembic/ddl/base.py for ALTER.

use crate::ddl::ColumnChange;
use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::dialect::compile_error;
use crate::dialect::expr::SqlCompiler;
use crate::schema::column::Column;
use crate::schema::constraint::Constraint;
use crate::schema::constraint::ConstraintBase;
use crate::schema::constraint::ConstraintKind;
use crate::schema::constraint::Exclude;
use crate::schema::constraint::ForeignKey;
use crate::schema::default::Computed;
use crate::schema::default::DefaultValue;
use crate::schema::default::Identity;
use crate::schema::default::ServerDefault;
use crate::schema::expr::Expr;
use crate::schema::index::Index;
use crate::schema::index::IndexElement;
use crate::schema::name::Name;
use crate::schema::sequence::Sequence;
use crate::schema::sequence::SequenceOptions;
use crate::schema::table::Table;
use crate::schema::table::TableName;
use crate::schema::types::EnumType;
use crate::schema::types::SqlType;
use crate::schema::types::postgresql::DomainType;

/// The constraints, as far as what ends them differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// PRIMARY KEY and UNIQUE.
    Key,
    /// CHECK.
    Check,
    /// FOREIGN KEY.
    ForeignKey,
}

/// Writes statements.
pub trait DdlCompiler: SqlCompiler {
    /// The text of a whole statement, without a trailing semicolon.
    #[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
    fn compile(&self, statement: &Statement) -> Result<String, CompileError> {
        match statement {
            Statement::Raw(text) => Ok(text.clone()),
            Statement::Query(query) => self.expr_sql(query),
            Statement::CreateTable {
                table,
                if_not_exists,
            } => self.visit_create_table(table, *if_not_exists),
            Statement::DropTable { table, if_exists } => {
                Ok(self.visit_drop_table(table, *if_exists))
            }
            Statement::RenameTable { table, new_name } => {
                Ok(self.visit_rename_table(table, new_name))
            }
            Statement::AddColumn {
                table,
                column,
                if_not_exists,
                inline_primary_key,
                inline_references,
            } => self.visit_add_column(
                table,
                column,
                *if_not_exists,
                *inline_primary_key,
                inline_references.as_deref(),
            ),
            Statement::DropColumn {
                table,
                column,
                if_exists,
            } => Ok(format!(
                "ALTER TABLE {} DROP COLUMN {}{}",
                self.format_table_name(table),
                if *if_exists { "IF EXISTS " } else { "" },
                self.quote(column)
            )),
            Statement::AlterColumn {
                table,
                column,
                change,
            } => self.visit_alter_column(table, column, change),
            Statement::CreateIndex {
                index,
                if_not_exists,
            } => self.visit_create_index(index, *if_not_exists),
            Statement::DropIndex { index, if_exists } => self.visit_drop_index(index, *if_exists),
            Statement::AddConstraint { table, constraint } => {
                self.visit_add_constraint(table, constraint)
            }
            Statement::DropConstraint {
                table,
                constraint,
                if_exists,
                cascade,
            } => self.visit_drop_constraint(table, constraint, *if_exists, *cascade),
            Statement::TableComment { table, comment } => {
                Ok(self.visit_table_comment(table, comment.as_deref()))
            }
            Statement::ColumnComment {
                table,
                column,
                comment,
            } => Ok(self.visit_column_comment(
                &self.format_table(table),
                column,
                comment.as_deref(),
            )),
            Statement::CreateEnum(enumeration) => self.visit_create_enum_type(enumeration),
            Statement::DropEnum(enumeration) => self.visit_drop_enum_type(enumeration),
            Statement::CreateDomain(domain) => self.visit_create_domain_type(domain),
            Statement::DropDomain(domain) => self.visit_drop_domain_type(domain),
            Statement::CreateSequence {
                sequence,
                if_not_exists,
            } => self.visit_create_sequence(sequence, *if_not_exists),
            Statement::DropSequence {
                sequence,
                if_exists,
            } => Ok(format!(
                "DROP SEQUENCE {}{}",
                if *if_exists { "IF EXISTS " } else { "" },
                self.format_qualified(sequence.schema.as_ref(), &sequence.name)
            )),
            Statement::CreateSchema {
                name,
                if_not_exists,
            } => Ok(format!(
                "CREATE SCHEMA {}{}",
                if *if_not_exists { "IF NOT EXISTS " } else { "" },
                self.quote(name)
            )),
            Statement::DropSchema {
                name,
                if_exists,
                cascade,
            } => Ok(format!(
                "DROP SCHEMA {}{}{}",
                if *if_exists { "IF EXISTS " } else { "" },
                self.quote(name),
                if *cascade { " CASCADE" } else { "" }
            )),
        }
    }

    /// `visit_create_table`.
    fn visit_create_table(
        &self,
        table: &Table,
        if_not_exists: bool,
    ) -> Result<String, CompileError> {
        let mut text = String::from("\nCREATE ");
        for prefix in &table.prefixes {
            text.push_str(prefix);
            text.push(' ');
        }
        text.push_str("TABLE ");
        if if_not_exists {
            text.push_str("IF NOT EXISTS ");
        }
        text.push_str(&self.format_table(&table.name));
        text.push_str(" (");
        let mut parts = Vec::new();
        for column in table.columns.iter().filter(|column| !column.system) {
            parts.push(
                self.visit_create_column(table, column)
                    .map_err(|error| in_column(error, table, column))?,
            );
        }
        let constraints = self.create_table_constraints(table)?;
        parts.extend(constraints);
        if !parts.is_empty() {
            text.push_str("\n\t");
            text.push_str(&parts.join(", \n\t"));
        }
        text.push_str("\n)");
        text.push_str(&self.post_create_table(table)?);
        text.push_str("\n\n");
        Ok(text)
    }

    /// `visit_create_column`.
    fn visit_create_column(&self, _table: &Table, column: &Column) -> Result<String, CompileError> {
        let mut text = self.get_column_specification(column)?;
        for check in &column.checks {
            text.push(' ');
            text.push_str(&self.visit_constraint(check)?);
        }
        Ok(text)
    }

    /// `create_table_constraints`: the primary key first, `use_alter` foreign keys not at all.
    fn create_table_constraints(&self, table: &Table) -> Result<Vec<String>, CompileError> {
        let mut parts = Vec::new();
        for constraint in table.primary_key.iter().chain(&table.constraints) {
            let is_later =
                matches!(&constraint.kind, ConstraintKind::ForeignKey(key) if key.use_alter);
            if !is_later && self.should_create(constraint) {
                parts.push(self.visit_constraint(constraint)?);
            }
        }
        Ok(parts)
    }

    /// `_should_create_for_compiler`: a boolean's CHECK is only for dialects without booleans. The caller leaves those
    /// out, so here every constraint counts.
    fn should_create(&self, _constraint: &Constraint) -> bool {
        true
    }

    /// `post_create_table`.
    fn post_create_table(&self, _table: &Table) -> Result<String, CompileError> {
        Ok(String::new())
    }

    /// `visit_drop_table`.
    fn visit_drop_table(&self, table: &TableName, if_exists: bool) -> String {
        format!(
            "\nDROP TABLE {}{}",
            if if_exists { "IF EXISTS " } else { "" },
            self.format_table(table)
        )
    }

    /// alembic/ddl/base.py `visit_rename_table`.
    fn visit_rename_table(&self, table: &TableName, new_name: &Name) -> String {
        let renamed = TableName {
            schema: table.schema.clone(),
            name: new_name.clone(),
        };
        format!(
            "ALTER TABLE {} RENAME TO {}",
            self.format_table_name(table),
            self.format_table_name(&renamed)
        )
    }

    /// alembic/ddl/base.py `visit_add_column` and `add_column`.
    fn visit_add_column(
        &self,
        table: &TableName,
        column: &Column,
        if_not_exists: bool,
        inline_primary_key: bool,
        inline_references: Option<&Constraint>,
    ) -> Result<String, CompileError> {
        let mut text = format!(
            "ALTER TABLE {} ADD COLUMN {}{}",
            self.format_table_name(table),
            if if_not_exists { "IF NOT EXISTS " } else { "" },
            self.get_column_specification(column)?
        );
        if inline_primary_key && column.primary_key {
            text.push_str(" PRIMARY KEY");
        }
        if let Some(constraint) = inline_references
            && let ConstraintKind::ForeignKey(key) = &constraint.kind
        {
            text.push_str(&format!(
                " REFERENCES {} ({})",
                self.format_table(&key.referred),
                self.quote_names(&key.referred_columns)
            ));
            text.push_str(&self.define_constraint_match(key)?);
            text.push_str(&self.define_constraint_cascades(key)?);
            text.push_str(&self.define_constraint_deferrability(&constraint.base)?);
        }
        for check in &column.checks {
            text.push(' ');
            text.push_str(&self.visit_constraint(check)?);
        }
        Ok(text)
    }

    /// Names, quoted, with commas.
    fn quote_names(&self, names: &[Name]) -> String {
        let names: Vec<String> = names.iter().map(|name| self.quote(name)).collect();
        names.join(", ")
    }

    /// alembic/ddl/base.py: the constructs for ALTER COLUMN.
    fn visit_alter_column(
        &self,
        table: &TableName,
        column: &Name,
        change: &ColumnChange,
    ) -> Result<String, CompileError> {
        let table_name = self.format_table_name(table);
        let head = format!(
            "ALTER TABLE {table_name} ALTER COLUMN {} ",
            self.quote(column)
        );
        Ok(match change {
            ColumnChange::Nullable(true) => format!("{head}DROP NOT NULL"),
            ColumnChange::Nullable(false) => format!("{head}SET NOT NULL"),
            ColumnChange::Type { sql_type, using } => {
                self.visit_column_type(&head, sql_type, using.as_deref())?
            }
            ColumnChange::Default(None) => format!("{head}DROP DEFAULT"),
            ColumnChange::Default(Some(default)) => {
                format!("{head}SET DEFAULT {}", self.render_default_string(default)?)
            }
            ColumnChange::Computed => {
                return Err(compile_error(
                    "Adding or removing a \"computed\" construct, e.g. GENERATED ALWAYS AS, to or from an existing column is not supported.",
                ));
            }
            ColumnChange::Identity { new, existing } => {
                self.visit_column_identity(&head, new.as_ref(), existing.as_ref())?
            }
            ColumnChange::Comment(comment) => {
                self.visit_alter_column_comment(&table_name, column, comment.as_deref())?
            }
            ColumnChange::Rename(name) => {
                format!(
                    "ALTER TABLE {table_name} {} {} TO {}",
                    self.rename_column_keyword(),
                    self.quote(column),
                    self.quote(name)
                )
            }
        })
    }

    /// What ALTER TABLE calls the renaming of a column: alembic/ddl/base.py `visit_column_name`.
    fn rename_column_keyword(&self) -> &'static str {
        "RENAME"
    }

    /// `visit_column_type`.
    fn visit_column_type(
        &self,
        head: &str,
        sql_type: &SqlType,
        _using: Option<&str>,
    ) -> Result<String, CompileError> {
        Ok(format!("{head}TYPE {}", self.type_sql(sql_type)?))
    }

    /// `visit_identity_column` of alembic/ddl/base.py.
    fn visit_column_identity(
        &self,
        _head: &str,
        _new: Option<&Identity>,
        _existing: Option<&Identity>,
    ) -> Result<String, CompileError> {
        Err(compile_error(
            "Adding, removing or modifying an \"identity\" construct, e.g. GENERATED AS IDENTITY, to or from an existing column is not supported in this dialect.",
        ))
    }

    /// `visit_create_index`.
    fn visit_create_index(
        &self,
        index: &Index,
        if_not_exists: bool,
    ) -> Result<String, CompileError> {
        let elements: Result<Vec<String>, CompileError> = index
            .elements
            .iter()
            .map(|element| self.index_element(element, false))
            .collect();
        Ok(format!(
            "CREATE {}INDEX {}{} ON {} ({})",
            if index.unique { "UNIQUE " } else { "" },
            if if_not_exists { "IF NOT EXISTS " } else { "" },
            self.prepared_index_name(
                index,
                false,
                "CREATE INDEX requires that the index have a name"
            )?,
            self.format_table(&index.table),
            elements?.join(", ")
        ))
    }

    /// One element of an index.
    fn index_element(
        &self,
        element: &IndexElement,
        self_group: bool,
    ) -> Result<String, CompileError> {
        match element {
            IndexElement::Column(name) => Ok(self.quote(name)),
            IndexElement::Expr(expr, _) => self.ddl_expr_sql(expr, self_group),
        }
    }

    /// `visit_drop_index`.
    fn visit_drop_index(&self, index: &Index, if_exists: bool) -> Result<String, CompileError> {
        Ok(format!(
            "\nDROP INDEX {}{}",
            if if_exists { "IF EXISTS " } else { "" },
            self.prepared_index_name(
                index,
                true,
                "DROP INDEX requires that the index have a name"
            )?
        ))
    }

    /// `_prepared_index_name`.
    fn prepared_index_name(
        &self,
        index: &Index,
        include_schema: bool,
        missing: &str,
    ) -> Result<String, CompileError> {
        let name = index.name.as_ref().ok_or_else(|| compile_error(missing))?;
        let formatted = self.format_constraint(name)?;
        Ok(
            match index
                .table
                .schema
                .as_ref()
                .filter(|schema| include_schema && !schema.text.is_empty())
            {
                Some(schema) => format!("{}.{formatted}", self.quote_schema(schema)),
                None => formatted,
            },
        )
    }

    /// `visit_add_constraint`.
    fn visit_add_constraint(
        &self,
        table: &TableName,
        constraint: &Constraint,
    ) -> Result<String, CompileError> {
        Ok(format!(
            "ALTER TABLE {} ADD {}",
            self.format_table(table),
            self.visit_constraint(constraint)?
        ))
    }

    /// `visit_drop_constraint`.
    fn visit_drop_constraint(
        &self,
        table: &TableName,
        constraint: &Constraint,
        if_exists: bool,
        cascade: bool,
    ) -> Result<String, CompileError> {
        let name = constraint.base.name.as_ref().ok_or_else(|| {
            compile_error(format!(
                "Can't emit DROP CONSTRAINT for constraint {}; it has no name",
                constraint_repr(constraint, table, self.is_2_0())
            ))
        })?;
        Ok(format!(
            "ALTER TABLE {} DROP CONSTRAINT {}{}{}",
            self.format_table(table),
            if if_exists { "IF EXISTS " } else { "" },
            self.format_constraint(name)?,
            if cascade { " CASCADE" } else { "" }
        ))
    }

    /// `visit_set_table_comment`, `visit_drop_table_comment`.
    fn visit_table_comment(&self, table: &TableName, comment: Option<&str>) -> String {
        format!(
            "COMMENT ON TABLE {} IS {}",
            self.format_table(table),
            self.comment_sql(comment)
        )
    }

    /// `visit_set_column_comment`, and alembic/ddl/postgresql.py `visit_column_comment`.
    fn visit_column_comment(&self, table: &str, column: &Name, comment: Option<&str>) -> String {
        format!(
            "COMMENT ON COLUMN {table}.{} IS {}",
            self.quote(column),
            self.comment_sql(comment)
        )
    }

    /// `repr(ddl_compiler)` without its address.
    fn ddl_compiler_repr(&self) -> &'static str {
        "<sqlalchemy.sql.compiler.DDLCompiler object>"
    }

    /// `UnsupportedCompilationError` for a construct of this class.
    fn cannot_render(&self, class: &str) -> CompileError {
        CompileError::Upstream {
            class: "UnsupportedCompilationError",
            message: format!(
                "Compiler {} can't render element of type <class '{class}'>",
                self.ddl_compiler_repr()
            ),
        }
    }

    /// alembic/ddl/base.py `ColumnComment`.
    fn visit_alter_column_comment(
        &self,
        table: &str,
        column: &Name,
        comment: Option<&str>,
    ) -> Result<String, CompileError> {
        Ok(self.visit_column_comment(table, column, comment))
    }

    /// A comment's text, or NULL.
    fn comment_sql(&self, comment: Option<&str>) -> String {
        comment.map_or_else(|| "NULL".to_owned(), |comment| self.render_string(comment))
    }

    /// `visit_create_sequence`.
    fn visit_create_sequence(
        &self,
        sequence: &Sequence,
        if_not_exists: bool,
    ) -> Result<String, CompileError> {
        let mut text = String::from("CREATE SEQUENCE ");
        if if_not_exists {
            text.push_str("IF NOT EXISTS ");
        }
        text.push_str(&self.format_qualified(sequence.schema.as_ref(), &sequence.name));
        text.push_str(&self.sequence_type(sequence)?);
        let options = self.get_identity_options(&sequence.options);
        if !options.is_empty() {
            text.push(' ');
            text.push_str(&options);
        }
        Ok(text)
    }

    /// ` AS type` of a sequence.
    fn sequence_type(&self, _sequence: &Sequence) -> Result<String, CompileError> {
        Ok(String::new())
    }

    /// `get_identity_options`.
    fn get_identity_options(&self, options: &SequenceOptions) -> String {
        let mut parts = Vec::new();
        let mut number = |label: &str, value: Option<i64>| {
            if let Some(value) = value {
                parts.push(format!("{label} {value}"));
            }
        };
        number("INCREMENT BY", options.increment);
        number("START WITH", options.start);
        number("MINVALUE", options.minvalue);
        number("MAXVALUE", options.maxvalue);
        if options.nominvalue.is_some() {
            parts.push("NO MINVALUE".to_owned());
        }
        if options.nomaxvalue.is_some() {
            parts.push("NO MAXVALUE".to_owned());
        }
        if let Some(cache) = options.cache {
            parts.push(format!("CACHE {cache}"));
        }
        if let Some(cycle) = options.cycle {
            parts.push(if cycle { "CYCLE" } else { "NO CYCLE" }.to_owned());
        }
        parts.join(" ")
    }

    /// `get_column_specification`.
    fn get_column_specification(&self, column: &Column) -> Result<String, CompileError> {
        let mut text = format!(
            "{} {}",
            self.quote(&column.name),
            self.type_sql(&column.sql_type)?
        );
        if let Some(default) = self.get_column_default_string(column)? {
            text.push_str(" DEFAULT ");
            text.push_str(&default);
        }
        text.push_str(&self.generated(column)?);
        if !column.nullable && !has_identity(column) {
            text.push_str(" NOT NULL");
        }
        Ok(text)
    }

    /// `get_column_default_string`.
    fn get_column_default_string(&self, column: &Column) -> Result<Option<String>, CompileError> {
        match &column.server_default {
            Some(ServerDefault::Value(value)) => Ok(Some(self.render_default_string(value)?)),
            Some(
                ServerDefault::Fetched | ServerDefault::Computed(_) | ServerDefault::Identity(_),
            )
            | None => Ok(None),
        }
    }

    /// The GENERATED clause of a column, with a space before it.
    fn generated(&self, column: &Column) -> Result<String, CompileError> {
        match &column.server_default {
            Some(ServerDefault::Computed(computed)) => {
                Ok(format!(" {}", self.visit_computed_column(computed)?))
            }
            Some(ServerDefault::Identity(identity)) => {
                Ok(format!(" {}", self.visit_identity_column(identity)))
            }
            Some(ServerDefault::Fetched | ServerDefault::Value(_)) | None => Ok(String::new()),
        }
    }

    /// `render_default_string`.
    fn render_default_string(&self, default: &DefaultValue) -> Result<String, CompileError> {
        match default {
            DefaultValue::Text(text) => Ok(self.render_string(text)),
            DefaultValue::Expr(expr) => self.default_expr_sql(expr),
        }
    }

    /// `sql_compiler.process(default, literal_binds=True)`.
    fn default_expr_sql(&self, expr: &Expr) -> Result<String, CompileError> {
        self.ddl_expr_sql(expr, false)
    }

    /// `visit_computed_column`.
    fn visit_computed_column(&self, computed: &Computed) -> Result<String, CompileError> {
        let text = format!(
            "GENERATED ALWAYS AS ({})",
            self.ddl_expr_sql(&computed.sqltext, false)?
        );
        Ok(match computed.persisted {
            Some(true) => format!("{text} STORED"),
            Some(false) => format!("{text} VIRTUAL"),
            None => text,
        })
    }

    /// `visit_identity_column`.
    fn visit_identity_column(&self, identity: &Identity) -> String {
        let text = format!(
            "GENERATED {} AS IDENTITY",
            if identity.always {
                "ALWAYS"
            } else {
                "BY DEFAULT"
            }
        );
        let options = self.get_identity_options(&identity.options);
        if options.is_empty() {
            text
        } else {
            format!("{text} ({options})")
        }
    }

    /// A constraint of any kind.
    fn visit_constraint(&self, constraint: &Constraint) -> Result<String, CompileError> {
        let base = &constraint.base;
        match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } => {
                self.visit_primary_key_constraint(base, columns)
            }
            ConstraintKind::Unique { columns } => self.visit_unique_constraint(base, columns),
            ConstraintKind::ForeignKey(key) => self.visit_foreign_key_constraint(base, key),
            ConstraintKind::Check { sqltext, .. } => self.visit_check_constraint(base, sqltext),
            ConstraintKind::Exclude(exclude) => self.visit_exclude_constraint(base, exclude),
            ConstraintKind::Unknown => {
                Err(compile_error("Constraint of no kind cannot be rendered"))
            }
        }
    }

    /// `define_constraint_preamble`.
    fn define_constraint_preamble(&self, base: &ConstraintBase) -> Result<String, CompileError> {
        match &base.name {
            Some(name) => Ok(format!("CONSTRAINT {} ", self.format_constraint(name)?)),
            None => Ok(String::new()),
        }
    }

    /// What a dialect writes at the end of a constraint: SQLite's `ON CONFLICT`, PostgreSQL's `NOT VALID`.
    fn define_constraint_end(&self, _part: Part, _base: &ConstraintBase) -> String {
        String::new()
    }

    /// `define_constraint_remote_table`.
    fn format_remote_table(&self, table: &TableName) -> String {
        self.format_table(table)
    }

    /// `visit_primary_key_constraint`.
    fn visit_primary_key_constraint(
        &self,
        base: &ConstraintBase,
        columns: &[Name],
    ) -> Result<String, CompileError> {
        if columns.is_empty() {
            return Ok(String::new());
        }
        Ok(format!(
            "{}PRIMARY KEY ({}){}{}",
            self.define_constraint_preamble(base)?,
            self.quote_names(columns),
            self.define_constraint_deferrability(base)?,
            self.define_constraint_end(Part::Key, base)
        ))
    }

    /// `visit_unique_constraint`.
    fn visit_unique_constraint(
        &self,
        base: &ConstraintBase,
        columns: &[Name],
    ) -> Result<String, CompileError> {
        if columns.is_empty() {
            return Ok(String::new());
        }
        Ok(format!(
            "{}UNIQUE ({}){}{}",
            self.define_constraint_preamble(base)?,
            self.quote_names(columns),
            self.define_constraint_deferrability(base)?,
            self.define_constraint_end(Part::Key, base)
        ))
    }

    /// `visit_foreign_key_constraint`.
    fn visit_foreign_key_constraint(
        &self,
        base: &ConstraintBase,
        key: &ForeignKey,
    ) -> Result<String, CompileError> {
        Ok(format!(
            "{}FOREIGN KEY({}) REFERENCES {} ({}){}{}{}{}",
            self.define_constraint_preamble(base)?,
            self.quote_names(&key.columns),
            self.format_remote_table(&key.referred),
            self.quote_names(&key.referred_columns),
            self.define_constraint_match(key)?,
            self.define_constraint_cascades(key)?,
            self.define_constraint_deferrability(base)?,
            self.define_constraint_end(Part::ForeignKey, base)
        ))
    }

    /// `visit_check_constraint`.
    fn visit_check_constraint(
        &self,
        base: &ConstraintBase,
        sqltext: &Expr,
    ) -> Result<String, CompileError> {
        Ok(format!(
            "{}CHECK ({}){}{}",
            self.define_constraint_preamble(base)?,
            self.ddl_expr_sql(sqltext, false)?,
            self.define_constraint_deferrability(base)?,
            self.define_constraint_end(Part::Check, base)
        ))
    }

    /// `visit_exclude_constraint`.
    fn visit_exclude_constraint(
        &self,
        _base: &ConstraintBase,
        _exclude: &Exclude,
    ) -> Result<String, CompileError> {
        Err(self.cannot_render("sqlalchemy.dialects.postgresql.ext.ExcludeConstraint"))
    }

    /// `define_constraint_match`.
    fn define_constraint_match(&self, key: &ForeignKey) -> Result<String, CompileError> {
        match &key.match_ {
            Some(phrase) => Ok(format!(" MATCH {}", self.validate_sql_phrase(phrase)?)),
            None => Ok(String::new()),
        }
    }

    /// `define_constraint_cascades`.
    fn define_constraint_cascades(&self, key: &ForeignKey) -> Result<String, CompileError> {
        let mut text = String::new();
        if let Some(phrase) = &key.ondelete {
            text.push_str(&format!(" ON DELETE {}", self.validate_ondelete(phrase)?));
        }
        if let Some(phrase) = &key.onupdate {
            text.push_str(&format!(" ON UPDATE {}", self.validate_sql_phrase(phrase)?));
        }
        Ok(text)
    }

    /// The phrase after ON DELETE.
    fn validate_ondelete(&self, phrase: &str) -> Result<String, CompileError> {
        self.validate_sql_phrase(phrase)
    }

    /// `define_constraint_deferrability`.
    fn define_constraint_deferrability(
        &self,
        base: &ConstraintBase,
    ) -> Result<String, CompileError> {
        let mut text = String::new();
        match base.deferrable {
            Some(true) => text.push_str(" DEFERRABLE"),
            Some(false) => text.push_str(" NOT DEFERRABLE"),
            None => {}
        }
        if let Some(phrase) = &base.initially {
            text.push_str(&format!(" INITIALLY {}", self.validate_sql_phrase(phrase)?));
        }
        Ok(text)
    }

    /// `visit_create_enum_type`.
    fn visit_create_enum_type(&self, _enumeration: &EnumType) -> Result<String, CompileError> {
        Err(CompileError::Unsupported {
            what: "CREATE TYPE".to_owned(),
            dialect: self.name(),
        })
    }

    /// `visit_drop_enum_type`.
    fn visit_drop_enum_type(&self, _enumeration: &EnumType) -> Result<String, CompileError> {
        Err(CompileError::Unsupported {
            what: "DROP TYPE".to_owned(),
            dialect: self.name(),
        })
    }

    /// `visit_create_domain_type`.
    fn visit_create_domain_type(&self, _domain: &DomainType) -> Result<String, CompileError> {
        Err(self.cannot_render("sqlalchemy.dialects.postgresql.named_types.CreateDomainType"))
    }

    /// `visit_drop_domain_type`.
    fn visit_drop_domain_type(&self, _domain: &DomainType) -> Result<String, CompileError> {
        Err(self.cannot_render("sqlalchemy.dialects.postgresql.named_types.DropDomainType"))
    }
}

/// Whether the column is an identity.
pub(crate) fn has_identity(column: &Column) -> bool {
    matches!(column.server_default, Some(ServerDefault::Identity(_)))
}

/// `(in table 't', column 'x'): …`: only compile errors are wrapped.
fn in_column(error: CompileError, table: &Table, column: &Column) -> CompileError {
    match error {
        CompileError::Upstream {
            class: "CompileError" | "UnsupportedCompilationError",
            message,
        } => compile_error(format!(
            "(in table '{}', column '{}'): {message}",
            table.name.name.text, column.name.text
        )),
        other => other,
    }
}

/// `repr(constraint)` of the empty constraint that `drop_constraint` makes.
fn constraint_repr(constraint: &Constraint, table: &TableName, is_2_0: bool) -> String {
    let schema = table.schema.as_ref().map_or_else(
        || "None".to_owned(),
        |schema| crate::dialect::ident::python_repr(&schema.text),
    );
    let class = match &constraint.kind {
        ConstraintKind::PrimaryKey { .. } => "PrimaryKeyConstraint()",
        ConstraintKind::Unique { .. } => "UniqueConstraint()",
        ConstraintKind::ForeignKey(_) => "<sqlalchemy.sql.schema.ForeignKeyConstraint object>",
        ConstraintKind::Exclude(_) => "ExcludeConstraint()",
        ConstraintKind::Unknown => "Constraint()",
        ConstraintKind::Check { .. } => {
            let name = crate::dialect::ident::python_repr(&table.name.text);
            let rule = if is_2_0 {
                ", _create_rule=<sqlalchemy.util.langhelpers.portable_instancemethod object>"
            } else {
                ""
            };
            return format!(
                "CheckConstraint(<sqlalchemy.sql.elements.TextClause object>, table=Table({name}, MetaData(), schema={schema}){rule})"
            );
        }
    };
    class.to_owned()
}
