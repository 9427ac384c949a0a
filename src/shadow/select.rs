//! Queries of the catalogue: plain SELECTs over `information_schema` and `pg_catalog`, in three-valued logic. Where a row or a value is not
//! certain, the query is refused.

use std::cmp::Ordering;

use num_bigint::BigInt;

use crate::schema::literal::Literal;
use crate::shadow::cursor::Cursor;
use crate::shadow::cursor::Named;
use crate::shadow::model::Catalogue;
use crate::shadow::model::DEFAULT_SCHEMA;
use crate::shadow::relations::Cell;
use crate::shadow::relations::ID;
use crate::shadow::relations::Rows;
use crate::shadow::relations::text;
use crate::shadow::token;
use crate::shadow::token::Token;

/// How deep conditions and queries may be nested.
const DEEPEST: usize = 40;

/// An expression of a query.
#[derive(Debug, Clone)]
enum Expr {
    Constant(Cell),
    Column(Option<String>, String),
    Compare(&'static str, Box<Self>, Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    IsNull(Box<Self>),
    In(Box<Self>, Vec<Self>),
    InQuery(Box<Self>, Box<Select>),
    Like(Box<Self>, String, bool),
    Exists(Box<Select>),
    Scalar(Box<Select>),
    /// `'name'::regclass`; `to_regclass` gives NULL where there is none.
    Regclass(Box<Self>, bool),
    Count,
    Lower(Box<Self>),
}

/// A query.
#[derive(Debug, Clone)]
struct Select {
    /// Expression and name of the column; none of them is `*`.
    items: Vec<(Expr, String)>,
    sources: Vec<(String, Rows)>,
    conditions: Vec<Expr>,
    order: Vec<(Expr, bool)>,
    limit: Option<usize>,
    distinct: bool,
}

/// The rows of a query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Selected {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Literal>>,
}

/// Values of the columns of the sources, one row each.
type Scope<'a> = Vec<(&'a str, &'a [&'static str], &'a [Cell])>;

impl Catalogue {
    /// The rows of a query of the catalogue; `None` when it is something else, or not understood.
    pub(crate) fn select(&self, sql: &str) -> Option<Result<Selected, String>> {
        let statements = token::statements(sql)?;
        let [statement] = statements.as_slice() else {
            return None;
        };
        let mut cursor = Cursor::new(sql, statement);
        let select = Reader {
            catalogue: self,
            depth: 0,
        }
        .select(&mut cursor)?;
        if !cursor.is_done() || (select.sources.is_empty() && !select.reads_catalogue()) {
            return None;
        }
        Some(self.run(&select))
    }

    fn run(&self, select: &Select) -> Result<Selected, String> {
        let rows = self.matching(select, &Vec::new())?;
        let columns = select.items.iter().map(|(_, name)| name.clone()).collect();
        let mut found: Vec<Vec<Literal>> = Vec::new();
        for row in rows {
            let cells: Result<Vec<Literal>, String> = row
                .into_iter()
                .map(|cell| match cell {
                    Cell::Known(Literal::Str(text)) if text.starts_with(ID) => {
                        Err("object ids are the database's own".to_owned())
                    }
                    Cell::Known(literal) => Ok(literal),
                    Cell::Unknown(reason) => Err(reason),
                    Cell::Doubted => Err(self.any_doubt().unwrap_or_default()),
                })
                .collect();
            found.push(cells?);
        }
        Ok(Selected {
            columns,
            rows: found,
        })
    }

    /// The values of the items, for each row that the conditions let through.
    fn matching(&self, select: &Select, outer: &Scope) -> Result<Vec<Vec<Cell>>, String> {
        let mut scopes: Vec<(Scope, Option<String>)> = vec![(outer.clone(), None)];
        for (alias, rows) in &select.sources {
            let mut next = Vec::new();
            for (scope, doubt) in &scopes {
                for row in &rows.rows {
                    let mut scope = scope.clone();
                    scope.push((alias, rows.columns, &row.cells));
                    let doubt = doubt.clone().or_else(|| row.doubt.clone());
                    // what cannot match is left out early: the rest is a product
                    if !self.is_impossible(select, &scope) {
                        next.push((scope, doubt));
                    }
                }
            }
            scopes = next;
        }
        let mut kept: Vec<(Vec<Cell>, Vec<Cell>)> = Vec::new();
        for (scope, doubt) in scopes {
            match self.truth(&Expr::And(select.conditions.clone()), &scope) {
                Cell::Known(Literal::Bool(true)) => {}
                Cell::Known(_) => continue,
                Cell::Unknown(reason) => return Err(reason),
                Cell::Doubted => return Err(self.any_doubt().unwrap_or_default()),
            }
            if let Some(reason) = doubt {
                return Err(reason);
            }
            let values = select
                .items
                .iter()
                .map(|(item, _)| self.value(item, &scope))
                .collect();
            let keys = select
                .order
                .iter()
                .map(|(key, _)| self.value(key, &scope))
                .collect();
            kept.push((values, keys));
        }
        if select
            .items
            .iter()
            .any(|(item, _)| matches!(item, Expr::Count))
        {
            let count = Cell::Known(Literal::Int(BigInt::from(kept.len())));
            return Ok(vec![vec![count; select.items.len()]]);
        }
        self.arranged(select, kept)
    }

