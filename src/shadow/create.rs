//! CREATE TABLE and CREATE INDEX. PostgreSQL's gram.y `CreateStmt`, `IndexStmt`.

use crate::shadow::cursor::Cursor;
use crate::shadow::generated;
use crate::shadow::model::Catalogue;
use crate::shadow::model::Column;
use crate::shadow::model::Constraint;
use crate::shadow::model::Element;
use crate::shadow::model::Index;
use crate::shadow::model::Key;
use crate::shadow::model::Kind;
use crate::shadow::model::Reference;
use crate::shadow::model::Relation;
use crate::shadow::model::Table;
use crate::shadow::token::Token;
use crate::shadow::type_name;
use crate::shadow::type_name::shown;

/// A constraint that may have no name yet.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) name: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) columns: Vec<String>,
}

/// A column, and what stands with it.
pub(crate) struct ColumnDefinition {
    pub(crate) column: Column,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) serial: bool,
}

const AFTER_DEFAULT: &[&str] = &[
    "constraint",
    "not",
    "null",
    "primary",
    "unique",
    "references",
    "check",
    "generated",
    "collate",
    "default",
    "deferrable",
    "initially",
];

/// `name type …`.
pub(crate) fn column(cursor: &mut Cursor) -> Option<ColumnDefinition> {
    let name = cursor.name()?;
    let found = type_name::read(cursor)?;
    let mut definition = ColumnDefinition {
        column: Column {
            name,
            type_name: found.name,
            not_null: found.serial,
            ..Column::default()
        },
        drafts: Vec::new(),
        serial: found.serial,
    };
    while !cursor.is_done() {
        column_constraint(cursor, &mut definition)?;
    }
    Some(definition)
}

fn column_constraint(cursor: &mut Cursor, definition: &mut ColumnDefinition) -> Option<()> {
    let name = if cursor.take("constraint") {
        Some(cursor.name()?)
    } else {
        None
    };
    let columns = vec![definition.column.name.clone()];
    let kind = if cursor.take_all(&["not", "null"]) {
        definition.column.not_null = true;
        return Some(());
    } else if cursor.take("null") {
        return Some(());
    } else if cursor.take("default") {
        definition.column.default = Some(cursor.until(AFTER_DEFAULT));
        return Some(());
    } else if cursor.take("collate") {
        cursor.named()?;
        return Some(());
    } else if cursor.take("generated") {
        return generated_column(cursor, definition);
    } else if cursor.take_all(&["primary", "key"]) {
        index_rest(cursor)?;
        definition.column.not_null = true;
        Kind::Primary
    } else if cursor.take("unique") {
        index_rest(cursor)?;
        Kind::Unique
    } else if cursor.take("check") {
        let condition = cursor.group()?.rest();
        cursor.take_all(&["no", "inherit"]);
        Kind::Check(condition)
    } else if cursor.take("references") {
        Kind::Foreign(reference(cursor)?)
    } else {
        return None;
    };
    let columns = match kind {
        Kind::Check(_) => Vec::new(),
        Kind::Primary | Kind::Unique | Kind::Foreign(_) | Kind::Exclude => columns,
    };
    definition.drafts.push(Draft {
        name,
        kind,
        columns,
    });
    Some(())
}

/// `GENERATED … AS IDENTITY (…)`, `GENERATED ALWAYS AS (…) STORED`.
fn generated_column(cursor: &mut Cursor, definition: &mut ColumnDefinition) -> Option<()> {
    let kind = if cursor.take("always") {
        'a'
    } else {
        cursor.take_all(&["by", "default"]).then_some('d')?
    };
    if !cursor.take("as") {
        return None;
    }
    if cursor.take("identity") {
        if cursor.peek().is_some_and(|token| token.is_sign("(")) {
            cursor.group()?;
        }
        definition.column.identity = Some(kind);
        definition.column.not_null = true;
        return Some(());
    }
    definition.column.default = Some(cursor.group()?.rest());
    // before PostgreSQL 18 there is only STORED, and it must be said
    definition.column.generated = Some(if cursor.take("stored") { 's' } else { 'v' });
    cursor.take("virtual");
    Some(())
}

