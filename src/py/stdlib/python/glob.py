"""Files by shell pattern."""
import fnmatch
import os


def has_magic(s):
    return any(mark in s for mark in "*?[")


def escape(pathname):
    return "".join(f"[{character}]" if character in "*?[" else character for character in pathname)


def iglob(pathname, *, root_dir=None, dir_fd=None, recursive=False, include_hidden=False):
    folder, pattern = os.path.split(pathname)
    if not has_magic(pathname):
        if os.path.lexists(pathname):
            yield pathname
        return
    folders = iglob(folder, recursive=recursive) if folder and has_magic(folder) else [folder]
    for parent in folders:
        if not has_magic(pattern):
            if os.path.lexists(os.path.join(parent, pattern)):
                yield os.path.join(parent, pattern)
            continue
        if recursive and pattern == "**":
            for top, names, files in os.walk(parent or "."):
                for name in names + files:
                    yield os.path.join(top, name)
            continue
        try:
            names = os.listdir(parent or ".")
        except OSError:
            continue
        for name in names:
            if (pattern.startswith(".") or not name.startswith(".")) and fnmatch.fnmatchcase(name, pattern):
                yield os.path.join(parent, name)


def glob(pathname, *, root_dir=None, dir_fd=None, recursive=False, include_hidden=False):
    return list(iglob(pathname, recursive=recursive))
