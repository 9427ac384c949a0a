//! The order of the columns of a copied table: alembic/operations/batch.py `_setup_dependencies_for_add_column`,
//! `_adjust_self_columns_for_partial_reordering`.

use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;

/// What is said about the order.
#[derive(Debug)]
pub(super) struct Ordering {
    existing: Vec<String>,
    partial: Vec<Vec<String>>,
    /// Pairs: the first comes before the second.
    added: Vec<(String, String)>,
}

impl Ordering {
    pub(super) fn new(existing: Vec<String>, partial: Vec<Vec<String>>) -> Self {
        Self {
            existing,
            partial,
            added: Vec::new(),
        }
    }

    /// A new column.
    pub(super) fn add(
        &mut self,
        name: &str,
        before: Option<&str>,
        after: Option<&str>,
    ) -> PyResult<()> {
        let (mut before, mut after) = (before.map(str::to_owned), after.map(str::to_owned));
        let place = |known: &str| self.existing.iter().position(|column| column == known);
        if self.partial.is_empty() {
            if let (Some(known), None) = (&after, &before) {
                before = match place(known) {
                    Some(at) => self.existing.get(at + 1).cloned(),
                    None => Some(self.pair(known, |(first, second)| (first, second))?),
                };
            }
            if let (Some(known), None) = (&before, &after) {
                after = match place(known) {
                    Some(at) => at
                        .checked_sub(1)
                        .and_then(|at| self.existing.get(at))
                        .cloned(),
                    None => Some(self.pair(known, |(first, second)| (second, first))?),
                };
            }
        }
        let is_free = before.is_none() && after.is_none();
        if let Some(before) = before {
            self.added.push((name.to_owned(), before));
        }
        if let Some(after) = after {
            self.added.push((after, name.to_owned()));
        }
        if is_free
            && self.partial.is_empty()
            && let Some(last) = self.existing.last()
        {
            self.added.push((last.clone(), name.to_owned()));
        }
        Ok(())
    }

    /// `dict(pairs)[known]`: the last pair counts.
    fn pair(
        &self,
        known: &str,
        entry: fn(&(String, String)) -> (&String, &String),
    ) -> PyResult<String> {
        let found = self
            .added
            .iter()
            .rev()
            .map(entry)
            .find(|(key, _)| *key == known);
        match found {
            Some((_, value)) => Ok(value.clone()),
            None => Err(PyError::key_error(Value::str(known))),
        }
    }

    pub(super) fn drop(&mut self, name: &str) -> PyResult<()> {
        match self.existing.iter().position(|known| known == name) {
            Some(at) => {
                self.existing.remove(at);
                Ok(())
            }
            None => Err(PyError::value_error("list.remove(x): x not in list")),
        }
    }

    /// The columns in their final order; `None` keeps the order they are in.
    pub(super) fn sorted(&self, columns: &[String]) -> PyResult<Option<Vec<String>>> {
        if self.partial.is_empty() && self.added.is_empty() {
            return Ok(None);
        }
        let neighbours = |items: &[String]| -> Vec<(String, String)> {
            items
                .iter()
                .zip(items.iter().skip(1))
                .map(|(first, second)| (first.clone(), second.clone()))
                .collect()
        };
        let mut pairs: Vec<(String, String)> = if self.partial.is_empty() {
            // upstream pairs the places of all columns with the names of those that were there
            let later = self.existing.iter().skip(1);
            columns.iter().cloned().zip(later.cloned()).collect()
        } else {
            self.partial
                .iter()
                .flat_map(|items| neighbours(items))
                .collect()
        };
        pairs.extend(self.added.iter().cloned());
        pairs.retain(|(first, second)| first != second);
        // sqlalchemy/util/topological.py sort_as_subsets
        let mut todo: Vec<String> = columns.to_vec();
        let mut sorted = Vec::with_capacity(todo.len());
        while !todo.is_empty() {
            let waits = |column: &String| {
                pairs
                    .iter()
                    .any(|(first, second)| second == column && todo.contains(first))
            };
            let (later, ready): (Vec<String>, Vec<String>) = todo.iter().cloned().partition(waits);
            if ready.is_empty() {
                return Err(PyError::unsupported(
                    "an order of columns that goes in a circle",
                ));
            }
            sorted.extend(ready);
            todo = later;
        }
        Ok(Some(sorted))
    }
}
