//! Operators and methods of column expressions. sqlalchemy/sql/operators.py `ColumnOperators`.

pub mod methods;

use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::UnaryOperator;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::expr::coerce;
use crate::sa::expr::wrap;
use crate::schema::expr::Bind;
use crate::schema::expr::Expr;
use crate::schema::expr::SQLITE_PATH;
use crate::schema::expr::infer::boolean;
use crate::schema::expr::infer::integer;
use crate::schema::expr::operator::Operator;
use crate::schema::literal::Literal;
use crate::schema::types::SqlType;
use crate::schema::types::postgresql::PlainType;
use crate::schema::types::postgresql::PostgresqlType;

pub use crate::sa::expr::operators::methods::any_all;
pub use crate::sa::expr::operators::methods::collated;
pub use crate::sa::expr::operators::methods::has;
pub use crate::sa::expr::operators::methods::labelled;
pub use crate::sa::expr::operators::methods::operator_method;

/// `column op other`; `None` leaves it to Python.
#[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
pub fn binary(
    vm: &Vm,
    left: &Expr,
    operator: BinaryOperator,
    other: &Value,
    reflected: bool,
) -> PyResult<Option<Value>> {
    use BinaryOperator as B;
    let comparison = match operator {
        B::Eq => Some(Operator::Eq),
        B::Ne => Some(Operator::Ne),
        B::Lt => Some(Operator::Lt),
        B::Le => Some(Operator::Le),
        B::Gt => Some(Operator::Gt),
        B::Ge => Some(Operator::Ge),
        _ => None,
    };
    if let (Some(operator), Expr::Unary(unary)) = (&comparison, left)
        && matches!(unary.operator, Operator::Any | Operator::All)
    {
        // CollectionAggregate.operate: ANY and ALL always stand on the right
        let mirrored = match operator {
            Operator::Lt => Operator::Gt,
            Operator::Le => Operator::Ge,
            Operator::Gt => Operator::Lt,
            Operator::Ge => Operator::Le,
            same => same.clone(),
        };
        let other = coerce::named_element(vm, other, "param", Some(&unary.sql_type))?;
        let negate = None;
        return Ok(Some(wrap(Expr::raw_binary(
            other,
            mirrored,
            left.clone(),
            boolean(),
            negate,
        ))));
    }
    if let Some(operator) = comparison {
        let right = coerce::comparand(vm, left, other)?;
        return compare(left.clone(), operator, right).map(Some);
    }
    if matches!(operator, B::And | B::Or) {
        let right = coerce::condition(vm, other)?;
        let operator = if operator == B::And {
            Operator::And
        } else {
            Operator::Or
        };
        let clauses = if reflected {
            vec![right, left.clone()]
        } else {
            vec![left.clone(), right]
        };
        return Ok(Some(wrap(Expr::conjunction(&operator, clauses))));
    }
    let arithmetic = match operator {
        B::Add => Operator::Add,
        B::Sub => Operator::Sub,
        B::Mul => Operator::Mul,
        B::Div => Operator::TrueDiv,
        B::FloorDiv => Operator::FloorDiv,
        B::Mod => Operator::Mod,
        B::LeftShift => Operator::LeftShift,
        B::RightShift => Operator::RightShift,
        _ => return Ok(None),
    };
    let right = coerce::operand(vm, left, other)?;
    let (first, second) = if reflected {
        (right, left.clone())
    } else {
        (left.clone(), right)
    };
    Ok(Some(wrap(Expr::operate(first, arithmetic, second))))
}

fn compare(left: Expr, operator: Operator, right: Expr) -> PyResult<Value> {
    Expr::compare(left, operator, right)
        .map(wrap)
        .map_err(|message| exc::upstream("ArgumentError", message))
}

/// `-x`, `~x`.
pub fn unary(expr: &Expr, operator: UnaryOperator) -> Option<Value> {
    match operator {
        UnaryOperator::Neg => {
            let sql_type = expr.sql_type();
            Some(wrap(expr.clone().unary(Operator::Neg, sql_type)))
        }
        UnaryOperator::Invert => Some(wrap(expr.clone().negate())),
        UnaryOperator::Pos => None,
    }
}

