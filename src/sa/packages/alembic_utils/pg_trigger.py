"""alembic_utils/pg_trigger.py"""
from sqlalchemy import text as sql_text

from alembic_utils.exceptions import SQLParseFailure
from alembic_utils.on_entity_mixin import OnEntityMixin
from alembic_utils.replaceable_entity import ReplaceableEntity
from alembic_utils.statement import matched

_BODY = "{event}{:s}ON{:s}{on_entity}{:s}{action}"


class PGTrigger(OnEntityMixin, ReplaceableEntity):
    type_ = "trigger"

    _templates = [
        "create{:s}constraint{:s}trigger{:s}{signature}{:s}" + _BODY,
        "create{:s}trigger{:s}{signature}{:s}" + _BODY,
    ]

    def __init__(self, schema, signature, definition, on_entity, is_constraint=False):
        super().__init__(schema=schema, signature=signature, definition=definition, on_entity=on_entity)
        self.is_constraint = is_constraint

    @property
    def identity(self):
        return f"{self.__class__.__name__}: {self.schema}.{self.signature} {self.is_constraint} {self.on_entity}"

    @classmethod
    def from_sql(cls, sql):
        for template in cls._templates:
            found = matched(template, sql)
            if found is None:
                continue
            table = found["on_entity"]
            if "." not in table:
                table = "public." + table
            return cls(
                schema=table.split(".")[0],
                signature=found["signature"],
                on_entity=table,
                definition=f" {found['event']} ON {table} {found['action']}",
                is_constraint="constraint" in template,
            )
        raise SQLParseFailure(f'Failed to parse SQL into PGTrigger """{sql}"""')

    def to_sql_statement_create(self):
        """The table that the definition names is written with the trigger's own schema."""
        found = matched(_BODY, self.definition)
        if not found:
            raise SQLParseFailure(f'Failed to parse SQL into PGTrigger.definition """{self.definition}"""')
        table = found["on_entity"]
        if "." in table:
            table = table.partition(".")[2]
        kind = "CONSTRAINT TRIGGER" if self.is_constraint else "TRIGGER"
        return sql_text(
            f'CREATE {kind} "{self.signature}" {found["event"]} ON {self.schema}.{table} {found["action"]}'
        )

    def to_sql_statement_drop(self, cascade=False):
        return sql_text(f'DROP TRIGGER "{self.signature}" ON {self.on_entity} {"cascade" if cascade else ""}')

    def to_sql_statement_create_or_replace(self):
        yield sql_text(f'DROP TRIGGER IF EXISTS "{self.signature}" ON {self.on_entity};')
        yield self.to_sql_statement_create()

    @classmethod
    def from_database(cls, sess, schema):
        rows = sess.execute(
            sql_text(
                "SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE NOT t.tgisinternal AND c.relnamespace::regnamespace::text LIKE :schema"
            ),
            {"schema": schema},
        )
        return [cls.from_sql(row[0]) for row in rows.fetchall()]
