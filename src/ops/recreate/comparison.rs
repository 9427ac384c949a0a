//! The old table beside the copy of it: what the texts of both say.

use indexmap::IndexMap;
use indexmap::IndexSet;

use crate::dialect::sqlite::parse;
use crate::dialect::sqlite::parse::Kind;
use crate::ops::recreate::losses::Losses;
use crate::ops::recreate::losses::Touched;
use crate::ops::recreate::losses::constant;
use crate::ops::recreate::losses::lowered;
use crate::ops::recreate::losses::quoted;

/// The old table beside the new one.
pub(super) struct Comparison<'a> {
    pub(super) touched: &'a Touched,
    pub(super) old: parse::Table,
    pub(super) new: parse::Table,
    /// New names by old ones, in small letters.
    pub(super) names: IndexMap<String, String>,
    /// Old names of dropped columns, in small letters.
    pub(super) dropped: Vec<String>,
    pub(super) losses: Losses,
}

impl Comparison<'_> {
    pub(super) fn refuse(&mut self, what: String) {
        self.losses.refused.push(what);
    }

    /// The new names of columns; `None` when one of them is dropped.
    fn renamed(&self, columns: &[String]) -> Option<Vec<String>> {
        let new = columns
            .iter()
            .map(|name| self.names.get(&name.to_lowercase()).cloned());
        new.collect()
    }

    pub(super) fn options(&mut self) {
        if self.old.is_virtual {
            self.refuse("that it is a virtual table".to_owned());
        }
        for option in self.old.options.clone() {
            if !self.new.options.contains(&option) {
                self.refuse(option);
            }
        }
    }

    pub(super) fn columns(&mut self) {
        for old in self.old.columns.clone() {
            let Some(name) = self.names.get(&old.name.to_lowercase()) else {
                continue;
            };
            let new = self
                .new
                .columns
                .iter()
                .find(|column| column.name.to_lowercase() == *name);
            if let Some(new) = new.cloned() {
                self.column(&old, &new);
            }
        }
    }

    fn column(&mut self, old: &parse::Column, new: &parse::Column) {
        let touched = self.touched;
        let is_declared = touched.declared.contains(&old.name);
        let is_free = |names: &IndexSet<String>| is_declared || names.contains(&old.name);
        let name = quoted(&old.name);
        if let Some(collation) = &old.collation
            && new.collation.is_none()
        {
            // another type is not to have it
            let is_moot =
                touched.types.contains(&old.name) && parse::affinity(&new.type_) != "TEXT";
            let losses = if is_moot {
                &mut self.losses.told
            } else {
                &mut self.losses.refused
            };
            losses.push(format!(
                "COLLATE {collation} of its column {name} (`reflect_args=[sa.Column(…, sa.String(collation={}))]` keeps it)",
                constant(collation)
            ));
        }
        if old.generated.is_some()
            && old.generated != new.generated
            && !touched.defaults.contains(&old.name)
        {
            self.refuse(format!("the expression of its generated column {name}"));
        }
        if let Some(conflict) = &old.conflict
            && new.not_null
            && new.conflict.is_none()
        {
            self.refuse(format!("ON CONFLICT {conflict} of its column {name}"));
        }
        let default = |column: &parse::Column| column.default.clone().filter(|text| text != "null");
        if default(old).is_some() && default(old) != default(new) && !is_free(&touched.defaults) {
            self.refuse(format!("the default of its column {name}"));
        }
        if old.not_null && !new.not_null && !is_free(&touched.nullables) {
            self.refuse(format!("NOT NULL of its column {name}"));
        }
        let affinities = (parse::affinity(&old.type_), parse::affinity(&new.type_));
        if affinities.0 != affinities.1 && !is_free(&touched.types) {
            self.refuse(format!(
                "the affinity {} of its column {name}, which would be {}",
                affinities.0, affinities.1
            ));
        }
    }

    /// The one column of a key that is the rowid in the new table and was not in the old one.
    pub(super) fn numbered(&self) -> Option<String> {
        let is_rowid = |table: &parse::Table, column: &str| {
            let is_integer = |known: &&parse::Column| {
                known.name.eq_ignore_ascii_case(column)
                    && known.type_.eq_ignore_ascii_case("INTEGER")
            };
            let key = table
                .constraints
                .iter()
                .find(|constraint| constraint.kind == Kind::PrimaryKey);
            table.columns.iter().any(|known| is_integer(&known))
                && !table.options.iter().any(|option| option == "WITHOUT ROWID")
                && key.is_some_and(|key| !key.modifiers.iter().any(|more| more == "desc"))
        };
        let ([old], [new]) = (self.old.key(), self.new.key()) else {
            return None;
        };
        let is_same = self.names.get(&old.to_lowercase()) == Some(&new.to_lowercase());
        let is_free = self.touched.types.contains(old) || self.touched.declared.contains(old);
        let is_new = is_same && !is_free && is_rowid(&self.new, new) && !is_rowid(&self.old, old);
        is_new.then(|| old.clone())
    }

    pub(super) fn constraints(&mut self, table: &str) {
        for old in self.old.constraints.clone() {
            if self.touched.has(&self.old, &old) {
                continue;
            }
            let refused = self.losses.refused.len();
            match old.kind {
                Kind::Check => self.check(table, &old),
                Kind::PrimaryKey | Kind::Unique | Kind::ForeignKey => {
                    if let Some(columns) = self.renamed(&old.columns) {
                        self.constraint(&old, &columns);
                    }
                }
            }
            if let Some(name) = &old.name
                && self.touched.restated.contains(name)
            {
                let lost = self.losses.refused.split_off(refused);
                self.losses.told.extend(lost.into_iter().map(|what| {
                    format!("a new constraint takes the place of that of its name: {what}")
                }));
            }
        }
    }

    fn check(&mut self, table: &str, old: &parse::Constraint) {
        let is_it =
            |new: &&parse::Constraint| new.kind == Kind::Check && new.expression == old.expression;
        let kept = self.new.constraints.iter().find(is_it).cloned();
        match (kept, &old.name) {
            (Some(new), Some(_)) => self.name(old, &new),
            (None, Some(name)) => self.refuse(format!("its CHECK {}", quoted(name))),
            (Some(_), None) if self.touched.checks => {}
            // upstream takes any CHECK there for this one
            (None, None) if self.touched.checks => self.losses.told.push(format!(
                "CHECK ({}) without a name is left out of the copied table, for `table_args` does not have it in these words",
                old.expression
            )),
            (kept, None) => {
                self.losses.warned.push(format!(
                    "Unnamed CHECK constraint on reflected table '{table}' is being omitted from the table recreate; pass the constraint explicitly using batch_alter_table.table_args.  Naming CHECK constraints avoids this going forward."
                ));
                if kept.is_some() {
                    return;
                }
                self.losses.told.push(format!(
                    "CHECK ({}) without a name is left out of the copied table",
                    old.expression
                ));
            }
        }
    }

    /// A constraint over columns.
    fn constraint(&mut self, old: &parse::Constraint, columns: &[String]) {
        let Some(what) = described(old) else {
            return;
        };
        let is_alike = |new: &&parse::Constraint| {
            let is_referred = old.referred_columns.is_empty()
                || lowered(&new.referred_columns) == lowered(&old.referred_columns)
                || self.renamed(&old.referred_columns) == Some(lowered(&new.referred_columns));
            new.kind == old.kind
                && lowered(&new.columns) == columns
                && new.referred.eq_ignore_ascii_case(&old.referred)
                && is_referred
        };
        let alike = || self.new.constraints.iter().filter(is_alike);
        let kept = alike().find(|new| new.name == old.name && new.actions == old.actions);
        let Some(new) = kept
            .or_else(|| alike().find(|new| new.actions == old.actions))
            .or_else(|| alike().next())
            .cloned()
        else {
            // a key says as much as UNIQUE over its columns
            let is_key = old.kind == Kind::Unique && lowered(self.new.key()) == columns;
            if !is_key || old.conflict.is_some() {
                self.refuse(format!("its {what}"));
            }
            return;
        };
        if !old.modifiers.is_empty() && new.modifiers.is_empty() {
            self.refuse(format!("{} in its {what}", old.modifiers.join(", ")));
        }
        if let Some(conflict) = &old.conflict
            && new.conflict.is_none()
        {
            self.refuse(format!("ON CONFLICT {conflict} of its {what}"));
        }
        if old.is_autoincrement && !new.is_autoincrement {
            self.refuse("AUTOINCREMENT of its key (`table_kwargs={\"sqlite_autoincrement\": True}` keeps it)".to_owned());
        }
        for action in old
            .actions
            .iter()
            .filter(|action| !new.actions.contains(action))
        {
            self.losses.refused.push(format!("{action} of its {what}"));
        }
        if new
            .actions
            .iter()
            .any(|action| !old.actions.contains(action))
        {
            self.losses.told.push(format!(
                "a second foreign key ({}) REFERENCES {} {} is left out of the copied table",
                old.columns.join(", "),
                quoted(&old.referred),
                old.actions.join(" ")
            ));
        }
        self.name(old, &new);
    }

    fn name(&mut self, old: &parse::Constraint, new: &parse::Constraint) {
        if let Some(name) = &old.name
            && new.name.as_ref() != Some(name)
        {
            self.losses.told.push(format!(
                "the name {} of a constraint is left out of the copied table",
                quoted(name)
            ));
        }
    }

    pub(super) fn index(&mut self, name: &str, old: &parse::Index, new: Option<&parse::Index>) {
        if self.touched.names.contains(name) {
            return;
        }
        let Some(new) = new else {
            let is_plain = |element: &String| {
                let columns = &self.old.columns;
                columns
                    .iter()
                    .any(|column| column.name.to_lowercase() == *element)
            };
            let kind = if old.elements.iter().all(is_plain) {
                ""
            } else {
                " over expressions"
            };
            self.refuse(format!("its index{kind} {}", quoted(name)));
            return;
        };
        // a name in quotes that is no column is a text to SQLite
        let dropped = self
            .dropped
            .iter()
            .find(|name| old.elements.contains(name))
            .cloned();
        if let Some(column) = dropped {
            self.refuse(format!(
                "its index {} over the dropped column {}",
                quoted(name),
                quoted(&column)
            ));
            return;
        }
        let rename = |element: &String| {
            self.names
                .get(element)
                .cloned()
                .unwrap_or_else(|| element.clone())
        };
        let elements: Vec<String> = old.elements.iter().map(rename).collect();
        if elements != new.elements && is_same_but_for_order(&elements, &new.elements) {
            // it holds the same rows, and finds them slower
            self.losses.told.push(format!(
                "the order ({}) of the index {} is not kept, as by Alembic",
                old.elements.join(", "),
                quoted(name)
            ));
        } else if elements != new.elements {
            self.refuse(format!(
                "the order, collation or expression ({}) of its index {}",
                old.elements.join(", "),
                quoted(name)
            ));
        }
        if old.condition != new.condition {
            self.refuse(format!(
                "the condition of its partial index {}",
                quoted(name)
            ));
        }
        if old.unique && !new.unique {
            self.refuse(format!("UNIQUE of its index {}", quoted(name)));
        }
    }
}

/// A constraint over columns, for people.
fn described(old: &parse::Constraint) -> Option<String> {
    Some(match (old.kind, &old.name) {
        (Kind::PrimaryKey, _) => "primary key".to_owned(),
        (Kind::Unique, None) => format!("UNIQUE ({})", old.columns.join(", ")),
        (Kind::ForeignKey, None) => format!(
            "foreign key ({}) to {}",
            old.columns.join(", "),
            quoted(&old.referred)
        ),
        (Kind::Unique, Some(name)) => format!("UNIQUE {}", quoted(name)),
        (_, Some(name)) => format!("foreign key {}", quoted(name)),
        (Kind::Check, None) => return None,
    })
}

/// Whether two indexes are on the same things, each in some order.
fn is_same_but_for_order(left: &[String], right: &[String]) -> bool {
    let plain = |element: &String| element.strip_suffix(" desc").unwrap_or(element).to_owned();
    left.iter().map(plain).eq(right.iter().map(plain))
}
