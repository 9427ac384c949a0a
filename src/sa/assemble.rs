//! From Python's tables to `schema::Table`: columns resolved, constraints ordered and named. sqlalchemy/sql/schema.py
//! `Table`, `Column._set_parent`, `PrimaryKeyConstraint`, sqlalchemy/sql/naming.py.

mod keys;

use std::cell::RefCell;
use std::rc::Rc;

use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::sa::assemble::keys::foreign_key;
use crate::sa::clause;
use crate::sa::clause::argument_error;
use crate::sa::column::PyColumn;
use crate::sa::constraint::ColumnSpec;
use crate::sa::constraint::ExcludeElement;
use crate::sa::constraint::PyConstraint;
use crate::sa::constraint::PyConstraintKind;
use crate::sa::constraint::Target;
use crate::sa::exc;
use crate::sa::index::Element;
use crate::sa::index::PyIndex;
use crate::sa::naming::NamingConvention;
use crate::sa::naming::Subject;
use crate::sa::table::PyTable;
use crate::schema::column::Autoincrement;
use crate::schema::column::Column;
use crate::schema::constraint::Constraint;
use crate::schema::constraint::ConstraintBase;
use crate::schema::constraint::ConstraintKind;
use crate::schema::constraint::Exclude;
use crate::schema::default::ClientDefault;
use crate::schema::default::ServerDefault;
use crate::schema::expr::Expr;
use crate::schema::index::Index;
use crate::schema::index::IndexElement;
use crate::schema::name::Name;
use crate::schema::table::Table;
use crate::schema::table::TableName;
use crate::schema::types::SqlType;

/// A table ready to be written.
#[derive(Debug, Clone)]
pub struct Assembled {
    /// The table.
    pub table: Table,
}

/// The convention of a table's metadata.
fn convention(table: &PyTable) -> NamingConvention {
    table.metadata.convention.borrow().clone()
}

/// Assembles a table.
pub fn table(vm: &Vm, table: &Rc<PyTable>) -> PyResult<Assembled> {
    let convention = convention(table);
    let key_columns = primary_key_columns(table);
    let mut columns = Vec::new();
    for column in table.column_list() {
        let is_key = key_columns.iter().any(|key| Rc::ptr_eq(key, &column));
        columns.push(column_of(vm, table, &column, is_key, &convention)?);
    }
    add_self_references(table, &mut columns);
    if let Some(at) = autoincrement_column(vm, table, &key_columns)?
        && let Some(column) = columns.get_mut(at)
    {
        column.is_autoincrement = true;
    }
    let extra = table.extra.borrow().clone();
    let mut indexes = Vec::new();
    for made in all_indexes(table) {
        indexes.push(index(vm, table, &made)?);
    }
    Ok(Assembled {
        table: Table {
            name: table.name.clone(),
            columns,
            primary_key: primary_key(vm, table, &key_columns, &convention)?,
            constraints: constraints(vm, table, &convention)?,
            indexes,
            comment: extra.comment,
            prefixes: extra.prefixes,
            options: extra.options,
        },
    })
}

/// A column's data; `is_key`: whether the primary key has it.
pub fn column_of(
    vm: &Vm,
    table: &Rc<PyTable>,
    column: &Rc<PyColumn>,
    is_key: bool,
    convention: &NamingConvention,
) -> PyResult<Column> {
    let data = column.data.borrow().clone();
    let mut sql_type = column.sql_type(vm)?;
    inherit_schema(&mut sql_type, &table.name);
    let mut checks = Vec::new();
    for constraint in &data.constraints {
        checks.push(constraint_of(vm, table, constraint, convention)?);
    }
    let primary_key = data.primary_key || is_key;
    let is_identity = matches!(data.server_default, Some(ServerDefault::Identity(_)));
    Ok(Column {
        name: data.name.clone().unwrap_or_default(),
        key: data.key.clone(),
        sql_type,
        nullable: data.nullable.unwrap_or(!primary_key && !is_identity),
        primary_key,
        autoincrement: data.autoincrement,
        is_autoincrement: false,
        default: data.default,
        server_default: data.server_default.clone(),
        checks,
        comment: data.comment.clone(),
        system: data.system,
        has_foreign_keys: !data.foreign_keys.is_empty(),
        options: data.options.clone(),
    })
}

