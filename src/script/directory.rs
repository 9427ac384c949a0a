//! `ScriptDirectory`: the folder of a project's revisions, and the questions commands ask of it. alembic/script/base.py.

use std::cell::OnceCell;
use std::cell::RefCell;
use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;
use std::rc::Rc;
use std::thread::JoinHandle;

use petgraph::Direction;
use petgraph::graph::NodeIndex;
use rustc_hash::FxHashMap;

use crate::config;
use crate::config::Config;
use crate::script::collect::Range;
use crate::script::error::Error;
use crate::script::error::RevisionError;
use crate::script::error::Wording;
use crate::script::file;
use crate::script::file::HeaderValue;
use crate::script::identifier::Identifier;
use crate::script::load;
use crate::script::load::Header;
use crate::script::map::Follow;
use crate::script::map::RevisionMap;
use crate::script::plan::Stamp;
use crate::script::plan::Step;
use crate::script::resolve::Place;
use crate::script::revision::Revision;

/// Where warnings go.
pub type Warn = Rc<dyn Fn(&str)>;

/// Evaluates a file whose header is computed.
pub type Evaluate = Rc<dyn Fn(&Path, &[&str]) -> Result<Vec<(String, HeaderValue)>, String>>;

/// A script directory. Its files are read when first needed.
pub struct ScriptDirectory {
    location: PathBuf,
    version_locations: Vec<PathBuf>,
    recursive: bool,
    sourceless: bool,
    may_be_missing: bool,
    map: OnceCell<Rc<RevisionMap>>,
    /// The files being read, between [`ScriptDirectory::read_ahead`] and the first question.
    reading: RefCell<Option<JoinHandle<Outcome<Read>>>>,
    texts: RefCell<FxHashMap<OsString, String>>,
    warn: Warn,
    evaluate: Evaluate,
}

impl std::fmt::Debug for ScriptDirectory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScriptDirectory")
            .field("location", &self.location)
            .field("version_locations", &self.version_locations)
            .finish_non_exhaustive()
    }
}

impl From<config::Error> for Error {
    fn from(error: config::Error) -> Self {
        match error {
            config::Error::Command(message) => Self::command(message),
            config::Error::Python { class, message } => Self::python(class, message),
        }
    }
}

type Outcome<T> = Result<T, Error>;
/// Warnings and the files, read as far as they can be.
type Read = (Vec<String>, Vec<load::Read>);
/// Bytes of texts that are kept from reading the headers to evaluating the files.
const KEPT: usize = 32 << 20;

impl ScriptDirectory {
    /// `ScriptDirectory.from_config`. Warnings go to `warn`.
    pub fn from_config(config: &Config, warn: Warn) -> Outcome<Self> {
        let Some(location) = config.get_alembic_text("script_location")? else {
            return Err(Error::command(
                "No 'script_location' key found in configuration.",
            ));
        };
        config.truncate_slug_length()?;
        config.prepend_sys_paths()?;
        let recursive = config.get_alembic_boolean_option("recursive_version_locations")?;
        let folder = config.coerce_resource(&location)?;
        let sourceless = config.get_alembic_boolean_option("sourceless")?;
        let named = config.version_locations()?;
        if !folder.exists() {
            return Err(Error::command(format!(
                "Path doesn't exist: {}.  Please use the 'init' command to create a new scripts folder.",
                folder.display()
            )));
        }
        let version_locations = match named {
            None => vec![absolute(&folder.join("versions"))],
            Some(names) => names
                .iter()
                .map(|name| Ok(absolute(&config.coerce_resource(name)?)))
                .collect::<Outcome<_>>()?,
        };
        let evaluate: Evaluate = Rc::new(|_, _| Err("aludel reads literals here".to_owned()));
        Ok(Self {
            location: folder,
            version_locations,
            recursive,
            sourceless,
            may_be_missing: false,
            map: OnceCell::new(),
            reading: RefCell::default(),
            texts: RefCell::default(),
            warn,
            evaluate,
        })
    }

