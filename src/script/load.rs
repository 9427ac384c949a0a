//! From folders to revisions: which files count, in which order, and what their headers declare. alembic/script/base.py `_load_revisions`, `_list_py_dir`, `_from_path`.

use std::num::NonZero;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use rustc_hash::FxHashSet;

use crate::py::cpu;
use crate::script::error::Error;
use crate::script::error::Wording;
use crate::script::file;
use crate::script::file::HeaderValue;
use crate::script::file::Problem;
use crate::script::file::RevisionFile;
use crate::script::revision::Revision;

/// Evaluates one file to learn header variables that are computed: name by name, or why it cannot.
pub type EvaluateHeader<'a> =
    &'a dyn Fn(&Path, &[&str]) -> Result<Vec<(String, HeaderValue)>, String>;

/// Files that hold revisions, in the order they are loaded, and the warnings on the way.
#[derive(Debug, Default)]
pub struct Listing {
    /// The files, links resolved.
    pub files: Vec<PathBuf>,
    /// What upstream warns of.
    pub warnings: Vec<String>,
}

/// `_list_py_dir` over every location.
pub fn list(
    locations: &[PathBuf],
    recursive: bool,
    sourceless: bool,
    may_be_missing: bool,
) -> Result<Listing, Error> {
    let mut listing = Listing::default();
    let mut seen = FxHashSet::default();
    for location in locations {
        if may_be_missing && !location.exists() {
            continue;
        }
        if !location.is_dir() {
            return Err(Error::command(format!(
                "Version location doesn't exist: {}.  Alembic would find no revisions there and report success",
                location.display()
            )));
        }
        for real in walk(location, recursive)? {
            if !is_revision_file(&real, sourceless)? {
                continue;
            }
            if seen.insert(real.as_os_str().to_owned()) {
                listing.files.push(real);
            } else {
                listing.warnings.push(format!(
                    "File {} loaded twice! ignoring. Please ensure version_locations is unique.",
                    real.display()
                ));
            }
        }
    }
    Ok(listing)
}

/// The files of a folder sorted by name, then those of its folders; links resolved.
fn walk(root: &Path, recursive: bool) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut todo = vec![std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned())];
    while let Some(folder) = todo.pop() {
        if folder
            .file_name()
            .is_some_and(|name| name.to_string_lossy().ends_with("__pycache__"))
        {
            continue;
        }
        let entries = std::fs::read_dir(&folder)
            .map_err(|error| Error::command(format!("Can't read {}: {error}", folder.display())))?;
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for entry in entries.flatten() {
            let kind = entry.file_type();
            if kind.as_ref().is_ok_and(std::fs::FileType::is_dir) {
                folders.push(entry.path());
            } else if kind.is_ok_and(|kind| kind.is_file()) {
                files.push((entry.file_name(), false));
            } else if !entry.path().is_dir() {
                // A link to a folder is not followed, a link to a file is.
                files.push((entry.file_name(), true));
            }
        }
        files.sort();
        found.extend(files.into_iter().map(|(name, is_link)| {
            let path = folder.join(name);
            if is_link {
                std::fs::canonicalize(&path).unwrap_or(path)
            } else {
                path
            }
        }));
        if recursive {
            folders.sort();
            folders.reverse();
            todo.append(&mut folders);
        }
    }
    Ok(found)
}

/// `_only_source_rev_file`, or with `sourceless` a compiled file, which needs Python.
fn is_revision_file(path: &Path, sourceless: bool) -> Result<bool, Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with(".#") || name.starts_with("__init__") {
        return Ok(false);
    }
    if sourceless
        && (name.ends_with(".pyc") || name.ends_with(".pyo"))
        && !path.with_extension("py").exists()
    {
        return Err(Error::command(format!(
            "{} is compiled Python (sourceless = true), which aludel cannot read",
            path.display()
        )));
    }
    Ok(name.ends_with(".py"))
}

/// How many files a thread takes at a time.
const AT_ONCE: usize = 16;

/// What a file's header says.
#[derive(Debug)]
pub enum Header {
    /// Its revision, or why there is none.
    Read(Box<Result<Revision, Error>>),
    /// The file has to be evaluated.
    Computed(Box<RevisionFile>),
}

/// A file's header, and its text where that is kept.
pub type Read = (Header, Option<String>);

/// Reads the headers of files on several threads, in order. Texts are kept up to so many bytes altogether.
pub fn read_all(files: &[PathBuf], kept: usize) -> Vec<Read> {
    let left = AtomicUsize::new(kept);
    let read = |path: &PathBuf| {
        let (file, text) = file::read(path);
        let fits = |text: &String| {
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(text.len())
            })
            .is_ok()
        };
        let header = if wanted(&file).is_empty() {
            let unasked = |_: &Path, _: &[&str]| Err("nothing is computed".to_owned());
            Header::Read(Box::new(revision_of(file, &unasked)))
        } else {
            Header::Computed(Box::new(file))
        };
        (header, text.filter(fits))
    };
    let threads = std::thread::available_parallelism()
        .map_or(2, NonZero::get)
        .min(8);
    if files.len() < 32 {
        return files.iter().map(read).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(some) = files.get(next.fetch_add(AT_ONCE, Ordering::Relaxed)..) {
            let first = files.len() - some.len();
            let some = some.iter().take(AT_ONCE);
            done.extend(
                some.enumerate()
                    .map(|(place, path)| (first + place, read(path))),
            );
        }
        done
    };
    let here = cpu::current();
    let elsewhere = || {
        cpu::leave(here);
        work()
    };
    let mut found: Vec<Option<Read>> = Vec::new();
    found.resize_with(files.len(), || None);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (1..threads).map(|_| scope.spawn(elsewhere)).collect();
        let own = work();
        let done = workers.into_iter().filter_map(|worker| worker.join().ok());
        for (place, file) in done.flatten().chain(own) {
            if let Some(slot) = found.get_mut(place) {
                *slot = Some(file);
            }
        }
    });
    let all = found.into_iter().zip(files);
    all.map(|(file, path)| file.unwrap_or_else(|| read(path)))
        .collect()
}