/// `inherit_schema=True`: the type takes the table's schema.
fn inherit_schema(sql_type: &mut SqlType, table: &TableName) {
    match sql_type {
        SqlType::Enum(enumeration)
            if enumeration.inherit_schema && enumeration.schema.is_none() =>
        {
            enumeration.schema = table.schema.clone();
        }
        SqlType::Array(array) => inherit_schema(&mut array.item, table),
        _ => {}
    }
}

/// Columns of this very table that its foreign keys name and nobody gave: schemaobj.py `_ensure_table_for_fk`.
fn add_self_references(table: &Rc<PyTable>, columns: &mut Vec<Column>) {
    if !table.extra.borrow().is_ad_hoc {
        return;
    }
    for (referred, column) in foreign_key_targets(table) {
        if let Some(column) = column
            && referred == table.name
            && !columns.iter().any(|known| known.key() == column)
        {
            columns.push(Column::new(column, SqlType::Null));
        }
    }
}

/// The targets of all foreign keys that are said by names.
fn foreign_key_targets(table: &Rc<PyTable>) -> Vec<(TableName, Option<String>)> {
    let mut found = Vec::new();
    let mut note = |target: &Target| found.extend(target.tokens());
    for column in table.column_list() {
        column
            .data
            .borrow()
            .foreign_keys
            .iter()
            .for_each(|key| note(&key.target));
    }
    for constraint in table.constraints.borrow().iter() {
        if let PyConstraintKind::ForeignKey(_, targets, _) = &constraint.kind {
            targets.iter().for_each(&mut note);
        }
    }
    found
}

/// The columns of the primary key, in its order.
pub fn primary_key_columns(table: &Rc<PyTable>) -> Vec<Rc<PyColumn>> {
    // a later one takes the place of one before it
    for constraint in table.constraints.borrow().iter().rev() {
        if let PyConstraintKind::PrimaryKey(specs) = &constraint.kind
            && !specs.is_empty()
        {
            let find = |spec: &ColumnSpec| match spec {
                ColumnSpec::Key(key) => table.column(&key.text),
                ColumnSpec::Column(column) => table.column(&column.key()),
            };
            return specs.iter().filter_map(find).collect();
        }
    }
    table
        .column_list()
        .into_iter()
        .filter(|column| column.data.borrow().primary_key)
        .collect()
}

/// The primary key's constraint.
fn primary_key(
    vm: &Vm,
    table: &Rc<PyTable>,
    columns: &[Rc<PyColumn>],
    convention: &NamingConvention,
) -> PyResult<Option<Constraint>> {
    let explicit = table
        .constraints
        .borrow()
        .iter()
        .rev()
        .find(|c| matches!(c.kind, PyConstraintKind::PrimaryKey(_)))
        .cloned();
    if let Some(explicit) = &explicit
        && let PyConstraintKind::PrimaryKey(specs) = &explicit.kind
    {
        resolve_columns(table, specs, "PrimaryKeyConstraint")?;
        check_include(table, &explicit.base.borrow())?;
    }
    if columns.is_empty() {
        return Ok(None);
    }
    let is_explicit = explicit.is_some();
    let mut base = explicit
        .map(|constraint| constraint.base.borrow().clone())
        .unwrap_or_default();
    base.name = convention.resolve(vm, "pk", base.name, &subject(table, columns, None))?;
    let mut columns: Vec<Rc<PyColumn>> = columns.to_vec();
    if !is_explicit && let Some(at) = autoincrement_column(vm, table, &columns)? {
        // PrimaryKeyConstraint.columns_autoinc_first, for keys made from `primary_key=True` flags.
        let first = table.column_list().into_iter().nth(at);
        columns.sort_by_key(|column| {
            !first
                .as_ref()
                .is_some_and(|first| Rc::ptr_eq(first, column))
        });
    }
    let names = names_of(&columns);
    Ok(Some(Constraint {
        base,
        kind: ConstraintKind::PrimaryKey { columns: names },
    }))
}