    fn arranged(
        &self,
        select: &Select,
        mut kept: Vec<(Vec<Cell>, Vec<Cell>)>,
    ) -> Result<Vec<Vec<Cell>>, String> {
        let is_known = |cell: &Cell| matches!(cell, Cell::Known(_));
        if kept.len() > 1 && !kept.iter().all(|(_, keys)| keys.iter().all(is_known)) {
            return Err("the order of the rows is not certain".to_owned());
        }
        kept.sort_by(|(_, one), (_, other)| {
            let pairs = one.iter().zip(other).zip(&select.order);
            pairs.fold(Ordering::Equal, |order, ((one, other), (_, descending))| {
                order.then_with(|| {
                    let order = compared(one, other);
                    if *descending { order.reverse() } else { order }
                })
            })
        });
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for (values, _) in kept {
            if !(select.distinct && rows.contains(&values)) {
                rows.push(values);
            }
        }
        if let Some(limit) = select.limit {
            rows.truncate(limit);
        }
        Ok(rows)
    }

    /// Whether a condition is false already, whatever the sources to come say.
    fn is_impossible(&self, select: &Select, scope: &Scope) -> bool {
        select.conditions.iter().any(|condition| {
            matches!(
                self.truth(condition, scope),
                Cell::Known(Literal::Bool(false))
            )
        })
    }

    fn truth(&self, condition: &Expr, scope: &Scope) -> Cell {
        match condition {
            Expr::And(parts) => self.both(parts, scope, false),
            Expr::Or(parts) => self.both(parts, scope, true),
            Expr::Not(inner) => match self.truth(inner, scope) {
                Cell::Known(Literal::Bool(truth)) => Cell::Known(Literal::Bool(!truth)),
                other => other,
            },
            other => self.value(other, scope),
        }
    }

    /// AND where `decisive` is false, OR where it is true: one decisive part decides, then one that is not known.
    fn both(&self, parts: &[Expr], scope: &Scope, decisive: bool) -> Cell {
        let mut other = None;
        for part in parts {
            match self.truth(part, scope) {
                Cell::Known(Literal::Bool(truth)) if truth == decisive => {
                    return Cell::Known(Literal::Bool(decisive));
                }
                Cell::Known(Literal::Bool(_)) => {}
                // NULL lets no row through
                Cell::Known(_) => {
                    if !decisive {
                        other.get_or_insert(Cell::Known(Literal::Null));
                    }
                }
                unknown => other = Some(unknown),
            }
        }
        other.unwrap_or(Cell::Known(Literal::Bool(!decisive)))
    }

