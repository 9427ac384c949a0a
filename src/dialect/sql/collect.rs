//! The FROM elements that expressions mention: `_from_objects`.

use crate::schema::expr::Expr;
use crate::schema::expr::from::From;

/// The FROM elements an expression mentions, in order, without repetitions. Subqueries keep theirs to themselves.
pub fn from_objects(expr: &Expr) -> Vec<From> {
    let mut found: Vec<From> = Vec::new();
    let mut waiting: Vec<&Expr> = vec![expr];
    while let Some(current) = waiting.pop() {
        match current {
            Expr::Column(column) => {
                if let Some(table) = &column.table {
                    add(&mut found, table);
                }
            }
            Expr::Star(Some(from)) | Expr::From(from) => add(&mut found, from),
            other => {
                let mut children = children(other);
                children.reverse();
                waiting.extend(children);
            }
        }
    }
    found
}

fn add(found: &mut Vec<From>, from: &From) {
    if !found.contains(from) {
        found.push(from.clone());
    }
}

/// The direct parts of an expression.
fn children(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Function(function) => function.arguments.iter().collect(),
        Expr::Binary(binary) => vec![&binary.left, &binary.right],
        // EXISTS and ANY over a query keep its tables to themselves, as all subqueries do
        Expr::Unary(unary) => vec![&unary.element],
        Expr::List(list) => list.clauses.iter().collect(),
        Expr::Tuple(items, _) | Expr::Array(items, _) => items.iter().collect(),
        Expr::Grouping(inner)
        | Expr::Cast(inner, _)
        | Expr::TypeCoerce(inner, _)
        | Expr::Extract(_, inner) => vec![inner],
        Expr::Label(label) => vec![&label.element],
        Expr::Case(case) => {
            let mut parts: Vec<&Expr> = case.value.iter().collect();
            for (when, then) in &case.whens {
                parts.push(when);
                parts.push(then);
            }
            parts.extend(&case.else_);
            parts
        }
        Expr::Over(over) => {
            let mut parts = vec![&over.element];
            parts.extend(&over.partition_by);
            parts.extend(&over.order_by);
            let ends = over.frame.iter().flat_map(|frame| &frame.ends);
            parts.extend(ends.filter_map(|(value, _)| value.as_ref()));
            parts
        }
        Expr::Filter(element, condition) => vec![element, condition],
        Expr::WithinGroup(element, order_by) | Expr::AggregateOrderBy(element, order_by) => {
            let mut parts: Vec<&Expr> = vec![element];
            parts.extend(order_by);
            parts
        }
        Expr::Slice(start, stop) => start.iter().chain(stop).map(|part| &**part).collect(),
        Expr::Text(_)
        | Expr::Column(_)
        | Expr::LiteralColumn(_, _)
        | Expr::Star(_)
        | Expr::Bind(_)
        | Expr::Null
        | Expr::True
        | Expr::False
        | Expr::Collation(_)
        | Expr::LabelReference(_)
        | Expr::NextValue(_)
        | Expr::From(_)
        | Expr::Query(_)
        | Expr::ScalarSubquery(_)
        | Expr::Insert(_)
        | Expr::Update(_)
        | Expr::Delete(_)
        | Expr::Values(_) => Vec::new(),
    }
}

/// The columns an expression mentions, in order.
pub fn columns_of(expr: &Expr) -> Vec<&crate::schema::expr::ColumnRef> {
    let mut found = Vec::new();
    let mut waiting: Vec<&Expr> = vec![expr];
    while let Some(current) = waiting.pop() {
        if let Expr::Column(column) = current {
            found.push(&**column);
        }
        let mut inner = children(current);
        inner.reverse();
        waiting.extend(inner);
    }
    found
}