/// `_autoincrement_column`: its position in the table.
pub(crate) fn autoincrement_column(
    vm: &Vm,
    table: &Rc<PyTable>,
    key_columns: &[Rc<PyColumn>],
) -> PyResult<Option<usize>> {
    let position = |column: &Rc<PyColumn>| {
        table
            .column_list()
            .iter()
            .position(|known| Rc::ptr_eq(known, column))
    };
    if let [only] = key_columns {
        let autoincrement = only.data.borrow().autoincrement;
        let is_autoincrement = match autoincrement {
            Autoincrement::Yes => validate_autoinc(vm, table, only, true)?,
            Autoincrement::Auto | Autoincrement::IgnoreFk => {
                validate_autoinc(vm, table, only, false)?
            }
            Autoincrement::No => false,
        };
        return Ok(position(only).filter(|_| is_autoincrement));
    }
    let mut found: Option<&Rc<PyColumn>> = None;
    for column in key_columns {
        if column.data.borrow().autoincrement != Autoincrement::Yes {
            continue;
        }
        validate_autoinc(vm, table, column, true)?;
        if let Some(found) = found {
            if clause::default_dialect().name() == "sqlite" {
                // its compiler refuses a composite key that counts, whatever the number of such columns
                break;
            }
            return Err(argument_error(format!(
                "Only one Column may be marked autoincrement=True, found both {} and {}.",
                column.name_text(),
                found.name_text()
            )));
        }
        found = Some(column);
    }
    Ok(found.and_then(position))
}

/// `_validate_autoinc`.
fn validate_autoinc(
    vm: &Vm,
    table: &Rc<PyTable>,
    column: &Rc<PyColumn>,
    is_explicit: bool,
) -> PyResult<bool> {
    let sql_type = column.sql_type(vm)?;
    let dialect = clause::default_dialect();
    let resolved = sql_type.for_dialect(dialect.name());
    let is_integer =
        resolved.is_integer() || (dialect.is_2_0() && matches!(resolved, SqlType::Numeric(_)));
    if !is_integer {
        if is_explicit {
            let shown = dialect
                .type_sql(&sql_type)
                .unwrap_or_else(|_| "NULL".to_owned());
            return Err(argument_error(format!(
                "Column type {shown} on column '{}.{}' is not compatible with autoincrement=True",
                table.description(),
                column.name_text()
            )));
        }
        return Ok(false);
    }
    if is_explicit {
        return Ok(true);
    }
    let data = column.data.borrow();
    let has_default = matches!(data.default, ClientDefault::Other);
    let has_server_default = data
        .server_default
        .as_ref()
        .is_some_and(|found| !matches!(found, ServerDefault::Identity(_)));
    let has_constraint_key = || table_foreign_key_has(table, column);
    let has_foreign_key = !data.foreign_keys.is_empty() || has_constraint_key();
    Ok(!(has_default
        || has_server_default
        || (has_foreign_key && data.autoincrement != Autoincrement::IgnoreFk)))
}

/// Whether a `ForeignKeyConstraint` of the table covers the column.
fn table_foreign_key_has(table: &Rc<PyTable>, column: &Rc<PyColumn>) -> bool {
    table
        .constraints
        .borrow()
        .iter()
        .any(|constraint| match &constraint.kind {
            PyConstraintKind::ForeignKey(specs, ..) => specs.iter().any(|spec| match spec {
                ColumnSpec::Key(key) => key.text == column.key(),
                ColumnSpec::Column(other) => other.key() == column.key(),
            }),
            _ => false,
        })
}

