//! A new revision: which parents, which folder, which name. alembic/script/base.py `generate_revision`; nothing is written here.

use std::path::Path;
use std::path::PathBuf;

use petgraph::graph::NodeIndex;

use crate::script::directory::ScriptDirectory;
use crate::script::error::Error;
use crate::script::error::Wording;
use crate::script::identifier::Identifier;
use crate::script::resolve::Place;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// `--rev-id`, or one that was made.
    pub rev_id: String,
    /// `--head`, or the revisions to merge.
    pub head: Identifier,
    /// `--splice`.
    pub splice: bool,
    /// `--version-path`.
    pub version_path: Option<String>,
    /// `--depends-on`.
    pub depends_on: Vec<String>,
}

/// Where a new revision goes in the graph and on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The parents.
    pub down_revision: Vec<String>,
    /// The folder, as named.
    pub folder: PathBuf,
    heads: Vec<NodeIndex>,
}

impl ScriptDirectory {
    /// The parents and the folder of a new revision.
    ///
    /// # Errors
    /// An id that cannot be one, heads that cannot be found, several locations and none named.
    pub fn position(&self, wanted: &Wanted) -> Result<Position, Error> {
        let wording = Wording {
            multiple_heads: Some(
                "Multiple heads are present; please specify the head revision on which the new revision should be based, or perform a merge.",
            ),
            ..Wording::default()
        };
        let places = self.ask(&wording, |map| map.get_revisions(&wanted.head))?;
        let mut heads: Vec<NodeIndex> = Vec::new();
        for place in places {
            match place {
                Place::Nothing => {}
                Place::Base => {
                    return Err(Error::python(
                        "AssertionError",
                        "the walk ends at base, where a revision is needed",
                    ));
                }
                Place::At(node) if heads.contains(&node) => {
                    return Err(Error::command("Duplicate head revisions specified"));
                }
                Place::At(node) => heads.push(node),
            }
        }
        let map = self.map()?;
        Ok(Position {
            down_revision: map.ids(&heads),
            folder: self.folder_of_new(wanted.version_path.as_deref(), &heads)?,
            heads,
        })
    }

    fn folder_of_new(&self, named: Option<&str>, heads: &[NodeIndex]) -> Result<PathBuf, Error> {
        let locations = self.version_locations();
        let folder = match (named, locations) {
            (Some(name), _) => PathBuf::from(name).components().collect(),
            (None, [only]) => only.clone(),
            (None, _) => match heads.first() {
                Some(head) => parent(&self.map()?.revision(*head).path),
                None => {
                    return Err(Error::command(
                        "Multiple version locations present, please specify --version-path",
                    ));
                }
            },
        };
        let absolute = std::path::absolute(&folder).unwrap_or_else(|_| folder.clone());
        if locations.contains(&absolute) {
            Ok(folder)
        } else {
            Err(Error::command(format!(
                "Path {} is not represented in current version locations",
                folder.display()
            )))
        }
    }

    /// Whether the parents may have a new child.
    ///
    /// # Errors
    /// One of them is no head.
    pub fn check_heads(&self, position: &Position, splice: bool) -> Result<(), Error> {
        let map = self.map()?;
        match position.heads.iter().find(|head| !map.is_head(**head)) {
            Some(head) if !splice => Err(Error::command(format!(
                "Revision {} is not a head revision; please specify --splice to create a new branch from this revision",
                map.revision(*head).revision
            ))),
            _ => Ok(()),
        }
    }

    /// `depends_on` as it is written: labels stay, ids become whole.
    ///
    /// # Errors
    /// A revision that cannot be found.
    pub fn dependencies_of_new(&self, names: &[String]) -> Result<Vec<String>, Error> {
        names
            .iter()
            .map(|name| {
                let node = self.get_revision(&Identifier::from(name.as_str()))?;
                let Some(node) = node else {
                    return Err(Error::python(
                        "AssertionError",
                        format!("'{name}' names no revision to depend on"),
                    ));
                };
                let revision = self.map()?.revision(node);
                Ok(if revision.branch_labels.contains(name) {
                    name.clone()
                } else {
                    revision.revision.clone()
                })
            })
            .collect()
    }
}

fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("/")).to_owned()
}

/// The part of a file name that is made of the message: words joined by `_`, cut at a word.
pub fn slug(message: &str, length: i64) -> String {
    let mut words: Vec<String> = vec![String::new()];
    for character in message.chars() {
        if character.is_alphanumeric() || character == '_' {
            if let Some(word) = words.last_mut() {
                word.push(character);
            }
        } else if words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    let slug = words.join("_").to_lowercase();
    let (count, room) = (slug.chars().count(), usize::try_from(length.unsigned_abs()));
    let room = room.unwrap_or(usize::MAX);
    // `slug[:length]`: a negative length counts from the end.
    let kept = if length < 0 {
        count.saturating_sub(room)
    } else {
        room
    };
    if length >= 0 && count <= room {
        return slug;
    }
    let cut: String = slug.chars().take(kept).collect();
    let kept = cut
        .rsplit_once('_')
        .map_or(cut.as_str(), |(start, _)| start);
    format!("{kept}_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_words_and_is_cut_at_a_word() {
        assert_eq!(slug("Add users' table!", 40), "add_users_table");
        assert_eq!(slug("Straße Ä", 40), "straße_ä");
        assert_eq!(slug("one two three", 9), "one_two_");
        assert_eq!(slug("onetwothree", 5), "onetw_");
        assert_eq!(slug("", 40), "");
        assert_eq!(slug("one two three", -3), "one_two_");
        assert_eq!(slug("one", -9), "_");
    }
}
