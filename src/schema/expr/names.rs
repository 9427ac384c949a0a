//! What the columns of a SELECT are called, and under which names they are known outside: selectable.py
//! `_generate_columns_plus_names`, elements.py `_anon_name_label` and its kin.

use crate::schema::expr::ColumnRef;
use crate::schema::expr::Expr;
use crate::schema::expr::Label;
use crate::schema::expr::from::From;
use crate::schema::expr::from::new_id;
use crate::schema::name::Name;

/// What tells anonymous names apart. Upstream: the `hash()` of the element.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Identity {
    /// An element that has a number.
    Element(u64),
    /// A column: what it belongs to, its name, and how many of this name are before it.
    Column(String, String, usize),
    /// What a SELECT has at a place.
    Selected(u64, usize),
}

/// The name of a column or of a label.
#[derive(Debug, Clone, PartialEq)]
pub enum LabelName {
    /// As it is written.
    Known(Name),
    /// The compiler puts a number behind it, the same for the same identity: `max_1`.
    Anonymous(String, Identity),
    /// The compiler puts a number behind an anonymous name and this text: `max_1_1`.
    Numbered(Box<Self>, &'static str, Identity),
    /// What `literal_column` says, never quoted.
    Literal(String),
    /// A column without a name of a RETURNING: it cannot be referred to.
    Lost,
}

/// How columns of the same name are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelStyle {
    /// They are not: `LABEL_STYLE_NONE`.
    None,
    /// By numbers: `LABEL_STYLE_DISAMBIGUATE_ONLY`.
    Deduplicated,
    /// By numbers, but for the same column again: what is referred to by name (`anon_for_dupe_key` unset).
    Exported,
}

/// `_ColumnsPlusNames`.
#[derive(Debug)]
pub struct ColumnPlusName<'a> {
    /// The label that it must have.
    pub required: Option<LabelName>,
    /// Its key in `.c` of a subquery.
    pub key: String,
    /// The label that it has where one is written.
    pub fallback: LabelName,
    /// The column.
    pub column: &'a Expr,
}

/// FROM elements among columns stand for all of theirs: `_all_selected_columns`.
pub fn expand(columns: &[Expr]) -> Vec<Expr> {
    let mut expanded = Vec::new();
    for column in columns {
        match column {
            Expr::From(from) => expanded.extend(
                from.columns()
                    .into_iter()
                    .map(|column| Expr::Column(Box::new(column))),
            ),
            Expr::Tuple(items, _) => expanded.push(Expr::Tuple(items.clone(), Vec::new())),
            other => expanded.push(other.clone()),
        }
    }
    expanded
}

/// `_generate_columns_plus_names` of expanded columns. `select` is the number of the SELECT they are of.
pub fn columns_plus_names(
    select: Option<u64>,
    columns: &[Expr],
    style: LabelStyle,
) -> Vec<ColumnPlusName<'_>> {
    let anon_for_dupe_key = style == LabelStyle::Deduplicated;
    let mut names: Vec<(LabelName, &Expr)> = Vec::new();
    let mut keys = Keys::default();
    let mut found = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        let place = select.map(|select| Identity::Selected(select, place));
        let known = |names: &[(LabelName, &Expr)], name: &LabelName| {
            let mut of_name = names.iter().filter(|(known, _)| known == name).peekable();
            let is_known = of_name.peek().is_some();
            (is_known, of_name.any(|(_, expr)| *expr == column))
        };
        let mut required = None;
        let mut fallback = anon_name_label(column, place.as_ref());
        match non_anon_label(column) {
            _ if !renders_label(column) => {}
            name if style == LabelStyle::None => fallback = name.unwrap_or(fallback),
            Some(name) => match known(&names, &name) {
                (false, _) => {
                    fallback = name.clone();
                    names.push((name, column));
                }
                (true, false) => {
                    let is_taken = known(&names, &fallback).0;
                    if is_taken && anon_for_dupe_key {
                        fallback = dedupe_anon_label(column);
                    } else {
                        names.push((fallback.clone(), column));
                    }
                    required = Some(fallback.clone());
                }
                (true, true) if anon_for_dupe_key => {
                    fallback = dedupe_anon_label(column);
                    required = Some(fallback.clone());
                }
                (true, true) => fallback = name,
            },
            None => {
                if known(&names, &fallback).0 {
                    fallback = dedupe_anon_label(column);
                } else {
                    names.push((fallback.clone(), column));
                }
            }
        }
        found.push(ColumnPlusName {
            key: keys.key(column),
            required,
            fallback,
            column,
        });
    }
    found
}