/// The columns that specs name, or the error of a missing one.
pub fn resolve_columns(
    table: &Rc<PyTable>,
    specs: &[ColumnSpec],
    class: &str,
) -> PyResult<Vec<Rc<PyColumn>>> {
    let mut columns = Vec::with_capacity(specs.len());
    for spec in specs {
        let key = match spec {
            ColumnSpec::Key(key) => key.text.clone(),
            ColumnSpec::Column(column) => column.key(),
        };
        let Some(column) = table.column(&key) else {
            return Err(exc::upstream(
                "ConstraintColumnNotFoundError",
                &format!(
                    "Can't create {class} on table '{}': no column named '{key}' is present.",
                    table.name.name.text
                ),
            ));
        };
        columns.push(column);
    }
    Ok(columns)
}

/// What a constraint is, for its name.
fn subject(
    table: &PyTable,
    columns: &[Rc<PyColumn>],
    referred: Option<(String, Vec<String>)>,
) -> Subject {
    Subject {
        table: table.name.clone(),
        columns: columns
            .iter()
            .map(|column| (column.name_text(), column.key()))
            .collect(),
        referred,
    }
}

fn names_of(columns: &[Rc<PyColumn>]) -> Vec<Name> {
    columns
        .iter()
        .map(|column| column.data.borrow().name.clone().unwrap_or_default())
        .collect()
}

/// All constraints but the primary key, as they are written: by creation; those that columns bring come as the columns
/// were attached.
fn constraints(
    vm: &Vm,
    table: &Rc<PyTable>,
    convention: &NamingConvention,
) -> PyResult<Vec<Constraint>> {
    let mut explicit: Vec<Rc<PyConstraint>> = table.constraints.borrow().clone();
    explicit.sort_by_key(|constraint| constraint.order);
    let mut made = Vec::new();
    for constraint in &explicit {
        if !matches!(constraint.kind, PyConstraintKind::PrimaryKey(_)) {
            made.push(constraint_of(vm, table, constraint, convention)?);
        }
    }
    for column in table.column_list() {
        made.extend(column_constraints(vm, table, &column, convention)?);
    }
    Ok(made)
}

/// The constraints a column brings: UNIQUE, its foreign keys, the CHECK of its type.
pub fn column_constraints(
    vm: &Vm,
    table: &Rc<PyTable>,
    column: &Rc<PyColumn>,
    convention: &NamingConvention,
) -> PyResult<Vec<Constraint>> {
    let data = column.data.borrow().clone();
    let own = [column.clone()];
    let mut made = Vec::new();
    if data.unique == Some(true) && data.index != Some(true) {
        let base = ConstraintBase {
            name: convention.resolve(vm, "uq", None, &subject(table, &own, None))?,
            ..ConstraintBase::default()
        };
        made.push(Constraint {
            base,
            kind: ConstraintKind::Unique {
                columns: names_of(&own),
            },
        });
    }
    made.extend(type_check(vm, table, column, convention)?);
    for key in &data.foreign_keys {
        made.push(foreign_key(
            vm,
            table,
            &own,
            std::slice::from_ref(&key.target),
            &key.references,
            key.base.clone(),
            convention,
        )?);
    }
    Ok(made)
}

