//! `create_all`, `drop_all`, `Table.create`, `Table.drop`: the statements and their order. sqlalchemy/sql/ddl.py
//! `SchemaGenerator`, `SchemaDropper`.

use std::rc::Rc;

use crate::ddl::Statement;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::assemble;
use crate::sa::assemble::Assembled;
use crate::sa::catalogue::has_table;
use crate::sa::constraint::Target;
use crate::sa::constraint::full_name;
use crate::sa::event;
use crate::sa::executor::Executor;
use crate::sa::metadata::PyMetaData;
use crate::sa::sequence::PySequence;
use crate::sa::table::PyTable;
use crate::sa::types::enumeration::create_type;
use crate::sa::types::enumeration::drop_type;
use crate::sa::types::sql_type;
use crate::schema::constraint::ConstraintKind;
use crate::schema::sequence::Sequence;
use crate::schema::types::SqlType;
use crate::schema::types::postgresql::PostgresqlType;

/// The schema and name of a type that is created, if it is one.
pub fn type_identity(data: &SqlType) -> Option<(Option<String>, String)> {
    match data.for_dialect("postgresql") {
        SqlType::Enum(enumeration) if enumeration.native_enum => Some((
            enumeration.schema.as_ref().map(|name| name.text.clone()),
            enumeration.name.as_ref()?.text.clone(),
        )),
        SqlType::Postgresql(PostgresqlType::Domain(domain)) => Some((
            domain.schema.as_ref().map(|name| name.text.clone()),
            domain.name.as_ref()?.text.clone(),
        )),
        _ => None,
    }
}

/// Whether `create_type=False` keeps a type from being created; 2.0 knows it on PostgreSQL's own classes only.
pub fn wants_create(data: &SqlType, is_2_0: bool) -> bool {
    match data.for_dialect("postgresql") {
        SqlType::Enum(enumeration) => {
            enumeration.create_type.unwrap_or(true) || (is_2_0 && !enumeration.upper)
        }
        SqlType::Postgresql(PostgresqlType::Domain(domain)) => domain.create_type,
        _ => true,
    }
}

/// Whether a type belongs to a `MetaData`.
pub fn has_metadata(data: &SqlType) -> bool {
    match data.for_dialect("postgresql") {
        SqlType::Enum(enumeration) => enumeration.has_metadata,
        SqlType::Postgresql(PostgresqlType::Domain(domain)) => domain.has_metadata,
        _ => false,
    }
}

/// Tables after those they refer to; otherwise in the order given. sqlalchemy/sql/ddl.py `sort_tables_and_constraints`.
pub fn sort_tables(_vm: &Vm, tables: &[Rc<PyTable>]) -> PyResult<Vec<Rc<PyTable>>> {
    let mut pending: Vec<Rc<PyTable>> = tables.to_vec();
    let mut sorted: Vec<Rc<PyTable>> = Vec::new();
    while !pending.is_empty() {
        let is_ready = |table: &Rc<PyTable>| {
            let names = referred_tables(table);
            !pending
                .iter()
                .any(|other| !Rc::ptr_eq(other, table) && names.contains(&other.description()))
        };
        let (ready, rest): (Vec<_>, Vec<_>) = pending.iter().cloned().partition(is_ready);
        if ready.is_empty() {
            return Err(PyError::unsupported(
                "tables whose foreign keys form a cycle",
            ));
        }
        sorted.extend(ready);
        pending = rest;
    }
    Ok(sorted)
}

/// The tables that foreign keys of a table name.
fn referred_tables(table: &Rc<PyTable>) -> Vec<String> {
    let mut names = Vec::new();
    let mut note = |target: &Target| match target {
        Target::Spec(_) | Target::Tokens(..) => {
            if let Some((known, Some(_))) = target.tokens() {
                names.push(full_name(&known));
                if let Some(schema) = table.metadata.schema().filter(|_| known.schema.is_none()) {
                    names.push(format!("{}.{}", schema.text, known.name.text));
                }
            }
        }
        Target::Column(column) => {
            if let Some(other) = column.table() {
                names.push(other.description());
            }
        }
    };
    for column in table.column_list() {
        for key in &column.data.borrow().foreign_keys {
            if !key.references.use_alter {
                note(&key.target);
            }
        }
    }
    for constraint in table.constraints.borrow().iter() {
        if let crate::sa::constraint::PyConstraintKind::ForeignKey(_, targets, references) =
            &constraint.kind
            && !references.use_alter
        {
            targets.iter().for_each(&mut note);
        }
    }
    names
}

fn table_exists(vm: &Vm, executor: &Rc<dyn Executor>, table: &PyTable) -> PyResult<bool> {
    has_table(
        vm,
        executor,
        table
            .name
            .schema
            .as_ref()
            .map(|schema| schema.text.as_str()),
        &table.name.name.text,
    )
}

