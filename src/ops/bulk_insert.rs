//! `op.bulk_insert`: alembic/operations/ops.py BulkInsertOp, alembic/ddl/impl.py bulk_insert.

use std::rc::Rc;

use crate::ddl::Statement;
use crate::dialect::CompileError;
use crate::ops::Lowering;
use crate::ops::Op;
use crate::ops::Scope;
use crate::py::args::Bound;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::unresolved_error;
use crate::sa::client_defaults;
use crate::sa::exc;
use crate::sa::expr::coerce;
use crate::sa::expr::dml;
use crate::sa::expr::from_of;
use crate::sa::expr::literal::literal_of;
use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::expr::from::From;
use crate::schema::expr::from::TableRef;
use crate::schema::expr::query::Insert;
use crate::schema::expr::query::InsertRows;
use crate::schema::literal::Literal;

/// `insertmanyvalues_page_size`.
const PAGE: usize = 1000;

/// A row: column keys and values.
type Row = Vec<(String, Value)>;

/// Inserts rows: one statement each where they are printed, as few as possible where they are sent.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkInsert {
    /// The statements.
    pub inserts: Vec<Insert>,
}

impl Op for BulkInsert {
    const NAME: &'static str = "bulk_insert";
    const SIGNATURE: &'static str = "(self, table, rows, *, multiinsert=True)";

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        let table = table_of(scope, &bound.get("table"))?;
        let rows = rows_of(scope, &bound.get("rows"))?;
        let inserts = if scope.env.executor.is_offline() {
            rows.iter()
                .map(|row| printed(scope, &table, row))
                .collect::<PyResult<_>>()?
        } else if scope.flag(bound, "multiinsert")? {
            sent_together(scope, &table, &rows)?
        } else {
            rows.iter()
                .map(|row| sent(scope, &table, row))
                .collect::<PyResult<_>>()?
        };
        Ok(Self { inserts })
    }

    fn lower(&self, _: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
        Ok(self
            .inserts
            .iter()
            .map(|insert| Statement::Query(Box::new(Expr::Insert(Box::new(insert.clone())))))
            .collect())
    }
}

fn table_of(scope: &Scope<'_>, value: &Value) -> PyResult<Rc<TableRef>> {
    if let Value::Unresolved(unresolved) = value {
        return Err(unresolved_error(
            unresolved,
            "as the table of `bulk_insert`",
        ));
    }
    match from_of(scope.vm, value)? {
        Some(From::Table(table)) => Ok(table),
        _ => Err(PyError::attribute_error(format!(
            "'{}' object has no attribute 'insert'",
            scope.vm.class_of(value).name
        ))),
    }
}

/// A list of dictionaries.
fn rows_of(scope: &Scope<'_>, value: &Value) -> PyResult<Vec<Row>> {
    let vm = scope.vm;
    if let Value::Unresolved(unresolved) = value {
        return Err(unresolved_error(unresolved, "as the rows of `bulk_insert`"));
    }
    if !matches!(value, Value::List(_)) {
        return Err(PyError::type_error("List expected"));
    }
    let mut rows = Vec::new();
    for row in vm.collect(value)? {
        if rows.is_empty() && !matches!(row, Value::Dict(_) | Value::Instance(_)) {
            return Err(PyError::type_error("List of dictionaries expected"));
        }
        let Some(items) = vm.mapping_items(&row)? else {
            return Err(PyError::type_error("List of dictionaries expected"));
        };
        rows.push(
            items
                .into_iter()
                .map(|(key, value)| Ok((vm.str(&key)?, value)))
                .collect::<PyResult<Row>>()?,
        );
    }
    Ok(rows)
}

/// An INSERT of these rows; `.inline()`.
fn insert(table: &Rc<TableRef>, rows: Vec<Vec<(String, Expr)>>, multiple: bool) -> Insert {
    Insert {
        rows: InsertRows::Values(rows),
        multiple,
        inline: true,
        ..dml::empty_insert(table.clone())
    }
}

/// A row as text: every value becomes a literal of its column's type.
fn printed(scope: &Scope<'_>, table: &Rc<TableRef>, row: &Row) -> PyResult<Insert> {
    let mut values = Vec::new();
    for (key, value) in row {
        if let Some(Expr::Bind(bind)) = coerce::find(scope.vm, value)?
            && bind.inline
        {
            values.push((key.clone(), Expr::Bind(bind)));
            continue;
        }
        let Some(column) = table.columns.iter().find(|column| column.key == *key) else {
            return Err(PyError::key_error(Value::str(key)));
        };
        // An SQL expression is a value like any other to upstream: the type fails to render it.
        let literal = match coerce::find(scope.vm, value)? {
            Some(_) => Literal::Opaque {
                repr: scope.vm.repr(value)?.to_string(),
                class: scope.vm.class_of(value).name.to_string(),
            },
            None => literal_of(scope.vm, value, &column.sql_type)?,
        };
        values.push((
            key.clone(),
            Expr::Bind(Box::new(Bind {
                key: key.clone(),
                unique: None,
                value: Some(literal),
                sql_type: column.sql_type.clone(),
                expanding: false,
                inline: true,
            })),
        ));
    }
    Ok(insert(table, vec![values], false))
}

/// A row by itself: `table.insert().inline().values(**row)`.
fn sent(scope: &Scope<'_>, table: &Rc<TableRef>, row: &Row) -> PyResult<Insert> {
    let mut values = Vec::new();
    for (key, value) in row {
        let column = column(table, key)?;
        values.push((
            key.clone(),
            dml::value_for(scope.vm, key, &column.sql_type, value)?,
        ));
    }
    let mut made = insert(table, vec![values], false);
    client_defaults::fill_insert(scope.vm, &mut made)?;
    Ok(made)
}

fn column<'a>(
    table: &'a Rc<TableRef>,
    key: &str,
) -> PyResult<&'a crate::schema::expr::from::TableColumn> {
    let found = table.columns.iter().find(|column| column.key == key);
    found.ok_or_else(|| exc::upstream("CompileError", &format!("Unconsumed column names: {key}")))
}

/// `executemany`: the keys of the first row count, others of later rows are ignored, missing ones are an error.
fn sent_together(scope: &Scope<'_>, table: &Rc<TableRef>, rows: &[Row]) -> PyResult<Vec<Insert>> {
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let mut made = Vec::with_capacity(rows.len());
    for (group, row) in rows.iter().enumerate() {
        let mut values = Vec::with_capacity(first.len());
        for (key, _) in first {
            let Some((_, value)) = row.iter().find(|(known, _)| known == key) else {
                return Err(exc::upstream(
                    "StatementError",
                    &format!(
                        "(sqlalchemy.exc.InvalidRequestError) A value is required for bind parameter '{key}', in parameter group {group}"
                    ),
                ));
            };
            if coerce::find(scope.vm, value)?.is_some() {
                let class = scope.vm.class_of(value).name.clone();
                return Err(exc::upstream(
                    "ProgrammingError",
                    &format!(
                        "cannot adapt type '{class}': an SQL expression cannot be a value of bulk_insert with multiinsert=True"
                    ),
                ));
            }
            let column = column(table, key)?;
            values.push((
                key.clone(),
                dml::value_for(scope.vm, key, &column.sql_type, value)?,
            ));
        }
        made.push(values);
    }
    made.chunks(PAGE)
        .map(|page| {
            let mut made = insert(table, page.to_vec(), true);
            client_defaults::fill_insert(scope.vm, &mut made)?;
            Ok(made)
        })
        .collect()
}
