"""geoalchemy2/types/: as PostgreSQL has them."""
import warnings

from _aludel import refuse
from sqlalchemy import func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm._support import attempt
from sqlalchemy.types import TypeDecorator, UserDefinedType

from geoalchemy2.comparator import BaseComparator, Comparator
from geoalchemy2.elements import RasterElement, WKBElement, WKTElement
from geoalchemy2.exc import ArgumentError


class _GISType(UserDefinedType):
    name = None
    from_text = None
    as_binary = None
    comparator_factory = Comparator
    cache_ok = False

    def __init__(
        self,
        geometry_type="GEOMETRY",
        srid=-1,
        dimension=None,
        spatial_index=True,
        use_N_D_index=False,
        use_typmod=None,
        from_text=None,
        name=None,
        nullable=True,
        _spatial_index_reflected=None,
    ):
        geometry_type, srid, dimension = self.check_ctor_args(geometry_type, srid, dimension, use_typmod, nullable)
        self.geometry_type = geometry_type
        self.srid = srid
        if name is not None:
            self.name = name
        if from_text is not None:
            self.from_text = from_text
        self.dimension = dimension
        self.spatial_index = spatial_index
        self.use_N_D_index = use_N_D_index
        self.use_typmod = use_typmod
        self.extended = self.as_binary == "ST_AsEWKB"
        self.nullable = nullable
        self._spatial_index_reflected = _spatial_index_reflected

    def __repr__(self):
        """`util.generic_repr`: what differs from the constructor's defaults."""
        shown = []
        for name, default in self._arguments:
            value = getattr(self, name)
            if value != default:
                shown.append(f"{name}={value!r}")
        return f"{self.__class__.__name__}({', '.join(shown)})"

    def __str__(self):
        return self.get_col_spec()

    _arguments = (
        ("geometry_type", "GEOMETRY"),
        ("srid", -1),
        ("dimension", None),
        ("spatial_index", True),
        ("use_N_D_index", False),
        ("use_typmod", None),
        ("from_text", None),
        ("name", None),
        ("nullable", True),
        ("_spatial_index_reflected", None),
    )

    def get_col_spec(self):
        if not self.geometry_type:
            return self.name
        return f"{self.name}({self.geometry_type},{self.srid})"

    def column_expression(self, col):
        found = getattr(col, "type", None)
        return getattr(func, self.as_binary)(col, type_=found if isinstance(found, TypeDecorator) else self)

    def bind_expression(self, bindvalue):
        return getattr(func, self.from_text)(bindvalue, type_=self)

    def result_processor(self, dialect, coltype):
        def process(value):
            if value is None:
                return None
            keywords = {}
            if self.srid > 0:
                keywords["srid"] = self.srid
            if self.extended is not None:
                keywords["extended"] = self.extended
            return self.ElementType(value, **keywords)

        return process

    def bind_processor(self, dialect):
        def process(value):
            if isinstance(value, WKTElement):
                return value.data if value.extended else f"SRID={value.srid};{value.data}"
            if isinstance(value, WKBElement):
                if not value.extended:
                    refuse("a `WKBElement` without SRID as a value: Shapely would be needed")
                return value.desc
            if isinstance(value, RasterElement):
                return value.data
            return value

        return process

    @staticmethod
    def check_ctor_args(geometry_type, srid, dimension, use_typmod, nullable):
        try:
            srid = int(-1 if srid is None else srid)
        except (ValueError, TypeError):
            raise ArgumentError("srid must be convertible to an integer") from None
        if geometry_type:
            geometry_type = geometry_type.upper()
        elif srid > 0:
            warnings.warn("srid not enforced when geometry_type is None")
        if use_typmod is not None and not nullable:
            raise ArgumentError('The "nullable" and "use_typmod" arguments can not be used together')
        if dimension not in [None, 2, 3, 4]:
            raise ValueError(f"dimension must be one of [None, 2, 3, 4] but got {dimension}")
        if geometry_type is not None:
            if geometry_type.endswith("ZM"):
                expected, ending = 4, "ends with 'ZM'"
            elif geometry_type[-1] in "ZM":
                expected, ending = 3, "ends with 'Z' or 'M'"
            else:
                expected, ending = 2, None
            if ending and dimension not in [None, expected]:
                raise ValueError(f"dimension must be {expected} when geometry_type {ending}")
            dimension = expected
        return geometry_type, srid, dimension


@compiles(_GISType, "sqlite")
@compiles(_GISType, "mysql")
@compiles(_GISType, "mariadb")
@compiles(_GISType, "mssql")
def _refused(element, compiler, **keywords):
    refuse("GeoAlchemy2's types on another database than PostgreSQL")


class Geometry(_GISType):
    name = "geometry"
    from_text = "ST_GeomFromEWKT"
    as_binary = "ST_AsEWKB"
    ElementType = WKBElement
    cache_ok = True


class Geography(_GISType):
    name = "geography"
    from_text = "ST_GeogFromText"
    as_binary = "ST_AsBinary"
    ElementType = WKBElement
    cache_ok = True


class Raster(_GISType):
    comparator_factory = BaseComparator
    name = "raster"
    from_text = "raster"
    as_binary = "raster"
    ElementType = RasterElement
    cache_ok = True
    _arguments = (
        ("spatial_index", True),
        ("from_text", None),
        ("name", None),
        ("nullable", True),
        ("_spatial_index_reflected", None),
    )

    def __init__(self, spatial_index=True, from_text=None, name=None, nullable=True, _spatial_index_reflected=None):
        super().__init__(
            geometry_type=None,
            dimension=None,
            spatial_index=spatial_index,
            use_typmod=False,
            from_text=from_text,
            name=name,
            nullable=nullable,
            _spatial_index_reflected=_spatial_index_reflected,
        )
        self.extended = None

    @staticmethod
    def check_ctor_args(*args, **kwargs):
        return None, -1, None


def __getattr__(name):
    if name in ("GeometryDump", "SummaryStats", "CompositeType"):
        return attempt(name, refuse, f"`geoalchemy2.types.{name}`")
    raise AttributeError(f"module 'geoalchemy2.types' has no attribute {name!r}")
