"""Paths as texts."""
import _os
from _os import exists, isdir, isfile, islink, lexists

sep = "/"
altsep = None
curdir = "."
pardir = ".."
extsep = "."
pathsep = ":"


def _text(path):
    if isinstance(path, str):
        return path
    if hasattr(path, "__fspath__"):
        return path.__fspath__()
    raise TypeError(f"expected str, bytes or os.PathLike object, not {type(path).__name__}")


def join(a, *p):
    path = _text(a)
    for part in p:
        part = _text(part)
        if part.startswith("/"):
            path = part
        elif not path or path.endswith("/"):
            path += part
        else:
            path += "/" + part
    return path


def split(p):
    p = _text(p)
    at = p.rfind("/") + 1
    head, tail = p[:at], p[at:]
    if head and head != "/" * len(head):
        head = head.rstrip("/")
    return head, tail


def dirname(p):
    return split(p)[0]


def basename(p):
    p = _text(p)
    return p[p.rfind("/") + 1:]


def splitext(p):
    p = _text(p)
    base = p.rfind("/") + 1
    at = p.rfind(".")
    if at <= base or not p[base:at].strip("."):
        return p, ""
    return p[:at], p[at:]


def splitdrive(p):
    return "", _text(p)


def isabs(s):
    return _text(s).startswith("/")


def normpath(path):
    path = _text(path)
    if not path:
        return "."
    slashes = 2 if path.startswith("//") and not path.startswith("///") else 1 if path.startswith("/") else 0
    parts = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part != ".." or (not slashes and not parts) or (parts and parts[-1] == ".."):
            parts.append(part)
        elif parts:
            parts.pop()
    return "/" * slashes + "/".join(parts) or "."


def abspath(path):
    path = _text(path)
    return normpath(path if isabs(path) else join(_os.getcwd(), path))


def realpath(filename, *, strict=False):
    return abspath(_os.realpath(_text(filename)))


def relpath(path, start=None):
    path = [part for part in abspath(path).split("/") if part]
    start = [part for part in abspath(start or ".").split("/") if part]
    common = 0
    while common < min(len(path), len(start)) and path[common] == start[common]:
        common += 1
    return "/".join([".."] * (len(start) - common) + path[common:]) or "."


def commonprefix(m):
    if not m:
        return ""
    low, high = min(m), max(m)
    for at, character in enumerate(low):
        if character != high[at]:
            return low[:at]
    return low


def commonpath(paths):
    split_paths = [[part for part in _text(path).split("/") if part and part != "."] for path in paths]
    low, high = min(split_paths), max(split_paths)
    common = low
    for at, part in enumerate(low):
        if part != high[at]:
            common = low[:at]
            break
    return ("/" if _text(paths[0]).startswith("/") else "") + "/".join(common)


def expanduser(path):
    path = _text(path)
    if path == "~" or path.startswith("~/"):
        import os
        return os.environ.get("HOME", "~") + path[1:]
    return path


def expandvars(path):
    import os
    import re
    return re.sub(r"\$(\w+|\{[^}]*\})", lambda found: os.environ.get(found.group(1).strip("{}"), found.group(0)), _text(path))


def normcase(s):
    return _text(s)


def getsize(filename):
    return _os.stat(filename)[0]


def getmtime(filename):
    return _os.stat(filename)[1]


def samefile(f1, f2):
    return realpath(f1) == realpath(f2)