/// The columns that a list of selected expressions offers outside: `_generate_fromclause_column_proxies`.
pub fn exported(select: Option<u64>, columns: &[Expr]) -> Vec<ColumnRef> {
    let columns = expand(columns);
    let named = columns_plus_names(select, &columns, LabelStyle::Exported);
    let mut seen: Vec<LabelName> = Vec::new();
    let proxies = named.into_iter().enumerate().filter_map(|(place, named)| {
        let (name, key) = match named.column {
            Expr::Text(_) | Expr::Star(_) => return None,
            // a key of its own cannot be written: it contains the identity
            Expr::Column(_) | Expr::Label(_) if named.required.is_some() => {
                (named.required?, String::new())
            }
            column => {
                let place = select.map(|select| Identity::Selected(select, place));
                let own = non_anon_label(column)
                    .unwrap_or_else(|| anon_name_label(column, place.as_ref()));
                (own, named.key)
            }
        };
        let repeated = seen.iter().filter(|known| **known == name).count();
        seen.push(name.clone());
        let (name, anonymous) = match name {
            LabelName::Known(name) => (name, None),
            other => (Name::new(other.base()), Some(Box::new(other))),
        };
        Some(ColumnRef {
            table: None,
            name,
            key,
            sql_type: named.column.sql_type(),
            primary_key: matches!(named.column, Expr::Column(column) if column.primary_key),
            of_table: is_column_of_table(named.column),
            anonymous,
            repeated,
        })
    });
    proxies.collect()
}

/// What a proxy of it is: a `Column` makes a `Column`, also below a label.
fn is_column_of_table(expr: &Expr) -> bool {
    match expr {
        Expr::Column(column) => column.of_table,
        Expr::Label(label) => is_column_of_table(&label.element),
        _ => false,
    }
}

impl LabelName {
    /// The name without its numbers.
    pub fn base(&self) -> String {
        match self {
            Self::Known(name) => name.text.clone(),
            Self::Anonymous(base, _) | Self::Literal(base) => base.clone(),
            Self::Numbered(of, _, _) => of.base(),
            Self::Lost => String::new(),
        }
    }
}

impl ColumnRef {
    /// Its name, as it is or to be numbered.
    pub fn label_name(&self) -> LabelName {
        match &self.anonymous {
            Some(name) => (**name).clone(),
            None => LabelName::Known(self.name.clone()),
        }
    }

    fn identity(&self) -> Identity {
        let owner = match &self.table {
            None | Some(From::Text(_) | From::Function(_) | From::Join(_)) => String::new(),
            Some(From::Table(table)) => match &table.name.schema {
                Some(schema) => format!("{}.{}", schema.text, table.name.name.text),
                None => table.name.name.text.clone(),
            },
            Some(From::Alias(alias)) => format!("{} ", alias.id),
            Some(From::Cte(cte)) => format!("{} ", cte.id),
            Some(From::Values(values)) => format!("{} ", values.id),
        };
        Identity::Column(owner, self.name.text.clone(), self.repeated)
    }
}

impl Label {
    /// Its name, as it is or to be numbered.
    pub fn label_name(&self) -> LabelName {
        match &self.name {
            Some(name) => LabelName::Known(name.clone()),
            None => LabelName::Anonymous(anonymous_base(&self.element), Identity::Element(self.id)),
        }
    }
}

/// `_render_label_in_columns_clause`.
fn renders_label(expr: &Expr) -> bool {
    match expr {
        Expr::Text(_) | Expr::Star(_) | Expr::LiteralColumn(_, _) => false,
        Expr::Column(column) => column.table.is_some(),
        _ => true,
    }
}

/// `_non_anon_label`.
fn non_anon_label(expr: &Expr) -> Option<LabelName> {
    match expr {
        Expr::Column(column) => Some(column.label_name()),
        Expr::LiteralColumn(text, _) => Some(LabelName::Literal(text.clone())),
        Expr::Label(label) => Some(label.label_name()),
        _ => None,
    }
}

