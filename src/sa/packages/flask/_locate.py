"""flask/cli.py: which application `flask` takes (`FLASK_APP`, else wsgi.py, else app.py), after `.flaskenv` and `.env`."""
import os
import re
import sys
from importlib import import_module

import dotenv
from flask import Flask
from sqlalchemy.orm._support import is_unresolved, refuse, refuse_unresolved


def _load_environment():
    """`load_dotenv`."""
    if os.environ.get("FLASK_SKIP_DOTENV", "").lower() not in ("", "0", "false", "no"):
        return
    values = {}
    for name in (".flaskenv", ".env"):
        path = dotenv.find_dotenv(name, usecwd=True)
        if path:
            values.update(dotenv.dotenv_values(path, encoding="utf-8"))
    for name, value in values.items():
        if value is not None and name not in os.environ:
            os.environ[name] = value


def _prepare_import(path):
    """The dotted name of a file or module; its folder goes to the front of `sys.path`."""
    path = os.path.realpath(path)
    without, extension = os.path.splitext(path)
    if extension == ".py":
        path = without
    if os.path.basename(path) == "__init__":
        path = os.path.dirname(path)
    names = []
    while True:
        path, name = os.path.split(path)
        names.append(name)
        if not os.path.exists(os.path.join(path, "__init__.py")):
            break
    if path not in sys.path:
        sys.path.insert(0, path)
    return ".".join(reversed(names))


def _best(module, name):
    """`find_best_app`."""
    for attribute in ("app", "application"):
        found = getattr(module, attribute, None)
        if is_unresolved(found):
            refuse_unresolved(found, "as the Flask application")
        if isinstance(found, Flask):
            return found
    found = [value for value in vars(module).values() if not is_unresolved(value) and isinstance(value, Flask)]
    if len(found) == 1:
        return found[0]
    if found:
        refuse(f"choosing one of several Flask applications in `{name}`: set FLASK_APP={name}:NAME")
    for attribute in ("create_app", "make_app"):
        factory = getattr(module, attribute, None)
        if callable(factory):
            made = factory()
            if isinstance(made, Flask):
                return made
    refuse(f"the Flask application: none was found in the module `{name}`. Set FLASK_APP={name}:NAME")


_LITERAL = re.compile(r"""\s*(?:'([^'\\]*)'|"([^"\\]*)"|(-?\d+)|(True|False|None))\s*(?:,|$)""")


def _literals(arguments, text):
    """The arguments of a call, one after the other."""
    found = []
    arguments = arguments.strip()
    while arguments:
        match = _LITERAL.match(arguments)
        if match is None:
            refuse(f"the arguments in FLASK_APP={text!r}")
        single, double, number, name = match.groups()
        if number is not None:
            found.append(int(number))
        elif name is not None:
            found.append({"True": True, "False": False, "None": None}[name])
        else:
            found.append(single if single is not None else double)
        arguments = arguments[match.end():].strip()
    return found


def _by_string(module, text):
    """`find_app_by_string`: a name, or a call with literals."""
    match = re.fullmatch(r"(\w+)\s*(?:\((.*)\))?", text.strip())
    if match is None:
        refuse(f"FLASK_APP names its application as {text!r}")
    found = getattr(module, match.group(1))
    if match.group(2) is not None or not isinstance(found, Flask):
        arguments = match.group(2) or ""
        found = found(*_literals(arguments, text))
    return found


def _module(path):
    name = _prepare_import(path)
    return name, import_module(name)


def located():
    """`ScriptInfo.load_app`."""
    _load_environment()
    chosen = os.environ.get("FLASK_APP")
    if chosen:
        path, _, text = re.sub(r":(?![\\/])", "\0", chosen, count=1).partition("\0")
        name, module = _module(path)
        return _by_string(module, text) if text else _best(module, name)
    for path in ("wsgi.py", "app.py"):
        if os.path.isfile(path) or os.path.isfile(os.path.join(path[:-3], "__init__.py")):
            name, module = _module(path)
            return _best(module, name)
    refuse("the Flask application: there is no wsgi.py or app.py in the working directory. Set FLASK_APP, as for `flask db upgrade`")
