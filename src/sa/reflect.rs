//! Tables read from the database: `Table(…, autoload_with=bind)` and `MetaData.reflect`.
//! sqlalchemy/engine/reflection.py Inspector.reflect_table, sqlalchemy/sql/schema.py MetaData.reflect.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::clause;
use crate::sa::column::PyColumn;
use crate::sa::constraint;
use crate::sa::constraint::PyConstraint;
use crate::sa::default;
use crate::sa::event;
use crate::sa::exc;
use crate::sa::index;
use crate::sa::inspect::Inspector;
use crate::sa::metadata::PyMetaData;
use crate::sa::name;
use crate::sa::table;
use crate::sa::table::PyTable;
use crate::schema::expr::Expr;
use crate::schema::name::Name;

/// What to read of a table.
#[derive(Debug, Clone)]
pub struct Reflection {
    /// `autoload_with=`.
    pub bind: Value,
    /// `include_columns=`.
    pub include: Option<Vec<String>>,
    /// Columns that stay as they are (`autoload_replace=False`).
    pub exclude: Vec<String>,
    /// Whether the tables that foreign keys name are read too.
    pub resolve_fks: bool,
}

impl Reflection {
    /// Whether the column is left out.
    fn skips(&self, name: &str) -> bool {
        self.include
            .as_ref()
            .is_some_and(|include| !include.iter().any(|known| known == name))
            || self.exclude.iter().any(|known| known == name)
    }

    /// Whether something over these columns is left out.
    fn skips_any(&self, names: &[String]) -> bool {
        self.include
            .as_ref()
            .is_some_and(|include| names.iter().any(|name| !include.contains(name)))
            || names.iter().any(|name| self.exclude.contains(name))
    }

    /// For the tables that foreign keys name.
    fn related(&self, inspector: &Value) -> Self {
        Self {
            bind: inspector.clone(),
            include: None,
            exclude: Vec::new(),
            resolve_fks: true,
        }
    }
}

/// An entry of one of the inspector's dictionaries.
fn entry(vm: &Vm, description: &Value, key: &str) -> PyResult<Value> {
    match vm.mapping_items(description)? {
        Some(items) => Ok(items
            .into_iter()
            .find(|(name, _)| name.as_str().as_deref() == Some(key))
            .map_or(Value::None, |(_, value)| value)),
        None => Ok(Value::None),
    }
}

fn texts(vm: &Vm, value: &Value) -> PyResult<Vec<String>> {
    if value.is_none() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for item in vm.collect(value)? {
        found.push(
            item.as_str()
                .map(|text| text.to_string())
                .unwrap_or_default(),
        );
    }
    Ok(found)
}

/// What is described: where only the text is known that made an expression, that text.
fn expression(value: Value) -> Value {
    match &value {
        Value::Unresolved(unresolved) => Value::str(&unresolved.name),
        _ => value,
    }
}

/// The entries of a dictionary as keyword arguments.
fn keywords(vm: &Vm, value: &Value, mut args: Args) -> PyResult<Args> {
    for (key, value) in vm.mapping_items(value)?.unwrap_or_default() {
        args = args.with(&vm.str(&key)?, expression(value));
    }
    Ok(args)
}

fn make(vm: &Vm, class: &'static NativeClass, args: Args) -> PyResult<Value> {
    vm.call(&Value::Class(Class::of(class)), args)
}

/// One table while it is read.
struct Reader<'a> {
    vm: &'a Vm,
    inspector: Value,
    table: &'a Rc<PyTable>,
    reflection: &'a Reflection,
}

/// Fills a table from the database.
pub fn table(vm: &Vm, table: &Rc<PyTable>, reflection: &Reflection) -> PyResult<()> {
    event::refuse_reflection(&Value::Native(table.clone()))?;
    event::refuse_reflection(&Value::Native(table.metadata.clone()))?;
    // What an inspector remembers is not used here.
    let bind = match reflection.bind.native::<Inspector>() {
        Some(inspector) => inspector.bind.clone(),
        None => reflection.bind.clone(),
    };
    let inspector = crate::sa::inspect::of(vm, &bind)?;
    let reader = Reader {
        vm,
        inspector,
        table,
        reflection,
    };
    reader.columns()?;
    reader.options()?;
    reader.primary_key()?;
    reader.foreign_keys()?;
    reader.indexes()?;
    reader.unique_constraints()?;
    reader.check_constraints()?;
    reader.comment()
}

