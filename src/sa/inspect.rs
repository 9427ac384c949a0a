//! `sa.inspect(bind)`: what the catalogue of a live PostgreSQL says. sqlalchemy/engine/reflection.py, dialects/postgresql/base.py.

mod indexes;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::args::Bound;
use crate::py::class::Class;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::executor::Executor;
use crate::sa::expr::literal::to_value;
use crate::sa::inspect::indexes::get_indexes;
use crate::sa::inspect_sqlite::Reader;
use crate::sa::question;
use crate::sa::question::Question;
use crate::sa::reflect_type;
use crate::schema::literal::Literal;

/// `sqlalchemy.engine.reflection.Inspector`.
pub static INSPECTOR: NativeClass = NativeClass {
    methods: METHODS,
    class_methods: &[("from_engine", from_engine)],
    ..NativeClass::plain("sqlalchemy.engine.reflection", "Inspector", &[])
};

/// A method whose answers the inspector remembers until `clear_cache()`. reflection.py cache.
macro_rules! remembered {
    ($name:literal, $method:expr) => {
        ($name, |vm, this, args| {
            remember(vm, this, $name, args, $method)
        })
    };
}

const METHODS: &[(&str, Method)] = &[
    remembered!("get_table_names", |vm, this, args| {
        relations(vm, this, args, "'r', 'p'")
    }),
    remembered!("get_view_names", |vm, this, args| {
        relations(vm, this, args, "'v'")
    }),
    remembered!("get_materialized_view_names", |vm, this, args| {
        relations(vm, this, args, "'m'")
    }),
    remembered!("get_sequence_names", |vm, this, args| {
        relations(vm, this, args, "'S'")
    }),
    remembered!("has_table", |vm, this, args| {
        has_relation(vm, this, args, "table_name", "'r', 'p', 'f', 'v', 'm'")
    }),
    remembered!("has_sequence", |vm, this, args| {
        has_relation(vm, this, args, "sequence_name", "'S'")
    }),
    ("has_index", has_index),
    remembered!("get_schema_names", get_schema_names),
    remembered!("has_schema", has_schema),
    remembered!("get_columns", get_columns),
    remembered!("get_pk_constraint", get_pk_constraint),
    remembered!("get_unique_constraints", get_unique_constraints),
    remembered!("get_foreign_keys", get_foreign_keys),
    remembered!("get_check_constraints", get_check_constraints),
    remembered!("get_indexes", get_indexes),
    remembered!("get_enums", get_enums),
    remembered!("get_table_comment", get_table_comment),
    remembered!("get_view_definition", get_view_definition),
    remembered!("get_table_options", no_table_options),
    remembered!("get_temp_table_names", not_there),
    remembered!("get_temp_view_names", not_there),
    ("clear_cache", |_vm, this, _args| {
        own(this)?.known.borrow_mut().clear();
        Ok(Value::None)
    }),
];

/// Answers from what is known, or asks and remembers.
fn remember(vm: &Vm, this: &Value, name: &str, args: Args, ask: Method) -> PyResult<Value> {
    let inspector = own(this)?;
    let mut key = vec![name.to_owned()];
    for parameter in ["table_name", "sequence_name", "view_name", "schema_name"] {
        key.extend(args.keyword(parameter).and_then(given));
    }
    key.extend(args.positional.iter().filter_map(given));
    key.extend(args.keyword("schema").and_then(given));
    let known = inspector.known.borrow().get(&key).cloned();
    if let Some(known) = known {
        return Ok(known);
    }
    let is_sqlite = inspector.executor.dialect().name() == "sqlite";
    let answer = if is_sqlite {
        sqlite(vm, &inspector, name, args)?
    } else {
        ask(vm, this, args)?
    };
    inspector.known.borrow_mut().insert(key, answer.clone());
    Ok(answer)
}