    /// A directory around a map that is made already.
    pub fn of_map(map: RevisionMap) -> Self {
        let made = Self {
            location: PathBuf::new(),
            version_locations: Vec::new(),
            recursive: false,
            sourceless: false,
            may_be_missing: false,
            map: OnceCell::new(),
            reading: RefCell::default(),
            texts: RefCell::default(),
            warn: Rc::new(|_| {}),
            evaluate: Rc::new(|_, _| Err(String::new())),
        };
        let _new = made.map.set(Rc::new(map));
        made
    }

    /// Sets what evaluates files whose header is computed.
    #[must_use]
    pub fn evaluating(mut self, evaluate: Evaluate) -> Self {
        self.evaluate = evaluate;
        self
    }

    /// For commands that make revisions: folders that do not exist yet are no error.
    #[must_use]
    pub fn making_folders(mut self) -> Self {
        self.may_be_missing = true;
        self
    }

    /// The same directory, its files unread. What there was to warn of is said already.
    #[must_use]
    pub fn read_again(&self) -> Self {
        Self {
            location: self.location.clone(),
            version_locations: self.version_locations.clone(),
            recursive: self.recursive,
            sourceless: self.sourceless,
            may_be_missing: self.may_be_missing,
            map: OnceCell::new(),
            reading: RefCell::default(),
            texts: RefCell::default(),
            warn: Rc::new(|_| {}),
            evaluate: self.evaluate.clone(),
        }
    }

    /// Reads one file as the revision it is: `Script._from_path`.
    ///
    /// # Errors
    /// A file that is no revision.
    pub fn read_revision(&self, path: &Path) -> Outcome<Revision> {
        load::revision_of(file::read_whole(path), &*self.evaluate)
    }

    /// Passes on a warning.
    pub fn warn(&self, text: &str) {
        (self.warn)(text);
    }

    /// The folder, as configured.
    pub fn location(&self) -> &Path {
        &self.location
    }

    /// The folders that hold revisions, absolute.
    pub fn version_locations(&self) -> &[PathBuf] {
        &self.version_locations
    }

    /// `env_py_location`.
    pub fn env_py_location(&self) -> PathBuf {
        self.location.join("env.py")
    }

    /// The revision map, read from the files the first time.
    pub fn map(&self) -> Outcome<&Rc<RevisionMap>> {
        if let Some(map) = self.map.get() {
            return Ok(map);
        }
        let map = self.load()?;
        Ok(self.map.get_or_init(|| Rc::new(map)))
    }

    /// Begins to read the files on another thread, for whoever asks first.
    pub fn read_ahead(&self) {
        if self.map.get().is_none() {
            let read = self.reader(KEPT);
            // Without a thread they are read when they are asked for.
            *self.reading.borrow_mut() = std::thread::Builder::new().spawn(read).ok();
        }
    }

    /// The texts that [`ScriptDirectory::read_ahead`] kept, once.
    pub fn take_texts(&self) -> FxHashMap<OsString, String> {
        self.texts.take()
    }

