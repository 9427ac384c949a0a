"""geoalchemy2/shape.py: the way to Shapely, which is not made here."""
from _aludel import refuse


def to_shape(element):
    refuse("`geoalchemy2.shape.to_shape`, which needs Shapely")


def from_shape(shape, srid=-1, extended=False):
    refuse("`geoalchemy2.shape.from_shape`, which needs Shapely")