/// The CHECK of a non-native `Enum` with `create_constraint=True`; a `Boolean`'s is for dialects without booleans only.
pub fn type_check(
    vm: &Vm,
    table: &Rc<PyTable>,
    column: &Rc<PyColumn>,
    convention: &NamingConvention,
) -> PyResult<Option<Constraint>> {
    let sql_type = column.sql_type(vm)?;
    let dialect = clause::default_dialect();
    let own = [column.clone()];
    let resolved = sql_type.for_dialect(dialect.name());
    let (given, sqltext) = match resolved {
        SqlType::Enum(enumeration)
            if enumeration.create_constraint
                && !(enumeration.native_enum && dialect.supports_native_enum()) =>
        {
            let name = data_name(column);
            (
                enumeration.name.clone(),
                clause::in_labels(name, &enumeration.enums),
            )
        }
        SqlType::Boolean(boolean)
            if boolean.create_constraint && !dialect.supports_native_boolean() =>
        {
            (
                boolean.name.clone(),
                clause::in_zero_and_one(data_name(column)),
            )
        }
        _ => return Ok(None),
    };
    let name = convention.resolve(vm, "ck", given, &subject(table, &own, None))?;
    let base = ConstraintBase {
        name,
        ..ConstraintBase::default()
    };
    Ok(Some(Constraint {
        base,
        kind: ConstraintKind::Check {
            sqltext,
            is_type_bound: true,
        },
    }))
}

fn data_name(column: &PyColumn) -> Name {
    column.data.borrow().name.clone().unwrap_or_default()
}

/// A constraint's data.
pub fn constraint_of(
    vm: &Vm,
    table: &Rc<PyTable>,
    constraint: &Rc<PyConstraint>,
    convention: &NamingConvention,
) -> PyResult<Constraint> {
    let mut base = constraint.base.borrow().clone();
    let kind = match &constraint.kind {
        PyConstraintKind::Plain => ConstraintKind::Unknown,
        PyConstraintKind::Check(sqltext) => {
            let columns = columns_in(table, sqltext);
            base.name = convention.resolve(vm, "ck", base.name, &subject(table, &columns, None))?;
            ConstraintKind::Check {
                sqltext: sqltext.clone(),
                is_type_bound: false,
            }
        }
        PyConstraintKind::Unique(specs) => {
            let columns = resolve_columns(table, specs, "UniqueConstraint")?;
            check_include(table, &base)?;
            base.name = convention.resolve(vm, "uq", base.name, &subject(table, &columns, None))?;
            ConstraintKind::Unique {
                columns: names_of(&columns),
            }
        }
        PyConstraintKind::PrimaryKey(specs) => {
            let columns = resolve_columns(table, specs, "PrimaryKeyConstraint")?;
            check_include(table, &base)?;
            base.name = convention.resolve(vm, "pk", base.name, &subject(table, &columns, None))?;
            ConstraintKind::PrimaryKey {
                columns: names_of(&columns),
            }
        }
        PyConstraintKind::ForeignKey(specs, targets, references) => {
            let columns = resolve_columns(table, specs, "ForeignKeyConstraint")?;
            return foreign_key(vm, table, &columns, targets, references, base, convention);
        }
        PyConstraintKind::Exclude(exclude) => {
            base.name = convention.resolve(vm, "ex", base.name, &subject(table, &[], None))?;
            ConstraintKind::Exclude(exclude_of(table, exclude))
        }
    };
    Ok(Constraint { base, kind })
}

/// PGDDLCompiler `_define_include`: the names must be columns of the table.
fn check_include(table: &Rc<PyTable>, base: &ConstraintBase) -> PyResult<()> {
    use crate::schema::options::OptionValue;
    if clause::default_dialect().name() != "postgresql" {
        return Ok(());
    }
    if let Some(OptionValue::List(items)) = base.options.get("postgresql_include") {
        for item in items {
            if table.column(&item.text()).is_none() {
                return Err(crate::py::error::PyError::key_error(
                    crate::py::value::Value::str(item.text()),
                ));
            }
        }
    }
    Ok(())
}

/// The columns of the table that a condition names.
fn columns_in(table: &Rc<PyTable>, sqltext: &Expr) -> Vec<Rc<PyColumn>> {
    let mut keys = Vec::new();
    clause::column_keys(sqltext, &mut keys);
    keys.iter().filter_map(|key| table.column(key)).collect()
}

