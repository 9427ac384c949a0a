"""Tracebacks as text."""
import sys


def format_exception(exc, value=None, tb=None, limit=None, chain=True):
    error = exc if isinstance(exc, BaseException) else value
    if error is None:
        return ["NoneType: None\n"]
    return [line + "\n" for line in sys._format_exception(error).split("\n")]


def format_exc(limit=None, chain=True):
    return "".join(format_exception(sys.exc_info()[1]))


def print_exc(limit=None, file=None, chain=True):
    (file or sys.stderr).write(format_exc())


def print_exception(exc, value=None, tb=None, limit=None, file=None, chain=True):
    (file or sys.stderr).write("".join(format_exception(exc, value, tb)))


def format_exception_only(exc, value=None):
    error = exc if isinstance(exc, BaseException) else value
    return [sys._format_exception(error).split("\n")[-1] + "\n"]


def format_stack(f=None, limit=None):
    return [f'  File "{name}", line {line}, in {function}\n' + (f"    {source.strip()}\n" if source else "") for name, line, function, source in sys._stack()[:-1]]


def print_stack(f=None, limit=None, file=None):
    (file or sys.stderr).write("".join(format_stack()))
