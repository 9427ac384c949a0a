//! `sa.text`.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::object::Method;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::expr::PyExpr;
use crate::sa::expr::bridge;
use crate::sa::expr::literal::literal_of;
use crate::sa::expr::receiver;
use crate::sa::expr::wrap;
use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::expr::infer::type_of_value;
use crate::schema::expr::query::Query;
use crate::schema::literal::Literal;
use crate::schema::name::Name;
use crate::schema::types::SqlType;

/// Methods of `TextClause`.
pub const METHODS: &[(&str, Method)] = &[("bindparams", bindparams), ("columns", columns)];

/// `text(text)`.
pub fn new_text(_vm: &Vm, _class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "text",
        "(text, bind=None, bindparams=None, typemap=None, autocommit=None)",
    )?;
    Ok(wrap(Expr::text(&*bound.str("text")?)))
}

/// `text(...).bindparams(*binds, **values)`.
fn bindparams(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let Expr::Text(mut clause) = receiver(this)? else {
        return Ok(this.clone());
    };
    let names = crate::dialect::sql::bind_names(&clause.text);
    let missing = |name: &str| {
        exc::upstream(
            "ArgumentError",
            &format!("This text() construct doesn't define a bound parameter named '{name}'"),
        )
    };
    for value in &args.positional {
        if let Some(object) = value.native::<PyExpr>()
            && let Expr::Bind(bind) = &object.expr
        {
            if !names.contains(&bind.key) {
                return Err(missing(&bind.key));
            }
            set_bind(
                &mut clause.binds,
                Bind {
                    unique: None,
                    ..(**bind).clone()
                },
            );
        }
    }
    for (name, value) in &args.keywords {
        if !names.iter().any(|known| known.as_str() == &**name) {
            return Err(missing(name));
        }
        let known = clause.binds.iter().find(|bind| bind.key == **name);
        let expanding = known.is_some_and(|bind| bind.expanding);
        let wanted = known.map_or(SqlType::Null, |bind| bind.sql_type.clone());
        let literal = literal_of(vm, value, &wanted)?;
        let sql_type = match &literal {
            _ if wanted != SqlType::Null => wanted,
            // BindParameter._with_value: the type of the list, not of what is in it
            Literal::Array(_) if expanding => SqlType::Null,
            other => type_of_value(other),
        };
        let bind = Bind {
            key: name.to_string(),
            unique: None,
            value: Some(literal),
            sql_type,
            expanding,
            inline: false,
        };
        set_bind(&mut clause.binds, bind);
    }
    Ok(wrap(Expr::Text(clause)))
}

/// Puts a bind in the place of the one of its name.
fn set_bind(binds: &mut Vec<Bind>, bind: Bind) {
    binds.retain(|known| known.key != bind.key);
    binds.push(bind);
}

/// `text(...).columns(*columns, **types)`.
fn columns(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let text = receiver(this)?;
    let mut columns: Vec<(Name, SqlType)> = Vec::new();
    for value in &args.positional {
        if let Expr::Column(column) = crate::sa::expr::from_value(vm, value)? {
            columns.push((column.name.clone(), column.sql_type.clone()));
        }
    }
    for (name, value) in &args.keywords {
        columns.push((Name::new(name.to_string()), bridge::sql_type(vm, value)?));
    }
    Ok(wrap(Expr::Query(Rc::new(Query::Text { text, columns }))))
}
