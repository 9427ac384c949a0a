"""Imports by name."""
import sys


def import_module(name, package=None):
    if name.startswith("."):
        if not package:
            raise TypeError(f"the 'package' argument is required to perform a relative import for {name!r}")
        level = len(name) - len(name.lstrip("."))
        base = package.split(".")
        base = base[:len(base) - level + 1]
        rest = name.lstrip(".")
        name = ".".join(base + ([rest] if rest else []))
    return __import__(name, None, None, ["*"])


def invalidate_caches():
    pass


def reload(module):
    del sys.modules[module.__name__]
    return import_module(module.__name__)