impl Reader<'_> {
    /// What an inspector's method says of the table.
    fn ask(&self, method: &str) -> PyResult<Value> {
        let mut args = Args::of(vec![name::to_value(&self.table.name.name)]);
        if let Some(schema) = &self.table.name.schema {
            args = args.with("schema", name::to_value(schema));
        }
        self.vm.call_method(&self.inspector, method, args)
    }

    fn descriptions(&self, method: &str) -> PyResult<Vec<Value>> {
        let found = self.ask(method)?;
        self.vm.collect(&found)
    }

    fn entry(&self, description: &Value, key: &str) -> PyResult<Value> {
        entry(self.vm, description, key)
    }

    fn columns(&self) -> PyResult<()> {
        for description in self.descriptions("get_columns")? {
            let column_name = self.entry(&description, "name")?;
            if self.reflection.skips(&self.vm.str(&column_name)?) {
                continue;
            }
            let mut args = Args::of(vec![column_name, self.entry(&description, "type")?]);
            let default_text = expression(self.entry(&description, "default")?);
            if let Some(text) = default_text.as_str() {
                let text = crate::sa::expr::wrap(Expr::text(&*text));
                args.positional.push(make(
                    self.vm,
                    &default::DEFAULT_CLAUSE,
                    Args::of(vec![text]),
                )?);
            }
            for (key, class) in [
                ("computed", &default::COMPUTED),
                ("identity", &default::IDENTITY),
            ] {
                let options = self.entry(&description, key)?;
                if !options.is_none() {
                    let options = keywords(self.vm, &options, Args::none())?;
                    args.positional.push(make(self.vm, class, options)?);
                }
            }
            let given = self.vm.mapping_items(&description)?.unwrap_or_default();
            for key in ["nullable", "autoincrement", "comment"] {
                if given
                    .iter()
                    .any(|(name, _)| name.as_str().as_deref() == Some(key))
                {
                    args = args.with(key, self.entry(&description, key)?);
                }
            }
            let made = make(self.vm, &crate::sa::column::COLUMN, args)?;
            if let Some(column) = made.native::<PyColumn>() {
                // A column of the key that is there already stays one.
                let known = self.table.column(&column.key());
                if known.is_some_and(|known| known.data.borrow().primary_key) {
                    column.data.borrow_mut().primary_key = true;
                }
                self.table.replace_column(&column)?;
            }
        }
        Ok(())
    }

    fn primary_key(&self) -> PyResult<()> {
        let description = self.ask("get_pk_constraint")?;
        let names = texts(self.vm, &self.entry(&description, "constrained_columns")?)?;
        let columns: Vec<Rc<PyColumn>> = names
            .iter()
            .filter(|name| !self.reflection.exclude.contains(name))
            .filter_map(|name| self.table.column(name))
            .collect();
        if columns.is_empty() {
            return Ok(());
        }
        let mut args = Args::none().with("name", self.entry(&description, "name")?);
        for column in columns {
            column.data.borrow_mut().primary_key = true;
            args.positional.push(Value::Native(column));
        }
        let made = make(self.vm, &constraint::PRIMARY_KEY, args)?;
        if let Some(made) = made.native::<PyConstraint>() {
            self.table.attach_constraint(&made);
        }
        Ok(())
    }

    fn foreign_keys(&self) -> PyResult<()> {
        for description in self.descriptions("get_foreign_keys")? {
            let columns = texts(self.vm, &self.entry(&description, "constrained_columns")?)?;
            if self.reflection.skips_any(&columns) {
                continue;
            }
            let schema = self.entry(&description, "referred_schema")?;
            let referred = self.entry(&description, "referred_table")?;
            if self.reflection.resolve_fks {
                table::reflected(
                    self.vm,
                    &self.table.metadata,
                    name::from_value(&referred, "as a table name")?,
                    name::optional(&schema, "as a schema")?,
                    &self.reflection.related(&self.inspector),
                )?;
            }
            let prefix = match schema.as_str() {
                Some(schema) => format!("{schema}.{}", self.vm.str(&referred)?),
                None => self.vm.str(&referred)?.to_string(),
            };
            let is_2_0 = clause::default_dialect().is_2_0();
            let targets = texts(self.vm, &self.entry(&description, "referred_columns")?)?
                .into_iter()
                .map(|column| match is_2_0 {
                    true => Value::str(format!("{prefix}.{column}")),
                    false => {
                        Value::tuple(vec![schema.clone(), referred.clone(), Value::str(column)])
                    }
                })
                .collect();
            let args = Args::of(vec![
                Value::list(columns.into_iter().map(Value::str).collect()),
                Value::list(targets),
                self.entry(&description, "name")?,
            ]);
            let args = keywords(self.vm, &self.entry(&description, "options")?, args)?;
            let made = make(self.vm, &constraint::FOREIGN_KEY_CONSTRAINT, args)?;
            self.table.add_item(self.vm, &made)?;
        }
        Ok(())
    }

    /// An element of an index in its order.
    fn sorted(&self, description: &Value, name: &Value, column: Value) -> PyResult<Value> {
        let sorting = self.entry(description, "column_sorting")?;
        let words = match sorting.is_none() {
            true => Value::None,
            false => self.entry(&sorting, &self.vm.str(name)?)?,
        };
        let mut element = column;
        if !words.is_none() {
            for word in self.vm.collect(&words)? {
                element = self
                    .vm
                    .call_method(&element, &self.vm.str(&word)?, Args::none())?;
            }
        }
        Ok(element)
    }

    fn indexes(&self) -> PyResult<()> {
        for description in self.descriptions("get_indexes")? {
            let names = self
                .vm
                .collect(&self.entry(&description, "column_names")?)?;
            let plain: Vec<String> = names
                .iter()
                .filter_map(|name| name.as_str().map(|text| text.to_string()))
                .collect();
            let is_partly_included = self.reflection.include.as_ref().is_some_and(|include| {
                plain.len() < names.len() || plain.iter().any(|name| !include.contains(name))
            });
            if is_partly_included || !self.entry(&description, "duplicates_constraint")?.is_none() {
                continue;
            }
            let expressions = self.entry(&description, "expressions")?;
            let expressions = if expressions.is_none() {
                Vec::new()
            } else {
                self.vm.collect(&expressions)?
            };
            let mut args = Args::of(vec![self.entry(&description, "name")?]);
            for (at, name) in names.iter().enumerate() {
                let column = name.as_str().and_then(|name| self.table.column(&name));
                match (column, expressions.get(at)) {
                    (Some(column), _) => {
                        let sorted = self.sorted(&description, name, Value::Native(column))?;
                        args.positional.push(sorted);
                    }
                    (None, Some(element)) => {
                        let text = self.vm.str(&expression(element.clone()))?;
                        args.positional
                            .push(crate::sa::expr::wrap(Expr::text(&text)));
                    }
                    (None, None) => {}
                }
            }
            args = args.with("unique", self.entry(&description, "unique")?);
            args = keywords(self.vm, &self.entry(&description, "dialect_options")?, args)?;
            let made = make(self.vm, &index::INDEX, args)?;
            self.table.add_item(self.vm, &made)?;
        }
        Ok(())
    }

    fn unique_constraints(&self) -> PyResult<()> {
        for description in self.descriptions("get_unique_constraints")? {
            let names = texts(self.vm, &self.entry(&description, "column_names")?)?;
            let is_partly_included = self
                .reflection
                .include
                .as_ref()
                .is_some_and(|include| names.iter().any(|name| !include.contains(name)));
            if is_partly_included {
                continue;
            }
            let mut args = Args::none().with("name", self.entry(&description, "name")?);
            for name in &names {
                if let Some(column) = self.table.column(name) {
                    args.positional.push(Value::Native(column));
                }
            }
            let options = self.entry(&description, "dialect_options")?;
            if !options.is_none() {
                args = keywords(self.vm, &options, args)?;
            }
            let made = make(self.vm, &constraint::UNIQUE, args)?;
            self.table.add_item(self.vm, &made)?;
        }
        Ok(())
    }

    fn check_constraints(&self) -> PyResult<()> {
        for description in self.descriptions("get_check_constraints")? {
            let mut args = Args::of(vec![expression(self.entry(&description, "sqltext")?)])
                .with("name", self.entry(&description, "name")?);
            let options = self.entry(&description, "dialect_options")?;
            if !options.is_none() {
                args = keywords(self.vm, &options, args)?;
            }
            let made = make(self.vm, &constraint::CHECK, args)?;
            self.table.add_item(self.vm, &made)?;
        }
        Ok(())
    }

    /// The table's dialect options.
    fn options(&self) -> PyResult<()> {
        if !self.is_sqlite()? {
            return Ok(());
        }
        let description = self.ask("get_table_options")?;
        let mut keywords = Vec::new();
        for (key, value) in self.vm.mapping_items(&description)?.unwrap_or_default() {
            keywords.push((Rc::from(self.vm.str(&key)?), value));
        }
        let options = crate::sa::options::from_keywords(self.vm, &keywords, "Table")?;
        self.table.extra.borrow_mut().options.extend(options);
        Ok(())
    }

    fn is_sqlite(&self) -> PyResult<bool> {
        let executor = crate::sa::connection::executor_of(
            self.vm,
            &self.vm.get_attr(&self.inspector, "bind")?,
        )?;
        Ok(executor.dialect().name() == "sqlite")
    }

    fn comment(&self) -> PyResult<()> {
        // SQLite has no comments
        if self.is_sqlite()? {
            return Ok(());
        }
        let description = self.ask("get_table_comment")?;
        let comment = self.entry(&description, "text")?;
        self.table.extra.borrow_mut().comment = comment.as_str().map(|text| text.to_string());
        Ok(())
    }
}

