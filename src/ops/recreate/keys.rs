//! The primary key of the new table, and the columns that its flags say are one.

use crate::schema::column::Autoincrement;
use crate::schema::column::Column;
use crate::schema::constraint::Constraint;
use crate::schema::constraint::ConstraintBase;
use crate::schema::constraint::ConstraintKind;
use crate::schema::default::ClientDefault;
use crate::schema::default::ServerDefault;
use crate::schema::name::Name;
use crate::schema::table::Table;

/// PrimaryKeyConstraint `_set_parent`: the columns of the key, or the flags where it has none.
pub(super) fn finish_key(
    columns: &mut [Column],
    key: Option<Constraint>,
    given_nullables: &[Name],
) -> Option<Constraint> {
    let flagged: Vec<Name> = columns
        .iter()
        .filter(|column| column.primary_key)
        .map(|column| column.name.clone())
        .collect();
    let mut key = key.unwrap_or(Constraint {
        base: ConstraintBase::default(),
        kind: ConstraintKind::PrimaryKey {
            columns: Vec::new(),
        },
    });
    let ConstraintKind::PrimaryKey { columns: names } = &mut key.kind else {
        return None;
    };
    if names.is_empty() {
        *names = flagged;
    }
    for column in columns {
        let is_key = names.contains(&column.name);
        // one of another key keeps its flag: SQLite's AUTOINCREMENT looks at it
        column.primary_key |= is_key;
        if !given_nullables.contains(&column.name) {
            column.nullable &= !is_key;
        }
    }
    let is_empty = names.is_empty();
    (!is_empty).then_some(key)
}

/// `_autoincrement_column`.
pub(super) fn finish_autoincrement(
    columns: &mut [Column],
    key: Option<&Constraint>,
    constraints: &[Constraint],
) {
    for column in &mut *columns {
        column.is_autoincrement = false;
        column.has_foreign_keys = constraints.iter().any(|constraint| {
            matches!(&constraint.kind, ConstraintKind::ForeignKey(key) if key.columns.contains(&column.name))
        });
    }
    let Some(ConstraintKind::PrimaryKey { columns: names }) = key.map(|key| &key.kind) else {
        return;
    };
    let is_only = names.len() == 1;
    for column in columns
        .iter_mut()
        .filter(|column| names.contains(&column.name))
    {
        let has_default = matches!(column.default, ClientDefault::Other)
            || column
                .server_default
                .as_ref()
                .is_some_and(|found| !matches!(found, ServerDefault::Identity(_)));
        column.is_autoincrement = match column.autoincrement {
            Autoincrement::Yes => true,
            Autoincrement::No => false,
            Autoincrement::Auto | Autoincrement::IgnoreFk if !is_only => false,
            Autoincrement::Auto => {
                column.sql_type.is_integer() && !has_default && !column.has_foreign_keys
            }
            Autoincrement::IgnoreFk => column.sql_type.is_integer() && !has_default,
        };
    }
}

/// What SQLAlchemy says of columns that are flagged as a key's and are not those of the one there is: once for the copy of the constraint,
/// and once more for the table that it is put on.
pub(super) fn key_warnings<'a>(old: impl Iterator<Item = &'a Column>, made: &Table) -> Vec<String> {
    let Some(ConstraintKind::PrimaryKey { columns: key }) =
        made.primary_key.as_ref().map(|key| &key.kind)
    else {
        return Vec::new();
    };
    let listed = |names: &[&Name]| {
        let quoted = names.iter().map(|name| format!("'{}'", name.text));
        quoted.collect::<Vec<_>>().join(", ")
    };
    let flagged: Vec<&Name> = old
        .filter(|column| column.primary_key)
        .map(|column| &column.name)
        .collect();
    let made_flagged = made.columns.iter().filter(|column| column.primary_key);
    let both: Vec<&Name> = made_flagged.map(|column| &column.name).collect();
    let said = [flagged, both].into_iter().filter(|names| {
        let is_same = names.len() == key.len() && key.iter().all(|name| names.contains(&name));
        !names.is_empty() && !is_same
    });
    said.map(|names| {
        let key = listed(&key.iter().collect::<Vec<_>>());
        format!(
            "Table '{}' specifies columns {} as primary_key=True, not matching locally specified columns {key}; setting the current primary key columns to {key}. This warning may become an exception in a future release",
            made.name.name.text,
            listed(&names)
        )
    })
    .collect()
}
