//! DDL constructs: `CreateTable(table)`, `DropSequence(sequence)`, `CreateSchema("s")`… as things to execute.
//! sqlalchemy/sql/ddl.py.

use std::rc::Rc;

use crate::ddl::Statement;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::assemble;
use crate::sa::clause;
use crate::sa::constraint::PyConstraint;
use crate::sa::index::PyIndex;
use crate::sa::name;
use crate::sa::sequence::PySequence;
use crate::sa::table;

macro_rules! elements {
    ($($id:ident $name:literal;)*) => {
        $(
            #[doc = concat!("`sqlalchemy.schema.", $name, "`.")]
            pub static $id: NativeClass =
                NativeClass { new: Some(new_element), ..NativeClass::plain("sqlalchemy.sql.ddl", $name, &[&DDL_ELEMENT]) };
        )*

        /// All of them.
        pub static ALL: &[&NativeClass] = &[$(&$id),*];
    };
}

/// `ExecutableDDLElement`.
pub static DDL_ELEMENT: NativeClass = NativeClass {
    methods: &[("compile", compile)],
    ..NativeClass::plain("sqlalchemy.sql.ddl", "ExecutableDDLElement", &[])
};

elements! {
    CREATE_TABLE "CreateTable";
    DROP_TABLE "DropTable";
    CREATE_INDEX "CreateIndex";
    DROP_INDEX "DropIndex";
    ADD_CONSTRAINT "AddConstraint";
    DROP_CONSTRAINT "DropConstraint";
    CREATE_SEQUENCE "CreateSequence";
    DROP_SEQUENCE "DropSequence";
    CREATE_SCHEMA "CreateSchema";
    DROP_SCHEMA "DropSchema";
    SET_TABLE_COMMENT "SetTableComment";
    DROP_TABLE_COMMENT "DropTableComment";
    SET_COLUMN_COMMENT "SetColumnComment";
    DROP_COLUMN_COMMENT "DropColumnComment";
}

/// `sqlalchemy.DDL`.
pub static DDL: NativeClass = NativeClass {
    new: Some(new_ddl),
    methods: &[("execute_if", itself)],
    ..NativeClass::plain("sqlalchemy.sql.ddl", "DDL", &[&DDL_ELEMENT])
};

/// `DDL(statement, context=None)`: the text is formatted with the context, so `%%` is a percent sign.
fn new_ddl(vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("DDL.__init__", "(statement, context=None)")?;
    let statement = bound.get("statement");
    if statement.as_str().is_none() {
        return Err(clause::argument_error(format!(
            "Expected a string or unicode SQL statement, got {}",
            vm.repr(&statement)?
        )));
    }
    let context = match bound.get("context") {
        Value::None => Value::dict(crate::py::dict::Dict::new()),
        given => given,
    };
    let formatted = vm.binary(crate::py::object::BinaryOperator::Mod, &statement, &context)?;
    let mut text = formatted
        .as_str()
        .map(|text| text.to_string())
        .unwrap_or_default();
    if clause::default_dialect().settings().double_percent {
        text = text.replace('%', "%%");
    }
    Ok(Value::object(PyDdl {
        class: class.clone(),
        statement: Statement::Raw(text),
    }))
}

/// `execute_if(...)`: conditions are for events only.
fn itself(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(this.clone())
}

/// A construct to execute.
#[derive(Debug)]
pub struct PyDdl {
    class: Rc<Class>,
    /// The statement.
    pub statement: Statement,
}

impl Object for PyDdl {
    fn class(&self) -> Rc<Class> {
        self.class.clone()
    }

    fn str(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        text(&self.statement).map(Some)
    }
}

fn text(statement: &Statement) -> PyResult<String> {
    clause::default_dialect()
        .compile(statement)
        .map_err(|error| crate::sa::exc::from_compile_error(&error))
}

fn compile(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let _ = vm;
    match this.native::<PyDdl>() {
        Some(element) => text(&element.statement).map(Value::str),
        None => Err(PyError::type_error("descriptor requires a DDL element")),
    }
}

/// The statement that a value is, when it is a DDL construct.
pub fn statement_of(value: &Value) -> Option<Statement> {
    value
        .native::<PyDdl>()
        .map(|element| element.statement.clone())
}

