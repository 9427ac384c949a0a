//! ALTER TABLE. PostgreSQL's gram.y `AlterTableStmt`, `RenameStmt`.

use crate::shadow::create;
use crate::shadow::cursor::Cursor;
use crate::shadow::model::Catalogue;
use crate::shadow::model::Element;
use crate::shadow::model::Key;
use crate::shadow::model::Kind;
use crate::shadow::model::Relation;
use crate::shadow::model::Table;
use crate::shadow::type_name;

/// `ALTER TABLE` was read.
pub(crate) fn table(catalogue: &mut Catalogue, cursor: &mut Cursor) -> Option<()> {
    let if_exists = cursor.take_all(&["if", "exists"]);
    cursor.take("only");
    let key = Catalogue::key(&cursor.named()?);
    cursor.sign("*");
    if if_exists && !catalogue.relations.contains_key(&key) {
        return Some(());
    }
    if let Some(Relation::View { .. } | Relation::Sequence { .. }) = catalogue.relations.get(&key) {
        return renamed(catalogue, &key, cursor);
    }
    catalogue.altered(&key)?;
    if cursor.peek().is_some_and(|token| token.is("rename")) {
        return rename(catalogue, &key, cursor);
    }
    if cursor.take_all(&["set", "schema"]) {
        let schema = cursor.name()?;
        return relocate(catalogue, &key, (schema, key.1.clone()));
    }
    for mut part in cursor.by_commas() {
        action(catalogue, &key, &mut part)?;
    }
    Some(())
}

/// `ALTER VIEW x RENAME TO y` and the like.
pub(crate) fn renamed(catalogue: &mut Catalogue, key: &Key, cursor: &mut Cursor) -> Option<()> {
    if cursor.take_all(&["rename", "to"]) {
        let name = cursor.name()?;
        return relocate(catalogue, key, (key.0.clone(), name));
    }
    if cursor.take_all(&["set", "schema"]) {
        let schema = cursor.name()?;
        return relocate(catalogue, key, (schema, key.1.clone()));
    }
    Some(())
}

/// Moves a relation to another name; foreign keys follow it.
pub(crate) fn relocate(catalogue: &mut Catalogue, from: &Key, to: Key) -> Option<()> {
    if let Some(relation) = catalogue.relations.shift_remove(from) {
        catalogue.relations.insert(to.clone(), relation);
    }
    for relation in catalogue.relations.values_mut() {
        match relation {
            Relation::Table(table) => {
                for constraint in &mut table.constraints {
                    if let Kind::Foreign(reference) = &mut constraint.kind
                        && reference.table == *from
                    {
                        reference.table = to.clone();
                    }
                }
            }
            Relation::Sequence {
                owner: Some((owner, _)),
            } if owner == from => *owner = to.clone(),
            Relation::Sequence { .. } | Relation::View { .. } => {}
        }
    }
    Some(())
}

fn rename(catalogue: &mut Catalogue, key: &Key, cursor: &mut Cursor) -> Option<()> {
    cursor.take("rename");
    if cursor.take("to") {
        let name = cursor.name()?;
        return relocate(catalogue, key, (key.0.clone(), name));
    }
    if cursor.take("constraint") {
        let from = cursor.name()?;
        let to = cursor.take("to").then(|| cursor.name())??;
        let table = catalogue.altered(key)?;
        if let Some(found) = table
            .constraints
            .iter_mut()
            .find(|constraint| constraint.name == from)
        {
            found.name = to;
        }
        return Some(());
    }
    cursor.take("column");
    let from = cursor.name()?;
    let to = cursor.take("to").then(|| cursor.name())??;
    rename_column(catalogue, key, &from, &to)
}

