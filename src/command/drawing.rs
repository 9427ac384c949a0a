//! The graph drawn in columns of text, as `git log --graph` does. Not in Alembic.

use std::collections::BTreeMap;

/// Draws nodes that come children first. `parents` are the edges to draw; those that are not among the nodes are left out.
pub(crate) fn draw(nodes: &[(String, Vec<String>)], texts: &[String]) -> String {
    let known: BTreeMap<&str, usize> = nodes
        .iter()
        .enumerate()
        .map(|(row, (id, _))| (id.as_str(), row))
        .collect();
    let mut drawing = Drawing::default();
    for ((id, parents), text) in nodes.iter().zip(texts) {
        let parents: Vec<&str> = parents
            .iter()
            .map(String::as_str)
            .filter(|parent| known.contains_key(parent))
            .collect();
        drawing.node(id, &parents, text);
    }
    drawing.text
}

/// What is drawn so far, and what each column leads to.
#[derive(Debug, Default)]
struct Drawing<'a> {
    text: String,
    columns: Vec<&'a str>,
}

impl<'a> Drawing<'a> {
    fn node(&mut self, id: &'a str, parents: &[&'a str], text: &str) {
        let at = match self.columns.iter().position(|column| *column == id) {
            Some(at) => at,
            None => {
                self.columns.push(id);
                self.columns.len() - 1
            }
        };
        let mut lines = text.lines();
        let marks = (0..self.columns.len()).map(|column| if column == at { '*' } else { '|' });
        let mut row: Vec<char> = Vec::new();
        for mark in marks {
            row.extend([mark, ' ']);
        }
        row.extend(lines.next().unwrap_or_default().chars());
        self.line(&row);
        self.descend(at, parents);
    }

    /// The column goes on to the parents.
    fn descend(&mut self, at: usize, parents: &[&'a str]) {
        let Some((first, others)) = parents.split_first() else {
            self.columns.remove(at);
            // What was to the right moves left, where there is any.
            if at < self.columns.len() {
                let moved = |column: usize| {
                    if column < at {
                        2 * column
                    } else {
                        2 * column + 1
                    }
                };
                let marks: Vec<(usize, char)> = (0..self.columns.len())
                    .map(|column| (moved(column), if column < at { '|' } else { '/' }))
                    .collect();
                self.marks(&marks);
            }
            return;
        };
        self.columns[at] = first;
        for (offset, parent) in others.iter().enumerate() {
            let new = at + offset + 1;
            let mut marks: Vec<(usize, char)> = (0..new).map(|column| (2 * column, '|')).collect();
            marks.push((2 * new - 1, '\\'));
            marks.extend((new..self.columns.len()).map(|column| (2 * column + 1, '\\')));
            self.columns.insert(new, parent);
            self.marks(&marks);
        }
        while let Some((left, right)) = self.twins() {
            self.join(left, right);
        }
    }

    /// Two columns that lead to the same place.
    fn twins(&self) -> Option<(usize, usize)> {
        (0..self.columns.len()).rev().find_map(|right| {
            let same = |column: &&str| *column == self.columns[right];
            let left = self.columns[..right].iter().position(same)?;
            Some((left, right))
        })
    }

    /// The right column runs into the left one, over those between.
    fn join(&mut self, left: usize, right: usize) {
        for step in (left + 1..=right).rev() {
            let mut marks: Vec<(usize, char)> =
                (0..right).map(|column| (2 * column, '|')).collect();
            marks.push((2 * step - 1, '/'));
            let last = step == left + 1;
            marks.extend((right + 1..self.columns.len()).map(|column| match last {
                true => (2 * column - 1, '/'),
                false => (2 * column, '|'),
            }));
            self.marks(&marks);
        }
        self.columns.remove(right);
    }

    fn marks(&mut self, marks: &[(usize, char)]) {
        let width = marks.iter().map(|(place, _)| place + 1).max().unwrap_or(0);
        let mut row = vec![' '; width];
        for (place, mark) in marks {
            row[*place] = *mark;
        }
        self.line(&row);
    }

    fn line(&mut self, row: &[char]) {
        let text: String = row.iter().collect();
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(edges: &[(&str, &[&str])]) -> String {
        let nodes: Vec<(String, Vec<String>)> = edges
            .iter()
            .map(|(id, parents)| {
                let parents = parents.iter().map(|parent| (*parent).to_owned());
                ((*id).to_owned(), parents.collect())
            })
            .collect();
        let texts: Vec<String> = nodes.iter().map(|(id, _)| id.clone()).collect();
        draw(&nodes, &texts)
    }

    #[test]
    fn a_branch_and_its_merge() {
        let text = drawn(&[
            ("m", &["a", "b"]),
            ("a", &["base"]),
            ("b", &["base"]),
            ("base", &[]),
        ]);
        assert_eq!(text, "* m\n|\\\n* | a\n| * b\n|/\n* base\n");
    }

    #[test]
    fn a_column_runs_over_those_between() {
        let text = drawn(&[
            ("a", &["base"]),
            ("b", &["other"]),
            ("c", &["base"]),
            ("other", &[]),
            ("base", &[]),
        ]);
        assert_eq!(text, "* a\n| * b\n| | * c\n| |/\n|/|\n| * other\n* base\n");
    }

    #[test]
    fn two_chains_stand_side_by_side() {
        let text = drawn(&[("a", &[]), ("b", &["c"]), ("c", &[])]);
        assert_eq!(text, "* a\n* b\n* c\n");
    }

    #[test]
    fn what_is_right_of_a_base_moves_left() {
        let text = drawn(&[("a", &["b"]), ("x", &["y"]), ("b", &[]), ("y", &[])]);
        assert_eq!(text, "* a\n| * x\n* | b\n /\n* y\n");
    }
}