/// `REFERENCES` was read: the rest of a foreign key.
fn reference(cursor: &mut Cursor) -> Option<Reference> {
    let table = Catalogue::key(&cursor.named()?);
    let columns = if cursor.peek().is_some_and(|token| token.is_sign("(")) {
        cursor.names()?
    } else {
        Vec::new()
    };
    let mut found = Reference {
        table,
        columns,
        on_update: 'a',
        on_delete: 'a',
        deferrable: false,
        deferred: false,
        valid: true,
    };
    loop {
        if cursor.take("match") {
            cursor.name()?;
        } else if cursor.take_all(&["on", "update"]) {
            found.on_update = action(cursor)?;
        } else if cursor.take_all(&["on", "delete"]) {
            found.on_delete = action(cursor)?;
            if cursor.peek().is_some_and(|token| token.is_sign("(")) {
                cursor.group()?;
            }
        } else if cursor.take_all(&["not", "deferrable"])
            || cursor.take_all(&["initially", "immediate"])
        {
        } else if cursor.take("deferrable") {
            found.deferrable = true;
        } else if cursor.take_all(&["initially", "deferred"]) {
            found.deferrable = true;
            found.deferred = true;
        } else if cursor.take_all(&["not", "valid"]) {
            found.valid = false;
        } else {
            return Some(found);
        }
    }
}

fn action(cursor: &mut Cursor) -> Option<char> {
    if cursor.take_all(&["no", "action"]) {
        return Some('a');
    }
    if cursor.take_all(&["set", "null"]) {
        return Some('n');
    }
    if cursor.take_all(&["set", "default"]) {
        return Some('d');
    }
    if cursor.take("cascade") {
        return Some('c');
    }
    cursor.take("restrict").then_some('r')
}

/// What may follow `UNIQUE` or `PRIMARY KEY` and changes nothing here; `INCLUDE` and `NULLS NOT DISTINCT` would.
fn index_rest(cursor: &mut Cursor) -> Option<()> {
    loop {
        if cursor.take_all(&["nulls", "distinct"])
            || cursor.take_all(&["not", "deferrable"])
            || cursor.take("deferrable")
            || cursor.take_all(&["initially", "deferred"])
            || cursor.take_all(&["initially", "immediate"])
        {
        } else if cursor.take("with") {
            cursor.group()?;
        } else if cursor.take_all(&["using", "index", "tablespace"]) {
            cursor.name()?;
        } else {
            return Some(());
        }
    }
}

/// A constraint of a table.
pub(crate) fn table_constraint(cursor: &mut Cursor) -> Option<Draft> {
    let name = if cursor.take("constraint") {
        Some(cursor.name()?)
    } else {
        None
    };
    let (kind, columns) = if cursor.take_all(&["primary", "key"]) {
        let columns = cursor.names()?;
        index_rest(cursor)?;
        (Kind::Primary, columns)
    } else if cursor.take("unique") {
        let columns = cursor.names()?;
        index_rest(cursor)?;
        (Kind::Unique, columns)
    } else if cursor.take_all(&["foreign", "key"]) {
        let columns = cursor.names()?;
        if !cursor.take("references") {
            return None;
        }
        (Kind::Foreign(reference(cursor)?), columns)
    } else if cursor.take("check") {
        let condition = cursor.group()?.rest();
        cursor.take_all(&["no", "inherit"]);
        cursor.take_all(&["not", "valid"]);
        (Kind::Check(condition), Vec::new())
    } else if cursor.take("exclude") {
        cursor.rest();
        (Kind::Exclude, Vec::new())
    } else {
        return None;
    };
    cursor.is_done().then_some(Draft {
        name,
        kind,
        columns,
    })
}

/// Whether a constraint of the table begins here.
pub(crate) fn is_constraint(cursor: &Cursor) -> bool {
    [
        "constraint",
        "primary",
        "unique",
        "foreign",
        "check",
        "exclude",
    ]
    .iter()
    .any(|word| cursor.peek().is_some_and(|token| token.is(word)))
}

