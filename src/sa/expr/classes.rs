//! The classes of expressions and statements, for `isinstance` and method lookup.

use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::sa::expr::construct;
use crate::sa::expr::dml;
use crate::sa::expr::func::is_registered;
use crate::sa::expr::operators;
use crate::sa::expr::select;
use crate::sa::expr::text;
use crate::schema::expr::Expr;
use crate::schema::expr::operator::Operator;
use crate::schema::expr::query::Query;

const ELEMENTS: &str = "sqlalchemy.sql.elements";

/// `ClauseElement`.
pub static CLAUSE_ELEMENT: NativeClass = NativeClass {
    methods: CLAUSE_METHODS,
    ..NativeClass::plain(ELEMENTS, "ClauseElement", &[])
};
const CLAUSE_METHODS: &[(&str, Method)] = &[
    ("compile", construct::compile),
    ("execution_options", construct::itself),
    ("params", construct::params),
    ("unique_params", construct::params),
    ("self_group", construct::self_group),
    ("__clause_element__", construct::itself),
];
/// `Executable`.
pub static EXECUTABLE: NativeClass =
    NativeClass::plain("sqlalchemy.sql.base", "Executable", &[&CLAUSE_ELEMENT]);
/// `ColumnElement`.
pub static COLUMN_ELEMENT: NativeClass = NativeClass {
    methods: operators::methods::METHODS,
    ..NativeClass::plain(ELEMENTS, "ColumnElement", &[&CLAUSE_ELEMENT])
};
/// `TextClause`.
pub static TEXT_CLAUSE: NativeClass = NativeClass {
    new: Some(text::new_text),
    methods: text::METHODS,
    ..NativeClass::plain(ELEMENTS, "TextClause", &[&EXECUTABLE])
};
/// `ColumnClause`.
pub static COLUMN_CLAUSE: NativeClass = NativeClass {
    new: Some(construct::new_column),
    ..NativeClass::plain(ELEMENTS, "ColumnClause", &[&COLUMN_ELEMENT])
};
/// `BindParameter`.
pub static BIND_PARAMETER: NativeClass = NativeClass {
    new: Some(construct::new_bindparam),
    ..NativeClass::plain(ELEMENTS, "BindParameter", &[&COLUMN_ELEMENT])
};
/// `Null`.
pub static NULL: NativeClass = NativeClass::plain(ELEMENTS, "Null", &[&COLUMN_ELEMENT]);
/// `True_`.
pub static TRUE: NativeClass = NativeClass::plain(ELEMENTS, "True_", &[&COLUMN_ELEMENT]);
/// `False_`.
pub static FALSE: NativeClass = NativeClass::plain(ELEMENTS, "False_", &[&COLUMN_ELEMENT]);
/// `Function`.
pub static FUNCTION: NativeClass = NativeClass {
    new: Some(construct::new_function),
    methods: operators::methods::FUNCTION_METHODS,
    ..NativeClass::plain(
        "sqlalchemy.sql.functions",
        "Function",
        &[&COLUMN_ELEMENT, &EXECUTABLE],
    )
};
/// `BinaryExpression`.
pub static BINARY_EXPRESSION: NativeClass =
    NativeClass::plain(ELEMENTS, "BinaryExpression", &[&COLUMN_ELEMENT]);
/// `UnaryExpression`.
pub static UNARY_EXPRESSION: NativeClass =
    NativeClass::plain(ELEMENTS, "UnaryExpression", &[&COLUMN_ELEMENT]);
/// `BooleanClauseList`.
pub static BOOLEAN_CLAUSE_LIST: NativeClass =
    NativeClass::plain(ELEMENTS, "BooleanClauseList", &[&COLUMN_ELEMENT]);