/// The expression inside one that is called as that: elements.py `WrapsColumnExpression`.
fn wrapped(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Cast(inner, _)
        | Expr::TypeCoerce(inner, _)
        | Expr::WithinGroup(inner, _)
        | Expr::AggregateOrderBy(inner, _) => Some(inner),
        Expr::Unary(unary) if unary.is_as_boolean() => Some(&unary.element),
        _ => None,
    }
}

/// `_anon_name_label`.
fn anon_name_label(expr: &Expr, place: Option<&Identity>) -> LabelName {
    let mut expr = expr;
    while let Some(inner) = wrapped(expr) {
        match non_anon_label(inner) {
            Some(LabelName::Literal(text)) => return LabelName::Known(Name::new(text)),
            Some(name) => return name,
            None => {}
        }
        expr = inner;
    }
    let base = anonymous_base(expr);
    match expr {
        Expr::Function(function) => LabelName::Anonymous(base, Identity::Element(function.id)),
        Expr::Bind(bind) => match bind.unique {
            Some(id) => LabelName::Anonymous(base, Identity::Element(id)),
            None => unnamed(base, place),
        },
        // there is one of each
        Expr::Null => LabelName::Anonymous(base, Identity::Selected(0, 0)),
        Expr::True => LabelName::Anonymous(base, Identity::Selected(0, 1)),
        Expr::False => LabelName::Anonymous(base, Identity::Selected(0, 2)),
        Expr::Column(column) => match &column.anonymous {
            Some(name) => LabelName::Numbered(name.clone(), "", column.identity()),
            None => LabelName::Anonymous(base, column.identity()),
        },
        _ => unnamed(base, place),
    }
}

fn unnamed(base: String, place: Option<&Identity>) -> LabelName {
    match place {
        Some(place) => LabelName::Anonymous(base, place.clone()),
        None => LabelName::Lost,
    }
}

/// `_dedupe_anon_label_idx`: these names are never referred to.
fn dedupe_anon_label(expr: &Expr) -> LabelName {
    let identity = Identity::Element(new_id());
    let name = match expr {
        Expr::Function(function) => Some(LabelName::Known(function.name.clone())),
        _ => non_anon_label(wrapped(expr).unwrap_or(expr)),
    };
    match name {
        Some(LabelName::Known(name)) => LabelName::Anonymous(format!("{}_", name.text), identity),
        Some(name) => LabelName::Numbered(Box::new(name), "_", identity),
        None => LabelName::Anonymous("anon_".to_owned(), identity),
    }
}

/// What an anonymous label of an expression is called, without its number: `max`, `anon`.
fn anonymous_base(expr: &Expr) -> String {
    let base = match expr {
        Expr::Column(column) => column.name.text.clone(),
        Expr::LiteralColumn(text, _) => text.clone(),
        Expr::Function(function) => function.name.text.clone(),
        Expr::Label(label) => label
            .name
            .as_ref()
            .map_or_else(|| "anon".to_owned(), |name| name.text.clone()),
        Expr::NextValue(_) => "next_value".to_owned(),
        _ => "anon".to_owned(),
    };
    // `_anonymous_label.safe_construct`
    let mut safe = String::new();
    for character in base.chars() {
        if !matches!(character, '%' | '(' | ')' | ' ' | '$') {
            safe.push(character);
        } else if !safe.ends_with('_') {
            safe.push('_');
        }
    }
    safe
}

/// `SelectState._column_naming_convention`.
#[derive(Default)]
struct Keys {
    names: Vec<String>,
    repeated: Vec<String>,
}

impl Keys {
    fn key(&mut self, column: &Expr) -> String {
        let name = proxy_key(column).unwrap_or_else(|| "_no_label".to_owned());
        if !self.names.contains(&name) {
            self.names.push(name.clone());
            return name;
        }
        let number = self.repeated.iter().filter(|known| **known == name).count() + 1;
        let key = format!("{name}_{number}");
        self.repeated.push(name);
        key
    }
}

/// `_proxy_key`.
fn proxy_key(expr: &Expr) -> Option<String> {
    let mut expr = expr;
    while let Some(inner) = wrapped(expr) {
        expr = inner;
    }
    match expr {
        Expr::Column(column) if column.anonymous.is_none() => Some(column.key.clone()),
        Expr::Function(function) => Some(function.name.text.clone()),
        Expr::LiteralColumn(text, _) => Some(text.clone()),
        Expr::Label(label) => label.name.as_ref().map(|name| name.text.clone()),
        _ => None,
    }
}
