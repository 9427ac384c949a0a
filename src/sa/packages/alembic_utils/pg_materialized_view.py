"""alembic_utils/pg_materialized_view.py"""
from sqlalchemy import text as sql_text

from alembic_utils.exceptions import SQLParseFailure
from alembic_utils.replaceable_entity import ReplaceableEntity
from alembic_utils.statement import matched, strip_terminating_semicolon

_HEAD = "create{}materialized{}view{:s}{schema}.{signature}{:s}as{:s}{definition}"
_TAILS = ("{:s}with{:s}data", "{}with{:s}{no_data}{:s}data", "")


class PGMaterializedView(ReplaceableEntity):
    type_ = "materialized_view"

    def __init__(self, schema, signature, definition, with_data=True):
        self._names(schema, signature)
        self.definition = strip_terminating_semicolon(definition)
        self.with_data = with_data

    @classmethod
    def from_sql(cls, sql):
        sql = strip_terminating_semicolon(sql)
        for tail in _TAILS:
            found = matched(_HEAD + tail, sql)
            if found is not None:
                signature = found["signature"].split("(")[0].replace('"', "")
                return cls(
                    schema=found["schema"],
                    signature=signature,
                    definition=found["definition"],
                    with_data="no_data" not in found,
                )
        raise SQLParseFailure(f'Failed to parse SQL into PGView """{sql}"""')

    @property
    def _name(self):
        return f'{self.literal_schema}."{self.signature}"'

    @property
    def _created(self):
        definition = self.definition.rstrip().rstrip(";")
        kind = "" if self.with_data else "NO"
        return f"CREATE MATERIALIZED VIEW {self._name} AS {definition} WITH {kind} DATA"

    def to_sql_statement_create(self):
        return sql_text(self._created + ";")

    def to_sql_statement_drop(self, cascade=False):
        return sql_text(f"DROP MATERIALIZED VIEW {self._name} {'cascade' if cascade else ''}")

    def to_sql_statement_create_or_replace(self):
        yield sql_text(f"DROP MATERIALIZED VIEW IF EXISTS {self._name}; ")
        yield sql_text(self._created)

    @classmethod
    def from_database(cls, sess, schema):
        rows = sess.execute(
            sql_text(
                "SELECT schemaname, matviewname, definition, ispopulated FROM pg_matviews "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') "
                f"AND schemaname::text LIKE '{schema}'"
            )
        )
        return [cls(*row) for row in rows.fetchall()]