/// The methods on SQLite.
fn sqlite(vm: &Vm, inspector: &Inspector, name: &str, args: Args) -> PyResult<Value> {
    let signature = match name {
        "get_table_names"
        | "get_view_names"
        | "get_materialized_view_names"
        | "get_sequence_names"
        | "get_temp_table_names"
        | "get_temp_view_names" => "(schema=None, **kw)",
        "get_schema_names" => "(**kw)",
        "has_schema" => "(schema_name, **kw)",
        "has_sequence" => "(sequence_name, schema=None, **kw)",
        "get_view_definition" => "(view_name, schema=None, **kw)",
        _ => "(table_name, schema=None, **kw)",
    };
    let bound = args.bind(name, signature)?;
    let schema = if signature.contains("schema=None") {
        bound.optional_str("schema")?.map(|text| text.to_string())
    } else {
        None
    };
    let reader = Reader {
        vm,
        executor: &inspector.executor,
        schema,
    };
    let list = |names: Vec<String>| Value::list(names.iter().map(Value::str).collect());
    let table = || bound.str("table_name");
    Ok(match name {
        "get_table_names" => list(reader.relation_names("table", "sqlite_master")?),
        "get_view_names" => list(reader.relation_names("view", "sqlite_master")?),
        "get_temp_table_names" => list(reader.relation_names("table", "sqlite_temp_master")?),
        "get_temp_view_names" => list(reader.relation_names("view", "sqlite_temp_master")?),
        "get_schema_names" => list(reader.schema_names()?),
        "has_schema" => {
            let wanted = bound.str("schema_name")?;
            Value::Bool(reader.schema_names()?.iter().any(|name| **name == *wanted))
        }
        "has_table" => Value::Bool(reader.has_table(&table()?)?),
        "get_columns" => reader.column_descriptions(&table()?)?,
        "get_pk_constraint" => reader.primary_key(&table()?)?,
        "get_unique_constraints" => reader.unique_constraints(&table()?)?,
        "get_foreign_keys" => reader.foreign_keys(&table()?)?,
        "get_check_constraints" => reader.check_constraints(&table()?)?,
        "get_indexes" => reader.index_descriptions(&table()?)?,
        "get_table_options" => reader.table_options(&table()?)?,
        "get_view_definition" => reader.view_definition(&bound.str("view_name")?)?,
        // upstream's dialect has none of these
        _ => return Err(PyError::not_implemented("")),
    })
}

/// The indexes of a table that SQLAlchemy cannot describe.
pub fn skipped_indexes(vm: &Vm, subject: &Value, table: &str) -> PyResult<Vec<String>> {
    let executor = crate::sa::connection::executor_of(vm, subject)?;
    let reader = Reader {
        vm,
        executor: &executor,
        schema: None,
    };
    reader.skipped_indexes(table)
}

fn given(value: &Value) -> Option<String> {
    value.as_str().map(|text| text.to_string())
}

/// The inspector of a bind.
#[derive(Debug)]
pub struct Inspector {
    executor: Rc<dyn Executor>,
    /// What it was made of.
    pub bind: Value,
    /// Answers so far, by method and arguments.
    known: RefCell<BTreeMap<Vec<String>, Value>>,
}

impl Object for Inspector {
    fn class(&self) -> Rc<Class> {
        Class::of(&INSPECTOR)
    }

    fn get_attr(self: Rc<Self>, vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "default_schema_name" if self.executor.dialect().name() == "sqlite" => {
                Some(Value::str("main"))
            }
            "default_schema_name" => {
                let rows = self.ask(vm, Question::CurrentSchema)?;
                Some(
                    rows.first()
                        .and_then(|row| row.first())
                        .map_or(Ok(Value::None), |cell| to_value(vm, cell))?,
                )
            }
            "bind" => Some(self.bind.clone()),
            "engine" => Some(vm.get_attr(&self.bind, "engine")?),
            "dialect" => Some(crate::sa::dialect_face::face(vm, &self.executor.dialect())?),
            _ => None,
        })
    }
}

