"""geoalchemy2/comparator.py: the operators of columns."""
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION
from sqlalchemy.types import Boolean

from geoalchemy2._functions import NAMES


def _operator(text, kind=Boolean):
    return lambda self, other: self.expr.op(text, return_type=kind())(other)


class BaseComparator:
    def __init__(self, expr):
        self.expr = expr

    def __getattr__(self, name):
        if not name.lower().startswith("st_"):
            raise AttributeError(f"Attribute {name} not found")
        return lambda *arguments: getattr(func, NAMES.get(name.lower(), name))(self.expr, *arguments)

    intersects = _operator("&&")
    overlaps_or_to_left = _operator("&<")
    overlaps_or_to_right = _operator("&>")


class Comparator(BaseComparator):
    overlaps_or_below = _operator("&<|")
    to_left = __lshift__ = _operator("<<")
    below = _operator("<<|")
    to_right = __rshift__ = _operator(">>")
    contained = _operator("@")
    overlaps_or_above = _operator("|&>")
    above = _operator("|>>")
    contains = _operator("~")
    same = _operator("~=")
    distance_centroid = _operator("<->", DOUBLE_PRECISION)
    distance_box = _operator("<#>", DOUBLE_PRECISION)
    intersects_nd = _operator("&&&")
