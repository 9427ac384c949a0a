"""alembic_utils/pg_extension.py"""
from sqlalchemy import text as sql_text

from alembic_utils.replaceable_entity import ReplaceableEntity


class PGExtension(ReplaceableEntity):
    type_ = "extension"

    def __init__(self, schema, signature):
        self._names(schema, signature)
        self.definition = f"{self.__class__.__name__}: {self.schema} {self.signature}"

    def to_sql_statement_create(self):
        return sql_text(f'CREATE EXTENSION "{self.signature}" WITH SCHEMA {self.literal_schema};')

    def to_sql_statement_drop(self, cascade=False):
        return sql_text(f'DROP EXTENSION "{self.signature}" {"CASCADE" if cascade else ""}')

    @property
    def identity(self):
        return f"{self.__class__.__name__}: {self.signature}"

    @classmethod
    def from_database(cls, sess, schema):
        rows = sess.execute(
            sql_text(
                "SELECT n.nspname, e.extname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
                "WHERE n.nspname <> 'pg_catalog' AND n.nspname LIKE :schema"
            ),
            {"schema": schema},
        )
        return [cls(row[0], row[1]) for row in rows.fetchall()]