/// `column[key]`.
#[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
pub fn get_item(vm: &Vm, left: &Expr, key: &Value) -> PyResult<Expr> {
    let sql_type = left.sql_type();
    match sql_type.for_dialect("postgresql") {
        SqlType::Json(_) => {
            let (operator, literal, bind_type) = match key {
                Value::Tuple(_) | Value::List(_) => {
                    let parts: PyResult<Vec<String>> =
                        vm.collect(key)?.iter().map(|part| vm.str(part)).collect();
                    (
                        Operator::JsonPathGetItem,
                        Literal::Str(format!("{{{}}}", parts?.join(", "))),
                        SqlType::string(),
                    )
                }
                Value::Int(number) => (
                    Operator::JsonGetItem,
                    Literal::Int((*number).into()),
                    integer(),
                ),
                other => match other.as_str() {
                    Some(text) => (
                        Operator::JsonGetItem,
                        Literal::Str(text.to_string()),
                        SqlType::string(),
                    ),
                    None => {
                        let right = coerce::operand(vm, left, other)?;
                        return Ok(Expr::raw_binary(
                            left.clone(),
                            Operator::JsonGetItem,
                            right,
                            sql_type,
                            None,
                        ));
                    }
                },
            };
            let path = sqlite_path(vm, key)?;
            let bind = Expr::Bind(Box::new(Bind::anonymous(
                left.bind_name(),
                literal,
                bind_type,
            )));
            let mut made = Expr::raw_binary(left.clone(), operator, bind, sql_type, None);
            if let Expr::Binary(binary) = &mut made {
                binary.modifiers.push((SQLITE_PATH.to_owned(), path));
            }
            Ok(made)
        }
        SqlType::Array(array) => {
            let right = coerce::named_element(vm, key, &left.bind_name(), Some(&integer()))?;
            Ok(Expr::raw_binary(
                left.clone(),
                Operator::GetItem,
                right,
                array.item.clone(),
                None,
            ))
        }
        SqlType::Postgresql(PostgresqlType::Plain(PlainType::Hstore)) => {
            let right =
                coerce::named_element(vm, key, &left.bind_name(), Some(&SqlType::string()))?;
            Ok(Expr::raw_binary(
                left.clone(),
                Operator::HstoreGetItem,
                right,
                text_type(),
                None,
            ))
        }
        _ => Err(PyError::not_implemented(
            "Operator 'getitem' is not supported on this expression",
        )),
    }
}

/// The key or the keys as SQLite's functions take them: sqlite/json.py `JSONIndexType`, `JSONPathType`.
fn sqlite_path(vm: &Vm, key: &Value) -> PyResult<String> {
    let parts = match key {
        Value::Tuple(_) | Value::List(_) => vm.collect(key)?,
        one => vec![one.clone()],
    };
    let mut path = "$".to_owned();
    for part in parts {
        let text = vm.str(&part)?;
        path.push_str(&match part {
            Value::Int(_) => format!("[{text}]"),
            _ => format!(".\"{text}\""),
        });
    }
    Ok(path)
}

fn text_type() -> SqlType {
    SqlType::String(crate::schema::types::StringType {
        kind: crate::schema::types::StringKind::Text,
        length: None,
        collation: None,
    })
}

/// `json_element.astext`.
pub fn astext(expr: &Expr) -> Option<Expr> {
    let Expr::Binary(binary) = expr else {
        return None;
    };
    let text = match binary.operator {
        Operator::JsonGetItem => "->>",
        Operator::JsonPathGetItem => "#>>",
        _ => return None,
    };
    let mut made = Expr::raw_binary(
        binary.left.clone(),
        Operator::postgresql(text, 15, false),
        binary.right.clone(),
        text_type(),
        None,
    );
    if let Expr::Binary(made) = &mut made {
        made.modifiers.clone_from(&binary.modifiers);
    }
    Some(made)
}
