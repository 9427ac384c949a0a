"""geoalchemy2/exc.py"""


class GeoAlchemyError(Exception):
    pass


class ArgumentError(GeoAlchemyError):
    pass
