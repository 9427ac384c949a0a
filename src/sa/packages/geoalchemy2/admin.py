"""geoalchemy2/admin/: every column of a spatial type gets an index with its table."""
from sqlalchemy import Column, Index, Table, event, func
from sqlalchemy.orm._support import is_unresolved
from sqlalchemy.types import TypeDecorator

from geoalchemy2.exc import ArgumentError
from geoalchemy2.types import Geography, Geometry, Raster

# Columns that are added without their table.
alone = []


def _spatial_idx_name(table_name, column_name):
    return f"idx_{table_name}_{column_name}"


def _check_spatial_type(tested_type, spatial_types, dialect=None):
    if isinstance(tested_type, TypeDecorator):
        tested_type = tested_type.load_dialect_impl(dialect)
    return isinstance(tested_type, spatial_types)


def _never_called(table, bind, **keywords):
    pass


def setup_ddl_event_listeners():
    @event.listens_for(Column, "after_parent_attach")
    def after_parent_attach(column, table):
        kind = column.type
        if alone or is_unresolved(kind) or not isinstance(table, Table):
            return
        if not getattr(kind, "nullable", True):
            column.nullable = kind.nullable
        elif hasattr(kind, "nullable"):
            kind.nullable = column.nullable
        wanted = getattr(kind, "spatial_index", False)
        if not wanted and getattr(kind, "use_N_D_index", False):
            raise ArgumentError("Arg Error(use_N_D_index): spatial_index must be True")
        if _check_spatial_type(kind, Geometry) and getattr(kind, "use_typmod", None) is False:
            # AddGeometryColumn() with the table: its creation is refused.
            event.listen(table, "before_create", _never_called)
            event.listen(table, "before_drop", _never_called)
        if not wanted or getattr(kind, "_spatial_index_reflected", None):
            return
        keywords = {"postgresql_using": "gist", "_column_flag": True}
        element = column
        if _check_spatial_type(kind, (Geometry, Geography)):
            if kind.use_N_D_index:
                keywords["postgresql_ops"] = {column.name: "gist_geometry_ops_nd"}
        elif _check_spatial_type(kind, Raster):
            element = func.ST_ConvexHull(column)
        table.append_constraint(Index(_spatial_idx_name(table.name, column.name), element, **keywords))