/// EXCLUDE's elements with column keys resolved.
fn exclude_of(table: &Rc<PyTable>, exclude: &crate::sa::constraint::PyExclude) -> Exclude {
    let elements = exclude.elements.iter().map(|(element, key, operator)| {
        let expr = match element {
            ExcludeElement::Key(name) => {
                let name = table
                    .column(&name.text)
                    .and_then(|column| column.data.borrow().name.clone())
                    .unwrap_or_else(|| name.clone());
                Expr::column(name, SqlType::Null)
            }
            ExcludeElement::Expr(expr) => expr.clone(),
        };
        (expr, key.clone(), operator.clone())
    });
    Exclude {
        elements: elements.collect(),
        using: exclude.using.clone(),
        where_: exclude.where_.clone(),
        ops: exclude.ops.clone(),
    }
}

/// The table's indexes, those of `index=True` columns included.
pub fn all_indexes(table: &Rc<PyTable>) -> Vec<Rc<PyIndex>> {
    let mut indexes = Vec::new();
    for column in table.column_list() {
        let data = column.data.borrow();
        if data.index == Some(true) {
            indexes.push(Rc::new(PyIndex {
                name: RefCell::new(None),
                elements: vec![Element::Column(ColumnSpec::Column(column.clone()))],
                column_flag: true,
                unique: data.unique == Some(true),
                options: indexmap::IndexMap::new(),
                table: RefCell::new(Some(table.clone())),
            }));
        }
    }
    indexes.extend(table.indexes.borrow().iter().cloned());
    indexes
}

/// The name of an index.
pub fn index_name(vm: &Vm, table: &Rc<PyTable>, index: &PyIndex) -> PyResult<Option<Name>> {
    let mut columns = Vec::new();
    for element in &index.elements {
        match element {
            Element::Column(spec) => {
                columns.extend(resolve_columns(table, std::slice::from_ref(spec), "Index")?)
            }
            // alembic/util/sqla_compat.py _textual_index_column: the text itself is the column.
            Element::Expr(Expr::Text(text), _) if table.extra.borrow().is_ad_hoc => {
                columns.push(PyColumn::bare(Name::new(text.text.clone())));
            }
            Element::Expr(expr, _) => columns.extend(columns_in(table, expr)),
        }
    }
    let given = index.name.borrow().clone();
    convention(table).resolve(vm, "ix", given, &subject(table, &columns, None))
}

/// An index's data.
pub fn index(vm: &Vm, table: &Rc<PyTable>, index: &Rc<PyIndex>) -> PyResult<Index> {
    let mut elements = Vec::new();
    for element in &index.elements {
        elements.push(match element {
            Element::Column(spec) => {
                let found = resolve_columns(table, std::slice::from_ref(spec), "Index")?;
                IndexElement::Column(names_of(&found).into_iter().next().unwrap_or_default())
            }
            Element::Expr(expr, key) => IndexElement::Expr(expr.clone(), key.clone()),
        });
    }
    Ok(Index {
        name: index_name(vm, table, index)?,
        table: table.name.clone(),
        elements,
        unique: index.unique,
        options: index.options.clone(),
    })
}

/// The type that is created on its own: an enum or a domain, that inside an array too.
pub fn named_type(sql_type: &SqlType) -> Option<SqlType> {
    let mut current = sql_type.for_dialect("postgresql");
    while let SqlType::Array(array) = current {
        current = array.item.for_dialect("postgresql");
    }
    matches!(
        current,
        SqlType::Enum(_)
            | SqlType::Postgresql(crate::schema::types::postgresql::PostgresqlType::Domain(_))
    )
    .then(|| current.clone())
}

/// The types of the columns that are created on their own: enums and domains, those inside arrays too.
pub fn named_types(vm: &Vm, table: &Rc<PyTable>) -> PyResult<Vec<SqlType>> {
    let mut types = Vec::new();
    for column in table.column_list() {
        let mut sql_type = column.sql_type(vm)?;
        inherit_schema(&mut sql_type, &table.name);
        types.extend(named_type(&sql_type));
    }
    Ok(types)
}