    #[expect(clippy::too_many_lines, reason = "one expression after the other")]
    fn value(&self, expr: &Expr, scope: &Scope) -> Cell {
        let truth = |truth: bool| Cell::Known(Literal::Bool(truth));
        match expr {
            Expr::Constant(cell) => cell.clone(),
            Expr::Column(source, name) => scope
                .iter()
                .rev()
                .filter(|(alias, _, _)| source.as_ref().is_none_or(|source| source == alias))
                .find_map(|(_, columns, cells)| {
                    let at = columns.iter().position(|column| column == name)?;
                    cells.get(at).cloned()
                })
                .unwrap_or_else(|| Cell::Unknown(format!("the column `{name}` is not kept"))),
            Expr::Compare(sign, one, other) => {
                let (one, other) = (self.value(one, scope), self.value(other, scope));
                self.compare(sign, &one, &other)
            }
            Expr::And(_) | Expr::Or(_) | Expr::Not(_) => self.truth(expr, scope),
            Expr::IsNull(inner) => match self.value(inner, scope) {
                Cell::Known(literal) => truth(literal == Literal::Null),
                other => other,
            },
            Expr::In(one, list) => {
                let one = self.value(one, scope);
                let mut unknown = None;
                for item in list {
                    match self.compare("=", &one, &self.value(item, scope)) {
                        Cell::Known(Literal::Bool(true)) => return truth(true),
                        Cell::Known(_) => {}
                        other => unknown = Some(other),
                    }
                }
                unknown.unwrap_or_else(|| truth(false))
            }
            Expr::InQuery(one, select) => match self.matching(select, scope) {
                Err(reason) => Cell::Unknown(reason),
                Ok(rows) => {
                    let list = rows
                        .into_iter()
                        .filter_map(|row| row.into_iter().next())
                        .map(Expr::Constant);
                    self.value(&Expr::In(one.clone(), list.collect()), scope)
                }
            },
            Expr::Like(one, pattern, folds) => match self.value(one, scope) {
                Cell::Known(Literal::Str(text)) => truth(if *folds {
                    like(&text.to_lowercase(), &pattern.to_lowercase())
                } else {
                    like(&text, pattern)
                }),
                Cell::Doubted => Cell::Unknown(self.any_doubt().unwrap_or_default()),
                other => other,
            },
            Expr::Exists(select) => match self.matching(select, scope) {
                Ok(rows) => truth(!rows.is_empty()),
                Err(reason) => Cell::Unknown(reason),
            },
            Expr::Scalar(select) => match self.matching(select, scope) {
                Ok(rows) => rows
                    .into_iter()
                    .next()
                    .and_then(|row| row.into_iter().next())
                    .unwrap_or(Cell::Known(Literal::Null)),
                Err(reason) => Cell::Unknown(reason),
            },
            Expr::Regclass(inner, or_null) => match self.value(inner, scope) {
                Cell::Known(Literal::Str(name)) => self.relation_named(&name, *or_null),
                other => other,
            },
            Expr::Count => Cell::Unknown("`count` stands where it is not understood".to_owned()),
            Expr::Lower(inner) => match self.value(inner, scope) {
                Cell::Known(Literal::Str(text)) => Cell::Known(Literal::Str(text.to_lowercase())),
                other => other,
            },
        }
    }

    fn relation_named(&self, name: &str, or_null: bool) -> Cell {
        let Some(tokens) = token::tokens(name) else {
            return Cell::Unknown(format!("`{name}` is no name"));
        };
        let Some(named) = Cursor::new(name, &tokens).named() else {
            return Cell::Unknown(format!("`{name}` is no name"));
        };
        let key = Self::key(&named);
        if let Some(reason) = self.doubt_about(&[&key.1]) {
            return Cell::Unknown(reason);
        }
        match self.regclass(&key) {
            Some(id) => id,
            None if or_null => Cell::Known(Literal::Null),
            None => Cell::Unknown(format!("there is no relation `{name}`")),
        }
    }

    fn compare(&self, sign: &str, one: &Cell, other: &Cell) -> Cell {
        match (one, other) {
            (Cell::Unknown(reason), _) | (_, Cell::Unknown(reason)) => {
                Cell::Unknown(reason.clone())
            }
            (Cell::Doubted, Cell::Known(Literal::Str(name)))
            | (Cell::Known(Literal::Str(name)), Cell::Doubted) => {
                // an id holds the schema and the name
                let name = name.rsplit('.').next().unwrap_or(name);
                match self.doubt_about(&[name]) {
                    Some(reason) => Cell::Unknown(reason),
                    None if sign == "=" => Cell::Known(Literal::Bool(false)),
                    None => Cell::Unknown(self.any_doubt().unwrap_or_default()),
                }
            }
            (Cell::Doubted, _) | (_, Cell::Doubted) => {
                Cell::Unknown(self.any_doubt().unwrap_or_default())
            }
            (Cell::Known(Literal::Null), _) | (_, Cell::Known(Literal::Null)) => {
                Cell::Known(Literal::Null)
            }
            (Cell::Known(_), Cell::Known(_)) => {
                let order = compared(one, other);
                Cell::Known(Literal::Bool(match sign {
                    "=" => order == Ordering::Equal,
                    "<" => order == Ordering::Less,
                    ">" => order == Ordering::Greater,
                    "<=" => order != Ordering::Greater,
                    ">=" => order != Ordering::Less,
                    _ => order != Ordering::Equal,
                }))
            }
        }
    }
}

