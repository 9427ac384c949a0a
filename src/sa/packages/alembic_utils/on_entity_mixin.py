"""alembic_utils/on_entity_mixin.py: entities that belong to a table."""
from alembic_utils.statement import coerce_to_unquoted


class OnEntityMixin:
    def __init__(self, schema, signature, definition, on_entity):
        super().__init__(schema=schema, signature=signature, definition=definition)
        qualified = on_entity if "." in on_entity else "public." + on_entity
        self.on_entity = coerce_to_unquoted(qualified)

    @property
    def identity(self):
        return f"{self.__class__.__name__}: {self.schema}.{self.signature} {self.on_entity}"

    def to_variable_name(self):
        name = self.signature.split("(")[0].strip().lower()
        table = self.on_entity.lower().partition(".")[2]
        return f"{self.schema.lower()}_{table}_{name}"