/// `Label`.
pub static LABEL: NativeClass = NativeClass::plain(ELEMENTS, "Label", &[&COLUMN_ELEMENT]);
/// `Cast`.
pub static CAST: NativeClass = NativeClass {
    new: Some(construct::new_cast),
    ..NativeClass::plain(ELEMENTS, "Cast", &[&COLUMN_ELEMENT])
};
/// `Case`.
pub static CASE: NativeClass = NativeClass {
    new: Some(construct::new_case),
    ..NativeClass::plain(ELEMENTS, "Case", &[&COLUMN_ELEMENT])
};
/// `ScalarSelect`.
pub static SCALAR_SELECT: NativeClass = NativeClass::plain(
    "sqlalchemy.sql.selectable",
    "ScalarSelect",
    &[&COLUMN_ELEMENT],
);
/// `Select`.
pub static SELECT: NativeClass = NativeClass {
    new: Some(select::new_select),
    methods: select::METHODS,
    ..NativeClass::plain("sqlalchemy.sql.selectable", "Select", &[&EXECUTABLE])
};
/// `CompoundSelect`.
pub static COMPOUND_SELECT: NativeClass = NativeClass {
    methods: select::METHODS,
    ..NativeClass::plain(
        "sqlalchemy.sql.selectable",
        "CompoundSelect",
        &[&EXECUTABLE],
    )
};
/// `TextualSelect`.
pub static TEXTUAL_SELECT: NativeClass = NativeClass {
    methods: select::METHODS,
    ..NativeClass::plain("sqlalchemy.sql.selectable", "TextualSelect", &[&EXECUTABLE])
};
/// `Insert`.
pub static INSERT: NativeClass = NativeClass {
    new: Some(dml::new_insert),
    methods: dml::INSERT_METHODS,
    ..NativeClass::plain("sqlalchemy.sql.dml", "Insert", &[&EXECUTABLE])
};
/// `Update`.
pub static UPDATE: NativeClass = NativeClass {
    new: Some(dml::new_update),
    methods: dml::UPDATE_METHODS,
    ..NativeClass::plain("sqlalchemy.sql.dml", "Update", &[&EXECUTABLE])
};
/// `Delete`.
pub static DELETE: NativeClass = NativeClass {
    new: Some(dml::new_delete),
    methods: dml::DELETE_METHODS,
    ..NativeClass::plain("sqlalchemy.sql.dml", "Delete", &[&EXECUTABLE])
};

/// `Exists`.
pub static EXISTS: NativeClass = NativeClass {
    methods: select::EXISTS_METHODS,
    ..NativeClass::plain("sqlalchemy.sql.selectable", "Exists", &[&UNARY_EXPRESSION])
};

/// `GenericFunction`: the functions that SQLAlchemy knows by name.
pub static GENERIC_FUNCTION: NativeClass =
    NativeClass::plain("sqlalchemy.sql.functions", "GenericFunction", &[&FUNCTION]);
/// `AsBoolean`.
pub static AS_BOOLEAN: NativeClass =
    NativeClass::plain(ELEMENTS, "AsBoolean", &[&UNARY_EXPRESSION]);
/// `CollectionAggregate`.
pub static COLLECTION_AGGREGATE: NativeClass =
    NativeClass::plain(ELEMENTS, "CollectionAggregate", &[&UNARY_EXPRESSION]);
/// `Tuple`.
pub static TUPLE: NativeClass = NativeClass::plain(ELEMENTS, "Tuple", &[&COLUMN_ELEMENT]);
/// `Grouping`.
pub static GROUPING: NativeClass = NativeClass::plain(ELEMENTS, "Grouping", &[&COLUMN_ELEMENT]);
/// `TypeCoerce`.
pub static TYPE_COERCE: NativeClass =
    NativeClass::plain(ELEMENTS, "TypeCoerce", &[&COLUMN_ELEMENT]);
/// `Extract`.
pub static EXTRACT: NativeClass = NativeClass::plain(ELEMENTS, "Extract", &[&COLUMN_ELEMENT]);
/// `Over`.
pub static OVER: NativeClass = NativeClass::plain(ELEMENTS, "Over", &[&COLUMN_ELEMENT]);
/// `FunctionFilter`.
pub static FUNCTION_FILTER: NativeClass =
    NativeClass::plain(ELEMENTS, "FunctionFilter", &[&COLUMN_ELEMENT]);
