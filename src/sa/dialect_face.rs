//! A dialect as Python sees it: `bind.dialect`, `op.get_context().dialect`. sqlalchemy/engine/default.py DefaultDialect.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::dialect::Dialect;
use crate::dialect::ident::RESERVED_WORDS;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `sqlalchemy.engine.default.DefaultDialect`.
pub static DIALECT: NativeClass = NativeClass {
    methods: &[
        ("type_descriptor", type_descriptor),
        ("has_table", has_table),
        ("has_index", has_index),
    ],
    ..NativeClass::plain("sqlalchemy.engine.default", "DefaultDialect", &[])
};

const PSYCOPG2_MODULE: &str = "sqlalchemy.dialects.postgresql.psycopg2";
const ASYNCPG_MODULE: &str = "sqlalchemy.dialects.postgresql.asyncpg";
const PSYCOPG_MODULE: &str = "sqlalchemy.dialects.postgresql.psycopg";

/// `sqlalchemy.dialects.postgresql.base.PGDialect`.
pub static PG_DIALECT: NativeClass = NativeClass {
    new: Some(new_postgresql),
    ..NativeClass::plain(
        "sqlalchemy.dialects.postgresql.base",
        "PGDialect",
        &[&DIALECT],
    )
};
static PSYCOPG2: NativeClass = NativeClass {
    new: Some(new_postgresql),
    ..NativeClass::plain(PSYCOPG2_MODULE, "PGDialect_psycopg2", &[&PG_DIALECT])
};
static ASYNCPG: NativeClass = NativeClass {
    new: Some(new_postgresql),
    ..NativeClass::plain(ASYNCPG_MODULE, "PGDialect_asyncpg", &[&PG_DIALECT])
};
static PSYCOPG: NativeClass = NativeClass {
    new: Some(new_postgresql),
    ..NativeClass::plain(PSYCOPG_MODULE, "PGDialect_psycopg", &[&PG_DIALECT])
};
static MYSQL: NativeClass = NativeClass {
    new: Some(new_other),
    ..NativeClass::plain(
        "sqlalchemy.dialects.mysql.base",
        "MySQLDialect",
        &[&DIALECT],
    )
};
const PYSQLITE_MODULE: &str = "sqlalchemy.dialects.sqlite.pysqlite";
const AIOSQLITE_MODULE: &str = "sqlalchemy.dialects.sqlite.aiosqlite";

static SQLITE: NativeClass = NativeClass {
    new: Some(new_sqlite),
    ..NativeClass::plain(
        "sqlalchemy.dialects.sqlite.base",
        "SQLiteDialect",
        &[&DIALECT],
    )
};
static PYSQLITE: NativeClass = NativeClass {
    new: Some(new_sqlite),
    ..NativeClass::plain(PYSQLITE_MODULE, "SQLiteDialect_pysqlite", &[&SQLITE])
};
static AIOSQLITE: NativeClass = NativeClass {
    new: Some(new_sqlite),
    ..NativeClass::plain(AIOSQLITE_MODULE, "SQLiteDialect_aiosqlite", &[&SQLITE])
};
static ORACLE: NativeClass = NativeClass {
    new: Some(new_other),
    ..NativeClass::plain(
        "sqlalchemy.dialects.oracle.base",
        "OracleDialect",
        &[&DIALECT],
    )
};
static MSSQL: NativeClass = NativeClass {
    new: Some(new_other),
    ..NativeClass::plain("sqlalchemy.dialects.mssql.base", "MSDialect", &[&DIALECT])
};

/// A dialect's class by where it is imported from: those of other databases are only good for `isinstance`.
pub fn class_named(module: &str, name: &str) -> Option<&'static NativeClass> {
    match (module, name) {
        // 2.1's default driver is psycopg.
        ("sqlalchemy.dialects.postgresql", "dialect")
            if !crate::sa::clause::default_dialect().is_2_0() =>
        {
            Some(&PSYCOPG)
        }
        ("sqlalchemy.dialects.postgresql", "dialect") | (PSYCOPG2_MODULE, "dialect") => {
            Some(&PSYCOPG2)
        }
        ("sqlalchemy.dialects.postgresql.base", "PGIdentifierPreparer") => Some(&PG_PREPARER),
        ("sqlalchemy.dialects.mysql", "dialect") => Some(&MYSQL),
        ("sqlalchemy.dialects.sqlite", "dialect") | (PYSQLITE_MODULE, "dialect") => Some(&PYSQLITE),
        (AIOSQLITE_MODULE, "dialect") => Some(&AIOSQLITE),
        ("sqlalchemy.dialects.oracle", "dialect") => Some(&ORACLE),
        ("sqlalchemy.dialects.mssql", "dialect") => Some(&MSSQL),
        (ASYNCPG_MODULE, "dialect") => Some(&ASYNCPG),
        (PSYCOPG_MODULE, "dialect") => Some(&PSYCOPG),
        _ => [
            &PG_DIALECT,
            &PSYCOPG2,
            &ASYNCPG,
            &PSYCOPG,
            &MYSQL,
            &SQLITE,
            &PYSQLITE,
            &AIOSQLITE,
            &ORACLE,
            &MSSQL,
        ]
        .into_iter()
        .find(|known| known.name == name),
    }
}

