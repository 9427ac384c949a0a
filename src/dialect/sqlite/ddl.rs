//! DDL on SQLite: sqlalchemy/dialects/sqlite/base.py `SQLiteDDLCompiler`, alembic/ddl/sqlite.py.

use indexmap::IndexMap;

use crate::dialect::CompileError;
use crate::dialect::compile_error;
use crate::dialect::ddl::DdlCompiler;
use crate::dialect::ddl::Part;
use crate::dialect::ident::IdentifierPreparer;
use crate::dialect::sqlite::Sqlite;
use crate::dialect::types::TypeCompiler;
use crate::schema::column::Autoincrement;
use crate::schema::column::Column;
use crate::schema::constraint::Constraint;
use crate::schema::constraint::ConstraintBase;
use crate::schema::constraint::ConstraintKind;
use crate::schema::default::ServerDefault;
use crate::schema::expr::Expr;
use crate::schema::index::Index;
use crate::schema::name::Name;
use crate::schema::options::OptionValue;
use crate::schema::table::Table;
use crate::schema::table::TableName;

/// ` ON CONFLICT …` of an option, when it is there.
fn on_conflict(options: &IndexMap<String, OptionValue>, name: &str) -> Option<String> {
    match options.get(name) {
        None | Some(OptionValue::None) => None,
        Some(value) => Some(format!(" ON CONFLICT {}", value.text())),
    }
}

/// Whether the option is there and true.
fn flag(options: &IndexMap<String, OptionValue>, name: &str, missing: bool) -> bool {
    options.get(name).map_or(missing, OptionValue::is_truthy)
}

/// The columns of a table's primary key.
fn key_columns(table: &Table) -> &[Name] {
    match table.primary_key.as_ref().map(|key| &key.kind) {
        Some(ConstraintKind::PrimaryKey { columns }) => columns,
        _ => &[],
    }
}

impl Sqlite {
    /// Whether the primary key is written with its column: `sqlite_autoincrement=True` and one integer column.
    fn is_inline_key(table: &Table, column: &Column) -> bool {
        column.primary_key
            && flag(&table.options, "sqlite_autoincrement", false)
            && key_columns(table).len() == 1
            && column.sql_type.for_dialect("sqlite").is_integer()
            && !column.has_foreign_keys
    }

    /// `get_column_specification`; `key` is what stands for the primary key.
    fn specification(&self, column: &Column, key: &str) -> Result<String, CompileError> {
        let mut text = format!(
            "{} {}",
            self.quote(&column.name),
            self.type_sql(&column.sql_type)?
        );
        if let Some(default) = self.get_column_default_string(column)? {
            let is_enclosed = default.trim_start().starts_with(['\'', '"', '(']);
            let has_other = default.contains(|c: char| !c.is_alphanumeric() && c != '_');
            text.push_str(&if !is_enclosed && has_other {
                format!(" DEFAULT ({default})")
            } else {
                format!(" DEFAULT {default}")
            });
        }
        if !column.nullable {
            text.push_str(" NOT NULL");
            if let Some(clause) = on_conflict(&column.options, "sqlite_on_conflict_not_null") {
                text.push_str(&clause);
            }
        }
        text.push_str(key);
        if let Some(ServerDefault::Computed(computed)) = &column.server_default {
            text.push(' ');
            text.push_str(&self.visit_computed_column(computed)?);
        }
        Ok(text)
    }

    /// A column's ON CONFLICT for a constraint over it alone.
    fn column_conflict(table: &Table, columns: &[Name], option: &str) -> Option<String> {
        let [only] = columns else {
            return None;
        };
        let column = table.columns.iter().find(|column| column.name == *only)?;
        on_conflict(&column.options, option)
    }

    /// A constraint inside CREATE TABLE; `None` where it is left out.
    fn table_constraint(
        &self,
        table: &Table,
        constraint: &Constraint,
    ) -> Result<Option<String>, CompileError> {
        let mut text = match &constraint.kind {
            ConstraintKind::ForeignKey(key) if key.referred.schema != table.name.schema => {
                return Ok(None);
            }
            _ => self.visit_constraint(constraint)?,
        };
        let own = constraint.base.options.get("sqlite_on_conflict");
        let has_own = own.is_some_and(|value| *value != OptionValue::None);
        if !has_own {
            let clause = match &constraint.kind {
                ConstraintKind::PrimaryKey { columns } => {
                    Self::column_conflict(table, columns, "sqlite_on_conflict_primary_key")
                }
                ConstraintKind::Unique { columns } => {
                    Self::column_conflict(table, columns, "sqlite_on_conflict_unique")
                }
                ConstraintKind::ForeignKey(_)
                | ConstraintKind::Check { .. }
                | ConstraintKind::Exclude(_)
                | ConstraintKind::Unknown => None,
            };
            text.push_str(&clause.unwrap_or_default());
        }
        Ok(Some(text))
    }
}

