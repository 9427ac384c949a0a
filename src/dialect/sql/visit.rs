//! Changing parts of expressions in place.

use std::rc::Rc;

use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::expr::from::AliasElement;
use crate::schema::expr::from::From;
use crate::schema::expr::query::InsertRows;
use crate::schema::expr::query::Query;
use crate::schema::expr::query::Select;
use crate::schema::expr::query::SetKey;

/// Calls `with` on an expression and everything in it, outside first.
#[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
pub fn visit_mut<E>(
    expr: &mut Expr,
    with: &mut dyn FnMut(&mut Expr) -> Result<(), E>,
) -> Result<(), E> {
    with(expr)?;
    match expr {
        Expr::Function(function) => all(&mut function.arguments, with),
        Expr::Binary(binary) => {
            visit_mut(&mut binary.left, with)?;
            visit_mut(&mut binary.right, with)
        }
        Expr::Unary(unary) => visit_mut(&mut unary.element, with),
        Expr::List(list) => all(&mut list.clauses, with),
        Expr::Tuple(items, _) | Expr::Array(items, _) => all(items, with),
        Expr::Grouping(inner)
        | Expr::Cast(inner, _)
        | Expr::TypeCoerce(inner, _)
        | Expr::Extract(_, inner) => visit_mut(inner, with),
        Expr::Label(label) => visit_mut(&mut label.element, with),
        Expr::Case(case) => {
            for (when, then) in &mut case.whens {
                visit_mut(when, with)?;
                visit_mut(then, with)?;
            }
            some(case.value.as_mut(), with)?;
            some(case.else_.as_mut(), with)
        }
        Expr::Over(over) => {
            visit_mut(&mut over.element, with)?;
            all(&mut over.partition_by, with)?;
            all(&mut over.order_by, with)?;
            let ends = over.frame.iter_mut().flat_map(|frame| &mut frame.ends);
            ends.filter_map(|(value, _)| value.as_mut())
                .try_for_each(|value| visit_mut(value, with))
        }
        Expr::Filter(element, condition) => {
            visit_mut(element, with)?;
            visit_mut(condition, with)
        }
        Expr::WithinGroup(element, order_by) | Expr::AggregateOrderBy(element, order_by) => {
            visit_mut(element, with)?;
            all(order_by, with)
        }
        Expr::Slice(start, stop) => {
            some(start.as_deref_mut(), with)?;
            some(stop.as_deref_mut(), with)
        }
        Expr::Query(query) | Expr::ScalarSubquery(query) => visit_query(Rc::make_mut(query), with),
        Expr::Insert(insert) => {
            match &mut insert.rows {
                InsertRows::Values(rows) => {
                    for (_, value) in rows.iter_mut().flatten() {
                        visit_mut(value, with)?;
                    }
                }
                InsertRows::Select(_, query, _) => visit_query(Rc::make_mut(query), with)?,
                InsertRows::Unset => {}
            }
            if let Some(on_conflict) = &mut insert.on_conflict {
                for (_, value) in on_conflict.set.iter_mut().flatten() {
                    visit_mut(value, with)?;
                }
                some(on_conflict.where_.as_mut(), with)?;
            }
            all(&mut insert.returning, with)
        }
        Expr::Update(update) => {
            for (key, value) in update.values.iter_mut().flatten() {
                if let SetKey::Expr(left) = key {
                    visit_mut(left, with)?;
                }
                visit_mut(value, with)?;
            }
            all(&mut update.where_, with)?;
            all(&mut update.returning, with)
        }
        Expr::Delete(delete) => {
            all(&mut delete.where_, with)?;
            all(&mut delete.returning, with)
        }
        Expr::Values(values) => {
            for row in &mut values.rows {
                all(row, with)?;
            }
            Ok(())
        }
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
        | Expr::From(_) => Ok(()),
    }
}

fn all<E>(items: &mut [Expr], with: &mut dyn FnMut(&mut Expr) -> Result<(), E>) -> Result<(), E> {
    for item in items {
        visit_mut(item, with)?;
    }
    Ok(())
}

fn some<E>(
    item: Option<&mut Expr>,
    with: &mut dyn FnMut(&mut Expr) -> Result<(), E>,
) -> Result<(), E> {
    match item {
        Some(item) => visit_mut(item, with),
        None => Ok(()),
    }
}

fn visit_query<E>(
    query: &mut Query,
    with: &mut dyn FnMut(&mut Expr) -> Result<(), E>,
) -> Result<(), E> {
    match query {
        Query::Select(select) => visit_select(select, with),
        Query::Compound(compound) => {
            for query in &mut compound.queries {
                visit_query(Rc::make_mut(query), with)?;
            }
            all(&mut compound.order_by, with)?;
            some(compound.limit.as_mut(), with)?;
            some(compound.offset.as_mut(), with)
        }
        Query::Text { text, .. } => visit_mut(text, with),
    }
}

fn visit_select<E>(
    select: &mut Select,
    with: &mut dyn FnMut(&mut Expr) -> Result<(), E>,
) -> Result<(), E> {
    for list in [
        &mut select.columns,
        &mut select.where_,
        &mut select.group_by,
        &mut select.having,
        &mut select.order_by,
        &mut select.distinct_on,
    ] {
        all(list, with)?;
    }
    some(select.limit.as_mut(), with)?;
    some(select.offset.as_mut(), with)?;
    for from in &mut select.froms {
        visit_from(from, with)?;
    }
    Ok(())
}

/// Subqueries that stand in FROM by themselves; those that columns refer to are shared and stay as they are.
fn visit_from<E>(
    from: &mut From,
    with: &mut dyn FnMut(&mut Expr) -> Result<(), E>,
) -> Result<(), E> {
    match from {
        From::Join(join) => {
            let join = Rc::make_mut(join);
            visit_from(&mut join.left, with)?;
            visit_from(&mut join.right, with)?;
            visit_mut(&mut join.onclause, with)
        }
        From::Alias(alias) => match &mut Rc::make_mut(alias).element {
            AliasElement::Query(query) => visit_query(Rc::make_mut(query), with),
            AliasElement::From(inner) => visit_from(inner, with),
        },
        From::Function(function) => visit_mut(Rc::make_mut(function), with),
        From::Table(_) | From::Cte(_) | From::Text(_) | From::Values(_) => Ok(()),
    }
}

/// Calls `with` on every bind.
pub fn visit_binds<E>(
    expr: &mut Expr,
    with: &mut dyn FnMut(&mut Bind) -> Result<(), E>,
) -> Result<(), E> {
    visit_mut(expr, &mut |part| match part {
        Expr::Bind(bind) => with(bind),
        Expr::Text(clause) => {
            for bind in &mut clause.binds {
                with(bind)?;
            }
            Ok(())
        }
        _ => Ok(()),
    })
}

/// The names of binds that have no value yet.
pub fn named_binds(expr: &Expr) -> Vec<String> {
    let mut names = Vec::new();
    let mut copy = expr.clone();
    let collected: Result<(), std::convert::Infallible> = visit_binds(&mut copy, &mut |bind| {
        if bind.unique.is_none() && bind.value.is_none() {
            names.push(bind.key.clone());
        }
        Ok(())
    });
    match collected {
        Ok(()) => names,
        Err(never) => match never {},
    }
}
