"""Values on one or several lines."""
import sys


def _order(key):
    return str(type(key)), key


def _repr(value):
    if type(value) is dict and value:
        return "{" + ", ".join(f"{key!r}: {_repr(value[key])}" for key in sorted(value, key=_order)) + "}"
    if type(value) is list:
        return "[" + ", ".join(_repr(item) for item in value) + "]"
    if type(value) is tuple and len(value) > 1:
        return "(" + ", ".join(_repr(item) for item in value) + ")"
    return repr(value)


def _lines(value, width, indent):
    text = _repr(value)
    if len(text) + indent <= width or not isinstance(value, (dict, list, tuple, set)) or not value:
        return text
    inner = indent + 1
    pad = ",\n" + " " * inner
    if isinstance(value, dict):
        parts = []
        for key in sorted(value, key=_order):
            shown = repr(key)
            parts.append(shown + ": " + _lines(value[key], width, inner + len(shown) + 2))
        return "{" + pad.join(parts) + "}"
    items = sorted(value) if isinstance(value, set) else value
    parts = [_lines(item, width, inner) for item in items]
    left, right = {list: "[]", tuple: "()", set: "{}"}.get(type(value), "[]")
    if isinstance(value, tuple) and len(value) == 1:
        right = ",)"
    return left + pad.join(parts) + right


def pformat(object, indent=1, width=80, depth=None, *, compact=False, sort_dicts=True, underscore_numbers=False):
    return _lines(object, width, 0)


def pprint(object, stream=None, indent=1, width=80, depth=None, *, compact=False, sort_dicts=True, underscore_numbers=False):
    (stream or sys.stdout).write(pformat(object, indent, width) + "\n")


pp = pprint
