//! `sqlalchemy.ext.compiler.compiles`: rendering written in Python, for types. Where it stands for one of SQLAlchemy's own elements, statements
//! with such an element are refused.

use std::cell::RefCell;
use std::rc::Rc;

use crate::ddl::Statement;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::schema::constraint::Constraint;
use crate::schema::constraint::ConstraintKind;
use crate::schema::expr::Expr;

thread_local! {
    /// The class, the dialects (none: all), and the function.
    static REGISTERED: RefCell<Vec<(Rc<Class>, Vec<String>, Value)>> = const { RefCell::new(Vec::new()) };
}

/// `compiles(cls, *dialects)`.
pub fn compiles(_vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("compiles", "(class_, *specs)")?;
    let class = bound.get("class_");
    let dialects: Vec<String> = bound
        .rest
        .iter()
        .filter_map(Value::as_str)
        .map(|text| text.to_string())
        .collect();
    Ok(Value::builtin("decorate", move |_vm, args| {
        let function = args.positional.into_iter().next().unwrap_or(Value::None);
        if let Value::Class(class) = &class {
            REGISTERED.with(|all| {
                all.borrow_mut()
                    .push((class.clone(), dialects.clone(), function.clone()))
            });
        }
        Ok(function)
    }))
}

/// The function registered for a class (or a class it inherits from) and the dialect of the run.
pub fn registered(class: &Rc<Class>) -> Option<Value> {
    let dialect = crate::sa::clause::default_dialect();
    let order: Vec<Rc<Class>> = std::iter::once(class.clone())
        .chain(class.mro.iter().cloned())
        .collect();
    REGISTERED.with(|all| {
        let all = all.borrow();
        order.iter().find_map(|wanted| {
            let fits = |(known, dialects, _): &&(Rc<Class>, Vec<String>, Value)| {
                Rc::ptr_eq(known, wanted)
                    && (dialects.is_empty() || dialects.iter().any(|name| name == dialect.name()))
            };
            let specific = all
                .iter()
                .rev()
                .find(|entry| fits(entry) && !entry.1.is_empty());
            specific
                .or_else(|| all.iter().rev().find(fits))
                .map(|(_, _, function)| function.clone())
        })
    })
}

/// Refuses a statement with an element of SQLAlchemy's own that the project renders its own way for this dialect.
pub fn refuse_rendered(statement: &Statement) -> PyResult<()> {
    let dialect = crate::sa::clause::default_dialect();
    let is_rendered = |name: &str| {
        REGISTERED.with(|all| {
            all.borrow().iter().any(|(class, dialects, _)| {
                class.native.is_some()
                    && &*class.name == name
                    && (dialects.is_empty() || dialects.iter().any(|known| known == dialect.name()))
            })
        })
    };
    if REGISTERED.with(|all| all.borrow().is_empty()) {
        return Ok(());
    }
    match elements(statement)
        .into_iter()
        .find(|name| is_rendered(name))
    {
        None => Ok(()),
        Some(name) => Err(PyError::unsupported(format!(
            "a statement with `{name}`, for which the project has a `@compiles` function"
        ))),
    }
}

/// The classes of the elements of a statement that defines something.
fn elements(statement: &Statement) -> Vec<&'static str> {
    let of = |constraint: &Constraint| match constraint.kind {
        ConstraintKind::PrimaryKey { .. } => "PrimaryKeyConstraint",
        ConstraintKind::Unique { .. } => "UniqueConstraint",
        ConstraintKind::ForeignKey(_) => "ForeignKeyConstraint",
        ConstraintKind::Check { .. } => "CheckConstraint",
        ConstraintKind::Exclude(_) => "ExcludeConstraint",
        ConstraintKind::Unknown => "Constraint",
    };
    match statement {
        Statement::CreateTable { table, .. } => {
            let constraints = table.primary_key.iter().chain(&table.constraints);
            ["CreateTable", "CreateColumn"]
                .into_iter()
                .chain(constraints.map(of))
                .collect()
        }
        Statement::DropTable { .. } => vec!["DropTable"],
        Statement::AddColumn {
            inline_references, ..
        } => ["AddColumn", "CreateColumn"]
            .into_iter()
            .chain(inline_references.as_deref().map(of))
            .collect(),
        Statement::DropColumn { .. } => vec!["DropColumn"],
        Statement::RenameTable { .. } => vec!["RenameTable"],
        Statement::AlterColumn { .. } => vec![
            "AlterColumn",
            "ColumnType",
            "ColumnName",
            "ColumnNullable",
            "ColumnDefault",
        ],
        Statement::CreateIndex { .. } => vec!["CreateIndex", "Index"],
        Statement::DropIndex { .. } => vec!["DropIndex", "Index"],
        Statement::AddConstraint { constraint, .. } => vec!["AddConstraint", of(constraint)],
        Statement::DropConstraint { .. } => vec!["DropConstraint"],
        Statement::CreateSequence { .. } => vec!["CreateSequence"],
        Statement::DropSequence { .. } => vec!["DropSequence"],
        Statement::CreateSchema { .. } => vec!["CreateSchema"],
        Statement::DropSchema { .. } => vec!["DropSchema"],
        Statement::Query(expr) => root_element(expr).into_iter().collect(),
        Statement::Raw(_)
        | Statement::TableComment { .. }
        | Statement::ColumnComment { .. }
        | Statement::CreateEnum(_)
        | Statement::DropEnum(_)
        | Statement::CreateDomain(_)
        | Statement::DropDomain(_) => Vec::new(),
    }
}

/// The class of a whole statement.
fn root_element(expr: &Expr) -> Option<&'static str> {
    [
        (matches!(expr, Expr::Insert(_)), "Insert"),
        (matches!(expr, Expr::Update(_)), "Update"),
        (matches!(expr, Expr::Delete(_)), "Delete"),
        (matches!(expr, Expr::Query(_)), "Select"),
        (matches!(expr, Expr::Text(_)), "TextClause"),
    ]
    .into_iter()
    .find_map(|(is_it, name)| is_it.then_some(name))
}

/// What a registered function makes of an element; `None` when there is none.
pub fn compile(vm: &Vm, class: &Rc<Class>, element: &Value) -> PyResult<Option<String>> {
    let Some(function) = registered(class) else {
        return Ok(None);
    };
    let compiler = Value::Unresolved(Rc::new(crate::py::value::Unresolved {
        name: "compiler".to_owned(),
        reason: "aludel does not model the compiler object of `@compiles` functions".to_owned(),
        place: None,
    }));
    let made = vm.call(&function, Args::of(vec![element.clone(), compiler]))?;
    match made.as_str() {
        Some(text) => Ok(Some(text.to_string())),
        None => Err(PyError::unsupported(format!(
            "the `@compiles` function of `{}`, which did not give plain text",
            class.name
        ))),
    }
}
