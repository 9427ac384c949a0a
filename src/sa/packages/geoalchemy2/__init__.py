"""geoalchemy2/__init__.py"""
from geoalchemy2 import admin, elements, exc, functions, types
from geoalchemy2.elements import RasterElement, WKBElement, WKTElement
from geoalchemy2.exc import ArgumentError
from geoalchemy2.types import Geography, Geometry, Raster

admin.setup_ddl_event_listeners()

__version__ = "0.20.0"
