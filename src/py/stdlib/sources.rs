//! The modules of the standard library that are written in Python, and what CPython's has beyond ours.

/// Lists sources: dotted name, whether it is a package, file beside this one.
macro_rules! sources {
    ($($name:literal, $package:literal, $file:literal;)*) => {
        const SOURCES: &[(&str, bool, &str)] = &[$(($name, $package, include_str!(concat!("python/", $file)))),*];
    };
}

sources! {
    "abc", false, "abc.py";
    "collections", true, "collections/__init__.py";
    "collections.abc", false, "collections/abc.py";
    "contextlib", false, "contextlib.py";
    "copy", false, "copy.py";
    "dataclasses", false, "dataclasses.py";
    "enum", false, "enum.py";
    "functools", false, "functools.py";
    "itertools", false, "itertools.py";
    "operator", false, "operator.py";
    "types", false, "types.py";
    "typing", false, "typing.py";
    "typing_extensions", false, "typing.py";
}

/// The public names of every module of CPython 3.11's standard library, recorded by `fixtures/py/names.py`: one module a line, `module: name name …`.
const KNOWN: &str = include_str!("names.txt");

/// The source of a module of the standard library that is written in Python, and whether it is a package. The importer asks here before looking for files.
pub fn source(dotted: &str) -> Option<(&'static str, bool)> {
    SOURCES
        .iter()
        .find(|(name, ..)| *name == dotted)
        .map(|(_, package, text)| (*text, *package))
}

/// Whether CPython's standard library has a module of this name.
pub fn is_known_module(dotted: &str) -> bool {
    known_names(dotted).is_some()
}

/// The names CPython's module has.
fn known_names(dotted: &str) -> Option<&'static str> {
    KNOWN
        .lines()
        .find_map(|line| line.strip_prefix(dotted)?.strip_prefix(':'))
}

/// Whether CPython's module has such a name.
pub fn is_known(dotted: &str, name: &str) -> bool {
    known_names(dotted)
        .is_some_and(|names| names.split_ascii_whitespace().any(|known| known == name))
}