/// `WithinGroup`.
pub static WITHIN_GROUP: NativeClass =
    NativeClass::plain(ELEMENTS, "WithinGroup", &[&COLUMN_ELEMENT]);
/// `CollationClause`.
pub static COLLATION_CLAUSE: NativeClass =
    NativeClass::plain(ELEMENTS, "CollationClause", &[&COLUMN_ELEMENT]);
/// `Slice`.
pub static SLICE: NativeClass = NativeClass::plain(ELEMENTS, "Slice", &[&COLUMN_ELEMENT]);
/// `array`.
pub static ARRAY: NativeClass = NativeClass::plain(
    "sqlalchemy.dialects.postgresql.array",
    "array",
    &[&COLUMN_ELEMENT],
);
/// `aggregate_order_by`.
pub static AGGREGATE_ORDER_BY: NativeClass = NativeClass::plain(
    "sqlalchemy.dialects.postgresql.ext",
    "aggregate_order_by",
    &[&COLUMN_ELEMENT],
);
/// The class of an expression.
pub fn of(expr: &Expr) -> &'static NativeClass {
    match expr {
        Expr::Text(_) => &TEXT_CLAUSE,
        // also through an alias or a subquery: it answers comparisons before a `ColumnClause` does
        Expr::Column(column) if column.of_table => &crate::sa::column::COLUMN,
        Expr::Column(_) | Expr::LiteralColumn(_, _) => &COLUMN_CLAUSE,
        Expr::Bind(_) => &BIND_PARAMETER,
        Expr::Null => &NULL,
        Expr::True => &TRUE,
        Expr::False => &FALSE,
        Expr::Function(function) if is_registered(&function.name.text) => &GENERIC_FUNCTION,
        Expr::Function(_) => &FUNCTION,
        Expr::Binary(_) => &BINARY_EXPRESSION,
        Expr::Unary(unary) if unary.operator == Operator::Exists => &EXISTS,
        Expr::Unary(unary) if unary.is_as_boolean() => &AS_BOOLEAN,
        Expr::Unary(unary) if matches!(unary.operator, Operator::Any | Operator::All) => {
            &COLLECTION_AGGREGATE
        }
        Expr::Unary(_) => &UNARY_EXPRESSION,
        Expr::List(_) => &BOOLEAN_CLAUSE_LIST,
        Expr::Label(_) => &LABEL,
        Expr::Cast(_, _) => &CAST,
        Expr::Case(_) => &CASE,
        Expr::ScalarSubquery(_) => &SCALAR_SELECT,
        Expr::Query(query) => match &**query {
            Query::Select(_) => &SELECT,
            Query::Compound(_) => &COMPOUND_SELECT,
            Query::Text { .. } => &TEXTUAL_SELECT,
        },
        Expr::Insert(_) => &INSERT,
        Expr::Update(_) => &UPDATE,
        Expr::Delete(_) => &DELETE,
        Expr::Tuple(_, _) => &TUPLE,
        Expr::Grouping(_) => &GROUPING,
        Expr::TypeCoerce(_, _) => &TYPE_COERCE,
        Expr::Extract(_, _) => &EXTRACT,
        Expr::Over(_) => &OVER,
        Expr::Filter(_, _) => &FUNCTION_FILTER,
        Expr::WithinGroup(_, _) => &WITHIN_GROUP,
        Expr::Collation(_) => &COLLATION_CLAUSE,
        Expr::Array(_, _) => &ARRAY,
        Expr::AggregateOrderBy(_, _) => &AGGREGATE_ORDER_BY,
        Expr::Slice(_, _) => &SLICE,
        Expr::NextValue(_) => &GENERIC_FUNCTION,
        Expr::Star(_) | Expr::LabelReference(_) | Expr::From(_) | Expr::Values(_) => {
            &COLUMN_ELEMENT
        }
    }
}

/// Whether an expression has a column's operators.
pub fn is_column(expr: &Expr) -> bool {
    !matches!(
        expr,
        Expr::Text(_)
            | Expr::Query(_)
            | Expr::Insert(_)
            | Expr::Update(_)
            | Expr::Delete(_)
            | Expr::Values(_)
            | Expr::From(_)
    )
}