/// `CREATE TABLE` was read.
pub(crate) fn table(catalogue: &mut Catalogue, cursor: &mut Cursor, temporary: bool) -> Option<()> {
    let if_not_exists = cursor.take_all(&["if", "not", "exists"]);
    let key = Catalogue::key(&cursor.named()?);
    if temporary || (if_not_exists && catalogue.relations.contains_key(&key)) {
        return Some(());
    }
    let mut made = Table::default();
    let (mut drafts, mut serials) = (Vec::new(), Vec::new());
    if let Some(inside) = cursor.group() {
        for mut part in inside.by_commas() {
            if part.is_done() {
                continue;
            }
            if part.take("like") {
                made.partly_known = Some("it was made LIKE another one".to_owned());
            } else if is_constraint(&part) {
                drafts.push(table_constraint(&mut part)?);
            } else {
                let definition = column(&mut part)?;
                if definition.serial || definition.column.identity.is_some() {
                    serials.push(definition.column.name.clone());
                }
                drafts.extend(definition.drafts);
                made.columns.push(definition.column);
            }
        }
    } else {
        made.partly_known = Some("it was made from a query".to_owned());
    }
    if let Some(word) = ["inherits", "of", "as"]
        .iter()
        .find(|word| cursor.tail().iter().any(|placed| placed.token.is(word)))
    {
        made.partly_known
            .get_or_insert_with(|| format!("it was made with {}", word.to_uppercase()));
    }
    catalogue
        .relations
        .insert(key.clone(), Relation::Table(made));
    for name in serials {
        own_sequence(catalogue, &key, &name)?;
    }
    // the order in which PostgreSQL names them
    drafts.sort_by_key(|draft| match draft.kind {
        Kind::Check(_) => 0,
        Kind::Primary => 1,
        Kind::Unique | Kind::Exclude => 2,
        Kind::Foreign(_) => 3,
    });
    drafts
        .into_iter()
        .try_for_each(|draft| add_constraint(catalogue, &key, draft))
}

/// The sequence of a serial or identity column.
pub(crate) fn own_sequence(catalogue: &mut Catalogue, key: &Key, column: &str) -> Option<()> {
    let place = (key.0.as_str(), key.1.as_str());
    let name = generated::choose(catalogue, &[], place, Some(column), "seq");
    let table = catalogue.altered(key)?;
    let found = table.column_mut(column)?;
    if found.identity.is_none() {
        let schema = if key.0 == crate::shadow::model::DEFAULT_SCHEMA {
            String::new()
        } else {
            format!("{}.", shown(&key.0))
        };
        found.default = Some(format!("nextval('{schema}{}'::regclass)", shown(&name)));
    }
    catalogue.relations.insert(
        (key.0.clone(), name),
        Relation::Sequence {
            owner: Some((key.clone(), column.to_owned())),
        },
    );
    Some(())
}

/// Adds a constraint, under a name of PostgreSQL's choice if it has none.
pub(crate) fn add_constraint(catalogue: &mut Catalogue, key: &Key, draft: Draft) -> Option<()> {
    let mut draft = draft;
    if let Kind::Foreign(reference) = &mut draft.kind {
        let target = catalogue.altered(&reference.table)?;
        if reference.columns.is_empty() {
            reference.columns = target
                .constraints
                .iter()
                .find(|constraint| constraint.kind == Kind::Primary)
                .map(|constraint| constraint.columns.clone())
                .unwrap_or_default();
        }
    }
    let table = catalogue.altered(key)?;
    if let Kind::Check(condition) = &draft.kind {
        draft.columns = mentioned(table, condition);
    }
    if draft.kind == Kind::Primary {
        for name in &draft.columns {
            if let Some(column) = table.column_mut(name) {
                column.not_null = true;
            }
        }
    }
    let name = match draft.name {
        Some(name) => name,
        None => {
            let columns = generated::joined(&draft.columns);
            let (second, label) = match &draft.kind {
                Kind::Primary => (None, "pkey"),
                Kind::Unique => (Some(columns.as_str()), "key"),
                Kind::Foreign(_) => (Some(columns.as_str()), "fkey"),
                Kind::Check(_) if draft.columns.len() == 1 => (Some(columns.as_str()), "check"),
                Kind::Check(_) => (None, "check"),
                Kind::Exclude => return None,
            };
            generated::choose(catalogue, &[], (&key.0, &key.1), second, label)
        }
    };
    catalogue.altered(key)?.constraints.push(Constraint {
        name,
        kind: draft.kind,
        columns: draft.columns,
        comment: None,
    });
    Some(())
}

