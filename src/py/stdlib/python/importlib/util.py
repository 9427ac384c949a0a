"""Modules from files that `sys.path` does not lead to."""
import os
import sys


class _Loader:
    def __init__(self, name, path):
        self.name = name
        self.path = path

    def exec_module(self, module):
        for name, value in vars(sys._run_file(self.path, self.name)).items():
            setattr(module, name, value)


class _Spec:
    def __init__(self, name, origin):
        self.name = name
        self.origin = origin
        self.loader = _Loader(name, origin)


class _Module:
    """What `exec_module` fills."""

    def __init__(self, spec):
        self.__name__ = spec.name
        self.__file__ = spec.origin
        self.__spec__ = spec


def spec_from_file_location(name, location=None):
    return _Spec(name, os.fspath(location))


def module_from_spec(spec):
    return _Module(spec)