fn rename_column(catalogue: &mut Catalogue, key: &Key, from: &str, to: &str) -> Option<()> {
    let renamed = |name: &mut String| {
        if name == from {
            to.clone_into(name);
        }
    };
    for relation in catalogue.relations.values_mut() {
        if let Relation::Sequence {
            owner: Some((owner, column)),
        } = relation
            && owner == key
        {
            renamed(column);
        }
    }
    for (other, table) in catalogue.tables_mut() {
        for constraint in &mut table.constraints {
            if let Kind::Foreign(reference) = &mut constraint.kind
                && reference.table == *key
            {
                reference.columns.iter_mut().for_each(renamed);
            }
            if other == key {
                constraint.columns.iter_mut().for_each(renamed);
            }
        }
        if other != key {
            continue;
        }
        table
            .columns
            .iter_mut()
            .for_each(|column| renamed(&mut column.name));
        for index in &mut table.indexes {
            index.include.iter_mut().for_each(renamed);
            for element in &mut index.elements {
                if let Element::Column(name) = element {
                    renamed(name);
                }
            }
        }
    }
    Some(())
}

fn action(catalogue: &mut Catalogue, key: &Key, cursor: &mut Cursor) -> Option<()> {
    if cursor.take("add") {
        return add(catalogue, key, cursor);
    }
    if cursor.take("drop") {
        return drop(catalogue, key, cursor);
    }
    if cursor.take("alter") {
        if cursor.take("constraint") {
            return Some(());
        }
        cursor.take("column");
        let name = cursor.name()?;
        return column(catalogue, key, &name, cursor);
    }
    if cursor.take_all(&["validate", "constraint"]) {
        let name = cursor.name()?;
        for constraint in &mut catalogue.altered(key)?.constraints {
            if let Kind::Foreign(reference) = &mut constraint.kind
                && constraint.name == name
            {
                reference.valid = true;
            }
        }
        return Some(());
    }
    let changes_nothing_here = [
        "owner", "enable", "disable", "force", "no", "set", "reset", "cluster", "replica", "attach",
    ];
    changes_nothing_here
        .iter()
        .any(|word| cursor.take(word))
        .then_some(())
}

fn add(catalogue: &mut Catalogue, key: &Key, cursor: &mut Cursor) -> Option<()> {
    if create::is_constraint(cursor) {
        if let Some(done) = constraint_of_index(catalogue, key, cursor) {
            return done;
        }
        let draft = create::table_constraint(cursor)?;
        return create::add_constraint(catalogue, key, draft);
    }
    cursor.take("column");
    let if_not_exists = cursor.take_all(&["if", "not", "exists"]);
    let definition = create::column(cursor)?;
    let name = definition.column.name.clone();
    let table = catalogue.altered(key)?;
    if table.column(&name).is_some() {
        // without IF NOT EXISTS the statement fails
        return if_not_exists.then_some(());
    }
    let has_sequence = definition.serial || definition.column.identity.is_some();
    table.columns.push(definition.column);
    if has_sequence {
        create::own_sequence(catalogue, key, &name)?;
    }
    definition
        .drafts
        .into_iter()
        .try_for_each(|draft| create::add_constraint(catalogue, key, draft))
}

/// `ADD CONSTRAINT name UNIQUE USING INDEX index`; `None` when it is not that.
fn constraint_of_index(
    catalogue: &mut Catalogue,
    key: &Key,
    cursor: &Cursor,
) -> Option<Option<()>> {
    let mut cursor = cursor.clone();
    let name = if cursor.take("constraint") {
        Some(cursor.name()?)
    } else {
        None
    };
    let kind = if cursor.take_all(&["primary", "key"]) {
        Kind::Primary
    } else {
        cursor.take("unique").then_some(Kind::Unique)?
    };
    if !cursor.take_all(&["using", "index"]) || cursor.peek().is_some_and(|t| t.is("tablespace")) {
        return None;
    }
    let index = cursor.name()?;
    let table = catalogue.altered(key)?;
    let Some(at) = table.indexes.iter().position(|found| found.name == index) else {
        return Some(None);
    };
    let found = table.indexes.remove(at);
    let columns = found
        .elements
        .into_iter()
        .filter_map(|element| match element {
            Element::Column(name) => Some(name),
            Element::Expression(_) => None,
        })
        .collect();
    let draft = create::Draft {
        name: Some(name.unwrap_or(index)),
        kind,
        columns,
    };
    Some(create::add_constraint(catalogue, key, draft))
}