/// `Script._from_path`, the part after the module is loaded.
#[expect(
    clippy::too_many_lines,
    reason = "the steps share their state and are read in order"
)]
pub fn revision_of(
    mut file: RevisionFile,
    evaluate: EvaluateHeader<'_>,
) -> Result<Revision, Error> {
    match file.problem.take() {
        Some(Problem::Syntax { error, text }) => {
            return Err(Error::Syntax {
                path: file.path,
                error,
                text,
            });
        }
        Some(Problem::Io(reason)) => {
            return Err(Error::command(format!(
                "Can't read {}: {reason}",
                file.path.display()
            )));
        }
        None => {}
    }
    resolve_computed(&mut file, evaluate)?;
    let name = file
        .path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let revision = match file.header.get("revision").map(|spanned| &spanned.value) {
        Some(HeaderValue::Text(text)) => text.clone(),
        Some(_) => return Err(bad_value(&file, "revision")),
        None => legacy_revision(&name).ok_or_else(|| {
            Error::command(format!(
                "Could not determine revision id from filename {name}. Be sure the 'revision' variable is declared inside the script \
                 (please see 'Upgrading from Alembic 0.1 to 0.2' in the documentation)."
            ))
        })?,
    };
    if !file.header.contains_key("down_revision") {
        let module: String = name
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || c == '_' {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        return Err(Error::python(
            "AttributeError",
            format!(
                "module '{module}' has no attribute 'down_revision' ({})",
                file.path.display()
            ),
        ));
    }
    let made = Revision {
        revision,
        down_revision: texts(&file, "down_revision")?,
        dependencies: texts(&file, "depends_on")?
            .into_iter()
            .filter(|id| !id.is_empty())
            .collect(),
        own_labels: texts(&file, "branch_labels")?,
        longdoc: file
            .doc
            .as_deref()
            .map(strip)
            .unwrap_or_default()
            .to_owned(),
        path: file.path,
        ..Revision::default()
    };
    refuse_reserved(&made)?;
    made.check().map_err(|error| Wording::default().of(error))
}

/// An id that is a word of the target grammar makes Alembic print nothing and report success.
fn refuse_reserved(revision: &Revision) -> Result<(), Error> {
    let names = std::iter::once(&revision.revision).chain(&revision.own_labels);
    for name in names {
        if matches!(name.as_str(), "head" | "heads" | "base" | "current" | "") {
            return Err(Error::command(format!(
                "Revision identifier or branch label '{name}' in {} is a reserved word: it could never be addressed",
                revision.path.display()
            )));
        }
    }
    Ok(())
}

/// Python's `str.strip`.
fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c))
}

/// `_legacy_rev`: `[a-f0-9]+\.py`.
fn legacy_revision(name: &str) -> Option<String> {
    let stem = name.strip_suffix(".py")?;
    let is_legacy = !stem.is_empty()
        && stem
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    is_legacy.then(|| stem.to_owned())
}

fn texts(file: &RevisionFile, name: &str) -> Result<Vec<String>, Error> {
    match file.header.get(name).map(|spanned| &spanned.value) {
        None | Some(HeaderValue::None) => Ok(Vec::new()),
        Some(HeaderValue::Text(text)) => Ok(vec![text.clone()]),
        Some(HeaderValue::Texts(texts)) => Ok(texts.clone()),
        Some(HeaderValue::Other | HeaderValue::Computed) => Err(bad_value(file, name)),
    }
}

fn bad_value(file: &RevisionFile, name: &str) -> Error {
    let line = file.header.get(name).map_or(0, |spanned| spanned.line);
    let wanted = if name == "revision" {
        "a string"
    } else {
        "None, a string or a sequence of strings"
    };
    Error::python(
        "TypeError",
        format!(
            "`{name}` in {}:{line} must be {wanted}",
            file.path.display()
        ),
    )
}

/// The names of a header that take more than reading.
fn wanted(file: &RevisionFile) -> Vec<&str> {
    let is_computed = |value: &HeaderValue| *value == HeaderValue::Computed;
    let computed = file
        .header
        .iter()
        .filter(|(_, spanned)| is_computed(&spanned.value));
    let doc = file.is_doc_computed.then_some("__doc__");
    computed.map(|(name, _)| name.as_str()).chain(doc).collect()
}

/// Evaluates the file when its header takes more than reading.
fn resolve_computed(file: &mut RevisionFile, evaluate: EvaluateHeader<'_>) -> Result<(), Error> {
    let wanted = wanted(file);
    if wanted.is_empty() {
        return Ok(());
    }
    let line = wanted
        .first()
        .and_then(|name| file.header.get(*name))
        .map_or(0, |spanned| spanned.line);
    let found = evaluate(&file.path, &wanted).map_err(|reason| {
        Error::command(format!(
            "{}:{line}: `{}` is computed, and evaluating the file failed: {reason}",
            file.path.display(),
            wanted.join("`, `")
        ))
    })?;
    for (name, value) in found {
        match (name.as_str(), value) {
            ("__doc__", HeaderValue::Text(text)) => file.doc = Some(text),
            ("__doc__", _) => file.doc = None,
            (_, value) => {
                if let Some(spanned) = file.header.get_mut(&name) {
                    spanned.value = value;
                }
            }
        }
    }
    Ok(())
}