impl Inspector {
    fn ask(&self, vm: &Vm, question: Question) -> PyResult<Vec<Vec<Literal>>> {
        self.executor.ask(vm, question)
    }
}

/// `sa.inspect(subject)`.
pub fn inspect(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("inspect", "(subject, raiseerr=True)")?;
    of(vm, &bound.get("subject"))
}

/// The inspector of a connection or an engine.
pub fn of(vm: &Vm, subject: &Value) -> PyResult<Value> {
    if let Value::Unresolved(unresolved) = subject {
        return Err(crate::py::vm::unresolved_error(
            unresolved,
            "as the subject of `inspect()`",
        ));
    }
    if let Some(found) = crate::sa::orm::inspected(vm, subject)? {
        return Ok(found);
    }
    let mock = subject.native::<crate::sa::mock::MockConnection>();
    if let Some(mock) = &mock {
        mock.asked.set(true);
    }
    let is_connection = subject
        .native::<crate::sa::connection::PyConnection>()
        .is_some();
    let is_engine = subject.native::<crate::sa::engine::PyEngine>().is_some();
    if mock.is_some() || !(is_connection || is_engine) {
        let class = vm.class_of(subject);
        let shown = vm.repr(&Value::Class(class))?;
        return Err(exc::upstream(
            "NoInspectionAvailable",
            &format!("No inspection system is available for object of type {shown}"),
        ));
    }
    let executor = crate::sa::connection::executor_of(vm, subject)?;
    Ok(Value::object(Inspector {
        executor,
        bind: subject.clone(),
        known: RefCell::default(),
    }))
}

fn from_engine(vm: &Vm, _class: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("from_engine", "(bind)")?;
    of(vm, &bound.get("bind"))
}

fn own(this: &Value) -> PyResult<Rc<Inspector>> {
    this.native::<Inspector>()
        .ok_or_else(|| PyError::type_error("descriptor requires an 'Inspector' object"))
}

fn text(cell: Option<&Literal>) -> Option<String> {
    match cell {
        Some(Literal::Str(text)) => Some(text.clone()),
        _ => None,
    }
}

/// A text, `None`, or a value that may be passed on but not looked at: an expression of which PostgreSQL's own text is not known.
fn shown(cell: Option<&Literal>) -> Value {
    match cell.and_then(question::as_written) {
        Some(expression) => Value::Unresolved(Rc::new(Unresolved {
            name: expression.to_owned(),
            reason: "so it was written, but only PostgreSQL knows the text that it shows for it"
                .to_owned(),
            place: None,
        })),
        None => text(cell).map_or(Value::None, Value::str),
    }
}

/// Whether only what was written is known.
fn is_written(cell: Option<&Literal>) -> bool {
    cell.is_some_and(|cell| question::as_written(cell).is_some())
}