#[expect(clippy::too_many_lines, reason = "one match, an arm for each case")]
fn new_element(vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let native = class
        .native_base()
        .map(|native| native.name)
        .unwrap_or_default();
    let bound = args.bind(
        "__init__",
        "(element, if_not_exists=False, if_exists=False, cascade=False, include_foreign_key_constraints=None, isolate_from_table=True, **kw)",
    )?;
    let element = bound.get("element");
    let if_not_exists = bound.bool("if_not_exists")?;
    let if_exists = bound.bool("if_exists")?;
    let cascade = bound.bool("cascade")?;
    let statement = match native {
        "CreateSchema" => Statement::CreateSchema {
            name: name::from_value(&element, "as a schema")?,
            if_not_exists,
        },
        "DropSchema" => Statement::DropSchema {
            name: name::from_value(&element, "as a schema")?,
            if_exists,
            cascade,
        },
        "CreateSequence" | "DropSequence" => {
            let sequence = element
                .native::<PySequence>()
                .ok_or_else(|| clause::argument_error("a Sequence is expected"))?;
            let sequence = Box::new(sequence.data.clone());
            if native == "CreateSequence" {
                Statement::CreateSequence {
                    sequence,
                    if_not_exists,
                }
            } else {
                Statement::DropSequence {
                    sequence,
                    if_exists,
                }
            }
        }
        "CreateTable" => {
            let table = assemble::table(vm, &table::receiver(&element)?)?.table;
            Statement::CreateTable {
                table: Box::new(table),
                if_not_exists,
            }
        }
        "DropTable" => Statement::DropTable {
            table: table::receiver(&element)?.name.clone(),
            if_exists,
        },
        "CreateIndex" | "DropIndex" => {
            let index = element
                .native::<PyIndex>()
                .ok_or_else(|| clause::argument_error("an Index is expected"))?;
            let table = index.table.borrow().clone();
            let table = table.ok_or_else(|| {
                crate::sa::exc::upstream("CompileError", "Index is not associated with any table.")
            })?;
            let index = Box::new(assemble::index(vm, &table, &index)?);
            if native == "CreateIndex" {
                Statement::CreateIndex {
                    index,
                    if_not_exists,
                }
            } else {
                Statement::DropIndex { index, if_exists }
            }
        }
        "AddConstraint" | "DropConstraint" => {
            let constraint = element
                .native::<PyConstraint>()
                .ok_or_else(|| clause::argument_error("a Constraint is expected"))?;
            let table = constraint.table.borrow().clone();
            let table = table.ok_or_else(|| {
                clause::argument_error("the constraint is not associated with any table")
            })?;
            let convention = table.metadata.convention.borrow().clone();
            let data = Box::new(assemble::constraint_of(
                vm,
                &table,
                &constraint,
                &convention,
            )?);
            if native == "AddConstraint" {
                Statement::AddConstraint {
                    table: table.name.clone(),
                    constraint: data,
                }
            } else {
                Statement::DropConstraint {
                    table: table.name.clone(),
                    constraint: data,
                    if_exists,
                    cascade,
                }
            }
        }
        "SetTableComment" | "DropTableComment" => {
            let table = table::receiver(&element)?;
            let comment = table
                .extra
                .borrow()
                .comment
                .clone()
                .filter(|_| native == "SetTableComment");
            Statement::TableComment {
                table: table.name.clone(),
                comment,
            }
        }
        "SetColumnComment" | "DropColumnComment" => {
            let column = element
                .native::<crate::sa::column::PyColumn>()
                .ok_or_else(|| clause::argument_error("a Column is expected"))?;
            let table = column
                .table()
                .ok_or_else(|| clause::argument_error("the column belongs to no table"))?;
            let data = column.data.borrow();
            let comment = data
                .comment
                .clone()
                .filter(|_| native == "SetColumnComment");
            Statement::ColumnComment {
                table: table.name.clone(),
                column: data.name.clone().unwrap_or_default(),
                comment,
            }
        }
        other => return Err(PyError::unsupported(format!("`{other}`"))),
    };
    Ok(Value::object(PyDdl {
        class: class.clone(),
        statement,
    }))
}
