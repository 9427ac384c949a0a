//! What dropping the old table does to rows that refer to it, where foreign keys are enforced.

use crate::ddl::Statement;
use crate::ops::OpEnv;
use crate::ops::recreate::ApplyBatch;
use crate::ops::recreate::losses::constant;
use crate::ops::recreate::losses::quoted;
use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::schema::constraint::ConstraintKind;
use crate::schema::literal::Literal;
use crate::schema::name::Name;
use crate::schema::table::Table;

/// A foreign key to the table: whose it is, its first column, the column it refers to, ON DELETE.
struct Reference {
    table: String,
    column: String,
    to: String,
    action: String,
}

impl ApplyBatch {
    /// DROP TABLE deletes the rows first where foreign keys are enforced: others that refer to them follow, and those of the copy do.
    pub(super) fn rows_of_others(
        &self,
        vm: &Vm,
        env: &OpEnv,
        made: &Table,
    ) -> PyResult<Vec<String>> {
        let query = |sql: String| {
            let found = env.executor.query(vm, &Statement::Raw(sql))?;
            Ok(found.rows)
        };
        let enforced = query("PRAGMA foreign_keys".to_owned())?;
        let on = enforced.first().and_then(|row| row.first());
        if !matches!(on, Some(Literal::Int(on)) if *on == 1.into()) {
            return Ok(Vec::new());
        }
        let mut lost = Vec::new();
        for reference in self.references(made, query)? {
            if !query(self.referring_rows(&reference))?.is_empty() {
                lost.push(format!(
                    "rows or values of {} (its foreign key over {} is ON DELETE {}, and PRAGMA foreign_keys is on: DROP TABLE deletes the rows it refers to)",
                    quoted(&reference.table),
                    quoted(&reference.column),
                    reference.action
                ));
            }
        }
        Ok(lost)
    }

    /// Foreign keys to columns that get another name: SQLite follows a renamed column, but not a copied one.
    pub(super) fn renamed_targets(&self, vm: &Vm, env: &OpEnv) -> PyResult<Vec<String>> {
        let names = self.new_names();
        if names.iter().all(|(old, new)| old == new) {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT m.name, f.\"to\" FROM {}sqlite_master AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' AND f.\"table\" = {} COLLATE NOCASE AND f.\"to\" IS NOT NULL",
            self.prefix(),
            constant(&self.table.name.name.text)
        );
        let mut told = Vec::new();
        for row in env.executor.query(vm, &Statement::Raw(sql))?.rows {
            if let Ok([Literal::Str(table), Literal::Str(to)]) = <[Literal; 2]>::try_from(row)
                && names
                    .get(&to.to_lowercase())
                    .is_some_and(|new| *new != to.to_lowercase())
            {
                told.push(format!(
                    "a foreign key of the table {} refers to the column {} of {}, which is renamed: it will not be found",
                    quoted(&table),
                    quoted(&to),
                    quoted(&self.table.name.name.text)
                ));
            }
        }
        Ok(told)
    }

    /// Those that do something to rows.
    fn references(
        &self,
        made: &Table,
        query: impl Fn(String) -> PyResult<Vec<Vec<Literal>>>,
    ) -> PyResult<Vec<Reference>> {
        let table = &self.table.name.name.text;
        let found = query(format!(
            "SELECT m.name, f.\"from\", coalesce(f.\"to\", (SELECT name FROM pragma_table_xinfo({0}) WHERE pk = 1), 'rowid'), f.on_delete FROM {1}sqlite_master AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' AND f.seq = 0 AND f.\"table\" = {0} COLLATE NOCASE AND m.name <> {0} COLLATE NOCASE",
            constant(table),
            self.prefix()
        ))?;
        let mut references = Vec::new();
        for row in found {
            if let Ok(
                [
                    Literal::Str(table),
                    Literal::Str(column),
                    Literal::Str(to),
                    Literal::Str(action),
                ],
            ) = <[Literal; 4]>::try_from(row)
            {
                references.push(Reference {
                    table,
                    column,
                    to,
                    action,
                });
            }
        }
        for constraint in &made.constraints {
            if let ConstraintKind::ForeignKey(key) = &constraint.kind
                && key.referred.name.text.eq_ignore_ascii_case(table)
                && let Some(action) = &key.ondelete
                && let Some(column) = key.columns.first().and_then(|name| self.old_name(name))
                && let Some(to) = key.referred_columns.first()
            {
                references.push(Reference {
                    table: table.clone(),
                    column,
                    to: to.text.clone(),
                    action: action.to_uppercase(),
                });
            }
        }
        // a key to what is not there is ignored, too
        let columns = &self.table.columns;
        references.retain(|reference| {
            columns
                .iter()
                .any(|known| known.name.text.eq_ignore_ascii_case(&reference.to))
        });
        references.retain(|reference| {
            matches!(
                reference.action.as_str(),
                "CASCADE" | "SET NULL" | "SET DEFAULT"
            )
        });
        Ok(references)
    }

    /// A query for a row that refers to one of the table. A key to what is not unique is ignored by DROP TABLE.
    fn referring_rows(&self, reference: &Reference) -> String {
        let table = &self.table.name.name.text;
        let unique = format!(
            "EXISTS (SELECT 1 FROM pragma_table_xinfo({table}) WHERE name = {to} COLLATE NOCASE AND pk > 0) OR EXISTS (SELECT 1 FROM pragma_index_list({table}) AS l, pragma_index_info(l.name) AS i WHERE l.\"unique\" AND NOT l.partial AND i.seqno = 0 AND i.name = {to} COLLATE NOCASE)",
            table = constant(table),
            to = constant(&reference.to),
        );
        format!(
            "SELECT 1 FROM {prefix}{child} AS c JOIN {prefix}{parent} AS p ON c.{column} = p.{to} WHERE {unique} LIMIT 1",
            prefix = self.prefix(),
            child = quoted(&reference.table),
            parent = quoted(table),
            column = quoted(&reference.column),
            to = quoted(&reference.to),
        )
    }

    /// The name that a column of the new table has in the old one.
    fn old_name(&self, name: &Name) -> Option<String> {
        let found = self.columns.iter().find(|(_, column)| column.name == *name);
        let (key, _) = found?;
        self.transfers.contains(key).then(|| key.clone())
    }
}