/// `MetaData.reflect(bind)`.
#[expect(
    clippy::too_many_lines,
    reason = "the steps share their state and are read in order"
)]
pub fn metadata(vm: &Vm, metadata: &Rc<PyMetaData>, args: Args) -> PyResult<Value> {
    let bound = args.bind(
        "MetaData.reflect",
        "(bind, schema=None, views=False, only=None, extend_existing=False, autoload_replace=True, resolve_fks=True, **dialect_kwargs)",
    )?;
    let bind = bound.get("bind");
    let inspector = match bind.native::<Inspector>() {
        Some(_) => bind,
        None => crate::sa::inspect::of(vm, &bind)?,
    };
    let schema = match name::optional(&bound.get("schema"), "as a schema")? {
        Some(schema) => Some(schema),
        None => metadata.schema(),
    };
    let asked = || Args::of(vec![schema.as_ref().map_or(Value::None, name::to_value)]);
    let mut available = texts(vm, &vm.call_method(&inspector, "get_table_names", asked())?)?;
    if bound.bool("views")? {
        for method in ["get_view_names", "get_materialized_view_names"] {
            available.extend(texts(vm, &vm.call_method(&inspector, method, asked())?)?);
        }
    }
    let extend = bound.bool("extend_existing")?;
    let key = |name: &str| match &schema {
        Some(schema) => format!("{}.{name}", schema.text),
        None => name.to_owned(),
    };
    let is_wanted = |name: &str| extend || metadata.table_by_key(&key(name)).is_none();
    let only = bound.get("only");
    let chosen: Vec<String> = match &only {
        Value::None => available
            .into_iter()
            .filter(|name| is_wanted(name))
            .collect(),
        Value::Function(_) | Value::Method(_) | Value::Builtin(_) => {
            let mut chosen = Vec::new();
            for name in available {
                let arguments = Args::of(vec![Value::str(&name), Value::Native(metadata.clone())]);
                if is_wanted(&name) && vm.truth(&vm.call(&only, arguments)?)? {
                    chosen.push(name);
                }
            }
            chosen
        }
        names => {
            let names = texts(vm, names)?;
            let missing: Vec<&str> = names
                .iter()
                .filter(|name| !available.contains(name))
                .map(String::as_str)
                .collect();
            if !missing.is_empty() {
                let place = schema
                    .as_ref()
                    .map(|schema| format!(" schema '{}'", schema.text))
                    .unwrap_or_default();
                return Err(exc::upstream(
                    "InvalidRequestError",
                    &format!(
                        "Could not reflect: requested table(s) not available in the database{place}: ({})",
                        missing.join(", ")
                    ),
                ));
            }
            names.into_iter().filter(|name| is_wanted(name)).collect()
        }
    };
    let before: Vec<String> = metadata.tables().iter().map(|t| t.description()).collect();
    for name in chosen {
        let known = metadata.table_by_key(&key(&name));
        // A foreign key of one before may have brought it along.
        if known.is_some() && !(extend && before.contains(&key(&name))) {
            continue;
        }
        let reflection = Reflection {
            bind: inspector.clone(),
            include: None,
            exclude: Vec::new(),
            resolve_fks: bound.bool("resolve_fks")?,
        };
        match known {
            Some(known) => {
                let exclude = if bound.bool("autoload_replace")? {
                    Vec::new()
                } else {
                    known.columns.borrow().keys().cloned().collect()
                };
                table(
                    vm,
                    &known,
                    &Reflection {
                        exclude,
                        ..reflection
                    },
                )?;
            }
            None => {
                let name = Name::new(name);
                table::reflected(vm, metadata, name, schema.clone(), &reflection)?;
            }
        }
    }
    Ok(Value::None)
}