    /// What lists and reads the files.
    fn reader(&self, kept: usize) -> impl FnOnce() -> Outcome<Read> + Send + 'static {
        let locations = self.version_locations.clone();
        let (recursive, sourceless) = (self.recursive, self.sourceless);
        let may_be_missing = self.may_be_missing;
        move || {
            let listing = load::list(&locations, recursive, sourceless, may_be_missing)?;
            let files = load::read_all(&listing.files, kept);
            Ok((listing.warnings, files))
        }
    }

    fn load(&self) -> Outcome<RevisionMap> {
        let read = self.reading.take().and_then(|thread| thread.join().ok());
        let (warnings, files) = read.unwrap_or_else(|| self.reader(0)())?;
        warnings.iter().for_each(|warning| (self.warn)(warning));
        let mut revisions = Vec::with_capacity(files.len());
        for (header, text) in files {
            let revision = match header {
                Header::Read(revision) => *revision,
                Header::Computed(file) => load::revision_of(*file, &*self.evaluate),
            }?;
            if let Some(text) = text {
                let path = revision.path.clone().into_os_string();
                self.texts.borrow_mut().insert(path, text);
            }
            revisions.push(revision);
        }
        let map = RevisionMap::build(revisions).map_err(|error| {
            if let RevisionError::MissingRevision {
                missing,
                referenced_from,
                ..
            } = &error
            {
                (self.warn)(&format!(
                    "Revision {missing} referenced from {referenced_from} is not present"
                ));
            }
            Wording::default().of(error)
        })?;
        self.pass_on_warnings(&map);
        Ok(map)
    }

    fn pass_on_warnings(&self, map: &RevisionMap) {
        map.take_warnings()
            .iter()
            .for_each(|warning| (self.warn)(warning));
    }

    /// Runs a question and words its error.
    pub(crate) fn ask<T>(
        &self,
        wording: &Wording,
        question: impl FnOnce(&Rc<RevisionMap>) -> Result<T, RevisionError>,
    ) -> Outcome<T> {
        let map = self.map()?;
        let answer = question(map);
        self.pass_on_warnings(map);
        answer.map_err(|error| wording.of(error))
    }

    /// `walk_revisions`: from the head end down to the base end.
    pub fn walk_revisions(&self, base: &Identifier, head: &Identifier) -> Outcome<Vec<NodeIndex>> {
        let wording = Wording {
            start: Some(base.clone()),
            end: Some(head.clone()),
            ..Wording::default()
        };
        let range = Range {
            inclusive: true,
            assert_relative_length: false,
            ..Range::default()
        };
        self.ask(&wording, |map| map.iterate_revisions(head, base, range))
    }

    /// `get_revisions`.
    pub fn get_revisions(&self, id: &Identifier) -> Outcome<Vec<Place>> {
        self.ask(&Wording::default(), |map| map.get_revisions(id))
    }

    /// `get_revision`.
    pub fn get_revision(&self, id: &Identifier) -> Outcome<Option<NodeIndex>> {
        self.ask(&Wording::default(), |map| map.get_revision(id))
    }

    /// `get_all_current`, in load order (upstream: a set).
    pub fn get_all_current(&self, rows: &[String]) -> Outcome<Vec<NodeIndex>> {
        self.ask(&Wording::default(), |map| {
            map.get_all_current(&Identifier::many(rows))
        })
    }

    /// `as_revision_number`: "head", "heads" and "base" to ids; empty is `None`.
    pub fn as_revision_number(&self, id: &str) -> Outcome<Vec<String>> {
        let mut found = self
            .ask(&Wording::default(), |map| {
                map.resolve_revision_number(&Identifier::from(id))
            })?
            .0;
        if id != "heads" {
            found.truncate(1);
        }
        Ok(found)
    }

    /// `get_heads`.
    pub fn get_heads(&self, consider_depends_on: bool) -> Outcome<Vec<String>> {
        self.ask(&Wording::default(), |map| {
            Ok(map.ids(if consider_depends_on {
                map.real_heads()
            } else {
                map.heads()
            }))
        })
    }

    /// `_upgrade_revs`: the steps from the rows to a destination.
    pub fn upgrade_revs(
        &self,
        destination: impl Into<Identifier>,
        rows: &[String],
    ) -> Outcome<Vec<Step>> {
        self.refuse_duplicates()?;
        let destination = destination.into();
        let wording = Wording {
            ancestor: Some(
                "Destination %(end)s is not a valid upgrade target from current head(s)",
            ),
            end: Some(destination.clone()),
            ..Wording::default()
        };
        let range = Range {
            implicit_base: true,
            ..Range::default()
        };
        self.ask(&wording, |map| {
            let nodes = map.iterate_revisions(&destination, &Identifier::many(rows), range)?;
            Ok(nodes
                .into_iter()
                .rev()
                .map(|node| Step::upgrade(map, node))
                .collect())
        })
    }

    /// `_downgrade_revs`.
    pub fn downgrade_revs(
        &self,
        destination: impl Into<Identifier>,
        rows: &[String],
    ) -> Outcome<Vec<Step>> {
        self.refuse_duplicates()?;
        let destination = destination.into();
        let wording = Wording {
            ancestor: Some(
                "Destination %(end)s is not a valid downgrade target from current head(s)",
            ),
            end: Some(destination.clone()),
            ..Wording::default()
        };
        let range = Range {
            select_for_downgrade: true,
            ..Range::default()
        };
        self.ask(&wording, |map| {
            let nodes = map.iterate_revisions(&Identifier::many(rows), &destination, range)?;
            Ok(nodes
                .into_iter()
                .map(|node| Step::downgrade(map, node))
                .collect())
        })
    }

    /// Two files with one id: Alembic warns and takes the last; which of the two would run is a guess, so nothing runs here.
    fn refuse_duplicates(&self) -> Outcome<()> {
        match self.map()?.duplicates() {
            [] => Ok(()),
            ids => Err(Error::command(format!(
                "Revision {} is present more than once: which file would run is not clear",
                ids.join(", ")
            ))),
        }
    }

    /// `_stamp_revs`.
    pub fn stamp_revs(&self, revisions: &[String], rows: &[String]) -> Outcome<Vec<Step>> {
        self.refuse_duplicates()?;
        let wording = Wording {
            multiple_heads: Some(
                "Multiple heads are present; please specify a single target revision",
            ),
            ..Wording::default()
        };
        let mut asked: Vec<&str> = revisions.iter().map(String::as_str).collect();
        if asked.is_empty() {
            asked.push("base");
        }
        // get_revisions inside words its errors itself.
        let heads = self.get_revisions(&Identifier::many(rows))?;
        let destinations = self.ask(&Wording::default(), |map| {
            map.get_revisions(&Identifier::many(asked.iter().copied()))
        });
        self.ask(&wording, |map| {
            let heads = crate::script::resolve::nodes(&heads)?;
            let mut filtered: Vec<NodeIndex> = Vec::new();
            for name in asked.iter().filter(|name| !name.is_empty()) {
                for head in map.filter_for_lineage(&heads, &Identifier::from(*name), true)? {
                    if !filtered.contains(&head) {
                        filtered.push(head);
                    }
                }
            }
            Ok(filtered)
        })
        .and_then(|filtered| self.stamp_steps(&destinations?, &filtered))
    }

    fn stamp_steps(&self, destinations: &[Place], filtered: &[NodeIndex]) -> Outcome<Vec<Step>> {
        let map = self.map()?;
        if destinations.is_empty() {
            let delete = |head: &NodeIndex| Stamp {
                from: map.ids(&[*head]),
                to: Vec::new(),
                is_upgrade: false,
                branch_move: true,
            };
            return Ok(filtered
                .iter()
                .map(|head| Step::stamp(map, delete(head)))
                .collect());
        }
        let mut steps = Vec::new();
        let mut stamped: Vec<NodeIndex> = Vec::new();
        for destination in destinations {
            let Place::At(node) = *destination else {
                return Err(Error::python(
                    "AttributeError",
                    "the walk ends at base, where a revision is needed",
                ));
            };
            if filtered.contains(&node) {
                continue;
            }
            if stamped.contains(&node) {
                let id = &map.revision(node).revision;
                return Err(Error::python(
                    "KeyError",
                    format!("'{id}': it is named more than once"),
                ));
            }
            stamped.push(node);
            steps.push(Step::stamp(map, self.stamp_step(map, node, filtered)));
        }
        Ok(steps)
    }

    fn stamp_step(&self, map: &Rc<RevisionMap>, node: NodeIndex, filtered: &[NodeIndex]) -> Stamp {
        let meets = |direction| {
            map.related(&[node], direction, Follow::Dependencies)
                .iter()
                .any(|other| filtered.contains(other))
        };
        let to = map.ids(&[node]);
        if meets(Direction::Incoming) {
            Stamp {
                from: map.ids(filtered),
                to,
                is_upgrade: false,
                branch_move: false,
            }
        } else if meets(Direction::Outgoing) {
            Stamp {
                from: map.ids(filtered),
                to,
                is_upgrade: true,
                branch_move: false,
            }
        } else {
            Stamp {
                from: Vec::new(),
                to,
                is_upgrade: true,
                branch_move: true,
            }
        }
    }

    /// The revision of a node.
    pub fn revision(&self, node: NodeIndex) -> Outcome<&Revision> {
        Ok(self.map()?.revision(node))
    }
}

/// `Path.absolute`.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
