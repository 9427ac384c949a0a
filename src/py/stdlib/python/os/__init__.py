"""The operating system."""
import _os
import sys
from . import path
from _os import access, getcwd, getpid, listdir, mkdir as _mkdir, makedirs as _makedirs, remove, rename, rmdir
from _random import urandom

name = "posix"
sep = "/"
altsep = None
extsep = "."
pathsep = ":"
linesep = "\n"
curdir = "."
pardir = ".."
devnull = "/dev/null"
F_OK, R_OK, W_OK, X_OK = 0, 4, 2, 1
error = OSError
replace = rename
unlink = remove


class _Environ(dict):
    """The environment as it was at the start, with what the program sets."""

    def _check(self, name, value=""):
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"str expected, not {type(name if not isinstance(name, str) else value).__name__}")

    def __getitem__(self, name):
        self._check(name)
        return dict.__getitem__(self, name)

    def __setitem__(self, name, value):
        self._check(name, value)
        dict.__setitem__(self, name, value)

    def setdefault(self, name, value):
        if name not in self:
            self[name] = value
        return self[name]

    def update(self, *args, **kwargs):
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def copy(self):
        return dict(self)

    def __repr__(self):
        return f"environ({dict.__repr__(self)})"


environ = _Environ(_os.environ())


def getenv(key, default=None):
    return environ.get(key, default)


def putenv(key, value):
    environ[key] = value


def unsetenv(key):
    environ.pop(key, None)


def mkdir(path, mode=0o777):
    _mkdir(path)


def makedirs(name, mode=0o777, exist_ok=False):
    if path.isdir(name):
        if not exist_ok:
            _mkdir(name)
        return
    _makedirs(name)


def fspath(path):
    if isinstance(path, (str, bytes)):
        return path
    if hasattr(path, "__fspath__"):
        return path.__fspath__()
    raise TypeError(f"expected str, bytes or os.PathLike object, not {type(path).__name__}")


class PathLike:
    @classmethod
    def __class_getitem__(cls, item):
        return cls


def walk(top, topdown=True, onerror=None, followlinks=False):
    top = fspath(top)
    folders, files = [], []
    try:
        names = listdir(top)
    except OSError as problem:
        if onerror is not None:
            onerror(problem)
        return
    for entry in names:
        (folders if path.isdir(path.join(top, entry)) else files).append(entry)
    if topdown:
        yield top, folders, files
    for folder in folders:
        if followlinks or not path.islink(path.join(top, folder)):
            yield from walk(path.join(top, folder), topdown, onerror, followlinks)
    if not topdown:
        yield top, folders, files


def cpu_count():
    return 1
