"""alembic_utils/replaceable_entity.py: entities, and the registry, which only `--autogenerate` reads."""
from _aludel import refuse

from alembic_utils.exceptions import UnreachableException
from alembic_utils.reversible_op import CreateOp, DropOp, ReplaceOp, ReversibleOp
from alembic_utils.statement import (
    coerce_to_quoted,
    coerce_to_unquoted,
    escape_colon_for_sql,
    normalize_whitespace,
    strip_terminating_semicolon,
)


class ReplaceableEntity:
    _version_to_replace = None

    def __init__(self, schema, signature, definition):
        self._names(schema, signature)
        self.definition = escape_colon_for_sql(strip_terminating_semicolon(definition))

    def _names(self, schema, signature):
        self.schema = coerce_to_unquoted(normalize_whitespace(schema))
        self.signature = coerce_to_unquoted(normalize_whitespace(signature))

    @property
    def type_(self):
        raise NotImplementedError()

    @classmethod
    def from_sql(cls, sql):
        raise NotImplementedError()

    @classmethod
    def from_path(cls, path):
        with path.open() as file:
            text = file.read()
        return cls.from_sql(text)

    @classmethod
    def from_database(cls, sess, schema="%"):
        raise NotImplementedError()

    @property
    def literal_schema(self):
        return coerce_to_quoted(self.schema)

    def to_sql_statement_create(self):
        raise NotImplementedError()

    def to_sql_statement_drop(self, cascade=False):
        raise NotImplementedError()

    def to_sql_statement_create_or_replace(self):
        raise NotImplementedError()

    @property
    def identity(self):
        return f"{self.__class__.__name__}: {self.schema}.{self.signature}"

    def to_variable_name(self):
        name = self.signature.split("(")[0].strip().lower().replace("-", "_")
        return f"{self.schema.lower()}_{name}"


def _of_autogenerate(self, *arguments, **keywords):
    refuse("what alembic_utils writes revision files with")


for _name in (
    "get_database_definition",
    "get_required_migration_op",
    "render_import_statement",
    "render_self_for_migration",
):
    setattr(ReplaceableEntity, _name, _of_autogenerate)


class ReplaceableEntityRegistry:
    def __init__(self):
        self._entities = {}
        self.schemas = set()
        self.exclude_schemas = set()
        self.entity_types = set()

    def clear(self):
        self._entities.clear()
        self.schemas.clear()
        self.exclude_schemas.clear()
        self.entity_types.clear()

    def register(self, entities, schemas=None, exclude_schemas=None, entity_types=None):
        for entity in entities:
            self._entities[entity.identity] = entity
        self.schemas.update(schemas or ())
        self.exclude_schemas.update(exclude_schemas or ())
        self.entity_types.update(entity_types or ())

    def entities(self):
        return list(self._entities.values())


registry = ReplaceableEntityRegistry()


def register_entities(entities, schemas=None, exclude_schemas=None, entity_types=None):
    registry.register(entities, schemas, exclude_schemas, entity_types)