fn compared(one: &Cell, other: &Cell) -> Ordering {
    match (one, other) {
        (Cell::Known(Literal::Int(one)), Cell::Known(Literal::Int(other))) => one.cmp(other),
        (Cell::Known(Literal::Bool(one)), Cell::Known(Literal::Bool(other))) => one.cmp(other),
        (Cell::Known(Literal::Str(one)), Cell::Known(Literal::Str(other))) => one.cmp(other),
        _ => format!("{one:?}").cmp(&format!("{other:?}")),
    }
}

/// LIKE with `%` and `_`.
fn like(text: &str, pattern: &str) -> bool {
    let mut expression = String::from("(?s)^");
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '%' => expression.push_str(".*"),
            '_' => expression.push('.'),
            '\\' => {
                let escaped: String = characters.next().into_iter().collect();
                expression.push_str(&regex::escape(&escaped));
            }
            other => expression.push_str(&regex::escape(&other.to_string())),
        }
    }
    expression.push('$');
    regex::Regex::new(&expression).is_ok_and(|found| found.is_match(text))
}

impl Select {
    /// Whether a query without FROM asks for something of the catalogue.
    fn reads_catalogue(&self) -> bool {
        self.items.iter().any(|(item, _)| reads_catalogue(item))
    }
}

fn reads_catalogue(expr: &Expr) -> bool {
    match expr {
        Expr::Regclass(_, _) | Expr::Exists(_) | Expr::Scalar(_) | Expr::InQuery(_, _) => true,
        Expr::Constant(Cell::Known(Literal::Str(text))) => text == DEFAULT_SCHEMA,
        Expr::Not(inner) | Expr::IsNull(inner) => reads_catalogue(inner),
        Expr::Compare(_, one, other) => reads_catalogue(one) || reads_catalogue(other),
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(reads_catalogue),
        Expr::Constant(_)
        | Expr::Column(_, _)
        | Expr::In(_, _)
        | Expr::Like(_, _, _)
        | Expr::Count
        | Expr::Lower(_) => false,
    }
}

/// Reads queries; what is not understood is `None`.
struct Reader<'a> {
    catalogue: &'a Catalogue,
    depth: usize,
}