fn texts(cell: Option<&Literal>) -> Vec<Value> {
    match cell {
        Some(Literal::Array(items)) => items
            .iter()
            .map(|item| match item {
                Literal::Str(text) => Value::str(text),
                other => shown(Some(other)),
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn flag(cell: Option<&Literal>) -> bool {
    matches!(cell, Some(Literal::Bool(true)))
}

fn first_column(rows: &[Vec<Literal>]) -> Value {
    Value::list(
        rows.iter()
            .filter_map(|row| text(row.first()))
            .map(Value::str)
            .collect(),
    )
}

fn dict(pairs: Vec<(&str, Value)>) -> Value {
    let mut dict = Dict::new();
    for (name, value) in pairs {
        dict.insert_str(name, value);
    }
    Value::dict(dict)
}

fn relations(vm: &Vm, this: &Value, args: Args, kinds: &str) -> PyResult<Value> {
    let bound = args.bind("get_table_names", "(schema=None, **kw)")?;
    let schema = bound.optional_str("schema")?;
    let rows = own(this)?.ask(
        vm,
        Question::Relations {
            kinds,
            schema: schema.as_deref(),
        },
    )?;
    Ok(first_column(&rows))
}

fn has_relation(
    vm: &Vm,
    this: &Value,
    args: Args,
    parameter: &str,
    kinds: &str,
) -> PyResult<Value> {
    let signature = if parameter == "table_name" {
        "(table_name, schema=None, **kw)"
    } else {
        "(sequence_name, schema=None, **kw)"
    };
    let bound = args.bind("has_table", signature)?;
    let (name, schema) = (bound.str(parameter)?, bound.optional_str("schema")?);
    let rows = own(this)?.ask(
        vm,
        Question::HasRelation {
            kinds,
            schema: schema.as_deref(),
            name: &name,
        },
    )?;
    Ok(Value::Bool(!rows.is_empty()))
}

/// `DefaultDialect.has_index`: looks among the indexes, which are remembered.
fn has_index(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("has_index", "(table_name, index_name, schema=None, **kw)")?;
    let asked = Args::of(vec![bound.get("table_name")]).with("schema", bound.get("schema"));
    if !vm.truth(&vm.call_method(this, "has_table", asked.clone())?)? {
        return Ok(Value::Bool(false));
    }
    let indexes = vm.call_method(this, "get_indexes", asked)?;
    let wanted = bound.str("index_name")?;
    for index in vm.collect(&indexes)? {
        let found = vm.get_item(&index, &Value::str("name"))?;
        if found.as_str().as_deref() == Some(&*wanted) {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn get_schema_names(vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    let rows = own(this)?.ask(vm, Question::Schemas)?;
    Ok(first_column(&rows))
}

fn has_schema(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("has_schema", "(schema_name, **kw)")?;
    let name = bound.str("schema_name")?;
    let rows = own(this)?.ask(vm, Question::HasSchema(&name))?;
    Ok(Value::Bool(!rows.is_empty()))
}

/// The object id of the table named by the arguments.
fn table_oid(vm: &Vm, inspector: &Inspector, bound: &Bound) -> PyResult<Option<String>> {
    let (name, schema) = (bound.str("table_name")?, bound.optional_str("schema")?);
    let rows = inspector.ask(
        vm,
        Question::Table {
            schema: schema.as_deref(),
            name: &name,
        },
    )?;
    Ok(rows.first().and_then(|row| text(row.first())))
}

/// The same; `NoSuchTableError` when there is none.
fn table(vm: &Vm, this: &Value, args: Args, function: &str) -> PyResult<(Rc<Inspector>, String)> {
    let bound = args.bind(function, "(table_name, schema=None, **kw)")?;
    let inspector = own(this)?;
    match table_oid(vm, &inspector, &bound)? {
        Some(oid) => Ok((inspector, oid)),
        None => {
            let name = bound.str("table_name")?;
            let full = bound
                .optional_str("schema")?
                .map_or_else(|| name.to_string(), |schema| format!("{schema}.{name}"));
            Err(exc::upstream("NoSuchTableError", &full))
        }
    }
}

fn get_columns(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let (inspector, oid) = table(vm, this, args, "get_columns")?;
    let rows = inspector.ask(vm, Question::Columns(&oid))?;
    let mut columns = Vec::new();
    for row in &rows {
        let optional = |at: usize| text(row.get(at)).map_or(Value::None, Value::str);
        let format = text(row.get(1)).unwrap_or_default();
        let sql_type = reflect_type::of_format(
            &format,
            text(row.get(8)).as_deref(),
            &texts(row.get(9)),
            text(row.get(10)).as_deref(),
            flag(row.get(11)),
        );
        let identity = text(row.get(5)).filter(|kind| !kind.is_empty());
        let generated = text(row.get(6)).is_some_and(|kind| !kind.is_empty());
        let default = text(row.get(3));
        let autoincrement = identity.is_some()
            || default
                .as_deref()
                .is_some_and(|default| default.starts_with("nextval("));
        let mut pairs = vec![
            ("name", optional(0)),
            ("type", crate::sa::types::reflected(sql_type, "postgresql")),
            ("nullable", Value::Bool(!flag(row.get(2)))),
            (
                "default",
                if generated {
                    Value::None
                } else {
                    shown(row.get(3))
                },
            ),
            ("autoincrement", Value::Bool(autoincrement)),
            ("comment", optional(4)),
        ];
        if generated {
            pairs.push((
                "computed",
                dict(vec![
                    ("sqltext", shown(row.get(3))),
                    (
                        "persisted",
                        Value::Bool(text(row.get(6)).as_deref() == Some("s")),
                    ),
                ]),
            ));
        }
        if let Some(kind) = identity {
            pairs.push(("identity", dict(vec![("always", Value::Bool(kind == "a"))])));
        }
        columns.push(dict(pairs));
    }
    Ok(Value::list(columns))
}

/// Constraints of one kind: name, columns in order, definition, comment, columns of INCLUDE.
fn constraints(
    vm: &Vm,
    inspector: &Inspector,
    oid: &str,
    kind: &str,
) -> PyResult<Vec<Vec<Literal>>> {
    inspector.ask(vm, Question::Constraints { table: oid, kind })
}

fn get_pk_constraint(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let (inspector, oid) = table(vm, this, args, "get_pk_constraint")?;
    let rows = constraints(vm, &inspector, &oid, "p")?;
    let row = rows.first();
    let mut found = vec![
        (
            "constrained_columns",
            Value::list(row.map(|row| texts(row.get(1))).unwrap_or_default()),
        ),
        (
            "name",
            row.and_then(|row| text(row.first()))
                .map_or(Value::None, Value::str),
        ),
        (
            "comment",
            row.and_then(|row| text(row.get(3)))
                .map_or(Value::None, Value::str),
        ),
    ];
    found.extend(row.map(|row| ("dialect_options", dict(vec![included(row)]))));
    Ok(dict(found))
}

/// The columns that the index of a constraint only carries.
fn included(row: &[Literal]) -> (&'static str, Value) {
    ("postgresql_include", Value::list(texts(row.get(4))))
}

fn get_unique_constraints(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let (inspector, oid) = table(vm, this, args, "get_unique_constraints")?;
    let rows = constraints(vm, &inspector, &oid, "u")?;
    let made = rows.iter().map(|row| {
        let is_not_distinct =
            text(row.get(2)).is_some_and(|text| text.starts_with("UNIQUE NULLS NOT DISTINCT"));
        let options = vec![
            included(row),
            (
                "postgresql_nulls_not_distinct",
                Value::Bool(is_not_distinct),
            ),
        ];
        dict(vec![
            ("column_names", Value::list(texts(row.get(1)))),
            ("name", text(row.first()).map_or(Value::None, Value::str)),
            ("comment", text(row.get(3)).map_or(Value::None, Value::str)),
            ("dialect_options", dict(options)),
        ])
    });
    Ok(Value::list(made.collect()))
}

fn get_check_constraints(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let (inspector, oid) = table(vm, this, args, "get_check_constraints")?;
    let rows = constraints(vm, &inspector, &oid, "c")?;
    let made = rows.iter().map(|row| {
        let definition = text(row.get(2)).unwrap_or_default();
        let inner = definition
            .trim_start_matches("CHECK ")
            .trim_end_matches(" NOT VALID")
            .trim_end_matches(" NO INHERIT");
        let inner = inner
            .strip_prefix('(')
            .and_then(|inner| inner.strip_suffix(')'))
            .unwrap_or(inner);
        dict(vec![
            ("name", text(row.first()).map_or(Value::None, Value::str)),
            (
                "sqltext",
                match row.get(2).and_then(question::as_written) {
                    Some(_) => shown(row.get(2)),
                    None => Value::str(inner),
                },
            ),
            ("comment", text(row.get(3)).map_or(Value::None, Value::str)),
        ])
    });
    Ok(Value::list(made.collect()))
}

fn get_foreign_keys(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let asked_schema = args.keyword("schema").cloned().unwrap_or(Value::None);
    let (inspector, oid) = table(vm, this, args, "get_foreign_keys")?;
    let rows = inspector.ask(vm, Question::ForeignKeys(&oid))?;
    let action = |cell: Option<&Literal>| match text(cell).as_deref() {
        Some("r") => Some("RESTRICT"),
        Some("c") => Some("CASCADE"),
        Some("n") => Some("SET NULL"),
        Some("d") => Some("SET DEFAULT"),
        _ => None,
    };
    let made = rows.iter().map(|row| {
        let mut options = Vec::new();
        if let Some(action) = action(row.get(5)) {
            options.push(("onupdate", Value::str(action)));
        }
        if let Some(action) = action(row.get(6)) {
            options.push(("ondelete", Value::str(action)));
        }
        if flag(row.get(7)) {
            options.push(("deferrable", Value::Bool(true)));
            options.push((
                "initially",
                Value::str(if flag(row.get(8)) {
                    "DEFERRED"
                } else {
                    "IMMEDIATE"
                }),
            ));
        }
        let is_plain = flag(row.get(9)) && asked_schema.is_none();
        dict(vec![
            ("name", text(row.first()).map_or(Value::None, Value::str)),
            ("constrained_columns", Value::list(texts(row.get(1)))),
            (
                "referred_schema",
                if is_plain {
                    Value::None
                } else {
                    text(row.get(2)).map_or(Value::None, Value::str)
                },
            ),
            (
                "referred_table",
                text(row.get(3)).map_or(Value::None, Value::str),
            ),
            ("referred_columns", Value::list(texts(row.get(4)))),
            ("options", dict(options)),
            ("comment", Value::None),
        ])
    });
    Ok(Value::list(made.collect()))
}

fn get_enums(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("get_enums", "(schema=None, **kw)")?;
    let schema = bound.optional_str("schema")?;
    let rows = own(this)?.ask(vm, Question::Enums(schema.as_deref()))?;
    let made = rows.iter().map(|row| {
        dict(vec![
            ("name", text(row.first()).map_or(Value::None, Value::str)),
            ("schema", text(row.get(2)).map_or(Value::None, Value::str)),
            ("visible", Value::Bool(flag(row.get(1)))),
            ("labels", Value::list(texts(row.get(3)))),
        ])
    });
    Ok(Value::list(made.collect()))
}

fn get_table_comment(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let (inspector, oid) = table(vm, this, args, "get_table_comment")?;
    let rows = inspector.ask(vm, Question::Comment(&oid))?;
    Ok(dict(vec![(
        "text",
        rows.first()
            .and_then(|row| text(row.first()))
            .map_or(Value::None, Value::str),
    )]))
}

fn get_view_definition(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("get_view_definition", "(view_name, schema=None, **kw)")?;
    let (name, schema) = (bound.str("view_name")?, bound.optional_str("schema")?);
    let rows = own(this)?.ask(
        vm,
        Question::ViewDefinition {
            schema: schema.as_deref(),
            name: &name,
        },
    )?;
    match rows.first().and_then(|row| text(row.first())) {
        Some(definition) => Ok(Value::str(definition)),
        None => Err(exc::upstream("NoSuchTableError", &bound.str("view_name")?)),
    }
}

/// PostgreSQL's tables have none that are reflected here.
fn no_table_options(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    table(vm, this, args, "get_table_options")?;
    Ok(dict(Vec::new()))
}

fn not_there(_vm: &Vm, _this: &Value, _args: Args) -> PyResult<Value> {
    Err(PyError::unsupported("the names of temporary relations"))
}
