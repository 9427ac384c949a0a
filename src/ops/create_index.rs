//! `op.create_index`: alembic/operations/ops.py CreateIndexOp, schemaobj.py index.

use std::cell::RefCell;
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
use crate::sa::assemble;
use crate::sa::column::PyColumn;
use crate::sa::constraint::ColumnSpec;
use crate::sa::exc;
use crate::sa::index;
use crate::sa::index::Element;
use crate::sa::index::PyIndex;
use crate::sa::name;
use crate::sa::options;
use crate::sa::table::PyTable;
use crate::schema::expr::Expr;
use crate::schema::index::Index;
use crate::schema::name::Name;
use crate::schema::table::TableName;

/// Creates an index.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateIndex {
    /// The index.
    pub index: Index,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
}

impl Op for CreateIndex {
    const NAME: &'static str = "create_index";
    const SIGNATURE: &'static str = "(self, index_name, table_name, columns, *, schema=None, unique=False, if_not_exists=None, **kw)";
    const BATCH_SIGNATURE: Option<&'static str> = Some("(self, index_name, columns, **kw)");

    fn from_args(scope: &Scope<'_>, bound: &Bound) -> PyResult<Self> {
        let columns = bound.get("columns");
        if let Value::Unresolved(unresolved) = &columns {
            return Err(unresolved_error(unresolved, "as the columns of an index"));
        }
        let columns = scope.vm.collect(&columns)?;
        let (index, if_not_exists) =
            made(scope, bound, scope.table(bound)?, &columns, "if_not_exists")?;
        Ok(Self {
            index,
            if_not_exists: if_not_exists || scope.flag(bound, "if_not_exists")?,
        })
    }

    fn lower(&self, _: &Lowering<'_>) -> Result<Vec<Statement>, CompileError> {
        Ok(vec![Statement::CreateIndex {
            index: Box::new(self.index.clone()),
            if_not_exists: self.if_not_exists,
        }])
    }
}

/// The index that `SchemaObjects.index` makes, and the keyword `condition` where a batch passes it among the others.
pub(crate) fn made(
    scope: &Scope<'_>,
    bound: &Bound,
    table: TableName,
    columns: &[Value],
    condition: &str,
) -> PyResult<(Index, bool)> {
    let vm = scope.vm;
    let table = scope.ad_hoc(table)?;
    let mut keywords = bound.keywords.clone();
    let mut taken = |key: &str| {
        keywords
            .iter()
            .position(|(name, _)| &**name == key)
            .map(|at| keywords.remove(at).1)
    };
    let is_conditional = taken(condition)
        .map(|value| vm.truth(&value))
        .transpose()?
        .unwrap_or(false);
    let unique = taken("unique").unwrap_or_else(|| bound.get("unique"));
    let quote = taken("quote");
    taken("info");
    let mut index_name = name::optional(&bound.get("index_name"), "as an index name")?;
    if let (Some(name), Some(Value::Bool(quote))) = (index_name.as_mut(), quote) {
        name.quote = Some(quote);
    }
    let elements: PyResult<Vec<Element>> = columns
        .iter()
        .map(|column| element(scope, &table, column))
        .collect();
    let made = Rc::new(PyIndex {
        name: RefCell::new(index_name),
        elements: elements?,
        column_flag: false,
        unique: vm.truth(&unique)?,
        options: options::from_keywords(vm, &keywords, "Index")?,
        table: RefCell::default(),
    });
    Ok((assemble::index(vm, &table, &made)?, is_conditional))
}

/// sqla_compat.py `_textual_index_column`: text names a column, which the table gets; an expression stays one.
fn element(scope: &Scope<'_>, table: &Rc<PyTable>, value: &Value) -> PyResult<Element> {
    if value.as_str().is_some() {
        let name = name::from_value(value, "as an index column")?;
        if table.column(&name.text).is_some() {
            return Err(exc::upstream(
                "DuplicateColumnError",
                &format!(
                    "A column with name '{}' is already present in table '{}'. Specify replace_existing=True to Table.append_column() or Table.insert_column() to replace an existing column.",
                    name.text, table.name.name.text
                ),
            ));
        }
        table.add_column(&PyColumn::bare(name.clone()))?;
        return Ok(Element::Column(ColumnSpec::Key(name)));
    }
    if matches!(
        value,
        Value::None
            | Value::Bool(_)
            | Value::Int(_)
            | Value::List(_)
            | Value::Tuple(_)
            | Value::Dict(_)
    ) {
        return Err(PyError::value_error("String or text() construct expected"));
    }
    let element = index::element(scope.vm, value)?;
    if let Element::Column(ColumnSpec::Column(column)) = &element
        && table.column(&column.key()).is_none()
    {
        let own = PyColumn::bare(Name::new(column.name_text()));
        own.data
            .borrow_mut()
            .name
            .clone_from(&column.data.borrow().name);
        own.data
            .borrow_mut()
            .key
            .clone_from(&column.data.borrow().key);
        table.add_column(&own)?;
    }
    Ok(match element {
        Element::Expr(Expr::Text(text), _) => {
            let key = text.text.clone();
            Element::Expr(Expr::Text(text), Some(key))
        }
        other => other,
    })
}