/// `metadata.create_all`.
pub fn create_all(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    metadata: &Rc<PyMetaData>,
    tables: &[Rc<PyTable>],
    checkfirst: bool,
) -> PyResult<()> {
    event::refuse_ddl(&Value::Native(metadata.clone()))?;
    let mut chosen = Vec::new();
    for table in sort_tables(vm, tables)? {
        event::refuse_ddl(&Value::Native(table.clone()))?;
        if !(checkfirst && table_exists(vm, executor, &table)?) {
            chosen.push(table);
        }
    }
    let mut created = Vec::new();
    for made in metadata.types.borrow().clone() {
        let data = sql_type(vm, &made)?;
        create_once(vm, executor, &data, checkfirst, &mut created)?;
    }
    for table in &chosen {
        for data in assemble::named_types(vm, table)? {
            create_once(vm, executor, &data, checkfirst, &mut created)?;
        }
    }
    create_sequences(vm, executor, own_sequences(metadata), checkfirst)?;
    let mut later = Vec::new();
    for table in &chosen {
        create_sequences(vm, executor, column_sequences(table), checkfirst)?;
        let assembled = assemble::table(vm, table)?;
        emit_table(vm, executor, &assembled)?;
        later.extend(alter_later(executor, &assembled));
    }
    for statement in later {
        executor.run(vm, &statement)?;
    }
    Ok(())
}

/// Creates a type that this call has not created yet.
fn create_once(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    data: &SqlType,
    checkfirst: bool,
    created: &mut Vec<(Option<String>, String)>,
) -> PyResult<()> {
    let is_2_0 = executor.dialect().is_2_0();
    if !wants_create(data, is_2_0) {
        return Ok(());
    }
    if let Some(identity) = type_identity(data) {
        if created.contains(&identity) {
            return Ok(());
        }
        created.push(identity);
    }
    create_type(vm, executor, data, checkfirst)
}

/// Foreign keys with `use_alter`, as statements of their own.
fn alter_later(executor: &Rc<dyn Executor>, assembled: &Assembled) -> Vec<Statement> {
    let alters = executor.dialect().supports_alter();
    let is_later = |kind: &ConstraintKind| matches!(kind, ConstraintKind::ForeignKey(key) if key.use_alter && alters);
    let table = &assembled.table;
    let later = table
        .constraints
        .iter()
        .filter(|constraint| is_later(&constraint.kind));
    later
        .map(|constraint| Statement::AddConstraint {
            table: table.name.clone(),
            constraint: Box::new(constraint.clone()),
        })
        .collect()
}

/// The sequences that columns take their defaults from; optional ones exist without being created.
fn column_sequences(table: &Rc<PyTable>) -> Vec<Sequence> {
    let of = |column: Rc<crate::sa::column::PyColumn>| {
        let sequence = column.data.borrow().default_value.native::<PySequence>()?;
        (!sequence.data.optional).then(|| sequence.data.clone())
    };
    table.column_list().into_iter().filter_map(of).collect()
}

/// Whether the database has a sequence.
fn has_sequence(vm: &Vm, executor: &Rc<dyn Executor>, sequence: &Sequence) -> PyResult<bool> {
    let schema = sequence.schema.as_ref().map(|schema| schema.text.as_str());
    crate::sa::catalogue::has_relation(vm, executor, schema, &sequence.name.text, "'S'")
}

/// CREATE SEQUENCE, unless it is there.
fn create_sequences(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    sequences: Vec<Sequence>,
    checkfirst: bool,
) -> PyResult<()> {
    if !executor.dialect().supports_sequences() {
        return Ok(());
    }
    for sequence in sequences {
        if !(checkfirst && has_sequence(vm, executor, &sequence)?) {
            let sequence = Box::new(sequence);
            executor.run(
                vm,
                &Statement::CreateSequence {
                    sequence,
                    if_not_exists: false,
                },
            )?;
        }
    }
    Ok(())
}

/// DROP SEQUENCE, if it is there.
fn drop_sequences(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    sequences: Vec<Sequence>,
    checkfirst: bool,
) -> PyResult<()> {
    if !executor.dialect().supports_sequences() {
        return Ok(());
    }
    for sequence in sequences {
        if !executor.has_catalogue() || !checkfirst || has_sequence(vm, executor, &sequence)? {
            let sequence = Box::new(sequence);
            executor.run(
                vm,
                &Statement::DropSequence {
                    sequence,
                    if_exists: false,
                },
            )?;
        }
    }
    Ok(())
}

