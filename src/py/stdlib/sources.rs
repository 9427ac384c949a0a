//! The modules of the standard library that are written in Python, and what CPython's has beyond ours.

/// Lists sources: dotted name, whether it is a package, file beside this one.
macro_rules! sources {
    ($($name:literal, $package:literal, $file:literal;)*) => {
        const SOURCES: &[(&str, bool, &str)] = &[$(($name, $package, include_str!(concat!("python/", $file)))),*];
    };
}

sources! {
    "abc", false, "abc.py";
    "asyncio", false, "asyncio.py";
    "base64", false, "base64.py";
    "bisect", false, "bisect.py";
    "calendar", false, "calendar.py";
    "collections", true, "collections/__init__.py";
    "collections.abc", false, "collections/abc.py";
    "concurrent", true, "concurrent/__init__.py";
    "concurrent.futures", false, "concurrent/futures.py";
    "configparser", false, "configparser.py";
    "contextlib", false, "contextlib.py";
    "contextvars", false, "contextvars.py";
    "copy", false, "copy.py";
    "csv", false, "csv.py";
    "dataclasses", false, "dataclasses.py";
    "enum", false, "enum.py";
    "fnmatch", false, "fnmatch.py";
    "functools", false, "functools.py";
    "getpass", false, "getpass.py";
    "glob", false, "glob.py";
    "heapq", false, "heapq.py";
    "hmac", false, "hmac.py";
    "html", false, "html.py";
    "importlib", true, "importlib/__init__.py";
    "importlib.util", false, "importlib/util.py";
    "inspect", false, "inspect.py";
    "itertools", false, "itertools.py";
    "logging", true, "logging/__init__.py";
    "logging.config", false, "logging/config.py";
    "logging.handlers", false, "logging/handlers.py";
    "numbers", false, "numbers.py";
    "operator", false, "operator.py";
    "os", true, "os/__init__.py";
    "os.path", false, "os/path.py";
    "pathlib", false, "pathlib.py";
    "platform", false, "platform.py";
    "posixpath", false, "os/path.py";
    "pprint", false, "pprint.py";
    "random", false, "random.py";
    "secrets", false, "secrets.py";
    "shlex", false, "shlex.py";
    "shutil", false, "shutil.py";
    "statistics", false, "statistics.py";
    "string", false, "string.py";
    "tempfile", false, "tempfile.py";
    "textwrap", false, "textwrap.py";
    "threading", false, "threading.py";
    "traceback", false, "traceback.py";
    "types", false, "types.py";
    "_typing", false, "_typing.py";
    "typing", false, "typing.py";
    "typing_extensions", false, "typing.py";
    "urllib", true, "urllib/__init__.py";
    "urllib.parse", false, "urllib/parse.py";
    "warnings", false, "warnings.py";
    "weakref", false, "weakref.py";
}

/// The module that has what a module of this table leaves out, to be loaded when it is asked for.
pub fn rest_of(dotted: &str) -> Option<&'static str> {
    matches!(dotted, "typing" | "typing_extensions").then_some("_typing")
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
