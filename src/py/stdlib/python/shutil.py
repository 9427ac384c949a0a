"""Files and folders."""
import _os
import os


def rmtree(path, ignore_errors=False, onerror=None):
    try:
        _os.rmtree(path)
    except OSError:
        if not ignore_errors:
            raise


def copyfile(src, dst, *, follow_symlinks=True):
    _os.copy(src, dst)
    return dst


def copy(src, dst, *, follow_symlinks=True):
    if os.path.isdir(dst):
        dst = os.path.join(dst, os.path.basename(src))
    _os.copy(src, dst)
    return dst


copy2 = copy


def move(src, dst):
    os.rename(src, dst)
    return dst


def which(cmd, mode=1, path=None):
    for folder in (path or os.environ.get("PATH", "")).split(":"):
        found = os.path.join(folder, cmd)
        if os.path.isfile(found):
            return found
    return None
