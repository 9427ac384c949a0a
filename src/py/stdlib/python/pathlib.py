"""Paths as objects."""
import fnmatch as _fnmatch
import os
import os.path as _path


class PurePath:
    def __init__(self, *args):
        text = ""
        for part in args:
            text = _path.join(text, os.fspath(part)) if text else os.fspath(part)
        root = "/" if text.startswith("/") else ""
        self._parts = [part for part in text.split("/") if part and part != "."]
        self._root = root

    @classmethod
    def _made(cls, root, parts):
        made = cls()
        made._root, made._parts = root, list(parts)
        return made

    def __fspath__(self):
        return str(self)

    def __str__(self):
        return self._root + "/".join(self._parts) or "."

    def __repr__(self):
        return f"{self._shown}({str(self)!r})"

    _shown = "PurePosixPath"

    def as_posix(self):
        return str(self)

    def __truediv__(self, other):
        if not isinstance(other, (str, PurePath)):
            return NotImplemented
        return self.__class__(self, other)

    def __rtruediv__(self, other):
        return self.__class__(other, self)

    def joinpath(self, *others):
        return self.__class__(self, *others)

    def __eq__(self, other):
        return isinstance(other, PurePath) and str(self) == str(other)

    def __hash__(self):
        return hash(str(self))

    def __lt__(self, other):
        return self._parts < other._parts

    def __le__(self, other):
        return self._parts <= other._parts

    def __gt__(self, other):
        return self._parts > other._parts

    def __ge__(self, other):
        return self._parts >= other._parts

    @property
    def parts(self):
        return tuple(([self._root] if self._root else []) + self._parts)

    @property
    def root(self):
        return self._root

    anchor = root
    drive = ""

    @property
    def name(self):
        return self._parts[-1] if self._parts else ""

    @property
    def parent(self):
        return self._made(self._root, self._parts[:-1])

    @property
    def parents(self):
        found = []
        path = self
        while path._parts:
            path = path.parent
            found.append(path)
        return tuple(found)

    @property
    def suffix(self):
        at = self.name.rfind(".")
        return self.name[at:] if 0 < at < len(self.name) - 1 else ""

    @property
    def suffixes(self):
        if self.name.endswith("."):
            return []
        return ["." + part for part in self.name.lstrip(".").split(".")[1:]]

    @property
    def stem(self):
        at = self.name.rfind(".")
        return self.name[:at] if 0 < at < len(self.name) - 1 else self.name

    def is_absolute(self):
        return bool(self._root)

    def with_name(self, name):
        if not self.name:
            raise ValueError(f"{self!r} has an empty name")
        return self._made(self._root, self._parts[:-1] + [name])

    def with_stem(self, stem):
        return self.with_name(stem + self.suffix)

    def with_suffix(self, suffix):
        return self.with_name(self.stem + suffix)

    def relative_to(self, *other):
        base = self.__class__(*other)
        size = len(base._parts)
        if base._root != self._root or self._parts[:size] != base._parts:
            raise ValueError(f"{str(self)!r} is not in the subpath of {str(base)!r} OR one path is relative and the other is absolute.")
        return self._made("", self._parts[size:])

    def is_relative_to(self, *other):
        try:
            self.relative_to(*other)
            return True
        except ValueError:
            return False

    def match(self, path_pattern):
        pattern = PurePath(path_pattern)
        if pattern._root and (not self._root or len(pattern._parts) != len(self._parts)):
            return False
        if len(pattern._parts) > len(self._parts):
            return False
        return all(_fnmatch.fnmatchcase(part, wanted) for part, wanted in zip(reversed(self._parts), reversed(pattern._parts)))


class PurePosixPath(PurePath):
    pass


class Path(PurePath):
    _shown = "PosixPath"

    @classmethod
    def cwd(cls):
        return cls(os.getcwd())

    @classmethod
    def home(cls):
        return cls(_path.expanduser("~"))

    def exists(self):
        return _path.exists(self)

    def is_file(self):
        return _path.isfile(self)

    def is_dir(self):
        return _path.isdir(self)

    def is_symlink(self):
        return _path.islink(self)

    def absolute(self):
        return self.__class__(os.getcwd(), self)

    def resolve(self, strict=False):
        return self.__class__(_path.realpath(self))

    def expanduser(self):
        return self.__class__(_path.expanduser(self))

    def open(self, mode="r", buffering=-1, encoding=None, errors=None, newline=None):
        return open(self, mode, buffering, encoding, errors, newline)

    def read_text(self, encoding=None, errors=None):
        with open(self, "r", encoding=encoding, errors=errors) as source:
            return source.read()

    def read_bytes(self):
        with open(self, "rb") as source:
            return source.read()

    def write_text(self, data, encoding=None, errors=None, newline=None):
        with open(self, "w", encoding=encoding, errors=errors) as target:
            return target.write(data)

    def write_bytes(self, data):
        with open(self, "wb") as target:
            return target.write(data)

    def iterdir(self):
        for name in os.listdir(self):
            yield self / name

    def glob(self, pattern):
        yield from self._glob([part for part in pattern.split("/") if part])

    def rglob(self, pattern):
        yield from self._glob(["**"] + [part for part in pattern.split("/") if part])

    def _glob(self, parts):
        if not parts:
            yield self
            return
        first, rest = parts[0], parts[1:]
        if first == "**":
            yield from self._glob(rest)
            for child in sorted(self.iterdir()):
                if child.is_dir() and not child.is_symlink():
                    yield from child._glob(parts)
        elif self.is_dir():
            for child in sorted(self.iterdir()):
                if _fnmatch.fnmatchcase(child.name, first) and (not rest or child.is_dir()):
                    yield from child._glob(rest)

    def mkdir(self, mode=0o777, parents=False, exist_ok=False):
        if self.is_dir() and exist_ok:
            return
        if parents:
            os.makedirs(self, mode, exist_ok)
        else:
            os.mkdir(self, mode)

    def unlink(self, missing_ok=False):
        if missing_ok and not self.exists():
            return
        os.remove(self)

    def rmdir(self):
        os.rmdir(self)

    def touch(self, mode=0o666, exist_ok=True):
        open(self, "a").close()

    def rename(self, target):
        os.rename(self, target)
        return self.__class__(target)

    replace = rename

    def samefile(self, other):
        return _path.samefile(self, other)


class PosixPath(Path):
    pass
