"""`dotenv` (python-dotenv): what env.py and settings modules take from it."""
import os
import re
import sys
from collections import OrderedDict

_PLAIN_SPACE = " \t\f\v"
_ESCAPES = {"\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_VARIABLE = re.compile(r"\$\{([^}:]*)(?::-([^}]*))?\}")


class _Broken(Exception):
    pass


class _Lines:
    """Reads a text from left to right."""

    def __init__(self, text):
        self.text = text
        self.at = 0

    def more(self):
        return self.at < len(self.text)

    def peek(self):
        return self.text[self.at:self.at + 1]

    def take(self, wanted):
        start = self.at
        while self.more() and wanted(self.text[self.at]):
            self.at += 1
        return self.text[start:self.at]

    def skip_space(self):
        self.take(lambda c: c in _PLAIN_SPACE)

    def rest(self):
        return self.take(lambda c: c not in "\r\n")

    def quoted(self, quote, known):
        """The text up to the closing quote, which a backslash hides."""
        start = self.at
        place = self.at + 1
        made = []
        while place < len(self.text):
            c = self.text[place]
            following = self.text[place + 1:place + 2]
            if c == "\\" and following == quote and self.text.find(quote, place + 2) >= 0:
                made.append(c + following)
                place += 2
            elif c == quote:
                self.at = place + 1
                return _unescape("".join(made), known)
            else:
                made.append(c)
                place += 1
        self.at = start
        raise _Broken()

    def end_of_line(self):
        self.skip_space()
        if self.peek() == "#":
            self.rest()
        if self.more() and self.peek() not in "\r\n":
            raise _Broken()


def _unescape(text, known):
    made = []
    place = 0
    while place < len(text):
        following = text[place + 1:place + 2]
        if text[place] == "\\" and following and following in known:
            made.append(_ESCAPES[following])
            place += 2
        else:
            made.append(text[place])
            place += 1
    return "".join(made)


def _binding(lines):
    """One `NAME=value`; the value is None where there is no equals sign."""
    if lines.text.startswith("export", lines.at) and lines.text[lines.at + 6:lines.at + 7] in tuple(_PLAIN_SPACE):
        lines.at += 6
        lines.skip_space()
    if lines.peek() == "'":
        start = lines.at
        lines.at += 1
        name = lines.take(lambda c: c != "'")
        if not name or not lines.more():
            lines.at = start
            raise _Broken()
        lines.at += 1
    else:
        name = lines.take(lambda c: c not in "=#" and not c.isspace())
        if not name:
            raise _Broken()
    lines.skip_space()
    value = None
    if lines.peek() == "=":
        lines.at += 1
        lines.skip_space()
        quote = lines.peek()
        if quote == "'":
            value = lines.quoted("'", "\\'")
        elif quote == '"':
            value = lines.quoted('"', "\\'\"abfnrtv")
        else:
            value = re.sub(r"\s+#.*", "", lines.rest()).rstrip()
    lines.end_of_line()
    return name, value


def _bindings(text):
    lines = _Lines(text)
    while True:
        lines.take(str.isspace)
        if not lines.more():
            return
        if lines.peek() == "#":
            lines.rest()
            continue
        line = text.count("\n", 0, lines.at) + 1
        try:
            yield _binding(lines)
        except _Broken:
            lines.rest()
            sys._log("dotenv.main", "WARNING", f"python-dotenv could not parse statement starting at line {line}")


def _resolved(bindings, interpolate, override):
    values = {}
    for name, value in bindings:
        if value is not None and interpolate:
            known = {**os.environ, **values} if override else {**values, **os.environ}

            def replace(match):
                found = known.get(match.group(1), match.group(2) or "")
                return found if found is not None else ""

            value = _VARIABLE.sub(replace, value)
        values[name] = value
    return values


def _read(path, stream, interpolate, override, encoding):
    if path is not None and path != "" and os.path.isfile(path):
        with open(path, encoding=encoding) as file:
            text = file.read()
    elif stream is not None:
        text = stream.read()
    else:
        text = ""
    return OrderedDict(_resolved(_bindings(text), interpolate, override))


def find_dotenv(filename=".env", raise_error_if_not_found=False, usecwd=False):
    folder = os.getcwd()
    if not usecwd:
        # the nearest caller that is a file
        for file, _line, _function, _source in reversed(sys._stack()):
            if file != __file__ and os.path.exists(file):
                folder = os.path.dirname(os.path.abspath(file))
                break
    while True:
        path = os.path.join(folder, filename)
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder:
            break
        folder = above
    if raise_error_if_not_found:
        raise OSError("File not found")
    return ""


def dotenv_values(dotenv_path=None, stream=None, verbose=False, interpolate=True, encoding="utf-8"):
    if dotenv_path is None and stream is None:
        dotenv_path = find_dotenv()
    return _read(dotenv_path, stream, interpolate, True, encoding)


def load_dotenv(dotenv_path=None, stream=None, verbose=False, override=False, interpolate=True, encoding="utf-8"):
    if os.environ.get("PYTHON_DOTENV_DISABLED", "").casefold() in ("1", "true", "t", "yes", "y"):
        return False
    if dotenv_path is None and stream is None:
        dotenv_path = find_dotenv()
    values = _read(dotenv_path, stream, interpolate, override, encoding)
    for name, value in values.items():
        if value is not None and (override or name not in os.environ):
            os.environ[name] = value
    return bool(values)


def get_key(dotenv_path, key_to_get, encoding="utf-8"):
    return _read(dotenv_path, None, True, True, encoding).get(key_to_get)
