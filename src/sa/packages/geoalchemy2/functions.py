"""geoalchemy2/functions.py: functions with names and types of their own; values among their arguments become calls."""
from _aludel import named_function, refuse, register_function
from sqlalchemy.orm._support import attempt
from sqlalchemy.types import Boolean, Double, Float, Integer, LargeBinary, String

from geoalchemy2._functions import BY_TYPE, NAMES
from geoalchemy2.elements import _SpatialElement
from geoalchemy2.types import Geography, Geometry, Raster

_TYPES = {
    "": None,
    "Boolean": Boolean,
    "Double": Double,
    "Float": Float,
    "Geography": Geography,
    "Geometry": Geometry,
    "Integer": Integer,
    "LargeBinary": LargeBinary,
    "Raster": Raster,
    "String": String,
}


def _call(element):
    if not isinstance(element, _SpatialElement):
        return element
    if element.extended:
        return _function(element.geom_from_extended_version)(element.data)
    return _function(element.geom_from)(element.data, element.srid)


def _function(name):
    return globals().get(name) or (lambda *arguments: named_function(name, arguments, None))


def _made(name, kind):
    def function(*arguments, type_=None):
        if name in ("ST_GeomFromWKB", "ST_GeomFromEWKB"):
            refuse(f"the function `{name}` of GeoAlchemy2")
        if kind not in _TYPES:
            refuse(f"the function `{name}`, which gives a composite type")
        return named_function(name, [_call(one) for one in arguments], type_ or _TYPES[kind])

    register_function(name, function)
    return function


for _kind, _names in BY_TYPE.items():
    for _name in _names.split():
        globals()[_name] = _made(_name, _kind)
ST_AsGeoJSON = _made("ST_AsGeoJSON", "")


def __getattr__(name):
    if name in ("GenericFunction", "TableRowElement"):
        return attempt(name, refuse, f"`geoalchemy2.functions.{name}`")
    raise AttributeError(f"module 'geoalchemy2.functions' has no attribute {name!r}")