/// The columns of a table that a condition names, in the table's order.
pub(crate) fn mentioned(table: &Table, condition: &str) -> Vec<String> {
    let tokens = crate::shadow::token::tokens(condition).unwrap_or_default();
    let names: Vec<&String> = tokens
        .iter()
        .filter_map(|placed| match &placed.token {
            Token::Word(name) | Token::Quoted(name) => Some(name),
            Token::Text(_) | Token::Number(_) | Token::Sign(_) | Token::Other(_) => None,
        })
        .collect();
    table
        .columns
        .iter()
        .filter(|column| names.contains(&&column.name))
        .map(|column| column.name.clone())
        .collect()
}

/// `CREATE [UNIQUE] INDEX` was read.
#[expect(clippy::too_many_lines, reason = "one clause after the other")]
pub(crate) fn index(catalogue: &mut Catalogue, cursor: &mut Cursor, unique: bool) -> Option<()> {
    cursor.take("concurrently");
    let if_not_exists = cursor.take_all(&["if", "not", "exists"]);
    let given = if cursor.peek().is_some_and(|token| token.is("on")) {
        None
    } else {
        Some(cursor.name()?)
    };
    if !cursor.take("on") {
        return None;
    }
    cursor.take("only");
    let key = Catalogue::key(&cursor.named()?);
    if let Some(name) = given.as_deref().filter(|_| if_not_exists)
        && catalogue.is_taken(&key.0, name)
    {
        return Some(());
    }
    let method = if cursor.take("using") {
        cursor.name()?
    } else {
        "btree".to_owned()
    };
    let parts = cursor.group()?.by_commas();
    let (order, classes) = element_options(&parts);
    let elements: Vec<Element> = parts.into_iter().map(element).collect::<Option<_>>()?;
    let mut made = Index {
        name: String::new(),
        unique,
        elements,
        include: Vec::new(),
        predicate: None,
        method,
        order,
        classes,
        parameters: None,
        nulls_not_distinct: false,
    };
    loop {
        if cursor.take("include") {
            made.include = cursor.names()?;
        } else if cursor.take("where") {
            made.predicate = Some(cursor.rest());
        } else if cursor.take("with") {
            made.parameters = Some(cursor.group()?.rest());
        } else if cursor.take("tablespace") {
            cursor.name()?;
        } else if cursor.take_all(&["nulls", "not", "distinct"]) {
            made.nulls_not_distinct = true;
        } else if !cursor.take_all(&["nulls", "distinct"]) {
            break;
        }
    }
    if !cursor.is_done() {
        return None;
    }
    made.name = match given {
        Some(name) => name,
        None => {
            let columns: Vec<String> = made
                .elements
                .iter()
                .map(|element| match element {
                    Element::Column(name) => name.clone(),
                    Element::Expression(_) => "expr".to_owned(),
                })
                .collect();
            let second = generated::joined(&columns);
            generated::choose(catalogue, &[], (&key.0, &key.1), Some(&second), "idx")
        }
    };
    if let Some(Relation::View { .. }) = catalogue.relations.get(&key) {
        return None;
    }
    catalogue.altered(&key)?.indexes.push(made);
    Some(())
}

/// What follows the columns of an index: the flags of their order (1: descending, 2: nulls first), and the classes, as written.
fn element_options(parts: &[Cursor]) -> (Vec<u8>, Option<String>) {
    let (mut order, mut classes) = (Vec::new(), None);
    for part in parts {
        let mut cursor = part.clone();
        // a column, a function with its arguments, or an expression in brackets
        cursor.name();
        cursor.group();
        let (mut is_descending, mut nulls_first) = (false, None);
        while !cursor.is_done() {
            if cursor.take("desc") {
                is_descending = true;
            } else if cursor.take_all(&["nulls", "first"]) {
                nulls_first = Some(true);
            } else if cursor.take_all(&["nulls", "last"]) {
                nulls_first = Some(false);
            } else if !cursor.take("asc") {
                cursor.next();
                classes = Some(part.clone().rest());
            }
        }
        let nulls_first = nulls_first.unwrap_or(is_descending);
        order.push(u8::from(is_descending) | (u8::from(nulls_first) << 1));
    }
    (order, classes)
}

/// One element of an index: a column, or an expression, with what may follow it.
fn element(mut cursor: Cursor) -> Option<Element> {
    let mut whole = cursor.clone();
    if let Some(name) = cursor.name() {
        let next = cursor.peek();
        if next.is_none_or(|token| matches!(token, Token::Word(_) | Token::Quoted(_))) {
            return Some(Element::Column(name));
        }
    }
    Some(Element::Expression(whole.rest()))
}