fn new_other(_vm: &Vm, class: &Rc<Class>, _args: Args) -> PyResult<Value> {
    Err(PyError::unsupported(format!(
        "an instance of `{}`",
        class.name
    )))
}

/// `postgresql.dialect()`: what the run's own dialect compiles as.
fn new_postgresql(vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    new_dialect("postgresql", vm, class, &args)
}

/// `sqlite.dialect()`.
fn new_sqlite(vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    new_dialect("sqlite", vm, class, &args)
}

fn new_dialect(name: &str, vm: &Vm, class: &Rc<Class>, args: &Args) -> PyResult<Value> {
    if !args.positional.is_empty() || !args.keywords.is_empty() {
        return Err(PyError::unsupported(format!(
            "`{}` with arguments",
            class.name
        )));
    }
    let settings = crate::sa::clause::default_dialect().settings().clone();
    face(vm, &crate::sa::engine::make_dialect(name, settings)?)
}

/// `dialect.type_descriptor(type)`: the type as the driver's dialect adapts it.
fn type_descriptor(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let given = args.bind("type_descriptor", "(typeobj)")?.get("typeobj");
    match this.native::<PyDialect>() {
        Some(face) => crate::sa::types::adapt::descriptor(vm, &*face.dialect, &given),
        None => Ok(given),
    }
}

/// `dialect.has_table(connection, …)`: an inspector answers; what is no connection has none. engine/default.py `_ensure_has_table_connection`.
fn has_table(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    inspected(vm, this, "has_table", args)
}

/// `dialect.has_index(connection, table_name, index_name, …)`.
fn has_index(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    inspected(vm, this, "has_index", args)
}

fn inspected(vm: &Vm, _this: &Value, method: &str, args: Args) -> PyResult<Value> {
    let mut args = args;
    let connection = if args.positional.is_empty() {
        args.keywords
            .iter()
            .position(|(key, _)| &**key == "connection")
            .map(|at| args.keywords.remove(at).1)
    } else {
        Some(args.positional.remove(0))
    };
    let Some(connection) = connection else {
        return Err(PyError::type_error(format!(
            "PGDialect.{method}() missing 1 required positional argument: 'connection'"
        )));
    };
    if connection
        .native::<crate::sa::connection::PyConnection>()
        .is_none()
    {
        if let Some(mock) = connection.native::<crate::sa::mock::MockConnection>() {
            mock.asked.set(true);
        }
        let class = Value::Class(vm.class_of(&connection));
        return Err(crate::sa::exc::upstream(
            "ArgumentError",
            &format!(
                "The argument passed to Dialect.has_table() should be a <class 'sqlalchemy.engine.base.Connection'>, got {}. Additionally, the Dialect.has_table() method is for internal dialect use only; please use ``inspect(some_engine).has_table(<tablename>>)`` for public API use.",
                vm.repr(&class)?
            ),
        ));
    }
    let inspector = crate::sa::inspect::of(vm, &connection)?;
    vm.call_method(&inspector, method, args)
}

/// `sqlalchemy.sql.compiler.IdentifierPreparer`.
pub static PREPARER: NativeClass = NativeClass {
    new: Some(new_preparer),
    methods: &[
        ("quote", quote),
        ("quote_identifier", quote_identifier),
        ("quote_schema", quote),
        ("format_table", format_table),
    ],
    ..NativeClass::plain("sqlalchemy.sql.compiler", "IdentifierPreparer", &[])
};

/// `sqlalchemy.dialects.postgresql.base.PGIdentifierPreparer`.
pub static PG_PREPARER: NativeClass = NativeClass {
    new: Some(new_preparer),
    ..NativeClass::plain(
        "sqlalchemy.dialects.postgresql.base",
        "PGIdentifierPreparer",
        &[&PREPARER],
    )
};

/// The dialect object.
#[derive(Debug)]
pub struct PyDialect {
    /// What it stands for.
    pub dialect: Rc<dyn Dialect>,
    /// What Python code assigned to it.
    assigned: RefCell<IndexMap<String, Value>>,
}

/// The face of a dialect.
pub fn face(_vm: &Vm, dialect: &Rc<dyn Dialect>) -> PyResult<Value> {
    Ok(Value::object(PyDialect {
        dialect: dialect.clone(),
        assigned: RefCell::default(),
    }))
}

