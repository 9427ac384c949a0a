"""sqlalchemy_searchable: the triggers of search vectors. What it adds to `create_all` is refused there."""
import dataclasses
from functools import reduce

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy_utils import TSVectorType

__version__ = "3.0.0"


@dataclasses.dataclass(frozen=True)
class SearchOptions:
    search_trigger_name: str = "{table}_{column}_trigger"
    search_trigger_function_name: str = "{table}_{column}_update"
    regconfig: str = "pg_catalog.english"
    weights: dict = dataclasses.field(default_factory=dict)
    auto_index: bool = True


class Vectorizer:
    def __init__(self, type_vectorizers=None, column_vectorizers=None):
        self.type_vectorizers = {} if type_vectorizers is None else type_vectorizers
        self.column_vectorizers = {} if column_vectorizers is None else column_vectorizers

    def clear(self):
        self.type_vectorizers = {}
        self.column_vectorizers = {}

    def _find(self, column):
        if column in self.column_vectorizers:
            return self.column_vectorizers[column]
        return self.type_vectorizers.get(column.type.__class__)

    def __contains__(self, column):
        return self._find(column) is not None

    def __getitem__(self, column):
        found = self._find(column)
        if found is None:
            raise KeyError(column)
        return found

    def __call__(self, type_or_column):
        def outer(function):
            if isinstance(type_or_column, type):
                self.type_vectorizers[type_or_column] = function
            else:
                self.column_vectorizers[getattr(type_or_column, "column", type_or_column)] = function
            return function

        return outer


vectorizer = Vectorizer()


class SQLConstruct:
    def __init__(self, tsvector_column, indexed_columns=None, options=None):
        self.table = tsvector_column.table
        self.tsvector_column = tsvector_column
        self.search_options = options or SearchOptions()
        self.indexed_columns = list(indexed_columns or getattr(tsvector_column.type, "columns", None) or [])

    def _named(self, template):
        return template.format(table=self.table.name, column=self.tsvector_column.name)

    @property
    def table_name(self):
        name = f'"{self.table.name}"'
        return f"{self.table.schema}.{name}" if self.table.schema else name

    @property
    def search_function_name(self):
        return self._named(self.search_options.search_trigger_function_name)

    @property
    def search_trigger_name(self):
        return self._named(self.search_options.search_trigger_name)

    def column_vector(self, column):
        value = sa.literal_column(f"NEW.{column.name}")
        if column in vectorizer:
            value = vectorizer[column](value)
        regconfig = sa.literal(self.search_options.regconfig)
        vector = sa.func.to_tsvector(regconfig, sa.func.coalesce(value, sa.text("''")))
        weight = self.search_options.weights.get(column.name)
        return vector if weight is None else sa.func.setweight(vector, weight)

    def search_vector(self):
        vectors = [self.column_vector(getattr(self.table.c, name)) for name in self.indexed_columns]
        whole = reduce(lambda left, right: left.op("||")(right), vectors)
        return str(whole.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))

    def statement(self):
        raise NotImplementedError()


class CreateSearchFunctionSQL(SQLConstruct):
    def statement(self):
        return f"""CREATE FUNCTION
            {self.search_function_name}() RETURNS TRIGGER AS $$
        BEGIN
            NEW.{self.tsvector_column.name} = {self.search_vector()};
            RETURN NEW;
        END
        $$ LANGUAGE 'plpgsql';
        """


class CreateSearchTriggerSQL(SQLConstruct):
    @property
    def search_trigger_function_with_trigger_args(self):
        if self.search_options.weights or any(getattr(self.table.c, name) in vectorizer for name in self.indexed_columns):
            return self.search_function_name + "()"
        arguments = [self.tsvector_column.name, f"'{self.search_options.regconfig}'", *self.indexed_columns]
        return f"tsvector_update_trigger({', '.join(arguments)})"

    def statement(self):
        return (
            f"CREATE TRIGGER {self.search_trigger_name} BEFORE UPDATE OR INSERT ON {self.table_name}"
            f" FOR EACH ROW EXECUTE PROCEDURE {self.search_trigger_function_with_trigger_args}"
        )


class DropSearchFunctionSQL(SQLConstruct):
    def statement(self):
        return f"DROP FUNCTION IF EXISTS {self.search_function_name}()"


class DropSearchTriggerSQL(SQLConstruct):
    def statement(self):
        return f"DROP TRIGGER IF EXISTS {self.search_trigger_name} ON {self.table_name}"


def _table(conn, name, metadata, schema):
    return sa.Table(name, sa.MetaData() if metadata is None else metadata, autoload_with=conn, schema=schema)


def sync_trigger(
    conn, table_name, tsvector_column, indexed_columns, metadata=None, options=None, schema=None, update_rows=True
):
    table = _table(conn, table_name, metadata, schema)
    for made in (DropSearchTriggerSQL, DropSearchFunctionSQL, CreateSearchFunctionSQL, CreateSearchTriggerSQL):
        conn.exec_driver_sql(made(getattr(table.c, tsvector_column), indexed_columns, options).statement())
    if update_rows:
        conn.execute(table.update().values({indexed_columns[0]: sa.text(indexed_columns[0])}))


def drop_trigger(conn, table_name, tsvector_column, metadata=None, options=None, schema=None):
    table = _table(conn, table_name, metadata, schema)
    for made in (DropSearchTriggerSQL, DropSearchFunctionSQL):
        conn.exec_driver_sql(made(getattr(table.c, tsvector_column), None, options).statement())


class SearchManager:
    def __init__(self, options=None):
        self.options = options or SearchOptions()


search_manager = SearchManager()


def _of_create(target, bind, **keywords):
    pass


def make_searchable(metadata, mapper=None, manager=search_manager, options=None):
    """Tables with search vectors, and the metadata, get what upstream adds when they are created: that is refused."""
    if options:
        manager.options = options
    event.listen(metadata, "before_create", _of_create)

    @event.listens_for(sa.Column, "after_parent_attach")
    def attached(column, table):
        if isinstance(table, sa.Table) and table.metadata is metadata and isinstance(column.type, TSVectorType):
            event.listen(table, "before_create", _of_create)


def remove_listeners(metadata, manager=search_manager, mapper=None):
    event.remove(metadata, "before_create", _of_create)