/// alembic/ddl/sqlite.py `add_constraint`, `drop_constraint`.
fn no_alter() -> CompileError {
    CompileError::Upstream {
        class: "NotImplementedError",
        message: "No support for ALTER of constraints in SQLite dialect. Please refer to the batch mode feature which allows for SQLite migrations using a copy-and-move strategy.".to_owned(),
    }
}

impl DdlCompiler for Sqlite {
    fn visit_add_constraint(
        &self,
        _table: &TableName,
        _constraint: &Constraint,
    ) -> Result<String, CompileError> {
        Err(no_alter())
    }

    fn visit_drop_constraint(
        &self,
        _table: &TableName,
        _constraint: &Constraint,
        _if_exists: bool,
        _cascade: bool,
    ) -> Result<String, CompileError> {
        Err(no_alter())
    }

    fn get_column_specification(&self, column: &Column) -> Result<String, CompileError> {
        self.specification(column, "")
    }

    fn visit_create_column(&self, table: &Table, column: &Column) -> Result<String, CompileError> {
        if column.primary_key
            && column.autoincrement == Autoincrement::Yes
            && key_columns(table).len() != 1
        {
            return Err(compile_error(
                "SQLite does not support autoincrement for composite primary keys",
            ));
        }
        let key = if Self::is_inline_key(table, column) {
            format!(
                " PRIMARY KEY{} AUTOINCREMENT",
                on_conflict(&column.options, "sqlite_on_conflict_primary_key").unwrap_or_default()
            )
        } else {
            String::new()
        };
        let mut text = self.specification(column, &key)?;
        for check in &column.checks {
            if on_conflict(&check.base.options, "sqlite_on_conflict").is_some() {
                return Err(compile_error(
                    "SQLite does not support on conflict clause for column check constraint",
                ));
            }
            text.push(' ');
            text.push_str(&self.visit_constraint(check)?);
        }
        Ok(text)
    }

    fn create_table_constraints(&self, table: &Table) -> Result<Vec<String>, CompileError> {
        let mut parts = Vec::new();
        for constraint in table.primary_key.iter().chain(&table.constraints) {
            if let ConstraintKind::PrimaryKey { columns: key } = &constraint.kind
                && let [only] = key.as_slice()
                && table
                    .columns
                    .iter()
                    .any(|column| column.name == *only && Self::is_inline_key(table, column))
            {
                continue;
            }
            parts.extend(self.table_constraint(table, constraint)?);
        }
        Ok(parts)
    }

    fn define_constraint_end(&self, part: Part, base: &ConstraintBase) -> String {
        match part {
            Part::Key | Part::Check => {
                on_conflict(&base.options, "sqlite_on_conflict").unwrap_or_default()
            }
            Part::ForeignKey => String::new(),
        }
    }

    fn format_remote_table(&self, table: &TableName) -> String {
        self.quote(&table.name)
    }

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
        let mut text = format!(
            "CREATE {}INDEX {}{} ON {} ({})",
            if index.unique { "UNIQUE " } else { "" },
            if if_not_exists { "IF NOT EXISTS " } else { "" },
            self.prepared_index_name(
                index,
                true,
                "CREATE INDEX requires that the index have a name"
            )?,
            self.quote(&index.table.name),
            elements?.join(", ")
        );
        if let Some(OptionValue::Expr(condition)) = index.options.get("sqlite_where") {
            text.push_str(" WHERE ");
            text.push_str(&self.ddl_expr(condition)?);
        }
        Ok(text)
    }

    fn post_create_table(&self, table: &Table) -> Result<String, CompileError> {
        let mut parts = Vec::new();
        if !flag(&table.options, "sqlite_with_rowid", true) {
            parts.push("WITHOUT ROWID");
        }
        if flag(&table.options, "sqlite_strict", false) {
            parts.push("STRICT");
        }
        Ok(if parts.is_empty() {
            String::new()
        } else {
            format!("\n {}", parts.join(",\n "))
        })
    }

    fn ddl_compiler_repr(&self) -> &'static str {
        "<sqlalchemy.dialects.sqlite.base.SQLiteDDLCompiler object>"
    }

    fn visit_rename_table(&self, table: &TableName, new_name: &Name) -> String {
        format!(
            "ALTER TABLE {} RENAME TO {}",
            self.format_table_name(table),
            self.quote(new_name)
        )
    }

    fn visit_alter_column_comment(
        &self,
        _table: &str,
        _column: &Name,
        _comment: Option<&str>,
    ) -> Result<String, CompileError> {
        Err(CompileError::Upstream {
            class: "UnsupportedCompilationError",
            message: "Compiler <sqlalchemy.dialects.sqlite.base.SQLiteDDLCompiler object> can't render element of type <class 'alembic.ddl.base.ColumnComment'>: <class 'alembic.ddl.base.ColumnComment'> construct has no default compilation handler.".to_owned(),
        })
    }

    fn rename_column_keyword(&self) -> &'static str {
        "RENAME COLUMN"
    }
}

impl Sqlite {
    /// An expression with literal values and no table names.
    fn ddl_expr(&self, expr: &Expr) -> Result<String, CompileError> {
        use crate::dialect::expr::SqlCompiler;
        self.ddl_expr_sql(expr, false)
    }
}