/// The sequences made with `metadata=`.
fn own_sequences(metadata: &PyMetaData) -> Vec<Sequence> {
    let sequences = metadata.sequences.borrow();
    sequences
        .iter()
        .filter_map(|made| made.native::<PySequence>())
        .map(|made| made.data.clone())
        .collect()
}

/// CREATE TABLE, its indexes and comments.
fn emit_table(vm: &Vm, executor: &Rc<dyn Executor>, assembled: &Assembled) -> PyResult<()> {
    let table = &assembled.table;
    executor.run(
        vm,
        &Statement::CreateTable {
            table: Box::new(table.clone()),
            if_not_exists: false,
        },
    )?;
    for index in &table.indexes {
        executor.run(
            vm,
            &Statement::CreateIndex {
                index: Box::new(index.clone()),
                if_not_exists: false,
            },
        )?;
    }
    if executor.dialect().has_comment_statements() {
        for statement in comments(table) {
            executor.run(vm, &statement)?;
        }
    }
    Ok(())
}

/// The comments of a table and its columns, as statements.
pub fn comments(table: &crate::schema::table::Table) -> Vec<Statement> {
    let mut statements = Vec::new();
    if let Some(comment) = &table.comment {
        statements.push(Statement::TableComment {
            table: table.name.clone(),
            comment: Some(comment.clone()),
        });
    }
    for column in &table.columns {
        if let Some(comment) = &column.comment {
            statements.push(Statement::ColumnComment {
                table: table.name.clone(),
                column: column.name.clone(),
                comment: Some(comment.clone()),
            });
        }
    }
    statements
}

/// `Table.create`.
pub fn create_table(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    table: &Rc<PyTable>,
    checkfirst: bool,
) -> PyResult<()> {
    event::refuse_ddl(&Value::Native(table.clone()))?;
    if checkfirst && table_exists(vm, executor, table)? {
        return Ok(());
    }
    let mut created = Vec::new();
    for data in assemble::named_types(vm, table)? {
        if has_metadata(&data) && executor.dialect().is_2_0() {
            continue;
        }
        create_once(vm, executor, &data, checkfirst, &mut created)?;
    }
    create_sequences(vm, executor, column_sequences(table), checkfirst)?;
    let assembled = assemble::table(vm, table)?;
    emit_table(vm, executor, &assembled)?;
    for statement in alter_later(executor, &assembled) {
        executor.run(vm, &statement)?;
    }
    Ok(())
}

/// `Table.drop`; 2.0 drops the types of its columns with it.
pub fn drop_table(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    table: &Rc<PyTable>,
    checkfirst: bool,
) -> PyResult<()> {
    event::refuse_ddl(&Value::Native(table.clone()))?;
    if checkfirst && executor.has_catalogue() && !table_exists(vm, executor, table)? {
        return Ok(());
    }
    executor.run(
        vm,
        &Statement::DropTable {
            table: table.name.clone(),
            if_exists: false,
        },
    )?;
    drop_sequences(vm, executor, column_sequences(table), checkfirst)?;
    if executor.dialect().is_2_0() {
        for data in assemble::named_types(vm, table)? {
            if !has_metadata(&data) && wants_create(&data, true) {
                drop_type(vm, executor, &data, checkfirst)?;
            }
        }
    }
    Ok(())
}

/// `metadata.drop_all`.
pub fn drop_all(
    vm: &Vm,
    executor: &Rc<dyn Executor>,
    metadata: &Rc<PyMetaData>,
    tables: &[Rc<PyTable>],
    checkfirst: bool,
) -> PyResult<()> {
    event::refuse_ddl(&Value::Native(metadata.clone()))?;
    let mut sorted = sort_tables(vm, tables)?;
    sorted.reverse();
    let mut chosen = Vec::new();
    for table in sorted {
        if !executor.has_catalogue() || !checkfirst || table_exists(vm, executor, &table)? {
            chosen.push(table);
        }
    }
    for table in &chosen {
        executor.run(
            vm,
            &Statement::DropTable {
                table: table.name.clone(),
                if_exists: false,
            },
        )?;
        drop_sequences(vm, executor, column_sequences(table), checkfirst)?;
    }
    drop_sequences(vm, executor, own_sequences(metadata), checkfirst)?;
    let mut dropped = Vec::new();
    let mut types = Vec::new();
    for table in &chosen {
        types.extend(assemble::named_types(vm, table)?);
    }
    for made in metadata.types.borrow().clone() {
        types.push(sql_type(vm, &made)?);
    }
    for data in types {
        let Some(identity) = type_identity(&data) else {
            continue;
        };
        if !dropped.contains(&identity) && wants_create(&data, executor.dialect().is_2_0()) {
            dropped.push(identity);
            drop_type(vm, executor, &data, checkfirst)?;
        }
    }
    Ok(())
}
