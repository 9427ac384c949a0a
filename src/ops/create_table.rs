//! `op.create_table`: alembic/operations/ops.py CreateTableOp, alembic/ddl/impl.py create_table.

use std::rc::Rc;

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::unresolved_error;
use crate::sa::assemble;
use crate::sa::column::PyColumn;
use crate::sa::constraint::PyConstraint;
use crate::sa::create;
use crate::sa::event;
use crate::sa::index::PyIndex;
use crate::sa::metadata::PyMetaData;
use crate::sa::name;
use crate::sa::table::PyTable;
use crate::sa::table::TABLE;
use crate::schema::table::Table;
use crate::schema::table::TableName;
use crate::schema::types::SqlType;
use crate::schema::types::postgresql::PostgresqlType;

/// Creates a table, the types of its columns before it, its indexes and comments after it.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTable {
    /// The table.
    pub table: Table,
    /// Enums and domains of its columns.
    pub types: Vec<SqlType>,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
}

impl Op for CreateTable {
    const NAME: &'static str = "create_table";
    const SIGNATURE: &'static str = "(self, table_name, *columns, if_not_exists=None, **kw)";

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        let schema = bound
            .keywords
            .iter()
            .find(|(key, _)| &**key == "schema")
            .map_or(Value::None, |(_, value)| value.clone());
        let table = TableName {
            schema: name::optional(&schema, "as a schema")?
                .filter(|schema| !schema.text.is_empty()),
            name: name::from_value(&bound.get("table_name"), "as a table name")?,
        };
        let made = made(scope, table, &bound.rest, &bound.keywords)?;
        event::refuse_ddl(&Value::Native(made.clone()))?;
        let operation = Self {
            table: assemble::table(scope.vm, &made)?.table,
            types: assemble::named_types(scope.vm, &made)?,
            if_not_exists: scope.flag(bound, "if_not_exists")?,
        };
        scope.give(Value::Native(made));
        Ok(operation)
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
        let mut statements = create_types(&self.types, lowering);
        statements.push(Statement::CreateTable {
            table: Box::new(self.table.clone()),
            if_not_exists: self.if_not_exists,
        });
        let index = |index: &crate::schema::index::Index| Statement::CreateIndex {
            index: Box::new(index.clone()),
            if_not_exists: false,
        };
        statements.extend(self.table.indexes.iter().map(index));
        if lowering.dialect.has_comment_statements() {
            statements.extend(create::comments(&self.table));
        }
        Ok(statements)
    }
}

/// The table that `SchemaObjects.table` makes: columns first, then constraints and indexes; anything else is ignored.
pub(crate) fn made(
    scope: &Scope<'_>,
    table: TableName,
    items: &[Value],
    keywords: &[(Rc<str>, Value)],
) -> PyResult<Rc<PyTable>> {
    let metadata = PyMetaData::with_convention(scope.convention()?);
    let mut positional = vec![name::to_value(&table.name), Value::Native(metadata)];
    let mut others = Vec::new();
    for item in items {
        if let Value::Unresolved(unresolved) = item {
            return Err(unresolved_error(unresolved, "as a part of a table"));
        }
        if item.native::<PyColumn>().is_some() {
            positional.push(item.clone());
        } else if item.native::<PyConstraint>().is_some() || item.native::<PyIndex>().is_some() {
            others.push(item.clone());
        }
    }
    positional.extend(others);
    let mut args = Args::of(positional);
    args.keywords.extend(
        keywords
            .iter()
            .filter(|(key, _)| &**key != "schema")
            .cloned(),
    );
    if let Some(schema) = &table.schema {
        args = args.with("schema", name::to_value(schema));
    }
    let made = scope.vm.call(&Value::Class(Class::of(&TABLE)), args)?;
    let made = made
        .native::<PyTable>()
        .ok_or_else(|| PyError::unsupported("a table that is no `Table`"))?;
    made.extra.borrow_mut().is_ad_hoc = true;
    Ok(made)
}

/// CREATE TYPE for those that this run has not created: sqlalchemy/dialects/postgresql/named_types.py `_on_table_create`.
pub(crate) fn create_types(types: &[SqlType], lowering: &Lowering<'_>) -> Vec<Statement> {
    let is_2_0 = lowering.dialect.is_2_0();
    let mut statements = Vec::new();
    for data in types {
        if !create::wants_create(data, is_2_0) || (is_2_0 && create::has_metadata(data)) {
            continue;
        }
        if let Some(identity) = create::type_identity(data) {
            let mut created = lowering.created_types.borrow_mut();
            if created.contains(&identity) {
                continue;
            }
            created.push(identity);
        }
        match data.for_dialect(lowering.dialect.name()) {
            SqlType::Enum(enumeration)
                if enumeration.native_enum && lowering.dialect.supports_native_enum() =>
            {
                statements.push(Statement::CreateEnum(enumeration.clone()));
            }
            SqlType::Postgresql(PostgresqlType::Domain(domain)) => {
                statements.push(Statement::CreateDomain(domain.clone()));
            }
            _ => {}
        }
    }
    statements
}