fn drop(catalogue: &mut Catalogue, key: &Key, cursor: &mut Cursor) -> Option<()> {
    if cursor.take("constraint") {
        cursor.take_all(&["if", "exists"]);
        let name = cursor.name()?;
        let cascade = cursor.take("cascade");
        let table = catalogue.altered(key)?;
        let at = table
            .constraints
            .iter()
            .position(|constraint| constraint.name == name);
        if let Some(at) = at {
            let gone = table.constraints.remove(at);
            if cascade && matches!(gone.kind, Kind::Primary | Kind::Unique) {
                drop_references(catalogue, key, Some(&gone.columns));
            }
        }
        return Some(());
    }
    cursor.take("column");
    cursor.take_all(&["if", "exists"]);
    let name = cursor.name()?;
    let cascade = cursor.take("cascade");
    drop_column(catalogue.altered(key)?, &name);
    catalogue.drop_sequences_of(key, Some(&name));
    if cascade {
        drop_references(catalogue, key, Some(&[name]));
    }
    Some(())
}

/// A column goes, and with it what stands on it.
fn drop_column(table: &mut Table, name: &str) {
    let is_it = |other: &String| other == name;
    let mentions = |table: &Table, text: &str| create::mentioned(table, text).iter().any(is_it);
    let indexes = std::mem::take(&mut table.indexes);
    table.indexes = indexes
        .into_iter()
        .filter(|index| {
            let on_it = index.elements.iter().any(|element| match element {
                Element::Column(column) => column == name,
                Element::Expression(text) => mentions(table, text),
            });
            let where_it = index
                .predicate
                .as_deref()
                .is_some_and(|text| mentions(table, text));
            !(on_it || where_it || index.include.iter().any(is_it))
        })
        .collect();
    table
        .constraints
        .retain(|constraint| !constraint.columns.iter().any(is_it));
    table.columns.retain(|column| column.name != name);
}

/// Foreign keys to these columns of a table (or to the table) go, as CASCADE says.
pub(crate) fn drop_references(catalogue: &mut Catalogue, key: &Key, columns: Option<&[String]>) {
    for (_, table) in catalogue.tables_mut() {
        table
            .constraints
            .retain(|constraint| match &constraint.kind {
                Kind::Foreign(reference) => {
                    reference.table != *key
                        || columns.is_some_and(|columns| {
                            !reference.columns.iter().any(|name| columns.contains(name))
                        })
                }
                Kind::Primary | Kind::Unique | Kind::Check(_) | Kind::Exclude => true,
            });
    }
}

/// `ALTER COLUMN name …`.
fn column(catalogue: &mut Catalogue, key: &Key, name: &str, cursor: &mut Cursor) -> Option<()> {
    let has_sequence = {
        let table = catalogue.altered(key)?;
        let is_partly_known = table.partly_known.is_some();
        let Some(found) = table.column_mut(name) else {
            // a column that no revision made: what it is like is not known
            return is_partly_known.then_some(());
        };
        let mut has_sequence = false;
        if cursor.take("type") || cursor.take_all(&["set", "data", "type"]) {
            let read = type_name::read(cursor)?;
            if read.serial {
                return None;
            }
            found.type_name = read.name;
        } else if cursor.take_all(&["set", "default"]) {
            found.default = Some(cursor.rest());
        } else if cursor.take_all(&["drop", "default"]) {
            found.default = None;
        } else if cursor.take_all(&["set", "not", "null"]) {
            found.not_null = true;
        } else if cursor.take_all(&["drop", "not", "null"]) {
            found.not_null = false;
        } else if cursor.take_all(&["drop", "identity"]) {
            found.identity = None;
        } else if cursor.take_all(&["drop", "expression"]) {
            found.generated = None;
            found.default = None;
        } else if cursor.take_all(&["add", "generated"]) {
            let kind = if cursor.take("always") { 'a' } else { 'd' };
            found.identity = Some(kind);
            found.not_null = true;
            has_sequence = true;
        } else if cursor.take_all(&["set", "generated"]) {
            found.identity = Some(if cursor.take("always") { 'a' } else { 'd' });
        } else if !["set", "reset", "restart"]
            .iter()
            .any(|word| cursor.take(word))
        {
            return None;
        }
        has_sequence
    };
    if has_sequence {
        create::own_sequence(catalogue, key, name)?;
    }
    Some(())
}
