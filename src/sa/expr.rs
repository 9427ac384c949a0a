//! Expressions and statements as Python sees them. sqlalchemy/sql/elements.py, selectable.py, dml.py.
//!
//! One object, [`PyExpr`], wraps them all; its class follows from what it holds.

pub mod bridge;
pub mod classes;
pub mod coerce;
pub mod comparator;
pub mod construct;
pub mod dml;
pub mod from;
pub mod func;
pub mod literal;
pub mod modules;
pub mod operators;
pub mod postgresql;
pub mod select;
pub mod text;

use std::rc::Rc;

use crate::dialect::Binds;
use crate::dialect::Dialect;
use crate::dialect::Settings;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::Object;
use crate::py::object::UnaryOperator;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;
use crate::sa::exc;
use crate::schema::expr::Expr;
use crate::schema::expr::from::From;

pub use crate::sa::expr::coerce::from_value;
pub use crate::sa::expr::literal::literal_of;
pub use crate::sa::expr::modules::member;
pub use crate::sa::expr::operators::binary;
pub use crate::sa::expr::operators::operator_method;

/// An expression or a statement.
#[derive(Debug)]
pub struct PyExpr {
    /// What it is.
    pub expr: Expr,
}

/// Wraps an expression.
pub fn wrap(expr: Expr) -> Value {
    Value::object(PyExpr { expr })
}

/// The receiver of a method.
pub(crate) fn receiver(this: &Value) -> PyResult<Expr> {
    match this.native::<PyExpr>() {
        Some(object) => Ok(object.expr.clone()),
        None => Err(PyError::type_error(
            "descriptor requires a 'ClauseElement' object",
        )),
    }
}

impl Object for PyExpr {
    fn class(&self) -> Rc<Class> {
        Class::of(classes::of(&self.expr))
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        coerce::attribute(vm, &self.expr, name)
    }

    fn get_item(self: Rc<Self>, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        if !classes::is_column(&self.expr) {
            return Ok(None);
        }
        operators::get_item(vm, &self.expr, key).map(|expr| Some(wrap(expr)))
    }

    fn binary(
        self: Rc<Self>,
        vm: &Vm,
        operator: BinaryOperator,
        other: &Value,
        reflected: bool,
    ) -> PyResult<Option<Value>> {
        if !classes::is_column(&self.expr) {
            return Ok(None);
        }
        operators::binary(vm, &self.expr, operator, other, reflected)
    }

    fn unary(self: Rc<Self>, _vm: &Vm, operator: UnaryOperator) -> PyResult<Option<Value>> {
        if !classes::is_column(&self.expr) {
            return Ok(None);
        }
        Ok(operators::unary(&self.expr, operator))
    }

    fn call(self: Rc<Self>, _vm: &Vm, _args: Args) -> PyResult<Option<Value>> {
        Ok(None)
    }

    fn truth(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<bool>> {
        match &self.expr {
            Expr::Binary(binary) => match binary.operator {
                crate::schema::expr::operator::Operator::Eq => {
                    Ok(Some(binary.left == binary.right))
                }
                crate::schema::expr::operator::Operator::Ne => {
                    Ok(Some(binary.left != binary.right))
                }
                _ => Err(PyError::type_error(
                    "Boolean value of this clause is not defined",
                )),
            },
            Expr::Query(_) | Expr::Insert(_) | Expr::Update(_) | Expr::Delete(_) => Ok(Some(true)),
            _ => Err(PyError::type_error(
                "Boolean value of this clause is not defined",
            )),
        }
    }

    fn repr(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        let class = classes::of(&self.expr);
        let class_name = match &self.expr {
            Expr::Function(function) if function.packages.is_empty() => {
                let name = function.name.text.to_ascii_lowercase();
                let known = NAMED_FUNCTIONS.iter().find(|known| **known == name);
                known.map_or_else(|| class.name.to_string(), |known| (*known).to_owned())
            }
            _ => class.name.to_string(),
        };
        let description = match &self.expr {
            Expr::Column(column) => Some(&column.name.text),
            Expr::LiteralColumn(text, _) => Some(text),
            Expr::Function(function) => Some(&function.name.text),
            Expr::Label(label) => label.name.as_ref().map(|name| &name.text),
            _ => None,
        };
        let address = Rc::as_ptr(&self).cast::<u8>();
        Ok(description
            .map(|text| format!("<{}.{class_name} at {address:p}; {text}>", class.module)))
    }

    fn str(self: Rc<Self>, vm: &Vm) -> PyResult<Option<String>> {
        compile_text(vm, &self.expr, None, false).map(Some)
    }
}

/// Functions that have a class of their own, of the same name. sqlalchemy/sql/functions.py.
const NAMED_FUNCTIONS: &[&str] = &[
    "aggregate_strings",
    "array_agg",
    "char_length",
    "coalesce",
    "concat",
    "count",
    "cube",
    "cume_dist",
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "dense_rank",
    "grouping_sets",
    "localtime",
    "localtimestamp",
    "max",
    "min",
    "mode",
    "now",
    "percent_rank",
    "percentile_cont",
    "percentile_disc",
    "pow",
    "random",
    "rank",
    "rollup",
    "session_user",
    "sum",
    "sysdate",
    "user",
];

/// `str(statement.compile(...))`: the default dialect's text with named binds, or a dialect's.
pub fn compile_text(
    _vm: &Vm,
    expr: &Expr,
    dialect: Option<Rc<dyn Dialect>>,
    literal: bool,
) -> PyResult<String> {
    let (dialect, binds) = match dialect {
        Some(dialect) => (
            dialect,
            if literal {
                Binds::Literal
            } else {
                Binds::Placeholder
            },
        ),
        None => (
            default_dialect(),
            if literal {
                Binds::Literal
            } else {
                Binds::Placeholder
            },
        ),
    };
    crate::dialect::sql::compile_with(&*dialect, expr, binds)
        .map_err(|error| exc::from_compile_error(&error))
}

/// What `str()` of a construct uses: PostgreSQL's text with `:name` binds.
fn default_dialect() -> Rc<dyn Dialect> {
    let settings = Settings {
        driver: "default".to_owned(),
        ..Settings::default()
    };
    Rc::new(crate::dialect::postgresql::Postgresql::new(settings))
}

/// The table behind a value: `Table`, `table()`, an alias, a model class.
pub fn from_of(vm: &Vm, value: &Value) -> PyResult<Option<From>> {
    if let Some(object) = value.native::<from::PyFrom>() {
        return Ok(Some(object.from.clone()));
    }
    if let Some(found) = bridge::table(vm, value)? {
        return Ok(Some(From::Table(found)));
    }
    let mapped = match value {
        Value::Class(_) => vm.find_attr(value, "__mapped_from__")?,
        Value::Instance(_) => vm.find_attr(value, "__aliased_from__")?,
        _ => None,
    };
    if let Some(mapped) = mapped {
        return match &mapped {
            Value::Unresolved(unresolved) => Err(unresolved_error(unresolved, "as a table")),
            other => Ok(other
                .native::<from::PyFrom>()
                .map(|object| object.from.clone())),
        };
    }
    if matches!(value, Value::Class(_) | Value::Instance(_))
        && let Some(table) = vm.find_attr(value, "__table__")?
    {
        return bridge::table(vm, &table).map(|found| found.map(From::Table));
    }
    Ok(None)
}
