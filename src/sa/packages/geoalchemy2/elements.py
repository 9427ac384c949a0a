"""geoalchemy2/elements.py: values of the types, as texts and bytes."""
import binascii
import re

from sqlalchemy import func

from geoalchemy2._functions import NAMES
from geoalchemy2.exc import ArgumentError

_HAS_SRID = 0x20000000

function_registry = set(NAMES)


class _SpatialElement:
    def __init__(self, data, srid=-1, extended=None):
        self.srid = srid
        self.data = data
        self.extended = extended

    def __str__(self):
        return self.desc

    def __repr__(self):
        return f"<{self.__class__.__name__} at 0x{id(self):x}; {self}>"

    def __eq__(self, other):
        try:
            theirs = (other.extended, other.srid, other.desc)
        except AttributeError:
            return False
        return (self.extended, self.srid, self.desc) == theirs

    def __ne__(self, other):
        return not self.__eq__(other)

    def __hash__(self):
        return hash((self.desc, self.srid, self.extended))

    def __getattr__(self, name):
        if name.lower() not in function_registry:
            raise AttributeError
        return lambda *arguments: getattr(func, NAMES[name.lower()])(self, *arguments)


class WKTElement(_SpatialElement):
    geom_from = "ST_GeomFromText"
    geom_from_extended_version = "ST_GeomFromEWKT"

    def __init__(self, data, srid=-1, extended=None):
        if extended is None:
            extended = data.startswith("SRID=")
        if extended and srid == -1:
            parts = data.split(";")
            try:
                srid = int(parts[0][5:]) if len(parts) == 2 else None
            except ValueError:
                srid = None
            if srid is None:
                raise ArgumentError(f"invalid EWKT string {data}")
        super().__init__(data, srid, extended)

    @property
    def desc(self):
        return self.data

    def as_wkt(self):
        if not self.extended:
            return WKTElement(self.data, self.srid, self.extended)
        found = re.match("(SRID=([0-9]+); ?)?(.*)", self.data)
        return WKTElement(found.group(3), self.srid, extended=False)

    def as_ewkt(self):
        if self.extended or self.srid == -1:
            return WKTElement(self.data, self.srid, self.extended)
        return WKTElement(f"SRID={self.srid};{self.data}", extended=True)


class DynamicWKTElement(WKTElement):
    pass


def _bytes(data):
    return binascii.unhexlify(data) if isinstance(data, str) else bytes(data)


class WKBElement(_SpatialElement):
    geom_from = "ST_GeomFromWKB"
    geom_from_extended_version = "ST_GeomFromEWKB"

    def __init__(self, data, srid=-1, extended=None):
        if srid == -1 or extended is None or extended:
            head = binascii.unhexlify(data[:18]) if isinstance(data, str) else bytes(data[:9])
            order = "little" if head[0] else "big"
            kind = int.from_bytes(head[1:5], order) if len(head) >= 5 else 0
            if extended is None:
                extended = bool(kind & _HAS_SRID)
            if extended and srid == -1:
                srid = int.from_bytes(head[5:], order)
        super().__init__(data, srid, extended)

    @staticmethod
    def _wkb_to_hex(data):
        if isinstance(data, str):
            return data.lower()
        return binascii.hexlify(bytes(data)).decode("ascii").lower()

    @property
    def desc(self):
        return self._wkb_to_hex(self.data)

    def _again(self, content, srid, extended):
        data = content.hex() if isinstance(self.data, str) else content
        return WKBElement(data, srid, extended=extended)

    def as_wkb(self):
        if not self.extended:
            return WKBElement(self.data, self.srid)
        content = _bytes(self.data)
        order = "little" if content[0] else "big"
        kind = int.from_bytes(content[1:5], order) & ~_HAS_SRID
        return self._again(content[:1] + kind.to_bytes(4, order) + content[9:], self.srid, False)

    def as_ewkb(self):
        if self.extended or self.srid == -1:
            return WKBElement(self.data, self.srid)
        content = _bytes(self.data)
        order = "little" if content[0] else "big"
        kind = int.from_bytes(content[1:5], order) | _HAS_SRID
        head = content[:1] + kind.to_bytes(4, order) + self.srid.to_bytes(4, order)
        return self._again(head + content[5:], self.srid, True)


class DynamicWKBElement(WKBElement):
    pass


class RasterElement(_SpatialElement):
    geom_from_extended_version = "raster"

    def __init__(self, data):
        try:
            head = binascii.unhexlify(data[:114])
        except binascii.Error:
            head = data
            data = binascii.hexlify(data).decode("ascii")
        srid = int.from_bytes(head[53:57], "little" if head[0] else "big")
        super().__init__(data, srid, True)

    @property
    def desc(self):
        return self.data


class DynamicRasterElement(RasterElement):
    pass
