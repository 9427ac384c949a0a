"""Warnings, written to standard error as CPython writes them."""
import sys

filters = []
_seen = set()


def formatwarning(message, category, filename, lineno, line=None):
    text = f"{filename}:{lineno}: {category.__name__}: {message}\n"
    if line:
        text += f"  {line.strip()}\n"
    return text


def showwarning(message, category, filename, lineno, file=None, line=None):
    (file or sys.stderr).write(formatwarning(message, category, filename, lineno, line))


_default_show = showwarning


def simplefilter(action, category=Warning, lineno=0, append=False):
    _add(action, "", category, "", lineno, append)


def filterwarnings(action, message="", category=Warning, module="", lineno=0, append=False):
    _add(action, message, category, module, lineno, append)


def _add(action, message, category, module, lineno, append):
    if action not in ("error", "ignore", "always", "default", "module", "once"):
        raise AssertionError(f"invalid action: {action!r}")
    item = (action, message, category, module, lineno)
    if append:
        filters.append(item)
    else:
        filters.insert(0, item)


def resetwarnings():
    filters.clear()


def _action(text, category, module):
    import re
    for action, message, wanted, pattern, lineno in filters:
        if issubclass(category, wanted) and (not message or re.match(message, text, re.I)) and (not pattern or re.match(pattern, module)):
            return action
    if issubclass(category, (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)) and not (category is DeprecationWarning and module == "__main__"):
        return "ignore"
    return "default"


def warn(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=()):
    if isinstance(message, Warning):
        category = type(message)
    category = category or UserWarning
    stack = sys._stack()[:-1]
    at = len(stack) - stacklevel
    filename, lineno, function, line = stack[at] if 0 <= at < len(stack) else ("sys", 1, "", None)
    warn_explicit(message, category, filename, lineno, line=line)


def warn_explicit(message, category, filename, lineno, module=None, registry=None, module_globals=None, source=None, line=None):
    text = str(message)
    module = module or filename.rsplit("/", 1)[-1].removesuffix(".py")
    action = _action(text, category, module)
    made = message if isinstance(message, Warning) else category(message)
    if action == "error":
        raise made
    if action == "ignore":
        return
    key = (text, category, filename if action != "once" else None, lineno if action == "default" else None)
    if action != "always":
        if key in _seen:
            return
        _seen.add(key)
    if _recording:
        _recording[-1].append(WarningMessage(made, category, filename, lineno))
    else:
        showwarning(made, category, filename, lineno, None, line)


class WarningMessage:
    def __init__(self, message, category, filename, lineno, file=None, line=None, source=None):
        self.message, self.category, self.filename, self.lineno, self.line = message, category, filename, lineno, line


_recording = []


class catch_warnings:
    def __init__(self, *, record=False, module=None, action=None, category=Warning, lineno=0, append=False):
        self._record = record
        self._action = action
        self._category = category

    def __enter__(self):
        self._filters = list(filters)
        if self._action:
            simplefilter(self._action, self._category)
        if self._record:
            _recording.append([])
            return _recording[-1]
        return None

    def __exit__(self, *exc_info):
        filters[:] = self._filters
        if self._record:
            _recording.pop()
