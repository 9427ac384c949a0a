"""geoalchemy2/alembic_helpers.py: the operations, on PostgreSQL; what revision files are written with is left out."""
from alembic.operations import BatchOperations, MigrateOperation, Operations

from geoalchemy2 import Geography, Geometry, Raster
from geoalchemy2.admin import _check_spatial_type, _spatial_idx_name, alone


class _Unused:
    """Hooks of `context.configure` that `upgrade` does not call."""

    def __call__(self, *args, **keywords):
        return None

    def rewrites(self, operation):
        return lambda function: function

    def chain(self, other):
        return self


writer = _Unused()


def render_item(obj_type, obj, autogen_context):
    return False


def include_object(obj, name, obj_type, reflected, compare_to):
    internal = (
        "geometry_columns",
        "spatial_ref_sys",
        "spatialite_history",
        "sqlite_sequence",
        "views_geometry_columns",
        "virts_geometry_columns",
        "idx_",
        "gpkg_",
        "vgpkg_",
    )
    return not (obj_type == "table" and name.startswith(internal))


def _add_alone(function, *args, **keywords):
    alone.append(True)
    try:
        return function(*args, **keywords)
    finally:
        alone.pop()


def _bare(column):
    """The column without what `ALTER TABLE … ADD` leaves out: upstream does not give it a table."""
    copied = column.copy()
    copied.index = copied.unique = None
    copied.comment = None
    return copied


def _without(keywords, *names):
    return {key: value for key, value in keywords.items() if key not in names}


@Operations.register_operation("add_geospatial_column")
@BatchOperations.register_operation("add_geospatial_column", "batch_add_geospatial_column")
class AddGeospatialColumnOp(MigrateOperation):
    @classmethod
    def add_geospatial_column(cls, operations, table_name, column, schema=None):
        _add_alone(operations.add_column, table_name, _bare(column), schema=schema)

    @classmethod
    def batch_add_geospatial_column(cls, operations, column, insert_before=None, insert_after=None):
        _add_alone(operations.add_column, _bare(column))


@Operations.register_operation("drop_geospatial_column")
@BatchOperations.register_operation("drop_geospatial_column", "batch_drop_geospatial_column")
class DropGeospatialColumnOp(MigrateOperation):
    @classmethod
    def drop_geospatial_column(cls, operations, table_name, column_name, schema=None, **kw):
        operations.drop_column(table_name, column_name, schema=schema, **kw)

    @classmethod
    def batch_drop_geospatial_column(cls, operations, column_name, **kw):
        operations.drop_column(column_name, **kw)


@Operations.register_operation("create_geospatial_constraints")
class CreateGeospatialConstraintsOp(MigrateOperation):
    @classmethod
    def create_geospatial_constraints(cls, operations, table_name, column, schema=None):
        pass


@Operations.register_operation("drop_geospatial_constraints")
class DropGeospatialConstraintsOp(MigrateOperation):
    @classmethod
    def drop_geospatial_constraints(cls, operations, table_name, column_name, schema=None):
        pass


@Operations.register_operation("create_geospatial_table")
class CreateGeospatialTableOp(MigrateOperation):
    @classmethod
    def create_geospatial_table(cls, operations, table_name, *columns, **kw):
        operations.create_table(table_name, *columns, **_without(kw, "if_not_exists"))


@Operations.register_operation("drop_geospatial_table")
class DropGeospatialTableOp(MigrateOperation):
    @classmethod
    def drop_geospatial_table(cls, operations, table_name, schema=None, **kw):
        operations.drop_table(table_name, schema=schema, **kw)


@Operations.register_operation("create_geospatial_index")
@BatchOperations.register_operation("create_geospatial_index", "batch_create_geospatial_index")
class CreateGeospatialIndexOp(MigrateOperation):
    @classmethod
    def create_geospatial_index(cls, operations, index_name, table_name, columns, schema=None, unique=False, **kw):
        kw = _without(kw, "if_not_exists")
        operations.create_index(index_name, table_name, columns, schema=schema, unique=unique, **kw)

    @classmethod
    def batch_create_geospatial_index(cls, operations, index_name, columns, **kw):
        operations.create_index(index_name, columns, **_without(kw, "if_not_exists"))


@Operations.register_operation("drop_geospatial_index")
@BatchOperations.register_operation("drop_geospatial_index", "batch_drop_geospatial_index")
class DropGeospatialIndexOp(MigrateOperation):
    @classmethod
    def drop_geospatial_index(cls, operations, index_name, table_name, column_name, schema=None, unique=False, **kw):
        kw = _without(kw, "if_exists")
        operations.drop_index(index_name, table_name=table_name, schema=schema, **kw)

    @classmethod
    def batch_drop_geospatial_index(cls, operations, index_name, *, column_name, **kw):
        operations.drop_index(index_name, **_without(kw, "if_exists"))