impl Reader<'_> {
    fn deeper(&self) -> Option<Self> {
        (self.depth < DEEPEST).then_some(Self {
            catalogue: self.catalogue,
            depth: self.depth + 1,
        })
    }

    fn select(&self, cursor: &mut Cursor) -> Option<Select> {
        if !cursor.take("select") {
            return None;
        }
        let mut select = Select {
            items: Vec::new(),
            sources: Vec::new(),
            conditions: Vec::new(),
            order: Vec::new(),
            limit: None,
            distinct: cursor.take("distinct"),
        };
        let mut is_star = false;
        // the list may be empty
        while !cursor.peek().is_some_and(|token| token.is("from")) {
            if cursor.sign("*") {
                is_star = true;
            } else {
                select.items.push(self.item(cursor)?);
            }
            if !cursor.sign(",") {
                break;
            }
        }
        if cursor.take("from") {
            self.sources(cursor, &mut select)?;
        }
        if is_star {
            for (alias, rows) in &select.sources {
                for column in rows.columns {
                    let expr = Expr::Column(Some(alias.clone()), (*column).to_owned());
                    select.items.push((expr, (*column).to_owned()));
                }
            }
        }
        if cursor.take("where") {
            select.conditions.push(self.deeper()?.or(cursor)?);
        }
        if cursor.take_all(&["order", "by"]) {
            loop {
                let key = match self.operand(cursor)? {
                    // a number is the place of an item
                    Expr::Constant(Cell::Known(Literal::Int(place))) => {
                        let place = usize::try_from(&place).ok()?.checked_sub(1)?;
                        select.items.get(place)?.0.clone()
                    }
                    key => key,
                };
                let descending = cursor.take("desc");
                cursor.take("asc");
                select.order.push((key, descending));
                if !cursor.sign(",") {
                    break;
                }
            }
        }
        if cursor.take("limit") {
            match cursor.next()? {
                Token::Number(number) => select.limit = number.parse().ok(),
                _ => return None,
            }
        }
        Some(select)
    }

    fn item(&self, cursor: &mut Cursor) -> Option<(Expr, String)> {
        let expr = self.deeper()?.or(cursor)?;
        let mut name = match &expr {
            Expr::Column(_, name) => name.clone(),
            Expr::Count => "count".to_owned(),
            Expr::Exists(_) => "exists".to_owned(),
            _ => "?column?".to_owned(),
        };
        if cursor.take("as") {
            name = cursor.name()?;
        }
        Some((expr, name))
    }

    fn sources(&self, cursor: &mut Cursor, select: &mut Select) -> Option<()> {
        self.source(cursor, select)?;
        loop {
            if cursor.sign(",") || cursor.take_all(&["cross", "join"]) {
                self.source(cursor, select)?;
            } else if cursor.take_all(&["inner", "join"]) || cursor.take("join") {
                self.source(cursor, select)?;
                if cursor.take("using") {
                    return None;
                }
                cursor.take("on").then_some(())?;
                select.conditions.push(self.deeper()?.or(cursor)?);
            } else {
                return Some(());
            }
        }
    }

    fn source(&self, cursor: &mut Cursor, select: &mut Select) -> Option<()> {
        let named = cursor.named()?;
        let rows = self
            .catalogue
            .system_relation(named.schema.as_deref(), &named.name)?;
        let mut alias = named.name;
        let has_alias = cursor.take("as")
            || matches!(cursor.peek(), Some(Token::Word(word)) if !AFTER_SOURCE.contains(&word.as_str()));
        if has_alias {
            alias = cursor.name()?;
        }
        select.sources.push((alias, rows));
        Some(())
    }

    fn or(&self, cursor: &mut Cursor) -> Option<Expr> {
        let mut parts = vec![self.and(cursor)?];
        while cursor.take("or") {
            parts.push(self.and(cursor)?);
        }
        if parts.len() == 1 {
            return parts.pop();
        }
        Some(Expr::Or(parts))
    }

    fn and(&self, cursor: &mut Cursor) -> Option<Expr> {
        let mut parts = vec![self.not(cursor)?];
        while cursor.take("and") {
            parts.push(self.not(cursor)?);
        }
        if parts.len() == 1 {
            return parts.pop();
        }
        Some(Expr::And(parts))
    }

    fn not(&self, cursor: &mut Cursor) -> Option<Expr> {
        if cursor.take("not") {
            return Some(Expr::Not(Box::new(self.deeper()?.not(cursor)?)));
        }
        let one = self.operand(cursor)?;
        for sign in ["=", "<>", "!=", "<=", ">=", "<", ">"] {
            if cursor.sign(sign) {
                if sign == "=" && cursor.take("any") {
                    return self.any(cursor, one);
                }
                let other = self.operand(cursor)?;
                return Some(Expr::Compare(sign, Box::new(one), Box::new(other)));
            }
        }
        if cursor.take("is") {
            let negated = cursor.take("not");
            let found = if cursor.take("null") {
                Expr::IsNull(Box::new(one))
            } else {
                let truth = if cursor.take("true") {
                    true
                } else {
                    cursor.take("false").then_some(false)?
                };
                let truth = Expr::Constant(Cell::Known(Literal::Bool(truth)));
                Expr::Compare("=", Box::new(one), Box::new(truth))
            };
            return Some(if negated {
                Expr::Not(Box::new(found))
            } else {
                found
            });
        }
        let negated = cursor.take("not");
        let found = if cursor.take("in") {
            let mut inside = cursor.group()?;
            if inside.peek().is_some_and(|token| token.is("select")) {
                let select = self.deeper()?.select(&mut inside)?;
                inside.is_done().then_some(())?;
                Expr::InQuery(Box::new(one), Box::new(select))
            } else {
                Expr::In(Box::new(one), self.list(&inside)?)
            }
        } else if cursor.take("like") {
            Expr::Like(Box::new(one), cursor.text()?, false)
        } else if cursor.take("ilike") {
            Expr::Like(Box::new(one), cursor.text()?, true)
        } else if negated {
            return None;
        } else {
            one
        };
        Some(if negated {
            Expr::Not(Box::new(found))
        } else {
            found
        })
    }

    fn list(&self, inside: &Cursor) -> Option<Vec<Expr>> {
        inside
            .by_commas()
            .into_iter()
            .map(|mut part| {
                let item = self.operand(&mut part)?;
                part.is_done().then_some(item)
            })
            .collect()
    }

    /// `= ANY (ARRAY[…])`, `= ANY (current_schemas(false))`.
    fn any(&self, cursor: &mut Cursor, one: Expr) -> Option<Expr> {
        let mut inside = cursor.group()?;
        if inside.take("current_schemas") {
            let list = vec![Expr::Constant(text(DEFAULT_SCHEMA))];
            return Some(Expr::In(Box::new(one), list));
        }
        inside.take("array").then_some(())?;
        let mut list = Vec::new();
        inside.sign("[").then_some(())?;
        while !inside.sign("]") {
            list.push(self.operand(&mut inside)?);
            inside.sign(",");
        }
        Some(Expr::In(Box::new(one), list))
    }

    /// A value, with casts after it.
    fn operand(&self, cursor: &mut Cursor) -> Option<Expr> {
        let mut found = self.deeper()?.primary(cursor)?;
        while cursor.sign("::") {
            found = cast(cursor, found)?;
        }
        Some(found)
    }

    fn primary(&self, cursor: &mut Cursor) -> Option<Expr> {
        if cursor.peek()?.is_sign("(") {
            let mut inside = cursor.group()?;
            let found = if inside.peek()?.is("select") {
                Expr::Scalar(Box::new(self.select(&mut inside)?))
            } else {
                self.or(&mut inside)?
            };
            return inside.is_done().then_some(found);
        }
        let constant = |literal: Literal| Some(Expr::Constant(Cell::Known(literal)));
        match cursor.next()? {
            Token::Text(value) => constant(Literal::Str(value.clone())),
            Token::Number(number) => constant(Literal::Int(number.parse().ok()?)),
            Token::Quoted(name) => self.column(cursor, name),
            Token::Word(word) => match word.as_str() {
                "true" => constant(Literal::Bool(true)),
                "false" => constant(Literal::Bool(false)),
                "null" => constant(Literal::Null),
                "exists" => {
                    let mut inside = cursor.group()?;
                    let select = self.select(&mut inside)?;
                    inside.is_done().then_some(Expr::Exists(Box::new(select)))
                }
                "cast" => {
                    let mut inside = cursor.group()?;
                    let inner = self.operand(&mut inside)?;
                    inside.take("as").then_some(())?;
                    cast(&mut inside, inner)
                }
                "current_schema" => {
                    if cursor.peek().is_some_and(|token| token.is_sign("(")) {
                        cursor.group()?;
                    }
                    Some(Expr::Constant(text(DEFAULT_SCHEMA)))
                }
                name if cursor.peek().is_some_and(|token| token.is_sign("(")) => {
                    self.call(cursor, name)
                }
                name => self.column(cursor, name),
            },
            Token::Sign(_) | Token::Other(_) => None,
        }
    }

    fn column(&self, cursor: &mut Cursor, name: &str) -> Option<Expr> {
        if cursor.sign(".") {
            let column = cursor.name()?;
            if cursor.peek().is_some_and(|token| token.is_sign("(")) {
                return (name == "pg_catalog").then(|| self.call(cursor, &column))?;
            }
            return Some(Expr::Column(Some(name.to_owned()), column));
        }
        Some(Expr::Column(None, name.to_owned()))
    }

    fn call(&self, cursor: &mut Cursor, name: &str) -> Option<Expr> {
        let mut inside = cursor.group()?;
        match name {
            "count" => inside.sign("*").then_some(Expr::Count),
            "to_regclass" => {
                let inner = self.operand(&mut inside)?;
                Some(Expr::Regclass(Box::new(inner), true))
            }
            "lower" => {
                let inner = self.operand(&mut inside)?;
                Some(Expr::Lower(Box::new(inner)))
            }
            "pg_table_is_visible" | "pg_type_is_visible" => {
                Some(Expr::Constant(Cell::Known(Literal::Bool(true))))
            }
            _ => None,
        }
    }
}

const AFTER_SOURCE: &[&str] = &[
    "where", "join", "inner", "left", "right", "full", "cross", "order", "limit", "group", "on",
    "having", "union", "as", "natural", "for", "and", "or",
];

/// `::type`: text and names change nothing, `regclass` finds a relation.
fn cast(cursor: &mut Cursor, inner: Expr) -> Option<Expr> {
    let Named { name, .. } = cursor.named()?;
    match name.as_str() {
        "regclass" => Some(Expr::Regclass(Box::new(inner), false)),
        "text" | "name" | "varchar" | "oid" | "int" | "integer" => Some(inner),
        _ => None,
    }
}