impl Object for PyDialect {
    fn class(&self) -> Rc<Class> {
        Class::of(
            match (self.dialect.name(), &*self.dialect.settings().driver) {
                ("postgresql", "psycopg2") => &PSYCOPG2,
                ("postgresql", "asyncpg") => &ASYNCPG,
                ("postgresql", "psycopg") => &PSYCOPG,
                ("postgresql", _) => &PG_DIALECT,
                ("sqlite", "aiosqlite") => &AIOSQLITE,
                ("sqlite", _) => &PYSQLITE,
                _ => &DIALECT,
            },
        )
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        if let Some(value) = self.assigned.borrow().get(name) {
            return Ok(Some(value.clone()));
        }
        let settings = self.dialect.settings();
        Ok(Some(match name {
            "name" => Value::str(self.dialect.name()),
            "driver" => Value::str(&settings.driver),
            "dialect_description" => {
                Value::str(format!("{}+{}", self.dialect.name(), settings.driver))
            }
            "server_version_info" => match settings.server_version {
                Some((major, minor)) => Value::tuple(vec![
                    Value::Int(i64::from(major)),
                    Value::Int(i64::from(minor)),
                ]),
                None => Value::None,
            },
            "default_schema_name" => Value::str(if self.dialect.name() == "postgresql" {
                "public"
            } else {
                "main"
            }),
            "identifier_preparer" => Value::object(Preparer {
                dialect: self.dialect.clone(),
                is_plain: false,
            }),
            "max_identifier_length" => {
                Value::from(i64::try_from(self.dialect.max_identifier_length()).unwrap_or(i64::MAX))
            }
            "supports_native_boolean" => Value::Bool(self.dialect.supports_native_boolean()),
            "supports_native_enum" => Value::Bool(self.dialect.supports_native_enum()),
            "supports_sequences" => Value::Bool(self.dialect.supports_sequences()),
            "supports_alter" => Value::Bool(self.dialect.supports_alter()),
            "supports_comments" => Value::Bool(self.dialect.has_comment_statements()),
            "supports_sane_rowcount" => Value::Bool(true),
            "paramstyle" => Value::str("named"),
            _ => return Ok(None),
        }))
    }

    fn set_attr(self: Rc<Self>, _vm: &Vm, name: &str, value: Value) -> PyResult<bool> {
        self.assigned.borrow_mut().insert(name.to_owned(), value);
        Ok(true)
    }
}

/// `dialect.identifier_preparer`.
#[derive(Debug)]
struct Preparer {
    dialect: Rc<dyn Dialect>,
    /// `IdentifierPreparer` itself: it knows no database's words.
    is_plain: bool,
}

impl Preparer {
    fn quote(&self, text: &str) -> String {
        let is_word = |words: &[&str]| words.binary_search(&text).is_ok();
        if !self.is_plain || !is_word(self.dialect.reserved_words()) {
            return self.dialect.quote_text(text);
        }
        if is_word(RESERVED_WORDS) {
            self.dialect.quote_identifier(text)
        } else {
            text.to_owned()
        }
    }
}

/// `IdentifierPreparer(dialect)`.
fn new_preparer(_vm: &Vm, class: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "IdentifierPreparer.__init__",
        "(dialect, initial_quote='\"', final_quote=None, escape_quote='\"', quote_case_sensitive_collations=True, omit_schema=False)",
    )?;
    let Some(dialect) = bound.get("dialect").native::<PyDialect>() else {
        return Err(PyError::unsupported(
            "an `IdentifierPreparer` of something else than a dialect",
        ));
    };
    if bound.is_given("initial_quote") || bound.is_given("omit_schema") {
        return Err(PyError::unsupported(
            "an `IdentifierPreparer` with its own quotes",
        ));
    }
    Ok(Value::object(Preparer {
        dialect: dialect.dialect.clone(),
        is_plain: class.name.as_ref() == PREPARER.name,
    }))
}

impl Object for Preparer {
    fn class(&self) -> Rc<Class> {
        Class::of(if self.is_plain || self.dialect.name() != "postgresql" {
            &PREPARER
        } else {
            &PG_PREPARER
        })
    }
}

fn preparer(this: &Value) -> PyResult<Rc<Preparer>> {
    this.native::<Preparer>()
        .ok_or_else(|| PyError::type_error("descriptor requires an 'IdentifierPreparer' object"))
}

fn quote(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let preparer = preparer(this)?;
    let bound = args.bind("IdentifierPreparer.quote", "(ident, force=None)")?;
    Ok(Value::str(preparer.quote(&bound.str("ident")?)))
}

fn quote_identifier(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let preparer = preparer(this)?;
    let bound = args.bind("IdentifierPreparer.quote_identifier", "(value)")?;
    Ok(Value::str(
        preparer.dialect.quote_identifier(&bound.str("value")?),
    ))
}

fn format_table(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let preparer = preparer(this)?;
    let bound = args.bind(
        "IdentifierPreparer.format_table",
        "(table, use_schema=True, name=None)",
    )?;
    let table = bound.get("table");
    let name = vm.str(&vm.get_attr(&table, "name")?)?;
    let schema = vm.get_attr(&table, "schema")?;
    let quoted = preparer.quote(&name);
    Ok(Value::str(match schema.as_str() {
        Some(schema) if bound.bool("use_schema")? => {
            format!("{}.{quoted}", preparer.quote(&schema))
        }
        _ => quoted,
    }))
}
